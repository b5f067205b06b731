package remonlinetest

import (
	"fmt"
	"slices"
	"time"
)

func wireStatus(s Status) object {
	titles := []string{"Пользовательский", "Новый", "На исполнении", "Отложен", "Выполнен", "Доставка", "Закрыт успешно", "Закрыт неуспешно"}
	return object{
		"id": s.ID, "name": s.Name, "color": s.Color,
		"group": object{"type": s.Group, "name": titles[s.Group]},
	}
}

func (a *Account) wireOrder(o Order) object {
	status := object{"id": o.StatusID, "name": ""}
	if i := slices.IndexFunc(a.statuses, func(s Status) bool { return s.ID == o.StatusID }); i >= 0 {
		status = wireStatus(a.statuses[i])
	}
	kind := object{"id": o.TypeID, "name": ""}
	if i := slices.IndexFunc(a.types, func(t OrderType) bool { return t.ID == o.TypeID }); i >= 0 {
		kind["name"] = a.types[i].Title
	}
	fields := any(o.CustomFields)
	if len(o.CustomFields) == 0 {
		fields = []string{} // an empty map, as some servers write it (unverified)
	}
	return object{
		"id": o.ID, "number": o.Number, "status": status, "status_overdue": false, "order_type": kind,
		"branch_id": o.LocationID, "client": a.wireClient(o.ClientID), "payer": nil,
		"manager_id": orNull(o.ManagerID), "assignee_id": orNull(o.AssigneeID), "created_by_id": orNull(o.ManagerID), "closed_by_id": nil,
		"asset": nil, "resource": nil, "created_at": stamp(o.CreatedAt), "modified_at": stamp(o.ModifiedAt), "done_at": stamp(o.DoneAt),
		"closed_at": stamp(o.ClosedAt), "due_date": stamp(o.DueDate), "scheduled_for": stamp(o.ScheduledFor), "scheduled_to": nil,
		"warranty_date": "2027-01-31", "overdue": false, "urgent": o.Urgent, "is_deduction_required": false,
		"malfunction": o.Malfunction, "manager_notes": "", "engineer_notes": "", "resume": "",
		"estimated_price": o.EstimatedPrice, "total": money(o.Total()), "discount_sum": money(o.Discount), "payed": money(o.Paid),
		"ad_campaign_id": nil, "custom_fields": fields,
	}
}

// wireClient is a client inside an order: phones come as a list of texts for
// organizations and of objects for people.
func (a *Account) wireClient(id int64) any {
	for _, p := range a.contacts {
		if p.ID != id {
			continue
		}
		client := object{"id": p.ID, "is_organization": p.Organization, "email": p.Email, "custom_fields": object{}}
		if p.Organization {
			client["name"], client["phone"] = p.Name, p.Phones
		} else {
			client["first_name"], client["last_name"], client["phones"] = p.FirstName, p.LastName, wirePhones(p.Phones)
		}
		return client
	}
	return nil
}

func wirePhones(phones []string) []object {
	out := []object{}
	for i, phone := range phones {
		out = append(out, object{"phone": phone, "title": "", "notify": i == 0, "has_viber": false, "has_whatsapp": true})
	}
	return out
}

func wireContact(p Contact) object {
	out := object{
		"id": p.ID, "email": p.Email, "phones": wirePhones(p.Phones), "notes": p.Notes, "address": "", "supplier": false,
		"manager_id": nil, "ad_campaign_id": nil, "discount_code": "", "custom_fields": object{}, "tags": []string{},
		"tax_identification_number": p.TaxID, "created_at": stamp(p.CreatedAt), "modified_at": stamp(p.ModifiedAt),
	}
	if p.Organization {
		out["name"], out["business_registration_number"] = p.Name, ""
	} else {
		out["first_name"], out["last_name"], out["birthday"] = p.FirstName, p.LastName, nil
	}
	return out
}

func wireItem(i Item, at time.Time) object {
	kind := "service"
	if i.Product {
		kind = "product"
	}
	return object{
		"id": i.ID, "created_at": stamp(at), "assignee_id": nil,
		"entity": object{
			"id": i.ID, "type": kind, "title": i.Title, "code": "", "sku": "", "is_hidden": false,
			"uom": object{"id": 1, "title": "шт", "description": ""},
		},
		"quantity": fmt.Sprintf("%d.%03d", i.Quantity/1000, i.Quantity%1000), "price": money(i.Price), "cost": money(i.Cost),
		"is_refunded": false, "discount": object{"type": "value", "percentage": 0, "amount": "0.00", "sponsor": "staff"},
		"warranty": object{"period": 0, "unit": "days"}, "taxes": []object{}, "write_offs": nil,
	}
}

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func orNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func money(hundredths int64) string {
	sign := ""
	if hundredths < 0 {
		sign, hundredths = "-", -hundredths
	}
	return fmt.Sprintf("%s%d.%02d", sign, hundredths/100, hundredths%100)
}
