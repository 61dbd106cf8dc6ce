package bolt

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"rileva/internal/store/engine"
	"rileva/internal/store/storetest"
)

// edit changes a closed store by hand. It does not wait for the disk: the
// tests do not cut the power.
func edit(tb testing.TB, path string, change func(tx *bbolt.Tx) error) {
	tb.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: true, NoSync: true})
	if err != nil {
		tb.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		tb.Fatal(err)
	}
}

// wantOpenError wants Open to refuse with this error and a sentence.
func wantOpenError(tb testing.TB, path string, opt Options, want *OpenError) {
	tb.Helper()
	s, err := Open(path, opt)
	if err == nil {
		_ = s.Close()
	}
	var e *OpenError
	if !errors.Is(err, want) || !errors.As(err, &e) || e.Path == "" || e.Hint == "" {
		tb.Errorf("want %s, got %v", want.Code, err)
	}
}

func TestOpenLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rileva.db")
	s := mustOpen(t, path)
	wantOpenError(t, path, Options{}, ErrLocked)
	mustClose(t, s)
	mustClose(t, mustOpen(t, path))
}

func TestOpenWhatIsNoStore(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string][]byte{"text": bytes.Repeat([]byte("no store "), 4000), "empty": nil} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		wantOpenError(t, path, Options{}, ErrNotStore)
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, content) {
			t.Errorf("%s: the file was changed, %v", name, err)
		}
	}
	wantOpenError(t, dir, Options{KeyFile: filepath.Join(dir, "key")}, ErrNotStore)
	wantOpenError(t, filepath.Join(dir, "missing", "rileva.db"), Options{}, ErrUnusable)

	path := filepath.Join(dir, "rileva.db")
	mustClose(t, mustOpen(t, path))
	edit(t, path, func(tx *bbolt.Tx) error { return tx.DeleteBucket(engine.BucketReceipts) })
	wantOpenError(t, path, Options{}, ErrNotStore)
}

func TestOpenNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rileva.db")
	mustClose(t, mustOpen(t, path))
	edit(t, path, func(tx *bbolt.Tx) error {
		return errors.Join(tx.DeleteBucket(engine.BucketReceipts), tx.Bucket(engine.BucketMeta).Put(engine.KeySchema, []byte(strconv.Itoa(schema+1))))
	})
	wantOpenError(t, path, Options{}, ErrNewer)
}

func TestOpenKey(t *testing.T) {
	dir := t.TempDir()
	path, key := filepath.Join(dir, "rileva.db"), filepath.Join(dir, "keys", "log.key")
	if err := os.Mkdir(filepath.Dir(key), 0o700); err != nil {
		t.Fatal(err)
	}
	opt := Options{KeyFile: key}
	s, err := Open(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file is %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the store is %v, %v", info.Mode(), err)
	}
	seed, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(path); err != nil || bytes.Contains(raw, bytes.TrimSpace(seed)) {
		t.Errorf("the store holds the seed, %v", err)
	}
	for _, wrong := range []string{"", "not base64", strings.Repeat("A", 43) + "="} {
		if err := os.WriteFile(key, []byte(wrong), 0o600); err != nil {
			t.Fatal(err)
		}
		wantOpenError(t, path, opt, ErrKeyWrong)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	wantOpenError(t, path, opt, ErrKeyMissing)
	if _, err := os.Stat(key); err == nil {
		t.Error("a second key was made for a store that has one")
	}
	if err := os.WriteFile(key, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(path, opt); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
}

// TestOpenAfterACrashInTheMaking: what a crash at each step of create leaves.
func TestOpenAfterACrashInTheMaking(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rileva.db")
	mustClose(t, mustOpen(t, path))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil { // the key is left
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"1": nil, "2": whole[:5000], "3": whole} {
		if err := os.WriteFile(path+".tmp-"+name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := mustOpen(t, path)
	storetest.NewWorld(t, s)
	mustClose(t, s)
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
}

func TestOpenTwiceAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rileva.db")
	stores := make([]*Store, 4)
	var all sync.WaitGroup
	for i := range stores {
		all.Go(func() {
			s, err := Open(path, Options{})
			if err != nil && !errors.Is(err, ErrLocked) {
				t.Error(err)
			}
			stores[i] = s
		})
	}
	all.Wait()
	opened := 0
	for _, s := range stores {
		if s != nil {
			opened++
			mustClose(t, s)
		}
	}
	if opened != 1 {
		t.Errorf("%d have opened one store", opened)
	}
}
