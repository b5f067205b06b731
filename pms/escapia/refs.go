package escapia

import (
	"bytes"
	"encoding/json"
	"errors"
)

// An answer whose references are resolved has at most mostNodes values, of which
// a long text counts as one for each nodeText of its bytes.
const (
	mostNodes = 1 << 20
	nodeText  = 64
)

var errTooManyRefs = errors.New("references that refer to one another without end")

// resolveRefs puts the objects in the place of the references to them that
// Json.NET writes for an object that comes again: {"$ref":"3"} is the object
// with "$id":"3". A reference to nothing, or to what it is in itself, stays as
// it is. An answer without references is returned untouched.
func resolveRefs(body []byte) ([]byte, error) {
	if !bytes.Contains(body, []byte(`"$ref"`)) {
		return body, nil
	}
	text := bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if !json.Valid(text) {
		return body, nil // who decodes it says what is wrong
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var root any
	if err := dec.Decode(&root); err != nil {
		return nil, err
	}
	r := resolver{objects: map[string]map[string]any{}, inside: map[string]bool{}}
	r.collect(root)
	root = r.resolve(root)
	if r.nodes > mostNodes {
		return nil, errTooManyRefs
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(root); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

type resolver struct {
	objects map[string]map[string]any // by "$id"
	inside  map[string]bool           // the objects around the place
	nodes   int
}

// collect notes all objects that have an id.
func (r *resolver) collect(v any) {
	switch v := v.(type) {
	case map[string]any:
		if id, ok := v["$id"].(string); ok {
			r.objects[id] = v
		}
		for _, item := range v {
			r.collect(item)
		}
	case []any:
		for _, item := range v {
			r.collect(item)
		}
	}
}

// resolve returns a copy of v without references.
func (r *resolver) resolve(v any) any {
	text, _ := v.(string)
	if r.nodes += 1 + len(text)/nodeText; r.nodes > mostNodes {
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		return r.object(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = r.resolve(item)
		}
		return out
	default:
		return v
	}
}

func (r *resolver) object(v map[string]any) any {
	if ref, ok := v["$ref"].(string); ok {
		target, known := r.objects[ref]
		if !known || r.inside[ref] {
			return v
		}
		v = target
	}
	if id, ok := v["$id"].(string); ok && !r.inside[id] {
		r.inside[id] = true
		defer delete(r.inside, id)
	}
	out := make(map[string]any, len(v))
	for name, item := range v {
		r.nodes += len(name) / nodeText
		out[name] = r.resolve(item)
	}
	return out
}
