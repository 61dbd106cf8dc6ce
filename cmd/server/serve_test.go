package main

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"rileva/internal/office"
)

// TestServe runs the command itself: it says where it listens, answers, and
// ends well when it is asked to.
func TestServe(t *testing.T) {
	d := newDesk(t)
	ctx, stop := context.WithCancel(context.Background())
	reader, writer, err := os.Pipe()
	must(t, err)
	env := d.env
	env.out = writer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"--data", d.data, "serve", "--listen", "127.0.0.1:0", "--json"}, env)
		_ = writer.Close()
	}()
	line := make([]byte, 4096)
	n, err := reader.Read(line)
	must(t, err)
	url := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(string(line[:n]))
	response, err := http.Get(url + "/readyz")
	must(t, err)
	must(t, response.Body.Close())
	if response.StatusCode != http.StatusOK {
		t.Errorf("readyz: %d", response.StatusCode)
	}
	for name, mode := range map[string]os.FileMode{"": 0o700, storeFile: 0o600, keyFile: 0o600, office.SocketName: 0o600} {
		info, err := os.Stat(filepath.Join(d.data, name))
		must(t, err)
		if info.Mode().Perm() != mode {
			t.Errorf("%q: %v", name, info.Mode())
		}
	}
	second := newDesk(t)
	second.data = d.data
	second.refused(exitConflict, "serve", "--listen", "127.0.0.1:0")
	second.ok("status")
	third := newDesk(t)
	third.refused(exitUsage, "serve", "--listen", strings.TrimPrefix(url, "http://"))
	stop()
	if exit := <-done; exit != exitDone {
		t.Errorf("exit %d\n%s", exit, d.err.String())
	}
	if _, err := os.Stat(filepath.Join(d.data, office.SocketName)); err == nil {
		t.Error("the socket is still there")
	}
	second.ok("check")
}

// TestStaleSocket: a server that was killed leaves its socket behind.
func TestStaleSocket(t *testing.T) {
	d := newDesk(t).furnish()
	l, err := office.Listen(d.data)
	must(t, err)
	path := filepath.Join(d.data, office.SocketName)
	// As a killed process does: the file stays, nobody listens.
	must(t, os.Rename(path, path+".kept"))
	must(t, l.Close())
	must(t, os.Rename(path+".kept", path))
	d.ok("status")
	if _, err := os.Stat(path); err == nil {
		t.Error("the stale socket is still there")
	}
	must(t, os.WriteFile(path, []byte("no socket"), 0o600))
	d.ok("status")
	d.serve()
	d.ok("status")
}

// TestLongPath: where the folder's path is too long for a socket.
func TestLongPath(t *testing.T) {
	d := newDesk(t)
	t.Setenv("TMPDIR", t.TempDir())
	d.data = filepath.Join(t.TempDir(), strings.Repeat("cartella-", 15), "data")
	path, err := office.SocketPath(d.data)
	must(t, err)
	if !strings.HasPrefix(path, os.TempDir()) || len(path) > 103 {
		t.Fatalf("the temporary folder is too long itself: %s", path)
	}
	d.serve()
	before := d.ok("status")
	if _, err := os.Stat(path); err != nil {
		// SocketPath resolves links only once the folder is there.
		path, _ = office.SocketPath(d.data)
	}
	info, err := os.Stat(path)
	must(t, err)
	if parent, err := os.Stat(filepath.Dir(path)); err != nil || parent.Mode().Perm() != 0o700 || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", parent.Mode(), info.Mode())
	}
	if !strings.Contains(before, "dispersione") {
		t.Error(before)
	}
}

// TestLocked: the store is taken and nobody answers.
func TestLocked(t *testing.T) {
	d := newDesk(t).furnish()
	p := &program{environment: d.env, words: &italian}
	o, err := p.openOffice(d.data)
	must(t, err)
	defer func() { _ = o.Store.Close() }()
	d.refused(exitUnreachable, "status")
}

func TestDemo(t *testing.T) {
	d := newDesk(t)
	t.Setenv("TMPDIR", t.TempDir())
	ctx, stop := context.WithCancel(context.Background())
	reader, writer, err := os.Pipe()
	must(t, err)
	env := d.env
	env.out, env.now = writer, time.Now
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"demo", "--institutions", "5", "--client", "./il mio/rileva"}, env)
		_ = writer.Close()
	}()
	var text strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(text.String(), "Ctrl+C per") {
		n, err := reader.Read(buffer)
		must(t, err)
		text.Write(buffer[:n])
	}
	dir := regexp.MustCompile(`--data (\S+) status`).FindStringSubmatch(text.String())
	if len(dir) != 2 || strings.Count(text.String(), "password: ") != 3 || !strings.Contains(text.String(), "'./il mio/rileva'") {
		t.Fatalf("%s", text.String())
	}
	other := newDesk(t)
	other.data = dir[1]
	var s office.StatusReply
	if other.read(&s, "status"); s.Expected != 5 || s.Stage != office.StageOpen {
		t.Errorf("%+v", s)
	}
	stop()
	if exit := <-done; exit != exitDone {
		t.Errorf("exit %d: %s", exit, d.err.String())
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "rileva-demo-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestFollow: new lines come while other commands work on the same folder.
func TestFollow(t *testing.T) {
	d := newDesk(t).furnish()
	ctx, stop := context.WithCancel(context.Background())
	reader, writer, err := os.Pipe()
	must(t, err)
	env := d.env
	env.out = writer
	done := make(chan int, 1)
	go func() { done <- run(ctx, []string{"--data", d.data, "log", "--follow", "--limit", "1", "--json"}, env) }()
	lines := bufio.NewScanner(reader)
	for _, want := range []string{`"index":1,`, `"index":2,`} {
		if !lines.Scan() || !strings.Contains(lines.Text(), want) {
			t.Fatalf("%s: %s", want, lines.Text())
		}
		d.ok("institutions", "confirm")
	}
	stop()
	if exit := <-done; exit != exitDone {
		t.Errorf("exit %d", exit)
	}
}
