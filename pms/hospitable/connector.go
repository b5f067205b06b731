package hospitable

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/calendar"
	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/pms"
)

var (
	_ pms.Connector     = (*Client)(nil)
	_ pms.BookingGetter = (*Client)(nil)
	_ pms.WebhookParser = (*Client)(nil)
)

// Info describes Hospitable.
func Info() pms.Info {
	return pms.Info{
		Name:     vendor,
		Title:    "Hospitable",
		Docs:     "https://developer.hospitable.com/docs/public-api-docs",
		Access:   "Apps, API access: any host makes a personal access token; software of others gets OAuth from the Partner Portal",
		Auth:     "bearer token: personal for a year, or OAuth authorization code",
		Evidence: "A",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "token", Label: "Personal access token", Help: "Apps, API access; not with a client ID", Secret: true, Optional: true},
			{Name: "clientId", Label: "Client ID", Help: "Of an application of the Partner Portal, in place of a token", Optional: true},
			{Name: "clientSecret", Label: "Client secret", Help: "Beside the client ID", Secret: true, Optional: true},
			{Name: "webhookSecret", Label: "Webhook secret", Help: "Of an application, from the Partner Portal", Secret: true, Optional: true},
			{Name: "email", Label: "E-mail of the primary user", Help: "Signs the webhooks that are set up under Apps, Webhooks", Optional: true},
		},
		Capabilities: map[pms.Capability]pms.Support{
			pms.CanListProperties:  pms.Yes,
			pms.CanListBookings:    pms.Yes,
			pms.CanUpdatedSince:    pms.No,
			pms.CanListChanges:     pms.No,
			pms.CanGetBooking:      pms.Yes,
			pms.CanWebhook:         pms.Yes,
			pms.CanRegisterWebhook: pms.No,
			pms.CanSetCleanliness:  pms.No,
			pms.CanWriteTasks:      pms.No,
			pms.HasBlocks:          pms.Yes,
			pms.HasOwnerStays:      pms.Yes,
			pms.HasStayTimes:       pms.Yes,
			pms.HasGuestCounts:     pms.Yes,
			pms.HasTimeZone:        pms.No,
			pms.HasCleanliness:     pms.No,
		},
		Notes: []string{
			"No limit of requests is published.",
			"Reservations have no stamp of change and no filter by it: every list reads the window.",
			"Zones are offsets of today: set timeZone.",
			"Blocks and prices need scopes of their own: settings blocks, financials.",
			"Webhooks are set up by hand; those of a personal token are signed with an e-mail address, which is no secret.",
			"Tasks can be read and not written.",
		},
	}
}

// Info implements [pms.Connector].
func (c *Client) Info() pms.Info { return Info() }

// ListProperties implements [pms.Connector].
func (c *Client) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	const op = "ListProperties"
	at, err := paging.ParsePage(q.Cursor, q.Limit, MaxPage, phaseProperties)
	if err != nil {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, err)
	}
	list, next, more, err := c.properties(ctx, op, at)
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	out := pms.Page[pms.Property]{Failed: list.Failed}
	if more {
		out.Next = next.String()
	}
	now := time.Now()
	for _, p := range list.Items {
		out.Items = append(out.Items, c.mapProperty(p, now))
	}
	return out, nil
}

// properties reads one page of properties and returns the place of the next.
func (c *Client) properties(ctx context.Context, op string, at paging.Page) (list List[Property], next paging.Page, more bool, err error) {
	read, err := c.propertyPage(ctx, op, at.Number, at.Size)
	if err != nil {
		return List[Property]{}, next, false, err
	}
	next, more, err = after(op, at, read)
	return read.List, next, more, err
}

// after returns the place behind a page. Where the length of the list is not
// told, the number of its last page is as good: an empty page in front of it is
// [pms.ErrDecode].
func after[T any](op string, at paging.Page, list page[T]) (next paging.Page, more bool, err error) {
	next, more, err = at.Next(paging.Read{Records: list.records, Limit: list.size, Total: list.Total, First: list.first})
	if err != nil {
		return next, false, paging.Error(vendor, op, err)
	}
	if list.Total > 0 || list.pages == 0 {
		return next, more, nil
	}
	if list.records == 0 && at.Number < list.pages {
		return next, false, paging.Error(vendor, op, pms.ErrDecode)
	}
	return next, list.More, nil
}

// ListBookings implements [pms.Connector]: reservations and, with Config.Blocks,
// the blocks of the calendars. Every filter but the window is applied here:
// the properties of the query as well, so that one which the account does not
// have is no failure.
func (c *Client) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	blocks := c.cfg.Blocks && !q.ExcludeBlocks
	w, ok := parseWalk(q.Cursor, q.Limit)
	if !ok || w.phase == phaseBlocks && !blocks {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, pms.ErrBadCursor)
	}
	var out pms.Page[pms.Booking]
	if len(w.ids) == 0 {
		list, err := c.enter(ctx, op, &w, q)
		if err != nil {
			return pms.Page[pms.Booking]{}, err
		}
		if w.phase == phaseStays { // the blocks would report them again
			out.Failed = list.Failed
		}
	}
	var err error
	switch {
	case len(w.ids) == 0:
		out.Next = w.leave(q.Limit, blocks)
	case w.phase == phaseBlocks:
		out.Next = w.leave(q.Limit, blocks)
		err = c.addBlocks(ctx, op, &out, w.ids, q)
	default:
		err = c.addStays(ctx, op, &out, w, q, blocks)
	}
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	return out, nil
}

