package operto_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/operto"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// permit is a unit, by Operto's id, and the time in which a stay may enter it.
type permit struct {
	property string
	from, to time.Time
}

func (p permit) covers(g sandbox.OpertoGrant) bool {
	return p.property == g.PropertyID && !g.From.Before(p.from) && !g.To.After(p.to)
}

// model is a host whose bookings change in any order while the network fails.
type model struct {
	account
	t      *rapid.T
	keeper *operto.Keeper
	links  pms.LinkSet
	units  []string // Operto's ids of lodgings "0", "1", ...
	stays  map[string]staying

	// allowed are the permits that a reservation may have at present: what its
	// stay may enter, and what it had when the run began.
	allowed map[string][]permit
	broken  string
}

// staying is a booking and the lodging that it is in.
type staying struct {
	booking pms.Booking
	unit    int
}

func newModel(t *rapid.T) *model {
	m := &model{account: newAccount(sandbox.OpertoOptions{}), t: t, stays: map[string]staying{}}
	for i := range 3 {
		m.units = append(m.units, m.property(t, &m.links, strconv.Itoa(i)))
	}
	m.seen = &sandbox.Faults{Next: watch{m, sandbox.Transport(m.Operto)}}
	m.restart()
	return m
}

// restart forgets all that the process knew.
func (m *model) restart() {
	m.keeper = operto.NewKeeper(m.client(m.t, operto.Config{}), operto.Rules{})
}

// watch looks at the locks after every single request.
type watch struct {
	m    *model
	next http.RoundTripper
}

func (w watch) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(req)
	w.m.check(req)
	return resp, err
}

// check notes a code that opens a unit outside a stay of its holder and did not
// before.
func (m *model) check(req *http.Request) {
	count := map[string]int{}
	for _, g := range m.Grants() {
		if count[g.ReservationPartnerID]++; count[g.ReservationPartnerID] > 1 {
			m.broken = g.ReservationPartnerID + " has two codes"
		}
		if !slices.ContainsFunc(m.allowed[g.ReservationPartnerID], func(p permit) bool { return p.covers(g) }) {
			m.broken = fmt.Sprintf("%s %s: %s may enter %s from %s to %s", req.Method, req.URL.Path,
				g.ReservationPartnerID, g.PropertyID, g.From, g.To)
		}
	}
}

// permits is what the stays may enter now, computed without the code under test
// but for the one place of zone arithmetic.
func (m *model) permits() map[string]permit {
	out := map[string]permit{}
	in, _ := pms.NewClock(15, 0)
	until, _ := pms.NewClock(11, 0)
	for id, s := range m.stays {
		if !s.booking.Occupies() || s.booking.Status == pms.StatusCheckedOut {
			continue
		}
		from, to := in, until
		if !s.booking.ArrivalTime.IsZero() {
			from = s.booking.ArrivalTime
		}
		p := permit{
			m.units[s.unit],
			cleaning.Instant(s.booking.Arrival, from, parisZone()),
			cleaning.Instant(s.booking.Departure, to, parisZone()),
		}
		if p.to.After(m.world.Now()) {
			out["changeover:test:"+id] = p
		}
	}
	return out
}

// change does something to the bookings.
func (m *model) change() {
	id := strconv.Itoa(rapid.IntRange(0, 4).Draw(m.t, "booking"))
	s, ok := m.stays[id]
	what := rapid.SampledFrom([]string{"book", "book", "dates", "dates", "unit", "unit", "unit and dates", "time", "cancel", "delete", "guest", "leave"}).Draw(m.t, "what")
	if !ok {
		what = "book"
	}
	dates := func() {
		from := rapid.IntRange(1, 8).Draw(m.t, "from")
		s.booking.Arrival, s.booking.Departure = day(from), day(from+rapid.IntRange(1, 5).Draw(m.t, "nights"))
	}
	switch what {
	case "book":
		s.booking = booking(id, 1, 2)
		s.booking.Guest.Phone = "+4670123450" + id
		dates()
		s.unit = rapid.IntRange(0, 2).Draw(m.t, "unit")
	case "dates":
		dates()
	case "unit":
		s.unit = rapid.IntRange(0, 2).Draw(m.t, "unit")
	case "unit and dates":
		s.unit = rapid.IntRange(0, 2).Draw(m.t, "unit")
		dates()
	case "time":
		s.booking.ArrivalTime, _ = pms.NewClock(rapid.IntRange(0, 23).Draw(m.t, "hour"), 30)
	case "cancel":
		s.booking.Status = pms.StatusCancelled
	case "guest":
		s.booking.Guest.Name += "x"
	case "leave":
		s.booking.Status = pms.StatusCheckedOut
	case "delete":
		delete(m.stays, id)
		return
	}
	m.stays[id] = s
}

