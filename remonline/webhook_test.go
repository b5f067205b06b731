package remonline_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/remonline"
	"github.com/changeover-sdk/changeover/remonline/remonlinetest"
)

const hookSecret = "sandbox-remonline-webhook"

func hookClient(t testing.TB, secret, previous string) *remonline.Client {
	t.Helper()
	c, err := remonline.New(remonline.Config{APIKey: "k", WebhookSecret: secret, PreviousWebhookSecret: previous})
	require.NoError(t, err)
	return c
}

func TestParseWebhook(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 6, 16, 40, 12, 120_000_000, time.UTC)
	account := remonlinetest.NewAccount(1, remonlinetest.Options{Orders: 1, Clock: func() time.Time { return at }})
	for name, tt := range map[string]struct {
		event    string
		metadata any
		want     remonline.Event
	}{
		"status":  {"Order.Status.Changed", map[string]any{"old": map[string]any{"id": 910004}, "new": map[string]any{"id": 910006}}, remonline.Event{Name: remonline.EventOrderStatusChanged, OldID: "910004", NewID: "910006"}},
		"blank":   {"Order.Deleted ", nil, remonline.Event{Name: remonline.EventOrderDeleted}},
		"number":  {"Order.ScheduledTime.Changed", map[string]any{"new": 1778085612120}, remonline.Event{Name: "Order.ScheduledTime.Changed", NewID: "1778085612120"}},
		"no list": {"Order.Created", []string{}, remonline.Event{Name: remonline.EventOrderCreated}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header, body, err := account.Delivery(tt.event, 71200455, tt.metadata)
			require.NoError(t, err)
			got, err := hookClient(t, hookSecret, "").ParseWebhook(pms.Delivery{Header: header, Body: body})
			require.NoError(t, err)
			require.NotEmpty(t, got.ID)
			require.True(t, at.Equal(got.At))
			tt.want.ID, tt.want.At, tt.want.Raw, tt.want.ObjectID, tt.want.ObjectType = got.ID, got.At, body, "71200455", "order"
			require.Equal(t, tt.want, got)
		})
	}
}

func TestParseWebhookRefusesWhatProvesNothing(t *testing.T) {
	t.Parallel()
	const (
		deliveryID = "5b0c7c1e-3d0a-4a4e-9a57-2f4d0c3b8a11"
		// openssl dgst -sha256 -hmac sandbox-remonline-webhook, over deliveryID
		signature = "6f36e0e166dd810cd043a4e55e1c355a528a169e8ab38b77eef5d693a0ca274f"
	)
	account := remonlinetest.NewAccount(1, remonlinetest.Options{Orders: 1})
	header, body, err := account.Delivery("Order.Created", 1, nil)
	require.NoError(t, err)
	good := header.Get("X-Signature")
	for name, tt := range map[string]struct {
		client    *remonline.Client
		signature string
		body      []byte
		want      error
	}{
		"signed":               {hookClient(t, hookSecret, ""), good, body, nil},
		"upper case":           {hookClient(t, hookSecret, ""), string(bytes.ToUpper([]byte(good))), body, nil},
		"during a rotation":    {hookClient(t, "another secret", hookSecret), good, body, nil},
		"no secret configured": {hookClient(t, "", ""), good, body, pms.ErrBadSignature},
		"another secret":       {hookClient(t, "another secret", ""), good, body, pms.ErrBadSignature},
		"another id":           {hookClient(t, hookSecret, ""), good, []byte(`{"id":"` + deliveryID + `","event_name":"x"}`), pms.ErrBadSignature},
		"by openssl":           {hookClient(t, hookSecret, ""), signature, []byte(`{"id":"` + deliveryID + `","event_name":"x"}`), nil},
		"of another delivery":  {hookClient(t, hookSecret, ""), signature, body, pms.ErrBadSignature},
		"none":                 {hookClient(t, hookSecret, ""), "", body, pms.ErrBadSignature},
		"empty body":           {hookClient(t, hookSecret, ""), good, nil, pms.ErrBadSignature},
	} {
		_, err := tt.client.ParseWebhook(pms.Delivery{Header: http.Header{"X-Signature": {tt.signature}}, Body: tt.body})
		if tt.want == nil {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, tt.want, name)
	}
}

func TestParseWebhookTakesTheIDFromTheHeader(t *testing.T) {
	t.Parallel()
	header, body, err := remonlinetest.NewAccount(1, remonlinetest.Options{Orders: 1}).Delivery("Order.Created", 1, nil)
	require.NoError(t, err)
	c := hookClient(t, hookSecret, "")
	event, err := c.ParseWebhook(pms.Delivery{Header: header, Body: body})
	require.NoError(t, err)
	header.Set("X-Webhook-Id", event.ID)
	event, err = c.ParseWebhook(pms.Delivery{Header: header, Body: []byte(`{"event_name":"Order.Created","context":{"object_id":5}}`)})
	require.NoError(t, err)
	require.Equal(t, []string{header.Get("X-Webhook-Id"), "5"}, []string{event.ID, event.ObjectID})
	_, err = c.ParseWebhook(pms.Delivery{Header: header, Body: []byte(`{`)})
	require.ErrorIs(t, err, pms.ErrDecode)
}

func TestWebhookHandler(t *testing.T) {
	t.Parallel()
	var got []remonline.Event
	fail := errors.New("no room")
	handler := remonline.WebhookHandler(hookClient(t, hookSecret, ""), func(_ context.Context, e remonline.Event) error {
		got = append(got, e)
		if e.ObjectID == "2" {
			return fail
		}
		return nil
	})
	account := remonlinetest.NewAccount(1, remonlinetest.Options{Orders: 1})
	for object, want := range map[int64]int{1: http.StatusOK, 2: http.StatusInternalServerError} {
		header, body, err := account.Delivery("Order.Status.Changed", object, nil)
		require.NoError(t, err)
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hook", bytes.NewReader(body))
		request.Header = header
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		require.Equal(t, want, recorder.Code)
		require.Equal(t, body, []byte(got[len(got)-1].Raw))
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hook", bytes.NewReader([]byte(`{"id":"x"}`))))
	require.Equal(t, http.StatusUnauthorized, recorder.Code)
	require.Len(t, got, 2)
}

// Nothing unsigned gets through, and what is signed is read or refused.
func FuzzParseWebhook(f *testing.F) {
	header, body, err := remonlinetest.NewAccount(1, remonlinetest.Options{Orders: 1}).Delivery("Order.Created", 1, nil)
	require.NoError(f, err)
	f.Add(header.Get("X-Signature"), "", body)
	f.Add("", "x", []byte(`{"id":{"id":1},"metadata":{"old":7,"new":[]},"context":[]}`))
	f.Add("00", "", []byte(`{"id":"1","event_name":" "}`))
	c, stranger := hookClient(f, hookSecret, ""), hookClient(f, "another secret", "")
	f.Fuzz(func(t *testing.T, signature, headerID string, body []byte) {
		d := pms.Delivery{Header: http.Header{"X-Signature": {signature}, "X-Webhook-Id": {headerID}}, Body: body}
		_, err := stranger.ParseWebhook(d)
		require.ErrorIs(t, err, pms.ErrBadSignature)
		event, err := c.ParseWebhook(d)
		if err == nil {
			require.NotEmpty(t, event.ID)
			require.NotEmpty(t, event.Name)
		}
	})
}
