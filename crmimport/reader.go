package crmimport

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/changeover-sdk/changeover/crmimport/internal/scan"
)

// Options say how a file is read. The zero value reads the layouts of this
// package.
type Options struct {
	// Layout says where the fields are. Nil means [XMLLayout] or [JSONLayout].
	Layout *Layout
	// Source names the accounting system and takes the place of the name in the
	// file. Empty: the file must have one.
	Source string
	// Limits bound what a file may ask for.
	Limits Limits
	// OnWarning is told what is odd and does not stop anything. Nil means that
	// nobody is.
	OnWarning func(Warning)
}

// Limits bound what a file may ask for. Zero or less means the default. Whatever the
// limits, a reader holds one record and a window of the file.
type Limits struct {
	// Depth is how deep elements may stand in each other; 64.
	Depth int `json:"depth,omitzero"`
	// Attributes is how many one element may have; 64.
	Attributes int `json:"attributes,omitzero"`
	// TextBytes is the size of one text, tag or string; 1 MiB.
	TextBytes int `json:"textBytes,omitzero"`
	// RecordBytes is the size of a record; 4 MiB.
	RecordBytes int `json:"recordBytes,omitzero"`
	// Records is how many a file may have; 5 000 000.
	Records int `json:"records,omitzero"`
}

func (l Limits) orDefault() Limits {
	return Limits{
		Depth:       cmp.Or(max(l.Depth, 0), 64),
		Attributes:  cmp.Or(max(l.Attributes, 0), 64),
		TextBytes:   cmp.Or(max(l.TextBytes, 0), 1<<20),
		RecordBytes: cmp.Or(max(l.RecordBytes, 0), 4<<20),
		Records:     cmp.Or(max(l.Records, 0), 5_000_000),
	}
}

func (l Limits) scan() scan.Limits {
	return scan.Limits{Depth: l.Depth, Token: l.TextBytes, Attrs: l.Attributes}
}

// Read reads XML or JSON, whichever the first character shows. See [ReadXML].
func Read(r io.Reader, opts Options) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		buffered := bufio.NewReaderSize(r, sniffed)
		read := ReadXML
		if looksLikeJSON(buffered) {
			read = ReadJSON
		}
		read(buffered, opts)(yield)
	}
}

func looksLikeJSON(r *bufio.Reader) bool {
	head, _ := r.Peek(sniffed) // an error comes again with the first read
	head = bytes.TrimLeft(bytes.TrimPrefix(head, utf8Mark), " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[')
}

// ReadXML reads the records of an XML file one by one. Memory stays flat
// whatever the size of the file. The sequence can be ranged over once.
//
// The file is UTF-8, with or without a byte order mark, or declares one of
// windows-1251, KOI8-R, CP866 and ISO-8859-5. A DOCTYPE, entities of its own and
// text around the root element are refused. Elements that the layout does not
// know are reported once each as a [Warning] and left out.
//
// A [*RecordError] is one record that cannot be used; ranging on gives the next
// one. Any other error, [*ReadError] if the file is to blame, is the last
// element. The Record beside an error is zero.
func ReadXML(r io.Reader, opts Options) iter.Seq2[Record, error] {
	return read(r, opts, XMLLayout, func(r io.Reader, b *builder) iter.Seq2[*raw, error] {
		x := scan.NewXML(r, b.limits.scan())
		b.pos = x.Pos
		return b.readXML(x)
	})
}

// ReadJSON reads the records of a JSON file in UTF-8, as [ReadXML] does. Version
// and source must stand in front of the lists.
func ReadJSON(r io.Reader, opts Options) iter.Seq2[Record, error] {
	return read(r, opts, JSONLayout, func(r io.Reader, b *builder) iter.Seq2[*raw, error] {
		j := scan.NewJSON(r, b.limits.scan())
		b.pos = j.Pos
		return b.readJSON(j)
	})
}

var errSource = errors.New("crmimport: Source is too long or holds a colon or a line break")

func read(r io.Reader, opts Options, layout func() Layout, records func(io.Reader, *builder) iter.Seq2[*raw, error]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if opts.Layout == nil {
			opts.Layout = new(layout())
		}
		if opts.Source != "" && !goodSource(opts.Source) {
			yield(Record{}, errSource)
			return
		}
		root, err := opts.Layout.compile()
		if err != nil {
			yield(Record{}, err)
			return
		}
		text, page, err := decodeCharset(r)
		if err != nil {
			yield(Record{}, err)
			return
		}
		b := newBuilder(root, opts)
		b.page = page
		for record, err := range records(text, b) {
			if err != nil {
				yield(Record{}, b.explain(readError(err)))
				return
			}
			if !yield(b.finish(record)) {
				return
			}
		}
	}
}

