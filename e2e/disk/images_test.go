package disk_test

import (
	"bytes"
	stdcontext "context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
)

var images = flag.Int("images", 2000, "power cuts on each side")

func context() stdcontext.Context { return stdcontext.Background() }

const sector = 512

// event is one line of the record: a write, a flush, a change of size, or a
// promise made.
type event struct {
	kind   byte // W, F, T, P
	offset int64
	data   []byte
}

func (e event) bytes() []byte {
	head := binary.BigEndian.AppendUint64([]byte{e.kind}, uint64(e.offset))
	return append(binary.BigEndian.AppendUint32(head, uint32(len(e.data))), e.data...)
}

func readTrace(path string) ([]event, error) {
	raw, err := os.ReadFile(path)
	var all []event
	for len(raw) >= 13 && err == nil {
		n := binary.BigEndian.Uint32(raw[9:])
		all = append(all, event{raw[0], int64(binary.BigEndian.Uint64(raw[1:])), raw[13 : 13+n]})
		raw = raw[13+n:]
	}
	return all, err
}

// TestPowerCuts: whatever a power cut leaves opens, is sound and holds every
// promise.
func TestPowerCuts(t *testing.T) {
	for name, s := range sides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			record(t, s, dir)
			out, err := judged(t, s, dir, *images)
			if err != nil {
				t.Fatalf("%v\n%s", err, tail(out))
			}
		})
	}
}

// TestMissingFlushesAreCaught: the same hunt, when nothing was ever flushed.
func TestMissingFlushesAreCaught(t *testing.T) {
	for name, s := range sides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			record(t, s, dir, "RILEVA_FAULT=noflush")
			out, err := judged(t, s, dir, 100)
			if err == nil || strings.Contains(out, "the record:") {
				t.Errorf("100 power cuts of a store that flushes nothing have found nothing: %v\n%s", err, tail(out))
			}
		})
	}
}

// judged looks at n images in a process of its own: a damaged file can take
// the process along or hold it for ever. That process records nothing, and has
// no race detector in it, because there is but one goroutine's work to watch
// and a hundred thousand files to open.
func judged(t *testing.T, s side, dir string, n int) (string, error) {
	t.Helper()
	b, err := recording()
	if err != nil {
		t.Fatal(err)
	}
	return child(t, b.program, "TestChildJudges", dir, "RILEVA_DISK_SIDE="+s.name,
		"RILEVA_DISK_IMAGES="+strconv.Itoa(n), "RILEVA_ARMED="+filepath.Join(dir, "never"))
}

func tail(s string) string { return s[max(0, len(s)-2000):] }

// TestChildJudges is the other child.
func TestChildJudges(t *testing.T) {
	dir := os.Getenv("RILEVA_DISK_DIR")
	if dir == "" {
		return
	}
	s := sides[os.Getenv("RILEVA_DISK_SIDE")]
	n, err := strconv.Atoi(os.Getenv("RILEVA_DISK_IMAGES"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := readTrace(filepath.Join(dir, "trace"))
	if err != nil || len(all) == 0 {
		t.Fatalf("the record: %d events, %v", len(all), err)
	}
	start, err := os.ReadFile(filepath.Join(dir, "start"))
	if err != nil {
		t.Fatal(err)
	}
	debug.SetGCPercent(400) // an image leaves little behind
	home, seed := filepath.Join(dir, "image"), rand.Uint64()
	for i := range n {
		cut, promised := cutPower(rand.New(rand.NewPCG(seed, uint64(i))), file{bytes.TrimRight(start, "\x00"), len(start)}, all)
		if err := lay(home, dir, s, cut); err != nil {
			t.Fatal(err)
		}
		held, err := s.judge(home)
		if err != nil || held < promised {
			t.Fatalf("image %d of seed %d: promised %d, found %d: %v", i, seed, promised, held, err)
		}
	}
	t.Logf("%d images of %d events, seed %d", n, len(all), seed)
}

// file is a file without the zeros at its end.
type file struct {
	data []byte
	size int
}

// cutPower gives the file as it may be after a power cut at a random instant.
func cutPower(r *rand.Rand, start file, all []event) (f file, promised int) {
	cut := r.IntN(len(all) + 1)
	flushed := 0
	for i, e := range all[:cut] {
		switch e.kind {
		case 'F':
			flushed = i + 1
		case 'P':
			promised = int(e.offset)
		}
	}
	f = file{bytes.Clone(start.data), start.size}
	for i, e := range all[:cut] {
		safe := i < flushed
		switch e.kind {
		case 'T':
			if safe || r.IntN(2) == 0 {
				f.size = max(f.size, int(e.offset)) // bbolt never shortens
			}
		case 'W':
			f.size = max(f.size, int(e.offset)+len(e.data))
			f.data = append(f.data, make([]byte, max(0, int(e.offset)+len(e.data)-len(f.data)))...)
			how := r.IntN(3)
			for at := 0; at < len(e.data); at += sector {
				if safe || how == 1 || how == 2 && r.IntN(2) == 0 { // all, nothing, or torn
					copy(f.data[int(e.offset)+at:], e.data[at:min(at+sector, len(e.data))])
				}
			}
		}
	}
	return f, promised
}

// lay writes the image where the store looks for it, and the key beside it.
func lay(home, dir string, s side, f file) error {
	if err := os.RemoveAll(home); err != nil {
		return err
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	if key, err := os.ReadFile(filepath.Join(dir, "rileva.db.key")); err == nil {
		if err := os.WriteFile(filepath.Join(home, "rileva.db.key"), key, 0o600); err != nil {
			return err
		}
	}
	path := filepath.Join(home, s.file)
	return errors.Join(os.WriteFile(path, f.data, 0o600), os.Truncate(path, int64(f.size)))
}

// TestDiskErrors: each write and each flush of one submission fails in turn,
// as a broken and as a full disk. The store says so, refuses all that comes
// after, and the same bytes sent to it when it was opened again are stored once.
func TestDiskErrors(t *testing.T) {
	for name, s := range sides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			record(t, s, dir, "RILEVA_DISK_ONCE=1")
			all, err := readTrace(filepath.Join(dir, "trace"))
			if err != nil {
				t.Fatal(err)
			}
			operations := 0
			for _, e := range all {
				if e.kind != 'P' {
					operations++
				}
			}
			if operations < 4 { // pages, flush, meta page, flush
				t.Fatalf("one submission has %d operations only", operations)
			}
			for n := 1; n <= operations; n++ {
				for _, what := range []string{"EIO", "ENOSPC"} {
					diskError(t, s, fmt.Sprintf("%d:%s", n, what))
				}
			}
			t.Logf("%d writes and flushes, each failing twice", operations)
		})
	}
}

func diskError(t *testing.T, s side, fault string) {
	t.Helper()
	dir := tempDir(t)
	out := record(t, s, dir, "RILEVA_DISK_ONCE=1", "RILEVA_FAULT="+fault)
	all, err := readTrace(filepath.Join(dir, "trace"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "FAILED:") || all[len(all)-1].kind == 'P' {
		t.Errorf("%s: it was not noticed:\n%s", fault, tail(out))
	}
	if held, err := s.judge(dir); err != nil || held > s.steps {
		t.Errorf("%s: opened again: %d, %v", fault, held, err)
	}
	if err := s.again(t, dir, 1); err != nil {
		t.Errorf("%s: sent again: %v", fault, err)
	}
	if held, err := s.judge(dir); err != nil || held != s.steps {
		t.Errorf("%s: %d steps are stored, %v", fault, held, err)
	}
}
