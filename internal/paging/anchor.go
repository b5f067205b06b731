package paging

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// Anchor is a place in a list that is paged by offset, of which the vendor does
// not tell the length. Each page is read from the last record of the page before
// on, so that records that go from the front of the list while it is read are
// noticed, and take none of the others with them. The list is sorted by ascending
// id, unless [Rows.Unsorted] says otherwise.
type Anchor struct {
	Phase string
	// Offset is how many records were read.
	Offset int
	// Last is the id of the last of them.
	Last string
}

// ParseAnchor reads a cursor. An empty one is the beginning of the phase; one
// that is not ours is [pms.ErrBadCursor].
func ParseAnchor(cursor, phase string) (Anchor, error) {
	if cursor == "" {
		return Anchor{Phase: phase}, nil
	}
	bad := pms.ErrBadCursor
	parts := strings.Split(cursor, ":")
	if len(parts) != 3 || parts[0] != phase {
		return Anchor{}, bad
	}
	offset, err := strconv.Atoi(parts[1])
	last, err2 := url.QueryUnescape(parts[2])
	if err != nil || err2 != nil || offset < 1 {
		return Anchor{}, bad
	}
	return Anchor{Phase: phase, Offset: offset, Last: last}, nil
}

// String is the cursor.
func (a Anchor) String() string {
	return fmt.Sprintf("%s:%d:%s", a.Phase, a.Offset, url.QueryEscape(a.Last))
}

// Rows is what a vendor's page says of its records.
type Rows struct {
	// IDs are the ids of all its records in order; one that cannot be read is
	// empty.
	IDs []string
	// More says that the list goes on.
	More bool
	// Unsorted says that the ids do not tell the order of the list. When the last
	// record of the page before has gone, the list is then read again from its
	// front.
	Unsorted bool
}

// mostSteps is how many pages are read to find the place again.
const mostSteps = 100

// Read reads the page that follows the place; limit is the wanted size, most
// the vendor's largest, at least 2. It calls fetch until the page that it fetched
// last is the one. Known is how many records at its front were delivered
// already, 0 or 1; next is the place behind it, if more is true. Where the list
// has changed, records may come twice.
//
// A vendor that sends the same page again ends with [pms.ErrBadCursor], an empty
// page in front of the end with [pms.ErrDecode].
func (a Anchor) Read(limit, most int, fetch func(offset, limit int) (Rows, error)) (known int, next Anchor, more bool, err error) {
	if limit <= 0 || limit > most {
		limit = most
	}
	offset, size := a.Offset, limit
	if a.Offset > 0 {
		offset, size = a.Offset-1, min(limit+1, most)
	}
	back := false
	for range mostSteps {
		rows, err := fetch(offset, size)
		if err != nil {
			return 0, Anchor{}, false, err
		}
		if len(rows.IDs) == 0 && rows.More {
			return 0, Anchor{}, false, errEmptyPage
		}
		last := -1
		if a.Last != "" {
			last = slices.Index(rows.IDs, a.Last)
		}
		switch {
		case last < 0 && a.passedOver(offset, rows):
			offset, back = max(offset-rows.size(size)+1, 0), true
		case a.Offset == 0 || last < len(rows.IDs)-1 || !rows.More:
			if last == 0 {
				known = 1
			}
			next, more = a.behind(offset, rows)
			return known, next, more, nil
		case back:
			offset += len(rows.IDs) - 1 // nothing new on the way back
		default:
			return 0, Anchor{}, false, errSamePage
		}
	}
	return 0, Anchor{}, false, errSamePage
}

// passedOver reports whether records may stand in front of the page that were
// not read: it begins behind the last one that was.
func (a Anchor) passedOver(offset int, rows Rows) bool {
	if offset == 0 || a.Last == "" {
		return false
	}
	return rows.Unsorted || len(rows.IDs) == 0 || rows.IDs[0] > a.Last
}

// size is how many records a page has where the vendor keeps to less than was
// asked for.
func (r Rows) size(asked int) int {
	if r.More && len(r.IDs) > 1 {
		return min(asked, len(r.IDs))
	}
	return asked
}

// behind returns the place behind a page: behind the last record whose id could
// be read.
func (a Anchor) behind(offset int, rows Rows) (next Anchor, more bool) {
	for i, id := range slices.Backward(rows.IDs) {
		if id != "" {
			return Anchor{Phase: a.Phase, Offset: offset + i + 1, Last: id}, rows.More
		}
	}
	return Anchor{Phase: a.Phase, Offset: offset + len(rows.IDs)}, rows.More
}
