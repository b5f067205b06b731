package realtycalendar

import (
	"cmp"
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
	vendor = "realtycalendar"

	apiURL = "https://realtycalendar.ru"
	moscow = "Europe/Moscow"
)

// Config holds the credentials of one account and the knobs that every
// connector has. Give AccountID and WebhookSecret for webhooks, PublicKey and
// PrivateKey for the signed API, or all four.
type Config struct {
	// PublicKey and PrivateKey are the keys of the signed API v1.
	PublicKey  string `json:"publicKey,omitzero"`
	PrivateKey string `json:"privateKey,omitzero"`
	// AccountID is the number at the top right of RealtyCalendar's main page.
	// Its JSON form is a number or a text.
	AccountID pms.Text `json:"accountId,omitzero"`
	// AgencyID is the agency_id of the account's webhooks. Empty means that it is
	// AccountID, which is likely and unverified: set it if webhooks are refused as
	// those of another account.
	AgencyID pms.Text `json:"agencyId,omitzero"`

	// WebhookSecret is the secret that [NewWebhookPath] was given, and
	// PreviousWebhookSecret one that is still accepted during a rotation.
	WebhookSecret         string `json:"webhookSecret,omitzero"`
	PreviousWebhookSecret string `json:"previousWebhookSecret,omitzero"`

	// TimeZone, CheckIn and CheckOut are those of the account's lots; the vendor
	// does not tell them. TimeZone is an IANA name; empty means Europe/Moscow.
	TimeZone string    `json:"timeZone,omitzero"`
	CheckIn  pms.Clock `json:"checkIn,omitzero"`
	CheckOut pms.Clock `json:"checkOut,omitzero"`

	// BaseURL is scheme, host and port; empty means the vendor's.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter paces requests; nil means no pace, for the vendor publishes none.
	// Share one between clients of the same account.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
}

// String hides the credentials.
func (Config) String() string { return "realtycalendar.Config{[redacted]}" }

// GoString hides the credentials.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// Client is a RealtyCalendar account. It is safe for concurrent use.
type Client struct {
	cfg    Config
	moscow *time.Location // where RealtyCalendar counts days
	api    *rest.Client   // nil without keys
}

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg.PublicKey = strings.TrimSpace(cfg.PublicKey)
	cfg.PrivateKey = strings.TrimSpace(cfg.PrivateKey)
	cfg.AccountID = pms.Text(strings.TrimSpace(string(cfg.AccountID)))
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg.TimeZone = cmp.Or(cfg.TimeZone, moscow)
	if _, err := settings.Zone(vendor, cfg.TimeZone); err != nil {
		return nil, err
	}
	zone, err := settings.Zone(vendor, moscow)
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, moscow: zone}
	if cfg.PublicKey == "" {
		return c, nil
	}
	c.api, err = rest.New(rest.Options{
		Vendor:     vendor,
		BaseURL:    cfg.BaseURL,
		DefaultURL: apiURL,
		HTTPClient: cfg.HTTPClient,
		Logger:     cfg.Logger,
		Limiter:    cfg.Limiter,
		Limits:     Info().Limits,
		MaxRetries: cfg.MaxRetries,
		MaxWait:    cfg.MaxWait,
		Classify:   classify,
		Secrets: []string{
			cfg.PublicKey, cfg.PrivateKey, string(cfg.AccountID), cfg.WebhookSecret, cfg.PreviousWebhookSecret,
		},
	})
	return c, err
}

func (cfg Config) check() error {
	keys := cfg.PublicKey != "" || cfg.PrivateKey != ""
	webhooks := cfg.WebhookSecret != "" || cfg.PreviousWebhookSecret != ""
	switch {
	case !keys && !webhooks:
		return fmt.Errorf("%s: AccountID and WebhookSecret, or PublicKey and PrivateKey, are required", vendor)
	case webhooks && cfg.AccountID == "":
		return fmt.Errorf("%s: AccountID is required with WebhookSecret", vendor)
	case keys:
		return settings.Required(vendor, "PublicKey", cfg.PublicKey, "PrivateKey", cfg.PrivateKey)
	}
	return nil
}

// String names the client and nothing of its configuration.
func (*Client) String() string { return "realtycalendar.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "realtycalendar.Client" }
