package wire

import (
	"math/big"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMinor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text     Text
		currency string
		want     string
	}{
		{"12345", "EUR", "123.45"},
		{"12345", "eur", "123.45"},
		{"12345.0", "USD", "123.45"},
		{"-12345", "USD", "-123.45"},
		{"0", "USD", "0.00"},
		{"5", "USD", "0.05"},
		{"-5", "USD", "-0.05"},
		{"12345", "JPY", "12345"},
		{"-12345", "JPY", "-12345"},
		{"12345", "KWD", "12.345"},
		{"7", "KWD", "0.007"},
		{"", "EUR", ""},
		{"", "", ""},
	} {
		got, err := Minor(tt.text, tt.currency)
		require.NoError(t, err)
		assert.Equal(t, tt.want, got, "%s %s", tt.text, tt.currency)
		assert.Equal(t, tt.want, MinorOrEmpty(tt.text, tt.currency))
	}
	for _, text := range []Text{"123.45", "1e3", "much", "99999999999999999999"} {
		_, err := Minor(text, "EUR")
		require.ErrorIs(t, err, errAmount, "amount %q", text)
		assert.Empty(t, MinorOrEmpty(text, "EUR"))
	}
	_, err := Minor("12345", "")
	require.ErrorIs(t, err, errCurrency)
}

// The decimal text times a hundred is the number again.
func TestMinorIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int().Draw(t, "n")
		text, err := Minor(Text(strconv.Itoa(n)), "EUR")
		if err != nil {
			t.Fatal(err)
		}
		got, ok := new(big.Rat).SetString(text)
		if !ok || got.Mul(got, big.NewRat(100, 1)).Cmp(new(big.Rat).SetInt64(int64(n))) != 0 {
			t.Fatalf("%d became %s", n, text)
		}
	})
}
