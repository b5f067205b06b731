package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// World is the truth behind the stand-ins, in no vendor's words. It is safe
// for concurrent use. Every value that goes in or out is a copy.
type World struct {
	mu     sync.RWMutex
	zone   *time.Location
	clock  func() time.Time
	offset time.Duration

	properties records[Property]
	stays      records[Stay]
	deleted    []Stay

	seq         int64
	subscribers map[int64]func(Change)
}

// Options are the settings of a World. The zero value is a good one.
type Options struct {
	// Start is the day on which the world's clock begins, at 09:00 in Zone.
	// Zero means 2026-06-01, or the time of Clock if there is one.
	Start pms.Date
	// Zone is the zone of the hotel and of every Property without one. Nil
	// means Europe/Moscow.
	Zone *time.Location
	// Clock drives the world's clock, say time.Now. Nil means a clock that
	// stands still until [World.SetNow] or [World.Advance].
	Clock func() time.Time

	// Properties, Stays and Blocks are how many records [NewWorld] generates.
	// Zero means 12, 80 and 4; a negative number means none.
	Properties, Stays, Blocks int
}

// Property is one unit of the world.
type Property struct {
	// ID is a number as text. [World.AddProperty] sets an empty one.
	ID   string
	Name string
	// ParentID and ParentName are the room type, or empty. ParentID is a number
	// as text.
	ParentID, ParentName string

	Address             pms.Address
	Latitude, Longitude float64
	// Zone is the zone of the unit. Nil means the world's.
	Zone *time.Location
	// CheckIn and CheckOut are the default clock times. Zero means 14:00 and
	// 12:00.
	CheckIn, CheckOut pms.Clock
	Bedrooms          int
	Bathrooms         float64
	// Beds is the number of sleeping places.
	Beds int
	// Inactive units are listed and not let.
	Inactive    bool
	Cleanliness pms.Cleanliness
}

// Stay is a guest's or owner's stay, or a block.
type Stay struct {
	// ID is a number as text. [World.AddStay] sets an empty one.
	ID string
	// UnitID is the Property of the first night. Empty means that no unit is
	// assigned yet.
	UnitID string
	// Moves are the room changes inside the stay, in order of their dates.
	Moves []Move

	Kind   pms.Kind
	Status pms.Status
	// Verified says that the staff have checked the booking.
	Verified bool

	// Arrival and Departure are days; the nights are [Arrival, Departure).
	Arrival, Departure pms.Date
	// OriginalArrival and OriginalDeparture are the days before the first
	// change of them, or zero.
	OriginalArrival, OriginalDeparture pms.Date
	// ArrivalTime and DepartureTime are the times agreed for this stay. Zero
	// means the unit's default.
	ArrivalTime, DepartureTime pms.Clock

	Guests pms.Guests
	Guest  pms.Guest

	Channel string
	// Code is the confirmation code that the guest knows from the vendor,
	// ChannelCode the one of the channel behind it.
	Code, ChannelCode string
	// Group is shared by the stays of one party, or empty.
	Group string
	Total pms.Money
	// Paid is how much of Total is paid, as decimal text, or empty.
	Paid  string
	Notes string
	// Reason is the ground of a block, "repair".
	Reason string

	// CancelledAt is zero unless cancelled, DeletedAt unless deleted.
	CreatedAt, UpdatedAt, CancelledAt, DeletedAt time.Time
}

// Move is a change of room: from the night of Date on, the stay is in UnitID.
type Move struct {
	Date   pms.Date
	UnitID string
}

// ChangeKind says what happened.
type ChangeKind string

// The kinds of a Change.
const (
	StayCreated     ChangeKind = "stay.created"
	StayUpdated     ChangeKind = "stay.updated"
	StayCancelled   ChangeKind = "stay.cancelled"
	StayDeleted     ChangeKind = "stay.deleted"
	PropertyChanged ChangeKind = "property.changed"
)

// Change is one mutation of a World.
type Change struct {
	// Seq counts the changes of the world from 1.
	Seq  int64
	Kind ChangeKind
	At   time.Time
	// Before and After are the stay around the change. Before is zero for a new
	// stay; After is the last state of a deleted one, with DeletedAt.
	Before, After Stay
	// Property is the unit of a PropertyChanged.
	Property Property
}

