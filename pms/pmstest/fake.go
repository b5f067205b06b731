package pmstest

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Fake is a connector in memory, for tests of hosts. It answers every query as
// a real connector does, page by page, and has all powers of pms: a host that
// has to get on without one wraps it,
//
//	plain := struct{ pms.Connector }{fake}
//
// The zero value is an empty account of the vendor "fake". A Fake is safe for
// concurrent use; use it by pointer.
type Fake struct {
	// Vendor is Info().Name and the vendor of all records. Empty means "fake".
	Vendor string
	// PageSize is the most that a page holds. Zero means 50.
	PageSize int
	// WebhookSecret is what a delivery must carry. Empty means "fake-secret".
	WebhookSecret string
	// OnCall, if set, is asked before each call that takes a context. An error
	// is the call's; a [*pms.RecordError] is reported among the Failed of a
	// page instead. It may wait for the context, as a slow vendor would.
	OnCall func(ctx context.Context, call Call) error

	mu         sync.Mutex
	properties []pms.Property
	bookings   []pms.Booking
	calls      []Call
}

// Call is one call of a Fake.
type Call struct {
	// Op is the method: "ListBookings".
	Op string
	// N counts the calls of this method from 1.
	N int
	// Bookings and Properties are the query of a list.
	Bookings   pms.BookingQuery
	Properties pms.PropertyQuery
	// ID is the booking or the property of the other calls.
	ID string
}

var (
	_ pms.Connector         = (*Fake)(nil)
	_ pms.BookingGetter     = (*Fake)(nil)
	_ pms.WebhookParser     = (*Fake)(nil)
	_ pms.CleanlinessWriter = (*Fake)(nil)
)

const secretHeader = "X-Fake-Secret"

// PutProperties adds properties, or replaces those with the same ID. Vendor is
// filled in.
func (f *Fake) PutProperties(properties ...pms.Property) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range properties {
		p.Vendor, p.Raw = f.name(), rawOr(p.Raw, p)
		f.properties = put1(f.properties, p, func(o pms.Property) bool { return o.ID == p.ID })
	}
}

// PutBookings adds bookings, or replaces those with the same ID. Vendor is
// filled in.
func (f *Fake) PutBookings(bookings ...pms.Booking) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range bookings {
		b.Vendor, b.Raw = f.name(), rawOr(b.Raw, b)
		f.bookings = put1(f.bookings, b, func(o pms.Booking) bool { return o.ID == b.ID })
	}
}

// DeleteBooking removes a booking without a trace.
func (f *Fake) DeleteBooking(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bookings = slices.DeleteFunc(f.bookings, func(b pms.Booking) bool { return b.ID == id })
}

func put1[T any](list []T, v T, same func(T) bool) []T {
	if i := slices.IndexFunc(list, same); i >= 0 {
		list[i] = v
		return list
	}
	return append(list, v)
}

func rawOr(raw json.RawMessage, v any) json.RawMessage {
	if len(raw) > 0 {
		return raw
	}
	data, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("{}")
	}
	return data
}

// Calls returns the calls so far, in order.
func (f *Fake) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// Info implements [pms.Connector].
func (f *Fake) Info() pms.Info {
	info := pms.Info{
		Name: f.name(), Title: "Fake", Docs: "https://pkg.go.dev/github.com/changeover-sdk/changeover/pms/pmstest",
		Access: "in memory", Auth: "none", Evidence: "A", Checked: pms.Date{Year: 2026, Month: time.November, Day: 21},
		Capabilities: map[pms.Capability]pms.Support{},
	}
	for _, c := range pms.Capabilities() {
		info.Capabilities[c] = pms.Yes
	}
	for _, c := range []pms.Capability{pms.CanListChanges, pms.CanRegisterWebhook, pms.CanWriteTasks} {
		info.Capabilities[c] = pms.No
	}
	return info
}

func (f *Fake) name() string {
	if f.Vendor == "" {
		return "fake"
	}
	return f.Vendor
}

// called notes a call and asks OnCall.
func (f *Fake) called(ctx context.Context, call Call) error {
	f.mu.Lock()
	call.N = 1
	for _, earlier := range f.calls {
		if earlier.Op == call.Op {
			call.N++
		}
	}
	f.calls = append(f.calls, call)
	f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return f.fail(call.Op, nil, err)
	}
	if f.OnCall == nil {
		return nil
	}
	return f.OnCall(ctx, call)
}

func (f *Fake) fail(op string, kind, cause error) error {
	return &pms.APIError{Vendor: f.name(), Op: op, Kind: kind, Err: cause}
}

