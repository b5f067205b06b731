package realtycalendar

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// ReservationQuery selects reservations of the signed API. From and To are
// days of modification in Moscow, both included and required; To may be
// tomorrow at the latest. The other days bound the stay, neither included
// (strictness unverified); a zero day leaves that end open.
type ReservationQuery struct {
	From, To                        pms.Date
	ArrivalAfter, ArrivalBefore     pms.Date
	DepartureAfter, DepartureBefore pms.Date
}

// List is a native list.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
}

// StatusCode is the status of a reservation as it is written.
type StatusCode int

// The statuses that can be written.
const (
	StatusRequest StatusCode = 4
	StatusBooked  StatusCode = 5
)

// ReservationRequest is a reservation to write. All its fields are sent, empty
// ones too, unless noted.
type ReservationRequest struct {
	// ApartmentID, if set, moves the reservation to another lot. It is sent with
	// an update only.
	ApartmentID string
	// BeginDate and EndDate are arrival and departure. Midnight stands for no
	// time: the day alone is sent. Only the form with a time is known from a log
	// of accepted requests.
	BeginDate, EndDate civil.DateTime
	Status             StatusCode
	// Amount is in whole rubles.
	Amount int64
	Notes  string
	// Client is sent without its empty fields.
	Client ClientAttributes
}

// ClientAttributes are the guest of a [ReservationRequest]. FIO is the full
// name. That the vendor takes the object is unverified by logs.
type ClientAttributes struct {
	FIO             string
	Phone           string
	AdditionalPhone string
	Email           string
}

// ListReservations reads the bookings that were modified in the window, the
// deleted ones included. The list is not paged. A window that ends later than
// tomorrow in Moscow is [pms.ErrInvalid] and not sent; an unknown public key is
// [pms.ErrUnauthorized] (unverified: the vendor answers 404).
//
// https://docs.google.com/document/d/1Gzo05YgY_rNS8vXmiFQQHCpK_2hxiWIN16NGl74vkkE,
// POST /api/v1/bookings/{public key} (grade B).
func (c *Client) ListReservations(ctx context.Context, q ReservationQuery) (List[Reservation], error) {
	return c.reservationList(ctx, "ListReservations", q)
}

// CreateReservation books a lot. The answer is short: without client, notes
// and stamps. A write is not repeated when its answer is lost.
//
// Same document, POST /api/v1/apartments/{lot}/event_calendars (grade B).
func (c *Client) CreateReservation(ctx context.Context, lot string, r ReservationRequest) (Reservation, error) {
	const op = "CreateReservation"
	r.ApartmentID = ""
	return c.write(ctx, op, http.MethodPost, r, lot)
}

// UpdateReservation changes a booking of a lot. Unverified: the only logs of
// this call show 404.
//
// Same document, PUT /api/v1/apartments/{lot}/event_calendars/{id}.
func (c *Client) UpdateReservation(ctx context.Context, lot, id string, r ReservationRequest) (Reservation, error) {
	const op = "UpdateReservation"
	return c.write(ctx, op, http.MethodPut, r, lot, id)
}

// DeleteReservation deletes a booking of a lot. One that is not in the lot is
// [pms.ErrNotFound].
//
// Same document, DELETE /api/v1/apartments/{lot}/event_calendars/{id} (grade B).
func (c *Client) DeleteReservation(ctx context.Context, lot, id string) error {
	const op = "DeleteReservation"
	if err := c.needKeys(op); err != nil {
		return err
	}
	path, err := eventPath(op, lot, id)
	if err != nil {
		return err
	}
	signed := params{"apartment_id": lot, "id": id}
	_, err = c.api.Do(ctx, rest.Call{
		Op:     op,
		Method: http.MethodDelete,
		Path:   path,
		Query:  url.Values{"sign": {signed.sign(c.cfg.PrivateKey)}},
	})
	return err
}

// CheckCredentials makes the cheapest call that needs the keys: it lists the
// bookings modified today.
func (c *Client) CheckCredentials(ctx context.Context) error {
	today := c.today()
	_, err := c.reservationList(ctx, "CheckCredentials", ReservationQuery{From: today, To: today.AddDays(1)})
	return err
}

