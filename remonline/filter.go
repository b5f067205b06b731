package remonline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// Operator compares a field with the value of a condition.
type Operator string

// The operators. A field that an order does not have equals nothing, contains
// nothing and is in no range.
const (
	Equals    Operator = "equals"
	NotEquals Operator = "not_equals"
	Contains  Operator = "contains"
	In        Operator = "in"    // equals one of Values
	InRange   Operator = "range" // From and To included, one of them may be empty
)

// Condition is one line of a filter: "include when location equals Тверь".
type Condition struct {
	// Exclude turns the condition round: orders that answer it are left out.
	Exclude bool `json:"exclude,omitzero"`
	// Field is one of FilterFields or the key of a custom field, "f700101".
	Field    string   `json:"field"`
	Operator Operator `json:"operator"`
	// Value is for Equals, NotEquals and Contains, Values for In, From and To
	// for InRange. Names and texts compare without regard to case, numbers by
	// value, phones by digits. Instants are RFC 3339 or a day, "2026-05-01",
	// that stands for all of it.
	Value  string   `json:"value,omitzero"`
	Values []string `json:"values,omitempty"`
	From   string   `json:"from,omitzero"`
	To     string   `json:"to,omitzero"`
}

// String returns, for example, `include when location equals "Тверь"`.
func (c Condition) String() string {
	verb := "include"
	if c.Exclude {
		verb = "exclude"
	}
	text := verb + " when " + c.Field + " " + strings.ReplaceAll(string(c.Operator), "_", " ")
	switch c.Operator {
	case In:
		return fmt.Sprintf("%s %q", text, c.Values)
	case InRange:
		return fmt.Sprintf("%s %q to %q", text, c.From, c.To)
	default:
		return fmt.Sprintf("%s %q", text, c.Value)
	}
}

// Filter says which orders count: those that answer every including condition
// and no excluding one. The zero value takes all. To take several values of
// one field use [In], not several conditions.
type Filter struct {
	Conditions []Condition `json:"conditions,omitempty"`
	// TimeZone is the IANA zone of days in conditions. Empty means the
	// company's.
	TimeZone string `json:"timeZone,omitzero"`
}

