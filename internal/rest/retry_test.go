package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

var (
	errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	errDial  = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	errProxy = &net.OpError{Op: "proxyconnect", Net: "tcp", Err: errDial}
	errDNS   = &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "api.example.test", IsNotFound: true}}
)

func apiError(t *testing.T, err error) *pms.APIError {
	t.Helper()
	var api *pms.APIError
	require.ErrorAs(t, err, &api)
	return api
}

// TestWhatIsRepeated is the table of the package's promise: which failures are
// sent again, for a read and for a write.
func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	readPost := write
	readPost.Read = true
	head := read
	head.Method = http.MethodHead
	writingGet := read
	writingGet.Write = true
	with := func(method string) Call {
		call := write
		call.Method = method
		return call
	}
	tests := []struct {
		name     string
		call     Call
		failure  roundTrip
		repeated bool
		kind     error
	}{
		{"read, 408", read, reply(408, ""), true, pms.ErrUnavailable},
		{"read, 425", read, reply(425, ""), true, pms.ErrUnavailable},
		{"read, 429", read, reply(429, ""), true, pms.ErrRateLimited},
		{"read, 500", read, reply(500, ""), true, pms.ErrUnavailable},
		{"GET that writes, 500", writingGet, reply(500, ""), false, pms.ErrUnavailable},
		{"GET that writes, 429", writingGet, reply(429, ""), true, pms.ErrRateLimited},
		{"read, 501", read, reply(501, ""), false, pms.ErrUnavailable},
		{"read, 502", read, reply(502, ""), true, pms.ErrUnavailable},
		{"read, 503", read, reply(503, ""), true, pms.ErrUnavailable},
		{"read, 504", read, reply(504, ""), true, pms.ErrUnavailable},
		{"read, 600", read, reply(600, ""), true, pms.ErrUnavailable},
		{"read, 0", read, reply(0, ""), true, pms.ErrUnavailable},
		{"read, 302 without a target", read, reply(302, ""), true, pms.ErrUnavailable},
		{"read, 400", read, reply(400, ""), false, pms.ErrInvalid},
		{"read, 401 with a fixed key", read, reply(401, ""), false, pms.ErrUnauthorized},
		{"read, 402", read, reply(402, ""), false, pms.ErrInvalid},
		{"read, 403", read, reply(403, ""), false, pms.ErrForbidden},
		{"read, 404", read, reply(404, ""), false, pms.ErrNotFound},
		{"read, 409", read, reply(409, ""), false, pms.ErrConflict},
		{"read, 410", read, reply(410, ""), false, pms.ErrNotFound},
		{"read, 422", read, reply(422, ""), false, pms.ErrInvalid},
		{"read, 451", read, reply(451, ""), false, pms.ErrInvalid},
		{"read, HTML under 200", read, reply(200, "<html>"), true, pms.ErrDecode},
		{"read, reset", read, lose(errReset), true, pms.ErrUnavailable},
		{"read, refused", read, lose(errDial), true, pms.ErrUnavailable},
		{"read, no such host", read, lose(errDNS), true, pms.ErrUnavailable},
		{"read, end of file", read, lose(io.ErrUnexpectedEOF), true, pms.ErrUnavailable},
		{"read, private address", read, lose(&net.OpError{Op: "dial", Err: pms.ErrPrivateAddress}), false, pms.ErrPrivateAddress},
		{"HEAD, 500", head, reply(500, ""), true, pms.ErrUnavailable},
		{"POST that reads, 500", readPost, reply(500, ""), true, pms.ErrUnavailable},
		{"POST that reads, reset", readPost, lose(errReset), true, pms.ErrUnavailable},
		{"write, 429", write, reply(429, ""), true, pms.ErrRateLimited},
		{"write, 408", write, reply(408, ""), false, pms.ErrUnavailable},
		{"write, 500", write, reply(500, ""), false, pms.ErrUnavailable},
		{"write, 503", write, reply(503, "", "Retry-After", "1"), false, pms.ErrUnavailable},
		{"write, HTML under 200", write, reply(200, "<html>"), false, pms.ErrDecode},
		{"write, reset", write, lose(errReset), false, pms.ErrUnavailable},
		{"write, end of file", write, lose(io.EOF), false, pms.ErrUnavailable},
		{"write, refused", write, lose(errDial), true, pms.ErrUnavailable},
		{"write, proxy refused", write, lose(errProxy), true, pms.ErrUnavailable},
		{"write, no such host", write, lose(errDNS), true, pms.ErrUnavailable},
		{"PUT, 500", with(http.MethodPut), reply(500, ""), false, pms.ErrUnavailable},
		{"PATCH, 500", with(http.MethodPatch), reply(500, ""), false, pms.ErrUnavailable},
		{"DELETE, 500", with(http.MethodDelete), reply(500, ""), false, pms.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				attempts := 1
				if tt.repeated {
					attempts = 1 + DefaultMaxRetries
				}
				answers := make([]roundTrip, attempts)
				for i := range answers {
					answers[i] = tt.failure
				}
				transport := newScript(t, answers...)
				_, err := newClient(t, transport, func(o *Options) { o.Auth = fixedAuth("the-key") }).Do(t.Context(), tt.call)
				require.ErrorIs(t, err, tt.kind)
				assert.Len(t, transport.sent, attempts)
				assert.Equal(t, attempts, apiError(t, err).Attempts)
				for _, req := range transport.sent {
					assert.Equal(t, transport.sent[0].body, req.body)
				}
			})
		})
	}
}

