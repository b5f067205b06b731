package smoobu

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/changeover-sdk/changeover/internal/hook"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// NewWebhookPath returns the last part of the URL to register in Smoobu's
// settings: "<user>/<token>". Without the secret it cannot be guessed. The user
// is Config.UserID; the secret needs at least 16 bytes.
func NewWebhookPath(userID, secret string) (string, error) {
	return hook.NewPath(vendor, userID, secret)
}

// ParseWebhook implements [pms.WebhookParser]. Smoobu signs nothing: the URL
// must end in the path of [NewWebhookPath], and the event must be of
// Config.UserID. Events of reservations hold the reservation; deliveries come
// twice and overtake one another, so re-read it with GetBooking, or drop what is
// stale with [pms.DropStale]. A reservation that is of the type "cancellation"
// is cancelled, whatever the action. All other actions, messages and rates
// among them, are [pms.EventUnknown].
//
// The shape is known from independent receivers (grade B).
func (c *Client) ParseWebhook(d pms.Delivery) ([]pms.Event, error) {
	user := string(c.cfg.UserID)
	if err := hook.CheckPath(d.URL, vendor, user, c.cfg.WebhookSecret, c.cfg.PreviousWebhookSecret); err != nil {
		return nil, hook.Error(vendor, err, "")
	}
	var m delivery
	if !bytes.HasPrefix(bytes.TrimSpace(d.Body), []byte("{")) || wire.Decode(d.Body, &m) != nil {
		return nil, hook.Error(vendor, pms.ErrDecode, "the body is not the JSON of an event")
	}
	if m.User != "" && string(m.User) != user {
		return nil, hook.Error(vendor, pms.ErrBadSignature, "the event is of another user")
	}
	out := pms.Event{
		Vendor: vendor, Kind: pms.EventUnknown, RawKind: string(m.Action), AccountID: string(m.User), Raw: bytes.Clone(d.Body),
	}
	switch m.Action {
	case actionNew, actionUpdate, actionCancel, actionDelete:
		c.addReservation(&out, m)
	case actionMessage:
		out.BookingIDs = bookingOfMessage(wire.Field(d.Body, "data"))
	}
	return []pms.Event{out}, nil
}

// delivery is what Smoobu posts.
type delivery struct {
	Action pms.Text    `json:"action"`
	User   pms.Text    `json:"user"`
	Data   Reservation `json:"data"` // of what is about a reservation
}

// The actions that concern reservations.
const (
	actionNew     = "newReservation"
	actionUpdate  = "updateReservation"
	actionCancel  = "cancelReservation"
	actionDelete  = "deleteReservation"
	actionMessage = "newMessage"
)

var errNoReservation = errors.New("not a reservation")

// addReservation reads the reservation of a delivery into the event.
func (c *Client) addReservation(out *pms.Event, m delivery) {
	r := m.Data
	r.Raw = wire.Field(out.Raw, "data")
	out.Kind = m.kind(r)
	if r.ID == "" {
		out.Failed = []*pms.RecordError{{Vendor: vendor, Record: "booking", ID: "#1", Field: "data", Err: errNoReservation, Raw: r.Raw}}
		return
	}
	out.BookingIDs = []string{string(r.ID)}
	if r.Apartment.ID != "" {
		out.PropertyIDs = []string{string(r.Apartment.ID)}
	}
	b, bad := c.mapReservation(r, m.Action == actionCancel || m.Action == actionDelete)
	if bad != nil {
		out.Failed = []*pms.RecordError{bad}
		return
	}
	out.Bookings, out.At = []pms.Booking{b}, b.UpdatedAt
}

// kind says what happened, by action and type together.
func (m delivery) kind(r Reservation) pms.EventKind {
	switch {
	case m.Action == actionDelete:
		return pms.EventBookingDeleted
	case m.Action == actionCancel, mapStatus(r.Type) == pms.StatusCancelled:
		return pms.EventBookingCancelled
	case m.Action == actionNew:
		return pms.EventBookingCreated
	default:
		return pms.EventBookingUpdated
	}
}

// bookingOfMessage returns the id of the reservation that a message is about.
func bookingOfMessage(data json.RawMessage) []string {
	var message struct {
		Booking Reference `json:"booking"`
	}
	if wire.Decode(data, &message) != nil || message.Booking.ID == "" {
		return nil
	}
	return []string{string(message.Booking.ID)}
}
