package cleaning

import (
	"slices"
	"time"
)

// ExistingJob is a job as the host has stored it.
type ExistingJob struct {
	Job
	// ID is the host's own id of the job, carried into [Change.ID]. It may be empty
	// if Key is all the host needs.
	ID    string `json:"id,omitzero"`
	State State  `json:"state,omitzero"`
	// Edited names what a person has changed. An edited field is kept; Date, Start,
	// End and TooShort are kept together.
	Edited []Field `json:"edited,omitempty"`
	// CancelReason says why [Reconcile] cancelled the job. A cancelled job without
	// one was cancelled by a person and does not come back.
	CancelReason Reason `json:"cancelReason,omitzero"`
	// DoneAt is when the cleaning was finished, if the host knows.
	DoneAt time.Time `json:"doneAt,omitzero"`
}

// State says how far a job has come. The zero value is StatePlanned.
type State string

// The states of a job.
const (
	StatePlanned   State = "planned"
	StateAssigned  State = "assigned" // a cleaner has it; never hidden by the rules
	StateStarted   State = "started"  // never moved or cancelled by the rules
	StateDone      State = "done"     // never touched by the rules
	StateCancelled State = "cancelled"
)

// open says that nobody has begun to work, so that the rules may change the job.
func (e *ExistingJob) open() bool {
	return e.State == "" || e.State == StatePlanned || e.State == StateAssigned
}

// Field names a part of a [Job] by its JSON name.
type Field string

// The fields that a change may touch.
const (
	FieldKey             Field = "key"
	FieldStays           Field = "stays"
	FieldDate            Field = "date"
	FieldStart           Field = "start"
	FieldEnd             Field = "end"
	FieldTimeZone        Field = "timeZone"
	FieldArrival         Field = "arrival"
	FieldDeparture       Field = "departure"
	FieldSameDay         Field = "sameDay"
	FieldTooShort        Field = "tooShort"
	FieldVisible         Field = "visible"
	FieldNextArrival     Field = "nextArrival"
	FieldNextGuests      Field = "nextGuests"
	FieldDepartingGuests Field = "departingGuests"
	FieldWhy             Field = "why"
)

// differences returns the fields in which two jobs differ. Times are compared as
// instants, so that a job may go through any storage.
func differences(a, b *Job) []Field {
	var fields []Field
	add := func(differ bool, f Field) {
		if differ {
			fields = append(fields, f)
		}
	}
	add(a.Key != b.Key, FieldKey)
	add(!slices.Equal(a.Stays, b.Stays), FieldStays)
	add(a.Date != b.Date, FieldDate)
	add(!a.Start.Equal(b.Start), FieldStart)
	add(!a.End.Equal(b.End), FieldEnd)
	add(a.TimeZone != b.TimeZone, FieldTimeZone)
	add(a.Arrival != b.Arrival, FieldArrival)
	add(a.Departure != b.Departure, FieldDeparture)
	add(a.SameDay != b.SameDay, FieldSameDay)
	add(a.TooShort != b.TooShort, FieldTooShort)
	add(a.Visible != b.Visible, FieldVisible)
	add(!a.NextArrival.Equal(b.NextArrival), FieldNextArrival)
	add(a.NextGuests != b.NextGuests, FieldNextGuests)
	add(a.DepartingGuests != b.DepartingGuests, FieldDepartingGuests)
	add(a.Why != b.Why, FieldWhy)
	return fields
}

// keep copies one field of old into j.
func (j *Job) keep(old *Job, f Field) {
	switch f {
	case FieldKey:
		j.Key = old.Key
	case FieldStays:
		j.Stays = old.Stays
	case FieldDate:
		j.Date = old.Date
	case FieldStart:
		j.Start = old.Start
	case FieldEnd:
		j.End = old.End
	case FieldTimeZone:
		j.TimeZone = old.TimeZone
	case FieldArrival:
		j.Arrival = old.Arrival
	case FieldDeparture:
		j.Departure = old.Departure
	case FieldSameDay:
		j.SameDay = old.SameDay
	case FieldTooShort:
		j.TooShort = old.TooShort
	case FieldVisible:
		j.Visible = old.Visible
	case FieldNextArrival:
		j.NextArrival = old.NextArrival
	case FieldNextGuests:
		j.NextGuests = old.NextGuests
	case FieldDepartingGuests:
		j.DepartingGuests = old.DepartingGuests
	case FieldWhy:
		j.Why = old.Why
	}
}
