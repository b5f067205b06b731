package calendar

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

func day(month time.Month, day int) pms.Date { return pms.Date{Year: 2026, Month: month, Day: day} }

func TestRuns(t *testing.T) {
	t.Parallel()
	require.Empty(t, Runs(nil))
	assert.Equal(t, []Run{
		{From: day(6, 1), To: day(6, 4), Status: "hard", Note: "paint", Raw: []byte("1")},
		{From: day(6, 5), To: day(6, 6), Raw: []byte("5")},
	}, Runs([]Day{
		{day(6, 3), "soft", "later", []byte("3")}, {day(6, 5), "", "", []byte("5")}, {day(6, 1), "hard", "", []byte("1")},
		{day(6, 2), "soft", "paint", nil}, {day(6, 2), "", "", nil},
	}))
}

func TestWindow(t *testing.T) {
	t.Parallel()
	today := day(6, 15)
	for name, tt := range map[string]struct {
		q        pms.BookingQuery
		from, to pms.Date
	}{
		"open":              {pms.BookingQuery{}, day(5, 15), day(12, 31)},
		"both":              {pms.BookingQuery{From: day(6, 1), To: day(6, 30)}, day(5, 31), day(6, 30)},
		"from":              {pms.BookingQuery{From: day(6, 1)}, day(5, 31), day(12, 31)},
		"from, far ahead":   {pms.BookingQuery{From: day(9, 1)}, day(8, 31), pms.Date{Year: 2027, Month: 12, Day: 31}},
		"to":                {pms.BookingQuery{To: day(6, 30)}, day(5, 15), day(6, 30)},
		"to, long ago":      {pms.BookingQuery{To: day(2, 1)}, day(1, 1), day(2, 1)},
		"one day":           {pms.BookingQuery{From: day(6, 9), To: day(6, 9)}, day(6, 8), day(6, 9)},
		"from, years ahead": {pms.BookingQuery{From: pms.Date{Year: 2031, Month: 1, Day: 1}}, pms.Date{Year: 2030, Month: 12, Day: 31}, pms.Date{Year: 2031, Month: 12, Day: 31}},
	} {
		from, to := Window(tt.q, today)
		assert.Equal(t, tt.from, from, name)
		assert.Equal(t, tt.to, to, name)
	}
}

// A run has the same first and last day, whatever window shows a part of it.
func TestReadIsIndependentOfTheWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := day(1, 1).AddDays(rapid.IntRange(0, 300).Draw(t, "first"))
		nights := rapid.IntRange(1, 300).Draw(t, "nights")
		run := Run{From: first, To: first.AddDays(nights)}
		from := first.AddDays(rapid.IntRange(-20, nights).Draw(t, "from"))
		to := from.AddDays(rapid.IntRange(0, 400).Draw(t, "days"))
		runs, err := Read(pms.BookingQuery{From: from, To: to}, day(6, 1), func(from, to pms.Date) ([]Day, error) {
			var days []Day
			for d := from; !d.After(to); d = d.AddDays(1) {
				if !d.Before(run.From) && d.Before(run.To) {
					days = append(days, Day{Date: d})
				}
			}
			return days, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []Run{run}
		if to.Before(first) {
			want = nil
		}
		if !slices.EqualFunc(runs, want, func(a, b Run) bool { return a.From == b.From && a.To == b.To }) {
			t.Fatalf("from %s to %s: %v, want %v", from, to, runs, want)
		}
	})
}

// A calendar that is blocked for ever does not take for ever.
func TestReadEnds(t *testing.T) {
	t.Parallel()
	calls := 0
	runs, err := Read(pms.BookingQuery{From: day(6, 1), To: day(6, 2)}, day(6, 1), func(from, to pms.Date) ([]Day, error) {
		calls++
		return []Day{{Date: from}, {Date: to}}, nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, runs)
	assert.Equal(t, 1+2*mostSteps, calls)
}

func TestReadFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for after := range 3 {
		calls := 0
		runs, err := Read(pms.BookingQuery{From: day(6, 1), To: day(6, 2)}, day(6, 1), func(from, to pms.Date) ([]Day, error) {
			if calls++; calls > after {
				return nil, broken
			}
			return []Day{{Date: to}, {Date: from}}[:2-after/2], nil
		})
		require.ErrorIs(t, err, broken)
		require.Empty(t, runs)
	}
}
