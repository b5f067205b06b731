package ftpsource_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/crmimport"
	"github.com/changeover-sdk/changeover/crmimport/ftpsource"
	"github.com/changeover-sdk/changeover/crmimport/ftptest"
)

// TestImportOverFTP runs imports against a server with faults. A file that has
// not come whole applies nothing and is never deleted.
func TestImportOverFTP(t *testing.T) {
	t.Parallel()
	var clients strings.Builder
	for i := range 200 {
		fmt.Fprintf(&clients, "<client extId=\"%d\"><lastName>A</lastName></client>\n", i)
	}
	data := []byte(`<import version="1" source="s"><clients>` + clients.String() + `</clients></import>`)
	tests := map[string]struct {
		file    ftptest.File
		missing bool
		code    string
		warning string
		deleted bool
	}{
		"good":              {file: ftptest.File{}, deleted: true},
		"cut":               {file: ftptest.File{CutAt: 5000}, code: crmimport.CodeCut},
		"cut and told":      {file: ftptest.File{CutAt: 5000, CutReply: true, Size: -1}, code: crmimport.CodeCut},
		"421 in the middle": {file: ftptest.File{QuitAt: 5000}, code: crmimport.CodeCut},
		"silent":            {file: ftptest.File{Stall: 5000}, code: crmimport.CodeCut},
		"growing":           {file: ftptest.File{Grow: 10}, code: crmimport.CodeChanged},
		"ten GB":            {file: ftptest.File{Size: 10 << 30}, code: crmimport.CodeTooLarge},
		"delete refused":    {file: ftptest.File{KeepOnDelete: true}, warning: crmimport.WarnNotDeleted},
		"gone":              {missing: true, code: crmimport.CodeNotFound},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, &ftptest.Server{})
			if !test.missing {
				test.file.Data = data
				server.Put("/sber/offers.xml", test.file)
			}
			store := crmimport.NewMemoryStore()
			importer, err := crmimport.NewImporter(crmimport.ImporterConfig{TempDir: t.TempDir()})
			require.NoError(t, err)
			report, err := importer.RunNow(t.Context(), crmimport.Job{
				Settings: crmimport.Settings{Organisation: "uo", Addresses: "/sber/offers.xml", DeleteAfterReading: true},
				Store:    store,
				Files: crmimport.Sources{Paths: source(t, server, func(c *ftpsource.Config) {
					c.Stall = 300 * time.Millisecond
				})},
			})
			assert.Equal(t, test.deleted, report.Files[0].Deleted)
			assert.Equal(t, test.deleted || test.missing, !server.Has("/sber/offers.xml"))
			assert.NotContains(t, report.Text()+report.HTML(), secret)
			if test.code != "" {
				require.Error(t, err)
				assert.Equal(t, test.code, report.Error.Code)
				assert.Empty(t, store.All())
				return
			}
			require.NoError(t, err)
			assert.Len(t, store.All(), 200)
			if test.warning != "" {
				assert.Equal(t, test.warning, report.Warnings[len(report.Warnings)-1].Code)
			}
		})
	}
}
