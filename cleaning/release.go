package cleaning

import (
	"cmp"
	"slices"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// trace is what the plan says about the stay of an orphan.
type trace struct {
	jobs  []int // in wanted
	skips []Skip
}

// adopt pairs orphans with jobs of the plan that are the same cleaning under
// another key: first by the bookings, which the stay may have in common, then
// by the days, because a vendor may issue a new id for a stay.
func (r *reconciler) adopt(plan *Result) {
	if len(r.orphans) == 0 {
		return
	}
	r.traceOrphans(plan)
	slices.SortFunc(r.orphans, func(a, b *ExistingJob) int {
		return cmp.Or(-cmp.Compare(a.progress(), b.progress()), a.Key.compare(b.Key), -further(a, b))
	})
	r.pair(r.sameBookings)
	r.pair(r.reissued())
	r.moved = make(map[Key]Key)
	for _, e := range r.orphans {
		r.linkMove(e)
	}
}

// traceOrphans finds the stays of the orphans in the plan.
func (r *reconciler) traceOrphans(plan *Result) {
	r.stays = make(map[pms.Key]*trace)
	for _, e := range r.orphans {
		for _, stay := range e.Stays {
			r.stays[stay] = &trace{}
			r.stays[reservation(stay)] = &trace{}
		}
	}
	for i := range r.wanted {
		for _, stay := range r.wanted[i].job.Stays {
			if t := r.stays[stay]; t != nil {
				t.jobs = append(t.jobs, i)
			}
			if whole := reservation(stay); whole != stay && r.stays[whole] != nil {
				r.stays[whole].jobs = append(r.stays[whole].jobs, i)
			}
		}
	}
	for _, s := range plan.Skipped {
		if t := r.stays[s.Stay]; t != nil {
			t.skips = append(t.skips, s)
		}
	}
}

// reservation returns the key of the vendor's reservation that a booking is a
// unit or a segment of.
func reservation(stay pms.Key) pms.Key {
	stay.ID, _, _ = strings.Cut(stay.ID, "#")
	return stay
}

// pair takes the orphans for which find returns a free job of the plan.
func (r *reconciler) pair(find func(*ExistingJob) *wanted) {
	r.orphans = slices.DeleteFunc(r.orphans, func(e *ExistingJob) bool {
		w := find(e)
		if w != nil {
			w.existing = e
		}
		return w != nil
	})
}

func (r *reconciler) sameBookings(e *ExistingJob) *wanted {
	for _, stay := range e.Stays {
		for _, at := range r.stays[stay].jobs {
			if w := &r.wanted[at]; w.existing == nil && sameCleaning(w.job.Key, e.Key) {
				return w
			}
		}
	}
	return nil
}

func sameCleaning(a, b Key) bool {
	return a.PropertyID == b.PropertyID && a.Kind == b.Kind && a.N == b.N
}

// reissued returns a function that finds the stay of an orphan under a new id:
// there is no record of the old one left, and in the same unit there is a new
// stay with the same arrival, or with the same departure and a night in common.
func (r *reconciler) reissued() func(*ExistingJob) *wanted {
	type day struct {
		key Key
		day pms.Date
	}
	arrivals, departures := map[day]*wanted{}, map[day]*wanted{}
	for i := range r.wanted {
		if w := &r.wanted[i]; w.existing == nil && w.inHouse == "" {
			key := w.job.Key
			key.Stay = pms.Key{}
			arrivals[day{key, w.job.Arrival}] = w
			departures[day{key, w.job.Departure}] = w
		}
	}
	return func(e *ExistingJob) *wanted {
		if r.known(e) {
			return nil
		}
		key := e.Key
		key.Stay = pms.Key{}
		w := arrivals[day{key, e.Arrival}]
		if w == nil || w.existing != nil {
			w = departures[day{key, e.Departure}]
		}
		switch {
		case w == nil, w.existing != nil:
			return nil
		case w.job.Arrival != e.Arrival && !sharesNight(w.job, &e.Job):
			return nil
		case (e.State == StateStarted || e.State == StateDone) && w.job.Date != e.Date:
			return nil
		default:
			return w
		}
	}
}

func sharesNight(a, b *Job) bool {
	return a.Arrival.Before(b.Departure) && b.Arrival.Before(a.Departure)
}

// known says that the plan has a record of the stay of e, in any property.
func (r *reconciler) known(e *ExistingJob) bool {
	return slices.ContainsFunc(e.Stays, func(stay pms.Key) bool {
		t := r.stays[stay]
		return len(t.jobs) > 0 || len(t.skips) > 0
	})
}

// movedTo returns the new job of the stay of e in another property, or nil. The
// stay moves under its own key, or as another unit of the same reservation.
func (r *reconciler) movedTo(e *ExistingJob, key func(pms.Key) pms.Key) *wanted {
	for _, stay := range e.Stays {
		for _, at := range r.stays[key(stay)].jobs {
			w := &r.wanted[at]
			if w.existing == nil && w.inHouse == "" &&
				w.job.Key.PropertyID != e.Key.PropertyID && w.job.Key.Kind == e.Key.Kind {
				return w
			}
		}
	}
	return nil
}

func same(stay pms.Key) pms.Key { return stay }

// linkMove remembers which job a new one in another property replaces.
func (r *reconciler) linkMove(e *ExistingJob) {
	w := cmp.Or(r.movedTo(e, same), r.movedTo(e, reservation))
	if w != nil && e.open() && !r.begun(e) && !r.over(e) {
		r.moved[w.job.Key] = e.Key
	}
}

// release cancels a job that the plan does not want, or keeps it if that is not
// certain.
func (r *reconciler) release(e *ExistingJob) {
	if e.State == StateDone || e.State == StateCancelled || r.over(e) {
		return
	}
	reason, certain := r.whyUnwanted(e)
	switch {
	case e.State == StateStarted:
		r.hold(e, ReasonStarted, nil, nil)
	case !certain:
		r.hold(e, reason, nil, nil)
	default:
		c := Change{Kind: ChangeCancel, ID: e.ID, Key: e.Key, Job: e.Job, Reason: reason}
		if reason == ReasonMoved {
			c.Other = cmp.Or(r.movedTo(e, same), r.movedTo(e, reservation)).job.Key
		}
		r.change(c)
	}
}

// whyUnwanted says why there is no job for e in the plan, and whether that is
// enough to cancel it.
func (r *reconciler) whyUnwanted(e *ExistingJob) (reason Reason, certain bool) {
	if at, ok := r.byKey[e.Key]; ok && r.wanted[at].existing != nil {
		return ReasonDuplicate, true
	}
	for _, stay := range e.Stays {
		for _, s := range r.stays[stay].skips {
			if s.PropertyID == e.Key.PropertyID {
				return s.Reason, !s.Undecided && s.Reason != ReasonOver && s.Reason != ReasonBeforeFrom
			}
		}
		for _, at := range r.stays[stay].jobs {
			if r.wanted[at].job.Key.PropertyID == e.Key.PropertyID {
				return ReasonNotWanted, true
			}
		}
	}
	switch {
	case r.movedTo(e, same) != nil:
		return ReasonMoved, !r.begun(e)
	case !r.complete[e.Key.PropertyID]:
		return ReasonIncomplete, false
	case r.movedTo(e, reservation) != nil:
		return ReasonMoved, !r.begun(e)
	default:
		return ReasonVanished, !r.begun(e)
	}
}

// begun says that the guest of e has been in for a night, as far as the stored
// job tells.
func (r *reconciler) begun(e *ExistingJob) bool {
	arr, ok := dayOf(e.Arrival)
	return !ok || arr < r.today(e)
}

// over says that the day and the window of e are past.
func (r *reconciler) over(e *ExistingJob) bool {
	day, ok := dayOf(e.Date)
	return ok && day < r.today(e) && !e.End.After(r.now)
}

// today returns the day in the zone of e, or the furthest one if the zone cannot
// be loaded.
func (r *reconciler) today(e *ExistingJob) int {
	loc, err := r.zones.load(e.TimeZone)
	if err != nil {
		loc = e.End.Location()
	}
	z := zone{loc: loc}
	return z.today(r.now)
}
