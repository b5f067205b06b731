package cleaning

import "errors"

// ErrBadPhone is wrapped by the errors of a [PhoneNormalizer]. The text of such
// an error never holds the phone.
var ErrBadPhone = errors.New("unusable phone")

// Phone is a phone as it was written and as it is compared.
type Phone struct {
	// Raw is the phone as the source wrote it.
	Raw string `json:"raw,omitzero"`
	// E164 is the number by which clients are matched, "+79123456789". It is
	// empty if Raw is unusable.
	E164 string `json:"e164,omitzero"`
	// Extension is dialled after the call is connected, and is not compared.
	Extension string `json:"extension,omitzero"`
	// Corrected says that Raw had a typing error which was put right.
	Corrected bool `json:"corrected,omitzero"`
	// NoMessages says that the number is a landline or toll free: it cannot
	// receive a login code.
	NoMessages bool `json:"noMessages,omitzero"`
}

// PhoneNormalizer turns phones into the form in which they are compared.
// Implementations are safe for concurrent use; the package
// [github.com/changeover-sdk/changeover/cleaning/phone] has one.
type PhoneNormalizer interface {
	// Normalize sets Raw always and E164 if the phone is usable. Otherwise it
	// returns an error that wraps [ErrBadPhone]. A blank text is no phone: it
	// gives the zero Phone and no error.
	Normalize(raw string) (Phone, error)
}
