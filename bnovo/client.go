package bnovo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// The largest pages of the open API (OpenAPI file, 2026-06).
const (
	MaxPage         = 50
	MaxRoomTypePage = 30
)

// DataType says which date the window of a [ReservationQuery] applies to.
type DataType string

// The data types (OpenAPI file, 2026-06). Two names mislead: DataCheckedIn are
// expected arrivals and DataCheckedOut expected departures.
const (
	DataCreated    DataType = ""          // created in the window
	DataCheckmate  DataType = "checkmate" // stay overlaps the window, any status
	DataNew        DataType = "new"       // created in the window, not checked in
	DataLiving     DataType = "living"    // checked in, stay wholly in the window
	DataCheckedIn  DataType = "checkedIn"
	DataCheckedOut DataType = "checkedOut"
	DataExited     DataType = "exited"    // left in the window
	DataCancelled  DataType = "cancelled" // cancelled in the window
	DataChanged    DataType = "changed"   // changed in the window
)

// ReservationQuery selects reservations of the open API. From must be before
// To; both are hotel time and required. Limit is at most MaxPage, zero means
// MaxPage.
type ReservationQuery struct {
	From, To civil.DateTime
	DataType DataType
	Limit    int
	Offset   int
}

// List is one page of a native list.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
	// Total is the length of the whole list.
	Total int
}

// ListReservations reads one page of bookings. Open API, free tariff.
//
// https://api.pms.bnovo.ru/swagger, GET /api/v1/bookings.
func (c *Client) ListReservations(ctx context.Context, q ReservationQuery) (List[Reservation], error) {
	page, err := c.reservationPage(ctx, "ListReservations", q)
	return page.List, err
}

// GetReservation reads one booking. Those linked to it, if asked for, are in
// Raw only: the vendor documents no shape for them. Open API, free tariff. An id
// that the account does not have is [pms.ErrNotFound].
//
// https://api.pms.bnovo.ru/swagger, GET /api/v1/bookings/{id}.
func (c *Client) GetReservation(ctx context.Context, id string, withLinked bool) (Reservation, error) {
	const op = "GetReservation"
	if err := c.needOpen(op); err != nil {
		return Reservation{}, err
	}
	resp, err := c.open.Do(ctx, rest.Call{
		Op:    op,
		Path:  "/api/v1/bookings/" + url.PathEscape(id),
		Query: url.Values{"with_linked": {strconv.FormatBool(withLinked)}},
	})
	if err != nil {
		return Reservation{}, err
	}
	var envelope struct {
		Data json.RawMessage `json:"data"`
	}
	if err := resp.Decode(&envelope); err != nil {
		return Reservation{}, err
	}
	var r Reservation
	if err := wire.Decode(envelope.Data, &r); err != nil || r.ID == "" {
		return Reservation{}, resp.Unreadable("no booking in the answer", nil)
	}
	r.Raw = envelope.Data
	return r, nil
}

// SetReservationStatus sets the status of a booking to one of 1 to 6, see
// [ReservationStatus]. Open API, "Профессионал".
//
// https://api.pms.bnovo.ru/swagger, PUT /api/v1/bookings/{id}/status.
func (c *Client) SetReservationStatus(ctx context.Context, id string, statusID int) error {
	const op = "SetReservationStatus"
	if err := c.needOpen(op); err != nil {
		return err
	}
	_, err := c.open.Do(ctx, rest.Call{
		Op:     op,
		Method: http.MethodPut,
		Path:   "/api/v1/bookings/" + url.PathEscape(id) + "/status",
		JSON: struct {
			NewStatusID int `json:"new_status_id"`
		}{statusID},
	})
	return err
}

// ListRooms reads one page of rooms; limit is at most MaxPage, zero means
// MaxPage. Open API, "Профессионал": the free tariff is [pms.ErrForbidden].
//
// https://api.pms.bnovo.ru/swagger, GET /api/v1/rooms.
func (c *Client) ListRooms(ctx context.Context, limit, offset int) (List[Room], error) {
	page, err := c.roomPage(ctx, "ListRooms", limit, offset)
	return page.List, err
}

// ListRoomTypes reads one page of room types; limit is at most
// MaxRoomTypePage, zero means MaxRoomTypePage. Open API, "Профессионал".
//
// https://api.pms.bnovo.ru/swagger, GET /api/v1/roomtypes.
func (c *Client) ListRoomTypes(ctx context.Context, limit, offset int) (List[RoomType], error) {
	const op = "ListRoomTypes"
	if err := c.needOpen(op); err != nil {
		return List[RoomType]{}, err
	}
	resp, err := c.open.Do(ctx, rest.Call{Op: op, Path: "/api/v1/roomtypes", Query: place(limit, MaxRoomTypePage, offset)})
	if err != nil {
		return List[RoomType]{}, err
	}
	var list roomTypeList
	if err := resp.Decode(&list); err != nil {
		return List[RoomType]{}, err
	}
	if list.Data.RoomTypes == nil {
		return List[RoomType]{}, resp.Unreadable("no data.room_types in the answer", nil)
	}
	page := wire.DecodeAll(vendor, "room type", list.Data.RoomTypes, func(t *RoomType, raw json.RawMessage) string {
		t.Raw = raw
		return string(t.ID)
	})
	return List[RoomType]{Items: page.Items, Failed: page.Failed, Total: wire.IntOrZero(list.Data.Meta.Total)}, nil
}

