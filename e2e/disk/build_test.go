package disk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"rileva/e2e/rebuilt"
)

// recording is this test's own program, built with the bbolt that records, and
// the folder that it stands in.
var recording = sync.OnceValues(func() (built, error) {
	program, dir, err := rebuilt.Program([]rebuilt.Line{
		{File: "db.go", Old: "db.ops.writeAt = db.file.WriteAt", With: "db.ops.writeAt = db.recordedWriteAt", Times: 1},
		{File: "db.go", Old: "db.file.Truncate(", With: "db.recordedTruncate(", Times: 1},
		{File: "db.go", Old: "db.file.Sync()", With: "recordedFlush(db)", Times: 1},
		{File: "db.go", Old: "fdatasync(db)", With: "recordedFlush(db)", Times: 2},
		{File: "tx.go", Old: "fdatasync(tx.db)", With: "recordedFlush(tx.db)", Times: 2},
	}, filepath.Join("testdata", "recorder.go.txt"))
	return built{program, dir}, err
})

type built struct{ program, dir string }

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("RILEVA_DISK_DIR") == "" {
		if b, _ := recording(); b.dir != "" {
			_ = os.RemoveAll(b.dir)
		}
	}
	os.Exit(code)
}

// timeout is what a child may take: a damaged file can hold it for ever.
func timeout() string { return (time.Minute + time.Duration(*images)*250*time.Millisecond).String() }

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
	b, err := recording()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child(t, b.program, "TestChildWorks", dir, append(env, "RILEVA_DISK_SIDE="+side.name)...)
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
