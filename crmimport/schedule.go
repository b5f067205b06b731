package crmimport

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Schedule is the five fields of the settings page: each is "*", or numbers
// with commas and without blanks. Nothing else is taken: no ranges, steps or
// names.
//
// A field with a star is left out of account. Minutes alone mean once an hour,
// minutes and hours once a day. As in cron, when both DayOfMonth and Weekday
// are given, a day that fits either is a day of the schedule. Weekdays are 0
// (Sunday) to 6; 7 is Sunday, too.
//
// There is no cron library behind this: the one in wide use is abandoned, skips
// what falls into the hour that is missing in spring, and takes much that the
// settings page does not.
type Schedule struct {
	Minute     string `json:"minute"`
	Hour       string `json:"hour"`
	DayOfMonth string `json:"dayOfMonth"`
	Month      string `json:"month"`
	Weekday    string `json:"weekday"`
}

// DefaultTimeZone is the zone of schedules that name none.
const DefaultTimeZone = "Europe/Moscow"

var errSchedule = errors.New("crmimport: schedule")

// Timetable is a checked schedule in a zone. It holds no clock and starts
// nothing: a host waits until Next and then calls [Importer.RunScheduled].
type Timetable struct {
	minutes, hours, days, months, weekdays []int // nil is a star
	zone                                   *time.Location
}

// In checks the schedule for an IANA zone; empty means [DefaultTimeZone].
// Refused are a schedule without minutes, numbers out of range, and days that
// no year has, such as 31 February.
func (s Schedule) In(zone string) (*Timetable, error) {
	if zone == "" {
		zone = DefaultTimeZone
	}
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return nil, fmt.Errorf("%w: %q is not an IANA zone known here", errSchedule, zone)
	}
	t := &Timetable{zone: location}
	for _, field := range []struct {
		name        string
		text        string
		least, most int
		into        *[]int
	}{
		{"minute", s.Minute, 0, 59, &t.minutes},
		{"hour", s.Hour, 0, 23, &t.hours},
		{"day of month", s.DayOfMonth, 1, 31, &t.days},
		{"month", s.Month, 1, 12, &t.months},
		{"weekday", s.Weekday, 0, 7, &t.weekdays},
	} {
		if *field.into, err = parseField(field.text, field.least, field.most); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", errSchedule, field.name, err)
		}
	}
	for i, day := range t.weekdays {
		t.weekdays[i] = day % 7
	}
	switch {
	case t.minutes == nil:
		return nil, fmt.Errorf("%w: without a minute it would run every minute", errSchedule)
	case !t.possible():
		return nil, fmt.Errorf("%w: no year has such a day", errSchedule)
	}
	return t, nil
}

func parseField(text string, least, most int) ([]int, error) {
	if text == "*" {
		return nil, nil
	}
	var numbers []int
	for item := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(item)
		if err != nil || !digits(item) || len(item) > 2 {
			return nil, errors.New("neither a star nor numbers with commas")
		}
		if n < least || n > most {
			return nil, fmt.Errorf("%d is not between %d and %d", n, least, most)
		}
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), nil
}

// possible reports whether the calendar has a day of the timetable.
func (t *Timetable) possible() bool {
	if t.days == nil || t.weekdays != nil || t.months == nil {
		return true
	}
	longest := [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	for _, month := range t.months {
		if t.days[0] <= longest[month-1] {
			return true
		}
	}
	return false
}

// Warnings says what about the timetable may not be meant.
func (t *Timetable) Warnings() []Warning {
	if t.days == nil || t.weekdays == nil {
		return nil
	}
	return []Warning{always(WarnEitherDay)}
}

// WarnEitherDay is the code of a schedule with both kinds of days.
const WarnEitherDay = "either_day"

// leapCycle is the longest wait for a day that some year has: 29 February, over
// a century without leap day.
const leapCycle = 8*366 + 2

// Next returns the first time after now, in the zone of the timetable.
//
// A time that falls into the hour that is missing when clocks go forward is as
// much later as they go forward. One in the hour that comes twice when they go
// back counts the first time only, unless the schedule is hourly.
func (t *Timetable) Next(now time.Time) time.Time {
	year, month, day := now.In(t.zone).Date()
	for i := range leapCycle {
		date := time.Date(year, month, day+i, 0, 0, 0, 0, time.UTC)
		if !t.fits(date) {
			continue
		}
		if next := t.nextOf(date, now); !next.IsZero() {
			return next
		}
	}
	return time.Time{} // unreachable: possible has checked
}

func (t *Timetable) fits(date time.Time) bool {
	if t.months != nil && !slices.Contains(t.months, int(date.Month())) {
		return false
	}
	day, weekday := slices.Contains(t.days, date.Day()), slices.Contains(t.weekdays, int(date.Weekday()))
	switch {
	case t.days == nil && t.weekdays == nil:
		return true
	case t.days == nil:
		return weekday
	case t.weekdays == nil:
		return day
	default:
		return day || weekday
	}
}

// nextOf returns the first time of a day after now, or zero.
func (t *Timetable) nextOf(date, now time.Time) time.Time {
	var best time.Time
	take := func(at time.Time) {
		if at.After(now) && (best.IsZero() || at.Before(best)) {
			best = at
		}
	}
	for _, hour := range t.hours {
		for _, minute := range t.minutes {
			take(t.instant(date, hour, minute))
		}
	}
	if t.hours != nil {
		return best
	}
	end := t.instant(date.AddDate(0, 0, 1), 0, 0)
	for at := t.instant(date, 0, 0); at.Before(end) && best.IsZero(); at = at.Add(time.Minute) {
		if slices.Contains(t.minutes, at.Minute()) {
			take(at)
		}
	}
	return best
}

// instant is the first time at which the clocks of the zone show the hour and
// minute of a day. If they never do, the offset before their change counts.
func (t *Timetable) instant(date time.Time, hour, minute int) time.Time {
	clock := date.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute) // as if in UTC
	_, before := clock.Add(-24 * time.Hour).In(t.zone).Zone()
	_, after := clock.Add(24 * time.Hour).In(t.zone).Zone()
	for _, offset := range []int{max(before, after), min(before, after)} {
		at := clock.Add(-time.Duration(offset) * time.Second).In(t.zone)
		if _, actual := at.Zone(); actual == offset {
			return at
		}
	}
	return clock.Add(-time.Duration(before) * time.Second).In(t.zone)
}
