package operto

import (
	"log/slog"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// Lodging is one property of the host with its bookings.
type Lodging struct {
	// ID is the host's own id, [pms.Link.PropertyID].
	ID string `json:"id"`
	// TimeZone is an IANA name. Codes are computed in it and never in the zone of
	// the server. When it is empty, the zone that a booking states counts.
	TimeZone string `json:"timeZone,omitzero"`
	// CheckIn and CheckOut are the clock times of stays that state none. When they
	// are zero, those of [Rules] count.
	CheckIn  pms.Clock `json:"checkIn,omitzero"`
	CheckOut pms.Clock `json:"checkOut,omitzero"`
	// Bookings are all bookings of the lodging that have not ended, from all
	// calendars, in any order, cancelled ones too. A reservation in Operto that
	// none of them stands behind is cancelled, so a booking belongs here until it
	// is known to be gone, not until one reading of a calendar misses it.
	Bookings []pms.Booking `json:"bookings"`
	// Partial says that bookings may be missing, because a source failed or was
	// not read. Nothing is then taken away for being missing.
	Partial bool `json:"partial,omitzero"`
}

// Desired is what the host's bookings ask for.
type Desired struct {
	// Lodgings are those to bring in line; others are left alone. An id must not
	// come twice.
	Lodgings []Lodging
	// Links are the host's links. Those of the vendor "operto" say which property
	// of Operto, by Operto's id, a lodging is.
	Links pms.LinkSet
	// Until is the last day of arrival for which the bookings are complete.
	// Reservations that begin later are not cancelled for being missing. Zero
	// means that there is no such day.
	Until pms.Date
	// Whole says that Lodgings are all lodgings of the host. Every property of the
	// account is then read, and a reservation left in one that is linked no more
	// is cancelled.
	Whole bool
}

// Held is what Operto holds.
type Held struct {
	// Properties are all properties of the account.
	Properties []Property
	// Reservations are those of the properties that were read, each with its
	// PropertyID, cancelled ones included.
	Reservations []Reservation
	// Unread are the ids of the properties whose reservations could not be read,
	// or not all of them.
	Unread []string
}

// Rules are the settings of a [Keeper].
type Rules struct {
	// Account is the name of the Operto account in the links.
	Account string `json:"account,omitzero"`
	// Prefix begins our ids of reservations. Reservations without it are never
	// touched: hosts, or accounts of one host, that share an Operto account have a
	// prefix each. Empty means "changeover:".
	Prefix string `json:"prefix,omitzero"`
	// CheckIn and CheckOut stand in where neither the stay nor the lodging states
	// a time. Zero means 15:00 and 11:00.
	CheckIn  pms.Clock `json:"checkIn,omitzero"`
	CheckOut pms.Clock `json:"checkOut,omitzero"`
	// JoinSameGuest gives stays of one guest that follow one another without a
	// free night one reservation, and so one code.
	JoinSameGuest bool `json:"joinSameGuest,omitzero"`
}

// ReservationID is our id of the reservation of a booking.
func (r Rules) ReservationID(booking pms.Key) string { return r.prefix() + booking.String() }

func (r Rules) prefix() string {
	if r.Prefix == "" {
		return "changeover:"
	}
	return r.Prefix
}

// Decision is what [Rules.Decide] finds.
type Decision struct {
	// Changes are to be carried out in this order: what is taken away comes before
	// what is given. A change that fails holds back the later ones of the same
	// reservation, and those that would give a code for a unit to which somebody
	// else still has one.
	Changes []Change
	// Access says, for every stay that has or should have a code, who may enter
	// what, when, as things are. Ordered by lodging and time.
	Access []Access
}

// Change is what has to be done about one reservation.
type Change struct {
	Kind ChangeKind `json:"kind"`
	// Reservation is our id; Stays are the bookings behind it, none if no booking
	// is left.
	Reservation string    `json:"reservation"`
	Stays       []pms.Key `json:"stays,omitempty"`
	// Calls are made in order until one fails. After each of them nobody has a
	// code that he did not have before and should not have.
	Calls []Call `json:"-"`
	// Why is a short reason for a log, without guest data.
	Why string `json:"why,omitzero"`

	// stale is what the reservation opens now, if that is more than it should,
	// given what it will open. Either may be missing.
	stale, given *grant
}

// grant is a code for a property, by Operto's id, in a window.
type grant struct {
	property string
	from, to time.Time
}

func (g *grant) overlaps(o *grant) bool {
	return g != nil && o != nil && g.property == o.property && overlaps(g.from, g.to, o.from, o.to)
}

// ChangeKind says what a change does.
type ChangeKind string

// The kinds of changes.
const (
	ChangeCreate   ChangeKind = "create"
	ChangeMove     ChangeKind = "move"     // another check-in
	ChangeExtend   ChangeKind = "extend"   // a later check-out alone
	ChangeShorten  ChangeKind = "shorten"  // an earlier check-out alone
	ChangeTransfer ChangeKind = "transfer" // another property, perhaps other times too
	ChangeGuest    ChangeKind = "guest"    // another name or contact alone
	ChangeCancel   ChangeKind = "cancel"
	ChangeRestore  ChangeKind = "restore" // cancelled before, wanted again
)

// Call is one call of the API.
type Call struct {
	Kind CallKind
	// Property is where the reservation is, or is to be created.
	Property Property
	// Reservation is addressed by its ids; a new one has only ours.
	Reservation Reservation
	// To is the new property of a transfer.
	To Property
	// Stay is what a create or an update sends.
	Stay Stay
	// From and Until are the instants of Stay.
	From, Until time.Time
}

// CallKind says which call it is.
type CallKind string

// The kinds of calls.
const (
	CallCreate   CallKind = "create"
	CallUpdate   CallKind = "update"
	CallTransfer CallKind = "transfer"
	CallCancel   CallKind = "cancel"
	CallConfirm  CallKind = "confirm"
)

// Access says who may enter what, when.
type Access struct {
	// Stays are the bookings: one, or several joined ones.
	Stays []pms.Key `json:"stays"`
	// LodgingID is the host's id, OpertoID Operto's id of the property that the
	// lodging is linked to, or empty.
	LodgingID string `json:"lodgingId"`
	OpertoID  string `json:"opertoId,omitzero"`
	// Reservation is our id of the reservation, or empty when there is none.
	Reservation string `json:"reservation,omitzero"`
	// From and To are check-in and check-out in the zone of the lodging, zero when
	// they cannot be computed. The codes are valid between them.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Guest opens the door; CheckOut is the code for leaving. Both are zero unless
	// Operto holds the stay exactly as it should be.
	Guest    Code `json:"guest,omitzero"`
	CheckOut Code `json:"checkOut,omitzero"`
	// Problems say why there is no code, or what else is wrong.
	Problems []Diagnosis `json:"problems,omitempty"`
}

// Missing reports whether a stay that should have a code has none.
func (a Access) Missing() bool { return a.Guest.IsZero() }

// LogValue implements [slog.LogValuer] without the codes.
func (a Access) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Any("stays", a.Stays), slog.String("lodging", a.LodgingID), slog.String("property", a.OpertoID),
		slog.Time("from", a.From), slog.Time("to", a.To), slog.Bool("code", !a.Guest.IsZero()),
	)
}

// covers reports whether o opens nothing that g does not.
func (g *grant) covers(o *grant) bool {
	return g.property == o.property && !o.from.Before(g.from) && !o.to.After(g.to)
}

// span is a stay in time: wall times of the lodging and their instants.
type span struct {
	in, out  civil.DateTime
	from, to time.Time
}

func (s span) over(now time.Time) bool { return !now.Before(s.to) }

// overlaps compares half-open windows.
func overlaps(from, to, from2, to2 time.Time) bool { return from.Before(to2) && from2.Before(to) }
