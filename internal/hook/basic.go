package hook

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"github.com/changeover-sdk/changeover/pms"
)

// CheckBasic verifies the login of a delivery by HTTP Basic: the user and one of
// the passwords, compared in constant time; empty passwords are passed over.
// Without a match, without a user and without any password it returns
// [pms.ErrBadSignature].
func CheckBasic(header http.Header, user string, passwords ...string) error {
	gotUser, gotPassword, _ := (&http.Request{Header: header}).BasicAuth()
	matched := 0
	for _, password := range passwords {
		if user != "" && password != "" {
			matched |= same(gotUser, user) & same(gotPassword, password)
		}
	}
	if matched != 1 {
		return pms.ErrBadSignature
	}
	return nil
}

func same(a, b string) int {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:])
}
