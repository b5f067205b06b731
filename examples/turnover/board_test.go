package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

func testView(rows ...row) *view {
	now := time.Date(2026, time.June, 15, 9, 0, 0, 0, time.UTC)
	return &view{now: now, from: firstDay, days: 4, rows: rows}
}

func stayOf(arrival, departure int, channel string, guests int) bar {
	return bar{
		kind: barStay, arrival: firstDay.AddDays(arrival), departure: firstDay.AddDays(departure),
		channel: channel, guests: pms.Guests{Total: guests},
	}
}

func cleaningOn(day, end int) cleaning.Job {
	noon := firstDay.In(time.UTC).Add(12 * time.Hour)
	return cleaning.Job{Date: firstDay.AddDays(day), Start: noon.AddDate(0, 0, day), End: noon.AddDate(0, 0, end).Add(time.Hour)}
}

func TestRowCells(t *testing.T) {
	t.Parallel()
	sameDay, short := cleaningOn(1, 1), cleaningOn(1, 1)
	sameDay.SameDay, short.SameDay, short.TooShort = true, true, true
	clash := stayOf(1, 3, "booking", 0)
	clash.clashes = []nights{{firstDay.AddDays(1), firstDay.AddDays(2)}}
	tests := map[string]struct {
		row  row
		want string
	}{
		"nothing":                {row{}, ""},
		"a stay":                 {row{bars: []bar{stayOf(0, 2, "airbnb", 3)}}, "  ┣A3━━━┫"},
		"one night":              {row{bars: []bar{stayOf(1, 2, "direct", 2)}}, "      ┣D┫"},
		"in house":               {row{bars: []bar{stayOf(-3, 1, "booking", 12)}}, "B12━┫"},
		"leaves today":           {row{bars: []bar{stayOf(-3, 0, "booking", 2)}}, "┫"},
		"leaves later":           {row{bars: []bar{stayOf(2, 9, "vrbo", 2)}}, "          ┣V2━━━"},
		"many guests, one night": {row{bars: []bar{stayOf(0, 1, "vrbo", 14)}}, "  ┣V┫"},
		"cleaning the same day":  {row{jobs: []cleaning.Job{cleaningOn(1, 1)}}, "     ○"},
		"cleaning may wait":      {row{jobs: []cleaning.Job{cleaningOn(1, 2)}}, "     ○┄┄┄┄"},
		"may wait beyond":        {row{jobs: []cleaning.Job{cleaningOn(3, 6)}}, "             ○┄┄"},
		"left over":              {row{jobs: []cleaning.Job{cleaningOn(-1, 0)}}, "┄┄"},
		"turn":                   {row{bars: []bar{stayOf(0, 1, "airbnb", 0), stayOf(1, 2, "airbnb", 0)}, jobs: []cleaning.Job{sameDay}}, "  ┣A┫●┣A┫"},
		"too short":              {row{jobs: []cleaning.Job{short}}, "     !"},
		"double booking":         {row{bars: []bar{stayOf(0, 2, "airbnb", 0), clash}}, "  ┣A━━╳╳╳━━━┫"},
		"closed":                 {row{bars: []bar{{kind: barBlock, arrival: firstDay, departure: firstDay.AddDays(1)}}}, "  ░░░"},
		"not decided":            {row{bars: []bar{{kind: barUndecided, arrival: firstDay, departure: firstDay.AddDays(1)}}}, "  ?┅┅"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := newReport(&bytes.Buffer{})
			assert.Equal(t, test.want, out.cells(test.row.cells(testView())))
		})
	}
}

// All rows begin in the same column, whatever the width of the letters of the
// names.
func TestBoardAlignsNames(t *testing.T) {
	t.Parallel()
	var names []row
	for _, name := range []string{"Loft", "Кедр", "茶室 Tea House", "Zoë", "Очень длинное название квартиры у моря", "長い名前の部屋、海の近くにあります"} {
		names = append(names, row{name: name, bars: []bar{stayOf(0, 2, "airbnb", 2)}})
	}
	var out bytes.Buffer
	newReport(&out).board(testView(names...))
	lines := strings.Split(out.String(), "\n")
	found := 0
	for _, line := range lines {
		if before, _, ok := strings.Cut(line, "┣"); ok {
			found++
			assert.Equal(t, nameWidth+2, columns.StringWidth(before), line)
		}
	}
	assert.Equal(t, len(names), found)
}

func TestColourOnlyOnATerminal(t *testing.T) {
	t.Parallel()
	assert.False(t, painterFor(&bytes.Buffer{}).on)
	assert.Equal(t, "text", painter{}.paint(red, "text"))
	assert.Equal(t, "\x1b[31mtext\x1b[0m", painter{on: true}.paint(red, "text"))
	assert.Equal(t, "text", painter{on: true}.paint(plain, "text"))
}

func TestColouredBoardSaysTheSame(t *testing.T) {
	t.Parallel()
	v := testView(row{name: "Loft", bars: []bar{stayOf(0, 2, "airbnb", 2), stayOf(2, 3, "booking", 1)}, jobs: []cleaning.Job{cleaningOn(2, 2)}})
	var bare, coloured bytes.Buffer
	newReport(&bare).board(v)
	(&report{painter: painter{on: true}, w: &coloured}).board(v)
	text := coloured.String()
	assert.Contains(t, text, "\x1b[35m")
	for _, s := range []style{bold, dim, red, redBold, green, yellow, amberBold, blue, magenta, cyan, cyanBold} {
		text = strings.ReplaceAll(text, "\x1b["+string(s)+"m", "")
	}
	assert.Equal(t, bare.String(), strings.ReplaceAll(text, "\x1b[0m", ""))
}

func TestWrap(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"one two", "three"}, wrap("one two\nthree", 9))
	assert.Equal(t, []string{"a", "unbreakable", "b"}, wrap("a unbreakable b", 4))
	assert.Empty(t, wrap(" ", 4))
}
