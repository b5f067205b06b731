package smoobu_test

import (
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
	"github.com/changeover-sdk/changeover/pms/smoobu"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	cfg := smoobu.Config{
		APIKey: "canary/usr_live+key=7c1d", APISecret: "canary secret 9e83",
		UserID: "7", WebhookSecret: "canary-webhook-secret-51f2", PreviousWebhookSecret: "canary-webhook-secret-old",
	}
	path, err := smoobu.NewWebhookPath(string(cfg.UserID), cfg.WebhookSecret)
	require.NoError(t, err)
	pmstest.Run(t, pmstest.Harness{
		Config:  cfg,
		Secrets: []string{cfg.APIKey, cfg.APISecret, cfg.WebhookSecret, cfg.PreviousWebhookSecret},
		Connect: func(k pmstest.Knobs) (pms.Connector, error) {
			cfg := cfg
			cfg.TimeZone = k.World.Zone().String()
			cfg.BaseURL, cfg.HTTPClient, cfg.Logger = k.BaseURL, k.HTTPClient, k.Logger
			cfg.Limiter, cfg.MaxRetries, cfg.MaxWait = k.Limiter, k.MaxRetries, k.MaxWait
			return smoobu.New(cfg)
		},
		Serve: func(w *sandbox.World, hooks *http.Client) http.Handler {
			return sandbox.NewSmoobu(w, sandbox.SmoobuOptions{
				APIKey: cfg.APIKey, APISecret: cfg.APISecret, UserID: 7, MaxSkew: time.Minute,
				Webhooks: []string{"https://host.example/hooks/" + path}, HTTPClient: hooks,
			})
		},
		IsBookings: sandbox.Path("/api/reservations"),
		Booking:    listed,
		Property:   apartment,
		Records:    pmstest.Records{List: "bookings", ID: "id", Arrival: []string{"arrival"}, Status: []string{"type"}},
		Disguised: map[string]error{
			`{"title":"Error occurred","detail":"verification error"}`: pms.ErrUnauthorized,
			`{"title":"Error occurred","detail":"something else"}`:     pms.ErrUnavailable,
		},
		Skip: map[string]string{
			"filter-updated-since":       undated,
			"filter-updated-since-exact": undated,
			"filter-combined":            undated,
		},
	})
}

const undated = "the vendor filters by day of modification and does not state the zone of its stamps; see TestListSinceAChange"

// listed is what the list says of a reservation: one apartment, that of today,
// and no words for holds, owners, infants, pets and currency.
func listed(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
	if s.Status == pms.StatusInquiry || b.Arrival != s.Arrival {
		return false
	}
	b.ID, b.GroupID, b.PropertyID = s.ID, "", s.UnitID
	for _, move := range s.Moves {
		if !move.Date.After(w.Today()) {
			b.PropertyID = move.UnitID
		}
	}
	b.Departure, b.DepartureTime, b.TimeZone = s.Departure, s.DepartureTime, ""
	switch {
	case s.Status == pms.StatusCancelled:
		b.RawStatus = "cancellation"
	case s.UpdatedAt.After(s.CreatedAt):
		b.Status, b.RawStatus = pms.StatusConfirmed, "modification of booking"
	default:
		b.Status, b.RawStatus = pms.StatusConfirmed, "reservation"
	}
	if b.Kind != pms.KindGuest {
		b.Kind, b.Channel = pms.KindBlock, ""
		if b.Notes == "" {
			b.Notes = s.Reason
		}
	}
	b.Code = s.ChannelCode
	b.Guests.Children, b.Guests.Infants, b.Guests.Pets = b.Guests.Children+b.Guests.Infants, 0, 0
	b.Total.Currency = ""
	if b.Total.Amount == "" {
		b.Total.Amount = "0"
	}
	b.CreatedAt = s.CreatedAt.Truncate(time.Minute)
	b.UpdatedAt = s.UpdatedAt.Truncate(time.Second)
	if last := s.ID[len(s.ID)-1]; last%2 == 1 { // the digits follow their codes
		b.UpdatedAt = s.UpdatedAt.Truncate(time.Minute)
	}
	return true
}

// apartment is what the vendor says of a unit: coordinates with 13 decimals, no
// type, no clock times, and the country by name.
func apartment(_ *sandbox.World, p *pms.Property) bool {
	p.Latitude, p.Longitude = math.Round(p.Latitude*1e13)/1e13, math.Round(p.Longitude*1e13)/1e13
	p.ParentID, p.CheckIn, p.CheckOut = "", pms.Clock{}, pms.Clock{}
	if p.Address.Country == "RU" {
		p.Address.Country = "Russia"
	}
	p.Status, p.Cleanliness = pms.PropertyUnknown, pms.CleanlinessUnknown
	return true
}