func TestRepeatSucceeds(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]roundTrip{"429": reply(429, ""), "refused": lose(errDial)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				transport := newScript(t, failure, reply(201, `{"id":"b1"}`))
				got, err := JSON[map[string]string](t.Context(), newClient(t, transport), write)
				require.NoError(t, err)
				assert.Equal(t, map[string]string{"id": "b1"}, got)
				assert.Equal(t, `{"unit":7}`, transport.sent[1].body)
			})
		})
	}
}

func TestWriteThatWasRedirectedIsNotRepeated(t *testing.T) {
	t.Parallel()
	moved := reply(303, "", "Location", "/bookings/b1")
	for name, failure := range map[string]roundTrip{"429": reply(429, ""), "refused": lose(errDial), "401": reply(401, "")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := newScript(t, moved, failure)
			client := newClient(t, transport, func(o *Options) {
				o.Auth = NewTokens(func(context.Context) (Token, error) { return Token{Value: "token"}, nil }, Bearer)
			})
			_, err := client.Do(t.Context(), write)
			require.Error(t, err)
			assert.Len(t, transport.sent, 2, "the booking is there: the vendor said where")
		})
	}
}

func TestBackoffIsJitteredAndDoubles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := reply(503, "")
		transport := newScript(t, down, down, down, down)
		_, err := newClient(t, transport, func(o *Options) { o.MaxRetries = 3 }).Do(t.Context(), read)
		require.ErrorIs(t, err, pms.ErrUnavailable)
		for i, wait := range transport.waits() {
			full := 500 * time.Millisecond << i
			assert.GreaterOrEqual(t, wait, full/2)
			assert.LessOrEqual(t, wait, full)
		}
	})
}

func TestJitteredStaysInItsBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, math.MaxInt32).Draw(t, "n")
		wait := jittered(n)
		if wait < 250*time.Millisecond || wait > 20*time.Second {
			t.Fatalf("wait %d is %s", n, wait)
		}
	})
	spread := map[time.Duration]bool{}
	for range 20 {
		spread[jittered(5)] = true
	}
	assert.Greater(t, len(spread), 10)
}

