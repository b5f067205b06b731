package realtycalendar_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
	"github.com/changeover-sdk/changeover/realtycalendar"
)

const (
	webhookSecret = "0123456789abcdef0123456789abcdef"
	otherSecret   = "fedcba9876543210fedcba9876543210"
)

func webhookClient(t testing.TB, cfg realtycalendar.Config) *realtycalendar.Client {
	t.Helper()
	if cfg.WebhookSecret == "" {
		cfg.PublicKey, cfg.PrivateKey = "test-public-key", "test-private-key"
	}
	cfg.AccountID = "20002"
	c, err := realtycalendar.New(cfg)
	require.NoError(t, err)
	return c
}

func webhookURL(t testing.TB, account, secret string) string {
	t.Helper()
	path, err := realtycalendar.NewWebhookPath(account, secret)
	require.NoError(t, err)
	return "/hooks/realtycalendar/" + path
}

// parse reads a body that came to the right address.
func parse(t testing.TB, body string) []pms.Event {
	t.Helper()
	events, err := webhookClient(t, realtycalendar.Config{WebhookSecret: webhookSecret}).ParseWebhook(pms.Delivery{
		URL: webhookURL(t, "20002", webhookSecret), Body: []byte(body),
	})
	require.NoError(t, err)
	return events
}

// parsed is an event with what its JSON form leaves out.
type parsed struct {
	pms.Event
	Failed []string `json:"failed,omitempty"`
}

// The file is one array, as a relay sends it; its elements come alone as well.
func TestParseWebhook(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/webhooks.json")
	require.NoError(t, err)
	var messages []json.RawMessage
	require.NoError(t, json.Unmarshal(data, &messages))
	events := parse(t, string(data))
	require.Len(t, events, len(messages))
	var out []parsed
	for i, event := range events {
		require.JSONEq(t, string(messages[i]), string(event.Raw))
		require.False(t, event.Trusted)
		p := parsed{Event: event}
		for _, bad := range event.Failed {
			p.Failed = append(p.Failed, bad.Error())
		}
		out = append(out, p)
		if messages[i][0] == '{' && len(event.Failed) == 0 {
			require.Equal(t, []pms.Event{event}, parse(t, string(messages[i])))
		}
	}
	pmstest.Golden(t, "testdata/webhooks.golden.json", out)
}

