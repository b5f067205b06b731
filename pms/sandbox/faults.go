package sandbox

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Faults is a RoundTripper that notes every request and breaks those that a
// rule matches. The first rule that matches and is not used up acts; without
// one the request goes on to Next. Use it by pointer; it is safe for concurrent
// use once Next and Rules are set.
type Faults struct {
	// Next is the vendor. Nil means http.DefaultTransport.
	Next  http.RoundTripper
	Rules []Rule

	mu   sync.Mutex
	hits []int
	seen []Request
}

// Rule says which requests break, and how.
type Rule struct {
	// Match selects requests. Nil selects all.
	Match func(*http.Request) bool
	// Skip is how many matching requests pass before the rule acts.
	Skip int
	// Times is how often the rule acts. Zero means for ever.
	Times int
	Do    Fault
}

// Fault answers a request in the place of next, the vendor, or spoils what the
// vendor answers.
type Fault func(req *http.Request, next http.RoundTripper) (*http.Response, error)

// Request is a request that was seen, credentials and all.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
	At     time.Time
}

// RoundTrip implements [http.RoundTripper].
func (f *Faults) RoundTrip(req *http.Request) (*http.Response, error) {
	req, err := f.note(req)
	if err != nil {
		return nil, err
	}
	next := f.Next
	if next == nil {
		next = http.DefaultTransport
	}
	if do := f.pick(req); do != nil {
		return do(req, next)
	}
	return next.RoundTrip(req)
}

// note keeps the request with its body, and returns one that can be sent.
func (f *Faults) note(req *http.Request) (*http.Request, error) {
	seen := Request{Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone(), At: time.Now()}
	if req.Body != nil && req.Body != http.NoBody {
		body, err := io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
		seen.Body = body
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, seen)
	return req, nil
}

func (f *Faults) pick(req *http.Request) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hits = append(f.hits, make([]int, len(f.Rules)-len(f.hits))...)
	for i, rule := range f.Rules {
		if rule.Match != nil && !rule.Match(req) {
			continue
		}
		f.hits[i]++
		if hit := f.hits[i] - rule.Skip; hit > 0 && (rule.Times == 0 || hit <= rule.Times) {
			return rule.Do
		}
	}
	return nil
}

// Add appends rules, also while requests are under way.
func (f *Faults) Add(rules ...Rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Rules = append(f.Rules, rules...)
}

// Reset forgets all rules and all requests.
func (f *Faults) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Rules, f.hits, f.seen = nil, nil, nil
}

// Seen returns all requests in order, also those that a rule answered.
func (f *Faults) Seen() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seen)
}

// Path matches requests whose path begins with prefix.
func Path(prefix string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, prefix) }
}

// Method matches requests with one of the methods.
func Method(methods ...string) func(*http.Request) bool {
	return func(r *http.Request) bool { return slices.Contains(methods, r.Method) }
}

// Status answers without asking the vendor.
func Status(code int, header http.Header, body string) Fault {
	return func(req *http.Request, _ http.RoundTripper) (*http.Response, error) {
		return newResponse(req, code, header.Clone(), []byte(body)), nil
	}
}

// TooManyRequests answers 429 with a Retry-After header, or without one when
// it is empty.
func TooManyRequests(retryAfter string) Fault {
	header := http.Header{}
	if retryAfter != "" {
		header.Set("Retry-After", retryAfter)
	}
	return Status(http.StatusTooManyRequests, header, "")
}

// Unauthorized answers 401.
func Unauthorized() Fault { return Status(http.StatusUnauthorized, nil, "") }

// htmlPage is what proxies in front of a vendor answer with.
const htmlPage = "<!DOCTYPE html>\n<html><head><title>Service</title></head><body><h1>We will be back soon</h1></body></html>\n"

// HTMLError answers 503 with an HTML page.
func HTMLError() Fault { return html(http.StatusServiceUnavailable) }

// HTML answers 200 with an HTML page, as a login or maintenance page does.
func HTML() Fault { return html(http.StatusOK) }

func html(code int) Fault {
	return Status(code, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, htmlPage)
}

// Empty answers 200 without a body.
func Empty() Fault { return Status(http.StatusOK, nil, "") }

// Redirect answers with a Location.
func Redirect(code int, location string) Fault {
	return Status(code, http.Header{"Location": {location}}, "")
}

// Nothing returns neither an answer nor an error, which a RoundTripper must
// not do and a broken middleware does.
func Nothing() Fault {
	return func(*http.Request, http.RoundTripper) (*http.Response, error) {
		return nil, nil
	}
}

// Refuse fails to connect: the vendor never sees the request.
func Refuse() Fault {
	return func(*http.Request, http.RoundTripper) (*http.Response, error) {
		return nil, netError("dial", "connect", syscall.ECONNREFUSED)
	}
}

// ResetBefore loses the connection before the answer: the vendor has done what
// it was asked for.
func ResetBefore() Fault {
	return func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		resp, err := next.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return nil, errReset()
	}
}

// ResetAfter loses the connection after n bytes of the vendor's body.
func ResetAfter(n int) Fault { return cut(n, errReset()) }

// Truncate ends the vendor's body after n bytes, while its Content-Length
// speaks of the whole.
func Truncate(n int) Fault { return cut(n, io.ErrUnexpectedEOF) }

func cut(n int, end error) Fault {
	return func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		resp, body, err := whole(req, next)
		if err != nil {
			return nil, err
		}
		body = body[:min(n, len(body))]
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{end}))
		return resp, nil
	}
}

// Rewrite changes the vendor's body. Content-Length is that of the new one.
func Rewrite(fn func(body []byte) []byte) Fault {
	return func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		resp, body, err := whole(req, next)
		if err != nil {
			return nil, err
		}
		return newResponse(req, resp.StatusCode, resp.Header, fn(body)), nil
	}
}

// whole asks next and reads the body to its end.
func whole(req *http.Request, next http.RoundTripper) (*http.Response, []byte, error) {
	resp, err := next.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, nil, fmt.Errorf("sandbox: body of the vendor: %w", err)
	}
	return resp, body, nil
}

// Slow waits for d or for the end of the request's context, then passes on.
func Slow(d time.Duration) Fault {
	return func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return next.RoundTrip(req)
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
}

// Bomb answers 200 with a body that is size bytes of white space once
// unpacked. As with a real transport, a request that names its own
// Accept-Encoding gets the packed bytes, any other the unpacked ones.
func Bomb(size int64) Fault {
	return func(req *http.Request, _ http.RoundTripper) (*http.Response, error) {
		if req.Header.Get("Accept-Encoding") == "" {
			resp := newResponse(req, http.StatusOK, http.Header{"Content-Type": {"application/json"}}, nil)
			resp.Header.Del("Content-Length")
			resp.ContentLength, resp.Uncompressed = -1, true
			resp.Body = io.NopCloser(contextReader{req.Context(), io.LimitReader(blank{}, size)})
			return resp, nil
		}
		packed, err := pack(size)
		if err != nil {
			return nil, err
		}
		header := http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}
		return newResponse(req, http.StatusOK, header, packed), nil
	}
}

func pack(size int64) ([]byte, error) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := io.Copy(zip, io.LimitReader(blank{}, size)); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// blank is white space without end.
type blank struct{}

func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// failing is a reader that has only an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func errReset() error { return netError("read", "read", syscall.ECONNRESET) }

func netError(op, call string, errno syscall.Errno) error {
	return &net.OpError{Op: op, Net: "tcp", Err: os.NewSyscallError(call, errno)}
}
