package storetest

import (
	"bytes"
	"strings"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func replaceOnce(raw []byte, old, with string) []byte {
	return bytes.Replace(raw, []byte(old), []byte(with), 1)
}

// again is x as the same device would send it anew, replacing a revision.
func again(x Sending, replaces int) Sending {
	x.Replaces = replaces
	return x
}

// acceptCases go through the order of decision of the contract (section 4).
var acceptCases = map[string]func(*tester){
	"a receipt is given and verifies": func(w *tester) {
		a := w.Schools[0]
		answer, put := w.Accepted(General(a, "liceale"))
		leaf := w.verify(answer.Receipt)
		r := answer.Receipt
		if r.Institution != a.Code || r.Survey != "tiny" || r.Part != survey.GeneralPart || r.Revision != 1 || r.Late ||
			r.SubmissionID != put.Incoming.SubmissionID || r.ContentDigest != put.Incoming.Digest || r.Questionnaire != w.Digest ||
			!r.ReceivedAt.Equal(inTime) || r.Number != surveysync.ReceiptNumber(r.SubmissionID, r.ContentDigest) {
			w.Errorf("the receipt is %+v", r)
		}
		if leaf.Device != "segreteria" || leaf.Incident != "7K3Q-9ZTA" || leaf.Client != "1.0.0" || leaf.Size != int64(len(put.Body)) ||
			leaf.InstitutionID != a.ID || leaf.Actor != surveysync.ActorSchool || leaf.PrevDigest != "" {
			w.Errorf("the leaf is %+v", leaf)
		}
		w.equal("the institution of the answer", answer.Institution, a.Institution.Institution.Institution)
		if answer.InForce != w.Digest || answer.Dates.Due.IsZero() {
			w.Errorf("the answer is %+v", answer)
		}
		second, _ := w.Accepted(again(General(a, "liceale"), 1))
		if leaf := w.verify(second.Receipt); leaf.PrevDigest != r.ContentDigest || leaf.Revision != 2 {
			w.Errorf("the second leaf is %+v", leaf)
		}
	},
	"the same again gives the same receipt for ever": func(w *tester) {
		a := w.Schools[0]
		w.Accepted(General(a, "liceale", "iefp"))
		first, put := w.Accepted(Track(a, "iefp", 2))
		replay := func(when string) {
			w.Helper()
			put.Incoming.Now = put.Incoming.Now.AddDate(0, 1, 0)
			answer, err := w.Store.Accept(w.ctx, put)
			w.must(err)
			if answer.Verdict.Outcome != surveysync.Replay {
				w.Errorf("%s: %+v", when, answer.Verdict)
			}
			w.same(answer.Receipt, first.Receipt)
		}
		put.Incoming.Replaces = 0
		replay("at once, as it was sent")
		w.Accepted(again(Track(a, "iefp", 5), 1))
		replay("amended meanwhile")
		general := again(General(a, "liceale"), 1)
		general.Withdraw = []string{"iefp"}
		w.Accepted(general)
		replay("withdrawn meanwhile")
		put.Incoming.Now = afterClosing
		replay("closed meanwhile")
		put.Incoming.Replaces = surveysync.NoPrecondition
		replay("without a precondition")
		if lines := w.log(store.LogFilter{Outcome: surveysync.OutcomeReplayed}); len(lines) != 5 || lines[0].Number != first.Receipt.Number {
			w.Errorf("the replays are logged as %s", asJSON(lines))
		}
		revisions, err := w.Store.Revisions(w.ctx, a.ID, "iefp")
		w.must(err)
		w.equal("revisions", len(revisions), 2)
	},
	"an id with other content is refused and gives away nothing": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		_, put := w.Accepted(General(a, "liceale"))
		id := put.Incoming.SubmissionID
		mine := General(a, "tecnico")
		mine.ID = id
		w.refused(surveysync.IDReused, mine)
		// Another school: with other content, and with the very same bytes under
		// another token. Neither tells it whose the id is.
		theirs := General(b, "liceale")
		theirs.ID = id
		answer := w.refused(surveysync.IDReused, theirs)
		if raw := string(asJSON(answer)); strings.Contains(raw, a.Code) || strings.Contains(raw, a.ID) || answer.Current != nil {
			w.Errorf("the answer names the other school: %s", raw)
		}
		put.Access = w.Put(theirs).Access
		w.putRefused(surveysync.WrongInstitution, put)
		for _, line := range w.log(store.LogFilter{Outcome: string(surveysync.IDReused)}) {
			if line.InstitutionID == b.ID && line.Number != "" {
				w.Errorf("the line gives away the other's receipt: %s", asJSON(line))
			}
		}
	},
	"another school's data are refused": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		x := General(a, "liceale")
		x.Institution = b.Code
		w.refused(surveysync.WrongInstitution, x)
		x.Institution = a.Codes[1] // any code of its own
		w.Accepted(x)
	},
	"another part or survey is invalid": func(w *tester) {
		a := w.Schools[0]
		x := General(a, "liceale")
		x.Address = "liceale"
		if answer := w.refused(surveysync.Invalid, x); answer.Verdict.Place != "part" {
			w.Errorf("got %+v", answer.Verdict)
		}
		x = General(a, "liceale")
		x.Survey = "another"
		if answer := w.refused(surveysync.Invalid, x); answer.Verdict.Place != "survey" {
			w.Errorf("got %+v", answer.Verdict)
		}
	},
	"dates gate new submissions": func(w *tester) {
		a := w.Schools[0]
		x := General(a, "liceale")
		v, err := w.Store.Survey(w.ctx)
		w.must(err)
		x.Now = beforeOpening
		if answer := w.refused(surveysync.SurveyNotOpen, x); !answer.Dates.Opens.Equal(v.Dates.Opens) {
			w.Error("the refusal does not say when it opens")
		}
		x.Now = v.Dates.LateUntil.Add(time.Millisecond)
		w.refused(surveysync.SurveyClosed, x)
		x.Now = v.Dates.LateUntil.Add(999 * time.Microsecond) // the receipt will say: in time
		answer, _ := w.Accepted(x)
		if !answer.Receipt.Late || !answer.Verdict.Late || !answer.Receipt.ReceivedAt.Equal(v.Dates.LateUntil) {
			w.Errorf("the receipt is %+v", answer.Receipt)
		}
		x = again(x, 1)
		x.Now = v.Dates.Due
		if answer, _ := w.Accepted(x); answer.Receipt.Late {
			w.Error("at the last moment counts as late")
		}
		x = again(x, 2)
		x.Now = tooLate
		if answer, _ := w.Accepted(x); !answer.Receipt.Late || !w.last(a, survey.GeneralPart).Late {
			w.Error("after the due date does not count as late")
		}
		// An extension opens it for one school.
		x = again(x, 3)
		x.Now = afterClosing
		w.refused(surveysync.SurveyClosed, x)
		until := afterClosing.AddDate(0, 0, 1)
		_, err = w.Store.SetDates(w.ctx, store.DatesEdit{InstitutionID: a.ID, Due: &until, LateUntil: &until}, act("survey_dates"))
		w.must(err)
		if answer, _ := w.Accepted(x); answer.Receipt.Late {
			w.Error("within an extension counts as late")
		}
		other := General(w.Schools[1], "liceale")
		other.Now = afterClosing
		w.refused(surveysync.SurveyClosed, other)
	},
	"a track follows a general part that lists it": func(w *tester) {
		a := w.Schools[0]
		w.refused(surveysync.GeneralPartRequired, Track(a, "liceale", 1))
		w.Accepted(General(a, "liceale"))
		w.refused(surveysync.TrackNotOffered, Track(a, "tecnico", 1))
		w.Accepted(Track(a, "liceale", 1))
		w.refused(surveysync.GeneralPartRequired, Track(w.Schools[1], "liceale", 1))
	},
	"a track that was sent leaves the offer only when asked to": func(w *tester) {
		a := w.Schools[0]
		w.Accepted(General(a, "liceale", "iefp"))
		w.Accepted(Track(a, "liceale", 1))
		w.Accepted(Track(a, "iefp", 1))
		drop := again(General(a, "liceale"), 1)
		if answer := w.refused(surveysync.TrackHasSubmission, drop); len(answer.Verdict.Tracks) != 1 || answer.Verdict.Tracks[0] != "iefp" {
			w.Errorf("got %+v", answer.Verdict)
		}
		wrong := drop
		wrong.Withdraw = []string{"tecnico"}
		w.refused(surveysync.Invalid, wrong)
		drop.Withdraw = []string{"iefp"}
		w.Accepted(drop)
		w.state(a, "iefp", survey.PartWithdrawn, 1)
		w.state(a, "liceale", survey.PartSubmitted, 1)
		w.refused(surveysync.TrackNotOffered, again(Track(a, "iefp", 1), 1))
		// Listed again it stays withdrawn, until it comes back from where it was.
		w.Accepted(again(General(a, "liceale", "iefp"), 2))
		w.state(a, "iefp", survey.PartWithdrawn, 1)
		w.refused(surveysync.RevisionConflict, Track(a, "iefp", 4))
		back, _ := w.Accepted(again(Track(a, "iefp", 4), 1))
		w.equal("revision", back.Receipt.Revision, 2)
		w.state(a, "iefp", survey.PartSubmitted, 2)
	},
	"a precondition is required and must hold": func(w *tester) {
		a := w.Schools[0]
		x := General(a, "liceale")
		w.refused(surveysync.PreconditionRequired, again(x, surveysync.NoPrecondition))
		if answer := w.refused(surveysync.RevisionConflict, again(x, 1)); answer.Current != nil {
			w.Errorf("there is no revision, and it is %+v", answer.Current)
		}
		x.Device = "preside"
		first, _ := w.Accepted(x)
		for _, replaces := range []int{0, 2} {
			answer := w.refused(surveysync.RevisionConflict, again(x, replaces))
			if answer.Current == nil || answer.Current.Device != "preside" {
				w.Fatalf("the conflict tells %+v", answer.Current)
			}
			w.same(answer.Current.Receipt, first.Receipt)
		}
		second, _ := w.Accepted(again(x, 1))
		w.equal("revision", second.Verdict.Revision, 2)
	},
	"an older questionnaire counts, an unknown one does not": func(w *tester) {
		a := w.Schools[0]
		old := w.Digest
		second, err := w.Store.Publish(w.ctx, Questionnaire("two"), inTime, act("survey_publish"))
		w.must(err)
		x := General(a, "liceale")
		x.Questionnaire = old
		answer, _ := w.Accepted(x)
		w.equal("questionnaire", answer.Receipt.Questionnaire, old)
		x = again(x, 1)
		x.Questionnaire = surveysync.Digest([]byte("nobody's"))
		refusal := w.refused(surveysync.UnknownQuestionnaire, x)
		w.equal("in force", refusal.InForce, second)
	},
	"answers are judged": func(w *tester) {
		a := w.Schools[0]
		x := General(a, "liceale")
		x.Answers["institution_code"] = w.Schools[1].Code
		answer := w.refused(surveysync.AnswersRejected, x)
		if len(answer.Verdict.Findings) != 1 || answer.Verdict.Findings[0].Check != "G01" {
			w.Errorf("got %+v", answer.Verdict.Findings)
		}
		w.Accepted(General(a, "liceale"))
		track := Track(a, "liceale", 3)
		track.Answers["failed_y2_f"] = 1
		answer = w.refused(surveysync.AnswersRejected, track)
		if len(answer.Verdict.Findings) != 1 || answer.Verdict.Findings[0].Check != "I1" {
			w.Errorf("got %+v", answer.Verdict.Findings)
		}
	},
	"the session and the school are looked at again": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		stale := w.Put(General(a, "liceale"))
		changed := a.Institution
		changed.Code, changed.Codes = a.Codes[1], a.Codes[1:]
		w.must(w.edit(store.RegisterEdit{Put: []store.Institution{changed}}))
		w.putRefused(surveysync.WrongInstitution, stale) // its code is no longer this school's
		before := len(w.log(store.LogFilter{}))
		w.must(w.Store.SignOut(w.ctx, a.Token, schoolAct(surveysync.ActionSignOut, "")))
		w.putRefused(surveysync.Unauthorized, stale)
		expired := w.Put(General(b, "liceale"))
		expired.Incoming.Now = afterClosing.AddDate(1, 0, 0)
		w.putRefused(surveysync.Unauthorized, expired)
		gone := w.Put(General(b, "liceale"))
		w.must(w.edit(store.RegisterEdit{Remove: []string{b.ID}}))
		w.putRefused(surveysync.Unauthorized, gone)
		w.equal("lines without a valid token", len(w.log(store.LogFilter{}))-before, 1) // signing out
	},
	"a refusal is one line without free text": func(w *tester) {
		a := w.Schools[0]
		before := len(w.log(store.LogFilter{}))
		x := General(a, "liceale")
		x.Part, x.Survey, x.Questionnaire = "mario-rossi-via-dante-3", "mario-rossi", "mario-rossi"
		w.refused(surveysync.Invalid, x)
		lines := w.log(store.LogFilter{})[before:]
		if len(lines) != 1 || strings.Contains(string(asJSON(lines)), "mario") || lines[0].Incident != "7K3Q-9ZTA" ||
			lines[0].Institution != a.Code || lines[0].Outcome != string(surveysync.Invalid) {
			w.Errorf("logged as %s", asJSON(lines))
		}
		x = General(a, "liceale")
		x.Now = beforeOpening
		w.refused(surveysync.SurveyNotOpen, x)
		lines = w.log(store.LogFilter{Outcome: string(surveysync.SurveyNotOpen)})
		if len(lines) != 1 || lines[0].Part != survey.GeneralPart || lines[0].Questionnaire != w.Digest || lines[0].Late != nil {
			w.Errorf("logged as %s", asJSON(lines))
		}
	},
	"a body that is not the digest's is no submission": func(w *tester) {
		put := w.Put(General(w.Schools[0], "liceale"))
		put.Body = append(put.Body, ' ')
		_, err := w.Store.Accept(w.ctx, put)
		w.want(surveysync.Internal, err)
	},
}

// last is the current submission of a part.
func (w *tester) last(s School, part string) store.Submission {
	w.Helper()
	sub, err := w.Store.Submission(w.ctx, s.ID, part, 0)
	w.must(err)
	return sub
}

// state wants a part to stand somewhere.
func (w *tester) state(s School, part, state string, revision int) {
	w.Helper()
	parts, err := w.Store.Parts(w.ctx, s.ID)
	w.must(err)
	for _, p := range parts {
		if p.Part == part {
			if p.State != state || p.Current.Revision != revision {
				w.Errorf("%s is %s with revision %d", part, p.State, p.Current.Revision)
			}
			return
		}
	}
	w.Errorf("%s is missing", part)
}
