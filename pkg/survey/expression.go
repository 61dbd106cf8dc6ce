package survey

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	exprcompiler "github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// Expressions are written in the language of expr. What they may name
// (docs/questionnaire.md) is flattened before compiling, so that the engine
// sees plain names of known types and can reach nothing but the answers:
//
//	enrolled_start.y1        enrolled_start__y1
//	answered(enrolled_start) answered__enrolled_start
//	cells(movements)         cells__movements
//
// The flattening is done on the engine's own syntax tree and printed back.

const flat = "__" // joins the parts of a flattened name; forbidden inside ids

// program is one typed expression and the flattened names that it reads.
type program struct {
	flattened
	run    *vm.Program // nil when arithmetic does
	sample func(name string) any
	sides  [2]*program // of the comparison at the root, nil when it is none
}

// programs are the expressions read so far while one file is loaded: the
// sheets of a template share most of theirs.
type programs struct {
	typed map[string]*program
	flat  map[string]flattened
}

func newPrograms() programs {
	return programs{typed: map[string]*program{}, flat: map[string]flattened{}}
}

// flattened is an expression whose names are joined.
type flattened struct {
	source string
	tree   ast.Node // read by the checks of lint_fold.go and by arithmetic, never changed
	names  []string
}

// grammar is made once: making it costs more than parsing an expression.
var grammar = conf.CreateNew()

// flatten parses text and joins its names.
func (cache programs) flatten(text string) (flattened, error) {
	if known, ok := cache.flat[text]; ok {
		return known, nil
	}
	tree, err := parser.ParseWithConfig(text, grammar)
	if err != nil {
		return flattened{}, plainError(err)
	}
	if r := unbounded(tree.Node); r != nil {
		return flattened{}, r
	}
	out := joinNames(tree.Node)
	cache.flat[text] = out
	return out, nil
}

func joinNames(tree ast.Node) flattened {
	f := &flattener{}
	node := f.rewrite(tree)
	slices.Sort(f.names)
	return flattened{source: node.String(), tree: node, names: slices.Compact(f.names)}
}

// flattener rewrites members and calls on names; the tree's other nodes stay.
type flattener struct{ names []string }

// joined are the functions whose argument is a name, not a value.
var joined = []string{"answered", "cells", "mirrored"}

func (f *flattener) rewrite(n ast.Node) ast.Node {
	if name, ok := flatName(n); ok {
		f.names = append(f.names, name)
		return &ast.IdentifierNode{Value: name}
	}
	rewriteChildren(n, f.rewrite)
	return n
}

// flatName joins `a`, `a.b` and `answered(a.b)` into one name.
func flatName(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, true
	case *ast.ChainNode:
		return flatName(n.Node)
	case *ast.MemberNode:
		base, ok := flatName(n.Node)
		prop, isName := n.Property.(*ast.StringNode)
		if ok && isName {
			return base + flat + prop.Value, true
		}
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if ok && slices.Contains(joined, callee.Value) && len(n.Arguments) == 1 {
			if arg, ok := flatName(n.Arguments[0]); ok {
				return callee.Value + flat + arg, true
			}
		}
	}
	return "", false
}

func rewriteChildren(n ast.Node, f func(ast.Node) ast.Node) {
	each := func(list []ast.Node) {
		for i := range list {
			list[i] = f(list[i])
		}
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		n.Node = f(n.Node)
	case *ast.BinaryNode:
		n.Left, n.Right = f(n.Left), f(n.Right)
	case *ast.ChainNode:
		n.Node = f(n.Node)
	case *ast.MemberNode:
		n.Node, n.Property = f(n.Node), f(n.Property)
	case *ast.SliceNode:
		n.Node = f(n.Node)
		if n.From != nil {
			n.From = f(n.From)
		}
		if n.To != nil {
			n.To = f(n.To)
		}
	case *ast.CallNode:
		each(n.Arguments) // the callee is a function's name
	case *ast.BuiltinNode:
		each(n.Arguments)
	case *ast.PredicateNode:
		n.Node = f(n.Node)
	case *ast.ConditionalNode:
		n.Cond, n.Exp1, n.Exp2 = f(n.Cond), f(n.Exp1), f(n.Exp2)
	case *ast.ArrayNode:
		each(n.Nodes)
	case *ast.MapNode:
		each(n.Pairs)
	case *ast.PairNode:
		n.Value = f(n.Value)
	}
}

// compile types and compiles text; env gives a sample value for each
// flattened name it reads. kind is "bool", "int" or "" for any.
func (cache programs) compile(text, kind string, env func(name string) (any, error)) (*program, error) {
	f, err := cache.flatten(text)
	if err != nil {
		return nil, err
	}
	return cache.typedProgram(f, kind, env)
}

func (cache programs) typedProgram(f flattened, kind string, env func(string) (any, error)) (*program, error) {
	sample := make(map[string]any, len(f.names))
	// The sheets of one template differ in what the names stand for, not in
	// their types, so most expressions are typed once for all of them.
	key := strings.Builder{}
	key.WriteString(kind + "\x00" + f.source)
	for _, name := range f.names {
		v, err := env(name)
		if err != nil {
			return nil, err
		}
		sample[name] = v
		key.WriteString("\x00" + reflect.TypeOf(v).String())
	}
	if known, ok := cache.typed[key.String()]; ok {
		return known, nil
	}
	config := configFor(kind, sample)
	if _, err := checker.Check(&parser.Tree{Node: f.tree, Source: file.NewSource(f.source)}, config); err != nil {
		return nil, plainError(err)
	}
	p := &program{flattened: f, sample: func(name string) any { return sample[name] }}
	if arithmetic := (arithmetic{f.names, p.sample}); !arithmetic.closure(f.tree).known() {
		var err error
		if p.run, err = compileTyped(f.source, config); err != nil {
			return nil, plainError(err)
		}
	}
	if b, ok := f.tree.(*ast.BinaryNode); ok && slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, b.Operator) {
		for i, side := range []ast.Node{b.Left, b.Right} {
			var err error
			// Typed with the whole, the sides are typed whenever the whole was.
			if p.sides[i], err = cache.typedProgram(joinNames(side), "", env); err != nil {
				return nil, err
			}
		}
	}
	cache.typed[key.String()] = p
	return p, nil
}

