package hospitable

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/calendar"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func records(t testing.TB, name string) (list wire.Records) {
	t.Helper()
	pmstest.ReadJSON(t, "testdata/"+name+".json", &list)
	return list
}

func testClient(t testing.TB, zone string) *Client {
	t.Helper()
	c, err := New(Config{Token: "test-token", TimeZone: zone, Financials: true})
	require.NoError(t, err)
	return c
}

func november() time.Time { return time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC) }

func TestMapReservations(t *testing.T) {
	t.Parallel()
	c := testClient(t, "Europe/Helsinki")
	decoded := wire.DecodeAll(vendor, "booking", records(t, "reservations"), keepReservation)
	failed := decoded.Failed
	var items []pms.Booking
	for _, r := range decoded.Items {
		b, bad := c.mapReservation(r)
		if bad != nil {
			require.NotEmpty(t, bad.Raw)
			failed = append(failed, bad)
			continue
		}
		require.NotEmpty(t, b.Raw)
		items = append(items, b)
	}
	pmstest.Golden(t, "testdata/reservations.golden.json", pmstest.MappedOf(items, failed))
}

func TestMapProperties(t *testing.T) {
	t.Parallel()
	c := testClient(t, "Europe/Helsinki")
	decoded := wire.DecodeAll(vendor, "property", records(t, "properties"), keepProperty)
	out := pmstest.MappedOf([]pms.Property(nil), decoded.Failed)
	for _, p := range decoded.Items {
		require.NotEmpty(t, p.Raw)
		out.Items = append(out.Items, c.mapProperty(p, november()))
	}
	pmstest.Golden(t, "testdata/properties.golden.json", out)
}

func TestMapCalendar(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/calendar.json")
	require.NoError(t, err)
	c, err := New(Config{Token: "test-token", HTTPClient: &http.Client{
		Transport: &sandbox.Faults{Rules: []sandbox.Rule{{Do: sandbox.Status(http.StatusOK, nil, string(data))}}},
	}})
	require.NoError(t, err)
	list, err := c.ListCalendar(t.Context(), "p-1", pms.Date{Year: 2026, Month: 11, Day: 30}, pms.Date{Year: 2026, Month: 12, Day: 14})
	require.NoError(t, err)
	require.Equal(t, 14, list.Total)
	days, failed := blockedDays("p-1", list.Items, pms.Date{Year: 2026, Month: 12, Day: 2})
	out := pmstest.MappedOf([]pms.Booking(nil), append(list.Failed, failed...))
	for _, run := range calendar.Runs(days) {
		out.Items = append(out.Items, run.Block(vendor, "p-1"))
	}
	pmstest.Golden(t, "testdata/calendar.golden.json", out)
}

func TestMapStatus(t *testing.T) {
	t.Parallel()
	for category, want := range map[pms.Text]pms.Status{
		"accepted": pms.StatusConfirmed, "request": pms.StatusTentative, "checkpoint": pms.StatusTentative,
		"cancelled": pms.StatusCancelled, "not accepted": pms.StatusCancelled, "unknown": pms.StatusUnknown,
		"canceled": pms.StatusUnknown, "not_accepted": pms.StatusUnknown, "booking": pms.StatusUnknown, "": pms.StatusUnknown,
	} {
		assert.Equal(t, want, mapStatus(category), "category %q", category)
	}
}

