package server

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	surveysync "rileva/pkg/sync"
)

// patience is what the tests' server has: its own timeouts, a thousand times shorter.
func patience(srv *http.Server) {
	for _, d := range []*time.Duration{&srv.ReadHeaderTimeout, &srv.ReadTimeout, &srv.WriteTimeout, &srv.IdleTimeout} {
		if *d == 0 {
			panic("a phase without a timeout")
		}
	}
	srv.ReadHeaderTimeout, srv.ReadTimeout, srv.WriteTimeout, srv.IdleTimeout = 100*time.Millisecond, 200*time.Millisecond, time.Second, 100*time.Millisecond
}

// bomb is 64 MiB of zeros in some 300 KiB.
func bomb(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 64 {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func post(path, body string, lines ...string) string {
	return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n" + strings.Join(append(lines, ""), "\r\n") +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

func get(path string, lines ...string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n"
}

// attacks are what a hostile sender writes into a connection, and the status
// that it gets; 0: the connection ends without an answer.
func attacks(t *testing.T) map[string]struct {
	send string
	want int
} {
	const sessions = api + "/sessions"
	signIn := asJSON(surveysync.SignIn{Code: "MIIS99999X", Password: "x", Device: "x"})
	flood := strings.Repeat("X-Flood: "+strings.Repeat("a", 90)+"\r\n", 400)
	return map[string]struct {
		send string
		want int
	}{
		"says nothing":                       {"", 0},
		"a header that never ends":           {"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", 0},
		"a body that never comes":            {"POST " + sessions + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"code\":", 400},
		"a chunk that never comes":           {"POST " + sessions + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{", 400},
		"a connection kept for nothing":      {"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200},
		"told to be large":                   {"POST " + sessions + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{", 413},
		"large without a token":              {post(sessions, strings.Repeat(" ", maxOpenBody+1)), 413},
		"large in chunks":                    {"POST " + sessions + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat(" ", 0x10000)+"\r\n", 20) + "0\r\n\r\n", 413},
		"a gzip bomb":                        {post(sessions, bomb(t), "Content-Encoding: gzip"), 415},
		"a bomb by transfer encoding":        {"POST " + sessions + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", 501},
		"nested without end":                 {post(sessions, strings.Repeat("[", 100_000)), 400},
		"many headers":                       {get("/healthz", strings.TrimSuffix(flood, "\r\n")), 431},
		"one long header":                    {get("/healthz", "X-Long: "+strings.Repeat("a", 64<<10)), 431},
		"a long address":                     {get("/" + strings.Repeat("a", 64<<10)), 431},
		"many forwarded":                     {get("/healthz", strings.TrimSuffix(strings.Repeat("X-Forwarded-For: 127.0.0.1\r\n", 300), "\r\n")), 200},
		"up the folders":                     {get("/../../../../etc/passwd"), 404},
		"up the folders, encoded":            {get("/api/v1/parts/%2e%2e%2f%2e%2e%2fetc%2fpasswd"), 404},
		"up the folders, after a call":       {get("/api/v1/openapi.yaml/../../../etc/passwd"), 404},
		"up the folders, backwards":          {get("/api/v1/..\\..\\windows\\win.ini"), 404},
		"a zero in the path":                 {get("/api/v1/server%00.yaml"), 404},
		"another host's address":             {get("http://other.example/etc/passwd"), 404},
		"through us to elsewhere":            {"CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1:443\r\nConnection: close\r\n\r\n", 404},
		"another method by header":           {post("/api/v1/parts/general", "{}", "X-HTTP-Method-Override: PUT", "X-HTTP-Method: PUT", "X-Method-Override: PUT"), 404},
		"another method by query":            {post("/api/v1/session?_method=DELETE", ""), 404},
		"an invented method":                 {strings.Replace(get("/api/v1/server"), "GET", "PUTT", 1), 404},
		"TRACE":                              {strings.Replace(get("/api/v1/server"), "GET", "TRACE", 1), 404},
		"two lengths":                        {post(sessions, signIn, "Content-Length: 5"), 400},
		"a length and chunks":                {"POST " + sessions + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"a length below zero":                {"POST " + sessions + " HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400},
		"a chunk of another size":            {"POST " + sessions + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n", 400},
		"no host":                            {"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400},
		"two hosts":                          {get("/healthz", "Host: y"), 400},
		"a line break in a header":           {get("/healthz", "X: a\rb: c"), 400},
		"the first line of HTTP/2":           {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 404},
		"a TLS hello at the wrong door":      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 40), 400},
		"not HTTP":                           {"hello\r\n\r\n", 400},
		"an expectation that nobody has":     {post(sessions, signIn, "Expect: the-impossible"), 417},
		"a sign-in like any other, for once": {post(sessions, signIn), 401},
	}
}

// TestAttacks: each gets the answer that it should, is let go in time, and
// leaves nothing behind in memory.
func TestAttacks(t *testing.T) {
	w := newWorld(t)
	address := strings.TrimPrefix(w.listen(t, patience), "http://")
	all := attacks(t)
	round := func(check bool) {
		for name, a := range all {
			if got, err := attack(address, a.send); check && (err != nil || got != a.want) {
				t.Errorf("%s: %d %v, want %d", name, got, err, a.want)
			}
			w.clock.move(time.Minute) // the throttle is not what is looked at
		}
	}
	round(true)
	before, goroutines := settled()
	for range 2 {
		round(false)
	}
	after, left := settled()
	if grown := int64(after) - int64(before); grown > 2<<20 {
		t.Errorf("the memory has grown by %d KiB", grown>>10)
	}
	if left > goroutines+2 {
		t.Errorf("%d goroutines, before %d", left, goroutines)
	}
	w.consistent()
}

// attack sends, reads until the other side closes and gives the first status.
func attack(address, send string) (int, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return 0, err
	}
	go func() { _, _ = io.WriteString(conn, send) }() // the answer may come before the end
	raw, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, errors.New("the connection was not let go")
	}
	status := 0
	if len(raw) > 0 {
		if _, err := fmt.Sscanf(string(raw), "HTTP/1.1 %d", &status); err != nil {
			return 0, fmt.Errorf("answered %.80q", raw)
		}
	}
	return status, nil
}

// settled is the memory in use and the goroutines, once what ends has ended.
func settled() (heap uint64, goroutines int) {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, runtime.NumGoroutine()
}

// TestConnectionsAreLimited: beyond the places new ones wait until one is free.
func TestConnectionsAreLimited(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limited := LimitConnections(l.(*net.TCPListener), 2, 1)
	accepted := make(chan net.Conn, 8)
	go func() {
		defer close(accepted)
		for {
			conn, err := limited.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	for range 4 {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
	}
	first, second := <-accepted, <-accepted
	inside := limited.(*connections)
	if len(inside.places) != 2 || len(accepted) != 0 {
		t.Errorf("%d places taken, %d more let in", len(inside.places), len(accepted))
	}
	for range 2 { // twice gives one place back
		_ = first.Close()
	}
	third := <-accepted
	_, _ = second.Close(), third.Close()
	if err := limited.Close(); err != nil {
		t.Error(err)
	}
	for conn := range accepted {
		_ = conn.Close()
	}
	if _, err := limited.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed listener accepts: %v", err)
	}
}

// TestConnectionsOfOneNetwork: one network has its own share, this machine all.
func TestConnectionsOfOneNetwork(t *testing.T) {
	l := &connections{each: 2, from: map[string]int{}, places: make(chan struct{}, 9)}
	enter := func(remote string) bool {
		ok := l.enter(networkOf(remote))
		if ok {
			l.places <- struct{}{}
		}
		return ok
	}
	for i, c := range []struct {
		remote string
		want   bool
	}{
		{"192.0.2.1:1", true}, {"192.0.2.1:2", true}, {"192.0.2.1:3", false}, {"192.0.2.2:1", true}, {"[::ffff:192.0.2.1]:9", false},
		{"[2001:db8::1]:1", true}, {"[2001:db8::2]:1", true}, {"[2001:db8::3]:1", false}, {"127.0.0.1:1", true}, {"127.0.0.1:2", true}, {"[::1]:3", true},
	} {
		if got := enter(c.remote); got != c.want {
			t.Errorf("%d: %s: %v", i, c.remote, got)
		}
	}
	l.leave(networkOf("192.0.2.1:1"))
	if !enter("192.0.2.1:4") {
		t.Error("a place that was given back is lost")
	}
}
