package hostaway

import (
	"encoding/json"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// Listing is a listing, as the vendor writes it. Flags are 0 or 1.
type Listing struct {
	ID   pms.Text `json:"id"`
	Name pms.Text `json:"name"`
	// InternalListingName is the name in the back office.
	InternalListingName pms.Text `json:"internalListingName"`

	// Address is the whole address; the next six are its parts.
	Address     pms.Text `json:"address"`
	Country     pms.Text `json:"country"`
	CountryCode pms.Text `json:"countryCode"`
	State       pms.Text `json:"state"`
	City        pms.Text `json:"city"`
	Street      pms.Text `json:"street"`
	Zipcode     pms.Text `json:"zipcode"`
	Lat         pms.Text `json:"lat"`
	Lng         pms.Text `json:"lng"`

	// TimeZoneName is an IANA zone. The times are whole hours in it, 0 to 23.
	TimeZoneName     pms.Text `json:"timeZoneName"`
	CheckInTimeStart pms.Text `json:"checkInTimeStart"`
	CheckInTimeEnd   pms.Text `json:"checkInTimeEnd"`
	CheckOutTime     pms.Text `json:"checkOutTime"`

	PersonCapacity  pms.Text `json:"personCapacity"`
	BedroomsNumber  pms.Text `json:"bedroomsNumber"`
	BedsNumber      pms.Text `json:"bedsNumber"`
	BathroomsNumber pms.Text `json:"bathroomsNumber"`

	// CleannessStatus has no documented values.
	CleannessStatus          pms.Text `json:"cleannessStatus"`
	CleannessStatusUpdatedOn pms.Text `json:"cleannessStatusUpdatedOn"`
	CleaningInstruction      pms.Text `json:"cleaningInstruction"`
	// SpecialStatus is "archived" or empty.
	SpecialStatus pms.Text `json:"specialStatus"`

	Raw json.RawMessage `json:"-"`
}

// ListingUnit is a unit of a listing that is a unit type. ListingMapIDUnit is
// the listing of the unit itself, if it has one (unverified what it means for
// reservations).
type ListingUnit struct {
	ID               pms.Text `json:"id"`
	Name             pms.Text `json:"name"`
	Ground           pms.Text `json:"ground"`
	UnitNumber       pms.Text `json:"unitNumber"`
	ListingMapIDUnit pms.Text `json:"listingMapIdUnit"`

	Raw json.RawMessage `json:"-"`
}

// Reservation is a reservation, as the vendor writes it; Raw has its other
// fields, too. Stamps are UTC without a zone, flags 0 or 1, amounts major units
// of Currency.
type Reservation struct {
	ID           pms.Text `json:"id"`
	ListingMapID pms.Text `json:"listingMapId"`
	// ChannelID is one of the documented numbers, ChannelName its word.
	ChannelID   pms.Text `json:"channelId"`
	ChannelName pms.Text `json:"channelName"`
	// ReservationID and ChannelReservationID are the channel's, the same value.
	ReservationID        pms.Text `json:"reservationId"`
	ChannelReservationID pms.Text `json:"channelReservationId"`
	// ConfirmationCode is Airbnb's.
	ConfirmationCode pms.Text `json:"confirmationCode"`
	ReservationDate  pms.Text `json:"reservationDate"`

	ArrivalDate   pms.Text `json:"arrivalDate"`
	DepartureDate pms.Text `json:"departureDate"`
	// IsDatesUnspecified says that the channel gave no dates. Both are then
	// yesterday.
	IsDatesUnspecified pms.Text `json:"isDatesUnspecified"`
	// CheckInTime and CheckOutTime are whole hours of the listing's clock, 0 to
	// 23; empty means the listing's.
	CheckInTime  pms.Text `json:"checkInTime"`
	CheckOutTime pms.Text `json:"checkOutTime"`

	NumberOfGuests pms.Text `json:"numberOfGuests"`
	Adults         pms.Text `json:"adults"`
	Children       pms.Text `json:"children"`
	Infants        pms.Text `json:"infants"`
	Pets           pms.Text `json:"pets"`

	GuestName      pms.Text `json:"guestName"`
	GuestFirstName pms.Text `json:"guestFirstName"`
	GuestLastName  pms.Text `json:"guestLastName"`
	GuestEmail     pms.Text `json:"guestEmail"`
	GuestLocale    pms.Text `json:"guestLocale"`
	Phone          pms.Text `json:"phone"`

	Status pms.Text `json:"status"`
	// BookingcomNoShowReportedAt is the only sign of a no-show: in GetReservation
	// alone, in the account's zone.
	BookingcomNoShowReportedAt pms.Text `json:"bookingcomNoShowReportedAt"`

	HostNote  pms.Text `json:"hostNote"`
	GuestNote pms.Text `json:"guestNote"`
	Comment   pms.Text `json:"comment"`

	TotalPrice pms.Text `json:"totalPrice"`
	Currency   pms.Text `json:"currency"`

	// UpdatedOn is in no field table of the vendor.
	UpdatedOn pms.Text `json:"updatedOn"`

	// ReservationUnit are the units of a listing that has units.
	ReservationUnit []ReservationUnit `json:"reservationUnit"`

	Raw json.RawMessage `json:"-"`
}

// ReservationUnit is one unit of a reservation.
type ReservationUnit struct {
	ID             pms.Text `json:"id"`
	ListingUnitID  pms.Text `json:"listingUnitId"`
	GuestName      pms.Text `json:"guestName"`
	NumberOfGuests pms.Text `json:"numberOfGuests"`
	Adults         pms.Text `json:"adults"`
	Children       pms.Text `json:"children"`
	Infants        pms.Text `json:"infants"`
	Pets           pms.Text `json:"pets"`
}

// CalendarDay is one day of a listing. Status is "available", "blocked" (by
// hand), "reserved", "pending" or "hardBlock", or one of the deprecated
// "conflicted", "mblocked" and "mreserved".
type CalendarDay struct {
	Date        pms.Text `json:"date"`
	IsAvailable pms.Text `json:"isAvailable"`
	Status      pms.Text `json:"status"`
	Note        pms.Text `json:"note"`
	// The next three count the units of a listing that has units.
	CountAvailableUnits pms.Text `json:"countAvailableUnits"`
	CountReservedUnits  pms.Text `json:"countReservedUnits"`
	CountBlockedUnits   pms.Text `json:"countBlockedUnits"`

	Raw json.RawMessage `json:"-"`
}

// Webhook is a unified webhook: it gets every event of the account.
type Webhook struct {
	ID        pms.Text `json:"id"`
	IsEnabled pms.Text `json:"isEnabled"`
	URL       pms.Text `json:"url"`
	// Login and Password are what deliveries carry as HTTP Basic, if both are
	// set.
	Login                pms.Text `json:"login"`
	Password             pms.Text `json:"password"`
	AlertingEmailAddress pms.Text `json:"alertingEmailAddress"`
}

// String hides the credentials.
func (Webhook) String() string { return "hostaway.Webhook{[redacted]}" }

// GoString hides the credentials.
func (w Webhook) GoString() string { return w.String() }

// Task is a task, as the vendor writes it. Stamps are UTC without a zone.
type Task struct {
	ID            pms.Text `json:"id"`
	ListingMapID  pms.Text `json:"listingMapId"`
	ReservationID pms.Text `json:"reservationId"`
	// AutoTaskID is set for a task that one of the account's rules made.
	AutoTaskID     pms.Text `json:"autoTaskId"`
	AssigneeUserID pms.Text `json:"assigneeUserId"`
	Title          pms.Text `json:"title"`
	Description    pms.Text `json:"description"`
	CanStartFrom   pms.Text `json:"canStartFrom"`
	ShouldEndBy    pms.Text `json:"shouldEndBy"`
	// Status is a [TaskStatus].
	Status         pms.Text `json:"status"`
	ResolutionNote pms.Text `json:"resolutionNote"`
	StartedAt      pms.Text `json:"startedAt"`
	ConfirmedAt    pms.Text `json:"confirmedAt"`
	CompletedAt    pms.Text `json:"completedAt"`

	Raw json.RawMessage `json:"-"`
}

// envelope is around nearly every answer. Result is a text when Status is
// "fail".
type envelope[T any] struct {
	Status pms.Text `json:"status"`
	Result T        `json:"result"`
	// Count is the length of the whole list, Limit the size of its pages.
	Count pms.Text `json:"count"`
	Limit pms.Text `json:"limit"`
}

// list is the envelope of a list. Records tell a missing list from an empty
// one.
type list = envelope[wire.Records]

type apiFault struct {
	Status  pms.Text `json:"status"`
	Message pms.Text `json:"message"`
	Result  pms.Text `json:"result"`
}
