package bnovo_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/bnovo"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const (
	hookSecret  = "canary-webhook-secret-51f2"
	oldSecret   = "canary-previous-secret-0b7e"
	openKey     = "canary/open+api=key 7c1d"
	sessionName = "5f0c1a2b3d4e6+24@customapp.bnovo.ru"
	sessionPass = "canary-session-9e83"
)

func TestConformanceOpenAPI(t *testing.T) {
	t.Parallel()
	cfg := bnovo.Config{ID: "9001", Password: openKey}
	h := harness(t, cfg, "9001", "/api/v1/rooms/{room}/clean")
	h.Secrets = []string{openKey, hookSecret, oldSecret}
	h.IsBookings = sandbox.Path("/api/v1/bookings")
	h.IsLogin = sandbox.Path("/api/v1/auth")
	h.Booking = openBooking
	h.Detail = func(_ *sandbox.World, _ sandbox.Stay, b *pms.Booking) { b.Notes = "" }
	h.Records = pmstest.Records{
		List: "data.bookings", ID: "id",
		Arrival: []string{"dates.arrival", "dates.real_arrival"}, Status: []string{"status.id", "status.name"},
	}
	h.Skip = map[string]string{
		"filter-updated-since":       undated,
		"filter-updated-since-exact": undated,
		"filter-combined":            undated,
	}
	h.Disguised = map[string]error{
		`{"error":{"code":429,"message":"Too many requests"}}`: pms.ErrRateLimited,
		`{"error":{"code":406,"message":"Validation error"}}`:  pms.ErrInvalid,
	}
	pmstest.Run(t, h)
}

func TestConformanceSessionAPI(t *testing.T) {
	t.Parallel()
	cfg := bnovo.Config{Username: sessionName, Password: sessionPass}
	h := harness(t, cfg, sessionName, "/room/{room}/clean")
	h.Secrets = []string{sessionName, sessionPass, hookSecret, oldSecret}
	h.IsBookings = sandbox.Path("/planning/bookings")
	h.IsLogin = func(r *http.Request) bool { return r.URL.Path == "/" }
	h.PageSize = -1
	h.Booking = sessionBooking
	h.Detail = func(_ *sandbox.World, s sandbox.Stay, b *pms.Booking) {
		b.CreatedAt, b.UpdatedAt = s.CreatedAt.Truncate(time.Second), s.UpdatedAt.Truncate(time.Second)
	}
	h.Records = pmstest.Records{
		List: "result", ID: "booking_id",
		Arrival: []string{"real_arrival"}, Status: []string{"status_id", "status_name"},
	}
	h.Disguised = map[string]error{"session_expired": pms.ErrUnauthorized}
	h.Skip = map[string]string{"forbidden": "the session API answers 403 when the session has ended"}
	pmstest.Run(t, h)
}

const undated = "stamps of change carry no offset, so up to a day more than asked comes; see TestChangesAreFoundInAnyZone"

// harness is what both interfaces have in common.
func harness(t *testing.T, cfg bnovo.Config, account, cleanPath string) pmstest.Harness {
	t.Helper()
	path, err := bnovo.NewWebhookPath(account, hookSecret)
	require.NoError(t, err)
	cfg.WebhookSecret, cfg.PreviousWebhookSecret = hookSecret, oldSecret
	cfg.Cleanliness = &bnovo.CleanlinessCall{
		Path: cleanPath, Body: json.RawMessage(`{"status":"{status}"}`),
		Words: map[pms.Cleanliness]string{pms.Clean: "clean", pms.Dirty: "dirty"},
	}
	return pmstest.Harness{
		Config: cfg,
		Connect: func(k pmstest.Knobs) (pms.Connector, error) {
			cfg := cfg
			cfg.TimeZone = k.World.Zone().String()
			cfg.BaseURL, cfg.HTTPClient, cfg.Logger = k.BaseURL, k.HTTPClient, k.Logger
			cfg.Limiter, cfg.MaxRetries, cfg.MaxWait = k.Limiter, k.MaxRetries, k.MaxWait
			return bnovo.New(cfg)
		},
		Serve: func(w *sandbox.World, hooks *http.Client) http.Handler {
			return sandbox.NewBnovo(w, sandbox.BnovoOptions{
				Password: openKey, Username: sessionName, UserPassword: sessionPass, HTTPClient: hooks,
				Webhooks:   []sandbox.BnovoWebhook{{Type: "booking", URL: "https://host.example/hooks/" + path}},
				CleanWords: cfg.Cleanliness.Words, Extra: cleaning(w, cleanPath),
			})
		},
		IsWrite: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/clean") },
		Property: func(w *sandbox.World, p *pms.Property) bool {
			*p = pms.Property{
				Vendor: p.Vendor, ID: p.ID, ParentID: p.ParentID, Name: p.Name, TimeZone: w.Zone().String(),
				Status: pms.PropertyUnknown, Cleanliness: p.Cleanliness,
			}
			return true
		},
	}
}

