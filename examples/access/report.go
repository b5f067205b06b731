package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/changeover-sdk/changeover/operto"
)

// report prints, and keeps the first error of the writer.
type report struct {
	w   io.Writer
	err error
}

func (r *report) printf(format string, args ...any) {
	if r.err == nil {
		_, r.err = fmt.Fprintf(r.w, format, args...)
	}
}

func (r *report) mapped(lodging string, property operto.Property, how string) {
	r.printf("%-6s is %s in Operto (%s)\n", lodging, property.ID, how)
}

// synced prints what was done, and who may enter what, when. Codes print as
// ••••: that is all a log should see.
func (r *report) synced(title string, report operto.Report, err error) {
	r.printf("\n%s\n", title)
	for _, change := range report.Done {
		calls := make([]string, len(change.Calls))
		for i, call := range change.Calls {
			calls[i] = string(call.Kind)
		}
		r.printf("  %-9s %s: %s (%s)\n", change.Kind, change.Reservation, change.Why, strings.Join(calls, ", "))
	}
	if len(report.Done) == 0 {
		r.printf("  nothing to do\n")
	}
	if err != nil {
		r.printf("  %s\n", err)
	}
	const layout = "Mon 2 Jan 15:04"
	for _, a := range report.Access {
		code := fmt.Sprint(a.Guest)
		if a.Missing() {
			code = "no code"
		}
		r.printf("    %-6s %s – %s  %-7s %s\n", a.LodgingID, a.From.Format(layout), a.To.Format(layout), code, a.Stays[0])
		for _, problem := range a.Problems {
			r.printf("           %s\n", problem.Sentence())
		}
	}
}

func (r *report) mailed(text string, missing []operto.Diagnosis) {
	r.printf("\nE-mail\n")
	for line := range strings.Lines(text) {
		r.printf("  | %s", line)
	}
	for _, problem := range missing {
		r.printf("  not in the e-mail: the code of %s. %s\n", problem.Stay, problem.Sentence())
	}
}
