package paging

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

func TestParseAnchor(t *testing.T) {
	t.Parallel()
	first, err := ParseAnchor("", "stays")
	require.NoError(t, err)
	require.Equal(t, Anchor{Phase: "stays"}, first)

	place := Anchor{Phase: "stays", Offset: 99, Last: "a:b/c#1"}
	parsed, err := ParseAnchor(place.String(), "stays")
	require.NoError(t, err)
	require.Equal(t, place, parsed)

	for _, cursor := range []string{"x", "rooms:1:a", "stays:0:a", "stays:-1:a", "stays:a:a", "stays:1", "stays:1:%zz", "stays:1:a:b"} {
		_, err := ParseAnchor(cursor, "stays")
		require.ErrorIs(t, err, pms.ErrBadCursor, cursor)
	}
}

// list is a vendor's list and the offsets and sizes that were asked for.
type list struct {
	rows     []string
	asked    [][2]int
	most     int // the vendor's page, 0 for any
	unsorted bool
}

func numbered(from, to int) []string {
	var ids []string
	for n := from; n <= to; n++ {
		ids = append(ids, fmt.Sprintf("%03d", n))
	}
	return ids
}

func (l *list) fetch(offset, limit int) (Rows, error) {
	l.asked = append(l.asked, [2]int{offset, limit})
	if l.most > 0 {
		limit = min(limit, l.most)
	}
	from := min(offset, len(l.rows))
	to := min(from+limit, len(l.rows))
	return Rows{IDs: slices.Clone(l.rows[from:to]), More: to < len(l.rows), Unsorted: l.unsorted}, nil
}

func TestAnchorReadsFromTheLastRecordOn(t *testing.T) {
	t.Parallel()
	l := &list{rows: numbered(1, 10)}
	place, more := Anchor{Phase: "p"}, true
	var knowns []int
	for more {
		var known int
		var err error
		known, place, more, err = place.Read(4, 100, l.fetch)
		require.NoError(t, err)
		knowns = append(knowns, known)
	}
	require.Equal(t, [][2]int{{0, 4}, {3, 5}, {7, 5}}, l.asked)
	require.Equal(t, []int{0, 1, 1}, knowns)
}

func TestAnchorGoesBack(t *testing.T) {
	t.Parallel()
	l := &list{rows: numbered(1, 20)}
	_, place, more, err := Anchor{Phase: "p"}.Read(6, 100, l.fetch)
	require.NoError(t, err)
	require.True(t, more)
	require.Equal(t, Anchor{"p", 6, "006"}, place)
	l.rows, l.asked = append(numbered(1, 2), numbered(8, 20)...), nil // 3 to 7 have gone
	known, next, more, err := place.Read(6, 100, l.fetch)
	require.NoError(t, err)
	require.True(t, more)
	require.Equal(t, [][2]int{{5, 7}, {0, 7}}, l.asked)
	require.Zero(t, known)
	require.Equal(t, Anchor{"p", 7, "012"}, next)
}

// Without an order the ids tell nothing: the last record is looked for, and when
// it has gone, too, the list is read again from its front.
func TestAnchorGoesBackWithoutOrder(t *testing.T) {
	t.Parallel()
	rows := numbered(1, 20)
	slices.Reverse(rows)
	l := &list{rows: rows, unsorted: true, most: 4}
	at := Anchor{"p", 12, "009"}
	l.rows = slices.Delete(slices.Clone(rows), 0, 3)
	known, next, more, err := at.Read(100, 100, l.fetch)
	require.NoError(t, err)
	require.True(t, more)
	require.Equal(t, 1, known, "the last one is found at the front of the page")
	require.Equal(t, [][2]int{{11, 100}, {8, 100}}, l.asked)
	require.Equal(t, Anchor{"p", 12, "006"}, next)

	l.rows, l.asked = slices.Delete(slices.Clone(rows), 11, 12), nil
	_, next, _, err = at.Read(100, 100, l.fetch)
	require.NoError(t, err)
	require.Equal(t, [][2]int{{11, 100}, {8, 100}, {5, 100}, {2, 100}, {0, 100}}, l.asked)
	require.Equal(t, Anchor{"p", 4, "017"}, next)
}

func TestAnchorErrors(t *testing.T) {
	t.Parallel()
	same := func(int, int) (Rows, error) { return Rows{IDs: numbered(1, 5), More: true}, nil }
	_, place, _, err := Anchor{Phase: "p"}.Read(5, 100, same)
	require.NoError(t, err)
	_, _, _, err = place.Read(5, 100, same)
	require.ErrorIs(t, err, pms.ErrBadCursor)

	_, _, _, err = place.Read(5, 100, func(int, int) (Rows, error) { return Rows{More: true}, nil })
	require.ErrorIs(t, err, pms.ErrDecode)

	broken := errors.New("broken")
	_, _, _, err = place.Read(5, 100, func(int, int) (Rows, error) { return Rows{}, broken })
	require.ErrorIs(t, err, broken)

	// A vendor that goes on for ever in front of the place.
	n := 0
	_, _, _, err = Anchor{"p", 5000, "zzz"}.Read(5, 100, func(int, int) (Rows, error) {
		n++
		return Rows{IDs: []string{fmt.Sprintf("zzzz%d", n)}, More: true}, nil
	})
	require.ErrorIs(t, err, pms.ErrBadCursor)
}

// Records that come and go while the list is read take none of the others with
// them, and the walk ends.
func TestAnchorLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := &list{rows: numbered(1, rapid.IntRange(0, 60).Draw(rt, "rows")), most: rapid.IntRange(0, 9).Draw(rt, "the vendor's most")}
		if l.most == 1 {
			l.most = 0
		}
		if rapid.Bool().Draw(rt, "unsorted") {
			l.unsorted = true
			l.rows = rapid.Permutation(l.rows).Draw(rt, "order")
		}
		limit := rapid.IntRange(1, 12).Draw(rt, "limit")
		most := rapid.IntRange(2, 12).Draw(rt, "most")
		seen := map[string]bool{}
		place, more := Anchor{Phase: "p"}, true
		for reads := 0; more; reads++ {
			if reads > 1000 {
				rt.Fatal("the walk does not end")
			}
			var page Rows
			known, next, again, err := place.Read(limit, most, func(offset, size int) (Rows, error) {
				if size > most {
					rt.Fatalf("asked for %d", size)
				}
				var err error
				page, err = l.fetch(offset, size)
				return page, err
			})
			if err != nil {
				rt.Fatal(err)
			}
			for i, id := range page.IDs {
				if i < known && !seen[id] {
					rt.Fatalf("row %s is taken for known", id)
				}
				seen[id] = true
			}
			place, more = next, again
			for range rapid.IntRange(0, 4).Draw(rt, "vanish") {
				if len(l.rows) > 0 {
					i := rapid.IntRange(0, len(l.rows)-1).Draw(rt, "which")
					l.rows = slices.Delete(l.rows, i, i+1)
				}
			}
			if rapid.IntRange(0, 9).Draw(rt, "come") == 0 && reads < 50 {
				l.rows = append(l.rows, fmt.Sprintf("%03d", 100+reads))
			}
		}
		for _, id := range l.rows {
			if !seen[id] && id < "100" {
				rt.Fatalf("row %s was never read", id)
			}
		}
	})
}
