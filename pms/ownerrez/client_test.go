package ownerrez_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/civil"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/internal/settings"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/oauth"
	"github.com/changeover-sdk/changeover/pms/ownerrez"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// server is a sandbox account of OwnerRez and the requests that it saw.
type server struct {
	*sandbox.OwnerRez
	world *sandbox.World
	seen  *sandbox.Faults
}

func serve(o sandbox.OwnerRezOptions) server {
	world := sandbox.NewWorld(7, sandbox.Options{Clock: time.Now, Properties: 4, Stays: 20, Blocks: 2})
	stand := sandbox.NewOwnerRez(world, o)
	return server{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
}

func (s server) client(t *testing.T, cfg ownerrez.Config) *ownerrez.Client {
	t.Helper()
	if cfg.Token == "" && cfg.ClientID == "" {
		cfg.Username, cfg.Token = s.Options().Username, s.Options().Token
	}
	cfg.HTTPClient = &http.Client{Transport: s.seen}
	c, err := ownerrez.New(cfg)
	require.NoError(t, err)
	return c
}

// app is a client of the OAuth app with a token.
func (s server) app(t *testing.T, token *oauth2.Token) *ownerrez.Client {
	t.Helper()
	return s.client(t, ownerrez.Config{
		ClientID: s.Options().ClientID, ClientSecret: s.Options().ClientSecret, TokenStore: oauth.NewMemoryStore(token, nil),
	})
}

// calls returns method, path and query of what was sent.
func (s server) calls() []string {
	var all []string
	for _, r := range s.seen.Seen() {
		all = append(all, r.Method+" "+strings.TrimPrefix(r.URL, "https://api.ownerrez.com"))
	}
	return all
}

func (s server) count(prefix string) int {
	n := 0
	for _, call := range s.calls() {
		if strings.HasPrefix(call, prefix) {
			n++
		}
	}
	return n
}

// answering is a client whose vendor gives one answer to everything.
func answering(t *testing.T, status int, header http.Header, body string) (*ownerrez.Client, *sandbox.Faults) {
	t.Helper()
	seen := &sandbox.Faults{Rules: []sandbox.Rule{{Do: sandbox.Status(status, header, body)}}}
	c, err := ownerrez.New(ownerrez.Config{Username: "u@example.com", Token: "pt_x", HTTPClient: &http.Client{Transport: seen}, MaxRetries: -1})
	require.NoError(t, err)
	return c, seen
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]ownerrez.Config{
		"ownerrez: Token is required":                               {Username: "u@example.com", Token: " \n"},
		"ownerrez: Username is required":                            {Token: "pt_1"},
		"ownerrez: Token holds a line break":                        {Username: "u@example.com", Token: "pt_1\nx"},
		"ownerrez: Username must not hold a colon":                  {Username: "u:x", Token: "pt_1"},
		"ownerrez: ClientSecret is required":                        {ClientID: "c_1"},
		"ownerrez: ClientID is required":                            {ClientSecret: "s_1"},
		"ownerrez: WebhookUser and WebhookPassword belong together": {Username: "u", Token: "pt_1", WebhookPassword: "p"},
		"ownerrez: WebhookUser must not hold a colon":               {Username: "u", Token: "pt_1", WebhookUser: "l:", WebhookPassword: "p"},
		"ownerrez: PreviousWebhookPassword needs WebhookUser":       {Username: "u", Token: "pt_1", PreviousWebhookPassword: "p"},
		"ownerrez: UserAgent holds a line break":                    {Username: "u", Token: "pt_1", UserAgent: "a\r\nX: y"},
		"ownerrez: BaseURL must begin with https:// or http://":     {Username: "u", Token: "pt_1", BaseURL: "ftp://x"},
	} {
		_, err := ownerrez.New(cfg)
		require.EqualError(t, err, want)
	}
	for _, cfg := range []ownerrez.Config{{Username: " u@example.com ", Token: " pt_1\n"}, {Token: "at_1"}, {ClientID: "c_1", ClientSecret: "s_1"}} {
		_, err := ownerrez.New(cfg)
		require.NoError(t, err)
	}
	_, err := ownerrez.NewFlow(ownerrez.Config{ClientID: "c_1", ClientSecret: "s_1"}, "", "full")
	require.EqualError(t, err, "ownerrez: redirectURL is required")
	_, err = ownerrez.NewFlow(ownerrez.Config{ClientID: "c_1"}, "https://host.example/back", "full")
	require.EqualError(t, err, "ownerrez: ClientSecret is required")
}

