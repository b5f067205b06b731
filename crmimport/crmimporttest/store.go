// Package crmimporttest checks hosts' implementations of [crmimport.Store].
package crmimporttest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/crmimport"
	"github.com/changeover-sdk/changeover/pms"
)

// StoreHarness is what [RunStore] has to know about a store. All are required.
type StoreHarness struct {
	// Open returns an empty store, for one subtest.
	Open func(t *testing.T) crmimport.Store
	// Accounts returns the external ids of the personal accounts on the card of a
	// client, in any order.
	Accounts func(t *testing.T, s crmimport.Store, client cleaning.ExternalID) []cleaning.ExternalID
}

// RunStore checks that a store keeps the contract of [crmimport.Store] beyond
// clients, for which there is cleaningtest.RunClientStore. Each scenario is a
// subtest with a store of its own.
func RunStore(t *testing.T, h StoreHarness) {
	t.Helper()
	if h.Open == nil || h.Accounts == nil {
		t.Fatal("crmimporttest: StoreHarness needs Open and Accounts")
	}
	for _, scenario := range []struct {
		name string
		play func(*suite)
	}{
		{"an empty store has no premise", (*suite).empty},
		{"a premise is created, kept, and updated", (*suite).places},
		{"ids of two sources are two premises", (*suite).sources},
		{"an account is created, kept, and updated", (*suite).accounts},
		{"an account needs its premise and clients", (*suite).links},
		{"an account adds clients and loses none", (*suite).addsClients},
		{"a merge keeps the accounts of both", (*suite).merge},
		{"a cancelled context stores nothing", (*suite).cancelled},
		{"one premise at once is created once", (*suite).concurrent},
		{"a file imported twice changes nothing", (*suite).twice},
	} {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			scenario.play(&suite{T: t, h: h, store: h.Open(t)})
		})
	}
}

// suite is a scenario at work.
type suite struct {
	*testing.T
	h     StoreHarness
	store crmimport.Store
}

func external(id string) cleaning.ExternalID { return cleaning.ExternalID{Source: "suite", ID: id} }

func place(id, number string) crmimport.Place {
	return crmimport.Place{ExternalID: external(id), Type: crmimport.Flat, Number: number}
}

func (s *suite) has(id cleaning.ExternalID, want bool) {
	s.Helper()
	got, err := s.store.HasPlace(s.Context(), id)
	if err != nil || got != want {
		s.Errorf("HasPlace(%s) = %v, %v; want %v", id, got, err, want)
	}
}

func (s *suite) save(p crmimport.Place, want crmimport.Outcome) {
	s.Helper()
	if got, err := s.store.SavePlace(s.Context(), p); err != nil || got != want {
		s.Fatalf("SavePlace(%s) = %q, %v; want %q", p.ExternalID, got, err, want)
	}
}

func (s *suite) saveAccount(a crmimport.Account, want crmimport.Outcome) {
	s.Helper()
	if got, err := s.store.SaveAccount(s.Context(), a); err != nil || got != want {
		s.Fatalf("SaveAccount(%s) = %q, %v; want %q", a.ExternalID, got, err, want)
	}
}

// client imports a client and returns its external id.
func (s *suite) client(id, phone string) cleaning.ExternalID {
	s.Helper()
	record := cleaning.ClientRecord{ExternalID: external(id), Phone: cleaning.Phone{Raw: phone, E164: phone}, LastName: new(id)}
	if _, err := cleaning.ImportClient(s.Context(), s.store, nil, record); err != nil {
		s.Fatalf("ImportClient(%s): %v", id, err)
	}
	return record.ExternalID
}

func (s *suite) hasAccounts(client cleaning.ExternalID, want ...string) {
	s.Helper()
	got := map[cleaning.ExternalID]int{}
	for _, id := range s.h.Accounts(s.T, s.store, client) {
		got[id]++
	}
	for _, id := range want {
		if got[external(id)] != 1 {
			s.Errorf("the card of %s has account %s %d times, want once", client, id, got[external(id)])
		}
	}
	if len(got) != len(want) {
		s.Errorf("the card of %s has %d accounts, want %d", client, len(got), len(want))
	}
}

func (s *suite) empty() { s.has(external("P"), false) }

func (s *suite) places() {
	p := place("P", "12")
	p.Address, p.Floor = new("Lesnaya 4"), new("3")
	s.save(p, crmimport.Created)
	s.has(p.ExternalID, true)
	s.save(p, crmimport.Unchanged)
	s.save(crmimport.Place{ExternalID: p.ExternalID, Number: "12"}, crmimport.Unchanged) // what is not stated stays
	p.Floor = new("")
	s.save(p, crmimport.Updated)
	s.save(p, crmimport.Unchanged)
	p.Number = "12a"
	s.save(p, crmimport.Updated)
	p.Type = crmimport.Apartment
	s.save(p, crmimport.Updated)
	s.save(p, crmimport.Unchanged)
}

