package pms

import (
	"errors"
	"fmt"

	"cloud.google.com/go/civil"
)

// Date is a calendar day without a zone. Its JSON form is "2026-11-21"; the
// zero value means "not stated".
type Date = civil.Date

// Clock is a wall clock time to the minute, from 00:00 to 23:59. The zero
// value means "not stated" and is different from midnight. Clocks compare
// with ==. The JSON form is "15:00", or "" when not stated.
type Clock struct {
	// value is the minute of the day plus one, so that zero is "not stated".
	value uint16
}

var errClock = errors.New("not a clock time from 00:00 to 23:59")

// NewClock returns the clock time hour:minute, or an error when it is outside
// 00:00 to 23:59.
func NewClock(hour, minute int) (Clock, error) {
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return Clock{}, fmt.Errorf("%d:%02d is %w", hour, minute, errClock)
	}
	return Clock{value: uint16(hour*60+minute) + 1}, nil
}

// ParseClock reads "15:04" (one or two digits of hour). An empty text is the
// zero Clock.
func ParseClock(s string) (Clock, error) {
	if s == "" {
		return Clock{}, nil
	}
	colon := len(s) - 3
	if (colon != 1 && colon != 2) || s[colon] != ':' {
		return Clock{}, errClock
	}
	hour, ok := twoDigits(s[:colon])
	minute, ok2 := twoDigits(s[colon+1:])
	if !ok || !ok2 {
		return Clock{}, errClock
	}
	return NewClock(hour, minute)
}

func twoDigits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// IsZero reports whether no time is stated.
func (c Clock) IsZero() bool { return c.value == 0 }

// Minutes returns the minutes since midnight on the dial, 0 for the zero Clock.
func (c Clock) Minutes() int { return max(int(c.value)-1, 0) }

// Hour returns 0 to 23.
func (c Clock) Hour() int { return c.Minutes() / 60 }

// Minute returns 0 to 59.
func (c Clock) Minute() int { return c.Minutes() % 60 }

// String returns "15:04", or "" for the zero Clock.
func (c Clock) String() string {
	if c.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", c.Hour(), c.Minute())
}

// MarshalText implements [encoding.TextMarshaler].
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler] with [ParseClock].
func (c *Clock) UnmarshalText(text []byte) error {
	parsed, err := ParseClock(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
