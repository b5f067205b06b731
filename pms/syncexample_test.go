package pms_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

func ExampleSync() {
	vendor := &pmstest.Fake{} // or any connector
	june := func(d int) pms.Date { return pms.Date{Year: 2036, Month: time.June, Day: d} }
	vendor.PutBookings(
		pms.Booking{ID: "77", Status: pms.StatusConfirmed, Arrival: june(1), Departure: june(4)},
		pms.Booking{ID: "78", Status: pms.StatusConfirmed, Arrival: june(4), Departure: june(9)},
	)

	emit := func(_ context.Context, change pms.SyncChange) error {
		fmt.Println(change.Kind, change.Booking.ID, change.Booking.Status)
		return nil
	}
	var checkpoint json.RawMessage // from the host's storage, and back to it after every pass
	for range 2 {
		next, err := pms.Sync(context.Background(), vendor, checkpoint, emit)
		checkpoint = next // also with an error
		if err != nil {
			fmt.Println(err)
		}
		fmt.Println("pass ends")
		vendor.PutBookings(pms.Booking{ID: "78", Status: pms.StatusCancelled, Arrival: june(4), Departure: june(9)})
	}
	// Output:
	// upsert 77 confirmed
	// upsert 78 confirmed
	// pass ends
	// upsert 78 cancelled
	// pass ends
}

func ExampleSyncAll() {
	vendors := map[string]*pmstest.Fake{"anna": {}, "boris": {}, "vera": {}}
	vendors["anna"].PutBookings(pms.Booking{ID: "77"}, pms.Booking{ID: "78"})
	vendors["boris"].OnCall = func(context.Context, pmstest.Call) error { return pms.ErrUnauthorized }
	stored := map[string]json.RawMessage{}

	accounts := func(yield func(pms.SyncAccount) bool) {
		for name, vendor := range vendors {
			if !yield(pms.SyncAccount{ID: name, Connector: vendor, Checkpoint: stored[name]}) {
				return
			}
		}
	}
	// Emit is called for several accounts at once.
	emit := func(context.Context, string, pms.SyncChange) error { return nil }
	lines := []string{}
	for result := range pms.SyncAll(context.Background(), accounts, emit, pms.SyncAllOptions{Parallel: 8}) {
		stored[result.Account] = result.Checkpoint
		lines = append(lines, fmt.Sprintf("%s: %d changes, error: %v", result.Account, result.Progress.Upserts, result.Err))
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
	fmt.Println(slices.Sorted(maps.Keys(stored)))
	// Output:
	// anna: 2 changes, error: <nil>
	// boris: 0 changes, error: unauthorized
	// vera: 0 changes, error: <nil>
	// [anna boris vera]
}

func ExampleFollow() {
	order := []string{}
	vendor := &registrar{Fake: &pmstest.Fake{}, secret: "whsec_example", order: &order}
	vendor.PutBookings(pms.Booking{ID: "77", Status: pms.StatusConfirmed})

	// The handler serves the URL already: what it is told during the pass, and
	// what the pass reads, is stored in the same way.
	store := map[pms.Key]pms.Booking{}
	upsert := func(b pms.Booking) {
		if old, ok := store[b.Key()]; !ok || b.Supersedes(old) {
			store[b.Key()] = b
		}
	}
	checkpoint, err := pms.Follow(context.Background(), vendor, pms.Subscription{
		URL:      "https://host.example/hooks/anna",
		OnSecret: func(context.Context, string) error { return nil }, // into the settings of the account
	}, nil, func(_ context.Context, change pms.SyncChange) error {
		switch change.Kind {
		case pms.SyncUpsert:
			upsert(change.Booking)
		case pms.SyncGone:
			delete(store, change.Booking.Key())
		case pms.SyncFailed: // shown to the account's owner
		}
		return nil
	}, pms.SyncOptions{})
	fmt.Println(order, len(store), len(checkpoint) > 0, err)
	// Output:
	// [register https://host.example/hooks/anna list] 1 true <nil>
}
