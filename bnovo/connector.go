package bnovo

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

var (
	_ pms.Connector         = (*Client)(nil)
	_ pms.BookingGetter     = (*Client)(nil)
	_ pms.WebhookParser     = (*Client)(nil)
	_ pms.CleanlinessWriter = (*Client)(nil)
)

// Info describes Bnovo.
func Info() pms.Info {
	return pms.Info{
		Name:   vendor,
		Title:  "Bnovo",
		Docs:   "https://api.pms.bnovo.ru/swagger",
		Access: "Bnovo Octopus: \"API-доступ\" (account id and key), or \"Создать свою интеграцию\" (login and password)",
		Auth:   "id and key for a token of 24 hours; or login and password for a session",
		Limits: []pms.Limit{
			{Requests: 30, Window: 10 * time.Second},
			{Requests: 300, Window: 5 * time.Minute},
			{Requests: 1000, Window: time.Hour},
			{Requests: 10_000, Window: 24 * time.Hour},
		},
		Evidence: "A",
		Checked:  pms.Date{Year: 2026, Month: time.November, Day: 21},
		Credentials: []pms.Field{
			{Name: "id", Label: "Account ID", Help: "Open API: the number shown in \"API-доступ\"", Optional: true},
			{Name: "username", Label: "Login", Help: "Session API: the login of the custom app, in place of the account ID", Optional: true},
			{Name: "password", Label: "Key or password", Help: "The API key, or the password of the custom app", Secret: true},
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
			pms.CanSetCleanliness:  pms.Unverified,
			pms.CanWriteTasks:      pms.No,
			pms.HasBlocks:          pms.Yes,
			pms.HasOwnerStays:      pms.No,
			pms.HasStayTimes:       pms.Yes,
			pms.HasGuestCounts:     pms.Yes,
			pms.HasTimeZone:        pms.No,
			pms.HasCleanliness:     pms.Unverified,
		},
		Notes: []string{
			"Rooms, closures and webhooks need the tariff \"Профессионал\"; on the free one rooms are learnt from bookings.",
			"The session API is not documented by the vendor.",
			"The call that sets a room's cleaning status is not published; the host describes it.",
		},
	}
}

// Info implements [pms.Connector]. With the credentials of the session API,
// which rests on unverified sources and tells no changes, it says so.
func (c *Client) Info() pms.Info {
	info := Info()
	if c.session == nil {
		return info
	}
	info.Evidence = "B"
	for capability, support := range info.Capabilities {
		if support == pms.Yes {
			info.Capabilities[capability] = pms.Unverified
		}
	}
	info.Capabilities[pms.CanUpdatedSince] = pms.No
	return info
}

// ListProperties implements [pms.Connector]: the rooms of the hotel.
func (c *Client) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	const op = "ListProperties"
	if c.session != nil {
		return c.listSessionRooms(ctx, op, q)
	}
	place, err := parsePlace(op, q.Cursor, phaseRooms)
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	list, err := c.roomPage(ctx, op, q.Limit, place.Offset)
	if errors.Is(err, pms.ErrForbidden) && place.Offset == 0 {
		return c.roomsFromBookings(ctx, op)
	}
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	page := pms.Page[pms.Property]{Failed: list.Failed}
	for _, room := range list.Items {
		page.Items = append(page.Items, c.mapRoom(room))
	}
	next, more, err := place.Next(readOf(list, q.Limit))
	if err != nil {
		return pms.Page[pms.Property]{}, paging.Error(vendor, op, err)
	}
	if more {
		page.Next = next.String()
	}
	return page, nil
}

// The phases of a list.
const (
	phaseRooms     = "rooms"
	phaseStays     = "stays"     // by window
	phaseChanged   = "changed"   // by change
	phaseCancelled = "cancelled" // by cancellation, for what "changed" may miss
	phaseClosures  = "closures"
)

// ListBookings implements [pms.Connector]: reservations, then closures as
// blocks. Without UpdatedSince the vendor's "checkmate" window is asked; with
// it the changed ones, then the cancelled ones; as stamps of change have no
// offset, some come that changed up to 26 hours earlier. Closures have no stamp
// and always come.
func (c *Client) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	if c.session != nil {
		return c.listSessionBookings(ctx, op, q)
	}
	phases := []string{phaseStays, phaseClosures}
	if !q.UpdatedSince.IsZero() {
		phases = []string{phaseChanged, phaseCancelled, phaseClosures}
	}
	if q.ExcludeBlocks {
		phases = phases[:len(phases)-1]
	}
	place, err := parsePlace(op, q.Cursor, phases...)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	if place.Phase == phaseClosures {
		return c.listClosures(ctx, op, q)
	}
	native := window(q, place.Phase)
	native.Limit, native.Offset = q.Limit, place.Offset
	list, err := c.reservationPage(ctx, op, native)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	page := c.bookings(list.List, lenient(q))
	next, more, err := place.Next(readOf(list, q.Limit))
	switch {
	case err != nil:
		return pms.Page[pms.Booking]{}, paging.Error(vendor, op, err)
	case more:
		page.Next = next.String()
	default:
		page.Next = nextPhase(phases, place.Phase)
	}
	return page, nil
}

