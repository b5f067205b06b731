package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

type smoobuRef struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// smoobuReservation is a reservation as it is read; its names are of three
// kinds.
type smoobuReservation struct {
	ID              int64       `json:"id"`
	ReferenceID     *string     `json:"reference-id"`
	Type            string      `json:"type"`
	Arrival         string      `json:"arrival"`
	Departure       string      `json:"departure"`
	CreatedAt       string      `json:"created-at"`
	ModifiedAt      string      `json:"modifiedAt"`
	Apartment       *smoobuRef  `json:"apartment"`
	Channel         smoobuRef   `json:"channel"`
	GuestName       string      `json:"guest-name"`
	Firstname       *string     `json:"firstname"`
	Lastname        *string     `json:"lastname"`
	Email           *string     `json:"email"`
	Phone           *string     `json:"phone"`
	Adults          *int        `json:"adults"`
	Children        *int        `json:"children"`
	CheckIn         *string     `json:"check-in"`
	CheckOut        *string     `json:"check-out"`
	Notice          *string     `json:"notice"`
	AssistantNotice *string     `json:"assistant-notice"`
	Price           json.Number `json:"price"`
	PriceDetails    string      `json:"price-details"`
	PricePaid       string      `json:"price-paid"`
	Commission      json.Number `json:"commission-included"`
	Prepayment      json.Number `json:"prepayment"`
	PrepaymentPaid  string      `json:"prepayment-paid"`
	Deposit         json.Number `json:"deposit"`
	DepositPaid     string      `json:"deposit-paid"`
	Language        string      `json:"language"`
	GuestAppURL     string      `json:"guest-app-url"`
	IsBlocked       bool        `json:"is-blocked-booking"`
	GuestID         *int64      `json:"guestId"`
	Related         []smoobuRef `json:"related"`
	// PriceElements come with the webhook updateReservation.
	PriceElements []object `json:"priceElements,omitempty"`
}

type smoobuApartment struct {
	Location struct {
		Street    *string `json:"street"`
		Zip       *string `json:"zip"`
		City      *string `json:"city"`
		Country   *string `json:"country"`
		Latitude  *string `json:"latitude"`
		Longitude *string `json:"longitude"`
	} `json:"location"`
	TimeZone   string          `json:"timeZone"`
	Rooms      map[string]*int `json:"rooms"`
	Equipments []string        `json:"equipments"`
	Currency   string          `json:"currency"`
	Price      object          `json:"price"`
	Type       smoobuRef       `json:"type"`
}

// smoobuCountries are display names.
var smoobuCountries = map[string]string{"RU": "Russia", "DE": "Germany"}

func smoobuApartmentOf(p Property) smoobuApartment {
	var a smoobuApartment
	a.Location.Street, a.Location.Zip, a.Location.City = textPtr(p.Address.Street), textPtr(p.Address.PostalCode), textPtr(p.Address.City)
	country, ok := smoobuCountries[p.Address.Country]
	if !ok {
		country = p.Address.Country
	}
	a.Location.Country = textPtr(country)
	if p.Latitude != 0 || p.Longitude != 0 {
		a.Location.Latitude = new(strconv.FormatFloat(p.Latitude, 'f', 13, 64))
		a.Location.Longitude = new(strconv.FormatFloat(p.Longitude, 'f', 13, 64))
	}
	a.TimeZone = p.Zone.String()
	a.Rooms = map[string]*int{
		"maxOccupancy": countPtr(p.Beds), "bedrooms": countPtr(p.Bedrooms), "bathrooms": countPtr(int(p.Bathrooms)),
		"doubleBeds": nil, "singleBeds": nil, "sofaBeds": nil, "couches": nil, "childBeds": nil, "queenSizeBeds": nil, "kingSizeBeds": new(0),
	}
	a.Equipments, a.Currency, a.Price = []string{"Internet"}, "EUR", object{"minimal": "80.00", "maximal": "240.00"}
	a.Type = smoobuRef{2, "Holiday rental"}
	return a
}

