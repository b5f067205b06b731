package remonline

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// Order is an order as the vendor writes it. Stamps are ISO 8601; money is
// decimal text in the company's currency.
type Order struct {
	ID pms.Text `json:"id"`
	// Number is for people, "TV-0412".
	Number        pms.Text  `json:"number"`
	Status        Status    `json:"status"`
	StatusOverdue pms.Text  `json:"status_overdue"`
	OrderType     OrderType `json:"order_type"`
	// BranchID is the id of a Location.
	BranchID   pms.Text `json:"branch_id"`
	Client     Contact  `json:"client"`
	Payer      Contact  `json:"payer"`
	ManagerID  pms.Text `json:"manager_id"`
	AssigneeID pms.Text `json:"assignee_id"`
	CreatedBy  pms.Text `json:"created_by_id"`
	ClosedBy   pms.Text `json:"closed_by_id"`
	Asset      Asset    `json:"asset"`
	Resource   Resource `json:"resource"`

	CreatedAt    pms.Text `json:"created_at"`
	ModifiedAt   pms.Text `json:"modified_at"`
	DoneAt       pms.Text `json:"done_at"`
	ClosedAt     pms.Text `json:"closed_at"`
	DueDate      pms.Text `json:"due_date"`
	ScheduledFor pms.Text `json:"scheduled_for"`
	ScheduledTo  pms.Text `json:"scheduled_to"`
	// WarrantyDate may be a bare date.
	WarrantyDate pms.Text `json:"warranty_date"`

	Overdue             pms.Text `json:"overdue"`
	Urgent              pms.Text `json:"urgent"`
	IsDeductionRequired pms.Text `json:"is_deduction_required"`

	Malfunction   pms.Text `json:"malfunction"`
	ManagerNotes  pms.Text `json:"manager_notes"`
	EngineerNotes pms.Text `json:"engineer_notes"`
	Resume        pms.Text `json:"resume"`
	Address       pms.Text `json:"address"`

	// EstimatedPrice is text for people, "4000-4500".
	EstimatedPrice pms.Text `json:"estimated_price"`
	Total          pms.Text `json:"total"`
	DiscountSum    pms.Text `json:"discount_sum"`
	// Payed is the vendor's spelling.
	Payed pms.Text `json:"payed"`

	AdCampaignID pms.Text     `json:"ad_campaign_id"`
	CustomFields CustomFields `json:"custom_fields"`

	Raw json.RawMessage `json:"-"`
}

// CustomFields are values by key "f<id>".
type CustomFields map[string]pms.Text

// UnmarshalJSON implements [json.Unmarshaler]: an empty map may come as a list.
func (f *CustomFields) UnmarshalJSON(data []byte) error {
	*f = nil
	if len(data) == 0 || data[0] != '{' {
		return nil
	}
	return json.Unmarshal(data, (*map[string]pms.Text)(f))
}

// Status is a stage of an order. Its name is free text of the account.
type Status struct {
	ID    pms.Text    `json:"id"`
	Name  pms.Text    `json:"name"`
	Color pms.Text    `json:"color"`
	Group StatusGroup `json:"group"`
}

// StatusGroup is the fixed meaning of a status. Type is one of the Group
// constants (unverified for API v2); Name is its title in the account's
// language.
type StatusGroup struct {
	Type pms.Text `json:"type"`
	Name pms.Text `json:"name"`
}

// The groups of statuses.
const (
	GroupCustom     = "0" // user defined, rare
	GroupNew        = "1"
	GroupInProgress = "2"
	GroupPending    = "3"
	GroupDone       = "4"
	GroupDelivery   = "5"
	GroupClosed     = "6" // closed, successful
	GroupDroppedOff = "7" // closed, unsuccessful
)

// OrderType is a type of orders. Lists write its name as Title, orders as
// Name.
type OrderType struct {
	ID    pms.Text `json:"id"`
	Name  pms.Text `json:"name"`
	Title pms.Text `json:"title"`
}

