package crmimport_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/crmimport"
)

// TestImportingAgainChangesNothing: whatever a clean file holds, its second
// import finds every record as it is.
func TestImportingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	im := importer(t, crmimport.ImporterConfig{})
	rapid.Check(t, func(rt *rapid.T) {
		var people []string
		for i := range rapid.IntRange(0, 12).Draw(rt, "clients") {
			phone := rapid.SampledFrom([]string{"", "+79031000001", "8 903 100-00-02", "89031000003", "+8 903 100 00 04"}).Draw(rt, "phone")
			people = append(people, person(fmt.Sprint(i), rapid.SampledFrom([]string{"A", "B"}).Draw(rt, "name"), phone))
		}
		job, _, store := job(map[string]string{"/a.xml": file(people...)}, "/a.xml")
		job.Settings.Streaming = rapid.Bool().Draw(rt, "streaming")
		first, err := im.RunNow(t.Context(), job)
		require.NoError(rt, err)
		before := store.All()
		second, err := im.RunNow(t.Context(), job)
		require.NoError(rt, err)
		f := second.Files[0]
		require.Equal(rt, len(people), first.Files[0].Read)
		require.Equal(rt, len(people), f.Unchanged)
		require.Zero(rt, f.Created+f.Updated+f.Merged+f.IDAdded)
		require.Equal(rt, before, store.All())
	})
}

// household is a file of so many premises with a client each.
func household(n int) string {
	var b strings.Builder
	b.WriteString(`<import version="1" source="1c"><places>` + "\n")
	for i := range n {
		fmt.Fprintf(&b, "  <place extId=\"P-%d\"><address>Тверь, ул. Лесная, д. 4</address><number>%d</number><totalArea>54.30</totalArea></place>\n", i, i)
	}
	b.WriteString("</places><clients>\n")
	for i := range n {
		fmt.Fprintf(&b, `  <client extId="C-%d">
    <lastName>Орлова</lastName><firstName>Вера</firstName><middleName>Павловна</middleName>
    <phoneNumber>8 (903) %03d-%02d-%02d</phoneNumber><email>vera%d@example.com</email>
    <place extId="P-%d" role="owner" share="1/2"/>
  </client>
`, i, i/10000%1000, i/100%100, i%100, i, i)
	}
	b.WriteString("</clients></import>\n")
	return b.String()
}

// BenchmarkImport is a whole run: kept aside, checked, phones brought into form,
// matched, and stored in memory.
func BenchmarkImport(b *testing.B) {
	data := household(10_000)
	im, err := crmimport.NewImporter(crmimport.ImporterConfig{TempDir: b.TempDir()})
	require.NoError(b, err)
	for name, streaming := range map[string]bool{"validated": false, "streaming": true} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				job, _, _ := job(map[string]string{"/a.xml": data}, "/a.xml")
				job.Settings.Streaming = streaming
				report, err := im.RunNow(b.Context(), job)
				require.NoError(b, err)
				require.Equal(b, 20_000, report.Files[0].Created)
			}
		})
	}
}
