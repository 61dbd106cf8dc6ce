//go:build unix

package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	"rileva/internal/store/postgres"
	"rileva/internal/store/postgres/pgtest"
	"rileva/internal/store/storetest"
	surveysync "rileva/pkg/sync"
)

// failing makes the next writes of submissions fail, so many of them, as the
// database itself would: a sequence counts what a rollback does not take back.
const failing = `
	create sequence tries;
	create function fail() returns trigger language plpgsql as $$
	begin
		if nextval('tries') <= %d then raise exception 'for a moment' using errcode = '%s'; end if;
		return new;
	end $$;
	create trigger fail before insert on submissions for each row execute function fail()`

// TestForAMoment: what the database refuses for a moment is asked for again, or
// the caller is told to come back; what it refuses for good is an error, and of
// those who share the commit only the one that it is about has it.
func TestForAMoment(t *testing.T) {
	for _, c := range []struct {
		state string
		times int
		want  surveysync.Code // "" is a receipt
	}{
		{"40001", 2, ""}, // serialization_failure
		{"40P01", 2, ""}, // deadlock_detected
		{"40P01", 9, surveysync.Unavailable},
		{"53100", 9, surveysync.Unavailable}, // disk_full
		{"25006", 9, surveysync.Unavailable}, // read_only_sql_transaction
		{"57P03", 1, ""},                     // cannot_connect_now
		{"P0001", 9, surveysync.Internal},    // somebody's rule
	} {
		t.Run(fmt.Sprint(c.state, " ", c.times), func(t *testing.T) {
			address, ok := pgtest.Database(t)
			if !ok {
				return
			}
			s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
			w := storetest.NewWorld(t, s)
			execute(t, address, fmt.Sprintf(failing, c.times, c.state))
			put := w.Put(storetest.General(w.Schools[0], "liceale"))
			a, err := s.Accept(t.Context(), put)
			if c.want == "" && (err != nil || a.Verdict.Outcome != surveysync.Accept) {
				t.Errorf("%+v, %v", a.Verdict, err)
			}
			if c.want != "" && (err == nil || (store.CodeOf(err) == surveysync.Unavailable) != (c.want == surveysync.Unavailable)) {
				t.Errorf("%v", err)
			}
			clean(t, s)
			execute(t, address, "drop function fail cascade")
			if a, err := s.Accept(t.Context(), put); err != nil || a.Receipt.Revision != 1 {
				t.Errorf("afterwards: %+v, %v", a.Receipt, err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRefusedAlone: of those who share a commit the database's refusal is for
// one, and the others get their receipts.
func TestRefusedAlone(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
	w := storetest.NewWorld(t, s)
	execute(t, address, "alter table submissions add check (institution_id <> '"+w.Schools[1].ID+"')")
	var all sync.WaitGroup
	for i, school := range w.Schools {
		put := w.Put(storetest.General(school, "liceale"))
		all.Go(func() {
			if _, err := s.Accept(t.Context(), put); (err != nil) != (i == 1) || store.CodeOf(err) == surveysync.Unavailable {
				t.Errorf("school %d: %v", i, err)
			}
		})
	}
	all.Wait()
	clean(t, s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestUniqueWhateverAProgramDoes: a second row for what the contract has once is
// refused by the database itself (invariants 2 and 3).
func TestUniqueWhateverAProgramDoes(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
	w := storetest.NewWorld(t, s)
	w.Accepted(storetest.General(w.Schools[0], "liceale"))
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	// A copy of the row with everything new but one thing.
	fresh := map[string]string{"key": `'\x01'`, "submission_id": "'another'", "number": "'another'", "revision": "2", "leaf_index": "999"}
	for _, c := range []struct{ same, constraint string }{
		{"key", "submissions_pkey"},
		{"submission_id", "submissions_submission_id_key"},
		{"number", "submissions_number_key"},
		{"revision", "submissions_institution_id_part_revision_key"},
		{"leaf_index", "submissions_log_leaf_index_key"},
		{"", ""},
	} {
		columns := []string{"value", "institution_id", "part", "content_digest", "questionnaire", "received_at", "late", "device", "log", "answers", "unavailable", "explanations"}
		values := append([]string{}, columns...)
		for name, value := range fresh {
			if name == c.same {
				value = name
			}
			columns, values = append(columns, name), append(values, value)
		}
		_, err := conn.Exec(t.Context(), "insert into submissions ("+strings.Join(columns, ",")+") select "+strings.Join(values, ",")+" from submissions")
		var refused *pgconn.PgError
		if c.same == "" && err != nil || c.same != "" && (!errors.As(err, &refused) || refused.ConstraintName != c.constraint) {
			t.Errorf("the same %q: %v", c.same, err)
		}
	}
}

// TestPassword: the database's password comes from a file or the environment,
// and neither a wrong one nor the lack of one shows it.
func TestPassword(t *testing.T) {
	c, ok := pgtest.Start(t)
	if !ok {
		return
	}
	const secret = "quattro lampade verdi"
	execute(t, c.Address("postgres"), "create role rileva login password '"+secret+"'")
	execute(t, c.Address("postgres"), "create database rileva owner rileva")
	if err := os.WriteFile(filepath.Join(c.Dir, "data", "pg_hba.conf"), []byte("local all postgres trust\nlocal all rileva scram-sha-256\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	execute(t, c.Address("postgres"), "select pg_reload_conf()")
	address := strings.Replace(c.Address("rileva"), "postgres@", "rileva@", 1)
	file := filepath.Join(t.TempDir(), "password")
	open := func(passwordFile string) error {
		t.Helper()
		s, err := postgres.Open(t.Context(), address, postgres.Options{Config: engine.Config{KeyFile: filepath.Join(t.TempDir(), "rileva.key"), Now: fixedNow}, PasswordFile: passwordFile})
		if err != nil {
			if strings.Contains(err.Error(), "lampade") {
				t.Errorf("the password is told: %v", err)
			}
			return err
		}
		execute(t, c.Address("rileva"), "drop owned by rileva")
		return s.Close()
	}
	if err := os.WriteFile(file, []byte(secret+"!\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for wrong, code := range map[string]string{"": "store_login", filepath.Join(t.TempDir(), "none"): "store_password", file: "store_login"} {
		var found *engine.OpenError
		if err := open(wrong); !errors.As(err, &found) || found.Code != code {
			t.Errorf("with the file %q: %v, want %s", wrong, err, code)
		}
	}
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(file); err != nil {
		t.Error(err)
	}
	t.Setenv("PGPASSWORD", secret)
	if err := open(""); err != nil {
		t.Errorf("from the environment: %v", err)
	}
}

// TestBegunTogether: servers that start at the same moment on an empty database
// make one store of it.
func TestBegunTogether(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	key := filepath.Join(t.TempDir(), "rileva.key")
	// The key is the same file on all servers, so the first of them makes it.
	begun, _ := pgtest.Database(t)
	if err := mustOpen(t, begun, key).Close(); err != nil {
		t.Fatal(err)
	}
	var epochs [4]string
	var all sync.WaitGroup
	for i := range epochs {
		all.Go(func() {
			s, err := postgres.Open(t.Context(), address, postgres.Options{Config: engine.Config{KeyFile: key, Now: fixedNow}})
			if err != nil {
				t.Error(err)
				return
			}
			meta, err := s.Meta(t.Context())
			if err := errors.Join(err, s.Close()); err != nil {
				t.Error(err)
			}
			epochs[i] = meta.Epoch
		})
	}
	all.Wait()
	for _, epoch := range epochs {
		if epoch == "" || epoch != epochs[0] {
			t.Errorf("epochs %q", epochs)
		}
	}
}

// TestUpgradedBeside: a server goes on while a newer program has brought the
// tables up to date; once it has ended it does not start again.
func TestUpgradedBeside(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	key := filepath.Join(t.TempDir(), "rileva.key")
	s := mustOpen(t, address, key)
	w := storetest.NewWorld(t, s)
	execute(t, address, "insert into schema_version (version_id, is_applied) values (999, true); alter table submissions add column later text; create table later (key bytea)")
	w.Accepted(storetest.General(w.Schools[0], "liceale"))
	clean(t, s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := postgres.Open(t.Context(), address, postgres.Options{Config: engine.Config{KeyFile: key}}); !errors.Is(err, engine.ErrNewer) {
		t.Errorf("got %v", err)
	}
	err := postgres.Read(t.Context(), address, "", func(engine.Tx) error { return nil })
	if !errors.Is(err, engine.ErrNewer) {
		t.Errorf("reading: %v", err)
	}
}

// TestReadChangesNothing: a database that is no store does not become one by
// being read.
func TestReadChangesNothing(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	err := postgres.Read(t.Context(), address, "", func(engine.Tx) error { return nil })
	if !errors.Is(err, postgres.ErrNone) {
		t.Errorf("got %v", err)
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	var tables int
	if err := conn.QueryRow(t.Context(), "select count(*) from pg_class where relnamespace = 'public'::regnamespace").Scan(&tables); err != nil || tables > 0 {
		t.Errorf("%d tables, %v", tables, err)
	}
}

// TestRefusedAtTheDoor: what a server that runs refuses is told apart from one
// that does not, and looking for a store makes none.
func TestRefusedAtTheDoor(t *testing.T) {
	c, ok := pgtest.Start(t)
	if !ok {
		return
	}
	execute(t, c.Address("postgres"), "create role guest login")
	guest := func(address string) string { return strings.Replace(address, "postgres@", "guest@", 1) }
	key := filepath.Join(t.TempDir(), "rileva.key")
	for address, code := range map[string]string{
		strings.Replace(c.Address("postgres"), "postgres@", "nobody@", 1): "store_login",
		c.Address("nowhere"):         "store_missing",
		guest(c.Address("postgres")): "store_rights",
		"postgres://127.0.0.1:1/x":   "store_database",
	} {
		var found *engine.OpenError
		if _, err := postgres.Open(t.Context(), address, postgres.Options{Config: engine.Config{KeyFile: key, Now: fixedNow}}); !errors.As(err, &found) || found.Code != code {
			t.Errorf("%s: %v, want %s", address, err, code)
		}
	}
	if there, err := postgres.Exists(t.Context(), c.Address("postgres"), ""); there || err != nil {
		t.Errorf("a store in an empty database: %v, %v", there, err)
	}
	if err := mustOpen(t, c.Address("postgres"), key).Close(); err != nil { // nothing stands in its way
		t.Error(err)
	}
	if there, err := postgres.Exists(t.Context(), c.Address("postgres"), ""); !there || err != nil {
		t.Errorf("no store where there is one: %v, %v", there, err)
	}
}