func (s *suite) sources() {
	one, other := place("7", "1"), place("7", "1")
	other.ExternalID.Source = "other"
	s.save(one, crmimport.Created)
	s.has(other.ExternalID, false)
	s.save(other, crmimport.Created)
	s.save(one, crmimport.Unchanged)
}

func (s *suite) accounts() {
	s.save(place("P", "12"), crmimport.Created)
	client := s.client("C", "+79035550101")
	a := crmimport.Account{
		ExternalID: external("A"), Number: "0040012", Place: external("P"), Clients: []cleaning.ExternalID{client},
		OpenedOn: &pms.Date{Year: 2019, Month: 5, Day: 1},
	}
	s.saveAccount(a, crmimport.Created)
	s.hasAccounts(client, "A")
	s.saveAccount(a, crmimport.Unchanged)
	s.hasAccounts(client, "A")
	a.OpenedOn, a.ClosedOn = nil, &pms.Date{Year: 2026, Month: 3, Day: 1}
	s.saveAccount(a, crmimport.Updated)
	s.saveAccount(a, crmimport.Unchanged)
	a.Number = "40012"
	s.saveAccount(a, crmimport.Updated)
	a.GISUnifiedNumber = new("10AB")
	s.saveAccount(a, crmimport.Updated)
	s.saveAccount(a, crmimport.Unchanged)
}

func (s *suite) links() {
	a := crmimport.Account{ExternalID: external("A"), Number: "1", Place: external("P")}
	s.refused(a)
	s.save(place("P", "12"), crmimport.Created)
	a.Clients = []cleaning.ExternalID{s.client("C", "+79035550101"), external("nobody")}
	s.refused(a)
	s.hasAccounts(a.Clients[0])
	a.Clients = a.Clients[:1]
	s.saveAccount(a, crmimport.Created) // nothing of the refused ones was kept
}

func (s *suite) refused(a crmimport.Account) {
	s.Helper()
	if outcome, err := s.store.SaveAccount(s.Context(), a); !errors.Is(err, pms.ErrNotFound) {
		s.Errorf("SaveAccount of an account that names what is not there = %q, %v; want ErrNotFound", outcome, err)
	}
}

func (s *suite) addsClients() {
	s.save(place("P", "12"), crmimport.Created)
	first, second := s.client("C", "+79035550101"), s.client("D", "+79035550102")
	a := crmimport.Account{ExternalID: external("A"), Number: "1", Place: external("P"), Clients: []cleaning.ExternalID{first}}
	s.saveAccount(a, crmimport.Created)
	a.Clients = []cleaning.ExternalID{second}
	s.saveAccount(a, crmimport.Updated)
	s.saveAccount(a, crmimport.Unchanged)
	s.hasAccounts(first, "A")
	s.hasAccounts(second, "A")
}

func (s *suite) merge() {
	s.save(place("P", "12"), crmimport.Created)
	first, second := s.client("C", "+79035550101"), s.client("D", "+79035550102")
	for id, client := range map[string]cleaning.ExternalID{"A": first, "B": second} {
		s.saveAccount(crmimport.Account{ExternalID: external(id), Number: id, Place: external("P"), Clients: []cleaning.ExternalID{client}}, crmimport.Created)
	}
	s.client("C", "+79035550102") // the phone of D, who was never online
	s.hasAccounts(first, "A", "B")
	s.hasAccounts(second, "A", "B")
}

func (s *suite) cancelled() {
	s.save(place("P", "12"), crmimport.Created)
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	if _, err := s.store.SavePlace(ctx, place("Q", "1")); err == nil {
		s.Error("SavePlace with a cancelled context has no error")
	}
	s.has(external("Q"), false)
	a := crmimport.Account{ExternalID: external("A"), Number: "1", Place: external("P")}
	if _, err := s.store.SaveAccount(ctx, a); err == nil {
		s.Error("SaveAccount with a cancelled context has no error")
	}
	s.saveAccount(a, crmimport.Created)
}

func (s *suite) concurrent() {
	var mu sync.Mutex
	created := 0
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			outcome, err := s.store.SavePlace(s.Context(), place("P", "12"))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				s.Errorf("SavePlace: %v", err)
			}
			if outcome == crmimport.Created {
				created++
			}
		})
	}
	group.Wait()
	if created != 1 {
		s.Errorf("the premise was created %d times", created)
	}
}

func (s *suite) twice() {
	for _, want := range []crmimport.Outcome{crmimport.Created, crmimport.Unchanged} {
		s.save(place("P", "12"), want)
		client := s.client("C", "+79035550101")
		s.saveAccount(crmimport.Account{ExternalID: external("A"), Number: "1", Place: external("P"), Clients: []cleaning.ExternalID{client}}, want)
		s.hasAccounts(client, "A")
	}
}
