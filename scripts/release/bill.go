package main

import (
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"rileva/internal/build"
)

// The bill of materials in the form CycloneDX 1.6 (ECMA-424): what was linked
// into one program, as the program itself says it. It is written here and not
// by a tool because the program's own word needs no guess, and these are few
// lines.
type (
	billOfMaterials struct {
		Schema      string     `json:"$schema"`
		Format      string     `json:"bomFormat"`
		SpecVersion string     `json:"specVersion"`
		Version     int        `json:"version"`
		Metadata    billAbout  `json:"metadata"`
		Components  []billPart `json:"components"`
	}
	billAbout struct {
		Timestamp string   `json:"timestamp"`
		Component billPart `json:"component"`
	}
	billPart struct {
		Type       string         `json:"type"`
		Ref        string         `json:"bom-ref"`
		Name       string         `json:"name"`
		Version    string         `json:"version"`
		PURL       string         `json:"purl,omitempty"`
		Licences   []billLicence  `json:"licenses,omitempty"`
		Properties []billProperty `json:"properties,omitempty"`
	}
	billLicence struct {
		License struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	billProperty struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// bill writes the bill of the program in a file beside its package.
func (r *release) bill(binary, base, name string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(billOf(info, name, r.commit, r.when), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, base+".cdx.json"), append(raw, '\n'), 0o644)
}

// billOf lists every module of a build with the sum that go.sum holds, and the
// compiler's library, where most reported holes are.
func billOf(info *debug.BuildInfo, name, commit string, when time.Time) billOfMaterials {
	own := billPart{Type: "application", Ref: "rileva", Name: name, Version: build.Number, Licences: make([]billLicence, 1),
		Properties: []billProperty{{"rileva:commit", commit}}}
	own.Licences[0].License.ID = "EUPL-1.2"
	for _, s := range info.Settings {
		if s.Key == "GOOS" || s.Key == "GOARCH" {
			own.Properties = append(own.Properties, billProperty{"rileva:" + strings.ToLower(s.Key), s.Value})
		}
	}
	parts := []billPart{module("std", strings.TrimPrefix(info.GoVersion, "go"), "")}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		parts = append(parts, module(m.Path, m.Version, m.Sum))
	}
	slices.SortFunc(parts, func(a, b billPart) int { return cmp.Compare(a.Ref, b.Ref) })
	return billOfMaterials{Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: billAbout{when.Format(time.RFC3339), own}, Components: parts}
}

func module(path, version, sum string) billPart {
	url := fmt.Sprintf("pkg:golang/%s@%s", path, version)
	p := billPart{Type: "library", Ref: url, Name: path, Version: version, PURL: url}
	if sum != "" {
		p.Properties = []billProperty{{"go:sum", sum}}
	}
	return p
}
