package cleaning

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Diff is what [Reconcile] finds.
type Diff struct {
	// Changes are to be carried out. After [Apply] there are none.
	Changes []Change `json:"changes,omitempty"`
	// Held are the jobs that the rules leave as they are although the plan differs.
	// They stand until a person has decided.
	Held []Held `json:"held,omitempty"`
}

// Change is one thing to do to the host's jobs.
type Change struct {
	Kind ChangeKind `json:"kind"`
	// ID and Key are those of the existing job. For ChangeCreate ID is empty and
	// Key is the key of the new job.
	ID  string `json:"id,omitzero"`
	Key Key    `json:"key"`
	// Job is the whole job as it is to be. For ChangeCancel it is as it was. Its
	// Key differs from Key when a stay was issued a new id.
	Job Job `json:"job"`
	// Fields are those that change, empty for ChangeCreate and ChangeCancel.
	Fields []Field `json:"fields,omitempty"`
	// Reason says why a job is cancelled.
	Reason Reason `json:"reason,omitzero"`
	// Other links the two halves of a move to another property: the job created
	// there, or the one cancelled here.
	Other Key `json:"other,omitzero"`
}

// ChangeKind says what to do.
type ChangeKind string

// The kinds of changes.
const (
	ChangeCreate  ChangeKind = "create"
	ChangeMove    ChangeKind = "move"    // the window changes: an assigned cleaner has to confirm again
	ChangeUpdate  ChangeKind = "update"  // something else changes
	ChangeCancel  ChangeKind = "cancel"  // the job is not wanted any more
	ChangeRestore ChangeKind = "restore" // the rules had cancelled the job; it is planned again, as Job says
)

// Held is an existing job that is kept although the plan differs.
type Held struct {
	ID  string `json:"id,omitzero"`
	Key Key    `json:"key"`
	// Reason says why the job is kept.
	Reason Reason `json:"reason"`
	// Fields would have changed to those of Wanted. Without fields the job would
	// have been cancelled, or, for ReasonCancelledByHand, restored.
	Fields []Field `json:"fields,omitempty"`
	// Wanted is the job of the plan, if there is one.
	Wanted *Job `json:"wanted,omitempty"`
}

// Reconcile compares the jobs of the host with a plan of the time now. Jobs of
// properties that are not in the plan are left alone, so that one property can be
// reconciled at a time. Existing jobs may be given in any order and should be all
// jobs of the properties planned, cancelled ones included if the host keeps them.
//
// A job is cancelled only when the plan of its property is complete and says why
// it is not wanted. It is kept, and reported as [Held], when somebody has started
// it, when its stay needs a decision, and when the record of a stay has vanished
// or moved after its first night. A job that is over is left as it is.
func Reconcile(existing []ExistingJob, plan Result, now time.Time) Diff {
	r := reconciler{now: now, zones: zones{}}
	r.index(&plan)
	r.matchKeys(existing)
	r.adopt(&plan)
	r.matchCancelled(existing)
	for i := range r.wanted {
		r.settle(&r.wanted[i])
	}
	for _, e := range r.orphans {
		r.release(e)
	}
	r.sort()
	return r.diff
}

// reconciler pairs existing jobs with those of the plan.
type reconciler struct {
	now   time.Time
	zones zones

	complete map[string]bool // of each property in the plan
	wanted   []wanted
	byKey    map[Key]int // index in wanted

	orphans []*ExistingJob // without a counterpart in the plan
	stays   map[pms.Key]*trace
	moved   map[Key]Key // jobs of the plan, and those they replace in other properties
	diff    Diff
}

// wanted is a job of the plan and the existing job paired with it.
type wanted struct {
	job      *Job
	inHouse  InHouseChoice // not empty: the job is never created
	existing *ExistingJob
}

func (r *reconciler) index(plan *Result) {
	r.complete = make(map[string]bool, len(plan.Complete)+len(plan.Incomplete))
	for _, id := range plan.Complete {
		r.complete[id] = true
	}
	for _, id := range plan.Incomplete {
		r.complete[id] = false
	}
	r.wanted = make([]wanted, 0, len(plan.Jobs)+len(plan.InHouse))
	for i := range plan.Jobs {
		r.wanted = append(r.wanted, wanted{job: &plan.Jobs[i]})
	}
	for i := range plan.InHouse {
		r.wanted = append(r.wanted, wanted{job: &plan.InHouse[i].Job, inHouse: plan.InHouse[i].Choice})
	}
	r.byKey = make(map[Key]int, len(r.wanted))
	for i := range r.wanted {
		r.byKey[r.wanted[i].job.Key] = i
	}
}

