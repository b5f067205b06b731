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
	owners    map[string]map[string]*storedClient // by source, by id in it
	holders   map[string][]*ExistingClient        // by phone
	former    map[string][]*ExistingClient        // by phone
	elsewhere map[string]bool
}

// NewMemoryClients returns an empty store.
func NewMemoryClients() *MemoryClients {
	return &MemoryClients{
		cards:     make(map[string]*ExistingClient),
		owners:    make(map[string]map[string]*storedClient),
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
	var v ClientView
	phone := r.Phone.E164
	owner := s.owners[r.ExternalID.Source][r.ExternalID.ID]
	if owner != nil {
		v.Owner = &owner.card
	}
	switch {
	case phone == "":
		return v, nil
	case owner != nil && owner.alone && owner.card.Phone == phone:
		v.Holders = owner.list[:]
	default:
		v.Holders = s.holders[phone]
	}
	v.Former, v.PhoneElsewhere = s.former[phone], s.elsewhere[phone]
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
		if owner := s.owner(id.ExternalID); owner != nil && !slices.Contains(replaced, owner) {
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
	s.remember(&storedClient{card: card})
	return card.ID
}

// storedClient is a card with the list of cards that have its phone, which is
// nearly always of this card alone.
type storedClient struct {
	card ExistingClient
	list [1]*ExistingClient
	// alone says that list is the whole list, so that the phone need not be
	// looked up.
	alone bool
}

func (s *MemoryClients) remember(c *storedClient) {
	card := &c.card
	s.cards[card.ID] = card
	for _, id := range card.IDs {
		source := s.owners[id.Source]
		if source == nil {
			source = make(map[string]*storedClient)
			s.owners[id.Source] = source
		}
		source[id.ID] = c
	}
	c.list[0] = card
	if card.Phone != "" {
		others := s.holders[card.Phone]
		c.alone = len(others) == 0
		s.holders[card.Phone] = joined(others, c.list[:])
		for _, other := range others {
			s.notAlone(other)
		}
	}
	for _, phone := range card.FormerPhones {
		s.former[phone] = joined(s.former[phone], c.list[:])
	}
}

func (s *MemoryClients) notAlone(card *ExistingClient) {
	for _, id := range card.IDs {
		s.owners[id.Source][id.ID].alone = false
	}
}

// joined writes to neither list.
func joined(list, card []*ExistingClient) []*ExistingClient {
	if len(list) == 0 {
		return card
	}
	return slices.Concat(list, card)
}

func (s *MemoryClients) owner(id ExternalID) *ExistingClient {
	if c := s.owners[id.Source][id.ID]; c != nil {
		return &c.card
	}
	return nil
}

func (s *MemoryClients) forget(card *ExistingClient) {
	delete(s.cards, card.ID)
	for _, id := range card.IDs {
		delete(s.owners[id.Source], id.ID)
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
	owner := s.owner(client)
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
	owner := s.owner(id)
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
