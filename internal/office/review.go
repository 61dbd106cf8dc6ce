package office

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// MaxRemark bounds a remark, a message or a note, in characters: more is a
// letter, and stands on no screen.
const MaxRemark = 2000

// ReviewRequest says what the office decides about a part, or, to approve,
// about all parts of an institution.
type ReviewRequest struct {
	Code     string     `json:"code"`
	Part     string     `json:"part,omitempty"`
	Revision int        `json:"revision,omitempty"` // 0: the one last shown
	Remarks  []string   `json:"remarks,omitempty"`  // "[VARIABLE:] text"
	Until    *time.Time `json:"until,omitempty"`
	Cancel   bool       `json:"cancel,omitempty"` // takes the act back
}

// ReviewReply tells where the parts and the return stand now.
type ReviewReply struct {
	Institution Brief     `json:"institution"`
	State       string    `json:"state"` // of the return
	Parts       []PartRow `json:"parts"` // those decided about
}

// ReturnPart sends a part back with remarks, or takes that back.
func (o *Office) ReturnPart(ctx context.Context, r ReviewRequest) (ReviewReply, error) {
	in, err := o.find(ctx, r.Code)
	if err != nil {
		return ReviewReply{}, err
	}
	if err := o.knownPart(ctx, in.ID, r.Part); err != nil {
		return ReviewReply{}, err
	}
	review := store.Review{At: o.Now().UTC(), Action: store.ReviewReturnCancel, Part: r.Part, Revision: r.Revision}
	if !r.Cancel {
		review.Action, review.OpenUntil = store.ReviewReturn, r.Until
		if review.Remarks, err = o.remarks(ctx, in, r); err != nil {
			return ReviewReply{}, err
		}
	}
	return o.review(ctx, in, []store.Review{review})
}

// ApproveParts approves a part, or all parts of a return of which none is
// missing or sent back; or takes the approval back.
func (o *Office) ApproveParts(ctx context.Context, r ReviewRequest) (ReviewReply, error) {
	in, err := o.find(ctx, r.Code)
	if err != nil {
		return ReviewReply{}, err
	}
	parts := []string{r.Part}
	if r.Part == "" {
		if parts, err = o.approvable(ctx, in, r.Cancel); err != nil {
			return ReviewReply{}, err
		}
	} else if err := o.knownPart(ctx, in.ID, r.Part); err != nil {
		return ReviewReply{}, err
	}
	var reviews []store.Review
	for _, part := range parts {
		review := store.Review{At: o.Now().UTC(), Action: store.ReviewApprove, Part: part, Revision: r.Revision}
		if r.Cancel {
			review.Action = store.ReviewApproveCancel
		}
		reviews = append(reviews, review)
	}
	return o.review(ctx, in, reviews)
}

// approvable lists the parts that an approval of the whole return is about.
func (o *Office) approvable(ctx context.Context, in store.Institution, cancel bool) ([]string, error) {
	whole, err := o.ShowReturn(ctx, ShowRequest{Code: in.Code, Unseen: true})
	if err != nil {
		return nil, err
	}
	var parts, lacking []string
	for _, p := range whole.Parts {
		switch {
		case cancel && p.State == survey.PartApproved, !cancel && (p.State == survey.PartSubmitted || p.State == survey.PartApproved):
			parts = append(parts, p.Part)
		case !cancel && p.Due:
			lacking = append(lacking, p.Part)
		}
	}
	switch {
	case len(lacking) > 0:
		return nil, fail("parts_lacking", in.Code, strings.Join(lacking, ", "))
	case len(parts) == 0:
		return nil, fail("not_approved", in.Code, survey.GeneralPart)
	}
	return parts, nil
}

// review does the acts and says where the return stands then.
func (o *Office) review(ctx context.Context, in store.Institution, reviews []store.Review) (ReviewReply, error) {
	note, err := reviewNote(reviews[0])
	if err != nil {
		return ReviewReply{}, err
	}
	if _, err := o.Store.ReviewParts(ctx, in.ID, reviews, o.act(reviews[0].Action, &in, note)); err != nil {
		return ReviewReply{}, o.reviewRefused(ctx, err, in, reviews)
	}
	whole, err := o.ShowReturn(ctx, ShowRequest{Code: in.Code, Unseen: true})
	if err != nil {
		return ReviewReply{}, err
	}
	about := func(p PartRow) bool {
		return !slices.ContainsFunc(reviews, func(r store.Review) bool { return r.Part == p.Part })
	}
	return ReviewReply{Institution: whole.Institution, State: whole.State, Parts: slices.DeleteFunc(whole.Parts, about)}, nil
}

// reviewNote is what the log says of a return beside part and revision: on
// which variables, until when, and the digest of the remarks. Their words may
// quote an answer, and a leaf holds none; history shows them.
func reviewNote(r store.Review) (string, error) {
	if r.Action != store.ReviewReturn {
		return "", nil
	}
	raw, err := json.Marshal(r.Remarks)
	if err != nil {
		return "", err
	}
	var about []string
	for _, one := range r.Remarks {
		if one.Variable != "" && !slices.Contains(about, one.Variable) {
			about = append(about, one.Variable)
		}
	}
	note := fmt.Sprintf("remarks %d sha256:%x", len(r.Remarks), sha256.Sum256(raw))
	if len(about) > 0 {
		note += "; " + strings.Join(about, " ")
	}
	if r.OpenUntil != nil {
		note += "; until " + r.OpenUntil.Format(time.RFC3339)
	}
	return note, nil
}

