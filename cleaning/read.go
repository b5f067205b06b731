package cleaning

import (
	"cmp"
	"slices"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// read sorts the bookings into stays, blocks, cancelled stays and what is skipped
// at once.
func (u *unit) read() {
	u.findLatest()
	u.records = slices.Grow(u.records[:0], len(u.latest))[:len(u.latest)]
	u.people = u.people[:0]
	for i, b := range u.latest {
		if u.readBooking(b, &u.records[i]) {
			u.people = append(u.people, &u.records[i])
		}
	}
	u.checkZones()
	slices.SortFunc(u.people, compareRecords)
	u.stays = u.merge()
	for _, s := range u.stays {
		u.setTimes(s)
	}
	slices.SortFunc(u.stays, compareArrivals)
	u.stays = foldClosures(u.stays)
}

// findLatest keeps the newest version of each booking.
func (u *unit) findLatest() {
	if u.seen == nil {
		u.seen = make(map[pms.Key]int)
	}
	clear(u.seen)
	u.latest = u.latest[:0]
	for i := range u.property.Bookings {
		b := &u.property.Bookings[i]
		at, again := u.seen[b.Key()]
		switch {
		case !again:
			u.seen[b.Key()] = len(u.latest)
			u.latest = append(u.latest, b)
		case newer(b, u.latest[at]) > 0:
			u.latest[at] = b
		}
	}
}

// readBooking fills in r, and reports whether it may be a stay.
func (u *unit) readBooking(b *pms.Booking, r *record) bool {
	policy, override := u.policyOf(b)
	arr, ok := dayOf(b.Arrival)
	dep, ok2 := dayOf(b.Departure)
	*r = record{booking: b, arr: arr, dep: dep, policy: policy, override: override, verdict: policy.judge(b)}
	switch sound := ok && ok2 && arr <= dep; {
	case r.verdict.reason == ReasonCancelled && sound:
		u.cancelled = append(u.cancelled, r)
	case r.verdict.class == "":
		u.skip(b.Key(), r.verdict.reason, false)
	case b.PropertyID == "":
		u.undecided(b, ReasonNoUnit, Issue{Kind: IssueNoUnit, Date: b.Arrival})
	case !sound:
		u.undecided(b, ReasonInvalidDates, Issue{Kind: IssueInvalidDates, Detail: b.Arrival.String() + " to " + b.Departure.String()})
	case r.verdict.class == ClassBlock:
		u.readBlock(r)
	default:
		return true
	}
	return false
}

// policyOf returns the policy of one booking, and what it overrides for this stay
// alone.
func (u *unit) policyOf(b *pms.Booking) (*Policy, *Overrides) {
	if len(u.property.Stays) == 0 {
		return &u.policy, nil
	}
	override, ok := u.property.Stays[b.Key()]
	if !ok {
		return &u.policy, nil
	}
	policy := u.policy.With(override)
	if err := policy.validate(u.zones); err != nil {
		u.issue(Issue{Kind: IssueBadPolicy, Stays: []pms.Key{b.Key()}, Detail: err.Error()})
		return &u.policy, nil
	}
	return &policy, &override
}

// readBlock keeps a block for later only if the policy wants it cleaned. Feeds
// show how far ahead they can be booked as blocks whose dates move every day, so
// that a block of a feed never counts.
func (u *unit) readBlock(r *record) {
	switch {
	case r.verdict.choice == ChoiceSkip, r.booking.Vendor == calendarVendor:
		u.skip(r.booking.Key(), ReasonBlock, false)
	case r.verdict.choice == ChoiceReport:
		u.undecided(r.booking, ReasonBlock, Issue{Kind: IssueBlock, Date: r.booking.Departure})
	default:
		u.blocks = append(u.blocks, r)
	}
}

// checkZones reports zones of bookings in which the clock differs from that of the
// property, each once.
func (u *unit) checkZones() {
	var foreign []*pms.Booking
	for _, b := range u.latest {
		if b.TimeZone != "" && b.TimeZone != u.zone.name {
			foreign = append(foreign, b)
		}
	}
	slices.SortFunc(foreign, func(a, b *pms.Booking) int { return compareStays(a.Key(), b.Key()) })
	var reported []string
	for _, b := range foreign {
		if slices.Contains(reported, b.TimeZone) {
			continue
		}
		if issue := u.foreignZone(b); issue.Kind != "" {
			reported = append(reported, b.TimeZone)
			u.issue(issue)
		}
	}
}

func (u *unit) foreignZone(b *pms.Booking) Issue {
	loc, err := u.zones.load(b.TimeZone)
	if err != nil {
		return Issue{Kind: IssueBadZone, Stays: []pms.Key{b.Key()}, Detail: err.Error()}
	}
	noon, _ := pms.NewClock(12, 0)
	if Instant(b.Departure, noon, loc).Equal(Instant(b.Departure, noon, u.zone.loc)) {
		return Issue{}
	}
	return Issue{Kind: IssueZoneMismatch, Stays: []pms.Key{b.Key()}, Detail: b.TimeZone}
}

// setTimes finds when the guests of s come and leave.
func (u *unit) setTimes(s *stay) {
	in, out := u.clocks(s)
	s.arrive, s.arriveEdge.Skipped = u.zone.instant(s.arr, in.minute)
	s.depart, s.departEdge.Skipped = u.zone.instant(s.dep, out.minute)
	s.arriveEdge.Bound, s.arriveEdge.Clock = BoundArrival, in.source
	s.departEdge.Bound, s.departEdge.Clock = BoundDeparture, out.source
	if s.depart.Before(s.arrive) {
		// Day use without stated times: the default times are those of nights.
		s.depart, s.departEdge = s.arrive, Edge{BoundDeparture, in.source, s.arriveEdge.Skipped}
	}
	u.shortenIfLeft(s)
}

// clocks returns the clock times of s: override, booking, property, policy.
func (u *unit) clocks(s *stay) (in, out clock) {
	in, out = u.checkIn, u.checkOut
	if !s.checkIn.IsZero() {
		in = clock{s.checkIn.Minutes(), SourceStay}
	}
	if !s.checkOut.IsZero() {
		out = clock{s.checkOut.Minutes(), SourceStay}
	}
	if o := s.override; o != nil {
		if o.CheckIn != nil && !o.CheckIn.IsZero() {
			in = clock{o.CheckIn.Minutes(), SourceOverride}
		}
		if o.CheckOut != nil && !o.CheckOut.IsZero() {
			out = clock{o.CheckOut.Minutes(), SourceOverride}
		}
	}
	return in, out
}

// shortenIfLeft moves the departure of a guest who has checked out early to the
// time of the booking's last change.
func (u *unit) shortenIfLeft(s *stay) {
	b := s.lead.booking
	if b.Status != pms.StatusCheckedOut || s.leaveAt(b.UpdatedAt, &u.zone, SourceCheckedOut) {
		return
	}
	if s.dep > u.today {
		u.issue(Issue{Kind: IssueLeftEarly, Stays: []pms.Key{s.key()}, Date: s.lead.booking.Departure})
	}
}

// leaveAt ends the stay at t, if t is within it.
func (s *stay) leaveAt(t time.Time, z *zone, source Source) bool {
	if t.Before(s.arrive) || !t.Before(s.depart) {
		return false
	}
	s.depart = t.In(z.loc).Truncate(time.Minute)
	s.dep = z.today(t)
	s.departEdge = Edge{Bound: BoundDeparture, Clock: source}
	return true
}

func compareArrivals(a, b *stay) int {
	if c := cmp.Or(a.arr-b.arr, a.dep-b.dep); c != 0 {
		return c
	}
	return cmp.Or(a.arrive.Compare(b.arrive), compareStays(a.key(), b.key()))
}
