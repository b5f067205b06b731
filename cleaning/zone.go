package cleaning

import (
	"fmt"
	"math"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// Instant returns the instant at which a clock in loc shows c on day d. It
// follows RFC 5545: a time that the clock skips in spring is counted with the
// offset before the change (02:30 becomes 03:30, never the day before), and of a
// time that it shows twice in autumn the first is meant. The zero Clock is
// midnight.
func Instant(d pms.Date, c pms.Clock, loc *time.Location) time.Time {
	z := zone{loc: loc}
	day, _ := dayOf(d)
	t, _ := z.instant(day, c.Minutes())
	return t
}

const secondsPerDay = 24 * 60 * 60

// lastYear leaves room for a window after the last day that RFC 3339 can express.
const lastYear = 9998

// dayOf returns the days from 1970-01-01 to d, and false if there is no day d or
// its year is not 1 to 9998.
func dayOf(d pms.Date) (int, bool) {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	return int(t.Unix() / secondsPerDay), civil.DateOf(t) == d && 1 <= d.Year && d.Year <= lastYear
}

func dateOf(day int) pms.Date {
	return civil.DateOf(time.Unix(int64(day)*secondsPerDay, 0).UTC())
}

// zone converts clock times of one location. It remembers the stretch of clock
// time around the last conversion in which the offset does not change.
type zone struct {
	loc      *time.Location
	name     string
	from, to int64 // clock seconds [from, to) at which offset holds
	offset   int64
}

// instant returns when the clock shows the given minute of the day, and whether
// the clock skips that time.
func (z *zone) instant(day, minute int) (t time.Time, skipped bool) {
	clock := int64(day)*secondsPerDay + int64(minute)*60
	if z.from <= clock && clock < z.to {
		return z.at(clock - z.offset), false
	}
	before, after := z.offsetAt(clock-secondsPerDay), z.offsetAt(clock+secondsPerDay)
	if before == after {
		z.remember(clock, before)
		return z.at(clock - before), false
	}
	if t := clock - before; z.offsetAt(t) == before {
		return z.at(t), false
	}
	if t := clock - after; z.offsetAt(t) == after {
		return z.at(t), false
	}
	return z.at(clock - before), true
}

// remember keeps the stretch around clock, less a day at either end so that
// the hours beside a change take the long way.
func (z *zone) remember(clock, offset int64) {
	start, end := z.at(clock - offset).ZoneBounds()
	z.offset, z.from, z.to = offset, math.MinInt64, math.MaxInt64
	if !start.IsZero() {
		z.from = start.Unix() + offset + secondsPerDay
	}
	if !end.IsZero() {
		z.to = end.Unix() + offset - secondsPerDay
	}
}

func (z *zone) at(unix int64) time.Time { return time.Unix(unix, 0).In(z.loc) }

func (z *zone) offsetAt(unix int64) int64 {
	_, offset := z.at(unix).Zone()
	return int64(offset)
}

// today returns the day that the calendar shows at t.
func (z *zone) today(t time.Time) int {
	day, _ := dayOf(civil.DateOf(t.In(z.loc)))
	return day
}

// zones holds the locations that one call has loaded.
type zones map[string]*time.Location

// load returns the location of an IANA name. The empty name and "Local", which
// the time package takes for UTC and for the zone of the machine, are errors.
func (zs zones) load(name string) (*time.Location, error) {
	if loc, ok := zs[name]; ok {
		return loc, nil
	}
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q is not an IANA time zone", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not an IANA time zone", name)
	}
	zs[name] = loc
	return loc, nil
}
