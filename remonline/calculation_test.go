package remonline_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/remonline"
)

func sample() (*remonline.Order, []remonline.Item) {
	order := &remonline.Order{
		ID: "7", Number: "TV-1", Total: "4 300.00", DiscountSum: "100.50", Urgent: "true", BranchID: "40117",
		Status: remonline.Status{ID: "1", Name: "Выдан"}, OrderType: remonline.OrderType{Name: "Платный"},
		Client:       remonline.Contact{FirstName: "Ольга", LastName: "Ким"},
		CustomFields: remonline.CustomFields{"f700102": "12.5", "f700103": "кв. 12"},
	}
	return order, []remonline.Item{{Cost: "1800.00", Price: "4300.00", Quantity: "1.500"}, {Cost: "0.333", Quantity: "3", Price: ""}}
}

func calculate(t testing.TB, source string) (remonline.Decimal, error) {
	t.Helper()
	calculator, err := remonline.Calculation{Cost: source}.Compile(remonline.Directory{Locations: []remonline.Location{{ID: "40117", Name: "Тверь"}}})
	require.NoError(t, err, source)
	order, items := sample()
	cost, _, err := calculator.Evaluate(order, items)
	return cost, err
}

func TestCalculation(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"":                                       "2701",
		"items_cost":                             "2701",
		"items_price":                            "6450",
		"total":                                  "4300",
		" total ":                                "4300",
		"total * 0.94 - items_cost":              "1341",
		"total * 0.1 + total * 0.2":              "1290",
		"0.1 + 0.2":                              "0.3",
		"total / 3":                              "1433.33",
		"total / 3 * 3":                          "4300",
		"(total - discount) * (1 - 0.06)":        "3947.53",
		"-total + .5":                            "-4299.5",
		"-(-total)":                              "4300",
		"+total":                                 "4300",
		"1_000.25 + 5.":                          "1005.25",
		"0.125":                                  "0.13",
		"-0.125":                                 "-0.13",
		"0.005":                                  "0.01",
		"1 / 8":                                  "0.13",
		"-1 / 8":                                 "-0.13",
		"1.004999999999999":                      "1",
		"1 / 3 * 0.015":                          "0.01",
		"paid":                                   "0",
		"f700102 * 2":                            "25",
		"f1":                                     "0",
		"round(total / 3, 0)":                    "1433",
		"round(-2.5, 0)":                         "-3",
		"min(total, 1000) + max(1, 2)":           "1002",
		"abs(discount - total)":                  "4199.5",
		"abs(5)":                                 "5",
		`status == "Выдан" ? total : 0`:          "4300",
		`location == "Тверь" ? 1 : 2`:            "1",
		`type contains "Плат" ? 1 : 2`:           "1",
		`client startsWith "Ольга" ? 1 : 2`:      "1",
		`number != "TV-1" ? 1 : 2`:               "2",
		"urgent and total > 4299.99 ? 1 : 2":     "1",
		"total >= 4300 && total <= 4300 ? 1 : 2": "1",
		"not (total < 1) ? 1 : 2":                "1",
		"total == 4300.00 ? 1 : 2":               "1",
		"total / 3 == total / 3 ? 1 : 2":         "1",
		"total != 4300 || !urgent ? 1 : 2":       "2",
		"0.1234567890123456 * 1000":              "123.46",
		"0.123456789012 * 0.123456789012 * 0":    "0",
	} {
		got, err := calculate(t, source)
		require.NoError(t, err, source)
		assert.Equal(t, want, got.String(), source)
	}
}

func TestCalculationErrorsOfCompilation(t *testing.T) {
	t.Parallel()
	const no = "not a part of calculations"
	for source, want := range map[string]string{
		"totl":                           "1:1: unknown name totl",
		"total * \n  totl":               "2:3: unknown name totl",
		"total + status":                 "1:7: invalid operation: + (mismatched types number and text)",
		"total == status ? 1 : 0":        "1:7: invalid operation: == (mismatched types number and text)",
		"status":                         "the result must be a number, not text",
		"total > 3":                      "the result must be a number, not bool",
		"total *":                        "1:7: unexpected token EOF",
		"total % 2":                      "1:7: the operator % is " + no,
		"total ** 2":                     "1:7: the operator ** is " + no,
		"total ?? 1":                     "1:7: the operator ?? is " + no,
		"total matches 'x' ? 1 : 2":      "1:7: the operator matches is " + no,
		"total in [1] ? 1 : 2":           "1:10: " + no,
		"let x = total; x":               "1:5: " + no,
		"total == nil ? 1 : 2":           "1:10: " + no,
		"$env == $env ? 1 : 2":           "1:1: " + no,
		"1e3":                            "1:1: not a decimal number",
		"0x10":                           "1:1: not a decimal number",
		"total * 0.12345678901234567899": "1:9: number too large",
		"now()":                          "1:1: unknown name now",
		"len(status)":                    "1:1: unknown name len",
		"max(total)":                     "1:1: not enough arguments to call max",
		"round(status, 2)":               "1:7: cannot use text as argument (type number) to call round ",
		strings.Repeat("1+", 2100) + "1": "longer than 4096 bytes",
		strings.Repeat("1+", 400) + "1":  "1:502: compilation failed: expression exceeds maximum allowed nodes",
	} {
		_, err := remonline.Calculation{Cost: source}.Compile(remonline.Directory{})
		var bad *remonline.ExpressionError
		require.ErrorAs(t, err, &bad, source)
		require.ErrorIs(t, err, pms.ErrInvalid)
		assert.Equal(t, "remonline: calculation: cost: "+want, err.Error(), source)
	}
	_, err := remonline.Calculation{Amount: "x"}.Compile(remonline.Directory{})
	require.EqualError(t, err, "remonline: calculation: amount: 1:1: unknown name x")
	_, err = remonline.Calculation{Amount: "f12"}.Compile(remonline.Directory{Fields: []remonline.CustomField{{ID: "13"}}})
	require.EqualError(t, err, "remonline: calculation: amount: 1:1: unknown name f12")
	_, err = remonline.Calculation{Amount: "f13"}.Compile(remonline.Directory{Fields: []remonline.CustomField{{ID: "13"}}})
	require.NoError(t, err)
}

