package cleaning_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// hosting returns a host that has the jobs of these bookings.
func hosting(t *testing.T, bookings ...pms.Booking) *host {
	t.Helper()
	h := &host{t: t}
	h.sync(plan(cleaning.Policy{}, bookings...), now)
	return h
}

// oneChange returns the only change of a diff.
func oneChange(t *testing.T, d cleaning.Diff) cleaning.Change {
	t.Helper()
	require.Len(t, d.Changes, 1)
	return d.Changes[0]
}

func oneHeld(t *testing.T, d cleaning.Diff) cleaning.Held {
	t.Helper()
	require.Len(t, d.Held, 1)
	return d.Held[0]
}

func TestReconcile_Create(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 5))
	c := oneChange(t, cleaning.Reconcile(nil, r, now))
	assert.Equal(t, cleaning.Change{Kind: cleaning.ChangeCreate, Key: departureKey("a"), Job: r.Jobs[0]}, c)
}

func TestReconcile_SameDayNeighbourComesAndGoes(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	diff := h.sync(plan(cleaning.Policy{}, nov("a", 3, 5), nov("b", 5, 7, comes("14:00"), guests(4))), now)
	require.Equal(t, []cleaning.ChangeKind{cleaning.ChangeMove, cleaning.ChangeCreate}, changeKinds(diff))
	assert.Equal(t, departureKey("a"), diff.Changes[0].Key)
	assert.Equal(t, []cleaning.Field{
		cleaning.FieldEnd, cleaning.FieldSameDay, cleaning.FieldNextArrival, cleaning.FieldNextGuests, cleaning.FieldWhy,
	}, diff.Changes[0].Fields)
	assert.True(t, h.job("a").SameDay)

	diff = h.sync(plan(cleaning.Policy{}, nov("a", 3, 5)), now)
	require.Equal(t, []cleaning.ChangeKind{cleaning.ChangeMove, cleaning.ChangeCancel}, changeKinds(diff))
	assert.Equal(t, departureKey("a"), diff.Changes[0].Key)
	assert.Equal(t, departureKey("b"), diff.Changes[1].Key)
	assert.False(t, h.job("a").SameDay)
}

func TestReconcile_CancelledBeforeTheStay(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	c := oneChange(t, h.sync(plan(cleaning.Policy{}, nov("a", 3, 5, status(pms.StatusCancelled))), now))
	assert.Equal(t, cleaning.ChangeCancel, c.Kind)
	assert.Equal(t, cleaning.ReasonCancelled, c.Reason)
	assert.Empty(t, h.live())
}

func TestReconcile_CancelledDuringTheStay(t *testing.T) {
	t.Parallel()
	cancelled := nov("a", 3, 8, status(pms.StatusCancelled), updated(at(5, "16:20")))
	for _, test := range []struct {
		choice  cleaning.InHouseChoice
		changes []cleaning.ChangeKind
		date    string
		held    bool
	}{
		{"", nil, "2026-11-08", true},
		{cleaning.InHouseReport, nil, "2026-11-08", true},
		{cleaning.InHouseKeep, nil, "2026-11-08", false},
		{cleaning.InHouseShorten, []cleaning.ChangeKind{cleaning.ChangeMove}, "2026-11-05", false},
		{cleaning.InHouseClose, []cleaning.ChangeKind{cleaning.ChangeCancel}, "2026-11-08", false},
	} {
		h := hosting(t, nov("a", 3, 8))
		later := at(5, "17:00")
		diff := h.sync(cleaning.Plan(flat(cancelled), cleaning.Policy{CancelledInHouse: test.choice}, later), later)
		assert.Equal(t, test.changes, changeKinds(diff), test.choice)
		assert.Equal(t, day(test.date), h.job("a").Date, test.choice)
		if !test.held {
			assert.Empty(t, diff.Held, test.choice)
			continue
		}
		assert.Equal(t, cleaning.ReasonCancelledInHouse, oneHeld(t, diff).Reason)
	}
}

func TestReconcile_CancelledBeforeArrivalAndSeenLater(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 8))
	cancelled := nov("a", 3, 8, status(pms.StatusCancelled), updated(at(3, "08:00")))
	later := at(5, "17:00")
	c := oneChange(t, h.sync(cleaning.Plan(flat(cancelled), cleaning.Policy{}, later), later))
	assert.Equal(t, cleaning.ReasonCancelled, c.Reason)
}

