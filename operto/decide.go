package operto

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// Decide compares what the bookings ask for with what Operto holds at the time
// now. It is pure: the same input gives the same decision. After its changes
// are carried out there are none.
//
// A stay that is confirmed has one reservation in the property that its lodging
// is linked to, from check-in until check-out. It fails closed: a lodging that
// is not linked, or linked twice, has none, and in a property with another time
// zone none is made. A reservation whose booking is missing is taken over by a
// booking of the same guest in the same unit at the same time, which is the same
// stay under a new id; otherwise it is cancelled. Reservations that are over are
// left alone.
func (r Rules) Decide(d Desired, h Held, now time.Time) Decision {
	p := newPlanner(r, d, h, now)
	p.match()
	for _, w := range p.wants {
		p.decideWant(w)
	}
	p.decideOrphans()
	return Decision{Changes: p.order(), Access: p.access()}
}

type planner struct {
	rules      Rules
	desired    Desired
	now        time.Time
	properties map[string]Property
	lodgings   map[string]Lodging // by Operto's id of the property
	unread     map[string]bool
	partial    bool // some lodging is
	wants      []*want

	held     []Reservation // ours, the best one of each id first
	has      map[*want]*Reservation
	taken    map[int]bool // indices of held that stand for a want
	bookings map[string]bool
	changes  []Change
}

func newPlanner(r Rules, d Desired, h Held, now time.Time) *planner {
	p := &planner{
		rules: r, desired: d, now: now,
		properties: map[string]Property{}, lodgings: map[string]Lodging{}, unread: map[string]bool{},
		has: map[*want]*Reservation{}, taken: map[int]bool{}, bookings: map[string]bool{},
	}
	for _, property := range h.Properties {
		p.properties[property.ID] = property
	}
	for _, id := range h.Unread {
		p.unread[id] = true
	}
	for _, lodging := range d.Lodgings {
		p.partial = p.partial || lodging.Partial
		for _, link := range d.Links.Units(lodging.ID) {
			if link.Vendor == vendor && link.Account == r.Account {
				p.lodgings[link.UnitID] = lodging
			}
		}
		for _, b := range lodging.Bookings {
			p.bookings[r.ReservationID(b.Key())] = true
		}
	}
	p.wants = r.wants(d, p.properties)
	for _, res := range h.Reservations {
		if strings.HasPrefix(res.PartnerID, r.prefix()) {
			p.held = append(p.held, res)
		}
	}
	slices.SortStableFunc(p.held, func(a, b Reservation) int {
		return cmp.Or(strings.Compare(a.PartnerID, b.PartnerID), strings.Compare(a.ID, b.ID))
	})
	return p
}

// live reports whether the codes may open. Only a cancellation says that they do
// not; a word that is not known says nothing.
func live(r Reservation) bool { return r.Status != ReservationCancelled }

// match finds the reservation of every want: its own if it is live, else one of
// the same stay under an old id, else its own that was cancelled.
func (p *planner) match() {
	for _, w := range p.wants {
		p.take(w, p.best(w, live))
	}
	for _, w := range p.wants {
		if p.has[w] == nil && w.aim == aimGive {
			p.take(w, p.sameStay(w))
		}
	}
	for _, w := range p.wants {
		if p.has[w] == nil {
			p.take(w, p.best(w, func(Reservation) bool { return true }))
		}
	}
}

func (p *planner) take(w *want, i int) {
	if i >= 0 {
		p.has[w] = &p.held[i]
		p.taken[i] = true
	}
}

// best returns the reservation with the want's own id, one that is right before
// one that is not.
func (p *planner) best(w *want, fits func(Reservation) bool) int {
	found := -1
	for i, res := range p.held {
		if res.PartnerID == w.id && !p.taken[i] && fits(res) && (found < 0 || w.exactly(res)) {
			found = i
		}
	}
	return found
}

// sameStay returns a live reservation whose booking is missing and whose guest,
// unit and time are the want's.
func (p *planner) sameStay(w *want) int {
	if p.lodgings[w.property].Partial {
		return -1
	}
	for i, res := range p.held {
		guest := pms.Guest{Name: res.GuestName, Email: res.GuestEmail, Phone: res.GuestPhone}
		if live(res) && !p.taken[i] && !p.bookings[res.PartnerID] && res.PropertyID == w.property &&
			overlaps(res.CheckIn, res.CheckOut, w.span.from, w.span.to) && sameGuest(guest, w.guest) {
			return i
		}
	}
	return -1
}

// exactly reports whether the reservation is live and has the want's property
// and times. Wall times are compared: of a time that the clock shows twice,
// Operto may mean the other one.
func (w *want) exactly(res Reservation) bool {
	return live(res) && res.PropertyID == w.property && w.sameTimes(res)
}

