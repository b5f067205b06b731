package ical

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestParseHeader(t *testing.T) {
	t.Parallel()
	cal := mustParse(t, feed("METHOD:publish", `X-WR-CALNAME:Villa\, north`, "X-WR-TIMEZONE:Europe/Athens", "X-WR-CALNAME:second"))
	assert.Equal(t, Calendar{Name: "Villa, north", TimeZone: "Europe/Athens", Method: "PUBLISH", Events: []Event{}}, cal)
}

func TestParseKeepsTheRawEvent(t *testing.T) {
	t.Parallel()
	raw := allDay("a", "20260620", "20260623", "Res\r\n erved") + "\r\n"
	assert.Equal(t, raw, oneEvent(t, "BEGIN:VCALENDAR\r\n"+raw+"END:VCALENDAR").Raw)
}

func TestParseBadEventLeavesTheOthers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		event string
		want  string
	}{
		"no start":         {vevent("UID:x"), "ical: event x: DTSTART: missing"},
		"no uid, no start": {vevent("SUMMARY:Anna"), "ical: event #2: DTSTART: missing"},
		"impossible day":   {vevent("UID:x", "DTSTART;VALUE=DATE:20260230"), "ical: event x: DTSTART: not a date or date-time"},
		"zero date":        {vevent("UID:x", "DTSTART;VALUE=DATE:00000000"), "ical: event x: DTSTART: not a date or date-time"},
		"dashes":           {vevent("UID:x", "DTSTART;VALUE=DATE:2026-06-20"), "ical: event x: DTSTART: not a date or date-time"},
		"slashes":          {vevent("UID:x", "DTSTART;VALUE=DATE:31/12/2026"), "ical: event x: DTSTART: not a date or date-time"},
		"hour 24":          {vevent("UID:x", "DTSTART:20260620T240000"), "ical: event x: DTSTART: not a date or date-time"},
		"bad end":          {vevent("UID:x", "DTSTART:20260620", "DTEND:tomorrow"), "ical: event x: DTEND: not a date or date-time"},
		"mixed":            {vevent("UID:x", "DTSTART:20260620", "DTEND:20260623T110000"), "ical: event x: DTEND: a date and a date-time mixed"},
		"mixed otherwise":  {vevent("UID:x", "DTSTART:20260620T150000Z", "DTEND;VALUE=DATE:20260623"), "ical: event x: DTEND: a date and a date-time mixed"},
		"bad duration":     {vevent("UID:x", "DTSTART:20260620", "DURATION:four days"), "ical: event x: DURATION: not a duration"},
		"hours of a date":  {vevent("UID:x", "DTSTART:20260620", "DURATION:PT3H"), "ical: event x: DURATION: not a duration"},
		"negative":         {vevent("UID:x", "DTSTART:20260620", "DURATION:-P1D"), "ical: event x: DURATION: not a duration"},
		"not terminated":   {"BEGIN:VEVENT\r\nUID:x\r\nDTSTART:20260620", "ical: event x: END: not terminated"},
		"nested":           {"BEGIN:VTODO\r\n" + allDay("x", "20260620", "20260623", "n") + "\r\nEND:VTODO", "ical: event #2: BEGIN: inside another component"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cal := mustParse(t, feed(allDay("before", "20260101", "20260102", "x"), tc.event, allDay("after", "20260103", "20260104", "x")))
			require.Len(t, cal.Failed, 1)
			require.EqualError(t, cal.Failed[0], tc.want)
			require.Len(t, cal.Events, 2)
			assert.Equal(t, "before", cal.Events[0].UID)
			assert.Equal(t, "after", cal.Events[1].UID)
			assert.Equal(t, 3, cal.Count)
		})
	}
}

func TestParseEventCutOffByTheEndOfTheCalendar(t *testing.T) {
	t.Parallel()
	cal := mustParse(t, feed(allDay("a", "20260620", "20260623", "x"), "BEGIN:VEVENT", "UID:b", "BEGIN:VALARM"))
	require.Len(t, cal.Events, 1)
	require.Len(t, cal.Failed, 1)
	assert.EqualError(t, cal.Failed[0], "ical: event b: END: not terminated")
}

func TestParseFailedEventHoldsItsText(t *testing.T) {
	t.Parallel()
	cal := mustParse(t, feed(vevent("UID:x", "SUMMARY:Anna Secret")))
	require.Len(t, cal.Failed, 1)
	assert.NotContains(t, cal.Failed[0].Error(), "Anna")
	var text string
	require.NoError(t, json.Unmarshal(cal.Failed[0].Raw, &text))
	assert.Equal(t, vevent("UID:x", "SUMMARY:Anna Secret")+"\r\n", text)
}

func TestParseMissingUIDIsMadeFromTheEvent(t *testing.T) {
	t.Parallel()
	text := feed(vevent("DTSTAMP:20260601T080000Z", "DTSTART;VALUE=DATE:20260620", "DTEND;VALUE=DATE:20260623", "SUMMARY:Anna"))
	e := oneEvent(t, text)
	assert.Regexp(t, `^sha256-[0-9a-f]{32}$`, e.UID)
	assert.Equal(t, []string{"UID"}, warnedFields(e))
	later := oneEvent(t, strings.Replace(text, "20260601T08", "20260602T09", 1))
	assert.Equal(t, e.UID, later.UID, "the export time does not count")
	other := oneEvent(t, strings.Replace(text, "20260623", "20260624", 1))
	assert.NotEqual(t, e.UID, other.UID)
}