// NewEmptyWorld returns a World without records.
func NewEmptyWorld(o Options) *World {
	w := &World{zone: o.Zone, clock: o.Clock, subscribers: map[int64]func(Change){}}
	if w.zone == nil {
		w.zone = moscow()
	}
	start := o.Start
	if start.IsZero() {
		start = civil.Date{Year: 2026, Month: time.June, Day: 1}
	}
	nine := start.In(w.zone).Add(9 * time.Hour)
	switch {
	case w.clock == nil:
		w.clock = func() time.Time { return nine }
	case !o.Start.IsZero():
		w.offset = nine.Sub(w.clock())
	}
	w.properties = newRecords(300100, func(p *Property) *string { return &p.ID })
	w.stays = newRecords(140000100, func(s *Stay) *string { return &s.ID })
	return w
}

// moscow is Europe/Moscow, also where no zone data is installed: its offset
// has not changed since 2014.
func moscow() *time.Location {
	if zone, err := time.LoadLocation("Europe/Moscow"); err == nil {
		return zone
	}
	return time.FixedZone("Europe/Moscow", 3*60*60)
}

// Now returns the time of the world.
func (w *World) Now() time.Time {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.now()
}

func (w *World) now() time.Time { return w.clock().Add(w.offset).In(w.zone) }

// SetNow sets the clock of the world. A world with a Clock goes on from there.
func (w *World) SetNow(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.offset = t.Sub(w.clock())
}

// Advance moves the clock of the world by d.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.offset += d
}

// Today returns the day of Now in the world's zone.
func (w *World) Today() pms.Date { return civil.DateOf(w.Now()) }

// Zone returns the zone of the world.
func (w *World) Zone() *time.Location { return w.zone }

// Subscribe calls fn after every change, in the goroutine that made the change
// and before its method returns. Concurrent changes may arrive out of order;
// see [Change.Seq]. fn may read and change the world.
func (w *World) Subscribe(fn func(Change)) (cancel func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seq++
	key := w.seq
	w.subscribers[key] = fn
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.subscribers, key)
	}
}

// change runs fn under the lock, then tells the subscribers.
func (w *World) change(fn func(now time.Time) (Change, error)) error {
	w.mu.Lock()
	now := w.now()
	c, err := fn(now)
	if err != nil {
		w.mu.Unlock()
		return err
	}
	w.seq++
	c.Seq, c.At = w.seq, now
	subscribers := make([]func(Change), 0, len(w.subscribers))
	for _, key := range slices.Sorted(maps.Keys(w.subscribers)) {
		subscribers = append(subscribers, w.subscribers[key])
	}
	w.mu.Unlock()
	for _, fn := range subscribers {
		fn(c)
	}
	return nil
}

// AddProperty adds a unit and returns its id. It is [pms.ErrInvalid] when an id
// is not a number, [pms.ErrConflict] when the id is taken.
func (w *World) AddProperty(p Property) (id string, err error) {
	err = w.change(func(time.Time) (Change, error) {
		if p.ParentID != "" && !isNumber(p.ParentID) {
			return Change{}, fmt.Errorf("sandbox: property %s: parent: %w", p.ID, pms.ErrInvalid)
		}
		p = w.withDefaults(p)
		var err error
		id, err = w.properties.add(&p)
		return Change{Kind: PropertyChanged, Property: p}, err
	})
	return id, err
}

func (w *World) withDefaults(p Property) Property {
	if p.Zone == nil {
		p.Zone = w.zone
	}
	if p.CheckIn.IsZero() {
		p.CheckIn = clock(14, 0)
	}
	if p.CheckOut.IsZero() {
		p.CheckOut = clock(12, 0)
	}
	if p.Cleanliness == "" {
		p.Cleanliness = pms.CleanlinessUnknown
	}
	return p
}

// UpdateProperty changes a unit. Its ID stays. fn must not call the world.
func (w *World) UpdateProperty(id string, fn func(*Property)) error {
	return w.change(func(time.Time) (Change, error) {
		p, err := w.properties.get(id)
		if err != nil {
			return Change{}, err
		}
		fn(&p)
		p.ID = id
		p = w.withDefaults(p)
		w.properties.put(p)
		return Change{Kind: PropertyChanged, Property: p}, nil
	})
}

