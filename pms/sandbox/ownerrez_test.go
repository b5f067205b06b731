package sandbox_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// newOwnerRez is an account whose caller has a personal token.
func newOwnerRez(t *testing.T, w *sandbox.World, o sandbox.OwnerRezOptions) (*sandbox.OwnerRez, *caller) {
	t.Helper()
	z := sandbox.NewOwnerRez(w, o)
	t.Cleanup(z.Close)
	c := newCaller(t, z)
	c.header.Set("User-Agent", "test (test@example.com)")
	c.header.Set("Authorization", ownerrezBasic(z.Options().Username, z.Options().Token))
	return z, c
}

func ownerrezBasic(user, password string) string {
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(user, password)
	return req.Header.Get("Authorization")
}

func ownerrezID(t *testing.T, id string) any {
	t.Helper()
	n, err := strconv.ParseFloat(id, 64)
	require.NoError(t, err)
	return n
}

func TestOwnerRezAuth(t *testing.T) {
	t.Parallel()
	z, c := newOwnerRez(t, newWorld(t), sandbox.OwnerRezOptions{})
	status, v := c.call(http.MethodGet, "/v2/users/me", nil)
	assert.Equal(t, 200, status)
	assert.Equal(t, "Europe/Moscow", at(t, v, "time_zone"))

	c.header.Del("User-Agent")
	status, v = c.call(http.MethodGet, "/v2/users/me", nil)
	assert.Equal(t, 403, status, "no User-Agent")
	assert.Equal(t, object{"messages": []any{"A User-Agent header is required."}, "status": "forbidden", "status_code": 403.0}, v)
	c.header.Set("User-Agent", "test")

	for _, refused := range []string{
		"", ownerrezBasic(z.Options().Token, ""), ownerrezBasic("another@example.com", z.Options().Token), "Bearer " + z.Options().Token, "Bearer at_1",
	} {
		c.header.Set("Authorization", refused)
		status, _ = c.call(http.MethodGet, "/v2/users/me", nil)
		assert.Equal(t, 401, status, refused)
	}
}

func TestOwnerRezTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	z, c := newOwnerRez(t, w, sandbox.OwnerRezOptions{})
	ask := func(form url.Values, secret string) (int, any) {
		c.header.Set("Authorization", ownerrezBasic(z.Options().ClientID, secret))
		c.header.Set("Content-Type", "application/x-www-form-urlencoded")
		return c.call(http.MethodPost, "/oauth/access_token", form.Encode())
	}
	code := url.Values{"grant_type": {"authorization_code"}, "code": {z.Options().Code}}
	status, v := ask(code, z.Options().ClientSecret)
	require.Equal(t, 200, status)
	assert.Equal(t, object{
		"access_token": "at_sandbox0001ownerrez", "token_type": "bearer", "scope": "full", "user_id": 4711.0,
		"refresh_token": "rt_sandboxownerrez", "expires_in": 2592000.0,
	}, v)
	status, _ = ask(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"rt_sandboxownerrez"}}, z.Options().ClientSecret)
	assert.Equal(t, 200, status)
	status, _ = ask(code, "another")
	assert.Equal(t, 401, status)
	status, _ = ask(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"another"}}, z.Options().ClientSecret)
	assert.Equal(t, 400, status)

	c.header.Set("Authorization", "Bearer at_sandbox0002ownerrez")
	status, _ = c.call(http.MethodGet, "/v2/users/me", nil)
	assert.Equal(t, 200, status)
	w.Advance(30 * 24 * time.Hour)
	resp, _ := c.raw(http.MethodGet, "/v2/users/me", nil)
	assert.Equal(t, 401, resp.StatusCode)
	assert.Equal(t, `Bearer error="token_expired"`, resp.Header.Get("WWW-Authenticate"))
	status, _ = c.call(http.MethodDelete, "/oauth/access_token/at_sandbox0002ownerrez", nil)
	assert.Equal(t, 204, status)
	resp, _ = c.raw(http.MethodGet, "/v2/users/me", nil)
	assert.Empty(t, resp.Header.Get("WWW-Authenticate"), "a revoked token is no expired one")

	z, c = newOwnerRez(t, newWorld(t), sandbox.OwnerRezOptions{LastingTokens: true})
	_, v = ask(code, z.Options().ClientSecret)
	assert.NotContains(t, v, "refresh_token")
	assert.NotContains(t, v, "expires_in")
}

