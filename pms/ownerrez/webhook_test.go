package ownerrez_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/ownerrez"
)

const otherPassword = "another-password-77aa"

func webhookClient(t testing.TB, change func(*ownerrez.Config)) *ownerrez.Client {
	t.Helper()
	cfg := ownerrez.Config{Username: "u@example.com", Token: "pt_test", WebhookUser: hookUser, WebhookPassword: hookPassword, UserID: "4711"}
	if change != nil {
		change(&cfg)
	}
	c, err := ownerrez.New(cfg)
	require.NoError(t, err)
	return c
}

// authorized is the header of a delivery.
func authorized(user, password string) http.Header {
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(user, password)
	return req.Header
}

func TestParseWebhook(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 9, 2, 8, 0, 0, 0, time.UTC)
	linked := `{"id":9,"user_id":4711,"action":"entity_update","entity_type":"booking","entity_id":880016,
		"entity":{"id":880016,"property_id":40211,"type":"linkedAvailability","is_block":true,"status":"active"}}`
	for name, tt := range map[string]struct {
		body   string
		change func(*ownerrez.Config)
		want   pms.Event
	}{
		"created, with the record": {
			`{"id":1,"user_id":4711,"action":"entity_create","entity_type":"booking","entity_id":880015,
				"entity":{"id":880015,"property_id":40210,"type":"booking","status":"active","updated_utc":"2026-09-02T08:00:00Z"},"categories":[]}`, nil,
			pms.Event{ID: "1", Kind: pms.EventBookingCreated, RawKind: "booking.entity_create", AccountID: "4711", BookingIDs: []string{"880015"}, PropertyIDs: []string{"40210"}, At: at},
		},
		"updated, ids as text, no record": {
			`{"id":"2","user_id":"4711","action":"entity_update","entity_type":"booking","entity_id":"880015"}`, nil,
			pms.Event{ID: "2", Kind: pms.EventBookingUpdated, RawKind: "booking.entity_update", AccountID: "4711", BookingIDs: []string{"880015"}},
		},
		"canceled": {
			`{"id":3,"user_id":4711,"action":"entity_update","entity_type":"booking","entity_id":880015,"entity":{"property_id":40210,"status":"canceled"}}`, nil,
			pms.Event{ID: "3", Kind: pms.EventBookingCancelled, RawKind: "booking.entity_update", AccountID: "4711", BookingIDs: []string{"880015"}, PropertyIDs: []string{"40210"}},
		},
		"updated, as subscriptions are written": {
			`{"id":"17e9b27d","user_id":4711,"action":"EntityUpdate","entity_type":"Booking","entity_id":880015}`, nil,
			pms.Event{ID: "17e9b27d", Kind: pms.EventBookingUpdated, RawKind: "Booking.EntityUpdate", AccountID: "4711", BookingIDs: []string{"880015"}},
		},
		"the copy of a booking, as subscriptions are written": {
			`{"id":9,"user_id":4711,"action":"EntityUpdate","entity_type":"Booking","entity_id":880016,"entity":{"type":"LinkedAvailability"}}`, nil,
			pms.Event{ID: "9", Kind: pms.EventUnknown, RawKind: "Booking.EntityUpdate", AccountID: "4711"},
		},
		"deleted": {
			`{"id":4,"user_id":4711,"action":"entity_delete","entity_type":"booking","entity_id":880015,"entity":null}`, nil,
			pms.Event{ID: "4", Kind: pms.EventBookingDeleted, RawKind: "booking.entity_delete", AccountID: "4711", BookingIDs: []string{"880015"}},
		},
		"a property": {
			`{"id":5,"user_id":4711,"action":"entity_update","entity_type":"property","entity_id":40210,"entity":{"id":40210,"name":"Dune House"}}`, nil,
			pms.Event{ID: "5", Kind: pms.EventPropertyChanged, RawKind: "property.entity_update", AccountID: "4711", PropertyIDs: []string{"40210"}},
		},
		"a guest": {
			`{"id":6,"user_id":4711,"action":"entity_update","entity_type":"guest","entity_id":5512}`, nil,
			pms.Event{ID: "6", Kind: pms.EventUnknown, RawKind: "guest.entity_update", AccountID: "4711"},
		},
		"a revoked authorization": {
			`{"id":7,"user_id":4711,"action":"application_authorization_revoked","entity_type":"api_application","entity_id":1}`, nil,
			pms.Event{ID: "7", Kind: pms.EventUnknown, RawKind: "api_application.application_authorization_revoked", AccountID: "4711"},
		},
		"something new": {
			`{"id":8,"user_id":4711,"action":"entity_archive","entity_type":"booking","entity_id":880015}`, nil,
			pms.Event{ID: "8", Kind: pms.EventUnknown, RawKind: "booking.entity_archive", AccountID: "4711"},
		},
		"the test, without a user": {`{"id":1,"action":"webhook_test"}`, nil, pms.Event{ID: "1", Kind: pms.EventUnknown, RawKind: "webhook_test"}},
		"the copy of a booking": {
			linked, nil, pms.Event{ID: "9", Kind: pms.EventUnknown, RawKind: "booking.entity_update", AccountID: "4711"},
		},
		"the copy of a booking, wanted": {
			linked, func(cfg *ownerrez.Config) { cfg.LinkedBlocks = true },
			pms.Event{ID: "9", Kind: pms.EventBookingUpdated, RawKind: "booking.entity_update", AccountID: "4711", BookingIDs: []string{"880016"}, PropertyIDs: []string{"40211"}},
		},
		"another account, where all are welcome": {
			`{"id":2,"user_id":99,"action":"entity_update","entity_type":"booking","entity_id":1}`, func(cfg *ownerrez.Config) { cfg.UserID = "" },
			pms.Event{ID: "2", Kind: pms.EventBookingUpdated, RawKind: "booking.entity_update", AccountID: "99", BookingIDs: []string{"1"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := webhookClient(t, tt.change).ParseWebhook(pms.Delivery{Header: authorized(hookUser, hookPassword), Body: []byte(tt.body)})
			require.NoError(t, err)
			tt.want.Vendor, tt.want.Raw = "ownerrez", []byte(tt.body)
			require.Equal(t, []pms.Event{tt.want}, events)
		})
	}
}

