//go:build unix

package pgtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"rileva/internal/store/postgres/pgtest"
)

// TestStandby goes the way of a failover: what the primary acknowledged before
// it was killed is on the standby that takes over, at the same address; and
// without its standby a primary acknowledges nothing until it is told to.
func TestStandby(t *testing.T) {
	a, ok := pgtest.Start(t)
	if !ok {
		return
	}
	b := pgtest.Standby(t, a, "b", a.Dir, 5432)
	set := func(c *pgtest.Cluster, names string) {
		t.Helper()
		if err := c.Set("synchronous_standby_names", names); err != nil {
			t.Fatal(err)
		}
	}
	set(a, "FIRST 1 (b)")
	at := pgtest.Either("postgres", a, b)
	for one(t, at, "SELECT sync_state FROM pg_stat_replication") != "sync" {
		time.Sleep(10 * time.Millisecond)
	}
	one(t, at, "CREATE TABLE t AS SELECT 'acknowledged'::text AS word")

	if err := b.Kill(); err != nil {
		t.Fatal(err)
	}
	acknowledged := make(chan error, 1)
	go func() { acknowledged <- insert(at) }()
	select {
	case err := <-acknowledged:
		t.Fatalf("acknowledged without the standby: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	if err := <-acknowledged; err != nil {
		t.Fatal(err)
	}

	if err := a.Kill(); err != nil {
		t.Fatal(err)
	}
	set(b, "")
	if err := b.Promote(); err != nil {
		t.Fatal(err)
	}
	if got := one(t, at, "SELECT string_agg(word, ' ' ORDER BY word) FROM t"); got != "acknowledged second" {
		t.Errorf("after the failover: %q", got)
	}
}

func insert(at string) error {
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, at)
	if err != nil {
		return err
	}
	_, err = connection.Exec(ctx, "INSERT INTO t VALUES ('second')")
	_ = connection.Close(ctx)
	return err
}
