package hostaway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// MaxPage is the vendor's default page. The largest is documented for custom
// fields only; public clients disagree about more than 100 (unverified).
const MaxPage = 100

// ReservationQuery selects reservations. The days bound arrival and departure,
// both included (unverified); a zero day leaves that end open. The list begins
// with the newest change.
type ReservationQuery struct {
	ListingID                  string
	ArrivalFrom, ArrivalTo     pms.Date
	DepartureFrom, DepartureTo pms.Date
	// AfterID is the id of the last reservation of the page before.
	AfterID string
	// Limit is at most MaxPage, zero means MaxPage.
	Limit int
}

// List is one page of a native list.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
	// Total is the length of the whole list, 0 where the vendor does not say.
	Total int
}

// ListListings reads one page of listings; limit is at most MaxPage, zero means
// MaxPage.
//
// https://api.hostaway.com/documentation#retrieve-a-listings-list, GET
// /v1/listings.
func (c *Client) ListListings(ctx context.Context, limit, offset int) (List[Listing], error) {
	page, err := c.listingPage(ctx, "ListListings", limit, offset)
	return page.List, err
}

// ListListingUnits reads the units of a listing: none unless it is a unit type.
// The list is not paged.
//
// https://api.hostaway.com/documentation#listing-units, GET
// /v1/listingUnits/{listing}.
func (c *Client) ListListingUnits(ctx context.Context, listingID string) (List[ListingUnit], error) {
	return c.units(ctx, "ListListingUnits", listingID)
}

// GetCalendar reads the days of a listing between two days, both included. The
// list is not paged.
//
// https://api.hostaway.com/documentation#retrieve-a-calendar, GET
// /v1/listings/{listing}/calendar.
func (c *Client) GetCalendar(ctx context.Context, listingID string, from, to pms.Date) (List[CalendarDay], error) {
	return c.calendar(ctx, "GetCalendar", listingID, from, to)
}

// ListReservations reads one page of reservations with their units.
//
// https://api.hostaway.com/documentation#retrieve-a-reservations-list, GET
// /v1/reservations.
func (c *Client) ListReservations(ctx context.Context, q ReservationQuery) (List[Reservation], error) {
	page, err := c.reservationPage(ctx, "ListReservations", q)
	return page.List, err
}

// GetReservation reads one reservation with its units. An id that the account
// does not have is [pms.ErrNotFound].
//
// https://api.hostaway.com/documentation#retrieve-a-reservation, GET
// /v1/reservations/{id}.
func (c *Client) GetReservation(ctx context.Context, id string) (Reservation, error) {
	const op = "GetReservation"
	if !isNumber(id) {
		return Reservation{}, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotFound, Message: "the id of a reservation is a number"}
	}
	var r Reservation
	raw, err := c.one(ctx, rest.Call{
		Op: op, Path: "/v1/reservations/" + id, Query: url.Values{"includeResources": {"1"}},
	}, &r, func() pms.Text { return r.ID })
	r.Raw = raw
	return r, err
}

// CheckCredentials makes the cheapest call that needs a token.
//
// https://api.hostaway.com/documentation#retrieve-a-listings-list, GET
// /v1/listings.
func (c *Client) CheckCredentials(ctx context.Context) error {
	_, err := c.listingPage(ctx, "CheckCredentials", 1, 0)
	return err
}

// nativePage is a native list with what paging needs to know about it.
type nativePage[T any] struct {
	List[T]
	records int
	limit   int // as the vendor applied it
	first   string
}

// do sends a call. A 403 is a dead token, and the pipeline has replaced it once
// already: what is still refused is not allowed.
func (c *Client) do(ctx context.Context, call rest.Call) (*rest.Response, error) {
	resp, err := c.api.Do(ctx, call)
	var refused *pms.APIError
	if errors.As(err, &refused) && refused.Op == call.Op && refused.StatusCode == http.StatusForbidden {
		refused.Kind = pms.ErrForbidden
	}
	return resp, err
}

