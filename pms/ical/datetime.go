package ical

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// Form is the way in which a feed states a point in time.
type Form uint8

// The forms of a DateTime.
const (
	FormNone     Form = iota // not stated
	FormDate                 // a calendar day without a zone
	FormUTC                  // an instant
	FormZoned                // wall time in the zone named by TZID
	FormFloating             // wall time at the property
)

// DateTime is a DTSTART or DTEND as the feed states it, with no zone applied.
type DateTime struct {
	Form Form
	Date pms.Date
	// Time is the wall time, 00:00 for FormDate.
	Time civil.Time
	// TZID is the zone as written, for FormZoned only.
	TZID string
}

// String returns the value in iCalendar form: "20260824", "20260905T160000Z"
// or "20261110T150000".
func (t DateTime) String() string {
	if t.Form == FormNone {
		return ""
	}
	date := fmt.Sprintf("%04d%02d%02d", t.Date.Year, int(t.Date.Month), t.Date.Day)
	if t.Form == FormDate {
		return date
	}
	text := fmt.Sprintf("%sT%02d%02d%02d", date, t.Time.Hour, t.Time.Minute, t.Time.Second)
	if t.Form == FormUTC {
		text += "Z"
	}
	return text
}

// civil returns date and wall time as one value.
func (t DateTime) civil() civil.DateTime { return civil.DateTime{Date: t.Date, Time: t.Time} }

// Duration is a DURATION: nominal days, then exact time.
type Duration struct {
	Days int
	Time time.Duration
}

// IsZero reports whether no duration is stated.
func (d Duration) IsZero() bool { return d == Duration{} }

// String returns the value in iCalendar form, "P4D" or "P1DT3H".
func (d Duration) String() string {
	text := "P"
	if d.Days > 0 || d.Time == 0 {
		text += fmt.Sprintf("%dD", d.Days)
	}
	if d.Time > 0 {
		text += "T" + strings.ToUpper(d.Time.Truncate(time.Second).String())
	}
	return text
}

var (
	errDateTime = errors.New("not a date or date-time")
	errDuration = errors.New("not a duration")
)

// parseDateTime reads a DTSTART or DTEND. A value of eight digits is a date
// with or without VALUE=DATE; under VALUE=DATE a time behind the date is
// dropped, so that the day never passes through a zone.
func parseDateTime(p property) (DateTime, error) {
	value := strings.TrimSpace(p.value)
	if len(value) < len("20060102") {
		return DateTime{}, errDateTime
	}
	date, ok := parseDate(value[:8])
	if !ok {
		return DateTime{}, errDateTime
	}
	rest := value[8:]
	isDate := p.params != "" && strings.EqualFold(param(p.params, "VALUE"), "DATE")
	if rest == "" || isDate && (rest[0] == 'T' || rest[0] == 't') {
		return DateTime{Form: FormDate, Date: date}, nil
	}
	clock, utc, ok := parseTime(rest)
	if !ok {
		return DateTime{}, errDateTime
	}
	t := DateTime{Form: FormFloating, Date: date, Time: clock}
	switch tzid := param(p.params, "TZID"); {
	case utc:
		t.Form = FormUTC
	case tzid != "":
		t.Form, t.TZID = FormZoned, tzid
	}
	return t, nil
}

// parseDate reads eight digits. Years outside 1900 to 2999 are not dates of a
// stay.
func parseDate(s string) (pms.Date, bool) {
	year, ok1 := digits(s[:4])
	month, ok2 := digits(s[4:6])
	day, ok3 := digits(s[6:8])
	date := pms.Date{Year: year, Month: time.Month(month), Day: day}
	return date, ok1 && ok2 && ok3 && year >= 1900 && year <= 2999 && date.IsValid()
}

// parseTime reads "T160000" and "T160000Z". Second 60 counts as 59.
func parseTime(s string) (t civil.Time, utc, ok bool) {
	if len(s) == len("T160000Z") && (s[7] == 'Z' || s[7] == 'z') {
		utc, s = true, s[:7]
	}
	if len(s) != len("T160000") || s[0] != 'T' && s[0] != 't' {
		return civil.Time{}, false, false
	}
	hour, ok1 := digits(s[1:3])
	minute, ok2 := digits(s[3:5])
	second, ok3 := digits(s[5:7])
	if !ok1 || !ok2 || !ok3 || hour > 23 || minute > 59 || second > 60 {
		return civil.Time{}, false, false
	}
	return civil.Time{Hour: hour, Minute: minute, Second: min(second, 59)}, utc, true
}

// digits reads a run of ASCII digits short enough for an int.
func digits(s string) (int, bool) {
	if s == "" || len(s) > 6 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// parseStamp reads LAST-MODIFIED and CREATED, which are UTC by the standard.
// Anything else is the zero time.
func parseStamp(p property) time.Time {
	if t, err := parseDateTime(p); err == nil && t.Form == FormUTC {
		return t.civil().In(time.UTC)
	}
	return time.Time{}
}

// parseDuration reads "P4D", "P2W", "PT3H", "P1DT2H30M". Negative durations
// are errors. Whole days of hours count as days when dates is set, because an
// event of DATE values has no hours.
func parseDuration(value string, dates bool) (Duration, error) {
	s, ok := strings.CutPrefix(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(value)), "+"), "P")
	if !ok || s == "" || strings.HasSuffix(s, "T") {
		return Duration{}, errDuration
	}
	var d Duration
	inTime := false
	for s != "" {
		if s[0] == 'T' && !inTime {
			inTime, s = true, s[1:]
		}
		i := strings.IndexAny(s, "WDHMS")
		if i < 0 {
			return Duration{}, errDuration
		}
		n, ok := digits(s[:i])
		if !ok || !d.add(n, s[i], inTime) {
			return Duration{}, errDuration
		}
		s = s[i+1:]
	}
	if dates {
		d.Days += int(d.Time / (24 * time.Hour))
		d.Time %= 24 * time.Hour
		if d.Time != 0 {
			return Duration{}, errDuration
		}
	}
	return d, nil
}

func (d *Duration) add(n int, unit byte, inTime bool) bool {
	switch {
	case unit == 'W' && !inTime:
		d.Days += 7 * n
	case unit == 'D' && !inTime:
		d.Days += n
	case unit == 'H' && inTime:
		d.Time += time.Duration(n) * time.Hour
	case unit == 'M' && inTime:
		d.Time += time.Duration(n) * time.Minute
	case unit == 'S' && inTime:
		d.Time += time.Duration(n) * time.Second
	default:
		return false
	}
	return d.Days <= maxDays && d.Time <= maxDays*24*time.Hour
}

// maxDays bounds a DURATION, so that no sum leaves the calendar.
const maxDays = 3660
