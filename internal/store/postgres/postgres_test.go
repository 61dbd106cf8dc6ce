//go:build unix

package postgres_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	"rileva/internal/store/postgres"
	"rileva/internal/store/postgres/pgtest"
	"rileva/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// fixedNow is the clock of the tests.
func fixedNow() time.Time { return time.Date(2023, 12, 1, 12, 0, 0, 0, time.UTC) }

func mustOpen(tb testing.TB, address, keyFile string) *postgres.Store {
	tb.Helper()
	s, err := postgres.Open(tb.Context(), address, postgres.Options{Config: engine.Config{KeyFile: keyFile, Now: fixedNow}})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestContract is the one of every engine.
func TestContract(t *testing.T) {
	if _, ok := pgtest.Database(t); !ok {
		return
	}
	storetest.Run(t, func(t *testing.T) (store.Store, func() store.Store) {
		address, _ := pgtest.Database(t)
		key := filepath.Join(t.TempDir(), "rileva.key")
		s := mustOpen(t, address, key)
		return s, func() store.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = mustOpen(t, address, key)
			return s
		}
	})
}
