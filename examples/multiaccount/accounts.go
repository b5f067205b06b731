package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/catalog"
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
func (a account) connect(s checkpoints) (pms.Connector, error) {
	return catalog.OpenWith(a.Vendor, a.Settings, catalog.Options{
		HTTPClient: a.client,
		Limiter:    a.limiter,
		TokenStore: s.tokens(a.ID),
	})
}
