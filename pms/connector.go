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
	// ignored. An id that the vendor does not know is [ErrNotFound].
	GetBooking(ctx context.Context, id string) ([]Booking, error)
}

// WebhookParser reads what a vendor posts.
type WebhookParser interface {
	// ParseWebhook verifies the delivery, then parses it. It needs no network.
	// A delivery that does not prove where it comes from is [ErrBadSignature];
	// one that cannot be read is [ErrDecode]; a kind that is not known is an
	// [EventUnknown], not an error.
	ParseWebhook(d Delivery) ([]Event, error)
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

// ParseWebhook calls [WebhookParser], or returns [ErrNotSupported].
func ParseWebhook(c Connector, d Delivery) ([]Event, error) {
	if p, ok := c.(WebhookParser); ok {
		return p.ParseWebhook(d)
	}
	return nil, NotSupported(c, "ParseWebhook")
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

// Limiter paces requests. [golang.org/x/time/rate.Limiter] fits. A host that
// shares a vendor's allowance between processes supplies its own.
type Limiter interface {
	// Wait blocks until one request may go out or the context ends.
	Wait(ctx context.Context) error
}
