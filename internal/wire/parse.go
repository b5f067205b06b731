package wire

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// The reasons why a text could not be parsed. They hold no value, which may be
// a guest's.
var (
	errNumber = errors.New("not a whole number")
	errAmount = errors.New("not an amount")
	errDate   = errors.New("not a date")
	errStamp  = errors.New("not a date and time")
	errClock  = errors.New("not a clock time")

	errMissing = errors.New("missing")
	errBefore  = errors.New("departure before arrival")
)

// Int parses a whole number: "7", "7.0", " 1 200 ". Empty is 0.
func Int(t Text) (int, error) {
	s := compact(string(t))
	if s == "" {
		return 0, nil
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if strings.Trim(fraction, "0") != "" {
		return 0, errNumber
	}
	n, err := strconv.Atoi(whole)
	if err != nil {
		return 0, errNumber
	}
	return n, nil
}

// Count parses a number of people. Empty is 0; a negative number or one above
// 1000 is an error, because no guest count of a unit is.
func Count(t Text) (int, error) {
	n, err := Int(t)
	if err != nil || n < 0 || n > 1000 {
		return 0, errNumber
	}
	return n, nil
}

// Decimal parses an exact amount into plain decimal text: "56 700.00" gives
// "56700.00", "1e3" and "1,5" are refused. Empty is empty.
func Decimal(t Text) (string, error) {
	s := compact(string(t))
	digits := strings.TrimPrefix(s, "-")
	if s == "" {
		return "", nil
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if !isDigits(whole) || (point && !isDigits(fraction)) {
		return "", errAmount
	}
	return s, nil
}

// compact removes the spaces, breaking or not, that group digits.
func compact(s string) string {
	if !strings.ContainsAny(s, " \u00a0\u202f\t") {
		return s
	}
	return strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "\t", "").Replace(s)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Date parses a calendar day: "2026-06-20", alone or in front of a time, which
// is left out without any shift of zone. Empty and "0000-00-00" are zero.
func Date(t Text) (pms.Date, error) {
	stamp, err := ParseStamp(t)
	if err != nil {
		return pms.Date{}, errDate
	}
	return stamp.Date, nil
}

// DateDMY parses "20-06-2026" or "20.06.2026". Empty is zero.
func DateDMY(t Text) (pms.Date, error) {
	s := strings.TrimSpace(string(t))
	if s == "" {
		return pms.Date{}, nil
	}
	if len(s) != 10 || (s[2] != '-' && s[2] != '.') || s[5] != s[2] {
		return pms.Date{}, errDate
	}
	return date(s[6:], s[3:5], s[:2])
}

func date(year, month, day string) (pms.Date, error) {
	if !isDigits(year) || !isDigits(month) || !isDigits(day) {
		return pms.Date{}, errDate
	}
	d := pms.Date{Year: atoi(year), Month: time.Month(atoi(month)), Day: atoi(day)}
	switch {
	case d == pms.Date{}:
		return d, nil
	case !d.IsValid() || d.Year == 0:
		return pms.Date{}, errDate
	}
	return d, nil
}

// atoi converts digits that were checked.
func atoi(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

// Clock parses a clock time: "15:00", "9:30", "15:00:00", "3:00 PM", "15".
// Midnight written as the end of a day ("24:00") and empty are "not stated".
func Clock(t Text) (pms.Clock, error) {
	s := strings.ToUpper(strings.TrimSpace(string(t)))
	half, isHalf := 0, false
	if rest, ok := strings.CutSuffix(s, "AM"); ok {
		s, isHalf = strings.TrimSpace(rest), true
	} else if rest, ok := strings.CutSuffix(s, "PM"); ok {
		s, isHalf, half = strings.TrimSpace(rest), true, 12
	}
	if !isHalf && (s == "" || s == "24:00" || s == "24:00:00") {
		return pms.Clock{}, nil
	}
	parts := strings.Split(s, ":")
	if len(parts) > 3 || len(parts[0]) > 2 || !isDigits(parts[0]) {
		return pms.Clock{}, errClock
	}
	for _, part := range parts[1:] {
		if len(part) != 2 || !isDigits(part) || atoi(part) > 59 {
			return pms.Clock{}, errClock
		}
	}
	hour, minute := atoi(parts[0]), 0
	if len(parts) > 1 {
		minute = atoi(parts[1])
	}
	if isHalf {
		if hour < 1 || hour > 12 {
			return pms.Clock{}, errClock
		}
		hour = hour%12 + half
	}
	c, err := pms.NewClock(hour, minute)
	if err != nil {
		return pms.Clock{}, errClock
	}
	return c, nil
}
