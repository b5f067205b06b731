package pmstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// play runs a scenario in a bubble and returns what was wrong.
func play(t *testing.T, h Harness, sc scenario) []string {
	t.Helper()
	r := &report{}
	func() {
		defer r.catch() // the bubble panics when goroutines are left in it
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			passTime(ctx, time.Until(start()))
			s := &scene{report: r, ctx: ctx, h: h}
			s.reset()
			func() {
				defer r.catch()
				sc.play(s)
			}()
			s.searchSecrets()
		})
	}()
	return r.problems
}

// start is when every scenario begins.
func start() time.Time { return time.Date(2026, time.June, 1, 6, 0, 0, 0, time.UTC) }

// passTime lets the clock of the bubble run.
func passTime(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// report collects what is wrong. It stands in for testing.T in assertions.
type report struct {
	mu       sync.Mutex
	problems []string
}

// errStop ends a scenario.
var errStop = errors.New("pmstest: the scenario cannot go on")

func (r *report) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// FailNow ends the scenario. It is for the scenario's own goroutine only.
func (r *report) FailNow() { panic(errStop) }

func (r *report) catch() {
	switch v := recover(); {
	case v == nil:
	case v == any(errStop):
	default:
		r.Errorf("panic: %v\n%s", v, debug.Stack())
	}
}

// scene is the state of one scenario.
type scene struct {
	*report
	ctx context.Context //nolint:containedctx // the scene is the call
	h   Harness

	world  *sandbox.World
	net    *network
	vendor string // set by connect
	// printed is all that was written.
	printed printed
}

// reset makes a new small world, with nothing broken. What was printed is
// kept.
func (s *scene) reset() { s.use(s.some()) }

// use makes the vendor serve a world.
func (s *scene) use(w *sandbox.World) {
	s.world = w
	s.net = &network{scene: s, kept: s.net.secrets()}
	if s.h.Serve == nil {
		return
	}
	inbox := &http.Client{Transport: (*inbox)(s.net)}
	s.net.faults.Next = sandbox.Transport(s.h.Serve(w, inbox))
}

// breaks applies a rule to the requests of the vendor.
func (s *scene) breaks(match func(*http.Request) bool, skip, times int, do sandbox.Fault) {
	s.net.faults.Add(sandbox.Rule{Match: match, Skip: skip, Times: times, Do: do})
}

// connect makes a connector that keeps to the vendor's limits, however long
// that takes on the fake clock, unless the knobs are changed.
func (s *scene) connect(change ...func(*Knobs)) pms.Connector {
	k := Knobs{
		World: s.world, HTTPClient: &http.Client{Transport: s.net},
		Logger:  slog.New(slog.NewTextHandler(&s.printed, &slog.HandlerOptions{Level: slog.LevelDebug})),
		MaxWait: 48 * time.Hour,
	}
	for _, fn := range change {
		fn(&k)
	}
	before := len(s.net.log())
	c, err := s.h.Connect(k)
	s.note(err)
	require.NoError(s, err, "Connect")
	require.NotNil(s, c, "Connect returned no connector and no error")
	require.Len(s, s.net.log(), before, "Connect must send nothing")
	s.vendor = c.Info().Name
	return c
}

// list walks all pages and notes what went wrong.
func (s *scene) list(c pms.Connector, q pms.BookingQuery) ([]pms.Booking, []*pms.RecordError, error) {
	return s.listUnder(s.ctx, c, q)
}

func (s *scene) listUnder(ctx context.Context, c pms.Connector, q pms.BookingQuery) ([]pms.Booking, []*pms.RecordError, error) {
	items, failed, err := pms.Collect(pms.Bookings(ctx, c, q))
	s.note(err)
	for _, bad := range failed {
		s.note(bad)
	}
	return items, failed, err
}

// paged is the query of all bookings in small pages.
func (s *scene) paged() pms.BookingQuery {
	switch {
	case s.h.PageSize < 0:
		return pms.BookingQuery{}
	case s.h.PageSize == 0:
		return pms.BookingQuery{Limit: 7}
	default:
		return pms.BookingQuery{Limit: s.h.PageSize}
	}
}

// complete checks that a list is the truth, whole and without errors.
func (s *scene) complete(c pms.Connector, q pms.BookingQuery) bool {
	items, failed, err := s.list(c, q)
	switch {
	case err != nil:
		s.Errorf("list of bookings: %v", err)
	case len(failed) > 0:
		s.Errorf("list of bookings: %d records could not be read, the first: %v", len(failed), failed[0])
	default:
		return s.sameBookings(items, s.bookings(q))
	}
	return false
}

// wantError checks an error and its sentinel. A nil sentinel stands for any.
func (s *scene) wantError(err, sentinel error) { _ = s.wantAPIError(err, sentinel) }

// wantAPIError returns the error that wantError checks, never nil.
func (s *scene) wantAPIError(err, sentinel error) *pms.APIError {
	s.note(err)
	if err == nil {
		s.Errorf("no error; want %v", or(sentinel, errors.New("one")))
		return &pms.APIError{}
	}
	if sentinel != nil && !errors.Is(err, sentinel) {
		s.Errorf("error is %q; want %v", err, sentinel)
	}
	var api *pms.APIError
	if !errors.As(err, &api) {
		s.Errorf("error %q is no *pms.APIError", err)
		return &pms.APIError{}
	}
	if api.Vendor == "" || api.Op == "" {
		s.Errorf("error %q names no vendor or no operation", err)
	}
	return api
}

func or(err, fallback error) error {
	if err != nil {
		return err
	}
	return fallback
}

// note prints an error in every way, for the search of secrets.
func (s *scene) note(err error) {
	if err == nil {
		return
	}
	_, _ = fmt.Fprintf(&s.printed, "%v %+v %q\n", err, err, err)
	slog.New(slog.NewJSONHandler(&s.printed, nil)).Error("error", "err", err)
	var api *pms.APIError
	if errors.As(err, &api) {
		_, _ = fmt.Fprintf(&s.printed, "%s %s %s %s\n", api.URL, api.Code, api.Message, api.RequestID)
	}
}

// printed is all that a scenario wrote: logs, errors, values.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// unpaced sets no pace and the usual longest wait.
func unpaced(k *Knobs) { k.Limiter, k.MaxWait = unlimited{}, 0 }

// unlimited is a limiter that lets all pass.
type unlimited struct{}

func (unlimited) Wait(ctx context.Context) error { return ctx.Err() }
