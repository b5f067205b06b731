package pms

import "context"

// Connector is what every vendor client can do. It is safe for concurrent use
// and does not grow: further powers are one-method interfaces, reached through
// the package functions below.
type Connector interface {
	// Info describes the vendor. It needs no network.
	Info() Info
	// ListProperties returns one page of properties.
	ListProperties(ctx context.Context, q PropertyQuery) (Page[Property], error)
	// ListBookings returns one page of bookings. An unknown or foreign cursor
	// is [ErrBadCursor].
	ListBookings(ctx context.Context, q BookingQuery) (Page[Booking], error)
}

// BookingGetter reads one reservation.
type BookingGetter interface {
	// GetBooking returns the Bookings of the vendor's reservation id: one, or
	// several when it covers several units or segments. A "#" suffix of id is
	// ignored. An id that the vendor does not know is [ErrNotFound]; that of a
	// block which the vendor tells in lists alone is [ErrNotSupported].
	GetBooking(ctx context.Context, id string) ([]Booking, error)
}

// ChangeLister follows a vendor's own feed of changes. [Sync] does it for a
// host.
type ChangeLister interface {
	// ListChanges returns the changes after a cursor, which is [ChangePage.Next]
	// of an earlier page and may be months old. An empty cursor begins to
	// follow: no change after the call is missed, earlier ones may come or not.
	// A cursor that the vendor does not know, or no longer, is [ErrBadCursor].
	ListChanges(ctx context.Context, cursor string) (ChangePage, error)
}

// ChangePage is one page of a feed of changes.
type ChangePage struct {
	// Items are the reservations that changed, as they are now and whole: with
	// all their parts, of any date, kind and status.
	Items []Booking
	// Gone are the vendor's ids of reservations that no longer exist, without
	// any "#".
	Gone []string
	// Failed holds the records of this page that could not be read.
	Failed []*RecordError
	// Next is the cursor to come back with. It is opaque and storable, and never
	// empty, also when nothing changed.
	Next string
	// More says that further changes wait behind Next now.
	More bool
}

// WebhookParser reads what a vendor posts.
type WebhookParser interface {
	// ParseWebhook verifies the delivery, then parses it. It needs no network.
	// A delivery that does not prove where it comes from is [ErrBadSignature];
	// one that cannot be read is [ErrDecode]; a kind that is not known is an
	// [EventUnknown], not an error.
	ParseWebhook(d Delivery) ([]Event, error)
}

// WebhookRegistrar subscribes to a vendor's webhooks. [Follow] calls it in the
// right order.
type WebhookRegistrar interface {
	// RegisterWebhook has the vendor post all events that the connector
	// understands to url. A subscription that exists is kept, or brought up to
	// date. Secret is what the vendor signs deliveries to this url with, if the
	// vendor makes it; the host stores it in the settings of the account. It is
	// empty where the settings have it already, or there is none.
	RegisterWebhook(ctx context.Context, url string) (secret string, err error)
	// UnregisterWebhook ends the subscriptions of url. Having none is no error.
	UnregisterWebhook(ctx context.Context, url string) error
}

// CleanlinessWriter tells the vendor the housekeeping status of a unit.
type CleanlinessWriter interface {
	// SetCleanliness sets the status of one unit. A status that the vendor has
	// no word for is [ErrNotSupported].
	SetCleanliness(ctx context.Context, propertyID string, status Cleanliness) error
}

// GetBooking calls [BookingGetter], or returns [ErrNotSupported].
func GetBooking(ctx context.Context, c Connector, id string) ([]Booking, error) {
	if g, ok := c.(BookingGetter); ok {
		return g.GetBooking(ctx, id)
	}
	return nil, NotSupported(c, "GetBooking")
}

// ListChanges calls [ChangeLister], or returns [ErrNotSupported].
func ListChanges(ctx context.Context, c Connector, cursor string) (ChangePage, error) {
	if l, ok := c.(ChangeLister); ok {
		return l.ListChanges(ctx, cursor)
	}
	return ChangePage{}, NotSupported(c, "ListChanges")
}

// ParseWebhook calls [WebhookParser], or returns [ErrNotSupported].
func ParseWebhook(c Connector, d Delivery) ([]Event, error) {
	if p, ok := c.(WebhookParser); ok {
		return p.ParseWebhook(d)
	}
	return nil, NotSupported(c, "ParseWebhook")
}

// RegisterWebhook calls [WebhookRegistrar], or returns [ErrNotSupported].
func RegisterWebhook(ctx context.Context, c Connector, url string) (secret string, err error) {
	if r, ok := c.(WebhookRegistrar); ok {
		return r.RegisterWebhook(ctx, url)
	}
	return "", NotSupported(c, "RegisterWebhook")
}

// UnregisterWebhook calls [WebhookRegistrar], or returns [ErrNotSupported].
func UnregisterWebhook(ctx context.Context, c Connector, url string) error {
	if r, ok := c.(WebhookRegistrar); ok {
		return r.UnregisterWebhook(ctx, url)
	}
	return NotSupported(c, "UnregisterWebhook")
}

// SetCleanliness calls [CleanlinessWriter], or returns [ErrNotSupported].
func SetCleanliness(ctx context.Context, c Connector, propertyID string, status Cleanliness) error {
	if w, ok := c.(CleanlinessWriter); ok {
		return w.SetCleanliness(ctx, propertyID, status)
	}
	return NotSupported(c, "SetCleanliness")
}

// NotSupported is the error of an operation that the vendor cannot do.
func NotSupported(c Connector, op string) *APIError {
	return &APIError{Vendor: c.Info().Name, Op: op, Kind: ErrNotSupported}
}

// Limiter paces requests. Without one of the host a client keeps to all windows
// of its vendor. A host supplies one where several clients share an allowance:
// the package pms/limiter makes it for the clients of one process, and one of its
// own, say in its database, shares it between processes.
// [golang.org/x/time/rate.Limiter] fits, too. A Limiter with a method
// Pause(time.Duration) is told how long the vendor asked to be left alone after a
// 429.
type Limiter interface {
	// Wait blocks until one request may go out or the context ends.
	Wait(ctx context.Context) error
}
