package pms_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestSentinelsAreDistinct(t *testing.T) {
	t.Parallel()
	sentinels := []error{
		pms.ErrUnauthorized, pms.ErrForbidden, pms.ErrNotFound, pms.ErrInvalid, pms.ErrConflict, pms.ErrRateLimited,
		pms.ErrUnavailable, pms.ErrDecode, pms.ErrTooLarge, pms.ErrNotSupported, pms.ErrBadCursor, pms.ErrBadSignature,
		pms.ErrPrivateAddress, pms.ErrLinkContradicts,
	}
	texts := make(map[string]bool)
	for i, a := range sentinels {
		texts[a.Error()] = true
		for j, b := range sentinels {
			assert.Equal(t, i == j, errors.Is(fmt.Errorf("call: %w", a), b), "%v is %v", a, b)
		}
	}
	assert.Len(t, texts, len(sentinels))
}

func TestAPIErrorText(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]*pms.APIError{
		"guesty: ListReservations: 401 invalid token (request 7f3a)": {
			Vendor: "guesty", Op: "ListReservations", StatusCode: 401, Message: "invalid token", RequestID: "7f3a", Kind: pms.ErrUnauthorized,
		},
		"bnovo: ListBookings: 429 rate limited (retry after 1m0s)": {
			Vendor: "bnovo", Op: "ListBookings", StatusCode: 429, RetryAfter: time.Minute, Kind: pms.ErrRateLimited,
		},
		"bnovo: ListBookings: unavailable: context deadline exceeded": {
			Vendor: "bnovo", Op: "ListBookings", Kind: pms.ErrUnavailable, Err: context.DeadlineExceeded,
		},
		"bnovo: failed": {Vendor: "bnovo"},
	} {
		require.EqualError(t, err, want)
	}
}

func TestAPIErrorUnwrap(t *testing.T) {
	t.Parallel()
	both := fmt.Errorf("sync: %w", &pms.APIError{Kind: pms.ErrUnavailable, Err: context.DeadlineExceeded})
	require.ErrorIs(t, both, pms.ErrUnavailable)
	require.ErrorIs(t, both, context.DeadlineExceeded)
	require.NotErrorIs(t, both, pms.ErrDecode)
	var api *pms.APIError
	require.ErrorAs(t, both, &api)
	assert.Empty(t, (&pms.APIError{}).Unwrap(), "no nil among the causes")
}

func logged(t *testing.T, value any) map[string]any {
	t.Helper()
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "err", value)
	var line struct {
		Err map[string]any `json:"err"`
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	return line.Err
}

func TestAPIErrorLog(t *testing.T) {
	t.Parallel()
	err := &pms.APIError{
		Vendor: "bnovo", Op: "ListBookings", Method: "GET", URL: "https://api.example.org/bookings?key=***", StatusCode: 500,
		RequestID: "r1", Attempts: 3, Body: []byte("Vera Testova"), Kind: pms.ErrUnavailable,
	}
	assert.Equal(t, map[string]any{
		"vendor": "bnovo", "op": "ListBookings", "error": "bnovo: ListBookings: 500 unavailable (request r1)",
		"method": "GET", "url": "https://api.example.org/bookings?key=***", "status": 500.0, "request": "r1", "attempts": 3.0,
	}, logged(t, err))
	assert.Equal(t, map[string]any{"vendor": "bnovo", "op": "X", "error": "bnovo: X: not supported"},
		logged(t, &pms.APIError{Vendor: "bnovo", Op: "X", Attempts: 1, Kind: pms.ErrNotSupported}))
}

func TestRecordError(t *testing.T) {
	t.Parallel()
	cause := errors.New("not a date")
	bad := &pms.RecordError{
		Vendor: "bnovo", Record: "booking", ID: "5550123", Field: "dates.arrival", Err: cause, Raw: []byte(`"Vera Testova"`),
	}
	require.EqualError(t, bad, "bnovo: booking 5550123: dates.arrival: not a date")
	require.ErrorIs(t, bad, cause)
	assert.Equal(t, map[string]any{
		"vendor": "bnovo", "record": "booking", "id": "5550123", "field": "dates.arrival",
		"error": "bnovo: booking 5550123: dates.arrival: not a date",
	}, logged(t, bad))
	require.EqualError(t, &pms.RecordError{Vendor: "bnovo", Record: "event", ID: "#3"}, "bnovo: event #3")
}
