package realtycalendar_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
	"github.com/changeover-sdk/changeover/realtycalendar"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	cfg := realtycalendar.Config{
		PublicKey: "canary/public+key 7c1d", PrivateKey: "canary-private-9e83",
		AccountID: "20002", WebhookSecret: "canary-webhook-secret-51f2",
	}
	path, err := realtycalendar.NewWebhookPath(string(cfg.AccountID), cfg.WebhookSecret)
	require.NoError(t, err)
	pmstest.Run(t, pmstest.Harness{
		Config:  cfg,
		Secrets: []string{cfg.PublicKey, cfg.PrivateKey, cfg.WebhookSecret},
		Connect: func(k pmstest.Knobs) (pms.Connector, error) {
			cfg := cfg
			cfg.TimeZone = k.World.Zone().String()
			cfg.BaseURL, cfg.HTTPClient, cfg.Logger = k.BaseURL, k.HTTPClient, k.Logger
			cfg.Limiter, cfg.MaxRetries, cfg.MaxWait = k.Limiter, k.MaxRetries, k.MaxWait
			return realtycalendar.New(cfg)
		},
		Serve: func(w *sandbox.World, hooks *http.Client) http.Handler {
			return sandbox.NewRealtyCalendar(w, sandbox.RealtyCalendarOptions{
				PublicKey: cfg.PublicKey, PrivateKey: cfg.PrivateKey, HTTPClient: hooks,
				Webhooks: []string{"https://host.example/hooks/" + path},
			})
		},
		IsBookings: sandbox.Path("/api/v1/bookings"),
		PageSize:   -1,
		Booking:    listed,
		Property:   learnt,
		Records:    pmstest.Records{List: "bookings", ID: "id", Arrival: []string{"begin_date"}, Status: []string{"status"}},
		Disguised: map[string]error{
			`{"errors":{"sign":["Sign key isn't correct"]}}`: pms.ErrUnauthorized,
			`{"errors":{"begin_date":["is invalid"]}}`:       pms.ErrInvalid,
			`{"status":404,"error":"Not Found"}`:             pms.ErrUnauthorized,
		},
		Skip: map[string]string{
			"info-data":                  "stay times come with webhooks, not with the list",
			"filter-updated-since":       undated,
			"filter-updated-since-exact": undated,
			"filter-combined":            undated,
			"fault-too-large":            "a window too large for one answer is read again in parts; see TestLargeWindowIsCut",
		},
	})
}

const undated = "the vendor filters by day of modification and states no stamps; see TestListSinceAChange"

// listed is what the list says of a booking: its unit of today, and no times,
// channel, code or stamps.
func listed(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
	if b.Kind == pms.KindBlock || b.Arrival != s.Arrival {
		return false
	}
	id := s.UnitID
	for _, move := range s.Moves {
		if !move.Date.After(w.Today()) {
			id = move.UnitID
		}
	}
	status, word := pms.StatusConfirmed, "booked"
	switch s.Status {
	case pms.StatusInquiry, pms.StatusTentative:
		status, word = pms.StatusInquiry, "request"
	case pms.StatusCancelled, pms.StatusNoShow:
		status, word = pms.StatusCancelled, "canceled"
	case pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut, pms.StatusUnknown:
	}
	*b = pms.Booking{
		Vendor: b.Vendor, ID: s.ID, PropertyID: id, Kind: pms.KindGuest, Status: status, RawStatus: word,
		Arrival: s.Arrival, Departure: s.Departure, TimeZone: w.Zone().String(),
		Guest: pms.Guest{Name: b.Guest.Name, Email: b.Guest.Email, Phone: b.Guest.Phone},
		Total: pms.Money{Amount: b.Total.Amount, Currency: "RUB"},
	}
	if b.Total.Amount == "" {
		b.Total.Amount = "0"
	}
	return true
}

// learnt is what the list's bookings say of a lot: its number.
func learnt(w *sandbox.World, p *pms.Property) bool {
	booked := false
	for _, s := range w.Stays() {
		var b pms.Booking
		b.Kind, b.Arrival = s.Kind, s.Arrival
		near := !s.Departure.Before(w.Today().AddDays(-90)) && !s.Arrival.After(w.Today().AddDays(365))
		booked = booked || near && listed(w, s, &b) && b.PropertyID == p.ID
	}
	*p = pms.Property{
		Vendor: p.Vendor, ID: p.ID, TimeZone: w.Zone().String(), Status: pms.PropertyUnknown, Cleanliness: pms.CleanlinessUnknown,
	}
	return booked
}
