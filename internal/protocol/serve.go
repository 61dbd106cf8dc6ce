package protocol

import (
	"strconv"
	"time"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// partNames are the parts as Decide knows them.
var partNames = [parts]string{survey.GeneralPart, "liceale"}

// questionnaire is the least that has a track.
const questionnaire = `
format: 1
id: model
school_year: "2022/23"
languages: [it]
title: Modello
numbers: {min: 0, max: 99}
checks: {integer: N, required: R, exclusive: X}
reasons: {other: Altro}
unavailable: {other: Altro}
parts:
  - id: general
    title: Generale
    sections:
      - {id: s, title: S, items: [{question: offer, type: multi, label: Percorsi, options: [{id: liceale, label: L}]}]}
  - id: track
    repeat: offer
    title: Scheda
    sections:
      - {id: s, title: S, items: [{question: n, type: integer, label: N}]}
`

var (
	opens   = time.Date(2023, 11, 20, 0, 0, 0, 0, time.UTC)
	closes  = opens.AddDate(0, 1, 0)
	answers = [parts]survey.Answers{{"offer": []string{"liceale"}}, {"n": 1}}
)

// codes are the refusals that can occur here; noAnswer stands for a call whose
// answer did not come.
var codes = []surveysync.Code{"", surveysync.RevisionConflict, surveysync.SurveyClosed, surveysync.GeneralPartRequired,
	surveysync.EpochChanged, surveysync.IDReused, surveysync.TrackNotOffered, surveysync.UnknownQuestionnaire, surveysync.Unavailable}

const noAnswer = 0

// question is all that a verdict depends on, so that each is asked once.
type question struct {
	part, current, replaces uint8
	same                    uint8 // 0 unknown, 1 the same bytes, 2 others
	closed, open            bool
	before                  bool // sent before the restore
}

// decide asks the product.
func (m *machine) decide(q question) surveysync.Verdict {
	if v, ok := m.verdicts[q]; ok {
		return v
	}
	name := partNames[q.part]
	st := surveysync.Stored{Institution: survey.Institution{Code: "MIIS00100B", Codes: []string{"MIIS00100B"}}, SurveyID: "model",
		Dates: survey.Dates{Opens: opens, Due: closes, LateUntil: closes}, Questionnaire: m.questionnaire,
		Parts: map[string]surveysync.PartState{}}
	if q.open {
		st.Due = partNames[:]
		st.Parts[survey.GeneralPart] = surveysync.PartState{State: survey.PartSubmitted, Revision: 1}
	}
	if q.current > 0 {
		st.Parts[name] = surveysync.PartState{State: survey.PartSubmitted, Revision: int(q.current)}
	}
	in := surveysync.Incoming{Part: name, Digest: "1", Replaces: int(q.replaces), Now: opens, Lang: "it",
		Submission: surveysync.Submission{Institution: "MIIS00100B", Survey: "model", Part: name, Answers: answers[q.part]}}
	if q.same > 0 {
		st.Same = &surveysync.SameID{Mine: true, Digest: strconv.Itoa(int(q.same))}
	}
	if q.before {
		in.Epoch, st.Epoch = "one", "two"
	}
	if q.closed {
		in.Now = closes.Add(time.Second)
	}
	v := surveysync.Decide(st, in)
	m.verdicts[q] = v
	return v
}

// judge is the server's transaction up to its verdict (PROTOCOL 12.1, step 3).
func (m *machine) judge(s *state, r body) surveysync.Verdict {
	stored, times := s.srv.find(r.id)
	q := question{part: r.part, current: s.srv.current(r.part), replaces: r.replaces, closed: s.srv.closed,
		open: s.srv.current(general) > 0 || m.has(NoGate), before: r.epoch != s.srv.epoch && !m.has(EpochNotFenced)}
	if times > 0 && !m.has(NoKey) {
		q.same = 2
		if stored.content == r.content {
			q.same = 1
		}
	}
	if m.has(NoBaseCheck) {
		q.replaces = q.current
	}
	if m.has(DatesBeforeReplay) && q.closed {
		q.same = 0
	}
	return m.decide(q)
}

// arrivals are what can happen when a request arrives. It stays on its way, so
// it may arrive again.
func (m *machine) arrivals(r body, i int, step func(string, int, int, func(*state) bool)) {
	if m.has(DecidedOutside) {
		step("judge", 0, i, func(t *state) bool {
			if v := m.judge(t, r); v.Outcome != surveysync.Accept {
				return m.answer(t, r, v)
			} else {
				return put(t.srv.judged[:], receipt{r, uint8(v.Revision)}, byReceipt)
			}
		})
		step("store", 0, i, func(t *state) bool {
			for j, p := range t.srv.judged {
				if p.body == r {
					t.srv.judged[j] = receipt{}
					v := surveysync.Verdict{Outcome: surveysync.Accept, Revision: int(t.srv.current(r.part)) + 1}
					m.store(t, r, v.Revision)
					return m.answer(t, r, v)
				}
			}
			return false
		})
		return
	}
	step("serve", 0, i, func(t *state) bool {
		v := m.judge(t, r)
		if v.Outcome == surveysync.Accept {
			m.store(t, r, v.Revision)
		}
		return m.answer(t, r, v)
	})
	if m.has(AnswerBeforeCommit) {
		step("answer-and-crash", 0, i, func(t *state) bool { return m.answer(t, r, m.judge(t, r)) })
	}
}

func (m *machine) store(s *state, r body, revision int) {
	if !m.fits(revision <= maxRev, "revisions") {
		return
	}
	r.prev, r.epoch = s.srv.slots[r.part][revision-1].id, 0
	s.srv.slots[r.part][revision] = r
	m.adoptWaiting(&s.srv.line, r.part)
}

// answer puts the answer on its way to the device that waits for it. Nothing
// is lost here: the device may lose it.
func (m *machine) answer(s *state, r body, v surveysync.Verdict) bool {
	d := &s.dev[r.device()]
	r.epoch = 0
	told := call{id: r.id, part: r.part, answer: answerReceipt, revision: uint8(v.Revision), stored: r}
	switch v.Outcome {
	case surveysync.Replay:
		stored, _ := s.srv.find(r.id)
		told.stored, told.revision = stored.body, stored.revision
	case surveysync.Accept:
		told.stored.prev = s.srv.slots[r.part][v.Revision-1].id
	default:
		told.answer, told.revision, told.stored = answerRefusal, 0, body{}
		for i, c := range codes {
			if c == v.Code {
				told.code = uint8(i)
			}
		}
		m.judgeRefusal(s, r, v.Code)
	}
	if d.call.id == r.id {
		d.call = told
	}
	return true
}

// classify asks the product what an answer means for the entry, and does what
// Attempted in internal/drafts does with it.
func (m *machine) classify(e *entry, code uint8) {
	var err error = &surveysync.NetError{Cause: surveysync.CauseTimeout, Left: true}
	if code != noAnswer {
		err = surveysync.NewProblem(codes[code], "it")
	}
	state, fate := surveysync.Classify(err)
	e.sending = false
	switch fate {
	case surveysync.FateNotStored:
		e.unknown = false
	case surveysync.FateUnsent:
	default:
		e.unknown = true
	}
	switch state {
	case surveysync.OpQueued:
		e.state = opQueued
	case surveysync.OpConflict:
		e.state = opConflict
	case surveysync.OpNeedsLogin:
		e.state = opNeedsLogin
	default:
		e.state = opRefused
	}
}

// reoffer gives a restored server back what this device holds (contract,
// "After a restore"). A revision takes its old place only where the newest is
// the one that it replaced, as reoffer in pkg/sync decides it: otherwise it
// would replace one that it never saw, or leave a gap: it stands beside.
func (m *machine) reoffer(s *state, who int) bool {
	d := &s.dev[who]
	if !d.owes || d.call.id != 0 {
		return false
	}
	d.owes = false
	for _, r := range d.held {
		if _, times := s.srv.find(r.id); r.id == 0 || times > 0 {
			continue
		}
		now := s.srv.current(r.part)
		follows := r.revision == now+1 && (s.srv.slots[r.part][now].id == r.prev || m.has(ReofferedByNumber))
		switch {
		case follows, m.has(ReofferOverwrites):
			s.srv.slots[r.part][r.revision] = r.body
			m.adoptWaiting(&s.srv.line, r.part)
		default:
			m.fits(put(s.srv.beside[:], r, byReceipt), "receipts set aside")
		}
	}
	if !m.has(NumbersTrusted) {
		m.compare(s, d)
	}
	return true
}

// adoptWaiting gives those that stand beside because a revision before them
// was still missing their place, as it does in internal/store/engine.
func (m *machine) adoptWaiting(l *line, part uint8) {
	if m.has(NotAdopted) {
		return
	}
	for i := 0; i < len(l.beside); i++ {
		r, now := l.beside[i], l.current(part)
		if r.id == 0 || r.part != part || r.revision != now+1 || r.prev != l.slots[part][now].id {
			continue
		}
		l.slots[part][r.revision] = r.body
		l.beside[i] = receipt{}
		sorted(l.beside[:], byReceipt)
		i = -1 // the next may stand before it
	}
}

// compare finds out, after a restore, whether the revisions that the drafts
// rest on are still those of their number. Where one is not, its draft counts
// as unsent again, or the next download would take it away from its author;
// and what waits to be sent is a conflict: sent with that number, it would
// replace a revision that nobody here has seen.
func (m *machine) compare(s *state, d *device) {
	for p := range d.drafts {
		x := &d.drafts[p]
		if x.baseRev == 0 || s.srv.slots[p][x.baseRev].id == x.base.id {
			continue
		}
		x.acknowledgedByServer, x.base, x.baseRev, x.settled = 0, body{}, 0, false
		if _, times := s.srv.find(x.entry.id); x.entry.state != opNone && times == 0 {
			x.entry.state, x.entry.unknown = opConflict, false
		}
	}
}
