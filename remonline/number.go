package remonline

import (
	"math/big"
	"math/bits"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// number is an exact value of a calculation: a decimal, or a fraction where a
// division or many digits leave the decimals.
type number struct {
	decimal  Decimal
	fraction *big.Rat // nil for a decimal
}

// The bounds of a value on the way: its magnitude, and the size of a fraction
// in bits, which grows with every division.
const (
	maxWhole = 1_000_000_000_000_000
	maxBits  = 1024
)

func numberOf(d Decimal) number { return number{decimal: d} }

func (n number) rat() *big.Rat {
	if n.fraction != nil {
		return n.fraction
	}
	return n.decimal.Rat()
}

func (n number) cmp(m number) int {
	if n.fraction == nil && m.fraction == nil {
		return n.decimal.Cmp(m.decimal)
	}
	return n.rat().Cmp(m.rat())
}

// rounded returns the number to so many places, half away from zero.
func (n number) rounded(places uint8) (Decimal, error) {
	if n.fraction != nil {
		return roundRat(n.fraction, places)
	}
	return n.decimal.round(places), nil
}

// inBounds refuses a decimal that is too large.
func inBounds(d Decimal) (number, error) {
	if whole := d.units / pow10[d.places]; whole >= maxWhole || whole <= -maxWhole {
		return number{}, ErrOverflow
	}
	return numberOf(d), nil
}

// fractionInBounds refuses a fraction that is too large or too fine.
func fractionInBounds(r *big.Rat) (number, error) {
	num, den := r.Num().BitLen(), r.Denom().BitLen()
	if num > maxBits || den > maxBits || num-den > bits.Len64(maxWhole) {
		return number{}, ErrOverflow
	}
	return number{fraction: r}, nil
}

// add, subtract, multiply and divide stay with decimals while they can.
func add(x, y number) (number, error) {
	if x.fraction == nil && y.fraction == nil {
		if sum, err := x.decimal.Add(y.decimal); err == nil {
			return inBounds(sum)
		}
	}
	return fractionInBounds(new(big.Rat).Add(x.rat(), y.rat()))
}

func subtract(x, y number) (number, error) {
	if x.fraction == nil && y.fraction == nil {
		if difference, err := x.decimal.Sub(y.decimal); err == nil {
			return inBounds(difference)
		}
	}
	return fractionInBounds(new(big.Rat).Sub(x.rat(), y.rat()))
}

func multiply(x, y number) (number, error) {
	if x.fraction == nil && y.fraction == nil {
		if product, err := x.decimal.mul(y.decimal); err == nil {
			return inBounds(product)
		}
	}
	return fractionInBounds(new(big.Rat).Mul(x.rat(), y.rat()))
}

func divide(x, y number) (number, error) {
	divisor := y.rat()
	if divisor.Sign() == 0 {
		return number{}, ErrDivisionByZero
	}
	return fractionInBounds(new(big.Rat).Quo(x.rat(), divisor))
}

func smaller(x, y number) (number, error) {
	if y.cmp(x) < 0 {
		return y, nil
	}
	return x, nil
}

func larger(x, y number) (number, error) {
	if y.cmp(x) > 0 {
		return y, nil
	}
	return x, nil
}

// roundTo rounds x half away from zero to 0 to 6 places.
func roundTo(x, places number) (number, error) {
	d := places.decimal
	if places.fraction != nil || d.places > 0 || d.units < 0 || d.units > 6 {
		return number{}, errPlaces
	}
	result, err := x.rounded(uint8(d.units))
	return numberOf(result), err
}

// arithmetic returns the options that make an expression calculate in numbers.
func arithmetic() []expr.Option {
	var all []expr.Option
	operator := func(sign, name string, do func(...any) (any, error), signature any) {
		name = "operator " + name // which no expression can write
		all = append(all, expr.Function(name, do, signature), expr.Operator(sign, name))
	}
	calculate := new(func(number, number) number)
	operator("+", "add", calculating(add), calculate)
	operator("-", "subtract", calculating(subtract), calculate)
	operator("*", "multiply", calculating(multiply), calculate)
	operator("/", "divide", calculating(divide), calculate)
	compare := new(func(number, number) bool)
	operator("<", "less", comparing(func(c int) bool { return c < 0 }), compare)
	operator("<=", "lessOrEqual", comparing(func(c int) bool { return c <= 0 }), compare)
	operator(">", "greater", comparing(func(c int) bool { return c > 0 }), compare)
	operator(">=", "greaterOrEqual", comparing(func(c int) bool { return c >= 0 }), compare)
	operator("==", "equal", comparing(func(c int) bool { return c == 0 }), compare)
	operator("!=", "notEqual", comparing(func(c int) bool { return c != 0 }), compare)
	absolute := func(p ...any) (any, error) {
		x := argument(p[0])
		if x.cmp(number{}) >= 0 {
			return x, nil
		}
		return subtract(number{}, x)
	}
	return append(all,
		expr.Function("min", calculating(smaller), calculate),
		expr.Function("max", calculating(larger), calculate),
		expr.Function("round", calculating(roundTo), calculate),
		expr.Function("abs", absolute, new(func(number) number)),
	)
}

func calculating(do func(x, y number) (number, error)) func(...any) (any, error) {
	return func(p ...any) (any, error) { return do(argument(p[0]), argument(p[1])) }
}

func comparing(holds func(int) bool) func(...any) (any, error) {
	return func(p ...any) (any, error) { return holds(argument(p[0]).cmp(argument(p[1]))), nil }
}

// argument is a number by the type check of the compiler.
func argument(v any) number {
	n, _ := v.(number)
	return n
}

// patcher prepares an expression: it refuses what Calculation does not
// describe, notes the names that are used, and makes exact numbers of those
// that are written, which the parser has made floats of.
type patcher struct {
	source []rune
	names  map[string]bool
	err    *file.Error
}

// signs are the operators that an expression may use.
var signs = []string{"+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "and", "&&", "or", "||", "!", "not", "contains", "startsWith", "endsWith"}

// Visit implements [ast.Visitor].
func (p *patcher) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			p.fail(n, "not a part of calculations")
		}
		p.names[n.Value] = true
	case *ast.IntegerNode:
		p.constant(node)
	case *ast.FloatNode:
		p.constant(node)
	case *ast.UnaryNode:
		p.allow(n, n.Operator)
		if n.Operator == "-" || n.Operator == "+" { // of a number: 0 - x
			ast.Patch(node, &ast.BinaryNode{Operator: n.Operator, Left: &ast.ConstantNode{Value: number{}}, Right: n.Node})
		}
	case *ast.BinaryNode:
		p.allow(n, n.Operator)
	case *ast.StringNode, *ast.BoolNode, *ast.ConstantNode, *ast.ConditionalNode, *ast.CallNode:
	default:
		p.fail(n, "not a part of calculations")
	}
}

func (p *patcher) allow(n ast.Node, sign string) {
	if !slices.Contains(signs, sign) {
		p.fail(n, "the operator "+sign+" is not a part of calculations")
	}
}

func (p *patcher) fail(n ast.Node, message string) {
	if p.err == nil {
		at := file.Error{Location: n.Location(), Message: message}
		p.err = at.Bind(file.NewSource(string(p.source)))
	}
}

// constant replaces a number by its exact value, read from the source.
func (p *patcher) constant(node *ast.Node) {
	at := (*node).Location()
	text := strings.ReplaceAll(string(p.source[at.From:at.To]), "_", "")
	switch {
	case strings.HasPrefix(text, "."):
		text = "0" + text
	case strings.HasSuffix(text, "."):
		text += "0"
	}
	d, err := ParseDecimal(text)
	if err != nil {
		p.fail(*node, err.Error())
	}
	ast.Patch(node, &ast.ConstantNode{Value: numberOf(d)})
}
