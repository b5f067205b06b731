package pms_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

type parserFunc func(pms.Delivery) ([]pms.Event, error)

func (f parserFunc) ParseWebhook(d pms.Delivery) ([]pms.Event, error) { return f(d) }

func TestWebhookHandlerStatus(t *testing.T) {
	t.Parallel()
	const mebibyte = 1 << 20
	parses := func(events ...pms.Event) parserFunc {
		return func(pms.Delivery) ([]pms.Event, error) { return events, nil }
	}
	fails := func(err error) parserFunc {
		return func(pms.Delivery) ([]pms.Event, error) { return nil, fmt.Errorf("vera@example.org: %w", err) }
	}
	accept := func(context.Context, pms.Event) error { return nil }
	refuse := func(context.Context, pms.Event) error { return errors.New("vera@example.org") }
	for _, tt := range []struct {
		name   string
		method string
		body   io.Reader
		parser parserFunc
		fn     func(context.Context, pms.Event) error
		want   int
	}{
		{"an event", "POST", nil, parses(pms.Event{}), accept, 200},
		{"no event", "POST", nil, parses(), refuse, 200},
		{"1 MiB", "POST", bytes.NewReader(make([]byte, mebibyte)), parses(), accept, 200},
		{"1 MiB and a byte", "POST", bytes.NewReader(make([]byte, mebibyte+1)), parses(), accept, 413},
		{"lost connection", "POST", iotest.ErrReader(io.ErrUnexpectedEOF), parses(), accept, 400},
		{"bad signature", "POST", nil, fails(pms.ErrBadSignature), accept, 401},
		{"unreadable", "POST", nil, fails(pms.ErrDecode), accept, 400},
		{"fn fails", "POST", nil, parses(pms.Event{}), refuse, 500},
		{"GET", "GET", nil, parses(pms.Event{}), refuse, 405},
		{"HEAD", "HEAD", nil, parses(pms.Event{}), refuse, 405},
		{"PUT", "PUT", nil, parses(pms.Event{}), refuse, 405},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			pms.WebhookHandler(tt.parser, tt.fn).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tt.method, "/hooks", tt.body))
			assert.Equal(t, tt.want, w.Code)
			assert.Empty(t, w.Body.String(), "an answer holds no detail")
			if tt.want == http.StatusMethodNotAllowed {
				assert.Equal(t, "POST", w.Header().Get("Allow"))
			}
		})
	}
}

func TestWebhookHandlerCallsInOrderUntilFailure(t *testing.T) {
	t.Parallel()
	parser := parserFunc(func(pms.Delivery) ([]pms.Event, error) { return []pms.Event{{ID: "1"}, {ID: "2"}, {ID: "3"}}, nil })
	var seen []string
	w := httptest.NewRecorder()
	pms.WebhookHandler(parser, func(_ context.Context, e pms.Event) error {
		seen = append(seen, e.ID)
		if e.ID == "2" {
			return pms.ErrUnavailable
		}
		return nil
	}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
	assert.Equal(t, []string{"1", "2"}, seen)
	assert.Equal(t, 500, w.Code)
}

func TestWebhookHandlerDelivery(t *testing.T) {
	t.Parallel()
	type contextKey struct{}
	var got pms.Delivery
	parser := parserFunc(func(d pms.Delivery) ([]pms.Event, error) {
		got = d
		return []pms.Event{{}}, nil
	})
	var fromContext any
	handler := http.StripPrefix("/in", pms.WebhookHandler(parser, func(ctx context.Context, _ pms.Event) error {
		fromContext = ctx.Value(contextKey{})
		return nil
	}))
	for _, target := range []string{"/in/hooks/%D0%B0?token=y&a=1", "http://host.example/in/hooks/%D0%B0?token=y&a=1"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, bytes.NewBufferString(" {} \n"))
		r.Header.Set("X-Signature", "abc")
		before := time.Now()
		handler.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithValue(r.Context(), contextKey{}, "request")))
		assert.Equal(t, " {} \n", string(got.Body), "the bytes as they came")
		assert.Equal(t, "abc", got.Header.Get("X-Signature"))
		assert.WithinRange(t, got.ReceivedAt, before, time.Now())
		assert.Equal(t, "request", fromContext)
		if target[0] == '/' {
			assert.Equal(t, target, got.URL, "the target as it came, in front of a mux that cuts it")
		} else {
			assert.Equal(t, "/hooks/%D0%B0?token=y&a=1", got.URL, "an absolute target without its host")
		}
	}
}

func TestEventJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(pms.Event{Vendor: "bnovo", Kind: pms.EventBookingChanged})
	require.NoError(t, err)
	assert.JSONEq(t, `{"vendor":"bnovo","kind":"booking.changed","trusted":false}`, string(data))

	data, err = json.Marshal(pms.Event{
		Vendor: "bnovo", ID: "e1", Kind: pms.EventUnknown, RawKind: "ping", Trusted: true, AccountID: "a",
		BookingIDs: []string{"1"}, PropertyIDs: []string{"2"}, Bookings: []pms.Booking{{ID: "1"}},
		Failed: []*pms.RecordError{{}}, Changed: []string{"status"}, At: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Raw: []byte("{}"),
	})
	require.NoError(t, err)
	assert.JSONEq(t, `{"vendor":"bnovo","id":"e1","kind":"unknown","rawKind":"ping","trusted":true,"accountId":"a",
		"bookingIds":["1"],"propertyIds":["2"],"bookings":[{"vendor":"","id":"1","kind":"","status":""}],
		"changed":["status"],"at":"2026-11-01T00:00:00Z"}`, string(data))
}

func TestDropStale(t *testing.T) {
	t.Parallel()
	stored := fullBooking(t)
	newer, older, other := stored, stored, stored
	newer.UpdatedAt, newer.Status = stored.UpdatedAt.Add(time.Hour), pms.StatusCancelled
	older.UpdatedAt, older.Status = stored.UpdatedAt.Add(-time.Hour), pms.StatusTentative
	other.ID = "78"
	failed := []*pms.RecordError{{ID: "#1"}}

	for _, tt := range []struct {
		name  string
		event pms.Event
		want  []pms.Event
	}{
		{"newer", pms.Event{Bookings: []pms.Booking{newer}}, []pms.Event{{Bookings: []pms.Booking{newer}}}},
		{"unknown", pms.Event{Bookings: []pms.Booking{other}}, []pms.Event{{Bookings: []pms.Booking{other}}}},
		{"repeated", pms.Event{Bookings: []pms.Booking{stored}}, nil},
		{"older", pms.Event{Bookings: []pms.Booking{older}}, nil},
		{
			"some",
			pms.Event{ID: "e", Bookings: []pms.Booking{older, other, stored, newer}},
			[]pms.Event{{ID: "e", Bookings: []pms.Booking{other, newer}}},
		},
		{"thin", pms.Event{BookingIDs: []string{"1"}}, []pms.Event{{BookingIDs: []string{"1"}}}},
		{
			"older beside an unreadable one",
			pms.Event{Bookings: []pms.Booking{older}, Failed: failed},
			[]pms.Event{{Bookings: []pms.Booking{}, Failed: failed}},
		},
		{
			"deleted, with the record that is stored",
			pms.Event{Kind: pms.EventBookingDeleted, Bookings: []pms.Booking{stored}},
			[]pms.Event{{Kind: pms.EventBookingDeleted, Bookings: []pms.Booking{stored}}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := append([]pms.Booking(nil), tt.event.Bookings...)
			var got []pms.Event
			drop := pms.DropStale(
				func(_ context.Context, k pms.Key) (pms.Booking, bool, error) { return stored, k == stored.Key(), nil },
				func(_ context.Context, e pms.Event) error { got = append(got, e); return nil },
			)
			require.NoError(t, drop(t.Context(), tt.event))
			assert.Equal(t, tt.want, got)
			assert.Equal(t, before, append([]pms.Booking(nil), tt.event.Bookings...), "the caller's event is not changed")
		})
	}
}

func TestDropStaleErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("storage is down")
	event := pms.Event{Bookings: []pms.Booking{fullBooking(t)}}
	drop := pms.DropStale(
		func(context.Context, pms.Key) (pms.Booking, bool, error) { return pms.Booking{}, false, broken },
		func(context.Context, pms.Event) error { t.Error("called without knowing what is stored"); return nil },
	)
	require.ErrorIs(t, drop(t.Context(), event), broken)

	drop = pms.DropStale(
		func(context.Context, pms.Key) (pms.Booking, bool, error) { return pms.Booking{}, false, nil },
		func(context.Context, pms.Event) error { return broken },
	)
	require.ErrorIs(t, drop(t.Context(), event), broken)
}
