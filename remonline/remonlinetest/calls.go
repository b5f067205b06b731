package remonlinetest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

func (a *Account) company(c *call) {
	c.answer(http.StatusOK, object{
		"name": "Чистый дом", "email": "office@example.com", "address": "Тверь", "country": "RU",
		"currency": "RUB", "currency_symbol": "₽", "timezone": "Europe/Moscow", "logo": nil,
		"created_at": "2024-02-01T08:00:00Z",
	})
}

func (a *Account) listLocations(c *call) {
	archived := c.r.URL.Query().Get("is_archived")
	var rows []Location
	for _, l := range a.locations {
		if archived == "" || (archived == "true") == l.Archived {
			rows = append(rows, l)
		}
	}
	page(c, rows, func(l Location) object {
		return object{
			"id": l.ID, "name": l.Name, "address": l.Address, "timezone": l.Zone, "is_archived": l.Archived,
			"legal_entity_id": 901, "created_at": "2024-02-01T08:00:00Z",
		}
	})
}

func (a *Account) listEmployees(c *call) {
	page(c, a.employees, func(e Employee) object {
		return object{
			"id": e.ID, "first_name": e.FirstName, "last_name": e.LastName, "is_active": e.Active,
			"email": "", "phone": "", "position": "",
		}
	})
}

func (a *Account) listStatuses(c *call) { bare(c, a.statuses, wireStatus) }

func (a *Account) listTypes(c *call) {
	bare(c, a.types, func(t OrderType) object { return object{"id": t.ID, "title": t.Title} })
}

func (a *Account) listFields(c *call) {
	bare(c, a.fields, func(f Field) object { return object{"id": f.ID, "title": f.Title, "type": f.Type} })
}

func (a *Account) listOrders(c *call) {
	query := c.r.URL.Query()
	created, ok1 := c.within("created_at")
	if !ok1 {
		return
	}
	modified, ok2 := c.within("modified_at")
	if !ok2 {
		return
	}
	due, ok3 := c.within("due_date")
	if !ok3 {
		return
	}
	scheduled, ok4 := c.within("scheduled_for")
	if !ok4 {
		return
	}
	ids, types, branches := c.among("ids"), c.among("types"), c.among("branches")
	statuses, managers, clients := c.among("statuses"), c.among("managers"), c.among("clients_ids")
	numbers := query["numbers[]"]
	var rows []Order
	for _, o := range a.orders {
		if ids(o.ID) && types(o.TypeID) && branches(o.LocationID) && statuses(o.StatusID) && managers(o.ManagerID) &&
			clients(o.ClientID) && (len(numbers) == 0 || slices.Contains(numbers, o.Number)) &&
			created(o.CreatedAt) && modified(o.ModifiedAt) && due(o.DueDate) && scheduled(o.ScheduledFor) {
			rows = append(rows, o)
		}
	}
	switch query.Get("sort") {
	case "modified_at":
		slices.SortStableFunc(rows, func(x, y Order) int { return x.ModifiedAt.Compare(y.ModifiedAt) })
	case "-modified_at":
		slices.SortStableFunc(rows, func(x, y Order) int { return y.ModifiedAt.Compare(x.ModifiedAt) })
	default: // newest first (unverified)
		slices.SortStableFunc(rows, func(x, y Order) int { return cmp.Compare(y.ID, x.ID) })
	}
	page(c, rows, a.wireOrder)
}

// find answers 404 when there is no such order.
func (a *Account) find(c *call) *Order {
	for i := range a.orders {
		if a.orders[i].ID == c.id() {
			return &a.orders[i]
		}
	}
	c.fail(http.StatusNotFound, "Order not found")
	return nil
}

func (a *Account) getOrder(c *call) {
	if o := a.find(c); o != nil {
		c.answer(http.StatusOK, a.wireOrder(*o))
	}
}

func (a *Account) listItems(c *call) {
	if o := a.find(c); o != nil {
		bare(c, o.Items, func(i Item) object { return wireItem(i, o.CreatedAt) })
	}
}

func (a *Account) createOrder(c *call) {
	body, ok := c.body()
	if !ok {
		return
	}
	for _, field := range []string{"branch_id", "order_type_id", "client_id"} {
		if !isNumber(body[field]) {
			c.invalid(field, "is required")
			return
		}
	}
	o := Order{StatusID: a.statuses[0].ID, CustomFields: object{}}
	if !a.write(c, &o, body) {
		return
	}
	id := a.addOrder(o)
	c.answer(http.StatusOK, object{"id": id})
}

func (a *Account) updateOrder(c *call) {
	o := a.find(c)
	if o == nil {
		return
	}
	body, ok := c.body()
	if !ok || !a.write(c, o, body) {
		return
	}
	o.ModifiedAt = a.now()
	c.answer(http.StatusOK, object{"id": o.ID})
}

