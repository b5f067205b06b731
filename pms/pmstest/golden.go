package pmstest

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
)

// Golden compares got, as indented JSON, with the file at path. With the
// environment variable UPDATE_GOLDEN set it writes the file instead; read the
// difference before committing it.
func Golden(t testing.TB, path string, got any) {
	t.Helper()
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(got))
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, buffer.Bytes(), 0o600))
		return
	}
	want, err := os.ReadFile(path) //nolint:gosec // the path is the test's own
	require.NoError(t, err, "run once with UPDATE_GOLDEN=1 to write it")
	require.Equal(t, string(want), buffer.String())
}

// Mapped is what the records of a file become, the usual content of a golden
// file.
type Mapped[T any] struct {
	Items []T `json:"items"`
	// Failed has the texts of the records that could not be read.
	Failed []string `json:"failed,omitempty"`
}

// MappedOf returns the items and the texts of the failures.
func MappedOf[T any](items []T, failed []*pms.RecordError) Mapped[T] {
	m := Mapped[T]{Items: items}
	for _, bad := range failed {
		m.Failed = append(m.Failed, bad.Error())
	}
	return m
}

// ReadJSON decodes the file at path.
func ReadJSON(t testing.TB, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path) //nolint:gosec // the path is the test's own
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

// Clock reads a clock time, "14:00".
func Clock(t testing.TB, text string) pms.Clock {
	t.Helper()
	c, err := pms.ParseClock(text)
	require.NoError(t, err)
	return c
}
