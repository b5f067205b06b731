package hostaway_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/hostaway"
)

const otherPassword = "another-password-77aa"

func webhookClient(t testing.TB, change func(*hostaway.Config)) *hostaway.Client {
	t.Helper()
	cfg := hostaway.Config{AccountID: "40077", ClientSecret: "test-key", WebhookLogin: login, WebhookPassword: password}
	if change != nil {
		change(&cfg)
	}
	c, err := hostaway.New(cfg)
	require.NoError(t, err)
	return c
}

// basic is the header of a delivery.
func basic(login, password string) http.Header {
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(login, password)
	return req.Header
}

func TestParseWebhook(t *testing.T) {
	t.Parallel()
	c := webhookClient(t, nil)
	at := time.Date(2026, 9, 3, 10, 0, 1, 0, time.UTC)
	for name, tt := range map[string]struct {
		body string
		want pms.Event
	}{
		"created": {
			`{"object":"reservation","event":"reservation.created","accountId":40077,"data":{"id":5550101,"listingMapId":71234,"status":"new","updatedOn":"2026-09-03 10:00:01"}}`,
			pms.Event{Kind: pms.EventBookingCreated, RawKind: "reservation.created", AccountID: "40077", BookingIDs: []string{"5550101"}, PropertyIDs: []string{"71234"}, At: at},
		},
		"updated, in a payload, with units": {
			`{"object":"reservation","event":"reservation.updated","accountId":"40077","payload":{"data":{"id":"5550101","listingMapId":"71299","status":"modified","reservationUnit":[{"listingUnitId":64266},{"listingUnitId":"64267"}]}}}`,
			pms.Event{Kind: pms.EventBookingUpdated, RawKind: "reservation.updated", AccountID: "40077", BookingIDs: []string{"5550101"}, PropertyIDs: []string{"71299/64266", "71299/64267"}},
		},
		"cancelled": {
			`{"event":"reservation.updated","data":{"id":5550101,"status":"cancelled"}}`,
			pms.Event{Kind: pms.EventBookingCancelled, RawKind: "reservation.updated", BookingIDs: []string{"5550101"}},
		},
		"a message": {
			`{"object":"conversationMessage","event":"message.received","accountId":40077,"data":{"id":1,"body":"hello"}}`,
			pms.Event{Kind: pms.EventUnknown, RawKind: "message.received", AccountID: "40077"},
		},
		"something new": {
			`{"object":"reservation","event":"reservation.archived","accountId":40077,"data":{"id":5550101}}`,
			pms.Event{Kind: pms.EventUnknown, RawKind: "reservation.archived", AccountID: "40077"},
		},
		"a test of the connection": {`{"data":"test"}`, pms.Event{Kind: pms.EventUnknown}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := c.ParseWebhook(pms.Delivery{Header: basic(login, password), Body: []byte(tt.body)})
			require.NoError(t, err)
			tt.want.Vendor, tt.want.Raw = "hostaway", []byte(tt.body)
			require.Equal(t, []pms.Event{tt.want}, events)
		})
	}
}

func TestParseWebhookWithoutReservation(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`null`, `"test"`, `[]`, `{}`, `{"id":null}`} {
		events, err := webhookClient(t, nil).ParseWebhook(pms.Delivery{
			Header: basic(login, password), Body: []byte(`{"event":"reservation.updated","data":` + data + `}`),
		})
		require.NoError(t, err)
		require.Equal(t, pms.EventUnknown, events[0].Kind)
		require.Len(t, events[0].Failed, 1)
		require.EqualError(t, events[0].Failed[0], "hostaway: event #1: data.id: missing")
	}
}

func TestParseWebhookRefusesWhatProvesNothing(t *testing.T) {
	t.Parallel()
	none := func(cfg *hostaway.Config) { cfg.WebhookLogin, cfg.WebhookPassword = "", "" }
	rotated := func(cfg *hostaway.Config) {
		cfg.WebhookPassword, cfg.PreviousWebhookPassword = otherPassword, password
	}
	body := `{"event":"reservation.updated","accountId":40077,"data":{"id":5550101}}`
	for name, tt := range map[string]struct {
		change func(*hostaway.Config)
		header http.Header
		body   string
		want   error
	}{
		"nothing configured, nothing sent": {none, basic("", ""), body, pms.ErrBadSignature},
		"nothing configured":               {none, basic(login, password), body, pms.ErrBadSignature},
		"no header":                        {nil, nil, body, pms.ErrBadSignature},
		"another scheme":                   {nil, http.Header{"Authorization": {"Bearer " + password}}, body, pms.ErrBadSignature},
		"another password":                 {nil, basic(login, otherPassword), body, pms.ErrBadSignature},
		"another login":                    {nil, basic("changeove", password), body, pms.ErrBadSignature},
		"no password":                      {nil, basic(login, ""), body, pms.ErrBadSignature},
		"another account":                  {nil, basic(login, password), `{"event":"reservation.updated","accountId":40078,"data":{"id":1}}`, pms.ErrBadSignature},
		"during rotation, old":             {rotated, basic(login, password), body, nil},
		"during rotation, new":             {rotated, basic(login, otherPassword), body, nil},
		"after rotation, old":              {func(cfg *hostaway.Config) { cfg.WebhookPassword = otherPassword }, basic(login, password), body, pms.ErrBadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := webhookClient(t, tt.change).ParseWebhook(pms.Delivery{Header: tt.header, Body: []byte(tt.body)})
			if tt.want == nil {
				require.NoError(t, err)
				require.Len(t, events, 1)
				require.False(t, events[0].Trusted)
				return
			}
			require.ErrorIs(t, err, tt.want)
			require.Empty(t, events)
			require.NotContains(t, err.Error(), password)
		})
	}
}

func TestParseWebhookUnreadable(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "[]", "{", "<html>", `"x"`, "7"} {
		_, err := webhookClient(t, nil).ParseWebhook(pms.Delivery{Header: basic(login, password), Body: []byte(body)})
		require.ErrorIs(t, err, pms.ErrDecode, "body %q", body)
	}
}

func FuzzParseWebhook(f *testing.F) {
	f.Add([]byte(`{"object":"reservation","event":"reservation.created","accountId":40077,"data":{"id":5550101,"status":"new"}}`))
	f.Add([]byte(`{"event":"reservation.updated","payload":{"data":{"id":[],"reservationUnit":{}}}}`))
	f.Add([]byte(`{"data":"test"}`))
	c := webhookClient(f, nil)
	header := basic(login, password)
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := c.ParseWebhook(pms.Delivery{Header: header, Body: body})
		if err != nil {
			require.True(t, isOneOf(err, pms.ErrDecode, pms.ErrBadSignature), "%v", err)
			return
		}
		require.Len(t, events, 1)
		if events[0].Kind != pms.EventUnknown {
			require.NotEmpty(t, events[0].BookingIDs)
		}
	})
}

func BenchmarkParseWebhook10KB(b *testing.B) {
	c := webhookClient(b, nil)
	body := []byte(`{"object":"reservation","event":"reservation.updated","accountId":40077,"data":{"id":5550101,"status":"modified","filler":"`)
	for len(body) < 10_000 {
		body = append(body, "filler filler "...)
	}
	d := pms.Delivery{Header: basic(login, password), Body: append(body, `"}}`...)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.ParseWebhook(d); err != nil {
			b.Fatal(err)
		}
	}
}
