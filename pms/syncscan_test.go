package pms_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

// Each step happens some hours after the beginning; "s00" is deleted, or comes
// back, before the pass of its step.
func TestSyncVanished(t *testing.T) {
	t.Parallel()
	type step struct {
		hour         float64
		delete, back bool
		fail         bool // the list ends in an error
		want         string
	}
	for name, c := range map[string]struct {
		o     pms.SyncOptions
		steps []step
	}{
		"two misses and a day": {steps: []step{{hour: 1, delete: true}, {hour: 2}, {hour: 24.9}, {hour: 25, want: "gone s00"}, {hour: 26}}},
		"one miss is nothing":  {steps: []step{{hour: 1, delete: true}, {hour: 99, want: "gone s00"}}},
		"back in between": {steps: []step{
			{hour: 1, delete: true}, {hour: 20, back: true}, {hour: 21, delete: true}, {hour: 26}, {hour: 44}, {hour: 45, want: "gone s00"},
		}},
		"failed scans count nothing": {steps: []step{
			{hour: 1, delete: true, fail: true}, {hour: 20, fail: true}, {hour: 26}, {hour: 49, fail: true}, {hour: 51, want: "gone s00"},
		}},
		"an hour is enough": {
			o:     pms.SyncOptions{MinAge: time.Hour},
			steps: []step{{hour: 1, delete: true}, {hour: 1.5}, {hour: 2, want: "gone s00"}},
		},
		"no age": {
			o:     pms.SyncOptions{MinAge: -1},
			steps: []step{{hour: 1, delete: true}, {hour: 1.1, want: "gone s00"}, {hour: 1.2, back: true, want: "upsert s00"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := &pmstest.Fake{PageSize: 3}
				fake.PutBookings(stays(8)...)
				begin, original := time.Now(), from("s00", 5)
				h := newSyncHost()
				h.changes(t, scanOnly{fake}, c.o)
				for _, s := range c.steps {
					later(time.Until(begin.Add(time.Duration(s.hour * float64(time.Hour)))))
					if s.delete {
						fake.DeleteBooking("s00")
					}
					if s.back {
						fake.PutBookings(original)
					}
					if s.fail {
						fake.OnCall = func(_ context.Context, call pmstest.Call) error {
							if call.Bookings.Cursor != "" {
								return pms.ErrDecode
							}
							return nil
						}
						require.ErrorIs(t, h.pass(t.Context(), scanOnly{fake}, c.o), pms.ErrDecode)
						fake.OnCall = nil
						continue
					}
					var want []string
					if s.want != "" {
						want = []string{s.want}
					}
					require.Equal(t, want, h.changes(t, scanOnly{fake}, c.o), "hour %v", s.hour)
				}
			})
		})
	}
}

// hides lists everything but some bookings, which can still be read one by one.
type hides struct {
	*pmstest.Fake
	ids map[string]bool
}

func (h hides) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	page, err := h.Fake.ListBookings(ctx, q)
	kept := page.Items[:0]
	for _, b := range page.Items {
		if !h.ids[b.ID] {
			kept = append(kept, b)
		}
	}
	page.Items = kept
	return page, err
}

func TestSyncConfirmsBeforeGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer  error // of GetBooking, nil: as it is
		deleted bool
		want    []string
		err     error
	}{
		"still there":         {},
		"really gone":         {deleted: true, want: []string{"gone s01"}},
		"unavailable":         {answer: pms.ErrUnavailable, deleted: true},
		"forbidden":           {answer: pms.ErrForbidden, deleted: true},
		"cannot be read":      {answer: &pms.RecordError{Vendor: "fake", Record: "booking", ID: "s01", Err: errors.New("no dates")}},
		"not supported":       {answer: pms.ErrNotSupported, want: []string{"gone s01"}},
		"not a readable id":   {answer: pms.ErrInvalid, want: []string{"gone s01"}},
		"rate limited":        {answer: pms.ErrRateLimited, deleted: true, err: pms.ErrRateLimited},
		"credentials revoked": {answer: pms.ErrUnauthorized, deleted: true, err: pms.ErrUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := &pmstest.Fake{}
				fake.PutBookings(stays(6)...)
				h := newSyncHost()
				h.changes(t, fake, pms.SyncOptions{})
				if c.deleted {
					fake.DeleteBooking("s01")
				}
				fake.OnCall = func(_ context.Context, call pmstest.Call) error {
					if call.Op == "GetBooking" {
						return c.answer
					}
					return nil
				}
				vendor := hides{fake, map[string]bool{"s01": true}}
				later(24 * time.Hour)
				require.Empty(t, h.changes(t, vendor, pms.SyncOptions{}))
				later(24 * time.Hour)
				h.log = nil
				require.ErrorIs(t, h.pass(t.Context(), vendor, pms.SyncOptions{}), c.err)
				require.Equal(t, c.want, h.log)
				if len(c.want) == 0 {
					require.Contains(t, h.store, "s01")
				}
				if c.deleted && len(c.want) == 0 { // the next scan asks again
					fake.OnCall = nil
					later(24 * time.Hour)
					require.Equal(t, []string{"gone s01"}, h.changes(t, vendor, pms.SyncOptions{}))
				}
			})
		})
	}
}

// A list that hides a booking and a record that changed meanwhile: the record
// is the truth.
func TestSyncConfirmFindsTheChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &pmstest.Fake{}
		fake.PutBookings(stays(6)...)
		vendor := hides{fake, map[string]bool{"s01": true}}
		h := newSyncHost()
		h.changes(t, fake, pms.SyncOptions{})
		cancelled := from("s01", 6)
		cancelled.Status = pms.StatusCancelled
		fake.PutBookings(cancelled)
		later(24 * time.Hour)
		require.Empty(t, h.changes(t, vendor, pms.SyncOptions{}))
		later(24 * time.Hour)
		require.Equal(t, []string{"upsert s01"}, h.changes(t, vendor, pms.SyncOptions{}))
		require.Equal(t, pms.StatusCancelled, h.store["s01"].Status)
		for range 3 { // a cancelled booking need not be listed, and is not asked for
			calls := len(fake.Calls())
			later(24 * time.Hour)
			require.Empty(t, h.changes(t, vendor, pms.SyncOptions{}))
			require.Len(t, fake.Calls(), calls+2)
		}
	})
}

// answers gets bookings by a function.
type answers struct {
	*pmstest.Fake
	get func(id string) ([]pms.Booking, error)
}

func (a answers) GetBooking(_ context.Context, id string) ([]pms.Booking, error) { return a.get(id) }

func TestSyncConfirmReadsTheReservation(t *testing.T) {
	t.Parallel()
	t.Run("an answer about something else proves nothing", func(t *testing.T) {
		t.Parallel()
		fake := &pmstest.Fake{}
		fake.PutBookings(stays(6)...)
		c := answers{fake, func(string) ([]pms.Booking, error) { return []pms.Booking{from("other", 3)}, nil }}
		h := newSyncHost()
		h.changes(t, c, pms.SyncOptions{})
		fake.DeleteBooking("s00")
		for range 3 {
			require.Empty(t, h.changes(t, c, pms.SyncOptions{ScanNow: true, MinAge: -1}))
		}
	})
	t.Run("once, for all its parts", func(t *testing.T) {
		t.Parallel()
		fake := &pmstest.Fake{}
		parts := []pms.Booking{from("x#A", 3), from("x#B", 5)}
		fake.PutBookings(stays(6)...)
		fake.PutBookings(parts...)
		for i := range parts {
			parts[i].Vendor = "fake"
		}
		asked := []string{}
		c := answers{fake, func(id string) ([]pms.Booking, error) {
			asked = append(asked, id)
			return parts, nil
		}}
		h := newSyncHost()
		h.changes(t, c, pms.SyncOptions{})
		vendor := struct {
			pms.Connector
			pms.BookingGetter
		}{hides{fake, map[string]bool{"x#A": true, "x#B": true}}, c}
		for range 2 {
			require.Empty(t, h.changes(t, vendor, pms.SyncOptions{ScanNow: true, MinAge: -1}))
		}
		require.Equal(t, []string{"x"}, asked)
	})
	// A single record may say less than the list, or lag behind it.
	t.Run("what the list brought stays", func(t *testing.T) {
		t.Parallel()
		fake := &pmstest.Fake{}
		fake.PutBookings(from("x#A", 3), from("x#B", 5))
		c := answers{fake, func(string) ([]pms.Booking, error) { return []pms.Booking{from("x#A", 3)}, nil }}
		h := newSyncHost()
		h.changes(t, c, pms.SyncOptions{})
		fake.DeleteBooking("x#B")
		noted := from("x#A", 3)
		noted.Notes = "two cots"
		fake.PutBookings(noted, from("x#C", 5))
		require.Equal(t, []string{"gone x#B", "upsert x#A", "upsert x#C"}, h.changes(t, c, pms.SyncOptions{}))
		require.Equal(t, "two cots", h.store["x#A"].Notes)
		require.Contains(t, h.store, "x#C")
	})
}

