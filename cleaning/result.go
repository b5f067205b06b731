package cleaning

import (
	"fmt"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// Result is a plan. Every booking of the input is in the Stays of a job or in
// Skipped, and never in both. Jobs are ordered by property and start, the other
// lists by property and stay or day.
type Result struct {
	Jobs    []Job     `json:"jobs"`
	Issues  []Issue   `json:"issues,omitempty"`
	Skipped []Skip    `json:"skipped,omitempty"`
	InHouse []InHouse `json:"inHouse,omitempty"`
	// Complete lists the properties whose plan is whole: what is missing in it may
	// be cancelled. Incomplete lists those of which a source failed, or which could
	// not be planned: their jobs are kept.
	Complete   []string `json:"complete,omitempty"`
	Incomplete []string `json:"incomplete,omitempty"`
}

// Skip is a booking without a job.
type Skip struct {
	PropertyID string  `json:"propertyId"`
	Stay       pms.Key `json:"stay"`
	Reason     Reason  `json:"reason"`
	// Undecided says that a person has to decide: an existing job is kept.
	Undecided bool `json:"undecided,omitzero"`
}

// InHouse is a stay that was cancelled after its arrival. Its booking is in
// [Result.Skipped] as well. Its job is never created; if it exists already,
// the guest was expected to be in, and [Reconcile] goes by Choice.
type InHouse struct {
	Job    Job           `json:"job"`
	Choice InHouseChoice `json:"choice"`
}

// Reason says why a booking has no job, or why a job is cancelled or kept.
type Reason string

// Why a booking has no job.
const (
	ReasonCancelled     Reason = "cancelled"
	ReasonNoShow        Reason = "no_show"
	ReasonInquiry       Reason = "inquiry"
	ReasonOwnerStay     Reason = "owner_stay"
	ReasonBlock         Reason = "block"
	ReasonEcho          Reason = "echo"        // a block over a stay of another record
	ReasonPreparation   Reason = "preparation" // a block of at most two nights beside a stay
	ReasonTentative     Reason = "tentative"
	ReasonUnknownStatus Reason = "unknown_status"
	ReasonUnknownKind   Reason = "unknown_kind"
	ReasonInvalidDates  Reason = "invalid_dates"
	ReasonNoUnit        Reason = "no_unit"
	ReasonOff           Reason = "off"
	ReasonOver          Reason = "over" // the window has ended on an earlier day
	ReasonBeforeFrom    Reason = "before_from"
	ReasonBeyondHorizon Reason = "beyond_horizon"
	ReasonUnplanned     Reason = "unplanned" // the property cannot be planned
)

// Why a job is cancelled or kept, beside the reasons above.
const (
	ReasonVanished         Reason = "vanished"           // no record of the stay is left
	ReasonMoved            Reason = "moved"              // the stay is in another property
	ReasonDuplicate        Reason = "duplicate"          // a second job for the same cleaning
	ReasonNotWanted        Reason = "not_wanted"         // the policy asks for another kind of cleaning
	ReasonCancelledInHouse Reason = "cancelled_in_house" // the guest was in
	ReasonIncomplete       Reason = "incomplete"         // a source of the property failed
	ReasonEdited           Reason = "edited"             // a person changed these fields
	ReasonAssigned         Reason = "assigned"           // a job with a cleaner is not hidden
	ReasonStarted          Reason = "started"
	ReasonDone             Reason = "done"
	ReasonCancelledByHand  Reason = "cancelled_by_hand"
)

// Issue is something that a person should see.
type Issue struct {
	Kind       IssueKind `json:"kind"`
	PropertyID string    `json:"propertyId"`
	// Stays are the bookings concerned, one of each stay.
	Stays []pms.Key `json:"stays,omitempty"`
	// Date is the day concerned, if there is one.
	Date pms.Date `json:"date,omitzero"`
	// Minutes is the size of a conflict or of what is missing.
	Minutes int `json:"minutes,omitzero"`
	// Detail is a vendor's word, a zone name or the text of an error.
	Detail string `json:"detail,omitzero"`
}

// IssueKind says what is wrong.
type IssueKind string

// The kinds of issues.
const (
	IssueMissingZone       IssueKind = "missing_zone"       // no zone anywhere: the property is not planned
	IssueBadZone           IssueKind = "bad_zone"           // Detail is no IANA zone; the next source was used
	IssueZoneMismatch      IssueKind = "zone_mismatch"      // a booking states another zone, Detail, than the property has
	IssueBadPolicy         IssueKind = "bad_policy"         // the policy cannot be used: the property is not planned
	IssueDuplicateProperty IssueKind = "duplicate_property" // the id came twice: the second is not planned
	IssueUnknownStatus     IssueKind = "unknown_status"     // Detail is the vendor's word; no job
	IssueUnknownKind       IssueKind = "unknown_kind"       // no job
	IssueInvalidDates      IssueKind = "invalid_dates"      // departure before arrival, or no dates; no job
	IssueNoUnit            IssueKind = "no_unit"            // the vendor has assigned no unit; no job
	IssueTentative         IssueKind = "tentative"          // not confirmed; no job
	IssueOwnerStay         IssueKind = "owner_stay"         // reported by policy; no job
	IssueBlock             IssueKind = "block"              // reported by policy; no job
	IssueDoubleBooking     IssueKind = "double_booking"     // two stays share a night
	IssueLateCheckOut      IssueKind = "late_check_out"     // the guest leaves Minutes after the next one comes
	IssueTooShort          IssueKind = "too_short"          // the window lacks Minutes
	IssueLeftEarly         IssueKind = "left_early"         // checked out before the day, at an unknown time
)

// String returns one line without guest data.
func (i Issue) String() string {
	var b strings.Builder
	b.WriteString(string(i.Kind))
	fmt.Fprintf(&b, ": property %s", i.PropertyID)
	if !i.Date.IsZero() {
		fmt.Fprintf(&b, ", %s", i.Date)
	}
	if i.Minutes > 0 {
		fmt.Fprintf(&b, ", %d min", i.Minutes)
	}
	for n, stay := range i.Stays {
		if n == 0 {
			b.WriteString(", stays")
		}
		fmt.Fprintf(&b, " %s", stay)
	}
	if i.Detail != "" {
		fmt.Fprintf(&b, ": %s", i.Detail)
	}
	return b.String()
}
