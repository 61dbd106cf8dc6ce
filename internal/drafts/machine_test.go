package drafts

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// content is what a draft holds, comparable by its JSON.
type content struct {
	Answers      survey.Answers
	Unavailable  map[string]string
	Explanations map[string]survey.Explanation
}

func (c content) String() string {
	raw, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func (c content) clone() content {
	out := content{survey.Answers{}, map[string]string{}, map[string]survey.Explanation{}}
	for k, v := range c.Answers {
		out.Answers[k] = v
	}
	for k, v := range c.Unavailable {
		out.Unavailable[k] = v
	}
	for k, v := range c.Explanations {
		out.Explanations[k] = v
	}
	return out
}

// modelPart is what the store promises of one part, said as simply as can be.
type modelPart struct {
	begun        bool
	now          content
	withdraw     []string
	clean        string // content that the program filled in itself
	acknowledged string // content that the server has
	base, theirs int
	entry        *modelEntry
}

type modelEntry struct {
	body     []byte
	replaces int
	content  string // of the draft that it was frozen from
	withdraw []string
	maybe    bool // the server may have it
	sending  bool
}

func (m *modelPart) touched() bool {
	c := m.now.String()
	acknowledged := m.base > 0 && c == m.acknowledged
	return m.begun && (len(m.withdraw) > 0 || !acknowledged && c != m.clean)
}

// machine drives a store and the model side by side; after every step the
// store is closed and opened anew, as after a crash between two transactions.
type machine struct {
	dir      string
	store    *Store
	parts    map[string]*modelPart
	archive  map[string]content
	receipts int
	attempts int
	ids      int
}

var (
	owner    = Owner{Institution: "i1", Survey: "s"}
	variable = rapid.SampledFrom([]string{"enrolled_y1_m", "enrolled_y1_f", "study_programmes", "notes"})
	partName = rapid.SampledFrom([]string{"general", "tecnico"})
	value    = rapid.SampledFrom([]any{0, 1, 250, -3, true, false, "", "1", "è", []string{}, []string{"a", "b"}, nil})
)

func drawAnswers(t *rapid.T) survey.Answers {
	out := survey.Answers{}
	for range rapid.IntRange(0, 3).Draw(t, "n") {
		if v := value.Draw(t, "value"); v != nil {
			out[variable.Draw(t, "variable")] = v
		}
	}
	return out
}

func (m *machine) body(c content, part string, withdraw []string) (string, []byte) {
	m.ids++
	id := fmt.Sprintf("0193b3a0-0000-7000-8000-%012d", m.ids)
	raw, err := json.Marshal(surveysync.Submission{SubmissionID: id, Institution: "MIIS00100B", Survey: owner.Survey, Part: part,
		Questionnaire: surveysync.Digest(nil), Answers: c.Answers, Unavailable: c.Unavailable, Explanations: c.Explanations,
		Withdraw: withdraw, CompletedAt: testTime})
	if err != nil {
		panic(err)
	}
	return id, raw
}

var testTime = time.Date(2023, 12, 18, 10, 0, 0, 0, time.UTC)

func testOptions() Options {
	return Options{Now: func() time.Time { return testTime }, noSync: true, Passphrase: testPassphrase, LockWork: 1}
}

const testPassphrase = "quattro lampade verdi"

func wantCode(t interface {
	Helper()
	Fatalf(string, ...any)
}, err error, code string) {
	t.Helper()
	if CodeOf(err) != code || (err == nil) != (code == "") {
		t.Fatalf("error %v, want code %q", err, code)
	}
}

func TestMachine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{dir: t.TempDir(), parts: map[string]*modelPart{"general": {}, "tecnico": {}}, archive: map[string]content{}}
		var err error
		if m.store, err = Open(m.dir, testOptions()); err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = m.store.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"": m.check, "begin": m.begin, "set": m.set, "explain": m.explain, "withdraw": m.setWithdraw, "discard": m.discard,
			"enqueue": m.enqueue, "sending": m.sending, "attempted": m.attempted, "settle": m.settle, "adopt": m.adopt,
			"resolve": m.resolve, "lock": m.lock,
		})
	})
}

func (m *machine) begin(t *rapid.T) {
	part := partName.Draw(t, "part")
	p := m.parts[part]
	answers := drawAnswers(t)
	begun, err := m.store.Begin(owner, part, surveysync.Digest(nil), answers)
	wantCode(t, err, "")
	if begun == p.begun {
		t.Fatalf("begun %v, was begun %v", begun, p.begun)
	}
	if begun {
		p.begun, p.now = true, content{Answers: answers}.clone()
		p.clean, p.withdraw, p.acknowledged = p.now.String(), nil, ""
	}
}

