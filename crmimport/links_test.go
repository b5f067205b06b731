package crmimport_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/crmimport"
	"github.com/changeover-sdk/changeover/pms"
)

func address(t *testing.T, text string) crmimport.Address {
	t.Helper()
	a, err := crmimport.ParseAddress(text)
	require.NoError(t, err)
	return a
}

// slurp opens an address and reads the file.
func slurp(t *testing.T, source crmimport.Source, a crmimport.Address) (string, error) {
	t.Helper()
	file, err := source.Open(t.Context(), a)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(file)
	require.NoError(t, file.Close())
	return string(data), err
}

// serve answers GET with the handler, HEAD with 405.
func serve(t *testing.T, get http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		get(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

// write answers; a client that has gone is its own affair.
func write(w io.Writer, text string) { _, _ = io.WriteString(w, text) }

func links(t *testing.T, cfg crmimport.LinksConfig) *crmimport.Links {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	cfg.AllowPrivateAddresses = true
	cfg.HTTPClient = &http.Client{Transport: transport}
	return crmimport.NewLinks(cfg)
}

func TestLinks(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/s/id/f.xml?dl=1", r.URL.String())
		user, password, _ := r.BasicAuth()
		assert.Empty(t, user+password)
		write(w, sampleXML)
	})
	got, err := slurp(t, links(t, crmimport.LinksConfig{}), address(t, server.URL+"/s/id/f.xml?dl=1"))
	require.NoError(t, err)
	assert.Equal(t, sampleXML, got)
}

func TestLinksThatFail(t *testing.T) {
	t.Parallel()
	head := func(name, value string, status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(name, value)
			w.WriteHeader(status)
			write(w, body)
		}
	}
	tests := map[string]struct {
		handler http.HandlerFunc
		want    string
		kind    error
	}{
		"gone":         {head("X", "", 404, ""), "no such file", crmimport.ErrNotFound},
		"refused":      {head("X", "", 403, "secret"), "the server answers 403 Forbidden", nil},
		"no content":   {head("X", "", 204, ""), "the server answers 204 No Content", nil},
		"web page":     {head("Content-Type", "text/html; charset=utf-8", 200, "<html>"), crmimport.ErrNotDirect.Error(), crmimport.ErrNotDirect},
		"ten GB":       {head("Content-Length", "10737418240", 200, ""), "over the limit: a file of more than 100000 bytes", crmimport.ErrLimit},
		"too long":     {head("X", "", 200, strings.Repeat("x", 100_001)), "over the limit: a file of more than 100000 bytes", crmimport.ErrLimit},
		"cut":          {head("Content-Length", "1000", 200, "<import"), "the transfer was cut: unexpected EOF", crmimport.ErrCut},
		"strange code": {head("Content-Encoding", "br", 200, "x"), "a content encoding that was not asked for", nil},
		"not gzip":     {head("Content-Encoding", "gzip", 200, "xxxxxxxxxxxxxxxxxxxxx"), "the transfer was cut: gzip: invalid header", crmimport.ErrCut},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, test.handler)
			_, err := slurp(t, links(t, crmimport.LinksConfig{MaxBytes: 100_000}), address(t, server.URL+"/secret/f.xml?key=secret"))
			require.EqualError(t, err, test.want)
			if test.kind != nil {
				require.ErrorIs(t, err, test.kind)
			}
		})
	}
}

func TestLinkErrorsHideTheURL(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	_, err := slurp(t, links(t, crmimport.LinksConfig{}), address(t, server.URL+"/secretpath/f.xml?key=secretkey"))
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "secret")
	_, err = slurp(t, crmimport.NewLinks(crmimport.LinksConfig{}), address(t, server.URL+"/secretpath/f.xml?key=secretkey"))
	require.ErrorIs(t, err, pms.ErrPrivateAddress)
	assert.NotContains(t, err.Error(), "secret")
}

func TestGzip(t *testing.T) {
	t.Parallel()
	for _, megabytes := range []int{1, 300} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
			w.Header().Set("Content-Encoding", "gzip")
			zipped := gzip.NewWriter(w)
			for range megabytes {
				if _, err := zipped.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
			_ = zipped.Close() // the client may have gone
		})
		file, err := links(t, crmimport.LinksConfig{MaxBytes: 20 << 20}).Open(t.Context(), address(t, server.URL+"/f.xml"))
		require.NoError(t, err)
		n, err := io.Copy(io.Discard, file)
		require.NoError(t, file.Close())
		if megabytes == 1 {
			require.NoError(t, err)
			assert.Equal(t, int64(1<<20), n)
			continue
		}
		require.ErrorIs(t, err, crmimport.ErrLimit, "a bomb")
		assert.LessOrEqual(t, n, int64(20<<20))
	}
}

