package pmstest

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
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
