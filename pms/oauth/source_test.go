package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/oauth"
)

func pass(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

func withStore(store oauth.TokenStore) func(*oauth.Options) {
	return func(o *oauth.Options) { o.Store = store }
}

func withQuota(o *oauth.Options) { o.Quota = pms.Limit{Requests: 5, Window: 24 * time.Hour} }

func refreshing(o *oauth.Options) { o.Grant = oauth.RefreshToken }

func TestNewSourceNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*oauth.App){
		"acme: ClientID is required":                        func(a *oauth.App) { a.ClientID = " " },
		"acme: ClientSecret is required":                    func(a *oauth.App) { a.ClientSecret = "" },
		"acme: TokenURL is required":                        func(a *oauth.App) { a.TokenURL = "" },
		"acme: TokenURL is not a URL":                       func(a *oauth.App) { a.TokenURL = "/oauth/token" },
		"acme: BaseURL must begin with https:// or http://": func(a *oauth.App) { a.BaseURL = "ftp://x" },
	} {
		a := app(&vendor{})
		change(&a)
		_, err := oauth.NewSource(oauth.Options{App: a})
		require.EqualError(t, err, want)
	}
}

func TestTokenRequests(t *testing.T) {
	t.Parallel()
	const form = "client_id=canary-client-id&client_secret=canary%2Fclient%2Bsecret%3D1&"
	for name, tt := range map[string]struct {
		style        oauth.Style
		grant        oauth.Grant
		body, basic  string
		contentTypes string
	}{
		"form": {oauth.Form, oauth.ClientCredentials, form + "grant_type=client_credentials&scope=open-api+more", "", "application/x-www-form-urlencoded"},
		"basic": {
			oauth.BasicForm, oauth.RefreshToken, "grant_type=refresh_token&refresh_token=refresh-0",
			"Basic Y2FuYXJ5LWNsaWVudC1pZDpjYW5hcnklMkZjbGllbnQlMkJzZWNyZXQlM0Qx", "application/x-www-form-urlencoded",
		},
		"json": {
			oauth.JSON, oauth.RefreshToken,
			`{"client_id":"canary-client-id","client_secret":"canary/client+secret=1","grant_type":"refresh_token","refresh_token":"refresh-0"}`,
			"", "application/json",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &vendor{}
			s := newSource(t, v, func(o *oauth.Options) {
				o.App.Style, o.Grant, o.App.Scopes, o.App.UserAgent = tt.style, tt.grant, []string{"open-api", "more"}, "acme-client/1"
				o.App.BaseURL = "https://proxy.example/prefix"
				o.Store = oauth.NewMemoryStore(&oauth2.Token{RefreshToken: "refresh-0"}, nil)
			})
			require.Equal(t, "access-1", value(t, s))
			sent := v.sent()
			require.Len(t, sent, 1)
			assert.Equal(t, "https://proxy.example/prefix/oauth/token", sent[0].url)
			assert.Equal(t, tt.body, sent[0].body)
			assert.Equal(t, tt.basic, sent[0].header.Get("Authorization"))
			assert.Equal(t, tt.contentTypes, sent[0].header.Get("Content-Type"))
			assert.Equal(t, "acme-client/1", sent[0].header.Get("User-Agent"))
		})
	}
}

func TestTokenIsRenewedEarly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{life: 24 * time.Hour}
		s := newSource(t, v, func(o *oauth.Options) { o.Early = time.Hour })
		require.Equal(t, "access-1", value(t, s))
		pass(t, 23*time.Hour-time.Second)
		require.Equal(t, "access-1", value(t, s))
		pass(t, time.Second)
		require.Equal(t, "access-2", value(t, s))
	})
}

// A life that is short leaves nine tenths of it to use.
func TestShortLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{life: 100 * time.Second}
		s := newSource(t, v)
		require.Equal(t, "access-1", value(t, s))
		pass(t, 89*time.Second)
		require.Equal(t, "access-1", value(t, s))
		pass(t, time.Second)
		require.Equal(t, "access-2", value(t, s))
	})
}

func TestTokenWithoutEndIsUsedUntilItIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{}
		s := newSource(t, v)
		require.Equal(t, "access-1", value(t, s))
		pass(t, 365*24*time.Hour)
		require.Equal(t, "access-1", value(t, s))
		require.True(t, s.Expire("access-1"))
		require.Equal(t, "access-2", value(t, s))
		require.True(t, s.Expire("access-1"), "another call was refused with the old token")
		require.Equal(t, "access-2", value(t, s))
	})
}

