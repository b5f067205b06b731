package cleaning

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Plan returns the cleanings that the bookings of one property call for at the
// time now.
func Plan(p Property, policy Policy, now time.Time) Result {
	return PlanAll([]Property{p}, policy, now)
}

// PlanAll plans many properties of one account, in O(n log n) of their bookings.
// A property that cannot be planned is an [Issue] and in [Result.Incomplete]; the
// others are planned all the same. PlanAll does not change its arguments and
// keeps nothing of them but strings.
func PlanAll(properties []Property, policy Policy, now time.Time) Result {
	pl := planner{account: policy, now: now, zones: zones{}}
	pl.accountErr = policy.validate(pl.zones)

	order := make([]*Property, len(properties))
	bookings := 0
	for i := range properties {
		order[i] = &properties[i]
		bookings += len(properties[i].Bookings)
	}
	slices.SortStableFunc(order, func(a, b *Property) int { return strings.Compare(a.ID, b.ID) })
	pl.result.Jobs = make([]Job, 0, bookings)
	for i, p := range order {
		pl.plan(p, i > 0 && order[i-1].ID == p.ID)
	}
	return pl.result
}

// planner plans one property after the other. It reuses its buffers.
type planner struct {
	account    Policy
	accountErr error
	now        time.Time
	zones      zones
	result     Result
	buffers
}

// buffers are the lists of one property, used again for the next.
type buffers struct {
	seen     map[pms.Key]int // index in latest
	latest   []*pms.Booking
	records  []record // of latest
	people   []*record
	open     []*record
	stays    []stay
	arrivals []*stay // of stays
}

func (pl *planner) plan(p *Property, duplicate bool) {
	u := unit{planner: pl, property: p, inHouse: len(pl.result.InHouse)}
	jobs, issues, skipped := len(pl.result.Jobs), len(pl.result.Issues), len(pl.result.Skipped)
	switch {
	case duplicate:
		u.issue(Issue{Kind: IssueDuplicateProperty})
		u.skipAll(ReasonUnplanned)
	case !u.prepare():
		u.skipAll(ReasonUnplanned)
	case u.policy.Off:
		u.skipAll(ReasonOff)
	default:
		u.read()
		u.planStays()
	}
	pl.file(p.ID, !u.unplanned && !p.Partial)
	sortJobs(pl.result.Jobs[jobs:])
	slices.SortFunc(pl.result.Issues[issues:], compareIssues)
	slices.SortFunc(pl.result.Skipped[skipped:], func(a, b Skip) int { return compareStays(a.Stay, b.Stay) })
}

// file says whether the plan of a property is complete. A property that came
// twice is not.
func (pl *planner) file(id string, complete bool) {
	r := &pl.result
	switch n := len(r.Complete); {
	case complete:
		r.Complete = append(r.Complete, id)
		return
	case n > 0 && r.Complete[n-1] == id:
		r.Complete = r.Complete[:n-1]
	}
	if n := len(r.Incomplete); n == 0 || r.Incomplete[n-1] != id {
		r.Incomplete = append(r.Incomplete, id)
	}
}

// sortJobs orders by start. It compares in place, because jobs are large and
// nearly always in order.
func sortJobs(jobs []Job) {
	sort.Slice(jobs, func(i, k int) bool {
		if c := jobs[i].Start.Compare(jobs[k].Start); c != 0 {
			return c < 0
		}
		return jobs[i].Key.compare(jobs[k].Key) < 0
	})
}

func compareIssues(a, b Issue) int {
	return cmp.Or(
		a.Date.Compare(b.Date),
		strings.Compare(string(a.Kind), string(b.Kind)),
		slices.CompareFunc(a.Stays, b.Stays, compareStays),
		strings.Compare(a.Detail, b.Detail),
	)
}

