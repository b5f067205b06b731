package hostaway

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

const (
	phaseListings = "listings"
	phaseBlocks   = "blocks"

	// blockPage is how many calendars a page of blocks reads.
	blockPage = 10
	// A window that is open begins openPast days ago, and ends with the year that
	// is going on openAhead days from now, so that the end does not move daily.
	openPast  = 31
	openAhead = 184
	// A block that reaches over an end of what was read is followed in steps
	// of blockStep days, at most blockSteps times.
	blockStep  = 92
	blockSteps = 12
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
		days, err := c.window(ctx, op, id, q)
		if errors.Is(err, pms.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return pms.Page[pms.Booking]{}, err
		}
		blocks, failed := mapBlocks(id, days.Items)
		page.Failed = append(append(page.Failed, days.Failed...), failed...)
		for _, b := range blocks {
			if q.Matches(b) {
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

// window reads the days of a listing that the query asks for, and as many more
// as a block at their ends needs: its first day names it, whatever the window.
func (c *Client) window(ctx context.Context, op, listing string, q pms.BookingQuery) (List[CalendarDay], error) {
	from, to := blockWindow(q, civil.DateOf(time.Now()))
	days, err := c.calendar(ctx, op, listing, from, to)
	for range blockSteps {
		if err != nil || !blockedOn(days.Items, from) {
			break
		}
		to := from.AddDays(-1)
		from = from.AddDays(-blockStep)
		err = days.add(c.calendar(ctx, op, listing, from, to))
	}
	for range blockSteps {
		if err != nil || q.To.IsZero() || !blockedOn(days.Items, to) {
			break
		}
		from := to.AddDays(1)
		to = to.AddDays(blockStep)
		err = days.add(c.calendar(ctx, op, listing, from, to))
	}
	return days, err
}

func (l *List[T]) add(more List[T], err error) error {
	l.Items, l.Failed = append(l.Items, more.Items...), append(l.Failed, more.Failed...)
	return err
}

// blockWindow returns the first and the last day to read. A block that leaves
// on From has its last day in front of it.
func blockWindow(q pms.BookingQuery, today pms.Date) (from, to pms.Date) {
	from, to = today.AddDays(-openPast), q.To
	if !q.From.IsZero() {
		from = q.From.AddDays(-1)
	}
	if to.IsZero() {
		later := today
		if from.After(today) {
			later = from
		}
		to = pms.Date{Year: later.AddDays(openAhead).Year, Month: time.December, Day: 31}
	}
	if to.Before(from) { // the whole window is further back
		from = to.AddDays(-openPast)
	}
	return from, to
}

// blockedOn reports whether a day is blocked.
func blockedOn(days []CalendarDay, day pms.Date) bool {
	text := pms.Text(day.String())
	return slices.ContainsFunc(days, func(d CalendarDay) bool { return d.Date == text && isBlocked(d) })
}

// isBlocked: "hardBlock" is reserved by the vendor, "mblocked" deprecated.
func isBlocked(d CalendarDay) bool {
	return d.Status == "blocked" || d.Status == "hardBlock" || d.Status == "mblocked"
}

// mapBlocks maps runs of blocked days to blocks. A block begins on its first
// day and ends on the day after its last.
func mapBlocks(listing string, days []CalendarDay) (blocks []pms.Booking, failed []*pms.RecordError) {
	blocked := map[pms.Date]CalendarDay{}
	for _, d := range days {
		var f wire.Fields
		f.Required("date", d.Date)
		day := f.Date("date", d.Date)
		if err := f.Err(vendor, "calendar day", listing+" "+string(d.Date), d.Raw); err != nil {
			failed = append(failed, err)
		} else if isBlocked(d) {
			blocked[day] = d
		}
	}
	for _, day := range slices.SortedFunc(maps.Keys(blocked), pms.Date.Compare) {
		d := blocked[day]
		if n := len(blocks); n > 0 && blocks[n-1].Departure == day {
			blocks[n-1].Departure = day.AddDays(1)
			blocks[n-1].Notes = cmp.Or(blocks[n-1].Notes, strings.TrimSpace(string(d.Note)))
			continue
		}
		blocks = append(blocks, pms.Booking{
			Vendor:     vendor,
			ID:         "block-" + listing + "-" + day.String(),
			PropertyID: listing,
			Kind:       pms.KindBlock,
			Status:     pms.StatusConfirmed,
			RawStatus:  string(d.Status),
			Arrival:    day,
			Departure:  day.AddDays(1),
			Notes:      strings.TrimSpace(string(d.Note)),
			Raw:        d.Raw,
		})
	}
	return blocks, failed
}