func TestConfigFromSettings(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`4711`, `"4711"`} {
		var cfg ownerrez.Config
		require.NoError(t, settings.Decode("ownerrez", []byte(`{"username":"u@example.com","token":"pt_1","userId":`+id+`,"guests":true,"titledBlocks":true,"linkedBlocks":true}`), &cfg))
		require.Equal(t, ownerrez.Config{Username: "u@example.com", Token: "pt_1", UserID: "4711", Guests: true, TitledBlocks: true, LinkedBlocks: true}, cfg)
	}
	var cfg ownerrez.Config
	require.EqualError(t, settings.Decode("ownerrez", []byte(`{"username":"u","apiKey":"k"}`), &cfg), `ownerrez: settings: unknown key "apiKey"`)
}

func TestConfigHidesItself(t *testing.T) {
	t.Parallel()
	cfg := ownerrez.Config{
		Username: "canary@example.com", Token: "canary-token", ClientID: "c_canary", ClientSecret: "canary-secret",
		WebhookUser: "canary", WebhookPassword: "canary-password", PreviousWebhookPassword: "canary-previous",
		TokenStore: oauth.NewMemoryStore(&oauth2.Token{AccessToken: "canary-access"}, nil),
	}
	c, err := ownerrez.New(cfg)
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "cfg", cfg, "client", c)
	for _, text := range []string{log.String(), fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg), fmt.Sprintf("%v %+v %#v %s", c, c, c, c)} {
		require.NotContains(t, text, "canary")
	}
}

// Without a User-Agent the vendor answers 403, to requests for tokens as well.
func TestEveryRequestNamesItsSender(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.OwnerRezOptions{})
	defer s.Close()
	for _, agent := range []string{"", "Acme Cleaning (help@acme.example)"} {
		c := s.client(t, ownerrez.Config{
			UserAgent: agent, ClientID: s.Options().ClientID, ClientSecret: s.Options().ClientSecret,
			TokenStore: oauth.NewMemoryStore(&oauth2.Token{RefreshToken: s.Options().RefreshToken}, nil),
		})
		before := len(s.seen.Seen())
		_, _, err := pms.Collect(pms.Properties(t.Context(), c, pms.PropertyQuery{}))
		require.NoError(t, err)
		want := agent
		if want == "" {
			want = "changeover-sdk (github.com/changeover-sdk/changeover)"
		}
		requests := s.seen.Seen()[before:]
		require.Equal(t, "https://api.ownerrez.com/oauth/access_token", requests[0].URL)
		for _, r := range requests {
			require.Equal(t, want, r.Header.Get("User-Agent"), r.URL)
		}
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]ownerrez.Config{
		"Basic b3duZXJAZXhhbXBsZS5jb206cHRfc2FuZGJveG93bmVycmV6": {Username: "owner@example.com", Token: "pt_sandboxownerrez"},
		"Bearer at_1": {Token: "at_1"},
	} {
		s := serve(sandbox.OwnerRezOptions{})
		_ = s.client(t, cfg).CheckCredentials(t.Context())
		require.Equal(t, want, s.seen.Seen()[0].Header.Get("Authorization"))
		s.Close()
	}
	s := serve(sandbox.OwnerRezOptions{})
	defer s.Close()
	require.NoError(t, s.client(t, ownerrez.Config{}).CheckCredentials(t.Context()))
	err := s.client(t, ownerrez.Config{Username: "u@example.com", Token: "pt_wrong"}).CheckCredentials(t.Context())
	require.ErrorIs(t, err, pms.ErrUnauthorized)
	require.EqualError(t, err, "ownerrez: CheckCredentials: 401 The credentials are not valid.")
}

