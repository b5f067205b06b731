package scan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind says what an XML token is.
type Kind int

// The kinds of XML tokens. An empty element gives a Start and an End. A text
// may come in several Text tokens in a row, around comments and CDATA.
const (
	Start Kind = iota + 1
	End
	Text
)

// maxName is the longest name of an element, in bytes.
const maxName = 1 << 10

// Attr is an attribute. Its slices are good until the next token.
type Attr struct {
	Name, Value []byte
}

// Token is a token of XML. Its slices are good until the next token. Names are
// without their namespace prefix; attributes that have one, and declarations of
// namespaces, are left out.
type Token struct {
	Kind  Kind
	Name  []byte
	Text  []byte
	Attrs []Attr
}

// XML is a scanner of one XML document.
type XML struct {
	in      input
	open    []byte // names of the open elements, one behind the other
	starts  []int  // where each begins in open
	token   Token
	attrs   []Attr
	scratch []byte // unescaped texts
	toTake  int    // bytes of the token that was returned
	empty   bool   // the token returned was an empty element's Start
	rooted  bool   // the root element has begun
	began   bool   // something was read
}

// NewXML makes a scanner that reads r, which must be UTF-8 without a byte order
// mark.
func NewXML(r io.Reader, limits Limits) *XML {
	return &XML{in: newInput(r, limits)}
}

// Pos is where the last token begins.
func (x *XML) Pos() Pos { return x.in.pos() }

// Next returns the next token, io.EOF behind the end of the root element, or an
// [*Error]. The token is good until the next call.
func (x *XML) Next() (*Token, error) {
	x.in.take(x.toTake)
	x.toTake, x.scratch = 0, x.scratch[:0]
	if x.empty {
		x.empty = false
		return x.end()
	}
	for {
		b, ok, err := x.in.byteAt(0)
		switch {
		case err != nil:
			return nil, err
		case !ok && (len(x.starts) > 0 || !x.rooted):
			return nil, x.in.fail(0, ErrSyntax, "the file ends too early")
		case !ok:
			return nil, io.EOF
		}
		var token *Token
		if b == '<' {
			token, err = x.markup()
		} else {
			token, err = x.text()
		}
		x.began = true
		if token != nil || err != nil {
			return token, err
		}
	}
}

// text reads character data up to the next markup. Outside the root element it
// must be blank, and there is no token.
func (x *XML) text() (*Token, error) {
	n := 0
	for {
		w := x.in.window()
		if i := bytes.IndexByte(w[n:], '<'); i >= 0 {
			n += i
			break
		}
		n = len(w)
		if err := x.in.more(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, x.in.wrap(err)
		}
	}
	raw := x.in.window()[:n]
	if len(x.starts) == 0 {
		if i := notBlank(raw); i < n {
			return nil, x.outside(raw, i)
		}
		x.in.take(n)
		return nil, nil //nolint:nilnil // blanks around the root are no token
	}
	if i := bytes.Index(raw, []byte("]]>")); i >= 0 {
		return nil, x.in.fail(i, ErrSyntax, "]]> outside CDATA")
	}
	text, err := x.unescape(raw, 0)
	if err != nil {
		return nil, err
	}
	return x.emit(Token{Kind: Text, Text: text}, n)
}

func (x *XML) outside(raw []byte, i int) error {
	where := "text in front of the root element"
	if x.rooted {
		where = "text behind the root element"
	}
	if err := x.in.checkText(raw[i:], i); errors.Is(err, ErrEncoding) {
		return err
	}
	return x.in.fail(i, ErrSyntax, where)
}

func notBlank(b []byte) int {
	for i, c := range b {
		if !isSpace(c) {
			return i
		}
	}
	return len(b)
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// emit returns a token that ends at offset n.
func (x *XML) emit(t Token, n int) (*Token, error) {
	if n > x.in.limits.Token {
		return nil, x.in.tooLong()
	}
	x.token = t
	x.toTake = n
	return &x.token, nil
}

func (x *XML) markup() (*Token, error) {
	b, ok, err := x.in.byteAt(1)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, x.in.need()
	}
	switch b {
	case '?':
		return nil, x.instruction()
	case '!':
		return x.bang()
	case '/':
		return x.endTag()
	default:
		return x.startTag()
	}
}

// find returns the offset of sep at or after from.
func (x *XML) find(from int, sep string) (int, error) {
	for {
		i, err := x.in.index(from, sep[0])
		if err != nil {
			return 0, err
		}
		for x.in.end-x.in.start < i+len(sep) {
			if err := x.in.need(); err != nil {
				return 0, err
			}
		}
		if string(x.in.window()[i:i+len(sep)]) == sep {
			return i, nil
		}
		from = i + 1
	}
}

