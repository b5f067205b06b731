package remonline

import (
	"regexp"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// kind is what the values of a field are and so how they compare.
type kind int

const (
	kindText    kind = iota // without regard to case and outer spaces
	kindCode                // ids and numbers for people: exactly
	kindName                // a name of the directory that stands for an id
	kindPhone               // by digits
	kindNumber              // exact decimals
	kindInstant             // stamps
	kindFlag                // "true" or "false"
)

// field is a field of an order, as filters and expressions name it.
type field struct {
	kind kind
	// param is the list parameter that selects by the field, empty if none.
	param string
	get   func(*Order) pms.Text
	// all replaces get where a field has several values.
	all func(*Order) []string
}

// orderFields are the fields of an order. Custom fields come beside them under
// their keys, "f700101".
var orderFields = map[string]field{
	"id":              {kind: kindCode, param: "ids", get: func(o *Order) pms.Text { return o.ID }},
	"number":          {kind: kindCode, param: "numbers", get: func(o *Order) pms.Text { return o.Number }},
	"location":        {kind: kindName, param: "branches", get: func(o *Order) pms.Text { return o.BranchID }},
	"location_id":     {kind: kindCode, param: "branches", get: func(o *Order) pms.Text { return o.BranchID }},
	"status":          {kind: kindName, param: "statuses", get: func(o *Order) pms.Text { return o.Status.ID }},
	"status_id":       {kind: kindCode, param: "statuses", get: func(o *Order) pms.Text { return o.Status.ID }},
	"type":            {kind: kindName, param: "types", get: func(o *Order) pms.Text { return o.OrderType.ID }},
	"type_id":         {kind: kindCode, param: "types", get: func(o *Order) pms.Text { return o.OrderType.ID }},
	"manager":         {kind: kindName, param: "managers", get: func(o *Order) pms.Text { return o.ManagerID }},
	"manager_id":      {kind: kindCode, param: "managers", get: func(o *Order) pms.Text { return o.ManagerID }},
	"assignee":        {kind: kindName, get: func(o *Order) pms.Text { return o.AssigneeID }},
	"assignee_id":     {kind: kindCode, get: func(o *Order) pms.Text { return o.AssigneeID }},
	"client_id":       {kind: kindCode, param: "clients_ids", get: func(o *Order) pms.Text { return o.Client.ID }},
	"client":          {kind: kindText, get: func(o *Order) pms.Text { return pms.Text(o.Client.DisplayName()) }},
	"client_phone":    {kind: kindPhone, all: func(o *Order) []string { return o.Client.PhoneNumbers() }},
	"asset_uid":       {kind: kindCode, param: "asset_uid", get: func(o *Order) pms.Text { return o.Asset.UID }},
	"asset":           {kind: kindText, get: func(o *Order) pms.Text { return o.Asset.Title }},
	"resource":        {kind: kindText, get: func(o *Order) pms.Text { return o.Resource.Name }},
	"ad_campaign_id":  {kind: kindCode, get: func(o *Order) pms.Text { return o.AdCampaignID }},
	"malfunction":     {kind: kindText, get: func(o *Order) pms.Text { return o.Malfunction }},
	"manager_notes":   {kind: kindText, get: func(o *Order) pms.Text { return o.ManagerNotes }},
	"engineer_notes":  {kind: kindText, get: func(o *Order) pms.Text { return o.EngineerNotes }},
	"resume":          {kind: kindText, get: func(o *Order) pms.Text { return o.Resume }},
	"address":         {kind: kindText, get: func(o *Order) pms.Text { return o.Address }},
	"estimated_price": {kind: kindText, get: func(o *Order) pms.Text { return o.EstimatedPrice }},

	"total":    {kind: kindNumber, get: func(o *Order) pms.Text { return o.Total }},
	"discount": {kind: kindNumber, get: func(o *Order) pms.Text { return o.DiscountSum }},
	"paid":     {kind: kindNumber, get: func(o *Order) pms.Text { return o.Payed }},

	"created_at":    {kind: kindInstant, param: "created_at", get: func(o *Order) pms.Text { return o.CreatedAt }},
	"modified_at":   {kind: kindInstant, param: "modified_at", get: func(o *Order) pms.Text { return o.ModifiedAt }},
	"scheduled_for": {kind: kindInstant, param: "scheduled_for", get: func(o *Order) pms.Text { return o.ScheduledFor }},
	"scheduled_to":  {kind: kindInstant, get: func(o *Order) pms.Text { return o.ScheduledTo }},
	"due_date":      {kind: kindInstant, param: "due_date", get: func(o *Order) pms.Text { return o.DueDate }},
	"done_at":       {kind: kindInstant, get: func(o *Order) pms.Text { return o.DoneAt }},
	"closed_at":     {kind: kindInstant, get: func(o *Order) pms.Text { return o.ClosedAt }},

	"urgent":         {kind: kindFlag, get: func(o *Order) pms.Text { return o.Urgent }},
	"overdue":        {kind: kindFlag, get: func(o *Order) pms.Text { return o.Overdue }},
	"status_overdue": {kind: kindFlag, get: func(o *Order) pms.Text { return o.StatusOverdue }},
}

// customKey is the key of a custom field.
var customKey = regexp.MustCompile(`\bf[0-9]+\b`)

func isCustomKey(name string) bool { return customKey.FindString(name) == name && name != "" }

// fieldNamed finds a field. Custom fields are text; ranges read them as
// numbers.
func fieldNamed(name string) (field, bool) {
	if isCustomKey(name) {
		return field{kind: kindText, get: func(o *Order) pms.Text { return o.CustomFields[name] }}, true
	}
	f, ok := orderFields[name]
	return f, ok
}

// names returns the entries of the directory that a kindName field refers to,
// as pairs of id and name.
func (d Directory) names(fieldName string) [][2]string {
	var out [][2]string
	add := func(id pms.Text, name string) { out = append(out, [2]string{string(id), strings.TrimSpace(name)}) }
	switch fieldName {
	case "location":
		for _, l := range d.Locations {
			add(l.ID, string(l.Name))
		}
	case "status":
		for _, s := range d.Statuses {
			add(s.ID, string(s.Name))
		}
	case "type":
		for _, t := range d.Types {
			add(t.ID, t.Label())
		}
	case "manager", "assignee":
		for _, e := range d.Employees {
			add(e.ID, e.DisplayName())
		}
	}
	return out
}
