//go:build unix

package e2e_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"rileva/internal/store/postgres/pgtest"
)

const (
	schools = 64
	standby = "standby"
	// hold is how long something is away, and atMost how long anything may
	// take before the test gives up.
	hold   = 900 * time.Millisecond
	atMost = 40 * time.Second
)

// site is three servers behind HAProxy on a primary with a synchronous standby.
type site struct {
	crowd
	servers []*running
	another string             // a build of another version
	db      [2]*pgtest.Cluster // the primary, the standby
	door    [2]*pgtest.Gate    // between servers and each of them
	between *pgtest.Gate       // between standby and primary

	mu    sync.Mutex
	acks  int
	last  time.Time     // of the newest
	quiet time.Duration // the longest time between two
}

// newSite gives nil where there is no HAProxy or PostgreSQL, and has said so.
func newSite(t *testing.T) *site {
	t.Helper()
	primary, ok := pgtest.Start(t, "wal_retrieve_retry_interval=200ms", "synchronous_commit=on", "wal_keep_size=256MB")
	if !ok {
		return nil
	}
	haproxy := "/usr/sbin/haproxy"
	if _, err := os.Stat(haproxy); err != nil {
		pgtest.Missing(t, fmt.Errorf("no HAProxy, install Debian's package haproxy: %w", err))
		return nil
	}
	s := &site{between: pgtest.NewGate(t, primary)}
	s.db = [2]*pgtest.Cluster{primary, pgtest.Standby(t, primary, standby, "127.0.0.1", s.between.Port())}
	for i, c := range s.db {
		s.door[i] = pgtest.NewGate(t, c)
	}
	s.must(t, primary.Set("synchronous_standby_names", "FIRST 1 ("+standby+")"))
	address := fmt.Sprintf("postgres:///postgres?host=127.0.0.1,127.0.0.1&port=%d,%d&user=postgres&sslmode=disable&target_session_attrs=read-write",
		s.door[0].Port(), s.door[1].Port())
	s.crowd = newCrowd(t, address, schools)
	s.ready = func(ctx context.Context) { time.Sleep(time.Millisecond) }
	s.told = s.tell
	s.another = filepath.Join(s.dir, "rileva-server")
	out, err := exec.Command("go", "build", "-ldflags", "-X rileva/internal/build.commit=another", "-o", s.another, "rileva/cmd/server").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i := range 3 {
		r := &running{store: address, key: filepath.Join(s.data(), "rileva.key"), proxies: "127.0.0.1"}
		s.servers = append(s.servers, r)
		s.serve(i)
		t.Cleanup(r.kill)
	}
	s.proxy(haproxy)
	return s
}

func (s *site) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serve starts a server; the first one's folder is that of the commands.
func (s *site) serve(i int) {
	s.Helper()
	data := s.data()
	if i > 0 {
		data += strconv.Itoa(i + 1)
	}
	s.must(s, s.servers[i].serve(data, filepath.Join(s.dir, fmt.Sprintf("server%d.log", i+1))))
}

// proxy starts HAProxy with the example that offices are given.
func (s *site) proxy(program string) {
	s.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(s, err)
	bind := l.Addr().String()
	s.must(s, l.Close())
	cmd := exec.Command(program, "-db", "-f", filepath.Join("..", "deploy", "haproxy.cfg"))
	cmd.Env = append(os.Environ(), "RILEVA_BIND="+bind, "RILEVA_CHECK=no-check-ssl",
		"RILEVA_ONE="+s.servers[0].addr, "RILEVA_TWO="+s.servers[1].addr, "RILEVA_THREE="+s.servers[2].addr)
	log, err := os.Create(filepath.Join(s.dir, "haproxy.log"))
	s.must(s, err)
	cmd.Stdout, cmd.Stderr = log, log
	endsWithUs(cmd)
	s.must(s, cmd.Start())
	s.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		_ = log.Close()
	})
	s.url = "http://" + bind
	s.until("HAProxy serves", func() bool {
		answer, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// tell counts an acknowledgement.
func (s *site) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.quiet = max(s.quiet, now.Sub(s.last))
	s.acks, s.last = s.acks+1, now
}

func (s *site) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acks
}

// silence is the longest time without an acknowledgement since it was last asked.
func (s *site) silence() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	longest := s.quiet
	s.quiet, s.last = 0, time.Now()
	return longest
}

// more waits for n acknowledgements.
func (s *site) more(n int) {
	s.Helper()
	want := s.count() + n
	s.until(fmt.Sprintf("%d more acknowledgements", n), func() bool { return s.count() >= want })
}

func (s *site) until(what string, is func() bool) {
	s.Helper()
	for end := time.Now().Add(atMost); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("after %s not yet: %s", atMost, what)
		}
	}
}

// nothing wants no acknowledgement for a while, once those that are on their
// way have come, whatever is done then.
func (s *site) nothing(while string, do func()) {
	s.Helper()
	before := 0
	s.until("no more acknowledgements "+while, func() bool {
		before = s.count()
		time.Sleep(hold)
		return s.count() == before
	})
	do()
	time.Sleep(hold)
	if after := s.count(); after != before {
		s.Errorf("%d acknowledged %s", after-before, while)
	}
}

// replaceServer is one step of an upgrade: one server ends as it is asked to,
// and the other version of the program takes its place beside the rest.
func (s *site) replaceServer(n int) {
	s.Helper()
	i := (n + 1) % len(s.servers)
	r := s.servers[i]
	s.must(s, r.stop())
	s.more(schools)
	r.program, s.another = s.another, r.program
	s.serve(i)
}

// killServer kills one of the three; the others go on.
func (s *site) killServer(n int) {
	s.Helper()
	i := n % len(s.servers)
	s.servers[i].kill()
	s.more(schools)
	s.serve(i)
}

// cut interrupts a stretch of network, so that nobody notices or everybody does.
func (s *site) cut(g *pgtest.Gate, n int) {
	s.Helper()
	if n%2 == 0 {
		g.Cut()
	} else {
		g.Break()
	}
	s.nothing("while the network was cut", func() {})
	g.Mend()
}

// killStandby kills the standby. A technician who ends the commits that wait
// for it brings no acknowledgement about.
func (s *site) killStandby() {
	s.Helper()
	s.must(s, s.db[1].Kill())
	s.nothing("while there was no standby", func() {
		s.must(s, s.db[0].Run("psql", "--no-psqlrc", "--quiet", "--output", "/dev/null", "--command",
			"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))
	})
	s.must(s, s.db[1].Start())
}

// killPrimary kills the primary and goes the way of docs/operations.md.
func (s *site) killPrimary() {
	s.Helper()
	s.must(s, s.db[0].Kill())
	s.must(s, s.db[1].Set("synchronous_standby_names", ""))
	s.must(s, s.db[1].Promote())
	s.db[0], s.db[1] = s.db[1], s.db[0]
	s.door[0], s.door[1] = s.door[1], s.door[0]
	s.more(schools)
	s.between.Lead(s.db[0])
	s.must(s, s.db[1].Follow(standby, "127.0.0.1", s.between.Port()))
	s.must(s, s.db[0].Set("synchronous_standby_names", "FIRST 1 ("+standby+")"))
	s.until("the standby is synchronous", func() bool {
		return s.db[0].Run("psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--output", "/dev/null", "--command",
			"SELECT 1 / count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == nil
	})
}