func TestReconcile_CancelledInHouseEndsWhenTheNextGuestsCome(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 8))
	later := at(5, "17:00")
	cancelled := nov("a", 3, 8, status(pms.StatusCancelled), updated(at(5, "16:20")))
	h.sync(cleaning.Plan(flat(cancelled, nov("b", 6, 9)), cleaning.Policy{CancelledInHouse: cleaning.InHouseKeep}, later), later)
	assert.Equal(t, day("2026-11-06"), h.job("a").Date)
	assert.Equal(t, at(6, "15:00"), h.job("a").End)
}

func TestReconcile_CancelledAfterTheStay(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	later := at(5, "14:00")
	cancelled := nov("a", 3, 5, status(pms.StatusCancelled), updated(at(5, "13:30")))
	diff := h.sync(cleaning.Plan(flat(cancelled), cleaning.Policy{CancelledInHouse: cleaning.InHouseClose}, later), later)
	assert.Empty(t, diff, "the guest has been there: the unit is to be cleaned")
	assert.Len(t, h.live(), 1)
}

func TestReconcile_CancelledLongAgoCreatesNothing(t *testing.T) {
	t.Parallel()
	later := at(5, "17:00")
	r := cleaning.Plan(flat(nov("a", 3, 8, status(pms.StatusCancelled))), cleaning.Policy{}, later)
	assert.Empty(t, cleaning.Reconcile(nil, r, later), "a cancelled stay keeps a job and never makes one")
}

func TestReconcile_StayMovedInDate(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	c := oneChange(t, h.sync(plan(cleaning.Policy{}, nov("a", 10, 12)), now))
	assert.Equal(t, cleaning.ChangeMove, c.Kind)
	assert.Equal(t, departureKey("a"), c.Key)
	assert.Equal(t, day("2026-11-12"), h.job("a").Date)
}

func TestReconcile_StayMovedToAnotherUnit(t *testing.T) {
	t.Parallel()
	plans := func(inA, inB []pms.Booking) cleaning.Result {
		return cleaning.PlanAll([]cleaning.Property{
			{ID: "A", TimeZone: "Europe/Paris", Bookings: inA}, {ID: "B", TimeZone: "Europe/Paris", Bookings: inB},
		}, cleaning.Policy{}, now)
	}
	for _, ids := range [][2]string{{"a", "a"}, {"a#12", "a#14"}} {
		h := host{t: t}
		h.sync(plans([]pms.Booking{nov(ids[0], 3, 5)}, nil), now)
		diff := h.sync(plans(nil, []pms.Booking{nov(ids[1], 3, 5)}), now)
		require.Equal(t, []cleaning.ChangeKind{cleaning.ChangeCancel, cleaning.ChangeCreate}, changeKinds(diff))
		gone, created := diff.Changes[0], diff.Changes[1]
		assert.Equal(t, cleaning.ReasonMoved, gone.Reason)
		assert.Equal(t, "A", gone.Key.PropertyID)
		assert.Equal(t, created.Key, gone.Other)
		assert.Equal(t, "B", created.Key.PropertyID)
		assert.Equal(t, gone.Key, created.Other)
		assert.Len(t, h.live(), 1)
	}
}

func TestReconcile_StayMovedToAnotherUnitWhileTheGuestIsIn(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 8))
	later := at(5, "12:00")
	r := cleaning.PlanAll([]cleaning.Property{
		flat(), {ID: "other", TimeZone: "Europe/Paris", Bookings: []pms.Booking{nov("a", 3, 8)}},
	}, cleaning.Policy{}, later)
	diff := h.sync(r, later)
	assert.Equal(t, cleaning.ChangeCreate, oneChange(t, diff).Kind)
	assert.Equal(t, cleaning.ReasonMoved, oneHeld(t, diff).Reason, "somebody has slept in the old unit")
	assert.Len(t, h.live(), 2)
}

func TestReconcile_ExtendedWhileTheGuestIsIn(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	later := at(4, "20:00")
	c := oneChange(t, h.sync(cleaning.Plan(flat(nov("a", 3, 7)), cleaning.Policy{}, later), later))
	assert.Equal(t, cleaning.ChangeMove, c.Kind)
	assert.Equal(t, day("2026-11-07"), h.job("a").Date)
	assert.Len(t, h.jobs, 1)
}

func TestReconcile_Shortened(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 7))
	assert.Equal(t, cleaning.ChangeMove, oneChange(t, h.sync(plan(cleaning.Policy{}, nov("a", 3, 4)), now)).Kind)
	assert.Equal(t, day("2026-11-04"), h.job("a").Date)
}

