package hostaway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/hostaway"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const (
	account  = 40077
	secret   = "canary/client+secret=key 7c1d"
	login    = "changeover"
	password = "canary-webhook-password-51f2"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	h := harness(false)
	h.Booking = listed
	h.Property = func(_ *sandbox.World, p *pms.Property) bool {
		p.ParentID = ""
		return true
	}
	pmstest.Run(t, h)
}

// TestConformanceMultiUnit: the listings are unit types.
func TestConformanceMultiUnit(t *testing.T) {
	t.Parallel()
	h := harness(true)
	h.Booking = func(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
		if s.Kind == pms.KindBlock || !listed(w, s, b) {
			return false
		}
		home, ok := w.Property(s.UnitID)
		if ok {
			b.PropertyID = home.ParentID + "/" + s.UnitID
			b.Code = code(s, home.ParentID)
		}
		return true
	}
	h.Property = func(w *sandbox.World, p *pms.Property) bool {
		for _, unit := range w.Units() {
			if unit.ID == p.ID {
				p.Name = unit.ParentName + ", " + p.Name
			}
			if unit.ParentID == p.ParentID { // what the units share is that of the first
				first := firstOf(w, unit.ParentID)
				p.Address, p.Latitude, p.Longitude = first.Address, first.Latitude, first.Longitude
			}
		}
		p.ID, p.Cleanliness = p.ParentID+"/"+p.ID, pms.CleanlinessUnknown
		return true
	}
	const ofUnits = "the scenario names a unit by its own id; Hostaway's are listing and unit, see TestUnits"
	h.Skip["info-data"] = "a single blocked unit of a listing is not told"
	h.Skip["set-cleanliness"] = "Hostaway keeps the cleanliness of listings and of no units"
	h.Skip["write-not-repeated"] = h.Skip["set-cleanliness"]
	for _, name := range []string{"filter-units", "filter-combined", "page-of-others", "webhook"} {
		h.Skip[name] = ofUnits
	}
	pmstest.Run(t, h)
}

func firstOf(w *sandbox.World, parent string) sandbox.Property {
	for _, unit := range w.Units() {
		if unit.ParentID == parent {
			return unit
		}
	}
	return sandbox.Property{}
}

const warmUp = "a new token works after a second, so that the first call takes one; see TestWaits"

func harness(multi bool) pmstest.Harness {
	cfg := hostaway.Config{AccountID: "40077", ClientSecret: secret, WebhookLogin: login, WebhookPassword: password}
	return pmstest.Harness{
		Config:  cfg,
		Secrets: []string{secret, password},
		Connect: func(k pmstest.Knobs) (pms.Connector, error) {
			cfg := cfg
			cfg.BaseURL, cfg.HTTPClient, cfg.Logger = k.BaseURL, k.HTTPClient, k.Logger
			cfg.Limiter, cfg.MaxRetries, cfg.MaxWait = k.Limiter, k.MaxRetries, k.MaxWait
			return hostaway.New(cfg)
		},
		Serve: func(w *sandbox.World, hooks *http.Client) http.Handler {
			return sandbox.NewHostaway(w, sandbox.HostawayOptions{
				AccountID: account, ClientSecret: secret, MultiUnit: multi, HTTPClient: hooks,
				Webhooks: []sandbox.HostawayWebhook{{URL: "https://host.example/hooks/hostaway", Login: login, Password: password}},
			})
		},
		IsBookings: sandbox.Path("/v1/reservations"),
		IsLogin:    sandbox.Path("/v1/accessTokens"),
		IsWrite:    sandbox.Method(http.MethodPut),
		Detail: func(_ *sandbox.World, s sandbox.Stay, b *pms.Booking) {
			if s.Status == pms.StatusNoShow {
				b.Status = pms.StatusNoShow
			}
		},
		Records: pmstest.Records{List: "result", ID: "id", Arrival: []string{"arrivalDate"}, Status: []string{"status"}},
		Disguised: map[string]error{
			`{"status":"fail","result":"Something went wrong"}`:       pms.ErrInvalid,
			`{"result":"Something went wrong","status":"fail"}`:       pms.ErrInvalid,
			`{"status":"fail","message":"Something else went wrong"}`: pms.ErrInvalid,
		},
		Skip: map[string]string{
			"forbidden":             "Hostaway answers 403 when the token is dead; see TestForbidden",
			"retry-after-too-long":  warmUp,
			"deadline-before-retry": warmUp,
		},
	}
}

// listed is what the list says of a stay: whole hours, the listing of the first
// night, no states of being in house or gone, no zone.
func listed(_ *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
	if b.Arrival != s.Arrival {
		return false
	}
	if b.Kind == pms.KindBlock {
		*b = pms.Booking{
			Vendor: b.Vendor, ID: "block-" + s.UnitID + "-" + s.Arrival.String(), PropertyID: s.UnitID, Kind: pms.KindBlock,
			Status: b.Status, RawStatus: "blocked", Arrival: s.Arrival, Departure: s.Departure, Notes: s.Reason,
		}
		return b.Status != pms.StatusCancelled
	}
	b.ID, b.GroupID, b.PropertyID, b.TimeZone = s.ID, "", s.UnitID, ""
	b.Departure, b.ArrivalTime, b.DepartureTime = s.Departure, wholeHour(s.ArrivalTime), wholeHour(s.DepartureTime)
	b.Status, b.RawStatus = status(s)
	switch b.Channel {
	case "airbnb", "booking", "vrbo", "direct":
	default:
		b.Channel = "partner"
	}
	b.Code = code(s, s.UnitID)
	if b.Total.Amount == "" {
		b.Total = pms.Money{}
	}
	b.CreatedAt, b.UpdatedAt = b.CreatedAt.Truncate(time.Second), b.UpdatedAt.Truncate(time.Second)
	b.Notes = strings.TrimSpace(b.Notes)
	return true
}

// code is Airbnb's, or that of the channel in Hostaway's form.
func code(s sandbox.Stay, listing string) string {
	channel := map[string]int{"airbnb": 2018, "booking": 2005, "vrbo": 2002, "direct": 2000}[s.Channel]
	switch {
	case s.Channel == "airbnb" && s.ChannelCode != "":
		return s.ChannelCode
	case channel == 0:
		channel = 2020
	}
	if listing == "" {
		listing = "0"
	}
	last := s.Code
	if s.ChannelCode != "" {
		last = s.ChannelCode
	}
	return fmt.Sprintf("%d-%s-%d-%s", account, listing, channel, last)
}

func status(s sandbox.Stay) (pms.Status, string) {
	switch {
	case s.Status == pms.StatusCancelled:
		return pms.StatusCancelled, "cancelled"
	case s.Status == pms.StatusInquiry:
		return pms.StatusInquiry, "inquiry"
	case s.Status == pms.StatusTentative:
		return pms.StatusTentative, "awaitingPayment"
	case s.Kind == pms.KindOwner:
		return pms.StatusConfirmed, "ownerStay"
	case s.UpdatedAt.After(s.CreatedAt):
		return pms.StatusConfirmed, "modified"
	default:
		return pms.StatusConfirmed, "new"
	}
}

func wholeHour(c pms.Clock) pms.Clock {
	if c.IsZero() {
		return c
	}
	whole, err := pms.NewClock(c.Hour(), 0)
	if err != nil {
		panic(err)
	}
	return whole
}
