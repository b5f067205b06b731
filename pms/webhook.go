package pms

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// Delivery is one webhook request, free of any transport. Body is the raw
// bytes as they came: signatures are checked over them.
type Delivery struct {
	Header http.Header
	// URL is the request target as it came, path and query: "/hooks/x?token=y".
	URL  string
	Body []byte
	// ReceivedAt is when the delivery came. It serves schemes with a replay
	// window; zero means now.
	ReceivedAt time.Time
}

// EventKind says what happened.
type EventKind string

// The kinds of events. A kind that a connector does not know is EventUnknown
// with the vendor's word in [Event.RawKind].
const (
	EventBookingCreated   EventKind = "booking.created"
	EventBookingUpdated   EventKind = "booking.updated"
	EventBookingCancelled EventKind = "booking.cancelled"
	EventBookingDeleted   EventKind = "booking.deleted"
	// EventBookingChanged is a change of which the vendor names only the
	// bookings, not what happened to them: re-read them.
	EventBookingChanged EventKind = "booking.changed"
	// EventPaymentChanged is a change of a booking that touches payments only.
	EventPaymentChanged  EventKind = "payment.changed"
	EventPropertyChanged EventKind = "property.changed"
	EventUnknown         EventKind = "unknown"
)

// Event is what a delivery says. Deliveries repeat and overtake one another:
// treat an event as a hint, compare with [Booking.Supersedes], and re-read the
// booking by id where it matters.
type Event struct {
	Vendor string `json:"vendor"`
	// ID is the vendor's id of the delivery, if it has one.
	ID      string    `json:"id,omitzero"`
	Kind    EventKind `json:"kind"`
	RawKind string    `json:"rawKind,omitzero"`
	// Trusted says that the vendor signed the body. Without it the sender is
	// known only by a secret in the URL, or not at all.
	Trusted bool `json:"trusted"`
	// AccountID is the vendor account that the event belongs to, if stated.
	AccountID string `json:"accountId,omitzero"`
	// BookingIDs are the vendor ids of the reservations concerned.
	BookingIDs []string `json:"bookingIds,omitempty"`
	// PropertyIDs are the vendor ids of the properties concerned.
	PropertyIDs []string `json:"propertyIds,omitempty"`
	// Bookings are the records that came with the event. A thin event has none:
	// re-read BookingIDs with [GetBooking].
	Bookings []Booking `json:"bookings,omitempty"`
	// Failed holds the records of the event that could not be read.
	Failed []*RecordError `json:"-"`
	// Changed names the vendor's fields that changed, if it says so.
	Changed []string `json:"changed,omitempty"`
	// At is the vendor's stamp of the change, or zero.
	At  time.Time       `json:"at,omitzero"`
	Raw json.RawMessage `json:"-"`
}

// maxDelivery is the largest body that WebhookHandler reads.
const maxDelivery = 1 << 20

// WebhookHandler serves a vendor's webhook: it reads at most 1 MiB, parses
// with p and calls fn once per event, in order. It answers 200; 405 to other
// methods than POST; 413 to a larger body; 401 to [ErrBadSignature]; 400 to a
// body that cannot be read; 500 when fn fails, so that the vendor sends it
// again. The answers hold no detail.
func WebhookHandler(p WebhookParser, fn func(context.Context, Event) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(serveWebhook(w, r, p, fn))
	})
}

func serveWebhook(w http.ResponseWriter, r *http.Request, p WebhookParser, fn func(context.Context, Event) error) int {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDelivery))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case err != nil:
		return http.StatusBadRequest
	}
	events, err := p.ParseWebhook(Delivery{Header: r.Header, URL: target(r), Body: body, ReceivedAt: time.Now()})
	switch {
	case errors.Is(err, ErrBadSignature):
		return http.StatusUnauthorized
	case err != nil:
		return http.StatusBadRequest
	}
	for _, event := range events {
		if err := fn(r.Context(), event); err != nil {
			return http.StatusInternalServerError
		}
	}
	return http.StatusOK
}

// target returns the request target as it came. A mux may have cut r.URL, as
// [http.StripPrefix] does.
func target(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}

// DropStale wraps the function of [WebhookHandler]: bookings that the host
// already has in the same or a newer version are taken out of an event, and an
// event that held only such bookings is not passed on. An [EventBookingDeleted]
// is always passed on as it is: its last record says nothing new. Stored looks a
// booking up in the host's storage.
func DropStale(
	stored func(context.Context, Key) (Booking, bool, error),
	fn func(context.Context, Event) error,
) func(context.Context, Event) error {
	return func(ctx context.Context, event Event) error {
		if len(event.Bookings) == 0 || event.Kind == EventBookingDeleted {
			return fn(ctx, event)
		}
		fresh := make([]Booking, 0, len(event.Bookings))
		for _, b := range event.Bookings {
			old, ok, err := stored(ctx, b.Key())
			if err != nil {
				return err
			}
			if !ok || b.Supersedes(old) {
				fresh = append(fresh, b)
			}
		}
		if len(fresh) == 0 && len(event.Failed) == 0 {
			return nil
		}
		event.Bookings = fresh
		return fn(ctx, event)
	}
}
