package desk

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// newer gives the embedded survey with pieces of its text replaced.
func newer(t testing.TB, pairs ...string) []byte {
	t.Helper()
	text := string(questionnaires.Dispersione202223)
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(text, pairs[i]) != 1 {
			t.Fatalf("%q stands %d times", pairs[i], strings.Count(text, pairs[i]))
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return []byte(text)
}

func (w *world) publish(raw []byte) string {
	w.t.Helper()
	w.clock.move(1)
	act := surveysync.Entry{At: w.clock.now(), Actor: surveysync.ActorOffice, Action: "survey_publish", Outcome: surveysync.OutcomeOK}
	digest, err := w.store.Publish(context.Background(), raw, w.clock.now(), act)
	w.must(err)
	return digest
}

// renamed asks for the team under another name: the old answer has no place,
// the new one is missing.
func renamed(t testing.TB) []byte {
	return newer(t, "version: \"1\"", "version: \"2\"", "question: counselling_service\n", "question: guidance_service\n")
}

func TestVersionIsCarriedOver(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, "general", "liceale")
	team := w.overview(d) // before
	if line(team, "general").Aside != 0 || team.Aside == nil {
		t.Fatalf("%+v", team.Aside)
	}
	before, err := d.Work("general")
	w.must(err)
	digest := w.publish(renamed(t))
	if o := w.overview(d); line(o, "general").Outdated || before.Draft.Questionnaire == digest {
		t.Fatal("moved before the version came")
	}
	w.sync(d)
	o := w.overview(d)
	if len(o.Aside) != 1 || line(o, "general").Aside != 1 || line(o, "general").State != StateDraft {
		t.Fatalf("%+v %+v", o.Aside, line(o, "general"))
	}
	a := o.Aside[0]
	if a.Variable != "counselling_service" || a.Value != before.Draft.Answers["counselling_service"] || a.Shown == "" || a.Reason != "removed" || a.Why == "" ||
		a.From != before.Draft.Questionnaire || a.To != digest || a.Label == a.Variable {
		t.Errorf("%+v", a)
	}
	now, err := d.Work("general")
	w.must(err)
	if now.Draft.Questionnaire != digest || now.Eval.Status("guidance_service") != survey.Missing || now.Value("counselling_service") != nil {
		t.Errorf("%s: %v", now.Draft.Questionnaire, now.Eval.Findings)
	}
	if len(now.Naming("guidance_service")) == 0 {
		t.Error("the new question is not asked for")
	}
	// A page that was open on the old version does not write into the new one.
	_, err = before.Set(Change{Variable: "counselling_service", Value: true})
	wants(t, err, "version_changed")
	if before.Sheet != now.Sheet || before.Value("counselling_service") != nil {
		t.Error("the page still shows the old version")
	}
	w.set(d, "general", "guidance_service", true)
	w.send(d, "general")
	if _, sub := w.stored(samples.Institution().Code, "general"); sub.Questionnaire != digest || sub.Answers["guidance_service"] != true {
		t.Errorf("%+v", sub)
	}
	w.sound(d)
}

func TestVersionComesBack(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, "general")
	before, err := d.Work("general")
	w.must(err)
	w.publish(renamed(t))
	w.sync(d)
	w.overview(d)
	third := w.publish(newer(t, "version: \"1\"", "version: \"3\""))
	w.sync(d)
	if o := w.overview(d); len(o.Aside) != 0 {
		t.Errorf("%+v", o.Aside)
	}
	again, err := d.Work("general")
	w.must(err)
	if again.Draft.Questionnaire != third || again.Value("counselling_service") != before.Draft.Answers["counselling_service"] {
		t.Error("what was put aside did not come back with its question")
	}
	w.sound(d)
}

func TestVersionsOfWhatWasSent(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, "general", "liceale", "tecnico")
	first := w.send(d, "general", "tecnico")[0].Questionnaire
	w.network(lineDown)
	w.must(d.Submit("liceale", SubmitOptions{}))
	w.sync(d)
	digest := w.publish(renamed(t))
	w.network(lineUp)
	// The queue leaves first, as it was frozen.
	report := w.sync(d)
	if len(report.Sent) != 1 || report.Sent[0].Questionnaire != first {
		t.Fatalf("%+v", report)
	}
	o := w.overview(d)
	for _, part := range []string{"general", "liceale", "tecnico"} {
		if p := line(o, part); p.State != StateSent || !p.Outdated || p.Aside != 0 {
			t.Errorf("%+v", p)
		}
	}
	// The other sheets are begun on the version in force; the checks across
	// the parts go on being judged by the general part's.
	if p, err := d.Work("iefp"); err != nil || p.Draft.Questionnaire != digest {
		t.Error(err)
	}
	w.set(d, "general", "sites_count", 2)
	o = w.overview(d)
	if p := line(o, "general"); p.Outdated || p.Aside != 1 || p.State != StateChanged {
		t.Errorf("edited: %+v", p)
	}
	if p := line(o, "tecnico"); !p.Outdated || p.State != StateSent {
		t.Errorf("not edited: %+v", p)
	}
	w.set(d, "general", "guidance_service", false)
	if got := w.send(d, "general")[0]; got.Questionnaire != digest || got.Revision != 2 {
		t.Errorf("%+v", got)
	}
	w.sound(d)
}

