package cleaning

import (
	"bufio"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// WriteICS writes jobs as an iCalendar feed (RFC 5545), stamped with the time now.
// Each job is an event from Start to End in UTC. Its UID is the text of its Key,
// so that a calendar follows a job that moves. The events name properties and
// numbers of guests, and nothing else about guests or bookings. Names gives the
// properties' names by id; an id without a name stands for itself.
func WriteICS(w io.Writer, jobs []Job, names map[string]string, now time.Time) error {
	c := icsWriter{w: bufio.NewWriter(w)}
	c.line("BEGIN:VCALENDAR")
	c.line("VERSION:2.0")
	c.line("PRODID:-//Changeover//Cleaning plan//EN")
	for i := range jobs {
		c.event(&jobs[i], names, now)
	}
	c.line("END:VCALENDAR")
	return c.w.Flush()
}

// icsWriter writes folded lines. Its bufio.Writer keeps the first error for Flush.
type icsWriter struct{ w *bufio.Writer }

func (c *icsWriter) event(j *Job, names map[string]string, now time.Time) {
	name := names[j.Key.PropertyID]
	if name == "" {
		name = j.Key.PropertyID
	}
	c.line("BEGIN:VEVENT")
	c.line("UID:" + icsText(j.Key.String()) + "@changeover")
	c.line("DTSTAMP:" + icsTime(now))
	c.line("DTSTART:" + icsTime(j.Start))
	c.line("DTEND:" + icsTime(j.End))
	c.line("SUMMARY:" + icsText("Cleaning: "+name))
	c.line("DESCRIPTION:" + icsText(description(j)))
	c.line("END:VEVENT")
}

func description(j *Job) string {
	var notes []string
	if j.SameDay {
		notes = append(notes, "The next guests arrive on the same day.")
	}
	if j.TooShort {
		notes = append(notes, "The window is shorter than the cleaning takes.")
	}
	return strings.Join(append(notes, "Prepare for "+guestsText(j.NextGuests.Total)+"."), "\n")
}

func icsTime(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// icsText escapes a TEXT value and takes control characters out of it.
func icsText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\\' || r == ';' || r == ',':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= ' ' && r != 0x7f:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// line writes s in lines of at most 75 octets that never cut a character.
func (c *icsWriter) line(s string) {
	limit := 75
	for len(s) > limit {
		cut := limit
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		c.put(s[:cut] + "\r\n ")
		s, limit = s[cut:], 74
	}
	c.put(s + "\r\n")
}

// put leaves the error to Flush.
func (c *icsWriter) put(s string) { _, _ = c.w.WriteString(s) }
