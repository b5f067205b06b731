package crmimport

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// Store keeps the clients, premises and personal accounts of one organisation.
// It is implemented by hosts; [MemoryStore] is one.
//
// Every method does its work whole or not at all, and doing it again changes
// nothing. Implementations are safe for concurrent use.
type Store interface {
	cleaning.ClientStore
	// HasPlace reports whether there is a premise with the external id.
	HasPlace(ctx context.Context, id cleaning.ExternalID) (bool, error)
	// SavePlace creates the premise, or updates it with the fields that are not
	// nil. The outcome is Created, Updated or Unchanged.
	SavePlace(ctx context.Context, place Place) (Outcome, error)
	// SaveAccount creates the account, or updates it with the fields that are not
	// nil, and adds it to the cards of its clients. The importer has checked that
	// premise and clients exist; an error that wraps [pms.ErrNotFound] says that
	// one of them is gone.
	SaveAccount(ctx context.Context, account Account) (Outcome, error)
}

// Outcome is what became of a record.
type Outcome string

// The outcomes. A record that was refused or not reached has none of the first
// five.
const (
	Created    Outcome = "created"
	Updated    Outcome = "updated"
	Merged     Outcome = "merged"
	IDAdded    Outcome = "id_added"
	Unchanged  Outcome = "unchanged"
	Refused    Outcome = "refused"
	NotReached Outcome = "not_reached"
)

// MemoryStore is a [Store] in memory. It is safe for concurrent use.
type MemoryStore struct {
	*cleaning.MemoryClients

	mu       sync.Mutex
	places   map[cleaning.ExternalID]Place
	accounts map[cleaning.ExternalID]Account
}

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{
		MemoryClients: cleaning.NewMemoryClients(),
		places:        map[cleaning.ExternalID]Place{},
		accounts:      map[cleaning.ExternalID]Account{},
	}
}

// HasPlace implements [Store].
func (m *MemoryStore) HasPlace(ctx context.Context, id cleaning.ExternalID) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.places[id]
	return ok, ctx.Err()
}

// Place returns a premise.
func (m *MemoryStore) Place(id cleaning.ExternalID) (Place, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	place, ok := m.places[id]
	return place, ok
}

// Account returns a personal account.
func (m *MemoryStore) Account(id cleaning.ExternalID) (Account, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	account, ok := m.accounts[id]
	account.Clients = slices.Clone(account.Clients)
	return account, ok
}

// Counts returns how many premises and accounts there are.
func (m *MemoryStore) Counts() (places, accounts int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.places), len(m.accounts)
}

// SavePlace implements [Store].
func (m *MemoryStore) SavePlace(ctx context.Context, place Place) (Outcome, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before, known := m.places[place.ExternalID]
	after := before
	after.ExternalID, after.Number = place.ExternalID, place.Number
	after.Type = cmp.Or(place.Type, before.Type, Flat)
	changed := before.Type != after.Type || before.Number != after.Number
	for _, field := range []struct {
		stored **string
		given  *string
	}{
		{&after.BuildingID, place.BuildingID},
		{&after.Address, place.Address},
		{&after.FIASHouseGUID, place.FIASHouseGUID},
		{&after.Entrance, place.Entrance},
		{&after.Floor, place.Floor},
		{&after.Rooms, place.Rooms},
		{&after.TotalArea, place.TotalArea},
		{&after.LivingArea, place.LivingArea},
	} {
		changed = overwrite(field.stored, field.given) || changed
	}
	if known && !changed {
		return Unchanged, nil
	}
	m.places[place.ExternalID] = after
	return savedAs(known), nil
}

// overwrite stores a field that was given and reports whether it differed.
func overwrite[T comparable](stored **T, given *T) bool {
	if given == nil || *stored != nil && **stored == *given {
		return false
	}
	*stored = given
	return true
}

func savedAs(known bool) Outcome {
	if known {
		return Updated
	}
	return Created
}

// SaveAccount implements [Store].
func (m *MemoryStore) SaveAccount(ctx context.Context, account Account) (Outcome, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.places[account.Place]; !ok {
		return "", fmt.Errorf("place %s: %w", account.Place, pms.ErrNotFound)
	}
	for _, client := range account.Clients {
		if _, ok := m.Client(client); !ok {
			return "", fmt.Errorf("client %s: %w", client, pms.ErrNotFound)
		}
	}
	before, known := m.accounts[account.ExternalID]
	after := before
	after.ExternalID, after.Number, after.Place = account.ExternalID, account.Number, account.Place
	after.Clients = union(before.Clients, account.Clients)
	changed := before.Number != after.Number || before.Place != after.Place || len(before.Clients) != len(after.Clients)
	changed = overwrite(&after.OpenedOn, account.OpenedOn) || changed
	changed = overwrite(&after.ClosedOn, account.ClosedOn) || changed
	changed = overwrite(&after.GISUnifiedNumber, account.GISUnifiedNumber) || changed
	if known && !changed {
		return Unchanged, nil
	}
	for _, client := range after.Clients {
		if err := m.LinkAccount(client, account.ExternalID); err != nil {
			return "", err
		}
	}
	m.accounts[account.ExternalID] = after
	return savedAs(known), nil
}

func union(stored, given []cleaning.ExternalID) []cleaning.ExternalID {
	all := slices.Clone(stored)
	for _, id := range given {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// Places returns all premises by external id.
func (m *MemoryStore) Places() map[cleaning.ExternalID]Place {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.places)
}
