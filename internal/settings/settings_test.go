package settings

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	type config struct {
		Key  string `json:"key"`
		Size int    `json:"size"`
	}
	var cfg config
	require.NoError(t, Decode("x", []byte(` {"key":"k","size":3} `), &cfg))
	require.Equal(t, config{"k", 3}, cfg)
	for data, want := range map[string]string{
		`{"kee":"canary"}`:         `x: settings: unknown key "kee"`,
		`{"key":7}`:                `x: settings: "key" must not be a JSON number`,
		`{"size":"canary"}`:        `x: settings: "size" must not be a JSON string`,
		`["canary"]`:               `x: settings: not a JSON object`,
		`{"key":"canary"`:          `x: settings: not valid JSON`,
		``:                         `x: settings: not valid JSON`,
		`{"key":"k"} canary`:       `x: settings: text behind the JSON object`,
		`{"key":"k"}{"key":"two"}`: `x: settings: text behind the JSON object`,
	} {
		require.EqualError(t, Decode("x", []byte(data), &cfg), want, data)
	}
}

func TestRequired(t *testing.T) {
	t.Parallel()
	require.NoError(t, Required("x", "Key", "k", "Secret", "s"))
	require.EqualError(t, Required("x", "Key", "k", "Secret", " \t"), "x: Secret is required")
	require.EqualError(t, Required("x", "Key", "can\nary"), "x: Key holds a line break")
}

func TestZone(t *testing.T) {
	t.Parallel()
	zone, err := Zone("x", "Europe/Moscow")
	require.NoError(t, err)
	require.Equal(t, "Europe/Moscow", zone.String())
	zone, err = Zone("x", "")
	require.NoError(t, err)
	require.Nil(t, zone, "no zone is not UTC")
	for _, name := range []string{"Local", "India Standard Time", "../etc/passwd"} {
		_, err := Zone("x", name)
		require.ErrorContains(t, err, "is not an IANA zone known here")
	}
}
