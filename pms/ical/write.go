package ical

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/changeover-sdk/changeover/pms"
)

// ContentType is the media type to serve a feed with.
const ContentType = "text/calendar; charset=utf-8"

const prodID = "-//Changeover//Changeover//EN"

// FeedOf returns a calendar of the bookings for channels to import: dates, a
// stable UID and a word for the kind, and nothing about the guest. Cancelled
// bookings, no-shows, inquiries and bookings without dates are left out.
// Everything else keeps the unit closed. Day use closes one night, because a
// feed of dates has nothing shorter.
func FeedOf(name string, bookings []pms.Booking) Calendar {
	c := Calendar{ProdID: prodID, Name: name, Method: "PUBLISH"}
	for _, b := range bookings {
		switch b.Status {
		case pms.StatusCancelled, pms.StatusNoShow, pms.StatusInquiry:
			continue
		case pms.StatusTentative, pms.StatusConfirmed, pms.StatusCheckedIn, pms.StatusCheckedOut, pms.StatusUnknown:
		}
		if !b.Arrival.IsValid() || !b.Departure.IsValid() || b.Departure.Before(b.Arrival) {
			continue
		}
		c.Events = append(c.Events, eventOf(b))
	}
	c.Count = len(c.Events)
	return c
}

func eventOf(b pms.Booking) Event {
	e := Event{
		UID:          feedUID(b.Key()),
		Start:        DateTime{Form: FormDate, Date: b.Arrival},
		End:          DateTime{Form: FormDate, Date: b.Arrival.AddDays(max(b.Nights(), 1))},
		LastModified: b.UpdatedAt.UTC().Truncate(time.Second),
	}
	switch b.Kind {
	case pms.KindGuest, pms.KindOwner:
		e.Summary = "Reserved"
	case pms.KindBlock:
		e.Summary = "Blocked"
	case pms.KindUnknown:
		e.Summary = "Busy"
	default:
		e.Summary = "Busy"
	}
	if b.Status == pms.StatusTentative {
		e.Status = "TENTATIVE"
	}
	return e
}

// feedUID hides the vendor's id, which may be known only to the host.
func feedUID(key pms.Key) string {
	sum := sha256.Sum256([]byte(key.Vendor + "\x00" + key.ID))
	return hex.EncodeToString(sum[:16]) + "@changeover"
}

// Write writes a feed: CRLF line ends, lines folded at 75 octets between
// characters, DTSTAMP stamp on every event. It writes what it is given; see
// [FeedOf] for a feed without guest data. Raw, Warnings, Failed and Recurring
// are not written.
//
// An event without UID or start, with a date and a time mixed, or in a zone
// ([FormZoned] needs a VTIMEZONE, which is not written: use UTC) is
// [pms.ErrInvalid], and so is a zero stamp. Nothing is written then.
func Write(w io.Writer, c Calendar, stamp time.Time) error {
	if stamp.IsZero() {
		return fmt.Errorf("ical: no stamp: %w", pms.ErrInvalid)
	}
	for i := range c.Events {
		if !c.Events[i].writable() {
			return fmt.Errorf("ical: event #%d cannot be written: %w", i+1, pms.ErrInvalid)
		}
	}
	out := &lineWriter{w: bufio.NewWriter(w)}
	out.line("BEGIN:VCALENDAR")
	out.line("VERSION:2.0")
	if c.ProdID == "" {
		c.ProdID = prodID
	}
	out.text("PRODID", c.ProdID)
	out.line("CALSCALE:GREGORIAN")
	out.text("METHOD", c.Method)
	out.text("X-WR-CALNAME", c.Name)
	out.text("X-WR-TIMEZONE", c.TimeZone)
	for i := range c.Events {
		out.event(&c.Events[i], stamp)
	}
	out.line("END:VCALENDAR")
	if err := out.w.Flush(); err != nil {
		return fmt.Errorf("ical: %w", err)
	}
	return nil
}

func (e *Event) writable() bool {
	return e.UID != "" && writableForm(e.Start.Form) &&
		(e.End.Form == FormNone || writableForm(e.End.Form) && (e.Start.Form == FormDate) == (e.End.Form == FormDate))
}

func writableForm(f Form) bool {
	return f == FormDate || f == FormUTC || f == FormFloating
}

// lineWriter writes content lines. bufio keeps the first error for Flush.
type lineWriter struct{ w *bufio.Writer }

func (o *lineWriter) event(e *Event, stamp time.Time) {
	o.line("BEGIN:VEVENT")
	o.text("UID", e.UID)
	o.recurrence(e.RecurrenceID)
	o.line("DTSTAMP:" + utcText(stamp))
	o.time("DTSTART", e.Start)
	o.time("DTEND", e.End)
	if e.End.Form == FormNone && !e.Duration.IsZero() {
		o.line("DURATION:" + e.Duration.String())
	}
	o.text("SUMMARY", e.Summary)
	o.text("DESCRIPTION", e.Description)
	o.text("STATUS", e.Status)
	if e.Sequence > 0 {
		o.line("SEQUENCE:" + strconv.Itoa(e.Sequence))
	}
	if !e.Created.IsZero() {
		o.line("CREATED:" + utcText(e.Created))
	}
	if !e.LastModified.IsZero() {
		o.line("LAST-MODIFIED:" + utcText(e.LastModified))
	}
	o.line("END:VEVENT")
}

func (o *lineWriter) recurrence(id string) {
	name := "RECURRENCE-ID"
	if len(id) == len("20060102") {
		name += ";VALUE=DATE"
	}
	o.text(name, id)
}

func (o *lineWriter) time(name string, t DateTime) {
	switch t.Form {
	case FormDate:
		o.line(name + ";VALUE=DATE:" + t.String())
	case FormUTC, FormFloating:
		o.line(name + ":" + t.String())
	case FormNone, FormZoned:
	}
}

func utcText(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// text writes a TEXT property, unless it is empty.
func (o *lineWriter) text(name, value string) {
	if value != "" {
		o.line(name + ":" + escape(value))
	}
}

// escape writes a TEXT value in its escaped form. Line ends become line feeds;
// other control characters, which a feed may not hold, are dropped.
func escape(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\ufffd"))
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\\', r == ',', r == ';':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' && r != '\t', r == 0x7f:
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

const foldAt = 75 // octets of a line, without its end

// line writes one content line, folded.
func (o *lineWriter) line(s string) {
	room := foldAt
	for len(s) > room {
		cut := room
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		o.put(s[:cut])
		o.put("\r\n ")
		s, room = s[cut:], foldAt-1
	}
	o.put(s)
	o.put("\r\n")
}

// put leaves the error to Flush, which returns the first one.
func (o *lineWriter) put(s string) {
	_, _ = o.w.WriteString(s)
}
