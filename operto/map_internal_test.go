package operto

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms/pmstest"
)

// revealed is a reservation with its codes in the clear, for golden files alone.
type revealed struct {
	Reservation
	GuestCode    string
	CheckOutCode string
}

func TestReservationsGolden(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Paris")
	require.NoError(t, err)
	body, err := os.ReadFile("testdata/reservations.json")
	require.NoError(t, err)
	raws, ok := records(body, "reservations")
	require.True(t, ok)
	names := Names{}.withDefaults()
	list := decodeList("reservation", raws, func(f fields) (revealed, bool) {
		r := names.mapReservation(f, zone)
		return revealed{r, r.GuestCode.Reveal(), r.CheckOutCode.Reveal()}, r.ID != "" || r.PartnerID != ""
	})
	assert.Empty(t, list.Failed)
	pmstest.Golden(t, "testdata/reservations.golden.json", list.Items)
}

func TestPropertiesGolden(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/properties.json")
	require.NoError(t, err)
	raws, ok := records(body, "properties")
	require.True(t, ok)
	list := decodeList("property", raws, func(f fields) (Property, bool) {
		p := Names{}.withDefaults().mapProperty(f)
		return p, p.ID != ""
	})
	require.Len(t, list.Failed, 1)
	require.EqualError(t, list.Failed[0], "operto: property #3: id: missing")
	pmstest.Golden(t, "testdata/properties.golden.json", list.Items)
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"+46 (70) 123-45 67": "+46701234567", "0046 70 1234567": "+46701234567", "+7 916\u00a0123-45-67": "+79161234567",
		"070 123 45 67": "", "+0 123 456 78": "", "+123": "", "+1234567890123456": "", "call me": "", "": "", "+46 70 123 ext 4": "",
	} {
		assert.Equal(t, want, phone(in), in)
	}
}

// FuzzAnswers: whatever Operto answers, reading it neither panics nor shows a
// code.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"reservations":[{"id":7,"access_code":"4711","check_in":"2026-08-03 13:00:00"}]}`, `[]`, `[[]]`, `{}`, `null`, `"x"`, `{"data":{"data":[]}}`,
		`[{"guest":{"guest":{"guest":{"guest":{"name":1}}}}}]`, `[{"id":{"a":1},"status":[1]}]`, `{"data":[{"ID":"a","Id":"b","i_d":"c"}]}`,
	} {
		f.Add([]byte(seed))
	}
	zone, err := time.LoadLocation("America/Santiago")
	require.NoError(f, err)
	names := Names{}.withDefaults()
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := record(body, "reservation"); err == nil && !json.Valid(body) {
			t.Fatal("read what is no JSON")
		}
		raws, ok := records(body, "reservations")
		if !ok {
			return
		}
		list := decodeList("reservation", raws, func(f fields) (Reservation, bool) {
			r := names.mapReservation(f, zone)
			return r, r.ID != "" || r.PartnerID != ""
		})
		if len(list.Items)+len(list.Failed) != len(raws) {
			t.Fatal("a record is neither read nor reported")
		}
		for _, r := range list.Items {
			dump := fmt.Sprintf("%+v %#v", r.GuestCode, r.CheckOutCode)
			if code := r.GuestCode.Reveal(); len(code) > 8 && code != codeMask && strings.Contains(dump, code) {
				t.Fatal("a code is in the text")
			}
		}
	})
}
