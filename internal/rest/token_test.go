package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

// issuer hands out token-1, token-2 and so on, a second each.
type issuer struct {
	life    time.Duration
	fetches atomic.Int64
}

func (i *issuer) fetch(ctx context.Context) (Token, error) {
	n := i.fetches.Add(1)
	select {
	case <-ctx.Done():
		return Token{}, ctx.Err()
	case <-time.After(time.Second):
	}
	return Lasting(fmt.Sprintf("token-%d", n), i.life, time.Hour), nil
}

// accepts is a vendor that accepts one bearer token alone.
func accepts(token string) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("Authorization") == "Bearer "+token {
			return reply(200, "{}")(req)
		}
		return reply(401, `{"error":"token expired"}`)(req)
	}
}

func TestTokenIsFetchedOnceAndKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := issuer{life: time.Hour}
		client := newClient(t, accepts("token-1"), func(o *Options) { o.Auth = NewTokens(issuer.fetch, Bearer) })
		for range 3 {
			_, err := client.Do(t.Context(), read)
			require.NoError(t, err)
		}
		assert.EqualValues(t, 1, issuer.fetches.Load())
	})
}

func TestTokenIsReplacedBeforeItEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := issuer{life: time.Hour}
		tokens := NewTokens(issuer.fetch, Bearer)
		get := func() string {
			token, err := tokens.get(t.Context())
			require.NoError(t, err)
			return token.Value
		}
		require.Equal(t, "token-1", get())
		pass(59*time.Minute - time.Nanosecond)
		require.Equal(t, "token-1", get())
		pass(time.Nanosecond)
		require.Equal(t, "token-2", get())
	})
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	for _, call := range []Call{read, write} {
		t.Run(call.Op, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				issuer := issuer{}
				transport := newScript(t, accepts("token-2"), accepts("token-2"), accepts("token-2"))
				client := newClient(t, transport, func(o *Options) {
					o.Auth, o.MaxRetries = NewTokens(issuer.fetch, Bearer), -1
				})
				_, err := client.Do(t.Context(), call)
				require.NoError(t, err)
				_, err = client.Do(t.Context(), call)
				require.NoError(t, err)
				assert.EqualValues(t, 2, issuer.fetches.Load())
				assert.Equal(t, transport.sent[0].body, transport.sent[1].body)
			})
		})
	}
}

func TestTokenRefusedTwiceIsUnauthorized(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := issuer{}
		transport := newScript(t, accepts("none"), accepts("none"))
		client := newClient(t, transport, func(o *Options) { o.Auth = NewTokens(issuer.fetch, Bearer) })
		_, err := client.Do(t.Context(), read)
		require.ErrorIs(t, err, pms.ErrUnauthorized)
		require.EqualError(t, err, "vendor: ListBookings: 401 Unauthorized")
		assert.Equal(t, 2, apiError(t, err).Attempts)
		assert.EqualValues(t, 2, issuer.fetches.Load())
	})
}

func TestReplacedTokenLeavesTheRepeatsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := issuer{}
		down := reply(503, "")
		transport := newScript(t, down, accepts("token-2"), down, accepts("token-2"))
		client := newClient(t, transport, func(o *Options) { o.Auth = NewTokens(issuer.fetch, Bearer) })
		_, err := client.Do(t.Context(), read)
		require.NoError(t, err)
	})
}

func TestParallelCallsShareOneFetch(t *testing.T) {
	t.Parallel()
	tests := map[string]func() Token{
		"no token yet":              func() Token { return Token{} },
		"expired by the clock":      func() Token { return Token{Value: "old", Expiry: time.Now().Add(-time.Second)} },
		"refused before its expiry": func() Token { return Token{Value: "old", Expiry: time.Now().Add(time.Hour)} },
	}
	for name, first := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				issuer := issuer{life: time.Hour}
				tokens := NewTokens(issuer.fetch, Bearer)
				tokens.token = first()
				client := newClient(t, accepts("token-1"), func(o *Options) { o.Auth = tokens })
				var group sync.WaitGroup
				for i := range 100 {
					group.Go(func() {
						pass(time.Duration(i) * 5 * time.Millisecond)
						_, err := client.Do(t.Context(), read)
						assertNoError(t, err)
					})
				}
				group.Wait()
				assert.EqualValues(t, 1, issuer.fetches.Load())
			})
		})
	}
}

