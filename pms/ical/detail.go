package ical

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// What the texts of an event hold beside its kind. The patterns of Airbnb are
// those of feeds of 2018 to 2026.
var (
	nameAndCode = regexp.MustCompile(`^(.+) \(([A-Z][A-Z0-9]{9})\)$`)
	realtyCode  = regexp.MustCompile(`^RC\(([A-Za-z0-9-]+)\)`)
	byHostaway  = regexp.MustCompile(`(?i)^(.+) \(([^()]+)\) - by hostaway$`)
	tripadvisor = regexp.MustCompile(`(?i)^tripadvisor\b[^:]*: *(.+)$`)
	clockText   = regexp.MustCompile(`(?i)^(\d{1,2})(?:[:.h](\d{2}))? ?(am|pm|a\.m\.|p\.m\.)?$`)
)

// maxName bounds a guest's name in bytes.
const maxName = 200

// describe reads the lines of a DESCRIPTION into c.
func (c *Class) describe(text string) {
	if text == "" {
		return
	}
	if strings.Contains(text, "airbnb.") {
		c.Code = airbnbCode(text)
	}
	c.PhoneLast4 = lastDigits(text)
	for line := range strings.SplitSeq(text, "\n") {
		key, value, ok := strings.Cut(line, ":")
		if !ok || len(key) > len("check-out time ") {
			continue
		}
		value = strings.TrimSpace(value)
		switch fold(key) {
		case "email", "e-mail":
			if strings.Contains(value, "@") {
				c.Guest.Email = value
			}
		case "phone":
			c.Guest.Phone = value
		case "guests":
			if n, ok := digits(value); ok && n <= maxGuests {
				c.Guests.Total = n
			}
		case "check-in", "checkin", "check-in time", "checkin time":
			c.ArrivalTime = parseClock(value)
		case "check-out", "checkout", "check-out time", "checkout time":
			c.DepartureTime = parseClock(value)
		}
	}
}

// airbnbCode returns the confirmation code in the URL of a reservation,
// ".../details/HMTEST1234" or "...?code=HMTEST1234".
func airbnbCode(text string) string {
	for _, marker := range []string{"details/", "code="} {
		_, rest, _ := strings.Cut(text, marker)
		end := 0
		for end < len(rest) && ('A' <= rest[end] && rest[end] <= 'Z' || '0' <= rest[end] && rest[end] <= '9') {
			end++
		}
		if end >= minCode {
			return rest[:end]
		}
	}
	return ""
}

// minCode is the least length of a confirmation code; Airbnb's have ten
// characters.
const minCode = 8

// lastDigits returns the digits behind "Phone Number (Last 4 Digits):".
func lastDigits(text string) string {
	_, rest, ok := strings.Cut(text, "Last 4 Digits")
	rest = strings.TrimLeft(rest, "): ")
	if !ok || len(rest) < 4 {
		return ""
	}
	if _, ok := digits(rest[:4]); !ok {
		return ""
	}
	return rest[:4]
}

// maxGuests bounds a believable number of guests.
const maxGuests = 200

// parseClock reads "4 PM", "16:00", "11". Anything else is the zero Clock.
func parseClock(s string) pms.Clock {
	m := clockText.FindStringSubmatch(tidy(s))
	if m == nil {
		return pms.Clock{}
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi("0" + m[2])
	switch half := strings.ToLower(m[3]); {
	case half == "":
	case hour < 1 || hour > 12:
		return pms.Clock{}
	case half[0] == 'a':
		hour %= 12
	default:
		hour = hour%12 + 12
	}
	clock, err := pms.NewClock(hour, minute)
	if err != nil {
		return pms.Clock{}
	}
	return clock
}

// nameBehind returns what follows a leading word: "Anna" of "Reserved - Anna"
// and of "Reservation Anna".
func nameBehind(summary string) string {
	if _, name, ok := strings.Cut(summary, " - "); ok {
		return cutName(name)
	}
	if word, name, ok := strings.Cut(summary, " "); ok && strings.EqualFold(word, "reservation") {
		return cutName(name)
	}
	return ""
}

// cutName trims a name and bounds it.
func cutName(s string) string {
	s = strings.Trim(s, " -:")
	if len(s) > maxName {
		s = strings.ToValidUTF8(s[:maxName], "")
	}
	return s
}

// salesChannel turns the channel named in a summary into the words of
// pms.Booking.
func salesChannel(s string) string {
	s = fold(s)
	for _, known := range []struct{ word, channel string }{
		{"airbnb", "airbnb"}, {"booking", "booking"}, {"vrbo", "vrbo"}, {"homeaway", "vrbo"},
		{"expedia", "expedia"}, {"direct", "direct"},
	} {
		if strings.HasPrefix(s, known.word) {
			return known.channel
		}
	}
	return s
}
