package pmstest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/pmstest"
)

// failing notes that a test failed.
type failing struct {
	testing.TB
	failed bool
}

func (f *failing) Helper()               {}
func (f *failing) Errorf(string, ...any) { f.failed = true }
func (f *failing) Error(...any)          { f.failed = true }
func (f *failing) FailNow()              { f.failed = true }

func TestGolden(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.golden.json")
	require.NoError(t, os.WriteFile(path, []byte("{\n  \"amount\": \"1.50\",\n  \"currency\": \"<>\"\n}\n"), 0o600))
	pmstest.Golden(t, path, pms.Money{Amount: "1.50", Currency: "<>"})

	other := &failing{TB: t}
	pmstest.Golden(other, path, pms.Money{Amount: "1.51", Currency: "<>"})
	assert.True(t, other.failed, "another value")
}

func TestNoSecrets(t *testing.T) {
	t.Parallel()
	const secret = `a/b+c="d" <é>`
	pmstest.NoSecrets(t, "GET /x?key=… 401", secret, "short")
	for name, text := range map[string]string{
		"plain": "key " + secret, "query": "?k=a%2Fb%2Bc%3D%22d%22+%3C%C3%A9%3E&x=1", "path": "/a%2Fb+c=%22d%22%20%3C%C3%A9%3E",
		"json": `{"key":"a/b+c=\"d\" \u003cé\u003e"}`, "html": "<p>a/b+c=&#34;d&#34; &lt;é&gt;</p>", "basic": "Basic YS9iK2M9ImQiIDzDqT4=",
	} {
		f := &failing{TB: t}
		pmstest.NoSecrets(f, text, "another-secret", secret)
		assert.True(t, f.failed, name)
	}
}
