package ownerrez

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// MaxPage is the largest page.
const MaxPage = 100

// ReservationQuery selects reservations. SinceUTC or PropertyIDs is required.
// That filters which come together hold together is unverified.
type ReservationQuery struct {
	// SinceUTC keeps what was created or changed since.
	SinceUTC    time.Time
	PropertyIDs []string
	// From keeps what departs on the day or later, in the zone of the property.
	// To ends the window, probably by the day of arrival (unverified).
	From, To pms.Date
	// Status is "active", "pending" or "canceled"; empty means all.
	Status string
	// Limit is at most MaxPage, zero means MaxPage.
	Limit, Offset int
}

// List is one page of a native list.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
	// More says that the list goes on.
	More bool
}

// ReservationRequest is a booking or block to create. PropertyID and the days
// are required, and GuestID unless it is a block; other zero values are not
// sent. Money cannot be set.
type ReservationRequest struct {
	PropertyID int64    `json:"property_id"`
	GuestID    int64    `json:"guest_id,omitzero"`
	Arrival    pms.Date `json:"arrival"`
	Departure  pms.Date `json:"departure"`
	IsBlock    bool     `json:"is_block"`
	Adults     int      `json:"adults,omitzero"`
	Children   int      `json:"children,omitzero"`
	Notes      string   `json:"notes,omitzero"`
}

// GetUser reads which account the credentials belong to.
//
// https://api.ownerrez.com/help/v2, GET /v2/users/me (grade B).
func (c *Client) GetUser(ctx context.Context) (User, error) {
	return c.user(ctx, "GetUser")
}

// CheckCredentials makes the cheapest call that needs credentials: GetUser.
func (c *Client) CheckCredentials(ctx context.Context) error {
	_, err := c.user(ctx, "CheckCredentials")
	return err
}

// ListPropertyRows reads one page of the properties that are active, or of those
// that are not. Limit is at most MaxPage, zero means MaxPage.
//
// https://api.ownerrez.com/help/v2, GET /v2/properties.
func (c *Client) ListPropertyRows(ctx context.Context, active bool, limit, offset int) (List[Property], error) {
	page, err := c.propertyPage(ctx, "ListPropertyRows", active, limit, offset)
	return page.List, err
}

// GetProperty reads all there is about a property. An id that the account does
// not have is [pms.ErrNotFound].
//
// https://api.ownerrez.com/help/v2, GET /v2/properties/{id}.
func (c *Client) GetProperty(ctx context.Context, id string) (Property, error) {
	return c.property(ctx, "GetProperty", id)
}

// ListReservations reads one page of reservations with the names of their
// guests. A query without SinceUTC and PropertyIDs is [pms.ErrInvalid] and not
// sent.
//
// https://api.ownerrez.com/help/v2/bookings/get-bookings, GET /v2/bookings.
func (c *Client) ListReservations(ctx context.Context, q ReservationQuery) (List[Reservation], error) {
	page, err := c.reservationPage(ctx, "ListReservations", q)
	return page.List, err
}

// GetReservation reads one reservation, canceled or not. An id that the account
// does not have is [pms.ErrNotFound].
//
// https://api.ownerrez.com/help/v2, GET /v2/bookings/{id}.
func (c *Client) GetReservation(ctx context.Context, id string) (Reservation, error) {
	return c.reservation(ctx, "GetReservation", id)
}

// CreateReservation books or blocks a property and returns what was made. It is
// not repeated when its answer is lost. There is no call that cancels.
//
// https://api.ownerrez.com/help/v2, POST /v2/bookings (grade B).
func (c *Client) CreateReservation(ctx context.Context, r ReservationRequest) (Reservation, error) {
	const op = "CreateReservation"
	if r.PropertyID <= 0 || !r.Arrival.IsValid() || !r.Departure.IsValid() || r.GuestID <= 0 && !r.IsBlock {
		return Reservation{}, invalid(op, "PropertyID, Arrival, Departure and, unless IsBlock is set, GuestID are required")
	}
	var out Reservation
	raw, err := c.one(ctx, rest.Call{Op: op, Method: http.MethodPost, Path: bookingsPath, JSON: r}, &out, func() pms.Text { return out.ID })
	out.Raw = raw
	return out, err
}