// A zone is told where nothing contradicts it, and never made of an offset.
func TestZones(t *testing.T) {
	t.Parallel()
	helsinki, none := testClient(t, "Europe/Helsinki"), testClient(t, "")
	for _, tt := range []struct {
		client *Client
		stated pms.Text
		want   string
	}{
		{helsinki, "+0200", "Europe/Helsinki"},
		{helsinki, "+0300", "Europe/Helsinki"}, // an answer of last summer
		{helsinki, "+03:00", "Europe/Helsinki"},
		{helsinki, "-0700", ""},
		{helsinki, "+0100", ""},
		{helsinki, "", "Europe/Helsinki"},
		{helsinki, "EET", "Europe/Helsinki"},
		{helsinki, "America/Denver", "America/Denver"},
		{none, "America/Denver", "America/Denver"},
		{none, "+0200", ""},
		{none, "UTC", ""},
		{none, "../zone", ""},
		{none, "", ""},
	} {
		assert.Equal(t, tt.want, tt.client.zoneOf(tt.stated, november()), "offset %q", tt.stated)
	}
	for stamp, want := range map[pms.Text]string{
		"2026-10-24T16:00:00+03:00": "Europe/Helsinki",
		"2026-10-25T02:59:00+03:00": "Europe/Helsinki",
		"2026-10-25T16:00:00+02:00": "Europe/Helsinki",
		"2026-10-24T16:00:00+02:00": "",
		"2026-10-24T16:00:00-07:00": "",
		"2026-10-24T16:00:00":       "Europe/Helsinki",
		"":                          "Europe/Helsinki",
		"noon":                      "Europe/Helsinki",
	} {
		assert.Equal(t, want, helsinki.zoneAt(stamp), "stamp %q", stamp)
		assert.Empty(t, none.zoneAt(stamp))
	}
}

func TestNativeQuery(t *testing.T) {
	t.Parallel()
	june := func(day int) pms.Date { return pms.Date{Year: 2026, Month: time.June, Day: day} }
	const rest = "include=properties%2Cguest&page=1&per_page=100&properties%5B%5D=p-1&"
	for want, q := range map[string]pms.BookingQuery{
		"date_query=checkout&end_date=2099-12-31&" + rest + "start_date=1990-01-01": {UpdatedSince: november(), ExcludeCancelled: true},
		"date_query=checkout&end_date=2099-12-31&" + rest + "start_date=2026-05-30": {From: june(1), To: june(14)},
		"date_query=checkout&end_date=2099-12-31&" + rest + "start_date=2026-05-31": {From: june(2)},
		"date_query=checkin&end_date=2026-06-16&" + rest + "start_date=1990-01-01":  {To: june(14)},
	} {
		native := nativeQuery(q)
		native.PropertyIDs = []string{"p-1"}
		assert.Equal(t, want, native.values().Encode())
	}
}

func TestWalkCursor(t *testing.T) {
	t.Parallel()
	w := startOf(phaseStays, 7)
	w.ids = []string{"p-1", "a,b|c%"}
	w.stays.Number, w.stays.First = 3, "r|1"
	for _, end := range []bool{false, true} {
		w.end = end
		got, ok := parseWalk(w.String(), 100)
		require.True(t, ok)
		require.Equal(t, w.String(), got.String())
		require.Equal(t, w.ids, got.ids)
		require.Equal(t, 7, got.stays.Size)
	}
	for _, cursor := range []string{
		"x", "stays", "stays|||", "|||", "stays||stays:1:7:0:|end", "stays|p||end", "stays|p|stays:1:7:0:|", "stays|p|stays:0:7:0:|end",
		"stays|%zz|stays:1:7:0:|end", "stays|p|blocks:1:7:0:|end", "stays|p|stays:1:7:0:|properties:1:51:0:", "units|p|stays:1:7:0:|end",
	} {
		_, ok := parseWalk(cursor, 100)
		require.False(t, ok, "cursor %q", cursor)
	}
}

func FuzzMapReservation(f *testing.F) {
	for _, raw := range records(f, "reservations") {
		f.Add([]byte(raw))
	}
	c := testClient(f, "Europe/Helsinki")
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r Reservation
		if wire.Decode(raw, &r) != nil {
			return
		}
		b, bad := c.mapReservation(r)
		if bad != nil {
			require.Equal(t, pms.Booking{}, b)
			return
		}
		require.NotEmpty(t, b.ID)
		require.NotEmpty(t, b.PropertyID)
		require.False(t, b.Departure.Before(b.Arrival))
		require.Equal(t, b.Total.Amount == "", b.Total.Currency == "")
	})
}

func FuzzMapProperty(f *testing.F) {
	for _, raw := range records(f, "properties") {
		f.Add([]byte(raw))
	}
	c := testClient(f, "Europe/Helsinki")
	f.Fuzz(func(t *testing.T, raw []byte) {
		var p Property
		if wire.Decode(raw, &p) != nil {
			return
		}
		out := c.mapProperty(p, november())
		if out.TimeZone != "" {
			_, err := time.LoadLocation(out.TimeZone)
			require.NoError(t, err)
		}
	})
}
