package drafts

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	copyPrefix    = "drafts-"
	copySuffix    = ".copy"
	copiesKept    = 7
	damagedPrefix = "drafts-damaged-"
)

// Restored tells what Open did about a damaged file: Copy is the name of the
// automatic copy that took its place, Damaged that of the file set aside.
type Restored struct{ Copy, Damaged string }

// Restored gives it; false when the file was sound.
func (s *Store) Restored() (Restored, bool) { return s.restored, s.restored != Restored{} }

// rescue sets a damaged file aside and puts the newest copy that is whole in
// its place. Without such a copy nothing is touched and the fault stands.
func rescue(dir string, o Options, fault *Error) (Restored, error) {
	for _, name := range slices.Backward(copiesIn(dir)) {
		if inspect(filepath.Join(dir, name)) != nil {
			continue
		}
		temp, err := duplicate(dir, name)
		if err != nil {
			return Restored{}, diskFailure(fmt.Errorf("copy the copy: %w", err))
		}
		damaged := damagedPrefix + o.Now().Format("20060102-150405") + ".db"
		path := filepath.Join(dir, fileName)
		// A second name first, so that at no instant there are no drafts: the
		// next start would create empty ones.
		aside := os.Link(path, filepath.Join(dir, damaged))
		if aside != nil { // a file system without links
			aside = os.Rename(path, filepath.Join(dir, damaged))
		}
		if err := errors.Join(aside, os.Rename(temp, path)); err != nil {
			_ = os.Remove(temp)
			return Restored{}, diskFailure(fmt.Errorf("put the copy in place: %w", err))
		}
		syncDir(dir)
		return Restored{Copy: name, Damaged: damaged}, nil
	}
	return Restored{}, fault
}

// duplicate writes a copy under a new name; the copy itself stays, because the
// restored file may be damaged again tomorrow.
func duplicate(dir, name string) (temp string, err error) {
	from, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return "", err
	}
	defer func() { _ = from.Close() }()
	to, err := os.CreateTemp(dir, fileName+".new-*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		_ = os.Remove(to.Name())
	}
	return to.Name(), err
}

// dailyCopy lays one copy a day beside the drafts. A copy that cannot be made
// keeps nobody from working.
func (s *Store) dailyCopy() {
	if _, err := os.Stat(s.copyPath()); err != nil {
		_ = s.Copy()
	}
}

func (s *Store) copyPath() string {
	return filepath.Join(s.dir, copyPrefix+s.now().Format("20060102")+copySuffix)
}

// Copy lays today's copy beside the drafts, instead of the one of this morning,
// and keeps the last seven days. It may run while answers are written.
func (s *Store) Copy() error {
	temp, err := os.CreateTemp(s.dir, copyPrefix+"*.new") // mode 0600
	if err != nil {
		return diskFailure(err)
	}
	err = s.view(func(tx *txn) error {
		_, err := tx.raw.WriteTo(temp)
		return err
	})
	err = errors.Join(err, temp.Sync(), temp.Close())
	// A torn copy must not take the place of a whole one. If we crash before
	// the rename, a file with an odd name is left over.
	if err == nil {
		if fault := inspect(temp.Name()); fault != nil {
			err = fault
		}
	}
	if err == nil {
		err = os.Rename(temp.Name(), s.copyPath())
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return diskFailure(fmt.Errorf("copy of the drafts: %w", err))
	}
	copies := s.Copies()
	for len(copies) > copiesKept {
		_ = os.Remove(filepath.Join(s.dir, copies[0]))
		copies = copies[1:]
	}
	return nil
}

// Copies lists the names of the automatic copies, oldest first.
func (s *Store) Copies() []string { return copiesIn(s.dir) }

func copiesIn(dir string) []string {
	entries, _ := os.ReadDir(dir) // none is a fair answer
	var out []string
	for _, e := range entries {
		day, ok := strings.CutPrefix(e.Name(), copyPrefix)
		day, isCopy := strings.CutSuffix(day, copySuffix)
		if _, err := strconv.Atoi(day); ok && isCopy && err == nil && len(day) == 8 {
			out = append(out, e.Name())
		}
	}
	slices.SortFunc(out, cmp.Compare[string])
	return out
}

// Reopen lets go of the file and opens it anew, after a commit that failed:
// what stands on the disk is then known again. It changes nothing while the
// store is sound.
func (s *Store) Reopen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken == nil {
		return nil
	}
	if err := s.db.Close(); err != nil {
		return diskFailure(err)
	}
	path := filepath.Join(s.dir, fileName)
	if fault := inspect(path); fault != nil {
		return fault
	}
	db, err := openFile(path, s.options, false)
	if err != nil {
		return diskFailure(err)
	}
	s.db, s.broken = db, nil
	return nil
}
