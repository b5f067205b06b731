package bnovo

import (
	"encoding/json"
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
	vendor = "bnovo"

	openURL    = "https://api.pms.bnovo.ru"
	sessionURL = "https://online.bnovo.ru"
)

// Config holds the credentials of one account and the knobs that every
// connector has. Give either ID and Password for the open API, or Username and
// Password for the session API.
type Config struct {
	// ID is the account id shown in "API-доступ". Its JSON form is a number or a
	// text.
	ID pms.Text `json:"id,omitzero"`
	// Password is the API key, or the password of the custom app.
	Password string `json:"password,omitzero"`
	// Username is the login of the custom app.
	Username string `json:"username,omitzero"`

	// WebhookSecret is the secret that [NewWebhookPath] was given, and
	// PreviousWebhookSecret one that is still accepted during a rotation.
	WebhookSecret         string `json:"webhookSecret,omitzero"`
	PreviousWebhookSecret string `json:"previousWebhookSecret,omitzero"`
	// HotelID, if set, must be the hotel_id of every webhook.
	HotelID pms.Text `json:"hotelId,omitzero"`

	// TimeZone, CheckIn and CheckOut are the hotel's; the API does not tell
	// them. TimeZone is an IANA name.
	TimeZone string    `json:"timeZone,omitzero"`
	CheckIn  pms.Clock `json:"checkIn,omitzero"`
	CheckOut pms.Clock `json:"checkOut,omitzero"`
	// Cleanliness describes the call that sets a room's cleaning status. Nil
	// means that SetCleanliness is not supported.
	Cleanliness *CleanlinessCall `json:"cleanliness,omitempty"`

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
}

// CleanlinessCall describes the call that sets a room's cleaning status, which
// Bnovo does not publish.
type CleanlinessCall struct {
	// Method is the HTTP method; empty means POST.
	Method string `json:"method,omitzero"`
	// Path begins with "/" and has no query. "{room}" and "{status}" in it stand for the room id
	// and the word for the status.
	Path string `json:"path"`
	// Body is JSON in whose strings "{room}" and "{status}" are replaced in the
	// same way. Empty sends no body.
	Body json.RawMessage `json:"body,omitempty"`
	// Words maps the housekeeping states to the vendor's words. Clean and Dirty
	// are required. The words are understood when statuses are read, too.
	Words map[pms.Cleanliness]string `json:"words"`
}

// String hides the credentials.
func (Config) String() string { return "bnovo.Config{[redacted]}" }

// GoString hides the credentials.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// Client is a Bnovo account. It is safe for concurrent use.
type Client struct {
	cfg  Config
	zone *time.Location // nil when not configured
	// One of the two is nil.
	open    *rest.Client
	session *rest.Client
	logins  pms.Limiter
}

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg.ID = pms.Text(strings.TrimSpace(string(cfg.ID)))
	cfg.Password = strings.TrimSpace(cfg.Password)
	cfg.Username = strings.TrimSpace(cfg.Username)
	if err := cfg.check(); err != nil {
		return nil, err
	}
	zone, err := settings.Zone(vendor, cfg.TimeZone)
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, zone: zone}
	opts := rest.Options{
		Vendor:     vendor,
		BaseURL:    cfg.BaseURL,
		HTTPClient: cfg.HTTPClient,
		Logger:     cfg.Logger,
		Limiter:    cfg.Limiter,
		Limits:     Info().Limits,
		MaxRetries: cfg.MaxRetries,
		MaxWait:    cfg.MaxWait,
		Secrets: []string{
			string(cfg.ID), cfg.Password, cfg.Username, cfg.WebhookSecret, cfg.PreviousWebhookSecret,
		},
		RetryAfter429: time.Minute, // "wait one minute" (OpenAPI file, 2026-06)
	}
	if cfg.Username != "" {
		opts.DefaultURL, opts.Classify = sessionURL, classifySession
		opts.Auth = rest.NewTokens(c.login, putSession)
		c.session, err = rest.New(opts)
		return c, err
	}
	opts.DefaultURL, opts.Classify = openURL, classify
	opts.Auth = rest.NewTokens(c.authenticate, rest.Bearer)
	c.logins = rest.NewLimiter([]pms.Limit{{Requests: 10, Window: time.Minute}}, 2*time.Minute)
	c.open, err = rest.New(opts)
	return c, err
}

func (cfg Config) check() error {
	switch {
	case cfg.ID == "" && cfg.Username == "":
		return fmt.Errorf("%s: ID or Username is required", vendor)
	case cfg.ID != "" && cfg.Username != "":
		return fmt.Errorf("%s: give ID (open API) or Username (session API), not both", vendor)
	}
	if err := settings.Required(vendor, "Password", cfg.Password); err != nil {
		return err
	}
	if strings.Trim(string(cfg.ID), "0123456789") != "" {
		return fmt.Errorf("%s: ID must be a number", vendor)
	}
	return cfg.Cleanliness.check()
}

func (call *CleanlinessCall) check() error {
	if call == nil {
		return nil
	}
	where := call.Path + string(call.Body)
	switch {
	case !strings.HasPrefix(call.Path, "/"):
		return fmt.Errorf("%s: Cleanliness.Path must begin with /", vendor)
	case strings.ContainsAny(call.Path, "?#"):
		return fmt.Errorf("%s: Cleanliness.Path must have no query: put values into Path or Body", vendor)
	case !strings.Contains(where, "{room}"):
		return fmt.Errorf("%s: Cleanliness must name {room} in Path or Body", vendor)
	case !strings.Contains(where, "{status}"):
		return fmt.Errorf("%s: Cleanliness must name {status} in Path or Body", vendor)
	case call.Words[pms.Clean] == "" || call.Words[pms.Dirty] == "":
		return fmt.Errorf("%s: Cleanliness.Words must have clean and dirty", vendor)
	case len(call.Body) > 0 && !json.Valid(call.Body):
		return fmt.Errorf("%s: Cleanliness.Body is not JSON", vendor)
	}
	return nil
}

// String names the client and nothing of its configuration.
func (*Client) String() string { return "bnovo.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "bnovo.Client" }
