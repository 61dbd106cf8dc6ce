package main

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/csv"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rileva/internal/office"
)

// postOffice is a mail server for tests: it keeps what it gets by recipient.
type postOffice struct {
	t    *testing.T
	l    net.Listener
	mu   sync.Mutex
	mail map[string][]string // texts by recipient
	// stuck is called with the recipient after a message was kept and before
	// it is acknowledged; true cuts the line without an answer.
	stuck func(to string) bool
	deny  string // recipient that is refused

	pair     *tls.Certificate // it encrypts with this, when asked
	implicit bool             // or from the first byte
	password string           // which it then asks of the user "ufficio"
	hangUp   bool             // after each message
	closed   bool             // and does not answer again
}

func newPostOffice(t *testing.T, how ...func(*postOffice)) *postOffice {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &postOffice{t: t, l: l, mail: map[string][]string{}}
	for _, set := range how {
		set(p)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.talk(conn)
		}
	}()
	return p
}

func (p *postOffice) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	secret := false
	encrypt := func() {
		conn, secret = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*p.pair}}), true
	}
	if p.implicit {
		encrypt()
	}
	in := bufio.NewReader(conn)
	say := func(s string) { _, _ = conn.Write([]byte(s + "\r\n")) }
	say("220 test")
	to, known := "", p.password == ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		if code, ok := strings.CutPrefix(verb, "AUTH PLAIN "); ok {
			known = secret && code == base64.StdEncoding.EncodeToString([]byte("\x00ufficio\x00"+p.password))
			say(map[bool]string{true: "235 welcome", false: "535 5.7.8 not you"}[known])
			continue
		}
		switch verb := strings.ToUpper(verb); {
		case strings.HasPrefix(verb, "EHLO") && p.pair != nil:
			say(map[bool]string{true: "250-test\r\n250 AUTH PLAIN", false: "250-test\r\n250 STARTTLS"}[secret])
			continue
		case verb == "MAIL FROM" && !known:
			say("530 sign in first")
			continue
		case verb == "STARTTLS":
			say("220 go on")
			encrypt()
			in = bufio.NewReader(conn)
			continue
		}
		switch strings.ToUpper(verb) {
		case "RCPT TO":
			if to = strings.Trim(strings.Fields(rest)[0], "<>"); to == p.deny {
				say("550 no such mailbox")
				continue
			}
			say("250 ok")
		case "DATA":
			say("354 go on")
			var text strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(line)
			}
			p.mu.Lock()
			p.mail[to] = append(p.mail[to], text.String())
			p.mu.Unlock()
			if p.stuck != nil && p.stuck(to) {
				return
			}
			if p.closed {
				_ = p.l.Close()
			}
			say("250 kept")
			if p.hangUp {
				return
			}
		case "QUIT":
			say("221 bye")
			return
		default: // EHLO, MAIL FROM, RSET, NOOP
			say("250 ok")
		}
	}
}

// kept tells how many messages each recipient has.
func (p *postOffice) kept() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]int{}
	for to, list := range p.mail {
		out[to] = len(list)
	}
	return out
}

func (p *postOffice) flags(more ...string) []string {
	return append([]string{"remind", "--smtp", p.l.Addr().String(), "--smtp-tls", "none", "--smtp-from", "ufficio@example.org"}, more...)
}

// reminding is an office whose three schools have passwords.
func reminding(t *testing.T) *desk {
	d := newDesk(t).furnish()
	d.ok("institutions", "confirm")
	d.ok("credentials", "issue", "--all", "--out", filepath.Join(t.TempDir(), "pw.csv"))
	return d
}

var addresses = []string{"MIIS00100B@istruzione.it", "beta@example.org", "gamma@example.org"}

func TestRemindByMail(t *testing.T) {
	d, post := reminding(t), newPostOffice(t)
	d.submit("MIPS185003", "general", "liceale") // in part: it is reminded of what is left, if anything
	var r remindReply
	d.read(&r, "remind", "--dry-run")
	if len(post.kept()) != 0 || r.Sent != 0 || !r.DryRun || len(r.Rows) < 2 {
		t.Fatalf("a trial: %+v", r)
	}
	concerned := len(r.Rows)
	post.deny = "beta@example.org"
	d.read(&r, post.flags()...)
	if r.Sent != concerned-1 || len(r.Failed) != 1 || r.Failed[0] != "MIPL125001" || post.kept()["beta@example.org"] != 0 {
		t.Errorf("%+v, kept %v", r, post.kept())
	}
	text := post.mail["MIIS00100B@istruzione.it"][0]
	for _, want := range []string{"To: <MIIS00100B@istruzione.it>", "From: <ufficio@example.org>", "MIIS00100B", "Auto-Submitted"} {
		if !strings.Contains(text, want) {
			t.Errorf("the message lacks %q:\n%s", want, text)
		}
	}
	post.deny = "" // what was refused may go again today, the others may not
	d.read(&r, post.flags()...)
	if r.Sent != 1 || post.kept()["beta@example.org"] != 1 || post.kept()["MIIS00100B@istruzione.it"] != 1 {
		t.Errorf("again: %+v, kept %v", r, post.kept())
	}
	d.read(&r, "remind", "--csv", filepath.Join(t.TempDir(), "x.csv"))
	if r.Sent != 0 {
		t.Errorf("reminded twice in a day, by mail and by file: %+v", r)
	}
	var lines []office.LogRow
	if d.read(&lines, "log", "--action", "remind"); len(lines) != concerned+1 {
		t.Errorf("%d lines", len(lines))
	}
	d.ok("check")
}

