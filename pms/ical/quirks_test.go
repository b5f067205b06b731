package ical

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

// The quirks of real feeds, one test each.

func TestQuirkCodeSplitByFolding(t *testing.T) {
	t.Parallel()
	text := feed(vevent(
		"UID:1418fb94e984-00112233445566778899aabbccddeeff@airbnb.com",
		"DTSTART;VALUE=DATE:20260620", "DTEND;VALUE=DATE:20260623", "SUMMARY:Reserved",
		"DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/details/HMTE",
		` ST1234\nPhone Number (Last 4 Digits): 0042`))
	s := oneStay(t, text, nil)
	assert.Equal(t, "Reservation URL: https://www.airbnb.com/hosting/reservations/details/HMTEST1234\n"+
		"Phone Number (Last 4 Digits): 0042", s.Description)
	class := Rules{}.Classify(SourceAirbnb, []Stay{s})[0]
	assert.Equal(t, "HMTEST1234", class.Code)
	assert.Equal(t, "0042", class.PhoneLast4)
}

func TestQuirkUIDSplitByFolding(t *testing.T) {
	t.Parallel()
	e := oneEvent(t, feed(vevent("UID:1418fb94e984-00112233445566778899aabbccddeeff@airb", " nb.com",
		"DTSTART;VALUE=DATE:20260620", "DTEND;VALUE=DATE:20260623")))
	assert.Equal(t, "1418fb94e984-00112233445566778899aabbccddeeff@airbnb.com", e.UID)
}

func TestQuirkFoldInsideCharacter(t *testing.T) {
	t.Parallel()
	e := oneEvent(t, feed(vevent("UID:a", "DTSTART:20260620", "SUMMARY:R\xc3\r\n \xa9serv\xc3\r\n\t\xa9e - Ren\xc3\xa9e")))
	assert.Equal(t, "Réservée - Renée", e.Summary)
	assert.Empty(t, e.Warnings)
}

func TestQuirkFoldWithTabRemovesOneCharacter(t *testing.T) {
	t.Parallel()
	e := oneEvent(t, feed(vevent("UID:a", "DTSTART:20260620", "SUMMARY:Reserved\r\n\t - Anna")))
	assert.Equal(t, "Reserved - Anna", e.Summary)
}

func TestQuirkLineEnds(t *testing.T) {
	t.Parallel()
	crlf := feed(allDay("a", "20260620", "20260623", "Reserved"), allDay("b", "20260623", "20260625", "Res\r\n erved"))
	for name, end := range map[string]string{"CRLF": "\r\n", "LF": "\n", "CR": "\r", "CR CR LF": "\r\r\n", "blank lines": "\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cal := mustParse(t, strings.ReplaceAll(crlf, "\r\n", end))
			require.Len(t, cal.Events, 2)
			assert.Equal(t, "a", cal.Events[0].UID)
			if name != "blank lines" {
				assert.Equal(t, "Reserved", cal.Events[1].Summary)
			}
			assert.Equal(t, "20260625", cal.Events[1].End.String())
		})
	}
}

func TestQuirkByteOrderMarkAndBlankLinesBeforeTheCalendar(t *testing.T) {
	t.Parallel()
	text := feed(allDay("a", "20260620", "20260623", "Reserved"))
	for _, before := range []string{"\ufeff", "\r\n\r\n", "\ufeff\r\n", "  \r\n"} {
		assert.Len(t, mustParse(t, before+text).Events, 1, "%q", before)
	}
}

func TestQuirkTrailingSpacesAndLowerCase(t *testing.T) {
	t.Parallel()
	e := oneEvent(t, "begin:vcalendar \nBegin:VEvent\t\nuid: a \ndtstart;value=date:20260620 \n"+
		"dtend;value=\"date\":20260623\nsummary:Reserved\nend:VEVENT   \nEND:vcalendar  \n")
	assert.Equal(t, "a", e.UID)
	assert.Equal(t, DateTime{Form: FormDate, Date: date(t, "2026-06-20")}, e.Start)
	assert.Equal(t, "20260623", e.End.String())
	assert.Equal(t, "Reserved", e.Summary)
}

func TestQuirkProdIDWithParameter(t *testing.T) {
	t.Parallel()
	cal := mustParse(t, feed("PRODID;X-RICAL-TZSOURCE=TZINFO:-//Airbnb Inc//Hosting Calendar 0.8.8//EN"))
	assert.Equal(t, "-//Airbnb Inc//Hosting Calendar 0.8.8//EN", cal.ProdID)
	assert.Equal(t, SourceAirbnb, DetectSource(cal.ProdID, ""))
}

