package crmimport_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/crmimport"
	"github.com/changeover-sdk/changeover/pms"
)

const sampleXML = `<?xml version="1.0" encoding="UTF-8"?>
<import version="1" source="1c-main" generatedAt="2026-03-01T02:40:00+03:00">
  <places>
    <place extId="P-1001" type="flat">
      <buildingExtId>B-7</buildingExtId>
      <address>Тверь, ул. Лесная, д. 4</address>
      <number>12</number>
      <entrance>1</entrance>
      <floor>3</floor>
      <rooms>2</rooms>
      <totalArea>54.30</totalArea>
      <livingArea>31.80</livingArea>
    </place>
  </places>
  <clients>
    <client extId="C-501" kind="person">
      <lastName>Орлова</lastName>
      <firstName>Вера</firstName>
      <middleName>Павловна</middleName>
      <phoneNumber>8 (903) 555-01-02</phoneNumber>
      <email>vera@example.com</email>
      <place extId="P-1001" role="owner" share="1/2"/>
    </client>
    <client extId="C-502" kind="company">
      <companyName>ООО Ромашка</companyName>
      <inn>7700000000</inn>
      <phoneNumber>+7 495 555-01-03</phoneNumber>
      <place extId="P-1001" role="tenant"/>
    </client>
  </clients>
  <accounts>
    <account extId="A-90001">
      <number>0040012</number>
      <placeExtId>P-1001</placeExtId>
      <clientExtId>C-501</clientExtId>
      <openedOn>2019-05-01</openedOn>
    </account>
  </accounts>
</import>
`

const sampleJSON = `{"version":1,"source":"1c-main","generatedAt":"2026-03-01T02:40:00+03:00",
 "places":[{"extId":"P-1001","type":"flat","buildingExtId":"B-7","address":"Тверь, ул. Лесная, д. 4","number":"12","entrance":"1",
   "floor":3,"rooms":2,"totalArea":"54.30","livingArea":"31.80"}],
 "clients":[{"extId":"C-501","kind":"person","lastName":"Орлова","firstName":"Вера","middleName":"Павловна",
   "phoneNumber":"8 (903) 555-01-02","email":"vera@example.com","places":[{"extId":"P-1001","role":"owner","share":"1/2"}]},
  {"extId":"C-502","kind":"company","companyName":"ООО Ромашка","inn":"7700000000","phoneNumber":"+7 495 555-01-03",
   "places":[{"extId":"P-1001","role":"tenant"}]}],
 "accounts":[{"extId":"A-90001","number":"0040012","placeExtId":"P-1001","clientExtIds":["C-501"],"openedOn":"2019-05-01"}]}
`

func id(id string) cleaning.ExternalID { return cleaning.ExternalID{Source: "1c-main", ID: id} }

// sample is what both hold.
func sample() []crmimport.Record {
	return []crmimport.Record{
		{Kind: crmimport.KindPlace, Place: &crmimport.Place{
			ExternalID: id("P-1001"), Type: crmimport.Flat, BuildingID: new("B-7"), Address: new("Тверь, ул. Лесная, д. 4"), Number: "12",
			Entrance: new("1"), Floor: new("3"), Rooms: new("2"), TotalArea: new("54.30"), LivingArea: new("31.80"),
		}},
		{Kind: crmimport.KindClient, Client: &cleaning.ClientRecord{
			ExternalID: id("C-501"), Kind: cleaning.ClientPerson, LastName: new("Орлова"), FirstName: new("Вера"), MiddleName: new("Павловна"),
			Phone: cleaning.Phone{Raw: "8 (903) 555-01-02"}, Email: new("vera@example.com"),
			Places: []cleaning.PlaceLink{{Place: id("P-1001"), Role: cleaning.RoleOwner, Share: "1/2"}},
		}},
		{Kind: crmimport.KindClient, Client: &cleaning.ClientRecord{
			ExternalID: id("C-502"), Kind: cleaning.ClientCompany, CompanyName: new("ООО Ромашка"), TaxID: new("7700000000"),
			Phone:  cleaning.Phone{Raw: "+7 495 555-01-03"},
			Places: []cleaning.PlaceLink{{Place: id("P-1001"), Role: cleaning.RoleTenant}},
		}},
		{Kind: crmimport.KindAccount, Account: &crmimport.Account{
			ExternalID: id("A-90001"), Number: "0040012", Place: id("P-1001"), Clients: []cleaning.ExternalID{id("C-501")},
			OpenedOn: &pms.Date{Year: 2019, Month: time.May, Day: 1},
		}},
	}
}

