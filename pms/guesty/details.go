package guesty

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

const (
	// zoneLife is how long the zones of listings are kept.
	zoneLife = time.Hour
	// guestsAtOnce is how many guests are asked for at the same time.
	guestsAtOnce = 4
)

// readGuests returns the guests with these ids. One that the vendor does not
// have is the zero guest.
func (c *Client) readGuests(ctx context.Context, op string, ids []string) (map[string]pms.Guest, error) {
	return c.guests.Read(ctx, ids, guestsAtOnce, func(ctx context.Context, id string) (pms.Guest, error) {
		g, err := c.getGuest(ctx, op, id)
		if errors.Is(err, pms.ErrNotFound) {
			return pms.Guest{}, nil
		}
		return mapGuest(g), err
	})
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
