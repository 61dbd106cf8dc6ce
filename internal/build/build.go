// Package build says which build of the programs this is. Both programs have
// one number, because a school's and an office's program of one release belong
// together.
package build

import (
	"runtime/debug"
	"strings"
)

// Number is the number of the release that this is, or that comes next. The
// tag of a release is "v" and this number: `make release` holds the two
// together.
const Number = "0.1.0"

// commit and day are written in by `make release` through the linker: what Go
// notes by itself depends on whether the source lies in a clone, a work tree or
// an unpacked archive, and the same source has to give the same bytes.
var commit, day string

// Line is what --version prints after the program's name: the number, and in
// brackets the commit with its day as far as they are known.
func Line() string {
	if commit != "" {
		return Number + " (" + strings.TrimSpace(short(commit)+" "+day) + ")"
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Number
	}
	said := map[string]string{}
	for _, s := range info.Settings {
		said[s.Key] = s.Value
	}
	if said["vcs.revision"] == "" {
		return Number
	}
	line := Number + " (" + short(said["vcs.revision"])
	if said["vcs.modified"] == "true" {
		line += "+" // built from a source that was changed since
	}
	return line + ")"
}

// short is as much of a commit's name as tells it from the others.
func short(commit string) string { return commit[:min(len(commit), 12)] }
