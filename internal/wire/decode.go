package wire

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/changeover-sdk/changeover/pms"
)

// Decode decodes one record. Scalars are [Text] and cannot be of a wrong type;
// where a list or an object is expected and something else came ([], false, ""
// for an empty one), the field stays empty. What the record cannot do without
// is missed when it is mapped.
func Decode(raw []byte, value any) error {
	err := json.Unmarshal(raw, value)
	if err == nil {
		return nil
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return nil // the decoder went on after it
	}
	return err
}

// Decoded is a list whose records were decoded one by one.
type Decoded[T any] struct {
	Items  []T
	Failed []*pms.RecordError
	// First is the id of the first record, empty if it could not be read.
	First string
}

var errNotObject = errors.New("not a JSON object")

// DecodeAll decodes each record into a T. Keep stores the raw record in the
// value, if it has a place for it, and returns the record's id. A record that
// is no object or has no id is a [pms.RecordError] named by its position; the
// others are not affected.
func DecodeAll[T any](vendor, record string, records Records, keep func(value *T, raw json.RawMessage) (id string)) Decoded[T] {
	out := Decoded[T]{Items: make([]T, 0, len(records))}
	for i, raw := range records {
		n := len(out.Items)
		out.Items = out.Items[:n+1]
		err := Decode(raw, &out.Items[n])
		id := keep(&out.Items[n], raw)
		if i == 0 {
			out.First = id
		}
		if err == nil && id != "" {
			continue
		}
		clear(out.Items[n:])
		out.Items = out.Items[:n]
		bad := &pms.RecordError{Vendor: vendor, Record: record, ID: "#" + strconv.Itoa(i+1), Err: errNotObject, Raw: raw}
		if err == nil {
			bad.Field, bad.Err = "id", errMissing
		}
		out.Failed = append(out.Failed, bad)
	}
	return out
}