// collect reads everything that can be read.
func collect(r io.Reader, opts crmimport.Options) (records []crmimport.Record, bad []string, err error) {
	for record, err := range crmimport.Read(r, opts) {
		var failed *crmimport.RecordError
		switch {
		case errors.As(err, &failed):
			bad = append(bad, err.Error())
		case err != nil:
			return records, bad, err
		default:
			records = append(records, record)
		}
	}
	return records, bad, nil
}

func withoutPlaces(records []crmimport.Record) []crmimport.Record {
	for i := range records {
		records[i].Line, records[i].Column = 0, 0
	}
	return records
}

func cp1251(t testing.TB, s string) string {
	t.Helper()
	out, err := charmap.Windows1251.NewEncoder().String(strings.Replace(s, `encoding="UTF-8"`, `encoding="Windows-1251"`, 1))
	require.NoError(t, err)
	return out
}

func TestReadTheSample(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"XML": sampleXML, "JSON": sampleJSON, "XML with a mark": "\xef\xbb\xbf" + sampleXML, "JSON with a mark": "\xef\xbb\xbf" + sampleJSON,
		"windows-1251": cp1251(t, sampleXML),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := crmimport.Options{OnWarning: func(w crmimport.Warning) { t.Errorf("a warning: %+v", w) }}
			records, bad, err := collect(strings.NewReader(text), opts)
			require.NoError(t, err)
			assert.Empty(t, bad)
			assert.Equal(t, sample(), withoutPlaces(records))
		})
	}
}

func TestReadThePublishedSamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sample.xml", "sample.json"} {
		file, err := os.Open(filepath.Join("..", "..", "shared", "specs", "crmimport", name))
		if errors.Is(err, os.ErrNotExist) {
			t.Skip("the samples of the format are not here")
		}
		require.NoError(t, err)
		records, bad, err := collect(file, crmimport.Options{})
		require.NoError(t, err)
		require.NoError(t, file.Close())
		assert.Empty(t, bad)
		assert.Equal(t, sample(), withoutPlaces(records))
	}
}

func TestRecordsKnowTheirLine(t *testing.T) {
	t.Parallel()
	records, _, err := collect(strings.NewReader(sampleXML), crmimport.Options{})
	require.NoError(t, err)
	var lines []string
	for _, r := range records {
		lines = append(lines, fmt.Sprintf("%s %d:%d", r.ID().ID, r.Line, r.Column))
	}
	assert.Equal(t, []string{"P-1001 4:5", "C-501 16:5", "C-502 24:5", "A-90001 32:5"}, lines)
}

// clients wraps clients into a file.
func clients(inner string) string {
	return `<import version="1" source="s"><clients>` + inner + `</clients></import>`
}

func TestAbsentAndEmptyFieldsDiffer(t *testing.T) {
	t.Parallel()
	want := &cleaning.ClientRecord{
		ExternalID: cleaning.ExternalID{Source: "s", ID: "1"}, LastName: new("Ким"), Email: new(""),
	}
	for _, text := range []string{
		clients(`<client extId=" 1 "><lastName> Ким
			</lastName><email/></client>`),
		`{"version":"1","source":"s","clients":[{"extId":1,"lastName":"Ким","email":"","inn":null,"places":[],"birthDate":null}]}`,
	} {
		records, bad, err := collect(strings.NewReader(text), crmimport.Options{})
		require.NoError(t, err)
		assert.Empty(t, bad)
		require.Len(t, records, 1)
		assert.Equal(t, want, records[0].Client)
	}
}

