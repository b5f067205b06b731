package pms_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

var errHost = errors.New("the host is out of order")

// sources are the ways in which a vendor tells what changed. Put and remove
// change the account.
type source struct {
	c      pms.Connector
	fake   *pmstest.Fake
	put    func(...pms.Booking)
	remove func(...string)
}

func sources() map[string]func() source {
	plain := func(wrap func(*pmstest.Fake) pms.Connector) func() source {
		return func() source {
			f := &pmstest.Fake{PageSize: 4}
			return source{wrap(f), f, f.PutBookings, func(ids ...string) {
				for _, id := range ids {
					f.DeleteBooking(id)
				}
			}}
		}
	}
	return map[string]func() source{
		"scan":            plain(func(f *pmstest.Fake) pms.Connector { return scanOnly{f} }),
		"scan and get":    plain(func(f *pmstest.Fake) pms.Connector { return scanAndGet{scanOnly{f}, f} }),
		"updated":         plain(func(f *pmstest.Fake) pms.Connector { return listUpdated{f} }),
		"updated and get": plain(func(f *pmstest.Fake) pms.Connector { return f }),
		"changes and get": func() source {
			f := &changeFeed{Fake: &pmstest.Fake{PageSize: 4}}
			return source{f, f.Fake, f.put, f.remove}
		},
		"changes, no more": func() source {
			f := &changeFeed{Fake: &pmstest.Fake{PageSize: 4}}
			return source{noGetter(f), f.Fake, f.put, f.remove}
		},
	}
}

// noGetter hides all powers but the feed.
func noGetter(f *changeFeed) pms.Connector {
	return struct {
		pms.Connector
		pms.ChangeLister
	}{f, f}
}

// eachSource runs a test with every kind of source, under a clock of its own.
func eachSource(t *testing.T, test func(t *testing.T, s source)) {
	t.Helper()
	for name, open := range sources() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, open()) })
		})
	}
}

func TestSyncEmitsWhatChanged(t *testing.T) {
	t.Parallel()
	eachSource(t, func(t *testing.T, s source) {
		h := newSyncHost()
		s.put(stays(10)...)
		s.put(from("old", -90), from("house", -1), from("left", -20))
		first := h.changes(t, s.c, pms.SyncOptions{})
		require.Len(t, first, 12)
		require.NotContains(t, first, "upsert old")
		require.Contains(t, first, "upsert house")
		require.Contains(t, first, "upsert left")

		later(time.Hour)
		require.Empty(t, h.changes(t, s.c, pms.SyncOptions{}))

		moved, cancelled, touched := from("s01", 9), from("s02", 7), h.store["s03"]
		cancelled.Status = pms.StatusCancelled
		touched.UpdatedAt, touched.CreatedAt, touched.Raw = time.Now(), time.Now(), json.RawMessage(`{"seen":1}`)
		s.put(moved, cancelled, touched, from("new", 1))
		later(time.Hour)
		require.Equal(t, []string{"upsert new", "upsert s01", "upsert s02"}, h.changes(t, s.c, pms.SyncOptions{}))
		require.Equal(t, moved.Arrival, h.store["s01"].Arrival)
		require.Equal(t, pms.StatusCancelled, h.store["s02"].Status)

		later(time.Hour)
		require.Empty(t, h.changes(t, s.c, pms.SyncOptions{ScanNow: true}))
		require.Equal(t, outcome(listed(t, s.c)), outcome(h.known()))
	})
}

// An incremental pass costs what changed, not what there is.
func TestSyncScansOnlyWhenDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &pmstest.Fake{}
		fake.PutBookings(stays(3)...)
		scans := func() (n int) {
			for _, call := range fake.Calls() {
				if call.Op == "ListBookings" && call.Bookings.UpdatedSince.IsZero() {
					n++
				}
			}
			return n
		}
		h := newSyncHost()
		want := []int{1, 1, 1, 2, 2, 3} // passes every eight hours
		for _, n := range want {
			h.changes(t, fake, pms.SyncOptions{})
			require.Equal(t, n, scans())
			later(8 * time.Hour)
			if n == 2 {
				later(8 * time.Hour)
			}
		}
		h.changes(t, fake, pms.SyncOptions{ScanNow: true})
		require.Equal(t, 4, scans())
		h.changes(t, fake, pms.SyncOptions{ScanEvery: -1})
		require.Equal(t, 5, scans())
		past := time.Now().Add(-time.Hour) // the clock was set back
		h.changes(t, fake, pms.SyncOptions{Now: func() time.Time { return past }})
		require.Equal(t, 6, scans())
	})
}

