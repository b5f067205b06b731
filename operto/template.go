package operto

import "github.com/changeover-sdk/changeover/pms"

// templateCode is the name of the variable with the code.
const templateCode = "operto_access_code"

// Order is what a guest has booked: one item or several, each in a lodging.
type Order struct {
	Items []Item
}

// Item is one item of an order.
type Item struct {
	// ID is the host's own id of the item, free of meaning here.
	ID string
	// Stay is the booking of the item.
	Stay pms.Key
	// Access is what [Order.With] found. An Access without stays means that Operto
	// has nothing of it.
	Access Access
}

// With returns the order with the access of its stays, as a [Report] has it.
func (o Order) With(access []Access) Order {
	by := map[pms.Key]Access{}
	for _, a := range access {
		for _, stay := range a.Stays {
			by[stay] = a
		}
	}
	items := make([]Item, len(o.Items))
	for i, item := range o.Items {
		item.Access = by[item.Stay]
		items[i] = item
	}
	return Order{Items: items}
}

// TemplateVars returns the variables for a template of the guest's messages, in
// the names of Liquid:
//
//	{{ reservation.operto_access_code }}  the main code: of the first item that has one
//	{{ item.operto_access_code }}         the code of an item
//
// In {% for item in reservation.items %} the item is each in turn; outside a
// loop it is the first. An item also has "id", "valid_from" and "valid_until"
// (RFC 3339 in the zone of the lodging). A missing code is empty; see
// [Order.Missing].
//
// The variables hold the codes in the clear, because the guest is to read them:
// render them and let them go.
func TemplateVars(o Order) map[string]any {
	items := make([]any, len(o.Items))
	main := ""
	for i, item := range o.Items {
		vars := itemVars(item)
		if code, ok := vars[templateCode].(string); ok && main == "" {
			main = code
		}
		items[i] = vars
	}
	first := any(itemVars(Item{}))
	if len(items) > 0 {
		first = items[0]
	}
	return map[string]any{
		"reservation": map[string]any{templateCode: main, "items": items},
		"item":        first,
	}
}

func itemVars(item Item) map[string]any {
	a := item.Access
	from, to := "", ""
	if !a.From.IsZero() && !a.To.IsZero() {
		const layout = "2006-01-02T15:04:05Z07:00"
		from, to = a.From.Format(layout), a.To.Format(layout)
	}
	return map[string]any{"id": item.ID, templateCode: a.Guest.Reveal(), "valid_from": from, "valid_until": to}
}

// Missing says for every item without a code why it has none.
func (o Order) Missing() []Diagnosis {
	var out []Diagnosis
	for _, item := range o.Items {
		if !item.Access.Missing() {
			continue
		}
		if len(item.Access.Problems) == 0 {
			out = append(out, Diagnosis{Kind: NotSynchronised, LodgingID: item.Access.LodgingID, Stay: item.Stay})
		}
		for _, problem := range item.Access.Problems {
			problem.Stay = item.Stay
			out = append(out, problem)
		}
	}
	return out
}
