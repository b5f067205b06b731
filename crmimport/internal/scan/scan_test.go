package scan

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var wide = Limits{Depth: 64, Token: 1 << 20, Attrs: 64}

// readXML writes the tokens of a document as one line.
func readXML(r io.Reader, limits Limits) (string, error) {
	x := NewXML(r, limits)
	var b strings.Builder
	for {
		token, err := x.Next()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
		switch token.Kind {
		case Start:
			fmt.Fprintf(&b, "<%s", token.Name)
			for _, a := range token.Attrs {
				fmt.Fprintf(&b, " %s=%q", a.Name, a.Value)
			}
			b.WriteString(">")
		case End:
			fmt.Fprintf(&b, "</%s>", token.Name)
		case Text:
			b.Write(token.Text)
		}
	}
}

func TestXML(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		`<a/>`: `<a></a>`,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c -->\n<a x='1'  y = \"2\" >t<b/>u</a >\n<!-- d --><?pi x?>\n": `<a x="1" y="2">t<b></b>u</a>`,
		`<a>&lt;&gt;&amp;&apos;&quot;&#1042;&#x432;</a>`:                                                                 `<a><>&'"Вв</a>`,
		`<a x="1 &gt; 0" y='"'>></a>`:                           `<a x="1 > 0" y="\"">></a>`,
		"<a>1\r\n2\r3</a>":                                      "<a>1\n2\n3</a>",
		`<a>x<![CDATA[<&]] ]>]]>y<!-- - -->z</a>`:               `<a>x<&]] ]>yz</a>`,
		`<n:a xmlns:n="u" xmlns="v" n:z="1" q="2"><n:b/></n:a>`: `<a q="2"><b></b></a>`,
		`<Клиент Код="1"><Имя>Вера</Имя></Клиент>`:              `<Клиент Код="1"><Имя>Вера</Имя></Клиент>`,
	} {
		got, err := readXML(strings.NewReader(doc), wide)
		require.NoError(t, err, doc)
		assert.Equal(t, want, got)
		got, err = readXML(iotest.OneByteReader(strings.NewReader(doc)), wide)
		require.NoError(t, err, doc)
		assert.Equal(t, want, got, "a byte at a time")
	}
}

func TestXMLRefuses(t *testing.T) {
	t.Parallel()
	small := Limits{Depth: 3, Token: 100, Attrs: 2}
	for doc, want := range map[string]string{
		"":                           "line 1, column 1: not well-formed: the file ends too early",
		" \n ":                       "line 2, column 2: not well-formed: the file ends too early",
		"<a>":                        "line 1, column 4: not well-formed: the file ends too early",
		"<a>\n<b></a>":               "line 2, column 4: not well-formed: </b> expected",
		"<a":                         "line 1, column 3: not well-formed: the file ends too early",
		"x<a/>":                      "line 1, column 1: not well-formed: text in front of the root element",
		"<a/>\n x":                   "line 2, column 2: not well-formed: text behind the root element",
		"<a/><b/>":                   "line 1, column 5: not well-formed: a second root element",
		"</a>":                       "line 1, column 1: not well-formed: an end tag without a start tag",
		`<!DOCTYPE a><a/>`:           "line 1, column 1: a DOCTYPE or an entity is refused",
		`<a>&e;</a>`:                 "line 1, column 4: a DOCTYPE or an entity is refused",
		`<a>&lt</a>`:                 "line 1, column 4: not well-formed: & without ;",
		`<a>&#0;</a>`:                "line 1, column 4: not well-formed",
		`<a>]]></a>`:                 "line 1, column 4: not well-formed: ]]> outside CDATA",
		"<a>Вера\x01</a>":            "line 1, column 8: not well-formed: a control character",
		"<a>\xc2\xe5\xf0\xe0</a>":    "line 1, column 4: not UTF-8",
		"<a>\ufffe</a>":              "line 1, column 4: not well-formed: a character that no text may hold",
		`<a x="1" x="2"/>`:           "line 1, column 15: not well-formed: attribute x twice",
		`<a x="1"y="2"/>`:            "line 1, column 9: not well-formed: an attribute expected",
		`<a x/>`:                     "line 1, column 5: not well-formed: = expected",
		`<a x=1/>`:                   "line 1, column 6: not well-formed: a quote expected",
		`<a x="<"/>`:                 "line 1, column 7: not well-formed: < in an attribute",
		`<a <b/>`:                    "line 1, column 4: not well-formed: < inside a tag",
		`<>`:                         "line 1, column 2: not well-formed: a name expected",
		`</>`:                        "line 1, column 1: not well-formed: an end tag without a start tag",
		`<1/>`:                       "line 1, column 2: not well-formed: a name expected",
		` <?xml version="1.0"?><a/>`: "line 1, column 2: not well-formed: an XML declaration that is not at the beginning",
		`<?xml version="1.1"?><a/>`:  "line 1, column 1: not well-formed: not XML 1.0",
		`<a><!-- -- --></a>`:         "line 1, column 9: not well-formed: -- in a comment",
		`<a><b><c><d/></c></b></a>`:  "line 1, column 10: over the limit: elements more than 3 deep",
		`<a x="" y="" z=""/>`:        "line 1, column 14: over the limit: more than 2 attributes",
		`<a>` + strings.Repeat("x", 101) + `</a>`: "line 1, column 4: over the limit: more than 100 bytes in one piece",
	} {
		_, err := readXML(strings.NewReader(doc), small)
		require.EqualError(t, err, want, doc)
	}
}

