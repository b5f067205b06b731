package cleaning_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

func TestReadiness(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5), nov("b", 7, 9))
	p := flat(nov("a", 3, 5), nov("b", 7, 9))
	policy := cleaning.Policy{PushCleanliness: true}
	state := func(at time.Time) cleaning.UnitState { return cleaning.Readiness(p, policy, h.jobs, at) }

	assert.Equal(t, cleaning.UnitState{PropertyID: "flat", Cleanliness: pms.CleanlinessUnknown, Push: true}, state(now))
	assert.Equal(t, pms.CleanlinessUnknown, state(at(4, "12:00")).Cleanliness)
	assert.True(t, state(at(4, "12:00")).Occupied)

	dirty := state(at(5, "11:00"))
	assert.Equal(t, pms.Dirty, dirty.Cleanliness)
	assert.Equal(t, at(5, "11:00"), dirty.Since)
	assert.Equal(t, key("a"), dirty.Stay)
	assert.False(t, dirty.Occupied)

	h.job("a").State = cleaning.StateStarted
	assert.Equal(t, pms.CleaningInProgress, state(at(5, "12:00")).Cleanliness)
	h.job("a").State, h.job("a").DoneAt = cleaning.StateDone, at(5, "13:00")
	assert.Equal(t, pms.Clean, state(at(5, "13:00")).Cleanliness)
	assert.Equal(t, pms.Clean, state(at(8, "13:00")).Cleanliness, "clean until the next guests leave")
	assert.Equal(t, pms.Dirty, state(at(9, "11:00")).Cleanliness, "an earlier cleaning does not count")
}

func TestReadiness_StayThatRolledOffTheFeed(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	state := cleaning.Readiness(flat(), cleaning.Policy{}, h.jobs, at(6, "09:00"))
	assert.Equal(t, pms.Dirty, state.Cleanliness, "its job is still there")
	assert.Equal(t, at(5, "11:00"), state.Since)
}

func TestReadiness_WithoutAutomaticCleanings(t *testing.T) {
	t.Parallel()
	state := cleaning.Readiness(flat(nov("a", 1, 2)), cleaning.Policy{Off: true, PushCleanliness: true}, nil, at(2, "12:00"))
	assert.Equal(t, pms.Dirty, state.Cleanliness, "the status push has its own switch")
	assert.True(t, state.Push)
}

func TestReadiness_JobBeforeArrival(t *testing.T) {
	t.Parallel()
	policy := cleaning.Policy{AtArrival: true}
	p := flat(nov("a", 1, 3), nov("b", 7, 9))
	h := host{t: t}
	h.sync(cleaning.Plan(p, policy, now), now)
	assert.Equal(t, pms.Dirty, cleaning.Readiness(p, policy, h.jobs, at(6, "12:00")).Cleanliness)
	h.job("b").State, h.job("b").DoneAt = cleaning.StateDone, at(7, "12:00")
	assert.Equal(t, pms.Clean, cleaning.Readiness(p, policy, h.jobs, at(7, "12:30")).Cleanliness)
	h.job("b").DoneAt = time.Time{}
	assert.Equal(t, pms.Clean, cleaning.Readiness(p, policy, h.jobs, at(7, "12:30")).Cleanliness, "done at an unknown time after the departure")
	h.job("b").DoneAt = at(2, "18:00")
	assert.Equal(t, pms.Dirty, cleaning.Readiness(p, policy, h.jobs, at(7, "12:30")).Cleanliness, "done before the departure")
}

func TestReadiness_CancelledStayDirtiesNothing(t *testing.T) {
	t.Parallel()
	state := cleaning.Readiness(flat(nov("a", 1, 2, status(pms.StatusCancelled))), cleaning.Policy{}, nil, at(2, "12:00"))
	assert.Equal(t, pms.CleanlinessUnknown, state.Cleanliness)
}

func TestReadiness_OwnerStayThatIsNotCleaned(t *testing.T) {
	t.Parallel()
	p := flat(nov("a", 1, 3, kind(pms.KindOwner)))
	policy := cleaning.Policy{OwnerStays: cleaning.ChoiceSkip}
	assert.True(t, cleaning.Readiness(p, policy, nil, at(2, "12:00")).Occupied)
	assert.Equal(t, pms.CleanlinessUnknown, cleaning.Readiness(p, policy, nil, at(3, "12:00")).Cleanliness)
}

func TestReadiness_WithoutZone(t *testing.T) {
	t.Parallel()
	p := flat(nov("a", 1, 2))
	p.TimeZone = ""
	assert.Equal(t, pms.CleanlinessUnknown, cleaning.Readiness(p, cleaning.Policy{}, nil, at(2, "12:00")).Cleanliness)
}

func TestPushes_OnlyChangesAndOnlyIfWanted(t *testing.T) {
	t.Parallel()
	states := []cleaning.UnitState{
		{PropertyID: "same", Cleanliness: pms.Clean, Push: true},
		{PropertyID: "new", Cleanliness: pms.Dirty, Push: true},
		{PropertyID: "changed", Cleanliness: pms.Clean, Push: true},
		{PropertyID: "off", Cleanliness: pms.Clean},
		{PropertyID: "unknown", Cleanliness: pms.CleanlinessUnknown, Push: true},
	}
	told := map[string]pms.Cleanliness{"same": pms.Clean, "changed": pms.Dirty, "off": pms.Dirty, "unknown": pms.Dirty}
	assert.Equal(t, []cleaning.Push{
		{PropertyID: "changed", Cleanliness: pms.Clean}, {PropertyID: "new", Cleanliness: pms.Dirty},
	}, cleaning.Pushes(told, states))
}
