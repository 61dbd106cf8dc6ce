//go:build unix

package simulation_test

import (
	"context"
	"flag"
	"path/filepath"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/internal/store/engine"
	"rileva/internal/store/postgres"
	"rileva/internal/store/postgres/pgtest"
)

var (
	pgHistories = flag.Int("postgres-histories", 25, "how many histories to make on PostgreSQL")
	pgStride    = flag.Int("postgres-stride", 100, "of the store's calls on PostgreSQL, every so many fails")
)

// TestOnPostgres: the same histories, and the same failures of the store's
// calls, where the store is a database.
func TestOnPostgres(t *testing.T) {
	// What a flush does is the business of other tests.
	c, ok := pgtest.Start(t, "fsync=off", "full_page_writes=off", "autovacuum=off")
	if !ok {
		return
	}
	begun := filepath.Join(t.TempDir(), "begun.db")
	(&office{t: t}).write(begun, beginning.db)
	if err := fill(begun, c.Renew(t, "begun", "")); err != nil {
		t.Fatal(err)
	}
	on := database{t, c}
	t.Run("histories", func(t *testing.T) {
		set(t, "rapid.checks", strconv.Itoa(*pgHistories))
		set(t, "rapid.steps", "12")
		set(t, "rapid.nofailfile", "true") // the seed is printed
		rapid.Check(t, func(rt *rapid.T) { live(rt, on, "") })
	})
	t.Run("every call fails", func(t *testing.T) { everyCallFails(t, on, *pgStride) })
}

// database is a database that every history has anew.
type database struct {
	t       *testing.T
	cluster *pgtest.Cluster
}

// ofHistory is the database of the history that is being made.
const ofHistory = "history"

func (d database) begin(*office) error {
	d.cluster.Renew(d.t, ofHistory, "begun")
	return nil
}

func (d database) open(o *office) (store.Store, error) {
	return postgres.Open(context.Background(), d.cluster.Address(ofHistory), postgres.Options{
		Config: engine.Config{KeyFile: o.options().KeyFile, Now: o.options().Now},
		Copy: func(ctx context.Context, tx engine.Tx, path string) (store.BackupInfo, error) {
			return bolt.Write(ctx, tx, path, nil)
		}})
}

// restore goes the way of docs/operations.md: into a file, and from there into
// an empty database.
func (d database) restore(o *office, copied string) error {
	if err := (file{}).restore(o, copied); err != nil {
		return err
	}
	return fill(o.path(), d.cluster.Renew(d.t, ofHistory, ""))
}

func fill(path, address string) error {
	return bolt.Read(context.Background(), path, func(tx engine.Tx) error {
		_, err := postgres.Fill(context.Background(), tx, address, "")
		return err
	})
}
