package crmimport

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/changeover-sdk/changeover/crmimport/internal/scan"
)

// builder makes records from the elements of a file, XML or JSON alike, as the
// layout's tree says.
type builder struct {
	opts    Options
	pos     func() scan.Pos // of the element or text under way
	limits  Limits
	source  string
	version string
	page    bool // the file begins like a web page

	path    []*node // open elements that the layout knows
	skipped int     // open elements below one that it does not know
	text    []byte  // of the innermost element

	record  raw
	done    raw // the last complete one; the next one shares its links and ids
	records int
	warned  map[string]bool
}

// raw is a record under way: texts as the file has them.
type raw struct {
	kind   Kind
	pos    scan.Pos
	size   int
	fields texts
	links  []link
	ids    []string
	bad    *RecordError
}

type link struct{ place, role, share string }

// texts are the fields of a record that the file states: too few for a map to be
// faster. The finished record points into them.
type texts []fieldText

type fieldText struct {
	field Field
	value string
}

// of returns what is stated of a field, or "".
func (t texts) of(field Field) string {
	if value := t.stated(field); value != nil {
		return *value
	}
	return ""
}

// stated returns nil for a field that is not stated.
func (t texts) stated(field Field) *string {
	for i := range t {
		if t[i].field == field {
			return &t[i].value
		}
	}
	return nil
}

func newBuilder(root *node, opts Options) *builder {
	return &builder{
		opts: opts, limits: opts.Limits.orDefault(), source: opts.Source, path: []*node{root},
		warned: map[string]bool{},
	}
}

func (b *builder) top() *node { return b.path[len(b.path)-1] }

// reading reports whether an element of a record is open.
func (b *builder) reading() bool { return b.record.kind != "" }

// open begins an element below the innermost.
func (b *builder) open(name []byte) error {
	b.text = b.text[:0]
	if err := b.count(len(name)); err != nil {
		return err
	}
	if b.skipped > 0 {
		b.skipped++
		return nil
	}
	child := b.top().children[string(name)]
	if child == nil || child.meaning == ignored {
		b.skipped = 1
		if child == nil {
			b.unknown(string(name))
		}
		return nil
	}
	b.path = append(b.path, child)
	switch {
	case child.record != "":
		return b.begin(child.record)
	case child.field == FieldLink:
		b.record.links = append(b.record.links, link{})
	}
	return nil
}

// begin starts a record.
func (b *builder) begin(kind Kind) error {
	if err := b.header(); err != nil {
		return err
	}
	if b.records == b.limits.Records {
		return b.fault(ErrLimit, fmt.Sprintf("more than %d records", b.limits.Records))
	}
	b.records++
	b.record = raw{
		kind: kind, pos: b.pos(), fields: make(texts, 0, len(b.record.fields)),
		links: b.record.links[:0], ids: b.record.ids[:0],
	}
	return nil
}

// header checks what must be known in front of the first record.
func (b *builder) header() error {
	switch {
	case b.opts.Layout.Version != "" && b.version == "":
		return b.fault(ErrHeader, "no version in front of the records")
	case b.source == "":
		return b.fault(ErrHeader, "no source in front of the records, nor in the settings")
	}
	return nil
}

// fault is an error at the element under way.
func (b *builder) fault(kind error, detail string) error {
	pos := b.pos()
	return &ReadError{Line: pos.Line, Column: pos.Column, Kind: kind, Detail: detail}
}

// count bounds the size of a record.
func (b *builder) count(n int) error {
	if !b.reading() {
		return nil
	}
	const perElement = 16
	b.record.size += n + perElement
	if b.record.size > b.limits.RecordBytes {
		return b.fault(ErrLimit, fmt.Sprintf("a %s of more than %d bytes", b.record.kind, b.limits.RecordBytes))
	}
	return nil
}

// chars adds text to the innermost element.
func (b *builder) chars(text []byte) error {
	if b.skipped > 0 {
		return b.count(len(text))
	}
	if len(b.top().children) > 0 && b.top().field == "" {
		if len(bytes.TrimSpace(text)) > 0 {
			return b.misplaced()
		}
		return nil
	}
	b.text = append(b.text, text...)
	return b.count(len(text))
}

