package cleaning_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// These tests answer, one by one, what users of cleaning products complain about.

func TestComplaint01_CancelledAfterCheckInNeedsADecision(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 8))
	later := at(4, "10:00")
	diff := h.sync(cleaning.Plan(flat(nov("a", 3, 8, status(pms.StatusCancelled))), cleaning.Policy{}, later), later)
	assert.Empty(t, diff.Changes)
	held := oneHeld(t, diff)
	assert.Equal(t, cleaning.ReasonCancelledInHouse, held.Reason)
	assert.Equal(t, departureKey("a"), held.Key)
}

func TestComplaint02_SameDayNeighbourKeepsTheJob(t *testing.T) {
	t.Parallel()
	alone := only(t, plan(cleaning.Policy{}, nov("a", 3, 5)))
	beside := jobOf(t, plan(cleaning.Policy{}, nov("a", 3, 5), nov("b", 5, 7)), "a")
	assert.Equal(t, alone.Key, beside.Key)
	assert.Equal(t, alone.Start, beside.Start)
	assert.True(t, beside.SameDay)
}

func TestComplaint03_ChangedStayInHouseIsNotANewStay(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 1, 5))
	for i, b := range []pms.Booking{nov("a", 1, 8), nov("a", -1, 6, guests(3)), nov("a", 2, 9, name("Ada Lovelace"))} {
		h.sync(plan(cleaning.Policy{}, b), now)
		require.Len(t, h.jobs, 1, i)
		assert.Equal(t, b.Departure, h.jobs[0].Date)
	}
}

func TestComplaint04_RollingNotAvailableBlocksGiveNoJob(t *testing.T) {
	t.Parallel()
	for _, choice := range []cleaning.Choice{"", cleaning.ChoicePlan} {
		h := host{t: t}
		for n := range 30 {
			morning := now.AddDate(0, 0, n)
			p := flat(
				ical(fmtDay("notice", n), 2+n, 4+n, kind(pms.KindBlock)),
				ical(fmtDay("horizon", n), 272+n, 637+n, kind(pms.KindBlock)),
			)
			diff := h.sync(cleaning.Plan(p, cleaning.Policy{Blocks: choice}, morning), morning)
			assert.Empty(t, diff)
		}
		assert.Empty(t, h.jobs)
	}
}

func fmtDay(id string, n int) string { return id + "-" + today.AddDays(n).String() }

func TestComplaint05_ExtensionUnderANewIDKeepsTheJob(t *testing.T) {
	t.Parallel()
	h := host{t: t}
	morning := at(4, "09:00")
	h.sync(cleaning.Plan(flat(ical("uid-1", 3, 5, channel("airbnb"))), cleaning.Policy{}, morning), morning)
	diff := h.sync(cleaning.Plan(flat(ical("uid-2", 3, 7, channel("airbnb"))), cleaning.Policy{}, morning), morning)
	assert.Equal(t, []cleaning.ChangeKind{cleaning.ChangeMove}, changeKinds(diff))
	assert.Len(t, h.jobs, 1)
}

func TestComplaint06_FailedFeedWipesNoJob(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5), nov("b", 7, 9))
	p := flat()
	p.Partial = true
	assert.Empty(t, h.sync(cleaning.Plan(p, cleaning.Policy{}, now), now).Changes)
	assert.Len(t, h.live(), 2)
}

func TestComplaint07_EditedJobSaysWhatItDoesNotFollow(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	h.job("a").Edited = []cleaning.Field{cleaning.FieldEnd}
	held := oneHeld(t, h.sync(plan(cleaning.Policy{}, nov("a", 3, 6)), now))
	assert.Equal(t, cleaning.ReasonEdited, held.Reason)
	assert.Equal(t, []cleaning.Field{cleaning.FieldDate, cleaning.FieldStart, cleaning.FieldEnd}, held.Fields)
	assert.Equal(t, day("2026-11-06"), held.Wanted.Date)
}

