package export

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Difference is one cell that two exports give differently, or a part that
// only one of them holds.
type Difference struct {
	Institution string `json:"institution_id"`
	Code        string `json:"code"`
	Part        string `json:"part,omitempty"` // "" for what the register says
	Variable    string `json:"variable,omitempty"`
	Old         string `json:"old"`
	New         string `json:"new"`
	// Why is a cause of [Causes].
	Why         string `json:"why"`
	OldRevision string `json:"old_revision,omitempty"`
	NewRevision string `json:"new_revision,omitempty"`
	ReceivedAt  string `json:"received_at,omitempty"` // of the newer revision
	State       string `json:"state,omitempty"`       // of the part in the newer export; "" when it is not in
}

// Causes are why a difference is there.
const (
	WhySent     = "sent"     // a first submission
	WhyAmended  = "amended"  // another revision
	WhyLeftOut  = "left_out" // sent back, taken out of the offer, or the institution is gone
	WhyBack     = "back"     // no longer left out, the same revision
	WhyRegister = "register" // the register, the office's exclusion or the state of the whole return
)

// ErrNotExport: a folder is no export with CSV tables.
var ErrNotExport = errors.New("not an export with CSV tables")

// Compare reads two exports side by side, in bounded memory, and hands every
// difference to yield, institution by institution. Its errors are those of
// the file system, of yield, and ErrNotExport.
func Compare(dirOld, dirNew string, yield func(Difference) error) error {
	for _, dir := range []string{dirOld, dirNew} {
		if _, err := ReadManifest(dir); err != nil {
			return err
		}
	}
	parts, err := partsOf(dirOld, dirNew)
	if err != nil {
		return err
	}
	for _, name := range []string{"institutions", "cells"} {
		c := comparison{parts: parts, register: name == "institutions", yield: yield}
		if err := c.table(dirOld, dirNew, name+".csv"); err != nil {
			return err
		}
	}
	return nil
}

// ReadManifest reads an export's manifest. Error ErrNotExport.
func ReadManifest(dir string) (Manifest, error) {
	var m Manifest
	raw, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return m, fmt.Errorf("%w: %s: %w", ErrNotExport, dir, err)
	}
	if err := json.Unmarshal(raw, &m); err != nil || m.Format != 1 {
		return m, fmt.Errorf("%w: %s: %w", ErrNotExport, dir, errors.Join(err))
	}
	return m, nil
}

// sheetInfo is what the wide tables say of a part.
type sheetInfo struct{ revision, state, receivedAt string }

// sides are the two exports: 0 the older, 1 the newer.
type sides [2]map[string]sheetInfo