func TestMaxRetries(t *testing.T) {
	t.Parallel()
	for set, attempts := range map[int]int{0: 3, 1: 2, 5: 6, -1: 1} {
		t.Run(fmt.Sprint(set), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				transport := roundTrip(func(req *http.Request) (*http.Response, error) {
					requests++
					return reply(503, "")(req)
				})
				_, err := newClient(t, transport, func(o *Options) { o.MaxRetries = set }).Do(t.Context(), read)
				require.ErrorIs(t, err, pms.ErrUnavailable)
				assert.Equal(t, attempts, requests)
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	jitter := time.Duration(-1)
	// The bubble's clock begins at midnight UTC 2000-01-01.
	tests := map[string]time.Duration{
		"7":                                7 * time.Second,
		"0":                                jitter,
		"-5":                               jitter,
		"soon":                             jitter,
		"1.5":                              jitter,
		"99999999999999999999":             jitter,
		"Sat, 01 Jan 2000 00:00:42 GMT":    42 * time.Second,
		"Saturday, 01-Jan-00 00:00:42 GMT": 42 * time.Second,
		"Fri, 31 Dec 1999 23:59:59 GMT":    jitter,
		"Sat, 32 Jan 2000 00:00:42 GMT":    jitter,
	}
	for header, want := range tests {
		for _, status := range []int{429, 503} {
			t.Run(fmt.Sprintf("%d %s", status, header), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					transport := newScript(t, reply(status, "", "Retry-After", header), reply(200, "{}"))
					_, err := newClient(t, transport).Do(t.Context(), read)
					require.NoError(t, err)
					wait := transport.waits()[0]
					if want == jitter {
						assert.GreaterOrEqual(t, wait, 250*time.Millisecond)
						assert.LessOrEqual(t, wait, 500*time.Millisecond)
						return
					}
					assert.Equal(t, want, wait)
				})
			})
		}
	}
}

func TestRetryAfterOverMaxWaitEndsTheCallAtOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		header  string
		maxWait time.Duration
		after   time.Duration
	}{
		{"301", 0, 301 * time.Second},
		{"999999", 0, 999_999 * time.Second},
		{"9000000000000000000", 0, 365 * 24 * time.Hour},
		{"Sat, 01 Jan 2000 02:00:00 GMT", 0, 2 * time.Hour},
		{"8", 7 * time.Second, 8 * time.Second},
		{"1", -1, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.header, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				transport := newScript(t, reply(429, `{"error":"slow down"}`, "Retry-After", tt.header))
				_, err := newClient(t, transport, func(o *Options) { o.MaxWait = tt.maxWait }).Do(t.Context(), read)
				require.ErrorIs(t, err, pms.ErrRateLimited)
				assert.Equal(t, tt.after, apiError(t, err).RetryAfter)
				assert.Equal(t, 429, apiError(t, err).StatusCode)
				assert.Zero(t, time.Since(started))
			})
		})
	}
}

func TestRetryAfterOfExactlyMaxWaitIsWaited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := newScript(t, reply(429, "", "Retry-After", "7"), reply(200, "{}"))
		_, err := newClient(t, transport, func(o *Options) { o.MaxWait = 7 * time.Second }).Do(t.Context(), read)
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{7 * time.Second}, transport.waits())
	})
}

func TestRetryAfter429StandsInForAMissingHeader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := newScript(t, reply(429, ""), reply(503, ""), reply(200, "{}"))
		_, err := newClient(t, transport, func(o *Options) { o.RetryAfter429 = time.Minute }).Do(t.Context(), read)
		require.NoError(t, err)
		assert.Equal(t, time.Minute, transport.waits()[0])
		assert.Less(t, transport.waits()[1], 2*time.Second, "503 is no 429")
	})
}

func TestA429PausesTheOtherCallsOfTheAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := newScript(t, reply(429, "", "Retry-After", "30"), reply(200, "{}"), reply(200, "{}"))
		client := newClient(t, transport, func(o *Options) { o.Limits = []pms.Limit{{Requests: 100, Window: time.Second}} })
		started := time.Now()
		done := make(chan error)
		go func() {
			_, err := client.Do(t.Context(), read)
			done <- err
		}()
		synctest.Wait() // the first call has its 429
		_, err := client.Do(t.Context(), read)
		require.NoError(t, err)
		require.NoError(t, <-done)
		assert.Equal(t, 30*time.Second, time.Since(started))
		assert.Equal(t, 30*time.Second, transport.sent[1].at.Sub(started))
	})
}

func TestDeadlineShorterThanTheWaitFailsNow(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]roundTrip{
		"429": reply(429, "", "Retry-After", "20"),
		"503": reply(503, "", "Retry-After", "20"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				started := time.Now()
				_, err := newClient(t, newScript(t, failure)).Do(ctx, read)
				assert.Equal(t, 20*time.Second, apiError(t, err).RetryAfter)
				assert.Zero(t, time.Since(started))
			})
		})
	}
	t.Run("reset", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			started := time.Now()
			_, err := newClient(t, newScript(t, lose(errReset))).Do(ctx, read)
			require.ErrorIs(t, err, syscall.ECONNRESET)
			assert.Zero(t, time.Since(started))
		})
	})
	t.Run("limiter", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			client := newClient(t, newScript(t, reply(200, "{}")), func(o *Options) {
				o.Limits = []pms.Limit{{Requests: 1, Window: time.Minute}}
			})
			_, err := client.Do(t.Context(), read)
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			started := time.Now()
			_, err = client.Do(ctx, read)
			require.ErrorIs(t, err, pms.ErrRateLimited)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.InDelta(t, 60, apiError(t, err).RetryAfter.Seconds(), 1)
			assert.Zero(t, time.Since(started))
		})
	})
	t.Run("limiter of the host", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			limiter := rate.NewLimiter(rate.Every(time.Minute), 1)
			require.True(t, limiter.Allow())
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			started := time.Now()
			_, err := newClient(t, newScript(t), func(o *Options) { o.Limiter = limiter }).Do(ctx, read)
			require.ErrorIs(t, err, pms.ErrRateLimited)
			assert.Zero(t, time.Since(started))
			assert.Zero(t, apiError(t, err).Attempts)
		})
	})
}

func TestLimitOverMaxWaitIsAnErrorAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, newScript(t, reply(200, "{}")), func(o *Options) {
			o.Limits = []pms.Limit{{Requests: 1, Window: time.Hour}}
			o.MaxWait = time.Minute
		})
		_, err := client.Do(t.Context(), read)
		require.NoError(t, err)
		started := time.Now()
		_, err = client.Do(t.Context(), read)
		require.ErrorIs(t, err, pms.ErrRateLimited)
		assert.InDelta(t, time.Hour.Seconds(), apiError(t, err).RetryAfter.Seconds(), 60)
		assert.Zero(t, time.Since(started))
	})
}

// TestCancelledCallReturnsAtOnce cancels after three seconds in each place
// where a call can wait.
func TestCancelledCallReturnsAtOnce(t *testing.T) {
	t.Parallel()
	hangs := func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	bodyHangs := func(req *http.Request) (*http.Response, error) {
		resp, err := reply(200, "")(req)
		resp.Body, resp.ContentLength = hangingBody{req.Context()}, -1
		return resp, err
	}
	used := NewLimiter([]pms.Limit{{Requests: 1, Window: time.Minute}}, time.Hour)
	tests := map[string]struct {
		answer roundTrip
		option func(*Options)
	}{
		"limiter": {nil, func(o *Options) { o.Limiter = used }},
		"token": {nil, func(o *Options) {
			o.Auth = NewTokens(func(ctx context.Context) (Token, error) {
				<-ctx.Done()
				return Token{}, ctx.Err()
			}, Bearer)
		}},
		"answer":  {hangs, func(*Options) {}},
		"body":    {bodyHangs, func(*Options) {}},
		"backoff": {reply(503, "", "Retry-After", "60"), func(*Options) {}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if name == "limiter" {
					require.NoError(t, used.Wait(t.Context()))
				}
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(3*time.Second, cancel)
				started := time.Now()
				_, err := newClient(t, newScript(t, tt.answer), tt.option).Do(ctx, read)
				require.ErrorIs(t, err, context.Canceled)
				require.NotErrorIs(t, err, pms.ErrUnavailable)
				assert.Equal(t, 3*time.Second, time.Since(started))
			})
		})
	}
}

