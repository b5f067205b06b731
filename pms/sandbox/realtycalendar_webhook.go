package sandbox

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// notify posts what Delivery makes of a change.
func (rc *RealtyCalendar) notify(c Change) {
	body, ok := rc.Delivery(c)
	if !ok {
		return
	}
	rc.mu.Lock()
	hooks := slices.Clone(rc.hooks)
	rc.mu.Unlock()
	for _, hook := range hooks {
		rc.sender.post(context.Background(), hook, body, rc.world.Now())
	}
}

// Delivery returns the body of the webhook for a change, and false for changes
// that RealtyCalendar does not tell: of properties and of blocks. A change of
// [Stay.Paid] alone becomes an update that touches payments only.
func (rc *RealtyCalendar) Delivery(c Change) (body []byte, ok bool) {
	if c.Kind == PropertyChanged || c.After.Kind == pms.KindBlock {
		return nil, false
	}
	s := &c.After
	booking := rc.webhookBooking(s)
	data := object{"booking": booking, "crm_entity_id": nil, "bitrix_lead_id": nil}
	action, status := "update_booking", rcStatus(s)
	switch c.Kind {
	case StayCreated:
		action = "create_booking"
	case StayCancelled:
		action = "cancel_booking"
	case StayDeleted:
		action, status = "delete_booking", rcDeleted
	case StayUpdated, PropertyChanged:
	}
	if c.Kind == StayDeleted {
		for _, name := range rcNotInDelete {
			delete(booking, name)
		}
		booking["client_id"] = nil
	} else {
		data["changes"] = rc.changes(c)
	}
	payments := "event_calendar_payments"
	if c.Kind == StayUpdated || c.Kind == StayCancelled {
		payments = "payments_with_deleted"
	}
	booking[payments] = rcPayments(s)
	body, err := json.Marshal(object{"action": action, "status": status, "data": data})
	return body, err == nil
}

// rcNotInDelete are the fields that a real delete_booking lacks.
var rcNotInDelete = []string{
	"apartment", "address", "booking_origin", "number_of_nights", "number_of_days",
	"balance_to_be_paid_1", "balance_to_be_paid_2", "client",
}

// BasketDelivery returns a create_basket: a selection of flats for a client,
// without a booking.
func (rc *RealtyCalendar) BasketDelivery() []byte {
	body, err := json.Marshal(object{"action": "create_basket", "data": object{"crm_entity_id": nil, "bitrix_lead_id": nil}})
	if err != nil {
		return nil
	}
	return body
}

// rcStamp is an instant as webhooks have it.
func rcStamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(moscow()).Format("2006-01-02T15:04:05.000-07:00")
}

func rcDayOf(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return rcDay(t).String()
}

func textOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// rcSource is "manual" for what the account booked itself, the channel
// otherwise.
func rcSource(s *Stay) string {
	if s.Channel == "direct" {
		return "manual"
	}
	return s.Channel
}

