package ical

import "strings"

// lineReader cuts a feed into logical lines. Lines may end with CRLF, LF or CR;
// a line that begins with a space or tab continues the one before, without that
// one character. It joins bytes, because folds may cut a UTF-8 sequence.
type lineReader struct {
	text string
	pos  int // begin of the next line
	feed int // the last line feed found, or the length
}

func newLineReader(text string) *lineReader { return &lineReader{text: text, feed: -1} }

// next returns the next logical line. ok is false at the end.
func (l *lineReader) next() (line string, ok bool) {
	if l.pos >= len(l.text) {
		return "", false
	}
	line = l.physical()
	if !l.folded() {
		return line, true
	}
	var b strings.Builder
	b.Grow(2*len(line) + foldAt)
	b.WriteString(line)
	for l.folded() {
		l.pos++
		b.WriteString(l.physical())
	}
	return b.String(), true
}

// folded reports whether what follows continues the line before it.
func (l *lineReader) folded() bool {
	return l.pos < len(l.text) && (l.text[l.pos] == ' ' || l.text[l.pos] == '\t')
}

// physical returns the line at pos without its end and moves behind it. A line
// ends with an LF, or with any number of CRs and then at most one LF. The last
// LF found is kept, so that a feed without any is read in linear time.
func (l *lineReader) physical() string {
	if l.feed < l.pos {
		l.feed = len(l.text)
		if i := strings.IndexByte(l.text[l.pos:], '\n'); i >= 0 {
			l.feed = l.pos + i
		}
	}
	end := l.feed
	if i := strings.IndexByte(l.text[l.pos:end], '\r'); i >= 0 {
		end = l.pos + i
	}
	line := l.text[l.pos:end]
	for end < l.feed && l.text[end] == '\r' {
		end++
	}
	if end == l.feed {
		end++
	}
	l.pos = min(end, len(l.text))
	return line
}

// splitLine cuts NAME;PARAMS:VALUE. The name is in upper case; params keeps its
// text. ok is false for a line without a name or a value.
func splitLine(line string) (name, params, value string, ok bool) {
	end, lower := 0, false
	for end < len(line) && line[end] != ':' && line[end] != ';' {
		lower = lower || 'a' <= line[end] && line[end] <= 'z'
		end++
	}
	if end == 0 || end == len(line) {
		return "", "", "", false
	}
	name = line[:end]
	if lower {
		name = strings.ToUpper(name)
	}
	if line[end] == ':' {
		return name, "", line[end+1:], true
	}
	rest := line[end+1:]
	colon := indexUnquoted(rest, ':')
	if colon < 0 {
		return "", "", "", false
	}
	return name, rest[:colon], rest[colon+1:], true
}

// indexUnquoted returns the index of the first c outside double quotes, or -1.
func indexUnquoted(s string, c byte) int {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == c && !quoted:
			return i
		}
	}
	return -1
}

// param returns the value of a parameter without its quotes, or "".
func param(params, name string) string {
	for params != "" {
		one := params
		if i := indexUnquoted(params, ';'); i >= 0 {
			one, params = params[:i], params[i+1:]
		} else {
			params = ""
		}
		key, value, _ := strings.Cut(one, "=")
		if strings.EqualFold(key, name) {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// unescape undoes the escapes of a TEXT value from left to right. A backslash
// before any other character stays.
func unescape(s string) string {
	next := strings.IndexByte(s, '\\')
	if next < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for next >= 0 && next+1 < len(s) {
		b.WriteString(s[:next])
		switch c := s[next+1]; c {
		case 'n', 'N':
			b.WriteByte('\n')
		case '\\', ',', ';':
			b.WriteByte(c)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
		s = s[next+2:]
		next = strings.IndexByte(s, '\\')
	}
	b.WriteString(s)
	return b.String()
}
