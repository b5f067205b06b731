package cleaningtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/changeover-sdk/changeover/cleaning"
)

// ClientStoreHarness is what [RunClientStore] has to know about a store. Open, Put
// and All are required.
type ClientStoreHarness struct {
	// Open returns a store without clients, for one subtest.
	Open func(t *testing.T) cleaning.ClientStore
	// Put stores a card as it is and returns its id. The ID and the Revision of
	// the card are the store's to give.
	Put func(t *testing.T, s cleaning.ClientStore, c cleaning.ExistingClient) (id string)
	// All returns all cards of the store, in any order.
	All func(t *testing.T, s cleaning.ClientStore) []cleaning.ExistingClient
	// SetElsewhere tells the store that another organisation has a client with
	// the phone. Nil skips the subtest about it.
	SetElsewhere func(t *testing.T, s cleaning.ClientStore, phone string)
}

// RunClientStore checks that a store keeps the contract of [cleaning.ClientStore].
// Each scenario is a subtest with a store of its own.
func RunClientStore(t *testing.T, h ClientStoreHarness) {
	t.Helper()
	if h.Open == nil || h.Put == nil || h.All == nil {
		t.Fatal("cleaningtest: ClientStoreHarness needs Open, Put and All")
	}
	for _, scenario := range []struct {
		name string
		play func(*clients)
	}{
		{"empty store knows nobody", (*clients).emptyStore},
		{"a created client is kept whole", (*clients).keepsAll},
		{"the view finds by id and by phone", (*clients).finds},
		{"another organisation's phone", (*clients).elsewhere},
		{"an update is stored and gives a new revision", (*clients).updates},
		{"a stale decision is refused", (*clients).refusesStale},
		{"an id or phone taken meanwhile is refused", (*clients).refusesTaken},
		{"a merge unites and ends the other card", (*clients).merges},
		{"a stale merge leaves both cards", (*clients).refusesStaleMerge},
		{"a rejected record stores nothing", (*clients).refusesRejected},
		{"an unchanged record stores nothing", (*clients).keepsUnchanged},
		{"a cancelled context stores nothing", (*clients).cancelled},
		{"one record at once makes one client", (*clients).concurrentRecord},
		{"one phone at once makes one client", (*clients).concurrentPhone},
		{"a long import ends as in memory", (*clients).longImport},
	} {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			scenario.play(&clients{T: t, h: h, store: h.Open(t)})
		})
	}
}

// clients is a scenario at work.
type clients struct {
	*testing.T
	h     ClientStoreHarness
	store cleaning.ClientStore
}

const (
	firstPhone  = "+79035550101"
	secondPhone = "+79035550102"
	thirdPhone  = "+79035550103"
)

func external(id string) cleaning.ExternalID { return cleaning.ExternalID{Source: "suite", ID: id} }

func record(id, phone string) cleaning.ClientRecord {
	return cleaning.ClientRecord{
		ExternalID: external(id), Phone: cleaning.Phone{Raw: phone, E164: phone}, LastName: new("Name of " + id),
	}
}

// card is a client who has every field set.
func card(id, phone, former string) cleaning.ExistingClient {
	return cleaning.ExistingClient{
		IDs:   []cleaning.ClientID{{ExternalID: external(id), Digest: "digest of " + id}, {ExternalID: cleaning.ExternalID{Source: "other", ID: id}}},
		Phone: phone, FormerPhones: []string{former},
		ClientDetails: cleaning.ClientDetails{
			Kind: cleaning.ClientCompany, LastName: "Last", FirstName: "First", MiddleName: "Middle", CompanyName: "Company " + id,
			TaxID: "0012", Email: id + "@example.com",
		},
		Places:   []cleaning.PlaceLink{{Place: external("place " + id), Role: cleaning.RoleTenant, Share: "1/2"}},
		Accounts: []cleaning.ExternalID{external("account " + id)},
	}
}

func (c *clients) put(card cleaning.ExistingClient) string {
	c.Helper()
	id := c.h.Put(c.T, c.store, card)
	if id == "" {
		c.Fatal("Put returned no id")
	}
	return id
}

func (c *clients) view(r cleaning.ClientRecord) cleaning.ClientView {
	c.Helper()
	v, err := c.store.ViewClient(c.Context(), r)
	if err != nil {
		c.Fatalf("ViewClient: %v", err)
	}
	return v
}

func (c *clients) decide(r cleaning.ClientRecord, want cleaning.MatchAction) cleaning.Decision {
	c.Helper()
	d := cleaning.MatchClient(r, c.view(r))
	if d.Action != want {
		c.Fatalf("the view of %s leads to %s (rule %s), want %s", r.ExternalID, d.Action, d.Rule, want)
	}
	return d
}

func (c *clients) apply(d cleaning.Decision) string {
	c.Helper()
	id, err := c.store.ApplyClient(c.Context(), d)
	if err != nil {
		c.Fatalf("ApplyClient %s: %v", d.Action, err)
	}
	if id == "" || d.Action != cleaning.MatchCreate && id != d.Client.ID {
		c.Fatalf("ApplyClient %s returned id %q, want that of the client", d.Action, id)
	}
	return id
}

// all returns the cards, ordered by their first external id.
func (c *clients) all() []cleaning.ExistingClient {
	c.Helper()
	return ordered(c.h.All(c.T, c.store))
}

func ordered(cards []cleaning.ExistingClient) []cleaning.ExistingClient {
	slices.SortFunc(cards, func(a, b cleaning.ExistingClient) int { return strings.Compare(firstID(a), firstID(b)) })
	return cards
}

func firstID(c cleaning.ExistingClient) string {
	if len(c.IDs) == 0 {
		return ""
	}
	return c.IDs[0].String()
}

// expect compares all cards with those wanted, whatever their revision.
func (c *clients) expect(want ...cleaning.ExistingClient) {
	c.Helper()
	got := c.all()
	if len(got) != len(want) {
		c.Fatalf("the store has %d clients, want %d", len(got), len(want))
	}
	for i := range want {
		c.same(got[i], want[i])
	}
}

// same compares two cards; no list and an empty list are the same.
func (c *clients) same(got, want cleaning.ExistingClient) {
	c.Helper()
	check := func(field string, equal bool) {
		c.Helper()
		if !equal {
			c.Errorf("%s of client %s differs:\n got %+v\nwant %+v", field, want.ID, got, want)
		}
	}
	check("ID", got.ID == want.ID)
	check("IDs", slices.Equal(got.IDs, want.IDs))
	check("Phone", got.Phone == want.Phone)
	check("FormerPhones", slices.Equal(got.FormerPhones, want.FormerPhones))
	check("Online", got.Online == want.Online)
	check("ClientDetails", got.ClientDetails == want.ClientDetails)
	check("Places", slices.Equal(got.Places, want.Places))
	check("Accounts", slices.Equal(got.Accounts, want.Accounts))
}
