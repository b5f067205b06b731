package ical

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
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
			pms.CanListProperties:  pms.No,
			pms.CanListBookings:    pms.Yes,
			pms.CanUpdatedSince:    pms.No,
			pms.CanListChanges:     pms.No,
			pms.CanGetBooking:      pms.No,
			pms.CanWebhook:         pms.No,
			pms.CanRegisterWebhook: pms.No,
			pms.CanSetCleanliness:  pms.No,
			pms.CanWriteTasks:      pms.No,
			pms.HasBlocks:          pms.Unverified,
			pms.HasOwnerStays:      pms.No,
			pms.HasStayTimes:       pms.Unverified,
			pms.HasGuestCounts:     pms.Unverified,
			pms.HasTimeZone:        pms.No,
			pms.HasCleanliness:     pms.No,
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

// The phases of a list: every feed, then those that failed once more.
const (
	phaseFeeds = "feeds"
	phaseAgain = "again"
)

// ListProperties implements [pms.Connector]: the properties that the feeds are
// configured for. It sends nothing.
func (c *Client) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	if _, err := parsePlace("ListProperties", q.Cursor, phaseFeeds); err != nil {
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
// One dead address must not hide the stays of all other properties: a feed that
// cannot be read is passed over, and read once more after the others. What
// fails then is the error that ends the list.
func (c *Client) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	place, err := parsePlace(op, q.Cursor, phaseFeeds, phaseAgain)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	feeds := c.feedsOf(q.PropertyIDs)
	if len(feeds) == 0 && place.Offset == 0 {
		return pms.Page[pms.Booking]{}, nil
	}
	if place.Offset >= len(feeds) {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, pms.ErrBadCursor)
	}
	calendar, err := c.fetch(ctx, op, feeds[place.Offset])
	if err != nil && (place.Phase == phaseAgain || len(feeds) == 1 || ctx.Err() != nil) {
		return pms.Page[pms.Booking]{}, err
	}
	var page pms.Page[pms.Booking]
	if err == nil {
		page = c.bookings(ctx, op, feeds[place.Offset], calendar, q)
	}
	next, more, bad := after(place, len(feeds), err != nil)
	if bad != nil {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, bad)
	}
	if more {
		page.Next = next.String()
	}
	return page, nil
}

// after returns the place after the feed at place. The places of the feeds that
// failed are kept in First, separated by commas.
func after(place paging.Offset, feeds int, failed bool) (next paging.Offset, more bool, err error) {
	todo := place.First
	if failed {
		todo = strings.Trim(todo+","+strconv.Itoa(place.Offset), ",")
	}
	if place.Phase == phaseFeeds && place.Offset+1 < feeds {
		return paging.Offset{Phase: phaseFeeds, Offset: place.Offset + 1, Total: feeds, First: todo}, true, nil
	}
	if todo == "" {
		return paging.Offset{}, false, nil
	}
	first, rest, _ := strings.Cut(todo, ",")
	n, err := strconv.Atoi(first)
	if err != nil {
		return paging.Offset{}, false, pms.ErrBadCursor
	}
	return paging.Offset{Phase: phaseAgain, Offset: n, Total: feeds, First: rest}, true, nil
}

// bookings maps and filters one feed.
func (c *Client) bookings(ctx context.Context, op string, f boundFeed, calendar Calendar, q pms.BookingQuery) pms.Page[pms.Booking] {
	c.logWarnings(ctx, op, f, calendar)
	all, failed := mapCalendar(f, calendar)
	return pms.Page[pms.Booking]{
		Items:  slices.DeleteFunc(all, func(b pms.Booking) bool { return !q.Matches(b) }),
		Failed: failed,
	}
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

func parsePlace(op, cursor string, phases ...string) (paging.Offset, error) {
	place, err := paging.Parse(cursor, phases...)
	if err != nil {
		return place, paging.Error(vendor, op, err)
	}
	return place, nil
}
