package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"rileva/internal/account"
	"rileva/internal/office"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/internal/store/engine"
	"rileva/internal/store/postgres"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"

	"rileva/pkg/survey/questionnaires"
)

// What lies in a data folder.
const (
	storeFile = "rileva.db"
	// keyFile signs the log. It is no part of the store, because whoever has
	// both can write another history: the office keeps its copies apart.
	keyFile = "rileva.key"
)

// keeper is a store whose disk can fail for good.
type keeper interface {
	store.Store
	Failed() <-chan struct{}
	Err() error
}

// isDatabase tells an address from a folder.
func isDatabase(place string) bool {
	return strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://")
}

// place is the name of the database of --store, without a password; "" for none.
func (p *program) place() string {
	if p.Store == "" {
		return ""
	}
	return postgres.Masked(p.Store)
}

// hasStore tells whether there is a store, in the database or in the folder.
func (p *program) hasStore(ctx context.Context, dir string) (bool, error) {
	if p.Store != "" {
		there, err := postgres.Exists(ctx, p.Store, p.StorePasswordFile)
		if err != nil {
			err = p.openFailure(dir, err)
		}
		return there, err
	}
	_, err := os.Stat(filepath.Join(dir, storeFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, p.folderFailure(dir, err)
	}
	return true, nil
}

// noStore is what a command is told that only looks.
func (p *program) noStore() error {
	if p.Store != "" {
		return p.fail(exitUsage, "store_none", postgres.Masked(p.Store))
	}
	return p.fail(exitUsage, "no_store", p.Data)
}

// folderFailure tells a folder of another user from one that is none.
func (p *program) folderFailure(dir string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return p.fail(exitRefused, "store_forbidden", dir).because(err)
	}
	return p.fail(exitUsage, "folder_failed", dir).because(err)
}

// openOffice opens the store of a folder, which is made with it when there is
// none. Its errors are *failure, or office.ErrLocked.
func (p *program) openOffice(dir string) (*office.Office, error) {
	// MkdirAll leaves a folder that exists as it is: its rights are the office's.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, p.folderFailure(dir, err)
	}
	s, err := p.openStore(dir)
	if err != nil {
		return nil, p.openFailure(dir, err)
	}
	o := &office.Office{Store: s, Place: p.place(), Hasher: p.hasher, Rand: p.random, Now: p.now}
	if shared, ok := s.(account.Ledger); ok { // also what other servers count
		o.Delays = account.NewDelays(shared)
	}
	return o, nil
}

// openStore picks the engine: a database where an address was given, else the
// file of the data folder.
func (p *program) openStore(dir string) (keeper, error) {
	if p.Store != "" {
		config := engine.Config{KeyFile: p.keyPath(dir), Now: p.now, Rand: p.random}
		return postgres.Open(context.Background(), p.Store, postgres.Options{Config: config, PasswordFile: p.StorePasswordFile,
			Copy: func(ctx context.Context, tx engine.Tx, path string) (store.BackupInfo, error) {
				return bolt.Write(ctx, tx, path, p.checkFile)
			}})
	}
	s, err := bolt.Open(filepath.Join(dir, storeFile), p.storeOptions(dir))
	if err != nil {
		return nil, err
	}
	if kept := s.Kept(); kept != "" {
		p.note("store_upgraded", kept)
	}
	return s, nil
}

func (p *program) storeOptions(dir string) bolt.Options {
	return bolt.Options{Network: p.NetworkFolder, KeyFile: p.keyPath(dir), Check: p.checkFile, Now: p.now, Rand: p.random}
}

// keyPath is where the log's key lies: in the data folder, unless the office
// keeps it elsewhere.
func (p *program) keyPath(dir string) string {
	if p.LogKey != "" {
		return p.LogKey
	}
	return filepath.Join(dir, keyFile)
}