func TestParseDateWithATimeUnderValueDate(t *testing.T) {
	t.Parallel()
	e := oneEvent(t, feed(vevent("UID:a", "DTSTART;VALUE=DATE:20260620T000000Z")))
	assert.Equal(t, DateTime{Form: FormDate, Date: date(t, "2026-06-20")}, e.Start)
}

func TestParseForms(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"DTSTART:20260824":                                         "date 20260824 ",
		"DTSTART:20260905T160000Z":                                 "utc 20260905T160000Z ",
		"DTSTART;TZID=Europe/Athens:20261101T150000":               "zoned 20261101T150000 Europe/Athens",
		`DTSTART;X-A="a:b;c";TZID="Europe/Athens":20261101T150000`: "zoned 20261101T150000 Europe/Athens",
		"DTSTART;VALUE=DATE-TIME:20261110T150060":                  "floating 20261110T150059 ",
		"DTSTART;TZID=Europe/Athens:20260905T160000Z":              "utc 20260905T160000Z ",
	} {
		start := oneEvent(t, feed(vevent("UID:a", line))).Start
		form := map[Form]string{FormDate: "date", FormUTC: "utc", FormZoned: "zoned", FormFloating: "floating"}[start.Form]
		assert.Equal(t, want, form+" "+start.String()+" "+start.TZID, line)
	}
}

func TestParseMalformedLinesAreSkipped(t *testing.T) {
	t.Parallel()
	e := oneEvent(t, feed(vevent("UID:a", "no colon", ":no name", ";:", `SUMMARY;X="open:Reserved`, "DTSTART:20260620", "END:VALARM")))
	assert.Empty(t, e.Summary)
}

func TestParseFirstOfAPropertyCounts(t *testing.T) {
	t.Parallel()
	e := oneEvent(t, feed(vevent("UID:a", "DTSTART:20260620", "SUMMARY:", "SUMMARY:Reserved", "SUMMARY:Blocked")))
	assert.Equal(t, "Reserved", e.Summary)
}

func TestParseInvalidUTF8IsReplacedAndFlagged(t *testing.T) {
	t.Parallel()
	cal := mustParse(t, feed(vevent("UID:a", "DTSTART:20260620", "SUMMARY:R\xe9serv\xe9e"), allDay("b", "20260701", "20260702", "Réservée")))
	assert.Equal(t, "R\ufffdserv\ufffde", cal.Events[0].Summary)
	assert.Equal(t, []string{"SUMMARY"}, warnedFields(cal.Events[0]))
	assert.Empty(t, cal.Events[1].Warnings)
}

func TestParseSeveralCalendarsInOneBody(t *testing.T) {
	t.Parallel()
	one := feed("PRODID:first", allDay("a", "20260620", "20260623", "x"))
	two := feed("PRODID:second", allDay("b", "20260620", "20260623", "x"))
	cal := mustParse(t, one+"<!-- 12 ms -->\r\n"+two)
	assert.Len(t, cal.Events, 2)
	assert.Equal(t, "first", cal.ProdID)
	_, err := Parse([]byte(one + allDay("c", "20260620", "20260623", "x")))
	assert.ErrorIs(t, err, pms.ErrDecode, "an event outside a calendar is not lost in silence")
}

func TestParseLimits(t *testing.T) {
	t.Parallel()
	_, err := Parse(bytes.Repeat([]byte("x"), MaxSize+1))
	require.ErrorIs(t, err, pms.ErrTooLarge)

	var events strings.Builder
	for i := range MaxEvents + 1 {
		events.WriteString("BEGIN:VEVENT\nUID:" + strconv.Itoa(i) + "\nDTSTART:20260620\nEND:VEVENT\n")
	}
	_, err = Parse([]byte(feed(events.String())))
	require.ErrorIs(t, err, pms.ErrTooLarge)

	_, err = Parse([]byte(feed(strings.Repeat("BEGIN:X\n", 100))))
	require.ErrorIs(t, err, pms.ErrDecode)

	long := oneEvent(t, feed(vevent("UID:a", "DTSTART:20260620", "DESCRIPTION:"+strings.Repeat("é", MaxText))))
	assert.Len(t, long.Description, MaxText)
	assert.Equal(t, []string{"DESCRIPTION"}, warnedFields(long))
}

func TestParseFoldsAndCarriageReturnsInLinearTime(t *testing.T) {
	t.Parallel()
	returns := "BEGIN:VCALENDAR\r" + strings.Repeat("X:\r", MaxSize/4) + "END:VCALENDAR\r"
	_, err := Parse([]byte(returns))
	require.NoError(t, err)
	folds := "BEGIN:VCALENDAR\nX:" + strings.Repeat("\n x", MaxSize/4) + "\nEND:VCALENDAR\n"
	_, err = Parse([]byte(folds))
	require.NoError(t, err)
}

func TestRead(t *testing.T) {
	t.Parallel()
	cal, err := Read(iotest.OneByteReader(strings.NewReader(feed(allDay("a", "20260620", "20260623", "x")))))
	require.NoError(t, err)
	assert.Len(t, cal.Events, 1)

	broken := errors.New("connection reset")
	_, err = Read(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)

	_, err = Read(strings.NewReader(strings.Repeat("x", MaxSize+10)))
	assert.ErrorIs(t, err, pms.ErrTooLarge)
}
