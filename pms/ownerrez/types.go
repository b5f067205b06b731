package ownerrez

import (
	"encoding/json"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// Reservation is a row of the vendor's bookings, as the vendor writes it: a
// booking, an owner's stay, a block, a quote that holds its dates, or the copy
// of a booking on a linked property. Raw has its other fields, too.
type Reservation struct {
	ID         pms.Text `json:"id"`
	PropertyID pms.Text `json:"property_id"`
	GuestID    pms.Text `json:"guest_id"`
	// Guest has the names only, and only when asked for: see [Client.GetGuest].
	Guest ReservationGuest `json:"guest"`
	// Type is "booking", "owner", "block", "quote_hold" or
	// "linked_availability"; some answers write it in camel case.
	Type pms.Text `json:"type"`
	// IsBlock says that nobody stays.
	IsBlock pms.Text `json:"is_block"`
	// Status is "active", "pending" or "canceled". Blocks are active, too.
	Status pms.Text `json:"status"`

	// Arrival and Departure are days in the zone of the property.
	Arrival   pms.Text `json:"arrival"`
	Departure pms.Text `json:"departure"`
	// CheckIn and CheckOut are clock times, "16:00". Empty means the property's.
	CheckIn  pms.Text `json:"check_in"`
	CheckOut pms.Text `json:"check_out"`
	// CleaningDate is the day of the scheduled cleaning: see
	// [Client.SetCleaningDate].
	CleaningDate pms.Text `json:"cleaning_date"`

	Adults   pms.Text `json:"adults"`
	Children pms.Text `json:"children"`
	Infants  pms.Text `json:"infants"`
	Pets     pms.Text `json:"pets"`
	// Title is used on blocks.
	Title pms.Text `json:"title"`
	Notes pms.Text `json:"notes"`

	// ListingSite is the channel, "Airbnb", a free text. The next two are the
	// channel's confirmation number and the address by which it relays mail.
	ListingSite               pms.Text `json:"listing_site"`
	PlatformReservationNumber pms.Text `json:"platform_reservation_number"`
	PlatformEmailAddress      pms.Text `json:"platform_email_address"`

	// The stamps are UTC.
	CreatedUTC pms.Text `json:"created_utc"`
	UpdatedUTC pms.Text `json:"updated_utc"`

	CurrencyCode pms.Text `json:"currency_code"`
	TotalAmount  pms.Text `json:"total_amount"`

	Raw json.RawMessage `json:"-"`
}

// ReservationGuest is the guest of a reservation.
type ReservationGuest struct {
	FirstName pms.Text `json:"first_name"`
	LastName  pms.Text `json:"last_name"`
}

// Guest is a guest, as the vendor writes it. It has no stamp of change.
type Guest struct {
	ID             pms.Text                `json:"id"`
	FirstName      pms.Text                `json:"first_name"`
	LastName       pms.Text                `json:"last_name"`
	EmailAddresses wire.List[EmailAddress] `json:"email_addresses"`
	Phones         wire.List[Phone]        `json:"phones"`
	Notes          pms.Text                `json:"notes"`

	Raw json.RawMessage `json:"-"`
}

// EmailAddress is one of a guest's addresses.
type EmailAddress struct {
	Address   pms.Text `json:"address"`
	IsDefault pms.Text `json:"is_default"`
	Type      pms.Text `json:"type"`
}

// Phone is one of a guest's numbers.
type Phone struct {
	Number    pms.Text `json:"number"`
	Extension pms.Text `json:"extension"`
	IsDefault pms.Text `json:"is_default"`
	Type      pms.Text `json:"type"`
}

// Property is a property, as the vendor writes it. Rows of the list lack the
// address, the coordinates, the zone and other fields: see [Client.GetProperty].
type Property struct {
	ID pms.Text `json:"id"`
	// Name is the internal name, ExternalName the public one.
	Name         pms.Text `json:"name"`
	ExternalName pms.Text `json:"external_name"`
	InternalCode pms.Text `json:"internal_code"`
	Active       pms.Text `json:"active"`
	IsSnoozed    pms.Text `json:"is_snoozed"`
	Address      Address  `json:"address"`
	Latitude     pms.Text `json:"latitude"`
	Longitude    pms.Text `json:"longitude"`
	// TimeZone is an IANA name. It is often empty: then the account's holds.
	TimeZone   pms.Text `json:"time_zone"`
	CheckIn    pms.Text `json:"check_in"`
	CheckInEnd pms.Text `json:"check_in_end"`
	CheckOut   pms.Text `json:"check_out"`
	Bedrooms   pms.Text `json:"bedrooms"`
	// Bathrooms counts half rooms as whole.
	Bathrooms     pms.Text `json:"bathrooms"`
	BathroomsFull pms.Text `json:"bathrooms_full"`
	BathroomsHalf pms.Text `json:"bathrooms_half"`
	MaxGuests     pms.Text `json:"max_guests"`
	CurrencyCode  pms.Text `json:"currency_code"`
	OwnerID       pms.Text `json:"owner_id"`

	Raw json.RawMessage `json:"-"`
}

// Address is a postal address.
type Address struct {
	Street1    pms.Text `json:"street1"`
	Street2    pms.Text `json:"street2"`
	City       pms.Text `json:"city"`
	State      pms.Text `json:"state"`
	Province   pms.Text `json:"province"`
	PostalCode pms.Text `json:"postal_code"`
	Country    pms.Text `json:"country"`
}

// User is the account behind the credentials. Its shape is known from public
// clients (unverified).
type User struct {
	ID       pms.Text `json:"id"`
	TimeZone pms.Text `json:"time_zone"`

	Raw json.RawMessage `json:"-"`
}

// Webhook is a subscription to one action on one type of record.
type Webhook struct {
	ID pms.Text `json:"id"`
	// Type is "Booking" or another type of record, Action "EntityCreate",
	// "EntityUpdate" or "EntityDelete".
	Type   pms.Text `json:"type"`
	Action pms.Text `json:"action"`
	URL    pms.Text `json:"webhook_url"`
}

// list is the envelope of a list. An empty one has no items, but it states its
// place.
type list struct {
	Items       wire.Records `json:"items"`
	Limit       pms.Text     `json:"limit"`
	Offset      pms.Text     `json:"offset"`
	NextPageURL pms.Text     `json:"next_page_url"`
}

type apiFault struct {
	Messages wire.List[pms.Text] `json:"messages"`
	Status   pms.Text            `json:"status"`
	// Error is that of a 429.
	Error pms.Text `json:"error"`
}
