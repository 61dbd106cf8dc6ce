package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"rileva/internal/office"
	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// maxTracksFile bounds a file of expected tracks: a line for every school of Italy.
const maxTracksFile = 4 << 20

func (p *program) tracksCommand() *cobra.Command {
	from := ""
	cmd := p.command("institutions tracks", 0, -1, func(cmd *cobra.Command, args []string) error {
		switch {
		case from != "" && len(args) > 0:
			return p.fail(exitUsage, "extra_argument", args[0], cmd.CommandPath())
		case from != "":
			return p.tracksFrom(cmd.Context(), from)
		case len(args) == 0:
			return p.compareTracks(cmd.Context())
		case len(args) == 1:
			return p.fail(exitUsage, "missing_argument", p.useLine(cmd))
		}
		r := office.TracksRequest{Code: args[0], Tracks: args[1:]}
		return p.changeOne(cmd.Context(), "institutions.tracks", r, "tracks_set",
			func(in store.Institution) []any {
				return []any{in.Code, in.Name, p.wordList("track", in.ExpectedTracks)}
			})
	})
	cmd.Flags().StringVar(&from, "from", "", p.flag("tracks-from"))
	return cmd
}

func (p *program) tracksFrom(ctx context.Context, path string) error {
	data, err := p.readFile(path, maxTracksFile)
	if err != nil {
		return err
	}
	var reply office.TracksFileReply
	r := office.TracksFileRequest{File: office.File{Name: filepath.Base(path), Data: data}}
	if err := p.call(ctx, mustExist, "institutions.tracks_from", r, &reply); err != nil {
		return err
	}
	err = p.print(reply, func(w io.Writer) {
		for _, f := range reply.Faults {
			fmt.Fprintf(w, "%s:%d: %s\n", surveysync.Visible(path), f.Line, f.Why.In(p.words.lang))
		}
		if len(reply.Faults) == 0 {
			p.line(w, "tracks_from", reply.Changed, reply.Unchanged)
		}
	})
	if n := len(reply.Faults); n > 0 && err == nil {
		err = p.fail(exitFindings, "tracks_refused", n)
	}
	return err
}

// compareTracks shows where part 1 says otherwise than was expected.
func (p *program) compareTracks(ctx context.Context) error {
	var rows []office.TracksRow
	if err := p.call(ctx, mustExist, "institutions.tracks_compare", office.Nothing{}, &rows); err != nil {
		return err
	}
	return p.print(rows, func(w io.Writer) {
		if len(rows) == 0 {
			p.line(w, "tracks_agree")
			return
		}
		for _, r := range rows {
			p.line(w, "tracks_differ", r.Code, r.Name, p.word("tracks", r.State))
			p.line(w, "tracks_both", p.wordList("track", r.Expected), p.wordList("track", r.Answered))
			if r.Reason != "" {
				p.line(w, "tracks_reason", r.Reason)
			}
		}
	})
}

func (p *program) mergeCommand() *cobra.Command {
	var r office.MergeRequest
	cmd := p.command("institutions merge", 2, 2, func(cmd *cobra.Command, args []string) error {
		r.Old, r.New = args[0], args[1]
		var reply office.GroupReply
		if err := p.call(cmd.Context(), mustExist, "institutions.merge", r, &reply); err != nil {
			return err
		}
		return p.print(reply, func(w io.Writer) { p.showGroup(w, reply) })
	})
	cmd.Flags().StringVar(&r.Reason, "reason", "", p.flag("reason"))
	cmd.Flags().StringVar(&r.Keep, "keep", "", p.flag("keep"))
	return cmd
}

func (p *program) removeCommand() *cobra.Command {
	var r office.RemoveRequest
	cmd := p.command("institutions remove", 1, 1, func(cmd *cobra.Command, args []string) error {
		r.Code = args[0]
		var reply office.Brief
		if err := p.call(cmd.Context(), mustExist, "institutions.remove", r, &reply); err != nil {
			return err
		}
		return p.print(reply, func(w io.Writer) { p.line(w, "removed", reply.Code, reply.Name) })
	})
	cmd.Flags().StringVar(&r.Reason, "reason", "", p.flag("reason"))
	return cmd
}