// The authorization-code flow from the login to the list, and the renewal of
// what it brought.
func TestFlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.OwnerRezOptions{ClientSecret: "s_secret/with+signs"})
		defer s.Close()
		cfg := ownerrez.Config{ClientID: s.Options().ClientID, ClientSecret: s.Options().ClientSecret, HTTPClient: &http.Client{Transport: s.seen}}
		flow, err := ownerrez.NewFlow(cfg, "https://host.example/back", "full")
		require.NoError(t, err)
		target, pending := flow.AuthURL()
		login, err := url.Parse(target)
		require.NoError(t, err)
		require.Equal(t, "https://app.ownerrez.com/oauth/authorize", login.Scheme+"://"+login.Host+login.Path)
		require.Equal(t, url.Values{
			"response_type": {"code"}, "client_id": {"c_sandboxownerrez"}, "redirect_uri": {"https://host.example/back"},
			"scope": {"full"}, "state": {pending.State},
		}, login.Query())
		token, err := flow.Exchange(t.Context(), pending, url.Values{"state": {pending.State}, "code": {s.Options().Code}})
		require.NoError(t, err)
		require.InDelta(t, 4711, token.Extra("user_id"), 0)
		require.Equal(t, "code=code_sandboxownerrez&grant_type=authorization_code", string(s.seen.Seen()[0].Body), "no redirect_uri")

		c := s.app(t, token)
		require.NoError(t, c.CheckCredentials(t.Context()))
		require.Equal(t, 1, s.count("POST /oauth/access_token"))
		s.ExpireTokens()
		require.NoError(t, c.CheckCredentials(t.Context()))
		require.Equal(t, 2, s.count("POST /oauth/access_token"), "an expired token is renewed")
		<-time.After(31 * 24 * time.Hour)
		require.NoError(t, c.CheckCredentials(t.Context()))
		require.Equal(t, 3, s.count("POST /oauth/access_token"))
	})
}

// A token that never ends has no refresh token. When it is refused, a person has
// to connect the account again.
func TestLastingToken(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.OwnerRezOptions{LastingTokens: true})
	defer s.Close()
	flow, err := ownerrez.NewFlow(ownerrez.Config{
		ClientID: s.Options().ClientID, ClientSecret: s.Options().ClientSecret, HTTPClient: &http.Client{Transport: s.seen},
	}, "https://host.example/back", "read")
	require.NoError(t, err)
	_, pending := flow.AuthURL()
	token, err := flow.Exchange(t.Context(), pending, url.Values{"state": {pending.State}, "code": {s.Options().Code}})
	require.NoError(t, err)
	require.True(t, token.Expiry.IsZero())
	c := s.app(t, token)
	require.NoError(t, c.CheckCredentials(t.Context()))
	require.NoError(t, s.client(t, ownerrez.Config{Token: token.AccessToken}).CheckCredentials(t.Context()), "as it is")

	s.ExpireTokens()
	require.ErrorIs(t, c.CheckCredentials(t.Context()), pms.ErrUnauthorized)
	require.EqualError(t, s.app(t, nil).CheckCredentials(t.Context()), "ownerrez: GetToken: there is no refresh token: connect the account again")
	err = s.client(t, ownerrez.Config{Token: token.AccessToken}).CheckCredentials(t.Context())
	var api *pms.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, "token_expired", api.Code)
}

func TestNativeCalls(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.OwnerRezOptions{})
	defer s.Close()
	c := s.client(t, ownerrez.Config{})
	ctx := t.Context()
	user, err := c.GetUser(ctx)
	require.NoError(t, err)
	require.Equal(t, pms.Text("4711"), user.ID)
	require.Equal(t, pms.Text("Europe/Moscow"), user.TimeZone)

	rows, err := c.ListPropertyRows(ctx, true, 3, 0)
	require.NoError(t, err)
	require.Len(t, rows.Items, 3)
	require.True(t, rows.More)
	require.Empty(t, rows.Items[0].TimeZone, "rows lack it")
	p, err := c.GetProperty(ctx, string(rows.Items[0].ID))
	require.NoError(t, err)
	require.Equal(t, pms.Text("Europe/Moscow"), p.TimeZone)

	list, err := c.ListReservations(ctx, ownerrez.ReservationQuery{PropertyIDs: []string{string(p.ID)}, Limit: 2})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)
	r, err := c.GetReservation(ctx, string(list.Items[0].ID))
	require.NoError(t, err)
	require.Equal(t, list.Items[0], r)
	g, err := c.GetGuest(ctx, string(r.GuestID))
	require.NoError(t, err)
	require.Equal(t, r.Guest.LastName, g.LastName)
	require.True(t, json.Valid(g.Raw))
	require.Equal(t, []string{
		"GET /v2/users/me", "GET /v2/properties?active=true&limit=3&offset=0", "GET /v2/properties/" + string(p.ID),
		"GET /v2/bookings?include_guest=true&limit=2&offset=0&property_ids=" + string(p.ID),
		"GET /v2/bookings/" + string(r.ID) + "?include_guest=true", "GET /v2/guests/" + string(r.GuestID),
	}, s.calls())
}

