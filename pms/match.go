package pms

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Proposals is what [MatchProperties] returns. Every unit of theirs is in
// exactly one of Matches, Choices and UnmatchedTheirs; every property of ours
// is in at most one of Matches, and otherwise in UnmatchedOurs.
type Proposals struct {
	// Matches are the links to make, ordered by PropertyID.
	Matches []Match `json:"matches,omitempty"`
	// Choices are the units that a person must decide, ordered by UnitID.
	Choices         []Choice   `json:"choices,omitempty"`
	UnmatchedOurs   []Property `json:"unmatchedOurs,omitempty"`
	UnmatchedTheirs []Property `json:"unmatchedTheirs,omitempty"`
}

// Match is a proposed link, or a candidate for one.
type Match struct {
	// PropertyID is the id of ours, Vendor and UnitID are the key of theirs.
	PropertyID string `json:"propertyId"`
	Vendor     string `json:"vendor"`
	UnitID     string `json:"unitId"`
	// Score is above 0 and at most 1, from [MatchScore] on for a proposal.
	Score   float64       `json:"score"`
	Reasons []MatchReason `json:"reasons"`
	// Distance is in metres; 0 is the same spot, or not known.
	Distance float64 `json:"distance,omitzero"`
}

// Link returns the link that the match proposes, for the host's account.
func (m Match) Link(account string) Link {
	return Link{Vendor: m.Vendor, Account: account, UnitID: m.UnitID, PropertyID: m.PropertyID}
}

// Explain returns the reasons as text: "same name, same number, 12 m apart".
func (m Match) Explain() string {
	parts := make([]string, 0, len(m.Reasons))
	for _, r := range m.Reasons {
		switch {
		case r == MatchNear, r == MatchPlaceDiffers && m.Distance > farMetres:
			parts = append(parts, fmt.Sprintf("%.0f m apart", m.Distance))
		default:
			parts = append(parts, r.text())
		}
	}
	return strings.Join(parts, ", ")
}

// MatchScore is the score from which on a pair is proposed.
const MatchScore = 0.6

// MatchReason is one thing that speaks for a pair, or, for
// [MatchPlaceDiffers], against it.
type MatchReason string

// The reasons of a match.
const (
	// MatchName: the names are the same, but for case, punctuation, white space
	// and letters that look alike in Cyrillic and Latin.
	MatchName MatchReason = "name"
	// MatchNamePart: one name holds all words of the other, in order.
	MatchNamePart MatchReason = "name_part"
	// MatchNumber: the unit numbers are the same.
	MatchNumber MatchReason = "number"
	// MatchAddress: the same street and house, in no two cities.
	MatchAddress MatchReason = "address"
	// MatchNear: at most 100 m apart.
	MatchNear MatchReason = "near"
	// MatchPlaceDiffers: another address, or more than 2 km apart.
	MatchPlaceDiffers MatchReason = "place_differs"
)

func (r MatchReason) text() string {
	switch r {
	case MatchName:
		return "same name"
	case MatchNamePart:
		return "one name is part of the other"
	case MatchNumber:
		return "same number"
	case MatchAddress:
		return "same address"
	case MatchPlaceDiffers:
		return "different address"
	case MatchNear:
		return "near"
	default:
		return string(r)
	}
}

// Choice is a unit of theirs that has candidates and no proposal.
type Choice struct {
	Vendor string       `json:"vendor"`
	UnitID string       `json:"unitId"`
	Why    ChoiceReason `json:"why"`
	// Candidates are at most 10, the best first and equal ones by PropertyID.
	Candidates []Match `json:"candidates"`
	// More is the number of candidates left out.
	More int `json:"more,omitzero"`
}

// ChoiceReason says why there is no proposal.
type ChoiceReason string

// The reasons of a choice.
const (
	// ChoiceTie: several of ours fit equally well.
	ChoiceTie ChoiceReason = "tie"
	// ChoiceContested: one of ours fits best, and another unit of theirs fits
	// that one as well or better. A unit that the vendor lists twice is here.
	ChoiceContested ChoiceReason = "contested"
	// ChoiceWeak: no candidate reaches [MatchScore].
	ChoiceWeak ChoiceReason = "weak"
)

const maxCandidates = 10

// MatchProperties proposes which units of a vendor account (theirs) are which
// properties of the host (ours), for a person to confirm or for automatic
// synchronisation. It compares names, unit numbers ("12A", "кв. 5", "№ 203"),
// addresses and coordinates; ids are not compared.
//
// It fails closed, because a wrong link sends a guest the code of another flat:
//
//   - A pair is proposed only when each is the other's single best. Ties and
//     contested units are Choices with their candidates.
//   - Units with different numbers are never a pair, whatever else agrees; nor
//     are a unit with a number and one without.
//   - A place alone proposes nothing: names or numbers must agree too.
//
// The result does not depend on the order of the input. Records that repeat
// vendor and id count once. Properties that are linked already are the
// caller's to leave out.
func MatchProperties(ours, theirs []Property) Proposals {
	m := newMatcher(distinct(ours), distinct(theirs))
	m.findBest()
	return m.proposals()
}

// distinct returns the properties ordered by what matching sees of them, one
// for each vendor and id.
func distinct(in []Property) []Property {
	sorted := slices.SortedFunc(slices.Values(in), func(a, b Property) int {
		return cmp.Or(
			cmp.Compare(a.ID, b.ID), cmp.Compare(a.Vendor, b.Vendor), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.Address.Street, b.Address.Street), cmp.Compare(a.Address.City, b.Address.City),
			cmp.Compare(a.Latitude, b.Latitude), cmp.Compare(a.Longitude, b.Longitude),
		)
	})
	return slices.CompactFunc(sorted, func(a, b Property) bool { return a.ID == b.ID && a.Vendor == b.Vendor })
}

