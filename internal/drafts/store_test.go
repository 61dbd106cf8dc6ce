package drafts

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func open(tb testing.TB, dir string) *Store {
	tb.Helper()
	s, err := Open(dir, testOptions())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if broken, err := s.Check(); CodeOf(err) != CodeClosed && (err != nil || len(broken) > 0) {
			tb.Error(broken, err)
		}
		_ = s.Close()
	})
	return s
}

func TestEveryErrorHasItsWords(t *testing.T) {
	for code, w := range words {
		e := fail(code, nil)
		for _, lang := range []string{"it", "en"} {
			if len(e.Sentence(lang)) < 15 || len(e.Advice(lang)) < 10 {
				t.Errorf("%s: %q", code, w)
			}
		}
	}
	for _, tc := range []struct {
		err  error
		code string
	}{
		{&fs.PathError{Err: syscall.EACCES}, CodeReadOnly}, {&fs.PathError{Err: syscall.EROFS}, CodeReadOnly},
		{&fs.PathError{Err: syscall.ENOTDIR}, CodeNotAFolder}, {&fs.PathError{Err: syscall.ENOSPC}, CodeDiskFull},
		{syscall.EIO, CodeDisk}, {bolterrors.ErrTimeout, CodeOpenElsewhere}, {bolterrors.ErrChecksum, CodeDamaged},
		{bolterrors.ErrDatabaseNotOpen, CodeClosed}, {fmt.Errorf("x: %w", fail(CodeNewer, nil)), CodeNewer},
	} {
		if e := diskFailure(tc.err); e.Code != tc.code || e.Message == "" {
			t.Errorf("%v: %+v", tc.err, e)
		}
	}
}

func TestSecondWindow(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	_, err := Open(dir, testOptions())
	var e *Error
	if !errors.As(err, &e) || e.Code != CodeOpenElsewhere || !strings.Contains(e.Message, "altra finestra") {
		t.Fatal(err)
	}
}

// TestFilesThatAreRefused: each is refused with its code and left as it was.
func TestFilesThatAreRefused(t *testing.T) {
	good := func(t *testing.T, change func(*bolt.Tx) error) []byte {
		dir := t.TempDir()
		s := open(t, dir)
		for i := range 200 { // some pages
			must(t, s.KeepQuestionnaire(surveysync.Digest([]byte{byte(i)}), []byte{byte(i)}))
		}
		if change != nil {
			must(t, s.update(func(tx *txn) error { return change(tx.raw) }))
		}
		must(t, s.Close())
		raw, err := os.ReadFile(filepath.Join(dir, fileName))
		must(t, err)
		return raw
	}
	whole := good(t, nil)
	broken := func(f func([]byte)) []byte { raw := bytes.Clone(whole); f(raw); return raw }
	page := os.Getpagesize()
	for name, tc := range map[string]struct {
		raw  []byte
		code string
	}{
		"empty":           {nil, CodeNotADatabase},
		"a text":          {[]byte(strings.Repeat("caro diario\n", 4000)), CodeNotADatabase},
		"a short text":    {[]byte("ciao"), CodeNotADatabase},
		"newer":           {good(t, func(tx *bolt.Tx) error { return tx.Bucket(bMeta).Put(kSchema, []byte("3")) }), CodeNewer},
		"other program's": {good(t, func(tx *bolt.Tx) error { return tx.DeleteBucket(bMeta) }), CodeNotADatabase},
		"cut short":       {whole[:len(whole)/2], CodeDamaged},
		"two pages":       {whole[:2*page], CodeDamaged},
		"both heads bad":  {broken(func(b []byte) { b[60]++; b[page+60]++ }), CodeDamaged},
		"pages of noise": {broken(func(b []byte) {
			for i := 2 * page; i < len(b); i++ {
				b[i] = byte(i * 131)
			}
		}), CodeDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, fileName)
			must(t, os.WriteFile(path, tc.raw, 0o600))
			s, err := Open(dir, testOptions())
			if s != nil || CodeOf(err) != tc.code {
				t.Fatalf("%v, want %s", err, tc.code)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(after, tc.raw) {
				t.Error("the file was changed")
			}
		})
	}
	t.Run("a file in the folder's place", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x")
		must(t, os.WriteFile(path, nil, 0o600))
		_, err := Open(filepath.Join(path, "y"), testOptions())
		wantCode(t, err, CodeNotAFolder)
	})
	// What the system says of a read-only folder is tried on the error itself:
	// to root no folder is read-only.
	t.Run("read only", func(t *testing.T) {
		for _, cause := range []error{fs.ErrPermission, syscall.EACCES, syscall.EROFS} {
			wantCode(t, diskFailure(fmt.Errorf("open: %w", cause)), CodeReadOnly)
		}
	})
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func TestModesCopiesAndRemains(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "rileva")
	day := testTime
	o := Options{Now: func() time.Time { return day }, noSync: true}
	for range 10 {
		s, err := Open(dir, o)
		must(t, err)
		must(t, s.Close())
		s, err = Open(dir, o) // a second start on the same day
		must(t, err)
		must(t, s.Close())
		day = day.AddDate(0, 0, 1)
	}
	s := open(t, dir)
	copies := s.Copies()
	if len(copies) != copiesKept || copies[6] != "drafts-20231227.copy" {
		t.Error(copies)
	}
	if info, _ := os.Stat(dir); !isWindows && info.Mode().Perm() != 0o700 {
		t.Error(info.Mode())
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != copiesKept+1 {
		t.Error("something was left over", entries)
	}
	for _, e := range entries {
		if info, _ := e.Info(); !isWindows && info.Mode().Perm() != 0o600 {
			t.Error(e.Name(), info.Mode())
		}
	}
	// A copy is a whole file.
	raw, err := os.ReadFile(filepath.Join(dir, copies[0]))
	must(t, err)
	other := t.TempDir()
	must(t, os.WriteFile(filepath.Join(other, fileName), raw, 0o600))
	open(t, other)
}

