// Package hook proves where webhook deliveries come from. Verification is in
// constant time and comes before parsing.
package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// MinSecret is the least length of a webhook secret, in bytes.
const MinSecret = 16

// NewPath returns the last part of a webhook URL that only the holder of the
// secret can know: "<account>/<token>". It serves vendors that sign nothing. An
// empty account and a secret shorter than MinSecret are refused; white space
// around the account is left out, as connectors do with their settings.
func NewPath(vendor, account, secret string) (string, error) {
	account = strings.TrimSpace(account)
	switch {
	case account == "":
		return "", fmt.Errorf("%s: the webhook path needs an account id", vendor)
	case len(secret) < MinSecret:
		return "", fmt.Errorf("%s: the webhook secret needs at least %d bytes", vendor, MinSecret)
	}
	return url.PathEscape(account) + "/" + token(vendor, account, secret), nil
}

func token(vendor, account, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(vendor + "\x00" + account))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// CheckPath verifies that the path of target ends in the path of the account
// and one of the secrets; empty secrets are passed over. Without a match, and
// without any secret, it returns [pms.ErrBadSignature].
func CheckPath(target, vendor, account string, secrets ...string) error {
	account = strings.TrimSpace(account)
	path, _, _ := strings.Cut(target, "?")
	path = strings.TrimRight(path, "/")
	rest, got := cutLast(path)
	_, gotAccount := cutLast(rest)
	matched := false
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		if hmac.Equal([]byte(got), []byte(token(vendor, account, secret))) {
			matched = true
		}
	}
	if !matched || gotAccount != url.PathEscape(account) {
		return pms.ErrBadSignature
	}
	return nil
}

func cutLast(path string) (before, last string) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}
