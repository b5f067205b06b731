package pms_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/bnovo"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/ical"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

var errKilled = errors.New("killed")

// killer ends a pass at its event number at: a request, or a change that the
// host has just stored.
type killer struct {
	mu         sync.Mutex
	at, events int
	// die, if set, is called at the event: the process is gone, and what Sync
	// returns with it. Without it the request fails and the pass ends in peace.
	die func()
}

func (k *killer) event() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.events++; k.events != k.at {
		return nil
	}
	if k.die != nil {
		k.die()
	}
	return errKilled
}

func (k *killer) RoundTripper(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if err := k.event(); err != nil {
			return nil, err
		}
		return next.RoundTrip(req)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// free is a limiter that never waits.
type free struct{}

func (free) Wait(ctx context.Context) error { return ctx.Err() }

// account is a vendor's account over a world.
type account struct {
	world *sandbox.World
	// open connects through a killer, or through nothing.
	open func(*killer) pms.Connector
}

func through(k *killer, h http.Handler) *http.Client {
	next := sandbox.Transport(h)
	if k != nil {
		next = k.RoundTripper(next)
	}
	return &http.Client{Transport: next}
}

// smallWorld has a past, some stays to change, and an anchor far ahead in every
// unit: a calendar without events counts as broken.
func smallWorld(t require.TestingT) *sandbox.World {
	w := sandbox.NewWorld(7, sandbox.Options{Properties: 2, Stays: 3, Blocks: 1})
	for _, unit := range w.Units() {
		for _, days := range []int{20, 30, anchor} {
			arrival := w.Today().AddDays(days)
			_, err := w.AddStay(sandbox.Stay{UnitID: unit.ID, Arrival: arrival, Departure: arrival.AddDays(4)})
			require.NoError(t, err)
		}
	}
	return w
}

const anchor = 400 // days ahead

var accounts = map[string]func(t require.TestingT) account{
	"bnovo": func(t require.TestingT) account {
		w := smallWorld(t)
		server := sandbox.NewBnovo(w, sandbox.BnovoOptions{NoLimits: true})
		return account{w, func(k *killer) pms.Connector {
			c, err := bnovo.New(bnovo.Config{
				ID: "9001", Password: "sandbox-bnovo-key", TimeZone: "Europe/Moscow",
				HTTPClient: through(k, server), Limiter: free{}, MaxRetries: -1,
			})
			require.NoError(t, err)
			return c
		}}
	},
	"ical": func(t require.TestingT) account {
		w := smallWorld(t)
		server := sandbox.NewICal(w, sandbox.ICalOptions{EveryChannel: true})
		return account{w, func(k *killer) pms.Connector {
			cfg := ical.Config{HTTPClient: through(k, server), Limiter: free{}, MaxRetries: -1}
			for _, unit := range w.Units() {
				cfg.Feeds = append(cfg.Feeds, ical.Feed{URL: "https://cal.example" + server.URL(sandbox.Airbnb, unit.ID), PropertyID: unit.ID})
			}
			c, err := ical.New(cfg)
			require.NoError(t, err)
			return c
		}}
	},
	"changes": func(t require.TestingT) account {
		w := smallWorld(t)
		feed := &changeFeed{Fake: &pmstest.Fake{PageSize: 5}}
		mirror(w, feed)
		return account{w, func(k *killer) pms.Connector {
			if k == nil {
				return feed.Fake
			}
			feed.OnCall = func(ctx context.Context, _ pmstest.Call) error {
				if ctx.Value(unseen{}) != nil {
					return nil
				}
				return k.event()
			}
			return feed
		}}
	},
}

// mirror keeps the feed like the world.
func mirror(w *sandbox.World, feed *changeFeed) {
	feed.put(w.Bookings()...)
	w.Subscribe(func(change sandbox.Change) {
		if change.Kind == sandbox.PropertyChanged {
			return
		}
		now := map[string]bool{}
		for _, b := range w.Bookings() {
			if cutPart(b.ID) == change.After.ID {
				now[b.ID] = true
				feed.put(b)
			}
		}
		feed.mu.Lock()
		old := slices.Clone(feed.parts[change.Before.ID])
		feed.mu.Unlock()
		for _, b := range old {
			if !now[b.ID] {
				feed.remove(b.ID)
			}
		}
	})
}

// live is what a host must have right: stays that are to come and blocks, as
// the connector lists them.
func (r *run) live(bookings map[string]pms.Booking) map[string]string {
	today := civil.DateOf(r.world.Now().UTC())
	return outcome(func(yield func(pms.Booking) bool) {
		for _, b := range bookings {
			if b.Status != pms.StatusCancelled && b.Departure.After(today) && !yield(b) {
				return
			}
		}
	})
}

// run is a host that syncs an account, and is killed once.
type run struct {
	account
	*syncHost
	kill  *killer
	clean pms.Connector
	dead  bool
	// atomic says that changes and checkpoint are stored in one transaction,
	// which dies with the process.
	atomic bool
}

func newRun(a account, kill *killer) *run {
	return &run{account: a, syncHost: newSyncHost(), kill: kill, clean: a.open(nil)}
}

// unseen is the key of a context whose requests are not events.
type unseen struct{}

func (r *run) truth(ctx context.Context, t require.TestingT) map[string]pms.Booking {
	ctx = context.WithValue(ctx, unseen{}, true)
	bookings, failed, err := pms.Collect(pms.Bookings(ctx, r.clean, pms.BookingQuery{}))
	require.NoError(t, err)
	require.Empty(t, failed)
	truth := map[string]pms.Booking{}
	for _, b := range bookings {
		truth[b.ID] = b
	}
	return truth
}

// pass syncs once, however often it takes, the killer permitting.
func (r *run) pass(t require.TestingT, o pms.SyncOptions) {
	o.Now = r.world.Now
	before := maps.Clone(r.store)
	for {
		ctx, cancel := context.WithCancel(context.Background())
		r.dead = false
		if r.kill.die != nil {
			r.kill.die = func() { r.dead = true; cancel() }
		}
		next, err := pms.SyncWith(ctx, r.open(r.kill), r.checkpoint, func(ctx context.Context, change pms.SyncChange) error {
			if change.Kind == pms.SyncGone {
				require.NotContains(t, r.truth(context.WithoutCancel(ctx), t), change.Booking.ID, "gone, and still there")
			}
			if err := r.emit(ctx, change); err != nil {
				return err
			}
			return r.kill.event()
		}, o)
		cancel()
		switch {
		case r.dead && r.atomic:
			r.store = maps.Clone(before)
			continue
		case r.dead:
			o.Known = r.known()
			continue
		case err == nil:
			r.checkpoint = next
			return
		}
		require.ErrorIs(t, err, errKilled)
		r.checkpoint = next
	}
}

// settle lets enough time and passes go by for everything to be known.
func (r *run) settle(t require.TestingT, o pms.SyncOptions) {
	o.ScanNow = true
	for range 2 {
		r.pass(t, o)
		r.world.Advance(24 * time.Hour)
	}
	r.pass(t, o)
	require.Equal(t, r.live(r.truth(context.Background(), t)), r.live(r.store))
}

// upcoming are the stays that the tests change.
func upcoming(w *sandbox.World) []string {
	var ids []string
	first := sandbox.NewEmptyWorld(sandbox.Options{}).Today()
	for _, s := range w.Stays() {
		if s.Arrival.After(w.Today().AddDays(10)) && s.Arrival.Before(first.AddDays(anchor)) && s.Status != pms.StatusCancelled && s.Kind != pms.KindBlock && s.Departure.DaysSince(s.Arrival) > 1 {
			ids = append(ids, s.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// A pass may die at any point: nothing is lost, and nothing that is there is
// reported gone.
func TestSyncKilledAnywhere(t *testing.T) {
	t.Parallel()
	for name, open := range accounts {
		for _, mode := range []string{"error", "death", "rollback"} {
			t.Run(name+" "+mode, func(t *testing.T) {
				if name == "bnovo" && (mode == "rollback" || testing.Short()) {
					t.Skip("a vendor over HTTP takes seconds; the others show it")
				}
				t.Parallel()
				for at := 1; ; at++ {
					kill := &killer{at: at}
					if mode != "error" {
						kill.die = func() {}
					}
					r := newRun(open(t), kill)
					r.atomic = mode == "rollback"
					lifetime(t, r)
					if kill.events < at {
						require.Greater(t, at, 20, "there are points to be killed at")
						break
					}
				}
			})
		}
	}
}

func lifetime(t *testing.T, r *run) {
	w := r.world
	r.pass(t, pms.SyncOptions{})
	w.Advance(time.Hour)

	ids := upcoming(w)
	require.Greater(t, len(ids), 3)
	units := w.Units()
	require.NoError(t, w.Cancel(ids[0]))
	moving, _ := w.Stay(ids[1])
	require.NoError(t, w.Extend(ids[1], moving.Departure.AddDays(2)))
	_, err := w.AddStay(sandbox.Stay{UnitID: units[0].ID, Arrival: w.Today().AddDays(200), Departure: w.Today().AddDays(203)})
	require.NoError(t, err)
	r.pass(t, pms.SyncOptions{})
	w.Advance(time.Hour)

	require.NoError(t, w.Delete(ids[2]))
	other := slices.IndexFunc(units, func(p sandbox.Property) bool { return p.ID != moving.UnitID })
	require.NoError(t, w.MoveUnit(ids[1], units[other].ID, moving.Arrival.AddDays(1)))
	r.pass(t, pms.SyncOptions{})
	w.Advance(24 * time.Hour)

	require.NoError(t, w.MoveUnit(ids[1], units[other].ID, moving.Arrival))
	r.settle(t, pms.SyncOptions{})
	require.Greater(t, len(r.live(r.store)), 3)
}

// Answers that are none count nothing as missed.
func TestSyncBrokenAnswers(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"HTML": sandbox.HTML(), "empty": sandbox.Empty(), "truncated": sandbox.Truncate(40), "reset": sandbox.ResetAfter(40), "503": sandbox.HTMLError(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := smallWorld(t)
			faults := &sandbox.Faults{Next: sandbox.Transport(sandbox.NewBnovo(w, sandbox.BnovoOptions{NoLimits: true}))}
			c, err := bnovo.New(bnovo.Config{
				ID: "9001", Password: "sandbox-bnovo-key", HTTPClient: &http.Client{Transport: faults}, Limiter: free{}, MaxRetries: -1,
			})
			require.NoError(t, err)
			h, o := newSyncHost(), pms.SyncOptions{Now: w.Now, ScanNow: true}
			require.NotEmpty(t, h.changes(t, c, o))
			before := maps.Clone(h.store)
			faults.Add(sandbox.Rule{Match: sandbox.Path("/api/v1/bookings"), Do: fault})
			for range 4 {
				w.Advance(23 * time.Hour)
				h.log = nil
				require.Error(t, h.pass(t.Context(), c, o))
				require.Empty(t, h.log)
			}
			faults.Reset()
			require.Empty(t, h.changes(t, c, o))
			require.Equal(t, before, h.store)
		})
	}
}

// Whatever happens at the vendor and to the host, the host ends up with what
// the vendor has.
func TestSyncConverges(t *testing.T) {
	t.Parallel()
	for name, open := range accounts {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name == "bnovo" {
				t.Skip("a vendor over HTTP takes seconds")
			}
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { converge(t, open(t)) })
		})
	}
}