// TestRemindCrash: the program dies after the mail server has taken a message
// and before it knows. Nobody gets two, and all others get theirs.
func TestRemindCrash(t *testing.T) {
	d, post := reminding(t), newPostOffice(t)
	d.serve() // the store lives on in the server
	hangs, release := make(chan string, 1), make(chan struct{})
	first := true
	post.stuck = func(to string) bool {
		post.mu.Lock()
		mine := first
		first = false
		post.mu.Unlock()
		if mine {
			hangs <- to
			<-release
		}
		return mine
	}
	died := make(chan struct{})
	go func() { // its own buffers: this command is as good as dead
		defer close(died)
		dead := newDesk(t)
		dead.data = d.data
		dead.run(post.flags()...)
	}()
	victim := <-hangs
	var r remindReply
	d.read(&r, post.flags()...)
	if r.Sent != 2 {
		t.Errorf("after the crash: %+v", r)
	}
	close(release) // and even if it wakes up again
	<-died
	d.read(&r, post.flags()...)
	uncertain := 0
	for _, row := range r.Rows {
		if row.Skip == office.SkipUncertain {
			uncertain++
		}
	}
	if r.Sent != 0 || uncertain != 1 {
		t.Errorf("sent %d, uncertain %d: %+v", r.Sent, uncertain, r)
	}
	for _, to := range addresses {
		if n := post.kept()[to]; n != 1 {
			t.Errorf("%s has %d messages (cut off at %s)", to, n, victim)
		}
	}
}

// TestRemindKilled: the same with the program itself, killed by the system while
// the store is open in it alone: what was marked stands on the disk.
func TestRemindKilled(t *testing.T) {
	program, err := os.Executable()
	must(t, err)
	d := reminding(t)
	d.env.now = time.Now // which the program lives by
	d.ok("survey", "dates", "--opens", "2020-01-01", "--due", "2099-01-01", "--late-until", "2099-02-01")
	hangs, dead := make(chan string, len(addresses)), make(chan struct{})
	post := newPostOffice(t, func(p *postOffice) {
		p.stuck = func(to string) bool {
			hangs <- to
			<-dead
			return true
		}
	})
	cmd := exec.Command(program, append([]string{"--data", d.data}, post.flags()...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	must(t, cmd.Start())
	victim := <-hangs
	must(t, cmd.Process.Kill())
	if cmd.Wait() == nil {
		t.Error("it ended well")
	}
	close(dead)
	rest := newPostOffice(t)
	var r remindReply
	if d.read(&r, rest.flags()...); r.Sent != len(addresses)-1 {
		t.Errorf("after the kill: %+v", r)
	}
	for _, to := range addresses {
		if n := post.kept()[to] + rest.kept()[to]; n != 1 {
			t.Errorf("%s has %d messages (killed at %s)", to, n, victim)
		}
	}
	d.ok("check")
}

func TestRemindByFile(t *testing.T) {
	d := reminding(t)
	path := filepath.Join(t.TempDir(), "solleciti.csv")
	var r remindReply
	d.read(&r, "remind", "--csv", path, "--pec")
	raw, err := os.ReadFile(path)
	must(t, err)
	rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	must(t, err)
	if r.Sent != 3 || len(rows) != 4 || rows[0][3] != "to" {
		t.Fatalf("%+v\n%s", r, raw)
	}
	for _, row := range rows[1:] {
		if row[0] == "MIIS00100B" && row[3] != "MIIS00100B@pec.istruzione.it" {
			t.Errorf("not to the PEC: %v", row)
		}
	}
	second := filepath.Join(t.TempDir(), "y.csv")
	if d.read(&r, "remind", "--csv", second); r.Sent != 0 {
		t.Errorf("twice on one day: %+v", r)
	}
	if _, err := os.Stat(second); err == nil {
		t.Error("an empty file is left")
	}
	d.refused(exitUsage, "remind", "--csv", path)
	for _, args := range [][]string{{}, {"--dry-run", "--csv", "x"}, {"--smtp", "x:25"}, {"--smtp", "x", "--smtp-from", "a@b.it"}, {"--smtp", "mail.example.org:25", "--smtp-from", "a@b.it", "--smtp-tls", "none"},
		{"--smtp", "127.0.0.1:25", "--smtp-from", "a@b.it", "--smtp-tls", "x"}, {"--dry-run", "--limit", "-1"}, {"--dry-run", "--cause", "x"}} {
		d.refused(exitUsage, append([]string{"remind"}, args...)...)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, l.Close()) // nobody listens there now
	d.refused(exitUnreachable, "remind", "--smtp", l.Addr().String(), "--smtp-from", "a@b.it", "--smtp-tls", "none")
}
