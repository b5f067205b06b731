package crmimport

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
)

// maxID is the longest external id, in characters.
const maxID = 128

// goodID reports whether s can be an external id.
func goodID(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= maxID && strings.IndexFunc(s, unicode.IsControl) < 0
}

// goodSource reports whether s can be the name of a source.
func goodSource(s string) bool { return goodID(s) && !strings.Contains(s, ":") }

// fieldReader reads the fields of one record and keeps the first that is bad.
type fieldReader struct {
	raw        *raw
	source     string
	dateLayout string
	field      string
	err        error
}

// The reasons why a field is bad. They hold no value, which may be a person's.
var (
	errMissing  = errors.New("missing")
	errID       = errors.New("empty, longer than 128 characters or with a line break")
	errWord     = errors.New("not one of the known words")
	errInteger  = errors.New("not a whole number")
	errDecimal  = errors.New("not a decimal with at most 4 places")
	errDate     = errors.New("not a date")
	errShare    = errors.New("not a share such as 1/2, at most 1")
	errBefore   = errors.New("before the date of opening")
	errNameless = errors.New("a person needs a last or a first name")
)

func (f *fieldReader) fail(field Field, err error) {
	if f.err == nil && err != nil {
		f.field, f.err = string(field), err
	}
}

// text returns nil for a field that was not stated.
func (f *fieldReader) text(field Field) *string { return f.raw.fields.stated(field) }

// required reads a text that must not be empty.
func (f *fieldReader) required(field Field) string {
	value := f.raw.fields.of(field)
	if value == "" {
		f.fail(field, errMissing)
	}
	return value
}

func (f *fieldReader) id(field Field) cleaning.ExternalID {
	return f.idOf(field, f.required(field))
}

func (f *fieldReader) idOf(field Field, value string) cleaning.ExternalID {
	if !goodID(value) {
		f.fail(field, errID)
	}
	return cleaning.ExternalID{Source: f.source, ID: value}
}

func (f *fieldReader) optionalID(field Field) *string {
	value := f.text(field)
	if value != nil && *value != "" && !goodID(*value) {
		f.fail(field, errID)
	}
	return value
}

// word reads one of the known words; empty is not stated.
func word[T ~string](f *fieldReader, field Field, value string, known ...T) T {
	if value != "" && !slices.Contains(known, T(value)) {
		f.fail(field, errWord)
	}
	return T(value)
}

func (f *fieldReader) integer(field Field, negative bool) *string {
	value := f.text(field)
	if value == nil || *value == "" {
		return value
	}
	n, err := strconv.Atoi(*value)
	if err != nil || n < 0 && !negative {
		f.fail(field, errInteger)
	}
	return new(strconv.Itoa(n))
}

func (f *fieldReader) decimal(field Field) *string {
	value := f.text(field)
	if value == nil || *value == "" {
		return value
	}
	whole, fraction, point := strings.Cut(*value, ".")
	if !digits(whole) || point && (!digits(fraction) || len(fraction) > 4) || len(whole) > 15 {
		f.fail(field, errDecimal)
	}
	return value
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// date reads a date; a stated, empty one is zero.
func (f *fieldReader) date(field Field) *pms.Date {
	value := f.text(field)
	switch {
	case value == nil:
		return nil
	case *value == "":
		return &pms.Date{}
	}
	day, err := time.Parse(f.dateLayout, *value)
	if err != nil {
		f.fail(field, errDate)
	}
	return new(civil.DateOf(day))
}

func (f *fieldReader) place() *Place {
	return &Place{
		ExternalID:    f.id(FieldExtID),
		Type:          word(f, FieldType, f.raw.fields.of(FieldType), Flat, Apartment, House, Commercial, Parking, Storage, OtherPlace),
		BuildingID:    f.optionalID(FieldBuilding),
		Address:       f.text(FieldAddress),
		FIASHouseGUID: f.text(FieldFIAS),
		Number:        f.required(FieldNumber),
		Entrance:      f.text(FieldEntrance),
		Floor:         f.integer(FieldFloor, true),
		Rooms:         f.integer(FieldRooms, false),
		TotalArea:     f.decimal(FieldTotalArea),
		LivingArea:    f.decimal(FieldLivingArea),
	}
}

func (f *fieldReader) client() *cleaning.ClientRecord {
	fields := f.raw.fields
	c := &cleaning.ClientRecord{
		ExternalID:  f.id(FieldExtID),
		Phone:       cleaning.Phone{Raw: fields.of(FieldPhone)},
		Kind:        word(f, FieldKind, fields.of(FieldKind), cleaning.ClientPerson, cleaning.ClientCompany),
		LastName:    f.text(FieldLastName),
		FirstName:   f.text(FieldFirstName),
		MiddleName:  f.text(FieldMiddleName),
		CompanyName: f.text(FieldCompany),
		TaxID:       f.text(FieldINN),
		Email:       f.text(FieldEmail),
		BirthDate:   f.date(FieldBirthDate),
	}
	switch {
	case c.Kind == cleaning.ClientCompany:
		f.required(FieldCompany)
	case fields.of(FieldLastName) == "" && fields.of(FieldFirstName) == "":
		f.fail(FieldLastName, errNameless)
	}
	for _, l := range f.raw.links {
		f.checkShare(l.share)
		c.Places = append(c.Places, cleaning.PlaceLink{Place: f.idOf(FieldLinkPlace, l.place), Role: f.role(l.role), Share: l.share})
	}
	return c
}

// role of a link; one that is not stated is an owner's.
func (f *fieldReader) role(value string) cleaning.PlaceRole {
	value = cmp.Or(value, string(cleaning.RoleOwner))
	return word(f, FieldLinkRole, value, cleaning.RoleOwner, cleaning.RoleTenant, cleaning.RoleResident, cleaning.RoleRepresentative)
}

// checkShare refuses a share that is no fraction of at most 1.
func (f *fieldReader) checkShare(share string) {
	if share == "" {
		return
	}
	over, under, _ := strings.Cut(share, "/")
	if !shareNumber(over) || !shareNumber(under) || len(over) > len(under) || len(over) == len(under) && over > under {
		f.fail(FieldLinkShare, errShare)
	}
}

// shareNumber: a number from 1 to 9 999 999 without leading zeros, so that
// texts compare as the numbers do.
func shareNumber(s string) bool { return digits(s) && s[0] != '0' && len(s) <= 7 }

func (f *fieldReader) account() *Account {
	a := &Account{
		ExternalID:       f.id(FieldExtID),
		Number:           f.required(FieldNumber),
		Place:            f.id(FieldPlace),
		OpenedOn:         f.date(FieldOpenedOn),
		ClosedOn:         f.date(FieldClosedOn),
		GISUnifiedNumber: f.text(FieldGIS),
	}
	for _, id := range f.raw.ids {
		a.Clients = append(a.Clients, f.idOf(FieldClient, id))
	}
	if a.OpenedOn != nil && a.ClosedOn != nil && !a.ClosedOn.IsZero() && a.ClosedOn.Before(*a.OpenedOn) {
		f.fail(FieldClosedOn, errBefore)
	}
	return a
}
