package hospitable

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// The largest page of a list, and how many properties a query should name: more
// make a URL that servers refuse.
const (
	MaxPage       = 100
	MaxProperties = 50
)

// The includes of reservations. Financials need the scope financials:read.
const (
	IncludeGuest      = "guest"
	IncludeProperties = "properties"
	IncludeFinancials = "financials"
	IncludeUser       = "user"
	IncludeListings   = "listings"
	IncludeReview     = "review"
)

// List is one page of a native list.
type List[T any] struct {
	Items []T
	// Failed holds the records that could not be decoded.
	Failed []*pms.RecordError
	// More says that the list goes on.
	More bool
	// Total is the length of the whole list, 0 if the vendor does not say.
	Total int
}

// page is a list with what paging needs to know about it.
type page[T any] struct {
	List[T]
	records, size, pages int
	first                string
}

// ReservationQuery selects reservations.
type ReservationQuery struct {
	// PropertyIDs are required, at most MaxProperties.
	PropertyIDs []string
	// DateQuery is "checkin", the default, or "checkout": the date that StartDate
	// and EndDate bound. Whether the bounds are included, and in which zone they
	// are days, is not said. If one of them is missing, the vendor answers the
	// check-ins of the next two weeks.
	DateQuery          string
	StartDate, EndDate pms.Date
	// Statuses are categories: "accepted" (seen live, not documented).
	Statuses []string
	// PlatformID is a confirmation code.
	PlatformID     string
	ConversationID string
	// Include names includes; nil means IncludeProperties and IncludeGuest. The
	// vendor ignores names that it does not know, so they are refused here.
	Include []string
	// Page counts from 1; zero means 1. PerPage is at most MaxPage; zero means
	// MaxPage.
	Page, PerPage int
}

func (q ReservationQuery) values() url.Values {
	values := place(q.Page, q.PerPage)
	values["properties[]"] = q.PropertyIDs
	values.Set("include", strings.Join(q.include(), ","))
	setDays(values, q.StartDate, q.EndDate)
	values.Set("date_query", cmp.Or(q.DateQuery, byCheckIn)) // without it the days are ignored
	for name, value := range map[string]string{"platform_id": q.PlatformID, "conversation_id": q.ConversationID} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(q.Statuses) > 0 {
		values["status[]"] = q.Statuses
	}
	return values
}

func (q ReservationQuery) include() []string {
	if q.Include == nil {
		return []string{IncludeProperties, IncludeGuest}
	}
	return q.Include
}

func (q ReservationQuery) check(op string) error {
	switch {
	case len(q.PropertyIDs) == 0 || len(q.PropertyIDs) > MaxProperties:
		return invalid(op, "PropertyIDs must name 1 to "+strconv.Itoa(MaxProperties)+" properties")
	case q.DateQuery != "" && q.DateQuery != byCheckIn && q.DateQuery != byCheckOut:
		return invalid(op, "DateQuery must be checkin or checkout")
	}
	return checkIncludes(op, q.include())
}

const (
	byCheckIn  = "checkin"
	byCheckOut = "checkout"
)

func checkIncludes(op string, names []string) error {
	for _, name := range names {
		switch name {
		case IncludeGuest, IncludeProperties, IncludeFinancials, IncludeUser, IncludeListings, IncludeReview:
		default:
			return invalid(op, "an include that Hospitable does not have")
		}
	}
	return nil
}

// ListReservations reads one page of reservations.
//
// https://developer.hospitable.com/docs/public-api-docs, GET /reservations.
func (c *Client) ListReservations(ctx context.Context, q ReservationQuery) (List[Reservation], error) {
	list, err := c.reservationPage(ctx, "ListReservations", q)
	return list.List, err
}

func (c *Client) reservationPage(ctx context.Context, op string, q ReservationQuery) (page[Reservation], error) {
	if err := q.check(op); err != nil {
		return page[Reservation]{}, err
	}
	call := c.call(op, "/reservations")
	call.Query = q.values()
	return listOf(ctx, c, call, "booking", keepReservation)
}

func keepReservation(r *Reservation, raw json.RawMessage) string {
	r.Raw = raw
	return string(r.ID)
}

