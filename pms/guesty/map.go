package guesty

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// mapListing maps a listing. One for tests, archived or switched off is
// inactive; one that is merely not shown on channels is not.
func mapListing(l Listing) pms.Property {
	p := pms.Property{
		Vendor: vendor,
		ID:     string(l.ID),
		Name:   string(cmp.Or(l.Nickname, l.Title)),
		Address: pms.Address{
			Street:     joined(", ", l.Address.Street, l.Address.Apartment),
			City:       string(l.Address.City),
			Region:     string(l.Address.State),
			PostalCode: string(l.Address.ZipCode),
			Country:    string(l.Address.Country),
		},
		Latitude:    float(l.Address.Lat),
		Longitude:   float(l.Address.Lng),
		TimeZone:    string(l.TimeZone),
		CheckIn:     wire.ClockOrZero(l.DefaultCheckInTime),
		CheckOut:    wire.ClockOrZero(l.DefaultCheckOutTime),
		Bedrooms:    wire.IntOrZero(l.Bedrooms),
		Bathrooms:   float(l.Bathrooms),
		MaxGuests:   wire.CountOrZero(l.Accommodates),
		Status:      pms.PropertyActive,
		Cleanliness: mapCleanliness(cmp.Or(l.CleaningStatus.Value, l.PMS.CleaningStatus.Value)),
		Raw:         l.Raw,
	}
	switch {
	case is(l.Active, false), is(l.PMS.Active, false), l.IsTest.Bool():
		p.Status = pms.PropertyInactive
	case l.Active == nil:
		p.Status = pms.PropertyUnknown
	}
	return p
}

// is reports whether a yes or no is told and is the wanted one.
func is(t *pms.Text, wanted bool) bool { return t != nil && t.Bool() == wanted }

// float reads a number for people and maps; an unreadable one is 0.
func float(t pms.Text) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(string(t)), 64)
	if err != nil || f-f != 0 { // infinite, not a number
		return 0
	}
	return f
}

func joined(separator string, parts ...pms.Text) string {
	var texts []string
	for _, part := range parts {
		if text := strings.TrimSpace(string(part)); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, separator)
}

// The words of the housekeeping status.
const (
	wordClean   = "clean"
	wordDirty   = "dirty"
	wordWaiting = "waitingForInspection"
)

// mapCleanliness: a unit that waits for its inspection is not ready.
func mapCleanliness(word pms.Text) pms.Cleanliness {
	switch word {
	case wordClean:
		return pms.Clean
	case wordDirty:
		return pms.Dirty
	case wordWaiting:
		return pms.CleaningInProgress
	default:
		return pms.CleanlinessUnknown
	}
}

func mapGuest(g Guest) pms.Guest {
	return pms.Guest{
		Name:  cmp.Or(strings.TrimSpace(string(g.FullName)), joined(" ", g.FirstName, g.LastName)),
		Email: string(g.Email),
		Phone: string(g.Phone),
	}
}

// guestID is the guest of a row, whichever call it is from.
func guestID(r Reservation) string { return string(cmp.Or(r.GuestID, r.BookerID)) }

// mapReservation maps a row to one Booking for each run of nights in one unit.
func mapReservation(r Reservation, d details) ([]pms.Booking, *pms.RecordError) {
	var f wire.Fields
	id := r.Key()
	f.Required("reservationId", pms.Text(id))
	var few [2]run // nearly always enough
	runs := runsOf(&f, r, few[:0])
	if err := f.Err(vendor, "booking", id, r.Raw); err != nil {
		return nil, err
	}
	status, word := mapStatus(r)
	booking := pms.Booking{
		Vendor:    vendor,
		ID:        id,
		Kind:      pms.KindGuest,
		Status:    status,
		RawStatus: string(word),
		Guest:     d.guests[guestID(r)],
		Channel:   wire.Channel(cmp.Or(r.Channel, r.Platform, r.Source)),
		Code:      string(r.ConfirmationCode),
		Notes:     mapNotes(r.Notes),
		CreatedAt: instant(r.CreatedAt),
		UpdatedAt: instant(r.LastUpdatedAt),
		Raw:       r.Raw,
	}
	if r.CreationInfo.Owner != (Person{}) {
		booking.Kind = pms.KindOwner
	}
	parts := make([]pms.Booking, len(runs))
	times := map[string]int{}
	for i, run := range runs {
		part := &parts[i]
		*part = booking
		part.PropertyID, part.Guests = run.unit, run.guests
		part.Arrival, part.Departure = run.from, run.to
		if planned, ok := d.planned[id]; ok {
			setTimes(part, planned, d.zone(run))
		}
		if len(runs) > 1 {
			part.GroupID, part.ID = id, id+"#"+cmp.Or(run.unit, "unassigned")
			times[run.unit]++
			if n := times[run.unit]; n > 1 {
				part.ID += "." + strconv.Itoa(n)
			}
		}
	}
	return parts, nil
}

// mapStatus reads the status and, of a stay that is confirmed, its progress. The
// words with two "l" and without "_" are of older data.
func mapStatus(r Reservation) (pms.Status, pms.Text) {
	switch r.Status {
	case "confirmed":
		switch r.GuestStay.Status {
		case "checked_in":
			return pms.StatusCheckedIn, r.GuestStay.Status
		case "checked_out":
			return pms.StatusCheckedOut, r.GuestStay.Status
		case "no_show":
			return pms.StatusNoShow, r.GuestStay.Status
		}
		return pms.StatusConfirmed, r.Status
	case "checked_in":
		return pms.StatusCheckedIn, r.Status
	case "checked_out":
		return pms.StatusCheckedOut, r.Status
	case "reserved", "awaiting_payment", "awaitingPayment":
		return pms.StatusTentative, r.Status
	case "inquiry":
		return pms.StatusInquiry, r.Status
	case "canceled", "cancelled", "closed", "declined", "expired":
		return pms.StatusCancelled, r.Status
	default:
		return pms.StatusUnknown, r.Status
	}
}

