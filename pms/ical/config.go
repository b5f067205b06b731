package ical

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/internal/guard"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
)

const vendor = "ical"

// Config holds the feeds of one account and the knobs that every connector
// has.
type Config struct {
	Feeds []Feed `json:"feeds"`
	// AllowPrivateAddresses lets feeds be fetched from loopback and private
	// networks. Leave it off when feed addresses come from users.
	AllowPrivateAddresses bool `json:"allowPrivateAddresses,omitzero"`

	// TimeZone, CheckIn and CheckOut are those of feeds that have none of their
	// own. TimeZone is an IANA name; feeds of all-day events need none.
	TimeZone string    `json:"timeZone,omitzero"`
	CheckIn  pms.Clock `json:"checkIn,omitzero"`
	CheckOut pms.Clock `json:"checkOut,omitzero"`

	// BaseURL replaces scheme, host and port of every feed; empty leaves them.
	BaseURL string `json:"baseUrl,omitzero"`
	// HTTPClient is copied; nil means a client with timeouts of its own. A
	// transport other than *http.Transport is out of reach of the check for
	// private addresses, but for addresses written as numbers.
	HTTPClient *http.Client `json:"-"`
	// Logger gets one debug line a request; nil means silence.
	Logger *slog.Logger `json:"-"`
	// Limiter replaces the courtesy limit of 4 requests a second.
	Limiter pms.Limiter `json:"-"`
	// MaxRetries is how often a failed read is repeated: 0 means 2, negative
	// means never.
	MaxRetries int `json:"-"`
	// MaxWait is the longest wait for a turn or a Retry-After: 0 means 5
	// minutes, negative means none. Beyond it calls fail with ErrRateLimited.
	MaxWait time.Duration `json:"-"`
}

// Feed is one calendar of one property. A property may have several feeds.
type Feed struct {
	// URL is the secret address, https, http or webcal.
	URL string `json:"url"`
	// PropertyID is the id that the property gets in the shared model.
	PropertyID string `json:"propertyId"`
	Name       string `json:"name,omitzero"`

	TimeZone string    `json:"timeZone,omitzero"`
	CheckIn  pms.Clock `json:"checkIn,omitzero"`
	CheckOut pms.Clock `json:"checkOut,omitzero"`

	// Rules say what the events mean.
	Rules Rules `json:"rules,omitzero"`
	// AllowEmpty accepts a calendar without events. Channels are known to send
	// one by mistake, so it is an error otherwise.
	AllowEmpty bool `json:"allowEmpty,omitzero"`
}

// String hides the addresses.
func (Config) String() string { return "ical.Config{[redacted]}" }

// GoString hides the addresses.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue implements [slog.LogValuer] and hides the addresses.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// String hides the address.
func (f Feed) String() string { return "ical.Feed{" + f.PropertyID + "}" }

// GoString hides the address.
func (f Feed) GoString() string { return f.String() }

// LogValue implements [slog.LogValuer] and hides the address.
func (f Feed) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Client reads the feeds of one account. It is safe for concurrent use.
type Client struct {
	cfg   Config
	feeds []boundFeed
	rest  *rest.Client

	mu    sync.Mutex
	cache map[string]cached // by address
}

// boundFeed is a Feed with its defaults and its parsed address.
type boundFeed struct {
	Feed
	url  *url.URL
	zone *time.Location // nil when not configured
}

// New checks the configuration and returns a Client. It sends nothing.
func New(cfg Config) (*Client, error) {
	if len(cfg.Feeds) == 0 {
		return nil, fmt.Errorf("%s: Feeds is required", vendor)
	}
	c := &Client{cfg: cfg, cache: map[string]cached{}}
	var secrets []string
	for i := range cfg.Feeds {
		f, err := newFeed(cfg, i)
		if err != nil {
			return nil, err
		}
		c.feeds = append(c.feeds, f)
		secrets = append(secrets, secretsOf(cfg.Feeds[i].URL, f.url)...)
	}
	hc := cfg.HTTPClient
	if !cfg.AllowPrivateAddresses {
		hc = guard.Client(hc)
	}
	var err error
	c.rest, err = rest.New(rest.Options{
		Vendor:     vendor,
		BaseURL:    cfg.BaseURL,
		DefaultURL: c.feeds[0].url.Scheme + "://" + c.feeds[0].url.Host,
		HTTPClient: hc,
		Logger:     cfg.Logger,
		Limiter:    cfg.Limiter,
		Limits:     []pms.Limit{{Requests: 4, Window: time.Second}}, // none is published
		MaxRetries: cfg.MaxRetries,
		MaxWait:    cfg.MaxWait,
		MaxBody:    MaxSize,
		Secrets:    secrets,
		HidePath:   true,
		CrossHost:  true, // channels redirect between their country domains
	})
	return c, err
}

func newFeed(cfg Config, i int) (boundFeed, error) {
	f := boundFeed{Feed: cfg.Feeds[i]}
	name := fmt.Sprintf("Feeds[%d]", i)
	if err := settings.Required(vendor, name+".URL", f.URL, name+".PropertyID", f.PropertyID); err != nil {
		return boundFeed{}, err
	}
	f.PropertyID = strings.TrimSpace(f.PropertyID)
	if f.TimeZone == "" {
		f.TimeZone = cfg.TimeZone
	}
	if f.CheckIn.IsZero() {
		f.CheckIn = cfg.CheckIn
	}
	if f.CheckOut.IsZero() {
		f.CheckOut = cfg.CheckOut
	}
	var err error
	if f.zone, err = settings.Zone(vendor, f.TimeZone); err != nil {
		return boundFeed{}, err
	}
	if err := f.Rules.Validate(); err != nil {
		return boundFeed{}, fmt.Errorf("%s: %s.Rules: %w", vendor, name, err)
	}
	if f.url, err = parseAddress(f.URL, cfg.BaseURL); err != nil {
		return boundFeed{}, fmt.Errorf("%s: %s.URL %w", vendor, name, err)
	}
	return f, nil
}

// String names the client and nothing of its configuration.
func (*Client) String() string { return "ical.Client" }

// GoString names the client and nothing of its configuration.
func (*Client) GoString() string { return "ical.Client" }
