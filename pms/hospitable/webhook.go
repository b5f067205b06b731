package hospitable

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/hook"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// The actions of the vendor (OpenAPI file of webhooks, June 2025).
const (
	actionReservationCreated = "reservation.created"
	actionReservationChanged = "reservation.changed"
	actionPropertyCreated    = "property.created"
	actionPropertyChanged    = "property.changed"
	actionPropertyDeleted    = "property.deleted"
	actionPropertyMerged     = "property.merged"
	actionMessageCreated     = "message.created"
	actionReviewCreated      = "review.created"

	triggerTest       = "test"
	triggerFinancials = "financials_changed"
)

// delivery is what Hospitable posts. Triggers are a list or one word.
type delivery struct {
	ID       pms.Text        `json:"id"`
	Action   pms.Text        `json:"action"`
	Data     subject         `json:"data"`
	Triggers json.RawMessage `json:"triggers"`
	Created  pms.Text        `json:"created"`
}

// subject is what an event is about: a reservation, or something else with an
// id. User is an object, or the id alone.
type subject struct {
	Reservation
	User          pms.Text `json:"user"`
	PreviousID    pms.Text `json:"previous_id"`
	NewID         pms.Text `json:"new_id"`
	ReservationID pms.Text `json:"reservation_id"`
	Of            Identity `json:"reservation"`
	Property      Identity `json:"property"`
}

// account is the id of the user.
func (s subject) account() string {
	if !strings.HasPrefix(string(s.User), "{") {
		return string(s.User)
	}
	var user Identity
	if wire.Decode([]byte(s.User), &user) != nil {
		return ""
	}
	return string(user.ID)
}

// ParseWebhook implements [pms.WebhookParser]. A delivery is signed over its raw
// body with Config.WebhookSecret or PreviousWebhookSecret, or with Config.Email
// as the key. An address is known to many: an event that only the address signs
// is not trusted, and must be re-read by its BookingIDs.
//
// The signature covers no time: drop what comes again by [pms.Event.ID]. An
// event holds the reservation as it was, with the event's stamp as UpdatedAt, so
// that one that comes late does not supersede a later one. It does supersede what
// a list said, which has no stamp: re-read it by its BookingIDs where it matters.
// The property of a reservation is in it only if the token may read properties,
// and without it the event names the reservation alone. Changed are the vendor's triggers. The
// deliveries of the test button, messages and reviews are [pms.EventUnknown].
//
// Answer 200. Hospitable posts from 38.80.170.0/24 and repeats five times, after
// 1, 5 and 10 seconds and 1 and 6 hours. A person enters the URL under Apps, Webhooks, or in the Partner
// Portal.
func (c *Client) ParseWebhook(d pms.Delivery) ([]pms.Event, error) {
	signature := d.Header.Get("Signature")
	trusted := hook.CheckHex(signature, d.Body, c.cfg.WebhookSecret, c.cfg.PreviousWebhookSecret) == nil
	if !trusted {
		if err := hook.CheckHex(signature, d.Body, mailKey(c.cfg.Email)); err != nil {
			return nil, hook.Error(vendor, err, "")
		}
	}
	var m delivery
	if !bytes.HasPrefix(bytes.TrimSpace(d.Body), []byte("{")) || wire.Decode(d.Body, &m) != nil {
		return nil, hook.Error(vendor, pms.ErrDecode, "the body is not the JSON of an event")
	}
	event := pms.Event{
		Vendor: vendor, ID: string(m.ID), Kind: pms.EventUnknown, RawKind: string(m.Action), Trusted: trusted,
		Changed: words(m.Triggers), At: wire.TimeOrZero(m.Created, time.UTC).UTC(), Raw: bytes.Clone(d.Body),
	}
	if !slices.Contains(event.Changed, triggerTest) {
		c.read(&event, m)
	}
	return []pms.Event{event}, nil
}

// words reads a list of words, or one.
func words(raw json.RawMessage) []string {
	var list []pms.Text
	if wire.Decode(raw, &list) != nil || len(list) == 0 {
		var one pms.Text
		if json.Unmarshal(raw, &one) != nil || one == "" || strings.HasPrefix(string(one), "{") {
			return nil
		}
		list = []pms.Text{one}
	}
	out := make([]string, 0, len(list))
	for _, word := range list {
		if word != "" {
			out = append(out, string(word))
		}
	}
	return out
}

// read fills in what an event is about.
func (c *Client) read(event *pms.Event, m delivery) {
	s := m.Data
	event.AccountID = s.account()
	switch m.Action {
	case actionReservationCreated, actionReservationChanged:
		s.Raw = wire.Field(event.Raw, "data")
		c.readReservation(event, m.Action, s.Reservation)
	case actionPropertyCreated, actionPropertyChanged, actionPropertyDeleted, actionPropertyMerged:
		event.Kind = pms.EventPropertyChanged
		if event.PropertyIDs = ids(s.ID, s.PreviousID, s.NewID); len(event.PropertyIDs) == 0 {
			event.Failed = []*pms.RecordError{{Vendor: vendor, Record: "event", ID: event.ID, Field: "data.id", Err: errMissing, Raw: event.Raw}}
		}
	case actionMessageCreated:
		event.BookingIDs = ids(s.ReservationID)
	case actionReviewCreated:
		event.BookingIDs, event.PropertyIDs = ids(s.Of.ID), ids(s.Property.ID)
	}
}

var errMissing = errors.New("missing")

// readReservation reads the reservation of an event.
func (c *Client) readReservation(event *pms.Event, action pms.Text, r Reservation) {
	event.Kind = kindOf(action, r, event.Changed)
	if r.ID == "" {
		event.Failed = []*pms.RecordError{{Vendor: vendor, Record: "booking", ID: "#1", Field: "data.id", Err: errMissing, Raw: event.Raw}}
		return
	}
	event.BookingIDs = ids(r.ID)
	if r.Properties[0].ID == "" {
		return // the token may not read properties
	}
	b, bad := c.mapReservation(r)
	if bad != nil {
		event.Failed = []*pms.RecordError{bad}
		return
	}
	b.UpdatedAt = event.At
	event.PropertyIDs, event.Bookings = []string{b.PropertyID}, []pms.Booking{b}
}

// kindOf says what happened to a reservation. One that is over is cancelled,
// whatever the action.
func kindOf(action pms.Text, r Reservation, triggers []string) pms.EventKind {
	switch {
	case mapStatus(r.ReservationStatus.Current.Category) == pms.StatusCancelled:
		return pms.EventBookingCancelled
	case action == actionReservationCreated:
		return pms.EventBookingCreated
	case len(triggers) == 1 && triggers[0] == triggerFinancials:
		return pms.EventPaymentChanged
	default:
		return pms.EventBookingUpdated
	}
}

// ids returns the ids that are not empty.
func ids(all ...pms.Text) []string {
	var out []string
	for _, id := range all {
		if id != "" && !slices.Contains(out, string(id)) {
			out = append(out, string(id))
		}
	}
	return out
}