func TestParseWebhookWithoutID(t *testing.T) {
	t.Parallel()
	events, err := webhookClient(t, nil).ParseWebhook(pms.Delivery{
		Header: authorized(hookUser, hookPassword), Body: []byte(`{"action":"entity_update","entity_type":"booking","entity_id":null}`),
	})
	require.NoError(t, err)
	require.Equal(t, pms.EventUnknown, events[0].Kind)
	require.Len(t, events[0].Failed, 1)
	require.EqualError(t, events[0].Failed[0], "ownerrez: event #1: entity_id: missing")
}

func TestParseWebhookRefusesWhatProvesNothing(t *testing.T) {
	t.Parallel()
	none := func(cfg *ownerrez.Config) { cfg.WebhookUser, cfg.WebhookPassword = "", "" }
	rotated := func(cfg *ownerrez.Config) {
		cfg.WebhookPassword, cfg.PreviousWebhookPassword = otherPassword, hookPassword
	}
	body := `{"id":1,"user_id":4711,"action":"entity_update","entity_type":"booking","entity_id":880015}`
	for name, tt := range map[string]struct {
		change func(*ownerrez.Config)
		header http.Header
		body   string
		ok     bool
	}{
		"as it should be":                  {nil, authorized(hookUser, hookPassword), body, true},
		"nothing configured, nothing sent": {none, authorized("", ""), body, false},
		"nothing configured":               {none, authorized(hookUser, hookPassword), body, false},
		"no header":                        {nil, nil, body, false},
		"another scheme":                   {nil, http.Header{"Authorization": {"Bearer " + hookPassword}}, body, false},
		"another password":                 {nil, authorized(hookUser, otherPassword), body, false},
		"another user":                     {nil, authorized("changeove", hookPassword), body, false},
		"no password":                      {nil, authorized(hookUser, ""), body, false},
		"another account":                  {nil, authorized(hookUser, hookPassword), `{"user_id":4712,"action":"entity_update","entity_type":"booking","entity_id":1}`, false},
		"during rotation, old":             {rotated, authorized(hookUser, hookPassword), body, true},
		"during rotation, new":             {rotated, authorized(hookUser, otherPassword), body, true},
		"after rotation, old":              {func(cfg *ownerrez.Config) { cfg.WebhookPassword = otherPassword }, authorized(hookUser, hookPassword), body, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := webhookClient(t, tt.change)
			events, err := c.ParseWebhook(pms.Delivery{Header: tt.header, Body: []byte(tt.body)})
			if tt.ok {
				require.NoError(t, err)
				require.Len(t, events, 1)
				require.False(t, events[0].Trusted)
				return
			}
			require.ErrorIs(t, err, pms.ErrBadSignature)
			require.Empty(t, events)
			require.NotContains(t, err.Error(), hookPassword)
		})
	}
}

func TestParseWebhookUnreadable(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "[]", "{", "<html>", `"x"`, "7", "null"} {
		_, err := webhookClient(t, nil).ParseWebhook(pms.Delivery{Header: authorized(hookUser, hookPassword), Body: []byte(body)})
		require.ErrorIs(t, err, pms.ErrDecode, "body %q", body)
	}
}

func FuzzParseWebhook(f *testing.F) {
	f.Add([]byte(`{"id":1,"user_id":4711,"action":"entity_create","entity_type":"booking","entity_id":880015,"entity":{"id":880015,"property_id":40210}}`))
	f.Add([]byte(`{"id":"2","user_id":"4711","action":"entity_delete","entity_type":"booking","entity_id":[],"entity":7}`))
	f.Add([]byte(`{"action":"webhook_test"}`))
	c := webhookClient(f, nil)
	header := authorized(hookUser, hookPassword)
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := c.ParseWebhook(pms.Delivery{Header: header, Body: body})
		if err != nil {
			require.True(t, errors.Is(err, pms.ErrDecode) || errors.Is(err, pms.ErrBadSignature), "%v", err)
			return
		}
		require.Len(t, events, 1)
		if events[0].Kind != pms.EventUnknown {
			require.NotEmpty(t, append(events[0].BookingIDs, events[0].PropertyIDs...))
		}
	})
}

func BenchmarkParseWebhook10KB(b *testing.B) {
	c := webhookClient(b, nil)
	body := []byte(`{"id":1,"user_id":4711,"action":"entity_update","entity_type":"booking","entity_id":880015,"entity":{"id":880015,"property_id":40210,"filler":"`)
	for len(body) < 10_000 {
		body = append(body, "filler filler "...)
	}
	d := pms.Delivery{Header: authorized(hookUser, hookPassword), Body: append(body, `"}}`...)}
	b.SetBytes(int64(len(d.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.ParseWebhook(d); err != nil {
			b.Fatal(err)
		}
	}
}
