package cleaning

import "time"

// departureJob cleans after s: from the departure to the next arrival within the
// policy's days, or to check-in time on the last of them.
func (u *unit) departureJob(j *Job, s *stay) {
	u.fill(j, s, KindDeparture, s.dep)
	p := s.policy
	j.DepartingGuests = s.guests
	j.Start, j.Why.Start = s.depart, s.departEdge
	if s.next != nil {
		j.NextArrival, j.NextGuests = s.next.arrive, s.next.guests
		j.SameDay = s.next.arr == s.dep
		j.Why.Neighbour = s.next.key()
	}
	if s.next != nil && s.next.arr <= s.dep+p.WindowDays {
		j.End, j.Why.End = s.next.arrive.Add(-p.buffer()), s.next.arriveEdge
	} else {
		j.End, j.Why.End = u.at(s.dep+p.WindowDays, u.checkIn)
		if soonest := j.Start.Add(p.cleaning()); j.End.Before(soonest) {
			j.End, j.Why.End = soonest, Edge{Bound: BoundCleaning}
		}
		if s.next != nil && j.End.After(s.next.arrive.Add(-p.buffer())) {
			j.End, j.Why.End = s.next.arrive.Add(-p.buffer()), s.next.arriveEdge
		}
	}
	j.close(p)
}

// arrivalJob cleans before s: to its arrival, from the departure of the guests
// before within the policy's days, or from check-out time on the first of them.
func (u *unit) arrivalJob(j *Job, s *stay) {
	u.fill(j, s, KindArrival, s.arr)
	p := s.policy
	j.NextArrival, j.NextGuests = s.arrive, s.guests
	j.End, j.Why.End = s.arrive.Add(-p.buffer()), s.arriveEdge
	if s.prev != nil {
		j.DepartingGuests = s.prev.guests
		j.SameDay = s.prev.dep == s.arr
		j.Why.Neighbour = s.prev.key()
	}
	if s.prev != nil && s.prev.dep >= s.arr-p.WindowDays {
		j.Start, j.Why.Start = s.prev.depart, s.prev.departEdge
	} else {
		j.Start, j.Why.Start = u.at(s.arr-p.WindowDays, u.checkOut)
		if latest := j.End.Add(-p.cleaning()); j.Start.After(latest) {
			j.Start, j.Why.Start = latest, Edge{Bound: BoundCleaning}
		}
		if s.prev != nil && j.Start.Before(s.prev.depart) {
			j.Start, j.Why.Start = s.prev.depart, s.prev.departEdge
		}
	}
	j.close(p)
}

// midStayJob is the nth cleaning while the guests of s stay, between check-out and
// check-in time of the day.
func (u *unit) midStayJob(j *Job, s *stay, day, n int) {
	u.fill(j, s, KindMidStay, day)
	j.Key.N = n
	j.NextGuests, j.DepartingGuests = s.guests, s.guests
	j.Start, j.Why.Start = u.at(day, u.checkOut)
	j.End, j.Why.End = u.at(day, u.checkIn)
	if soonest := j.Start.Add(s.policy.cleaning()); j.End.Before(soonest) {
		j.End, j.Why.End = soonest, Edge{Bound: BoundCleaning}
	}
	j.close(s.policy)
}

// fill sets what does not depend on the neighbours.
func (u *unit) fill(j *Job, s *stay, kind Kind, day int) {
	j.Key = Key{PropertyID: u.property.ID, Stay: s.key(), Kind: kind}
	j.Stays = s.keys
	j.Arrival, j.Departure = s.arrival(), s.departure()
	j.Date = s.date(day)
	j.TimeZone = u.zone.name
	j.Visible = !s.policy.Hidden
	j.Why = Why{Class: s.lead.verdict.class, Zone: u.zoneFrom}
}

// at returns a default clock time on a day, as a bound of the policy's window.
func (u *unit) at(day int, c clock) (time.Time, Edge) {
	t, skipped := u.zone.instant(day, c.minute)
	return t, Edge{Bound: BoundWindow, Clock: c.source, Skipped: skipped}
}

// close keeps the window from ending before it begins, and flags one that is too
// short.
func (j *Job) close(p *Policy) {
	if j.End.Before(j.Start) {
		j.End = j.Start
	}
	length := j.End.Sub(j.Start)
	j.TooShort = length < p.cleaning() || length == 0
}
