package rest

import (
	"context"
	"sync"
)

// Each runs fn for 0 to n-1, at most atOnce side by side, and waits for all of
// them. The first error cancels the others and is returned.
func Each(ctx context.Context, n, atOnce int, fn func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var once sync.Once
	var broken error
	var wait sync.WaitGroup
	for first := range min(atOnce, n) {
		wait.Go(func() {
			for i := first; i < n; i += atOnce {
				if err := fn(ctx, i); err != nil {
					once.Do(func() { broken = err; cancel() })
					return
				}
			}
		})
	}
	wait.Wait()
	return broken
}
