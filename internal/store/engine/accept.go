package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Accept implements store.Store.
//
// What it promises hangs on the order of its steps:
//
//  1. compress, compile and run the checks, outside of any transaction;
//  2. in the writer's transaction: read everything, decide, check everything
//     that could fail, and only then write leaf, submission, indexes and parts;
//  3. the group's signed tree head and the commit (writer.go);
//  4. the receipt, on that head.
//
// If we crash before the end of 3, nothing has happened. If we crash after it,
// the same submission sent again finds itself and is given the same receipt.
func (s *Store) Accept(ctx context.Context, put store.Put) (store.Answered, error) {
	if surveysync.Digest(put.Body) != put.Incoming.Digest {
		return store.Answered{}, errors.New("accept: the digest is not that of the body")
	}
	s.inflight.Add(1)
	defer s.inflight.Add(-1)
	packed := Pack(put.Body)
	// A receipt keeps milliseconds. The dates are judged by the same time, or a
	// submission could be late by a receipt that says it was not.
	put.Incoming.Now = put.Incoming.Now.UTC().Truncate(time.Millisecond)
	if put.Old != nil {
		meta := s.meta()
		old, err := surveysync.OpenReoffer(put.Old, meta.Epoch, meta.Keys())
		put.Incoming.Old, put.Incoming.OldFailed = old, err != nil
	}
	quest, err := s.prepare(ctx, put.Incoming.Questionnaire)
	if err != nil {
		return store.Answered{}, fmt.Errorf("accept: %w", err)
	}
	put.Incoming.Judge(quest, put.Access.Institution.Institution.Institution)
	var j *judgement
	err = s.await(ctx, func(w *write) (err error) {
		j, err = w.accept(put, packed)
		return err
	}, wants(put)...)
	if err != nil {
		return store.Answered{}, fmt.Errorf("accept: %w", err)
	}
	if err := s.addReceipts(ctx, j); err != nil {
		// It is stored; the same submission sent again will get its receipt.
		return store.Answered{}, fmt.Errorf("accept: receipt: %w", err)
	}
	return j.answered, nil
}

// wanted is what a call is going to read: one key of a table, or all under it.
type wanted struct {
	bucket, key []byte
	under       bool
}

// wants are what an ordinary submission reads, found out before its turn.
func wants(put store.Put) []wanted {
	in, id := put.Incoming, put.Access.Session.InstitutionID
	list := []wanted{
		{bucket: BucketSessions, key: put.Access.Session.TokenHash[:]},
		{bucket: BucketInstitutions, key: []byte(id)},
		{bucket: BucketAccounts, key: []byte(id)},
		{bucket: BucketSurvey, key: KeySurvey},
		{bucket: BucketParts, key: under(id), under: true},
		{bucket: BucketBeside, key: under(string(SubmissionKey(id, in.Part, in.Replaces+2))), under: true},
		{bucket: BucketSubmissionIDs, key: []byte(in.SubmissionID)},
		{bucket: BucketReceipts, key: []byte(surveysync.ReceiptNumber(in.SubmissionID, in.Digest))},
	}
	for _, revision := range []int{in.Replaces, in.Replaces + 1} {
		list = append(list, wanted{bucket: BucketSubmissions, key: SubmissionKey(id, in.Part, revision)})
	}
	return list
}

// judgement is one submission on its way through Accept.
type judgement struct {
	in       surveysync.Incoming
	survey   store.Survey
	epoch    string
	school   survey.Institution
	parts    map[string]PartRecord
	quest    *survey.Questionnaire // nil when void or unknown
	known    bool                  // the questionnaire was published, void or not
	same     *store.Submission     // with the same submission id, whoever sent it
	beside   bool                  // that one stands beside
	current  *store.Submission     // revision of this part
	answered store.Answered
	receipt  *store.Submission // whose receipt is the answer, or nil
	entry    surveysync.Entry  // of an accepted one: its leaf
	proof    surveysync.Proof  // of an accepted one, on the head of its own group
}

// accept is Accept inside the writer's transaction.
func (w *write) accept(put store.Put, packed []byte) (*judgement, error) {
	// The access was found before the call waited for its turn. Signing out,
	// a new password or the merging of schools may have come in between.
	access, err := w.accessOf(w.tx, put.Access.Session.TokenHash, put.Incoming.Now)
	if refused(err, surveysync.Unauthorized) {
		verdict := surveysync.Verdict{Outcome: surveysync.Refuse, Code: surveysync.Unauthorized}
		return &judgement{answered: store.Answered{Verdict: verdict}}, nil
	}
	if err != nil {
		return nil, err
	}
	j, err := w.gatherFor(access.Institution, put.Incoming)
	if err != nil {
		return nil, err
	}
	j.answered.Verdict = surveysync.Decide(j.stored(), put.Incoming)
	v := j.answered.Verdict
	if v.Outcome == surveysync.Accept {
		number := surveysync.ReceiptNumber(put.Incoming.SubmissionID, put.Incoming.Digest)
		if w.tx.Bucket(BucketReceipts).Get([]byte(number)) != nil {
			// 60 bits of two different submissions are equal. Nobody but a
			// forger meets this; a new id gives a new number.
			j.answered.Verdict = surveysync.Verdict{Outcome: surveysync.Refuse, Code: surveysync.IDReused}
			return j, w.logRefusal(j, put.Entry)
		}
		return j, w.storeSubmission(j, put, packed, number)
	}
	if v.Outcome == surveysync.Replay {
		j.receipt, j.answered.Verdict.Beside = j.same, j.beside
		return j, w.logReplay(j, put.Entry)
	}
	return j, w.logRefusal(j, put.Entry)
}

