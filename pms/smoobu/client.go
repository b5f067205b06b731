package smoobu

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// MaxPage is the largest page of reservations.
const MaxPage = 100

// ReservationQuery selects reservations. A zero day leaves a bound out; all
// bounds are days, and that they are inside is unverified. The zero value
// selects all that are not cancelled.
type ReservationQuery struct {
	// From and To keep stays that overlap the window.
	From, To                   pms.Date
	ArrivalFrom, ArrivalTo     pms.Date
	DepartureFrom, DepartureTo pms.Date
	CreatedFrom, CreatedTo     pms.Date
	ModifiedFrom, ModifiedTo   pms.Date
	// ApartmentID keeps one apartment; with IncludeRelated those grouped with it
	// as well.
	ApartmentID    string
	IncludeRelated bool
	// ShowCancellation adds the cancelled ones.
	ShowCancellation bool
	ExcludeBlocked   bool
	// Page counts from 1; zero means 1. PageSize is at most MaxPage, zero means
	// MaxPage.
	Page, PageSize int
}

// List is one page of a native list.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
	// Total is the length of the whole list.
	Total int
}

// ReservationUpdate changes a reservation. Nil leaves a field as it is. Days
// and apartment cannot be changed.
type ReservationUpdate struct {
	// ArrivalTime and DepartureTime are "15:04".
	ArrivalTime     *pms.Clock   `json:"arrivalTime,omitempty"`
	DepartureTime   *pms.Clock   `json:"departureTime,omitempty"`
	GuestName       *string      `json:"guestName,omitempty"`
	GuestEmail      *string      `json:"guestEmail,omitempty"`
	GuestPhone      *string      `json:"guestPhone,omitempty"`
	Notice          *string      `json:"notice,omitempty"`
	AssistantNotice *string      `json:"assistantNotice,omitempty"`
	Adults          *int         `json:"adults,omitempty"`
	Children        *int         `json:"children,omitempty"`
	Price           *json.Number `json:"price,omitempty"`
	Language        *string      `json:"language,omitempty"`
}

// ReservationRequest is a reservation to create. The days and ApartmentID are
// required; zero values are not sent.
type ReservationRequest struct {
	ArrivalDate   pms.Date `json:"arrivalDate"`
	DepartureDate pms.Date `json:"departureDate"`
	ApartmentID   int64    `json:"apartmentId"`
	// ChannelID is ChannelAPI if zero; ChannelBlocked makes a block.
	ChannelID     int         `json:"channelId,omitzero"`
	FirstName     string      `json:"firstName,omitzero"`
	LastName      string      `json:"lastName,omitzero"`
	Email         string      `json:"email,omitzero"`
	Phone         string      `json:"phone,omitzero"`
	Language      string      `json:"language,omitzero"`
	Adults        int         `json:"adults,omitzero"`
	Children      int         `json:"children,omitzero"`
	Price         json.Number `json:"price,omitzero"`
	Notice        string      `json:"notice,omitzero"`
	ArrivalTime   pms.Clock   `json:"arrivalTime,omitzero"`
	DepartureTime pms.Clock   `json:"departureTime,omitzero"`
}

// GetUser reads who the credentials belong to.
//
// https://docs.smoobu.com, GET /api/me.
func (c *Client) GetUser(ctx context.Context) (User, error) {
	return c.user(ctx, "GetUser")
}

// CheckCredentials makes the cheapest call that needs the key: GetUser.
func (c *Client) CheckCredentials(ctx context.Context) error {
	_, err := c.user(ctx, "CheckCredentials")
	return err
}

// ListApartments reads all apartments, ids and names only. The list is not
// paged.
//
// https://docs.smoobu.com, GET /api/apartments.
func (c *Client) ListApartments(ctx context.Context) (List[Apartment], error) {
	return c.apartments(ctx, "ListApartments")
}

// GetApartment reads what the list leaves out of an apartment. An id that the
// account does not have is [pms.ErrNotFound].
//
// https://docs.smoobu.com, GET /api/apartments/{id}.
func (c *Client) GetApartment(ctx context.Context, id string) (ApartmentDetails, error) {
	return c.apartment(ctx, "GetApartment", id)
}

// ListReservations reads one page of reservations.
//
// https://docs.smoobu.com, GET /api/reservations (names grade B).
func (c *Client) ListReservations(ctx context.Context, q ReservationQuery) (List[Reservation], error) {
	page, err := c.reservationPage(ctx, "ListReservations", q)
	return page.List, err
}

// GetReservation reads one reservation, cancelled or not. An id that the
// account does not have is [pms.ErrNotFound].
//
// https://docs.smoobu.com, GET /api/reservations/{id}.
func (c *Client) GetReservation(ctx context.Context, id string) (Reservation, error) {
	return c.reservation(ctx, "GetReservation", id)
}