// GetReservation reads a reservation. Nil includes are those of
// [ReservationQuery].
//
// https://developer.hospitable.com/docs/public-api-docs, GET
// /reservations/{uuid}.
func (c *Client) GetReservation(ctx context.Context, id string, include ...string) (Reservation, error) {
	return c.reservation(ctx, "GetReservation", id, ReservationQuery{Include: include}.include())
}

func (c *Client) reservation(ctx context.Context, op, id string, include []string) (Reservation, error) {
	if err := checkIncludes(op, include); err != nil {
		return Reservation{}, err
	}
	call, err := c.callOf(op, "/reservations/", id, "")
	if err != nil {
		return Reservation{}, err
	}
	call.Query = url.Values{"include": {strings.Join(include, ",")}}
	return one(ctx, c, call, keepReservation)
}

// propertyPage reads one page of properties.
//
// https://developer.hospitable.com/docs/public-api-docs, GET /properties.
func (c *Client) propertyPage(ctx context.Context, op string, number, size int) (page[Property], error) {
	call := c.call(op, "/properties")
	call.Query = place(number, size)
	return listOf(ctx, c, call, "property", keepProperty)
}

// keepProperty wants an id that can be asked with: one that cannot would fail
// the lists of all other properties.
func keepProperty(p *Property, raw json.RawMessage) string {
	p.Raw = raw
	if !isID(string(p.ID)) {
		return ""
	}
	return string(p.ID)
}

// GetProperty reads a property.
//
// https://developer.hospitable.com/docs/public-api-docs, GET
// /properties/{uuid}.
func (c *Client) GetProperty(ctx context.Context, id string) (Property, error) {
	call, err := c.callOf("GetProperty", "/properties/", id, "")
	if err != nil {
		return Property{}, err
	}
	return one(ctx, c, call, keepProperty)
}

// ListCalendar reads the days of a property's calendar, both bounds included.
// Three years ahead is the most that is known to be taken.
//
// https://developer.hospitable.com/docs/public-api-docs, GET
// /properties/{uuid}/calendar.
func (c *Client) ListCalendar(ctx context.Context, propertyID string, from, to pms.Date) (List[CalendarDay], error) {
	return c.calendar(ctx, "ListCalendar", propertyID, from, to)
}

func (c *Client) calendar(ctx context.Context, op, propertyID string, from, to pms.Date) (List[CalendarDay], error) {
	call, err := c.callOf(op, "/properties/", propertyID, "/calendar")
	if err != nil {
		return List[CalendarDay]{}, err
	}
	call.Query = url.Values{}
	setDays(call.Query, from, to)
	resp, err := c.api.Do(ctx, call)
	if err != nil {
		return List[CalendarDay]{}, err
	}
	var answer calendarAnswer
	if err := resp.Decode(&answer); err != nil {
		return List[CalendarDay]{}, err
	}
	if answer.Data == nil || answer.Data.Days == nil {
		return List[CalendarDay]{}, resp.Unreadable("no days in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, "calendar day", answer.Data.Days, func(d *CalendarDay, raw json.RawMessage) string {
		d.Raw = raw
		return string(d.Date)
	})
	return List[CalendarDay]{Items: decoded.Items, Failed: decoded.Failed, Total: len(answer.Data.Days)}, nil
}

// TaskQuery selects tasks.
type TaskQuery struct {
	// PropertyIDs are required, at most MaxProperties.
	PropertyIDs []string
	// StartDate and EndDate bound the days; without them the vendor answers about
	// the next fourteen. More than three years ahead is [pms.ErrInvalid].
	StartDate, EndDate pms.Date
	// Page counts from 1; zero means 1. PerPage is at most MaxPage; zero means
	// MaxPage.
	Page, PerPage int
}

