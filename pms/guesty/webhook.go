package guesty

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/hook"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// The events of the vendor that this package knows (documentation, 2026).
const (
	eventReservationCreated = "reservation.created.v2"
	eventReservationUpdated = "reservation.updated.v2"
	eventListingNew         = "listing.new"
	eventListingUpdated     = "listing.updated"
	eventListingRemoved     = "listing.removed"
)

// message is the body of a delivery. Receivers have seen the fields of the new
// events at the top, in "data" and in "data.reservation" (grade B); the older
// events have a "reservation", "listing" or "task".
type message struct {
	eventFields
	Event       pms.Text     `json:"event"`
	Type        pms.Text     `json:"type"`
	PublishedAt pms.Text     `json:"publishedAt"`
	Data        *messageData `json:"data"`
	Reservation *eventFields `json:"reservation"`
	Listing     *eventFields `json:"listing"`
}

type messageData struct {
	eventFields
	PublishedAt pms.Text     `json:"publishedAt"`
	Reservation *eventFields `json:"reservation"`
	Listing     *eventFields `json:"listing"`
}

// eventFields are the fields that tell what an event is about.
type eventFields struct {
	ReservationID pms.Text `json:"reservationId"`
	UnderscoreID  pms.Text `json:"_id"`
	ID            pms.Text `json:"id"`
	UnitID        pms.Text `json:"unitId"`
	ListingID     pms.Text `json:"listingId"`
	AccountID     pms.Text `json:"accountId"`
	Status        pms.Text `json:"status"`
}

// ParseWebhook implements [pms.WebhookParser]. A delivery is signed, by the
// scheme of the Standard Webhooks, with Config.WebhookSecret or
// PreviousWebhookSecret, and no more than five minutes old. The event is thin:
// re-read its BookingIDs, and order events by At. [pms.Event.ID] is the same
// when Guesty repeats a delivery.
//
// Events of calendars, tasks, guests and messages are [pms.EventUnknown].
func (c *Client) ParseWebhook(d pms.Delivery) ([]pms.Event, error) {
	id, err := hook.CheckStandard(d, c.hookKeys...)
	if err != nil {
		return nil, hook.Error(vendor, err, "")
	}
	var m message
	body := bytes.TrimSpace(d.Body)
	if !bytes.HasPrefix(body, []byte("{")) || wire.Decode(body, &m) != nil {
		return nil, hook.Error(vendor, pms.ErrDecode, "the body is not the JSON of an event")
	}
	word := string(cmp.Or(m.Event, m.Type))
	about := m.about(strings.HasPrefix(word, "listing."))
	event := pms.Event{
		Vendor: vendor, ID: id, Kind: kindOf(word, about.Status), RawKind: word, Trusted: true,
		AccountID: string(about.AccountID), At: m.at(), Raw: d.Body,
	}
	if unit := cmp.Or(about.UnitID, about.ListingID); unit != "" {
		event.PropertyIDs = []string{string(unit)}
	}
	own := cmp.Or(about.ReservationID, about.UnderscoreID, about.ID)
	switch event.Kind {
	case pms.EventBookingCreated, pms.EventBookingUpdated, pms.EventBookingCancelled:
		if own == "" {
			event.Failed = []*pms.RecordError{{
				Vendor: vendor, Record: "event", ID: id, Field: "reservationId", Err: errNoID, Raw: d.Body,
			}}
			break
		}
		event.BookingIDs = []string{string(own)}
	case pms.EventPropertyChanged:
		if len(event.PropertyIDs) == 0 && own != "" {
			event.PropertyIDs = []string{string(own)}
		}
	default:
		if about.ReservationID != "" {
			event.BookingIDs = []string{string(about.ReservationID)}
		}
	}
	return []pms.Event{event}, nil
}

var errNoID = errors.New("missing")

// about returns what the event says of its subject, wherever it says it. An id
// that is named "id" or "_id" counts only in the innermost object: around it, it
// may be the event's.
func (m message) about(listing bool) eventFields {
	inner, outer := []*eventFields{m.Reservation}, []*eventFields{}
	if listing {
		inner = []*eventFields{m.Listing}
	}
	if m.Data != nil {
		nested := m.Data.Reservation
		if listing {
			nested = m.Data.Listing
		}
		inner, outer = append(inner, nested), append(outer, &m.Data.eventFields)
	}
	var out eventFields
	for _, f := range append(append(inner, outer...), &m.eventFields) {
		switch {
		case f == nil || *f == (eventFields{}):
		case out == (eventFields{}):
			out = *f
		default:
			out.ReservationID = cmp.Or(out.ReservationID, f.ReservationID)
			out.UnitID = cmp.Or(out.UnitID, f.UnitID)
			out.ListingID = cmp.Or(out.ListingID, f.ListingID)
			out.AccountID = cmp.Or(out.AccountID, f.AccountID)
			out.Status = cmp.Or(out.Status, f.Status)
		}
	}
	return out
}