// An account that answers with nothing at first is scanned again, not a day
// later.
func TestSyncEmptyFirstPass(t *testing.T) {
	t.Parallel()
	eachSource(t, func(t *testing.T, s source) {
		h := newSyncHost()
		require.Empty(t, h.changes(t, s.c, pms.SyncOptions{}))
		forgotten := from("a", 3)
		forgotten.UpdatedAt = time.Now().Add(-time.Hour)
		s.fake.PutBookings(forgotten) // no stamp and no feed tells of it
		later(time.Minute)
		require.Equal(t, []string{"upsert a"}, h.changes(t, s.c, pms.SyncOptions{}))
	})
}

func TestSyncWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &pmstest.Fake{}
		fake.PutBookings(from("past", -6), from("yesterday", -3), from("today", -2), from("week", 8), from("next", 9))
		for name, c := range map[string]struct {
			o    pms.SyncOptions
			want []string
		}{
			"open end": {pms.SyncOptions{}, []string{"upsert next", "upsert past", "upsert today", "upsert week", "upsert yesterday"}},
			"today":    {pms.SyncOptions{BackDays: -1}, []string{"upsert next", "upsert today", "upsert week", "upsert yesterday"}},
			"a week":   {pms.SyncOptions{BackDays: 5, AheadDays: 7}, []string{"upsert past", "upsert today", "upsert week", "upsert yesterday"}},
		} {
			require.Equal(t, c.want, newSyncHost().changes(t, fake, c.o), name)
		}
	})
}

// A stay that moved out of the window is told; one that ended there is not
// gone, it is history.
func TestSyncOutOfTheWindow(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"updated", "updated and get", "changes and get", "changes, no more", "scan and get"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := sources()[kind]()
				o := pms.SyncOptions{BackDays: 5, AheadDays: 60}
				h := newSyncHost()
				s.put(stays(6)...)
				s.put(from("far", 400))
				require.Len(t, h.changes(t, s.c, o), 6)

				later(time.Hour)
				s.put(from("s00", 300), from("s01", -100))
				if kind == "scan and get" { // two scans miss them, then the vendor is asked
					require.Empty(t, h.changes(t, s.c, o))
					later(24 * time.Hour)
				}
				require.Equal(t, []string{"upsert s00", "upsert s01"}, h.changes(t, s.c, o))
				require.NotContains(t, h.knownIDs(t), "s01")
				require.Contains(t, h.knownIDs(t), "s00")

				for range 3 {
					later(24 * time.Hour)
					require.Empty(t, h.changes(t, s.c, o))
				}
				later(20 * 24 * time.Hour) // the rest rolls out
				require.Empty(t, h.changes(t, s.c, o))
				require.Equal(t, []string{"s00"}, h.knownIDs(t))

				later(240 * 24 * time.Hour) // what moved ahead comes into the window
				s.put(from("other", 20))
				s.remove("s00")
				got := h.changes(t, s.c, o)
				if len(got) == 1 { // no feed tells of a deletion
					require.Equal(t, []string{"upsert other"}, got)
					later(24 * time.Hour)
					require.NoError(t, h.pass(t.Context(), s.c, o))
				}
				require.NotContains(t, h.knownIDs(t), "s00")
			})
		})
	}
}