// mapNotes leaves the door code out.
func mapNotes(n *Notes) string {
	if n == nil {
		return ""
	}
	return joined("\n", n.Cleaning, n.SpecialRequests, n.Guest, n.Other)
}

// run is a run of nights in one unit.
type run struct {
	unit, parent string
	from, to     pms.Date
	guests       pms.Guests
}

// runsOf adds the segments of a stay to runs, in order. What follows in the same unit
// without a gap is one run: nobody moves. A row without segments is one run of
// its own days, in no unit.
func runsOf(f *wire.Fields, r Reservation, runs []run) []run {
	segments := r.Stay
	if len(segments) == 0 {
		segments = wire.List[Segment]{{}}
	}
	for i, s := range segments {
		arrival, departure := s.CheckInDateLocalized, s.CheckOutDateLocalized
		if i == 0 {
			arrival = cmp.Or(arrival, r.CheckInDateLocalized)
		}
		if i == len(segments)-1 {
			departure = cmp.Or(departure, r.CheckOutDateLocalized)
		}
		next := run{
			unit:   string(cmp.Or(s.ListingID, s.UnitID, s.UnitTypeID)),
			parent: string(cmp.Or(s.ParentListingID, s.UnitTypeID)),
			from:   f.Date("checkInDateLocalized", arrival),
			to:     f.Date("checkOutDateLocalized", departure),
			guests: mapGuests(s),
		}
		f.Stay("checkInDateLocalized", "checkOutDateLocalized", next.from, next.to)
		runs = append(runs, next)
	}
	slices.SortStableFunc(runs, func(a, b run) int { return a.from.Compare(b.from) })
	merged := runs[:1]
	for _, next := range runs[1:] {
		last := &merged[len(merged)-1]
		if next.unit == last.unit && next.from == last.to {
			last.to = next.to
			continue
		}
		merged = append(merged, next)
	}
	return merged
}

// mapGuests: guestsCount is the total; without it the people are counted.
func mapGuests(s Segment) pms.Guests {
	n := s.NumberOfGuests
	g := pms.Guests{
		Adults: wire.CountOrZero(n.Adults), Children: wire.CountOrZero(n.Children),
		Infants: wire.CountOrZero(n.Infants), Pets: wire.CountOrZero(n.Pets),
	}
	g.Total = cmp.Or(wire.CountOrZero(s.GuestsCount), g.Adults+g.Children+g.Infants)
	return g
}

// zone is the zone of a run's listing, or of the parent of it, or nil.
func (d details) zone(r run) *time.Location {
	if zone := d.zones[r.unit]; zone != nil {
		return zone
	}
	return d.zones[r.parent]
}

// setTimes takes the planned times of the segments that begin and end with the
// part.
func setTimes(part *pms.Booking, planned Reservation, zone *time.Location) {
	if zone != nil {
		part.TimeZone = zone.String()
	}
	for _, s := range planned.Stay {
		if day, err := wire.Date(s.CheckInDateLocalized); err == nil && day == part.Arrival {
			part.ArrivalTime = clockOf(s.ETA, day, zone)
		}
		if day, err := wire.Date(s.CheckOutDateLocalized); err == nil && day == part.Departure {
			part.DepartureTime = clockOf(s.ETD, day, zone)
		}
	}
}

// clockOf returns the clock time of an instant that is planned for a day, in a
// zone. A stamp without an offset is read as it is; one that falls on another
// day is left out.
func clockOf(stamp pms.Text, day pms.Date, zone *time.Location) pms.Clock {
	s, err := wire.ParseStamp(stamp)
	if err != nil || s.HasOffset && zone == nil {
		return pms.Clock{}
	}
	if s.HasOffset {
		t := s.Time(nil).In(zone)
		s.Date, s.Hour, s.Minute = civil.DateOf(t), t.Hour(), t.Minute()
	}
	if s.Date != day {
		return pms.Clock{}
	}
	return s.Clock()
}

const blockPrefix = "block-"

// mapBlock maps a run of blocked days, and reports false for what is no block:
// a reservation, which the search has, or a rule.
func mapBlock(b Block) (pms.Booking, bool, *pms.RecordError) {
	if b.Type != "m" && b.Type != "ic" {
		return pms.Booking{}, false, nil
	}
	var f wire.Fields
	from := f.Date("startDate", b.StartDate)
	last := f.Date("endDate", b.EndDate)
	f.Stay("startDate", "endDate", from, last)
	if err := f.Err(vendor, "block", string(b.ID), b.Raw); err != nil {
		return pms.Booking{}, false, err
	}
	return pms.Booking{
		Vendor:     vendor,
		ID:         blockPrefix + string(b.ID),
		PropertyID: string(b.ListingID),
		Kind:       pms.KindBlock,
		Status:     pms.StatusConfirmed,
		RawStatus:  string(b.Type),
		Arrival:    from,
		Departure:  last.AddDays(1),
		Notes:      string(b.Note),
		CreatedAt:  instant(b.CreatedAt),
		Raw:        b.Raw,
	}, true, nil
}

// instant reads a stamp; the vendor's are UTC.
func instant(t pms.Text) time.Time { return wire.TimeOrZero(t, time.UTC).UTC() }
