package hostaway

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// walk is a place in the list of reservations. The list is read from its
// front, the newest change, behind the id of the last one of each page.
//
// What changes meanwhile jumps to the front and would be missed: after a pass
// of several pages another one reads what is at the front now, until nothing
// newer than the pass before comes. And the reservation behind which the next
// page begins may be deleted: what the vendor then answers is not known, so an
// empty page is not believed before the page in front of it was read again.
type walk struct {
	after   string // the last reservation of the page before; empty at the front
	back    string // that of the page before that one
	suspect string // an empty page came behind this one
	doubts  int    // empty pages that were not believed; no two cursors are the same
	seen    int    // records of this pass
	floor   int64  // the pass ends in front of what is older, in Unix seconds
	top     int64  // the newest change of the pass, 0 if not known
}

// The prefixes of cursors.
const (
	walkBookings = "reservations"
	walkChanges  = "changes"
)

func (w walk) cursor(prefix string) string {
	return fmt.Sprintf("%s:%s:%s:%s:%d:%d:%d:%d", prefix, w.after, w.back, w.suspect, w.doubts, w.seen, w.floor, w.top)
}

// parseWalk reads a cursor, and reports whether it is one.
func parseWalk(prefix, cursor string) (w walk, ok bool) {
	parts := strings.Split(cursor, ":")
	if len(parts) != 8 || parts[0] != prefix {
		return w, false
	}
	for i, id := range []*string{&w.after, &w.back, &w.suspect} {
		if *id = parts[1+i]; *id != "" && !isNumber(*id) {
			return w, false
		}
	}
	var numbers [4]int64
	for i, text := range parts[4:] {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return w, false
		}
		numbers[i] = n
	}
	w.doubts, w.seen, w.floor, w.top = int(numbers[0]), int(numbers[1]), numbers[2], numbers[3]
	return w, true
}

// step is one page of a walk.
type step struct {
	page nativePage[Reservation]
	// next is where the pass goes on. At its end, next is where it ended.
	next walk
	end  bool
	// whole: the pass was this page alone, so that nothing moved under it.
	whole bool
}

// step reads the page at w.
func (c *Client) step(ctx context.Context, op string, w walk, q ReservationQuery) (step, error) {
	q.AfterID = w.after
	page, err := c.reservationPage(ctx, op, q)
	if err != nil {
		return step{}, err
	}
	s := step{page: page, next: w, whole: w.after == "" && w.suspect == ""}
	if w.after == "" && w.top == 0 {
		s.next.top = newest(page.Items)
	}
	if page.records == 0 {
		return s.empty(op, w, pageSize(q.Limit))
	}
	s.next.seen += page.records
	size := pageSize(q.Limit)
	if page.limit > 0 {
		size = min(size, page.limit)
	}
	switch {
	case w.after != "" && slices.ContainsFunc(page.Items, func(r Reservation) bool { return string(r.ID) == w.after }):
		return step{}, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrBadCursor, Message: "the vendor sent the same page twice"}
	case slices.ContainsFunc(page.Items, func(r Reservation) bool { return older(r, w.floor) }),
		page.records < size && page.Total > 0 && s.next.seen >= page.Total:
		s.end = true
	case len(page.Items) == 0:
		return step{}, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrDecode, Message: "no record of the page can be read"}
	default:
		s.next.after, s.next.back = string(page.Items[len(page.Items)-1].ID), w.after
	}
	return s, nil
}

// empty is the end of the list only where the page in front of it was read
// twice and ended with the same reservation.
func (s step) empty(op string, w walk, size int) (step, error) {
	switch {
	case w.after == "" && s.page.Total > 0:
		return step{}, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrDecode, Message: "an empty page before the end of the list"}
	case w.after == "", w.after == w.suspect:
		s.end = true
	default:
		s.next.after, s.next.back, s.next.suspect = w.back, "", w.after
		s.next.doubts++
		s.next.seen = max(w.seen-size, 0)
	}
	return s, nil
}

// again returns the pass that reads what moved to the front since the one that
// ended, and false if nothing can have.
func (s step) again() (walk, bool) {
	if s.whole || s.next.top <= s.next.floor {
		return walk{}, false
	}
	return walk{floor: s.next.top}, true
}

func newest(items []Reservation) int64 {
	var top int64
	for _, r := range items {
		top = max(top, changedAt(r))
	}
	return top
}

// older reports whether a reservation was last changed before the floor. One
// without a stamp is not.
func older(r Reservation, floor int64) bool {
	at := changedAt(r)
	return at > 0 && at < floor
}

// changedAt is updatedOn in Unix seconds, 0 if it is not stated.
func changedAt(r Reservation) int64 {
	at := wire.TimeOrZero(r.UpdatedOn, time.UTC)
	if at.IsZero() {
		return 0
	}
	return max(at.Unix(), 0)
}