func TestEndlessTokensAreRefused(t *testing.T) {
	t.Parallel()
	for _, head := range []string{"<a>", "<a x='", "<a><!--", "<?pi ", "<a><![CDATA[", "<a ", "</"} {
		_, err := readXML(io.MultiReader(strings.NewReader(head), endless{}), wide)
		require.Error(t, err, head)
		if !errors.Is(err, ErrSyntax) {
			require.ErrorIs(t, err, ErrTooLarge, head)
		}
	}
	_, err := readJSON(io.MultiReader(strings.NewReader(`["`), endless{}), wide)
	require.ErrorIs(t, err, ErrTooLarge)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestReaderErrorKeepsItsCause(t *testing.T) {
	t.Parallel()
	cut := errors.New("cut")
	_, err := readXML(io.MultiReader(strings.NewReader("<a>\n<b/>"), iotest.ErrReader(cut)), wide)
	require.ErrorIs(t, err, cut)
	require.EqualError(t, err, "line 2, column 5: cut")
	_, err = readJSON(io.MultiReader(strings.NewReader("[\n1,"), iotest.ErrReader(cut)), wide)
	require.EqualError(t, err, "line 2, column 3: cut")
}

// FuzzXML: what the scanner accepts, encoding/xml reads the same.
func FuzzXML(f *testing.F) {
	for _, seed := range []string{
		`<?xml version="1.0"?><a x="1"><b>t&amp;u</b><c/><![CDATA[<]]></a>`, "<a>\r\n</a>", `<n:a xmlns:n="u"/>`, `<a><!-- c --></a>`, `<a></b>`, `<!DOCTYPE a>`, `<Ж я="ю">щ</Ж>`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		got, err := readXML(strings.NewReader(doc), wide)
		slow, slowErr := readXML(iotest.OneByteReader(strings.NewReader(doc)), wide)
		require.Equal(t, err == nil, slowErr == nil)
		require.Equal(t, got, slow)
		if err != nil || !knownNames(doc) {
			return
		}
		want, err := stdXML(doc)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// knownNames: encoding/xml knows the letters of an older Unicode, and reads
// prefixes and declarations in its own way.
func knownNames(doc string) bool {
	for _, r := range doc {
		if r == ':' || r > 'я' || r > '~' && r < 'А' {
			return false
		}
	}
	return !strings.Contains(doc, "<?") && !strings.Contains(doc, "xmlns")
}

func stdXML(doc string) (string, error) {
	decoder := xml.NewDecoder(strings.NewReader(doc))
	var b strings.Builder
	depth := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			fmt.Fprintf(&b, "<%s", token.Name.Local)
			for _, a := range token.Attr {
				fmt.Fprintf(&b, " %s=%q", a.Name.Local, a.Value)
			}
			b.WriteString(">")
		case xml.EndElement:
			depth--
			fmt.Fprintf(&b, "</%s>", token.Name.Local)
		case xml.CharData:
			if depth > 0 {
				b.Write(token)
			}
		}
	}
}

// readJSON writes the tokens of a document as compact JSON.
func readJSON(r io.Reader, limits Limits) (string, error) {
	j := NewJSON(r, limits)
	var b strings.Builder
	comma := false
	for {
		token, err := j.Next()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
		closes := token.Kind == ObjectEnd || token.Kind == ArrayEnd
		if comma && !closes {
			b.WriteByte(',')
		}
		comma = true
		switch token.Kind {
		case Object, Array:
			b.WriteByte(byte(token.Kind))
			comma = false
		case ObjectEnd, ArrayEnd:
			b.WriteByte(byte(token.Kind))
		case Key, String:
			quoted, err := json.Marshal(string(token.Text))
			if err != nil {
				return "", err
			}
			b.Write(quoted)
			if token.Kind == Key {
				b.WriteByte(':')
				comma = false
			}
		case Number, Bool:
			b.Write(token.Text)
		case Null:
			b.WriteString("null")
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for _, test := range [][2]string{
		{` {"a" : [1, -2.5e3, "x\n\u0412", true, null, [], {}], "b":{"c":false}} `, `{"a":[1,-2.5e3,"x\nВ",true,null,[],{}],"b":{"c":false}}`},
		{`7`, `7`},
	} {
		doc, want := test[0], test[1]
		got, err := readJSON(strings.NewReader(doc), wide)
		require.NoError(t, err, doc)
		assert.Equal(t, want, got)
		got, err = readJSON(iotest.OneByteReader(strings.NewReader(doc)), wide)
		require.NoError(t, err, doc)
		assert.Equal(t, want, got)
	}
}

func TestJSONRefuses(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		``:               "line 1, column 1: not well-formed: the file ends too early",
		`{"a":1`:         "line 1, column 7: not well-formed: the file ends too early",
		"{\n\"a\" 1}":    "line 2, column 5: not well-formed: : expected",
		`[1 2]`:          "line 1, column 4: not well-formed: , expected",
		`[1,]`:           "line 1, column 4: not well-formed: a value expected",
		`{"a":1,}`:       "line 1, column 8: not well-formed: a key expected",
		`{1:2}`:          "line 1, column 2: not well-formed: a key expected",
		`{]`:             "line 1, column 2: not well-formed: a key expected",
		`[01]`:           "line 1, column 2: not well-formed: a bad number",
		`[nul]`:          "line 1, column 2: not well-formed: a value expected",
		`{} x`:           "line 1, column 4: not well-formed: text behind the JSON value",
		"[\"\x01\"]":     "line 1, column 3: not well-formed: a control character",
		"[\"Вера\xff\"]": "line 1, column 7: not UTF-8",
		`["\q"]`:         "line 1, column 2: not well-formed: a bad escape",
		`[[[[1]]]]`:      "line 1, column 4: over the limit: more than 3 deep",
	} {
		_, err := readJSON(strings.NewReader(doc), Limits{Depth: 3, Token: 100, Attrs: 2})
		require.EqualError(t, err, want, doc)
	}
}

// FuzzJSON: the scanner accepts exactly what encoding/json does, less invalid
// UTF-8.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,"x\n",true,null,{}]}`, `[1,]`, `"\ud800"`, `1e5`, `{} {}`, "\"\xff\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		got, err := readJSON(strings.NewReader(doc), Limits{Depth: 9000, Token: 1 << 20, Attrs: 1})
		if err == nil {
			require.True(t, json.Valid([]byte(doc)), doc)
			require.JSONEq(t, doc, got)
			return
		}
		if utf8.ValidString(doc) && !strings.ContainsAny(doc, "\ufffe\uffff") {
			require.False(t, json.Valid([]byte(doc)), "%q: %v", doc, err)
		}
	})
}
