package hospitable

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/calendar"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// mapProperty maps a property at a time. The vendor says whether a property is
// listed, not whether it is let: one that is not listed may be either.
func (c *Client) mapProperty(p Property, now time.Time) pms.Property {
	out := pms.Property{
		Vendor: vendor,
		ID:     string(p.ID),
		Name:   string(cmp.Or(p.Name, p.PublicName)),
		Address: pms.Address{
			Street:     joined(" ", p.Address.Number, p.Address.Street),
			City:       string(p.Address.City),
			Region:     string(p.Address.State),
			PostalCode: string(p.Address.Postcode),
			Country:    string(p.Address.Country),
		},
		Latitude:    float(p.Address.Coordinates.Latitude),
		Longitude:   float(p.Address.Coordinates.Longitude),
		TimeZone:    c.zoneOf(p.TimeZone, now),
		CheckIn:     wire.ClockOrZero(cmp.Or(p.CheckIn, p.DocumentedCheckIn)),
		CheckOut:    wire.ClockOrZero(cmp.Or(p.CheckOut, p.DocumentedCheckOut)),
		Bedrooms:    wire.IntOrZero(p.Capacity.Bedrooms),
		Bathrooms:   float(p.Capacity.Bathrooms),
		MaxGuests:   wire.CountOrZero(p.Capacity.Max),
		Status:      pms.PropertyUnknown,
		Cleanliness: pms.CleanlinessUnknown,
		Raw:         p.Raw,
	}
	if p.Listed.Bool() {
		out.Status = pms.PropertyActive
	}
	if p.ParentChild.Type != "parent" {
		out.ParentID = string(p.ParentChild.Parent)
	}
	return out
}

// zoneOf returns the configured zone, unless the offset that the vendor states
// for a property is none that the zone has around now. The vendor's own word
// counts if it ever is a name.
func (c *Client) zoneOf(stated pms.Text, now time.Time) string {
	if strings.Contains(string(stated), "/") {
		if named, err := time.LoadLocation(string(stated)); err == nil {
			return named.String()
		}
	}
	if c.zone == nil {
		return ""
	}
	offset, err := wire.ParseStamp("2000-01-01T00:00" + stated)
	if err != nil || !offset.HasOffset {
		return c.zone.String()
	}
	for month := range 12 {
		if _, seconds := now.AddDate(0, 0, -30*month).In(c.zone).Zone(); seconds == offset.Offset {
			return c.zone.String()
		}
	}
	return ""
}

// zoneAt returns the configured zone, unless the offset of a stamp is not the
// one that the zone has then.
func (c *Client) zoneAt(stamp pms.Text) string {
	if c.zone == nil {
		return ""
	}
	s, err := wire.ParseStamp(stamp)
	if err == nil && s.HasOffset {
		if _, seconds := s.Time(nil).In(c.zone).Zone(); seconds != s.Offset {
			return ""
		}
	}
	return c.zone.String()
}

// float reads a number for people and maps; an unreadable one is 0.
func float(t pms.Text) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(string(t)), 64)
	if err != nil || f-f != 0 { // infinite, not a number
		return 0
	}
	return f
}

func joined(separator string, first, second pms.Text) string {
	a, b := strings.TrimSpace(string(first)), strings.TrimSpace(string(second))
	if a == "" || b == "" {
		return a + b
	}
	return a + separator + b
}

// mapReservation maps a reservation. Days are those of the stamps' own offsets:
// a stay across a clock change has two of them.
func (c *Client) mapReservation(r Reservation) (pms.Booking, *pms.RecordError) {
	var f wire.Fields
	f.Required("id", r.ID)
	unit := r.Properties[0].ID
	f.Required("properties", unit)
	arrival := f.Date("arrival_date", cmp.Or(r.ArrivalDate, r.CheckIn))
	departure := f.Date("departure_date", cmp.Or(r.DepartureDate, r.CheckOut))
	f.Stay("arrival_date", "departure_date", arrival, departure)
	if err := f.Err(vendor, "booking", string(r.ID), r.Raw); err != nil {
		return pms.Booking{}, err
	}
	status := r.ReservationStatus.Current
	booking := pms.Booking{
		Vendor:        vendor,
		ID:            string(r.ID),
		PropertyID:    string(unit),
		Kind:          mapKind(r),
		Status:        mapStatus(status.Category),
		RawStatus:     string(status.Category),
		Arrival:       arrival,
		Departure:     departure,
		ArrivalTime:   clockOf(r.CheckIn, arrival),
		DepartureTime: clockOf(r.CheckOut, departure),
		TimeZone:      c.zoneAt(cmp.Or(r.CheckIn, r.CheckOut, r.ArrivalDate)),
		Guests:        mapGuests(r.Guests),
		Guest:         mapGuest(r.Guest),
		Channel:       wire.Channel(r.Platform),
		Code:          string(r.PlatformID),
		Notes:         joined("\n", r.Notes, r.IssueAlert),
		CreatedAt:     wire.TimeOrZero(r.BookingDate, time.UTC).UTC(),
		Raw:           r.Raw,
	}
	if c.cfg.Financials { // a webhook has them unasked, and would differ from the list
		booking.Total = mapTotal(r.Financials)
	}
	return booking, nil
}

