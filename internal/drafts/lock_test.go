package drafts

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// TestLock: behind a passphrase no file of the folder holds an answer or the
// token any more, and with it everything is there again.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	_, err := s.Begin(owner, "general", "", survey.Answers{"head_name": "parole molto riservate", "empty": "", "n": 7})
	must(t, err)
	must(t, s.SaveSession(Session{Server: "https://x", Token: "rlv1_segreto", Institution: survey.Institution{ID: owner.Institution}}))
	must(t, s.Record(Attempt{What: "login", AttemptResult: surveysync.AttemptResult{Detail: "parole molto riservate"}}))
	must(t, s.Copy())
	secrets := []string{"parole molto riservate", "rlv1_segreto"}
	if where(t, dir, secrets...) == "" {
		t.Fatal("the test would not see a secret")
	}
	wantCode(t, s.SetPassphrase("troppo cort"), CodeShortPassphrase)
	must(t, s.SetPassphrase(testPassphrase))
	if !s.Locked() || where(t, dir, secrets...) != "" {
		t.Errorf("locked %v; %s", s.Locked(), where(t, dir, secrets...))
	}
	_, err = s.Set(owner, "general", []Change{{Variable: "n", Value: 8}, {Variable: "notes", Value: "altre parole riservate"}})
	must(t, err)
	must(t, s.Close())
	secrets = append(secrets, "altre parole riservate")
	if found := where(t, dir, secrets...); found != "" {
		t.Errorf("after more work: %s", found)
	}
	for passphrase, code := range map[string]string{"": CodeLocked, "quattro lampade Verdi": CodePassphrase, " ": CodePassphrase} {
		o := testOptions()
		o.Passphrase = passphrase
		_, err := Open(dir, o)
		wantCode(t, err, code)
	}
	s = open(t, dir)
	d, ok, err := s.Draft(owner, "general")
	if err != nil || !ok || d.Answers["head_name"] != secrets[0] || d.Answers["notes"] != secrets[2] || d.Answers["n"] != 8 || d.Answers["empty"] != "" {
		t.Errorf("%+v %v %v", d, ok, err)
	}
	if session, ok, err := s.Session(); err != nil || !ok || session.Token != "rlv1_segreto" {
		t.Errorf("%+v %v", session, err)
	}
	if list, err := s.Attempts(Owner{}, 0); err != nil || len(list) != 1 || list[0].Detail != secrets[0] {
		t.Errorf("%+v %v", list, err)
	}
	must(t, s.SetPassphrase("")) // and everything is as before
	must(t, s.Close())
	o := testOptions()
	o.Passphrase = ""
	s, err = Open(dir, o)
	must(t, err)
	if d, _, err := s.Draft(owner, "general"); err != nil || d.Answers["notes"] != secrets[2] || s.Locked() {
		t.Errorf("%+v %v", d, err)
	}
	must(t, s.Close())
}

// where names the first file that holds one of the texts.
func where(t *testing.T, dir string, texts ...string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		must(t, err)
		for _, text := range texts {
			if bytes.Contains(raw, []byte(text)) {
				return f.Name() + " holds " + text
			}
		}
	}
	return ""
}

// TestLockAfterACrash: what a crash in the middle of locking leaves behind.
func TestLockAfterACrash(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	_, err := s.Begin(owner, "general", "", survey.Answers{"notes": "parole riservate"})
	must(t, err)
	must(t, s.Copy())
	must(t, s.rewrite(testPassphrase)) // and no further: the copy is still open
	must(t, s.Close())
	if where(t, dir, "parole riservate") == "" {
		t.Fatal("the copy is not there")
	}
	must(t, os.WriteFile(filepath.Join(dir, fileName+".new-1"), []byte("half"), 0o600))
	s = open(t, dir)
	if found := where(t, dir, "parole riservate"); found != "" {
		t.Errorf("after the next start: %s", found)
	}
	if d, ok, err := s.Draft(owner, "general"); err != nil || !ok || d.Answers["notes"] != "parole riservate" {
		t.Errorf("%+v %v", d, err)
	}
	must(t, s.Close())

	// A damaged file comes back from its locked copy, under the same passphrase.
	path := filepath.Join(dir, fileName)
	raw, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, raw[:len(raw)/2], 0o600))
	s = open(t, dir)
	if _, ok := s.Restored(); !ok || !s.Locked() {
		t.Error("the copy did not take its place")
	}
	if d, ok, err := s.Draft(owner, "general"); err != nil || !ok || d.Answers["notes"] != "parole riservate" {
		t.Errorf("%+v %v", d, err)
	}
}

// TestSealedValuesKeepTheirPlace: one that was changed, or put into another's
// place, is damaged and not shown.
func TestSealedValuesKeepTheirPlace(t *testing.T) {
	for name, spoil := range map[string]func(answers *bolt.Bucket) error{
		"changed": func(b *bolt.Bucket) error {
			v := bytes.Clone(b.Get([]byte("a")))
			v[len(v)-1] ^= 1
			return b.Put([]byte("a"), v)
		},
		"moved": func(b *bolt.Bucket) error { return b.Put([]byte("a"), bytes.Clone(b.Get([]byte("b")))) },
		"short": func(b *bolt.Bucket) error { return b.Put([]byte("a"), []byte("x")) },
		"clear": func(b *bolt.Bucket) error {
			return b.Put([]byte("a"), []byte("i1234567890123456789012345678901234567890"))
		},
	} {
		s, err := Open(t.TempDir(), testOptions())
		must(t, err)
		_, err = s.Begin(owner, "general", "", survey.Answers{"a": 1, "b": 2})
		must(t, err)
		must(t, s.SetPassphrase(testPassphrase))
		key, err := owner.key()
		must(t, err)
		must(t, s.db.Update(func(tx *bolt.Tx) error {
			return spoil(tx.Bucket(bOwners).Bucket(key).Bucket(bDrafts).Bucket([]byte("general")).Bucket(bAnswers))
		}))
		_, _, err = s.Draft(owner, "general")
		if CodeOf(err) != CodeDamaged {
			t.Errorf("%s: %v", name, err)
		}
		must(t, s.Close())
	}
}

// TestLockIsDear: guessing a passphrase costs a second, whatever age's next
// release holds for enough; tests pay less. The price stands in the file.
func TestLockIsDear(t *testing.T) {
	if n := (Options{}).work(); n < 18 {
		t.Errorf("a guess costs 2^%d", n)
	}
	file, err := encrypt([]byte("x"), testPassphrase, 3)
	must(t, err)
	if head, _, _ := strings.Cut(string(file), "\n---"); !strings.HasSuffix(strings.Split(head, "\n")[1], " 3") {
		t.Errorf("the head is %q", head)
	}
}
