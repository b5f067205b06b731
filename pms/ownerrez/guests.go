package ownerrez

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

const (
	// guestLife is how long a guest is kept, and mostGuests how many.
	guestLife  = 24 * time.Hour
	mostGuests = 10_000
	// atOnce is how many details are asked for at the same time.
	atOnce = 8
)

// guestCache keeps the guests that were read.
type guestCache struct {
	mu    sync.Mutex
	known map[string]knownGuest
}

type knownGuest struct {
	guest pms.Guest
	until time.Time
}

func (g *guestCache) get(id string) (pms.Guest, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	known, ok := g.known[id]
	return known.guest, ok && time.Now().Before(known.until)
}

func (g *guestCache) put(id string, guest pms.Guest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.known == nil || len(g.known) >= mostGuests {
		g.known = map[string]knownGuest{}
	}
	g.known[id] = knownGuest{guest, time.Now().Add(guestLife)}
}

// addGuests adds what the row leaves out to bookings; without Config.Guests that
// is a missing name. Ids are those of their guests, empty for none. A failure is
// the error of the whole: a list that knows its guests now and then would look as
// if it changed.
func (c *Client) addGuests(ctx context.Context, op string, bookings []pms.Booking, ids []string) error {
	guests := map[string]pms.Guest{"": {}}
	var missing []string
	for _, id := range ids {
		if _, again := guests[id]; again {
			continue
		}
		guest, ok := c.guests.get(id)
		guests[id] = guest
		if !ok {
			missing = append(missing, id)
		}
	}
	read := make([]pms.Guest, len(missing))
	err := each(ctx, len(missing), func(ctx context.Context, i int) error {
		var err error
		read[i], err = c.readGuest(ctx, op, missing[i])
		return err
	})
	if err != nil {
		return err
	}
	for i, id := range missing {
		guests[id] = read[i]
	}
	for i, id := range ids {
		guest, to := guests[id], &bookings[i].Guest
		to.Name = cmp.Or(to.Name, guest.Name)
		if c.cfg.Guests {
			to.Email, to.Phone = cmp.Or(guest.Email, to.Email), guest.Phone
		}
	}
	return nil
}

// readGuest returns the zero guest for one that the vendor does not have.
func (c *Client) readGuest(ctx context.Context, op, id string) (pms.Guest, error) {
	g, err := c.guest(ctx, op, id)
	if err != nil && (!errors.Is(err, pms.ErrNotFound) && isNumber(id)) {
		return pms.Guest{}, err
	}
	guest := mapGuest(g)
	c.guests.put(id, guest)
	return guest, nil
}

// each runs fn for 0 to n-1, several at a time. The first error ends all of it.
func each(ctx context.Context, n int, fn func(ctx context.Context, i int) error) error {
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
