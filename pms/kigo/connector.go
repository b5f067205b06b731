package kigo

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/pms"
)

var (
	_ pms.Connector     = (*Client)(nil)
	_ pms.BookingGetter = (*Client)(nil)
	_ pms.ChangeLister  = (*Client)(nil)
)

// Info describes Kigo.
func Info() pms.Info {
	return pms.Info{
		Name:   vendor,
		Title:  "Kigo (legacy)",
		Docs:   "https://support.kigo.net/entries/23581401-RA-REST-API-v1-specification",
		Access: "Kigo gives the agency the name and the password of an API user",
		Auth:   "user name and password (HTTP Basic)",
		// The vendor publishes none; this is what it surely bears (unverified).
		Limits:   []pms.Limit{{Requests: 1, Window: time.Second}},
		Evidence: "B",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "username", Label: "API user name", Help: "From Kigo, for the agency's account"},
			{Name: "password", Label: "API password", Help: "From Kigo, with the API user name", Secret: true},
		},
		Capabilities: map[pms.Capability]pms.Support{
			pms.CanListProperties:  pms.Yes,
			pms.CanListBookings:    pms.Yes,
			pms.CanUpdatedSince:    pms.No,
			pms.CanListChanges:     pms.Yes,
			pms.CanGetBooking:      pms.Yes,
			pms.CanWebhook:         pms.No,
			pms.CanRegisterWebhook: pms.No,
			pms.CanSetCleanliness:  pms.No,
			pms.CanWriteTasks:      pms.No,
			pms.HasBlocks:          pms.Unverified,
			pms.HasOwnerStays:      pms.No,
			pms.HasStayTimes:       pms.Yes,
			pms.HasGuestCounts:     pms.Yes,
			pms.HasTimeZone:        pms.No,
			pms.HasCleanliness:     pms.No,
		},
		Notes: []string{
			"Legacy: known from clients of 2011 to 2017, the API may have changed or be retired.",
			"The list of all bookings and the first list of changes take up to three minutes.",
			"Guests and notes cost a request for each booking: setting details.",
			"Entries of other accounts have dates only and come as blocks.",
			"There are no webhooks, no cleaning status and no tasks.",
		},
	}
}

// Info implements [pms.Connector].
func (c *Client) Info() pms.Info { return Info() }

const (
	phaseProperties = "properties:"

	// propertyPage is how many properties a page of ListProperties has at most:
	// each is one request.
	propertyPage = 20
)

// ListProperties implements [pms.Connector]: the properties of the account in
// the order of their ids. Each takes a request of its own, so that a page has
// at most 20. A property that vanishes meanwhile, or that the vendor does not
// show, is a [pms.RecordError].
func (c *Client) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	const op = "ListProperties"
	after, ok := parsePlace(q.Cursor)
	if !ok {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, pms.ErrBadCursor)
	}
	limit := q.Limit
	if limit <= 0 || limit > propertyPage {
		limit = propertyPage
	}
	list, err := c.propertyRefs(ctx, op)
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	var page pms.Page[pms.Property]
	if q.Cursor == "" {
		page.Failed = list.Failed
	}
	rest := behind(list.Items, after)
	for _, p := range rest[:min(limit, len(rest))] {
		if err := c.addProperty(ctx, op, &page, p); err != nil {
			return pms.Page[pms.Property]{}, err
		}
	}
	if len(rest) > limit {
		page.Next = phaseProperties + string(rest[limit-1].ID)
	}
	return page, nil
}

// parsePlace reads a cursor: the id of the last property that was read, 0 for
// none.
func parsePlace(cursor string) (after int64, ok bool) {
	if cursor == "" {
		return 0, true
	}
	id, ours := strings.CutPrefix(cursor, phaseProperties)
	after, err := strconv.ParseInt(id, 10, 64)
	return after, ours && err == nil && after > 0
}

// behind returns the properties with larger ids, in order and each once.
func behind(refs []PropertyRef, after int64) []PropertyRef {
	number := func(p PropertyRef) int64 {
		n, _ := strconv.ParseInt(string(p.ID), 10, 64) // of the list only those with one are left
		return n
	}
	out := slices.DeleteFunc(slices.Clone(refs), func(p PropertyRef) bool { return number(p) <= after })
	slices.SortFunc(out, func(a, b PropertyRef) int { return cmp.Compare(number(a), number(b)) })
	return slices.CompactFunc(out, func(a, b PropertyRef) bool { return number(a) == number(b) })
}

func (c *Client) addProperty(ctx context.Context, op string, page *pms.Page[pms.Property], ref PropertyRef) error {
	p, err := c.property(ctx, op, string(ref.ID))
	switch {
	case err == nil:
		page.Items = append(page.Items, c.mapProperty(p))
	case isDeactivated(err):
		page.Items = append(page.Items, c.mapInactive(ref))
	case isOfRecord(err):
		page.Failed = append(page.Failed, &pms.RecordError{Vendor: vendor, Record: "property", ID: string(ref.ID), Err: err, Raw: ref.Raw})
	default:
		return err
	}
	return nil
}

