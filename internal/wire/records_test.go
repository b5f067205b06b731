package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
)

func TestRecords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Records{
		`null`:                         nil,
		`[]`:                           {},
		"[ \n]":                        {},
		`[1]`:                          {json.RawMessage(`1`)},
		` [ 1 , "a,b" , null ] `:       {json.RawMessage(`1`), json.RawMessage(`"a,b"`), json.RawMessage(`null`)},
		`[{"a":[1,2]},[[],{}],{}]`:     {json.RawMessage(`{"a":[1,2]}`), json.RawMessage(`[[],{}]`), json.RawMessage(`{}`)},
		`["]","\"]","\\","\\\"",""]`:   {json.RawMessage(`"]"`), json.RawMessage(`"\"]"`), json.RawMessage(`"\\"`), json.RawMessage(`"\\\""`), json.RawMessage(`""`)},
		`[{"n":"a}\\\\"},{"n":"{,["}]`: {json.RawMessage(`{"n":"a}\\\\"}`), json.RawMessage(`{"n":"{,["}`)},
	} {
		page := struct {
			List Records `json:"list"`
		}{List: Records{json.RawMessage(`"before"`)}}
		require.NoError(t, json.Unmarshal([]byte(`{"list":`+in+`}`), &page), in)
		assert.Equal(t, want, page.List, in)
	}
}

func TestRecordsRefuseWhatIsNoList(t *testing.T) {
	t.Parallel()
	for _, in := range []string{`{}`, `""`, `false`, `0`, `"[]"`, `{"0":{}}`} {
		var page struct {
			List Records `json:"list"`
		}
		require.EqualError(t, json.Unmarshal([]byte(`{"list":`+in+`}`), &page), "not a list", in)
	}
	var records Records
	require.EqualError(t, records.UnmarshalJSON(nil), "not a list")
}

func TestMissingListIsNil(t *testing.T) {
	t.Parallel()
	var page struct {
		List Records `json:"list"`
	}
	require.NoError(t, json.Unmarshal([]byte(`{}`), &page))
	assert.Nil(t, page.List)
}

func TestRecordsDoNotKeepThePage(t *testing.T) {
	t.Parallel()
	data := []byte(`[{"id":1},{"id":2}]`)
	var records Records
	require.NoError(t, records.UnmarshalJSON(data))
	clear(data)
	assert.Equal(t, Records{json.RawMessage(`{"id":1}`), json.RawMessage(`{"id":2}`)}, records)
	assert.LessOrEqual(t, cap(records[0]), 16)
}

// jsonValue draws any JSON value.
func jsonValue(depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.Map(rapid.Bool(), func(v bool) any { return v }),
		rapid.Map(rapid.Int(), func(v int) any { return v }),
		rapid.Map(rapid.String(), func(v string) any { return v }),
		rapid.Map(rapid.StringMatching(`[\\"\[\]{},: ]*`), func(v string) any { return v }),
	}
	if depth > 0 {
		inner := rapid.Deferred(func() *rapid.Generator[any] { return jsonValue(depth - 1) })
		kinds = append(kinds,
			rapid.Map(rapid.SliceOfN(inner, 0, 4), func(v []any) any { return v }),
			rapid.Map(rapid.MapOfN(rapid.String(), inner, 0, 4), func(v map[string]any) any { return v }))
	}
	return rapid.OneOf(kinds...)
}

func TestRecordsEqualRawMessages(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(jsonValue(3), 0, 6).Draw(t, "list")
		data, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		if indent := rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "indent"); indent != "" {
			var spaced bytes.Buffer
			if err := json.Indent(&spaced, data, indent, indent); err != nil {
				t.Fatal(err)
			}
			data = spaced.Bytes()
		}
		sameRecords(t, data)
	})
}

// sameRecords fails unless Records reads data as encoding/json does.
func sameRecords(t interface{ Fatalf(string, ...any) }, data []byte) {
	var want []json.RawMessage
	wantErr := json.Unmarshal(data, &want)
	var got Records
	gotErr := json.Unmarshal(data, &got)
	if (wantErr == nil) != (gotErr == nil) || len(want) != len(got) || (want == nil) != (got == nil) {
		t.Fatalf("%q: got %q, %v; want %q, %v", data, got, gotErr, want, wantErr)
	}
	for i := range want {
		if !bytes.Equal(want[i], got[i]) {
			t.Fatalf("%q: record %d is %q, want %q", data, i, got[i], want[i])
		}
	}
}

type record struct {
	ID     Text
	Nights int
	Raw    json.RawMessage `json:"-"`
}

func keep(r *record, raw json.RawMessage) string {
	r.Raw = raw
	return string(r.ID)
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]record{
		`{"id":"b","nights":2}`:            {ID: "b", Nights: 2},
		`{"nights":"two","id":"b"}`:        {ID: "b"},
		`{"nights":[],"id":"b"}`:           {ID: "b"},
		`{"nights":{"a":{}},"id":"b"}`:     {ID: "b"},
		`{"nights":false,"id":{"no":"7"}}`: {ID: `{"no":"7"}`},
	} {
		var got record
		require.NoError(t, Decode([]byte(in), &got), in)
		assert.Equal(t, want, got, in)
	}
	for _, in := range []string{`5`, `"b"`, `[]`, `true`, `{"id":`, ``} {
		require.Error(t, Decode([]byte(in), &record{}), in)
	}
}

