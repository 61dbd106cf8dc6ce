package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"rileva/internal/account"
)

var _ account.Ledger = (*Store)(nil)

// remembered is longer than any failure counts.
const remembered = 2 * time.Hour

// Exchange implements account.Ledger.
func (s *Store) Exchange(ctx context.Context, key string, do func(account.Failures) account.Failures) error {
	err := pgx.BeginFunc(ctx, s.disk.pool, func(tx pgx.Tx) error {
		// The row may not be there yet to be locked.
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), $2))", []byte(key), int64(writerLock)); err != nil {
			return err
		}
		var f account.Failures
		err := tx.QueryRow(ctx, "select count, last, until from failures where key = $1", []byte(key)).Scan(&f.Count, &f.Last, &f.Until)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		before := f
		if f = do(f); f == before {
			return nil
		}
		if f.Count == 0 {
			_, err = tx.Exec(ctx, "delete from failures where key = $1 or last < $2", []byte(key), before.Last.Add(-remembered))
			return err
		}
		_, err = tx.Exec(ctx, "delete from failures where last < $1", f.Last.Add(-remembered))
		if err == nil {
			_, err = tx.Exec(ctx, `insert into failures values ($1, $2, $3, $4)
				on conflict (key) do update set count = excluded.count, last = excluded.last, until = excluded.until`, []byte(key), f.Count, f.Last, f.Until)
		}
		return err
	})
	if err != nil {
		return unavailable(ctx, err)
	}
	return nil
}

// Since implements account.Ledger.
func (s *Store) Since(ctx context.Context, then time.Time) (map[string]account.Failures, error) {
	rows, err := s.disk.pool.Query(ctx, "select key, count, last, until from failures where last > $1 order by last", then)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	all, key, f := map[string]account.Failures{}, []byte{}, account.Failures{}
	if _, err = pgx.ForEachRow(rows, []any{&key, &f.Count, &f.Last, &f.Until}, func() error {
		all[string(key)] = f
		return nil
	}); err != nil {
		return nil, unavailable(ctx, err)
	}
	return all, nil
}
