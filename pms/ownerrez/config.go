package ownerrez

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/guests"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/oauth"
)

const (
	vendor = "ownerrez"

	apiURL    = "https://api.ownerrez.com"
	authURL   = "https://app.ownerrez.com/oauth/authorize"
	tokenURL  = apiURL + "/oauth/access_token"
	userAgent = "changeover-sdk (github.com/changeover-sdk/changeover)"
)

// Config holds the credentials of one account and the knobs that every
// connector has. Give Username and Token, or ClientID and ClientSecret with a
// TokenStore.
type Config struct {
	// Username is the e-mail address of the login, and Token a personal access
	// token of it, "pt_...". A Token "at_...", an access token of an app whose
	// tokens never end, needs no Username.
	Username string `json:"username,omitzero"`
	Token    string `json:"token,omitzero"`
	// ClientID and ClientSecret are those of an OAuth app, "c_..." and "s_...".
	ClientID     string `json:"clientId,omitzero"`
	ClientSecret string `json:"clientSecret,omitzero"`

	// WebhookUser and WebhookPassword are those that are set on the OAuth app:
	// OwnerRez sends them with webhooks as HTTP Basic. PreviousWebhookPassword is
	// one that is still accepted during a rotation.
	WebhookUser             string `json:"webhookUser,omitzero"`
	WebhookPassword         string `json:"webhookPassword,omitzero"`
	PreviousWebhookPassword string `json:"previousWebhookPassword,omitzero"`
	// UserID is the id of the account, as [Client.GetUser] and the token of a
	// [NewFlow] (user_id) tell it. An app has one webhook URL for all accounts:
	// with UserID, events of other accounts are refused. The client that reads the
	// events of all of them has none, and the host goes by [pms.Event.AccountID].
	// Its JSON form is a number or a text.
	UserID pms.Text `json:"userId,omitzero"`

	// UserAgent names the host's product and a contact, as OwnerRez wants every
	// caller to do. Empty names this library.
	UserAgent string `json:"userAgent,omitzero"`
	// Guests reads the phone and the e-mail address of guests: a request for each
	// guest, whose answer is kept for a day.
	Guests bool `json:"guests,omitzero"`
	// TitledBlocks says that the account enters stays as blocks with a title:
	// such a block is a stay of a guest named by the title.
	TitledBlocks bool `json:"titledBlocks,omitzero"`
	// LinkedBlocks adds the copies that a booking leaves on linked properties, as
	// blocks. They need no cleaning.
	LinkedBlocks bool `json:"linkedBlocks,omitzero"`

	// BaseURL is scheme, host and port, for logins too; empty means the
	// vendor's.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter replaces the vendor's limit; share one between all clients behind
	// the same address.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
	// TokenStore keeps the token of an OAuth app for all processes. It must hold
	// the one that [NewFlow] got for the account; without it calls are
	// ErrUnauthorized. A personal token needs none.
	TokenStore oauth.TokenStore `json:"-"`
}

// String hides the credentials.
func (Config) String() string { return "ownerrez.Config{[redacted]}" }

// GoString hides the credentials.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// Client is an OwnerRez account. It is safe for concurrent use.
type Client struct {
	cfg    Config
	api    *rest.Client
	guests guests.Cache
}

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg = cfg.trimmed()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	auth, err := cfg.auth()
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg}
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
		Auth:       auth,
		Classify:   classify,
		Secrets:    cfg.secrets(),
		// The documentation asks to stop and wait, and names no time.
		RetryAfter429: time.Minute,
	})
	return c, err
}

// NewFlow returns the login by which a user connects an account to an OAuth app.
// Of the Config it needs ClientID and ClientSecret. Scope is "full" or "read";
// writing needs "full". The token belongs into a TokenStore, and its Extra
// "user_id" is the account's [Config.UserID].
func NewFlow(cfg Config, redirectURL, scope string) (*oauth.Flow, error) {
	cfg = cfg.trimmed()
	if err := settings.Required(vendor, "redirectURL", redirectURL, "scope", scope); err != nil {
		return nil, err
	}
	app := cfg.app()
	app.RedirectURL, app.Scopes = redirectURL, []string{scope}
	return oauth.NewFlow(app)
}

func (cfg Config) trimmed() Config {
	for _, text := range []*string{&cfg.Username, &cfg.Token, &cfg.ClientID, &cfg.ClientSecret, &cfg.UserAgent} {
		*text = strings.TrimSpace(*text)
	}
	cfg.UserID = pms.Text(strings.TrimSpace(string(cfg.UserID)))
	cfg.UserAgent = cmp.Or(cfg.UserAgent, userAgent)
	return cfg
}

func (cfg Config) check() error {
	switch {
	case (cfg.WebhookUser == "") != (cfg.WebhookPassword == ""):
		return fmt.Errorf("%s: WebhookUser and WebhookPassword belong together", vendor)
	case strings.Contains(cfg.WebhookUser, ":"):
		return fmt.Errorf("%s: WebhookUser must not hold a colon", vendor)
	case cfg.PreviousWebhookPassword != "" && cfg.WebhookUser == "":
		return fmt.Errorf("%s: PreviousWebhookPassword needs WebhookUser", vendor)
	case strings.Contains(cfg.Username, ":"):
		return fmt.Errorf("%s: Username must not hold a colon", vendor)
	}
	return settings.Required(vendor, "UserAgent", cfg.UserAgent)
}

// app is the application and OwnerRez's way of speaking OAuth. One client was
// answered 403 for a redirect_uri in the exchange, which may be left out.
func (cfg Config) app() oauth.App {
	return oauth.App{
		Vendor: vendor, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, AuthURL: authURL, TokenURL: tokenURL,
		Style: oauth.BasicForm, OmitRedirectURL: true, UserAgent: cfg.UserAgent, Secrets: cfg.secrets(),
		BaseURL: cfg.BaseURL, HTTPClient: cfg.HTTPClient, Logger: cfg.Logger, MaxRetries: cfg.MaxRetries, MaxWait: cfg.MaxWait,
	}
}

func (cfg Config) secrets() []string {
	return []string{
		cfg.Username, cfg.Token, cfg.ClientID, cfg.ClientSecret, cfg.WebhookPassword, cfg.PreviousWebhookPassword,
		base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(cfg.ClientID) + ":" + url.QueryEscape(cfg.ClientSecret))), // as HTTP Basic
	}
}

// auth is the token of the Config or, without one, the application's.
func (cfg Config) auth() (rest.Auth, error) {
	if cfg.Token == "" && (cfg.ClientID != "" || cfg.ClientSecret != "") {
		return oauth.NewSource(oauth.Options{App: cfg.app(), Grant: oauth.RefreshToken, Store: cfg.TokenStore})
	}
	if err := settings.Required(vendor, "Token", cfg.Token); err != nil {
		return nil, err
	}
	if strings.HasPrefix(cfg.Token, "at_") {
		return lasting(cfg.Token), nil
	}
	if err := settings.Required(vendor, "Username", cfg.Username); err != nil {
		return nil, err
	}
	return rest.Basic{Username: cfg.Username, Password: cfg.Token}, nil
}

// lasting is an access token that never ends.
type lasting string

// Apply implements [rest.Auth].
func (l lasting) Apply(_ context.Context, req *http.Request) (mark string, err error) {
	rest.Bearer(req, string(l))
	return string(l), nil
}

// Expire implements [rest.Auth]: there is no other token.
func (lasting) Expire(string) bool { return false }

// String names the client and nothing of its configuration.
func (*Client) String() string { return "ownerrez.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "ownerrez.Client" }
