package desk

import (
	"rileva/internal/drafts"
	surveysync "rileva/pkg/sync"
)

// alarm says what this device has found of the server's log, whom to call and
// under which code the office finds it; "" when nothing was found. It stays
// until the office has explained it: what was found first is the evidence.
func (d *Desk) alarm(o drafts.Owner) (string, error) {
	server, _, err := d.store.Server()
	if err != nil || server.Alarm == nil {
		return "", err
	}
	seen, _, err := d.store.Return(o)
	if err != nil {
		return "", err
	}
	code := "log_alarm"
	if server.Alarm.Kind == surveysync.AlarmKeyChanged {
		code = "log_key_alarm"
	}
	text := wording(d.lang, code)
	return text[0] + " " + apply(text[1], []any{seen.Return.Survey.Contact.In(d.lang), server.Alarm.Incident}), nil
}
