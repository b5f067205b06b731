package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/examples/internal/standin"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

func runWith(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, complaints bytes.Buffer
	status = run(t.Context(), args, &out, &complaints)
	return status, out.String(), complaints.String()
}

// row returns the numbers of a vendor in the pass-th table.
func row(t *testing.T, stdout, vendor string, pass int) []string {
	t.Helper()
	for line := range strings.Lines(stdout) {
		if fields := strings.Fields(line); len(fields) == 7 && fields[0] == vendor {
			if pass--; pass == 0 {
				return fields[1:]
			}
		}
	}
	require.Fail(t, "no row", "%s in\n%s", vendor, stdout)
	return nil
}

func TestTheFleet(t *testing.T) {
	t.Parallel()
	n := 3 * len(standin.Vendors())
	status, stdout, stderr := runWith(t, "-n", fmt.Sprint(n))
	require.Equal(t, complete, status, stderr)
	assert.Empty(t, stderr, "no bars where there is no terminal")
	for _, vendor := range standin.Vendors() {
		first, second := row(t, stdout, vendor, 1), row(t, stdout, vendor, 2)
		assert.Equal(t, "3", first[0])
		assert.NotEqual(t, "0", first[3])
		assert.Equal(t, first[:2], second[:2])
		assert.NotEqual(t, "0", second[3])
	}
	assert.Equal(t, fmt.Sprint(n-3), row(t, stdout, "all", 2)[1], "three are broken and hold nobody")
	for _, trouble := range []string{": 401 ", "200 HTML in place of data", "context deadline exceeded"} {
		assert.Equal(t, 2, strings.Count(stdout, trouble), trouble)
	}
}

// serveBnovo returns the settings of an account at a server of its own.
func serveBnovo(t *testing.T, world *sandbox.World) json.RawMessage {
	t.Helper()
	server, settings, err := standin.Open("bnovo", world, "")
	require.NoError(t, err)
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(settings, &fields))
	fields["baseUrl"] = listener.URL
	settings, err = json.Marshal(fields)
	require.NoError(t, err)
	return settings
}

func TestAccountsOfAFile(t *testing.T) {
	t.Parallel()
	anna := sandbox.NewWorld(1, sandbox.Options{Clock: time.Now})
	boris := sandbox.NewWorld(2, sandbox.Options{Clock: time.Now})
	accounts, err := json.Marshal([]account{
		{ID: "anna", Vendor: "bnovo", Settings: serveBnovo(t, anna)},
		{ID: "boris/2", Vendor: "bnovo", Settings: serveBnovo(t, boris)},
	})
	require.NoError(t, err)
	dir := t.TempDir()
	file, changes := filepath.Join(dir, "accounts.json"), filepath.Join(dir, "changes.jsonl")
	require.NoError(t, os.WriteFile(file, accounts, 0o600))
	args := []string{"-accounts", file, "-state", filepath.Join(dir, "state"), "-changes", changes}

	lines := func() []string {
		data, err := os.ReadFile(changes)
		require.NoError(t, err)
		return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	}
	status, stdout, stderr := runWith(t, args...)
	require.Equal(t, complete, status, stderr)
	first := len(lines())
	assert.Equal(t, fmt.Sprint(first), row(t, stdout, "bnovo", 1)[3])

	require.NoError(t, standin.Happen(boris))
	status, stdout, stderr = runWith(t, args...)
	require.Equal(t, complete, status, stderr)
	assert.Equal(t, "3", row(t, stdout, "bnovo", 1)[3], "the checkpoints are kept")
	require.Len(t, lines(), first+3)
	for _, line := range lines()[first:] {
		assert.Contains(t, line, `{"account":"boris/2","kind":"upsert","booking":{`)
	}

	const secret = "canary-5f0c1a2b"
	bad := fmt.Sprintf(`[{"id":"a","vendor":"bnovo","settings":{"id":1,"password":%q,"colour":"red"}},{"id":"b","vendor":"nobody","settings":{}}]`, secret)
	require.NoError(t, os.WriteFile(file, []byte(bad), 0o600))
	status, stdout, stderr = runWith(t, args...)
	assert.Equal(t, incomplete, status)
	assert.Contains(t, stdout, `unknown key "colour"`)
	assert.Contains(t, stderr, "2 of 2 accounts could not be read")
	assert.NotContains(t, stdout+stderr, secret)
}

func TestAccountsBehindOneAddressShareItsAllowance(t *testing.T) {
	t.Parallel()
	shared := limiters{}
	for _, vendor := range []string{"hostaway", "ownerrez"} {
		first := shared.of(vendor)
		require.NotNil(t, first)
		assert.Same(t, first, shared.of(vendor))
	}
	assert.NotSame(t, shared.of("hostaway"), shared.of("ownerrez"))
	assert.Nil(t, shared.of("bnovo"), "each account has its own")
	assert.Nil(t, shared.of("nobody"))
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"-n 0", "-accounts x.json", "-state x", "surplus", "-nonsense", "-timeout 0s"} {
		status, stdout, stderr := runWith(t, strings.Fields(args)...)
		assert.Equal(t, usage, status, args)
		assert.Empty(t, stdout, args)
		assert.NotEmpty(t, stderr, args)
	}
	status, _, _ := runWith(t, "-h")
	assert.Equal(t, complete, status)
	for _, file := range []string{`{}`, `[]`, `[{"id":"a"}]`, `[{"id":"a","vendor":"ical"},{"id":"a","vendor":"ical"}]`, `nonsense`} {
		path := filepath.Join(t.TempDir(), "accounts.json")
		require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
		status, _, stderr := runWith(t, "-accounts", path, "-state", t.TempDir())
		assert.Equal(t, incomplete, status, file)
		assert.NotEmpty(t, stderr, file)
	}
}