func TestReconcile_VendorReissuesTheID(t *testing.T) {
	t.Parallel()
	for what, again := range map[string]pms.Booking{
		"same dates":     nov("new", 3, 7),
		"extended":       nov("new", 3, 9),
		"same departure": nov("new", 4, 7),
	} {
		h := hosting(t, nov("old", 3, 7))
		h.jobs[0].ID, h.jobs[0].State = "row-1", cleaning.StateAssigned
		c := oneChange(t, h.sync(plan(cleaning.Policy{}, again), now))
		assert.Contains(t, []cleaning.ChangeKind{cleaning.ChangeMove, cleaning.ChangeUpdate}, c.Kind, what)
		assert.Equal(t, departureKey("old"), c.Key, what)
		assert.Equal(t, departureKey("new"), c.Job.Key, what)
		assert.Equal(t, "row-1", c.ID, what)
		require.Len(t, h.jobs, 1, what)
		assert.Equal(t, cleaning.StateAssigned, h.jobs[0].State, what)
	}
	h := hosting(t, nov("old", 3, 7))
	diff := h.sync(plan(cleaning.Policy{}, nov("old", 3, 7, status(pms.StatusCancelled)), nov("new", 3, 7)), now)
	assert.ElementsMatch(t, []cleaning.ChangeKind{cleaning.ChangeCancel, cleaning.ChangeCreate}, changeKinds(diff),
		"the old stay is on record as cancelled: this is another one")
	h = hosting(t, nov("old", 3, 7))
	diff = h.sync(plan(cleaning.Policy{}, nov("new", 10, 12)), now)
	assert.Len(t, diff.Changes, 2, "other nights are another stay")
}

func TestReconcile_ReissuedIDAndTheJobIsDone(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("old", 3, 7))
	h.jobs[0].State = cleaning.StateDone
	assert.Empty(t, h.sync(plan(cleaning.Policy{}, nov("new", 3, 7)), now), "the same departure is cleaned")
	diff := h.sync(plan(cleaning.Policy{}, nov("new", 3, 9)), now)
	assert.Equal(t, cleaning.ChangeCreate, oneChange(t, diff).Kind, "a later departure is not")
}

func TestReconcile_TheJobThatHasComeFurthestIsAdopted(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5), nov("z", 3, 6))
	h.job("z").State = cleaning.StateAssigned
	diff := h.sync(plan(cleaning.Policy{}, nov("new", 3, 5)), now)
	require.Equal(t, []cleaning.ChangeKind{cleaning.ChangeCancel, cleaning.ChangeMove}, changeKinds(diff))
	assert.Equal(t, departureKey("a"), diff.Changes[0].Key)
	assert.Equal(t, departureKey("z"), diff.Changes[1].Key)
}

func TestReconcile_CancelledInHouseAndSomebodyElseIsIn(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 8))
	later := at(5, "17:00")
	diff := h.sync(cleaning.Plan(flat(nov("a", 3, 8, status(pms.StatusCancelled)), nov("b", 3, 6)), cleaning.Policy{}, later), later)
	assert.ElementsMatch(t, []cleaning.ChangeKind{cleaning.ChangeCancel, cleaning.ChangeCreate}, changeKinds(diff))
	assert.Empty(t, diff.Held)
}

func TestReconcile_CancelledInHouseRestoresNothing(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 8))
	h.sync(plan(cleaning.Policy{Off: true}, nov("a", 3, 8)), now)
	later := at(5, "17:00")
	assert.Empty(t, h.sync(cleaning.Plan(flat(nov("a", 3, 8, status(pms.StatusCancelled))), cleaning.Policy{}, later), later))
}

func TestReconcile_RestoresOneOfSeveral(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	h.sync(plan(cleaning.Policy{Off: true}, nov("a", 3, 5)), now)
	second := h.jobs[0]
	h.jobs[0].ID, second.ID = "2", "1"
	h.jobs = append(h.jobs, second)
	c := oneChange(t, h.sync(plan(cleaning.Policy{}, nov("a", 3, 5)), now))
	assert.Equal(t, cleaning.ChangeRestore, c.Kind)
	assert.Equal(t, "1", c.ID)
	assert.Len(t, h.live(), 1)
}

