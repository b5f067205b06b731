package hostaway

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/calendar"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

func records(t testing.TB, name string) (list wire.Records) {
	t.Helper()
	pmstest.ReadJSON(t, "testdata/"+name+".json", &list)
	return list
}

func TestMapReservations(t *testing.T) {
	t.Parallel()
	decoded := wire.DecodeAll(vendor, "booking", records(t, "reservations"), keepReservation)
	page := bookings(List[Reservation]{Items: decoded.Items, Failed: decoded.Failed}, pms.BookingQuery{}.Matches)
	for _, b := range page.Items {
		require.NotEmpty(t, b.Raw)
	}
	pmstest.Golden(t, "testdata/reservations.golden.json", pmstest.MappedOf(page.Items, page.Failed))
}

func TestMapListings(t *testing.T) {
	t.Parallel()
	decoded := wire.DecodeAll(vendor, "property", records(t, "listings"), func(l *Listing, raw json.RawMessage) string {
		l.Raw = raw
		return string(l.ID)
	})
	out := pmstest.MappedOf[pms.Property](nil, decoded.Failed)
	for _, l := range decoded.Items {
		out.Items = append(out.Items, mapListing(l))
	}
	pmstest.Golden(t, "testdata/listings.golden.json", out)
}

func TestMapUnits(t *testing.T) {
	t.Parallel()
	var home Listing
	require.NoError(t, wire.Decode(records(t, "listings")[0], &home))
	home.CleannessStatus = cleannessClean
	var out pmstest.Mapped[pms.Property]
	for _, raw := range records(t, "units") {
		var u ListingUnit
		require.NoError(t, wire.Decode(raw, &u))
		out.Items = append(out.Items, mapUnit(home, u))
	}
	pmstest.Golden(t, "testdata/units.golden.json", out)
}

// mapBlocks maps the days of one read.
func mapBlocks(listing string, days []CalendarDay) (blocks []pms.Booking, failed []*pms.RecordError) {
	blocked, failed := blockedDays(listing, days)
	for _, run := range calendar.Runs(blocked) {
		blocks = append(blocks, run.Block(vendor, listing))
	}
	return blocks, failed
}

func TestMapCalendar(t *testing.T) {
	t.Parallel()
	decoded := wire.DecodeAll(vendor, "calendar day", records(t, "calendar"), func(d *CalendarDay, raw json.RawMessage) string {
		d.Raw = raw
		return string(d.Date)
	})
	blocks, failed := mapBlocks("71234", decoded.Items)
	pmstest.Golden(t, "testdata/calendar.golden.json", pmstest.MappedOf(blocks, append(decoded.Failed, failed...)))
}

func TestMapStatus(t *testing.T) {
	t.Parallel()
	for want, words := range map[pms.Status]string{
		pms.StatusConfirmed: "new modified confirmed ownerStay",
		pms.StatusTentative: "awaitingPayment awaitingGuestVerification",
		pms.StatusCancelled: "cancelled declined expired",
		pms.StatusInquiry:   "pending unconfirmed inquiry inquiryPreapproved inquiryDenied inquiryTimedout inquiryNotPossible unknown",
		pms.StatusUnknown:   "New checkedIn teleported",
	} {
		for word := range strings.FieldsSeq(words) {
			assert.Equal(t, want, mapStatus(Reservation{Status: pms.Text(word)}), word)
			reported := mapStatus(Reservation{Status: pms.Text(word), BookingcomNoShowReportedAt: "2026-09-13 11:00:00"})
			if want == pms.StatusConfirmed {
				want := pms.StatusNoShow
				assert.Equal(t, want, reported, word)
				continue
			}
			assert.Equal(t, want, reported, "a no-show of what is not booked: %s", word)
		}
	}
	assert.Equal(t, pms.StatusUnknown, mapStatus(Reservation{}))
}

func TestMapChannel(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ id, name, want string }{
		{"2018", "airbnbOfficial", "airbnb"},
		{"2002", "homeaway", "vrbo"},
		{"2009", "homeawayical", "vrbo"},
		{"2010", "vrboical", "vrbo"},
		{"2005", "bookingcom", "booking"},
		{"2007", "expedia", "expedia"},
		{"2000", "direct", "direct"},
		{"2013", "bookingengine", "bookingengine"},
		{"2015", "customIcal", "customical"},
		{"2022", "google", "google"},
		{"2018", "", "airbnb"},
		{"2001", "", "airbnb"},
		{"2002", "", "vrbo"},
		{"2010", "", "vrbo"},
		{"2005", "", "booking"},
		{"2007", "", "expedia"},
		{"2000", "", "direct"},
		{"2020", "", ""},
	} {
		assert.Equal(t, tt.want, mapChannel(pms.Text(tt.id), pms.Text(tt.name)), "%s %s", tt.id, tt.name)
	}
}

