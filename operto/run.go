package operto

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Keeper keeps the reservations of an Operto account in line with bookings. It
// has no memory: every run reads what Operto holds, decides ([Rules.Decide]) and
// carries the changes out. A run that failed or crashed is repaired by the next.
//
// Runs of one Keeper wait for one another. Two Keepers must not work on the same
// lodgings at the same time: both might create the same reservation.
type Keeper struct {
	client *Client
	rules  Rules
	mu     sync.Mutex
}

// NewKeeper returns a Keeper of the client's account.
func NewKeeper(c *Client, r Rules) *Keeper { return &Keeper{client: c, rules: r} }

// Report is what a run did and how things are after it.
type Report struct {
	// Access says, for every stay that has or should have a code, who may enter
	// what, when. A code is in it only if Operto was seen to hold the stay as it
	// should be.
	Access []Access
	// Done are the changes that were carried out, Left those that were not.
	Done, Left []Change
	// Failed are records of Operto that could not be read.
	Failed []*pms.RecordError
}

// withheldError says that a code was not given because somebody else still has
// one.
type withheldError struct{ reservation string }

func (e *withheldError) Error() string {
	return "operto: " + e.reservation + " withheld: another reservation could not be cleared from the unit"
}

// Run brings Operto in line with the bookings at the time now. On an error the
// report says how far it came: what was not done is in Left, stays without a code
// say why, and the next run does the rest. Errors are joined; refused
// credentials, an exhausted allowance and the end of the context end the run at
// once, anything else only the change that it befell.
func (k *Keeper) Run(ctx context.Context, d Desired, now time.Time) (Report, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	held, failed, err := k.read(ctx, d)
	report := Report{Failed: failed}
	if stops(err) || held.Properties == nil {
		// What was not read may hold anything: nothing is decided.
		report.Access = k.rules.unread(d, held, now, err)
		return report, err
	}
	decision := k.rules.Decide(d, held, now)
	report.Access = decision.Access
	if len(decision.Changes) == 0 {
		return report, err
	}
	done, left, failures := k.execute(ctx, decision.Changes)
	report.Done, report.Left = done, left
	err = errors.Join(err, failures.join())
	if !stops(err) {
		err = errors.Join(err, k.reread(ctx, d, now, &report))
	}
	failures.explain(report.Access)
	if err == nil && len(report.Left) > 0 {
		err = fmt.Errorf("%s: Run: %d changes are not in effect: %w", vendor, len(report.Left), pms.ErrConflict)
	}
	return report, err
}

// reread brings the report up to what Operto holds after the changes.
func (k *Keeper) reread(ctx context.Context, d Desired, now time.Time, report *Report) error {
	held, failed, err := k.read(ctx, d)
	if stops(err) || held.Properties == nil {
		return err
	}
	after := k.rules.Decide(d, held, now)
	report.Access, report.Left, report.Failed = after.Access, after.Changes, failed
	return err
}

