package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "report.html")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-html", page}, &out))
	text := out.String()
	for _, line := range []string{
		"Scheduled run, 02.03.2026 03:00 MSK",
		"  | /1c/clients.xml: imported: read 6, created 5, id added 1",
		"  | /rent/clients.xml: imported: read 2, id added 2",
		"  | /parking/clients.xml: stopped: read 3, created 1, merged 1, not reached 1",
		"  | /parking/clients.xml: imported: read 4, created 1, updated 1, unchanged 2",
		"  | /parking/clients.xml: imported: read 4, unchanged 4",
		"In the CRM, in the end: 6 clients, 3 premises, 1 accounts",
		"  +79035550105  Ким Анна     parking:77, 1c-main:C-503  P-12 owner 1/2, M-7 tenant",
	} {
		assert.Contains(t, text, line+"\n")
	}
	assert.Equal(t, 2, strings.Count(text, "  | OK\n"))
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Contains(t, string(html), "not reached 1")
}

func TestRunInRussian(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-html", "", "-lang", "ru"}, &out))
	assert.Contains(t, out.String(), "  | Subject: Импорт клиентов: Ошибка: импорт остановлен\n")
}

func TestBadFlags(t *testing.T) {
	t.Parallel()
	require.EqualError(t, run(t.Context(), []string{"x"}, &bytes.Buffer{}), `unexpected argument "x"`)
	require.EqualError(t, run(t.Context(), []string{"-lang", "de"}, &bytes.Buffer{}), "crmimport: settings: unknown Language")
}
