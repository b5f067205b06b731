package pms_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/changeover-sdk/changeover/pms"
)

// BenchmarkSyncUnchanged is a scan of 10 000 bookings of which none changed.
func BenchmarkSyncUnchanged(b *testing.B) {
	const count, perPage = 10_000, 100
	all := make([]pms.Booking, count)
	for i := range all {
		all[i] = from(fmt.Sprint(5_000_000+i), i%365)
		all[i].Vendor = "fake"
		all[i].PropertyID = fmt.Sprint(i % 300)
		all[i].Notes = "late arrival, two cots"
		all[i].Guest = pms.Guest{Name: "Vera Testova", Email: "vera@example.org", Phone: "+7 900 000-00-00"}
	}
	c := connector{bookings: func(_ context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
		var at int
		if q.Cursor != "" {
			_, _ = fmt.Sscan(q.Cursor, &at)
		}
		page := pms.Page[pms.Booking]{Items: all[at : at+perPage]}
		if at += perPage; at < count {
			page.Next = fmt.Sprint(at)
		}
		return page, nil
	}}
	emitted := 0
	emit := func(context.Context, pms.SyncChange) error { emitted++; return nil }
	checkpoint, err := pms.Sync(b.Context(), c, nil, emit)
	if err != nil || emitted != count {
		b.Fatal(emitted, err)
	}
	b.ReportMetric(float64(len(checkpoint))/count, "checkpoint-B/booking")
	b.ReportAllocs()
	for b.Loop() {
		if checkpoint, err = pms.Sync(b.Context(), c, checkpoint, emit); err != nil || emitted != count {
			b.Fatal(emitted, err)
		}
	}
	b.ReportMetric(float64(len(checkpoint))/count, "checkpoint-B/booking")
}
