package crmimport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/crmimport"
	"github.com/changeover-sdk/changeover/pms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a source of files by path.
type memory struct {
	mu      sync.Mutex
	files   map[string]string
	opened  []string
	removed []string
	refuse  error
}

func (m *memory) Open(_ context.Context, address crmimport.Address) (*crmimport.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opened = append(m.opened, address.Path)
	text, ok := m.files[address.Path]
	if !ok {
		return nil, crmimport.ErrNotFound
	}
	file := crmimport.NewFile(io.NopCloser(strings.NewReader(text)), int64(len(text)), nil)
	file.Stamp = fmt.Sprint(len(text))
	return file, nil
}

func (m *memory) Remove(_ context.Context, address crmimport.Address, stamp string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.refuse != nil:
		return m.refuse
	case fmt.Sprint(len(m.files[address.Path])) != stamp:
		return crmimport.ErrChanged
	}
	delete(m.files, address.Path)
	m.removed = append(m.removed, address.Path)
	return nil
}

func person(id, name, phone string) string {
	return fmt.Sprintf("<client extId=%q><lastName>%s</lastName><phoneNumber>%s</phoneNumber></client>\n", id, name, phone)
}

// file is a file of the source "s".
func file(clients ...string) string {
	return `<import version="1" source="s"><clients>` + "\n" + strings.Join(clients, "") + `</clients></import>`
}

func importer(t *testing.T, cfg crmimport.ImporterConfig) *crmimport.Importer {
	t.Helper()
	if cfg.TempDir == "" {
		cfg.TempDir = t.TempDir()
	}
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }
	}
	im, err := crmimport.NewImporter(cfg)
	require.NoError(t, err)
	return im
}

func job(files map[string]string, addresses string) (crmimport.Job, *memory, *crmimport.MemoryStore) {
	source, store := &memory{files: files}, crmimport.NewMemoryStore()
	return crmimport.Job{
		Settings: crmimport.Settings{Organisation: "uo-7", Addresses: addresses, Language: crmimport.English},
		Store:    store, Files: source,
	}, source, store
}

func TestImportTheSampleTwice(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"XML": sampleXML, "JSON": sampleJSON, "windows-1251": cp1251(t, sampleXML)} {
		for _, streaming := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " streaming ", streaming), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				im := importer(t, crmimport.ImporterConfig{TempDir: dir})
				job, _, store := job(map[string]string{"/offers.xml": text}, "offers.xml")
				job.Settings.Streaming = streaming
				report, err := im.RunNow(t.Context(), job)
				require.NoError(t, err)
				assert.Equal(t, crmimport.StatusOK, report.Status)
				assert.Equal(t, []crmimport.FileReport{{Address: "/offers.xml", Status: crmimport.StatusOK, Read: 4, Created: 4}}, report.Files)
				client, ok := store.Client(id("C-501"))
				require.True(t, ok)
				assert.Equal(t, "+79035550102", client.Phone)
				assert.Equal(t, []cleaning.ExternalID{id("A-90001")}, client.Accounts)
				account, ok := store.Account(id("A-90001"))
				require.True(t, ok)
				assert.Equal(t, "0040012", account.Number)
				before := store.All()

				report, err = im.RunNow(t.Context(), job)
				require.NoError(t, err)
				assert.Equal(t, []crmimport.FileReport{{Address: "/offers.xml", Status: crmimport.StatusOK, Read: 4, Unchanged: 4}}, report.Files)
				assert.Equal(t, before, store.All())
				left, err := os.ReadDir(dir)
				require.NoError(t, err)
				assert.Empty(t, left, "temporary files")
			})
		}
	}
}

