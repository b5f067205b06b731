package rest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func to(location string) roundTrip { return reply(302, "", "Location", location) }

func TestRedirectIsFollowedOnTheSameHost(t *testing.T) {
	t.Parallel()
	transport := newScript(t, to("/v2/bookings?x=1"), reply(200, `{}`))
	_, err := newClient(t, transport, func(o *Options) { o.Auth = fixedAuth("the-key") }).Do(t.Context(), read)
	require.NoError(t, err)
	assert.Equal(t, "https://api.example.test/v2/bookings?x=1", transport.sent[1].url)
	assert.Equal(t, "the-key", transport.sent[1].header.Get("X-Api-Key"))
}

func TestRedirectOfAWriteKeepsItsBody(t *testing.T) {
	t.Parallel()
	transport := newScript(t, reply(308, "", "Location", "https://API.example.test/v2"), reply(200, `{}`))
	_, err := newClient(t, transport).Do(t.Context(), write)
	require.NoError(t, err)
	assert.Equal(t, http.MethodPost, transport.sent[1].method)
	assert.Equal(t, `{"unit":7}`, transport.sent[1].body)
}

func TestRedirectRefused(t *testing.T) {
	t.Parallel()
	again := to("/loop")
	tests := map[string]struct {
		answers []roundTrip
		reason  string
	}{
		"another host":         {[]roundTrip{to("https://evil.example/x?token=t")}, "to another host, evil.example"},
		"another port":         {[]roundTrip{to("https://api.example.test:444/x")}, "to another host, api.example.test:444"},
		"subdomain":            {[]roundTrip{to("https://x.api.example.test/")}, "to another host, x.api.example.test"},
		"no scheme":            {[]roundTrip{to("//evil.example/x")}, "to another host, evil.example"},
		"plain http":           {[]roundTrip{to("http://api.example.test/bookings")}, "from https to http"},
		"another scheme":       {[]roundTrip{to("file:///etc/passwd")}, "from https to file"},
		"loop":                 {[]roundTrip{again, again, again, again}, "too many"},
		"307 with a body":      {[]roundTrip{reply(307, "", "Location", "https://evil.example/")}, "to another host, evil.example"},
		"308 with a body":      {[]roundTrip{reply(308, "", "Location", "https://evil.example/")}, "to another host, evil.example"},
		"second hop":           {[]roundTrip{again, to("https://evil.example/")}, "to another host, evil.example"},
		"user and password":    {[]roundTrip{to("https://user:pw@evil.example/")}, "to another host, evil.example"},
		"not a URL, and quiet": {[]roundTrip{to("https://evil.example:x/?token=t0ken")}, ""},
	}
	for name, tt := range tests {
		for _, call := range []Call{read, write} {
			t.Run(name+" "+call.Op, func(t *testing.T) {
				t.Parallel()
				transport := newScript(t, tt.answers...)
				_, err := newClient(t, transport, func(o *Options) { o.MaxRetries = -1 }).Do(t.Context(), call)
				require.ErrorIs(t, err, pms.ErrUnavailable)
				if tt.reason == "" {
					require.EqualError(t, err, "vendor: "+call.Op+": unavailable: redirect to what is not a URL")
					return
				}
				require.EqualError(t, err, "vendor: "+call.Op+": unavailable: redirect refused: "+tt.reason)
				assert.Len(t, transport.sent, len(tt.answers))
			})
		}
	}
}

func TestRefusedRedirectIsNotRepeated(t *testing.T) {
	t.Parallel()
	_, err := newClient(t, newScript(t, to("https://evil.example/"))).Do(t.Context(), read)
	assert.Equal(t, 1, apiError(t, err).Attempts)
}

func TestHostsOwnRuleIsAskedLast(t *testing.T) {
	t.Parallel()
	errOwn := errors.New("the host says no")
	var asked []string
	host := func(answers ...roundTrip) (*http.Client, *script) {
		transport := newScript(t, answers...)
		return &http.Client{Transport: transport, CheckRedirect: func(req *http.Request, _ []*http.Request) error {
			asked = append(asked, req.URL.Path)
			switch req.URL.Path {
			case "/no":
				return errOwn
			case "/stop":
				return http.ErrUseLastResponse
			}
			return nil
		}}, transport
	}
	own, transport := host(to("/yes"), to("/no"), to("https://evil.example/"), reply(303, "", "Location", "/stop"))
	client := newClient(t, nil, func(o *Options) { o.HTTPClient = own })
	_, err := client.Do(t.Context(), read)
	require.ErrorIs(t, err, errOwn)
	require.EqualError(t, err, "vendor: ListBookings: unavailable: redirect refused: the host says no")
	assert.Equal(t, []string{"/yes", "/no"}, asked)
	_, err = client.Do(t.Context(), read)
	require.ErrorContains(t, err, "evil.example")
	assert.Equal(t, []string{"/yes", "/no"}, asked, "not asked about what is refused anyhow")
	_, err = client.Do(t.Context(), write)
	assert.Equal(t, 303, apiError(t, err).StatusCode)
	assert.Equal(t, []string{"/yes", "/no", "/stop"}, asked)
	assert.Len(t, transport.sent, 4)
}

func TestNoRedirectHandsTheAnswerOver(t *testing.T) {
	t.Parallel()
	client := newClient(t, newScript(t, reply(302, "moved", "Location", "https://evil.example/")))
	call := write
	call.NoRedirect = true
	resp, err := client.Do(t.Context(), call)
	require.NoError(t, err)
	assert.Equal(t, 302, resp.Status)
	assert.Equal(t, "https://evil.example/", resp.Header.Get("Location"))
	assert.Equal(t, "moved", string(resp.Body))
}

func TestNotModifiedIsNoError(t *testing.T) {
	t.Parallel()
	resp, err := newClient(t, newScript(t, reply(304, "", "ETag", `"a"`))).Do(t.Context(), read)
	require.NoError(t, err)
	assert.Equal(t, 304, resp.Status)
}

func TestCrossHostKeepsTheSecretURLToItself(t *testing.T) {
	t.Parallel()
	transport := newScript(t, to("https://cdn.example.test/feed.ics"), reply(200, "BEGIN:VCALENDAR"))
	client := newClient(t, transport, func(o *Options) {
		o.BaseURL, o.CrossHost, o.HidePath = "https://feeds.example.test/canary-secret", true, true
	})
	_, err := client.Do(t.Context(), read)
	require.NoError(t, err)
	assert.Equal(t, "https://cdn.example.test/feed.ics", transport.sent[1].url)
	assert.Empty(t, transport.sent[1].header.Get("Referer"))
}

func TestCrossHostStillRefusesPlainHTTP(t *testing.T) {
	t.Parallel()
	transport := newScript(t, to("https://cdn.example.test/"), to("http://cdn.example.test/"))
	_, err := newClient(t, transport, func(o *Options) { o.CrossHost = true }).Do(t.Context(), read)
	require.ErrorContains(t, err, "redirect refused: from https to http")
}

// TestRedirectOverSockets shows with real servers that nothing reaches the
// other host, neither key nor body.
func TestRedirectOverSockets(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host got %s %s", r.Method, r.URL)
	}))
	t.Cleanup(other.Close)
	vendor := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusPermanentRedirect)
	}))
	t.Cleanup(vendor.Close)
	client := newClient(t, nil, func(o *Options) {
		o.BaseURL, o.HTTPClient, o.Auth = vendor.URL, vendor.Client(), fixedAuth("the-key")
	})
	_, err := client.Do(t.Context(), write)
	require.ErrorContains(t, err, "redirect refused: from https to http")
}
