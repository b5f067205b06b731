package sandbox_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// june is a day of June 2026, the month in which worlds begin.
func june(day int) pms.Date { return civil.Date{Year: 2026, Month: time.June, Day: day} }

func clock(t *testing.T, text string) pms.Clock {
	t.Helper()
	c, err := pms.ParseClock(text)
	require.NoError(t, err)
	return c
}

// newWorld is a world with the units 301, 302 (of type 71) and 303.
func newWorld(t *testing.T) *sandbox.World {
	t.Helper()
	w := sandbox.NewEmptyWorld(sandbox.Options{})
	for _, p := range []sandbox.Property{
		{ID: "301", Name: "Лесная 5, студия 1", ParentID: "71", ParentName: "Студия", Beds: 2, Cleanliness: pms.Clean},
		{ID: "302", Name: "Лесная 5, студия 2", ParentID: "71", ParentName: "Студия", Beds: 3, Cleanliness: pms.Dirty},
		{ID: "303", Name: "Loft", ParentID: "72", ParentName: "Loft", Beds: 4, Address: pms.Address{Street: "Садовая, 1", City: "Москва"}},
	} {
		_, err := w.AddProperty(p)
		require.NoError(t, err)
	}
	return w
}

func addStay(t *testing.T, w *sandbox.World, s sandbox.Stay) string {
	t.Helper()
	id, err := w.AddStay(s)
	require.NoError(t, err)
	return id
}

// anna is a stay of three nights in 301 over a channel.
func anna() sandbox.Stay {
	return sandbox.Stay{
		UnitID: "301", Arrival: june(20), Departure: june(23),
		Guest:   pms.Guest{Name: "Анна Тестова", Email: "anna@example.com", Phone: "+7 900 000-00-01"},
		Guests:  pms.Guests{Adults: 2, Children: 1},
		Channel: "airbnb", ChannelCode: "HMTEST1234", Total: pms.Money{Amount: "18600", Currency: "RUB"}, Notes: "Поздний выезд",
	}
}

func TestWorldIsTheSameForTheSameSeed(t *testing.T) {
	t.Parallel()
	a, b, c := sandbox.NewWorld(7, sandbox.Options{}), sandbox.NewWorld(7, sandbox.Options{}), sandbox.NewWorld(8, sandbox.Options{})
	assert.Equal(t, a.Bookings(), b.Bookings())
	assert.Equal(t, a.Properties(), b.Properties())
	assert.NotEqual(t, a.Bookings(), c.Bookings())
	assert.Len(t, a.Units(), 12)
	assert.Len(t, a.Stays(), 84, "80 stays and 4 blocks")
}

func TestWorldOptions(t *testing.T) {
	t.Parallel()
	w := sandbox.NewWorld(1, sandbox.Options{Properties: 2, Stays: 5, Blocks: -1, Start: june(10)})
	assert.Len(t, w.Units(), 2)
	assert.Len(t, w.Stays(), 5)
	assert.Equal(t, june(10), w.Today())
	assert.Equal(t, "2026-06-10T09:00:00+03:00", w.Now().Format(time.RFC3339))
	assert.Empty(t, sandbox.NewWorld(1, sandbox.Options{Properties: -1}).Stays(), "no units, no stays")
}

// What a generated world promises about its stays.
func TestGeneratedWorldIsConsistent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := sandbox.NewWorld(rapid.Uint64().Draw(t, "seed"), sandbox.Options{})
		taken := map[string]map[pms.Date]string{}
		sameDay := 0
		departures := map[string]map[pms.Date]bool{}
		for _, b := range w.Bookings() {
			if b.Status == pms.StatusCancelled {
				continue
			}
			if taken[b.PropertyID] == nil {
				taken[b.PropertyID], departures[b.PropertyID] = map[pms.Date]string{}, map[pms.Date]bool{}
			}
			for day := b.Arrival; day.Before(b.Departure); day = day.AddDays(1) {
				require.Empty(t, taken[b.PropertyID][day], "two bookings on %s in %s", day, b.PropertyID)
				taken[b.PropertyID][day] = b.ID
			}
			if departures[b.PropertyID][b.Arrival] {
				sameDay++
			}
			departures[b.PropertyID][b.Departure] = true
			switch b.Status {
			case pms.StatusCheckedOut:
				require.True(t, b.Departure.Before(w.Today()))
			case pms.StatusCheckedIn:
				require.False(t, b.Departure.Before(w.Today()))
				require.True(t, b.Arrival.Before(w.Today()))
			default:
				require.False(t, b.Arrival.Before(w.Today()) && b.Kind != pms.KindBlock)
			}
			require.False(t, b.UpdatedAt.Before(b.CreatedAt))
			require.False(t, b.UpdatedAt.After(w.Now()))
		}
		require.Positive(t, sameDay)
	})
}

func TestTruthOfAStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.ArrivalTime = clock(t, "16:30")
	id := addStay(t, w, s)
	now := w.Now()
	got := w.Bookings()
	require.Len(t, got, 1)
	assert.Equal(t, pms.Booking{
		ID: id, PropertyID: "301", Kind: pms.KindGuest, Status: pms.StatusConfirmed,
		Arrival: june(20), Departure: june(23), ArrivalTime: clock(t, "16:30"), TimeZone: "Europe/Moscow",
		Guests: pms.Guests{Adults: 2, Children: 1, Total: 3}, Guest: s.Guest,
		Channel: "airbnb", Code: got[0].Code, Total: s.Total, Notes: s.Notes, CreatedAt: now, UpdatedAt: now,
	}, got[0])
	assert.Regexp(t, `^[A-Z0-9]{5}-010626$`, got[0].Code)
}

func TestTruthOfRoomChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.ArrivalTime, s.DepartureTime = clock(t, "10:00"), clock(t, "15:00")
	s.Departure = june(26)
	s.Moves = []sandbox.Move{{june(20), "301"}, {june(21), "302"}, {june(23), "301"}, {june(24), "301"}, {june(26), "303"}}
	id := addStay(t, w, s)

	type part struct{ id, group, unit, arrival, departure, arrivalTime, departureTime string }
	var got []part
	for _, b := range w.Bookings() {
		got = append(got, part{b.ID, b.GroupID, b.PropertyID, b.Arrival.String(), b.Departure.String(), b.ArrivalTime.String(), b.DepartureTime.String()})
	}
	assert.Equal(t, []part{
		{id + "#301", id, "301", "2026-06-20", "2026-06-21", "10:00", ""},
		{id + "#302", id, "302", "2026-06-21", "2026-06-23", "", ""},
		{id + "#301.2", id, "301", "2026-06-23", "2026-06-26", "", "15:00"},
	}, got)
}

