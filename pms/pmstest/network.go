package pmstest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// network stands between a connector and the vendor. It breaks what the
// scenario wants broken and keeps a log.
type network struct {
	scene  *scene
	faults sandbox.Faults

	mu       sync.Mutex
	requests []request
	// kept are the credentials of requests to an earlier vendor of the scene.
	kept []string
	// received are the webhooks that the vendor posted.
	received []pms.Delivery
	// answered, if set, is called after each answer to a request for bookings
	// with their number so far.
	answered func(n int)
}

// request is one request that a connector sent.
type request struct {
	bookings, login, write bool

	host, path string
	at         time.Time
	plain      bool
	status     int // 0 without an answer
}

// mostRequests is where a connector is taken to run in a circle.
const mostRequests = 5000

// RoundTrip implements [http.RoundTripper].
func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	h := n.scene.h
	r := request{
		bookings: is(h.IsBookings, req), login: is(h.IsLogin, req), write: is(h.IsWrite, req),
		host: req.URL.Host, path: req.URL.Path, plain: req.URL.Scheme != "https", at: time.Now(),
	}
	n.mu.Lock()
	i := len(n.requests)
	n.requests = append(n.requests, r)
	n.mu.Unlock()
	if i == mostRequests {
		n.scene.Errorf("the connector runs in a circle: %d requests", i)
	}
	if i >= mostRequests {
		return nil, errors.New("pmstest: too many requests")
	}
	resp, err := n.faults.RoundTrip(req)
	if resp != nil {
		n.mu.Lock()
		n.requests[i].status = resp.StatusCode
		n.mu.Unlock()
	}
	if n.answered != nil && r.bookings {
		n.answered(n.count(isBookings))
	}
	return resp, err
}

func is(match func(*http.Request) bool, req *http.Request) bool { return match != nil && match(req) }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// log returns the requests so far.
func (n *network) log() []request {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]request(nil), n.requests...)
}

func (n *network) count(match func(request) bool) int {
	count := 0
	for _, r := range n.log() {
		count += btoi(match(r))
	}
	return count
}

func isBookings(r request) bool { return r.bookings }
func isLogin(r request) bool    { return r.login }
func isWrite(r request) bool    { return r.write }

// secrets returns the credentials that were sent: tokens, sessions and keys.
func (n *network) secrets() []string {
	if n == nil {
		return nil
	}
	out := append([]string(nil), n.kept...)
	for _, r := range n.faults.Seen() {
		for name, values := range r.Header {
			for _, value := range values {
				out = append(out, credentials(strings.ToLower(name), value)...)
			}
		}
	}
	return out
}

// credentials returns the secret parts of a header.
func credentials(name, value string) []string {
	switch {
	case name == "authorization":
		_, token, _ := strings.Cut(value, " ")
		return []string{token}
	case name == "cookie":
		var out []string
		for pair := range strings.SplitSeq(value, ";") {
			_, v, _ := strings.Cut(pair, "=")
			out = append(out, strings.TrimSpace(v))
		}
		return out
	case strings.Contains(name, "key"), strings.Contains(name, "token"), strings.Contains(name, "secret"):
		return []string{value}
	}
	return nil
}

// inbox is where the vendor's webhooks arrive.
type inbox network

// RoundTrip implements [http.RoundTripper].
func (i *inbox) RoundTrip(req *http.Request) (*http.Response, error) {
	d := pms.Delivery{Header: req.Header.Clone(), URL: req.URL.RequestURI(), ReceivedAt: time.Now()}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
		d.Body = body
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.received = append(i.received, d)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
}

// deliveries returns the webhooks received so far and forgets them.
func (n *network) deliveries() []pms.Delivery {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.received
	n.received = nil
	return out
}

// blocking is a limiter that never lets anyone pass.
type blocking struct{}

func (blocking) Wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// counting is a limiter that counts.
type counting struct {
	mu    sync.Mutex
	waits int
}

func (c *counting) Wait(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits++
	return ctx.Err()
}
