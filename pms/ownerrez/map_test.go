package ownerrez

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

func testClient(t testing.TB, cfg Config) *Client {
	t.Helper()
	cfg.Username, cfg.Token = "owner@example.com", "pt_test"
	c, err := New(cfg)
	require.NoError(t, err)
	return c
}

func reservations(t testing.TB) List[Reservation] {
	t.Helper()
	var records wire.Records
	pmstest.ReadJSON(t, "testdata/reservations.json", &records)
	list := wire.DecodeAll(vendor, "booking", records, func(r *Reservation, raw json.RawMessage) string {
		r.Raw = raw
		return string(r.ID)
	})
	return List[Reservation]{Items: list.Items, Failed: list.Failed}
}

func TestMapReservations(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"reservations": {}, "reservations-blocks": {LinkedBlocks: true, TitledBlocks: true},
	} {
		page, err := testClient(t, cfg).bookings(t.Context(), "ListBookings", reservations(t), pms.BookingQuery{})
		require.NoError(t, err)
		for _, b := range page.Items {
			require.NotEmpty(t, b.Raw)
		}
		pmstest.Golden(t, "testdata/"+name+".golden.json", pmstest.MappedOf(page.Items, page.Failed))
	}
}

// What nobody stays for, what is offered and what is a copy gives no job, whatever
// it is called.
func TestWhatOccupies(t *testing.T) {
	t.Parallel()
	occupied := map[string]bool{}
	for _, cfg := range []Config{{}, {LinkedBlocks: true}} {
		page, err := testClient(t, cfg).bookings(t.Context(), "ListBookings", reservations(t), pms.BookingQuery{})
		require.NoError(t, err)
		for _, b := range page.Items {
			if b.Occupies() {
				occupied[b.ID] = true
			}
		}
	}
	require.Equal(t, map[string]bool{"880015": true, "880022": true, "880023": true}, occupied)
}

func TestMapProperties(t *testing.T) {
	t.Parallel()
	var records wire.Records
	pmstest.ReadJSON(t, "testdata/properties.json", &records)
	var out pmstest.Mapped[any]
	for i, raw := range records {
		p := Property{Raw: raw}
		require.NoError(t, wire.Decode(raw, &p))
		out.Items = append(out.Items, pms.WithRaw(mapProperty(p, i < 2, "America/Chicago")))
	}
	pmstest.Golden(t, "testdata/properties.golden.json", out)
	require.Equal(t, pms.PropertyUnknown, mapProperty(Property{}, true, "").Status)
}

func TestMapGuest(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]pms.Guest{
		`{"first_name":"Lee","last_name":"Sample","email_addresses":[{"address":"a@example.com"},{"address":"b@example.com","is_default":true}],
			"phones":[{"number":"+1 555 0100","is_default":true},{"number":"+1 555 0101"}]}`: {Name: "Lee Sample", Email: "b@example.com", Phone: "+1 555 0100"},
		`{"first_name":" ","last_name":"Sample","email_addresses":[{"address":"a@example.com"},{"address":"b@example.com"}],"phones":null}`: {Name: "Sample", Email: "a@example.com"},
		`{"email_addresses":[{"address":"a@example.com"},{"address":null,"is_default":true}],"phones":[{"number":"+1 555 0100"},{"is_default":true}]}`: {
			Email: "a@example.com", Phone: "+1 555 0100",
		},
		`{"email_addresses":{},"phones":"none"}`: {},
	} {
		var g Guest
		require.NoError(t, wire.Decode([]byte(text), &g))
		require.Equal(t, want, mapGuest(g), text)
	}
}

func TestNativeQuery(t *testing.T) {
	t.Parallel()
	day := func(month time.Month, day int) pms.Date { return pms.Date{Year: 2026, Month: month, Day: day} }
	const place = "include_guest=true&limit=100&offset=0"
	many := make([]string, mostIDs+1)
	for i := range many {
		many[i] = "40210"
	}
	for name, tt := range map[string]struct {
		q    pms.BookingQuery
		want string
	}{
		"all":         {pms.BookingQuery{}, place + "&since_utc=1970-01-01T00%3A00%3A00Z"},
		"window":      {pms.BookingQuery{From: day(6, 1), To: day(6, 30)}, "from=2026-05-31&" + place + "&since_utc=1970-01-01T00%3A00%3A00Z"},
		"excluded":    {pms.BookingQuery{ExcludeCancelled: true, ExcludeBlocks: true}, place + "&since_utc=1970-01-01T00%3A00%3A00Z"},
		"units":       {pms.BookingQuery{PropertyIDs: []string{"40210", "40211"}, From: day(6, 1)}, "from=2026-05-31&" + place + "&property_ids=40210%2C40211"},
		"no number":   {pms.BookingQuery{PropertyIDs: []string{"40210", "4 1"}}, place + "&since_utc=1970-01-01T00%3A00%3A00Z"},
		"many units":  {pms.BookingQuery{PropertyIDs: many}, place + "&since_utc=1970-01-01T00%3A00%3A00Z"},
		"since":       {pms.BookingQuery{UpdatedSince: time.Date(2026, 6, 10, 3, 0, 0, 500, time.FixedZone("", 3*60*60))}, place + "&since_utc=2026-06-09T23%3A59%3A59Z"},
		"since, unit": {pms.BookingQuery{UpdatedSince: time.Date(2026, 6, 10, 0, 0, 1, 0, time.UTC), PropertyIDs: []string{"1"}}, place + "&property_ids=1&since_utc=2026-06-10T00%3A00%3A00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, nativeQuery(tt.q).values().Encode())
		})
	}
	require.Equal(t, "include_guest=true&limit=7&offset=14&property_ids=1&status=canceled&to=2026-01-05",
		ReservationQuery{PropertyIDs: []string{"1"}, To: day(1, 5), Status: "canceled", Limit: 7, Offset: 14}.values().Encode())
}

func FuzzMapReservation(f *testing.F) {
	var records []json.RawMessage
	pmstest.ReadJSON(f, "testdata/reservations.json", &records)
	for _, raw := range records {
		f.Add([]byte(raw), true)
	}
	plain, blocks := testClient(f, Config{}), testClient(f, Config{LinkedBlocks: true, TitledBlocks: true})
	f.Fuzz(func(t *testing.T, raw []byte, titled bool) {
		var r Reservation
		if wire.Decode(raw, &r) != nil {
			return
		}
		c := plain
		if titled {
			c = blocks
		}
		b, bad := c.mapReservation(r)
		if bad != nil {
			require.Equal(t, pms.Booking{}, b)
			return
		}
		require.NotEmpty(t, b.ID)
		require.False(t, b.Departure.Before(b.Arrival))
		if isLinked(r) || r.Status == "canceled" {
			require.False(t, b.Occupies())
		}
	})
}
