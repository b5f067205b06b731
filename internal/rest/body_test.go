package rest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestUnreadableAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		text string
	}{
		"empty":              {"", "an empty answer"},
		"blank":              {" \r\n", "an empty answer"},
		"BOM alone":          {"\xef\xbb\xbf", "an empty answer"},
		"truncated":          {`{"bookings":[{"id":1},{"id"`, "unexpected end of JSON input"},
		"trailing garbage":   {`{"bookings":[]}<html>`, "invalid character '<' after top-level value"},
		"two values":         {`{} {}`, "invalid character '{' after top-level value"},
		"UTF-16":             {"\xff\xfe{\x00}\x00", "invalid character"},
		"wrong type":         {`{"bookings":"Anna Petrova +79161234567"}`, "json: bookings is of the wrong kind: string"},
		"a list, not object": {`[1,2]`, "json: the answer is of the wrong kind: array"},
		"text":               {"Service is down", "invalid character 'S' looking for beginning of value"},
		"nested too deep":    {strings.Repeat("[", 10_001), "exceeded max depth"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type page struct {
				Bookings []struct{ ID int } `json:"bookings"`
			}
			transport := newScript(t, reply(200, tt.body, "X-Request-Id", "7f3a"))
			_, err := JSON[page](t.Context(), newClient(t, transport), read)
			require.ErrorIs(t, err, pms.ErrDecode)
			require.ErrorContains(t, err, tt.text)
			api := apiError(t, err)
			assert.Equal(t, 200, api.StatusCode)
			assert.Equal(t, "7f3a", api.RequestID)
			assert.Equal(t, "ListBookings", api.Op)
			assert.Equal(t, tt.body, string(api.Body))
			assert.NotContains(t, err.Error(), "Anna")
			assert.NotContains(t, err.Error(), "9161234567")
		})
	}
}

