package cleaning

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// record is a booking that may be a stay, with its days as numbers.
type record struct {
	booking  *pms.Booking
	arr, dep int
	policy   *Policy
	override *Overrides // of this stay alone, or nil
	verdict  verdict
	next     *record // the next record of the same stay
}

// verdict is what the policy makes of one booking.
type verdict struct {
	class  Class
	choice Choice
	reason Reason // why there is no job unless choice is ChoicePlan
}

// judge says what a booking counts as and what is to happen to it.
func (p *Policy) judge(b *pms.Booking) verdict {
	switch b.Status {
	case pms.StatusCancelled:
		return verdict{choice: ChoiceSkip, reason: ReasonCancelled}
	case pms.StatusNoShow:
		return verdict{choice: ChoiceSkip, reason: ReasonNoShow}
	case pms.StatusInquiry:
		return verdict{choice: ChoiceSkip, reason: ReasonInquiry}
	default:
	}
	switch b.Kind {
	case pms.KindBlock:
		return verdict{ClassBlock, p.Blocks.or(ChoiceSkip), ReasonBlock}
	case pms.KindGuest, pms.KindOwner:
	default:
		return verdict{ClassUnknown, p.Unknown.or(ChoiceReport), ReasonUnknownKind}
	}
	switch b.Status {
	case pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut:
	case pms.StatusTentative:
		return verdict{ClassTentative, p.Tentative.or(ChoiceReport), ReasonTentative}
	default:
		return verdict{ClassUnknown, p.Unknown.or(ChoiceReport), ReasonUnknownStatus}
	}
	if b.Kind == pms.KindOwner {
		return verdict{ClassOwner, p.OwnerStays.or(ChoicePlan), ReasonOwnerStay}
	}
	return verdict{class: ClassGuest, choice: ChoicePlan}
}

// weight orders the records of one stay. A source that knows what it shows
// counts before a calendar feed, and a choice not to clean what it knows counts
// before everything.
func (r *record) weight() int {
	calendar := r.booking.Vendor == calendarVendor
	switch {
	case r.verdict.choice == ChoiceSkip && !calendar:
		return 4
	case r.verdict.choice == ChoicePlan && !calendar:
		return 3
	case r.verdict.choice == ChoicePlan:
		return 2
	case r.verdict.choice == ChoiceReport:
		return 1
	default:
		return 0
	}
}

// compareRecords orders records by day and key, so that the order of the input
// never shows.
func compareRecords(a, b *record) int {
	if c := cmp.Or(a.arr-b.arr, a.dep-b.dep); c != 0 {
		return c
	}
	return compareStays(a.booking.Key(), b.booking.Key())
}

// newer orders two versions of one booking: the newest is the greatest, and
// among equally old ones the order is arbitrary and fixed.
func newer(a, b *pms.Booking) int {
	return cmp.Or(
		a.UpdatedAt.Compare(b.UpdatedAt),
		a.Departure.Compare(b.Departure),
		a.Arrival.Compare(b.Arrival),
		strings.Compare(string(a.Status), string(b.Status)),
		strings.Compare(string(a.Kind), string(b.Kind)),
		cmp.Compare(a.DepartureTime.Minutes(), b.DepartureTime.Minutes()),
		cmp.Compare(a.ArrivalTime.Minutes(), b.ArrivalTime.Minutes()),
		cmp.Compare(a.Guests.Total, b.Guests.Total),
		cmp.Compare(a.Guests.Adults, b.Guests.Adults),
		cmp.Compare(a.Guests.Children, b.Guests.Children),
		cmp.Compare(a.Guests.Infants, b.Guests.Infants),
		cmp.Compare(a.Guests.Pets, b.Guests.Pets),
		strings.Compare(a.PropertyID, b.PropertyID),
		strings.Compare(a.Code, b.Code),
		strings.Compare(a.Channel, b.Channel),
		strings.Compare(a.Guest.Phone, b.Guest.Phone),
		strings.Compare(a.Guest.Email, b.Guest.Email),
		strings.Compare(a.Guest.Name, b.Guest.Name),
		strings.Compare(a.TimeZone, b.TimeZone),
		strings.Compare(a.RawStatus, b.RawStatus),
	)
}

