package cleaning

import (
	"cmp"
	"slices"

	"github.com/changeover-sdk/changeover/pms"
)

// keepCancelled computes the jobs of stays that were cancelled while, or after,
// the guest was in.
func (u *unit) keepCancelled() {
	for _, r := range u.cancelled {
		u.skip(r.booking.Key(), ReasonCancelled, false)
		if r.booking.Kind == pms.KindGuest || r.booking.Kind == pms.KindOwner {
			r.verdict.class = ClassGuest
			u.keepInHouse(r)
		}
	}
	slices.SortFunc(u.result.InHouse[u.inHouse:], func(a, b InHouse) int { return a.Job.Key.compare(b.Job.Key) })
}

func (u *unit) keepInHouse(r *record) {
	s := newStay(r)
	u.setTimes(s)
	choice := u.inHouseChoice(s)
	if choice == InHouseClose {
		return
	}
	if choice == InHouseShorten && !s.leaveAt(r.booking.UpdatedAt, &u.zone, SourceCancelled) {
		choice = InHouseReport
	}
	u.makeWay(s)
	var job Job
	u.departureJob(&job, s)
	if u.outOfRange(s.dep, s.expectedLast(), job.End) == "" {
		u.result.InHouse = append(u.result.InHouse, InHouse{Job: job, Choice: choice})
	}
}

// inHouseChoice returns InHouseClose for a stay that had not begun when it was
// cancelled, and otherwise what the policy wants. The time of the last change
// stands for the time of the cancellation.
func (u *unit) inHouseChoice(s *stay) InHouseChoice {
	at := s.lead.booking.UpdatedAt
	switch {
	case s.policy.Off, s.policy.AtArrival, u.now.Before(s.arrive), s.dep+s.policy.WindowDays < u.today:
		return InHouseClose
	case !at.IsZero() && at.Before(s.arrive), u.taken(s):
		return InHouseClose
	case !at.Before(s.depart):
		return InHouseKeep
	default:
		return cmp.Or(s.policy.CancelledInHouse, InHouseReport)
	}
}

// taken reports whether somebody else has the night of arrival of s.
func (u *unit) taken(s *stay) bool {
	return slices.ContainsFunc(u.stays, func(o *stay) bool { return o.arr <= s.arr && s.arr < o.dep })
}

// makeWay finds who comes after s. A cancelled stay ends at the latest when the
// next guests come.
func (u *unit) makeWay(s *stay) {
	if at := firstFrom(u.stays, s.arr+1); at < len(u.stays) && u.stays[at].arr < s.dep {
		s.dep = u.stays[at].arr
		s.depart, s.departEdge.Skipped = u.zone.instant(s.dep, u.checkOut.minute)
		s.departEdge.Clock = u.checkOut.source
	}
	if at := firstFrom(u.stays, s.dep); at < len(u.stays) {
		s.next = u.stays[at]
	}
}