func TestBadRecordsDoNotStopTheReader(t *testing.T) {
	t.Parallel()
	xml := func(before, inner, after string) string {
		return `<import version="1" source="s">` + before + "\n" + inner + "\n" + after + `</import>`
	}
	place := func(inner string) string { return xml("<places>", inner, "</places>") }
	client := func(inner string) string { return xml("<clients>", inner, "</clients>") }
	account := func(inner string) string { return xml("<accounts>", inner, "</accounts>") }
	json := func(inner string) string { return `{"version":1,"source":"s",` + "\n" + inner + `}` }
	for text, want := range map[string]string{
		place(`<place><number>1</number></place>`):                                                                                                         `line 2, column 1: place: extId: missing`,
		place(`<place extId="1"/>`):                                                                                                                        `line 2, column 1: place 1: number: missing`,
		place(`<place extId="1" type="hut"><number>1</number></place>`):                                                                                    `line 2, column 1: place 1: type: not one of the known words`,
		place(`<place extId="1"><number>1</number><floor>1.5</floor></place>`):                                                                             `line 2, column 1: place 1: floor: not a whole number`,
		place(`<place extId="1"><number>1</number><rooms>-1</rooms></place>`):                                                                              `line 2, column 1: place 1: rooms: not a whole number`,
		place(`<place extId="1"><number>1</number><totalArea>5,5</totalArea></place>`):                                                                     `line 2, column 1: place 1: totalArea: not a decimal with at most 4 places`,
		place(`<place extId="1"><number>1</number><totalArea>5.12345</totalArea></place>`):                                                                 `line 2, column 1: place 1: totalArea: not a decimal with at most 4 places`,
		place(`<place extId="1"><number>1</number><number>2</number></place>`):                                                                             `line 2, column 45: place 1: number: given twice`,
		place(`<place extId="` + strings.Repeat("я", 129) + `"><number>1</number></place>`):                                                                `line 2, column 1: place: extId: empty, longer than 128 characters or with a line break`,
		client(`<client extId="1"/>`):                                                                                                                      `line 2, column 1: client 1: lastName: a person needs a last or a first name`,
		client(`<client extId="1" kind="company"><lastName>A</lastName></client>`):                                                                         `line 2, column 1: client 1: companyName: missing`,
		client(`<client extId="1"><lastName>A</lastName><birthDate>31.12.2000</birthDate></client>`):                                                       `line 2, column 1: client 1: birthDate: not a date`,
		client(`<client extId="1"><lastName>A</lastName><place role="owner"/></client>`):                                                                   `line 2, column 1: client 1: place.extId: empty, longer than 128 characters or with a line break`,
		client(`<client extId="1"><lastName>A</lastName><place extId="P" role="x"/></client>`):                                                             `line 2, column 1: client 1: place.role: not one of the known words`,
		client(`<client extId="1"><lastName>A</lastName><place extId="P" share="3/2"/></client>`):                                                          `line 2, column 1: client 1: place.share: not a share such as 1/2, at most 1`,
		client(`<client extId="1"><lastName>A</lastName><place extId="P" share="0/2"/></client>`):                                                          `line 2, column 1: client 1: place.share: not a share such as 1/2, at most 1`,
		account(`<account extId="1"><number>1</number></account>`):                                                                                         `line 2, column 1: account 1: placeExtId: missing`,
		account(`<account extId="1"><number>1</number><placeExtId>P</placeExtId><openedOn>2020-02-02</openedOn><closedOn>2020-02-01</closedOn></account>`): `line 2, column 1: account 1: closedOn: before the date of opening`,
		account(`<account extId="1">loose</account>`):                                                                                                      `line 2, column 20: account 1: account: text in place of elements`,
		json(`"clients":[7]`):                                   `line 2, column 12: client: clients: text in place of elements`,
		json(`"clients":[null]`):                                `line 2, column 12: client: null in place of a record`,
		json(`"clients":[{"extId":"1","lastName":{"ru":"A"}}]`): `line 2, column 36: client 1: lastName: an object in place of a text`,
		json(`"clients":[{"extId":"1","lastName":true}]`):       `line 2, column 36: client 1: lastName: true or false in place of a text`,
		json(`"clients":[{"extId":"1","lastName":["A","B"]}]`):  `line 2, column 41: client 1: lastName: given twice`,
	} {
		records, bad, err := collect(strings.NewReader(text), crmimport.Options{})
		require.NoError(t, err, text)
		assert.Empty(t, records, text)
		assert.Equal(t, []string{want}, bad, text)
	}
	records, bad, err := collect(strings.NewReader(clients(
		`<client extId="1"><lastName>A</lastName></client><client extId="2"/><client extId="3"><firstName>C</firstName></client>`)), crmimport.Options{})
	require.NoError(t, err)
	assert.Len(t, bad, 1)
	require.Len(t, records, 2)
	assert.Equal(t, "3", records[1].ID().ID)
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	good := `<client extId="1"><lastName>A</lastName></client>`
	tests := []struct {
		name, text string
		kind       error
		want       string
	}{
		{"empty", "", crmimport.ErrSyntax, "line 1, column 1: not well-formed: the file ends too early"},
		{"truncated", clients(good)[:80], crmimport.ErrSyntax, "line 1, column 81: not well-formed: the file ends too early"},
		{"junk in front", "x" + clients(good), crmimport.ErrSyntax, "line 1, column 1: not well-formed: text in front of the root element"},
		{"junk behind", clients(good) + "\nx", crmimport.ErrSyntax, "line 2, column 1: not well-formed: text behind the root element"},
		{"web page", "<!DOCTYPE html>\n<html><body></body></html>", crmimport.ErrNotDirect, "line 1, column 1: a web page, not a file: the address is not a direct link"},
		{"untidy web page", "<html lang=ru><body><br>", crmimport.ErrNotDirect, "line 1, column 12: a web page, not a file: the address is not a direct link"},
		{"bare web page", "\n<HTML></HTML>", crmimport.ErrNotDirect, "line 2, column 1: a web page, not a file: the address is not a direct link"},
		{"doctype", `<!DOCTYPE import [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><import/>`, crmimport.ErrDoctype, "line 1, column 1: a DOCTYPE or an entity is refused"},
		{"entity", clients(`<client extId="1"><lastName>&file;</lastName></client>`), crmimport.ErrDoctype, "line 1, column 69: a DOCTYPE or an entity is refused"},
		{"other root", `<yml/>`, crmimport.ErrHeader, "line 1, column 1: not an import file: the root element is not <import>"},
		{"no version", `<import source="s"/>`, crmimport.ErrHeader, "line 1, column 21: not an import file: no version in front of the records"},
		{"version 2", `<import version="2" source="s"/>`, crmimport.ErrHeader, "line 1, column 1: not an import file: the version is not 1"},
		{"no source", `<import version="1"><clients>` + good + `</clients></import>`, crmimport.ErrHeader, "line 1, column 30: not an import file: no source in front of the records, nor in the settings"},
		{"blank source", `<import version="1" source=" "/>`, crmimport.ErrHeader, "line 1, column 1: not an import file: the source is empty, too long or holds a colon or a line break"},
		{"version behind", `{"clients":[{"extId":"1"}],"version":1}`, crmimport.ErrHeader, "line 1, column 13: not an import file: no version in front of the records"},
		{"a text", `"x"`, crmimport.ErrSyntax, "line 1, column 1: not well-formed: text in front of the root element"},
		{"places are text", `{"version":1,"source":"s","places":{"place":1} ,`, crmimport.ErrSyntax, "line 1, column 49: not well-formed: the file ends too early"},
		{"UTF-16", "\xff\xfe<\x00", crmimport.ErrEncoding, "line 1, column 1: wrong encoding: UTF-16; save the file as UTF-8 or windows-1251"},
		{"other encoding", `<?xml version="1.0" encoding="Shift_JIS"?><import/>`, crmimport.ErrEncoding, "line 1, column 1: wrong encoding: a declared encoding that is not supported: shift_jis"},
		{"wrong declaration", strings.Replace(cp1251(t, sampleXML), "Windows-1251", "UTF-8", 1), crmimport.ErrEncoding, "line 6, column 16: wrong encoding: not UTF-8; a file in windows-1251 must declare it"},
		{"mark and declaration", "\xef\xbb\xbf" + `<?xml version="1.0" encoding="cp1251"?><import/>`, crmimport.ErrEncoding, "line 1, column 1: wrong encoding: a byte order mark of UTF-8 in a file that declares another encoding"},
		{"a million deep", strings.Repeat("<import>", 1_000_000), crmimport.ErrLimit, "line 1, column 513: over the limit: elements more than 64 deep"},
		{"many records", clients(strings.Repeat(good, 6)), crmimport.ErrLimit, "line 1, column 286: over the limit: more than 5 records"},
		{"long text", clients(`<client extId="1"><lastName>` + strings.Repeat("A", 3000) + `</lastName></client>`), crmimport.ErrLimit, "line 1, column 69: over the limit: more than 2000 bytes in one piece"},
		{"long record", clients(`<client extId="1">` + strings.Repeat(`<place extId="P"/>`, 300) + `</client>`), crmimport.ErrLimit, "line 1, column 1535: over the limit: a client of more than 5000 bytes"},
		{"long unknown record", clients(`<client extId="1"><u>` + strings.Repeat(`<x/>`, 300) + `</u></client>`), crmimport.ErrLimit, "line 1, column 1222: over the limit: a client of more than 5000 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := crmimport.Options{Limits: crmimport.Limits{Records: 5, TextBytes: 2000, RecordBytes: 5000}}
			_, _, err := collect(strings.NewReader(test.text), opts)
			require.EqualError(t, err, test.want)
			require.ErrorIs(t, err, test.kind)
		})
	}
}

