package crmimport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/crmimport"
)

func schedule(minute, hour, day, month, weekday string) crmimport.Schedule {
	return crmimport.Schedule{Minute: minute, Hour: hour, DayOfMonth: day, Month: month, Weekday: weekday}
}

// runs lists the next times in the zone.
func runs(t *testing.T, s crmimport.Schedule, zone, from string, n int) []string {
	t.Helper()
	timetable, err := s.In(zone)
	require.NoError(t, err)
	at, err := time.Parse(time.RFC3339, from)
	require.NoError(t, err)
	var all []string
	for range n {
		at = timetable.Next(at)
		all = append(all, at.Format("Mon 2006-01-02 15:04 -07"))
	}
	return all
}

func TestScheduleNext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		schedule crmimport.Schedule
		zone     string
		from     string
		want     []string
	}{
		{"hourly", schedule("19", "*", "*", "*", "*"), "", "2026-03-01T07:19:00Z", []string{"Sun 2026-03-01 11:19 +03", "Sun 2026-03-01 12:19 +03"}},
		{"daily", schedule("19", "22", "*", "*", "*"), "", "2026-03-01T19:18:59Z", []string{"Sun 2026-03-01 22:19 +03", "Mon 2026-03-02 22:19 +03"}},
		{"the screenshot", schedule("0", "3", "*", "*", "*"), "", "2026-12-31T12:00:00Z", []string{"Fri 2027-01-01 03:00 +03"}},
		{"another zone", schedule("0", "3", "*", "*", "*"), "Asia/Vladivostok", "2026-03-01T12:00:00Z", []string{"Mon 2026-03-02 03:00 +10"}},
		{"several numbers", schedule("30,0", "3,21", "*", "*", "*"), "", "2026-03-01T00:00:00Z", []string{"Sun 2026-03-01 03:30 +03", "Sun 2026-03-01 21:00 +03", "Sun 2026-03-01 21:30 +03", "Mon 2026-03-02 03:00 +03"}},
		{"days", schedule("0", "3", "1,15", "*", "*"), "", "2026-03-01T00:00:00Z", []string{"Sun 2026-03-15 03:00 +03", "Wed 2026-04-01 03:00 +03"}},
		{"the 31st", schedule("0", "3", "31", "*", "*"), "", "2026-03-31T12:00:00Z", []string{"Sun 2026-05-31 03:00 +03", "Fri 2026-07-31 03:00 +03"}},
		{"month", schedule("0", "3", "*", "1", "*"), "", "2026-01-31T12:00:00Z", []string{"Fri 2027-01-01 03:00 +03", "Sat 2027-01-02 03:00 +03"}},
		{"weekday", schedule("0", "3", "*", "*", "1"), "", "2026-03-01T00:00:00Z", []string{"Mon 2026-03-02 03:00 +03", "Mon 2026-03-09 03:00 +03"}},
		{"Sunday", schedule("0", "3", "*", "*", "0,7"), "", "2026-03-01T00:00:00Z", []string{"Sun 2026-03-08 03:00 +03", "Sun 2026-03-15 03:00 +03"}},
		{"either day", schedule("0", "3", "13", "*", "5"), "", "2026-03-06T12:00:00Z", []string{"Fri 2026-03-13 03:00 +03", "Fri 2026-03-20 03:00 +03", "Fri 2026-03-27 03:00 +03", "Fri 2026-04-03 03:00 +03", "Fri 2026-04-10 03:00 +03", "Mon 2026-04-13 03:00 +03"}},
		{"hourly on a day", schedule("5", "*", "1", "6", "*"), "", "2026-05-31T21:05:00Z", []string{"Mon 2026-06-01 01:05 +03", "Mon 2026-06-01 02:05 +03"}},
		{"leap day", schedule("0", "3", "29", "2", "*"), "", "2026-03-01T00:00:00Z", []string{"Tue 2028-02-29 03:00 +03", "Sun 2032-02-29 03:00 +03"}},
		{"leap day over 2100", schedule("0", "3", "29", "2", "*"), "", "2096-03-01T00:00:00Z", []string{"Fri 2104-02-29 03:00 +03"}},
		{"impossible with a weekday", schedule("0", "3", "31", "2", "1"), "", "2026-02-25T00:00:00Z", []string{"Mon 2027-02-01 03:00 +03"}},
		{"the hour missing in spring", schedule("30", "2", "*", "*", "*"), "Europe/Berlin", "2026-03-28T02:00:00Z", []string{"Sun 2026-03-29 03:30 +02", "Mon 2026-03-30 02:30 +02"}},
		{"the hour twice in autumn", schedule("30", "2", "*", "*", "*"), "Europe/Berlin", "2026-10-24T02:00:00Z", []string{"Sun 2026-10-25 02:30 +02", "Mon 2026-10-26 02:30 +01"}},
		{"hourly in spring", schedule("30", "*", "*", "*", "*"), "Europe/Berlin", "2026-03-29T00:00:00Z", []string{"Sun 2026-03-29 01:30 +01", "Sun 2026-03-29 03:30 +02"}},
		{"hourly in autumn", schedule("30", "*", "*", "*", "*"), "Europe/Berlin", "2026-10-24T23:50:00Z", []string{"Sun 2026-10-25 02:30 +02", "Sun 2026-10-25 02:30 +01", "Sun 2026-10-25 03:30 +01"}},
		{"midnight missing", schedule("0", "0", "*", "*", "*"), "America/Santiago", "2026-09-05T12:00:00Z", []string{"Sun 2026-09-06 01:00 -03", "Mon 2026-09-07 00:00 -03"}},
		{"half an hour", schedule("15", "2", "*", "*", "*"), "Australia/Lord_Howe", "2026-10-03T03:00:00Z", []string{"Sun 2026-10-04 02:45 +11", "Mon 2026-10-05 02:15 +11"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, runs(t, test.schedule, test.zone, test.from, len(test.want)))
		})
	}
}

