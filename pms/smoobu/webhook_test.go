package smoobu_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/smoobu"
)

const (
	webhookSecret = "0123456789abcdef0123456789abcdef"
	otherSecret   = "fedcba9876543210fedcba9876543210"
)

func webhookClient(t testing.TB, cfg smoobu.Config) *smoobu.Client {
	t.Helper()
	cfg.APIKey, cfg.APISecret, cfg.UserID = "test-key", "test-secret", "7"
	c, err := smoobu.New(cfg)
	require.NoError(t, err)
	return c
}

func webhookURL(t testing.TB, user, secret string) string {
	t.Helper()
	path, err := smoobu.NewWebhookPath(user, secret)
	require.NoError(t, err)
	return "/hooks/smoobu/" + path
}

// parsed is an event with what its JSON form leaves out.
type parsed struct {
	pms.Event
	Failed []string `json:"failed,omitempty"`
}

func TestParseWebhook(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/webhooks.json")
	require.NoError(t, err)
	var deliveries []json.RawMessage
	require.NoError(t, json.Unmarshal(data, &deliveries))
	c := webhookClient(t, smoobu.Config{WebhookSecret: webhookSecret, TimeZone: "Europe/Berlin"})
	var out []parsed
	for _, body := range deliveries {
		d := pms.Delivery{URL: webhookURL(t, "7", webhookSecret), Body: body}
		events, err := c.ParseWebhook(d)
		require.NoError(t, err)
		require.Len(t, events, 1)
		require.False(t, events[0].Trusted)
		require.JSONEq(t, string(body), string(events[0].Raw))
		again, err := c.ParseWebhook(d)
		require.NoError(t, err)
		require.Equal(t, events, again, "a delivery that comes twice")
		p := parsed{Event: events[0]}
		for _, bad := range events[0].Failed {
			p.Failed = append(p.Failed, bad.Error())
		}
		out = append(out, p)
	}
	pmstest.Golden(t, "testdata/webhooks.golden.json", out)
}

func TestParseWebhookRefusesWhatProvesNothing(t *testing.T) {
	t.Parallel()
	own := `{"action":"cancelReservation","user":7,"data":{"id":1}}`
	foreign := `{"action":"cancelReservation","user":8,"data":{"id":1}}`
	unnamed := `{"action":"cancelReservation","data":{"id":1}}`
	current := smoobu.Config{WebhookSecret: webhookSecret}
	right := webhookURL(t, "7", webhookSecret)
	for name, tt := range map[string]struct {
		cfg          smoobu.Config
		target, body string
		want         error
	}{
		"no secret configured":     {smoobu.Config{}, right, own, pms.ErrBadSignature},
		"another secret":           {current, webhookURL(t, "7", otherSecret), own, pms.ErrBadSignature},
		"another user":             {current, webhookURL(t, "8", webhookSecret), own, pms.ErrBadSignature},
		"no token":                 {current, "/hooks/smoobu/7", own, pms.ErrBadSignature},
		"token in the query":       {current, "/hooks/smoobu/7?x=" + right, own, pms.ErrBadSignature},
		"an event of another":      {current, right, foreign, pms.ErrBadSignature},
		"unread before it is sure": {current, "/hooks/smoobu/7", "{", pms.ErrBadSignature},
		"its own user":             {current, right, own, nil},
		"no user in the body":      {current, right, unnamed, nil},
		"during rotation, new":     {smoobu.Config{WebhookSecret: webhookSecret, PreviousWebhookSecret: otherSecret}, right, own, nil},
		"during rotation, old":     {smoobu.Config{WebhookSecret: otherSecret, PreviousWebhookSecret: webhookSecret}, right, own, nil},
		"with a query, a slash":    {current, right + "/?from=smoobu", own, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := webhookClient(t, tt.cfg).ParseWebhook(pms.Delivery{URL: tt.target, Body: []byte(tt.body)})
			if tt.want == nil {
				require.NoError(t, err)
				require.Len(t, events, 1)
				require.Equal(t, pms.EventBookingCancelled, events[0].Kind)
				require.Equal(t, pms.StatusCancelled, events[0].Bookings[0].Status)
				return
			}
			require.ErrorIs(t, err, tt.want)
			require.Empty(t, events)
			pmstest.NoSecrets(t, err.Error(), webhookSecret, otherSecret)
		})
	}
}

func TestParseWebhookUnreadable(t *testing.T) {
	t.Parallel()
	c := webhookClient(t, smoobu.Config{WebhookSecret: webhookSecret})
	for _, body := range []string{"", "{", "[]", `[{"action":"newReservation"}]`, "<html>", `"x"`, "7", "null", "{}}"} {
		_, err := c.ParseWebhook(pms.Delivery{URL: webhookURL(t, "7", webhookSecret), Body: []byte(body)})
		require.ErrorIs(t, err, pms.ErrDecode, "body %q", body)
	}
}

func TestNewWebhookPath(t *testing.T) {
	t.Parallel()
	_, err := smoobu.NewWebhookPath("7", "short")
	require.EqualError(t, err, "smoobu: the webhook secret needs at least 16 bytes")
	_, err = smoobu.NewWebhookPath(" ", webhookSecret)
	require.EqualError(t, err, "smoobu: the webhook path needs an account id")
	require.Equal(t, webhookURL(t, "7", webhookSecret), webhookURL(t, " 7\n", webhookSecret), "as New trims the user id")
}

func FuzzParseWebhook(f *testing.F) {
	data, err := os.ReadFile("testdata/webhooks.json")
	require.NoError(f, err)
	var deliveries []json.RawMessage
	require.NoError(f, json.Unmarshal(data, &deliveries))
	for _, body := range deliveries {
		f.Add([]byte(body))
	}
	c := webhookClient(f, smoobu.Config{WebhookSecret: webhookSecret})
	target := webhookURL(f, "7", webhookSecret)
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := c.ParseWebhook(pms.Delivery{URL: target, Body: body})
		if err != nil {
			return // ErrDecode, or ErrBadSignature for another user
		}
		require.Len(t, events, 1)
		e := events[0]
		if e.Kind == pms.EventUnknown {
			require.Empty(t, e.Bookings)
			return
		}
		require.Equal(t, 1, len(e.Bookings)+len(e.Failed), "the reservation is there or reported")
	})
}

func BenchmarkParseWebhook10KB(b *testing.B) {
	c := webhookClient(b, smoobu.Config{WebhookSecret: webhookSecret})
	body := `{"action":"updateReservation","user":7,"data":{"id":98110234,"type":"reservation","arrival":"2026-12-04","departure":"2026-12-08",` +
		`"apartment":{"id":412007,"name":"Loft"},"guest-name":"Mara Lind","price":512.5,"priceElements":[` +
		strings.TrimSuffix(strings.Repeat(`{"type":"addon","amount":12.5,"quantity":1,"currencyCode":"EUR"},`, 150), ",") + `]}}`
	d := pms.Delivery{URL: webhookURL(b, "7", webhookSecret), Body: []byte(body)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.ParseWebhook(d); err != nil {
			b.Fatal(err)
		}
	}
}