func TestOwnerRezProperties(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.UpdateProperty("302", func(p *sandbox.Property) { p.Inactive, p.Bathrooms = true, 1.5 }))
	_, c := newOwnerRez(t, w, sandbox.OwnerRezOptions{})
	_, v := c.call(http.MethodGet, "/v2/properties", nil)
	assert.Equal(t, []any{301.0, 303.0}, column(t, at(t, v, "items"), "id"), "the active ones by default")
	assert.NotContains(t, at(t, v, "items", 0), "address")
	assert.InDelta(t, 2, at(t, v, "count"), 0)
	_, v = c.call(http.MethodGet, "/v2/properties?active=false", nil)
	assert.Equal(t, []any{302.0}, column(t, at(t, v, "items"), "id"))
	_, v = c.call(http.MethodGet, "/v2/properties/302", nil)
	assert.Equal(t, "Europe/Moscow", at(t, v, "time_zone"))
	assert.InDelta(t, 2, at(t, v, "bathrooms"), 0, "half rooms count as whole")
	assert.InDelta(t, 1, at(t, v, "bathrooms_half"), 0)
	status, v := c.call(http.MethodGet, "/v2/properties/1", nil)
	assert.Equal(t, 404, status)
	assert.Equal(t, []any{"Expected entity Property:Id:1 not found."}, at(t, v, "messages"))
	_, c = newOwnerRez(t, w, sandbox.OwnerRezOptions{NoZones: true})
	_, v = c.call(http.MethodGet, "/v2/properties/302", nil)
	assert.NotContains(t, v, "time_zone")
}

func TestOwnerRezBookings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stay := anna()
	stay.ID, stay.DepartureTime = "500002", clock(t, "15:30")
	addStay(t, w, stay)
	block, err := w.AddBlock("302", june(1), june(2), "repair")
	require.NoError(t, err)
	quote := addStay(t, w, sandbox.Stay{UnitID: "303", Status: pms.StatusInquiry, Arrival: june(5), Departure: june(6)})
	owner := addStay(t, w, sandbox.Stay{UnitID: "303", Kind: pms.KindOwner, Arrival: june(7), Departure: june(8)})
	_, c := newOwnerRez(t, w, sandbox.OwnerRezOptions{Linked: map[string][]string{"301": {"303"}}})

	status, v := c.call(http.MethodGet, "/v2/bookings", nil)
	assert.Equal(t, 400, status)
	assert.Equal(t, []any{"Either property_ids or since_utc is required."}, at(t, v, "messages"))

	_, v = c.call(http.MethodGet, "/v2/bookings?since_utc=1970-01-01T00:00:00Z", nil)
	assert.Equal(t, []any{"booking", "linked_availability", "block", "quote_hold", "owner"}, column(t, at(t, v, "items"), "type"))
	assert.Equal(t, []any{false, true, true, false, false}, column(t, at(t, v, "items"), "is_block"))
	assert.Equal(t, "repair", at(t, v, "items", 2, "title"))
	assert.NotContains(t, at(t, v, "items", 0), "guest")
	assert.NotContains(t, at(t, v, "items", 1), "check_in")

	_, v = c.call(http.MethodGet, "/v2/bookings/500002?include_guest=true", nil)
	assert.Equal(t, object{
		"id": 500002.0, "property_id": 301.0, "guest_id": 1500002.0, "guest": object{"id": 1500002.0, "first_name": "Анна", "last_name": "Тестова"},
		"type": "booking", "is_block": false, "status": "active", "arrival": "2026-06-20", "departure": "2026-06-23",
		"check_in": "14:00", "check_in_end": "22:00", "check_out": "15:30", "adults": 2.0, "children": 1.0, "infants": 0.0, "pets": 0.0,
		"notes": "Поздний выезд", "cleaning_date": nil, "listing_site": "Airbnb", "platform_reservation_number": "HMTEST1234",
		"platform_email_address": "anna@example.com", "booked_utc": "2026-06-01T06:00:00Z", "created_utc": "2026-06-01T06:00:00Z",
		"updated_utc": "2026-06-01T06:00:00Z", "currency_code": "RUB", "total_amount": 18600.0, "total_paid": 0.0,
	}, v)
	_, v = c.call(http.MethodGet, "/v2/guests/1500002", nil)
	assert.Equal(t, "anna@example.com", at(t, v, "email_addresses", 1, "address"))
	status, _ = c.call(http.MethodGet, "/v2/guests/1", nil)
	assert.Equal(t, 404, status)

	for query, want := range map[string][]any{
		"property_ids=303":                               {1000500002.0, ownerrezID(t, quote), ownerrezID(t, owner)},
		"property_ids=302,303&from=2026-06-06":           {1000500002.0, ownerrezID(t, quote), ownerrezID(t, owner)},
		"property_ids=301,302&to=2026-06-19":             {ownerrezID(t, block)},
		"since_utc=2026-06-01T06:00:00Z&from=2027-01-01": nil,
		"since_utc=2026-06-01T06:00:01Z":                 nil,
		"property_ids=1":                                 nil,
		"property_ids=301&status=canceled":               nil,
	} {
		_, v := c.call(http.MethodGet, "/v2/bookings?"+query, nil)
		if want == nil {
			assert.Equal(t, object{"limit": 20.0, "offset": 0.0}, v, "an empty page has no items: %s", query)
			continue
		}
		assert.Equal(t, want, column(t, at(t, v, "items"), "id"), query)
	}
	const all = "/v2/bookings?property_ids=1&include_guest=true&include_door_codes=true&include_charges=true&include_tags=true" +
		"&include_fields=true&include_cancellation_policy=true&include_agreements=true"
	status, _ = c.call(http.MethodGet, all, nil)
	assert.Equal(t, 200, status, "all that may be included")
	for _, query := range []string{"since_utc=2026-06-01", "property_ids=x", "property_ids=1&from=x", "property_ids=1&limit=0", "property_ids=1&page_size=5"} {
		status, _ := c.call(http.MethodGet, "/v2/bookings?"+query, nil)
		assert.Equal(t, 400, status, query)
	}
	require.NoError(t, w.Cancel("500002"))
	_, v = c.call(http.MethodGet, "/v2/bookings?property_ids=301&status=canceled", nil)
	assert.Equal(t, "2026-06-01T06:00:00Z", at(t, v, "items", 0, "canceled_utc"))
}

func TestOwnerRezPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 45 {
		addStay(t, w, anna())
	}
	_, c := newOwnerRez(t, w, sandbox.OwnerRezOptions{})
	_, v := c.call(http.MethodGet, "/v2/bookings?property_ids=301", nil)
	assert.Len(t, at(t, v, "items"), 20)
	assert.Equal(t, "https://api.ownerrez.com/v2/bookings?limit=20&offset=20&property_ids=301", at(t, v, "next_page_url"))
	_, v = c.call(http.MethodGet, "/v2/bookings?property_ids=301&limit=1000&offset=40", nil)
	assert.Len(t, at(t, v, "items"), 5)
	assert.Nil(t, at(t, v, "next_page_url"))
	assert.InDelta(t, 100, at(t, v, "limit"), 0)
	assert.NotContains(t, v, "count")
	_, c = newOwnerRez(t, w, sandbox.OwnerRezOptions{MostRows: 20})
	_, v = c.call(http.MethodGet, "/v2/bookings?property_ids=301&limit=100", nil)
	assert.Len(t, at(t, v, "items"), 20)
}

func TestOwnerRezLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, c := newOwnerRez(t, w, sandbox.OwnerRezOptions{})
	for range 300 {
		status, _ := c.call(http.MethodGet, "/v2/users/me", nil)
		require.Equal(t, 200, status)
	}
	status, v := c.call(http.MethodGet, "/v2/users/me", nil)
	assert.Equal(t, 429, status)
	assert.Equal(t, object{"code": 429.0, "error": "Rate limit exceeded."}, v)
	w.Advance(5 * time.Minute)
	status, _ = c.call(http.MethodGet, "/v2/users/me", nil)
	assert.Equal(t, 200, status)
}

func TestOwnerRezWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := addStay(t, w, anna())
	z, c := newOwnerRez(t, w, sandbox.OwnerRezOptions{Linked: map[string][]string{"301": {"303"}}})
	for _, tt := range []struct {
		path, body string
		want       int
	}{
		{"/v2/bookings/" + id, `{"cleaning_date":"2026-06-23"}`, 200},
		{"/v2/bookings/" + id, `{"notes":"n"}`, 200},
		{"/v2/bookings/" + id, `{"cleaning_date":"soon"}`, 422},
		{"/v2/bookings/" + id, `{"cleaning_date":7}`, 422},
		{"/v2/bookings/" + id, `{"status":"canceled"}`, 422},
		{"/v2/bookings/" + id, `{`, 400},
		{"/v2/bookings/1", `{"cleaning_date":null}`, 404},
	} {
		status, _ := c.call(http.MethodPatch, tt.path, tt.body)
		assert.Equal(t, tt.want, status, tt.body)
	}
	assert.Equal(t, "2026-06-23", z.CleaningDate(id), "only sent fields change")
	_, v := c.call(http.MethodPatch, "/v2/bookings/"+id, `{"cleaning_date":null}`)
	assert.Nil(t, at(t, v, "cleaning_date"))
	assert.Equal(t, "n", at(t, v, "notes"))
	assert.Empty(t, z.CleaningDate(id))

	status, v := c.call(http.MethodPost, "/v2/bookings", `{"property_id":302,"arrival":"2026-07-01","departure":"2026-07-03","is_block":true,"notes":"paint"}`)
	assert.Equal(t, 200, status)
	assert.Equal(t, "block", at(t, v, "type"))
	status, _ = c.call(http.MethodPost, "/v2/bookings", `{"property_id":302,"arrival":"2026-07-01","departure":"2026-07-03"}`)
	assert.Equal(t, 422, status, "a booking needs a guest")
}

func TestOwnerRezWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hooks := &ownerrezInbox{}
	z, c := newOwnerRez(t, w, sandbox.OwnerRezOptions{
		Webhooks: []string{"https://host.example/app"}, WebhookUser: "changeover", WebhookPassword: "hook-password", HTTPClient: &http.Client{Transport: hooks},
	})
	for _, action := range []string{"EntityCreate", "EntityDelete"} {
		status, _ := c.call(http.MethodPost, "/v2/webhooksubscriptions", `{"type":"Booking","action":"`+action+`","webhook_url":"https://host.example/sub"}`)
		assert.Equal(t, 200, status)
	}
	status, _ := c.call(http.MethodPost, "/v2/webhooksubscriptions", `{"type":"Booking","action":"Any","webhook_url":"https://host.example/sub"}`)
	assert.Equal(t, 422, status)
	_, v := c.call(http.MethodGet, "/v2/webhooksubscriptions", nil)
	assert.Equal(t, []any{"EntityCreate", "EntityDelete"}, column(t, at(t, v, "items"), "action"))

	id := addStay(t, w, anna())
	require.NoError(t, w.Cancel(id))
	require.NoError(t, w.SetCleanliness("301", pms.Dirty))
	z.TestWebhook()
	assert.Equal(t, []string{"/app", "/sub", "/app", "/app", "/app"}, hooks.paths)
	assert.Equal(t, ownerrezBasic("changeover", "hook-password"), hooks.header.Get("Authorization"))
	sent := z.Sent()
	assert.Contains(t, string(sent[0].Body), `"action":"entity_create"`)
	assert.Contains(t, string(sent[0].Body), `"entity_type":"booking"`)
	assert.Contains(t, string(sent[0].Body), `"user_id":4711`)
	assert.Contains(t, string(sent[2].Body), `"action":"entity_update"`)
	assert.Contains(t, string(sent[2].Body), `"status":"canceled"`)
	assert.Contains(t, string(sent[3].Body), `"entity_type":"property"`)
	assert.JSONEq(t, `{"id":1,"action":"webhook_test"}`, string(sent[4].Body))

	status, _ = c.call(http.MethodDelete, "/v2/webhooksubscriptions/"+id, nil)
	assert.Equal(t, 404, status)
	status, _ = c.call(http.MethodDelete, "/v2/webhooksubscriptions/601", nil)
	assert.Equal(t, 204, status)

	thin, _ := newOwnerRez(t, w, sandbox.OwnerRezOptions{Webhooks: []string{"https://host.example/thin"}, ThinWebhooks: true, HTTPClient: &http.Client{Transport: hooks}})
	require.NoError(t, w.Delete(id))
	assert.JSONEq(t, `{"id":"8000001","user_id":"4711","action":"entity_delete","entity_type":"booking","entity_id":"`+id+`"}`, string(thin.Sent()[0].Body))
}

// ownerrezInbox notes where webhooks arrive.
type ownerrezInbox struct {
	paths  []string
	header http.Header
}

func (r *ownerrezInbox) RoundTrip(req *http.Request) (*http.Response, error) {
	r.paths, r.header = append(r.paths, req.URL.Path), req.Header.Clone()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
}
