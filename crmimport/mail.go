package crmimport

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/changeover-sdk/changeover/cleaning"
)

// Language is the language of a report.
type Language string

// The languages of reports.
const (
	Russian Language = "ru"
	English Language = "en"
)

// phrases are the words of a report in one language.
type phrases struct {
	subject, ok, failed, skipped, withWarnings string
	started, finished                          string
	error, warnings, more                      string
	file, status, read, created, updated       string
	merged, idAdded, unchanged, notReached     string
	resumed, deleted, kept, line               string
	statuses                                   map[Status]string
	codes                                      map[string]string
}

func (l Language) phrases() phrases {
	if l == English {
		return english
	}
	return russian
}

var english = phrases{
	subject: "Import of clients", ok: "OK", failed: "Error: the import has stopped", skipped: "Skipped", withWarnings: "OK, with warnings",
	started: "Started", finished: "Finished", error: "Error", warnings: "Warnings", more: "and %d more",
	file: "File", status: "Status", read: "read", created: "created", updated: "updated", merged: "merged", idAdded: "id added",
	unchanged: "unchanged", notReached: "not reached", resumed: "done before", deleted: "the file was deleted",
	kept: "the file was kept because of the error", line: "line %d",
	statuses: map[Status]string{
		StatusOK: "imported", StatusError: "stopped", StatusSkipped: "skipped", StatusMissing: "no file", StatusNotReached: "not reached",
	},
	// The messages that are the same every time.
	codes: map[string]string{
		CodeStore: "the database refused the record",

		WarnNothingNew:   "no file: nothing new",
		WarnNewerFile:    "a newer file stands in its place and was not deleted",
		WarnAlreadyRuns:  "another run was under way",
		WarnNotNotified:  "the report could not be sent",
		WarnResumeUnused: "not what the stopped run was at: it is read from the beginning",
		WarnEitherDay:    "day of month and weekday are both given: the import runs on days that fit either",

		string(cleaning.WarnNoPhone):        "the client was created without a phone",
		string(cleaning.WarnFormerPhone):    "another client had this phone once",
		string(cleaning.WarnNamesDiffer):    "the id was added to a client with another name",
		string(cleaning.WarnSameSource):     "the client has another id of the same source",
		string(cleaning.WarnSharedPhone):    "another record of the file has the same phone",
		string(cleaning.WarnRepeatedID):     "the id came before in the file",
		string(cleaning.WarnRepeatDiffers):  "the id came before in the file with other data, which stand",
		string(cleaning.WarnPhoneCorrected): "a typing error in the phone was put right",
		string(cleaning.WarnNoMessages):     "this phone cannot receive a login code",
	},
}

// always is a warning whose message is the same every time.
func always(code string) Warning { return Warning{Code: code, Message: english.codes[code]} }

