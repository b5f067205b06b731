package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// newGuesty is a stand-in and a caller with a token.
func newGuesty(t *testing.T, w *sandbox.World, o sandbox.GuestyOptions) (*sandbox.Guesty, *caller) {
	t.Helper()
	g := sandbox.NewGuesty(w, o)
	t.Cleanup(g.Close)
	c := newCaller(t, g)
	status, v := c.guestyToken(guestyForm(g))
	require.Equal(t, http.StatusOK, status)
	c.header.Set("Authorization", "Bearer "+at(t, v, "access_token").(string))
	return g, c
}

func guestyForm(g *sandbox.Guesty) url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "scope": {"open-api"},
		"client_id": {g.Options().ClientID}, "client_secret": {g.Options().ClientSecret},
	}
}

func (c *caller) guestyToken(form url.Values) (int, any) {
	c.t.Helper()
	header := c.header
	defer func() { c.header = header }()
	c.header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return c.call(http.MethodPost, "/oauth2/token", form.Encode())
}

func TestGuestyTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g, c := newGuesty(t, w, sandbox.GuestyOptions{})
	me := func() int { status, _ := c.call(http.MethodGet, "/v1/accounts/me", nil); return status }
	assert.Equal(t, 200, me())
	w.Advance(24*time.Hour - time.Second)
	assert.Equal(t, 200, me())
	w.Advance(time.Second)
	assert.Equal(t, 401, me(), "after 86400 seconds")

	for field, want := range map[string]int{"client_secret": 401, "client_id": 401, "grant_type": 400, "scope": 400} {
		form := guestyForm(g)
		form.Set(field, "other")
		status, _ := c.guestyToken(form)
		assert.Equal(t, want, status, field)
	}
	status, v := c.guestyToken(guestyForm(g))
	require.Equal(t, 200, status)
	assert.Equal(t, "Bearer", at(t, v, "token_type"))
	assert.InDelta(t, 86400, at(t, v, "expires_in"), 0)
	g.ExpireTokens()
	assert.Equal(t, 401, me())
}

// Five tokens in 24 hours, counted from each.
func TestGuestyTokenQuota(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g, c := newGuesty(t, w, sandbox.GuestyOptions{})
	w.Advance(time.Hour)
	for range 4 {
		status, _ := c.guestyToken(guestyForm(g))
		require.Equal(t, 200, status)
	}
	resp, _ := c.raw(http.MethodPost, "/oauth2/token", guestyForm(g).Encode())
	require.Equal(t, 400, resp.StatusCode, "a form must say that it is one")
	status, _ := c.guestyToken(guestyForm(g))
	require.Equal(t, 429, status)
	w.Advance(23 * time.Hour)
	status, _ = c.guestyToken(guestyForm(g))
	require.Equal(t, 200, status)
}

func TestGuestyLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, c := newGuesty(t, w, sandbox.GuestyOptions{})
	calls := 0
	for n := 0; ; n++ {
		resp, _ := c.raw(http.MethodGet, "/v1/accounts/me", nil)
		if resp.StatusCode == http.StatusTooManyRequests {
			assert.Equal(t, 15, calls)
			assert.Equal(t, "1", resp.Header.Get("Retry-After"))
			break
		}
		assert.Equal(t, "120", resp.Header.Get("X-RateLimit-Limit-Minute"))
		calls++
	}
	for range 7 {
		w.Advance(time.Second)
		for range 15 {
			status, _ := c.call(http.MethodGet, "/v1/accounts/me", nil)
			assert.Equal(t, 200, status)
			calls++
		}
	}
	assert.Equal(t, 120, calls)
	w.Advance(time.Second)
	resp, _ := c.raw(http.MethodGet, "/v1/accounts/me", nil)
	assert.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	assert.Equal(t, "52", resp.Header.Get("Retry-After"), "until the first call is a minute old")
}

