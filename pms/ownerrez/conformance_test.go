package ownerrez_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/oauth"
	"github.com/changeover-sdk/changeover/pms/ownerrez"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const (
	username     = "canary+owner@example.com"
	token        = "pt_canary/token+7c1d"
	clientID     = "c_canaryclient9e83"
	clientSecret = "s_canary/secret+key 9e83"
	refreshToken = "rt_canary-refresh-51f2"
	hookUser     = "changeover"
	hookPassword = "canary-webhook-password-51f2"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	h := harness(ownerrez.Config{Username: username, Token: token}, sandbox.OwnerRezOptions{})
	h.Secrets = []string{token, hookPassword, pair(username, token)}
	h.Booking = listed
	pmstest.Run(t, h)
}

// TestConformanceOAuth: an OAuth app, guests in full, properties without zones,
// thin webhooks.
func TestConformanceOAuth(t *testing.T) {
	t.Parallel()
	h := harness(
		ownerrez.Config{ClientID: clientID, ClientSecret: clientSecret, UserID: "4711", Guests: true},
		sandbox.OwnerRezOptions{NoZones: true, ThinWebhooks: true},
	)
	h.Secrets = []string{clientSecret, hookPassword, pair(url.QueryEscape(clientID), url.QueryEscape(clientSecret))}
	h.IsLogin = sandbox.Path("/oauth/access_token")
	h.Booking = func(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
		there := listed(w, s, b)
		b.Guest.Email, b.Guest.Phone = s.Guest.Email, s.Guest.Phone
		return there
	}
	pmstest.Run(t, h)
}

// pair is what a header of HTTP Basic holds.
func pair(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

func harness(cfg ownerrez.Config, o sandbox.OwnerRezOptions) pmstest.Harness {
	cfg.WebhookUser, cfg.WebhookPassword = hookUser, hookPassword
	o.Username, o.Token, o.ClientID, o.ClientSecret, o.RefreshToken = username, token, clientID, clientSecret, refreshToken
	o.Webhooks, o.WebhookUser, o.WebhookPassword = []string{"https://host.example/hooks/ownerrez"}, hookUser, hookPassword
	return pmstest.Harness{
		Config: cfg,
		Connect: func(k pmstest.Knobs) (pms.Connector, error) {
			cfg := cfg
			cfg.BaseURL, cfg.HTTPClient, cfg.Logger = k.BaseURL, k.HTTPClient, k.Logger
			cfg.Limiter, cfg.MaxRetries, cfg.MaxWait = k.Limiter, k.MaxRetries, k.MaxWait
			cfg.TokenStore = oauth.NewMemoryStore(&oauth2.Token{RefreshToken: refreshToken}, nil)
			return ownerrez.New(cfg)
		},
		Serve: func(w *sandbox.World, hooks *http.Client) http.Handler {
			o := o
			o.HTTPClient = hooks
			return sandbox.NewOwnerRez(w, o)
		},
		IsBookings: sandbox.Path("/v2/bookings"),
		Property: func(_ *sandbox.World, p *pms.Property) bool {
			p.ParentID, p.Cleanliness = "", pms.CleanlinessUnknown
			return true
		},
		Records: pmstest.Records{List: "items", ID: "id", Arrival: []string{"arrival"}, Status: []string{"status"}},
	}
}

// listed is what the list says of a stay: the property of today, the times of
// the property where the stay has none, and three words for the status. A stay
// without a unit is not listed.
func listed(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
	if s.UnitID == "" || b.Arrival != s.Arrival {
		return false
	}
	b.ID, b.GroupID, b.PropertyID, b.TimeZone = s.ID, "", s.UnitID, ""
	for _, move := range s.Moves {
		if !move.Date.After(w.Today()) {
			b.PropertyID = move.UnitID
		}
	}
	b.Departure, b.ArrivalTime, b.DepartureTime = s.Departure, s.ArrivalTime, s.DepartureTime
	b.Status, b.RawStatus = pms.StatusConfirmed, "active"
	switch s.Status {
	case pms.StatusCancelled:
		b.Status, b.RawStatus = pms.StatusCancelled, "canceled"
	case pms.StatusTentative:
		b.Status, b.RawStatus = pms.StatusTentative, "pending"
	case pms.StatusInquiry:
		b.Status = pms.StatusInquiry
	default:
	}
	b.Code, b.Notes = s.ChannelCode, strings.TrimSpace(s.Notes)
	b.CreatedAt, b.UpdatedAt = s.CreatedAt.Truncate(time.Second), s.UpdatedAt.Truncate(time.Second)
	b.Guest.Phone, b.Guest.Language = "", ""
	if s.ChannelCode == "" { // there is no channel that relays mail
		b.Guest.Email = ""
	}
	if s.Kind == pms.KindBlock {
		b.Notes = s.Reason
		return true
	}
	unit, _ := w.Property(b.PropertyID)
	if b.ArrivalTime.IsZero() {
		b.ArrivalTime = unit.CheckIn
	}
	if b.DepartureTime.IsZero() {
		b.DepartureTime = unit.CheckOut
	}
	if b.Channel == "direct" {
		b.Channel = ""
	}
	if b.Total.Amount == "" {
		b.Total.Amount = "0"
	}
	return true
}
