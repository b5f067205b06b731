package ownerrez

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/changeover-sdk/changeover/internal/hook"
	"github.com/changeover-sdk/changeover/internal/paging"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// ParseWebhook implements [pms.WebhookParser]. OwnerRez signs nothing: the
// delivery must carry Config.WebhookUser and WebhookPassword as HTTP Basic, and
// be of Config.UserID if that is set. Events are thin: what comes with them need
// not have the guest, so re-read BookingIDs with GetBooking. Treat a deleted
// booking as cancelled. The test of the settings page, a revoked authorization
// (RawKind "application_authorization_revoked": the account has to be connected
// again) and what is not known are [pms.EventUnknown], and so are the copies of
// bookings on linked properties where they can be told.
//
// OwnerRez waits about two seconds for an answer; how it repeats is not known, so
// keep a list beside the webhooks. The body is known from public receivers (grade
// B).
func (c *Client) ParseWebhook(d pms.Delivery) ([]pms.Event, error) {
	if err := hook.CheckBasic(d.Header, c.cfg.WebhookUser, c.cfg.WebhookPassword, c.cfg.PreviousWebhookPassword); err != nil {
		return nil, hook.Error(vendor, err, "")
	}
	var m message
	if !bytes.HasPrefix(bytes.TrimSpace(d.Body), []byte("{")) || wire.Decode(d.Body, &m) != nil {
		return nil, hook.Error(vendor, pms.ErrDecode, "the body is not the JSON of an event")
	}
	if m.UserID != "" && c.cfg.UserID != "" && m.UserID != c.cfg.UserID {
		return nil, hook.Error(vendor, pms.ErrBadSignature, "the event is of another account")
	}
	return []pms.Event{c.event(m, bytes.Clone(d.Body))}, nil
}

// message is what OwnerRez posts. Ids are numbers or texts. Older deliveries have
// no entity, and the test of the settings page no user.
type message struct {
	ID         pms.Text    `json:"id"`
	UserID     pms.Text    `json:"user_id"`
	Action     pms.Text    `json:"action"`
	EntityType pms.Text    `json:"entity_type"`
	EntityID   pms.Text    `json:"entity_id"`
	Entity     Reservation `json:"entity"`
}

var errNoID = errors.New("missing")

func (c *Client) event(m message, body json.RawMessage) pms.Event {
	out := pms.Event{
		Vendor: vendor, ID: string(m.ID), Kind: pms.EventUnknown, RawKind: string(m.Action), AccountID: string(m.UserID), Raw: body,
	}
	if m.EntityType != "" {
		out.RawKind = string(m.EntityType + "." + m.Action)
	}
	kind := m.kind()
	switch {
	case kind == pms.EventUnknown, plain(m.EntityType) == entityBooking && isLinked(m.Entity) && !c.cfg.LinkedBlocks:
		return out
	case m.EntityID == "":
		out.Failed = []*pms.RecordError{{Vendor: vendor, Record: "event", ID: "#1", Field: "entity_id", Err: errNoID, Raw: body}}
		return out
	}
	out.Kind, out.At = kind, stamp(m.Entity.UpdatedUTC)
	if kind == pms.EventPropertyChanged {
		out.PropertyIDs = []string{string(m.EntityID)}
		return out
	}
	out.BookingIDs = []string{string(m.EntityID)}
	if m.Entity.PropertyID != "" {
		out.PropertyIDs = []string{string(m.Entity.PropertyID)}
	}
	return out
}

// The types of records that events are read of.
const (
	entityBooking  = "booking"
	entityProperty = "property"
)

func (m message) kind() pms.EventKind {
	entity, action := plain(m.EntityType), plain(m.Action)
	changed := action == "entitycreate" || action == "entityupdate" || action == "entitydelete"
	switch {
	case entity == entityProperty && changed:
		return pms.EventPropertyChanged
	case entity != entityBooking || !changed:
		return pms.EventUnknown
	case action == "entitydelete":
		return pms.EventBookingDeleted
	case mapStatus(m.Entity) == pms.StatusCancelled:
		return pms.EventBookingCancelled
	case action == "entitycreate":
		return pms.EventBookingCreated
	default:
		return pms.EventBookingUpdated
	}
}