// Label returns the name, wherever it is.
func (t OrderType) Label() string { return string(cmp.Or(t.Name, t.Title)) }

// Asset is what an order is about: a device, a flat, a unit.
type Asset struct {
	ID           pms.Text     `json:"id"`
	UID          pms.Text     `json:"uid"`
	Title        pms.Text     `json:"title"`
	Group        pms.Text     `json:"group"`
	Brand        pms.Text     `json:"brand"`
	Model        pms.Text     `json:"model"`
	Modification pms.Text     `json:"modification"`
	Year         pms.Text     `json:"year"`
	CustomFields CustomFields `json:"custom_fields"`
}

// Resource is what an appointment occupies.
type Resource struct {
	ID   pms.Text `json:"id"`
	Name pms.Text `json:"name"`
}

// Item is a service or a product of an order. Quantity, Price and Cost are
// decimal text; Price and Cost are of one unit.
type Item struct {
	ID         pms.Text   `json:"id"`
	CreatedAt  pms.Text   `json:"created_at"`
	AssigneeID pms.Text   `json:"assignee_id"`
	Entity     ItemEntity `json:"entity"`
	Quantity   pms.Text   `json:"quantity"`
	Price      pms.Text   `json:"price"`
	Cost       pms.Text   `json:"cost"`
	IsRefunded pms.Text   `json:"is_refunded"`
	Comment    pms.Text   `json:"comment"`
	Discount   Discount   `json:"discount"`
	Warranty   Warranty   `json:"warranty"`

	Raw json.RawMessage `json:"-"`
}

// ItemEntity is the catalogue entry behind an item. Type is "service" or
// "product".
type ItemEntity struct {
	ID    pms.Text `json:"id"`
	Type  pms.Text `json:"type"`
	Title pms.Text `json:"title"`
	Code  pms.Text `json:"code"`
	SKU   pms.Text `json:"sku"`
}

// Discount of an item. Type is "percentage" or "value".
type Discount struct {
	Type       pms.Text `json:"type"`
	Percentage pms.Text `json:"percentage"`
	Amount     pms.Text `json:"amount"`
	Sponsor    pms.Text `json:"sponsor"`
}

// Warranty of an item. Unit is "days", "months" or "years".
type Warranty struct {
	Period pms.Text `json:"period"`
	Unit   pms.Text `json:"unit"`
}

// Contact is a client: a person or an organization, in a list of contacts or
// inside an order.
type Contact struct {
	ID pms.Text `json:"id"`
	// IsOrganization is stated inside orders; [People] and [Organizations] set it.
	IsOrganization pms.Text `json:"is_organization"`
	// Name is an organization's. A person may have it instead of the other two.
	Name      pms.Text `json:"name"`
	FirstName pms.Text `json:"first_name"`
	LastName  pms.Text `json:"last_name"`
	Birthday  Birthday `json:"birthday"`
	Email     pms.Text `json:"email"`
	// Orders write either of the two. [Contact.PhoneNumbers] reads both.
	Phone  Phones `json:"phone"`
	Phones Phones `json:"phones"`

	Address      pms.Text     `json:"address"`
	Notes        pms.Text     `json:"notes"`
	DiscountCode pms.Text     `json:"discount_code"`
	CustomFields CustomFields `json:"custom_fields"`

	Supplier                   pms.Text   `json:"supplier"`
	ManagerID                  pms.Text   `json:"manager_id"`
	AdCampaignID               pms.Text   `json:"ad_campaign_id"`
	Tags                       []pms.Text `json:"tags"`
	TaxIdentificationNumber    pms.Text   `json:"tax_identification_number"`
	BusinessRegistrationNumber pms.Text   `json:"business_registration_number"`
	CreatedAt                  pms.Text   `json:"created_at"`
	ModifiedAt                 pms.Text   `json:"modified_at"`

	Raw json.RawMessage `json:"-"`
}

