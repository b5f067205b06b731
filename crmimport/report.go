package crmimport

import (
	"context"
	"errors"
	"time"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// Report says what a run did. It holds no personal data beyond external ids, and
// no credentials.
type Report struct {
	Organisation string    `json:"organisation"`
	Trigger      Trigger   `json:"trigger"`
	Status       Status    `json:"status"`
	StartedAt    time.Time `json:"startedAt"`
	FinishedAt   time.Time `json:"finishedAt"`
	// Files are those of the settings, in order.
	Files []FileReport `json:"files"`
	// Warnings are the first 1000; MoreWarnings counts the others.
	Warnings     []Warning `json:"warnings"`
	MoreWarnings int       `json:"moreWarnings,omitzero"`
	// Error is what stopped the run, nil if nothing did.
	Error *Failure `json:"error,omitempty"`
	// Resume continues a run that was stopped, see [Job]. Nil when the run is
	// complete.
	Resume *Checkpoint `json:"resume,omitempty"`

	// Language is that of Text, HTML and Subject.
	Language Language `json:"language"`
	// Email is where the settings want the report to go.
	Email string `json:"-"`
}

// Trigger is why a run began.
type Trigger string

// The triggers.
const (
	Manual    Trigger = "manual"
	Scheduled Trigger = "scheduled"
)

// Status is how a run, or a file in it, ended.
type Status string

// The statuses. StatusSkipped is a scheduled run while another was under way.
// StatusMissing is a file that was not there and need not be.
const (
	StatusOK         Status = "ok"
	StatusError      Status = "error"
	StatusSkipped    Status = "skipped"
	StatusMissing    Status = "missing"
	StatusNotReached Status = "not_reached"
)

// FileReport says what became of one file.
type FileReport struct {
	Address string `json:"address"`
	Status  Status `json:"status"`
	// Read counts the records that were looked at, the refused one and those
	// that an earlier run had applied (Resumed) included. It is the sum of the
	// outcomes, of Resumed, and of 1 if a record was refused.
	Read      int `json:"read"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Merged    int `json:"merged"`
	IDAdded   int `json:"idAdded"`
	Unchanged int `json:"unchanged"`
	Resumed   int `json:"resumed,omitzero"`
	// NotReached counts the records behind the one that stopped the run; -1 means
	// that nobody knows, as in streaming.
	NotReached int `json:"notReached"`
	// Deleted says that the file was deleted; Kept that it was to be and is kept
	// because of the error.
	Deleted bool `json:"deleted"`
	Kept    bool `json:"kept,omitzero"`
}

func (f *FileReport) count(outcome Outcome) {
	f.Read++
	switch outcome {
	case Created:
		f.Created++
	case Updated:
		f.Updated++
	case Merged:
		f.Merged++
	case IDAdded:
		f.IDAdded++
	case Unchanged:
		f.Unchanged++
	case Refused, NotReached:
	}
}

// Failure is what stopped a run.
type Failure struct {
	File   string `json:"file,omitzero"`
	Line   int    `json:"line,omitzero"`
	Column int    `json:"column,omitzero"`
	Kind   Kind   `json:"kind,omitzero"`
	ExtID  string `json:"extId,omitzero"`
	// Code is one of the codes of this package or a [cleaning.RejectCode].
	Code string `json:"code"`
	// Message is the CRM's own text where it has one, else English.
	Message string `json:"message"`
}

// The codes of failures, beside those of [cleaning.RejectCode].
const (
	CodeBadSettings   = "bad_settings"
	CodeBadAddress    = "bad_address"
	CodeNotFound      = "not_found"
	CodeNotDirect     = "not_direct_link"
	CodePrivate       = "private_address"
	CodeCut           = "transfer_cut"
	CodeChanged       = "file_changed"
	CodeTooLarge      = "too_large"
	CodeEncoding      = "bad_encoding"
	CodeSyntax        = "bad_syntax"
	CodeNotImport     = "not_import_file"
	CodeBadRecord     = "bad_record"
	CodeUnknownPlace  = "unknown_place"
	CodeUnknownClient = "unknown_client"
	CodeStore         = "store_failed"
	CodeSource        = "source_failed"
	CodeCancelled     = "cancelled"
)

// codes finds the code of an error; the first match counts.
var codes = []struct {
	err  error
	code string
}{
	{ErrUnknownPlace, CodeUnknownPlace},
	{ErrUnknownClient, CodeUnknownClient},
	{errSettings, CodeBadSettings},
	{errSchedule, CodeBadSettings},
	{errLayout, CodeBadSettings},
	{errSource, CodeBadSettings},
	{context.Canceled, CodeCancelled},
	{context.DeadlineExceeded, CodeCancelled},
	{ErrAddress, CodeBadAddress},
	{pms.ErrPrivateAddress, CodePrivate},
	{ErrChanged, CodeChanged},
	{ErrCut, CodeCut},
	{ErrNotFound, CodeNotFound},
	{ErrNotDirect, CodeNotDirect},
	{ErrLimit, CodeTooLarge},
	{ErrEncoding, CodeEncoding},
	{ErrSyntax, CodeSyntax},
	{ErrDoctype, CodeSyntax},
	{ErrHeader, CodeNotImport},
}

func codeOf(err error) string {
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return CodeSource
}

// failure describes an error for a report. The text of a store's error, which
// may hold anything, is left out of it.
func failure(err error, file string, record Record) *Failure {
	f := &Failure{File: file, Code: codeOf(err), Message: err.Error()}
	var at *ReadError
	var bad *RecordError
	var rejected *cleaning.MatchError
	var store *StoreError
	switch {
	case errors.As(err, &rejected):
		f.Line, f.Column, f.Kind, f.ExtID = record.Line, record.Column, KindClient, rejected.ExternalID.ID
		f.Code, f.Message = string(rejected.Code), rejected.Code.Text()
	case errors.As(err, &bad):
		f.Line, f.Column, f.Kind, f.ExtID = bad.Line, bad.Column, bad.Kind, bad.ExtID
		if f.Code == CodeSource {
			f.Code = CodeBadRecord
		}
		f.Message = reason(bad)
	case errors.As(err, &store):
		f.Line, f.Column, f.Kind, f.ExtID = record.Line, record.Column, record.Kind, record.ID().ID
		if f.Code != CodeCancelled {
			f.Code, f.Message = CodeStore, english.codes[CodeStore]
		}
	case errors.As(err, &at):
		f.Line, f.Column = at.Line, at.Column
	}
	return f
}

// reason is the text of a bad record without its place, which a Failure has.
func reason(bad *RecordError) string {
	switch {
	case bad.Err == nil:
		return bad.Field
	case bad.Field == "":
		return bad.Err.Error()
	}
	return bad.Field + ": " + bad.Err.Error()
}

// maxWarnings is how many warnings a report keeps.
const maxWarnings = 1000

func (r *Report) warn(w Warning) {
	if len(r.Warnings) == maxWarnings {
		r.MoreWarnings++
		return
	}
	r.Warnings = append(r.Warnings, w)
}

// The codes of warnings about runs and files; those about clients are of
// [cleaning.WarningKind].
const (
	WarnNothingNew   = "nothing_new"   // a scheduled run found no file, as after a deletion
	WarnNotDeleted   = "not_deleted"   // the server refused to delete the file
	WarnNewerFile    = "newer_file"    // a newer file has taken the place of the one to delete
	WarnAlreadyRuns  = "already_runs"  // a scheduled run while another was under way
	WarnNotNotified  = "not_notified"  // the report could not be sent
	WarnResumeUnused = "resume_unused" // the file is not the one that was stopped in
)

// Clean reports whether there is neither an error nor a warning.
func (r *Report) Clean() bool { return r.Status == StatusOK && len(r.Warnings) == 0 }

// Notifier sends reports, by e-mail or otherwise.
type Notifier interface {
	Notify(ctx context.Context, report Report) error
}
