package storetest

import (
	"strings"
	"sync"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// review does one act on one part.
func (w *tester) review(s School, r store.Review) ([]store.Part, error) {
	if r.At.IsZero() {
		r.At = inTime
	}
	a := act("office")
	a.At = r.At
	return w.Store.ReviewParts(w.ctx, s.ID, []store.Review{r}, a)
}

// reviewed does an act that must succeed and wants the part to stand there.
func (w *tester) reviewed(s School, r store.Review, state string) store.Part {
	w.Helper()
	parts, err := w.review(s, r)
	w.must(err)
	if len(parts) != 1 || parts[0].State != state || parts[0].Part != r.Part {
		w.Fatalf("%s of %s gives %s, want the state %s", r.Action, r.Part, asJSON(parts), state)
	}
	stored := w.part(s, r.Part)
	stored.Current.Body = nil
	w.equal("what is stored", stored, parts[0])
	return stored
}

func (w *tester) part(s School, part string) store.Part {
	w.Helper()
	parts, err := w.Store.Parts(w.ctx, s.ID)
	w.must(err)
	for _, p := range parts {
		if p.Part == part {
			return p
		}
	}
	w.Fatalf("%s has no part %s", s.Code, part)
	return store.Part{}
}

var liceale = survey.TrackLiceale

// returned is a return of the track liceale with one remark.
func returned(revision int) store.Review {
	return store.Review{Action: store.ReviewReturn, Part: liceale, Revision: revision,
		Remarks: []surveysync.Remark{{Variable: "passed_y1_m", Text: "manca una classe"}}}
}

var reviewCases = map[string]func(*tester){
	"sent back, corrected, approved": func(w *tester) {
		s := w.Schools[0]
		w.Accepted(General(s, liceale))
		w.Accepted(Track(s, liceale, 3))
		p := w.reviewed(s, returned(1), survey.PartReturned)
		w.equal("remarks", p.Remarks, returned(1).Remarks)
		a, _ := w.Accepted(Sending{School: s, Part: liceale, Answers: Track(s, liceale, 4).Answers, Replaces: 1})
		w.equal("the next revision", a.Verdict.Revision, 2)
		if p = w.part(s, liceale); p.State != survey.PartSubmitted || len(p.Remarks) != 0 {
			w.Errorf("after the correction: %s", asJSON(p))
		}
		w.reviewed(s, store.Review{Action: store.ReviewApprove, Part: liceale, Revision: 2}, survey.PartApproved)
		w.refused(surveysync.PartApproved, Sending{School: s, Part: liceale, Answers: Track(s, liceale, 5).Answers, Replaces: 2})
		p = w.reviewed(s, store.Review{Action: store.ReviewApproveCancel, Part: liceale}, survey.PartSubmitted)
		if len(p.Reviews) != 3 || p.Reviews[0].Revision != 1 || p.Reviews[0].Remarks[0].Text != "manca una classe" || p.Reviews[2].Revision != 2 {
			w.Errorf("what was done is kept as %s", asJSON(p.Reviews))
		}
		w.Accepted(Sending{School: s, Part: liceale, Answers: Track(s, liceale, 5).Answers, Replaces: 2})
		for _, x := range []struct {
			action   string
			revision int
		}{{store.ReviewReturn, 1}, {store.ReviewApprove, 2}, {store.ReviewApproveCancel, 2}} {
			lines := w.log(store.LogFilter{Action: x.action})
			if len(lines) != 1 || lines[0].Institution != s.Code || lines[0].Part != liceale || lines[0].Revision != x.revision || lines[0].ContentDigest == "" {
				w.Errorf("%s is logged as %s", x.action, asJSON(lines))
			}
		}
	},
	"taken back, and what is so already": func(w *tester) {
		s := w.Schools[0]
		w.Accepted(General(s, liceale))
		w.Accepted(Track(s, liceale, 3))
		for range 2 { // the same again changes nothing and leaves no line
			w.reviewed(s, returned(1), survey.PartReturned)
		}
		w.equal("lines", len(w.log(store.LogFilter{Action: store.ReviewReturn})), 1)
		p := w.reviewed(s, store.Review{Action: store.ReviewReturnCancel, Part: liceale, Revision: 1}, survey.PartSubmitted)
		w.equal("remarks", len(p.Remarks), 0)
		_, err := w.review(s, store.Review{Action: store.ReviewReturnCancel, Part: liceale})
		w.want(store.NotInState, err)
		_, err = w.review(s, store.Review{Action: store.ReviewApproveCancel, Part: liceale})
		w.want(store.NotInState, err)
		for range 2 {
			w.reviewed(s, store.Review{Action: store.ReviewApprove, Part: liceale}, survey.PartApproved)
		}
		w.equal("approvals", len(w.log(store.LogFilter{Action: store.ReviewApprove})), 1)
		w.reviewed(s, returned(1), survey.PartReturned) // an approval is taken back by a return too
		_, err = w.review(s, store.Review{Action: store.ReviewApprove, Part: liceale})
		w.want(store.NotInState, err)
	},
	"a newer revision has come": func(w *tester) {
		s := w.Schools[0]
		w.Accepted(General(s, liceale))
		w.Accepted(Track(s, liceale, 3))
		w.must(w.Store.MarkShown(w.ctx, s.ID, map[string]int{liceale: 1, survey.GeneralPart: 1, survey.TrackIeFP: 1}))
		w.Accepted(Sending{School: s, Part: liceale, Answers: Track(s, liceale, 4).Answers, Replaces: 1})
		for _, action := range []string{store.ReviewReturn, store.ReviewApprove} {
			for _, revision := range []int{0, 1} {
				r := returned(revision)
				r.Action = action
				_, err := w.review(s, r)
				w.want(surveysync.RevisionConflict, err)
			}
		}
		w.equal("state", w.part(s, liceale).State, survey.PartSubmitted)
		_, err := w.review(s, returned(3))
		w.want(surveysync.NotFound, err)
		w.must(w.Store.MarkShown(w.ctx, s.ID, map[string]int{liceale: 2}))
		w.reviewed(s, returned(0), survey.PartReturned)
	},
	"after the last date a return names another": func(w *tester) {
		s := w.Schools[0]
		w.Accepted(General(s, liceale))
		w.Accepted(Track(s, liceale, 3))
		late := returned(1)
		late.At = afterClosing
		_, err := w.review(s, late)
		w.want(surveysync.SurveyClosed, err)
		for _, useless := range []time.Time{afterClosing, beforeOpening, tooLate} {
			late.OpenUntil = &useless
			_, err = w.review(s, late)
			w.want(surveysync.Invalid, err)
		}
		until := afterClosing.AddDate(0, 0, 3)
		late.OpenUntil = &until
		w.reviewed(s, late, survey.PartReturned)
		correction := Sending{School: s, Part: liceale, Answers: Track(s, liceale, 4).Answers, Replaces: 1, Now: until.Add(time.Second)}
		w.refused(surveysync.SurveyClosed, correction)
		correction.Now = until
		if a, _ := w.Accepted(correction); !a.Verdict.Late {
			w.Error("what comes after the due date is not late")
		}
		// Only that part is open again, and it stays so for a second correction.
		w.refused(surveysync.SurveyClosed, Sending{School: s, Part: survey.GeneralPart, Answers: General(s, liceale).Answers, Replaces: 1, Now: until})
		again := returned(2)
		again.At = until.Add(-time.Hour)
		if p := w.reviewed(s, again, survey.PartReturned); p.OpenUntil == nil || !p.OpenUntil.Equal(until) {
			w.Errorf("sent back again: open until %v", p.OpenUntil)
		}
		p := w.reviewed(s, store.Review{Action: store.ReviewReturnCancel, Part: liceale, At: again.At}, survey.PartSubmitted)
		if p.OpenUntil != nil {
			w.Error("a return that was taken back leaves the part open")
		}
	},
	"all or nothing": func(w *tester) {
		s := w.Schools[0]
		w.Accepted(General(s, liceale))
		approve := func(parts ...string) error {
			var list []store.Review
			for _, p := range parts {
				list = append(list, store.Review{At: inTime, Action: store.ReviewApprove, Part: p})
			}
			_, err := w.Store.ReviewParts(w.ctx, s.ID, list, act("office"))
			return err
		}
		w.want(surveysync.NotFound, approve(survey.GeneralPart, liceale))
		w.equal("state", w.part(s, survey.GeneralPart).State, survey.PartSubmitted)
		w.Accepted(Track(s, liceale, 3))
		w.must(approve(survey.GeneralPart, liceale))
		w.equal("state", w.part(s, survey.GeneralPart).State, survey.PartApproved)
		_, err := w.Store.ReviewParts(w.ctx, "ist-0000000000", nil, act("office"))
		w.want(surveysync.NotFound, err)
		_, err = w.review(s, store.Review{Action: "applaud", Part: liceale})
		w.want(surveysync.Invalid, err)
	},
	"a withdrawn part is not reviewed": func(w *tester) {
		s := w.Schools[0]
		w.Accepted(General(s, liceale, survey.TrackTecnico))
		w.Accepted(Track(s, liceale, 3))
		again := General(s, survey.TrackTecnico)
		again.Replaces, again.Withdraw = 1, []string{liceale}
		w.Accepted(again)
		for _, action := range []string{store.ReviewReturn, store.ReviewApprove, store.ReviewReturnCancel, store.ReviewApproveCancel} {
			r := returned(1)
			r.Action = action
			_, err := w.review(s, r)
			w.want(store.NotInState, err)
		}
	},
	"it stays over a restart": func(w *tester) {
		s := w.Schools[0]
		w.Accepted(General(s, liceale))
		w.Accepted(Track(s, liceale, 3))
		before := w.reviewed(s, returned(1), survey.PartReturned)
		w.reopen()
		w.equal("the part", w.part(s, liceale), before)
	},
	"approving and a new revision race": func(w *tester) {
		s := w.Schools[0]
		w.Accepted(General(s, liceale))
		w.Accepted(Track(s, liceale, 3))
		put := w.Put(Sending{School: s, Part: liceale, Answers: Track(s, liceale, 4).Answers, Replaces: 1})
		var wg sync.WaitGroup
		var answered store.Answered
		var acceptErr, reviewErr error
		wg.Go(func() { answered, acceptErr = w.Store.Accept(w.ctx, put) })
		wg.Go(func() {
			_, reviewErr = w.review(s, store.Review{Action: store.ReviewApprove, Part: liceale, Revision: 1})
		})
		wg.Wait()
		w.must(acceptErr)
		p := w.part(s, liceale)
		accepted := answered.Verdict.Outcome == surveysync.Accept
		switch {
		case accepted && (reviewErr == nil || p.State != survey.PartSubmitted || p.Current.Revision != 2):
			w.Errorf("revision 2 came first, and yet: %v, %s", reviewErr, asJSON(p))
		case !accepted && (reviewErr != nil || p.State != survey.PartApproved || answered.Verdict.Code != surveysync.PartApproved):
			w.Errorf("the approval came first, and yet: %v, %+v, %s", reviewErr, answered.Verdict, asJSON(p))
		}
	},
}

var wordCases = map[string]func(*tester){
	"messages and notes": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		first, second := store.Word{At: inTime, Text: "uno"}, store.Word{At: tooLate, Text: "due"}
		w.must(w.Store.AddWord(w.ctx, store.Messages, []string{a.ID, b.ID}, first, act("message")))
		w.must(w.Store.AddWord(w.ctx, store.Messages, []string{a.ID}, second, act("message")))
		w.must(w.Store.AddWord(w.ctx, store.Notes, []string{b.ID}, second, act("note")))
		w.want(surveysync.NotFound, w.Store.AddWord(w.ctx, store.Notes, []string{a.ID, "ist-0000000000"}, first, act("note")))
		w.want(surveysync.Invalid, w.Store.AddWord(w.ctx, "songs", []string{a.ID}, first, act("note")))
		w.reopen()
		all, err := w.Store.Words(w.ctx, store.Messages, "")
		w.must(err)
		w.equal("messages", all, map[string][]store.Word{a.ID: {first, second}, b.ID: {first}})
		one, err := w.Store.Words(w.ctx, store.Notes, b.ID)
		w.must(err)
		w.equal("notes", one, map[string][]store.Word{b.ID: {second}})
		none, err := w.Store.Words(w.ctx, store.Notes, a.ID)
		w.must(err)
		w.equal("no notes", none, map[string][]store.Word{})
		if lines := w.log(store.LogFilter{Action: "message"}); len(lines) != 3 || lines[0].Institution != a.Code || lines[1].Institution != b.Code {
			w.Errorf("messages are logged as %s", asJSON(lines))
		}
	},
}

