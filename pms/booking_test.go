package pms_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

const bookingJSON = `{
	"vendor": "bnovo", "id": "77#2", "groupId": "77", "propertyId": "101",
	"kind": "guest", "status": "confirmed", "rawStatus": "Подтверждено",
	"arrival": "2026-11-21", "departure": "2026-11-24", "arrivalTime": "15:00", "departureTime": "11:30",
	"timeZone": "Europe/Moscow",
	"guests": {"adults": 2, "children": 1, "infants": 1, "pets": 1, "total": 4},
	"guest": {"name": "Vera Testova", "email": "vera@example.org", "phone": "+7 900 000-00-00", "language": "ru"},
	"channel": "airbnb", "code": "HMTEST42", "total": {"amount": "18600.50", "currency": "RUB"},
	"notes": "late arrival", "createdAt": "2026-10-01T09:00:00Z", "updatedAt": "2026-10-02T09:30:00+03:00"
}`

func TestBookingJSON(t *testing.T) {
	t.Parallel()
	b := fullBooking(t)
	data, err := json.Marshal(b)
	require.NoError(t, err)
	assert.JSONEq(t, bookingJSON, string(data), "raw is left out")

	var back pms.Booking
	require.NoError(t, json.Unmarshal(data, &back))
	assert.True(t, b.UpdatedAt.Equal(back.UpdatedAt))
	b.Raw, b.UpdatedAt, back.UpdatedAt = nil, time.Time{}, time.Time{}
	assert.Equal(t, b, back)
}

func TestZeroBookingJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(pms.Booking{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"vendor":"","id":"","kind":"","status":""}`, string(data))
}

func TestPropertyJSON(t *testing.T) {
	t.Parallel()
	p := pms.Property{
		Vendor: "bnovo", ID: "101", ParentID: "7", Name: "Loft",
		Address:  pms.Address{Street: "Lenina 1", City: "Tver", Region: "Tver Oblast", PostalCode: "170000", Country: "RU"},
		Latitude: 56.86, Longitude: 35.9, TimeZone: "Europe/Moscow", CheckIn: clock(t, "15:00"), CheckOut: clock(t, "12:00"),
		Bedrooms: 2, Bathrooms: 1.5, MaxGuests: 4, Status: pms.PropertyActive, Cleanliness: pms.CleaningInProgress,
		Raw: []byte(`{"id":101}`),
	}
	const want = `{
		"vendor": "bnovo", "id": "101", "parentId": "7", "name": "Loft",
		"address": {"street": "Lenina 1", "city": "Tver", "region": "Tver Oblast", "postalCode": "170000", "country": "RU"},
		"latitude": 56.86, "longitude": 35.9, "timeZone": "Europe/Moscow", "checkIn": "15:00", "checkOut": "12:00",
		"bedrooms": 2, "bathrooms": 1.5, "maxGuests": 4, "status": "active", "cleanliness": "in_progress"%s}`
	data, err := json.Marshal(p)
	require.NoError(t, err)
	assert.JSONEq(t, fmt.Sprintf(want, ""), string(data))

	data, err = json.Marshal(pms.WithRaw(p))
	require.NoError(t, err)
	assert.JSONEq(t, fmt.Sprintf(want, `, "raw": {"id": 101}`), string(data))

	data, err = json.Marshal(pms.Property{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"vendor":"","id":"","status":"","cleanliness":""}`, string(data))
}

func TestWithRaw(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(pms.WithRaw(fullBooking(t)))
	require.NoError(t, err)
	assert.JSONEq(t, bookingJSON[:len(bookingJSON)-2]+`, "raw": {"id": 77}}`, string(data))

	data, err = json.Marshal(pms.WithRaw(pms.Booking{ID: "1"}))
	require.NoError(t, err)
	assert.JSONEq(t, `{"vendor":"","id":"1","kind":"","status":""}`, string(data), "no record, no raw")
}

func TestOccupies(t *testing.T) {
	t.Parallel()
	kinds := []pms.Kind{pms.KindGuest, pms.KindOwner, pms.KindBlock, pms.KindUnknown, "", "other"}
	statuses := []pms.Status{
		pms.StatusInquiry, pms.StatusTentative, pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut,
		pms.StatusCancelled, pms.StatusNoShow, pms.StatusUnknown, "", "other",
	}
	taken := map[string]bool{
		"guest confirmed": true, "guest checked_in": true, "guest checked_out": true,
		"owner confirmed": true, "owner checked_in": true, "owner checked_out": true,
	}
	for _, kind := range kinds {
		for _, status := range statuses {
			name := string(kind) + " " + string(status)
			assert.Equal(t, taken[name], pms.Booking{Kind: kind, Status: status}.Occupies(), name)
		}
	}
}

