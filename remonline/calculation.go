package remonline

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/changeover-sdk/changeover/pms"
)

// The expressions that stand in for empty ones.
const (
	DefaultCost   = "items_cost"
	DefaultAmount = "total"
)

// maxExpression is the longest expression, in bytes.
const maxExpression = 4096

// Calculation says what a deal costs and what it brings, as expressions over
// the fields of its order: "total * 0.94 - items_cost".
//
// An expression has + - * / and brackets, decimal constants, comparisons with
// "? :", and the functions min(a, b), max(a, b), abs(a) and round(a, places).
// Its fields are the numbers
//
//	total, discount, paid     of the order
//	items_cost, items_price   sums of cost and price times quantity over its items
//	f700101                   a custom field; empty is 0
//
// the texts location, status, type, client and number, and the flag urgent.
// Items take one more call per order, so items_cost and items_price are
// expensive on a large account. How the vendor counts refunded items is not
// known; all items are summed.
//
// All arithmetic is exact: total / 3 * 3 is total. The result alone is
// rounded, half away from zero, to two places. A number above about 10^15 at
// any step is [ErrOverflow].
type Calculation struct {
	// Cost is what a deal costs. Empty means DefaultCost.
	Cost string `json:"cost,omitzero"`
	// Amount is what a deal brings. Empty means DefaultAmount.
	Amount string `json:"amount,omitzero"`
}

// ExpressionError is an expression that cannot be compiled. It is
// [pms.ErrInvalid].
type ExpressionError struct {
	// Field is "cost" or "amount".
	Field string
	// Line and Column count from 1; 0 where the place is not known.
	Line, Column int
	Message      string
}

// Error returns, for example, "remonline: calculation: cost: 1:9: unknown name
// totl".
func (e *ExpressionError) Error() string {
	where := ""
	if e.Line > 0 {
		where = fmt.Sprintf("%d:%d: ", e.Line, e.Column)
	}
	return vendor + ": calculation: " + e.Field + ": " + where + e.Message
}

// Unwrap returns [pms.ErrInvalid].
func (*ExpressionError) Unwrap() error { return pms.ErrInvalid }

// Calculator is a compiled Calculation. It serves one goroutine at a time.
type Calculator struct {
	cost, amount *program
	values       map[string]any
	machine      vm.VM
}

// Compile checks both expressions. An unknown field, a type that does not fit
// and a syntax error are an [*ExpressionError]. Custom fields must be in the
// directory if it has any.
func (c Calculation) Compile(d Directory) (*Calculator, error) {
	out := &Calculator{values: map[string]any{}}
	var err error
	if out.cost, err = compile("cost", c.Cost, DefaultCost, d); err != nil {
		return nil, err
	}
	if out.amount, err = compile("amount", c.Amount, DefaultAmount, d); err != nil {
		return nil, err
	}
	return out, nil
}

func (c Calculation) usesCustomFields() bool { return customKey.MatchString(c.Cost + " " + c.Amount) }

// NeedsItems reports whether an expression uses the items of the order.
func (c *Calculator) NeedsItems() bool {
	return slices.ContainsFunc(slices.Concat(c.cost.inputs, c.amount.inputs), func(in input) bool { return in.items != nil })
}

// Evaluate calculates the cost and the amount of an order. An amount that
// cannot be read, a division by zero and an overflow are a [*pms.RecordError]
// with the field in question.
func (c *Calculator) Evaluate(o *Order, items []Item) (cost, amount Decimal, err error) {
	if cost, err = c.run(c.cost, o, items); err != nil {
		return Decimal{}, Decimal{}, err
	}
	if amount, err = c.run(c.amount, o, items); err != nil {
		return Decimal{}, Decimal{}, err
	}
	return cost, amount, nil
}

func (c *Calculator) run(p *program, o *Order, items []Item) (Decimal, error) {
	bad := func(field string, err error) (Decimal, error) {
		return Decimal{}, &pms.RecordError{Vendor: vendor, Record: "order", ID: string(o.ID), Field: field, Err: err, Raw: o.Raw}
	}
	for _, in := range p.inputs {
		value, err := in.value(o, items)
		if err != nil {
			return bad(in.name, err)
		}
		c.values[in.name] = value
	}
	if p.code == nil { // the field itself
		result, err := argument(c.values[p.inputs[0].name]).rounded(moneyPlaces)
		if err != nil {
			return bad(p.field, err)
		}
		return result, nil
	}
	out, err := c.machine.Run(p.code, c.values)
	if err != nil {
		return bad(p.field, cause(err))
	}
	result, err := argument(out).rounded(moneyPlaces)
	if err != nil {
		return bad(p.field, err)
	}
	return result, nil
}

// moneyPlaces is how many places a result has at most.
const moneyPlaces = 2

var errPlaces = errors.New("round takes 0 to 6 places")

// cause takes the reason out of an error of the run, whose text would quote
// the expression.
func cause(err error) error {
	for _, known := range []error{ErrDivisionByZero, ErrOverflow, errPlaces} {
		if errors.Is(err, known) {
			return known
		}
	}
	return errors.New("the expression has no value")
}

// program is a compiled expression. Code is nil for one that is a single
// number field.
type program struct {
	field  string
	code   *vm.Program
	inputs []input
}

