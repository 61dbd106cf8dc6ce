// Package e2e_test runs the two real programs together: the scripts in
// testdata/script do what a person does, one story a file, and the form is
// driven in a pseudo-terminal.
package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"rileva/internal/register/milano"
)

// childKey is set for a child of these tests, to the programs of its parent.
const childKey = "RILEVA_E2E_CHILD"

// bin is where the two programs were built for this run.
var bin string

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	if bin = os.Getenv(childKey); bin != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "rileva-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	bin = dir
	for name, pkg := range map[string]string{"rileva": "rileva/cmd/tui", "rileva-server": "rileva/cmd/server"} {
		out, err := exec.Command("go", "build", "-o", filepath.Join(dir, exe(name)), pkg).CombinedOutput()
		if err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n%s", name, err, out)
			return 1
		}
	}
	return m.Run()
}

func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

func TestScripts(t *testing.T) {
	p := stories(bin)
	p.Dir = "testdata/script"
	testscript.Run(t, p)
}

// stories is how a story runs, with the programs of a folder.
func stories(programs string) testscript.Params {
	return testscript.Params{
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", programs+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("RILEVA_HOME", filepath.Join(env.WorkDir, "device"))
			env.Setenv("RILEVA_DATA", filepath.Join(env.WorkDir, "data"))
			env.Setenv("LANG", "it_IT.UTF-8")
			env.Setenv("TZ", "Europe/Rome")
			r := &running{}
			env.Values[serverKey{}] = r
			env.Defer(r.kill)
			return writeRegister(env.WorkDir)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server": serverCommand, "sample": sampleCommand, "password": passwordCommand,
			"edit": editCommand, "yamlsub": yamlsubCommand, "field": fieldCommand, "put": putCommand,
		},
	}
}

// writeRegister puts the real register of Milano beside the script.
func writeRegister(dir string) error {
	return os.WriteFile(filepath.Join(dir, "schools_milano.csv.gz"), milano.CSV, 0o600)
}
