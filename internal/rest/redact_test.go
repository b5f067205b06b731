package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

// canary is a secret with every character that somebody escapes.
const canary = `canary/<s3cr+t>&"q='ä %2F`

// spellings are the forms in which a secret may turn up.
func spellings(secret string) []string {
	quoted, _ := json.Marshal(secret)
	return []string{secret, url.QueryEscape(secret), url.PathEscape(secret), string(quoted[1 : len(quoted)-1]), html.EscapeString(secret)}
}

func assertNoSecret(t *testing.T, secret, text string) {
	t.Helper()
	for _, spelling := range spellings(secret) {
		assert.NotContains(t, text, spelling)
	}
	assert.NotContains(t, text, "s3cr", "not even a part")
}

// everything is all that a host can print of an error.
func everything(err error) string {
	var out strings.Builder
	var walk func(error)
	walk = func(err error) {
		fmt.Fprintf(&out, "%v\n%+v\n%#v\n", err, err, err)
		switch wrapped := err.(type) { //nolint:errorlint // every level is looked at
		case interface{ Unwrap() error }:
			if inner := wrapped.Unwrap(); inner != nil {
				walk(inner)
			}
		case interface{ Unwrap() []error }:
			for _, inner := range wrapped.Unwrap() {
				walk(inner)
			}
		}
		var api *pms.APIError
		if errors.As(err, &api) {
			out.Write(api.Body)
		}
	}
	walk(err)
	slog.New(slog.NewTextHandler(&out, nil)).Error("failed", "err", err)
	slog.New(slog.NewJSONHandler(&out, nil)).Error("failed", "err", err)
	return out.String()
}

// canaryAuth puts the secret wherever vendors want it.
type canaryAuth struct{ secret string }

func (a canaryAuth) Apply(_ context.Context, req *http.Request) (string, error) {
	req.Header.Set("Authorization", "Bearer "+url.PathEscape(a.secret))
	req.Header.Set("X-Api-Key", url.QueryEscape(a.secret))
	req.URL.RawQuery = url.Values{"apiKey": {a.secret}, "from": {"2026-06-01"}}.Encode()
	return a.secret, nil
}

func (a canaryAuth) Expire(string) bool { return false }

// TestNoSecretInAnyErrorOrLog plants a secret in header, query, path and body,
// lets the call fail in every way, with a vendor that says the secret back, and
// looks for it in all that comes out.
func TestNoSecretInAnyErrorOrLog(t *testing.T) {
	t.Parallel()
	echo := strings.Join(spellings(canary), " | ")
	answers := map[string]roundTrip{
		"200, not JSON":         reply(200, echo),
		"200, HTML":             reply(200, "<html>"+echo),
		"400 with the key":      reply(400, echo, "X-Request-Id", url.QueryEscape(canary)),
		"401":                   reply(401, echo),
		"404":                   reply(404, echo),
		"429":                   reply(429, echo),
		"500":                   reply(500, echo),
		"redirect away":         to("https://evil.example/" + url.PathEscape(canary) + "?key=" + url.QueryEscape(canary)),
		"redirect to a host":    to("https://canary-s3cr3t-host.evil.example/"),
		"redirect, broken":      to("https://evil.example:port/" + url.PathEscape(canary)),
		"redirect, then reset":  to("/bookings/" + url.PathEscape(canary)),
		"unknown encoding":      reply(200, echo, "Content-Encoding", canary),
		"lost":                  lose(errors.New("lost " + echo)),
		"lost, naming the URL":  lose(&url.Error{Op: "Get", URL: "https://x.test/?k=" + canary, Err: &net.OpError{Op: "read", Err: errors.New("reset " + echo)}}),
		"lost, URL wrapped":     lose(fmt.Errorf("proxy: %w", &url.Error{Op: "Get", URL: "https://x.test/" + canary, Err: &url.Error{Op: "Get", URL: canary, Err: errors.New("reset")}})),
		"secret at the cut":     reply(400, strings.Repeat("x", maxKeptBody-8)+canary),
		"timeout with the name": lose(fmt.Errorf("%s: %w", echo, context.DeadlineExceeded)),
	}
	where := map[string]func(*Options, *Call){
		"credentials known by their mark": func(o *Options, _ *Call) { o.Auth = canaryAuth{canary} },
		"credentials known from Secrets":  func(o *Options, _ *Call) { o.Secrets = []string{" " + canary + "\n"} },
		"path, query, header and body": func(o *Options, call *Call) {
			o.Secrets = []string{canary}
			call.Path = "/hooks/" + url.PathEscape(canary)
			call.Query = url.Values{"token": {canary}}
			call.Header = http.Header{"X-Token": {url.QueryEscape(canary)}}
			call.JSON = map[string]string{"password": canary}
		},
		"base URL that is a secret": func(o *Options, _ *Call) {
			o.BaseURL, o.HidePath, o.CrossHost = "https://feeds.example.test/"+url.PathEscape(canary), true, false
			o.Secrets = []string{canary, o.BaseURL}
		},
	}
	for name, answer := range answers {
		for place, plant := range where {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				t.Run(name+", "+place+" "+method, func(t *testing.T) {
					t.Parallel()
					var logged bytes.Buffer
					call := Call{Op: "ListBookings", Method: method, Path: "/bookings"}
					opts := Options{
						Vendor: "vendor", BaseURL: "https://api.example.test", MaxRetries: -1,
						Logger: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
						Classify: func(status int, _ http.Header, body []byte) *Fault {
							if status < 400 {
								return nil
							}
							return &Fault{Code: string(body), Message: string(body)}
						},
					}
					plant(&opts, &call)
					opts.HTTPClient = &http.Client{Transport: answer}
					if name == "redirect, then reset" {
						opts.HTTPClient.Transport = newScript(t, answer, lose(errReset))
					}
					client, err := New(opts)
					require.NoError(t, err)
					_, err = JSON[map[string]string](t.Context(), client, call)
					require.Error(t, err)
					text := everything(err) + client.String()
					if name == "redirect to a host" {
						assert.Contains(t, text, "canary-s3cr3t-host", "a host is named")
						return
					}
					assertNoSecret(t, canary, text)
					assertNoSecret(t, canary, logged.String())
					assert.Contains(t, logged.String(), "op=ListBookings")
					assert.NotContains(t, text, "evil.example/", "of a target, the host alone")
				})
			}
		}
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	handler := slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "took" {
			return slog.Attr{}
		}
		return a
	}})
	transport := newScript(t, reply(201, "{}"), lose(errReset))
	client := newClient(t, transport, func(o *Options) { o.Logger = slog.New(handler) })
	call := write
	call.Query = url.Values{"key": {"v"}}
	_, err := client.Do(t.Context(), call)
	require.NoError(t, err)
	_, err = client.Do(t.Context(), call)
	require.Error(t, err)
	line := "level=DEBUG msg=request vendor=vendor op=CreateBooking method=POST url=\"https://api.example.test/bookings?key=…\" attempt=1 "
	assert.Equal(t, line+"status=201\n"+line+"error=\"read tcp: connection reset by peer\"\n", logged.String())
}

