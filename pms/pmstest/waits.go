package pmstest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func waitScenarios() []scenario {
	out := []scenario{
		{name: "retry-after-seconds", play: func(s *scene) { retryAfter(s, func() string { return "7" }, 7*time.Second, 7*time.Second) }},
		{name: "retry-after-date", play: func(s *scene) {
			retryAfter(s, func() string { return time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat) }, 89*time.Second, 90*time.Second)
		}},
		{name: "retry-after-garbage", play: func(s *scene) { retryAfter(s, func() string { return "soon" }, 1, 5*time.Minute) }},
		{name: "retry-after-negative", play: func(s *scene) { retryAfter(s, func() string { return "-5" }, 1, 5*time.Minute) }},
		{name: "retry-after-none", play: func(s *scene) { retryAfter(s, func() string { return "" }, 1, 5*time.Minute) }},
		{name: "retry-after-too-long", play: retryAfterTooLong},
		{name: "cancel-in-limiter", play: func(s *scene) {
			cancelled(s, s.connect(func(k *Knobs) { k.Limiter = blocking{} }))
		}},
		{name: "cancel-in-backoff", play: func(s *scene) {
			s.breaks(s.h.IsBookings, 0, 0, sandbox.TooManyRequests("60"))
			cancelled(s, s.connect(unpaced))
		}},
		{name: "cancel-in-answer", play: func(s *scene) {
			s.breaks(s.h.IsBookings, 0, 0, sandbox.Slow(time.Hour))
			cancelled(s, s.connect(unpaced))
		}},
		{name: "deadline-before-retry", play: deadlineBeforeRetry},
	}
	for i := range out {
		out[i].needs = needsHTTP
	}
	return append(out,
		scenario{name: "cancel-in-second-page", needs: needsPages, play: func(s *scene) {
			s.breaks(s.h.IsBookings, 1, 0, sandbox.Slow(time.Hour))
			cancelled(s, s.connect(unpaced))
		}},
		scenario{name: "cancel-in-login", needs: needsLogin, play: func(s *scene) {
			s.breaks(s.h.IsLogin, 0, 0, sandbox.Slow(time.Hour))
			cancelled(s, s.connect(unpaced))
		}},
	)
}

// retryAfter: the vendor's wait is kept to, and then the list is whole.
func retryAfter(s *scene, header func() string, least, most time.Duration) {
	var refused time.Time
	s.breaks(s.h.IsBookings, 0, 1, func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		refused = time.Now()
		return sandbox.TooManyRequests(header())(req, next)
	})
	if !s.complete(s.connect(unpaced), pms.BookingQuery{}) {
		return
	}
	for _, r := range s.net.log() {
		if r.bookings && r.at.After(refused) {
			waited := r.at.Sub(refused)
			assert.True(s, waited >= least && waited <= most, "waited %s; want %s to %s", waited, least, most)
			return
		}
	}
	s.Errorf("nothing was sent after a wait")
}

// retryAfterTooLong: a wait over MaxWait is the host's to wait, at once.
func retryAfterTooLong(s *scene) {
	s.breaks(s.h.IsBookings, 0, 0, sandbox.TooManyRequests("999999"))
	began := time.Now()
	_, _, err := s.list(s.connect(unpaced, func(k *Knobs) { k.MaxWait = time.Minute }), pms.BookingQuery{})
	api := s.wantAPIError(err, pms.ErrRateLimited)
	assert.Equal(s, 999999*time.Second, api.RetryAfter, "RetryAfter")
	assert.Equal(s, http.StatusTooManyRequests, api.StatusCode, "status in the error")
	assert.Zero(s, time.Since(began), "time until the error")
	assert.Equal(s, 1, s.net.count(isBookings), "requests for bookings")
}

// cancelled: a walk ends as soon as its context does.
func cancelled(s *scene, c pms.Connector) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	var stopped time.Time
	timer := time.AfterFunc(20*time.Second, func() {
		stopped = time.Now()
		cancel()
	})
	defer timer.Stop()
	_, _, err := s.listUnder(ctx, c, s.paged())
	require.ErrorIs(s, err, context.Canceled)
	require.False(s, stopped.IsZero(), "the walk ended before its context: %v", err)
	assert.Zero(s, time.Since(stopped), "time until the walk ended")
	sent := len(s.net.log())
	passTime(s.ctx, 2*time.Hour)
	assert.Len(s, s.net.log(), sent, "requests after the context ended")
}

// deadlineBeforeRetry: what cannot be done in time fails now.
func deadlineBeforeRetry(s *scene) {
	s.breaks(s.h.IsBookings, 0, 0, sandbox.TooManyRequests("60"))
	ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
	defer cancel()
	began := time.Now()
	_, _, err := s.listUnder(ctx, s.connect(unpaced), pms.BookingQuery{})
	assert.True(s, errors.Is(err, pms.ErrRateLimited) || errors.Is(err, context.DeadlineExceeded), "error is %v", err)
	assert.Zero(s, time.Since(began), "time until the error")
}

// ended returns a context that has ended.
func ended(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	cancel()
	return ctx, cancel
}
