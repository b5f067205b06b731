package rest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestNewRefusesABadBaseURL(t *testing.T) {
	t.Parallel()
	for base, reason := range map[string]string{
		"":                               "must begin with https:// or http://",
		"api.example.test":               "must begin with https:// or http://",
		"ftp://api.example.test":         "must begin with https:// or http://",
		"https://":                       "has no host",
		"https:///v1":                    "has no host",
		"https://user:pw@api.example":    "must hold no user and password",
		"https://api.example.test/?k=v":  "must hold no query and no fragment",
		"https://api.example.test/#part": "must hold no query and no fragment",
		"https://api.example.test:x":     "is not a URL",
		"https://api.example test/":      "is not a URL",
	} {
		_, err := New(Options{Vendor: "vendor", BaseURL: base})
		assert.EqualError(t, err, "vendor: BaseURL "+reason, base)
	}
}

func TestBadBaseURLIsNotRepeatedInTheError(t *testing.T) {
	t.Parallel()
	_, err := New(Options{Vendor: "vendor", BaseURL: "https://api.example.test/hook/canary-secret?x=%zz\x7f"})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "canary-secret")
}

func TestURL(t *testing.T) {
	t.Parallel()
	elsewhere, err := url.Parse("https://feeds.example.test/a%2Fb.ics?s=1")
	require.NoError(t, err)
	tests := []struct {
		name, base string
		call       Call
		want       string
	}{
		{"plain", "https://api.example.test", Call{Path: "/v1/bookings"}, "https://api.example.test/v1/bookings"},
		{"path in front", "https://proxy.example.test/bnovo", Call{Path: "/v1/bookings"}, "https://proxy.example.test/bnovo/v1/bookings"},
		{"slashes and spaces around the base", "  https://proxy.example.test/bnovo// ", Call{Path: "/v1"}, "https://proxy.example.test/bnovo/v1"},
		{"port", "http://127.0.0.1:8080", Call{Path: "/v1"}, "http://127.0.0.1:8080/v1"},
		{"escaped slash", "https://api.example.test", Call{Path: "/x/" + url.PathEscape("a/b")}, "https://api.example.test/x/a%2Fb"},
		{"escaped space and question mark", "https://api.example.test", Call{Path: "/x/" + url.PathEscape("a b?c#d")}, "https://api.example.test/x/a%20b%3Fc%23d"},
		{"escapes in base and path", "https://api.example.test/t%2F1", Call{Path: "/x/a%2Fb"}, "https://api.example.test/t%2F1/x/a%2Fb"},
		{"escapes in base alone", "https://api.example.test/t%2F1", Call{Path: "/x"}, "https://api.example.test/t%2F1/x"},
		{"Cyrillic", "https://api.example.test", Call{Path: "/x/" + url.PathEscape("дом")}, "https://api.example.test/x/%D0%B4%D0%BE%D0%BC"},
		{"query", "https://api.example.test", Call{Path: "/x", Query: url.Values{"b": {"2 3"}, "a": {"1", "&"}}}, "https://api.example.test/x?a=1&a=%26&b=2+3"},
		{"another URL", "https://api.example.test", Call{URL: elsewhere, Path: "/x"}, "https://feeds.example.test/a%2Fb.ics?s=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			transport := newScript(t, reply(200, "{}"))
			client := newClient(t, transport, func(o *Options) { o.BaseURL = tt.base })
			_, err := client.Do(t.Context(), tt.call)
			require.NoError(t, err)
			assert.Equal(t, tt.want, transport.sent[0].url)
		})
	}
}

func TestDefaultURLStandsInForAnEmptyBase(t *testing.T) {
	t.Parallel()
	transport := newScript(t, reply(200, "{}"))
	client := newClient(t, transport, func(o *Options) { o.BaseURL, o.DefaultURL = "", "https://vendor.example.test/api" })
	_, err := client.Do(t.Context(), read)
	require.NoError(t, err)
	assert.Equal(t, "https://vendor.example.test/api/bookings", transport.sent[0].url)
}

func TestCallThatCannotBeBuiltSendsNothing(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]Call{
		"path": {Op: "GetRoom", Path: "/rooms/%zz"},
		"body": {Op: "GetRoom", Path: "/rooms", JSON: func() {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, newScript(t)).Do(t.Context(), call)
			require.ErrorIs(t, err, pms.ErrInvalid)
			var api *pms.APIError
			require.ErrorAs(t, err, &api)
			assert.Equal(t, "GetRoom", api.Op)
			assert.Zero(t, api.Attempts)
		})
	}
}