func TestWalkCursor(t *testing.T) {
	t.Parallel()
	w := walk{after: "5", back: "9", suspect: "5", doubts: 1, seen: 40, floor: 1780000000, top: 1790000000}
	got, ok := parseWalk(walkChanges, w.cursor(walkChanges))
	require.True(t, ok)
	assert.Equal(t, w, got)
	got, ok = parseWalk(walkBookings, walk{}.cursor(walkBookings))
	require.True(t, ok)
	assert.Equal(t, walk{}, got)
	for _, cursor := range []string{
		"", "changes", w.cursor(walkBookings), "changes:a:::0:0:0:0", "changes::::-1:0:0:0", "changes::::0:-1:0:0", "changes::::0:0:0:-1",
		"changes::::0:0:0:0:0", "changes::::0:0:0:", "changes::b::0:0:0:0", "changes:::../1:0:0:0:0", "changes::::0:0:0:99999999999999999999",
	} {
		_, ok := parseWalk(walkChanges, cursor)
		assert.False(t, ok, cursor)
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status  int
		body    string
		kind    error
		message string
	}{
		{200, `{"status":"fail","result":"Listing is archived"}`, pms.ErrInvalid, "Listing is archived"},
		{200, " \n" + `{"result":"Listing is archived","status":"FAIL"}`, pms.ErrInvalid, "Listing is archived"},
		{200, `{"status":"fail","result":[]}`, pms.ErrInvalid, "the vendor reports a failure without a reason"},
		{200, `{"status":"fail","result":{"x":1}}`, pms.ErrInvalid, "the vendor reports a failure without a reason"},
		{429, `{"status":"fail","message":"Too many requests"}`, nil, "Too many requests"},
		{404, `{"status":"fail","result":"Not found"}`, nil, "Not found"},
		{403, `{"status":"fail","result":"denied"}`, pms.ErrUnauthorized, "denied"},
		{403, `<html>`, pms.ErrUnauthorized, ""},
		{500, `oops`, nil, ""},
	} {
		fault := classify(tt.status, nil, []byte(tt.body))
		require.NotNil(t, fault, tt.body)
		assert.Equal(t, tt.kind, fault.Kind, tt.body)
		assert.Equal(t, tt.message, fault.Message, tt.body)
	}
	for _, body := range []string{
		`{"status":"success","result":"fail"}`, `{"result":[{"status":"fail"}],"status":"success"}`, `{"access_token":"t"}`, `[]`, ``, `{`,
		"\xef\xbb\xbf" + `{"status":"success","result":[]}`,
	} {
		assert.Nil(t, classify(200, nil, []byte(body)), body)
	}
}

func FuzzMapReservation(f *testing.F) {
	for _, raw := range records(f, "reservations") {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r Reservation
		if wire.Decode(raw, &r) != nil {
			return
		}
		parts, bad := mapReservation(r)
		if bad != nil {
			require.Empty(t, parts)
			return
		}
		require.NotEmpty(t, parts)
		ids := map[string]bool{}
		for _, b := range parts {
			require.False(t, ids[b.ID], "two parts have the id %s", b.ID)
			ids[b.ID] = true
			require.False(t, b.Departure.Before(b.Arrival))
			require.Equal(t, parts[0].Arrival, b.Arrival)
			if len(parts) > 1 {
				require.Equal(t, string(r.ID), b.GroupID)
			}
		}
	})
}

func FuzzMapBlocks(f *testing.F) {
	for _, raw := range records(f, "calendar") {
		f.Add([]byte(raw), []byte(`{"date":"2026-10-02","status":"blocked"}`))
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		var days []CalendarDay
		for _, raw := range [][]byte{one, two} {
			var d CalendarDay
			if wire.Decode(raw, &d) == nil {
				days = append(days, d)
			}
		}
		blocks, failed := mapBlocks("1", days)
		require.LessOrEqual(t, len(blocks)+len(failed), 2)
		for i, b := range blocks {
			require.True(t, b.Arrival.Before(b.Departure))
			require.True(t, i == 0 || blocks[i-1].Departure.Before(b.Arrival), "blocks that touch are one")
			require.Equal(t, "block-1-"+b.Arrival.String(), b.ID)
		}
	})
}

func FuzzParseWalk(f *testing.F) {
	f.Add(walk{after: "5", back: "9", seen: 3}.cursor(walkBookings))
	f.Add("reservations:::::::")
	f.Fuzz(func(t *testing.T, cursor string) {
		if w, ok := parseWalk(walkBookings, cursor); ok {
			again, ok := parseWalk(walkBookings, w.cursor(walkBookings))
			require.True(t, ok)
			require.Equal(t, w, again)
		}
	})
}

func TestUTC(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "2026-06-01 06:30:00", utc(time.Date(2026, 6, 1, 9, 30, 0, 0, time.FixedZone("", 3*3600))))
	assert.Empty(t, utc(time.Time{}))
}
