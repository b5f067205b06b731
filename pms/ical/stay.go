package ical

import (
	"errors"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
)

// Stay is an event with its calendar days at the property.
type Stay struct {
	Event
	// Arrival and Departure are days in the property's zone; the nights are
	// [Arrival, Departure).
	Arrival   pms.Date
	Departure pms.Date
	// ArrivalTime and DepartureTime are the clock times of an event that has
	// times, and zero for all-day events. From midnight to midnight is all day.
	ArrivalTime   pms.Clock
	DepartureTime pms.Clock
	// TimeZone is the IANA name of the zone that the days are in, or empty when
	// none is known and none was needed.
	TimeZone string
}

// Nights returns the number of nights, 0 for day use.
func (s Stay) Nights() int { return s.Departure.DaysSince(s.Arrival) }

var (
	errNoZone      = errors.New("no time zone known for the property")
	errUnknownZone = errors.New("unknown time zone")
	errZoneAssumed = errors.New("unknown time zone; read in the zone of the property")
	errReversed    = errors.New("before DTSTART")
	errNoLength    = errors.New("not after DTSTART")
)

// Stays places the events at the property. The property's zone may be nil: then
// the feed's X-WR-TIMEZONE counts, if it names one. Dates need no zone, and
// neither do floating times; an instant without a zone, and a TZID that nothing
// resolves, is a failed event, never a guess. A TZID is an IANA name, a name of
// a VTIMEZONE of the feed or a Windows name; an unknown one is read in the
// property's zone with a warning.
//
// Dates of one day and without an end are one night. An event that ends before
// it begins, and one with times and no length, fails.
func (c Calendar) Stays(property *time.Location) (stays []Stay, failed []*pms.RecordError) {
	zones := newZones(c, property)
	stays = make([]Stay, 0, len(c.Events))
	for _, e := range c.Events {
		s, field, err := zones.stay(e)
		if err != nil {
			failed = append(failed, recordError(e.UID, field, err, e.Raw))
			continue
		}
		stays = append(stays, s)
	}
	return stays, failed
}

func (z *zones) stay(e Event) (s Stay, field string, err error) {
	start, zone, err := z.local(&e, "DTSTART", e.Start)
	if err != nil {
		return Stay{}, "DTSTART", err
	}
	end, endField := civil.DateTime{}, "DTEND"
	switch {
	case e.End.Form != FormNone:
		if end, _, err = z.local(&e, endField, e.End); err != nil {
			return Stay{}, endField, err
		}
	case e.Start.Form == FormDate:
		end = civil.DateTime{Date: start.Date.AddDays(e.Duration.Days)}
	default:
		endField = "DURATION"
		end = addDuration(start, e.Duration, zone)
	}
	switch order := end.Compare(start); {
	case order < 0:
		return Stay{}, endField, errReversed
	case order == 0 && e.Start.Form != FormDate:
		return Stay{}, endField, errNoLength
	case order == 0:
		end.Date = end.Date.AddDays(1)
	}
	s = Stay{Event: e, Arrival: start.Date, Departure: end.Date}
	if zone != nil {
		s.TimeZone = zone.String()
	}
	if e.Start.Form != FormDate && (start.Time != civil.Time{} || end.Time != civil.Time{}) {
		s.ArrivalTime, s.DepartureTime = clock(start.Time), clock(end.Time)
	}
	return s, "", nil
}

// addDuration adds nominal days and exact time. Without a zone there is no
// daylight saving to heed.
func addDuration(start civil.DateTime, d Duration, zone *time.Location) civil.DateTime {
	if zone == nil || d.Time == 0 {
		zone = time.UTC
	}
	return civil.DateTimeOf(start.In(zone).AddDate(0, 0, d.Days).Add(d.Time))
}

func clock(t civil.Time) pms.Clock {
	c, err := pms.NewClock(t.Hour, t.Minute)
	if err != nil {
		return pms.Clock{}
	}
	return c
}
