package desk

import (
	"slices"
	"testing"

	"rileva/pkg/survey"
)

const why = "Controllato nel registro elettronico."

func find(list []survey.Finding, check string) (survey.Finding, bool) {
	i := slices.IndexFunc(list, func(f survey.Finding) bool { return f.Check == check })
	if i < 0 {
		return survey.Finding{}, false
	}
	return list[i], true
}

func (w *world) finding(d *Desk, part, check string) (survey.Finding, bool) {
	w.t.Helper()
	list, err := d.Findings(part)
	w.must(err)
	return find(list, check)
}

// unusual makes S02 stand in the tecnico: no suspended judgement at all in
// years 1 to 4, which is as consistent as it is unusual.
func (w *world) unusual(d *Desk) {
	w.t.Helper()
	work, err := d.Work("tecnico")
	w.must(err)
	var changes []Change
	for _, y := range []string{"y1", "y2", "y3", "y4"} {
		for _, sex := range []string{"m", "f"} {
			at := "_" + y + "_" + sex
			suspended, _ := work.Value("suspended_judgement" + at).(int)
			admitted, _ := work.Value("admitted_june" + at).(int)
			changes = append(changes, Change{Variable: "suspended_judgement" + at, Value: 0},
				Change{Variable: "admitted_june" + at, Value: admitted + suspended},
				Change{Variable: "suspended_not_admitted" + at, Value: 0})
		}
	}
	_, err = work.Set(changes...)
	w.must(err)
	if _, ok := w.finding(d, "tecnico", "S02"); !ok {
		w.t.Fatal("S02 does not stand")
	}
}

