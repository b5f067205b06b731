package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// newHostaway is a stand-in and a caller with a token that is valid already.
func newHostaway(t *testing.T, w *sandbox.World, o sandbox.HostawayOptions) (*sandbox.Hostaway, *caller) {
	t.Helper()
	h := sandbox.NewHostaway(w, o)
	t.Cleanup(h.Close)
	c := newCaller(t, h)
	status, v := hostawayToken(c, h.Options().ClientSecret)
	require.Equal(t, http.StatusOK, status)
	if o.WrappedToken {
		v = at(t, v, "result")
	}
	c.header.Set("Authorization", "Bearer "+at(t, v, "access_token").(string))
	w.Advance(time.Second)
	return h, c
}

func hostawayToken(c *caller, secret string) (int, any) {
	c.t.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"}, "scope": {"general"}, "client_id": {"40077"}, "client_secret": {secret},
	}
	bare := &caller{t: c.t, rt: c.rt, header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
	return bare.call(http.MethodPost, "/v1/accessTokens", form.Encode())
}

func TestHostawayTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := sandbox.NewHostaway(w, sandbox.HostawayOptions{NoLimits: true})
	t.Cleanup(h.Close)
	c := newCaller(t, h)
	status, v := hostawayToken(c, "wrong")
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Equal(t, object{"status": "fail", "result": "Client authentication failed"}, v)
	status, _ = c.call(http.MethodPost, "/v1/accessTokens", object{"grant_type": "client_credentials"})
	assert.Equal(t, http.StatusBadRequest, status, "JSON is no form")

	_, v = hostawayToken(c, "sandbox-hostaway-secret")
	assert.Equal(t, "Bearer", at(t, v, "token_type"))
	assert.InDelta(t, 15897600, at(t, v, "expires_in"), 0)
	token := at(t, v, "access_token").(string)
	c.header.Set("Authorization", "Bearer "+token)
	listings := func() int { status, _ := c.call(http.MethodGet, "/v1/listings", nil); return status }
	assert.Equal(t, http.StatusForbidden, listings(), "in its first second")
	w.Advance(time.Second)
	assert.Equal(t, http.StatusOK, listings())
	w.Advance(15897598 * time.Second)
	assert.Equal(t, http.StatusOK, listings())
	w.Advance(time.Second)
	assert.Equal(t, http.StatusForbidden, listings(), "at its end")

	_, c = newHostaway(t, w, sandbox.HostawayOptions{WrappedToken: true})
	assert.Equal(t, http.StatusOK, listings())
	token = strings.TrimPrefix(c.header.Get("Authorization"), "Bearer ")
	_, v = c.call(http.MethodDelete, "/v1/accessTokens?token="+token, nil)
	assert.Equal(t, object{"status": "success", "result": []any{}}, v)
	assert.Equal(t, http.StatusForbidden, listings(), "revoked")
}

func TestHostawayLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, c := newHostaway(t, w, sandbox.HostawayOptions{}) // one request, a second ago
	for range 14 {
		status, _ := c.call(http.MethodGet, "/v1/listings", nil)
		require.Equal(t, http.StatusOK, status)
	}
	status, v := c.call(http.MethodGet, "/v1/listings", nil)
	assert.Equal(t, http.StatusTooManyRequests, status)
	assert.Equal(t, object{"status": "fail", "message": "Too many requests"}, v)
	w.Advance(9 * time.Second)
	status, _ = c.call(http.MethodGet, "/v1/listings", nil)
	assert.Equal(t, http.StatusOK, status, "the request for the token is out of the window")
}

func TestHostawayErrors(t *testing.T) {
	t.Parallel()
	_, c := newHostaway(t, newWorld(t), sandbox.HostawayOptions{NoLimits: true})
	for call, want := range map[string]int{
		"GET /v1/nothing":                              404,
		"GET /v1/reservations/1":                       404,
		"GET /v1/listings/1":                           404,
		"GET /v1/listingUnits/1":                       404,
		"POST /v1/reservations/1":                      405,
		"GET /v1/reservations?updatedSince=2026-06-01": 400,
		"GET /v1/reservations?arrivalStartDate=june":   400,
		"GET /v1/reservations?limit=x":                 400,
		"GET /v1/listings/301/calendar":                400,
		"GET /v1/tasks/1":                              404,
		"DELETE /v1/webhooks/unifiedWebhooks/1":        404,
	} {
		method, target, _ := strings.Cut(call, " ")
		status, v := c.call(method, target, nil)
		assert.Equal(t, want, status, call)
		assert.Equal(t, "fail", at(t, v, "status"), call)
	}
	for call, body := range map[string]object{
		"PUT /v1/listings/301":              {"cleannessStatus": 3},
		"POST /v1/webhooks/unifiedWebhooks": {"url": "https://host.example"},
		"POST /v1/tasks":                    {"description": "no title"},
	} {
		method, target, _ := strings.Cut(call, " ")
		status, _ := c.call(method, target, body)
		assert.Equal(t, http.StatusBadRequest, status, call)
	}
}