func TestParseWebhookRefusesWhatProvesNothing(t *testing.T) {
	t.Parallel()
	own := `{"action":"delete_booking","status":"deleted","data":{"booking":{"id":1,"agency_id":20002}}}`
	foreign := `{"action":"delete_booking","status":"deleted","data":{"booking":{"id":1,"agency_id":20003}}}`
	unnamed := `{"action":"delete_booking","status":"deleted","data":{"booking":{"id":1}}}`
	current := realtycalendar.Config{WebhookSecret: webhookSecret}
	right := webhookURL(t, "20002", webhookSecret)
	for name, tt := range map[string]struct {
		cfg          realtycalendar.Config
		target, body string
		want         error
	}{
		"no secret configured":     {realtycalendar.Config{}, right, own, pms.ErrBadSignature},
		"another secret":           {current, webhookURL(t, "20002", otherSecret), own, pms.ErrBadSignature},
		"another account":          {current, webhookURL(t, "20003", webhookSecret), own, pms.ErrBadSignature},
		"no token":                 {current, "/hooks/realtycalendar/20002", own, pms.ErrBadSignature},
		"token in the query":       {current, "/hooks/realtycalendar/20002?x=" + right, own, pms.ErrBadSignature},
		"a booking of another":     {current, right, foreign, pms.ErrBadSignature},
		"one of another among own": {current, right, "[" + own + "," + foreign + "]", pms.ErrBadSignature},
		"unread before it is sure": {current, "/hooks/realtycalendar/20002", "{", pms.ErrBadSignature},
		"its own account":          {current, right, own, nil},
		"no account in the body":   {current, right, unnamed, nil},
		"during rotation, new":     {realtycalendar.Config{WebhookSecret: webhookSecret, PreviousWebhookSecret: otherSecret}, right, own, nil},
		"during rotation, old":     {realtycalendar.Config{WebhookSecret: otherSecret, PreviousWebhookSecret: webhookSecret}, right, own, nil},
		"with a query, a slash":    {current, right + "/?from=rc", own, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := webhookClient(t, tt.cfg).ParseWebhook(pms.Delivery{URL: tt.target, Body: []byte(tt.body)})
			if tt.want == nil {
				require.NoError(t, err)
				require.Len(t, events, 1)
				require.Equal(t, pms.EventBookingDeleted, events[0].Kind)
				return
			}
			require.ErrorIs(t, err, tt.want)
			require.Empty(t, events)
			for _, secret := range []string{webhookSecret, otherSecret, "20002", "20003"} {
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
}

func TestParseWebhookUnreadable(t *testing.T) {
	t.Parallel()
	c := webhookClient(t, realtycalendar.Config{WebhookSecret: webhookSecret})
	for _, body := range []string{"", "{", "[{]", "<html>", `"x"`, "7", "null"} {
		_, err := c.ParseWebhook(pms.Delivery{URL: webhookURL(t, "20002", webhookSecret), Body: []byte(body)})
		require.ErrorIs(t, err, pms.ErrDecode, "body %q", body)
	}
	require.Empty(t, parse(t, "[]"))
}

func TestNewWebhookPath(t *testing.T) {
	t.Parallel()
	_, err := realtycalendar.NewWebhookPath("20002", "short")
	require.EqualError(t, err, "realtycalendar: the webhook secret needs at least 16 bytes")
	_, err = realtycalendar.NewWebhookPath(" ", webhookSecret)
	require.EqualError(t, err, "realtycalendar: the webhook path needs an account id")
	require.Equal(t, webhookURL(t, "20002", webhookSecret), webhookURL(t, " 20002\n", webhookSecret), "as New trims the account id")
}

func FuzzParseWebhook(f *testing.F) {
	data, err := os.ReadFile("testdata/webhooks.json")
	require.NoError(f, err)
	var messages []json.RawMessage
	require.NoError(f, json.Unmarshal(data, &messages))
	f.Add(data)
	for _, m := range messages {
		f.Add([]byte(m))
	}
	f.Add([]byte(`{"action":"update_booking","data":{"booking":[],"changes":"x"},"client":7}`))
	c := webhookClient(f, realtycalendar.Config{WebhookSecret: webhookSecret})
	target := webhookURL(f, "20002", webhookSecret)
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := c.ParseWebhook(pms.Delivery{URL: target, Body: body})
		if err != nil {
			require.Empty(t, events)
			return
		}
		for _, event := range events {
			require.Equal(t, "realtycalendar", event.Vendor)
			require.NotEmpty(t, event.Kind)
			require.Contains(t, []string{"", "20002"}, event.AccountID)
			for _, b := range event.Bookings {
				require.Equal(t, []string{b.ID}, event.BookingIDs)
				if event.Kind == pms.EventBookingDeleted || event.Kind == pms.EventBookingCancelled {
					require.False(t, b.Occupies())
				}
			}
		}
	})
}

// host keeps bookings as a host does, behind its webhook handler.
type host struct {
	http.Handler
	bookings map[pms.Key]pms.Booking
	kinds    []pms.EventKind
}

func newHost(p pms.WebhookParser) *host {
	h := &host{bookings: map[pms.Key]pms.Booking{}}
	stored := func(_ context.Context, key pms.Key) (pms.Booking, bool, error) {
		b, ok := h.bookings[key]
		return b, ok, nil
	}
	h.Handler = pms.WebhookHandler(p, pms.DropStale(stored, h.take))
	return h
}

func (h *host) take(_ context.Context, event pms.Event) error {
	h.kinds = append(h.kinds, event.Kind)
	for _, b := range event.Bookings {
		if old, ok := h.bookings[b.Key()]; !ok || b.Supersedes(old) {
			h.bookings[b.Key()] = b
		}
	}
	return nil
}

func (h *host) post(t testing.TB, target string, body []byte) int {
	t.Helper()
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, bytes.NewReader(body)))
	return answer.Code
}

