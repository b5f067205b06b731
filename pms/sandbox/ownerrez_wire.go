package sandbox

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

type ownerrezBooking struct {
	ID              int64          `json:"id"`
	PropertyID      int64          `json:"property_id"`
	GuestID         *int64         `json:"guest_id,omitempty"`
	Guest           *ownerrezGuest `json:"guest,omitempty"`
	Type            string         `json:"type"`
	IsBlock         bool           `json:"is_block"`
	Status          string         `json:"status"`
	Arrival         string         `json:"arrival"`
	Departure       string         `json:"departure"`
	CheckIn         *string        `json:"check_in,omitempty"`
	CheckInEnd      *string        `json:"check_in_end,omitempty"`
	CheckOut        *string        `json:"check_out,omitempty"`
	Adults          *int           `json:"adults,omitempty"`
	Children        *int           `json:"children,omitempty"`
	Infants         *int           `json:"infants,omitempty"`
	Pets            *int           `json:"pets,omitempty"`
	Title           *string        `json:"title,omitempty"`
	Notes           *string        `json:"notes,omitempty"`
	CleaningDate    *string        `json:"cleaning_date"`
	ListingSite     *string        `json:"listing_site,omitempty"`
	PlatformNumber  *string        `json:"platform_reservation_number,omitempty"`
	PlatformAddress *string        `json:"platform_email_address,omitempty"`
	BookedUTC       *string        `json:"booked_utc,omitempty"`
	CreatedUTC      string         `json:"created_utc"`
	UpdatedUTC      string         `json:"updated_utc"`
	CanceledUTC     *string        `json:"canceled_utc,omitempty"`
	Currency        *string        `json:"currency_code,omitempty"`
	Total           json.Number    `json:"total_amount,omitempty"`
	Paid            json.Number    `json:"total_paid,omitempty"`
}

