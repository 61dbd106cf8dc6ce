package bolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestNetworkFolder: a folder on another computer's disk is refused before
// anything is made in it, unless it is insisted on.
func TestNetworkFolder(t *testing.T) {
	if remote(t.TempDir()) {
		t.Error("this computer's own disk counts as another's")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "rileva.db")
	options := Options{remote: func(asked string) bool { return asked == dir }}
	if _, err := Open(path, options); !errors.Is(err, ErrNetwork) {
		t.Errorf("open: %v", err)
	}
	if _, err := Restore(t.Context(), "copia.db", path, options); !errors.Is(err, ErrNetwork) {
		t.Errorf("restore: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	options.Network = true
	s, err := Open(path, options)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestNoRoom: a copy that does not fit is refused before a byte of it is written.
func TestNoRoom(t *testing.T) {
	left, dir := uint64(0), t.TempDir()
	options := Options{free: func(string) (uint64, bool) { return left, true }}
	s, err := Open(filepath.Join(dir, "rileva.db"), options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	copies := t.TempDir()
	to := filepath.Join(copies, "copia.db")
	left = 4096
	if _, err := s.Backup(t.Context(), to); !errors.Is(err, ErrFull) {
		t.Errorf("backup: %v", err)
	}
	left = 1 << 40
	if _, err := s.Backup(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	left = 1 << 20 // the copy fits, the new log does not
	options.KeyFile = s.KeyFile
	elsewhere := t.TempDir()
	if _, err := Restore(t.Context(), to, filepath.Join(elsewhere, "rileva.db"), options); !errors.Is(err, ErrFull) {
		t.Errorf("restore: %v", err)
	}
	if files, err := os.ReadDir(elsewhere); err != nil || len(files) != 0 {
		t.Errorf("left behind: %v, %v", files, err)
	}
	if free, ok := Free(dir); ok && free == 0 {
		t.Error("no room on the disk that this test has written to")
	}
	if _, ok := Free(filepath.Join(dir, "no", "such")); ok {
		t.Error("room in a folder that is not there")
	}
}

// TestWhyUnusable: what the system says becomes the sentence that tells what to do.
func TestWhyUnusable(t *testing.T) {
	for cause, want := range map[syscall.Errno]*OpenError{
		syscall.ENOSPC: ErrFull, syscall.EDQUOT: ErrFull, syscall.EFBIG: ErrFull,
		syscall.EROFS: ErrReadOnly, syscall.EACCES: ErrReadOnly, syscall.EIO: ErrUnusable,
	} {
		err := ErrUnusable.At("rileva.db", fmt.Errorf("open: %w", &os.PathError{Op: "open", Path: "rileva.db", Err: cause}))
		if !errors.Is(err, want) || !errors.Is(err, cause) {
			t.Errorf("%v: %v", cause, err)
		}
	}
}
