package rest

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// roundTrip is a transport in one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// reply answers with status, body and pairs of header names and values.
func reply(status int, body string, header ...string) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		resp := &http.Response{
			StatusCode: status, Header: http.Header{}, Request: req,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}
		for i := 0; i+1 < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	}
}

// lose ends a request without an answer.
func lose(err error) roundTrip {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// sent is a request as the transport saw it.
type sent struct {
	at     time.Time
	method string
	url    string
	header http.Header
	body   string
}

// script is a transport that gives its answers in order. A request beyond them
// fails the test.
type script struct {
	t       testing.TB
	mu      sync.Mutex
	answers []roundTrip
	sent    []sent
}

func newScript(t testing.TB, answers ...roundTrip) *script {
	t.Helper()
	return &script{t: t, answers: answers}
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	number := len(s.sent)
	s.sent = append(s.sent, sent{
		at: time.Now(), method: req.Method, url: req.URL.String(), header: req.Header.Clone(), body: string(body),
	})
	if number >= len(s.answers) {
		s.t.Errorf("request %d is one too many: %s %s", number+1, req.Method, req.URL)
		return nil, io.ErrUnexpectedEOF
	}
	return s.answers[number](req)
}

// waits returns the time between the requests.
func (s *script) waits() []time.Duration {
	var waits []time.Duration
	for i := 1; i < len(s.sent); i++ {
		waits = append(waits, s.sent[i].at.Sub(s.sent[i-1].at))
	}
	return waits
}

// newClient makes a Client over a transport; options may change the rest.
func newClient(t testing.TB, transport http.RoundTripper, options ...func(*Options)) *Client {
	t.Helper()
	opts := Options{Vendor: "vendor", BaseURL: "https://api.example.test", HTTPClient: &http.Client{Transport: transport}}
	for _, option := range options {
		option(&opts)
	}
	client, err := New(opts)
	require.NoError(t, err)
	return client
}

var (
	read  = Call{Op: "ListBookings", Path: "/bookings"}
	write = Call{Op: "CreateBooking", Method: http.MethodPost, Path: "/bookings", JSON: map[string]int{"unit": 7}}
)

// limiterFunc is a limiter in one function.
type limiterFunc func(context.Context) error

func (f limiterFunc) Wait(ctx context.Context) error { return f(ctx) }

// fixedAuth is one key in a header.
type fixedAuth string

func (a fixedAuth) Apply(_ context.Context, req *http.Request) (string, error) {
	req.Header.Set("X-Api-Key", string(a))
	return string(a), nil
}

func (a fixedAuth) Expire(string) bool { return false }

// pass lets the bubble's clock go on.
func pass(d time.Duration) { <-time.After(d) }
