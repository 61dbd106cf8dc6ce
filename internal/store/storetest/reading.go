package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

var submissionCases = map[string]func(*tester){
	"are given back byte for byte": func(w *tester) {
		a := w.Schools[0]
		_, general := w.Accepted(General(a, "liceale"))
		first, one := w.Accepted(Track(a, "liceale", 1))
		_, two := w.Accepted(again(Track(a, "liceale", 2), 1))
		for revision, body := range map[int][]byte{0: two.Body, 1: one.Body, 2: two.Body} {
			sub, err := w.Store.Submission(w.ctx, a.ID, "liceale", revision)
			w.must(err)
			if !bytes.Equal(sub.Body, body) {
				w.Errorf("revision %d has another body", revision)
			}
		}
		sub, err := w.Store.Submission(w.ctx, a.ID, "liceale", 1)
		w.must(err)
		r := first.Receipt
		if sub.InstitutionID != a.ID || sub.Revision != 1 || sub.Number != r.Number || sub.LeafIndex != r.LeafIndex || sub.Device != "segreteria" ||
			!sub.ReceivedAt.Equal(r.ReceivedAt) || sub.ContentDigest != r.ContentDigest || sub.SubmissionID != r.SubmissionID || sub.Questionnaire != w.Digest {
			w.Errorf("stored as %+v", sub)
		}
		parts, err := w.Store.Parts(w.ctx, a.ID)
		w.must(err)
		if len(parts) != 2 || parts[0].Part != survey.GeneralPart || !bytes.Equal(parts[0].Current.Body, general.Body) || !bytes.Equal(parts[1].Current.Body, two.Body) {
			w.Errorf("the parts are %s", asJSON(parts))
		}
	},
	"what is not there is not found": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		answer, _ := w.Accepted(General(a, "liceale"))
		for _, c := range []struct {
			id, part string
			revision int
		}{{a.ID, survey.GeneralPart, 2}, {a.ID, survey.GeneralPart, -1}, {a.ID, "liceale", 0}, {a.ID, "liceale", 1}, {b.ID, survey.GeneralPart, 0}, {a.ID[:5], survey.GeneralPart, 0}} {
			_, err := w.Store.Submission(w.ctx, c.id, c.part, c.revision)
			w.want(surveysync.NotFound, err)
		}
		_, err := w.Store.Receipt(w.ctx, b.ID, answer.Receipt.Number)
		w.want(surveysync.NotFound, err)
		for _, number := range []string{"", "0000-0000-0000", "x"} {
			_, err = w.Store.Receipt(w.ctx, a.ID, number)
			w.want(surveysync.NotFound, err)
		}
		parts, err := w.Store.Parts(w.ctx, b.ID)
		w.must(err)
		w.equal("parts", parts, []store.Part{})
		revisions, err := w.Store.Revisions(w.ctx, b.ID, survey.GeneralPart)
		w.must(err)
		w.equal("revisions", revisions, []store.Submission{})
	},
	"history and all parts come without bodies": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		_, general := w.Accepted(General(a, "liceale"))
		w.Accepted(Track(a, "liceale", 1))
		w.Accepted(again(Track(a, "liceale", 2), 1))
		w.Accepted(General(b, "tecnico"))
		revisions, err := w.Store.Revisions(w.ctx, a.ID, "liceale")
		w.must(err)
		if len(revisions) != 2 || revisions[0].Revision != 1 || revisions[1].Revision != 2 || revisions[0].Body != nil {
			w.Errorf("the history is %s", asJSON(revisions))
		}
		all, err := w.Store.AllParts(w.ctx)
		w.must(err)
		if len(all) != 2 || len(all[a.ID]) != 2 || len(all[b.ID]) != 1 {
			w.Fatalf("all parts are %s", asJSON(all))
		}
		if !bytes.Equal(all[a.ID][0].Current.Body, general.Body) || all[a.ID][1].Current.Body != nil || all[a.ID][1].Current.Revision != 2 {
			w.Errorf("the parts of one are %s", asJSON(all[a.ID]))
		}
	},
	"receipts are found by number": func(w *tester) {
		a := w.Schools[0]
		answer, _ := w.Accepted(General(a, "liceale"))
		w.Accepted(again(General(a, "tecnico"), 1)) // the proof now stands on a later head
		number := answer.Receipt.Number
		for _, written := range []string{number, strings.ToLower(number), strings.ReplaceAll(number, "-", "")} {
			r, err := w.Store.Receipt(w.ctx, a.ID, written)
			w.must(err)
			w.same(r, answer.Receipt)
		}
	},
}

