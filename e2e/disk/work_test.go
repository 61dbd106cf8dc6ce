package disk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rileva/internal/drafts"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/internal/store/storetest"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// side is one of the two stores: what it does while it is recorded, and what
// must be found afterwards.
type side struct {
	name, file string
	// work does n submissions and calls promised after each step that a person
	// is told of, with how many steps are done: steps for each submission.
	work  func(t *testing.T, dir string, n int, armed func(), promised func(int) error) error
	steps int
	// judge opens what is left and gives how many steps are in it.
	judge func(dir string) (int, error)
	// again does submission n once more, the same bytes.
	again func(t *testing.T, dir string, n int) error
}

var sides = map[string]side{
	"server": {"server", "rileva.db", serverWorks, 1, serverHolds, serverAgain},
	"device": {"device", "drafts.db", deviceWorks, 2, deviceHolds, deviceAgain},
}

func now() time.Time { return time.Date(2023, 12, 1, 12, 0, 0, 0, time.UTC) }

// TestChildWorks is the child: it does nothing unless it is asked to.
func TestChildWorks(t *testing.T) {
	dir := os.Getenv("RILEVA_DISK_DIR")
	if dir == "" {
		return
	}
	s := sides[os.Getenv("RILEVA_DISK_SIDE")]
	n := 12
	if os.Getenv("RILEVA_DISK_ONCE") != "" {
		n = 1
	}
	arm := func() { // from here on it is recorded; this is how the file stands now
		raw, err := os.ReadFile(filepath.Join(dir, s.file))
		if err == nil {
			err = errors.Join(os.WriteFile(filepath.Join(dir, "start"), raw, 0o600), os.WriteFile(filepath.Join(dir, "armed"), nil, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	promised := func(n int) error { // an event of the record, like those of the file
		f, err := os.OpenFile(filepath.Join(dir, "trace"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		_, err = f.Write(event{kind: 'P', offset: int64(n)}.bytes())
		return errors.Join(err, f.Close())
	}
	if err := s.work(t, dir, n, arm, promised); err != nil {
		fmt.Println("FAILED:", err)
	}
}

// schools are those of storetest; the part 1 of the first is sent n times.
func sending(w *storetest.World, n int) store.Put {
	x := storetest.General(w.Schools[0], survey.TrackLiceale)
	x.ID, x.Replaces = fmt.Sprintf("00000000-0000-7000-9000-%012x", n), n-1
	x.Answers["notes"] = fmt.Sprint("invio ", n)
	return w.Put(x)
}

func serverWorks(t *testing.T, dir string, n int, armed func(), promised func(int) error) error {
	s, err := bolt.Open(filepath.Join(dir, "rileva.db"), bolt.Options{Now: now})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	w := storetest.NewWorld(t, s)
	armed()
	for i := 1; i <= n; i++ {
		a, err := s.Accept(t.Context(), sending(w, i))
		if err != nil {
			// Whatever comes after a failure of the disk is refused.
			if _, err := s.Accept(t.Context(), sending(w, i)); store.CodeOf(err) != surveysync.Unavailable {
				t.Errorf("after a failed commit: %v", err)
			}
			return err
		}
		if a.Verdict.Outcome != surveysync.Accept {
			t.Fatalf("%+v", a.Verdict)
		}
		if err := promised(i); err != nil {
			return err
		}
	}
	return nil
}

func serverHolds(dir string) (int, error) {
	s, err := bolt.Open(filepath.Join(dir, "rileva.db"), bolt.Options{Now: now, KeyFile: filepath.Join(dir, "rileva.db.key")})
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.Close() }()
	ctx := context()
	if faults, err := s.Check(ctx); err != nil || len(faults) > 0 {
		return 0, fmt.Errorf("check: %v %w", faults, err)
	}
	in, err := s.FindInstitution(ctx, "MIIS00100B")
	if err != nil {
		return 0, err
	}
	list, err := s.Revisions(ctx, in.ID, survey.GeneralPart)
	if err != nil {
		return 0, err
	}
	for i, r := range list {
		if want := fmt.Sprintf("00000000-0000-7000-9000-%012x", i+1); r.SubmissionID != want || r.Revision != i+1 {
			return 0, fmt.Errorf("revision %d is %s", r.Revision, r.SubmissionID)
		}
		if _, err := s.Receipt(ctx, in.ID, r.Number); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

func serverAgain(t *testing.T, dir string, n int) error {
	s, err := bolt.Open(filepath.Join(dir, "rileva.db"), bolt.Options{Now: now})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	w := &storetest.World{TB: t, Store: s}
	in, err := s.FindInstitution(t.Context(), "MIIS00100B")
	if err != nil {
		return err
	}
	v, err := s.Survey(t.Context())
	if err != nil {
		return err
	}
	w.Digest = v.InForce
	w.Schools = []storetest.School{storetest.SchoolOf(in)}
	a, err := s.Accept(t.Context(), sending(w, n))
	if err == nil && a.Verdict.Outcome == surveysync.Refuse {
		err = fmt.Errorf("the resend is told %s", a.Verdict.Code)
	}
	return err
}

var owner = drafts.Owner{Institution: "i1", Survey: "tiny"}

// frozen is the n-th submission of the device, with the receipt of the server.
func frozen(n int) (drafts.Frozen, surveysync.Receipt, []byte) {
	id := fmt.Sprintf("00000000-0000-7000-9000-%012x", n)
	body, err := json.Marshal(surveysync.Submission{SubmissionID: id, Institution: "MIIS00100B", Survey: owner.Survey, Part: survey.GeneralPart,
		Questionnaire: surveysync.Digest(nil), Answers: survey.Answers{"n": n}, CompletedAt: now()})
	if err != nil {
		panic(err)
	}
	f := drafts.Frozen{SubmissionID: id, Body: body, Digest: surveysync.Digest(body), Replaces: n - 1}
	r := surveysync.Receipt{Number: surveysync.ReceiptNumber(id, f.Digest), Institution: "MIIS00100B", Survey: owner.Survey,
		Part: survey.GeneralPart, Revision: n, SubmissionID: id, ContentDigest: f.Digest, Questionnaire: surveysync.Digest(nil),
		ReceivedAt: now(), Proof: "c2sp.org/tlog-proof@v1\n"}
	raw, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return f, r, raw
}

func deviceWorks(_ *testing.T, dir string, n int, armed func(), promised func(int) error) error {
	s, err := drafts.Open(dir, drafts.Options{Now: now})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Begin(owner, survey.GeneralPart, surveysync.Digest(nil), nil); err != nil {
		return err
	}
	armed()
	for i := 1; i <= n; i++ {
		if err := deviceSteps(s, i, promised); err != nil {
			return err
		}
	}
	return nil
}

// deviceSteps is what a device does around one PUT (PROTOCOL 12.3): it is
// queued, and then there is a receipt.
func deviceSteps(s *drafts.Store, n int, promised func(int) error) error {
	f, r, raw := frozen(n)
	if _, err := s.Set(owner, survey.GeneralPart, []drafts.Change{{Variable: "n", Value: n}}); err != nil {
		return err
	}
	if err := s.Enqueue(owner, survey.GeneralPart, f); err != nil {
		return err
	}
	if err := promised(2*n - 1); err != nil {
		return err
	}
	if err := s.Sending(owner, survey.GeneralPart); err != nil {
		return err
	}
	if err := s.Settle(owner, survey.GeneralPart, raw, r, surveysync.AttemptResult{At: now(), Code: surveysync.CodeAccepted, Fate: surveysync.FateStored}); err != nil {
		return err
	}
	return promised(2 * n)
}

func deviceHolds(dir string) (int, error) {
	s, err := drafts.Open(dir, drafts.Options{Now: now})
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.Close() }()
	if faults, err := s.Check(); err != nil || len(faults) > 0 {
		return 0, fmt.Errorf("check: %v %w", faults, err)
	}
	held, err := s.Receipts(owner)
	if err != nil {
		return 0, err
	}
	d, ok, err := s.Draft(owner, survey.GeneralPart)
	if err != nil || !ok {
		return 0, fmt.Errorf("the draft is gone: %w", err)
	}
	typed := 0
	if n, err := json.Marshal(d.Answers["n"]); err == nil {
		_ = json.Unmarshal(n, &typed)
	}
	if typed < len(held) || d.Base.Revision != len(held) {
		return 0, fmt.Errorf("%d receipts, base %d, and the draft says %d", len(held), d.Base.Revision, typed)
	}
	waiting, err := s.Outbox(owner)
	if err != nil {
		return 0, err
	}
	for _, e := range waiting {
		if want, _, _ := frozen(len(held) + 1); e.SubmissionID != want.SubmissionID || e.Digest != want.Digest {
			return 0, fmt.Errorf("%d receipts, and %s waits", len(held), e.SubmissionID)
		}
	}
	return 2*len(held) + len(waiting), nil
}

func deviceAgain(_ *testing.T, dir string, n int) error {
	s, err := drafts.Open(dir, drafts.Options{Now: now})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if held, err := s.Receipts(owner); err != nil || len(held) >= n {
		return err
	}
	return deviceSteps(s, n, func(int) error { return nil })
}
