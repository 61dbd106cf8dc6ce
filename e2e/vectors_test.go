package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rileva/internal/account"
	"rileva/internal/server"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// The protocol's documents. With -update, TestVectors writes the vectors anew:
//
//	go test ./e2e -run TestVectors -update
const (
	vectorsDir   = "../docs/vectors"
	protocolFile = "../docs/PROTOCOL.md"
)

// recorder drives the real server, over the real store, with a clock and a
// source of randomness that are the same each time, and writes down what was
// said.
type recorder struct {
	t      *testing.T
	dir    string
	engine *bolt.Store
	config server.Config
	server http.Handler
	now    time.Time
	token  string
	calls  int
	files  map[string]string
}

// exchange is one call and the file that it is written to.
type exchange struct {
	file, method, path string
	header             [][2]string
	body               []byte
}

func newRecorder(t *testing.T) (*recorder, string) {
	t.Helper()
	r := &recorder{t: t, dir: t.TempDir(), now: time.Date(2023, 12, 18, 10, 42, 0, 0, time.FixedZone("CET", 3600)), files: map[string]string{}}
	hasher := account.NewHasher(account.Params{Memory: 8, Time: 1, Threads: 1}, random(2))
	r.config = server.Config{Hasher: hasher, Now: func() time.Time { return r.now }, Rand: random(4), Version: "1.0.0"}
	r.open("rileva.db", r.options(random(1)))
	return r, r.school(r.engine, hasher, random(3))
}

// random is one goroutine's at a time.
func random(n byte) io.Reader { return rand.NewChaCha8([32]byte{n}) }

func (r *recorder) options(random io.Reader) bolt.Options {
	return bolt.Options{Now: r.config.Now, Rand: random, KeyFile: filepath.Join(r.dir, "rileva.key")}
}

// open serves the store in this file.
func (r *recorder) open(name string, opt bolt.Options) {
	r.t.Helper()
	engine, err := bolt.Open(filepath.Join(r.dir, name), opt)
	r.must(err)
	r.t.Cleanup(func() { r.must(engine.Close()) })
	r.engine, r.config.Store = engine, engine
	r.server = server.New(r.config).Handler()
}

// school publishes the vectors' questionnaire and gives one school a letter.
func (r *recorder) school(engine store.Store, hasher *account.Hasher, random io.Reader) string {
	r.t.Helper()
	ctx := context.Background()
	raw, err := os.ReadFile(filepath.Join(vectorsDir, "questionnaire.yaml"))
	r.must(err)
	act := surveysync.Entry{At: r.now, Actor: surveysync.ActorOffice, Action: "survey_publish", Outcome: surveysync.OutcomeOK}
	_, err = engine.Publish(ctx, raw, r.now, act)
	r.must(err)
	var in store.Institution
	in.Code, in.Codes, in.Name, in.Comune, in.Kind = "MIIS00100B", []string{"MIIS00100B", "MITF001012"}, "Istituto Alfa", "MILANO", survey.KindState
	in.ExpectedTracks, in.AddedAt, in.Confirmed = []string{"tecnico"}, r.now, true
	r.must(engine.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		return store.RegisterEdit{Put: []store.Institution{in}}, nil
	}))
	in, err = engine.FindInstitution(ctx, in.Code)
	r.must(err)
	password := account.NewOneTimePassword(random)
	hash, err := hasher.HashPassword(ctx, account.NormalizeOneTimePassword(password))
	r.must(err)
	act.Action = "credentials_issue"
	_, err = engine.IssueCredentials(ctx, map[string]string{in.ID: hash}, false, r.now, act)
	r.must(err)
	return password
}

func (r *recorder) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func asBody(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// do makes the call a second after the one before and writes both sides down.
func (r *recorder) do(x exchange, status int) *httptest.ResponseRecorder {
	r.t.Helper()
	r.now = r.now.Add(time.Second)
	r.calls++
	req := httptest.NewRequest(x.method, x.path, bytes.NewReader(x.body))
	lines := [][2]string{{surveysync.HeaderIncident, fmt.Sprintf("0000-%04d", r.calls)}, {surveysync.HeaderClient, "1.0.0"}, {"Accept-Language", "en"}}
	if r.token != "" {
		lines = append(lines, [2]string{"Authorization", "Bearer " + r.token})
	}
	if x.body != nil {
		lines = append(lines, [2]string{"Content-Type", "application/json"})
	}
	for _, line := range append(lines, x.header...) {
		req.Header.Set(line[0], line[1])
	}
	rec := httptest.NewRecorder()
	r.server.ServeHTTP(rec, req)
	if rec.Code != status {
		r.t.Fatalf("%s: answered %d %s, want %d", x.file, rec.Code, rec.Body, status)
	}
	asked := said(">", fmt.Sprintf("%s %s HTTP/1.1", x.method, x.path), req.Header, x.body)
	r.files[x.file] = asked + said("<", fmt.Sprintf("HTTP/1.1 %d %s", rec.Code, http.StatusText(rec.Code)), rec.Header(), rec.Body.Bytes())
	return rec
}

// said writes one side of an exchange; the form is described in the README of
// the vectors.
func said(mark, first string, header http.Header, body []byte) string {
	lines := []string{first}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			lines = append(lines, name+": "+value)
		}
	}
	lines = append(lines, "")
	if len(body) > 0 {
		lines = append(lines, strings.Split(string(body), "\n")...)
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(mark+" "+line, " ") + "\n")
	}
	return b.String()
}

