package pms_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

func TestText(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]pms.Text{
		`"a"`: "a", `" 1 200,50 "`: " 1 200,50 ", `"a\"\u0441\n"`: "a\"с\n", "\"\xff\"": "\ufffd", `"\ud800"`: "\ufffd",
		`1.50`: "1.50", `12345678901234567890`: "12345678901234567890", `-0`: "-0", `true`: "true", `"false"`: "false", `"null"`: "null",
		`null`: "", `false`: "", `""`: "", `[]`: "", `{}`: "", `[ ]`: "", `{"a":1}`: `{"a":1}`, `[1]`: `[1]`, `0`: "0",
	} {
		got := pms.Text("before")
		require.NoError(t, json.Unmarshal([]byte(data), &got), data)
		assert.Equal(t, want, got, data)
	}
}

func TestTextBool(t *testing.T) {
	t.Parallel()
	for _, yes := range []pms.Text{"true", "True", "TRUE", "1", "y", "Y", "yes", "Yes", "YES"} {
		assert.True(t, yes.Bool(), yes)
	}
	for _, no := range []pms.Text{"", "0", "no", "false", "2", "on"} {
		assert.False(t, no.Bool(), no)
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{`"a"`, `"\u00e9"`, `1e9`, `null`, `[[]]`, `{"a":""}`, "\"\xc3\"", `"\\"`, `"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got pms.Text
		err := json.Unmarshal(data, &got)
		assert.Equal(t, json.Valid(data), err == nil, "every JSON value is a text")
		var plain string
		if err == nil && json.Unmarshal(data, &plain) == nil {
			assert.Equal(t, plain, string(got), "a string is what encoding/json makes of it")
		}
	})
}
