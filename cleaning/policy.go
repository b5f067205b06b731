package cleaning

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// MaxWindowDays is the longest window of a [Policy].
const MaxWindowDays = 8

const (
	minutesPerDay  = 24 * 60
	maxNights      = 366
	maxHorizonDays = 3660
)

// Policy is what an account wants of its cleanings. The zero value is a working
// default: one visible job per departure of a guest or an owner, on the day of
// departure. An account's policy is refined with [Policy.With].
type Policy struct {
	// Off plans nothing. Existing jobs that nobody has started are cancelled.
	Off bool `json:"off,omitzero"`
	// From plans no job dated earlier. Zero means every job that is not over.
	From pms.Date `json:"from,omitzero"`
	// HorizonDays plans no job dated later than this many days after today. Zero
	// means no limit.
	HorizonDays int `json:"horizonDays,omitzero"`

	// TimeZone is the IANA zone of properties that state none, in their own
	// settings or in their bookings.
	TimeZone string `json:"timeZone,omitzero"`
	// CheckIn and CheckOut are the clock times of stays and properties that
	// state none. Zero means 15:00 and 11:00.
	CheckIn  pms.Clock `json:"checkIn,omitzero"`
	CheckOut pms.Clock `json:"checkOut,omitzero"`

	// AtArrival hangs the job on the arrival of the stay instead of its
	// departure.
	AtArrival bool `json:"atArrival,omitzero"`
	// WindowDays is how many days a cleaning may wait when nobody arrives: 0,
	// the day of departure, to 8.
	WindowDays int `json:"windowDays,omitzero"`
	// BufferMinutes stay free between the end of the window and the arrival.
	BufferMinutes int `json:"bufferMinutes,omitzero"`
	// CleaningMinutes is how long the cleaning takes. A shorter window is planned
	// and flagged. Zero means that only a window without any time is flagged.
	CleaningMinutes int `json:"cleaningMinutes,omitzero"`

	// OwnerStays is planned by default.
	OwnerStays Choice `json:"ownerStays,omitzero"`
	// Blocks is skipped by default. Blocks of calendar feeds, blocks over a stay
	// and preparation time beside one give no job whatever is chosen.
	Blocks Choice `json:"blocks,omitzero"`
	// Tentative is reported by default.
	Tentative Choice `json:"tentative,omitzero"`
	// Unknown is a kind or a status that the connector does not know. It is
	// reported by default.
	Unknown Choice `json:"unknown,omitzero"`
	// CancelledInHouse is a stay cancelled after its arrival. It is reported by
	// default, and its job stays.
	CancelledInHouse InHouseChoice `json:"cancelledInHouse,omitzero"`

	// MidStayEvery adds a cleaning every so many nights within a stay of at least
	// MidStayMinNights nights, planned up to a year ahead. Zero means none.
	MidStayEvery     int `json:"midStayEvery,omitzero"`
	MidStayMinNights int `json:"midStayMinNights,omitzero"`
	// JoinSameGuest treats stays of one guest that follow one another without a
	// free night as one stay with one job at its end.
	JoinSameGuest bool `json:"joinSameGuest,omitzero"`

	// Hidden keeps jobs from the cleaners until a person shows them.
	Hidden bool `json:"hidden,omitzero"`
	// PushCleanliness lets [Pushes] tell vendors about clean and dirty. It is
	// independent of Off.
	PushCleanliness bool `json:"pushCleanliness,omitzero"`
}

// Choice is what happens to a class of stays. The zero value is the default that
// the field of [Policy] names.
type Choice string

// The choices for a class of stays.
const (
	ChoicePlan   Choice = "plan"   // a job as for a guest stay
	ChoiceSkip   Choice = "skip"   // no job; an existing one is cancelled
	ChoiceReport Choice = "report" // no job, an issue; an existing one is kept
)

func (c Choice) or(fallback Choice) Choice {
	if c == "" {
		return fallback
	}
	return c
}

// InHouseChoice is what happens to the job of a stay that is cancelled after its
// arrival. The zero value is InHouseReport.
type InHouseChoice string

// The choices for a stay cancelled while the guest is in.
const (
	InHouseReport  InHouseChoice = "report"  // the job stays and a person decides
	InHouseKeep    InHouseChoice = "keep"    // the job stays
	InHouseClose   InHouseChoice = "close"   // the job is cancelled
	InHouseShorten InHouseChoice = "shorten" // the job moves to the time of the cancellation, if it is known
)

