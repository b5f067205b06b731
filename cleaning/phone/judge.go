package phone

import (
	"fmt"

	"github.com/nyaruka/phonenumbers/v2"

	"github.com/changeover-sdk/changeover/cleaning"
)

var (
	errLetters = fmt.Errorf("%w: letters in the number", cleaning.ErrBadPhone)
	errInvalid = fmt.Errorf("%w: no number of any country", cleaning.ErrBadPhone)
)

// judge reads a phone by the library.
func (n *Normalizer) judge(raw string) (cleaning.Phone, error) {
	p := cleaning.Phone{Raw: raw}
	if threeLetters(raw) && phonenumbers.IsAlphaNumber(raw) {
		return p, errLetters
	}
	number, err := parse(raw, n.region)
	if err != nil {
		corrected, ok := n.plusEight(raw)
		if !ok {
			return p, err
		}
		number, p.Corrected = corrected, true
	}
	p.E164 = phonenumbers.Format(number, phonenumbers.E164)
	p.Extension = number.GetExtension()
	p.NoMessages = noMessages(number)
	return p, nil
}

// threeLetters says whether the library could take letters for digits: it does so
// from three on.
func threeLetters(raw string) bool {
	n := 0
	for i := range len(raw) {
		if c := raw[i] | 0x20; c >= 'a' && c <= 'z' {
			n++
		}
	}
	return n >= 3
}

func parse(raw, region string) (*phonenumbers.PhoneNumber, error) {
	number, err := phonenumbers.Parse(raw, region)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", cleaning.ErrBadPhone, err)
	}
	// A number can have a possible length and still lack a digit.
	if !phonenumbers.IsValidNumber(number) {
		return nil, errInvalid
	}
	return number, nil
}

// plusEight reads "+8 and ten digits" as "+7 and ten digits".
func (n *Normalizer) plusEight(raw string) (*phonenumbers.PhoneNumber, bool) {
	d, ok := scan(raw)
	if !ok || !d.plus || d.n != 11 || d.digits[0] != '8' {
		return nil, false
	}
	if phonenumbers.GetCountryCodeForRegion(n.region) != 7 {
		return nil, false
	}
	number, err := parse("+7"+string(d.digits[1:d.n]), n.region)
	return number, err == nil
}

func noMessages(number *phonenumbers.PhoneNumber) bool {
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.FIXED_LINE, phonenumbers.TOLL_FREE:
		return true
	default:
		return false
	}
}
