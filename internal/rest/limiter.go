package rest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Limiter keeps to several allowances at once and never exceeds one of them in
// any window, wherever it begins. Callers wait in the order they came.
//
// A token bucket would need its burst cut to a few requests to promise that,
// and would then spread an hour's allowance thinly over the hour. The Limiter
// counts instead: each window is cut into slots, and a request goes out when
// the slots that reach into the window hold less than the allowance. It uses
// 99 % of an allowance at least.
type Limiter struct {
	maxWait time.Duration

	mu      sync.Mutex
	windows []window
	// Times are counted from start, on the monotonic clock: a change of the
	// wall clock moves nothing.
	start  time.Time
	last   time.Duration // the newest turn; turns never go back
	paused time.Duration
}

// LimitError says that the turn is too far away to wait for.
type LimitError struct {
	RetryAfter time.Duration
	// Err is context.DeadlineExceeded when the caller's deadline is nearer than
	// the turn, else nil.
	Err error
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the account's allowance is used up for %s", e.RetryAfter.Round(time.Second))
}

func (e *LimitError) Unwrap() []error {
	if e.Err == nil {
		return []error{pms.ErrRateLimited}
	}
	return []error{pms.ErrRateLimited, e.Err}
}

// NewLimiter makes a Limiter. A turn further away than maxWait is refused with
// a [*LimitError] at once.
func NewLimiter(limits []pms.Limit, maxWait time.Duration) *Limiter {
	l := &Limiter{maxWait: maxWait}
	for _, limit := range limits {
		l.windows = append(l.windows, newWindow(limit))
	}
	return l
}

// Wait blocks until the caller's turn.
func (l *Limiter) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	turn, wait, err := l.reserve(ctx)
	if err != nil || wait <= 0 {
		return err
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		l.release(turn)
		return ctx.Err()
	}
}

// Pause lets nobody pass for d.
func (l *Limiter) Pause(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.paused = max(l.paused, l.now()+d)
}

func (l *Limiter) now() time.Duration {
	if l.start.IsZero() {
		l.start = time.Now()
	}
	return time.Since(l.start)
}

func (l *Limiter) reserve(ctx context.Context) (turn, wait time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	turn = max(now, l.last, l.paused)
	for moved := true; moved; {
		moved = false
		for i := range l.windows {
			if free := l.windows[i].free(turn); free > turn {
				turn, moved = free, true
			}
		}
	}
	wait = turn - now
	if wait > l.maxWait {
		return turn, wait, &LimitError{RetryAfter: wait}
	}
	if deadline, ok := ctx.Deadline(); ok && wait > time.Until(deadline) {
		return turn, wait, &LimitError{RetryAfter: wait, Err: context.DeadlineExceeded}
	}
	l.last = turn
	for i := range l.windows {
		l.windows[i].add(turn, 1)
	}
	return turn, wait, nil
}

func (l *Limiter) release(turn time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.windows {
		l.windows[i].add(turn, -1)
	}
}

// slotsPerWindow is how finely a window is counted.
const slotsPerWindow = 128

// window counts requests by slots of length/slotsPerWindow. The ring holds the
// slots of one window and the one that the window's start cuts through, which
// counts whole: the error is on the safe side.
type window struct {
	allowed int
	slot    time.Duration
	head    int64 // number of the newest slot
	counts  [slotsPerWindow + 1]int
	total   int
}

func newWindow(limit pms.Limit) window {
	slot := (limit.Window + slotsPerWindow - 1) / slotsPerWindow
	return window{allowed: max(limit.Requests, 1), slot: max(slot, 1)}
}

// free returns the earliest time, t or later, at which one more request fits.
// It changes nothing, so that a turn that is refused leaves no trace.
func (w *window) free(t time.Duration) time.Duration {
	left := w.total
	for n := max(w.head-slotsPerWindow, 0); left >= w.allowed; n++ {
		left -= w.counts[w.index(n)]
		t = max(t, w.leaves(n))
	}
	return t
}

// leaves returns when slot n drops out of the ring.
func (w *window) leaves(n int64) time.Duration {
	return time.Duration(n+slotsPerWindow+1) * w.slot
}

func (w *window) add(t time.Duration, n int) {
	w.advance(t)
	number := w.number(t)
	if number < w.head-slotsPerWindow {
		return // already out of the window
	}
	w.counts[w.index(number)] += n
	w.total += n
}

// advance moves the ring up to the slot of t.
func (w *window) advance(t time.Duration) {
	number := w.number(t)
	if number-w.head > slotsPerWindow {
		clear(w.counts[:])
		w.total, w.head = 0, number
		return
	}
	for w.head < number {
		w.head++
		i := w.index(w.head)
		w.total -= w.counts[i]
		w.counts[i] = 0
	}
}

func (w *window) number(t time.Duration) int64 { return int64(t / w.slot) }

func (w *window) index(number int64) int {
	return int(number % (slotsPerWindow + 1))
}
