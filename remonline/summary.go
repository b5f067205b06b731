package remonline

import (
	"errors"
	"iter"
	"math/big"
	"slices"

	"github.com/changeover-sdk/changeover/pms"
)

// Totals are the sums over a set of deals.
type Totals struct {
	Count  int     `json:"count"`
	Amount Decimal `json:"amount"`
	Cost   Decimal `json:"cost"`
	// Margin is Amount less Cost.
	Margin Decimal `json:"margin"`
}

// SummaryRow is a container of the funnel with what is in it.
type SummaryRow struct {
	Container string `json:"container"`
	Marker    Marker `json:"marker"`
	Totals
	// Reached counts the deals that came at least as far: those in this
	// container and in later ones, failed deals aside. At which stage a deal
	// failed is not known, so a failure container counts itself alone.
	Reached int `json:"reached"`
	// Conversion is Reached in percent of all deals, to one place, half away
	// from zero; 0 without deals.
	Conversion Decimal `json:"conversion"`
}

// MarkerRow sums the containers of one marker. Deals without a container are
// not in it.
type MarkerRow struct {
	Marker Marker `json:"marker"`
	Totals
	// Share is Count in percent of all deals, to one place.
	Share Decimal `json:"share"`
}

// UnmappedRow is a status that is in no container.
type UnmappedRow struct {
	StatusID string `json:"statusId"`
	Status   string `json:"status"`
	Totals
}

// Summary is a report over deals.
type Summary struct {
	// Containers are all containers of the funnel in order, Markers all four.
	Containers []SummaryRow `json:"containers"`
	Markers    []MarkerRow  `json:"markers"`
	// Unmapped are the statuses of deals in no container, by id.
	Unmapped []UnmappedRow `json:"unmapped,omitempty"`
	// Total is over all deals, unmapped ones too.
	Total Totals `json:"total"`
	// Conversion is the success count in percent of all deals, to one place.
	Conversion Decimal `json:"conversion"`
	// Failed counts the orders that could not be read or calculated. They are
	// in no sum.
	Failed int `json:"failed,omitzero"`
}

// Summarize sums a sequence of deals, such as that of [Deals]. It returns the
// summary, the records that failed, and the error that ended the sequence
// early, if any; then the summary is of what came before. An order that comes
// twice counts as it came last, an excluded one not at all. A sum beyond a
// [Decimal] is [ErrOverflow].
//
// It keeps a few words per order, to tell repeats, and no deal.
func Summarize(f Funnel, deals iter.Seq2[Deal, error]) (s Summary, failed []*pms.RecordError, err error) {
	b := summaryBuilder{entries: map[string]summaryEntry{}, statuses: map[string]string{}, texts: map[string]string{}}
	for d, dealErr := range deals {
		var bad *pms.RecordError
		switch {
		case errors.As(dealErr, &bad):
			failed = append(failed, bad)
		case dealErr != nil:
			err = dealErr
		default:
			b.note(d)
		}
	}
	s, sumErr := b.build(f)
	s.Failed = len(failed)
	return s, failed, errors.Join(err, sumErr)
}

// summaryBuilder holds the last state of each order.
type summaryBuilder struct {
	entries map[string]summaryEntry
	// statuses are the names by id. texts holds each id and container once.
	statuses, texts map[string]string
}

type summaryEntry struct {
	container, statusID string
	cost, amount        Decimal
}

func (b *summaryBuilder) note(d Deal) {
	if d.Excluded {
		delete(b.entries, d.OrderID)
		return
	}
	if _, known := b.statuses[d.StatusID]; !known {
		b.statuses[d.StatusID] = d.Status
	}
	b.entries[d.OrderID] = summaryEntry{once(b.texts, d.Container), once(b.texts, d.StatusID), d.Cost, d.Amount}
}

// once returns the first copy of a text, so that the others can be freed.
func once(seen map[string]string, text string) string {
	if first, ok := seen[text]; ok {
		return first
	}
	seen[text] = text
	return text
}

func (b *summaryBuilder) build(f Funnel) (Summary, error) {
	var s Summary
	place := map[string]int{}
	for i, c := range f.Containers {
		place[c.Name] = i
		s.Containers = append(s.Containers, SummaryRow{Container: c.Name, Marker: c.Marker})
	}
	for _, m := range Markers() {
		s.Markers = append(s.Markers, MarkerRow{Marker: m})
	}
	unmapped := map[string]*UnmappedRow{}
	var err error
	add := func(t *Totals, e summaryEntry) { err = errors.Join(err, t.add(e.cost, e.amount)) }
	for _, e := range b.entries {
		add(&s.Total, e)
		i, ok := place[e.container]
		if !ok {
			if unmapped[e.statusID] == nil {
				unmapped[e.statusID] = &UnmappedRow{StatusID: e.statusID, Status: b.statuses[e.statusID]}
			}
			add(&unmapped[e.statusID].Totals, e)
			continue
		}
		add(&s.Containers[i].Totals, e)
		m := slices.Index(Markers(), s.Containers[i].Marker)
		if m >= 0 {
			add(&s.Markers[m].Totals, e)
		}
	}
	for _, row := range unmapped {
		s.Unmapped = append(s.Unmapped, *row)
	}
	slices.SortFunc(s.Unmapped, func(x, y UnmappedRow) int { return compareIDs(x.StatusID, y.StatusID) })
	s.rates()
	if err != nil {
		return Summary{}, ErrOverflow
	}
	return s, nil
}

// rates fills in what follows from the counts.
func (s *Summary) rates() {
	reached := 0
	for i := len(s.Containers) - 1; i >= 0; i-- {
		row := &s.Containers[i]
		row.Reached = row.Count
		if row.Marker != MarkerFailure {
			reached += row.Count
			row.Reached = reached
		}
		row.Conversion = percent(row.Reached, s.Total.Count)
	}
	for i := range s.Markers {
		s.Markers[i].Share = percent(s.Markers[i].Count, s.Total.Count)
		if s.Markers[i].Marker == MarkerSuccess {
			s.Conversion = s.Markers[i].Share
		}
	}
}

func (t *Totals) add(cost, amount Decimal) error {
	var errs [4]error
	t.Count++
	t.Cost, errs[0] = t.Cost.Add(cost)
	t.Amount, errs[1] = t.Amount.Add(amount)
	t.Margin, errs[2] = t.Amount.Sub(t.Cost)
	return errors.Join(errs[:]...)
}

func percent(part, whole int) Decimal {
	if whole == 0 {
		return Decimal{}
	}
	d, _ := roundRat(big.NewRat(int64(part)*100, int64(whole)), 1) // at most 100
	return d
}

// compareIDs orders numbers by value.
func compareIDs(x, y string) int {
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return slices.Compare([]byte(x), []byte(y))
}
