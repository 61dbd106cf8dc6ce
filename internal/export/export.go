// Package export writes what the schools have sent as files that others can
// read, check and make again: one tidy table per level, a codebook, and a
// manifest that says what is in them.
//
// An export is of a moment that has passed, and holds nothing that could
// differ a second time: no name of a machine, no time of writing, no order of
// a map. The same moment gives the same bytes for ever, also from a store that
// was restored or copied.
//
// It may import internal/store and what that may import. Start reading at
// [Write]; tables.go says what stands in the files, [Compare] tells two
// exports apart.
package export

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Source is where an export reads: a store, or a running server's socket.
type Source interface {
	Survey(ctx context.Context) (store.Survey, error)
	Questionnaire(ctx context.Context, digest string) ([]byte, error)
	// Snapshots pages through the returns as they stood at a moment; see
	// store.Store.
	Snapshots(ctx context.Context, at time.Time, after string, limit int) ([]store.Snapshot, error)
}

// The formats.
const (
	CSV  = "csv"  // UTF-8, commas, a header, lines end in \n (RFC 4180 otherwise)
	XLSX = "xlsx" // one workbook, a sheet per table, typed cells
	JSON = "json" // JSON Lines, an object a line
)

// Formats are all of them, in the order in which they are written.
var Formats = []string{CSV, XLSX, JSON}

// Options say what is exported where.
type Options struct {
	Dir      string    // is made; must not exist, or be empty
	Formats  []string  // of Formats
	AsOf     time.Time // milliseconds count; must have passed
	Lang     string    // of labels in the codebook and the workbook
	Progress func(institutions int)
}

// pageSize bounds what is held in memory: so many returns at a time. One has
// some 1,300 cells, and the collector lets five times of what lives stand.
const pageSize = 16

// Write exports into a folder of its own, which gets its name only when it is
// whole. Its errors are those of the source and of the file system.
func Write(ctx context.Context, src Source, opt Options) (m Manifest, err error) {
	opt.AsOf = opt.AsOf.UTC().Truncate(time.Millisecond)
	l, err := plan(ctx, src, opt)
	if err != nil {
		return m, err
	}
	// A folder beside the wanted one, so that a rename can finish it.
	parent, name := filepath.Split(filepath.Clean(opt.Dir))
	if err := os.MkdirAll(filepath.Join(parent, "."), 0o700); err != nil {
		return m, err
	}
	tmp, err := os.MkdirTemp(parent, name+".partial-")
	if err != nil {
		return m, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(tmp)
		}
	}()
	x := &export{src: src, opt: opt, layout: l, manifest: newManifest(l, opt)}
	if err := x.run(ctx, tmp); err != nil {
		return m, err
	}
	_ = os.Remove(opt.Dir) // an empty folder may stand there; a full one stays, and Rename then fails
	return x.manifest, os.Rename(tmp, opt.Dir)
}

// export is one run.
type export struct {
	src      Source
	opt      Options
	layout   *layout
	manifest Manifest
	sinks    []sink
}

// sink writes the tables in one format.
type sink interface {
	write(t *table, row []any) error
	close() ([]string, error) // the names of the files
}

func (x *export) run(ctx context.Context, dir string) (err error) {
	for _, format := range Formats {
		if !slices.Contains(x.opt.Formats, format) {
			continue
		}
		s, err := x.open(format, dir)
		if err != nil {
			return err
		}
		x.sinks = append(x.sinks, s)
	}
	err = x.pages(ctx)
	var files []string
	for _, s := range x.sinks { // always: it closes files
		names, closeErr := s.close()
		if err == nil {
			err = closeErr
		}
		files = append(files, names...)
	}
	if err != nil {
		return err
	}
	if slices.Contains(x.opt.Formats, CSV) {
		if err := writeJSON(filepath.Join(dir, packageFile), x.layout.datapackage(x.opt)); err != nil {
			return err
		}
		files = append(files, packageFile)
	}
	if x.manifest.Files, err = describe(dir, files); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, manifestFile), x.manifest)
}

func (x *export) open(format, dir string) (sink, error) {
	switch format {
	case CSV:
		return openCSV(dir, x.layout.tables)
	case XLSX:
		return openXLSX(dir, x.layout.tables, x.opt)
	case JSON:
		return openLines(dir, x.layout.tables)
	}
	return nil, fmt.Errorf("export: no format %q", format)
}

// pages goes through the returns. While one page is written, the next is read
// and turned into rows on all processors.
func (x *export) pages(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready := make(chan page)
	var reading errgroup.Group
	reading.Go(func() error {
		defer close(ready)
		return x.read(ctx, ready)
	})
	done := 0
	var err error
	for p := range ready {
		if err == nil {
			err = x.write(p)
		}
		if err != nil {
			stop() // and take what is still on its way
			continue
		}
		if done += len(p.rows); x.opt.Progress != nil {
			x.opt.Progress(done)
		}
	}
	return firstError(err, reading.Wait())
}

// page is some returns as rows.
type page struct {
	rows   [][]line
	counts []Counts
}

func (x *export) read(ctx context.Context, ready chan<- page) error {
	after := ""
	for {
		snaps, err := x.src.Snapshots(ctx, x.opt.AsOf, after, pageSize)
		if err != nil || len(snaps) == 0 {
			return err
		}
		p := page{make([][]line, len(snaps)), make([]Counts, len(snaps))}
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(runtime.GOMAXPROCS(0))
		for i, snap := range snaps {
			g.Go(func() (err error) {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				p.rows[i], p.counts[i], err = x.layout.rows(snap)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		ready <- p
		after = snaps[len(snaps)-1].Institution.ID
	}
}

func (x *export) write(p page) error {
	for i, lines := range p.rows {
		x.manifest.Counts.add(p.counts[i])
		for _, ln := range lines {
			for _, s := range x.sinks {
				if err := s.write(ln.table, ln.row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// line is a row on its way to the sinks.
type line struct {
	table *table
	row   []any
}

// plan reads the versions that were published until then and lays out the
// tables.
func plan(ctx context.Context, src Source, opt Options) (*layout, error) {
	s, err := src.Survey(ctx)
	if err != nil {
		return nil, err
	}
	s = s.At(opt.AsOf)
	versions := map[string]*survey.Questionnaire{}
	var newest []*survey.Questionnaire // first
	for _, v := range slices.Backward(s.Versions) {
		raw, err := src.Questionnaire(ctx, v.Digest)
		if err != nil {
			return nil, err
		}
		q, err := survey.Load(raw)
		if err != nil {
			return nil, fmt.Errorf("questionnaire %s: %w", v.Digest, err)
		}
		versions[v.Digest] = q
		newest = append(newest, q)
	}
	return newLayout(s, versions, newest, opt.Lang), nil
}

// counted tells whether a part's answers stand in the export: what was taken
// back or sent back is not in (contract, section 2).
func counted(p store.Part) bool {
	return p.State == survey.PartSubmitted || p.State == survey.PartApproved
}

func parse(p store.Part) (surveysync.Submission, error) {
	s, err := surveysync.ParseSubmission(p.Current.Body)
	if err != nil {
		return s, fmt.Errorf("stored submission %s: %w", p.Current.SubmissionID, err)
	}
	return s, nil
}
