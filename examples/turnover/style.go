package main

import (
	"io"
	"os"
	"strings"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// style is a sequence of SGR parameters of a terminal.
type style string

const (
	plain     style = ""
	bold      style = "1"
	dim       style = "2"
	red       style = "31"
	redBold   style = "1;31"
	green     style = "32"
	yellow    style = "33"
	amberBold style = "1;33"
	blue      style = "34"
	magenta   style = "35"
	cyan      style = "36"
	cyanBold  style = "1;36"
)

// painter writes styles, or none when the output is no terminal.
type painter struct{ on bool }

// painterFor heeds NO_COLOR (no-color.org) and terminals that cannot.
func painterFor(w io.Writer) painter {
	file, ok := w.(*os.File)
	return painter{ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func (p painter) paint(s style, text string) string {
	if !p.on || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// columns measures text as terminals show it: Cyrillic is one column wide, 茶 is
// two, whatever the locale of the machine.
var columns = func() *runewidth.Condition {
	c := runewidth.NewCondition()
	c.EastAsianWidth = false
	return c
}()

// fit cuts or fills text to exactly width columns.
func fit(text string, width int) string {
	return columns.FillRight(columns.Truncate(text, width, "…"), width)
}

// wrap breaks text into lines of at most width columns at spaces.
func wrap(text string, width int) []string {
	var lines []string
	var line string
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case columns.StringWidth(line)+1+columns.StringWidth(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