func TestNights(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name               string
		arrival, departure string
		want               int
	}{
		{"three", "2026-11-21", "2026-11-24", 3},
		{"over a clock change", "2026-03-28", "2026-03-30", 2},
		{"over the end of a leap February", "2028-02-28", "2028-03-01", 2},
		{"day use", "2026-11-21", "2026-11-21", 0},
		{"departure before arrival", "2026-11-21", "2026-11-20", 0},
		{"no departure", "2026-11-21", "", 0},
		{"no arrival", "", "2026-11-21", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b pms.Booking
			if tt.arrival != "" {
				b.Arrival = day(t, tt.arrival)
			}
			if tt.departure != "" {
				b.Departure = day(t, tt.departure)
			}
			assert.Equal(t, tt.want, b.Nights())
		})
	}
}

func TestSupersedes(t *testing.T) {
	t.Parallel()
	old := fullBooking(t)
	with := func(change func(*pms.Booking)) pms.Booking {
		b := old
		change(&b)
		return b
	}
	assert.False(t, old.Supersedes(old), "the same delivery again")
	assert.False(t, with(func(b *pms.Booking) { b.UpdatedAt = b.UpdatedAt.UTC() }).Supersedes(old), "the same instant in another zone")
	assert.False(t, with(func(b *pms.Booking) { b.Raw = nil }).Supersedes(old), "the vendor's record is not compared")
	assert.True(t, with(func(b *pms.Booking) { b.UpdatedAt = b.UpdatedAt.Add(time.Second) }).Supersedes(old))
	assert.False(t, with(func(b *pms.Booking) {
		b.UpdatedAt = b.UpdatedAt.Add(-time.Second)
		b.Status = pms.StatusCancelled
	}).Supersedes(old), "an older record that came late")
	assert.True(t, with(func(b *pms.Booking) { b.UpdatedAt, b.Status = time.Time{}, pms.StatusCancelled }).Supersedes(old),
		"a change without a date is not lost")

	for name, change := range map[string]func(*pms.Booking){
		"group":         func(b *pms.Booking) { b.GroupID = "x" },
		"unit":          func(b *pms.Booking) { b.PropertyID = "x" },
		"kind":          func(b *pms.Booking) { b.Kind = pms.KindOwner },
		"status":        func(b *pms.Booking) { b.Status = pms.StatusCancelled },
		"rawStatus":     func(b *pms.Booking) { b.RawStatus = "x" },
		"arrival":       func(b *pms.Booking) { b.Arrival = b.Arrival.AddDays(1) },
		"departure":     func(b *pms.Booking) { b.Departure = b.Departure.AddDays(1) },
		"arrivalTime":   func(b *pms.Booking) { b.ArrivalTime = pms.Clock{} },
		"departureTime": func(b *pms.Booking) { b.DepartureTime = pms.Clock{} },
		"timeZone":      func(b *pms.Booking) { b.TimeZone = "" },
		"guests":        func(b *pms.Booking) { b.Guests.Pets = 0 },
		"guest":         func(b *pms.Booking) { b.Guest.Phone = "" },
		"channel":       func(b *pms.Booking) { b.Channel = "vrbo" },
		"code":          func(b *pms.Booking) { b.Code = "" },
		"total":         func(b *pms.Booking) { b.Total.Amount = "1" },
		"notes":         func(b *pms.Booking) { b.Notes = "" },
		"createdAt":     func(b *pms.Booking) { b.CreatedAt = b.CreatedAt.Add(1) },
	} {
		assert.True(t, with(change).Supersedes(old), "%s changed at the same stamp", name)
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	key := fullBooking(t).Key()
	assert.Equal(t, pms.Key{Vendor: "bnovo", ID: "77#2"}, key)
	assert.Equal(t, "bnovo:77#2", key.String())
}

func TestBookingLogHoldsNoGuest(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("stored", "booking", fullBooking(t))

	var line struct {
		Booking map[string]string `json:"booking"`
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	assert.Equal(t, map[string]string{
		"vendor": "bnovo", "id": "77#2", "property": "101", "kind": "guest", "status": "confirmed",
		"arrival": "2026-11-21", "departure": "2026-11-24",
	}, line.Booking)
}
