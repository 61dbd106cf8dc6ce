package main

import (
	"net/http"
	"strings"
	"testing"

	"rileva/internal/office"
)

// TestSlowedDown: the office sees whom wrong passwords slow down, as long as
// the server that counts them runs.
func TestSlowedDown(t *testing.T) {
	d := reminding(t)
	app := d.serve()
	for range 4 {
		answer, err := http.Post(app.URL()+"/api/v1/sessions", "application/json",
			strings.NewReader(`{"code":"MIIS00100B","password":"sbagliata","device":"pc"}`))
		must(t, err)
		must(t, answer.Body.Close())
	}
	var rows []office.MissingRow
	if d.read(&rows, "missing", "--cause", "slowed_down"); len(rows) != 1 || rows[0].Code != "MIIS00100B" || rows[0].Contact.Failures != 4 {
		t.Errorf("%+v", rows)
	}
	if out := d.ok("show", "MIIS00100B"); !strings.Contains(out, "Accesso rallentato: 4 password sbagliate") {
		t.Errorf("%s", out)
	}
	if out := d.ok("credentials", "list"); !strings.Contains(out, "rallentata") {
		t.Errorf("%s", out)
	}
}