func TestWrites(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.OwnerRezOptions{})
	defer s.Close()
	c := s.client(t, ownerrez.Config{})
	ctx := t.Context()
	stay := s.world.Stays()[0]
	day := civil.Date{Year: 2026, Month: time.October, Day: 6}
	for _, tt := range []struct {
		day  pms.Date
		body string
	}{{day, `{"cleaning_date":"2026-10-06"}`}, {pms.Date{}, `{"cleaning_date":null}`}} {
		require.NoError(t, c.SetCleaningDate(ctx, stay.ID, tt.day))
		seen := s.seen.Seen()
		require.Equal(t, "PATCH", seen[len(seen)-1].Method)
		require.JSONEq(t, tt.body, string(seen[len(seen)-1].Body))
		r, err := c.GetReservation(ctx, stay.ID)
		require.NoError(t, err)
		want := pms.Text("")
		if !tt.day.IsZero() {
			want = pms.Text(tt.day.String())
		}
		require.Equal(t, want, r.CleaningDate)
	}
	require.ErrorIs(t, c.SetCleaningDate(ctx, "999999999", day), pms.ErrNotFound)

	unit := s.world.Units()[0].ID
	var id int64
	_, err := fmt.Sscan(unit, &id)
	require.NoError(t, err)
	made, err := c.CreateReservation(ctx, ownerrez.ReservationRequest{PropertyID: id, Arrival: day.AddDays(90), Departure: day.AddDays(92), IsBlock: true, Notes: "paint"})
	require.NoError(t, err)
	require.Equal(t, pms.Text("block"), made.Type)
	require.Equal(t, pms.Text(unit), made.PropertyID)
	require.Equal(t, pms.Text("paint"), made.Notes)
}

func TestCallsAreCheckedBeforeTheyAreSent(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.OwnerRezOptions{})
	defer s.Close()
	c := s.client(t, ownerrez.Config{})
	ctx := t.Context()
	day := civil.Date{Year: 2026, Month: time.October, Day: 6}
	_, noFilter := c.ListReservations(ctx, ownerrez.ReservationQuery{From: day})
	require.EqualError(t, noFilter, "ownerrez: ListReservations: SinceUTC or PropertyIDs is required")
	_, badBooking := c.GetBooking(ctx, "ORB123")
	_, badProperty := c.GetProperty(ctx, "../users")
	_, badGuest := c.GetGuest(ctx, "")
	_, noID := c.CreateReservation(ctx, ownerrez.ReservationRequest{Arrival: day, Departure: day, IsBlock: true})
	_, noGuest := c.CreateReservation(ctx, ownerrez.ReservationRequest{PropertyID: 1, Arrival: day, Departure: day})
	_, noDay := c.CreateReservation(ctx, ownerrez.ReservationRequest{PropertyID: 1, GuestID: 1, Departure: day})
	_, noHook := c.RegisterWebhook(ctx, "https://host.example/hooks")
	for _, err := range []error{
		noFilter, badBooking, badProperty, badGuest, noID, noGuest, noDay, noHook,
		c.SetCleaningDate(ctx, "1/2", day), c.SetCleaningDate(ctx, "1", pms.Date{Year: 2026, Month: 2, Day: 31}),
	} {
		require.ErrorIs(t, err, pms.ErrInvalid)
	}
	require.Empty(t, s.calls())
}

func TestWriteIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.OwnerRezOptions{})
	defer s.Close()
	s.seen.Add(sandbox.Rule{Match: sandbox.Method(http.MethodPatch), Do: sandbox.ResetBefore()})
	err := s.client(t, ownerrez.Config{}).SetCleaningDate(t.Context(), s.world.Stays()[0].ID, s.world.Today())
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.Equal(t, 1, s.count("PATCH"))
}

