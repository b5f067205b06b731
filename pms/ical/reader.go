package ical

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/changeover-sdk/changeover/pms"
)

// The limits of a feed. A feed of one listing has some tens of KiB.
const (
	MaxSize   = 5 << 20  // bytes of a feed
	MaxEvents = 20_000   // events of a feed
	MaxText   = 64 << 10 // bytes of one text value; longer ones are cut
	maxDepth  = 16
)

// Calendar is one feed. Strings of a parsed Calendar share one copy of the
// feed: clone what outlives it.
type Calendar struct {
	// ProdID names the program that wrote the feed. Channels write it
	// malformed; compare prefixes only.
	ProdID string
	// Name is X-WR-CALNAME.
	Name string
	// TimeZone is X-WR-TIMEZONE as written.
	TimeZone string
	// Method is METHOD in upper case, "PUBLISH".
	Method string
	// Events are the readable events in the order of the feed, one for each
	// UID.
	Events []Event
	// Failed are the events that cannot be read.
	Failed []*pms.RecordError
	// Count is the number of events in the feed, readable or not. A feed that
	// drops from many to zero does not mean that all stays were cancelled.
	Count int

	// zones maps the TZIDs of the feed's VTIMEZONEs to IANA names.
	zones map[string]string
}

var (
	errNotCalendar = fmt.Errorf("ical: does not start with BEGIN:VCALENDAR: %w", pms.ErrDecode)
	errCutOff      = fmt.Errorf("ical: cut off: END:VCALENDAR is missing: %w", pms.ErrDecode)
	errNested      = errors.New("inside another component")
)

// Read is [Parse] of all that r holds, up to [MaxSize].
func Read(r io.Reader) (Calendar, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return Calendar{}, fmt.Errorf("ical: %w", err)
	}
	return Parse(data)
}

// Parse reads a feed. An event that cannot be read goes to Failed and does not
// affect the others. A feed that is not a calendar (HTML, UTF-16) or is cut off
// is [pms.ErrDecode]; one over the limits is [pms.ErrTooLarge]. A calendar
// without events is not an error here.
func Parse(data []byte) (Calendar, error) {
	if len(data) > MaxSize {
		return Calendar{}, fmt.Errorf("ical: more than %d bytes: %w", MaxSize, pms.ErrTooLarge)
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	p := parser{lines: newLineReader(text), utf8: utf8.ValidString(text), start: -1}
	events := min(strings.Count(text, "BEGIN:VEVENT"), MaxEvents)
	p.cal.Events = make([]Event, 0, events)
	p.byKey = make(map[string]int, events)
	if err := p.run(); err != nil {
		return Calendar{}, err
	}
	return p.cal, nil
}

type parser struct {
	lines *lineReader
	utf8  bool // the feed is valid UTF-8 as it came
	cal   Calendar
	begun bool     // a VCALENDAR was seen
	stack []string // open components

	start int // begin of the open event, or -1
	event eventProps
	byKey map[string]int // index in cal.Events

	zoneID, zoneName string // of the open VTIMEZONE
}

func (p *parser) run() error {
	for {
		at := p.lines.pos
		line, ok := p.lines.next()
		if !ok {
			break
		}
		if err := p.line(line, at); err != nil {
			return err
		}
	}
	switch {
	case !p.begun:
		return errNotCalendar
	case len(p.stack) > 0:
		return errCutOff
	default:
		return nil
	}
}

// line reads one logical line. Behind the first BEGIN:VCALENDAR a line that is
// none is skipped; before it only blank lines are.
func (p *parser) line(line string, at int) error {
	name, params, value, ok := splitLine(line)
	switch {
	case ok && name == "BEGIN":
		return p.begin(component(value), at)
	case !p.begun && strings.TrimSpace(line) != "":
		return errNotCalendar
	case !ok:
	case name == "END":
		p.end(component(value))
	default:
		p.property(name, property{params, value})
	}
	return nil
}

func component(value string) string { return strings.ToUpper(strings.TrimSpace(value)) }

// begin opens a component. An event inside an open event ends the latter.
func (p *parser) begin(name string, at int) error {
	switch {
	case len(p.stack) == 0 && name != "VCALENDAR":
		if p.begun {
			return fmt.Errorf("ical: a component outside VCALENDAR: %w", pms.ErrDecode)
		}
		return errNotCalendar
	case len(p.stack) > 0 && name == "VCALENDAR":
		return errCutOff
	case len(p.stack) >= maxDepth:
		return fmt.Errorf("ical: components nested deeper than %d: %w", maxDepth, pms.ErrDecode)
	case name == "VEVENT" && p.start >= 0:
		p.abandon(at)
		p.stack = p.stack[:1]
	}
	p.begun = true
	p.stack = append(p.stack, name)
	switch name {
	case "VEVENT":
		return p.beginEvent(at)
	case "VTIMEZONE":
		p.zoneID, p.zoneName = "", ""
	}
	return nil
}

// beginEvent opens an event. One inside a component that is no event cannot be
// placed and is reported.
func (p *parser) beginEvent(at int) error {
	p.cal.Count++
	if p.cal.Count > MaxEvents {
		return fmt.Errorf("ical: more than %d events: %w", MaxEvents, pms.ErrTooLarge)
	}
	if len(p.stack) > 2 {
		p.fail("", "BEGIN", errNested, "")
		return nil
	}
	p.start, p.event = at, eventProps{}
	return nil
}

// end closes the innermost component of that name and all within it.
func (p *parser) end(name string) {
	for i := len(p.stack) - 1; i >= 0; i-- {
		if p.stack[i] != name {
			continue
		}
		p.stack = p.stack[:i]
		switch {
		case i == 1 && name == "VEVENT":
			p.finish()
		case i == 1 && name == "VTIMEZONE":
			p.finishZone()
		case i == 0 && p.start >= 0:
			p.abandon(p.lines.pos)
		}
		return
	}
}

func (p *parser) property(name string, prop property) {
	switch {
	case len(p.stack) == 1:
		p.header(name, prop)
	case len(p.stack) == 2 && p.start >= 0:
		if slot := p.event.slot(name); slot != nil && slot.value == "" {
			*slot = prop
		}
	case len(p.stack) == 2 && name == "TZID":
		p.zoneID = prop.value
	case len(p.stack) == 2 && name == "X-LIC-LOCATION":
		p.zoneName = prop.value
	}
}

// header keeps the first of each property of the calendar.
func (p *parser) header(name string, prop property) {
	var field *string
	switch name {
	case "PRODID":
		field = &p.cal.ProdID
	case "X-WR-CALNAME":
		field = &p.cal.Name
	case "X-WR-TIMEZONE":
		field = &p.cal.TimeZone
	case "METHOD":
		field = &p.cal.Method
		prop.value = strings.ToUpper(prop.value)
	default:
		return
	}
	if *field == "" {
		*field, _ = p.plain(strings.TrimSpace(prop.value))
	}
}

// finishZone notes the IANA name of a VTIMEZONE. X-LIC-LOCATION is the line in
// which libical and Google write it.
func (p *parser) finishZone() {
	if p.zoneID == "" || p.zoneName == "" {
		return
	}
	if p.cal.zones == nil {
		p.cal.zones = make(map[string]string)
	}
	p.cal.zones[strings.TrimSpace(p.zoneID)] = strings.TrimSpace(p.zoneName)
}