// reviewRefused says in words why the store did not do it.
func (o *Office) reviewRefused(ctx context.Context, err error, in store.Institution, reviews []store.Review) error {
	sent, readErr := o.Store.Parts(ctx, in.ID)
	if readErr != nil {
		return err
	}
	code := store.CodeOf(err)
	for _, r := range reviews {
		i := slices.IndexFunc(sent, func(p store.Part) bool { return p.Part == r.Part })
		if i < 0 {
			return fail("not_sent", in.Code, r.Part)
		}
		p := sent[i]
		looked := r.Revision
		if looked == 0 {
			looked = p.Shown
		}
		switch {
		case code == surveysync.RevisionConflict && looked < p.Current.Revision:
			return fail("newer_revision", in.Code, r.Part, p.Current.Revision, looked)
		case code == surveysync.NotFound && looked > p.Current.Revision:
			return fail("unknown_revision", in.Code, r.Part, looked)
		case code == surveysync.SurveyClosed:
			return fail("until_needed", in.Code, r.Part)
		case code == surveysync.Invalid && r.OpenUntil != nil:
			return fail("until_useless", inWords(*r.OpenUntil))
		case code == store.NotInState:
			if refused := notInState(r, p, in.Code); refused != nil {
				return refused
			}
		}
	}
	return err
}

// notInState tells what stands in the way; nil when nothing does.
func notInState(r store.Review, p store.Part, code string) error {
	switch {
	case p.State == survey.PartWithdrawn:
		return fail("part_withdrawn", code, r.Part)
	case r.Action == store.ReviewApprove && p.State == survey.PartReturned:
		return fail("is_returned", code, r.Part)
	case r.Action == store.ReviewReturnCancel && p.State != survey.PartReturned:
		return fail("not_returned", code, r.Part)
	case r.Action == store.ReviewApproveCancel && p.State != survey.PartApproved:
		return fail("not_approved", code, r.Part)
	}
	return nil
}

// named is how a remark begins that names a variable.
var named = regexp.MustCompile(`^([A-Za-z0-9_]*):`)

// remarks reads "[VARIABLE:] text" against the questionnaire that the part was
// filled in on.
func (o *Office) remarks(ctx context.Context, in store.Institution, r ReviewRequest) ([]surveysync.Remark, error) {
	if len(r.Remarks) == 0 {
		return nil, fail("remark_missing")
	}
	sub, err := o.Store.Submission(ctx, in.ID, r.Part, 0)
	if err != nil {
		return nil, notSent(err, in.Code, ShowRequest{Part: r.Part})
	}
	q, err := o.judge().questionnaire(ctx, sub.Questionnaire)
	if err != nil {
		return nil, err
	}
	out := []surveysync.Remark{}
	for _, typed := range r.Remarks {
		var one surveysync.Remark
		text := strings.TrimSpace(typed)
		if m := named.FindStringSubmatch(text); m != nil {
			one.Variable, text = m[1], text[len(m[0]):]
		}
		if one.Text, err = spoken(text); err != nil {
			return nil, err
		}
		if sheet := q.Sheet(r.Part); one.Variable != "" && (sheet == nil || sheet.Variable(one.Variable) == nil) {
			return nil, fail("unknown_variable", one.Variable, in.Code, r.Part)
		}
		out = append(out, one)
	}
	return out, nil
}

// spoken reads what the office has to say to or about a school.
func spoken(text string) (string, error) {
	text = oneLine(text)
	switch {
	case text == "":
		return "", fail("text_missing")
	case len([]rune(text)) > MaxRemark:
		return "", fail("text_too_long", MaxRemark)
	}
	return text, nil
}

// WordRequest is a message to institutions, or a note about them.
type WordRequest struct {
	Codes []string `json:"codes"`
	All   bool     `json:"all,omitempty"` // and no codes: all that are not excluded
	Text  string   `json:"text"`
}

// WordReply is what was written.
type WordReply struct {
	Institutions []Brief   `json:"institutions"`
	At           time.Time `json:"at"`
	Text         string    `json:"text"`
}

// SendMessage writes to institutions: they read it at their next contact.
func (o *Office) SendMessage(ctx context.Context, r WordRequest) (WordReply, error) {
	return o.addWord(ctx, store.Messages, actionMessage, r)
}

// AddNote notes something about institutions, a call for instance, for the
// office alone.
func (o *Office) AddNote(ctx context.Context, r WordRequest) (WordReply, error) {
	return o.addWord(ctx, store.Notes, actionNote, r)
}

func (o *Office) addWord(ctx context.Context, kind store.WordKind, action string, r WordRequest) (WordReply, error) {
	text, err := spoken(r.Text)
	if err != nil {
		return WordReply{}, err
	}
	codes, err := schoolCodes(r.Codes)
	if err != nil {
		return WordReply{}, err
	}
	switch {
	case r.All && len(codes) > 0:
		return WordReply{}, fail("all_and_codes")
	case !r.All && len(codes) == 0:
		return WordReply{}, fail("codes_missing")
	}
	b, err := o.institutions(ctx)
	if err != nil {
		return WordReply{}, err
	}
	meant, err := b.findAll(codes)
	if err != nil {
		return WordReply{}, err
	}
	if r.All {
		for i := range b.all {
			if b.all[i].Excluded == "" {
				meant = append(meant, &b.all[i])
			}
		}
	}
	reply := WordReply{Institutions: []Brief{}, At: o.Now().UTC().Truncate(time.Second), Text: text}
	var ids []string
	for _, in := range meant {
		ids = append(ids, in.ID)
		reply.Institutions = append(reply.Institutions, brief(in.Institution))
	}
	// The log holds the digest: what is said of a school is not for ever.
	act := o.act(action, nil, fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text))))
	return reply, o.Store.AddWord(ctx, kind, ids, store.Word{At: reply.At, Text: text}, act)
}
