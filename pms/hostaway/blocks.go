package hostaway

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/calendar"
	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

const (
	phaseListings = "listings"
	phaseBlocks   = "blocks"

	// blockPage is how many calendars a page of blocks reads.
	blockPage = 10
)

// listBlocks is the last phase of ListBookings: the calendars of some listings.
func (c *Client) listBlocks(ctx context.Context, op string, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	place, err := paging.Parse(q.Cursor, phaseBlocks)
	if err != nil {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, err)
	}
	listings, next, err := c.someListings(ctx, op, q, place)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	page := pms.Page[pms.Booking]{Next: next}
	for _, id := range listings {
		runs, failed, err := c.blockedRuns(ctx, op, id, q)
		if errors.Is(err, pms.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return pms.Page[pms.Booking]{}, err
		}
		page.Failed = append(page.Failed, failed...)
		for _, run := range runs {
			if b := run.Block(vendor, id); q.Matches(b) {
				page.Items = append(page.Items, b)
			}
		}
	}
	return page, nil
}

// someListings returns the listings of one page of blocks: those that the query
// names, or else all.
func (c *Client) someListings(ctx context.Context, op string, q pms.BookingQuery, place paging.Offset) (ids []string, next string, err error) {
	if len(q.PropertyIDs) > 0 {
		ids = namedListings(q.PropertyIDs)
		from := min(place.Offset, len(ids))
		to := min(from+blockPage, len(ids))
		if to < len(ids) {
			next = paging.Offset{Phase: phaseBlocks, Offset: to}.String()
		}
		return ids[from:to], next, nil
	}
	listings, err := c.listingPage(ctx, op, blockPage, place.Offset)
	if err != nil {
		return nil, "", err
	}
	for _, l := range listings.Items {
		ids = append(ids, string(l.ID))
	}
	after, more, err := place.Next(readOf(listings, blockPage))
	if err != nil {
		return nil, "", paging.Error(vendor, op, err)
	}
	if more {
		next = after.String()
	}
	return ids, next, nil
}

// namedListings returns the listings of properties, each once.
func namedListings(propertyIDs []string) []string {
	ids := map[string]bool{}
	for _, id := range propertyIDs {
		if listing, _, _ := strings.Cut(id, "/"); isNumber(listing) {
			ids[listing] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// blockedRuns reads the calendar of a listing.
func (c *Client) blockedRuns(ctx context.Context, op, listing string, q pms.BookingQuery) (runs []calendar.Run, failed []*pms.RecordError, err error) {
	runs, err = calendar.Read(q, civil.DateOf(time.Now().UTC()), func(from, to pms.Date) ([]calendar.Day, error) {
		list, err := c.calendar(ctx, op, listing, from, to)
		days, bad := blockedDays(listing, list.Items)
		failed = append(append(failed, list.Failed...), bad...)
		return days, err
	})
	return runs, failed, err
}

// isBlocked: "hardBlock" is reserved by the vendor, "mblocked" deprecated.
func isBlocked(d CalendarDay) bool {
	return d.Status == "blocked" || d.Status == "hardBlock" || d.Status == "mblocked"
}

// blockedDays returns the days that are blocked.
func blockedDays(listing string, days []CalendarDay) (blocked []calendar.Day, failed []*pms.RecordError) {
	for _, d := range days {
		var f wire.Fields
		day := f.Day("date", d.Date)
		if err := f.Err(vendor, "calendar day", listing+" "+string(d.Date), d.Raw); err != nil {
			failed = append(failed, err)
		} else if isBlocked(d) {
			blocked = append(blocked, calendar.Day{
				Date: day, Status: string(d.Status), Note: strings.TrimSpace(string(d.Note)), Raw: d.Raw,
			})
		}
	}
	return blocked, failed
}
