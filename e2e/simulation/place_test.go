package simulation_test

import (
	"context"

	"rileva/internal/store"
	"rileva/internal/store/bolt"
)

// place is where the office's store lies.
type place interface {
	// begin puts the store there that every history begins with.
	begin(o *office) error
	open(o *office) (store.Store, error)
	// restore puts a copy there, as one that begins a new epoch.
	restore(o *office, copied string) error
}

// file is the file of the office's data folder.
type file struct{}

func (file) begin(o *office) error {
	o.write(o.path(), beginning.db)
	return nil
}

func (file) open(o *office) (store.Store, error) { return bolt.Open(o.path(), o.options()) }

func (file) restore(o *office, copied string) error {
	_, err := bolt.Restore(context.Background(), copied, o.path(), o.options())
	return err
}
