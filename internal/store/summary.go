package store

import (
	"fmt"
	"slices"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// This file sums one institution's parts up into its return. It stands here
// because the HTTP edge and the office both need it and may not import each
// other. Nothing in it reads or writes a store.

// ReturnInput is what a return is built of.
type ReturnInput struct {
	Institution Institution
	Survey      Survey
	// Parts are those of Store.Parts, with the bodies of their current
	// revisions. Without a part's body the checks across the parts that speak
	// of it cannot be made and are left out: a return may then look complete
	// that is not.
	Parts []Part
	// Contents are bodies that the caller has read already, by part; of the
	// others BuildReturn reads those that it needs.
	Contents map[string]surveysync.Submission
	Messages []Word // of the office, oldest first
	// Load gives a published questionnaire by its digest.
	Load func(digest string) (*survey.Questionnaire, error)
	Lang string // of the findings' messages
}

// BuildReturn puts all the parts of one institution together (contract,
// sections 2 and 4): every part that is due in the order of the form, missing
// or not, and those that were sent and are no longer due; the state of the
// whole; the findings across the parts. ServerTime and Epoch are for the caller
// to fill in.
//
// What is due, and whether the parts agree, is judged by the questionnaire
// version of the general part (contract, section 2); before there is one, by
// the version in force.
func BuildReturn(in ReturnInput) (surveysync.Return, error) {
	inForce, err := in.Load(in.Survey.InForce)
	if err != nil {
		return surveysync.Return{}, fmt.Errorf("load the questionnaire in force: %w", err)
	}
	out := surveysync.Return{
		Institution: Block(in.Institution),
		Survey:      surveyInfo(in, inForce),
		Messages:    []surveysync.Message{},
		Findings:    []survey.Finding{},
	}
	for _, m := range in.Messages {
		out.Messages = append(out.Messages, surveysync.Message(m))
	}
	sent := map[string]Part{}
	for _, p := range in.Parts {
		sent[p.Part] = p
	}
	q, general := inForce, surveysync.Submission{}
	if p, ok := sent[survey.GeneralPart]; ok {
		if q, err = in.Load(p.Current.Questionnaire); err != nil {
			return surveysync.Return{}, fmt.Errorf("load the questionnaire of the general part: %w", err)
		}
		if general, err = in.content(p); err != nil {
			return surveysync.Return{}, err
		}
	}
	due := q.Parts(general.Answers)
	state := map[string]string{}
	for _, part := range partOrder(q, due, sent) {
		line := partStatus(part, sent)
		state[part] = line.State
		out.Parts = append(out.Parts, line)
	}
	if len(sent) > 0 {
		if out.Findings, err = across(in, q, due, sent, general); err != nil {
			return surveysync.Return{}, err
		}
	}
	out.State = survey.ReturnState(due, state, out.Findings, in.Institution.Excluded != "")
	return out, nil
}

// content reads a part's body.
func (in ReturnInput) content(p Part) (surveysync.Submission, error) {
	if s, read := in.Contents[p.Part]; read {
		return s, nil
	}
	s, err := surveysync.ParseSubmission(p.Current.Body)
	if err != nil {
		return s, fmt.Errorf("read the stored part %s: %w", p.Part, err)
	}
	return s, nil
}

// Block is the institution as both sides judge by it, without null lists: a
// client in another language may tell null from an empty list.
func Block(in Institution) survey.Institution {
	b := in.Institution.Institution
	b.Codes = append([]string{}, b.Codes...)
	b.ExpectedTracks = append([]string{}, b.ExpectedTracks...)
	return b
}

func surveyInfo(in ReturnInput, q *survey.Questionnaire) surveysync.SurveyInfo {
	dates := in.Survey.DatesFor(in.Institution.ID)
	return surveysync.SurveyInfo{
		ID: in.Survey.ID, SchoolYear: q.SchoolYear, Title: q.Title,
		Opens: dates.Opens, Due: dates.Due, LateUntil: dates.LateUntil,
		Questionnaire: in.Survey.InForce,
		Office:        q.Office.Name, Contact: q.Office.Contact, LegalBasis: q.Office.LegalBasis,
	}
}

// partOrder lists the parts that are due or were sent, in the order of the
// form. A part that this version of the form lacks comes last.
func partOrder(q *survey.Questionnaire, due []string, sent map[string]Part) []string {
	var order, others []string
	for _, part := range q.AllParts() {
		if _, ok := sent[part]; ok || slices.Contains(due, part) {
			order = append(order, part)
		}
	}
	for part := range sent {
		if !slices.Contains(order, part) {
			others = append(others, part)
		}
	}
	slices.Sort(others)
	return append(order, others...)
}

func partStatus(part string, sent map[string]Part) surveysync.PartStatus {
	line := surveysync.PartStatus{Part: part, State: survey.PartMissing, Remarks: []surveysync.Remark{}}
	p, ok := sent[part]
	if !ok {
		return line
	}
	line.State = p.State
	line.Revision = p.Current.Revision
	line.ContentDigest, line.KeptDigest = p.Current.ContentDigest, p.Current.Kept
	line.ReceivedAt = new(p.Current.ReceivedAt)
	line.Late = p.Current.Late
	line.Remarks = append(line.Remarks, p.Remarks...)
	line.OpenUntil = p.OpenUntil
	return line
}

// across judges the current revisions together. Withdrawn parts do not count;
// parts that were sent back do, so that both sides see the finding while they
// correct it.
func across(in ReturnInput, q *survey.Questionnaire, due []string, sent map[string]Part, general surveysync.Submission) ([]survey.Finding, error) {
	parts := map[string]*survey.Evaluation{}
	for _, part := range due {
		p, ok := sent[part]
		sheet := q.Sheet(part)
		if !ok || sheet == nil || p.State == survey.PartWithdrawn || p.Current.Body == nil {
			continue
		}
		s, err := general, error(nil)
		if part != survey.GeneralPart {
			s, err = in.content(p)
		}
		if err != nil {
			return nil, err
		}
		parts[part] = sheet.Derive(survey.Input{Answers: s.Answers, Unavailable: s.Unavailable,
			Explanations: s.Explanations, Institution: Block(in.Institution), Lang: in.Lang, Submit: true})
	}
	found := q.Across(parts, general.Explanations, in.Lang)
	if found == nil {
		found = []survey.Finding{} // a list on the wire is never null
	}
	return found, nil
}
