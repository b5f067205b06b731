package remonline

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/pms"
)

// OrderInput is what is written to an order. Nil and empty fields are left as
// they are. A new order needs LocationID, TypeID and ClientID.
type OrderInput struct {
	LocationID, TypeID, ClientID, ManagerID, AssigneeID int64
	AssetID, PayerID, AdCampaignID, ResourceID          int64

	ScheduledFor, ScheduledTo, DueDate time.Time

	Malfunction, ManagerNotes, EngineerNotes, Resume, EstimatedPrice *string

	Urgent *bool
	// CustomFields are values by key "f<id>".
	CustomFields map[string]any
}

// MarshalJSON implements [json.Marshaler] in the vendor's form, where custom
// fields are JSON inside a text.
func (o OrderInput) MarshalJSON() ([]byte, error) {
	fields := ""
	if len(o.CustomFields) > 0 {
		text, err := json.Marshal(o.CustomFields)
		if err != nil {
			return nil, err
		}
		fields = string(text)
	}
	return json.Marshal(struct {
		LocationID     int64   `json:"branch_id,omitzero"`
		TypeID         int64   `json:"order_type_id,omitzero"`
		ClientID       int64   `json:"client_id,omitzero"`
		ManagerID      int64   `json:"manager_id,omitzero"`
		AssigneeID     int64   `json:"assignee_id,omitzero"`
		AssetID        int64   `json:"asset_id,omitzero"`
		PayerID        int64   `json:"payer_id,omitzero"`
		AdCampaignID   int64   `json:"ad_campaign_id,omitzero"`
		ResourceID     int64   `json:"resource_id,omitzero"`
		ScheduledFor   string  `json:"scheduled_for,omitzero"`
		ScheduledTo    string  `json:"scheduled_to,omitzero"`
		DueDate        string  `json:"due_date,omitzero"`
		Malfunction    *string `json:"malfunction,omitempty"`
		ManagerNotes   *string `json:"manager_notes,omitempty"`
		EngineerNotes  *string `json:"engineer_notes,omitempty"`
		Resume         *string `json:"resume,omitempty"`
		EstimatedPrice *string `json:"estimated_price,omitempty"`
		Urgent         *bool   `json:"urgent,omitempty"`
		CustomFields   string  `json:"custom_fields,omitzero"`
	}{
		o.LocationID, o.TypeID, o.ClientID, o.ManagerID, o.AssigneeID, o.AssetID, o.PayerID, o.AdCampaignID, o.ResourceID,
		optional(o.ScheduledFor), optional(o.ScheduledTo), optional(o.DueDate),
		o.Malfunction, o.ManagerNotes, o.EngineerNotes, o.Resume, o.EstimatedPrice, o.Urgent, fields,
	})
}

func optional(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}

// PersonInput is what is written to a person. Nil fields are left as they are.
// A new person needs FirstName.
type PersonInput struct {
	FirstName *string      `json:"first_name,omitempty"`
	LastName  *string      `json:"last_name,omitempty"`
	Email     *string      `json:"email,omitempty"`
	Phones    []PhoneInput `json:"phones,omitempty"`
	Notes     *string      `json:"notes,omitempty"`
	Address   *string      `json:"address,omitempty"`
}

// OrganizationInput is what is written to an organization. Nil fields are left
// as they are. A new organization needs Name.
type OrganizationInput struct {
	Name    *string      `json:"name,omitempty"`
	Email   *string      `json:"email,omitempty"`
	Phones  []PhoneInput `json:"phones,omitempty"`
	Notes   *string      `json:"notes,omitempty"`
	Address *string      `json:"address,omitempty"`
	// TaxIdentificationNumber is the INN in Russia.
	TaxIdentificationNumber *string `json:"tax_identification_number,omitempty"`
}

// PhoneInput is a phone to write (the shape is that of reading, unverified).
type PhoneInput struct {
	Phone  string `json:"phone"`
	Title  string `json:"title,omitzero"`
	Notify bool   `json:"notify,omitzero"`
}

