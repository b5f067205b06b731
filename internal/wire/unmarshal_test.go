package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

// answer has records in all the places where they may be.
type answer struct {
	Status pms.Text `json:"status"`
	Data   struct {
		Rooms Records  `json:"rooms"`
		Total pms.Text `json:"total"`
		Meta  struct {
			Failed Records `json:"failed,omitempty"`
		} `json:"meta"`
	} `json:"data"`
	Results Records  `json:"results"`
	Other   []string `json:"other"`
	hidden  Records
}

func TestUnmarshal(t *testing.T) {
	t.Parallel()
	var got answer
	require.NoError(t, Unmarshal([]byte(` {"status":"ok","x":[{"results":[1]},"]"],"data" : {"rooms":[{"id":1}, {"id":"]"}],"total":2,"meta":{"failed":[]}},"results":null,"other":["a"]} `), &got))
	assert.Equal(t, pms.Text("ok"), got.Status)
	assert.Equal(t, Records{json.RawMessage(`{"id":1}`), json.RawMessage(`{"id":"]"}`)}, got.Data.Rooms)
	assert.Equal(t, pms.Text("2"), got.Data.Total)
	assert.Equal(t, Records{}, got.Data.Meta.Failed, "an empty list is none that is missing")
	assert.Nil(t, got.Results)
	assert.Equal(t, []string{"a"}, got.Other)
	assert.Nil(t, got.hidden)

	var list Records
	require.NoError(t, Unmarshal([]byte(" [1,2]\n"), &list))
	assert.Equal(t, Records{json.RawMessage(`1`), json.RawMessage(`2`)}, list)
	require.EqualError(t, Unmarshal([]byte(`{}`), &list), "not a list")
	var plain map[string]int
	require.NoError(t, Unmarshal([]byte(`{"a":1}`), &plain))
	assert.Equal(t, map[string]int{"a": 1}, plain)
	require.Error(t, Unmarshal([]byte(`{}`), answer{}))
	require.Error(t, Unmarshal([]byte(`{}`), (*answer)(nil)))
	require.Error(t, Unmarshal([]byte(`{}`), nil))
}

func TestUnmarshalKeepsNoPage(t *testing.T) {
	t.Parallel()
	data := []byte(`{"results":[{"id":1}]}`)
	var got answer
	require.NoError(t, Unmarshal(data, &got))
	clear(data)
	assert.Equal(t, Records{json.RawMessage(`{"id":1}`)}, got.Results)
}

// What one record breaks, the others survive where the end of it can be told.
func TestUnmarshalOfBadRecords(t *testing.T) {
	t.Parallel()
	var got answer
	require.NoError(t, Unmarshal([]byte(`{"results":[{"id":1},{"id":tru},{"id":3}],"status":"ok"}`), &got))
	require.Len(t, got.Results, 3)
	assert.Equal(t, pms.Text("ok"), got.Status)
	decoded := DecodeAll("vendor", "booking", got.Results, keep)
	assert.Len(t, decoded.Items, 2)
	require.Len(t, decoded.Failed, 1)
	require.EqualError(t, decoded.Failed[0], "vendor: booking #2: not a JSON object")
}

// disagreement compares with encoding/json, which is always right about what is
// valid.
func disagreement(data []byte) string {
	var got, want answer
	gotErr, wantErr := Unmarshal(data, &got), json.Unmarshal(data, &want)
	switch {
	case wantErr == nil && gotErr != nil:
		return "refused: " + gotErr.Error()
	case wantErr == nil && !reflect.DeepEqual(got, want):
		return "read otherwise"
	case json.Valid(data) && wantErr != nil && gotErr == nil:
		return "accepted what encoding/json refuses: " + wantErr.Error()
	case wantErr != nil && gotErr == nil && !holdsBadRecord(got):
		return "accepted as a whole: " + wantErr.Error()
	}
	return ""
}

func holdsBadRecord(a answer) bool {
	for _, list := range []Records{a.Data.Rooms, a.Data.Meta.Failed, a.Results} {
		for _, raw := range list {
			if !json.Valid(raw) {
				return true
			}
		}
	}
	return false
}

func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `null`, ``, ` `, `{"results":[]}`, `{"results":[{"id":1},{"id":2}],"status":"ok"}`,
		`{"results":[1],"results":[2]}`, `{"results":[1],"results":null}`, `{"Results":[1]}`, `{"results":[1],"RESULTS":[2]}`, `{"r\u0065sults":[1]}`,
		`{"data":{"rooms":[{}],"meta":{"failed":[[]]}},"results":"none"}`, `{"data":{"rooms":[1]},"data":{"rooms":[2]}}`, `{"data":[{"rooms":[1]}]}`,
		`{"results":[1,]}`, `{"results":[,1]}`, `{"results":[1 2]}`, `{"results":[{]}`, `{"results":[{"a":1]}]}`, `{"data":{"rooms":[[]}}}`, `{"results":[}`, `{"results":["a`,
		`{"results":[1]}]`, `{"results":[1]} {}`, `{"results":[1]`, `{"x":{"results":[1]},"results":[{"results":[2]}]}`, `{"results":[1],}`, `{"results":[1] "x":2}`,
		`{"results" [1]}`, `{"status":ok,"results":[1]}`, `{"other":["a","b"],"results":[ ]}`, "{\"results\":[\"\\\\\",\"\\\"\"]}", `{"ſtatus":1,"reſults":[1]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if what := disagreement(data); what != "" {
			t.Fatalf("%q: %s", data, what)
		}
	})
}

func TestUnmarshalAgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOfN(rapid.SampledFrom([]string{"status", "data", "results", "rooms", "meta", "failed", "other", "Results", "x", "\\"}), jsonValue(3), 0, 6)
		top := object.Draw(t, "answer")
		if rapid.Bool().Draw(t, "with data") {
			top["data"] = object.Draw(t, "data")
		}
		data, err := json.Marshal(top)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "indented") {
			var spaced bytes.Buffer
			if err := json.Indent(&spaced, data, "\t", " "); err != nil {
				t.Fatal(err)
			}
			data = spaced.Bytes()
		}
		if rapid.Bool().Draw(t, "spoilt") && len(data) > 0 {
			at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
			data = append(append(bytes.Clone(data[:at]), rapid.SampledFrom(strings.Split(`" , [ ] { } : 1 x \`, " ")).Draw(t, "by")...), data[at+rapid.IntRange(0, 1).Draw(t, "over"):]...)
		}
		if what := disagreement(data); what != "" {
			t.Fatalf("%q: %s", data, what)
		}
	})
}
