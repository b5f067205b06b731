package smoobu

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

func testClient(t testing.TB, cfg Config) *Client {
	t.Helper()
	cfg.APIKey, cfg.APISecret = "test-key", "test-secret"
	c, err := New(cfg)
	require.NoError(t, err)
	return c
}

func reservations(records wire.Records) List[Reservation] {
	list := wire.DecodeAll(vendor, "booking", records, func(r *Reservation, raw json.RawMessage) string {
		r.Raw = raw
		return string(r.ID)
	})
	return List[Reservation]{Items: list.Items, Failed: list.Failed}
}

func TestMapReservations(t *testing.T) {
	t.Parallel()
	var records wire.Records
	pmstest.ReadJSON(t, "testdata/reservations.json", &records)
	c := testClient(t, Config{TimeZone: "Europe/Berlin"})
	page := c.bookings(reservations(records), pms.BookingQuery{})
	for _, b := range page.Items {
		require.NotEmpty(t, b.Raw)
	}
	pmstest.Golden(t, "testdata/reservations.golden.json", pmstest.MappedOf(page.Items, page.Failed))

	// Without a zone there are no instants.
	for _, b := range testClient(t, Config{}).bookings(reservations(records), pms.BookingQuery{}).Items {
		require.True(t, b.CreatedAt.IsZero())
		require.True(t, b.UpdatedAt.IsZero())
	}
}

func TestMapApartments(t *testing.T) {
	t.Parallel()
	var records []struct{ List, Details json.RawMessage }
	pmstest.ReadJSON(t, "testdata/apartments.json", &records)
	c := testClient(t, Config{TimeZone: "Europe/Vienna", CheckIn: pmstest.Clock(t, "15:00"), CheckOut: pmstest.Clock(t, "10:30")})
	var out pmstest.Mapped[any]
	for _, record := range records {
		a, d := Apartment{Raw: record.List}, ApartmentDetails{Raw: record.Details}
		require.NoError(t, wire.Decode(record.List, &a))
		require.NoError(t, wire.Decode(record.Details, &d))
		out.Items = append(out.Items, pms.WithRaw(c.mapApartment(a, d)))
	}
	pmstest.Golden(t, "testdata/apartments.golden.json", out)
}

func TestMapStatus(t *testing.T) {
	t.Parallel()
	for word, want := range map[pms.Text]pms.Status{
		"reservation": pms.StatusConfirmed, "modification of booking": pms.StatusConfirmed, "Modification of booking ": pms.StatusConfirmed,
		"cancellation": pms.StatusCancelled, "cancelled": pms.StatusUnknown, "": pms.StatusUnknown, "1": pms.StatusUnknown,
	} {
		require.Equal(t, want, mapStatus(word), "type %q", word)
	}
}

// A stamp is in no known zone, so only what is older in every zone is older.
func TestChangedBefore(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	for stamp, want := range map[pms.Text]bool{
		"2026-11-01 23:58":    true, // 11:58 UTC on the 2nd at UTC-12
		"2026-11-01 23:58:59": true,
		"2026-11-01 23:59":    false, // its seconds are not told
		"2026-11-02 00:00:00": false,
		"2026-11-03 00:00:00": false,
		"":                    false,
		"yesterday":           false,
		"0000-00-00 00:00:00": false,
	} {
		require.Equal(t, want, changedBefore(Reservation{ModifiedAt: stamp}, since), "stamp %q", stamp)
	}
	require.False(t, changedBefore(Reservation{ModifiedAt: "2001-01-01 00:00"}, time.Time{}))
}

func TestNativeQuery(t *testing.T) {
	t.Parallel()
	day := func(month time.Month, day int) pms.Date { return pms.Date{Year: 2026, Month: month, Day: day} }
	for name, tt := range map[string]struct {
		q    pms.BookingQuery
		want string
	}{
		"all":        {pms.BookingQuery{}, "page=1&pageSize=100&showCancellation=true"},
		"window":     {pms.BookingQuery{From: day(6, 1), To: day(6, 30)}, "from=2026-05-31&page=1&pageSize=100&showCancellation=true&to=2026-07-01"},
		"from":       {pms.BookingQuery{From: day(6, 1)}, "departureFrom=2026-05-31&page=1&pageSize=100&showCancellation=true"},
		"to":         {pms.BookingQuery{To: day(6, 30)}, "arrivalTo=2026-07-01&page=1&pageSize=100&showCancellation=true"},
		"excluded":   {pms.BookingQuery{ExcludeCancelled: true, ExcludeBlocks: true}, "excludeBlocked=true&page=1&pageSize=100"},
		"one unit":   {pms.BookingQuery{PropertyIDs: []string{"412007"}}, "apartmentId=412007&page=1&pageSize=100&showCancellation=true"},
		"no number":  {pms.BookingQuery{PropertyIDs: []string{"4 1"}}, "page=1&pageSize=100&showCancellation=true"},
		"two units":  {pms.BookingQuery{PropertyIDs: []string{"1", "2"}}, "page=1&pageSize=100&showCancellation=true"},
		"since":      {pms.BookingQuery{UpdatedSince: time.Date(2026, 6, 10, 12, 0, 0, 0, time.UTC)}, "modifiedFrom=2026-06-09&page=1&pageSize=100&showCancellation=true"},
		"since, a.m": {pms.BookingQuery{UpdatedSince: time.Date(2026, 6, 10, 11, 59, 0, 0, time.UTC)}, "modifiedFrom=2026-06-08&page=1&pageSize=100&showCancellation=true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, canonicalQuery(nativeQuery(tt.q).values()))
		})
	}
	require.Equal(t,
		"apartmentId=7&arrivalFrom=2026-01-01&created_from=2026-01-02&created_to=2026-01-03&departureTo=2026-01-04&includeRelated=true&modifiedTo=2026-01-05&page=3&pageSize=20",
		canonicalQuery(ReservationQuery{
			ApartmentID: "7", IncludeRelated: true, ArrivalFrom: day(1, 1), CreatedFrom: day(1, 2), CreatedTo: day(1, 3),
			DepartureTo: day(1, 4), ModifiedTo: day(1, 5), Page: 3, PageSize: 20,
		}.values()))
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_790_000_000, 0)
	for value, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, "1790000045": 45 * time.Second, "1789999999": 0, "-5": 0, "0": 0, "soon": 0,
		"1000000000": 1_000_000_000 * time.Second, "1000000001": 0, "99999999999999999999": 0,
	} {
		header := http.Header{}
		header.Set("X-RateLimit-Retry-After", value)
		require.Equal(t, want, retryAfter(header, now), "header %q", value)
	}
	header := http.Header{"Retry-After": {"7"}}
	header.Set("X-RateLimit-Retry-After", "30")
	require.Zero(t, retryAfter(header, now), "the standard header stands")
}

func FuzzMapReservation(f *testing.F) {
	var records []json.RawMessage
	pmstest.ReadJSON(f, "testdata/reservations.json", &records)
	for _, raw := range records {
		f.Add([]byte(raw))
	}
	c := testClient(f, Config{TimeZone: "Europe/Berlin"})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r Reservation
		if wire.Decode(raw, &r) != nil {
			return
		}
		for _, gone := range []bool{false, true} {
			b, bad := c.mapReservation(r, gone)
			switch {
			case bad != nil:
				require.Equal(t, pms.Booking{}, b)
			case b.Status == pms.StatusCancelled:
				require.False(t, b.Occupies())
			default:
				require.False(t, gone)
				require.NotEmpty(t, b.ID)
				require.False(t, b.Departure.Before(b.Arrival))
			}
		}
	})
}
