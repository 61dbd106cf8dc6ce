//go:build unix

package e2e_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"rileva/internal/store/postgres/pgtest"
)

// onPostgres are the stories that a store in a database has too; the others are
// of files: a copy that is restored, a full disk, a killed process.
var onPostgres = []string{"conflict", "export", "flow", "office_year", "other_survey", "refused", "review", "signin", "survey_versions", "ungroup"}

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