func converge(t *rapid.T, a account) {
	kill := &killer{}
	r := newRun(a, kill)
	w := a.world
	one := func() string { return rapid.SampledFrom(append(upcoming(w), "none")).Draw(t, "stay") }
	unit := func() string { return rapid.SampledFrom(w.Units()).Draw(t, "unit").ID }
	days := func(least, most int) int { return rapid.IntRange(least, most).Draw(t, "days") }
	pass := func() {
		kill.events, kill.at, kill.die = 0, rapid.IntRange(0, 40).Draw(t, "killed at"), nil
		if rapid.Bool().Draw(t, "dies") {
			kill.die = func() {}
		}
		r.atomic = rapid.Bool().Draw(t, "atomic")
		r.pass(t, pms.SyncOptions{AcceptShrink: true})
	}
	tolerate := func(err error) {
		if !errors.Is(err, pms.ErrConflict) && !errors.Is(err, pms.ErrInvalid) && !errors.Is(err, pms.ErrNotFound) {
			require.NoError(t, err)
		}
	}
	changes := []func(){
		func() { tolerate(w.Cancel(one())) },
		func() { tolerate(w.Delete(one())) },
		func() { s, _ := w.Stay(one()); tolerate(w.Extend(s.ID, s.Departure.AddDays(days(1, 3)))) },
		func() { s, _ := w.Stay(one()); tolerate(w.MoveUnit(s.ID, unit(), s.Arrival.AddDays(days(0, 1)))) },
		func() {
			arrival := w.Today().AddDays(days(11, 90))
			_, err := w.AddStay(sandbox.Stay{UnitID: unit(), Arrival: arrival, Departure: arrival.AddDays(3)})
			tolerate(err)
		},
		func() {
			first := w.Today().AddDays(days(11, 90))
			_, err := w.AddBlock(unit(), first, first.AddDays(2), "paint")
			tolerate(err)
		},
	}
	pass()
	for range rapid.IntRange(1, 6).Draw(t, "passes") {
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			rapid.SampledFrom(changes).Draw(t, "change")()
		}
		w.Advance(time.Duration(rapid.IntRange(1, 40).Draw(t, "hours")) * time.Hour)
		pass()
	}
	kill.at = 0
	r.settle(t, pms.SyncOptions{AcceptShrink: true})
}
