package survey_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"rileva/pkg/survey"
)

// expressions draws the text of an expression of one type, of the operators and
// functions that a questionnaire's rules are made of.
type expressions struct{ t *rapid.T }

func (e expressions) one(depth int, leaves []string, forms ...func(int) string) string {
	if depth == 0 {
		return rapid.SampledFrom(leaves).Draw(e.t, "leaf")
	}
	return rapid.SampledFrom(forms).Draw(e.t, "form")(depth - 1)
}

func (e expressions) operator(ops ...string) string { return rapid.SampledFrom(ops).Draw(e.t, "op") }

func (e expressions) whole(depth int) string {
	return e.one(depth, []string{"a", "b", "0", "7", "(-3)"},
		func(d int) string {
			return fmt.Sprintf("(%s %s %s)", e.whole(d), e.operator("+", "-", "*"), e.whole(d))
		},
		func(d int) string { return fmt.Sprintf("(-%s)", e.whole(d)) },
		func(int) string { return fmt.Sprintf("count(list, %s)", e.aboutItem()) },
		e.whole)
}

// aboutItem has no count of its own: two inside each other are refused.
func (e expressions) aboutItem() string {
	return fmt.Sprintf("# %s %s %s %s", e.operator("+", "-", "*"), e.whole(0), e.operator("==", "!=", "<", "<=", ">", ">="), e.whole(0))
}

func (e expressions) number(depth int) string {
	return e.one(depth, []string{"limit", "1.3", "0.5"},
		func(d int) string { return fmt.Sprintf("pct(%s, %s)", e.whole(d), e.whole(d)) },
		func(d int) string {
			return fmt.Sprintf("(%s %s %s)", e.number(d), e.operator("+", "-", "*"), e.whole(d))
		},
		func(d int) string { return fmt.Sprintf("(%s * %s)", e.whole(d), e.number(d)) },
		func(int) string { return "same_share(list)" },
		func(d int) string { return fmt.Sprintf("(-%s)", e.number(d)) })
}

func (e expressions) condition(depth int) string {
	compare := func(left, right func(int) string) func(int) string {
		return func(d int) string {
			return fmt.Sprintf("(%s %s %s)", left(d), e.operator("==", "!=", "<", "<=", ">", ">="), right(d))
		}
	}
	return e.one(depth, []string{"yes", "no", "true"},
		compare(e.whole, e.whole), compare(e.whole, e.number), compare(e.number, e.whole), compare(e.number, e.number),
		func(d int) string {
			return fmt.Sprintf("(%s %s %s)", e.condition(d), e.operator("and", "or", "&&", "||", "==", "!="), e.condition(d))
		},
		func(d int) string { return fmt.Sprintf("%s(%s)", e.operator("not ", "!"), e.condition(d)) })
}

// What is put together from closures gives what the engine's machine gives.
func TestArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.IntRange(-3, 3) // so that numbers are often equal
		values := map[string]any{
			"a": small.Draw(t, "a"), "b": rapid.OneOf(small, rapid.Int()).Draw(t, "b"), "limit": rapid.SampledFrom([]float64{-1, 0, 0.5, 1, 50}).Draw(t, "limit"),
			"yes": true, "no": false, "list": rapid.SliceOfN(small, 0, 6).Draw(t, "list"),
		}
		e, depth := expressions{t}, rapid.IntRange(0, 4).Draw(t, "depth")
		kind := rapid.SampledFrom([]string{"bool", "int", ""}).Draw(t, "kind")
		text := map[string]func(int) string{"bool": e.condition, "int": e.whole, "": e.number}[kind](depth)
		machined, quick, put, err := survey.BothWays(text, kind, values)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !put {
			t.Fatalf("%s is left to the machine", text)
		}
		if fmt.Sprintf("%T %v", machined, machined) != fmt.Sprintf("%T %v", quick, quick) {
			t.Fatalf("%s of %v: machine %T %v, closures %T %v", text, values, machined, machined, quick, quick)
		}
	})
}

// What closures are not for is left to the machine.
func TestArithmeticLeavesTheRest(t *testing.T) {
	values := map[string]any{"a": 3, "b": 2, "word": "x", "words": []string{"x"}, "list": []int{1, 2}}
	for _, text := range []string{`word == "x"`, `"x" in words`, `len(words) == 1`, `all(list, # > 0)`, `a / b > 1`, `a % b == 1`, `(a > b ? 1 : 2) == 1`, `list[0] == 1`} {
		machined, _, put, err := survey.BothWays(text, "bool", values)
		if put || err != nil || machined != true {
			t.Errorf("%s: %v, put together %v, %v", text, machined, put, err)
		}
	}
}