// The newest change comes first, and a page follows the reservation that it
// names, wherever that is now.
func TestHostawayCursor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []string
	for day := 1; day <= 4; day++ {
		ids = append(ids, addStay(t, w, sandbox.Stay{UnitID: "301", Arrival: june(day), Departure: june(day + 1)}))
		if day != 2 { // the second and the third have the same stamp
			w.Advance(time.Minute)
		}
	}
	_, c := newHostaway(t, w, sandbox.HostawayOptions{NoLimits: true})
	list := func(query string) ([]any, any) {
		t.Helper()
		_, v := c.call(http.MethodGet, "/v1/reservations?"+query, nil)
		return column(t, at(t, v, "result"), "hostawayReservationId"), at(t, v, "count")
	}
	got, count := list("limit=3")
	assert.Equal(t, []any{ids[3], ids[2], ids[1]}, got)
	assert.InDelta(t, 4, count, 0)
	got, count = list("limit=3&offset=7&afterId=" + ids[1])
	assert.Equal(t, []any{ids[0]}, got)
	assert.InDelta(t, 4, count, 0)
	got, _ = list("sortOrder=updatedOn&limit=2")
	assert.Equal(t, []any{ids[0], ids[1]}, got)

	require.NoError(t, w.Update(ids[1], func(s *sandbox.Stay) { s.Notes = "to the front" }))
	got, _ = list("limit=3&afterId=" + ids[1])
	assert.Equal(t, []any{ids[3], ids[2], ids[0]}, got, "after one that moved to the front")
	require.NoError(t, w.Delete(ids[3]))
	got, count = list("afterId=" + ids[3])
	assert.Empty(t, got, "after one that is gone")
	assert.InDelta(t, 3, count, 0)
	got, _ = list("departureStartDate=2026-06-03&arrivalEndDate=2026-06-02&listingId=301")
	assert.Equal(t, []any{ids[1]}, got, "bounds are included")
	got, _ = list("listingId=302")
	assert.Empty(t, got)
}

func TestHostawayReservation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := anna()
	s.ArrivalTime, s.DepartureTime = clock(t, "00:30"), clock(t, "15:45")
	id := addStay(t, w, s)
	_, c := newHostaway(t, w, sandbox.HostawayOptions{NoLimits: true})
	_, v := c.call(http.MethodGet, "/v1/reservations/"+id, nil)
	r := at(t, v, "result")
	for field, want := range map[string]any{
		"listingMapId": 301.0, "channelName": "airbnbOfficial", "confirmationCode": "HMTEST1234", "status": "new",
		"arrivalDate": "2026-06-20", "departureDate": "2026-06-23", "reservationDate": "2026-06-01 06:00:00", "updatedOn": "2026-06-01 06:00:00",
		"checkInTime": 0.0, "checkOutTime": 15.0, "adults": 2.0, "children": 1.0, "infants": nil, "numberOfGuests": 3.0,
		"isDatesUnspecified": 0.0, "hostNote": "Поздний выезд", "reservationUnit": []any{},
	} {
		assert.Equal(t, want, at(t, r, field), field)
	}
	w.Advance(time.Minute)
	require.NoError(t, w.Update(id, func(s *sandbox.Stay) { s.Status = pms.StatusNoShow }))
	_, v = c.call(http.MethodGet, "/v1/reservations/"+id, nil)
	assert.NotContains(t, at(t, v, "result"), "bookingcomNoShowReportedAt", "a supplementary resource")
	_, v = c.call(http.MethodGet, "/v1/reservations/"+id+"?includeResources=1", nil)
	assert.Equal(t, "modified", at(t, v, "result", "status"))
	assert.NotNil(t, at(t, v, "result", "bookingcomNoShowReportedAt"))
}

func TestHostawayCalendar(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	addStay(t, w, sandbox.Stay{UnitID: "301", Arrival: june(2), Departure: june(3)})
	_, err := w.AddBlock("301", june(3), june(5), "repair")
	require.NoError(t, err)
	_, c := newHostaway(t, w, sandbox.HostawayOptions{NoLimits: true})
	_, v := c.call(http.MethodGet, "/v1/listings/301/calendar?startDate=2026-06-01&endDate=2026-06-05&includeResources=0", nil)
	days := at(t, v, "result")
	assert.Equal(t, []any{"2026-06-01", "2026-06-02", "2026-06-03", "2026-06-04", "2026-06-05"}, column(t, days, "date"))
	assert.Equal(t, []any{"available", "reserved", "blocked", "blocked", "available"}, column(t, days, "status"))
	assert.Equal(t, []any{nil, nil, "repair", "repair", nil}, column(t, days, "note"))
}

