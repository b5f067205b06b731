package remonline

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// MaxPage is how many rows a page holds.
const MaxPage = 50

// List is one page of a native list.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
	// Page counts from 1. TotalPages and Total are 0 where the vendor does not
	// tell them.
	Page, TotalPages, Total int
	// records is how many rows the page held, readable or not.
	records int
}

// Last reports whether no page follows.
func (l List[T]) Last() bool {
	if l.TotalPages > 0 {
		return l.Page >= l.TotalPages
	}
	return l.records < MaxPage
}

// Range is a period, both ends included, to the second. A zero end is open.
type Range struct {
	From, To time.Time
}

// The values of OrderQuery.Sort and ContactQuery.Sort that are known.
const (
	SortModified     = "modified_at"
	SortModifiedDesc = "-modified_at"
)

// OrderQuery selects orders. The zero value selects all, in an order that the
// vendor does not document. An order must answer every part that is set.
type OrderQuery struct {
	IDs, Numbers, LocationIDs, StatusIDs, TypeIDs, ManagerIDs, ClientIDs []string
	// How the vendor compares these three is unverified.
	ClientNames, ClientPhones, AssetUIDs []string

	Created, Modified, Scheduled, Due Range

	Sort string
	// Page counts from 1; 0 means 1.
	Page int
}

// ContactQuery selects people or organizations.
type ContactQuery struct {
	// How the vendor compares names and phones is unverified.
	Names, Phones, ManagerIDs []string

	Created, Modified Range

	Sort string
	// Page counts from 1; 0 means 1.
	Page int
}

// ListOrders reads one page of orders. To walk all of them use [Orders].
//
// https://roapp.readme.io/reference/get-orders, GET /orders.
func (c *Client) ListOrders(ctx context.Context, q OrderQuery) (List[Order], error) {
	return list(ctx, c, "ListOrders", "/v2/orders", "order", q.values(), q.Page, keepOrder)
}

// GetOrder reads one order. An id that the account does not have is
// [pms.ErrNotFound].
//
// https://roapp.readme.io/reference/get-order, GET /orders/{order_id}.
func (c *Client) GetOrder(ctx context.Context, id string) (Order, error) {
	return get(ctx, c, "GetOrder", "/v2/orders/"+url.PathEscape(id), keepOrder)
}

// ListOrderItems reads the services and products of an order. The list is not
// paged.
//
// https://roapp.readme.io/reference/get-order-items, GET /orders/{order_id}/items.
func (c *Client) ListOrderItems(ctx context.Context, orderID string) (List[Item], error) {
	path := "/v2/orders/" + url.PathEscape(orderID) + "/items"
	return list(ctx, c, "ListOrderItems", path, "item", nil, 0, func(i *Item, raw json.RawMessage) string {
		i.Raw = raw
		return string(i.ID)
	})
}

// ListStatuses reads the order statuses in the account's order.
//
// https://roapp.readme.io/reference/get-order-statuses, GET /orders/statuses.
func (c *Client) ListStatuses(ctx context.Context) (List[Status], error) {
	return list(ctx, c, "ListStatuses", "/v2/orders/statuses", "status", nil, 0,
		func(s *Status, _ json.RawMessage) string { return string(s.ID) })
}

// ListOrderTypes reads the types of orders.
//
// https://roapp.readme.io/reference/get-order-types, GET /orders/types.
func (c *Client) ListOrderTypes(ctx context.Context) (List[OrderType], error) {
	return list(ctx, c, "ListOrderTypes", "/v2/orders/types", "order type", nil, 0,
		func(t *OrderType, _ json.RawMessage) string { return string(t.ID) })
}

// ListOrderFields reads the custom fields of orders. The shape of a row is
// unverified.
//
// https://roapp.readme.io/reference, GET /orders/custom-fields.
func (c *Client) ListOrderFields(ctx context.Context) (List[CustomField], error) {
	return list(ctx, c, "ListOrderFields", "/v2/orders/custom-fields", "custom field", nil, 0,
		func(f *CustomField, raw json.RawMessage) string { f.Raw = raw; return string(f.ID) })
}

// ListLocations reads one page of branches, archived ones included.
//
// https://roapp.readme.io/reference/get-locations, GET /company/locations.
func (c *Client) ListLocations(ctx context.Context, page int) (List[Location], error) {
	return list(ctx, c, "ListLocations", "/v2/company/locations", "location", paged(nil, page), page,
		func(l *Location, raw json.RawMessage) string { l.Raw = raw; return string(l.ID) })
}

