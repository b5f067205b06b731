package cleaning_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

func TestPlan_OneJobPerDeparture(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 5, guests(2)), nov("b", 7, 9, guests(4)))
	require.Len(t, r.Jobs, 2)
	a := r.Jobs[0]
	assert.Equal(t, departureKey("a"), a.Key)
	assert.Equal(t, []pms.Key{key("a")}, a.Stays)
	assert.Equal(t, day("2026-11-05"), a.Date)
	assert.Equal(t, at(5, "11:00"), a.Start)
	assert.Equal(t, at(5, "15:00"), a.End)
	assert.Equal(t, "Europe/Paris", a.TimeZone)
	assert.Equal(t, day("2026-11-03"), a.Arrival)
	assert.Equal(t, day("2026-11-05"), a.Departure)
	assert.False(t, a.SameDay)
	assert.False(t, a.TooShort)
	assert.True(t, a.Visible)
	assert.Equal(t, at(7, "15:00"), a.NextArrival)
	assert.Equal(t, 4, a.NextGuests.Total)
	assert.Equal(t, 2, a.DepartingGuests.Total)
	assert.True(t, r.Jobs[1].NextArrival.IsZero())
	assert.Zero(t, r.Jobs[1].NextGuests, "nobody known to come is unknown, not nobody")
	assert.Equal(t, []string{"flat"}, r.Complete)
	assert.Empty(t, r.Issues)
	assert.Empty(t, r.Skipped)
}

func TestPlan_SameDayArrival(t *testing.T) {
	t.Parallel()
	a := jobOf(t, plan(cleaning.Policy{}, nov("a", 3, 5), nov("b", 5, 7, comes("17:30"))), "a")
	assert.True(t, a.SameDay)
	assert.Equal(t, at(5, "17:30"), a.End, "the whole time until the guests come, not until the usual check-in")
	assert.Equal(t, at(5, "17:30"), a.NextArrival)
}

func TestPlan_ClockTimes(t *testing.T) {
	t.Parallel()
	ten := clock("10:00")
	for _, test := range []struct {
		name   string
		change func(*cleaning.Property, *cleaning.Policy)
		start  time.Time
		source cleaning.Source
	}{
		{"default", func(*cleaning.Property, *cleaning.Policy) {}, at(5, "11:00"), cleaning.SourceDefault},
		{"policy", func(_ *cleaning.Property, p *cleaning.Policy) { p.CheckOut = ten }, at(5, "10:00"), cleaning.SourcePolicy},
		{"property before policy", func(f *cleaning.Property, p *cleaning.Policy) {
			f.CheckOut, p.CheckOut = clock("09:30"), ten
		}, at(5, "09:30"), cleaning.SourceProperty},
		{"override before property", func(f *cleaning.Property, _ *cleaning.Policy) {
			f.CheckOut, f.Overrides.CheckOut = clock("09:30"), &ten
		}, at(5, "10:00"), cleaning.SourceOverride},
		{"booking before override of the property", func(f *cleaning.Property, _ *cleaning.Policy) {
			f.Overrides.CheckOut, f.Bookings[0].DepartureTime = &ten, clock("08:00")
		}, at(5, "08:00"), cleaning.SourceStay},
		{"override of the stay before all", func(f *cleaning.Property, _ *cleaning.Policy) {
			f.Bookings[0].DepartureTime = clock("08:00")
			f.Stays = map[pms.Key]cleaning.Overrides{key("a"): {CheckOut: &ten}}
		}, at(5, "10:00"), cleaning.SourceOverride},
		{"midnight is a time", func(f *cleaning.Property, _ *cleaning.Policy) {
			f.Bookings[0].DepartureTime = clock("00:00")
		}, at(5, "00:00"), cleaning.SourceStay},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, policy := flat(nov("a", 3, 5)), cleaning.Policy{}
			test.change(&p, &policy)
			job := only(t, cleaning.Plan(p, policy, now))
			assert.Equal(t, test.start, job.Start)
			assert.Equal(t, test.source, job.Why.Start.Clock)
		})
	}
}