var logCases = map[string]func(*tester){
	"only what was refused": func(w *tester) {
		a := w.Schools[0]
		w.Accepted(General(a, "liceale"))
		w.refused(surveysync.TrackNotOffered, Track(a, "tecnico", 1))
		note := act("note")
		note.Note = `"outcome":"accepted"` // words cannot hide or feign an outcome
		note.Outcome = "odd"
		w.must(w.Store.Record(w.ctx, note))
		lines := w.log(store.LogFilter{Refused: true})
		if len(lines) != 2 || lines[0].Outcome != string(surveysync.TrackNotOffered) || lines[1].Outcome != "odd" {
			w.Errorf("refused: %s", asJSON(lines))
		}
	},
	"is filtered and limited from its end": func(w *tester) {
		a := w.Schools[0]
		answer, _ := w.Accepted(General(a, "liceale"))
		w.refused(surveysync.RevisionConflict, General(a, "liceale"))
		for i := range 5 {
			w.must(w.Store.Record(w.ctx, surveysync.Entry{At: inTime.Add(time.Duration(i) * time.Minute), Action: surveysync.ActionRefusals,
				Outcome: surveysync.OutcomeOK, Count: int64(i + 1), Note: `contains "outcome":"accepted" and <b>`}))
		}
		all := w.log(store.LogFilter{})
		for i, line := range all {
			if line.Index != int64(i) {
				w.Fatalf("line %d has the index %d", i, line.Index)
			}
		}
		for name, c := range map[string]struct {
			filter store.LogFilter
			want   int
		}{
			"outcome":           {store.LogFilter{Outcome: surveysync.OutcomeAccepted}, 1},
			"action":            {store.LogFilter{Action: surveysync.ActionSubmit}, 2},
			"incident":          {store.LogFilter{Incident: "7K3Q-9ZTA"}, 2},
			"other incident":    {store.LogFilter{Incident: "0000-0000"}, 0},
			"since":             {store.LogFilter{Action: surveysync.ActionRefusals, Since: inTime.Add(time.Minute)}, 4},
			"until":             {store.LogFilter{Action: surveysync.ActionRefusals, Until: inTime.Add(time.Minute)}, 2},
			"limit":             {store.LogFilter{Action: surveysync.ActionRefusals, Limit: 2}, 2},
			"institution by id": {store.LogFilter{Institution: a.ID, Action: surveysync.ActionSubmit}, 2},
			"by login code":     {store.LogFilter{Institution: a.Code, Action: surveysync.ActionSubmit}, 2},
			"by another code":   {store.LogFilter{Institution: a.Codes[1], Action: surveysync.ActionSubmit}, 2},
			"by an unknown one": {store.LogFilter{Institution: "MIXX00000X"}, 0},
		} {
			if got := w.log(c.filter); len(got) != c.want {
				w.Errorf("%s: %d lines, want %d", name, len(got), c.want)
			}
		}
		newest := w.log(store.LogFilter{Limit: 2})
		w.equal("the newest two", newest, all[len(all)-2:])
		accepted := w.log(store.LogFilter{Outcome: surveysync.OutcomeAccepted})
		w.equal("index", accepted[0].Index, answer.Receipt.LeafIndex)
		after, err := w.Store.Log(w.ctx, store.LogFilter{After: all[3].Index})
		w.must(err)
		w.equal("after the fourth", after, all[4:])
		after, err = w.Store.Log(w.ctx, store.LogFilter{After: int64(len(all)) + 10})
		w.must(err)
		w.equal("after the last", after, []store.LogLine{})
	},
	"an accepted submission is recorded by Accept only": func(w *tester) {
		answer, _ := w.Accepted(General(w.Schools[0], "liceale"))
		w.want(surveysync.Invalid, w.Store.Record(w.ctx, surveysync.EntryForReceipt(answer.Receipt)))
	},
	"lines are appended together or not at all": func(w *tester) {
		before := len(w.log(store.LogFilter{}))
		w.want(surveysync.Internal, w.Store.Record(w.ctx, act("one"), surveysync.Entry{Action: "no outcome"}))
		w.equal("lines", len(w.log(store.LogFilter{})), before)
		w.must(w.Store.Record(w.ctx, act("one"), act("two")))
		w.equal("lines", len(w.log(store.LogFilter{})), before+2)
	},
	"the head covers every line": func(w *tester) {
		meta, err := w.Store.Meta(w.ctx)
		w.must(err)
		for range 3 {
			w.must(w.Store.Record(w.ctx, act("x")))
			text, err := w.Store.Checkpoint(w.ctx)
			w.must(err)
			head, err := surveysync.OpenCheckpoint(text, meta.LogKey)
			w.must(err)
			if head.Origin != surveysync.Origin(meta.Epoch) || head.Size != int64(len(w.log(store.LogFilter{}))) {
				w.Errorf("the head is %+v", head)
			}
		}
	},
}