// ListEmployees reads one page of the account's users.
//
// https://roapp.readme.io/reference/get-company-employees, GET /company/employees.
func (c *Client) ListEmployees(ctx context.Context, page int) (List[Employee], error) {
	return list(ctx, c, "ListEmployees", "/v2/company/employees", "employee", paged(nil, page), page,
		func(e *Employee, raw json.RawMessage) string { e.Raw = raw; return string(e.ID) })
}

// GetCompany reads the account.
//
// https://roapp.readme.io/reference/get-company, GET /company.
func (c *Client) GetCompany(ctx context.Context) (Company, error) {
	return get(ctx, c, "GetCompany", "/v2/company", func(v *Company, raw json.RawMessage) string {
		v.Raw = raw
		return string(v.Name)
	})
}

// ListPeople reads one page of people. To walk all of them use [People].
//
// https://roapp.readme.io/reference/get-people, GET /contacts/people.
func (c *Client) ListPeople(ctx context.Context, q ContactQuery) (List[Contact], error) {
	return list(ctx, c, "ListPeople", "/v2/contacts/people", "person", q.values(), q.Page, keepPerson)
}

// GetPerson reads one person.
//
// https://roapp.readme.io/reference/get-person, GET /contacts/people/{id}.
func (c *Client) GetPerson(ctx context.Context, id string) (Contact, error) {
	return get(ctx, c, "GetPerson", "/v2/contacts/people/"+url.PathEscape(id), keepPerson)
}

// ListOrganizations reads one page of organizations. To walk all of them use
// [Organizations].
//
// https://roapp.readme.io/reference/get-organizations, GET /contacts/organizations.
func (c *Client) ListOrganizations(ctx context.Context, q ContactQuery) (List[Contact], error) {
	return list(ctx, c, "ListOrganizations", "/v2/contacts/organizations", "organization", q.values(), q.Page, keepOrganization)
}

// GetOrganization reads one organization.
//
// https://roapp.readme.io/reference/get-organization, GET /contacts/organizations/{id}.
func (c *Client) GetOrganization(ctx context.Context, id string) (Contact, error) {
	return get(ctx, c, "GetOrganization", "/v2/contacts/organizations/"+url.PathEscape(id), keepOrganization)
}

// CheckCredentials makes the cheapest call that needs the key.
func (c *Client) CheckCredentials(ctx context.Context) error {
	_, err := c.rest.Do(ctx, rest.Call{Op: "CheckCredentials", Path: "/v2/company"})
	return err
}

func keepOrder(o *Order, raw json.RawMessage) string {
	o.Raw = raw
	return string(o.ID)
}

func keepPerson(p *Contact, raw json.RawMessage) string {
	p.Raw, p.IsOrganization = raw, ""
	return string(p.ID)
}

func keepOrganization(p *Contact, raw json.RawMessage) string {
	p.Raw, p.IsOrganization = raw, "true"
	return string(p.ID)
}

// envelope is the place of a list: data beside paging, or beside count and
// page in lists of older make.
type envelope struct {
	Data   wire.Records `json:"data"`
	Paging struct {
		TotalPages pms.Text `json:"total_pages"`
		Count      pms.Text `json:"count"`
	} `json:"paging"`
	Count pms.Text `json:"count"`
}

