package bnovo

import (
	"encoding/json"

	"github.com/changeover-sdk/changeover/internal/hook"
	"github.com/changeover-sdk/changeover/pms"
)

// NewWebhookPath returns the last part of the URL to give to Bnovo as the
// webhook of an account: "<account>/<token>". Without the secret it cannot be
// guessed. The account is Config.ID, or Config.Username for the session API;
// the secret needs at least 16 bytes.
func NewWebhookPath(accountID, secret string) (string, error) {
	return hook.NewPath(vendor, accountID, secret)
}

// ParseWebhook implements [pms.WebhookParser]. Bnovo signs nothing: the URL
// must end in the path of [NewWebhookPath], and with Config.HotelID set the
// event must be of that hotel. The event is thin, so re-read its BookingIDs.
// A change of prices is [pms.EventUnknown].
//
// The shape of the body is known from the vendor's test call only (OpenAPI
// file, 2026-06); it is accepted with and without "data" around it.
func (c *Client) ParseWebhook(d pms.Delivery) ([]pms.Event, error) {
	account := string(c.cfg.ID)
	if account == "" {
		account = c.cfg.Username
	}
	if err := hook.CheckPath(d.URL, vendor, account, c.cfg.WebhookSecret, c.cfg.PreviousWebhookSecret); err != nil {
		return nil, hook.Error(vendor, err, "")
	}
	type body struct {
		HotelID    pms.Text        `json:"hotel_id"`
		BookingIDs []pms.Text      `json:"booking_ids"`
		Prices     json.RawMessage `json:"prices"`
	}
	var b struct {
		body
		Data *body `json:"data"`
	}
	if err := json.Unmarshal(d.Body, &b); err != nil {
		return nil, hook.Error(vendor, pms.ErrDecode, "the body is not the JSON of an event")
	}
	event := b.body
	if b.Data != nil {
		event = *b.Data
	}
	if c.cfg.HotelID != "" && event.HotelID != c.cfg.HotelID {
		return nil, hook.Error(vendor, pms.ErrBadSignature, "the event is of another hotel")
	}
	out := pms.Event{Vendor: vendor, Kind: pms.EventUnknown, AccountID: string(event.HotelID), Raw: d.Body}
	switch {
	case len(event.BookingIDs) > 0:
		out.Kind, out.RawKind = pms.EventBookingChanged, "booking"
		for _, id := range event.BookingIDs {
			out.BookingIDs = append(out.BookingIDs, string(id))
		}
	case event.Prices != nil:
		out.RawKind = "plans_data_update"
	}
	return []pms.Event{out}, nil
}
