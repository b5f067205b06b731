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

// The tests take place in Paris on Monday, 2 November 2026, 09:00.
var (
	today = pms.Date{Year: 2026, Month: time.November, Day: 2}
	paris = mustZone("Europe/Paris")
	now   = time.Date(2026, time.November, 2, 9, 0, 0, 0, paris)
)

func mustZone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

func day(s string) pms.Date {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return pms.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}

func clock(s string) pms.Clock {
	c, err := pms.ParseClock(s)
	if err != nil {
		panic(err)
	}
	return c
}

// at returns an instant of November 2026 in Paris: at(5, "11:00").
func at(dayOfMonth int, clockTime string) time.Time {
	c := clock(clockTime)
	return time.Date(2026, time.November, dayOfMonth, c.Hour(), c.Minute(), 0, 0, paris)
}

// stay is a confirmed guest stay of the vendor "bnovo".
func stay(id, arrival, departure string) pms.Booking {
	return pms.Booking{
		Vendor: "bnovo", ID: id, PropertyID: "unit", Kind: pms.KindGuest, Status: pms.StatusConfirmed,
		Arrival: day(arrival), Departure: day(departure),
	}
}

// nov is a stay in November 2026: nov("a", 3, 5).
func nov(id string, arrival, departure int, changes ...func(*pms.Booking)) pms.Booking {
	b := stay(id, "2026-11-01", "2026-11-01")
	b.Arrival, b.Departure = b.Arrival.AddDays(arrival-1), b.Departure.AddDays(departure-1)
	for _, change := range changes {
		change(&b)
	}
	return b
}

func status(s pms.Status) func(*pms.Booking) { return func(b *pms.Booking) { b.Status = s } }
func kind(k pms.Kind) func(*pms.Booking)     { return func(b *pms.Booking) { b.Kind = k } }
func vendor(v string) func(*pms.Booking)     { return func(b *pms.Booking) { b.Vendor = v } }
func channel(c string) func(*pms.Booking)    { return func(b *pms.Booking) { b.Channel = c } }
func code(c string) func(*pms.Booking)       { return func(b *pms.Booking) { b.Code = c } }
func name(n string) func(*pms.Booking)       { return func(b *pms.Booking) { b.Guest.Name = n } }
func phone(p string) func(*pms.Booking)      { return func(b *pms.Booking) { b.Guest.Phone = p } }
func updated(t time.Time) func(*pms.Booking) { return func(b *pms.Booking) { b.UpdatedAt = t } }
func leaves(c string) func(*pms.Booking)     { return func(b *pms.Booking) { b.DepartureTime = clock(c) } }
func comes(c string) func(*pms.Booking)      { return func(b *pms.Booking) { b.ArrivalTime = clock(c) } }
func guests(n int) func(*pms.Booking)        { return func(b *pms.Booking) { b.Guests.Total = n } }

// flat is the property "flat" in Paris.
func flat(bookings ...pms.Booking) cleaning.Property {
	return cleaning.Property{ID: "flat", TimeZone: "Europe/Paris", Bookings: bookings}
}

func key(id string) pms.Key { return pms.Key{Vendor: "bnovo", ID: id} }

// departureKey is the key of the job after stay id in the property "flat".
func departureKey(id string) cleaning.Key {
	return cleaning.Key{PropertyID: "flat", Stay: key(id), Kind: cleaning.KindDeparture}
}

// plan plans the flat with a policy at 09:00 of 2 November.
func plan(policy cleaning.Policy, bookings ...pms.Booking) cleaning.Result {
	return cleaning.Plan(flat(bookings...), policy, now)
}

// only returns the one job of a plan.
func only(t *testing.T, r cleaning.Result) cleaning.Job {
	t.Helper()
	require.Len(t, r.Jobs, 1)
	return r.Jobs[0]
}

// jobOf returns the job of stay id.
func jobOf(t *testing.T, r cleaning.Result, id string) cleaning.Job {
	t.Helper()
	at := slices.IndexFunc(r.Jobs, func(j cleaning.Job) bool { return j.Key.Stay.ID == id })
	require.GreaterOrEqual(t, at, 0, "no job of stay %s", id)
	return r.Jobs[at]
}

func issueKinds(r cleaning.Result) []cleaning.IssueKind {
	var kinds []cleaning.IssueKind
	for _, i := range r.Issues {
		kinds = append(kinds, i.Kind)
	}
	return kinds
}

// reasons returns why each skipped booking has no job, by id.
func reasons(r cleaning.Result) map[string]cleaning.Reason {
	m := map[string]cleaning.Reason{}
	for _, s := range r.Skipped {
		m[s.Stay.ID] = s.Reason
	}
	return m
}

// host is a host that stores jobs.
type host struct {
	t    *testing.T
	jobs []cleaning.ExistingJob
}

// sync reconciles the stored jobs with a plan and carries the changes out. It
// checks that nothing is left to do.
func (h *host) sync(r cleaning.Result, now time.Time) cleaning.Diff {
	h.t.Helper()
	diff := cleaning.Reconcile(h.jobs, r, now)
	h.jobs = cleaning.Apply(h.jobs, diff.Changes)
	again := cleaning.Reconcile(h.jobs, r, now)
	assert.Empty(h.t, again.Changes, "a second reconciliation changes nothing")
	return diff
}

// live returns the stored jobs that are not cancelled.
func (h *host) live() []cleaning.ExistingJob {
	return slices.DeleteFunc(slices.Clone(h.jobs), func(e cleaning.ExistingJob) bool { return e.State == cleaning.StateCancelled })
}

// job returns the stored job of a stay.
func (h *host) job(id string) *cleaning.ExistingJob {
	h.t.Helper()
	at := slices.IndexFunc(h.jobs, func(e cleaning.ExistingJob) bool { return e.Key.Stay.ID == id })
	require.GreaterOrEqual(h.t, at, 0, "no stored job of stay %s", id)
	return &h.jobs[at]
}

func changeKinds(d cleaning.Diff) []cleaning.ChangeKind {
	var kinds []cleaning.ChangeKind
	for _, c := range d.Changes {
		kinds = append(kinds, c.Kind)
	}
	return kinds
}
