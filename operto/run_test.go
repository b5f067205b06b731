package operto_test

import (
	"bytes"
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// host is a host with two lodgings and a Keeper.
type host struct {
	account
	keeper *operto.Keeper
	links  pms.LinkSet
	p1, p2 string // Operto's ids of lodgings "1" and "2"
}

func newHost(t *testing.T, o sandbox.OpertoOptions, rules operto.Rules) *host {
	t.Helper()
	h := &host{account: newAccount(o)}
	h.p1 = h.property(t, &h.links, "1")
	h.p2 = h.property(t, &h.links, "2")
	h.keeper = operto.NewKeeper(h.client(t, operto.Config{}), rules)
	return h
}

// run runs the Keeper with the bookings of the two lodgings.
func (h *host) run(t *testing.T, one, two []pms.Booking) (operto.Report, error) {
	t.Helper()
	d := operto.Desired{Links: h.links, Lodgings: []operto.Lodging{lodging("1", one...), lodging("2", two...)}, Whole: true}
	return h.keeper.Run(t.Context(), d, h.world.Now())
}

// must runs the Keeper without an error, and once more without a change.
func (h *host) must(t *testing.T, one, two []pms.Booking) operto.Report {
	t.Helper()
	report, err := h.run(t, one, two)
	require.NoError(t, err)
	require.Empty(t, report.Left)
	before := len(h.seen.Seen())
	again, err := h.run(t, one, two)
	require.NoError(t, err)
	assert.Empty(t, again.Done)
	assert.Equal(t, report.Access, again.Access)
	for _, request := range h.seen.Seen()[before:] {
		assert.Equal(t, http.MethodGet, request.Method)
	}
	return report
}

func list(bookings ...pms.Booking) []pms.Booking { return bookings }

func TestCodesAreMade(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	a, b := booking("a", 3, 7), booking("b", 4, 5)
	b.ArrivalTime, b.DepartureTime = clock(t, "20:30"), clock(t, "06:15")
	report := h.must(t, list(a), list(b))
	assert.Equal(t, []operto.ChangeKind{operto.ChangeCreate, operto.ChangeCreate}, kinds(report.Done))
	require.Len(t, report.Access, 2)
	first, second := report.Access[0], report.Access[1]
	assert.Equal(t, []pms.Key{key("a")}, first.Stays)
	assert.Equal(t, "1", first.LodgingID)
	assert.Equal(t, h.p1, first.OpertoID)
	assert.Equal(t, "changeover:test:a", first.Reservation)
	assert.True(t, paris(3, 15, 0).Equal(first.From), first.From)
	assert.True(t, paris(7, 11, 0).Equal(first.To), first.To)
	assert.True(t, paris(4, 20, 30).Equal(second.From), second.From)
	assert.True(t, paris(5, 6, 15).Equal(second.To), second.To)
	code := first.Guest.Reveal()
	assert.NotEmpty(t, first.CheckOut.Reveal())
	assert.True(t, h.Opens(h.p1, code, paris(3, 15, 0)))
	assert.False(t, h.Opens(h.p1, code, paris(3, 14, 59)))
	assert.False(t, h.Opens(h.p1, code, paris(7, 11, 0)))
	assert.False(t, h.Opens(h.p2, code, paris(5, 12, 0)))
	assert.Len(t, h.Grants(), 2)
}

func TestCodesFollowTheStay(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*testing.T, *pms.Booking)
		want   operto.ChangeKind
	}{
		"extended":            {func(_ *testing.T, b *pms.Booking) { b.Departure = day(9) }, operto.ChangeExtend},
		"shortened":           {func(_ *testing.T, b *pms.Booking) { b.Departure = day(5) }, operto.ChangeShorten},
		"moved":               {func(_ *testing.T, b *pms.Booking) { b.Arrival, b.Departure = day(10), day(12) }, operto.ChangeMove},
		"a day earlier":       {func(_ *testing.T, b *pms.Booking) { b.Arrival = day(2) }, operto.ChangeMove},
		"another clock time":  {func(t *testing.T, b *pms.Booking) { b.ArrivalTime = clock(t, "18:00") }, operto.ChangeMove},
		"until later the day": {func(t *testing.T, b *pms.Booking) { b.DepartureTime = clock(t, "13:00") }, operto.ChangeExtend},
		"another name":        {func(_ *testing.T, b *pms.Booking) { b.Guest.Name = "Nora Lindqvist" }, operto.ChangeGuest},
		"cancelled":           {func(_ *testing.T, b *pms.Booking) { b.Status = pms.StatusCancelled }, operto.ChangeCancel},
		"a no-show":           {func(_ *testing.T, b *pms.Booking) { b.Status = pms.StatusNoShow }, operto.ChangeCancel},
		"gone early":          {func(_ *testing.T, b *pms.Booking) { b.Status = pms.StatusCheckedOut }, operto.ChangeCancel},
		"now a block":         {func(_ *testing.T, b *pms.Booking) { b.Kind = pms.KindBlock }, operto.ChangeCancel},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
			b := booking("a", 3, 7)
			before := h.must(t, list(b), nil).Access[0]
			tt.change(t, &b)
			report := h.must(t, list(b), nil)
			assert.Equal(t, []operto.ChangeKind{tt.want}, kinds(report.Done))
			if tt.want == operto.ChangeCancel {
				assert.Empty(t, h.Grants())
				assert.Empty(t, report.Access)
				return
			}
			after := report.Access[0]
			assert.Equal(t, before.Guest, after.Guest, "the guest keeps the code")
			require.Len(t, h.Grants(), 1)
			assert.True(t, after.From.Equal(h.Grants()[0].From))
			assert.True(t, after.To.Equal(h.Grants()[0].To))
		})
	}
}