func (m *machine) set(t *rapid.T) {
	part := partName.Draw(t, "part")
	p := m.parts[part]
	c := Change{Variable: variable.Draw(t, "variable"), Value: value.Draw(t, "value")}
	if rapid.Bool().Draw(t, "not available") {
		c.Unavailable = "not_recorded"
	}
	_, err := m.store.Set(owner, part, []Change{c})
	if !p.begun {
		wantCode(t, err, CodeNoDraft)
		return
	}
	wantCode(t, err, "")
	p.now.apply(c)
	_, err = m.store.Set(owner, part, []Change{{Variable: "x", Value: 1}, {Variable: "y", Value: 1.5}})
	wantCode(t, err, CodeValue) // and x is not there
}

func (c content) apply(x Change) {
	delete(c.Answers, x.Variable)
	delete(c.Unavailable, x.Variable)
	switch {
	case x.Unavailable != "":
		c.Unavailable[x.Variable] = x.Unavailable
	case x.Value != nil:
		c.Answers[x.Variable] = x.Value
	}
}

func (m *machine) explain(t *rapid.T) {
	part := partName.Draw(t, "part")
	p := m.parts[part]
	e := &survey.Explanation{Reason: "other", Text: "controllato nel registro", Values: map[string]any{"n": 3}}
	if rapid.Bool().Draw(t, "take away") {
		e = nil
	}
	_, err := m.store.Explain(owner, part, "S04", e)
	if !p.begun {
		wantCode(t, err, CodeNoDraft)
		return
	}
	wantCode(t, err, "")
	delete(p.now.Explanations, "S04")
	if e != nil {
		p.now.Explanations["S04"] = *e
	}
}

func (m *machine) setWithdraw(t *rapid.T) {
	p := m.parts["general"]
	tracks := rapid.SampledFrom([][]string{nil, {"iefp"}}).Draw(t, "tracks")
	_, err := m.store.SetWithdraw(owner, "general", tracks)
	if p.begun {
		wantCode(t, err, "")
		p.withdraw = tracks
	}
}

func (m *machine) discard(t *rapid.T) {
	part := partName.Draw(t, "part")
	p := m.parts[part]
	err := m.store.Discard(owner, part)
	if p.entry != nil && (p.entry.maybe || p.entry.sending) {
		wantCode(t, err, CodePendingUnknown)
		return
	}
	wantCode(t, err, "")
	p.entry, p.begun, p.withdraw, p.clean = nil, false, nil, ""
	if p.theirs > 0 {
		p.base, p.theirs = p.theirs, 0
	}
	if p.base > 0 {
		p.fill(m.archive[key(part, p.base)])
	}
}

func (p *modelPart) fill(c content) {
	p.begun, p.now, p.withdraw, p.clean = true, c.clone(), nil, ""
	p.acknowledged = p.now.String()
}

func key(part string, revision int) string { return fmt.Sprint(part, revision) }

func (m *machine) enqueue(t *rapid.T) {
	part := partName.Draw(t, "part")
	p := m.parts[part]
	id, body := m.body(p.now, part, p.withdraw)
	f := Frozen{SubmissionID: id, Body: body, Digest: surveysync.Digest(body), Replaces: p.base}
	err := m.store.Enqueue(owner, part, f)
	switch {
	case !p.begun && p.now.Answers == nil:
		wantCode(t, err, CodeBody) // answers: null
	case p.entry != nil && (p.entry.maybe || p.entry.sending):
		wantCode(t, err, CodePendingUnknown)
	case !p.begun:
		wantCode(t, err, CodeNoDraft)
	default:
		wantCode(t, err, "")
		p.entry = &modelEntry{body: body, replaces: p.base, content: p.now.String(), withdraw: p.withdraw}
		wantCode(t, m.store.Enqueue(owner, part, f), "") // again: nothing changes
		f.Replaces++
		f.SubmissionID, f.Body = m.body(p.now, part, nil)
		f.Digest = surveysync.Digest(f.Body)
		wantCode(t, m.store.Enqueue(owner, part, f), CodeBase)
	}
}

