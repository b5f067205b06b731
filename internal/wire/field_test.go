package wire

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestField(t *testing.T) {
	t.Parallel()
	for object, want := range map[string]string{
		`{"data":{"a":[1,{"data":2}]}}`:                         `{"a":[1,{"data":2}]}`,
		"\t{\"x\" : \"data\" , \"data\" : [ 1, 2 ] , \"y\":1 }": `[ 1, 2 ]`,
		`{"x":{"data":1},"data":"a,b}\"c"}`:                     `"a,b}\"c"`,
		`{"data":1,"data":null}`:                                `null`,
		`{"x":[{"data":1}],"y":"\"data\":2"}`:                   ``,
		`{"data2":1,"dat":2}`:                                   ``,
		`{}`:                                                    ``,
		`[]`:                                                    ``,
		`"data"`:                                                ``,
		``:                                                      ``,
	} {
		require.Equal(t, want, string(Field([]byte(object), "data")), "object %s", object)
	}
}

// Field finds what the decoder finds.
func FuzzField(f *testing.F) {
	f.Add([]byte(`{"x":{"data":1},"data":{"a":[1,"]"]},"y":"\\"}`))
	f.Add([]byte(`{"data":"\u0022,"}`))
	f.Fuzz(func(t *testing.T, object []byte) {
		got := Field(object, "data") // never panics
		var fields map[string]json.RawMessage
		if json.Unmarshal(object, &fields) != nil || fields == nil || bytes.Contains(object, []byte(`\u`)) {
			return
		}
		require.Equal(t, string(fields["data"]), string(got))
	})
}
