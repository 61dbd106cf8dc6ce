//go:build unix

package e2e_test

import (
	"path/filepath"
	"testing"

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