func TestQuirkProdIDWithStrayBackslashes(t *testing.T) {
	t.Parallel()
	for _, prodID := range []string{`-//admin.booking.com\\\, b.v.//NONSGML v1.0//EN`, `-//admin.booking.com\, b.v.//NONSGML v1.0//EN`} {
		cal := mustParse(t, feed("PRODID:"+prodID))
		assert.Equal(t, SourceBooking, DetectSource(cal.ProdID, ""), prodID)
	}
}

func TestQuirkPropertyOrder(t *testing.T) {
	t.Parallel()
	old := oneEvent(t, feed(vevent("DTEND;VALUE=DATE:20260812", "DTSTART;VALUE=DATE:20260802", "UID:a", "DESCRIPTION:d", "SUMMARY:Reserved")))
	current := oneEvent(t, feed(vevent("DTSTAMP:20260601T080000Z", "DTSTART;VALUE=DATE:20260802", "DTEND;VALUE=DATE:20260812",
		"SUMMARY:Reserved", "UID:a", "DESCRIPTION:d")))
	old.Raw, current.Raw = "", ""
	assert.Equal(t, current, old)
}

func TestQuirkDateWestOfGreenwich(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/Los_Angeles", "Pacific/Honolulu", "Pacific/Kiritimati", "America/Santiago"} {
		s := oneStay(t, feed(allDay("a", "20260824", "20260830", "Reserved")), mustZone(t, zone))
		assertDays(t, s, "2026-08-24", "2026-08-30")
		assert.Equal(t, 6, s.Nights())
		assert.True(t, s.DepartureTime.IsZero())
		assert.Equal(t, zone, s.TimeZone)
	}
}

func TestQuirkUTCEndIsThePreviousDayInChicago(t *testing.T) {
	t.Parallel()
	text := feed(vevent("UID:a", "DTSTART:20260901T210000Z", "DTEND:20260906T040000Z"))
	s := oneStay(t, text, mustZone(t, "America/Chicago"))
	assertDays(t, s, "2026-09-01", "2026-09-05")
	assert.Equal(t, "16:00", s.ArrivalTime.String())
	assert.Equal(t, "23:00", s.DepartureTime.String())
	assertDays(t, oneStay(t, text, mustZone(t, "Europe/Athens")), "2026-09-02", "2026-09-06")
}

func TestQuirkDaylightSavingDays(t *testing.T) {
	t.Parallel()
	// Midnight does not exist in Santiago on 2026-09-06.
	assertDays(t, oneStay(t, feed(allDay("a", "20260906", "20260907", "Reserved")), mustZone(t, "America/Santiago")),
		"2026-09-06", "2026-09-07")
	floating := oneStay(t, feed(vevent("UID:a", "DTSTART:20260906T000000", "DTEND:20260906T110000")), mustZone(t, "America/Santiago"))
	assertDays(t, floating, "2026-09-06", "2026-09-06")
	assert.Equal(t, "00:00", floating.ArrivalTime.String())
	// The clocks of Paris go forward on 2026-03-29; an exact duration heeds it.
	s := oneStay(t, feed(vevent("UID:a", "DTSTART;TZID=Europe/Paris:20260328T160000", "DURATION:PT18H")), mustZone(t, "Europe/Paris"))
	assertDays(t, s, "2026-03-28", "2026-03-29")
	assert.Equal(t, "11:00", s.DepartureTime.String())
	nominal := oneStay(t, feed(vevent("UID:a", "DTSTART;TZID=Europe/Paris:20260328T160000", "DURATION:P1D")), mustZone(t, "Europe/Paris"))
	assert.Equal(t, "16:00", nominal.DepartureTime.String())
}

func TestQuirkAlarmWithItsOwnProperties(t *testing.T) {
	t.Parallel()
	e := oneEvent(t, feed(vevent("BEGIN:VALARM", "UID:alarm", "DTSTART:20200101T000000Z", "SUMMARY:ring", "END:VALARM",
		"UID:a", "DTSTART;VALUE=DATE:20260620", "DTEND;VALUE=DATE:20260623", "SUMMARY:Reserved")))
	assert.Equal(t, "a", e.UID)
	assert.Equal(t, "20260620", e.Start.String())
	assert.Equal(t, "Reserved", e.Summary)
}