// DisplayName returns the name of an organization or a person.
func (c Contact) DisplayName() string {
	if c.FirstName == "" && c.LastName == "" {
		return strings.TrimSpace(string(c.Name))
	}
	return strings.TrimSpace(strings.TrimSpace(string(c.FirstName)) + " " + strings.TrimSpace(string(c.LastName)))
}

// PhoneNumbers returns the phones as the vendor wrote them, each once.
func (c Contact) PhoneNumbers() []string {
	var all []string
	seen := map[string]bool{}
	for _, list := range []Phones{c.Phones, c.Phone} {
		for _, p := range list {
			number := strings.TrimSpace(string(p.Phone))
			if number != "" && !seen[number] {
				seen[number] = true
				all = append(all, number)
			}
		}
	}
	return all
}

// Birthday is a date in parts; any may be empty.
type Birthday struct {
	Day   pms.Text `json:"day"`
	Month pms.Text `json:"month"`
	Year  pms.Text `json:"year"`
}

// Phone is a phone number as the vendor wrote it.
type Phone struct {
	Phone       pms.Text `json:"phone"`
	Title       pms.Text `json:"title"`
	Notify      pms.Text `json:"notify"`
	HasViber    pms.Text `json:"has_viber"`
	HasWhatsapp pms.Text `json:"has_whatsapp"`
}

// UnmarshalJSON implements [json.Unmarshaler]: a phone is an object or a text.
func (p *Phone) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] != '{' {
		*p = Phone{}
		return p.Phone.UnmarshalJSON(data)
	}
	type object Phone
	return wire.Decode(data, (*object)(p))
}

// Phones is a list of phones, or one.
type Phones []Phone

// UnmarshalJSON implements [json.Unmarshaler].
func (p *Phones) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, (*[]Phone)(p))
	}
	var one Phone
	if err := one.UnmarshalJSON(data); err != nil || one.Phone == "" {
		*p = nil
		return err
	}
	*p = Phones{one}
	return nil
}

// Location is a branch of the firm. Timezone is an IANA name (unverified).
type Location struct {
	ID            pms.Text `json:"id"`
	Name          pms.Text `json:"name"`
	Address       pms.Text `json:"address"`
	Timezone      pms.Text `json:"timezone"`
	IsArchived    pms.Text `json:"is_archived"`
	LegalEntityID pms.Text `json:"legal_entity_id"`
	CreatedAt     pms.Text `json:"created_at"`

	Raw json.RawMessage `json:"-"`
}

// Employee is a user of the account (fields unverified).
type Employee struct {
	ID        pms.Text `json:"id"`
	FirstName pms.Text `json:"first_name"`
	LastName  pms.Text `json:"last_name"`
	Login     pms.Text `json:"login"`
	Email     pms.Text `json:"email"`
	Phone     pms.Text `json:"phone"`
	Position  pms.Text `json:"position"`
	IsActive  pms.Text `json:"is_active"`

	Raw json.RawMessage `json:"-"`
}

// DisplayName returns first and last name.
func (e Employee) DisplayName() string {
	return strings.TrimSpace(string(e.FirstName) + " " + string(e.LastName))
}

// CustomField describes a custom field (unverified). Its values are under the
// key "f<ID>".
type CustomField struct {
	ID    pms.Text `json:"id"`
	Title pms.Text `json:"title"`
	Name  pms.Text `json:"name"`
	Type  pms.Text `json:"type"`

	Raw json.RawMessage `json:"-"`
}

// Key is the name under which orders hold the value: "f700101".
func (f CustomField) Key() string { return "f" + strings.TrimPrefix(string(f.ID), "f") }

// Company is the account.
type Company struct {
	Name           pms.Text `json:"name"`
	Email          pms.Text `json:"email"`
	Address        pms.Text `json:"address"`
	Country        pms.Text `json:"country"`
	Currency       pms.Text `json:"currency"`
	CurrencySymbol pms.Text `json:"currency_symbol"`
	Timezone       pms.Text `json:"timezone"`
	CreatedAt      pms.Text `json:"created_at"`

	Raw json.RawMessage `json:"-"`
}
