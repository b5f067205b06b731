package crmimport

import (
	"errors"
	"fmt"

	"github.com/changeover-sdk/changeover/crmimport/internal/scan"
)

// The classes of errors of files and sources. Test with errors.Is.
var (
	ErrSyntax    = errors.New("not well-formed")
	ErrLimit     = errors.New("over the limit")
	ErrEncoding  = errors.New("wrong encoding")
	ErrDoctype   = errors.New("a DOCTYPE or an entity is refused")
	ErrHeader    = errors.New("not an import file")
	ErrNotDirect = errors.New("a web page, not a file: the address is not a direct link")
	ErrAddress   = errors.New("bad address")
	ErrNotFound  = errors.New("no such file")
	ErrChanged   = errors.New("the file changed while it was read")
	ErrCut       = errors.New("the transfer was cut")
)

// ReadError is a file that cannot be read on. Its text holds names of elements
// and no values.
type ReadError struct {
	// Line and Column count from 1; columns count characters.
	Line, Column int
	// Kind is one of the sentinels above, or nil for an error of the source.
	Kind   error
	Detail string
	Err    error
}

// Error returns, for example, "line 3, column 7: not well-formed: no quote".
func (e *ReadError) Error() string { return e.scanned().Error() }

// Unwrap returns Kind and Err.
func (e *ReadError) Unwrap() []error { return e.scanned().Unwrap() }

// scanned is the error as a scanner has it.
func (e *ReadError) scanned() *scan.Error {
	return &scan.Error{Pos: scan.Pos{Line: e.Line, Column: e.Column}, Kind: e.Kind, Detail: e.Detail, Err: e.Err}
}

// readError gives a scanner's error the form of this package.
func readError(err error) error {
	var at *scan.Error
	if !errors.As(err, &at) {
		return err
	}
	out := &ReadError{Line: at.Line, Column: at.Column, Detail: at.Detail, Err: at.Err}
	switch {
	case errors.Is(at.Kind, scan.ErrSyntax):
		out.Kind = ErrSyntax
	case errors.Is(at.Kind, scan.ErrTooLarge):
		out.Kind = ErrLimit
	case errors.Is(at.Kind, scan.ErrEncoding):
		out.Kind = ErrEncoding
		out.Detail = "not UTF-8; a file in windows-1251 must declare it"
	case errors.Is(at.Kind, scan.ErrDoctype):
		out.Kind = ErrDoctype
	}
	return out
}

// RecordError is one record that cannot be used. Its text names the record and
// the field and holds no value, which may be a person's.
type RecordError struct {
	Line, Column int
	Kind         Kind
	// ExtID is empty when the record has none that could be read.
	ExtID string
	Field string
	Err   error
}

// Error returns, for example, "line 23, column 5: client C-502: companyName:
// missing".
func (e *RecordError) Error() string {
	text := fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Kind)
	if e.ExtID != "" {
		text += " " + e.ExtID
	}
	if e.Field != "" {
		text += ": " + e.Field
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *RecordError) Unwrap() error { return e.Err }

// Warning is something odd that stops nothing.
type Warning struct {
	// File is the address, in a report.
	File string `json:"file,omitzero"`
	// Line and Column are 0 when the warning is not about a place in a file.
	Line   int    `json:"line,omitzero"`
	Column int    `json:"column,omitzero"`
	Kind   Kind   `json:"kind,omitzero"`
	ExtID  string `json:"extId,omitzero"`
	// Code is one of the constants of this package or of package cleaning.
	Code    string `json:"code,omitzero"`
	Message string `json:"message"`
	// Fields are fields of a client's card that the warning is about.
	Fields []string `json:"fields,omitempty"`
}

// The codes of warnings about what stands in a file.
const (
	WarnUnknown = "unknown_element" // the layout does not know it
	WarnStamp   = "bad_stamp"       // of the file itself
)