// Feeds drop what is over. Only a vendor that says so makes it gone.
func TestSyncStaysThatAreOver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrap    func(*pmstest.Fake) pms.Connector
		missing int
		want    []string
	}{
		"no proof": {func(f *pmstest.Fake) pms.Connector { return scanOnly{f} }, 2, []string{"gone house"}},
		"no answer": {func(f *pmstest.Fake) pms.Connector {
			f.OnCall = func(_ context.Context, call pmstest.Call) error {
				if call.Op == "GetBooking" {
					return pms.ErrNotSupported
				}
				return nil
			}
			return f
		}, 3, []string{"gone house"}},
		"proof": {func(f *pmstest.Fake) pms.Connector { return f }, 3, []string{"gone house", "gone leaves", "gone left"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := &pmstest.Fake{}
				vendor := c.wrap(fake)
				fake.PutBookings(stays(6)...)
				fake.PutBookings(from("left", -9), from("leaves", -1), stay("house", from("", -3).Arrival, from("", 4).Arrival))
				h := newSyncHost()
				h.changes(t, vendor, pms.SyncOptions{})
				for _, id := range []string{"left", "leaves", "house"} {
					fake.DeleteBooking(id)
				}
				later(time.Hour)
				var last pms.SyncProgress
				require.Empty(t, h.changes(t, vendor, pms.SyncOptions{ScanNow: true, Progress: func(p pms.SyncProgress) { last = p }}))
				require.Equal(t, c.missing, last.Missing)
				later(24 * time.Hour) // the day on which "leaves" leaves
				require.Equal(t, c.want, h.changes(t, vendor, pms.SyncOptions{}))
			})
		})
	}
}

