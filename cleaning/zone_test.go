package cleaning_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

func TestInstant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ zone, day, clock, want string }{
		{"Europe/Paris", "2026-03-29", "11:00", "2026-03-29T11:00:00+02:00"},
		{"Europe/Paris", "2026-03-29", "02:30", "2026-03-29T03:30:00+02:00"},
		{"Europe/Paris", "2026-10-25", "02:30", "2026-10-25T02:30:00+02:00"},
		{"Europe/Paris", "2026-10-25", "03:00", "2026-10-25T03:00:00+01:00"},
		{"America/New_York", "2026-03-08", "02:30", "2026-03-08T03:30:00-04:00"},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T01:30:00-04:00"},
		{"America/New_York", "2026-11-01", "11:00", "2026-11-01T11:00:00-05:00"},
		{"America/Santiago", "2026-09-06", "00:00", "2026-09-06T01:00:00-03:00"},
		{"America/Santiago", "2026-04-04", "23:30", "2026-04-04T23:30:00-03:00"},
		{"America/Havana", "2026-03-08", "00:00", "2026-03-08T01:00:00-04:00"},
		{"America/Havana", "2026-11-01", "00:30", "2026-11-01T00:30:00-04:00"},
		{"Africa/Cairo", "2026-04-24", "00:15", "2026-04-24T01:15:00+03:00"},
		{"Asia/Beirut", "2026-03-29", "00:00", "2026-03-29T01:00:00+03:00"},
		{"Australia/Lord_Howe", "2026-10-04", "02:10", "2026-10-04T02:40:00+11:00"},
		{"Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-05T01:45:00+11:00"},
		{"Europe/London", "2026-10-25", "01:15", "2026-10-25T01:15:00+01:00"},
		{"Pacific/Apia", "2011-12-30", "10:00", "2011-12-31T10:00:00+14:00"},
		{"Europe/Moscow", "2026-10-25", "02:30", "2026-10-25T02:30:00+03:00"},
		{"Asia/Tokyo", "2026-07-01", "15:00", "2026-07-01T15:00:00+09:00"},
		{"Asia/Kathmandu", "2026-07-01", "15:00", "2026-07-01T15:00:00+05:45"},
		{"Africa/Casablanca", "2026-02-15", "02:30", "2026-02-15T02:30:00+01:00"},
		{"UTC", "1969-12-31", "23:59", "1969-12-31T23:59:00Z"},
	} {
		loc, err := time.LoadLocation(test.zone)
		require.NoError(t, err)
		got := cleaning.Instant(day(test.day), clock(test.clock), loc)
		assert.Equal(t, test.want, got.Format(time.RFC3339), "%s %s %s", test.zone, test.day, test.clock)
	}
	assert.Equal(t, at(5, "00:00"), cleaning.Instant(day("2026-11-05"), pms.Clock{}, paris), "the zero Clock is midnight")
}

// TestInstant_WholeYear compares every quarter of an hour of a year with a
// search for the first instant at which the clock shows it.
func TestInstant_WholeYear(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{
		"Europe/Paris", "Europe/London", "Europe/Moscow", "America/New_York", "America/Santiago", "America/Havana",
		"Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Auckland",
	} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			loc, err := time.LoadLocation(zone)
			require.NoError(t, err)
			const layout = "2006-01-02 15:04"
			first := map[string]time.Time{}
			start := time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)
			for i := range 4 * 24 * 370 {
				instant := start.Add(time.Duration(i) * 15 * time.Minute).In(loc)
				if shown := instant.Format(layout); first[shown].IsZero() {
					first[shown] = instant
				}
			}
			for d := day("2026-01-02"); d.Before(day("2026-12-30")); d = d.AddDays(1) {
				for minute := 0; minute < 24*60; minute += 15 {
					c, err := pms.NewClock(minute/60, minute%60)
					require.NoError(t, err)
					got := cleaning.Instant(d, c, loc)
					if want, shown := first[d.String()+" "+c.String()]; shown {
						require.True(t, want.Equal(got), "%s %s: %s", d, c, got)
						continue
					}
					_, before := got.Add(-3 * time.Hour).Zone()
					_, after := got.Zone()
					moved := got.Hour()*60 + got.Minute() - minute
					require.Equal(t, (after-before)/60, moved, "%s %s is skipped: %s", d, c, got)
					require.Equal(t, d.Day, got.Day())
				}
			}
		})
	}
}

// TestPlan_TimesThroughTheYear plans a departure for every night of a year at once.
func TestPlan_TimesThroughTheYear(t *testing.T) {
	t.Parallel()
	times := []string{"02:30", "00:00", "23:30", "01:45", "11:00"}
	for _, zone := range []string{"Europe/Paris", "America/New_York", "America/Santiago", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe"} {
		p := flat()
		p.TimeZone = zone
		for n := range 400 {
			b := nov(today.AddDays(n).String(), 2+n, 3+n, comes("00:00"))
			b.DepartureTime = clock(times[n%len(times)])
			p.Bookings = append(p.Bookings, b)
		}
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		r := cleaning.Plan(p, cleaning.Policy{}, now)
		require.Len(t, r.Jobs, 400)
		for _, j := range r.Jobs {
			n := j.Arrival.DaysSince(today)
			require.Equal(t, cleaning.Instant(j.Departure, clock(times[n%len(times)]), loc), j.Start, "%s %s", zone, j.Key)
		}
	}
}

func TestPlan_DSTChangeBetweenCheckOutAndCheckIn(t *testing.T) {
	t.Parallel()
	autumn := time.Date(2026, 10, 20, 9, 0, 0, 0, paris)
	a, b := stay("a", "2026-10-22", "2026-10-25"), stay("b", "2026-10-26", "2026-10-28")
	a.DepartureTime = clock("01:00")
	r := cleaning.Plan(flat(a, b), cleaning.Policy{WindowDays: 2}, autumn)
	job := jobOf(t, r, "a")
	assert.Equal(t, "2026-10-25T01:00:00+02:00", job.Start.Format(time.RFC3339))
	assert.Equal(t, "2026-10-26T15:00:00+01:00", job.End.Format(time.RFC3339))
	assert.Equal(t, 39*time.Hour, job.End.Sub(job.Start), "the clock shows 38 hours")

	a.DepartureTime = clock("02:30")
	a.Departure = day("2027-03-28")
	job = jobOf(t, cleaning.Plan(flat(a), cleaning.Policy{}, autumn), "a")
	assert.Equal(t, "2027-03-28T03:30:00+02:00", job.Start.Format(time.RFC3339))
	assert.True(t, job.Why.Start.Skipped)
	assert.Contains(t, cleaning.Explain(job), "which the clock skips that day")
}

func TestPlan_MidnightThatDoesNotExist(t *testing.T) {
	t.Parallel()
	winter := time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC)
	p := flat(stay("a", "2026-09-05", "2026-09-06"))
	p.TimeZone = "America/Santiago"
	job := only(t, cleaning.Plan(p, cleaning.Policy{}, winter))
	assert.Equal(t, day("2026-09-06"), job.Date)
	assert.Equal(t, "2026-09-06T11:00:00-03:00", job.Start.Format(time.RFC3339))
}
