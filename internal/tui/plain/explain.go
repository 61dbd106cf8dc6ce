package plain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// explainHere explains what stands at this step, or the check that is named.
func (t *talk) explainHere(st step, check string) error {
	found := t.here(st)
	if check != "" {
		found = t.work.Eval.Findings
	}
	if err := t.explain(t.work.Part, found, check); err != nil {
		return err
	}
	return t.work.Reload()
}

// explain asks why a finding is right as it is. check picks one by its id,
// where there are several.
func (s *session) explain(part string, found []survey.Finding, check string) error {
	found = slices.DeleteFunc(slices.Clone(found), func(f survey.Finding) bool {
		return f.Severity != survey.Explain || f.Explained || check != "" && !strings.EqualFold(check, f.Check)
	})
	var checks []string
	for _, f := range found {
		if !slices.Contains(checks, f.Check) {
			checks = append(checks, f.Check)
		}
	}
	switch len(checks) {
	case 0:
		s.say("nothing_to_explain")
		return nil
	case 1:
	default:
		s.say("explain_which", strings.Join(checks, ", "))
		return nil
	}
	s.print(s.finding(found[0]))
	reason, err := s.pick(s.words["reason"], s.desk.Reasons())
	if err != nil || reason == "" {
		return err
	}
	for {
		text, err := s.ask(fmt.Sprintf(s.words["explanation"], survey.MinExplanation))
		if err != nil || text == "" {
			return err
		}
		if _, err = s.desk.ExplainCheck(part, checks[0], reason, text); err == nil {
			s.say("explained_now")
			if name := survey.Pupil(text); name != "" {
				s.say("pupil", name)
			}
			return nil
		}
		s.refused(err)
	}
}

// pick asks for one of several by its number; an empty line picks none.
func (s *session) pick(prompt string, options []survey.Option) (id string, err error) {
	for i, o := range options {
		s.print(fmt.Sprintf("  %d. %s", i+1, o.Label.In(s.lang)))
	}
	for {
		line, err := s.ask(prompt)
		if err != nil || line == "" {
			return "", err
		}
		if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(options) {
			return options[n-1].ID, nil
		}
		s.say("pick_number", len(options))
	}
}

// unavailable says of an answer that the school does not have it, and why: of
// a question, or of a row's blank cells.
func (t *talk) unavailable(st step, rest string) error {
	var ids []string
	for _, id := range st.ids() {
		v := t.work.Sheet.Variable(id)
		if v.Tier == survey.TierExt && !v.Computed && (st.row == nil || t.work.Eval.Status(id) == survey.Missing) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		t.say("must_be_available")
		return nil
	}
	options := t.work.Sheet.Questionnaire().Unavailable
	reason := ""
	if n, err := strconv.Atoi(rest); err == nil && n >= 1 && n <= len(options) {
		reason = options[n-1].ID
	} else if reason, err = t.pick(t.words["why_unavailable"], options); err != nil || reason == "" {
		return err
	}
	changes := make([]desk.Change, len(ids))
	for i, id := range ids {
		changes[i] = desk.Change{Variable: id, Unavailable: reason}
	}
	return t.set(st, changes...)
}
