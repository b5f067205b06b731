// Package ical connects to the iCalendar feeds (RFC 5545) that Airbnb,
// Booking.com, Vrbo and channel managers publish, one secret URL a listing.
//
// # System
//
// A [Client] reads the feeds of one account; a feed belongs to one property,
// and a property may have several. The properties are those of the [Config],
// for a feed lists none. A page of bookings is one feed.
//
// The package has more files than other connectors: the reader and the rules
// that tell stays from blocks are packages' worth of their own, and client.go
// fetches what a vendor's client would list.
//
// # Access and limits
//
// Each listing of a channel has an export address. Whoever has it reads the
// calendar, so it is treated as a secret: errors and logs show its host only.
// No limits are published; four requests a second are sent at most, and a feed
// that was read before is asked whether it changed.
//
// Addresses that lead to private networks are refused, after redirects and name
// resolution too, unless Config.AllowPrivateAddresses is set.
//
// A feed that is missing, HTML, cut off or without any event is an error: all
// of these have been seen in place of full calendars. When a property has not
// been let yet, Feed.AllowEmpty accepts the last.
//
// # The reader
//
// A feed goes through three pure steps, each usable alone:
//
//	cal, err := ical.Parse(body)                  // lines to events
//	stays, failed := cal.Stays(zone)              // events to calendar days at the property
//	classes := rules.Classify(source, stays)      // guest, block, tentative, ...
//
// [Parse] is a reader of the subset that feeds hold, not a general iCalendar
// library: it keeps VEVENT, ignores every other component and expands no
// recurrence. [Write] makes a feed of one's own.
//
// # What a feed can and cannot say
//
// DATE values are calendar days without a zone, and DTEND is exclusive: it is
// the day of departure, hence of the cleaning. Guest counts, money and, on
// current feeds of Airbnb and Booking.com, guest names are not in a feed.
// Booking.com writes "CLOSED - Not available" for stays and manual closures
// alike; [Rules] decides which of the two they count as.
//
// # Evidence
//
// The lexical and date rules are those of RFC 5545. The texts by which stays
// and blocks are told apart are published nowhere; they come from real feeds:
// Airbnb A- (feeds of 2018 to 2026), Booking.com B+ (2025 to 2026), Vrbo,
// HomeAway and Abritel B (2020), channel managers C+ (unverified). Doc comments
// say where a text is less certain than that.
package ical
