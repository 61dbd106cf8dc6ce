package survey

// Progress counts a sheet's answers: those that are due and those given.
type Progress struct {
	Answered int `json:"answered"`
	Total    int `json:"total"`
	Hard     int `json:"hard"`
	Explain  int `json:"explain"` // without an explanation
}

// Percent is the share of due answers that are given; 100 when none is due.
func (p Progress) Percent() int {
	if p.Total == 0 {
		return 100
	}
	return 100 * p.Answered / p.Total
}

// Progress counts the whole sheet.
func (ev *Evaluation) Progress() Progress {
	p := ev.count(func(*Variable) bool { return true })
	for _, f := range ev.Findings {
		switch {
		case f.Severity == Hard:
			p.Hard++
		case f.Blocks():
			p.Explain++
		}
	}
	return p
}

// SectionProgress counts one section's answers.
func (ev *Evaluation) SectionProgress(s *Section) Progress {
	mine := func(v *Variable) bool { return v.Section == s || v.Row != nil && v.Row.Grid.Section == s }
	in := map[string]bool{} // optional ones too: a note can be a finding
	for _, v := range ev.Sheet.vars {
		in[v.ID] = mine(v)
	}
	p := ev.count(mine)
	for _, f := range ev.Findings {
		if len(f.Variables) == 0 || !in[f.Variables[0]] {
			continue
		}
		switch {
		case f.Severity == Hard:
			p.Hard++
		case f.Blocks():
			p.Explain++
		}
	}
	return p
}

func (ev *Evaluation) count(of func(*Variable) bool) Progress {
	var p Progress
	for _, v := range ev.Sheet.vars {
		if v.Computed || v.Tier != TierCore || v.Type == TypeDeclaration && !ev.in.Submit || !of(v) {
			continue
		}
		switch ev.status[v.slot] {
		case Answered, Wrong, Unavailable:
			p.Answered++
			p.Total++
		case Missing:
			p.Total++
		}
	}
	return p
}

// Status says what stands at a variable.
func (ev *Evaluation) Status(id string) Status {
	if v := ev.Sheet.byID[id]; v != nil {
		return ev.status[v.slot]
	}
	return Missing
}

// Int gives the number at a variable, computed or typed, and whether it is known.
func (ev *Evaluation) Int(id string) (int, bool) {
	v := ev.Sheet.byID[id]
	if v == nil || !ev.known(v.slot) {
		return 0, false
	}
	return ev.num[v.slot], true
}

// FindingsAt lists the findings that point to the variable first.
func (ev *Evaluation) FindingsAt(id string) []Finding {
	var out []Finding
	for _, f := range ev.Findings {
		if len(f.Variables) > 0 && f.Variables[0] == id {
			out = append(out, f)
		}
	}
	return out
}

// Sendable gives the answers as they travel: without those to questions that
// are not asked, which the device keeps aside.
func (ev *Evaluation) Sendable() Answers {
	out := Answers{}
	for id, value := range ev.in.Answers {
		v := ev.Sheet.byID[id]
		if v == nil || v.Computed || ev.status[v.slot] == Irrelevant || empty(value) && ev.status[v.slot] != Wrong {
			continue
		}
		out[id] = value
	}
	return out
}

// SendableUnavailable is Sendable for "dato non disponibile".
func (ev *Evaluation) SendableUnavailable() map[string]string {
	out := map[string]string{}
	for id, reason := range ev.in.Unavailable {
		if v := ev.Sheet.byID[id]; v != nil && ev.status[v.slot] == Unavailable {
			out[id] = reason
		}
	}
	return out
}
