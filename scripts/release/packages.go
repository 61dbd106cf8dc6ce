package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"rileva/internal/build"
)

// nfpm writes the Debian packages; from the module proxy at one version, so
// that it leaves no trace in go.mod and gives the same bytes everywhere. Later
// versions bring other package formats and with them modules that not every
// proxy gives out.
const nfpm = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0"

// program is one of the two, with what lies beside it in a package.
type program struct {
	name, source string
	summary      string
	documents    []string // of the source tree
	service      bool     // a systemd unit comes with it
}

var programs = []program{
	{"rileva", "cmd/tui", "school's program of the yearly survey on early school leaving",
		[]string{"LICENSE", "README.md", "CHANGELOG.md", "docs/guida-segreteria.md", "docs/privacy.md"}, false},
	{"rileva-server", "cmd/server", "office's server of the yearly survey on early school leaving",
		[]string{"LICENSE", "README.md", "CHANGELOG.md", "docs/guida-ufficio.md", "docs/operations.md", "docs/security.md", "docs/privacy.md", "docs/questionnaire.md"}, true},
}

// file is one file of a package: where it lies, its name there, its rights.
type file struct {
	from, to string
	mode     os.FileMode
}

// beside lists what is packed beside the program, each file where the system
// would look for it below its prefix.
func (prog program) beside(work string, p platform) []file {
	var files []file
	for _, d := range prog.documents {
		files = append(files, file{d, filepath.Base(d), 0o644})
	}
	files = append(files, file{shell(work, "powershell", prog.name+".ps1"), "completions/" + prog.name + ".ps1", 0o644})
	if p.os == "windows" {
		return files
	}
	files = append(files,
		file{shell(work, "bash", prog.name), "completions/" + prog.name + ".bash", 0o644},
		file{shell(work, "zsh", "_"+prog.name), "completions/_" + prog.name, 0o644},
		file{shell(work, "fish", prog.name+".fish"), "completions/" + prog.name + ".fish", 0o644})
	for _, page := range prog.pages(work) {
		files = append(files, file{filepath.Join(work, "man", page), "man/" + filepath.ToSlash(page), 0o644})
	}
	if prog.service && p.os == "linux" {
		files = append(files, file{"deploy/rileva-server.service", "rileva-server.service", 0o644})
	}
	return files
}

func shell(work, name, script string) string { return filepath.Join(work, "completions", name, script) }

// pages are the manual pages of the program, relative to the manual's folder.
// The server's begin with the client's name too.
func (prog program) pages(work string) []string {
	var pages []string
	for _, dir := range []string{"man1", filepath.Join("it", "man1")} {
		found, _ := filepath.Glob(filepath.Join(work, "man", dir, prog.name+"*.1")) // the pattern is right
		for _, path := range found {
			if name := filepath.Base(path); prog.service || !strings.HasPrefix(name, "rileva-server") {
				pages = append(pages, filepath.Join(dir, name))
			}
		}
	}
	return pages
}

// debianFile describes a package to nfpm. Every file carries the commit's time.
var debianFile = template.Must(template.New("").Parse(`name: {{.Name}}
arch: {{.Arch}}
platform: linux
version: "{{.Version}}"
section: education
priority: optional
maintainer: "Manutentori di Rileva <rileva@example.org>"
description: "{{.Summary}}"
homepage: https://example.org/rileva
license: EUPL-1.2
mtime: "{{.Time}}"
contents:
{{range .Files}}  - src: "{{.From}}"
    dst: "{{.To}}"
    file_info: {mode: {{.Mode}}, owner: root, group: root, mtime: "{{$.Time}}"}
{{end}}deb:
  compression: gzip
`))

// debian makes the Debian package: program, documents, pages, completions, and
// with the server its unit, which is not started: it needs a certificate first.
func (r *release) debian(prog program, p platform, binary string) error {
	files := []file{{binary, "/usr/bin/" + prog.name, 0o755},
		{shell(r.work, "bash", prog.name), "/usr/share/bash-completion/completions/" + prog.name, 0o644},
		{shell(r.work, "zsh", "_"+prog.name), "/usr/share/zsh/vendor-completions/_" + prog.name, 0o644},
		{shell(r.work, "fish", prog.name+".fish"), "/usr/share/fish/vendor_completions.d/" + prog.name + ".fish", 0o644}}
	for _, d := range prog.documents {
		name := filepath.Base(d)
		if d == "LICENSE" {
			name = "copyright"
		}
		files = append(files, file{d, "/usr/share/doc/" + prog.name + "/" + name, 0o644})
	}
	for _, page := range prog.pages(r.work) {
		packed := filepath.Join(r.work, "man", page+".gz")
		if err := zipPage(filepath.Join(r.work, "man", page), packed); err != nil {
			return err
		}
		files = append(files, file{packed, "/usr/share/man/" + filepath.ToSlash(page) + ".gz", 0o644})
	}
	if prog.service {
		files = append(files, file{"deploy/rileva-server.service", "/usr/lib/systemd/system/rileva-server.service", 0o644})
	}
	type row struct{ From, To, Mode string }
	data := struct {
		Name, Arch, Version, Summary, Time string
		Files                              []row
	}{prog.name, p.arch, build.Number, prog.summary, r.when.Format(time.RFC3339), nil}
	for _, f := range files {
		data.Files = append(data.Files, row{filepath.ToSlash(f.from), f.to, fmt.Sprintf("0%o", f.mode)})
	}
	config := filepath.Join(r.work, prog.name+"_"+p.arch+".yaml")
	w, err := os.Create(config)
	if err != nil {
		return err
	}
	if err := debianFile.Execute(w, data); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	target := filepath.Join(r.out, fmt.Sprintf("%s_%s_%s.deb", prog.name, build.Number, p.arch))
	return r.command([]string{fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.when.Unix())},
		"go", "run", nfpm, "package", "--config", config, "--packager", "deb", "--target", target)
}
