package escapia_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/escapia"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

const (
	clientID = "canary-client+id 51f2"
	secret   = "canary/client+secret=key 7c1d"

	apiPath = "/dragomanadapter/hsapi/"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	cfg := escapia.Config{ClientID: clientID, ClientSecret: secret, PMCID: "1020"}
	pmstest.Run(t, pmstest.Harness{
		Config:  cfg,
		Secrets: []string{clientID, secret},
		Connect: func(k pmstest.Knobs) (pms.Connector, error) {
			cfg := cfg
			cfg.TimeZone = k.World.Zone().String()
			cfg.BaseURL, cfg.HTTPClient, cfg.Logger = k.BaseURL, k.HTTPClient, k.Logger
			cfg.Limiter, cfg.MaxRetries, cfg.MaxWait = k.Limiter, k.MaxRetries, k.MaxWait
			return escapia.New(cfg)
		},
		Serve: func(w *sandbox.World, _ *http.Client) http.Handler {
			return sandbox.NewEscapia(w, sandbox.EscapiaOptions{ClientID: clientID, ClientSecret: secret})
		},
		IsBookings: ends("/SearchReservationSummaries"),
		IsLogin:    ends("/auth/token"),
		IsWrite:    ends("/SaveUnitHousekeepingStatus"),
		Booking:    listed,
		Property: func(w *sandbox.World, p *pms.Property) bool {
			p.ParentID, p.TimeZone = "", w.Zone().String()
			p.CheckIn, p.CheckOut = pms.Clock{}, pms.Clock{}
			return true
		},
		Records: pmstest.Records{List: "results", ID: "nativePMSID", Arrival: []string{"stayDateRange.startDate"}},
		Disguised: map[string]error{
			`{"failureDiagnosis":{"displayMessage":"Something went wrong","internalMessage":"x"}}`:     pms.ErrInvalid,
			`{"$id":"1","displayMessage":null,"internalMessage":"Something went wrong"}`:               pms.ErrInvalid,
			`{"results":[],"totalCount":0,"failureDiagnosis":{"displayMessage":"Something happened"}}`: pms.ErrInvalid,
		},
		Skip: map[string]string{
			"unknown-status": "the list has no status: it is read by id, see TestUnknownWords",
		},
	})
}

func ends(suffix string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, suffix) }
}

// listed is what the vendor says of a stay: one unit, no inquiries, no-shows,
// infants, pets, languages and currencies, and no stamp of change.
func listed(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool {
	if b.Arrival != s.Arrival || s.Status == pms.StatusInquiry {
		return false
	}
	b.ID, b.GroupID, b.PropertyID, b.TimeZone = s.ID, "", s.UnitID, w.Zone().String()
	b.Departure, b.DepartureTime = s.Departure, s.DepartureTime
	b.Status, b.RawStatus = status(s.Status)
	b.Guests = pms.Guests{Adults: s.Guests.Adults, Children: s.Guests.Children + s.Guests.Infants}
	b.Guests.Total = b.Guests.Adults + b.Guests.Children
	b.Guest.Language = ""
	if b.Channel == "direct" {
		b.Channel = ""
	}
	b.Code = "RES-" + s.ID
	b.Total.Currency = ""
	if b.Total.Amount == "" {
		b.Total.Amount = "0"
	}
	b.Notes = strings.TrimSpace(s.Notes + "\n" + s.Reason)
	b.CreatedAt, b.UpdatedAt = b.CreatedAt.Truncate(time.Second), time.Time{}
	return true
}

func status(s pms.Status) (pms.Status, string) {
	switch s {
	case pms.StatusCancelled:
		return s, "Cancelled"
	case pms.StatusTentative:
		return s, "Unconfirmed"
	case pms.StatusCheckedIn:
		return s, "CheckedIn"
	case pms.StatusCheckedOut:
		return s, "CheckedOut"
	default:
		return pms.StatusConfirmed, "Confirmed"
	}
}