func (c *Client) reservationList(ctx context.Context, op string, q ReservationQuery) (List[Reservation], error) {
	if err := c.needKeys(op); err != nil {
		return List[Reservation]{}, err
	}
	if message := c.wrong(q); message != "" {
		return List[Reservation]{}, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: message}
	}
	body := params{"begin_date": q.From.String(), "end_date": q.To.String()}
	for name, day := range map[string]pms.Date{
		"event_begin_date_start": q.ArrivalAfter,
		"event_begin_date_end":   q.ArrivalBefore,
		"event_end_date_start":   q.DepartureAfter,
		"event_end_date_end":     q.DepartureBefore,
	} {
		if !day.IsZero() {
			body[name] = day.String()
		}
	}
	body["sign"] = body.sign(c.cfg.PrivateKey)
	resp, err := c.api.Do(ctx, rest.Call{
		Op:     op,
		Method: http.MethodPost,
		Path:   "/api/v1/bookings/" + url.PathEscape(c.cfg.PublicKey),
		JSON:   body,
		Read:   true,
	})
	// Nothing but the key varies in the path (unverified what an unknown one is
	// answered with).
	var refused *pms.APIError
	if errors.As(err, &refused) && errors.Is(err, pms.ErrNotFound) {
		refused.Kind = pms.ErrUnauthorized
	}
	if err != nil {
		return List[Reservation]{}, err
	}
	var list reservationList
	if err := resp.Decode(&list); err != nil {
		return List[Reservation]{}, err
	}
	if list.Bookings == nil {
		return List[Reservation]{}, resp.Unreadable("no bookings in the answer", nil)
	}
	return decodeReservations(list.Bookings), nil
}

func decodeReservations(records wire.Records) List[Reservation] {
	list := wire.DecodeAll(vendor, "booking", records, func(r *Reservation, raw json.RawMessage) string {
		r.Raw = raw
		return string(r.ID)
	})
	return List[Reservation]{Items: list.Items, Failed: list.Failed}
}

// wrong says what the vendor would refuse in a query, or "".
func (c *Client) wrong(q ReservationQuery) string {
	switch {
	case !q.From.IsValid() || !q.To.IsValid():
		return "From and To are required"
	case q.To.Before(q.From):
		return "To is before From"
	case q.To.After(c.today().AddDays(1)):
		return "To is later than tomorrow in Moscow"
	}
	return ""
}

// write sends a reservation to a lot, or to a reservation of it.
func (c *Client) write(ctx context.Context, op, method string, r ReservationRequest, place ...string) (Reservation, error) {
	if err := c.needKeys(op); err != nil {
		return Reservation{}, err
	}
	path, err := eventPath(op, place...)
	if err != nil {
		return Reservation{}, err
	}
	if message := r.wrong(); message != "" {
		return Reservation{}, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: message}
	}
	event := r.params()
	resp, err := c.api.Do(ctx, rest.Call{
		Op:     op,
		Method: method,
		Path:   path,
		JSON: struct {
			Event params `json:"event_calendar"`
			Sign  string `json:"sign"`
		}{event, event.sign(c.cfg.PrivateKey)},
	})
	if err != nil {
		return Reservation{}, err
	}
	var raw json.RawMessage
	if err := resp.Decode(&raw); err != nil {
		return Reservation{}, err
	}
	written := Reservation{Raw: raw}
	if err := wire.Decode(raw, &written); err != nil || written.ID == "" {
		return Reservation{}, resp.Unreadable("no booking in the answer", nil)
	}
	return written, nil
}

