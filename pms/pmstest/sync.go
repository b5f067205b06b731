package pmstest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func syncScenarios() []scenario {
	return []scenario{
		{name: "sync", play: syncFollows, needs: needsHTTP},
		{name: "sync-drawn", play: syncDrawn, needs: needsHTTP},
		{name: "changes-bad-cursor", play: changesBadCursor},
	}
}

// synced is what a host has stored that follows an account.
type synced struct {
	scene      *scene
	connector  pms.Connector
	checkpoint json.RawMessage
	stored     map[string]pms.Booking
}

// pass syncs once and returns how many bookings were new or changed.
func (h *synced) pass() (upserts int) {
	next, err := pms.Sync(h.scene.ctx, h.connector, h.checkpoint, func(_ context.Context, change pms.SyncChange) error {
		switch change.Kind {
		case pms.SyncUpsert:
			h.stored[change.Booking.ID] = change.Booking
			upserts++
		case pms.SyncGone:
			delete(h.stored, change.Booking.ID)
		case pms.SyncFailed:
			h.scene.Errorf("a record failed: %v", change.Record)
		}
		return nil
	})
	h.scene.note(err)
	require.NoError(h.scene, err, "Sync")
	h.checkpoint = next
	return upserts
}

// holds checks that what the vendor lists now is stored, as far as cleanings
// depend on it. Blocks may be told by scans alone.
func (h *synced) holds(when string, blocks bool) {
	q := pms.BookingQuery{From: h.scene.world.Today().AddDays(-28), ExcludeBlocks: !blocks}
	for _, want := range h.scene.bookings(q) {
		got, ok := h.stored[want.ID]
		switch {
		case !ok:
			h.scene.Errorf("%s: booking %s was lost", when, want.ID)
		case coreOf(got) != coreOf(want):
			h.scene.Errorf("%s: booking %s is stored as %v, want %v", when, want.ID, coreOf(got), coreOf(want))
		}
	}
}

// core is what decides about cleanings.
type core struct {
	unit               string
	kind               pms.Kind
	status             pms.Status
	arrival, departure pms.Date
}

func coreOf(b pms.Booking) core { return core{b.PropertyID, b.Kind, b.Status, b.Arrival, b.Departure} }

// orphans checks that nothing is stored as coming that the vendor has no more.
func (h *synced) orphans() {
	known := map[string]bool{}
	for _, b := range h.scene.bookings(pms.BookingQuery{}) {
		known[b.ID] = true
	}
	for id, b := range h.stored {
		if !known[id] && b.Status != pms.StatusCancelled && b.Arrival.After(h.scene.world.Today()) {
			h.scene.Errorf("booking %s is gone and still stored", id)
		}
	}
}

// syncFollows: a host that syncs has what the vendor has, whatever happens to
// bookings: at once what is told, after a scan the rest, and after two the
// deletions.
func syncFollows(s *scene) {
	s.use(s.everything())
	h := &synced{scene: s, connector: s.connect(), stored: map[string]pms.Booking{}}
	h.pass()
	h.holds("first pass", true)
	if again := h.pass(); again > 0 {
		s.Errorf("%d bookings came again without a change", again)
	}
	passTime(s.ctx, 2*time.Hour)
	require.NoError(s, s.happen())
	passTime(s.ctx, time.Hour)
	h.pass()
	h.holds("after the changes", false)
	h.settle()
}

// settle checks that nothing is lost or orphaned when some days have gone by.
func (h *synced) settle() {
	for day := range 3 {
		passTime(h.scene.ctx, 25*time.Hour)
		h.pass()
		h.holds(fmt.Sprintf("%d days later", day+1), true)
	}
	h.orphans()
}

// syncDrawn draws what happens and how long the host sleeps.
func syncDrawn(s *scene) {
	s.use(s.everything())
	h := &synced{scene: s, connector: s.connect(), stored: map[string]pms.Booking{}}
	rng := rand.New(rand.NewPCG(11, 7)) //nolint:gosec // the same draws in every run
	for round := range 12 {
		h.pass()
		h.holds(fmt.Sprintf("round %d", round), false)
		for range rng.IntN(5) {
			require.NoError(s, s.something(rng))
			passTime(s.ctx, time.Duration(rng.IntN(90))*time.Minute)
		}
		passTime(s.ctx, time.Duration(1+rng.IntN(20))*time.Hour)
	}
	h.settle()
}