func TestLateRefusalOfAnOldTokenKeepsTheNewOne(t *testing.T) {
	t.Parallel()
	tokens := NewTokens(nil, Bearer)
	tokens.token = Token{Value: "new"}
	assert.True(t, tokens.Expire("old"))
	assert.Equal(t, "new", tokens.token.Value)
	assert.True(t, tokens.Expire("new"))
	assert.Empty(t, tokens.token.Value)
}

func TestLeadersCancellationDoesNotFailTheFollowers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := issuer{life: time.Hour}
		client := newClient(t, accepts("token-2"), func(o *Options) { o.Auth = NewTokens(issuer.fetch, Bearer) })
		leading, cancel := context.WithCancel(t.Context())
		leader := make(chan error)
		go func() {
			_, err := client.Do(leading, read)
			leader <- err
		}()
		synctest.Wait()
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				_, err := client.Do(t.Context(), read)
				assertNoError(t, err)
			})
		}
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-leader, context.Canceled)
		group.Wait()
		assert.EqualValues(t, 2, issuer.fetches.Load(), "one by the leader, one for all the others")
	})
}

func TestFollowerLeavesUnderItsOwnContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := issuer{life: time.Hour}
		tokens := NewTokens(issuer.fetch, Bearer)
		done := make(chan error)
		go func() {
			_, err := tokens.get(t.Context())
			done <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		started := time.Now()
		_, err := tokens.get(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 100*time.Millisecond, time.Since(started))
		require.NoError(t, <-done)
	})
}

// TestFailedFetchFailsAllWhoWait also when it failed by a timeout of its own:
// the callers do not go to a dead endpoint one after the other.
func TestFailedFetchFailsAllWhoWait(t *testing.T) {
	t.Parallel()
	for name, cause := range map[string]error{
		"refused":   &pms.APIError{Vendor: "vendor", Op: "Token", StatusCode: 403, Kind: pms.ErrForbidden},
		"timed out": fmt.Errorf("token endpoint: %w", context.DeadlineExceeded),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var fetches atomic.Int64
				client := newClient(t, newScript(t), func(o *Options) {
					o.Auth = NewTokens(func(context.Context) (Token, error) {
						fetches.Add(1)
						pass(time.Minute)
						return Token{}, cause
					}, Bearer)
				})
				started := time.Now()
				var group sync.WaitGroup
				for range 20 {
					group.Go(func() {
						_, err := client.Do(t.Context(), read)
						assert.ErrorIs(t, err, cause)
					})
				}
				group.Wait()
				assert.Equal(t, time.Minute, time.Since(started))
				assert.EqualValues(t, 1, fetches.Load())
			})
		})
	}
}

func TestFailedFetchIsTriedAgainByTheNextCall(t *testing.T) {
	t.Parallel()
	fails := true
	tokens := NewTokens(func(context.Context) (Token, error) {
		if fails {
			return Token{}, errors.New("down")
		}
		return Token{Value: "token"}, nil
	}, Bearer)
	_, err := tokens.get(t.Context())
	require.EqualError(t, err, "down")
	fails = false
	token, err := tokens.get(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "token", token.Value)
}

func TestFetchThatPanicsLocksNobodyOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		panics := true
		tokens := NewTokens(func(context.Context) (Token, error) {
			pass(time.Second)
			if panics {
				panic("the host's transport")
			}
			return Token{Value: "token"}, nil
		}, Bearer)
		follower := make(chan error)
		go func() {
			pass(time.Millisecond)
			_, err := tokens.get(t.Context())
			follower <- err
		}()
		assert.PanicsWithValue(t, "the host's transport", func() { _, _ = tokens.get(t.Context()) })
		require.EqualError(t, <-follower, "no token: the fetch did not finish")
		panics = false
		token, err := tokens.get(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "token", token.Value)
	})
}

