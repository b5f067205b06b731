package smoobu

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// signer is the [rest.Auth] of an account: it signs every attempt anew.
//
// https://support.smoobu.com, article 36304895666450.
type signer struct {
	key, secret string
	// prefix is the path of Config.BaseURL, which the vendor does not see.
	prefix string
}

func newSigner(cfg Config) signer {
	s := signer{key: cfg.APIKey, secret: cfg.APISecret}
	if base, err := url.Parse(strings.TrimRight(strings.TrimSpace(cfg.BaseURL), "/")); err == nil {
		s.prefix = base.EscapedPath()
	}
	return s
}

// Apply implements [rest.Auth]; the mark is the signature. Without a secret the
// key is sent alone.
func (s signer) Apply(_ context.Context, req *http.Request) (string, error) {
	if s.secret == "" {
		req.Header.Set("Api-Key", s.key)
		return "", nil
	}
	hash, err := bodyHash(req)
	if err != nil {
		return "", err
	}
	req.URL.RawQuery = canonicalQuery(req.URL.Query()) // what is signed is what is sent
	m := message{
		method: req.Method,
		path:   strings.TrimPrefix(req.URL.EscapedPath(), s.prefix),
		query:  req.URL.RawQuery,
		stamp:  time.Now().UTC().Format("2006-01-02T15:04:05Z"),
		nonce:  newNonce(),
		hash:   hash,
		key:    s.key,
	}
	signature := m.sign(s.secret)
	req.Header.Set("X-API-Key", s.key)
	req.Header.Set("X-Timestamp", m.stamp)
	req.Header.Set("X-Nonce", m.nonce)
	req.Header.Set("X-Signature", signature)
	return signature, nil
}

// Expire implements [rest.Auth]: a refused key is refused again.
func (signer) Expire(string) bool { return false }

// message is what a signature is made over.
type message struct {
	method, path, query, stamp, nonce, hash, key string
}

func (m message) sign(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strings.Join([]string{m.method, m.path, m.query, m.stamp, m.nonce, m.hash, m.key}, "\n")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// bodyHash returns the SHA-256 of the body in hex, that of nothing without one.
func bodyHash(req *http.Request) (string, error) {
	hash := sha256.New()
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return "", err
		}
		if _, err := io.Copy(hash, body); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// canonicalQuery returns the pairs percent-encoded by RFC 3986, in order of
// their encoded names and values.
func canonicalQuery(query url.Values) string {
	var pairs [][2]string
	for name, values := range query {
		for _, value := range values {
			pairs = append(pairs, [2]string{percentEncode(name), percentEncode(value)})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	parts := make([]string, len(pairs))
	for i, pair := range pairs {
		parts[i] = pair[0] + "=" + pair[1]
	}
	return strings.Join(parts, "&")
}

// percentEncode keeps the unreserved characters of RFC 3986 as
// [url.QueryEscape] does, and writes a space as %20.
func percentEncode(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// newNonce returns a UUID of version 4.
func newNonce() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
