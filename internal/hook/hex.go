package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"github.com/changeover-sdk/changeover/pms"
)

// CheckHex verifies a signature that is the HMAC-SHA256 of the raw body, in hex,
// under one of the secrets; empty secrets are passed over. Without a match, and
// without any secret, it returns [pms.ErrBadSignature].
func CheckHex(signature string, body []byte, secrets ...string) error {
	got, err := hex.DecodeString(signature)
	if err != nil {
		return pms.ErrBadSignature
	}
	matched := false
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		if hmac.Equal(got, mac.Sum(nil)) {
			matched = true
		}
	}
	if !matched {
		return pms.ErrBadSignature
	}
	return nil
}
