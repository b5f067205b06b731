package cleaning

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Job is one cleaning. Its JSON form is part of the contract of this module,
// because hosts store jobs. It holds no name, phone or address of a guest.
type Job struct {
	Key Key `json:"key"`
	// Stays are the bookings behind the job: Key.Stay first, then the same stay
	// as other vendors show it, and stays joined to it.
	Stays []pms.Key `json:"stays"`

	// Date is the day of the departure, or of the arrival for KindArrival. The
	// window [Start, End] begins on it, and ends on it for KindArrival.
	Date     pms.Date  `json:"date"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	TimeZone string    `json:"timeZone"`

	// Arrival and Departure are the days of the stay itself.
	Arrival   pms.Date `json:"arrival"`
	Departure pms.Date `json:"departure"`

	// SameDay says that the next guest comes on the day the last one leaves.
	SameDay bool `json:"sameDay"`
	// TooShort says that the window is shorter than the cleaning takes.
	TooShort bool `json:"tooShort"`
	// Visible says whether cleaners see the job.
	Visible bool `json:"visible"`

	// NextArrival is when the guests come for whom the unit is prepared. Zero
	// means that nobody is known to come.
	NextArrival time.Time `json:"nextArrival,omitzero"`
	// NextGuests come next, DepartingGuests leave. A Total of 0 is unknown.
	NextGuests      pms.Guests `json:"nextGuests,omitzero"`
	DepartingGuests pms.Guests `json:"departingGuests,omitzero"`

	// Why is the provenance of the job; see [Explain].
	Why Why `json:"why"`
}

// Key says which cleaning of which stay a job is. It is comparable, and stays
// the same when the dates of the stay or its neighbours change.
type Key struct {
	PropertyID string  `json:"propertyId"`
	Stay       pms.Key `json:"stay"`
	Kind       Kind    `json:"kind"`
	// N counts the cleanings of KindMidStay from 1. It is 0 for other kinds.
	N int `json:"n,omitzero"`
}

// Kind says when in a stay the cleaning is.
type Kind string

// The kinds of a job.
const (
	KindDeparture Kind = "departure" // after the guest has left
	KindArrival   Kind = "arrival"   // before the guest comes
	KindMidStay   Kind = "mid_stay"  // while the guest stays
)

// String returns one text per Key, fit for a database column or a calendar UID:
// its parts, with "%" and "/" escaped, joined by "/".
func (k Key) String() string {
	parts := []string{k.PropertyID, k.Stay.Vendor, k.Stay.ID, string(k.Kind)}
	if k.N > 0 {
		parts = append(parts, strconv.Itoa(k.N))
	}
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(part, "%", "%25"), "/", "%2F")
	}
	return strings.Join(parts, "/")
}

func (k Key) compare(o Key) int {
	return cmp.Or(
		strings.Compare(k.PropertyID, o.PropertyID),
		compareStays(k.Stay, o.Stay),
		strings.Compare(string(k.Kind), string(o.Kind)),
		cmp.Compare(k.N, o.N),
	)
}

func compareStays(a, b pms.Key) int {
	return cmp.Or(strings.Compare(a.Vendor, b.Vendor), strings.Compare(a.ID, b.ID))
}

// Why is the provenance of a job in compact form.
type Why struct {
	// Class is what the stay counts as.
	Class Class `json:"class"`
	// Start and End say what bounds the window.
	Start Edge `json:"start"`
	End   Edge `json:"end"`
	// Zone says who states the time zone.
	Zone Source `json:"zone"`
	// Neighbour is the stay on the other side of the window, if there is one.
	Neighbour pms.Key `json:"neighbour,omitzero"`
}

// Edge is one end of a window.
type Edge struct {
	Bound Bound  `json:"bound"`
	Clock Source `json:"clock"`
	// Skipped says that the clock skips the stated time on that day, see [Instant].
	Skipped bool `json:"skipped,omitzero"`
}

// Bound says what ends or begins a window.
type Bound string

// The bounds of a window.
const (
	BoundDeparture Bound = "departure" // a guest leaves
	BoundArrival   Bound = "arrival"   // a guest comes, less the buffer
	BoundWindow    Bound = "window"    // the policy's number of days, or the day of a mid-stay cleaning
	BoundCleaning  Bound = "cleaning"  // the time that the cleaning takes
)

// Source says where a clock time or a zone comes from.
type Source string

// The sources of clock times and zones.
const (
	SourceOverride   Source = "override"    // the stay's own [Overrides]
	SourceStay       Source = "stay"        // the booking
	SourceCheckedOut Source = "checked_out" // the guest has left early
	SourceCancelled  Source = "cancelled"   // the stay was cancelled while the guest was in
	SourceProperty   Source = "property"    // the property's settings
	SourcePolicy     Source = "policy"      // the policy
	SourceDefault    Source = "default"     // nobody states it: 15:00 and 11:00
)

// Class is what a stay counts as under a policy.
type Class string

// The classes of stays.
const (
	ClassGuest     Class = "guest"
	ClassOwner     Class = "owner"
	ClassBlock     Class = "block"
	ClassTentative Class = "tentative"
	ClassUnknown   Class = "unknown"
)
