//go:build unix

package server

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	"rileva/internal/store/postgres"
	"rileva/internal/store/postgres/pgtest"
)

func init() { engines["two servers on a database"] = inDatabase }

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// inDatabase is one database on which two servers take turns, call by call. It
// is a file where no PostgreSQL is to be had, which pgtest says or fails for.
func inDatabase(t testing.TB, now func() time.Time) store.Store {
	t.Helper()
	address, ok := pgtest.Database(t)
	if !ok {
		return inFile(t, now)
	}
	key := filepath.Join(t.TempDir(), "rileva.key")
	x := &inTurns{}
	for i := range x.servers {
		s, err := postgres.Open(t.Context(), address, postgres.Options{Config: engine.Config{KeyFile: key, Now: now}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		x.servers[i] = s
	}
	x.Store = x.servers[0]
	return x
}

// inTurns gives each call about a part to the server whose turn it is.
type inTurns struct {
	store.Store
	servers [2]store.Store
	calls   atomic.Uint64
}

func (x *inTurns) next() store.Store { return x.servers[x.calls.Add(1)%2] }

func (x *inTurns) Accept(ctx context.Context, p store.Put) (store.Answered, error) {
	return x.next().Accept(ctx, p)
}

func (x *inTurns) Access(ctx context.Context, token [32]byte, now time.Time) (store.Access, error) {
	return x.next().Access(ctx, token, now)
}

func (x *inTurns) Parts(ctx context.Context, institutionID string) ([]store.Part, error) {
	return x.next().Parts(ctx, institutionID)
}

func (x *inTurns) Submission(ctx context.Context, institutionID, part string, revision int) (store.Submission, error) {
	return x.next().Submission(ctx, institutionID, part, revision)
}