// Two clients that start together make one request; a restart makes none.
func TestTokenIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{life: 24 * time.Hour, takes: time.Second}
		store := locking{newShared()}
		one, two := newSource(t, v, withStore(store)), newSource(t, v, withStore(store))
		var group sync.WaitGroup
		for i := range 100 {
			group.Go(func() {
				s := one
				if i%2 == 1 {
					s = two
				}
				token, err := s.Token(t.Context())
				if assert.NoError(t, err) {
					assert.Equal(t, "access-1", token.AccessToken)
				}
			})
		}
		group.Wait()
		require.Equal(t, "access-1", value(t, newSource(t, v, withStore(store))), "after a restart")
		require.Len(t, v.sent(), 1)
		require.Equal(t, 1, store.saves)
	})
}

// A token that another process has renewed is taken from the store.
func TestRefusedTokenIsLookedUpFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{life: 24 * time.Hour}
		store := newShared()
		one, two := newSource(t, v, withStore(store)), newSource(t, v, withStore(store))
		require.Equal(t, "access-1", value(t, one))
		require.Equal(t, "access-1", value(t, two))
		one.Expire("access-1")
		two.Expire("access-1")
		require.Equal(t, "access-2", value(t, one))
		require.Equal(t, "access-2", value(t, two))
		require.Len(t, v.sent(), 2)
	})
}

func TestTokenIsSavedBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{refresh: true, life: time.Hour}
		store := newShared()
		require.NoError(t, store.MemoryStore.Save(t.Context(), &oauth2.Token{AccessToken: "access-0", RefreshToken: "refresh-0", Expiry: time.Now()}))
		store.fail(nil, errBroken)
		s := newSource(t, v, withStore(store), refreshing)
		for range 3 {
			_, err := s.Token(t.Context())
			require.ErrorIs(t, err, errBroken)
			require.ErrorIs(t, err, pms.ErrUnavailable)
			require.EqualError(t, err, "acme: GetToken: unavailable: save the token: the database is down")
		}
		require.Len(t, v.sent(), 1, "the token that could not be saved is kept, not asked for again")
		store.fail(nil, nil)
		require.Equal(t, "access-1", value(t, s))
		saved, err := store.Load(t.Context())
		require.NoError(t, err)
		require.Equal(t, "refresh-1", saved.RefreshToken)
		require.Len(t, v.sent(), 1)
	})
}

func TestBrokenStoreSendsNothing(t *testing.T) {
	t.Parallel()
	v := &vendor{}
	store := newShared()
	store.fail(errBroken, nil)
	_, err := newSource(t, v, withStore(store)).Token(t.Context())
	require.EqualError(t, err, "acme: GetToken: unavailable: load the token: the database is down")
	require.ErrorIs(t, err, errBroken)
	require.Empty(t, v.sent())
}

// Callers that leave do not take a rotated refresh token with them.
func TestRenewalOutlivesItsCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{refresh: true, takes: 20 * time.Second}
		store := oauth.NewMemoryStore(&oauth2.Token{RefreshToken: "refresh-0"}, nil)
		s := newSource(t, v, withStore(store), refreshing)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := s.Token(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 5*time.Second, time.Since(began))
		pass(t, 20*time.Second)
		saved, err := store.Load(t.Context())
		require.NoError(t, err)
		require.Equal(t, "refresh-1", saved.RefreshToken)
		require.Equal(t, "access-1", value(t, s))
		require.Len(t, v.sent(), 1)
	})
}

func TestEndedContextSendsNothing(t *testing.T) {
	t.Parallel()
	v := &vendor{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newSource(t, v).Token(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, v.sent())
}

// The time of a renewal is not the caller's deadline.
func TestSlowEndpointIsUnavailable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{takes: time.Hour}
		began := time.Now()
		_, err := newSource(t, v).Token(t.Context())
		require.ErrorIs(t, err, pms.ErrUnavailable)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		require.EqualError(t, err, "acme: GetToken: no token within 1m0s")
		require.Equal(t, time.Minute, time.Since(began))
	})
}

func TestRefreshTokenIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{refresh: true, life: 12 * time.Hour}
		var saved []string
		store := oauth.NewMemoryStore(&oauth2.Token{AccessToken: "access-0", RefreshToken: "refresh-0", Expiry: time.Now().Add(time.Hour)},
			func(_ context.Context, token *oauth2.Token) error {
				saved = append(saved, token.RefreshToken)
				return nil
			})
		s := newSource(t, v, withStore(store), refreshing)
		require.Equal(t, "access-0", value(t, s))
		for n := 1; n <= 3; n++ {
			pass(t, 12*time.Hour)
			require.Equal(t, fmt.Sprintf("access-%d", n), value(t, s))
		}
		require.Equal(t, []string{"refresh-1", "refresh-2", "refresh-3"}, saved)
	})
}

func TestRefreshTokenStaysWhenTheVendorSendsNone(t *testing.T) {
	t.Parallel()
	v := &vendor{}
	store := oauth.NewMemoryStore(&oauth2.Token{RefreshToken: "refresh-0"}, nil)
	require.Equal(t, "access-1", value(t, newSource(t, v, withStore(store), refreshing)))
	saved, err := store.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, "refresh-0", saved.RefreshToken)
}

