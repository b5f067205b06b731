package wire

import (
	"bytes"
	"encoding/json"
)

// Field returns the value of a field of a JSON object as it is written, or nil
// if there is none. The object must be valid JSON, and the name free of escapes.
func Field(object []byte, name string) json.RawMessage {
	var value json.RawMessage
	depth, start, wanted := 0, -1, false // start is where the value begins, -1 in front of it
	end := func(at int) {
		if wanted && start >= 0 {
			value = bytes.TrimSpace(object[start:at])
		}
		start, wanted = -1, false
	}
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '"':
			from := i + 1
			i = closingQuote(object, i)
			if depth == 1 && start < 0 {
				wanted = string(object[min(from, i):i]) == name
			}
		case ':':
			if depth == 1 && start < 0 {
				start = i + 1
			}
		case '[', '{':
			depth++
		case ']', '}':
			depth--
			if depth == 0 {
				end(i)
			}
		case ',':
			if depth == 1 {
				end(i)
			}
		}
	}
	return value
}
