//go:build unix

<<<<<<< HEAD
// Package pgtest gives tests a PostgreSQL of their own: a cluster in a
// temporary folder, reached by a unix socket in that folder and by nothing
// else, gone when the test process ends, however it ends. Or, where
// RILEVA_TEST_POSTGRES names a server, databases of that server.
=======
// Package pgtest gives tests a PostgreSQL of their own: a cluster that is made
// when the first test asks for it and removed when the process ends, or the
// server at RILEVA_TEST_POSTGRES, an address whose user may make databases.
//
// Where there is neither, [Missing] says so, and it fails the test when
// RILEVA_TEST_ENGINES names postgres, as `make test` has it: that an engine was
// not tested must not look like success.
>>>>>>> d12a8b5 (Keep the store in PostgreSQL: an engine of the same contract)
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
<<<<<<< HEAD
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
=======
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
>>>>>>> d12a8b5 (Keep the store in PostgreSQL: an engine of the same contract)

	"github.com/jackc/pgx/v5"
)

<<<<<<< HEAD
// ErrNone says that this machine has no PostgreSQL to test with.
var ErrNone = errors.New("no PostgreSQL: install Debian's package postgresql, or name a server in RILEVA_TEST_POSTGRES")

// shared is the cluster of this test process, once a test has asked for it.
=======
// Cluster is one PostgreSQL server with its data folder.
type Cluster struct {
	bin, dir string // dir holds data and socket
	user     *syscall.Credential
	address  string // of its administrator, without a database
}

>>>>>>> d12a8b5 (Keep the store in PostgreSQL: an engine of the same contract)
var shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