// Overrides changes single fields of a [Policy], for a property or for one stay.
// A nil field leaves the policy as it is; a pointer to a zero value sets it back
// to the default.
type Overrides struct {
	Off              *bool          `json:"off,omitempty"`
	From             *pms.Date      `json:"from,omitempty"`
	HorizonDays      *int           `json:"horizonDays,omitempty"`
	TimeZone         *string        `json:"timeZone,omitempty"`
	CheckIn          *pms.Clock     `json:"checkIn,omitempty"`
	CheckOut         *pms.Clock     `json:"checkOut,omitempty"`
	AtArrival        *bool          `json:"atArrival,omitempty"`
	WindowDays       *int           `json:"windowDays,omitempty"`
	BufferMinutes    *int           `json:"bufferMinutes,omitempty"`
	CleaningMinutes  *int           `json:"cleaningMinutes,omitempty"`
	OwnerStays       *Choice        `json:"ownerStays,omitempty"`
	Blocks           *Choice        `json:"blocks,omitempty"`
	Tentative        *Choice        `json:"tentative,omitempty"`
	Unknown          *Choice        `json:"unknown,omitempty"`
	CancelledInHouse *InHouseChoice `json:"cancelledInHouse,omitempty"`
	MidStayEvery     *int           `json:"midStayEvery,omitempty"`
	MidStayMinNights *int           `json:"midStayMinNights,omitempty"`
	JoinSameGuest    *bool          `json:"joinSameGuest,omitempty"`
	Hidden           *bool          `json:"hidden,omitempty"`
	PushCleanliness  *bool          `json:"pushCleanliness,omitempty"`
}

// With returns p with the fields that o states.
func (p Policy) With(o Overrides) Policy {
	set(&p.Off, o.Off)
	set(&p.From, o.From)
	set(&p.HorizonDays, o.HorizonDays)
	set(&p.TimeZone, o.TimeZone)
	set(&p.CheckIn, o.CheckIn)
	set(&p.CheckOut, o.CheckOut)
	set(&p.AtArrival, o.AtArrival)
	set(&p.WindowDays, o.WindowDays)
	set(&p.BufferMinutes, o.BufferMinutes)
	set(&p.CleaningMinutes, o.CleaningMinutes)
	set(&p.OwnerStays, o.OwnerStays)
	set(&p.Blocks, o.Blocks)
	set(&p.Tentative, o.Tentative)
	set(&p.Unknown, o.Unknown)
	set(&p.CancelledInHouse, o.CancelledInHouse)
	set(&p.MidStayEvery, o.MidStayEvery)
	set(&p.MidStayMinNights, o.MidStayMinNights)
	set(&p.JoinSameGuest, o.JoinSameGuest)
	set(&p.Hidden, o.Hidden)
	set(&p.PushCleanliness, o.PushCleanliness)
	return p
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// FieldError is a field of a [Policy] that cannot be used.
type FieldError struct {
	Field   string // the JSON name
	Problem string
}

// Error implements error.
func (e *FieldError) Error() string { return "cleaning policy: " + e.Field + ": " + e.Problem }

// Validate returns nil, or a [FieldError] for every field that cannot be used,
// joined into one error.
func (p Policy) Validate() error { return p.validate(zones{}) }

func (p Policy) validate(known zones) error {
	return errors.Join(
		inZone("timeZone", p.TimeZone, known),
		onCalendar("from", p.From),
		within("horizonDays", p.HorizonDays, maxHorizonDays),
		within("windowDays", p.WindowDays, MaxWindowDays),
		within("bufferMinutes", p.BufferMinutes, MaxWindowDays*minutesPerDay),
		within("cleaningMinutes", p.CleaningMinutes, minutesPerDay),
		oneOf("ownerStays", p.OwnerStays, ChoicePlan, ChoiceSkip, ChoiceReport),
		oneOf("blocks", p.Blocks, ChoicePlan, ChoiceSkip, ChoiceReport),
		oneOf("tentative", p.Tentative, ChoicePlan, ChoiceSkip, ChoiceReport),
		oneOf("unknown", p.Unknown, ChoicePlan, ChoiceSkip, ChoiceReport),
		oneOf("cancelledInHouse", p.CancelledInHouse, InHouseReport, InHouseKeep, InHouseClose, InHouseShorten),
		within("midStayEvery", p.MidStayEvery, maxNights),
		within("midStayMinNights", p.MidStayMinNights, maxNights),
	)
}

func inZone(field, name string, known zones) error {
	if name == "" {
		return nil
	}
	if _, err := known.load(name); err != nil {
		return &FieldError{field, err.Error()}
	}
	return nil
}

func onCalendar(field string, d pms.Date) error {
	if d.IsZero() || d.IsValid() {
		return nil
	}
	return &FieldError{field, "not a day of the calendar"}
}

func within(field string, value, limit int) error {
	if 0 <= value && value <= limit {
		return nil
	}
	return &FieldError{field, fmt.Sprintf("%d is not 0 to %d", value, limit)}
}

func oneOf[T ~string](field string, value T, allowed ...T) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return &FieldError{field, fmt.Sprintf("%q is not one of %q", value, allowed)}
}

func (p *Policy) cleaning() time.Duration { return time.Duration(p.CleaningMinutes) * time.Minute }
func (p *Policy) buffer() time.Duration   { return time.Duration(p.BufferMinutes) * time.Minute }

// midStays reports whether a stay of so many nights is cleaned while it lasts.
func (p *Policy) midStays(nights int) bool {
	return p.MidStayEvery > 0 && nights > p.MidStayEvery && nights >= p.MidStayMinNights
}