// formula is a program set among the names of one rule or one step.
type formula struct {
	*program
	at    []int   // where the frame has each of the program's names
	quick closure // known where no machine is needed
}

// among sets p among names, which hold all of its own; nil stays nil.
func (p *program) among(names []string) *formula {
	if p == nil {
		return nil
	}
	f := &formula{program: p}
	if p.run == nil {
		f.quick = arithmetic{names, p.sample}.closure(p.tree)
		return f
	}
	for _, name := range p.names {
		f.at = append(f.at, slices.Index(names, name))
	}
	return f
}

// machine runs formulas over frames.
type machine struct {
	vm  vm.VM
	env map[string]any
}

// run gives the formula's value. The expressions were typed when the
// questionnaire was loaded; what can still fail is a division by 0, and then
// the value is nil: a check that cannot be computed must not pass for one that
// holds, and what the engine says of it is nothing for a finding.
func (m *machine) run(f *formula, in *frame) any {
	if f.run == nil {
		return f.quick.any(in)
	}
	if m.env == nil {
		m.env = map[string]any{}
	}
	for k, name := range f.names {
		m.env[name] = in.values[f.at[k]].any()
	}
	v, err := m.vm.Run(f.run, m.env)
	if err != nil {
		return nil
	}
	return v
}

// holds tells whether a condition is true; one that cannot be computed is not.
func (m *machine) holds(f *formula, in *frame) bool {
	if f.quick.holds != nil {
		return f.quick.holds(in)
	}
	yes, _ := m.run(f, in).(bool)
	return yes
}

// toolbox holds the tables of functions, which every expression shares; filling
// them for each took as long as compiling it.
var toolbox = func() conf.Config {
	c := conf.CreateNew()
	for _, add := range functions {
		add(c)
	}
	return *c
}()

// configFor types an expression of the given kind over the names of sample.
func configFor(kind string, sample map[string]any) *conf.Config {
	c := toolbox // its tables are only read from here on
	c.WithEnv(sample)
	switch kind {
	case "bool":
		expr.AsBool()(&c)
	case "int":
		expr.AsInt()(&c)
	}
	return &c
}

// compileTyped is expr.Compile with a configuration that is made already.
func compileTyped(source string, c *conf.Config) (*vm.Program, error) {
	tree, err := checker.ParseCheck(source, c)
	if err != nil {
		return nil, err
	}
	if err := optimizer.Optimize(&tree.Node, c); err != nil {
		return nil, err
	}
	return exprcompiler.Compile(tree, c)
}

// plainError keeps the engine's sentence and drops its drawing of the source.
func plainError(err error) error {
	var fe *file.Error
	if errors.As(err, &fe) {
		return fmt.Errorf("%s", strings.ReplaceAll(fe.Message, flat, "."))
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%s", strings.ReplaceAll(first, flat, "."))
}

// functions are what a rule may call besides the engine's own.
var functions = []expr.Option{
	expr.Function("pct", func(p ...any) (any, error) { return percent(p[0].(int), p[1].(int)), nil },
		new(func(int, int) float64)),
	expr.Function("is_email", func(p ...any) (any, error) { return IsEmail(p[0].(string)), nil },
		new(func(string) bool)),
	expr.Function("is_phone", func(p ...any) (any, error) { return IsPhone(p[0].(string)), nil },
		new(func(string) bool)),
	expr.Function("is_school_code", func(p ...any) (any, error) { return ValidSchoolCode(p[0].(string)), nil },
		new(func(string) bool)),
	expr.Function("check_character_ok", func(p ...any) (any, error) { return CheckCharacterOK(p[0].(string)), nil },
		new(func(string) bool)),
	expr.Function("looks_personal", func(p ...any) (any, error) { return Pupil(p[0].(string)) != "", nil },
		new(func(string) bool)),
	expr.Function("distinct", func(p ...any) (any, error) {
		list := slices.Clone(p[0].([]string))
		slices.Sort(list)
		return len(slices.Compact(list)) == len(p[0].([]string)), nil
	}, new(func([]string) bool)),
	expr.Function("same_share", func(p ...any) (any, error) { return sameShare(p[0].([]int)), nil },
		new(func([]int) float64)),
}

func percent(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return 100 * float64(a) / float64(b)
}

// sameShare is the percentage of the most frequent value among those that are
// not zero: a column copied over the others shows as one value everywhere.
func sameShare(list []int) float64 {
	list = slices.Clone(list)
	slices.Sort(list)
	all, most, run := 0, 0, 0
	for i, n := range list {
		if n == 0 {
			continue
		}
		if i == 0 || list[i-1] != n {
			run = 0
		}
		all, run = all+1, run+1
		most = max(most, run)
	}
	return percent(most, all)
}

var emailForm = regexp.MustCompile(`^[A-Za-z0-9._%+'-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$`)

// IsEmail tells whether s has the form of an address; nobody is asked.
func IsEmail(s string) bool { return len(s) <= 254 && emailForm.MatchString(s) }

// IsPhone tells whether s holds 6 to 15 digits (E.164 has at most 15) and
// nothing but the marks that people write between them.
func IsPhone(s string) bool {
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" -./()", r):
		default:
			return false
		}
	}
	return digits >= 6 && digits <= 15
}
