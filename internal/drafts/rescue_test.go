package drafts

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rileva/pkg/survey"
)

// spoil cuts the file of the drafts in half, as a full disk or a bad stick does.
func spoil(t *testing.T, dir string) []byte {
	t.Helper()
	path := filepath.Join(dir, fileName)
	raw, err := os.ReadFile(path)
	must(t, err)
	raw = raw[:len(raw)/2]
	must(t, os.WriteFile(path, raw, 0o600))
	return raw
}

// TestRestored: a damaged file is set aside as it is, and the newest copy that
// is whole takes its place.
func TestRestored(t *testing.T) {
	dir := t.TempDir()
	day := testTime
	o := testOptions()
	o.Now = func() time.Time { return day }
	s, err := Open(dir, o)
	must(t, err)
	_, err = s.Begin(owner, "general", "", survey.Answers{"n": 1})
	must(t, err)
	must(t, s.Copy())
	day = day.AddDate(0, 0, 1)
	_, err = s.Set(owner, "general", []Change{{Variable: "n", Value: 2}})
	must(t, err)
	must(t, s.Copy())
	if _, was := s.Restored(); was {
		t.Error("a sound file counts as restored")
	}
	newest := s.Copies()[1]
	must(t, s.Close())

	bad := spoil(t, dir)
	s, err = Open(dir, o)
	must(t, err)
	r, was := s.Restored()
	if !was || r.Copy != newest {
		t.Fatalf("restored %+v from %v", r, s.Copies())
	}
	if kept, err := os.ReadFile(filepath.Join(dir, r.Damaged)); err != nil || !bytes.Equal(kept, bad) {
		t.Error("the damaged file is not kept as it was", err)
	}
	if d, _, err := s.Draft(owner, "general"); err != nil || d.Answers["n"] != 2 {
		t.Error(d, err)
	}
	must(t, s.Close())

	// The newest copy is damaged too: the one before serves.
	spoil(t, dir)
	must(t, os.Truncate(filepath.Join(dir, newest), 3<<12))
	day = day.Add(time.Hour)
	s, err = Open(dir, o)
	must(t, err)
	if d, _, err := s.Draft(owner, "general"); err != nil || d.Answers["n"] != 1 {
		t.Error(d, err)
	}
	must(t, s.Close())

	// No copy at all: nothing is touched.
	bad = spoil(t, dir)
	for _, c := range copiesIn(dir) {
		must(t, os.Remove(filepath.Join(dir, c)))
	}
	_, err = Open(dir, o)
	wantCode(t, err, CodeDamaged)
	if now, err := os.ReadFile(filepath.Join(dir, fileName)); err != nil || !bytes.Equal(now, bad) {
		t.Error("the damaged file was touched", err)
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.Contains(e.Name(), ".new") {
			t.Error("left over:", e.Name())
		}
	}
}

// TestReopen: after a commit that failed the file is opened anew, and what was
// on the disk is there.
func TestReopen(t *testing.T) {
	s := open(t, t.TempDir())
	_, err := s.Begin(owner, "general", "", survey.Answers{"n": 1})
	must(t, err)
	must(t, s.Reopen()) // nothing to do
	s.db.MaxSize = 1    // the disk is full from here on
	wantCode(t, s.KeepQuestionnaire(survey.DigestOf(bytes.Repeat([]byte("x"), 1<<20)), bytes.Repeat([]byte("x"), 1<<20)), CodeDisk)
	_, _, err = s.Draft(owner, "general")
	wantCode(t, err, CodeDisk)
	must(t, s.Reopen())
	_, err = s.Set(owner, "general", []Change{{Variable: "n", Value: 2}})
	must(t, err)
	if d, _, err := s.Draft(owner, "general"); err != nil || d.Answers["n"] != 2 {
		t.Error(d, err)
	}
}

// TestNoFolder: a folder that cannot be made is told as that.
func TestNoFolder(t *testing.T) {
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Log("no /proc on this system: the table of diskFailure is all that is tried")
		return
	}
	_, err := Open("/proc/rileva", testOptions())
	wantCode(t, err, CodeNoFolder)
}

// TestKept: small things stand under their names, by owner, and go away.
func TestKept(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	var got string
	if ok, err := s.Kept(owner, "note", &got); ok || err != nil {
		t.Error(ok, err)
	}
	must(t, s.Keep(owner, "note", "half a sentence"))
	must(t, s.SaveSettings(Settings{Lang: "en", Looks: Looks{ASCII: true, NoHeartbeat: true}}))
	must(t, s.Close())
	s = open(t, dir)
	if ok, err := s.Kept(owner, "note", &got); !ok || err != nil || got != "half a sentence" {
		t.Error(got, ok, err)
	}
	if ok, _ := s.Kept(Owner{"i2", "s"}, "note", &got); ok {
		t.Error("another school sees it")
	}
	if n, err := s.Settings(); err != nil || !n.Looks.ASCII || n.Looks.NoColour || !n.Looks.NoHeartbeat {
		t.Error(n, err)
	}
	must(t, s.Keep(owner, "note", nil))
	if ok, _ := s.Kept(owner, "note", &got); ok {
		t.Error("still there")
	}
	if broken, err := s.Check(); err != nil || len(broken) > 0 {
		t.Error(broken, err)
	}
}
