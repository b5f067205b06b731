package remonline_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/remonline"
)

func decimal(t testing.TB, text string) remonline.Decimal {
	t.Helper()
	d, err := remonline.ParseDecimal(text)
	require.NoError(t, err)
	return d
}

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "-0.00": "0", "4300.00": "4300", "007.50": "7.5", "-0.05": "-0.05", "999999999999999999": "999999999999999999",
		"0.000000000000000001": "0.000000000000000001", "0.5000000000000000000000": "0.5",
	} {
		d := decimal(t, text)
		require.Equal(t, want, d.String())
		require.Equal(t, decimal(t, want), d, "equal numbers are one value")
	}
	for _, text := range []string{"", "-", ".", "1.", ".5", "1,5", "1e3", "+1", " 1", "--1", "1 000", "NaN", "0x1", "١"} {
		_, err := remonline.ParseDecimal(text)
		require.EqualError(t, err, "not a decimal number", text)
	}
	for _, text := range []string{"1000000000000000000", "1.0000000000000000001", "-99999999999999999999999"} {
		_, err := remonline.ParseDecimal(text)
		require.ErrorIs(t, err, remonline.ErrOverflow, text)
	}
}

func TestDecimalFixed(t *testing.T) {
	t.Parallel()
	require.Equal(t, "4300.00", decimal(t, "4300").Fixed(2))
	require.Equal(t, "-0.50", decimal(t, "-0.5").Fixed(2))
	require.Equal(t, "1.2345", decimal(t, "1.2345").Fixed(2))
	require.Equal(t, "0.00", remonline.Decimal{}.Fixed(2))
}

func TestDecimalJSON(t *testing.T) {
	t.Parallel()
	var got []remonline.Decimal
	require.NoError(t, json.Unmarshal([]byte(`["4300.50",-7,"0"]`), &got))
	text, err := json.Marshal(got)
	require.NoError(t, err)
	require.JSONEq(t, `["4300.5","-7","0"]`, string(text))
	require.Error(t, json.Unmarshal([]byte(`["x"]`), &got))
	require.Error(t, json.Unmarshal([]byte(`[1e3]`), &got))
}

// Sums and comparisons are those of fractions, or an overflow.
func TestDecimalArithmetic(t *testing.T) {
	t.Parallel()
	number := rapid.Custom(func(t *rapid.T) remonline.Decimal {
		text := rapid.StringMatching(`-?[0-9]{1,11}(\.[0-9]{1,6})?`).Draw(t, "decimal")
		d, err := remonline.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	})
	rapid.Check(t, func(t *rapid.T) {
		x, y := number.Draw(t, "x"), number.Draw(t, "y")
		sum, err := x.Add(y)
		if err != nil || sum.Rat().Cmp(new(big.Rat).Add(x.Rat(), y.Rat())) != 0 {
			t.Fatalf("%s + %s = %s, %v", x, y, sum, err)
		}
		difference, err := x.Sub(y)
		if err != nil || difference.Rat().Cmp(new(big.Rat).Sub(x.Rat(), y.Rat())) != 0 {
			t.Fatalf("%s - %s = %s, %v", x, y, difference, err)
		}
		if x.Cmp(y) != x.Rat().Cmp(y.Rat()) || x.Sign() != x.Rat().Sign() || (x.Cmp(y) == 0) != (x == y) {
			t.Fatalf("%s and %s compare wrong", x, y)
		}
		again, err := remonline.ParseDecimal(x.String())
		if err != nil || again != x {
			t.Fatalf("%s comes back as %s", x, again)
		}
	})
}

func TestDecimalOverflow(t *testing.T) {
	t.Parallel()
	most := decimal(t, "999999999999999999")
	for _, add := range []string{"1", "0.1", "999999999999999999", "0.000000000000000001"} {
		_, err := most.Add(decimal(t, add))
		require.ErrorIs(t, err, remonline.ErrOverflow, add)
	}
	_, err := decimal(t, "-999999999999999999").Sub(decimal(t, "1"))
	require.ErrorIs(t, err, remonline.ErrOverflow)
}
