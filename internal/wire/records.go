package wire

import (
	"bytes"
	"encoding/json"
	"errors"
)

var errNotList = errors.New("not a list")

// Records is a JSON array split into its elements, each of which is decoded on
// its own so that a bad one fails alone. A missing or null list leaves it nil;
// an empty list makes it empty but not nil, so that the two can be told apart.
type Records []json.RawMessage

// UnmarshalJSON implements [json.Unmarshaler]. Anything but an array or null
// is an error: it is not an empty list.
func (r *Records) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*r = nil
		return nil
	}
	if len(data) == 0 || data[0] != '[' {
		return errNotList
	}
	*r, _, _ = split(data, 0)
	return nil
}

// split cuts the JSON array at i into its elements and returns its end. The
// elements are copies, so that a host that keeps one does not keep the page.
func split(data []byte, i int) (records Records, end int, ok bool) {
	records = Records{}
	end, ok = elements(data, i, func(from, to int) bool {
		element := bytes.TrimSpace(data[from:to])
		last := data[to] == ']'
		if len(element) > 0 {
			records = append(records, bytes.Clone(element))
		}
		return len(element) > 0 || last && len(records) == 0
	})
	return records, end, ok
}

// elements goes through the JSON array or object at i and returns its end. It
// calls cut, if that is not nil, for what stands between its own brackets and
// commas, and gives up when cut returns false.
func elements(data []byte, i int, cut func(from, to int) bool) (end int, ok bool) {
	depth, from, closing := 0, i+1, data[i]+2 // ']' for '[', '}' for '{'
	for ; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = closingQuote(data, i)
		case '[', '{':
			depth++
		case ']', '}':
			depth--
			if depth == 0 {
				return i + 1, data[i] == closing && (cut == nil || cut(from, i))
			}
		case ',':
			if depth == 1 && cut != nil {
				if !cut(from, i) {
					return i, false
				}
				from = i + 1
			}
		}
	}
	return i, false
}

// closingQuote returns the index of the quote that ends the string at i.
func closingQuote(data []byte, i int) int {
	for i++; i < len(data); i++ {
		next := bytes.IndexByte(data[i:], '"')
		if next < 0 {
			return len(data)
		}
		i += next
		backslashes := 0
		for data[i-1-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return i
		}
	}
	return len(data)
}
