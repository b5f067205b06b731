package paging

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

func TestParse(t *testing.T) {
	t.Parallel()
	first, err := Parse("", "stays", "closures")
	require.NoError(t, err)
	require.Equal(t, Offset{Phase: "stays"}, first)

	place := Offset{Phase: "closures", Offset: 50, Total: 120, First: "a:b/c#1"}
	parsed, err := Parse(place.String(), "stays", "closures")
	require.NoError(t, err)
	require.Equal(t, place, parsed)

	for _, cursor := range []string{"x", "rooms:0:0:", "stays:-1:0:", "stays:a:0:", "stays:0:-1:", "stays:0:0:%zz", "stays:0:0", "stays:0:0::"} {
		_, err := Parse(cursor, "stays")
		require.ErrorIs(t, err, pms.ErrBadCursor, cursor)
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		at   Offset
		page Read
		want Offset
		more bool
	}{
		"first of several":             {Offset{Phase: "p"}, Read{50, 50, 120, "a"}, Offset{"p", 50, 120, "a"}, true},
		"total reached":                {Offset{Phase: "p", Offset: 100, Total: 120, First: "b"}, Read{20, 50, 120, "c"}, Offset{"p", 120, 120, "c"}, false},
		"empty page at the end":        {Offset{Phase: "p", Offset: 120, Total: 120, First: "b"}, Read{0, 50, 120, ""}, Offset{}, false},
		"empty page, no total":         {Offset{Phase: "p", Offset: 100, First: "b"}, Read{0, 50, 0, ""}, Offset{}, false},
		"short page, more to come":     {Offset{Phase: "p"}, Read{30, 50, 120, "a"}, Offset{"p", 30, 120, "a"}, true},
		"longer page than asked":       {Offset{Phase: "p"}, Read{80, 50, 80, "a"}, Offset{"p", 80, 80, "a"}, false},
		"no total, full page":          {Offset{Phase: "p"}, Read{50, 50, 0, "a"}, Offset{"p", 50, 0, "a"}, true},
		"no total, short page":         {Offset{Phase: "p", Offset: 50, First: "a"}, Read{49, 50, 0, "b"}, Offset{"p", 99, 0, "b"}, false},
		"two gone in front":            {Offset{Phase: "p", Offset: 50, Total: 120, First: "a"}, Read{50, 50, 118, "b"}, Offset{"p", 48, 118, ""}, true},
		"one came in front, size of 1": {Offset{Phase: "p", Offset: 1, Total: 3, First: "a"}, Read{1, 1, 4, "a"}, Offset{"p", 2, 4, "a"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next, more, err := tt.at.Next(tt.page)
			require.NoError(t, err)
			require.Equal(t, tt.more, more)
			require.Equal(t, tt.want, next)
		})
	}
	_, _, err := Offset{Phase: "p", Offset: 50, Total: 120, First: "a"}.Next(Read{50, 50, 120, "a"})
	require.ErrorIs(t, err, pms.ErrBadCursor)
	_, _, err = Offset{Phase: "p", Offset: 100, Total: 120, First: "a"}.Next(Read{0, 50, 120, ""})
	require.ErrorIs(t, err, pms.ErrDecode)
}

// Rows that vanish between two pages take none of the others with them.
func TestNextLosesNothingWhenRowsVanish(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		rows := make([]int, rapid.IntRange(1, 60).Draw(rt, "rows"))
		for i := range rows {
			rows[i] = i + 1
		}
		limit := rapid.IntRange(1, 10).Draw(rt, "limit")
		seen := map[int]bool{}
		gone := map[int]bool{}
		place, more := Offset{Phase: "p"}, true
		for reads := 0; more; reads++ {
			if reads > 1000 {
				rt.Fatal("the walk does not end")
			}
			from := min(place.Offset, len(rows))
			page := rows[from:min(from+limit, len(rows))]
			read := Read{Records: len(page), Limit: limit, Total: len(rows)}
			for _, row := range page {
				seen[row] = true
			}
			if len(page) > 0 {
				read.First = string(rune(page[0]))
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
				gone[rows[i]] = true
				rows = slices.Delete(slices.Clone(rows), i, i+1)
			}
		}
		for _, row := range rows {
			if !seen[row] && !gone[row] {
				rt.Fatalf("row %d was never read", row)
			}
		}
	})
}
