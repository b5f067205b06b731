package operto

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// aim is what is to become of the reservation of a booking.
type aim int

const (
	aimGive   aim = iota // there is to be one, exactly so
	aimDeny              // there is to be none
	aimFreeze            // none is made; one that is exactly so stays, any other goes
	aimLeave             // whatever there is stays as it is
)

// want is what the bookings ask of one reservation.
type want struct {
	aim      aim
	id       string // ours
	keys     []pms.Key
	lodging  string
	property string // Operto's id
	span     span
	guest    pms.Guest
	problems []Diagnosis
	// silent wants are in no report: nobody expects a code.
	silent bool
}

func (w *want) problem(kind DiagnosisKind, detail string) {
	w.problems = append(w.problems, Diagnosis{Kind: kind, LodgingID: w.lodging, Stay: w.keys[0], Detail: detail})
}

// stay is what Operto is sent.
func (w *want) stay() Stay {
	return Stay{
		PartnerID: w.id, CheckIn: w.span.in, CheckOut: w.span.out,
		GuestName: w.guest.Name, GuestEmail: w.guest.Email, GuestPhone: w.guest.Phone,
	}
}

// place is what a lodging is in Operto, or why it is nothing there.
type place struct {
	aim      aim
	property Property
	problem  DiagnosisKind
	detail   string
}

// findPlace fails closed: unless a lodging has exactly one property, which is
// there and is no other lodging's, it has none.
func (r Rules) findPlace(d Desired, properties map[string]Property, lodging string) place {
	var links []pms.Link
	for _, link := range d.Links.Units(lodging) {
		if link.Vendor == vendor && link.Account == r.Account {
			links = append(links, link)
		}
	}
	switch len(links) {
	case 0:
		return place{aim: aimDeny, problem: NotMapped}
	case 1:
	default:
		ids := make([]string, len(links))
		for i, link := range links {
			ids[i] = link.UnitID
		}
		return place{aim: aimDeny, problem: DoublyMapped, detail: strings.Join(ids, ", ")}
	}
	if links[0].Paused {
		return place{aim: aimLeave, problem: MappingPaused}
	}
	property, ok := properties[links[0].UnitID]
	if !ok {
		return place{aim: aimDeny, problem: PropertyDeleted, detail: links[0].UnitID}
	}
	if property.PartnerID != "" && property.PartnerID != lodging {
		for _, other := range d.Lodgings {
			if other.ID == property.PartnerID {
				return place{aim: aimDeny, property: property, problem: MappingContradicts, detail: other.ID}
			}
		}
	}
	return place{aim: aimGive, property: property}
}

// wants returns what the bookings ask for, one want a booking or a chain of
// joined ones, in the order of lodgings and time.
func (r Rules) wants(d Desired, properties map[string]Property) []*want {
	newest, torn := newestBookings(d.Lodgings)
	var all []*want
	for i, lodging := range d.Lodgings {
		at := r.findPlace(d, properties, lodging.ID)
		var here []*want
		for key, found := range newest {
			if found.lodging == i {
				here = append(here, r.want(lodging, at, found.booking, torn[key]))
			}
		}
		slices.SortFunc(here, func(a, b *want) int {
			return cmp.Or(a.span.from.Compare(b.span.from), strings.Compare(a.id, b.id))
		})
		if r.JoinSameGuest {
			here = join(here)
		}
		all = append(all, here...)
	}
	return all
}

type located struct {
	lodging int
	booking pms.Booking
}

// newestBookings keeps the newest record of each booking. Torn are those of
// which two records that are equally new disagree.
func newestBookings(lodgings []Lodging) (newest map[pms.Key]located, torn map[pms.Key]bool) {
	newest, torn = map[pms.Key]located{}, map[pms.Key]bool{}
	for i, lodging := range lodgings {
		for _, b := range lodging.Bookings {
			old, ok := newest[b.Key()]
			switch {
			case !ok, b.UpdatedAt.After(old.booking.UpdatedAt):
				newest[b.Key()] = located{i, b}
				delete(torn, b.Key())
			case b.UpdatedAt.Equal(old.booking.UpdatedAt) && (i != old.lodging || b.Supersedes(old.booking)):
				torn[b.Key()] = true
			}
		}
	}
	return newest, torn
}

