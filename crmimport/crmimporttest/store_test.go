package crmimporttest_test

import (
	"testing"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/crmimport"
	"github.com/changeover-sdk/changeover/crmimport/crmimporttest"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	crmimporttest.RunStore(t, crmimporttest.StoreHarness{
		Open: func(*testing.T) crmimport.Store { return crmimport.NewMemoryStore() },
		Accounts: func(t *testing.T, s crmimport.Store, client cleaning.ExternalID) []cleaning.ExternalID {
			t.Helper()
			memory, ok := s.(*crmimport.MemoryStore)
			if !ok {
				t.Fatal("not the store of Open")
			}
			card, _ := memory.Client(client)
			return card.Accounts
		},
	})
}
