package pmstest

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"errors"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func listScenarios() []scenario {
	return []scenario{
		{name: "properties", play: listProperties},
		{name: "bookings", play: listBookings},
		{name: "empty-account", play: emptyAccount},
		{name: "range-twice", play: rangeTwice},
		{name: "prefetch", play: prefetch},
		{name: "concurrent", play: concurrent},
		{name: "foreign-cursor", play: foreignCursor},
		{name: "cancelled-before", play: cancelledBefore},
		{name: "lazy", play: lazy, needs: needsHTTP},
		{name: "early-break", play: earlyBreak, needs: needsHTTP},
		{name: "base-path", play: basePath, needs: needsHTTP},
		{name: "limiter-asked", play: limiterAsked, needs: needsHTTP},
		{name: "published-limits", play: publishedLimits, needs: needsHTTP},
	}
}

func listProperties(s *scene) {
	s.use(s.everything())
	c := s.connect()
	for _, limit := range []int{0, 1, 5, 1000} {
		items, failed, err := pms.Collect(pms.Properties(s.ctx, c, pms.PropertyQuery{Limit: limit}))
		s.note(err)
		listed := c.Info().Supports(pms.CanListProperties) != pms.No
		if !listed && errors.Is(err, pms.ErrNotSupported) {
			return
		}
		if err != nil || len(failed) > 0 {
			s.Errorf("list of properties: %v, %d not readable", err, len(failed))
			return
		}
		for _, p := range items {
			assert.True(s, !listed || json.Valid(p.Raw), "property %s: Raw is not the vendor's record as JSON", p.ID)
		}
		s.same("property", fieldsOf(items), fieldsOf(s.properties()))
	}
}

func listBookings(s *scene) {
	s.use(s.everything())
	var host *http.Client
	c := s.connect(func(k *Knobs) { host = k.HTTPClient })
	before := *host
	s.complete(c, pms.BookingQuery{})
	s.complete(c, s.paged())
	unchanged := host.Transport == before.Transport && host.CheckRedirect == nil && host.Jar == nil && host.Timeout == 0
	assert.True(s, unchanged, "the host's http.Client was changed")
}

// emptyAccount: nothing there is an answer, not an error.
func emptyAccount(s *scene) {
	s.use(sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now}))
	s.complete(s.connect(), pms.BookingQuery{})
}

func rangeTwice(s *scene) {
	seq := pms.Bookings(s.ctx, s.connect(), s.paged())
	for range 2 {
		items, failed, err := pms.Collect(seq)
		require.NoError(s, err)
		assert.Empty(s, failed)
		s.sameBookings(items, s.bookings(pms.BookingQuery{}))
	}
}

func prefetch(s *scene) {
	q := s.paged()
	q.Prefetch = true
	c := s.connect()
	s.complete(c, q)
	s.firstOf(c, q)
}

// firstOf reads one booking and leaves.
func (s *scene) firstOf(c pms.Connector, q pms.BookingQuery) {
	for _, err := range pms.Bookings(s.ctx, c, q) {
		s.note(err)
		require.NoError(s, err)
		break
	}
}

func concurrent(s *scene) {
	c := s.connect()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { s.complete(c, s.paged()) })
		wait.Go(func() {
			_, _, err := pms.Collect(pms.Properties(s.ctx, c, pms.PropertyQuery{}))
			assert.True(s, err == nil || errors.Is(err, pms.ErrNotSupported), "list of properties: %v", err)
		})
	}
	wait.Wait()
	if s.h.IsLogin != nil {
		assert.Equal(s, 1, s.net.count(isLogin), "logins of calls at the same time")
	}
}

// foreignCursor: a cursor that is not of this list is refused, unsent.
func foreignCursor(s *scene) {
	c := s.connect()
	for _, cursor := range []string{"foreign", "%%%", "-1", "9999999999999999999999", `{"offset":5}`, "a:b:c:d", "\x00", strings.Repeat("9", 5000)} {
		page, err := c.ListBookings(s.ctx, pms.BookingQuery{Cursor: cursor})
		s.wantError(err, pms.ErrBadCursor)
		assert.Empty(s, page.Items)
		if _, err := c.ListProperties(s.ctx, pms.PropertyQuery{Cursor: cursor}); !errors.Is(err, pms.ErrNotSupported) {
			s.wantError(err, pms.ErrBadCursor)
		}
	}
	assert.Empty(s, s.net.log(), "a foreign cursor was sent to the vendor")
}

