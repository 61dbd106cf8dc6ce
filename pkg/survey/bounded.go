package survey

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// An expression may read the answers and nothing else, and what it costs follows
// from their size. The engine knows more than that: its clock would judge one
// part twice in two ways, its ranges and its loops in loops take as long as
// they are told to. So what is allowed is listed, and looked for in the tree.

// maxLoops is how many of any(), all(), count()… may stand inside each other:
// with lists of at most maxEntries two of them are a million steps.
const maxLoops = 2

// functionNames are what an expression may call.
var functionNames = []string{"answered", "cells", "mirrored", "pct", "is_email", "is_phone", "is_school_code", "check_character_ok",
	"looks_personal", "distinct", "same_share", "len", "trim", "any", "all", "none", "filter", "count", "sum", "max", "min", "abs"}

// unbounded gives what an expression may not hold, or nil.
func unbounded(tree ast.Node) *refusal {
	w := &boundsWalk{}
	w.look(tree)
	return w.found
}

type boundsWalk struct {
	loops int
	found *refusal
}

func (w *boundsWalk) look(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.BuiltinNode:
		if !slices.Contains(functionNames, n.Name) {
			w.refuse(n, "unknown_function", n.Name)
		}
	case *ast.CallNode:
		if _, plain := n.Callee.(*ast.IdentifierNode); !plain {
			w.look(n.Callee)
		}
	case *ast.BinaryNode:
		if n.Operator == ".." {
			w.refuse(n, "expression_range")
		}
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		w.refuse(n, "expression_range")
		return n
	case *ast.PredicateNode:
		if w.loops++; w.loops > maxLoops {
			w.refuse(n, "expression_loops", maxLoops)
		}
		defer func() { w.loops-- }()
	}
	rewriteChildren(n, w.look)
	return n
}

func (w *boundsWalk) refuse(at ast.Node, code string, args ...any) {
	if w.found == nil {
		w.found = &refusal{code: code, args: args, offset: at.Location().From}
		if code == "unknown_function" {
			w.found.nearest = nearest(args[0].(string), functionNames)
		}
	}
}
