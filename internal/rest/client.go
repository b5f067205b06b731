package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// The defaults of the knobs that every connector has.
const (
	DefaultMaxRetries = 2
	DefaultMaxWait    = 5 * time.Minute
	DefaultMaxBody    = 32 << 20
	defaultTimeout    = time.Minute
)

// Options configure a Client. Vendor and a base URL are required.
type Options struct {
	Vendor string
	// BaseURL is scheme, host and port, with an optional path in front;
	// DefaultURL stands in when it is empty.
	BaseURL    string
	DefaultURL string
	HTTPClient *http.Client
	Logger     *slog.Logger
	// Limiter replaces the limiter made of Limits.
	Limiter pms.Limiter
	Limits  []pms.Limit
	// MaxRetries and MaxWait: zero means the default, negative means off.
	MaxRetries int
	MaxWait    time.Duration
	// MaxBody caps a decompressed answer, in bytes. Zero means 32 MiB.
	MaxBody int64
	// Timeout is for vendors that take their time: it is how long a request may
	// take, in place of the usual minute and of a shorter Timeout of HTTPClient.
	Timeout time.Duration

	// Auth adds credentials. Nil sends none.
	Auth Auth
	// Classify reads the vendor's way of failing from an answer. Nil, or a nil
	// result, means that the status alone decides.
	Classify func(status int, header http.Header, body []byte) *Fault
	// Secrets are masked wherever they turn up in an error or a log line.
	Secrets []string
	// RetryAfter429 is the wait after a 429 that states none.
	RetryAfter429 time.Duration
	// RequestIDHeader names the header that carries the vendor's request id.
	// Empty means X-Request-Id.
	RequestIDHeader string
	// HidePath masks the path in errors and logs: the URL itself is a secret.
	HidePath bool
	// CrossHost lets redirects lead to another host. Never set it with Auth.
	CrossHost bool
}

// Client sends calls to one vendor account. It is safe for concurrent use.
type Client struct {
	opts       Options
	base       *url.URL
	host       *http.Client
	limiter    pms.Limiter
	maxRetries int
	maxWait    time.Duration
	redactor   redactor
}

// New checks the options and builds a Client. It sends nothing.
func New(opts Options) (*Client, error) {
	base, err := parseBase(cmp.Or(opts.BaseURL, opts.DefaultURL))
	if err != nil {
		return nil, fmt.Errorf("%s: BaseURL %w", opts.Vendor, err)
	}
	if opts.MaxBody <= 0 {
		opts.MaxBody = DefaultMaxBody
	}
	opts.RequestIDHeader = cmp.Or(opts.RequestIDHeader, "X-Request-Id")
	c := &Client{
		opts:       opts,
		base:       base,
		maxRetries: max(cmp.Or(opts.MaxRetries, DefaultMaxRetries), 0),
		maxWait:    max(cmp.Or(opts.MaxWait, DefaultMaxWait), 0),
		limiter:    opts.Limiter,
		redactor:   newRedactor(opts.Secrets, opts.HidePath),
		host:       hostClient(opts.HTTPClient, opts.Timeout),
	}
	if c.limiter == nil && len(opts.Limits) > 0 {
		c.limiter = NewLimiter(opts.Limits, c.maxWait)
	}
	return c, nil
}

// Limiter returns what paces the calls, nil if nothing does. Another Client of
// the same account shares it.
func (c *Client) Limiter() pms.Limiter { return c.limiter }

// String names the vendor and the server, and no credentials.
func (c *Client) String() string {
	return c.opts.Vendor + " at " + c.base.Host
}

func parseBase(raw string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(raw), "/"))
	switch {
	case err != nil:
		return nil, errors.New("is not a URL")
	case base.Scheme != "https" && base.Scheme != "http":
		return nil, errors.New("must begin with https:// or http://")
	case base.Host == "":
		return nil, errors.New("has no host")
	case base.User != nil:
		return nil, errors.New("must hold no user and password")
	case base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("must hold no query and no fragment")
	}
	return base, nil
}

// hostClient copies the host's client, or makes one with timeouts. A timeout
// that is not zero is for a slow vendor.
func hostClient(hc *http.Client, timeout time.Duration) *http.Client {
	if hc != nil {
		client := new(*hc)
		if client.Timeout > 0 {
			client.Timeout = max(client.Timeout, timeout)
		}
		return client
	}
	transport := http.DefaultTransport
	if t, ok := transport.(*http.Transport); ok {
		t = t.Clone()
		t.ResponseHeaderTimeout = cmp.Or(timeout, defaultTimeout/2)
		t.MaxIdleConnsPerHost = 8
		t.MaxResponseHeaderBytes = 1 << 20
		transport = t
	}
	return &http.Client{Transport: transport, Timeout: cmp.Or(timeout, defaultTimeout)}
}

// Auth adds credentials to a request.
type Auth interface {
	// Apply adds credentials to one attempt and returns a mark of them, which
	// is masked in errors and logs. The request and its URL are the attempt's
	// own and may be changed.
	Apply(ctx context.Context, req *http.Request) (mark string, err error)
	// Expire is told that the vendor refused the credentials of the mark. It
	// reports whether another attempt may fare better.
	Expire(mark string) bool
}

// Fault is a failure as the vendor reports it.
type Fault struct {
	// Kind is a sentinel of pms; nil leaves it to the status.
	Kind    error
	Code    string
	Message string
	// RequestID is the vendor's id of the request where its body has it; it
	// stands in front of the header's.
	RequestID string
	// RetryAfter overrides the Retry-After header when positive.
	RetryAfter time.Duration
}
