// Package calendar turns the blocked days of a vendor's calendar into blocks,
// for vendors that keep no records of them.
package calendar

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Day is a blocked day: a unit is blocked for its night. Status is the vendor's
// word for it.
type Day struct {
	Date   pms.Date
	Status string
	Note   string
	Raw    json.RawMessage
}

// Run is blocked days without a gap: the nights [From, To). Status and Raw are
// those of its first day, Note is the first that is not empty.
type Run struct {
	From, To pms.Date
	Status   string
	Note     string
	Raw      json.RawMessage
}

// BlockPrefix begins the ids of blocks.
const BlockPrefix = "block-"

// Block is the run as a booking of a unit, named after the unit and its first
// day: it begins on its first day and ends on the day after its last.
func (r Run) Block(vendor, propertyID string) pms.Booking {
	return pms.Booking{
		Vendor:     vendor,
		ID:         BlockPrefix + propertyID + "-" + r.From.String(),
		PropertyID: propertyID,
		Kind:       pms.KindBlock,
		Status:     pms.StatusConfirmed,
		RawStatus:  r.Status,
		Arrival:    r.From,
		Departure:  r.To,
		Notes:      r.Note,
		Raw:        r.Raw,
	}
}

// Runs joins days, in any order and each any number of times.
func Runs(days []Day) []Run {
	sorted := slices.SortedStableFunc(slices.Values(days), func(a, b Day) int { return a.Date.Compare(b.Date) })
	var runs []Run
	for _, d := range sorted {
		last := len(runs) - 1
		if last < 0 || runs[last].To.Before(d.Date) {
			runs = append(runs, Run{From: d.Date, To: d.Date.AddDays(1), Status: d.Status, Note: d.Note, Raw: d.Raw})
			continue
		}
		runs[last].To = d.Date.AddDays(1)
		runs[last].Note = cmp.Or(runs[last].Note, d.Note)
	}
	return runs
}

const (
	// A window that is open begins openPast days ago, and ends with the year
	// that is going on openAhead days from now: an end that moves every day would
	// change the last block every day.
	openPast  = 31
	openAhead = 184
	// A run that reaches over an end of what was read is followed in steps of
	// stepDays days, at most mostSteps times.
	stepDays  = 92
	mostSteps = 12
)

// Read calls read for the days of the query's window, both bounds included, and
// for as many more as a run at their ends needs: its first day names a run, so
// it must not depend on the window. Read returns the blocked days.
func Read(q pms.BookingQuery, today pms.Date, read func(from, to pms.Date) ([]Day, error)) ([]Run, error) {
	from, to := Window(q, today)
	days, err := read(from, to)
	if err != nil {
		return nil, err
	}
	for first, i := from, 0; i < mostSteps && has(days, first); i++ {
		more, err := read(first.AddDays(-stepDays), first.AddDays(-1))
		if err != nil {
			return nil, err
		}
		days, first = append(days, more...), first.AddDays(-stepDays)
	}
	for last, i := to, 0; i < mostSteps && !q.To.IsZero() && has(days, last); i++ {
		more, err := read(last.AddDays(1), last.AddDays(stepDays))
		if err != nil {
			return nil, err
		}
		days, last = append(days, more...), last.AddDays(stepDays)
	}
	return Runs(days), nil
}

func has(days []Day, day pms.Date) bool {
	return slices.ContainsFunc(days, func(d Day) bool { return d.Date == day })
}

// Window returns the first and the last day of the calendar that a query asks
// for. A block that ends on From has its last day in front of it.
func Window(q pms.BookingQuery, today pms.Date) (from, to pms.Date) {
	from, to = today.AddDays(-openPast), q.To
	if !q.From.IsZero() {
		from = q.From.AddDays(-1)
	}
	if to.IsZero() {
		later := today
		if from.After(today) {
			later = from
		}
		to = pms.Date{Year: later.AddDays(openAhead).Year, Month: time.December, Day: 31}
	}
	if to.Before(from) { // the whole window is further back
		from = to.AddDays(-openPast)
	}
	return from, to
}