// desired is what the host asks for, in any order and with repetitions.
func (m *model) desired() operto.Desired {
	lodgings := make([]operto.Lodging, len(m.units))
	for i := range lodgings {
		lodgings[i] = lodging(strconv.Itoa(i))
	}
	ids := make([]string, 0, len(m.stays))
	for id := range m.stays {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range rapid.Permutation(ids).Draw(m.t, "order") {
		s := m.stays[id]
		at := &lodgings[s.unit]
		at.Bookings = append(at.Bookings, s.booking)
		if rapid.Bool().Draw(m.t, "twice") {
			at.Bookings = append(at.Bookings, s.booking)
		}
	}
	return operto.Desired{Lodgings: rapid.Permutation(lodgings).Draw(m.t, "lodgings"), Links: m.links, Whole: true}
}

// run runs the Keeper and checks what must hold. Without faults it succeeds.
func (m *model) run(faults bool) {
	may := m.permits()
	m.allowed = map[string][]permit{}
	for id, p := range may {
		m.allowed[id] = append(m.allowed[id], p)
	}
	for _, g := range m.Grants() {
		m.allowed[g.ReservationPartnerID] = append(m.allowed[g.ReservationPartnerID], permit{g.PropertyID, g.From, g.To})
	}
	report, err := m.keeper.Run(m.t.Context(), m.desired(), m.world.Now())
	require.Empty(m.t, m.broken)
	// Whatever happened, a code that was handed out opens the right door.
	for _, a := range report.Access {
		if !a.Missing() {
			require.Truef(m.t, m.Opens(a.OpertoID, a.Guest.Reveal(), a.From), "%+v", a)
			require.False(m.t, m.Opens(a.OpertoID, a.Guest.Reveal(), a.To))
		}
	}
	if faults && err != nil {
		return
	}
	require.NoError(m.t, err)
	require.Empty(m.t, report.Left)
	got := map[string]int{}
	for _, g := range m.Grants() {
		if !g.To.After(m.world.Now()) {
			continue // over
		}
		p, ok := may[g.ReservationPartnerID]
		require.Truef(m.t, ok && p.property == g.PropertyID && p.from.Equal(g.From) && p.to.Equal(g.To),
			"%s has %s from %s to %s", g.ReservationPartnerID, g.PropertyID, g.From, g.To)
		got[g.ReservationPartnerID]++
	}
	for id := range may {
		require.Equalf(m.t, 1, got[id], "codes of %s", id)
	}
}

// fail lets the network or the vendor fail somewhere.
func (m *model) fail() {
	faults := map[string]sandbox.Fault{
		"refuse": sandbox.Refuse(), "lost": sandbox.ResetBefore(), "cut": sandbox.Truncate(5),
		"500": sandbox.Status(500, nil, ""), "html": sandbox.HTML(), "401": sandbox.Unauthorized(), "429": sandbox.TooManyRequests("900"),
		"empty": sandbox.Empty(),
	}
	names := []string{"refuse", "lost", "lost", "cut", "500", "html", "401", "429", "empty"}
	m.seen.Add(sandbox.Rule{
		Skip:  rapid.IntRange(0, 12).Draw(m.t, "skip"),
		Times: rapid.IntRange(1, 3).Draw(m.t, "times"),
		Do:    faults[rapid.SampledFrom(names).Draw(m.t, "fault")],
	})
}

// TestNobodyEntersOutsideAStay: whatever the order and repetition of changes,
// failures and restarts, no request gives anybody a code for a unit outside a
// stay of theirs, and after a run without an error everybody inside a stay has
// one and nobody else does.
func TestNobodyEntersOutsideAStay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		for range rapid.IntRange(1, 8).Draw(t, "rounds") {
			for range rapid.IntRange(0, 4).Draw(t, "changes") {
				m.change()
			}
			fails := rapid.Bool().Draw(t, "fails")
			if fails {
				m.fail()
			}
			if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
				m.restart()
			}
			if rapid.IntRange(0, 3).Draw(t, "later") == 0 {
				m.world.Advance(time.Duration(rapid.IntRange(1, 30).Draw(t, "hours")) * time.Hour)
			}
			m.run(fails)
			m.seen.Reset()
		}
		m.restart()
		m.run(false)
	})
}

// TestDecideIsPureAndDone: the same input gives the same decision, and a decision
// that is carried out leaves nothing to do.
func TestDecideIsPure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			m.change()
		}
		d, again := m.desired(), m.desired()
		held := operto.Held{}
		for _, id := range m.units {
			held.Properties = append(held.Properties, operto.Property{ID: id, TimeZone: "Europe/Paris"})
		}
		var rules operto.Rules
		first, second := rules.Decide(d, held, m.world.Now()), rules.Decide(again, held, m.world.Now())
		require.ElementsMatch(t, first.Changes, second.Changes, "the order of the bookings does not matter")
		require.ElementsMatch(t, first.Access, second.Access)
		require.Equal(t, first, rules.Decide(d, held, m.world.Now()))
	})
}
