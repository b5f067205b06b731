package cleaning

import (
	"slices"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// UnitState is the housekeeping status of one property at one time.
type UnitState struct {
	PropertyID string `json:"propertyId"`
	// Cleanliness is Clean, Dirty, CleaningInProgress, or CleanlinessUnknown while
	// no departure is known.
	Cleanliness pms.Cleanliness `json:"cleanliness"`
	// Occupied says that guests are in.
	Occupied bool `json:"occupied"`
	// Since is when the last guests left. Zero means unknown.
	Since time.Time `json:"since,omitzero"`
	// Stay is the last stay that left, if it is still on record.
	Stay pms.Key `json:"stay,omitzero"`
	// Push says that the policy lets vendors be told.
	Push bool `json:"push"`
}

// Readiness says whether the unit is clean at the time at. It is dirty from the
// departure of guests until a cleaning of that stay, or any later one, is done.
// Jobs are all stored jobs of the property; stays count even if the policy is Off
// or wants no job for them yet, but not if it skips their class. A property that
// cannot be planned is CleanlinessUnknown.
func Readiness(p Property, policy Policy, jobs []ExistingJob, at time.Time) UnitState {
	state := UnitState{PropertyID: p.ID, Cleanliness: pms.CleanlinessUnknown}
	pl := planner{account: policy, now: at, zones: zones{}}
	pl.accountErr = policy.validate(pl.zones)
	u := unit{planner: &pl, property: &p}
	if !u.prepare() {
		return state
	}
	state.Push = u.policy.PushCleanliness
	u.read()
	left := u.lastDeparture(&state)
	for i := range jobs {
		if j := &jobs[i]; j.cleansAfterStay(p.ID) && !j.Start.After(at) && j.Start.After(state.Since) {
			state.Since, state.Stay, left = j.Start, j.Key.Stay, j.Stays
		}
	}
	if !state.Since.IsZero() {
		state.Cleanliness = cleanliness(p.ID, left, state.Since, jobs)
	}
	return state
}

// lastDeparture fills in who is in and who left last, and returns the bookings of
// the stay that left.
func (u *unit) lastDeparture(state *UnitState) []pms.Key {
	var left []pms.Key
	for _, s := range u.stays {
		switch {
		case !s.counts() || s.arrive.After(u.now):
		case s.depart.After(u.now):
			state.Occupied = true
		case s.lead.verdict.choice == ChoicePlan && s.depart.After(state.Since):
			state.Since, state.Stay, left = s.depart, s.key(), s.keys
		}
	}
	return left
}

// cleansAfterStay says that the job stands for a departure of the property.
func (e *ExistingJob) cleansAfterStay(propertyID string) bool {
	return e.Key.PropertyID == propertyID && e.Key.Kind == KindDeparture && e.State != StateCancelled
}

// cleanliness goes by the jobs of the stay that left, and by later ones.
func cleanliness(propertyID string, left []pms.Key, since time.Time, jobs []ExistingJob) pms.Cleanliness {
	state := pms.Dirty
	for i := range jobs {
		j := &jobs[i]
		if j.Key.PropertyID != propertyID || j.Key.Kind == KindMidStay || !j.cleans(left, since) {
			continue
		}
		switch j.State {
		case StateDone:
			return pms.Clean
		case StateStarted:
			state = pms.CleaningInProgress
		default:
		}
	}
	return state
}

// cleans says that j is a cleaning after the stay that left, or a later one.
func (e *ExistingJob) cleans(left []pms.Key, since time.Time) bool {
	if e.Key.Kind == KindDeparture && slices.ContainsFunc(e.Stays, func(k pms.Key) bool { return slices.Contains(left, k) }) {
		return true
	}
	if e.DoneAt.IsZero() {
		return !e.Start.Before(since)
	}
	return !e.DoneAt.Before(since)
}

// Push is a housekeeping status that vendors are to be told.
type Push struct {
	PropertyID  string          `json:"propertyId"`
	Cleanliness pms.Cleanliness `json:"cleanliness"`
}

// Pushes returns what to tell vendors: the states that differ from the last ones
// told, by property id, of properties whose policy lets them be told. A state that
// is not known is never told.
func Pushes(told map[string]pms.Cleanliness, states []UnitState) []Push {
	var pushes []Push
	for _, s := range states {
		if s.Push && s.Cleanliness != pms.CleanlinessUnknown && told[s.PropertyID] != s.Cleanliness {
			pushes = append(pushes, Push{s.PropertyID, s.Cleanliness})
		}
	}
	slices.SortFunc(pushes, func(a, b Push) int { return strings.Compare(a.PropertyID, b.PropertyID) })
	return pushes
}
