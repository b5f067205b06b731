package pms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A booking is gone when this many complete scans in a row missed it.
const syncMisses = 2

// fewMissing bookings, or less, are suspicious only if nothing is left.
const fewMissing = 2

// SuspiciousScanError is a scan that lost many bookings at once: the account
// was emptied, or the answer is wrong. It is an [ErrSuspiciousScan].
type SuspiciousScanError struct {
	Vendor string
	// Known bookings of the window should have been listed, Missing of them
	// were not.
	Known, Missing int
	// Since is when the scans began to be suspicious.
	Since time.Time
}

// Error returns, for example, "bnovo: suspicious scan: 40 of 52 bookings are
// missing since 2026-11-21T09:00:00Z".
func (e *SuspiciousScanError) Error() string {
	return fmt.Sprintf("%s: %v: %d of %d bookings are missing since %s",
		e.Vendor, ErrSuspiciousScan, e.Missing, e.Known, e.Since.UTC().Format(time.RFC3339))
}

// Unwrap returns [ErrSuspiciousScan].
func (e *SuspiciousScanError) Unwrap() error { return ErrSuspiciousScan }

// scan reads the whole window and looks for what is missing. A scan that is
// suspicious, or brought nothing, is repeated by the next pass.
func (p *syncPass) scan(ctx context.Context) error {
	p.begin(len(p.state.bookings))
	p.count.Scan = true
	expected := p.expected()
	q := p.window
	q.Prefetch = true
	if err := p.list(ctx, q); err != nil {
		return err
	}
	complete := p.step.failed == 0
	if err := p.settleParts(ctx, complete); err != nil {
		return err
	}
	if complete {
		if err := p.settleMissing(ctx, expected); err != nil {
			return err
		}
	}
	p.state.Since = p.now.Add(-syncOverlap)
	if p.step.listed > 0 {
		p.state.Scanned = p.now
	}
	return nil
}

// settleParts looks for parts that a reservation of this step no longer has:
// "X" when it became "X#A" and "X#B", or "X#A" when it moved to "X#B". Trust
// says that the step would have brought them, for a vendor that cannot be asked.
func (p *syncPass) settleParts(ctx context.Context, trust bool) error {
	for _, id := range p.staleParts() {
		if err := p.settle(ctx, id, trust); err != nil {
			return err
		}
	}
	return nil
}

func (p *syncPass) staleParts() []string {
	var stale []string
	for reservation := range p.step.parts {
		if _, known := p.state.bookings[reservation]; known && !p.step.seen[reservation] {
			stale = append(stale, reservation)
		}
	}
	for reservation, parts := range p.state.parts {
		if !p.came(reservation) {
			continue
		}
		for id := range parts {
			if !p.step.seen[id] {
				stale = append(stale, id)
			}
		}
	}
	slices.Sort(stale)
	return stale
}

// settleMissing counts what a complete scan missed, and settles what was
// missed often and long enough.
func (p *syncPass) settleMissing(ctx context.Context, expected []string) error {
	missing, err := p.missing(expected)
	if err != nil {
		return err
	}
	var due []string
	for _, id := range missing {
		e := p.state.bookings[id]
		if e.misses == 0 {
			e.missedAt = p.now.Unix()
		}
		e.misses++
		p.state.put(id, e)
		if e.misses >= syncMisses && p.now.Sub(time.Unix(e.missedAt, 0)) >= p.o.MinAge {
			due = append(due, id)
		}
	}
	p.count.Missing = len(missing)
	for _, id := range due {
		if err := p.settle(ctx, id, !p.isOver(p.state.bookings[id])); err != nil {
			return err
		}
	}
	return nil
}

// expected returns what a scan of the window should bring, in order: all that
// is known, but for what the vendor need not list. Calendars drop stays that
// are over, so these count only where the vendor can be asked.
func (p *syncPass) expected() []string {
	ids := make([]string, 0, len(p.state.bookings))
	for id, e := range p.state.bookings {
		inside := p.window.Matches(Booking{Arrival: e.arrival, Departure: e.departure})
		if inside && !e.cancelled && (!p.isOver(e) || p.getter != nil) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// missing returns what was expected and did not come, or a SuspiciousScanError.
// What is over, or was missed before, does not make a scan suspicious.
func (p *syncPass) missing(expected []string) (missing []string, err error) {
	known, lost := 0, 0
	for _, id := range expected {
		e, still := p.state.bookings[id]
		seen := p.step.seen[id]
		if still && !seen {
			missing = append(missing, id)
		}
		if !still || p.isOver(e) || e.misses > 0 {
			continue
		}
		known++
		if !seen {
			lost++
		}
	}
	empty := p.step.listed == 0 && lost > 0
	shrunk := lost > fewMissing && float64(lost) >= p.o.Shrink*float64(known)
	if (empty || shrunk) && !p.o.AcceptShrink {
		if p.state.Suspect.IsZero() {
			p.state.Suspect = p.now
		}
		return nil, &SuspiciousScanError{Vendor: p.vendor, Known: known, Missing: lost, Since: p.state.Suspect}
	}
	p.state.Suspect = time.Time{}
	return missing, nil
}

// isOver reports whether the last day of the stay has come.
func (p *syncPass) isOver(e syncEntry) bool {
	return e.departure.IsValid() && !e.departure.After(p.today)
}

// settle asks the vendor whether a booking still exists. Trust decides where it
// cannot be asked. While the answer is another error the booking stays; an
// error that the host has to know ends the pass.
func (p *syncPass) settle(ctx context.Context, id string, trust bool) error {
	e, known := p.state.bookings[id]
	if !known || p.step.seen[id] {
		return nil // settled with another part of its reservation
	}
	if p.getter == nil {
		if trust {
			return p.gone(ctx, id)
		}
		return nil
	}
	reservation := e.reservation(id)
	bookings, err := p.getter.GetBooking(ctx, reservation)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrNotFound),
		trust && (errors.Is(err, ErrNotSupported) || errors.Is(err, ErrInvalid)): // a block, say, that is no reservation
		return p.gone(ctx, id)
	case errors.Is(err, ErrRateLimited), errors.Is(err, ErrUnauthorized):
		return err
	case err != nil:
		return nil //nolint:nilerr // the next scan asks again
	}
	return p.takeWhole(ctx, reservation, bookings)
}

// takeWhole takes a reservation as the vendor has it now. What the step brought
// stays as it came, for a list may say more than a single record.
func (p *syncPass) takeWhole(ctx context.Context, reservation string, bookings []Booking) error {
	has := map[string]bool{}
	for _, b := range bookings {
		if reservationOf(b) == reservation {
			has[b.ID] = true
		}
	}
	if len(has) == 0 {
		return nil // an answer about something else proves nothing
	}
	for _, b := range bookings {
		if has[b.ID] && !p.step.seen[b.ID] {
			if err := p.take(ctx, b); err != nil {
				return err
			}
		}
	}
	for _, id := range p.state.of(reservation) {
		if !has[id] && !p.step.seen[id] {
			if err := p.gone(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}
