package desk

import (
	"cmp"
	"strings"
	"time"
	"unicode/utf8"

	surveysync "rileva/pkg/sync"
)

// Alarm is what this device has found wrong with the server's log. The first
// one stays, because it is the evidence, until a person dismisses it.
type Alarm struct {
	Kind     string    `json:"kind"` // log_shrunk, log_rewritten or log_key_changed
	Incident string    `json:"incident"`
	At       time.Time `json:"at"`
	Sentence string    `json:"sentence"` // what was found, whom to call, which code to give
	Hint     string    `json:"hint"`     // how it ends
	Kept     string    `json:"kept"`     // the checkpoint, or the keys, that this device trusted
	Found    string    `json:"found"`    // what the server showed instead
}

// String is the sentence; "" of no alarm.
func (a *Alarm) String() string {
	if a == nil {
		return ""
	}
	return a.Sentence
}

// Alarm gives it, also while nobody is signed in; nil when nothing was found.
func (d *Desk) Alarm() (*Alarm, error) {
	server, _, err := d.store.Server()
	if err != nil || server.Alarm == nil {
		return nil, err
	}
	contact := ""
	if o, err := d.owner(); err == nil {
		seen, _, err := d.store.Return(o)
		if err != nil {
			return nil, err
		}
		contact = seen.Return.Survey.Contact.In(d.lang)
	}
	a := server.Alarm
	code := "log_alarm"
	if a.Kind == surveysync.AlarmKeyChanged {
		code = "log_key_alarm"
	}
	text := wording(d.lang, code)
	args := []any{cmp.Or(contact, word(d.lang, "no_contact")), a.Incident}
	return &Alarm{Kind: a.Kind, Incident: a.Incident, At: a.At, Kept: a.Kept, Found: a.Found,
		Sentence: text[0] + " " + apply(text[1], args), Hint: word(d.lang, "alarm_ends", a.Incident)}, nil
}

// leastReason is how many characters a reason has at least, as that of an
// explanation.
const leastReason = 10

// DismissAlarm ends the alarm that bears the code, once the office has
// explained it. The reason stays in the history of attempts. Errors:
// alarm_reason for one of fewer than 10 characters, no_alarm when there is
// none with this code.
func (d *Desk) DismissAlarm(code, reason string) error {
	reason = strings.TrimSpace(reason)
	if utf8.RuneCountInString(reason) < leastReason {
		return newError("alarm_reason")
	}
	incident, _ := surveysync.ParseIncident(code)
	o, _ := d.owner() // zero while nobody is signed in: then everybody sees the line
	done, err := d.store.DismissAlarm(o, incident, reason)
	if err == nil && !done {
		err = newError("no_alarm", code)
	}
	return err
}