// matcher compares only pairs that share a number or, without numbers, enough
// of their names.
type matcher struct {
	ours, theirs       []Property
	ourTraits          []traits
	theirTraits        []traits
	ourBest, theirBest []best
	byNumber           map[string][]int // ours by numberKeys
	byWord             map[string][]int // ours without a number, by each word
	byRarest           map[string][]int // ours without a number, by their rarest word
	uses               map[string]int   // how many names have the word
	visited            []int            // by index of ours: the last walk that visited it
	walks              int
}

// best is the best partner of a property so far; count is how many are as good.
type best struct {
	score     float64
	at, count int
}

func (b *best) offer(score float64, at int) {
	switch {
	case score > b.score:
		*b = best{score: score, at: at, count: 1}
	case score == b.score:
		b.count++
	}
}

func newMatcher(ours, theirs []Property) *matcher {
	m := &matcher{
		ours: ours, theirs: theirs,
		ourTraits: readAll(ours), theirTraits: readAll(theirs),
		ourBest: make([]best, len(ours)), theirBest: make([]best, len(theirs)),
		byNumber: make(map[string][]int), byWord: make(map[string][]int), byRarest: make(map[string][]int),
		uses:    make(map[string]int),
		visited: make([]int, len(ours)),
	}
	for _, side := range [][]traits{m.ourTraits, m.theirTraits} {
		for i := range side {
			for _, word := range side[i].words {
				m.uses[word]++
			}
		}
	}
	for o := range m.ourTraits {
		m.index(o)
	}
	return m
}

func (m *matcher) index(o int) {
	t := &m.ourTraits[o]
	for _, key := range t.numberKeys() {
		m.byNumber[key] = append(m.byNumber[key], o)
	}
	if len(t.numbers) > 0 || len(t.words) == 0 {
		return
	}
	for _, word := range t.words {
		m.byWord[word] = append(m.byWord[word], o)
	}
	rarest := m.rarest(t.words)
	m.byRarest[rarest] = append(m.byRarest[rarest], o)
}

func (m *matcher) rarest(words []string) string {
	return slices.MinFunc(words, func(a, b string) int { return cmp.Compare(m.uses[a], m.uses[b]) })
}

// candidates calls visit once with each of ours that can be a partner of
// theirs[t]. A name that holds another one holds the rarest word of it.
func (m *matcher) candidates(t int, visit func(o int)) {
	m.walks++
	once := func(list []int) {
		for _, o := range list {
			if m.visited[o] != m.walks {
				m.visited[o] = m.walks
				visit(o)
			}
		}
	}
	their := &m.theirTraits[t]
	for _, key := range their.numberKeys() {
		once(m.byNumber[key])
	}
	if len(their.numbers) > 0 || len(their.words) == 0 {
		return
	}
	for _, word := range their.words {
		once(m.byRarest[word])
	}
	once(m.byWord[m.rarest(their.words)])
}

func (m *matcher) findBest() {
	for t := range m.theirs {
		m.candidates(t, func(o int) {
			if score := compare(&m.ourTraits[o], &m.theirTraits[t]).score(); score >= MatchScore {
				m.ourBest[o].offer(score, t)
				m.theirBest[t].offer(score, o)
			}
		})
	}
}

func (m *matcher) proposals() Proposals {
	var p Proposals
	matched := make([]bool, len(m.ours))
	for t, their := range m.theirs {
		if o := m.theirBest[t].at; m.mutual(t) {
			matched[o] = true
			p.Matches = append(p.Matches, m.match(o, t))
			continue
		}
		if choice := m.choice(t); len(choice.Candidates) > 0 {
			p.Choices = append(p.Choices, choice)
		} else {
			p.UnmatchedTheirs = append(p.UnmatchedTheirs, their)
		}
	}
	for o, our := range m.ours {
		if !matched[o] {
			p.UnmatchedOurs = append(p.UnmatchedOurs, our)
		}
	}
	slices.SortStableFunc(p.Matches, func(a, b Match) int { return cmp.Compare(a.PropertyID, b.PropertyID) })
	return p
}

// mutual reports whether theirs[t] and its best partner are each other's
// single best.
func (m *matcher) mutual(t int) bool {
	their := m.theirBest[t]
	if their.count != 1 {
		return false
	}
	our := m.ourBest[their.at]
	return our.count == 1 && our.at == t
}

func (m *matcher) match(o, t int) Match {
	c := compare(&m.ourTraits[o], &m.theirTraits[t])
	return Match{
		PropertyID: m.ours[o].ID, Vendor: m.theirs[t].Vendor, UnitID: m.theirs[t].ID,
		Score: c.score(), Reasons: slices.Concat(kindReasons[c.kind], placeReasons[c.place]), Distance: c.distance,
	}
}

func (m *matcher) choice(t int) Choice {
	type candidate struct {
		score float64
		ours  int
	}
	var found []candidate
	m.candidates(t, func(o int) {
		if score := compare(&m.ourTraits[o], &m.theirTraits[t]).score(); score > 0 {
			found = append(found, candidate{score, o})
		}
	})
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.ours, b.ours))
	})
	c := Choice{Vendor: m.theirs[t].Vendor, UnitID: m.theirs[t].ID, Why: ChoiceContested, More: max(0, len(found)-maxCandidates)}
	switch m.theirBest[t].count {
	case 0:
		c.Why = ChoiceWeak
	case 1:
	default:
		c.Why = ChoiceTie
	}
	for _, f := range found[:len(found)-c.More] {
		c.Candidates = append(c.Candidates, m.match(f.ours, t))
	}
	return c
}
