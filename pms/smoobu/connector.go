package smoobu

import (
	"context"
	"errors"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/pms"
)

var (
	_ pms.Connector     = (*Client)(nil)
	_ pms.BookingGetter = (*Client)(nil)
	_ pms.WebhookParser = (*Client)(nil)
)

// Info describes Smoobu.
func Info() pms.Info {
	return pms.Info{
		Name:     vendor,
		Title:    "Smoobu",
		Docs:     "https://docs.smoobu.com",
		Access:   "Settings, Advanced, API Keys: any customer with a paid plan makes a key and its secret",
		Auth:     "every request signed with HMAC-SHA256",
		Limits:   []pms.Limit{{Requests: 1000, Window: time.Minute}},
		Evidence: "B",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "apiKey", Label: "API key", Help: "Settings, Advanced, API Keys", Secret: true},
			{Name: "apiSecret", Label: "API secret", Help: "Shown once, when the key is made; without it requests are not signed, which Smoobu is ending", Secret: true, Optional: true},
			{Name: "userId", Label: "User ID", Help: "Webhooks: the id that GET /api/me answers", Optional: true},
			{Name: "webhookSecret", Label: "Webhook secret", Help: "Makes the webhook URL unguessable", Secret: true, Optional: true},
		},
		Capabilities: map[pms.Capability]pms.Support{
			pms.CanListProperties:  pms.Yes,
			pms.CanListBookings:    pms.Yes,
			pms.CanUpdatedSince:    pms.Yes,
			pms.CanListChanges:     pms.No,
			pms.CanGetBooking:      pms.Yes,
			pms.CanWebhook:         pms.Yes,
			pms.CanRegisterWebhook: pms.No,
			pms.CanSetCleanliness:  pms.No,
			pms.CanWriteTasks:      pms.No,
			pms.HasBlocks:          pms.Yes,
			pms.HasOwnerStays:      pms.No,
			pms.HasStayTimes:       pms.Yes,
			pms.HasGuestCounts:     pms.Yes,
			pms.HasTimeZone:        pms.Yes,
			pms.HasCleanliness:     pms.No,
		},
		Notes: []string{
			"Owner stays cannot be told from other blocks.",
			"Changes are listed by day, and the zone of their stamps is not stated: up to two days more than asked come.",
			"Webhooks are set up by hand and not signed; some get lost, so list as well.",
			"There is no cleaning status; a note to the assistant can be written.",
		},
	}
}

// Info implements [pms.Connector].
func (c *Client) Info() pms.Info { return Info() }

const (
	phaseApartments   = "apartments"
	phaseReservations = "reservations"

	// propertyPage is how many apartments a page of ListProperties has at most:
	// each is one request.
	propertyPage = 50
	// atOnce is how many of these requests are under way together.
	atOnce = 8
)

// ListProperties implements [pms.Connector]: the apartments of the account.
// Each takes a request of its own, so that a page has at most 50. An apartment
// that vanishes meanwhile is a [pms.RecordError].
func (c *Client) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	const op = "ListProperties"
	place, err := paging.Parse(q.Cursor, phaseApartments)
	if err != nil {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, err)
	}
	limit := q.Limit
	if limit <= 0 || limit > propertyPage {
		limit = propertyPage
	}
	list, err := c.apartments(ctx, op)
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	all := list.Items
	part := all[min(place.Offset, len(all)):min(place.Offset+limit, len(all))]
	page, err := c.properties(ctx, op, part)
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	if place.Offset == 0 {
		page.Failed = append(page.Failed, list.Failed...)
	}
	read := paging.Read{Records: len(part), Limit: limit, Total: len(all)}
	if len(part) > 0 {
		read.First = string(part[0].ID)
	}
	next, more, err := place.Next(read)
	if err != nil {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, err)
	}
	if more {
		page.Next = next.String()
	}
	return page, nil
}