// unit is one property while it is planned.
type unit struct {
	*planner
	property *Property
	policy   Policy
	zone     zone
	zoneFrom Source
	today    int
	from     int // the day of Policy.From, or 0
	checkIn  clock
	checkOut clock

	stays     []*stay   // in order of arrival
	blocks    []*record // blocks that the policy wants cleaned
	cancelled []*record // stays that were cancelled
	inHouse   int       // where the property's part of Result.InHouse begins
	unplanned bool
}

// The minutes of the day at which guests come and leave if nobody says so.
const (
	defaultCheckIn  = 15 * 60
	defaultCheckOut = 11 * 60
)

// clock is a minute of the day and who states it.
type clock struct {
	minute int
	source Source
}

// prepare finds policy, zone and clock times. It reports false, with an issue,
// if the property cannot be planned.
func (u *unit) prepare() bool {
	u.policy = u.account
	err := u.accountErr
	if u.property.Overrides != (Overrides{}) {
		u.policy = u.account.With(u.property.Overrides)
		err = u.policy.validate(u.zones)
	}
	if err != nil {
		u.issue(Issue{Kind: IssueBadPolicy, Detail: err.Error()})
		return false
	}
	if !u.findZone() {
		u.issue(Issue{Kind: IssueMissingZone})
		return false
	}
	u.today = u.zone.today(u.now)
	if !u.policy.From.IsZero() {
		u.from, _ = dayOf(u.policy.From)
	}
	p := u.property
	u.checkIn = firstClock(defaultCheckIn, p.Overrides.CheckIn, p.CheckIn, u.policy.CheckIn)
	u.checkOut = firstClock(defaultCheckOut, p.Overrides.CheckOut, p.CheckOut, u.policy.CheckOut)
	return true
}

func firstClock(fallback int, override *pms.Clock, property, policy pms.Clock) clock {
	switch {
	case override != nil && !override.IsZero():
		return clock{override.Minutes(), SourceOverride}
	case !property.IsZero():
		return clock{property.Minutes(), SourceProperty}
	case !policy.IsZero():
		return clock{policy.Minutes(), SourcePolicy}
	default:
		return clock{fallback, SourceDefault}
	}
}

// findZone takes the first zone that is stated and exists: override, property,
// bookings, policy.
func (u *unit) findZone() bool {
	override := ""
	set(&override, u.property.Overrides.TimeZone)
	return u.useZone(override, SourceOverride) ||
		u.useZone(u.property.TimeZone, SourceProperty) ||
		u.useZone(u.bookingZone(), SourceStay) ||
		u.useZone(u.account.TimeZone, SourcePolicy)
}

func (u *unit) useZone(name string, source Source) bool {
	if name == "" {
		return false
	}
	loc, err := u.zones.load(name)
	if err != nil {
		u.issue(Issue{Kind: IssueBadZone, Detail: err.Error()})
		return false
	}
	u.zone, u.zoneFrom = zone{loc: loc, name: name}, source
	return true
}

// bookingZone returns the zone that all bookings agree on, or "".
func (u *unit) bookingZone() string {
	name := ""
	for i := range u.property.Bookings {
		switch stated := u.property.Bookings[i].TimeZone; {
		case stated == "" || stated == name:
		case name == "":
			name = stated
		default:
			return ""
		}
	}
	return name
}

// planStays makes the jobs of the stays that the policy wants cleaned.
func (u *unit) planStays() {
	u.stays = slices.DeleteFunc(u.stays, u.dropUncertain)
	if u.policy.JoinSameGuest {
		u.stays = joinSameGuest(u.stays)
	}
	u.keepCancelled()
	u.addBlocks()
	linkNeighbours(u.stays)
	u.reportOverlaps()
	for _, s := range u.stays {
		switch {
		case s.policy.Off:
			u.skipStay(s, ReasonOff, false)
		case s.wanted():
			u.planStay(s)
		default:
			u.leaveOut(s)
		}
	}
}