const webhooksPath = "/v2/webhooksubscriptions"

// ListWebhooks reads the subscriptions of the account.
//
// https://github.com/ownerrez/orez-zapier, GET /v2/webhooksubscriptions.
func (c *Client) ListWebhooks(ctx context.Context) ([]Webhook, error) {
	return c.webhooks(ctx, "ListWebhooks")
}

func (c *Client) webhooks(ctx context.Context, op string) ([]Webhook, error) {
	var all []Webhook
	for at, more := (paging.Anchor{Phase: "webhooks"}), true; more; {
		var page List[Webhook]
		var err error
		page, at, more, err = follow(at, MaxPage, MaxPage, func(limit, offset int) (nativePage[Webhook], error) {
			return listed(ctx, c, rest.Call{Op: op, Path: webhooksPath, Query: place(limit, offset)}, "webhook",
				func(w *Webhook, _ json.RawMessage) string { return string(w.ID) })
		})
		if err == nil && len(page.Failed) > 0 {
			err = page.Failed[0]
		}
		if err != nil {
			return nil, paging.Error(vendor, op, err)
		}
		all = append(all, page.Items...)
	}
	return all, nil
}

// RegisterWebhook implements [pms.WebhookRegistrar]: OwnerRez posts new, changed
// and deleted bookings to url. It needs an OAuth app, whose user and password
// deliveries carry (that those of a subscription do is unverified): without
// Config.WebhookPassword it is [pms.ErrInvalid]. The secret is empty: it is in
// the settings. An app that has a URL of its own in the Developer/API Settings
// needs no subscription.
//
// https://github.com/ownerrez/orez-zapier, POST /v2/webhooksubscriptions.
func (c *Client) RegisterWebhook(ctx context.Context, url string) (secret string, err error) {
	const op = "RegisterWebhook"
	if c.cfg.WebhookPassword == "" {
		return "", invalid(op, "WebhookUser and WebhookPassword are required: those of the OAuth app")
	}
	hooks, err := c.webhooks(ctx, op)
	if err != nil {
		return "", err
	}
	there := map[string]bool{}
	for _, hook := range hooks {
		if string(hook.URL) == url && plain(hook.Type) == entityBooking {
			there[plain(hook.Action)] = true
		}
	}
	for _, action := range []pms.Text{"EntityCreate", "EntityUpdate", "EntityDelete"} {
		if there[plain(action)] {
			continue
		}
		call := rest.Call{Op: op, Method: http.MethodPost, Path: webhooksPath, Secrets: []string{url}, JSON: struct {
			Type   string   `json:"type"`
			Action pms.Text `json:"action"`
			URL    string   `json:"webhook_url"`
		}{"Booking", action, url}}
		if _, err := c.do(ctx, call); err != nil {
			return "", err
		}
	}
	return "", nil
}

// UnregisterWebhook implements [pms.WebhookRegistrar].
//
// https://github.com/ownerrez/orez-zapier, DELETE /v2/webhooksubscriptions/{id}.
func (c *Client) UnregisterWebhook(ctx context.Context, url string) error {
	const op = "UnregisterWebhook"
	hooks, err := c.webhooks(ctx, op)
	if err != nil {
		return err
	}
	for _, hook := range hooks {
		if string(hook.URL) != url {
			continue
		}
		path, err := pathOf(op, webhooksPath, string(hook.ID))
		if err == nil {
			_, err = c.do(ctx, rest.Call{Op: op, Method: http.MethodDelete, Path: path})
		}
		if err != nil && !errors.Is(err, pms.ErrNotFound) {
			return err
		}
	}
	return nil
}
