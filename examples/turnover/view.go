package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// view is what the board and the page show: a plan and the bookings behind it,
// cut to some days.
type view struct {
	now      time.Time
	from     pms.Date
	days     int
	rows     []row
	plan     cleaning.Result
	names    map[string]string
	bookings map[pms.Key]pms.Booking
	unlinked []pms.Booking
	// unreadable are records of which the vendor's answer made no sense.
	unreadable []*pms.RecordError
	// rooms are the vendor's own names of its units.
	rooms map[string]string
}

// row is one property.
type row struct {
	id, name string
	vendors  []string
	bars     []bar
	jobs     []cleaning.Job
}

// barKind says what fills the days of a bar.
type barKind string

const (
	barStay      barKind = "stay"
	barBlock     barKind = "block"
	barUndecided barKind = "undecided" // no job until a person has decided
)

// bar is a stay or a block: the nights [arrival, departure).
type bar struct {
	kind               barKind
	arrival, departure pms.Date
	start, end         time.Time
	channel            string
	guests             pms.Guests
	keys               []pms.Key
	title              string
	// clashes are the nights [arrival, departure) that another stay has too.
	clashes []nights
}

type nights struct{ from, to pms.Date }

// last is the first day after the view.
func (v *view) last() pms.Date { return v.from.AddDays(v.days) }

// newView collects what happens in the days from the day of now on.
func newView(h *host, plan cleaning.Result, grouped pms.Grouped, rooms []pms.Property, now time.Time, days int) *view {
	v := &view{
		now: now, from: civil.DateOf(now), days: days, plan: plan,
		names: map[string]string{}, bookings: map[pms.Key]pms.Booking{}, unlinked: grouped.Unlinked, unreadable: h.unreadable, rooms: map[string]string{},
	}
	for _, room := range rooms {
		v.rooms[room.ID] = room.Name
	}
	index := map[string]int{}
	for _, p := range h.ours {
		v.names[p.ID] = p.Name
		links := h.links.Units(p.ID)
		if len(links) == 0 {
			continue
		}
		r := row{id: p.ID, name: p.Name}
		for _, l := range links {
			r.vendors = append(r.vendors, l.Vendor)
		}
		for _, b := range grouped.Properties[p.ID] {
			v.bookings[b.Key()] = b
		}
		index[p.ID] = len(v.rows)
		v.rows = append(v.rows, r)
	}
	for _, job := range plan.Jobs {
		r := &v.rows[index[job.Key.PropertyID]]
		if job.Date.Before(v.last()) {
			r.jobs = append(r.jobs, job)
		}
		if job.Key.Kind == cleaning.KindDeparture {
			r.bars = append(r.bars, v.stayBar(job))
		}
	}
	for _, skip := range plan.Skipped {
		if b, ok := v.skippedBar(skip); ok {
			r := &v.rows[index[skip.PropertyID]]
			r.bars = append(r.bars, b)
		}
	}
	for i := range v.rows {
		v.rows[i].arrange(v)
	}
	return v
}

// stayBar is the stay that a job cleans after.
func (v *view) stayBar(job cleaning.Job) bar {
	b := v.bookings[job.Key.Stay]
	zone := job.Start.Location()
	return bar{
		kind: barStay, arrival: job.Arrival, departure: job.Departure,
		start: cleaning.Instant(job.Arrival, cmp.Or(b.ArrivalTime, clock("14:00")), zone), end: job.Start,
		channel: channelOf(b), guests: job.DepartingGuests, keys: job.Stays, title: cleaning.Explain(job),
	}
}

