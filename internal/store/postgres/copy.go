package postgres

import (
	"context"
	"errors"

	"rileva/internal/store"
	"rileva/internal/store/engine"
)

// Read runs fn on one moment of the store at an address, without its key.
func Read(ctx context.Context, address, passwordFile string, fn func(engine.Tx) error) error {
	d, err := dial(ctx, address, passwordFile)
	if err != nil {
		return err
	}
	err = d.View(ctx, func(tx engine.Tx) error {
		if tx.Bucket(engine.BucketMeta).Get(engine.KeyIdentity) == nil {
			return engine.ErrNotStore.At(Masked(address), nil)
		}
		return fn(tx)
	})
	return errors.Join(err, d.Close())
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