// instruction skips a processing instruction. The XML declaration must be at
// the very beginning.
func (x *XML) instruction() error {
	n, err := x.find(2, "?>")
	if err != nil {
		return err
	}
	body := x.in.window()[2:n]
	if err := x.in.checkText(body, 2); err != nil {
		return err
	}
	target := body[:nameLen(body)]
	switch {
	case len(target) == 0:
		return x.in.fail(2, ErrSyntax, "an instruction without a name")
	case len(target) < len(body) && !isSpace(body[len(target)]):
		return x.in.fail(2, ErrSyntax, "a bad instruction")
	case !bytes.EqualFold(target, []byte("xml")):
	case x.began || string(target) != "xml":
		return x.in.fail(0, ErrSyntax, "an XML declaration that is not at the beginning")
	case !strings.Contains(string(body), `version="1.0"`) && !strings.Contains(string(body), `version='1.0'`):
		return x.in.fail(0, ErrSyntax, "not XML 1.0")
	}
	x.in.take(n + len("?>"))
	return nil
}

// bang reads a comment or a CDATA section.
func (x *XML) bang() (*Token, error) {
	for _, intro := range []string{"<!--", "<![CDATA["} {
		for i := 2; ; i++ {
			if i == len(intro) {
				if intro == "<!--" {
					return nil, x.comment()
				}
				return x.cdata()
			}
			b, ok, err := x.in.byteAt(i)
			switch {
			case err != nil:
				return nil, err
			case !ok:
				return nil, x.in.need()
			}
			if b != intro[i] {
				break
			}
		}
	}
	return nil, x.in.fail(0, ErrDoctype, "")
}

func (x *XML) comment() error {
	n, err := x.find(len("<!--"), "--")
	if err != nil {
		return err
	}
	b, ok, err := x.in.byteAt(n + 2)
	switch {
	case err != nil:
		return err
	case !ok:
		return x.in.need()
	case b != '>':
		return x.in.fail(n, ErrSyntax, "-- in a comment")
	}
	if err := x.in.checkText(x.in.window()[:n], 0); err != nil {
		return err
	}
	x.in.take(n + len("-->"))
	return nil
}

func (x *XML) cdata() (*Token, error) {
	if len(x.starts) == 0 {
		return nil, x.in.fail(0, ErrSyntax, "text outside the root element")
	}
	n, err := x.find(len("<![CDATA["), "]]>")
	if err != nil {
		return nil, err
	}
	raw := x.in.window()[len("<![CDATA["):n]
	if err := x.in.checkText(raw, len("<![CDATA[")); err != nil {
		return nil, err
	}
	return x.emit(Token{Kind: Text, Text: x.newlines(raw)}, n+len("]]>"))
}

func (x *XML) endTag() (*Token, error) {
	n, err := x.in.index(2, '>')
	if err != nil {
		return nil, err
	}
	name := bytes.TrimRight(x.in.window()[2:n], " \t\r\n")
	switch {
	case len(x.starts) == 0:
		return nil, x.in.fail(0, ErrSyntax, "an end tag without a start tag")
	case !bytes.Equal(name, x.open[x.starts[len(x.starts)-1]:]):
		return nil, x.in.fail(0, ErrSyntax, fmt.Sprintf("</%s> expected", x.open[x.starts[len(x.starts)-1]:]))
	}
	x.toTake = n + 1
	return x.end()
}

// end closes the innermost element.
func (x *XML) end() (*Token, error) {
	last := len(x.starts) - 1
	name := x.open[x.starts[last]:]
	x.open, x.starts = x.open[:x.starts[last]], x.starts[:last]
	return x.emit(Token{Kind: End, Name: local(name)}, x.toTake)
}

func (x *XML) startTag() (*Token, error) {
	n, err := x.tagEnd()
	if err != nil {
		return nil, err
	}
	tag := x.in.window()[:n]
	body, empty := bytes.CutSuffix(tag[1:], []byte("/"))
	if err := x.in.checkText(body, 1); err != nil {
		return nil, err
	}
	length := nameLen(body)
	switch {
	case length == 0:
		return nil, x.in.fail(1, ErrSyntax, "a name expected")
	case length > maxName:
		return nil, x.in.fail(1, ErrTooLarge, fmt.Sprintf("a name of more than %d bytes", maxName))
	case x.rooted && len(x.starts) == 0:
		return nil, x.in.fail(0, ErrSyntax, "a second root element")
	case len(x.starts) == x.in.limits.Depth:
		return nil, x.in.fail(0, ErrTooLarge, fmt.Sprintf("elements more than %d deep", x.in.limits.Depth))
	}
	attrs, err := x.attributes(body, length)
	if err != nil {
		return nil, err
	}
	x.rooted, x.empty = true, empty
	x.starts = append(x.starts, len(x.open))
	x.open = append(x.open, body[:length]...)
	return x.emit(Token{Kind: Start, Name: local(body[:length]), Attrs: attrs}, n+1)
}

// tagEnd returns the offset of the > that ends the tag under way.
func (x *XML) tagEnd() (int, error) {
	var quote byte
	for i := 1; ; {
		w := x.in.window()
		for ; i < len(w); i++ {
			switch b := w[i]; {
			case quote != 0:
				if b == quote {
					quote = 0
				}
			case b == '>':
				return i, nil
			case b == '"' || b == '\'':
				quote = b
			case b == '<':
				return 0, x.in.fail(i, ErrSyntax, "< inside a tag")
			}
		}
		if err := x.in.need(); err != nil {
			return 0, err
		}
	}
}

