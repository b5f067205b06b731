package domyland

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
)

const (
	vendor     = "domyland"
	defaultURL = "https://sud-api.domyland.ru"
)

// Config holds the credentials of one organisation and the knobs that every
// client has.
type Config struct {
	// Email and Password are those of a staff account, TenantName is the
	// organisation's name in the CRM.
	Email      string `json:"email"`
	Password   string `json:"password"`
	TenantName string `json:"tenantName"`
	// AppName names the application to the vendor.
	AppName string `json:"appName"`
	// TimeZone is an IANA name that is sent along; empty sends none.
	TimeZone string `json:"timeZone,omitzero"`

	// BaseURL is scheme, host and port, with a path in front if need be: some
	// tenants have https://{tenant}.domyland.ru/api. Empty means the common one.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter paces the requests beyond one at a time; nil does not.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
}

// String hides the credentials.
func (Config) String() string { return "domyland.Config{[redacted]}" }

// GoString hides the credentials.
func (c Config) GoString() string { return c.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Client is a staff account of one organisation. It is safe for concurrent use
// and sends one request at a time.
type Client struct {
	cfg  Config
	rest *rest.Client
	turn chan struct{}
}

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg.Email = strings.TrimSpace(cfg.Email)
	cfg.TenantName = strings.TrimSpace(cfg.TenantName)
	cfg.AppName = strings.TrimSpace(cfg.AppName)
	if err := settings.Required(vendor, "Email", cfg.Email, "Password", cfg.Password, "TenantName", cfg.TenantName, "AppName", cfg.AppName); err != nil {
		return nil, err
	}
	if _, err := settings.Zone(vendor, cfg.TimeZone); err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, turn: make(chan struct{}, 1)}
	var err error
	c.rest, err = rest.New(rest.Options{
		Vendor:     vendor,
		BaseURL:    cfg.BaseURL,
		DefaultURL: defaultURL,
		HTTPClient: cfg.HTTPClient,
		Logger:     cfg.Logger,
		Limiter:    cfg.Limiter,
		MaxRetries: cfg.MaxRetries,
		MaxWait:    cfg.MaxWait,
		Auth:       rest.NewTokens(c.login, putToken),
		Classify:   classify,
		Secrets:    []string{cfg.Email, cfg.Password},
	})
	return c, err
}

// String names the client and nothing of its configuration.
func (*Client) String() string { return "domyland.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "domyland.Client" }
