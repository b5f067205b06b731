// Package scan reads XML and JSON as streams of small tokens, within limits.
//
// Both scanners are strict, hold one token at a time in a window of the input,
// and know the line and column of everything. The XML scanner takes the part
// of XML that data files need: it refuses a DOCTYPE and every entity but the
// five predefined ones, and anything before or after the root element.
package scan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// The classes of errors of the scanners, inside an [*Error].
var (
	ErrSyntax   = errors.New("not well-formed")
	ErrTooLarge = errors.New("over the limit")
	ErrEncoding = errors.New("not UTF-8")
	ErrDoctype  = errors.New("a DOCTYPE or an entity is refused")
)

// Pos is a place in the input. Both count from 1; columns count characters.
type Pos struct {
	Line, Column int
}

// Error is an error at a place of the input. Its text holds nothing of the
// input but punctuation and names.
type Error struct {
	Pos
	// Kind is one of the sentinels of this package, or nil for an error of the
	// reader below.
	Kind   error
	Detail string
	Err    error
}

// Error returns, for example, "line 3, column 7: not well-formed: no quote".
func (e *Error) Error() string {
	text := fmt.Sprintf("line %d, column %d", e.Line, e.Column)
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			text += ": " + err.Error()
		}
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Unwrap returns Kind and Err.
func (e *Error) Unwrap() []error {
	errs := make([]error, 0, 2)
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// Limits bound what one document may ask for. All must be positive.
type Limits struct {
	Depth int // open elements, or objects and arrays
	Token int // bytes of one tag, text or string
	Attrs int // attributes of one element
}

const firstWindow = 64 << 10

// input is a window of a stream. Offsets are relative to start, the beginning
// of the token under way, and stay good when the window moves.
type input struct {
	r          io.Reader
	buf        []byte
	start, end int
	limits     Limits
	err        error

	// Places are worked out when somebody asks: at is that of the byte at
	// counted, which is at or in front of start.
	at      Pos
	counted int
}

func newInput(r io.Reader, limits Limits) input {
	return input{r: r, buf: make([]byte, firstWindow), at: Pos{1, 1}, limits: limits}
}

// window returns the bytes from start on that are in memory.
func (in *input) window() []byte { return in.buf[in.start:in.end] }

// more reads at least one byte more, or returns why there is none: io.EOF, a
// token over the limit, or an error of the reader.
func (in *input) more() error {
	if in.err != nil {
		return in.err
	}
	held := in.end - in.start
	if held > in.limits.Token {
		return in.tooLong()
	}
	if in.start > 0 {
		in.pos()
		copy(in.buf, in.window())
		in.start, in.end, in.counted = 0, held, 0
	}
	if held == len(in.buf) {
		in.buf = append(in.buf, make([]byte, len(in.buf))...)
	}
	for range 100 {
		n, err := in.r.Read(in.buf[in.end:])
		in.end += n
		in.err = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	in.err = io.ErrNoProgress
	return in.err
}

// byteAt returns the byte at an offset; false when the input ends before it.
func (in *input) byteAt(i int) (byte, bool, error) {
	for in.start+i >= in.end {
		if err := in.more(); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return 0, false, in.wrap(err)
		}
	}
	return in.buf[in.start+i], true, nil
}

// index returns the offset of the first b at or after from.
func (in *input) index(from int, b byte) (int, error) {
	for {
		if w := in.window(); from < len(w) {
			if i := bytes.IndexByte(w[from:], b); i >= 0 {
				return from + i, nil
			}
			from = len(w)
		}
		if err := in.need(); err != nil {
			return 0, err
		}
	}
}

// need reads more where the input must not end.
func (in *input) need() error {
	err := in.more()
	if errors.Is(err, io.EOF) {
		return in.fail(in.end-in.start, ErrSyntax, "the file ends too early")
	}
	return in.wrap(err)
}

// take ends the token under way: n bytes are done with.
func (in *input) take(n int) { in.start += n }

// pos is the place of the token under way.
func (in *input) pos() Pos {
	in.at = in.at.behind(in.buf[in.counted:in.start])
	in.counted = in.start
	return in.at
}

// posAt is the place of the byte at offset n of the token under way.
func (in *input) posAt(n int) Pos {
	return in.pos().behind(in.window()[:n])
}

// behind is the place behind a text that begins at p.
func (p Pos) behind(text []byte) Pos {
	if lines := bytes.Count(text, newline); lines > 0 {
		p.Line += lines
		p.Column = 1
		text = text[bytes.LastIndexByte(text, '\n')+1:]
	}
	p.Column += utf8.RuneCount(text)
	return p
}

var newline = []byte{'\n'}

// fail makes an error at offset n of the token under way.
func (in *input) fail(n int, kind error, detail string) error {
	return &Error{Pos: in.posAt(min(n, in.end-in.start)), Kind: kind, Detail: detail}
}

func (in *input) tooLong() error {
	return in.fail(0, ErrTooLarge, fmt.Sprintf("more than %d bytes in one piece", in.limits.Token))
}

// wrap gives a place to an error of the reader below.
func (in *input) wrap(err error) error {
	var placed *Error
	if err == nil || errors.As(err, &placed) {
		return err
	}
	return &Error{Pos: in.posAt(in.end - in.start), Err: err}
}

// checkText refuses bytes that are no UTF-8 and characters that XML and JSON
// do not allow in texts. The text begins at offset from.
func (in *input) checkText(text []byte, from int) error {
	for i := 0; i < len(text); {
		b := text[i]
		if b < utf8.RuneSelf {
			if b < ' ' && b != '\t' && b != '\n' && b != '\r' {
				return in.fail(from+i, ErrSyntax, "a control character")
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return in.fail(from+i, ErrEncoding, "")
		case r == '\uFFFE' || r == '\uFFFF':
			return in.fail(from+i, ErrSyntax, "a character that no text may hold")
		}
		i += size
	}
	return nil
}