// hangingBody gives nothing until the context ends, as net/http's bodies do.
type hangingBody struct{ ctx context.Context } //nolint:containedctx // as net/http does

func (b hangingBody) Read([]byte) (int, error) {
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

func (b hangingBody) Close() error { return nil }

func TestCancelledBeforehandSendsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client := newClient(t, newScript(t), func(o *Options) { o.Limits = []pms.Limit{{Requests: 1, Window: time.Minute}} })
	_, err := client.Do(ctx, read)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, apiError(t, err).Attempts)
}

func TestTransportThatBreaksItsContract(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		transport roundTrip
		text      string
	}{
		"no answer and no error": {func(*http.Request) (*http.Response, error) { return nil, nil }, "nil *Response with a nil error"}, //nolint:nilnil // the broken contract
		"answer and error": {func(req *http.Request) (*http.Response, error) {
			resp, _ := reply(200, `{}`)(req)
			return resp, errors.New("and an error")
		}, "and an error"},
		"no body": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, ContentLength: 5}, nil
		}, "nil Body"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, tt.transport, func(o *Options) { o.MaxRetries = -1 }).Do(t.Context(), read)
			require.ErrorIs(t, err, pms.ErrUnavailable)
			require.ErrorContains(t, err, tt.text)
		})
	}
}

func TestBareResponse(t *testing.T) {
	t.Parallel()
	client := newClient(t, roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 404}, nil
	}))
	_, err := client.Do(t.Context(), read)
	require.ErrorIs(t, err, pms.ErrNotFound)
}

func TestCertificateErrorIsNamedAndNotRepeated(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	port := server.Listener.Addr().(*net.TCPAddr).Port
	tests := map[string]struct {
		base   string
		config *tls.Config
	}{
		"unknown authority": {server.URL, &tls.Config{}},
		"wrong host":        {fmt.Sprintf("https://localhost:%d", port), &tls.Config{RootCAs: roots}},
		"expired":           {server.URL, &tls.Config{RootCAs: roots, Time: func() time.Time { return time.Now().AddDate(100, 0, 0) }}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := &http.Transport{TLSClientConfig: tt.config, DisableKeepAlives: true}
			client := newClient(t, transport, func(o *Options) { o.BaseURL = tt.base })
			_, err := client.Do(t.Context(), read)
			require.ErrorIs(t, err, pms.ErrUnavailable)
			require.ErrorContains(t, err, "certificate")
			assert.Equal(t, 1, apiError(t, err).Attempts)
		})
	}
}

func TestLostTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		client := newClient(t, nil, func(o *Options) {
			o.HTTPClient = &http.Client{Transport: newScript(t, hangs, reply(200, "{}")), Timeout: 10 * time.Second}
		})
		started := time.Now()
		_, err := client.Do(t.Context(), read)
		require.NoError(t, err, "the host's timeout is one request's, and a read is repeated")
		assert.Greater(t, time.Since(started), 10*time.Second)
		assert.Less(t, time.Since(started), 11*time.Second)
	})
}

