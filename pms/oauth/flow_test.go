package oauth_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/oauth"
)

func newFlow(t *testing.T, v *vendor, change func(*oauth.App)) *oauth.Flow {
	t.Helper()
	a := app(v)
	a.RedirectURL = "https://host.example/connect"
	change(&a)
	flow, err := oauth.NewFlow(a)
	require.NoError(t, err)
	return flow
}

func TestAuthURL(t *testing.T) {
	t.Parallel()
	flow := newFlow(t, &vendor{}, func(a *oauth.App) { a.Scopes = []string{"property:read", "reservation:read"} })
	address, pending := flow.AuthURL()
	require.GreaterOrEqual(t, len(pending.State), 26)
	assert.Equal(t, "https://acme.example/oauth/authorize?client_id=canary-client-id&redirect_uri=https%3A%2F%2Fhost.example%2Fconnect"+
		"&response_type=code&scope=property%3Aread+reservation%3Aread&state="+pending.State, address)
	assert.Empty(t, pending.Verifier)
	_, again := flow.AuthURL()
	assert.NotEqual(t, pending.State, again.State)
}

func TestAuthURLWithPKCEAndBaseURL(t *testing.T) {
	t.Parallel()
	v := &vendor{}
	flow := newFlow(t, v, func(a *oauth.App) { a.PKCE, a.BaseURL = true, "https://proxy.example/prefix/" })
	address, pending := flow.AuthURL()
	target, err := url.Parse(address)
	require.NoError(t, err)
	assert.Equal(t, "https://proxy.example/prefix/oauth/authorize", target.Scheme+"://"+target.Host+target.Path)
	assert.Equal(t, "S256", target.Query().Get("code_challenge_method"))
	assert.Len(t, target.Query().Get("code_challenge"), 43)
	assert.NotContains(t, address, pending.Verifier)
	_, err = flow.Exchange(t.Context(), pending, url.Values{"code": {"c0de"}, "state": {pending.State}})
	require.NoError(t, err)
	require.Len(t, v.sent(), 1)
	assert.Contains(t, v.sent()[0].body, "code_verifier="+pending.Verifier)
}

func TestExchange(t *testing.T) {
	t.Parallel()
	v := &vendor{refresh: true, life: 43200e9}
	flow := newFlow(t, v, func(*oauth.App) {})
	_, pending := flow.AuthURL()
	token, err := flow.Exchange(t.Context(), pending, url.Values{"code": {"c0de"}, "state": {pending.State}})
	require.NoError(t, err)
	assert.Equal(t, "access-1", token.AccessToken)
	assert.Equal(t, "refresh-1", token.RefreshToken)
	assert.EqualValues(t, 43200, token.ExpiresIn)
	assert.InDelta(t, 123, token.Extra("user_id"), 0)
	require.Len(t, v.sent(), 1)
	assert.Equal(t, "client_id=canary-client-id&client_secret=canary%2Fclient%2Bsecret%3D1&code=c0de&grant_type=authorization_code"+
		"&redirect_uri=https%3A%2F%2Fhost.example%2Fconnect", v.sent()[0].body)
}

func TestExchangeWithoutRedirectURL(t *testing.T) {
	t.Parallel()
	v := &vendor{}
	flow := newFlow(t, v, func(a *oauth.App) { a.Style, a.OmitRedirectURL = oauth.BasicForm, true })
	_, pending := flow.AuthURL()
	_, err := flow.Exchange(t.Context(), pending, url.Values{"code": {"c0de"}, "state": {pending.State}})
	require.NoError(t, err)
	assert.Equal(t, "code=c0de&grant_type=authorization_code", v.sent()[0].body)
}

func TestExchangeRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		pending  oauth.Pending
		callback url.Values
		want     error
	}{
		"another state": {oauth.Pending{State: "a"}, url.Values{"code": {"c"}, "state": {"b"}}, pms.ErrBadSignature},
		"no state":      {oauth.Pending{State: "a"}, url.Values{"code": {"c"}}, pms.ErrBadSignature},
		"no login":      {oauth.Pending{}, url.Values{"code": {"c"}, "state": {""}}, pms.ErrBadSignature},
		"user refused":  {oauth.Pending{State: "a"}, url.Values{"error": {"access_denied"}, "state": {"a"}}, pms.ErrForbidden},
		"no code":       {oauth.Pending{State: "a"}, url.Values{"state": {"a"}}, pms.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &vendor{}
			_, err := newFlow(t, v, func(*oauth.App) {}).Exchange(t.Context(), tt.pending, tt.callback)
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, "Exchange", apiError(t, err).Op)
			require.Empty(t, v.sent())
		})
	}
}

func TestExchangeOfUsedCode(t *testing.T) {
	t.Parallel()
	v := &vendor{answer: answer(400, `{"error":"invalid_grant","error_description":"canary-code was used"}`)}
	pending := oauth.Pending{State: "canary-state", Verifier: "canary-verifier"}
	_, err := newFlow(t, v, func(*oauth.App) {}).Exchange(t.Context(), pending, url.Values{"code": {"canary-code"}, "state": {pending.State}})
	require.ErrorIs(t, err, pms.ErrUnauthorized)
	require.NotContains(t, fmt.Sprintf("%v %s %v %+v %#v", err, apiError(t, err).Body, pending, pending, pending), "canary")
}

func TestNewFlowNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := oauth.NewFlow(oauth.App{Vendor: "acme", ClientID: "x", ClientSecret: "y", TokenURL: "https://acme.example/t"})
	require.EqualError(t, err, "acme: AuthURL is not a URL")
	_, err = oauth.NewFlow(oauth.App{Vendor: "acme"})
	require.EqualError(t, err, "acme: ClientID is required")
}
