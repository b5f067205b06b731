package pms

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Text is a scalar of a vendor's JSON as text, for vendors write the same
// field now as a number, now as a string, now as false. It decodes from
// anything and never fails: a string without its quotes, a number or true as
// it is written; null, false, "", [] and {} are empty; a list or object keeps
// its JSON. The native types of the connectors hold scalars as Text, and the
// shared model holds them as what they mean.
type Text string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *Text) UnmarshalJSON(data []byte) error {
	switch {
	case meansNull(data):
		*t = ""
	case len(data) > 1 && data[0] == '"':
		return unquote(data, (*string)(t))
	default:
		*t = Text(data)
	}
	return nil
}

// unquote spares strings without escapes, which are nearly all, the decoder.
func unquote(data []byte, into *string) error {
	inner := data[1 : len(data)-1]
	if bytes.IndexByte(inner, '\\') >= 0 || !utf8.Valid(inner) {
		return json.Unmarshal(data, into)
	}
	*into = string(inner)
	return nil
}

// meansNull reports whether data, one JSON value, is a way of saying null.
func meansNull(data []byte) bool {
	switch string(data) {
	case "", "null", "false", `""`:
		return true
	}
	if data[0] == '[' || data[0] == '{' {
		return len(bytes.TrimSpace(data[1:len(data)-1])) == 0
	}
	return false
}

// Bool reports whether the text means yes: "true", "1", "Y" or "yes".
func (t Text) Bool() bool {
	switch t {
	case "true", "True", "TRUE", "1", "y", "Y", "yes", "Yes", "YES":
		return true
	default:
		return false
	}
}
