package main

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/remonline"
)

func TestRun(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "deals.html")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-html", page, "-orders", "60"}, &out))
	for _, part := range []string{"branches[]=40117", "Некачественные      failure", `status "Ждёт материалы" is in no container`, "All"} {
		require.Contains(t, out.String(), part)
	}
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	_, drawing, _ := strings.Cut(string(html), "<svg")
	drawing, _, _ = strings.Cut(drawing, "</svg>")
	require.NoError(t, xml.Unmarshal([]byte("<svg"+drawing+"</svg>"), new(struct{})))
	require.Equal(t, 5, strings.Count(drawing, "<polygon"))
}

func TestRunWithoutOrders(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "deals.html")
	require.NoError(t, run(t.Context(), []string{"-html", page, "-orders", "-1"}, &bytes.Buffer{}))
	require.FileExists(t, page)
}

func TestRunNamesAnUnknownCity(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), []string{"-html", "", "-city", "Псков"}, &bytes.Buffer{})
	require.ErrorContains(t, err, `no location is named "Псков"`)
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"0": {"0_₽", "0.00"}, "999.5": {"1_000_₽", "999.50"}, "-1234567.89": {"−1_234_568_₽", "−1_234_567.89"},
	} {
		d, err := remonline.ParseDecimal(text)
		require.NoError(t, err)
		c := chart{Currency: "₽"}
		got := [2]string{strings.ReplaceAll(c.money(d), narrow, "_"), strings.ReplaceAll(c.Exact(d), narrow, "_")}
		require.Equal(t, want, got)
	}
}