func TestDecodeAll(t *testing.T) {
	t.Parallel()
	var records Records
	require.NoError(t, json.Unmarshal([]byte(`[{"id":1,"nights":2},{"id":"b","nights":"two"},{"nights":1},5,null,[],{"id":6}]`), &records))
	got := DecodeAll("vendor", "booking", records, keep)
	assert.Equal(t, []record{{"1", 2, records[0]}, {"b", 0, records[1]}, {"6", 0, records[6]}}, got.Items)
	assert.Equal(t, "1", got.First)
	require.Len(t, got.Failed, 4)
	for i, want := range []string{
		"vendor: booking #3: id: missing",
		"vendor: booking #4: not a JSON object",
		"vendor: booking #5: id: missing",
		"vendor: booking #6: not a JSON object",
	} {
		require.EqualError(t, got.Failed[i], want)
		assert.Equal(t, records[i+2], got.Failed[i].Raw)
	}
}

func TestDecodeAllOfNothing(t *testing.T) {
	t.Parallel()
	got := DecodeAll("vendor", "booking", nil, keep)
	assert.Equal(t, Decoded[record]{Items: []record{}}, got)
}

func TestFields(t *testing.T) {
	t.Parallel()
	raw := []byte(`{"arrival":"20/06/2026"}`)
	var f Fields
	assert.Equal(t, day(2026, 6, 20), f.Date("a", "2026-06-20"))
	assert.Equal(t, Stamp{Date: day(2026, 6, 20)}, f.StampDMY("b", "20.06.2026"))
	assert.Equal(t, Stamp{Date: day(2026, 6, 20), HasTime: true, Hour: 9}, f.Stamp("c", "2026-06-20 09:00"))
	assert.Equal(t, "7", f.Required("d", "7"))
	f.Stay("e", "f", day(2026, 6, 20), day(2026, 6, 20))
	assert.Nil(t, f.Err("vendor", "booking", "7", raw))

	assert.Zero(t, f.Date("dates.arrival", "20/06/2026"))
	assert.Zero(t, f.Stamp("later", "soon"))
	want := &pms.RecordError{Vendor: "vendor", Record: "booking", ID: "7", Field: "dates.arrival", Err: errDate, Raw: raw}
	assert.Equal(t, want, f.Err("vendor", "booking", "7", raw), "the first bad field")
	require.EqualError(t, f.Err("vendor", "booking", "7", raw), "vendor: booking 7: dates.arrival: not a date")
}

func TestFieldsThatFailARecord(t *testing.T) {
	t.Parallel()
	arrival, departure := day(2026, 6, 20), day(2026, 6, 21)
	for i, tt := range []struct {
		fail        func(*Fields)
		field, text string
	}{
		{func(f *Fields) { f.Date("x", "soon") }, "x", "not a date"},
		{func(f *Fields) { f.StampDMY("x", "2026-06-20") }, "x", "not a date"},
		{func(f *Fields) { f.Stamp("x", "soon") }, "x", "not a date and time"},
		{func(f *Fields) { f.Day("x", "0000-00-00") }, "x", "missing"},
		{func(f *Fields) { f.Day("x", "soon") }, "x", "not a date"},
		{func(f *Fields) { f.Required("x", "") }, "x", "missing"},
		{func(f *Fields) { f.Required("x", " \t") }, "x", "missing"},
		{func(f *Fields) { f.Stay("from", "to", pms.Date{}, departure) }, "from", "missing"},
		{func(f *Fields) { f.Stay("from", "to", arrival, pms.Date{}) }, "to", "missing"},
		{func(f *Fields) { f.Stay("from", "to", departure, arrival) }, "to", "departure before arrival"},
		{func(f *Fields) { f.Fail("x", errors.New("odd")) }, "x", "odd"},
	} {
		var f Fields
		f.Fail("none", nil)
		tt.fail(&f)
		bad := f.Err("vendor", "booking", strconv.Itoa(i), nil)
		require.NotNil(t, bad)
		assert.Equal(t, tt.field, bad.Field)
		assert.EqualError(t, bad.Err, tt.text)
	}
}

func BenchmarkRecords(b *testing.B) {
	page := []byte(`[` + string(bytes.Repeat([]byte(`{"id":5550123,"name":"Anna \"A\" Petrova","dates":{"arrival":"2026-06-20","departure":"2026-06-24"},"rooms":[1,2,3]},`), 200)) + `{}]`)
	b.Run("Records", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			var records Records
			if err := json.Unmarshal(page, &records); err != nil || len(records) != 201 {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			var records []json.RawMessage
			if err := json.Unmarshal(page, &records); err != nil || len(records) != 201 {
				b.Fatal(err)
			}
		}
	})
}
