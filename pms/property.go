package pms

import "encoding/json"

// Property is one rentable unit of a vendor account: what is booked and what
// is cleaned. Zero values mean that the vendor does not say.
type Property struct {
	Vendor string `json:"vendor"`
	ID     string `json:"id"`
	// ParentID is the building, room type or multi-unit listing that the unit
	// belongs to.
	ParentID  string  `json:"parentId,omitzero"`
	Name      string  `json:"name,omitzero"`
	Address   Address `json:"address,omitzero"`
	Latitude  float64 `json:"latitude,omitzero"`
	Longitude float64 `json:"longitude,omitzero"`
	// TimeZone is an IANA name or empty. It is stated by the vendor or by the
	// account's settings, never guessed.
	TimeZone string `json:"timeZone,omitzero"`
	// CheckIn and CheckOut are the default clock times of the property.
	CheckIn   Clock   `json:"checkIn,omitzero"`
	CheckOut  Clock   `json:"checkOut,omitzero"`
	Bedrooms  int     `json:"bedrooms,omitzero"`
	Bathrooms float64 `json:"bathrooms,omitzero"`
	MaxGuests int     `json:"maxGuests,omitzero"`

	Status      PropertyStatus `json:"status"`
	Cleanliness Cleanliness    `json:"cleanliness"`

	// Raw is the vendor's own record. Plain marshalling leaves it out; see
	// [WithRaw].
	Raw json.RawMessage `json:"-"`
}

// Address is a postal address. Country is an ISO 3166-1 alpha-2 code when
// known, otherwise the vendor's own word.
type Address struct {
	Street     string `json:"street,omitzero"`
	City       string `json:"city,omitzero"`
	Region     string `json:"region,omitzero"`
	PostalCode string `json:"postalCode,omitzero"`
	Country    string `json:"country,omitzero"`
}

// PropertyStatus says whether a property is let at present.
type PropertyStatus string

// The states of a property.
const (
	PropertyActive   PropertyStatus = "active"
	PropertyInactive PropertyStatus = "inactive"
	PropertyUnknown  PropertyStatus = "unknown"
)

// Cleanliness is the housekeeping status of a unit.
type Cleanliness string

// The housekeeping states of a unit.
const (
	Clean              Cleanliness = "clean"
	Dirty              Cleanliness = "dirty"
	Inspected          Cleanliness = "inspected"
	CleaningInProgress Cleanliness = "in_progress"
	CleanlinessUnknown Cleanliness = "unknown"
)
