package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/export"
	"rileva/internal/office"
	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// exported is what the command says with --json.
type exported struct {
	Dir string `json:"dir"`
	export.Manifest
}

// exportCommand writes the tables here, in this process, from pages that it
// asks for: a server that runs need not be able to write where the person can.
func (p *program) exportCommand() *cobra.Command {
	var dir, asOf string
	formats := []string{export.CSV}
	cmd := p.command("export", 0, 0, func(cmd *cobra.Command, _ []string) error {
		opt, err := p.exportOptions(dir, asOf, formats)
		if err != nil {
			return err
		}
		c, err := p.dial(cmd.Context(), mustExist)
		if err != nil {
			return err
		}
		src := &pages{caller: c}
		m, err := p.writeExport(cmd.Context(), src, opt)
		if err = errors.Join(err, c.Close()); err != nil {
			return err
		}
		return p.print(exported{dir, m}, func(w io.Writer) {
			p.line(w, "export_done", dir, m.Counts.Institutions, m.Counts.Submissions)
			p.line(w, "export_left_out", m.Counts.Returned, m.Counts.Withdrawn)
			p.line(w, "export_again", m.AsOf)
		})
	})
	cmd.Flags().StringVar(&dir, "out", "", p.flag("export-out"))
	cmd.Flags().StringSliceVar(&formats, "format", formats, p.flag("format"))
	cmd.Flags().StringVar(&asOf, "as-of", "", p.flag("as-of"))
	cmd.AddCommand(p.exportDiffCommand())
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return p.unknownCommand(cmd, args)
		}
		return nil
	}
	return cmd
}

func (p *program) exportOptions(dir, asOf string, formats []string) (export.Options, error) {
	opt := export.Options{Dir: dir, Formats: formats, Lang: p.words.lang}
	if dir == "" {
		return opt, p.fail(exitUsage, "export_no_out")
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return opt, p.fail(exitUsage, "export_not_empty", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return opt, p.fail(exitUsage, "out_forbidden", dir).because(err)
	}
	for _, f := range formats {
		if !slices.Contains(export.Formats, f) {
			return opt, p.fail(exitUsage, "export_format", f, strings.Join(export.Formats, ", "))
		}
	}
	var err error
	if asOf != "" {
		opt.AsOf, err = office.ParseTime(asOf, true)
	}
	return opt, err
}

func (p *program) writeExport(ctx context.Context, src *pages, opt export.Options) (export.Manifest, error) {
	var begun office.ExportBegun
	if err := src.caller.Call(ctx, "export.begin", office.ExportBegin{At: opt.AsOf}, &begun); err != nil {
		return export.Manifest{}, err
	}
	src.survey, opt.AsOf = begun.Survey, begun.At
	drawn := false
	opt.Progress = func(done int) { drawn = true; p.progressOpen("progress_export", done) }
	m, err := export.Write(ctx, src, opt)
	if drawn {
		p.progressEnd()
	}
	var path *fs.PathError
	var link *os.LinkError
	if errors.As(err, &path) || errors.As(err, &link) {
		return m, p.fail(exitRefused, "export_not_written", opt.Dir).because(err)
	}
	return m, err
}

// pages is an export.Source: the server's calls, or those on the opened store.
type pages struct {
	caller office.Caller
	survey store.Survey
}

func (s *pages) Survey(context.Context) (store.Survey, error) { return s.survey, nil }

func (s *pages) Questionnaire(ctx context.Context, digest string) ([]byte, error) {
	var f office.File
	err := s.caller.Call(ctx, "export.questionnaire", office.DigestRequest{Digest: digest}, &f)
	return f.Data, err
}

func (s *pages) Snapshots(ctx context.Context, at time.Time, after string, limit int) ([]store.Snapshot, error) {
	var page []store.Snapshot
	err := s.caller.Call(ctx, "export.page", office.PageRequest{At: at, After: after, Limit: limit}, &page)
	return page, err
}

// exportDiffCommand tells two exports apart.
func (p *program) exportDiffCommand() *cobra.Command {
	return p.command("export diff", 2, 2, func(_ *cobra.Command, args []string) error {
		out := bufio.NewWriter(p.out)
		d := differences{p: p, out: out}
		err := export.Compare(filepath.Clean(args[0]), filepath.Clean(args[1]), d.add)
		if errors.Is(err, export.ErrNotExport) {
			return p.fail(exitUsage, "export_not_one", args[0], args[1]).because(err)
		}
		if err = errors.Join(err, d.end()); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return p.fail(exitInternal, "not_written").because(err)
		}
		return nil
	})
}

// differences prints as they come: two exports may differ in millions of cells.
type differences struct {
	p     *program
	out   io.Writer
	count int
	last  export.Difference // of a whole part that came or went
	cells int
}

func (d *differences) add(x export.Difference) error {
	d.count++
	if d.p.json {
		raw, err := json.Marshal(x)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.out, "%s%s", map[bool]string{true: "[", false: ",\n"}[d.count == 1], raw)
		return err
	}
	if whole(x) && whole(d.last) && x.Institution == d.last.Institution && x.Part == d.last.Part {
		d.cells++
		return nil
	}
	d.flush()
	if whole(x) {
		d.last, d.cells = x, 1
		return nil
	}
	if x.Why == export.WhyRegister {
		d.p.line(d.out, "diff_register", x.Code, x.Variable, shown(x.Old), shown(x.New))
		return nil
	}
	d.p.line(d.out, "diff_cell", x.Code, d.p.word("part", x.Part), x.Variable, shown(x.Old), shown(x.New), x.OldRevision, x.NewRevision, x.ReceivedAt)
	return nil
}

// whole tells a part that came or went: one line says it better than hundreds.
func whole(x export.Difference) bool {
	return x.Why == export.WhySent || x.Why == export.WhyLeftOut || x.Why == export.WhyBack
}

func shown(value string) string {
	if value == "" {
		return "–"
	}
	return surveysync.Visible(value)
}

func (d *differences) flush() {
	if d.cells > 0 {
		d.p.line(d.out, "diff_part", d.last.Code, d.p.word("part", d.last.Part), d.p.word("why", d.last.Why), d.cells)
	}
	d.last, d.cells = export.Difference{}, 0
}

func (d *differences) end() error {
	if d.p.json {
		opened := map[bool]string{true: "[", false: ""}[d.count == 0]
		_, err := fmt.Fprintln(d.out, opened+"]")
		return err
	}
	d.flush()
	if d.count == 0 {
		d.p.line(d.out, "diff_none")
	}
	return nil
}
