package kigo

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

func testClient(t testing.TB, cfg Config) *Client {
	t.Helper()
	cfg.Username, cfg.Password = "test-agency", "test-password"
	c, err := New(cfg)
	require.NoError(t, err)
	return c
}

func TestMapEntries(t *testing.T) {
	t.Parallel()
	var records wire.Records
	pmstest.ReadJSON(t, "testdata/entries.json", &records)
	decoded := wire.DecodeAll(vendor, "booking", records, keepEntry)
	page, err := testClient(t, Config{TimeZone: "Europe/Rome"}).bookings(t.Context(), "ListBookings",
		List[CalendarEntry]{Items: decoded.Items, Failed: decoded.Failed}, pms.BookingQuery{})
	require.NoError(t, err)
	for _, b := range page.Items {
		require.NotEmpty(t, b.Raw)
	}
	pmstest.Golden(t, "testdata/entries.golden.json", pmstest.MappedOf(page.Items, page.Failed))
}

func TestMapReservations(t *testing.T) {
	t.Parallel()
	var records []json.RawMessage
	pmstest.ReadJSON(t, "testdata/reservations.json", &records)
	c := testClient(t, Config{TimeZone: "Europe/Rome"})
	var out pmstest.Mapped[pms.Booking]
	for _, raw := range records {
		r := Reservation{Raw: raw}
		require.NoError(t, wire.Decode(raw, &r))
		b, bad := c.mapReservation(r)
		if bad != nil {
			out.Failed = append(out.Failed, bad.Error())
			continue
		}
		require.NotEmpty(t, b.Raw)
		out.Items = append(out.Items, b)

		b, bad = testClient(t, Config{}).mapReservation(r)
		require.Nil(t, bad)
		require.True(t, b.CreatedAt.IsZero(), "without a zone there is no instant")
		require.Empty(t, b.TimeZone)
	}
	pmstest.Golden(t, "testdata/reservations.golden.json", out)
}

// The code of the lock is in Raw, and in nothing that is printed with the rest.
func TestMapProperties(t *testing.T) {
	t.Parallel()
	var records []json.RawMessage
	pmstest.ReadJSON(t, "testdata/properties.json", &records)
	c := testClient(t, Config{TimeZone: "Europe/Rome", CheckIn: pmstest.Clock(t, "16:00"), CheckOut: pmstest.Clock(t, "10:30")})
	var out pmstest.Mapped[pms.Property]
	var cleaning []time.Duration
	for _, raw := range records {
		p := Property{Raw: raw}
		require.NoError(t, wire.Decode(raw, &p))
		cleaning = append(cleaning, p.Info.CleaningTime())
		out.Items = append(out.Items, c.mapProperty(p))
		require.JSONEq(t, string(raw), string(c.mapProperty(p).Raw))
		p.Raw = nil
		require.NotContains(t, fmt.Sprintf("%+v", p), "canary")
	}
	require.Equal(t, []time.Duration{150 * time.Minute, 0, 0, 0}, cleaning)
	pmstest.Golden(t, "testdata/properties.golden.json", out)
}

func TestMapStatus(t *testing.T) {
	t.Parallel()
	for word, want := range map[pms.Text]pms.Status{
		"CONFIRMED": pms.StatusConfirmed, "HOLD": pms.StatusTentative, "CANCELED": pms.StatusCancelled, "CANCELED_HOLD": pms.StatusCancelled,
		"CANCELLED": pms.StatusUnknown, "confirmed": pms.StatusUnknown, "": pms.StatusUnknown,
	} {
		require.Equal(t, want, mapStatus(word), "status %q", word)
	}
}

func TestOwned(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Owned{
		`true`: OwnedYes, `1`: OwnedYes, `"1"`: OwnedYes, `"True"`: OwnedYes,
		`false`: OwnedNo, `0`: OwnedNo, `"0"`: OwnedNo, `"false"`: OwnedNo,
		`null`: OwnedUnknown, `""`: OwnedUnknown, `[]`: OwnedUnknown, `{}`: OwnedUnknown, `2`: OwnedUnknown, `"maybe"`: OwnedUnknown,
	} {
		e := CalendarEntry{Owned: OwnedYes}
		require.NoError(t, json.Unmarshal([]byte(`{"RES_IS_FOR":`+text+`}`), &e))
		require.Equal(t, want, e.Owned, text)
	}
	require.Equal(t, pms.KindUnknown, mapKind("another"))
}

// Times are taken from the calendar only for the days that are the same.
func TestWithTimes(t *testing.T) {
	t.Parallel()
	day := func(n int) pms.Date { return pms.Date{Year: 2026, Month: time.July, Day: n} }
	entry := pms.Booking{Arrival: day(1), Departure: day(5), ArrivalTime: pmstest.Clock(t, "15:00"), DepartureTime: pmstest.Clock(t, "10:00")}
	got := withTimes(pms.Booking{Arrival: day(1), Departure: day(6)}, entry)
	require.Equal(t, pms.Booking{Arrival: day(1), Departure: day(6), ArrivalTime: pmstest.Clock(t, "15:00")}, got)
	got = withTimes(pms.Booking{Arrival: day(2), Departure: day(5), DepartureTime: pmstest.Clock(t, "12:00")}, entry)
	require.Equal(t, pms.Booking{Arrival: day(2), Departure: day(5), DepartureTime: pmstest.Clock(t, "12:00")}, got)
}

func FuzzMapEntry(f *testing.F) {
	var records []json.RawMessage
	pmstest.ReadJSON(f, "testdata/entries.json", &records)
	for _, raw := range records {
		f.Add([]byte(raw))
	}
	c := testClient(f, Config{TimeZone: "Europe/Rome"})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var e CalendarEntry
		if wire.Decode(raw, &e) != nil {
			return
		}
		b, bad := c.mapEntry(e)
		if bad != nil {
			require.Equal(t, pms.Booking{}, b)
			return
		}
		require.NotEmpty(t, b.ID)
		require.False(t, b.Departure.Before(b.Arrival))
		require.Equal(t, b.Occupies(), e.Owned == OwnedYes && e.Status == "CONFIRMED")
	})
}

func FuzzMapReservation(f *testing.F) {
	var records []json.RawMessage
	pmstest.ReadJSON(f, "testdata/reservations.json", &records)
	for _, raw := range records {
		f.Add([]byte(raw))
	}
	c := testClient(f, Config{TimeZone: "Europe/Rome"})
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
		require.False(t, b.Departure.Before(b.Arrival))
		require.Equal(t, b.Guests.Adults+b.Guests.Children+b.Guests.Infants, b.Guests.Total)
	})
}

// FuzzAnswer: whatever the vendor answers is a reply or an error.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"API_RESULT_CODE":"E_OK","API_REPLY":{"DIFF_ID":"q","RES_LIST":[]}}`, `{"API_RESULT_CODE":"E_NOSUCH","API_RESULT_TEXT":"x"}`,
		"\xef\xbb\xbf" + `{"API_RESULT_CODE":"E_LIMIT"}`, `[]`, `null`, ``, `{"API_RESULT_CODE":[]}`, `The rate limiting policy was triggered, please throttle.`,
	} {
		for _, status := range []int{200, 400, 404, 409, 500} {
			f.Add(status, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		fault := classify(status, nil, body)
		switch {
		case status >= 200 && status < 300:
			require.Nil(t, fault)
		case status == 409:
			require.NotNil(t, fault)
			require.Error(t, fault.Kind)
		case fault != nil:
			require.Error(t, fault.Kind)
			require.NotEmpty(t, fault.Message)
		}
	})
}