func TestErrorInTheMiddleStopsTheRun(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"/1.xml": file(person("1", "A", "+79031000001")),
		"/2.xml": file(person("2", "B", "+79031000002"), person("3", "C", "+79031000003"), person("1", "A", "+79031000002"), person("5", "E", "+79031000005"), person("6", "F", "+79031000006")),
		"/3.xml": file(person("7", "G", "+79031000007")),
	}
	job, source, store := job(files, "/1.xml, /2.xml, /3.xml")
	job.Settings.DeleteAfterReading = true
	_, err := store.Put(cleaning.ExistingClient{Phone: "+79031000009", Online: true})
	require.NoError(t, err)
	files["/2.xml"] = strings.Replace(files["/2.xml"], "<phoneNumber>+79031000002</phoneNumber></client>\n<client extId=\"5\"", "<phoneNumber>+79031000009</phoneNumber></client>\n<client extId=\"5\"", 1)

	im := importer(t, crmimport.ImporterConfig{})
	report, err := im.RunScheduled(t.Context(), job)
	var rejected *cleaning.MatchError
	require.ErrorAs(t, err, &rejected)
	assert.Equal(t, crmimport.StatusError, report.Status)
	assert.Equal(t, []crmimport.FileReport{
		{Address: "/1.xml", Status: crmimport.StatusOK, Read: 1, Created: 1, Deleted: true},
		{Address: "/2.xml", Status: crmimport.StatusError, Read: 3, Created: 2, NotReached: 2, Kept: true},
		{Address: "/3.xml", Status: crmimport.StatusNotReached, NotReached: -1},
	}, report.Files)
	assert.Equal(t, &crmimport.Failure{
		File: "/2.xml", Line: 4, Column: 1, Kind: crmimport.KindClient, ExtID: "1", Code: "phone_locked_logged_in",
		Message: "Невозможно изменить номер телефона, так как клиент уже выполнил вход в личный кабинет",
	}, report.Error)
	assert.Equal(t, []string{"/1.xml"}, source.removed)
	for id, want := range map[string]bool{"1": true, "2": true, "3": true, "5": false, "6": false, "7": false} {
		_, ok := store.Client(cleaning.ExternalID{Source: "s", ID: id})
		assert.Equal(t, want, ok, id)
	}
}

func TestBadFilesApplyNothingWhenValidatedFirst(t *testing.T) {
	t.Parallel()
	good := []string{person("1", "A", "+79031000001"), person("2", "B", "+79031000002")}
	tests := map[string]struct{ text, code string }{
		"truncated":    {file(good...)[:200], crmimport.CodeSyntax},
		"bad record":   {file(append(good, "<client extId=\"3\"/>")...), crmimport.CodeBadRecord},
		"bad phone":    {file(append(good, person("3", "C", "12345"))...), "bad_phone"},
		"web page":     {"<html></html>", crmimport.CodeNotDirect},
		"bad UTF-8":    {file(append(good, person("3", "\xff", "1"))...), crmimport.CodeEncoding},
		"entity bomb":  {`<!DOCTYPE i [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]>` + file(good...), crmimport.CodeSyntax},
		"nested":       {strings.Repeat("<import>", 1_000_000), crmimport.CodeTooLarge},
		"another file": {"<yml/>", crmimport.CodeNotImport},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job, source, store := job(map[string]string{"/a.xml": test.text}, "/a.xml")
			job.Settings.DeleteAfterReading = true
			report, err := importer(t, crmimport.ImporterConfig{}).RunNow(t.Context(), job)
			require.Error(t, err)
			assert.Equal(t, test.code, report.Error.Code)
			assert.Equal(t, "/a.xml", report.Error.File)
			assert.Positive(t, report.Error.Line)
			assert.Equal(t, 0, report.Files[0].Read)
			assert.Empty(t, store.All())
			assert.Empty(t, source.removed)
		})
	}
}

func TestStreamingKeepsWhatCameBeforeTheError(t *testing.T) {
	t.Parallel()
	job, _, store := job(map[string]string{"/a.xml": file(person("1", "A", "+79031000001"), "<client extId=\"2\"/>", person("3", "C", "+79031000003"))}, "/a.xml")
	job.Settings.Streaming = true
	report, err := importer(t, crmimport.ImporterConfig{}).RunNow(t.Context(), job)
	require.Error(t, err)
	assert.Equal(t, []crmimport.FileReport{{Address: "/a.xml", Status: crmimport.StatusError, Read: 2, Created: 1, NotReached: -1}}, report.Files)
	assert.Equal(t, "2", report.Error.ExtID)
	assert.Len(t, store.All(), 1)
}