var concurrentCases = map[string]func(*tester){
	"twenty times the same is one revision": func(w *tester) {
		put := w.Put(General(w.Schools[0], "liceale"))
		answers := w.parallel(func(int) store.Put { return put })
		accepted := 0
		for _, a := range answers {
			if a.Verdict.Outcome == surveysync.Accept {
				accepted++
			}
			w.same(a.Receipt, answers[0].Receipt)
		}
		w.equal("accepted", accepted, 1)
		w.state(w.Schools[0], survey.GeneralPart, survey.PartSubmitted, 1)
	},
	"of twenty on one base exactly one wins": func(w *tester) {
		a := w.Schools[0]
		w.Accepted(General(a, "liceale"))
		w.Accepted(Track(a, "liceale", 0))
		answers := w.parallel(func(i int) store.Put { return w.Put(again(Track(a, "liceale", i+1), 1)) })
		var winner surveysync.Receipt
		for _, x := range answers {
			if x.Verdict.Outcome == surveysync.Accept {
				if winner.Number != "" {
					w.Error("two have won")
				}
				winner = x.Receipt
			}
		}
		for _, x := range answers {
			if x.Verdict.Outcome == surveysync.Accept {
				continue
			}
			if x.Verdict.Code != surveysync.RevisionConflict || x.Current == nil {
				w.Fatalf("a loser is told %+v", x.Verdict)
			}
			w.same(x.Current.Receipt, winner)
		}
		w.state(a, "liceale", survey.PartSubmitted, 2)
	},
	"a call that fails half way leaves the others alone": func(w *tester) {
		a := w.Schools[0]
		before := len(w.log(store.LogFilter{Action: "fine"}))
		var all sync.WaitGroup
		for i := range 30 {
			all.Go(func() {
				if i%3 == 0 { // the second line cannot be written, the first already was
					w.want(surveysync.Internal, w.Store.Record(w.ctx, act("broken"), surveysync.Entry{Action: "no outcome"}))
					return
				}
				if err := w.Store.Record(w.ctx, act("fine")); err != nil {
					w.Error(err)
				}
			})
		}
		put := w.Put(General(a, "liceale"))
		all.Go(func() {
			if answer, err := w.Store.Accept(w.ctx, put); err != nil || answer.Verdict.Outcome != surveysync.Accept {
				w.Errorf("%+v, %v", answer.Verdict, err)
			}
		})
		all.Wait()
		w.equal("lines", len(w.log(store.LogFilter{Action: "fine"}))-before, 20)
		w.equal("broken lines", len(w.log(store.LogFilter{Action: "broken"})), 0)
	},
	"reading goes on while others write": func(w *tester) {
		a := w.Schools[0]
		w.Accepted(General(a, "liceale"))
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				for j := range 10 {
					if err := w.Store.Record(w.ctx, act(fmt.Sprintf("x%d-%d", i, j))); err != nil {
						w.Error(err)
					}
				}
			})
			all.Go(func() {
				for range 10 {
					parts, err := w.Store.Parts(w.ctx, a.ID)
					if err != nil || len(parts) != 1 {
						w.Errorf("%d parts, %v", len(parts), err)
					}
					if _, err := w.Store.Access(w.ctx, a.Token, inTime); err != nil {
						w.Error(err)
					}
				}
			})
		}
		all.Go(func() {
			faults, err := w.Store.Check(w.ctx)
			if err != nil || len(faults) > 0 {
				w.Errorf("check while writing: %v, %v", faults, err)
			}
		})
		all.Wait()
	},
}

