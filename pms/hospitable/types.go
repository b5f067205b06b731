package hospitable

import (
	"encoding/json"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// Reservation is a stay of a guest or an owner. Guest, Properties, Financials
// and User are includes: they are empty unless they were asked for, and the
// token may see them.
type Reservation struct {
	ID pms.Text `json:"id"`
	// PlatformID is the confirmation code, which later answers repeat as "code".
	PlatformID pms.Text `json:"platform_id"`
	// Platform is "airbnb", "homeaway", "booking", "direct", "manual", or
	// another word.
	Platform    pms.Text `json:"platform"`
	BookingDate pms.Text `json:"booking_date"`
	// ArrivalDate and DepartureDate are days, as midnight with an offset; CheckIn
	// and CheckOut are times with their real offset.
	ArrivalDate   pms.Text `json:"arrival_date"`
	DepartureDate pms.Text `json:"departure_date"`
	CheckIn       pms.Text `json:"check_in"`
	CheckOut      pms.Text `json:"check_out"`
	// StayType is "guest_stay" or "owner_stay", or "guest" or "owner"; OwnerStay
	// is the older marker. Older answers have neither.
	StayType          pms.Text          `json:"stay_type"`
	OwnerStay         pms.Text          `json:"owner_stay"`
	ReservationStatus ReservationStatus `json:"reservation_status"`
	Guests            GuestCounts       `json:"guests"`
	// Notes are the host's.
	Notes      pms.Text `json:"notes"`
	IssueAlert pms.Text `json:"issue_alert"`

	Guest Guest `json:"guest"`
	// Properties holds the first property, which is the unit.
	Properties [1]Identity `json:"properties"`
	Financials Financials  `json:"financials"`
	User       Identity    `json:"user"`

	Raw json.RawMessage `json:"-"`
}

// ReservationStatus is where a reservation stands; its history is in Raw.
type ReservationStatus struct {
	Current Status `json:"current"`
}

// Status is a status. Category is "accepted", "request", "cancelled", "not
// accepted", "checkpoint" or "unknown".
type Status struct {
	Category    pms.Text `json:"category"`
	SubCategory pms.Text `json:"sub_category"`
}

// GuestCounts counts who stays.
type GuestCounts struct {
	Total    pms.Text `json:"total"`
	Adults   pms.Text `json:"adult_count"`
	Children pms.Text `json:"child_count"`
	Infants  pms.Text `json:"infant_count"`
	Pets     pms.Text `json:"pet_count"`
}

// Guest is the main guest.
type Guest struct {
	FirstName pms.Text `json:"first_name"`
	LastName  pms.Text `json:"last_name"`
	Email     pms.Text `json:"email"`
	// PhoneNumbers holds the first number.
	PhoneNumbers [1]pms.Text `json:"phone_numbers"`
	Language     pms.Text    `json:"language"`
}

// Identity names another record by its id.
type Identity struct {
	ID pms.Text `json:"id"`
}

// Reference names another record.
type Reference struct {
	ID   pms.Text `json:"id"`
	Name pms.Text `json:"name"`
}

// Financials is what a reservation costs the guest; what the host gets is in
// Raw.
type Financials struct {
	// Currency is an ISO 4217 code.
	Currency pms.Text `json:"currency"`
	Guest    struct {
		TotalPrice Amount `json:"total_price"`
	} `json:"guest"`
}

// Amount is an amount in the smallest unit of its currency.
type Amount struct {
	Amount pms.Text `json:"amount"`
}

// Property is a property, without its details, some of which are secret.
type Property struct {
	ID pms.Text `json:"id"`
	// Name is for the back office, PublicName the title.
	Name       pms.Text `json:"name"`
	PublicName pms.Text `json:"public_name"`
	Address    Address  `json:"address"`
	// TimeZone is an offset, "-0700", of the day of the answer.
	TimeZone pms.Text `json:"timezone"`
	// CheckIn and CheckOut are "16:00"; the OpenAPI file has other names for them
	// than the live API.
	CheckIn            pms.Text    `json:"checkin"`
	CheckOut           pms.Text    `json:"checkout"`
	DocumentedCheckIn  pms.Text    `json:"check-in"`
	DocumentedCheckOut pms.Text    `json:"check-out"`
	Listed             pms.Text    `json:"listed"`
	Currency           pms.Text    `json:"currency"`
	Capacity           Capacity    `json:"capacity"`
	Tags               []pms.Text  `json:"tags"`
	CalendarRestricted pms.Text    `json:"calendar_restricted"`
	ParentChild        ParentChild `json:"parent_child"`

	Raw json.RawMessage `json:"-"`
}

// Address is a postal address. Country is an ISO 3166-1 alpha-2 code.
type Address struct {
	Number      pms.Text    `json:"number"`
	Street      pms.Text    `json:"street"`
	City        pms.Text    `json:"city"`
	State       pms.Text    `json:"state"`
	Country     pms.Text    `json:"country"`
	Postcode    pms.Text    `json:"postcode"`
	Display     pms.Text    `json:"display"`
	Coordinates Coordinates `json:"coordinates"`
}

// Coordinates are degrees.
type Coordinates struct {
	Latitude  pms.Text `json:"latitude"`
	Longitude pms.Text `json:"longitude"`
}

// Capacity counts rooms and people.
type Capacity struct {
	Max       pms.Text `json:"max"`
	Bedrooms  pms.Text `json:"bedrooms"`
	Beds      pms.Text `json:"beds"`
	Bathrooms pms.Text `json:"bathrooms"`
}

// ParentChild is the place of a property in a multi-unit: Type is "parent" or
// "child", the others are ids.
type ParentChild struct {
	Type     pms.Text   `json:"type"`
	Parent   pms.Text   `json:"parent"`
	Children []pms.Text `json:"children"`
	Siblings []pms.Text `json:"siblings"`
}

// CalendarDay is a day of a property's calendar.
type CalendarDay struct {
	Date    pms.Text  `json:"date"`
	MinStay pms.Text  `json:"min_stay"`
	Note    pms.Text  `json:"note"`
	Status  DayStatus `json:"status"`

	Raw json.RawMessage `json:"-"`
}

// DayStatus says why a day is taken. Reason is "AVAILABLE", "RESERVED" or
// "BLOCKED"; SourceType is "USER" for a person, "RESERVATION", "VENDOR",
// "PLATFORM", or a rule: "AVAILABILITY_WINDOW", "TURNOVER_DAY",
// "ADVANCED_NOTICE", "UPSELL".
type DayStatus struct {
	Reason     pms.Text `json:"reason"`
	SourceType pms.Text `json:"source_type"`
	Available  pms.Text `json:"available"`
}

// Task is a piece of work in the vendor's list.
type Task struct {
	ID   pms.Text `json:"id"`
	Name pms.Text `json:"name"`
	Note pms.Text `json:"note"`
	// TaskType is one of the task types, ServiceID one of the services: their
	// numbers differ.
	TaskType  pms.Text `json:"task_type"`
	ServiceID pms.Text `json:"service_id"`
	// StartDate and EndDate are times with an offset, TimeZone is an IANA name.
	StartDate pms.Text `json:"start_date"`
	EndDate   pms.Text `json:"end_date"`
	TimeZone  pms.Text `json:"timezone"`
	// ProgressStatus is empty, "not_started", "on_the_way", "arrived",
	// "in_progress", "completed" or "cancelled".
	ProgressStatus pms.Text       `json:"progress_status"`
	Assignment     TaskAssignment `json:"task_assignment"`
	Property       Reference      `json:"property"`
	Reservation    struct {
		ID   pms.Text `json:"id"`
		Code pms.Text `json:"code"`
	} `json:"reservation"`
	Teammate Reference `json:"teammate"`

	Raw json.RawMessage `json:"-"`
}

// TaskAssignment says whether somebody does a task: "pending", "accepted",
// "rejected", "cancelled" or "unassigned".
type TaskAssignment struct {
	Status pms.Text `json:"status"`
}

// The task types, and the services whose numbers are others (seen live, August
// 2026).
const (
	TaskCleaning    = "1"
	TaskMaintenance = "5"

	ServiceCleaning    = "1"
	ServiceOwner       = "5"
	ServiceLaundry     = "7"
	ServiceMaintenance = "8"
)

// User is the owner of the token.
type User struct {
	ID    pms.Text `json:"id"`
	Email pms.Text `json:"email"`
	Name  pms.Text `json:"name"`
}

// Enrichment is the value of a short code of a reservation. A smartlock_code
// opens a door: treat Value as a secret.
type Enrichment struct {
	Key   pms.Text `json:"key"`
	Value pms.Text `json:"value"`
}

// String hides the value.
func (e Enrichment) String() string { return "hospitable.Enrichment{" + string(e.Key) + " [redacted]}" }

// GoString hides the value.
func (e Enrichment) GoString() string { return e.String() }

// The envelopes. Records tell a missing list from an empty one.
type listAnswer struct {
	Data wire.Records `json:"data"`
	Meta struct {
		CurrentPage pms.Text `json:"current_page"`
		LastPage    pms.Text `json:"last_page"`
		PerPage     pms.Text `json:"per_page"`
		Total       pms.Text `json:"total"`
	} `json:"meta"`
}

type oneAnswer struct {
	Data json.RawMessage `json:"data"`
}

type calendarAnswer struct {
	Data *struct {
		Days wire.Records `json:"days"`
	} `json:"data"`
}

// apiFault holds the shapes in which errors come.
type apiFault struct {
	ReasonPhrase pms.Text                   `json:"reason_phrase"`
	Message      pms.Text                   `json:"message"`
	Errors       map[string]json.RawMessage `json:"errors"`
}
