package office

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// judge works out where returns stand. It lives for one call and keeps the
// questionnaires that it has compiled. It is safe for concurrent use.
type judge struct {
	o        *Office
	mu       sync.Mutex // of compiled
	compiled map[string]*survey.Questionnaire
}

func (o *Office) judge() *judge { return &judge{o: o, compiled: map[string]*survey.Questionnaire{}} }

func (j *judge) questionnaire(ctx context.Context, digest string) (*survey.Questionnaire, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if q, ok := j.compiled[digest]; ok {
		return q, nil
	}
	raw, err := j.o.Store.Questionnaire(ctx, digest)
	if err != nil {
		return nil, err
	}
	q, err := survey.LoadOnce(raw)
	if err == nil {
		j.compiled[digest] = q
	}
	return q, err
}

// standing is where one return stands.
type standing struct {
	state    string
	due      []string // parts; before part 1 is in, what the register lets expect
	states   map[string]string
	late     bool // some part that counts came after the due date
	findings []survey.Finding
}

func (s standing) part(name string) string {
	if st := s.states[name]; st != "" {
		return st
	}
	return survey.PartMissing
}

// of judges one institution. Of the other parts it needs the bodies only once
// all are in, when the checks across the parts decide; full says that parts
// have them.
func (j *judge) of(ctx context.Context, in store.Institution, s store.Survey, parts []store.Part, full bool, lang string) (standing, error) {
	load := func(digest string) (*survey.Questionnaire, error) { return j.questionnaire(ctx, digest) }
	input := store.ReturnInput{Institution: in, Survey: s, Parts: parts, Load: load, Lang: lang}
	whole, err := store.BuildReturn(input)
	if err == nil && !full && (whole.State == survey.ReturnComplete || whole.State == survey.ReturnApproved) {
		if input.Parts, err = j.o.Store.Parts(ctx, in.ID); err == nil {
			whole, err = store.BuildReturn(input)
		}
	}
	if err != nil {
		return standing{}, err
	}
	st := standing{state: whole.State, states: map[string]string{}, findings: whole.Findings}
	for _, p := range whole.Parts {
		st.states[p.Part] = p.State
		if p.State != survey.PartWithdrawn {
			st.due = append(st.due, p.Part)
		}
		st.late = st.late || p.Late && (p.State == survey.PartSubmitted || p.State == survey.PartApproved)
	}
	if st.part(survey.GeneralPart) == survey.PartMissing {
		// Which tracks are due only part 1 says; until it is in, the register
		// tells what to expect.
		st.due = append([]string{survey.GeneralPart}, in.ExpectedTracks...)
	}
	return st, nil
}

// ShowRequest names a return, or one revision of a part.
type ShowRequest struct {
	Code     string `json:"code"`
	Part     string `json:"part,omitempty"`
	Revision int    `json:"revision,omitempty"` // 0: the current one
	Lang     string `json:"lang,omitempty"`     // of findings and labels
	// Unseen leaves no note of what was shown: nobody has looked at it.
	Unseen bool `json:"unseen,omitempty"`
}

// PartRow is one part of a return.
type PartRow struct {
	Part      string              `json:"part"`
	State     string              `json:"state"`
	Due       bool                `json:"due"`
	Remarks   []surveysync.Remark `json:"remarks"`
	OpenUntil *time.Time          `json:"open_until,omitempty"`
	Current   *store.Submission   `json:"current,omitempty"`
}

// ReturnReply is all that one institution has sent, in short.
type ReturnReply struct {
	Institution Brief            `json:"institution"`
	Excluded    string           `json:"excluded,omitempty"`
	State       string           `json:"state"`
	Late        bool             `json:"late"`
	Dates       survey.Dates     `json:"dates"`
	Parts       []PartRow        `json:"parts"`
	Findings    []survey.Finding `json:"findings"` // across the parts
	Messages    []store.Word     `json:"messages"` // of the office, oldest first
	Notes       []store.Word     `json:"notes"`    // of the office for itself
	Contact     Contact          `json:"contact"`
	Beside      []BesideRow      `json:"beside"` // taken back after a restore, no revision now
}

