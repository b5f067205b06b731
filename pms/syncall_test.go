package pms_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/bnovo"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func ignore(context.Context, string, pms.SyncChange) error { return nil }

// numbered are accounts "0", "1", ... that open as they are taken.
func numbered(n int, open func(i int) pms.Connector) iter.Seq[pms.SyncAccount] {
	return func(yield func(pms.SyncAccount) bool) {
		for i := range n {
			if !yield(pms.SyncAccount{ID: fmt.Sprint(i), Connector: open(i)}) {
				return
			}
		}
	}
}

func waits(d time.Duration) *pmstest.Fake {
	f := &pmstest.Fake{OnCall: func(ctx context.Context, _ pmstest.Call) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
	f.PutBookings(from("a", 3), from("b", 4))
	return f
}

func TestSyncAllSlowAndFailing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		accounts := numbered(100, func(i int) pms.Connector {
			switch i {
			case 0:
				return waits(time.Hour)
			case 1:
				return nil
			case 2:
				f := &pmstest.Fake{OnCall: func(context.Context, pmstest.Call) error { return pms.ErrUnauthorized }}
				return f
			default:
				return waits(time.Second)
			}
		})
		var mu sync.Mutex
		stored := map[string]int{}
		emit := func(_ context.Context, account string, change pms.SyncChange) error {
			mu.Lock()
			defer mu.Unlock()
			stored[account]++
			if account == "3" && change.Booking.ID == "b" {
				return errHost
			}
			return nil
		}
		errs := map[string]error{}
		var order []string
		for result := range pms.SyncAll(t.Context(), accounts, emit, pms.SyncAllOptions{Parallel: 4, Timeout: 10 * time.Minute}) {
			order = append(order, result.Account)
			errs[result.Account] = result.Err
			if result.Err == nil {
				require.Equal(t, pms.SyncProgress{Listed: 2, Upserts: 2, Scan: true}, result.Progress)
				require.Contains(t, string(result.Checkpoint), `"101":{"a"`)
			}
		}
		require.Len(t, order, 100)
		require.Equal(t, "0", order[99], "the slow one is last")
		require.Equal(t, 10*time.Minute, time.Since(begin), "and held nobody")
		require.ErrorIs(t, errs["0"], context.DeadlineExceeded)
		require.EqualError(t, errs["1"], "account without a connector")
		require.ErrorIs(t, errs["2"], pms.ErrUnauthorized)
		require.ErrorIs(t, errs["3"], errHost)
		for account, err := range errs {
			if !slices.Contains([]string{"0", "1", "2", "3"}, account) {
				require.NoError(t, err)
				require.Equal(t, 2, stored[account])
			}
		}
	})
}

func TestSyncAllBounds(t *testing.T) {
	t.Parallel()
	for want, o := range map[int]pms.SyncAllOptions{16: {}, 3: {Parallel: 3}} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			running, most := 0, 0
			accounts := numbered(50, func(int) pms.Connector {
				return &pmstest.Fake{OnCall: func(context.Context, pmstest.Call) error {
					mu.Lock()
					running++
					most = max(most, running)
					mu.Unlock()
					later(time.Second)
					mu.Lock()
					running--
					mu.Unlock()
					return nil
				}}
			})
			n := 0
			for range pms.SyncAll(t.Context(), accounts, ignore, o) {
				n++
			}
			require.Equal(t, 50, n)
			require.Equal(t, want, most)
		})
	}
}

// Leaving the loop ends everything: synctest fails if a goroutine stays.
func TestSyncAllLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		opened := 0
		accounts := numbered(100, func(i int) pms.Connector {
			opened++
			return waits(time.Duration(i+1) * time.Minute)
		})
		begin := time.Now()
		for result := range pms.SyncAll(t.Context(), accounts, ignore, pms.SyncAllOptions{Parallel: 5}) {
			require.Equal(t, "0", result.Account)
			break
		}
		require.Equal(t, 5, opened)
		require.Equal(t, time.Minute, time.Since(begin))
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		var errs []error
		accounts := numbered(100, func(i int) pms.Connector { return waits(time.Duration(i+1) * time.Minute) })
		for result := range pms.SyncAll(ctx, accounts, ignore, pms.SyncAllOptions{Parallel: 3}) {
			errs = append(errs, result.Err)
		}
		require.Len(t, errs, 4) // the first ends, a fourth begins in its place
		require.NoError(t, errs[0])
		for _, err := range errs[1:] {
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
	})
	for range pms.SyncAll(t.Context(), numbered(0, nil), ignore, pms.SyncAllOptions{}) {
		t.Error("no account, no result")
	}
}

