package survey

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Most rules are arithmetic on counts, and they run at every keystroke. The
// engine's machine looks its names up in a map and boxes its numbers, which
// costs several times what the arithmetic does. So an expression that is made
// of numbers, conditions and lists of numbers alone is put together from
// closures when it is loaded, from the tree that the engine has parsed and
// typed; every other one runs on the machine. Both give the same
// (TestArithmetic).

// value is what a name stands for at one place of one sheet.
type value struct {
	kind  valueKind
	whole int   // a count, a sum
	holds bool  // a condition
	cells []int // of cells(…); written over at the next place
	other any   // all the rest
}

type valueKind uint8

const (
	aWhole valueKind = iota
	aTruth
	aList
	anOther
)

// set takes in what is neither a sum nor a list of cells.
func (v *value) set(x any) {
	switch x := x.(type) {
	case int:
		v.kind, v.whole = aWhole, x
	case bool:
		v.kind, v.holds = aTruth, x
	default:
		v.kind, v.other = anOther, x
	}
}

func (v *value) any() any {
	switch v.kind {
	case aWhole:
		return v.whole
	case aTruth:
		return v.holds
	case aList:
		return slices.Clone(v.cells)
	}
	return v.other
}

// frame holds the values of the names of one rule, in the rule's order.
type frame struct {
	values []value
	item   int // what # stands for
}

// of is the value of one of names, nil for another name.
func (f *frame) of(names []string, name string) any {
	if i := slices.Index(names, name); i >= 0 {
		return f.values[i].any()
	}
	return nil
}

// closure is an expression put together: the one function that gives its type.
type closure struct {
	whole  func(*frame) int
	number func(*frame) float64
	holds  func(*frame) bool
	cells  func(*frame) []int
}

func (c closure) any(f *frame) any {
	switch {
	case c.whole != nil:
		return c.whole(f)
	case c.number != nil:
		return c.number(f)
	case c.holds != nil:
		return c.holds(f)
	}
	return nil
}

// known tells whether the expression could be put together.
func (c closure) known() bool { return c.whole != nil || c.number != nil || c.holds != nil }

// fraction reads a whole number as the engine does beside one that is not.
func (c closure) fraction() func(*frame) float64 {
	if whole := c.whole; whole != nil {
		return func(f *frame) float64 { return float64(whole(f)) }
	}
	return c.number
}

// arithmetic puts expressions together. sample has a value of each name's type.
type arithmetic struct {
	names  []string
	sample func(name string) any
}

// closure gives the zero closure for what it does not know.
func (a arithmetic) closure(n ast.Node) closure {
	switch n := n.(type) {
	case *ast.IntegerNode:
		k := n.Value
		return closure{whole: func(*frame) int { return k }}
	case *ast.FloatNode:
		k := n.Value
		return closure{number: func(*frame) float64 { return k }}
	case *ast.BoolNode:
		k := n.Value
		return closure{holds: func(*frame) bool { return k }}
	case *ast.PointerNode:
		if n.Name == "" {
			return closure{whole: func(f *frame) int { return f.item }}
		}
	case *ast.IdentifierNode:
		return a.name(n.Value)
	case *ast.UnaryNode:
		return unaryClosure(n.Operator, a.closure(n.Node))
	case *ast.BinaryNode:
		return binaryClosure(n.Operator, a.closure(n.Left), a.closure(n.Right))
	case *ast.BuiltinNode:
		return a.builtin(n)
	case *ast.CallNode:
		return a.call(n)
	}
	return closure{}
}

func (a arithmetic) name(name string) closure {
	at := slices.Index(a.names, name)
	switch a.sample(name).(type) {
	case int:
		return closure{whole: func(f *frame) int { return f.values[at].whole }}
	case bool:
		return closure{holds: func(f *frame) bool { return f.values[at].holds }}
	case []int:
		return closure{cells: func(f *frame) []int { return f.values[at].cells }}
	case float64:
		return closure{number: func(f *frame) float64 { return f.values[at].other.(float64) }}
	}
	return closure{}
}

