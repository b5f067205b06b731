package operto

import (
	"cmp"
	"encoding/base64"
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
	vendor     = "operto"
	connectURL = "https://api.operto.com"

	headerAuthorization = "Authorization"
)

// Config holds the credentials of one Operto Connect account and the knobs
// that every connector has.
type Config struct {
	// ClientID is the API key and ClientSecret the API secret. Operto's support
	// or account manager hands them out.
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	// TokenPath is the path of the call that exchanges them for a token,
	// "/v2/…". It is required: the public pages do not name it.
	TokenPath string `json:"tokenPath"`
	// TokenHeader is the header that carries the token. Empty means
	// Authorization, with "Bearer " before the token; any other one, such as
	// X-AUTH-TOKEN, carries the token alone. The vendor's pages disagree.
	TokenHeader string `json:"tokenHeader,omitzero"`
	// Names corrects what the public pages do not show.
	Names Names `json:"names,omitzero"`

	// BaseURL is scheme, host and port; empty means the vendor's.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter paces the requests; nil means no pacing, for the vendor publishes
	// no limit.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
}

// String hides the credentials.
func (Config) String() string { return "operto.Config{[redacted]}" }

// GoString hides the credentials.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// ParseConfig reads settings JSON. An unknown key is an error that names it.
func ParseConfig(data []byte) (Config, error) {
	var cfg Config
	err := settings.Decode(vendor, data, &cfg)
	return cfg, err
}

// Client is an Operto Connect account. It is safe for concurrent use.
type Client struct {
	cfg   Config
	names Names
	basic string // the Authorization of the token call
	rest  *rest.Client
}

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg.ClientID = strings.TrimSpace(cfg.ClientID)
	cfg.ClientSecret = strings.TrimSpace(cfg.ClientSecret)
	cfg.TokenPath = strings.TrimSpace(cfg.TokenPath)
	cfg.TokenHeader = cmp.Or(strings.TrimSpace(cfg.TokenHeader), headerAuthorization)
	names := cfg.Names.withDefaults()
	if err := cfg.check(names); err != nil {
		return nil, err
	}
	pair := base64.StdEncoding.EncodeToString([]byte(cfg.ClientID + ":" + cfg.ClientSecret))
	c := &Client{cfg: cfg, names: names, basic: "Basic " + pair}
	var err error
	c.rest, err = rest.New(rest.Options{
		Vendor:     vendor,
		BaseURL:    cfg.BaseURL,
		DefaultURL: connectURL,
		HTTPClient: cfg.HTTPClient,
		Logger:     cfg.Logger,
		Limiter:    cfg.Limiter,
		MaxRetries: cfg.MaxRetries,
		MaxWait:    cfg.MaxWait,
		Secrets:    []string{cfg.ClientID, cfg.ClientSecret, pair},
		Auth:       rest.NewTokens(c.authenticate, c.putToken),
	})
	return c, err
}

func (cfg Config) check(names Names) error {
	if err := settings.Required(vendor, "ClientID", cfg.ClientID, "ClientSecret", cfg.ClientSecret, "TokenHeader", cfg.TokenHeader); err != nil {
		return err
	}
	if !strings.HasPrefix(cfg.TokenPath, "/") {
		return fmt.Errorf("%s: TokenPath is required and begins with /: Operto tells it with the credentials", vendor)
	}
	if strings.Contains(cfg.ClientID, ":") {
		return fmt.Errorf("%s: ClientID must not hold a colon", vendor)
	}
	return names.check()
}

// putToken writes the token into a request.
func (c *Client) putToken(req *http.Request, token string) {
	if strings.EqualFold(c.cfg.TokenHeader, headerAuthorization) {
		rest.Bearer(req, token)
		return
	}
	req.Header.Set(c.cfg.TokenHeader, token)
}

// String names the client and nothing of its configuration.
func (*Client) String() string { return "operto.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "operto.Client" }

// Info describes Operto Connect: the fields of a connect form and what is known
// of the API.
func Info() pms.Info {
	return pms.Info{
		Name:     vendor,
		Title:    "Operto Connect",
		Docs:     "https://apidoc.operto.com/reference/",
		Access:   "Operto's support or account manager hands out the API key and secret; there is no page for it",
		Auth:     "API key and secret (HTTP Basic) for a token",
		Evidence: "C",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "clientId", Label: "Client ID", Help: "The API key of the Operto account"},
			{Name: "clientSecret", Label: "Client secret", Help: "The API secret of the Operto account", Secret: true},
			{Name: "tokenPath", Label: "Token path", Help: "Operto tells it with the credentials"},
		},
		Capabilities: map[pms.Capability]pms.Support{},
		Notes: []string{
			"Behaviour is documented; the JSON names of most request fields are not, and can be corrected in the settings.",
			"The path of the token call is not published.",
		},
	}
}