func TestSyncAllProgress(t *testing.T) {
	t.Parallel()
	own := 0
	var last pms.SyncProgress
	accounts := func(yield func(pms.SyncAccount) bool) {
		for i := range 20 {
			a := pms.SyncAccount{ID: fmt.Sprint(i), Connector: waits(0)}
			if i == 7 {
				a.Options.Progress = func(pms.SyncProgress) { own++ }
			}
			if !yield(a) {
				return
			}
		}
	}
	calls := map[string]int{} // not guarded: calls do not overlap
	for result := range pms.SyncAll(t.Context(), accounts, ignore, pms.SyncAllOptions{Progress: func(account string, p pms.SyncProgress) {
		calls[account]++
		last = p
	}}) {
		require.NoError(t, result.Err)
	}
	require.Len(t, calls, 20)
	for account, n := range calls {
		require.Equal(t, 3, n, account)
	}
	require.Equal(t, 3, own)
	require.Positive(t, last.Listed)
}

// A thousand accounts, each with a vendor of its own: no more of them are in
// memory than are under way.
func TestSyncAllThousandAccounts(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand vendors take seconds")
	}
	t.Parallel()
	const parallel = 8
	var open []weak.Pointer[sandbox.Bnovo]
	accounts := numbered(1000, func(i int) pms.Connector {
		w := sandbox.NewWorld(uint64(i), sandbox.Options{Properties: 2, Stays: 6, Blocks: 1})
		server := sandbox.NewBnovo(w, sandbox.BnovoOptions{})
		open = append(open, weak.Make(server))
		c, err := bnovo.New(bnovo.Config{
			ID: "9001", Password: "sandbox-bnovo-key", HTTPClient: &http.Client{Transport: sandbox.Transport(server)},
		})
		assert.NoError(t, err)
		return c
	})
	now := sandbox.NewEmptyWorld(sandbox.Options{}).Now()
	stamped := func(yield func(pms.SyncAccount) bool) {
		for a := range accounts {
			a.Options.Now = func() time.Time { return now }
			if !yield(a) {
				return
			}
		}
	}
	done, upserts := 0, 0
	for result := range pms.SyncAll(t.Context(), stamped, ignore, pms.SyncAllOptions{Parallel: parallel}) {
		require.NoError(t, result.Err)
		upserts += result.Progress.Upserts
		if done++; done%100 == 0 {
			runtime.GC()
			alive := 0
			for _, p := range open {
				if p.Value() != nil {
					alive++
				}
			}
			require.LessOrEqual(t, alive, 2*parallel)
		}
	}
	require.Equal(t, 1000, done)
	require.Greater(t, upserts, 4000)
}

