package cleaning

// Decision says what becomes of a record. A [ClientStore] carries it out.
type Decision struct {
	Action MatchAction `json:"action"`
	// Rule is the one that decided. It is empty for a record that no rule judges.
	Rule MatchRule `json:"rule,omitzero"`
	// Client is the card as it is to be, with the revision that was seen. Its ID
	// is empty for MatchCreate, and it is zero for MatchReject.
	Client ExistingClient `json:"client,omitzero"`
	// Absorbed are the cards that Client takes in and that end with MatchMerge.
	Absorbed []*ExistingClient `json:"absorbed,omitempty"`
	// Changed lists what differs from the stored card of Client.
	Changed  []ClientField  `json:"changed,omitempty"`
	Warnings []MatchWarning `json:"warnings,omitempty"`
	// Rejected is set for MatchReject only.
	Rejected *MatchError `json:"rejected,omitempty"`
}

// Unchanged says that there is nothing to store.
func (d *Decision) Unchanged() bool { return d.Action == MatchUpdate && len(d.Changed) == 0 }

// MatchAction is what to do with a record.
type MatchAction string

// The actions.
const (
	MatchCreate        MatchAction = "create"          // a new client
	MatchUpdate        MatchAction = "update"          // the phone stays; see Decision.Unchanged
	MatchUpdatePhone   MatchAction = "update_phone"    // the phone changes, and perhaps more
	MatchAddExternalID MatchAction = "add_external_id" // the card gets the id and the premises
	MatchMerge         MatchAction = "merge"           // Client takes in Absorbed
	MatchReject        MatchAction = "reject"          // nothing is done; an import stops
)

// MatchRule is the rule by which [MatchClient] decided: those of the CRM's user
// guide by number and letter, and what the guide leaves open.
type MatchRule string

// The rules, in terms of a record with external id E and phone P.
const (
	Rule1  MatchRule = "1"  // E and P are one client's, or there is no P: other data are overwritten
	Rule2a MatchRule = "2a" // E's client gets P, which nobody else has had
	Rule2b MatchRule = "2b" // others have or had P: refused
	Rule2c MatchRule = "2c" // P is in another organisation: refused
	Rule2d MatchRule = "2d" // the clients who have P were never online: merged into E's
	Rule3  MatchRule = "3"  // E is unknown: added to the card of P's client
	Rule4  MatchRule = "4"  // both are unknown: created
)

// ClientField names a field of a card, by its JSON name.
type ClientField string

// The fields of a card.
const (
	ClientFieldIDs          ClientField = "ids"
	ClientFieldDigest       ClientField = "digest" // the record differs from the last one under its id
	ClientFieldPhone        ClientField = "phone"
	ClientFieldFormerPhones ClientField = "formerPhones"
	ClientFieldKind         ClientField = "kind"
	ClientFieldLastName     ClientField = "lastName"
	ClientFieldFirstName    ClientField = "firstName"
	ClientFieldMiddleName   ClientField = "middleName"
	ClientFieldCompanyName  ClientField = "companyName"
	ClientFieldTaxID        ClientField = "taxId"
	ClientFieldEmail        ClientField = "email"
	ClientFieldBirthDate    ClientField = "birthDate"
	ClientFieldPlaces       ClientField = "places"
	ClientFieldAccounts     ClientField = "accounts"
)

// clientFields is how many of them one card can differ in.
const clientFields = 13

// MatchWarning is something that a person should see, without guest data.
type MatchWarning struct {
	Kind WarningKind `json:"kind"`
	// Fields are the fields that differ.
	Fields []ClientField `json:"fields,omitempty"`
}

// WarningKind says what is unusual.
type WarningKind string

// The kinds of warnings.
const (
	WarnNoPhone        WarningKind = "no_phone"        // created without a phone
	WarnFormerPhone    WarningKind = "former_phone"    // created, although another client had the phone once
	WarnNamesDiffer    WarningKind = "names_differ"    // the id went to a client whose names, Fields, are others
	WarnSameSource     WarningKind = "same_source"     // the card has another id of the same source
	WarnSharedPhone    WarningKind = "shared_phone"    // another record of the file has the phone
	WarnRepeatedID     WarningKind = "repeated_id"     // the id came before in the file
	WarnRepeatDiffers  WarningKind = "repeat_differs"  // it came before with other data: those stand
	WarnPhoneCorrected WarningKind = "phone_corrected" // a typing error was put right
	WarnNoMessages     WarningKind = "no_messages"     // a landline or toll-free number gets no login code
)

// MatchError says why a record is refused. Its text holds no guest data.
type MatchError struct {
	Code       RejectCode `json:"code"`
	ExternalID ExternalID `json:"externalId"`
}

// Error returns the external id, the code and the text of the code.
func (e *MatchError) Error() string {
	return "client " + e.ExternalID.String() + ": " + string(e.Code) + ": " + e.Code.Text()
}

// RejectCode says why a record is refused.
type RejectCode string

// The codes.
const (
	RejectPhoneLocked    RejectCode = "phone_locked_logged_in"
	RejectPhoneElsewhere RejectCode = "phone_in_other_org"
	RejectPhoneAmbiguous RejectCode = "phone_ambiguous"    // several clients have the phone
	RejectBadPhone       RejectCode = "bad_phone"          // unusable
	RejectNoID           RejectCode = "no_external_id"     // id or source missing, or a colon in the source
	RejectRepeatedID     RejectCode = "repeated_id_phones" // the id came before in the file with another phone
)

// The texts of the CRM for the rules 2b and 2c, word for word.
const (
	TextPhoneLocked    = "Невозможно изменить номер телефона, так как клиент уже выполнил вход в личный кабинет"
	TextPhoneElsewhere = "Невозможно изменить номер телефона клиента, так как он зарегистрирован в нескольких организациях"
)

// Text returns the text for a person: the CRM's own, or an English one where the
// CRM has none.
func (c RejectCode) Text() string {
	switch c {
	case RejectPhoneLocked:
		return TextPhoneLocked
	case RejectPhoneElsewhere:
		return TextPhoneElsewhere
	case RejectPhoneAmbiguous:
		return "several clients have this phone"
	case RejectBadPhone:
		return "the phone is unusable"
	case RejectNoID:
		return "the external id or its source is missing"
	case RejectRepeatedID:
		return "the same external id came before with another phone"
	default:
		return string(c)
	}
}
