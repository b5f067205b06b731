package crmimport

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Layout says where the fields of records stand in a file, so that files of
// another vendor can be read without code. It is plain data: a host may keep it
// as JSON in its settings. [XMLLayout] and [JSONLayout] are the proposal that
// this package documents.
//
// A path names elements one inside the other, with slashes: "clients/client".
// In XML the last name may be an attribute, "place/@extId". In JSON the names
// are keys, and a list stands for each of its elements; the elements of a list
// at the top are called "[]". Names in XML are without prefix.
type Layout struct {
	// Root is the name of the root element of XML. Empty accepts any.
	Root string `json:"root,omitzero"`
	// Version, Source and Generated are paths from the root, and may be empty.
	// A file whose Version says anything but "1" is refused.
	Version   string `json:"version,omitzero"`
	Source    string `json:"source,omitzero"`
	Generated string `json:"generated,omitzero"`

	Places   Table `json:"places,omitzero"`
	Clients  Table `json:"clients,omitzero"`
	Accounts Table `json:"accounts,omitzero"`

	// DateLayout is the form of dates, as for [time.Parse]. Empty means
	// "2006-01-02".
	DateLayout string `json:"dateLayout,omitzero"`
}

// Table says where the records of one kind are.
type Table struct {
	// Records is the path from the root to a record. Empty: there are none.
	Records string `json:"records,omitzero"`
	// Fields maps paths inside the record to fields.
	Fields map[string]Field `json:"fields,omitzero"`
	// Values translates a field's words: {"type": {"квартира": "flat"}}. A word
	// that is not there stays as it is.
	Values map[Field]map[string]string `json:"values,omitzero"`
	// Ignore lists paths inside the record that are known and not wanted, so
	// that they cause no warning.
	Ignore []string `json:"ignore,omitzero"`
}

// Field is a field of a record.
type Field string

// The fields. A FieldLink begins a new link of a client to a premise wherever
// it occurs; its own text, if any, is the premise's external id. FieldClient of
// an account may occur many times.
const (
	FieldExtID Field = "extId"

	FieldType       Field = "type"
	FieldBuilding   Field = "buildingExtId"
	FieldAddress    Field = "address"
	FieldFIAS       Field = "fiasHouseGuid"
	FieldNumber     Field = "number"
	FieldEntrance   Field = "entrance"
	FieldFloor      Field = "floor"
	FieldRooms      Field = "rooms"
	FieldTotalArea  Field = "totalArea"
	FieldLivingArea Field = "livingArea"

	FieldKind       Field = "kind"
	FieldLastName   Field = "lastName"
	FieldFirstName  Field = "firstName"
	FieldMiddleName Field = "middleName"
	FieldCompany    Field = "companyName"
	FieldINN        Field = "inn"
	FieldPhone      Field = "phoneNumber"
	FieldEmail      Field = "email"
	FieldBirthDate  Field = "birthDate"
	FieldLink       Field = "place"
	FieldLinkPlace  Field = "place.extId"
	FieldLinkRole   Field = "place.role"
	FieldLinkShare  Field = "place.share"

	FieldPlace    Field = "placeExtId"
	FieldClient   Field = "clientExtId"
	FieldOpenedOn Field = "openedOn"
	FieldClosedOn Field = "closedOn"
	FieldGIS      Field = "gisUnifiedNumber"
)

// fieldsOf lists the fields that records of a kind have.
func fieldsOf(kind Kind) []Field {
	switch kind {
	case KindPlace:
		return []Field{
			FieldExtID, FieldType, FieldBuilding, FieldAddress, FieldFIAS, FieldNumber, FieldEntrance, FieldFloor, FieldRooms, FieldTotalArea, FieldLivingArea,
		}
	case KindClient:
		return []Field{
			FieldExtID, FieldKind, FieldLastName, FieldFirstName, FieldMiddleName, FieldCompany, FieldINN, FieldPhone, FieldEmail, FieldBirthDate,
			FieldLink, FieldLinkPlace, FieldLinkRole, FieldLinkShare,
		}
	case KindAccount:
		return []Field{FieldExtID, FieldNumber, FieldPlace, FieldClient, FieldOpenedOn, FieldClosedOn, FieldGIS}
	}
	return nil
}

// XMLLayout is the layout of XML files that this package proposes. It is not
// the vendor's, which is not published.
func XMLLayout() Layout {
	layout := Layout{
		Root: "import", Version: "@version", Source: "@source", Generated: "@generatedAt",
		Places:   plain("places/place", KindPlace),
		Clients:  plain("clients/client", KindClient),
		Accounts: plain("accounts/account", KindAccount),
	}
	attribute(layout.Places.Fields, "extId", "type")
	attribute(layout.Clients.Fields, "extId", "kind")
	attribute(layout.Accounts.Fields, "extId")
	links(layout.Clients.Fields, "place", "@")
	return layout
}

