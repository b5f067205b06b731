package operto

import (
	"log/slog"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// Ref addresses a property or a reservation: by Operto's own id, or by ours,
// the one that it was created with (Operto's "?keyid=partner").
type Ref struct {
	ID string
	// Partner says that ID is ours. A call with two ids takes both of one kind:
	// the key of the query covers all ids in the path.
	Partner bool
}

// ByPartner addresses by our own id.
func ByPartner(id string) Ref { return Ref{ID: id, Partner: true} }

// ByOperto addresses by Operto's id.
func ByOperto(id string) Ref { return Ref{ID: id} }

// List is a list with what could not be read of it.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
}

// Property is a property of the Operto account.
type Property struct {
	// ID is Operto's, PartnerID ours. PartnerID is empty for a property that was
	// not created by a partner.
	ID        string
	PartnerID string
	Name      string
	// TimeZone is an IANA name, or empty when the answer does not tell it. Codes
	// are written to the locks by its clock.
	TimeZone string
	// RoomStatus and SubscriptionStatus are Operto's words (unverified names).
	RoomStatus         RoomStatus
	SubscriptionStatus string
}

// NewProperty is a property to create.
type NewProperty struct {
	// PartnerID is our id. All three are required.
	PartnerID string
	Name      string
	// TimeZone is an IANA name.
	TimeZone string
}

// PropertyUpdate replaces what Operto knows of a property. Name and TimeZone
// are required; an empty RoomStatus stays as it is.
type PropertyUpdate struct {
	Name       string
	TimeZone   string
	RoomStatus RoomStatus
}

// RoomStatus is the state of a room as Operto shows it.
type RoomStatus string

// The room statuses (apidoc.operto.com, property-update, 2026-11).
const (
	RoomCleanAvailable      RoomStatus = "clean-available"
	RoomGuestCheckingIn     RoomStatus = "guest-checking-in"
	RoomGuestCheckingOut    RoomStatus = "guest-checking-out"
	RoomCleaningStarted     RoomStatus = "cleaning-started"
	RoomCleaningComplete    RoomStatus = "cleaning-complete"
	RoomMaintenanceStarted  RoomStatus = "maintenance-started"
	RoomMaintenanceComplete RoomStatus = "maintenance-complete"
)

// ReservationStatus is the state of a reservation.
type ReservationStatus string

// The statuses (apidoc.operto.com, reservation-update-status, 2026-11).
// Cancelling stops the codes from being programmed.
const (
	ReservationConfirmed ReservationStatus = "confirmed"
	ReservationCancelled ReservationStatus = "cancelled"
)

// Stay is what Operto is told of a reservation.
type Stay struct {
	// PartnerID is our id of the reservation. It is required.
	PartnerID string
	// CheckIn and CheckOut are wall times in the property's zone. They are sent
	// with the flag that says so; without it Operto reads UTC.
	CheckIn, CheckOut civil.DateTime
	// GuestName, GuestEmail and GuestPhone are optional. Without them Operto
	// sends the guest nothing. A phone that is not E.164 once spaces and
	// punctuation are gone is not sent.
	GuestName, GuestEmail, GuestPhone string
}

// LogValue implements [slog.LogValuer] without the guest.
func (s Stay) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("reservation", s.PartnerID),
		slog.String("checkIn", s.CheckIn.String()),
		slog.String("checkOut", s.CheckOut.String()),
	)
}

// Reservation is a reservation as Operto holds it. Both codes are valid from
// CheckIn until CheckOut (unverified for the check-out code), which is also
// when Operto programs the locks.
type Reservation struct {
	// ID is Operto's, PartnerID ours, or empty for a reservation that no partner
	// made. PropertyID is Operto's id of the property, or empty when the answer
	// does not tell it.
	ID         string
	PartnerID  string
	PropertyID string
	Status     ReservationStatus
	// CheckIn and CheckOut are in the zone that the call was given. They are zero
	// when the answer does not tell them.
	CheckIn, CheckOut time.Time
	// The guest, as far as the answer tells.
	GuestName, GuestEmail, GuestPhone string
	// GuestCode opens the door; CheckOutCode is the separate one by which the
	// guest reports to have left. Each is zero while Operto has not made it.
	GuestCode    Code
	CheckOutCode Code
}

// LogValue implements [slog.LogValuer] without the guest and the codes.
func (r Reservation) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", r.ID),
		slog.String("reservation", r.PartnerID),
		slog.String("property", r.PropertyID),
		slog.String("status", string(r.Status)),
		slog.Time("checkIn", r.CheckIn),
		slog.Time("checkOut", r.CheckOut),
	)
}
