package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const masked = "[redacted]"

// minSecret is the length from which a secret is masked in texts. Masking a
// shorter one would garble every text that holds those letters.
const minSecret = 5

// redactor masks secrets in all that leaves the library as text.
type redactor struct {
	secrets  []string
	hidePath bool
}

func newRedactor(secrets []string, hidePath bool) redactor {
	return redactor{hidePath: hidePath}.with(secrets...)
}

// with returns a redactor that masks more secrets, in their plain form and as
// URLs, JSON and HTML write them. The longest come first, so that none is
// masked in part.
func (r redactor) with(secrets ...string) redactor {
	all := slices.Clone(r.secrets)
	for _, s := range secrets {
		s = strings.TrimSpace(s)
		if len(s) < minSecret || slices.Contains(all, s) {
			continue
		}
		all = append(all, s)
		for _, escaped := range []string{url.QueryEscape(s), url.PathEscape(s), jsonEscape(s), html.EscapeString(s)} {
			if !slices.Contains(all, escaped) {
				all = append(all, escaped)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	r.secrets = all
	return r
}

func jsonEscape(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(quoted[1 : len(quoted)-1])
}

func (r redactor) text(s string) string {
	for _, secret := range r.secrets {
		s = strings.ReplaceAll(s, secret, masked)
	}
	return s
}

// head returns a copy of at most n bytes of b, masked. Of a secret that the cut
// runs through, nothing is left.
func (r redactor) head(b []byte, n int) []byte {
	cut := len(b) > n
	b = bytes.Clone(b[:min(len(b), n)])
	for _, secret := range r.secrets {
		if bytes.Contains(b, []byte(secret)) {
			b = bytes.ReplaceAll(b, []byte(secret), []byte(masked))
		}
	}
	if !cut {
		return b
	}
	for _, secret := range r.secrets {
		b = b[:len(b)-overlap(b, secret)]
	}
	return b
}

// overlap returns how many bytes at the end of b are the beginning, but not
// the whole, of s.
func overlap(b []byte, s string) int {
	for n := min(len(s)-1, len(b)); n > 0; n-- {
		if string(b[len(b)-n:]) == s[:n] {
			return n
		}
	}
	return 0
}

// url keeps scheme, host, path and the names of the query, and masks values.
func (r redactor) url(u *url.URL) string {
	if r.hidePath {
		return u.Scheme + "://" + u.Host + "/" + masked
	}
	var names []string
	for name := range u.Query() {
		names = append(names, url.QueryEscape(name)+"=…")
	}
	slices.Sort(names)
	text := u.Scheme + "://" + u.Host + u.EscapedPath()
	if len(names) > 0 {
		text += "?" + strings.Join(names, "&")
	}
	return r.text(text)
}

// error masks an error's text. A *url.Error, which holds the URL whole, gives
// way to its cause, at every level; so does the text of net/http about a
// Location that is not a URL, which may be as secret as a URL.
func (r redactor) error(err error) error {
	for {
		var withURL *url.Error
		if !errors.As(err, &withURL) {
			break
		}
		err = withURL.Err
	}
	switch text := err.Error(); {
	case strings.HasPrefix(text, "failed to parse Location header"):
		return errors.New("redirect to what is not a URL")
	case r.text(text) != text:
		return errors.New(r.text(text))
	}
	return err
}

// maxMessage is how much of a vendor's message an error shows, in bytes.
const maxMessage = 300

// oneLine cuts a vendor's message and takes control characters out of it.
func oneLine(s string) string {
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:maxMessage], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
