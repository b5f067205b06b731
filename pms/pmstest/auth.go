package pmstest

import (
	"net/http"
	"sync"

	"github.com/stretchr/testify/assert"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func authScenarios() []scenario {
	return []scenario{
		{name: "unauthorized-once", play: unauthorizedOnce, needs: needsLogin},
		{name: "unauthorized-for-ever", play: unauthorizedForEver, needs: needsHTTP},
		{name: "forbidden", play: forbidden, needs: needsHTTP},
		{name: "login-refused", play: loginRefused, needs: needsLogin},
		{name: "login-down", play: loginDown, needs: needsLogin},
		{name: "login-kept", play: loginKept, needs: needsLogin},
		{name: "renewal-shared", play: renewalShared, needs: needsLogin},
	}
}

// unauthorizedOnce: credentials that end on the way are renewed, once.
func unauthorizedOnce(s *scene) {
	for _, skip := range []int{0, 1} {
		s.reset()
		s.breaks(s.h.IsBookings, skip, 1, sandbox.Unauthorized())
		c := s.connect()
		if s.complete(c, s.paged()) && s.net.count(func(r request) bool { return r.status == http.StatusUnauthorized }) > 0 {
			assert.Equal(s, 2, s.net.count(isLogin), "logins: the first and one renewal")
		}
	}
}

// unauthorizedForEver: refused credentials are an error and no circle.
func unauthorizedForEver(s *scene) {
	s.breaks(s.h.IsBookings, 0, 0, sandbox.Unauthorized())
	items, _, err := s.list(s.connect(withRetries), pms.BookingQuery{})
	s.wantError(err, pms.ErrUnauthorized)
	assert.Empty(s, items)
	most := 1 + btoi(s.h.IsLogin != nil)
	assert.LessOrEqual(s, s.net.count(isBookings), most, "requests for bookings")
	assert.LessOrEqual(s, s.net.count(isLogin), 2, "logins")
}

// forbidden: what the account may not do is not tried again.
func forbidden(s *scene) {
	s.breaks(s.h.IsBookings, 0, 0, sandbox.Status(http.StatusForbidden, nil, ""))
	items, _, err := s.list(s.connect(withRetries), pms.BookingQuery{})
	s.wantError(err, pms.ErrForbidden)
	assert.Empty(s, items)
	assert.Equal(s, 1, s.net.count(isBookings), "requests for bookings")
}

func loginRefused(s *scene) {
	s.breaks(s.h.IsLogin, 0, 0, sandbox.Unauthorized())
	_, _, err := s.list(s.connect(withRetries), pms.BookingQuery{})
	s.wantError(err, pms.ErrUnauthorized)
	assert.Zero(s, s.net.count(isBookings), "requests for bookings without a login")
	assert.LessOrEqual(s, s.net.count(isLogin), 2, "logins")
}

// loginDown: all who wait for a login get its error, and the next call tries
// again.
func loginDown(s *scene) {
	s.breaks(s.h.IsLogin, 0, 1, sandbox.Refuse())
	c := s.connect(func(k *Knobs) { k.MaxRetries = -1 })
	_, _, err := s.list(c, pms.BookingQuery{})
	s.wantError(err, pms.ErrUnavailable)
	s.complete(c, pms.BookingQuery{})
}

// loginKept: one login serves many calls.
func loginKept(s *scene) {
	c := s.connect()
	for range 3 {
		s.complete(c, s.paged())
	}
	assert.Equal(s, 1, s.net.count(isLogin), "logins")
}

// renewalShared: calls at the same time whose credentials end renew them once.
func renewalShared(s *scene) {
	c := s.connect()
	s.complete(c, pms.BookingQuery{})
	old := map[string]bool{}
	for _, secret := range s.net.secrets() {
		old[secret] = true
	}
	s.breaks(func(r *http.Request) bool {
		for name, values := range r.Header {
			for _, value := range values {
				for _, secret := range credentials(lower(name), value) {
					if old[secret] {
						return s.h.IsBookings(r)
					}
				}
			}
		}
		return false
	}, 0, 0, sandbox.Unauthorized())
	before := s.net.count(isLogin)
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() { s.complete(c, s.paged()) })
	}
	wait.Wait()
	assert.Equal(s, 1, s.net.count(isLogin)-before, "renewals")
}