// nextPhase returns the cursor of the phase after this one, or "".
func nextPhase(phases []string, phase string) string {
	if i := slices.Index(phases, phase) + 1; i < len(phases) {
		return paging.Offset{Phase: phases[i]}.String()
	}
	return ""
}

// GetBooking implements [pms.BookingGetter]. A closure is no reservation:
// reading one is [pms.ErrNotSupported].
func (c *Client) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	const op = "GetBooking"
	id, _, _ = strings.Cut(id, "#")
	switch {
	case id == "":
		return nil, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "no id"}
	case strings.HasPrefix(id, closurePrefix):
		return nil, &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrNotSupported, Message: "a closure cannot be read alone"}
	case c.session != nil:
		return c.getSessionBooking(ctx, id)
	}
	r, err := c.GetReservation(ctx, id, false)
	if err != nil {
		return nil, err
	}
	bookings, bad := c.mapReservation(r)
	if bad != nil {
		return nil, bad
	}
	return bookings, nil
}

// SetCleanliness implements [pms.CleanlinessWriter] with the call that
// Config.Cleanliness describes. Without it, and for a status without a word,
// it is [pms.ErrNotSupported].
func (c *Client) SetCleanliness(ctx context.Context, propertyID string, status pms.Cleanliness) error {
	const op = "SetCleanliness"
	call := c.cfg.Cleanliness
	if call == nil {
		return &pms.APIError{
			Vendor: vendor, Op: op, Kind: pms.ErrNotSupported,
			Message: "Bnovo publishes no call that sets a room's cleaning status: describe it in Config.Cleanliness (path, body, words)",
		}
	}
	if propertyID == "" {
		return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "no room id"}
	}
	word := call.Words[status]
	if word == "" {
		return &pms.APIError{
			Vendor: vendor, Op: op, Kind: pms.ErrNotSupported,
			Message: "Config.Cleanliness.Words has no word for " + string(status),
		}
	}
	body, err := call.fill(propertyID, word)
	if err != nil {
		return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Err: err}
	}
	path := strings.NewReplacer("{room}", url.PathEscape(propertyID), "{status}", url.PathEscape(word)).Replace(call.Path)
	client := c.open
	if c.session != nil {
		client = c.session
	}
	request := rest.Call{Op: op, Method: call.method(), Path: path}
	if body != nil {
		request.JSON = body
	}
	_, err = client.Do(ctx, request)
	return err
}

func (call *CleanlinessCall) method() string {
	if call.Method == "" {
		return "POST"
	}
	return call.Method
}

// fill returns the body with its placeholders replaced.
func (call *CleanlinessCall) fill(room, word string) (any, error) {
	if len(call.Body) == 0 {
		return nil, nil //nolint:nilnil // no body is a value here
	}
	var body any
	if err := json.Unmarshal(call.Body, &body); err != nil {
		return nil, err
	}
	return replaceStrings(body, strings.NewReplacer("{room}", room, "{status}", word)), nil
}

func replaceStrings(v any, r *strings.Replacer) any {
	switch v := v.(type) {
	case string:
		return r.Replace(v)
	case []any:
		for i := range v {
			v[i] = replaceStrings(v[i], r)
		}
	case map[string]any:
		for key := range v {
			v[key] = replaceStrings(v[key], r)
		}
	}
	return v
}

// bookings maps and filters one native page.
func (c *Client) bookings(list List[Reservation], q pms.BookingQuery) pms.Page[pms.Booking] {
	page := pms.Page[pms.Booking]{Failed: list.Failed}
	for _, r := range list.Items {
		parts, bad := c.mapReservation(r)
		if bad != nil {
			page.Failed = append(page.Failed, bad)
		}
		for _, b := range parts {
			if q.Matches(b) {
				page.Items = append(page.Items, b)
			}
		}
	}
	return page
}

// listClosures is the last phase of ListBookings; the vendor does not page it.
func (c *Client) listClosures(ctx context.Context, op string, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	from, to := openDays(q)
	list, err := c.ListClosures(ctx, from, to)
	if errors.Is(err, pms.ErrForbidden) {
		if c.cfg.Logger != nil {
			c.cfg.Logger.WarnContext(ctx, "closures are not in the account's tariff", slog.String("vendor", vendor), slog.String("op", op))
		}
		return pms.Page[pms.Booking]{}, nil
	}
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	return c.blocks(list, q, (*wire.Fields).Stamp), nil
}

func (c *Client) blocks(list List[Closure], q pms.BookingQuery, stampOf func(*wire.Fields, string, pms.Text) wire.Stamp) pms.Page[pms.Booking] {
	page := pms.Page[pms.Booking]{Failed: list.Failed}
	for _, closure := range list.Items {
		b, bad := c.mapClosure(closure, stampOf)
		switch {
		case bad != nil:
			page.Failed = append(page.Failed, bad)
		case q.Matches(b):
			page.Items = append(page.Items, b)
		}
	}
	return page
}

