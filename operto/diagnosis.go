package operto

import (
	"errors"

	"github.com/changeover-sdk/changeover/pms"
)

// Diagnosis says why a code is missing or wrong.
type Diagnosis struct {
	Kind DiagnosisKind `json:"kind"`
	// LodgingID is the host's id of the property, Stay the booking, as far as the
	// diagnosis is about one.
	LodgingID string  `json:"lodgingId,omitzero"`
	Stay      pms.Key `json:"stay,omitzero"`
	// Detail is an id, a zone name, a status or the text of an error. It holds no
	// code and no guest.
	Detail string `json:"detail,omitzero"`
}

// DiagnosisKind says what is wrong.
type DiagnosisKind string

// The kinds of a Diagnosis.
const (
	CredentialsRefused DiagnosisKind = "credentials_refused"
	Unreachable        DiagnosisKind = "unreachable"
	NotMapped          DiagnosisKind = "not_mapped"
	DoublyMapped       DiagnosisKind = "doubly_mapped"       // Detail: the properties in Operto
	MappingContradicts DiagnosisKind = "mapping_contradicts" // Detail: the other lodging
	MappingPaused      DiagnosisKind = "mapping_paused"
	PropertyDeleted    DiagnosisKind = "property_deleted" // Detail: Operto's id
	ZoneMissing        DiagnosisKind = "zone_missing"
	ZoneMismatch       DiagnosisKind = "zone_mismatch" // Detail: Operto's zone
	NotConfirmed       DiagnosisKind = "not_confirmed" // Detail: the status
	Undecided          DiagnosisKind = "undecided"     // Detail: the vendor's word
	InvalidDates       DiagnosisKind = "invalid_dates"
	NotSynchronised    DiagnosisKind = "not_synchronised"
	CodePending        DiagnosisKind = "code_pending"
	CodeDiffers        DiagnosisKind = "code_differs" // Detail: the property in Operto that has the code
	Refused            DiagnosisKind = "refused"      // Detail: the text of the error
)

// Sentence tells the user what is wrong and what to do, in English.
func (d Diagnosis) Sentence() string {
	switch d.Kind {
	case CredentialsRefused:
		return "Operto refuses the client ID and secret: enter them again, or ask Operto's support whether they are still valid."
	case Unreachable:
		return "Operto could not be reached; it will be tried again."
	case NotMapped:
		return "The lodging is not mapped to a property in Operto: select one, or create it in Operto."
	case DoublyMapped:
		return "The lodging is mapped to more than one property in Operto (" + d.Detail + "): keep one of them. Until then no code is handed out."
	case MappingContradicts:
		return "The property in Operto was created for another lodging (" + d.Detail + "): correct the mapping. Until then no code is handed out."
	case MappingPaused:
		return "The mapping to Operto is switched off: nothing is sent."
	case PropertyDeleted:
		return "The property " + d.Detail + " does not exist in Operto any more: map the lodging to another one, or create it in Operto."
	case ZoneMissing:
		return "The lodging has no valid time zone, so it cannot be said when a code is valid: set one."
	case ZoneMismatch:
		return "Operto has the time zone " + d.Detail + " for the property, and codes would be off by hours: set the same zone in both."
	case NotConfirmed:
		return "The booking is not confirmed (" + d.Detail + "); a code is made when it is."
	case Undecided:
		return "It is not clear whether the booking is a stay (" + d.Detail + "): what Operto has is left as it is."
	case InvalidDates:
		return "The dates of the booking cannot be used: check arrival and departure."
	case NotSynchronised:
		return "The reservation has not been synchronised with Operto yet."
	case CodePending:
		return "Operto has the reservation and has not made its code yet; it will be read again."
	case CodeDiffers:
		return "Operto has the reservation in another property (" + d.Detail + ") than the lodging is mapped to: its code is not handed out. Check the mapping."
	case Refused:
		return "Operto refused a change: " + d.Detail
	default:
		return "Something is wrong with the access code."
	}
}

// String returns the sentence.
func (d Diagnosis) String() string { return d.Sentence() }

// Diagnose says what an error of this package means for the user.
func Diagnose(err error) Diagnosis {
	switch {
	case errors.Is(err, pms.ErrUnauthorized), errors.Is(err, pms.ErrForbidden):
		return Diagnosis{Kind: CredentialsRefused}
	case errors.Is(err, pms.ErrUnavailable), errors.Is(err, pms.ErrRateLimited), errors.Is(err, pms.ErrDecode):
		return Diagnosis{Kind: Unreachable}
	default:
		return Diagnosis{Kind: Refused, Detail: err.Error()}
	}
}
