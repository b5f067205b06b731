package operto_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/operto"
)

const digits = "471199"

func TestCodeHasToBeAskedFor(t *testing.T) {
	t.Parallel()
	code := operto.NewCode(" " + digits + "\n")
	assert.Equal(t, digits, code.Reveal())
	assert.False(t, code.IsZero())
	assert.Len(t, map[operto.Code]bool{code: true, operto.NewCode(digits): true, operto.NewCode("471198"): true}, 2, "codes compare with ==")
	assert.Empty(t, operto.Code{}.Reveal())
	assert.True(t, operto.NewCode("  ").IsZero())
	assert.Empty(t, operto.Code{}.String())
}

func TestCodeIsMaskedInEveryVerb(t *testing.T) {
	t.Parallel()
	code := operto.NewCode(digits)
	type hidden struct{ code operto.Code }
	values := map[string]any{
		"code": code, "pointer": &code, "slice": []operto.Code{code}, "map": map[string]operto.Code{"a": code},
		"key":              map[operto.Code]int{code: 1},
		"struct":           struct{ Code operto.Code }{code},
		"unexported field": hidden{code}, "pointer to unexported": &hidden{code}, "nested": []any{hidden{code}, &code},
		"interface":   any(code),
		"grant":       operto.Access{Guest: code, CheckOut: code},
		"reservation": operto.Reservation{GuestCode: code, CheckOutCode: code},
	}
	for name, value := range values {
		for _, verb := range []string{"v", "+v", "#v", "s", "q", "x", "X", "d", "o", "b", "c", "U", "e", "f", "t", "T", "10s", "-10v", "z"} {
			text := fmt.Sprintf("%"+verb, value)
			assert.NotContains(t, text, digits, "%s with %%%s", name, verb)
			assert.NotContains(t, text, fmt.Sprintf("%x", digits), "%s with %%%s", name, verb)
		}
		assert.NotContains(t, fmt.Sprintln(value), digits, name)
		assert.NotContains(t, fmt.Errorf("cannot send %v: %w", value, errors.New("x")).Error(), digits, name)
	}
	assert.Equal(t, "••••", fmt.Sprintf("%d", code)) //nolint:govet // a wrong verb must not leak either
	assert.Equal(t, "operto.Code{••••}", fmt.Sprintf("%#v", code))
}

func TestCodeIsMaskedInLogsTemplatesAndJSON(t *testing.T) {
	t.Parallel()
	code := operto.NewCode(digits)
	access := operto.Access{Guest: code}
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("made", "code", code, "access", access, "pointer", &access, "list", []operto.Code{code})
	}
	require.NoError(t, template.Must(template.New("").Parse("{{.Guest}} {{.}}")).Execute(&out, access))
	body, err := json.Marshal(map[string]any{"access": access, "code": code, "by": map[operto.Code]bool{code: true}})
	require.NoError(t, err)
	out.Write(body)
	assert.NotContains(t, out.String(), digits)
	assert.Contains(t, string(body), `"code":"••••"`)
}

func TestMaskIsNoCode(t *testing.T) {
	t.Parallel()
	var code operto.Code
	require.Error(t, json.Unmarshal([]byte(`"••••"`), &code))
	require.NoError(t, json.Unmarshal([]byte(`"`+digits+`"`), &code))
	assert.Equal(t, digits, code.Reveal())
}

// TestCodeIsMaskedInPanics lets a child process die of a panic.
func TestCodeIsMaskedInPanics(t *testing.T) {
	t.Parallel()
	const variable = "OPERTO_TEST_PANIC"
	code := operto.NewCode(digits)
	switch os.Getenv(variable) {
	case "code":
		panic(code)
	case "struct":
		panic(operto.Access{Guest: code})
	case "error":
		panic(fmt.Errorf("no entry with %v", code))
	}
	for _, what := range []string{"code", "struct", "error"} {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCodeIsMaskedInPanics$")
		child.Env = append(os.Environ(), variable+"="+what)
		out, err := child.CombinedOutput()
		require.Error(t, err)
		assert.Contains(t, string(out), "panic", what)
		assert.NotContains(t, string(out), digits, what)
	}
}
