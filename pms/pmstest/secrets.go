package pmstest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func secretScenarios() []scenario {
	return []scenario{
		{name: "secrets-in-values", play: secretsInValues},
		{name: "secrets-echoed", play: secretsEchoed, needs: needsHTTP},
		{name: "guests-in-errors", play: guestsInErrors, needs: needsHTTP},
	}
}

// leastSecret is the length from which a secret can be searched for without
// finding it everywhere.
const leastSecret = 8

// NoSecrets fails the test when text holds one of the secrets: as it is, or as
// URLs, JSON, HTML or Basic authentication write it. Secrets shorter than 8
// bytes are passed over. The failure does not show the secret.
func NoSecrets(t testing.TB, text string, secrets ...string) {
	t.Helper()
	for _, found := range leaks(text, secrets) {
		t.Error(found)
	}
}

func leaks(text string, secrets []string) []string {
	var out []string
	seen := map[string]bool{}
	for i, secret := range secrets {
		if len(secret) < leastSecret || seen[secret] {
			continue
		}
		seen[secret] = true
		for _, form := range forms(secret) {
			if at := strings.Index(text, form); at >= 0 {
				before := text[max(at-60, 0):at]
				out = append(out, fmt.Sprintf("secret %d (%d bytes) is in what was printed, behind %q", i+1, len(secret), before))
				break
			}
		}
	}
	return out
}

// forms are the ways in which a secret is written.
func forms(secret string) []string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		quoted = []byte(`""`)
	}
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret),
		strings.Trim(string(quoted), `"`), base64.StdEncoding.EncodeToString([]byte(secret)),
	}
}

// searchSecrets looks for secrets in all that the scenario printed.
func (s *scene) searchSecrets() {
	for _, found := range leaks(s.printed.String(), append(s.net.secrets(), s.h.Secrets...)) {
		s.Errorf("%s", found)
	}
}

// secretsInValues prints what holds credentials in every way.
func secretsInValues(s *scene) {
	c := s.connect()
	_, _, err := s.list(c, pms.BookingQuery{})
	require.NoError(s, err)
	for _, v := range []any{c, s.h.Config} {
		if v == nil {
			continue
		}
		_, _ = fmt.Fprintf(&s.printed, "%v %+v %#v %s %q\n", v, v, v, v, v)
		for _, handler := range []slog.Handler{slog.NewTextHandler(&s.printed, nil), slog.NewJSONHandler(&s.printed, nil)} {
			if v == s.h.Config { // a Config as JSON is for storage
				handler = slog.NewTextHandler(&s.printed, nil)
			}
			slog.New(handler).Info("value", "value", v)
		}
	}
	if s.h.Serve == nil {
		return
	}
	var sent strings.Builder
	for _, r := range s.net.faults.Seen() {
		_, _ = fmt.Fprintf(&sent, "%s %v %s\n", r.URL, r.Header, r.Body)
	}
	assert.NotEmpty(s, leaks(sent.String(), s.h.Secrets), "the connector sends none of Harness.Secrets: they are not the ones it uses")
}

// secretsEchoed: a vendor, or a network, that repeats the credentials in what
// it says does not make the connector repeat them.
func secretsEchoed(s *scene) {
	told := func(req *http.Request) string {
		text := req.URL.String() + " " + strings.Join(s.h.Secrets, " ")
		for name, values := range req.Header {
			for _, value := range values {
				text += " " + strings.Join(credentials(lower(name), value), " ")
			}
		}
		return text
	}
	echo := func(status int) sandbox.Fault {
		return func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
			text, _ := json.Marshal(told(req))
			body := fmt.Sprintf(`{"error":{"code":%s,"message":%s},"message":%s,"errors":[%s]}`, text, text, text, text)
			header := http.Header{"X-Request-Id": {"request " + told(req)}, "Content-Type": {"application/json"}}
			return sandbox.Status(status, header, body)(req, next)
		}
	}
	network := func(req *http.Request, _ http.RoundTripper) (*http.Response, error) {
		return nil, &url.Error{Op: "Get", URL: req.URL.String(), Err: errors.New("broken: " + told(req))}
	}
	redirect := func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
		return sandbox.Redirect(http.StatusFound, "https://thief.example/?x="+url.QueryEscape(told(req)))(req, next)
	}
	for _, do := range []sandbox.Fault{echo(http.StatusBadRequest), echo(http.StatusServiceUnavailable), echo(http.StatusOK), network, redirect} {
		s.reset()
		s.breaks(s.h.IsBookings, 0, 0, do)
		_, _, err := s.list(s.connect(), pms.BookingQuery{})
		api := s.wantAPIError(err, nil)
		_, _ = s.printed.Write(api.Body)
	}
	if s.h.IsLogin != nil {
		s.reset()
		s.breaks(s.h.IsLogin, 0, 0, echo(http.StatusBadRequest))
		_, _, err := s.list(s.connect(), pms.BookingQuery{})
		_, _ = s.printed.Write(s.wantAPIError(err, nil).Body)
	}
}

// guestsInErrors: what is known of guests is in no error text and no log.
func guestsInErrors(s *scene) {
	people := map[string]bool{}
	for _, stay := range s.world.Stays() {
		for _, value := range []string{stay.Guest.Name, stay.Guest.Email, stay.Guest.Phone} {
			people[value] = len(value) >= leastSecret
		}
	}
	for _, do := range []sandbox.Fault{
		sandbox.Rewrite(func(b []byte) []byte { return b[:len(b)*2/3] }),
		func(req *http.Request, next http.RoundTripper) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err == nil {
				resp.StatusCode = http.StatusInternalServerError
			}
			return resp, err
		},
	} {
		s.reset()
		s.breaks(s.h.IsBookings, 0, 0, do)
		_, _, err := s.list(s.connect(), pms.BookingQuery{})
		s.wantError(err, nil)
	}
	text := s.printed.String()
	for value, long := range people {
		assert.False(s, long && strings.Contains(text, value), "guest data in an error or a log line")
	}
}

func lower(name string) string { return strings.ToLower(name) }
