package wire

import "strings"

// Channel names a sales channel by the words of the shared model, whatever a
// vendor adds to them ("Airbnb (official)", "Booking.com"). A channel without
// such a word keeps the vendor's own, in lower case.
func Channel(t Text) string {
	name := strings.ToLower(strings.TrimSpace(string(t)))
	for _, known := range []struct{ part, word string }{
		{"airbnb", "airbnb"},
		{"booking.com", "booking"},
		{"bookingcom", "booking"},
		{"vrbo", "vrbo"},
		{"homeaway", "vrbo"},
		{"abritel", "vrbo"},
		{"expedia", "expedia"},
	} {
		if strings.Contains(name, known.part) {
			return known.word
		}
	}
	switch name {
	case "booking", "direct":
		return name
	case "прямое", "manual", "website", "owner_website":
		return "direct"
	}
	return name
}
