package crmimport

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// sniffed is how much of a file is looked at for its encoding.
const sniffed = 1 << 10

var (
	utf8Mark     = []byte("\xef\xbb\xbf")
	declaration  = regexp.MustCompile(`^<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"']*)["']`)
	webPage      = regexp.MustCompile(`(?i)^\s*<(!doctype\s+html|html)\b`)
	utf16Lookout = [][]byte{{0xfe, 0xff}, {0xff, 0xfe}, {0, '<'}, {'<', 0}, {0, '{'}, {'{', 0}}
)

// decodeCharset returns r as UTF-8 without a byte order mark, and whether it
// begins like a web page.
func decodeCharset(r io.Reader) (text io.Reader, page bool, err error) {
	buffered := bufio.NewReaderSize(r, sniffed)
	head, err := buffered.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, &ReadError{Line: 1, Column: 1, Err: err}
	}
	for _, mark := range utf16Lookout {
		if bytes.HasPrefix(head, mark) {
			return nil, false, encodingError("UTF-16; save the file as UTF-8 or windows-1251")
		}
	}
	marked := bytes.HasPrefix(head, utf8Mark)
	if marked {
		head = head[len(utf8Mark):]
		if _, err := buffered.Discard(len(utf8Mark)); err != nil {
			return nil, false, &ReadError{Line: 1, Column: 1, Err: err}
		}
	}
	declared := ""
	if m := declaration.FindSubmatch(head); m != nil {
		declared = strings.ToLower(string(m[1]))
	}
	table, known := charsets(declared)
	switch {
	case !known:
		return nil, false, encodingError("a declared encoding that is not supported: " + printable(declared))
	case table == nil:
		return buffered, webPage.Match(head), nil
	case marked:
		return nil, false, encodingError("a byte order mark of UTF-8 in a file that declares another encoding")
	}
	return table.NewDecoder().Reader(buffered), false, nil
}

// charsets returns the table of an encoding, nil for UTF-8.
func charsets(name string) (table *charmap.Charmap, known bool) {
	switch name {
	case "", "utf-8", "utf8", "us-ascii":
		return nil, true
	case "windows-1251", "cp1251", "win-1251", "cp-1251", "x-cp1251":
		return charmap.Windows1251, true
	case "koi8-r":
		return charmap.KOI8R, true
	case "cp866", "ibm866", "866":
		return charmap.CodePage866, true
	case "iso-8859-5":
		return charmap.ISO8859_5, true
	}
	return nil, false
}

func encodingError(detail string) error {
	return &ReadError{Line: 1, Column: 1, Kind: ErrEncoding, Detail: detail}
}

// printable is the beginning of a name, without what could garble a report.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return s[:min(len(s), maxShown)]
}