func TestRequestAsSent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		call   Call
		method string
		header http.Header
		body   string
	}{
		{"get", Call{}, "GET", http.Header{"Accept": {"application/json"}}, ""},
		{"json", Call{Method: "PUT", JSON: map[string]string{"a": "é"}}, "PUT",
			http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}}, `{"a":"é"}`},
		{"form", Call{Method: "POST", Form: url.Values{"a": {"1 2"}, "b": {"&"}}}, "POST",
			http.Header{"Accept": {"application/json"}, "Content-Type": {"application/x-www-form-urlencoded"}}, "a=1+2&b=%26"},
		{"headers of the call win", Call{Method: "POST", JSON: 1, Header: http.Header{"Accept": {"text/calendar"}, "X-A": {"1", "2"}, "Content-Type": {"application/vnd.api+json"}}}, "POST",
			http.Header{"Accept": {"text/calendar"}, "X-A": {"1", "2"}, "Content-Type": {"application/vnd.api+json"}}, "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			transport := newScript(t, reply(200, "{}"))
			_, err := newClient(t, transport).Do(t.Context(), tt.call)
			require.NoError(t, err)
			assert.Equal(t, tt.method, transport.sent[0].method)
			assert.Equal(t, tt.header, transport.sent[0].header)
			assert.Equal(t, tt.body, transport.sent[0].body)
		})
	}
}

// numberedAuth signs every attempt with the next number.
type numberedAuth struct {
	steps *[]string
	n     int
}

func (a *numberedAuth) Apply(_ context.Context, req *http.Request) (string, error) {
	a.n++
	*a.steps = append(*a.steps, "auth")
	req.Header.Set("X-Signature", strconv.Itoa(a.n))
	req.URL.RawQuery = "sign=" + strconv.Itoa(a.n)
	return "", nil
}

func (a *numberedAuth) Expire(string) bool { return false }

func TestEachAttemptIsLimitedAndSignedAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var steps []string
		step := func(name string, next roundTrip) roundTrip {
			return func(req *http.Request) (*http.Response, error) {
				steps = append(steps, name)
				return next(req)
			}
		}
		transport := newScript(t, step("send", reply(503, "")), step("send", reply(429, "")), step("send", reply(200, "{}")))
		client := newClient(t, transport, func(o *Options) {
			o.Auth = &numberedAuth{steps: &steps}
			o.Limiter = limiterFunc(func(context.Context) error {
				steps = append(steps, "limit")
				return nil
			})
		})
		_, err := client.Do(t.Context(), read)
		require.NoError(t, err)
		assert.Equal(t, []string{"limit", "auth", "send", "limit", "auth", "send", "limit", "auth", "send"}, steps)
		for i, req := range transport.sent {
			assert.Equal(t, strconv.Itoa(i+1), req.header.Get("X-Signature"))
			assert.Equal(t, fmt.Sprintf("https://api.example.test/bookings?sign=%d", i+1), req.url)
		}
	})
}

func TestLimiterOfTheCallReplacesTheClients(t *testing.T) {
	t.Parallel()
	var clients, calls int
	client := newClient(t, newScript(t, reply(200, "{}")), func(o *Options) {
		o.Limiter = limiterFunc(func(context.Context) error { clients++; return nil })
	})
	call := read
	call.Limiter = limiterFunc(func(context.Context) error { calls++; return nil })
	_, err := client.Do(t.Context(), call)
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1}, []int{clients, calls})
}

func TestAnonymousCallCarriesNoCredentials(t *testing.T) {
	t.Parallel()
	transport := newScript(t, reply(200, "{}"), reply(401, ""))
	client := newClient(t, transport, func(o *Options) { o.Auth = fixedAuth("the-key") })
	call := read
	call.Anonymous = true
	_, err := client.Do(t.Context(), call)
	require.NoError(t, err)
	assert.Empty(t, transport.sent[0].header.Get("X-Api-Key"))
	_, err = client.Do(t.Context(), call)
	require.ErrorIs(t, err, pms.ErrUnauthorized)
}

func TestHostClientIsCopiedNeverReplaced(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	transport := newScript(t, reply(200, "{}", "Set-Cookie", "SID=abc; Path=/"), reply(200, "{}"))
	host := &http.Client{Transport: transport, Jar: jar, Timeout: 17 * time.Second}
	client, err := New(Options{Vendor: "vendor", BaseURL: "https://api.example.test", HTTPClient: host})
	require.NoError(t, err)
	for range 2 {
		_, err = client.Do(t.Context(), read)
		require.NoError(t, err)
	}
	require.Len(t, transport.sent, 2)
	assert.Equal(t, "SID=abc", transport.sent[1].header.Get("Cookie"))
	assert.Same(t, transport, host.Transport)
	assert.Equal(t, jar, host.Jar)
	assert.Equal(t, 17*time.Second, host.Timeout)
	assert.Nil(t, host.CheckRedirect)
	// What the host changes later is its own affair.
	host.Transport = nil
	assert.Same(t, transport, client.host.Transport)
}

func TestClientOfOurOwnHasTimeouts(t *testing.T) {
	t.Parallel()
	client, err := New(Options{Vendor: "vendor", BaseURL: "https://api.example.test"})
	require.NoError(t, err)
	transport, ok := client.host.Transport.(*http.Transport)
	require.True(t, ok)
	assert.NotSame(t, http.DefaultTransport, transport)
	assert.Equal(t, time.Minute, client.host.Timeout)
	assert.Equal(t, 30*time.Second, transport.ResponseHeaderTimeout)
	assert.EqualValues(t, 1<<20, transport.MaxResponseHeaderBytes)
}