func (b *builder) readXML(x *scan.XML) iter.Seq2[*raw, error] {
	return func(yield func(*raw, error) bool) {
		depth := 0
		for {
			record, err := b.stepXML(x, &depth)
			if errors.Is(err, io.EOF) {
				return
			}
			if record == nil && err == nil {
				continue
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// stepXML takes one token in.
func (b *builder) stepXML(x *scan.XML, depth *int) (*raw, error) {
	token, err := x.Next()
	if err != nil {
		return nil, err
	}
	switch token.Kind {
	case scan.Start:
		*depth++
		if *depth == 1 {
			err = b.checkRoot(token)
		} else {
			err = b.open(token.Name)
		}
		if err != nil {
			return nil, err
		}
		return nil, b.attributes(token)
	case scan.Text:
		return nil, b.chars(token.Text)
	case scan.End:
		*depth--
		if *depth == 0 {
			return nil, b.header()
		}
		return b.close()
	}
	return nil, nil //nolint:nilnil // there are no other tokens
}

// explain: whatever is wrong with a file that begins like a web page, it is one.
func (b *builder) explain(err error) error {
	var fault *ReadError
	if b.page && errors.As(err, &fault) && fault.Err == nil {
		fault.Kind, fault.Detail = ErrNotDirect, ""
	}
	return err
}

func (b *builder) checkRoot(token *scan.Token) error {
	root := b.opts.Layout.Root
	switch {
	case bytes.EqualFold(token.Name, []byte("html")):
		return b.fault(ErrNotDirect, "")
	case root != "" && string(token.Name) != root:
		return b.fault(ErrHeader, fmt.Sprintf("the root element is not <%s>", root))
	}
	return nil
}

// attributes are elements without elements, called "@name".
func (b *builder) attributes(token *scan.Token) error {
	var name []byte
	for _, a := range token.Attrs {
		name = append(append(name[:0], '@'), a.Name...)
		if err := b.open(name); err != nil {
			return err
		}
		if err := b.chars(a.Value); err != nil {
			return err
		}
		if _, err := b.close(); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) readJSON(j *scan.JSON) iter.Seq2[*raw, error] {
	return func(yield func(*raw, error) bool) {
		walk := jsonWalk{b: b}
		for {
			record, err := walk.step(j)
			if errors.Is(err, io.EOF) {
				return
			}
			if record == nil && err == nil {
				continue
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// jsonWalk turns JSON into elements: each value under a key is an element of
// that name, and so is each element of a list under a key.
type jsonWalk struct {
	b     *builder
	open  []jsonOpen
	key   []byte
	began bool
}

type jsonOpen struct {
	list bool
	name string
}

func (w *jsonWalk) step(j *scan.JSON) (*raw, error) {
	token, err := j.Next()
	if err != nil {
		return nil, err
	}
	switch token.Kind {
	case scan.Key:
		w.key = append(w.key[:0], token.Text...)
		return nil, nil //nolint:nilnil // its value comes next
	case scan.ObjectEnd:
		w.open = w.open[:len(w.open)-1]
		if len(w.open) == 0 {
			return nil, w.b.header()
		}
		return w.b.close()
	case scan.ArrayEnd:
		w.open = w.open[:len(w.open)-1]
		if len(w.open) == 0 {
			return nil, w.b.header()
		}
		return nil, nil //nolint:nilnil // a list is no element
	default:
		return w.value(token)
	}
}

func (w *jsonWalk) value(token *scan.JSONToken) (*raw, error) {
	if !w.began {
		return nil, w.root(token)
	}
	in := w.open[len(w.open)-1]
	if token.Kind == scan.Array {
		name := string(w.key)
		if in.list {
			name = "[]"
		}
		w.open = append(w.open, jsonOpen{true, name})
		return nil, nil //nolint:nilnil // a list is no element
	}
	name := w.key
	if in.list {
		name = []byte(in.name)
	}
	if err := w.b.open(name); err != nil {
		return nil, err
	}
	switch token.Kind {
	case scan.Object:
		w.open = append(w.open, jsonOpen{})
		if w.b.skipped == 0 && w.b.scalar() {
			w.b.fail(string(name), "an object in place of a text")
		}
		return nil, nil //nolint:nilnil // its end comes later
	case scan.Null:
		if w.b.skipped == 0 && w.b.top().record != "" {
			w.b.fail("", "null in place of a record")
			return w.b.close()
		}
		w.b.leave()
		return nil, nil //nolint:nilnil // no value, no element
	case scan.Bool:
		if w.b.skipped == 0 && w.b.reading() {
			w.b.fail(string(name), "true or false in place of a text")
		}
	default: // a text or a number
	}
	if err := w.b.chars(token.Text); err != nil {
		return nil, err
	}
	return w.b.close()
}

func (w *jsonWalk) root(token *scan.JSONToken) error {
	w.began = true
	switch token.Kind {
	case scan.Object:
		w.open = append(w.open, jsonOpen{})
	case scan.Array:
		w.open = append(w.open, jsonOpen{true, "[]"})
	default:
		return w.b.fault(ErrHeader, "neither an object nor a list")
	}
	return nil
}

// scalar reports whether the innermost element is a field without elements.
func (b *builder) scalar() bool {
	n := b.top()
	return n.field != "" && len(n.children) == 0
}

// finish makes the typed record.
func (b *builder) finish(r *raw) (Record, error) {
	f := fieldReader{raw: r, source: b.source, dateLayout: cmp.Or(b.opts.Layout.DateLayout, time.DateOnly)}
	record := Record{Kind: r.kind, Line: r.pos.Line, Column: r.pos.Column}
	switch r.kind {
	case KindPlace:
		record.Place = f.place()
	case KindClient:
		record.Client = f.client()
	case KindAccount:
		record.Account = f.account()
	}
	bad := r.bad
	if bad == nil && f.err != nil {
		bad = &RecordError{Line: r.pos.Line, Column: r.pos.Column, Field: f.field, Err: f.err}
	}
	if bad == nil {
		return record, nil
	}
	bad.Kind = r.kind
	if id := r.fields.of(FieldExtID); goodID(id) {
		bad.ExtID = id
	}
	return Record{}, bad
}