func TestDeleting(t *testing.T) {
	t.Parallel()
	text := file(person("1", "A", "+79031000001"))
	bad := file(person("1", "A", "+79031000001"), person("1", "A", "+79031000002"))
	tests := map[string]struct {
		text    string
		always  bool
		refuse  error
		deleted bool
		warning string
	}{
		"good file":      {text: text, deleted: true},
		"refused":        {text: text, refuse: errors.New("ftp: 550"), warning: crmimport.WarnNotDeleted},
		"replaced":       {text: text, refuse: crmimport.ErrChanged, warning: crmimport.WarnNewerFile},
		"a link":         {text: text, refuse: errors.ErrUnsupported},
		"bad file":       {text: bad},
		"bad but always": {text: bad, always: true, deleted: true},
		"unread, always": {text: text[:50], always: true, deleted: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job, source, _ := job(map[string]string{"/a.xml": test.text}, "/a.xml")
			job.Settings.DeleteAfterReading, job.Settings.DeleteAlways = true, test.always
			source.refuse = test.refuse
			report, err := importer(t, crmimport.ImporterConfig{}).RunNow(t.Context(), job)
			assert.Equal(t, test.text != text, err != nil)
			assert.Equal(t, test.deleted, report.Files[0].Deleted)
			assert.Equal(t, test.deleted, len(source.removed) == 1)
			assert.Equal(t, err != nil && !test.always, report.Files[0].Kept)
			var codes []string
			for _, w := range report.Warnings {
				codes = append(codes, w.Code)
			}
			if test.warning != "" {
				assert.Equal(t, []string{test.warning}, codes)
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	im := importer(t, crmimport.ImporterConfig{})
	job, _, store := job(map[string]string{"/b.xml": file(person("1", "A", ""))}, "/a.xml,/b.xml")
	_, err := im.RunNow(t.Context(), job)
	require.ErrorIs(t, err, crmimport.ErrNotFound)
	_, err = im.RunScheduled(t.Context(), job)
	require.ErrorIs(t, err, crmimport.ErrNotFound, "files are not deleted, so this one should be there")

	job.Settings.DeleteAfterReading = true
	_, err = im.RunNow(t.Context(), job)
	require.ErrorIs(t, err, crmimport.ErrNotFound, "somebody waits for it")
	report, err := im.RunScheduled(t.Context(), job)
	require.NoError(t, err)
	assert.Equal(t, crmimport.StatusMissing, report.Files[0].Status)
	assert.Equal(t, crmimport.WarnNothingNew, report.Warnings[0].Code)
	assert.Len(t, store.All(), 1, "the next file is imported")
}

func TestOneRunAtATime(t *testing.T) {
	t.Parallel()
	im := importer(t, crmimport.ImporterConfig{})
	inside := 0
	job, _, _ := job(map[string]string{"/a.xml": file(person("1", "A", ""))}, "/a.xml")
	other := job
	job.OnProgress = func(p crmimport.Progress) {
		if p.Stage != crmimport.StageApply {
			return
		}
		inside++
		again := other
		_, err := im.RunNow(t.Context(), again)
		require.ErrorIs(t, err, crmimport.ErrBusy)
		report, err := im.RunScheduled(t.Context(), again)
		require.NoError(t, err)
		assert.Equal(t, crmimport.StatusSkipped, report.Status)
		assert.Equal(t, crmimport.WarnAlreadyRuns, report.Warnings[0].Code)
		again.Settings.Organisation = "uo-8"
		_, err = im.RunNow(t.Context(), again)
		require.NoError(t, err, "another organisation")
	}
	_, err := im.RunNow(t.Context(), job)
	require.NoError(t, err)
	assert.Equal(t, 1, inside)
	_, err = im.RunNow(t.Context(), other)
	require.NoError(t, err, "afterwards")
}

func TestHostsLock(t *testing.T) {
	t.Parallel()
	unlocked := 0
	busy := false
	im := importer(t, crmimport.ImporterConfig{Lock: func(_ context.Context, organisation string) (func(), error) {
		assert.Equal(t, "uo-7", organisation)
		if busy {
			return nil, crmimport.ErrBusy
		}
		return func() { unlocked++ }, nil
	}})
	job, _, _ := job(map[string]string{"/a.xml": file()}, "/a.xml")
	_, err := im.RunNow(t.Context(), job)
	require.NoError(t, err)
	assert.Equal(t, 1, unlocked)
	busy = true
	_, err = im.RunNow(t.Context(), job)
	require.ErrorIs(t, err, crmimport.ErrBusy)
	report, err := im.RunScheduled(t.Context(), job)
	require.NoError(t, err)
	assert.Equal(t, crmimport.StatusSkipped, report.Status)
}

// failing is a store whose database goes down.
type failing struct {
	*crmimport.MemoryStore
	left int
	err  error
}

func (f *failing) ApplyClient(ctx context.Context, d cleaning.Decision) (string, error) {
	if f.left == 0 {
		return "", f.err
	}
	f.left--
	return f.MemoryStore.ApplyClient(ctx, d)
}

func TestStoreFailureIsResumed(t *testing.T) {
	t.Parallel()
	var people []string
	for i := range 10 {
		people = append(people, person(fmt.Sprint(i), "A", fmt.Sprintf("+7903100000%d", i)))
	}
	files := map[string]string{"/0.xml": file(person("x", "X", "")), "/1.xml": file(people...)}
	job, source, store := job(files, "/0.xml,/1.xml")
	database := &failing{store, 5, errors.New("deadlock: Key (phone)=(+79031000004)")}
	job.Store = database
	im := importer(t, crmimport.ImporterConfig{})
	report, err := im.RunNow(t.Context(), job)
	require.ErrorIs(t, err, database.err)
	assert.Equal(t, &crmimport.Failure{
		File: "/1.xml", Line: 6, Column: 1, Kind: crmimport.KindClient, ExtID: "4", Code: crmimport.CodeStore, Message: "the database refused the record",
	}, report.Error)
	assert.NotContains(t, report.Text()+report.HTML(), "79031000004")
	assert.Equal(t, crmimport.FileReport{Address: "/1.xml", Status: crmimport.StatusError, Read: 4, Created: 4, NotReached: 6}, report.Files[1])
	assert.Len(t, store.All(), 5, "nothing half-applied")

	// The host stores the checkpoint and comes back.
	stored, err := json.Marshal(report.Resume)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(stored, &job.Resume))
	database.left = 100
	source.opened = nil
	report, err = im.RunNow(t.Context(), job)
	require.NoError(t, err)
	assert.Equal(t, []string{"/1.xml"}, source.opened)
	assert.Equal(t, crmimport.FileReport{Address: "/1.xml", Status: crmimport.StatusOK, Read: 10, Created: 6, Resumed: 4}, report.Files[1])
	assert.Equal(t, 94, database.left)
	assert.Nil(t, report.Resume)
	assert.Empty(t, report.Warnings)
}

func TestResumeOfAnotherFileBeginsAnew(t *testing.T) {
	t.Parallel()
	job, source, store := job(map[string]string{"/a.xml": file(person("1", "A", "")), "/b.xml": file()}, "/a.xml,/b.xml")
	im := importer(t, crmimport.ImporterConfig{})
	database := &failing{store, 0, errors.New("down")}
	job.Store = database
	report, err := im.RunNow(t.Context(), job)
	require.Error(t, err)
	database.left = 100
	job.Resume = new(*report.Resume)
	job.Resume.Records = 1
	source.files["/a.xml"] = file(person("2", "B", ""))
	report, err = im.RunNow(t.Context(), job)
	require.NoError(t, err)
	assert.Equal(t, 1, report.Files[0].Created)
	assert.Equal(t, crmimport.WarnResumeUnused, report.Warnings[0].Code)

	job.Settings.Addresses = "/b.xml"
	report, err = im.RunNow(t.Context(), job)
	require.NoError(t, err)
	assert.Equal(t, crmimport.WarnResumeUnused, report.Warnings[0].Code)
}

func TestCancelledRun(t *testing.T) {
	t.Parallel()
	var people []string
	for i := range 2000 {
		people = append(people, person(fmt.Sprint(i), "A", ""))
	}
	ctx, cancel := context.WithCancel(t.Context())
	job, _, store := job(map[string]string{"/a.xml": file(people...)}, "/a.xml")
	job.OnProgress = func(p crmimport.Progress) {
		if p.Stage == crmimport.StageApply && p.Records == 1000 {
			cancel()
		}
	}
	notified := &inbox{}
	report, err := importer(t, crmimport.ImporterConfig{Notifier: notified}).RunNow(ctx, job)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, crmimport.CodeCancelled, report.Error.Code)
	assert.Len(t, store.All(), 1000)
	assert.Equal(t, 1000, report.Resume.Records)
	require.Len(t, notified.got, 1)
	assert.NoError(t, notified.alive)
}

type inbox struct {
	got   []crmimport.Report
	alive error
	err   error
}

func (i *inbox) Notify(ctx context.Context, report crmimport.Report) error {
	i.got = append(i.got, report)
	i.alive = ctx.Err()
	return i.err
}

func TestNotifierThatFailsIsAWarning(t *testing.T) {
	t.Parallel()
	job, _, _ := job(map[string]string{"/a.xml": file()}, "/a.xml")
	job.Settings.Email = "office@example.com"
	mail := &inbox{err: errors.New("smtp: refused office@example.com")}
	report, err := importer(t, crmimport.ImporterConfig{Notifier: mail}).RunNow(t.Context(), job)
	require.NoError(t, err)
	assert.Equal(t, "office@example.com", mail.got[0].Email)
	assert.Equal(t, crmimport.WarnNotNotified, report.Warnings[0].Code)
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var people []string
	for i := range 700 {
		people = append(people, person(fmt.Sprint(i), strings.Repeat("A", 3000), ""))
	}
	text := file(people...)
	job, _, _ := job(map[string]string{"/a.xml": text}, "/a.xml")
	var seen []string
	job.OnProgress = func(p crmimport.Progress) {
		assert.Equal(t, "/a.xml", p.File)
		assert.Equal(t, int64(len(text)), p.Size)
		seen = append(seen, fmt.Sprint(p.Stage, " ", p.Bytes>>20, " ", p.Records, "/", p.Total, " ", p.Checkpoint.Records))
	}
	_, err := importer(t, crmimport.ImporterConfig{}).RunNow(t.Context(), job)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"download 1 0/0 0", "download 2 0/0 0",
		"validate 1 500/500 0", "validate 2 700/700 0",
		"apply 1 500/700 500", "apply 2 700/700 700",
	}, seen)
}