func TestCancelledAndBooked(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	b := booking("a", 3, 7)
	h.must(t, list(b), nil)
	b.Status = pms.StatusCancelled
	h.must(t, list(b), nil)
	b.Status, b.Departure = pms.StatusConfirmed, day(6)
	report := h.must(t, nil, list(b))
	assert.Equal(t, []operto.ChangeKind{operto.ChangeRestore}, kinds(report.Done))
	require.Len(t, h.Grants(), 1)
	assert.Equal(t, h.p2, h.Grants()[0].PropertyID)
	assert.True(t, paris(6, 11, 0).Equal(h.Grants()[0].To))
}

func TestMovedUnit(t *testing.T) {
	t.Parallel()
	t.Run("alone", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
		b := booking("a", 3, 7)
		old := h.must(t, list(b), nil).Access[0].Guest
		report := h.must(t, nil, list(b))
		assert.Equal(t, []operto.ChangeKind{operto.ChangeTransfer}, kinds(report.Done))
		now := report.Access[0].Guest
		assert.NotEqual(t, old.Reveal(), now.Reveal())
		assert.False(t, h.Opens(h.p1, old.Reveal(), paris(4, 12, 0)))
		assert.False(t, h.Opens(h.p2, old.Reveal(), paris(4, 12, 0)))
		assert.True(t, h.Opens(h.p2, now.Reveal(), paris(4, 12, 0)))
	})
	t.Run("and days: never a code for the wrong days", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
		b := booking("a", 3, 7)
		h.must(t, list(b), nil)
		b.Arrival, b.Departure = day(10), day(12)
		report := h.must(t, nil, list(b))
		require.Len(t, report.Done, 1)
		var calls []operto.CallKind
		for _, call := range report.Done[0].Calls {
			calls = append(calls, call.Kind)
		}
		assert.Equal(t, []operto.CallKind{operto.CallCancel, operto.CallTransfer, operto.CallUpdate, operto.CallConfirm}, calls)
	})
	t.Run("two guests swap", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
		a, b := booking("a", 3, 7), booking("b", 3, 7)
		h.must(t, list(a), list(b))
		report := h.must(t, list(b), list(a))
		assert.Len(t, report.Done, 3, "one is cancelled, one moves, one comes back")
		require.Len(t, h.Grants(), 2)
		for _, access := range report.Access {
			assert.True(t, h.Opens(access.OpertoID, access.Guest.Reveal(), paris(4, 12, 0)))
		}
	})
}