// TestExplain: an explanation has a form, holds for the values that it was
// given for, travels, and is tied to them on another computer too.
func TestExplain(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart, "tecnico")
	w.unusual(d)
	for _, c := range []struct{ check, reason, text, code string }{
		{"S02", "other", "corta", "explain_short"},
		{"S02", "other", "          ", "explain_short"},
		{"S02", "mah", why, "explain_reason"},
		{"S01", "other", why, "explain_none"},
		{"nessuno", "other", why, "explain_none"},
	} {
		_, err := d.ExplainCheck("tecnico", c.check, c.reason, c.text)
		wants(t, err, c.code)
	}
	var blocked *Blocked
	if err := d.Submit("tecnico", SubmitOptions{}); !asBlocked(err, &blocked) {
		t.Fatal("sent without an explanation", err)
	}
	check, err := d.ExplainCheck("tecnico", "s02", "verified_in_register", "  "+why+" ")
	w.must(err)
	if e, ok := d.Explanation("tecnico", "S02"); check != "S02" || !ok || e.Text != why {
		t.Errorf("%s %+v", check, e)
	}
	if f, _ := w.finding(d, "tecnico", "S02"); !f.Explained {
		t.Error("not explained")
	}
	w.send(d, survey.GeneralPart, "tecnico")
	if _, sub := w.stored(school, "tecnico"); sub.Explanations["S02"].Text != why || sub.Explanations["S02"].Values != nil {
		t.Errorf("travelled as %+v", sub.Explanations)
	}

	second := w.respondent()
	if _, same, err := second.Unchanged("tecnico"); err != nil || !same {
		t.Error("fetching has changed the draft", err)
	}
	for name, at := range map[string]*Desk{"first": d, "second": second} {
		if f, ok := w.finding(at, "tecnico", "S02"); !ok || !f.Explained {
			t.Errorf("%s: %v %+v", name, ok, f)
		}
		work, err := at.Work("tecnico")
		w.must(err)
		admitted := work.Value("admitted_june_y1_m").(int)
		_, err = work.Set(Change{Variable: "not_admitted_june_y1_m", Value: work.Value("not_admitted_june_y1_m").(int) + 1}, Change{Variable: "admitted_june_y1_m", Value: admitted - 1})
		w.must(err)
		_, err = work.Set(Change{Variable: "suspended_judgement_y1_m", Value: 1}, Change{Variable: "not_admitted_june_y1_m", Value: work.Value("not_admitted_june_y1_m").(int) - 1})
		w.must(err)
		if _, ok := w.finding(at, "tecnico", "S02"); ok {
			t.Errorf("%s: S02 stands with one suspended judgement", name)
		}
		// The check no longer stands: the explanation stays and has no effect.
		if err := at.Submit("tecnico", SubmitOptions{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestExplanationLapses: it holds for these values and no others, on the
// computer that has it by download as on the one where it was written.
func TestExplanationLapses(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart)
	// S02 cites the rows by sum; G-checks cite the answers, and this one is of
	// a single answer.
	f := w.anyExplain(d)
	w.must(d.Explain(survey.GeneralPart, f, "other", why))
	w.send(d, survey.GeneralPart)
	second := w.respondent()
	for name, at := range map[string]*Desk{"first": d, "second": second} {
		if got, ok := w.finding(at, survey.GeneralPart, f.Check); !ok || !got.Explained {
			t.Fatalf("%s: %v %+v", name, ok, got)
		}
		w.set(at, survey.GeneralPart, "general_notes", "Il Sig. Mario Rossi, RSSMRA80A01F205X e altro")
		if got, ok := w.finding(at, survey.GeneralPart, f.Check); !ok || got.Explained {
			t.Errorf("%s: the explanation outlives a correction: %v %+v", name, ok, got)
		}
	}
}

// anyExplain makes a check of one answer of part 1 stand.
func (w *world) anyExplain(d *Desk) survey.Finding {
	w.t.Helper()
	w.set(d, survey.GeneralPart, "general_notes", "RSSMRA80A01F205X")
	list, err := d.Findings(survey.GeneralPart)
	w.must(err)
	for _, f := range list {
		if f.Severity == survey.Explain {
			return f
		}
	}
	w.t.Fatalf("nothing to explain: %+v", list)
	return survey.Finding{}
}

// TestExplainAcross: a check across the parts is explained in the general
// part, with its values; the return becomes complete on the server, and is
// inconsistent again when a sheet changes.
func TestExplainAcross(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, everyPart()...)
	w.set(d, survey.GeneralPart, "students_total_start", 1590)
	w.send(d, everyPart()...)
	o := w.overview(d)
	h13, ok := find(o.Across, "H13")
	if !ok || o.State != survey.ReturnInconsistent || h13.Explained {
		t.Fatalf("%s %+v", o.State, o.Across)
	}
	// Asked on whatever page, it stands in the general part.
	_, err := d.ExplainCheck("tecnico", "h13", "special_situation", why)
	w.must(err)
	if e, ok := d.Explanation(survey.GeneralPart, "H13"); !ok || e.Values["general.students_total_start"] != 1590 {
		t.Fatalf("%+v", e)
	}
	if _, there := d.Explanation("tecnico", "H13"); there {
		t.Error("it stands in the track")
	}
	if got := w.overview(d); line(got, "general").State != StateChanged {
		t.Errorf("%+v", line(got, "general"))
	}
	w.send(d, survey.GeneralPart)
	if got := w.overview(d); got.State != survey.ReturnComplete {
		t.Errorf("%s %+v", got.State, got.Across)
	}
	if _, sub := w.stored(school, survey.GeneralPart); sub.Explanations["H13"].Values["general.students_total_start"] != 1590 {
		t.Errorf("%+v", sub.Explanations)
	}
	second := w.respondent()
	if h13, ok := find(w.overview(second).Across, "H13"); !ok || !h13.Explained {
		t.Errorf("the second computer: %+v", h13)
	}
	w.set(d, survey.GeneralPart, "students_total_start", 1591)
	if h13, ok := find(w.overview(d).Across, "H13"); !ok || h13.Explained {
		t.Errorf("it outlives a correction: %+v", h13)
	}
	w.send(d, survey.GeneralPart) // it never blocks the part
	if got := w.overview(d); got.State != survey.ReturnInconsistent {
		t.Error(got.State)
	}
	w.sound(d, second)
}