// enter reads a page of properties and keeps those of the query.
func (c *Client) enter(ctx context.Context, op string, w *walk, q pms.BookingQuery) (List[Property], error) {
	list, next, more, err := c.properties(ctx, op, w.units)
	if err != nil {
		return List[Property]{}, err
	}
	w.units, w.end = next, !more
	for _, p := range list.Items {
		if id := string(p.ID); len(q.PropertyIDs) == 0 || slices.Contains(q.PropertyIDs, id) {
			w.ids = append(w.ids, id)
		}
	}
	return list, nil
}

// The vendor wants both bounds of a window: these stand for none.
var (
	longAgo = pms.Date{Year: 1990, Month: time.January, Day: 1}
	farOff  = pms.Date{Year: 2099, Month: time.December, Day: 31}
)

// margin is how many days wider than the window is asked for: the bounds may be
// outside of it, and may be days in UTC.
const margin = 2

// nativeQuery returns what the vendor can filter of q: one of the two dates. Of
// the stays that touch a window, those that leave after its first day are asked
// for, because some have come long before.
func nativeQuery(q pms.BookingQuery) ReservationQuery {
	native := ReservationQuery{DateQuery: byCheckOut, StartDate: longAgo, EndDate: farOff}
	switch {
	case !q.From.IsZero():
		native.StartDate = q.From.AddDays(-margin)
	case !q.To.IsZero():
		native.DateQuery, native.EndDate = byCheckIn, q.To.AddDays(margin)
	}
	return native
}

// addStays reads one page of the reservations of some properties.
func (c *Client) addStays(ctx context.Context, op string, out *pms.Page[pms.Booking], w walk, q pms.BookingQuery, blocks bool) error {
	native := nativeQuery(q)
	native.PropertyIDs, native.Include, native.Page, native.PerPage = w.ids, c.includes(), w.stays.Number, w.stays.Size
	list, err := c.reservationPage(ctx, op, native)
	if err != nil {
		return err
	}
	out.Failed = append(out.Failed, list.Failed...)
	for _, r := range list.Items {
		b, bad := c.mapReservation(r)
		switch {
		case bad != nil:
			out.Failed = append(out.Failed, bad)
		case q.Matches(b):
			out.Items = append(out.Items, b)
		}
	}
	next, more, err := after(op, w.stays, list)
	if err != nil {
		return err
	}
	if !more {
		out.Next = w.leave(q.Limit, blocks)
		return nil
	}
	w.stays = next
	out.Next = w.String()
	return nil
}

// includes are what a list needs beside the reservation itself.
func (c *Client) includes() []string {
	names := []string{IncludeProperties, IncludeGuest}
	if c.cfg.Financials {
		names = append(names, IncludeFinancials)
	}
	return names
}

// calendarAhead is how many days ahead calendars are known to reach.
const calendarAhead = 3 * 365

// addBlocks reads the calendars of some properties.
func (c *Client) addBlocks(ctx context.Context, op string, out *pms.Page[pms.Booking], ids []string, q pms.BookingQuery) error {
	today := civil.DateOf(time.Now().UTC())
	for _, id := range ids {
		runs, err := calendar.Read(q, today, func(from, to pms.Date) ([]calendar.Day, error) {
			if most := today.AddDays(calendarAhead); to.After(most) {
				to = most
			}
			if to.Before(from) {
				return nil, nil
			}
			list, err := c.calendar(ctx, op, id, from, to)
			days, failed := blockedDays(id, list.Items, today)
			out.Failed = append(append(out.Failed, list.Failed...), failed...)
			return days, err
		})
		if errors.Is(err, pms.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return err
		}
		for _, run := range runs {
			if b := run.Block(vendor, id); q.Matches(b) {
				out.Items = append(out.Items, b)
			}
		}
	}
	return nil
}

// GetBooking implements [pms.BookingGetter]. An id that is not made of letters,
// digits and dashes is [pms.ErrInvalid] and not sent. A block is no reservation:
// reading one is [pms.ErrNotSupported].
func (c *Client) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	const op = "GetBooking"
	id, _, _ = strings.Cut(id, "#")
	if strings.HasPrefix(id, calendar.BlockPrefix) {
		return nil, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotSupported, Message: "a block cannot be read alone"}
	}
	r, err := c.reservation(ctx, op, id, c.includes())
	if err != nil {
		return nil, err
	}
	b, bad := c.mapReservation(r)
	if bad != nil {
		return nil, bad
	}
	return []pms.Booking{b}, nil
}