// stops reports whether an error says that further calls are useless.
func stops(err error) bool {
	return errors.Is(err, pms.ErrUnauthorized) || errors.Is(err, pms.ErrRateLimited) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// unread is the access of a run that could not read all: stays whose reservation
// was read have their codes, the others say why they have none.
func (r Rules) unread(d Desired, held Held, now time.Time, err error) []Access {
	if held.Properties == nil {
		for link := range d.Links.All() {
			held.Properties = append(held.Properties, Property{ID: link.UnitID})
		}
	}
	access := r.Decide(d, held, now).Access
	for i := range access {
		if access[i].Missing() {
			access[i].Problems = append(access[i].Problems, Diagnose(err))
		}
	}
	return access
}

// read returns what Operto holds of the lodgings. Properties are nil when not
// even they could be read.
func (k *Keeper) read(ctx context.Context, d Desired) (Held, []*pms.RecordError, error) {
	list, err := k.client.ListProperties(ctx)
	if err != nil {
		return Held{}, nil, err
	}
	s := scan{client: k.client, zones: k.rules.zones(d), failed: list.Failed}
	s.held.Properties = list.Items
	if s.held.Properties == nil {
		s.held.Properties = []Property{}
	}
	for _, property := range list.Items {
		if _, linked := s.zones[property.ID]; linked || d.Whole {
			if err := s.property(ctx, property); err != nil {
				return s.held, s.failed, err
			}
		}
	}
	if err := k.lookUp(ctx, d, &s); err != nil {
		return s.held, s.failed, err
	}
	return s.held, s.failed, errors.Join(s.errs...)
}

// lookUp asks for the reservations of stays that are in none of the lists: they
// may be in a property that was not read.
func (k *Keeper) lookUp(ctx context.Context, d Desired, s *scan) error {
	properties := map[string]Property{}
	for _, property := range s.held.Properties {
		properties[property.ID] = property
	}
	if len(s.read) == len(s.held.Properties) && len(s.held.Unread) == 0 {
		return nil
	}
	for _, w := range k.rules.wants(d, properties) {
		known := slices.ContainsFunc(s.held.Reservations, func(r Reservation) bool { return r.PartnerID == w.id })
		if known || w.silent || (w.aim != aimGive && (w.aim != aimDeny || w.property != "")) {
			continue
		}
		found, err := k.client.GetReservation(ctx, ByPartner(w.id), w.span.from.Location())
		if errors.Is(err, pms.ErrNotFound) {
			continue
		}
		if err == nil && found.PropertyID == "" {
			err = s.all(ctx)
		} else if err == nil {
			s.held.Reservations = append(s.held.Reservations, found)
		}
		switch {
		case stops(err):
			return err
		case err != nil:
			s.errs = append(s.errs, err)
			s.unread(w.property) // it may be there: nothing is made
		}
	}
	return nil
}

// zones returns the zones of the linked properties by Operto's id, nil where it
// is not known.
func (r Rules) zones(d Desired) map[string]*time.Location {
	zones := map[string]*time.Location{}
	for _, lodging := range d.Lodgings {
		zone, err := location(lodging.TimeZone)
		if err != nil {
			zone = nil
		}
		for _, link := range d.Links.Units(lodging.ID) {
			if link.Vendor == vendor && link.Account == r.Account {
				zones[link.UnitID] = zone
			}
		}
	}
	return zones
}

// scan collects what Operto holds.
type scan struct {
	client *Client
	zones  map[string]*time.Location
	held   Held
	read   []string
	failed []*pms.RecordError
	errs   []error
}

// property reads the reservations of a property. Only an error that ends the run
// is returned.
func (s *scan) property(ctx context.Context, property Property) error {
	zone, err := location(property.TimeZone)
	if err != nil {
		zone = s.zones[property.ID]
	}
	list, err := s.client.ListReservations(ctx, ByOperto(property.ID), zone)
	if stops(err) {
		s.unread(property.ID)
		return err
	}
	s.read = append(s.read, property.ID)
	if err != nil {
		s.errs = append(s.errs, err)
	}
	if err != nil || len(list.Failed) > 0 {
		s.unread(property.ID)
	}
	s.failed = append(s.failed, list.Failed...)
	s.held.Reservations = append(s.held.Reservations, list.Items...)
	return nil
}

func (s *scan) unread(id string) {
	if !slices.Contains(s.held.Unread, id) {
		s.held.Unread = append(s.held.Unread, id)
	}
}

// all reads the properties that were not read.
func (s *scan) all(ctx context.Context) error {
	for _, property := range s.held.Properties {
		if slices.Contains(s.read, property.ID) {
			continue
		}
		if err := s.property(ctx, property); err != nil {
			return err
		}
	}
	return nil
}

// failure is a change that was not carried out.
type failure struct {
	change Change
	err    error
}

type failures []failure

func (f failures) join() error {
	errs := make([]error, len(f))
	for i := range f {
		errs[i] = f[i].err
	}
	return errors.Join(errs...)
}

// explain adds to every stay what befell its reservation.
func (f failures) explain(access []Access) {
	for _, failed := range f {
		for i := range access {
			if slices.ContainsFunc(access[i].Stays, func(k pms.Key) bool { return slices.Contains(failed.change.Stays, k) }) {
				access[i].Problems = append(access[i].Problems, Diagnose(failed.err))
			}
		}
	}
}

// execute carries the changes out in their order.
func (k *Keeper) execute(ctx context.Context, changes []Change) (done, undone []Change, failed failures) {
	stuck := map[string]*grant{} // what reservations still open, by our id
	broken := map[string]bool{}
	for i, change := range changes {
		err := ctx.Err()
		switch {
		case err != nil:
		case broken[change.Reservation]:
			undone = append(undone, change)
			continue
		case withheld(change, stuck):
			err = &withheldError{change.Reservation}
		default:
			err = k.carryOut(ctx, change)
		}
		if err != nil && change.stale != nil && final(err) {
			if revoked := k.revoke(ctx, change); revoked == nil {
				change.stale = nil
			} else {
				err = errors.Join(err, revoked)
			}
		}
		if err == nil {
			done = append(done, change)
			continue
		}
		broken[change.Reservation] = true
		undone = append(undone, change)
		failed = append(failed, failure{change, err})
		if change.stale != nil {
			stuck[change.Reservation] = change.stale
		}
		if stops(err) {
			return done, append(undone, changes[i+1:]...), failed
		}
	}
	return done, undone, failed
}

// final reports whether an error will be the same the next time, or may stand
// for long. What the guest has then goes, though what he should have cannot be
// given.
func final(err error) bool {
	var held *withheldError
	return errors.As(err, &held) || errors.Is(err, pms.ErrInvalid) || errors.Is(err, pms.ErrConflict) ||
		errors.Is(err, pms.ErrForbidden) || errors.Is(err, pms.ErrNotFound)
}

// revoke cancels the reservation of a change that could not be carried out.
func (k *Keeper) revoke(ctx context.Context, change Change) error {
	cancel := change.Calls[0]
	cancel.Kind = CallCancel
	return k.carryOut(ctx, Change{Calls: []Call{cancel}, stale: change.stale})
}

func withheld(change Change, stuck map[string]*grant) bool {
	for reservation, still := range stuck {
		if reservation != change.Reservation && still.overlaps(change.given) {
			return true
		}
	}
	return false
}

// carryOut makes the calls of a change. What takes a code away, and what another
// call builds on, is read back: a proxy that answers 200 in Operto's place has
// changed nothing.
func (k *Keeper) carryOut(ctx context.Context, change Change) error {
	for i, call := range change.Calls {
		if err := k.client.carryOut(ctx, call); err != nil {
			return err
		}
		if i == len(change.Calls)-1 && change.stale == nil {
			return nil
		}
		if err := k.client.verify(ctx, call); err != nil {
			return err
		}
	}
	return nil
}

// verify reads whether a call is in effect.
func (c *Client) verify(ctx context.Context, call Call) error {
	property := call.Property
	if call.Kind == CallTransfer {
		property = call.To
	}
	zone, err := location(property.TimeZone)
	if err != nil {
		zone = call.From.Location()
	}
	list, err := c.ListReservations(ctx, ByOperto(property.ID), zone)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list.Items, func(r Reservation) bool {
		return r.ID == call.Reservation.ID && r.PartnerID == call.Reservation.PartnerID && call.inEffect(r)
	}) {
		return nil
	}
	return &pms.APIError{Vendor: vendor, Op: "Run", Kind: pms.ErrUnavailable, Message: "the answer was a success, but the " + string(call.Kind) + " is not in effect"}
}

