package remonline

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"github.com/changeover-sdk/changeover/internal/wire"
	"github.com/changeover-sdk/changeover/pms"
)

// The reasons why a number could not be calculated. They stand as the cause in
// a [*pms.RecordError].
var (
	ErrDivisionByZero = errors.New("division by zero")
	ErrOverflow       = errors.New("number too large")

	errNotDecimal = errors.New("not a decimal number")
)

// maxDigits is how many digits a Decimal holds: all that fit an int64.
const maxDigits = 18

// Decimal is an exact decimal number of at most 18 digits. The zero value is
// 0. Equal numbers are equal under ==: 4300 and 4300.00 are one value. The
// JSON form is text, "4300.5"; a JSON number is read as well.
type Decimal struct {
	units  int64 // the number times ten to the power of places
	places uint8 // as few as possible
}

// ParseDecimal reads plain decimal text, "-12.50". Empty text, exponents and
// signs of thousands are errors; more than 18 digits are [ErrOverflow].
func ParseDecimal(text string) (Decimal, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if !allDigits(whole) || (point && !allDigits(fraction)) {
		return Decimal{}, errNotDecimal
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if len(whole)+len(fraction) > maxDigits {
		return Decimal{}, ErrOverflow
	}
	var units int64
	for _, part := range []string{whole, fraction} {
		for i := range len(part) {
			units = units*10 + int64(part[i]-'0')
		}
	}
	if negative {
		units = -units
	}
	return Decimal{units, uint8(len(fraction))}, nil //nolint:gosec // at most maxDigits
}

// moneyOf reads an amount as the vendor writes it, "56 700.00". Empty is zero.
func moneyOf(t pms.Text) (Decimal, error) {
	if d, err := ParseDecimal(string(t)); err == nil {
		return d, nil // without groups of digits, as API v2 writes them
	}
	text, err := wire.Decimal(t)
	if err != nil || text == "" {
		return Decimal{}, err
	}
	return ParseDecimal(text)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// newDecimal makes units / 10^places plain.
func newDecimal(units int64, places uint8) Decimal {
	for places > 0 && units%10 == 0 {
		units /= 10
		places--
	}
	return Decimal{units, places}
}

// pow10 has the powers of ten that fit an int64.
var pow10 = [maxDigits + 1]int64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
}

// Rat returns the number as a fraction of its own.
func (d Decimal) Rat() *big.Rat { return big.NewRat(d.units, pow10[d.places]) }

// Add returns d + e, or [ErrOverflow].
func (d Decimal) Add(e Decimal) (Decimal, error) {
	places := max(d.places, e.places)
	x, ok1 := scaled(d.units, places-d.places)
	y, ok2 := scaled(e.units, places-e.places)
	sum := x + y
	if !ok1 || !ok2 || (sum > x) != (y > 0) || tooLong(sum) {
		return Decimal{}, ErrOverflow
	}
	return newDecimal(sum, places), nil
}

// Sub returns d - e, or [ErrOverflow].
func (d Decimal) Sub(e Decimal) (Decimal, error) { return d.Add(Decimal{-e.units, e.places}) }

func scaled(units int64, by uint8) (int64, bool) {
	factor := pow10[by]
	return units * factor, units <= math.MaxInt64/factor && units >= -(math.MaxInt64/factor)
}

func tooLong(units int64) bool { return units >= pow10[maxDigits] || units <= -pow10[maxDigits] }

// Cmp returns -1, 0 or 1 as d is less than, equal to or greater than e.
func (d Decimal) Cmp(e Decimal) int {
	if d.places == e.places {
		switch {
		case d.units < e.units:
			return -1
		case d.units > e.units:
			return 1
		}
		return 0
	}
	return d.Rat().Cmp(e.Rat())
}

// Sign returns -1, 0 or 1.
func (d Decimal) Sign() int { return d.Cmp(Decimal{}) }

// String returns plain decimal text without needless zeros, "4300.5".
func (d Decimal) String() string { return d.Fixed(0) }

// Fixed returns decimal text with at least so many places, "4300.50". It does
// not round.
func (d Decimal) Fixed(places int) string {
	sign, units := "", d.units
	if units < 0 {
		sign, units = "-", -units
	}
	digits := strconv.FormatInt(units, 10)
	if missing := int(d.places) + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	point := len(digits) - int(d.places)
	whole, fraction := digits[:point], digits[point:]
	if missing := places - len(fraction); missing > 0 {
		fraction += strings.Repeat("0", missing)
	}
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + "." + fraction
}

// MarshalText implements [encoding.TextMarshaler].
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON implements [json.Unmarshaler].
func (d *Decimal) UnmarshalJSON(data []byte) error {
	parsed, err := ParseDecimal(strings.Trim(string(data), `"`))
	if err != nil {
		return fmt.Errorf("%s: decimal: %w", vendor, err)
	}
	*d = parsed
	return nil
}

// mul returns d * e, or [ErrOverflow].
func (d Decimal) mul(e Decimal) (Decimal, error) {
	high, low := bits.Mul64(magnitude(d.units), magnitude(e.units))
	places := d.places + e.places
	for high == 0 && places > maxDigits && low%10 == 0 {
		low /= 10
		places--
	}
	if high != 0 || low >= 1e18 || places > maxDigits {
		return Decimal{}, ErrOverflow
	}
	units := int64(low) // less than 10^18
	if (d.units < 0) != (e.units < 0) {
		units = -units
	}
	return newDecimal(units, places), nil
}

func magnitude(units int64) uint64 {
	if units < 0 {
		return uint64(-units)
	}
	return uint64(units)
}

// round returns d to at most so many places, half away from zero.
func (d Decimal) round(places uint8) Decimal {
	if d.places <= places {
		return d
	}
	step := pow10[d.places-places]
	units, rest := d.units/step, d.units%step
	switch {
	case rest >= step-rest:
		units++
	case -rest >= step+rest:
		units--
	}
	return newDecimal(units, places)
}

// roundRat returns r to so many places, half away from zero, or [ErrOverflow].
func roundRat(r *big.Rat, places uint8) (Decimal, error) {
	num := new(big.Int).Mul(r.Num(), big.NewInt(2*pow10[places]))
	den := r.Denom()
	if num.Sign() < 0 {
		num.Sub(num, den)
	} else {
		num.Add(num, den)
	}
	num.Quo(num, new(big.Int).Lsh(den, 1))
	if !num.IsInt64() || tooLong(num.Int64()) {
		return Decimal{}, ErrOverflow
	}
	return newDecimal(num.Int64(), places), nil
}
