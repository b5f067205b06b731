package cleaningtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

func (c *clients) emptyStore() {
	v := c.view(record("E1", firstPhone))
	if v.Owner != nil || len(v.Holders) > 0 || len(v.Former) > 0 || v.PhoneElsewhere {
		c.Errorf("an empty store shows %+v", v)
	}
	c.expect()
}

func (c *clients) keepsAll() {
	want := card("E1", firstPhone, secondPhone)
	d := cleaning.Decision{Action: cleaning.MatchCreate, Rule: cleaning.Rule4, Client: want}
	want.ID = c.apply(d)
	c.expect(want)
}

func (c *clients) finds() {
	first := card("E1", firstPhone, thirdPhone)
	first.Online = true
	first.ID = c.put(first)
	second := card("E2", secondPhone, firstPhone)
	second.ID = c.put(second)

	v := c.view(record("E2", firstPhone))
	if v.Owner == nil || len(v.Holders) != 1 || len(v.Former) != 1 {
		c.Fatalf("the view shows %+v, want an owner, a holder and a former one", v)
	}
	c.same(*v.Owner, second)
	c.same(*v.Holders[0], first)
	c.same(*v.Former[0], second)

	v = c.view(cleaning.ClientRecord{ExternalID: cleaning.ExternalID{Source: "other", ID: "E1"}})
	if v.Owner == nil || v.Owner.ID != first.ID {
		c.Errorf("the second id of a card does not find it")
	}
	if len(v.Holders)+len(v.Former) > 0 {
		c.Errorf("a record without phone has holders")
	}
	if v = c.view(cleaning.ClientRecord{ExternalID: cleaning.ExternalID{Source: "suite", ID: "e1"}}); v.Owner != nil {
		c.Errorf("ids are found whatever their case")
	}
	if v = c.view(cleaning.ClientRecord{ExternalID: cleaning.ExternalID{Source: "third", ID: "E1"}}); v.Owner != nil {
		c.Errorf("the id of one source finds the client of another")
	}
}

func (c *clients) elsewhere() {
	if c.h.SetElsewhere == nil {
		c.Skip("the harness has no SetElsewhere")
	}
	c.h.SetElsewhere(c.T, c.store, firstPhone)
	if v := c.view(record("E1", firstPhone)); !v.PhoneElsewhere {
		c.Errorf("the phone of another organisation is not shown")
	}
	if v := c.view(record("E1", secondPhone)); v.PhoneElsewhere {
		c.Errorf("a phone is shown as another organisation's that is not")
	}
}

func (c *clients) updates() {
	id := c.put(card("E1", firstPhone, thirdPhone))
	before := c.view(record("E1", "")).Owner.Revision
	d := c.decide(record("E1", secondPhone), cleaning.MatchUpdatePhone)
	c.apply(d)
	d.Client.ID = id
	c.expect(d.Client)
	if after := c.view(record("E1", "")).Owner.Revision; after == before {
		c.Errorf("the revision is %d before and after the change", after)
	}
	if v := c.view(record("E9", firstPhone)); len(v.Holders) != 0 || len(v.Former) != 1 {
		c.Errorf("the phone before has %d holders and %d former ones, want 0 and 1", len(v.Holders), len(v.Former))
	}
}

func (c *clients) refuses(d cleaning.Decision, class error) {
	c.Helper()
	if id, err := c.store.ApplyClient(c.Context(), d); !errors.Is(err, class) {
		c.Fatalf("ApplyClient %s returned %q and %v, want an error that wraps %q", d.Action, id, err, class)
	}
}

func (c *clients) refusesStale() {
	c.put(card("E1", firstPhone, thirdPhone))
	stale := c.decide(record("E1", firstPhone), cleaning.MatchUpdate)
	c.apply(c.decide(record("E1", secondPhone), cleaning.MatchUpdatePhone))
	want := c.all()
	c.refuses(stale, pms.ErrConflict)
	c.expect(want...)

	gone := stale
	gone.Client = card("E7", thirdPhone, firstPhone)
	gone.Client.ID, gone.Client.Revision = stale.Client.ID+"0", 1
	c.refuses(gone, pms.ErrConflict)
	c.expect(want...)
}

func (c *clients) refusesTaken() {
	sameID := c.decide(record("E1", ""), cleaning.MatchCreate)
	samePhone := c.decide(record("E2", firstPhone), cleaning.MatchCreate)
	c.put(card("E3", thirdPhone, ""))
	newPhone := c.decide(record("E3", firstPhone), cleaning.MatchUpdatePhone)
	formerPhone := c.decide(record("E3", secondPhone), cleaning.MatchUpdatePhone)
	c.put(card("E1", firstPhone, secondPhone))
	want := c.all()
	for _, d := range []cleaning.Decision{sameID, samePhone, newPhone, formerPhone} {
		c.refuses(d, pms.ErrConflict)
	}
	c.expect(want...)
}