// ListClosures reads the closed periods of all rooms between two days, from
// before to. The list is not paged. Open API, "Профессионал".
//
// https://api.pms.bnovo.ru/swagger, GET /api/v1/rooms/closed.
func (c *Client) ListClosures(ctx context.Context, from, to pms.Date) (List[Closure], error) {
	const op = "ListClosures"
	if err := c.needOpen(op); err != nil {
		return List[Closure]{}, err
	}
	resp, err := c.open.Do(ctx, rest.Call{
		Op:    op,
		Path:  "/api/v1/rooms/closed",
		Query: url.Values{"date_from": {from.String()}, "date_to": {to.String()}},
	})
	if err != nil {
		return List[Closure]{}, err
	}
	var list closureList // without the "data" of the other lists
	if err := resp.Decode(&list); err != nil {
		return List[Closure]{}, err
	}
	if list.Closures == nil {
		return List[Closure]{}, resp.Unreadable("no closures in the answer", nil)
	}
	return closures(list.Closures), nil
}

func closures(records wire.Records) List[Closure] {
	page := wire.DecodeAll(vendor, "closure", records, func(c *Closure, raw json.RawMessage) string {
		c.Raw = raw
		return string(c.ID)
	})
	return List[Closure]{Items: page.Items, Failed: page.Failed, Total: len(records)}
}

// ListSubscribers reads the webhooks that are set up. Open API,
// "Профессионал". The vendor documents no call that creates one: it is done in
// the cabinet.
//
// https://api.pms.bnovo.ru/swagger, GET /api/v1/webhooks/subscribers.
func (c *Client) ListSubscribers(ctx context.Context) ([]Subscriber, error) {
	const op = "ListSubscribers"
	if err := c.needOpen(op); err != nil {
		return nil, err
	}
	list, err := rest.JSON[struct {
		Data []Subscriber `json:"data"`
	}](ctx, c.open, rest.Call{Op: op, Path: "/api/v1/webhooks/subscribers"})
	return list.Data, err
}

// DeleteSubscriber removes the webhook of a type, "booking" or
// "plans_data_update". Open API, "Профессионал".
//
// https://api.pms.bnovo.ru/swagger, DELETE /api/v1/webhooks/subscribers.
func (c *Client) DeleteSubscriber(ctx context.Context, kind string) error {
	const op = "DeleteSubscriber"
	if err := c.needOpen(op); err != nil {
		return err
	}
	_, err := c.open.Do(ctx, rest.Call{
		Op:     op,
		Method: http.MethodDelete,
		Path:   "/api/v1/webhooks/subscribers",
		JSON: struct {
			Type string `json:"type"`
		}{kind},
	})
	return err
}

// SendTestWebhook asks Bnovo to post a booking event to the subscriber now.
// Open API, "Профессионал", at most 3 times a minute.
//
// https://api.pms.bnovo.ru/swagger, GET /api/v1/webhooks/messages/bookings/test.
func (c *Client) SendTestWebhook(ctx context.Context) error {
	const op = "SendTestWebhook"
	if err := c.needOpen(op); err != nil {
		return err
	}
	_, err := c.open.Do(ctx, rest.Call{Op: op, Path: "/api/v1/webhooks/messages/bookings/test", Write: true})
	return err
}

// CheckCredentials makes the cheapest call that needs a login.
//
// https://api.pms.bnovo.ru/swagger, GET /api/v1/auth/me.
func (c *Client) CheckCredentials(ctx context.Context) error {
	const op = "CheckCredentials"
	if c.session != nil {
		_, err := c.sessionRooms(ctx, op)
		return err
	}
	_, err := c.open.Do(ctx, rest.Call{Op: op, Path: "/api/v1/auth/me"})
	return err
}

// nativePage is a native list with what paging needs to know about it.
type nativePage[T any] struct {
	List[T]
	records int
	first   string
}

func (c *Client) reservationPage(ctx context.Context, op string, q ReservationQuery) (nativePage[Reservation], error) {
	var page nativePage[Reservation]
	if err := c.needOpen(op); err != nil {
		return page, err
	}
	if !q.From.IsValid() || !q.To.IsValid() || !q.From.Before(q.To) {
		return page, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "From must be before To, and both are required"}
	}
	query := place(q.Limit, MaxPage, q.Offset)
	query.Set("date_from", stamp(q.From))
	query.Set("date_to", stamp(q.To))
	if q.DataType != DataCreated {
		query.Set("data_type", string(q.DataType))
	}
	resp, err := c.open.Do(ctx, rest.Call{Op: op, Path: "/api/v1/bookings", Query: query})
	if err != nil {
		return page, err
	}
	var list reservationList
	if err := resp.Decode(&list); err != nil {
		return page, err
	}
	if list.Data.Bookings == nil {
		return page, resp.Unreadable("no data.bookings in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, "booking", list.Data.Bookings, func(r *Reservation, raw json.RawMessage) string {
		r.Raw = raw
		return string(r.ID)
	})
	page.List = List[Reservation]{Items: decoded.Items, Failed: decoded.Failed, Total: wire.IntOrZero(list.Data.Meta.Total)}
	page.records, page.first = len(list.Data.Bookings), decoded.First
	return page, nil
}

