package rest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEach(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3, 4, 11} {
		var running, most atomic.Int32
		done := make([]int32, n)
		synctest.Test(t, func(t *testing.T) {
			require.NoError(t, Each(t.Context(), n, 4, func(_ context.Context, i int) error {
				most.Store(max(most.Load(), running.Add(1)))
				<-time.After(time.Second)
				running.Add(-1)
				atomic.AddInt32(&done[i], 1)
				return nil
			}))
		})
		assert.EqualValues(t, min(n, 4), most.Load())
		for i := range done {
			assert.EqualValues(t, 1, done[i], i)
		}
	}
}

func TestEachEndsWithTheFirstError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := errors.New("first")
		var began atomic.Int32
		err := Each(t.Context(), 100, 2, func(ctx context.Context, i int) error {
			began.Add(1)
			if i == 0 {
				return first
			}
			<-ctx.Done()
			return ctx.Err()
		})
		require.Equal(t, first, err)
		assert.LessOrEqual(t, began.Load(), int32(2))
	})
}