var russian = phrases{
	subject: "Импорт клиентов", ok: "OK", failed: "Ошибка: импорт остановлен", skipped: "Пропущено", withWarnings: "OK, есть предупреждения",
	started: "Начало", finished: "Окончание", error: "Ошибка", warnings: "Предупреждения", more: "и ещё %d",
	file: "Файл", status: "Состояние", read: "прочитано", created: "создано", updated: "обновлено", merged: "склеено", idAdded: "добавлен идентификатор",
	unchanged: "без изменений", notReached: "не обработано", resumed: "обработано ранее", deleted: "файл удалён",
	kept: "файл оставлен из-за ошибки", line: "строка %d",
	statuses: map[Status]string{
		StatusOK: "импортирован", StatusError: "остановлен", StatusSkipped: "пропущен", StatusMissing: "файла нет", StatusNotReached: "не обработан",
	},
	codes: map[string]string{
		CodeBadSettings:   "неверные настройки импорта",
		CodeBadAddress:    "неверный адрес файла",
		CodeNotFound:      "файл не найден",
		CodeNotDirect:     "по адресу открывается веб-страница, а не файл: нужна прямая ссылка на скачивание",
		CodePrivate:       "адрес находится во внутренней сети",
		CodeCut:           "передача файла прервалась",
		CodeChanged:       "файл изменился во время чтения",
		CodeTooLarge:      "превышен допустимый размер",
		CodeEncoding:      "неверная кодировка файла",
		CodeSyntax:        "файл повреждён или составлен с ошибкой",
		CodeNotImport:     "это не файл импорта",
		CodeBadRecord:     "запись заполнена неверно",
		CodeUnknownPlace:  "помещение не найдено",
		CodeUnknownClient: "клиент не найден",
		CodeStore:         "ошибка базы данных",
		CodeSource:        "не удалось получить файл",
		CodeCancelled:     "импорт прерван",

		string(cleaning.RejectPhoneAmbiguous): "такой номер телефона есть у нескольких клиентов",
		string(cleaning.RejectBadPhone):       "номер телефона записан неверно",
		string(cleaning.RejectNoID):           "нет внешнего идентификатора",
		string(cleaning.RejectRepeatedID):     "внешний идентификатор уже встречался в файле с другим номером телефона",

		WarnUnknown:      "неизвестный элемент",
		WarnStamp:        "время выгрузки записано неверно",
		WarnNothingNew:   "файла нет: новых данных не поступало",
		WarnNotDeleted:   "не удалось удалить файл",
		WarnNewerFile:    "на месте файла уже лежит новый, он не удалён",
		WarnAlreadyRuns:  "предыдущий импорт ещё не закончился",
		WarnNotNotified:  "не удалось отправить отчёт",
		WarnResumeUnused: "это не то, на чём остановился прошлый импорт: файл прочитан с начала",
		WarnEitherDay:    "заданы и число месяца, и день недели: импорт запускается, если подходит любое из них",

		string(cleaning.WarnNoPhone):        "клиент создан без телефона",
		string(cleaning.WarnFormerPhone):    "этот номер раньше был у другого клиента",
		string(cleaning.WarnNamesDiffer):    "идентификатор добавлен клиенту с другим именем",
		string(cleaning.WarnSameSource):     "у клиента уже есть идентификатор из этой системы",
		string(cleaning.WarnSharedPhone):    "этот номер есть и у другой записи файла",
		string(cleaning.WarnRepeatedID):     "идентификатор встречается в файле повторно",
		string(cleaning.WarnRepeatDiffers):  "повторная запись отличается, оставлены первые данные",
		string(cleaning.WarnPhoneCorrected): "исправлена опечатка в номере телефона",
		string(cleaning.WarnNoMessages):     "на этот номер не придёт код для входа",
	},
}

// Subject is the subject line of an e-mail.
func (r Report) Subject() string {
	p := r.Language.phrases()
	return p.subject + ": " + r.headline(p)
}

// headline is the first line of a report: "OK" alone when all is well.
func (r Report) headline(p phrases) string {
	switch {
	case r.Status == StatusSkipped:
		return p.skipped
	case r.Status != StatusOK:
		return p.failed
	case !r.Clean():
		return p.withWarnings
	}
	return p.ok
}

// page is a report in words.
type page struct {
	Title, Headline   string
	Good              bool
	Times             []string
	Files             []pageFile
	ErrorTitle, Error string
	WarningsTitle     string
	Warnings          []string
}

type pageFile struct {
	Address, Status string
	Good            bool
	Counts          string
}

func (r Report) page() page {
	p := r.Language.phrases()
	out := page{Title: p.subject, Headline: r.headline(p), Good: r.Status == StatusOK, ErrorTitle: p.error, WarningsTitle: p.warnings}
	for _, at := range []struct {
		word string
		time time.Time
	}{{p.started, r.StartedAt}, {p.finished, r.FinishedAt}} {
		out.Times = append(out.Times, at.word+": "+at.time.Format("02.01.2006 15:04:05 MST"))
	}
	for _, f := range r.Files {
		out.Files = append(out.Files, pageFile{
			Address: f.Address, Status: p.statuses[f.Status], Good: f.Status == StatusOK || f.Status == StatusMissing, Counts: p.counts(f),
		})
	}
	if e := r.Error; e != nil {
		out.Error = p.located(e.File, e.Line, e.ExtID) + p.message(e.Code, e.Message)
	}
	for _, w := range r.Warnings {
		text := p.located(w.File, w.Line, w.ExtID) + p.message(w.Code, w.Message)
		if len(w.Fields) > 0 {
			text += ": " + strings.Join(w.Fields, ", ")
		}
		out.Warnings = append(out.Warnings, text)
	}
	if r.MoreWarnings > 0 {
		out.Warnings = append(out.Warnings, fmt.Sprintf(p.more, r.MoreWarnings))
	}
	return out
}