func TestUnknownElementsAreWarnings(t *testing.T) {
	t.Parallel()
	text := `<import version="1" source="s" xmlns:xsi="x" xsi:schemaLocation="y"><extra>5</extra><clients>
<client extId="1" colour="red"><lastName>A</lastName><nick><deep/></nick></client>
<client extId="2"><lastName>B</lastName><nick/></client></clients></import>`
	var warnings []crmimport.Warning
	records, bad, err := collect(strings.NewReader(text), crmimport.Options{OnWarning: func(w crmimport.Warning) { warnings = append(warnings, w) }})
	require.NoError(t, err)
	assert.Empty(t, bad)
	assert.Len(t, records, 2)
	assert.Equal(t, []crmimport.Warning{
		{Line: 1, Column: 69, Code: crmimport.WarnUnknown, Message: "unknown element extra"},
		{Line: 2, Column: 1, Kind: crmimport.KindClient, Code: crmimport.WarnUnknown, Message: "unknown attribute clients/client/@colour"},
		{Line: 2, Column: 54, Kind: crmimport.KindClient, Code: crmimport.WarnUnknown, Message: "unknown element clients/client/nick"},
	}, warnings)
}

func TestAnotherVendorsLayout(t *testing.T) {
	t.Parallel()
	layout := crmimport.Layout{
		Root: "Выгрузка", DateLayout: "02.01.2006",
		Places: crmimport.Table{
			Records: "Помещения/Помещение",
			Fields:  map[string]crmimport.Field{"@Код": crmimport.FieldExtID, "Номер": crmimport.FieldNumber, "Вид": crmimport.FieldType},
			Values:  map[crmimport.Field]map[string]string{crmimport.FieldType: {"Квартира": "flat", "Машиноместо": "parking"}},
		},
		Clients: crmimport.Table{
			Records: "Абонент",
			Fields: map[string]crmimport.Field{
				"Код": crmimport.FieldExtID, "ФИО/Фамилия": crmimport.FieldLastName, "Родился": crmimport.FieldBirthDate, "Квартиры/Код": crmimport.FieldLink,
			},
			Ignore: []string{"Примечание"},
		},
	}
	stored, err := json.Marshal(layout)
	require.NoError(t, err)
	var loaded crmimport.Layout
	require.NoError(t, json.Unmarshal(stored, &loaded))
	opts := crmimport.Options{Layout: &loaded, Source: "b24", OnWarning: func(w crmimport.Warning) { t.Errorf("a warning: %+v", w) }}
	records, bad, err := collect(strings.NewReader(`<Выгрузка><Помещения><Помещение Код="1"><Номер>7</Номер><Вид>Машиноместо</Вид></Помещение></Помещения>
		<Абонент><Код>9</Код><ФИО><Фамилия>Ким</Фамилия></ФИО><Родился>31.12.2000</Родился><Примечание>да</Примечание>
		<Квартиры><Код>1</Код><Код>2</Код></Квартиры></Абонент></Выгрузка>`), opts)
	require.NoError(t, err)
	assert.Empty(t, bad)
	b24 := func(id string) cleaning.ExternalID { return cleaning.ExternalID{Source: "b24", ID: id} }
	assert.Equal(t, []crmimport.Record{
		{Kind: crmimport.KindPlace, Place: &crmimport.Place{ExternalID: b24("1"), Number: "7", Type: crmimport.Parking}},
		{Kind: crmimport.KindClient, Client: &cleaning.ClientRecord{
			ExternalID: b24("9"), LastName: new("Ким"), BirthDate: &pms.Date{Year: 2000, Month: time.December, Day: 31},
			Places: []cleaning.PlaceLink{{Place: b24("1"), Role: cleaning.RoleOwner}, {Place: b24("2"), Role: cleaning.RoleOwner}},
		}},
	}, withoutPlaces(records))
}

