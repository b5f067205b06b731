// Package guard keeps a client that fetches addresses given by customers away
// from private networks.
package guard

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Client returns a copy of hc, or a client with timeouts when hc is nil, that
// connects to no private address. The resolved address of every dial is
// checked, so neither a redirect nor a name that resolves to a private address
// gets through. A proxy of the host's transport is kept and is itself subject
// to the check; without a host's client no proxy is used.
//
// A transport that is not an *http.Transport dials where this package cannot
// look: it is used as it is, and only literal addresses in URLs are checked.
func Client(hc *http.Client) *http.Client {
	if hc == nil {
		hc = &http.Client{Timeout: time.Minute, Transport: plainTransport()}
	}
	guarded := *hc
	switch t := hc.Transport.(type) {
	case nil:
		guarded.Transport = guardTransport(plainTransport())
	case *http.Transport:
		guarded.Transport = guardTransport(t.Clone())
	default:
		guarded.Transport = literalGuard{t}
	}
	return &guarded
}

func plainTransport() *http.Transport {
	return &http.Transport{
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           100,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  30 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}
}

func guardTransport(t *http.Transport) *http.Transport {
	t.DialContext = Dialer().DialContext
	t.DialTLSContext = nil
	t.DialTLS = nil //nolint:staticcheck // deprecated, and yet it would dial past the guard
	return t
}

// Dialer returns a dialer that connects to no private address, for protocols
// other than HTTP.
func Dialer() *net.Dialer {
	return &net.Dialer{Timeout: 30 * time.Second, ControlContext: control}
}

// control refuses an address after it was resolved and before it is connected.
func control(_ context.Context, _, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil || !Public(target.Addr()) {
		return pms.ErrPrivateAddress
	}
	return nil
}

// literalGuard checks addresses that are written in the URL.
type literalGuard struct{ next http.RoundTripper }

func (g literalGuard) RoundTrip(req *http.Request) (*http.Response, error) {
	if literalPrivate(req.URL.Hostname()) {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, fmt.Errorf("refused: %w", pms.ErrPrivateAddress)
	}
	return g.next.RoundTrip(req)
}

func literalPrivate(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && !Public(addr)
}

// Public reports whether an address is reachable on the internet: not
// loopback, private, link-local, carrier-grade NAT, multicast, unspecified,
// reserved, or one of these inside IPv6.
func Public(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() || !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	if nat64 := netip.MustParsePrefix("64:ff9b::/96"); nat64.Contains(addr) {
		inside := addr.As16()
		return Public(netip.AddrFrom4([4]byte(inside[12:])))
	}
	for _, reserved := range reservedRanges() {
		if reserved.Contains(addr) {
			return false
		}
	}
	return true
}

// reservedRanges are special-purpose ranges (IANA registries, RFC 6890) that
// netip has no name for.
func reservedRanges() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),
		netip.MustParsePrefix("100.64.0.0/10"),
		netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("192.0.2.0/24"),
		netip.MustParsePrefix("192.88.99.0/24"),
		netip.MustParsePrefix("198.18.0.0/15"),
		netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.0/24"),
		netip.MustParsePrefix("240.0.0.0/4"),
		netip.MustParsePrefix("::/96"),
		netip.MustParsePrefix("64:ff9b:1::/48"),
		netip.MustParsePrefix("100::/64"),
		netip.MustParsePrefix("2001::/32"),
		netip.MustParsePrefix("2001:2::/48"),
		netip.MustParsePrefix("2001:10::/28"),
		netip.MustParsePrefix("2001:db8::/32"),
		netip.MustParsePrefix("3fff::/20"),
		netip.MustParsePrefix("5f00::/16"),
		netip.MustParsePrefix("2002::/16"),
		netip.MustParsePrefix("fec0::/10"),
	}
}
