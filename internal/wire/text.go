package wire

import (
	"encoding/json"
	"errors"

	"github.com/changeover-sdk/changeover/pms"
)

// Text is [pms.Text].
type Text = pms.Text

// List is an array that may be null, {}, "", false or missing, or one object
// in place of a list of one. An element of the wrong kind is empty.
type List[T any] []T

// UnmarshalJSON implements [json.Unmarshaler].
func (l *List[T]) UnmarshalJSON(data []byte) error {
	*l = nil
	var text Text
	if err := text.UnmarshalJSON(data); err != nil || text == "" {
		return err
	}
	switch data[0] {
	case '[':
		return decodeElements(data, (*[]T)(l))
	case '{':
		*l = make(List[T], 1)
		return decodeElements(data, &(*l)[0])
	}
	return nil
}

// decodeElements passes over what is of the wrong kind. An error would stop the
// decoder of the record around the list, and lose the fields behind it.
func decodeElements(data []byte, value any) error {
	err := json.Unmarshal(data, value)
	if err == nil {
		return nil
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return nil
	}
	return err
}