func TestAListAtTheTopOfJSON(t *testing.T) {
	t.Parallel()
	layout := crmimport.Layout{Clients: crmimport.Table{
		Records: "[]", Fields: map[string]crmimport.Field{"id": crmimport.FieldExtID, "name": crmimport.FieldFirstName},
	}}
	records, bad, err := collect(strings.NewReader(`[{"id":1,"name":"A"},{"id":2,"name":"B"}]`), crmimport.Options{Layout: &layout, Source: "s"})
	require.NoError(t, err)
	assert.Empty(t, bad)
	require.Len(t, records, 2)
	assert.Equal(t, "2", records[1].ID().ID)
}

func TestBadLayouts(t *testing.T) {
	t.Parallel()
	id := map[string]crmimport.Field{"id": crmimport.FieldExtID}
	for want, layout := range map[string]crmimport.Layout{
		"crmimport: layout: no kind of record has a path":       {},
		`crmimport: layout: a client needs the field "extId"`:   {Clients: crmimport.Table{Records: "c"}},
		`crmimport: layout: a place has no field "email"`:       {Places: crmimport.Table{Records: "c", Fields: map[string]crmimport.Field{"e": crmimport.FieldEmail}}},
		`crmimport: layout: bad path "a//b"`:                    {Places: crmimport.Table{Records: "a//b", Fields: id}},
		`crmimport: layout: bad path "@a/b"`:                    {Places: crmimport.Table{Records: "p", Fields: map[string]crmimport.Field{"@a/b": crmimport.FieldExtID}}},
		"crmimport: layout: records inside records":             {Places: crmimport.Table{Records: "a", Fields: id}, Clients: crmimport.Table{Records: "a/b", Fields: id}},
		`crmimport: layout: clients and places are both at "a"`: {Places: crmimport.Table{Records: "a", Fields: id}, Clients: crmimport.Table{Records: "a", Fields: id}},
	} {
		_, _, err := collect(strings.NewReader("<a/>"), crmimport.Options{Layout: &layout})
		if strings.Contains(want, "both") {
			require.ErrorContains(t, err, "are both at")
			continue
		}
		require.EqualError(t, err, want)
	}
}

