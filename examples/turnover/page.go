package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

//go:embed page.html
var pageHTML string

// page is what page.html shows. Places across the timeline are in percent of its
// width, so that it fits a desk and a phone.
type page struct {
	Range, Zone string
	Tiles       []tile
	Timeline    timeline
	Legend      []legendEntry
	Days        []pageDay
	Issues      []string
}

type tile struct {
	Number       int
	Label, Class string
}

type legendEntry struct{ Class, Label string }

type timeline struct {
	Height  int
	Columns []pageColumn
	Rows    []pageRow
	Now     percent
}

type pageColumn struct {
	X, Width, Middle percent
	Weekday, Day     string
	Weekend, Today   bool
}

type pageRow struct {
	Name, Sources string
	Y, Middle     int
	Turns         []pageBar
	Bars          []pageBar
	Clashes       []pageBar
	Jobs          []pageJob
}

type pageBar struct {
	X, Width     percent
	Y, Height    int
	Class        string
	Label, Title string
	LabelX       percent // across the bar
	LabelDX      int
	Baseline     int
}

type pageJob struct {
	X, Width, Bead percent
	Class, Mark    string
	Title          string
}

type pageDay struct {
	Label string
	Near  bool
	Jobs  []pageListJob
}

type pageListJob struct {
	Window, Name, Prepare string
	Flags                 []legendEntry
	Why                   []string
}

// percent is a place across the timeline.
type percent float64

func (p percent) String() string { return strconv.FormatFloat(float64(p), 'f', 3, 64) + "%" }

const (
	headHeight = 46
	rowHeight  = 46
	barHeight  = 28
)

func writePage(path string, v *view) error {
	text, err := renderPage(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600)
}

func renderPage(v *view) (string, error) {
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, newPage(v))
	return b.String(), err
}

func newPage(v *view) page {
	last := v.last().AddDays(-1)
	p := page{
		Range:    fmt.Sprintf("%s – %s", dayText(v.from), last.In(time.UTC).Format("Mon 2 Jan 2006")),
		Zone:     v.now.Location().String(),
		Timeline: v.timeline(),
		Issues:   v.issueLines(),
	}
	var cleanings, sameDay int
	for i := range v.days {
		day := v.from.AddDays(i)
		d := pageDay{Label: dayText(day), Near: i < 2}
		for _, job := range v.jobsOn(day) {
			d.Jobs = append(d.Jobs, v.listJob(job))
			cleanings++
			if job.SameDay {
				sameDay++
			}
		}
		p.Days = append(p.Days, d)
	}
	p.Tiles = []tile{
		{len(p.Days[0].Jobs), "cleanings today", ""},
		{cleanings, fmt.Sprintf("in %d days", v.days), ""},
		{sameDay, "same-day turns", "turn"},
		{len(p.Issues), "need a person", "alarm"},
	}
	for _, channel := range v.channels() {
		p.Legend = append(p.Legend, legendEntry{v.channelClass(channel), channel})
	}
	p.Legend = append(p.Legend,
		legendEntry{"job", "cleaning, may wait"}, legendEntry{"job turn", "same-day turn"}, legendEntry{"job alarm", "window too short"}, legendEntry{"job mid", "mid-stay cleaning"},
		legendEntry{"clash", "double booking"}, legendEntry{"block", "closed"}, legendEntry{"undecided", "not decided"},
	)
	return p
}

// channelClass is the colour of a channel: the well-known ones have their own,
// others take turns.
func (v *view) channelClass(channel string) string {
	if slices.Contains([]string{"airbnb", "booking", "direct"}, channel) {
		return "bar " + channel
	}
	others := slices.DeleteFunc(v.channels(), func(c string) bool { return c == "airbnb" || c == "booking" || c == "direct" })
	return "bar other" + strconv.Itoa(max(slices.Index(others, channel), 0)%4)
}

func (v *view) timeline() timeline {
	t := timeline{Height: headHeight + rowHeight*len(v.rows), Now: v.place(v.now)}
	for i := range v.days {
		day := v.from.AddDays(i).In(time.UTC)
		x := percent(i) * v.dayWidth()
		t.Columns = append(t.Columns, pageColumn{
			X: x, Width: v.dayWidth(), Middle: x + v.dayWidth()/2,
			Weekday: day.Format("Mon"), Day: day.Format("2"), Weekend: weekend(day), Today: i == 0,
		})
	}
	for i, r := range v.rows {
		t.Rows = append(t.Rows, v.pageRow(r, headHeight+i*rowHeight))
	}
	return t
}

