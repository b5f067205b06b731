package pms_test

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/changeover-sdk/changeover/pms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// book answers pages by cursor and notes the cursors that were asked for.
type book struct {
	pages  map[string]pms.Page[pms.Booking]
	errs   map[string]error
	asked  []string
	onCall func(ctx context.Context, cursor string)
}

func (b *book) connector() pms.Connector {
	return connector{bookings: func(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
		b.asked = append(b.asked, q.Cursor)
		if b.onCall != nil {
			b.onCall(ctx, q.Cursor)
		}
		return b.pages[q.Cursor], b.errs[q.Cursor]
	}}
}

func page(next string, ids ...string) pms.Page[pms.Booking] {
	p := pms.Page[pms.Booking]{Next: next}
	for _, id := range ids {
		p.Items = append(p.Items, pms.Booking{ID: id})
	}
	return p
}

func threePages() *book {
	return &book{pages: map[string]pms.Page[pms.Booking]{"": page("p2", "1", "2"), "p2": page("p3", "3"), "p3": page("", "4")}}
}

// steps writes a sequence down: an id, "!id" of a record that could not be
// read, or the text of an error.
func steps(seq iter.Seq2[pms.Booking, error]) []string {
	var out []string
	for b, err := range seq {
		var bad *pms.RecordError
		switch {
		case errors.As(err, &bad):
			out = append(out, "!"+bad.ID)
		case err != nil:
			out = append(out, err.Error())
		default:
			out = append(out, b.ID)
		}
	}
	return out
}

func bothWays(t *testing.T, test func(t *testing.T, q pms.BookingQuery)) {
	t.Helper()
	for _, prefetch := range []bool{false, true} {
		t.Run("prefetch "+strconv.FormatBool(prefetch), func(t *testing.T) {
			t.Parallel()
			test(t, pms.BookingQuery{Prefetch: prefetch})
		})
	}
}

func TestBookingsWalksAllPages(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, q pms.BookingQuery) {
		b := threePages()
		seq := pms.Bookings(t.Context(), b.connector(), q)
		assert.Empty(t, b.asked, "no request before the first step")
		assert.Equal(t, []string{"1", "2", "3", "4"}, steps(seq))
		assert.Equal(t, []string{"", "p2", "p3"}, b.asked)
		assert.Equal(t, []string{"1", "2", "3", "4"}, steps(seq), "ranging again starts again")
		assert.Equal(t, []string{"", "p2", "p3", "", "p2", "p3"}, b.asked)
	})
}

func TestBookingsFetchesNoPageBeforeTheLastIsConsumed(t *testing.T) {
	t.Parallel()
	b := threePages()
	var seen []string
	for item, err := range pms.Bookings(t.Context(), b.connector(), pms.BookingQuery{}) {
		require.NoError(t, err)
		seen = append(seen, item.ID+" after "+strconv.Itoa(len(b.asked)))
	}
	assert.Equal(t, []string{"1 after 1", "2 after 1", "3 after 2", "4 after 3"}, seen)
}

func TestBookingsBreakSendsNothingMore(t *testing.T) {
	t.Parallel()
	b := threePages()
	for item, err := range pms.Bookings(t.Context(), b.connector(), pms.BookingQuery{}) {
		require.NoError(t, err)
		if item.ID == "2" {
			break
		}
	}
	assert.Equal(t, []string{""}, b.asked, "a break on the last item of a page does not ask for the next")
}

func TestBookingsBreakOnRecordError(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, q pms.BookingQuery) {
		b := &book{pages: map[string]pms.Page[pms.Booking]{"": {Failed: []*pms.RecordError{
			{Vendor: "fake", Record: "booking", ID: "1"}, {Vendor: "fake", Record: "booking", ID: "2"},
		}}}}
		n := 0
		for _, err := range pms.Bookings(t.Context(), b.connector(), q) {
			require.EqualError(t, err, "fake: booking 1")
			n++
			break
		}
		assert.Equal(t, 1, n)
	})
}

func TestBookingsEmptyPages(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, q pms.BookingQuery) {
		middle := &book{pages: map[string]pms.Page[pms.Booking]{"": page("p2", "1"), "p2": page("p3"), "p3": page("", "2")}}
		assert.Equal(t, []string{"1", "2"}, steps(pms.Bookings(t.Context(), middle.connector(), q)))
		none := &book{pages: map[string]pms.Page[pms.Booking]{}}
		assert.Empty(t, steps(pms.Bookings(t.Context(), none.connector(), q)))
	})
}

