package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"rileva/internal/office"
	"rileva/internal/store/bolt"
)

func (p *program) backupCommand() *cobra.Command {
	return p.command("backup", 1, 1, func(cmd *cobra.Command, args []string) error {
		// The server that writes the file may run in another folder.
		file, err := filepath.Abs(args[0])
		if err != nil {
			return p.fail(exitUsage, "out_forbidden", args[0]).because(err)
		}
		var reply office.BackupReply
		if err := p.call(cmd.Context(), mustExist, "backup", office.BackupRequest{File: file}, &reply); err != nil {
			return err
		}
		return p.print(reply, func(w io.Writer) {
			p.line(w, "backup_done", reply.File, reply.Submissions, reply.Leaves, reply.Bytes>>10)
			p.line(w, "backup_key", p.keyPath(p.Data))
		})
	})
}

func (p *program) restoreCommand() *cobra.Command {
	newKey := false
	cmd := p.command("restore", 1, 1, func(cmd *cobra.Command, args []string) error {
		if p.Store != "" {
			return p.fail(exitUsage, "restore_database")
		}
		if err := p.emptyFolder(); err != nil {
			return err
		}
		if info, err := os.Stat(args[0]); err != nil {
			return p.fileFailure(args[0], err)
		} else if info.IsDir() {
			return p.fail(exitUsage, "file_is_folder", args[0])
		}
		options := p.storeOptions(p.Data)
		options.NewKey = newKey
		r, err := bolt.Restore(cmd.Context(), args[0], filepath.Join(p.Data, storeFile), options)
		if err != nil {
			return p.restoreFailure(args[0], err)
		}
		return p.print(r, func(w io.Writer) {
			p.line(w, "restore_done", p.Data, r.Submissions, r.NewEpoch, r.OldEpoch)
			p.line(w, "restore_next")
			if r.OtherKey {
				p.line(w, "restore_other_key")
			}
		})
	})
	cmd.Flags().BoolVar(&newKey, "new-log-key", false, p.flag("new-log-key"))
	return cmd
}

// emptyFolder wants a folder with nothing in it but, perhaps, the log's key.
func (p *program) emptyFolder() error {
	if err := os.MkdirAll(p.Data, 0o700); err != nil {
		return p.folderFailure(p.Data, err)
	}
	there, err := os.ReadDir(p.Data)
	if err != nil {
		return p.folderFailure(p.Data, err)
	}
	for _, f := range there {
		if f.Name() != keyFile && f.Name() != filepath.Base(p.keyPath(p.Data)) {
			return p.fail(exitUsage, "restore_not_empty", p.Data, f.Name())
		}
	}
	return nil
}

// restoreFailure speaks of the copy, not of a store in use.
func (p *program) restoreFailure(file string, err error) error {
	switch {
	case errors.Is(err, bolt.ErrKeyMissing), errors.Is(err, bolt.ErrKeyWrong):
		return p.fail(exitConflict, "restore_key", p.keyPath(p.Data)).because(err)
	case errors.Is(err, bolt.ErrDamaged), errors.Is(err, bolt.ErrNotStore):
		return p.fail(exitConflict, "restore_damaged", file).because(err)
	case errors.Is(err, bolt.ErrNewer):
		return p.fail(exitConflict, "store_newer", file).because(err)
	case errors.Is(err, fs.ErrPermission) && !errors.Is(err, bolt.ErrReadOnly):
		return p.fileFailure(file, err)
	}
	return p.openFailure(p.Data, err)
}
