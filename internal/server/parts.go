package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// putPart takes a submission. Its form is judged here; everything else by
// surveysync.Decide inside the store's transaction, where the order of
// decision of the contract (section 4) stands.
func (s *Server) putPart(c *call) error {
	if wait := s.submits.wait(c.access.Institution.ID, s.now()); wait > 0 {
		return c.rateLimited(wait)
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	submission, err := surveysync.ParseSubmission(body)
	if err != nil {
		return c.invalid(err.Error())
	}
	replaces, err := precondition(c.r.Header)
	if err != nil {
		return c.invalid(err.Error())
	}
	old := c.r.Header.Values(surveysync.HeaderReceipt)
	if len(old) > 1 {
		return c.invalid(surveysync.HeaderReceipt + ": stands twice")
	}
	in := surveysync.Incoming{Submission: submission, Digest: c.digest, Part: c.params.ByName("part"),
		Replaces: replaces, Epoch: c.r.Header.Get(surveysync.HeaderEpoch), Now: s.now(), Lang: c.lang}
	entry := s.entry(c, "")
	entry.At = in.Now
	entry.Survey, entry.SubmissionID, entry.Questionnaire = submission.Survey, submission.SubmissionID, submission.Questionnaire
	put := store.Put{Access: *c.access, Incoming: in, Body: body, Entry: entry}
	if len(old) > 0 {
		put.Old = []byte(old[0])
	}
	got, err := s.store.Accept(c.ctx(), put)
	if err != nil {
		return err
	}
	if got.Verdict.Code == surveysync.Unauthorized {
		c.access = nil // the token ended while the call waited for its turn
		return c.problem(surveysync.Unauthorized)
	}
	c.logged = true
	if got.Verdict.Outcome == surveysync.Refuse {
		return s.refusedPut(c, in, got)
	}
	return c.sendReceipt(got)
}

// sendReceipt answers a PUT: 201 for the first revision of a part, 200 for
// those after it and for what was known already.
func (c *call) sendReceipt(got store.Answered) error {
	c.w.Header().Set("ETag", surveysync.ETag(got.Receipt.Revision))
	if got.Verdict.Beside {
		c.w.Header().Set(surveysync.HeaderState, surveysync.StateBeside)
	}
	status := http.StatusOK
	if got.Verdict.Outcome == surveysync.Accept && got.Receipt.Revision == 1 {
		status = http.StatusCreated
	}
	raw, err := got.Receipt.MarshalJSON() // its one spelling, which sendJSON would read over again
	if err != nil {
		return fmt.Errorf("write the receipt: %w", err)
	}
	c.send(status, "application/json", raw)
	return nil
}

// misplaced says what is wrong at the places that Decide names.
var misplaced = map[string]string{
	"part":     "not the part of the address",
	"survey":   "not the survey that is collected",
	"withdraw": "only tracks that were sent and are no longer listed, each once",

	surveysync.HeaderReceipt: "not a receipt of these bytes from before a restore of this server",
}

// refusedPut gives the verdict its words and what the contract says that each
// code carries.
func (s *Server) refusedPut(c *call, in surveysync.Incoming, got store.Answered) error {
	v := got.Verdict
	switch v.Code {
	case surveysync.Invalid:
		return c.invalid(v.Place + ": " + misplaced[v.Place])
	case surveysync.WrongInstitution:
		return c.problem(v.Code, tidy(in.Institution, 40))
	case surveysync.TrackNotOffered:
		return c.problem(v.Code, tidy(in.Part, 40))
	case surveysync.TrackHasSubmission:
		p := c.problem(v.Code, strings.Join(v.Tracks, ", "))
		p.Tracks = v.Tracks
		return p
	case surveysync.SurveyNotOpen:
		return dated(c.problem(v.Code, s.moment(got.Dates.Opens, c.lang)), got)
	case surveysync.SurveyClosed:
		return dated(c.problem(v.Code, s.moment(got.Dates.LateUntil, c.lang)), got)
	case surveysync.UnknownQuestionnaire:
		p := c.problem(v.Code)
		p.Questionnaire = got.InForce
		return p
	case surveysync.RevisionConflict:
		p := c.problem(v.Code)
		p.Current = got.Current
		return p
	case surveysync.AnswersRejected:
		p := c.problem(v.Code, len(v.Findings))
		p.Findings = v.Findings
		return p
	}
	return c.problem(v.Code)
}

// part gives the current submission as it was sent, with where it stands.
func (s *Server) part(c *call) error {
	parts, err := s.store.Parts(c.ctx(), c.access.Institution.ID)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.Part == c.params.ByName("part") {
			c.w.Header().Set(surveysync.HeaderState, p.State)
			return c.sendSubmission(p.Current)
		}
	}
	return c.problem(surveysync.NotFound)
}