// dropUncertain takes out a stay that does not count. What is left has neighbours and
// is one, even if the policy does not want it cleaned.
func (u *unit) dropUncertain(s *stay) bool {
	if s.counts() {
		return false
	}
	u.leaveOut(s)
	return true
}

// leaveOut accounts for a stay that the policy does not want cleaned. The reasons
// that may be reported are kinds of issues too.
func (u *unit) leaveOut(s *stay) {
	v := s.lead.verdict
	report := v.choice == ChoiceReport
	u.skipStay(s, v.reason, report)
	if report {
		u.report(s.dep, Issue{
			Kind: IssueKind(v.reason), Stays: []pms.Key{s.key()},
			Date: s.lead.booking.Departure, Detail: s.lead.booking.RawStatus,
		})
	}
}

// addBlocks adds the blocks that the policy wants cleaned, but for those that
// only show a stay of another record or the preparation beside one.
func (u *unit) addBlocks() {
	if len(u.blocks) == 0 {
		return
	}
	people := u.stays
	for _, block := range u.blocks {
		if reason := besideStay(block, people); reason != "" {
			u.skip(block.booking.Key(), reason, false)
			continue
		}
		s := newStay(block)
		u.setTimes(s)
		u.stays = append(u.stays, s)
	}
	slices.SortFunc(u.stays, compareArrivals)
}

// preparationNights is the longest block that counts as the preparation of a stay.
const preparationNights = 2

// besideStay returns why a block belongs to a stay, or "".
func besideStay(block *record, stays []*stay) Reason {
	var reason Reason
	for _, s := range stays {
		switch {
		case s.arr < block.dep && block.arr < s.dep:
			return ReasonEcho
		case block.dep-block.arr <= preparationNights && (s.dep == block.arr || s.arr == block.dep):
			reason = ReasonPreparation
		}
	}
	return reason
}

// linkNeighbours finds, for stays in order of arrival, who comes next and who
// left before. Blocks have neighbours and are none.
func linkNeighbours(stays []*stay) {
	for i, s := range stays {
		next := i + 1
		if next < len(stays) && stays[next].arr < s.dep {
			next = firstFrom(stays, s.dep)
		}
		for next < len(stays) && !stays[next].people() {
			next++
		}
		if next == len(stays) {
			continue
		}
		s.next = stays[next]
		if before := s.next.prev; s.people() && (before == nil || before.depart.Before(s.depart)) {
			s.next.prev = s
		}
	}
}

// reportOverlaps reports each stay that shares a night with one that came before
// it, with the one that stays longest.
func (u *unit) reportOverlaps() {
	var longest *stay
	for _, s := range u.stays {
		if !s.people() {
			continue
		}
		if longest != nil && s.arr < longest.dep {
			u.report(s.dep, Issue{
				Kind: IssueDoubleBooking, Stays: []pms.Key{longest.key(), s.key()}, Date: dateOf(s.arr),
			})
		}
		if longest == nil || s.dep > longest.dep {
			longest = s
		}
	}
}

// planStay makes the jobs of one stay, or says why there are none.
func (u *unit) planStay(s *stay) {
	jobs := len(u.result.Jobs)
	u.planMidStays(s)
	j := u.newJob()
	var reason Reason
	if s.policy.AtArrival && s.people() {
		u.arrivalJob(j, s)
		reason = u.dropOutOfRange(s.arr, s.arr)
	} else {
		u.departureJob(j, s)
		reason = u.dropOutOfRange(s.dep, s.expectedLast())
	}
	if reason == "" {
		u.reportWindow(s, j)
	}
	if len(u.result.Jobs) == jobs {
		u.skipStay(s, reason, false)
	}
}

// midStayHorizon is how many days ahead mid-stay cleanings are planned.
const midStayHorizon = 366