func TestQuirkTimeZoneComponentBeforeEvents(t *testing.T) {
	t.Parallel()
	cal := mustParse(t, feed(
		"BEGIN:VTIMEZONE", "TZID:My Zone", "X-LIC-LOCATION:Europe/Athens",
		"BEGIN:STANDARD", "DTSTART:19701025T040000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZOFFSETTO:+0200", "END:STANDARD",
		"END:VTIMEZONE",
		vevent("UID:a", `DTSTART;TZID="My Zone":20261101T150000`, "DTEND;TZID=My Zone:20261104T110000")))
	require.Equal(t, 1, cal.Count)
	stays, failed := cal.Stays(mustZone(t, "Europe/London"))
	require.Empty(t, failed)
	assertDays(t, stays[0], "2026-11-01", "2026-11-04")
	assert.Equal(t, "13:00", stays[0].ArrivalTime.String())
	assert.Empty(t, stays[0].Warnings)
}

func TestQuirkDurationInsteadOfEnd(t *testing.T) {
	t.Parallel()
	for duration, departure := range map[string]string{"P4D": "2026-06-24", "P1W": "2026-06-27", "PT48H": "2026-06-22", "P0D": "2026-06-21"} {
		s := oneStay(t, feed(vevent("UID:a", "DTSTART;VALUE=DATE:20260620", "DURATION:"+duration)), nil)
		assertDays(t, s, "2026-06-20", departure)
	}
	s := oneStay(t, feed(vevent("UID:a", "DTSTART:20260620T220000", "DURATION:PT3H")), nil)
	assertDays(t, s, "2026-06-20", "2026-06-21")
	assert.Equal(t, "01:00", s.DepartureTime.String())
}

func TestQuirkEndEqualToStartIsOneNight(t *testing.T) {
	t.Parallel()
	assertDays(t, oneStay(t, feed(allDay("a", "20260620", "20260620", "Reserved")), nil), "2026-06-20", "2026-06-21")
}

func TestQuirkNoEndAndNoDuration(t *testing.T) {
	t.Parallel()
	assertDays(t, oneStay(t, feed(vevent("UID:a", "DTSTART;VALUE=DATE:20260620")), nil), "2026-06-20", "2026-06-21")

	cal := mustParse(t, feed(vevent("UID:timed", "DTSTART:20260620T150000")))
	stays, failed := cal.Stays(nil)
	assert.Empty(t, stays)
	require.Len(t, failed, 1)
	assert.EqualError(t, failed[0], "ical: event timed: DURATION: not after DTSTART")
}

func TestQuirkRecurrenceGivesTheFirstInstance(t *testing.T) {
	t.Parallel()
	s := oneStay(t, feed(vevent("UID:a", "DTSTART;VALUE=DATE:20260620", "DTEND;VALUE=DATE:20260623", "RRULE:FREQ=WEEKLY", "SUMMARY:Reserved")), nil)
	assertDays(t, s, "2026-06-20", "2026-06-23")
	assert.True(t, s.Recurring)
	assert.Equal(t, []string{"RRULE"}, warnedFields(s.Event))
}

func TestQuirkBackToBackStaysStayTwo(t *testing.T) {
	t.Parallel()
	stays := mustStays(t, feed(
		allDay("a@airbnb.com", "20260620", "20260623", "Reserved"),
		allDay("b@airbnb.com", "20260623", "20260625", "Reserved")), nil)
	require.Len(t, stays, 2)
	assert.Equal(t, stays[0].Departure, stays[1].Arrival)
	for _, class := range (Rules{}).Classify(SourceAirbnb, stays) {
		assert.Equal(t, pms.KindGuest, class.Kind)
	}
}

func TestQuirkSlidingAirbnbBlocks(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		feed(allDay("7f662ec65913-aa@airbnb.com", "20260601", "20260603", "Airbnb (Not available)")),
		feed(allDay("7f662ec65913-bb@airbnb.com", "20260601", "20260604", "Airbnb (Not available)")),
	} {
		class := Rules{}.Classify(SourceAirbnb, mustStays(t, text, nil))[0]
		assert.Equal(t, pms.KindBlock, class.Kind)
		assert.False(t, pms.Booking{Kind: class.Kind, Status: class.Status}.Occupies(), "no cleaning")
	}
}

