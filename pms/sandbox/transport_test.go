package sandbox_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// echo answers with what a server sees of a request.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("X-Host", r.Host)
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(map[string]string{
		"method": r.Method, "uri": r.RequestURI, "path": r.URL.Path, "query": r.URL.Query().Get("q"),
		"host": r.URL.Host, "header": r.Header.Get("X-Test"), "body": string(body), "proto": r.Proto,
	})
}

func newRequest(t *testing.T, ctx context.Context, method, url, body string) *http.Request { //nolint:revive // t comes first in helpers
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	require.NoError(t, err)
	return req
}

// answer is an answer without its body.
type answer struct {
	Status        string
	StatusCode    int
	Header        http.Header
	ContentLength int64
	Cookies       []*http.Cookie
}

// do sends a request and returns the answer and its body, as far as it came.
func do(t *testing.T, rt http.RoundTripper, req *http.Request) (answer, string, error) {
	t.Helper()
	client := &http.Client{Transport: rt, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, "", err
	}
	defer func() { require.NoError(t, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.Status, resp.StatusCode, resp.Header, resp.ContentLength, resp.Cookies()}, string(body), err
}

// In memory a handler sees and answers what it does behind a listener.
func TestTransportIsLikeAListener(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(server.Close)
	memory := sandbox.Transport(http.HandlerFunc(echo))
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead, http.MethodDelete} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			request := func() *http.Request {
				req := newRequest(t, t.Context(), method, server.URL+"/a%2Fb?q=x+y", "тело")
				req.Header.Set("X-Test", "1")
				return req
			}
			want, wantBody, err := do(t, http.DefaultTransport, request())
			require.NoError(t, err)
			got, gotBody, err := do(t, memory, request())
			require.NoError(t, err)
			assert.Equal(t, wantBody, gotBody)
			assert.Equal(t, want.Status, got.Status)
			assert.Equal(t, want.Header.Get("X-Host"), got.Header.Get("X-Host"))
			if method != http.MethodHead {
				assert.Equal(t, want.ContentLength, got.ContentLength)
			}
		})
	}
}

func TestTransportLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	req := newRequest(t, t.Context(), http.MethodGet, "https://vendor.example/a?q=1", "")
	resp, err := sandbox.Transport(http.HandlerFunc(echo)).RoundTrip(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	assert.Equal(t, "https://vendor.example/a?q=1", req.URL.String())
	assert.Empty(t, req.RequestURI)
	assert.Same(t, req, resp.Request)
}

func TestTransportHonoursTheContext(t *testing.T) {
	t.Parallel()
	calls := 0
	rt := sandbox.Transport(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		_, _ = io.WriteString(w, "answer")
	}))
	ctx, cancel := context.WithCancel(t.Context())
	resp, err := rt.RoundTrip(newRequest(t, ctx, http.MethodGet, "http://vendor.example/", ""))
	require.NoError(t, err)
	cancel()
	_, err = io.ReadAll(resp.Body)
	require.ErrorIs(t, err, context.Canceled, "reading the body")
	require.NoError(t, resp.Body.Close())
	_, err = rt.RoundTrip(newRequest(t, ctx, http.MethodGet, "http://vendor.example/", "")) //nolint:bodyclose // an error
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, calls)
}

func TestTransportWithoutContent(t *testing.T) {
	t.Parallel()
	rt := sandbox.Transport(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	resp, body, err := do(t, rt, newRequest(t, t.Context(), http.MethodPut, "http://vendor.example/", ""))
	require.NoError(t, err)
	assert.Equal(t, "204 No Content", resp.Status)
	assert.Empty(t, body)
	assert.Empty(t, resp.Header.Get("Content-Length"))
}

// vendor answers 200 {"ok":true} and counts.
type vendor struct{ calls int }

func (v *vendor) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	v.calls++
	_, _ = io.WriteString(w, `{"ok":true}`)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault  sandbox.Fault
		status int
		header string // "Name: value"
		body   string
		err    error
		asked  int // how often the vendor was asked
	}{
		"429 with Retry-After":    {sandbox.TooManyRequests("7"), 429, "Retry-After: 7", "", nil, 0},
		"429 without":             {sandbox.TooManyRequests(""), 429, "", "", nil, 0},
		"401":                     {sandbox.Unauthorized(), 401, "", "", nil, 0},
		"500":                     {sandbox.Status(500, nil, "oops"), 500, "", "oops", nil, 0},
		"empty 200":               {sandbox.Empty(), 200, "Content-Length: 0", "", nil, 0},
		"redirect":                {sandbox.Redirect(302, "https://evil.example/"), 302, "Location: https://evil.example/", "", nil, 0},
		"refused":                 {sandbox.Refuse(), 0, "", "", syscall.ECONNREFUSED, 0},
		"reset before the answer": {sandbox.ResetBefore(), 0, "", "", syscall.ECONNRESET, 1},
		"reset in the body":       {sandbox.ResetAfter(4), 200, "", `{"ok`, syscall.ECONNRESET, 1},
		"truncated":               {sandbox.Truncate(4), 200, "Content-Length: 11", `{"ok`, io.ErrUnexpectedEOF, 1},
		"rewritten":               {sandbox.Rewrite(func(b []byte) []byte { return b[:4] }), 200, "Content-Length: 4", `{"ok`, nil, 1},
		"unpacked bomb":           {sandbox.Bomb(5), 200, "Content-Type: application/json", "     ", nil, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &vendor{}
			f := &sandbox.Faults{Next: sandbox.Transport(v), Rules: []sandbox.Rule{{Do: tt.fault}}}
			resp, body, err := do(t, f, newRequest(t, t.Context(), http.MethodGet, "http://vendor.example/", ""))
			require.ErrorIs(t, err, tt.err)
			assert.Equal(t, tt.asked, v.calls)
			assert.Equal(t, tt.status, resp.StatusCode)
			assert.Equal(t, tt.body, body)
			if name, value, ok := strings.Cut(tt.header, ": "); ok {
				assert.Equal(t, value, resp.Header.Get(name))
			}
		})
	}
}

