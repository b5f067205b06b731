package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// hospitableUser is the id of the primary user.
const hospitableUser = "5c05eb47-b6ec-54fe-b4b9-6e95f50b86d0"

// property is the property object. The offset of the zone is that of now.
func (h *Hospitable) property(p Property, include []string) object {
	row := object{
		"id": p.ID, "name": p.Name, "public_name": p.Name + " (public)", "picture": "https://images.example/" + p.ID + ".jpg",
		"address": object{
			"number": "", "street": p.Address.Street, "city": p.Address.City, "state": p.Address.Region, "country": p.Address.Country,
			"postcode": p.Address.PostalCode, "display": p.Address.Street + ", " + p.Address.City,
			"coordinates": object{"latitude": p.Latitude, "longitude": p.Longitude},
		},
		"timezone": h.world.Now().In(p.Zone).Format("-0700"), "listed": !p.Inactive, "currency": "RUB", "summary": "", "description": "",
		"amenities": []string{"wifi"}, "room_details": []object{}, "tags": []string{}, "property_type": "apartment", "room_type": "entire_home",
		"capacity":            object{"max": p.Beds, "bedrooms": p.Bedrooms, "beds": p.Beds, "bathrooms": p.Bathrooms},
		"house_rules":         object{"pets_allowed": true, "smoking_allowed": false, "events_allowed": false},
		"calendar_restricted": false, "parent_child": h.family(p),
	}
	if slices.Contains(include, "listings") || h.opts.Documented {
		row["listings"] = []object{{"platform": "airbnb", "platform_id": "24488", "platform_name": "", "platform_email": ""}}
	}
	if slices.Contains(include, "user") {
		row["user"] = h.owner()
	}
	if slices.Contains(include, "details") {
		row["details"] = object{"wifi_name": "guests", "wifi_password": "none"}
	}
	if h.opts.Documented {
		row["check-in"], row["check-out"] = p.CheckIn.String(), p.CheckOut.String()
		return row
	}
	row["checkin"], row["checkout"], row["picture"], row["summary"], row["description"] = p.CheckIn.String(), p.CheckOut.String(), nil, nil, nil
	row["house_rules"].(object)["events_allowed"] = nil
	row["address"].(object)["coordinates"] = object{
		"latitude": strconv.FormatFloat(p.Latitude, 'f', -1, 64), "longitude": strconv.FormatFloat(p.Longitude, 'f', -1, 64),
	}
	return row
}

func (h *Hospitable) owner() object {
	return object{"id": hospitableUser, "email": h.opts.Email, "name": "Olga Owner"}
}

// family is parent_child: the parent of a unit and its other children.
func (h *Hospitable) family(p Property) any {
	if p.ParentID == "" {
		return nil
	}
	siblings := []string{}
	for _, other := range h.world.Units() {
		if other.ParentID == p.ParentID && other.ID != p.ID {
			siblings = append(siblings, other.ID)
		}
	}
	return object{"type": "child", "parent": p.ParentID, "children": []string{}, "siblings": siblings}
}

// hospitableStatus is the category of the status.
func hospitableStatus(s *Stay) string {
	switch s.Status {
	case pms.StatusTentative:
		return "request"
	case pms.StatusCancelled:
		return "cancelled"
	case pms.StatusUnknown:
		return "unknown"
	case pms.StatusInquiry, pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut, pms.StatusNoShow:
	}
	return "accepted"
}

var hospitablePlatforms = map[string]string{"airbnb": "airbnb", "booking": "booking", "vrbo": "homeaway", "direct": "direct"}

func hospitableCode(s *Stay) string { return cmp.Or(s.ChannelCode, s.Code) }

// hospitableConversation makes up the id of a conversation.
func hospitableConversation(id string) string {
	return fmt.Sprintf("d6a8e2f0-0000-4000-8000-%012d", number(id))
}

// hospitableDay is the stamp of a day: midnight with the offset of that time.
func hospitableDay(day pms.Date, zone *time.Location) string {
	return day.String() + "T00:00:00" + day.In(zone).Format("-07:00")
}

