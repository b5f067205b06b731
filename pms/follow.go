package pms

import (
	"context"
	"encoding/json"
	"fmt"
)

// Subscription is what [Follow] subscribes to.
type Subscription struct {
	// URL is the public address at which [WebhookHandler] serves the account's
	// deliveries. It is served before Follow is called: vendors try it at once.
	URL string
	// OnSecret stores the secret that the vendor signs with, for the vendors
	// that make one. It is called before the first pass; from then on the
	// handler parses with a connector whose settings have it.
	OnSecret func(ctx context.Context, secret string) error
}

// Follow begins to follow an account in the only order that loses nothing:
// subscribe to its webhooks, read everything, then live on events. It is a pass
// of [SyncWith] with a scan of the window, after the subscription, and returns
// what SyncWith returns. Calling it again is harmless, and repairs a
// subscription that the vendor dropped.
//
// Events that arrive during the pass are handled as they come: the handler and
// emit both store a booking under its [Booking.Key] if it [Booking.Supersedes]
// the stored one, so it does not matter which of them is first. A booking that
// is deleted while it is being read may come back with the pass; a later one
// reports it gone. Afterwards the host goes on calling Sync at its leisure,
// with the bookings of events as [SyncOptions.Known]: webhooks get lost.
//
// A connector that is no [WebhookRegistrar] is [ErrNotSupported], before
// anything is read: a person enters the URL at the vendor, then the host calls
// SyncWith with ScanNow. A secret without an OnSecret is [ErrInvalid].
func Follow(
	ctx context.Context, c Connector, s Subscription, checkpoint json.RawMessage,
	emit func(context.Context, SyncChange) error, o SyncOptions,
) (json.RawMessage, error) {
	secret, err := RegisterWebhook(ctx, c, s.URL)
	if err != nil {
		return checkpoint, err
	}
	if secret != "" {
		if s.OnSecret == nil {
			return checkpoint, &APIError{
				Vendor: c.Info().Name, Op: "Follow", Kind: ErrInvalid, Message: "the vendor made a secret and OnSecret is nil",
			}
		}
		if err := s.OnSecret(ctx, secret); err != nil {
			return checkpoint, fmt.Errorf("store the webhook secret: %w", err)
		}
	}
	o.ScanNow = true
	return SyncWith(ctx, c, checkpoint, emit, o)
}