// cleaning takes the call that Config.Cleanliness describes.
func cleaning(w *sandbox.World, path string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+path, func(rw http.ResponseWriter, r *http.Request) {
		var body struct {
			Status pms.Cleanliness `json:"status"`
		}
		if json.NewDecoder(r.Body).Decode(&body) != nil || w.SetCleanliness(r.PathValue("room"), body.Status) != nil {
			http.Error(rw, "no", http.StatusNotAcceptable)
		}
	})
	return mux
}

// openBooking is what the open API says of a booking.
func openBooking(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
	home, ok := w.Property(s.UnitID)
	if !ok {
		home.CheckIn, home.CheckOut = clock(14), clock(12)
	}
	b.TimeZone = w.Zone().String()
	if b.Arrival == s.Arrival && b.ArrivalTime.IsZero() {
		b.ArrivalTime = home.CheckIn
	}
	if b.Departure == s.Departure && b.DepartureTime.IsZero() {
		b.DepartureTime = home.CheckOut
	}
	b.CreatedAt, b.UpdatedAt = b.CreatedAt.Truncate(time.Second), b.UpdatedAt.Truncate(time.Second)
	if b.Kind == pms.KindBlock {
		b.ID, b.RawStatus = "closure-"+s.ID, s.Reason
		b.CreatedAt, b.UpdatedAt = time.Time{}, time.Time{}
		return b.Status != pms.StatusCancelled
	}
	switch b.Status {
	case pms.StatusTentative:
		b.Status = pms.StatusInquiry
	case pms.StatusNoShow:
		b.Status = pms.StatusCancelled
	default:
	}
	b.RawStatus = map[pms.Status]string{
		pms.StatusConfirmed: "Новое", pms.StatusCancelled: "Отменен", pms.StatusCheckedIn: "Заселен",
		pms.StatusCheckedOut: "Выехал", pms.StatusInquiry: "На рассмотрении",
	}[b.Status]
	b.Kind = pms.KindGuest
	b.Guests.Children, b.Guests.Infants, b.Guests.Pets = b.Guests.Children+b.Guests.Infants, 0, 0
	if b.Channel == "ostrovok" {
		b.Channel = "ostrovok.ru"
	}
	if s.ChannelCode != "" {
		b.Code = s.ChannelCode
	}
	b.Total.Currency = ""
	if b.Total.Amount == "" {
		b.Total.Amount = "0"
	}
	return true
}

// sessionBooking is what the session API says of a booking: one room, no
// stamps.
func sessionBooking(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
	if b.Arrival != s.Arrival {
		return false
	}
	b.Departure, b.DepartureTime = s.Departure, s.DepartureTime
	if b.GroupID != "" {
		b.ID, b.GroupID = b.GroupID, ""
	}
	if !openBooking(w, s, b) {
		return false
	}
	b.CreatedAt, b.UpdatedAt = time.Time{}, time.Time{}
	if b.Kind == pms.KindBlock {
		b.ArrivalTime, b.DepartureTime = pms.Clock{}, pms.Clock{}
		return true
	}
	b.Code = s.Code
	if !strings.Contains(b.Total.Amount, ".") {
		b.Total.Amount += ".00"
	}
	return true
}

func clock(hour int) pms.Clock {
	c, err := pms.NewClock(hour, 0)
	if err != nil {
		panic(fmt.Sprint(err))
	}
	return c
}
