package pms

import (
	"context"
	"errors"
	"iter"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	// Failed holds the records of this page that could not be read.
	Failed []*RecordError
	// Next is the cursor of the next page, empty after the last one. It is
	// opaque and storable: a host resumes a list from its own storage.
	Next string
}

// Properties walks all pages of the query. The sequence is lazy (no request
// before the first step, no page before the last one is consumed, unless
// q.Prefetch) and restartable: ranging again starts again from q.
//
// A [*RecordError] stands for one record, and the walk goes on; any other
// error is the last element. The Property beside an error is zero. A cursor
// that comes back a second time ends the walk with [ErrBadCursor].
func Properties(ctx context.Context, c Connector, q PropertyQuery) iter.Seq2[Property, error] {
	return walk(ctx, badCursor(c, "ListProperties"), q.Cursor, q.Prefetch, func(ctx context.Context, cursor string) (Page[Property], error) {
		page := q
		page.Cursor = cursor
		return c.ListProperties(ctx, page)
	})
}

// Bookings walks all pages of the query under the rules of [Properties]. A
// vendor that pages while its data changes may repeat a booking: merging by
// [Booking.Key] is the host's.
func Bookings(ctx context.Context, c Connector, q BookingQuery) iter.Seq2[Booking, error] {
	return walk(ctx, badCursor(c, "ListBookings"), q.Cursor, q.Prefetch, func(ctx context.Context, cursor string) (Page[Booking], error) {
		page := q
		page.Cursor = cursor
		return c.ListBookings(ctx, page)
	})
}

// Collect drains a sequence: the records, those that could not be read, and
// the error that ended the walk early, if any. The list is complete only when
// err is nil and failed is empty.
func Collect[T any](seq iter.Seq2[T, error]) (items []T, failed []*RecordError, err error) {
	for item, err := range seq {
		var bad *RecordError
		switch {
		case errors.As(err, &bad):
			failed = append(failed, bad)
		case err != nil:
			return items, failed, err
		default:
			items = append(items, item)
		}
	}
	return items, failed, nil
}

// badCursor does not name the cursor, which may hold a vendor's link with a
// secret in it.
func badCursor(c Connector, op string) error {
	return &APIError{Vendor: c.Info().Name, Op: op, Message: "a cursor came twice", Kind: ErrBadCursor}
}

type fetchFunc[T any] func(ctx context.Context, cursor string) (Page[T], error)

func walk[T any](ctx context.Context, badCursor error, first string, prefetch bool, fetch fetchFunc[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		ctx, cancel := context.WithCancel(ctx)
		next := func(cursor string) func() (Page[T], error) {
			return func() (Page[T], error) { return fetch(ctx, cursor) }
		}
		// A fetch under way is cancelled, then waited for, so no goroutine
		// outlives the walk.
		wait := func() {}
		defer func() { cancel(); wait() }()

		seen := map[string]bool{first: true}
		pending := next(first)
		for pending != nil {
			page, err := pending()
			if err != nil {
				yield(zero, err)
				return
			}
			pending = nil
			if page.Next != "" {
				if seen[page.Next] {
					if yieldPage(page, yield) {
						yield(zero, badCursor)
					}
					return
				}
				seen[page.Next] = true
				pending = next(page.Next)
				if prefetch {
					pending, wait = ahead(pending)
				}
			}
			if !yieldPage(page, yield) {
				return
			}
		}
	}
}

// ahead starts f at once and returns a function that waits for its result and
// one that waits for its end.
func ahead[T any](f func() (Page[T], error)) (result func() (Page[T], error), wait func()) {
	var page Page[T]
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		page, err = f()
	}()
	wait = func() { <-done }
	return func() (Page[T], error) { wait(); return page, err }, wait
}

func yieldPage[T any](page Page[T], yield func(T, error) bool) bool {
	for _, item := range page.Items {
		if !yield(item, nil) {
			return false
		}
	}
	var zero T
	for _, bad := range page.Failed {
		if !yield(zero, bad) {
			return false
		}
	}
	return true
}
