package bolt

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	"rileva/internal/store/storetest"
	surveysync "rileva/pkg/sync"
)

// sent is an accepted submission as its device keeps it.
type sent struct {
	put     store.Put
	receipt surveysync.Receipt
}

func clean(t *testing.T, s *Store) {
	t.Helper()
	if faults, err := s.Check(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("check: %v, %v", faults, err)
	}
}

// offer sends what a device holds again, long after the survey has closed.
func (x sent) offer(t *testing.T, s *Store) store.Answered {
	t.Helper()
	put := x.put
	put.Incoming.Now = fixedNow().AddDate(1, 0, 0)
	var err error
	if put.Old, err = json.Marshal(x.receipt); err != nil {
		t.Fatal(err)
	}
	a, err := s.Accept(t.Context(), put)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// same wants the receipt that was given before the restore: only its place in
// the log and its proof are others.
func (x sent) same(t *testing.T, got surveysync.Receipt) {
	t.Helper()
	want := x.receipt
	want.LeafIndex, want.Proof = got.LeafIndex, got.Proof
	if got != want {
		t.Errorf("the receipt is %+v, was %+v", got, x.receipt)
	}
}

func general(w *storetest.World, school, replaces int, offer ...string) storetest.Sending {
	x := storetest.General(w.Schools[school], offer...)
	x.Replaces = replaces
	return x
}

// TestRestore: what was accepted after the copy comes back with its number,
// revision, time and lateness, once, and old receipts stay good.
func TestRestore(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, filepath.Join(dir, "rileva.db"))
	w := storetest.NewWorld(t, s)
	before, _ := w.Accepted(storetest.General(w.Schools[0], "liceale"))
	oldKeys := identity(t, s).Logs[0].Keys
	copyAt := filepath.Join(dir, "copia.db")
	if _, err := s.Backup(t.Context(), copyAt); err != nil {
		t.Fatal(err)
	}
	var held []sent
	late := storetest.Track(w.Schools[0], "liceale", 3)
	late.Now = time.Date(2023, 12, 28, 12, 0, 0, 0, time.UTC)
	for _, x := range []storetest.Sending{general(w, 0, 1, "liceale", "iefp"), general(w, 0, 2, "liceale"), late, general(w, 1, 0, "iefp")} {
		answer, put := w.Accepted(x)
		held = append(held, sent{put, answer.Receipt})
	}
	mustClose(t, s)

	_, n, restoredTo := restore(t, copyAt, s.KeyFile)
	defer mustClose(t, n)
	if meta := identity(t, n); len(meta.Logs) != 2 || meta.Epoch == identity(t, s).Epoch || restoredTo.Submissions != 1 {
		t.Fatalf("%+v %+v", meta, restoredTo)
	}
	again, err := n.Receipt(t.Context(), w.Schools[0].ID, before.Receipt.Number)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(again)
	if _, _, err := surveysync.VerifyReceipt(raw, oldKeys...); err != nil {
		t.Errorf("a receipt of before no longer verifies under its log: %v", err)
	}
	ids := []string{before.Receipt.SubmissionID}
	for _, x := range held {
		ids = append(ids, x.receipt.SubmissionID)
	}
	if missing, err := n.Unknown(t.Context(), ids); err != nil || !slices.Equal(missing, ids[1:]) {
		t.Errorf("missing %v, %v", missing, err)
	}

	// The third revision comes first: another device had the second.
	a := held[1].offer(t, n)
	held[1].same(t, a.Receipt)
	if parts, _ := n.Parts(t.Context(), w.Schools[0].ID); !a.Verdict.Beside || parts[0].Current.Revision != 1 {
		t.Errorf("revision 3 before 2: %+v %+v", a.Verdict, parts)
	}
	for _, i := range []int{0, 2, 3, 0, 1} { // and twice
		a := held[i].offer(t, n)
		held[i].same(t, a.Receipt)
		raw, _ := json.Marshal(a.Receipt)
		if _, _, err := surveysync.VerifyReceipt(raw, identity(t, n).LogKey); err != nil {
			t.Errorf("the receipt of %d: %v", i, err)
		}
	}
	for _, x := range held {
		sub, err := n.Submission(t.Context(), x.put.Access.Institution.ID, x.receipt.Part, x.receipt.Revision)
		if err != nil || !bytes.Equal(sub.Body, x.put.Body) || !sub.ReceivedAt.Equal(x.receipt.ReceivedAt) || sub.Late != x.receipt.Late {
			t.Errorf("%s %d: %+v, %v", x.receipt.Part, x.receipt.Revision, sub, err)
		}
	}
	if beside, err := n.Beside(t.Context(), ""); err != nil || len(beside) != 0 {
		t.Errorf("still beside: %v, %v", beside, err)
	}
	clean(t, n)
	lines, err := n.Log(t.Context(), store.LogFilter{After: -1, Institution: w.Schools[0].Code, Outcome: surveysync.OutcomeAccepted})
	if err != nil || len(lines) != 4 || lines[0].Log != 0 || lines[1].Log != 1 {
		t.Errorf("the lines of both logs: %+v, %v", lines, err)
	}
}

