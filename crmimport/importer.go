package crmimport

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"sync"
	"time"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/cleaning/phone"
)

// ErrBusy says that a run of the organisation is under way.
var ErrBusy = errors.New("crmimport: an import of the organisation is under way")

// ImporterConfig holds the knobs of an Importer; the zero value is good.
type ImporterConfig struct {
	// Phones brings phones into the form in which they are compared. Nil means
	// the package cleaning/phone with the default region RU.
	Phones cleaning.PhoneNormalizer
	// Notifier, if not nil, gets the report of every run that was not refused.
	Notifier Notifier
	// Lock, if not nil, makes sure that one run of an organisation is made among
	// several processes: it returns a function that frees the organisation, or
	// ErrBusy. Within one Importer that is sure in any case.
	Lock func(ctx context.Context, organisation string) (unlock func(), err error)
	// TempDir is where files stand between their two readings, readable by this
	// user alone; empty means [os.TempDir].
	TempDir string
	// Now is the clock; nil means [time.Now].
	Now func() time.Time
}

// Importer runs imports. It holds no goroutine and starts none: a run lasts as
// long as its call. It is safe for concurrent use.
type Importer struct {
	cfg ImporterConfig

	mu      sync.Mutex
	running map[string]bool
}

// NewImporter makes an Importer.
func NewImporter(cfg ImporterConfig) (*Importer, error) {
	if cfg.Phones == nil {
		phones, err := phone.New("RU")
		if err != nil {
			return nil, err
		}
		cfg.Phones = phones
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Importer{cfg: cfg, running: map[string]bool{}}, nil
}

// Job is one run of one organisation.
type Job struct {
	Settings Settings
	// Store is where the records go, Files where they come from.
	Store Store
	Files Source
	// Resume continues a run that was stopped: files that it had done with, and
	// the records that it had applied of the file it stopped in, are left out. A
	// file that has changed since is read from its beginning, which is harmless.
	// Nil begins anew.
	Resume *Checkpoint
	// OnProgress, if not nil, is told how far the run is: every 500 records, every
	// MiB of a download, and at the end of each stage. It is called from the run itself.
	OnProgress func(Progress)
}

// Checkpoint is how far a run came. It is plain data; a host may store it.
type Checkpoint struct {
	// File is the index of the file that the run is in, of Files.
	File int `json:"file"`
	// Address stands for the list of addresses, so that a checkpoint is not used
	// with another one.
	Address string `json:"address"`
	// Records of the file are done with. It is used only for a file with the same
	// SHA-256, so not in streaming.
	Records int    `json:"records"`
	SHA256  string `json:"sha256,omitzero"`
}

// Progress is how far a run is.
type Progress struct {
	// File is the address of the file under way.
	File  string
	Stage Stage
	// Bytes of the file were read, of Size; -1 is unknown.
	Bytes, Size int64
	// Records were read in this stage, of Total; 0 is unknown.
	Records, Total int
	// Checkpoint is good to resume from.
	Checkpoint Checkpoint
}

// Stage is a part of the work on one file.
type Stage string

// The stages, in order. A file that is streamed is applied only.
const (
	StageDownload Stage = "download"
	StageValidate Stage = "validate"
	StageApply    Stage = "apply"
)

// Progress is reported every so many records, or bytes of a download.
const (
	progressEvery = 500
	progressBytes = 1 << 20
)

// RunNow runs an import at once. The files are taken in order; the first error
// stops the run, and what was imported before it stays. The report says all
// this, and is complete whatever the error; the error is the one that stopped
// the run, or [ErrBusy].
func (im *Importer) RunNow(ctx context.Context, job Job) (Report, error) {
	return im.run(ctx, job, Manual)
}

// RunScheduled is RunNow for a time of the schedule. A file that is missing
// causes a warning only, if files are deleted after reading; and while another
// run is under way the run is skipped with a warning and without error.
func (im *Importer) RunScheduled(ctx context.Context, job Job) (Report, error) {
	report, err := im.run(ctx, job, Scheduled)
	if errors.Is(err, ErrBusy) {
		return report, nil
	}
	return report, err
}

func (im *Importer) run(ctx context.Context, job Job, trigger Trigger) (Report, error) {
	s := job.Settings
	r := &run{
		im: im, job: job,
		report: Report{
			Organisation: s.Organisation, Trigger: trigger, Status: StatusOK, StartedAt: im.cfg.Now(),
			Files: []FileReport{}, Warnings: []Warning{}, Language: cmp.Or(s.Language, Russian), Email: s.Email,
		},
	}
	unlock, err := im.lock(ctx, s.Organisation)
	switch {
	case errors.Is(err, ErrBusy):
		r.report.Status = StatusSkipped
		r.report.warn(always(WarnAlreadyRuns))
		r.report.FinishedAt = r.report.StartedAt
		return r.report, err
	case err == nil:
		defer unlock()
		err = r.all(ctx)
	}
	r.finish(err)
	if im.cfg.Notifier != nil {
		// A run that was cancelled is reported, too.
		if failed := im.cfg.Notifier.Notify(context.WithoutCancel(ctx), r.report); failed != nil {
			r.report.warn(always(WarnNotNotified))
		}
	}
	return r.report, err
}

func (im *Importer) lock(ctx context.Context, organisation string) (unlock func(), err error) {
	if !im.take(organisation) {
		return nil, ErrBusy
	}
	if im.cfg.Lock == nil {
		return func() { im.free(organisation) }, nil
	}
	hosts, err := im.cfg.Lock(ctx, organisation)
	if err != nil {
		im.free(organisation)
		return nil, err
	}
	return func() {
		hosts()
		im.free(organisation)
	}, nil
}

func (im *Importer) take(organisation string) bool {
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.running[organisation] {
		return false
	}
	im.running[organisation] = true
	return true
}

func (im *Importer) free(organisation string) {
	im.mu.Lock()
	defer im.mu.Unlock()
	delete(im.running, organisation)
}

// run is one run under way.
type run struct {
	im        *Importer
	job       Job
	report    Report
	addresses []Address
	point     Checkpoint
}

// all runs the files. Its error stands in the report already.
func (r *run) all(ctx context.Context) error {
	if _, err := r.job.Settings.Check(); err != nil {
		r.report.Error = failure(err, "", Record{})
		return err
	}
	if r.job.Store == nil || r.job.Files == nil {
		err := fmt.Errorf("%w: Store and Files are required", errSettings)
		r.report.Error = failure(err, "", Record{})
		return err
	}
	addresses, err := r.job.Settings.addresses()
	if err != nil {
		return err
	}
	r.addresses = addresses
	for _, address := range addresses {
		r.report.Files = append(r.report.Files, FileReport{Address: address.String(), Status: StatusNotReached, NotReached: -1})
	}
	resume := r.resume()
	for i, address := range addresses {
		if i < resume.File {
			r.report.Files[i].Status, r.report.Files[i].NotReached = StatusOK, 0
			continue
		}
		f := &fileRun{run: r, address: address, report: &r.report.Files[i]}
		r.point = Checkpoint{File: i, Address: r.list()}
		if i == resume.File {
			f.resume = resume
		}
		if err := f.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// resume is where the run begins.
func (r *run) resume() Checkpoint {
	from := r.job.Resume
	if from == nil {
		return Checkpoint{}
	}
	if from.Address != r.list() || from.File < 0 || from.File >= len(r.addresses) || from.Records < 0 {
		r.report.warn(always(WarnResumeUnused))
		return Checkpoint{}
	}
	return *from
}

// list stands for the addresses without showing them.
func (r *run) list() string {
	sum := sha256.New()
	for _, address := range r.addresses {
		sum.Write([]byte(address.key() + "\n"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

func (r *run) finish(err error) {
	if zone, zoneErr := r.job.Settings.zone(); zoneErr == nil {
		r.report.StartedAt = r.report.StartedAt.In(zone)
	}
	r.report.FinishedAt = r.im.cfg.Now().In(r.report.StartedAt.Location())
	if err == nil {
		return
	}
	r.report.Status = StatusError
	if r.report.Error == nil {
		r.report.Error = failure(err, "", Record{})
	}
	if len(r.addresses) > 0 {
		r.report.Resume = new(r.point)
	}
}

// fileRun is the work on one file.
type fileRun struct {
	*run
	address Address
	report  *FileReport
	resume  Checkpoint
	stage   Stage
	size    int64
	bytes   int64
	total   int    // records, known after validation
	record  Record // under way
	whole   bool   // the file was read to its end
}

// do imports the file and deletes it if that is asked for.
func (f *fileRun) do(ctx context.Context) error {
	file, err := f.job.Files.Open(ctx, f.address)
	if f.mayMiss(err) {
		f.report.Status, f.report.NotReached = StatusMissing, 0
		f.warn(always(WarnNothingNew))
		return nil
	}
	if err != nil {
		return f.failed(err)
	}
	stamp := file.Stamp
	err = f.take(ctx, file)
	if err != nil {
		err = f.failed(err)
	} else {
		f.report.Status = StatusOK
	}
	f.remove(ctx, stamp, err)
	return err
}

// mayMiss: a scheduled run finds no file when none came since the last one was
// deleted.
func (f *fileRun) mayMiss(err error) bool {
	return errors.Is(err, ErrNotFound) && f.run.report.Trigger == Scheduled && f.job.Settings.DeleteAfterReading
}

func (f *fileRun) failed(err error) error {
	f.report.Status = StatusError
	f.run.report.Error = failure(err, f.report.Address, f.record)
	return err
}

func (f *fileRun) remove(ctx context.Context, stamp string, failed error) {
	s := f.job.Settings
	switch {
	case !s.DeleteAfterReading:
		return
	case failed != nil && (!s.DeleteAlways || !f.whole):
		f.report.Kept = true
		return
	}
	err := f.job.Files.Remove(ctx, f.address, stamp)
	switch {
	case err == nil:
		f.report.Deleted = true
		return
	case errors.Is(err, errors.ErrUnsupported): // links are never deleted
		return
	case errors.Is(err, ErrChanged):
		f.warn(always(WarnNewerFile))
	default:
		f.warn(Warning{Code: WarnNotDeleted, Message: "the file could not be deleted: " + err.Error()})
	}
}

// take reads the file in one pass or two, and closes it.
func (f *fileRun) take(ctx context.Context, file *File) error {
	f.size = file.Size
	s := f.job.Settings
	if s.Streaming || f.size > cmp.Or(s.StreamAbove, 512<<20) {
		err := f.apply(ctx, Read(f.counted(ctx, file), f.options(f.warn)), 0)
		if f.whole {
			f.report.NotReached = 0
		}
		return closed(file, err)
	}
	spool, sum, err := f.download(ctx, file)
	if err != nil {
		return err
	}
	defer discard(spool)
	f.whole = true
	f.point.SHA256 = sum
	if err := f.validate(ctx, spool); err != nil {
		return err
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var read int64
	records := Read(&counting{contextReader{ctx, spool}, f, &read}, f.options(nil))
	err = f.apply(ctx, ahead(records, &read, &f.bytes), f.skip(sum))
	f.report.NotReached = f.total - f.report.Read
	return err
}

func closed(file io.Closer, err error) error {
	if closeErr := file.Close(); err == nil {
		return closeErr
	}
	return err
}

// skip is how many records the run that is resumed had applied.
func (f *fileRun) skip(sum string) int {
	switch {
	case f.resume.Records == 0:
		return 0
	case f.resume.SHA256 != sum:
		f.warn(always(WarnResumeUnused))
		return 0
	}
	return min(f.resume.Records, f.total)
}

func (f *fileRun) warn(w Warning) {
	w.File = f.report.Address
	f.run.report.warn(w)
}

// download keeps the file where it can be read twice, and returns its SHA-256.
func (f *fileRun) download(ctx context.Context, file *File) (spool *os.File, sum string, err error) {
	f.stage = StageDownload
	spool, err = os.CreateTemp(f.im.cfg.TempDir, "crmimport-*")
	if err != nil {
		return nil, "", errors.Join(err, file.Close())
	}
	_ = os.Remove(spool.Name()) // where the system allows it, nothing is left by a crash
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(spool, hash), f.counted(ctx, file))
	if err = closed(file, err); err == nil {
		_, err = spool.Seek(0, io.SeekStart)
	}
	if err != nil {
		discard(spool)
		return nil, "", err
	}
	return spool, hex.EncodeToString(hash.Sum(nil)), nil
}

// discard: a file that was read has nothing more to say, and is mostly gone.
func discard(spool *os.File) {
	_ = spool.Close()
	_ = os.Remove(spool.Name())
}

func (f *fileRun) options(warn func(Warning)) Options {
	s := f.job.Settings
	return Options{Layout: s.Layout, Source: s.Source, Limits: s.Limits, OnWarning: warn}
}

// validate reads the whole file and applies nothing.
func (f *fileRun) validate(ctx context.Context, spool io.Reader) error {
	f.stage = StageValidate
	for record, err := range Read(f.counted(ctx, spool), f.options(f.warn)) {
		if err == nil && record.Kind == KindClient {
			err = f.checkPhone(record)
		}
		if err != nil {
			return err
		}
		f.total++
		f.tellSometimes(f.total)
	}
	f.tell(f.total)
	return nil
}

func (f *fileRun) checkPhone(record Record) error {
	if _, err := f.im.cfg.Phones.Normalize(record.Client.Phone.Raw); err == nil {
		return nil
	}
	f.record = record
	return &cleaning.MatchError{Code: cleaning.RejectBadPhone, ExternalID: record.Client.ExternalID}
}

// apply puts the records behind the first skip into the store.
func (f *fileRun) apply(ctx context.Context, records iter.Seq2[Record, error], skip int) error {
	f.stage = StageApply
	to := &applier{store: f.job.Store, phones: f.im.cfg.Phones, file: cleaning.NewClientFile(0), warn: f.warn}
	for record, err := range records {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			f.refused(err)
			return err
		}
		f.record = record
		if f.report.Read < skip {
			f.skipped(to, record)
			continue
		}
		outcome, err := to.apply(ctx, record)
		if err != nil {
			f.refused(err)
			return err
		}
		f.report.count(outcome)
		f.point.Records = f.report.Read
		f.tellSometimes(f.report.Read)
	}
	f.tell(f.report.Read)
	f.record = Record{}
	f.whole = true
	return nil
}

// skipped takes a record that an earlier run had applied.
func (f *fileRun) skipped(to *applier, record Record) {
	f.report.Read++
	f.report.Resumed++
	f.point.Records = f.report.Read
	if record.Kind == KindClient {
		to.file.Add(to.normalized(record))
	}
}

// refused counts the record that stopped the run.
func (f *fileRun) refused(err error) {
	var bad *RecordError
	var rejected *cleaning.MatchError
	if errors.As(err, &bad) || errors.As(err, &rejected) {
		f.report.Read++
	}
}

func (f *fileRun) tellSometimes(records int) {
	if records%progressEvery == 0 {
		f.tell(records)
	}
}

func (f *fileRun) tell(records int) {
	if f.job.OnProgress == nil {
		return
	}
	f.job.OnProgress(Progress{
		File: f.report.Address, Stage: f.stage, Bytes: f.bytes, Size: f.size,
		Records: records, Total: f.total, Checkpoint: f.point,
	})
}

// counted counts what is read from r from now on, and ends with the context.
func (f *fileRun) counted(ctx context.Context, r io.Reader) io.Reader {
	f.bytes = 0
	return &counting{contextReader{ctx, r}, f, &f.bytes}
}

type counting struct {
	io.Reader
	file  *fileRun
	bytes *int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	before := *c.bytes
	*c.bytes += int64(n)
	if c.file.stage == StageDownload && before/progressBytes != *c.bytes/progressBytes {
		c.file.tell(0)
	}
	return n, err
}