// Two guests swap units on other days, and the first call fails: the guest whose
// code could not be taken is not moved with the old days.
func TestSwapThatFailsHalfway(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	a, b := booking("a", 3, 7), booking("b", 3, 7)
	h.must(t, list(a), list(b))
	a.Departure, b.Departure = day(6), day(6)
	h.seen.Add(sandbox.Rule{Match: sandbox.Method(http.MethodPut), Times: 1, Do: sandbox.Status(500, nil, "")})
	_, err := h.run(t, list(b), list(a))
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.ErrorContains(t, err, "changeover:test:a withheld")
	require.Len(t, h.Grants(), 1, "the other guest has left the unit, though the next one waits")
	assert.Equal(t, "changeover:test:b", h.Grants()[0].ReservationPartnerID)
	assert.True(t, paris(7, 11, 0).Equal(h.Grants()[0].To), "the old days in the old unit")
	assert.Equal(t, h.p2, h.Grants()[0].PropertyID)
	h.must(t, list(b), list(a))
	assert.Len(t, h.Grants(), 2)
}

// Complaint 10: a stay moved a day earlier at night left the guest outside.
func TestComplaint10MovedEarlierAfterMidnight(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	b := booking("a", 5, 7)
	h.must(t, list(b), nil)
	h.world.SetNow(paris(5, 0, 40)) // the guest stands at the door after midnight
	b.Arrival, b.ArrivalTime = day(4), clock(t, "15:00")
	report := h.must(t, list(b), nil)
	assert.True(t, h.Opens(h.p1, report.Access[0].Guest.Reveal(), h.world.Now()))
	b.Arrival, b.ArrivalTime = day(5), clock(t, "00:30")
	report = h.must(t, list(b), nil)
	assert.True(t, h.Opens(h.p1, report.Access[0].Guest.Reveal(), h.world.Now()))
}

// Complaint 5: a guest who extends comes back under a new id and got a second
// code.
func TestComplaint5SameStayUnderANewID(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	before := h.must(t, list(booking("old", 3, 7)), nil).Access[0]
	again := booking("old", 3, 9)
	again.ID = "new"
	report := h.must(t, list(again), nil)
	assert.Equal(t, []operto.ChangeKind{operto.ChangeExtend}, kinds(report.Done))
	assert.Equal(t, before.Guest.Reveal(), report.Access[0].Guest.Reveal())
	assert.Equal(t, []pms.Key{key("new")}, report.Access[0].Stays)
	assert.Len(t, h.Grants(), 1)

	other := booking("other", 3, 9)
	other.Guest.Phone = "+46 70 765 43 21"
	report = h.must(t, list(other), nil)
	assert.NotEqual(t, before.Guest.Reveal(), report.Access[0].Guest.Reveal(), "another guest gets another code")
	assert.Len(t, h.Grants(), 1)
}

// Complaint 12: a long stay that is paid weekly got a new code every week.
func TestComplaint12SameGuestContinues(t *testing.T) {
	t.Parallel()
	week := func(id string, from, to int) pms.Booking {
		b := booking("long", from, to)
		b.ID = id
		return b
	}
	weeks := list(week("w1", 3, 10), week("w2", 10, 17), week("w3", 17, 24))
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{JoinSameGuest: true})
	report := h.must(t, weeks, nil)
	require.Len(t, report.Access, 1)
	first := report.Access[0]
	assert.Equal(t, []pms.Key{key("w1"), key("w2"), key("w3")}, first.Stays)
	assert.True(t, h.Opens(h.p1, first.Guest.Reveal(), paris(10, 12, 0)), "between two bookings")
	h.world.SetNow(paris(12, 9, 0))
	report = h.must(t, weeks[1:], nil) // the first week is over and not listed any more
	assert.Equal(t, first.Guest.Reveal(), report.Access[0].Guest.Reveal())
	assert.Len(t, h.Grants(), 1)

	apart := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	assert.Len(t, apart.must(t, weeks, nil).Access, 3, "unless asked for, every booking has its code")
}