func (call Call) inEffect(r Reservation) bool {
	switch call.Kind {
	case CallCancel:
		return r.Status == ReservationCancelled
	case CallConfirm:
		return live(r)
	case CallUpdate:
		return sameWall(r.CheckIn, call.From, call.Stay.CheckIn) && sameWall(r.CheckOut, call.Until, call.Stay.CheckOut)
	case CallTransfer, CallCreate: // to be in the list is all
		return true
	}
	return false
}

// carryOut makes one call.
func (c *Client) carryOut(ctx context.Context, call Call) error {
	if call.Kind == CallCreate {
		return c.CreateReservation(ctx, ByOperto(call.Property.ID), call.Stay)
	}
	property, reservation, to := ByOperto(call.Property.ID), ByOperto(call.Reservation.ID), ByOperto(call.To.ID)
	if call.Reservation.ID == "" { // the answer does not tell it
		property, reservation, to = ByPartner(call.Property.PartnerID), ByPartner(call.Reservation.PartnerID), ByPartner(call.To.PartnerID)
	}
	switch call.Kind {
	case CallUpdate:
		return c.UpdateReservation(ctx, property, reservation, call.Stay)
	case CallTransfer:
		return c.TransferReservation(ctx, property, reservation, to)
	case CallCancel:
		return c.SetReservationStatus(ctx, property, reservation, ReservationCancelled)
	case CallConfirm:
		return c.SetReservationStatus(ctx, property, reservation, ReservationConfirmed)
	case CallCreate:
	}
	return invalid("Run", "no such call: "+string(call.Kind))
}