// lazy: no request before the first step, no page before it is needed.
func lazy(s *scene) {
	c := s.connect()
	seq := pms.Bookings(s.ctx, c, s.paged())
	assert.Empty(s, s.net.log(), "a sequence that is not read sends requests")
	first := 0
	for _, err := range seq {
		s.note(err)
		if first == 0 {
			first = s.net.count(isBookings)
		}
	}
	if s.h.PageSize >= 0 {
		assert.Equal(s, 1, first, "requests for bookings before the first booking")
		assert.Greater(s, s.net.count(isBookings), 1, "requests for bookings in all")
	}
}

func earlyBreak(s *scene) {
	s.firstOf(s.connect(), s.paged())
	sent := len(s.net.log())
	passTime(s.ctx, time.Hour)
	assert.Len(s, s.net.log(), sent, "requests after the walk was left")
}

// basePath: scheme, host and path in front of BaseURL are kept.
func basePath(s *scene) {
	const host, prefix = "proxy.example", "/some/prefix"
	s.net.faults.Next = sandbox.Transport(http.StripPrefix(prefix, s.h.Serve(s.world, &http.Client{Transport: (*inbox)(s.net)})))
	c := s.connect(func(k *Knobs) { k.BaseURL = "https://" + host + prefix + "/" })
	items, _, err := s.list(c, s.paged())
	require.NoError(s, err)
	s.sameBookings(items, s.bookings(pms.BookingQuery{}))
	for _, r := range s.net.log() {
		require.Equal(s, host, r.host)
		require.True(s, strings.HasPrefix(r.path, prefix+"/"), "path %s", r.path)
	}
}

// limiterAsked: every request waits for its turn, repeats and logins too.
func limiterAsked(s *scene) {
	limiter := &counting{}
	s.breaks(s.h.IsBookings, 1, 1, sandbox.Status(http.StatusServiceUnavailable, nil, ""))
	_, _, err := s.list(s.connect(func(k *Knobs) { k.Limiter = limiter }), s.paged())
	require.NoError(s, err)
	paced := s.net.count(func(r request) bool { return !r.login })
	assert.GreaterOrEqual(s, limiter.waits, paced, "requests that did not ask Config.Limiter")
}

// publishedLimits: at full speed a connector stays inside what the vendor
// allows, in every window.
func publishedLimits(s *scene) {
	s.use(sandbox.NewWorld(2, sandbox.Options{Clock: time.Now, Properties: 1, Stays: -1, Blocks: -1}))
	c := s.connect()
	limits := c.Info().Limits
	enough := 50
	for _, limit := range limits {
		if limit.Window <= time.Hour {
			enough = max(enough, min(limit.Requests*11/10, mostRequests/2))
		}
	}
	for s.net.count(isBookings) < enough {
		before := len(s.net.log())
		_, err := c.ListBookings(s.ctx, pms.BookingQuery{})
		require.NoError(s, err)
		require.Greater(s, len(s.net.log()), before, "a list that asks nobody")
	}
	var calls []time.Time
	for _, r := range s.net.log() {
		assert.NotEqual(s, http.StatusTooManyRequests, r.status, "the vendor's limit was hit")
		if !r.login {
			calls = append(calls, r.at)
		}
	}
	for _, limit := range limits {
		for i := limit.Requests; i < len(calls); i++ {
			if took := calls[i].Sub(calls[i-limit.Requests]); took < limit.Window {
				s.Errorf("%d requests in %s; the limit is %d in %s", limit.Requests+1, took, limit.Requests, limit.Window)
				break
			}
		}
	}
}

// cancelledBefore: nothing is sent under a context that has ended.
func cancelledBefore(s *scene) {
	c := s.connect()
	ctx, cancel := ended(s.ctx)
	defer cancel()
	items, _, err := s.listUnder(ctx, c, pms.BookingQuery{})
	require.ErrorIs(s, err, ctx.Err())
	assert.Empty(s, items)
	assert.Empty(s, s.net.log())
}