// CreateReservation books or blocks an apartment and returns the id. Nights
// that are taken are an error, of which kind is not known. A write is not
// repeated when its answer is lost.
//
// https://docs.smoobu.com, POST /api/reservations (grade B).
func (c *Client) CreateReservation(ctx context.Context, r ReservationRequest) (id string, err error) {
	const op = "CreateReservation"
	if !r.ArrivalDate.IsValid() || !r.DepartureDate.IsValid() || r.ApartmentID <= 0 {
		return "", invalid(op, "ArrivalDate, DepartureDate and ApartmentID are required")
	}
	resp, err := c.do(ctx, rest.Call{Op: op, Method: http.MethodPost, Path: "/api/reservations", JSON: r})
	if err != nil {
		return "", err
	}
	var answer struct {
		ID pms.Text `json:"id"`
	}
	if err := resp.Decode(&answer); err != nil {
		return "", err
	}
	if answer.ID == "" {
		return "", resp.Unreadable("no id in the answer", nil)
	}
	return string(answer.ID), nil
}

// UpdateReservation changes a reservation. AssistantNotice is the one place
// where a note about cleaning can be left.
//
// https://docs.smoobu.com, PUT /api/reservations/{id} (grade B).
func (c *Client) UpdateReservation(ctx context.Context, id string, u ReservationUpdate) error {
	const op = "UpdateReservation"
	return c.write(ctx, op, http.MethodPut, id, u)
}

// CancelReservation cancels a reservation or lifts a block.
//
// https://docs.smoobu.com, DELETE /api/reservations/{id} (grade B).
func (c *Client) CancelReservation(ctx context.Context, id string) error {
	const op = "CancelReservation"
	return c.write(ctx, op, http.MethodDelete, id, nil)
}

func (c *Client) write(ctx context.Context, op, method, id string, body any) error {
	path, err := pathOf(op, "/api/reservations/", id)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, rest.Call{Op: op, Method: method, Path: path, JSON: body})
	return err
}

// do sends a call. A signature is for one path only, so redirects are not
// followed; classify refuses them.
func (c *Client) do(ctx context.Context, call rest.Call) (*rest.Response, error) {
	call.NoRedirect = true
	return c.api.Do(ctx, call)
}

// pathOf appends an id to a path. Ids are numbers; anything else could make
// another path of it.
func pathOf(op, path, id string) (string, error) {
	if !isNumber(id) {
		return "", invalid(op, "the id must be a number")
	}
	return path + id, nil
}

func isNumber(id string) bool { return id != "" && strings.Trim(id, "0123456789") == "" }

func invalid(op, message string) error {
	return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: message}
}

func (c *Client) user(ctx context.Context, op string) (User, error) {
	resp, err := c.do(ctx, rest.Call{Op: op, Path: "/api/me"})
	if err != nil {
		return User{}, err
	}
	var user User
	if err := resp.Decode(&user); err != nil {
		return User{}, err
	}
	if user.ID == "" {
		return User{}, resp.Unreadable("no user in the answer", nil)
	}
	return user, nil
}

func (c *Client) apartments(ctx context.Context, op string) (List[Apartment], error) {
	resp, err := c.do(ctx, rest.Call{Op: op, Path: "/api/apartments"})
	if err != nil {
		return List[Apartment]{}, err
	}
	var list apartmentList
	if err := resp.Decode(&list); err != nil {
		return List[Apartment]{}, err
	}
	if list.Apartments == nil {
		return List[Apartment]{}, resp.Unreadable("no apartments in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, "property", list.Apartments, func(a *Apartment, raw json.RawMessage) string {
		a.Raw = raw
		return string(a.ID)
	})
	return List[Apartment]{Items: decoded.Items, Failed: decoded.Failed, Total: len(list.Apartments)}, nil
}

func (c *Client) apartment(ctx context.Context, op, id string) (ApartmentDetails, error) {
	path, err := pathOf(op, "/api/apartments/", id)
	if err != nil {
		return ApartmentDetails{}, err
	}
	resp, err := c.do(ctx, rest.Call{Op: op, Path: path})
	if err != nil {
		return ApartmentDetails{}, err
	}
	var raw json.RawMessage
	if err := resp.Decode(&raw); err != nil {
		return ApartmentDetails{}, err
	}
	var present struct {
		Location, TimeZone, Rooms json.RawMessage
	}
	var a ApartmentDetails
	if wire.Decode(raw, &present) != nil || wire.Decode(raw, &a) != nil ||
		present.Location == nil && present.TimeZone == nil && present.Rooms == nil {
		return ApartmentDetails{}, resp.Unreadable("no apartment in the answer", nil)
	}
	a.Raw = raw
	return a, nil
}

func (c *Client) reservation(ctx context.Context, op, id string) (Reservation, error) {
	path, err := pathOf(op, "/api/reservations/", id)
	if err != nil {
		return Reservation{}, err
	}
	resp, err := c.do(ctx, rest.Call{Op: op, Path: path})
	if err != nil {
		return Reservation{}, err
	}
	var raw json.RawMessage
	if err := resp.Decode(&raw); err != nil {
		return Reservation{}, err
	}
	var r Reservation
	if err := wire.Decode(raw, &r); err != nil || r.ID == "" {
		return Reservation{}, resp.Unreadable("no reservation in the answer", nil)
	}
	r.Raw = raw
	return r, nil
}