func TestLinksToNobody(t *testing.T) {
	t.Parallel()
	root := func(inner string) string { return `<import version="1" source="s">` + inner + `</import>` }
	place := `<places><place extId="P"><number>1</number></place></places>`
	client := `<clients><client extId="C"><lastName>A</lastName><place extId="P"/></client></clients>`
	account := `<accounts><account extId="A"><number>1</number><placeExtId>P</placeExtId><clientExtId>C</clientExtId></account></accounts>`
	tests := map[string]struct{ text, code, message string }{
		"all there":          {root(place + client + account), "", ""},
		"client, no place":   {root(client), crmimport.CodeUnknownPlace, "place.extId: no such premise in the file so far, nor stored"},
		"account, no place":  {root(account), crmimport.CodeUnknownPlace, "placeExtId: no such premise in the file so far, nor stored"},
		"account, no client": {root(place + account), crmimport.CodeUnknownClient, "clientExtId: no such client in the file so far, nor stored"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job, _, _ := job(map[string]string{"/a.xml": test.text}, "/a.xml")
			report, err := importer(t, crmimport.ImporterConfig{}).RunNow(t.Context(), job)
			if test.code == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Equal(t, test.code, report.Error.Code)
			assert.Equal(t, test.message, report.Error.Message)
		})
	}
}