func TestComplaint08_TheHourIsRightAllYear(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Paris", "America/New_York", "America/Santiago"} {
		for d := today; d.Before(today.AddDays(366)); d = d.AddDays(1) {
			b := nov("a", 3, 5)
			b.Arrival, b.Departure = d, d.AddDays(1)
			p := flat(b)
			p.TimeZone = zone
			job := only(t, cleaning.Plan(p, cleaning.Policy{}, now))
			require.Equal(t, d.AddDays(1).String()+" 11:00", job.Start.Format("2006-01-02 15:04"))
			require.Equal(t, d.AddDays(1).String()+" 15:00", job.End.Format("2006-01-02 15:04"))
		}
	}
}

func TestComplaint09_ZoneMismatchIsReported(t *testing.T) {
	t.Parallel()
	in := func(zone string) func(*pms.Booking) { return func(b *pms.Booking) { b.TimeZone = zone } }
	r := plan(cleaning.Policy{}, nov("a", 3, 5, in("Europe/Athens")), nov("b", 7, 9, in("Europe/Athens")), nov("c", 9, 10, in("Europe/Brussels")))
	require.Equal(t, []cleaning.IssueKind{cleaning.IssueZoneMismatch}, issueKinds(r), "once a zone, and not if the clocks agree")
	assert.Equal(t, "Europe/Athens", r.Issues[0].Detail)
	assert.Equal(t, "Europe/Paris", jobOf(t, r, "a").TimeZone)
}

func TestComplaint10_StayMovedADayEarlier(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 4, 6), nov("b", 8, 10))
	diff := h.sync(plan(cleaning.Policy{}, nov("a", 4, 6), nov("b", 7, 9)), now)
	require.Equal(t, []cleaning.ChangeKind{cleaning.ChangeUpdate, cleaning.ChangeMove}, changeKinds(diff))
	assert.Equal(t, []cleaning.Field{cleaning.FieldNextArrival}, diff.Changes[0].Fields)
	assert.Equal(t, at(7, "15:00"), h.job("a").NextArrival)
	assert.Equal(t, day("2026-11-09"), h.job("b").Date)
}

func TestComplaint12_LongStayInWeeklyBookingsIsOneStayByPolicy(t *testing.T) {
	t.Parallel()
	policy := cleaning.Policy{JoinSameGuest: true}
	week := func(n int) pms.Booking {
		return nov(fmtDay("week", n), 3+7*n, 10+7*n, name("Ada Lovelace"))
	}
	h := host{t: t}
	h.sync(plan(policy, week(0)), now)
	first := h.jobs[0].Key
	assert.Equal(t, []cleaning.ChangeKind{cleaning.ChangeMove}, changeKinds(h.sync(plan(policy, week(0), week(1)), now)))
	assert.Equal(t, []cleaning.ChangeKind{cleaning.ChangeMove}, changeKinds(h.sync(plan(policy, week(1), week(0), week(2)), now)))
	require.Len(t, h.jobs, 1)
	assert.Equal(t, first, h.jobs[0].Key)
	assert.Equal(t, day("2026-11-24"), h.jobs[0].Date)

	later := at(12, "09:00")
	diff := h.sync(cleaning.Plan(flat(week(1), week(2)), policy, later), later)
	assert.Equal(t, []cleaning.ChangeKind{cleaning.ChangeUpdate}, changeKinds(diff), "the first week has rolled off")
	assert.Len(t, h.jobs, 1)
}

func TestComplaint15_OldNewsComesLast(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{},
		nov("a", 3, 8, updated(at(1, "12:00"))), nov("a", 3, 5, updated(at(1, "08:00"))), nov("a", 3, 6, updated(at(1, "10:00"))))
	assert.Equal(t, day("2026-11-08"), only(t, r).Date)
}

func TestComplaint20_ICalBesideAPIDoublesNothing(t *testing.T) {
	t.Parallel()
	var bookings []pms.Booking
	for n := range 10 {
		bookings = append(bookings, nov(fmtDay("api", n), 3+2*n, 5+2*n), ical(fmtDay("feed", n), 3+2*n, 5+2*n))
	}
	r := plan(cleaning.Policy{}, bookings...)
	assert.Len(t, r.Jobs, 10)
	assert.Empty(t, r.Issues)
	for _, j := range r.Jobs {
		assert.Equal(t, "bnovo", j.Key.Stay.Vendor)
		assert.Len(t, j.Stays, 2)
	}
}

