package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// Unmarshal is [json.Unmarshal] for the answer of a list: its [Records], in value
// itself or in the structs of it, are cut out first, and the decoder sees the rest
// alone. A page is then read once in place of three times.
//
// A record that is not valid JSON does not fail the list as long as it can be
// told where it ends; it fails when it is decoded.
func Unmarshal(data []byte, value any) error {
	target := reflect.ValueOf(value)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return json.Unmarshal(data, value)
	}
	lists := placesOf(target.Elem())
	if lists == nil {
		return json.Unmarshal(data, value)
	}
	c := cutter{data: data}
	if _, ok := c.value(c.blank(0), lists); !ok {
		return json.Unmarshal(data, value)
	}
	if err := json.Unmarshal(c.rest(), value); err != nil {
		return err
	}
	for _, cut := range c.cuts {
		cut.into.Set(reflect.ValueOf(cut.records))
	}
	return nil
}

// place is where records are in an answer: here, or in fields of an object.
type place struct {
	records reflect.Value
	fields  map[string]*place
}

// placesOf returns nil if there are no records in v.
func placesOf(v reflect.Value) *place {
	if _, ok := v.Interface().(Records); ok {
		return &place{records: v}
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	if _, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		return nil
	}
	var p *place
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || field.Anonymous || name == "" || name == "-" {
			continue
		}
		if inner := placesOf(v.Field(i)); inner != nil {
			if p == nil {
				p = &place{fields: map[string]*place{}}
			}
			p.fields[name] = inner
		}
	}
	return p
}

// cutter takes lists out of an answer. It understands no more of JSON than it
// must and gives up where it does not.
type cutter struct {
	data []byte
	cuts []cut
}

type cut struct {
	from, to int
	into     reflect.Value
	records  Records
}

// rest is the answer with empty lists in place of those that were cut.
func (c *cutter) rest() []byte {
	if len(c.cuts) == 0 {
		return c.data
	}
	var b []byte
	at := 0
	for _, cut := range c.cuts {
		b = append(b, c.data[at:cut.from]...)
		b = append(b, "[]"...)
		at = cut.to
	}
	return append(b, c.data[at:]...)
}

// value goes through the value at i, of which p tells where records are, and
// returns its end.
func (c *cutter) value(i int, p *place) (end int, ok bool) {
	switch {
	case i >= len(c.data):
		return i, false
	case p != nil && p.fields != nil && c.data[i] == '{':
		return c.object(i, p.fields)
	case p != nil && p.fields == nil && c.data[i] == '[':
		records, end, ok := split(c.data, i)
		c.cuts = append(c.cuts, cut{from: i, to: end, into: p.records, records: records})
		return end, ok
	default:
		return c.skip(i)
	}
}

// object goes through the object at i. The decoder takes keys in any case and the
// last of equal ones; the cutter gives up on such keys.
func (c *cutter) object(i int, fields map[string]*place) (end int, ok bool) {
	var seen []*place
	i = c.blank(i + 1)
	if c.at(i) == '}' {
		return i + 1, true
	}
	for {
		if c.at(i) != '"' {
			return i, false
		}
		last := closingQuote(c.data, i)
		if last >= len(c.data) {
			return i, false
		}
		key := c.data[i+1 : last]
		i = c.blank(last + 1)
		field, known := fields[string(key)]
		if c.at(i) != ':' || known && slices.Contains(seen, field) || !known && confusable(key, fields) {
			return i, false
		}
		if known {
			seen = append(seen, field)
		}
		if i, ok = c.value(c.blank(i+1), field); !ok {
			return i, false
		}
		i = c.blank(i)
		switch c.at(i) {
		case ',':
			i = c.blank(i + 1)
		case '}':
			return i + 1, true
		default:
			return i, false
		}
	}
}

// confusable says whether the decoder may take the key for one of the fields.
func confusable(key []byte, fields map[string]*place) bool {
	if bytes.IndexByte(key, '\\') >= 0 {
		return true
	}
	for name := range fields {
		if strings.EqualFold(name, string(key)) {
			return true
		}
	}
	return false
}

// skip returns the end of the value at i.
func (c *cutter) skip(i int) (end int, ok bool) {
	switch c.data[i] {
	case '"':
		end = closingQuote(c.data, i) + 1
		return end, end <= len(c.data)
	case '[', '{':
		return elements(c.data, i, nil)
	default:
		for end = i; end < len(c.data) && !strings.ContainsRune(",]} \t\r\n", rune(c.data[end])); end++ {
			continue
		}
		return end, end > i
	}
}

func (c *cutter) blank(i int) int {
	for i < len(c.data) && (c.data[i] == ' ' || c.data[i] == '\t' || c.data[i] == '\r' || c.data[i] == '\n') {
		i++
	}
	return i
}

// at is the byte at i, 0 behind the end.
func (c *cutter) at(i int) byte {
	if i < len(c.data) {
		return c.data[i]
	}
	return 0
}