func (c *clients) merges() {
	survivor := c.put(card("E1", firstPhone, ""))
	absorbed := c.put(card("E2", secondPhone, thirdPhone))
	d := c.decide(record("E1", secondPhone), cleaning.MatchMerge)
	c.apply(d)
	c.expect(d.Client)
	for _, id := range []string{"E1", "E2"} {
		if owner := c.view(record(id, "")).Owner; owner == nil || owner.ID != survivor {
			c.Errorf("id %s does not lead to the survivor", id)
		}
	}
	for _, phone := range []string{firstPhone, thirdPhone} {
		if v := c.view(record("E9", phone)); len(v.Former) != 1 || v.Former[0].ID != survivor {
			c.Errorf("former phone %s does not lead to the survivor alone", phone)
		}
	}
	if v := c.view(record("E9", secondPhone)); len(v.Holders) != 1 || v.Holders[0].ID == absorbed {
		c.Errorf("the phone of the merged card does not lead to the survivor alone")
	}
}

func (c *clients) refusesStaleMerge() {
	c.put(card("E1", firstPhone, ""))
	c.put(card("E2", secondPhone, ""))
	d := c.decide(record("E1", secondPhone), cleaning.MatchMerge)
	c.apply(c.decide(record("E2", ""), cleaning.MatchUpdate))
	want := c.all()
	c.refuses(d, pms.ErrConflict)
	c.expect(want...)
}

func (c *clients) refusesRejected() {
	d := c.decide(record("", firstPhone), cleaning.MatchReject)
	if _, err := c.store.ApplyClient(c.Context(), d); err == nil {
		c.Errorf("ApplyClient takes a rejected record")
	}
	c.expect()
}

func (c *clients) keepsUnchanged() {
	c.apply(c.decide(record("E1", firstPhone), cleaning.MatchCreate))
	before := c.view(record("E1", "")).Owner.Revision
	c.apply(c.decide(record("E1", firstPhone), cleaning.MatchUpdate))
	if after := c.view(record("E1", "")).Owner.Revision; after != before {
		c.Errorf("an unchanged record gives a new revision")
	}
}

func (c *clients) cancelled() {
	d := c.decide(record("E1", firstPhone), cleaning.MatchCreate)
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	if _, err := c.store.ApplyClient(ctx, d); !errors.Is(err, context.Canceled) {
		c.Errorf("ApplyClient returned %v, want context.Canceled", err)
	}
	c.expect()
}

func (c *clients) concurrentRecord() {
	c.atOnce(func(int) cleaning.ClientRecord { return record("E1", firstPhone) })
}

func (c *clients) concurrentPhone() {
	c.atOnce(func(i int) cleaning.ClientRecord { return record(fmt.Sprintf("E%d", i), firstPhone) })
}

// atOnce imports eight records at once that belong to one client. A store whose
// every change beats one import may leave it to give up: it is tried again.
func (c *clients) atOnce(record func(i int) cleaning.ClientRecord) {
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for {
				_, err := cleaning.ImportClient(c.Context(), c.store, nil, record(i))
				if errors.Is(err, pms.ErrConflict) {
					continue
				}
				if err != nil {
					c.Errorf("ImportClient: %v", err)
				}
				return
			}
		})
	}
	group.Wait()
	if all := c.all(); len(all) != 1 {
		c.Errorf("the store has %d clients, want 1", len(all))
	}
}

// longImport imports the same random records into the store and into memory.
func (c *clients) longImport() {
	memory := cleaning.NewMemoryClients()
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // a fixed sequence is wanted
	for range 300 {
		r := record(fmt.Sprintf("E%d", random.IntN(40)), "")
		if n := random.IntN(40); n > 0 {
			r.Phone.E164 = fmt.Sprintf("+790355501%02d", n)
		}
		r.Places = []cleaning.PlaceLink{{Place: external(fmt.Sprint(random.IntN(9)))}}
		got, gotErr := cleaning.ImportClient(c.Context(), c.store, nil, r)
		want, wantErr := cleaning.ImportClient(c.Context(), memory, nil, r)
		if got.Action != want.Action || got.Rule != want.Rule || (gotErr == nil) != (wantErr == nil) {
			c.Fatalf("%s: %s by rule %s (%v), in memory %s by rule %s (%v)",
				r.ExternalID, got.Action, got.Rule, gotErr, want.Action, want.Rule, wantErr)
		}
	}
	want := ordered(memory.All())
	for i, got := range c.all() {
		if i < len(want) {
			want[i].ID = got.ID
		}
	}
	c.expect(want...)
}