func (v *view) dayWidth() percent { return 100 / percent(v.days) }

// place is where an instant is on the timeline. Days have one width, also those
// of 23 and 25 hours.
func (v *view) place(t time.Time) percent {
	clock := percent(t.Hour()*60+t.Minute()) / (24 * 60)
	return (percent(civil.DateOf(t).DaysSince(v.from)) + clock) * v.dayWidth()
}

// span is where a period is, cut a little outside the timeline.
func (v *view) span(from, to time.Time) (x, width percent) {
	x = max(v.place(from), -1)
	return x, max(min(v.place(to), 101)-x, 0)
}

func (v *view) pageRow(r row, y int) pageRow {
	out := pageRow{Name: r.name, Sources: strings.Join(r.vendors, " + "), Y: y, Middle: y + rowHeight/2}
	for _, b := range r.bars {
		out.Bars = append(out.Bars, v.pageBar(b, y))
		for _, clash := range b.clashes {
			x, width := v.span(middayOf(clash.from, v.now, 14), middayOf(clash.to, v.now, 12))
			out.Clashes = append(out.Clashes, pageBar{X: x, Width: width, Y: y + 7, Height: rowHeight - 14, Title: "Double booking of these nights"})
		}
	}
	for _, job := range r.jobs {
		out.Jobs = append(out.Jobs, v.pageJob(job))
		if job.SameDay {
			x := percent(job.Date.DaysSince(v.from)) * v.dayWidth()
			out.Turns = append(out.Turns, pageBar{X: x, Width: v.dayWidth(), Y: y, Height: rowHeight})
		}
	}
	return out
}

func middayOf(d pms.Date, like time.Time, hour int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, 0, 0, 0, like.Location())
}

func (v *view) pageBar(b bar, y int) pageBar {
	x, width := v.span(b.start, b.end)
	out := pageBar{
		X: x, Width: width, Y: y + (rowHeight-barHeight)/2, Height: barHeight,
		Class: "bar " + string(b.kind), Title: b.title, LabelDX: 9, Baseline: barHeight/2 + 4,
	}
	switch b.kind {
	case barStay:
		out.Class = v.channelClass(b.channel)
		out.Label = b.channel
		if b.guests.Total > 0 {
			out.Label = count(b.guests.Total, "guest")
		}
	case barBlock:
		out.Label = "closed"
	case barUndecided:
		out.Label = "?"
	}
	// The label stands where the bar can be seen: inside the timeline, and behind
	// nights that another stay has too.
	shown := max(x, 0)
	for _, clash := range b.clashes {
		if clash.from == b.arrival {
			shown = max(shown, v.place(middayOf(clash.to, v.now, 16)))
		}
	}
	out.LabelX = 100 * (shown - x) / max(width, 0.001)
	if x+width-shown < v.dayWidth()*3/4 {
		out.Label = ""
	}
	return out
}

func (v *view) pageJob(job cleaning.Job) pageJob {
	x, width := v.span(job.Start, job.End)
	out := pageJob{
		X: x, Width: width, Bead: x + min(width/2, v.dayWidth()/10), Class: "job", Title: cleaning.Explain(job),
	}
	switch {
	case job.TooShort:
		out.Class, out.Mark = "job alarm", "!"
	case job.SameDay:
		out.Class = "job turn"
	case job.Key.Kind == cleaning.KindMidStay:
		out.Class = "job mid"
	}
	return out
}

func (v *view) listJob(job cleaning.Job) pageListJob {
	out := pageListJob{
		Window: strings.TrimSpace(windowText(job)), Name: v.names[job.Key.PropertyID], Prepare: prepareText(job),
		Why: strings.Split(strings.TrimSpace(cleaning.Explain(job)), "\n"),
	}
	if job.Key.Kind == cleaning.KindMidStay {
		out.Flags = append(out.Flags, legendEntry{"mid", "mid-stay"})
	}
	if job.SameDay {
		out.Flags = append(out.Flags, legendEntry{"turn", "same day"})
	}
	if job.TooShort {
		out.Flags = append(out.Flags, legendEntry{"alarm", "too short"})
	}
	return out
}