var heartbeatCases = map[string]func(*tester){
	"the last one of each device": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		beat := func(s School, device string, at time.Time, percent int) {
			w.Helper()
			w.must(w.Store.SaveHeartbeat(w.ctx, s.ID, store.Heartbeat{At: at, Device: device, Heartbeat: surveysync.Heartbeat{
				Parts: []surveysync.HeartbeatPart{{Part: liceale, Percent: percent, State: "draft"}}, LastError: "timeout", Client: "1.0"}}))
		}
		before := len(w.log(store.LogFilter{}))
		beat(a, "preside/1", inTime, 10)
		beat(a, "segreteria", inTime, 20)
		beat(a, "segreteria", tooLate, 90)
		beat(b, "segreteria", inTime, 30)
		w.want(surveysync.NotFound, w.Store.SaveHeartbeat(w.ctx, "ist-0000000000", store.Heartbeat{At: inTime}))
		w.equal("lines in the log", len(w.log(store.LogFilter{})), before)
		w.reopen()
		all, err := w.Store.Heartbeats(w.ctx)
		w.must(err)
		if len(all) != 2 || len(all[a.ID]) != 2 || all[a.ID][0].Device != "preside/1" || all[a.ID][1].Parts[0].Percent != 90 ||
			!all[a.ID][1].At.Equal(tooLate) || all[b.ID][0].Parts[0].Percent != 30 {
			w.Errorf("heartbeats: %s", asJSON(all))
		}
		for i := range 2 * store.MaxHeartbeats { // the devices that spoke last stay
			beat(a, string(rune('A'+i)), afterClosing.Add(time.Duration(i)*time.Second), i)
		}
		all, err = w.Store.Heartbeats(w.ctx)
		w.must(err)
		if len(all[a.ID]) != store.MaxHeartbeats || all[a.ID][0].Parts[0].Percent != store.MaxHeartbeats {
			w.Errorf("%d devices are kept: %s", len(all[a.ID]), asJSON(all[a.ID]))
		}
	},
	"go with an institution into the one that it is merged into": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		beat := func(s School, device string, at time.Time, percent int) {
			w.must(w.Store.SaveHeartbeat(w.ctx, s.ID, store.Heartbeat{At: at, Device: device, Heartbeat: surveysync.Heartbeat{
				Parts: []surveysync.HeartbeatPart{{Part: liceale, Percent: percent, State: "draft"}}, Client: "1.0"}}))
		}
		say := func(s School, kind store.WordKind, at time.Time, text string) {
			w.must(w.Store.AddWord(w.ctx, kind, []string{s.ID}, store.Word{At: at, Text: text}, act("word")))
		}
		beat(a, "segreteria", inTime, 10)
		beat(a, "preside", tooLate, 20)
		beat(b, "segreteria", tooLate, 30)
		beat(b, "preside", inTime, 40)
		for _, kind := range []store.WordKind{store.Messages, store.Notes} {
			say(a, kind, inTime, "primo")
			say(b, kind, inTime.Add(time.Second), "secondo")
			say(a, kind, inTime.Add(time.Minute), "terzo")
		}
		w.must(w.edit(store.RegisterEdit{Remove: []string{b.ID}, Heirs: map[string]string{b.ID: a.ID}}))
		w.reopen()
		say(a, store.Messages, inTime.Add(time.Hour), "quarto")
		for kind, want := range map[store.WordKind]string{store.Messages: "primo secondo terzo quarto", store.Notes: "primo secondo terzo"} {
			all, err := w.Store.Words(w.ctx, kind, "")
			w.must(err)
			var texts []string
			for _, word := range all[a.ID] {
				texts = append(texts, word.Text)
			}
			w.equal(string(kind), strings.Join(texts, " "), want)
			w.equal("institutions with "+string(kind), len(all), 1)
		}
		beats, err := w.Store.Heartbeats(w.ctx)
		w.must(err)
		if own := beats[a.ID]; len(beats) != 1 || len(own) != 2 || own[0].Parts[0].Percent != 20 || own[1].Parts[0].Percent != 30 {
			w.Errorf("heartbeats: %s", asJSON(beats))
		}
	},
}

