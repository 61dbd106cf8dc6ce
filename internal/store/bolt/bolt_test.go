package bolt

import (
	"path/filepath"
	"testing"
	"time"

	"rileva/internal/store"
	"rileva/internal/store/storetest"
)

// fixedNow is the clock of the tests.
func fixedNow() time.Time { return time.Date(2023, 12, 1, 12, 0, 0, 0, time.UTC) }

func mustOpen(tb testing.TB, path string) *Store {
	tb.Helper()
	s, err := Open(path, Options{Now: fixedNow})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func mustClose(tb testing.TB, s *Store) {
	tb.Helper()
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (store.Store, func() store.Store) {
		path := filepath.Join(t.TempDir(), "rileva.db")
		s := mustOpen(t, path)
		return s, func() store.Store {
			mustClose(t, s)
			s = mustOpen(t, path)
			return s
		}
	})
}

// identity is that of a store.
func identity(tb testing.TB, s *Store) store.Meta {
	tb.Helper()
	m, err := s.Meta(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return m
}
