package cleaning

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/changeover-sdk/changeover/pms"
)

// MemoryClients is a [ClientStore] in memory. It is safe for concurrent use.
//
// Neither a card nor a list of cards in it is ever written: a change puts a new
// one in its place. So a view holds what was true when it was taken.
type MemoryClients struct {
	mu        sync.RWMutex
	last      int64 // the last number given as an id or revision
	cards     map[string]*ExistingClient
	owners    map[ExternalID]*ExistingClient
	holders   map[string][]*ExistingClient // by phone
	former    map[string][]*ExistingClient // by phone
	elsewhere map[string]bool
}

// NewMemoryClients returns an empty store.
func NewMemoryClients() *MemoryClients {
	return &MemoryClients{
		cards:     make(map[string]*ExistingClient),
		owners:    make(map[ExternalID]*ExistingClient),
		holders:   make(map[string][]*ExistingClient),
		former:    make(map[string][]*ExistingClient),
		elsewhere: make(map[string]bool),
	}
}

// ViewClient implements [ClientStore].
func (s *MemoryClients) ViewClient(ctx context.Context, r ClientRecord) (ClientView, error) {
	if err := ctx.Err(); err != nil {
		return ClientView{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	v := ClientView{Owner: s.owners[r.ExternalID]}
	if phone := r.Phone.E164; phone != "" {
		v.Holders, v.Former = s.holders[phone], s.former[phone]
		v.PhoneElsewhere = s.elsewhere[phone]
	}
	return v, nil
}

// ApplyClient implements [ClientStore].
func (s *MemoryClients) ApplyClient(ctx context.Context, d Decision) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if d.Action == MatchReject {
		return "", fmt.Errorf("a rejected record cannot be applied: %w", pms.ErrInvalid)
	}
	if d.Unchanged() {
		return d.Client.ID, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	replaced, err := s.current(&d)
	if err != nil {
		return "", err
	}
	if err := s.free(&d.Client, replaced); err != nil {
		return "", err
	}
	return s.put(d.Client, replaced), nil
}

// current returns the stored cards that the decision replaces, that of its client
// first.
func (s *MemoryClients) current(d *Decision) ([]*ExistingClient, error) {
	seen := d.Absorbed
	if d.Action != MatchCreate {
		seen = append([]*ExistingClient{&d.Client}, seen...)
	}
	cards := make([]*ExistingClient, 0, len(seen))
	for _, c := range seen {
		card := s.cards[c.ID]
		if card == nil || card.Revision != c.Revision || slices.Contains(cards, card) {
			return nil, fmt.Errorf("client %s has changed: %w", c.ID, pms.ErrConflict)
		}
		cards = append(cards, card)
	}
	return cards, nil
}

// free says whether nobody beyond the replaced cards has an id or phone that is
// new to the card, or has had the phone. A new client may have a phone that
// somebody had.
func (s *MemoryClients) free(card *ExistingClient, replaced []*ExistingClient) error {
	if err := s.freeIDs(card, replaced); err != nil {
		return err
	}
	if card.Phone == "" || len(replaced) > 0 && replaced[0].Phone == card.Phone {
		return nil
	}
	taken := s.holders[card.Phone]
	if len(replaced) > 0 {
		taken = slices.Concat(taken, s.former[card.Phone])
	}
	if len(without(taken, replaced)) > 0 {
		return fmt.Errorf("the phone is another client's: %w", pms.ErrConflict)
	}
	return nil
}

func (s *MemoryClients) freeIDs(card *ExistingClient, replaced []*ExistingClient) error {
	for _, id := range card.IDs {
		if owner := s.owners[id.ExternalID]; owner != nil && !slices.Contains(replaced, owner) {
			return fmt.Errorf("external id %s is another client's: %w", id, pms.ErrConflict)
		}
	}
	return nil
}

// put stores the card in place of the replaced ones, and returns its id.
func (s *MemoryClients) put(card ExistingClient, replaced []*ExistingClient) string {
	for _, old := range replaced {
		s.forget(old)
	}
	s.last++
	card.Revision = s.last
	for id := s.last; card.ID == ""; id++ {
		if name := strconv.FormatInt(id, 10); s.cards[name] == nil {
			card.ID = name
		}
	}
	s.remember(&card)
	return card.ID
}

func (s *MemoryClients) remember(card *ExistingClient) {
	s.cards[card.ID] = card
	for _, id := range card.IDs {
		s.owners[id.ExternalID] = card
	}
	if card.Phone != "" {
		s.holders[card.Phone] = append(slices.Clip(s.holders[card.Phone]), card)
	}
	for _, phone := range card.FormerPhones {
		s.former[phone] = append(slices.Clip(s.former[phone]), card)
	}
}

func (s *MemoryClients) forget(card *ExistingClient) {
	delete(s.cards, card.ID)
	for _, id := range card.IDs {
		delete(s.owners, id.ExternalID)
	}
	drop(s.holders, card.Phone, card)
	for _, phone := range card.FormerPhones {
		drop(s.former, phone, card)
	}
}

func drop(uses map[string][]*ExistingClient, phone string, card *ExistingClient) {
	rest := without(uses[phone], []*ExistingClient{card})
	if len(rest) == 0 {
		delete(uses, phone)
		return
	}
	uses[phone] = rest
}

// Put stores a card that did not come from an import, or replaces the one with
// its ID whatever its revision, and returns the id. An empty ID gets a new one.
// It returns an error that wraps [pms.ErrConflict] if an external id is another
// client's.
func (s *MemoryClients) Put(card ExistingClient) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	card = card.clone()
	var replaced []*ExistingClient
	if old := s.cards[card.ID]; old != nil {
		replaced = []*ExistingClient{old}
	}
	if err := s.freeIDs(&card, replaced); err != nil {
		return "", err
	}
	return s.put(card, replaced), nil
}

// LinkAccount adds a personal account to the client who has the external id. It
// returns [pms.ErrNotFound] if nobody has.
func (s *MemoryClients) LinkAccount(client, account ExternalID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner := s.owners[client]
	if owner == nil {
		return fmt.Errorf("client %s: %w", client, pms.ErrNotFound)
	}
	if slices.Contains(owner.Accounts, account) {
		return nil
	}
	card := owner.clone()
	card.Accounts = append(card.Accounts, account)
	s.put(card, []*ExistingClient{owner})
	return nil
}

// SetPhoneElsewhere says whether another organisation has a client with the
// phone, which is in E.164 form.
func (s *MemoryClients) SetPhoneElsewhere(phone string, elsewhere bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.elsewhere[phone] = elsewhere
}

// Client returns the client who has the external id.
func (s *MemoryClients) Client(id ExternalID) (ExistingClient, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	owner := s.owners[id]
	if owner == nil {
		return ExistingClient{}, false
	}
	return owner.clone(), true
}

// All returns all clients, in the order of their ids: the shorter first.
func (s *MemoryClients) All() []ExistingClient {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]ExistingClient, 0, len(s.cards))
	for _, card := range s.cards {
		all = append(all, card.clone())
	}
	slices.SortFunc(all, func(a, b ExistingClient) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// clone returns the card with slices of its own.
func (c *ExistingClient) clone() ExistingClient {
	card := *c
	card.IDs = slices.Clone(c.IDs)
	card.FormerPhones = slices.Clone(c.FormerPhones)
	card.Places = slices.Clone(c.Places)
	card.Accounts = slices.Clone(c.Accounts)
	return card
}