func TestClassify(t *testing.T) {
	t.Parallel()
	classify := func(_ int, _ http.Header, body []byte) *Fault {
		switch string(body) {
		case `{"error":"rate"}`:
			return &Fault{Kind: pms.ErrRateLimited, Code: "rate", Message: "slow down", RetryAfter: 9 * time.Second}
		case `{"error":"auth"}`:
			return &Fault{Kind: pms.ErrUnauthorized, Code: "auth"}
		case `{"error":"busy"}`:
			return &Fault{Code: "busy"}
		default:
			return nil
		}
	}
	t.Run("rate limit under 200", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			transport := newScript(t, reply(200, `{"error":"rate"}`, "Retry-After", "1"), reply(200, "{}"))
			_, err := newClient(t, transport, func(o *Options) { o.Classify = classify }).Do(t.Context(), write)
			require.NoError(t, err)
			assert.Equal(t, []time.Duration{9 * time.Second}, transport.waits())
		})
	})
	t.Run("refusal under 200", func(t *testing.T) {
		t.Parallel()
		_, err := newClient(t, newScript(t, reply(200, `{"error":"auth"}`)), func(o *Options) { o.Classify = classify }).Do(t.Context(), read)
		require.ErrorIs(t, err, pms.ErrUnauthorized)
		require.EqualError(t, err, "vendor: ListBookings: 200 unauthorized")
		assert.Equal(t, "auth", apiError(t, err).Code)
	})
	t.Run("no kind", func(t *testing.T) {
		t.Parallel()
		_, err := newClient(t, newScript(t, reply(400, `{"error":"busy"}`)), func(o *Options) { o.Classify = classify }).Do(t.Context(), read)
		require.ErrorIs(t, err, pms.ErrInvalid)
		require.EqualError(t, err, "vendor: ListBookings: 400 Bad Request")
		assert.Equal(t, "busy", apiError(t, err).Code)
	})
	t.Run("nothing to say", func(t *testing.T) {
		t.Parallel()
		_, err := newClient(t, newScript(t, reply(404, `{}`)), func(o *Options) { o.Classify = classify }).Do(t.Context(), read)
		require.ErrorIs(t, err, pms.ErrNotFound)
	})
}

func TestErrorTellsWhatTheVendorSaid(t *testing.T) {
	t.Parallel()
	answer := reply(422, `{"message":"arrival is in the past"}`, "X-Trace", "7f3a")
	client := newClient(t, newScript(t, answer), func(o *Options) {
		o.RequestIDHeader = "X-Trace"
		o.Classify = func(int, http.Header, []byte) *Fault {
			return &Fault{Code: "E12", Message: "arrival\nis in the past\x1b[31m"}
		}
	})
	call := write
	call.Query = url.Values{"unit": {"7"}}
	_, err := client.Do(t.Context(), call)
	require.EqualError(t, err, "vendor: CreateBooking: 422 arrival is in the past [31m (request 7f3a)")
	assert.Equal(t, &pms.APIError{
		Vendor: "vendor", Op: "CreateBooking", Method: "POST", URL: "https://api.example.test/bookings?unit=…",
		StatusCode: 422, Code: "E12", Message: "arrival is in the past [31m", RequestID: "7f3a", Attempts: 1,
		Body: []byte(`{"message":"arrival is in the past"}`), Kind: pms.ErrInvalid,
	}, apiError(t, err))
}

func TestRequestIDInTheBody(t *testing.T) {
	t.Parallel()
	inBody := ""
	client := newClient(t, newScript(t, reply(404, "", "X-Request-Id", "header"), reply(404, "", "X-Request-Id", "header")), func(o *Options) {
		o.Secrets = []string{"canary-key"}
		o.Classify = func(int, http.Header, []byte) *Fault { return &Fault{RequestID: inBody} }
	})
	_, err := client.Do(t.Context(), read)
	assert.Equal(t, "header", apiError(t, err).RequestID)
	inBody = "call\ncanary-key"
	_, err = client.Do(t.Context(), read)
	assert.Equal(t, "call [redacted]", apiError(t, err).RequestID)
}