func (p phrases) counts(f FileReport) string {
	if f.Status == StatusNotReached || f.Status == StatusMissing {
		return ""
	}
	counts := []string{fmt.Sprintf("%s %d", p.read, f.Read)}
	for _, c := range []struct {
		word string
		n    int
	}{
		{p.resumed, f.Resumed},
		{p.created, f.Created},
		{p.updated, f.Updated},
		{p.merged, f.Merged},
		{p.idAdded, f.IDAdded},
		{p.unchanged, f.Unchanged},
		{p.notReached, f.NotReached},
	} {
		if c.n > 0 {
			counts = append(counts, fmt.Sprintf("%s %d", c.word, c.n))
		}
	}
	switch {
	case f.Deleted:
		counts = append(counts, p.deleted)
	case f.Kept:
		counts = append(counts, p.kept)
	}
	return strings.Join(counts, ", ")
}

// located says where something is: "/a.xml, line 3, C-501: ".
func (p phrases) located(file string, line int, id string) string {
	var at []string
	if file != "" {
		at = append(at, file)
	}
	if line > 0 {
		at = append(at, fmt.Sprintf(p.line, line))
	}
	if id != "" {
		at = append(at, id)
	}
	if len(at) == 0 {
		return ""
	}
	return strings.Join(at, ", ") + ": "
}

// message is the text for a code, with the details behind it if the English text
// has any. Texts of the CRM itself have no translation and stand alone.
func (p phrases) message(code, text string) string {
	word := p.codes[code]
	switch {
	case word == "" || word == text:
		return text
	case text == english.codes[code] || text == cleaning.RejectCode(code).Text():
		return word
	}
	return word + " (" + text + ")"
}

// Text is the report as plain text, in its Language. Its first line is "OK" when
// there is neither error nor warning.
func (r Report) Text() string {
	page := r.page()
	var b strings.Builder
	b.WriteString(page.Headline + "\n")
	if page.Error != "" {
		b.WriteString("\n" + page.ErrorTitle + ": " + page.Error + "\n")
	}
	if len(page.Files) > 0 {
		b.WriteString("\n")
	}
	for _, f := range page.Files {
		b.WriteString(f.Address + ": " + f.Status)
		if f.Counts != "" {
			b.WriteString(": " + f.Counts)
		}
		b.WriteString("\n")
	}
	if len(page.Warnings) > 0 {
		b.WriteString("\n" + page.WarningsTitle + ":\n")
	}
	for _, w := range page.Warnings {
		b.WriteString("- " + w + "\n")
	}
	b.WriteString("\n" + strings.Join(page.Times, "\n") + "\n")
	return b.String()
}

// HTML is the report as the body of an e-mail, in its Language. Whatever stands
// in files and addresses is escaped.
func (r Report) HTML() string {
	var b strings.Builder
	if err := reportPage.Execute(&b, r.page()); err != nil {
		return template.HTMLEscapeString(r.Text()) // a builder takes everything
	}
	return b.String()
}

var reportPage = template.Must(template.New("report").Parse(`<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{{.Title}}: {{.Headline}}</title></head>
<body style="font-family:sans-serif;color:#222;max-width:48em">
<h1 style="font-size:1.3em">{{.Title}}</h1>
<p style="font-size:1.2em;font-weight:bold;color:{{if .Good}}#1a7f37{{else}}#b42318{{end}}">{{.Headline}}</p>
{{- with .Error}}
<p style="border-left:4px solid #b42318;padding:.5em 1em;background:#fdf3f2"><b>{{$.ErrorTitle}}:</b> {{.}}</p>
{{- end}}
{{- with .Files}}
<table style="border-collapse:collapse;width:100%">
{{- range .}}
<tr style="border-top:1px solid #ddd"><td style="padding:.4em"><code>{{.Address}}</code></td>
<td style="padding:.4em;color:{{if .Good}}#1a7f37{{else}}#b42318{{end}}">{{.Status}}</td><td style="padding:.4em">{{.Counts}}</td></tr>
{{- end}}
</table>
{{- end}}
{{- with .Warnings}}
<h2 style="font-size:1em">{{$.WarningsTitle}}</h2>
<ul>
{{- range .}}
<li>{{.}}</li>
{{- end}}
</ul>
{{- end}}
<p style="color:#666">{{range .Times}}{{.}}<br>{{end}}</p>
</body></html>
`))
