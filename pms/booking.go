package pms

import (
	"encoding/json"
	"log/slog"
	"time"
)

// Booking is one stay, owner stay or block in one unit. A vendor's
// reservation over several units or segments becomes several Bookings that
// share a GroupID. Zero values mean that the vendor does not say.
type Booking struct {
	// Vendor and ID are the key of the record. ID is the vendor's stable id as
	// text, with "#<unit or segment>" behind it when the reservation became
	// several Bookings; GroupID is then the vendor's id alone.
	Vendor  string `json:"vendor"`
	ID      string `json:"id"`
	GroupID string `json:"groupId,omitzero"`
	// PropertyID is the unit to clean, as the vendor's id. It is empty while
	// the vendor has assigned no unit.
	PropertyID string `json:"propertyId,omitzero"`

	Kind   Kind   `json:"kind"`
	Status Status `json:"status"`
	// RawStatus is the vendor's own word or number for the status.
	RawStatus string `json:"rawStatus,omitzero"`

	// Arrival and Departure are calendar days in the property's zone.
	// Departure is the day of leaving; the nights are [Arrival, Departure).
	Arrival   Date `json:"arrival,omitzero"`
	Departure Date `json:"departure,omitzero"`
	// ArrivalTime and DepartureTime are the clock times of this stay, if the
	// vendor states them.
	ArrivalTime   Clock `json:"arrivalTime,omitzero"`
	DepartureTime Clock `json:"departureTime,omitzero"`
	// TimeZone is an IANA name or empty.
	TimeZone string `json:"timeZone,omitzero"`

	Guests Guests `json:"guests,omitzero"`
	Guest  Guest  `json:"guest,omitzero"`

	// Channel is "airbnb", "booking", "vrbo", "expedia", "direct", or the
	// vendor's own word in lower case. Code is the confirmation code.
	Channel string `json:"channel,omitzero"`
	Code    string `json:"code,omitzero"`
	// Total is the price of the whole reservation: Bookings of one group repeat
	// it.
	Total Money  `json:"total,omitzero"`
	Notes string `json:"notes,omitzero"`

	CreatedAt time.Time `json:"createdAt,omitzero"`
	UpdatedAt time.Time `json:"updatedAt,omitzero"`

	// Raw is the vendor's own record. Plain marshalling leaves it out; see
	// [WithRaw].
	Raw json.RawMessage `json:"-"`
}

// Kind says what occupies the unit.
type Kind string

// The kinds of a Booking. KindBlock is maintenance, closed dates or a hold
// with no guest behind it.
const (
	KindGuest   Kind = "guest"
	KindOwner   Kind = "owner"
	KindBlock   Kind = "block"
	KindUnknown Kind = "unknown"
)

// Status is where a booking stands.
type Status string

// The states of a Booking.
const (
	StatusInquiry    Status = "inquiry"   // a request or a quote
	StatusTentative  Status = "tentative" // a hold, pending, awaiting payment
	StatusConfirmed  Status = "confirmed"
	StatusCheckedIn  Status = "checked_in"
	StatusCheckedOut Status = "checked_out"
	StatusCancelled  Status = "cancelled"
	StatusNoShow     Status = "no_show"
	StatusUnknown    Status = "unknown" // the vendor's word is in RawStatus
)

// Guests counts who stays. A Total of 0 means that the number is unknown.
type Guests struct {
	Adults   int `json:"adults,omitzero"`
	Children int `json:"children,omitzero"`
	Infants  int `json:"infants,omitzero"`
	Pets     int `json:"pets,omitzero"`
	Total    int `json:"total,omitzero"`
}

// Guest is the main guest. Phone is as the vendor wrote it.
type Guest struct {
	Name     string `json:"name,omitzero"`
	Email    string `json:"email,omitzero"`
	Phone    string `json:"phone,omitzero"`
	Language string `json:"language,omitzero"`
}

// Money is an exact amount. Amount is decimal text in major units ("18600.50",
// never a float); Currency is an ISO 4217 code, or empty when the vendor does
// not say.
type Money struct {
	Amount   string `json:"amount,omitzero"`
	Currency string `json:"currency,omitzero"`
}

// Key identifies a Booking among all vendors. It is comparable and serves as a
// map key.
type Key struct {
	Vendor string `json:"vendor"`
	ID     string `json:"id"`
}

// String returns "vendor:id".
func (k Key) String() string { return k.Vendor + ":" + k.ID }

// Key returns the key of b.
func (b Booking) Key() Key { return Key{Vendor: b.Vendor, ID: b.ID} }

// Occupies reports whether the unit is really taken: a guest or owner stay
// that is confirmed, checked in or checked out. Inquiries, holds, no-shows,
// cancellations, blocks and everything unknown do not occupy.
func (b Booking) Occupies() bool {
	switch b.Kind {
	case KindGuest, KindOwner:
	case KindBlock, KindUnknown:
		return false
	default:
		return false
	}
	switch b.Status {
	case StatusConfirmed, StatusCheckedIn, StatusCheckedOut:
		return true
	case StatusInquiry, StatusTentative, StatusCancelled, StatusNoShow, StatusUnknown:
		return false
	default:
		return false
	}
}

// Nights returns the number of nights, 0 for day use and for unknown dates.
func (b Booking) Nights() int {
	if !b.Arrival.IsValid() || !b.Departure.IsValid() {
		return 0
	}
	return max(b.Departure.DaysSince(b.Arrival), 0)
}

// Supersedes reports whether b should replace old, the record stored under the
// same Key: it is not older by UpdatedAt and it differs. A host that stores
// deliveries in any order and any number of times ends with the newest one. A
// booking without UpdatedAt is not older: what the vendor does not date is not
// lost.
func (b Booking) Supersedes(old Booking) bool {
	if !b.UpdatedAt.IsZero() && b.UpdatedAt.Before(old.UpdatedAt) {
		return false
	}
	return !b.same(old)
}

// same compares the model and leaves Raw out.
func (b Booking) same(o Booking) bool {
	return b.Vendor == o.Vendor && b.ID == o.ID && b.GroupID == o.GroupID && b.PropertyID == o.PropertyID &&
		b.Kind == o.Kind && b.Status == o.Status && b.RawStatus == o.RawStatus &&
		b.Arrival == o.Arrival && b.Departure == o.Departure &&
		b.ArrivalTime == o.ArrivalTime && b.DepartureTime == o.DepartureTime && b.TimeZone == o.TimeZone &&
		b.Guests == o.Guests && b.Guest == o.Guest && b.Channel == o.Channel && b.Code == o.Code &&
		b.Total == o.Total && b.Notes == o.Notes &&
		b.CreatedAt.Equal(o.CreatedAt) && b.UpdatedAt.Equal(o.UpdatedAt)
}

// LogValue implements [slog.LogValuer]: key, unit, dates and status, and
// nothing about the guest.
func (b Booking) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("vendor", b.Vendor),
		slog.String("id", b.ID),
		slog.String("property", b.PropertyID),
		slog.String("kind", string(b.Kind)),
		slog.String("status", string(b.Status)),
		slog.String("arrival", b.Arrival.String()),
		slog.String("departure", b.Departure.String()),
	)
}

// WithRaw returns a value that marshals like v and adds the vendor's own
// record under "raw".
func WithRaw[T Booking | Property](v T) any {
	switch v := any(v).(type) {
	case Booking:
		return struct {
			Booking
			Raw json.RawMessage `json:"raw,omitempty"`
		}{v, v.Raw}
	case Property:
		return struct {
			Property
			Raw json.RawMessage `json:"raw,omitempty"`
		}{v, v.Raw}
	default:
		return v
	}
}
