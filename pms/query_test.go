package pms_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestBookingQueryMatches(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	window := func(from, to string) (q pms.BookingQuery) {
		if from != "" {
			q.From = day(t, from)
		}
		if to != "" {
			q.To = day(t, to)
		}
		return q
	}
	stay := func(change func(*pms.Booking)) pms.Booking {
		b := fullBooking(t) // 21 to 24 November in unit 101
		change(&b)
		return b
	}
	same := func(*pms.Booking) {}
	for _, tt := range []struct {
		name   string
		query  pms.BookingQuery
		change func(*pms.Booking)
		want   bool
	}{
		{"zero query", pms.BookingQuery{}, same, true},
		{"zero query, zero booking", pms.BookingQuery{}, func(b *pms.Booking) { *b = pms.Booking{} }, true},
		{"inside", window("2026-11-01", "2026-11-30"), same, true},
		{"around", window("2026-11-22", "2026-11-23"), same, true},
		{"departs on the first day", window("2026-11-24", "2026-11-30"), same, true},
		{"departed the day before", window("2026-11-25", "2026-11-30"), same, false},
		{"arrives on the last day", window("2026-11-01", "2026-11-21"), same, true},
		{"arrives the day after", window("2026-11-01", "2026-11-20"), same, false},
		{"open start", window("", "2026-11-21"), same, true},
		{"open start, too late", window("", "2026-11-20"), same, false},
		{"open end", window("2026-11-24", ""), same, true},
		{"open end, too early", window("2026-11-25", ""), same, false},
		{"no dates", window("2027-01-01", "2027-01-02"), func(b *pms.Booking) { b.Arrival, b.Departure = pms.Date{}, pms.Date{} }, true},
		{"no departure", window("2026-12-01", ""), func(b *pms.Booking) { b.Departure = pms.Date{} }, true},
		{"no arrival", window("", "2026-11-01"), func(b *pms.Booking) { b.Arrival = pms.Date{} }, true},
		{"day use", window("2026-11-21", "2026-11-21"), func(b *pms.Booking) { b.Departure = b.Arrival }, true},

		{"unit", pms.BookingQuery{PropertyIDs: []string{"9", "101"}}, same, true},
		{"another unit", pms.BookingQuery{PropertyIDs: []string{"9"}}, same, false},
		{"no unit yet", pms.BookingQuery{PropertyIDs: []string{"9"}}, func(b *pms.Booking) { b.PropertyID = "" }, false},

		{"changed at the instant", pms.BookingQuery{UpdatedSince: since}, func(b *pms.Booking) { b.UpdatedAt = since }, true},
		{"changed before", pms.BookingQuery{UpdatedSince: since}, func(b *pms.Booking) { b.UpdatedAt = since.Add(-1) }, false},
		{"changed after", pms.BookingQuery{UpdatedSince: since}, func(b *pms.Booking) { b.UpdatedAt = since.Add(1) }, true},
		{"changed at an unknown time", pms.BookingQuery{UpdatedSince: since}, func(b *pms.Booking) { b.UpdatedAt = time.Time{} }, true},

		{"cancelled comes", pms.BookingQuery{}, func(b *pms.Booking) { b.Status = pms.StatusCancelled }, true},
		{"cancelled excluded", pms.BookingQuery{ExcludeCancelled: true}, func(b *pms.Booking) { b.Status = pms.StatusCancelled }, false},
		{"no-show is not cancelled", pms.BookingQuery{ExcludeCancelled: true}, func(b *pms.Booking) { b.Status = pms.StatusNoShow }, true},
		{"block comes", pms.BookingQuery{}, func(b *pms.Booking) { b.Kind = pms.KindBlock }, true},
		{"block excluded", pms.BookingQuery{ExcludeBlocks: true}, func(b *pms.Booking) { b.Kind = pms.KindBlock }, false},
		{"unknown kind is no block", pms.BookingQuery{ExcludeBlocks: true}, func(b *pms.Booking) { b.Kind = pms.KindUnknown }, true},
		{"owner is no block", pms.BookingQuery{ExcludeBlocks: true}, func(b *pms.Booking) { b.Kind = pms.KindOwner }, true},
		{"one filter of two fails", pms.BookingQuery{ExcludeBlocks: true, PropertyIDs: []string{"9"}}, same, false},
		{"paging does not filter", pms.BookingQuery{Cursor: "c", Limit: 1, Prefetch: true}, same, true},
	} {
		assert.Equal(t, tt.want, tt.query.Matches(stay(tt.change)), tt.name)
	}
}

func TestQueryJSON(t *testing.T) {
	t.Parallel()
	for want, query := range map[string]any{
		`{}`: pms.BookingQuery{},
		`{"from":"2026-11-01","to":"2026-11-30","propertyIds":["1"],"updatedSince":"2026-11-01T00:00:00Z",
		  "excludeCancelled":true,"excludeBlocks":true,"cursor":"c","limit":5,"prefetch":true}`: pms.BookingQuery{
			From: day(t, "2026-11-01"), To: day(t, "2026-11-30"), PropertyIDs: []string{"1"},
			UpdatedSince: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), ExcludeCancelled: true, ExcludeBlocks: true,
			Cursor: "c", Limit: 5, Prefetch: true,
		},
		`{"cursor":"c","limit":5,"prefetch":true}`: pms.PropertyQuery{Cursor: "c", Limit: 5, Prefetch: true},
	} {
		data, err := json.Marshal(query)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(data))
	}
}
