// Package guests keeps the guests of an account that a vendor tells by requests
// of their own.
package guests

import (
	"context"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/pms"
)

const (
	// life is how long a guest is kept, and most how many are.
	life = 24 * time.Hour
	most = 10_000
)

// Cache keeps guests by their ids. The zero value is empty. It is safe for
// concurrent use.
type Cache struct {
	mu    sync.Mutex
	known map[string]known
}

type known struct {
	guest pms.Guest
	until time.Time
}

// Read returns the guests with these ids and calls read for those that are not
// kept, at most atOnce side by side. An empty id is nobody's. The first error of
// read is the error: a list that names its guests now and then would look as if
// it changed.
func (c *Cache) Read(
	ctx context.Context, ids []string, atOnce int, read func(ctx context.Context, id string) (pms.Guest, error),
) (map[string]pms.Guest, error) {
	all := make(map[string]pms.Guest, len(ids))
	var missing []string
	for _, id := range ids {
		if _, again := all[id]; again || id == "" {
			continue
		}
		guest, ok := c.get(id)
		all[id] = guest
		if !ok {
			missing = append(missing, id)
		}
	}
	fresh := make([]pms.Guest, len(missing))
	err := rest.Each(ctx, len(missing), atOnce, func(ctx context.Context, i int) (err error) {
		if fresh[i], err = read(ctx, missing[i]); err == nil {
			c.put(missing[i], fresh[i])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, id := range missing {
		all[id] = fresh[i]
	}
	return all, nil
}

func (c *Cache) get(id string) (pms.Guest, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.known[id]
	return k.guest, ok && time.Now().Before(k.until)
}

func (c *Cache) put(id string, guest pms.Guest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= most {
		c.known = map[string]known{}
	}
	c.known[id] = known{guest, time.Now().Add(life)}
}
