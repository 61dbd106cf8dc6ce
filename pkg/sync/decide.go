package sync

import (
	"reflect"
	"slices"
	"time"

	"rileva/pkg/survey"
)

// What a submission asks and what the store knows go in; the verdict comes
// out. Decide is a pure function: every store calls it inside its transaction,
// so the order of decision of the contract (section 4) stands in one place.

// Incoming is one PUT of a part, after its form was found right.
type Incoming struct {
	Submission
	Digest string // of the bytes as they were sent
	Part   string // of the address; the body must name the same
	// Replaces is the revision named by If-Match, 0 for If-None-Match: *, and
	// NoPrecondition when the request named none.
	Replaces int
	// Epoch is the store's as the sender knows it, "" when it did not say. A
	// request that was made before a restore must not be judged after it: the
	// revision that it names may be another one now.
	Epoch string
	Now   time.Time // the server's clock
	Lang  string    // of the findings' messages
	// Old is the receipt of before a restore, verified; nil without one.
	Old *Reoffer
	// OldFailed: a receipt was sent, and it is none of this store's past.
	OldFailed bool

	judged *judged // by Judge, or nil
}

// judged is what the checks say, with what they depend on beside the answers.
type judged struct {
	questionnaire *survey.Questionnaire
	institution   survey.Institution
	findings      []survey.Finding
}

// Judge runs the checks before the store's transaction, where they would hold
// up everybody. Decide runs them itself where it finds that another
// questionnaire or another institution counts.
func (in *Incoming) Judge(q *survey.Questionnaire, institution survey.Institution) {
	if q == nil || q.Sheet(in.Part) == nil {
		return
	}
	in.judged = nil
	in.judged = &judged{q, institution, in.findings(q, institution)}
}

// findings of the part, of which the questionnaire has a sheet.
func (in *Incoming) findings(q *survey.Questionnaire, institution survey.Institution) []survey.Finding {
	if j := in.judged; j != nil && j.questionnaire == q && reflect.DeepEqual(j.institution, institution) {
		return j.findings
	}
	return q.Sheet(in.Part).Evaluate(survey.Input{Answers: in.Answers, Unavailable: in.Unavailable, Explanations: in.Explanations,
		Institution: institution, Lang: in.Lang, Submit: true}).Findings
}

// NoPrecondition is Incoming.Replaces when neither header was sent.
const NoPrecondition = -1

// Stored is what the store knows, read in the same transaction.
type Stored struct {
	Institution survey.Institution // of the token
	SurveyID    string
	Epoch       string
	Dates       survey.Dates // in force for this institution
	// OpenUntil is the date until which the office has reopened this part
	// after the last one; zero when it has not.
	OpenUntil time.Time
	// Same is the submission that bears the same id, whoever sent it.
	Same *SameID
	// Questionnaire is the published version that the submission names, nil
	// when there is none or it was declared void.
	Questionnaire *survey.Questionnaire
	// Due lists the parts that the general part's current revision opens, as
	// its own questionnaire reads it; nil when none was accepted yet.
	Due []string
	// Parts is the state of every part that has a submission.
	Parts map[string]PartState
}

// PartState is where a part stands.
type PartState struct {
	State    string
	Revision int
	Digest   string // of the current revision's content
}

// SameID is a stored submission found by its id.
type SameID struct {
	Mine   bool // it belongs to the institution of the token
	Digest string
}

// Outcome says what a verdict does.
type Outcome int

// The outcomes of a decision.
const (
	Refuse Outcome = iota
	Accept         // store it as Verdict.Revision
	Replay         // it is stored already: give the same receipt again
)

// Verdict is the answer to one Incoming.
type Verdict struct {
	Outcome  Outcome
	Code     Code // of a refusal
	Place    string
	Findings []survey.Finding
	Revision int
	Late     bool
	// Beside: stored with its receipt, but not as the part's next revision.
	Beside   bool
	Withdraw []string // tracks that become withdrawn
	Tracks   []string // track_has_submission: which
}