// matchKeys pairs jobs of the same key, but for those that the rules have
// cancelled. If there are several, the one that has come furthest is paired.
func (r *reconciler) matchKeys(existing []ExistingJob) {
	for i := range existing {
		e := &existing[i]
		if _, planned := r.complete[e.Key.PropertyID]; !planned || e.cancelledByRule() {
			continue
		}
		if at, ok := r.byKey[e.Key]; ok {
			w := &r.wanted[at]
			if w.existing == nil || further(e, w.existing) > 0 {
				w.existing, e = e, w.existing
			}
		}
		if e != nil {
			r.orphans = append(r.orphans, e)
		}
	}
}

// matchCancelled pairs what is still wanted with jobs that the rules have
// cancelled.
func (r *reconciler) matchCancelled(existing []ExistingJob) {
	for i := range existing {
		e := &existing[i]
		if !e.cancelledByRule() {
			continue
		}
		if at, ok := r.byKey[e.Key]; ok {
			w := &r.wanted[at]
			if w.existing == nil || w.existing.cancelledByRule() && further(e, w.existing) > 0 {
				w.existing = e
			}
		}
	}
}

// further orders jobs by how far they have come.
func further(a, b *ExistingJob) int {
	return cmp.Or(cmp.Compare(a.progress(), b.progress()), strings.Compare(b.ID, a.ID))
}

func (e *ExistingJob) progress() int {
	switch {
	case e.State == StateDone:
		return 5
	case e.State == StateStarted:
		return 4
	case e.State == StateAssigned:
		return 3
	case e.State != StateCancelled:
		return 2
	case !e.cancelledByRule():
		return 1
	default:
		return 0
	}
}

func (e *ExistingJob) cancelledByRule() bool {
	return e.State == StateCancelled && e.CancelReason != ""
}

// settle says what becomes of one job of the plan.
func (r *reconciler) settle(w *wanted) {
	e := w.existing
	switch {
	case e == nil && w.inHouse == "":
		r.change(Change{Kind: ChangeCreate, Key: w.job.Key, Job: *w.job, Other: r.moved[w.job.Key]})
	case e == nil, e.State == StateCancelled && w.inHouse != "":
	case e.State == StateCancelled && !e.cancelledByRule():
		r.hold(e, ReasonCancelledByHand, nil, w.job)
	case e.State == StateCancelled:
		job := r.protect(e, w.job)
		r.change(Change{Kind: ChangeRestore, ID: e.ID, Key: e.Key, Job: job, Fields: differences(&e.Job, &job)})
	case e.State == StateDone:
		if e.Date != w.job.Date {
			r.hold(e, ReasonDone, windowDifferences(e, w.job), w.job)
		}
	case e.State == StateStarted:
		if fields := windowDifferences(e, w.job); len(fields) > 0 {
			r.hold(e, ReasonStarted, fields, w.job)
		}
	default:
		r.update(e, w)
	}
}

func (r *reconciler) update(e *ExistingJob, w *wanted) {
	if w.inHouse == InHouseReport {
		r.hold(e, ReasonCancelledInHouse, nil, w.job)
	}
	if len(differences(&e.Job, w.job)) == 0 {
		return
	}
	job := r.protect(e, w.job)
	fields := differences(&e.Job, &job)
	if len(fields) == 0 {
		return
	}
	kind := ChangeUpdate
	if slices.ContainsFunc(fields, Field.moves) {
		kind = ChangeMove
	}
	r.change(Change{Kind: kind, ID: e.ID, Key: e.Key, Job: job, Fields: fields})
}

// protect returns the wanted job with the fields of e that must not change, and
// reports them.
func (r *reconciler) protect(e *ExistingJob, want *Job) Job {
	job := *want
	if !r.complete[e.Key.PropertyID] && forgetsNeighbour(&e.Job, want) {
		bound := nextFields
		if e.Key.Kind == KindArrival {
			bound = previousFields
		}
		r.keep(e, &job, want, ReasonIncomplete, bound)
	}
	if edited := editedFields(e); len(edited) > 0 {
		r.keep(e, &job, want, ReasonEdited, edited)
	}
	if e.State == StateAssigned && e.Visible && !job.Visible {
		r.keep(e, &job, want, ReasonAssigned, []Field{FieldVisible})
	}
	return job
}