// ListTasks reads one page of tasks. The call is in no document of the vendor:
// it was seen live in August 2026. Tasks cannot be written.
func (c *Client) ListTasks(ctx context.Context, q TaskQuery) (List[Task], error) {
	const op = "ListTasks"
	if err := (ReservationQuery{PropertyIDs: q.PropertyIDs}).check(op); err != nil {
		return List[Task]{}, err
	}
	call := c.call(op, "/tasks")
	call.Query = place(q.Page, q.PerPage)
	call.Query["properties[]"] = q.PropertyIDs
	setDays(call.Query, q.StartDate, q.EndDate)
	list, err := listOf(ctx, c, call, "task", func(t *Task, raw json.RawMessage) string {
		t.Raw = raw
		return string(t.ID)
	})
	return list.List, err
}

// MaxEnrichment is the longest value of an enrichment, in characters.
const MaxEnrichment = 255

// GetEnrichment reads the value of a key of a reservation: "smartlock_code",
// "guidebook", "rental_agreement" or "upsell". A personal token is
// [pms.ErrForbidden].
//
// https://developer.hospitable.com/docs/public-api-docs, GET
// /reservations/{uuid}/enrichment/{key}.
func (c *Client) GetEnrichment(ctx context.Context, reservationID, key string) (Enrichment, error) {
	call, err := c.enrichment("GetEnrichment", reservationID, key)
	if err != nil {
		return Enrichment{}, err
	}
	e, err := one(ctx, c, call, func(e *Enrichment, _ json.RawMessage) string { return string(e.Key) })
	return e, withoutBody(err)
}

// SetEnrichment writes the value of a key of a reservation, which fills the
// short code of that name in messages: "smartlock_code" is the door code. An
// empty value removes it. It needs an application with the scope
// enrichment:write; a personal token is [pms.ErrForbidden].
//
// https://developer.hospitable.com/docs/public-api-docs, PUT
// /reservations/{uuid}/enrichment/{key}.
func (c *Client) SetEnrichment(ctx context.Context, reservationID, key, value string) error {
	const op = "SetEnrichment"
	if utf8.RuneCountInString(value) > MaxEnrichment {
		return invalid(op, "the value has more than "+strconv.Itoa(MaxEnrichment)+" characters")
	}
	call, err := c.enrichment(op, reservationID, key)
	if err != nil {
		return err
	}
	body := struct {
		Value *string `json:"value"`
	}{}
	if value != "" {
		body.Value = &value
	}
	call.Method, call.JSON, call.Secrets = http.MethodPut, body, []string{value}
	_, err = c.api.Do(ctx, call)
	return withoutBody(err)
}

func (c *Client) enrichment(op, reservationID, key string) (rest.Call, error) {
	if !isID(key) {
		return rest.Call{}, invalid(op, "the key is none")
	}
	return c.callOf(op, "/reservations/", reservationID, "/enrichment/"+key)
}

// SendMessage sends a text to the guest of a reservation and returns the
// vendor's reference, if it states one. Two messages a minute to a reservation
// are allowed, and 50 in five minutes; the scope is granted on request.
//
// https://developer.hospitable.com/docs/public-api-docs, POST
// /reservations/{uuid}/messages.
func (c *Client) SendMessage(ctx context.Context, reservationID, text string) (reference string, err error) {
	const op = "SendMessage"
	if strings.TrimSpace(text) == "" {
		return "", invalid(op, "the message is empty")
	}
	call, err := c.callOf(op, "/reservations/", reservationID, "/messages")
	if err != nil {
		return "", err
	}
	call.Method, call.JSON, call.Secrets = http.MethodPost, map[string]string{"body": text}, []string{text}
	resp, err := c.api.Do(ctx, call)
	if err != nil {
		return "", err
	}
	var answer struct {
		Data struct {
			Reference pms.Text `json:"sent_reference_id"`
		} `json:"data"`
	}
	_ = wire.Decode(resp.Body, &answer) // 201 or 202, whose body may be empty
	return string(answer.Data.Reference), nil
}

// GetUser reads the owner of the token.
//
// https://developer.hospitable.com/docs/public-api-docs, GET /user.
func (c *Client) GetUser(ctx context.Context) (User, error) { return c.user(ctx, "GetUser") }

func (c *Client) user(ctx context.Context, op string) (User, error) {
	return one(ctx, c, c.call(op, "/user"), func(u *User, _ json.RawMessage) string { return string(u.ID) })
}