func TestSyncWatermark(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &pmstest.Fake{}
		fake.PutBookings(stays(3)...)
		future := from("future", 4)
		future.UpdatedAt = time.Now().AddDate(5, 0, 0) // a vendor's clock in the future
		fake.PutBookings(future)
		h := newSyncHost()
		var starts []time.Time
		fake.OnCall = func(_ context.Context, call pmstest.Call) error {
			if call.Op == "ListBookings" {
				later(7 * time.Minute) // a slow list
			}
			return nil
		}
		for range 4 {
			starts = append(starts, time.Now().UTC())
			h.changes(t, fake, pms.SyncOptions{})
			later(time.Hour)
		}
		var since []time.Time
		for _, call := range fake.Calls() {
			if call.Op == "ListBookings" && !call.Bookings.UpdatedSince.IsZero() {
				since = append(since, call.Bookings.UpdatedSince)
			}
		}
		for i := range starts {
			starts[i] = starts[i].Add(-10 * time.Minute)
		}
		require.Equal(t, starts[:3], since)

		// What the vendor's index shows late, with the stamp of before.
		fake.OnCall = nil
		h.changes(t, fake, pms.SyncOptions{})
		late := from("late", 8)
		late.UpdatedAt = time.Now().Add(-9 * time.Minute)
		fake.PutBookings(late)
		later(time.Minute)
		require.Equal(t, []string{"upsert late"}, h.changes(t, fake, pms.SyncOptions{}))

		// A clock that was ahead by a day has not put the mark there for good.
		later(-time.Since(late.UpdatedAt) + 30*time.Hour)
		ahead := pms.SyncOptions{Now: func() time.Time { return time.Now().Add(24 * time.Hour) }}
		require.Empty(t, h.changes(t, fake, ahead))
		fake.PutBookings(from("after", 8))
		later(time.Minute)
		h.changes(t, fake, pms.SyncOptions{})
		calls := fake.Calls()
		require.Equal(t, time.Now().UTC().Add(-10*time.Minute), calls[len(calls)-2].Bookings.UpdatedSince)

		// A failed list leaves the mark where it was.
		fake.OnCall = func(context.Context, pmstest.Call) error { return pms.ErrUnavailable }
		before := h.checkpoint
		later(time.Hour)
		require.ErrorIs(t, h.pass(t.Context(), fake, pms.SyncOptions{}), pms.ErrUnavailable)
		require.JSONEq(t, string(before), string(h.checkpoint))
	})
}

// A pass ends with the first error of emit, and holds what was accepted.
func TestSyncEmitError(t *testing.T) {
	t.Parallel()
	eachSource(t, func(t *testing.T, s source) {
		h := newSyncHost()
		s.put(stays(6)...)
		n := 0
		h.refuse = func(pms.SyncChange) error {
			if n++; n == 4 {
				return errHost
			}
			return nil
		}
		require.ErrorIs(t, h.pass(t.Context(), s.c, pms.SyncOptions{}), errHost)
		require.Len(t, h.log, 3)
		require.Len(t, h.knownIDs(t), 3)
		h.refuse = nil
		require.Len(t, h.changes(t, s.c, pms.SyncOptions{}), 3)
		require.Equal(t, outcome(listed(t, s.c)), outcome(h.known()))
	})
}

func TestSyncFailedRecords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &pmstest.Fake{PageSize: 4}
		c := scanOnly{fake}
		h := newSyncHost()
		fake.PutBookings(stays(8)...)
		h.changes(t, c, pms.SyncOptions{})
		fake.DeleteBooking("s00")
		bad := &pms.RecordError{Vendor: "fake", Record: "booking", ID: "s07", Field: "arrival", Err: errors.New("not a date")}
		fake.OnCall = func(_ context.Context, call pmstest.Call) error {
			if call.Bookings.Cursor == "" {
				return bad
			}
			return nil
		}
		for range 4 { // nothing is counted as missed
			later(24 * time.Hour)
			require.Equal(t, []string{"failed s07"}, h.changes(t, c, pms.SyncOptions{}))
		}
		fake.OnCall = nil
		require.Empty(t, h.changes(t, c, pms.SyncOptions{}))
		later(24 * time.Hour)
		require.Equal(t, []string{"gone s00"}, h.changes(t, c, pms.SyncOptions{}))
	})
}

func TestSyncBadCheckpoint(t *testing.T) {
	t.Parallel()
	never := func(context.Context, pms.SyncChange) error { return errHost }
	for name, checkpoint := range map[string]string{
		"another vendor": `{"version":1,"vendor":"bnovo"}`,
		"later version":  `{"version":2,"vendor":"fake"}`,
		"no version":     `{"vendor":"fake"}`,
		"not JSON":       `{"version":`,
		"not an object":  `[]`,
		"bad entry":      `{"version":1,"vendor":"fake","bookings":{"1":{"2":"x"}}}`,
	} {
		fake := &pmstest.Fake{}
		fake.PutBookings(from("a", 1))
		next, err := pms.Sync(t.Context(), fake, json.RawMessage(checkpoint), never)
		require.ErrorIs(t, err, pms.ErrBadCheckpoint, name)
		require.Equal(t, checkpoint, string(next), name)
		require.Empty(t, fake.Calls(), name)
	}
	for _, checkpoint := range []string{"", "null", " \n"} {
		fake := &pmstest.Fake{}
		next, err := pms.Sync(t.Context(), fake, json.RawMessage(checkpoint), never)
		require.NoError(t, err)
		require.Contains(t, string(next), `"vendor":"fake"`)
	}
}

