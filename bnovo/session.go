package bnovo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// sessionLife is how long one client keeps a session; the vendor states no
// life (unverified).
const sessionLife = 55 * time.Minute

// PlannedStay is a booking of the session API (unverified). Scalars come as
// strings or numbers; the effective times carry no offset.
type PlannedStay struct {
	BookingID     pms.Text `json:"booking_id"`
	ID            pms.Text `json:"id"`
	StatusID      pms.Text `json:"status_id"`
	StatusName    pms.Text `json:"status_name"`
	Arrival       pms.Text `json:"arrival"`
	Departure     pms.Text `json:"departure"`
	RealArrival   pms.Text `json:"real_arrival"`
	RealDeparture pms.Text `json:"real_departure"`
	CreateDate    pms.Text `json:"create_date"`
	UpdateDate    pms.Text `json:"update_date"`
	RoomID        pms.Text `json:"room_id"`
	Number        pms.Text `json:"number"`
	BookingNumber pms.Text `json:"booking_number"`
	Name          pms.Text `json:"name"`
	Surname       pms.Text `json:"surname"`
	Phone         pms.Text `json:"phone"`
	Email         pms.Text `json:"email"`
	Adults        pms.Text `json:"adults"`
	Children      pms.Text `json:"children"`
	Amount        pms.Text `json:"amount"`
	SourceID      pms.Text `json:"source_id"`
	SourceName    pms.Text `json:"source_name"`
	Notes         pms.Text `json:"notes"`
	// Customer and Prices are in the wide record of one booking only.
	Customer Customer `json:"customer"`
	Prices   []Night  `json:"prices"`

	Raw json.RawMessage `json:"-"`
}

// Planning is the chessboard of the web cabinet: all stays and closures that
// touch a window.
type Planning struct {
	Stays    List[PlannedStay]
	Closures List[Closure]
}

// GetPlanning reads the chessboard between two days. Session API, unverified:
// POST /planning/bookings.
func (c *Client) GetPlanning(ctx context.Context, from, to pms.Date) (Planning, error) {
	return c.planning(ctx, "GetPlanning", from, to)
}

func (c *Client) planning(ctx context.Context, op string, from, to pms.Date) (Planning, error) {
	if err := c.needSession(op); err != nil {
		return Planning{}, err
	}
	resp, err := c.session.Do(ctx, rest.Call{
		Op:     op,
		Method: http.MethodPost,
		Path:   "/planning/bookings",
		Header: http.Header{"X-Requested-With": {"XMLHttpRequest"}},
		JSON: struct {
			From string `json:"dfrom"`
			To   string `json:"dto"`
		}{from.String(), to.String()},
		Read: true,
	})
	if err != nil {
		return Planning{}, err
	}
	var answer struct {
		Result   wire.Records `json:"result"`
		Closures wire.Records `json:"closures"`
		Errors   pms.Text     `json:"errors"`
	}
	if err := resp.Decode(&answer); err != nil {
		return Planning{}, err
	}
	switch {
	case answer.Errors != "":
		return Planning{}, resp.Fail(rest.Fault{Kind: pms.ErrInvalid, Message: "the chessboard reports errors"})
	case answer.Result == nil || answer.Closures == nil:
		return Planning{}, resp.Unreadable("no result or no closures in the answer", nil)
	}
	stays := wire.DecodeAll(vendor, "booking", answer.Result, func(s *PlannedStay, raw json.RawMessage) string {
		s.Raw = raw
		return string(cmp.Or(s.BookingID, s.ID))
	})
	closed := wire.DecodeAll(vendor, "closure", answer.Closures, func(cl *Closure, raw json.RawMessage) string {
		cl.Raw = raw
		return string(cmp.Or(cl.ID, cl.RoomID)) // a closure may have no id here
	})
	return Planning{
		Stays:    List[PlannedStay]{Items: stays.Items, Failed: stays.Failed, Total: len(answer.Result)},
		Closures: List[Closure]{Items: closed.Items, Failed: closed.Failed, Total: len(answer.Closures)},
	}, nil
}

