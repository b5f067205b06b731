package main

import (
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

const (
	nameWidth = 21
	// dayWidth columns show a day: its morning, when guests leave; the cleaning;
	// and its afternoon, when guests come.
	dayWidth  = 4
	morning   = 0
	noon      = 1
	afternoon = 2
)

// cell is one column of one row.
type cell struct {
	glyph rune
	style style
}

// board prints the rows of a view, a property a line and four columns a day.
func (r *report) board(v *view) {
	r.line("")
	r.line("%s", r.header(v, "Mon"))
	r.line("%s", r.header(v, "2"))
	for _, row := range v.rows {
		r.line("%s%s", fit(row.name, nameWidth), r.cells(row.cells(v)))
	}
	r.line("%s", r.totals(v))
}

func (r *report) header(v *view, layout string) string {
	var b strings.Builder
	b.WriteString(fit("", nameWidth))
	for i := range v.days {
		day := v.from.AddDays(i).In(time.UTC)
		s := dim
		if i == 0 {
			s = bold
		} else if weekend(day) {
			s = cyan
		}
		text := fit(day.Format(layout), dayWidth)
		if i == v.days-1 {
			text = strings.TrimRight(text, " ")
		}
		b.WriteString(r.paint(s, text))
	}
	return b.String()
}

func weekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }

// totals is a line with the number of cleanings of each day.
func (r *report) totals(v *view) string {
	var b strings.Builder
	for i := range v.days {
		text := "·"
		if n := len(v.jobsOn(v.from.AddDays(i))); n > 0 {
			text = strconv.Itoa(n)
		}
		b.WriteString(fit(text, dayWidth))
	}
	return r.paint(dim, fit("Cleanings", nameWidth)+strings.TrimRight(b.String(), " "))
}

// cells joins neighbours of one style.
func (r *report) cells(cells []cell) string {
	var b strings.Builder
	for from := 0; from < len(cells); {
		to := from + 1
		for to < len(cells) && cells[to].style == cells[from].style {
			to++
		}
		var text strings.Builder
		for _, c := range cells[from:to] {
			text.WriteRune(c.glyph)
		}
		b.WriteString(r.paint(cells[from].style, text.String()))
		from = to
	}
	return strings.TrimRight(b.String(), " ")
}

// cells draws a row: stays first, then what is to be done between them.
func (row row) cells(v *view) []cell {
	c := canvas{view: v, cells: make([]cell, v.days*dayWidth)}
	for i := range c.cells {
		c.cells[i] = cell{' ', plain}
	}
	for _, b := range row.bars {
		c.bar(b)
	}
	for _, b := range row.bars {
		for _, clash := range b.clashes {
			c.fill(c.column(clash.from, afternoon), c.column(clash.to, morning), '╳', redBold)
		}
	}
	for _, job := range row.jobs {
		c.job(job)
	}
	return c.cells
}

type canvas struct {
	view  *view
	cells []cell
}

// column is the place of a part of a day; it may lie outside the board.
func (c canvas) column(day pms.Date, part int) int {
	return day.DaysSince(c.view.from)*dayWidth + part
}

func (c canvas) set(column int, glyph rune, s style) {
	if column >= 0 && column < len(c.cells) {
		c.cells[column] = cell{glyph, s}
	}
}

func (c canvas) fill(from, to int, glyph rune, s style) {
	for i := from; i <= to; i++ {
		c.set(i, glyph, s)
	}
}

// bar draws "┣B2━━━┫": channel, guests if there is room, and the nights.
func (c canvas) bar(b bar) {
	from, to := c.column(b.arrival, afternoon), c.column(b.departure, morning)
	switch b.kind {
	case barBlock:
		c.fill(from, to, '░', dim)
	case barUndecided:
		c.fill(from, to, '┅', yellow)
		c.set(from, '?', amberBold)
	case barStay:
		s := channelStyle(b.channel)
		c.fill(from, to, '━', s)
		c.set(from, '┣', s)
		c.set(to, '┫', s)
		label := initial(b.channel)
		if b.guests.Total > 0 {
			label += strconv.Itoa(b.guests.Total)
		}
		first := max(from, -1) + 1
		for i, glyph := range []rune(label)[:min(max(to-first, 0), len(label))] {
			c.set(first+i, glyph, s)
		}
	}
}

// initial is the letter of a channel on the board.
func initial(channel string) string { return strings.ToUpper(channel[:1]) }

func channelStyle(channel string) style {
	switch channel {
	case "airbnb":
		return magenta
	case "booking":
		return blue
	case "direct":
		return green
	default:
		return cyan
	}
}

// job draws the cleaning at the noon of its day, and the days that it may wait.
func (c canvas) job(job cleaning.Job) {
	start := c.column(job.Date, noon)
	for i := start + 1; i <= c.column(civil.DateOf(job.End), noon); i++ {
		if i >= 0 && i < len(c.cells) && c.cells[i].glyph == ' ' {
			c.set(i, '┄', dim)
		}
	}
	switch {
	case job.TooShort:
		c.set(start, '!', redBold)
	case job.SameDay:
		c.set(start, '●', amberBold)
	case job.Key.Kind == cleaning.KindMidStay:
		c.set(start, '◇', magenta)
	default:
		c.set(start, '○', bold)
	}
}

func (r *report) legend(v *view) {
	var channels []string
	for _, channel := range v.channels() {
		channels = append(channels, initial(channel)+" "+channel)
	}
	r.line("")
	r.line("%s", r.paint(dim, "┣B2━━┫ a stay of 2 guests, from afternoon to morning; "+strings.Join(channels, ", ")))
	r.line("%s", r.paint(dim, "○ cleaning  ┄ may wait  ● same-day turn  ! window too short  ◇ mid-stay"))
	r.line("%s", r.paint(dim, "╳ double booking  ░ closed  ?┅ not decided"))
}
