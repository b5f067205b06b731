package cleaningtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/cleaning/cleaningtest"
)

func TestMemoryClients(t *testing.T) {
	t.Parallel()
	cleaningtest.RunClientStore(t, cleaningtest.ClientStoreHarness{
		Open: func(*testing.T) cleaning.ClientStore { return cleaning.NewMemoryClients() },
		Put: func(t *testing.T, s cleaning.ClientStore, c cleaning.ExistingClient) string {
			t.Helper()
			id, err := memory(t, s).Put(c)
			require.NoError(t, err)
			return id
		},
		All: func(t *testing.T, s cleaning.ClientStore) []cleaning.ExistingClient {
			t.Helper()
			return memory(t, s).All()
		},
		SetElsewhere: func(t *testing.T, s cleaning.ClientStore, phone string) {
			t.Helper()
			memory(t, s).SetPhoneElsewhere(phone, true)
		},
	})
}

func memory(t *testing.T, s cleaning.ClientStore) *cleaning.MemoryClients {
	t.Helper()
	require.IsType(t, &cleaning.MemoryClients{}, s)
	return s.(*cleaning.MemoryClients)
}