// CreateOrder creates an order and returns its id, empty if the vendor does
// not tell it (the answer's shape is unverified). A write is repeated only
// when it certainly did not arrive: after a lost connection the order may
// exist.
//
// https://roapp.readme.io/reference/create-order, POST /orders.
func (c *Client) CreateOrder(ctx context.Context, in OrderInput) (id string, err error) {
	const op = "CreateOrder"
	if in.LocationID == 0 || in.TypeID == 0 || in.ClientID == 0 {
		return "", invalid(op, "LocationID, TypeID and ClientID are required")
	}
	return c.create(ctx, op, "/v2/orders", in)
}

// UpdateOrder changes an order.
//
// https://roapp.readme.io/reference/update-order, PATCH /orders/{order_id}.
func (c *Client) UpdateOrder(ctx context.Context, id string, in OrderInput) error {
	return c.write(ctx, "UpdateOrder", http.MethodPatch, "/v2/orders/"+url.PathEscape(id), in)
}

// SetOrderStatus moves an order to a status, with a comment unless it is
// empty.
//
// https://roapp.readme.io/reference/update-order-status, POST /orders/{order_id}/status.
func (c *Client) SetOrderStatus(ctx context.Context, id string, statusID int64, comment string) error {
	return c.write(ctx, "SetOrderStatus", http.MethodPost, "/v2/orders/"+url.PathEscape(id)+"/status", struct {
		StatusID int64  `json:"status_id"`
		Comment  string `json:"comment,omitzero"`
	}{statusID, comment})
}

// CreatePerson creates a person and returns the id under the rules of
// [Client.CreateOrder].
//
// https://roapp.readme.io/reference/create-person, POST /contacts/people.
func (c *Client) CreatePerson(ctx context.Context, in PersonInput) (id string, err error) {
	const op = "CreatePerson"
	if in.FirstName == nil || *in.FirstName == "" {
		return "", invalid(op, "FirstName is required")
	}
	return c.create(ctx, op, "/v2/contacts/people", in)
}

// UpdatePerson changes a person.
//
// https://roapp.readme.io/reference/update-person, PATCH /contacts/people/{id}.
func (c *Client) UpdatePerson(ctx context.Context, id string, in PersonInput) error {
	return c.write(ctx, "UpdatePerson", http.MethodPatch, "/v2/contacts/people/"+url.PathEscape(id), in)
}

// CreateOrganization creates an organization and returns the id under the
// rules of [Client.CreateOrder].
//
// https://roapp.readme.io/reference/create-organization, POST /contacts/organizations.
func (c *Client) CreateOrganization(ctx context.Context, in OrganizationInput) (id string, err error) {
	const op = "CreateOrganization"
	if in.Name == nil || *in.Name == "" {
		return "", invalid(op, "Name is required")
	}
	return c.create(ctx, op, "/v2/contacts/organizations", in)
}

// UpdateOrganization changes an organization.
//
// https://roapp.readme.io/reference/update-organization, PATCH /contacts/organizations/{id}.
func (c *Client) UpdateOrganization(ctx context.Context, id string, in OrganizationInput) error {
	return c.write(ctx, "UpdateOrganization", http.MethodPatch, "/v2/contacts/organizations/"+url.PathEscape(id), in)
}

func (c *Client) write(ctx context.Context, op, method, path string, body any) error {
	_, err := c.rest.Do(ctx, rest.Call{Op: op, Method: method, Path: path, JSON: body})
	return err
}

// create returns the id of the new record, wherever the answer has it. An
// answer that cannot be read is a success all the same.
func (c *Client) create(ctx context.Context, op, path string, body any) (string, error) {
	resp, err := c.rest.Do(ctx, rest.Call{Op: op, Method: http.MethodPost, Path: path, JSON: body})
	if err != nil {
		return "", err
	}
	type record struct {
		ID pms.Text `json:"id"`
	}
	var answer struct {
		record
		Data record `json:"data"`
	}
	if err := json.Unmarshal(resp.Body, &answer); err != nil {
		return "", nil //nolint:nilerr // created, whatever the answer looks like
	}
	if answer.ID != "" {
		return string(answer.ID), nil
	}
	return string(answer.Data.ID), nil
}

// invalid is the error of a call that is refused before it is sent.
func invalid(op, message string) error {
	return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: message}
}
