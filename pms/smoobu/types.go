package smoobu

import (
	"encoding/json"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// Reservation is a booking or a block, as the vendor writes it: three ways of
// naming in one record.
type Reservation struct {
	ID pms.Text `json:"id"`
	// ReferenceID is the channel's confirmation code.
	ReferenceID pms.Text `json:"reference-id"`
	// Type is "reservation", "modification of booking" (still active) or
	// "cancellation".
	Type pms.Text `json:"type"`
	// Arrival and Departure are days; they may be empty.
	Arrival   pms.Text `json:"arrival"`
	Departure pms.Text `json:"departure"`
	// CheckIn and CheckOut are the planned clock times, "15:00", or empty.
	CheckIn  pms.Text `json:"check-in"`
	CheckOut pms.Text `json:"check-out"`
	// CreatedAt and ModifiedAt are "2026-11-02 18:40", ModifiedAt with seconds
	// at times. Their zone is not stated.
	CreatedAt  pms.Text `json:"created-at"`
	ModifiedAt pms.Text `json:"modifiedAt"`

	Apartment Reference `json:"apartment"`
	// Channel has three ids that are the same in all accounts: [ChannelBlocked],
	// [ChannelDirect] and [ChannelAPI].
	Channel Reference `json:"channel"`
	// Related are linked apartments, if the query includes them.
	Related wire.List[Reference] `json:"related"`

	GuestName pms.Text `json:"guest-name"`
	Firstname pms.Text `json:"firstname"`
	Lastname  pms.Text `json:"lastname"`
	Email     pms.Text `json:"email"`
	Phone     pms.Text `json:"phone"`
	Language  pms.Text `json:"language"`
	GuestID   pms.Text `json:"guestId"`
	Adults    pms.Text `json:"adults"`
	Children  pms.Text `json:"children"`

	Notice          pms.Text `json:"notice"`
	AssistantNotice pms.Text `json:"assistant-notice"`

	// Price is the gross total in the currency of the apartment. The paid flags
	// are "Yes" or "No".
	Price              pms.Text `json:"price"`
	PriceDetails       pms.Text `json:"price-details"`
	PricePaid          pms.Text `json:"price-paid"`
	CommissionIncluded pms.Text `json:"commission-included"`
	CityTax            pms.Text `json:"city-tax"`
	Prepayment         pms.Text `json:"prepayment"`
	PrepaymentPaid     pms.Text `json:"prepayment-paid"`
	Deposit            pms.Text `json:"deposit"`
	DepositPaid        pms.Text `json:"deposit-paid"`

	GuestAppURL      pms.Text `json:"guest-app-url"`
	IsBlockedBooking pms.Text `json:"is-blocked-booking"`

	Raw json.RawMessage `json:"-"`
}

// Reference names another record.
type Reference struct {
	ID   pms.Text `json:"id"`
	Name pms.Text `json:"name"`
}

// The channels that are the same in all accounts.
const (
	ChannelBlocked = 11
	ChannelDirect  = 13
	ChannelAPI     = 70
)

// Apartment is a unit, as the list has it.
type Apartment struct {
	ID   pms.Text `json:"id"`
	Name pms.Text `json:"name"`

	Raw json.RawMessage `json:"-"`
}

// ApartmentDetails are the fields of a unit that the list lacks. They have
// neither id nor name.
type ApartmentDetails struct {
	Location Location `json:"location"`
	// TimeZone is an IANA name.
	TimeZone   pms.Text            `json:"timeZone"`
	Rooms      Rooms               `json:"rooms"`
	Equipments wire.List[pms.Text] `json:"equipments"`
	// Currency is an ISO 4217 code.
	Currency pms.Text `json:"currency"`
	Price    struct {
		Minimal pms.Text `json:"minimal"`
		Maximal pms.Text `json:"maximal"`
	} `json:"price"`
	Type Reference `json:"type"`

	Raw json.RawMessage `json:"-"`
}

// Location is an address. Country is a display name; Latitude and Longitude
// are decimal text.
type Location struct {
	Street    pms.Text `json:"street"`
	Zip       pms.Text `json:"zip"`
	City      pms.Text `json:"city"`
	Country   pms.Text `json:"country"`
	Latitude  pms.Text `json:"latitude"`
	Longitude pms.Text `json:"longitude"`
}

// Rooms counts rooms and people.
type Rooms struct {
	MaxOccupancy pms.Text `json:"maxOccupancy"`
	Bedrooms     pms.Text `json:"bedrooms"`
	Bathrooms    pms.Text `json:"bathrooms"`
}

// User is the owner of the account. ID comes with every webhook.
type User struct {
	ID        pms.Text `json:"id"`
	FirstName pms.Text `json:"firstName"`
	LastName  pms.Text `json:"lastName"`
	Email     pms.Text `json:"email"`
}

// The envelopes of the lists. Records tell a missing list from an empty one.
type reservationList struct {
	Bookings   wire.Records `json:"bookings"`
	PageSize   pms.Text     `json:"page_size"`
	PageCount  pms.Text     `json:"page_count"`
	TotalItems pms.Text     `json:"total_items"`
}

type apartmentList struct {
	Apartments wire.Records `json:"apartments"`
}

type apiFault struct {
	Title  pms.Text `json:"title"`
	Detail pms.Text `json:"detail"`
}
