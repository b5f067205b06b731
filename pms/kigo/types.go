package kigo

import (
	"encoding/json"
	"strings"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// PropertyRef is a property as the list of them has it.
type PropertyRef struct {
	ID       pms.Text `json:"PROP_ID"`
	Name     pms.Text `json:"PROP_NAME"`
	Provider Provider `json:"PROP_PROVIDER"`

	Raw json.RawMessage `json:"-"`
}

// Provider says whose property it is. Type is "RA" or "AGENCY", among others.
type Provider struct {
	Type    pms.Text `json:"PROVIDER_TYPE"`
	RAID    pms.Text `json:"RA_ID"`
	OwnerID pms.Text `json:"OWNER_ID"`
}

// Property is a property in full. The code of its lock is in Raw only.
type Property struct {
	ID          pms.Text     `json:"PROP_ID"`
	Provider    Provider     `json:"PROP_PROVIDER"`
	InstantBook pms.Text     `json:"PROP_INSTANT_BOOK"`
	Info        PropertyInfo `json:"PROP_INFO"`
	Rate        struct {
		Currency pms.Text `json:"PROP_RATE_CURRENCY"`
	} `json:"PROP_RATE"`

	Raw json.RawMessage `json:"-"`
}

// PropertyInfo describes a property.
type PropertyInfo struct {
	Name     pms.Text `json:"PROP_NAME"`
	StreetNo pms.Text `json:"PROP_STREETNO"`
	Address1 pms.Text `json:"PROP_ADDR1"`
	Address2 pms.Text `json:"PROP_ADDR2"`
	Address3 pms.Text `json:"PROP_ADDR3"`
	AptNo    pms.Text `json:"PROP_APTNO"`
	PostCode pms.Text `json:"PROP_POSTCODE"`
	City     pms.Text `json:"PROP_CITY"`
	Region   pms.Text `json:"PROP_REGION"`
	// Country is an ISO 3166-1 alpha-2 code.
	Country pms.Text `json:"PROP_COUNTRY"`
	// Coordinates are decimal text.
	Coordinates struct {
		Latitude  pms.Text `json:"LATITUDE"`
		Longitude pms.Text `json:"LONGITUDE"`
	} `json:"PROP_LATLNG"`
	Phone     pms.Text `json:"PROP_PHONE"`
	Bedrooms  pms.Text `json:"PROP_BEDROOMS"`
	Beds      pms.Text `json:"PROP_BEDS"`
	Bathrooms pms.Text `json:"PROP_BATHROOMS"`
	Toilets   pms.Text `json:"PROP_TOILETS"`
	TypeID    pms.Text `json:"PROP_TYPE_ID"`
	// Size is in SizeUnit, "SQMETER" or "SQFEET".
	Size      pms.Text `json:"PROP_SIZE"`
	SizeUnit  pms.Text `json:"PROP_SIZE_UNIT"`
	Floor     pms.Text `json:"PROP_FLOOR"`
	MaxGuests pms.Text `json:"PROP_MAXGUESTS"`
	// CheckIn and CheckOut are clock times, "15:00". CleanTime is how long a
	// cleaning takes, "03:00"; see [PropertyInfo.CleaningTime].
	CheckIn       pms.Text `json:"PROP_CIN_TIME"`
	CheckOut      pms.Text `json:"PROP_COUT_TIME"`
	CleanTime     pms.Text `json:"PROP_CLEAN_TIME"`
	RentalDetails pms.Text `json:"PROP_RENTAL_DETAILS"`
	Inventory     pms.Text `json:"PROP_INVENTORY"`
	ArrivalSheet  pms.Text `json:"PROP_ARRIVAL_SHEET"`
}

// CalendarEntry is a stay in the calendar of a property.
type CalendarEntry struct {
	ReservationID pms.Text `json:"RES_ID"`
	// PropertyID is empty in the calendar of one property.
	PropertyID pms.Text `json:"PROP_ID"`
	// Status is "CONFIRMED", "HOLD", "CANCELED" or "CANCELED_HOLD".
	Status pms.Text `json:"RES_STATUS"`
	// CheckIn and CheckOut are "2006-01-02 15:04:05" in the property's wall time,
	// the time being the expected one.
	CheckIn  pms.Text `json:"RES_CHECK_IN"`
	CheckOut pms.Text `json:"RES_CHECK_OUT"`
	Owned    Owned    `json:"RES_IS_FOR"`

	Raw json.RawMessage `json:"-"`
}

// Owned says whether a calendar entry belongs to the account that asks
// (inferred). Only such entries can be read as a [Reservation].
type Owned string

// The values of Owned.
const (
	OwnedYes     Owned = "yes"
	OwnedNo      Owned = "no"
	OwnedUnknown Owned = "" // not stated
)

// UnmarshalJSON implements [json.Unmarshaler]. It tells false from nothing,
// which [pms.Text] does not.
func (o *Owned) UnmarshalJSON(data []byte) error {
	switch strings.ToLower(strings.Trim(string(data), `"`)) {
	case "true", "1":
		*o = OwnedYes
	case "false", "0":
		*o = OwnedNo
	default:
		*o = OwnedUnknown
	}
	return nil
}

// CalendarDiff is what changed in the calendars of all properties.
type CalendarDiff struct {
	List[CalendarEntry]
	// DiffID is what the next diff begins from.
	DiffID string
}

// Reservation is a reservation of the account.
type Reservation struct {
	ID         pms.Text `json:"RES_ID"`
	PropertyID pms.Text `json:"PROP_ID"`
	// Status has the words of [CalendarEntry].
	Status pms.Text `json:"RES_STATUS"`
	// Create, CheckIn and CheckOut are days.
	Create   pms.Text `json:"RES_CREATE"`
	CheckIn  pms.Text `json:"RES_CHECK_IN"`
	CheckOut pms.Text `json:"RES_CHECK_OUT"`
	Adults   pms.Text `json:"RES_N_ADULTS"`
	Children pms.Text `json:"RES_N_CHILDREN"`
	Babies   pms.Text `json:"RES_N_BABIES"`
	// The guest's fields stand beside the others, or in Nested.
	Guest
	Nested Guest `json:"RES_GUEST"`
	// Comment is the agency's own, CommentGuest the guest's.
	Comment      pms.Text             `json:"RES_COMMENT"`
	CommentGuest pms.Text             `json:"RES_COMMENT_GUEST"`
	SourceID     pms.Text             `json:"BOOKING_SOURCE_ID"`
	Attributes   wire.List[Attribute] `json:"RES_UDRA"`

	Raw json.RawMessage `json:"-"`
}

// Guest is who stays. Country is the code of a country.
type Guest struct {
	FirstName pms.Text `json:"RES_GUEST_FIRSTNAME"`
	LastName  pms.Text `json:"RES_GUEST_LASTNAME"`
	Email     pms.Text `json:"RES_GUEST_EMAIL"`
	Phone     pms.Text `json:"RES_GUEST_PHONE"`
	Country   pms.Text `json:"RES_GUEST_COUNTRY"`
}

// Attribute is a field that the agency defined: a text or one of its choices.
type Attribute struct {
	ID       pms.Text `json:"UDRA_ID"`
	Text     pms.Text `json:"UDRA_TEXT"`
	ChoiceID pms.Text `json:"UDRA_CHOICE_ID"`
}

// verdict is the head of every answer.
type verdict struct {
	Code   pms.Text `json:"API_RESULT_CODE"`
	Text   pms.Text `json:"API_RESULT_TEXT"`
	CallID pms.Text `json:"API_CALL_ID"`
}

// envelope is what every answer is in.
type envelope[T any] struct {
	verdict
	Reply T `json:"API_REPLY"`
}

// calendarDiff is a diff as it is sent. Records tell a missing list from an
// empty one.
type calendarDiff struct {
	DiffID  pms.Text     `json:"DIFF_ID"`
	Entries wire.Records `json:"RES_LIST"`
}
