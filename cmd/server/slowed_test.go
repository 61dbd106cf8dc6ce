package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
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

// TestSlowedNetworks: the office sees how many networks try codes at random,
// and that a proxy on this machine, behind which everybody is, is none.
func TestSlowedNetworks(t *testing.T) {
	d := reminding(t)
	app := d.serve()
	codes := 0
	guess := func(from string, times int) (last int) {
		for range times {
			codes++
			r := httptest.NewRequest(http.MethodPost, "/api/v1/sessions", strings.NewReader(fmt.Sprintf(`{"code":"MIZZ%05dZ","password":"sbagliata","device":"pc"}`, codes)))
			r.Header.Set("Content-Type", "application/json")
			r.RemoteAddr = from
			answer := httptest.NewRecorder()
			app.http.Handler.ServeHTTP(answer, r)
			last = answer.Code
		}
		return last
	}
	seen := func() int {
		var s office.StatusReply
		d.read(&s, "status")
		return s.Slowed.Addresses
	}
	guess("127.0.0.1:4000", 60)
	guess("192.0.2.1:4000", 50) // as many as are free
	if n := seen(); n != 0 {
		t.Errorf("%d networks before one has gone too far", n)
	}
	guess("192.0.2.1:4001", 1)
	guess("[2001:db8::1]:4000", 26)
	guess("[2001:db8::2]:4000", 25) // the same network
	if code := guess("192.0.2.1:4002", 1); code != http.StatusTooManyRequests {
		t.Errorf("the 52nd guess of a network is answered with %d", code)
	}
	if n := seen(); n != 2 {
		t.Errorf("%d networks, not 2", n)
	}
	if out := d.ok("status"); !strings.Contains(out, "scuole 0, reti 2") || strings.Contains(out, "192.0.2") {
		t.Errorf("%s", out)
	}
}