func TestReconcile_AnotherRecordTakesTheLead(t *testing.T) {
	t.Parallel()
	h := hosting(t, ical("x", 3, 5))
	c := oneChange(t, h.sync(plan(cleaning.Policy{}, ical("x", 3, 5), nov("a", 3, 5)), now))
	assert.Equal(t, cleaning.ChangeUpdate, c.Kind)
	assert.Equal(t, []cleaning.Field{cleaning.FieldKey, cleaning.FieldStays}, c.Fields)
	c = oneChange(t, h.sync(plan(cleaning.Policy{}, ical("x", 3, 5)), now))
	assert.Equal(t, cleaning.ChangeUpdate, c.Kind, "and back, when the connection is cut")
	assert.Len(t, h.jobs, 1)
}

func TestReconcile_EditedByAPerson(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	job := h.job("a")
	job.Start, job.Edited = at(5, "13:00"), []cleaning.Field{cleaning.FieldStart}
	assert.Equal(t, []cleaning.Field{cleaning.FieldStart}, oneHeld(t, h.sync(plan(cleaning.Policy{}, nov("a", 3, 5)), now)).Fields)

	diff := h.sync(plan(cleaning.Policy{}, nov("a", 3, 6), nov("b", 6, 8, guests(3))), now)
	require.Equal(t, []cleaning.ChangeKind{cleaning.ChangeUpdate, cleaning.ChangeCreate}, changeKinds(diff))
	assert.Equal(t, []cleaning.Field{
		cleaning.FieldDeparture, cleaning.FieldSameDay, cleaning.FieldNextArrival, cleaning.FieldNextGuests,
	}, diff.Changes[0].Fields, "the rest follows the booking")
	held := oneHeld(t, diff)
	assert.Equal(t, cleaning.ReasonEdited, held.Reason)
	assert.Equal(t, []cleaning.Field{cleaning.FieldDate, cleaning.FieldStart, cleaning.FieldEnd}, held.Fields)
	assert.Equal(t, at(6, "11:00"), held.Wanted.Start)
	assert.Equal(t, at(5, "13:00"), h.job("a").Start)
	assert.Equal(t, day("2026-11-05"), h.job("a").Date)

	c := oneChange(t, h.sync(plan(cleaning.Policy{}, nov("a", 3, 6, status(pms.StatusCancelled)), nov("b", 6, 8, guests(3))), now))
	assert.Equal(t, cleaning.ChangeCancel, c.Kind, "a cancelled stay leaves no orphan")
}

func TestReconcile_EditedVisibility(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	assert.Equal(t, []cleaning.Field{cleaning.FieldVisible}, oneChange(t, h.sync(plan(cleaning.Policy{Hidden: true}, nov("a", 3, 5)), now)).Fields)
	h.job("a").Visible, h.job("a").Edited = true, []cleaning.Field{cleaning.FieldVisible}
	diff := h.sync(plan(cleaning.Policy{Hidden: true}, nov("a", 3, 5)), now)
	assert.Empty(t, diff.Changes)
	assert.Equal(t, []cleaning.Field{cleaning.FieldVisible}, oneHeld(t, diff).Fields)
}

func TestReconcile_AssignedJobIsNotHidden(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	h.job("a").State = cleaning.StateAssigned
	diff := h.sync(plan(cleaning.Policy{Hidden: true}, nov("a", 3, 5)), now)
	assert.Empty(t, diff.Changes)
	assert.Equal(t, cleaning.ReasonAssigned, oneHeld(t, diff).Reason)
}

func TestReconcile_StartedJobIsNeverMovedOrCancelled(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	h.job("a").State = cleaning.StateStarted
	diff := h.sync(plan(cleaning.Policy{}, nov("a", 3, 6)), now)
	assert.Empty(t, diff.Changes)
	held := oneHeld(t, diff)
	assert.Equal(t, cleaning.ReasonStarted, held.Reason)
	assert.Equal(t, []cleaning.Field{cleaning.FieldDate, cleaning.FieldStart, cleaning.FieldEnd}, held.Fields)

	diff = h.sync(plan(cleaning.Policy{}, nov("a", 3, 5, status(pms.StatusCancelled))), now)
	assert.Empty(t, diff.Changes)
	assert.Equal(t, cleaning.ReasonStarted, oneHeld(t, diff).Reason)
	assert.Empty(t, h.sync(plan(cleaning.Policy{}, nov("a", 3, 5)), now))
}