// keep copies fields of e into job and reports those that would have changed.
func (r *reconciler) keep(e *ExistingJob, job, want *Job, reason Reason, fields []Field) {
	var held []Field
	for _, f := range differences(&e.Job, job) {
		if !slices.Contains(fields, f) {
			continue
		}
		job.keep(&e.Job, f)
		if f != FieldWhy {
			held = append(held, f)
		}
	}
	if len(held) > 0 {
		r.hold(e, reason, held, want)
	}
}

// forgetsNeighbour says that the plan no longer knows of the guests who bound the
// window of an existing job of the same day.
func forgetsNeighbour(old, want *Job) bool {
	switch {
	case old.Date != want.Date:
		return false
	case old.Key.Kind == KindArrival:
		return want.Start.Before(old.Start)
	default:
		return !old.NextArrival.IsZero() && (want.NextArrival.IsZero() || want.NextArrival.After(old.NextArrival))
	}
}

var (
	windowFields   = []Field{FieldDate, FieldStart, FieldEnd, FieldTooShort, FieldWhy}
	nextFields     = []Field{FieldEnd, FieldTooShort, FieldWhy, FieldSameDay, FieldNextArrival, FieldNextGuests}
	previousFields = []Field{FieldStart, FieldTooShort, FieldWhy, FieldSameDay, FieldDepartingGuests}
)

// moves says that f is part of when the job is done.
func (f Field) moves() bool { return f == FieldDate || f == FieldStart || f == FieldEnd }

// editedFields returns what a person has changed, the window as a whole.
func editedFields(e *ExistingJob) []Field {
	if slices.ContainsFunc(e.Edited, Field.moves) {
		return append(slices.Clip(windowFields), e.Edited...)
	}
	return e.Edited
}

func windowDifferences(e *ExistingJob, want *Job) []Field {
	return slices.DeleteFunc(differences(&e.Job, want), func(f Field) bool { return !f.moves() })
}

func (r *reconciler) change(c Change) { r.diff.Changes = append(r.diff.Changes, c) }

func (r *reconciler) hold(e *ExistingJob, reason Reason, fields []Field, want *Job) {
	h := Held{ID: e.ID, Key: e.Key, Reason: reason, Fields: fields}
	if want != nil {
		job := *want
		h.Wanted = &job
	}
	r.diff.Held = append(r.diff.Held, h)
}

func (r *reconciler) sort() {
	slices.SortFunc(r.diff.Changes, func(a, b Change) int {
		return cmp.Or(
			strings.Compare(a.Key.PropertyID, b.Key.PropertyID),
			a.Job.Start.Compare(b.Job.Start),
			a.Key.compare(b.Key),
			strings.Compare(string(a.Kind), string(b.Kind)),
			strings.Compare(a.ID, b.ID),
		)
	})
	slices.SortFunc(r.diff.Held, func(a, b Held) int {
		return cmp.Or(a.Key.compare(b.Key), strings.Compare(string(a.Reason), string(b.Reason)), strings.Compare(a.ID, b.ID))
	})
}

// Apply returns a copy of existing after the changes. A new job has no ID. ID
// must tell jobs of the same Key apart.
func Apply(existing []ExistingJob, changes []Change) []ExistingJob {
	type target struct {
		key       Key
		id        string
		cancelled bool
	}
	after := slices.Clone(existing)
	index := make(map[target]int, len(changes))
	for _, c := range changes {
		index[target{c.Key, c.ID, c.Kind == ChangeRestore}] = -1
	}
	for i := range after {
		e := &after[i]
		t := target{e.Key, e.ID, e.State == StateCancelled}
		if _, ok := index[t]; ok && (e.open() || t.cancelled) {
			index[t] = i
		}
	}
	for _, c := range changes {
		at := index[target{c.Key, c.ID, c.Kind == ChangeRestore}]
		switch {
		case c.Kind == ChangeCreate:
			after = append(after, ExistingJob{Job: c.Job, State: StatePlanned})
		case at < 0:
		case c.Kind == ChangeCancel:
			after[at].State, after[at].CancelReason = StateCancelled, c.Reason
		case c.Kind == ChangeRestore:
			after[at].Job, after[at].State, after[at].CancelReason = c.Job, StatePlanned, ""
		default:
			after[at].Job = c.Job
		}
	}
	return after
}
