package cleaning

import (
	"slices"
	"strings"
	"unicode"

	"github.com/changeover-sdk/changeover/pms"
)

// ExternalID is the id of a record in the system that it comes from. Both parts
// are compared byte for byte: case and blanks count.
type ExternalID struct {
	// Source names the system, "1c-main" or "remonline". It holds no colon.
	Source string `json:"source"`
	ID     string `json:"id"`
}

// String returns "source:id".
func (e ExternalID) String() string { return e.Source + ":" + e.ID }

// valid says whether e can be the key of a client: without a source, the id 17
// of two systems would be one client.
func (e ExternalID) valid() bool {
	return !blank(e.ID) && !blank(e.Source) && !strings.Contains(e.Source, ":")
}

func blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

// ClientRecord is a client as an import, or another system, states it.
//
// A nil field is not stated and leaves what is stored. A pointer to an empty
// value clears the field, except a name: names are never cleared.
type ClientRecord struct {
	ExternalID ExternalID `json:"externalId"`
	// Phone is what a [PhoneNormalizer] made of the phone. The zero value is a
	// record without phone, and leaves the stored one.
	Phone Phone `json:"phone,omitzero"`
	// Kind is the kind of client; empty is not stated.
	Kind        ClientKind `json:"kind,omitzero"`
	LastName    *string    `json:"lastName,omitempty"`
	FirstName   *string    `json:"firstName,omitempty"`
	MiddleName  *string    `json:"middleName,omitempty"`
	CompanyName *string    `json:"companyName,omitempty"`
	TaxID       *string    `json:"taxId,omitempty"`
	Email       *string    `json:"email,omitempty"`
	BirthDate   *pms.Date  `json:"birthDate,omitempty"`
	// Places are premises of the client. They are added, or replace the role and
	// share of a known link; a record takes no premise away.
	Places []PlaceLink `json:"places,omitempty"`
}

// ClientKind says whether a client is a person or a company.
type ClientKind string

// The kinds of clients. A client created from a record without kind is a person.
const (
	ClientPerson  ClientKind = "person"
	ClientCompany ClientKind = "company"
)

// PlaceLink ties a client to a premise.
type PlaceLink struct {
	Place ExternalID `json:"place"`
	Role  PlaceRole  `json:"role,omitzero"`
	// Share is the client's part of the premise as a fraction, "1/2", or empty.
	Share string `json:"share,omitzero"`
}

// PlaceRole says what a client is to a premise.
type PlaceRole string

// The roles of clients.
const (
	RoleOwner          PlaceRole = "owner"
	RoleTenant         PlaceRole = "tenant"
	RoleResident       PlaceRole = "resident"
	RoleRepresentative PlaceRole = "representative"
)

// ClientDetails are the fields of a client that identify nobody in a merge.
type ClientDetails struct {
	Kind        ClientKind `json:"kind"`
	LastName    string     `json:"lastName,omitzero"`
	FirstName   string     `json:"firstName,omitzero"`
	MiddleName  string     `json:"middleName,omitzero"`
	CompanyName string     `json:"companyName,omitzero"`
	TaxID       string     `json:"taxId,omitzero"`
	Email       string     `json:"email,omitzero"`
	BirthDate   pms.Date   `json:"birthDate,omitzero"`
}

// ExistingClient is the card of a client of one organisation as the host stores
// it. Cards that a [ClientStore] hands out are read, never written.
type ExistingClient struct {
	// ID is the host's own.
	ID string `json:"id"`
	// Revision is the store's mark of this state of the card. It changes with
	// every change of the card, see [ClientStore].
	Revision int64 `json:"revision"`
	// IDs are the external ids of the card, in the order they came.
	IDs []ClientID `json:"ids,omitempty"`
	// Phone is in E.164 form, or empty.
	Phone string `json:"phone,omitzero"`
	// FormerPhones are other phones that the client had, never Phone itself.
	FormerPhones []string `json:"formerPhones,omitempty"`
	// Online says that the client has been online at least once.
	Online bool `json:"online"`
	ClientDetails
	Places []PlaceLink `json:"places,omitempty"`
	// Accounts are personal accounts of the client.
	Accounts []ExternalID `json:"accounts,omitempty"`
}

// ClientID is an external id on a card.
type ClientID struct {
	ExternalID
	// Digest stands for the last record that was taken under this id. A record
	// that says the same again changes nothing, so what a person has edited since
	// stays, and two systems that feed one card do not undo one another. A host
	// that empties it has the next record taken in full.
	Digest string `json:"digest,omitzero"`
}

// Has says whether the card has the external id.
func (c *ExistingClient) Has(id ExternalID) bool { return c.find(id) >= 0 }

func (c *ExistingClient) find(id ExternalID) int {
	return slices.IndexFunc(c.IDs, func(known ClientID) bool { return known.ExternalID == id })
}