<<<<<<< HEAD
// Run is for a package's TestMain: it runs the tests and waits until the
// cluster is gone. Without it the cluster goes a moment after the process.
func Run(m *testing.M) int {
	code := m.Run()
	if shared.cluster != nil {
		shared.cluster.Remove()
=======
// Run is for a package's TestMain: it runs the tests and removes the cluster.
func Run(m *testing.M) int {
	code := m.Run()
	if c := shared.cluster; c != nil && c.dir != "" {
		if err := c.Remove(); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
			return max(code, 1)
		}
>>>>>>> d12a8b5 (Keep the store in PostgreSQL: an engine of the same contract)
	}
	return code
}

<<<<<<< HEAD
// Database gives the address of a new empty database, which is removed when
// the test ends. ok is false where there is no PostgreSQL, which has then been
// said; with "postgres" in RILEVA_TEST_ENGINES, which asks for it, the test fails.
func Database(tb testing.TB) (address string, ok bool) {
	tb.Helper()
	server := os.Getenv("RILEVA_TEST_POSTGRES")
	if server == "" {
		shared.once.Do(func() { shared.cluster, shared.err = New() })
		if shared.err != nil {
			Missing(tb, shared.err)
			return "", false
		}
		server = shared.cluster.Address("postgres")
	}
	name := databaseName()
	execute(tb, server, "CREATE DATABASE "+name)
	tb.Cleanup(func() { execute(tb, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	at, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("RILEVA_TEST_POSTGRES is no address of the form postgres://…: %v", err)
	}
	at.Path = "/" + name
	return at.String(), true
}

// Start gives a cluster of the test's own, to be stopped, killed and put
// behind another. It is removed when the test ends. Where there are no
// programs of PostgreSQL ok is false, as Database has it.
func Start(tb testing.TB, settings ...string) (c *Cluster, ok bool) {
	tb.Helper()
	c, err := New(settings...)
	if err != nil {
		Missing(tb, err)
		return nil, false
	}
	tb.Cleanup(c.Remove)
	return c, true
}

// Missing says that a test was not made on PostgreSQL, and why. It fails the
// test where PostgreSQL was asked for, and for any reason but ErrNone.
func Missing(tb testing.TB, why error) {
	tb.Helper()
	asked := slices.Contains(strings.Split(os.Getenv("RILEVA_TEST_ENGINES"), ","), "postgres")
	if asked || !errors.Is(why, ErrNone) {
		tb.Fatal(why)
	}
	fmt.Printf("%s: NOT tested on PostgreSQL: %v\n", tb.Name(), why)
}

var databases atomic.Int64

// databaseName is new in this process, and, by the process's number and the
// clock, on a server that several processes test with.
func databaseName() string {
	return fmt.Sprintf("rileva_test_%d_%x_%d", os.Getpid(), time.Now().UnixNano(), databases.Add(1))
}

func execute(tb testing.TB, address, statement string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = connection.Close(ctx) }()
	if _, err := connection.Exec(ctx, statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
=======
var databases atomic.Int64

// Database makes an empty database and gives its address; it is dropped with
// the cluster, or at the end of the test where the server is not ours. ok is
// false where there is no PostgreSQL, and the test has been told so.
func Database(tb testing.TB) (address string, ok bool) {
	tb.Helper()
	shared.once.Do(func() { shared.cluster, shared.err = first() })
	if shared.err != nil {
		Missing(tb, shared.err)
		return "", false
	}
	return shared.cluster.Database(tb), true
}

// Missing says plainly that PostgreSQL was not tested; it fails where it had to be.
func Missing(tb testing.TB, why error) {
	tb.Helper()
	if slices.Contains(strings.Split(os.Getenv("RILEVA_TEST_ENGINES"), ","), "postgres") {
		tb.Fatalf("PostgreSQL had to be tested: %v", why)
	}
	fmt.Fprintf(os.Stderr, "NOT TESTED on PostgreSQL: %s (%v)\n", tb.Name(), why)
}

func first() (*Cluster, error) {
	if address := os.Getenv("RILEVA_TEST_POSTGRES"); address != "" {
		return &Cluster{address: address}, nil
	}
	return Start()
}

// Database makes an empty database in the cluster.
func (c *Cluster) Database(tb testing.TB) string {
	tb.Helper()
	name := fmt.Sprintf("rileva_test_%d_%d", os.Getpid(), databases.Add(1))
	if err := c.execute("create database " + name); err != nil {
		tb.Fatal(err)
	}
	if c.dir == "" {
		tb.Cleanup(func() {
			if err := c.execute("drop database " + name + " with (force)"); err != nil {
				tb.Error(err)
			}
		})
	}
	u, err := url.Parse(c.address)
	if err != nil {
		tb.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func (c *Cluster) execute(sql string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.address)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

// Start makes a cluster of its own and starts it.
func Start() (*Cluster, error) {
	c := &Cluster{}
	var err error
	if c.bin, err = programs(); err != nil {
		return nil, err
	}
	// A short name: the path of a socket has about a hundred characters.
	if c.dir, err = os.MkdirTemp("", "rileva-pg-"); err != nil {
		return nil, err
	}
	if err := c.make(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	c.address = "postgres://postgres@/postgres?host=" + url.QueryEscape(c.dir)
	return c, nil
}

func (c *Cluster) make() error {
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			return err
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if err := errors.Join(uidErr, gidErr, os.Chown(c.dir, uid, gid)); err != nil {
			return err
		}
		c.user = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	if err := c.run("initdb", "-D", c.data(), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"); err != nil {
		return err
	}
	return c.StartServer()
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// StartServer starts the server of a cluster that was stopped. It does not flush:
// its machine will not fail, only its process, and tests make many databases.
func (c *Cluster) StartServer() error {
	options := fmt.Sprintf("-k %s -c listen_addresses='' -c max_connections=200 -c shared_buffers=64MB -c fsync=off", c.dir)
	return c.run("pg_ctl", "-D", c.data(), "-w", "-l", filepath.Join(c.dir, "log"), "-o", options, "start")
}

// Stop ends the server at once, as a failing machine does, but for what it has
// flushed; its data stay.
func (c *Cluster) Stop() error {
	return c.run("pg_ctl", "-D", c.data(), "-w", "-m", "immediate", "stop")
}

// Remove ends a cluster and takes its folder away.
func (c *Cluster) Remove() error { return errors.Join(c.Stop(), os.RemoveAll(c.dir)) }

// Execute runs one statement in a database.
func Execute(tb testing.TB, address, sql string) {
	tb.Helper()
	if err := (&Cluster{address: address}).execute(sql); err != nil {
		tb.Fatal(err)
	}
}

func (c *Cluster) run(program string, args ...string) error {
	cmd := exec.Command(filepath.Join(c.bin, program), args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.user}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

// programs finds where initdb is: Debian keeps it out of the path.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err == nil && len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("no initdb: PostgreSQL is not installed, and RILEVA_TEST_POSTGRES is not set")
	}
	return filepath.Dir(path), nil
>>>>>>> d12a8b5 (Keep the store in PostgreSQL: an engine of the same contract)
}