// PutReservation makes a reservation what s says: created, moved to the
// property, updated or confirmed again, whichever is missing. Sending the same
// stay twice changes nothing. Property is one that the client has returned; its
// ID and TimeZone are required.
//
// The reservation is returned as Operto holds it afterwards, with codes if they
// are made. A reservation whose property the answer does not tell cannot be
// moved: it is [pms.ErrConflict].
func (c *Client) PutReservation(ctx context.Context, property Property, s Stay) (Reservation, error) {
	const op = "PutReservation"
	zone, err := location(property.TimeZone)
	if err != nil {
		return Reservation{}, invalid(op, err.Error())
	}
	if err := errors.Join(given(op, ByOperto(property.ID)), s.check(op)); err != nil {
		return Reservation{}, err
	}
	w := &want{
		id: s.PartnerID, property: property.ID, guest: pms.Guest{Name: s.GuestName, Email: s.GuestEmail, Phone: s.GuestPhone},
		span: span{in: s.CheckIn, out: s.CheckOut, from: s.CheckIn.In(zone), to: s.CheckOut.In(zone)},
	}
	p := &planner{properties: map[string]Property{property.ID: property}}
	found, err := c.GetReservation(ctx, ByPartner(s.PartnerID), zone)
	switch {
	case errors.Is(err, pms.ErrNotFound):
		p.create(w)
	case err != nil:
		return Reservation{}, err
	case found.PropertyID == "":
		return Reservation{}, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrConflict, Message: "the answer does not tell the property of the reservation"}
	default:
		p.adjust(w, found)
	}
	if len(p.changes) == 0 {
		return found, nil
	}
	for _, call := range p.changes[0].Calls {
		if err := c.carryOut(ctx, call); err != nil {
			return Reservation{}, err
		}
	}
	return c.GetReservation(ctx, ByPartner(s.PartnerID), zone)
}

// CancelReservation cancels the reservation with our id. One that does not exist
// or is cancelled already is no error.
func (c *Client) CancelReservation(ctx context.Context, property Property, partnerID string) error {
	found, err := c.GetReservation(ctx, ByPartner(partnerID), nil)
	switch {
	case errors.Is(err, pms.ErrNotFound):
		return nil
	case err != nil:
		return err
	case found.Status == ReservationCancelled:
		return nil
	case found.PropertyID != "" && found.PropertyID != property.ID:
		property = Property{ID: found.PropertyID}
	}
	return c.carryOut(ctx, Call{Kind: CallCancel, Property: property, Reservation: found})
}
