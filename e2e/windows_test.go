package e2e_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var wine = flag.Bool("wine", false, "start the Windows programs under wine, in the prefix of WINEPREFIX (make windows)")

// TestWindows runs the school's program as it is released for Windows against
// a server of this machine: a return from the letter to the receipt, what a
// second window is told, and the form in a terminal. Only -wine, which `make
// windows` gives, starts anything: wine is half a gigabyte that not every
// machine may install.
func TestWindows(t *testing.T) {
	if !*wine {
		t.Log("the Windows programs were NOT started: that is for make windows")
		return
	}
	programs := t.TempDir()
	for name, pkg := range map[string]string{"rileva": "rileva/cmd/tui", "rileva-server": "rileva/cmd/server"} {
		build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(programs, name+".exe"), pkg)
		build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	// In the stories `rileva` is the Windows program and `rileva-server` this
	// machine's, as it is at an office.
	start := "#!/bin/sh\nexec wine '" + filepath.Join(programs, "rileva.exe") + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(programs, "rileva"), []byte(start), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(bin, "rileva-server"), filepath.Join(programs, "rileva-server")); err != nil {
		t.Fatal(err)
	}
	p := stories(programs)
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv("WINEPREFIX", os.Getenv("WINEPREFIX"))
		env.Setenv("WINEDEBUG", "-all")
		env.Setenv("USER", os.Getenv("USER"))
		env.Setenv("WINDOWS_SERVER", filepath.Join(programs, "rileva-server.exe"))
		return setup(env)
	}
	p.Files = []string{"testdata/windows/school.txtar", "testdata/script/flow.txtar"}
	testscript.Run(t, p)

	t.Run("form", func(t *testing.T) {
		home := filepath.Join(t.TempDir(), "made")
		form := openTerminal(t, exec.Command("wine", filepath.Join(programs, "rileva.exe")),
			"WINEDEBUG=-all", "RILEVA_HOME="+home)
		form.sees("Codice meccanografico")
		if _, err := os.Stat(filepath.Join(home, "drafts.db")); err != nil {
			t.Error(err)
		}
		// Wine writes a folder's rights down as its mode, the administrators'
		// as the group's; what files inherit it does not show.
		if info, err := os.Stat(home); err != nil || info.Mode().Perm()&0o007 != 0 {
			t.Errorf("others may look into the folder of the drafts: %v %v", info, err)
		}
		// The other window is told that this one has the drafts.
		other := exec.Command("wine", filepath.Join(programs, "rileva.exe"), "status")
		other.Env = append(os.Environ(), "WINEDEBUG=-all", "RILEVA_HOME="+home, "LANG=it_IT.UTF-8")
		out, err := other.CombinedOutput()
		if want := "Il programma è già aperto in un'altra finestra."; err == nil || !bytes.Contains(out, []byte(want)) {
			t.Errorf("%v\n%s", err, out)
		}
		form.types("\x11") // Ctrl+Q
		form.ends(0)
	})
}