func TestFollow(t *testing.T) {
	t.Parallel()
	const url = "https://host.example/hooks/1"
	newFake := func() *pmstest.Fake {
		f := &pmstest.Fake{}
		f.PutBookings(from("a", 3))
		return f
	}
	t.Run("subscribes, then reads everything", func(t *testing.T) {
		t.Parallel()
		var order []string
		c := &registrar{Fake: newFake(), secret: "whsec", order: &order}
		h := newSyncHost()
		s := pms.Subscription{URL: url, OnSecret: func(_ context.Context, secret string) error {
			order = append(order, "store "+secret)
			return nil
		}}
		for range 2 { // the second time nothing is due, and all is read again
			next, err := pms.Follow(t.Context(), c, s, h.checkpoint, h.emit, pms.SyncOptions{})
			require.NoError(t, err)
			h.checkpoint = next
		}
		require.Equal(t, []string{
			"register " + url, "store whsec", "list",
			"register " + url, "store whsec", "list since", "list",
		}, order)
		require.Equal(t, []string{"upsert a"}, h.log)
	})
	t.Run("reads nothing before it is subscribed", func(t *testing.T) {
		t.Parallel()
		checkpoint := []byte(`{"version":1,"vendor":"fake"}`)
		for name, c := range map[string]struct {
			c    *registrar
			s    pms.Subscription
			want error
		}{
			"refused":     {&registrar{err: pms.ErrForbidden}, pms.Subscription{URL: url}, pms.ErrForbidden},
			"no OnSecret": {&registrar{secret: "whsec"}, pms.Subscription{URL: url}, pms.ErrInvalid},
			"not stored":  {&registrar{secret: "whsec"}, pms.Subscription{URL: url, OnSecret: func(context.Context, string) error { return errHost }}, errHost},
		} {
			c.c.Fake, c.c.order = newFake(), new([]string)
			next, err := pms.Follow(t.Context(), c.c, c.s, checkpoint, newSyncHost().emit, pms.SyncOptions{})
			require.ErrorIs(t, err, c.want, name)
			require.NotContains(t, err.Error(), "whsec", name)
			require.Equal(t, checkpoint, []byte(next), name)
			require.Empty(t, c.c.Calls(), name)
		}
		fake := newFake()
		_, err := pms.Follow(t.Context(), fake, pms.Subscription{URL: url}, nil, newSyncHost().emit, pms.SyncOptions{})
		require.ErrorIs(t, err, pms.ErrNotSupported)
		require.Empty(t, fake.Calls())
	})
	// The event of a change comes before or after the pass reads it: either
	// way the host ends with the newest version.
	t.Run("events during the pass", func(t *testing.T) {
		t.Parallel()
		for _, at := range []string{"before the list", "before the emit"} {
			c := &registrar{Fake: newFake(), order: new([]string)}
			h := newSyncHost()
			apply := func(b pms.Booking) {
				if old, ok := h.store[b.ID]; !ok || b.Supersedes(old) {
					h.store[b.ID] = b
				}
			}
			event := func() {
				b := from("a", 5)
				b.Status, b.UpdatedAt = pms.StatusCancelled, time.Now().Add(time.Minute)
				c.PutBookings(b)
				apply(b)
			}
			if at == "before the list" {
				c.OnCall = func(context.Context, pmstest.Call) error { event(); return nil }
			}
			next, err := pms.Follow(t.Context(), c, pms.Subscription{URL: url}, nil, func(_ context.Context, change pms.SyncChange) error {
				if at == "before the emit" {
					event()
				}
				apply(change.Booking)
				return nil
			}, pms.SyncOptions{})
			require.NoError(t, err)
			require.NotEmpty(t, next)
			require.Equal(t, pms.StatusCancelled, h.store["a"].Status, at)
		}
	})
}

// registrar is a Fake that can be subscribed to, and notes the order of calls.
type registrar struct {
	*pmstest.Fake
	secret string
	err    error
	order  *[]string
}

func (r *registrar) RegisterWebhook(_ context.Context, url string) (string, error) {
	*r.order = append(*r.order, "register "+url)
	return r.secret, r.err
}

func (r *registrar) UnregisterWebhook(_ context.Context, url string) error {
	*r.order = append(*r.order, "unregister "+url)
	return r.err
}

func (r *registrar) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	what := "list"
	if !q.UpdatedSince.IsZero() {
		what = "list since"
	}
	*r.order = append(*r.order, what)
	return r.Fake.ListBookings(ctx, q)
}

func TestPowersOfSync(t *testing.T) {
	t.Parallel()
	fake := &pmstest.Fake{}
	_, err := pms.ListChanges(t.Context(), fake, "")
	require.ErrorIs(t, err, pms.ErrNotSupported)
	_, err = pms.RegisterWebhook(t.Context(), fake, "https://host.example")
	require.ErrorIs(t, err, pms.ErrNotSupported)
	require.ErrorIs(t, pms.UnregisterWebhook(t.Context(), fake, "https://host.example"), pms.ErrNotSupported)

	feed := &changeFeed{Fake: fake}
	feed.put(from("a", 3))
	page, err := pms.ListChanges(t.Context(), feed, "")
	require.NoError(t, err)
	require.Equal(t, "1", page.Next)
	r := &registrar{Fake: fake, secret: "s", order: new([]string)}
	secret, err := pms.RegisterWebhook(t.Context(), r, "u")
	require.NoError(t, err)
	require.Equal(t, "s", secret)
	require.NoError(t, pms.UnregisterWebhook(t.Context(), r, "u"))
	require.Equal(t, []string{"register u", "unregister u"}, *r.order)
}
