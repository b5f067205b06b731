package operto

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unique"
)

// codeMask is all that a Code shows of itself.
const codeMask = "••••"

// Code is an access code. It is a secret: every verb of fmt, a log line, a
// template and JSON show "••••", and so does a panic. The code itself has to be
// asked for with [Code.Reveal].
//
// Codes compare with ==. The zero value is no code. A host that stores codes
// stores what Reveal returns, encrypted.
type Code struct {
	// The handle keeps the digits behind a pointer: fmt calls no methods on
	// unexported fields, and would print a string there.
	digits unique.Handle[string]
}

// NewCode returns the code written as s, without the white space around it. An
// empty text is the zero Code.
func NewCode(s string) Code {
	s = strings.TrimSpace(s)
	if s == "" {
		return Code{}
	}
	return Code{unique.Make(s)}
}

// Reveal returns the code, or "" for the zero Code.
func (c Code) Reveal() string {
	if c.IsZero() {
		return ""
	}
	return c.digits.Value()
}

// IsZero reports whether there is no code.
func (c Code) IsZero() bool { return c == Code{} }

// String returns "••••", or "" for the zero Code.
func (c Code) String() string {
	if c.IsZero() {
		return ""
	}
	return codeMask
}

// GoString hides the code.
func (c Code) GoString() string { return "operto.Code{" + c.String() + "}" }

// Format implements [fmt.Formatter] and hides the code under every verb.
func (c Code) Format(f fmt.State, verb rune) {
	text := c.String()
	if verb == 'v' && f.Flag('#') {
		text = c.GoString()
	}
	_, _ = io.WriteString(f, text)
}

// LogValue implements [slog.LogValuer] and hides the code.
func (c Code) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText implements [encoding.TextMarshaler] and hides the code.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

var errMaskedCode = errors.New("operto: a masked access code cannot be read back")

// UnmarshalText implements [encoding.TextUnmarshaler]. What MarshalText wrote
// in the place of a code is an error: a mask is no code.
func (c *Code) UnmarshalText(text []byte) error {
	if string(text) == codeMask {
		return errMaskedCode
	}
	*c = NewCode(string(text))
	return nil
}