func (h *Hospitable) reservation(s *Stay, include []string) object {
	p, ok := h.world.Property(s.UnitID)
	if !ok {
		p = h.world.withDefaults(Property{})
	}
	current := object{"category": hospitableStatus(s), "sub_category": nil}
	if s.Status == pms.StatusTentative {
		current["sub_category"] = "awaiting approval"
	}
	history := []object{
		{"category": "request", "sub_category": "request to book", "changed_at": s.CreatedAt.UTC().Format("2006-01-02T15:04:05-07:00")},
		{"category": current["category"], "sub_category": current["sub_category"], "changed_at": s.UpdatedAt.UTC().Format("2006-01-02T15:04:05-07:00")},
	}
	row := object{
		"id": s.ID, "conversation_id": hospitableConversation(s.ID), "platform": cmp.Or(hospitablePlatforms[s.Channel], "manual"),
		"platform_id": hospitableCode(s), "booking_date": s.CreatedAt.UTC().Format("2006-01-02T15:04:05Z"),
		"arrival_date": hospitableDay(s.Arrival, p.Zone), "departure_date": hospitableDay(s.Departure, p.Zone),
		"check_in":  at(s.Arrival, firstClock(s.ArrivalTime, p.CheckIn), p.Zone).Format(time.RFC3339),
		"check_out": at(s.Departure, firstClock(s.DepartureTime, p.CheckOut), p.Zone).Format(time.RFC3339),
		"nights":    s.Departure.DaysSince(s.Arrival), "last_message_at": s.UpdatedAt.UTC().Format(time.RFC3339),
		"status": hospitableOldStatus(s), "status_history": history,
		"reservation_status": object{"current": current, "history": history},
		"guests": object{
			"total": s.Guests.Total, "adult_count": s.Guests.Adults, "child_count": s.Guests.Children,
			"infant_count": s.Guests.Infants, "pet_count": s.Guests.Pets,
		},
	}
	if !h.opts.Documented {
		row["code"], row["conversation_language"], row["notes"], row["issue_alert"] = row["platform_id"], textOrNil(s.Guest.Language), textOrNil(s.Notes), nil
		row["stay_type"], row["owner_stay"] = "guest_stay", nil
		if s.Kind == pms.KindOwner {
			row["stay_type"] = "owner_stay"
		}
	}
	h.addIncludes(row, s, p, include)
	return row
}

// hospitableOldStatus is the deprecated field, which spells its own way.
func hospitableOldStatus(s *Stay) string {
	if s.Status == pms.StatusCancelled {
		return "canceled"
	}
	return "booking"
}

func (h *Hospitable) addIncludes(row object, s *Stay, p Property, include []string) {
	for _, name := range include {
		switch name {
		case "properties":
			row["properties"] = []object{h.property(p, nil)}
		case "user":
			row["user"] = h.owner()
		case "listings":
			row["listings"] = []object{{"platform": row["platform"], "platform_id": "24488"}}
		case "financials":
			row["financials"] = hospitableFinancials(s)
		case "guest":
			row["guest"] = h.guest(s)
		}
	}
}

func (h *Hospitable) guest(s *Stay) any {
	first, last := splitName(s.Guest.Name)
	phones := []string{}
	if s.Guest.Phone != "" {
		phones = append(phones, s.Guest.Phone)
	}
	guest := object{
		"id": "g-" + s.ID, "first_name": textOrNil(first), "last_name": textOrNil(last), "email": textOrNil(s.Guest.Email),
		"phone_numbers": phones, "location": nil, "profile_picture": nil,
	}
	if !h.opts.Documented {
		guest["language"] = textOrNil(s.Guest.Language)
		if s.Guest == (pms.Guest{}) {
			return nil
		}
	}
	return guest
}

// hospitableFinancials has the price of the guest. Amounts are cents.
func hospitableFinancials(s *Stay) object {
	none := []object{}
	f := object{
		"currency": cmp.Or(s.Total.Currency, "RUB"),
		"guest":    object{"fees": none, "discounts": none, "taxes": none, "adjustments": none},
		"host":     object{"guest_fees": none, "host_fees": none, "discounts": none, "adjustments": none, "taxes": none},
	}
	if s.Total.Amount != "" {
		f["guest"].(object)["total_price"] = object{
			"amount": cents(s.Total.Amount), "formatted": s.Total.Amount, "label": "Guest Total Price", "category": "Guest total price",
		}
	}
	return f
}

