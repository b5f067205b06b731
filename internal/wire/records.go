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
	*r = split(data)
	return nil
}

// split cuts a valid JSON array at its top-level commas. The elements are
// copies, so that a host that keeps one does not keep the page.
func split(data []byte) Records {
	records := Records{}
	depth, start := 0, 1
	cut := func(end int) {
		if element := bytes.TrimSpace(data[start:end]); len(element) > 0 {
			records = append(records, bytes.Clone(element))
		}
		start = end + 1
	}
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = closingQuote(data, i)
		case '[', '{':
			depth++
		case ']', '}':
			depth--
			if depth == 0 {
				cut(i)
			}
		case ',':
			if depth == 1 {
				cut(i)
			}
		}
	}
	return records
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
