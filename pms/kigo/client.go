package kigo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// List is a native list. Kigo's lists have no pages.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
}

// ReservationRequest is a reservation to create. PropertyID and the days are
// required. Attributes that the agency defined cannot be given.
type ReservationRequest struct {
	PropertyID   int64    `json:"PROP_ID"`
	CheckIn      pms.Date `json:"RES_CHECK_IN"`
	CheckOut     pms.Date `json:"RES_CHECK_OUT"`
	Adults       int      `json:"RES_N_ADULTS"`
	Children     int      `json:"RES_N_CHILDREN"`
	Babies       int      `json:"RES_N_BABIES"`
	Guest        Guest    `json:"RES_GUEST"`
	Comment      string   `json:"RES_COMMENT"`
	CommentGuest string   `json:"RES_COMMENT_GUEST"`
}

// CheckCredentials makes the cheapest call that needs them.
//
// RA REST API v1, POST /api/ra/v1/ping.
func (c *Client) CheckCredentials(ctx context.Context) error {
	_, _, err := send[json.RawMessage](ctx, c.api, reading("CheckCredentials", "ping", nothing()))
	return err
}

// ListPropertyRefs reads the ids and names of all properties.
//
// RA REST API v1, POST /api/ra/v1/listProperties2.
func (c *Client) ListPropertyRefs(ctx context.Context) (List[PropertyRef], error) {
	return c.propertyRefs(ctx, "ListPropertyRefs")
}

// GetProperty reads a property. An id that the account does not have is
// [pms.ErrNotFound], one that is deactivated [pms.ErrForbidden].
//
// RA REST API v1, POST /api/ra/v1/readProperty2.
func (c *Client) GetProperty(ctx context.Context, id string) (Property, error) {
	return c.property(ctx, "GetProperty", id)
}

// ListCalendar reads the calendar of a property between two days. Whether it
// holds stays that are cancelled, or that only overlap the days, is not known.
//
// RA REST API v1, POST /api/ra/v1/listPropertyCalendarReservations.
func (c *Client) ListCalendar(ctx context.Context, propertyID string, from, to pms.Date) (List[CalendarEntry], error) {
	return c.calendar(ctx, "ListCalendar", propertyID, from, to)
}

// DiffCalendar reads what changed in the calendars of all properties since a
// diff, cancelled entries included. An empty diffID reads all there is, which
// takes up to three minutes. One that the vendor does not know is
// [pms.ErrInvalid] (unverified).
//
// RA REST API v1, POST /api/ra/v1/diffPropertyCalendarReservations.
func (c *Client) DiffCalendar(ctx context.Context, diffID string) (CalendarDiff, error) {
	return c.diff(ctx, "DiffCalendar", diffID)
}

// GetReservation reads a reservation of the account, cancelled or not. An id
// that the account does not have, one of another account's entry too, is
// [pms.ErrNotFound]; one that is said to be deactivated is [pms.ErrForbidden].
//
// RA REST API v1, POST /api/ra/v1/readReservation.
func (c *Client) GetReservation(ctx context.Context, id string) (Reservation, error) {
	return c.reservation(ctx, "GetReservation", id)
}

// CreateReservation books a property and returns the id, which the answer is
// taken to have as RES_ID (unverified). Nights that are taken are
// [pms.ErrConflict]. A write is not repeated when its answer is lost.
//
// RA REST API v1, POST /api/ra/v1/createConfirmedReservation.
func (c *Client) CreateReservation(ctx context.Context, r ReservationRequest) (id string, err error) {
	const op = "CreateReservation"
	if r.PropertyID <= 0 || !r.CheckIn.IsValid() || !r.CheckOut.IsValid() {
		return "", &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "PropertyID, CheckIn and CheckOut are required"}
	}
	call := writing(op, "createConfirmedReservation", struct {
		ReservationRequest
		Attributes []struct{} `json:"RES_UDRA"`
	}{r, []struct{}{}})
	call.Secrets = []string{ // the vendor may repeat what it refuses
		string(r.Guest.FirstName), string(r.Guest.LastName), string(r.Guest.Email), string(r.Guest.Phone), r.Comment, r.CommentGuest,
	}
	created, resp, err := send[struct {
		ID pms.Text `json:"RES_ID"`
	}](ctx, c.api, call)
	if err != nil {
		return "", err
	}
	if created.ID == "" {
		return "", resp.Unreadable("no RES_ID in the answer", nil)
	}
	return string(created.ID), nil
}

