package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// hostileBodies are bodies that no client of ours sends.
func hostileBodies(good string) []string {
	deep := strings.Repeat("[", 20_000)
	bodies := []string{
		"", " ", "\n", "\x00", "\xff\xfe", "\ufeff{}", "null", "true", "0", "-", "1e999", `""`, `"`, "[]", "[", "{", "}", "{}", "{}{}", "{} x", "{,}", "{\"\":1}",
		`{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{'a':1}`, "// x\n{}", `{"a":1}`, `{"code":1,"password":[],"device":{}}`, `{"code":null,"password":null,"device":null}`,
		`{"code":"A","code":"B","password":"x","device":"x"}`, `{"Code":"A","PASSWORD":"x","device":"y"}`, `{"code":"A","password":"x","device":"x","role":"admin"}`,
		`{"code":"","password":"","device":""}`, `{"code":"\ud800","password":"\ud800","device":"\udfff"}`, `{"code":"\u0000","password":"\u0000","device":"\u0000"}`,
		"{\"code\":\"\xff\",\"password\":\"x\",\"device\":\"x\"}", `{"code":"` + strings.Repeat("A", 70_000) + `","password":"x","device":"x"}`,
		`{"code":"MIIS00100B","password":"x","device":"` + strings.Repeat("\\u202e", 9000) + `"}`, `{"code":"' OR 1=1 --","password":"'","device":"<script>"}`,
		`{"code":"MIIS00100B","password":"$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AA","device":"%s%n"}`,
		`{"current":1,"new":2}`, `{"current":"x"}`, `{"new":"x"}`, `{"current":"","new":""}`, `{"current":"x","new":null}`, `{"current":["x"],"new":{}}`,
		deep, strings.Repeat(`{"a":`, 20_000), strings.Repeat(`{"answers":[`, 3000), "<html></html>", "code=A&password=B", "\x1f\x8b\x08\x00\x00\x00", "--x\r\nContent-Disposition: form-data\r\n",
		strings.Repeat("9", 5000), `"` + strings.Repeat("\\", 5000), `{"` + strings.Repeat("k", 100_000) + `":1}`,
	}
	for i := 0; i < len(good); i += 1 + len(good)/12 { // cut off, and one byte changed
		bodies = append(bodies, good[:i], good[:i]+"\x01"+good[i+1:], good[:i]+"}"+good[i+1:])
	}
	for _, swap := range [][2]string{
		{`"answers":{`, `"answers":null,"x":{`}, {`"answers":{`, `"answers":[],"y":{`}, {`"answers":{`, `"answers":{"students":1,"students":2,`}, {`"answers":{`, `"answers":{"x":1e400,`},
		{`"answers":{`, `"answers":{"x":{"y":[{}]},`}, {`"answers":{`, `"answers":{"students":null,`}, {`"answers":{`, `"answers":{"students":99999999999999999999,`},
		{`"answers":{`, `"answers":{"notes":"\ud800",`}, {`"answers":{`, `"answers":{"notes":"\u0000\u001b[2J",`}, {`"answers":{`, `"answers":{"tracks_offered":["liceale","liceale"],`},
		{`"answers":{`, `"answers":{"tracks_offered":[[[]]],`}, {`"answers":{`, `"answers":{"tracks_offered":[1,null],`}, {`"answers":{`, `"answers":{"%s%d%!":"%n",`},
		{`"answers":{`, `"withdraw":["tecnico"],"answers":{`}, {`"answers":{`, `"withdraw":"tecnico","answers":{`}, {`"answers":{`, `"withdraw":[null],"answers":{`}, {`"answers":{`, `"withdraw":{},"answers":{`},
		{`"answers":{`, `"unavailable":{"students":"no"},"answers":{`}, {`"answers":{`, `"unavailable":{"students":1},"answers":{`}, {`"answers":{`, `"unavailable":[],"answers":{`},
		{`"answers":{`, `"explanations":{"S01":{"reason":"x","text":"y"}},"answers":{`}, {`"answers":{`, `"explanations":{"S01":"why"},"answers":{`},
		{`"answers":{`, `"explanations":{"S01":{"reason":"other","text":"a long enough text","more":1}},"answers":{`}, {`"answers":{`, `"explanations":{"S01":null},"answers":{`},
		{`"answers":{`, `"explanations":{"":{"reason":"other","text":"a long enough text","values":{"a":1e999}}},"answers":{`}, {`"part":"general"`, `"part":"../general"`}, {`"part":"general"`, `"part":""`},
		{`"part":"general"`, `"part":7`}, {`"part":"general"`, `"Part":"general"`}, {`"survey":"prova-2023"`, `"survey":"\u001b[31m"`}, {`"survey":"prova-2023"`, `"survey":{}`},
		{`"submission_id":"`, `"submission_id":"X`}, {`"submission_id":"0`, `"submission_id":"{`}, {`"questionnaire":"sha256:`, `"questionnaire":"../../etc/`}, {`"questionnaire":"`, `"questionnaire":"` + strings.Repeat("q", 300)},
		{`"institution":"MIIS00100B"`, `"institution":"MITD325009"`}, {`"institution":"MIIS00100B"`, `"institution":["MIIS00100B"]`}, {`"institution":"MIIS00100B"`, `"institution":"` + strings.Repeat("%s", 90) + `"`},
		{`"completed_at":"2023`, `"completed_at":"0000`}, {`"completed_at":"2023`, `"completed_at":"99999`}, {`"completed_at":"2023`, `"completed_at":2023,"z":"`}, {`"completed_at":`, `"Completed_at":`},
	} {
		bodies = append(bodies, strings.Replace(good, swap[0], swap[1], 1))
	}
	return bodies
}

