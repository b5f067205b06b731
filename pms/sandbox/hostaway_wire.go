package sandbox

import (
	"fmt"
	"slices"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// hostawayListing is a listing and its units: one, or those of a unit type.
type hostawayListing struct {
	id    int64
	name  string
	multi bool
	units []Property
}

func (h *Hostaway) listings() []hostawayListing {
	var out []hostawayListing
	for _, unit := range h.world.Units() {
		if !h.opts.MultiUnit || unit.ParentID == "" {
			out = append(out, hostawayListing{id: number(unit.ID), name: unit.Name, units: []Property{unit}})
			continue
		}
		parent := number(unit.ParentID)
		i := slices.IndexFunc(out, func(l hostawayListing) bool { return l.id == parent && l.multi })
		if i < 0 {
			out = append(out, hostawayListing{id: parent, name: unit.ParentName, multi: true})
			i = len(out) - 1
		}
		out[i].units = append(out[i].units, unit)
	}
	return out
}

func (l hostawayListing) has(unitID string) bool {
	return slices.ContainsFunc(l.units, func(p Property) bool { return p.ID == unitID })
}

// row is the listing object.
func (l hostawayListing) row() object {
	p := l.units[0]
	var cleanness, special any
	switch {
	case l.multi:
	case p.Cleanliness == pms.Clean:
		cleanness = 1
	case p.Cleanliness == pms.Dirty:
		cleanness = "2"
	}
	if p.Inactive {
		special = "archived"
	}
	return object{
		"id": l.id, "name": l.name, "externalListingName": l.name, "internalListingName": textOrNil(l.name),
		"description": nil, "specialInstruction": nil, "doorSecurityCode": nil,
		"address": p.Address.Street + ", " + p.Address.City, "country": nil, "countryCode": textOrNil(p.Address.Country),
		"state": textOrNil(p.Address.Region), "city": textOrNil(p.Address.City), "street": textOrNil(p.Address.Street),
		"zipcode": textOrNil(p.Address.PostalCode), "lat": p.Latitude, "lng": p.Longitude, "timeZoneName": p.Zone.String(),
		"checkInTimeStart": p.CheckIn.Hour(), "checkInTimeEnd": nil, "checkOutTime": p.CheckOut.Hour(),
		"personCapacity": p.Beds, "bedroomsNumber": p.Bedrooms, "bedsNumber": p.Beds, "bathroomsNumber": p.Bathrooms,
		"cleaningFee": nil, "currencyCode": "RUB", "cleannessStatus": cleanness, "cleaningInstruction": nil,
		"cleannessStatusUpdatedOn": nil, "specialStatus": special, "listingAmenities": []object{},
		"listingBedTypes": []object{}, "listingImages": []object{}, "customFieldValues": []object{},
	}
}

// day is one day of the calendar.
func (l hostawayListing) day(day pms.Date, stays []Stay) object {
	blocked, reserved, note := 0, 0, ""
	for _, s := range stays {
		switch {
		case day.Before(s.Arrival) || !day.Before(s.Departure):
		case s.Kind == pms.KindBlock:
			blocked++
			note = s.Reason
		case s.Status != pms.StatusInquiry && s.Status != pms.StatusNoShow:
			reserved++
		}
	}
	status, available := "available", 1
	switch free := len(l.units) - blocked - reserved; {
	case blocked >= len(l.units):
		status, available = "blocked", 0
	case free <= 0:
		status, available = "reserved", 0
	}
	return object{
		"id": nil, "date": day.String(), "isAvailable": available, "isProcessed": 1, "status": status, "price": 5000,
		"minimumStay": 1, "maximumStay": 365, "closedOnArrival": nil, "closedOnDeparture": nil, "note": textOrNil(note),
		"countAvailableUnits": max(len(l.units)-blocked-reserved, 0), "countReservedUnits": reserved,
		"countBlockedUnits": blocked, "reservations": []object{},
	}
}

// hostawayReservation is a stay, or several of a group in units of one listing.
type hostawayReservation struct {
	Stay    // the first one
	listing int64
	multi   bool
	parts   []Stay
}

// reservations returns all, blocks left out.
func (h *Hostaway) reservations() []hostawayReservation {
	homes := map[string]hostawayListing{}
	for _, l := range h.listings() {
		for _, unit := range l.units {
			homes[unit.ID] = l
		}
	}
	var out []hostawayReservation
	parties := map[string]int{}
	for _, s := range h.world.staysIf(func(s *Stay) bool { return s.Kind != pms.KindBlock }) {
		home := homes[s.UnitID]
		party := fmt.Sprint(s.Group, home.id, s.Arrival, s.Departure)
		if i, ok := parties[party]; ok && home.multi && s.Group != "" {
			out[i].parts = append(out[i].parts, s)
			if s.UpdatedAt.After(out[i].UpdatedAt) {
				out[i].UpdatedAt = s.UpdatedAt
			}
			continue
		}
		parties[party] = len(out)
		out = append(out, hostawayReservation{Stay: s, listing: home.id, multi: home.multi, parts: []Stay{s}})
	}
	return out
}

// hostawayChannels are the documented channels by the world's words.
var hostawayChannels = map[string]struct {
	id   int
	name string
}{
	"direct": {2000, "direct"}, "vrbo": {2002, "homeaway"}, "booking": {2005, "bookingcom"}, "expedia": {2007, "expedia"},
	"airbnb": {2018, "airbnbOfficial"}, "": {2020, "partner"},
}

// row is the reservation object; full adds what includeResources=1 does.
func (h *Hostaway) row(res hostawayReservation, full bool) object {
	channel, ok := hostawayChannels[res.Channel]
	if !ok {
		channel = hostawayChannels[""]
	}
	code := res.Code
	var confirmation any
	if res.ChannelCode != "" {
		code = res.ChannelCode
	}
	if res.Channel == "airbnb" {
		confirmation = textOrNil(res.ChannelCode)
	}
	guests := pms.Guests{}
	for _, s := range res.parts {
		guests.Adults += s.Guests.Adults
		guests.Children += s.Guests.Children
		guests.Infants += s.Guests.Infants
		guests.Pets += s.Guests.Pets
		guests.Total += s.Guests.Total
	}
	first, last := splitName(res.Guest.Name)
	row := object{
		"id": number(res.ID), "hostawayReservationId": res.ID, "listingMapId": hostawayID(res.listing),
		"channelId": channel.id, "channelName": channel.name, "source": nil,
		"reservationId":    fmt.Sprintf("%d-%d-%d-%s", h.opts.AccountID, res.listing, channel.id, code),
		"confirmationCode": confirmation, "reservationDate": hostawayTime(res.CreatedAt),
		"arrivalDate": res.Arrival.String(), "departureDate": res.Departure.String(),
		"previousArrivalDate": hostawayDay(res.OriginalArrival), "previousDepartureDate": hostawayDay(res.OriginalDeparture),
		"isDatesUnspecified": 0, "checkInTime": hostawayHour(res.ArrivalTime), "checkOutTime": hostawayHour(res.DepartureTime),
		"nights": res.Departure.DaysSince(res.Arrival), "guestName": textOrNil(res.Guest.Name),
		"guestFirstName": textOrNil(first), "guestLastName": textOrNil(last), "guestEmail": textOrNil(res.Guest.Email),
		"phone": textOrNil(res.Guest.Phone), "guestLocale": textOrNil(res.Guest.Language), "status": hostawayStatus(&res.Stay),
		"cancellationDate": hostawayTime(res.CancelledAt), "cancelledBy": nil, "hostNote": textOrNil(res.Notes),
		"guestNote": nil, "comment": nil, "doorCode": nil, "totalPrice": nil, "cleaningFee": nil,
		"currency": textOrNil(res.Total.Currency), "isPaid": nil, "isArchived": 0, "hostProxyEmail": nil,
		"latestActivityOn": hostawayTime(res.UpdatedAt), "updatedOn": hostawayTime(res.UpdatedAt),
		"customFieldValues": []object{}, "reservationFees": []object{}, "reservationUnit": []object{},
	}
	if res.Total.Amount != "" {
		row["totalPrice"] = amount(res.Total.Amount)
	}
	countGuests(row, guests)
	if full && res.multi {
		row["reservationUnit"] = h.units(res)
	}
	return row
}

// units are the units of a reservation.
func (h *Hostaway) units(res hostawayReservation) []object {
	out := []object{}
	for _, s := range res.parts {
		unit := object{
			"id": number(s.ID) + 5_000_000, "reservationId": number(res.ID), "listingUnitId": number(s.UnitID),
			"externalReservationId": nil, "externalReservationUnitId": nil, "guestName": textOrNil(s.Guest.Name),
			"guestFirstName": nil, "guestLastName": nil, "totalPrice": nil,
		}
		countGuests(unit, s.Guests)
		out = append(out, unit)
	}
	return out
}

// countGuests sets the counts; 0 is null.
func countGuests(row object, g pms.Guests) {
	for name, n := range map[string]int{
		"numberOfGuests": g.Total, "adults": g.Adults, "children": g.Children, "infants": g.Infants, "pets": g.Pets,
	} {
		row[name] = nil
		if n > 0 {
			row[name] = n
		}
	}
}

func hostawayStatus(s *Stay) string {
	switch s.Status {
	case pms.StatusCancelled:
		return "cancelled"
	case pms.StatusInquiry:
		return "inquiry"
	case pms.StatusTentative:
		return "awaitingPayment"
	case pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut, pms.StatusNoShow, pms.StatusUnknown:
	}
	switch {
	case s.Kind == pms.KindOwner:
		return "ownerStay"
	case s.UpdatedAt.After(s.CreatedAt):
		return "modified"
	default:
		return "new"
	}
}

// hostawayTime is an instant in UTC without a zone.
func hostawayTime(t time.Time) *string { return stamp(t, time.UTC) }

func hostawayDay(day pms.Date) any {
	if day.IsZero() {
		return nil
	}
	return day.String()
}

func hostawayHour(c pms.Clock) any {
	if c.IsZero() {
		return nil
	}
	return c.Hour()
}

func hostawayID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}
