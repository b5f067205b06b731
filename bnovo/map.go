package bnovo

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// mapRoom maps a room of either interface.
func (c *Client) mapRoom(r Room) pms.Property {
	return pms.Property{
		Vendor:      vendor,
		ID:          string(r.ID),
		ParentID:    string(r.RoomTypeID),
		Name:        string(r.Name),
		TimeZone:    c.cfg.TimeZone,
		CheckIn:     c.cfg.CheckIn,
		CheckOut:    c.cfg.CheckOut,
		Status:      pms.PropertyUnknown,
		Cleanliness: c.mapCleanliness(r.CleanStatus),
		Raw:         r.Raw,
	}
}

// mapCleanliness reads the words of Config.Cleanliness first and the obvious
// English ones next; the vendor documents none.
func (c *Client) mapCleanliness(word pms.Text) pms.Cleanliness {
	if c.cfg.Cleanliness != nil {
		for state, w := range c.cfg.Cleanliness.Words {
			if w != "" && strings.EqualFold(w, string(word)) {
				return state
			}
		}
	}
	switch strings.ToLower(string(word)) {
	case "clean":
		return pms.Clean
	case "dirty":
		return pms.Dirty
	default:
		return pms.CleanlinessUnknown
	}
}

// mapReservation maps a booking of the open API to one Booking per room.
func (c *Client) mapReservation(r Reservation) ([]pms.Booking, *pms.RecordError) {
	var f wire.Fields
	f.Required("id", r.ID)
	arrival := f.Stamp("dates.arrival", cmp.Or(r.Dates.RealArrival, r.Dates.Arrival))
	departure := f.Stamp("dates.departure", cmp.Or(r.Dates.RealDeparture, r.Dates.Departure))
	f.Stay("dates.arrival", "dates.departure", arrival.Date, departure.Date)
	if err := f.Err(vendor, "booking", string(r.ID), r.Raw); err != nil {
		return nil, err
	}
	zone := c.zone
	if zone == nil {
		// Creation and change carry no offset; the arrival does (unverified that
		// they are on the same clock).
		zone = arrival.Zone(nil)
	}
	booking := pms.Booking{
		Vendor:        vendor,
		ID:            string(r.ID),
		PropertyID:    roomID(r.RoomID),
		Kind:          pms.KindGuest,
		Status:        mapStatus(r.Status.ID),
		RawStatus:     string(cmp.Or(r.Status.Name, r.Status.ID)),
		Arrival:       arrival.Date,
		Departure:     departure.Date,
		ArrivalTime:   arrival.Clock(),
		DepartureTime: departure.Clock(),
		TimeZone:      c.cfg.TimeZone,
		Guests:        mapGuests(r.Extra.Adults, r.Extra.Children),
		Guest: pms.Guest{
			Name:  fullName(r.Customer.Name, r.Customer.Surname),
			Email: string(r.Customer.Email),
			Phone: string(r.Customer.Phone),
		},
		Channel:   mapChannel(r.Source.ID, r.Source.Name),
		Code:      string(cmp.Or(r.ProviderBookingID, r.Number)),
		Total:     pms.Money{Amount: wire.DecimalOrEmpty(r.Amount)},
		Notes:     string(r.Notes),
		CreatedAt: wire.TimeOrZero(r.Dates.CreateDate, zone),
		UpdatedAt: latest(wire.TimeOrZero(r.Dates.UpdateDate, zone), wire.TimeOrZero(r.Dates.CancelDate, zone)),
		Raw:       r.Raw,
	}
	return segments(booking, r.Prices), nil
}

// closurePrefix tells the ids of closures from those of reservations.
const closurePrefix = "closure-"

