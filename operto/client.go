package operto

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/pms"
)

// CheckCredentials fetches a token and reads the list of properties.
func (c *Client) CheckCredentials(ctx context.Context) error {
	_, err := c.do(ctx, rest.Call{Op: "CheckCredentials", Path: "/v2/partners/properties"})
	return err
}

// ListProperties reads all properties of the account. The vendor documents no
// pages: one answer is the whole list.
//
// https://apidoc.operto.com/reference/, GET /v2/partners/properties.
func (c *Client) ListProperties(ctx context.Context) (List[Property], error) {
	resp, err := c.do(ctx, rest.Call{Op: "ListProperties", Path: "/v2/partners/properties"})
	if err != nil {
		return List[Property]{}, err
	}
	raws, ok := records(resp.Body, "properties")
	if !ok {
		return List[Property]{}, unreadable(resp, "no list of properties in the answer")
	}
	return decodeList("property", raws, func(f fields) (Property, bool) {
		p := c.names.mapProperty(f)
		return p, p.ID != ""
	}), nil
}

// GetProperty reads one property. An id that the account does not have is
// [pms.ErrNotFound].
//
// https://apidoc.operto.com/reference/, GET /v2/partners/properties/{property_id}.
func (c *Client) GetProperty(ctx context.Context, property Ref) (Property, error) {
	const op = "GetProperty"
	if err := given(op, property); err != nil {
		return Property{}, err
	}
	resp, err := c.do(ctx, request(op, "GET /v2/partners/properties/{property}", property, Ref{}))
	if err != nil {
		return Property{}, err
	}
	f, err := record(resp.Body, "property")
	if err != nil {
		return Property{}, unreadable(resp, "no property in the answer")
	}
	p := c.names.mapProperty(f)
	if p.ID == "" && !property.Partner {
		p.ID = property.ID
	}
	if p.ID == "" {
		return Property{}, unreadable(resp, "no id of the property in the answer")
	}
	return p, nil
}

// CreateProperty creates a property and returns it as Operto lists it. A
// property that has the partner id already is returned as it is, so that the
// call can be repeated.
//
// https://apidoc.operto.com/reference/add-property (method and path
// unverified).
func (c *Client) CreateProperty(ctx context.Context, p NewProperty) (Property, error) {
	const op = "CreateProperty"
	if p.PartnerID == "" || p.Name == "" {
		return Property{}, invalid(op, "PartnerID and Name are required")
	}
	if _, err := location(p.TimeZone); err != nil {
		return Property{}, invalid(op, err.Error())
	}
	found, err := c.GetProperty(ctx, ByPartner(p.PartnerID))
	if !errors.Is(err, pms.ErrNotFound) {
		return found, err
	}
	call := request(op, c.names.CreateProperty, Ref{}, Ref{})
	call.JSON = map[string]any{partnerProperty: p.PartnerID, propertyName: p.Name, propertyZone: p.TimeZone}
	if _, err := c.do(ctx, call); err != nil {
		return Property{}, err
	}
	return c.GetProperty(ctx, ByPartner(p.PartnerID))
}

// UpdateProperty sets name, time zone and, if stated, the room status.
//
// https://apidoc.operto.com/reference/property-update.
func (c *Client) UpdateProperty(ctx context.Context, property Ref, u PropertyUpdate) error {
	const op = "UpdateProperty"
	if err := given(op, property); err != nil {
		return err
	}
	if u.Name == "" {
		return invalid(op, "Name is required")
	}
	if _, err := location(u.TimeZone); err != nil {
		return invalid(op, err.Error())
	}
	call := request(op, "PUT /v2/partners/properties/{property}", property, Ref{})
	body := map[string]any{propertyName: u.Name, propertyZone: u.TimeZone}
	if u.RoomStatus != "" {
		body[c.names.RoomStatus] = string(u.RoomStatus)
	}
	call.JSON = body
	_, err := c.do(ctx, call)
	return err
}