func (m *machine) sending(t *rapid.T) {
	part := partName.Draw(t, "part")
	err := m.store.Sending(owner, part)
	if p := m.parts[part]; p.entry == nil {
		wantCode(t, err, CodeNoEntry)
	} else {
		wantCode(t, err, "")
		p.entry.sending = true
	}
}

func (m *machine) attempted(t *rapid.T) {
	part := partName.Draw(t, "part")
	p := m.parts[part]
	r := rapid.SampledFrom([]surveysync.AttemptResult{
		{Code: "timeout", State: surveysync.OpQueued, Fate: surveysync.FateUnknown},
		{Code: "dns", State: surveysync.OpQueued, Fate: surveysync.FateUnsent},
		{Code: "answers_rejected", State: surveysync.OpRefused, Fate: surveysync.FateNotStored},
		{Code: "revision_conflict", State: surveysync.OpConflict, Fate: surveysync.FateNotStored},
		{Code: "unauthorized", State: surveysync.OpNeedsLogin, Fate: surveysync.FateUnsent},
	}).Draw(t, "result")
	if p.entry != nil && rapid.Bool().Draw(t, "in one run") {
		wantCode(t, m.store.Sending(owner, part), "") // no restart between leaving and its outcome
	}
	err := m.store.Attempted(owner, part, r)
	if p.entry == nil {
		wantCode(t, err, CodeNoEntry)
		return
	}
	wantCode(t, err, "")
	m.attempts++
	p.entry.sending = false
	switch r.Fate {
	case surveysync.FateUnknown:
		p.entry.maybe = true
	case surveysync.FateNotStored:
		p.entry.maybe = false
	}
}

func (m *machine) settle(t *rapid.T) {
	part := partName.Draw(t, "part")
	p := m.parts[part]
	if p.entry == nil {
		return
	}
	sub, _ := surveysync.ParseSubmission(p.entry.body)
	r, raw := testReceipt(sub, p.entry.body, p.entry.replaces+1)
	forged, forgedRaw := testReceipt(sub, append(p.entry.body, ' '), p.entry.replaces+1)
	wantCode(t, m.store.Settle(owner, part, forgedRaw, forged, surveysync.AttemptResult{}), CodeReceipt)
	wantCode(t, m.store.Settle(owner, part, raw, forged, surveysync.AttemptResult{}), CodeReceipt)
	m.same(t)
	wantCode(t, m.store.Settle(owner, part, raw, r, surveysync.AttemptResult{Code: surveysync.CodeAccepted}), "")
	wantCode(t, m.store.Settle(owner, part, raw, r, surveysync.AttemptResult{Code: surveysync.CodeAccepted}), "") // once is enough
	m.receipts++
	m.attempts++
	p.base = r.Revision
	if p.theirs <= p.base {
		p.theirs = 0
	}
	m.archive[key(part, p.base)] = contentOf(sub)
	if p.begun {
		p.acknowledged = p.entry.content
		if slices.Equal(p.withdraw, p.entry.withdraw) {
			p.withdraw = nil
		}
	}
	p.entry = nil
}

func contentOf(s surveysync.Submission) content {
	return content{s.Answers, s.Unavailable, s.Explanations}.clone()
}

func testReceipt(s surveysync.Submission, body []byte, revision int) (surveysync.Receipt, []byte) {
	digest := surveysync.Digest(body)
	r := surveysync.Receipt{Number: surveysync.ReceiptNumber(s.SubmissionID, digest), Institution: "MIIS00100B", Survey: s.Survey,
		Part: s.Part, Revision: revision, SubmissionID: s.SubmissionID, ContentDigest: digest, Questionnaire: s.Questionnaire,
		ReceivedAt: testTime, Proof: "c2sp.org/tlog-proof@v1\n"}
	raw, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return r, raw
}

func (m *machine) adopt(t *rapid.T) {
	part := partName.Draw(t, "part")
	p := m.parts[part]
	revision := p.base + rapid.IntRange(0, 2).Draw(t, "ahead")
	c := content{Answers: drawAnswers(t)}.clone()
	_, body := m.body(c, part, nil)
	if revision == 0 {
		return
	}
	down := downloaded(body, revision)
	if rapid.Bool().Draw(t, "personal data removed") {
		down.Digest, down.Kept = surveysync.Digest(append([]byte(" "), body...)), down.Digest
	}
	filled, err := m.store.Adopt(owner, part, down)
	wantCode(t, err, "")
	wantCode(t, second(m.store.Adopt(owner, part, surveysync.PartBody{Body: append(body, ' '), Revision: revision, Digest: surveysync.Digest(body)})), CodeBody)
	switch {
	case revision < p.base || revision < p.theirs: // of one number there are two after a restore
		if filled {
			t.Fatal("an old revision filled the draft")
		}
		return
	case p.entry != nil || p.touched():
		if filled {
			t.Fatal("unsent changes were overwritten")
		}
		p.theirs = revision
	default:
		if !filled {
			t.Fatal("nothing stood in the way, and yet it was not taken")
		}
		p.base, p.theirs = revision, 0
		p.fill(c)
	}
	m.archive[key(part, revision)] = c
}

