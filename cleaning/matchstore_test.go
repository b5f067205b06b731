package cleaning_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/cleaning"
	e164 "github.com/changeover-sdk/changeover/cleaning/phone"
	"github.com/changeover-sdk/changeover/pms"
)

// importFile imports the records as one file, up to the first error.
func importFile(ctx context.Context, s cleaning.ClientStore, records ...cleaning.ClientRecord) ([]cleaning.Decision, error) {
	var file cleaning.ClientFile
	var decisions []cleaning.Decision
	for _, r := range records {
		d, err := cleaning.ImportClient(ctx, s, &file, r)
		if err != nil {
			return decisions, err
		}
		decisions = append(decisions, d)
	}
	return decisions, nil
}

func mustPut(t *testing.T, s *cleaning.MemoryClients, cards ...*cleaning.ExistingClient) {
	t.Helper()
	for _, c := range cards {
		_, err := s.Put(*c)
		require.NoError(t, err)
	}
}

func actionsOf(decisions []cleaning.Decision) []cleaning.MatchAction {
	actions := make([]cleaning.MatchAction, len(decisions))
	for i, d := range decisions {
		actions[i] = d.Action
	}
	return actions
}

func rejectCode(t *testing.T, err error) cleaning.RejectCode {
	t.Helper()
	var rejected *cleaning.MatchError
	require.ErrorAs(t, err, &rejected)
	return rejected.Code
}

func TestImportChainOfMerges(t *testing.T) {
	t.Parallel()
	s := cleaning.NewMemoryClients()
	b := clientB()
	b.FormerPhones = nil
	mustPut(t, s, clientA(), b, &cleaning.ExistingClient{
		ID: "C", Phone: phoneC, IDs: []cleaning.ClientID{{ExternalID: extID("E3")}}, Accounts: []cleaning.ExternalID{extID("L-3")},
	})
	records := []cleaning.ClientRecord{clientRecord("E1", phoneB), clientRecord("E2", phoneC)}

	decisions, err := importFile(t.Context(), s, records...)
	require.NoError(t, err)
	assert.Equal(t, []cleaning.MatchAction{cleaning.MatchMerge, cleaning.MatchMerge}, actionsOf(decisions))
	all := s.All()
	require.Len(t, all, 1)
	assert.Equal(t, "A", all[0].ID)
	assert.Equal(t, phoneC, all[0].Phone)
	assert.ElementsMatch(t, []string{phoneA, phoneB}, all[0].FormerPhones)
	assert.Equal(t, []cleaning.ExternalID{extID("L-1"), extID("L-2"), extID("L-3")}, all[0].Accounts)
	for _, id := range []string{"E1", "E2", "E3"} {
		assert.True(t, all[0].Has(extID(id)))
	}

	_, err = importFile(t.Context(), s, records...)
	require.NoError(t, err)
	assert.Equal(t, all, s.All(), "the second import changes nothing")
}

func TestImportSourcesWithTheSameID(t *testing.T) {
	t.Parallel()
	s := cleaning.NewMemoryClients()
	one := cleaning.ClientRecord{ExternalID: cleaning.ExternalID{Source: "1c", ID: "17"}, Phone: cleaning.Phone{E164: phoneA}}
	two := cleaning.ClientRecord{ExternalID: cleaning.ExternalID{Source: "remonline", ID: "17"}, Phone: cleaning.Phone{E164: phoneB}}
	three := cleaning.ClientRecord{ExternalID: cleaning.ExternalID{Source: "kvado", ID: "17"}, Phone: cleaning.Phone{E164: phoneA}}
	decisions, err := importFile(t.Context(), s, one, two, three)
	require.NoError(t, err)
	assert.Equal(t, []cleaning.MatchAction{cleaning.MatchCreate, cleaning.MatchCreate, cleaning.MatchAddExternalID}, actionsOf(decisions))
	assert.Empty(t, decisions[2].Warnings[1:], "another source is no reason for a warning")
	assert.Equal(t, cleaning.WarnSharedPhone, decisions[2].Warnings[0].Kind)
	assert.Len(t, s.All(), 2)
}

