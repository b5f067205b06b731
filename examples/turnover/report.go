package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// report writes what a person reads. Failed writes show nowhere: a closed
// terminal is no reason to stop.
type report struct {
	painter
	w io.Writer
}

func newReport(w io.Writer) *report { return &report{painter: painterFor(w), w: w} }

func (r *report) line(format string, args ...any) { _, _ = fmt.Fprintf(r.w, format+"\n", args...) }

func (r *report) heading(text string) {
	r.line("")
	r.line("%s", r.paint(cyanBold, text))
}

func (r *report) title(now time.Time, days int) {
	r.line("%s  %s", r.paint(bold, "Turnovers"), r.paint(dim, fmt.Sprintf("%s, %s, %d days", now.Format("Monday 2 January 2006, 15:04"), now.Location(), days)))
	r.heading("Connected, over HTTP on loopback")
}

func (r *report) pulled(info pms.Info, bookings int) {
	how := map[string]string{
		"bnovo": "pull", "realtycalendar": "signed pull once, then webhooks", "ical": "feeds, conditional GET",
	}
	r.line("  %s %s %s", fit(info.Title, 16), fit(how[info.Name], 34), count(bookings, "booking"))
}

func (r *report) linked(h *host, proposals pms.Proposals, rooms []pms.Property, unreadable []*pms.RecordError) {
	theirs := map[string]string{}
	for _, room := range rooms {
		theirs[room.ID] = room.Name
	}
	r.heading(fmt.Sprintf("Linked %s of the hotel by name", count(len(proposals.Matches), "room")))
	const shown = 8
	for _, m := range proposals.Matches[:min(shown, len(proposals.Matches))] {
		r.line("  %s → %s %.2f  %s", fit(theirs[m.UnitID], 20), fit(h.name(m.PropertyID), 20), m.Score, r.paint(dim, m.Explain()))
	}
	if more := len(proposals.Matches) - shown; more > 0 {
		r.line("  … and %d more", more)
	}
	links := slices.Collect(h.links.All())
	for _, id := range slices.Sorted(func(yield func(string) bool) {
		for _, p := range h.ours {
			if !yield(p.ID) {
				return
			}
		}
	}) {
		of := h.links.Units(id)
		if len(of) < 2 {
			continue
		}
		var vendors []string
		for _, l := range of {
			vendors = append(vendors, l.Vendor)
		}
		r.line("  %s has %d calendars: %s", h.name(id), len(of), strings.Join(vendors, " and "))
	}
	r.line("  %s in all; RealtyCalendar's by lot number, feeds where they were entered", count(len(links), "link"))

	var open []string
	for _, choice := range proposals.Choices {
		open = append(open, fmt.Sprintf("room %s: %s", theirs[choice.UnitID], choiceText(h, choice)))
	}
	for _, p := range proposals.UnmatchedTheirs {
		open = append(open, fmt.Sprintf("room %s: none of our properties fits", p.Name))
	}
	for _, p := range proposals.UnmatchedOurs {
		if len(h.links.Units(p.ID)) == 0 {
			open = append(open, fmt.Sprintf("our %s (%s): no calendar is linked", p.Name, p.ID))
		}
	}
	for _, bad := range unreadable {
		open = append(open, bad.Error())
	}
	if len(open) == 0 {
		return
	}
	r.heading("Not linked: a person decides, nothing is guessed")
	for _, text := range open {
		r.line("  %s %s", r.paint(amberBold, "?"), text)
	}
}

func choiceText(h *host, c pms.Choice) string {
	var names []string
	for _, m := range c.Candidates {
		names = append(names, fmt.Sprintf("%s (%s)", h.name(m.PropertyID), m.PropertyID))
	}
	fits := map[pms.ChoiceReason]string{
		pms.ChoiceTie: "fits equally well: ", pms.ChoiceContested: "is contested: ", pms.ChoiceWeak: "fits a little: ",
	}
	return fits[c.Why] + strings.Join(names, ", ")
}