// SetCleanliness sets the housekeeping status of a unit.
func (w *World) SetCleanliness(id string, c pms.Cleanliness) error {
	return w.UpdateProperty(id, func(p *Property) { p.Cleanliness = c })
}

// AddStay adds a stay and returns its id. An empty Kind means guest, an empty
// Status confirmed, an empty Channel direct; empty instants mean now; an empty
// Code is made up. It is [pms.ErrInvalid] when the dates or the units are wrong
// and [pms.ErrConflict] when the id is taken. Overlaps are allowed: vendors
// have double bookings too.
func (w *World) AddStay(s Stay) (id string, err error) {
	err = w.change(func(now time.Time) (Change, error) {
		s = stayDefaults(s, now)
		if err := w.check(s); err != nil {
			return Change{}, err
		}
		if id, err = w.stays.add(&s); err != nil {
			return Change{}, err
		}
		if s.Code == "" && s.Kind != pms.KindBlock {
			s.Code = codeFor(s, w.zone)
			w.stays.put(s)
		}
		return Change{Kind: StayCreated, After: s.clone()}, nil
	})
	return id, err
}

// AddBlock closes a unit for the nights [from, to) and returns the id.
func (w *World) AddBlock(unitID string, from, to pms.Date, reason string) (id string, err error) {
	return w.AddStay(Stay{UnitID: unitID, Kind: pms.KindBlock, Arrival: from, Departure: to, Reason: reason})
}

func stayDefaults(s Stay, now time.Time) Stay {
	s = s.clone()
	if s.Kind == "" {
		s.Kind = pms.KindGuest
	}
	if s.Status == "" {
		s.Status = pms.StatusConfirmed
	}
	if s.Channel == "" && s.Kind != pms.KindBlock {
		s.Channel = "direct"
	}
	if s.CreatedAt.IsZero() {
		s.CreatedAt = now
	}
	if s.UpdatedAt.IsZero() {
		s.UpdatedAt = s.CreatedAt
	}
	if s.Status == pms.StatusCancelled && s.CancelledAt.IsZero() {
		s.CancelledAt = s.UpdatedAt
	}
	if s.Guests.Total == 0 {
		s.Guests.Total = s.Guests.Adults + s.Guests.Children + s.Guests.Infants
	}
	return s
}

// check reports what is wrong with the dates or the units of s.
func (w *World) check(s Stay) error {
	if !s.Arrival.IsValid() || !s.Departure.IsValid() || s.Departure.Before(s.Arrival) {
		return fmt.Errorf("sandbox: stay %s: dates %s to %s: %w", s.ID, s.Arrival, s.Departure, pms.ErrInvalid)
	}
	units := make([]string, 0, 1+len(s.Moves))
	if s.UnitID != "" || len(s.Moves) > 0 {
		units = append(units, s.UnitID)
	}
	for _, m := range s.Moves {
		units = append(units, m.UnitID)
	}
	for _, unit := range units {
		if _, err := w.properties.get(unit); err != nil {
			return fmt.Errorf("sandbox: stay %s: no unit %q: %w", s.ID, unit, pms.ErrInvalid)
		}
	}
	return nil
}

// Update changes a stay. ID, CreatedAt and the stamps of cancellation and
// deletion are the world's; UpdatedAt becomes now. fn must not call the world.
// Dates or units that are wrong are [pms.ErrInvalid] and change nothing.
func (w *World) Update(id string, fn func(*Stay)) error {
	return w.change(func(now time.Time) (Change, error) {
		before, err := w.stays.get(id)
		if err != nil {
			return Change{}, err
		}
		after := before.clone()
		fn(&after)
		after.ID, after.CreatedAt, after.UpdatedAt, after.DeletedAt = id, before.CreatedAt, now, time.Time{}
		after.stampDates(before)
		kind := after.stampCancel(before, now)
		if err := w.check(after); err != nil {
			return Change{}, err
		}
		w.stays.put(after)
		return Change{Kind: kind, Before: before, After: after.clone()}, nil
	})
}