func TestImportSpellingsOfOnePhone(t *testing.T) {
	t.Parallel()
	n, err := e164.New("RU")
	require.NoError(t, err)
	s := cleaning.NewMemoryClients()
	for i, raw := range []string{"8 (903) 555-01-02", "+7 903 555-01-02", "79035550102", "9035550102", "тел. 89035550102"} {
		r := clientRecord("E"+strconv.Itoa(i), "")
		r.Phone, err = n.Normalize(raw)
		require.NoError(t, err)
		_, err = cleaning.ImportClient(t.Context(), s, nil, r)
		require.NoError(t, err)
	}
	require.Len(t, s.All(), 1)
	assert.Len(t, s.All()[0].IDs, 5)
	assert.Equal(t, phoneB, s.All()[0].Phone)
}

// A couple shares a phone: one card, and the second import of the file leaves the
// names of the first as they are.
func TestImportCoupleTwice(t *testing.T) {
	t.Parallel()
	s := cleaning.NewMemoryClients()
	ivan := cleaning.ClientRecord{ExternalID: extID("E1"), Phone: cleaning.Phone{E164: phoneA}, FirstName: new("Иван")}
	maria := cleaning.ClientRecord{ExternalID: extID("E2"), Phone: cleaning.Phone{E164: phoneA}, FirstName: new("Мария")}
	_, err := importFile(t.Context(), s, ivan, maria)
	require.NoError(t, err)
	decisions, err := importFile(t.Context(), s, ivan, maria)
	require.NoError(t, err)
	assert.True(t, decisions[0].Unchanged())
	assert.True(t, decisions[1].Unchanged())
	all := s.All()
	require.Len(t, all, 1)
	assert.Equal(t, "Иван", all[0].FirstName)

	maria.Email = new("maria@example.com")
	_, err = importFile(t.Context(), s, maria)
	require.NoError(t, err)
	assert.Equal(t, "Мария", s.All()[0].FirstName, "a record that has changed is taken in full")
}

func TestImportStopsAtTheRejectedRecord(t *testing.T) {
	t.Parallel()
	s := cleaning.NewMemoryClients()
	mustPut(t, s, clientA(), online(clientB()))
	decisions, err := importFile(t.Context(), s, clientRecord("E7", phoneN), clientRecord("E1", phoneB), clientRecord("E8", "+79035550177"))
	assert.Equal(t, cleaning.RejectPhoneLocked, rejectCode(t, err))
	assert.Len(t, decisions, 1)
	assert.Len(t, s.All(), 3, "what came before stays")
	_, known := s.Client(extID("E8"))
	assert.False(t, known)
}

func TestImportFormerPhoneOfAnother(t *testing.T) {
	t.Parallel()
	s := cleaning.NewMemoryClients()
	mustPut(t, s, clientA())
	_, err := importFile(t.Context(), s, clientRecord("E1", phoneN))
	require.NoError(t, err)
	decisions, err := importFile(t.Context(), s, clientRecord("E9", phoneA))
	require.NoError(t, err)
	assert.Equal(t, []cleaning.MatchWarning{{Kind: cleaning.WarnFormerPhone}}, decisions[0].Warnings)

	_, err = importFile(t.Context(), s, clientRecord("E9", phoneN))
	require.NoError(t, err)
	assert.Len(t, s.All(), 1, "nobody else has had the phone of the client never online")
}

// The store changes between the look and the change: the record is judged anew.
type racingStore struct {
	*cleaning.MemoryClients
	before []func()
}

func (s *racingStore) ApplyClient(ctx context.Context, d cleaning.Decision) (string, error) {
	if len(s.before) > 0 {
		change := s.before[0]
		s.before = s.before[1:]
		change()
	}
	return s.MemoryClients.ApplyClient(ctx, d)
}

func TestImportDecidesAnew(t *testing.T) {
	t.Parallel()
	s := &racingStore{MemoryClients: cleaning.NewMemoryClients()}
	mustPut(t, s.MemoryClients, clientA(), clientB())
	s.before = []func(){func() { mustPut(t, s.MemoryClients, online(clientB())) }}
	d, err := cleaning.ImportClient(t.Context(), s, nil, clientRecord("E1", phoneB))
	assert.Equal(t, cleaning.RejectPhoneLocked, rejectCode(t, err), "the other client has logged in meanwhile")
	assert.Equal(t, cleaning.Rule2b, d.Rule)
	assert.Len(t, s.All(), 2)
}