func TestReconcile_DoneJobIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	h.job("a").State = cleaning.StateDone
	assert.Len(t, h.sync(plan(cleaning.Policy{}, nov("a", 3, 5), nov("b", 5, 7, comes("13:00"))), now).Changes, 1,
		"only the job of the new neighbour")
	h.jobs = h.jobs[:1]
	diff := h.sync(plan(cleaning.Policy{}, nov("a", 3, 5, status(pms.StatusCancelled))), now)
	assert.Empty(t, diff)
	diff = h.sync(plan(cleaning.Policy{}, nov("a", 3, 7)), now)
	assert.Empty(t, diff.Changes)
	assert.Equal(t, cleaning.ReasonDone, oneHeld(t, diff).Reason, "cleaned too early: a person should know")
}

func TestReconcile_SwitchedOffAndOnAgain(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5), nov("b", 7, 9))
	h.job("b").State = cleaning.StateStarted
	diff := h.sync(plan(cleaning.Policy{Off: true}, nov("a", 3, 5), nov("b", 7, 9)), now)
	assert.Equal(t, cleaning.ReasonOff, oneChange(t, diff).Reason)
	assert.Equal(t, cleaning.ReasonStarted, oneHeld(t, diff).Reason)

	c := oneChange(t, h.sync(plan(cleaning.Policy{}, nov("a", 3, 6), nov("b", 7, 9)), now))
	assert.Equal(t, cleaning.ChangeRestore, c.Kind)
	assert.Equal(t, day("2026-11-06"), h.job("a").Date)
	assert.Equal(t, cleaning.StatePlanned, h.job("a").State)
	assert.Len(t, h.jobs, 2)
}

func TestReconcile_CancelledByHandDoesNotComeBack(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	h.job("a").State = cleaning.StateCancelled
	diff := h.sync(plan(cleaning.Policy{}, nov("a", 3, 6)), now)
	assert.Empty(t, diff.Changes)
	assert.Equal(t, cleaning.ReasonCancelledByHand, oneHeld(t, diff).Reason)
	diff = h.sync(plan(cleaning.Policy{}, nov("reissued", 3, 6)), now)
	assert.Empty(t, diff.Changes, "nor under a new id")
}

func TestReconcile_UnplannablePropertyKeepsItsJobs(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	p := flat(nov("a", 3, 5))
	p.TimeZone = ""
	diff := h.sync(cleaning.Plan(p, cleaning.Policy{}, now), now)
	assert.Empty(t, diff.Changes)
	assert.Equal(t, cleaning.ReasonUnplanned, oneHeld(t, diff).Reason)
}

func TestReconcile_PropertyThatIsNotPlannedIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	other := cleaning.Property{ID: "other", TimeZone: "Europe/Paris"}
	assert.Empty(t, h.sync(cleaning.Plan(other, cleaning.Policy{}, now), now))
}

func TestReconcile_PartialSourceTakesNothingAway(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5), nov("b", 5, 7, comes("13:00")))
	p := flat(nov("a", 3, 5), nov("c", 9, 11))
	p.Partial = true
	diff := h.sync(cleaning.Plan(p, cleaning.Policy{}, now), now)
	require.Equal(t, []cleaning.ChangeKind{cleaning.ChangeCreate}, changeKinds(diff), "what is new is planned")
	require.Len(t, diff.Held, 2)
	assert.Equal(t, cleaning.ReasonIncomplete, diff.Held[0].Reason)
	assert.Equal(t, at(5, "13:00"), h.job("a").End, "the arrival of b still bounds the window")
	assert.Equal(t, departureKey("b"), diff.Held[1].Key)

	p.Bookings = []pms.Booking{nov("a", 3, 5), nov("b", 5, 7, status(pms.StatusCancelled)), nov("c", 9, 11)}
	diff = h.sync(cleaning.Plan(p, cleaning.Policy{}, now), now)
	assert.Equal(t, cleaning.ReasonCancelled, oneChange(t, diff).Reason, "an explicit cancellation counts all the same")
}

func TestReconcile_PartialSourceAndJobsBeforeArrival(t *testing.T) {
	t.Parallel()
	policy := cleaning.Policy{AtArrival: true}
	h := host{t: t}
	h.sync(plan(policy, nov("a", 3, 5, leaves("13:00")), nov("b", 5, 7)), now)
	p := flat(nov("b", 5, 7))
	p.Partial = true
	diff := h.sync(cleaning.Plan(p, policy, now), now)
	assert.Empty(t, diff.Changes)
	assert.Equal(t, at(5, "13:00"), h.job("b").Start, "the departure of a still bounds the window")
}

