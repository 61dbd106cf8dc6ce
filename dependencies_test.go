package rileva_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// licences are words by which the text of a licence is known.
var licences = map[string][]string{
	"MIT":          {"Permission is hereby granted, free of charge"},
	"BSD-3-Clause": {"Redistribution and use in source and binary forms", "Neither the name"},
	"Apache-2.0":   {"Apache License", "Version 2.0"},
	"MPL-2.0":      {"Mozilla Public License", "2.0"},
}

// dependencyRow is a line of the table in docs/dependencies.md.
var dependencyRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (v\\S+) \\| (\\d{4}-\\d\\d-\\d\\d) \\| (\\S+) \\| (device|server|both|tests) \\| (\\S.*) \\|$")

// TestDependencies: the document names every direct dependency of go.mod with
// its version, the licence that it brings and the programs that it is in, and
// no other.
func TestDependencies(t *testing.T) {
	raw, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.ParseLax("go.mod", raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{} // module to version
	for _, r := range mod.Require {
		if !r.Indirect {
			want[r.Mod.Path] = r.Mod.Version
		}
	}
	in := map[string]string{} // module to the programs that it is in
	for _, program := range []string{"device", "server"} {
		source := map[string]string{"device": "./cmd/tui", "server": "./cmd/server"}[program]
		for _, path := range goList(t, "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", source) {
			if in[path] == "device" && program == "server" {
				in[path] = "both"
			} else if in[path] == "" {
				in[path] = program
			}
		}
	}
	folders := map[string]string{}
	for _, line := range goList(t, append([]string{"-m", "-f", "{{.Path}} {{.Dir}}"}, slices.Sorted(maps.Keys(want))...)...) {
		path, dir, _ := strings.Cut(line, " ")
		folders[path] = dir
	}
	doc, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range dependencyRow.FindAllStringSubmatch(string(doc), -1) {
		path, version, licence, where := row[1], row[2], row[4], row[5]
		if want[path] != version {
			t.Errorf("the document has %s %s, go.mod %q", path, version, want[path])
		}
		delete(want, path)
		if actual := in[path]; where != actual && (actual != "" || where != "tests") {
			t.Errorf("%s: the document says %s, the programs %q", path, where, actual)
		}
		if !isLicence(t, folders[path], licence) {
			t.Errorf("%s in %s is not under %s", path, folders[path], licence)
		}
	}
	if len(want) > 0 {
		t.Errorf("docs/dependencies.md has no line for %v", want)
	}
}

// isLicence tells whether a module's licence has the words of a known one.
func isLicence(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "LICENSE*"))
	if err != nil || len(files) == 0 || licences[name] == nil {
		return false
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(licences[name], func(words string) bool { return !strings.Contains(string(text), words) })
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
