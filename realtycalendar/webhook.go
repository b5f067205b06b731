package realtycalendar

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/changeover-sdk/changeover/internal/hook"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// NewWebhookPath returns the last part of the URL to add to RealtyCalendar
// under "CRM-интеграции": "<account>/<token>". Without the secret it cannot be
// guessed. The account is Config.AccountID; the secret needs at least 16 bytes.
func NewWebhookPath(accountID, secret string) (string, error) {
	return hook.NewPath(vendor, accountID, secret)
}

// ParseWebhook implements [pms.WebhookParser]. RealtyCalendar signs nothing:
// the URL must end in the path of [NewWebhookPath], and the agency_id of a
// booking must be Config.AgencyID. The events hold the full booking; a
// cancelled or deleted one is [pms.StatusCancelled]. An action that is not known
// is [pms.EventUnknown], with the booking if there is one.
//
// Whether and when RealtyCalendar repeats a delivery is not known: drop what is
// older than the stored booking with [pms.DropStale], and store what cannot be
// handled at once rather than wait for a repeat. The shape is known from
// real bodies and independent receivers (grade B).
func (c *Client) ParseWebhook(d pms.Delivery) ([]pms.Event, error) {
	account := string(c.cfg.AccountID)
	if err := hook.CheckPath(d.URL, vendor, account, c.cfg.WebhookSecret, c.cfg.PreviousWebhookSecret); err != nil {
		return nil, hook.Error(vendor, err, "")
	}
	messages, err := messagesOf(d.Body)
	if err != nil {
		return nil, hook.Error(vendor, pms.ErrDecode, "the body is not the JSON of an event")
	}
	agency := string(cmp.Or(c.cfg.AgencyID, c.cfg.AccountID))
	events := make([]pms.Event, 0, len(messages))
	for i, raw := range messages {
		event := c.event(raw, "#"+strconv.Itoa(i+1))
		if event.AccountID != "" && event.AccountID != agency {
			return nil, hook.Error(vendor, pms.ErrBadSignature, "the event is of another account (agency_id)")
		}
		events = append(events, event)
	}
	return events, nil
}

// messagesOf returns the messages of a body: one, or the elements of an array
// that a relay put around it.
func messagesOf(body []byte) (wire.Records, error) {
	body = bytes.TrimSpace(body)
	if bytes.HasPrefix(body, []byte("[")) {
		var list wire.Records
		err := json.Unmarshal(body, &list)
		return list, err
	}
	if !bytes.HasPrefix(body, []byte("{")) || !json.Valid(body) {
		return nil, pms.ErrDecode
	}
	return wire.Records{bytes.Clone(body)}, nil
}

// event reads one message. What cannot be read is in Failed, by its id or else
// its position.
func (c *Client) event(raw json.RawMessage, position string) pms.Event {
	out := pms.Event{Vendor: vendor, Kind: pms.EventUnknown, Raw: raw}
	var m message
	if err := wire.Decode(raw, &m); err != nil {
		out.Failed = []*pms.RecordError{{Vendor: vendor, Record: "event", ID: position, Err: errNotMessage, Raw: raw}}
		return out
	}
	out.RawKind, out.Changed = string(m.Action), m.Data.Changes.names()
	r, found := m.reservation()
	out.Kind = m.kind(r)
	if !found {
		if out.Kind != pms.EventUnknown {
			out.Failed = []*pms.RecordError{{
				Vendor: vendor, Record: "booking", ID: position, Field: "data.booking", Err: errNoBooking, Raw: raw,
			}}
		}
		return out
	}
	out.AccountID = string(r.AgencyID)
	if r.ID != "" {
		out.BookingIDs = []string{string(r.ID)}
	}
	b, bad := c.mapReservation(m.Action, r)
	if bad != nil {
		bad.ID = cmp.Or(bad.ID, position)
		out.Failed = []*pms.RecordError{bad}
		return out
	}
	out.Bookings, out.At = []pms.Booking{b}, b.UpdatedAt
	if b.PropertyID != "" {
		out.PropertyIDs = []string{b.PropertyID}
	}
	return out
}

var (
	errNotMessage = errors.New("not a JSON object")
	errNoBooking  = errors.New("missing")
)

// reservation returns the booking with the status of the message and the
// client wherever it was.
func (m message) reservation() (Reservation, bool) {
	var r Reservation
	raw := bytes.TrimSpace(m.Data.Booking)
	if !bytes.HasPrefix(raw, []byte("{")) || wire.Decode(raw, &r) != nil {
		return Reservation{Status: m.Status}, false
	}
	r.Raw = m.Data.Booking
	r.Status = cmp.Or(m.Status, r.Status)
	if r.Client == (Guest{}) {
		r.Client = m.Client
	}
	return r, true
}

// kind says what happened, by action, status and is_delete together.
func (m message) kind(r Reservation) pms.EventKind {
	switch m.Action {
	case actionCreate, actionUpdate, actionCancel, actionDelete:
	default:
		return pms.EventUnknown
	}
	switch {
	case isDeleted(m.Action, r):
		return pms.EventBookingDeleted
	case isCancelled(m.Action, r):
		return pms.EventBookingCancelled
	case m.Action == actionCreate:
		return pms.EventBookingCreated
	case m.Data.Changes.paymentsOnly():
		return pms.EventPaymentChanged
	default:
		return pms.EventBookingUpdated
	}
}

// names lists the changed fields: those of the booking by their names, those of
// the client with "client." in front, and "event_calendar_payments".
func (c changes) names() []string {
	var names []string
	for name := range c.Booking {
		names = append(names, name)
	}
	for name := range c.Client {
		names = append(names, "client."+name)
	}
	if c.Payments != "" {
		names = append(names, "event_calendar_payments")
	}
	slices.Sort(names)
	return names
}

// paymentsOnly reports whether payments changed and nothing else but what
// follows from them (unverified which fields RealtyCalendar names then).
func (c changes) paymentsOnly() bool {
	for name := range c.Booking {
		switch name {
		case "payment", "prepayment", "balance_to_be_paid_1", "balance_to_be_paid_2", "sync_at", "updated_at":
		default:
			return false
		}
	}
	return c.Payments != "" && len(c.Client) == 0
}