func TestReconcile_PartialPropertyAndAnotherRoomOfTheSameReservation(t *testing.T) {
	t.Parallel()
	rooms := func(partial bool, inB ...pms.Booking) cleaning.Result {
		return cleaning.PlanAll([]cleaning.Property{
			{ID: "A", TimeZone: "Europe/Paris", Bookings: []pms.Booking{nov("9#1", 3, 5)}},
			{ID: "B", TimeZone: "Europe/Paris", Bookings: inB, Partial: partial},
		}, cleaning.Policy{}, now)
	}
	h := host{t: t}
	h.sync(rooms(false, nov("9#2", 3, 5)), now)
	diff := h.sync(rooms(true), now)
	assert.Empty(t, diff.Changes, "the other room proves no move")
	assert.Equal(t, cleaning.ReasonIncomplete, oneHeld(t, diff).Reason)
	assert.Equal(t, cleaning.ReasonVanished, oneChange(t, h.sync(rooms(false), now)).Reason)
}

func TestReconcile_VanishedStay(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	assert.Equal(t, cleaning.ReasonVanished, oneChange(t, h.sync(plan(cleaning.Policy{}), now)).Reason)

	h = hosting(t, nov("a", 1, 3))
	diff := h.sync(plan(cleaning.Policy{}), now)
	assert.Empty(t, diff.Changes, "the guest has been in for a night")
	assert.Equal(t, cleaning.ReasonVanished, oneHeld(t, diff).Reason)

	later := at(4, "09:00")
	assert.Empty(t, h.sync(cleaning.Plan(flat(), cleaning.Policy{}, later), later), "past stays roll off a feed")
	assert.Len(t, h.live(), 1)
}

func TestReconcile_StayInDoubtKeepsItsJob(t *testing.T) {
	t.Parallel()
	for reason, doubtful := range map[cleaning.Reason]pms.Booking{
		cleaning.ReasonUnknownStatus: nov("a", 3, 5, status(pms.StatusUnknown)),
		cleaning.ReasonInvalidDates:  nov("a", 5, 3),
		cleaning.ReasonNoUnit:        nov("a", 3, 5, func(b *pms.Booking) { b.PropertyID = "" }),
	} {
		diff := hosting(t, nov("a", 3, 5)).sync(plan(cleaning.Policy{}, doubtful), now)
		assert.Empty(t, diff.Changes, reason)
		assert.Equal(t, reason, oneHeld(t, diff).Reason)
	}
}

func TestReconcile_OtherKindOfCleaningWanted(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	diff := h.sync(plan(cleaning.Policy{AtArrival: true}, nov("a", 3, 5)), now)
	require.Equal(t, []cleaning.ChangeKind{cleaning.ChangeCreate, cleaning.ChangeCancel}, changeKinds(diff))
	assert.Equal(t, cleaning.ReasonNotWanted, diff.Changes[1].Reason)
}

func TestReconcile_DuplicateJobs(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	second := h.jobs[0]
	h.jobs[0].ID, second.ID, second.State = "1", "2", cleaning.StateAssigned
	h.jobs = append(h.jobs, second)
	c := oneChange(t, h.sync(plan(cleaning.Policy{}, nov("a", 3, 5)), now))
	assert.Equal(t, cleaning.ReasonDuplicate, c.Reason)
	assert.Equal(t, "1", c.ID, "the one that has come further stays")
}

func TestReconcile_InputOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5), nov("b", 5, 7), nov("c", 8, 9), nov("d", 10, 14))
	r := plan(cleaning.Policy{}, nov("a", 3, 4), nov("b2", 5, 7), nov("e", 10, 12))
	want := cleaning.Reconcile(h.jobs, r, now)
	require.NotEmpty(t, want.Changes)
	h.jobs[0], h.jobs[2], h.jobs[3], h.jobs[1] = h.jobs[3], h.jobs[1], h.jobs[0], h.jobs[2]
	assert.Equal(t, want, cleaning.Reconcile(h.jobs, r, now))
}

func TestApply_DoesNotTouchItsInput(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	before := h.jobs[0]
	after := cleaning.Apply(h.jobs, cleaning.Reconcile(h.jobs, plan(cleaning.Policy{}, nov("a", 3, 7), nov("b", 9, 11)), now).Changes)
	assert.Equal(t, before, h.jobs[0])
	require.Len(t, after, 2)
	assert.Equal(t, at(7, "11:00"), after[0].Start)
	assert.Equal(t, cleaning.StatePlanned, after[1].State)
}