// listed sends a call whose answer is a list.
func listed[T any](ctx context.Context, c *Client, call rest.Call, record string, keep func(*T, json.RawMessage) string) (nativePage[T], error) {
	var page nativePage[T]
	resp, err := c.do(ctx, call)
	if err != nil {
		return page, err
	}
	var answer list
	if err := resp.Decode(&answer); err != nil {
		return page, err
	}
	if answer.Result == nil {
		return page, resp.Unreadable("no result in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, record, answer.Result, keep)
	page.List = List[T]{Items: decoded.Items, Failed: decoded.Failed, Total: max(wire.IntOrZero(answer.Count), 0)}
	page.records, page.first, page.limit = len(answer.Result), decoded.First, wire.IntOrZero(answer.Limit)
	offset, _ := strconv.Atoi(call.Query.Get("offset"))
	if call.Query.Has("offset") && page.records == 0 && offset < page.Total {
		return page, resp.Unreadable("an empty page before the end of the list", nil)
	}
	return page, nil
}

// one sends a call whose answer is one record, and returns its raw form.
func (c *Client) one(ctx context.Context, call rest.Call, into any, id func() pms.Text) (json.RawMessage, error) {
	resp, err := c.do(ctx, call)
	if err != nil {
		return nil, err
	}
	var answer envelope[json.RawMessage]
	if err := resp.Decode(&answer); err != nil {
		return nil, err
	}
	if err := wire.Decode(answer.Result, into); err != nil || id() == "" {
		return nil, resp.Unreadable("no record in the answer", nil)
	}
	return answer.Result, nil
}

func (c *Client) listingPage(ctx context.Context, op string, limit, offset int) (nativePage[Listing], error) {
	return listed(ctx, c, rest.Call{Op: op, Path: "/v1/listings", Query: place(limit, offset)}, "property",
		func(l *Listing, raw json.RawMessage) string {
			l.Raw = raw
			return string(l.ID)
		})
}

func (c *Client) units(ctx context.Context, op, listingID string) (List[ListingUnit], error) {
	page, err := listed(ctx, c, rest.Call{Op: op, Path: "/v1/listingUnits/" + url.PathEscape(listingID)}, "property",
		func(u *ListingUnit, raw json.RawMessage) string {
			u.Raw = raw
			return string(u.ID)
		})
	return page.List, err
}

func (c *Client) calendar(ctx context.Context, op, listingID string, from, to pms.Date) (List[CalendarDay], error) {
	page, err := listed(ctx, c, rest.Call{
		Op:   op,
		Path: "/v1/listings/" + url.PathEscape(listingID) + "/calendar",
		Query: url.Values{
			"startDate": {from.String()}, "endDate": {to.String()}, "includeResources": {"0"},
		},
	}, "calendar day", func(d *CalendarDay, raw json.RawMessage) string {
		d.Raw = raw
		return string(d.Date)
	})
	return page.List, err
}

func (c *Client) reservationPage(ctx context.Context, op string, q ReservationQuery) (nativePage[Reservation], error) {
	query := url.Values{"limit": {strconv.Itoa(pageSize(q.Limit))}, "includeResources": {"1"}}
	for name, value := range map[string]string{"afterId": q.AfterID, "listingId": q.ListingID} {
		if value != "" {
			query.Set(name, value)
		}
	}
	for name, day := range map[string]pms.Date{
		"arrivalStartDate":   q.ArrivalFrom,
		"arrivalEndDate":     q.ArrivalTo,
		"departureStartDate": q.DepartureFrom,
		"departureEndDate":   q.DepartureTo,
	} {
		if !day.IsZero() {
			query.Set(name, day.String())
		}
	}
	return listed(ctx, c, rest.Call{Op: op, Path: "/v1/reservations", Query: query}, "booking", keepReservation)
}

func keepReservation(r *Reservation, raw json.RawMessage) string {
	r.Raw = raw
	return string(r.ID)
}

// place is the paging part of a query.
func place(limit, offset int) url.Values {
	return url.Values{"limit": {strconv.Itoa(pageSize(limit))}, "offset": {strconv.Itoa(offset)}}
}

func pageSize(limit int) int {
	if limit <= 0 || limit > MaxPage {
		return MaxPage
	}
	return limit
}

// classify reads the failure in an envelope, under any status. A failure under
// 200 has no code; 403 is a dead token.
func classify(status int, _ http.Header, body []byte) *rest.Fault {
	failed := status < 200 || status > 299
	if !failed && bytes.HasPrefix(bytes.TrimLeft(body, "\xef\xbb\xbf \r\n\t"), []byte(`{"status":"success"`)) {
		return nil // spares lists the second reading
	}
	var f apiFault
	unreadable := wire.Decode(body, &f) != nil
	if !failed && (unreadable || !strings.EqualFold(string(f.Status), "fail")) {
		return nil
	}
	fault := &rest.Fault{Message: string(cmp.Or(f.Message, f.reason()))}
	switch {
	case status == http.StatusForbidden:
		fault.Kind = pms.ErrUnauthorized
	case !failed:
		fault.Kind = pms.ErrInvalid
		fault.Message = cmp.Or(fault.Message, "the vendor reports a failure without a reason")
	}
	return fault
}

// reason is result where it is a text.
func (f apiFault) reason() pms.Text {
	if strings.HasPrefix(string(f.Result), "{") || strings.HasPrefix(string(f.Result), "[") {
		return ""
	}
	return f.Result
}
