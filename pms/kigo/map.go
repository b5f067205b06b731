package kigo

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// mapProperty maps a property that can be read.
func (c *Client) mapProperty(p Property) pms.Property {
	i := p.Info
	out := c.blank(p.ID, i.Name)
	out.Address = pms.Address{
		Street:     street(i),
		City:       string(i.City),
		Region:     string(i.Region),
		PostalCode: string(i.PostCode),
		Country:    string(i.Country),
	}
	out.Latitude = coordinate(i.Coordinates.Latitude)
	out.Longitude = coordinate(i.Coordinates.Longitude)
	out.CheckIn = cmp.Or(timeOf(wire.ClockOrZero(i.CheckIn)), out.CheckIn)
	out.CheckOut = cmp.Or(timeOf(wire.ClockOrZero(i.CheckOut)), out.CheckOut)
	out.Bedrooms = wire.CountOrZero(i.Bedrooms)
	out.Bathrooms = float64(wire.CountOrZero(i.Bathrooms))
	out.MaxGuests = wire.CountOrZero(i.MaxGuests)
	out.Status = pms.PropertyActive
	out.Raw = p.Raw
	return out
}

// mapInactive maps a property of which the list is all that can be read.
func (c *Client) mapInactive(p PropertyRef) pms.Property {
	out := c.blank(p.ID, p.Name)
	out.Status, out.Raw = pms.PropertyInactive, p.Raw
	return out
}

func (c *Client) blank(id, name pms.Text) pms.Property {
	return pms.Property{
		Vendor: vendor, ID: string(id), Name: string(name),
		TimeZone: c.cfg.TimeZone, CheckIn: c.cfg.CheckIn, CheckOut: c.cfg.CheckOut,
		Cleanliness: pms.CleanlinessUnknown,
	}
}

// street is "7 Via Roma, 2".
func street(i PropertyInfo) string {
	var parts []string
	for _, part := range []pms.Text{i.StreetNo + " " + i.Address1, i.Address2, i.Address3, i.AptNo} {
		if text := strings.TrimSpace(string(part)); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

func coordinate(t pms.Text) float64 {
	degrees, err := strconv.ParseFloat(string(t), 64)
	if err != nil || !(degrees >= -180 && degrees <= 180) {
		return 0
	}
	return degrees
}

// CleaningTime is how long a cleaning of the property takes, 0 if the agency
// does not say.
func (i PropertyInfo) CleaningTime() time.Duration {
	return time.Duration(wire.ClockOrZero(i.CleanTime).Minutes()) * time.Minute
}

// mapEntry maps an entry of the calendar: all that is known without a request
// for the reservation.
func (c *Client) mapEntry(e CalendarEntry) (pms.Booking, *pms.RecordError) {
	b, bad := c.stay(e.ReservationID, e.Status, e.CheckIn, e.CheckOut, e.Raw)
	if bad != nil {
		return pms.Booking{}, bad
	}
	b.PropertyID, b.Kind = string(e.PropertyID), mapKind(e.Owned)
	return b, nil
}

// mapReservation maps a reservation of the account.
func (c *Client) mapReservation(r Reservation) (pms.Booking, *pms.RecordError) {
	b, bad := c.stay(r.ID, r.Status, r.CheckIn, r.CheckOut, r.Raw)
	if bad != nil {
		return pms.Booking{}, bad
	}
	b.PropertyID = string(r.PropertyID)
	return c.withDetails(b, r), nil
}

// withDetails adds what only a reservation says, and that the account has it.
func (c *Client) withDetails(b pms.Booking, r Reservation) pms.Booking {
	b.Kind = pms.KindGuest
	b.Guests = mapGuests(r)
	b.Guest = mapGuest(r)
	b.Notes = joinLines(r.Comment, r.CommentGuest)
	b.CreatedAt = wire.TimeOrZero(r.Create, c.zone)
	b.Raw = r.Raw
	return b
}

// stay maps what entries and reservations have in common.
func (c *Client) stay(id, status, checkIn, checkOut pms.Text, raw []byte) (pms.Booking, *pms.RecordError) {
	var f wire.Fields
	arrival, departure := stampOf(&f, "RES_CHECK_IN", checkIn), stampOf(&f, "RES_CHECK_OUT", checkOut)
	f.Stay("RES_CHECK_IN", "RES_CHECK_OUT", arrival.Date, departure.Date)
	f.Required("RES_ID", id)
	if bad := f.Err(vendor, "booking", string(id), raw); bad != nil {
		return pms.Booking{}, bad
	}
	return pms.Booking{
		Vendor:        vendor,
		ID:            string(id),
		Status:        mapStatus(status),
		RawStatus:     string(status),
		Arrival:       arrival.Date,
		Departure:     departure.Date,
		ArrivalTime:   timeOf(arrival.Clock()),
		DepartureTime: timeOf(departure.Clock()),
		TimeZone:      c.cfg.TimeZone,
		Raw:           raw,
	}, nil
}

// stampOf reads a day with or without a time; a time that cannot be read is not
// stated.
func stampOf(f *wire.Fields, field string, t pms.Text) wire.Stamp {
	if stamp, err := wire.ParseStamp(t); err == nil {
		return stamp
	}
	day, _, _ := strings.Cut(string(t), " ")
	return f.Stamp(field, pms.Text(day))
}

// withTimes adds the times of an entry, as far as the days are the same.
func withTimes(b, entry pms.Booking) pms.Booking {
	if b.Arrival == entry.Arrival {
		b.ArrivalTime = cmp.Or(b.ArrivalTime, entry.ArrivalTime)
	}
	if b.Departure == entry.Departure {
		b.DepartureTime = cmp.Or(b.DepartureTime, entry.DepartureTime)
	}
	return b
}

// timeOf: midnight is a day without a time.
func timeOf(c pms.Clock) pms.Clock {
	if c.Minutes() == 0 {
		return pms.Clock{}
	}
	return c
}

// mapKind: an entry of another account is a block (inferred).
func mapKind(owned Owned) pms.Kind {
	switch owned {
	case OwnedYes:
		return pms.KindGuest
	case OwnedNo:
		return pms.KindBlock
	case OwnedUnknown:
		return pms.KindUnknown
	default:
		return pms.KindUnknown
	}
}

func mapStatus(word pms.Text) pms.Status {
	switch word {
	case "CONFIRMED":
		return pms.StatusConfirmed
	case "HOLD":
		return pms.StatusTentative
	case "CANCELED", "CANCELED_HOLD":
		return pms.StatusCancelled
	default:
		return pms.StatusUnknown
	}
}

// mapGuests: Kigo does not count pets.
func mapGuests(r Reservation) pms.Guests {
	g := pms.Guests{
		Adults:   wire.CountOrZero(r.Adults),
		Children: wire.CountOrZero(r.Children),
		Infants:  wire.CountOrZero(r.Babies),
	}
	g.Total = g.Adults + g.Children + g.Infants
	return g
}

func mapGuest(r Reservation) pms.Guest {
	g := r.Guest
	if g == (Guest{}) {
		g = r.Nested
	}
	first, last := strings.TrimSpace(string(g.FirstName)), strings.TrimSpace(string(g.LastName))
	return pms.Guest{Name: strings.TrimSpace(first + " " + last), Email: string(g.Email), Phone: string(g.Phone)}
}

func joinLines(first, second pms.Text) string {
	if first == "" || second == "" {
		return string(first + second)
	}
	return string(first + "\n" + second)
}