func refuse(code Code) Verdict { return Verdict{Outcome: Refuse, Code: code} }

// Decide judges in against st.
func Decide(st Stored, in Incoming) Verdict {
	switch {
	case !slices.Contains(st.Institution.Codes, in.Institution):
		return refuse(WrongInstitution)
	case in.Part != in.Submission.Part:
		return Verdict{Code: Invalid, Place: "part"}
	case st.Same != nil:
		// An answer that was lost is given again for ever, whatever has
		// happened since; so this stands before the dates.
		if st.Same.Mine && st.Same.Digest == in.Digest {
			return Verdict{Outcome: Replay}
		}
		return refuse(IDReused)
	case in.Epoch != "" && in.Epoch != st.Epoch:
		return refuse(EpochChanged)
	case in.Survey != st.SurveyID:
		return Verdict{Code: Invalid, Place: "survey"}
	case in.OldFailed:
		return Verdict{Code: Invalid, Place: HeaderReceipt}
	case in.Old != nil:
		return reoffer(st, in)
	}
	if v := dates(st, in); v.Code != "" {
		return v
	}
	if v := gate(st, in); v.Code != "" {
		return v
	}
	part := st.Parts[in.Part]
	switch {
	case part.State == survey.PartApproved:
		return refuse(PartApproved)
	case in.Replaces == NoPrecondition:
		return refuse(PreconditionRequired)
	case in.Replaces != part.Revision:
		return refuse(RevisionConflict)
	case in.Merge != nil && in.Merge.Theirs != part.Revision:
		return Verdict{Code: Invalid, Place: "merge"}
	case st.Questionnaire == nil:
		return refuse(UnknownQuestionnaire)
	}
	if st.Questionnaire.Sheet(in.Part) == nil {
		return refuse(NotFound)
	}
	findings := in.findings(st.Questionnaire, st.Institution)
	if blocking := survey.Blocking(findings); len(blocking) > 0 {
		return Verdict{Code: AnswersRejected, Findings: blocking}
	}
	return Verdict{Outcome: Accept, Revision: part.Revision + 1, Late: in.Now.After(st.Dates.Due),
		Findings: findings, Withdraw: in.Withdraw}
}

// dates gates new submissions by the server's clock alone.
func dates(st Stored, in Incoming) Verdict {
	switch {
	case in.Now.Before(st.Dates.Opens):
		return refuse(SurveyNotOpen)
	case in.Now.After(st.Dates.LateUntil) && in.Now.After(st.OpenUntil):
		return refuse(SurveyClosed)
	}
	return Verdict{}
}

// gate holds the order of the parts: tracks follow a general part that lists
// them, and a track that was sent leaves the offer only when part 1 says so.
func gate(st Stored, in Incoming) Verdict {
	if in.Part != survey.GeneralPart {
		switch {
		case st.Due == nil:
			return refuse(GeneralPartRequired)
		case !slices.Contains(st.Due, in.Part):
			return refuse(TrackNotOffered)
		}
		return Verdict{}
	}
	if st.Questionnaire == nil {
		return Verdict{} // what it offers cannot be read; refused further down
	}
	offered := st.Questionnaire.Parts(in.Answers)
	var dropped []string
	for part, p := range st.Parts {
		sent := part != survey.GeneralPart && p.Revision > 0 && p.State != survey.PartWithdrawn
		if sent && !slices.Contains(offered, part) {
			dropped = append(dropped, part)
		}
	}
	slices.Sort(dropped)
	for i, part := range in.Withdraw {
		if !slices.Contains(dropped, part) || slices.Contains(in.Withdraw[:i], part) {
			return Verdict{Code: Invalid, Place: "withdraw"}
		}
	}
	for _, part := range dropped {
		if !slices.Contains(in.Withdraw, part) {
			return Verdict{Code: TrackHasSubmission, Tracks: dropped}
		}
	}
	return Verdict{}
}
