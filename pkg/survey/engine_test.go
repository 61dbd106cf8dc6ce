package survey_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"rileva/pkg/survey"
)

func load(t testing.TB, file string) *survey.Questionnaire {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	q, err := survey.Load(raw)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func mini(t testing.TB) *survey.Questionnaire { return load(t, "testdata/mini.yaml") }

// calm are answers to the mini survey that only the notes speak of.
func calm() survey.Answers {
	return survey.Answers{"flag": false, "sheets": []string{"one"}}
}

func calmSheet() survey.Answers {
	return survey.Answers{"groups_c1": 1, "groups_c2": 1, "here_c1_m": 2, "here_c1_f": 3, "here_c2_m": 4, "here_c2_f": 5,
		"gone_c1_m": 0, "gone_c1_f": 0, "gone_c2_m": 1, "gone_c2_f": 1}
}

// hasCheck tells whether a finding stands under the id.
func hasCheck(findings []survey.Finding, check string) bool {
	return slices.ContainsFunc(findings, func(f survey.Finding) bool { return f.Check == check })
}

func hardChecks(findings []survey.Finding) []string {
	var hard []survey.Finding
	for _, f := range findings {
		if f.Severity == survey.Hard {
			hard = append(hard, f)
		}
	}
	return checksOf(hard)
}

// What a rule does with missing values: a + b == 1 where each is blank, "not
// available", 0 or 1. A blank one is never an answer, even where it counts as 0.
func TestMissingValues(t *testing.T) {
	s := mini(t).Sheet("general")
	blank, unavailable := any(nil), any("unavailable")
	for _, c := range []struct {
		a, b              any
		any, all, never   bool // the rule speaks
		onlyOneIsAnswered bool
	}{
		{blank, blank, false, false, true, false},
		{blank, 0, false, true, true, true},
		{blank, 1, false, false, false, true},
		{0, blank, false, true, true, true},
		{1, blank, false, false, false, true},
		{unavailable, unavailable, false, false, true, false},
		{unavailable, 0, false, true, true, true},
		{unavailable, 1, false, false, false, true},
		{0, 0, true, true, true, false},
		{0, 1, false, false, false, false},
		{1, 0, false, false, false, false},
		{1, 1, true, true, true, false},
	} {
		in := survey.Input{Answers: calm(), Unavailable: map[string]string{}}
		for id, v := range map[string]any{"a": c.a, "b": c.b} {
			switch v := v.(type) {
			case int:
				in.Answers[id] = v
			case string:
				in.Unavailable[id] = "not_recorded"
			}
		}
		got := s.Evaluate(in).Findings
		for check, want := range map[string]bool{"ANY": c.any, "ALL": c.all, "NEVER": c.never, "PAIR": c.onlyOneIsAnswered} {
			if hasCheck(got, check) != want {
				t.Errorf("a=%v b=%v: %s speaks: %v, want %v", c.a, c.b, check, !want, want)
			}
		}
	}
}

func TestExclusiveOptions(t *testing.T) {
	s := mini(t).Sheet("general")
	for _, c := range []struct {
		chosen []string
		want   []string
	}{
		{nil, nil}, {[]string{"x"}, nil}, {[]string{"none"}, nil}, {[]string{"x", "y"}, nil},
		{[]string{"x", "none"}, []string{"N3"}}, {[]string{"none", "x", "y"}, []string{"N3"}},
		{[]string{"x", "x"}, []string{"wrong_type"}}, {[]string{"z"}, []string{"wrong_type"}},
	} {
		a := calm()
		a["kinds"] = c.chosen
		if got := hardChecks(s.Evaluate(survey.Input{Answers: a}).Findings); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.chosen, got, c.want)
		}
	}
}

