package domyland

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Customer is a client of the organisation. Scalars come as strings or numbers.
type Customer struct {
	ID             pms.Text `json:"id"`
	FirstName      pms.Text `json:"firstName"`
	LastName       pms.Text `json:"lastName"`
	MiddleName     pms.Text `json:"middleName"`
	FullName       pms.Text `json:"fullName"`
	PhoneNumber    pms.Text `json:"phoneNumber"`
	CustomerTypeID pms.Text `json:"customerTypeId"`
	CustomerStatus pms.Text `json:"customerStatus"`
	Sex            pms.Text `json:"sex"`
	Image          pms.Text `json:"image"`
	// LastActivity is probably empty for a client who was never online.
	LastActivity pms.Text `json:"lastActivity"`
	// Raw is the record as it came.
	Raw json.RawMessage `json:"-"`
}

// Place is a premise, Building a house. Which fields they have beyond the id is
// not known: see Raw.
type Place struct {
	ID  pms.Text        `json:"id"`
	Raw json.RawMessage `json:"-"`
}

// Building is a house. See [Place].
type Building struct {
	ID  pms.Text        `json:"id"`
	Raw json.RawMessage `json:"-"`
}

// Order is a resident's service request.
type Order struct {
	ID                  pms.Text        `json:"id"`
	ServiceID           pms.Text        `json:"serviceId"`
	EventID             pms.Text        `json:"eventId"`
	BuildingID          pms.Text        `json:"buildingId"`
	BuildingTitle       pms.Text        `json:"buildingTitle"`
	CustomerID          pms.Text        `json:"customerId"`
	PlaceID             pms.Text        `json:"placeId"`
	PlaceExtID          pms.Text        `json:"placeExtId"`
	PlaceNumber         pms.Text        `json:"placeNumber"`
	PlaceAddress        pms.Text        `json:"placeAddress"`
	ExtID               pms.Text        `json:"extId"`
	CustomerFullName    pms.Text        `json:"customerFullName"`
	CustomerShortName   pms.Text        `json:"customerShortName"`
	CustomerPhoneNumber pms.Text        `json:"customerPhoneNumber"`
	CustomerSummary     pms.Text        `json:"customerSummary"`
	Elements            []OrderElement  `json:"orderElements"`
	Status              OrderStatus     `json:"orderStatusId"`
	CreatedAt           Stamp           `json:"createdAt"`
	Raw                 json.RawMessage `json:"-"`
}

// OrderElement is a field that the resident has filled in.
type OrderElement struct {
	ElementTitle pms.Text `json:"elementTitle"`
	ValueTitle   pms.Text `json:"valueTitle"`
}

// OrderStatus is the state of an order.
type OrderStatus string

// The states of orders.
const (
	OrderWaiting    OrderStatus = "1"
	OrderInProgress OrderStatus = "2"
	OrderDone       OrderStatus = "3"
)

// UnmarshalJSON implements [json.Unmarshaler].
func (s *OrderStatus) UnmarshalJSON(data []byte) error {
	return (*pms.Text)(s).UnmarshalJSON(data)
}

// Stamp is a time in Unix seconds, as text.
type Stamp string

// UnmarshalJSON implements [json.Unmarshaler].
func (s *Stamp) UnmarshalJSON(data []byte) error {
	return (*pms.Text)(s).UnmarshalJSON(data)
}

// Time is the instant, or zero if the stamp is empty or unreadable.
func (s Stamp) Time() time.Time {
	seconds, err := strconv.ParseInt(string(s), 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