func (c *Client) roomPage(ctx context.Context, op string, limit, offset int) (nativePage[Room], error) {
	var page nativePage[Room]
	if err := c.needOpen(op); err != nil {
		return page, err
	}
	resp, err := c.open.Do(ctx, rest.Call{Op: op, Path: "/api/v1/rooms", Query: place(limit, MaxPage, offset)})
	if err != nil {
		return page, err
	}
	var list roomList
	if err := resp.Decode(&list); err != nil {
		return page, err
	}
	if list.Data.Rooms == nil {
		return page, resp.Unreadable("no data.rooms in the answer", nil)
	}
	decoded := decodeRooms(list.Data.Rooms)
	page.List = List[Room]{Items: decoded.Items, Failed: decoded.Failed, Total: wire.IntOrZero(list.Data.Meta.Total)}
	page.records, page.first = len(list.Data.Rooms), decoded.First
	return page, nil
}

func decodeRooms(records wire.Records) wire.Decoded[Room] {
	return wire.DecodeAll(vendor, "property", records, func(r *Room, raw json.RawMessage) string {
		r.Raw = raw
		return string(r.ID)
	})
}

// place is the paging part of a query; both parameters are required.
func place(limit, most, offset int) url.Values {
	if limit <= 0 || limit > most {
		limit = most
	}
	return url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset)}}
}

func stamp(t civil.DateTime) string {
	return t.In(time.UTC).Format(time.DateTime)
}

// needOpen refuses a call of the open API with credentials of the session API.
func (c *Client) needOpen(op string) error {
	if c.open != nil {
		return nil
	}
	return &pms.APIError{
		Vendor: vendor, Op: op, Kind: pms.ErrNotSupported,
		Message: "this call belongs to the open API, which needs ID and Password",
	}
}

// authenticate exchanges id and key for a token. Open API.
//
// https://api.pms.bnovo.ru/swagger, POST /api/v1/auth.
func (c *Client) authenticate(ctx context.Context) (rest.Token, error) {
	resp, err := c.open.Do(ctx, rest.Call{
		Op:     "Authenticate",
		Method: http.MethodPost,
		Path:   "/api/v1/auth",
		JSON: struct {
			ID       json.Number `json:"id"`
			Password string      `json:"password"`
		}{json.Number(c.cfg.ID), c.cfg.Password},
		Read:      true,
		Anonymous: true,
		Limiter:   c.logins,
	})
	// An unknown id or key is answered with 404 (OpenAPI file, 2026-06).
	var refused *pms.APIError
	if errors.As(err, &refused) && errors.Is(err, pms.ErrNotFound) {
		refused.Kind = pms.ErrUnauthorized
	}
	if err != nil {
		return rest.Token{}, err
	}
	var answer struct {
		Data struct {
			AccessToken pms.Text `json:"access_token"`
			ExpiresIn   pms.Text `json:"expires_in"`
		} `json:"data"`
	}
	if err := resp.Decode(&answer); err != nil {
		return rest.Token{}, err
	}
	if answer.Data.AccessToken == "" {
		return rest.Token{}, resp.Unreadable("no data.access_token in the answer", nil)
	}
	life := time.Duration(wire.IntOrZero(answer.Data.ExpiresIn)) * time.Second
	return rest.Lasting(string(answer.Data.AccessToken), life, time.Hour), nil
}

// classify reads the error object of the open API, under any status.
func classify(status int, _ http.Header, body []byte) *rest.Fault {
	failed := status < 200 || status > 299
	if !failed && !bytes.HasPrefix(bytes.TrimLeft(body, " \r\n\t"), []byte(`{"error"`)) {
		return nil
	}
	var f apiFault
	if err := json.Unmarshal(body, &f); err != nil || (f.Error.Code == "" && f.Error.Message == "") {
		if !failed {
			return &rest.Fault{Kind: pms.ErrDecode, Message: "an error without code"}
		}
		return nil
	}
	fault := &rest.Fault{Code: string(f.Error.Code), Message: string(f.Error.Message)}
	for _, field := range slices.Sorted(maps.Keys(f.Error.Errors)) {
		fault.Message += "; " + field + ": " + string(f.Error.Errors[field])
	}
	if !failed {
		fault.Kind = rest.KindOf(wire.IntOrZero(f.Error.Code))
	}
	return fault
}