// FilterFields returns the fields that conditions may name, custom fields
// aside.
func FilterFields() []string {
	var names []string
	for name := range orderFields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Validate checks all that can be checked without the account. An error names
// the condition and its field and is [pms.ErrInvalid].
func (f Filter) Validate() error {
	if _, err := f.zone(""); err != nil {
		return err
	}
	for i, c := range f.Conditions {
		if err := c.validate(fmt.Sprintf("conditions[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

func (f Filter) zone(fallback string) (*time.Location, error) {
	name := f.TimeZone
	if name == "" {
		name = fallback
	}
	if name == "" {
		return nil, nil //nolint:nilnil // no zone is a value here
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, settingsError("filter", "timeZone", fmt.Sprintf("%q is not an IANA zone known here", name))
	}
	return zone, nil
}

// settingsError is the error of a field of a Filter, Funnel or DealSettings.
func settingsError(part, field, message string) error {
	return fmt.Errorf("%s: %s: %s: %s: %w", vendor, part, field, message, pms.ErrInvalid)
}

func (c Condition) validate(at string) error {
	bad := func(field, message string) error { return settingsError("filter", at+"."+field, message) }
	f, ok := fieldNamed(c.Field)
	if !ok {
		return bad("field", fmt.Sprintf("unknown field %q", c.Field))
	}
	if !allowed(f.kind, c.Operator) {
		return bad("operator", fmt.Sprintf("%q does not fit %s", c.Operator, c.Field))
	}
	switch c.Operator {
	case In:
		if len(c.Values) == 0 || slices.Contains(c.Values, "") {
			return bad("values", "required, and none may be empty")
		}
		if c.Value != "" || c.From != "" || c.To != "" {
			return bad("values", "the only value field of in")
		}
	case InRange:
		if c.From == "" && c.To == "" {
			return bad("from", "from or to is required")
		}
		if c.Value != "" || len(c.Values) > 0 {
			return bad("from", "from and to are the only value fields of range")
		}
	default:
		if strings.TrimSpace(c.Value) == "" {
			return bad("value", "required")
		}
		if len(c.Values) > 0 || c.From != "" || c.To != "" {
			return bad("value", "the only value field of "+string(c.Operator))
		}
	}
	for name, value := range c.named() {
		if problem := f.kind.problem(value, c.Operator); problem != "" {
			return bad(name, problem)
		}
	}
	return nil
}

// named returns the values of a condition by the field that holds them.
func (c Condition) named() map[string]string {
	out := map[string]string{}
	for name, value := range map[string]string{"value": c.Value, "from": c.From, "to": c.To} {
		if value != "" {
			out[name] = value
		}
	}
	for i, value := range c.Values {
		out[fmt.Sprintf("values[%d]", i)] = value
	}
	return out
}

// allowed says which operators a kind of field has.
func allowed(k kind, op Operator) bool {
	switch op {
	case Equals, NotEquals:
		return true
	case Contains:
		return k == kindText || k == kindName || k == kindCode || k == kindPhone
	case In:
		return k != kindFlag && k != kindInstant
	case InRange:
		return k == kindNumber || k == kindInstant || k == kindText
	default:
		return false
	}
}

// problem says why a value cannot be one of the kind.
func (k kind) problem(value string, op Operator) string {
	switch {
	case k == kindNumber, k == kindText && op == InRange:
		if _, err := ParseDecimal(value); err != nil {
			return err.Error()
		}
	case k == kindFlag && value != "true" && value != "false":
		return "must be true or false"
	case k == kindPhone && digits(value) == "":
		return "has no digits"
	case k == kindInstant:
		if _, err := time.Parse(time.RFC3339, value); err == nil {
			return ""
		}
		if _, err := civil.ParseDate(value); err != nil {
			return "must be a day or a date and time in RFC 3339"
		}
	}
	return ""
}

// BoundFilter is a Filter for one account. It is safe for concurrent use.
type BoundFilter struct {
	conditions []boundCondition
	query      OrderQuery
}

type boundCondition struct {
	Condition
	match func(*Order) bool
	sent  string
}

// Bind resolves the names in the filter and decides what is sent to the
// vendor. A name that the directory does not have is [pms.ErrInvalid], for the
// list would be empty or whole without a word.
func (f Filter) Bind(d Directory) (*BoundFilter, error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	zone, err := f.zone(string(d.Company.Timezone))
	if err != nil {
		return nil, err
	}
	b := &BoundFilter{}
	for i, c := range f.Conditions {
		binder := binder{c, mustField(c.Field), d, zone, fmt.Sprintf("conditions[%d]", i)}
		bound, err := binder.bind()
		if err != nil {
			return nil, err
		}
		bound.sent = bound.send(&b.query, binder.field, binder)
		b.conditions = append(b.conditions, bound)
	}
	return b, nil
}

// mustField finds a field that was validated.
func mustField(name string) field {
	f, _ := fieldNamed(name)
	return f
}

// Match reports whether an order counts. All conditions are checked, those
// that were sent too.
func (b *BoundFilter) Match(o *Order) bool {
	for i := range b.conditions {
		if b.conditions[i].match(o) == b.conditions[i].Exclude {
			return false
		}
	}
	return true
}

// Query selects the orders as far as the vendor can.
func (b *BoundFilter) Query() OrderQuery { return b.query }

// Explanation says who applies a condition.
type Explanation struct {
	Condition string `json:"condition"`
	// Sent is what the vendor is asked for, "branches[]=40117". Empty means
	// that the condition is checked here alone, on every order read.
	Sent string `json:"sent,omitzero"`
}

// String returns one line for people.
func (e Explanation) String() string {
	if e.Sent == "" {
		return e.Condition + ": checked locally"
	}
	return e.Condition + ": asked of the vendor as " + e.Sent + ", and checked locally"
}

// Explain says, condition by condition, who applies it.
func (b *BoundFilter) Explain() []Explanation {
	var out []Explanation
	for _, c := range b.conditions {
		out = append(out, Explanation{c.String(), c.sent})
	}
	return out
}

// binder turns one condition into a check.
type binder struct {
	Condition
	field field
	d     Directory
	zone  *time.Location
	at    string
}

func (b binder) bind() (boundCondition, error) {
	match, err := b.matcher()
	if err != nil {
		return boundCondition{}, err
	}
	if b.Operator == NotEquals {
		equal := match
		match = func(o *Order) bool { return !equal(o) }
	}
	return boundCondition{Condition: b.Condition, match: match}, nil
}

// matcher is the check for equality, for containing, or for a range.
func (b binder) matcher() (func(*Order) bool, error) {
	get := b.field.get
	switch {
	case b.field.kind == kindName:
		ids, err := b.ids()
		return func(o *Order) bool { return slices.Contains(ids, string(get(o))) }, err
	case b.field.kind == kindInstant:
		r, err := b.period()
		return func(o *Order) bool { return r.contains(instant(get(o))) }, err
	case b.field.kind == kindNumber || b.Operator == InRange:
		return b.numeric(), nil
	case b.field.kind == kindFlag:
		want := b.Value == "true"
		return func(o *Order) bool { return get(o).Bool() == want }, nil
	default:
		return b.textual(), nil
	}
}

// wanted returns the values of Equals, NotEquals, Contains and In.
func (b binder) wanted() []string {
	if b.Operator == In {
		return b.Values
	}
	return []string{b.Value}
}

func (b binder) textual() func(*Order) bool {
	fold := normalizer(b.field.kind)
	var wanted []string
	for _, value := range b.wanted() {
		wanted = append(wanted, fold(value))
	}
	holds := func(have string) bool { return have != "" && slices.Contains(wanted, have) }
	if b.Operator == Contains {
		holds = func(have string) bool { return strings.Contains(have, wanted[0]) }
	}
	if all := b.field.all; all != nil {
		return func(o *Order) bool {
			return slices.ContainsFunc(all(o), func(s string) bool { return holds(fold(s)) })
		}
	}
	get := b.field.get
	return func(o *Order) bool { return holds(fold(string(get(o)))) }
}

// normalizer brings texts into the form in which they compare.
func normalizer(k kind) func(string) string {
	switch k {
	case kindCode:
		return strings.TrimSpace
	case kindPhone:
		return digits
	default:
		return fold
	}
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// numeric compares by value. What is not a number equals nothing.
func (b binder) numeric() func(*Order) bool {
	get := b.field.get
	if b.Operator == InRange {
		from, to := decimals(b.From), decimals(b.To)
		return func(o *Order) bool {
			have, ok := amount(get(o))
			return ok && (len(from) == 0 || have.Cmp(from[0]) >= 0) && (len(to) == 0 || have.Cmp(to[0]) <= 0)
		}
	}
	wanted := decimals(b.wanted()...)
	return func(o *Order) bool {
		have, ok := amount(get(o))
		return ok && slices.Contains(wanted, have)
	}
}

func amount(t pms.Text) (Decimal, bool) {
	d, err := moneyOf(t)
	return d, err == nil && t != ""
}

// decimals parses values that were validated; empty ones are left out.
func decimals(values ...string) []Decimal {
	var out []Decimal
	for _, value := range values {
		if d, err := ParseDecimal(value); err == nil {
			out = append(out, d)
		}
	}
	return out
}

// ids resolves names of the directory.
func (b binder) ids() ([]string, error) {
	var ids []string
	for _, value := range b.wanted() {
		found := false
		for _, entry := range b.d.names(b.Field) {
			id, name := entry[0], fold(entry[1])
			if name == fold(value) || b.Operator == Contains && strings.Contains(name, fold(value)) {
				ids, found = append(ids, id), true
			}
		}
		if !found {
			return nil, settingsError("filter", b.at+".value", fmt.Sprintf("no %s is named %q", b.Field, value))
		}
	}
	return ids, nil
}

// period is the range of a condition on an instant; a day is all of it.
func (b binder) period() (Range, error) {
	from, to := b.From, b.To
	if b.Operator != InRange {
		from, to = b.Value, b.Value
	}
	var r Range
	var err error
	if r.From, _, err = b.moment(from); err != nil {
		return r, err
	}
	_, r.To, err = b.moment(to)
	if err == nil && !r.From.IsZero() && !r.To.IsZero() && r.To.Before(r.From) {
		err = settingsError("filter", b.at+".to", "before from")
	}
	return r, err
}

// moment returns the first and the last instant that a value stands for.
func (b binder) moment(value string) (first, last time.Time, err error) {
	if value == "" {
		return first, last, nil
	}
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		return t, t, nil
	}
	day, err := civil.ParseDate(value)
	if err != nil {
		return first, last, err
	}
	if b.zone == nil {
		return first, last, settingsError("filter", "timeZone", "required for days, because the company states no zone")
	}
	return dayStart(day, b.zone), dayStart(day.AddDays(1), b.zone).Add(-time.Nanosecond), nil
}

// dayStart is the first instant of a day: midnight, or the end of the change
// of clocks that swallows it.
func dayStart(day civil.Date, zone *time.Location) time.Time {
	t := day.In(zone)
	if civil.DateOf(t).Before(day) {
		_, t = t.ZoneBounds()
	}
	return t
}

func (r Range) contains(t time.Time) bool {
	return !t.IsZero() && (r.From.IsZero() || !t.Before(r.From)) && (r.To.IsZero() || !t.After(r.To))
}

// mostSent is how many ids are sent; the URL of more would be refused.
const mostSent = 100

// send puts a condition into the query if the vendor can apply it, no other
// condition has taken the parameter, and the vendor's reading is no narrower
// than ours. It returns the parameter as text.
func (c *boundCondition) send(q *OrderQuery, f field, b binder) string {
	if c.Exclude || c.Operator == NotEquals || f.param == "" {
		return ""
	}
	if f.kind == kindInstant {
		return sendPeriod(q, f.param, b)
	}
	values := b.wanted()
	if f.kind == kindName {
		values, _ = b.ids() // resolved before
	}
	if (f.kind == kindCode && c.Operator == Contains) || len(values) > mostSent {
		return ""
	}
	place := map[string]*[]string{
		"ids": &q.IDs, "numbers": &q.Numbers, "branches": &q.LocationIDs, "statuses": &q.StatusIDs, "types": &q.TypeIDs,
		"managers": &q.ManagerIDs, "clients_ids": &q.ClientIDs, "asset_uid": &q.AssetUIDs,
	}[f.param]
	if place == nil || *place != nil {
		return ""
	}
	for _, value := range values {
		*place = append(*place, strings.TrimSpace(value))
	}
	return f.param + "[]=" + strings.Join(*place, ",")
}

func sendPeriod(q *OrderQuery, param string, b binder) string {
	place := map[string]*Range{
		"created_at": &q.Created, "modified_at": &q.Modified, "scheduled_for": &q.Scheduled, "due_date": &q.Due,
	}[param]
	if place == nil || *place != (Range{}) {
		return ""
	}
	r, err := b.period()
	if err != nil {
		return ""
	}
	*place = r
	return param + "[]=" + strings.Join(r.values(), ",")
}

// needs says which parts of the directory the filter uses.
func (f Filter) needs() needs {
	var n needs
	for _, c := range f.Conditions {
		switch c.Field {
		case "type":
			n.types = true
		case "manager", "assignee":
			n.employees = true
		}
		if mustField(c.Field).kind == kindInstant && f.TimeZone == "" {
			n.company = true
		}
	}
	return n
}
