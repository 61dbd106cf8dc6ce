package bolt

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"rileva/internal/store/storetest"
)

// TestHalfCopied: a store cut at any length is refused in words; bbolt itself
// would fault on reading past the end of the file.
func TestHalfCopied(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rileva.db")
	s := mustOpen(t, path)
	storetest.NewWorld(t, s)
	mustClose(t, s)
	all, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "cut.db")
	for _, n := range []int{1, 100, 4096, 5000, 20_000, 40_000} {
		if err := os.WriteFile(cut, all[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(cut, Options{KeyFile: path + ".key"}); !errors.Is(err, ErrNotStore) {
			t.Errorf("%d of %d bytes: %v", n, len(all), err)
		}
	}
	if err := whole(path); err != nil {
		t.Error(err)
	}
}
