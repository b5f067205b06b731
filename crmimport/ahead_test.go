package crmimport

import (
	"iter"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// lines are records that are told apart by their lines; the last one ends in an
// error.
func lines(n int, read *int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for i := range n {
			*read = int64(i + 1)
			var err error
			if i == n-1 {
				err = ErrLimit
			}
			if !yield(Record{Line: i}, err) {
				return
			}
		}
	}
}

func TestAheadYieldsEverythingInOrder(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, aheadRecords - 1, aheadRecords, aheadRecords + 1, 5 * aheadRecords} {
		var read, at int64
		got := 0
		for record, err := range ahead(lines(n, &read), &read, &at) {
			require.Equal(t, got, record.Line)
			got++
			require.EqualValues(t, got, at)
			require.Equal(t, got == n, err != nil)
		}
		require.Equal(t, n, got)
	}
}

// A loop that is left ends the reader, which is never far in front of it.
func TestAheadEndsWithTheLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var read, at int64
		for _, err := range ahead(lines(1000*aheadRecords, &read), &read, &at) {
			require.NoError(t, err)
			if at == 10 {
				break
			}
		}
		require.LessOrEqual(t, read, int64(5*aheadRecords))
	})
}
