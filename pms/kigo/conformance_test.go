package kigo_test

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/kigo"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const (
	username = "canary-agency-4b1f"
	password = "canary/api+password=key 7c1d"
)

// TestConformance: lists with the details of every booking.
func TestConformance(t *testing.T) {
	t.Parallel()
	for _, nested := range []bool{false, true} {
		t.Run(fmt.Sprintf("nested guests %t", nested), func(t *testing.T) {
			t.Parallel()
			pmstest.Run(t, harness(kigo.Config{Details: true}, nested))
		})
	}
}

// TestConformanceCalendar: lists of what the calendars alone say.
func TestConformanceCalendar(t *testing.T) {
	t.Parallel()
	h := harness(kigo.Config{}, false)
	h.Booking = inCalendar
	h.Detail = func(w *sandbox.World, s sandbox.Stay, b *pms.Booking) {
		detailed(w, s, b)
		withoutTimes(b)
	}
	h.Skip["info-data"] = "the calendar has no guests: setting details, see TestConformance"
	pmstest.Run(t, h)
}

func harness(cfg kigo.Config, nested bool) pmstest.Harness {
	cfg.Username, cfg.Password = username, password
	return pmstest.Harness{
		Config:  cfg,
		Secrets: []string{username, password},
		Connect: func(k pmstest.Knobs) (pms.Connector, error) {
			cfg := cfg
			cfg.TimeZone = k.World.Zone().String()
			cfg.BaseURL, cfg.HTTPClient, cfg.Logger = k.BaseURL, k.HTTPClient, k.Logger
			cfg.Limiter, cfg.MaxRetries, cfg.MaxWait = k.Limiter, k.MaxRetries, k.MaxWait
			return kigo.New(cfg)
		},
		Serve: func(w *sandbox.World, _ *http.Client) http.Handler {
			return sandbox.NewKigo(w, sandbox.KigoOptions{Username: username, Password: password, NestedGuest: nested})
		},
		IsBookings: sandbox.Path("/api/ra/v1/diffPropertyCalendarReservations"),
		PageSize:   -1,
		Booking:    detailed,
		Detail:     func(_ *sandbox.World, _ sandbox.Stay, b *pms.Booking) { withoutTimes(b) },
		Property:   property,
		Records: pmstest.Records{
			List: "API_REPLY.RES_LIST", ID: "RES_ID", Arrival: []string{"RES_CHECK_IN"}, Status: []string{"RES_STATUS"},
		},
		Skip: map[string]string{
			"get-booking-block": "a block has the id of an entry, like a reservation; that it is none is all that the vendor says of it",
		},
		Disguised: map[string]error{
			`{"API_RESULT_CODE":"E_INPUT","API_RESULT_TEXT":"DIFF_ID: invalid","API_REPLY":null}`: pms.ErrInvalid,
			`{"API_REPLY":[],"API_RESULT_TEXT":"","API_RESULT_CODE":"E_LIMIT"}`:                   pms.ErrRateLimited,
			`{"API_RESULT_CODE":"E_UNHEARD_OF"}`:                                                  pms.ErrUnavailable,
		},
	}
}

// inCalendar is what the calendar says of a stay: the property of today, with
// its times where the stay has none of its own.
func inCalendar(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
	if s.Status == pms.StatusInquiry || b.Arrival != s.Arrival || s.UnitID == "" {
		return false
	}
	*b = pms.Booking{
		Vendor: b.Vendor, ID: s.ID, PropertyID: s.UnitID, Kind: pms.KindGuest, Status: pms.StatusConfirmed, RawStatus: "CONFIRMED",
		Arrival: s.Arrival, Departure: s.Departure, ArrivalTime: s.ArrivalTime, DepartureTime: s.DepartureTime,
		TimeZone: w.Zone().String(),
	}
	for _, move := range s.Moves {
		if !move.Date.After(w.Today()) {
			b.PropertyID = move.UnitID
		}
	}
	if s.Kind == pms.KindBlock {
		b.Kind = pms.KindBlock
	}
	switch s.Status {
	case pms.StatusCancelled:
		b.Status, b.RawStatus = pms.StatusCancelled, "CANCELED"
	case pms.StatusTentative:
		b.Status, b.RawStatus = pms.StatusTentative, "HOLD"
	default:
	}
	unit, _ := w.Property(b.PropertyID)
	b.ArrivalTime, b.DepartureTime = clock(b.ArrivalTime, unit.CheckIn), clock(b.DepartureTime, unit.CheckOut)
	return true
}

// clock is the time of a stay, or that of its unit; midnight is none.
func clock(stay, unit pms.Clock) pms.Clock {
	switch {
	case stay.IsZero():
		return unit
	case stay.Minutes() == 0:
		return pms.Clock{}
	}
	return stay
}

// detailed adds what readReservation says. A day is all that is known of the
// creation.
func detailed(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
	if !inCalendar(w, s, b) {
		return false
	}
	if b.Kind == pms.KindBlock {
		return true
	}
	b.Guests, b.Guest, b.Notes = s.Guests, s.Guest, s.Notes
	b.Guests.Pets, b.Guest.Language = 0, ""
	at := s.CreatedAt.In(w.Zone())
	b.CreatedAt = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, w.Zone())
	return true
}

// withoutTimes: the calendar of one property, which has the times, leaves out
// what is cancelled.
func withoutTimes(b *pms.Booking) {
	if b.Status == pms.StatusCancelled {
		b.ArrivalTime, b.DepartureTime = pms.Clock{}, pms.Clock{}
	}
}

// property is what the vendor says of a unit: six decimals of coordinates.
func property(w *sandbox.World, p *pms.Property) bool {
	p.Latitude, p.Longitude = math.Round(p.Latitude*1e6)/1e6, math.Round(p.Longitude*1e6)/1e6
	p.ParentID, p.TimeZone, p.Cleanliness = "", w.Zone().String(), pms.CleanlinessUnknown
	return true
}