// SetCleaningDate sets the day on which the property is cleaned after a
// reservation; the zero day clears it. It is the one thing about cleaning that
// OwnerRez takes.
//
// https://github.com/ownerrez/orez-zapier, PATCH /v2/bookings/{id}.
func (c *Client) SetCleaningDate(ctx context.Context, reservationID string, day pms.Date) error {
	const op = "SetCleaningDate"
	path, err := pathOf(op, bookingsPath, reservationID)
	if err != nil {
		return err
	}
	if !day.IsZero() && !day.IsValid() {
		return invalid(op, "the day does not exist")
	}
	var body struct {
		CleaningDate *pms.Date `json:"cleaning_date"`
	}
	if !day.IsZero() {
		body.CleaningDate = &day
	}
	_, err = c.do(ctx, rest.Call{Op: op, Method: http.MethodPatch, Path: path, JSON: body})
	return err
}

// GetGuest reads a guest with addresses and numbers. An id that the account does
// not have is [pms.ErrNotFound].
//
// https://api.ownerrez.com/help/v2, GET /v2/guests/{id}.
func (c *Client) GetGuest(ctx context.Context, id string) (Guest, error) {
	return c.guest(ctx, "GetGuest", id)
}

const (
	bookingsPath   = "/v2/bookings"
	propertiesPath = "/v2/properties"
)

// do sends a call. Without a User-Agent OwnerRez answers 403.
func (c *Client) do(ctx context.Context, call rest.Call) (*rest.Response, error) {
	call.Header = http.Header{"User-Agent": {c.cfg.UserAgent}}
	return c.api.Do(ctx, call)
}

// pathOf appends an id to a path. Ids are numbers; anything else could make
// another path of it.
func pathOf(op, path, id string) (string, error) {
	if !isNumber(id) {
		return "", invalid(op, "the id must be a number")
	}
	return path + "/" + id, nil
}

func isNumber(id string) bool { return id != "" && strings.Trim(id, "0123456789") == "" }

func invalid(op, message string) error {
	return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: message}
}

// nativePage is a native list with the ids of all its records, empty for those
// that cannot be read.
type nativePage[T any] struct {
	List[T]
	ids []string
}

// listed sends a call whose answer is a list. What has neither items nor the
// place of an empty page is no list.
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
	if answer.Items == nil && (answer.Limit == "" || answer.Offset == "") {
		return page, resp.Unreadable("no items in the answer", nil)
	}
	page.ids = make([]string, 0, len(answer.Items))
	decoded := wire.DecodeAll(vendor, record, answer.Items, func(value *T, raw json.RawMessage) string {
		id := keep(value, raw)
		page.ids = append(page.ids, id)
		return id
	})
	page.List = List[T]{Items: decoded.Items, Failed: decoded.Failed, More: answer.NextPageURL != ""}
	return page, nil
}

// one sends a call whose answer is one record, and returns its raw form.
func (c *Client) one(ctx context.Context, call rest.Call, into any, id func() pms.Text) (json.RawMessage, error) {
	resp, err := c.do(ctx, call)
	if err != nil {
		return nil, err
	}
	var raw json.RawMessage
	if err := resp.Decode(&raw); err != nil {
		return nil, err
	}
	if err := wire.Decode(raw, into); err != nil || id() == "" {
		return nil, resp.Unreadable("no record in the answer", nil)
	}
	return raw, nil
}

func (c *Client) user(ctx context.Context, op string) (User, error) {
	var u User
	raw, err := c.one(ctx, rest.Call{Op: op, Path: "/v2/users/me"}, &u, func() pms.Text { return u.ID })
	u.Raw = raw
	return u, err
}