func TestSettingsThatNoRunCanUse(t *testing.T) {
	t.Parallel()
	good := crmimport.Settings{Organisation: "o", Addresses: "/a.xml"}
	warnings, err := good.Check()
	require.NoError(t, err)
	assert.Empty(t, warnings)
	for want, change := range map[string]func(*crmimport.Settings){
		"crmimport: settings: Organisation is required":                       func(s *crmimport.Settings) { s.Organisation = "" },
		"crmimport: settings: address 1: bad address: empty":                  func(s *crmimport.Settings) { s.Addresses = " " },
		"crmimport: settings: unknown Method":                                 func(s *crmimport.Settings) { s.Method = "api" },
		"crmimport: settings: unknown Language":                               func(s *crmimport.Settings) { s.Language = "de" },
		"crmimport: settings: DeleteAlways without DeleteAfterReading":        func(s *crmimport.Settings) { s.DeleteAlways = true },
		"crmimport: settings: TimeZone is not an IANA zone known here":        func(s *crmimport.Settings) { s.TimeZone = "Moscow" },
		"crmimport: Source is too long or holds a colon or a line break":      func(s *crmimport.Settings) { s.Source = "a:b" },
		"crmimport: layout: no kind of record has a path":                     func(s *crmimport.Settings) { s.Layout = &crmimport.Layout{} },
		"crmimport: schedule: minute: neither a star nor numbers with commas": func(s *crmimport.Settings) { s.Schedule = &crmimport.Schedule{} },
	} {
		settings := good
		change(&settings)
		_, err := settings.Check()
		require.EqualError(t, err, want)
		report, err := importer(t, crmimport.ImporterConfig{}).RunNow(t.Context(), crmimport.Job{Settings: settings, Store: crmimport.NewMemoryStore(), Files: &memory{}})
		require.EqualError(t, err, want)
		assert.Equal(t, crmimport.StatusError, report.Status)
		require.NotNil(t, report.Error)
	}
	_, err = importer(t, crmimport.ImporterConfig{}).RunNow(t.Context(), crmimport.Job{Settings: good})
	require.EqualError(t, err, "crmimport: settings: Store and Files are required")
}

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	ctx, store := t.Context(), crmimport.NewMemoryStore()
	place := crmimport.Place{ExternalID: id("P"), Type: crmimport.Flat, Number: "1", Floor: new("3")}
	for _, step := range []struct {
		change func()
		want   crmimport.Outcome
	}{
		{func() {}, crmimport.Created},
		{func() {}, crmimport.Unchanged},
		{func() { place.Floor = nil }, crmimport.Unchanged},
		{func() { place.Floor = new("") }, crmimport.Updated},
		{func() { place.Number = "2" }, crmimport.Updated},
		{func() { place.Address = new("Тверь") }, crmimport.Updated},
	} {
		step.change()
		outcome, err := store.SavePlace(ctx, place)
		require.NoError(t, err)
		assert.Equal(t, step.want, outcome)
	}
	stored, ok := store.Place(id("P"))
	require.True(t, ok)
	assert.Equal(t, crmimport.Place{ExternalID: id("P"), Type: crmimport.Flat, Number: "2", Floor: new(""), Address: new("Тверь")}, stored)

	account := crmimport.Account{ExternalID: id("A"), Number: "007", Place: id("nowhere")}
	_, err := store.SaveAccount(ctx, account)
	require.ErrorIs(t, err, pms.ErrNotFound)
	account.Place, account.Clients = id("P"), []cleaning.ExternalID{id("nobody")}
	_, err = store.SaveAccount(ctx, account)
	require.ErrorIs(t, err, pms.ErrNotFound)
	account.Clients = nil
	outcome, err := store.SaveAccount(ctx, account)
	require.NoError(t, err)
	assert.Equal(t, crmimport.Created, outcome)
	account.ClosedOn = &pms.Date{Year: 2026, Month: time.May, Day: 1}
	outcome, err = store.SaveAccount(ctx, account)
	require.NoError(t, err)
	assert.Equal(t, crmimport.Updated, outcome)
	outcome, err = store.SaveAccount(ctx, account)
	require.NoError(t, err)
	assert.Equal(t, crmimport.Unchanged, outcome)
	places, accounts := store.Counts()
	assert.Equal(t, []int{1, 1}, []int{places, accounts})
}
