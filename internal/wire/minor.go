package wire

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

var errCurrency = errors.New("no currency")

// minorDigits are the currencies of ISO 4217 whose smallest unit is not the
// hundredth.
var minorDigits = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0,
	"VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}

// Minor parses an amount in the smallest units of a currency into decimal text
// of the whole unit: 12345 gives "123.45" of EUR and "12345" of JPY. Empty is
// empty. Without a currency nothing tells how much it is.
func Minor(t Text, currency string) (string, error) {
	if strings.TrimSpace(string(t)) == "" {
		return "", nil
	}
	n, err := Int(t)
	if err != nil {
		return "", errAmount
	}
	if currency == "" {
		return "", errCurrency
	}
	places, special := minorDigits[strings.ToUpper(currency)]
	if !special {
		places = 2
	}
	if places == 0 {
		return strconv.Itoa(n), nil
	}
	var buffer [24]byte
	digits := strconv.AppendInt(buffer[:0], int64(n), 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for len(digits)-first <= places {
		digits = slices.Insert(digits, first, '0')
	}
	return string(slices.Insert(digits, len(digits)-places, '.')), nil
}

// MinorOrEmpty reads an amount in the smallest units of a currency; one that is
// unreadable, or in no currency, is empty.
func MinorOrEmpty(t Text, currency string) string {
	amount, err := Minor(t, currency)
	if err != nil {
		return ""
	}
	return amount
}
