package guard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/changeover-sdk/changeover/pms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPublic(t *testing.T) {
	t.Parallel()
	public := []string{
		"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.88.98.255",
		"192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.114.0", "223.255.255.255",
		"2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1", "2400::1",
		"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2001:4860::1%eth0",
	}
	for _, text := range public {
		assert.True(t, Public(netip.MustParseAddr(text)), text)
	}
	private := map[string][]string{
		"unspecified":          {"0.0.0.0", "::", "0.1.2.3", "0.255.255.255"},
		"loopback":             {"127.0.0.1", "127.255.255.255", "::1"},
		"private":              {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255"},
		"unique local":         {"fc00::", "fdff::1", "fd00:ec2::254"},
		"link-local":           {"169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::1", "fe80::1%eth0", "febf::1"},
		"site-local":           {"fec0::1", "feff::1", "fec0::1%eth0"},
		"carrier-grade NAT":    {"100.64.0.0", "100.100.100.200", "100.127.255.255"},
		"multicast":            {"224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"},
		"broadcast, reserved":  {"240.0.0.0", "255.255.255.255"},
		"protocol assignments": {"192.0.0.0", "192.0.0.255", "192.88.99.1", "2001:10::1", "2001:2::1", "5f00::1"},
		"documentation":        {"192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"},
		"benchmarks":           {"198.18.0.0", "198.19.255.255"},
		"discard":              {"100::1"},
		"IPv4-mapped":          {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:100.64.0.1", "::ffff:0.0.0.0", "::ffff:127.0.0.1%eth0"},
		"IPv4-compatible":      {"::127.0.0.1", "::10.0.0.1", "::8.8.8.8"},
		"NAT64":                {"64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::100.64.0.1", "64:ff9b:1::1"},
		"6to4":                 {"2002:7f00:1::1", "2002:808:808::1"},
		"Teredo":               {"2001::1"},
	}
	for kind, texts := range private {
		for _, text := range texts {
			assert.False(t, Public(netip.MustParseAddr(text)), "%s, %s", text, kind)
		}
	}
	assert.False(t, Public(netip.Addr{}))
}

func server(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a private server got %s %s", r.Method, r.URL)
	}))
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, client *http.Client, target string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	require.NoError(t, err)
	resp, err := client.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	return err
}

func TestClientRefusesPrivateServers(t *testing.T) {
	t.Parallel()
	server := server(t)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	dialsPast := func(ctx context.Context, network, address string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	clients := map[string]*http.Client{
		"none":             nil,
		"without a client": {},
		"with a transport": {Transport: &http.Transport{}},
		"with dialers": {Transport: &http.Transport{
			DialContext: dialsPast, DialTLSContext: dialsPast,
			DialTLS: func(network, address string) (net.Conn, error) { return dialsPast(t.Context(), network, address) }, //nolint:staticcheck // deprecated, still in use
		}},
	}
	targets := []string{
		"http://127.0.0.1:" + port, "https://127.0.0.1:" + port, "http://localhost:" + port, "https://localhost:" + port,
		"http://[::1]:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://0.0.0.0:" + port, "http://10.255.255.1/", "http://169.254.169.254/latest/meta-data",
	}
	for name, hc := range clients {
		for _, target := range targets {
			t.Run(name+" "+target, func(t *testing.T) {
				t.Parallel()
				require.ErrorIs(t, get(t, Client(hc), target), pms.ErrPrivateAddress)
			})
		}
	}
}

// redirecting is a public server without a socket: it answers what it was told
// and lets all else through to the guarded transport.
type redirecting struct {
	location string
	next     http.RoundTripper
}

func (r redirecting) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != "public.example.test" {
		return r.next.RoundTrip(req)
	}
	return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {r.location}}, Body: http.NoBody, Request: req}, nil
}

func TestClientRefusesARedirectToAPrivateServer(t *testing.T) {
	t.Parallel()
	server := server(t)
	for _, location := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)} {
		client := Client(nil)
		client.Transport = redirecting{location, client.Transport}
		require.ErrorIs(t, get(t, client, "http://public.example.test/feed.ics"), pms.ErrPrivateAddress)
	}
}

