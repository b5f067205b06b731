package crmimport_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/changeover-sdk/changeover/crmimport"
)

func stoppedReport() crmimport.Report {
	zone := time.FixedZone("MSK", 3*3600)
	return crmimport.Report{
		Organisation: "uo-7", Trigger: crmimport.Scheduled, Status: crmimport.StatusError, Language: crmimport.Russian,
		StartedAt: time.Date(2026, 3, 1, 3, 0, 0, 0, zone), FinishedAt: time.Date(2026, 3, 1, 3, 0, 4, 0, zone),
		Files: []crmimport.FileReport{
			{Address: "/sber/offers.xml", Status: crmimport.StatusOK, Read: 4, Created: 2, Unchanged: 2, Deleted: true},
			{Address: "/<b>.xml", Status: crmimport.StatusError, Read: 2, Merged: 1, NotReached: 3, Kept: true},
			{Address: "/vtb/offers.xml", Status: crmimport.StatusNotReached, NotReached: -1},
		},
		Warnings: []crmimport.Warning{
			{File: "/sber/offers.xml", Line: 7, ExtID: "C-1", Code: "names_differ", Message: "the id was added to a client with another name", Fields: []string{"lastName"}},
			{File: "/sber/offers.xml", Code: crmimport.WarnNotDeleted, Message: "the file could not be deleted: ftp: 550"},
		},
		MoreWarnings: 5,
		Error: &crmimport.Failure{
			File: "/<b>.xml", Line: 23, ExtID: "C-502", Code: "phone_in_other_org",
			Message: "Невозможно изменить номер телефона клиента, так как он зарегистрирован в нескольких организациях",
		},
	}
}

func TestReportAsText(t *testing.T) {
	t.Parallel()
	report := stoppedReport()
	assert.Equal(t, `Ошибка: импорт остановлен

Ошибка: /<b>.xml, строка 23, C-502: Невозможно изменить номер телефона клиента, так как он зарегистрирован в нескольких организациях

/sber/offers.xml: импортирован: прочитано 4, создано 2, без изменений 2, файл удалён
/<b>.xml: остановлен: прочитано 2, склеено 1, не обработано 3, файл оставлен из-за ошибки
/vtb/offers.xml: не обработан

Предупреждения:
- /sber/offers.xml, строка 7, C-1: идентификатор добавлен клиенту с другим именем: lastName
- /sber/offers.xml: не удалось удалить файл (the file could not be deleted: ftp: 550)
- и ещё 5

Начало: 01.03.2026 03:00:00 MSK
Окончание: 01.03.2026 03:00:04 MSK
`, report.Text())
	assert.Equal(t, "Импорт клиентов: Ошибка: импорт остановлен", report.Subject())
	report.Language = crmimport.English
	assert.Contains(t, report.Text(), "Error: /<b>.xml, line 23, C-502: Невозможно изменить номер")
	assert.Contains(t, report.Text(), "/<b>.xml: stopped: read 2, merged 1, not reached 3, the file was kept because of the error\n")
}

func TestReportAsHTML(t *testing.T) {
	t.Parallel()
	page := stoppedReport().HTML()
	assert.Contains(t, page, "/&lt;b&gt;.xml")
	assert.NotContains(t, page, "<b>.xml")
	assert.Contains(t, page, "<h1 style=\"font-size:1.3em\">Импорт клиентов</h1>")
	assert.Contains(t, page, "прочитано 4, создано 2, без изменений 2, файл удалён")
	assert.Contains(t, page, "<li>и ещё 5</li>")
	assert.Equal(t, strings.Count(page, "<tr"), strings.Count(page, "</tr>"))
}

func TestCleanReportSaysOK(t *testing.T) {
	t.Parallel()
	for _, language := range []crmimport.Language{crmimport.Russian, crmimport.English} {
		job, _, _ := job(map[string]string{"/a.xml": file(person("1", "A", "+79031000001"))}, "/a.xml")
		job.Settings.Language = language
		report, err := importer(t, crmimport.ImporterConfig{}).RunNow(t.Context(), job)
		require.NoError(t, err)
		assert.True(t, report.Clean())
		first, _, _ := strings.Cut(report.Text(), "\n")
		assert.Equal(t, "OK", first)
		assert.True(t, strings.HasSuffix(report.Subject(), ": OK"))
		assert.Equal(t, "2026-03-01T03:00:00+03:00", report.StartedAt.Format(time.RFC3339), "in the zone of the settings")
	}
}

func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	job, _, _ := job(map[string]string{"/a.xml": file(person("1", "A", "12345"))}, "/a.xml")
	job.Settings.Email = "office@example.com"
	report, err := importer(t, crmimport.ImporterConfig{}).RunNow(t.Context(), job)
	require.Error(t, err)
	out, err := json.Marshal(report)
	require.NoError(t, err)
	assert.JSONEq(t, `{"organisation":"uo-7","trigger":"manual","status":"error","startedAt":"2026-03-01T03:00:00+03:00","finishedAt":"2026-03-01T03:00:00+03:00",
		"files":[{"address":"/a.xml","status":"error","read":0,"created":0,"updated":0,"merged":0,"idAdded":0,"unchanged":0,"notReached":-1,"deleted":false}],
		"warnings":[],"error":{"file":"/a.xml","line":2,"column":1,"kind":"client","extId":"1","code":"bad_phone","message":"the phone is unusable"},
		"resume":{"file":0,"address":"6e80e5ea7e5d5e6d","records":0,"sha256":"x"},"language":"en"}`,
		replaceHex(string(out)))
}

// replaceHex puts known values in the place of hashes.
func replaceHex(s string) string {
	for _, field := range []struct{ key, value string }{{`"address":"`, "6e80e5ea7e5d5e6d"}, {`"sha256":"`, "x"}} {
		i := strings.LastIndex(s, field.key) + len(field.key)
		end := strings.IndexByte(s[i:], '"')
		s = s[:i] + field.value + s[i+end:]
	}
	return s
}
