//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/internal/store/engine"
	"rileva/internal/store/postgres"
	"rileva/internal/store/postgres/pgtest"
	"rileva/internal/store/storetest"
	surveysync "rileva/pkg/sync"

	"github.com/jackc/pgx/v5"
)

// way is how servers reach a database of whichever of the clusters can write.
type way func(t testing.TB, database string, clusters ...*pgtest.Cluster) (address string, ok bool)

// bothWays runs a test directly and through the PgBouncer of docs/operations.md.
func bothWays(t *testing.T, run func(*testing.T, way)) {
	t.Run("directly", func(t *testing.T) {
		run(t, func(_ testing.TB, database string, clusters ...*pgtest.Cluster) (string, bool) {
			return pgtest.Either(database, clusters...), true
		})
	})
	t.Run("through PgBouncer", func(t *testing.T) {
		run(t, func(t testing.TB, database string, clusters ...*pgtest.Cluster) (string, bool) {
			return pgtest.Pooled(t, filepath.Join("..", "..", "..", "deploy", "pgbouncer.ini"), database, clusters...)
		})
	})
}

// TestSeveralServers: two servers on one database answer twenty equal
// submissions each with one revision and one receipt, and the log that both
// have written has one order and one head.
func TestSeveralServers(t *testing.T) { bothWays(t, severalServers) }