func TestScheduleRefuses(t *testing.T) {
	t.Parallel()
	const list = "neither a star nor numbers with commas"
	for s, want := range map[crmimport.Schedule]string{
		schedule("*", "*", "*", "*", "*"):      "without a minute it would run every minute",
		schedule("*", "3", "*", "*", "*"):      "without a minute it would run every minute",
		schedule("", "3", "*", "*", "*"):       "minute: " + list,
		schedule("0", "", "*", "*", "*"):       "hour: " + list,
		schedule("60", "*", "*", "*", "*"):     "minute: 60 is not between 0 and 59",
		schedule("0", "24", "*", "*", "*"):     "hour: 24 is not between 0 and 23",
		schedule("0", "3", "0", "*", "*"):      "day of month: 0 is not between 1 and 31",
		schedule("0", "3", "32", "*", "*"):     "day of month: 32 is not between 1 and 31",
		schedule("0", "3", "*", "13", "*"):     "month: 13 is not between 1 and 12",
		schedule("0", "3", "*", "*", "8"):      "weekday: 8 is not between 0 and 7",
		schedule("0,,5", "3", "*", "*", "*"):   "minute: " + list,
		schedule("0,", "3", "*", "*", "*"):     "minute: " + list,
		schedule("0, 5", "3", "*", "*", "*"):   "minute: " + list,
		schedule(" 0", "3", "*", "*", "*"):     "minute: " + list,
		schedule("+5", "3", "*", "*", "*"):     "minute: " + list,
		schedule("-5", "3", "*", "*", "*"):     "minute: " + list,
		schedule("0-5", "3", "*", "*", "*"):    "minute: " + list,
		schedule("*/5", "3", "*", "*", "*"):    "minute: " + list,
		schedule("0,*", "3", "*", "*", "*"):    "minute: " + list,
		schedule("0", "3", "*", "JAN", "*"):    "month: " + list,
		schedule("005", "3", "*", "*", "*"):    "minute: " + list,
		schedule("0", "@daily", "*", "*", "*"): "hour: " + list,
		schedule("٣", "3", "*", "*", "*"):      "minute: " + list,
		schedule("0", "3", "31", "2", "*"):     "no year has such a day",
		schedule("0", "3", "30,31", "2", "*"):  "no year has such a day",
		schedule("0", "3", "31", "4,6", "*"):   "no year has such a day",
	} {
		_, err := s.In("")
		require.EqualError(t, err, "crmimport: schedule: "+want)
	}
	for _, zone := range []string{"Local", "Moscow", "CRON_TZ=UTC"} {
		_, err := schedule("0", "3", "*", "*", "*").In(zone)
		require.ErrorContains(t, err, "is not an IANA zone known here")
	}
}