// restore restores a copy into a new folder with this key.
func restore(t *testing.T, copyAt, keyFile string) (string, *Store, Restored) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rileva.db")
	key, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".key", key, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Restore(t.Context(), copyAt, path, Options{Now: fixedNow})
	if err != nil || r.OtherKey {
		t.Fatalf("restore: %+v, %v", r, err)
	}
	return path, mustOpen(t, path), r
}

// TestRestoreTaken: content that took a revision in between stays in force;
// what was acknowledged before stands beside it, for people to decide.
func TestRestoreTaken(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, filepath.Join(dir, "rileva.db"))
	w := storetest.NewWorld(t, s)
	w.Accepted(general(w, 0, 0, "liceale"))
	copyAt := filepath.Join(dir, "copia.db")
	if _, err := s.Backup(t.Context(), copyAt); err != nil {
		t.Fatal(err)
	}
	answer, put := w.Accepted(general(w, 0, 1, "iefp"))
	held := sent{put, answer.Receipt}
	mustClose(t, s)

	_, n, _ := restore(t, copyAt, s.KeyFile)
	defer mustClose(t, n)
	w.Store = n
	taken, _ := w.Accepted(general(w, 0, 1, "tecnico"))
	a := held.offer(t, n)
	held.same(t, a.Receipt)
	if !a.Verdict.Beside {
		t.Errorf("%+v", a.Verdict)
	}
	held.same(t, held.offer(t, n).Receipt)
	parts, _ := n.Parts(t.Context(), w.Schools[0].ID)
	beside, err := n.Beside(t.Context(), w.Schools[0].ID)
	if err != nil || len(beside) != 1 || beside[0].Number != held.receipt.Number || !bytes.Equal(beside[0].Body, put.Body) ||
		parts[0].Current.Number != taken.Receipt.Number {
		t.Errorf("in force %+v, beside %+v, %v", parts[0].Current, beside, err)
	}
	w.Accepted(general(w, 0, 2, "liceale")) // its revision 3 was not made from what stands beside
	if beside, _ := n.Beside(t.Context(), ""); len(beside) != 1 {
		t.Errorf("beside: %v", beside)
	}
	clean(t, n)

	// Receipts that no log of this store has given are no key to anything.
	forged := held
	forged.put = w.Put(general(w, 0, 3, "iefp"))
	if a := forged.offer(t, n); a.Verdict.Code != surveysync.Invalid || a.Verdict.Place != surveysync.HeaderReceipt {
		t.Errorf("another's receipt: %+v", a.Verdict)
	}
	forged.receipt = taken.Receipt // genuine, but of the present log
	if a := forged.offer(t, n); a.Verdict.Code != surveysync.Invalid {
		t.Errorf("a receipt of the present log: %+v", a.Verdict)
	}
	clean(t, n)
}

// TestContractAfterRestore is the one of every engine.
func TestContractAfterRestore(t *testing.T) {
	storetest.RunRestored(t, func(t *testing.T, before, after func(*storetest.World)) (store.Store, func() store.Store) {
		dir := t.TempDir()
		s := mustOpen(t, filepath.Join(dir, "rileva.db"))
		w := storetest.NewWorld(t, s)
		before(w)
		copyAt := filepath.Join(dir, "copia.db")
		if _, err := s.Backup(t.Context(), copyAt); err != nil {
			t.Fatal(err)
		}
		after(w)
		mustClose(t, s)
		path, n, _ := restore(t, copyAt, s.KeyFile)
		return n, func() store.Store {
			mustClose(t, n)
			n = mustOpen(t, path)
			return n
		}
	})
}