func TestGuestySearch(t *testing.T) {
	t.Parallel()
	w := sandbox.NewWorld(5, sandbox.Options{Properties: 3, Stays: 12, Blocks: 2})
	_, c := newGuesty(t, w, sandbox.GuestyOptions{NoLimits: true})
	search := func(query string) any {
		t.Helper()
		status, v := c.call(http.MethodGet, "/v1/reservations-v3/search?"+query, nil)
		require.Equal(t, 200, status, "%s: %v", query, v)
		return v
	}
	all := column(t, at(t, search("sort=_id&limit=100"), "results"), "reservationId")
	require.Len(t, all, 12, "blocks are no reservations")
	first := search("sort=_id&limit=5")
	assert.Equal(t, object{"skip": 0.0, "limit": 5.0, "hasMore": true}, at(t, first, "pagination"))
	last := search("sort=_id&limit=5&skip=10")
	assert.Equal(t, false, at(t, last, "pagination", "hasMore"))
	assert.Equal(t, all[10:], column(t, at(t, last, "results"), "reservationId"))
	assert.Equal(t, all[11], column(t, at(t, search("limit=1"), "results"), "reservationId")[0], "newest first unless asked")

	stay := w.Stays()[4]
	one := column(t, at(t, search("filter[confirmationCode]="+stay.Code), "results"), "reservationId")
	assert.Equal(t, []any{stay.ID}, one)
	inside := search(fmt.Sprintf("filter[checkOut][gte]=%s&filter[checkIn][lte]=%s&limit=100", w.Today(), w.Today()))
	want := 0
	for _, s := range w.Stays() {
		if s.Kind != pms.KindBlock && !s.Departure.Before(w.Today()) && !s.Arrival.After(w.Today()) {
			want++
		}
	}
	assert.Len(t, at(t, inside, "results"), want)

	for _, query := range []string{
		"filter[checkOut]=2026-06-01", "filter[checkOut][gte]=soon", "filter[price]=1", "filter[status][gte]=x", "sort=price",
		"limit=101", "limit=0", "skip=-1", "listingId=300101", "filter[lastUpdatedAt][gte]=2026-06-01",
	} {
		status, _ := c.call(http.MethodGet, "/v1/reservations-v3/search?"+query, nil)
		assert.Equal(t, 400, status, query)
	}
}

func TestGuestySegmentsAndBatch(t *testing.T) {
	t.Parallel()
	w := sandbox.NewWorld(5, sandbox.Options{Properties: 3, Stays: 12, Blocks: -1})
	_, c := newGuesty(t, w, sandbox.GuestyOptions{NoLimits: true})
	s := w.Stays()[0]
	require.NoError(t, w.Update(s.ID, func(s *sandbox.Stay) { s.Departure = s.Arrival.AddDays(4) }))
	require.NoError(t, w.MoveUnit(s.ID, w.Units()[2].ID, s.Arrival.AddDays(2)))
	_, v := c.call(http.MethodGet, "/v1/reservations-v3/search?sort=_id&limit=1", nil)
	row := at(t, v, "results", 0)
	assert.Equal(t, []any{s.UnitID, w.Units()[2].ID}, column(t, at(t, row, "stay"), "listingId"))
	assert.Equal(t, s.Arrival.AddDays(4).String(), at(t, row, "checkOutDateLocalized"))
	assert.NotContains(t, row, "money")

	_, v = c.call(http.MethodGet, "/v1/reservations-v3?reservationIds[]="+s.ID+"&reservationIds[]=999", nil)
	assert.Equal(t, []any{s.ID}, column(t, v, "_id"))
	assert.Equal(t, []any{s.UnitID, w.Units()[2].ID}, column(t, at(t, v, 0, "stay"), "unitId"))
	assert.NotContains(t, at(t, v, 0, "stay", 0), "listingId")
	eleven := ""
	for n := range 11 {
		eleven += fmt.Sprintf("&reservationIds[]=%d", n)
	}
	status, _ := c.call(http.MethodGet, "/v1/reservations-v3?x=1"+eleven, nil)
	assert.Equal(t, 400, status)
}

// The last blocked day is included.
func TestGuestyCalendar(t *testing.T) {
	t.Parallel()
	w := sandbox.NewWorld(5, sandbox.Options{Properties: 1, Stays: -1, Blocks: -1})
	_, c := newGuesty(t, w, sandbox.GuestyOptions{NoLimits: true})
	unit, day := w.Units()[0].ID, w.Today()
	block, err := w.AddBlock(unit, day.AddDays(3), day.AddDays(4), "repair")
	require.NoError(t, err)
	guest, err := w.AddStay(sandbox.Stay{UnitID: unit, Arrival: day.AddDays(5), Departure: day.AddDays(7)})
	require.NoError(t, err)
	path := "/v1/availability-pricing/api/calendar/listings/minified/" + unit
	_, v := c.call(http.MethodGet, fmt.Sprintf("%s?startDate=%s&endDate=%s&view=full", path, day, day.AddDays(30)), nil)
	blocks := at(t, v, "days", "blocks").(object)
	require.Len(t, blocks, 2)
	assert.Equal(t, "m", at(t, blocks, block, "type"))
	assert.Equal(t, at(t, blocks, block, "startDate"), at(t, blocks, block, "endDate"))
	assert.Equal(t, "b", at(t, blocks, guest, "type"))
	assert.Equal(t, guest, at(t, blocks, guest, "reservationId"))
	status, _ := c.call(http.MethodGet, path, nil)
	assert.Equal(t, 422, status)
	status, v = c.call(http.MethodGet, "/v1/listings/1", nil)
	assert.Equal(t, 404, status)
	assert.Equal(t, "LISTING_NOT_FOUND", at(t, v, "code"))
}