// misplaced: text where elements are expected.
func (b *builder) misplaced() error {
	if b.reading() {
		b.fail(b.top().name, "text in place of elements")
		return nil
	}
	return b.fault(ErrHeader, "text where records are expected")
}

// close ends the innermost element. It returns a record when that is complete:
// one whose bad is set is not usable.
func (b *builder) close() (*raw, error) {
	if b.skipped > 0 {
		b.skipped--
		return nil, nil //nolint:nilnil // no record ends here
	}
	n := b.top()
	var err error
	switch {
	case n.record != "" && b.reading():
		b.done = b.record
		b.record.kind = ""
		b.up()
		return &b.done, nil
	case n.field != "":
		b.set(n, b.value())
	case n.meaning != nothing:
		err = b.head(n.meaning, b.value())
	}
	b.up()
	return nil, err
}

// value is the text of the innermost element.
func (b *builder) value() string { return string(bytes.TrimSpace(b.text)) }

func (b *builder) up() {
	b.path = b.path[:len(b.path)-1]
	b.text = b.text[:0]
}

// leave ends an element that has no value: null.
func (b *builder) leave() {
	if b.skipped > 0 {
		b.skipped--
		return
	}
	if b.top().field == FieldLink {
		b.record.links = b.record.links[:len(b.record.links)-1]
	}
	b.up()
}

func (b *builder) head(what meaning, value string) error {
	switch {
	case what == version && value != "1":
		return b.fault(ErrHeader, "the version is not 1")
	case what == version:
		b.version = value
	case what == generated:
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			b.warn(WarnStamp, "the stamp of the file is not a date and time")
		}
	case b.opts.Source != "":
	case !goodSource(value):
		return b.fault(ErrHeader, "the source is empty, too long or holds a colon or a line break")
	default:
		b.source = value
	}
	return nil
}

// set stores the text of a field.
func (b *builder) set(n *node, value string) {
	if word, ok := n.values[value]; ok {
		value = word
	}
	last := len(b.record.links) - 1
	switch n.field {
	case FieldLink:
		if value != "" {
			b.record.links[last].place = value
		}
	case FieldLinkPlace, FieldLinkRole, FieldLinkShare:
		if last < 0 {
			b.fail(string(n.field), "outside a link")
			return
		}
		b.setLink(&b.record.links[last], n.field, value)
	case FieldClient:
		b.record.ids = append(b.record.ids, value)
	default:
		if b.record.fields.stated(n.field) != nil {
			b.fail(string(n.field), "given twice")
			return
		}
		b.record.fields = append(b.record.fields, fieldText{n.field, value})
	}
}

func (*builder) setLink(l *link, field Field, value string) {
	switch field {
	case FieldLinkRole:
		l.role = value
	case FieldLinkShare:
		l.share = value
	default:
		l.place = value
	}
}

// fail marks the record under way as bad. The first reason is kept.
func (b *builder) fail(field, reason string) {
	if b.record.bad == nil {
		pos := b.pos()
		b.record.bad = &RecordError{Line: pos.Line, Column: pos.Column, Field: field, Err: errors.New(reason)}
	}
}

// maxWarned is how many kinds of unknown elements are reported.
const maxWarned = 100

func (b *builder) unknown(name string) {
	if len(name) > maxShown || strings.IndexFunc(name, unicode.IsControl) >= 0 {
		name = "with a strange name"
	}
	path := name
	for _, n := range slices.Backward(b.path[1:]) {
		path = n.name + "/" + path
	}
	if b.warned[path] || len(b.warned) == maxWarned {
		return
	}
	b.warned[path] = true
	what := "element"
	if strings.HasPrefix(name, "@") {
		what = "attribute"
	}
	b.warn(WarnUnknown, "unknown "+what+" "+path)
}

const maxShown = 64

func (b *builder) warn(code, message string) {
	if b.opts.OnWarning != nil {
		pos := b.pos()
		b.opts.OnWarning(Warning{Line: pos.Line, Column: pos.Column, Kind: b.record.kind, Code: code, Message: message})
	}
}