func TestHostawayUnits(t *testing.T) {
	t.Parallel()
	w := sandbox.NewEmptyWorld(sandbox.Options{})
	for _, id := range []string{"64266", "64267"} {
		_, err := w.AddProperty(sandbox.Property{ID: id, Name: "Unit " + id, ParentID: "71299", ParentName: "Dockside"})
		require.NoError(t, err)
	}
	first := addStay(t, w, sandbox.Stay{UnitID: "64266", Group: "party", Arrival: june(2), Departure: june(4)})
	addStay(t, w, sandbox.Stay{UnitID: "64267", Group: "party", Arrival: june(2), Departure: june(4)})
	_, err := w.AddBlock("64266", june(10), june(12), "repair")
	require.NoError(t, err)
	_, err = w.AddBlock("64267", june(11), june(12), "repair")
	require.NoError(t, err)
	_, c := newHostaway(t, w, sandbox.HostawayOptions{NoLimits: true, MultiUnit: true})
	_, v := c.call(http.MethodGet, "/v1/listings", nil)
	assert.Equal(t, []any{71299.0}, column(t, at(t, v, "result"), "id"))
	_, v = c.call(http.MethodGet, "/v1/listingUnits/71299", nil)
	assert.Equal(t, []any{64266.0, 64267.0}, column(t, at(t, v, "result"), "id"))
	_, v = c.call(http.MethodGet, "/v1/reservations", nil)
	assert.Empty(t, at(t, v, "result", 0, "reservationUnit"), "without includeResources")
	_, v = c.call(http.MethodGet, "/v1/reservations?includeResources=1", nil)
	assert.Equal(t, []any{first}, column(t, at(t, v, "result"), "hostawayReservationId"))
	assert.Equal(t, []any{64266.0, 64267.0}, column(t, at(t, v, "result", 0, "reservationUnit"), "listingUnitId"))
	_, v = c.call(http.MethodGet, "/v1/listings/71299/calendar?startDate=2026-06-10&endDate=2026-06-11", nil)
	assert.Equal(t, []any{"available", "blocked"}, column(t, at(t, v, "result"), "status"), "closed when all units are")
}

func TestHostawayWebhooks(t *testing.T) {
	t.Parallel()
	type posted struct{ login, password, event, status string }
	var got []posted
	inbox := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var p posted
		p.login, p.password, _ = r.BasicAuth()
		body, err := io.ReadAll(r.Body)
		var m struct {
			Object    string `json:"object"`
			Event     string `json:"event"`
			AccountID int64  `json:"accountId"`
			Data      struct {
				Status string `json:"status"`
			} `json:"data"`
		}
		if assert.NoError(t, err) && assert.NoError(t, json.Unmarshal(body, &m)) {
			assert.Equal(t, "reservation", m.Object)
			assert.EqualValues(t, 40077, m.AccountID)
			p.event, p.status = m.Event, m.Data.Status
			got = append(got, p)
		}
	})
	w := newWorld(t)
	h, c := newHostaway(t, w, sandbox.HostawayOptions{
		NoLimits: true, HTTPClient: &http.Client{Transport: sandbox.Transport(inbox)},
		Webhooks: []sandbox.HostawayWebhook{{URL: "https://host.example/a", Login: "host", Password: "key"}, {URL: "https://host.example/off", Disabled: true}},
	})
	status, v := c.call(http.MethodPost, "/v1/webhooks/unifiedWebhooks", object{"isEnabled": 1, "url": "https://host.example/b", "login": "alone"})
	require.Equal(t, http.StatusOK, status)
	assert.Len(t, h.Webhooks(), 3)
	id := addStay(t, w, anna())
	require.NoError(t, w.Cancel(id))
	require.NoError(t, w.Delete(id))
	_, err := w.AddBlock("301", june(1), june(2), "")
	require.NoError(t, err)
	assert.Equal(t, []posted{
		{"host", "key", "reservation.created", "new"}, {"", "", "reservation.created", "new"},
		{"host", "key", "reservation.updated", "cancelled"}, {"", "", "reservation.updated", "cancelled"},
	}, got, "login and password come together or not at all; deletions and blocks are not told")
	assert.Len(t, h.Sent(), 4)
	path := "/v1/webhooks/unifiedWebhooks/" + strings.TrimSuffix(jsonText(t, at(t, v, "result", "id")), ".0")
	status, _ = c.call(http.MethodDelete, path, nil)
	assert.Equal(t, http.StatusOK, status)
	assert.Len(t, h.Webhooks(), 2)
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}
