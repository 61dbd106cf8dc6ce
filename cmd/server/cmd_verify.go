package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/office"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	surveysync "rileva/pkg/sync"
)

func (p *program) verifyCommand() *cobra.Command {
	var path string
	cmd := p.command("log verify", 0, 0, func(cmd *cobra.Command, _ []string) error {
		var r office.VerifyRequest
		if cmd.Flags().Changed("checkpoint") {
			text, err := p.readCheckpoint(path)
			if err != nil {
				return err
			}
			r.Checkpoint = text
		}
		var reply office.VerifyReply
		if err := p.call(cmd.Context(), mustExist, "log.verify", r, &reply); err != nil {
			return err
		}
		err := p.print(reply, func(w io.Writer) {
			switch reply.Verdict {
			case office.LogIntact:
				p.line(w, "log_intact", reply.Size, reply.Root)
			case office.LogRestored:
				p.line(w, "log_restored", reply.Size, reply.Epoch)
			}
			if reply.OldLogs > 0 {
				p.line(w, "log_old_logs", reply.OldLogs)
			}
			if reply.OlderSize > 0 && reply.Verdict == office.LogIntact {
				p.line(w, "log_extends", reply.OlderSize)
			}
		})
		switch {
		case err != nil:
		case reply.Verdict == office.LogDamaged:
			err = p.fail(exitConflict, "log_damaged", reply.Problem.In(p.words.lang))
		case reply.Verdict == office.LogForeign:
			err = p.fail(exitConflict, "log_foreign", reply.Problem.In(p.words.lang))
		}
		return err
	})
	cmd.Flags().StringVar(&path, "checkpoint", "", p.flag("checkpoint"))
	return cmd
}

func (p *program) readCheckpoint(path string) (string, error) {
	data, err := p.readFile(path, 1<<20)
	if err != nil {
		return "", err
	}
	// Also the JSON of `log verify`, which is how the office keeps one.
	var kept office.VerifyReply
	if json.Unmarshal(data, &kept) == nil && kept.Checkpoint != "" {
		return kept.Checkpoint, nil
	}
	return string(data), nil
}

func (p *program) rotateCommand() *cobra.Command {
	return p.command("log rotate-key", 0, 0, func(cmd *cobra.Command, _ []string) error {
		var reply office.RotateReply
		if err := p.call(cmd.Context(), mustExist, "log.rotate", office.Nothing{}, &reply); err != nil {
			return err
		}
		return p.print(reply, func(w io.Writer) { p.line(w, "key_rotated", p.keyPath(p.Data)) })
	})
}

func (p *program) checkCommand() *cobra.Command {
	return p.command("check", 0, 0, func(cmd *cobra.Command, _ []string) error {
		problems := []string{}
		if err := p.call(cmd.Context(), mustExist, "check", office.Nothing{}, &problems); err != nil {
			return err
		}
		err := p.print(problems, func(w io.Writer) {
			for _, x := range problems {
				fmt.Fprintln(w, surveysync.Visible(x))
			}
			if len(problems) == 0 {
				p.line(w, "check_clean")
			}
		})
		if n := len(problems); n > 0 && err == nil {
			err = p.fail(exitConflict, "check_damaged", n)
		}
		return err
	})
}

// checkTime bounds the reading of a copy: a million submissions take a minute.
const checkTime = 15 * time.Minute

// checkedFile is what the child that reads a copy says.
type checkedFile struct {
	Faults []string         `json:"faults"`
	Info   store.BackupInfo `json:"info"`
}

// checkFileCommand reads the store in a file. It is what a child runs,
// and no command for a person.
func checkFileCommand(p *program) *cobra.Command {
	return &cobra.Command{Use: "check-file", Short: "(interno)", Hidden: true, Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		faults, info, err := bolt.CheckFile(cmd.Context(), args[0])
		if err != nil {
			return p.openFailure(args[0], err)
		}
		return json.NewEncoder(p.out).Encode(checkedFile{faults, info})
	}}
}

// checkInChild runs bolt.CheckFile in a process of its own, because a damaged
// file can hang the one that reads it, or end it.
func checkInChild(ctx context.Context, path string) ([]string, store.BackupInfo, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, store.BackupInfo{}, err
	}
	return checkBy(ctx, path, checkTime, self, "check-file")
}

// checkBy has a command read the file at path, for so long at most.
func checkBy(ctx context.Context, path string, limit time.Duration, command ...string) ([]string, store.BackupInfo, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out, err := exec.CommandContext(limited, command[0], append(command[1:], path)...).Output()
	switch {
	case ctx.Err() != nil:
		return nil, store.BackupInfo{}, ctx.Err()
	case limited.Err() != nil:
		return []string{fmt.Sprintf("La lettura dell'archivio non è finita in %d minuti: o il disco è troppo lento, o l'archivio è danneggiato in modo che non finisce.", int(limit.Minutes()))}, store.BackupInfo{}, nil
	}
	var got checkedFile
	if err == nil {
		if err = json.Unmarshal(out, &got); err == nil {
			return got.Faults, got.Info, nil
		}
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == exitConflict {
		return nil, store.BackupInfo{}, bolt.NotAStore(path, err)
	}
	return []string{"L'archivio è danneggiato al punto che leggerlo fa fermare il programma."}, store.BackupInfo{}, nil
}
