package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden file")

func TestRun(t *testing.T) {
	t.Parallel()
	const golden = "testdata/access.golden"
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	if *update {
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), out.String())
}

func TestFlags(t *testing.T) {
	t.Parallel()
	require.NoError(t, parseFlags(nil))
	require.ErrorIs(t, parseFlags([]string{"-h"}), flag.ErrHelp)
	require.ErrorContains(t, parseFlags([]string{"x"}), `unexpected argument "x"`)
}