func TestQuirkStayExtendedUnderTheSameUID(t *testing.T) {
	t.Parallel()
	const uid = "1418fb94e984-00112233445566778899aabbccddeeff@airbnb.com"
	before := oneStay(t, feed(allDay(uid, "20260620", "20260623", "Reserved")), nil)
	after := oneStay(t, feed(allDay(uid, "20260620", "20260626", "Reserved")), nil)
	assert.Equal(t, before.UID, after.UID)
	assert.Equal(t, 3, after.Departure.DaysSince(before.Departure))
}

func TestQuirkZeroEventsIsReadAndCounted(t *testing.T) {
	t.Parallel()
	cal := mustParse(t, feed("PRODID:-//admin.booking.com//EN"))
	assert.Zero(t, cal.Count)
	assert.Empty(t, cal.Events)
	assert.Equal(t, 2, mustParse(t, feed(allDay("a", "20260620", "20260623", "x"), vevent("UID:b"))).Count)
}

func TestQuirkBodyThatIsNoCalendar(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"html":            "<!DOCTYPE html><html><body>Sign in</body></html>",
		"html after BOM":  "\ufeff\n<html>",
		"html with event": "<html>\nBEGIN:VCALENDAR\nEND:VCALENDAR\n",
		"empty":           "",
		"blank":           "\r\n\r\n",
		"json":            `{"error":"not found"}`,
		"event only":      "BEGIN:VEVENT\nUID:a\nEND:VEVENT\n",
		"utf-16":          "\xff\xfeB\x00E\x00G\x00I\x00N\x00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cal, err := Parse([]byte(body))
			require.ErrorIs(t, err, pms.ErrDecode)
			assert.Empty(t, cal)
		})
	}
}

func TestQuirkTruncatedBody(t *testing.T) {
	t.Parallel()
	text := feed(allDay("a", "20260620", "20260623", "Reserved"), allDay("b", "20260625", "20260626", "Reserved"))
	whole := strings.LastIndex(text, "END:VCALENDAR") + len("END:VCALENDAR")
	for cut := range whole {
		_, err := Parse([]byte(text[:cut]))
		require.ErrorIs(t, err, pms.ErrDecode, "cut at %d", cut)
	}
	_, err := Parse([]byte(text[:whole]))
	require.NoError(t, err)
	_, err = Parse([]byte(text[:whole-len("END:VCALENDAR")] + text))
	assert.ErrorIs(t, err, pms.ErrDecode, "a whole feed behind a truncated one")
}

func TestQuirkSmoobuTripleEvents(t *testing.T) {
	t.Parallel()
	stays := mustStays(t, feed("PRODID:-//Smoobu",
		allDay("in", "20260620", "20260621", "Check-in Anna Example"),
		allDay("out", "20260623", "20260624", "Check\u2013out Anna Example"),
		allDay("stay", "20260620", "20260623", "Anna Example"),
		allDay("block", "20260701", "20260704", "Blocked")), nil)
	classes := Rules{}.Classify(SourceSmoobu, stays)
	assert.Equal(t, []bool{true, true, false, false}, []bool{classes[0].Ignore, classes[1].Ignore, classes[2].Ignore, classes[3].Ignore})
	assert.Equal(t, RuleMarker, classes[0].Rule)
	assert.Equal(t, pms.KindGuest, classes[2].Kind)
	assert.Equal(t, "Anna Example", classes[2].Guest.Name)
	assert.Equal(t, pms.KindBlock, classes[3].Kind)
}

func TestQuirkMarkersWithoutTheWholeStayAreKept(t *testing.T) {
	t.Parallel()
	stays := mustStays(t, feed(
		allDay("out", "20260623", "20260624", "Check-out Anna"),
		allDay("long", "20260620", "20260625", "Ben, late check-in"),
		allDay("other", "20260620", "20260622", "Carl")), nil)
	for i, class := range (Rules{}).Classify(SourceSmoobu, stays) {
		assert.False(t, class.Ignore, "event %d", i)
		assert.Equal(t, pms.KindGuest, class.Kind)
	}
}

func TestQuirkHostawaySuffix(t *testing.T) {
	t.Parallel()
	stays := mustStays(t, feed(allDay("a", "20260620", "20260623", "Anna Example (Booking.com) - by Hostaway")), nil)
	class := Rules{}.Classify(SourceUnknown, stays)[0]
	assert.Equal(t, pms.KindGuest, class.Kind)
	assert.Equal(t, "Anna Example", class.Guest.Name)
	assert.Equal(t, "booking", class.Channel)
	assert.Equal(t, RuleManager, class.Rule)
}