type ownerrezGuest struct {
	ID        int64  `json:"id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

// ownerrezGuestOf is the guest of a stay, whose id is made of the stay's.
func ownerrezGuestOf(s *Stay) *ownerrezGuest {
	if s.Guest == (pms.Guest{}) {
		return nil
	}
	first, last := splitName(s.Guest.Name)
	return &ownerrezGuest{number(s.ID) + 1_000_000, first, last}
}

func ownerrezStamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

var ownerrezSites = map[string]string{
	"airbnb": "Airbnb", "booking": "Booking.com", "vrbo": "Vrbo", "expedia": "Expedia", "direct": "",
}

func ownerrezSite(channel string) string {
	if site, ok := ownerrezSites[channel]; ok {
		return site
	}
	return channel
}

func ownerrezStatus(s *Stay) string {
	switch s.Status {
	case pms.StatusCancelled:
		return "canceled"
	case pms.StatusTentative:
		return "pending"
	case pms.StatusInquiry, pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut, pms.StatusNoShow, pms.StatusUnknown:
	}
	return "active"
}

func ownerrezType(s *Stay) string {
	switch {
	case s.Kind == pms.KindBlock:
		return "block"
	case s.Kind == pms.KindOwner:
		return "owner"
	case s.Status == pms.StatusInquiry:
		return "quote_hold"
	default:
		return "booking"
	}
}

// booking is the row of a stay. A block has neither guest nor times.
func (z *OwnerRez) booking(s *Stay, withGuest bool) ownerrezBooking {
	unit := s.unitOn(z.world.Today())
	b := ownerrezBooking{
		ID: number(s.ID), PropertyID: number(unit), Type: ownerrezType(s), Status: ownerrezStatus(s),
		Arrival: s.Arrival.String(), Departure: s.Departure.String(), Notes: textPtr(s.Notes), CleaningDate: textPtr(z.CleaningDate(s.ID)),
		CreatedUTC: ownerrezStamp(s.CreatedAt), UpdatedUTC: ownerrezStamp(s.UpdatedAt),
	}
	if !s.CancelledAt.IsZero() {
		b.CanceledUTC = new(ownerrezStamp(s.CancelledAt))
	}
	if s.Kind == pms.KindBlock {
		b.IsBlock, b.Title = true, textPtr(s.Reason)
		return b
	}
	if p, ok := z.world.Property(unit); ok {
		b.CheckIn, b.CheckInEnd = new(firstClock(s.ArrivalTime, p.CheckIn).String()), new("22:00")
		b.CheckOut = new(firstClock(s.DepartureTime, p.CheckOut).String())
	}
	b.Adults, b.Children, b.Infants, b.Pets = &s.Guests.Adults, &s.Guests.Children, &s.Guests.Infants, &s.Guests.Pets
	b.BookedUTC, b.ListingSite, b.PlatformNumber = new(b.CreatedUTC), textPtr(ownerrezSite(s.Channel)), textPtr(s.ChannelCode)
	if b.PlatformNumber != nil {
		b.PlatformAddress = textPtr(s.Guest.Email)
	}
	b.Currency, b.Total, b.Paid = textPtr(s.Total.Currency), amount(s.Total.Amount), amount(s.Paid)
	if guest := ownerrezGuestOf(s); guest != nil {
		b.GuestID = &guest.ID
		if withGuest {
			b.Guest = guest
		}
	}
	return b
}

// shadows are the rows by which a stay blocks linked properties.
func (z *OwnerRez) shadows(s *Stay) []ownerrezBooking {
	if s.Kind == pms.KindBlock {
		return nil
	}
	row := z.booking(s, false)
	var out []ownerrezBooking
	for i, unit := range z.opts.Linked[strconv.FormatInt(row.PropertyID, 10)] {
		out = append(out, ownerrezBooking{
			ID: row.ID + int64(i+1)*1_000_000_000, PropertyID: number(unit), Type: "linked_availability", IsBlock: true,
			Status: row.Status, Arrival: row.Arrival, Departure: row.Departure, CreatedUTC: row.CreatedUTC, UpdatedUTC: row.UpdatedUTC,
		})
	}
	return out
}

// rows are all bookings of the account.
func (z *OwnerRez) rows(withGuest bool) []ownerrezBooking {
	var out []ownerrezBooking
	for _, s := range z.world.staysIf(func(s *Stay) bool { return s.UnitID != "" }) {
		out = append(append(out, z.booking(&s, withGuest)), z.shadows(&s)...)
	}
	return out
}

// ownerrezPlace is limit and offset of a list.
type ownerrezPlace struct{ limit, offset int }

// ownerrezQuery reads the place of a list and checks the names of the query. It
// answers and returns nil if one is wrong.
func ownerrezQuery(w http.ResponseWriter, r *http.Request, most int, names ...string) *ownerrezPlace {
	q := r.URL.Query()
	for name := range q {
		if name != "limit" && name != "offset" && !slices.Contains(names, name) {
			ownerrezError(w, http.StatusBadRequest, "The parameter "+name+" is not valid.")
			return nil
		}
	}
	number := func(name string, usual int) int {
		if q.Get(name) == "" {
			return usual
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 0 || n > maxOffset {
			return -1
		}
		return n
	}
	place := ownerrezPlace{number("limit", ownerrezPage), number("offset", 0)}
	if place.limit < 1 || place.offset < 0 {
		ownerrezError(w, http.StatusBadRequest, "limit and offset must be numbers.")
		return nil
	}
	place.limit = min(place.limit, most)
	return &place
}

// ownerrezList answers with a page and its place. An empty one has no items at
// all. Only properties are counted.
func ownerrezList[T any](w http.ResponseWriter, r *http.Request, place *ownerrezPlace, rows []T) {
	answer := object{"limit": place.limit, "offset": place.offset}
	defer func() { writeJSON(w, http.StatusOK, answer) }()
	part, _ := page(rows, place.limit, place.offset)
	if len(part) == 0 {
		return
	}
	answer["items"], answer["next_page_url"] = part, nil
	if strings.HasSuffix(r.URL.Path, "/properties") {
		answer["count"] = len(rows)
	}
	if end := place.offset + len(part); end < len(rows) {
		q := r.URL.Query()
		q.Set("limit", strconv.Itoa(place.limit))
		q.Set("offset", strconv.Itoa(end))
		answer["next_page_url"] = "https://api.ownerrez.com" + r.URL.Path + "?" + q.Encode()
	}
}

// property is a row of the list, or with details the whole record.
func (z *OwnerRez) property(p Property, details bool) object {
	o := object{
		"id": number(p.ID), "key": "key-" + p.ID, "name": p.Name, "external_name": p.Name + " (public)", "internal_code": "U" + p.ID,
		"active": !p.Inactive, "is_snoozed": false, "bedrooms": p.Bedrooms, "max_guests": p.Beds, "currency_code": "USD", "owner_id": 77,
	}
	if !details {
		return o
	}
	whole, half := math.Modf(p.Bathrooms)
	maps.Copy(o, object{
		"address": object{
			"street1": p.Address.Street, "street2": nil, "city": p.Address.City, "state": p.Address.Region,
			"postal_code": p.Address.PostalCode, "country": p.Address.Country,
		},
		"latitude": p.Latitude, "longitude": p.Longitude, "check_in": p.CheckIn.String(), "check_in_end": "22:00", "check_out": p.CheckOut.String(),
		"bathrooms": math.Ceil(p.Bathrooms), "bathrooms_full": whole, "bathrooms_half": 2 * half,
		"listing_numbers": object{"Airbnb": "99" + p.ID},
	})
	if !z.opts.NoZones {
		o["time_zone"] = p.Zone.String()
	}
	return o
}

// listProperties lists the active ones unless others are asked for.
func (z *OwnerRez) listProperties(w http.ResponseWriter, r *http.Request) {
	place := ownerrezQuery(w, r, z.opts.MostRows, "active", "include_tags", "include_fields", "include_listing_numbers")
	if place == nil {
		return
	}
	active := r.URL.Query().Get("active") != "false"
	var rows []object
	for _, p := range z.world.Units() {
		if p.Inactive != active {
			rows = append(rows, z.property(p, false))
		}
	}
	ownerrezList(w, r, place, rows)
}

func (z *OwnerRez) getProperty(w http.ResponseWriter, r *http.Request) {
	p, ok := z.world.Property(r.PathValue("id"))
	if !ok {
		ownerrezMissing(w, "Property", r.PathValue("id"))
		return
	}
	writeJSON(w, http.StatusOK, z.property(p, true))
}

func (z *OwnerRez) listBookings(w http.ResponseWriter, r *http.Request) {
	place := ownerrezQuery(w, r, z.opts.MostRows,
		"property_ids", "since_utc", "from", "to", "status", "include_guest", "include_charges", "include_door_codes", "include_tags", "include_fields",
		"include_cancellation_policy", "include_agreements")
	if place == nil {
		return
	}
	q := r.URL.Query()
	if q.Get("property_ids") == "" && q.Get("since_utc") == "" {
		ownerrezError(w, http.StatusBadRequest, "Either property_ids or since_utc is required.")
		return
	}
	keep, problem := ownerrezFilter(q)
	if problem != "" {
		ownerrezError(w, http.StatusBadRequest, problem)
		return
	}
	rows := z.rows(q.Get("include_guest") == "true")
	ownerrezList(w, r, place, slices.DeleteFunc(rows, func(b ownerrezBooking) bool { return !keep(b) }))
}

// ownerrezFilter returns the test of the filters, or what is wrong with them.
func ownerrezFilter(q url.Values) (keep func(ownerrezBooking) bool, problem string) {
	since := q.Get("since_utc")
	if _, err := time.Parse(time.RFC3339, since); since != "" && (err != nil || !strings.HasSuffix(since, "Z")) {
		return nil, "since_utc must be a time in UTC."
	}
	for _, name := range []string{"from", "to"} {
		if _, ok := parseDay(q.Get(name)); q.Get(name) != "" && !ok {
			return nil, name + " must be a date."
		}
	}
	var ids []string
	if list := q.Get("property_ids"); list != "" {
		ids = strings.Split(list, ",")
	}
	if slices.ContainsFunc(ids, func(id string) bool { return !isNumber(id) }) {
		return nil, "property_ids must be numbers."
	}
	return func(b ownerrezBooking) bool {
		return (since == "" || b.UpdatedUTC >= since) && (q.Get("from") == "" || b.Departure >= q.Get("from")) &&
			(q.Get("to") == "" || b.Arrival <= q.Get("to")) && (q.Get("status") == "" || b.Status == q.Get("status")) &&
			(ids == nil || slices.Contains(ids, strconv.FormatInt(b.PropertyID, 10)))
	}, ""
}

// found returns the row of the path, or answers 404.
func (z *OwnerRez) found(w http.ResponseWriter, r *http.Request) (ownerrezBooking, bool) {
	for _, b := range z.rows(r.URL.Query().Get("include_guest") == "true") {
		if strconv.FormatInt(b.ID, 10) == r.PathValue("id") {
			return b, true
		}
	}
	ownerrezMissing(w, "Booking", r.PathValue("id"))
	return ownerrezBooking{}, false
}

func (z *OwnerRez) getBooking(w http.ResponseWriter, r *http.Request) {
	if b, ok := z.found(w, r); ok {
		writeJSON(w, http.StatusOK, b)
	}
}

// patchBooking changes the cleaning date, the notes, or both.
func (z *OwnerRez) patchBooking(w http.ResponseWriter, r *http.Request) {
	b, ok := z.found(w, r)
	if !ok {
		return
	}
	body, err := readJSON(r)
	if err != nil {
		ownerrezError(w, http.StatusBadRequest, "The body is not JSON.")
		return
	}
	day := textIn(body, "cleaning_date")
	for name, v := range body {
		_, isDay := parseDay(day)
		if name != "cleaning_date" && name != "notes" || name == "cleaning_date" && v != nil && !isDay {
			ownerrezError(w, http.StatusUnprocessableEntity, "The field "+name+" is not valid.")
			return
		}
	}
	id := strconv.FormatInt(b.ID, 10)
	if _, given := body["cleaning_date"]; given {
		z.mu.Lock()
		z.cleanings[id] = day
		z.mu.Unlock()
	}
	err = z.world.Update(id, func(s *Stay) {
		if notes, given := body["notes"].(string); given {
			s.Notes = notes
		}
	})
	if err != nil { // the copy of a booking of a linked property
		ownerrezError(w, http.StatusUnprocessableEntity, "The booking cannot be changed.")
		return
	}
	z.getBooking(w, r)
}

func (z *OwnerRez) createBooking(w http.ResponseWriter, r *http.Request) {
	body, err := readJSON(r)
	property, _ := integer(body["property_id"])
	_, hasGuest := integer(body["guest_id"])
	arrival, _ := parseDay(textIn(body, "arrival"))
	departure, _ := parseDay(textIn(body, "departure"))
	adults, _ := integer(body["adults"])
	children, _ := integer(body["children"])
	s := Stay{
		UnitID: strconv.FormatInt(property, 10), Arrival: arrival, Departure: departure, Notes: textIn(body, "notes"),
		Guests: pms.Guests{Adults: int(adults), Children: int(children)},
	}
	block, _ := body["is_block"].(bool)
	if block {
		s.Kind = pms.KindBlock
	}
	id := ""
	if err == nil && (block || hasGuest) {
		id, err = z.world.AddStay(s)
	}
	if err != nil || id == "" {
		ownerrezError(w, http.StatusUnprocessableEntity, "The booking is not valid.")
		return
	}
	r.SetPathValue("id", id)
	z.getBooking(w, r)
}

func (z *OwnerRez) getGuest(w http.ResponseWriter, r *http.Request) {
	id := strconv.FormatInt(number(r.PathValue("id"))-1_000_000, 10)
	s, ok := z.world.Stay(id)
	guest := ownerrezGuestOf(&s)
	if !ok || guest == nil {
		ownerrezMissing(w, "Guest", r.PathValue("id"))
		return
	}
	answer := object{"id": guest.ID, "first_name": guest.FirstName, "last_name": guest.LastName, "is_banned": false}
	if s.Guest.Email != "" {
		answer["email_addresses"] = []object{
			{"id": 1, "address": "old-" + s.Guest.Email, "is_default": false, "type": "other"},
			{"id": 2, "address": s.Guest.Email, "is_default": true, "type": "home"},
		}
	}
	if s.Guest.Phone != "" {
		answer["phones"] = []object{{"id": 3, "number": s.Guest.Phone, "extension": nil, "is_default": true, "type": "mobile"}}
	}
	writeJSON(w, http.StatusOK, answer)
}

// notify posts changes of bookings and properties.
func (z *OwnerRez) notify(c Change) {
	action := map[ChangeKind]string{StayCreated: "create", StayDeleted: "delete"}[c.Kind]
	if action == "" {
		action = "update"
	}
	if c.Kind == PropertyChanged {
		z.post("property", action, number(c.Property.ID), z.property(c.Property, true))
		return
	}
	if c.After.UnitID == "" {
		return
	}
	for _, row := range append([]ownerrezBooking{z.booking(&c.After, false)}, z.shadows(&c.After)...) {
		z.post("booking", action, row.ID, row)
	}
}

// post delivers one event to the app's URLs and to the subscriptions.
func (z *OwnerRez) post(kind, action string, id int64, entity any) {
	z.mu.Lock()
	z.serial++
	event := object{
		"id": 8_000_000 + z.serial, "user_id": z.opts.UserID, "action": "entity_" + action, "entity_type": kind, "entity_id": id,
	}
	targets := slices.Clone(z.opts.Webhooks)
	for _, sub := range z.subs {
		if strings.EqualFold(sub.Type, kind) && strings.EqualFold(sub.Action, "Entity"+action) {
			targets = append(targets, sub.WebhookURL)
		}
	}
	z.mu.Unlock()
	if z.opts.ThinWebhooks {
		for _, name := range []string{"id", "user_id", "entity_id"} {
			n, _ := event[name].(int64)
			event[name] = strconv.FormatInt(n, 10)
		}
	} else {
		event["entity"], event["categories"] = entity, []string{}
	}
	z.deliver(event, targets)
}

// TestWebhook posts the ping of the settings page, which names no account.
func (z *OwnerRez) TestWebhook() {
	z.deliver(object{"id": 1, "action": "webhook_test"}, z.opts.Webhooks)
}

func (z *OwnerRez) deliver(event object, targets []string) {
	body, err := json.Marshal(event)
	if err != nil {
		return
	}
	for _, text := range targets {
		target, err := url.Parse(text)
		if err != nil {
			continue
		}
		if z.opts.WebhookUser != "" && z.opts.WebhookPassword != "" {
			target.User = url.UserPassword(z.opts.WebhookUser, z.opts.WebhookPassword)
		}
		z.sender.post(context.Background(), target.String(), body, z.world.Now())
	}
}