func (r *recorder) get(file, path string) *httptest.ResponseRecorder {
	r.t.Helper()
	return r.do(exchange{file: file, method: "GET", path: path}, 200)
}

// put sends a body as the revision after replaces.
func (r *recorder) put(file string, s surveysync.Submission, replaces, status int) *httptest.ResponseRecorder {
	r.t.Helper()
	precondition := [2]string{"If-None-Match", "*"}
	if replaces > 0 {
		precondition = [2]string{"If-Match", surveysync.ETag(replaces)}
	}
	return r.do(exchange{file: file, method: "PUT", path: "/api/v1/parts/" + s.Part, header: [][2]string{precondition}, body: asBody(s)}, status)
}

// TestVectors holds docs/vectors to what the server says.
func TestVectors(t *testing.T) {
	r, password := newRecorder(t)
	get := r.get
	var info surveysync.ServerInfo
	r.must(json.Unmarshal(get("01-server.txt", "/api/v1/server").Body.Bytes(), &info))
	signIn := func(file, password string, status int) *httptest.ResponseRecorder {
		return r.do(exchange{file: file, method: "POST", path: "/api/v1/sessions",
			body: asBody(surveysync.SignIn{Code: "MIIS00100B", Password: password, Device: "computer-7F3K"})}, status)
	}
	signIn("02-sign-in-refused.txt", "AAAA-AAAA-AAAA", 401)
	var session surveysync.Session
	r.must(json.Unmarshal(signIn("03-sign-in.txt", password, 201).Body.Bytes(), &session))
	r.token = session.Token
	r.do(exchange{file: "04-password.txt", method: "PUT", path: "/api/v1/password",
		body: asBody(surveysync.PasswordChange{Current: password, New: "quattro lampade verdi sul tavolo"})}, 204)

	raw, err := os.ReadFile(filepath.Join(vectorsDir, "questionnaire.yaml"))
	r.must(err)
	general := surveysync.Submission{SubmissionID: "0193b3a0-0000-7000-8000-000000000001", Institution: "MIIS00100B", Survey: "prova-2023",
		Part: "general", Questionnaire: surveysync.Digest(raw), CompletedAt: r.now.Truncate(time.Second),
		Answers: survey.Answers{"school_code": "MIIS00100B", "students": 30, "tracks_offered": []string{"tecnico"}}}
	first := r.put("05-put-general.txt", general, 0, 201).Body.Bytes()
	again := r.put("06-put-general-again.txt", general, 0, 200).Body.Bytes()
	rival := general
	rival.SubmissionID = "0193b3a0-0000-7000-8000-000000000002"
	rival.Answers = survey.Answers{"school_code": "MIIS00100B", "students": 31, "tracks_offered": []string{"tecnico"}}
	r.put("07-put-conflict.txt", rival, 0, 412)
	amended := r.put("08-put-amended.txt", rival, 1, 200).Body.Bytes()
	track := general
	track.SubmissionID, track.Part = "0193b3a0-0000-7000-8000-000000000003", "tecnico"
	track.Answers = survey.Answers{"enrolled_m": 11, "enrolled_f": 20, "failed_m": 12, "failed_f": 0}
	r.put("09-put-rejected.txt", track, 0, 422)
	part := get("10-part.txt", "/api/v1/parts/general")
	number := surveysync.ReceiptNumber(general.SubmissionID, surveysync.Digest(asBody(general)))
	later := get("11-receipt.txt", "/api/v1/receipts/"+number).Body.Bytes()
	get("12-return.txt", "/api/v1/return")
	head := get("13-checkpoint.txt", "/api/v1/log/checkpoint").Body.String()

	// What the document says of them.
	r.files["key.txt"] = info.LogKey + "\n"
	r.files["receipt.json"] = string(later)
	wanted := r.verified(first, info.LogKey)
	for _, raw := range [][]byte{again, later} {
		got := r.verified(raw, info.LogKey)
		got.Proof = wanted.Proof // it may stand on a later checkpoint
		if got != wanted {
			t.Errorf("the receipt given again is %+v, not %+v", got, wanted)
		}
	}
	if got := r.verified(amended, info.LogKey); got.Revision != 2 || got.ContentDigest != surveysync.Digest(part.Body.Bytes()) {
		t.Errorf("the part is not the amended one: %+v", got)
	}
	kept, err := surveysync.OpenCheckpoint(head, info.LogKey)
	r.must(err)
	third := r.merged(rival, kept, info.LogKey)
	r.rotated(info.LogKey)
	r.restored(third)
	r.compare()
}