// nativePage is a native list with what paging needs to know about it.
type nativePage struct {
	List[Reservation]
	records, size, pages int
	first                string
}

func (c *Client) reservationPage(ctx context.Context, op string, q ReservationQuery) (nativePage, error) {
	resp, err := c.do(ctx, rest.Call{Op: op, Path: "/api/reservations", Query: q.values()})
	if err != nil {
		return nativePage{}, err
	}
	var list reservationList
	if err := resp.Decode(&list); err != nil {
		return nativePage{}, err
	}
	if list.Bookings == nil {
		return nativePage{}, resp.Unreadable("no bookings in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, "booking", list.Bookings, func(r *Reservation, raw json.RawMessage) string {
		r.Raw = raw
		return string(r.ID)
	})
	return nativePage{
		List:    List[Reservation]{Items: decoded.Items, Failed: decoded.Failed, Total: max(wire.IntOrZero(list.TotalItems), 0)},
		records: len(list.Bookings), first: decoded.First,
		size: wire.IntOrZero(list.PageSize), pages: wire.IntOrZero(list.PageCount),
	}, nil
}

// values is the query as the vendor takes it.
func (q ReservationQuery) values() url.Values {
	size := q.PageSize
	if size <= 0 || size > MaxPage {
		size = MaxPage
	}
	values := url.Values{"page": {strconv.Itoa(max(q.Page, 1))}, "pageSize": {strconv.Itoa(size)}}
	for name, day := range map[string]pms.Date{
		"from": q.From, "to": q.To,
		"arrivalFrom": q.ArrivalFrom, "arrivalTo": q.ArrivalTo,
		"departureFrom": q.DepartureFrom, "departureTo": q.DepartureTo,
		"created_from": q.CreatedFrom, "created_to": q.CreatedTo,
		"modifiedFrom": q.ModifiedFrom, "modifiedTo": q.ModifiedTo,
	} {
		if !day.IsZero() {
			values.Set(name, day.String())
		}
	}
	if q.ApartmentID != "" {
		values.Set("apartmentId", q.ApartmentID)
	}
	for name, flag := range map[string]bool{
		"showCancellation": q.ShowCancellation, "excludeBlocked": q.ExcludeBlocked, "includeRelated": q.IncludeRelated,
	} {
		if flag {
			values.Set(name, "true")
		}
	}
	return values
}

// maxFault is the size up to which an answer with status 200 is searched for an
// error object.
const maxFault = 4 << 10

// classify reads Smoobu's error object, which may come under 200, and its own
// header of the wait. A redirect is an error.
func classify(status int, header http.Header, body []byte) *rest.Fault {
	failed := status < 200 || status > 299
	switch {
	case status >= 300 && status < 400:
		return &rest.Fault{Kind: pms.ErrUnavailable, Message: "a redirect, which a signed request does not follow"}
	case !failed && (len(body) > maxFault || !bytes.Contains(body, []byte(`"detail"`))):
		return nil
	}
	var f apiFault
	_ = json.Unmarshal(body, &f) // what is no object has no message
	if !failed && (f.Title == "" || f.Detail == "") {
		return nil
	}
	fault := &rest.Fault{Message: string(cmp.Or(f.Detail, f.Title)), RetryAfter: retryAfter(header, time.Now())}
	switch {
	case status == http.StatusUnauthorized, f.Detail == "verification error":
		fault.Kind = pms.ErrUnauthorized
		fault.Message = cmp.Or(fault.Message, http.StatusText(http.StatusUnauthorized)) + clockNote(header, time.Now())
	case fault.Message == "" && (status == http.StatusBadRequest || status == http.StatusUnprocessableEntity):
		fault.Message = fieldNames(body)
	}
	return fault
}

// fieldNames names the fields that a validation complains of, without its
// words, which may hold a guest's data.
func fieldNames(body []byte) string {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || len(fields) == 0 {
		return ""
	}
	return "refused: " + strings.Join(slices.Sorted(maps.Keys(fields)), ", ")
}

// clockNote says that a signature may be refused for its time.
func clockNote(header http.Header, now time.Time) string {
	theirs, err := http.ParseTime(header.Get("Date"))
	if err != nil || now.Sub(theirs).Abs() < time.Minute {
		return ""
	}
	return " (the clock of this machine is " + now.Sub(theirs).Round(time.Second).String() + " from the vendor's)"
}

// retryAfter reads X-RateLimit-Retry-After where there is no Retry-After: Unix
// time if it is over 1e9, seconds otherwise. What is missing, past or
// unreadable is 0.
func retryAfter(header http.Header, now time.Time) time.Duration {
	if header.Get("Retry-After") != "" {
		return 0
	}
	n, err := strconv.ParseInt(header.Get("X-RateLimit-Retry-After"), 10, 64)
	switch {
	case err != nil, n <= 0:
		return 0
	case n > 1e9:
		return max(time.Unix(n, 0).Sub(now), 0)
	default:
		return time.Duration(n) * time.Second
	}
}
