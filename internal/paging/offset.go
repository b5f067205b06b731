// Package paging keeps the place in lists that vendors page by offset or by
// page number.
package paging

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// Offset is a place in a list that is read in phases, each paged by offset.
// Its text form is the cursor that hosts store.
type Offset struct {
	Phase  string
	Offset int
	// Total is the length of the phase's list when the last page was read, 0
	// if the vendor does not say.
	Total int
	// First is the id of the first record of the last page.
	First string
}

// Parse reads a cursor. An empty one is the beginning of the first phase; one
// that is not ours is [pms.ErrBadCursor].
func Parse(cursor string, phases ...string) (Offset, error) {
	if cursor == "" {
		return Offset{Phase: phases[0]}, nil
	}
	bad := pms.ErrBadCursor
	parts := strings.Split(cursor, ":")
	if len(parts) != 4 || !slices.Contains(phases, parts[0]) {
		return Offset{}, bad
	}
	offset, err := strconv.Atoi(parts[1])
	total, err2 := strconv.Atoi(parts[2])
	first, err3 := url.QueryUnescape(parts[3])
	if err != nil || err2 != nil || err3 != nil || offset < 0 || total < 0 {
		return Offset{}, bad
	}
	return Offset{Phase: parts[0], Offset: offset, Total: total, First: first}, nil
}

// String is the cursor.
func (o Offset) String() string {
	return fmt.Sprintf("%s:%d:%d:%s", o.Phase, o.Offset, o.Total, url.QueryEscape(o.First))
}

// Read is one page as the vendor gave it.
type Read struct {
	// Records is how many records the page held, readable or not.
	Records int
	// Limit is the size that was asked for; for [Page.Next], the one that the
	// vendor states, 0 if it does not.
	Limit int
	// Total is the length of the list, 0 if the vendor does not say. A page
	// without it in a list that had one counts as before.
	Total int
	// First is the id of the first record.
	First string
}

var (
	errEmptyPage = fmt.Errorf("an empty page before the end of the list: %w", pms.ErrDecode)
	errSamePage  = fmt.Errorf("the vendor sent the same page twice: %w", pms.ErrBadCursor)
)

// Next returns the place after a page that was read at o. More is false at the
// end of the phase: the total reached, or an empty or short page where no total
// is told. An empty page before the total is [pms.ErrDecode]: it must not look
// like the end.
//
// A page that begins with the record that the page before began with, in a
// list that did not grow, means that the vendor ignores the offset:
// [pms.ErrBadCursor].
//
// A total that shrank since the page before means that records in front of the
// offset may have gone and the rest moved up. Next then leads back by as many,
// so that none is passed over; some come twice instead.
func (o Offset) Next(page Read) (next Offset, more bool, err error) {
	page.Total = cmp.Or(page.Total, o.Total)
	if gone := o.Total - page.Total; page.Total > 0 && gone > 0 {
		return Offset{Phase: o.Phase, Offset: max(o.Offset-gone, 0), Total: page.Total}, true, nil
	}
	if page.Records == 0 {
		if o.Offset < page.Total {
			return Offset{}, false, errEmptyPage
		}
		return Offset{}, false, nil
	}
	if o.Offset > 0 && page.First != "" && page.First == o.First && page.Total <= o.Total {
		return Offset{}, false, errSamePage
	}
	next = Offset{Phase: o.Phase, Offset: o.Offset + page.Records, Total: page.Total, First: page.First}
	if page.Total > 0 {
		return next, next.Offset < page.Total, nil
	}
	return next, page.Records >= page.Limit, nil
}