func TestLogIsSilentByDefault(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	client := newClient(t, newScript(t, reply(200, "{}")), func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&logged, nil)) })
	_, err := client.Do(t.Context(), read)
	require.NoError(t, err)
	assert.Empty(t, logged.String())
}

func TestRedactedURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		redactor redactor
		in, want string
	}{
		{newRedactor(nil, false), "https://api.example.test/v1/bookings", "https://api.example.test/v1/bookings"},
		{newRedactor(nil, false), "https://u:p@api.example.test/v1?b=2&a=1&a=3#f", "https://api.example.test/v1?a=…&b=…"},
		{newRedactor([]string{"k3y/y"}, false), "https://api.example.test/hook/k3y%2Fy/x", "https://api.example.test/hook/[redacted]/x"},
		{newRedactor(nil, true), "https://api.example.test/hook/k3y?x=1", "https://api.example.test/[redacted]"},
	}
	for _, tt := range tests {
		u, err := url.Parse(tt.in)
		require.NoError(t, err)
		assert.Equal(t, tt.want, tt.redactor.url(u))
	}
}

func TestRedactorKeepsErrorsThatHoldNoSecret(t *testing.T) {
	t.Parallel()
	r := newRedactor([]string{"k3yk3y"}, false)
	got := r.error(&url.Error{Op: "Get", URL: "https://x/?k3yk3y", Err: errReset})
	assert.Equal(t, error(errReset), got)
	assert.EqualError(t, r.error(errors.New("token k3yk3y refused")), "token [redacted] refused")
}

func TestRedactorMasksTheLongestFirstAndNothingShort(t *testing.T) {
	t.Parallel()
	r := newRedactor([]string{"secret", "secret-longer", "1234", "", "  "}, false)
	assert.Equal(t, "[redacted] [redacted] 1234", r.text("secret secret-longer 1234"))
	assert.Equal(t, "[redacted] and [redacted]", r.with("another").text("another and secret"))
	assert.Equal(t, "another", r.text("another"), "with changes no other redactor")
}

func TestHeadLeavesNothingOfASecret(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[xyz]{5,12}`).Draw(t, "secret")
		before := rapid.StringMatching(`[ab]{0,20}`).Draw(t, "before")
		after := rapid.StringMatching(`[ab]{0,20}`).Draw(t, "after")
		n := rapid.IntRange(0, 60).Draw(t, "n")
		in := []byte(before + secret + after)
		out := newRedactor([]string{secret}, false).head(in, n)
		if left := strings.ReplaceAll(string(out), masked, ""); strings.ContainsAny(left, "xyz") {
			t.Fatalf("%q of %q is left in %q", secret, in, out)
		}
		if string(in) != before+secret+after {
			t.Fatalf("the answer itself was changed: %q", in)
		}
	})
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a b c", oneLine("a\nb\x00c"))
	assert.Equal(t, strings.Repeat("a", 300), oneLine(strings.Repeat("a", 300)))
	assert.Equal(t, strings.Repeat("a", 300)+"…", oneLine(strings.Repeat("a", 301)))
}

// What a call itself sends is masked as well.
func TestSecretsOfACall(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	client := newClient(t, reply(400, `{"message":"bad `+canary+`"}`), func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.Classify = func(_ int, _ http.Header, body []byte) *Fault { return &Fault{Message: string(body)} }
	})
	_, err := client.Do(t.Context(), Call{Op: "GetToken", Path: "/" + url.PathEscape(canary), Secrets: []string{canary}})
	require.Error(t, err)
	assertNoSecret(t, canary, everything(err)+log.String())
}