// ListReservations reads the reservations of a property, cancelled ones
// included. Zone is the property's: times are returned in it, and read in it
// where the answer is wall time. Nil means unknown.
//
// https://apidoc.operto.com/reference/, GET
// /v2/partners/properties/{property_id}/reservations.
func (c *Client) ListReservations(ctx context.Context, property Ref, zone *time.Location) (List[Reservation], error) {
	const op = "ListReservations"
	if err := given(op, property); err != nil {
		return List[Reservation]{}, err
	}
	resp, err := c.do(ctx, request(op, "GET /v2/partners/properties/{property}/reservations", property, Ref{}))
	if err != nil {
		return List[Reservation]{}, err
	}
	raws, ok := records(resp.Body, "reservations")
	if !ok {
		return List[Reservation]{}, unreadable(resp, "no list of reservations in the answer")
	}
	return decodeList("reservation", raws, func(f fields) (Reservation, bool) {
		r := c.names.mapReservation(f, zone)
		if !property.Partner {
			r.PropertyID = property.ID // the list says whose it is
		}
		return r, r.ID != "" || r.PartnerID != ""
	}), nil
}

// GetReservation reads one reservation with its codes. A code that Operto has
// not made yet is zero. An id that the account does not have is
// [pms.ErrNotFound]. For zone see [Client.ListReservations].
//
// https://apidoc.operto.com/reference/, GET
// /v2/partners/reservations/{reservation_id}.
func (c *Client) GetReservation(ctx context.Context, reservation Ref, zone *time.Location) (Reservation, error) {
	const op = "GetReservation"
	if err := given(op, reservation); err != nil {
		return Reservation{}, err
	}
	resp, err := c.do(ctx, request(op, "GET /v2/partners/reservations/{reservation}", Ref{}, reservation))
	if err != nil {
		return Reservation{}, err
	}
	f, err := record(resp.Body, "reservation")
	if err != nil {
		return Reservation{}, unreadable(resp, "no reservation in the answer")
	}
	r := c.names.mapReservation(f, zone)
	if r.Status == "" {
		return Reservation{}, unreadable(resp, "no status of the reservation in the answer")
	}
	if reservation.Partner {
		r.PartnerID = reservation.ID
	} else {
		r.ID = reservation.ID
	}
	return r, nil
}

// CreateReservation creates a reservation, for which Operto makes the codes. It
// is sent whatever Operto holds: use [Client.PutReservation] where it may be
// repeated.
//
// https://apidoc.operto.com/reference/reservation-create (names, method and
// path unverified).
func (c *Client) CreateReservation(ctx context.Context, property Ref, s Stay) error {
	const op = "CreateReservation"
	if err := errors.Join(given(op, property), s.check(op)); err != nil {
		return err
	}
	call := request(op, c.names.CreateReservation, property, Ref{})
	body := c.times(s)
	body[partnerReservation] = s.PartnerID
	call.JSON = body
	_, err := c.do(ctx, call)
	return err
}

// UpdateReservation sets the times and the guest of a reservation. The vendor's
// pages show no call for it; the one of Config.Names is unverified.
func (c *Client) UpdateReservation(ctx context.Context, property, reservation Ref, s Stay) error {
	const op = "UpdateReservation"
	if err := errors.Join(samePath(op, property, reservation), s.check(op)); err != nil {
		return err
	}
	call := request(op, c.names.UpdateReservation, property, reservation)
	call.JSON = c.times(s)
	_, err := c.do(ctx, call)
	return err
}

// SetReservationStatus confirms or cancels a reservation.
//
// https://apidoc.operto.com/reference/reservation-update-status (names, method
// and path unverified).
func (c *Client) SetReservationStatus(ctx context.Context, property, reservation Ref, status ReservationStatus) error {
	const op = "SetReservationStatus"
	if err := samePath(op, property, reservation); err != nil {
		return err
	}
	if status != ReservationConfirmed && status != ReservationCancelled {
		return invalid(op, "the status is confirmed or cancelled")
	}
	call := request(op, c.names.SetStatus, property, reservation)
	call.JSON = map[string]any{c.names.Status: string(status)}
	_, err := c.do(ctx, call)
	return err
}