// Complaint 11: a wrong mapping sends a guest the code of another flat.
func TestComplaint11MappingFailsClosed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(*testing.T, *host)
		want  operto.DiagnosisKind
	}{
		"not mapped": {func(_ *testing.T, h *host) { h.links.Unlink(pms.Unit{Vendor: "operto", ID: h.p1}) }, operto.NotMapped},
		"mapped twice": {func(t *testing.T, h *host) {
			h.property(t, &h.links, "1")
		}, operto.DoublyMapped},
		"created for another lodging": {func(_ *testing.T, h *host) {
			h.UpdateProperty(h.p1, func(p *sandbox.OpertoProperty) { p.PartnerID = "2" })
		}, operto.MappingContradicts},
		"deleted in Operto": {func(_ *testing.T, h *host) { h.DeleteProperty(h.p1) }, operto.PropertyDeleted},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
			tt.spoil(t, h)
			report := h.must(t, list(booking("a", 3, 7)), nil)
			require.Len(t, report.Access, 1)
			assert.Equal(t, []operto.DiagnosisKind{tt.want}, problems(report.Access[0]))
			assert.True(t, report.Access[0].Missing())
			assert.Empty(t, h.Grants())
		})
		t.Run(name+" after the code was made", func(t *testing.T) {
			t.Parallel()
			h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
			h.must(t, list(booking("a", 3, 7)), nil)
			require.Len(t, h.Grants(), 1)
			tt.spoil(t, h)
			report := h.must(t, list(booking("a", 3, 7)), nil)
			assert.True(t, report.Access[0].Missing())
			assert.Empty(t, h.Grants(), "the code is taken back")
		})
	}
}

// Complaint 9: codes are off by hours because the zones differ.
func TestComplaint9ZoneMismatch(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	h.UpdateProperty(h.p1, func(p *sandbox.OpertoProperty) { p.TimeZone = "America/New_York" })
	report := h.must(t, list(booking("a", 3, 7)), nil)
	assert.Contains(t, problems(report.Access[0]), operto.ZoneMismatch)
	assert.Contains(t, report.Access[0].Problems[0].Sentence(), "America/New_York")
	assert.Empty(t, h.Grants())

	h.UpdateProperty(h.p1, func(p *sandbox.OpertoProperty) { p.TimeZone = "Europe/Brussels" }) // the same clock
	report = h.must(t, list(booking("a", 3, 7)), nil)
	assert.Empty(t, report.Access[0].Problems)
	code := report.Access[0].Guest

	h.UpdateProperty(h.p1, func(p *sandbox.OpertoProperty) { p.TimeZone = "America/New_York" })
	report = h.must(t, list(booking("a", 3, 7)), nil)
	assert.Contains(t, problems(report.Access[0]), operto.ZoneMismatch)
	assert.True(t, h.Opens(h.p1, code.Reveal(), paris(4, 12, 0)), "a code that is right stays in the lock")
	assert.True(t, report.Access[0].Missing(), "and is not handed out")
}

// Complaint 8: hours are wrong when the clocks change.
func TestComplaint8ClockChange(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	b := booking("a", 3, 7)
	b.Arrival, b.Departure = pms.Date{Year: 2026, Month: 10, Day: 24}, pms.Date{Year: 2026, Month: 10, Day: 26}
	spring := booking("b", 3, 7)
	spring.Arrival, spring.Departure = pms.Date{Year: 2027, Month: 3, Day: 28}, pms.Date{Year: 2027, Month: 3, Day: 30}
	spring.ArrivalTime = clock(t, "02:30") // does not exist
	report := h.must(t, list(b, spring), nil)
	assert.Equal(t, "2026-10-24 13:00:00 +0000 UTC", report.Access[0].From.UTC().String())
	assert.Equal(t, "2026-10-26 10:00:00 +0000 UTC", report.Access[0].To.UTC().String())
	assert.Equal(t, "2027-03-28 01:30:00 +0000 UTC", report.Access[1].From.UTC().String())
	for i, grant := range h.Grants() {
		assert.True(t, report.Access[i].From.Equal(grant.From))
		assert.True(t, report.Access[i].To.Equal(grant.To))
	}
}

