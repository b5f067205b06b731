package remonline

import (
	"context"
	"iter"
	"time"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// Orders walks all orders of the query, the longest unchanged first; Sort and
// Page of the query are not used. The sequence is lazy (no request before the
// first step, no page before the last one is consumed) and restartable:
// ranging again starts again from q.
//
// A [*pms.RecordError] stands for one order, and the walk goes on; any other
// error is the last element. The Order beside an error is zero.
//
// Orders change while they are read, and a changed one moves to the end of the
// list, so that pages by number would pass over its neighbours. The walk
// therefore asks for what changed since the last order it saw, a second
// earlier to be safe, and drops repeats. An order that changes during the walk
// comes again in its new form.
func Orders(ctx context.Context, c *Client, q OrderQuery) iter.Seq2[Order, error] {
	q.Sort = SortModified
	return walk(q.Modified.From, source[Order]{
		op: "ListOrders",
		fetch: func(since time.Time, page int) (List[Order], error) {
			q := q
			q.Modified.From, q.Page = since, page
			return c.ListOrders(ctx, q)
		},
		id:       func(o Order) string { return string(o.ID) },
		modified: func(o Order) time.Time { return instant(o.ModifiedAt) },
	})
}

// People walks all people of the query under the rules of [Orders].
func People(ctx context.Context, c *Client, q ContactQuery) iter.Seq2[Contact, error] {
	return contacts(ctx, "ListPeople", q, c.ListPeople)
}

// Organizations walks all organizations of the query under the rules of
// [Orders].
func Organizations(ctx context.Context, c *Client, q ContactQuery) iter.Seq2[Contact, error] {
	return contacts(ctx, "ListOrganizations", q, c.ListOrganizations)
}

func contacts(
	ctx context.Context, op string, q ContactQuery, list func(context.Context, ContactQuery) (List[Contact], error),
) iter.Seq2[Contact, error] {
	q.Sort = SortModified
	return walk(q.Modified.From, source[Contact]{
		op: op,
		fetch: func(since time.Time, page int) (List[Contact], error) {
			q := q
			q.Modified.From, q.Page = since, page
			return list(ctx, q)
		},
		id:       func(c Contact) string { return string(c.ID) },
		modified: func(c Contact) time.Time { return instant(c.ModifiedAt) },
	})
}

// instant reads a stamp. The vendor writes them with a zone; one without is
// unknown.
func instant(t pms.Text) time.Time { return wire.TimeOrZero(t, nil) }

// source is a list sorted by change.
type source[T any] struct {
	op       string
	fetch    func(since time.Time, page int) (List[T], error)
	id       func(T) string
	modified func(T) time.Time
}

// walk reads a source to its end.
func walk[T any](since time.Time, s source[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w := walker[T]{source: s, since: since, page: 1, seen: map[string]time.Time{}}
		for {
			page, err := s.fetch(w.since, w.page)
			if err == nil {
				err = w.stuck(page)
			}
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			if !w.emit(page, yield) || page.Last() {
				return
			}
			w.advance(page)
		}
	}
}

// walker is the place in a list.
type walker[T any] struct {
	source[T]
	since time.Time
	page  int
	// seen are the records that the next page may repeat, with their stamps.
	seen map[string]time.Time
	// bad are the unreadable records of the last page.
	bad map[string]bool
	// unsorted: the vendor did not sort, so there is no mark to go by.
	unsorted bool
	head     string // id at the head of the last page
}

// emit yields what is new in a page.
func (w *walker[T]) emit(page List[T], yield func(T, error) bool) bool {
	for _, item := range page.Items {
		at, known := w.seen[w.id(item)]
		if known && at.Equal(w.modified(item)) {
			continue
		}
		w.seen[w.id(item)] = w.modified(item)
		if !yield(item, nil) {
			return false
		}
	}
	before := w.bad
	w.bad = map[string]bool{}
	for _, bad := range page.Failed {
		w.bad[string(bad.Raw)] = true
		var zero T
		if !before[string(bad.Raw)] && !yield(zero, bad) {
			return false
		}
	}
	return true
}

// stuck notices that the vendor sends the same page for ever.
func (w *walker[T]) stuck(page List[T]) error {
	head := ""
	if len(page.Items) > 0 {
		head = w.id(page.Items[0])
	}
	same := w.page > 1 && head != "" && head == w.head
	w.head = head
	if same {
		return repeated(w.op)
	}
	return nil
}

func repeated(op string) error {
	return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrBadCursor, Message: "the same page came twice"}
}

// advance moves the mark to the newest record of the page, or goes on to the
// next page where a whole page is of one second or not sorted.
func (w *walker[T]) advance(page List[T]) {
	w.unsorted = w.unsorted || !w.ascending(page.Items)
	if !w.unsorted && len(page.Items) > 0 {
		newest := w.modified(page.Items[len(page.Items)-1])
		if mark := newest.Truncate(time.Second).Add(-time.Second); mark.After(w.since) {
			w.since, w.page = mark, 1
			w.forget()
			return
		}
	}
	w.page++
}

// forget drops the records that no later page can repeat.
func (w *walker[T]) forget() {
	for id, at := range w.seen {
		if at.Before(w.since) {
			delete(w.seen, id)
		}
	}
}

// ascending reports whether all records have a stamp and none is older than
// the one before it.
func (w *walker[T]) ascending(items []T) bool {
	var last time.Time
	for _, item := range items {
		at := w.modified(item)
		if at.IsZero() || at.Before(last) {
			return false
		}
		last = at
	}
	return true
}

// pages walks a list that is paged by number and hardly ever changes.
func pages[T any](op string, fetch func(page int) (List[T], error), id func(T) string) iter.Seq2[T, error] {
	return walk(time.Time{}, source[T]{
		op:       op,
		fetch:    func(_ time.Time, page int) (List[T], error) { return fetch(page) },
		id:       id,
		modified: func(T) time.Time { return time.Time{} },
	})
}