func (m message) at() time.Time {
	stamp := m.PublishedAt
	if m.Data != nil {
		stamp = cmp.Or(stamp, m.Data.PublishedAt)
	}
	return instant(stamp)
}

// kindOf maps an event. An update to a status that ends the stay is a
// cancellation.
func kindOf(word string, status pms.Text) pms.EventKind {
	switch word {
	case eventReservationCreated, "reservation.new":
		return pms.EventBookingCreated
	case eventReservationUpdated, "reservation.updated", "reservation_update_shortlist":
		if mapped, _ := mapStatus(Reservation{Status: status}); mapped == pms.StatusCancelled {
			return pms.EventBookingCancelled
		}
		return pms.EventBookingUpdated
	case eventListingNew, eventListingUpdated, eventListingRemoved:
		return pms.EventPropertyChanged
	}
	if strings.HasPrefix(word, "payments.") {
		return pms.EventPaymentChanged
	}
	return pms.EventUnknown
}

// The events that are subscribed to.
func subscribedEvents() []string {
	return []string{eventReservationCreated, eventReservationUpdated, eventListingNew, eventListingUpdated, eventListingRemoved}
}

// secretWaits are the waits for the secret of a new subscription, which Guesty
// does not have at once (unverified how long it takes).
var secretWaits = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}

// RegisterWebhook implements [pms.WebhookRegistrar], for changes of reservations
// and listings. It returns the secret that Guesty signs with; a new Client gets
// it as Config.WebhookSecret. It may wait half a minute for it. A subscription
// that has no secret, because it is older than signatures are, is made anew.
func (c *Client) RegisterWebhook(ctx context.Context, target string) (secret string, err error) {
	const op = "RegisterWebhook"
	if u, err := url.Parse(target); err != nil || u.Host == "" {
		return "", &pms.APIError{Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "the address is not a URL"}
	}
	hooks, err := c.hooksOf(ctx, op, target)
	if err != nil {
		return "", err
	}
	if len(hooks) > 0 {
		if err := c.subscribeAll(ctx, op, hooks[0]); err != nil {
			return "", err
		}
		secret, err := c.webhookSecret(ctx, op, target)
		if !errors.Is(err, pms.ErrNotFound) {
			return secret, err
		}
		if err := c.UnregisterWebhook(ctx, target); err != nil {
			return "", err
		}
	}
	if err := c.writeWebhook(ctx, op, http.MethodPost, "/webhooks", webhookInput{target, subscribedEvents()}); err != nil {
		return "", err
	}
	for _, wait := range secretWaits {
		if secret, err = c.webhookSecret(ctx, op, target); !errors.Is(err, pms.ErrNotFound) {
			return secret, err
		}
		select {
		case <-ctx.Done():
			return "", &pms.APIError{Vendor: vendor, Op: op, Err: ctx.Err()}
		case <-time.After(wait):
		}
	}
	return c.webhookSecret(ctx, op, target)
}

// subscribeAll adds the events that a subscription lacks.
func (c *Client) subscribeAll(ctx context.Context, op string, hook Webhook) error {
	events := make([]string, 0, len(hook.Events))
	for _, event := range hook.Events {
		events = append(events, string(event))
	}
	had := len(events)
	for _, event := range subscribedEvents() {
		if !slices.Contains(events, event) {
			events = append(events, event)
		}
	}
	if len(events) == had {
		return nil
	}
	return c.writeWebhook(ctx, op, http.MethodPut, "/webhooks/"+url.PathEscape(string(hook.ID)), webhookInput{string(hook.URL), events})
}

// UnregisterWebhook implements [pms.WebhookRegistrar].
func (c *Client) UnregisterWebhook(ctx context.Context, target string) error {
	const op = "UnregisterWebhook"
	hooks, err := c.hooksOf(ctx, op, target)
	if err != nil {
		return err
	}
	for _, hook := range hooks {
		if err := c.deleteWebhook(ctx, op, string(hook.ID)); err != nil && !errors.Is(err, pms.ErrNotFound) {
			return err
		}
	}
	return nil
}

func (c *Client) hooksOf(ctx context.Context, op, target string) ([]Webhook, error) {
	hooks, err := c.listWebhooks(ctx, op)
	return slices.DeleteFunc(hooks, func(h Webhook) bool { return string(h.URL) != target || h.ID == "" }), err
}
