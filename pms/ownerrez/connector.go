package ownerrez

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/pms"
)

var (
	_ pms.Connector        = (*Client)(nil)
	_ pms.BookingGetter    = (*Client)(nil)
	_ pms.WebhookParser    = (*Client)(nil)
	_ pms.WebhookRegistrar = (*Client)(nil)
)

// Info describes OwnerRez.
func Info() pms.Info {
	return pms.Info{
		Name:   vendor,
		Title:  "OwnerRez",
		Docs:   "https://api.ownerrez.com/help/v2",
		Access: "Settings, Advanced Tools, Developer/API Settings: any account makes a personal access token; a product for several accounts registers an OAuth app with partnerhelp@ownerrez.com",
		Auth:   "e-mail address and personal access token (HTTP Basic), or OAuth 2.0 with an authorization code",
		Limits: []pms.Limit{
			{Requests: 300, Window: 5 * time.Minute, PerAddress: true},
		},
		Evidence: "A",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "username", Label: "E-mail address", Help: "The one that you log in with", Optional: true},
			{Name: "token", Label: "Personal access token", Help: "Settings, Advanced Tools, Developer/API Settings: pt_...", Secret: true, Optional: true},
			{Name: "clientId", Label: "Client ID of the OAuth app", Help: "In place of e-mail address and token: c_...", Optional: true},
			{Name: "clientSecret", Label: "Client secret of the OAuth app", Help: "s_...", Secret: true, Optional: true},
			{Name: "userId", Label: "User ID", Help: "OAuth app: refuses webhooks of other accounts", Optional: true},
			{Name: "webhookUser", Label: "Webhook user", Help: "OAuth app: as set in the Developer/API Settings", Optional: true},
			{Name: "webhookPassword", Label: "Webhook password", Help: "OAuth app: as set in the Developer/API Settings", Secret: true, Optional: true},
		},
		Capabilities: map[pms.Capability]pms.Support{
			pms.CanListProperties:  pms.Yes,
			pms.CanListBookings:    pms.Yes,
			pms.CanUpdatedSince:    pms.Yes,
			pms.CanListChanges:     pms.No,
			pms.CanGetBooking:      pms.Yes,
			pms.CanWebhook:         pms.Yes,
			pms.CanRegisterWebhook: pms.Yes,
			pms.CanSetCleanliness:  pms.No,
			pms.CanWriteTasks:      pms.No,
			pms.HasBlocks:          pms.Yes,
			pms.HasOwnerStays:      pms.Yes,
			pms.HasStayTimes:       pms.Yes,
			pms.HasGuestCounts:     pms.Yes,
			pms.HasTimeZone:        pms.Yes,
			pms.HasCleanliness:     pms.No,
		},
		Notes: []string{
			"One address may use the personal tokens of two accounts in 24 hours: a service for many needs an OAuth app.",
			"300 requests in 5 minutes from one address: accounts of one process share a limiter.",
			"Phones and e-mail addresses of guests cost a request each: setting guests.",
			"The copies of bookings on linked properties are left out: setting linkedBlocks.",
			"There is no cleaning status and there are no tasks; the cleaning date of a booking can be written.",
			"Webhooks are for OAuth apps and not signed.",
		},
	}
}

// Info implements [pms.Connector].
func (c *Client) Info() pms.Info { return Info() }

const (
	phaseBookings = "bookings"
	phaseActive   = "active"
	phaseInactive = "inactive"

	// propertyPage is how many properties a page of ListProperties has at most:
	// each is one request.
	propertyPage = 50
)

// ListProperties implements [pms.Connector]: the properties that are active,
// then those that are not. Each takes a request of its own, so that a page has
// at most 50, and one more a page if one of them states no time zone: then it is
// the account's. A property that vanishes meanwhile is a [pms.RecordError].
func (c *Client) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	const op = "ListProperties"
	phase := phaseActive
	if strings.HasPrefix(q.Cursor, phaseInactive) {
		phase = phaseInactive
	}
	at, err := paging.ParseAnchor(strings.TrimPrefix(q.Cursor, phaseInactive+"/"), phase)
	if err != nil {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, err)
	}
	list, next, more, err := follow(at, q.Limit, propertyPage, func(limit, offset int) (nativePage[Property], error) {
		return c.propertyPage(ctx, op, phase == phaseActive, limit, offset)
	})
	if err != nil {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, err)
	}
	page, err := c.properties(ctx, op, list, phase == phaseActive)
	switch {
	case err != nil:
		return pms.Page[pms.Property]{}, err
	case more:
		page.Next = next.String()
	case phase == phaseActive:
		page.Next = phaseInactive + "/"
	}
	return page, nil
}

// follow reads the page behind a place. Nothing is known of the order of
// OwnerRez's lists. The vendor's link to the next page only tells that there is
// one: it is not followed, so that it cannot lead elsewhere.
func follow[T any](at paging.Anchor, limit, most int, fetch func(limit, offset int) (nativePage[T], error)) (List[T], paging.Anchor, bool, error) {
	var page nativePage[T]
	known, next, more, err := at.Read(limit, most, func(offset, limit int) (paging.Rows, error) {
		var err error
		page, err = fetch(limit, offset)
		return paging.Rows{IDs: page.ids, More: page.More, Unsorted: true}, err
	})
	if err != nil {
		return List[T]{}, next, false, err
	}
	page.Items = page.Items[known:] // what is known has an id, and so was decoded
	return page.List, next, more, nil
}

