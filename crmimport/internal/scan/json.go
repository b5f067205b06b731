package scan

import (
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// JSONKind says what a JSON token is.
type JSONKind byte

// The kinds of JSON tokens.
const (
	Object    JSONKind = '{'
	ObjectEnd JSONKind = '}'
	Array     JSONKind = '['
	ArrayEnd  JSONKind = ']'
	Key       JSONKind = 'k'
	String    JSONKind = '"'
	Number    JSONKind = '0'
	Bool      JSONKind = 't'
	Null      JSONKind = 'n'
)

// JSONToken is a token of JSON. Text is the unescaped string or key, or the
// number as it stands, and is good until the next token.
type JSONToken struct {
	Kind JSONKind
	Text []byte
}

// JSON is a scanner of one JSON document.
type JSON struct {
	in      input
	stack   []JSONKind
	want    want
	token   JSONToken
	scratch []byte
	toTake  int
}

// want is what may come next.
type want int

const (
	wantValue want = iota
	wantFirst      // a value or the end of the array
	wantKey
	wantFirstKey // a key or the end of the object
	wantColon
	wantComma // or the end of the object or array
	wantEnd
)

// NewJSON makes a scanner that reads r, which must be UTF-8 without a byte
// order mark.
func NewJSON(r io.Reader, limits Limits) *JSON {
	return &JSON{in: newInput(r, limits)}
}

// Pos is where the last token begins.
func (j *JSON) Pos() Pos { return j.in.pos() }

// Next returns the next token, io.EOF behind the value, or an [*Error]. The
// token is good until the next call.
func (j *JSON) Next() (*JSONToken, error) {
	j.in.take(j.toTake)
	j.toTake = 0
	for {
		b, err := j.skipBlanks()
		if err != nil {
			return nil, err
		}
		switch {
		case j.want == wantEnd:
			return nil, j.in.fail(0, ErrSyntax, "text behind the JSON value")
		case j.want == wantColon:
			if b != ':' {
				return nil, j.in.fail(0, ErrSyntax, ": expected")
			}
			j.in.take(1)
			j.want = wantValue
		case j.want == wantComma && b == ',':
			j.in.take(1)
			j.want = wantValue
			if j.stack[len(j.stack)-1] == Object {
				j.want = wantKey
			}
		default:
			return j.read(b)
		}
	}
}

// skipBlanks returns the next byte that is no blank, or io.EOF.
func (j *JSON) skipBlanks() (byte, error) {
	for {
		b, ok, err := j.in.byteAt(0)
		switch {
		case err != nil:
			return 0, err
		case !ok && j.want == wantEnd:
			return 0, io.EOF
		case !ok:
			return 0, j.in.need()
		case !isSpace(b):
			return b, nil
		}
		j.in.take(notBlank(j.in.window()))
	}
}

func (j *JSON) read(b byte) (*JSONToken, error) {
	switch {
	case b == '}' && (j.want == wantFirstKey || j.want == wantComma) && j.stack[len(j.stack)-1] == Object,
		b == ']' && (j.want == wantFirst || j.want == wantComma) && j.stack[len(j.stack)-1] == Array:
		j.stack = j.stack[:len(j.stack)-1]
		return j.value(JSONKind(b), nil, 1)
	case j.want == wantKey || j.want == wantFirstKey:
		if b != '"' {
			return nil, j.in.fail(0, ErrSyntax, "a key expected")
		}
		token, err := j.text(Key)
		j.want = wantColon
		return token, err
	case j.want == wantComma:
		return nil, j.in.fail(0, ErrSyntax, ", expected")
	case b == '{' || b == '[':
		return j.open(JSONKind(b))
	case b == '"':
		return j.text(String)
	case b == '-' || '0' <= b && b <= '9':
		return j.number()
	}
	return j.literal(b)
}

func (j *JSON) open(kind JSONKind) (*JSONToken, error) {
	if len(j.stack) == j.in.limits.Depth {
		return nil, j.in.fail(0, ErrTooLarge, fmt.Sprintf("more than %d deep", j.in.limits.Depth))
	}
	j.stack = append(j.stack, kind)
	token, err := j.value(kind, nil, 1)
	if j.want = wantFirst; kind == Object {
		j.want = wantFirstKey
	}
	return token, err
}

// value returns a token that ends at offset n and after which an element may
// end.
func (j *JSON) value(kind JSONKind, text []byte, n int) (*JSONToken, error) {
	if n > j.in.limits.Token {
		return nil, j.in.tooLong()
	}
	j.want = wantComma
	if len(j.stack) == 0 {
		j.want = wantEnd
	}
	j.token = JSONToken{Kind: kind, Text: text}
	j.toTake = n
	return &j.token, nil
}

// text reads a string.
func (j *JSON) text(kind JSONKind) (*JSONToken, error) {
	n, escaped, err := j.closing()
	if err != nil {
		return nil, err
	}
	quoted := j.in.window()[:n+1]
	text := quoted[1:n]
	for i, b := range text {
		if b < ' ' {
			return nil, j.in.fail(1+i, ErrSyntax, "a control character")
		}
	}
	if !utf8.Valid(text) {
		if err := j.in.checkText(text, 1); err != nil {
			return nil, err
		}
	}
	if escaped {
		var s string
		if err := json.Unmarshal(quoted, &s); err != nil {
			return nil, j.in.fail(0, ErrSyntax, "a bad escape")
		}
		j.scratch = append(j.scratch[:0], s...)
		text = j.scratch
	}
	return j.value(kind, text, n+1)
}

// closing returns the offset of the quote that ends the string under way, and
// whether something in the string is escaped.
func (j *JSON) closing() (n int, escaped bool, err error) {
	for i := 1; ; i++ {
		b, ok, err := j.in.byteAt(i)
		switch {
		case err != nil:
			return 0, false, err
		case !ok:
			return 0, false, j.in.need()
		case b == '"':
			return i, escaped, nil
		case b == '\\':
			escaped = true
			i++
		}
	}
}

func (j *JSON) number() (*JSONToken, error) {
	n, err := j.word()
	if err != nil {
		return nil, err
	}
	text := j.in.window()[:n]
	if !json.Valid(text) {
		return nil, j.in.fail(0, ErrSyntax, "a bad number")
	}
	return j.value(Number, text, n)
}

func (j *JSON) literal(b byte) (*JSONToken, error) {
	n, err := j.word()
	if err != nil {
		return nil, err
	}
	text := j.in.window()[:n]
	switch string(text) {
	case "true", "false":
		return j.value(Bool, text, n)
	case "null":
		return j.value(Null, nil, n)
	}
	if b >= utf8.RuneSelf {
		if err := j.in.checkText(j.in.window(), 0); err != nil {
			return nil, err
		}
	}
	return nil, j.in.fail(0, ErrSyntax, "a value expected")
}

// word is the length of a number or literal.
func (j *JSON) word() (int, error) {
	for i := 0; ; i++ {
		b, ok, err := j.in.byteAt(i)
		switch {
		case err != nil:
			return 0, err
		case !ok:
			return i, nil
		}
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '+', b == '-', b == '.':
		default:
			return i, nil
		}
	}
}
