package guesty

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// How long guests and the zones of listings are kept, and how many guests.
const (
	guestLife  = 24 * time.Hour
	zoneLife   = time.Hour
	mostGuests = 10_000
	// guestsAtOnce is how many guests are asked for at the same time.
	guestsAtOnce = 4
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

// readGuests returns the guests with these ids. One that the vendor does not
// have is left out. Any other failure is the error: a list that names its
// guests now and then would look as if it changed.
func (c *Client) readGuests(ctx context.Context, op string, ids []string) (map[string]pms.Guest, error) {
	guests := make(map[string]pms.Guest, len(ids))
	var missing []string
	for _, id := range ids {
		if _, again := guests[id]; again || id == "" {
			continue
		}
		guest, ok := c.guests.get(id)
		guests[id] = guest
		if !ok {
			missing = append(missing, id)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wait sync.WaitGroup
	var mu sync.Mutex // of guests and failure
	var failure error
	next := make(chan string)
	for range min(guestsAtOnce, len(missing)) {
		wait.Go(func() {
			for id := range next {
				guest, err := c.readGuest(ctx, op, id)
				mu.Lock()
				guests[id] = guest
				if err != nil && failure == nil {
					failure = err
					cancel()
				}
				mu.Unlock()
			}
		})
	}
	for _, id := range missing {
		next <- id
	}
	close(next)
	wait.Wait()
	return guests, failure
}

func (c *Client) readGuest(ctx context.Context, op, id string) (pms.Guest, error) {
	g, err := c.getGuest(ctx, op, id)
	if err != nil && !errors.Is(err, pms.ErrNotFound) {
		return pms.Guest{}, err
	}
	guest := mapGuest(g) // the zero one when there is none
	c.guests.put(id, guest)
	return guest, nil
}

// zoneCache keeps the zones of the listings. Turn holds one value while nobody
// reads them.
type zoneCache struct {
	turn  chan struct{}
	mu    sync.Mutex
	zones map[string]*time.Location
	until time.Time
}

func newZoneCache() *zoneCache {
	z := &zoneCache{turn: make(chan struct{}, 1)}
	z.turn <- struct{}{}
	return z
}

func (z *zoneCache) get() (map[string]*time.Location, bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.zones, z.zones != nil && time.Now().Before(z.until)
}

// listingZones returns the zones by listing. A listing without a zone that is
// known here has none.
func (c *Client) listingZones(ctx context.Context, op string) (map[string]*time.Location, error) {
	if zones, ok := c.zones.get(); ok {
		return zones, nil
	}
	select {
	case <-c.zones.turn:
		defer func() { c.zones.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if zones, ok := c.zones.get(); ok {
		return zones, nil
	}
	zones := map[string]*time.Location{}
	for cursor, more := "", true; more; {
		page, next, err := c.listings(ctx, op, cursor, 0)
		if err != nil {
			return nil, err
		}
		for _, l := range page.Items {
			if zone, err := time.LoadLocation(string(l.TimeZone)); err == nil && l.TimeZone != "" && l.TimeZone != "Local" {
				zones[string(l.ID)] = zone
			}
		}
		cursor, more = next, next != ""
	}
	c.zones.mu.Lock()
	defer c.zones.mu.Unlock()
	c.zones.zones, c.zones.until = zones, time.Now().Add(zoneLife)
	return zones, nil
}

// details are what a row leaves out.
type details struct {
	zones  map[string]*time.Location
	guests map[string]pms.Guest
	// planned are the rows of the batch get, by reservation.
	planned map[string]Reservation
}

// readDetails reads what the configuration asks for. Rows that are of the batch
// get themselves need no second one.
func (c *Client) readDetails(ctx context.Context, op string, rows []Reservation, batched bool) (details, error) {
	var d details
	var err error
	if c.cfg.Times && len(rows) > 0 {
		if d.zones, err = c.listingZones(ctx, op); err != nil {
			return details{}, err
		}
		if d.planned, err = c.readPlanned(ctx, op, rows, batched); err != nil {
			return details{}, err
		}
	}
	if c.cfg.Guests {
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = guestID(r)
		}
		if d.guests, err = c.readGuests(ctx, op, ids); err != nil {
			return details{}, err
		}
	}
	return d, nil
}

func (c *Client) readPlanned(ctx context.Context, op string, rows []Reservation, batched bool) (map[string]Reservation, error) {
	planned := make(map[string]Reservation, len(rows))
	ids := make([]string, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.Key())
		planned[r.Key()] = r
	}
	if batched {
		return planned, nil
	}
	list, err := c.batchGet(ctx, op, ids)
	if err != nil {
		return nil, err
	}
	for _, r := range list.Items {
		planned[r.Key()] = r
	}
	return planned, nil
}