// Only the place without items is an empty page.
func TestEmptyPage(t *testing.T) {
	t.Parallel()
	q := ownerrez.ReservationQuery{PropertyIDs: []string{"1"}}
	for _, body := range []string{`{"limit":100,"offset":0}`, `{"limit":100,"offset":0,"next_page_url":""}`, `{"items":[],"limit":100,"offset":0,"next_page_url":null}`, `{"items":[]}`} {
		c, _ := answering(t, http.StatusOK, nil, body)
		list, err := c.ListReservations(t.Context(), q)
		require.NoError(t, err, body)
		require.Empty(t, list.Items)
		require.False(t, list.More)
	}
	for _, body := range []string{
		`{}`, `{"limit":100}`, `{"offset":0}`, `{"messages":["Something went wrong"],"status":"error","status_code":500}`,
		`{"items":null}`, `{"items":{}}`, `{"items":"","limit":100,"offset":0}`, `{"results":[]}`, `[]`, `null`,
	} {
		c, _ := answering(t, http.StatusOK, nil, body)
		_, err := c.ListReservations(t.Context(), q)
		require.ErrorIs(t, err, pms.ErrDecode, body)
		_, err = c.ListProperties(t.Context(), pms.PropertyQuery{})
		require.ErrorIs(t, err, pms.ErrDecode, body)
	}
}

// The link to the next page says that there is one. It leads nobody to another
// host or path.
func TestNextPageLinkIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, link := range []string{"https://thief.example/v2/bookings?offset=7", "/v2/users/me", "http://api.ownerrez.com/v2/bookings?offset=0", "x"} {
		s := serve(sandbox.OwnerRezOptions{})
		s.seen.Add(sandbox.Rule{Do: sandbox.Rewrite(func(body []byte) []byte {
			var answer map[string]any
			if json.Unmarshal(body, &answer) == nil && answer["next_page_url"] != nil {
				answer["next_page_url"] = link
				body, _ = json.Marshal(answer)
			}
			return body
		})})
		items, failed, err := pms.Collect(pms.Bookings(t.Context(), s.client(t, ownerrez.Config{}), pms.BookingQuery{Limit: 7}))
		require.NoError(t, err)
		require.Empty(t, failed)
		require.Len(t, items, 22)
		const query = "GET /v2/bookings?include_guest=true&limit=%d&offset=%d&since_utc=1970-01-01T00%%3A00%%3A00Z"
		require.Equal(t, []string{
			fmt.Sprintf(query, 7, 0), fmt.Sprintf(query, 8, 6), fmt.Sprintf(query, 8, 13), fmt.Sprintf(query, 8, 20),
		}, s.calls(), "each page is read from the last booking of the one before on")
		s.Close()
	}
}

// One client sees pages of 20, whatever it asks for.
func TestSmallerPagesThanAsked(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.OwnerRezOptions{MostRows: 20})
	defer s.Close()
	for range 50 {
		_, err := s.world.AddStay(sandbox.Stay{UnitID: s.world.Units()[0].ID, Arrival: s.world.Today(), Departure: s.world.Today()})
		require.NoError(t, err)
	}
	items, _, err := pms.Collect(pms.Bookings(t.Context(), s.client(t, ownerrez.Config{}), pms.BookingQuery{}))
	require.NoError(t, err)
	require.Len(t, items, 72)
	require.Equal(t, 4, s.count("GET /v2/bookings"))
}

func TestErrorsOfTheVendor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		header http.Header
		body   string
		kind   error
		text   string
	}{
		{404, nil, `{"messages":["Expected entity Guest:Id:1 not found."],"status":"not_found","status_code":404}`, pms.ErrNotFound, "404 Expected entity Guest:Id:1 not found."},
		{400, nil, `{"messages":["One.","Two."]}`, pms.ErrInvalid, "400 One. Two."},
		{422, nil, `{"messages":["The date is not valid."],"status":"unprocessable_entity","status_code":422}`, pms.ErrInvalid, "422 The date is not valid."},
		{403, nil, `{"messages":[]}`, pms.ErrForbidden, "403 Forbidden"},
		{401, http.Header{"Www-Authenticate": {`Bearer error="token_expired"`}}, ``, pms.ErrUnauthorized, "401 Unauthorized"},
		{429, nil, `{"code":429,"error":"Rate limit exceeded."}`, pms.ErrRateLimited, "429 Rate limit exceeded. (retry after 1m0s)"},
		{503, nil, `<html>maintenance</html>`, pms.ErrUnavailable, "503 Service Unavailable"},
		{500, nil, `{"messages":"x"}`, pms.ErrUnavailable, "500 Internal Server Error"},
	} {
		c, seen := answering(t, tt.status, tt.header, tt.body)
		_, err := c.GetGuest(t.Context(), "1")
		require.ErrorIs(t, err, tt.kind, tt.body)
		require.EqualError(t, err, "ownerrez: GetGuest: "+tt.text)
		require.Len(t, seen.Seen(), 1)
	}
}