func TestPlan_WindowCappedAtDays(t *testing.T) {
	t.Parallel()
	for days, end := range map[int]time.Time{0: at(5, "15:00"), 1: at(6, "15:00"), 8: at(13, "15:00")} {
		job := only(t, plan(cleaning.Policy{WindowDays: days}, nov("a", 3, 5)))
		assert.Equal(t, end, job.End, "%d days, nobody comes", days)
		assert.Equal(t, cleaning.BoundWindow, job.Why.End.Bound)
	}
	job := jobOf(t, plan(cleaning.Policy{WindowDays: 3}, nov("a", 3, 5), nov("b", 7, 9)), "a")
	assert.Equal(t, at(7, "15:00"), job.End, "never past the next arrival")
	assert.Equal(t, cleaning.BoundArrival, job.Why.End.Bound)
	job = jobOf(t, plan(cleaning.Policy{WindowDays: 3}, nov("a", 3, 5), nov("b", 20, 22)), "a")
	assert.Equal(t, at(8, "15:00"), job.End, "never past the days of the policy")
}

func TestPlan_Buffer(t *testing.T) {
	t.Parallel()
	policy := cleaning.Policy{BufferMinutes: 60, WindowDays: 2}
	assert.Equal(t, at(5, "14:00"), jobOf(t, plan(policy, nov("a", 3, 5), nov("b", 5, 7)), "a").End)
	assert.Equal(t, at(7, "15:00"), only(t, plan(policy, nov("a", 3, 5))).End, "nobody comes: nothing to keep free")
	job := jobOf(t, plan(cleaning.Policy{BufferMinutes: 600}, nov("a", 3, 5), nov("b", 5, 7)), "a")
	assert.Equal(t, job.Start, job.End, "a window never ends before it begins")
	assert.True(t, job.TooShort)
}

func TestPlan_LateDepartureWithoutArrivalLeavesTimeToClean(t *testing.T) {
	t.Parallel()
	job := only(t, plan(cleaning.Policy{CleaningMinutes: 120}, nov("a", 3, 5, leaves("20:00"))))
	assert.Equal(t, at(5, "20:00"), job.Start)
	assert.Equal(t, at(5, "22:00"), job.End)
	assert.Equal(t, cleaning.BoundCleaning, job.Why.End.Bound)
	assert.False(t, job.TooShort)

	job = jobOf(t, plan(cleaning.Policy{CleaningMinutes: 120}, nov("a", 3, 5, leaves("23:30")), nov("b", 6, 7, comes("00:30"))), "a")
	assert.Equal(t, at(6, "00:30"), job.End, "but never past the next arrival")
	assert.True(t, job.TooShort)
}

func TestPlan_ShortWindowIsPlannedAndFlagged(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{CleaningMinutes: 300}, nov("a", 3, 5), nov("b", 5, 7))
	job := jobOf(t, r, "a")
	assert.True(t, job.TooShort)
	assert.Equal(t, at(5, "15:00"), job.End)
	require.Len(t, r.Issues, 1)
	assert.Equal(t, cleaning.Issue{
		Kind: cleaning.IssueTooShort, PropertyID: "flat", Stays: []pms.Key{key("a"), key("b")},
		Date: day("2026-11-05"), Minutes: 60,
	}, r.Issues[0])
}

func TestPlan_LateCheckOutOverlapsNextCheckIn(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 5, leaves("16:30")), nov("b", 5, 7))
	require.Len(t, r.Jobs, 2)
	require.Equal(t, []cleaning.IssueKind{cleaning.IssueLateCheckOut}, issueKinds(r))
	assert.Equal(t, 90, r.Issues[0].Minutes)
	assert.Equal(t, []pms.Key{key("a"), key("b")}, r.Issues[0].Stays)
	assert.True(t, jobOf(t, r, "a").TooShort)
	assert.Equal(t, at(5, "16:30"), jobOf(t, r, "a").Start)
}

func TestPlan_OverlapOfTwoStays(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 6), nov("b", 5, 8))
	require.Len(t, r.Jobs, 2, "both stays are cleaned")
	require.Equal(t, []cleaning.IssueKind{cleaning.IssueDoubleBooking}, issueKinds(r))
	assert.Equal(t, []pms.Key{key("a"), key("b")}, r.Issues[0].Stays)
	assert.Equal(t, day("2026-11-05"), r.Issues[0].Date)
}

func TestPlan_SameVendorSameDatesIsDoubleBooking(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 6), nov("b", 3, 6))
	require.Len(t, r.Jobs, 2)
	assert.Equal(t, []cleaning.IssueKind{cleaning.IssueDoubleBooking}, issueKinds(r))
}

