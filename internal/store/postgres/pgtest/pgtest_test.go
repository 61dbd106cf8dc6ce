//go:build unix

package pgtest_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"rileva/internal/store/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// one runs statements at address and gives the single value of the last.
func one(t *testing.T, address, query string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close(ctx) }()
	results, err := connection.PgConn().Exec(ctx, query).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	last := results[len(results)-1]
	if len(last.Rows) != 1 {
		return ""
	}
	return string(last.Rows[0][0])
}

func TestDatabasesAreEmptyAndApart(t *testing.T) {
	first, ok := pgtest.Database(t)
	if !ok {
		return
	}
	second, _ := pgtest.Database(t)
	if first == second {
		t.Fatalf("twice the same address, %s", first)
	}
	one(t, first, "CREATE TABLE t AS SELECT 1")
	const tables = "SELECT count(*)::text FROM information_schema.tables WHERE table_schema = 'public'"
	if n := one(t, second, tables); n != "0" {
		t.Errorf("a new database has %s tables", n)
	}
}

func TestFlushesAreKept(t *testing.T) {
	at, ok := pgtest.Database(t)
	if !ok {
		return
	}
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if got := one(t, at, "SHOW "+setting); got != "on" {
			t.Errorf("%s is %s", setting, got)
		}
	}
}

func TestAServerComesBackWithWhatWasCommitted(t *testing.T) {
	c, ok := pgtest.Start(t)
	if !ok {
		return
	}
	at := c.Address("postgres")
	for i, end := range []func() error{c.Stop, c.Kill} {
		name := []string{"stopped", "killed"}[i]
		one(t, at, "CREATE TABLE "+name+" AS SELECT 'kept'::text AS word")
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if _, err := pgx.Connect(context.Background(), at); err == nil {
			t.Fatalf("a %s server answers", name)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if word := one(t, at, "SELECT word FROM "+name); word != "kept" {
			t.Errorf("after it was %s: %q", name, word)
		}
	}
}

// TestNothingIsLeft kills a test process that has a cluster, and waits for the
// folder to go. The child is this test with RILEVA_PGTEST_CHILD set.
func TestNothingIsLeft(t *testing.T) {
	if os.Getenv("RILEVA_PGTEST_CHILD") != "" {
		c, _ := pgtest.Start(t)
		_, _ = os.Stdout.WriteString(c.Dir + "\n")
		select {}
	}
	if _, ok := pgtest.Start(t); !ok {
		return
	}
	child := exec.Command(os.Args[0], "-test.run", "^TestNothingIsLeft$")
	child.Env = append(os.Environ(), "RILEVA_PGTEST_CHILD=1", "RILEVA_TEST_POSTGRES=")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, _, err := bufio.NewReader(out).ReadLine()
	dir := string(line)
	if killed := child.Process.Kill(); err != nil || killed != nil {
		t.Fatal(err, killed)
	}
	_ = child.Wait()
	if !filepath.IsAbs(dir) {
		t.Fatalf("the child said %q", dir)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s is still there", dir)
		}
	}
}