// TestFrozenStaysOnItsVersion: while a submission is under way, its draft does
// not move either: the receipt has to find the content that it is for.
func TestFrozenStaysOnItsVersion(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, "general")
	w.network(lineLost)
	w.must(d.Submit("general", SubmitOptions{Declared: true}))
	if r := w.sync(d); len(r.Sent) != 0 {
		t.Fatalf("%+v", r)
	}
	o := ownerOf(t, d)
	old, _, err := d.store.Draft(o, "general")
	w.must(err)
	w.publish(renamed(t))
	w.network(lineUp)
	seen, _, err := d.store.Return(o)
	w.must(err)
	raw := renamed(t)
	w.must(d.store.KeepQuestionnaire(survey.DigestOf(raw), raw))
	seen.Return.Survey.Questionnaire = survey.DigestOf(raw) // told, while the outcome is still unknown
	w.must(d.store.KeepReturn(o, asJSON(seen.Return), seen.Return, w.clock.now()))
	work, err := d.Work("general")
	w.must(err)
	if work.Draft.Questionnaire != old.Questionnaire || work.Draft.Generation != old.Generation {
		t.Error("the draft moved under a submission")
	}
	if r := w.sync(d); len(r.Sent) != 1 || r.Sent[0].Questionnaire != old.Questionnaire {
		t.Errorf("%+v", r)
	}
	if p := line(w.overview(d), "general"); p.State != StateSent || !p.Outdated {
		t.Errorf("%+v", p)
	}
	w.sound(d)
}

// TestVoidVersion: what the server refuses because its version counts no more
// moves to the one in force, with the answers.
func TestVoidVersion(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, "general")
	w.network(lineDown)
	w.must(d.Submit("general", SubmitOptions{Declared: true}))
	w.sync(d)
	digest := w.publish(renamed(t))
	act := surveysync.Entry{At: w.clock.now(), Actor: surveysync.ActorOffice, Action: "survey_void", Outcome: surveysync.OutcomeOK}
	w.must(w.store.Void(context.Background(), survey.DigestOf(questionnaires.Dispersione202223), act))
	w.network(lineUp)
	if r := w.sync(d); len(r.Waiting) != 1 || r.Waiting[0].Code != string(surveysync.UnknownQuestionnaire) {
		t.Fatalf("%+v", r)
	}
	w.sync(d)
	list, err := d.Aside("general")
	w.must(err)
	work, err := d.Work("general")
	w.must(err)
	if len(list) != 1 || work.Draft.Questionnaire != digest {
		t.Fatalf("%+v, on %s", list, work.Draft.Questionnaire)
	}
	w.set(d, "general", "guidance_service", true)
	w.send(d, "general")
	w.must(d.DismissAside("general"))
	if list, err := d.Aside("general"); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	w.sound(d)
}

// TestFillOnANewVersion: a file with answers to the new questions is taken,
// also by a part that was sent on the old version.
func TestFillOnANewVersion(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, "general")
	w.send(d, "general")
	digest := w.publish(renamed(t))
	w.sync(d)
	report, err := d.Fill("general", "new.json", []byte(`{"guidance_service": false}`), false)
	if err != nil || report.Taken != 1 || len(report.Faults) > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	work, err := d.Work("general")
	w.must(err)
	if work.Draft.Questionnaire != digest || work.Value("guidance_service") != false {
		t.Errorf("%+v", work.Draft)
	}
	w.sound(d)
}

// TestLapsedExplanation: an explanation whose check has another threshold is
// put aside with its words.
func TestLapsedExplanation(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, "general", "liceale")
	o := ownerOf(t, d)
	e := survey.Explanation{Reason: "other", Text: "Controllato nel registro.", Values: map[string]any{}}
	for _, check := range []string{"S01", "S02"} {
		if _, err := d.store.Explain(o, "liceale", check, &e); err != nil {
			t.Fatal(err)
		}
	}
	raw := newer(t, "version: \"1\"", "version: \"2\"")
	i := bytes.Index(raw, []byte("- id: S01\n"))
	at := bytes.Index(raw[i:], []byte("assert: ")) + i
	end := bytes.IndexByte(raw[at:], '\n') + at
	was := strings.Trim(strings.TrimPrefix(string(raw[at:end]), "assert: "), `'`)
	raw = slices.Concat(raw[:at], []byte("assert: '("+was+") or false'"), raw[end:])
	w.publish(raw)
	w.sync(d)
	work, err := d.Work("liceale")
	w.must(err)
	if _, still := work.Draft.Explanations["S01"]; still || work.Draft.Explanations["S02"].Text != e.Text {
		t.Errorf("%+v", work.Draft.Explanations)
	}
	list, err := d.Aside("liceale")
	w.must(err)
	if len(list) != 1 || list[0].Check != "S01" || list[0].Shown != e.Text || list[0].Reason != "lapsed" || list[0].Why == "" {
		t.Errorf("%+v", list)
	}
	w.sound(d)
}

func TestAsideInBothLanguages(t *testing.T) {
	for _, lang := range []string{"it", "en"} {
		for _, reason := range []survey.DropReason{survey.DropRemoved, survey.DropTypeChanged, survey.DropOptionGone, survey.DropNotAllowed} {
			l := asideLine("general", drafts.Aside{Answer: &survey.DroppedAnswer{ID: "x", Unavailable: "other", Reason: reason}}, lang)
			if l.Why == "" || l.Shown != "other" {
				t.Errorf("%s %s: %+v", lang, reason, l)
			}
		}
	}
}
