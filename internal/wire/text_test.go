package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Text{
		`"abc"`:            "abc",
		`"7"`:              "7",
		`7`:                "7",
		`-7`:               "-7",
		`12`:               "12",
		`1234`:             "1234",
		`12345`:            "12345",
		`7.50`:             "7.50",
		`1e3`:              "1e3",
		`9007199254740993`: "9007199254740993",
		`true`:             "true",
		`false`:            "",
		`null`:             "",
		`""`:               "",
		`[]`:               "",
		`{}`:               "",
		`[ ]`:              "",
		"{\n}":             "",
		`" "`:              " ",
		`"null"`:           "null",
		`"false"`:          "false",
		`"[]"`:             "[]",
		`"дом"`:            "дом",
		`"\u0434\n\"\\"`:   "д\n\"\\",
		`"\ud83c\udfe0"`:   "🏠",
		`"\ud83c"`:         "\uFFFD",
		"\"a\xffb\"":       "a\uFFFDb",
		`[1,2]`:            "[1,2]",
		`{"a": 1}`:         `{"a": 1}`,
		`[""]`:             `[""]`,
	} {
		var record struct {
			ID Text `json:"id"`
		}
		require.NoError(t, json.Unmarshal([]byte(`{"id":`+in+`}`), &record), in)
		assert.Equal(t, want, record.ID, in)
	}
}

func TestTextIsReplaced(t *testing.T) {
	t.Parallel()
	text := Text("before")
	require.NoError(t, json.Unmarshal([]byte(`[]`), &text))
	assert.Empty(t, text)
}

func TestTextBool(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		`true`: true, `1`: true, `"1"`: true, `"Y"`: true, `"y"`: true, `"yes"`: true, `"True"`: true, `"YES"`: true,
		`false`: false, `0`: false, `"0"`: false, `"N"`: false, `"no"`: false, `null`: false, `""`: false, `[]`: false, `"2"`: false, `"on it"`: false,
	} {
		var text Text
		require.NoError(t, json.Unmarshal([]byte(in), &text))
		assert.Equal(t, want, text.Bool(), in)
	}
}

type guest struct{ Name Text }

func TestList(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]List[guest]{
		`[{"name":"Ann"},{"name":"Bo"}]`: {{"Ann"}, {"Bo"}},
		`{"name":"Ann"}`:                 {{"Ann"}},
		`[{}]`:                           {{}},
		`[]`:                             nil,
		`{}`:                             nil,
		`null`:                           nil,
		`""`:                             nil,
		`false`:                          nil,
		`0`:                              nil,
		`"x"`:                            nil,
	} {
		record := struct {
			Guests List[guest] `json:"guests"`
		}{Guests: List[guest]{{"before"}}}
		require.NoError(t, json.Unmarshal([]byte(`{"guests":`+in+`}`), &record), in)
		assert.Equal(t, want, record.Guests, in)
	}
	var list List[guest]
	require.NoError(t, list.UnmarshalJSON(nil))
	assert.Nil(t, list)
}

func TestListOfTheWrongKindKeepsTheFieldsBehindIt(t *testing.T) {
	t.Parallel()
	type booking struct {
		ID     Text
		Guests List[guest]
		Nights List[int]
		Status Text
	}
	for in, want := range map[string]booking{
		`[5,{"name":"Ann"},[1]]`: {Guests: List[guest]{{}, {"Ann"}, {}}},
		`[[]]`:                   {Guests: List[guest]{{}}},
	} {
		var got booking
		require.NoError(t, Decode([]byte(`{"id":7,"guests":`+in+`,"nights":{"a":1},"status":"new"}`), &got), in)
		want.ID, want.Status, want.Nights = "7", "new", List[int]{0}
		assert.Equal(t, want, got, in)
	}
}

func TestChannel(t *testing.T) {
	t.Parallel()
	for in, want := range map[Text]string{
		"":                   "",
		"Airbnb":             "airbnb",
		" AIRBNB (Official)": "airbnb",
		"airbnb2":            "airbnb",
		"Booking.com":        "booking",
		"BookingCom":         "booking",
		"booking":            "booking",
		"Vrbo":               "vrbo",
		"HomeAway UK":        "vrbo",
		"Abritel":            "vrbo",
		"Expedia Affiliate":  "expedia",
		"direct":             "direct",
		"Manual":             "direct",
		"website":            "direct",
		"Прямое":             "direct",
		"Суточно.ру":         "суточно.ру",
		"Booking Factory":    "booking factory",
	} {
		assert.Equal(t, want, Channel(in), string(in))
	}
}
