package hostaway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/changeover-sdk/changeover/internal/hook"
	"github.com/changeover-sdk/changeover/internal/rest"
	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// ParseWebhook implements [pms.WebhookParser]. Hostaway signs nothing: the
// delivery must carry Config.WebhookLogin and WebhookPassword as HTTP Basic,
// and be of the account. Events are thin, for a delivery need not tell the units
// of a reservation: re-read BookingIDs. A new message and what is not known
// is [pms.EventUnknown].
//
// Hostaway waits 20 seconds for an answer and repeats after an error of the
// server, 429 or none, up to three times within about an hour; a webhook that
// fails for five days is disabled (vendor's documentation, 2026-07). The shape
// of the body is unverified: three public receivers agree about it.
func (c *Client) ParseWebhook(d pms.Delivery) ([]pms.Event, error) {
	if err := hook.CheckBasic(d.Header, c.cfg.WebhookLogin, c.cfg.WebhookPassword, c.cfg.PreviousWebhookPassword); err != nil {
		return nil, hook.Error(vendor, err, "")
	}
	var m message
	if err := wire.Decode(d.Body, &m); err != nil {
		return nil, hook.Error(vendor, pms.ErrDecode, "the body is not the JSON of an event")
	}
	if m.AccountID != "" && m.AccountID != c.cfg.AccountID {
		return nil, hook.Error(vendor, pms.ErrBadSignature, "the event is of another account")
	}
	return []pms.Event{m.event(d.Body)}, nil
}

// message is one webhook. One receiver has seen the data in a payload.
type message struct {
	Object    pms.Text    `json:"object"`
	Event     pms.Text    `json:"event"`
	AccountID pms.Text    `json:"accountId"`
	Data      Reservation `json:"data"` // of what is about a reservation
	Payload   struct {
		Data Reservation `json:"data"`
	} `json:"payload"`
}

var errNoReservation = errors.New("missing")

func (m message) event(body []byte) pms.Event {
	out := pms.Event{
		Vendor: vendor, Kind: pms.EventUnknown, RawKind: string(m.Event), AccountID: string(m.AccountID), Raw: body,
	}
	created := m.Event == "reservation.created"
	if !created && m.Event != "reservation.updated" {
		return out
	}
	r := m.Data
	if r.ID == "" {
		r = m.Payload.Data
	}
	if r.ID == "" {
		out.Failed = []*pms.RecordError{{Vendor: vendor, Record: "event", ID: "#1", Field: "data.id", Err: errNoReservation, Raw: body}}
		return out
	}
	out.BookingIDs = []string{string(r.ID)}
	out.At = wire.TimeOrZero(r.UpdatedOn, time.UTC)
	for _, b := range parts(r, pms.Booking{PropertyID: number(r.ListingMapID)}) {
		if b.PropertyID != "" {
			out.PropertyIDs = append(out.PropertyIDs, b.PropertyID)
		}
	}
	switch {
	case mapStatus(r) == pms.StatusCancelled:
		out.Kind = pms.EventBookingCancelled
	case created:
		out.Kind = pms.EventBookingCreated
	default:
		out.Kind = pms.EventBookingUpdated
	}
	return out
}

// ListWebhooks reads the unified webhooks of the account.
//
// https://api.hostaway.com/documentation#unified-webhooks, GET
// /v1/webhooks/unifiedWebhooks.
func (c *Client) ListWebhooks(ctx context.Context) ([]Webhook, error) {
	return c.webhooks(ctx, "ListWebhooks")
}

func (c *Client) webhooks(ctx context.Context, op string) ([]Webhook, error) {
	page, err := listed(ctx, c, rest.Call{Op: op, Path: webhooksPath}, "webhook",
		func(w *Webhook, _ json.RawMessage) string { return string(w.ID) })
	if err == nil && len(page.Failed) > 0 {
		err = page.Failed[0]
	}
	return page.Items, err
}

const webhooksPath = "/v1/webhooks/unifiedWebhooks"

// RegisterWebhook implements [pms.WebhookRegistrar]: Hostaway posts every event
// of the account to url, with Config.WebhookLogin and WebhookPassword, without
// which it is [pms.ErrInvalid]. The secret is empty: it is in the settings.
//
// https://api.hostaway.com/documentation#unified-webhooks, POST and PUT
// /v1/webhooks/unifiedWebhooks.
func (c *Client) RegisterWebhook(ctx context.Context, url string) (secret string, err error) {
	const op = "RegisterWebhook"
	if c.cfg.WebhookPassword == "" {
		return "", &pms.APIError{
			Vendor: vendor, Op: op, Kind: pms.ErrInvalid, Message: "WebhookLogin and WebhookPassword are required: make them up",
		}
	}
	hooks, err := c.webhooks(ctx, op)
	if err != nil {
		return "", err
	}
	call := rest.Call{Op: op, Method: http.MethodPost, Path: webhooksPath, Secrets: []string{url}, JSON: struct {
		IsEnabled int    `json:"isEnabled"`
		URL       string `json:"url"`
		Login     string `json:"login"`
		Password  string `json:"password"`
	}{1, url, c.cfg.WebhookLogin, c.cfg.WebhookPassword}}
	for _, hook := range hooks {
		if string(hook.URL) != url {
			continue
		}
		if hook.IsEnabled.Bool() && string(hook.Login) == c.cfg.WebhookLogin && string(hook.Password) == c.cfg.WebhookPassword {
			return "", nil
		}
		call.Method, call.Path = http.MethodPut, webhooksPath+"/"+string(hook.ID)
		break
	}
	_, err = c.do(ctx, call)
	return "", err
}

// UnregisterWebhook implements [pms.WebhookRegistrar].
//
// https://api.hostaway.com/documentation#unified-webhooks, DELETE
// /v1/webhooks/unifiedWebhooks/{id}.
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
		_, err := c.do(ctx, rest.Call{Op: op, Method: http.MethodDelete, Path: webhooksPath + "/" + string(hook.ID)})
		if err != nil && !errors.Is(err, pms.ErrNotFound) {
			return err
		}
	}
	return nil
}
