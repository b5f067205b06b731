package hostaway

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/calendar"
	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/pms"
)

var (
	_ pms.Connector         = (*Client)(nil)
	_ pms.BookingGetter     = (*Client)(nil)
	_ pms.ChangeLister      = (*Client)(nil)
	_ pms.WebhookParser     = (*Client)(nil)
	_ pms.WebhookRegistrar  = (*Client)(nil)
	_ pms.CleanlinessWriter = (*Client)(nil)
	_ pms.TaskWriter        = (*Client)(nil)
)

// Info describes Hostaway.
func Info() pms.Info {
	return pms.Info{
		Name:   vendor,
		Title:  "Hostaway",
		Docs:   "https://api.hostaway.com/documentation",
		Access: "The dashboard of Hostaway: create an API key (account id and client secret)",
		Auth:   "account id and client secret for a token of months (OAuth 2.0 client credentials)",
		Limits: []pms.Limit{
			{Requests: 15, Window: 10 * time.Second, PerAddress: true},
			{Requests: 20, Window: 10 * time.Second},
		},
		Evidence: "A",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "accountId", Label: "Account ID", Help: "The number shown with the API key"},
			{Name: "clientSecret", Label: "API key", Help: "The client secret, shown once when the key is created", Secret: true},
			{Name: "webhookLogin", Label: "Webhook login", Help: "Made up by you; Hostaway sends it with every webhook", Optional: true},
			{Name: "webhookPassword", Label: "Webhook password", Help: "Made up by you; Hostaway sends it with every webhook", Secret: true, Optional: true},
		},
		Capabilities: map[pms.Capability]pms.Support{
			pms.CanListProperties:  pms.Yes,
			pms.CanListBookings:    pms.Yes,
			pms.CanUpdatedSince:    pms.Yes,
			pms.CanListChanges:     pms.Yes,
			pms.CanGetBooking:      pms.Yes,
			pms.CanWebhook:         pms.Yes,
			pms.CanRegisterWebhook: pms.Yes,
			pms.CanSetCleanliness:  pms.Unverified,
			pms.CanWriteTasks:      pms.Yes,
			pms.HasBlocks:          pms.Yes,
			pms.HasOwnerStays:      pms.Yes,
			pms.HasStayTimes:       pms.Yes,
			pms.HasGuestCounts:     pms.Yes,
			pms.HasTimeZone:        pms.Yes,
			pms.HasCleanliness:     pms.Unverified,
		},
		Notes: []string{
			"Changes are found by reading the newest first; the vendor has no filter for them.",
			"Blocks cost one request a listing and are not among the changes.",
			"The values of the housekeeping status are not documented.",
			"15 requests in 10 seconds from one address: accounts of one process share a limiter.",
		},
	}
}

// Info implements [pms.Connector].
func (c *Client) Info() pms.Info { return Info() }

// unitPage is how many listings a page has when each costs a request.
const unitPage = 20

// ListProperties implements [pms.Connector]: the listings, and in place of a
// listing with units these. Unless Config.NoUnits is set each listing costs a
// request, and a page has 20 listings at most.
func (c *Client) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	const op = "ListProperties"
	place, err := paging.Parse(q.Cursor, phaseListings)
	if err != nil {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, err)
	}
	limit := pageSize(q.Limit)
	if !c.cfg.NoUnits {
		limit = min(limit, unitPage)
	}
	listings, err := c.listingPage(ctx, op, limit, place.Offset)
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	page := pms.Page[pms.Property]{Failed: listings.Failed}
	for _, l := range listings.Items {
		if err := c.addProperties(ctx, op, &page, l); err != nil {
			return pms.Page[pms.Property]{}, err
		}
	}
	next, more, err := place.Next(readOf(listings, limit))
	if err != nil {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, err)
	}
	if more {
		page.Next = next.String()
	}
	return page, nil
}

// addProperties adds a listing, or its units.
func (c *Client) addProperties(ctx context.Context, op string, page *pms.Page[pms.Property], l Listing) error {
	var units List[ListingUnit]
	if !c.cfg.NoUnits {
		var err error
		units, err = c.units(ctx, op, string(l.ID))
		if err != nil && !errors.Is(err, pms.ErrNotFound) {
			return err
		}
	}
	page.Failed = append(page.Failed, units.Failed...)
	for _, u := range units.Items {
		page.Items = append(page.Items, mapUnit(l, u))
	}
	if len(units.Items)+len(units.Failed) == 0 {
		page.Items = append(page.Items, mapListing(l))
	}
	return nil
}

// ListBookings implements [pms.Connector]: reservations, newest change first,
// then the blocks of the calendars. With UpdatedSince the reservations end at
// the first that is older; blocks have no stamp of change and always come.
// Limit does not count blocks. A reservation without dates may be missing in a
// query with From or To.
func (c *Client) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	if strings.HasPrefix(q.Cursor, phaseBlocks+":") && !q.ExcludeBlocks {
		return c.listBlocks(ctx, op, q)
	}
	at := walk{}
	if !q.UpdatedSince.IsZero() {
		at.floor = max(q.UpdatedSince.Unix(), 0)
	}
	if q.Cursor != "" {
		var ok bool
		if at, ok = parseWalk(walkBookings, q.Cursor); !ok {
			return pms.Page[pms.Booking]{}, paging.Error(vendor, op, pms.ErrBadCursor)
		}
	}
	read, err := c.step(ctx, op, at, native(q))
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	fresh := read.page.List
	fresh.Items = notOlder(fresh.Items, at.floor)
	page := bookings(fresh, q.Matches)
	again, more := read.again()
	switch {
	case !read.end:
		page.Next = read.next.cursor(walkBookings)
	case more:
		page.Next = again.cursor(walkBookings)
	case !q.ExcludeBlocks:
		page.Next = paging.Offset{Phase: phaseBlocks}.String()
	}
	return page, nil
}