func TestBookingsRepeatedCursor(t *testing.T) {
	t.Parallel()
	const loop = "fake: ListBookings: a cursor came twice"
	for _, tt := range []struct {
		name  string
		start string
		pages map[string]pms.Page[pms.Booking]
		want  []string
		asked []string
	}{
		{
			"to itself", "",
			map[string]pms.Page[pms.Booking]{"": page("secret", "1"), "secret": page("secret", "2")},
			[]string{"1", "2", loop},
			[]string{"", "secret"},
		},
		{
			"to an earlier page", "",
			map[string]pms.Page[pms.Booking]{"": page("a", "1"), "a": page("b", "2"), "b": page("a", "3")},
			[]string{"1", "2", "3", loop},
			[]string{"", "a", "b"},
		},
		{
			"to the page that was resumed", "a",
			map[string]pms.Page[pms.Booking]{"a": page("b", "2"), "b": page("a", "3")},
			[]string{"2", "3", loop},
			[]string{"a", "b"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bothWays(t, func(t *testing.T, q pms.BookingQuery) {
				b := &book{pages: tt.pages}
				q.Cursor = tt.start
				seq := pms.Bookings(t.Context(), b.connector(), q)
				assert.Equal(t, tt.want, steps(seq))
				assert.Equal(t, tt.asked, b.asked)
				_, _, err := pms.Collect(seq)
				require.ErrorIs(t, err, pms.ErrBadCursor)
				assert.NotContains(t, err.Error(), "secret")
			})
		})
	}
}

func TestBookingsErrors(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, q pms.BookingQuery) {
		b := threePages()
		first := b.pages[""]
		first.Failed = []*pms.RecordError{{ID: "bad1"}, {ID: "bad2"}}
		b.pages[""] = first
		b.errs = map[string]error{"p3": pms.ErrUnavailable}
		seq := pms.Bookings(t.Context(), b.connector(), q)
		assert.Equal(t, []string{"1", "2", "!bad1", "!bad2", "3", "unavailable"}, steps(seq),
			"bad records pass, a failed page is last and delivers nothing")
		for item, err := range seq {
			if err != nil {
				assert.Zero(t, item, "the value beside an error is zero")
			}
		}

		items, failed, err := pms.Collect(seq)
		require.ErrorIs(t, err, pms.ErrUnavailable)
		assert.Equal(t, []pms.Booking{{ID: "1"}, {ID: "2"}, {ID: "3"}}, items)
		assert.Equal(t, first.Failed, failed)
	})
}

func TestCollect(t *testing.T) {
	t.Parallel()
	items, failed, err := pms.Collect(pms.Bookings(t.Context(), threePages().connector(), pms.BookingQuery{}))
	require.NoError(t, err)
	assert.Empty(t, failed)
	assert.Equal(t, []pms.Booking{{ID: "1"}, {ID: "2"}, {ID: "3"}, {ID: "4"}}, items)
}

func TestQueryReachesTheConnector(t *testing.T) {
	t.Parallel()
	var bookings []pms.BookingQuery
	var properties []pms.PropertyQuery
	c := connector{
		bookings: func(_ context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
			bookings = append(bookings, q)
			return page(map[string]string{"start": "end"}[q.Cursor]), nil
		},
		properties: func(_ context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
			properties = append(properties, q)
			return pms.Page[pms.Property]{Items: []pms.Property{{ID: q.Cursor}}, Next: map[string]string{"start": "end"}[q.Cursor]}, nil
		},
	}
	query := pms.BookingQuery{From: day(t, "2026-11-01"), PropertyIDs: []string{"1"}, ExcludeBlocks: true, Limit: 5, Cursor: "start"}
	_, _, err := pms.Collect(pms.Bookings(t.Context(), c, query))
	require.NoError(t, err)
	last := query
	last.Cursor = "end"
	assert.Equal(t, []pms.BookingQuery{query, last}, bookings)

	units, _, err := pms.Collect(pms.Properties(t.Context(), c, pms.PropertyQuery{Cursor: "start", Limit: 7}))
	require.NoError(t, err)
	assert.Equal(t, []pms.Property{{ID: "start"}, {ID: "end"}}, units)
	assert.Equal(t, []pms.PropertyQuery{{Cursor: "start", Limit: 7}, {Cursor: "end", Limit: 7}}, properties)
}