// CancelReservation cancels a reservation. One that is cancelled already is
// [pms.ErrConflict].
//
// RA REST API v1, POST /api/ra/v1/cancelReservation.
func (c *Client) CancelReservation(ctx context.Context, id string) error {
	const op = "CancelReservation"
	number, err := numberOf(op, id)
	if err != nil {
		return err
	}
	_, _, err = send[json.RawMessage](ctx, c.api, writing(op, "cancelReservation", reservationID{number}))
	return err
}

// The arguments of calls. Ids are numbers; Kigo refuses them as texts.
type (
	propertyID struct {
		ID int64 `json:"PROP_ID"`
	}
	reservationID struct {
		ID int64 `json:"RES_ID"`
	}

	propertyDays struct {
		ID   int64    `json:"PROP_ID"`
		From pms.Date `json:"LIST_START_DATE"`
		To   pms.Date `json:"LIST_END_DATE"`
	}
)

// nothing is the body of a method without arguments: the literal null.
func nothing() any { return json.RawMessage("null") }

// reading is a call that changes nothing and may be repeated.
func reading(op, method string, args any) rest.Call {
	call := writing(op, method, args)
	call.Read = true
	return call
}

func writing(op, method string, args any) rest.Call {
	return rest.Call{Op: op, Method: http.MethodPost, Path: "/api/ra/v1/" + method, JSON: args}
}

// send sends a call and returns what it replies.
func send[T any](ctx context.Context, api *rest.Client, call rest.Call) (T, *rest.Response, error) {
	var none T
	resp, err := api.Do(ctx, call)
	if err != nil {
		return none, nil, err
	}
	var answer envelope[T]
	if err := resp.Decode(&answer); err != nil {
		// The reply of a failure need not be of the type of a success.
		if fault := faultIn(resp.Body); fault != nil {
			return none, nil, resp.Fail(*fault)
		}
		return none, nil, err
	}
	if answer.Code == "" {
		return none, nil, resp.Unreadable("no API_RESULT_CODE in the answer", nil)
	}
	if fault := answer.fault(); fault != nil {
		return none, nil, resp.Fail(*fault)
	}
	return answer.Reply, resp, nil
}