func (r Rules) want(lodging Lodging, at place, b pms.Booking, torn bool) *want {
	w := &want{
		aim: at.aim, id: r.ReservationID(b.Key()), keys: []pms.Key{b.Key()}, lodging: lodging.ID,
		property: at.property.ID, guest: b.Guest,
	}
	zone, zoneErr := location(cmp.Or(lodging.TimeZone, b.TimeZone))
	if zoneErr == nil && datesValid(b) {
		w.span = r.span(lodging, b, zone)
	}
	switch standing(b) {
	case standsOut:
		w.aim, w.silent = aimDeny, true
		return w
	case standsTentative:
		w.aim = aimDeny
		w.problem(NotConfirmed, string(b.Status))
		return w
	case standsUnknown:
		w.aim = aimLeave
		w.problem(Undecided, cmp.Or(b.RawStatus, string(b.Status)))
		return w
	case standsIn:
	}
	switch {
	case torn:
		w.aim = aimLeave
		w.problem(Undecided, "two records of it disagree")
	case at.problem != "":
		w.problem(at.problem, at.detail)
	case zoneErr != nil:
		w.aim = aimLeave
		w.problem(ZoneMissing, "")
	case !datesValid(b) || !w.span.from.Before(w.span.to):
		w.aim = aimLeave
		w.problem(InvalidDates, "")
	case differentClocks(zone, at.property.TimeZone, w.span):
		w.aim = aimFreeze
		w.problem(ZoneMismatch, at.property.TimeZone)
	}
	return w
}

func datesValid(b pms.Booking) bool {
	return b.Arrival.IsValid() && b.Departure.IsValid() && !b.Departure.Before(b.Arrival)
}

// span computes the window of a stay in the zone of the lodging.
func (r Rules) span(lodging Lodging, b pms.Booking, zone *time.Location) span {
	in := firstClock(b.ArrivalTime, lodging.CheckIn, r.CheckIn, clockAt(15))
	out := firstClock(b.DepartureTime, lodging.CheckOut, r.CheckOut, clockAt(11))
	s := span{from: cleaning.Instant(b.Arrival, in, zone), to: cleaning.Instant(b.Departure, out, zone)}
	// The wall times of the instants, so that none is a time that the clock skips.
	s.in, s.out = civil.DateTimeOf(s.from), civil.DateTimeOf(s.to)
	return s
}

func clockAt(hour int) pms.Clock {
	c, err := pms.NewClock(hour, 0)
	if err != nil {
		return pms.Clock{}
	}
	return c
}

func firstClock(clocks ...pms.Clock) pms.Clock {
	for _, c := range clocks {
		if !c.IsZero() {
			return c
		}
	}
	return pms.Clock{}
}

// differentClocks reports whether Operto's zone shows other times than ours at
// the ends of the stay. A zone that Operto does not tell is not different; one
// that is not known here is.
func differentClocks(ours *time.Location, name string, s span) bool {
	if name == "" {
		return false
	}
	theirs, err := location(name)
	if err != nil {
		return true
	}
	for _, t := range []time.Time{s.from, s.to} {
		_, a := t.In(ours).Zone()
		_, b := t.In(theirs).Zone()
		if a != b {
			return true
		}
	}
	return false
}

type stands int

const (
	standsIn        stands = iota // a stay: there is to be a code
	standsOut                     // no stay, or over
	standsTentative               // not yet
	standsUnknown                 // a word that the connector does not know
)

// standing says whether a booking gives access. A guest who has checked out has
// none, whatever the time.
func standing(b pms.Booking) stands {
	switch b.Kind {
	case pms.KindGuest, pms.KindOwner:
	case pms.KindBlock:
		return standsOut
	case pms.KindUnknown:
		return standsUnknown
	default:
		return standsUnknown
	}
	switch b.Status {
	case pms.StatusConfirmed, pms.StatusCheckedIn:
		return standsIn
	case pms.StatusInquiry, pms.StatusTentative:
		return standsTentative
	case pms.StatusCancelled, pms.StatusNoShow, pms.StatusCheckedOut:
		return standsOut
	case pms.StatusUnknown:
		return standsUnknown
	default:
		return standsUnknown
	}
}

// join makes one want of stays of one guest that follow one another. The wants
// are in the order of time.
func join(wants []*want) []*want {
	var out []*want
	for _, w := range wants {
		if i := slices.IndexFunc(out, func(last *want) bool { return follows(last, w) }); i >= 0 {
			last := out[i]
			last.keys = append(last.keys, w.keys...)
			last.span.out, last.span.to = w.span.out, w.span.to
			continue
		}
		out = append(out, w)
	}
	return out
}

func follows(a, b *want) bool {
	return a.aim == aimGive && b.aim == aimGive && a.span.out.Date == b.span.in.Date &&
		a.span.to.Before(b.span.to) && sameGuest(a.guest, b.guest)
}

// sameGuest compares what tells guests apart: an address or a phone, or the
// name where they cannot be compared.
func sameGuest(a, b pms.Guest) bool {
	emails, phones := a.Email != "" && b.Email != "", phone(a.Phone) != "" && phone(b.Phone) != ""
	switch {
	case emails && strings.EqualFold(a.Email, b.Email), phones && phone(a.Phone) == phone(b.Phone):
		return true
	case emails, phones:
		return false
	default:
		return a.Name != "" && strings.EqualFold(strings.TrimSpace(a.Name), strings.TrimSpace(b.Name))
	}
}