func (r *recorder) verified(raw []byte, key string) surveysync.Receipt {
	r.t.Helper()
	receipt, _, err := surveysync.VerifyReceipt(raw, key)
	r.must(err)
	return receipt
}

// compare holds the files to what was said, or writes them.
func (r *recorder) compare() {
	r.t.Helper()
	for name, want := range r.files {
		path := filepath.Join(vectorsDir, name)
		if *update {
			r.must(os.WriteFile(path, []byte(want), 0o644))
			continue
		}
		got, err := os.ReadFile(path)
		r.must(err)
		if string(got) != want {
			r.t.Errorf("%s is not what the server says (-update writes it anew):\n%s", name, want)
		}
	}
	entries, err := os.ReadDir(vectorsDir)
	r.must(err)
	for _, e := range entries {
		if _, made := r.files[e.Name()]; !made && e.Name() != "README.md" && e.Name() != "questionnaire.yaml" {
			r.t.Errorf("%s is made by nobody", e.Name())
		}
	}
}

// TestProtocol holds docs/PROTOCOL.md to the code where a program can: its
// paragraphs are numbered without a gap, its codes are the code's with their
// statuses, and the tests and files that it names exist.
func TestProtocol(t *testing.T) {
	raw, err := os.ReadFile(protocolFile)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	checkNumbers(t, text)
	codes := map[string]int{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (\\d{3}) \\|").FindAllStringSubmatch(text, -1) {
		status, _ := strconv.Atoi(m[2])
		codes[m[1]] = status
	}
	for _, code := range surveysync.Codes() {
		if codes[string(code)] != surveysync.StatusOf(code) {
			t.Errorf("the table says %d for %s, which is %d", codes[string(code)], code, surveysync.StatusOf(code))
		}
		delete(codes, string(code))
	}
	for code := range codes {
		t.Errorf("the table has a code that does not exist: %s", code)
	}
	tests := allTests(t)
	for _, m := range regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)`").FindAllStringSubmatch(text, -1) {
		if !tests[m[1]] {
			t.Errorf("there is no %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`((?:cmd|pkg|internal|e2e|docs)/[\\w./-]+)`").FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(filepath.Join("..", m[1])); err != nil {
			t.Error(err)
		}
	}
}

// checkNumbers: section n holds n.1, n.2 … and every "(n.m)" leads somewhere, as
// does every "PROTOCOL n.m" of the code and of the other documents.
func checkNumbers(t *testing.T, text string) {
	t.Helper()
	section, paragraph := 0, 0
	known := map[string]bool{}
	for line := range strings.Lines(text) {
		if m := regexp.MustCompile(`^## (\d+)\. `).FindStringSubmatch(line); m != nil {
			section, paragraph = section+1, 0
			if m[1] != strconv.Itoa(section) {
				t.Errorf("section %s follows %d", m[1], section-1)
			}
		}
		if m := regexp.MustCompile(`^\*\*(\d+\.\d+)\*\* `).FindStringSubmatch(line); m != nil {
			paragraph++
			if m[1] != fmt.Sprintf("%d.%d", section, paragraph) {
				t.Errorf("paragraph %s stands where %d.%d belongs", m[1], section, paragraph)
			}
			known[m[1]] = true
		}
	}
	if len(known) < 50 {
		t.Errorf("only %d paragraphs were found", len(known))
	}
	for _, m := range regexp.MustCompile(`\((\d+\.\d+)\)`).FindAllStringSubmatch(text, -1) {
		if !known[m[1]] {
			t.Errorf("there is no paragraph %s", m[1])
		}
	}
	cited := regexp.MustCompile(`PROTOCOL(?:\.md)?,?[\s/]+(\d+\.\d+)`)
	found := 0
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !slices.Contains([]string{".go", ".md"}, filepath.Ext(path)) {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range cited.FindAllStringSubmatch(string(raw), -1) {
			if found++; !known[m[1]] {
				t.Errorf("%s cites paragraph %s, which is not there", path, m[1])
			}
		}
		return err
	})
	if err != nil || found < 15 {
		t.Errorf("%d citations, %v", found, err)
	}
}

// allTests lists the test functions of the module.
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	name := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range name.FindAllStringSubmatch(string(raw), -1) {
			found[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
