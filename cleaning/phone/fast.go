package phone

import (
	"github.com/nyaruka/phonenumbers/v2/metadata"

	"github.com/changeover-sdk/changeover/cleaning"
)

const (
	maxCode     = 999 // the largest calling code
	maxNational = 17  // digits of a number without its calling code, as the library allows
	maxDigits   = 3 + maxNational
	maxRaw      = 64 // longer texts are left to the library
)

// dialled are the digits of a text that holds nothing but one number.
type dialled struct {
	digits [maxDigits]byte
	n      int
	plus   bool
}

// scan reads digits between blanks, hyphens, dots and brackets, after at most
// one "+". It reports false for any other text, and for one with too many digits.
func scan(raw string) (dialled, bool) {
	var d dialled
	if len(raw) > maxRaw {
		return d, false
	}
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c >= '0' && c <= '9':
			if d.n == maxDigits {
				return d, false
			}
			d.digits[d.n] = c
			d.n++
		case c == '+':
			if d.plus || d.n > 0 {
				return d, false
			}
			d.plus = true
		case c == ' ' || c == '-' || c == '(' || c == ')' || c == '.':
		case c == 0xC2 && i+1 < len(raw) && raw[i+1] == 0xA0: // no-break space
			i++
		default:
			return d, false
		}
	}
	return d, d.n > 0
}

// fast reads the usual spellings of valid numbers. It reports false for all that
// it is not sure of.
func (n *Normalizer) fast(raw string) (cleaning.Phone, bool) {
	d, ok := scan(raw)
	if !ok {
		return cleaning.Phone{}, false
	}
	digits := d.digits[:d.n]
	var number [1 + maxDigits]byte
	number[0] = '+'
	var e164 []byte
	switch {
	case d.plus:
		e164 = append(number[:1], digits...)
	case n.national && d.n == 11 && (digits[0] == '8' || digits[0] == '7'):
		e164 = append(append(number[:1], '7'), digits[1:]...)
	case n.national && d.n == 10 && (digits[0] == '9' || digits[0] == '4' || digits[0] == '3'):
		e164 = append(append(number[:1], '7'), digits...)
	default:
		return cleaning.Phone{}, false
	}
	verdict := n.look(e164[1:])
	if !verdict.valid {
		return cleaning.Phone{}, false
	}
	return cleaning.Phone{Raw: raw, E164: string(e164), NoMessages: verdict.noMessages}, true
}

// look finds the calling code that the digits begin with and asks its plan.
func (n *Normalizer) look(digits []byte) verdict {
	if digits[0] == '0' {
		return verdict{} // no calling code begins so
	}
	code := 0
	for i := 0; i < 3 && i < len(digits); i++ {
		code = code*10 + int(digits[i]-'0')
		if n.codes[code] {
			return n.plan(code).look(digits[i+1:])
		}
	}
	return verdict{}
}

func (n *Normalizer) plan(code int) *plan {
	p := n.plans[code].Load()
	if p == nil {
		p = newPlan(code)
		n.plans[code].Store(p)
	}
	return p
}

// russianRules says whether the metadata are those for which the fast path reads
// Russian national spellings. There 8 is the trunk prefix and 810 the
// international one, a number has ten digits and does not begin with 1 or 2. So
// ten digits that begin with 3, 4 or 9 are a number, and eleven digits that begin
// with 8 or 7 are a number after the trunk prefix or the calling code.
func russianRules() bool {
	ru, ok := metadata.RegionMetadata("RU")
	return ok && ru.GetCountryCode() == 7 && ru.GetInternationalPrefix() == "810" &&
		ru.GetNationalPrefixForParsing() == "8" && ru.GetNationalPrefixTransformRule() == "" &&
		ru.GetGeneralDesc().GetNationalNumberPattern() == `8\d{13}|[347-9]\d{9}`
}