// parallel sends twenty at the same moment.
func (w *tester) parallel(put func(i int) store.Put) []store.Answered {
	w.Helper()
	puts := make([]store.Put, 20)
	for i := range puts {
		puts[i] = put(i)
	}
	answers := make([]store.Answered, len(puts))
	var all sync.WaitGroup
	gate := make(chan struct{})
	for i := range puts {
		all.Go(func() {
			<-gate
			var err error
			if answers[i], err = w.Store.Accept(w.ctx, puts[i]); err != nil {
				w.Error(err)
			}
		})
	}
	close(gate)
	all.Wait()
	return answers
}

var reopenCases = map[string]func(*tester){
	"keeps everything": func(w *tester) {
		a := w.Schools[0]
		first, put := w.Accepted(General(a, "liceale"))
		w.Accepted(Track(a, "liceale", 1))
		_, err := w.Store.SetDates(w.ctx, store.DatesEdit{InstitutionID: a.ID, LateUntil: &afterClosing}, act("survey_dates"))
		w.must(err)
		before := w.everything()
		w.reopen()
		after := w.everything()
		for name, raw := range before {
			if !bytes.Equal(raw, after[name]) {
				w.Errorf("%s: before\n%s\nafter\n%s", name, raw, after[name])
			}
		}
		_, err = w.Store.Access(w.ctx, a.Token, inTime)
		w.must(err)
		answer, err := w.Store.Accept(w.ctx, put)
		w.must(err)
		w.same(answer.Receipt, first.Receipt)
		next, _ := w.Accepted(again(Track(a, "liceale", 9), 1))
		w.verify(next.Receipt)
		w.equal("revision", next.Receipt.Revision, 2)
	},
}

// everything is all that can be read.
func (w *tester) everything() map[string][]byte {
	w.Helper()
	out := map[string][]byte{}
	read := func(name string, get func() (any, error)) {
		v, err := get()
		w.must(err)
		out[name] = asJSON(v)
	}
	read("meta", func() (any, error) { return w.Store.Meta(w.ctx) })
	read("institutions", func() (any, error) { return w.Store.Institutions(w.ctx) })
	read("accounts", func() (any, error) { return w.Store.Accounts(w.ctx) })
	read("survey", func() (any, error) { return w.Store.Survey(w.ctx) })
	read("parts", func() (any, error) { return w.Store.AllParts(w.ctx) })
	read("log", func() (any, error) { return w.Store.Log(w.ctx, store.LogFilter{After: -1}) })
	read("head", func() (any, error) { return w.Store.Checkpoint(w.ctx) })
	read("questionnaire", func() (any, error) { return w.Store.Questionnaire(w.ctx, w.Digest) })
	for _, s := range w.Schools {
		read("parts of "+s.Code, func() (any, error) { return w.Store.Parts(w.ctx, s.ID) })
		read("history of "+s.Code, func() (any, error) { return w.Store.Revisions(w.ctx, s.ID, survey.GeneralPart) })
	}
	return out
}