// properties reads the details of apartments, several at a time. The first
// error ends all of it.
func (c *Client) properties(ctx context.Context, op string, apartments []Apartment) (pms.Page[pms.Property], error) {
	details := make([]*ApartmentDetails, len(apartments))
	err := rest.Each(ctx, len(apartments), atOnce, func(ctx context.Context, i int) (err error) {
		details[i], err = c.apartmentIfThere(ctx, op, apartments[i])
		return err
	})
	var page pms.Page[pms.Property]
	if err != nil {
		return page, err
	}
	for i, a := range apartments {
		if details[i] == nil {
			page.Failed = append(page.Failed, &pms.RecordError{
				Vendor: vendor, Record: "property", ID: string(a.ID), Field: "id", Err: pms.ErrNotFound, Raw: a.Raw,
			})
			continue
		}
		page.Items = append(page.Items, c.mapApartment(a, *details[i]))
	}
	return page, nil
}

// apartmentIfThere returns nil for an apartment that vanished, or that has no
// id to read it by.
func (c *Client) apartmentIfThere(ctx context.Context, op string, a Apartment) (*ApartmentDetails, error) {
	details, err := c.apartment(ctx, op, string(a.ID))
	if errors.Is(err, pms.ErrNotFound) || !isNumber(string(a.ID)) {
		return nil, nil //nolint:nilnil // no details is a value here
	}
	return &details, err
}

// ListBookings implements [pms.Connector]: reservations and blocks. The window
// is asked for a day wider, and changes by whole days from a day before the
// instant. UpdatedSince drops what was surely changed earlier, whatever zone
// the vendor's stamps are in.
func (c *Client) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	place, err := paging.ParsePage(q.Cursor, q.Limit, MaxPage, phaseReservations)
	if err != nil {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, err)
	}
	native := nativeQuery(q)
	native.Page, native.PageSize = place.Number, place.Size
	list, err := c.reservationPage(ctx, op, native)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	page := c.bookings(list.List, q)
	next, more, err := place.Next(paging.Read{Records: list.records, Limit: list.size, Total: list.Total, First: list.first})
	if err != nil {
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, err)
	}
	// Where the length is not told, the number of pages is as good.
	if more || list.Total == 0 && list.records > 0 && place.Number < list.pages {
		page.Next = next.String()
	}
	return page, nil
}

// nativeQuery returns what the vendor can filter of q. A bound alone is asked
// for by the day it bounds, because "from" and "to" are documented together.
func nativeQuery(q pms.BookingQuery) ReservationQuery {
	native := ReservationQuery{ShowCancellation: !q.ExcludeCancelled, ExcludeBlocked: q.ExcludeBlocks}
	switch from, to := !q.From.IsZero(), !q.To.IsZero(); {
	case from && to:
		native.From, native.To = q.From.AddDays(-1), q.To.AddDays(1)
	case from:
		native.DepartureFrom = q.From.AddDays(-1)
	case to:
		native.ArrivalTo = q.To.AddDays(1)
	}
	if len(q.PropertyIDs) == 1 && isNumber(q.PropertyIDs[0]) {
		native.ApartmentID = q.PropertyIDs[0]
	}
	if !q.UpdatedSince.IsZero() {
		native.ModifiedFrom = civil.DateOf(q.UpdatedSince.In(westernmost)).AddDays(-1)
	}
	return native
}

// bookings maps and filters one native page.
func (c *Client) bookings(list List[Reservation], q pms.BookingQuery) pms.Page[pms.Booking] {
	since := q.UpdatedSince
	q.UpdatedSince = time.Time{}
	page := pms.Page[pms.Booking]{Failed: list.Failed}
	for _, r := range list.Items {
		b, bad := c.mapReservation(r, false)
		switch {
		case bad != nil:
			page.Failed = append(page.Failed, bad)
		case q.Matches(b) && !changedBefore(r, since):
			page.Items = append(page.Items, b)
		}
	}
	return page
}

// GetBooking implements [pms.BookingGetter]. An id that is not a number is
// [pms.ErrInvalid] and not sent.
func (c *Client) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	id, _, _ = strings.Cut(id, "#")
	r, err := c.reservation(ctx, "GetBooking", id)
	if err != nil {
		return nil, err
	}
	b, bad := c.mapReservation(r, false)
	if bad != nil {
		return nil, bad
	}
	return []pms.Booking{b}, nil
}