func TestUndecidedStaysAsItIs(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	b := booking("a", 3, 7)
	h.must(t, list(b), nil)
	b.Status, b.RawStatus = pms.StatusUnknown, "gebucht"
	report := h.must(t, list(b, booking("b", 8, 9)), nil)
	assert.Equal(t, []operto.DiagnosisKind{operto.Undecided}, problems(report.Access[0]))
	assert.True(t, report.Access[0].Missing())
	assert.Len(t, h.Grants(), 2, "the code of a guest is not taken for a word")

	fresh := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	fresh.must(t, list(b), nil)
	assert.Empty(t, fresh.Grants(), "nor is one made")

	b.Status = pms.StatusTentative
	report = fresh.must(t, list(b), nil)
	assert.Equal(t, []operto.DiagnosisKind{operto.NotConfirmed}, problems(report.Access[0]))
}

func TestMissingBookings(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, h *host, d operto.Desired) {
		t.Helper()
		d.Links = h.links
		_, err := h.keeper.Run(t.Context(), d, h.world.Now())
		require.NoError(t, err)
	}
	both := func(t *testing.T) *host {
		t.Helper()
		h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
		h.must(t, list(booking("a", 3, 7)), list(booking("b", 20, 22)))
		return h
	}
	t.Run("a booking that is gone has no code", func(t *testing.T) {
		t.Parallel()
		h := both(t)
		run(t, h, operto.Desired{Lodgings: []operto.Lodging{lodging("1")}})
		assert.Len(t, h.Grants(), 1, "the other lodging is not touched")
	})
	t.Run("nothing is taken while a source has failed", func(t *testing.T) {
		t.Parallel()
		h := both(t)
		failed := lodging("1")
		failed.Partial = true
		run(t, h, operto.Desired{Lodgings: []operto.Lodging{failed, lodging("2", booking("b", 20, 22))}, Whole: true})
		assert.Len(t, h.Grants(), 2)
	})
	t.Run("nor beyond the days that were read", func(t *testing.T) {
		t.Parallel()
		h := both(t)
		run(t, h, operto.Desired{Lodgings: []operto.Lodging{lodging("1"), lodging("2")}, Whole: true, Until: day(15)})
		require.Len(t, h.Grants(), 1)
		assert.Equal(t, h.p2, h.Grants()[0].PropertyID)
	})
	t.Run("nor from others", func(t *testing.T) {
		t.Parallel()
		h := both(t)
		other := operto.NewKeeper(h.client(t, operto.Config{}), operto.Rules{Prefix: "other:"})
		_, err := other.Run(t.Context(), operto.Desired{Lodgings: []operto.Lodging{lodging("1")}, Links: h.links, Whole: true}, h.world.Now())
		require.NoError(t, err)
		assert.Len(t, h.Grants(), 2)
	})
	t.Run("a property that is linked no more is cleared", func(t *testing.T) {
		t.Parallel()
		h := both(t)
		h.links.Unlink(pms.Unit{Vendor: "operto", ID: h.p1})
		run(t, h, operto.Desired{Lodgings: []operto.Lodging{lodging("1"), lodging("2", booking("b", 20, 22))}, Whole: true})
		assert.Len(t, h.Grants(), 1)
	})
	t.Run("what is over is left alone", func(t *testing.T) {
		t.Parallel()
		h := both(t)
		h.world.SetNow(paris(7, 11, 0))
		run(t, h, operto.Desired{Lodgings: []operto.Lodging{lodging("1"), lodging("2", booking("b", 20, 22))}, Whole: true})
		assert.Len(t, h.Grants(), 2)
	})
}