func TestGrowingFileBehindALink(t *testing.T) {
	t.Parallel()
	for header, values := range map[string][2]string{"ETag": {`"1"`, `"2"`}, "Last-Modified": {"Sun, 01 Mar 2026 00:00:00 GMT", "Sun, 01 Mar 2026 00:00:01 GMT"}, "Content-Length": {"4", "5"}} {
		for _, changes := range []bool{false, true} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				value := values[0]
				if changes && r.Method == http.MethodHead {
					value = values[1]
				}
				w.Header().Set(header, value)
				if r.Method == http.MethodGet {
					write(w, "data")
				}
			}))
			_, err := slurp(t, links(t, crmimport.LinksConfig{}), address(t, server.URL+"/f.xml"))
			if changes {
				require.ErrorIs(t, err, crmimport.ErrChanged, header)
			} else {
				require.NoError(t, err, header)
			}
			server.Close()
		}
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Get("Referer"))
		assert.Empty(t, r.Header.Get("Authorization"))
		write(w, "data")
	})
	var hops atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			hops.Add(1)
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		default:
			http.Redirect(w, r, strings.Replace(target.URL, "127.0.0.1", "localhost", 1)+"/store", http.StatusFound)
		}
	})
	source := links(t, crmimport.LinksConfig{})
	got, err := slurp(t, source, address(t, server.URL+"/f.xml?secret=1"))
	require.NoError(t, err)
	assert.Equal(t, "data", got)
	_, err = slurp(t, source, address(t, server.URL+"/loop"))
	require.EqualError(t, err, "too many redirects")
	assert.Equal(t, int32(6), hops.Load())
	_, err = slurp(t, source, address(t, server.URL+"/file"))
	require.EqualError(t, err, "a redirect to file")
}

func TestSlowServer(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		write(w, "<import")
		http.NewResponseController(w).Flush() //nolint:errcheck // the client notices
		<-r.Context().Done()
	})
	_, err := slurp(t, links(t, crmimport.LinksConfig{Stall: 50 * time.Millisecond}), address(t, server.URL+"/f.xml"))
	require.EqualError(t, err, "the transfer was cut: the server has fallen silent")
	require.ErrorIs(t, err, crmimport.ErrCut)
	_, err = slurp(t, links(t, crmimport.LinksConfig{Timeout: 50 * time.Millisecond}), address(t, server.URL+"/f.xml"))
	require.EqualError(t, err, "the transfer was cut: the download takes too long")

	ctx, cancel := context.WithCancel(t.Context())
	file, err := links(t, crmimport.LinksConfig{}).Open(ctx, address(t, server.URL+"/f.xml"))
	require.NoError(t, err)
	buffer := make([]byte, 100)
	_, err = io.ReadFull(file, buffer[:7])
	require.NoError(t, err)
	cancel()
	_, err = file.Read(buffer)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, file.Close())
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "root", "sber"), 0o700))
	put("secret.xml", "secret")
	put("root/sber/offers.xml", "data")
	require.NoError(t, os.Symlink("../secret.xml", filepath.Join(dir, "root", "link.xml")))
	source := crmimport.Directory{Root: filepath.Join(dir, "root"), MaxBytes: 10}

	got, err := slurp(t, source, address(t, "/sber/offers.xml"))
	require.NoError(t, err)
	assert.Equal(t, "data", got)
	for _, path := range []string{"/link.xml", "/../secret.xml"} {
		_, err = slurp(t, source, crmimport.Address{Path: path})
		require.Error(t, err, path)
		assert.NotContains(t, err.Error(), dir)
	}
	_, err = slurp(t, source, address(t, "/sber/none.xml"))
	require.ErrorIs(t, err, crmimport.ErrNotFound)
	_, err = slurp(t, source, address(t, "/sber"))
	require.ErrorIs(t, err, crmimport.ErrAddress)
	put("root/big.xml", "12345678901")
	_, err = slurp(t, source, address(t, "/big.xml"))
	require.ErrorIs(t, err, crmimport.ErrLimit)

	file, err := source.Open(t.Context(), address(t, "/sber/offers.xml"))
	require.NoError(t, err)
	put("root/sber/offers.xml", "data and more"[:9])
	_, err = io.ReadAll(file)
	require.ErrorIs(t, err, crmimport.ErrChanged, "it grows")
	require.NoError(t, file.Close())
	require.ErrorIs(t, source.Remove(t.Context(), address(t, "/sber/offers.xml"), file.Stamp), crmimport.ErrChanged)

	file, err = source.Open(t.Context(), address(t, "/sber/offers.xml"))
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.NoError(t, source.Remove(t.Context(), address(t, "/sber/offers.xml"), file.Stamp))
	require.ErrorIs(t, source.Remove(t.Context(), address(t, "/sber/offers.xml"), file.Stamp), crmimport.ErrNotFound)
}

func TestSourcesSendAddressesWhereTheyBelong(t *testing.T) {
	t.Parallel()
	paths := &memory{files: map[string]string{"/a.xml": "path"}}
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { write(w, "link") })
	sources := crmimport.Sources{Paths: paths, Links: links(t, crmimport.LinksConfig{})}
	for text, want := range map[string]string{"a.xml": "path", server.URL + "/a.xml": "link"} {
		got, err := slurp(t, sources, address(t, text))
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	_, err := slurp(t, crmimport.Sources{Paths: paths}, address(t, "https://files.example.com/a.xml"))
	require.EqualError(t, err, "bad address: no source for links is set up")
	require.ErrorIs(t, crmimport.Sources{}.Remove(t.Context(), address(t, "/a.xml"), ""), crmimport.ErrAddress)
}
