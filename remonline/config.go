package remonline

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
)

const (
	vendor     = "remonline"
	defaultURL = "https://api.roapp.io"
)

// Config holds the credentials of one account and the knobs that every
// connector has.
type Config struct {
	// APIKey is the key of Settings > API. It belongs to an employee and has
	// that employee's rights.
	APIKey string `json:"apiKey"`

	// WebhookSecret is the secret of the webhook in Settings > API, and
	// PreviousWebhookSecret one that is still accepted during a rotation.
	WebhookSecret         string `json:"webhookSecret,omitzero"`
	PreviousWebhookSecret string `json:"previousWebhookSecret,omitzero"`

	// API is the generation of the API: empty or "v2". The token API of old,
	// "legacy", is refused with ErrNotSupported: see [New].
	API string `json:"api,omitzero"`

	// BaseURL is scheme, host and port; empty means the vendor's.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter replaces the vendor's limit; share one between clients of the
	// same account.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
}

// The generations of the API.
const (
	APIv2     = "v2"
	APILegacy = "legacy"
)

// String hides the credentials.
func (Config) String() string { return "remonline.Config{[redacted]}" }

// GoString hides the credentials.
func (c Config) GoString() string { return c.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// ParseConfig reads stored settings. An unknown key is an error that names it.
func ParseConfig(data []byte) (Config, error) {
	var cfg Config
	err := settings.Decode(vendor, data, &cfg)
	return cfg, err
}

// Client is a RemOnline account. It is safe for concurrent use.
type Client struct {
	cfg  Config
	rest *rest.Client
}

// New checks the configuration and returns a Client. It sends nothing.
//
// One key opens all generations of the API, so an account that was connected
// by the token API needs no other key. That API is out of support since
// 2026-09-01: asking for it is a [*pms.APIError] of [pms.ErrNotSupported].
func New(cfg Config) (*Client, error) {
	cfg.APIKey = strings.TrimSpace(cfg.APIKey)
	if err := settings.Required(vendor, "APIKey", cfg.APIKey); err != nil {
		return nil, err
	}
	if cfg.API != "" && cfg.API != APIv2 {
		return nil, &pms.APIError{Vendor: vendor, Op: "New", Kind: pms.ErrNotSupported, Message: "API must be v2: the same key opens it, and the token API is out of support"}
	}
	client, err := rest.New(rest.Options{
		Vendor:        vendor,
		BaseURL:       cfg.BaseURL,
		DefaultURL:    defaultURL,
		HTTPClient:    cfg.HTTPClient,
		Logger:        cfg.Logger,
		Limiter:       cfg.Limiter,
		Limits:        Info().Limits,
		MaxRetries:    cfg.MaxRetries,
		MaxWait:       cfg.MaxWait,
		Auth:          apiKey(cfg.APIKey),
		Classify:      classify,
		Secrets:       []string{cfg.APIKey, cfg.WebhookSecret, cfg.PreviousWebhookSecret},
		RetryAfter429: time.Second, // the allowance is per second; the vendor sends no Retry-After
	})
	if err != nil {
		return nil, err
	}
	return &Client{cfg: cfg, rest: client}, nil
}

// apiKey is a key that does not change.
type apiKey string

// Apply implements [rest.Auth].
func (k apiKey) Apply(_ context.Context, req *http.Request) (string, error) {
	rest.Bearer(req, string(k))
	return string(k), nil
}

// Expire implements [rest.Auth]: there is no other key to try.
func (apiKey) Expire(string) bool { return false }

// String names the client and nothing of its configuration.
func (*Client) String() string { return "remonline.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "remonline.Client" }

// Info describes RemOnline for a connect form. It keeps no bookings and no
// units, so its capability table is empty.
func Info() pms.Info {
	return pms.Info{
		Name:   vendor,
		Title:  "RemOnline (RO App)",
		Docs:   "https://roapp.readme.io/reference/getting-started-with-api",
		Access: "Settings > API in the web app shows the key; it has the rights of the employee whose it is.",
		Auth:   "Bearer key",
		Limits: []pms.Limit{{Requests: 3, Window: time.Second}},
		// A for paths, filters, limits and webhooks; B for the fields of orders.
		Evidence: "A",
		Checked:  civil.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "apiKey", Label: "API key", Help: "Settings > API", Secret: true},
			{Name: "webhookSecret", Label: "Webhook secret", Help: "Settings > API > Webhook", Secret: true, Optional: true},
		},
		Notes: []string{
			"An order holds no cost: it is the sum over its items, one more call per order.",
			"Deleted orders vanish from the list; only the webhook tells.",
			"The order webhook proves its sender, not its body: the order is to be read again.",
		},
	}
}