func (s *Stay) stampDates(before Stay) {
	if s.Arrival != before.Arrival && before.OriginalArrival.IsZero() {
		s.OriginalArrival = before.Arrival
	}
	if s.Departure != before.Departure && before.OriginalDeparture.IsZero() {
		s.OriginalDeparture = before.Departure
	}
}

func (s *Stay) stampCancel(before Stay, now time.Time) ChangeKind {
	switch {
	case s.Status != pms.StatusCancelled:
		s.CancelledAt = time.Time{}
	case before.Status != pms.StatusCancelled:
		s.CancelledAt = now
		return StayCancelled
	default:
		s.CancelledAt = before.CancelledAt
	}
	return StayUpdated
}

// Cancel cancels a stay. It stays on the vendors' books.
func (w *World) Cancel(id string) error { return w.setStatus(id, pms.StatusCancelled) }

// CheckIn notes that the guest came.
func (w *World) CheckIn(id string) error { return w.setStatus(id, pms.StatusCheckedIn) }

// CheckOut notes that the guest left. The days stay as they are: a guest who
// leaves early is [World.Extend] to an earlier day as well.
func (w *World) CheckOut(id string) error { return w.setStatus(id, pms.StatusCheckedOut) }

func (w *World) setStatus(id string, status pms.Status) error {
	return w.Update(id, func(s *Stay) { s.Status = status })
}

// Extend sets the day of departure, later or earlier.
func (w *World) Extend(id string, departure pms.Date) error {
	return w.Update(id, func(s *Stay) {
		s.Departure = departure
		s.Moves = slices.DeleteFunc(s.Moves, func(m Move) bool { return !m.Date.Before(departure) })
	})
}

// MoveUnit moves a stay to another unit from the night of from on. A from that
// is zero or not after the arrival moves the whole stay.
func (w *World) MoveUnit(id, unitID string, from pms.Date) error {
	return w.Update(id, func(s *Stay) {
		if from.IsZero() || !from.After(s.Arrival) {
			s.UnitID, s.Moves = unitID, nil
			return
		}
		s.Moves = slices.DeleteFunc(s.Moves, func(m Move) bool { return !m.Date.Before(from) })
		s.Moves = append(s.Moves, Move{Date: from, UnitID: unitID})
	})
}

// Delete removes a stay as if it had never been. Vendors that keep traces of
// deleted bookings go on showing them.
func (w *World) Delete(id string) error {
	return w.change(func(now time.Time) (Change, error) {
		before, err := w.stays.get(id)
		if err != nil {
			return Change{}, err
		}
		after := before.clone()
		after.UpdatedAt, after.DeletedAt = now, now
		w.stays.remove(id)
		w.deleted = append(w.deleted, after)
		return Change{Kind: StayDeleted, Before: before, After: after.clone()}, nil
	})
}

// Stay returns a stay or block by id.
func (w *World) Stay(id string) (Stay, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	s, err := w.stays.get(id)
	return s.clone(), err == nil
}

// Stays returns all stays and blocks in the order in which they were added.
func (w *World) Stays() []Stay { return w.staysIf(func(*Stay) bool { return true }) }

// Deleted returns the stays that were deleted, in that order.
func (w *World) Deleted() []Stay {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return cloneStays(w.deleted)
}

// Property returns a unit by id.
func (w *World) Property(id string) (Property, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	p, err := w.properties.get(id)
	return p, err == nil
}

// Units returns all units in the order in which they were added.
func (w *World) Units() []Property {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return slices.Clone(w.properties.items)
}

// staysIf returns the stays and blocks that keep selects. Keep must not write.
func (w *World) staysIf(keep func(*Stay) bool) []Stay {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var out []Stay
	for i := range w.stays.items {
		if s := &w.stays.items[i]; keep(s) {
			out = append(out, s.clone())
		}
	}
	return out
}

func (s Stay) clone() Stay {
	s.Moves = slices.Clone(s.Moves)
	return s
}

func cloneStays(stays []Stay) []Stay {
	out := make([]Stay, len(stays))
	for i, s := range stays {
		out[i] = s.clone()
	}
	return out
}