func TestSyncCheckpointHoldsNoGuestData(t *testing.T) {
	t.Parallel()
	fake := &pmstest.Fake{}
	b := from("a", 3)
	b.Guest = pms.Guest{Name: "Canary Name", Email: "canary@example.org", Phone: "+79000000000"}
	b.Notes, b.Code = "canary note", "CANARYCODE"
	fake.PutBookings(b)
	h := newSyncHost()
	h.changes(t, fake, pms.SyncOptions{})
	for _, secret := range []string{"anary", "CANARY", "7900"} {
		require.NotContains(t, string(h.checkpoint), secret)
	}
}

// Whatever a connector delivers, the checkpoint can be read again.
func TestSyncStrangeRecords(t *testing.T) {
	t.Parallel()
	fake := &pmstest.Fake{}
	day := from("", 3).Arrival
	for i, d := range []pms.Date{{}, {Year: 2026, Month: 13, Day: 1}, {Year: 123456, Month: 1, Day: 1}, {Year: -5, Month: 1, Day: 1}, {Day: 1}} {
		fake.PutBookings(stay(fmt.Sprintf("a%d", i), d, d), stay(fmt.Sprintf("b%d", i), day, d))
	}
	odd := from(`# "' <&>`, 3)
	odd.PropertyID = "a b\n"
	fake.PutBookings(odd, stay("#", day, day), stay("x##", day, day))
	h := newSyncHost()
	h.changes(t, fake, pms.SyncOptions{BackDays: 9_999})
	require.GreaterOrEqual(t, len(h.log), 11)
	for range 3 {
		require.Empty(t, h.changes(t, fake, pms.SyncOptions{BackDays: 9_999, ScanNow: true, MinAge: -1}))
	}
}

// What the checkpoint does not know the host can tell.
func TestSyncKnown(t *testing.T) {
	t.Parallel()
	eachSource(t, func(t *testing.T, s source) {
		s.put(stays(6)...)
		h := newSyncHost()
		h.changes(t, s.c, pms.SyncOptions{})
		// Events brought one that is deleted since, one that changed since, one
		// as it is, one of another vendor and one of long ago.
		deleted, changed, same := from("deleted", 3), from("changed", 3), from("same", 3)
		foreign, old := from("foreign", 3), from("old", -99)
		deleted.Vendor, changed.Vendor, same.Vendor, foreign.Vendor, old.Vendor = "fake", "fake", "fake", "bnovo", "fake"
		later(time.Hour)
		s.put(from("changed", 4), same)
		for _, b := range []pms.Booking{deleted, changed, same} {
			h.store[b.ID] = b
		}
		known := func(yield func(pms.Booking) bool) {
			for _, b := range []pms.Booking{deleted, changed, same, foreign, old} {
				if !yield(b) {
					return
				}
			}
		}
		require.Equal(t, []string{"upsert changed"}, h.changes(t, s.c, pms.SyncOptions{Known: known, ScanNow: true}))
		require.Equal(t, []string{"changed", "deleted", "s00", "s01", "s02", "s03", "s04", "s05", "same"}, h.knownIDs(t))
		later(24 * time.Hour)
		require.Equal(t, []string{"gone deleted"}, h.changes(t, s.c, pms.SyncOptions{Known: h.known()}))
	})
}

func TestSyncProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &pmstest.Fake{PageSize: 4}
		fake.PutBookings(stays(9)...)
		var seen []pms.SyncProgress
		o := pms.SyncOptions{Progress: func(p pms.SyncProgress) { seen = append(seen, p) }}
		h := newSyncHost()
		h.changes(t, fake, o)
		require.Len(t, seen, 10)
		require.Equal(t, pms.SyncProgress{Listed: 9, Upserts: 9, Scan: true}, seen[9])
		fake.DeleteBooking("s00")
		later(time.Hour)
		seen = nil
		h.changes(t, fake, o)
		require.Equal(t, pms.SyncProgress{Listed: 8}, seen[len(seen)-1])
		o.ScanNow = true
		h.changes(t, fake, o)
		require.Equal(t, pms.SyncProgress{Listed: 8, Missing: 1, Scan: true}, seen[len(seen)-1])
		later(24 * time.Hour)
		h.changes(t, fake, o)
		require.Equal(t, pms.SyncProgress{Listed: 8, Gone: 1, Missing: 1, Scan: true}, seen[len(seen)-1])
	})
}
