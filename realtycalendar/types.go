package realtycalendar

import (
	"encoding/json"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// Reservation is a booking ("event_calendar") as the vendor writes it.
// Webhooks fill most fields; API v1 fills few and names the lot and the status
// its own way. Amounts are in rubles.
type Reservation struct {
	ID   pms.Text `json:"id"`
	UUID pms.Text `json:"uuid"`
	URL  pms.Text `json:"url"`
	// AgencyID is the account, UserID the user in it.
	AgencyID pms.Text `json:"agency_id"`
	UserID   pms.Text `json:"user_id"`

	// BeginDate is the day of arrival, EndDate that of departure. The times are
	// usually empty.
	BeginDate     pms.Text `json:"begin_date"`
	EndDate       pms.Text `json:"end_date"`
	ArrivalTime   pms.Text `json:"arrival_time"`
	DepartureTime pms.Text `json:"departure_time"`

	// RealtyID is the lot in webhooks, ApartmentID in API v1. RealtyRoomID is
	// the room in a lot that has rooms.
	RealtyID     pms.Text  `json:"realty_id"`
	ApartmentID  pms.Text  `json:"apartment_id"`
	RealtyRoomID pms.Text  `json:"realty_room_id"`
	Apartment    Apartment `json:"apartment"`
	Address      pms.Text  `json:"address"`

	// Status is "booked", "request", "canceled" or "deleted". A webhook has it
	// beside the booking and StatusCD in it: 5 booked, 4 request, 3 canceled
	// (unverified). A deleted booking keeps its StatusCD.
	Status   pms.Text `json:"status"`
	StatusCD pms.Text `json:"status_cd"`
	// IsDelete beats any status. The next three are not documented.
	IsDelete  pms.Text `json:"is_delete"`
	IsHidden  pms.Text `json:"is_hidden"`
	Preparing pms.Text `json:"preparing"`
	Closed    pms.Text `json:"closed"`

	BookedDate   pms.Text `json:"booked_date"`
	CanceledDate pms.Text `json:"canceled_date"`
	DeletedDate  pms.Text `json:"deleted_date"`
	CreatedAt    pms.Text `json:"created_at"`
	UpdatedAt    pms.Text `json:"updated_at"`
	SyncAt       pms.Text `json:"sync_at"`

	Amount              pms.Text `json:"amount"`
	Prepayment          pms.Text `json:"prepayment"`
	Payment             pms.Text `json:"payment"`
	Deposit             pms.Text `json:"deposit"`
	PricePerDay         pms.Text `json:"price_per_day"`
	PlatformTax         pms.Text `json:"platform_tax"`
	PlatformTaxCurrency pms.Text `json:"platform_tax_currency"`

	// Source is "manual" or the code of a channel; BookingOrigin is empty for
	// a direct booking.
	Source        pms.Text `json:"source"`
	BookingOrigin Origin   `json:"booking_origin"`
	// The partner's data are not documented; that PartnerUID is the channel's
	// code and PartnerGuestsCount the number of guests is unverified.
	Partner            pms.Text `json:"partner"`
	PartnerUID         pms.Text `json:"partner_uid"`
	PartnerGuestsCount pms.Text `json:"partner_guests_count"`

	ClientID pms.Text `json:"client_id"`
	Client   Guest    `json:"client"`
	Notes    pms.Text `json:"notes"`

	Raw json.RawMessage `json:"-"`
}

// Apartment is a lot.
type Apartment struct {
	ID      pms.Text `json:"id"`
	Title   pms.Text `json:"title"`
	Address pms.Text `json:"address"`
}

// Origin is the sales channel.
type Origin struct {
	ID    pms.Text `json:"id"`
	Title pms.Text `json:"title"`
}

// Guest is who booked, "client" in the vendor's words. FIO is the full name;
// phones are in any form.
type Guest struct {
	ID              pms.Text `json:"id"`
	FIO             pms.Text `json:"fio"`
	Phone           pms.Text `json:"phone"`
	AdditionalPhone pms.Text `json:"additional_phone"`
	Email           pms.Text `json:"email"`
}

// reservationList is the envelope of the list. Records tell a missing list from
// an empty one.
type reservationList struct {
	Bookings wire.Records `json:"bookings"`
}

type apiFault struct {
	Status pms.Text                       `json:"status"`
	Error  pms.Text                       `json:"error"`
	Errors map[string]wire.List[pms.Text] `json:"errors"`
}

// message is one webhook.
type message struct {
	Action pms.Text    `json:"action"`
	Status pms.Text    `json:"status"`
	Data   messageData `json:"data"`
	// Client is here in a mock of the vendor, and in the booking in real bodies.
	Client Guest `json:"client"`
}

type messageData struct {
	Booking json.RawMessage `json:"booking"`
	Changes changes         `json:"changes"`
}

// changes names what an update changed: by field, the old and the new value.
type changes struct {
	Booking  map[string]json.RawMessage `json:"event_calendar"`
	Client   map[string]json.RawMessage `json:"client"`
	Payments pms.Text                   `json:"event_calendar_payments"`
}