func TestCalculationErrorsOfARecord(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]error{
		"total / 0":                                   remonline.ErrDivisionByZero,
		"total / (paid * 5)":                          remonline.ErrDivisionByZero,
		"total * 1000000000000":                       remonline.ErrOverflow,
		"999999999999999 + 1":                         remonline.ErrOverflow,
		"1 / 3 * 999999999999999 * 9999":              remonline.ErrOverflow,
		"1 / 0.000000000000000001":                    remonline.ErrOverflow,
		strings.Repeat("1/7.000000000001/", 40) + "7": remonline.ErrOverflow,
	} {
		_, err := calculate(t, source)
		var bad *pms.RecordError
		require.ErrorAs(t, err, &bad, source)
		require.ErrorIs(t, err, want, source)
		require.Equal(t, "cost", bad.Field)
		require.NotContains(t, bad.Error(), source, "the text does not quote the expression")
	}
	_, err := calculate(t, "f700103 * 2")
	require.EqualError(t, err, "remonline: order 7: f700103: not an amount")
	_, err = calculate(t, "round(total, 7)")
	require.EqualError(t, err, "remonline: order 7: cost: round takes 0 to 6 places")
	_, err = calculate(t, "round(total, 0.5)")
	require.EqualError(t, err, "remonline: order 7: cost: round takes 0 to 6 places")

	calculator, err := remonline.Calculation{Cost: "0"}.Compile(remonline.Directory{})
	require.NoError(t, err)
	_, _, err = calculator.Evaluate(&remonline.Order{ID: "8"}, nil)
	require.EqualError(t, err, "remonline: order 8: total: missing", "a sum that is not there is not zero")
	calculator, err = remonline.Calculation{}.Compile(remonline.Directory{})
	require.NoError(t, err)
	_, _, err = calculator.Evaluate(&remonline.Order{ID: "8", Total: "1"}, []remonline.Item{{Cost: "x", Quantity: "1"}})
	require.EqualError(t, err, "remonline: order 8: items_cost: not an amount")
}

func TestNeedsItems(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]bool{"": true, "total * 0.3": false, "total - items_price": true, `status == "items_cost" ? 1 : 0`: false} {
		calculator, err := remonline.Calculation{Cost: source}.Compile(remonline.Directory{})
		require.NoError(t, err)
		require.Equal(t, want, calculator.NeedsItems(), source)
	}
}

// What an expression calculates is what fractions give, rounded once.
func TestCalculationIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		money := rapid.StringMatching(`[0-9]{1,7}\.[0-9]{2}`)
		total, rate, divisor := money.Draw(t, "total"), rapid.StringMatching(`0\.[0-9]{1,8}`).Draw(t, "rate"), rapid.IntRange(1, 99).Draw(t, "divisor")
		calculator, err := remonline.Calculation{Cost: "0", Amount: "total * " + rate + " - total / " + big.NewInt(int64(divisor)).String()}.Compile(remonline.Directory{})
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := calculator.Evaluate(&remonline.Order{ID: "1", Total: pms.Text(total)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		x, _ := new(big.Rat).SetString(total)
		r, _ := new(big.Rat).SetString(rate)
		want := new(big.Rat).Sub(new(big.Rat).Mul(x, r), new(big.Rat).Quo(x, big.NewRat(int64(divisor), 1)))
		if got.Fixed(2) != want.FloatString(2) && got.Sign() != 0 { // FloatString rounds half away from zero, and writes -0.00
			t.Fatalf("got %s, want %s", got.Fixed(2), want.FloatString(2))
		}
	})
}

func FuzzCalculation(f *testing.F) {
	for _, seed := range []string{"total * 0.94 - items_cost", "1/0", `status == "x" ? f1 : -.5`, "((((1))))", "let x = 1; x", "round(1e9, 2)", "$env", "\x00", "f99999999999 + 1"} {
		f.Add(seed, "4300.00")
	}
	f.Fuzz(func(t *testing.T, source, total string) {
		calculator, err := remonline.Calculation{Cost: source}.Compile(remonline.Directory{})
		if err != nil {
			require.ErrorIs(t, err, pms.ErrInvalid)
			return
		}
		_, items := sample()
		cost, _, err := calculator.Evaluate(&remonline.Order{ID: "1", Total: pms.Text(total)}, items)
		var bad *pms.RecordError
		if err != nil {
			require.ErrorAs(t, err, &bad)
			return
		}
		again, err := remonline.ParseDecimal(cost.String())
		require.NoError(t, err)
		require.Equal(t, cost, again)
	})
}