// ListSessionRooms reads all rooms. Session API, unverified: POST /room.
func (c *Client) ListSessionRooms(ctx context.Context) (List[Room], error) {
	return c.sessionRooms(ctx, "ListSessionRooms")
}

func (c *Client) sessionRooms(ctx context.Context, op string) (List[Room], error) {
	if err := c.needSession(op); err != nil {
		return List[Room]{}, err
	}
	resp, err := c.session.Do(ctx, rest.Call{Op: op, Method: http.MethodPost, Path: "/room", JSON: struct{}{}, Read: true})
	if err != nil {
		return List[Room]{}, err
	}
	var answer struct {
		Rooms wire.Records `json:"rooms"`
	}
	if err := resp.Decode(&answer); err != nil {
		return List[Room]{}, err
	}
	if answer.Rooms == nil {
		return List[Room]{}, resp.Unreadable("no rooms in the answer", nil)
	}
	rooms := decodeRooms(answer.Rooms)
	return List[Room]{Items: rooms.Items, Failed: rooms.Failed, Total: len(answer.Rooms)}, nil
}

// GetSessionBooking reads the wide record of one booking. Session API,
// unverified: POST /booking/general/{id}.
func (c *Client) GetSessionBooking(ctx context.Context, id string) (PlannedStay, error) {
	const op = "GetSessionBooking"
	if err := c.needSession(op); err != nil {
		return PlannedStay{}, err
	}
	resp, err := c.session.Do(ctx, rest.Call{
		Op: op, Method: http.MethodPost, Path: "/booking/general/" + url.PathEscape(id), JSON: struct{}{}, Read: true,
	})
	if err != nil {
		return PlannedStay{}, err
	}
	var answer struct {
		Booking json.RawMessage `json:"booking"`
	}
	if err := resp.Decode(&answer); err != nil {
		return PlannedStay{}, err
	}
	var stay PlannedStay
	if err := wire.Decode(answer.Booking, &stay); err != nil || cmp.Or(stay.BookingID, stay.ID) == "" {
		return PlannedStay{}, resp.Unreadable("no booking in the answer", nil)
	}
	stay.Raw = answer.Booking
	return stay, nil
}

// listSessionRooms is ListProperties over the session API, which does not page.
func (c *Client) listSessionRooms(ctx context.Context, op string, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	if _, err := parsePlace(op, q.Cursor, phaseRooms); err != nil {
		return pms.Page[pms.Property]{}, err
	}
	list, err := c.sessionRooms(ctx, op)
	if err != nil {
		return pms.Page[pms.Property]{}, err
	}
	page := pms.Page[pms.Property]{Failed: list.Failed}
	for _, room := range list.Items {
		page.Items = append(page.Items, c.mapRoom(room))
	}
	return page, nil
}

// listSessionBookings is ListBookings over the session API, which does not
// page and does not tell when a booking changed.
func (c *Client) listSessionBookings(ctx context.Context, op string, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	if _, err := parsePlace(op, q.Cursor, phaseStays); err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	from, to := openDays(q)
	planning, err := c.planning(ctx, op, from, to)
	if err != nil {
		return pms.Page[pms.Booking]{}, err
	}
	page := c.blocks(planning.Closures, q, (*wire.Fields).StampDMY)
	page.Failed = append(page.Failed, planning.Stays.Failed...)
	for _, stay := range planning.Stays.Items {
		parts, bad := c.mapPlannedStay(stay)
		if bad != nil {
			page.Failed = append(page.Failed, bad)
		}
		for _, b := range parts {
			if q.Matches(b) {
				page.Items = append(page.Items, b)
			}
		}
	}
	return page, nil
}

func (c *Client) getSessionBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	stay, err := c.GetSessionBooking(ctx, id)
	if err != nil {
		return nil, err
	}
	bookings, bad := c.mapPlannedStay(stay)
	if bad != nil {
		return nil, bad
	}
	return bookings, nil
}

