package kigo

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
)

const (
	vendor = "kigo"

	apiURL = "https://app.kigo.net"
)

// Config holds the credentials of one account and the knobs that every
// connector has.
type Config struct {
	// Username and Password are those of the API user, which Kigo gives to the
	// agency.
	Username string `json:"username"`
	Password string `json:"password"`

	// Details reads guests and notes into lists and changes: a request for each
	// booking that answers the query, at one a second. Ask with a window then.
	Details bool `json:"details,omitzero"`
	// TimeZone, CheckIn and CheckOut are those of the account's properties.
	// TimeZone is an IANA name, which Kigo does not state. CheckIn and CheckOut
	// stand in where a property has none.
	TimeZone string    `json:"timeZone,omitzero"`
	CheckIn  pms.Clock `json:"checkIn,omitzero"`
	CheckOut pms.Clock `json:"checkOut,omitzero"`

	// BaseURL is scheme, host and port; empty means the vendor's.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own. A
	// Timeout under 200 seconds is raised to that for the calendar of all
	// properties.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter replaces the limit of one request a second; share one between
	// clients of the same account.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
}

// String hides the credentials.
func (Config) String() string { return "kigo.Config{[redacted]}" }

// GoString hides the credentials.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// Client is a Kigo account. It is safe for concurrent use.
type Client struct {
	cfg  Config
	zone *time.Location // nil when not configured
	api  *rest.Client
	slow *rest.Client // for the calendar of all properties
}

const (
	// slowest is how long the calendar of all properties may take. Three minutes
	// were seen.
	slowest = 200 * time.Second
	// largest is how large it may be, in bytes: some 400 000 entries.
	largest = 64 << 20
)

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg.Username = strings.TrimSpace(cfg.Username)
	cfg.Password = strings.TrimSpace(cfg.Password)
	if err := cfg.check(); err != nil {
		return nil, err
	}
	zone, err := settings.Zone(vendor, cfg.TimeZone)
	if err != nil {
		return nil, err
	}
	opts := rest.Options{
		Vendor:     vendor,
		BaseURL:    cfg.BaseURL,
		DefaultURL: apiURL,
		HTTPClient: cfg.HTTPClient,
		Logger:     cfg.Logger,
		Limiter:    cfg.Limiter,
		Limits:     Info().Limits,
		MaxRetries: cfg.MaxRetries,
		MaxWait:    cfg.MaxWait,
		Auth:       rest.Basic{Username: cfg.Username, Password: cfg.Password},
		Classify:   classify,
		Secrets:    []string{cfg.Username, cfg.Password},
		// The vendor states no wait.
		RetryAfter429: 10 * time.Second,
	}
	api, err := rest.New(opts)
	if err != nil {
		return nil, err
	}
	opts.Limiter, opts.Timeout, opts.MaxBody = api.Limiter(), slowest, largest
	slow, err := rest.New(opts)
	return &Client{cfg: cfg, zone: zone, api: api, slow: slow}, err
}

func (cfg Config) check() error {
	if err := settings.Required(vendor, "Username", cfg.Username, "Password", cfg.Password); err != nil {
		return err
	}
	if strings.Contains(cfg.Username, ":") {
		return fmt.Errorf("%s: Username must not hold a colon", vendor)
	}
	return nil
}

// String names the client and nothing of its configuration.
func (*Client) String() string { return "kigo.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "kigo.Client" }
