package remonline

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/internal/hook"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// The events of orders and clients. There are more: tasks, leads, invoices and
// others come under their own names.
const (
	EventOrderCreated         = "Order.Created"
	EventOrderStatusChanged   = "Order.Status.Changed"
	EventOrderTypeChanged     = "Order.Type.Changed"
	EventOrderClientChanged   = "Order.Client.Changed"
	EventOrderManagerChanged  = "Order.Manager.Changed"
	EventOrderAssigneeChanged = "Order.Assignee.Changed"
	EventOrderDeadlineChanged = "Order.Deadline.Changed"
	EventOrderAmountChanged   = "Order.Amount.Changed"
	EventOrderLocationChanged = "Order.Location.Changed"
	EventOrderDeleted         = "Order.Deleted"
	EventClientCreated        = "Client.Created"
	EventClientDeleted        = "Client.Deleted"
)

// Event is what a delivery says. The signature does not cover it: read the
// object again by its id, and let a deletion be confirmed by
// [pms.ErrNotFound].
type Event struct {
	// ID is the same when a delivery is repeated.
	ID string `json:"id"`
	// Name is the vendor's, "Order.Status.Changed".
	Name       string `json:"name"`
	ObjectType string `json:"objectType,omitzero"`
	ObjectID   string `json:"objectId,omitzero"`
	// OldID and NewID are the values of a change, such as the statuses, where
	// the event has them.
	OldID string `json:"oldId,omitzero"`
	NewID string `json:"newId,omitzero"`
	// At is when it happened, or zero.
	At  time.Time       `json:"at,omitzero"`
	Raw json.RawMessage `json:"-"`
}

// ParseWebhook verifies a delivery, then reads it. X-Signature is the
// HMAC-SHA256 of the id of the delivery (header x-webhook-id, or the id of the
// body) under Config.WebhookSecret, in hexadecimal. It proves that the vendor
// sent a delivery of that id and nothing of its contents. A signature that does
// not fit, and no secret configured, is [pms.ErrBadSignature]; a body that
// cannot be read is [pms.ErrDecode]. It needs no network.
//
// https://roapp.readme.io/reference, Webhooks Guide.
func (c *Client) ParseWebhook(d pms.Delivery) (Event, error) {
	// The id inside the body is what is signed, so the body is read before the
	// check; nothing of it leaves unless the check holds.
	event, err := readEvent(d.Body)
	header := d.Header.Get("X-Webhook-Id")
	signature := d.Header.Get("X-Signature")
	if !c.signed(signature, header) && !c.signed(signature, event.ID) {
		return Event{}, hook.Error(vendor, pms.ErrBadSignature, "")
	}
	if err != nil {
		return Event{}, err
	}
	event.ID = cmp.Or(event.ID, header)
	return event, nil
}

func readEvent(body []byte) (Event, error) {
	var e struct {
		ID        pms.Text `json:"id"`
		CreatedAt pms.Text `json:"created_at"`
		EventName pms.Text `json:"event_name"`
		Context   struct {
			ObjectID   pms.Text `json:"object_id"`
			ObjectType pms.Text `json:"object_type"`
		} `json:"context"`
		Metadata struct {
			Old changed `json:"old"`
			New changed `json:"new"`
		} `json:"metadata"`
	}
	err := wire.Decode(body, &e)
	event := Event{
		ID: string(e.ID), Name: strings.TrimSpace(string(e.EventName)), // the guide prints one with a blank behind
		ObjectType: string(e.Context.ObjectType), ObjectID: string(e.Context.ObjectID),
		OldID: string(e.Metadata.Old), NewID: string(e.Metadata.New),
		At: instant(e.CreatedAt), Raw: body,
	}
	if err != nil || event.Name == "" {
		return event, hook.Error(vendor, pms.ErrDecode, "the body is not the JSON of an event")
	}
	return event, nil
}

// changed is the id in {"id": 7}, or a bare value.
type changed pms.Text

// UnmarshalJSON implements [json.Unmarshaler].
func (v *changed) UnmarshalJSON(data []byte) error {
	var object struct {
		ID pms.Text `json:"id"`
	}
	if len(data) > 0 && data[0] == '{' {
		err := wire.Decode(data, &object)
		*v = changed(object.ID)
		return err
	}
	return (*pms.Text)(v).UnmarshalJSON(data)
}

// signed reports whether signature is that of id under one of the secrets.
func (c *Client) signed(signature, id string) bool {
	got, err := hex.DecodeString(strings.TrimSpace(signature))
	if err != nil || id == "" {
		return false
	}
	matched := false
	for _, secret := range []string{c.cfg.WebhookSecret, c.cfg.PreviousWebhookSecret} {
		if secret == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(id))
		if hmac.Equal(mac.Sum(nil), got) {
			matched = true
		}
	}
	return matched
}

// WebhookHandler serves the webhook under the rules of [pms.WebhookHandler]:
// it calls fn for each delivery that is signed and answers 200, or 500 when fn
// fails. The vendor repeats after 5, 10 and 15 seconds and switches the webhook
// off after an hour of failures, so fn should note the event and return.
func WebhookHandler(c *Client, fn func(context.Context, Event) error) http.Handler {
	return pms.WebhookHandler(deliveries{c}, func(ctx context.Context, e pms.Event) error {
		event, err := readEvent(e.Raw)
		if err != nil {
			return err
		}
		event.ID = e.ID
		return fn(ctx, event)
	})
}

// deliveries brings events through the shared handler.
type deliveries struct{ client *Client }

func (d deliveries) ParseWebhook(delivery pms.Delivery) ([]pms.Event, error) {
	event, err := d.client.ParseWebhook(delivery)
	if err != nil {
		return nil, err
	}
	return []pms.Event{{Vendor: vendor, ID: event.ID, Kind: pms.EventUnknown, RawKind: event.Name, Raw: event.Raw}}, nil
}
