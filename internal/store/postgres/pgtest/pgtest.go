//go:build unix

// Package pgtest gives tests a PostgreSQL of their own: a cluster in a
// temporary folder, reached by a unix socket in that folder and by nothing
// else, gone when the test process ends, however it ends. Or, where
// RILEVA_TEST_POSTGRES names a server, databases of that server.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNone says that this machine has no PostgreSQL to test with.
var ErrNone = errors.New("no PostgreSQL: install Debian's package postgresql, or name a server in RILEVA_TEST_POSTGRES")

// shared is the cluster of this test process, once a test has asked for it.
var shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

// Run is for a package's TestMain: it runs the tests and waits until the
// cluster is gone. Without it the cluster goes a moment after the process.
func Run(m *testing.M) int {
	code := m.Run()
	if shared.cluster != nil {
		shared.cluster.Remove()
	}
	return code
}

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

// Renew makes a database of the cluster anew, and gives its address: as a copy
// of another one, which nobody may use meanwhile, or empty where that is "".
func (c *Cluster) Renew(tb testing.TB, name, from string) (address string) {
	tb.Helper()
	if from == "" {
		from = "template1"
	}
	server := c.Address("postgres")
	execute(tb, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	execute(tb, server, "CREATE DATABASE "+name+" TEMPLATE "+from)
	return c.Address(name)
}

// Start gives a cluster of the test's own, to be stopped, killed and put
// behind another. It is removed when the test ends. Where there are no
// programs of PostgreSQL ok is false, as Database has it; nobody's server in
// RILEVA_TEST_POSTGRES takes their place, and then the test does not fail.
func Start(tb testing.TB, settings ...string) (c *Cluster, ok bool) {
	tb.Helper()
	c, err := New(settings...)
	if errors.Is(err, ErrNone) && os.Getenv("RILEVA_TEST_POSTGRES") != "" {
		fmt.Printf("%s: NOT tested: it stops and kills a PostgreSQL of its own, and here is only the server of RILEVA_TEST_POSTGRES\n", tb.Name())
		return nil, false
	}
	if err != nil {
		Missing(tb, err)
		return nil, false
	}
	tb.Cleanup(c.Remove)
	return c, true
}

// Missing says that a test was not made on PostgreSQL, and why. It fails the
// test where PostgreSQL was asked for, and for any reason but that a program is
// not there: ErrNone, fs.ErrNotExist.
func Missing(tb testing.TB, why error) {
	tb.Helper()
	asked := slices.Contains(strings.Split(os.Getenv("RILEVA_TEST_ENGINES"), ","), "postgres")
	if asked || !errors.Is(why, ErrNone) && !errors.Is(why, fs.ErrNotExist) {
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
}
