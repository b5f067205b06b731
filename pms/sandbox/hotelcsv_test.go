package sandbox_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const hotelHead = "hotel,is_canceled,lead_time,arrival_date_year,arrival_date_month,arrival_date_day_of_month,stays_in_weekend_nights," +
	"stays_in_week_nights,adults,children,babies,distribution_channel,assigned_room_type,adr,reservation_status,reservation_status_date\n"

// hotelSample is invented: two stays that overlap in one room type, one that
// follows the first on the same day, day use, a cancellation, a no-show.
const hotelSample = hotelHead +
	"Resort Hotel,0,10,2016,March,1,1,2,2,1,0,Direct,A,80.5,Check-Out,3/4/2016\n" +
	"Resort Hotel,0,40,2016,March,2,0,1,2,,1,TA/TO,A,100,Check-Out,3/3/2016\n" +
	"Resort Hotel,0,1,2016,March,4,0,2,1,0,0,Corporate,A,70,Check-Out,3/6/2016\n" +
	"City Hotel,0,0,2016,March,4,0,0,1,0,0,Direct,A,30,Check-Out,3/4/2016\n" +
	"Resort Hotel,1,90,2016,March,5,2,5,2,NA,0,TA/TO,A,90,Canceled,2/1/2016\n" +
	"Resort Hotel,1,3,2016,March,6,0,1,1,0,0,GDS,B,50,No-Show,3/6/2016\n"

func date(year int, month time.Month, day int) pms.Date {
	return civil.Date{Year: year, Month: month, Day: day}
}

func TestLoadHotelCSV(t *testing.T) {
	t.Parallel()
	w, err := sandbox.LoadHotelCSV(strings.NewReader(hotelSample), sandbox.HotelCSVOptions{})
	require.NoError(t, err)
	units := map[string]string{}
	for _, p := range w.Units() {
		units[p.ID] = p.ParentName + "/" + p.Name
	}
	type row struct {
		unit, arrival, departure string
		status                   pms.Status
		guests                   pms.Guests
		total, channel           string
	}
	var got []row
	for _, b := range w.Bookings() {
		got = append(got, row{units[b.PropertyID], b.Arrival.String(), b.Departure.String(), b.Status, b.Guests, b.Total.Amount, b.Channel})
	}
	assert.Equal(t, []row{
		{"Resort Hotel A/A01", "2016-03-01", "2016-03-04", pms.StatusCheckedOut, pms.Guests{Adults: 2, Children: 1, Total: 3}, "241.50", "direct"},
		{"Resort Hotel A/A02", "2016-03-02", "2016-03-03", pms.StatusCheckedOut, pms.Guests{Adults: 2, Infants: 1, Total: 3}, "100", "ta/to"},
		{"Resort Hotel A/A01", "2016-03-04", "2016-03-06", pms.StatusCheckedOut, pms.Guests{Adults: 1, Total: 1}, "140", "corporate"},
		{"City Hotel A/A01", "2016-03-04", "2016-03-04", pms.StatusCheckedOut, pms.Guests{Adults: 1, Total: 1}, "30", "direct"},
		{"Resort Hotel A/A02", "2016-03-05", "2016-03-12", pms.StatusCancelled, pms.Guests{Adults: 2, Total: 2}, "630", "ta/to"},
		{"Resort Hotel B/B01", "2016-03-06", "2016-03-07", pms.StatusNoShow, pms.Guests{Adults: 1, Total: 1}, "50", "gds"},
	}, got)
	assert.Equal(t, date(2016, time.March, 13), w.Today(), "the day after the last departure")
	assert.Equal(t, "Europe/Lisbon", w.Zone().String())
	cancelled := w.Stays()[4]
	assert.Equal(t, "2016-02-01", civil.DateOf(cancelled.CancelledAt).String())
	assert.Equal(t, "2015-12-06", civil.DateOf(cancelled.CreatedAt).String(), "90 days before the arrival")
}

func TestLoadHotelCSVAroundADay(t *testing.T) {
	t.Parallel()
	w, err := sandbox.LoadHotelCSV(strings.NewReader(hotelSample), sandbox.HotelCSVOptions{
		Hotel: "Resort Hotel", Around: june(10), Options: sandbox.Options{Zone: time.UTC},
	})
	require.NoError(t, err)
	assert.Equal(t, june(10), w.Today())
	var got []string
	for _, b := range w.Bookings() {
		got = append(got, b.Arrival.String()+" "+string(b.Status))
		assert.False(t, b.UpdatedAt.After(w.Now()), "nothing comes from the future")
	}
	assert.Equal(t, []string{
		"2026-06-07 checked_in", "2026-06-08 checked_out", "2026-06-10 confirmed", "2026-06-11 cancelled", "2026-06-12 confirmed",
	}, got, "the arrival of March 4 is moved to June 10; the no-show is not known yet")
}

func TestLoadHotelCSVPackedAndLimited(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, err := zip.Write([]byte(hotelSample))
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	w, err := sandbox.LoadHotelCSV(&packed, sandbox.HotelCSVOptions{Limit: 2})
	require.NoError(t, err)
	assert.Len(t, w.Stays(), 2)
}

func TestLoadHotelCSVFails(t *testing.T) {
	t.Parallel()
	line := strings.Split(hotelSample, "\n")[1]
	tests := map[string]struct{ text, want string }{
		"empty":        {"", "head of the bookings"},
		"no rows":      {hotelHead, "no bookings"},
		"no column":    {"hotel\nX\n", "line 2: arrival_date_month"},
		"wrong month":  {hotelHead + strings.Replace(line, "March", "Brumaire", 1), "line 2: arrival_date_month"},
		"wrong day":    {hotelHead + strings.Replace(line, "March,1", "February,31", 1), "line 2: arrival_date_day_of_month"},
		"wrong number": {hotelHead + strings.Replace(line, "Direct", "Direct,x", 1), "wrong number of fields"},
		"wrong nights": {hotelHead + strings.Replace(line, "1,1,2,2,1", "1,one,2,2,1", 1), "line 2: stays_in_weekend_nights"},
		"wrong status": {hotelHead + strings.Replace(line, "3/4/2016", "2016-03-04", 1), "line 2: reservation_status_date"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := sandbox.LoadHotelCSV(strings.NewReader(tt.text), sandbox.HotelCSVOptions{})
			require.ErrorContains(t, err, tt.want)
			assert.Nil(t, w)
		})
	}
}

// hotelData is the real data, which is not part of the repository.
const hotelData = "../../../shared/data/hotel_bookings.csv.gz"

func TestLoadRealHotelData(t *testing.T) {
	t.Parallel()
	file, err := os.Open(hotelData)
	if err != nil {
		t.Skip("no hotel bookings beside the repository")
	}
	defer func() { assert.NoError(t, file.Close()) }()
	w, err := sandbox.LoadHotelCSV(file, sandbox.HotelCSVOptions{})
	require.NoError(t, err)
	stays := w.Stays()
	assert.Len(t, stays, 14938)
	statuses := map[pms.Status]int{}
	taken := map[string]bool{}
	for _, s := range stays {
		statuses[s.Status]++
		if s.Status != pms.StatusCheckedOut {
			continue
		}
		for day := s.Arrival; day.Before(s.Departure); day = day.AddDays(1) {
			key := s.UnitID + day.String()
			require.False(t, taken[key], "unit %s is taken twice on %s", s.UnitID, day)
			taken[key] = true
		}
	}
	assert.Equal(t, map[pms.Status]int{pms.StatusCheckedOut: 6938, pms.StatusCancelled: 7793, pms.StatusNoShow: 207}, statuses)
}
