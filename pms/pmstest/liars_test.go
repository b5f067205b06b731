package pmstest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/pms"
)

func TestAnHonestConnectorPasses(t *testing.T) {
	t.Parallel()
	Run(t, miniHarness(""))
}

// TestLiarsAreCaught: each lie fails the scenarios that are there for it.
func TestLiarsAreCaught(t *testing.T) {
	t.Parallel()
	for lie, scenarios := range map[string][]string{
		"drops a page on error":          {"fault-status-500", "fault-html-200", "fault-reset-in-body"},
		"empty for HTML":                 {"fault-html-200", "fault-empty-200", "fault-body-object"},
		"ignores the window":             {"filter-window", "filter-combined"},
		"window by arrival":              {"filter-window-one-day"},
		"ignores units":                  {"filter-units", "filter-unit-unknown"},
		"ignores updated-since":          {"filter-updated-since"},
		"ignores exclude-cancelled":      {"filter-exclude-cancelled"},
		"ignores exclude-blocks":         {"filter-exclude-blocks"},
		"takes any cursor":               {"foreign-cursor"},
		"follows a page that repeats":    {"page-repeated"},
		"ends at an empty page":          {"page-empty"},
		"ends at a page of others":       {"page-of-others"},
		"ignores what was deleted":       {"row-deleted"},
		"swallows a bad record":          {"bad-record", "record-no-object"},
		"fails for one bad record":       {"bad-record"},
		"takes any status for confirmed": {"unknown-status"},
		"shifts days":                    {"clock-change-berlin", "clock-change-auckland"},
		"drops blocks":                   {"stay-block", "info-data", "bookings"},
		"drops day use":                  {"stay-day-use"},
		"joins segments":                 {"stay-room-change"},
		"rounds money":                   {"stay-confirmed"},
		"ignores Retry-After":            {"retry-after-seconds", "retry-after-date"},
		"waits too long":                 {"retry-after-too-long"},
		"ignores its context":            {"cancel-in-backoff", "cancel-in-answer"},
		"ignores the deadline":           {"deadline-before-retry"},
		"ignores the limiter":            {"limiter-asked", "cancel-in-limiter"},
		"ignores the limits":             {"published-limits"},
		"ignores MaxRetries":             {"retries-off", "fault-status-503"},
		"never renews":                   {"unauthorized-once"},
		"logs in for every call":         {"login-kept"},
		"hides 401":                      {"unauthorized-for-ever"},
		"repeats 403":                    {"forbidden"},
		"follows redirects":              {"fault-redirect-to-other-host"},
		"drops the base path":            {"base-path"},
		"connects early":                 {"bookings"},
		"reads ahead":                    {"lazy"},
		"shows its key":                  {"secrets-in-values"},
		"shows its key in errors":        {"fault-status-500"},
		"logs its key":                   {"bookings"},
		"keeps the vendor's echo":        {"secrets-echoed"},
		"tells of guests":                {"guests-in-errors"},
		"repeats writes":                 {"write-not-repeated"},
		"finds nothing and says nothing": {"get-booking-unknown"},
		"misses cancellations":           {"sync"},
		"misses new blocks":              {"sync"},
		"denies blocks":                  {"get-booking-block"},
		"believes any webhook":           {"webhook-forged"},
		"denies a power":                 {"info-powers"},
		"denies owner stays":             {"info-data"},
		"forgets a credential":           {"info"},
		"panics":                         {"bookings"},
		"leaves a goroutine":             {"bookings"},
	} {
		for _, name := range scenarios {
			t.Run(lie+"/"+name, func(t *testing.T) {
				t.Parallel()
				assert.NotEmpty(t, play(t, miniHarness(lie), find(t, name)))
			})
		}
	}
}

func find(t *testing.T, name string) scenario {
	t.Helper()
	all := scenarios()
	i := slices.IndexFunc(all, func(sc scenario) bool { return sc.name == name })
	require.GreaterOrEqual(t, i, 0, "no scenario %s", name)
	return all[i]
}

func TestScenariosHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, sc := range scenarios() {
		assert.False(t, seen[sc.name], "two scenarios %s", sc.name)
		assert.Regexp(t, `^[a-z0-9-]+$`, sc.name)
		seen[sc.name] = true
	}
}

// The lies.