func TestFaultsWithPages(t *testing.T) {
	t.Parallel()
	for status, fault := range map[int]sandbox.Fault{200: sandbox.HTML(), 503: sandbox.HTMLError()} {
		f := &sandbox.Faults{Next: sandbox.Transport(&vendor{}), Rules: []sandbox.Rule{{Do: fault}}}
		resp, body, err := do(t, f, newRequest(t, t.Context(), http.MethodGet, "http://vendor.example/", ""))
		require.NoError(t, err)
		assert.Equal(t, status, resp.StatusCode)
		assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
		assert.Contains(t, body, "<html>")
	}
}

func TestBombIsPackedForThoseWhoUnpack(t *testing.T) {
	t.Parallel()
	f := &sandbox.Faults{Next: sandbox.Transport(&vendor{}), Rules: []sandbox.Rule{{Do: sandbox.Bomb(1 << 20)}}}
	req := newRequest(t, t.Context(), http.MethodGet, "http://vendor.example/", "")
	req.Header.Set("Accept-Encoding", "gzip")
	resp, body, err := do(t, f, req)
	require.NoError(t, err)
	assert.Equal(t, "gzip", resp.Header.Get("Content-Encoding"))
	assert.Less(t, len(body), 2048)
}

func TestNothingIsNeitherAnswerNorError(t *testing.T) {
	t.Parallel()
	f := &sandbox.Faults{Rules: []sandbox.Rule{{Do: sandbox.Nothing()}}}
	resp, err := f.RoundTrip(newRequest(t, t.Context(), http.MethodGet, "http://vendor.example/", "")) //nolint:bodyclose // there is none
	require.NoError(t, err)
	assert.Nil(t, resp)
}

func TestSlowWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{}
		f := &sandbox.Faults{Next: sandbox.Transport(v), Rules: []sandbox.Rule{{Do: sandbox.Slow(time.Minute)}}}
		start := time.Now()
		resp, err := f.RoundTrip(newRequest(t, t.Context(), http.MethodGet, "http://vendor.example/", ""))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, time.Minute, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = f.RoundTrip(newRequest(t, ctx, http.MethodGet, "http://vendor.example/", "")) //nolint:bodyclose // an error
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute+time.Second, time.Since(start))
		assert.Equal(t, 1, v.calls)
	})
}

func TestRulesMatchSkipAndCount(t *testing.T) {
	t.Parallel()
	f := &sandbox.Faults{Next: sandbox.Transport(&vendor{}), Rules: []sandbox.Rule{
		{Match: sandbox.Path("/bookings"), Skip: 1, Times: 2, Do: sandbox.Status(500, nil, "")},
		{Match: sandbox.Method(http.MethodPost), Times: 1, Do: sandbox.Unauthorized()},
	}}
	status := func(method, path string) int {
		resp, _, err := do(t, f, newRequest(t, t.Context(), method, "http://vendor.example"+path, "x"))
		require.NoError(t, err)
		return resp.StatusCode
	}
	var got []int
	for range 4 {
		got = append(got, status(http.MethodGet, "/bookings/7"))
	}
	got = append(got, status(http.MethodGet, "/rooms"), status(http.MethodPost, "/auth"), status(http.MethodPost, "/auth"))
	assert.Equal(t, []int{200, 500, 500, 200, 200, 401, 200}, got)

	f.Add(sandbox.Rule{Do: sandbox.Status(502, nil, "")})
	assert.Equal(t, 502, status(http.MethodGet, "/rooms"))
	require.Len(t, f.Seen(), 8)
	f.Reset()
	assert.Equal(t, 200, status(http.MethodGet, "/rooms"))
	assert.Len(t, f.Seen(), 1)
}

func TestFaultsSeeEverything(t *testing.T) {
	t.Parallel()
	f := &sandbox.Faults{Next: sandbox.Transport(http.HandlerFunc(echo)), Rules: []sandbox.Rule{{Times: 1, Do: sandbox.Refuse()}}}
	for range 2 {
		req := newRequest(t, t.Context(), http.MethodPost, "http://vendor.example/auth?q=1", "secret")
		req.Header.Set("X-Test", "canary")
		_, body, err := do(t, f, req)
		if err == nil {
			assert.Contains(t, body, `"body":"secret"`, "the body goes on to the vendor")
		}
	}
	seen := f.Seen()
	require.Len(t, seen, 2)
	for _, request := range seen {
		assert.Equal(t, http.MethodPost, request.Method)
		assert.Equal(t, "http://vendor.example/auth?q=1", request.URL)
		assert.Equal(t, "canary", request.Header.Get("X-Test"))
		assert.Equal(t, "secret", string(request.Body))
	}
}
