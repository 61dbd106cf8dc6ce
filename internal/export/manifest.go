package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"

	"rileva/pkg/survey"
)

// The files that stand beside the tables.
const (
	manifestFile = "manifest.json"
	packageFile  = "datapackage.json"
)

// Manifest says what an export holds and what it leaves out. Two exports of
// the same moment have the same manifest, byte for byte.
type Manifest struct {
	Format         int      `json:"format"` // of this file: 1
	Survey         string   `json:"survey"`
	SchoolYear     string   `json:"school_year"`
	AsOf           string   `json:"as_of"`          // UTC, milliseconds
	Questionnaires []string `json:"questionnaires"` // published until then, oldest first
	Counts         Counts   `json:"counts"`
	Files          []File   `json:"files"`
}

// Counts are what the export went through. Submissions stand in it; the two
// after it do not, because they count as not in (contract, section 2).
type Counts struct {
	Institutions int `json:"institutions"`
	Submissions  int `json:"submissions"`
	Returned     int `json:"left_out_returned"`
	Withdrawn    int `json:"left_out_withdrawn"`
}

func (c *Counts) add(o Counts) {
	c.Institutions += o.Institutions
	c.Submissions += o.Submissions
	c.Returned += o.Returned
	c.Withdrawn += o.Withdrawn
}

// File is one file of the export.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func newManifest(l *layout, opt Options) Manifest {
	m := Manifest{Format: 1, Survey: l.survey.ID, AsOf: moment(opt.AsOf), Questionnaires: []string{}, Files: []File{}}
	if l.newest != nil {
		m.SchoolYear = l.newest.SchoolYear
	}
	for _, v := range l.survey.Versions {
		m.Questionnaires = append(m.Questionnaires, v.Digest)
	}
	return m
}

// describe measures the files, by name.
func describe(dir string, names []string) ([]File, error) {
	slices.Sort(names)
	out := make([]File, 0, len(names))
	for _, name := range names {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		h := sha256.New()
		n, err := io.Copy(h, f)
		if err = firstError(err, f.Close()); err != nil {
			return nil, err
		}
		out = append(out, File{Name: name, Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))})
	}
	return out, nil
}

func writeJSON(path string, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

// The codebook: a Frictionless Data Package (specs.frictionlessdata.io, v1),
// which programs for statistics read and people can too.
type (
	dataPackage struct {
		Profile     string     `json:"profile"`
		Name        string     `json:"name"`
		Title       string     `json:"title"`
		Description string     `json:"description"`
		Version     string     `json:"version"`
		Resources   []resource `json:"resources"`
	}
	resource struct {
		Profile   string `json:"profile"`
		Name      string `json:"name"`
		Title     string `json:"title"`
		Path      string `json:"path"`
		Format    string `json:"format"`
		MediaType string `json:"mediatype"`
		Encoding  string `json:"encoding"`
		Schema    schema `json:"schema"`
	}
	schema struct {
		Fields     []field  `json:"fields"`
		PrimaryKey []string `json:"primaryKey"`
		// MissingValues are "" for what was not answered or does not apply, and
		// the codes of "dato non disponibile".
		MissingValues []string `json:"missingValues"`
	}
	field struct {
		Name        string       `json:"name"`
		Type        string       `json:"type"`
		Title       string       `json:"title,omitempty"`
		Description string       `json:"description,omitempty"`
		Options     []option     `json:"options,omitempty"` // not of the specification: the labels of the codes
		Constraints *constraints `json:"constraints,omitempty"`
	}
	option struct {
		Value string `json:"value"`
		Label string `json:"label"`
	}
	constraints struct {
		Minimum  *int `json:"minimum,omitempty"`
		Maximum  *int `json:"maximum,omitempty"`
		Required bool `json:"required,omitempty"`
	}
)

func (l *layout) datapackage(opt Options) dataPackage {
	p := dataPackage{Profile: "tabular-data-package", Name: l.survey.ID, Title: l.survey.ID,
		Description: titles(l.lang)("package"), Version: moment(opt.AsOf), Resources: []resource{}}
	if l.newest != nil {
		p.Title = l.newest.Title.In(l.lang)
	}
	missing := []string{""}
	for _, r := range l.reasons {
		missing = append(missing, r.ID)
	}
	for _, t := range l.tables {
		r := resource{Profile: "tabular-data-resource", Name: t.name, Title: t.title, Path: t.name + ".csv", Format: "csv",
			MediaType: "text/csv", Encoding: "utf-8", Schema: schema{PrimaryKey: t.key, MissingValues: missing}}
		for _, c := range t.columns {
			r.Schema.Fields = append(r.Schema.Fields, c.field(l.lang, slices.Contains(t.key, c.name)))
		}
		p.Resources = append(p.Resources, r)
	}
	return p
}

func (c column) field(lang string, key bool) field {
	f := field{Name: c.name, Type: c.kind, Title: c.title, Description: c.description}
	if c.min != nil || key {
		f.Constraints = &constraints{Minimum: c.min, Maximum: c.max, Required: key}
	}
	for _, o := range c.options {
		f.Options = append(f.Options, labelled(o, lang))
	}
	return f
}

func labelled(o survey.Option, lang string) option { return option{o.ID, o.Label.In(lang)} }