// distort tells the lies of the pipeline.
func (c *miniConnector) distort(opts *rest.Options) {
	next := http.RoundTripper(nil)
	if opts.HTTPClient != nil {
		next = opts.HTTPClient.Transport
	}
	through := func(fn func(*http.Request) (*http.Response, error)) {
		opts.HTTPClient = &http.Client{Transport: transportFunc(fn)}
	}
	switch c.lie {
	case "ignores Retry-After":
		through(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if resp != nil {
				resp.Header.Del("Retry-After")
			}
			return resp, err
		})
	case "follows redirects":
		through(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if resp == nil || resp.StatusCode != http.StatusFound {
				return resp, err
			}
			to, err := resp.Location()
			if err != nil {
				return resp, nil //nolint:nilerr // a liar
			}
			r = r.Clone(r.Context())
			r.URL = to
			return next.RoundTrip(r)
		})
	case "hides 401":
		through(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if resp != nil && resp.StatusCode == http.StatusUnauthorized {
				resp.StatusCode = http.StatusNotFound
			}
			return resp, err
		})
	case "repeats 403":
		through(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if resp != nil && resp.StatusCode == http.StatusForbidden {
				return next.RoundTrip(r)
			}
			return resp, err
		})
	case "waits too long":
		opts.MaxWait = 999999 * time.Hour
	case "ignores the limiter", "ignores the limits":
		opts.Limiter, opts.Limits = unlimited{}, nil
	case "ignores MaxRetries":
		opts.MaxRetries = 5
	case "never renews":
		opts.Auth = stuck{opts.Auth}
	case "logs in for every call":
		opts.Auth = forgetful{c}
	case "drops the base path":
		opts.BaseURL = ""
	case "keeps the vendor's echo":
		opts.Secrets = nil
	case "logs its key":
		if opts.Logger != nil {
			opts.Logger.Debug("connecting", "key", miniKey)
		}
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type stuck struct{ rest.Auth }

func (stuck) Expire(string) bool { return false }

type forgetful struct{ c *miniConnector }

func (f forgetful) Apply(ctx context.Context, r *http.Request) (string, error) {
	token, err := f.c.login(ctx)
	rest.Bearer(r, token.Value)
	return token.Value, err
}

func (forgetful) Expire(string) bool { return true }

// context tells the lies about time, and those about the process.
func (c *miniConnector) context(ctx context.Context) context.Context {
	switch c.lie {
	case "ignores its context", "ignores the deadline":
		return context.WithoutCancel(ctx)
	case "panics":
		panic("a liar")
	case "leaves a goroutine":
		go func() { <-make(chan struct{}) }()
	case "reads ahead":
		_, _ = c.list(ctx, "Ahead", "/v1/bookings", "", 5)
	}
	return ctx
}

// lieAbout tells the lies about errors.
func (c *miniConnector) lieAbout(err error, q pms.BookingQuery) error {
	var api *pms.APIError
	switch {
	case c.lie == "drops a page on error" && q.Cursor != "":
		return nil
	case c.lie == "empty for HTML" && errors.Is(err, pms.ErrDecode):
		return nil
	case c.lie == "shows its key in errors":
		return fmt.Errorf("with key %s: %w", miniKey, err)
	case c.lie == "tells of guests" && errors.As(err, &api):
		return fmt.Errorf("%w: %s", err, api.Body)
	}
	return err
}

// matches leaves out what the connector ignores.
func (c *miniConnector) matches(q pms.BookingQuery, b pms.Booking) bool {
	switch c.lie {
	case "ignores the window":
		q.From, q.To = pms.Date{}, pms.Date{}
	case "ignores units":
		q.PropertyIDs = nil
	case "ignores updated-since":
		q.UpdatedSince = time.Time{}
	case "ignores exclude-cancelled":
		q.ExcludeCancelled = false
	case "misses cancellations":
		q.ExcludeCancelled = true
	case "misses new blocks":
		q.ExcludeBlocks = b.CreatedAt.After(start())
	case "ignores exclude-blocks":
		q.ExcludeBlocks = false
	case "window by arrival":
		return q.Matches(b) && !b.Arrival.Before(q.From)
	}
	return q.Matches(b)
}

// change tells the lies about bookings.
func (c *miniConnector) change(page *pms.Page[pms.Booking]) {
	drop := func(wrong func(pms.Booking) bool) { page.Items = slices.DeleteFunc(page.Items, wrong) }
	switch c.lie {
	case "swallows a bad record":
		page.Failed = nil
	case "drops blocks":
		drop(func(b pms.Booking) bool { return b.Kind == pms.KindBlock })
	case "drops day use":
		drop(func(b pms.Booking) bool { return b.Arrival == b.Departure })
	}
	for i := range page.Items {
		b := &page.Items[i]
		switch c.lie {
		case "takes any status for confirmed":
			if b.Status == pms.StatusUnknown {
				b.Status = pms.StatusConfirmed
			}
		case "shifts days":
			b.Arrival = civil.DateOf(b.Arrival.In(c.zone).UTC())
		case "joins segments":
			if b.GroupID != "" {
				b.ID, b.GroupID = b.GroupID, ""
			}
		case "rounds money":
			b.Total.Amount, _, _ = strings.Cut(b.Total.Amount, ".")
		}
	}
}
