package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/oauth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	clientID     = "canary-client-id"
	clientSecret = "canary/client+secret=1"
)

// vendor is a token endpoint: it hands out access-1, access-2 and so on, each
// with the next refresh token, and takes a refresh token once.
type vendor struct {
	life    time.Duration // of an access token; 0 tells none
	takes   time.Duration // for each answer
	refresh bool          // hands out refresh tokens
	answer  answering

	mu       sync.Mutex
	requests []request
	issued   int
	used     map[string]bool
}

type request struct {
	at     time.Time
	url    string
	header http.Header
	body   string
}

func (v *vendor) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	v.requests = append(v.requests, request{time.Now(), req.URL.String(), req.Header.Clone(), string(body)})
	v.mu.Unlock()
	if v.takes > 0 {
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		case <-time.After(v.takes):
		}
	}
	if v.answer != nil {
		return v.answer(req)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("grant_type") == "refresh_token" {
		if v.used[form.Get("refresh_token")] {
			return reply(http.StatusBadRequest, `{"error":"invalid_grant","error_description":"used"}`)
		}
		if v.used == nil {
			v.used = map[string]bool{}
		}
		v.used[form.Get("refresh_token")] = true
	}
	v.issued++
	answer := map[string]any{"token_type": "bearer", "access_token": fmt.Sprintf("access-%d", v.issued), "user_id": 123}
	if v.life > 0 {
		answer["expires_in"] = int(v.life / time.Second)
	}
	if v.refresh {
		answer["refresh_token"] = fmt.Sprintf("refresh-%d", v.issued)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return reply(http.StatusOK, string(text))
}

func (v *vendor) sent() []request {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]request(nil), v.requests...)
}

func reply(status int, body string, header ...string) (*http.Response, error) {
	resp := &http.Response{
		StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp, nil
}

// answering is how a vendor answers.
type answering func(*http.Request) (*http.Response, error)

func answer(status int, body string, header ...string) answering {
	return func(*http.Request) (*http.Response, error) { return reply(status, body, header...) }
}

func app(v *vendor) oauth.App {
	return oauth.App{
		Vendor: "acme", ClientID: clientID, ClientSecret: clientSecret,
		AuthURL: "https://acme.example/oauth/authorize", TokenURL: "https://acme.example/oauth/token",
		HTTPClient: &http.Client{Transport: v},
	}
}

func newSource(t *testing.T, v *vendor, change ...func(*oauth.Options)) *oauth.Source {
	t.Helper()
	o := oauth.Options{App: app(v), Grant: oauth.ClientCredentials}
	for _, fn := range change {
		fn(&o)
	}
	s, err := oauth.NewSource(o)
	require.NoError(t, err)
	return s
}

// value is the token in force.
func value(t *testing.T, s *oauth.Source) string {
	t.Helper()
	token, err := s.Token(t.Context())
	require.NoError(t, err)
	return token.AccessToken
}

func apiError(t *testing.T, err error) *pms.APIError {
	t.Helper()
	var api *pms.APIError
	require.ErrorAs(t, err, &api)
	return api
}

// shared is a store that processes share. It can break.
type shared struct {
	oauth.MemoryStore
	mu           sync.Mutex
	held         chan struct{} // the lock
	failLoad     error
	failSave     error
	loads, saves int
}

var errBroken = errors.New("the database is down")

func newShared() *shared { return &shared{held: make(chan struct{}, 1)} }

func (s *shared) Load(ctx context.Context) (*oauth2.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads++
	if s.failLoad != nil {
		return nil, s.failLoad
	}
	return s.MemoryStore.Load(ctx)
}

func (s *shared) Save(ctx context.Context, token *oauth2.Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saves++
	if s.failSave != nil {
		return s.failSave
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.MemoryStore.Save(ctx, token)
}

func (s *shared) fail(load, save error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failLoad, s.failSave = load, save
}

// locking is a shared store with a lock.
type locking struct{ *shared }

func (s locking) Lock(ctx context.Context) (func(), error) {
	select {
	case s.held <- struct{}{}:
		return func() { <-s.held }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