// attributes reads the attributes of a start tag whose name ends at i.
func (x *XML) attributes(body []byte, i int) ([]Attr, error) {
	attrs := x.attrs[:0]
	seen := 0
	for {
		blanks := notBlank(body[i:])
		i += blanks
		if i == len(body) {
			x.attrs = attrs
			return attrs, nil
		}
		length := nameLen(body[i:])
		name := body[i : i+length]
		if length == 0 || blanks == 0 {
			return nil, x.in.fail(1+i, ErrSyntax, "an attribute expected")
		}
		if seen++; seen > x.in.limits.Attrs {
			return nil, x.in.fail(1+i, ErrTooLarge, fmt.Sprintf("more than %d attributes", x.in.limits.Attrs))
		}
		i += length
		i += notBlank(body[i:])
		if i == len(body) || body[i] != '=' {
			return nil, x.in.fail(1+i, ErrSyntax, "= expected")
		}
		i++
		i += notBlank(body[i:])
		if i == len(body) || (body[i] != '"' && body[i] != '\'') {
			return nil, x.in.fail(1+i, ErrSyntax, "a quote expected")
		}
		closing := bytes.IndexByte(body[i+1:], body[i])
		if closing < 0 {
			return nil, x.in.fail(1+i, ErrSyntax, "a quote is missing")
		}
		raw := body[i+1 : i+1+closing]
		if at := bytes.IndexByte(raw, '<'); at >= 0 {
			return nil, x.in.fail(2+i+at, ErrSyntax, "< in an attribute")
		}
		value, err := x.unescape(raw, i+2)
		if err != nil {
			return nil, err
		}
		i += closing + 2
		if bytes.IndexByte(name, ':') >= 0 || string(name) == "xmlns" {
			continue
		}
		for _, a := range attrs {
			if bytes.Equal(a.Name, name) {
				return nil, x.in.fail(1+i, ErrSyntax, fmt.Sprintf("attribute %s twice", name))
			}
		}
		attrs = append(attrs, Attr{name, value})
	}
}

func local(name []byte) []byte {
	return name[bytes.LastIndexByte(name, ':')+1:]
}

// nameLen is the length of the name at the beginning of b.
func nameLen(b []byte) int {
	for i := 0; i < len(b); {
		c := b[i]
		if c < utf8.RuneSelf {
			switch {
			case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == ':':
			case i > 0 && ('0' <= c && c <= '9' || c == '-' || c == '.'):
			default:
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			return i
		}
		i += size
	}
	return len(b)
}

// unescape checks a text and resolves what is escaped in it. The text begins at
// offset from.
func (x *XML) unescape(raw []byte, from int) ([]byte, error) {
	if err := x.in.checkText(raw, from); err != nil {
		return nil, err
	}
	amp := bytes.IndexByte(raw, '&')
	if amp < 0 {
		return x.newlines(raw), nil
	}
	begin := len(x.scratch)
	for i := 0; amp >= 0; {
		x.scratch = appendText(x.scratch, raw[i:amp])
		semi := bytes.IndexByte(raw[amp:], ';')
		if semi < 0 {
			return nil, x.in.fail(from+amp, ErrSyntax, "& without ;")
		}
		r, err := entity(string(raw[amp+1 : amp+semi]))
		if err != nil {
			return nil, x.in.fail(from+amp, err, "")
		}
		x.scratch = utf8.AppendRune(x.scratch, r)
		i = amp + semi + 1
		if amp = bytes.IndexByte(raw[i:], '&'); amp < 0 {
			x.scratch = appendText(x.scratch, raw[i:])
		} else {
			amp += i
		}
	}
	return x.scratch[begin:], nil
}

func entity(name string) (rune, error) {
	switch name {
	case "lt":
		return '<', nil
	case "gt":
		return '>', nil
	case "amp":
		return '&', nil
	case "apos":
		return '\'', nil
	case "quot":
		return '"', nil
	}
	digits, numeric := strings.CutPrefix(name, "#")
	if !numeric {
		return 0, ErrDoctype
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !isChar(rune(n)) { //nolint:gosec // isChar refuses what does not fit
		return 0, ErrSyntax
	}
	return rune(n), nil //nolint:gosec // a character
}

// isChar reports whether XML allows the character.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r < 0xD800 || r > 0xDFFF && r < 0xFFFE || r >= 0x10000 && r <= utf8.MaxRune
}

// newlines turns line ends into \n, as XML asks.
func (x *XML) newlines(raw []byte) []byte {
	if bytes.IndexByte(raw, '\r') < 0 {
		return raw
	}
	begin := len(x.scratch)
	x.scratch = appendText(x.scratch, raw)
	return x.scratch[begin:]
}

func appendText(to, raw []byte) []byte {
	for i, b := range raw {
		switch {
		case b != '\r':
			to = append(to, b)
		case i+1 == len(raw) || raw[i+1] != '\n':
			to = append(to, '\n')
		}
	}
	return to
}
