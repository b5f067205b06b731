package guesty

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

// answering is a client to whom the vendor says one thing.
func answering(t *testing.T, body string) *Client {
	t.Helper()
	transport := &sandbox.Faults{Rules: []sandbox.Rule{
		{Match: sandbox.Path("/oauth2/token"), Do: sandbox.Status(http.StatusOK, nil, `{"access_token":"token-of-the-test"}`)},
		{Do: sandbox.Status(http.StatusOK, nil, body)},
	}}
	c, err := New(Config{ClientID: "client", ClientSecret: "secret", HTTPClient: &http.Client{Transport: transport}})
	require.NoError(t, err)
	return c
}

func TestMapReservations(t *testing.T) {
	t.Parallel()
	decoded, ids := decodeReservations(records(t, "reservations"))
	require.Len(t, ids, 10)
	guests := details{guests: map[string]pms.Guest{"6540aa11bb22cc33dd44ee66": {Name: "Mari Näidis", Phone: "+372 5000 0000"}}}
	out := pmstest.MappedOf[pms.Booking](nil, decoded.Failed)
	for _, r := range decoded.Items {
		parts, bad := mapReservation(r, guests)
		if bad != nil {
			out.Failed = append(out.Failed, bad.Error())
		}
		for _, b := range parts {
			require.NotEmpty(t, b.Raw)
			require.NotContains(t, b.Notes, "4711", "the door code")
		}
		out.Items = append(out.Items, parts...)
	}
	pmstest.Golden(t, "testdata/reservations.golden.json", out)
}

// The planned times are those of the listing's zone.
func TestMapBatch(t *testing.T) {
	t.Parallel()
	tallinn, err := time.LoadLocation("Europe/Tallinn")
	require.NoError(t, err)
	decoded, _ := decodeReservations(records(t, "batch"))
	d := details{planned: map[string]Reservation{}, zones: map[string]*time.Location{"64f0a1b2c3d4e5f601234567": tallinn, "64f0a1b2c3d4e5f601230000": tallinn}}
	var out pmstest.Mapped[pms.Booking]
	for _, r := range decoded.Items {
		d.planned[r.Key()] = r
		parts, bad := mapReservation(r, d)
		require.Nil(t, bad)
		out.Items = append(out.Items, parts...)
	}
	pmstest.Golden(t, "testdata/batch.golden.json", out)
}

func TestMapListings(t *testing.T) {
	t.Parallel()
	decoded := decodeListings(records(t, "listings"))
	out := pmstest.MappedOf[pms.Property](nil, decoded.Failed)
	for _, l := range decoded.Items {
		require.NotEmpty(t, l.Raw)
		out.Items = append(out.Items, mapListing(l))
	}
	pmstest.Golden(t, "testdata/listings.golden.json", out)
}

func TestMapBlocks(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/blocks.json")
	require.NoError(t, err)
	list, err := answering(t, string(data)).ListBlocks(t.Context(), "64f0a1b2c3d4e5f601234567", pms.Date{Year: 2026, Month: 12, Day: 1}, pms.Date{Year: 2026, Month: 12, Day: 31})
	require.NoError(t, err)
	require.Equal(t, 8, list.Total)
	out := pmstest.MappedOf[pms.Booking](nil, list.Failed)
	for _, block := range list.Items {
		b, ok, bad := mapBlock(block)
		if bad != nil {
			out.Failed = append(out.Failed, bad.Error())
		}
		if ok {
			out.Items = append(out.Items, b)
		}
	}
	pmstest.Golden(t, "testdata/blocks.golden.json", out)
}

