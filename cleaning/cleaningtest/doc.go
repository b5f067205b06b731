// Package cleaningtest checks what hosts write for package cleaning.
//
// [RunClientStore] is the conformance suite for a [cleaning.ClientStore]:
//
//	func TestClientStore(t *testing.T) {
//		cleaningtest.RunClientStore(t, cleaningtest.ClientStoreHarness{
//			Open: func(t *testing.T) cleaning.ClientStore { return openTestDatabase(t) },
//			Put:  func(t *testing.T, s cleaning.ClientStore, c cleaning.ExistingClient) string { ... },
//			All:  func(t *testing.T, s cleaning.ClientStore) []cleaning.ExistingClient { ... },
//		})
//	}
package cleaningtest