func TestPlan_OverlapInsideALongStayIsFound(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("long", 3, 20), nov("a", 4, 6), nov("b", 8, 9), nov("c", 20, 22))
	require.Equal(t, []cleaning.IssueKind{cleaning.IssueDoubleBooking, cleaning.IssueDoubleBooking}, issueKinds(r))
	assert.Equal(t, []pms.Key{key("long"), key("b")}, r.Issues[1].Stays)
	assert.Equal(t, at(20, "15:00"), jobOf(t, r, "long").NextArrival)
	assert.Equal(t, at(8, "15:00"), jobOf(t, r, "a").NextArrival)
}

func TestPlan_OwnerStay(t *testing.T) {
	t.Parallel()
	owner := nov("a", 3, 5, kind(pms.KindOwner))
	assert.Equal(t, cleaning.ClassOwner, only(t, plan(cleaning.Policy{}, owner)).Why.Class)

	r := plan(cleaning.Policy{OwnerStays: cleaning.ChoiceSkip}, owner)
	assert.Empty(t, r.Jobs)
	assert.Equal(t, cleaning.ReasonOwnerStay, reasons(r)["a"])

	a := jobOf(t, plan(cleaning.Policy{OwnerStays: cleaning.ChoiceSkip}, nov("g", 1, 3), owner), "g")
	assert.True(t, a.SameDay, "an owner whose stay is not cleaned comes to a clean unit all the same")
	assert.Equal(t, at(3, "15:00"), a.NextArrival)

	r = plan(cleaning.Policy{OwnerStays: cleaning.ChoiceReport}, owner)
	assert.Equal(t, []cleaning.IssueKind{cleaning.IssueOwnerStay}, issueKinds(r))
}

func TestPlan_Block(t *testing.T) {
	t.Parallel()
	block := nov("x", 10, 15, kind(pms.KindBlock))
	r := plan(cleaning.Policy{}, nov("a", 3, 5), block)
	assert.Equal(t, departureKey("a"), only(t, r).Key)
	assert.True(t, r.Jobs[0].NextArrival.IsZero(), "a block is no arrival")
	assert.Equal(t, cleaning.ReasonBlock, reasons(r)["x"])

	r = plan(cleaning.Policy{Blocks: cleaning.ChoicePlan}, nov("a", 3, 5), block)
	assert.Equal(t, at(15, "11:00"), jobOf(t, r, "x").Start)
	assert.Equal(t, cleaning.ClassBlock, jobOf(t, r, "x").Why.Class)
	assert.True(t, jobOf(t, r, "a").NextArrival.IsZero(), "nor with a cleaning behind it")

	r = plan(cleaning.Policy{Blocks: cleaning.ChoiceReport}, block)
	assert.Equal(t, []cleaning.IssueKind{cleaning.IssueBlock}, issueKinds(r))
	assert.Empty(t, r.Jobs)
}

func TestPlan_PreparationTimeBlocks(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{Blocks: cleaning.ChoicePlan},
		nov("a", 4, 6), nov("before", 3, 4, kind(pms.KindBlock)), nov("after", 6, 8, kind(pms.KindBlock)))
	assert.Equal(t, departureKey("a"), only(t, r).Key)
	assert.Equal(t, map[string]cleaning.Reason{
		"before": cleaning.ReasonPreparation, "after": cleaning.ReasonPreparation,
	}, reasons(r))
}

func TestPlan_BlockOverAStayNeitherHidesNorDoublesIt(t *testing.T) {
	t.Parallel()
	for _, echo := range []pms.Booking{
		nov("x", 3, 5, kind(pms.KindBlock), vendor("hostaway")),
		nov("x", 2, 9, kind(pms.KindBlock), vendor("hostaway")),
	} {
		r := plan(cleaning.Policy{Blocks: cleaning.ChoicePlan}, nov("a", 3, 5), echo)
		assert.Equal(t, departureKey("a"), only(t, r).Key)
		assert.Equal(t, cleaning.ReasonEcho, reasons(r)["x"])
		assert.Empty(t, r.Issues)
	}
}