// A code that cannot be taken back is not given to the next guest.
func TestFailedRunSaysWhy(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	code := h.must(t, list(booking("a", 3, 7)), nil).Access[0].Guest
	down := sandbox.Rule{Match: sandbox.Method(http.MethodPut), Do: sandbox.Status(503, nil, `{"code":"`+code.Reveal()+`"}`)}

	h.seen.Add(down)
	cancelled := booking("a", 3, 7)
	cancelled.Status = pms.StatusCancelled
	next := booking("next", 3, 7)
	report, err := h.run(t, list(cancelled, next), list(booking("c", 3, 7)))
	require.ErrorIs(t, err, pms.ErrUnavailable)
	assert.NotContains(t, err.Error(), code.Reveal())
	require.ErrorContains(t, err, "withheld")
	assert.Equal(t, []operto.ChangeKind{operto.ChangeCreate}, kinds(report.Done), "the other unit has its code")
	require.Len(t, report.Access, 2)
	assert.Equal(t, []pms.Key{key("next")}, report.Access[0].Stays)
	assert.Equal(t, []operto.DiagnosisKind{operto.NotSynchronised, operto.Refused}, problems(report.Access[0]))
	assert.True(t, report.Access[0].Missing())
	assert.False(t, report.Access[1].Missing())

	h.seen.Reset()
	report = h.must(t, list(cancelled, next), list(booking("c", 3, 7)))
	assert.Equal(t, []operto.ChangeKind{operto.ChangeCancel, operto.ChangeCreate}, kinds(report.Done))
}

func TestCredentialsRefused(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	h.seen.Add(sandbox.Rule{Do: sandbox.Unauthorized()})
	report, err := h.run(t, list(booking("a", 3, 7)), nil)
	require.ErrorIs(t, err, pms.ErrUnauthorized)
	require.Len(t, report.Access, 1)
	assert.Equal(t, []operto.DiagnosisKind{operto.NotSynchronised, operto.CredentialsRefused}, problems(report.Access[0]))
}

func TestCodePending(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{CodeDelay: 10 * time.Minute}, operto.Rules{})
	report := h.must(t, list(booking("a", 3, 7)), nil)
	assert.Equal(t, []operto.DiagnosisKind{operto.CodePending}, problems(report.Access[0]))
	h.world.Advance(10 * time.Minute)
	report = h.must(t, list(booking("a", 3, 7)), nil)
	assert.Empty(t, problems(report.Access[0]))
	assert.False(t, report.Access[0].Missing())
}

func TestCodeInAnotherPropertyIsNotHandedOut(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	h.must(t, list(booking("a", 3, 7)), nil)
	h.seen.Add(sandbox.Rule{Match: sandbox.Method(http.MethodPut), Do: sandbox.Status(503, nil, "")})
	report, err := h.run(t, nil, list(booking("a", 3, 7)))
	require.Error(t, err)
	assert.Equal(t, []operto.DiagnosisKind{operto.CodeDiffers, operto.Unreachable}, problems(report.Access[0]))
	assert.True(t, report.Access[0].Missing())
	assert.Contains(t, report.Access[0].Problems[0].Sentence(), h.p1)
}

// An answer that is lost may have been carried out: the next run finds it.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
			if method == http.MethodPut {
				h.must(t, list(booking("a", 3, 7)), nil)
			}
			skip := 0
			if method == http.MethodPost {
				skip = 1 // the login
			}
			h.seen.Add(sandbox.Rule{Match: sandbox.Method(method), Skip: skip, Times: 1, Do: sandbox.ResetBefore()})
			report, err := h.run(t, list(booking("a", 3, 9)), nil)
			require.ErrorIs(t, err, pms.ErrUnavailable)
			assert.False(t, report.Access[0].Missing(), "the reading after it shows that it was done")
			h.must(t, list(booking("a", 3, 9)), nil)
			assert.Len(t, h.Grants(), 1)
		})
	}
}

// some runs the Keeper with some of the lodgings.
func (h *host) some(t *testing.T, lodgings ...operto.Lodging) operto.Report {
	t.Helper()
	report, err := h.keeper.Run(t.Context(), operto.Desired{Links: h.links, Lodgings: lodgings}, h.world.Now())
	require.NoError(t, err)
	require.Empty(t, report.Left)
	return report
}