func second[T any](_ T, err error) error { return err }

func (m *machine) resolve(t *rapid.T) {
	part := partName.Draw(t, "part")
	p := m.parts[part]
	if p.theirs == 0 {
		wantCode(t, m.store.Resolve(owner, part, Resolution{Revision: 9}), CodeBase)
		return
	}
	c := Change{Variable: variable.Draw(t, "variable"), Value: 7}
	err := m.store.Resolve(owner, part, Resolution{Revision: p.theirs, Changes: []Change{c}})
	switch {
	case !p.begun:
		wantCode(t, err, CodeBase)
		return
	case p.entry != nil && (p.entry.maybe || p.entry.sending):
		wantCode(t, err, CodePendingUnknown)
		return
	}
	wantCode(t, err, "")
	p.now.apply(c)
	p.entry, p.base, p.theirs = nil, p.theirs, 0
	p.acknowledged = m.archive[key(part, p.base)].String()
}

// check reopens the file and compares.
func (m *machine) check(t *rapid.T) {
	if err := m.store.Close(); err != nil {
		t.Fatal(err)
	}
	var err error
	if m.store, err = Open(m.dir, testOptions()); err != nil {
		t.Fatal(err)
	}
	for _, p := range m.parts {
		if p.entry != nil && p.entry.sending { // the restart has cut it off
			p.entry.sending, p.entry.maybe = false, true
		}
	}
	m.same(t)
}

func (m *machine) same(t *rapid.T) {
	if broken, err := m.store.Check(); err != nil || len(broken) > 0 {
		t.Fatal(broken, err)
	}
	entries, err := m.store.Outbox(owner)
	wantCode(t, err, "")
	queued := map[string]Entry{}
	for _, e := range entries {
		queued[e.Part] = e
	}
	for part, p := range m.parts {
		d, ok, err := m.store.Draft(owner, part)
		wantCode(t, err, "")
		if ok != p.begun || d.Base.Revision != p.base || (d.Theirs != nil) != (p.theirs > 0) {
			t.Fatalf("%s: begun %v base %v theirs %v, want %+v", part, ok, d.Base, d.Theirs, p)
		}
		if ok {
			got := content{d.Answers, d.Unavailable, d.Explanations}
			if got.String() != p.now.String() || !slices.Equal(d.Withdraw, p.withdraw) {
				t.Fatalf("%s: %s, want %s", part, got, p.now)
			}
			sent := p.base > 0 && p.now.String() == p.acknowledged && len(p.withdraw) == 0
			if d.Touched != p.touched() || d.Sent != sent {
				t.Fatalf("%s: touched %v sent %v, want %v %v", part, d.Touched, d.Sent, p.touched(), sent)
			}
		}
		e, waits := queued[part]
		if waits != (p.entry != nil) || waits && (string(e.Body) != string(p.entry.body) || e.Unknown != (p.entry.maybe || p.entry.sending)) {
			t.Fatalf("%s: entry %+v, want %+v", part, e, p.entry)
		}
	}
	receipts, err := m.store.Receipts(owner)
	wantCode(t, err, "")
	attempts, err := m.store.Attempts(owner, 0)
	wantCode(t, err, "")
	if len(receipts) != m.receipts || len(attempts) != m.attempts {
		t.Fatalf("%d receipts, want %d; %d attempts, want %d", len(receipts), m.receipts, len(attempts), m.attempts)
	}
}

// lock sets a passphrase or takes it away: neither changes what the drafts hold.
func (m *machine) lock(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "seldom") > 0 {
		return // it writes everything anew
	}
	passphrase := rapid.SampledFrom([]string{"", testPassphrase}).Draw(t, "passphrase")
	if err := m.store.SetPassphrase(passphrase); err != nil {
		t.Fatal(err)
	}
	if m.store.Locked() != (passphrase != "") {
		t.Fatal("the lock is not told")
	}
}