// day is one day of the calendar. What is past, or held for a request, is
// blocked.
func (h *Hospitable) day(day pms.Date, stays []Stay) object {
	reason, source, note := "AVAILABLE", any(nil), ""
	if day.Before(h.world.Today()) {
		reason = "BLOCKED"
	}
	for _, s := range stays {
		switch {
		case day.Before(s.Arrival) || !day.Before(s.Departure):
		case s.Kind == pms.KindBlock:
			reason, source, note = "BLOCKED", "USER", s.Reason
		case source != nil:
		case s.Status == pms.StatusTentative:
			reason, source = "BLOCKED", "RESERVATION"
		default:
			reason, source = "RESERVED", "RESERVATION"
		}
	}
	row := object{
		"date": day.String(), "day": strings.ToUpper(day.Weekday().String()), "min_stay": 1,
		"status":             object{"reason": reason, "source_type": source, "source": nil, "available": reason == "AVAILABLE"},
		"price":              object{"amount": 15000, "currency": "RUB", "formatted": "150.00"},
		"closed_for_checkin": false, "closed_for_checkout": false,
	}
	if !h.opts.Documented {
		row["note"] = textOrNil(note)
	}
	return row
}

// task is a task as it is listed, and the day on which it begins.
func (h *Hospitable) task(i int, t HospitableTask) (object, pms.Date) {
	p, ok := h.world.Property(t.PropertyID)
	if !ok {
		p = h.world.withDefaults(Property{})
	}
	start := t.Start.In(p.Zone)
	row := object{
		"id": fmt.Sprintf("77aa0000-0000-4000-8000-%012d", i+1), "name": t.Name, "note": nil, "task_type": t.Type, "service_id": t.Service,
		"start_date": start.Format(time.RFC3339), "end_date": t.End.In(p.Zone).Format(time.RFC3339), "timezone": p.Zone.String(),
		"duration_hours": t.End.Sub(t.Start).Hours(), "progress_status": textOrNil(t.Progress),
		"task_assignment": object{"status": "unassigned", "updated_at": nil}, "property": object{"id": p.ID, "name": p.Name},
		"reservation": nil, "teammate": nil,
	}
	if s, ok := h.world.Stay(t.ReservationID); ok {
		row["reservation"] = object{"id": s.ID, "code": hospitableCode(&s)}
	}
	return row, civil.DateOf(start)
}

// notify tells the webhooks of a change.
func (h *Hospitable) notify(c Change) {
	switch c.Kind {
	case StayDeleted:
	case PropertyChanged:
		h.post("property.changed", h.property(c.Property, []string{"user"}), []string{}, c.At)
	case StayCreated, StayUpdated, StayCancelled:
		s := c.After
		if s.Kind == pms.KindBlock || s.Status == pms.StatusInquiry || s.UnitID == "" {
			return
		}
		action, triggers := "reservation.changed", hospitableTriggers(c.Before, s)
		if c.Kind == StayCreated {
			action, triggers = "reservation.created", []string{}
		}
		include := []string{"guest", "user"}
		if !h.lacks("property:read") {
			include = append(include, "properties")
		}
		h.post(action, h.reservation(&s, include), triggers, c.At)
	}
}

// hospitableTriggers names what differs.
func hospitableTriggers(before, after Stay) []string {
	triggers := []string{}
	for _, t := range []struct {
		name    string
		changed bool
	}{
		{"status_changed", hospitableStatus(&before) != hospitableStatus(&after)},
		{"dates_changed", before.Arrival != after.Arrival || before.Departure != after.Departure},
		{"guests_changed", before.Guests != after.Guests},
		{"listing_changed", before.UnitID != after.UnitID},
		{"checkin_changed", before.ArrivalTime != after.ArrivalTime},
		{"checkout_changed", before.DepartureTime != after.DepartureTime},
		{"financials_changed", before.Total != after.Total},
	} {
		if t.changed {
			triggers = append(triggers, t.name)
		}
	}
	return triggers
}

// post signs an event and sends it once: the repeats of the vendor, after 1, 5
// and 10 seconds and 1 and 6 hours, are left out.
func (h *Hospitable) post(action string, data object, triggers []string, now time.Time) {
	h.mu.Lock()
	hooks := slices.Clone(h.hooks)
	h.serial++
	id := fmt.Sprintf("01K%023d", h.serial)
	h.mu.Unlock()
	body, err := json.Marshal(object{
		"id": id, "action": action, "data": data, "triggers": triggers, "created": now.UTC().Format("2006-01-02T15:04:05Z"), "version": "v2",
	})
	if err != nil {
		return
	}
	for _, target := range hooks {
		sent := Sent{URL: target, Body: body, At: now}
		sent.Status, sent.Err = h.deliver(target, body)
		h.sender.mu.Lock()
		h.sender.log = append(h.sender.log, sent)
		h.sender.mu.Unlock()
	}
}

func (h *Hospitable) deliver(target string, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Signature", HospitableSignature(h.webhookKey(), body))
	resp, err := h.sender.client.Do(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
	return resp.StatusCode, resp.Body.Close()
}