func TestTimeoutOfASlowVendor(t *testing.T) {
	t.Parallel()
	const slow = 200 * time.Second
	for name, tt := range map[string]struct {
		host *http.Client
		want time.Duration
	}{
		"own client":               {nil, slow},
		"host without a timeout":   {&http.Client{}, 0},
		"host with a shorter one":  {&http.Client{Timeout: time.Second}, slow},
		"host with a longer one":   {&http.Client{Timeout: time.Hour}, time.Hour},
		"host with the same limit": {&http.Client{Timeout: slow}, slow},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := New(Options{Vendor: "vendor", BaseURL: "https://api.example.test", HTTPClient: tt.host, Timeout: slow})
			require.NoError(t, err)
			assert.Equal(t, tt.want, client.host.Timeout)
			if tt.host == nil {
				transport, ok := client.host.Transport.(*http.Transport)
				require.True(t, ok)
				assert.Equal(t, slow, transport.ResponseHeaderTimeout)
			}
		})
	}
}

func TestLimiterIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		perSecond := func(o *Options) { o.Limits = []pms.Limit{{Requests: 1, Window: time.Second}} }
		transport := newScript(t, reply(200, "{}"), reply(200, "{}"))
		first := newClient(t, transport, perSecond)
		second := newClient(t, transport, func(o *Options) { o.Limiter = first.Limiter() })
		for _, client := range []*Client{first, second} {
			_, err := client.Do(t.Context(), read)
			require.NoError(t, err)
		}
		assert.GreaterOrEqual(t, transport.waits()[0], time.Second)
		assert.Nil(t, newClient(t, transport).Limiter())
	})
}

func TestTransportThatChangesItsRequestChangesNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		target, err := url.Parse("https://api.example.test/bookings?from=1")
		require.NoError(t, err)
		values := []string{"1"}
		spoil := func(next roundTrip) roundTrip {
			return func(req *http.Request) (*http.Response, error) {
				req.Header.Set("X-Spoiled", "yes")
				req.Header["X-A"][0] = "spoiled"
				req.URL.Host, req.URL.Path, req.URL.RawQuery, req.Method = "evil.example", "/spoiled", "spoiled=1", "DELETE"
				return next(req)
			}
		}
		transport := newScript(t, spoil(reply(503, "")), spoil(reply(200, "{}")))
		client := newClient(t, transport)
		_, err = client.Do(t.Context(), Call{Op: "ListBookings", URL: target, Header: http.Header{"X-A": values}})
		require.NoError(t, err)
		assert.Equal(t, "https://api.example.test/bookings?from=1", transport.sent[1].url)
		assert.Equal(t, http.MethodGet, transport.sent[1].method)
		assert.Equal(t, http.Header{"Accept": {"application/json"}, "X-A": {"1"}}, transport.sent[1].header)
		assert.Equal(t, "https://api.example.test/bookings?from=1", target.String())
		assert.Equal(t, []string{"1"}, values)
	})
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	client := newClient(t, roundTrip(func(req *http.Request) (*http.Response, error) {
		requests.Add(1)
		return reply(200, `{"id":"`+req.URL.Query().Get("id")+`"}`)(req)
	}), func(o *Options) {
		o.Limits = []pms.Limit{{Requests: 1 << 30, Window: time.Second}}
		o.Auth = NewTokens(func(context.Context) (Token, error) { return Token{Value: "token"}, nil }, Bearer)
	})
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			id := strconv.Itoa(i)
			got, err := JSON[struct{ ID string }](t.Context(), client, Call{Op: "Get", Path: "/x", Query: url.Values{"id": {id}}})
			assertNoError(t, err)
			assert.Equal(t, id, got.ID)
		})
	}
	group.Wait()
	assert.EqualValues(t, 50, requests.Load())
}

func TestResponse(t *testing.T) {
	t.Parallel()
	client := newClient(t, newScript(t, reply(201, `{"id":7}`, "X-Total", "9")))
	resp, err := client.Do(t.Context(), write)
	require.NoError(t, err)
	assert.Equal(t, 201, resp.Status)
	assert.Equal(t, "9", resp.Header.Get("X-Total"))
	assert.JSONEq(t, `{"id":7}`, string(resp.Body))
	assert.Equal(t, "vendor at api.example.test", client.String())
}

func TestCredentialsGoToNoOtherHost(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"https://api.example.test/v1?page=2": "",
		"https://API.example.test/v1?page=2": "",
		"https://evil.example.test/v1":       "vendor: ListBookings: invalid request: credentials do not go to another host, evil.example.test",
		"http://api.example.test/v1":         "vendor: ListBookings: invalid request: credentials do not go to another host, api.example.test",
	} {
		transport := &http.Client{Transport: reply(http.StatusOK, `{}`)}
		client, err := New(Options{Vendor: "vendor", BaseURL: "https://api.example.test", HTTPClient: transport, Auth: fixedAuth("key")})
		require.NoError(t, err)
		u, err := url.Parse(target)
		require.NoError(t, err)
		_, err = client.Do(t.Context(), Call{Op: "ListBookings", URL: u})
		if want == "" {
			require.NoError(t, err, target)
			continue
		}
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, pms.ErrInvalid)
	}
}
