package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/pms"
)

// Tolerance is how far the stamp of a signed delivery may be off, either way.
const Tolerance = 5 * time.Minute

// StandardKey reads a secret of the Standard Webhooks: "whsec_" and base64.
func StandardKey(secret string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(secret), "whsec_"))
	if err != nil || len(key) < MinSecret {
		return nil, errors.New("is not whsec_ and at least 16 bytes of base64")
	}
	return key, nil
}

// CheckStandard verifies a delivery that is signed by the scheme of the
// Standard Webhooks, as Svix sends them: HMAC-SHA256 of id, stamp and body under
// one of the keys, with headers named "svix-..." or "webhook-...". It returns
// the id of the delivery, which is the same when it is repeated. What is not
// signed, or not within [Tolerance] of its time, is [pms.ErrBadSignature].
func CheckStandard(d pms.Delivery, keys ...[]byte) (id string, err error) {
	id, stamp, signatures := standardHeader(d.Header)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if id == "" || err != nil {
		return "", pms.ErrBadSignature
	}
	now := d.ReceivedAt
	if now.IsZero() {
		now = time.Now()
	}
	if off := now.Sub(time.Unix(seconds, 0)); off > Tolerance || off < -Tolerance {
		return "", pms.ErrBadSignature
	}
	matched := false
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "."))
		mac.Write(d.Body)
		want := []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		for entry := range strings.FieldsSeq(signatures) {
			version, signature, _ := strings.Cut(entry, ",")
			if version == "v1" && hmac.Equal([]byte(signature), want) {
				matched = true
			}
		}
	}
	if !matched {
		return "", pms.ErrBadSignature
	}
	return id, nil
}

// standardHeader reads one of the two families of headers, never a mixture.
func standardHeader(h http.Header) (id, stamp, signatures string) {
	prefix := "svix-"
	if h.Get("svix-id") == "" {
		prefix = "webhook-"
	}
	return h.Get(prefix + "id"), h.Get(prefix + "timestamp"), h.Get(prefix + "signature")
}
