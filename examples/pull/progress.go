package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress counts records on a terminal, and does nothing in a pipe or a file.
type progress struct {
	bar *progressbar.ProgressBar
	// shared says that the records go to the same terminal.
	shared bool
}

func newProgress(what string, stdout, stderr io.Writer) progress {
	if !isTerminal(stderr) {
		return progress{}
	}
	const unknownLength = -1
	bar := progressbar.NewOptions(unknownLength,
		progressbar.OptionSetWriter(stderr),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
	return progress{bar: bar, shared: isTerminal(stdout)}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// clear takes the bar away, so that a line can be written in its place.
func (p progress) clear() {
	if p.bar != nil && p.shared {
		_ = p.bar.Clear()
	}
}

func (p progress) add() {
	if p.bar != nil {
		_ = p.bar.Add(1)
	}
}

func (p progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
