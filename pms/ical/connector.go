package ical

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/pms"
)

var _ pms.Connector = (*Client)(nil)

// Info describes calendar feeds.
func Info() pms.Info {
	return pms.Info{
		Name:     vendor,
		Title:    "iCalendar",
		Docs:     "https://www.rfc-editor.org/rfc/rfc5545",
		Access:   "the export address of a listing's calendar",
		Auth:     "the address itself is the secret",
		Evidence: "B",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "feeds", Label: "Calendars", Help: "A list of {url, propertyId}", Secret: true},
			{Name: "allowPrivateAddresses", Label: "Allow private addresses", Help: "Only for feeds on the host's own network", Optional: true},
		},
		Capabilities: map[pms.Capability]pms.Support{
			pms.CanListProperties: pms.No,
			pms.CanListBookings:   pms.Yes,
			pms.CanUpdatedSince:   pms.No,
			pms.CanGetBooking:     pms.No,
			pms.CanWebhook:        pms.No,
			pms.CanSetCleanliness: pms.No,
			pms.HasBlocks:         pms.Unverified,
			pms.HasOwnerStays:     pms.No,
			pms.HasStayTimes:      pms.Unverified,
			pms.HasGuestCounts:    pms.No,
			pms.HasTimeZone:       pms.No,
			pms.HasCleanliness:    pms.No,
		},
		Notes: []string{
			"Properties are those of the settings; a feed lists none.",
			"Booking.com writes the same text for stays and manual closures; rules say how they count.",
			"Texts that tell stays from blocks are published nowhere and come from real feeds.",
		},
	}
}

// Info implements [pms.Connector].
func (c *Client) Info() pms.Info { return Info() }

// phaseFeeds is the one phase of both lists.
const phaseFeeds = "feeds"

// ListProperties implements [pms.Connector]: the properties that the feeds are
// configured for. It sends nothing.
func (c *Client) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	if _, err := parsePlace("ListProperties", q.Cursor); err != nil {
		return pms.Page[pms.Property]{}, err
	}
	if err := ctx.Err(); err != nil {
		return pms.Page[pms.Property]{}, &pms.APIError{Vendor: vendor, Op: "ListProperties", Err: err}
	}
	var page pms.Page[pms.Property]
	seen := map[string]bool{}
	for _, f := range c.feeds {
		if !seen[f.PropertyID] {
			seen[f.PropertyID] = true
			page.Items = append(page.Items, mapFeed(f))
		}
	}
	return page, nil
}

// ListBookings implements [pms.Connector]. A page is one feed, whatever
// q.Limit; only the feeds of q.PropertyIDs are read.
//
// A feed that cannot be read is the error of the list when it is the only one.
// Among several it is a [pms.RecordError] of the record "feed" with the
// property's id, and the other feeds go on: one dead address must not hide the
// stays of all other properties.
func (c *Client) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	place, err := parsePlace(op, q.Cursor)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	feeds := c.feedsOf(q.PropertyIDs)
	if place.Offset >= len(feeds) {
		if place.Offset > 0 {
			return pms.Page[pms.Booking]{}, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrBadCursor}
		}
		return pms.Page[pms.Booking]{}, nil
	}
	f := feeds[place.Offset]
	var page pms.Page[pms.Booking]
	if place.Offset+1 < len(feeds) {
		page.Next = paging.Offset{Phase: phaseFeeds, Offset: place.Offset + 1, Total: len(feeds)}.String()
	}
	calendar, err := c.fetch(ctx, op, f)
	if err != nil {
		if len(feeds) == 1 || ctx.Err() != nil {
			return pms.Page[pms.Booking]{}, err
		}
		page.Failed = []*pms.RecordError{{Vendor: vendor, Record: "feed", ID: f.PropertyID, Err: err}}
		return page, nil
	}
	c.logWarnings(ctx, op, f, calendar)
	bookings, failed := mapCalendar(f, calendar)
	page.Failed = failed
	for _, b := range bookings {
		if q.Matches(b) {
			page.Items = append(page.Items, b)
		}
	}
	return page, nil
}

// feedsOf returns the feeds of the properties, all feeds for none.
func (c *Client) feedsOf(propertyIDs []string) []boundFeed {
	if len(propertyIDs) == 0 {
		return c.feeds
	}
	var feeds []boundFeed
	for _, f := range c.feeds {
		if slices.Contains(propertyIDs, f.PropertyID) {
			feeds = append(feeds, f)
		}
	}
	return feeds
}

// logWarnings tells of events that are odd and were read all the same.
func (c *Client) logWarnings(ctx context.Context, op string, f boundFeed, calendar Calendar) {
	if c.cfg.Logger == nil {
		return
	}
	for _, e := range calendar.Events {
		for _, warning := range e.Warnings {
			c.cfg.Logger.WarnContext(ctx, "odd event",
				slog.String("vendor", vendor), slog.String("op", op), slog.String("property", f.PropertyID), slog.Any("warning", warning))
		}
	}
}

func parsePlace(op, cursor string) (paging.Offset, error) {
	place, err := paging.Parse(cursor, phaseFeeds)
	if err != nil {
		return place, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrBadCursor, Err: err}
	}
	return place, nil
}