func TestMoveUnit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from pms.Date
		want []string
	}{
		"whole stay, no day":     {pms.Date{}, []string{"302 2026-06-20 2026-06-23"}},
		"whole stay, on arrival": {june(20), []string{"302 2026-06-20 2026-06-23"}},
		"from a night on":        {june(22), []string{"301 2026-06-20 2026-06-22", "302 2026-06-22 2026-06-23"}},
		"after the stay":         {june(23), []string{"301 2026-06-20 2026-06-23"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := addStay(t, w, anna())
			require.NoError(t, w.MoveUnit(id, "302", tt.from))
			var got []string
			for _, b := range w.Bookings() {
				got = append(got, b.PropertyID+" "+b.Arrival.String()+" "+b.Departure.String())
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

// Whatever the moves, the parts of a stay follow one another without a gap, in
// different units, under different ids.
func TestRoomChangesCoverTheStay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := sandbox.NewEmptyWorld(sandbox.Options{})
		units := []string{"1", "2", "3"}
		for _, unit := range units {
			_, err := w.AddProperty(sandbox.Property{ID: unit})
			require.NoError(r, err)
		}
		s := sandbox.Stay{UnitID: "1", Arrival: june(10), Departure: june(10 + rapid.IntRange(0, 8).Draw(r, "nights"))}
		day := 8
		for range rapid.IntRange(0, 6).Draw(r, "moves") {
			day += rapid.IntRange(0, 3).Draw(r, "step")
			s.Moves = append(s.Moves, sandbox.Move{Date: june(day), UnitID: rapid.SampledFrom(units).Draw(r, "unit")})
		}
		_, err := w.AddStay(s)
		require.NoError(r, err)
		parts := w.Bookings()
		ids := map[string]bool{}
		for i, b := range parts {
			ids[b.ID] = true
			if i > 0 {
				require.Equal(r, parts[i-1].Departure, b.Arrival)
				require.NotEqual(r, parts[i-1].PropertyID, b.PropertyID)
			}
		}
		require.Len(r, ids, len(parts))
		require.Equal(r, s.Arrival, parts[0].Arrival)
		require.Equal(r, s.Departure, parts[len(parts)-1].Departure)
	})
}

func TestMutationsStampAndNotify(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var changes []sandbox.Change
	cancel := w.Subscribe(func(c sandbox.Change) { changes = append(changes, c) })
	id := addStay(t, w, anna())
	created := w.Now()
	w.Advance(time.Hour)
	require.NoError(t, w.Extend(id, june(25)))
	require.NoError(t, w.CheckIn(id))
	require.NoError(t, w.CheckOut(id))
	require.NoError(t, w.SetCleanliness("301", pms.Dirty))
	w.Advance(time.Hour)
	require.NoError(t, w.Cancel(id))
	w.Advance(time.Hour)
	require.NoError(t, w.Delete(id))
	cancel()
	_, err := w.AddBlock("302", june(1), june(2), "repair")
	require.NoError(t, err)

	var kinds []sandbox.ChangeKind
	for _, c := range changes {
		kinds = append(kinds, c.Kind)
	}
	assert.Equal(t, []sandbox.ChangeKind{
		sandbox.StayCreated, sandbox.StayUpdated, sandbox.StayUpdated, sandbox.StayUpdated,
		sandbox.PropertyChanged, sandbox.StayCancelled, sandbox.StayDeleted,
	}, kinds)
	assert.True(t, slices.IsSortedFunc(changes, func(a, b sandbox.Change) int { return int(a.Seq - b.Seq) }))
	extended := changes[1]
	assert.Equal(t, june(23), extended.Before.Departure)
	assert.Equal(t, june(25), extended.After.Departure)
	assert.Equal(t, june(23), extended.After.OriginalDeparture)
	assert.Equal(t, created, extended.After.CreatedAt)
	assert.Equal(t, created.Add(time.Hour), extended.After.UpdatedAt)
	assert.Equal(t, pms.StatusCheckedOut, changes[3].After.Status)
	assert.Equal(t, pms.Dirty, changes[4].Property.Cleanliness)
	assert.Equal(t, created.Add(2*time.Hour), changes[5].After.CancelledAt)
	assert.Equal(t, created.Add(3*time.Hour), changes[6].After.DeletedAt)
	assert.Equal(t, []sandbox.Stay{changes[6].After}, w.Deleted())
	_, there := w.Stay(id)
	assert.False(t, there)
}

func TestReinstatedStayIsNotCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := addStay(t, w, anna())
	cancelled := w.Now()
	require.NoError(t, w.Cancel(id))
	w.Advance(time.Hour)
	require.NoError(t, w.Update(id, func(s *sandbox.Stay) { s.Notes = "late" }))
	noted, _ := w.Stay(id)
	assert.Equal(t, cancelled, noted.CancelledAt, "cancelled once")
	require.NoError(t, w.Update(id, func(s *sandbox.Stay) { s.Status = pms.StatusConfirmed }))
	s, _ := w.Stay(id)
	assert.True(t, s.CancelledAt.IsZero())
}

func TestDeleteKeepsTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second, third := addStay(t, w, anna()), addStay(t, w, anna()), addStay(t, w, anna())
	require.NoError(t, w.Delete(first))
	require.NoError(t, w.Extend(third, june(28)))
	require.NoError(t, w.Extend(second, june(27)))
	var got []string
	for _, s := range w.Stays() {
		got = append(got, s.ID+" "+s.Departure.String())
	}
	assert.Equal(t, []string{second + " 2026-06-27", third + " 2026-06-28"}, got)
}

func TestWorldRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := addStay(t, w, anna())
	wrong := func(change func(*sandbox.Stay)) error {
		s := anna()
		change(&s)
		_, err := w.AddStay(s)
		return err
	}
	_, parentless := w.AddProperty(sandbox.Property{ParentID: "x"})
	_, taken := w.AddProperty(sandbox.Property{ID: "301"})
	_, noDays := w.AddBlock("301", pms.Date{}, pms.Date{}, "")
	tests := map[string]struct{ err, want error }{
		"unknown unit":          {wrong(func(s *sandbox.Stay) { s.UnitID = "9" }), pms.ErrInvalid},
		"move to unknown unit":  {wrong(func(s *sandbox.Stay) { s.Moves = []sandbox.Move{{june(21), "9"}} }), pms.ErrInvalid},
		"departure too early":   {wrong(func(s *sandbox.Stay) { s.Departure = june(19) }), pms.ErrInvalid},
		"id is no number":       {wrong(func(s *sandbox.Stay) { s.ID = "A1" }), pms.ErrInvalid},
		"id taken":              {wrong(func(s *sandbox.Stay) { s.ID = id }), pms.ErrConflict},
		"unit id taken":         {taken, pms.ErrConflict},
		"parent is no number":   {parentless, pms.ErrInvalid},
		"block without days":    {noDays, pms.ErrInvalid},
		"update to wrong dates": {w.Extend(id, june(1)), pms.ErrInvalid},
		"update of nothing":     {w.Cancel("1"), pms.ErrNotFound},
		"delete of nothing":     {w.Delete("1"), pms.ErrNotFound},
		"clean nothing":         {w.SetCleanliness("1", pms.Clean), pms.ErrNotFound},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, tt.err, tt.want)
		})
	}
	s, _ := w.Stay(id)
	assert.Equal(t, june(23), s.Departure, "a refused update changes nothing")
	assert.Len(t, w.Stays(), 1)
}

func TestWorldGivesCopies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.Moves = []sandbox.Move{{june(21), "302"}}
	id := addStay(t, w, s)
	s.Moves[0].UnitID = "303"
	w.Stays()[0].Moves[0].UnitID = "303"
	got, _ := w.Stay(id)
	got.Moves[0].UnitID = "303"
	again, _ := w.Stay(id)
	assert.Equal(t, "302", again.Moves[0].UnitID)
}

func TestBlockIsConfirmedAndHasNoGuest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.AddBlock("303", june(3), june(5), "repair")
	require.NoError(t, err)
	got := w.Bookings()
	require.Len(t, got, 1)
	assert.Equal(t, pms.Booking{
		ID: id, PropertyID: "303", Kind: pms.KindBlock, Status: pms.StatusConfirmed, Arrival: june(3), Departure: june(5),
		TimeZone: "Europe/Moscow", CreatedAt: w.Now(), UpdatedAt: w.Now(),
	}, got[0])
}

func TestTruthOfProperties(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("Asia/Yekaterinburg", 5*3600)
	w := sandbox.NewEmptyWorld(sandbox.Options{})
	_, err := w.AddProperty(sandbox.Property{ID: "5", Name: "Дом", ParentID: "2", Beds: 6, Bedrooms: 3, Bathrooms: 1.5, Zone: zone, Inactive: true})
	require.NoError(t, err)
	assert.Equal(t, []pms.Property{{
		ID: "5", ParentID: "2", Name: "Дом", TimeZone: "Asia/Yekaterinburg", CheckIn: clock(t, "14:00"), CheckOut: clock(t, "12:00"),
		Bedrooms: 3, Bathrooms: 1.5, MaxGuests: 6, Status: pms.PropertyInactive, Cleanliness: pms.CleanlinessUnknown,
	}}, w.Properties())
}

func TestClockOfTheWorld(t *testing.T) {
	t.Parallel()
	w := sandbox.NewEmptyWorld(sandbox.Options{Start: june(3)})
	w.Advance(30 * time.Minute)
	assert.Equal(t, "2026-06-03T09:30:00+03:00", w.Now().Format(time.RFC3339))
	w.SetNow(time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC))
	assert.Equal(t, "2027-01-01T03:00:00+03:00", w.Now().Format(time.RFC3339))
}

func TestClockOfTheWorldFollowsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		follows := sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now})
		begins := sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now, Start: june(3)})
		<-time.After(90 * time.Minute)
		assert.True(t, follows.Now().Equal(now.Add(90*time.Minute)))
		assert.Equal(t, "2026-06-03T10:30:00+03:00", begins.Now().Format(time.RFC3339))
		begins.Advance(time.Hour)
		assert.Equal(t, "2026-06-03T11:30:00+03:00", begins.Now().Format(time.RFC3339))
	})
}

func TestWorldIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var changes sync.Map
	w.Subscribe(func(c sandbox.Change) {
		changes.Store(c.Seq, c.Kind)
		w.Bookings()
	})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			id, err := w.AddStay(anna())
			assert.NoError(t, err)
			assert.NoError(t, w.MoveUnit(id, "302", june(22)))
			assert.NoError(t, w.Cancel(id))
			w.Advance(time.Second)
		})
	}
	group.Wait()
	n := 0
	changes.Range(func(_, _ any) bool { n++; return true })
	assert.Equal(t, 24, n)
	assert.Len(t, w.Bookings(), 16)
}
