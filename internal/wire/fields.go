package wire

import (
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Fields reads the fields of one record and remembers the first that could not
// be read. A mapping reads all fields through it and asks Err once.
//
// Only what a booking cannot do without fails the record: its id and its days.
// An unreadable amount, count, clock time or change stamp is unknown instead,
// because losing the stay would be worse; the record's raw form still has it.
type Fields struct {
	field string
	err   error
}

// Err returns the record error for the first bad field, or nil.
func (f *Fields) Err(vendor, record, id string, raw []byte) *pms.RecordError {
	if f.err == nil {
		return nil
	}
	return &pms.RecordError{Vendor: vendor, Record: record, ID: id, Field: f.field, Err: f.err, Raw: raw}
}

// Fail records that a field is bad. Only the first one is kept.
func (f *Fields) Fail(field string, err error) {
	if f.err == nil && err != nil {
		f.field, f.err = field, err
	}
}

func read[T any](f *Fields, field string, t Text, parse func(Text) (T, error)) T {
	v, err := parse(t)
	f.Fail(field, err)
	return v
}

// Date reads a calendar day.
func (f *Fields) Date(field string, t Text) pms.Date { return read(f, field, t, Date) }

// Day reads a calendar day that must be there.
func (f *Fields) Day(field string, t Text) pms.Date {
	day := f.Date(field, t)
	if day.IsZero() {
		f.Fail(field, errMissing)
	}
	return day
}

// StampDMY reads a calendar day written day first, as a Stamp without a time.
func (f *Fields) StampDMY(field string, t Text) Stamp {
	return Stamp{Date: read(f, field, t, DateDMY)}
}

// Stamp reads a date and time.
func (f *Fields) Stamp(field string, t Text) Stamp { return read(f, field, t, ParseStamp) }

// Stay checks that a stay has both days and that it does not end before it
// begins.
func (f *Fields) Stay(arrivalField, departureField string, arrival, departure pms.Date) {
	switch {
	case arrival.IsZero():
		f.Fail(arrivalField, errMissing)
	case departure.IsZero():
		f.Fail(departureField, errMissing)
	case departure.Before(arrival):
		f.Fail(departureField, errBefore)
	}
}

// Required checks that a field is there.
func (f *Fields) Required(field string, t Text) string {
	if strings.TrimSpace(string(t)) == "" {
		f.Fail(field, errMissing)
	}
	return string(t)
}

func lenient[T any](t Text, parse func(Text) (T, error)) T {
	v, err := parse(t)
	if err != nil {
		var unknown T
		return unknown
	}
	return v
}

// IntOrZero reads a whole number; an unreadable one is 0.
func IntOrZero(t Text) int { return lenient(t, Int) }

// CountOrZero reads a number of people; an unreadable one is 0.
func CountOrZero(t Text) int { return lenient(t, Count) }

// DecimalOrEmpty reads an exact amount; an unreadable one is empty.
func DecimalOrEmpty(t Text) string { return lenient(t, Decimal) }

// ClockOrZero reads a clock time; an unreadable one is not stated.
func ClockOrZero(t Text) pms.Clock { return lenient(t, Clock) }

// TimeOrZero reads an instant; a stamp without offset is read in zone, and one
// that cannot be read, or has no zone, is zero.
func TimeOrZero(t Text, zone *time.Location) time.Time {
	return lenient(t, ParseStamp).Time(zone)
}