// list reads one page of a list, in an envelope or bare.
func list[T any](ctx context.Context, c *Client, op, path, record string, query url.Values, page int, keep func(*T, json.RawMessage) string) (List[T], error) {
	resp, err := c.rest.Do(ctx, rest.Call{Op: op, Path: path, Query: query})
	if err != nil {
		return List[T]{}, err
	}
	var e envelope
	if first := bytes.TrimLeft(resp.Body, "\ufeff \r\n\t"); len(first) > 0 && first[0] == '[' {
		e.Paging.TotalPages = "1" // a bare array is the whole list
		err = resp.Decode(&e.Data)
	} else {
		err = resp.Decode(&e)
	}
	if err != nil {
		return List[T]{}, err
	}
	if e.Data == nil {
		return List[T]{}, resp.Unreadable("no list in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, record, e.Data, keep)
	out := List[T]{
		Items: decoded.Items, Failed: decoded.Failed, records: len(e.Data),
		Page: max(page, 1), TotalPages: wire.IntOrZero(e.Paging.TotalPages), Total: wire.IntOrZero(e.Paging.Count),
	}
	if out.Total == 0 {
		out.Total = wire.IntOrZero(e.Count)
	}
	return out, nil
}

// get reads one record, bare or under "data".
func get[T any](ctx context.Context, c *Client, op, path string, keep func(*T, json.RawMessage) string) (T, error) {
	var value T
	resp, err := c.rest.Do(ctx, rest.Call{Op: op, Path: path})
	if err != nil {
		return value, err
	}
	var raw json.RawMessage
	if err := resp.Decode(&raw); err != nil {
		return value, err
	}
	var wrapped struct {
		Data json.RawMessage `json:"data"`
	}
	if err := wire.Decode(raw, &wrapped); err == nil && len(wrapped.Data) > 0 && wrapped.Data[0] == '{' {
		raw = wrapped.Data
	}
	if err := wire.Decode(raw, &value); err != nil || keep(&value, raw) == "" {
		var zero T
		return zero, resp.Unreadable("the answer is not the record asked for", nil)
	}
	return value, nil
}

func (q OrderQuery) values() url.Values {
	v := url.Values{}
	several(v, "ids", q.IDs)
	several(v, "numbers", q.Numbers)
	several(v, "branches", q.LocationIDs)
	several(v, "statuses", q.StatusIDs)
	several(v, "types", q.TypeIDs)
	several(v, "managers", q.ManagerIDs)
	several(v, "clients_ids", q.ClientIDs)
	several(v, "client_names", q.ClientNames)
	several(v, "client_phones", q.ClientPhones)
	several(v, "asset_uid", q.AssetUIDs)
	several(v, "created_at", q.Created.values())
	several(v, "modified_at", q.Modified.values())
	several(v, "scheduled_for", q.Scheduled.values())
	several(v, "due_date", q.Due.values())
	return paged(sorted(v, q.Sort), q.Page)
}

func (q ContactQuery) values() url.Values {
	v := url.Values{}
	several(v, "names", q.Names)
	several(v, "phones", q.Phones)
	several(v, "managers", q.ManagerIDs)
	several(v, "created_at", q.Created.values())
	several(v, "modified_at", q.Modified.values())
	return paged(sorted(v, q.Sort), q.Page)
}

// values: one value is the beginning, two are a range. The end is rounded up
// to the second, so that nothing in it is cut off.
func (r Range) values() []string {
	if r.From.IsZero() && r.To.IsZero() {
		return nil
	}
	from := r.From
	if from.IsZero() {
		from = time.Unix(0, 0)
	}
	out := []string{stamp(from)}
	if !r.To.IsZero() {
		out = append(out, stamp(r.To.Add(time.Second-time.Nanosecond)))
	}
	return out
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func several(v url.Values, name string, values []string) {
	if len(values) > 0 {
		v[name+"[]"] = values
	}
}

func sorted(v url.Values, sort string) url.Values {
	if sort != "" {
		v.Set("sort", sort)
	}
	return v
}

func paged(v url.Values, page int) url.Values {
	if v == nil {
		v = url.Values{}
	}
	v.Set("page", strconv.Itoa(max(page, 1)))
	return v
}

// classify reads the vendor's several error bodies: a message as text or
// object, and validation texts by field on three levels.
func classify(status int, _ http.Header, body []byte) *rest.Fault {
	failed := status < 200 || status > 299
	if !failed && !bytes.HasPrefix(bytes.TrimLeft(body, " \r\n\t"), []byte(`{"success":false`)) {
		return nil
	}
	var f struct {
		Code       pms.Text        `json:"code"`
		Message    json.RawMessage `json:"message"`
		Validation json.RawMessage `json:"validation"`
		Errors     json.RawMessage `json:"errors"`
	}
	if err := wire.Decode(body, &f); err != nil {
		return nil
	}
	fault := &rest.Fault{Code: string(f.Code)}
	var parts []string
	var nested struct {
		Validation json.RawMessage `json:"validation"`
	}
	if wire.Decode(f.Message, &nested) == nil && nested.Validation != nil {
		parts = append(parts, fieldTexts(nested.Validation)...)
	} else if text := textOf(f.Message); text != "" {
		parts = append(parts, text)
	}
	parts = append(parts, fieldTexts(f.Validation)...)
	parts = append(parts, fieldTexts(f.Errors)...)
	fault.Message = strings.Join(parts, "; ")
	switch {
	case status == http.StatusForbidden && f.Code == "101": // "Invalid token"
		fault.Kind = pms.ErrUnauthorized
	case !failed:
		fault.Kind = pms.ErrInvalid
	}
	return fault
}

// fieldTexts returns "field: text" for an object of texts or lists of texts.
func fieldTexts(raw json.RawMessage) []string {
	var fields map[string]json.RawMessage
	if wire.Decode(raw, &fields) != nil {
		return nil
	}
	var out []string
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		var texts wire.List[pms.Text]
		text := textOf(fields[field])
		if json.Unmarshal(fields[field], &texts) == nil && len(texts) > 0 {
			text = string(texts[0])
		}
		out = append(out, field+": "+text)
	}
	return out
}

func textOf(raw json.RawMessage) string {
	var text pms.Text
	if len(raw) == 0 || text.UnmarshalJSON(raw) != nil {
		return ""
	}
	return string(text)
}