// hostileHeaders are header lines that no client of ours sends.
func hostileHeaders() []string {
	var lines []string
	for _, name := range []string{"If-Match", "If-None-Match", "Content-Type", "Content-Encoding", "Accept-Language", "Authorization", "Rileva-Incident", "Rileva-Client", "Rileva-Receipt",
		"Accept", "Origin", "X-Forwarded-For", "X-HTTP-Method-Override", "Cookie", "Range", "Expect"} {
		for _, value := range []string{"", " ", "*", `"`, `""`, `"1`, `W/"1"`, `"\x00"`, "\xff\xfe", "text/html", "application/json; charset=utf-16", "application/json;;=", "gzip, br", "en;q=NaN", "en;q=-1,it;q=1e9",
			"Bearer", "Bearer ", "Basic eDp5", "Bearer rlv1_", "bearer rlv1_" + strings.Repeat("A", 43), strings.Repeat("a", 9000), "%s%n", "\t", "../../x", "bytes=0-1", "100-continue"} {
			lines = append(lines, name+": "+value)
		}
	}
	return lines
}

// calls lists every call with plain values in its path, and three that are none.
func calls() []request {
	var out []request
	for _, r := range routes {
		path := strings.NewReplacer(":part", "general", ":n", "1", ":digest", "sha256:00", ":number", "0000-0000-0000").Replace(r.path)
		out = append(out, request{method: r.method, path: path})
	}
	return append(out, request{method: "PUT", path: "/api/v1/parts/tecnico"}, request{method: "PUT", path: "/api/v1/parts/%00"}, request{method: "POST", path: "/"})
}

// unharmed fails when a hostile request does more than get refused.
func (w *world) unharmed(r request) {
	w.t.Helper()
	g := w.do(r) // which holds the answer to the contract's form
	if g.Code >= 500 {
		w.t.Errorf("%s %s %q %.200q: %d %s", r.method, r.path, r.header, r.body, g.Code, g.Body)
	}
}

func TestHostile(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	bodies, lines := hostileBodies(asJSON(w.submission(survey.GeneralPart))), hostileHeaders()
	if len(bodies) < 100 || len(lines) < 300 {
		t.Fatalf("only %d bodies and %d header lines", len(bodies), len(lines))
	}
	for k, r := range calls() {
		r.token = token
		for i, body := range bodies {
			r.body, r.header = body, nil
			if i%2 == 0 {
				r.header = []string{"If-None-Match: *"}
			}
			if r.path == "/api/v1/session" {
				r.token = "" // else the first one would end the token
			}
			w.unharmed(r)
		}
		r.body = `{"code":"a"}`
		for i := k % 3; i < len(lines); i += 3 { // over a hundred for each call, every line for some
			r.header = []string{lines[i]}
			w.unharmed(r)
		}
	}
	if w.do(request{method: "GET", path: "/api/v1/return", token: token}).Code != 200 {
		t.Error("the token does not work any more")
	}
	w.consistent()
	lines = strings.Split(strings.TrimSuffix(w.log.String(), "\n"), "\n")
	if len(lines) < 1000 {
		t.Errorf("only %d lines in the log", len(lines))
	}
	for _, line := range lines { // a terminal acts upon none of it, and none is forged
		if !strings.HasPrefix(line, "time=") || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("in the log: %q", line)
		}
	}
}