// gatherFor reads all that Decide is to know.
func (w *write) gatherFor(in store.Institution, incoming surveysync.Incoming) (j *judgement, err error) {
	j = &judgement{in: incoming, school: in.Institution.Institution, epoch: w.meta().Epoch}
	collected := w.tx.Bucket(BucketSurvey).Get(KeySurvey)
	if collected == nil {
		return nil, store.Errorf(surveysync.Unavailable, "no survey has been published")
	}
	if j.survey, err = w.surveys.decode(collected); err != nil {
		return nil, fmt.Errorf("survey: %w", err)
	}
	if j.parts, err = partsOf(w.tx, in.ID); err != nil {
		return nil, err
	}
	for _, v := range j.survey.Versions {
		if v.Digest == incoming.Questionnaire {
			j.known = true
			if !v.Void || incoming.Old != nil { // what was accepted stays accepted
				if j.quest, err = w.compile(w.tx, v.Digest); err != nil {
					return nil, err
				}
			}
		}
	}
	if key := w.tx.Bucket(BucketSubmissionIDs).Get([]byte(incoming.SubmissionID)); key != nil {
		same, err := ReadSubmission(submissionAt(w.tx, key), false)
		if err != nil {
			return nil, err
		}
		j.same, j.beside = &same, isBeside(key)
	}
	if p, sent := j.parts[incoming.Part]; sent {
		current, err := currentOf(w.tx, in.ID, incoming.Part, p.Revision)
		if err != nil {
			return nil, err
		}
		j.current = &current
	}
	j.answered.Dates = j.survey.DatesFor(in.ID)
	j.answered.Institution = j.school
	j.answered.InForce = j.survey.InForce
	return j, nil
}

// stored is what was read, in the words of Decide.
func (j *judgement) stored() surveysync.Stored {
	st := surveysync.Stored{Institution: j.school, SurveyID: j.survey.ID, Epoch: j.epoch, Dates: j.answered.Dates,
		Questionnaire: j.quest, Due: j.parts[survey.GeneralPart].Offers, Parts: map[string]surveysync.PartState{}}
	for part, p := range j.parts {
		st.Parts[part] = surveysync.PartState{State: p.State, Revision: p.Revision}
	}
	if j.current != nil {
		p := st.Parts[j.in.Part]
		p.Digest = j.current.ContentDigest
		st.Parts[j.in.Part] = p
	}
	if until := j.parts[j.in.Part].OpenUntil; until != nil {
		st.OpenUntil = *until
	}
	if j.same != nil {
		st.Same = &surveysync.SameID{Mine: j.same.InstitutionID == j.school.ID, Digest: j.same.ContentDigest}
	}
	return st
}

// storeSubmission writes an accepted submission.
func (w *write) storeSubmission(j *judgement, put store.Put, packed []byte, number string) error {
	in, v := j.in, j.answered.Verdict
	sub := store.Submission{InstitutionID: j.school.ID, Part: in.Part, Revision: v.Revision, SubmissionID: in.SubmissionID,
		ContentDigest: in.Digest, Questionnaire: in.Questionnaire, ReceivedAt: in.Now, Late: v.Late,
		Device: put.Entry.Device, Number: number, LeafIndex: logSize(w.tx), Log: w.thisLog()}
	entry := j.begin(put.Entry, surveysync.OutcomeAccepted)
	if j.current != nil {
		entry.PrevDigest = j.current.ContentDigest
	}
	if in.Merge != nil {
		entry.Note = in.Merge.Note()
	}
	if old := in.Old; old != nil {
		sub.ReceivedAt, sub.Device = old.Receipt.ReceivedAt, old.Leaf.Device
		entry.At, entry.Device, entry.PrevDigest, entry.Note = sub.ReceivedAt, sub.Device, old.Leaf.PrevDigest, old.Note()
	}
	entry.Part, entry.Revision, entry.Questionnaire = sub.Part, sub.Revision, sub.Questionnaire
	entry.Number, entry.Late = number, &sub.Late
	// A receipt that could not be made must fail now and not after the commit.
	if _, err := surveysync.ReceiptFromEntry(entry, sub.LeafIndex, "proof"); err != nil {
		return err
	}
	value, err := JoinSubmission(sub, packed)
	if err != nil {
		return err
	}
	// From here on it writes; what fails now takes the whole transaction back.
	index, err := w.append(entry)
	if err != nil {
		return err
	}
	if index != sub.LeafIndex {
		return fmt.Errorf("log: the leaf got the index %d, not %d", index, sub.LeafIndex)
	}
	j.receipt, j.entry = &sub, entry
	w.signed = append(w.signed, func() (err error) {
		j.proof, err = w.present().prove(index)
		return err
	})
	if v.Beside {
		return w.index(sub, BucketBeside, besideKey(sub), value)
	}
	if err := w.index(sub, BucketSubmissions, SubmissionKey(sub.InstitutionID, sub.Part, sub.Revision), value); err != nil {
		return err
	}
	if err := w.moveParts(j, in.Submission, v.Revision, j.quest); err != nil {
		return err
	}
	return w.adoptWaiting(j, sub)
}

