package smoobu

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
	vendor = "smoobu"

	apiURL = "https://login.smoobu.com"
)

// Config holds the credentials of one account and the knobs that every
// connector has.
type Config struct {
	// APIKey and APISecret are the pair made under Settings, Advanced, API Keys.
	// Without APISecret requests are not signed: see the package comment.
	APIKey    string `json:"apiKey"`
	APISecret string `json:"apiSecret,omitzero"`

	// WebhookSecret is the secret that [NewWebhookPath] was given, and
	// PreviousWebhookSecret one that is still accepted during a rotation.
	WebhookSecret         string `json:"webhookSecret,omitzero"`
	PreviousWebhookSecret string `json:"previousWebhookSecret,omitzero"`
	// UserID is the id of the account as [Client.GetUser] tells it. Webhooks
	// need it, and every webhook must be of this user. Its JSON form is a number
	// or a text.
	UserID pms.Text `json:"userId,omitzero"`

	// TimeZone is an IANA name: the zone of the account's stamps, which Smoobu
	// does not state, and of apartments that state none. CheckIn and CheckOut
	// are those of the account's apartments.
	TimeZone string    `json:"timeZone,omitzero"`
	CheckIn  pms.Clock `json:"checkIn,omitzero"`
	CheckOut pms.Clock `json:"checkOut,omitzero"`

	// BaseURL is scheme, host and port; empty means the vendor's. A path in
	// front is a proxy's and is not signed.
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

// String hides the credentials.
func (Config) String() string { return "smoobu.Config{[redacted]}" }

// GoString hides the credentials.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// Client is a Smoobu account. It is safe for concurrent use.
type Client struct {
	cfg  Config
	zone *time.Location // nil when not configured
	api  *rest.Client
}

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg.APIKey = strings.TrimSpace(cfg.APIKey)
	cfg.APISecret = strings.TrimSpace(cfg.APISecret)
	cfg.UserID = pms.Text(strings.TrimSpace(string(cfg.UserID)))
	if err := cfg.check(); err != nil {
		return nil, err
	}
	zone, err := settings.Zone(vendor, cfg.TimeZone)
	if err != nil {
		return nil, err
	}
	api, err := rest.New(rest.Options{
		Vendor:     vendor,
		BaseURL:    cfg.BaseURL,
		DefaultURL: apiURL,
		HTTPClient: cfg.HTTPClient,
		Logger:     cfg.Logger,
		Limiter:    cfg.Limiter,
		Limits:     Info().Limits,
		MaxRetries: cfg.MaxRetries,
		MaxWait:    cfg.MaxWait,
		Auth:       newSigner(cfg),
		Classify:   classify,
		Secrets:    []string{cfg.APIKey, cfg.APISecret, cfg.WebhookSecret, cfg.PreviousWebhookSecret},
		// The allowance is one of a minute.
		RetryAfter429: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	return &Client{cfg: cfg, zone: zone, api: api}, nil
}

func (cfg Config) check() error {
	if err := settings.Required(vendor, "APIKey", cfg.APIKey); err != nil {
		return err
	}
	if cfg.APISecret != "" {
		if err := settings.Required(vendor, "APISecret", cfg.APISecret); err != nil {
			return err
		}
	}
	if (cfg.WebhookSecret != "" || cfg.PreviousWebhookSecret != "") && cfg.UserID == "" {
		return fmt.Errorf("%s: UserID is required with WebhookSecret: GetUser tells it", vendor)
	}
	return nil
}

// String names the client and nothing of its configuration.
func (*Client) String() string { return "smoobu.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "smoobu.Client" }
