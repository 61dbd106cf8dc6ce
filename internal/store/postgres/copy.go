package postgres

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/pressly/goose/v3"

	"rileva/internal/store"
	"rileva/internal/store/engine"
)

// Read runs fn on one moment of the store at an address, without its key and
// without changing anything there, be it the tables of an earlier program. Its
// errors are an *engine.OpenError and those of fn.
func Read(ctx context.Context, address, passwordFile string, fn func(engine.Tx) error) error {
	d, err := connect(ctx, address, passwordFile)
	if err != nil {
		return err
	}
	if err = d.readable(ctx); err == nil {
		err = d.View(ctx, func(tx engine.Tx) error {
			switch meta := tx.Bucket(engine.BucketMeta); {
			case meta.Get(engine.KeyCopying) != nil:
				return ErrHalf
			case meta.Get(engine.KeyIdentity) == nil:
				return ErrNone
			}
			return fn(tx)
		})
	}
	var ours *engine.OpenError
	if errors.As(err, &ours) {
		err = asOpenError(address, err)
	}
	return errors.Join(err, d.Close())
}

// Exists tells whether there is a store at an address, and makes none.
func Exists(ctx context.Context, address, passwordFile string) (bool, error) {
	d, err := connect(ctx, address, passwordFile)
	if err != nil {
		return false, err
	}
	defer d.pool.Close()
	switch err := d.readable(ctx); {
	case errors.Is(err, ErrNone):
		return false, nil
	case err != nil:
		return false, asOpenError(address, err)
	}
	return true, nil
}

// readable wants tables that this program knows.
func (d disk) readable(ctx context.Context) error {
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	newest, err := goose.NumericComponent(slices.Max(steps))
	if err != nil {
		return err
	}
	var there bool
	if err := d.pool.QueryRow(ctx, "select to_regclass('schema_version') is not null").Scan(&there); err != nil {
		return unavailable(ctx, err)
	}
	if !there {
		return ErrNone
	}
	var at int64
	if err := d.pool.QueryRow(ctx, "select max(version_id) from schema_version where is_applied").Scan(&at); err != nil {
		return unavailable(ctx, err)
	}
	if at > newest {
		return engine.ErrNewer
	}
	return nil
}

// Fill makes the store at an address from another one, see [engine.Copy]. The
// same copy again goes on where it was cut off; until it is finished no server
// opens what is there. Error conflict when the database holds another store.
func Fill(ctx context.Context, from engine.Tx, address, passwordFile string) (store.BackupInfo, error) {
	d, err := dial(ctx, address, passwordFile)
	if err != nil {
		return store.BackupInfo{}, err
	}
	info, err := engine.Copy(ctx, from, func(ctx context.Context, fn func(engine.WriteTx) error) error {
		tx, err := d.Begin(ctx)
		if err != nil {
			return err
		}
		if err := errors.Join(fn(tx), tx.Err()); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit()
	})
	return info, errors.Join(err, d.Close())
}
