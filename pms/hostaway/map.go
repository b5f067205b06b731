package hostaway

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// mapListing maps a listing that has no units.
func mapListing(l Listing) pms.Property {
	return pms.Property{
		Vendor: vendor,
		ID:     string(l.ID),
		Name:   string(cmp.Or(l.InternalListingName, l.Name)),
		Address: pms.Address{
			Street:     string(cmp.Or(l.Street, l.Address)),
			City:       string(l.City),
			Region:     string(l.State),
			PostalCode: string(l.Zipcode),
			Country:    string(cmp.Or(l.CountryCode, l.Country)),
		},
		Latitude:    decimal(l.Lat),
		Longitude:   decimal(l.Lng),
		TimeZone:    string(l.TimeZoneName),
		CheckIn:     hour(l.CheckInTimeStart),
		CheckOut:    hour(l.CheckOutTime),
		Bedrooms:    max(wire.IntOrZero(l.BedroomsNumber), 0),
		Bathrooms:   max(decimal(l.BathroomsNumber), 0),
		MaxGuests:   wire.CountOrZero(l.PersonCapacity),
		Status:      mapPropertyStatus(l.SpecialStatus),
		Cleanliness: mapCleanliness(l.CleannessStatus),
		Raw:         l.Raw,
	}
}

// mapUnit maps a unit of a listing: what is known of it is the listing's, but
// for the housekeeping status, which the listing has for all.
func mapUnit(l Listing, u ListingUnit) pms.Property {
	p := mapListing(l)
	p.ID, p.ParentID = unitID(l.ID, u.ID), p.ID
	if name := cmp.Or(u.Name, u.UnitNumber); name != "" {
		p.Name = strings.TrimPrefix(p.Name+", "+string(name), ", ")
	}
	p.Cleanliness = pms.CleanlinessUnknown
	p.Raw = u.Raw
	return p
}

func unitID(listing, unit pms.Text) string { return string(listing) + "/" + string(unit) }

// mapPropertyStatus: "archived" is the only documented sign.
func mapPropertyStatus(special pms.Text) pms.PropertyStatus {
	switch special {
	case "":
		return pms.PropertyActive
	case "archived":
		return pms.PropertyInactive
	default:
		return pms.PropertyUnknown
	}
}

// The values of cleannessStatus (unverified).
const (
	cleannessClean = "1"
	cleannessDirty = "2"
)

func mapCleanliness(value pms.Text) pms.Cleanliness {
	switch value {
	case cleannessClean:
		return pms.Clean
	case cleannessDirty:
		return pms.Dirty
	default:
		return pms.CleanlinessUnknown
	}
}

// mapReservation maps a reservation to one Booking per unit.
func mapReservation(r Reservation) ([]pms.Booking, *pms.RecordError) {
	var f wire.Fields
	f.Required("id", r.ID)
	var arrival, departure pms.Date
	if !r.IsDatesUnspecified.Bool() { // the dates are yesterday's then
		arrival, departure = f.Date("arrivalDate", r.ArrivalDate), f.Date("departureDate", r.DepartureDate)
		f.Stay("arrivalDate", "departureDate", arrival, departure)
	}
	if err := f.Err(vendor, "booking", string(r.ID), r.Raw); err != nil {
		return nil, err
	}
	return parts(r, pms.Booking{
		Vendor:        vendor,
		ID:            string(r.ID),
		PropertyID:    number(r.ListingMapID),
		Kind:          mapKind(r.Status),
		Status:        mapStatus(r),
		RawStatus:     string(r.Status),
		Arrival:       arrival,
		Departure:     departure,
		ArrivalTime:   hour(r.CheckInTime),
		DepartureTime: hour(r.CheckOutTime),
		Guests:        mapGuests(r.NumberOfGuests, r.Adults, r.Children, r.Infants, r.Pets),
		Guest: pms.Guest{
			Name:     fullName(r),
			Email:    string(r.GuestEmail),
			Phone:    string(r.Phone),
			Language: string(r.GuestLocale),
		},
		Channel:   mapChannel(r.ChannelID, r.ChannelName),
		Code:      string(cmp.Or(r.ConfirmationCode, r.ReservationID, r.ChannelReservationID)),
		Total:     mapTotal(r.TotalPrice, r.Currency),
		Notes:     joined(r.HostNote, r.GuestNote, r.Comment),
		CreatedAt: wire.TimeOrZero(r.ReservationDate, time.UTC),
		UpdatedAt: wire.TimeOrZero(r.UpdatedOn, time.UTC),
		Raw:       r.Raw,
	}), nil
}

