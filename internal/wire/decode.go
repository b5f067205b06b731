package wire

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/changeover-sdk/changeover/pms"
)

// Decoded is a list whose records were decoded one by one.
type Decoded[T any] struct {
	Items  []T
	Failed []*pms.RecordError
	// First is the id of the first record, empty if it could not be read.
	First string
}

// DecodeAll decodes each record into a T. Keep stores the raw record in the
// value, if it has a place for it, and returns the record's id. A record that
// is no object, has no id, or does not decode is a [pms.RecordError] named by
// its id or, without one, its position; the others are not affected.
func DecodeAll[T any](vendor, record string, records Records, keep func(value *T, raw json.RawMessage) (id string)) Decoded[T] {
	out := Decoded[T]{Items: make([]T, 0, len(records))}
	for i, raw := range records {
		var value T
		err := json.Unmarshal(raw, &value)
		id := keep(&value, raw)
		if i == 0 {
			out.First = id
		}
		if err == nil && id == "" {
			err = errMissing
		}
		if err == nil {
			out.Items = append(out.Items, value)
			continue
		}
		bad := &pms.RecordError{Vendor: vendor, Record: record, ID: id, Err: err, Raw: raw}
		if id == "" {
			bad.ID = "#" + strconv.Itoa(i+1)
		}
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &kind):
			bad.Field, bad.Err = kind.Field, errors.New("a JSON "+kindOf(kind.Value)+" where it does not belong")
		case errors.Is(err, errMissing):
			bad.Field = "id"
		}
		out.Failed = append(out.Failed, bad)
	}
	return out
}

// kindOf keeps the kind of a JSON value ("number 7" gives "number").
func kindOf(value string) string {
	for i := range len(value) {
		if value[i] == ' ' {
			return value[:i]
		}
	}
	return value
}
