package survey

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// An expression that does not compile is looked at a second time, slowly: for
// every name that means nothing, and for the place inside the expression.

// expression reports what is wrong with the expression at f; owner is what it
// belongs to, kind what it should give.
func (l *loader) expression(f source, owner, kind string, err error, env func(string) (any, error), scope []string) {
	for _, r := range explain(f.text, kind, err, env) {
		at := f
		if r.offset >= 0 {
			at.pos = l.inside(f, r.offset)
		}
		args := append([]any{owner}, r.args...)
		if r.code != "unknown_name" {
			l.faults = append(l.faults, newFault(at.pos, r.code, args...).near(r.nearest))
			continue
		}
		wrong, _ := r.args[0].(string)
		head, rest, _ := strings.Cut(wrong, ".")
		if slices.Contains(scope, head) {
			wrong, scope = rest, nil
		}
		l.suggest(at, wrong, scope, r.code, args...)
	}
}

// explain finds every reason why text does not compile.
func explain(text, kind string, err error, env func(string) (any, error)) refusals {
	if utf8.RuneCountInString(text) > maxFormula {
		return refusals{refuse("expression_too_long", maxFormula)}
	}
	tree, parseErr := parser.ParseWithConfig(text, grammar)
	if parseErr != nil {
		return refusals{syntaxRefusal(parseErr)}
	}
	if r := unbounded(tree.Node); r != nil {
		return refusals{r}
	}
	places := map[string]int{}
	node := rewriteAt(tree.Node, places)
	var out refusals
	sample := map[string]any{}
	for name, offset := range places {
		v, err := env(name)
		var r *refusal
		switch {
		case errors.As(err, &r):
			r.offset = offset
			out = append(out, r)
		case err != nil && !errors.Is(err, errNoPlace):
			out = append(out, &refusal{code: "expression", offset: offset})
		default:
			sample[name] = v
		}
	}
	if len(out) > 0 {
		slices.SortFunc(out, func(a, b *refusal) int { return a.offset - b.offset })
		return out
	}
	if r := typeRefusal(node, tree.Source, kind, sample); r != nil {
		return refusals{r}
	}
	var r *refusal
	if errors.As(err, &r) {
		return refusals{r}
	}
	return refusals{engineRefusal(err.Error(), -1)}
}

// rewriteAt is flattener.rewrite, but keeps the place of every name.
func rewriteAt(n ast.Node, places map[string]int) ast.Node {
	if name, ok := flatName(n); ok {
		out := &ast.IdentifierNode{Value: name}
		out.SetLocation(start(n))
		if _, known := places[name]; !known {
			places[name] = start(n).From
		}
		return out
	}
	rewriteChildren(n, func(c ast.Node) ast.Node { return rewriteAt(c, places) })
	return n
}

// start is where the first name of a chain of members stands.
func start(n ast.Node) file.Location {
	switch v := n.(type) {
	case *ast.MemberNode:
		return start(v.Node)
	case *ast.ChainNode:
		return start(v.Node)
	}
	return n.Location()
}

func typeRefusal(node ast.Node, src file.Source, kind string, sample map[string]any) *refusal {
	_, err := checker.Check(&parser.Tree{Node: node, Source: src}, configFor(kind, sample))
	var fe *file.Error
	if errors.As(err, &fe) {
		return engineRefusal(fe.Message, fe.From)
	}
	if err != nil {
		return engineRefusal(err.Error(), -1)
	}
	return nil
}

func syntaxRefusal(err error) *refusal {
	var fe *file.Error
	if !errors.As(err, &fe) {
		return refuse("expression_syntax")
	}
	if r := engineRefusal(fe.Message, fe.From); r.code != "expression" {
		return r
	}
	r := refuse("expression_syntax")
	r.offset = fe.From
	return r
}

// engineSentences are the sentences of the expression engine that a person can
// act on, put into ours; the groups are the arguments.
var engineSentences = []struct {
	form *regexp.Regexp
	code string
}{
	{regexp.MustCompile(`mismatched types (\S+) and (\S+?)\)`), "type_mismatch"},
	{regexp.MustCompile(`expected (\w+), but got (\S+)`), "wrong_result"},
	{regexp.MustCompile(`^unknown name (\S+)`), "unknown_function"},
	{regexp.MustCompile(`(not enough|too many) arguments to call (\w+)`), "wrong_arguments"},
	{regexp.MustCompile(`cannot use (\S+) as argument \(type (\S+?)\) to call (\w+)`), "wrong_argument"},
	{regexp.MustCompile(`non-bool expression \(type (\S+?)\) used as condition`), "not_a_condition"},
	{regexp.MustCompile(`invalid operation: (\S+) \(mismatched type (\S+?)\)`), "wrong_operand"},
	{regexp.MustCompile(`unexpected token EOF`), "expression_ends"},
	{regexp.MustCompile(`exceeds maximum allowed nodes`), "expression_too_long"},
}

func engineRefusal(sentence string, offset int) *refusal {
	sentence = dotted(sentence)
	for _, s := range engineSentences {
		if m := s.form.FindStringSubmatch(sentence); m != nil {
			r := refuse(s.code)
			for _, group := range m[1:] {
				r.args = append(r.args, plainType(group))
			}
			if s.code == "expression_too_long" {
				r.args = []any{maxFormula}
			}
			if s.code == "unknown_function" {
				r.nearest = nearest(m[1], functionNames)
			}
			r.offset = offset
			return r
		}
	}
	return &refusal{code: "expression", offset: offset}
}

// plainType keeps the engine's names of the simple types, which the document
// uses too, and drops Go's for the others.
func plainType(t string) string {
	switch t {
	case "[]string", "[]interface", "[]int", "[]any":
		return "list"
	case "float64":
		return "float"
	}
	return t
}

// inside finds the place in the file of a character of an expression. Where the
// text does not stand in the file letter for letter (folded, escaped), the
// expression's beginning must do.
func (l *loader) inside(f source, offset int) position {
	row, column := 0, 0
	text := []rune(f.text)
	for i := 0; i < offset && i < len(text); i++ {
		column++
		if text[i] == '\n' {
			row, column = row+1, 0
		}
	}
	wanted := strings.TrimSpace(strings.Split(f.text, "\n")[row])
	lead := utf8.RuneCountInString(strings.Split(f.text, "\n")[row]) - utf8.RuneCountInString(strings.TrimLeft(strings.Split(f.text, "\n")[row], " "))
	for n := f.pos.line + row; n <= min(f.pos.line+row+2, len(l.lines)); n++ {
		line := l.lines[n-1]
		from := 0
		if n == f.pos.line {
			from = len(string([]rune(line)[:min(max(f.pos.column-1, 0), utf8.RuneCountInString(line))]))
		}
		if i := strings.Index(line[from:], wanted); i >= 0 && wanted != "" {
			return position{n, utf8.RuneCountInString(line[:from+i]) + column - lead + 1}
		}
	}
	return f.pos
}
