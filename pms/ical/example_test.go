package ical_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/ical"
)

func ExampleParse() {
	cal, err := ical.Parse([]byte(`BEGIN:VCALENDAR
PRODID:-//Airbnb Inc//Hosting Calendar 1.0//EN
BEGIN:VEVENT
UID:1418fb94e984-0001@airbnb.com
DTSTART;VALUE=DATE:20260620
DTEND;VALUE=DATE:20260623
SUMMARY:Reserved
END:VEVENT
BEGIN:VEVENT
UID:7f662ec65913-0002@airbnb.com
DTSTART;VALUE=DATE:20260701
DTEND;VALUE=DATE:20260704
SUMMARY:Airbnb (Not available)
END:VEVENT
END:VCALENDAR
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	stays, failed := cal.Stays(time.UTC)
	source := ical.DetectSource(cal.ProdID, "")
	for i, class := range (ical.Rules{}).Classify(source, stays) {
		fmt.Printf("%s to %s: %s (%s: %q)\n", stays[i].Arrival, stays[i].Departure, class.Kind, class.Rule, class.Word)
	}
	fmt.Println(len(failed), "failed")
	// Output:
	// 2026-06-20 to 2026-06-23: guest (reservation word: "reserved")
	// 2026-07-01 to 2026-07-04: block (block word: "not available")
	// 0 failed
}

func ExampleWrite() {
	bookings := []pms.Booking{{
		Vendor: "bnovo", ID: "5550123", Kind: pms.KindGuest, Status: pms.StatusConfirmed,
		Arrival:   pms.Date{Year: 2026, Month: time.June, Day: 20},
		Departure: pms.Date{Year: 2026, Month: time.June, Day: 23},
		Guest:     pms.Guest{Name: "Anna Example"},
	}}
	var text strings.Builder
	if err := ical.Write(&text, ical.FeedOf("Villa", bookings), time.Date(2026, time.June, 1, 8, 0, 0, 0, time.UTC)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.ReplaceAll(text.String(), "\r\n", "\n"))
	// Output:
	// BEGIN:VCALENDAR
	// VERSION:2.0
	// PRODID:-//Changeover//Changeover//EN
	// CALSCALE:GREGORIAN
	// METHOD:PUBLISH
	// X-WR-CALNAME:Villa
	// BEGIN:VEVENT
	// UID:aa2170a3ef96034b527f779da1578aab@changeover
	// DTSTAMP:20260601T080000Z
	// DTSTART;VALUE=DATE:20260620
	// DTEND;VALUE=DATE:20260623
	// SUMMARY:Reserved
	// END:VEVENT
	// END:VCALENDAR
}