// skippedBar shows a booking without a job that takes days all the same.
func (v *view) skippedBar(skip cleaning.Skip) (bar, bool) {
	b := v.bookings[skip.Stay]
	kind := barUndecided
	switch skip.Reason {
	case cleaning.ReasonBlock:
		kind = barBlock
	case cleaning.ReasonUnknownStatus, cleaning.ReasonUnknownKind, cleaning.ReasonTentative, cleaning.ReasonInquiry:
	default:
		return bar{}, false
	}
	zone := v.now.Location()
	return bar{
		kind: kind, arrival: b.Arrival, departure: b.Departure,
		start:   cleaning.Instant(b.Arrival, cmp.Or(b.ArrivalTime, clock("14:00")), zone),
		end:     cleaning.Instant(b.Departure, cmp.Or(b.DepartureTime, clock("12:00")), zone),
		channel: channelOf(b), guests: b.Guests, keys: []pms.Key{skip.Stay},
		title: b.Key().String() + ": " + skipText(skip.Reason, b.RawStatus) + ".",
	}, true
}

func skipText(reason cleaning.Reason, rawStatus string) string {
	switch reason {
	case cleaning.ReasonBlock:
		return "closed, " + rawStatus
	case cleaning.ReasonInquiry:
		return "a request, not a booking yet: no cleaning"
	case cleaning.ReasonTentative:
		return "not confirmed: no cleaning until it is"
	default:
		return "status “" + rawStatus + "” is not known: no cleaning until a person decides"
	}
}

// arrange drops the bars outside the view and the closures that only repeat a
// stay, puts the rest in order and marks the nights that two stays share.
func (r *row) arrange(v *view) {
	stays := slices.DeleteFunc(slices.Clone(r.bars), func(b bar) bool { return b.kind != barStay })
	r.bars = slices.DeleteFunc(r.bars, func(b bar) bool {
		return b.departure.Before(v.from) || !b.arrival.Before(v.last()) ||
			b.kind == barBlock && slices.ContainsFunc(stays, func(s bar) bool { return s.covers(b) })
	})
	slices.SortStableFunc(r.bars, func(a, b bar) int {
		return cmp.Or(a.arrival.Compare(b.arrival), a.departure.Compare(b.departure))
	})
	for i := range r.bars {
		for k := range i {
			a, b := &r.bars[k], &r.bars[i]
			shared := nights{later(a.arrival, b.arrival), earlier(a.departure, b.departure)}
			if a.kind == barStay && b.kind == barStay && shared.from.Before(shared.to) {
				a.clashes, b.clashes = append(a.clashes, shared), append(b.clashes, shared)
			}
		}
	}
}

// covers reports whether b has no night that s does not have.
func (s bar) covers(b bar) bool {
	return !b.arrival.Before(s.arrival) && !b.departure.After(s.departure)
}

func later(a, b pms.Date) pms.Date {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b pms.Date) pms.Date {
	if a.Before(b) {
		return a
	}
	return b
}

// channels are the channels of the stays shown, in alphabetical order.
func (v *view) channels() []string {
	var names []string
	for _, r := range v.rows {
		for _, b := range r.bars {
			if b.kind == barStay {
				names = append(names, b.channel)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// channelOf is the channel of a booking, or the vendor where none is stated.
func channelOf(b pms.Booking) string { return cmp.Or(b.Channel, b.Vendor) }

func compareKeys(a, b pms.Key) int {
	return cmp.Or(strings.Compare(a.Vendor, b.Vendor), strings.Compare(a.ID, b.ID))
}

// pages cuts the rows into views of at most n.
func (v *view) pages(n int) []*view {
	var pages []*view
	for rows := range slices.Chunk(v.rows, n) {
		page := *v
		page.rows = rows
		pages = append(pages, &page)
	}
	return pages
}

// jobsOn returns the cleanings of a day, in order of their start. Those of
// earlier days that may still be done count for the first day.
func (v *view) jobsOn(day pms.Date) []cleaning.Job {
	var jobs []cleaning.Job
	for _, r := range v.rows {
		for _, job := range r.jobs {
			if job.Date == day || day == v.from && job.Date.Before(day) && job.End.After(v.now) {
				jobs = append(jobs, job)
			}
		}
	}
	slices.SortStableFunc(jobs, func(a, b cleaning.Job) int { return a.Start.Compare(b.Start) })
	return jobs
}
