package escapia

import (
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
	vendor = "escapia"

	apiURL = "https://hsapi.escapia.com"
	// apiPath is part of every path, on the vendor's older host too.
	apiPath = "/dragomanadapter/hsapi/"
)

// Config holds the credentials of a partner, the property manager, and the
// knobs that every connector has.
type Config struct {
	// ClientID and ClientSecret are the partner's.
	ClientID     string `json:"clientId,omitzero"`
	ClientSecret string `json:"clientSecret,omitzero"`
	// PMCID is the property manager, a number. Its JSON form is a number or a
	// text.
	PMCID pms.Text `json:"pmcid,omitzero"`

	// CleanStatuses are the manager's names of the housekeeping statuses.
	CleanStatuses StatusNames `json:"cleanStatuses,omitzero"`
	// CleaningTypeCode is the manager's code of the type that WriteTask gives
	// to new tasks; empty leaves it out.
	CleaningTypeCode string `json:"cleaningTypeCode,omitzero"`

	// TimeZone, CheckIn and CheckOut are the units'; the API does not tell them.
	// TimeZone is an IANA name.
	TimeZone string    `json:"timeZone,omitzero"`
	CheckIn  pms.Clock `json:"checkIn,omitzero"`
	CheckOut pms.Clock `json:"checkOut,omitzero"`

	// BaseURL is scheme, host and port; empty means the vendor's.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter paces the requests; nil means no pace, for the vendor publishes
	// none. Share one between clients of the same partner.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
}

// StatusNames are the manager's names of the housekeeping statuses, where they
// are not "Clean", "Dirty", "Inspected" and "In Progress". Case does not matter.
type StatusNames struct {
	Clean      string `json:"clean,omitzero"`
	Dirty      string `json:"dirty,omitzero"`
	Inspected  string `json:"inspected,omitzero"`
	InProgress string `json:"inProgress,omitzero"`
}

// String hides the credentials.
func (Config) String() string { return "escapia.Config{[redacted]}" }

// GoString hides the credentials.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the credentials.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// Client is a property manager of Escapia. It is safe for concurrent use.
type Client struct {
	cfg   Config
	zone  *time.Location // nil when not configured
	basic string
	api   *rest.Client
}

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg.ClientID = strings.TrimSpace(cfg.ClientID)
	cfg.ClientSecret = strings.TrimSpace(cfg.ClientSecret)
	cfg.PMCID = pms.Text(strings.TrimSpace(string(cfg.PMCID)))
	if err := cfg.check(); err != nil {
		return nil, err
	}
	zone, err := settings.Zone(vendor, cfg.TimeZone)
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, zone: zone, basic: base64.StdEncoding.EncodeToString([]byte(cfg.ClientID + ":" + cfg.ClientSecret))}
	c.api, err = rest.New(rest.Options{
		Vendor:     vendor,
		BaseURL:    cfg.BaseURL,
		DefaultURL: apiURL,
		HTTPClient: cfg.HTTPClient,
		Logger:     cfg.Logger,
		Limiter:    cfg.Limiter,
		MaxRetries: cfg.MaxRetries,
		MaxWait:    cfg.MaxWait,
		Auth:       rest.NewTokens(c.authenticate, rest.Bearer),
		Classify:   classify,
		Secrets:    []string{cfg.ClientID, cfg.ClientSecret, c.basic},
	})
	return c, err
}

func (cfg Config) check() error {
	err := settings.Required(vendor, "ClientID", cfg.ClientID, "ClientSecret", cfg.ClientSecret, "PMCID", string(cfg.PMCID))
	switch {
	case err != nil:
		return err
	case strings.Contains(cfg.ClientID, ":"):
		return fmt.Errorf("%s: ClientID must not hold a colon", vendor)
	case !isNumber(string(cfg.PMCID)):
		return fmt.Errorf("%s: PMCID must be a number", vendor)
	}
	return nil
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// String names the client and nothing of its configuration.
func (*Client) String() string { return "escapia.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "escapia.Client" }
