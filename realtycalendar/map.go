package realtycalendar

import (
	"cmp"
	"strings"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// mapUnit maps the unit that a reservation is in.
func (c *Client) mapUnit(r Reservation) pms.Property {
	id := unitID(r)
	lot, _, isRoom := strings.Cut(id, "/")
	p := pms.Property{
		Vendor:      vendor,
		ID:          id,
		Name:        string(r.Apartment.Title),
		Address:     pms.Address{Street: string(cmp.Or(r.Apartment.Address, r.Address))},
		TimeZone:    c.cfg.TimeZone,
		CheckIn:     c.cfg.CheckIn,
		CheckOut:    c.cfg.CheckOut,
		Status:      pms.PropertyUnknown,
		Cleanliness: pms.CleanlinessUnknown,
	}
	if isRoom {
		p.ParentID = lot
	}
	return p
}

// mapReservation maps a booking. The action is that of the webhook it came
// with, or empty.
func (c *Client) mapReservation(action pms.Text, r Reservation) (pms.Booking, *pms.RecordError) {
	var f wire.Fields
	status := mapStatus(action, r)
	arrival, departure := f.Date("begin_date", r.BeginDate), f.Date("end_date", r.EndDate)
	f.Stay("begin_date", "end_date", arrival, departure)
	if status == pms.StatusCancelled {
		f = wire.Fields{} // a cancellation counts without days, too
	}
	f.Required("id", r.ID)
	if err := f.Err(vendor, "booking", string(r.ID), r.Raw); err != nil {
		return pms.Booking{}, err
	}
	return pms.Booking{
		Vendor:        vendor,
		ID:            string(r.ID),
		PropertyID:    unitID(r),
		Kind:          mapKind(r.Closed),
		Status:        status,
		RawStatus:     string(cmp.Or(r.Status, r.StatusCD)),
		Arrival:       arrival,
		Departure:     departure,
		ArrivalTime:   wire.ClockOrZero(r.ArrivalTime),
		DepartureTime: wire.ClockOrZero(r.DepartureTime),
		TimeZone:      c.cfg.TimeZone,
		Guests:        pms.Guests{Total: wire.CountOrZero(r.PartnerGuestsCount)},
		Guest: pms.Guest{
			Name:  strings.TrimSpace(string(r.Client.FIO)),
			Email: string(r.Client.Email),
			Phone: string(cmp.Or(r.Client.Phone, r.Client.AdditionalPhone)),
		},
		Channel:   wire.Channel(cmp.Or(r.BookingOrigin.Title, r.Source)),
		Code:      string(r.PartnerUID), // unverified that it is the channel's code
		Total:     mapTotal(r.Amount),
		Notes:     string(r.Notes),
		CreatedAt: wire.TimeOrZero(r.CreatedAt, c.moscow),
		UpdatedAt: wire.TimeOrZero(r.UpdatedAt, c.moscow),
		Raw:       r.Raw,
	}, nil
}

// The actions of webhooks.
const (
	actionCreate = "create_booking"
	actionUpdate = "update_booking"
	actionCancel = "cancel_booking"
	actionDelete = "delete_booking"
)

// isDeleted: action, status and is_delete say it, status_cd does not.
func isDeleted(action pms.Text, r Reservation) bool {
	return r.IsDelete.Bool() || action == actionDelete || word(r.Status) == "deleted"
}

func isCancelled(action pms.Text, r Reservation) bool {
	return action == actionCancel || word(r.Status) == "canceled" || word(r.Status) == "cancelled"
}

// mapStatus maps the word, and the number only where there is no word; that 3
// is canceled is unverified.
func mapStatus(action pms.Text, r Reservation) pms.Status {
	if isDeleted(action, r) || isCancelled(action, r) {
		return pms.StatusCancelled
	}
	switch word(cmp.Or(r.Status, r.StatusCD)) {
	case "booked", "5":
		return pms.StatusConfirmed
	case "request", "4":
		return pms.StatusInquiry
	case "3":
		return pms.StatusCancelled
	default:
		return pms.StatusUnknown
	}
}

func word(t pms.Text) string { return strings.ToLower(strings.TrimSpace(string(t))) }

// mapKind: that closed dates come as closed bookings is unverified.
func mapKind(closed pms.Text) pms.Kind {
	if closed.Bool() {
		return pms.KindBlock
	}
	return pms.KindGuest
}

// unitID returns "<lot>", "<lot>/<room>" in a lot with rooms, or "" without a
// lot.
func unitID(r Reservation) string {
	lot := cmp.Or(number(r.RealtyID), number(r.ApartmentID), number(r.Apartment.ID))
	room := number(r.RealtyRoomID)
	if lot == "" || room == "" {
		return lot
	}
	return lot + "/" + room
}

// number: 0 is no id.
func number(t pms.Text) string {
	if t == "0" {
		return ""
	}
	return string(t)
}

// mapTotal: RealtyCalendar keeps amounts in rubles.
func mapTotal(amount pms.Text) pms.Money {
	text := wire.DecimalOrEmpty(amount)
	if text == "" {
		return pms.Money{}
	}
	return pms.Money{Amount: text, Currency: "RUB"}
}