// TestBackupRefuses: nothing is overwritten, and no damaged store is copied or
// restored as if it were whole.
func TestBackupRefuses(t *testing.T) {
	d := newDamageable(t)
	s := mustOpen(t, d.path)
	copyAt := filepath.Join(t.TempDir(), "copia.db")
	if _, err := s.Backup(t.Context(), copyAt); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Backup(t.Context(), copyAt); !errors.Is(err, ErrExists) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "none", "copia.db")); !errors.Is(err, ErrUnusable) {
		t.Errorf("in no folder: %v", err)
	}
	mustClose(t, s)
	if _, err := Restore(t.Context(), copyAt, d.path, Options{}); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("over a store: %v", err)
	}
	to := filepath.Join(t.TempDir(), "rileva.db")
	if _, err := Restore(t.Context(), copyAt, to, Options{}); !errors.Is(err, ErrKeyMissing) {
		t.Errorf("without a key: %v", err)
	}
	r, err := Restore(t.Context(), copyAt, to, Options{NewKey: true})
	if err != nil || !r.OtherKey {
		t.Errorf("with a new key: %+v, %v", r, err)
	}
	whole, err := os.ReadFile(copyAt)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"cut": whole[:len(whole)/2], "text": []byte("una lettera"), "empty": {}} {
		bad := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(bad, content, 0o600); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if _, err := Restore(t.Context(), bad, filepath.Join(dir, "rileva.db"), Options{NewKey: true}); !errors.Is(err, ErrNotStore) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
	}
	edit(t, d.path, func(tx *bbolt.Tx) error {
		return replaceIn(tx, engine.BucketLeaves, engine.IndexKey(d.receipts[2].LeafIndex), `"revision":1`, `"revision":7`)
	})
	s = mustOpen(t, d.path)
	defer mustClose(t, s)
	dir := t.TempDir()
	if _, err := s.Backup(t.Context(), filepath.Join(dir, "copia.db")); !errors.Is(err, ErrDamaged) {
		t.Errorf("a damaged store was copied: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left behind %v", left)
	}
}

// TestRotateLogKey: the old key speaks for the new one, receipts of both
// verify, and a crash at any step leaves a store that opens.
func TestRotateLogKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rileva.db")
	s := mustOpen(t, path)
	w := storetest.NewWorld(t, s)
	before, _ := w.Accepted(storetest.General(w.Schools[0], "liceale"))
	first := identity(t, s).LogKey
	oldSeed, err := os.ReadFile(s.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	rotate := store.Act{At: fixedNow(), Actor: surveysync.ActorOffice}
	for range 2 {
		if _, err := s.RotateLogKey(t.Context(), rotate); err != nil {
			t.Fatal(err)
		}
	}
	after, _ := w.Accepted(storetest.General(w.Schools[1], "liceale"))
	meta := identity(t, s)
	keys, err := surveysync.FollowKeys([]string{first}, meta.LogKey, meta.Handovers())
	if err != nil || len(keys) != 3 || len(meta.Logs) != 1 {
		t.Fatalf("%v, %v, %+v", keys, err, meta)
	}
	if _, err := surveysync.FollowKeys([]string{first}, meta.LogKey, meta.Handovers()[1:]); !errors.Is(err, surveysync.ErrKeyChanged) {
		t.Errorf("with a missing link: %v", err)
	}
	for _, r := range []surveysync.Receipt{before.Receipt, after.Receipt} {
		raw, _ := json.Marshal(r)
		if _, _, err := surveysync.VerifyReceipt(raw, keys...); err != nil {
			t.Error(err)
		}
	}
	clean(t, s)
	mustClose(t, s)
	newSeed, err := os.ReadFile(s.KeyFile)
	if err != nil || bytes.Equal(newSeed, oldSeed) {
		t.Fatalf("the key file was not replaced, %v", err)
	}
	// A crash before the new key took its name.
	if err := errors.Join(os.WriteFile(engine.NextKey(s.KeyFile), newSeed, 0o600), os.WriteFile(s.KeyFile, oldSeed, 0o600)); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, path)
	if now, _ := os.ReadFile(s.KeyFile); !bytes.Equal(now, newSeed) {
		t.Error("the next start did not finish the exchange")
	}
	mustClose(t, s)
	if left, _ := filepath.Glob(path + "*"); strings.Contains(strings.Join(left, " "), ".next") {
		t.Errorf("left %v", left)
	}
}