// mapPlannedStay maps a booking of the session API to one Booking, in the room
// that it has now. The chessboard does not tell the rooms of single nights; the
// record of one booking does, but its Bookings would have other ids.
func (c *Client) mapPlannedStay(s PlannedStay) ([]pms.Booking, *pms.RecordError) {
	var f wire.Fields
	id := f.Required("booking_id", cmp.Or(s.BookingID, s.ID))
	arrival := f.Stamp("real_arrival", cmp.Or(s.RealArrival, s.Arrival))
	departure := f.Stamp("real_departure", cmp.Or(s.RealDeparture, s.Departure))
	f.Stay("real_arrival", "real_departure", arrival.Date, departure.Date)
	if err := f.Err(vendor, "booking", id, s.Raw); err != nil {
		return nil, err
	}
	booking := pms.Booking{
		Vendor:        vendor,
		ID:            id,
		PropertyID:    roomID(s.RoomID),
		Kind:          pms.KindGuest,
		Status:        mapStatus(s.StatusID),
		RawStatus:     string(cmp.Or(s.StatusName, s.StatusID)),
		Arrival:       arrival.Date,
		Departure:     departure.Date,
		ArrivalTime:   arrival.Clock(),
		DepartureTime: departure.Clock(),
		TimeZone:      c.cfg.TimeZone,
		Guests:        mapGuests(s.Adults, s.Children),
		Guest: pms.Guest{
			Name:  fullName(cmp.Or(s.Name, s.Customer.Name), cmp.Or(s.Surname, s.Customer.Surname)),
			Email: string(cmp.Or(s.Email, s.Customer.Email)),
			Phone: string(cmp.Or(s.Phone, s.Customer.Phone)),
		},
		Channel:   mapChannel(s.SourceID, s.SourceName),
		Code:      string(cmp.Or(s.BookingNumber, s.Number)),
		Total:     pms.Money{Amount: wire.DecimalOrEmpty(s.Amount)},
		Notes:     string(s.Notes),
		CreatedAt: wire.TimeOrZero(s.CreateDate, c.zone),
		UpdatedAt: wire.TimeOrZero(s.UpdateDate, c.zone),
		Raw:       s.Raw,
	}
	return []pms.Booking{booking}, nil
}

// needSession refuses a call of the session API with credentials of the open
// API.
func (c *Client) needSession(op string) error {
	if c.session != nil {
		return nil
	}
	return &pms.APIError{
		Vendor: vendor, Op: op, Kind: pms.ErrNotSupported,
		Message: "this call belongs to the session API, which needs Username and Password",
	}
}

// login opens a session: the answer sets the cookie SID, under 302 or 200.
func (c *Client) login(ctx context.Context) (rest.Token, error) {
	resp, err := c.session.Do(ctx, rest.Call{
		Op:         "Login",
		Method:     http.MethodPost,
		Path:       "/",
		Form:       url.Values{"username": {c.cfg.Username}, "password": {c.cfg.Password}},
		Read:       true,
		Anonymous:  true,
		NoRedirect: true,
		AnyContent: true,
	})
	if err != nil {
		return rest.Token{}, err
	}
	for _, cookie := range (&http.Response{Header: resp.Header}).Cookies() {
		if cookie.Name == "SID" && cookie.Value != "" {
			return rest.Lasting(cookie.Value, sessionLife, sessionLife), nil
		}
	}
	return rest.Token{}, resp.Fail(rest.Fault{Kind: pms.ErrUnauthorized, Message: "no session: login or password refused, or a page of another kind"})
}

func putSession(req *http.Request, sid string) {
	req.Header.Set("Cookie", "SID="+sid)
}

// classifySession recognises the end of a session: 401, 403, or the text
// session_expired under 200.
func classifySession(status int, header http.Header, body []byte) *rest.Fault {
	expired := bytes.Equal(bytes.Trim(body, " \r\n\t\""), []byte("session_expired"))
	if expired || status == http.StatusUnauthorized || status == http.StatusForbidden {
		return &rest.Fault{Kind: pms.ErrUnauthorized, Code: "session_expired", Message: "the session has ended"}
	}
	return classify(status, header, body)
}