// TransferReservation moves a reservation to another property. Operto cancels
// the codes of the old one and makes new ones: read the reservation again.
//
// https://apidoc.operto.com/reference/reservation-property-transfer (names,
// method and path unverified; so is whether the new id may be ours).
func (c *Client) TransferReservation(ctx context.Context, property, reservation, to Ref) error {
	const op = "TransferReservation"
	if err := errors.Join(samePath(op, property, reservation), samePath(op, property, to)); err != nil {
		return err
	}
	call := request(op, c.names.TransferProperty, property, reservation)
	call.JSON = map[string]any{c.names.NewProperty: to.ID}
	_, err := c.do(ctx, call)
	return err
}

// times is the body of a stay.
func (c *Client) times(s Stay) map[string]any {
	body := map[string]any{
		c.names.CheckIn:    s.CheckIn.In(time.UTC).Format(time.DateTime),
		c.names.CheckOut:   s.CheckOut.In(time.UTC).Format(time.DateTime),
		c.names.LocalTimes: true,
	}
	for name, value := range map[string]string{
		c.names.GuestName: s.GuestName, c.names.GuestEmail: s.GuestEmail, c.names.GuestPhone: phone(s.GuestPhone),
	} {
		if value != "" {
			body[name] = value
		}
	}
	return body
}

func (s Stay) check(op string) error {
	switch {
	case s.PartnerID == "":
		return invalid(op, "PartnerID is required")
	case !s.CheckIn.IsValid() || !s.CheckOut.IsValid() || !s.CheckIn.Before(s.CheckOut):
		return invalid(op, "CheckIn must be before CheckOut")
	}
	return nil
}

// given refuses a call without an id, which would address a whole list.
func given(op string, refs ...Ref) error {
	for _, ref := range refs {
		if ref.ID == "" {
			return invalid(op, "an id is missing")
		}
	}
	return nil
}

// samePath refuses two ids of different kinds in one path.
func samePath(op string, a, b Ref) error {
	if a.Partner != b.Partner {
		return invalid(op, "both ids must be ours, or both Operto's")
	}
	return given(op, a, b)
}

func invalid(op, message string) error {
	return &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: message}
}

func unreadable(resp *rest.Response, message string) error {
	return withoutBody(resp.Unreadable(message, nil))
}

// withoutBody takes the answer out of an error: it may hold codes.
func withoutBody(err error) error {
	var failed *pms.APIError
	if errors.As(err, &failed) {
		failed.Body = nil
	}
	return err
}

func (c *Client) do(ctx context.Context, call rest.Call) (*rest.Response, error) {
	resp, err := c.rest.Do(ctx, call)
	return resp, withoutBody(err)
}

// authenticate exchanges key and secret for a token.
//
// https://apidoc.operto.com/reference/secure-api-access.
func (c *Client) authenticate(ctx context.Context) (rest.Token, error) {
	resp, err := c.do(ctx, rest.Call{
		Op:        "Authenticate",
		Method:    c.names.TokenMethod,
		Path:      c.cfg.TokenPath,
		Header:    http.Header{headerAuthorization: {c.basic}},
		Read:      true,
		Anonymous: true,
	})
	if err != nil {
		return rest.Token{}, err
	}
	f, err := record(resp.Body)
	if err != nil {
		return rest.Token{}, unreadable(resp, "no token in the answer")
	}
	token := f.get(readAs(c.names.TokenField, "token", "accesstoken", "authtoken", "tokenvalue", "tokenaccesstoken"))
	if token == "" {
		return rest.Token{}, unreadable(resp, "no token in the answer")
	}
	return rest.Token{Value: token}, nil // its life is not known; a 401 ends it
}