// planMidStays counts the cleanings of a stay from its arrival and makes those that
// are not past.
func (u *unit) planMidStays(s *stay) {
	every := s.policy.MidStayEvery
	if !s.policy.midStays(s.dep - s.arr) {
		return
	}
	first := u.today - 1
	if u.from != 0 {
		first = u.from
	}
	n := max(1, (first-s.arr)/every)
	for day := s.arr + n*every; day < min(s.dep, u.today+midStayHorizon); day, n = day+every, n+1 {
		u.midStayJob(u.newJob(), s, day, n)
		u.dropOutOfRange(day, day)
	}
}

// newJob returns a new job at the end of the result.
func (u *unit) newJob() *Job {
	u.result.Jobs = append(u.result.Jobs, Job{})
	return &u.result.Jobs[len(u.result.Jobs)-1]
}

// dropOutOfRange takes the last job back if it is not wanted now, and says why.
func (u *unit) dropOutOfRange(day, last int) Reason {
	at := len(u.result.Jobs) - 1
	reason := u.outOfRange(day, last, u.result.Jobs[at].End)
	if reason != "" {
		u.result.Jobs = u.result.Jobs[:at]
	}
	return reason
}

// outOfRange says why a job is not wanted now that begins on day, and is over when
// its window and the day last are past.
func (u *unit) outOfRange(day, last int, end time.Time) Reason {
	switch {
	case u.from == 0 && last < u.today && !end.After(u.now):
		return ReasonOver
	case u.from != 0 && day < u.from:
		return ReasonBeforeFrom
	case u.policy.HorizonDays > 0 && day > u.today+u.policy.HorizonDays:
		return ReasonBeyondHorizon
	default:
		return ""
	}
}

// reportWindow reports a main job without enough time.
func (u *unit) reportWindow(s *stay, j *Job) {
	leaves, comes := s, s.next
	if j.Key.Kind == KindArrival {
		leaves, comes = s.prev, s
	}
	switch {
	case leaves != nil && comes != nil && leaves.depart.After(comes.arrive):
		u.issue(Issue{
			Kind: IssueLateCheckOut, Stays: []pms.Key{leaves.key(), comes.key()}, Date: j.Date,
			Minutes: int(leaves.depart.Sub(comes.arrive).Minutes()),
		})
	case j.TooShort:
		stays := []pms.Key{s.key()}
		if j.Why.Neighbour != (pms.Key{}) {
			stays = []pms.Key{leaves.key(), comes.key()}
		}
		u.issue(Issue{
			Kind: IssueTooShort, Stays: stays, Date: j.Date,
			Minutes: int((s.policy.cleaning() - j.End.Sub(j.Start)).Minutes()),
		})
	}
}

func (u *unit) issue(i Issue) {
	i.PropertyID = u.property.ID
	u.result.Issues = append(u.result.Issues, i)
}

// report adds an issue about a stay unless its last day, or the first day that is
// planned, is past.
func (u *unit) report(lastDay int, i Issue) {
	if lastDay >= u.today || u.from != 0 && lastDay >= u.from {
		u.issue(i)
	}
}

func (u *unit) skip(key pms.Key, reason Reason, undecided bool) {
	u.result.Skipped = append(u.result.Skipped, Skip{u.property.ID, key, reason, undecided})
}

func (u *unit) skipStay(s *stay, reason Reason, undecided bool) {
	for _, key := range s.keys {
		u.skip(key, reason, undecided)
	}
}

// undecided skips a booking about which a person has to decide.
func (u *unit) undecided(b *pms.Booking, reason Reason, i Issue) {
	u.skip(b.Key(), reason, true)
	i.Stays = []pms.Key{b.Key()}
	day, ok := dayOf(b.Departure)
	if !ok {
		day = u.today
	}
	u.report(day, i)
}

// skipAll accounts for the bookings of a property without a plan.
func (u *unit) skipAll(reason Reason) {
	u.unplanned = reason == ReasonUnplanned
	u.findLatest()
	for _, b := range u.latest {
		u.skip(b.Key(), reason, u.unplanned)
	}
}
