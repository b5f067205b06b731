package escapia

import (
	"encoding/json"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// HoldType says what a reservation is.
type HoldType string

// The hold types (Swagger file, version 10).
const (
	HoldNone           HoldType = "None" // a guest's stay
	HoldOwner          HoldType = "Owner"
	HoldGuestOfOwner   HoldType = "GuestOfOwner"
	HoldMaintenance    HoldType = "Maintenance"
	HoldSoftBlock      HoldType = "SoftBlock"
	HoldGroupSoftBlock HoldType = "GroupSoftBlock"
	HoldUnavailable    HoldType = "Unavailable"
)

// DateRange is a range of days.
type DateRange struct {
	StartDate pms.Text `json:"startDate"`
	EndDate   pms.Text `json:"endDate"`
}

// ReservationSummary is a row of the search, as the vendor writes it; Raw has
// its other fields, too. It tells neither status nor clock times.
type ReservationSummary struct {
	NativePMSID       pms.Text  `json:"nativePMSID"`
	ReservationNumber pms.Text  `json:"reservationNumber"`
	StayDateRange     DateRange `json:"stayDateRange"`
	UnitNativePMSID   pms.Text  `json:"unitNativePMSID"`
	// HoldType is a [HoldType].
	HoldType   pms.Text `json:"holdType"`
	Confirmed  pms.Text `json:"confirmed"`
	GuestCount pms.Text `json:"guestCount"`
	// Total is in major units of a currency that is not told.
	Total                      pms.Text `json:"total"`
	ReservationTypeNativePMSID pms.Text `json:"reservationTypeNativePMSID"`
	HousekeepingNotes          pms.Text `json:"housekeepingNotes"`

	Raw json.RawMessage `json:"-"`
}

// Reservation is a reservation, as the vendor writes it; Raw has its other
// fields, too, door codes among them. Total is in major units of a currency
// that is not told. Stamps and times are of the manager's zone.
type Reservation struct {
	NativePMSID pms.Text `json:"nativePMSID"`
	// ReservationNumber is the number that the guest knows, "RES-18186".
	ReservationNumber pms.Text  `json:"reservationNumber"`
	UnitNativePMSID   pms.Text  `json:"unitNativePMSID"`
	StayDateRange     DateRange `json:"stayDateRange"`
	// CheckInTime and CheckOutTime are "16:00:00", with a fraction or without.
	CheckInTime  pms.Text `json:"checkInTime"`
	CheckOutTime pms.Text `json:"checkOutTime"`

	// Status is "Unconfirmed", "Confirmed" or "Cancelled", OccupancyStatus
	// "AwaitingCheckIn", "CheckedIn" or "CheckedOut", HoldType a [HoldType].
	Status                     pms.Text `json:"status"`
	OccupancyStatus            pms.Text `json:"occupancyStatus"`
	HoldType                   pms.Text `json:"holdType"`
	ReservationTypeNativePMSID pms.Text `json:"reservationTypeNativePMSID"`

	Guests   []Guest  `json:"guests"`
	Adults   pms.Text `json:"adults"`
	Children pms.Text `json:"children"`

	Total pms.Text `json:"total"`

	BookingChannel BookingChannel `json:"bookingChannel"`
	Notes          []Note         `json:"notes"`
	CreatedAt      pms.Text       `json:"createdAt"`

	Raw json.RawMessage `json:"-"`
}

// BookingChannel is where a reservation came from.
type BookingChannel struct {
	DisplayName pms.Text `json:"displayName"`
	Value       pms.Text `json:"value"`
}

// Note is a note of a reservation.
type Note struct {
	Text pms.Text `json:"text"`
}

// Guest is a guest of a reservation.
type Guest struct {
	FirstName         pms.Text `json:"firstName"`
	LastName          pms.Text `json:"lastName"`
	FullNameFirstLast pms.Text `json:"fullNameFirstLast"`
	IsPrimaryGuest    pms.Text `json:"isPrimaryGuest"`
	Phones            []Phone  `json:"phones"`
	Emails            []Email  `json:"emails"`
}

// Phone is a number in parts, or whole in Number.
type Phone struct {
	CountryCode pms.Text `json:"countryCode"`
	AreaCode    pms.Text `json:"areaCode"`
	Number      pms.Text `json:"number"`
	Extension   pms.Text `json:"extension"`
	IsPrimary   pms.Text `json:"isPrimary"`
}

// Email is an address of a guest.
type Email struct {
	Address   pms.Text `json:"address"`
	IsPrimary pms.Text `json:"isPrimary"`
}

// Change is the latest change of a reservation. ChangeType is "Create",
// "Update" or "Delete".
type Change struct {
	NativePMSID pms.Text `json:"nativePMSID"`
	ChangeType  pms.Text `json:"changeType"`
	ChangeTime  pms.Text `json:"changeTime"`

	Raw json.RawMessage `json:"-"`
}

// UnitSummary is a row of the search of units.
type UnitSummary struct {
	NativePMSID                pms.Text           `json:"nativePMSID"`
	Code                       pms.Text           `json:"code"`
	Name                       pms.Text           `json:"name"`
	UnitHousekeepingStatusType HousekeepingStatus `json:"unitHousekeepingStatusType"`

	Raw json.RawMessage `json:"-"`
}

// Unit is a unit, as the vendor writes it; Raw has its other fields, too, key
// codes among them.
type Unit struct {
	NativePMSID pms.Text    `json:"nativePMSID"`
	UnitCode    pms.Text    `json:"unitCode"`
	UnitName    pms.Text    `json:"unitName"`
	UnitComplex pms.Text    `json:"unitComplex"`
	Address     UnitAddress `json:"address"`
	Latitude    pms.Text    `json:"latitude"`
	Longitude   pms.Text    `json:"longitude"`
	// The numbers are decimals.
	Bedrooms  pms.Text `json:"bedrooms"`
	Bathrooms pms.Text `json:"bathrooms"`
	Sleeps    pms.Text `json:"sleeps"`
	// IsActive is true, false or, if it is not told, null or empty.
	IsActive                   json.RawMessage    `json:"isActive"`
	UnitHousekeepingStatusType HousekeepingStatus `json:"unitHousekeepingStatusType"`
	HousekeepingNotes          pms.Text           `json:"housekeepingNotes"`

	Raw json.RawMessage `json:"-"`
}

// UnitAddress is where a unit is.
type UnitAddress struct {
	Street1  pms.Text `json:"street1"`
	Street2  pms.Text `json:"street2"`
	City     pms.Text `json:"city"`
	State    pms.Text `json:"state"`
	Province pms.Text `json:"province"`
	Zip      pms.Text `json:"zip"`
	Country  pms.Text `json:"country"`
}

// HousekeepingStatus is a status that the manager has defined. Of the status of
// a unit only Name and NativePMSID are told.
type HousekeepingStatus struct {
	NativePMSID pms.Text `json:"nativePMSID"`
	Name        pms.Text `json:"name"`
	// NativeStatusID is the number by which tasks name the status.
	NativeStatusID      pms.Text `json:"nativeStatusId"`
	IsDefaultOnCheckIn  pms.Text `json:"isDefaultOnCheckIn"`
	IsDefaultOnCheckOut pms.Text `json:"isDefaultOnCheckOut"`
}

// HousekeepingTask is a task, as the vendor writes it.
type HousekeepingTask struct {
	NativePMSID     pms.Text `json:"nativePMSID"`
	NativePMSUnitID pms.Text `json:"nativePMSUnitID"`
	// ReservationNumber is a number here.
	ReservationNumber pms.Text `json:"reservationNumber"`
	CleaningTypeCode  pms.Text `json:"cleaningTypeCode"`
	AssignedToID      pms.Text `json:"assignedToId"`
	DayOfWeek         pms.Text `json:"dayOfWeek"`
	LaborHours        pms.Text `json:"laborHours"`
	// ScheduledDate is a day.
	ScheduledDate pms.Text `json:"scheduledDate"`
	// CleanStatusID is the NativeStatusID of a [HousekeepingStatus].
	CleanStatusID pms.Text `json:"cleanStatusID"`
}

// Company is a property manager who granted the partner access.
type Company struct {
	PMCID     pms.Text `json:"pmcid"`
	EndSystem pms.Text `json:"endSystem"`
	Name      pms.Text `json:"name"`
}

// results is the answer of a search.
type results struct {
	Results    wire.Records `json:"results"`
	TotalCount pms.Text     `json:"totalCount"`
	PageSize   pms.Text     `json:"pageSize"`
}

// search is the body of a search.
type search[T any] struct {
	Specification T   `json:"specification"`
	PageSize      int `json:"pageSize"`
	PageNumber    int `json:"pageNumber"`
}

// dayRange is a range of days in a request.
type dayRange struct {
	StartDate pms.Date `json:"startDate"`
	EndDate   pms.Date `json:"endDate"`
}

// diagnosis says why a call failed under status 200.
type diagnosis struct {
	DisplayMessage  pms.Text `json:"displayMessage"`
	InternalMessage pms.Text `json:"internalMessage"`
}