func TestSettingsSessionAndCache(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	first, err := s.Settings()
	must(t, err)
	if !strings.HasPrefix(first.Device, "computer-") || len(first.Device) != 13 {
		t.Error(first)
	}
	must(t, s.SaveSettings(Settings{Server: "https://x", Lang: "en"}))
	session := Session{Server: "https://y", Token: "t", Expires: testTime, Institution: survey.Institution{ID: "i1", Code: "A", Codes: []string{"A"}}}
	must(t, s.SaveSession(session))
	wantCode(t, s.SaveSession(Session{}), CodeOwner)
	restored, err := s.KeepServer(surveysync.ServerInfo{Epoch: "one", LogKey: "k1"}, testTime)
	if err != nil || restored {
		t.Error("the first server counts as restored", err)
	}
	for i, epoch := range []string{"one", "two", "two", "three"} {
		restored, err := s.KeepServer(surveysync.ServerInfo{Epoch: epoch, LogKey: "k" + epoch}, testTime)
		if must(t, err); restored != (i == 1 || i == 3) {
			t.Error(i, restored)
		}
	}
	must(t, s.KeepCheckpoint("head"))
	must(t, s.KeepQuestionnaire(surveysync.Digest([]byte("q")), []byte("q")))
	wantCode(t, s.KeepQuestionnaire(surveysync.Digest([]byte("q")), []byte("r")), CodeBody)
	ret := surveysync.Return{Institution: survey.Institution{ID: "i1", Codes: []string{"A", "B"}}, Survey: surveysync.SurveyInfo{ID: "s"}}
	must(t, s.KeepReturn(owner, []byte(`{"institution":{"id":"i1"},"survey":{"id":"s"}}`), ret, testTime))
	wantCode(t, s.KeepReturn(Owner{"i2", "s"}, []byte("{}"), ret, testTime), CodeOtherInstitution)
	must(t, s.Close())
	must(t, s.Close())
	_, _, err = s.Draft(owner, "general")
	wantCode(t, err, CodeClosed)

	s = open(t, dir)
	settings, err := s.Settings()
	if must(t, err); settings.Server != "https://y" || settings.Lang != "en" || settings.Device != first.Device {
		t.Error(settings)
	}
	if got, ok, err := s.Session(); err != nil || !ok || got.Token != "t" || got.Institution.ID != "i1" {
		t.Error(got, ok, err)
	}
	if v, ok, err := s.Server(); err != nil || !ok || v.Info.Epoch != "three" || v.Alarm != nil || len(v.LogKeys) != 4 {
		t.Error(v, ok, err)
	}
	must(t, s.KeepAlarm(surveysync.LogAlarm{Kind: surveysync.AlarmLogShrunk, Incident: "AAAA-AAAA"}))
	must(t, s.KeepAlarm(surveysync.LogAlarm{Kind: surveysync.AlarmKeyChanged}))
	if v, _, _ := s.Server(); v.Alarm == nil || v.Alarm.Incident != "AAAA-AAAA" {
		t.Error("the first alarm is not kept", v.Alarm)
	}
	must(t, s.KeepReconciled(owner, "three"))
	if epoch, err := s.Reconciled(owner); err != nil || epoch != "three" {
		t.Error(epoch, err)
	}
	if v, ok, err := s.Return(owner); err != nil || !ok || v.Return.Survey.ID != "s" || !v.At.Equal(testTime) {
		t.Error(v, ok, err)
	}
	if v, ok, err := s.Institution(owner); err != nil || !ok || len(v.Codes) != 2 {
		t.Error(v, ok, err)
	}
	if v, ok, err := s.Questionnaire(surveysync.Digest([]byte("q"))); err != nil || !ok || string(v) != "q" {
		t.Error(v, ok, err)
	}
	must(t, s.ClearSession())
	if _, ok, _ := s.Session(); ok {
		t.Error("the token is still there")
	}
}

func TestAttemptsAreBounded(t *testing.T) {
	s := open(t, t.TempDir())
	for i := range maxAttempts + 25 {
		must(t, s.Record(Attempt{What: "login", AttemptResult: surveysync.AttemptResult{Code: fmt.Sprint(i)}}))
	}
	all, err := s.Attempts(Owner{}, 0)
	if must(t, err); len(all) != maxAttempts || all[0].Code != "1024" || all[maxAttempts-1].Code != "25" {
		t.Error(len(all), all[0], all[len(all)-1])
	}
	if few, _ := s.Attempts(owner, 3); len(few) != 3 {
		t.Error(few)
	}
}