func (r *report) jobs(v *view) {
	for i, label := range []string{"Today", "Tomorrow"} {
		day := v.from.AddDays(i)
		jobs := v.jobsOn(day)
		r.heading(fmt.Sprintf("%s, %s: %s", label, dayText(day), count(len(jobs), "cleaning")))
		for _, job := range jobs {
			r.line("  %s  %s %s%s", windowText(job), fit(v.names[job.Key.PropertyID], nameWidth), prepareText(job), r.flags(job))
		}
	}
}

// flags says what is special about a job.
func (r *report) flags(job cleaning.Job) string {
	var out string
	if job.Key.Kind == cleaning.KindMidStay {
		out += r.paint(magenta, "  mid-stay")
	}
	if job.SameDay {
		out += r.paint(amberBold, "  same day")
	}
	if job.TooShort {
		out += r.paint(redBold, "  too short")
	}
	return out
}

// windowText is "12:00–13:45", or "12:00–Tue 13:45" if it ends on another day.
func windowText(job cleaning.Job) string {
	end := job.End.Format("15:04")
	if job.End.YearDay() != job.Start.YearDay() {
		end = job.End.Format("Mon 15:04")
	}
	return fit(job.Start.Format("15:04")+"–"+end, 15)
}

// prepareText says whom the unit is prepared for.
func prepareText(job cleaning.Job) string {
	switch {
	case job.Key.Kind == cleaning.KindMidStay:
		return "the guests stay on"
	case job.NextArrival.IsZero():
		return "nobody is known to come next"
	case job.NextGuests.Total == 0:
		return "next " + job.NextArrival.Format("Mon 2 Jan 15:04") + ", guests unknown"
	default:
		return "next " + job.NextArrival.Format("Mon 2 Jan 15:04") + ", " + guestsText(job.NextGuests)
	}
}

func guestsText(g pms.Guests) string {
	text := count(g.Total, "guest")
	if g.Children > 0 {
		text = fmt.Sprintf("%s (%d of them %s)", text, g.Children, cmp.Or(map[int]string{1: "a child"}[g.Children], "children"))
	}
	return text
}

func (r *report) issues(v *view) {
	lines := v.issueLines()
	r.heading(fmt.Sprintf("Needs a person: %d", len(lines)))
	for _, l := range lines {
		r.line("  %s %s", r.paint(redBold, "!"), l)
	}
}

// issueLines are the records that could not be read, the issues of the plan
// within the view, and the bookings of units that are not linked, without guest
// data.
func (v *view) issueLines() []string {
	var lines []string
	for _, bad := range v.unreadable {
		lines = append(lines, bad.Error())
	}
	for _, issue := range v.plan.Issues {
		if issue.Date.Before(v.last()) {
			lines = append(lines, fmt.Sprintf("%s: %s", v.names[issue.PropertyID], issueText(issue)))
		}
	}
	units := map[string]int{}
	for _, b := range v.unlinked {
		units[cmp.Or(v.rooms[b.PropertyID], "no unit assigned")]++
	}
	names := make([]string, 0, len(units))
	for name := range units {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		lines = append(lines, fmt.Sprintf("%s: the room is linked to no property, %s without cleaning", name, count(units[name], "booking")))
	}
	return lines
}

func issueText(i cleaning.Issue) string {
	var stays []string
	for _, key := range i.Stays {
		stays = append(stays, key.String())
	}
	on, which := dayText(i.Date), strings.Join(stays, " and ")
	switch i.Kind {
	case cleaning.IssueDoubleBooking:
		return fmt.Sprintf("double booking from %s on, %s", on, which)
	case cleaning.IssueTooShort:
		return fmt.Sprintf("on %s the window is %d minutes too short for the cleaning, %s", on, i.Minutes, which)
	case cleaning.IssueLateCheckOut:
		return fmt.Sprintf("on %s the guests leave %d minutes after the next ones come, %s", on, i.Minutes, which)
	case cleaning.IssueUnknownStatus:
		return fmt.Sprintf("status “%s” of %s is not known, no cleaning is planned for it", i.Detail, which)
	default:
		return i.String()
	}
}

func (r *report) wrote(path string) {
	r.line("")
	r.line("Wrote %s: open it in a browser.", r.paint(bold, filepath.Base(path)))
}

func dayText(d pms.Date) string { return d.In(time.UTC).Format("Mon 2 Jan") }

// count is "1 booking", "2 bookings".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