func TestPlan_TentativeBecomingConfirmed(t *testing.T) {
	t.Parallel()
	h := host{t: t}
	hold := nov("a", 3, 5, status(pms.StatusTentative))
	r := plan(cleaning.Policy{}, hold)
	assert.Equal(t, []cleaning.IssueKind{cleaning.IssueTentative}, issueKinds(r))
	assert.Equal(t, cleaning.ReasonTentative, reasons(r)["a"])
	assert.Empty(t, h.sync(r, now).Changes)

	assert.Equal(t, []cleaning.ChangeKind{cleaning.ChangeCreate}, changeKinds(h.sync(plan(cleaning.Policy{}, nov("a", 3, 5)), now)))

	diff := h.sync(r, now)
	assert.Empty(t, diff.Changes, "a stay that falls back to tentative keeps its job until a person decides")
	require.Len(t, diff.Held, 1)
	assert.Equal(t, cleaning.ReasonTentative, diff.Held[0].Reason)

	assert.Equal(t, cleaning.ClassTentative, only(t, plan(cleaning.Policy{Tentative: cleaning.ChoicePlan}, hold)).Why.Class)
	skip := cleaning.Policy{Tentative: cleaning.ChoiceSkip}
	diff = h.sync(plan(skip, hold), now)
	require.Equal(t, []cleaning.ChangeKind{cleaning.ChangeCancel}, changeKinds(diff))
	assert.Equal(t, cleaning.ReasonTentative, diff.Changes[0].Reason)
}

func TestPlan_UnknownStatusAndKind(t *testing.T) {
	t.Parallel()
	strange := nov("a", 3, 5, status(pms.StatusUnknown))
	strange.RawStatus = "half_confirmed"
	r := plan(cleaning.Policy{}, strange, nov("b", 7, 9, kind(pms.KindUnknown)), nov("c", 12, 13, status("brand_new"), kind("brand_new")))
	assert.Empty(t, r.Jobs)
	require.Equal(t, []cleaning.IssueKind{cleaning.IssueUnknownStatus, cleaning.IssueUnknownKind, cleaning.IssueUnknownKind}, issueKinds(r))
	assert.Equal(t, "half_confirmed", r.Issues[0].Detail)
	assert.Len(t, r.Skipped, 3)
	for _, s := range r.Skipped {
		assert.True(t, s.Undecided)
	}
	assert.Len(t, plan(cleaning.Policy{Unknown: cleaning.ChoicePlan}, strange, nov("b", 7, 9, kind(pms.KindUnknown))).Jobs, 2)
	assert.Empty(t, plan(cleaning.Policy{Unknown: cleaning.ChoiceSkip}, strange).Issues)
}

func TestPlan_InquiryAndNoShowHaveNoJob(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 5, status(pms.StatusInquiry)), nov("b", 7, 9, status(pms.StatusNoShow)))
	assert.Empty(t, r.Jobs)
	assert.Empty(t, r.Issues)
	assert.Equal(t, map[string]cleaning.Reason{"a": cleaning.ReasonInquiry, "b": cleaning.ReasonNoShow}, reasons(r))
}

func TestPlan_ZeroNightStay(t *testing.T) {
	t.Parallel()
	job := only(t, plan(cleaning.Policy{}, nov("a", 5, 5, comes("09:00"), leaves("18:00"))))
	assert.Equal(t, at(5, "18:00"), job.Start)

	job = only(t, plan(cleaning.Policy{CleaningMinutes: 60}, nov("a", 5, 5)))
	assert.Equal(t, at(5, "15:00"), job.Start, "without times the guest does not leave before coming")
	assert.Equal(t, at(5, "16:00"), job.End)

	r := plan(cleaning.Policy{}, nov("a", 3, 5, leaves("09:00")), nov("day", 5, 5, comes("10:00"), leaves("14:00")), nov("b", 5, 7, comes("18:00")))
	assert.Empty(t, r.Issues, "between two stays on the day of the turnover")
	assert.Equal(t, at(5, "10:00"), jobOf(t, r, "a").End)
	assert.Equal(t, at(5, "18:00"), jobOf(t, r, "day").End)
	assert.True(t, jobOf(t, r, "day").SameDay)
}

func TestPlan_InvalidDates(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 5, 3), nov("none", 3, 5, func(b *pms.Booking) { b.Departure = pms.Date{} }),
		stay("far", "2026-11-03", "9999-12-31"))
	assert.Empty(t, r.Jobs)
	require.Len(t, r.Issues, 3)
	assert.Equal(t, cleaning.IssueInvalidDates, r.Issues[0].Kind)
	assert.Equal(t, "2026-11-05 to 2026-11-03", r.Issues[0].Detail)
	assert.Equal(t, cleaning.ReasonInvalidDates, reasons(r)["a"])
}

