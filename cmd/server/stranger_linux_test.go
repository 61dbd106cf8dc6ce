package main

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// callLine is how each of the others is called.
var callLine = map[string]string{
	"approve": "MIIS00100B", "backup": "FILE", "check": "", "conflicts": "", "conflicts settle": "0000-0000-0001 --reason x", "credentials devices": "", "credentials issue": "--all",
	"credentials list": "", "credentials reset": "MIIS00100B", "credentials revoke": "MIIS00100B", "explanations": "", "export": "--out FILE", "forget": "--dry-run",
	"history": "MIIS00100B general", "institutions add": "MIRC08000A --name D --comune M --kind statale", "institutions confirm": "",
	"institutions exclude": "MIIS00100B --reason serale", "institutions group": "MIPL125001 MIPS185003", "institutions import": "CSV",
	"institutions include": "MIIS00100B", "institutions list": "", "institutions merge": "MIPS185003 MIIS00100B --reason fusione",
	"institutions remove": "MIPS185003 --reason doppia", "institutions show": "MIIS00100B", "institutions tracks": "MIIS00100B iefp",
	"institutions ungroup": "MIPL125001", "log": "", "log rotate-key": "", "log verify": "", "message": "MIIS00100B --text x", "missing": "",
	"note": "MIIS00100B --text x", "outliers": "", "remind": "--dry-run", "restore": "CSV", "return": "MIIS00100B general --remark x",
	"serve": "--listen 127.0.0.1:0", "show": "MIIS00100B", "status": "", "store copy": "--from DATA --to FILE", "survey dates": "", "survey publish": "YAML",
	"survey rehearse": "YAML", "survey show": "", "survey void": "sha256:1234567890",
}

// TestEveryCommandAsAStranger: another user of the computer gets nothing out of
// the folder, with a server on it and without, and leaves it as it is.
func TestEveryCommandAsAStranger(t *testing.T) {
	for _, served := range []bool{true, false} {
		d := newDesk(t).furnish()
		if served {
			d.serve()
		}
		csv, yaml := d.file("scuole.csv", threeSchools), "../../internal/store/storetest/testdata/tiny.yaml"
		p := &program{environment: d.env, words: &italian, log: quiet}
		all := works(p.root())
		if left := slices.DeleteFunc(slices.Collect(maps.Keys(callLine)), func(path string) bool { return slices.Contains(all, path) }); len(left) > 0 {
			t.Errorf("no commands any more: %v", left)
		}
		must(t, os.Chmod(csv, 0o644))
		must(t, os.Chmod(filepath.Dir(csv), 0o755))
		before := contents(t, d.data)
		for _, path := range all {
			line, ok := callLine[path]
			switch {
			case slices.Contains(withoutFolder, path):
				continue
			case !ok:
				t.Errorf("%s is not tried as a stranger: say how it is called", path)
				continue
			}
			line = strings.NewReplacer("FILE", filepath.Join(t.TempDir(), "f"), "CSV", csv, "DATA", d.data, "YAML", yaml).Replace(line)
			asStranger(t, d.data, func() {
				exit, out, err := d.run(append(strings.Fields(path), strings.Fields(line)...)...)
				if exit != exitRefused || out != "" {
					t.Errorf("served %v: %s %s as another user: exit %d\n%s%s", served, path, line, exit, out, err)
				}
				if foreign.MatchString(err) {
					t.Errorf("%s says %s", path, err)
				}
			})
		}
		if after := contents(t, d.data); !maps.Equal(before, after) {
			t.Errorf("the folder was changed:\n%v\n%v", before, after)
		}
	}
}

// asStranger does f with the rights of another user over files. Only root can
// become one; whoever else runs the tests takes the rights away from the
// folder instead.
func asStranger(t *testing.T, dir string, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		info, err := os.Stat(dir)
		must(t, err)
		must(t, os.Chmod(dir, 0))
		defer func() { must(t, os.Chmod(dir, info.Mode().Perm())) }()
		f()
		return
	}
	// The folders above are the tests' own: it is ours that has to keep out.
	for d := filepath.Dir(dir); d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		must(t, os.Chmod(d, 0o755))
	}
	const nobody = 65534
	runtime.LockOSThread() // file rights are the thread's
	defer runtime.UnlockOSThread()
	must(t, syscall.Setfsgid(nobody))
	must(t, syscall.Setfsuid(nobody))
	defer func() {
		must(t, syscall.Setfsuid(0))
		must(t, syscall.Setfsgid(0))
	}()
	f()
}