// sendSubmission gives a revision byte for byte (contract, section 3), or what
// was kept of it (PROTOCOL 8.5). Then no copy that the caller has is still the
// same, although its tag is: the tag is the revision's.
func (c *call) sendSubmission(sub store.Submission) error {
	tag := surveysync.ETag(sub.Revision)
	h := c.w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", asked)
	h.Set(surveysync.HeaderReceivedAt, sub.ReceivedAt.UTC().Format(time.RFC3339Nano))
	h.Set(surveysync.HeaderDigest, sub.ContentDigest)
	h.Set(surveysync.HeaderDevice, url.PathEscape(sub.Device))
	if sub.Kept != "" {
		h.Set(surveysync.HeaderKept, sub.Kept)
	} else if c.has(tag) {
		return c.sendStatus(http.StatusNotModified)
	}
	c.send(http.StatusOK, "application/json", sub.Body)
	return nil
}

// revisions lists the history of a part, oldest first; that of a part which
// the survey has and which was never sent is empty.
func (s *Server) revisions(c *call) error {
	part := c.params.ByName("part")
	history, err := s.store.Revisions(c.ctx(), c.access.Institution.ID, part)
	if err != nil && store.CodeOf(err) != surveysync.NotFound {
		return err
	}
	if len(history) == 0 {
		if known, err := s.hasPart(c.ctx(), part); err != nil || !known {
			return orNotFound(c, err)
		}
	}
	lines := make([]surveysync.Revision, 0, len(history))
	for _, sub := range history {
		lines = append(lines, surveysync.Revision{Revision: sub.Revision, SubmissionID: sub.SubmissionID,
			ContentDigest: sub.ContentDigest, KeptDigest: sub.Kept, Questionnaire: sub.Questionnaire, ReceivedAt: sub.ReceivedAt,
			Late: sub.Late, Device: sub.Device, Number: sub.Number})
	}
	c.w.Header().Set("Cache-Control", asked)
	return c.sendJSON(http.StatusOK, lines)
}

func orNotFound(c *call, err error) error {
	if err != nil {
		return err
	}
	return c.problem(surveysync.NotFound)
}

func (s *Server) hasPart(ctx context.Context, part string) (bool, error) {
	collected, err := s.store.Survey(ctx)
	if err != nil {
		return false, err
	}
	q, err := s.questionnaire(ctx, collected.InForce)
	if err != nil {
		return false, err
	}
	return q.Sheet(part) != nil, nil
}

// revision gives one revision of the history.
func (s *Server) revision(c *call) error {
	n, err := strconv.Atoi(c.params.ByName("n"))
	if err != nil || n < 1 || strconv.Itoa(n) != c.params.ByName("n") {
		return c.problem(surveysync.NotFound) // 0 would be the current one, by another address
	}
	sub, err := s.store.Submission(c.ctx(), c.access.Institution.ID, c.params.ByName("part"), n)
	if err != nil {
		return err
	}
	return c.sendSubmission(sub)
}

// receipt gives a receipt again, its proof on the latest checkpoint.
func (s *Server) receipt(c *call) error {
	number, ok := surveysync.ParseReceiptNumber(c.params.ByName("number"))
	if !ok {
		return c.problem(surveysync.NotFound)
	}
	r, err := s.store.Receipt(c.ctx(), c.access.Institution.ID, number)
	if err != nil {
		return err
	}
	c.w.Header().Set("Cache-Control", asked)
	return c.sendJSON(http.StatusOK, r)
}
