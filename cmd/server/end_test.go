package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"rileva/internal/office"
	"rileva/internal/store/bolt"
)

// TestDrain: a server that is asked to stop takes no new call and answers the
// one that has begun; then it ends as it should.
func TestDrain(t *testing.T) {
	d := newDesk(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	reader, writer, err := os.Pipe()
	must(t, err)
	env := d.env
	env.out = writer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"--data", d.data, "serve", "--listen", "127.0.0.1:0"}, env)
		_ = writer.Close()
	}()
	said := make([]byte, 4096)
	n, err := reader.Read(said)
	must(t, err)
	addr := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(string(said[:n]))

	c, err := net.Dial("tcp", addr)
	must(t, err)
	defer func() { _ = c.Close() }()
	body := `{"code":"MIIS00100B","password":"no","device":"prova"}`
	_, err = fmt.Fprintf(c, "POST /api/v1/sessions HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", addr, len(body))
	must(t, err)
	in := bufio.NewReader(c)
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("the call has not begun: %q, %v", line, err)
	}
	stop()
	for { // until the door is closed
		other, err := net.Dial("tcp", addr)
		if err != nil {
			break
		}
		_ = other.Close()
	}
	select {
	case exit := <-done:
		t.Fatalf("it ended with %d while a call was under way", exit)
	default:
	}
	_, err = in.ReadString('\n') // the empty line after 100 Continue
	must(t, err)
	_, err = io.WriteString(c, body)
	must(t, err)
	answer, err := http.ReadResponse(in, nil)
	must(t, err)
	if answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("the call that had begun: %s", answer.Status)
	}
	must(t, answer.Body.Close())
	if exit := <-done; exit != exitDone {
		t.Errorf("exit %d: %s", exit, d.err.String())
	}
	if !strings.Contains(d.err.String(), "finisco le richieste in corso") {
		t.Errorf("it does not say what it does: %s", d.err.String())
	}
}

// TestOpenFailures: whatever keeps a store closed is a sentence and a hint in
// both languages, with nothing of a library, and its exit code.
func TestOpenFailures(t *testing.T) {
	system := errors.New("mmap: library words")
	for _, c := range []struct {
		err  error
		exit int
		says string
	}{
		{bolt.ErrFull, exitInternal, "spazio"},
		{bolt.ErrNetwork, exitUsage, "disco di rete"},
		{bolt.ErrNewer, exitConflict, "più recente"},
		{bolt.ErrNotStore, exitConflict, "danneggiato"},
		{bolt.ErrReadOnly, exitRefused, "sola lettura"},
		{fs.ErrPermission, exitRefused, "permesso"},
		{bolt.ErrKeyMissing, exitConflict, "chiave"},
		{bolt.ErrKeyWrong, exitConflict, "chiave"},
		{bolt.ErrUnusable, exitUsage, ""},
	} {
		for _, lang := range []string{"it", "en"} {
			d := newDesk(t)
			p := &program{environment: d.env, words: wordsFor(lang)}
			var said *failure
			if err := p.openFailure("/dati", errors.Join(c.err, system)); !errors.As(err, &said) || said.exit != c.exit || said.hint == "" || !strings.Contains(said.message, "/dati") {
				t.Errorf("%v: %v", c.err, err)
				continue
			}
			if strings.Contains(said.message+said.hint, "library") || lang == "it" && !strings.Contains(said.message+said.hint, c.says) {
				t.Errorf("%v: %s %s", c.err, said.message, said.hint)
			}
		}
	}
	d := newDesk(t)
	p := &program{environment: d.env, words: wordsFor("it")}
	if err := p.openFailure("/dati", bolt.ErrLocked); !errors.Is(err, office.ErrLocked) {
		t.Error(err)
	}
}

// TestStoreFailed: the last words of a server whose disk has failed.
func TestStoreFailed(t *testing.T) {
	d := newDesk(t)
	p := &program{environment: d.env, words: wordsFor("it")}
	for cause, want := range map[error]string{
		syscall.ENOSPC: "non c'è più spazio", syscall.EDQUOT: "non c'è più spazio", syscall.EFBIG: "non c'è più spazio", syscall.EIO: "errore in scrittura",
	} {
		var said *failure
		if err := p.storeFailed(fmt.Errorf("commit: %w", cause)); !errors.As(err, &said) || said.exit != exitInternal ||
			!strings.Contains(said.message, want) || !strings.Contains(said.message, "al sicuro") || !strings.Contains(said.hint, "rileva-server check") {
			t.Errorf("%v: %v", cause, err)
		}
	}
}
