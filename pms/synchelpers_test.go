package pms_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

// syncHost stores what Sync emits, as a host does.
type syncHost struct {
	store      map[string]pms.Booking
	checkpoint json.RawMessage
	// log has one line a change since the last call of changes.
	log []string
	// refuse, if set, is asked before a change is stored.
	refuse func(pms.SyncChange) error
}

func newSyncHost() *syncHost { return &syncHost{store: map[string]pms.Booking{}} }

func (h *syncHost) emit(_ context.Context, change pms.SyncChange) error {
	if h.refuse != nil {
		if err := h.refuse(change); err != nil {
			return err
		}
	}
	id := change.Booking.ID
	switch change.Kind {
	case pms.SyncUpsert:
		h.store[id] = change.Booking
	case pms.SyncGone:
		delete(h.store, id)
	case pms.SyncFailed:
		id = change.Record.ID
	}
	h.log = append(h.log, string(change.Kind)+" "+id)
	return nil
}

// pass runs one pass, stores the checkpoint and returns the error.
func (h *syncHost) pass(ctx context.Context, c pms.Connector, o pms.SyncOptions) error {
	next, err := pms.SyncWith(ctx, c, h.checkpoint, h.emit, o)
	h.checkpoint = next
	return err
}

// changes runs a pass that must succeed and returns its changes, sorted.
func (h *syncHost) changes(t *testing.T, c pms.Connector, o pms.SyncOptions) []string {
	t.Helper()
	h.log = nil
	require.NoError(t, h.pass(t.Context(), c, o))
	slices.Sort(h.log)
	return h.log
}

func (h *syncHost) known() iter.Seq[pms.Booking] { return maps.Values(maps.Clone(h.store)) }

// knownIDs are the ids in the checkpoint.
func (h *syncHost) knownIDs(t *testing.T) []string {
	t.Helper()
	var file struct {
		Bookings map[string]map[string]string `json:"bookings"`
	}
	require.NoError(t, json.Unmarshal(h.checkpoint, &file))
	ids := []string{}
	for _, bookings := range file.Bookings {
		ids = append(ids, slices.Collect(maps.Keys(bookings))...)
	}
	slices.Sort(ids)
	return ids
}

// The three kinds of sources, over the same fake. The first has no power, the
// second is the Fake itself, which lists by time of change and gets bookings.

type scanOnly struct{ pms.Connector }

func (s scanOnly) Info() pms.Info {
	info := s.Connector.Info()
	info.Capabilities[pms.CanUpdatedSince] = pms.No
	return info
}

// scanAndGet has a BookingGetter beside.
type scanAndGet struct {
	scanOnly
	pms.BookingGetter
}

// listUpdated lists by time of change and gets no single booking.
type listUpdated struct{ pms.Connector }

// changeFeed is a vendor with a log of changes, three of them a page.
type changeFeed struct {
	*pmstest.Fake
	mu      sync.Mutex
	log     []string // reservations
	parts   map[string][]pms.Booking
	expired int // cursors before it are refused
	lister  func(cursor string) (pms.ChangePage, error)
}

func (f *changeFeed) put(bookings ...pms.Booking) {
	f.PutBookings(bookings...)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range bookings {
		b.Vendor = "fake"
		f.drop(b.ID)
		f.parts[cutPart(b.ID)] = append(f.parts[cutPart(b.ID)], b)
		f.log = append(f.log, cutPart(b.ID))
	}
}

func (f *changeFeed) remove(ids ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		f.DeleteBooking(id)
		f.drop(id)
		f.log = append(f.log, cutPart(id))
	}
}

func (f *changeFeed) drop(id string) {
	if f.parts == nil {
		f.parts = map[string][]pms.Booking{}
	}
	f.parts[cutPart(id)] = slices.DeleteFunc(f.parts[cutPart(id)], func(b pms.Booking) bool { return b.ID == id })
}

func cutPart(id string) string {
	id, _, _ = strings.Cut(id, "#")
	return id
}

func (f *changeFeed) ListChanges(ctx context.Context, cursor string) (pms.ChangePage, error) {
	if f.lister != nil {
		return f.lister(cursor)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.OnCall != nil {
		if err := f.OnCall(ctx, pmstest.Call{Op: "ListChanges", ID: cursor}); err != nil {
			return pms.ChangePage{}, err
		}
	}
	at := f.expired
	if cursor != "" {
		var err error
		if at, err = strconv.Atoi(cursor); err != nil || at < f.expired {
			return pms.ChangePage{}, &pms.APIError{Vendor: "fake", Op: "ListChanges", Kind: pms.ErrBadCursor}
		}
	}
	end := min(at+3, len(f.log))
	page := pms.ChangePage{Next: strconv.Itoa(end), More: end < len(f.log)}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(f.log[at:end]))) {
		if len(f.parts[id]) == 0 {
			page.Gone = append(page.Gone, id)
		}
		page.Items = append(page.Items, f.parts[id]...)
	}
	return page, nil
}

func stay(id string, arrival, departure pms.Date) pms.Booking {
	b := pms.Booking{
		ID: id, PropertyID: "101", Kind: pms.KindGuest, Status: pms.StatusConfirmed,
		Arrival: arrival, Departure: departure, Guest: pms.Guest{Name: "Vera Testova"}, UpdatedAt: time.Now(),
	}
	if reservation, _, part := strings.Cut(id, "#"); part {
		b.GroupID = reservation
	}
	return b
}

// from returns a stay of two nights that begins in some days.
func from(id string, days int) pms.Booking {
	today := civil.DateOf(time.Now().UTC())
	return stay(id, today.AddDays(days), today.AddDays(days+2))
}

func stays(n int) []pms.Booking {
	var out []pms.Booking
	for i := range n {
		out = append(out, from(fmt.Sprintf("s%02d", i), 5+i))
	}
	return out
}

func later(d time.Duration) { <-time.After(d) }

// outcome is what a host must have of a booking: all but what a pass may leave
// out.
func outcome(bookings iter.Seq[pms.Booking]) map[string]string {
	out := map[string]string{}
	for b := range bookings {
		b.UpdatedAt, b.CreatedAt, b.Raw = time.Time{}, time.Time{}, nil
		out[b.ID] = fmt.Sprintf("%+v", b)
	}
	return out
}

// listed is all that a connector lists in the default window.
func listed(t *testing.T, c pms.Connector) iter.Seq[pms.Booking] {
	t.Helper()
	today := civil.DateOf(time.Now().UTC())
	bookings, failed, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{From: today.AddDays(-31)}))
	require.NoError(t, err)
	require.Empty(t, failed)
	return slices.Values(bookings)
}