// eventPath is the path of a lot's reservations, or of one of them. Lots and
// reservations have numbers; a room is no part of the path.
func eventPath(op string, place ...string) (string, error) {
	for _, number := range place {
		if !isNumber(number) {
			return "", &pms.APIError{
				Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "lot and booking id must be numbers",
			}
		}
	}
	return "/api/v1/apartments/" + place[0] + "/event_calendars" + strings.Join(append([]string{""}, place[1:]...), "/"), nil
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// wrong says what is missing in a request, or "".
func (r ReservationRequest) wrong() string {
	switch {
	case !r.BeginDate.IsValid() || !r.EndDate.IsValid():
		return "BeginDate and EndDate are required"
	case r.EndDate.Before(r.BeginDate):
		return "EndDate is before BeginDate"
	case r.Status != StatusRequest && r.Status != StatusBooked:
		return "Status must be StatusRequest or StatusBooked"
	case r.ApartmentID != "" && !isNumber(r.ApartmentID):
		return "ApartmentID must be a number"
	}
	return ""
}

func (r ReservationRequest) params() params {
	event := params{
		"begin_date": moment(r.BeginDate),
		"end_date":   moment(r.EndDate),
		"status":     json.Number(strconv.Itoa(int(r.Status))),
		"amount":     json.Number(strconv.FormatInt(r.Amount, 10)),
		"notes":      valid(r.Notes),
	}
	if r.ApartmentID != "" {
		event["apartment_id"] = json.Number(r.ApartmentID)
	}
	client := params{}
	for name, value := range map[string]string{
		"fio": r.Client.FIO, "phone": r.Client.Phone, "additional_phone": r.Client.AdditionalPhone, "email": r.Client.Email,
	} {
		if value != "" {
			client[name] = valid(value)
		}
	}
	if len(client) > 0 {
		event["client_attributes"] = client
	}
	return event
}

// valid replaces what is not UTF-8, which JSON would replace after the text
// was signed.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func moment(t civil.DateTime) string {
	if t.Time == (civil.Time{}) {
		return t.Date.String()
	}
	return t.In(time.UTC).Format(time.DateTime)
}

// params are parameters that can be signed: texts, numbers as they stand in
// the JSON, and objects of them. How null and booleans are signed is not known.
type params map[string]any

// sign returns the signature of API v1: the MD5 of the signed text and the
// private key, in lower-case hex.
func (p params) sign(privateKey string) string {
	var text strings.Builder
	p.write(&text)
	sum := md5.Sum([]byte(text.String() + privateKey))
	return hex.EncodeToString(sum[:])
}

// write writes "key=value" of all parameters in the order of their keys, with
// nothing between them.
func (p params) write(text *strings.Builder) {
	for _, key := range slices.Sorted(maps.Keys(p)) {
		text.WriteString(key + "=")
		switch value := p[key].(type) {
		case string:
			text.WriteString(value)
		case json.Number:
			text.WriteString(value.String())
		case params:
			value.write(text)
		}
	}
}

// today is the day in Moscow.
func (c *Client) today() pms.Date { return civil.DateOf(time.Now().In(c.moscow)) }

// needKeys refuses a call of the signed API without keys.
func (c *Client) needKeys(op string) error {
	if c.api != nil {
		return nil
	}
	return &pms.APIError{
		Vendor: vendor, Op: op, Kind: pms.ErrNotSupported,
		Message: "this account is connected by webhooks only: lists and writes need PublicKey and PrivateKey",
	}
}

// classify reads the two error objects of API v1, under any status: errors by
// field, and a status with a text. A wrong signature is a refused key.
func classify(status int, _ http.Header, body []byte) *rest.Fault {
	failed := status < 200 || status > 299
	if !failed && !mayBeFault(body) {
		return nil
	}
	var f apiFault
	if err := wire.Decode(body, &f); err != nil || (f.Error == "" && len(f.Errors) == 0) {
		return nil
	}
	fault := &rest.Fault{Message: f.message()}
	_, unsigned := f.Errors["sign"]
	switch {
	case unsigned:
		fault.Kind = pms.ErrUnauthorized
	case !failed && f.Error != "":
		fault.Kind = rest.KindOf(wire.IntOrZero(f.Status))
	case !failed:
		fault.Kind = pms.ErrInvalid
	}
	return fault
}

func (f apiFault) message() string {
	var parts []string
	if f.Error != "" {
		parts = append(parts, string(f.Error))
	}
	for _, field := range slices.Sorted(maps.Keys(f.Errors)) {
		for _, reason := range f.Errors[field] {
			parts = append(parts, field+": "+string(reason))
		}
	}
	return strings.Join(parts, "; ")
}

// mayBeFault spares lists the second reading.
func mayBeFault(body []byte) bool {
	body = bytes.TrimLeft(body, " \r\n\t")
	return bytes.HasPrefix(body, []byte(`{"error`)) || bytes.HasPrefix(body, []byte(`{"status":`))
}
