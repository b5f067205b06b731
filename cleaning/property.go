package cleaning

import (
	"github.com/changeover-sdk/changeover/pms"
)

// Property is one property of the host with all its bookings.
type Property struct {
	// ID is the host's own id. It is part of every [Key].
	ID string `json:"id"`
	// TimeZone is an IANA name. When it is empty, the zone that the bookings
	// state counts, then the policy's.
	TimeZone string `json:"timeZone,omitzero"`
	// CheckIn and CheckOut are the clock times of stays that state none. When they
	// are zero, the policy's count.
	CheckIn  pms.Clock `json:"checkIn,omitzero"`
	CheckOut pms.Clock `json:"checkOut,omitzero"`
	// Overrides change the account's policy for this property, and Stays for
	// single stays by the key of any of their bookings. Of the Overrides of a stay,
	// TimeZone, From, HorizonDays, JoinSameGuest and PushCleanliness have no
	// effect; its CheckIn and CheckOut count before those of the booking.
	Overrides Overrides             `json:"overrides,omitzero"`
	Stays     map[pms.Key]Overrides `json:"-"`
	// Bookings are the records of all vendor units and calendars that are linked
	// to the property, in any order.
	Bookings []pms.Booking `json:"bookings"`
	// Partial says that bookings may be missing, because a source failed or was
	// not read. [Reconcile] then takes nothing away.
	Partial bool `json:"partial,omitzero"`
}
