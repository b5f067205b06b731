package ical

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/changeover-sdk/changeover/pms"
)

// Event is one VEVENT. Zero values mean "not stated".
type Event struct {
	// UID is the key of the event within its feed. For an event without one it
	// is made from the dates and the summary.
	UID string
	// RecurrenceID is set on a changed instance of a recurring event, which
	// shares the UID of the others.
	RecurrenceID string
	// Start is DTSTART, never FormNone.
	Start DateTime
	// End is DTEND. It is exclusive: for dates, the day of departure.
	End DateTime
	// Duration stands in for End when the feed gives DURATION instead.
	Duration    Duration
	Summary     string
	Description string
	// Status is STATUS in upper case: "CONFIRMED", "TENTATIVE", "CANCELLED".
	Status   string
	Sequence int
	// Created and LastModified are zero on feeds of the large channels. DTSTAMP
	// is the time of the export and is not kept.
	Created      time.Time
	LastModified time.Time
	// Recurring says that the event has an RRULE. Only its first instance is
	// read.
	Recurring bool
	// Raw is the event as it came. It may hold guest data and invalid UTF-8.
	Raw string
	// Warnings say what is odd about an event that was read all the same.
	Warnings []*pms.RecordError
}

var (
	errMissing      = errors.New("missing")
	errMixed        = errors.New("a date and a date-time mixed")
	errUnterminated = errors.New("not terminated")
	errEncoding     = errors.New("not UTF-8; bad bytes replaced")
	errCut          = errors.New("too long; cut")
	errRecurring    = errors.New("recurrence not supported; first instance only")
	errInstance     = errors.New("changed instance of a recurring event")
	errSuperseded   = errors.New("several events with this UID; newest kept")
)

// property is a content line without its name.
type property struct{ params, value string }

// eventProps are the properties of the open event. The first of each counts.
type eventProps struct {
	uid, recurrence, start, end, duration, rrule property
	summary, description, status, sequence       property
	created, modified                            property
}

func (e *eventProps) slot(name string) *property {
	switch name {
	case "UID":
		return &e.uid
	case "RECURRENCE-ID":
		return &e.recurrence
	case "DTSTART":
		return &e.start
	case "DTEND":
		return &e.end
	case "DURATION":
		return &e.duration
	case "RRULE", "RDATE":
		return &e.rrule
	case "SUMMARY":
		return &e.summary
	case "DESCRIPTION":
		return &e.description
	case "STATUS":
		return &e.status
	case "SEQUENCE":
		return &e.sequence
	case "CREATED":
		return &e.created
	case "LAST-MODIFIED":
		return &e.modified
	default:
		return nil
	}
}

// abandon reports the open event as cut off.
func (p *parser) abandon(end int) {
	p.fail(p.uid(), "END", errUnterminated, p.lines.text[p.start:end])
	p.start = -1
}

// fail reports an event by its UID, or else by its position in the feed.
func (p *parser) fail(uid, field string, err error, raw string) {
	if uid == "" {
		uid = "#" + strconv.Itoa(p.cal.Count)
	}
	p.cal.Failed = append(p.cal.Failed, recordError(uid, field, err, raw))
}

func (p *parser) uid() string {
	uid, _ := p.plain(p.event.uid.value)
	return strings.TrimSpace(uid)
}

func recordError(id, field string, err error, raw string) *pms.RecordError {
	return &pms.RecordError{Vendor: vendor, Record: "event", ID: id, Field: field, Err: err, Raw: rawJSON(raw)}
}

// rawJSON returns the text of an event as a JSON string, nil for no text.
func rawJSON(text string) json.RawMessage {
	data, err := json.Marshal(text)
	if err != nil || text == "" {
		return nil
	}
	return data
}