func TestPlan_NoUnitAssigned(t *testing.T) {
	t.Parallel()
	b := nov("a", 3, 5)
	b.PropertyID = ""
	r := plan(cleaning.Policy{}, b)
	assert.Empty(t, r.Jobs)
	assert.Equal(t, []cleaning.IssueKind{cleaning.IssueNoUnit}, issueKinds(r))
}

func TestPlan_AtArrival(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{AtArrival: true}, nov("a", 3, 5, guests(2)), nov("b", 7, 9, guests(3)))
	require.Len(t, r.Jobs, 2)
	b := jobOf(t, r, "b")
	assert.Equal(t, cleaning.Key{PropertyID: "flat", Stay: key("b"), Kind: cleaning.KindArrival}, b.Key)
	assert.Equal(t, day("2026-11-07"), b.Date)
	assert.Equal(t, at(7, "11:00"), b.Start)
	assert.Equal(t, at(7, "15:00"), b.End)
	assert.Equal(t, at(7, "15:00"), b.NextArrival)
	assert.Equal(t, 3, b.NextGuests.Total)
	assert.Equal(t, 2, b.DepartingGuests.Total)

	b = jobOf(t, plan(cleaning.Policy{AtArrival: true, WindowDays: 4, BufferMinutes: 30}, nov("a", 3, 5, leaves("12:00")), nov("b", 7, 9)), "b")
	assert.Equal(t, at(5, "12:00"), b.Start, "from the departure before, within the days of the policy")
	assert.Equal(t, at(7, "14:30"), b.End)
	assert.False(t, b.SameDay)

	b = jobOf(t, plan(cleaning.Policy{AtArrival: true, CleaningMinutes: 120}, nov("b", 7, 9, comes("08:00"))), "b")
	assert.Equal(t, at(7, "06:00"), b.Start, "an early arrival leaves time to clean")

	b = jobOf(t, plan(cleaning.Policy{AtArrival: true}, nov("1", 1, 7, leaves("09:00")), nov("2", 2, 7, leaves("12:00")), nov("b", 7, 9)), "b")
	assert.Equal(t, at(7, "12:00"), b.Start, "after the last of two who leave")
}

func TestPlan_LongStayWithMidStayCleanings(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{MidStayEvery: 7, MidStayMinNights: 10}, nov("a", 3, 25, guests(2)), nov("b", 25, 34))
	require.Len(t, r.Jobs, 5)
	var got []string
	for _, j := range r.Jobs {
		got = append(got, j.Date.String()+" "+j.Key.String())
	}
	assert.Equal(t, []string{
		"2026-11-10 flat/bnovo/a/mid_stay/1",
		"2026-11-17 flat/bnovo/a/mid_stay/2",
		"2026-11-24 flat/bnovo/a/mid_stay/3",
		"2026-11-25 flat/bnovo/a/departure",
		"2026-12-04 flat/bnovo/b/departure",
	}, got, "9 nights are too few for a mid-stay cleaning")
	assert.Equal(t, at(10, "11:00"), r.Jobs[0].Start)
	assert.Equal(t, at(10, "15:00"), r.Jobs[0].End)
	assert.Equal(t, 2, r.Jobs[0].NextGuests.Total)
	assert.Len(t, plan(cleaning.Policy{MidStayEvery: 7}, nov("a", 3, 10)).Jobs, 1, "the departure is no mid-stay cleaning")

	r = plan(cleaning.Policy{MidStayEvery: 7}, nov("a", -25, 20))
	assert.Equal(t, []int{4, 5, 6, 0}, []int{r.Jobs[0].Key.N, r.Jobs[1].Key.N, r.Jobs[2].Key.N, r.Jobs[3].Key.N}, "past ones count")
	r = plan(cleaning.Policy{MidStayEvery: 7}, stay("open", "2026-10-01", "9998-12-31"))
	assert.Len(t, r.Jobs, 53, "a year ahead, and the departure")
}