// JSONLayout is the layout of JSON files that this package proposes.
func JSONLayout() Layout {
	layout := Layout{
		Version: "version", Source: "source", Generated: "generatedAt",
		Places:   plain("places", KindPlace),
		Clients:  plain("clients", KindClient),
		Accounts: plain("accounts", KindAccount),
	}
	links(layout.Clients.Fields, "places", "")
	delete(layout.Accounts.Fields, "clientExtId")
	layout.Accounts.Fields["clientExtIds"] = FieldClient
	return layout
}

// plain is a table in which every field is an element of its own name.
func plain(records string, kind Kind) Table {
	table := Table{Records: records, Fields: map[string]Field{}}
	for _, field := range fieldsOf(kind) {
		if !strings.HasPrefix(string(field), string(FieldLink)+".") && field != FieldLink {
			table.Fields[string(field)] = field
		}
	}
	return table
}

func attribute(fields map[string]Field, names ...string) {
	for _, name := range names {
		fields["@"+name] = fields[name]
		delete(fields, name)
	}
}

func links(fields map[string]Field, element, prefix string) {
	fields[element] = FieldLink
	fields[element+"/"+prefix+"extId"] = FieldLinkPlace
	fields[element+"/"+prefix+"role"] = FieldLinkRole
	fields[element+"/"+prefix+"share"] = FieldLinkShare
}

// node is a name in the tree of all paths of a layout.
type node struct {
	name     string
	children map[string]*node
	meaning  meaning
	record   Kind  // a record of this kind begins
	field    Field // of a record
	values   map[string]string
}

// meaning of a node outside records.
type meaning int

const (
	nothing meaning = iota
	version
	source
	generated
	ignored
)

var errLayout = errors.New("crmimport: layout")

// compile checks a layout and makes its tree, whose top is the root element.
func (l Layout) compile() (*node, error) {
	root := &node{}
	for path, what := range map[string]meaning{l.Version: version, l.Source: source, l.Generated: generated} {
		if path == "" {
			continue
		}
		n, err := root.add(path)
		if err != nil {
			return nil, err
		}
		n.meaning = what
	}
	tables := map[Kind]Table{KindPlace: l.Places, KindClient: l.Clients, KindAccount: l.Accounts}
	records := 0
	for _, kind := range slices.Sorted(maps.Keys(tables)) {
		table := tables[kind]
		if table.Records == "" {
			continue
		}
		records++
		n, err := root.add(table.Records)
		if err != nil {
			return nil, err
		}
		if n.record != "" {
			return nil, fmt.Errorf("%w: %ss and %ss are both at %q", errLayout, n.record, kind, table.Records)
		}
		n.record = kind
		if err := table.compile(n, kind); err != nil {
			return nil, err
		}
	}
	if root.nested(false) {
		return nil, fmt.Errorf("%w: records inside records", errLayout)
	}
	if records == 0 {
		return nil, fmt.Errorf("%w: no kind of record has a path", errLayout)
	}
	return root, nil
}

// nested reports whether a record stands inside another.
func (n *node) nested(inside bool) bool {
	if n.record != "" && inside {
		return true
	}
	for _, child := range n.children {
		if child.nested(inside || n.record != "") {
			return true
		}
	}
	return false
}

func (t Table) compile(record *node, kind Kind) error {
	known := fieldsOf(kind)
	hasID := false
	for path, field := range t.Fields {
		if !slices.Contains(known, field) {
			return fmt.Errorf("%w: a %s has no field %q", errLayout, kind, field)
		}
		n, err := record.add(path)
		if err != nil {
			return err
		}
		n.field, n.values = field, t.Values[field]
		hasID = hasID || field == FieldExtID
	}
	for _, path := range t.Ignore {
		n, err := record.add(path)
		if err != nil {
			return err
		}
		n.meaning = ignored
	}
	for field := range t.Values {
		if !slices.Contains(known, field) {
			return fmt.Errorf("%w: a %s has no field %q", errLayout, kind, field)
		}
	}
	if !hasID {
		return fmt.Errorf("%w: a %s needs the field %q", errLayout, kind, FieldExtID)
	}
	return nil
}

// add returns the node at a path below n.
func (n *node) add(path string) (*node, error) {
	names := strings.Split(path, "/")
	for i, name := range names {
		if name == "" || name == "@" || strings.HasPrefix(name, "@") && i < len(names)-1 {
			return nil, fmt.Errorf("%w: bad path %q", errLayout, path)
		}
		if n.children == nil {
			n.children = map[string]*node{}
		}
		if n.children[name] == nil {
			n.children[name] = &node{name: name}
		}
		n = n.children[name]
	}
	return n, nil
}
