package e2e_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
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
		all[i] = w.enter(i, &http.Transport{})
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
	w.clean()
	t.Logf("%d kills, %d acknowledged, each stored once", rounds, acknowledged)
}

// killed is a server that dies often.
type killed struct {
	crowd
	server   *running
	answered chan struct{}

	mu   sync.Mutex
	back chan struct{} // closed while the server is up
}

func newKilled(t *testing.T) *killed {
	t.Helper()
	w := &killed{crowd: newCrowd(t, "", senders),
		server: &running{}, answered: make(chan struct{}), back: make(chan struct{})}
	w.up()
	w.url, w.ready, w.told = "http://"+w.server.addr, w.wait, func() { w.answered <- struct{}{} }
	t.Cleanup(w.server.kill)
	return w
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