// ListBookings implements [pms.Connector]: the calendars of all properties in
// one page, which takes up to three minutes. With Config.Details each booking
// that answers the query is read as well. One that the vendor does not show is a
// [pms.RecordError], and comes with what the calendar says.
func (c *Client) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	if q.Cursor != "" {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, pms.ErrBadCursor)
	}
	all, err := c.diff(ctx, op, "")
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	return c.bookings(ctx, op, all.List, q)
}

// bookings maps entries, filters them, and reads the details of those that are
// left.
func (c *Client) bookings(ctx context.Context, op string, list List[CalendarEntry], q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	page := pms.Page[pms.Booking]{Failed: list.Failed}
	for _, e := range list.Items {
		b, bad := c.mapEntry(e)
		switch {
		case bad != nil:
			page.Failed = append(page.Failed, bad)
			continue
		case !q.Matches(b):
			continue
		case c.cfg.Details:
			var err error
			if b, err = c.details(ctx, op, b); err != nil && !isOfRecord(err) {
				return pms.Page[pms.Booking]{}, err
			}
			if err != nil {
				page.Failed = append(page.Failed, &pms.RecordError{Vendor: vendor, Record: "booking", ID: b.ID, Err: err, Raw: b.Raw})
			}
		}
		if q.Matches(b) { // only its details may show a block
			page.Items = append(page.Items, b)
		}
	}
	return page, nil
}

// details reads the reservation of an entry; with an error it returns the entry
// as it is. Without a reservation behind it the entry is a block, unless it is
// said to be the account's, which contradicts. What is deactivated is there, and
// stays what it is.
func (c *Client) details(ctx context.Context, op string, entry pms.Booking) (pms.Booking, error) {
	if entry.Kind == pms.KindBlock {
		return entry, nil
	}
	r, err := c.reservation(ctx, op, entry.ID)
	switch {
	case err == nil:
		return c.withDetails(entry, r), nil
	case isDeactivated(err):
		return entry, nil
	case errors.Is(err, pms.ErrNotFound) && entry.Kind == pms.KindUnknown:
		entry.Kind = pms.KindBlock
		return entry, nil
	case errors.Is(err, pms.ErrNotFound):
		entry.Kind = pms.KindUnknown
		return entry, nil
	default:
		return entry, err
	}
}

// ListChanges implements [pms.ChangeLister] with the vendor's DIFF_ID. The first
// call takes up to three minutes. A cursor that the vendor refuses is
// [pms.ErrBadCursor] (unverified how it does so). Deletions are not told.
func (c *Client) ListChanges(ctx context.Context, cursor string) (pms.ChangePage, error) {
	const op = "ListChanges"
	diff, err := c.diff(ctx, op, cursor)
	var refused *pms.APIError
	if cursor != "" && errors.As(err, &refused) && (refused.Code == codeInput || refused.Code == codeNoSuch) {
		refused.Kind = pms.ErrBadCursor
	}
	if err != nil {
		return pms.ChangePage{}, err
	}
	if cursor == "" {
		return pms.ChangePage{Next: diff.DiffID}, nil // all there is, which is no change
	}
	page, err := c.bookings(ctx, op, diff.List, pms.BookingQuery{})
	if err != nil {
		return pms.ChangePage{}, err
	}
	return pms.ChangePage{Items: page.Items, Failed: page.Failed, Next: diff.DiffID}, nil
}

// GetBooking implements [pms.BookingGetter]. A block is no reservation:
// [pms.ErrNotFound]. What is said to be deactivated is [pms.ErrForbidden], for it
// is there. The times of the stay are read from the calendar of its property,
// unless it is cancelled.
func (c *Client) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	const op = "GetBooking"
	id, _, _ = strings.Cut(id, "#")
	r, err := c.reservation(ctx, op, id)
	if err != nil {
		return nil, err
	}
	b, bad := c.mapReservation(r)
	if bad != nil {
		return nil, bad
	}
	if b, err = c.readTimes(ctx, op, b); err != nil {
		return nil, err
	}
	return []pms.Booking{b}, nil
}

// readTimes reads the calendar around a booking. One that is cancelled, or in
// no property that can be read, need not be there: it is a booking all the same.
func (c *Client) readTimes(ctx context.Context, op string, b pms.Booking) (pms.Booking, error) {
	if _, err := numberOf(op, b.PropertyID); err != nil || b.Status == pms.StatusCancelled {
		return b, nil //nolint:nilerr // without a property there is no calendar
	}
	entries, err := c.calendar(ctx, op, b.PropertyID, b.Arrival.AddDays(-1), b.Departure.AddDays(1))
	if err != nil && !isOfRecord(err) {
		return pms.Booking{}, err
	}
	for _, e := range entries.Items {
		if entry, bad := c.mapEntry(e); bad == nil && entry.ID == b.ID {
			return withTimes(b, entry), nil
		}
	}
	return b, nil
}
