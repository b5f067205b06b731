package guests

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cache Cache
		asked := make(chan string, 100)
		read := func(_ context.Context, id string) (pms.Guest, error) {
			asked <- id
			if id == "lost" {
				return pms.Guest{}, errors.New("lost")
			}
			return pms.Guest{Name: "Guest " + id}, nil
		}
		got, err := cache.Read(t.Context(), []string{"1", "", "2", "1"}, 4, read)
		require.NoError(t, err)
		require.Equal(t, map[string]pms.Guest{"1": {Name: "Guest 1"}, "2": {Name: "Guest 2"}}, got)
		require.Len(t, asked, 2)

		got, err = cache.Read(t.Context(), []string{"2", "3"}, 4, read)
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.Len(t, asked, 3, "2 is kept")

		_, err = cache.Read(t.Context(), []string{"lost", "1"}, 4, read)
		require.EqualError(t, err, "lost")
		_, err = cache.Read(t.Context(), []string{"lost"}, 4, read)
		require.EqualError(t, err, "lost", "a failure is not kept")

		<-time.After(life)
		_, err = cache.Read(t.Context(), []string{"1"}, 4, read)
		require.NoError(t, err)
		require.Len(t, asked, 6, "a day is over")
	})
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	var cache Cache
	for i := range most + 1 {
		cache.put(strconv.Itoa(i), pms.Guest{})
	}
	require.Len(t, cache.known, 1)
}
