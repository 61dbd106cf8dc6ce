//go:build unix

package e2e_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"rileva/internal/store/postgres/pgtest"
)

// onPostgres are the stories that a store in a database has too; the others are
// of files: a copy that is restored, a full disk, a killed process.
var onPostgres = []string{"conflict", "export", "flow", "forget", "office_year", "other_survey", "refused", "review", "signin", "survey_versions", "ungroup"}

// TestScriptsOnPostgres tells the same stories with the store in a database:
// each sentence that people are told is the same.
func TestScriptsOnPostgres(t *testing.T) {
	if _, ok := pgtest.Database(t); !ok {
		return
	}
	p := stories(bin)
	for _, name := range onPostgres {
		p.Files = append(p.Files, filepath.Join("testdata", "script", name+".txtar"))
	}
	begin := p.Setup
	p.Setup = func(env *testscript.Env) error {
		address, _ := pgtest.Database(t)
		env.Setenv("RILEVA_STORE", address)
		return begin(env)
	}
	testscript.Run(t, p)
}

// TestSeasonOnPostgres is the whole season with the store in a database.
func TestSeasonOnPostgres(t *testing.T) {
	t.Parallel()
	if address, ok := pgtest.Database(t); ok {
		newSeason(t, address).whole()
	}
}

// saysTheSame copies the season's database to a file, that to another database
// and that to a file again: each command says of all of them, byte for byte,
// what it has said of the first, and each gives the same export.
func (s *season) saysTheSame(commands [][]string, said map[int][]byte) {
	s.Helper()
	another, _ := pgtest.Database(s.T)
	places := []string{s.server.store, s.path("file"), another, s.path("back")}
	at := time.Now().UTC().Format(time.RFC3339)
	for i, place := range places {
		data, store := place, ""
		if i > 0 {
			s.run("store", "copy", "--from", places[i-1], "--to", place)
		}
		if strings.HasPrefix(place, "postgres:") {
			data, store = s.data(), place
		}
		own := func(args ...string) []byte {
			s.Helper()
			out, err := s.exec(data, append([]string{"--store", store, "--log-key", filepath.Join(s.data(), "rileva.key")}, args...)...)
			if err != nil {
				s.Fatalf("%s: %v", place, err)
			}
			return out
		}
		for n, args := range commands {
			if now := timeless(own(append(args, "--json")...)); string(now) != string(said[n]) {
				s.Errorf("%v differs in copy %d:\n%s", args, i, cmp.Diff(string(said[n]), string(now)))
			}
		}
		own("check")
		own("export", "--out", s.path(fmt.Sprint("export", i)), "--format", "csv,xlsx,json", "--as-of", at)
		s.same("export0", fmt.Sprint("export", i))
	}
}

// TestMovingToPostgres tells how an office moves to a database and back.
func TestMovingToPostgres(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	p := stories(bin)
	p.Dir = filepath.Join("testdata", "postgres")
	begin := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv("DATABASE", address)
		return begin(env)
	}
	testscript.Run(t, p)
}

// TestCopyKilled: a copy to a database that is killed in the middle, again and
// again, goes on where it stood; half of it no server opens, and in the end the
// database says what the file says.
func TestCopyKilled(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	w := crowd{T: t, dir: t.TempDir()}
	from, italy := w.data(), filepath.Join("throughput", "testdata", "schools_italy_secondary.csv.gz")
	if out, err := w.command("institutions", "import", italy, "--province", "ALL"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	to := crowd{T: t, dir: w.dir, store: address}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	rows := func() (n int) {
		err := conn.QueryRow(t.Context(), "select (select count(*) from institutions) + (select count(*) from institution_versions) + (select count(*) from codes)").Scan(&n)
		if err != nil {
			return 0 // there are no tables yet
		}
		return n
	}
	for kills, before := 0, 0; ; kills++ {
		copying := exec.Command(filepath.Join(bin, exe("rileva-server")), "store", "copy", "--from", from, "--to", address)
		if err := copying.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- copying.Wait() }()
		now := before
		for ; kills < 4 && now == before && len(ended) == 0; now = rows() {
			time.Sleep(time.Millisecond)
		}
		if kills == 4 {
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			break
		}
		_ = copying.Process.Kill()
		if err := <-ended; err == nil {
			t.Fatalf("all was copied before it could be killed for the %d. time", kills+1)
		}
		if kills == 0 {
			if out, err := to.command("check"); err == nil || !strings.Contains(out, "copia rimasta a metà") {
				t.Fatalf("half a copy, %d rows: %v\n%s", now, err, out)
			}
		}
		before = now
	}
	to.clean()
	for _, args := range [][]string{{"institutions", "list", "--json"}, {"log", "--json"}, {"log", "verify", "--json"}} {
		there, err := w.command(args...)
		here, also := to.command(args...)
		if err != nil || also != nil || here != there {
			t.Errorf("%v differs: %v, %v\n%s", args, err, also, cmp.Diff(there, here))
		}
	}
}