func TestUnavailable(t *testing.T) {
	s := mini(t).Sheet("general")
	for name, c := range map[string]struct {
		answers     edit
		unavailable map[string]string
		want        []string
		status      survey.Status // of a
	}{
		"blank":               {nil, nil, nil, survey.Missing},
		"zero is an answer":   {edit{"a": 0}, nil, nil, survey.Answered},
		"not available":       {nil, map[string]string{"a": "not_recorded"}, nil, survey.Unavailable},
		"beside an answer":    {edit{"a": 0}, map[string]string{"a": "not_recorded"}, []string{"unavailable"}, survey.Answered},
		"an unknown reason":   {nil, map[string]string{"a": "because"}, []string{"unavailable"}, survey.Missing},
		"of a core answer":    {edit{"flag": nil}, map[string]string{"flag": "not_recorded"}, []string{"N2", "unavailable"}, survey.Missing},
		"an unknown variable": {nil, map[string]string{"zzz": "not_recorded"}, []string{"unknown_variable"}, survey.Missing},
	} {
		ev := s.Evaluate(survey.Input{Answers: apply(calm(), c.answers), Unavailable: c.unavailable})
		if got := hardChecks(ev.Findings); !slices.Equal(got, c.want) || ev.Status("a") != c.status {
			t.Errorf("%s: %v and status %v, want %v and %v", name, got, ev.Status("a"), c.want, c.status)
		}
	}
}

