package guesty

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
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
		return nil, webhookError(err, "")
	}
	var m message
	body := bytes.TrimSpace(d.Body)
	if !bytes.HasPrefix(body, []byte("{")) || !json.Valid(body) || wire.Decode(body, &m) != nil {
		return nil, webhookError(pms.ErrDecode, "the body is not the JSON of an event")
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
	return wire.TimeOrZero(stamp, time.UTC)
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

func webhookError(kind error, message string) error {
	return &pms.APIError{Vendor: vendor, Op: "ParseWebhook", Method: http.MethodPost, Kind: kind, Message: message}
}
