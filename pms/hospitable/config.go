package hospitable

import (
	"context"
	"encoding/base64"
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
	vendor = "hospitable"

	apiURL    = "https://public.api.hospitable.com"
	authURL   = "https://auth.hospitable.com/oauth/authorize"
	tokenURL  = "https://auth.hospitable.com/oauth/token" //nolint:gosec // an address
	userAgent = "changeover-sdk (github.com/changeover-sdk/changeover)"
)

// Config holds the credentials of one account and the knobs that every
// connector has. Give Token, or ClientID and ClientSecret with a TokenStore.
type Config struct {
	// Token is a personal access token, made under Apps, API access. Reading is
	// enough for all of [pms.Connector].
	Token string `json:"token,omitzero"`
	// ClientID and ClientSecret are those of an application of the Partner
	// Portal.
	ClientID     string `json:"clientId,omitzero"`
	ClientSecret string `json:"clientSecret,omitzero"`

	// WebhookSecret is the secret of the application's webhooks, from the Partner
	// Portal, and PreviousWebhookSecret one that is still accepted during a
	// rotation.
	WebhookSecret         string `json:"webhookSecret,omitzero"`
	PreviousWebhookSecret string `json:"previousWebhookSecret,omitzero"`
	// Email is the address of the account's primary user, with which webhooks
	// are signed that a host sets up beside a personal token. It is no secret:
	// see [Client.ParseWebhook].
	Email string `json:"email,omitzero"`

	// Financials reads the price of reservations, which needs the scope
	// financials:read.
	Financials bool `json:"financials,omitzero"`
	// Blocks reads blocked dates, which needs the scope calendar:read: a request
	// for each property.
	Blocks bool `json:"blocks,omitzero"`
	// TimeZone is the IANA name of the zone of the account's properties, which
	// Hospitable does not tell. Properties and stays whose offsets contradict it
	// have none.
	TimeZone string `json:"timeZone,omitzero"`

	// BaseURL is scheme, host and port, for logins too; empty means the
	// vendor's.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter paces requests, for which Hospitable publishes no limit; nil sends
	// them at once.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
	// TokenStore keeps the token of an application for all processes. It must
	// hold the one that [NewFlow] got for the account; without it calls are
	// ErrUnauthorized. A personal token needs none.
	TokenStore oauth.TokenStore `json:"-"`
}

// String hides the credentials.
func (Config) String() string { return "hospitable.Config{[redacted]}" }

// GoString hides the credentials.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// Client is a Hospitable account. It is safe for concurrent use.
type Client struct {
	cfg  Config
	zone *time.Location // nil when not configured
	api  *rest.Client
}

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg = cfg.trimmed()
	zone, err := settings.Zone(vendor, cfg.TimeZone)
	if err != nil {
		return nil, err
	}
	auth, err := cfg.auth()
	if err != nil {
		return nil, err
	}
	api, err := rest.New(rest.Options{
		Vendor:          vendor,
		BaseURL:         cfg.BaseURL,
		DefaultURL:      apiURL,
		HTTPClient:      cfg.HTTPClient,
		Logger:          cfg.Logger,
		Limiter:         cfg.Limiter,
		Limits:          Info().Limits,
		MaxRetries:      cfg.MaxRetries,
		MaxWait:         cfg.MaxWait,
		Auth:            auth,
		Classify:        classify,
		Secrets:         cfg.secrets(),
		RequestIDHeader: "X-Hospitable-Trace",
		// The known allowances are those of a minute.
		RetryAfter429: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	return &Client{cfg: cfg, zone: zone, api: api}, nil
}

// NewFlow returns the login by which a user connects an account to an
// application. Of the Config it needs ClientID and ClientSecret; Hospitable
// knows the redirect URL and the scopes from the Partner Portal.
func NewFlow(cfg Config) (*oauth.Flow, error) { return oauth.NewFlow(cfg.trimmed().app()) }

func (cfg Config) trimmed() Config {
	for _, text := range []*string{&cfg.Token, &cfg.ClientID, &cfg.ClientSecret, &cfg.WebhookSecret, &cfg.PreviousWebhookSecret, &cfg.Email} {
		*text = strings.TrimSpace(*text)
	}
	return cfg
}

// app is the application and Hospitable's way of speaking OAuth.
func (cfg Config) app() oauth.App {
	return oauth.App{
		Vendor: vendor, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, AuthURL: authURL, TokenURL: tokenURL,
		Style: oauth.JSON, UserAgent: userAgent, Secrets: cfg.secrets(),
		BaseURL: cfg.BaseURL, HTTPClient: cfg.HTTPClient, Logger: cfg.Logger, MaxRetries: cfg.MaxRetries, MaxWait: cfg.MaxWait,
	}
}

func (cfg Config) secrets() []string {
	return []string{cfg.Token, cfg.ClientID, cfg.ClientSecret, cfg.WebhookSecret, cfg.PreviousWebhookSecret, cfg.Email, mailKey(cfg.Email)}
}

// auth is the personal token or, without one, the application's.
func (cfg Config) auth() (rest.Auth, error) {
	if cfg.ClientID == "" && cfg.ClientSecret == "" {
		if err := settings.Required(vendor, "Token", cfg.Token); err != nil {
			return nil, err
		}
	}
	if cfg.Token != "" {
		return personal(cfg.Token), settings.Required(vendor, "Token", cfg.Token)
	}
	return oauth.NewSource(oauth.Options{App: cfg.app(), Grant: oauth.RefreshToken, Store: cfg.TokenStore})
}

// personal is a personal access token.
type personal string

// Apply implements [rest.Auth].
func (p personal) Apply(_ context.Context, req *http.Request) (mark string, err error) {
	rest.Bearer(req, string(p))
	return string(p), nil
}

// Expire implements [rest.Auth]: there is no other token.
func (personal) Expire(string) bool { return false }

// mailKey is the key that the address of the primary user makes.
func mailKey(email string) string {
	if email == "" {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(email))
}

// String names the client and nothing of its configuration.
func (*Client) String() string { return "hospitable.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "hospitable.Client" }
