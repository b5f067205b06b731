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

// Page is a place in a list that is read in phases, each paged by number from
// 1 on. Its text form is the cursor that hosts store. The size of the pages is
// part of it, for the same number is another place with another size.
type Page struct {
	Phase  string
	Number int
	Size   int
	// Total is the length of the phase's list when the last page was read, 0
	// if the vendor does not say.
	Total int
	// First is the id of the first record of the last page.
	First string
}

// FirstPage is where a phase begins. A limit that is not positive, or over
// most, means most.
func FirstPage(phase string, limit, most int) Page {
	if limit <= 0 || limit > most {
		limit = most
	}
	return Page{Phase: phase, Number: 1, Size: limit}
}

// ParsePage reads a cursor. An empty one is the [FirstPage] of the first phase;
// one that is not ours is [pms.ErrBadCursor].
func ParsePage(cursor string, limit, most int, phases ...string) (Page, error) {
	if cursor == "" {
		return FirstPage(phases[0], limit, most), nil
	}
	bad := pms.ErrBadCursor
	parts := strings.Split(cursor, ":")
	if len(parts) != 5 || !slices.Contains(phases, parts[0]) {
		return Page{}, bad
	}
	number, err := strconv.Atoi(parts[1])
	size, err2 := strconv.Atoi(parts[2])
	total, err3 := strconv.Atoi(parts[3])
	first, err4 := url.QueryUnescape(parts[4])
	if err != nil || err2 != nil || err3 != nil || err4 != nil || number < 1 || size < 1 || size > most || total < 0 {
		return Page{}, bad
	}
	return Page{Phase: parts[0], Number: number, Size: size, Total: total, First: first}, nil
}

// String is the cursor.
func (p Page) String() string {
	return fmt.Sprintf("%s:%d:%d:%d:%s", p.Phase, p.Number, p.Size, p.Total, url.QueryEscape(p.First))
}

// Next returns the place after a page that was read at p. More is false at the
// end of the phase. The errors are those of [Offset.Next], and so is the way
// back when records in front of the page have gone.
//
// A vendor that keeps to another size than asked, said or not, is followed in
// it. Records may come twice then; none is passed over.
func (p Page) Next(page Read) (next Page, more bool, err error) {
	page.Total = cmp.Or(page.Total, p.Total)
	size := cmp.Or(page.Limit, p.Size)
	asked, start := (p.Number-1)*p.Size, (p.Number-1)*size
	at := func(offset, size int, first string) Page {
		return Page{Phase: p.Phase, Number: offset/size + 1, Size: size, Total: page.Total, First: first}
	}
	gone := p.Total - page.Total
	switch {
	case page.Total > 0 && gone > 0:
		return at(max(min(asked, start)-gone, 0), size, ""), true, nil
	case start > asked:
		return at(asked, size, ""), true, nil
	case page.Records == 0 && start < page.Total:
		return Page{}, false, errEmptyPage
	case page.Records == 0:
		return Page{}, false, nil
	case p.Number > 1 && page.First != "" && page.First == p.First && page.Total <= p.Total:
		return Page{}, false, errSamePage
	}
	end := start + page.Records
	if page.Total == 0 {
		return at(start+size, size, page.First), page.Records >= size, nil
	}
	if more = end < page.Total; more {
		size = page.Records
	}
	return at(end, size, page.First), more, nil
}
