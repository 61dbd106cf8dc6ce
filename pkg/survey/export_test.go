package survey

// CheckIDs lists every id under which a finding of this survey can stand, for
// the test that each of them is tried both ways.
func (q *Questionnaire) CheckIDs() map[string]bool {
	ids := map[string]bool{q.builtin.Integer: true, q.builtin.Required: true, q.builtin.Exclusive: true}
	for _, s := range q.sheets {
		for _, r := range s.rules {
			ids[r.id] = true
		}
		for _, c := range s.closers {
			ids[c.check] = true
		}
		for _, v := range s.vars {
			ids[v.Check] = true
		}
	}
	for _, r := range q.across {
		ids[r.id] = true
	}
	delete(ids, "")
	delete(ids, CheckType)
	return ids
}

// LintCodes lists every code of a remark on a questionnaire file.
func LintCodes() []string {
	var out []string
	for code := range lintWords {
		if code != "nearest" {
			out = append(out, code)
		}
	}
	return out
}

// Judgement tells whether only Lint refuses files with this fault.
func Judgement(code string) bool { return judgements[code] }
