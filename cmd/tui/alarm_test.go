package main

import (
	"encoding/json"
	"testing"

	"rileva/internal/drafts"
	surveysync "rileva/pkg/sync"
)

// TestAlarm: a warning about the server's log stands in status and doctor until
// somebody says why it is over, and that stays in the history.
func TestAlarm(t *testing.T) {
	w := newWorld(t)
	w.login(school)
	device, err := drafts.Open(w.env["RILEVA_HOME"], drafts.Options{})
	w.must(err)
	const incident = "AB12-CD34"
	w.must(device.KeepAlarm(surveysync.LogAlarm{Kind: surveysync.AlarmLogShrunk, Incident: incident, At: w.now(), Kept: "kept", Found: "found"}))
	w.must(device.Close())

	w.says(w.gives(exitDone, "status"), "registro del server è stato cambiato", incident)
	w.says(w.gives(exitConflict, "doctor"), "registro del server", incident, "--dismiss-alarm "+incident)
	var exam struct {
		Alarm struct{ Kind, Kept, Found string }
	}
	w.must(json.Unmarshal([]byte(w.gives(exitConflict, "doctor", "--json").out), &exam))
	if exam.Alarm.Kind != surveysync.AlarmLogShrunk || exam.Alarm.Kept != "kept" || exam.Alarm.Found != "found" {
		t.Errorf("%+v", exam)
	}
	w.says(w.gives(exitUsage, "doctor", "--dismiss-alarm", incident), "almeno 10 caratteri")
	w.says(w.gives(exitUsage, "doctor", "--dismiss-alarm", "ZZZZ-ZZZZ", "--because", "L'Ufficio ha risposto"), "nessun avviso con il codice")
	w.says(w.gives(exitDone, "doctor", "--dismiss-alarm", incident, "--because", "L'Ufficio ha ripristinato una copia"), "Avviso tolto")
	w.gives(exitDone, "doctor")
	w.says(w.gives(exitDone, "attempts"), incident, "registro accorciato", "L'Ufficio ha ripristinato una copia")
	if s := w.gives(exitDone, "status"); s.err != "" {
		t.Errorf("status still warns: %s", s.err)
	}
}