// properties reads the details of rows.
func (c *Client) properties(ctx context.Context, op string, rows List[Property], active bool) (pms.Page[pms.Property], error) {
	page := pms.Page[pms.Property]{Failed: rows.Failed}
	details := make([]Property, len(rows.Items))
	err := rest.Each(ctx, len(rows.Items), atOnce, func(ctx context.Context, i int) error {
		p, err := c.property(ctx, op, string(rows.Items[i].ID))
		if errors.Is(err, pms.ErrNotFound) || !isNumber(string(rows.Items[i].ID)) {
			return nil
		}
		details[i] = p
		return err
	})
	if err != nil {
		return page, err
	}
	var zone pms.Text
	if slices.ContainsFunc(details, func(p Property) bool { return p.ID != "" && p.TimeZone == "" }) {
		user, err := c.user(ctx, op)
		if err != nil {
			return page, err
		}
		zone = user.TimeZone
	}
	for i, row := range rows.Items {
		if details[i].ID == "" {
			page.Failed = append(page.Failed, &pms.RecordError{
				Vendor: vendor, Record: "property", ID: string(row.ID), Field: "id", Err: pms.ErrNotFound, Raw: row.Raw,
			})
			continue
		}
		page.Items = append(page.Items, mapProperty(details[i], active, zone))
	}
	return page, nil
}

// ListBookings implements [pms.Connector]: bookings, owner's stays, blocks and
// quotes that hold their dates. OwnerRez filters by change, by the first day of
// the window and by up to 50 properties; the rest is filtered here.
func (c *Client) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	at, err := paging.ParseAnchor(q.Cursor, phaseBookings)
	if err != nil {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, err)
	}
	native := nativeQuery(q)
	list, next, more, err := follow(at, q.Limit, MaxPage, func(limit, offset int) (nativePage[Reservation], error) {
		native.Limit, native.Offset = limit, offset
		return c.reservationPage(ctx, op, native)
	})
	if err != nil {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, err)
	}
	page, err := c.bookings(ctx, op, list, q)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	if more {
		page.Next = next.String()
	}
	return page, nil
}

// mostIDs is how many properties a working client names in a request.
const mostIDs = 50

// nativeQuery returns what the vendor can filter of q. Everything was changed
// since the epoch. The instant is asked for a second earlier and the window a
// day, for it is not known whether the vendor's bounds are inside.
func nativeQuery(q pms.BookingQuery) ReservationQuery {
	var native ReservationQuery
	if !q.From.IsZero() {
		native.From = q.From.AddDays(-1)
	}
	if !q.UpdatedSince.IsZero() {
		native.SinceUTC = q.UpdatedSince.Add(-time.Second)
	}
	foreign := slices.ContainsFunc(q.PropertyIDs, func(id string) bool { return !isNumber(id) })
	if !foreign && len(q.PropertyIDs) <= mostIDs {
		native.PropertyIDs = q.PropertyIDs
	}
	if native.SinceUTC.IsZero() && len(native.PropertyIDs) == 0 {
		native.SinceUTC = time.Unix(0, 0)
	}
	return native
}

// bookings maps and filters one native page.
func (c *Client) bookings(ctx context.Context, op string, list List[Reservation], q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	page := pms.Page[pms.Booking]{Failed: list.Failed}
	var guests []string
	for _, r := range list.Items {
		if isLinked(r) && !c.cfg.LinkedBlocks {
			continue
		}
		b, bad := c.mapReservation(r)
		switch {
		case bad != nil:
			page.Failed = append(page.Failed, bad)
		case q.Matches(b):
			page.Items = append(page.Items, b)
			guests = append(guests, string(r.GuestID))
		}
	}
	if c.cfg.Guests {
		if err := c.addGuests(ctx, op, page.Items, guests); err != nil {
			return pms.Page[pms.Booking]{}, err
		}
	}
	return page, nil
}

// GetBooking implements [pms.BookingGetter]. An id that is not a number is
// [pms.ErrInvalid] and not sent. The copy of a booking on a linked property is
// [pms.ErrNotFound] without Config.LinkedBlocks.
func (c *Client) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	const op = "GetBooking"
	id, _, _ = strings.Cut(id, "#")
	r, err := c.reservation(ctx, op, id)
	if err != nil {
		return nil, err
	}
	if isLinked(r) && !c.cfg.LinkedBlocks {
		return nil, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotFound, Message: "the copy of a booking on a linked property"}
	}
	b, bad := c.mapReservation(r)
	if bad != nil {
		return nil, bad
	}
	out := []pms.Booking{b}
	// That one booking is told with its guest, as lists are, is unverified.
	if c.cfg.Guests || b.Guest.Name == "" {
		if err := c.addGuests(ctx, op, out, []string{string(r.GuestID)}); err != nil {
			return nil, err
		}
	}
	return out, nil
}