// parts splits a reservation into one Booking per unit. One unit keeps the id
// of the reservation, and one that is not assigned yet has no property. A unit
// has guests of its own; where the vendor does not count them in one of several
// units, they are not known.
func parts(r Reservation, stay pms.Booking) []pms.Booking {
	units := r.ReservationUnit
	if len(units) == 0 || stay.PropertyID == "" {
		return []pms.Booking{stay}
	}
	out := make([]pms.Booking, 0, len(units))
	times := map[string]int{}
	for _, u := range units {
		part := stay
		part.PropertyID = ""
		if number(u.ListingUnitID) != "" {
			part.PropertyID = unitID(r.ListingMapID, u.ListingUnitID)
		}
		guests := mapGuests(u.NumberOfGuests, u.Adults, u.Children, u.Infants, u.Pets)
		if len(units) > 1 || guests != (pms.Guests{}) {
			part.Guests = guests
		}
		if len(units) > 1 {
			part.GroupID, part.ID = stay.ID, stay.ID+"#"+cmp.Or(number(u.ListingUnitID), number(u.ID))
			part.Guest.Name = cmp.Or(strings.TrimSpace(string(u.GuestName)), stay.Guest.Name)
		}
		times[part.ID]++
		if n := times[part.ID]; n > 1 {
			part.ID += "." + strconv.Itoa(n)
		}
		out = append(out, part)
	}
	return out
}

// mapKind: Hostaway's owner stays are reservations; its blocks are not.
func mapKind(status pms.Text) pms.Kind {
	if status == "ownerStay" {
		return pms.KindOwner
	}
	return pms.KindGuest
}

// mapStatus: "unknown" is the vendor's own word, for a failed inquiry. A
// no-show keeps its status and has a stamp.
func mapStatus(r Reservation) pms.Status {
	switch r.Status {
	case "new", "modified", "confirmed", "ownerStay":
		if r.BookingcomNoShowReportedAt != "" {
			return pms.StatusNoShow
		}
		return pms.StatusConfirmed
	case "awaitingPayment", "awaitingGuestVerification":
		return pms.StatusTentative
	case "cancelled", "declined", "expired":
		return pms.StatusCancelled
	case "pending", "unconfirmed", // requests to book
		"inquiry", "inquiryPreapproved", "inquiryDenied", "inquiryTimedout", "inquiryNotPossible", "unknown":
		return pms.StatusInquiry
	default:
		return pms.StatusUnknown
	}
}

// channels are the vendor's numbers, for a record without the word. Those of
// imported calendars say through which channel the stay came, too.
func mapChannel(id, name pms.Text) string {
	if name != "" {
		return wire.Channel(name)
	}
	switch id {
	case "2018", "2001":
		return "airbnb"
	case "2002", "2009", "2010":
		return "vrbo"
	case "2005":
		return "booking"
	case "2007":
		return "expedia"
	case "2000":
		return "direct"
	default:
		return ""
	}
}

// mapGuests: the total is the vendor's, or else the sum.
func mapGuests(total, adults, children, infants, pets pms.Text) pms.Guests {
	g := pms.Guests{
		Adults:   wire.CountOrZero(adults),
		Children: wire.CountOrZero(children),
		Infants:  wire.CountOrZero(infants),
		Pets:     wire.CountOrZero(pets),
		Total:    wire.CountOrZero(total),
	}
	if g.Total == 0 {
		g.Total = g.Adults + g.Children + g.Infants
	}
	return g
}

func mapTotal(price, currency pms.Text) pms.Money {
	text := wire.DecimalOrEmpty(price)
	if text == "" {
		return pms.Money{}
	}
	return pms.Money{Amount: text, Currency: string(currency)}
}

func fullName(r Reservation) string {
	if name := strings.TrimSpace(string(r.GuestName)); name != "" {
		return name
	}
	return strings.TrimSpace(strings.TrimSpace(string(r.GuestFirstName)) + " " + strings.TrimSpace(string(r.GuestLastName)))
}

// joined puts notes under one another, each once.
func joined(notes ...pms.Text) string {
	lines := make([]string, 0, 3)
	for _, note := range notes {
		if text := strings.TrimSpace(string(note)); text != "" && !slices.Contains(lines, text) {
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n")
}

// number: 0 is no id.
func number(t pms.Text) string {
	if t == "0" {
		return ""
	}
	return string(t)
}

// hour reads a whole hour, 0 to 23.
func hour(t pms.Text) pms.Clock { return wire.ClockOrZero(t) }

// decimal reads a coordinate or a count with a fraction; an unreadable one is
// 0.
func decimal(t pms.Text) float64 {
	n, err := strconv.ParseFloat(wire.DecimalOrEmpty(t), 64)
	if err != nil {
		return 0
	}
	return n
}