// stay is one stay in the property: what all its records say together.
type stay struct {
	lead     *record   // the record that counts
	tail     *record   // lead, or that of the last stay joined to this one
	keys     []pms.Key // of all records, that of lead first
	arr, dep int
	policy   *Policy
	override *Overrides

	guests                 pms.Guests
	checkIn, checkOut      pms.Clock // as the bookings state them
	arrive, depart         time.Time
	arriveEdge, departEdge Edge

	next, prev *stay // who comes after and who left before, or nil
}

func (s *stay) key() pms.Key { return s.lead.booking.Key() }

func (s *stay) arrival() pms.Date   { return s.lead.booking.Arrival }
func (s *stay) departure() pms.Date { return s.date(s.dep) }

// date returns the date of a day number, which is mostly one that a booking states.
func (s *stay) date(day int) pms.Date {
	switch day {
	case s.tail.dep:
		return s.tail.booking.Departure
	case s.arr:
		return s.lead.booking.Arrival
	default:
		return dateOf(day)
	}
}

// expectedLast is the day on which the guests were expected to leave: a departure
// that came early and unnoticed is not over before it.
func (s *stay) expectedLast() int { return max(s.dep, s.tail.dep) }

// wanted says that the policy wants the stay cleaned.
func (s *stay) wanted() bool { return s.lead.verdict.choice == ChoicePlan && !s.policy.Off }

// counts says that the stay occupies the unit or is treated as if it did.
func (s *stay) counts() bool {
	class := s.lead.verdict.class
	return class == ClassGuest || class == ClassOwner || s.wanted()
}

// people says that somebody sleeps in the unit.
func (s *stay) people() bool { return s.lead.verdict.class != ClassBlock }

// newStay returns the stay of one record.
func newStay(r *record) *stay {
	s := new(stay)
	s.init(r, new([]pms.Key))
	return s
}

// init makes s of a list of records, and puts their keys at the end of keys. The
// other records fill in what the lead does not say.
func (s *stay) init(list *record, keys *[]pms.Key) {
	lead := list
	for r := list.next; r != nil; r = r.next {
		if cmp.Or(cmp.Compare(r.weight(), lead.weight()), richer(r, lead)) > 0 {
			lead = r
		}
	}
	*s = stay{lead: lead, tail: lead, arr: lead.arr, dep: lead.dep}
	from := len(*keys)
	*keys = append(*keys, lead.booking.Key())
	s.fill(lead)
	for r := list; r != nil; r = r.next {
		if r != lead {
			*keys = append(*keys, r.booking.Key())
			s.fill(r)
		}
	}
	s.keys = slices.Clip((*keys)[from:])
	slices.SortFunc(s.keys[1:], compareStays)
}

// fill takes from r what s does not know yet.
func (s *stay) fill(r *record) {
	if s.guests.Total == 0 && r.booking.Guests != (pms.Guests{}) {
		s.guests = r.booking.Guests
	}
	if s.checkIn.IsZero() {
		s.checkIn = r.booking.ArrivalTime
	}
	if s.checkOut.IsZero() {
		s.checkOut = r.booking.DepartureTime
	}
	if s.override == nil {
		s.policy, s.override = r.policy, r.override
	}
}

// richer compares how much two records say about their stay, then how new they
// are.
func richer(a, b *record) int {
	return cmp.Or(
		cmp.Compare(facts(a.booking), facts(b.booking)),
		a.booking.UpdatedAt.Compare(b.booking.UpdatedAt),
		compareRecords(b, a),
	)
}

// facts counts what a booking states about its stay.
func facts(b *pms.Booking) int {
	n := 0
	for _, stated := range [...]bool{
		b.Guests.Total > 0, b.Guest.Name != "", b.Guest.Phone != "", b.Guest.Email != "",
		b.Code != "", !b.ArrivalTime.IsZero(), !b.DepartureTime.IsZero(),
	} {
		if stated {
			n++
		}
	}
	return n
}