func TestImportGivesUp(t *testing.T) {
	t.Parallel()
	s := &racingStore{MemoryClients: cleaning.NewMemoryClients()}
	mustPut(t, s.MemoryClients, clientA())
	for range 20 {
		s.before = append(s.before, func() { mustPut(t, s.MemoryClients, clientA()) })
	}
	var file cleaning.ClientFile
	_, err := cleaning.ImportClient(t.Context(), s, &file, clientRecord("E1", phoneN))
	require.ErrorIs(t, err, pms.ErrConflict)
	assert.Equal(t, cleaning.ClientFile{}, file, "the file has not said it")
}

type brokenStore struct{ *cleaning.MemoryClients }

var errDatabase = errors.New("database is gone")

func (brokenStore) ApplyClient(context.Context, cleaning.Decision) (string, error) {
	return "", errDatabase
}

func TestImportWithBrokenStore(t *testing.T) {
	t.Parallel()
	_, err := cleaning.ImportClient(t.Context(), brokenStore{cleaning.NewMemoryClients()}, nil, clientRecord("E1", phoneN))
	require.ErrorIs(t, err, errDatabase)
}

func TestMemoryClientsLinkAccount(t *testing.T) {
	t.Parallel()
	s := cleaning.NewMemoryClients()
	mustPut(t, s, clientA())
	require.NoError(t, s.LinkAccount(extID("E1"), extID("L-9")))
	require.NoError(t, s.LinkAccount(extID("E1"), extID("L-9")))
	card, ok := s.Client(extID("E1"))
	require.True(t, ok)
	assert.Equal(t, []cleaning.ExternalID{extID("L-1"), extID("L-9")}, card.Accounts)
	require.ErrorIs(t, s.LinkAccount(extID("E7"), extID("L-9")), pms.ErrNotFound)
}

func TestMemoryClientsPutRefusesAnIDOfAnother(t *testing.T) {
	t.Parallel()
	s := cleaning.NewMemoryClients()
	mustPut(t, s, clientA())
	_, err := s.Put(cleaning.ExistingClient{IDs: []cleaning.ClientID{{ExternalID: extID("E1")}}})
	require.ErrorIs(t, err, pms.ErrConflict)
}

// anyRecord draws records of few ids and phones, so that all rules meet.
func anyRecord(rt *rapid.T) cleaning.ClientRecord {
	r := cleaning.ClientRecord{ExternalID: cleaning.ExternalID{
		Source: rapid.SampledFrom([]string{"1c", "kvado"}).Draw(rt, "source"),
		ID:     rapid.SampledFrom([]string{"1", "2", "3", "4"}).Draw(rt, "id"),
	}}
	r.Phone.E164 = rapid.SampledFrom([]string{"", phoneA, phoneB, phoneC, phoneN}).Draw(rt, "phone")
	text := rapid.SampledFrom([]*string{nil, new(""), new("x"), new("y")})
	r.LastName, r.FirstName, r.Email = text.Draw(rt, "last"), text.Draw(rt, "first"), text.Draw(rt, "email")
	for _, place := range rapid.SliceOfN(rapid.IntRange(1, 3), 0, 2).Draw(rt, "places") {
		r.Places = append(r.Places, cleaning.PlaceLink{Place: extID(strconv.Itoa(place)), Share: rapid.SampledFrom([]string{"", "1/2"}).Draw(rt, "share")})
	}
	return r
}

// anyStore draws a store with clients who may share phones, with former ones.
func anyStore(rt *rapid.T) *cleaning.MemoryClients {
	s := cleaning.NewMemoryClients()
	phones := rapid.SampledFrom([]string{phoneA, phoneB, phoneC, phoneN})
	for i := range rapid.IntRange(0, 4).Draw(rt, "clients") {
		c := cleaning.ExistingClient{
			IDs:    []cleaning.ClientID{{ExternalID: cleaning.ExternalID{Source: "1c", ID: strconv.Itoa(i + 1)}}},
			Phone:  phones.Draw(rt, "stored phone"),
			Online: rapid.Bool().Draw(rt, "online"),
			ClientDetails: cleaning.ClientDetails{
				Kind: cleaning.ClientPerson, LastName: rapid.SampledFrom([]string{"", "x", "z"}).Draw(rt, "stored name"),
				Email: rapid.SampledFrom([]string{"", "x", "z"}).Draw(rt, "stored email"),
			},
			Places:   []cleaning.PlaceLink{{Place: extID(strconv.Itoa(i))}},
			Accounts: []cleaning.ExternalID{extID("L" + strconv.Itoa(i))},
		}
		if former := phones.Draw(rt, "former"); former != c.Phone && rapid.Bool().Draw(rt, "has former") {
			c.FormerPhones = []string{former}
		}
		if _, err := s.Put(c); err != nil {
			rt.Fatal(err)
		}
	}
	return s
}

func TestImportTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := anyStore(rt)
		records := rapid.SliceOfN(rapid.Custom(anyRecord), 1, 12).Draw(rt, "records")
		first, firstErr := importFile(t.Context(), s, records...)
		all := s.All()
		second, secondErr := importFile(t.Context(), s, records...)
		require.Len(rt, second, len(first))
		require.Equal(rt, firstErr, secondErr)
		for i := range second {
			require.True(rt, second[i].Unchanged(), "record %d", i)
		}
		require.Equal(rt, all, s.All())
	})
}

func TestImportMakesOneClientOfAnID(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := anyStore(rt)
		records := rapid.SliceOfN(rapid.Custom(anyRecord), 1, 12).Draw(rt, "records")
		for _, r := range rapid.Permutation(records).Draw(rt, "order") {
			_, err := cleaning.ImportClient(t.Context(), s, nil, r)
			var rejected *cleaning.MatchError
			if err != nil {
				require.ErrorAs(rt, err, &rejected)
			}
		}
		owners := map[cleaning.ExternalID]string{}
		for _, c := range s.All() {
			require.NotContains(rt, c.FormerPhones, c.Phone)
			for _, id := range c.IDs {
				require.NotContains(rt, owners, id.ExternalID)
				owners[id.ExternalID] = c.ID
				seen, known := s.Client(id.ExternalID)
				require.True(rt, known)
				require.Equal(rt, c, seen)
			}
		}
	})
}

// holdings is all that a store knows of ids, premises, accounts and phones.
func holdings(s *cleaning.MemoryClients) map[string]bool {
	held := map[string]bool{}
	for _, c := range s.All() {
		for _, id := range c.IDs {
			held["id "+id.String()] = true
		}
		for _, link := range c.Places {
			held["place "+link.Place.String()] = true
		}
		for _, account := range c.Accounts {
			held["account "+account.String()] = true
		}
		for _, number := range append(c.FormerPhones, c.Phone) {
			if number != "" {
				held["phone "+number] = true
			}
		}
	}
	return held
}

func TestImportLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := anyStore(rt)
		for _, r := range rapid.SliceOfN(rapid.Custom(anyRecord), 1, 12).Draw(rt, "records") {
			before, absorbed := holdings(s), s.All()
			d, err := cleaning.ImportClient(t.Context(), s, nil, r)
			after := holdings(s)
			for what := range before {
				require.True(rt, after[what], "%s is lost by %s", what, d.Action)
			}
			if err != nil || d.Action != cleaning.MatchMerge {
				continue
			}
			require.Len(rt, s.All(), len(absorbed)-len(d.Absorbed))
			for _, gone := range d.Absorbed {
				for _, id := range gone.IDs {
					require.True(rt, d.Client.Has(id.ExternalID))
				}
				for _, account := range gone.Accounts {
					require.Contains(rt, d.Client.Accounts, account)
				}
				for _, link := range gone.Places {
					require.True(rt, slices.ContainsFunc(d.Client.Places, func(l cleaning.PlaceLink) bool { return l.Place == link.Place }))
				}
			}
		}
	})
}

// A decision about a record does not depend on the order of the view.
func TestMatchClientIsPure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := anyStore(rt)
		r := anyRecord(rt)
		view, err := s.ViewClient(t.Context(), r)
		require.NoError(rt, err)
		before := fmt.Sprintf("%+v", s.All())
		d := cleaning.MatchClient(r, view)
		view.Holders, view.Former = slices.Clone(view.Holders), slices.Clone(view.Former)
		slices.Reverse(view.Holders)
		slices.Reverse(view.Former)
		require.Equal(rt, d, cleaning.MatchClient(r, view))
		require.Equal(rt, before, fmt.Sprintf("%+v", s.All()))
	})
}
