package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/internal/store/engine"
	"rileva/internal/store/postgres"
)

func (p *program) storeCommand() *cobra.Command {
	cmd := p.command("store", 0, -1, nil)
	cmd.AddCommand(p.storeCopyCommand(), p.storeViewsCommand())
	return cmd
}

// copied is what `store copy` prints: places without passwords.
type copied struct {
	From string `json:"from"`
	To   string `json:"to"`
	store.BackupInfo
}

func (p *program) storeCopyCommand() *cobra.Command {
	var from, to, fromPassword string
	cmd := p.command("store copy", 0, 0, func(cmd *cobra.Command, _ []string) error {
		if from == "" || to == "" {
			return p.fail(exitUsage, "copy_needs_both")
		}
		for _, place := range []string{from, to} {
			if isDatabase(place) && postgres.HasPassword(place) {
				return p.fail(exitUsage, "store_password_shown")
			}
		}
		r := copied{From: placeName(from), To: placeName(to)}
		err := p.readPlace(cmd.Context(), from, fromPassword, func(tx engine.Tx) (err error) {
			r.BackupInfo, err = p.writePlace(cmd.Context(), tx, to)
			return err
		})
		if err != nil {
			return p.copyFailure(from, to, err)
		}
		return p.print(r, func(w io.Writer) {
			p.line(w, "copy_done", r.From, r.To, r.Submissions, r.Leaves)
			p.line(w, "copy_key", keyFile)
		})
	})
	cmd.Flags().StringVar(&from, "from", "", p.flag("copy-from"))
	cmd.Flags().StringVar(&to, "to", "", p.flag("copy-to"))
	cmd.Flags().StringVar(&fromPassword, "from-password-file", "", p.flag("from-password-file"))
	return cmd
}

// placeName is a place for people.
func placeName(place string) string {
	if isDatabase(place) {
		return postgres.Masked(place)
	}
	return inFolder(place)
}

// inFolder is the file of a store, by its own name or by that of its folder.
func inFolder(place string) string {
	if info, err := os.Stat(place); err == nil && !info.IsDir() {
		return place
	}
	return filepath.Join(place, storeFile)
}

func (p *program) readPlace(ctx context.Context, place, passwordFile string, fn func(engine.Tx) error) error {
	if isDatabase(place) {
		if passwordFile == "" {
			passwordFile = p.StorePasswordFile
		}
		return postgres.Read(ctx, place, passwordFile, fn)
	}
	return bolt.Read(ctx, inFolder(place), fn)
}

func (p *program) writePlace(ctx context.Context, from engine.Tx, place string) (store.BackupInfo, error) {
	if isDatabase(place) {
		return postgres.Fill(ctx, from, place, p.StorePasswordFile)
	}
	if err := os.MkdirAll(place, 0o700); err != nil {
		return store.BackupInfo{}, p.folderFailure(place, err)
	}
	return bolt.Write(ctx, from, filepath.Join(place, storeFile), p.checkFile)
}

// copyFailure says which of the two places it is about.
func (p *program) copyFailure(from, to string, err error) error {
	var found *engine.OpenError
	var ours *failure
	switch {
	case errors.As(err, &ours):
		return err
	case errors.Is(err, bolt.ErrLocked):
		return p.fail(exitConflict, "copy_locked", placeName(from)).because(err)
	case errors.Is(err, bolt.ErrExists), store.CodeOf(err) == store.Conflict:
		return p.fail(exitConflict, "copy_not_empty", placeName(to)).because(err)
	case errors.Is(err, fs.ErrPermission):
		return p.fail(exitRefused, "store_forbidden", from).because(err)
	case errors.Is(err, bolt.ErrDamaged):
		return p.fail(exitConflict, "copy_damaged", placeName(from)).because(err)
	case errors.As(err, &found) && strings.HasPrefix(found.Code, "store_"):
		return p.fail(exitUnreachable, found.Code, found.Path).because(err)
	case errors.As(err, &found):
		return p.fail(exitUnreachable, "copy_place", found.Path, found.Message, found.Hint).because(err)
	}
	return p.fail(exitUnreachable, "copy_cut", placeName(to)).because(err)
}
