package desk

import (
	"errors"
	"os"
	"path/filepath"
)

// Locked tells whether a passphrase guards what this device holds.
func (d *Desk) Locked() bool { return d.store.Locked() }

// SetPassphrase locks the device's drafts with a new passphrase, or takes the
// lock away when it is "". The copies that were set aside follow; one that was
// made under a passphrase before this one stays as it is.
func (d *Desk) SetPassphrase(passphrase string) error {
	d.Rest()
	d.pass.Lock()
	defer d.pass.Unlock()
	aside := map[string][]byte{}
	names, err := filepath.Glob(filepath.Join(d.copies(), "*.json"))
	if err != nil {
		return err // of a pattern that is ours
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return &Error{Code: "not_set_aside", args: []any{name}, Err: err}
		}
		if plain, err := d.store.Reveal(raw); err == nil {
			aside[name] = plain
		}
	}
	if err := d.store.SetPassphrase(passphrase); err != nil {
		return err
	}
	for name, plain := range aside {
		if err := d.rewrite(name, plain); err != nil {
			return &Error{Code: "not_set_aside", args: []any{name}, Err: err}
		}
	}
	return nil
}

// rewrite puts a copy in its own place, whole or not at all.
func (d *Desk) rewrite(name string, plain []byte) error {
	raw, err := d.store.Protect(plain)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(name), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(raw)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

// Device is the name by which the office and the other computers of the school
// know this one.
func (d *Desk) Device() (string, error) {
	s, err := d.store.Settings()
	return s.Device, err
}
