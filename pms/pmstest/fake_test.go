package pmstest_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

func TestFakeConforms(t *testing.T) {
	t.Parallel()
	pmstest.Run(t, pmstest.Harness{
		Connect: func(k pmstest.Knobs) (pms.Connector, error) {
			f := &pmstest.Fake{PageSize: 9}
			f.PutProperties(k.World.Properties()...)
			f.PutBookings(k.World.Bookings()...)
			return f, nil
		},
	})
}

func day(d int) pms.Date { return pms.Date{Year: 2026, Month: 6, Day: d} }

func TestFakeFailsWhereItIsTold(t *testing.T) {
	t.Parallel()
	down := &pms.APIError{Vendor: "fake", Op: "ListBookings", Kind: pms.ErrUnavailable}
	f := &pmstest.Fake{PageSize: 1, OnCall: func(_ context.Context, call pmstest.Call) error {
		switch {
		case call.Op != "ListBookings":
			return nil
		case call.N == 1:
			return &pms.RecordError{Vendor: "fake", Record: "booking", ID: "bad"}
		case call.N == 3:
			return down
		}
		return nil
	}}
	for _, id := range []string{"1", "2", "3"} {
		f.PutBookings(pms.Booking{ID: id, Kind: pms.KindGuest, Status: pms.StatusConfirmed, Arrival: day(1), Departure: day(2)})
	}

	items, failed, err := pms.Collect(pms.Bookings(t.Context(), f, pms.BookingQuery{}))

	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.Len(t, items, 2)
	assert.Equal(t, []string{"1", "2"}, []string{items[0].ID, items[1].ID})
	require.Len(t, failed, 1)
	assert.Equal(t, "bad", failed[0].ID)
	calls := f.Calls()
	require.Len(t, calls, 3)
	assert.Equal(t, "ListBookings:2", calls[2].Bookings.Cursor)
}

func TestFakeChanges(t *testing.T) {
	t.Parallel()
	f := &pmstest.Fake{Vendor: "own"}
	f.PutProperties(pms.Property{ID: "p", Cleanliness: pms.Clean})
	f.PutBookings(pms.Booking{ID: "a#1", GroupID: "a"}, pms.Booking{ID: "a#2", GroupID: "a"}, pms.Booking{ID: "b"})
	f.PutBookings(pms.Booking{ID: "b", Code: "new"})
	f.DeleteBooking("a#2")

	a, err := f.GetBooking(t.Context(), "a#2")
	require.NoError(t, err)
	require.Len(t, a, 1)
	assert.Equal(t, pms.Key{Vendor: "own", ID: "a#1"}, a[0].Key())
	b, err := f.GetBooking(t.Context(), "b")
	require.NoError(t, err)
	require.Len(t, b, 1)
	assert.Equal(t, "new", b[0].Code)

	require.NoError(t, f.SetCleanliness(t.Context(), "p", pms.Dirty))
	page, err := f.ListProperties(t.Context(), pms.PropertyQuery{})
	require.NoError(t, err)
	assert.Equal(t, pms.Dirty, page.Items[0].Cleanliness)
	require.ErrorIs(t, f.SetCleanliness(t.Context(), "q", pms.Dirty), pms.ErrNotFound)

	var plain pms.Connector = struct{ pms.Connector }{f}
	_, err = pms.GetBooking(t.Context(), plain, "b")
	require.ErrorIs(t, err, pms.ErrNotSupported)
}

func TestFakeWebhooks(t *testing.T) {
	t.Parallel()
	f := &pmstest.Fake{}
	var got []pms.Event
	handler := pms.WebhookHandler(f, func(_ context.Context, e pms.Event) error {
		got = append(got, e)
		if e.Kind == pms.EventUnknown {
			return errors.New("no room")
		}
		return nil
	})
	post := func(d pms.Delivery) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, d.URL, bytes.NewReader(d.Body))
		r.Header = d.Header
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code
	}
	assert.Equal(t, http.StatusOK, post(f.Delivery(pms.Event{Kind: pms.EventBookingChanged, BookingIDs: []string{"7"}})))
	assert.Equal(t, []pms.Event{{Vendor: "fake", Kind: pms.EventBookingChanged, BookingIDs: []string{"7"}}}, got)
	assert.Equal(t, http.StatusInternalServerError, post(f.Delivery(pms.Event{Kind: pms.EventUnknown})))
	forged := f.Delivery()
	forged.Header.Del("X-Fake-Secret")
	assert.Equal(t, http.StatusUnauthorized, post(forged))
	cut := f.Delivery(pms.Event{})
	cut.Body = cut.Body[:3]
	assert.Equal(t, http.StatusBadRequest, post(cut))
}
