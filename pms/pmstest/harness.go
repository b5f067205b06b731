package pmstest

import (
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// Harness is all that [Run] has to know about a connector and its vendor.
// Connect is required; a connector that speaks HTTP needs Serve, IsBookings and
// Secrets too.
type Harness struct {
	// Connect returns a connector of the account that Serve serves. It copies
	// the knobs into the connector's Config.
	Connect func(k Knobs) (pms.Connector, error)
	// Serve returns the vendor's stand-in for a world, with its rate limits on.
	// The stand-in posts its webhooks through hooks, whatever their URL is: the
	// suite receives them. Nil means a connector without HTTP, of which only
	// the answers are checked.
	Serve func(w *sandbox.World, hooks *http.Client) http.Handler

	// Secrets are the secret values of the Config that Connect uses, at least
	// 8 characters each. What the connector sends as a token is found by the
	// suite itself.
	Secrets []string
	// Config, if set, is that Config: it is printed in every way.
	Config any

	// IsBookings recognises the requests that read bookings. IsLogin recognises
	// those that get a token or session; nil means that the credentials do not
	// expire. IsWrite recognises the one of SetCleanliness. None of them may
	// read the body.
	IsBookings, IsLogin, IsWrite func(*http.Request) bool

	// PageSize tells how the vendor pages bookings: 0, any [pms.BookingQuery]
	// Limit is honoured; n, pages of at least n; -1, lists come whole.
	PageSize int

	// Booking turns a booking of the truth into what this vendor's list can
	// say of it, and reports false for one that it does not list. S is the stay
	// behind it. Vendor is set already. Nil changes nothing.
	Booking func(w *sandbox.World, s sandbox.Stay, b *pms.Booking) bool
	// Detail then turns it into what [pms.GetBooking] says. The ID is the
	// list's. Nil changes nothing.
	Detail func(w *sandbox.World, s sandbox.Stay, b *pms.Booking)
	// Property does for properties what Booking does for bookings.
	Property func(w *sandbox.World, p *pms.Property) bool
	// UnknownID is an id in the vendor's form that no booking has; empty means
	// "999999999".
	UnknownID string

	// Records describes a list of bookings in JSON. A vendor that does not
	// speak JSON sets BreakRecord and UnknownStatus instead.
	Records Records
	// BreakRecord spoils one booking in an answer so that it cannot be read,
	// and returns its vendor id. An answer without bookings is returned as it
	// is, with an empty id.
	BreakRecord func(body []byte) (broken []byte, id string)
	// UnknownStatus gives one booking the status word and returns its vendor
	// id.
	UnknownStatus func(body []byte, word string) (changed []byte, id string)
	// Disguised are bodies under status 200 by which the vendor reports a
	// failure, each with the sentinel it stands for.
	Disguised map[string]error

	// Skip leaves out scenarios, each with the reason why the vendor cannot
	// pass it. The reason is printed.
	Skip map[string]string
}

// Knobs are the settings that every connector has. Connect copies them as they
// are.
type Knobs struct {
	// World is the world of the account: its zone, say, goes into a Config with
	// a time zone.
	World      *sandbox.World
	BaseURL    string
	HTTPClient *http.Client
	Logger     *slog.Logger
	Limiter    pms.Limiter
	MaxRetries int
	MaxWait    time.Duration
}

// scenario is one thing that must hold.
type scenario struct {
	name string
	play func(s *scene)
	// needs tells why the harness cannot play it, or "".
	needs func(h Harness) string
}

// Run checks that a connector keeps the contract of [pms.Connector], and every
// promise that pms makes for all connectors. Each scenario is a subtest.
func Run(t *testing.T, h Harness) {
	t.Helper()
	if h.Connect == nil {
		t.Fatal("pmstest: Harness.Connect is required")
	}
	if h.Serve != nil && (h.IsBookings == nil || len(h.Secrets) == 0) {
		t.Fatal("pmstest: a Harness with Serve needs IsBookings and Secrets")
	}
	all := scenarios()
	for name, reason := range h.Skip {
		known := slices.ContainsFunc(all, func(sc scenario) bool { return sc.name == name })
		if !known || reason == "" {
			t.Errorf("pmstest: Skip %q: no such scenario, or no reason", name)
		}
	}
	for _, sc := range all {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			if reason := sc.skipped(h); reason != "" {
				t.Skip(reason)
			}
			for _, problem := range play(t, h, sc) {
				t.Error(problem)
			}
		})
	}
}

func (sc scenario) skipped(h Harness) string {
	if reason := h.Skip[sc.name]; reason != "" {
		return reason
	}
	if sc.needs != nil {
		return sc.needs(h)
	}
	return ""
}

// scenarios are all there are, in order.
func scenarios() []scenario {
	return slices.Concat(
		infoScenarios(), listScenarios(), stayScenarios(), filterScenarios(), powerScenarios(), syncScenarios(),
		pagingScenarios(), recordScenarios(), faultScenarios(), waitScenarios(), authScenarios(), secretScenarios(),
	)
}

// The conditions of scenarios.

func needsHTTP(h Harness) string {
	if h.Serve == nil {
		return "the connector does not speak HTTP"
	}
	return ""
}

func needsPages(h Harness) string {
	if h.Serve != nil && h.PageSize < 0 {
		return "the vendor does not page"
	}
	return needsHTTP(h)
}

func needsLogin(h Harness) string {
	if h.Serve != nil && h.IsLogin == nil {
		return "the credentials do not expire"
	}
	return needsHTTP(h)
}

func needsWrite(h Harness) string {
	if h.Serve != nil && h.IsWrite == nil {
		return "the vendor takes no cleanliness"
	}
	return needsHTTP(h)
}

func needsJSON(h Harness) string {
	if h.Serve != nil && h.Records.ID == "" {
		return "the vendor does not speak JSON"
	}
	return needsHTTP(h)
}