// CheckCredentials makes the cheapest call that needs a token.
func (c *Client) CheckCredentials(ctx context.Context) error {
	_, err := c.user(ctx, "CheckCredentials")
	return err
}

// listOf reads one page of a list.
func listOf[T any](ctx context.Context, c *Client, call rest.Call, record string, keep func(*T, json.RawMessage) string) (page[T], error) {
	resp, err := c.api.Do(ctx, call)
	if err != nil {
		return page[T]{}, err
	}
	var answer listAnswer
	if err := resp.Decode(&answer); err != nil {
		return page[T]{}, err
	}
	if answer.Data == nil {
		return page[T]{}, resp.Unreadable("no data in the answer", nil)
	}
	decoded := wire.DecodeAll(vendor, record, answer.Data, keep)
	list := page[T]{
		List:    List[T]{Items: decoded.Items, Failed: decoded.Failed, Total: wire.IntOrZero(answer.Meta.Total)},
		records: len(answer.Data), size: wire.IntOrZero(answer.Meta.PerPage), pages: wire.IntOrZero(answer.Meta.LastPage), first: decoded.First,
	}
	list.More = list.records > 0 && wire.IntOrZero(answer.Meta.CurrentPage) < list.pages
	return list, nil
}

// one reads a record that must have an id. By the OpenAPI file a property comes
// without the envelope that all others have.
func one[T any](ctx context.Context, c *Client, call rest.Call, keep func(*T, json.RawMessage) string) (T, error) {
	var value, none T
	resp, err := c.api.Do(ctx, call)
	if err != nil {
		return none, err
	}
	var answer oneAnswer
	if err := resp.Decode(&answer); err != nil {
		return none, err
	}
	if answer.Data == nil {
		answer.Data = bytes.TrimSpace(resp.Body)
	}
	if wire.Decode(answer.Data, &value) != nil || keep(&value, answer.Data) == "" {
		return none, resp.Unreadable("no record in the answer", nil)
	}
	return value, nil
}

// call is a read of the API.
func (c *Client) call(op, path string) rest.Call {
	return rest.Call{Op: op, Path: "/v2" + path, Header: http.Header{"User-Agent": {userAgent}}}
}

// callOf is a read of one record. An id that would make another request of the
// URL is [pms.ErrInvalid] and not sent.
func (c *Client) callOf(op, before, id, behind string) (rest.Call, error) {
	if !isID(id) {
		return rest.Call{}, invalid(op, "the id is none of Hospitable's")
	}
	return c.call(op, before+id+behind), nil
}

// isID reports whether a text is made of what ids are made of.
func isID(text string) bool {
	for i := range len(text) {
		switch b := text[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '_':
		default:
			return false
		}
	}
	return text != ""
}

func invalid(op, message string) error {
	return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: message}
}

// withoutBody takes the body out of the error of an answer that may hold a door
// code.
func withoutBody(err error) error {
	var api *pms.APIError
	if errors.As(err, &api) {
		api.Body = nil
	}
	return err
}

// place is the paging part of a query.
func place(number, size int) url.Values {
	if size <= 0 || size > MaxPage {
		size = MaxPage
	}
	return url.Values{"page": {strconv.Itoa(max(number, 1))}, "per_page": {strconv.Itoa(size)}}
}

func setDays(values url.Values, from, to pms.Date) {
	if !from.IsZero() {
		values.Set("start_date", from.String())
	}
	if !to.IsZero() {
		values.Set("end_date", to.String())
	}
}

// classify reads the two shapes of errors. What is wrong with a field may quote
// what was sent, so the names of the fields alone are told.
func classify(status int, _ http.Header, body []byte) *rest.Fault {
	if status < http.StatusBadRequest {
		return nil
	}
	var f apiFault
	if err := wire.Decode(body, &f); err != nil {
		return nil
	}
	fault := &rest.Fault{Message: string(cmp.Or(f.ReasonPhrase, f.Message))}
	if fields := slices.Sorted(maps.Keys(f.Errors)); len(fields) > 0 && fault.Message == "" {
		fault.Message = "refused: " + strings.Join(fields, ", ")
	}
	return fault
}
