package bnovo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/bnovo"
	"github.com/changeover-sdk/changeover/pms"
)

const webhookSecret = "0123456789abcdef0123456789abcdef"

func webhookClient(t testing.TB, cfg bnovo.Config) *bnovo.Client {
	t.Helper()
	cfg.ID, cfg.Password = "9001", "test-key"
	c, err := bnovo.New(cfg)
	require.NoError(t, err)
	return c
}

func webhookURL(t testing.TB, account, secret string) string {
	t.Helper()
	path, err := bnovo.NewWebhookPath(account, secret)
	require.NoError(t, err)
	return "/hooks/bnovo/" + path
}

func TestParseWebhook(t *testing.T) {
	t.Parallel()
	c := webhookClient(t, bnovo.Config{WebhookSecret: webhookSecret})
	target := webhookURL(t, "9001", webhookSecret)
	for name, tt := range map[string]struct {
		body string
		want pms.Event
	}{
		"bookings": {
			`{"hotel_id":24,"booking_ids":[402,"403"]}`,
			pms.Event{Kind: pms.EventBookingChanged, RawKind: "booking", AccountID: "24", BookingIDs: []string{"402", "403"}},
		},
		"bookings inside data": {
			`{"data":{"hotel_id":24,"booking_ids":[402]}}`,
			pms.Event{Kind: pms.EventBookingChanged, RawKind: "booking", AccountID: "24", BookingIDs: []string{"402"}},
		},
		"prices": {
			`{"hotel_id":24,"prices":{"29":{"71":["2026-01-16"]}}}`,
			pms.Event{Kind: pms.EventUnknown, RawKind: "plans_data_update", AccountID: "24"},
		},
		"something new": {
			`{"hotel_id":24,"rooms":[1]}`,
			pms.Event{Kind: pms.EventUnknown, AccountID: "24"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := c.ParseWebhook(pms.Delivery{URL: target, Body: []byte(tt.body)})
			require.NoError(t, err)
			tt.want.Vendor, tt.want.Raw = "bnovo", []byte(tt.body)
			require.Equal(t, []pms.Event{tt.want}, events)
		})
	}
}

func TestParseWebhookRefusesWhatProvesNothing(t *testing.T) {
	t.Parallel()
	const other = "fedcba9876543210fedcba9876543210"
	body := []byte(`{"hotel_id":24,"booking_ids":[402]}`)
	for name, tt := range map[string]struct {
		cfg    bnovo.Config
		target string
		want   error
	}{
		"no secret configured":  {bnovo.Config{}, webhookURL(t, "9001", webhookSecret), pms.ErrBadSignature},
		"another secret":        {bnovo.Config{WebhookSecret: webhookSecret}, webhookURL(t, "9001", other), pms.ErrBadSignature},
		"another account":       {bnovo.Config{WebhookSecret: webhookSecret}, webhookURL(t, "9002", webhookSecret), pms.ErrBadSignature},
		"no token":              {bnovo.Config{WebhookSecret: webhookSecret}, "/hooks/bnovo/9001", pms.ErrBadSignature},
		"another hotel":         {bnovo.Config{WebhookSecret: webhookSecret, HotelID: "25"}, webhookURL(t, "9001", webhookSecret), pms.ErrBadSignature},
		"during rotation, old":  {bnovo.Config{WebhookSecret: other, PreviousWebhookSecret: webhookSecret}, webhookURL(t, "9001", webhookSecret), nil},
		"its own hotel":         {bnovo.Config{WebhookSecret: webhookSecret, HotelID: "24"}, webhookURL(t, "9001", webhookSecret), nil},
		"with a query, a slash": {bnovo.Config{WebhookSecret: webhookSecret}, webhookURL(t, "9001", webhookSecret) + "/?from=bnovo", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := webhookClient(t, tt.cfg).ParseWebhook(pms.Delivery{URL: tt.target, Body: body})
			if tt.want == nil {
				require.NoError(t, err)
				require.Len(t, events, 1)
				return
			}
			require.ErrorIs(t, err, tt.want)
			require.Empty(t, events)
			require.NotContains(t, err.Error(), webhookSecret)
		})
	}
}

func TestParseWebhookUnreadable(t *testing.T) {
	t.Parallel()
	c := webhookClient(t, bnovo.Config{WebhookSecret: webhookSecret})
	for _, body := range []string{"", "[]", "{", "<html>", `"x"`} {
		_, err := c.ParseWebhook(pms.Delivery{URL: webhookURL(t, "9001", webhookSecret), Body: []byte(body)})
		require.ErrorIs(t, err, pms.ErrDecode, "body %q", body)
	}
}

func TestNewWebhookPath(t *testing.T) {
	t.Parallel()
	_, err := bnovo.NewWebhookPath("9001", "short")
	require.EqualError(t, err, "bnovo: the webhook secret needs at least 16 bytes")
	_, err = bnovo.NewWebhookPath("", webhookSecret)
	require.EqualError(t, err, "bnovo: the webhook path needs an account id")
}

func FuzzParseWebhook(f *testing.F) {
	f.Add([]byte(`{"hotel_id":24,"booking_ids":[402]}`))
	f.Add([]byte(`{"data":{"hotel_id":24,"booking_ids":[402]}}`))
	f.Add([]byte(`{"hotel_id":[],"prices":null}`))
	c := webhookClient(f, bnovo.Config{WebhookSecret: webhookSecret})
	target := webhookURL(f, "9001", webhookSecret)
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := c.ParseWebhook(pms.Delivery{URL: target, Body: body})
		if err != nil {
			require.ErrorIs(t, err, pms.ErrDecode)
			return
		}
		require.Len(t, events, 1)
	})
}

func BenchmarkParseWebhook10KB(b *testing.B) {
	c := webhookClient(b, bnovo.Config{WebhookSecret: webhookSecret})
	body := []byte(`{"hotel_id":24,"booking_ids":[402`)
	for len(body) < 10_000 {
		body = append(body, ",1402000"...)
	}
	d := pms.Delivery{URL: webhookURL(b, "9001", webhookSecret), Body: append(body, "]}"...)}
	for b.Loop() {
		if _, err := c.ParseWebhook(d); err != nil {
			b.Fatal(err)
		}
	}
}