// A 429 states no wait: everything stops for a minute.
func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.OwnerRezOptions{})
		defer s.Close()
		s.seen.Add(sandbox.Rule{Times: 1, Do: sandbox.Status(http.StatusTooManyRequests, nil, `{"code":429,"error":"Rate limit exceeded."}`)})
		began := time.Now()
		require.NoError(t, s.client(t, ownerrez.Config{}).CheckCredentials(t.Context()))
		require.Equal(t, time.Minute, time.Since(began))
		require.Len(t, s.calls(), 2)
	})
}

func TestListProperties(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.OwnerRezOptions{NoZones: true})
	defer s.Close()
	units := s.world.Units()
	require.NoError(t, s.world.UpdateProperty(units[1].ID, func(p *sandbox.Property) { p.Inactive = true }))
	s.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/properties/" + units[2].ID), Do: sandbox.Status(http.StatusNotFound, nil, `{"messages":["gone"]}`)})
	items, failed, err := pms.Collect(pms.Properties(t.Context(), s.client(t, ownerrez.Config{}), pms.PropertyQuery{}))
	require.NoError(t, err)
	status := map[string]pms.PropertyStatus{}
	for _, p := range items {
		status[p.ID] = p.Status
		require.Equal(t, "Europe/Moscow", p.TimeZone, "the account's")
	}
	require.Equal(t, map[string]pms.PropertyStatus{
		units[0].ID: pms.PropertyActive, units[3].ID: pms.PropertyActive, units[1].ID: pms.PropertyInactive,
	}, status)
	require.Len(t, failed, 1, "a property that vanished meanwhile")
	require.EqualError(t, failed[0], "ownerrez: property "+units[2].ID+": id: not found")
	require.Equal(t, 2, s.count("GET /v2/users/me"), "once a page")
	require.Equal(t, 1, s.count("GET /v2/properties?active=false"))
}

func TestZoneOfTheAccountIsAskedForWhenNeeded(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.OwnerRezOptions{})
	defer s.Close()
	c := s.client(t, ownerrez.Config{})
	_, _, err := pms.Collect(pms.Properties(t.Context(), c, pms.PropertyQuery{}))
	require.NoError(t, err)
	require.Zero(t, s.count("GET /v2/users/me"))
	s.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/properties/" + s.world.Units()[3].ID), Do: sandbox.Status(http.StatusInternalServerError, nil, "")})
	page, err := s.client(t, ownerrez.Config{MaxRetries: -1}).ListProperties(t.Context(), pms.PropertyQuery{})
	require.ErrorIs(t, err, pms.ErrUnavailable, "a list with holes is none")
	require.Empty(t, page.Items)
}

func TestPropertiesWithoutIDs(t *testing.T) {
	t.Parallel()
	c, seen := answering(t, http.StatusOK, nil, `{"items":[{"id":"../users","name":"x"},{"id":null,"name":"y"},7],"limit":100,"offset":0}`)
	page, err := c.ListProperties(t.Context(), pms.PropertyQuery{})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	require.Len(t, page.Failed, 3)
	require.Len(t, seen.Seen(), 1)
}

// Guests are read once, whoever asks.
func TestGuests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := serve(sandbox.OwnerRezOptions{})
		defer s.Close()
		c := s.client(t, ownerrez.Config{Guests: true})
		list := func() []pms.Booking {
			items, _, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{ExcludeBlocks: true}))
			require.NoError(t, err)
			return items
		}
		first := list()
		require.Equal(t, 20, s.count("GET /v2/guests/"))
		for _, b := range first {
			stay, _ := s.world.Stay(b.ID)
			require.Equal(t, stay.Guest.Phone, b.Guest.Phone)
			require.Equal(t, stay.Guest.Email, b.Guest.Email, "the default one")
		}
		require.Equal(t, first, list())
		got, err := c.GetBooking(t.Context(), first[0].ID)
		require.NoError(t, err)
		require.Equal(t, first[:1], got)
		require.Equal(t, 20, s.count("GET /v2/guests/"))
		<-time.After(25 * time.Hour)
		list()
		require.Equal(t, 40, s.count("GET /v2/guests/"), "a day later they are read again")

		s.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/guests/"), Do: sandbox.Status(http.StatusNotFound, nil, "{}")})
		gone, _, err := pms.Collect(pms.Bookings(t.Context(), s.client(t, ownerrez.Config{Guests: true}), pms.BookingQuery{ExcludeBlocks: true}))
		require.NoError(t, err)
		require.Equal(t, first[0].Guest.Name, gone[0].Guest.Name, "the row has the name")
		require.Empty(t, gone[0].Guest.Phone)

		s.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/guests/"), Do: sandbox.Status(http.StatusForbidden, nil, "{}")})
		s.seen.Rules = slices.Delete(s.seen.Rules, 0, 1)
		_, _, err = pms.Collect(pms.Bookings(t.Context(), s.client(t, ownerrez.Config{Guests: true}), pms.BookingQuery{}))
		require.ErrorIs(t, err, pms.ErrForbidden, "a list that knows its guests now and then is none")
	})
}