func unaryClosure(op string, c closure) closure {
	switch {
	case (op == "not" || op == "!") && c.holds != nil:
		return closure{holds: func(f *frame) bool { return !c.holds(f) }}
	case op == "-" && c.whole != nil:
		return closure{whole: func(f *frame) int { return -c.whole(f) }}
	case op == "-" && c.number != nil:
		return closure{number: func(f *frame) float64 { return -c.number(f) }}
	}
	return closure{}
}

func binaryClosure(op string, a, b closure) closure {
	switch {
	case a.holds != nil && b.holds != nil:
		return logicClosure(op, a.holds, b.holds)
	case a.whole != nil && b.whole != nil:
		return wholeClosure(op, a.whole, b.whole)
	}
	if x, y := a.fraction(), b.fraction(); x != nil && y != nil {
		return numberClosure(op, x, y)
	}
	return closure{}
}

func logicClosure(op string, a, b func(*frame) bool) closure {
	switch op {
	case "and", "&&":
		return closure{holds: func(f *frame) bool { return a(f) && b(f) }}
	case "or", "||":
		return closure{holds: func(f *frame) bool { return a(f) || b(f) }}
	case "==":
		return closure{holds: func(f *frame) bool { return a(f) == b(f) }}
	case "!=":
		return closure{holds: func(f *frame) bool { return a(f) != b(f) }}
	}
	return closure{}
}

func wholeClosure(op string, a, b func(*frame) int) closure {
	switch op {
	case "+":
		return closure{whole: func(f *frame) int { return a(f) + b(f) }}
	case "-":
		return closure{whole: func(f *frame) int { return a(f) - b(f) }}
	case "*":
		return closure{whole: func(f *frame) int { return a(f) * b(f) }}
	}
	return closure{holds: compared(op, a, b)}
}

func numberClosure(op string, a, b func(*frame) float64) closure {
	switch op {
	case "+":
		return closure{number: func(f *frame) float64 { return a(f) + b(f) }}
	case "-":
		return closure{number: func(f *frame) float64 { return a(f) - b(f) }}
	case "*":
		return closure{number: func(f *frame) float64 { return a(f) * b(f) }}
	}
	return closure{holds: compared(op, a, b)}
}

// compared is nil for any other operator.
func compared[N int | float64](op string, a, b func(*frame) N) func(*frame) bool {
	switch op {
	case "==":
		return func(f *frame) bool { return a(f) == b(f) }
	case "!=":
		return func(f *frame) bool { return a(f) != b(f) }
	case "<":
		return func(f *frame) bool { return a(f) < b(f) }
	case "<=":
		return func(f *frame) bool { return a(f) <= b(f) }
	case ">":
		return func(f *frame) bool { return a(f) > b(f) }
	case ">=":
		return func(f *frame) bool { return a(f) >= b(f) }
	}
	return nil
}

// builtin knows count(list, condition on #).
func (a arithmetic) builtin(n *ast.BuiltinNode) closure {
	if n.Name != "count" || len(n.Arguments) != 2 {
		return closure{}
	}
	predicate, ok := n.Arguments[1].(*ast.PredicateNode)
	if !ok {
		return closure{}
	}
	cells, counts := a.closure(n.Arguments[0]).cells, a.closure(predicate.Node).holds
	if cells == nil || counts == nil {
		return closure{}
	}
	return closure{whole: func(f *frame) int {
		outer, n := f.item, 0
		for _, f.item = range cells(f) {
			if counts(f) {
				n++
			}
		}
		f.item = outer
		return n
	}}
}

func (a arithmetic) call(n *ast.CallNode) closure {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return closure{}
	}
	var args []closure
	for _, arg := range n.Arguments {
		args = append(args, a.closure(arg))
	}
	switch {
	case callee.Value == "pct" && len(args) == 2 && args[0].whole != nil && args[1].whole != nil:
		return closure{number: func(f *frame) float64 { return percent(args[0].whole(f), args[1].whole(f)) }}
	case callee.Value == "same_share" && len(args) == 1 && args[0].cells != nil:
		return closure{number: func(f *frame) float64 { return sameShare(args[0].cells(f)) }}
	}
	return closure{}
}
