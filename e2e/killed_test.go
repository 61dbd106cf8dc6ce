package e2e_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

var kills = flag.Int("kills", 0, "how often server and form are killed (make crash); 0: a few times each")

const senders = 4

// TestKilledServer: the server is killed (SIGKILL) again and again while four
// schools send, over a network that loses and repeats. Whatever was
// acknowledged is there once, in its place, and check finds nothing.
func TestKilledServer(t *testing.T) {
	w := newKilled(t)
	all := make([]*sender, senders)
	for i := range all {
		all[i] = w.enter(i)
	}
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	for _, s := range all {
		busy.Go(func() { s.send(ctx) })
	}
	rounds := cmp.Or(*kills, 20)
	for range rounds {
		for range 1 + rand.IntN(12) { // so many answers later
			<-w.answered
		}
		w.down()
		w.server.kill()
		w.up()
	}
	stop()
	go func() {
		for range w.answered { // whoever still has an answer to tell
		}
	}()
	busy.Wait()
	close(w.answered)
	acknowledged := 0
	for _, s := range all {
		s.judge()
		acknowledged += len(s.receipts)
	}
	w.server.kill()
	if out, err := w.command("check"); err != nil {
		t.Errorf("check: %v\n%s", err, out)
	}
	if out, err := w.command("log", "verify"); err != nil {
		t.Errorf("log verify: %v\n%s", err, out)
	}
	t.Logf("%d kills, %d acknowledged, each stored once", rounds, acknowledged)
}

// killed is a server that dies often.
type killed struct {
	*testing.T
	dir      string
	server   *running
	answered chan struct{}
	letters  [][]string

	mu   sync.Mutex
	back chan struct{} // closed while the server is up
}

