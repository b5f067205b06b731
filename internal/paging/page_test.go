package paging

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

func TestParsePage(t *testing.T) {
	t.Parallel()
	for limit, size := range map[int]int{0: 100, -1: 100, 7: 7, 100: 100, 101: 100} {
		first, err := ParsePage("", limit, 100, "stays")
		require.NoError(t, err)
		require.Equal(t, Page{Phase: "stays", Number: 1, Size: size}, first)
	}
	place := Page{Phase: "blocks", Number: 3, Size: 25, Total: 120, First: "a:b/c#1"}
	parsed, err := ParsePage(place.String(), 7, 100, "stays", "blocks")
	require.NoError(t, err)
	require.Equal(t, place, parsed, "the size is the cursor's")

	for _, cursor := range []string{
		"x", "blocks:1:7:0:", "stays:0:7:0:", "stays:1:0:0:", "stays:1:101:0:", "stays:1:7:-1:", "stays:a:7:0:", "stays:1:7:0:%zz", "stays:1:7:0", "stays:50:120:a",
	} {
		_, err := ParsePage(cursor, 7, 100, "stays")
		require.ErrorIs(t, err, pms.ErrBadCursor, cursor)
	}
}

func TestPageNext(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		at   Page
		page Read
		want Page
		more bool
	}{
		"first of several":             {Page{"p", 1, 50, 0, ""}, Read{50, 50, 120, "a"}, Page{"p", 2, 50, 120, "a"}, true},
		"total reached":                {Page{"p", 3, 50, 120, "b"}, Read{20, 50, 120, "c"}, Page{"p", 3, 50, 120, "c"}, false},
		"empty page at the end":        {Page{"p", 3, 50, 100, "b"}, Read{0, 50, 100, ""}, Page{}, false},
		"empty page, no total":         {Page{"p", 3, 50, 0, "b"}, Read{0, 0, 0, ""}, Page{}, false},
		"no total, full page":          {Page{"p", 1, 50, 0, ""}, Read{50, 0, 0, "a"}, Page{"p", 2, 50, 0, "a"}, true},
		"no total, short page":         {Page{"p", 2, 50, 0, "a"}, Read{49, 0, 0, "b"}, Page{"p", 3, 50, 0, "b"}, false},
		"smaller pages, said so":       {Page{"p", 1, 100, 0, ""}, Read{25, 25, 120, "a"}, Page{"p", 2, 25, 120, "a"}, true},
		"smaller pages, not said":      {Page{"p", 1, 100, 0, ""}, Read{25, 100, 120, "a"}, Page{"p", 2, 25, 120, "a"}, true},
		"larger pages, not said":       {Page{"p", 1, 50, 0, ""}, Read{80, 0, 200, "a"}, Page{"p", 2, 80, 200, "a"}, true},
		"larger pages all at once":     {Page{"p", 3, 10, 90, "a"}, Read{30, 30, 90, "b"}, Page{"p", 1, 30, 90, ""}, true},
		"two gone in front":            {Page{"p", 2, 50, 120, "a"}, Read{50, 50, 118, "b"}, Page{"p", 1, 50, 118, ""}, true},
		"a whole page gone":            {Page{"p", 4, 10, 60, "a"}, Read{10, 10, 45, "b"}, Page{"p", 2, 10, 45, ""}, true},
		"one came in front, size of 1": {Page{"p", 2, 1, 3, "a"}, Read{1, 1, 4, "a"}, Page{"p", 3, 1, 4, "a"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next, more, err := tt.at.Next(tt.page)
			require.NoError(t, err)
			require.Equal(t, tt.more, more)
			require.Equal(t, tt.want, next)
		})
	}
	_, _, err := Page{"p", 2, 50, 120, "a"}.Next(Read{50, 50, 120, "a"})
	require.ErrorIs(t, err, pms.ErrBadCursor)
	_, _, err = Page{"p", 3, 50, 120, "a"}.Next(Read{0, 50, 120, ""})
	require.ErrorIs(t, err, pms.ErrDecode)
}

// Rows that vanish between two pages take none of the others with them,
// whatever size the vendor keeps to.
func TestPageNextLosesNothingWhenRowsVanish(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		rows := make([]int, rapid.IntRange(1, 60).Draw(rt, "rows"))
		for i := range rows {
			rows[i] = i + 1
		}
		limit, most := rapid.IntRange(1, 12).Draw(rt, "limit"), rapid.IntRange(1, 12).Draw(rt, "the vendor's most")
		says := rapid.Bool().Draw(rt, "the vendor says its size")
		seen := map[int]bool{}
		place, more := FirstPage("p", limit, 12), true
		for reads := 0; more; reads++ {
			if reads > 1000 {
				rt.Fatal("the walk does not end")
			}
			size := min(place.Size, most)
			from := min((place.Number-1)*size, len(rows))
			page := rows[from:min(from+size, len(rows))]
			read := Read{Records: len(page), Total: len(rows)}
			if says {
				read.Limit = size
			}
			for _, row := range page {
				seen[row] = true
			}
			if len(page) > 0 {
				read.First = strconv.Itoa(page[0])
			}
			var err error
			if place, more, err = place.Next(read); err != nil {
				if len(rows) == 0 && errors.Is(err, pms.ErrDecode) {
					return // a total of nothing is no total: the walk fails and loses nothing
				}
				rt.Fatal(err)
			}
			if len(rows) > 0 && rapid.IntRange(0, 3).Draw(rt, "vanish") == 0 {
				i := rapid.IntRange(0, len(rows)-1).Draw(rt, "which")
				rows = slices.Delete(slices.Clone(rows), i, i+1)
			}
		}
		for _, row := range rows {
			if !seen[row] {
				rt.Fatalf("row %d was never read", row)
			}
		}
	})
}
