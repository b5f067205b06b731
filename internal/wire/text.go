package wire

import (
	"bytes"
	"encoding/json"
)

// Text is a JSON scalar as text: a string without its quotes, a number or true
// as it is written. null, false, "", [] and {} are empty. Anything else keeps
// its JSON, which no parse function accepts.
type Text string

// UnmarshalJSON implements [json.Unmarshaler]. It accepts every JSON value.
func (t *Text) UnmarshalJSON(data []byte) error {
	switch {
	case isEmpty(data):
		*t = ""
	case data[0] == '"':
		return unquote(data, (*string)(t))
	default:
		*t = Text(data)
	}
	return nil
}

// unquote avoids the cost of the decoder for strings without escapes, which
// are nearly all of them.
func unquote(data []byte, into *string) error {
	inner := data[1 : len(data)-1]
	for _, c := range inner {
		if c == '\\' || c >= 0x80 {
			return json.Unmarshal(data, into)
		}
	}
	*into = string(inner)
	return nil
}

// isEmpty reports whether data, one valid JSON value, is a way of saying null.
func isEmpty(data []byte) bool {
	switch len(data) {
	case 0:
		return true
	case 2:
		return data[0] == '"' || data[0] == '[' || data[0] == '{'
	case 4:
		return data[0] == 'n'
	case 5:
		return data[0] == 'f'
	}
	if data[0] == '[' || data[0] == '{' {
		return len(bytes.TrimSpace(data[1:len(data)-1])) == 0
	}
	return false
}

// Bool reports whether the text means yes: "true", "1", "Y", "yes" in any case.
func (t Text) Bool() bool {
	switch t {
	case "true", "True", "TRUE", "1", "y", "Y", "yes", "Yes", "YES":
		return true
	default:
		return false
	}
}

// Opt is an object that may be null, [], "", false or missing.
type Opt[T any] struct {
	Value T
	Valid bool
}

// UnmarshalJSON implements [json.Unmarshaler]. Anything but an object leaves
// the value empty.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if data[0] != '{' || isEmpty(data) {
		*o = Opt[T]{}
		return nil
	}
	o.Valid = true
	return json.Unmarshal(data, &o.Value)
}

// List is an array that may be null, {}, "", false or missing, or one object
// in place of a list of one.
type List[T any] []T

// UnmarshalJSON implements [json.Unmarshaler].
func (l *List[T]) UnmarshalJSON(data []byte) error {
	switch {
	case isEmpty(data):
		*l = nil
		return nil
	case data[0] == '[':
		return json.Unmarshal(data, (*[]T)(l))
	case data[0] == '{':
		var one T
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		*l = List[T]{one}
		return nil
	default:
		*l = nil
		return nil
	}
}
