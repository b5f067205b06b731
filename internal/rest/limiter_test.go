package rest

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

// bnovoLimits are four allowances at once, as Bnovo has them.
var bnovoLimits = []pms.Limit{
	{Requests: 30, Window: 10 * time.Second},
	{Requests: 300, Window: 5 * time.Minute},
	{Requests: 1000, Window: time.Hour},
	{Requests: 10_000, Window: 24 * time.Hour},
}

// mostIn returns the largest number of turns in any window of the length.
func mostIn(turns []time.Time, length time.Duration) int {
	most, from := 0, 0
	for i := range turns {
		for turns[i].Sub(turns[from]) >= length {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

func TestLimiterUsesTheAllowanceAndNeverExceedsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := NewLimiter(bnovoLimits, 48*time.Hour)
		const requests = 2500
		started := time.Now()
		turns := make([]time.Time, 0, requests)
		for range requests {
			require.NoError(t, limiter.Wait(t.Context()))
			turns = append(turns, time.Now())
		}
		for _, limit := range bnovoLimits {
			require.LessOrEqual(t, mostIn(turns, limit.Window), limit.Requests, "in %s", limit.Window)
		}
		// 2500 requests at 1000 an hour need two hours and the time of the
		// last 500, which is 300 in 5 minutes and 200 in the next ones.
		ideal := 2*time.Hour + 5*time.Minute + 60*time.Second
		require.Less(t, time.Since(started), ideal*105/100)
	})
}

func TestLimiterUsesAtLeast95PercentOfOneAllowance(t *testing.T) {
	t.Parallel()
	for _, limit := range append(bnovoLimits[:3:3], pms.Limit{Requests: 15, Window: 10 * time.Second}, pms.Limit{Requests: 10, Window: time.Minute}) {
		synctest.Test(t, func(t *testing.T) {
			limiter := NewLimiter([]pms.Limit{limit}, 48*time.Hour)
			var turns []time.Time
			started := time.Now()
			for time.Since(started) < 20*limit.Window {
				require.NoError(t, limiter.Wait(t.Context()))
				turns = append(turns, time.Now())
			}
			require.LessOrEqual(t, mostIn(turns, limit.Window), limit.Requests)
			require.GreaterOrEqual(t, len(turns), limit.Requests*20*95/100)
		})
	}
}

func TestLimiterWaitsInOrderAndTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := NewLimiter([]pms.Limit{{Requests: 3, Window: 10 * time.Second}}, time.Hour)
		var mu sync.Mutex
		var turns []time.Time
		var group sync.WaitGroup
		for range 9 {
			group.Go(func() {
				assertNoError(t, limiter.Wait(t.Context()))
				mu.Lock()
				defer mu.Unlock()
				turns = append(turns, time.Now())
			})
		}
		group.Wait()
		require.Len(t, turns, 9)
		require.Equal(t, 3, mostIn(turns, 10*time.Second))
	})
}

func TestLimiterRefusesAWaitOverTheCap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := NewLimiter([]pms.Limit{{Requests: 1, Window: time.Hour}}, time.Minute)
		require.NoError(t, limiter.Wait(t.Context()))
		err := limiter.Wait(t.Context())
		var limited *LimitError
		require.ErrorAs(t, err, &limited)
		require.ErrorIs(t, err, pms.ErrRateLimited)
		require.InDelta(t, time.Hour.Seconds(), limited.RetryAfter.Seconds(), 60)
		// A refusal leaves no trace: the next turn is where it was.
		time.Sleep(time.Hour + time.Minute) //nolint:forbidigo // the bubble's clock
		require.NoError(t, limiter.Wait(t.Context()))
	})
}

func TestLimiterGivesUpWhenTheDeadlineIsNearer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := NewLimiter([]pms.Limit{{Requests: 1, Window: time.Minute}}, time.Hour)
		require.NoError(t, limiter.Wait(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		started := time.Now()
		err := limiter.Wait(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, pms.ErrRateLimited)
		require.Zero(t, time.Since(started))
	})
}

func TestLimiterGivesAnAbandonedTurnBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := NewLimiter([]pms.Limit{{Requests: 2, Window: 10 * time.Second}}, time.Hour)
		require.NoError(t, limiter.Wait(t.Context()))
		require.NoError(t, limiter.Wait(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		require.ErrorIs(t, limiter.Wait(ctx), context.Canceled)
		started := time.Now()
		require.NoError(t, limiter.Wait(t.Context()))
		require.NoError(t, limiter.Wait(t.Context()))
		require.Less(t, time.Since(started), 8*time.Second)
	})
}

func TestLimiterPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := NewLimiter([]pms.Limit{{Requests: 100, Window: time.Second}}, time.Hour)
		limiter.Pause(42 * time.Second)
		started := time.Now()
		require.NoError(t, limiter.Wait(t.Context()))
		require.Equal(t, 42*time.Second, time.Since(started))
	})
}

func TestLimiterNeverExceedsWhateverThePauses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		limits := []pms.Limit{
			{Requests: rapid.IntRange(1, 20).Draw(rt, "a"), Window: time.Duration(rapid.IntRange(1, 30).Draw(rt, "wa")) * time.Second},
			{Requests: rapid.IntRange(1, 60).Draw(rt, "b"), Window: time.Duration(rapid.IntRange(30, 300).Draw(rt, "wb")) * time.Second},
		}
		gaps := rapid.SliceOfN(rapid.IntRange(0, 40_000), 1, 120).Draw(rt, "gaps in ms")
		// The windows are driven by a clock of our own: no bubble is needed.
		limiter := NewLimiter(limits, time.Duration(1<<62))
		now, turns := time.Duration(0), []time.Time{}
		for _, gap := range gaps {
			now += time.Duration(gap) * time.Millisecond
			for moved := true; moved; {
				moved = false
				for i := range limiter.windows {
					if free := limiter.windows[i].free(now); free > now {
						now, moved = free, true
					}
				}
			}
			for i := range limiter.windows {
				limiter.windows[i].add(now, 1)
			}
			turns = append(turns, time.Unix(0, int64(now)))
		}
		for _, limit := range limits {
			if most := mostIn(turns, limit.Window); most > limit.Requests {
				rt.Fatalf("%d requests in %s, allowed %d", most, limit.Window, limit.Requests)
			}
		}
	})
}

func assertNoError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func BenchmarkLimiter(b *testing.B) {
	b.Run("four windows", func(b *testing.B) {
		limiter := NewLimiter([]pms.Limit{{Requests: 1 << 40, Window: time.Second}, {Requests: 1 << 40, Window: time.Minute}, {Requests: 1 << 40, Window: time.Hour}, {Requests: 1 << 40, Window: 24 * time.Hour}}, time.Hour)
		for b.Loop() {
			if err := limiter.Wait(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("x/time/rate, one window", func(b *testing.B) {
		limiter := rate.NewLimiter(rate.Inf, 1)
		for b.Loop() {
			if err := limiter.Wait(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
