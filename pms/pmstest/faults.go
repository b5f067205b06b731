package pmstest

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"github.com/stretchr/testify/assert"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// fault is one way in which an answer goes wrong.
type fault struct {
	name string
	do   sandbox.Fault
	// want is the sentinel when it stays; nil stands for any.
	want error
	// status is what the error must carry, 0 for no answer.
	status int
	// passing faults are worth a repeat: struck once, the list is whole.
	passing bool
}

func faults() []fault {
	html := "text/html; charset=utf-8"
	out := []fault{
		{name: "refused", do: sandbox.Refuse(), want: pms.ErrUnavailable, passing: true},
		{name: "reset-before", do: sandbox.ResetBefore(), want: pms.ErrUnavailable, passing: true},
		{name: "reset-at-body", do: sandbox.ResetAfter(0), want: pms.ErrUnavailable, passing: true},
		{name: "reset-in-body", do: sandbox.ResetAfter(60), want: pms.ErrUnavailable, passing: true},
		{name: "length-lies", do: sandbox.Truncate(60), want: pms.ErrUnavailable, passing: true},
		{name: "html-503", do: sandbox.HTMLError(), want: pms.ErrUnavailable, status: http.StatusServiceUnavailable, passing: true},
		{name: "html-200", do: sandbox.HTML(), want: pms.ErrDecode, status: http.StatusOK},
		{name: "html-unnamed", do: sandbox.Status(http.StatusOK, nil, "\n<HTML><body>captcha</body></HTML>"), want: pms.ErrDecode, status: http.StatusOK},
		{name: "html-500", do: sandbox.Status(http.StatusInternalServerError, http.Header{"Content-Type": {html}}, "<html>"), want: pms.ErrUnavailable, status: http.StatusInternalServerError, passing: true},
		{name: "empty-200", do: sandbox.Empty(), want: pms.ErrDecode, status: http.StatusOK},
		{name: "empty-204", do: sandbox.Status(http.StatusNoContent, nil, ""), want: pms.ErrDecode, status: http.StatusNoContent},
		{name: "blank-200", do: sandbox.Status(http.StatusOK, nil, " \r\n "), want: pms.ErrDecode, status: http.StatusOK},
		{name: "cut-json", do: sandbox.Rewrite(func(b []byte) []byte { return b[:len(b)/2] }), want: pms.ErrDecode, status: http.StatusOK},
		{name: "cut-at-end", do: sandbox.Rewrite(func(b []byte) []byte { return b[:max(len(bytes.TrimRight(b, "\r\n"))-1, 0)] }), want: pms.ErrDecode, status: http.StatusOK},
		{name: "not-gzip", do: sandbox.Status(http.StatusOK, http.Header{"Content-Encoding": {"gzip"}}, "{}"), want: nil},
		{name: "unknown-encoding", do: sandbox.Status(http.StatusOK, http.Header{"Content-Encoding": {"pmstest"}}, "{}"), want: pms.ErrDecode},
		{name: "not-modified", do: sandbox.Status(http.StatusNotModified, nil, "")},
		{name: "nothing", do: sandbox.Nothing()},
		{name: "redirect-to-other-host", do: sandbox.Redirect(http.StatusFound, "https://thief.example/take")},
		{name: "redirect-307-to-other-host", do: sandbox.Redirect(http.StatusTemporaryRedirect, "https://thief.example/take")},
		{name: "redirect-to-http", do: toHTTP()},
		{name: "redirect-in-a-circle", do: toItself()},
		{name: "redirect-nowhere", do: sandbox.Status(http.StatusFound, nil, "")},
		{name: "redirect-bad-url", do: sandbox.Redirect(http.StatusFound, "https://bad host:port/")},
	}
	for name, body := range map[string]string{
		"object": "{}", "null": "null", "text": `"ok"`, "number": "0", "false-200": "false",
		"error-200": `{"error":"something went wrong"}`, "fail-200": `{"status":"fail"}`, "success-false": `{"success":false,"message":"no"}`,
	} {
		out = append(out, fault{name: "body-" + name, do: sandbox.Status(http.StatusOK, http.Header{"Content-Type": {"application/json"}}, body), status: http.StatusOK})
	}
	for _, status := range []int{408, 500, 502, 503, 504, 521} {
		out = append(out, fault{
			name: "status-" + strconv.Itoa(status), do: sandbox.Status(status, nil, ""),
			want: pms.ErrUnavailable, status: status, passing: true,
		})
	}
	for _, status := range []int{100, 300, 400, 402, 404, 405, 406, 409, 410, 415, 422, 451, 501, 505, 600, 999} {
		out = append(out, fault{name: "status-" + strconv.Itoa(status), do: sandbox.Status(status, nil, ""), status: status})
	}
	return out
}

func faultScenarios() []scenario {
	var out []scenario
	for _, f := range faults() {
		out = append(out, scenario{name: "fault-" + f.name, needs: needsHTTP, play: func(s *scene) { strike(s, f) }})
	}
	return append(out,
		scenario{name: "fault-disguised", play: disguised, needs: func(h Harness) string {
			if h.Serve != nil && len(h.Disguised) == 0 {
				return "the vendor is not known to report failures under status 200"
			}
			return needsHTTP(h)
		}},
		scenario{name: "fault-too-large", play: tooLarge, needs: needsHTTP},
		scenario{name: "retries-off", play: retriesOff, needs: needsHTTP},
	)
}

