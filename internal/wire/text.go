package wire

import (
	"encoding/json"

	"github.com/changeover-sdk/changeover/pms"
)

// Text is [pms.Text].
type Text = pms.Text

// List is an array that may be null, {}, "", false or missing, or one object
// in place of a list of one.
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
		return json.Unmarshal(data, (*[]T)(l))
	case '{':
		var one T
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		*l = List[T]{one}
	}
	return nil
}
