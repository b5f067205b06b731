package hostaway

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/oauth"
)

const (
	vendor = "hostaway"

	apiURL = "https://api.hostaway.com"
)

// Config holds the credentials of one account and the knobs that every
// connector has.
type Config struct {
	// AccountID is the account id, a number. Its JSON form is a number or a
	// text.
	AccountID pms.Text `json:"accountId,omitzero"`
	// ClientSecret is the API key.
	ClientSecret string `json:"clientSecret,omitzero"`

	// WebhookLogin and WebhookPassword are those that Hostaway sends with
	// webhooks as HTTP Basic; the host makes them up. PreviousWebhookPassword is
	// one that is still accepted during a rotation.
	WebhookLogin            string `json:"webhookLogin,omitzero"`
	WebhookPassword         string `json:"webhookPassword,omitzero"`
	PreviousWebhookPassword string `json:"previousWebhookPassword,omitzero"`
	// NoUnits says that no listing of the account has units. ListProperties then
	// saves one request a listing.
	NoUnits bool `json:"noUnits,omitzero"`

	// TokenStore keeps the token between runs and for other processes; nil keeps
	// it in memory.
	TokenStore oauth.TokenStore `json:"-"`

	// BaseURL is scheme, host and port; empty means the vendor's.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter replaces the vendor's limits; share one between clients of the
	// same account or the same address.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
}

// String hides the credentials.
func (Config) String() string { return "hostaway.Config{[redacted]}" }

// GoString hides the credentials.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// Client is a Hostaway account. It is safe for concurrent use.
type Client struct {
	cfg Config
	api *rest.Client
}

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg.AccountID = pms.Text(strings.TrimSpace(string(cfg.AccountID)))
	cfg.ClientSecret = strings.TrimSpace(cfg.ClientSecret)
	if err := cfg.check(); err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg}
	var err error
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
		Auth:       newTokens(c),
		Classify:   classify,
		Secrets: []string{
			string(cfg.AccountID), cfg.ClientSecret, cfg.WebhookPassword, cfg.PreviousWebhookPassword,
		},
	})
	return c, err
}

func (cfg Config) check() error {
	if err := settings.Required(vendor, "AccountID", string(cfg.AccountID), "ClientSecret", cfg.ClientSecret); err != nil {
		return err
	}
	switch {
	case !isNumber(string(cfg.AccountID)):
		return fmt.Errorf("%s: AccountID must be a number", vendor)
	case (cfg.WebhookLogin == "") != (cfg.WebhookPassword == ""):
		return fmt.Errorf("%s: WebhookLogin and WebhookPassword belong together", vendor)
	case strings.Contains(cfg.WebhookLogin, ":"):
		return fmt.Errorf("%s: WebhookLogin must not hold a colon", vendor)
	case cfg.PreviousWebhookPassword != "" && cfg.WebhookLogin == "":
		return fmt.Errorf("%s: PreviousWebhookPassword needs WebhookLogin", vendor)
	}
	return nil
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// String names the client and nothing of its configuration.
func (*Client) String() string { return "hostaway.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "hostaway.Client" }