func TestSyncSuspiciousScan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stays, missing int
		o              pms.SyncOptions
		suspicious     bool
	}{
		"all":                     {stays: 8, missing: 8, suspicious: true},
		"the only one":            {stays: 1, missing: 1, suspicious: true},
		"half":                    {stays: 8, missing: 4, suspicious: true},
		"less than half":          {stays: 9, missing: 4},
		"two of three":            {stays: 3, missing: 2},
		"three of four":           {stays: 4, missing: 3, suspicious: true},
		"own threshold":           {stays: 20, missing: 4, o: pms.SyncOptions{Shrink: 0.2}, suspicious: true},
		"below own threshold":     {stays: 20, missing: 16, o: pms.SyncOptions{Shrink: 0.9}},
		"a threshold that is not": {stays: 8, missing: 4, o: pms.SyncOptions{Shrink: 7}, suspicious: true},
		"confirmed by a person":   {stays: 8, missing: 8, o: pms.SyncOptions{AcceptShrink: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := &pmstest.Fake{PageSize: 5}
				vendor := scanOnly{fake}
				all := stays(c.stays)
				fake.PutBookings(all...)
				h := newSyncHost()
				h.changes(t, vendor, c.o)
				for _, b := range all[:c.missing] {
					fake.DeleteBooking(b.ID)
				}
				last := all[c.stays-1]
				if c.missing < c.stays {
					last.Notes = "changed"
					fake.PutBookings(last)
				}
				later(time.Hour)
				first := time.Now().UTC()
				h.log = nil
				err := h.pass(t.Context(), vendor, c.o)
				if c.missing < c.stays {
					require.Equal(t, []string{"upsert " + last.ID}, h.log, "changes are delivered")
				}
				if !c.suspicious {
					require.NoError(t, err)
					later(24 * time.Hour)
					c.o.AcceptShrink = false
					require.Len(t, h.changes(t, vendor, c.o), c.missing, "counted once, they go by the usual rules")
					return
				}
				for range 4 {
					require.ErrorIs(t, err, pms.ErrSuspiciousScan)
					var bad *pms.SuspiciousScanError
					require.ErrorAs(t, err, &bad)
					want := pms.SuspiciousScanError{Vendor: "fake", Known: c.stays, Missing: c.missing, Since: first}
					require.Equal(t, want, *bad)
					require.EqualError(t, err, fmt.Sprintf("fake: suspicious scan: %d of %d bookings are missing since %s",
						want.Missing, want.Known, first.Format(time.RFC3339)))
					later(24 * time.Hour)
					err = h.pass(t.Context(), vendor, c.o)
				}
				fake.PutBookings(all[:c.stays-1]...)
				fake.PutBookings(last)
				require.Empty(t, h.changes(t, vendor, c.o))
				for _, b := range all[:c.missing] {
					fake.DeleteBooking(b.ID)
				}
				var again *pms.SuspiciousScanError
				require.ErrorAs(t, h.pass(t.Context(), vendor, c.o), &again)
				require.Equal(t, time.Now().UTC(), again.Since, "it was good in between")
			})
		})
	}
}

// A vendor that clears away what is over has not lost its bookings.
func TestSyncOldStaysAreNotSuspicious(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &pmstest.Fake{}
		fake.PutBookings(stays(2)...)
		for i := range 5 {
			fake.PutBookings(from(fmt.Sprintf("old%d", i), -9))
		}
		h := newSyncHost()
		h.changes(t, fake, pms.SyncOptions{})
		for i := range 5 {
			fake.DeleteBooking(fmt.Sprintf("old%d", i))
		}
		require.Empty(t, h.changes(t, fake, pms.SyncOptions{ScanNow: true}))
		later(24 * time.Hour)
		require.Len(t, h.changes(t, fake, pms.SyncOptions{}), 5)
	})
}

// Bookings that go one by one are no sudden loss.
func TestSyncSlowShrinkIsNotSuspicious(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &pmstest.Fake{}
		fake.PutBookings(stays(9)...)
		h := newSyncHost()
		h.changes(t, scanOnly{fake}, pms.SyncOptions{})
		for i := range 8 {
			fake.DeleteBooking(fmt.Sprintf("s%02d", i))
			later(time.Hour)
			require.Empty(t, h.changes(t, scanOnly{fake}, pms.SyncOptions{}))
		}
		later(24 * time.Hour)
		require.Len(t, h.changes(t, scanOnly{fake}, pms.SyncOptions{}), 8)
	})
}

// A suspicious scan does not hold up what a vendor tells besides, and is
// repeated.
func TestSyncSuspiciousScanOfIncrementalSource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &pmstest.Fake{}
		all := stays(6)
		fake.PutBookings(all...)
		h := newSyncHost()
		h.changes(t, fake, pms.SyncOptions{})
		for _, b := range all {
			fake.DeleteBooking(b.ID)
		}
		later(25 * time.Hour)
		cancelled := all[2]
		cancelled.Status, cancelled.UpdatedAt = pms.StatusCancelled, time.Now()
		fake.PutBookings(cancelled)
		h.log = nil
		require.ErrorIs(t, h.pass(t.Context(), fake, pms.SyncOptions{}), pms.ErrSuspiciousScan)
		require.Equal(t, []string{"upsert s02"}, h.log)
		fake.PutBookings(all...)
		later(time.Hour)
		require.Equal(t, []string{"upsert s02"}, h.changes(t, fake, pms.SyncOptions{}))
	})
}