var reminderCases = map[string]func(*tester){
	"nobody may send two on one day": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		claim := func(s School, day string) bool {
			w.Helper()
			ok, err := w.Store.ClaimReminder(w.ctx, s.ID, store.Reminder{At: inTime, Day: day, Channel: "smtp", To: "a@b.it", Outcome: "x"}, act("remind"))
			w.must(err)
			return ok
		}
		var wg sync.WaitGroup
		won := make(chan bool, 8)
		for range 8 {
			wg.Go(func() { won <- claim(a, "2023-12-18") })
		}
		wg.Wait()
		n := 0
		for range 8 {
			if <-won {
				n++
			}
		}
		w.equal("claims that were given", n, 1)
		w.reopen() // a crash: it was begun and stays so
		if claim(a, "2023-12-18") {
			w.Error("after a crash it may be sent twice")
		}
		w.must(w.Store.SettleReminder(w.ctx, a.ID, store.ReminderSent))
		if claim(a, "2023-12-18") || !claim(a, "2023-12-19") || !claim(b, "2023-12-18") {
			w.Error("the day, or the school, is not told apart")
		}
		w.must(w.Store.SettleReminder(w.ctx, b.ID, store.ReminderFailed))
		if !claim(b, "2023-12-18") {
			w.Error("what did not leave may not go again")
		}
		all, err := w.Store.Reminders(w.ctx)
		w.must(err)
		if len(all) != 2 || all[a.ID].Day != "2023-12-19" || all[a.ID].Outcome != "" || all[a.ID].To != "a@b.it" {
			w.Errorf("reminders: %s", asJSON(all))
		}
		w.want(surveysync.NotFound, w.Store.SettleReminder(w.ctx, w.Schools[2].ID, store.ReminderSent))
		_, err = w.Store.ClaimReminder(w.ctx, "ist-0000000000", store.Reminder{Day: "2023-12-18"}, act("remind"))
		w.want(surveysync.NotFound, err)
		w.equal("lines", len(w.log(store.LogFilter{Action: "remind"})), 4)
	},
}
