package disk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// recording is this test's own program, built with the bbolt that records.
var recording = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rileva-disk-")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "go.etcd.io/bbolt").Output()
	if err != nil {
		return dir, err
	}
	module := filepath.Join(dir, "bbolt")
	if err := os.CopyFS(module, os.DirFS(strings.TrimSpace(string(out)))); err != nil {
		return dir, err
	}
	if err := lead(module); err != nil {
		return dir, err
	}
	root := filepath.Join("..", "..")
	for _, name := range []string{"go.mod", "go.sum"} {
		raw, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return dir, err
		}
		if name == "go.mod" {
			raw = append(raw, "\nreplace go.etcd.io/bbolt => "+module+"\n"...)
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			return dir, err
		}
	}
	program := filepath.Join(dir, "recording.test")
	build := exec.Command("go", "test", "-c", "-modfile", filepath.Join(dir, "go.mod"), "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		return dir, &buildError{string(out), err}
	}
	return dir, nil
})

type buildError struct {
	out string
	err error
}

func (e *buildError) Error() string { return e.err.Error() + "\n" + e.out }

// lead leads bbolt's calls to its file through the recorder. Each must stand
// there as often as it is known to, or something would go unrecorded.
func lead(module string) error {
	for _, c := range []struct {
		file, old, with string
		times           int
	}{
		{"db.go", "db.ops.writeAt = db.file.WriteAt", "db.ops.writeAt = db.recordedWriteAt", 1},
		{"db.go", "db.file.Truncate(", "db.recordedTruncate(", 1},
		{"db.go", "db.file.Sync()", "recordedFlush(db)", 1},
		{"db.go", "fdatasync(db)", "recordedFlush(db)", 2},
		{"tx.go", "fdatasync(tx.db)", "recordedFlush(tx.db)", 2},
	} {
		path := filepath.Join(module, c.file)
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if n := strings.Count(string(raw), c.old); n != c.times {
			return &buildError{c.file + " has another number of " + c.old, os.ErrInvalid}
		}
		if err := os.Chmod(path, 0o600); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(raw), c.old, c.with)), 0o600); err != nil {
			return err
		}
	}
	recorder, err := os.ReadFile(filepath.Join("testdata", "recorder.go.txt"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(module, "recorder.go"), recorder, 0o600)
}

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("RILEVA_DISK_DIR") == "" {
		if dir, _ := recording(); dir != "" {
			_ = os.RemoveAll(dir)
		}
	}
	os.Exit(code)
}

// timeout is what a child may take: a damaged file can hold it for ever.
func timeout() string { return (time.Minute + time.Duration(*images)*50*time.Millisecond).String() }

// child runs one of the children below in a folder of its own.
func child(t *testing.T, program, name, dir string, env ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "-test.run", "^"+name+"$", "-test.v", "-test.timeout", timeout())
	cmd.Env = append(os.Environ(), append([]string{"RILEVA_DISK_DIR=" + dir, "RILEVA_TRACE=" + filepath.Join(dir, "trace"),
		"RILEVA_ARMED=" + filepath.Join(dir, "armed")}, env...)...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// record lets a store's child work under the recording build.
func record(t *testing.T, side side, dir string, env ...string) string {
	t.Helper()
	built, err := recording()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child(t, filepath.Join(built, "recording.test"), "TestChildWorks", dir, append(env, "RILEVA_DISK_SIDE="+side.name)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

// tempDir is in memory where that is possible: what is flushed is known from
// the record.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "rileva-disk-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
