// Package catalog is the table of all connectors: what each needs, what it can
// do, and how to open it from stored settings. It is the only package that
// imports every vendor; a program that needs one of them imports that one.
package catalog

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/bnovo"
	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/escapia"
	"github.com/changeover-sdk/changeover/pms/guesty"
	"github.com/changeover-sdk/changeover/pms/hospitable"
	"github.com/changeover-sdk/changeover/pms/hostaway"
	"github.com/changeover-sdk/changeover/pms/ical"
	"github.com/changeover-sdk/changeover/pms/kigo"
	"github.com/changeover-sdk/changeover/pms/oauth"
	"github.com/changeover-sdk/changeover/pms/ownerrez"
	"github.com/changeover-sdk/changeover/pms/smoobu"
	"github.com/changeover-sdk/changeover/realtycalendar"
)

// Options are the knobs of a connector that are not part of an account's
// settings. The zero value is the default of every connector.
type Options struct {
	// BaseURL replaces the vendor's scheme, host and port, and the settings' own
	// baseUrl.
	BaseURL    string
	HTTPClient *http.Client
	Logger     *slog.Logger
	Limiter    pms.Limiter
	MaxRetries int
	MaxWait    time.Duration
	// TokenStore keeps the token of vendors that count their logins (Guesty), whose
	// tokens live long (Hostaway) or that are reached by OAuth (Hospitable,
	// OwnerRez). Nil keeps it in memory.
	TokenStore oauth.TokenStore
}

// entry is one vendor: what it is and how it is opened.
type entry struct {
	info func() pms.Info
	open func(vendor string, settings []byte, o Options) (pms.Connector, error)
}

// entries is the table, in alphabetical order.
func entries() []entry {
	return []entry{
		{bnovo.Info, opener(bnovo.New, func(c *bnovo.Config, o Options) {
			o.set(&c.BaseURL, &c.HTTPClient, &c.Logger, &c.Limiter, &c.MaxRetries, &c.MaxWait)
		})},
		{escapia.Info, opener(escapia.New, func(c *escapia.Config, o Options) {
			o.set(&c.BaseURL, &c.HTTPClient, &c.Logger, &c.Limiter, &c.MaxRetries, &c.MaxWait)
		})},
		{guesty.Info, opener(guesty.New, func(c *guesty.Config, o Options) {
			o.set(&c.BaseURL, &c.HTTPClient, &c.Logger, &c.Limiter, &c.MaxRetries, &c.MaxWait)
			c.TokenStore = o.TokenStore
		})},
		{hospitable.Info, opener(hospitable.New, func(c *hospitable.Config, o Options) {
			o.set(&c.BaseURL, &c.HTTPClient, &c.Logger, &c.Limiter, &c.MaxRetries, &c.MaxWait)
			c.TokenStore = o.TokenStore
		})},
		{hostaway.Info, opener(hostaway.New, func(c *hostaway.Config, o Options) {
			o.set(&c.BaseURL, &c.HTTPClient, &c.Logger, &c.Limiter, &c.MaxRetries, &c.MaxWait)
			c.TokenStore = o.TokenStore
		})},
		{ical.Info, opener(ical.New, func(c *ical.Config, o Options) {
			o.set(&c.BaseURL, &c.HTTPClient, &c.Logger, &c.Limiter, &c.MaxRetries, &c.MaxWait)
		})},
		{kigo.Info, opener(kigo.New, func(c *kigo.Config, o Options) {
			o.set(&c.BaseURL, &c.HTTPClient, &c.Logger, &c.Limiter, &c.MaxRetries, &c.MaxWait)
		})},
		{operto.TeamsInfo, opener(operto.NewTeams, func(c *operto.TeamsConfig, o Options) {
			o.set(&c.BaseURL, &c.HTTPClient, &c.Logger, &c.Limiter, &c.MaxRetries, &c.MaxWait)
		})},
		{ownerrez.Info, opener(ownerrez.New, func(c *ownerrez.Config, o Options) {
			o.set(&c.BaseURL, &c.HTTPClient, &c.Logger, &c.Limiter, &c.MaxRetries, &c.MaxWait)
			c.TokenStore = o.TokenStore
		})},
		{realtycalendar.Info, opener(realtycalendar.New, func(c *realtycalendar.Config, o Options) {
			o.set(&c.BaseURL, &c.HTTPClient, &c.Logger, &c.Limiter, &c.MaxRetries, &c.MaxWait)
		})},
		{smoobu.Info, opener(smoobu.New, func(c *smoobu.Config, o Options) {
			o.set(&c.BaseURL, &c.HTTPClient, &c.Logger, &c.Limiter, &c.MaxRetries, &c.MaxWait)
		})},
	}
}

// opener decodes a vendor's settings, adds the knobs and constructs.
func opener[Config any, C pms.Connector](construct func(Config) (C, error), add func(*Config, Options)) func(string, []byte, Options) (pms.Connector, error) {
	return func(vendor string, data []byte, o Options) (pms.Connector, error) {
		var cfg Config
		if err := settings.Decode(vendor, data, &cfg); err != nil {
			return nil, err
		}
		add(&cfg, o)
		c, err := construct(cfg)
		if err != nil {
			return nil, err // not a nil C in an interface that is not nil
		}
		return c, nil
	}
}

// set stores the knobs in the fields that every Config has.
func (o Options) set(baseURL *string, client **http.Client, logger **slog.Logger, limiter *pms.Limiter, maxRetries *int, maxWait *time.Duration) {
	if o.BaseURL != "" {
		*baseURL = o.BaseURL
	}
	*client, *logger, *limiter, *maxRetries, *maxWait = o.HTTPClient, o.Logger, o.Limiter, o.MaxRetries, o.MaxWait
}

// All returns the descriptions of all vendors, sorted by name.
func All() []pms.Info {
	table := entries()
	infos := make([]pms.Info, len(table))
	for i, e := range table {
		infos[i] = e.info()
	}
	slices.SortFunc(infos, func(a, b pms.Info) int { return strings.Compare(a.Name, b.Name) })
	return infos
}

// Lookup returns the description of a vendor by its name, "bnovo".
func Lookup(vendor string) (pms.Info, bool) {
	e, ok := find(vendor)
	if !ok {
		return pms.Info{}, false
	}
	return e.info(), true
}

// Open makes the connector of a vendor from the settings of an account, a JSON
// object whose keys are the names of [pms.Info.Credentials] and the account's
// defaults. An unknown vendor is [pms.ErrNotSupported]; an unknown key, a
// missing or a bad value is an error that names it. Nothing is sent.
func Open(vendor string, settings []byte) (pms.Connector, error) {
	return OpenWith(vendor, settings, Options{})
}

// OpenWith is [Open] with the host's HTTP client, logger and limits.
func OpenWith(vendor string, settings []byte, o Options) (pms.Connector, error) {
	e, ok := find(vendor)
	if !ok {
		return nil, fmt.Errorf("vendor %q: %w", vendor, pms.ErrNotSupported)
	}
	return e.open(vendor, settings, o)
}

func find(vendor string) (entry, bool) {
	for _, e := range entries() {
		if e.info().Name == vendor {
			return e, true
		}
	}
	return entry{}, false
}