func TestQuirkReservedNotAvailableIsABlock(t *testing.T) {
	t.Parallel()
	stays := mustStays(t, feed(allDay("a", "20260620", "20260623", "Reserved - Not available")), nil)
	class := Rules{}.Classify(SourceUnknown, stays)[0]
	assert.Equal(t, pms.KindBlock, class.Kind)
	assert.Equal(t, RuleBlockWord, class.Rule)
	assert.Equal(t, "not available", class.Word)
}

func TestQuirkEnDashInClosedNotAvailable(t *testing.T) {
	t.Parallel()
	for _, dash := range []string{"-", "\u2013", "\u2014", "\u2010", "\u2212"} {
		stays := mustStays(t, feed(allDay("a@booking.com", "20260620", "20260623", "CLOSED "+dash+" Not available")), nil)
		class := Rules{}.Classify(SourceUnknown, stays)[0]
		assert.Equal(t, RuleClosed, class.Rule, "%q", dash)
		assert.Equal(t, pms.KindGuest, class.Kind)
		assert.Empty(t, class.Guest.Name)
	}
}

func TestQuirkDuplicateUID(t *testing.T) {
	t.Parallel()
	last := oneEvent(t, feed(allDay("a", "20260620", "20260623", "Reserved"), allDay("a", "20260620", "20260625", "Reserved")))
	assert.Equal(t, "20260625", last.End.String())
	assert.Equal(t, []string{"UID"}, warnedFields(last))

	first := vevent("UID:a", "DTSTART:20260620", "DTEND:20260623", "SEQUENCE:1718000002")
	second := vevent("UID:a", "DTSTART:20260620", "DTEND:20260625", "SEQUENCE:1718000001")
	for _, text := range []string{feed(first, second), feed(second, first)} {
		assert.Equal(t, "20260623", oneEvent(t, text).End.String())
	}
	instances := mustParse(t, feed(first, vevent("UID:a", "RECURRENCE-ID;VALUE=DATE:20260627", "DTSTART:20260628", "DTEND:20260629")))
	assert.Len(t, instances.Events, 2, "a changed instance is a stay of its own")
}

func TestQuirkEscapes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`a\, b\; c`:      "a, b; c",
		`one\ntwo\Nlast`: "one\ntwo\nlast",
		`C:\\new\\Notes`: `C:\new\Notes`,
		`\\\n`:           "\\\n",
		`\x\`:            `\x\`,
		``:               "",
	} {
		e := oneEvent(t, feed(vevent("UID:a", "DTSTART:20260620", "SUMMARY:"+in, "DESCRIPTION:"+in)))
		assert.Equal(t, want, e.Summary, in)
		assert.Equal(t, want, e.Description, in)
	}
}

func TestQuirkPersonalDataCanBeDropped(t *testing.T) {
	t.Parallel()
	stays := mustStays(t, feed(
		allDay("a", "20260620", "20260623", "Reserved - Anna"),
		vevent("UID:b@airbnb.com", "DTSTART:20260623", "DTEND:20260624", "SUMMARY:Reserved",
			`DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/details/HMTEST1234\n`+
				`Phone Number (Last 4 Digits): 0042\nEmail: guest@example.com\nPhone: +30 000`)), nil)
	open := Rules{}.Classify(SourceUnknown, stays)
	assert.Equal(t, "Anna", open[0].Guest.Name)
	assert.Equal(t, pms.Guest{Email: "guest@example.com", Phone: "+30 000"}, open[1].Guest)
	assert.Equal(t, "0042", open[1].PhoneLast4)
	for _, class := range (Rules{DropPersonalData: true}).Classify(SourceUnknown, stays) {
		assert.Equal(t, pms.Guest{}, class.Guest)
		assert.Empty(t, class.PhoneLast4)
		assert.Equal(t, pms.KindGuest, class.Kind)
	}
}

func TestQuirkDTSTAMPIsNoChange(t *testing.T) {
	t.Parallel()
	e := oneEvent(t, feed(vevent("UID:a", "DTSTAMP:20260601T080000Z", "DTSTART:20260620")))
	assert.True(t, e.LastModified.IsZero())
	stamped := oneEvent(t, feed(vevent("UID:a", "DTSTART:20260620", "CREATED:20260101T000000Z", "LAST-MODIFIED:20260102T030405Z")))
	assert.Equal(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), stamped.LastModified)
	assert.Equal(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), stamped.Created)
}