func textPtr(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func countPtr(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// The documented channels; all others are the account's own.
const (
	smoobuBlockedID = 11
	smoobuDirectID  = 13
	smoobuAPIID     = 70
)

var smoobuChannels = map[string]smoobuRef{
	"direct": {smoobuDirectID, "Direct booking"}, "api default": {smoobuAPIID, "API default"},
	"airbnb": {465614, "Airbnb"}, "booking": {465615, "Booking.com"}, "vrbo": {465616, "Vrbo"}, "expedia": {465617, "Expedia"},
}

func smoobuChannelOf(s *Stay) smoobuRef {
	if smoobuBlocks(s) {
		return smoobuRef{smoobuBlockedID, "Blocked channel"}
	}
	if channel, ok := smoobuChannels[s.Channel]; ok {
		return channel
	}
	return smoobuRef{465699, s.Channel}
}

func smoobuChannelName(id int64) string {
	for name, ref := range smoobuChannels {
		if ref.ID == id {
			return name
		}
	}
	return "api default"
}

// smoobuBlocks: an owner's stay is a block.
func smoobuBlocks(s *Stay) bool { return s.Kind == pms.KindBlock || s.Kind == pms.KindOwner }

func smoobuType(s *Stay) string {
	switch {
	case s.Status == pms.StatusCancelled:
		return "cancellation"
	case s.UpdatedAt.After(s.CreatedAt):
		return "modification of booking"
	default:
		return "reservation"
	}
}

// smoobuModified is a stamp with seconds on even ids and without on odd ones:
// both forms occur.
func (s *Smoobu) modified(stay *Stay) string {
	layout := time.DateTime
	if number(stay.ID)%2 == 1 {
		layout = smoobuMinute
	}
	return stay.UpdatedAt.In(s.world.Zone()).Format(layout)
}

const smoobuMinute = "2006-01-02 15:04"

func smoobuPaid(yes bool) string {
	if yes {
		return "Yes"
	}
	return "No"
}

func (s *Smoobu) reservation(stay *Stay) smoobuReservation {
	s.mu.Lock()
	assistant := s.assistant[stay.ID]
	s.mu.Unlock()
	first, last := splitName(stay.Guest.Name)
	notice := stay.Notes
	if notice == "" {
		notice = stay.Reason
	}
	r := smoobuReservation{
		ID: number(stay.ID), ReferenceID: textPtr(stay.ChannelCode), Type: smoobuType(stay),
		Arrival: stay.Arrival.String(), Departure: stay.Departure.String(),
		CreatedAt:  stay.CreatedAt.In(s.world.Zone()).Format(smoobuMinute),
		ModifiedAt: s.modified(stay), Channel: smoobuChannelOf(stay),
		GuestName: stay.Guest.Name, Firstname: textPtr(first), Lastname: textPtr(last), Email: textPtr(stay.Guest.Email), Phone: textPtr(stay.Guest.Phone),
		Adults: countPtr(stay.Guests.Adults), Children: countPtr(stay.Guests.Children + stay.Guests.Infants),
		CheckIn: textPtr(stay.ArrivalTime.String()), CheckOut: textPtr(stay.DepartureTime.String()),
		Notice: textPtr(notice), AssistantNotice: textPtr(assistant),
		Price: amount(stay.Total.Amount), PricePaid: smoobuPaid(stay.Paid != ""), Commission: "0",
		Prepayment: "0", PrepaymentPaid: "No", Deposit: "0", DepositPaid: "No", Language: stay.Guest.Language,
		GuestAppURL: "https://guest.smoobu.example/?t=" + stay.ID, IsBlocked: smoobuBlocks(stay), Related: []smoobuRef{},
	}
	if p, ok := s.world.Property(stay.unitOn(s.world.Today())); ok {
		r.Apartment = &smoobuRef{number(p.ID), p.Name}
	}
	if stay.Guest != (pms.Guest{}) {
		r.GuestID = new(number(stay.ID) + 1_000_000)
	}
	return r
}

// notify posts a change of a reservation. A cancellation comes twice, first as
// an update.
func (s *Smoobu) notify(c Change) {
	if c.Kind == PropertyChanged || c.After.Status == pms.StatusInquiry {
		return
	}
	actions := map[ChangeKind][]string{
		StayCreated: {"newReservation"}, StayUpdated: {"updateReservation"},
		StayCancelled: {"updateReservation", "cancelReservation"}, StayDeleted: {"deleteReservation"},
	}[c.Kind]
	s.mu.Lock()
	hooks := slices.Clone(s.hooks)
	s.mu.Unlock()
	for _, action := range actions {
		data := s.reservation(&c.After)
		if action == "updateReservation" {
			data.PriceElements = []object{{"type": "basePrice", "amount": data.Price, "currencyCode": "EUR", "sortOrder": 1}}
		}
		body, err := json.Marshal(object{"action": action, "user": s.opts.UserID, "data": data})
		if err != nil {
			continue
		}
		for _, hook := range hooks {
			s.sender.post(context.Background(), hook, body, s.world.Now())
		}
	}
}

// smoobuFilter reads the query of the list and collects what is wrong with it.
type smoobuFilter struct {
	values url.Values
	zone   *time.Location
	known  []string
	fields map[string][]string
}

func (q *smoobuFilter) get(name string) string {
	q.known = append(q.known, name)
	return q.values.Get(name)
}

func (q *smoobuFilter) errors() map[string][]string {
	for name := range q.values {
		if !slices.Contains(q.known, name) {
			q.fields[name] = []string{"is not a parameter"}
		}
	}
	return q.fields
}

func (q *smoobuFilter) number(name string, usual int) int {
	text := q.get(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxOffset {
		q.fields[name] = []string{"must be a positive number"}
		return usual
	}
	return n
}

func (q *smoobuFilter) flag(name string) bool {
	text := q.get(name)
	if text != "" && text != "true" && text != "false" {
		q.fields[name] = []string{"must be true or false"}
	}
	return text == "true"
}

// keep returns the test of the filters; unit is the apartment of a stay.
func (q *smoobuFilter) keep() func(stay *Stay, unit string) bool {
	var tests []func(*Stay) bool
	bound := func(name string, inside func(s *Stay, day pms.Date) bool) {
		text := q.get(name)
		if text == "" {
			return
		}
		day, ok := parseDay(text)
		if !ok {
			q.fields[name] = []string{"must be a date"}
		}
		tests = append(tests, func(s *Stay) bool { return inside(s, day) })
	}
	bound("from", func(s *Stay, d pms.Date) bool { return s.Departure.After(d) })
	bound("to", func(s *Stay, d pms.Date) bool { return s.Arrival.Before(d) })
	for _, days := range []struct {
		from, to string
		of       func(*Stay) pms.Date
	}{
		{"arrivalFrom", "arrivalTo", func(s *Stay) pms.Date { return s.Arrival }},
		{"departureFrom", "departureTo", func(s *Stay) pms.Date { return s.Departure }},
		{"modifiedFrom", "modifiedTo", func(s *Stay) pms.Date { return civil.DateOf(s.UpdatedAt.In(q.zone)) }},
		{"created_from", "created_to", func(s *Stay) pms.Date { return civil.DateOf(s.CreatedAt.In(q.zone)) }},
	} {
		bound(days.from, func(s *Stay, d pms.Date) bool { return !days.of(s).Before(d) })
		bound(days.to, func(s *Stay, d pms.Date) bool { return !days.of(s).After(d) })
	}
	cancelled, noBlocks := q.flag("showCancellation"), q.flag("excludeBlocked")
	_, _ = q.flag("includeRelated"), q.flag("includePriceElements")
	apartment := q.get("apartmentId")
	if apartment != "" && !isNumber(apartment) {
		q.fields["apartmentId"] = []string{"must be a number"}
	}
	return func(s *Stay, unit string) bool {
		if !cancelled && s.Status == pms.StatusCancelled || noBlocks && smoobuBlocks(s) || apartment != "" && unit != apartment {
			return false
		}
		return !slices.ContainsFunc(tests, func(inside func(*Stay) bool) bool { return !inside(s) })
	}
}

// smoobuEdit reads the body of a write, in camelCase, and collects what is
// wrong with it.
type smoobuEdit struct {
	body   object
	known  []string
	fields map[string][]string
}

func smoobuBody(r *http.Request) *smoobuEdit {
	e := &smoobuEdit{fields: map[string][]string{}}
	body, err := readJSON(r)
	if err != nil {
		e.wrong("body")
	}
	e.body = body
	return e
}

func (e *smoobuEdit) wrong(name string) { e.fields[name] = []string{"This value is not valid."} }

func (e *smoobuEdit) errors() map[string][]string {
	for name := range e.body {
		if !slices.Contains(e.known, name) {
			e.wrong(name)
		}
	}
	return e.fields
}

func (e *smoobuEdit) value(name string) any {
	e.known = append(e.known, name)
	return e.body[name]
}

func (e *smoobuEdit) text(name string) (string, bool) {
	v := e.value(name)
	text, ok := v.(string)
	if v != nil && !ok {
		e.wrong(name)
	}
	return text, ok
}

func (e *smoobuEdit) whole(name string) (int64, bool) {
	v := e.value(name)
	n, ok := integer(v)
	if v != nil && !ok {
		e.wrong(name)
	}
	return n, ok
}

func (e *smoobuEdit) day(name string) pms.Date {
	text, _ := e.text(name)
	day, ok := parseDay(text)
	if !ok {
		e.wrong(name)
	}
	return day
}

func (e *smoobuEdit) clock(name string) (pms.Clock, bool) {
	text, ok := e.text(name)
	c, err := pms.ParseClock(text)
	if err != nil {
		e.wrong(name)
	}
	return c, ok
}

// details returns the changes that create and update have in common.
func (e *smoobuEdit) details() []func(*Stay) {
	var out []func(*Stay)
	for name, set := range map[string]func(*Stay, string){
		"guestName":  func(s *Stay, v string) { s.Guest.Name = v },
		"guestEmail": func(s *Stay, v string) { s.Guest.Email = v },
		"guestPhone": func(s *Stay, v string) { s.Guest.Phone = v },
		"email":      func(s *Stay, v string) { s.Guest.Email = v },
		"phone":      func(s *Stay, v string) { s.Guest.Phone = v },
		"notice":     func(s *Stay, v string) { s.Notes = v },
		"language":   func(s *Stay, v string) { s.Guest.Language = v },
	} {
		if v, ok := e.text(name); ok {
			out = append(out, func(s *Stay) { set(s, v) })
		}
	}
	first, ok := e.text("firstName")
	last, ok2 := e.text("lastName")
	if ok || ok2 {
		out = append(out, func(s *Stay) { s.Guest.Name = first + " " + last })
	}
	for name, set := range map[string]func(*Stay, int){
		"adults":   func(s *Stay, n int) { s.Guests.Adults = n },
		"children": func(s *Stay, n int) { s.Guests.Children = n },
	} {
		if n, ok := e.whole(name); ok {
			out = append(out, func(s *Stay) { set(s, int(n)) })
		}
	}
	if c, ok := e.clock("arrivalTime"); ok {
		out = append(out, func(s *Stay) { s.ArrivalTime = c })
	}
	if c, ok := e.clock("departureTime"); ok {
		out = append(out, func(s *Stay) { s.DepartureTime = c })
	}
	if price, ok := e.value("price").(json.Number); ok {
		out = append(out, func(s *Stay) { s.Total.Amount = price.String() })
	}
	return out
}
