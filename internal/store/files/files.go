// Package files writes files that are whole or not there: under a name of their
// own until they are on the disk. It imports the standard library only.
package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Publish gives the finished file at from the name to, unless that name is
// taken, and makes the name durable. from is gone afterwards.
//
// A link and not a rename, because a rename replaces: of two programs that
// create the store at the same time, the second would take away the file that
// the first already works on.
func Publish(from, to string) error {
	defer func() { _ = os.Remove(from) }() // after a rename it is gone already
	err := os.Link(from, to)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		// A file system without links (FAT). Then the check comes before the
		// rename, which two programs could still pass at the same moment.
		if there, statErr := Exists(to); statErr != nil || there {
			return errors.Join(err, statErr)
		}
		err = os.Rename(from, to)
	}
	if err != nil {
		return err
	}
	return SyncDir(filepath.Dir(to))
}

// Full says that an error of the system is about space: none on the disk, none
// in the quota, a file that may not grow.
func Full(err error) bool {
	const winDiskFull = syscall.Errno(112) // ERROR_DISK_FULL
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) ||
		runtime.GOOS == "windows" && errors.Is(err, winDiskFull)
}

// Exists says whether there is something at a path.
func Exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Sync waits until what was written to path is on the disk.
func Sync(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // Windows flushes only what is open for writing
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// SyncDir makes the names in a folder durable. Windows cannot be asked to.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Temporary makes an empty file beside path, readable by the owner alone, and
// gives its name. ClearTemporaries knows it by that name.
func Temporary(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp-*")
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// ClearTemporaries removes what a crash left of files that were being made.
func ClearTemporaries(path string) {
	left, err := filepath.Glob(path + ".tmp-*")
	if err != nil {
		return // a folder's name with a bracket in it: then they stay
	}
	for _, name := range left {
		_ = os.Remove(name)
	}
}

// CreateWith makes the file at path with the given bytes, readable by the
// owner alone, whole or not at all. Error fs.ErrExist when it is there.
func CreateWith(path string, content []byte) error {
	tmp, err := Temporary(path)
	if err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(tmp, content, 0o600), Sync(tmp)); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return Publish(tmp, path)
}