// One booking names its guest as the list does, also if the vendor tells it
// apart.
func TestGetBookingNamesTheGuest(t *testing.T) {
	t.Parallel()
	s := serve(sandbox.OwnerRezOptions{})
	defer s.Close()
	c := s.client(t, ownerrez.Config{})
	items, _, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{ExcludeBlocks: true}))
	require.NoError(t, err)
	got, err := c.GetBooking(t.Context(), items[0].ID)
	require.NoError(t, err)
	require.Equal(t, items[:1], got)
	require.Zero(t, s.count("GET /v2/guests/"))
	s.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/bookings/"), Do: sandbox.Rewrite(func(body []byte) []byte {
		return bytes.Replace(body, []byte(`"guest":`), []byte(`"guest_left_out":`), 1)
	})})
	got, err = c.GetBooking(t.Context(), items[0].ID)
	require.NoError(t, err)
	require.NotEmpty(t, got[0].Guest.Name)
	require.Equal(t, items[0].Guest, got[0].Guest, "and no phone or address that the list does not tell")
	require.Equal(t, 1, s.count("GET /v2/guests/"))
}

// The copies of a booking on linked properties are no bookings of their own.
func TestLinkedProperties(t *testing.T) {
	t.Parallel()
	const copies = 1_000_000_000
	world := sandbox.NewWorld(7, sandbox.Options{Clock: time.Now, Properties: 2, Stays: -1, Blocks: -1})
	whole, room := world.Units()[0].ID, world.Units()[1].ID
	stand := sandbox.NewOwnerRez(world, sandbox.OwnerRezOptions{Linked: map[string][]string{whole: {room}}})
	defer stand.Close()
	s := server{stand, world, &sandbox.Faults{Next: sandbox.Transport(stand)}}
	id, err := world.AddStay(sandbox.Stay{UnitID: whole, Arrival: world.Today(), Departure: world.Today().AddDays(2)})
	require.NoError(t, err)
	var n int64
	_, err = fmt.Sscan(id, &n)
	require.NoError(t, err)
	shadow := fmt.Sprint(n + copies)

	c := s.client(t, ownerrez.Config{})
	items, _, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{}))
	require.NoError(t, err)
	require.Len(t, items, 1)
	require.Equal(t, whole, items[0].PropertyID)
	_, err = c.GetBooking(t.Context(), shadow)
	require.ErrorIs(t, err, pms.ErrNotFound)
	empty, _, err := pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{PropertyIDs: []string{room}}))
	require.NoError(t, err)
	require.Empty(t, empty)

	c = s.client(t, ownerrez.Config{LinkedBlocks: true})
	items, _, err = pms.Collect(pms.Bookings(t.Context(), c, pms.BookingQuery{PropertyIDs: []string{room}}))
	require.NoError(t, err)
	require.Len(t, items, 1)
	require.Equal(t, pms.KindBlock, items[0].Kind)
	require.Equal(t, shadow, items[0].ID)
	got, err := c.GetBooking(t.Context(), shadow)
	require.NoError(t, err)
	require.Equal(t, items, got)
}