func TestBreakStopsReading(t *testing.T) {
	t.Parallel()
	stream := &counter{r: manyClients(100)}
	for record, err := range crmimport.Read(stream, crmimport.Options{}) {
		require.NoError(t, err)
		if record.ID().ID == "C-9" {
			break
		}
	}
	assert.Less(t, stream.n, int64(1<<20))
}

const (
	fileHead = "<?xml version=\"1.0\"?>\n<import version=\"1\" source=\"1c\">\n  <clients>\n"
	fileTail = "  </clients>\n</import>\n"
)

// thousandClients is a part of a file.
func thousandClients() string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, `    <client extId="C-%d" kind="person">
      <lastName>Орлова</lastName>
      <firstName>Вера</firstName>
      <middleName>Павловна</middleName>
      <phoneNumber>8 (903) %03d-%02d-%02d</phoneNumber>
      <email>vera%d@example.com</email>
      <place extId="P-%d" role="owner" share="1/2"/>
    </client>
`, i, i, i/100%100, i%100, i, i)
	}
	return b.String()
}

// manyClients is a file of so many thousand clients that is never in memory.
func manyClients(thousands int) io.Reader {
	part := thousandClients()
	readers := []io.Reader{strings.NewReader(fileHead)}
	for range thousands {
		readers = append(readers, strings.NewReader(part))
	}
	return io.MultiReader(append(readers, strings.NewReader(fileTail))...)
}