// index stores a submission under a key that was free, and the ways to it.
func (w *write) index(sub store.Submission, bucket, key, value []byte) error {
	if w.tx.Bucket(bucket).Get(key) != nil {
		return fmt.Errorf("the submission %s is there already", key) // invariant 3
	}
	return errors.Join(
		w.put(bucket, key, value),
		w.put(BucketSubmissionIDs, []byte(sub.SubmissionID), key),
		w.put(BucketReceipts, []byte(sub.Number), key),
	)
}

// moveParts brings the part to its new revision and withdraws the tracks that
// the submission gives up. A withdrawn track that is offered again stays
// withdrawn until it is sent again.
func (w *write) moveParts(j *judgement, content surveysync.Submission, revision int, quest *survey.Questionnaire) error {
	id := j.school.ID
	part := j.parts[content.Part]
	// The remarks of the office spoke of the revision before. Until when the
	// office has reopened the part stays, so that it can be corrected again.
	part.State, part.Revision, part.Remarks = survey.PartSubmitted, revision, nil
	if content.Part == survey.GeneralPart {
		part.Offers = quest.Parts(content.Answers)
	}
	j.parts[content.Part] = part
	err := w.putJSON(BucketParts, PartKey(id, content.Part), part)
	for _, track := range content.Withdraw {
		p, sent := j.parts[track]
		if !sent {
			continue // offered again after a restore: the track's own revisions are still to come
		}
		p.State, p.Remarks, p.OpenUntil = survey.PartWithdrawn, nil, nil
		j.parts[track] = p
		err = errors.Join(err, w.putJSON(BucketParts, PartKey(id, track), p))
	}
	return err
}

// begin is a log line of this submission: what the caller knows, and what the
// log keeps of every attempt. Free text of the request stays out of it: a leaf
// is for ever and open to all.
func (j *judgement) begin(e surveysync.Entry, outcome string) surveysync.Entry {
	e.At, e.Actor, e.Action, e.Outcome = j.in.Now, surveysync.ActorSchool, surveysync.ActionSubmit, outcome
	e.Institution, e.InstitutionID, e.Survey = j.school.Code, j.school.ID, j.survey.ID
	e.SubmissionID, e.ContentDigest = j.in.SubmissionID, j.in.Digest
	e.Part, e.Questionnaire, e.Revision, e.Number, e.PrevDigest, e.Late = "", "", 0, "", "", nil
	return e
}

func (w *write) logReplay(j *judgement, begun surveysync.Entry) error {
	e := j.begin(begun, surveysync.OutcomeReplayed)
	e.Part, e.Revision, e.Number, e.Questionnaire = j.same.Part, j.same.Revision, j.same.Number, j.same.Questionnaire
	_, err := w.append(e)
	return err
}

func (w *write) logRefusal(j *judgement, begun surveysync.Entry) error {
	e := j.begin(begun, string(j.answered.Verdict.Code))
	if j.known || j.in.Old != nil { // of a genuine old receipt: a version that has to be published again
		e.Questionnaire = j.in.Questionnaire
	}
	q, err := w.compile(w.tx, j.survey.InForce)
	if err != nil {
		return err
	}
	if q != nil && slices.Contains(q.AllParts(), j.in.Part) {
		e.Part = j.in.Part
	}
	_, err = w.append(e)
	return err
}

// addReceipts gives the answer its receipts after the commit: their proofs
// stand on a head that is on the disk.
func (s *Store) addReceipts(ctx context.Context, j *judgement) (err error) {
	conflict := j.answered.Verdict.Code == surveysync.RevisionConflict && j.current != nil
	if j.receipt == nil && !conflict {
		return nil
	}
	if j.answered.Verdict.Outcome == surveysync.Accept {
		j.answered.Receipt, err = surveysync.ReceiptFromEntry(j.entry, j.proof.Index, surveysync.FormatProof(j.proof))
		return err
	}
	return s.view(ctx, func(tx Tx) (err error) {
		if j.receipt != nil {
			j.answered.Receipt, err = s.receiptAt(tx, j.receipt.Log, j.receipt.LeafIndex)
			return err
		}
		receipt, err := s.receiptAt(tx, j.current.Log, j.current.LeafIndex)
		j.answered.Current = &surveysync.Current{Receipt: receipt, Device: j.current.Device}
		return err
	})
}