// something changes one coming stay or block, or adds one.
func (s *scene) something(rng *rand.Rand) error {
	w, today := s.world, s.world.Today()
	units := w.Units()
	unit := units[rng.IntN(len(units))].ID
	day := today.AddDays(2 + rng.IntN(140))
	var coming []sandbox.Stay
	for _, stay := range w.Stays() {
		if stay.Arrival.After(today.AddDays(1)) && stay.Departure.After(stay.Arrival) && stay.UnitID != "" && len(stay.Moves) == 0 && stay.Status == pms.StatusConfirmed {
			coming = append(coming, stay)
		}
	}
	stay := coming[rng.IntN(len(coming))]
	isGuest := stay.Kind == pms.KindGuest
	switch n := rng.IntN(10); {
	case n < 2:
		_, err := w.AddStay(sandbox.Stay{UnitID: unit, Arrival: day, Departure: day.AddDays(1 + rng.IntN(9)), Guests: pms.Guests{Total: 2, Adults: 2}})
		return err
	case n == 2:
		_, err := w.AddBlock(unit, day, day.AddDays(1+rng.IntN(5)), "repair")
		return err
	case n == 3:
		return w.Delete(stay.ID)
	case n == 4 && isGuest:
		return w.MoveUnit(stay.ID, unit, stay.Arrival.AddDays(rng.IntN(2)))
	case n < 7 && isGuest:
		return w.Cancel(stay.ID)
	case isGuest:
		return w.Update(stay.ID, func(s *sandbox.Stay) {
			s.Arrival = s.Arrival.AddDays(rng.IntN(3) - 1)
			s.Departure = s.Arrival.AddDays(1 + rng.IntN(6))
		})
	default:
		return w.Extend(stay.ID, stay.Departure.AddDays(1))
	}
}

// happen changes coming stays and blocks in every way.
func (s *scene) happen() error {
	var coming []sandbox.Stay
	for _, stay := range s.world.Stays() {
		if stay.Kind == pms.KindGuest && stay.Status == pms.StatusConfirmed && len(stay.Moves) == 0 && stay.UnitID != "" &&
			stay.Arrival.After(s.world.Today().AddDays(7)) && stay.Departure.After(stay.Arrival.AddDays(1)) {
			coming = append(coming, stay)
		}
	}
	const wanted = 6
	if len(coming) < wanted {
		return fmt.Errorf("world: %d coming stays, %d wanted", len(coming), wanted)
	}
	w, far := s.world, s.world.Today().AddDays(150)
	other := s.world.Units()[len(s.world.Units())-1].ID
	if _, err := w.AddStay(sandbox.Stay{UnitID: other, Arrival: far, Departure: far.AddDays(3), Guests: pms.Guests{Total: 2, Adults: 2}}); err != nil {
		return err
	}
	if _, err := w.AddBlock(other, far.AddDays(5), far.AddDays(7), "repair"); err != nil {
		return err
	}
	for i, change := range []func(sandbox.Stay) error{
		func(stay sandbox.Stay) error { return w.Cancel(stay.ID) },
		func(stay sandbox.Stay) error { return w.Extend(stay.ID, stay.Departure.AddDays(2)) },
		func(stay sandbox.Stay) error { return w.Extend(stay.ID, stay.Departure.AddDays(-1)) },
		func(stay sandbox.Stay) error { return w.MoveUnit(stay.ID, other, pms.Date{}) },
		func(stay sandbox.Stay) error { return w.MoveUnit(stay.ID, other, stay.Arrival.AddDays(1)) },
		func(stay sandbox.Stay) error { return w.Delete(stay.ID) },
	} {
		if err := change(coming[i]); err != nil {
			return err
		}
	}
	return nil
}

// changesBadCursor: a cursor that is not one's own is refused.
func changesBadCursor(s *scene) {
	c := s.connect()
	for _, cursor := range []string{"nonsense", "1:2:3", "bookings:5"} {
		page, err := pms.ListChanges(s.ctx, c, cursor)
		if s.unsupported(c, pms.CanListChanges, err) {
			return
		}
		s.wantError(err, pms.ErrBadCursor)
		require.Empty(s, page.Items, "cursor %q", cursor)
	}
}