func TestScheduleWarnsOfEitherDay(t *testing.T) {
	t.Parallel()
	both, err := schedule("0", "3", "13", "*", "5").In("")
	require.NoError(t, err)
	require.Len(t, both.Warnings(), 1)
	assert.Equal(t, crmimport.WarnEitherDay, both.Warnings()[0].Code)
	one, err := schedule("0", "3", "*", "*", "5").In("")
	require.NoError(t, err)
	assert.Empty(t, one.Warnings())
}

// TestScheduleSkipsNothing compares Next with a walk over every minute.
func TestScheduleSkipsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		field := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name) }
		s := schedule(field("minute", "0", "5", "0,30", "59"), field("hour", "*", "0", "2", "3,23"), field("day", "*", "1", "28,31"), field("month", "*", "3", "10"), field("weekday", "*", "0", "6,7"))
		zone := field("zone", "Europe/Moscow", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "UTC")
		timetable, err := s.In(zone)
		require.NoError(t, err)
		location, err := time.LoadLocation(zone)
		require.NoError(t, err)
		from := time.Unix(rapid.Int64Range(1_772_000_000, 1_804_000_000).Draw(t, "from")/60*60, 0)
		next := timetable.Next(from)
		require.True(t, next.After(from))
		require.Equal(t, location.String(), next.Location().String())
		days := map[string]bool{}
		for at := from.Add(time.Minute); at.Before(next) && at.Before(from.Add(72*time.Hour)); at = at.Add(time.Minute) {
			local := at.In(location)
			if fits(s, local) && !repeated(local) && !days[local.Format(time.DateOnly)] {
				t.Fatalf("%v is left out: %v after %v", local, next, from)
			}
		}
	})
}

// fits is the plain reading of the five fields.
func fits(s crmimport.Schedule, at time.Time) bool {
	in := func(field string, n int) bool {
		for _, item := range splitNumbers(field) {
			if item == n {
				return true
			}
		}
		return field == "*"
	}
	weekday := in(s.Weekday, int(at.Weekday())) || at.Weekday() == time.Sunday && s.Weekday == "6,7"
	day := in(s.DayOfMonth, at.Day())
	right := day && weekday
	if s.DayOfMonth != "*" && s.Weekday != "*" {
		right = day || weekday
	}
	return right && in(s.Minute, at.Minute()) && in(s.Hour, at.Hour()) && in(s.Month, int(at.Month()))
}

func splitNumbers(field string) []int {
	var all []int
	n, some := 0, false
	for _, r := range field + "," {
		switch {
		case r >= '0' && r <= '9':
			n, some = n*10+int(r-'0'), true
		case some:
			all = append(all, n)
			n, some = 0, false
		}
	}
	return all
}

// repeated reports whether the clocks showed the same time before.
func repeated(at time.Time) bool {
	for _, shift := range []time.Duration{30 * time.Minute, time.Hour} {
		if before := at.Add(-shift); before.Format(time.DateTime) == at.Format(time.DateTime) {
			return true
		}
	}
	return false
}

func FuzzSchedule(f *testing.F) {
	f.Add("0", "3", "1,15", "*", "*")
	f.Add("*/5", "@daily", "31", "2", "7")
	f.Fuzz(func(t *testing.T, minute, hour, day, month, weekday string) {
		timetable, err := schedule(minute, hour, day, month, weekday).In("Europe/Berlin")
		if err != nil {
			return
		}
		now := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
		for range 3 {
			next := timetable.Next(now)
			require.True(t, next.After(now))
			now = next
		}
	})
}