func TestClosedColumns(t *testing.T) {
	s := mini(t).Sheet("one")
	reason := map[string]survey.Explanation{"SHUT": {Reason: "other", Text: "Gruppo condiviso."}}
	absent := edit{"here_c2_m": nil, "here_c2_f": nil, "gone_c2_m": nil, "gone_c2_f": nil}
	for name, c := range map[string]struct {
		edit      edit
		explained bool
		want      []string
		total     int // here, the known cells
	}{
		"open":                               {nil, false, nil, 14},
		"closed, absent":                     {edits(absent, edit{"groups_c2": 0}), false, nil, 5},
		"closed, zeros":                      {edit{"groups_c2": 0, "here_c2_m": 0, "here_c2_f": 0, "gone_c2_m": 0, "gone_c2_f": 0}, false, nil, 5},
		"closed, numbers":                    {edit{"groups_c2": 0}, false, []string{"SHUT"}, 14},
		"closed, a number among blanks":      {edits(absent, edit{"groups_c2": 0, "here_c2_m": 4}), false, []string{"SHUT"}, 9},
		"explained":                          {edit{"groups_c2": 0}, true, []string{"SHUT"}, 14},
		"explained, so blanks are due again": {edits(absent, edit{"groups_c2": 0, "here_c2_m": 4}), true, []string{"N2", "SHUT"}, 9},
		"groups blank, so the cells are due": {edits(absent, edit{"groups_c2": nil}), false, []string{"N2"}, 5},
	} {
		in := survey.Input{Answers: apply(calmSheet(), c.edit), Submit: true}
		if c.explained {
			in.Explanations = reason
		}
		ev := s.Evaluate(in)
		got := checksOf(slices.DeleteFunc(ev.Findings, func(f survey.Finding) bool { return f.Severity == survey.Note }))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		total := 0
		for _, id := range []string{"here_c1_m", "here_c1_f", "here_c2_m", "here_c2_f"} {
			n, _ := ev.Int(id)
			total += n
		}
		if total != c.total {
			t.Errorf("%s: %d here, want %d", name, total, c.total)
		}
		for _, f := range ev.Findings {
			if f.Check == "SHUT" && (f.Explained != c.explained || f.Severity != survey.Explain || !strings.HasPrefix(f.Message, "Seconda:")) {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// flag opens detail, detail opens more, and more closes kinds.
func TestRelevanceChain(t *testing.T) {
	s := mini(t).Sheet("general")
	for name, c := range map[string]struct {
		edit   edit
		asked  []string
		kept   []string // aside: refused when they travel
		needed bool
	}{
		"flag blank":        {edit{"flag": nil}, []string{"kinds"}, nil, true},
		"flag no":           {edit{"flag": false}, []string{"kinds"}, nil, false},
		"flag yes":          {edit{"flag": true}, []string{"detail", "kinds"}, nil, true},
		"small detail":      {edit{"flag": true, "detail": 5}, []string{"detail", "kinds"}, nil, false},
		"large detail":      {edit{"flag": true, "detail": 6}, []string{"detail", "more", "kinds"}, nil, true},
		"to the end":        {edit{"flag": true, "detail": 6, "more": "no"}, []string{"detail", "more"}, nil, false},
		"the chain falls":   {edit{"flag": false, "detail": 6, "more": "no"}, []string{"kinds"}, []string{"detail", "more"}, false},
		"a link falls":      {edit{"flag": true, "detail": 5, "more": "no"}, []string{"detail", "kinds"}, []string{"more"}, false},
		"what is last asks": {edit{"flag": true, "detail": 6, "more": "no", "kinds": []string{"x"}}, []string{"detail", "more"}, []string{"kinds"}, false},
	} {
		answers := apply(calm(), c.edit)
		draft := s.Evaluate(survey.Input{Answers: answers})
		for _, id := range []string{"detail", "more", "kinds"} {
			if asked := draft.Status(id) != survey.Irrelevant; asked != slices.Contains(c.asked, id) {
				t.Errorf("%s: %s asked: %v", name, id, asked)
			}
			if _, sent := draft.Sendable()[id]; sent && slices.Contains(c.kept, id) {
				t.Errorf("%s: %s is sent", name, id)
			}
		}
		if hasCheck(draft.Findings, "N2") != c.needed || hasCheck(draft.Findings, survey.CheckNotRelevant) {
			t.Errorf("%s: draft %v", name, checksOf(draft.Findings))
		}
		var refused []string
		for _, f := range s.Evaluate(survey.Input{Answers: answers, Submit: true}).Findings {
			if f.Check == survey.CheckNotRelevant {
				refused = append(refused, f.Variables...)
			}
		}
		if !slices.Equal(refused, c.kept) {
			t.Errorf("%s: refused %v, want %v", name, refused, c.kept)
		}
	}
}

// A wrong answer to a question that is no longer asked cannot be seen on the
// form, so in a draft it must not block; it is not sent either.
func TestWrongAnswerThatIsNotAsked(t *testing.T) {
	s := mini(t).Sheet("general")
	answers := apply(calm(), edit{"detail": 0, "more": 7, "sure": true})
	draft := s.Evaluate(survey.Input{Answers: answers})
	if got := hardChecks(draft.Findings); got != nil {
		t.Errorf("draft: %v", got)
	}
	if got := draft.Sendable(); got["detail"] != nil || got["more"] != nil {
		t.Errorf("sent: %v", got)
	}
	sent := s.Evaluate(survey.Input{Answers: answers, Submit: true})
	if !hasCheck(sent.Findings, survey.CheckNotRelevant) {
		t.Errorf("sent all the same: %v", checksOf(sent.Findings))
	}
}

func TestDeclarationIsAskedAtSubmission(t *testing.T) {
	s := mini(t).Sheet("general")
	for _, c := range []struct {
		sure          any
		draft, submit []string
	}{
		{nil, nil, []string{"N2"}},
		{false, nil, []string{"SURE"}}, // a No in the draft keeps nothing closed
		{true, nil, nil},
		{"yes", []string{"wrong_type"}, []string{"wrong_type"}},
	} {
		answers := apply(calm(), edit{"sure": c.sure})
		if got := hardChecks(s.Evaluate(survey.Input{Answers: answers}).Findings); !slices.Equal(got, c.draft) {
			t.Errorf("draft with %v: %v, want %v", c.sure, got, c.draft)
		}
		if got := hardChecks(s.Evaluate(survey.Input{Answers: answers, Submit: true}).Findings); !slices.Equal(got, c.submit) {
			t.Errorf("sent with %v: %v, want %v", c.sure, got, c.submit)
		}
	}
}

// An explanation speaks of the values that it was given for.
func TestExplanationLapses(t *testing.T) {
	s := mini(t).Sheet("general")
	given := func(values map[string]any) map[string]survey.Explanation {
		return map[string]survey.Explanation{"MUCH": {Reason: "other", Text: "Controllato.", Values: values}}
	}
	both := map[string]any{"a": 30, "b": 30}
	for name, c := range map[string]struct {
		edit edit
		e    map[string]survey.Explanation
		want bool
	}{
		"as it was":                 {edit{"a": 30, "b": 30}, given(both), true},
		"a number has changed":      {edit{"a": 30, "b": 31}, given(both), false},
		"a number has gone":         {edit{"a": 60}, given(map[string]any{"a": 60, "b": 30}), false},
		"a number has come":         {edit{"a": 60, "b": 0}, given(map[string]any{"a": 60}), false},
		"it knows more":             {edit{"a": 30, "b": 30}, given(map[string]any{"a": 30, "b": 30, "days": 1}), true},
		"beside the answers":        {edit{"a": 30, "b": 30}, given(nil), true},
		"of another check":          {edit{"a": 30, "b": 30}, map[string]survey.Explanation{"SURE": {Reason: "other", Text: "Controllato."}}, false},
		"nothing said":              {edit{"a": 30, "b": 30}, map[string]survey.Explanation{"MUCH": {Reason: "other", Text: "         x"}}, false},
		"nothing was ever answered": {edit{"a": 60}, given(map[string]any{}), false},
	} {
		ev := s.Evaluate(survey.Input{Answers: apply(calm(), c.edit), Explanations: c.e})
		for _, f := range ev.Findings {
			if f.Check == "MUCH" && (f.Explained != c.want || f.Blocks() == c.want) {
				t.Errorf("%s: explained %v, want %v", name, f.Explained, c.want)
			}
		}
		if !hasCheck(ev.Findings, "MUCH") {
			t.Errorf("%s: the check does not stand", name)
		}
	}
}

func TestExplanationForms(t *testing.T) {
	s := mini(t).Sheet("general")
	for _, c := range []struct {
		check, reason, text string
		ok                  bool
	}{
		{"MUCH", "other", "1234567890", true}, {"MUCH", "other", "  123456789  ", false}, {"MUCH", "because", "1234567890", false},
		{"MUCH", "", "1234567890", false}, {"NOSUCH", "other", "1234567890", true}, // stored and without effect
		{"MUCH", "other", "èèèèèèèèèè", true}, {"MUCH", "other", "èèèèè", false}, // characters, not bytes
	} {
		in := survey.Input{Answers: apply(calm(), edit{"a": 60}), Explanations: map[string]survey.Explanation{c.check: {Reason: c.reason, Text: c.text}}}
		if got := !hasCheck(s.Evaluate(in).Findings, survey.CheckExplanation); got != c.ok {
			t.Errorf("%+v: accepted %v", c, got)
		}
	}
}

// What JSON can say and no variable can hold is refused under the variable's
// own check and names it; nothing panics.
func TestWrongTypes(t *testing.T) {
	s := mini(t).Sheet("general")
	for _, c := range []struct {
		raw, check string
		at         string
	}{
		{`{"a": 1.5}`, "N1", "a"}, {`{"a": 1e3}`, "N1", "a"}, {`{"a": "1"}`, "N1", "a"}, {`{"a": true}`, "N1", "a"},
		{`{"a": null}`, "N1", "a"}, {`{"a": {"n": 1}}`, "N1", "a"}, {`{"a": [1]}`, "N1", "a"}, {`{"a": 99999999999999999999}`, "N1", "a"},
		{`{"a": 1e999}`, "N1", "a"}, {`{"a": 100}`, "N1", "a"}, {`{"a": -1}`, "N1", "a"}, {`{"a": 99}`, "", "a"}, {`{"a": -0}`, "", "a"},
		{`{"flag": 1}`, "wrong_type", "flag"}, {`{"flag": "true"}`, "wrong_type", "flag"}, {`{"flag": null}`, "wrong_type", "flag"},
		{`{"word": 5}`, "wrong_type", "word"}, {`{"word": "abcdef"}`, "wrong_type", "word"}, {`{"word": "àèìòù"}`, "", "word"},
		{`{"word": "a\u0000b"}`, "wrong_type", "word"}, {`{"word": "a\nb"}`, "wrong_type", "word"}, {`{"notes": "a\nb\tc"}`, "", "notes"},
		{`{"notes": "a\u0007b"}`, "wrong_type", "notes"}, {`{"word": ["a"]}`, "wrong_type", "word"},
		{`{"kinds": "x"}`, "wrong_type", "kinds"}, {`{"kinds": [1]}`, "wrong_type", "kinds"}, {`{"kinds": []}`, "", "kinds"}, {`{"kinds": ["x"]}`, "", "kinds"},
		{`{"codes": [" "]}`, "wrong_type", "codes"}, {`{"pick": "r"}`, "wrong_type", "pick"}, {`{"pick": "p"}`, "", "pick"}, {`{"pick": ["p"]}`, "wrong_type", "pick"},
		{`{"nosuch": 1}`, survey.CheckUnknown, "nosuch"}, {`{"A": 1}`, survey.CheckUnknown, "A"}, {`{"": 1}`, survey.CheckUnknown, ""},
	} {
		var a survey.Answers
		if err := json.Unmarshal([]byte(c.raw), &a); err != nil {
			t.Errorf("%s: %v", c.raw, err)
			continue
		}
		answers := calm()
		for id, v := range a {
			answers[id] = v
		}
		ev := s.Evaluate(survey.Input{Answers: answers})
		got := hardChecks(ev.Findings)
		want := []string{c.check}
		if c.check == "" {
			want = nil
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", c.raw, got, want)
		}
		for _, f := range ev.Findings {
			if f.Check == c.check && (len(f.Variables) != 1 || f.Variables[0] != c.at) {
				t.Errorf("%s: points to %v", c.raw, f.Variables)
			}
		}
	}
}

func TestComputedCellsAreNotSent(t *testing.T) {
	ev := mini(t).Sheet("one").Evaluate(survey.Input{Answers: apply(calmSheet(), edit{"left_over_c1_m": 9})})
	if got := hardChecks(ev.Findings); !slices.Equal(got, []string{survey.CheckComputed}) {
		t.Errorf("%v", got)
	}
	if n, _ := ev.Int("left_over_c1_m"); n != 2 {
		t.Errorf("left over %d, want 2: what was sent has no weight", n)
	}
	if _, sent := ev.Sendable()["left_over_c1_m"]; sent {
		t.Error("a computed cell is sent")
	}
}

// `only` restricts the sum, an item of another sheet leaves the rule out, and
// prev has no meaning in the first column.
func TestWhereRulesApply(t *testing.T) {
	q := mini(t)
	two := apply(calmSheet(), edit{"groups_c3": 1, "here_c3_m": 3, "here_c3_f": 3, "gone_c3_m": 0, "gone_c3_f": 4})
	for _, c := range []struct {
		sheet   string
		answers survey.Answers
		want    []string
	}{
		{"one", calmSheet(), nil},
		{"one", apply(calmSheet(), edit{"here_c1_m": 17, "here_c2_m": 99}), nil},                            // 17 + 3 in c1
		{"one", apply(calmSheet(), edit{"here_c1_m": 18, "here_c2_m": 99}), []string{"SMALL"}},              // 21
		{"two", two, []string{"GROW", "LAST", "SAME"}},                                                      // 6 in c3 after 9; 4 gone of 3
		{"one", apply(calmSheet(), edit{"here_c2_m": 0, "here_c2_f": 4, "gone_c2_m": 0}), []string{"GROW"}}, // 4 after 5
	} {
		findings := q.Sheet(c.sheet).Evaluate(survey.Input{Answers: c.answers}).Findings
		if got := checksOf(findings); !slices.Equal(got, c.want) {
			t.Errorf("%s %v: %v, want %v", c.sheet, c.answers, got, c.want)
		}
		for _, f := range findings {
			if f.Check == "SAME" && (f.Variables[0] != "gone_c3_f" || f.Message != "Terza, Femmine: 4 di 3") {
				t.Errorf("%+v", f)
			}
		}
	}
}

func TestAnswersJSON(t *testing.T) {
	for _, raw := range []string{`{"a": 1, "a": 2}`, `{"a": 1, "\u0061": 1}`, `[]`, `null`, `"x"`, `{`, `{"a"}`, `{"a": 1} x`, ``, `{"a": 01}`} {
		var a survey.Answers
		if err := json.Unmarshal([]byte(raw), &a); err == nil {
			t.Errorf("%s is taken as %v", raw, a)
		}
	}
	var a survey.Answers
	if err := json.Unmarshal([]byte(`{"n": 3, "s": "x", "b": false, "l": ["p","q"], "e": []}`), &a); err != nil {
		t.Fatal(err)
	}
	want := survey.Answers{"n": 3, "s": "x", "b": false, "l": []string{"p", "q"}, "e": []string{}}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("%#v", a)
	}
	var e survey.Explanation
	if err := json.Unmarshal([]byte(`{"reason": "other", "text": "x", "values": {"a": 3}}`), &e); err != nil || e.Values["a"] != 3 {
		t.Errorf("%#v, %v: numbers must compare as int", e, err)
	}
	if err := json.Unmarshal([]byte(`{"reason": "other", "who": "x"}`), &e); err == nil {
		t.Error("an unknown key of an explanation is taken")
	}
}

// Equal compares whatever JSON can bring, also what no variable can hold.
func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b any
		want bool
	}{
		{1, 1, true}, {1, 2, false}, {1, "1", false}, {nil, nil, true}, {nil, 0, false}, {false, false, true},
		{[]string{"a"}, []string{"a"}, true}, {[]string{"a"}, []string{"b"}, false}, {[]string{"a"}, "a", false}, {"a", []string{"a"}, false},
		{map[string]any{"a": 1}, map[string]any{"a": 1}, true}, {[]any{1}, []any{1}, true}, {[]any{1}, []any{2}, false},
	} {
		if got := survey.Equal(c.a, c.b); got != c.want {
			t.Errorf("Equal(%v, %v) = %v", c.a, c.b, got)
		}
	}
}

// A submission may bring an explanation beside a value that no variable can
// hold; to compare the two must not bring the server down.
func TestExplanationOfWrongValue(t *testing.T) {
	var a survey.Answers
	if err := json.Unmarshal([]byte(`{"a": 60, "b": {"n": 1}}`), &a); err != nil {
		t.Fatal(err)
	}
	var e survey.Explanation
	if err := json.Unmarshal([]byte(`{"reason": "other", "text": "1234567890", "values": {"a": 60, "b": {"n": 1}}}`), &e); err != nil {
		t.Fatal(err)
	}
	ev := mini(t).Sheet("general").Evaluate(survey.Input{Answers: a, Explanations: map[string]survey.Explanation{"MUCH": e}})
	if !hasCheck(ev.Findings, "N1") || !hasCheck(ev.Findings, "MUCH") {
		t.Errorf("%v", checksOf(ev.Findings))
	}
}

func TestBegin(t *testing.T) {
	s := mini(t).Sheet("general")
	inst := survey.Institution{Code: "MIIS08900V", Codes: []string{"MIIS08900V", "MIRC08901T"}}
	if got, want := s.Begin(inst), (survey.Answers{"code": "MIIS08900V", "codes": inst.Codes, "days": 3}); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := s.Begin(survey.Institution{}), (survey.Answers{"days": 3}); !reflect.DeepEqual(got, want) {
		t.Errorf("of a school that nothing is known of: %v, want %v", got, want)
	}
	got := questionnaire(t).Sheet("general").Begin(school)
	want := survey.Answers{"institution_code": school.Code, "institution_name": school.Name, "institution_status": school.Kind, "institution_municipality": school.Comune}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("general: %v, want %v", got, want)
	}
	if n := len(questionnaire(t).Sheet("iefp").Begin(school)); n != 8 { // year_abroad: 4 years, 2 sexes
		t.Errorf("iefp begins with %d answers, want 8", n)
	}
}

