package bnovo

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

func records(t testing.TB, name string) (list wire.Records) {
	t.Helper()
	pmstest.ReadJSON(t, "testdata/"+name+".json", &list)
	return list
}

func testClient(t *testing.T) *Client {
	t.Helper()
	c, err := New(Config{ID: "9001", Password: "test-key", CheckIn: pmstest.Clock(t, "14:00"), CheckOut: pmstest.Clock(t, "12:00")})
	require.NoError(t, err)
	return c
}

func TestMapReservations(t *testing.T) {
	t.Parallel()
	c := testClient(t)
	list := wire.DecodeAll(vendor, "booking", records(t, "reservations"), func(r *Reservation, raw json.RawMessage) string {
		r.Raw = raw
		return string(r.ID)
	})
	page := c.bookings(List[Reservation]{Items: list.Items, Failed: list.Failed}, pms.BookingQuery{})
	for _, b := range page.Items {
		require.NotEmpty(t, b.Raw)
	}
	pmstest.Golden(t, "testdata/reservations.golden.json", pmstest.MappedOf(page.Items, page.Failed))
}

func TestMapClosures(t *testing.T) {
	t.Parallel()
	page := testClient(t).blocks(closures(records(t, "closures")), pms.BookingQuery{}, (*wire.Fields).Stamp)
	pmstest.Golden(t, "testdata/closures.golden.json", pmstest.MappedOf(page.Items, page.Failed))
}

func TestMapRooms(t *testing.T) {
	t.Parallel()
	c := testClient(t)
	var out pmstest.Mapped[pms.Property]
	list := decodeRooms(records(t, "rooms"))
	for _, room := range list.Items {
		out.Items = append(out.Items, c.mapRoom(room))
	}
	pmstest.Golden(t, "testdata/rooms.golden.json", out)
}

func TestMapSessionStays(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Username: "5f0c1a2b3d4e6+24@customapp.bnovo.ru", Password: "test-key", TimeZone: "Asia/Novosibirsk"})
	require.NoError(t, err)
	var out pmstest.Mapped[pms.Booking]
	for _, raw := range records(t, "session-stays") {
		var s PlannedStay
		require.NoError(t, wire.Decode(raw, &s))
		parts, bad := c.mapPlannedStay(s)
		require.Nil(t, bad)
		out.Items = append(out.Items, parts...)
	}
	page := c.blocks(closures(records(t, "session-closures")), pms.BookingQuery{}, (*wire.Fields).StampDMY)
	out.Items = append(out.Items, page.Items...)
	pmstest.Golden(t, "testdata/session-stays.golden.json", out)
}

// The status is matched by number: the names are translated, and some clients
// were misled by them.
func TestMapStatus(t *testing.T) {
	t.Parallel()
	for id, want := range map[pms.Text]pms.Status{
		"1": pms.StatusConfirmed, "2": pms.StatusCancelled, "3": pms.StatusCheckedIn, "4": pms.StatusCheckedOut,
		"5": pms.StatusConfirmed, "6": pms.StatusInquiry, "7": pms.StatusUnknown, "": pms.StatusUnknown,
	} {
		require.Equal(t, want, mapStatus(id), "status %q", id)
	}
}

func TestCleanlinessWords(t *testing.T) {
	t.Parallel()
	c := testClient(t)
	require.Equal(t, pms.Clean, c.mapCleanliness("Clean"))
	require.Equal(t, pms.CleanlinessUnknown, c.mapCleanliness("убрано"))
	c.cfg.Cleanliness = &CleanlinessCall{Words: map[pms.Cleanliness]string{pms.Clean: "Убрано", pms.Dirty: "Грязно", pms.Inspected: ""}}
	require.Equal(t, pms.Clean, c.mapCleanliness("убрано"))
	require.Equal(t, pms.Dirty, c.mapCleanliness("ГРЯЗНО"))
	require.Equal(t, pms.CleanlinessUnknown, c.mapCleanliness(""))
}

func FuzzMapReservation(f *testing.F) {
	data, err := os.ReadFile("testdata/reservations.json")
	require.NoError(f, err)
	var list wire.Records
	require.NoError(f, json.Unmarshal(data, &list))
	for _, raw := range list {
		f.Add([]byte(raw))
	}
	c, err := New(Config{ID: "9001", Password: "test-key"})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r Reservation
		if wire.Decode(raw, &r) != nil {
			return
		}
		parts, bad := c.mapReservation(r)
		if bad != nil {
			require.Empty(t, parts)
			return
		}
		require.NotEmpty(t, parts)
		// The parts cover the stay without a gap and in order.
		for i := 1; i < len(parts); i++ {
			require.Equal(t, parts[i-1].Departure, parts[i].Arrival)
			require.NotEqual(t, parts[i-1].ID, parts[i].ID)
		}
		require.False(t, parts[len(parts)-1].Departure.Before(parts[0].Arrival))
	})
}