func (p *program) openFailure(dir string, err error) error {
	file := filepath.Join(dir, storeFile)
	var found *engine.OpenError
	switch {
	case p.Store != "" && errors.As(err, &found) && strings.HasPrefix(found.Code, "store_"):
		return p.fail(exitUnreachable, found.Code, found.Path).because(err)
	case p.Store != "" && errors.Is(err, bolt.ErrNewer):
		return p.fail(exitConflict, "store_newer", postgres.Masked(p.Store)).because(err)
	case errors.Is(err, bolt.ErrFull):
		return p.fail(exitInternal, "store_full", dir).because(err)
	case errors.Is(err, bolt.ErrNetwork):
		return p.fail(exitUsage, "store_network", dir).because(err)
	case errors.Is(err, bolt.ErrLocked):
		return errors.Join(office.ErrLocked, err)
	case errors.Is(err, bolt.ErrNewer):
		return p.fail(exitConflict, "store_newer", file).because(err)
	case errors.Is(err, bolt.ErrKeyMissing):
		return p.fail(exitConflict, "key_missing", p.keyPath(dir)).because(err)
	case errors.Is(err, bolt.ErrKeyWrong):
		return p.fail(exitConflict, "key_wrong", p.keyPath(dir)).because(err)
	case errors.Is(err, bolt.ErrNotStore):
		return p.fail(exitConflict, "not_store", file).because(err)
	case errors.Is(err, bolt.ErrReadOnly), errors.Is(err, fs.ErrPermission):
		return p.fail(exitRefused, "store_forbidden", dir).because(err)
	}
	return p.fail(exitUsage, "store_unusable", dir).because(err)
}

// begin publishes the embedded survey where none was published yet, and says
// whether it did. Again is no error: a crash between making the store and
// publishing is mended by the next start.
func (p *program) begin(ctx context.Context, o *office.Office) (published *survey.Questionnaire, err error) {
	_, err = o.Store.Survey(ctx)
	if store.CodeOf(err) != surveysync.NotFound || err == nil {
		return nil, err
	}
	q, err := survey.Load(questionnaires.Dispersione202223)
	if err != nil {
		return nil, err
	}
	act := store.Act{At: p.now(), Actor: surveysync.ActorServer, Action: "survey_publish", Outcome: surveysync.OutcomeOK, Note: "embedded"}
	_, err = o.Store.Publish(ctx, q.Bytes(), p.now(), act)
	return q, err
}

// beginning says what a command does where there is no store.
type beginning int

const (
	mustExist beginning = iota
	// mayBegin: the first commands of an office. A new store begins with the
	// embedded survey.
	mayBegin
	// mayBeginEmpty: as mayBegin, for the command that publishes another survey.
	mayBeginEmpty
)

// call dials the data folder, runs one call and closes again.
func (p *program) call(ctx context.Context, how beginning, name string, request, reply any) error {
	c, err := p.dial(ctx, how)
	if err != nil {
		return err
	}
	return errors.Join(c.Call(ctx, name, request, reply), c.Close())
}

// dial finds the server of the data folder or opens the store. Commands that
// only look make neither a folder nor tables: a typing error in --data or in the
// address would show an empty survey instead of the mistake.
func (p *program) dial(ctx context.Context, how beginning) (office.Caller, error) {
	return office.Dial(ctx, p.Data, p.place(), func() (*office.Office, error) {
		there, err := p.hasStore(ctx, p.Data)
		switch {
		case err != nil:
			return nil, err
		case !there && how == mustExist:
			return nil, p.noStore()
		case !there && p.trial != "":
			p.Data, p.Store = p.trial, ""
		}
		o, err := p.openOffice(p.Data)
		if err != nil || there {
			return o, err
		}
		if p.Store == "" {
			p.note("folder_created", p.Data)
		}
		if how != mayBegin {
			return o, nil
		}
		q, err := p.begin(ctx, o)
		if err != nil {
			return nil, errors.Join(err, o.Store.Close())
		}
		if q != nil {
			p.note("survey_embedded", q.Title.In(p.words.lang))
		}
		return o, nil
	})
}