func TestNoRefreshToken(t *testing.T) {
	t.Parallel()
	v := &vendor{}
	for name, token := range map[string]*oauth2.Token{"no token": nil, "no refresh token": {AccessToken: "access-0"}} {
		s := newSource(t, v, withStore(oauth.NewMemoryStore(token, nil)), refreshing)
		if token != nil {
			require.Equal(t, "access-0", value(t, s))
			require.True(t, s.Expire("access-0"))
		}
		_, err := s.Token(t.Context())
		require.ErrorIs(t, err, pms.ErrUnauthorized, name)
		require.EqualError(t, err, "acme: GetToken: there is no refresh token: connect the account again")
	}
	require.Empty(t, v.sent())
}

// Two processes without a lock refresh at once: the loser finds the winner's
// token in the store.
func TestLostRaceOfRefreshTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{refresh: true, takes: time.Second, life: time.Hour}
		store := newShared()
		require.NoError(t, store.MemoryStore.Save(t.Context(), &oauth2.Token{AccessToken: "access-0", RefreshToken: "refresh-0", Expiry: time.Now()}))
		var group sync.WaitGroup
		for i := range 2 {
			s := newSource(t, v, withStore(store), refreshing)
			group.Go(func() {
				pass(t, time.Duration(i)*time.Millisecond)
				token, err := s.Token(t.Context())
				if assert.NoError(t, err) {
					assert.Equal(t, "access-1", token.AccessToken)
				}
			})
		}
		group.Wait()
		require.Len(t, v.sent(), 2)
	})
}

func TestQuotaIsKeptLocally(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{}
		store := newShared()
		for n := 1; n <= 5; n++ {
			s := newSource(t, v, withStore(store), withQuota) // a crash loop
			require.NoError(t, store.MemoryStore.Save(t.Context(), nil))
			require.Equal(t, fmt.Sprintf("access-%d", n), value(t, s))
			pass(t, time.Hour)
		}
		require.NoError(t, store.MemoryStore.Save(t.Context(), nil))
		s := newSource(t, v, withStore(store), withQuota)
		for range 3 {
			_, err := s.Token(t.Context())
			require.ErrorIs(t, err, pms.ErrRateLimited)
			require.Equal(t, 19*time.Hour, apiError(t, err).RetryAfter)
			require.EqualError(t, err, "acme: GetToken: all 5 tokens of 24h0m0s are used (retry after 19h0m0s)")
		}
		require.Len(t, v.sent(), 5)
		pass(t, 19*time.Hour-time.Nanosecond)
		_, err := s.Token(t.Context())
		require.ErrorIs(t, err, pms.ErrRateLimited)
		pass(t, time.Nanosecond)
		require.Equal(t, "access-6", value(t, s))
	})
}

// A store without a ledger leaves the count to the process.
func TestQuotaWithoutLedger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{life: time.Hour}
		s := newSource(t, v, withStore(plainStore{&oauth.MemoryStore{}}), withQuota)
		for range 5 {
			value(t, s)
			pass(t, time.Hour)
		}
		_, err := s.Token(t.Context())
		require.ErrorIs(t, err, pms.ErrRateLimited)
		require.Len(t, v.sent(), 5)
	})
}

type plainStore struct{ oauth.TokenStore }

func TestQuotaCountsWhatTheVendorMayHaveGiven(t *testing.T) {
	t.Parallel()
	lost := func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
	refused := func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	for name, tt := range map[string]struct {
		answer answering
		counts bool
	}{
		"lost":         {lost, true},
		"unreadable":   {answer(200, `{"access_token":`), true},
		"HTML":         {answer(200, `<html>`), true},
		"refused":      {refused, false},
		"invalid":      {answer(401, `{"error":"invalid_client"}`), false},
		"server error": {answer(500, ``), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{answer: tt.answer}
				s := newSource(t, v, withQuota, func(o *oauth.Options) { o.App.MaxRetries = -1 })
				for range 5 {
					_, err := s.Token(t.Context())
					require.Error(t, err)
					require.NotErrorIs(t, err, pms.ErrRateLimited)
				}
				_, err := s.Token(t.Context())
				require.Equal(t, tt.counts, errors.Is(err, pms.ErrRateLimited), "%v", err)
			})
		})
	}
}