// The vector is of another implementation.
func TestGuestySignature(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "v1,L1l3Pz16to7WN/M2ae5/6+Qu6a9Uq742//nygSznRdg=",
		sandbox.GuestySignature("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "msg_test1", "1790000000", []byte(`{"event":"reservation.updated.v2"}`)))
}

func TestGuestyWebhooks(t *testing.T) {
	t.Parallel()
	w := sandbox.NewWorld(5, sandbox.Options{Properties: 2, Stays: 3, Blocks: -1})
	inbox := &guestyInbox{}
	g, c := newGuesty(t, w, sandbox.GuestyOptions{NoLimits: true, SecretDelay: time.Minute, HTTPClient: &http.Client{Transport: inbox}})
	_, v := c.call(http.MethodPost, "/v1/webhooks", object{"url": "https://host.example/a", "events": []string{"reservation.updated.v2"}})
	id := at(t, v, "_id").(string)
	secret := func() (int, any) {
		return c.call(http.MethodGet, "/v1/webhooks-v2/secret?url=https://host.example/a", nil)
	}
	status, _ := secret()
	assert.Equal(t, 404, status, "not there at once")
	w.Advance(time.Minute)
	_, v = secret()
	key := at(t, v, "key").(string)

	require.NoError(t, w.SetCleanliness(w.Units()[0].ID, pms.Dirty))
	require.NoError(t, w.Cancel(w.Stays()[1].ID))
	require.Len(t, g.Sent(), 1, "the event of the listing is not subscribed to")
	var body object
	require.NoError(t, json.Unmarshal(g.Sent()[0].Body, &body))
	assert.Equal(t, "reservation.updated.v2", body["event"])
	assert.Equal(t, w.Stays()[1].ID, at(t, body, "data", "reservationId"))
	assert.Equal(t, "canceled", at(t, body, "data", "status"))
	h := inbox.header
	assert.Equal(t, sandbox.GuestySignature(key, h.Get("svix-id"), h.Get("svix-timestamp"), g.Sent()[0].Body), h.Get("svix-signature"))

	status, _ = c.call(http.MethodDelete, "/v1/webhooks/"+id, nil)
	assert.Equal(t, 204, status)
	status, _ = secret()
	assert.Equal(t, 404, status)
}

// guestyInbox keeps the header of what was posted last.
type guestyInbox struct{ header http.Header }

func (i *guestyInbox) RoundTrip(req *http.Request) (*http.Response, error) {
	i.header = req.Header
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

func TestGuestyWrites(t *testing.T) {
	t.Parallel()
	w := sandbox.NewWorld(5, sandbox.Options{Properties: 2, Stays: 3, Blocks: -1})
	_, c := newGuesty(t, w, sandbox.GuestyOptions{NoLimits: true})
	status, _ := c.call(http.MethodPut, "/v1/listings/"+w.Units()[0].ID, object{"cleaningStatus": object{"value": "dirty"}})
	assert.Equal(t, 200, status)
	p, _ := w.Property(w.Units()[0].ID)
	assert.Equal(t, pms.Dirty, p.Cleanliness)
	status, _ = c.call(http.MethodPost, "/v1/tasks-open-api/create-single-task", object{"description": "no title"})
	assert.Equal(t, 422, status)
	status, _ = c.call(http.MethodPost, "/v1/tasks-open-api/create-single-task", object{"title": "t", "startTime": "x", "canStartAfter": "y"})
	assert.Equal(t, 422, status)
	status, _ = c.call(http.MethodGet, "/v1/tasks-open-api/tasks", nil)
	assert.Equal(t, 400, status, "columns are required")
	status, _ = c.call(http.MethodPut, "/v1/reservations-v3/1/notes", object{"notes": object{}})
	assert.Equal(t, 404, status)
}