func TestPlan_BackToBackStaysOfTheSameGuest(t *testing.T) {
	t.Parallel()
	weekly := []pms.Booking{
		nov("w1", 3, 10, name("Ada Lovelace"), phone("+44 20 7946 0001")),
		nov("w2", 10, 17, name("Ada Lovelace"), phone("020 7946 0001")),
		nov("other", 17, 20, name("Alan Turing")),
	}
	assert.Len(t, plan(cleaning.Policy{}, weekly...).Jobs, 3, "two jobs by default")

	r := plan(cleaning.Policy{JoinSameGuest: true}, weekly...)
	require.Len(t, r.Jobs, 2)
	job := jobOf(t, r, "w1")
	assert.Equal(t, []pms.Key{key("w1"), key("w2")}, job.Stays)
	assert.Equal(t, day("2026-11-17"), job.Date)
	assert.Equal(t, day("2026-11-03"), job.Arrival)
	assert.True(t, job.SameDay)
}

func TestPlan_EarlyDepartureKnown(t *testing.T) {
	t.Parallel()
	assert.Equal(t, at(4, "08:15"), only(t, plan(cleaning.Policy{}, nov("a", 1, 4, leaves("08:15")))).Start)

	later := at(3, "10:00")
	left := nov("a", 1, 5, status(pms.StatusCheckedOut), updated(at(3, "07:42")))
	r := cleaning.Plan(flat(left), cleaning.Policy{}, later)
	job := only(t, r)
	assert.Equal(t, day("2026-11-03"), job.Date, "checked out two days early")
	assert.Equal(t, at(3, "07:42"), job.Start)
	assert.Equal(t, cleaning.SourceCheckedOut, job.Why.Start.Clock)
	assert.Empty(t, r.Issues)

	r = cleaning.Plan(flat(left), cleaning.Policy{}, at(5, "08:00"))
	assert.Equal(t, day("2026-11-03"), only(t, r).Date, "overdue, if nobody noticed for two days")
	r = cleaning.Plan(flat(left), cleaning.Policy{}, at(6, "08:00"))
	assert.Equal(t, map[string]cleaning.Reason{"a": cleaning.ReasonOver}, reasons(r))

	h := host{t: t}
	h.sync(plan(cleaning.Policy{}, nov("a", 1, 5)), now)
	h.sync(cleaning.Plan(flat(left), cleaning.Policy{}, later), later)
	h.job("a").State = cleaning.StateDone
	afterwards := at(5, "12:00")
	assert.Empty(t, h.sync(cleaning.Plan(flat(left), cleaning.Policy{}, afterwards), afterwards), "the day on which it was expected passes")

	left.UpdatedAt = time.Time{}
	r = cleaning.Plan(flat(left), cleaning.Policy{}, later)
	assert.Equal(t, day("2026-11-05"), only(t, r).Date)
	assert.Equal(t, []cleaning.IssueKind{cleaning.IssueLeftEarly}, issueKinds(r), "nobody knows when")
}

func TestPlan_Visibility(t *testing.T) {
	t.Parallel()
	hidden := true
	assert.False(t, only(t, plan(cleaning.Policy{Hidden: true}, nov("a", 3, 5))).Visible)
	p := flat(nov("a", 3, 5), nov("b", 7, 9))
	p.Stays = map[pms.Key]cleaning.Overrides{key("b"): {Hidden: &hidden}}
	r := cleaning.Plan(p, cleaning.Policy{}, now)
	assert.True(t, jobOf(t, r, "a").Visible)
	assert.False(t, jobOf(t, r, "b").Visible)
}

func TestPlan_Overrides(t *testing.T) {
	t.Parallel()
	three, off := 3, true
	p := flat(nov("a", 3, 5), nov("b", 12, 14), nov("c", 20, 22))
	p.Overrides.WindowDays = &three
	zero := 0
	p.Stays = map[pms.Key]cleaning.Overrides{key("b"): {WindowDays: &zero}, key("c"): {Off: &off}}
	r := cleaning.Plan(p, cleaning.Policy{WindowDays: 1}, now)
	assert.Equal(t, at(8, "15:00"), jobOf(t, r, "a").End)
	assert.Equal(t, at(14, "15:00"), jobOf(t, r, "b").End)
	assert.Equal(t, map[string]cleaning.Reason{"c": cleaning.ReasonOff}, reasons(r))
	assert.Equal(t, at(20, "15:00"), jobOf(t, r, "b").NextArrival, "the guests of c come all the same")

	p.Overrides = cleaning.Overrides{CheckOut: &pms.Clock{}}
	r = cleaning.Plan(p, cleaning.Policy{CheckOut: clock("09:00")}, now)
	assert.Equal(t, at(5, "11:00"), jobOf(t, r, "a").Start, "a zero value sets a field back to the default")
}