// A 429 of the token endpoint is not followed by another request until its time
// has come.
func TestTokenEndpointLimits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		header []string
		wait   time.Duration
	}{
		"stated":     {[]string{"Retry-After", "20000"}, 20000 * time.Second},
		"not stated": {nil, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{answer: answer(429, `{"error":"Too Many Requests"}`, tt.header...)}
				s := newSource(t, v, withQuota)
				for range 10 {
					_, err := s.Token(t.Context())
					require.ErrorIs(t, err, pms.ErrRateLimited)
					require.Equal(t, tt.wait, apiError(t, err).RetryAfter)
				}
				require.Len(t, v.sent(), 1)
				pass(t, tt.wait/2)
				_, err := s.Token(t.Context())
				require.Equal(t, tt.wait/2, apiError(t, err).RetryAfter)
				v.answer = nil
				pass(t, tt.wait/2)
				require.Equal(t, "access-1", value(t, s))
			})
		})
	}
}

// A new token that is refused as well is not replaced until the quota can bear
// it.
func TestRefusedSuccessorIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{}
		s := newSource(t, v, withQuota)
		require.Equal(t, "access-1", value(t, s))
		require.True(t, s.Expire("access-1"))
		require.Equal(t, "access-2", value(t, s))
		for range 10 {
			require.False(t, s.Expire("access-2"))
			require.Equal(t, "access-2", value(t, s))
		}
		pass(t, 24*time.Hour/5)
		require.True(t, s.Expire("access-2"))
		require.Equal(t, "access-3", value(t, s))
	})
}

func TestErrorsOfTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	for body, tt := range map[string]struct {
		status int
		kind   error
		text   string
	}{
		`{"error":"invalid_client","error_description":"No such client"}`: {401, pms.ErrUnauthorized, "acme: GetToken: 401 No such client"},
		`{"error":"invalid_grant"}`:                                       {400, pms.ErrUnauthorized, "acme: GetToken: 400 invalid_grant"},
		`{"error":"invalid_request"}`:                                     {400, pms.ErrInvalid, "acme: GetToken: 400 Bad Request"},
		`{"error":{"code":"FORBIDDEN","message":"Plan"}}`:                 {403, pms.ErrForbidden, "acme: GetToken: 403 Plan"},
		`{"message":"Unauthenticated."}`:                                  {401, pms.ErrUnauthorized, "acme: GetToken: 401 Unauthenticated."},
		`<html>`:                                                          {503, pms.ErrUnavailable, "acme: GetToken: 503 Service Unavailable"},
		`{}`:                                                              {200, pms.ErrDecode, "acme: GetToken: 200 no access_token in the answer"},
		`{"access_token":["x"]}`:                                          {200, nil, ""},
	} {
		v := &vendor{answer: answer(tt.status, body)}
		_, err := newSource(t, v).Token(t.Context())
		if tt.kind == nil {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, tt.kind, body)
		require.EqualError(t, err, tt.text)
		require.Len(t, v.sent(), 1)
	}
}

// Nothing that is printed holds a secret, whatever the vendor repeats.
func TestNoSecretIsPrinted(t *testing.T) {
	t.Parallel()
	const refresh, access = "canary-refresh-token", "canary-access-token"
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	store := oauth.NewMemoryStore(&oauth2.Token{AccessToken: access, RefreshToken: refresh, Expiry: time.Unix(1, 0)}, nil)
	for _, answer := range []answering{
		answer(400, fmt.Sprintf(`{"error":%q,"message":%q}`, clientSecret+refresh, clientID+refresh), "X-Request-Id", clientSecret+refresh),
		answer(200, `{"access_token":"`+access+`","x":`),
		answer(200, `{"access_tokens":"`+access+`"}`),
		func(req *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("broken %s: %s", req.URL, clientSecret+refresh)
		},
	} {
		v := &vendor{answer: answer}
		s := newSource(t, v, withStore(store), refreshing, func(o *oauth.Options) { o.App.Logger = logger })
		_, err := s.Token(t.Context())
		api := apiError(t, err)
		a := app(v)
		text := fmt.Sprintf("%v %+v %#v %s | %v %+v %#v | %v %+v %#v | %v %+v %#v", err, err, err, api.Body, s, s, s, a, a, a, store, store, store)
		logger.Info("values", "err", err, "source", s, "app", a, "store", store)
		require.NotContains(t, text+log.String(), "canary")
	}
}

// A vendor that repeats the header of HTTP Basic does not make it known.
func TestBasicPairStaysHidden(t *testing.T) {
	t.Parallel()
	v := &vendor{answer: func(req *http.Request) (*http.Response, error) {
		return reply(http.StatusBadRequest, `{"error":"invalid_request","error_description":"header `+req.Header.Get("Authorization")+`"}`)
	}}
	s := newSource(t, v, func(o *oauth.Options) { o.App.Style = oauth.BasicForm })
	_, err := s.Token(t.Context())
	require.EqualError(t, err, "acme: GetToken: 400 header Basic [redacted]")
	require.NotContains(t, string(apiError(t, err).Body), "Y2FuYXJ5")
}
