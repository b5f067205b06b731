package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/changeover-sdk/changeover/pms"
)

// summary counts what a pass has done.
type summary struct {
	// order has the vendors by name.
	order   []string
	vendors map[string]*tally
	// vendor is the vendor of each account.
	vendor map[string]string
	// listed is how far each account is.
	listed   map[string]int
	failures []pms.SyncResult
	unread   int
}

// tally is one row of the table.
type tally struct {
	accounts, done, listed, upserts, gone, failed int
}

func newSummary(accounts []account) *summary {
	s := &summary{vendors: map[string]*tally{}, vendor: map[string]string{}, listed: map[string]int{}}
	for _, a := range accounts {
		if s.vendors[a.Vendor] == nil {
			s.vendors[a.Vendor] = &tally{}
			s.order = append(s.order, a.Vendor)
		}
		s.vendors[a.Vendor].accounts++
		s.vendor[a.ID] = a.Vendor
	}
	slices.Sort(s.order)
	return s
}

// read returns how many records an account has read since the last call.
func (s *summary) read(account string, p pms.SyncProgress) int {
	more := p.Listed + p.Failed - s.listed[account]
	s.listed[account] += more
	return more
}

// end counts an account that is done.
func (s *summary) end(r pms.SyncResult) {
	t := s.vendors[s.vendor[r.Account]]
	t.listed += r.Progress.Listed
	t.upserts += r.Progress.Upserts
	t.gone += r.Progress.Gone
	t.failed += r.Progress.Failed
	s.unread += r.Progress.Failed
	if r.Err != nil {
		s.failures = append(s.failures, r)
		return
	}
	t.done++
}

// failed is how many accounts were not read to their end.
func (s *summary) failed() int {
	ended := len(s.failures)
	for _, t := range s.vendors {
		ended += t.done
	}
	return len(s.failures) + len(s.vendor) - ended // the others never began
}

// err is nil if every account was read, and every record of them.
func (s *summary) err() error {
	var all []error
	if n := s.failed(); n > 0 {
		all = append(all, fmt.Errorf("%d of %s could not be read", n, countOf(int64(len(s.vendor)), "account")))
	}
	if s.unread > 0 {
		all = append(all, fmt.Errorf("%s could not be read", countOf(int64(s.unread), "record")))
	}
	return errors.Join(all...)
}

func (s *summary) print(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "vendor\taccounts\tread\tbookings\tnew or changed\tgone\tunreadable\t")
	var all tally
	for _, v := range s.order {
		t := s.vendors[v]
		t.row(table, v)
		all = tally{
			all.accounts + t.accounts, all.done + t.done, all.listed + t.listed,
			all.upserts + t.upserts, all.gone + t.gone, all.failed + t.failed,
		}
	}
	all.row(table, "all")
	_ = table.Flush()
	slices.SortFunc(s.failures, func(a, b pms.SyncResult) int { return cmp.Compare(a.Account, b.Account) })
	for _, f := range s.failures {
		_, _ = fmt.Fprintf(w, "  %s: %v\n", f.Account, f.Err)
	}
}

func (t tally) row(w io.Writer, name string) {
	_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", name, t.accounts, t.done, t.listed, t.upserts, t.gone, t.failed)
}

func countOf(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.FormatInt(n, 10) + " " + noun
}