// roomsFromBookings learns the rooms from the bookings of the last 90 days and
// the year ahead: all that the free tariff tells. Failed holds the bookings that
// could not be read.
func (c *Client) roomsFromBookings(ctx context.Context, op string) (pms.Page[pms.Property], error) {
	today := civil.DateOf(time.Now())
	stays := pms.BookingQuery{From: today.AddDays(-90), To: today.AddDays(365)}
	rooms := map[string]Room{}
	var page pms.Page[pms.Property]
	place, more := paging.Offset{Phase: phaseStays}, true
	for more {
		native := window(stays, phaseStays)
		native.Offset = place.Offset
		list, err := c.reservationPage(ctx, op, native)
		if err != nil {
			return pms.Page[pms.Property]{}, err
		}
		page.Failed = append(page.Failed, list.Failed...)
		for _, r := range list.Items {
			learnRooms(rooms, r)
		}
		if place, more, err = place.Next(readOf(list, 0)); err != nil {
			return pms.Page[pms.Property]{}, paging.Error(vendor, op, err)
		}
	}
	for _, room := range rooms {
		page.Items = append(page.Items, c.mapRoom(room))
	}
	slices.SortFunc(page.Items, func(a, b pms.Property) int { return strings.Compare(a.ID, b.ID) })
	return page, nil
}

// learnRooms adds the rooms that a reservation names.
func learnRooms(rooms map[string]Room, r Reservation) {
	for _, night := range r.Prices {
		id := roomID(night.RoomID)
		if _, known := rooms[id]; id != "" && !known {
			rooms[id] = Room{ID: night.RoomID, HotelID: r.HotelID, Name: night.RoomName}
		}
	}
	if id := roomID(r.RoomID); id != "" {
		rooms[id] = Room{ID: r.RoomID, HotelID: r.HotelID, Name: r.RoomName, RoomTypeID: r.RoomTypeID, CleanStatus: r.CurrentRoomCleanStatus}
	}
}

// The days that stand for an open end of a window; the vendor requires both.
// That it takes windows this wide is unverified.
var (
	firstDay = pms.Date{Year: 1970, Month: time.January, Day: 1}
	lastDay  = pms.Date{Year: 2100, Month: time.January, Day: 1}
)

// openDays returns the window of q, one day wider on both sides: the vendor
// compares planned stamps to the second, we compare effective days.
func openDays(q pms.BookingQuery) (from, to pms.Date) {
	from, to = firstDay, lastDay
	if !q.From.IsZero() {
		from = q.From.AddDays(-1)
	}
	if !q.To.IsZero() {
		to = q.To.AddDays(1)
	}
	return from, to
}

// window returns the native query of a phase.
func window(q pms.BookingQuery, phase string) ReservationQuery {
	endOfDay := civil.Time{Hour: 23, Minute: 59, Second: 59}
	if phase == phaseStays {
		from, to := openDays(q)
		return ReservationQuery{
			From: civil.DateTime{Date: from}, To: civil.DateTime{Date: to, Time: endOfDay}, DataType: DataCheckmate,
		}
	}
	kind := DataChanged
	if phase == phaseCancelled {
		kind = DataCancelled
	}
	return ReservationQuery{
		From: changedSince(q.UpdatedSince), To: civil.DateTime{Date: lastDay, Time: endOfDay}, DataType: kind,
	}
}

// overlap is re-read with every list of changes, against clocks that differ.
const overlap = 5 * time.Minute

// changedSince returns the bound of a list of changes: stamps of change carry
// no offset, and the vendor does not say on which clock they are, so it is early
// enough for every zone there is.
func changedSince(t time.Time) civil.DateTime {
	return civil.DateTimeOf(t.UTC().Add(-12*time.Hour - overlap))
}

// doubt is the most that a stamp without offset can be wrong: between the zones
// furthest west and furthest east.
const doubt = 26 * time.Hour

// lenient returns the query by which answers are filtered: a booking may have
// changed later than its stamp, read in the hotel's zone, says.
func lenient(q pms.BookingQuery) pms.BookingQuery {
	if !q.UpdatedSince.IsZero() {
		q.UpdatedSince = q.UpdatedSince.Add(-doubt)
	}
	return q
}

func readOf[T any](page nativePage[T], limit int) paging.Read {
	if limit <= 0 || limit > MaxPage {
		limit = MaxPage
	}
	return paging.Read{Records: page.records, Limit: limit, Total: page.Total, First: page.first}
}

func parsePlace(op, cursor string, phases ...string) (paging.Offset, error) {
	place, err := paging.Parse(cursor, phases...)
	if err != nil {
		return place, paging.Error(vendor, op, err)
	}
	return place, nil
}