// mapClosure maps a closed period to a block. Its dates are day-first in the
// session API.
func (c *Client) mapClosure(cl Closure, stampOf func(*wire.Fields, string, pms.Text) wire.Stamp) (pms.Booking, *pms.RecordError) {
	var f wire.Fields
	from := stampOf(&f, "date_from", cl.DateFrom)
	to := stampOf(&f, "date_to", cl.DateTo)
	f.Stay("date_from", "date_to", from.Date, to.Date)
	id := string(cl.ID)
	if id == "" { // the session API gives none
		id = strings.Join([]string{string(cl.RoomID), from.Date.String(), to.Date.String()}, "-")
	}
	if err := f.Err(vendor, "closure", id, cl.Raw); err != nil {
		return pms.Booking{}, err
	}
	return pms.Booking{
		Vendor:        vendor,
		ID:            closurePrefix + id,
		PropertyID:    roomID(cl.RoomID),
		Kind:          pms.KindBlock,
		Status:        pms.StatusConfirmed,
		RawStatus:     string(cl.Reason),
		Arrival:       from.Date,
		Departure:     to.Date,
		ArrivalTime:   from.Clock(),
		DepartureTime: to.Clock(),
		TimeZone:      c.cfg.TimeZone,
		Notes:         string(cl.Comment),
		Raw:           cl.Raw,
	}, nil
}

// mapStatus maps by number; names are translated and free (OpenAPI file,
// 2026-06).
func mapStatus(id pms.Text) pms.Status {
	switch id {
	case "1", "5":
		return pms.StatusConfirmed
	case "2":
		return pms.StatusCancelled
	case "3":
		return pms.StatusCheckedIn
	case "4":
		return pms.StatusCheckedOut
	case "6":
		return pms.StatusInquiry
	default:
		return pms.StatusUnknown
	}
}

// mapChannel: source 0 is a direct booking.
func mapChannel(id, name pms.Text) string {
	if id == "0" {
		return "direct"
	}
	return wire.Channel(name)
}

// mapGuests: Bnovo counts neither infants nor pets.
func mapGuests(adults, children pms.Text) pms.Guests {
	g := pms.Guests{Adults: wire.CountOrZero(adults), Children: wire.CountOrZero(children)}
	g.Total = g.Adults + g.Children
	return g
}

// roomID: 0 is no room.
func roomID(t pms.Text) string {
	if t == "0" {
		return ""
	}
	return string(t)
}

func fullName(name, surname pms.Text) string {
	return strings.TrimSpace(strings.TrimSpace(string(name)) + " " + strings.TrimSpace(string(surname)))
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// segment is a run of nights in one room, from a day on.
type segment struct {
	room string
	from pms.Date
}

// segments splits a stay whose nights are in several rooms into one Booking
// per room. Each ends where the next begins; only the first keeps the arrival
// time and only the last the departure time. Nights in one room alone change
// nothing: the room of the reservation itself is the newer statement.
func segments(stay pms.Booking, nights []Night) []pms.Booking {
	runs := runsOf(stay, nights)
	if len(runs) < 2 {
		return []pms.Booking{stay}
	}
	parts := make([]pms.Booking, len(runs))
	times := map[string]int{}
	for i, run := range runs {
		part := stay
		part.GroupID, part.PropertyID = stay.ID, run.room
		times[run.room]++
		part.ID = stay.ID + "#" + run.room
		if n := times[run.room]; n > 1 {
			part.ID += "." + strconv.Itoa(n)
		}
		if i > 0 {
			part.Arrival, part.ArrivalTime = run.from, pms.Clock{}
		}
		if i+1 < len(runs) {
			part.Departure, part.DepartureTime = runs[i+1].from, pms.Clock{}
		}
		parts[i] = part
	}
	return parts
}

// runsOf returns the rooms of a stay in the order of its nights. Entries
// without a room are services; nights outside the stay are passed over.
func runsOf(stay pms.Booking, nights []Night) []segment {
	var all []segment
	for _, night := range nights {
		room := roomID(night.RoomID)
		day, err := wire.Date(night.Date)
		if room == "" || err != nil || day.Before(stay.Arrival) || !day.Before(stay.Departure) {
			continue
		}
		all = append(all, segment{room: room, from: day})
	}
	slices.SortStableFunc(all, func(a, b segment) int { return a.from.Compare(b.from) })
	return slices.CompactFunc(all, func(a, b segment) bool { return a.room == b.room })
}
