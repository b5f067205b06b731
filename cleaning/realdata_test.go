package cleaning_test

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// TestPlanAll_RealBookings plans every stay of two hotels over two years: "Hotel
// booking demand datasets" (Antonio, de Almeida, Nunes, 2019, CC BY 4.0). The data
// names no rooms, so each stay gets the first room of its type that is free.
func TestPlanAll_RealBookings(t *testing.T) {
	t.Parallel()
	bookings := hotelBookings(t)
	byRoom := map[string][]pms.Booking{}
	free := map[string][]pms.Date{} // per room type, from when each room is free
	stays, dayUse := 0, 0
	for _, b := range bookings {
		room := 0
		if b.Occupies() {
			stays++
			if b.Nights() == 0 {
				dayUse++
			}
			rooms := free[b.PropertyID]
			if room = slices.IndexFunc(rooms, func(d pms.Date) bool { return !b.Arrival.Before(d) }); room < 0 {
				room = len(rooms)
				rooms = append(rooms, pms.Date{})
			}
			rooms[room] = b.Departure
			free[b.PropertyID] = rooms
		}
		b.PropertyID = fmt.Sprintf("%s-%d", b.PropertyID, room)
		byRoom[b.PropertyID] = append(byRoom[b.PropertyID], b)
	}
	var properties []cleaning.Property
	for id, list := range byRoom {
		properties = append(properties, cleaning.Property{ID: id, TimeZone: "Europe/Lisbon", Bookings: list})
	}
	start := time.Date(2015, 6, 1, 9, 0, 0, 0, time.UTC)
	r := cleaning.PlanAll(properties, cleaning.Policy{WindowDays: 2}, start)
	require.Positive(t, dayUse)
	assert.Len(t, r.Jobs, stays, "one job per stay")
	assert.Len(t, r.Skipped, len(bookings)-stays)
	for _, j := range r.Jobs {
		assert.Equal(t, j.Departure, j.Date)
		if !j.NextArrival.IsZero() {
			assert.False(t, j.End.After(j.NextArrival), j.Key)
		}
	}
	for _, issue := range r.Issues {
		assert.Equal(t, cleaning.IssueTooShort, issue.Kind, "only day use on the day of a turnover has no time: %s", issue)
	}
	jobs := cleaning.Apply(nil, cleaning.Reconcile(nil, r, start).Changes)
	assert.Len(t, jobs, stays)
	assert.Empty(t, cleaning.Reconcile(jobs, r, start))
}

func hotelBookings(t *testing.T) []pms.Booking {
	t.Helper()
	f, err := os.Open("../../shared/data/hotel_bookings.csv.gz")
	if err != nil {
		t.Skip("the bookings are not here: ", err)
	}
	t.Cleanup(func() { assert.NoError(t, f.Close()) })
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	rows, err := csv.NewReader(z).ReadAll()
	require.NoError(t, err)
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	statuses := map[string]pms.Status{"Check-Out": pms.StatusConfirmed, "Canceled": pms.StatusCancelled, "No-Show": pms.StatusNoShow}
	var bookings []pms.Booking
	for i, row := range rows[1:] {
		get := func(name string) string { return row[column[name]] }
		number := func(name string) int {
			n, err := strconv.Atoi(get(name))
			require.NoError(t, err, name)
			return n
		}
		month, err := time.Parse("January", get("arrival_date_month"))
		require.NoError(t, err)
		arrival := pms.Date{Year: number("arrival_date_year"), Month: month.Month(), Day: number("arrival_date_day_of_month")}
		require.Contains(t, statuses, get("reservation_status"))
		bookings = append(bookings, pms.Booking{
			Vendor: "hotel", ID: strconv.Itoa(i), PropertyID: get("hotel") + " " + get("assigned_room_type"),
			Kind: pms.KindGuest, Status: statuses[get("reservation_status")],
			Arrival: arrival, Departure: arrival.AddDays(number("stays_in_weekend_nights") + number("stays_in_week_nights")),
			Guests: pms.Guests{Total: number("adults")},
		})
	}
	slices.SortStableFunc(bookings, func(a, b pms.Booking) int { return a.Arrival.Compare(b.Arrival) })
	return bookings
}