func (w *want) sameTimes(res Reservation) bool {
	return sameWall(res.CheckIn, w.span.from, w.span.in) && sameWall(res.CheckOut, w.span.to, w.span.out)
}

func sameWall(held, wanted time.Time, wall civil.DateTime) bool {
	return !held.IsZero() && civil.DateTimeOf(held.In(wanted.Location())) == wall
}

// sameContact reports whether what Operto tells of the guest agrees. What it
// does not tell is not different.
func (w *want) sameContact(res Reservation) bool {
	same := func(held, wanted string) bool { return held == "" || wanted == "" || held == wanted }
	return same(res.GuestName, w.guest.Name) && same(res.GuestEmail, w.guest.Email) &&
		same(phone(res.GuestPhone), phone(w.guest.Phone))
}

func (p *planner) decideWant(w *want) {
	res := p.has[w]
	switch {
	case w.aim == aimLeave:
	case w.aim == aimDeny, w.aim == aimGive && w.span.over(p.now):
		p.revoke(res, w, "no stay that gives access")
	case w.aim == aimFreeze:
		if res != nil && !w.exactly(*res) {
			p.revoke(res, w, "the time zones differ")
		}
	case res == nil:
		if !p.unread[w.property] {
			p.create(w)
		}
	default:
		p.adjust(w, *res)
	}
}

// revoke cancels what is live and not over.
func (p *planner) revoke(res *Reservation, w *want, why string) {
	if res == nil || !live(*res) || p.isOver(*res) {
		return
	}
	change := Change{Kind: ChangeCancel, Reservation: res.PartnerID, Why: why}
	if w != nil {
		change.Stays = w.keys
	}
	change.Calls = []Call{p.call(CallCancel, *res)}
	change.stale = grantOf(*res)
	p.changes = append(p.changes, change)
}

func (p *planner) isOver(res Reservation) bool {
	return !res.CheckOut.IsZero() && !p.now.Before(res.CheckOut)
}

// grantOf is what a live reservation opens. An end that is not told is open.
func grantOf(res Reservation) *grant {
	g := &grant{res.PropertyID, res.CheckIn, res.CheckOut}
	if g.to.IsZero() {
		g.to = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)
	}
	return g
}

func (w *want) grant() *grant { return &grant{w.property, w.span.from, w.span.to} }

func (p *planner) call(kind CallKind, res Reservation) Call {
	return Call{Kind: kind, Property: p.property(res.PropertyID), Reservation: res}
}

func (p *planner) property(id string) Property {
	if property, ok := p.properties[id]; ok {
		return property
	}
	return Property{ID: id}
}

func (p *planner) update(w *want, res Reservation) Call {
	call := p.call(CallUpdate, res)
	call.Stay, call.From, call.Until = w.stay(), w.span.from, w.span.to
	call.Stay.PartnerID = res.PartnerID
	return call
}

func (p *planner) create(w *want) {
	call := p.call(CallCreate, Reservation{PartnerID: w.id, PropertyID: w.property})
	call.Stay, call.From, call.Until = w.stay(), w.span.from, w.span.to
	p.changes = append(p.changes, Change{
		Kind: ChangeCreate, Reservation: w.id, Stays: w.keys, Calls: []Call{call}, Why: "a stay without a reservation",
		given: w.grant(),
	})
}

// adjust brings a reservation in line with its want.
func (p *planner) adjust(w *want, res Reservation) {
	if res.PropertyID == "" {
		return // Operto does not tell where it is, so it cannot be addressed
	}
	elsewhere, otherTimes := res.PropertyID != w.property, !w.sameTimes(res)
	change := Change{Reservation: res.PartnerID, Stays: w.keys}
	isLive := live(res)
	if isLive && !elsewhere && !otherTimes {
		if w.sameContact(res) {
			return
		}
		change.Kind, change.Why = ChangeGuest, "the guest's contact changed"
		change.Calls = []Call{p.update(w, res)}
		p.changes = append(p.changes, change)
		return
	}
	change.given = w.grant()
	if isLive && !change.given.covers(grantOf(res)) {
		change.stale = grantOf(res)
	}
	// Where property and times both change, neither can come first while the code
	// is valid.
	apart := isLive && elsewhere && otherTimes
	if apart {
		change.Calls = append(change.Calls, p.call(CallCancel, res))
	}
	at := res
	if elsewhere {
		transfer := p.call(CallTransfer, at)
		transfer.To = p.property(w.property)
		change.Calls = append(change.Calls, transfer)
		at.PropertyID = w.property
	}
	if otherTimes || !w.sameContact(res) {
		change.Calls = append(change.Calls, p.update(w, at))
	}
	if apart || !isLive {
		change.Calls = append(change.Calls, p.call(CallConfirm, at))
	}
	change.Kind, change.Why = kindOf(w, res, isLive, elsewhere)
	p.changes = append(p.changes, change)
}

