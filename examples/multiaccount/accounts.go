package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/catalog"
	"github.com/changeover-sdk/changeover/pms/limiter"
)

// account is one account of a vendor.
type account struct {
	ID       string          `json:"id"`
	Vendor   string          `json:"vendor"`
	Settings json.RawMessage `json:"settings"`

	// client and limiter are those of a stand-in.
	client  *http.Client
	limiter pms.Limiter
}

func loadAccounts(path string) ([]account, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the file that the user names
	if err != nil {
		return nil, err
	}
	var accounts []account
	if err := json.Unmarshal(data, &accounts); err != nil {
		return nil, fmt.Errorf("%s is not a JSON array of accounts", path)
	}
	seen := map[string]bool{}
	for i, a := range accounts {
		switch {
		case a.ID == "" || a.Vendor == "":
			return nil, fmt.Errorf("account #%d has no id or no vendor", i+1)
		case seen[a.ID]:
			return nil, fmt.Errorf("two accounts have the id %q", a.ID)
		}
		seen[a.ID] = true
	}
	if len(accounts) == 0 {
		return nil, errors.New("there are no accounts")
	}
	return accounts, nil
}

// connect opens the connector of an account. Nothing is sent.
func (a account) connect(s checkpoints, shared limiters) (pms.Connector, error) {
	if a.limiter == nil {
		a.limiter = shared.of(a.Vendor)
	}
	return catalog.OpenWith(a.Vendor, a.Settings, catalog.Options{
		HTTPClient: a.client,
		Limiter:    a.limiter,
		TokenStore: s.tokens(a.ID),
	})
}

// limiters are those of the vendors that count the requests of an address: their
// accounts share one.
type limiters map[string]pms.Limiter

// of returns nil where each account has an allowance of its own.
func (l limiters) of(vendor string) pms.Limiter {
	info, _ := catalog.Lookup(vendor)
	if l[vendor] == nil && slices.ContainsFunc(info.Limits, func(limit pms.Limit) bool { return limit.PerAddress }) {
		l[vendor] = limiter.New(info.Limits, 0)
	}
	return l[vendor]
}