// webhookBooking is the full body of a booking.
func (rc *RealtyCalendar) webhookBooking(s *Stay) object {
	lot, room := rc.lot(s)
	p, _ := rc.world.Property(s.unitOn(rc.world.Today()))
	nights := s.Departure.DaysSince(s.Arrival)
	paid, total := cents(s.Paid), cents(s.Total.Amount)
	deleted := !s.DeletedAt.IsZero()
	booking := object{
		"id": number(s.ID), "begin_date": s.Arrival.String(), "end_date": s.Departure.String(),
		"number_of_nights": nights, "number_of_days": nights + 1,
		"arrival_time": textOrNil(s.ArrivalTime.String()), "departure_time": textOrNil(s.DepartureTime.String()),
		"realty_id": lot, "realty_room_id": room, "user_id": rc.opts.UserID, "agency_id": rc.opts.AgencyID,
		"status_cd": rcStatusCodes[rcStatus(s)], "is_delete": deleted, "is_hidden": false, "preparing": false, "closed": false,
		"amount": amount(s.Total.Amount), "prepayment": amount(s.Paid), "payment": amount(s.Paid), "deposit": 0,
		"price_per_day":        json.Number(money(total / int64(max(nights, 1)))),
		"balance_to_be_paid_1": json.Number(money(total - paid)), "balance_to_be_paid_2": nil,
		"platform_tax": nil, "source": rcSource(s), "booking_origin": object{"id": nil, "title": nil},
		"partner_uid": textOrNil(s.ChannelCode), "partner_guests_count": nil, "notes": textOrNil(s.Notes),
		"booked_date": rcDayOf(s.CreatedAt), "canceled_date": rcDayOf(s.CancelledAt), "deleted_date": rcDayOf(s.DeletedAt),
		"created_at": rcStamp(s.CreatedAt), "updated_at": rcStamp(s.UpdatedAt), "sync_at": nil,
		"client_id": nil, "address": rcAddress(p), "apartment": nil,
		"url": "https://realtycalendar.ru/event_calendars/" + s.ID,
	}
	if lot != nil {
		booking["apartment"] = object{"id": lot, "title": p.Name, "address": rcAddress(p)}
	}
	if s.Channel != "direct" {
		booking["booking_origin"] = object{"id": bnovoSourceOf(s.Channel).ID, "title": s.Channel}
		booking["platform_tax"] = strconv.FormatInt(total/1000, 10) + ".0"
		booking["partner_guests_count"] = s.Guests.Total
	}
	if s.Guest != (pms.Guest{}) {
		id := number(s.ID) + 1_000_000
		booking["client_id"] = id
		booking["client"] = object{
			"id": id, "fio": s.Guest.Name, "phone": s.Guest.Phone, "additional_phone": nil, "email": s.Guest.Email,
			"created_at": rcStamp(s.CreatedAt), "updated_at": rcStamp(s.CreatedAt),
		}
	}
	return booking
}

func rcAddress(p Property) string {
	return strings.Join(slices.DeleteFunc([]string{p.Address.City, p.Address.Street}, func(s string) bool { return s == "" }), ", ")
}

// changes lists what differs between before and after, as [old, new].
func (rc *RealtyCalendar) changes(c Change) object {
	if c.Kind == StayCreated {
		return object{}
	}
	before, after := rc.webhookBooking(&c.Before), rc.webhookBooking(&c.After)
	fields, client := rcDiff(before, after, rcTracked), object{}
	if old, ok := before["client"].(object); ok {
		if now, ok := after["client"].(object); ok {
			client = rcDiff(old, now, []string{"fio", "phone", "email"})
		}
	}
	out := object{}
	if len(fields) > 0 {
		out["event_calendar"] = fields
	}
	if len(client) > 0 {
		out["client"] = client
	}
	if c.Before.Paid != c.After.Paid {
		payment := object{"amount": []any{amount(c.Before.Paid), amount(c.After.Paid)}}
		out["event_calendar_payments"] = []object{{strconv.FormatInt(rcPaymentID(&c.After), 10): payment}}
	}
	return out
}

// rcTracked are the fields that changes speak of; the money that follows from
// payments is not among them.
var rcTracked = []string{
	"begin_date", "end_date", "arrival_time", "departure_time", "realty_id", "realty_room_id", "status_cd", "is_delete",
	"amount", "notes", "source", "canceled_date", "deleted_date",
}

func rcDiff(before, after object, names []string) object {
	out := object{}
	for _, name := range names {
		if before[name] != after[name] {
			out[name] = []any{before[name], after[name]}
		}
	}
	return out
}

func rcPaymentID(s *Stay) int64 { return number(s.ID)*10 + 1 }

func rcPayments(s *Stay) []object {
	if s.Paid == "" {
		return []object{}
	}
	return []object{{
		"id": rcPaymentID(s), "amount": amount(s.Paid), "timezone": "Europe/Moscow", "created_at": rcStamp(s.UpdatedAt),
	}}
}