// native returns the vendor's query: the window a day wider on both sides, for
// it is not verified that its bounds are inside, and the listing if there is
// only one.
func native(q pms.BookingQuery) ReservationQuery {
	n := ReservationQuery{Limit: q.Limit}
	if !q.From.IsZero() {
		n.DepartureFrom = q.From.AddDays(-1)
	}
	if !q.To.IsZero() {
		n.ArrivalTo = q.To.AddDays(1)
	}
	if listings := namedListings(q.PropertyIDs); len(listings) == 1 {
		n.ListingID = listings[0]
	}
	return n
}

// bookings maps and filters one native page.
func bookings(list List[Reservation], matches func(pms.Booking) bool) pms.Page[pms.Booking] {
	page := pms.Page[pms.Booking]{Failed: list.Failed}
	for _, r := range list.Items {
		parts, bad := mapReservation(r)
		if bad != nil {
			page.Failed = append(page.Failed, bad)
		}
		for _, b := range parts {
			if matches(b) {
				page.Items = append(page.Items, b)
			}
		}
	}
	return page
}

// GetBooking implements [pms.BookingGetter]. It knows a no-show of Booking.com,
// which lists do not. A block is no reservation: reading one is
// [pms.ErrNotSupported].
func (c *Client) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	id, _, _ = strings.Cut(id, "#")
	if strings.HasPrefix(id, calendar.BlockPrefix) {
		return nil, &pms.APIError{Vendor: vendor, Op: "GetBooking", Kind: pms.ErrNotSupported, Message: "a block cannot be read alone"}
	}
	r, err := c.GetReservation(ctx, id)
	if err != nil {
		return nil, err
	}
	bookings, bad := mapReservation(r)
	if bad != nil {
		return nil, bad
	}
	return bookings, nil
}

// overlap is read again with every list of changes: what is stamped earlier may
// be visible later.
const overlap = 5 * 60 // seconds

// ListChanges implements [pms.ChangeLister] on the vendor's clock. Deleted
// reservations and blocks are not told: a scan of the window finds them.
func (c *Client) ListChanges(ctx context.Context, cursor string) (pms.ChangePage, error) {
	const op = "ListChanges"
	at, query := walk{}, ReservationQuery{}
	if cursor == "" {
		query.Limit = 1 // the newest tells where to begin
	} else {
		var ok bool
		if at, ok = parseWalk(walkChanges, cursor); !ok {
			return pms.ChangePage{}, paging.Error(vendor, op, pms.ErrBadCursor)
		}
	}
	read, err := c.step(ctx, op, at, query)
	if err != nil {
		return pms.ChangePage{}, err
	}
	fresh := read.page.List
	fresh.Items = notOlder(fresh.Items, at.floor)
	items := bookings(fresh, func(pms.Booking) bool { return true })
	page := pms.ChangePage{Items: items.Items, Failed: items.Failed}
	if cursor != "" && !read.end {
		page.Next, page.More = read.next.cursor(walkChanges), true
		return page, nil
	}
	page.Next = walk{floor: max(at.floor, read.next.top-overlap)}.cursor(walkChanges)
	return page, nil
}

func notOlder(items []Reservation, floor int64) []Reservation {
	var out []Reservation
	for _, r := range items {
		if !older(r, floor) {
			out = append(out, r)
		}
	}
	return out
}

// SetCleanliness implements [pms.CleanlinessWriter] with the listing's
// cleannessStatus. The vendor does not document its values (unverified). A unit
// of a listing has none: [pms.ErrNotSupported].
//
// https://api.hostaway.com/documentation#update-a-listing, PUT
// /v1/listings/{id}.
func (c *Client) SetCleanliness(ctx context.Context, propertyID string, status pms.Cleanliness) error {
	const op = "SetCleanliness"
	value, known := map[pms.Cleanliness]string{pms.Clean: cleannessClean, pms.Dirty: cleannessDirty}[status]
	if !known || strings.Contains(propertyID, "/") {
		return &pms.APIError{
			Vendor: vendor, Op: op, Kind: pms.ErrNotSupported, Message: "Hostaway keeps clean or dirty of a listing, and of no unit",
		}
	}
	if !isNumber(propertyID) {
		return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "the id of a listing is a number"}
	}
	_, err := c.do(ctx, rest.Call{
		Op:     op,
		Method: http.MethodPut,
		Path:   "/v1/listings/" + propertyID,
		JSON: struct {
			CleannessStatus string `json:"cleannessStatus"`
		}{value},
	})
	return err
}

func readOf[T any](page nativePage[T], limit int) paging.Read {
	return paging.Read{Records: page.records, Limit: limit, Total: page.Total, First: page.first}
}