func (c *Client) propertyPage(ctx context.Context, op string, active bool, limit, offset int) (nativePage[Property], error) {
	query := place(limit, offset)
	query.Set("active", strconv.FormatBool(active))
	return listed(ctx, c, rest.Call{Op: op, Path: propertiesPath, Query: query}, "property",
		func(p *Property, raw json.RawMessage) string {
			p.Raw = raw
			return string(p.ID)
		})
}

func (c *Client) property(ctx context.Context, op, id string) (Property, error) {
	path, err := pathOf(op, propertiesPath, id)
	if err != nil {
		return Property{}, err
	}
	var p Property
	raw, err := c.one(ctx, rest.Call{Op: op, Path: path}, &p, func() pms.Text { return p.ID })
	p.Raw = raw
	return p, err
}

func (c *Client) reservationPage(ctx context.Context, op string, q ReservationQuery) (nativePage[Reservation], error) {
	if q.SinceUTC.IsZero() && len(q.PropertyIDs) == 0 {
		return nativePage[Reservation]{}, invalid(op, "SinceUTC or PropertyIDs is required")
	}
	return listed(ctx, c, rest.Call{Op: op, Path: bookingsPath, Query: q.values()}, "booking",
		func(r *Reservation, raw json.RawMessage) string {
			r.Raw = raw
			return string(r.ID)
		})
}

func (c *Client) reservation(ctx context.Context, op, id string) (Reservation, error) {
	path, err := pathOf(op, bookingsPath, id)
	if err != nil {
		return Reservation{}, err
	}
	var r Reservation
	call := rest.Call{Op: op, Path: path, Query: url.Values{"include_guest": {"true"}}}
	raw, err := c.one(ctx, call, &r, func() pms.Text { return r.ID })
	r.Raw = raw
	return r, err
}

func (c *Client) guest(ctx context.Context, op, id string) (Guest, error) {
	path, err := pathOf(op, "/v2/guests", id)
	if err != nil {
		return Guest{}, err
	}
	var g Guest
	raw, err := c.one(ctx, rest.Call{Op: op, Path: path}, &g, func() pms.Text { return g.ID })
	g.Raw = raw
	return g, err
}

// values is the query as the vendor takes it.
func (q ReservationQuery) values() url.Values {
	values := place(q.Limit, q.Offset)
	values.Set("include_guest", "true")
	if !q.SinceUTC.IsZero() {
		values.Set("since_utc", q.SinceUTC.UTC().Format("2006-01-02T15:04:05Z"))
	}
	if len(q.PropertyIDs) > 0 {
		values.Set("property_ids", strings.Join(q.PropertyIDs, ","))
	}
	for name, day := range map[string]pms.Date{"from": q.From, "to": q.To} {
		if !day.IsZero() {
			values.Set(name, day.String())
		}
	}
	if q.Status != "" {
		values.Set("status", q.Status)
	}
	return values
}

func place(limit, offset int) url.Values {
	if limit <= 0 || limit > MaxPage {
		limit = MaxPage
	}
	return url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(max(offset, 0))}}
}

// classify reads OwnerRez's error object, and that of a 429.
func classify(status int, header http.Header, body []byte) *rest.Fault {
	if status < http.StatusBadRequest {
		return nil
	}
	var f apiFault
	_ = wire.Decode(body, &f) // what is no object has no message
	texts := make([]string, 0, len(f.Messages))
	for _, message := range f.Messages {
		texts = append(texts, string(message))
	}
	fault := &rest.Fault{Code: string(f.Status), Message: cmp.Or(strings.Join(texts, " "), string(f.Error))}
	if status == http.StatusUnauthorized && strings.Contains(header.Get("WWW-Authenticate"), "token_expired") {
		fault.Code = "token_expired"
	}
	return fault
}
