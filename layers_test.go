// Package rileva_test holds the import rules of docs/ARCHITECTURE.md, so that
// the drawing there and the code cannot drift apart. Read the tables from the
// top: they are the drawing.
package rileva_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "rileva/"

// The two columns of the drawing. What is shared may be imported by both and
// imports neither, or one side would drag the other into its program.
const (
	shared = "shared"
	device = "device"
	server = "server"
)

// house is the drawing: a room imports only rooms of lower levels. Directories
// below a room belong to it, unless they have a row of their own.
var house = []room{
	{6, shared, "scripts/demo"},
	{6, shared, "scripts/release"},
	{6, shared, "scripts/scale"},
	{6, shared, "scripts/release/manual"},
	{6, shared, "e2e/rebuilt"},
	{5, device, "cmd/tui"},
	{5, server, "cmd/server"},

	{4, device, "internal/tui"},
	{3, device, "internal/desk"},
	{3, server, "internal/server"},
	{3, server, "internal/office"},
	{4, server, "internal/review"},
	{3, server, "internal/export"},
	{4, server, "internal/store/bolt"},
	{4, server, "internal/store/postgres"},
	{3, server, "internal/store/engine"},
	{3, server, "internal/store/storetest"},

	{2, device, "internal/drafts"},
	{2, shared, "internal/protocol"},
	{2, server, "internal/store"},

	{1, shared, "pkg/sync"},
	{1, shared, "internal/paper"},
	{1, server, "internal/store/files"},
	{1, server, "internal/account"},
	{1, server, "internal/register"},

	{1, shared, "pkg/survey/samples"},
	{0, shared, "pkg/survey"},
	{0, shared, "internal/build"},
}

// fences: these, and what stands below them, are imported by these rooms and
// by no other.
var fences = []fence{
	{"github.com/gin-gonic/gin", []string{"internal/server"}, "HTTP has one edge"},
	{"charm.land", []string{"internal/tui", "cmd/tui"}, "only the screens know the screen"},
	{"github.com/charmbracelet", []string{"internal/tui", "cmd/tui"}, "only the screens know the screen"},
	{"go.etcd.io/bbolt", []string{"internal/drafts", "internal/store/bolt"}, "the file format stays replaceable"},
	{"codeberg.org/go-pdf", []string{"internal/paper"}, "what lays out pages stays replaceable"},
	{"github.com/xuri/excelize", []string{"internal/export", "internal/desk"}, "what writes workbooks stays replaceable"},
	{"github.com/wneessen/go-mail", []string{"cmd/server"}, "who sends mail is seen in one place"},
	{"database/sql", []string{"internal/store/postgres"}, "SQL has one room"},
	{"github.com/jackc/pgx", []string{"internal/store/postgres"}, "SQL has one room"},
	{"rileva/internal/store/bolt", []string{"cmd/server"}, "only the program picks the engine"},
	{"rileva/internal/store/postgres", []string{"cmd/server"}, "only the program picks the engine"},
	{"rileva/internal/paper/papertest", nil, "it is made for tests"},
	{"rileva/internal/store/storetest", nil, "it is made for tests"},
}

// diets: these rooms are linked into everything or decide for both sides, so
// that from outside the standard library they live on this and nothing else,
// all the way down.
var diets = []diet{
	{"pkg/survey", []string{"github.com/goccy/go-yaml", "github.com/expr-lang/expr"}},
	{"pkg/sync", []string{
		"github.com/goccy/go-yaml", "github.com/expr-lang/expr", // by way of survey
		"golang.org/x/mod", "golang.org/x/crypto", "golang.org/x/sys",
	}},
	{"internal/account", []string{
		"github.com/goccy/go-yaml", "github.com/expr-lang/expr",
		"golang.org/x/crypto", "golang.org/x/sys",
	}},
}

// unlinked: what must not end up in a program, however indirectly.
var unlinked = []ban{
	{"cmd/tui", []string{"github.com/gin-gonic/gin", "database/sql", "github.com/jackc/pgx", "rileva/internal/store"}},
	{"cmd/server", []string{"charm.land/bubbletea"}},
}

// absent is in no build and in no test: compat asks the terminal about its
// colours at start and stalls for seconds where none answers; the v1 modules
// are the same libraries under their old path, and two copies keep two states.
var absent = []string{
	"charm.land/lipgloss/v2/compat",
	"github.com/charmbracelet/bubbletea",
	"github.com/charmbracelet/lipgloss",
	"github.com/charmbracelet/bubbles",
	"github.com/charmbracelet/huh",
}

// nameless: names that say nothing and so collect everything.
var nameless = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "type", "types"}

type (
	room struct {
		level  int
		column string
		path   string
	}
	fence struct {
		path  string
		rooms []string
		why   string
	}
	diet struct {
		room    string
		modules []string
	}
	ban struct {
		room  string
		paths []string
	}
	pkg struct {
		ImportPath, Name, ForTest string
		Imports, Deps, GoFiles    []string
		Standard                  bool
		Module                    *struct {
			Path string
			Main bool
		}
	}
)