// A reservation that changes its rooms is one reservation: no part of before
// stays behind, and none goes that is still there.
func TestSyncParts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after []string
		want          []string
	}{
		"whole to parts":   {[]string{"x"}, []string{"x#A", "x#B"}, []string{"gone x", "upsert x#A", "upsert x#B"}},
		"parts to whole":   {[]string{"x#A", "x#B"}, []string{"x"}, []string{"gone x#A", "gone x#B", "upsert x"}},
		"another room":     {[]string{"x#A", "x#B"}, []string{"x#A", "x#C"}, []string{"gone x#B", "upsert x#A", "upsert x#C"}},
		"one room less":    {[]string{"x#A", "x#B", "x#C"}, []string{"x#A", "x#C"}, []string{"gone x#B", "upsert x#A", "upsert x#C"}},
		"one room more":    {[]string{"x#A", "x#B"}, []string{"x#A", "x#B", "x#C"}, []string{"upsert x#A", "upsert x#B", "upsert x#C"}},
		"a part of before": {[]string{"x#A", "x#B"}, []string{"x#A"}, []string{"gone x#B", "upsert x#A"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachSource(t, func(t *testing.T, s source) {
				h := newSyncHost()
				s.put(stays(6)...)
				s.put(from("xx", 4), from("x2#A", 4), from("x2#B", 6))
				for _, id := range c.before {
					s.put(from(id, 3))
				}
				h.changes(t, s.c, pms.SyncOptions{})
				for _, id := range c.before {
					s.remove(id)
				}
				later(time.Hour)
				for _, id := range c.after {
					b := from(id, 3)
					b.Notes = "changed"
					s.put(b)
				}
				got := h.changes(t, s.c, pms.SyncOptions{})
				if _, list := s.c.(listUpdated); list { // a list by change may leave out a part: the scan tells
					got = append(h.changes(t, s.c, pms.SyncOptions{ScanNow: true}), got...)
				}
				require.ElementsMatch(t, c.want, got)
				require.Equal(t, outcome(listed(t, s.c)), outcome(h.known()))
				require.Empty(t, h.changes(t, s.c, pms.SyncOptions{ScanNow: true}))
			})
		})
	}
}

// A list by time of change leaves out the parts that did not change.
func TestSyncPartsWithStampsOfTheirOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &pmstest.Fake{}
		fake.PutBookings(from("x#A", 3), from("x#B", 5))
		h := newSyncHost()
		for range 2 {
			h.changes(t, listUpdated{fake}, pms.SyncOptions{})
			later(time.Hour)
		}
		fake.PutBookings(from("x#A", 4))
		require.Equal(t, []string{"upsert x#A"}, h.changes(t, listUpdated{fake}, pms.SyncOptions{}))
		require.Equal(t, []string{"x#A", "x#B"}, h.knownIDs(t))
	})
}

// What is gone is told with what was known of it.
func TestSyncGoneBooking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &pmstest.Fake{}
		part := from("x#A", 9)
		part.PropertyID = "102"
		fake.PutBookings(part, from("y", 9), from("z", 9))
		var gone []pms.Booking
		h := newSyncHost()
		h.refuse = func(change pms.SyncChange) error {
			if change.Kind == pms.SyncGone {
				gone = append(gone, change.Booking)
			}
			return nil
		}
		h.changes(t, fake, pms.SyncOptions{})
		fake.DeleteBooking("x#A")
		for range 2 {
			later(24 * time.Hour)
			h.changes(t, fake, pms.SyncOptions{})
		}
		require.Equal(t, []pms.Booking{{
			Vendor: "fake", ID: "x#A", GroupID: "x", PropertyID: "102", Arrival: part.Arrival, Departure: part.Departure,
		}}, gone)
	})
}