func TestPlan_FromAndHorizon(t *testing.T) {
	t.Parallel()
	stays := []pms.Booking{nov("past", -3, 1), nov("today", 1, 2), nov("a", 3, 5), nov("b", 20, 22)}
	r := plan(cleaning.Policy{}, stays...)
	assert.Len(t, r.Jobs, 3)
	assert.Equal(t, map[string]cleaning.Reason{"past": cleaning.ReasonOver}, reasons(r))

	r = plan(cleaning.Policy{WindowDays: 1}, stays[0])
	assert.Len(t, r.Jobs, 1, "yesterday's departure may still be cleaned today")

	assert.Len(t, plan(cleaning.Policy{HorizonDays: 20}, stays[3]).Jobs, 1, "the last day of the horizon")
	assert.Empty(t, plan(cleaning.Policy{HorizonDays: 19}, stays[3]).Jobs)

	r = plan(cleaning.Policy{From: day("2026-11-04"), HorizonDays: 10}, stays...)
	assert.Equal(t, departureKey("a"), only(t, r).Key)
	assert.Equal(t, map[string]cleaning.Reason{
		"past": cleaning.ReasonBeforeFrom, "today": cleaning.ReasonBeforeFrom, "b": cleaning.ReasonBeyondHorizon,
	}, reasons(r))
}

func TestPlan_ZoneMissing(t *testing.T) {
	t.Parallel()
	p := flat(nov("a", 3, 5))
	p.TimeZone = ""
	r := cleaning.Plan(p, cleaning.Policy{}, now)
	assert.Empty(t, r.Jobs, "no zone is not UTC")
	assert.Equal(t, []cleaning.IssueKind{cleaning.IssueMissingZone}, issueKinds(r))
	assert.Equal(t, []string{"flat"}, r.Incomplete)
	assert.Empty(t, r.Complete)
	assert.Equal(t, []cleaning.Skip{{PropertyID: "flat", Stay: key("a"), Reason: cleaning.ReasonUnplanned, Undecided: true}}, r.Skipped)
}

func TestPlan_ZoneFallback(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"Romance Standard Time", "Local", "Europe/Atlantis"} {
		p := flat(nov("a", 3, 5))
		p.TimeZone = wrong
		r := cleaning.Plan(p, cleaning.Policy{TimeZone: "Europe/Lisbon"}, now)
		job := only(t, r)
		assert.Equal(t, "Europe/Lisbon", job.TimeZone)
		assert.Equal(t, cleaning.SourcePolicy, job.Why.Zone, "every job says that its zone is the fallback")
		assert.Equal(t, []cleaning.IssueKind{cleaning.IssueBadZone}, issueKinds(r))
	}
	p := flat(nov("a", 3, 5, func(b *pms.Booking) { b.TimeZone = "Europe/Madrid" }))
	p.TimeZone = ""
	job := only(t, cleaning.Plan(p, cleaning.Policy{TimeZone: "Europe/Lisbon"}, now))
	assert.Equal(t, "Europe/Madrid", job.TimeZone, "what the bookings agree on counts before the account's zone")
	assert.Equal(t, cleaning.SourceStay, job.Why.Zone)
	p.Bookings = append(p.Bookings, nov("b", 7, 9, func(b *pms.Booking) { b.TimeZone = "Asia/Tokyo" }))
	r := cleaning.Plan(p, cleaning.Policy{TimeZone: "Europe/Lisbon"}, now)
	assert.Equal(t, "Europe/Lisbon", r.Jobs[0].TimeZone, "and nothing that they disagree on")
}

func TestPlan_BadPolicyIsAnIssueOfTheProperty(t *testing.T) {
	t.Parallel()
	nine := 9
	bad := flat(nov("a", 3, 5))
	bad.Overrides.WindowDays = &nine
	good := cleaning.Property{ID: "good", TimeZone: "Europe/Paris", Bookings: []pms.Booking{nov("b", 3, 5)}}
	r := cleaning.PlanAll([]cleaning.Property{good, bad}, cleaning.Policy{}, now)
	assert.Equal(t, "good", only(t, r).Key.PropertyID)
	require.Equal(t, []cleaning.IssueKind{cleaning.IssueBadPolicy}, issueKinds(r))
	assert.Equal(t, "cleaning policy: windowDays: 9 is not 0 to 8", r.Issues[0].Detail)
	assert.Equal(t, []string{"flat"}, r.Incomplete)

	bad = flat(nov("a", 3, 5))
	bad.Stays = map[pms.Key]cleaning.Overrides{key("a"): {WindowDays: &nine}}
	r = cleaning.Plan(bad, cleaning.Policy{}, now)
	assert.Len(t, r.Jobs, 1, "of one stay it leaves the property's policy")
	assert.Equal(t, []pms.Key{key("a")}, r.Issues[0].Stays)
}

