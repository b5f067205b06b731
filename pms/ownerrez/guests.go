package ownerrez

import (
	"cmp"
	"context"
	"errors"

	"github.com/changeover-sdk/changeover/pms"
)

// atOnce is how many details are asked for at the same time.
const atOnce = 8

// addGuests adds what the row leaves out to bookings; without Config.Guests that
// is a missing name. Ids are those of their guests, empty for none.
func (c *Client) addGuests(ctx context.Context, op string, bookings []pms.Booking, ids []string) error {
	guests, err := c.guests.Read(ctx, ids, atOnce, func(ctx context.Context, id string) (pms.Guest, error) {
		g, err := c.guest(ctx, op, id)
		if errors.Is(err, pms.ErrNotFound) || !isNumber(id) {
			return pms.Guest{}, nil
		}
		return mapGuest(g), err
	})
	if err != nil {
		return err
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