// finish turns the open event into an Event.
func (p *parser) finish() {
	props := &p.event
	p.cal.Events = append(p.cal.Events, Event{
		UID:          p.uid(),
		RecurrenceID: strings.TrimSpace(props.recurrence.value),
		Recurring:    props.rrule.value != "",
		Created:      parseStamp(props.created),
		LastModified: parseStamp(props.modified),
		Raw:          p.lines.text[p.start:p.lines.pos],
	})
	p.start = -1
	last := len(p.cal.Events) - 1
	e := &p.cal.Events[last]
	if field, err := e.times(props); err != nil {
		p.fail(e.UID, field, err, e.Raw)
		p.cal.Events = p.cal.Events[:last]
		return
	}
	p.describe(e)
	p.unite(last)
}

// describe fills what a readable event says beside its times.
func (p *parser) describe(e *Event) {
	props := &p.event
	if e.UID == "" {
		e.UID = madeUID(props)
		e.warn("UID", errMissing)
	}
	if props.sequence.value != "" {
		e.Sequence = sequence(props.sequence.value)
	}
	e.Status = strings.ToUpper(strings.TrimSpace(props.status.value))
	e.Summary = p.value(e, "SUMMARY", props.summary)
	e.Description = p.value(e, "DESCRIPTION", props.description)
	if e.Recurring {
		e.warn("RRULE", errRecurring)
	}
	if e.RecurrenceID != "" {
		e.warn("RECURRENCE-ID", errInstance)
	}
}

// sequence reads SEQUENCE, 0 for anything but a number.
func sequence(value string) int {
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil {
		return 0
	}
	return n
}

// unite drops the last event or an earlier one when both have one key: the
// highest SEQUENCE stays, else the last.
func (p *parser) unite(last int) {
	e := &p.cal.Events[last]
	key := e.UID
	if e.RecurrenceID != "" {
		key += "\x00" + e.RecurrenceID
	}
	i, twice := p.byKey[key]
	if !twice {
		p.byKey[key] = last
		return
	}
	p.cal.Events = p.cal.Events[:last]
	if old := &p.cal.Events[i]; e.Sequence >= old.Sequence {
		*old = *e
	}
	p.cal.Events[i].warn("UID", errSuperseded)
}

// times fills Start, End and Duration. The field names what is wrong.
func (e *Event) times(props *eventProps) (field string, err error) {
	if props.start.value == "" {
		return "DTSTART", errMissing
	}
	if e.Start, err = parseDateTime(props.start); err != nil {
		return "DTSTART", err
	}
	switch dates := e.Start.Form == FormDate; {
	case props.end.value != "":
		if e.End, err = parseDateTime(props.end); err != nil {
			return "DTEND", err
		}
		if dates != (e.End.Form == FormDate) {
			return "DTEND", errMixed
		}
	case props.duration.value != "":
		if e.Duration, err = parseDuration(props.duration.value, dates); err != nil {
			return "DURATION", err
		}
	}
	return "", nil
}

// warn never writes into the warnings of another copy of the event.
func (e *Event) warn(field string, err error) {
	e.Warnings = append(slices.Clip(e.Warnings), recordError(e.UID, field, err, ""))
}

// value returns a TEXT value of the event and warns when it had to be changed.
func (p *parser) value(e *Event, field string, prop property) string {
	text, err := p.plain(prop.value)
	if err != nil {
		e.warn(field, err)
	}
	return text
}

// plain unescapes a TEXT value, replaces bytes that are not UTF-8 and cuts it
// to MaxText.
func (p *parser) plain(s string) (string, error) {
	var err error
	if !p.utf8 && !utf8.ValidString(s) {
		s, err = strings.ToValidUTF8(s, "\ufffd"), errEncoding
	}
	if len(s) > MaxText {
		s, err = strings.ToValidUTF8(s[:MaxText], ""), errCut
	}
	return unescape(s), err
}

// madeUID stands in for a missing UID: the same dates and summary give the
// same one.
func madeUID(props *eventProps) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		props.start.value, props.end.value, props.duration.value, props.summary.value,
	}, "\n")))
	return "sha256-" + hex.EncodeToString(sum[:16])
}