// A run with some lodgings finds a stay that is still in another one.
func TestRunWithSomeLodgings(t *testing.T) {
	t.Parallel()
	t.Run("the new lodging first", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
		h.must(t, list(booking("a", 3, 7)), list(booking("b", 3, 7)))
		report := h.some(t, lodging("2", booking("b", 3, 7), booking("a", 3, 7)))
		assert.Equal(t, []operto.ChangeKind{operto.ChangeTransfer}, kinds(report.Done))
		assert.Empty(t, h.some(t, lodging("1")).Done)
	})
	t.Run("the old lodging first", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
		h.must(t, list(booking("a", 3, 7)), nil)
		assert.Equal(t, []operto.ChangeKind{operto.ChangeCancel}, kinds(h.some(t, lodging("1")).Done))
		report := h.some(t, lodging("2", booking("a", 3, 7)))
		assert.Equal(t, []operto.ChangeKind{operto.ChangeRestore}, kinds(report.Done))
		assert.True(t, h.Opens(h.p2, report.Access[0].Guest.Reveal(), paris(4, 12, 0)))
	})
	t.Run("a lodging that is mapped no more", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
		h.must(t, list(booking("a", 3, 7)), nil)
		h.links.Unlink(pms.Unit{Vendor: "operto", ID: h.p1})
		report := h.some(t, lodging("1", booking("a", 3, 7)))
		assert.Equal(t, []operto.ChangeKind{operto.ChangeCancel}, kinds(report.Done))
		assert.Empty(t, h.Grants())
	})
	t.Run("an answer that does not tell the property", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
		h.must(t, list(booking("a", 3, 7)), nil)
		h.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/partners/reservations/"), Do: sandbox.Rewrite(func(body []byte) []byte {
			return bytes.ReplaceAll(body, []byte(`"property_id"`), []byte(`"somewhere"`))
		})})
		report := h.some(t, lodging("2", booking("a", 3, 7)))
		assert.Equal(t, []operto.ChangeKind{operto.ChangeTransfer}, kinds(report.Done), "all lists are read to find it")
	})
	t.Run("a search that fails makes nothing", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
		h.must(t, list(booking("a", 3, 7)), nil)
		h.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/partners/reservations/"), Do: sandbox.Status(500, nil, "")})
		report, err := h.keeper.Run(t.Context(), operto.Desired{Links: h.links, Lodgings: []operto.Lodging{lodging("2", booking("a", 3, 7))}}, h.world.Now())
		require.ErrorIs(t, err, pms.ErrUnavailable)
		assert.Empty(t, report.Done)
		assert.Equal(t, []operto.DiagnosisKind{operto.NotSynchronised}, problems(report.Access[0]))
		assert.Len(t, h.Grants(), 1)
	})
}

// A stay of which Operto does not tell its own id is addressed by ours.
func TestAnswersWithoutOpertosIDs(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	h.UpdateProperty(h.p1, func(p *sandbox.OpertoProperty) { p.PartnerID = "1" })
	h.must(t, list(booking("a", 3, 7)), nil)
	h.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/partners/properties/"), Do: sandbox.Rewrite(func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`"id"`), []byte(`"nothing"`))
	})})
	report := h.some(t, lodging("1", booking("a", 3, 9)))
	assert.Equal(t, []operto.ChangeKind{operto.ChangeExtend}, kinds(report.Done))
	assert.True(t, paris(9, 11, 0).Equal(h.Grants()[0].To))
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := newHost(t, sandbox.OpertoOptions{}, operto.Rules{})
	h.must(t, list(booking("a", 3, 7)), nil)
	ctx, cancel := context.WithCancel(t.Context())
	h.seen.Add(sandbox.Rule{Match: sandbox.Method(http.MethodPost), Do: func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		cancel()
		return next.RoundTrip(req)
	}})
	d := operto.Desired{Links: h.links, Lodgings: []operto.Lodging{lodging("1", booking("a", 3, 7), booking("b", 8, 9), booking("c", 10, 11))}}
	report, err := h.keeper.Run(ctx, d, h.world.Now())
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, report.Done)
	assert.Equal(t, []operto.ChangeKind{operto.ChangeCreate, operto.ChangeCreate}, kinds(report.Left))
	assert.False(t, report.Access[0].Missing(), "what was read before is still known")
	h.seen.Reset()
	h.some(t, d.Lodgings[0])
	assert.Len(t, h.Grants(), 3)
}