func TestSyncChangeFeed(t *testing.T) {
	t.Parallel()
	open := func() (*changeFeed, *syncHost) { return &changeFeed{Fake: &pmstest.Fake{}}, newSyncHost() }

	t.Run("a deletion is told at once", func(t *testing.T) {
		t.Parallel()
		feed, h := open()
		feed.put(stays(4)...)
		feed.put(from("x#A", 3), from("x#B", 5))
		h.changes(t, feed, pms.SyncOptions{})
		feed.remove("s01", "x#A", "x#B", "never seen")
		require.Equal(t, []string{"gone s01", "gone x#A", "gone x#B"}, h.changes(t, feed, pms.SyncOptions{}))
	})
	t.Run("the cursor moves page by page", func(t *testing.T) {
		t.Parallel()
		feed, h := open()
		h.changes(t, feed, pms.SyncOptions{})
		feed.put(stays(9)...)
		calls := 0
		feed.OnCall = func(_ context.Context, call pmstest.Call) error {
			if calls++; call.ID == "6" && calls < 5 {
				return pms.ErrUnavailable
			}
			return nil
		}
		require.ErrorIs(t, h.pass(t.Context(), feed, pms.SyncOptions{}), pms.ErrUnavailable)
		require.Len(t, h.log, 6)
		require.Contains(t, string(h.checkpoint), `"cursor":"6"`)
		calls = 9
		require.Len(t, h.changes(t, feed, pms.SyncOptions{}), 3)
	})
	t.Run("an expired cursor begins anew with a scan", func(t *testing.T) {
		t.Parallel()
		feed, h := open()
		feed.put(stays(4)...)
		h.changes(t, feed, pms.SyncOptions{})
		feed.put(from("lost", 3))
		feed.mu.Lock()
		feed.expired = len(feed.log)
		feed.mu.Unlock()
		feed.put(from("fresh", 3))
		require.Equal(t, []string{"upsert fresh", "upsert lost"}, h.changes(t, feed, pms.SyncOptions{}))
	})
	t.Run("pages that lead nowhere", func(t *testing.T) {
		t.Parallel()
		for _, page := range []pms.ChangePage{{}, {Next: "1", More: true}} {
			feed, h := open()
			feed.lister = func(string) (pms.ChangePage, error) { return page, nil }
			require.ErrorIs(t, h.pass(t.Context(), feed, pms.SyncOptions{}), pms.ErrBadCursor)
		}
		feed, h := open()
		feed.lister = func(cursor string) (pms.ChangePage, error) {
			if cursor == "" {
				return pms.ChangePage{Next: "1", More: true}, nil
			}
			return pms.ChangePage{}, pms.ErrBadCursor
		}
		for range 2 {
			require.ErrorIs(t, h.pass(t.Context(), feed, pms.SyncOptions{}), pms.ErrBadCursor)
		}
	})
	t.Run("an account without the feed", func(t *testing.T) {
		t.Parallel()
		feed, h := open()
		feed.lister = func(string) (pms.ChangePage, error) { return pms.ChangePage{}, pms.ErrNotSupported }
		feed.put(stays(4)...)
		require.Len(t, h.changes(t, feed, pms.SyncOptions{}), 4)
		feed.put(from("new", 3))
		require.Equal(t, []string{"upsert new"}, h.changes(t, feed, pms.SyncOptions{}))
	})
	t.Run("deleted and made anew", func(t *testing.T) {
		t.Parallel()
		feed, h := open()
		feed.put(from("a", 3), from("b", 3))
		h.changes(t, feed, pms.SyncOptions{})
		feed.lister = func(string) (pms.ChangePage, error) {
			return pms.ChangePage{Items: []pms.Booking{from("a", 4)}, Gone: []string{"a", "b"}, Next: "99"}, nil
		}
		require.Equal(t, []string{"gone b", "upsert a"}, h.changes(t, feed, pms.SyncOptions{}))
	})
	t.Run("a part that cannot be read is not gone", func(t *testing.T) {
		t.Parallel()
		feed, h := open()
		feed.put(from("x#A", 3), from("x#B", 5))
		vendor := noGetter(feed)
		h.changes(t, vendor, pms.SyncOptions{})
		feed.lister = func(string) (pms.ChangePage, error) {
			return pms.ChangePage{
				Items:  []pms.Booking{from("x#A", 4)},
				Failed: []*pms.RecordError{{Vendor: "fake", Record: "booking", ID: "x#B"}},
				Next:   "99",
			}, nil
		}
		require.Equal(t, []string{"failed x#B", "upsert x#A"}, h.changes(t, vendor, pms.SyncOptions{}))
	})
}
