package pms

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// The classes of errors. Test with errors.Is.
var (
	ErrUnauthorized    = errors.New("unauthorized")      // credentials refused
	ErrForbidden       = errors.New("forbidden")         // valid credentials without the right, plan or scope
	ErrNotFound        = errors.New("not found")         // never nil, nil
	ErrInvalid         = errors.New("invalid request")   // refused by the vendor, or before sending
	ErrConflict        = errors.New("conflict")          // the record changed or exists
	ErrRateLimited     = errors.New("rate limited")      // come back after APIError.RetryAfter
	ErrUnavailable     = errors.New("unavailable")       // network or vendor failure; try later
	ErrDecode          = errors.New("unreadable answer") // HTML, truncated or unexpected content
	ErrTooLarge        = errors.New("answer too large")  // larger than the body cap
	ErrNotSupported    = errors.New("not supported")     // the vendor cannot do this
	ErrBadCursor       = errors.New("bad cursor")        // unknown, foreign or repeated
	ErrBadSignature    = errors.New("bad signature")     // a delivery that proves nothing
	ErrPrivateAddress  = errors.New("private address")   // a target on a private network, refused
	ErrLinkContradicts = errors.New("link contradicts")  // a LinkSet refused a link
	ErrSuspiciousScan  = errors.New("suspicious scan")   // too many bookings are missing at once
	ErrBadCheckpoint   = errors.New("bad checkpoint")    // of another vendor or an unknown version
)

// APIError is a failed call. Its text, log form and fields carry no secret.
//
// Unwrap gives the class (Kind) and the cause (Err), so errors.Is finds both
// the sentinels of this package and, say, context.DeadlineExceeded.
type APIError struct {
	Vendor string
	// Op is the operation, "ListBookings".
	Op     string
	Method string
	// URL is redacted: query values and secrets are masked.
	URL string
	// StatusCode is 0 when no answer came.
	StatusCode int
	// Code and Message are the vendor's own.
	Code      string
	Message   string
	RequestID string
	// RetryAfter is how long the vendor asks to wait, or 0.
	RetryAfter time.Duration
	// Attempts counts the requests that were sent, repeats included.
	Attempts int
	// Body holds at most the first 64 KiB of the answer. It may hold guest
	// data, so it is in no text and no log.
	Body []byte

	// Kind is one of the sentinels above.
	Kind error
	// Err is the cause, or nil.
	Err error
}

// Error returns, for example, "guesty: ListReservations: 401 invalid token
// (request 7f3a)".
func (e *APIError) Error() string {
	var b strings.Builder
	b.WriteString(e.Vendor)
	if e.Op != "" {
		b.WriteString(": " + e.Op)
	}
	b.WriteString(": ")
	if e.StatusCode != 0 {
		fmt.Fprintf(&b, "%d ", e.StatusCode)
	}
	b.WriteString(e.reason())
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (retry after %s)", e.RetryAfter)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// reason is the vendor's message, or the class, and the cause.
func (e *APIError) reason() string {
	text := e.Message
	if text == "" && e.Kind != nil {
		text = e.Kind.Error()
	}
	switch {
	case e.Err == nil && text == "":
		return "failed"
	case e.Err == nil:
		return text
	case text == "":
		return e.Err.Error()
	default:
		return text + ": " + e.Err.Error()
	}
}

// Unwrap returns Kind and Err.
func (e *APIError) Unwrap() []error {
	errs := make([]error, 0, 2)
	if e.Kind != nil {
		errs = append(errs, e.Kind)
	}
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	return errs
}

// LogValue implements [slog.LogValuer] without the body.
func (e *APIError) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("vendor", e.Vendor),
		slog.String("op", e.Op),
		slog.String("error", e.Error()),
	}
	if e.URL != "" {
		attrs = append(attrs, slog.String("method", e.Method), slog.String("url", e.URL))
	}
	if e.StatusCode != 0 {
		attrs = append(attrs, slog.Int("status", e.StatusCode))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request", e.RequestID))
	}
	if e.Attempts > 1 {
		attrs = append(attrs, slog.Int("attempts", e.Attempts))
	}
	return slog.GroupValue(attrs...)
}

// RecordError is one record that could not be read. The records around it are
// not affected. Its text names the record and the field and holds no value of
// the record, which may be a guest's.
type RecordError struct {
	Vendor string
	// Record is what it is: "booking", "property", "event".
	Record string
	// ID is the vendor's id of the record, or its position ("#3") if it has no
	// readable id.
	ID string
	// Field is the vendor's name of the field, "dates.arrival".
	Field string
	Err   error
	// Raw is the record as the vendor sent it. It may hold guest data.
	Raw json.RawMessage
}

// Error returns, for example, "bnovo: booking 5550123: dates.arrival: not a date".
func (e *RecordError) Error() string {
	text := e.Vendor + ": " + e.Record + " " + e.ID
	if e.Field != "" {
		text += ": " + e.Field
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *RecordError) Unwrap() error { return e.Err }

// LogValue implements [slog.LogValuer] without the record itself.
func (e *RecordError) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("vendor", e.Vendor),
		slog.String("record", e.Record),
		slog.String("id", e.ID),
		slog.String("field", e.Field),
		slog.String("error", e.Error()),
	)
}
