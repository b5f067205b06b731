package cleaning_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

func ical(id string, arrival, departure int, changes ...func(*pms.Booking)) pms.Booking {
	return nov(id, arrival, departure, append([]func(*pms.Booking){vendor("ical"), channel("booking")}, changes...)...)
}

func icalKey(id string) pms.Key { return pms.Key{Vendor: "ical", ID: id} }

func TestMerge_TwoVendorsWithTheSameStay(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{},
		nov("a", 3, 5, name("Ada Lovelace")),
		nov("z", 3, 5, vendor("hostaway"), guests(3), name("A. Lovelace"), phone("+44 20 7946 0001"), leaves("10:00")))
	job := only(t, r)
	assert.Equal(t, []pms.Key{{Vendor: "hostaway", ID: "z"}, key("a")}, job.Stays, "the richer record leads, all keys are kept")
	assert.Equal(t, 3, job.DepartingGuests.Total)
	assert.Equal(t, at(5, "10:00"), job.Start)
	assert.Empty(t, r.Issues)
}

func TestMerge_ICalBesideAPI(t *testing.T) {
	t.Parallel()
	for _, k := range []pms.Kind{pms.KindGuest, pms.KindUnknown} {
		r := plan(cleaning.Policy{}, nov("a", 3, 5), ical("x", 3, 5, kind(k)))
		assert.Equal(t, []pms.Key{key("a"), icalKey("x")}, only(t, r).Stays)
		assert.Empty(t, r.Issues)
	}
}

func TestMerge_TheOtherRecordFillsInWhatTheLeadDoesNotSay(t *testing.T) {
	t.Parallel()
	job := only(t, plan(cleaning.Policy{}, nov("a", 3, 5, code("HM1")), ical("x", 3, 5, guests(2), leaves("10:30"))))
	assert.Equal(t, key("a"), job.Key.Stay)
	assert.Equal(t, 2, job.DepartingGuests.Total)
	assert.Equal(t, at(5, "10:30"), job.Start)
}

func TestMerge_SameCodePhoneOrNameOverlapping(t *testing.T) {
	t.Parallel()
	for what, same := range map[string][2]func(*pms.Booking){
		"code":        {code("HMABC"), code("hmabc")},
		"phone":       {phone("+7 (921) 123-45-67"), phone("8 921 123 45 67")},
		"last digits": {phone("+7 (921) 123-45-67"), phone("4567")},
		"name":        {name("Ada King Lovelace"), name("lovelace, ada king")},
	} {
		r := plan(cleaning.Policy{}, nov("a", 3, 6, same[0]), ical("x", 3, 5, same[1]))
		job := only(t, r)
		assert.Equal(t, day("2026-11-06"), job.Date, "%s: the API's dates count", what)
		assert.Len(t, job.Stays, 2, what)
	}
	for what, other := range map[string][2]func(*pms.Booking){
		"code":       {code("HMABC"), code("HMABD")},
		"one word":   {name("Ada"), name("Ada")},
		"nothing":    {name(""), name("")},
		"few digits": {phone("123"), phone("123")},
	} {
		r := plan(cleaning.Policy{}, nov("a", 3, 6, other[0]), ical("x", 3, 5, other[1]))
		assert.Len(t, r.Jobs, 2, what)
		assert.Equal(t, []cleaning.IssueKind{cleaning.IssueDoubleBooking}, issueKinds(r), what)
	}
}

func TestMerge_BackToBackNever(t *testing.T) {
	t.Parallel()
	same := []func(*pms.Booking){code("HM1"), name("Ada Lovelace"), phone("+44 20 7946 0001")}
	r := plan(cleaning.Policy{}, nov("a", 3, 5, same...), ical("x", 5, 7, same...))
	require.Len(t, r.Jobs, 2)
	assert.Empty(t, r.Issues)
}

func TestMerge_ContradictingGuestsAreADoubleBooking(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{},
		nov("a", 3, 5, name("Ada Lovelace"), phone("+44 20 7946 0001")),
		nov("z", 3, 5, vendor("hostaway"), name("Alan Turing"), phone("+44 20 7946 0999")))
	require.Len(t, r.Jobs, 2)
	assert.Equal(t, []cleaning.IssueKind{cleaning.IssueDoubleBooking}, issueKinds(r))
}

func TestMerge_ReissuedIDStillBesideTheOldOne(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{}, nov("old", 3, 5, code("HM1")), nov("new", 3, 6, code("HM1"), updated(at(2, "08:00"))))
	job := only(t, r)
	assert.Equal(t, day("2026-11-06"), job.Date, "the newer record counts")
	assert.ElementsMatch(t, []pms.Key{key("new"), key("old")}, job.Stays)
}

func TestMerge_TwoFeedsOfOneProperty(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{},
		ical("sold", 3, 5, channel("airbnb"), code("HMABCDEFGH")), ical("closed", 3, 5))
	assert.Equal(t, []pms.Key{icalKey("sold"), icalKey("closed")}, only(t, r).Stays)

	r = plan(cleaning.Policy{}, ical("1", 3, 5), ical("2", 3, 5))
	assert.Len(t, r.Jobs, 2, "one feed does not show a stay twice")
}

func TestMerge_OneClosureOverSeveralStays(t *testing.T) {
	t.Parallel()
	stays := []pms.Booking{nov("a", 3, 5), nov("b", 5, 9)}
	r := plan(cleaning.Policy{}, append(stays, ical("closed", 3, 9))...)
	require.Len(t, r.Jobs, 2)
	assert.Equal(t, []pms.Key{key("a"), icalKey("closed")}, jobOf(t, r, "a").Stays)
	assert.Empty(t, r.Issues)

	r = plan(cleaning.Policy{}, append(stays, ical("closed", 3, 10))...)
	assert.Len(t, r.Jobs, 3, "a night more may be a stay of its own")
	assert.Contains(t, issueKinds(r), cleaning.IssueDoubleBooking)
}

func TestMerge_SkippedByTheSourceThatKnows(t *testing.T) {
	t.Parallel()
	r := plan(cleaning.Policy{OwnerStays: cleaning.ChoiceSkip}, nov("a", 3, 5, kind(pms.KindOwner)), ical("x", 3, 5))
	assert.Empty(t, r.Jobs, "the feed cannot tell an owner from a guest")
	assert.Equal(t, map[string]cleaning.Reason{"a": cleaning.ReasonOwnerStay, "x": cleaning.ReasonOwnerStay}, reasons(r))
}

func TestMerge_OldVersionsOfABooking(t *testing.T) {
	t.Parallel()
	oldOne, newOne := nov("a", 3, 5, updated(at(1, "08:00"))), nov("a", 4, 8, updated(at(1, "09:00")))
	for _, order := range [][]pms.Booking{{oldOne, newOne}, {newOne, oldOne}} {
		assert.Equal(t, day("2026-11-08"), only(t, plan(cleaning.Policy{}, order...)).Date)
	}
}