func TestClientRefusesAPrivateProxy(t *testing.T) {
	t.Parallel()
	proxy, err := url.Parse(server(t).URL)
	require.NoError(t, err)
	client := Client(&http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}})
	require.ErrorIs(t, get(t, client, "http://public.example.test/"), pms.ErrPrivateAddress)
}

func TestHostClientIsCopied(t *testing.T) {
	t.Parallel()
	errDial := errors.New("the host's dialer")
	transport := &http.Transport{
		MaxIdleConns: 7,
		DialContext:  func(context.Context, string, string) (net.Conn, error) { return nil, errDial },
	}
	hc := &http.Client{Transport: transport, Timeout: 17 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	client := Client(hc)
	assert.NotSame(t, hc, client)
	assert.Equal(t, 17*time.Second, client.Timeout)
	assert.NotNil(t, client.CheckRedirect)
	guarded, ok := client.Transport.(*http.Transport)
	require.True(t, ok)
	assert.NotSame(t, transport, guarded)
	assert.Equal(t, 7, guarded.MaxIdleConns)
	assert.Same(t, transport, hc.Transport)
	require.ErrorIs(t, get(t, hc, "http://127.0.0.1:1/"), errDial, "the host's own client dials as before")
}

func TestClientOfOurOwn(t *testing.T) {
	t.Parallel()
	for _, hc := range []*http.Client{nil, {Timeout: time.Minute}} {
		client := Client(hc)
		assert.Equal(t, time.Minute, client.Timeout)
		transport, ok := client.Transport.(*http.Transport)
		require.True(t, ok)
		assert.Nil(t, transport.Proxy, "a proxy would connect where the guard cannot look")
		assert.Equal(t, 30*time.Second, transport.ResponseHeaderTimeout)
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	require.NoError(t, control(t.Context(), "tcp4", "8.8.8.8:443", nil))
	require.NoError(t, control(t.Context(), "tcp6", "[2606:4700::1111]:443", nil))
	for _, address := range []string{"127.0.0.1:80", "[::1]:80", "[fe80::1%eth0]:80", "/run/docker.sock", "", "name:80"} {
		require.ErrorIs(t, control(t.Context(), "tcp", address, nil), pms.ErrPrivateAddress, address)
	}
}

// foreign is a transport that dials where the guard cannot look.
type foreign struct{ asked []string }

func (f *foreign) RoundTrip(req *http.Request) (*http.Response, error) {
	f.asked = append(f.asked, req.URL.Hostname())
	return &http.Response{StatusCode: 200, Body: http.NoBody, Request: req}, nil
}

func TestForeignTransportIsGuardedAgainstLiterals(t *testing.T) {
	t.Parallel()
	next := &foreign{}
	client := Client(&http.Client{Transport: next})
	for _, host := range []string{"127.0.0.1", "[::1]", "10.0.0.1:8080", "[::ffff:192.168.0.1]", "localhost", "LocalHost.", "x.localhost:80", "169.254.169.254", "127.0.0.1."} {
		require.ErrorIs(t, get(t, client, "http://"+host+"/"), pms.ErrPrivateAddress, host)
	}
	assert.Empty(t, next.asked)
	for _, host := range []string{"feeds.example.test", "8.8.8.8", "[2606:4700::1111]", "localhost.example.test"} {
		require.NoError(t, get(t, client, "http://"+host+"/"), host)
	}
	assert.Equal(t, []string{"feeds.example.test", "8.8.8.8", "2606:4700::1111", "localhost.example.test"}, next.asked)
}

type body struct {
	io.Reader
	closed bool
}

func (b *body) Close() error { b.closed = true; return nil }

func TestForeignTransportRefusedClosesTheBody(t *testing.T) {
	t.Parallel()
	sent := &body{Reader: bytes.NewReader(nil)}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", sent)
	require.NoError(t, err)
	_, err = literalGuard{&foreign{}}.RoundTrip(req) //nolint:bodyclose // refused: there is no response
	require.ErrorIs(t, err, pms.ErrPrivateAddress)
	assert.True(t, sent.closed)
}

func TestDialer(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, listener.Close()) })
	conn, err := Dialer().DialContext(t.Context(), "tcp", listener.Addr().String())
	require.ErrorIs(t, err, pms.ErrPrivateAddress)
	assert.Nil(t, conn)
}