// listed decodes the records of a list.
func listed[T any](resp *rest.Response, record string, records wire.Records, keep func(*T, json.RawMessage) string) (List[T], error) {
	if records == nil {
		return List[T]{}, resp.Unreadable("no list in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, record, records, keep)
	return List[T]{Items: decoded.Items, Failed: decoded.Failed}, nil
}

func (c *Client) propertyRefs(ctx context.Context, op string) (List[PropertyRef], error) {
	records, resp, err := send[wire.Records](ctx, c.api, reading(op, "listProperties2", nothing()))
	if err != nil {
		return List[PropertyRef]{}, err
	}
	return listed(resp, "property", records, func(p *PropertyRef, raw json.RawMessage) string {
		p.Raw = raw
		if _, err := numberOf(op, string(p.ID)); err != nil {
			return "" // it cannot be read
		}
		return string(p.ID)
	})
}

func (c *Client) property(ctx context.Context, op, id string) (Property, error) {
	number, err := numberOf(op, id)
	if err != nil {
		return Property{}, err
	}
	raw, resp, err := send[json.RawMessage](ctx, c.api, reading(op, "readProperty2", propertyID{number}))
	if err != nil {
		return Property{}, err
	}
	var p Property
	if err := wire.Decode(raw, &p); err != nil || !sameID(p.ID, number) {
		return Property{}, unreadable(resp, "the answer is not the property")
	}
	p.Raw = raw
	return p, nil
}

func (c *Client) calendar(ctx context.Context, op, property string, from, to pms.Date) (List[CalendarEntry], error) {
	number, err := numberOf(op, property)
	if err != nil {
		return List[CalendarEntry]{}, err
	}
	records, resp, err := send[wire.Records](ctx, c.api, reading(op, "listPropertyCalendarReservations", propertyDays{number, from, to}))
	if err != nil {
		return List[CalendarEntry]{}, err
	}
	return listed(resp, "booking", records, keepEntry)
}

func (c *Client) diff(ctx context.Context, op, diffID string) (CalendarDiff, error) {
	var args struct {
		ID *string `json:"DIFF_ID"` // null reads all there is
	}
	if diffID != "" {
		args.ID = &diffID
	}
	reply, resp, err := send[calendarDiff](ctx, c.slow, reading(op, "diffPropertyCalendarReservations", args))
	if err != nil {
		return CalendarDiff{}, err
	}
	if reply.DiffID == "" {
		return CalendarDiff{}, resp.Unreadable("no DIFF_ID in the answer", nil)
	}
	list, err := listed(resp, "booking", reply.Entries, keepEntry)
	return CalendarDiff{List: list, DiffID: string(reply.DiffID)}, err
}

func keepEntry(e *CalendarEntry, raw json.RawMessage) string {
	e.Raw = raw
	return string(e.ReservationID)
}

func (c *Client) reservation(ctx context.Context, op, id string) (Reservation, error) {
	number, err := numberOf(op, id)
	if err != nil {
		return Reservation{}, err
	}
	raw, resp, err := send[json.RawMessage](ctx, c.api, reading(op, "readReservation", reservationID{number}))
	if err != nil {
		return Reservation{}, err
	}
	var r Reservation
	if err := wire.Decode(raw, &r); err != nil || !sameID(r.ID, number) {
		return Reservation{}, unreadable(resp, "the answer is not the reservation")
	}
	r.Raw = raw
	return r, nil
}

// numberOf reads an id. What is no number is no id of the vendor's.
func numberOf(op, id string) (int64, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil || number <= 0 {
		return 0, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotFound, Message: "ids are numbers"}
	}
	return number, nil
}

func sameID(id pms.Text, number int64) bool {
	n, err := strconv.ParseInt(string(id), 10, 64)
	return err == nil && n == number
}

// unreadable is the error of a success that is not the record asked for.
func unreadable(resp *rest.Response, message string) error {
	return resp.Fail(rest.Fault{Kind: pms.ErrDecode, Code: codeOK, Message: message})
}

// The result codes.
const (
	codeOK          = "E_OK"
	codeInput       = "E_INPUT"
	codeNoSuch      = "E_NOSUCH"
	codeDeactivated = "E_DEACTIVATED"
	codeEmpty       = "E_EMPTY"
	codeConflict    = "E_CONFLICT"
	codeAlready     = "E_ALREADY"
	codeLimit       = "E_LIMIT"
)

// isOfRecord reports whether a failure is about the one record that was asked
// for, so that others may still be read.
func isOfRecord(err error) bool {
	var api *pms.APIError
	if !errors.As(err, &api) || errors.Is(err, pms.ErrRateLimited) || errors.Is(err, pms.ErrUnavailable) {
		return false
	}
	return api.Code != "" || errors.Is(err, pms.ErrNotFound) || errors.Is(err, pms.ErrInvalid)
}

// isDeactivated reports whether the vendor says so itself.
func isDeactivated(err error) bool { return isOfRecord(err) && errors.Is(err, pms.ErrForbidden) }

// classify reads the failures that have a status of their own; send reads those
// under 200.
func classify(status int, _ http.Header, body []byte) *rest.Fault {
	if status >= 200 && status <= 299 {
		return nil
	}
	if fault := faultIn(body); fault != nil {
		return fault
	}
	switch status {
	case http.StatusConflict:
		return &rest.Fault{Kind: pms.ErrRateLimited, Message: "throttled"}
	case http.StatusNotFound, http.StatusGone:
		return &rest.Fault{Kind: pms.ErrUnavailable, Message: "no such address"}
	}
	return nil
}

// faultIn returns the failure that an answer reports, nil for any other.
func faultIn(body []byte) *rest.Fault {
	var v verdict
	if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &v); err != nil || v.Code == "" {
		return nil
	}
	return v.fault()
}

func (v verdict) fault() *rest.Fault {
	fault := rest.Fault{Code: string(v.Code), Message: string(cmp.Or(v.Text, v.Code)), RequestID: string(v.CallID)}
	switch fault.Code {
	case codeOK:
		return nil
	case codeInput, codeEmpty:
		fault.Kind = pms.ErrInvalid
	case codeDeactivated:
		fault.Kind = pms.ErrForbidden
	case codeNoSuch:
		fault.Kind = pms.ErrNotFound
		if strings.Contains(strings.ToLower(fault.Message), "deactivated") {
			fault.Kind = pms.ErrForbidden // it is there
		}
	case codeConflict, codeAlready:
		fault.Kind = pms.ErrConflict
	case codeLimit:
		fault.Kind = pms.ErrRateLimited
	default:
		fault.Kind = pms.ErrUnavailable
	}
	return &fault
}
