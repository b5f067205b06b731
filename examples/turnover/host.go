package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// host is the application that the SDK plugs into. It keeps what a real one
// keeps in its database: the bookings, the links and the jobs.
type host struct {
	ours   []pms.Property
	links  pms.LinkSet
	policy cleaning.Policy
	jobs   []cleaning.ExistingJob

	// Webhooks come while the program reads.
	mu       sync.Mutex
	bookings map[pms.Key]pms.Booking
	// incomplete are the vendors of which not everything could be read: nothing
	// of theirs may be taken away. unreadable are the records.
	incomplete map[string]bool
	unreadable []*pms.RecordError
	events     []pms.Event
}

func newHost(ours []pms.Property, policy cleaning.Policy) *host {
	return &host{ours: ours, policy: policy, bookings: map[pms.Key]pms.Booking{}, incomplete: map[string]bool{}}
}

// pull reads the bookings of the query from one vendor and stores them. One bad
// record does not stop it, and a failed list changes nothing. It returns how many
// bookings are new or changed.
func (h *host) pull(ctx context.Context, c pms.Connector, q pms.BookingQuery) (changed int, err error) {
	bookings, failed, err := pms.Collect(pms.Bookings(ctx, c, q))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.note(c.Info().Name, failed, err)
	if err != nil {
		return 0, err
	}
	for _, b := range bookings {
		if h.store(b) {
			changed++
		}
	}
	return changed, nil
}

// refresh reads a vendor that has no list of changes, such as a calendar feed:
// what the complete answer no longer shows is gone.
func (h *host) refresh(ctx context.Context, c pms.Connector, q pms.BookingQuery) error {
	bookings, failed, err := pms.Collect(pms.Bookings(ctx, c, q))
	h.mu.Lock()
	defer h.mu.Unlock()
	vendor := c.Info().Name
	h.note(vendor, failed, err)
	if h.incomplete[vendor] {
		return err
	}
	for key := range h.bookings {
		if key.Vendor == vendor {
			delete(h.bookings, key)
		}
	}
	for _, b := range bookings {
		h.store(b)
	}
	return nil
}

// note remembers whether a vendor could be read.
func (h *host) note(vendor string, failed []*pms.RecordError, err error) {
	h.incomplete[vendor] = err != nil || len(failed) > 0
	h.unreadable = append(h.unreadable, failed...)
}

// store keeps the newest version of a booking, whatever the order in which the
// versions come, and reports whether b is it.
func (h *host) store(b pms.Booking) bool {
	if !b.Supersedes(h.bookings[b.Key()]) {
		return false
	}
	h.bookings[b.Key()] = b
	return true
}

// stored looks a booking up for [pms.DropStale].
func (h *host) stored(_ context.Context, key pms.Key) (pms.Booking, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b, ok := h.bookings[key]
	return b, ok, nil
}

// receive stores what a webhook brought.
func (h *host) receive(_ context.Context, event pms.Event) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, event)
	for _, b := range event.Bookings {
		h.store(b)
	}
	if len(event.Failed) > 0 {
		h.note(event.Vendor, event.Failed, nil)
	}
	return nil
}

// takeEvents returns the events since the last call.
func (h *host) takeEvents() []pms.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	events := h.events
	h.events = nil
	return events
}

// all returns the bookings in a fixed order.
func (h *host) all() []pms.Booking {
	h.mu.Lock()
	defer h.mu.Unlock()
	bookings := make([]pms.Booking, 0, len(h.bookings))
	for _, b := range h.bookings {
		bookings = append(bookings, b)
	}
	slices.SortFunc(bookings, func(a, b pms.Booking) int { return compareKeys(a.Key(), b.Key()) })
	return bookings
}

// plan turns what is stored into cleanings. It reads nothing but its memory and
// the time it is given.
func (h *host) plan(now time.Time) (cleaning.Result, pms.Grouped) {
	grouped := h.links.Group("", h.all())
	var properties []cleaning.Property
	for _, p := range h.ours {
		links := h.links.Units(p.ID)
		if len(links) == 0 {
			continue
		}
		partial := slices.ContainsFunc(links, func(l pms.Link) bool { return h.incomplete[l.Vendor] })
		properties = append(properties, cleaning.Property{
			ID: p.ID, TimeZone: p.TimeZone, CheckIn: p.CheckIn, CheckOut: p.CheckOut,
			Bookings: grouped.Properties[p.ID], Partial: partial,
		})
	}
	return cleaning.PlanAll(properties, h.policy, now), grouped
}

// apply carries changes out and gives new jobs an id, as a database does.
func (h *host) apply(changes []cleaning.Change) {
	h.jobs = cleaning.Apply(h.jobs, changes)
	for i := range h.jobs {
		if h.jobs[i].ID == "" {
			h.jobs[i].ID = fmt.Sprintf("job-%d", i+1)
		}
	}
}

// name returns the name of one of our properties.
func (h *host) name(id string) string {
	for _, p := range h.ours {
		if p.ID == id {
			return p.Name
		}
	}
	return id
}
