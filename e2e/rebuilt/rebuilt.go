// Package rebuilt builds a test's own program with another bbolt: the source
// that go.mod names, with some of its lines led through a file of the test. The
// engine has no hook between itself and the disk, and a test of what the disk
// does needs one. Only tests use it.
package rebuilt

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Line is a text in one of bbolt's files and what stands there instead. It must
// be there as often as it is known to, or something would go its own way.
type Line struct {
	File, Old, With string
	Times           int
}

// Program builds the tests of the folder that the test runs in, two levels
// below the module, with the lines changed and added put beside bbolt's own
// files. It gives the program and the folder to remove afterwards, which may
// be there also after an error.
func Program(lines []Line, added string) (program, dir string, err error) {
	if dir, err = os.MkdirTemp("", "rileva-rebuilt-"); err != nil {
		return "", "", err
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "go.etcd.io/bbolt").Output()
	if err != nil {
		return "", dir, err
	}
	module := filepath.Join(dir, "bbolt")
	if err := os.CopyFS(module, os.DirFS(strings.TrimSpace(string(out)))); err != nil {
		return "", dir, err
	}
	for _, l := range lines {
		if err := l.change(module); err != nil {
			return "", dir, err
		}
	}
	file, err := os.ReadFile(added)
	if err == nil {
		err = os.WriteFile(filepath.Join(module, "added.go"), file, 0o600)
	}
	if err == nil {
		err = replaceModule(dir, module)
	}
	if err != nil {
		return "", dir, err
	}
	program = filepath.Join(dir, "rebuilt.test")
	build := exec.Command("go", "test", "-c", "-modfile", filepath.Join(dir, "go.mod"), "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		return "", dir, fmt.Errorf("%w\n%s", err, out)
	}
	return program, dir, nil
}

func (l Line) change(module string) error {
	path := filepath.Join(module, l.File)
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if n := strings.Count(string(raw), l.Old); n != l.Times {
		return fmt.Errorf("%s has %q %d times, not %d", l.File, l.Old, n, l.Times)
	}
	if err := os.Chmod(path, 0o600); err != nil { // the module cache is read-only
		return err
	}
	return os.WriteFile(path, []byte(strings.ReplaceAll(string(raw), l.Old, l.With)), 0o600)
}

// replaceModule copies go.mod and go.sum to dir and names the other bbolt there.
func replaceModule(dir, module string) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		raw, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			return err
		}
		if name == "go.mod" {
			raw = append(raw, "\nreplace go.etcd.io/bbolt => "+module+"\n"...)
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			return err
		}
	}
	return nil
}