func TestReadableAnswers(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"plain": `{"id":"Щ"}`, "BOM": "\xef\xbb\xbf" + `{"id":"Щ"}`, "space around": " \r\n\t" + `{"id":"Щ"}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := JSON[map[string]string](t.Context(), newClient(t, newScript(t, reply(200, body))), read)
			require.NoError(t, err)
			assert.Equal(t, map[string]string{"id": "Щ"}, got)
		})
	}
}

func TestHTMLUnder200(t *testing.T) {
	t.Parallel()
	page := reply(200, "\xef\xbb\xbf\n <!DOCTYPE html><title>Maintenance</title>", "Content-Type", "application/json")
	t.Run("is transient for a read", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			got, err := JSON[map[string]int](t.Context(), newClient(t, newScript(t, page, reply(200, `{"id":1}`))), read)
			require.NoError(t, err)
			assert.Equal(t, map[string]int{"id": 1}, got)
		})
	})
	t.Run("is unreadable in the end", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, err := newClient(t, newScript(t, page, page, page)).Do(t.Context(), read)
			require.ErrorIs(t, err, pms.ErrDecode)
			require.EqualError(t, err, "vendor: ListBookings: 200 HTML in place of data")
		})
	})
	t.Run("is accepted where the call says so", func(t *testing.T) {
		t.Parallel()
		call := write
		call.AnyContent = true
		resp, err := newClient(t, newScript(t, page)).Do(t.Context(), call)
		require.NoError(t, err)
		err = resp.Decode(&struct{}{})
		require.ErrorIs(t, err, pms.ErrDecode)
		require.ErrorContains(t, err, "HTML in place of JSON")
	})
}

func TestHTMLUnder503KeepsTheStatus(t *testing.T) {
	t.Parallel()
	client := newClient(t, newScript(t, reply(503, "<html>down</html>")), func(o *Options) { o.MaxRetries = -1 })
	_, err := client.Do(t.Context(), read)
	require.ErrorIs(t, err, pms.ErrUnavailable)
	require.NotErrorIs(t, err, pms.ErrDecode)
	require.EqualError(t, err, "vendor: ListBookings: 503 Service Unavailable")
	assert.Equal(t, "<html>down</html>", string(apiError(t, err).Body))
}

func TestFail(t *testing.T) {
	t.Parallel()
	answer := reply(200, `{"ok":false}`, "X-Request-Id", "7f3a")
	client := newClient(t, newScript(t, answer, answer))
	resp, err := client.Do(t.Context(), read)
	require.NoError(t, err)
	err = resp.Fail(Fault{Kind: pms.ErrForbidden, Code: "plan", Message: "not in this plan"})
	require.ErrorIs(t, err, pms.ErrForbidden)
	require.EqualError(t, err, "vendor: ListBookings: 200 not in this plan (request 7f3a)")
	resp, err = client.Do(t.Context(), read)
	require.NoError(t, err)
	require.ErrorIs(t, resp.Fail(Fault{}), pms.ErrUnavailable)
}

func TestErrorKeepsTheBeginningOfTheBody(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		body := strings.Repeat("x", size)
		_, err := newClient(t, newScript(t, reply(400, body))).Do(t.Context(), read)
		assert.Len(t, apiError(t, err).Body, min(size, 64<<10))
	}
}

func TestErrorShowsTheBeginningOfALongMessage(t *testing.T) {
	t.Parallel()
	client := newClient(t, newScript(t, reply(400, "")), func(o *Options) {
		o.Classify = func(int, http.Header, []byte) *Fault { return &Fault{Message: "a" + strings.Repeat("я", 1000)} }
	})
	_, err := client.Do(t.Context(), read)
	assert.Equal(t, "a"+strings.Repeat("я", 149)+"…", apiError(t, err).Message)
}

func TestBodyCap(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]error{1000: nil, 1001: pms.ErrTooLarge, 5000: pms.ErrTooLarge} {
		for _, length := range []int64{int64(size), -1, 10} {
			transport := newScript(t, func(req *http.Request) (*http.Response, error) {
				resp, err := reply(200, strings.Repeat(" ", size))(req)
				resp.ContentLength = length
				return resp, err
			})
			resp, err := newClient(t, transport, func(o *Options) { o.MaxBody = 1000 }).Do(t.Context(), read)
			require.ErrorIs(t, err, want)
			if want == nil {
				assert.Len(t, resp.Body, size)
				continue
			}
			assert.Equal(t, 200, apiError(t, err).StatusCode)
			assert.Equal(t, 1, apiError(t, err).Attempts)
		}
	}
}

func gzipped(t testing.TB, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	_, err := writer.Write(body)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return out.Bytes()
}

func TestCompressedAnswers(t *testing.T) {
	t.Parallel()
	packed := string(gzipped(t, []byte(`{"id":1}`)))
	broken := packed[:len(packed)-8] + "\x00\x00\x00\x00\x00\x00\x00\x00"
	tests := map[string]struct {
		encoding, body string
		kind           error
	}{
		"gzip":              {"gzip", packed, nil},
		"upper case":        {"GZIP", packed, nil},
		"identity":          {"identity", `{"id":1}`, nil},
		"says gzip, is not": {"gzip", `{"bookings":[]}`, pms.ErrDecode},
		"wrong checksum":    {"gzip", broken, pms.ErrDecode},
		"unknown":           {"br", "\x0b\x02\x80", pms.ErrDecode},
		"gzip of gzip":      {"gzip, gzip", string(gzipped(t, []byte(packed))), pms.ErrDecode},
		"gzip in gzip":      {"gzip", string(gzipped(t, []byte(packed))), pms.ErrDecode},
		"empty":             {"gzip", "", pms.ErrDecode},
		"cut":               {"gzip", packed[:len(packed)-12], pms.ErrUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := newScript(t, reply(200, tt.body, "Content-Encoding", tt.encoding))
			got, err := JSON[map[string]int](t.Context(), newClient(t, transport, func(o *Options) { o.MaxRetries = -1 }), read)
			require.ErrorIs(t, err, tt.kind)
			if tt.kind == nil {
				assert.Equal(t, map[string]int{"id": 1}, got)
			}
		})
	}
}

func TestEmptyAnswerThatSaysGzipIsEmpty(t *testing.T) {
	t.Parallel()
	resp, err := newClient(t, newScript(t, reply(204, "", "Content-Encoding", "gzip"))).Do(t.Context(), write)
	require.NoError(t, err)
	assert.Empty(t, resp.Body)
}

// TestGzipBomb sends 4 MiB as 4 KiB, over a socket: unpacked by net/http, and
// by us where the host's transport leaves it packed.
func TestGzipBomb(t *testing.T) {
	t.Parallel()
	bomb := gzipped(t, make([]byte, 4<<20))
	require.Less(t, len(bomb), 4<<20/1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb)
	}))
	t.Cleanup(server.Close)
	for name, transport := range map[string]http.RoundTripper{
		"unpacked by net/http": &http.Transport{DisableKeepAlives: true},
		"left packed":          &http.Transport{DisableKeepAlives: true, DisableCompression: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, transport, func(o *Options) { o.BaseURL, o.MaxBody = server.URL, 1<<20 }).Do(t.Context(), read)
			require.ErrorIs(t, err, pms.ErrTooLarge)
			assert.Equal(t, 1, apiError(t, err).Attempts)
		})
	}
}

// TestBrokenConnections breaks the first connection in every place, over
// sockets: a read comes through whole on the second, a write does not go twice.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	const page = `{"bookings":[1,2,3]}`
	breaks := map[string]string{
		"before the first byte":           "",
		"in the middle of the headers":    "HTTP/1.1 200 OK\r\nContent-Ty",
		"before the body":                 "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n",
		"body shorter than its length":    "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + page[:10],
		"chunk cut":                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + page[:10],
		"last chunk missing":              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + page + "\r\n",
		"chunk that ends well-formed":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
		"status line that makes no sense": "HTTP/1.1 abc\r\n\r\n",
	}
	for name, answer := range breaks {
		for _, call := range []Call{read, write} {
			t.Run(name+" "+call.Op, func(t *testing.T) {
				t.Parallel()
				var requests atomic.Int64
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					if requests.Add(1) > 1 {
						_, _ = io.WriteString(w, page)
						return
					}
					conn, _, err := w.(http.Hijacker).Hijack()
					assert.NoError(t, err)
					_, _ = io.WriteString(conn, answer)
					_ = conn.Close()
				}))
				transport := &http.Transport{DisableKeepAlives: true}
				client := newClient(t, transport, func(o *Options) { o.BaseURL, o.MaxRetries = server.URL, 1 })
				got, err := JSON[map[string][]int](t.Context(), client, call)
				server.Close()
				if call.Op == write.Op {
					require.ErrorIs(t, err, pms.ErrUnavailable)
					assert.EqualValues(t, 1, requests.Load())
					return
				}
				require.NoError(t, err)
				assert.Equal(t, map[string][]int{"bookings": {1, 2, 3}}, got)
				assert.EqualValues(t, 2, requests.Load())
			})
		}
	}
}

// TestSlowDrip has a server that never stops sending stopped by the host's
// timeout.
func TestSlowDrip(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(time.Millisecond):
			}
		}
	}))
	t.Cleanup(server.Close)
	client := newClient(t, nil, func(o *Options) {
		o.HTTPClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 50 * time.Millisecond}
		o.BaseURL, o.MaxRetries = server.URL, -1
	})
	_, err := client.Do(t.Context(), read)
	require.ErrorIs(t, err, pms.ErrUnavailable)
	var timeout interface{ Timeout() bool }
	require.ErrorAs(t, err, &timeout)
	assert.True(t, timeout.Timeout())
}

// closeCounter counts how often a body was closed.
type closeCounter struct {
	io.Reader
	closed *int
}

func (c closeCounter) Close() error { *c.closed++; return nil }

func TestEveryBodyIsClosed(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]io.Reader{
		"whole":     strings.NewReader("{}"),
		"too large": strings.NewReader(strings.Repeat(" ", 2000)),
		"broken":    io.MultiReader(strings.NewReader("{"), brokenReader{}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			closed := 0
			transport := newScript(t, func(req *http.Request) (*http.Response, error) {
				resp, err := reply(200, "")(req)
				resp.Body, resp.ContentLength = closeCounter{body, &closed}, -1
				return resp, err
			})
			_, err := newClient(t, transport, func(o *Options) { o.MaxRetries, o.MaxBody = -1, 1000 }).Do(t.Context(), read)
			assert.Equal(t, name == "whole", err == nil)
			assert.Equal(t, 1, closed)
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken") }
