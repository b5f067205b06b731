package ical

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func timed(start, end string) string { return vevent("UID:a", "DTSTART"+start, "DTEND"+end) }

func TestStaysWithoutAnyZone(t *testing.T) {
	t.Parallel()
	assertDays(t, oneStay(t, feed(allDay("a", "20260620", "20260623", "x")), nil), "2026-06-20", "2026-06-23")

	floating := oneStay(t, feed(timed(":20261110T150000", ":20261112T110000")), nil)
	assertDays(t, floating, "2026-11-10", "2026-11-12")
	assert.Equal(t, "15:00", floating.ArrivalTime.String())
	assert.Equal(t, "11:00", floating.DepartureTime.String())
	assert.Empty(t, floating.TimeZone)

	zoned := oneStay(t, feed(timed(";TZID=Europe/Athens:20261110T150000", ";TZID=Europe/Athens:20261112T110000")), nil)
	assertDays(t, zoned, "2026-11-10", "2026-11-12")
	assert.Equal(t, "Europe/Athens", zoned.TimeZone)
}

func TestStaysNeverGuessAZone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ event, want string }{
		"utc":            {timed(":20261110T150000Z", ":20261112T110000Z"), "ical: event a: DTSTART: no time zone known for the property"},
		"utc end":        {timed(":20261110T150000", ":20261112T110000Z"), "ical: event a: DTEND: no time zone known for the property"},
		"unknown TZID":   {timed(";TZID=Atlantis:20261110T150000", ";TZID=Atlantis:20261112T110000"), "ical: event a: DTSTART: unknown time zone"},
		"server's zone":  {timed(";TZID=Local:20261110T150000", ";TZID=Local:20261112T110000"), "ical: event a: DTSTART: unknown time zone"},
		"path in a TZID": {timed(";TZID=../../etc/passwd:20261110T150000", ":20261112T110000"), "ical: event a: DTSTART: unknown time zone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stays, failed := mustParse(t, feed(tc.event)).Stays(nil)
			assert.Empty(t, stays)
			require.Len(t, failed, 1)
			require.EqualError(t, failed[0], tc.want)
			assert.NotEmpty(t, failed[0].Raw)
		})
	}
}

func TestStaysZoneOfTheFeedStandsInForTheProperty(t *testing.T) {
	t.Parallel()
	text := feed("X-WR-TIMEZONE:America/Chicago", timed(":20260901T210000Z", ":20260906T040000Z"))
	s := oneStay(t, text, nil)
	assertDays(t, s, "2026-09-01", "2026-09-05")
	assert.Equal(t, "America/Chicago", s.TimeZone)
	configured := oneStay(t, text, mustZone(t, "Europe/Athens"))
	assertDays(t, configured, "2026-09-02", "2026-09-06")
	assert.Equal(t, "Europe/Athens", configured.TimeZone)
}

func TestStaysConvertAnotherZoneToTheProperty(t *testing.T) {
	t.Parallel()
	s := oneStay(t, feed(timed(";TZID=Asia/Tokyo:20261110T020000", ";TZID=Asia/Tokyo:20261112T020000")), mustZone(t, "Europe/Athens"))
	assertDays(t, s, "2026-11-09", "2026-11-11")
	assert.Equal(t, "19:00", s.ArrivalTime.String())
}

func TestStaysWindowsZoneName(t *testing.T) {
	t.Parallel()
	s := oneStay(t, feed(timed(";TZID=India Standard Time:20261110T020000", `;TZID="India Standard Time":20261112T110000`)), mustZone(t, "Europe/London"))
	assertDays(t, s, "2026-11-09", "2026-11-12")
	assert.Empty(t, s.Warnings)
}

func TestWindowsZonesAreAllKnown(t *testing.T) {
	t.Parallel()
	for windows, iana := range windowsZones {
		assert.NotNil(t, location(iana), windows)
	}
}

func TestStaysUnknownTZIDIsReadAtThePropertyWithAWarning(t *testing.T) {
	t.Parallel()
	cal := mustParse(t, feed(timed(";TZID=Customized:20261110T150000", ";TZID=Customized:20261112T110000")))
	for range 2 {
		stays, failed := cal.Stays(mustZone(t, "Europe/Athens"))
		require.Empty(t, failed)
		assertDays(t, stays[0], "2026-11-10", "2026-11-12")
		assert.Equal(t, []string{"DTSTART", "DTEND"}, warnedFields(stays[0].Event))
	}
	assert.Empty(t, cal.Events[0].Warnings, "the calendar itself is not changed")
}

func TestStaysOrder(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ event, want string }{
		"date":        {allDay("a", "20260620", "20260619", "x"), "ical: event a: DTEND: before DTSTART"},
		"time":        {timed(":20260620T150000", ":20260620T140000"), "ical: event a: DTEND: before DTSTART"},
		"zero length": {timed(":20260620T150000", ":20260620T150000"), "ical: event a: DTEND: not after DTSTART"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stays, failed := mustParse(t, feed(tc.event, allDay("good", "20260620", "20260621", "x"))).Stays(time.UTC)
			require.Len(t, failed, 1)
			require.EqualError(t, failed[0], tc.want)
			require.Len(t, stays, 1)
			assert.Equal(t, "good", stays[0].UID)
		})
	}
}

func TestStaysDayUse(t *testing.T) {
	t.Parallel()
	s := oneStay(t, feed(timed(":20260620T100000", ":20260620T160000")), nil)
	assertDays(t, s, "2026-06-20", "2026-06-20")
	assert.Zero(t, s.Nights())
}

func TestStaysMidnightToMidnightIsAllDay(t *testing.T) {
	t.Parallel()
	s := oneStay(t, feed(timed(":20260620T000000", ":20260623T000000")), nil)
	assertDays(t, s, "2026-06-20", "2026-06-23")
	assert.True(t, s.ArrivalTime.IsZero())
	assert.True(t, s.DepartureTime.IsZero())
}

func TestStaysManyUnknownZonesAreBounded(t *testing.T) {
	t.Parallel()
	z := newZones(Calendar{}, nil)
	for i := range 10 * maxZones {
		assert.Nil(t, z.load("Nowhere/"+string(rune('a'+i))))
	}
	assert.Len(t, z.loaded, maxZones)
}

func TestDurationString(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Duration{
		"P4D": {Days: 4}, "P0D": {}, "PT3H0M0S": {Time: 3 * time.Hour}, "P1DT2H30M0S": {Days: 1, Time: 150 * time.Minute},
	} {
		got, err := parseDuration(text, false)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, text, got.String())
		assert.Equal(t, text == "P0D", got.IsZero())
	}
	for _, bad := range []string{"", "P", "PT", "4D", "P4", "PD", "P4H", "PT4D", "P1DT", "PTT1H", "P9999999D", "P4000D", "P999999W"} {
		_, err := parseDuration(bad, false)
		require.Error(t, err, bad)
	}
}