func severalServers(t *testing.T, at way) {
	c, ok := pgtest.Start(t)
	if !ok {
		return
	}
	address, ok := at(t, "postgres", c)
	if !ok {
		return
	}
	key := filepath.Join(t.TempDir(), "rileva.key")
	servers := []*postgres.Store{mustOpen(t, address, key), mustOpen(t, address, key)}
	w := storetest.NewWorld(t, servers[0])
	put := w.Put(storetest.General(w.Schools[0], "liceale"))
	other := w.Put(storetest.General(w.Schools[1], "tecnico"))
	var all sync.WaitGroup
	numbers := make([]string, 40)
	for i := range numbers {
		all.Go(func() {
			s, one := servers[i%2], put
			if i%4 > 1 {
				one = other
			}
			a, err := s.Accept(t.Context(), one)
			if err != nil {
				t.Error(err)
				return
			}
			numbers[i] = a.Receipt.Number
		})
	}
	all.Wait()
	for i, n := range numbers {
		if n == "" || n != numbers[i%4] {
			t.Errorf("call %d got the receipt %q, not %q", i, n, numbers[i%4])
		}
	}
	for _, s := range servers {
		for _, school := range w.Schools[:2] {
			history, err := s.Revisions(t.Context(), school.ID, "general")
			if err != nil || len(history) != 1 {
				t.Errorf("%d revisions, %v", len(history), err)
			}
		}
	}
	a, errA := servers[0].Checkpoint(t.Context())
	b, errB := servers[1].Checkpoint(t.Context())
	if a == "" || a != b || errA != nil || errB != nil {
		t.Errorf("two heads: %q, %q, %v, %v", a, b, errA, errB)
	}
	clean(t, servers[1])
	// One of them exchanges the key, which both read: the other goes on with it.
	if _, err := servers[0].RotateLogKey(t.Context(), store.Act{At: fixedNow(), Actor: surveysync.ActorOffice}); err != nil {
		t.Fatal(err)
	}
	line := surveysync.Entry{At: fixedNow(), Action: "x", Outcome: surveysync.OutcomeOK}
	if err := servers[1].Record(t.Context(), line); err != nil {
		t.Errorf("after the exchange of the key: %v", err)
	}
	clean(t, servers[0])
	for _, s := range servers {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func clean(t *testing.T, s store.Store) {
	t.Helper()
	faults, err := s.Check(t.Context())
	if err != nil || len(faults) > 0 {
		t.Errorf("check: %v, %v", faults, err)
	}
}

// TestLostDatabase: while the database is away every call is told to come back,
// and nothing is half done; when it is there again the same store serves.
func TestLostDatabase(t *testing.T) { bothWays(t, lostDatabase) }

func lostDatabase(t *testing.T, at way) {
	c, ok := pgtest.Start(t)
	if !ok {
		return
	}
	address, ok := at(t, "postgres", c)
	if !ok {
		return
	}
	s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
	w := storetest.NewWorld(t, s)
	w.Accepted(storetest.General(w.Schools[0], "liceale"))
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	put := w.Put(storetest.Track(w.Schools[0], "liceale", 1))
	var all sync.WaitGroup
	for what, call := range map[string]func() error{
		"accept": func() error { _, err := s.Accept(t.Context(), put); return err },
		"read":   func() error { _, err := s.Institutions(t.Context()); return err },
		"meta":   func() error { _, err := s.Meta(t.Context()); return err },
		"access": func() error { _, err := s.Access(t.Context(), w.Schools[0].Token, fixedNow()); return err },
	} {
		all.Go(func() {
			if err := call(); store.CodeOf(err) != surveysync.Unavailable {
				t.Errorf("%s: %v", what, err)
			}
		})
	}
	all.Wait()
	if s.Err() != nil {
		t.Errorf("the store has given up: %v", s.Err())
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if a, err := insist(t, s, put); err != nil || a.Verdict.Outcome != surveysync.Accept {
		t.Errorf("after the database came back: %+v, %v", a.Verdict, err)
	}
	clean(t, s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestBecomesStandby: behind a pool the machine that a connection leads to may
// become a standby. Nothing is read there any more.
func TestBecomesStandby(t *testing.T) {
	bothWays(t, func(t *testing.T, at way) {
		c, ok := pgtest.Start(t)
		if !ok {
			return
		}
		address, ok := at(t, "postgres", c)
		if !ok {
			return
		}
		s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
		w := storetest.NewWorld(t, s)
		if err := c.Stop(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(c.Dir, "data", "standby.signal"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		refused := 0
		for end := time.Now().Add(20 * time.Second); refused < 20 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if _, err := s.Parts(t.Context(), w.Schools[0].ID); store.CodeOf(err) == surveysync.Unavailable {
				refused++
			} else {
				refused = 0
			}
		}
		if refused < 20 {
			t.Error("a machine that has become a standby is still read from")
		}
		_ = s.Close()
	})
}

// TestKeyExchanged: a server that has not got the log's new key yet is not ready:
// it can store nothing.
func TestKeyExchanged(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	key, copied := filepath.Join(t.TempDir(), "rileva.key"), filepath.Join(t.TempDir(), "rileva.key")
	a := mustOpen(t, address, key)
	w := storetest.NewWorld(t, a)
	carry := func() {
		t.Helper()
		raw, err := os.ReadFile(key)
		if err == nil {
			err = os.WriteFile(copied, raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	carry()
	b := mustOpen(t, address, copied)
	if _, err := a.RotateLogKey(t.Context(), store.Act{At: fixedNow(), Actor: surveysync.ActorOffice}); err != nil {
		t.Fatal(err)
	}
	put := w.Put(storetest.General(w.Schools[0], "liceale"))
	_, metaErr := b.Meta(t.Context())
	_, putErr := b.Accept(t.Context(), put)
	if store.CodeOf(metaErr) != surveysync.Unavailable || store.CodeOf(putErr) != surveysync.Unavailable {
		t.Errorf("%v, %v", metaErr, putErr)
	}
	carry()
	if _, err := b.Meta(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := b.Accept(t.Context(), put); err != nil {
		t.Error(err)
	}
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Error(err)
	}
}

// insist sends until it is answered: a connection of before may be tried first,
// and a PgBouncer asks a PostgreSQL that was away once a second.
func insist(t *testing.T, s store.Store, put store.Put) (a store.Answered, err error) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if a, err = s.Accept(t.Context(), put); store.CodeOf(err) != surveysync.Unavailable {
			break
		}
	}
	return a, err
}

// TestCopy: everything goes from a file to a database and back, the log's head
// and every table the same; a restored store with its ended log too; a copy that
// was cut off goes on; what holds another store is left alone.
func TestCopy(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	dir := t.TempDir()
	file, key := filepath.Join(dir, "rileva.db"), filepath.Join(dir, "rileva.key")
	options := bolt.Options{KeyFile: key, Now: fixedNow}
	s, err := bolt.Open(file, options)
	if err != nil {
		t.Fatal(err)
	}
	w := storetest.NewWorld(t, s)
	w.Accepted(storetest.General(w.Schools[0], "liceale"))
	w.Accepted(storetest.Track(w.Schools[0], "liceale", 1))
	kept := filepath.Join(dir, "kept.db")
	if _, err := s.Backup(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	restored := filepath.Join(dir, "restored.db")
	if _, err := bolt.Restore(t.Context(), kept, restored, options); err != nil {
		t.Fatal(err)
	}
	if s, err = bolt.Open(restored, options); err != nil {
		t.Fatal(err)
	}
	w.Store = s
	w.Accepted(storetest.General(w.Schools[1], "tecnico"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := tablesOf(t, restored)

	// Cut off in the middle, then whole.
	cut := errors.New("cut")
	err = bolt.Read(t.Context(), restored, func(tx engine.Tx) error {
		_, err := postgres.Fill(t.Context(), breaking{tx, engine.BucketParts, cut}, address, "")
		return err
	})
	if !errors.Is(err, cut) {
		t.Fatalf("the copy that is cut off says %v", err)
	}
	half, err := postgres.Open(t.Context(), address, postgres.Options{Config: engine.Config{KeyFile: key}})
	if !errors.Is(err, postgres.ErrHalf) {
		t.Errorf("half a copy opens: %v, %v", half, err)
	}
	for range 2 { // the second finds a store, and leaves it alone
		err = bolt.Read(t.Context(), restored, func(tx engine.Tx) error {
			_, err := postgres.Fill(t.Context(), tx, address, "")
			return err
		})
	}
	if store.CodeOf(err) != store.Conflict {
		t.Errorf("over another store: %v", err)
	}
	p := mustOpen(t, address, key)
	clean(t, p)
	receipts, err := p.Parts(t.Context(), w.Schools[0].ID)
	if err != nil || len(receipts) != 2 {
		t.Errorf("%d parts, %v", len(receipts), err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}

	back := filepath.Join(dir, "back.db")
	err = postgres.Read(t.Context(), address, "", func(tx engine.Tx) error {
		_, err := bolt.Write(t.Context(), tx, back, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	after := tablesOf(t, back)
	for name, rows := range before {
		if after[name] != rows {
			t.Errorf("%s is not the same after the way there and back", name)
		}
	}
}

// TestContractAfterRestore is the one of every engine. The way is that of
// docs/operations.md: the copy is restored into a file, and that brought here.
func TestContractAfterRestore(t *testing.T) {
	if _, ok := pgtest.Database(t); !ok {
		return
	}
	storetest.RunRestored(t, func(t *testing.T, before, after func(*storetest.World)) (store.Store, func() store.Store) {
		lost, _ := pgtest.Database(t)
		address, _ := pgtest.Database(t)
		dir := t.TempDir()
		key := filepath.Join(dir, "rileva.key")
		s, err := postgres.Open(t.Context(), lost, postgres.Options{Config: engine.Config{KeyFile: key, Now: fixedNow},
			Copy: func(ctx context.Context, tx engine.Tx, path string) (store.BackupInfo, error) {
				return bolt.Write(ctx, tx, path, nil)
			}})
		if err != nil {
			t.Fatal(err)
		}
		w := storetest.NewWorld(t, s)
		before(w)
		kept, restored := filepath.Join(dir, "kept.db"), filepath.Join(dir, "restored.db")
		if _, err := s.Backup(t.Context(), kept); err != nil {
			t.Fatal(err)
		}
		after(w)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := bolt.Restore(t.Context(), kept, restored, bolt.Options{KeyFile: key, Now: fixedNow}); err != nil {
			t.Fatal(err)
		}
		err = bolt.Read(t.Context(), restored, func(tx engine.Tx) error {
			_, err := postgres.Fill(t.Context(), tx, address, "")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		n := mustOpen(t, address, key)
		return n, func() store.Store {
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			n = mustOpen(t, address, key)
			return n
		}
	})
}

// tablesOf spells every table of a store in a file, that of its ended log too.
func tablesOf(t *testing.T, path string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := bolt.Read(t.Context(), path, func(tx engine.Tx) error {
		spell := func(name string, b engine.Bucket) {
			text := ""
			_ = b.Range(nil, nil, func(k, v []byte) error { text += fmt.Sprintf("%q %q\n", k, v); return nil })
			all[name] = text
		}
		for _, name := range engine.Buckets {
			spell(string(name), tx.Bucket(name))
		}
		meta, err := engine.Identity(tx)
		if err != nil || len(meta.Logs) != 2 {
			return fmt.Errorf("%d logs, %w", len(meta.Logs), err)
		}
		leaves, hashes, head := tx.Past(meta.Logs[0].Epoch)
		spell("past leaves", leaves)
		spell("past hashes", hashes)
		all["past head"] = string(head)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// breaking is a source that fails where one table is read.
type breaking struct {
	engine.Tx
	at  []byte
	err error
}

func (b breaking) Bucket(name []byte) engine.Bucket {
	if string(name) == string(b.at) {
		return broken{b.Tx.Bucket(name), b.err}
	}
	return b.Tx.Bucket(name)
}

type broken struct {
	engine.Bucket
	err error
}

func (b broken) Range([]byte, []byte, func(k, v []byte) error) error { return b.err }

// TestNewer: the tables of a newer program are left alone.
func TestNewer(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	key := filepath.Join(t.TempDir(), "rileva.key")
	if err := mustOpen(t, address, key).Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, address, "insert into schema_version (version_id, is_applied) values (999, true)")
	if _, err := postgres.Open(context.Background(), address, postgres.Options{Config: engine.Config{KeyFile: key}}); !errors.Is(err, engine.ErrNewer) {
		t.Errorf("got %v", err)
	}
}

func execute(t *testing.T, address, statement string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // also when the test has ended
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(ctx, statement)
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		t.Fatal(err)
	}
}