func TestMapStatus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status, progress pms.Text
		want             pms.Status
		word             pms.Text
	}{
		{"confirmed", "not_set", pms.StatusConfirmed, "confirmed"},
		{"confirmed", "", pms.StatusConfirmed, "confirmed"},
		{"confirmed", "asleep", pms.StatusConfirmed, "confirmed"},
		{"confirmed", "checked_in", pms.StatusCheckedIn, "checked_in"},
		{"confirmed", "checked_out", pms.StatusCheckedOut, "checked_out"},
		{"confirmed", "no_show", pms.StatusNoShow, "no_show"},
		{"canceled", "checked_in", pms.StatusCancelled, "canceled"},
		{"cancelled", "", pms.StatusCancelled, "cancelled"},
		{"closed", "", pms.StatusCancelled, "closed"},
		{"declined", "", pms.StatusCancelled, "declined"},
		{"expired", "", pms.StatusCancelled, "expired"},
		{"inquiry", "", pms.StatusInquiry, "inquiry"},
		{"reserved", "", pms.StatusTentative, "reserved"},
		{"awaiting_payment", "", pms.StatusTentative, "awaiting_payment"},
		{"awaitingPayment", "", pms.StatusTentative, "awaitingPayment"},
		{"checked_in", "", pms.StatusCheckedIn, "checked_in"},
		{"checked_out", "", pms.StatusCheckedOut, "checked_out"},
		{"teleported", "checked_in", pms.StatusUnknown, "teleported"},
		{"", "", pms.StatusUnknown, ""},
	} {
		got, word := mapStatus(Reservation{Status: tt.status, GuestStay: GuestStay{Status: tt.progress}})
		assert.Equal(t, tt.want, got, "%s, %s", tt.status, tt.progress)
		assert.Equal(t, tt.word, word)
	}
}

// Notes that are not shown are told from notes that are empty.
func TestNotes(t *testing.T) {
	t.Parallel()
	var hidden, empty Reservation
	require.NoError(t, wire.Decode([]byte(`{"reservationId":"1"}`), &hidden))
	require.NoError(t, wire.Decode([]byte(`{"reservationId":"1","notes":{"keyCode":""}}`), &empty))
	require.Nil(t, hidden.Notes)
	require.Equal(t, &Notes{}, empty.Notes)
}

func TestClockOf(t *testing.T) {
	t.Parallel()
	day := pms.Date{Year: 2026, Month: time.October, Day: 25} // the clocks go back in Tallinn
	tallinn, err := time.LoadLocation("Europe/Tallinn")
	require.NoError(t, err)
	for stamp, want := range map[pms.Text]string{
		"2026-10-25T09:00:00.000Z":  "11:00",
		"2026-10-24T22:30:00.000Z":  "01:30",
		"2026-10-25T21:59:00Z":      "23:59",
		"2026-10-25T22:00:00.000Z":  "", // the day after
		"2026-10-25T11:00:00+02:00": "11:00",
		"2026-10-25T11:00:00":       "11:00", // no offset: as it is written
		"2026-10-24T11:00:00":       "",
		"2026-10-25":                "",
		"":                          "",
		"noon":                      "",
	} {
		assert.Equal(t, want, clockOf(stamp, day, tallinn).String(), "stamp %q", stamp)
	}
	assert.Empty(t, clockOf("2026-10-25T09:00:00.000Z", day, nil).String(), "no zone is guessed")
	assert.Equal(t, "11:00", clockOf("2026-10-25T11:00:00", day, nil).String())
}

func FuzzMapReservation(f *testing.F) {
	for _, name := range []string{"reservations", "batch"} {
		for _, raw := range records(f, name) {
			f.Add([]byte(raw))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r Reservation
		if wire.Decode(raw, &r) != nil {
			return
		}
		parts, bad := mapReservation(r, details{planned: map[string]Reservation{r.Key(): r}})
		if bad != nil {
			require.Empty(t, parts)
			return
		}
		require.NotEmpty(t, parts)
		seen := map[string]bool{}
		for i, b := range parts {
			require.False(t, b.Departure.Before(b.Arrival))
			require.False(t, seen[b.ID], "id %s comes twice", b.ID)
			seen[b.ID] = true
			if i > 0 {
				require.False(t, b.Arrival.Before(parts[i-1].Arrival))
			}
		}
	})
}