func TestComplaint21_BlockOnlyChannelIsUnknownWithPolicy(t *testing.T) {
	t.Parallel()
	b := ical("x", 3, 5, channel("vrbo"), kind(pms.KindUnknown), func(b *pms.Booking) { b.Notes = "Blocked by Guesty" })
	assert.Equal(t, []cleaning.IssueKind{cleaning.IssueUnknownKind}, issueKinds(plan(cleaning.Policy{}, b)))
	assert.Equal(t, cleaning.ClassUnknown, only(t, plan(cleaning.Policy{Unknown: cleaning.ChoicePlan}, b)).Why.Class)
}

func TestComplaint22_BookingComClosedIsUnknownOrTheStayItEchoes(t *testing.T) {
	t.Parallel()
	closed := ical("x", 3, 5, kind(pms.KindUnknown))
	r := plan(cleaning.Policy{}, closed)
	assert.Empty(t, r.Jobs)
	assert.Equal(t, []cleaning.IssueKind{cleaning.IssueUnknownKind}, issueKinds(r))
	r = plan(cleaning.Policy{}, closed, nov("a", 3, 5))
	assert.Len(t, r.Jobs, 1)
	assert.Empty(t, r.Issues)
}

func TestComplaint23_CheckOutDayIsNoOverlap(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 5), nov("b", 5, 6), nov("c", 6, 9))
	assert.Len(t, r.Jobs, 3)
	assert.Empty(t, r.Issues)
}

func TestComplaint24_DayUseIsCleaned(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 5, 5))
	assert.Equal(t, day("2026-11-05"), only(t, r).Date)
	assert.Empty(t, r.Skipped)
}

func TestComplaint25_UnknownStatusIsVisibleAndNoJob(t *testing.T) {
	t.Parallel()
	b := nov("a", 3, 5, status(pms.StatusUnknown))
	b.RawStatus = "awaitingMoonrise"
	r := plan(cleaning.Policy{}, b)
	assert.Empty(t, r.Jobs)
	require.Len(t, r.Issues, 1)
	assert.Equal(t, "awaitingMoonrise", r.Issues[0].Detail)
}

func TestComplaint26_TheWindowIsTheWholeTimeBetweenTheStays(t *testing.T) {
	t.Parallel()
	job := jobOf(t, plan(cleaning.Policy{WindowDays: 8}, nov("a", 3, 5, leaves("10:00")), nov("b", 6, 9, comes("16:00"))), "a")
	assert.Equal(t, at(5, "10:00"), job.Start)
	assert.Equal(t, at(6, "16:00"), job.End)
}

func TestComplaint27_LateCheckOutConflictsInMinutes(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 5, leaves("17:00")), nov("b", 5, 7, comes("15:00")))
	require.Len(t, r.Issues, 1)
	assert.Equal(t, cleaning.IssueLateCheckOut, r.Issues[0].Kind)
	assert.Equal(t, 120, r.Issues[0].Minutes)
}

func TestComplaint28_TheGapRuleLooksBothWays(t *testing.T) {
	t.Parallel()
	policy := cleaning.Policy{BufferMinutes: 72 * 60, CleaningMinutes: 120, WindowDays: 8}
	middle := nov("middle", 10, 12)
	before := plan(policy, middle, nov("before", 6, 9))
	after := plan(policy, middle, nov("after", 13, 15))
	require.Equal(t, []cleaning.IssueKind{cleaning.IssueTooShort}, issueKinds(before))
	require.Equal(t, []cleaning.IssueKind{cleaning.IssueTooShort}, issueKinds(after))
	assert.Equal(t, []pms.Key{key("before"), key("middle")}, before.Issues[0].Stays)
	assert.Equal(t, []pms.Key{key("middle"), key("after")}, after.Issues[0].Stays)
	assert.Empty(t, plan(policy, middle, nov("before", 4, 6), nov("after", 16, 18)).Issues)
}