const retries = 3

func withRetries(k *Knobs) { k.MaxRetries = retries }

// strike: whatever breaks, and wherever it strikes, a list is whole or ends
// with an error.
func strike(s *scene, f fault) {
	s.breaks(s.h.IsBookings, 0, 0, f.do)
	items, _, err := s.list(s.connect(withRetries), pms.BookingQuery{})
	api := s.wantAPIError(err, f.want)
	assert.Empty(s, items, "bookings that came with the error")
	sent := s.net.count(isBookings)
	if f.status != 0 {
		assert.Equal(s, f.status, api.StatusCode, "status in the error")
	}
	if f.passing {
		assert.Equal(s, 1+retries, api.Attempts, "attempts in the error")
		assert.Equal(s, 1+retries, sent, "requests for bookings")
	}
	assert.LessOrEqual(s, sent, 4*(1+retries), "requests for bookings")
	s.noOtherHost()

	for _, skip := range []int{0, 1, 2} {
		strikeAt(s, f, skip, 1)
	}
	strikeAt(s, f, 1, 0)
	strikeAll(s, f)
	if s.h.IsLogin != nil {
		s.reset()
		s.breaks(s.h.IsLogin, 0, 0, f.do)
		items, _, err := s.list(s.connect(withRetries), pms.BookingQuery{})
		if err == nil { // the vendor did give a session
			s.sameBookings(items, s.bookings(pms.BookingQuery{}))
		} else {
			s.wantError(err, nil)
			assert.Empty(s, items, "bookings without a login")
		}
		assert.LessOrEqual(s, s.net.count(isLogin), 4*(1+retries), "logins")
		s.noOtherHost()
	}
}

// strikeAt breaks one request for bookings, or all from there on.
func strikeAt(s *scene, f fault, skip, times int) {
	s.reset()
	s.breaks(s.h.IsBookings, skip, times, f.do)
	items, failed, err := s.list(s.connect(withRetries), s.paged())
	switch {
	case err == nil:
		assert.Empty(s, failed)
		s.sameBookings(items, s.bookings(pms.BookingQuery{}))
	case f.passing && times == 1:
		s.Errorf("request %d failed once and was not repeated: %v", skip+1, err)
	}
	s.noOtherHost()
}

// strikeAll breaks every call but the login.
func strikeAll(s *scene, f fault) {
	s.reset()
	c := s.connect(withRetries)
	id := ""
	for _, b := range s.bookings(pms.BookingQuery{ExcludeBlocks: true}) {
		id = reservation(b)
	}
	s.breaks(func(r *http.Request) bool { return !is(s.h.IsLogin, r) }, 0, 0, f.do)
	for op, call := range map[string]func(context.Context) error{
		"ListProperties": func(ctx context.Context) error {
			_, _, err := pms.Collect(pms.Properties(ctx, c, pms.PropertyQuery{}))
			return err
		},
		"GetBooking": func(ctx context.Context) error {
			_, err := pms.GetBooking(ctx, c, id)
			return err
		},
	} {
		before := s.net.count(func(r request) bool { return !r.login })
		err := call(s.ctx)
		s.note(err)
		if asked := s.net.count(func(r request) bool { return !r.login }) > before; asked && err == nil {
			s.Errorf("%s: no error", op)
		}
	}
}

// noOtherHost: nothing went to a host that Connect did not name, or over plain
// http.
func (s *scene) noOtherHost() {
	log := s.net.log()
	for _, r := range log {
		if r.host != log[0].host || r.plain {
			s.Errorf("a request went to %s (https: %t)", r.host, !r.plain)
			return
		}
	}
}

// tooLarge: an answer that does not end is left, and not asked for again.
func tooLarge(s *scene) {
	s.breaks(s.h.IsBookings, 0, 0, sandbox.Bomb(1<<30))
	items, _, err := s.list(s.connect(withRetries), pms.BookingQuery{})
	s.wantError(err, pms.ErrTooLarge)
	assert.Empty(s, items)
	assert.Equal(s, 1, s.net.count(isBookings), "requests for bookings")
}

func retriesOff(s *scene) {
	s.breaks(s.h.IsBookings, 0, 0, sandbox.Status(http.StatusServiceUnavailable, nil, ""))
	_, _, err := s.list(s.connect(func(k *Knobs) { k.MaxRetries = -1 }), pms.BookingQuery{})
	assert.Equal(s, 1, s.wantAPIError(err, pms.ErrUnavailable).Attempts)
	assert.Equal(s, 1, s.net.count(isBookings))
}

// disguised: a failure under status 200 is the failure it stands for.
func disguised(s *scene) {
	for body, want := range s.h.Disguised {
		s.reset()
		s.breaks(s.h.IsBookings, 0, 0, sandbox.Status(http.StatusOK, http.Header{"Content-Type": {"application/json"}}, body))
		items, _, err := s.list(s.connect(), pms.BookingQuery{})
		s.wantError(err, want)
		assert.Empty(s, items)
	}
}

func toHTTP() sandbox.Fault {
	return func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		target := *req.URL
		target.Scheme = "http"
		return sandbox.Redirect(http.StatusFound, target.String())(req, next)
	}
}

func toItself() sandbox.Fault {
	return func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		return sandbox.Redirect(http.StatusTemporaryRedirect, req.URL.String())(req, next)
	}
}