func TestAuthThatFailsIsNotRepeated(t *testing.T) {
	t.Parallel()
	fetches := 0
	client := newClient(t, newScript(t), func(o *Options) {
		o.Auth = NewTokens(func(context.Context) (Token, error) { fetches++; return Token{}, errors.New("the store failed") }, Bearer)
	})
	_, err := client.Do(t.Context(), read)
	require.EqualError(t, err, "vendor: ListBookings: unavailable: the store failed")
	assert.Equal(t, 1, fetches)
}

func TestLasting(t *testing.T) {
	t.Parallel()
	const fallback = 30 * time.Minute
	// By the rule: the life less a tenth, and less a minute at most.
	tests := map[time.Duration]time.Duration{
		time.Hour:                      59 * time.Minute,
		24 * time.Hour:                 24*time.Hour - time.Minute,
		10 * time.Minute:               9 * time.Minute,
		100 * time.Second:              90 * time.Second,
		time.Second:                    900 * time.Millisecond,
		1:                              1,
		0:                              29 * time.Minute,
		-time.Hour:                     29 * time.Minute,
		11 * 365 * 24 * time.Hour:      29 * time.Minute,
		time.Duration(1<<63 - 1):       29 * time.Minute,
		10 * 365 * 24 * time.Hour:      10*365*24*time.Hour - time.Minute,
		time.Duration(-1 << 63):        29 * time.Minute,
		365 * 24 * time.Hour:           365*24*time.Hour - time.Minute,
		fallback:                       29 * time.Minute,
		9*time.Minute + 50*time.Second: 8*time.Minute + 51*time.Second,
	}
	for life, want := range tests {
		synctest.Test(t, func(t *testing.T) {
			token := Lasting("value", life, fallback)
			assert.Equal(t, want, time.Until(token.Expiry), life.String())
			assert.Equal(t, "value", token.Value)
		})
	}
}

func TestTokenWithoutEnd(t *testing.T) {
	t.Parallel()
	assert.True(t, Token{Value: "x"}.usable(time.Now().AddDate(100, 0, 0)))
	assert.False(t, Token{}.usable(time.Now()))
	assert.NotContains(t, fmt.Sprintf("%v %+v %s", Token{Value: "x-secret"}, Token{Value: "x-secret"}, Token{Value: "x-secret"}), "x-secret")
}

func TestBearer(t *testing.T) {
	t.Parallel()
	req := &http.Request{Header: http.Header{"Authorization": {"Basic x"}}}
	Bearer(req, "abc")
	assert.Equal(t, http.Header{"Authorization": {"Bearer abc"}}, req.Header)
}

// The time that a token takes does not pass between the turns and the
// requests: they would come closer together than the limiter counted.
func TestTokenDoesNotBreakTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issuer := issuer{life: time.Hour}
		answers := make([]roundTrip, 12)
		for i := range answers {
			answers[i] = accepts("token-1")
		}
		transport := newScript(t, answers...)
		const allowed, window = 4, 10 * time.Second
		client := newClient(t, transport, func(o *Options) {
			o.Auth, o.Limits = NewTokens(issuer.fetch, Bearer), []pms.Limit{{Requests: allowed, Window: window}}
		})
		var wait sync.WaitGroup
		for range answers {
			wait.Go(func() {
				_, err := client.Do(t.Context(), read)
				assert.NoError(t, err)
			})
		}
		wait.Wait()
		for i := allowed; i < len(transport.sent); i++ {
			assert.GreaterOrEqual(t, transport.sent[i].at.Sub(transport.sent[i-allowed].at), window, "request %d", i+1)
		}
	})
}