func newKilled(t *testing.T) *killed {
	t.Helper()
	w := &killed{T: t, dir: t.TempDir(), server: &running{}, answered: make(chan struct{}), back: make(chan struct{})}
	if err := writeRegister(w.dir); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"institutions", "import", filepath.Join(w.dir, "schools_milano.csv.gz")},
		{"survey", "dates", "--opens", "2020-01-01", "--due", "2099-01-01", "--late-until", "2099-02-01"},
		{"credentials", "issue", "MIIS00100B", "MIIS003003", "MIIS00400V", "MIIS008006", "--out", filepath.Join(w.dir, "pw.csv")},
	} {
		if out, err := w.command(args...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	raw, err := os.ReadFile(filepath.Join(w.dir, "pw.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil || len(rows) != senders+1 {
		t.Fatalf("letters: %v %v", rows, err)
	}
	w.letters = rows[1:]
	w.up()
	t.Cleanup(w.server.kill)
	return w
}

func (w *killed) data() string { return filepath.Join(w.dir, "data") }

func (w *killed) command(args ...string) (string, error) {
	cmd := exec.Command(filepath.Join(bin, exe("rileva-server")), append([]string{"--data", w.data()}, args...)...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (w *killed) up() {
	w.Helper()
	if err := w.server.serve(w.data(), filepath.Join(w.dir, "server.log")); err != nil {
		w.Fatal(err)
	}
	w.mu.Lock()
	close(w.back)
	w.mu.Unlock()
}

func (w *killed) down() {
	w.mu.Lock()
	w.back = make(chan struct{})
	w.mu.Unlock()
}

// wait returns when a server is up.
func (w *killed) wait(ctx context.Context) {
	w.mu.Lock()
	back := w.back
	w.mu.Unlock()
	select {
	case <-back:
	case <-ctx.Done():
	}
}

// sender is one school's device that sends its part 1 over and over.
type sender struct {
	*killed
	code     string
	client   *surveysync.Client
	ret      surveysync.Return
	receipts []surveysync.Receipt
	sent     map[string]bool
}

// lossy is a network that loses a request or an answer, or sends twice.
type lossy struct{ t http.RoundTripper }

func (l lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	lot := rand.IntN(10)
	if r.Method != http.MethodPut || lot > 2 {
		return l.t.RoundTrip(r)
	}
	if lot == 0 {
		return nil, errors.New("the request is lost")
	}
	first, err := l.t.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if lot == 1 {
		_ = first.Body.Close()
		return nil, errors.New("the answer is lost")
	}
	again := r.Clone(r.Context())
	if again.Body, err = r.GetBody(); err != nil {
		return nil, err
	}
	_ = first.Body.Close()
	return l.t.RoundTrip(again)
}

func (w *killed) enter(i int) *sender {
	w.Helper()
	ctx := w.Context()
	client, err := surveysync.NewClient(surveysync.Options{Server: "http://" + w.server.addr, Version: "test", HTTP: lossy{&http.Transport{}}})
	must := func(err error) {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
	}
	must(err)
	row := w.letters[i]
	info, err := client.Server(ctx)
	must(err)
	client.Trust(info.LogKey)
	session, err := client.SignIn(ctx, surveysync.SignIn{Code: row[0], Password: row[2], Device: "prova"})
	must(err)
	client.SetToken(session.Token)
	for err = errors.New("not yet"); err != nil; { // it may be lost like any PUT
		err = client.ChangePassword(ctx, surveysync.PasswordChange{Current: row[2], New: "quattro lampade verdi sul tavolo"})
	}
	ret, _, err := client.Return(ctx)
	must(err)
	return &sender{killed: w, code: row[0], client: client, ret: ret, sent: map[string]bool{}}
}

// send offers one revision after the other, each until its receipt is there.
func (s *sender) send(ctx context.Context) {
	for ctx.Err() == nil {
		n := len(s.receipts)
		answers := samples.For(s.ret.Institution)[survey.GeneralPart]
		id := uuid.Must(uuid.NewV7()).String()
		body, err := json.Marshal(surveysync.Submission{SubmissionID: id, Institution: s.code, Survey: s.ret.Survey.ID, Part: survey.GeneralPart,
			Questionnaire: s.ret.Survey.Questionnaire, Answers: answers, CompletedAt: time.Now()})
		if err != nil {
			s.Error(err)
			return
		}
		s.sent[id] = true
		for ctx.Err() == nil && len(s.receipts) == n {
			s.wait(ctx)
			r, _, err := s.client.Put(ctx, survey.GeneralPart, body, n, "")
			if err == nil {
				s.receipts = append(s.receipts, r)
				s.answered <- struct{}{}
				break
			}
			if state, fate := surveysync.Classify(err); state != surveysync.OpQueued && ctx.Err() == nil {
				s.Errorf("%s, revision %d: %s, %s: %v", s.code, n+1, state, fate, err)
				return
			}
		}
	}
}

// judge compares what was acknowledged with what the server lists.
func (s *sender) judge() {
	list, err := s.client.Revisions(s.Context(), survey.GeneralPart)
	if err != nil {
		s.Fatal(err)
	}
	if len(list) < len(s.receipts) || len(list) > len(s.receipts)+1 { // the last answer may be lost
		s.Errorf("%s: %d acknowledged, %d stored", s.code, len(s.receipts), len(list))
	}
	seen := map[string]bool{}
	for i, r := range list {
		if r.Revision != i+1 || seen[r.SubmissionID] || !s.sent[r.SubmissionID] ||
			i < len(s.receipts) && (r.SubmissionID != s.receipts[i].SubmissionID || r.ContentDigest != s.receipts[i].ContentDigest) {
			s.Errorf("%s: revision %d is %+v", s.code, i+1, r)
		}
		seen[r.SubmissionID] = true
	}
}

// TestKilledClient: the client is killed while its PUT is on the way, before it
// arrives or after it was answered; the next sync ends it.
func TestKilledClient(t *testing.T) {
	w := newKilled(t)
	proxy := &deadly{target: w.server.addr}
	web := newProxy(t, proxy)
	home := filepath.Join(w.dir, "device")
	run := func(stdin string, args ...string) (string, error) {
		cmd := exec.Command(filepath.Join(bin, exe("rileva")), args...)
		cmd.Env = append(os.Environ(), "RILEVA_HOME="+home, "RILEVA_SERVER="+web, "LANG=it_IT.UTF-8")
		cmd.Stdin = strings.NewReader(stdin)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := proxy.start(cmd); err != nil {
			return "", err
		}
		err := cmd.Wait()
		return out.String(), err
	}
	row := w.letters[0]
	if out, err := run(row[2]+"\nuna-password-nuova\n", "login", "--code", row[0], "--password-stdin"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rounds := max(4, cmp.Or(*kills, 20)/4)
	for n := 1; n <= rounds; n++ {
		w.answers(row, n)
		if out, err := run("", "fill", "general", "--from", filepath.Join(w.dir, "general.json")); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		proxy.kill(n%2 == 0)
		if out, err := run("", "submit", "general", "--declare"); err == nil {
			t.Fatalf("the client was to be killed\n%s", out)
		}
		proxy.spare()
		if out, err := run("", "sync"); err != nil {
			t.Fatalf("round %d: sync: %v\n%s", n, err, out)
		}
	}
	out, err := run("", "receipts", "--json")
	var held []surveysync.Receipt
	if err != nil || json.Unmarshal([]byte(out), &held) != nil || len(held) != rounds {
		t.Fatalf("receipts: %v\n%s", err, out)
	}
	seen := map[string]bool{}
	for _, r := range held {
		if seen[r.SubmissionID] {
			t.Errorf("%s twice", r.SubmissionID)
		}
		seen[r.SubmissionID] = true
	}
	listed, err := w.command("history", row[0], "general", "--json")
	if err != nil || strings.Count(listed, `"action": "submit"`)+strings.Count(listed, `"action":"submit"`) != len(held) {
		t.Errorf("%d receipts and the server's history is %v\n%s", len(held), err, listed)
	}
	w.server.kill()
	if out, err := w.command("check"); err != nil {
		t.Errorf("check: %v\n%s", err, out)
	}
	t.Logf("%d kills of the client, %d receipts", proxy.killed, len(held))
}

// answers writes general.json, another one each time.
func (w *killed) answers(row []string, n int) {
	w.Helper()
	answers := samples.For(survey.Institution{Code: row[0], Codes: []string{row[0]}, Kind: survey.KindState, Comune: "MILANO", Name: row[1]})[survey.GeneralPart]
	for _, id := range notTyped {
		delete(answers, id)
	}
	answers["compiler_name"] = "Prova " + strconv.Itoa(n)
	raw, err := json.Marshal(answers)
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, "general.json"), raw, 0o600)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// deadly is a proxy that kills the client whose PUT it sees.
type deadly struct {
	target string

	mu     sync.Mutex
	cmd    *exec.Cmd
	armed  bool
	after  bool // when the server has answered
	killed int
}

// start starts the client that is to be killed; its calls wait until it has.
func (d *deadly) start(cmd *exec.Cmd) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cmd = cmd
	return cmd.Start()
}

func (d *deadly) kill(after bool) { d.mu.Lock(); d.armed, d.after = true, after; d.mu.Unlock() }
func (d *deadly) spare()          { d.mu.Lock(); d.armed = false; d.mu.Unlock() }

func (d *deadly) strike(after bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.armed || d.after != after {
		return false
	}
	d.armed = false
	d.killed++
	_ = d.cmd.Process.Kill()
	return true
}