// input is a field that an expression uses.
type input struct {
	name  string
	order func(*Order) (any, error)
	items func([]Item) (any, error)
}

func (in input) value(o *Order, items []Item) (any, error) {
	if in.items != nil {
		return in.items(items)
	}
	return in.order(o)
}

func compile(field, source, fallback string, d Directory) (*program, error) {
	if strings.TrimSpace(source) == "" {
		source = fallback
	}
	if len(source) > maxExpression {
		return nil, &ExpressionError{Field: field, Message: fmt.Sprintf("longer than %d bytes", maxExpression)}
	}
	fields := inputsOf(source, d)
	env := map[string]any{}
	for name, in := range fields {
		env[name] = in.example
	}
	visitor := &patcher{source: []rune(source), names: map[string]bool{}}
	options := append([]expr.Option{
		expr.Env(env), expr.DisableAllBuiltins(), expr.Patch(visitor), expr.MaxNodes(500),
	}, arithmetic()...)
	code, err := expr.Compile(source, options...)
	if visitor.err != nil {
		err = visitor.err
	}
	if err != nil {
		return nil, expressionError(field, err)
	}
	if result := code.Node().Type(); result != reflect.TypeFor[number]() {
		return nil, &ExpressionError{Field: field, Message: "the result must be a number, not " + readable(fmt.Sprint(result))}
	}
	p := &program{field: field, code: code}
	for name := range visitor.names {
		if in, ok := fields[name]; ok {
			p.inputs = append(p.inputs, in.input)
		}
	}
	slices.SortFunc(p.inputs, func(a, b input) int { return strings.Compare(a.name, b.name) })
	if len(p.inputs) == 1 && strings.TrimSpace(source) == p.inputs[0].name {
		p.code = nil
	}
	return p, nil
}

// typedInput is an input with a value of its type for the compiler.
type typedInput struct {
	input
	example any
}

// inputsOf returns the fields that a source may use.
func inputsOf(source string, d Directory) map[string]typedInput {
	names := d.index()
	zero := numberOf(Decimal{})
	out := map[string]typedInput{}
	onOrder := func(name string, example any, get func(*Order) (any, error)) {
		out[name] = typedInput{input{name: name, order: get}, example}
	}
	onItems := func(name string, price func(*Item) pms.Text) {
		out[name] = typedInput{input{name: name, items: func(items []Item) (any, error) { return sum(items, price) }}, zero}
	}
	onOrder("total", zero, func(o *Order) (any, error) {
		if o.Total == "" {
			return nil, errMissing
		}
		return parsed(o.Total)
	})
	onOrder("discount", zero, func(o *Order) (any, error) { return parsed(o.DiscountSum) })
	onOrder("paid", zero, func(o *Order) (any, error) { return parsed(o.Payed) })
	onItems("items_cost", func(i *Item) pms.Text { return i.Cost })
	onItems("items_price", func(i *Item) pms.Text { return i.Price })
	onOrder("urgent", false, func(o *Order) (any, error) { return o.Urgent.Bool(), nil })
	onOrder("number", "", func(o *Order) (any, error) { return string(o.Number), nil })
	onOrder("client", "", func(o *Order) (any, error) { return o.Client.DisplayName(), nil })
	onOrder("type", "", func(o *Order) (any, error) { return o.OrderType.Label(), nil })
	onOrder("status", "", func(o *Order) (any, error) { return names.statusName(o), nil })
	onOrder("location", "", func(o *Order) (any, error) { return names.locations[string(o.BranchID)], nil })
	for _, key := range customKey.FindAllString(source, -1) {
		known := slices.ContainsFunc(d.Fields, func(f CustomField) bool { return f.Key() == key })
		if known || len(d.Fields) == 0 {
			onOrder(key, zero, func(o *Order) (any, error) { return parsed(o.CustomFields[key]) })
		}
	}
	return out
}

var errMissing = errors.New("missing")

func parsed(t pms.Text) (any, error) {
	d, err := moneyOf(t)
	return numberOf(d), err
}

// sum adds a price times the quantity over all items.
func sum(items []Item, price func(*Item) pms.Text) (any, error) {
	var total number
	for i := range items {
		each, err := moneyOf(price(&items[i]))
		if err != nil {
			return nil, err
		}
		quantity, err := moneyOf(items[i].Quantity)
		if err != nil {
			return nil, err
		}
		line, err := multiply(numberOf(each), numberOf(quantity))
		if err == nil {
			total, err = add(total, line)
		}
		if err != nil {
			return nil, err
		}
	}
	return total, nil
}

// expressionError shortens the compiler's error to its place and first line.
func expressionError(field string, err error) error {
	out := &ExpressionError{Field: field, Message: err.Error()}
	var at *file.Error
	if errors.As(err, &at) {
		out.Line, out.Column, out.Message = at.Line, at.Column+1, at.Message
	}
	out.Message, _, _ = strings.Cut(readable(out.Message), "\n")
	return out
}

// readable names our types as a user knows them.
func readable(text string) string {
	return strings.NewReplacer(reflect.TypeFor[number]().String(), "number", "string", "text", "<nil>", "nothing").Replace(text)
}