func TestParts(t *testing.T) {
	q := questionnaire(t)
	for _, c := range []struct {
		tracks any
		want   []string
	}{
		{nil, []string{"general"}}, {[]string{}, []string{"general"}}, {"liceale", []string{"general"}},
		{[]string{"iefp", "liceale"}, []string{"general", "liceale", "iefp"}}, // the order of the form
		{[]string{"nosuch", "tecnico"}, []string{"general", "tecnico"}},
	} {
		if got := q.Parts(survey.Answers{"tracks_offered": c.tracks}); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.tracks, got, c.want)
		}
	}
	if !q.Opens("tracks_offered") || q.Opens("network_partners") || q.Sheet("nosuch") != nil {
		t.Error("tracks_offered, and it alone, decides on the sheets")
	}
}

func TestReturnState(t *testing.T) {
	due := []string{"general", "liceale", "iefp"}
	open := []survey.Finding{{Check: "I12", Severity: survey.Explain}}
	closed := []survey.Finding{{Check: "I12", Severity: survey.Explain, Explained: true}, {Severity: survey.Note}}
	m := func(states ...string) map[string]string {
		out := map[string]string{}
		for i, s := range states {
			if s != "" {
				out[due[i]] = s
			}
		}
		return out
	}
	for _, c := range []struct {
		state    map[string]string
		across   []survey.Finding
		excluded bool
		want     string
	}{
		{nil, nil, false, survey.ReturnNotStarted},
		{m("missing", "missing", "missing"), nil, false, survey.ReturnNotStarted},
		{m("submitted"), nil, false, survey.ReturnInProgress},
		{m("submitted", "submitted", "missing"), nil, false, survey.ReturnInProgress},
		{m("submitted", "submitted", "returned"), nil, false, survey.ReturnInProgress}, // sent back counts as not in
		{m("returned"), nil, false, survey.ReturnInProgress},
		{m("submitted", "submitted", "submitted"), nil, false, survey.ReturnComplete},
		{m("submitted", "submitted", "submitted"), closed, false, survey.ReturnComplete},
		{m("submitted", "submitted", "submitted"), open, false, survey.ReturnInconsistent},
		{m("approved", "submitted", "approved"), nil, false, survey.ReturnComplete},
		{m("approved", "approved", "approved"), nil, false, survey.ReturnApproved},
		{m("approved", "approved", "approved"), open, false, survey.ReturnInconsistent},
		{m("approved", "approved", "withdrawn"), nil, false, survey.ReturnInProgress}, // due again and not sent again
		{m("approved", "approved", "approved"), open, true, survey.ReturnNotDue},
		{nil, nil, true, survey.ReturnNotDue},
	} {
		if got := survey.ReturnState(due, c.state, c.across, c.excluded); got != c.want {
			t.Errorf("%v: %s, want %s", c.state, got, c.want)
		}
	}
	// A sheet that was withdrawn is not due and counts for nothing.
	if got := survey.ReturnState(due[:2], m("approved", "approved", "withdrawn"), nil, false); got != survey.ReturnApproved {
		t.Errorf("with a withdrawn sheet: %s", got)
	}
}

// Nothing is compared across parts before a sheet is due.
func TestAcrossWithoutSheets(t *testing.T) {
	q := mini(t)
	general := q.Sheet("general").Evaluate(survey.Input{Answers: apply(calm(), edit{"a": 9, "sheets": nil})})
	if got := q.Across(map[string]*survey.Evaluation{"general": general}, nil, "it"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// One compiled sheet serves many schools at once.
func TestEvaluateConcurrently(t *testing.T) {
	s := questionnaire(t).Sheet("tecnico")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			answers := apply(baseSheet("tecnico"), edit{"dest_cpia": 1 + i%2})
			if got, want := len(s.Evaluate(survey.Input{Answers: answers}).Findings), i%2; got != want {
				t.Errorf("%d findings, want %d", got, want)
			}
		})
	}
	wg.Wait()
}
