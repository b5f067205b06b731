package wire

import (
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Stamp is a date and time as written, with the offset if one is written. It
// keeps the wall time: nothing is shifted.
type Stamp struct {
	Date   pms.Date
	Hour   int
	Minute int
	Second int
	Nanos  int
	// HasTime is false for a date alone.
	HasTime bool
	// Offset is seconds east of UTC, valid when HasOffset.
	Offset    int
	HasOffset bool
}

// IsZero reports whether nothing is stated.
func (s Stamp) IsZero() bool { return s == Stamp{} }

// Clock returns the wall clock time, or zero for a date alone.
func (s Stamp) Clock() pms.Clock {
	if !s.HasTime {
		return pms.Clock{}
	}
	c, err := pms.NewClock(s.Hour, s.Minute)
	if err != nil {
		return pms.Clock{}
	}
	return c
}

// Zone returns the written offset as a fixed zone, or fallback without one.
func (s Stamp) Zone(fallback *time.Location) *time.Location {
	if s.HasOffset {
		return time.FixedZone("", s.Offset)
	}
	return fallback
}

// Time returns the instant, reading a stamp without offset in the given zone.
// It is zero for the zero Stamp and for a nil zone where one is needed.
func (s Stamp) Time(zone *time.Location) time.Time {
	zone = s.Zone(zone)
	if s.IsZero() || zone == nil {
		return time.Time{}
	}
	return time.Date(s.Date.Year, s.Date.Month, s.Date.Day, s.Hour, s.Minute, s.Second, s.Nanos, zone)
}

// ParseStamp parses "2006-01-02", alone or followed by "T" or a space,
// "15:04", optional seconds and fraction, and an optional offset "Z", "+03",
// "+0300" or "+03:00". Empty and "0000-00-00", with or without a time, are
// zero.
func ParseStamp(t Text) (Stamp, error) {
	s := strings.TrimSpace(string(t))
	if s == "" {
		return Stamp{}, nil
	}
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return Stamp{}, errStamp
	}
	var out Stamp
	var err error
	if out.Date, err = date(s[:4], s[5:7], s[8:10]); err != nil {
		return Stamp{}, errStamp
	}
	if rest := s[10:]; rest != "" {
		if rest[0] != 'T' && rest[0] != 't' && rest[0] != ' ' {
			return Stamp{}, errStamp
		}
		if err := out.parseTime(strings.TrimSpace(rest[1:])); err != nil {
			return Stamp{}, err
		}
	}
	if out.Date == (pms.Date{}) {
		return Stamp{}, nil
	}
	return out, nil
}

func (s *Stamp) parseTime(text string) error {
	clock, offset := text, ""
	if i := strings.IndexAny(text, "Zz+-"); i >= 0 {
		clock, offset = strings.TrimSpace(text[:i]), text[i:]
	}
	if len(clock) < 5 || clock[2] != ':' || !isDigits(clock[:2]) || !isDigits(clock[3:5]) {
		return errStamp
	}
	s.HasTime, s.Hour, s.Minute = true, atoi(clock[:2]), atoi(clock[3:5])
	if rest := clock[5:]; rest != "" {
		if len(rest) < 3 || rest[0] != ':' || !isDigits(rest[1:3]) {
			return errStamp
		}
		s.Second = atoi(rest[1:3])
		nanos, ok := parseFraction(rest[3:])
		if !ok {
			return errStamp
		}
		s.Nanos = nanos
	}
	if s.Hour > 23 || s.Minute > 59 || s.Second > 60 {
		return errStamp
	}
	return s.parseOffset(offset)
}

// parseFraction reads "" or a point and digits; beyond nanoseconds they are
// cut off.
func parseFraction(text string) (nanos int, ok bool) {
	if text == "" {
		return 0, true
	}
	digits := text[1:]
	if text[0] != '.' || !isDigits(digits) {
		return 0, false
	}
	digits = (digits + "000000000")[:9]
	return atoi(digits), true
}

func (s *Stamp) parseOffset(text string) error {
	if text == "" {
		return nil
	}
	s.HasOffset = true
	if text == "Z" || text == "z" {
		return nil
	}
	digits := text[1:]
	if len(digits) == 5 && digits[2] == ':' {
		digits = digits[:2] + digits[3:]
	}
	if (len(digits) != 2 && len(digits) != 4) || !isDigits(digits) || text[0] == 'Z' || text[0] == 'z' {
		return errStamp
	}
	digits = (digits + "00")[:4]
	hours, minutes := atoi(digits[:2]), atoi(digits[2:])
	if hours > 14 || minutes > 59 {
		return errStamp
	}
	s.Offset = hours*3600 + minutes*60
	if text[0] == '-' {
		s.Offset = -s.Offset
	}
	return nil
}