// TestLayers looks at every platform that the client is released for: a file
// with a build constraint is invisible from the others.
func TestLayers(t *testing.T) {
	for _, goos := range []string{"linux", "windows", "darwin"} {
		t.Run(goos, func(t *testing.T) {
			all := list(t, goos)
			known := map[string]*pkg{}
			for _, p := range all {
				known[p.ImportPath] = p
			}
			if known["rileva/pkg/survey"] == nil {
				t.Fatal("go list does not name rileva/pkg/survey: nothing would be checked")
			}
			for _, p := range all {
				checkAbsent(t, p)
				if ours(p) {
					checkName(t, p)
					checkRooms(t, p)
					checkFences(t, p)
					checkReach(t, p, known)
				}
			}
		})
	}
}

// list asks go list for all packages of the module, their tests and what they
// depend on. -e, because code that does not compile yet is the business of
// the compiler and not of this test.
func list(t *testing.T, goos string) []*pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps", "-test",
		"-json=ImportPath,Name,ForTest,Imports,Deps,GoFiles,Standard,Module", "./...")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var all []*pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(pkg)
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

// ours: a package of this module as the programs see it, without its tests.
func ours(p *pkg) bool {
	return p.Module != nil && p.Module.Main && p.ForTest == "" &&
		!strings.HasSuffix(p.ImportPath, ".test") && len(p.GoFiles) > 0
}

func checkAbsent(t *testing.T, p *pkg) {
	t.Helper()
	path, _, _ := strings.Cut(p.ImportPath, " ") // "path [path.test]" when built for a test
	for _, a := range absent {
		if under(path, a) {
			t.Errorf("%s is in the build: use charm.land/…/v2 and not compat", path)
		}
	}
}

func checkName(t *testing.T, p *pkg) {
	t.Helper()
	last := p.ImportPath[strings.LastIndex(p.ImportPath, "/")+1:]
	if slices.Contains(nameless, p.Name) || slices.Contains(nameless, last) {
		t.Errorf("%s: the name says nothing about what the package is for", p.ImportPath)
	}
}

func checkRooms(t *testing.T, p *pkg) {
	t.Helper()
	from, ok := roomOf(p.ImportPath)
	if !ok {
		t.Errorf("%s stands in no room: add it to the table here and to docs/ARCHITECTURE.md", p.ImportPath)
		return
	}
	for _, imp := range p.Imports {
		to, ok := roomOf(imp)
		switch {
		case !ok: // not ours, or it has no room and was reported itself
		case from == to:
			if under(p.ImportPath, imp) {
				t.Errorf("%s imports %s: inside a room the folder uses its subfolders, never the other way round", p.ImportPath, imp)
			}
		case to.level >= from.level:
			t.Errorf("%s (level %d) imports %s (level %d): only lower levels may be imported", p.ImportPath, from.level, imp, to.level)
		case to.column != shared && to.column != from.column:
			t.Errorf("%s (%s) imports %s (%s): the columns meet only in what is shared", p.ImportPath, from.column, imp, to.column)
		}
	}
}

func checkFences(t *testing.T, p *pkg) {
	t.Helper()
	from, _ := roomOf(p.ImportPath)
	for _, f := range fences {
		// A room may use its own folders, also behind a fence of its own.
		if slices.Contains(f.rooms, from.path) || module+from.path == f.path {
			continue
		}
		for _, imp := range p.Imports {
			if under(imp, f.path) {
				t.Errorf("%s imports %s: only %s may, because %s", p.ImportPath, imp, strings.Join(append(f.rooms, "tests"), ", "), f.why)
			}
		}
	}
}

// checkReach judges what a package is linked with, directly or not.
func checkReach(t *testing.T, p *pkg, known map[string]*pkg) {
	t.Helper()
	from, _ := roomOf(p.ImportPath)
	for _, d := range diets {
		if from.path != d.room {
			continue
		}
		for _, dep := range p.Deps {
			k := known[dep]
			if k == nil || k.Standard || strings.HasPrefix(dep, module) {
				continue
			}
			if !slices.ContainsFunc(d.modules, func(m string) bool { return under(dep, m) }) {
				t.Errorf("%s is linked with %s: outside the standard library it may have only %s", p.ImportPath, dep, strings.Join(d.modules, ", "))
			}
		}
	}
	for _, b := range unlinked {
		for _, dep := range p.Deps {
			if from.path == b.room && slices.ContainsFunc(b.paths, func(path string) bool { return under(dep, path) }) {
				t.Errorf("%s is linked with %s, which belongs to the other program", p.ImportPath, dep)
			}
		}
	}
}

// roomOf finds the room with the longest path that holds the package.
func roomOf(path string) (best room, ok bool) {
	for _, r := range house {
		if under(path, module+r.path) && len(r.path) > len(best.path) {
			best, ok = r, true
		}
	}
	return best, ok
}

// under: path is root or stands below it. database/sql does not reach down to
// database/sql/driver, an interface that harmless libraries implement.
func under(path, root string) bool {
	if root == "database/sql" {
		return path == root
	}
	return path == root || strings.HasPrefix(path, root+"/")
}
