package main

import (
	"context"
	"io"
	"os"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// bars show on a terminal how many accounts of each vendor are done, and nothing
// in a pipe or a file.
type bars struct {
	container *mpb.Progress
	vendors   map[string]*bar
}

type bar struct {
	*mpb.Bar
	records atomic.Int64
}

func newBars(ctx context.Context, s *summary, stderr io.Writer) *bars {
	file, ok := stderr.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return &bars{}
	}
	b := &bars{container: mpb.NewWithContext(ctx, mpb.WithOutput(stderr)), vendors: map[string]*bar{}}
	for _, v := range s.order {
		one := &bar{}
		one.Bar = b.container.AddBar(int64(s.vendors[v].accounts),
			mpb.PrependDecorators(
				decor.Name(v, decor.WCSyncSpaceR),
				decor.CountersNoUnit("%d of %d accounts", decor.WCSyncSpace),
			),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return countOf(one.records.Load(), "record") }, decor.WCSyncSpace)),
		)
		b.vendors[v] = one
	}
	return b
}

// read adds records of a vendor.
func (b *bars) read(vendor string, records int) {
	if v := b.vendors[vendor]; v != nil {
		v.records.Add(int64(records))
	}
}

// end adds an account that is done.
func (b *bars) end(vendor string) {
	if v := b.vendors[vendor]; v != nil {
		v.Increment()
	}
}

// wait draws the bars for the last time.
func (b *bars) wait() {
	if b.container != nil {
		for _, v := range b.vendors {
			v.Abort(false) // one that an interrupt has left behind
		}
		b.container.Wait()
	}
}