// ListProperties implements [pms.Connector].
func (f *Fake) ListProperties(ctx context.Context, q pms.PropertyQuery) (pms.Page[pms.Property], error) {
	const op = "ListProperties"
	err := f.called(ctx, Call{Op: op, Properties: q})
	f.mu.Lock()
	defer f.mu.Unlock()
	return listed(f, op, err, f.properties, q.Limit, q.Cursor)
}

// ListBookings implements [pms.Connector]. A page is cut before the filters
// are applied, as vendors do it, so it may be short or empty.
func (f *Fake) ListBookings(ctx context.Context, q pms.BookingQuery) (pms.Page[pms.Booking], error) {
	const op = "ListBookings"
	err := f.called(ctx, Call{Op: op, Bookings: q})
	f.mu.Lock()
	defer f.mu.Unlock()
	page, err := listed(f, op, err, f.bookings, q.Limit, q.Cursor)
	page.Items = slices.DeleteFunc(page.Items, func(b pms.Booking) bool { return !q.Matches(b) })
	return page, err
}

// listed is one page of a list. An err that is a record's is part of it.
func listed[T any](f *Fake, op string, err error, all []T, limit int, cursor string) (pms.Page[T], error) {
	var page pms.Page[T]
	if bad, ok := err.(*pms.RecordError); ok { //nolint:errorlint // the error itself, as OnCall says
		page.Failed, err = []*pms.RecordError{bad}, nil
	}
	if err != nil {
		return pms.Page[T]{}, err
	}
	offset, prefix := 0, op+":"
	if cursor != "" {
		text, ours := strings.CutPrefix(cursor, prefix)
		offset, err = strconv.Atoi(text)
		if !ours || err != nil || offset <= 0 {
			return pms.Page[T]{}, f.fail(op, pms.ErrBadCursor, nil)
		}
	}
	size := f.PageSize
	if size <= 0 {
		size = 50
	}
	if limit > 0 {
		size = min(size, limit)
	}
	start := min(offset, len(all))
	end := min(start+size, len(all))
	page.Items = slices.Clone(all[start:end])
	if end < len(all) {
		page.Next = prefix + strconv.Itoa(end)
	}
	return page, nil
}

// GetBooking implements [pms.BookingGetter].
func (f *Fake) GetBooking(ctx context.Context, id string) ([]pms.Booking, error) {
	const op = "GetBooking"
	if err := f.called(ctx, Call{Op: op, ID: id}); err != nil {
		return nil, err
	}
	id, _, _ = strings.Cut(id, "#")
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []pms.Booking
	for _, b := range f.bookings {
		if reservation(b) == id {
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		return nil, f.fail(op, pms.ErrNotFound, nil)
	}
	return out, nil
}

// SetCleanliness implements [pms.CleanlinessWriter].
func (f *Fake) SetCleanliness(ctx context.Context, propertyID string, status pms.Cleanliness) error {
	const op = "SetCleanliness"
	if err := f.called(ctx, Call{Op: op, ID: propertyID}); err != nil {
		return err
	}
	known := []pms.Cleanliness{pms.Clean, pms.Dirty, pms.Inspected, pms.CleaningInProgress}
	if !slices.Contains(known, status) {
		return f.fail(op, pms.ErrNotSupported, nil)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.properties {
		if f.properties[i].ID == propertyID {
			f.properties[i].Cleanliness = status
			return nil
		}
	}
	return f.fail(op, pms.ErrNotFound, nil)
}

// Delivery is a webhook that brings the events.
func (f *Fake) Delivery(events ...pms.Event) pms.Delivery {
	body, err := json.Marshal(events)
	if err != nil {
		body = nil // unreadable, as ParseWebhook will say
	}
	header := http.Header{"Content-Type": {"application/json"}}
	header.Set(secretHeader, f.secret())
	return pms.Delivery{Header: header, URL: "/hooks/" + f.name(), Body: body}
}

func (f *Fake) secret() string {
	if f.WebhookSecret == "" {
		return "fake-secret"
	}
	return f.WebhookSecret
}

// ParseWebhook implements [pms.WebhookParser] for what Delivery returns.
func (f *Fake) ParseWebhook(d pms.Delivery) ([]pms.Event, error) {
	const op = "ParseWebhook"
	if subtle.ConstantTimeCompare([]byte(d.Header.Get(secretHeader)), []byte(f.secret())) != 1 {
		return nil, f.fail(op, pms.ErrBadSignature, nil)
	}
	var events []pms.Event
	if err := json.Unmarshal(d.Body, &events); err != nil {
		return nil, f.fail(op, pms.ErrDecode, nil)
	}
	for i := range events {
		events[i].Vendor = f.name()
	}
	return events, nil
}

// String names the fake and nothing of its secret.
func (f *Fake) String() string { return fmt.Sprintf("pmstest.Fake(%s)", f.name()) }

// GoString names the fake and nothing of its secret.
func (f *Fake) GoString() string { return f.String() }