func TestRegisterWebhook(t *testing.T) {
	t.Parallel()
	const target = "https://host.example/hooks/ownerrez"
	s := serve(sandbox.OwnerRezOptions{MostRows: 2})
	defer s.Close()
	c := s.client(t, ownerrez.Config{WebhookUser: hookUser, WebhookPassword: hookPassword})
	ctx := t.Context()
	for range 2 {
		secret, err := c.RegisterWebhook(ctx, target)
		require.NoError(t, err)
		require.Empty(t, secret, "it is in the settings")
		hooks, err := c.ListWebhooks(ctx)
		require.NoError(t, err)
		require.Len(t, hooks, 3, "what is there is kept")
		require.Equal(t, ownerrez.Webhook{ID: hooks[0].ID, Type: "Booking", Action: "EntityCreate", URL: target}, hooks[0])
		require.Equal(t, pms.Text("EntityUpdate"), hooks[1].Action)
		require.Equal(t, pms.Text("EntityDelete"), hooks[2].Action)
	}
	_, err := c.RegisterWebhook(ctx, "https://host.example/other")
	require.NoError(t, err)
	require.NoError(t, c.UnregisterWebhook(ctx, target))
	require.NoError(t, c.UnregisterWebhook(ctx, target), "having none is no error")
	hooks, err := c.ListWebhooks(ctx)
	require.NoError(t, err)
	require.Len(t, hooks, 3)
	require.Equal(t, pms.Text("https://host.example/other"), hooks[0].URL)

	s.seen.Add(sandbox.Rule{Match: sandbox.Path("/v2/webhooksubscriptions"), Times: 1, Do: sandbox.Rewrite(func(body []byte) []byte {
		return []byte(strings.NewReplacer("Booking", "booking", "EntityCreate", "entity_create", "EntityUpdate", "entity_update").Replace(string(body)))
	})})
	posts := s.count("POST")
	_, err = c.RegisterWebhook(ctx, "https://host.example/other")
	require.NoError(t, err)
	require.Equal(t, posts, s.count("POST"), "what is there is kept, however it is written")

	s.seen.Add(sandbox.Rule{Match: sandbox.Method(http.MethodPost), Do: sandbox.Status(http.StatusForbidden, nil, `{"messages":["no right to https://host.example/secret-path"]}`)})
	_, err = c.RegisterWebhook(ctx, "https://host.example/secret-path")
	require.EqualError(t, err, "ownerrez: RegisterWebhook: 403 no right to [redacted]")
}

// unlimited is a limiter that lets all pass.
type unlimited struct{}

func (unlimited) Wait(ctx context.Context) error { return ctx.Err() }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// pageOf is a page of 100 bookings, of about 200 KB.
func pageOf100(b *testing.B) []byte {
	b.Helper()
	world := sandbox.NewWorld(7, sandbox.Options{Stays: 100, Blocks: -1})
	stand := sandbox.NewOwnerRez(world, sandbox.OwnerRezOptions{})
	defer stand.Close()
	o := stand.Options()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "https://api.ownerrez.com/v2/bookings?since_utc=1970-01-01T00:00:00Z&limit=100&include_guest=true", nil)
	require.NoError(b, err)
	req.SetBasicAuth(o.Username, o.Token)
	req.Header.Set("User-Agent", "benchmark")
	resp, err := sandbox.Transport(stand).RoundTrip(req)
	require.NoError(b, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	require.NoError(b, resp.Body.Close())
	charge := `{"type":"rent","amount":310.12,"rate":310.12,"rate_is_percent":false,"description":"Nightly rent","position":1,"is_taxable":true,"owner_amount":200.5,"commission_amount":46.5,"is_channel_managed":true}`
	charges := `"charges":[` + strings.TrimSuffix(strings.Repeat(charge+",", 6), ",") + `],"arrival":`
	return bytes.ReplaceAll(body, []byte(`"arrival":`), []byte(charges))
}

// BenchmarkPage decodes and maps a page, beside the decoding of the same fields
// by encoding/json alone.
func BenchmarkPage(b *testing.B) {
	body := pageOf100(b)
	b.Run("connector", func(b *testing.B) {
		canned := &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req}, nil
		})}
		c, err := ownerrez.New(ownerrez.Config{Username: "u@example.com", Token: "pt_x", Limiter: unlimited{}, HTTPClient: canned})
		require.NoError(b, err)
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			page, err := c.ListBookings(b.Context(), pms.BookingQuery{})
			if err != nil || len(page.Items) != 100 {
				b.Fatal(len(page.Items), err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var page struct {
				Items []ownerrez.Reservation `json:"items"`
			}
			if err := json.Unmarshal(body, &page); err != nil || len(page.Items) != 100 {
				b.Fatal(len(page.Items), err)
			}
		}
	})
}
