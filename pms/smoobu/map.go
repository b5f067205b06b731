package smoobu

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// mapApartment joins an apartment of the list with its details.
func (c *Client) mapApartment(a Apartment, d ApartmentDetails) pms.Property {
	return pms.Property{
		Vendor: vendor,
		ID:     string(a.ID),
		Name:   string(a.Name),
		Address: pms.Address{
			Street:     string(d.Location.Street),
			City:       string(d.Location.City),
			PostalCode: string(d.Location.Zip),
			Country:    string(d.Location.Country),
		},
		Latitude:    coordinate(d.Location.Latitude),
		Longitude:   coordinate(d.Location.Longitude),
		TimeZone:    cmp.Or(string(d.TimeZone), c.cfg.TimeZone),
		CheckIn:     c.cfg.CheckIn,
		CheckOut:    c.cfg.CheckOut,
		Bedrooms:    wire.CountOrZero(d.Rooms.Bedrooms),
		Bathrooms:   float64(wire.CountOrZero(d.Rooms.Bathrooms)),
		MaxGuests:   wire.CountOrZero(d.Rooms.MaxOccupancy),
		Status:      pms.PropertyUnknown,
		Cleanliness: pms.CleanlinessUnknown,
		Raw:         rawApartment(a, d),
	}
}

// rawApartment is the details with the id and the name of the list.
func rawApartment(a Apartment, d ApartmentDetails) json.RawMessage {
	whole := map[string]json.RawMessage{}
	for _, part := range []json.RawMessage{d.Raw, a.Raw} {
		if err := json.Unmarshal(part, &whole); err != nil {
			return a.Raw
		}
	}
	raw, err := json.Marshal(whole)
	if err != nil {
		return a.Raw
	}
	return raw
}

func coordinate(t pms.Text) float64 {
	degrees, err := strconv.ParseFloat(string(t), 64)
	if err != nil || !(degrees >= -180 && degrees <= 180) {
		return 0
	}
	return degrees
}

// mapReservation maps a reservation. Gone says that a webhook reports it
// cancelled or deleted, whatever its type is.
func (c *Client) mapReservation(r Reservation, gone bool) (pms.Booking, *pms.RecordError) {
	var f wire.Fields
	status, kind := mapStatus(r.Type), mapKind(r)
	if gone {
		status = pms.StatusCancelled
	}
	arrival, departure := f.Date("arrival", r.Arrival), f.Date("departure", r.Departure)
	f.Stay("arrival", "departure", arrival, departure)
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
		PropertyID:    string(r.Apartment.ID),
		Kind:          kind,
		Status:        status,
		RawStatus:     string(r.Type),
		Arrival:       arrival,
		Departure:     departure,
		ArrivalTime:   wire.ClockOrZero(r.CheckIn),
		DepartureTime: wire.ClockOrZero(r.CheckOut),
		Guests:        mapGuests(r.Adults, r.Children),
		Guest: pms.Guest{
			Name:     guestName(r),
			Email:    string(r.Email),
			Phone:    string(r.Phone),
			Language: string(r.Language),
		},
		Channel:   mapChannel(r.Channel),
		Code:      string(r.ReferenceID),
		Total:     pms.Money{Amount: wire.DecimalOrEmpty(r.Price)},
		Notes:     joinLines(r.Notice, r.AssistantNotice),
		CreatedAt: wire.TimeOrZero(r.CreatedAt, c.zone),
		UpdatedAt: wire.TimeOrZero(r.ModifiedAt, c.zone),
		Raw:       r.Raw,
	}, nil
}

// mapStatus: only "cancellation" is cancelled; a modification is the last thing
// that happened to an active booking.
func mapStatus(word pms.Text) pms.Status {
	switch strings.ToLower(strings.TrimSpace(string(word))) {
	case "reservation", "modification of booking":
		return pms.StatusConfirmed
	case "cancellation":
		return pms.StatusCancelled
	default:
		return pms.StatusUnknown
	}
}

var (
	blockedID = pms.Text(strconv.Itoa(ChannelBlocked))
	directID  = pms.Text(strconv.Itoa(ChannelDirect))
)

func mapKind(r Reservation) pms.Kind {
	if r.IsBlockedBooking.Bool() || r.Channel.ID == blockedID {
		return pms.KindBlock
	}
	return pms.KindGuest
}

// mapChannel: the channel of blocks sells nothing.
func mapChannel(channel Reference) string {
	switch channel.ID {
	case blockedID:
		return ""
	case directID:
		return "direct"
	}
	return wire.Channel(channel.Name)
}

// mapGuests: Smoobu counts neither infants nor pets.
func mapGuests(adults, children pms.Text) pms.Guests {
	g := pms.Guests{Adults: wire.CountOrZero(adults), Children: wire.CountOrZero(children)}
	g.Total = g.Adults + g.Children
	return g
}

func guestName(r Reservation) string {
	if name := strings.TrimSpace(string(r.GuestName)); name != "" {
		return name
	}
	return strings.TrimSpace(strings.TrimSpace(string(r.Firstname)) + " " + strings.TrimSpace(string(r.Lastname)))
}

func joinLines(first, second pms.Text) string {
	if first == "" || second == "" {
		return string(first + second)
	}
	return string(first + "\n" + second)
}

// westernmost is the zone that any stamp is latest in.
var westernmost = time.FixedZone("", -12*60*60)

// changedBefore reports whether a reservation was surely changed before an
// instant, whatever zone its stamp is in.
func changedBefore(r Reservation, since time.Time) bool {
	latest := wire.TimeOrZero(r.ModifiedAt, westernmost)
	return !latest.IsZero() && latest.Add(time.Minute).Before(since)
}