// mapKind: the vendor writes the owner's mark in three ways.
func mapKind(r Reservation) pms.Kind {
	if r.OwnerStay.Bool() {
		return pms.KindOwner
	}
	switch r.StayType {
	case "owner_stay", "owner":
		return pms.KindOwner
	case "guest_stay", "guest", "":
		return pms.KindGuest
	default:
		return pms.KindUnknown
	}
}

// mapStatus reads the category.
func mapStatus(category pms.Text) pms.Status {
	switch category {
	case "accepted":
		return pms.StatusConfirmed
	case "request", "checkpoint":
		return pms.StatusTentative
	case "cancelled", "not accepted":
		return pms.StatusCancelled
	default:
		return pms.StatusUnknown
	}
}

// clockOf returns the clock time of a stamp, unless it is of another day.
func clockOf(stamp pms.Text, day pms.Date) pms.Clock {
	s, err := wire.ParseStamp(stamp)
	if err != nil || s.Date != day {
		return pms.Clock{}
	}
	return s.Clock()
}

func mapGuests(n GuestCounts) pms.Guests {
	g := pms.Guests{
		Adults: wire.CountOrZero(n.Adults), Children: wire.CountOrZero(n.Children),
		Infants: wire.CountOrZero(n.Infants), Pets: wire.CountOrZero(n.Pets),
	}
	g.Total = cmp.Or(wire.CountOrZero(n.Total), g.Adults+g.Children+g.Infants)
	return g
}

func mapGuest(g Guest) pms.Guest {
	return pms.Guest{
		Name: joined(" ", g.FirstName, g.LastName), Email: string(g.Email), Phone: string(g.PhoneNumbers[0]), Language: string(g.Language),
	}
}

// mapTotal reads what the guest pays. An amount that cannot be read is unknown.
func mapTotal(f Financials) pms.Money {
	currency := strings.ToUpper(string(f.Currency))
	amount := wire.MinorOrEmpty(f.Guest.TotalPrice.Amount, currency)
	if amount == "" {
		return pms.Money{}
	}
	return pms.Money{Amount: amount, Currency: currency}
}

// reasonBlocked is the reason of a day that is closed.
const reasonBlocked = "BLOCKED"

// isBlock reports whether a day is closed by somebody. What a rule closes, or a
// reservation, is no block; a source that is not known is.
func isBlock(d CalendarDay) bool {
	switch d.Status.SourceType {
	case "RESERVATION", "AVAILABILITY_WINDOW", "TURNOVER_DAY", "ADVANCED_NOTICE", "UPSELL":
		return false
	}
	return d.Status.Reason == reasonBlocked
}

// blockedDays returns the days that are blocks. Days of the past are all closed
// (OpenAPI file, June 2025): those that nobody is said to have closed are none.
// Today is the day in UTC, which may be over at the property.
func blockedDays(propertyID string, days []CalendarDay, today pms.Date) (blocked []calendar.Day, failed []*pms.RecordError) {
	for _, d := range days {
		if !isBlock(d) {
			continue
		}
		var f wire.Fields
		day := f.Day("date", d.Date)
		if err := f.Err(vendor, "calendar day", propertyID+" "+string(d.Date), d.Raw); err != nil {
			failed = append(failed, err)
			continue
		}
		if d.Status.SourceType == "" && !day.After(today) {
			continue
		}
		blocked = append(blocked, calendar.Day{Date: day, Status: reasonBlocked, Note: strings.TrimSpace(string(d.Note)), Raw: d.Raw})
	}
	return blocked, failed
}