func kindOf(w *want, res Reservation, isLive, elsewhere bool) (kind ChangeKind, why string) {
	sameIn := sameWall(res.CheckIn, w.span.from, w.span.in)
	switch {
	case !isLive:
		return ChangeRestore, "a stay whose reservation is cancelled"
	case elsewhere:
		return ChangeTransfer, "the stay is in another unit"
	case sameIn && res.CheckOut.Before(w.span.to):
		return ChangeExtend, "the stay ends later"
	case sameIn:
		return ChangeShorten, "the stay ends earlier"
	default:
		return ChangeMove, "the stay begins at another time"
	}
}

// decideOrphans cancels reservations that stand for no want.
func (p *planner) decideOrphans() {
	for i := range p.held {
		res := &p.held[i]
		if p.taken[i] {
			continue
		}
		switch {
		case p.bookings[res.PartnerID]:
			p.revoke(res, nil, "a second reservation of a stay")
		case p.mayBeMissing(*res):
		default:
			p.revoke(res, nil, "no booking stands behind it")
		}
	}
}

// mayBeMissing reports whether the booking of a reservation may exist though it
// was not given.
func (p *planner) mayBeMissing(res Reservation) bool {
	until := p.desired.Until
	lodging, ours := p.lodgings[res.PropertyID]
	switch {
	case until.IsValid() && (res.CheckIn.IsZero() || civil.DateOf(res.CheckIn).After(until)):
		return true
	case ours:
		return lodging.Partial
	default:
		return !p.desired.Whole || p.partial
	}
}

// order puts what is taken away before what is given for the same unit and
// time. Two stays that wait for each other, as when they swap units, are parted
// by cancelling one first.
func (p *planner) order() []Change {
	var out, waiting []Change
	for _, change := range p.changes {
		if change.given == nil {
			out = append(out, change)
			continue
		}
		waiting = append(waiting, change)
	}
	for len(waiting) > 0 {
		i := slices.IndexFunc(waiting, func(c Change) bool { return !blocked(c, waiting) })
		if i >= 0 {
			out = append(out, waiting[i])
			waiting = slices.Delete(waiting, i, i+1)
			continue
		}
		i = slices.IndexFunc(waiting, func(c Change) bool { return blocks(c, waiting) })
		first, rest := p.part(waiting[i])
		out = append(out, first)
		waiting[i] = rest
	}
	return out
}

// blocked reports whether another reservation still has what c gives.
func blocked(c Change, waiting []Change) bool {
	return slices.ContainsFunc(waiting, func(o Change) bool {
		return o.Reservation != c.Reservation && o.stale.overlaps(c.given)
	})
}

// blocks reports whether c still has what another one gives.
func blocks(c Change, waiting []Change) bool {
	return slices.ContainsFunc(waiting, func(o Change) bool {
		return o.Reservation != c.Reservation && c.stale.overlaps(o.given)
	})
}

// part splits the change of a live reservation in two: cancel it, and bring it
// back as it should be.
func (p *planner) part(whole Change) (first, rest Change) {
	first, rest = whole, whole
	first.given, rest.stale = nil, nil
	if whole.Calls[0].Kind == CallCancel {
		first.Calls, rest.Calls = whole.Calls[:1], whole.Calls[1:]
		return first, rest
	}
	first.Calls = []Call{p.call(CallCancel, whole.Calls[0].Reservation)}
	last := whole.Calls[len(whole.Calls)-1]
	at := last.Reservation
	if last.Kind == CallTransfer {
		at.PropertyID = last.To.ID
	}
	rest.Calls = append(slices.Clone(whole.Calls), p.call(CallConfirm, at))
	return first, rest
}

// access says who may enter what, when, as Operto holds it.
func (p *planner) access() []Access {
	var out []Access
	for _, w := range p.wants {
		if w.silent || (w.aim != aimLeave && !w.span.to.IsZero() && w.span.over(p.now)) {
			continue
		}
		a := Access{Stays: w.keys, LodgingID: w.lodging, OpertoID: w.property, From: w.span.from, To: w.span.to}
		if w.aim == aimGive || w.aim == aimFreeze {
			p.codes(w, &a)
		}
		a.Problems = w.problems
		out = append(out, a)
	}
	return out
}

// codes hands out the codes of a reservation that is exactly as it should be.
func (p *planner) codes(w *want, a *Access) {
	res := p.has[w]
	if res != nil && live(*res) {
		a.Reservation = res.PartnerID
	}
	switch {
	case res != nil && live(*res) && res.PropertyID != w.property:
		w.problem(CodeDiffers, res.PropertyID)
	case res == nil || !w.exactly(*res):
		w.problem(NotSynchronised, "")
	case w.aim == aimFreeze: // the zone is the problem, and it is stated
	case res.GuestCode.IsZero():
		w.problem(CodePending, "")
	default:
		a.Guest, a.CheckOut = res.GuestCode, res.CheckOutCode
	}
}