func partsOf(dirs ...string) (sides, error) {
	var out sides
	for i, dir := range dirs {
		out[i] = map[string]sheetInfo{}
		for _, name := range []string{"general.csv", "tracks.csv"} {
			r, err := openTable(dir, name)
			if err != nil {
				return out, err
			}
			for row := r.next(); row != nil; row = r.next() {
				part := "general"
				if name == "tracks.csv" {
					part = r.get(row, "track")
				}
				out[i][r.get(row, "institution_id")+"/"+part] = sheetInfo{r.get(row, "revision"), r.get(row, "state"), r.get(row, "received_at")}
			}
			if err := r.close(); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// comparison merges two tables that stand in the same order: by institution.
type comparison struct {
	parts    sides
	register bool
	yield    func(Difference) error
}

func (c *comparison) table(dirOld, dirNew, name string) error {
	a, err := openTable(dirOld, name)
	if err != nil {
		return err
	}
	b, err := openTable(dirNew, name)
	if err != nil {
		return firstError(err, a.close())
	}
	return firstError(c.tables(a, b), a.close(), b.close())
}

func (c *comparison) tables(a, b *tableReader) error {
	left, right := a.institution(), b.institution()
	for left != nil || right != nil {
		var l, r [][]string
		if right == nil || left != nil && left[0][0] <= right[0][0] {
			l = left
		}
		if left == nil || right != nil && right[0][0] <= left[0][0] {
			r = right
		}
		if err := c.institution(a, b, l, r); err != nil {
			return err
		}
		if l != nil {
			left = a.institution()
		}
		if r != nil {
			right = b.institution()
		}
	}
	return nil
}

// institution compares the rows of one institution.
func (c *comparison) institution(a, b *tableReader, old, now [][]string) error {
	was, is := c.values(a, old), c.values(b, now)
	keys := make([]string, 0, len(was.order)+len(is.order))
	keys = append(keys, is.order...)
	for _, k := range was.order {
		if _, both := is.cells[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.SortStableFunc(keys, func(x, y string) int { return strings.Compare(partOfKey(x), partOfKey(y)) })
	for _, k := range keys {
		if was.cells[k] == is.cells[k] {
			continue
		}
		part, variable, _ := strings.Cut(k, "/")
		d := Difference{Institution: firstOf(was.id, is.id), Code: firstOf(is.code, was.code), Part: part, Variable: variable,
			Old: was.cells[k], New: is.cells[k]}
		c.explain(&d)
		if err := c.yield(d); err != nil {
			return err
		}
	}
	return nil
}

func partOfKey(k string) string { part, _, _ := strings.Cut(k, "/"); return part }

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// explain says why, from the revisions of the part on both sides.
func (c *comparison) explain(d *Difference) {
	if c.register {
		d.Why = WhyRegister
		return
	}
	key := d.Institution + "/" + d.Part
	old, wasIn := c.parts[0][key]
	now, isIn := c.parts[1][key]
	d.OldRevision, d.NewRevision, d.ReceivedAt, d.State = old.revision, now.revision, now.receivedAt, now.state
	switch {
	case wasIn && !isIn:
		d.Why = WhyLeftOut
	case wasIn:
		d.Why = WhyAmended
	case now.revision == "1":
		d.Why = WhySent
	default:
		d.Why = WhyBack
	}
}

// cellsOf are the values of one institution by part and variable.
type cellsOf struct {
	id, code string
	cells    map[string]string
	order    []string
}

func (c *comparison) values(r *tableReader, rows [][]string) cellsOf {
	out := cellsOf{cells: map[string]string{}}
	put := func(key, value string) {
		out.order = append(out.order, key)
		out.cells[key] = value
	}
	for _, row := range rows {
		out.id, out.code = r.get(row, "institution_id"), r.get(row, "code")
		if !c.register {
			value := r.get(row, "value")
			if reason := r.get(row, "unavailable"); reason != "" {
				value = "(" + reason + ")"
			}
			put(r.get(row, "part")+"/"+r.get(row, "variable"), value)
			continue
		}
		for i, name := range r.header {
			if name != "institution_id" {
				put("/"+name, row[i])
			}
		}
	}
	return out
}

// tableReader reads a CSV table row by row.
type tableReader struct {
	file   *os.File
	csv    *csv.Reader
	header []string
	ahead  []string
	err    error
}

func openTable(dir, name string) (*tableReader, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotExport, err)
	}
	r := &tableReader{file: f, csv: csv.NewReader(bufio.NewReaderSize(f, 1<<16))}
	if r.header, err = r.csv.Read(); err != nil || len(r.header) == 0 || r.header[0] != "institution_id" {
		return nil, fmt.Errorf("%w: %s: %w", ErrNotExport, name, errors.Join(err, f.Close()))
	}
	r.next() // fills ahead
	return r, nil
}

func (r *tableReader) close() error { return firstError(r.err, r.file.Close()) }

// next gives a row, or nil at the end or on an error, which close tells.
func (r *tableReader) next() []string {
	row := r.ahead
	var err error
	if r.ahead, err = r.csv.Read(); err != nil {
		r.ahead = nil
		if !errors.Is(err, io.EOF) {
			r.err = err
		}
	}
	return row
}

// institution gives the rows of the next institution.
func (r *tableReader) institution() (rows [][]string) {
	for r.ahead != nil && (rows == nil || r.ahead[0] == rows[0][0]) {
		rows = append(rows, r.next())
	}
	return rows
}

func (r *tableReader) get(row []string, column string) string {
	i := slices.Index(r.header, column)
	if i < 0 {
		return ""
	}
	return row[i]
}