// consistent: whatever was sent, the store is whole.
func (w *world) consistent() {
	w.t.Helper()
	faults, err := w.store.Check(w.t.Context())
	if err != nil || len(faults) > 0 {
		w.t.Errorf("the store: %v %v", err, faults)
	}
}

// FuzzBodies sends anything to every call.
func FuzzBodies(f *testing.F) {
	w := newWorld(f)
	token := w.token(w.state)
	all := calls()
	for i, body := range hostileBodies(asJSON(w.submission(survey.GeneralPart))) {
		if len(body) < 4096 {
			f.Add(uint8(i), []byte(body), "If-None-Match", "*")
		}
	}
	for i, line := range hostileHeaders() {
		if i%4 > 0 {
			continue
		}
		name, value, _ := strings.Cut(line, ": ")
		f.Add(uint8(i), []byte("{}"), name, value)
	}
	f.Fuzz(func(t *testing.T, call uint8, body []byte, name, value string) {
		r := all[int(call)%len(all)]
		r.token, r.body = token, string(body)
		if r.path == "/api/v1/session" {
			r.token = ""
		}
		if name != "" && !strings.ContainsAny(name, "\r\n: ") {
			r.header = []string{name + ": " + value}
		}
		w.t = t // one input at a time runs in this process
		w.unharmed(r)
	})
}

// TestDescription: every call is described, and nothing else is.
func TestDescription(t *testing.T) {
	w := newWorld(t)
	described := map[string]bool{}
	doc, err := loadDescription()
	w.must(err)
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described[method+" "+strings.NewReplacer("{", ":", "}", "").Replace(path)] = true
		}
	}
	for _, r := range w.server.router.Routes() {
		if !described[r.Method+" "+r.Path] {
			t.Errorf("%s %s is not in openapi.yaml", r.Method, r.Path)
		}
		delete(described, r.Method+" "+r.Path)
	}
	for call := range described {
		t.Errorf("%s is in openapi.yaml and no call", call)
	}
	codes := map[any]bool{}
	for _, code := range doc.Components.Schemas["Problem"].Value.Properties["code"].Value.Enum {
		codes[code] = true
	}
	for _, code := range surveysync.Codes() {
		if !codes[string(code)] {
			t.Errorf("the code %s is not in openapi.yaml", code)
		}
	}
}

// TestInspectionWorks: the tests would see an answer that is not as described.
func TestInspectionWorks(t *testing.T) {
	w := newWorld(t)
	for name, spoil := range map[string]func(h http.Header, body *string){
		"no protocol":    func(h http.Header, _ *string) { h.Del("Rileva-Protocol") },
		"no time":        func(h http.Header, _ *string) { h.Del("Rileva-Time") },
		"another type":   func(h http.Header, _ *string) { h.Set("Content-Type", "text/html") },
		"another field":  func(_ http.Header, b *string) { *b = strings.Replace(*b, "{", `{"more":1,`, 1) },
		"a missing one":  func(_ http.Header, b *string) { *b = strings.Replace(*b, `"epoch"`, `"epoc"`, 1) },
		"another number": func(_ http.Header, b *string) { *b = strings.Replace(*b, `"name":"Rileva"`, `"name":1`, 1) },
	} {
		req := httptest.NewRequest("GET", "/api/v1/server", nil)
		rec := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(rec, req)
		body := rec.Body.String()
		spoil(rec.Header(), &body)
		rec.Body.Reset()
		fmt.Fprint(rec.Body, body)
		if w.inspect(req, &got{ResponseRecorder: rec}) == nil {
			t.Errorf("%s passes", name)
		}
	}
}