func TestMemoryStaysFlat(t *testing.T) { //nolint:paralleltest // it looks at the heap of the process
	if raceEnabled {
		t.Skip("the race detector keeps a heap of its own")
	}
	const thousands = 325
	size := &counter{r: manyClients(thousands)}
	var peak uint64
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before := stats.HeapInuse
	n := 0
	for _, err := range crmimport.ReadXML(size, crmimport.Options{}) {
		require.NoError(t, err)
		if n++; n%10_000 == 0 {
			runtime.ReadMemStats(&stats)
			peak = max(peak, stats.HeapInuse)
		}
	}
	assert.Equal(t, thousands*1000, n)
	assert.Greater(t, size.n, int64(100<<20))
	assert.Less(t, peak-before, uint64(32)<<20, "of heap beyond %d", before)
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{sampleXML, sampleJSON, clients(`<client extId="1"/>`), "<html>", "\xff\xfe"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ended := false
		for record, err := range crmimport.Read(bytes.NewReader(data), crmimport.Options{}) {
			require.False(t, ended, "an element behind the last error")
			var bad *crmimport.RecordError
			var file *crmimport.ReadError
			switch {
			case err == nil:
				require.NotEmpty(t, record.ID().ID)
				require.NotEmpty(t, record.ID().Source)
				require.Positive(t, record.Line)
				require.Positive(t, record.Column)
			case errors.As(err, &bad):
				require.Zero(t, record)
			default:
				require.ErrorAs(t, err, &file)
				require.Positive(t, file.Line)
				ended = true
			}
		}
	})
}

func benchmarkFile(b *testing.B) []byte {
	b.Helper()
	data, err := io.ReadAll(manyClients(10))
	require.NoError(b, err)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	return data
}

func BenchmarkXML(b *testing.B) {
	b.Run("Read", func(b *testing.B) {
		data := benchmarkFile(b)
		for b.Loop() {
			n := 0
			for _, err := range crmimport.ReadXML(bytes.NewReader(data), crmimport.Options{}) {
				require.NoError(b, err)
				n++
			}
			require.Equal(b, 10_000, n)
		}
	})
	b.Run("encoding-xml Token", func(b *testing.B) {
		data := benchmarkFile(b)
		for b.Loop() {
			decoder := xml.NewDecoder(bytes.NewReader(data))
			for {
				if _, err := decoder.Token(); err != nil {
					break
				}
			}
		}
	})
	b.Run("encoding-xml DecodeElement", func(b *testing.B) {
		data := benchmarkFile(b)
		for b.Loop() {
			require.Equal(b, 10_000, decodeElements(b, data))
		}
	})
}

type bareClient struct {
	ExtID  string `xml:"extId,attr"`
	Kind   string `xml:"kind,attr"`
	Last   string `xml:"lastName"`
	First  string `xml:"firstName"`
	Middle string `xml:"middleName"`
	Phone  string `xml:"phoneNumber"`
	Email  string `xml:"email"`
	Places []struct {
		ExtID string `xml:"extId,attr"`
		Role  string `xml:"role,attr"`
		Share string `xml:"share,attr"`
	} `xml:"place"`
}

func decodeElements(b *testing.B, data []byte) int {
	b.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(data))
	n := 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return n
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "client" {
			var c bareClient
			require.NoError(b, decoder.DecodeElement(&c, &start))
			n++
		}
	}
}

func BenchmarkJSON(b *testing.B) {
	var text bytes.Buffer
	text.WriteString(`{"version":1,"source":"s","clients":[`)
	for i := range 10_000 {
		if i > 0 {
			text.WriteString(",\n")
		}
		fmt.Fprintf(&text, `{"extId":"C-%d","lastName":"Орлова","firstName":"Вера","phoneNumber":"8 (903) 555-01-02","places":[{"extId":"P-%d","share":"1/2"}]}`, i, i)
	}
	text.WriteString("]}")
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range crmimport.ReadJSON(bytes.NewReader(text.Bytes()), crmimport.Options{}) {
			require.NoError(b, err)
		}
	}
}