func TestTwoSchoolsOnOneComputer(t *testing.T) {
	s := open(t, t.TempDir())
	other := Owner{"i2", "s"}
	for _, o := range []Owner{owner, other} {
		_, err := s.Begin(o, "general", "", survey.Answers{"n": len(o.Institution)})
		must(t, err)
	}
	_, err := s.Set(owner, "general", []Change{{Variable: "n", Value: 99}})
	must(t, err)
	if d, _, _ := s.Draft(other, "general"); d.Answers["n"] != 2 || d.Touched {
		t.Error(d)
	}
	_, err = s.Box(owner)
	wantCode(t, err, CodeNotSignedIn)
	must(t, s.SaveSession(Session{Institution: survey.Institution{ID: "i1", Code: "MIIS00100B"}}))
	box, err := s.Box(owner)
	must(t, err)
	_, err = s.Box(other)
	wantCode(t, err, CodeOtherInstitution)
	must(t, s.SaveSession(Session{Institution: survey.Institution{ID: "i2"}}))
	_, err = box.Queue()
	wantCode(t, err, CodeOtherInstitution)
	wantCode(t, box.Sending("general"), CodeOtherInstitution)
	// A body with another school's code is not frozen.
	must(t, s.KeepInstitution(owner, survey.Institution{ID: "i1", Codes: []string{"MITF00200C"}}))
	m := &machine{}
	id, body := m.body(content{Answers: survey.Answers{}}, "general", nil)
	wantCode(t, s.Enqueue(owner, "general", Frozen{SubmissionID: id, Body: body, Digest: surveysync.Digest(body)}), CodeOtherInstitution)
	for _, bad := range []Owner{{}, {"a", ""}, {"a\x00b", "c"}} {
		_, err := s.Begin(bad, "general", "", nil)
		wantCode(t, err, CodeOwner)
	}
	if owners, err := s.Owners(); err != nil || len(owners) != 2 {
		t.Error(owners, err)
	}
}

// TestTypedWhileSending: what was typed between reading the draft and the
// receipt is still unsent afterwards.
func TestTypedWhileSending(t *testing.T) {
	s := open(t, t.TempDir())
	_, err := s.Begin(owner, "general", surveysync.Digest(nil), survey.Answers{"n": 1})
	must(t, err)
	d, _, err := s.Draft(owner, "general")
	must(t, err)
	_, err = s.Set(owner, "general", []Change{{Variable: "n", Value: 2}})
	must(t, err)
	m := &machine{}
	id, body := m.body(content{Answers: d.Answers}, "general", nil)
	must(t, s.Enqueue(owner, "general", Frozen{SubmissionID: id, Body: body, Digest: surveysync.Digest(body), Generation: d.Generation}))
	sub, _ := surveysync.ParseSubmission(body)
	r, raw := testReceipt(sub, body, 1)
	must(t, s.Settle(owner, "general", raw, r, surveysync.AttemptResult{Code: surveysync.CodeAccepted}))
	if d, _, _ = s.Draft(owner, "general"); d.Sent || !d.Touched || d.Answers["n"] != 2 {
		t.Errorf("%+v", d)
	}
	_, err = s.Set(owner, "general", []Change{{Variable: "n", Value: 1}}) // taken back
	must(t, err)
	if d, _, _ = s.Draft(owner, "general"); !d.Sent || d.Touched {
		t.Errorf("%+v", d)
	}
	if kept, ok, err := s.Body(owner, r.ContentDigest); err != nil || !ok || !bytes.Equal(kept, body) {
		t.Error("the acknowledged bytes are not kept", err)
	}
	if h, ok, err := s.Receipt(owner, r.Number); err != nil || !ok || !bytes.Equal(h.Raw, raw) {
		t.Error(ok, err)
	}
}

// TestStoreStopsAfterAFailedCommit: what a failed commit leaves on the disk is
// unknown, so nothing is shown as saved after it.
func TestStoreStopsAfterAFailedCommit(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, testOptions())
	must(t, err)
	_, err = s.Begin(owner, "general", "", survey.Answers{"n": 1})
	must(t, err)
	s.db.MaxSize = 1 // the disk is full from here on
	big := bytes.Repeat([]byte("x"), 1<<20)
	wantCode(t, s.KeepQuestionnaire(surveysync.Digest(big), big), CodeDisk)
	s.db.MaxSize = 0
	_, err = s.Set(owner, "general", []Change{{Variable: "n", Value: 2}})
	wantCode(t, err, CodeDisk)
	_, _, err = s.Draft(owner, "general")
	wantCode(t, err, CodeDisk)
	must(t, s.Close())
	s = open(t, dir)
	if d, ok, err := s.Draft(owner, "general"); err != nil || !ok || d.Answers["n"] != 1 {
		t.Error(d, ok, err)
	}
}