func TestPlanAll_OrderAndDuplicateProperty(t *testing.T) {
	t.Parallel()
	second := cleaning.Property{ID: "b", TimeZone: "Europe/Paris", Bookings: []pms.Booking{nov("2", 3, 6), nov("1", 8, 9)}}
	first := cleaning.Property{ID: "a", TimeZone: "Europe/Paris", Bookings: []pms.Booking{nov("3", 3, 9)}}
	r := cleaning.PlanAll([]cleaning.Property{second, first, first}, cleaning.Policy{}, now)
	require.Len(t, r.Jobs, 3)
	assert.Equal(t, []string{"3", "2", "1"}, []string{r.Jobs[0].Key.Stay.ID, r.Jobs[1].Key.Stay.ID, r.Jobs[2].Key.Stay.ID})
	assert.Equal(t, []cleaning.IssueKind{cleaning.IssueDuplicateProperty}, issueKinds(r))
	assert.Equal(t, []string{"a"}, r.Incomplete)
	assert.Equal(t, []string{"b"}, r.Complete, "a property that came twice is not complete")
}

func TestJob_JSON(t *testing.T) {
	t.Parallel()
	job := jobOf(t, plan(cleaning.Policy{}, nov("a", 3, 5, guests(2)), nov("b", 5, 7)), "a")
	text, err := json.Marshal(job)
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"key": {"propertyId": "flat", "stay": {"vendor": "bnovo", "id": "a"}, "kind": "departure"},
		"stays": [{"vendor": "bnovo", "id": "a"}],
		"date": "2026-11-05", "start": "2026-11-05T11:00:00+01:00", "end": "2026-11-05T15:00:00+01:00",
		"timeZone": "Europe/Paris", "arrival": "2026-11-03", "departure": "2026-11-05",
		"sameDay": true, "tooShort": false, "visible": true,
		"nextArrival": "2026-11-05T15:00:00+01:00", "departingGuests": {"total": 2},
		"why": {"class": "guest", "zone": "property", "neighbour": {"vendor": "bnovo", "id": "b"},
			"start": {"bound": "departure", "clock": "default"}, "end": {"bound": "arrival", "clock": "default"}}
	}`, string(text))

	var back cleaning.Job
	require.NoError(t, json.Unmarshal(text, &back))
	stored := []cleaning.ExistingJob{{Job: back}}
	r := plan(cleaning.Policy{}, nov("a", 3, 5, guests(2)), nov("b", 5, 7))
	r.Jobs = r.Jobs[:1]
	assert.Empty(t, cleaning.Reconcile(stored, r, now), "a job that went through storage is the same job")
}

func TestKey_StringIsOneToOne(t *testing.T) {
	t.Parallel()
	a := cleaning.Key{PropertyID: "a/b", Stay: pms.Key{Vendor: "v", ID: "1%2F"}, Kind: cleaning.KindMidStay, N: 2}
	assert.Equal(t, "a%2Fb/v/1%252F/mid_stay/2", a.String())
	b := cleaning.Key{PropertyID: "a", Stay: pms.Key{Vendor: "b/v", ID: "1%2F"}, Kind: cleaning.KindMidStay, N: 2}
	assert.NotEqual(t, a.String(), b.String())
}

func TestIssue_String(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("a", 3, 5, leaves("16:30"), name("Ada Lovelace")), nov("b", 5, 7))
	assert.Equal(t, "late_check_out: property flat, 2026-11-05, 90 min, stays bnovo:a bnovo:b", r.Issues[0].String())
	assert.Equal(t, `bad_zone: property flat: "X" is not an IANA time zone`,
		cleaning.Issue{Kind: cleaning.IssueBadZone, PropertyID: "flat", Detail: `"X" is not an IANA time zone`}.String())
}