func TestPropertiesRepeatedCursor(t *testing.T) {
	t.Parallel()
	c := connector{properties: func(context.Context, pms.PropertyQuery) (pms.Page[pms.Property], error) {
		return pms.Page[pms.Property]{Next: "a"}, nil
	}}
	_, _, err := pms.Collect(pms.Properties(t.Context(), c, pms.PropertyQuery{}))
	require.ErrorIs(t, err, pms.ErrBadCursor)
	require.EqualError(t, err, "fake: ListProperties: a cursor came twice")
}

func TestPrefetchIsExactlyOnePageAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := threePages()
		var seen []string
		for item, err := range pms.Bookings(t.Context(), b.connector(), pms.BookingQuery{Prefetch: true}) {
			require.NoError(t, err)
			synctest.Wait()
			seen = append(seen, item.ID+" after "+strconv.Itoa(len(b.asked)))
		}
		assert.Equal(t, []string{"1 after 2", "2 after 2", "3 after 3", "4 after 3"}, seen)
	})
}

func TestPrefetchBreakCancelsTheFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := threePages()
		var ended atomic.Bool
		b.onCall = func(ctx context.Context, cursor string) {
			if cursor == "p2" {
				<-ctx.Done()
				ended.Store(true)
			}
		}
		for _, err := range pms.Bookings(t.Context(), b.connector(), pms.BookingQuery{Prefetch: true}) {
			require.NoError(t, err)
			synctest.Wait() // the fetch of p2 is under way
			assert.False(t, ended.Load())
			break
		}
		assert.True(t, ended.Load(), "the walk waits for the end of the fetch")
		assert.Equal(t, []string{"", "p2"}, b.asked)
	})
}

func TestPrefetchPanicInTheLoopLeavesNoFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := threePages()
		b.onCall = func(ctx context.Context, cursor string) {
			if cursor == "p2" {
				<-ctx.Done()
			}
		}
		assert.PanicsWithValue(t, "host", func() {
			for _, err := range pms.Bookings(t.Context(), b.connector(), pms.BookingQuery{Prefetch: true}) {
				require.NoError(t, err)
				panic("host")
			}
		})
	})
}

func TestCancelledContextReachesTheConnector(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, q pms.BookingQuery) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c := connector{bookings: func(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
			if q.Cursor == "" {
				return page("p2", "1"), nil
			}
			<-ctx.Done()
			return pms.Page[pms.Booking]{}, ctx.Err()
		}}
		var last error
		for _, err := range pms.Bookings(ctx, c, q) {
			cancel()
			last = err
		}
		require.ErrorIs(t, last, context.Canceled)
	})
}

// TestBookingsInFlatMemory keeps no t.Parallel: it reads the heap of the whole
// process.
func TestBookingsInFlatMemory(t *testing.T) { //nolint:paralleltest // measures the heap
	const size, pages = 1000, 1000
	items := make([]pms.Booking, size)
	c := connector{bookings: func(_ context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
		n, err := strconv.Atoi("0" + q.Cursor)
		p := pms.Page[pms.Booking]{Items: items, Next: strconv.Itoa(n + 1)}
		if n%10 == 0 { // enough to tell whether pages are kept, and quick
			p.Items = slices.Clone(items)
		}
		if n+1 == pages {
			p.Next = ""
		}
		return p, err
	}}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for _, prefetch := range []bool{false, true} {
		before, n, most := heap(), 0, uint64(0)
		for _, err := range pms.Bookings(t.Context(), c, pms.BookingQuery{Prefetch: prefetch}) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n%(size*pages/8) == 0 {
				most = max(most, heap())
			}
		}
		assert.Equal(t, size*pages, n)
		// Two pages of 1000 bookings and the thousand cursors are about 1.3 MB;
		// the hundred pages that are not shared are 50 MB.
		assert.Less(t, most, before+4<<20, "prefetch %v", prefetch)
	}
}

func TestBookingsAllocatesPerPageOnly(t *testing.T) { //nolint:paralleltest // testing.AllocsPerRun
	one := page("", make([]string, 1000)...)
	c := connector{bookings: func(context.Context, pms.BookingQuery) (pms.Page[pms.Booking], error) { return one, nil }}
	allocs := testing.AllocsPerRun(10, func() {
		for _, err := range pms.Bookings(t.Context(), c, pms.BookingQuery{}) {
			if err != nil {
				t.Error(err)
			}
		}
	})
	assert.Less(t, allocs, 40.0, "a thousand bookings cost no allocation each")
}

func BenchmarkBookings(b *testing.B) {
	one := page("", make([]string, 1000)...)
	c := connector{bookings: func(context.Context, pms.BookingQuery) (pms.Page[pms.Booking], error) { return one, nil }}
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range pms.Bookings(b.Context(), c, pms.BookingQuery{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
