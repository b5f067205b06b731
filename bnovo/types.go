package bnovo

import (
	"encoding/json"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// Reservation is a booking of the open API, as the vendor writes it.
type Reservation struct {
	ID      pms.Text `json:"id"`
	HotelID pms.Text `json:"hotel_id"`
	// Number is for people, "77LEK-231225". LinkID is shared by linked
	// reservations (unverified).
	Number            pms.Text          `json:"number"`
	LinkID            pms.Text          `json:"link_id"`
	ProviderBookingID pms.Text          `json:"provider_booking_id"`
	Status            ReservationStatus `json:"status"`
	Source            Source            `json:"source"`
	Dates             Dates             `json:"dates"`
	EarlyCheckIn      pms.Text          `json:"early_check_in"`
	LateCheckOut      pms.Text          `json:"late_check_out"`
	// RoomID is 0 or empty while no room is assigned (unverified).
	RoomID     pms.Text `json:"room_id"`
	RoomName   pms.Text `json:"room_name"`
	RoomTypeID pms.Text `json:"room_type_id"`
	// CurrentRoomCleanStatus has no documented values.
	CurrentRoomCleanStatus pms.Text `json:"current_room_clean_status"`
	Extra                  Extra    `json:"extra"`
	Customer               Customer `json:"customer"`
	// Amount is in the account's currency, which the vendor does not name.
	Amount   pms.Text `json:"amount"`
	PlanName pms.Text `json:"plan_name"`
	Notes    pms.Text `json:"notes"`
	// Prices has one entry a night; the room can differ between nights.
	Prices []Night `json:"prices"`

	Raw json.RawMessage `json:"-"`
}

// ReservationStatus is the status of a reservation: 1 new, 2 cancelled, 3
// checked in, 4 checked out, 5 verified by the staff, 6 under review.
type ReservationStatus struct {
	ID   pms.Text `json:"id"`
	Name pms.Text `json:"name"`
}

// Source is the sales channel; id 0 is direct.
type Source struct {
	ID   pms.Text `json:"id"`
	Name pms.Text `json:"name"`
}

// Dates are the stamps of a reservation. Those of the stay carry the hotel's
// offset, "2025-12-23 14:00:00+03"; the others carry none.
type Dates struct {
	CreateDate        pms.Text `json:"create_date"`
	UpdateDate        pms.Text `json:"update_date"`
	CancelDate        pms.Text `json:"cancel_date"`
	Arrival           pms.Text `json:"arrival"`
	Departure         pms.Text `json:"departure"`
	RealArrival       pms.Text `json:"real_arrival"`
	RealDeparture     pms.Text `json:"real_departure"`
	OriginalArrival   pms.Text `json:"original_arrival"`
	OriginalDeparture pms.Text `json:"original_departure"`
}

// Extra counts the guests.
type Extra struct {
	Adults   pms.Text `json:"adults"`
	Children pms.Text `json:"children"`
}

// Customer is the main guest; it may be empty.
type Customer struct {
	ID      pms.Text `json:"id"`
	Name    pms.Text `json:"name"`
	Surname pms.Text `json:"surname"`
	Phone   pms.Text `json:"phone"`
	Email   pms.Text `json:"email"`
	Notes   pms.Text `json:"notes"`
}

// Night is one night of a stay, or a service (RoomID 0 or empty).
type Night struct {
	Date     pms.Text `json:"date"`
	Price    pms.Text `json:"price"`
	RoomID   pms.Text `json:"room_id"`
	RoomName pms.Text `json:"room_name"`
}

// Room is a unit.
type Room struct {
	ID         pms.Text `json:"id"`
	HotelID    pms.Text `json:"hotel_id"`
	RoomTypeID pms.Text `json:"room_type_id"`
	Name       pms.Text `json:"name"`
	RoomType   pms.Text `json:"room_type"`
	Tags       pms.Text `json:"tags"`
	SortOrder  pms.Text `json:"sort_order"`
	// CleanStatus has no documented values.
	CleanStatus pms.Text `json:"clean_status"`

	Raw json.RawMessage `json:"-"`
}

// RoomType is a category of rooms. ParentID is 0 at the top level.
type RoomType struct {
	ID          pms.Text `json:"id"`
	HotelID     pms.Text `json:"hotel_id"`
	ParentID    pms.Text `json:"parent_id"`
	Name        pms.Text `json:"name"`
	Type        pms.Text `json:"type"`
	Adults      pms.Text `json:"adults"`
	Children    pms.Text `json:"children"`
	Price       pms.Text `json:"price"`
	Board       pms.Text `json:"board"`
	Description pms.Text `json:"description"`

	Raw json.RawMessage `json:"-"`
}

// Closure is a period in which a room is not sold. Its dates are hotel time
// without an offset: "2026-07-01 14:00:00" in the open API, "01-07-2026" in
// the session API.
type Closure struct {
	ID       pms.Text `json:"id"`
	HotelID  pms.Text `json:"hotel_id"`
	RoomID   pms.Text `json:"room_id"`
	Reason   pms.Text `json:"reason"`
	Comment  pms.Text `json:"comment"`
	DateFrom pms.Text `json:"date_from"`
	DateTo   pms.Text `json:"date_to"`

	Raw json.RawMessage `json:"-"`
}

// Subscriber is a webhook that is set up.
type Subscriber struct {
	ExternalHotelID pms.Text `json:"external_hotel_id"`
	URL             pms.Text `json:"url"`
	// Type is "booking" or "plans_data_update".
	Type pms.Text `json:"type"`
}

// meta is the place of a page in its list.
type meta struct {
	Total pms.Text `json:"total"`
}

// The envelopes of the lists. Records tell a missing list from an empty one.
type reservationList struct {
	Data struct {
		Bookings wire.Records `json:"bookings"`
		Meta     meta         `json:"meta"`
	} `json:"data"`
}

type roomList struct {
	Data struct {
		Rooms wire.Records `json:"rooms"`
		Meta  meta         `json:"meta"`
	} `json:"data"`
}

type roomTypeList struct {
	Data struct {
		RoomTypes wire.Records `json:"room_types"`
		Meta      meta         `json:"meta"`
	} `json:"data"`
}

type closureList struct {
	Closures wire.Records `json:"closures"`
}

type apiFault struct {
	Error struct {
		Code    pms.Text            `json:"code"`
		Message pms.Text            `json:"message"`
		Errors  map[string]pms.Text `json:"errors"`
	} `json:"error"`
}
