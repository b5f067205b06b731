package ical

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

// feed wraps lines into a calendar with CRLF line ends.
func feed(lines ...string) string {
	all := append([]string{"BEGIN:VCALENDAR", "VERSION:2.0"}, lines...)
	return strings.Join(append(all, "END:VCALENDAR", ""), "\r\n")
}

// vevent wraps lines into an event with CRLF line ends.
func vevent(lines ...string) string {
	all := append([]string{"BEGIN:VEVENT"}, lines...)
	return strings.Join(append(all, "END:VEVENT"), "\r\n")
}

// allDay is an event of DATE values.
func allDay(uid, start, end, summary string) string {
	return vevent("UID:"+uid, "DTSTART;VALUE=DATE:"+start, "DTEND;VALUE=DATE:"+end, "SUMMARY:"+summary)
}

func mustParse(t *testing.T, text string) Calendar {
	t.Helper()
	cal, err := Parse([]byte(text))
	require.NoError(t, err)
	return cal
}

// oneEvent parses a feed whose only event must be readable.
func oneEvent(t *testing.T, text string) Event {
	t.Helper()
	cal := mustParse(t, text)
	require.Empty(t, cal.Failed)
	require.Len(t, cal.Events, 1)
	return cal.Events[0]
}

// oneStay parses a feed whose only event must give a stay.
func oneStay(t *testing.T, text string, zone *time.Location) Stay {
	t.Helper()
	stays := mustStays(t, text, zone)
	require.Len(t, stays, 1)
	return stays[0]
}

func mustStays(t *testing.T, text string, zone *time.Location) []Stay {
	t.Helper()
	cal := mustParse(t, text)
	require.Empty(t, cal.Failed)
	stays, failed := cal.Stays(zone)
	require.Empty(t, failed)
	return stays
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	return zone
}

func date(t *testing.T, text string) pms.Date {
	t.Helper()
	var d pms.Date
	require.NoError(t, d.UnmarshalText([]byte(text)))
	return d
}

// assertDays compares the days of a stay.
func assertDays(t *testing.T, s Stay, arrival, departure string) {
	t.Helper()
	assert.Equal(t, arrival, s.Arrival.String(), "arrival")
	assert.Equal(t, departure, s.Departure.String(), "departure")
}

// warnedFields returns the fields that the warnings of an event name.
func warnedFields(e Event) []string {
	var fields []string
	for _, w := range e.Warnings {
		fields = append(fields, w.Field)
	}
	return fields
}