// write puts the fields of a create or update into an order, or answers 422.
func (a *Account) write(c *call, o *Order, body object) bool {
	changed := *o
	for field, value := range body {
		text, isText := value.(string)
		id := integer(value)
		switch field {
		case "branch_id":
			changed.LocationID = id
		case "order_type_id":
			changed.TypeID = id
		case "client_id":
			changed.ClientID = id
		case "manager_id":
			changed.ManagerID = id
		case "assignee_id":
			changed.AssigneeID = id
		case "malfunction":
			changed.Malfunction = text
		case "estimated_price":
			changed.EstimatedPrice = text
		case "urgent":
			changed.Urgent = value == true || text == "true"
		case "due_date", "scheduled_for":
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				c.invalid(field, "must be a date and time in ISO 8601 with zone")
				return false
			}
			if field == "due_date" {
				changed.DueDate = at
			} else {
				changed.ScheduledFor = at
			}
		case "custom_fields": // JSON in a text
			fields := object{}
			if !isText || json.Unmarshal([]byte(text), &fields) != nil {
				c.invalid(field, "must be JSON")
				return false
			}
			merged := object{}
			for key, v := range changed.CustomFields {
				merged[key] = v
			}
			for key, v := range fields {
				merged[key] = v
			}
			changed.CustomFields = merged
		case "ad_campaign_id", "asset_id", "payer_id", "resource_id", "scheduled_to", "manager_notes", "engineer_notes", "resume":
		default:
			c.invalid(field, "unknown field")
			return false
		}
	}
	switch {
	case !slices.ContainsFunc(a.locations, func(l Location) bool { return l.ID == changed.LocationID }):
		c.invalid("branch_id", "no such location")
	case !slices.ContainsFunc(a.types, func(t OrderType) bool { return t.ID == changed.TypeID }):
		c.invalid("order_type_id", "no such type")
	case !slices.ContainsFunc(a.contacts, func(p Contact) bool { return p.ID == changed.ClientID }):
		c.invalid("client_id", "no such client")
	default:
		*o = changed
		return true
	}
	return false
}

func (a *Account) setStatus(c *call) {
	o := a.find(c)
	if o == nil {
		return
	}
	body, ok := c.body()
	if !ok {
		return
	}
	id := integer(body["status_id"])
	if !slices.ContainsFunc(a.statuses, func(s Status) bool { return s.ID == id }) {
		c.invalid("status_id", "no such status")
		return
	}
	o.StatusID, o.ModifiedAt = id, a.now()
	c.answer(http.StatusOK, object{"success": true})
}

func (a *Account) listContacts(organization bool) func(*call) {
	return func(c *call) {
		modified, ok := c.within("modified_at")
		if !ok {
			return
		}
		created, ok := c.within("created_at")
		if !ok {
			return
		}
		phones := c.r.URL.Query()["phones[]"]
		var rows []Contact
		for _, p := range a.contacts {
			known := len(phones) == 0 || slices.ContainsFunc(p.Phones, func(n string) bool { return slices.Contains(phones, n) })
			if p.Organization == organization && known && modified(p.ModifiedAt) && created(p.CreatedAt) {
				rows = append(rows, p)
			}
		}
		if c.r.URL.Query().Get("sort") == "modified_at" {
			slices.SortStableFunc(rows, func(x, y Contact) int { return x.ModifiedAt.Compare(y.ModifiedAt) })
		}
		page(c, rows, wireContact)
	}
}

func (a *Account) findContact(c *call, organization bool) *Contact {
	for i := range a.contacts {
		if a.contacts[i].ID == c.id() && a.contacts[i].Organization == organization {
			return &a.contacts[i]
		}
	}
	c.fail(http.StatusNotFound, "Contact not found")
	return nil
}

func (a *Account) getContact(organization bool) func(*call) {
	return func(c *call) {
		if p := a.findContact(c, organization); p != nil {
			c.answer(http.StatusOK, wireContact(*p))
		}
	}
}

func (a *Account) createContact(organization bool) func(*call) {
	required := "first_name"
	if organization {
		required = "name"
	}
	return func(c *call) {
		body, ok := c.body()
		if !ok {
			return
		}
		if text, ok := body[required].(string); !ok || strings.TrimSpace(text) == "" {
			c.invalid(required, "is required")
			return
		}
		p := Contact{ID: a.nextID(), Organization: organization, CreatedAt: a.now(), ModifiedAt: a.now()}
		writeContact(&p, body)
		a.contacts = append(a.contacts, p)
		c.answer(http.StatusOK, object{"id": p.ID})
	}
}

func (a *Account) updateContact(organization bool) func(*call) {
	return func(c *call) {
		p := a.findContact(c, organization)
		if p == nil {
			return
		}
		body, ok := c.body()
		if !ok {
			return
		}
		writeContact(p, body)
		p.ModifiedAt = a.now()
		c.answer(http.StatusOK, object{"id": p.ID})
	}
}

func writeContact(p *Contact, body object) {
	for field, into := range map[string]*string{
		"name": &p.Name, "first_name": &p.FirstName, "last_name": &p.LastName, "email": &p.Email, "notes": &p.Notes,
		"tax_identification_number": &p.TaxID,
	} {
		if text, ok := body[field].(string); ok {
			*into = text
		}
	}
	phones, ok := body["phones"].([]any)
	if !ok {
		return
	}
	p.Phones = nil
	for _, entry := range phones {
		if phone, ok := entry.(object); ok {
			if text, ok := phone["phone"].(string); ok {
				p.Phones = append(p.Phones, text)
			}
		}
	}
}

func isNumber(v any) bool {
	n, ok := v.(json.Number)
	return ok && n != ""
}

func integer(v any) int64 {
	n, ok := v.(json.Number)
	if !ok {
		return 0
	}
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return i
}