func TestComplaint29_WindowFromTheTimesOfTheBookingNotOfTheProperty(t *testing.T) {
	t.Parallel()
	p := flat(nov("a", 3, 5), nov("b", 5, 7, comes("16:00")))
	p.CheckIn = clock("18:00")
	assert.Equal(t, at(5, "16:00"), jobOf(t, cleaning.Plan(p, cleaning.Policy{}, now), "a").End)
}

func TestComplaint30_DoubleBookingShowsBothStays(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 6, channel("airbnb")), nov("b", 4, 8, channel("booking")), nov("c", 8, 9))
	require.Equal(t, []cleaning.IssueKind{cleaning.IssueDoubleBooking}, issueKinds(r))
	assert.Equal(t, []pms.Key{key("a"), key("b")}, r.Issues[0].Stays)
	assert.Len(t, r.Jobs, 3)
}

func TestComplaint31_MultiRoomBookingIsOneJobPerUnit(t *testing.T) {
	t.Parallel()
	room := func(n string) cleaning.Property {
		b := nov("900#"+n, 3, 5, code("HM1"))
		b.GroupID = "900"
		return cleaning.Property{ID: n, TimeZone: "Europe/Paris", Bookings: []pms.Booking{b, b, b}}
	}
	properties := []cleaning.Property{room("12"), room("14")}
	h := host{t: t}
	for range 5 {
		h.sync(cleaning.PlanAll(properties, cleaning.Policy{}, now), now)
	}
	assert.Len(t, h.jobs, 2)
}

func TestComplaint32_GuestLeftEarly(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 1, 6))
	later := at(4, "12:00")
	left := nov("a", 1, 6, status(pms.StatusCheckedOut), updated(at(4, "11:40")))
	assert.Equal(t, cleaning.ChangeMove, oneChange(t, h.sync(cleaning.Plan(flat(left), cleaning.Policy{}, later), later)).Kind)
	assert.Equal(t, at(4, "11:40"), h.job("a").Start)
	assert.Equal(t, at(4, "15:00"), h.job("a").End)
}

func TestComplaint34_PropertyThatIsGone(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	off := true
	gone := flat()
	gone.Overrides.Off = &off
	assert.Equal(t, cleaning.ChangeCancel, oneChange(t, h.sync(cleaning.Plan(gone, cleaning.Policy{}, now), now)).Kind)
}

func TestComplaint35_ExplainNamesBookingRuleDefaultAndZone(t *testing.T) {
	t.Parallel()
	p := flat(nov("a", 3, 5), nov("b", 5, 7, comes("16:00")))
	p.TimeZone = ""
	p.CheckOut = clock("10:30")
	text := cleaning.Explain(jobOf(t, cleaning.Plan(p, cleaning.Policy{TimeZone: "Europe/Paris"}, now), "a"))
	for _, part := range []string{
		"bnovo:a", "bnovo:b", "a guest stay", "the property's time", "the time that the booking states",
		"Europe/Paris", "because neither the property nor its bookings state one",
	} {
		assert.Contains(t, text, part)
	}
}

func TestComplaint_ExtendingUnderManyNamesNeverLosesOrDoublesTheJob(t *testing.T) {
	t.Parallel()
	h := hosting(t, nov("a", 3, 5))
	steps := []pms.Booking{
		nov("a", 3, 6), nov("b", 3, 6), nov("b", 3, 7), nov("c", 4, 7), nov("c", 4, 9, guests(2)), nov("d", 4, 8),
	}
	for i, b := range steps {
		later := now.Add(time.Duration(i) * time.Hour)
		h.sync(cleaning.Plan(flat(b), cleaning.Policy{}, later), later)
		require.Len(t, h.live(), 1, i)
		assert.Equal(t, b.Departure, h.live()[0].Date, i)
	}
	assert.True(t, slices.ContainsFunc(h.live(), func(e cleaning.ExistingJob) bool { return e.Key.Stay == key("d") }))
}
