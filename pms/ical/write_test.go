package ical

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"cloud.google.com/go/civil"
	goical "github.com/emersion/go-ical"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

var stamp = time.Date(2026, time.June, 1, 8, 0, 0, 0, time.UTC)

func written(t *testing.T, c Calendar) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, c, stamp))
	return b.String()
}

func TestWriteFeedOfBookings(t *testing.T) {
	t.Parallel()
	booking := func(id string, kind pms.Kind, status pms.Status) pms.Booking {
		return pms.Booking{
			Vendor: "bnovo", ID: id, Kind: kind, Status: status,
			Arrival: date(t, "2026-06-20"), Departure: date(t, "2026-06-23"),
			Guest: pms.Guest{Name: "Anna Secret", Email: "anna@example.com", Phone: "+30 111"}, Code: "HMSECRET00", Notes: "gate code 4711",
		}
	}
	dayUse := booking("day", pms.KindGuest, pms.StatusCheckedOut)
	dayUse.Departure = dayUse.Arrival
	undated := booking("undated", pms.KindGuest, pms.StatusConfirmed)
	undated.Arrival = pms.Date{}
	reversed := booking("reversed", pms.KindGuest, pms.StatusConfirmed)
	reversed.Departure = date(t, "2026-06-01")
	cal := FeedOf("Villa, north", []pms.Booking{
		booking("1", pms.KindGuest, pms.StatusConfirmed),
		booking("2", pms.KindBlock, pms.StatusConfirmed),
		booking("3", pms.KindGuest, pms.StatusTentative),
		booking("4", pms.KindUnknown, pms.StatusUnknown),
		booking("5", pms.KindOwner, pms.StatusCheckedIn),
		booking("6", pms.KindGuest, pms.StatusCancelled),
		booking("7", pms.KindGuest, pms.StatusNoShow),
		booking("8", pms.KindGuest, pms.StatusInquiry),
		dayUse, undated, reversed,
	})
	text := written(t, cal)
	want := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Changeover//Changeover//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:Villa\, north
BEGIN:VEVENT
UID:24b9028fffba10497141d2c839d0fa3a@changeover
DTSTAMP:20260601T080000Z
DTSTART;VALUE=DATE:20260620
DTEND;VALUE=DATE:20260623
SUMMARY:Reserved
END:VEVENT
`, "\n", "\r\n")
	assert.Equal(t, want, text[:len(want)])
	for _, secret := range []string{"Secret", "anna", "111", "HMSECRET", "4711", "bnovo"} {
		assert.NotContains(t, text, secret)
	}
	stays := mustStays(t, text, nil)
	var kinds []pms.Kind
	for i, class := range (Rules{}).Classify(SourceUnknown, stays) {
		kinds = append(kinds, class.Kind)
		assert.Equal(t, class.Status == pms.StatusTentative, i == 2)
	}
	assert.Equal(t, []pms.Kind{pms.KindGuest, pms.KindBlock, pms.KindGuest, pms.KindUnknown, pms.KindGuest, pms.KindGuest}, kinds)
	assertDays(t, stays[0], "2026-06-20", "2026-06-23")
	assertDays(t, stays[5], "2026-06-20", "2026-06-21")
}

func TestWriteFeedUIDIsStable(t *testing.T) {
	t.Parallel()
	b := pms.Booking{Vendor: "bnovo", ID: "1", Kind: pms.KindGuest, Status: pms.StatusConfirmed, Arrival: date(t, "2026-06-20"), Departure: date(t, "2026-06-23")}
	moved := b
	moved.Departure = date(t, "2026-06-25")
	other := b
	other.ID = "2"
	uid := func(b pms.Booking) string { return FeedOf("", []pms.Booking{b}).Events[0].UID }
	assert.Equal(t, uid(b), uid(moved))
	assert.NotEqual(t, uid(b), uid(other))
}

func TestWriteRefusesWhatItCannotSay(t *testing.T) {
	t.Parallel()
	day := DateTime{Form: FormDate, Date: date(t, "2026-06-20")}
	instant := DateTime{Form: FormUTC, Date: day.Date}
	zoned := DateTime{Form: FormZoned, Date: day.Date, TZID: "Europe/Athens"}
	for name, e := range map[string]Event{
		"no uid":     {Start: day},
		"no start":   {UID: "a"},
		"zoned":      {UID: "a", Start: zoned},
		"zoned end":  {UID: "a", Start: instant, End: zoned},
		"date mixed": {UID: "a", Start: day, End: instant},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			require.ErrorIs(t, Write(&b, Calendar{Events: []Event{{UID: "good", Start: day}, e}}, stamp), pms.ErrInvalid)
			assert.Zero(t, b.Len())
		})
	}
	assert.ErrorIs(t, Write(&bytes.Buffer{}, Calendar{}, time.Time{}), pms.ErrInvalid)
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestWriteReturnsTheErrorOfTheWriter(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken pipe")
	assert.ErrorIs(t, Write(brokenWriter{broken}, Calendar{}, stamp), broken)
}

func TestWriteInjectsNoLines(t *testing.T) {
	t.Parallel()
	evil := "x\r\nEND:VEVENT\nBEGIN:VEVENT\rUID:evil"
	e := Event{UID: evil, Start: DateTime{Form: FormDate, Date: date(t, "2026-06-20")}, Summary: evil, Description: evil, Status: evil, RecurrenceID: evil}
	cal := mustParse(t, written(t, Calendar{ProdID: evil, Name: evil, TimeZone: evil, Method: evil, Events: []Event{e}}))
	assert.Equal(t, 1, cal.Count)
	assert.Equal(t, "x\nEND:VEVENT\nBEGIN:VEVENT\nUID:evil", cal.Events[0].Summary)
}

func TestWriteRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := genCalendar(t)
		var b bytes.Buffer
		require.NoError(t, Write(&b, want, stamp))
		assertWellFormed(t, b.Bytes())
		got, err := Parse(b.Bytes())
		require.NoError(t, err)
		for i := range got.Events {
			got.Events[i].Raw, got.Events[i].Warnings = "", nil
		}
		want.Count = len(want.Events)
		require.Equal(t, want, got)
		if len(want.Events) > 0 {
			_, err = goical.NewDecoder(&b).Decode()
			require.NoError(t, err, "another reader must accept it")
		}
	})
}

// assertWellFormed checks line ends, line length and characters.
func assertWellFormed(t require.TestingT, data []byte) {
	for line := range strings.SplitSeq(strings.TrimSuffix(string(data), "\r\n"), "\r\n") {
		require.LessOrEqual(t, len(line), 75)
		require.True(t, utf8.ValidString(line), "a fold splits a character: %q", line)
		require.NotContains(t, line, "\n")
		require.NotContains(t, line, "\r")
	}
}

func genCalendar(t *rapid.T) Calendar {
	text := rapid.StringOfN(rapid.OneOf(
		rapid.RuneFrom([]rune(`\,;:"n é日🏠`+"\n\t")),
		rapid.Rune().Filter(func(r rune) bool { return r == utf8.RuneError || !unicode.IsControl(r) && utf8.ValidRune(r) }),
	), 0, 120, -1)
	// Header values lose the white space around them, and their first line
	// must not look like a byte order mark.
	trimmed := rapid.Map(text, strings.TrimSpace)
	c := Calendar{
		ProdID:   "-//" + trimmed.Draw(t, "prodid"),
		Name:     trimmed.Draw(t, "name"),
		TimeZone: trimmed.Draw(t, "zone"),
		Method:   "PUBLISH",
		Events:   []Event{},
	}
	uids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9é,;\\-]{1,90}@x`), 0, 4, rapid.ID[string]).Draw(t, "uids")
	for _, uid := range uids {
		c.Events = append(c.Events, genEvent(t, uid, text))
	}
	return c
}

func genEvent(t *rapid.T, uid string, text *rapid.Generator[string]) Event {
	form := rapid.SampledFrom([]Form{FormDate, FormUTC, FormFloating}).Draw(t, "form")
	e := Event{
		UID:         uid,
		Start:       genDateTime(t, form),
		Summary:     text.Draw(t, "summary"),
		Description: text.Draw(t, "description"),
		Status:      rapid.SampledFrom([]string{"", "CONFIRMED", "TENTATIVE", "CANCELLED"}).Draw(t, "status"),
		Sequence:    rapid.IntRange(0, 1<<31).Draw(t, "sequence"),
	}
	switch rapid.IntRange(0, 2).Draw(t, "end") {
	case 0:
		e.End = genDateTime(t, form)
	case 1:
		e.Duration = Duration{Days: rapid.IntRange(1, maxDays).Draw(t, "days")}
		if form != FormDate {
			e.Duration.Time = time.Duration(rapid.IntRange(0, 100_000).Draw(t, "seconds")) * time.Second
		}
	}
	if rapid.Bool().Draw(t, "stamps") {
		e.Created = genDateTime(t, FormUTC).civil().In(time.UTC)
		e.LastModified = genDateTime(t, FormUTC).civil().In(time.UTC)
	}
	return e
}

func genDateTime(t *rapid.T, form Form) DateTime {
	day := pms.Date{Year: 2020, Month: time.January, Day: 1}.AddDays(rapid.IntRange(0, 9000).Draw(t, "day"))
	if form == FormDate {
		return DateTime{Form: form, Date: day}
	}
	return DateTime{Form: form, Date: day, Time: civil.Time{
		Hour: rapid.IntRange(0, 23).Draw(t, "hour"), Minute: rapid.IntRange(0, 59).Draw(t, "minute"), Second: rapid.IntRange(0, 59).Draw(t, "second"),
	}}
}

func TestWriteRecurrenceIDKeepsItsForm(t *testing.T) {
	t.Parallel()
	day := DateTime{Form: FormDate, Date: date(t, "2026-06-20")}
	text := written(t, Calendar{Events: []Event{
		{UID: "a", Start: day},
		{UID: "a", Start: day, RecurrenceID: "20260627"},
		{UID: "a", Start: day, RecurrenceID: "20260627T150000Z"},
	}})
	lines := strings.Split(text, "\r\n")
	assert.True(t, slices.Contains(lines, "RECURRENCE-ID;VALUE=DATE:20260627"))
	assert.True(t, slices.Contains(lines, "RECURRENCE-ID:20260627T150000Z"))
	assert.Len(t, mustParse(t, text).Events, 3)
}
