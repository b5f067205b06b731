package hospitable_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/hospitable"
	"github.com/changeover-sdk/changeover/pms/pmstest"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func webhookClient(t testing.TB, cfg hospitable.Config) *hospitable.Client {
	t.Helper()
	cfg.Token = "test-token"
	c, err := hospitable.New(cfg)
	require.NoError(t, err)
	return c
}

// signed is a delivery as the vendor signs it.
func signed(secret, body string) pms.Delivery {
	header := http.Header{}
	header.Set("Signature", sandbox.HospitableSignature(secret, []byte(body)))
	return pms.Delivery{Header: header, URL: "/hooks/hospitable", Body: []byte(body)}
}

// parsed is an event with what its JSON form leaves out.
type parsed struct {
	pms.Event
	Failed []string `json:"failed,omitempty"`
}

func deliveries(t testing.TB) []json.RawMessage {
	t.Helper()
	data, err := os.ReadFile("testdata/webhooks.json")
	require.NoError(t, err)
	var list []json.RawMessage
	require.NoError(t, json.Unmarshal(data, &list))
	return list
}

func TestParseWebhook(t *testing.T) {
	t.Parallel()
	c := webhookClient(t, hospitable.Config{WebhookSecret: hookSecret, TimeZone: "Europe/Helsinki"})
	var out []parsed
	for _, body := range deliveries(t) {
		d := signed(hookSecret, string(body))
		events, err := c.ParseWebhook(d)
		require.NoError(t, err)
		require.Len(t, events, 1)
		require.True(t, events[0].Trusted)
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

// The vector was computed with another implementation.
func TestWebhookSignature(t *testing.T) {
	t.Parallel()
	const signature = "cc99bf5947391ddb0d0d9866f5b9d3a68e8b273c5ac8f699b4ae2399a7433118"
	c := webhookClient(t, hospitable.Config{WebhookSecret: "123456"})
	d := pms.Delivery{Header: http.Header{"Signature": {signature}}, Body: []byte(`{"foo":"bar"}`)}
	events, err := c.ParseWebhook(d)
	require.NoError(t, err)
	require.Equal(t, pms.EventUnknown, events[0].Kind)
	d.Body = []byte(`{"foo": "bar"}`)
	_, err = c.ParseWebhook(d)
	require.ErrorIs(t, err, pms.ErrBadSignature, "the same JSON in other bytes")
	require.EqualError(t, err, "hospitable: ParseWebhook: bad signature")
}

func TestParseWebhookRefusesWhatProvesNothing(t *testing.T) {
	t.Parallel()
	const mail = "olga@example.com"
	mailKey := base64.StdEncoding.EncodeToString([]byte(mail))
	body := string(deliveries(t)[0])
	current := hospitable.Config{WebhookSecret: hookSecret}
	for name, tt := range map[string]struct {
		cfg     hospitable.Config
		d       pms.Delivery
		want    error
		trusted bool
	}{
		"its own secret":           {current, signed(hookSecret, body), nil, true},
		"during rotation, new":     {hospitable.Config{WebhookSecret: hookSecret, PreviousWebhookSecret: oldSecret}, signed(hookSecret, body), nil, true},
		"during rotation, old":     {hospitable.Config{WebhookSecret: hookSecret, PreviousWebhookSecret: oldSecret}, signed(oldSecret, body), nil, true},
		"the e-mail":               {hospitable.Config{Email: " " + mail}, signed(mailKey, body), nil, false},
		"the secret beside it":     {hospitable.Config{Email: mail, WebhookSecret: hookSecret}, signed(hookSecret, body), nil, true},
		"another e-mail":           {hospitable.Config{Email: "petr@example.com"}, signed(mailKey, body), pms.ErrBadSignature, false},
		"the e-mail as it is":      {hospitable.Config{Email: mail}, signed(mail, body), pms.ErrBadSignature, false},
		"another secret":           {current, signed(oldSecret, body), pms.ErrBadSignature, false},
		"no secret configured":     {hospitable.Config{}, signed(hookSecret, body), pms.ErrBadSignature, false},
		"signed with nothing":      {hospitable.Config{}, signed("", body), pms.ErrBadSignature, false},
		"no signature":             {current, pms.Delivery{Body: []byte(body)}, pms.ErrBadSignature, false},
		"unread before it is sure": {current, signed(oldSecret, "{"), pms.ErrBadSignature, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := webhookClient(t, tt.cfg).ParseWebhook(tt.d)
			if tt.want == nil {
				require.NoError(t, err)
				require.Len(t, events, 1)
				require.Equal(t, tt.trusted, events[0].Trusted)
				require.Equal(t, []string{"r-1"}, events[0].BookingIDs)
				return
			}
			require.ErrorIs(t, err, tt.want)
			require.Empty(t, events)
			pmstest.NoSecrets(t, err.Error(), hookSecret, oldSecret, mail, mailKey)
		})
	}
}

func TestParseWebhookUnreadable(t *testing.T) {
	t.Parallel()
	c := webhookClient(t, hospitable.Config{WebhookSecret: hookSecret})
	for _, body := range []string{"", "{", "[]", `[{"action":"reservation.created"}]`, "<html>", `"x"`, "7", "null", "{}}"} {
		_, err := c.ParseWebhook(signed(hookSecret, body))
		require.ErrorIs(t, err, pms.ErrDecode, "body %q", body)
	}
}

// An event that comes late does not replace what a later one said.
func TestEventsOutOfOrder(t *testing.T) {
	t.Parallel()
	c := webhookClient(t, hospitable.Config{WebhookSecret: hookSecret})
	var stored pms.Booking
	bodies := deliveries(t)
	for _, i := range []int{0, 2, 1, 2, 0} {
		events, err := c.ParseWebhook(signed(hookSecret, string(bodies[i])))
		require.NoError(t, err)
		b := events[0].Bookings[0]
		require.Equal(t, events[0].At, b.UpdatedAt)
		if b.Supersedes(stored) {
			stored = b
		}
	}
	require.Equal(t, pms.StatusCancelled, stored.Status)
	require.Equal(t, time.Date(2026, time.September, 1, 9, 12, 5, 0, time.UTC), stored.UpdatedAt)
}

func FuzzParseWebhook(f *testing.F) {
	for _, body := range deliveries(f) {
		f.Add([]byte(body))
	}
	c := webhookClient(f, hospitable.Config{WebhookSecret: hookSecret})
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := c.ParseWebhook(signed(hookSecret, string(body)))
		if err != nil {
			require.ErrorIs(t, err, pms.ErrDecode)
			return
		}
		require.Len(t, events, 1)
		e := events[0]
		if e.Kind == pms.EventUnknown {
			require.Empty(t, e.Bookings)
		}
		for _, b := range e.Bookings {
			require.Equal(t, []string{b.ID}, e.BookingIDs)
		}
	})
}

func BenchmarkParseWebhook10KB(b *testing.B) {
	c := webhookClient(b, hospitable.Config{WebhookSecret: hookSecret})
	body := fmt.Sprintf(`{"id":"01KC","action":"reservation.changed","triggers":["dates_changed"],"created":"2026-09-01T09:12:05Z","data":{"id":"r-1",`+
		`"arrival_date":"2026-10-24T00:00:00+03:00","departure_date":"2026-10-27T00:00:00+02:00","reservation_status":{"current":{"category":"accepted"}},`+
		`"properties":[{"id":"p-1","description":%q}]}}`, strings.Repeat("x", 10_000))
	d := signed(hookSecret, body)
	b.ReportAllocs()
	for b.Loop() {
		if events, err := c.ParseWebhook(d); err != nil || len(events[0].Bookings) != 1 {
			b.Fatal(err)
		}
	}
}
