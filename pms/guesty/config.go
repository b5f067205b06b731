package guesty

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/guests"
	"github.com/changeover-sdk/changeover/internal/hook"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/oauth"
)

const (
	vendor = "guesty"

	apiURL    = "https://open-api.guesty.com"
	userAgent = "changeover-sdk (github.com/changeover-sdk/changeover)"
)

// Config holds the credentials of one account and the knobs that every
// connector has.
type Config struct {
	// ClientID and ClientSecret are shown under Integrations, API & Webhooks.
	ClientID     string `json:"clientId,omitzero"`
	ClientSecret string `json:"clientSecret,omitzero"`

	// WebhookSecret is the secret that [Client.RegisterWebhook] returned,
	// "whsec_...", and PreviousWebhookSecret one that is still accepted during a
	// rotation.
	WebhookSecret         string `json:"webhookSecret,omitzero"`
	PreviousWebhookSecret string `json:"previousWebhookSecret,omitzero"`

	// Guests reads the name, phone and e-mail of guests: a request for each
	// guest, whose answer is kept for a day.
	Guests bool `json:"guests,omitzero"`
	// Times reads the planned times of arrival and departure and the zone of
	// the listing: a request for ten reservations, and the listings once an hour.
	Times bool `json:"times,omitzero"`
	// Blocks reads blocked dates: a request for each listing.
	Blocks bool `json:"blocks,omitzero"`

	// BaseURL is scheme, host and port; empty means the vendor's.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter replaces the vendor's limits; share one between clients of the
	// same account.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
	// TokenStore keeps the account's token between runs and for all processes.
	// Nil keeps it in memory: each start of the process then uses up one of the
	// five tokens that Guesty gives in 24 hours.
	TokenStore oauth.TokenStore `json:"-"`
}

// String hides the credentials.
func (Config) String() string { return "guesty.Config{[redacted]}" }

// GoString hides the credentials.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// Client is a Guesty account. It is safe for concurrent use.
type Client struct {
	cfg      Config
	hookKeys [][]byte
	api      *rest.Client
	guests   guests.Cache
	zones    *zoneCache
}

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg.ClientID = strings.TrimSpace(cfg.ClientID)
	cfg.ClientSecret = strings.TrimSpace(cfg.ClientSecret)
	if err := settings.Required(vendor, "ClientID", cfg.ClientID, "ClientSecret", cfg.ClientSecret); err != nil {
		return nil, err
	}
	secrets := []string{cfg.ClientID, cfg.ClientSecret}
	c := &Client{cfg: cfg, zones: newZoneCache()}
	for _, s := range []struct{ name, secret string }{
		{"WebhookSecret", cfg.WebhookSecret}, {"PreviousWebhookSecret", cfg.PreviousWebhookSecret},
	} {
		if s.secret == "" {
			continue
		}
		key, err := hook.StandardKey(s.secret)
		if err != nil {
			return nil, fmt.Errorf("%s: %s %w", vendor, s.name, err)
		}
		c.hookKeys = append(c.hookKeys, key)
		secrets = append(secrets, s.secret, strings.TrimPrefix(s.secret, "whsec_"))
	}
	source, err := oauth.NewSource(oauth.Options{
		App: oauth.App{
			Vendor: vendor, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret,
			TokenURL: apiURL + "/oauth2/token", Scopes: []string{"open-api"}, UserAgent: userAgent,
			Secrets: secrets, BaseURL: cfg.BaseURL, HTTPClient: cfg.HTTPClient, Logger: cfg.Logger, MaxRetries: cfg.MaxRetries, MaxWait: cfg.MaxWait,
		},
		Grant: oauth.ClientCredentials,
		Store: cfg.TokenStore,
		Quota: pms.Limit{Requests: 5, Window: 24 * time.Hour}, // of tokens (documentation, 2026)
		Early: time.Hour,
	})
	if err != nil {
		return nil, err
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
		Auth:       source,
		Classify:   classify,
		Secrets:    secrets,
	})
	return c, err
}

// String names the client and nothing of its configuration.
func (*Client) String() string { return "guesty.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "guesty.Client" }