// ShowReturn gives the return of one institution and notes that the office has
// seen these revisions: what it decides next is about them.
func (o *Office) ShowReturn(ctx context.Context, r ShowRequest) (ReturnReply, error) {
	in, err := o.find(ctx, r.Code)
	if err != nil {
		return ReturnReply{}, err
	}
	s, _, err := o.survey(ctx)
	if err != nil {
		return ReturnReply{}, err
	}
	parts, err := o.Store.Parts(ctx, in.ID)
	if err != nil {
		return ReturnReply{}, err
	}
	st, err := o.judge().of(ctx, in, s, parts, true, r.Lang)
	if err != nil {
		return ReturnReply{}, err
	}
	reply := ReturnReply{Institution: brief(in.Institution), Excluded: in.Excluded, State: st.state, Late: st.late,
		Dates: s.DatesFor(in.ID), Parts: []PartRow{}, Findings: st.findings}
	if reply.Messages, err = o.words(ctx, store.Messages, in.ID); err != nil {
		return ReturnReply{}, err
	}
	if reply.Notes, err = o.words(ctx, store.Notes, in.ID); err != nil {
		return ReturnReply{}, err
	}
	if reply.Beside, err = o.beside(ctx, in.ID); err != nil {
		return ReturnReply{}, err
	}
	accounts, err := o.Store.Accounts(ctx)
	if err != nil {
		return ReturnReply{}, err
	}
	contacts, err := o.contacts(ctx, accounts, in.Code)
	if err != nil {
		return ReturnReply{}, err
	}
	reply.Contact = o.contact(contacts, in)
	for _, name := range append([]string{survey.GeneralPart}, formOrder...) {
		row := PartRow{Part: name, State: st.part(name), Due: slices.Contains(st.due, name), Remarks: []surveysync.Remark{}}
		i := slices.IndexFunc(parts, func(p store.Part) bool { return p.Part == name })
		if i < 0 && !row.Due {
			continue
		}
		if i >= 0 {
			row.Current, row.OpenUntil = &parts[i].Current, parts[i].OpenUntil
			row.Remarks = append(row.Remarks, parts[i].Remarks...)
		}
		reply.Parts = append(reply.Parts, row)
	}
	if !r.Unseen {
		err = o.shown(ctx, in.ID, parts, func(p store.Part) int { return p.Current.Revision })
	}
	return reply, err
}

// words gives what was written to or about one institution; never null.
func (o *Office) words(ctx context.Context, kind store.WordKind, id string) ([]store.Word, error) {
	all, err := o.Store.Words(ctx, kind, id)
	return append([]store.Word{}, all[id]...), err
}

// shown notes the revision of each part that the office is about to see; 0 is
// none. It writes only what is new: showing stays a reading.
func (o *Office) shown(ctx context.Context, id string, parts []store.Part, revision func(store.Part) int) error {
	seen := map[string]int{}
	for _, p := range parts {
		if n := revision(p); n > 0 && n != p.Shown {
			seen[p.Part] = n
		}
	}
	if len(seen) == 0 {
		return nil
	}
	return o.Store.MarkShown(ctx, id, seen)
}

// PartReply is one revision of a part.
type PartReply struct {
	Institution   Brief               `json:"institution"`
	Submission    store.Submission    `json:"submission"`
	State         string              `json:"state"` // of the part
	Remarks       []surveysync.Remark `json:"remarks"`
	Current       bool                `json:"current"`       // no newer revision
	Body          json.RawMessage     `json:"body"`          // what was sent, compacted
	Questionnaire []byte              `json:"questionnaire"` // base64; it names and orders the answers
}

// ShowPart gives one revision with its answers.
func (o *Office) ShowPart(ctx context.Context, r ShowRequest) (PartReply, error) {
	in, err := o.find(ctx, r.Code)
	if err != nil {
		return PartReply{}, err
	}
	if err := o.knownPart(ctx, in.ID, r.Part); err != nil {
		return PartReply{}, err
	}
	if r.Revision < 0 {
		return PartReply{}, fail("unknown_revision", in.Code, r.Part, r.Revision)
	}
	sub, err := o.Store.Submission(ctx, in.ID, r.Part, r.Revision)
	if err != nil {
		return PartReply{}, notSent(err, in.Code, r)
	}
	raw, err := o.Store.Questionnaire(ctx, sub.Questionnaire)
	if err != nil {
		return PartReply{}, err
	}
	reply := PartReply{Institution: brief(in.Institution), Submission: sub, Remarks: []surveysync.Remark{},
		Body: sub.Body, Questionnaire: raw}
	parts, err := o.Store.Parts(ctx, in.ID)
	for _, p := range parts {
		if p.Part == r.Part {
			reply.State, reply.Current = p.State, p.Current.Revision == sub.Revision
			reply.Remarks = append(reply.Remarks, p.Remarks...)
		}
	}
	if err == nil {
		err = o.shown(ctx, in.ID, parts, func(p store.Part) int {
			if p.Part != r.Part {
				return 0
			}
			return sub.Revision
		})
	}
	return reply, err
}

// knownPart refuses a word that is no part of the survey in force; a part of
// an older version that the institution has sent is one still.
func (o *Office) knownPart(ctx context.Context, institutionID, part string) error {
	_, q, err := o.survey(ctx)
	if err != nil || q.Sheet(part) != nil {
		return err
	}
	sent, err := o.Store.Parts(ctx, institutionID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(sent, func(p store.Part) bool { return p.Part == part }) {
		return nil
	}
	return fail("bad_part", part, strings.Join(q.AllParts(), ", "))
}

func notSent(err error, code string, r ShowRequest) error {
	var e *store.Error
	if !errors.As(err, &e) || e.Code != surveysync.NotFound {
		return err
	}
	if r.Revision == 0 {
		return fail("not_sent", code, r.Part)
	}
	return fail("unknown_revision", code, r.Part, r.Revision)
}