// What the vendor's stand-in posts reaches the host's storage, and what it
// posts again changes nothing.
func TestWebhooksEndToEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHost(webhookClient(t, realtycalendar.Config{WebhookSecret: webhookSecret}))
		target := webhookURL(t, "20002", webhookSecret)
		s := serve(sandbox.RealtyCalendarOptions{
			MultiUnitLots: true,
			Webhooks:      []string{"https://host.example" + target},
			HTTPClient:    &http.Client{Transport: sandbox.Transport(h)},
		})
		defer s.Close()
		first, second := s.world.Units()[0], s.world.Units()[1]
		stay := sandbox.Stay{
			UnitID: first.ID, Status: pms.StatusInquiry, Arrival: day(time.December, 1), Departure: day(time.December, 4),
			Guest: pms.Guest{Name: "Тестова Анна", Phone: "+7 900 000-00-01"}, Channel: "direct",
		}
		step := func(kind pms.EventKind, change func() error) pms.Booking {
			t.Helper()
			pass(time.Minute)
			require.NoError(t, change())
			sent := s.Sent()
			require.Equal(t, http.StatusOK, sent[len(sent)-1].Status)
			require.Equal(t, kind, h.kinds[len(h.kinds)-1])
			require.Len(t, h.bookings, 1)
			return h.bookings[slices.Collect(maps.Keys(h.bookings))[0]]
		}
		var id string
		got := step(pms.EventBookingCreated, func() (err error) { id, err = s.world.AddStay(stay); return err })
		require.Equal(t, id, got.ID)
		require.Equal(t, pms.StatusInquiry, got.Status)
		require.False(t, got.Occupies())
		require.Equal(t, unit(first), got.PropertyID)
		require.Equal(t, "direct", got.Channel)
		require.Equal(t, "Europe/Moscow", got.TimeZone)
		require.WithinDuration(t, time.Now(), got.UpdatedAt, 0)

		got = step(pms.EventBookingUpdated, func() error {
			return s.world.Update(id, func(s *sandbox.Stay) { s.Status = pms.StatusConfirmed })
		})
		require.True(t, got.Occupies(), "a request that is booked is a stay from then on")
		step(pms.EventPaymentChanged, func() error { return s.world.Update(id, func(s *sandbox.Stay) { s.Paid = "1000" }) })
		got = step(pms.EventBookingUpdated, func() error { return s.world.Extend(id, day(time.December, 6)) })
		require.Equal(t, day(time.December, 6), got.Departure)
		got = step(pms.EventBookingUpdated, func() error { return s.world.MoveUnit(id, second.ID, pms.Date{}) })
		require.Equal(t, unit(second), got.PropertyID, "the cleaning moves with the lot")
		got = step(pms.EventBookingCancelled, func() error { return s.world.Cancel(id) })
		require.Equal(t, pms.StatusCancelled, got.Status)
		got = step(pms.EventBookingDeleted, func() error { return s.world.Delete(id) })
		require.Equal(t, pms.StatusCancelled, got.Status)
		require.Equal(t, unit(second), got.PropertyID)

		events := len(h.kinds)
		for _, sent := range s.Sent()[:len(s.Sent())-1] {
			require.Equal(t, http.StatusOK, h.post(t, target, sent.Body), "all of it comes again")
		}
		require.Len(t, h.kinds, events, "and is stale")
		require.Equal(t, got, h.bookings[got.Key()])
		require.Equal(t, http.StatusOK, h.post(t, target, s.BasketDelivery()))
		require.Equal(t, pms.EventUnknown, h.kinds[len(h.kinds)-1])
		require.Equal(t, http.StatusUnauthorized, h.post(t, webhookURL(t, "20002", otherSecret), s.Sent()[0].Body))
	})
}

// unit is the property of a unit in an account whose lots have rooms.
func unit(p sandbox.Property) string {
	if p.ParentID == "" {
		return p.ID
	}
	return p.ParentID + "/" + p.ID
}

// In whatever order and however often the deliveries of one booking come, the
// host ends with the newest.
func TestDeliveriesInAnyOrder(t *testing.T) {
	t.Parallel()
	target := webhookURL(t, "20002", webhookSecret)
	client := webhookClient(t, realtycalendar.Config{WebhookSecret: webhookSecret})
	actions := []string{"create_booking", "update_booking", "cancel_booking", "delete_booking"}
	rapid.Check(t, func(rt *rapid.T) {
		h := newHost(client)
		start := time.Date(2026, 6, 1, 12, 0, 0, 0, time.FixedZone("", 3*3600))
		var bodies [][]byte
		for i := range rapid.IntRange(1, 6).Draw(rt, "versions") {
			action := rapid.SampledFrom(actions).Draw(rt, "action")
			body, err := json.Marshal(map[string]any{"action": action, "status": "booked", "data": map[string]any{"booking": map[string]any{
				"id": 140000101, "agency_id": 20002, "realty_id": 345678 + i, "begin_date": "2026-06-20", "end_date": "2026-06-23",
				"is_delete": action == "delete_booking", "updated_at": start.Add(time.Duration(i) * time.Millisecond).Format("2006-01-02T15:04:05.000-07:00"),
			}}})
			require.NoError(rt, err)
			bodies = append(bodies, body)
		}
		events, err := client.ParseWebhook(pms.Delivery{URL: target, Body: bodies[len(bodies)-1]})
		require.NoError(rt, err)
		order := slices.Concat(rapid.Permutation(bodies).Draw(rt, "order"), rapid.SliceOf(rapid.SampledFrom(bodies)).Draw(rt, "again"))
		for _, body := range order {
			require.Equal(rt, http.StatusOK, h.post(t, target, body))
		}
		want := events[0].Bookings[0]
		require.Equal(rt, map[pms.Key]pms.Booking{want.Key(): want}, h.bookings)
	})
}
