package desk

import (
	"path/filepath"
	"strings"
	"testing"

	"rileva/internal/server"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// restore brings the server back from a copy; with another key when that of the
// log is lost.
func (w *world) restore(from string, newKey bool) {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "rileva.db")
	options := bolt.Options{Now: w.clock.now, KeyFile: w.keyFile, NewKey: newKey}
	if newKey {
		options.KeyFile = filepath.Join(w.t.TempDir(), "nuova.key")
	}
	_, err := bolt.Restore(w.t.Context(), from, path, options)
	w.must(err)
	engine, err := bolt.Open(path, options)
	w.must(err)
	w.t.Cleanup(func() { w.must(engine.Close()) })
	s := server.New(server.Config{Store: engine, Hasher: w.hasher, Now: w.clock.now, SubmitBurst: 1 << 20})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.store, w.now = engine, s.Handler()
}

// TestRestoredServer: everything that was acknowledged after the copy is there
// again once the device has been in touch, with the same revisions, and what
// is new goes on from there.
func TestRestoredServer(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart, survey.TrackTecnico)
	w.send(d, survey.GeneralPart)
	copyAt := filepath.Join(t.TempDir(), "copia.db")
	_, err := w.store.Backup(t.Context(), copyAt)
	w.must(err)
	w.set(d, survey.GeneralPart, "compiler_name", "Segreteria")
	lost := append(w.send(d, survey.GeneralPart), w.send(d, survey.TrackTecnico)...)

	w.restore(copyAt, false)
	w.dates(noon.AddDate(0, 0, -3), noon.AddDate(0, 0, -2), noon.AddDate(0, 0, -1)) // long closed
	report := w.sync(d)
	if report.Reoffered != len(lost) || len(report.Beside) != 0 || report.LogAlarm != "" {
		t.Fatalf("%+v", report)
	}
	in, err := w.store.FindInstitution(t.Context(), lost[0].Institution)
	w.must(err)
	for _, r := range lost {
		sub, err := w.store.Submission(t.Context(), in.ID, r.Part, 0)
		if err != nil || sub.Number != r.Number || sub.Revision != r.Revision || !sub.ReceivedAt.Equal(r.ReceivedAt) || sub.Late != r.Late {
			t.Errorf("%s: %+v, %v", r.Part, sub, err)
		}
	}
	if again := w.sync(d); again.Reoffered != 0 || again.LogAlarm != "" {
		t.Errorf("a second time: %+v", again)
	}
	w.sound(d)
}

// TestLogKeyAlarm: a log that another key signs is followed when the old key
// speaks for it, and is an alarm that stays when it does not.
func TestLogKeyAlarm(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	_, err := w.store.RotateLogKey(t.Context(), store.Act{At: noon, Actor: surveysync.ActorOffice})
	w.must(err)
	if r := w.sync(d); r.LogAlarm != "" {
		t.Fatal(r.LogAlarm)
	}
	copyAt := filepath.Join(t.TempDir(), "copia.db")
	_, err = w.store.Backup(t.Context(), copyAt)
	w.must(err)
	w.restore(copyAt, true)
	r := w.sync(d)
	if !strings.Contains(r.LogAlarm, "chiave sconosciuta") || !strings.Contains(r.LogAlarm, "Codice da comunicare: ") {
		t.Fatalf("%+v", r)
	}
	if r := w.sync(d); r.LogAlarm != "" {
		t.Errorf("found twice: %s", r.LogAlarm)
	}
	if o := w.overview(d); o.LogAlarm != r.LogAlarm {
		t.Errorf("status says %q", o.LogAlarm)
	}
	alarm, err := d.Alarm()
	w.must(err)
	if alarm == nil || alarm.Sentence != r.LogAlarm || alarm.Kept == alarm.Found || !alarm.At.Equal(noon) ||
		!strings.Contains(alarm.Sentence, alarm.Incident) || !strings.Contains(alarm.Hint, "--dismiss-alarm "+alarm.Incident) {
		t.Fatalf("%+v", alarm)
	}
	// It ends only by its code and with a reason, which stays in the history.
	for code, act := range map[string][2]string{"alarm_reason": {alarm.Incident, " va bene  "}, "no_alarm": {"0000-0000", "L'Ufficio ha cambiato server"}} {
		if err := d.DismissAlarm(act[0], act[1]); CodeOf(err) != code {
			t.Errorf("%q: %v", act, err)
		}
	}
	reason := "L'Ufficio ha perso la chiave nel ripristino"
	w.must(d.DismissAlarm(strings.ToLower(alarm.Incident), reason))
	if left, err := d.Alarm(); err != nil || left != nil {
		t.Errorf("still there: %+v, %v", left, err)
	}
	history, err := d.Attempts()
	w.must(err)
	last := history[len(history)-1]
	if last.What != "alarm" || last.Code != surveysync.AlarmKeyChanged || last.Incident != alarm.Incident || last.Detail != reason {
		t.Errorf("the history says %+v", last)
	}
	if r := w.sync(d); r.LogAlarm != "" || w.overview(d).LogAlarm != "" {
		t.Errorf("it came back: %+v", r)
	}
}
