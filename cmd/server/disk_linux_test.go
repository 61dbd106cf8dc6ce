package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// aboutTheDisk is in every sentence about a disk that takes nothing.
var aboutTheDisk = regexp.MustCompile(`spazio|sola lettura|scriver|scritt|permess`)

// TestEveryCommandOnABadDisk: where no file may grow, as on a full disk, and on
// a disk that can only be read, each command does its work or says what is the
// matter and what to do. The store is as it was.
func TestEveryCommandOnABadDisk(t *testing.T) {
	program, err := os.Executable()
	must(t, err)
	for name, begin := range map[string]string{
		// Two pages fit, in which bbolt would tell what stopped it in a text alone.
		"full":      `ulimit -f 24; exec "$0" "$@"`,
		"read-only": `mount --bind "$RILEVA_DATA" "$RILEVA_DATA" && mount -o remount,bind,ro "$RILEVA_DATA" && exec "$0" "$@"`,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t).furnish()
			d.submit("MIIS00100B", "general")
			csv := d.file("scuole.csv", strings.Replace(threeSchools, "GAMMA", "DELTA", 1))
			run := func(args ...string) (exit int, said string) {
				shell := []string{"sh", "-c", begin, program}
				if name == "read-only" { // in a world of its own, which ends with the command
					shell = append([]string{"unshare", "--mount", "--map-root-user"}, shell...)
				}
				cmd := exec.Command(shell[0], append(shell[1:], args...)...)
				cmd.Env = append(os.Environ(), asProgram+"=1", "RILEVA_DATA="+d.data, "LANG=it_IT.UTF-8")
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				err := cmd.Run()
				if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
					t.Fatal(err)
				}
				return cmd.ProcessState.ExitCode(), stderr.String()
			}
			if exit, said := run("--help"); exit != exitDone {
				t.Logf("NOT tested, no disk can be mounted here: %s", said)
				return
			}
			before := bytesOf(t, d.data)
			refused := 0
			for path, line := range callLine {
				if path == "serve" { // which goes on; the scripts have it
					continue
				}
				line = strings.NewReplacer("FILE", filepath.Join(t.TempDir(), "f"), "CSV", csv, "DATA", d.data,
					"YAML", "../../internal/store/storetest/testdata/tiny.yaml").Replace(line)
				exit, said := run(append(strings.Fields(path), strings.Fields(line)...)...)
				if exit == exitDone {
					continue
				}
				if found := foreign.FindString(said); found != "" || !strings.Contains(said, "suggerimento: ") {
					t.Errorf("%s: exit %d, says %q:\n%s", path, exit, found, said)
				}
				if exit == exitInternal && !aboutTheDisk.MatchString(said) {
					t.Errorf("%s does not say that it is the disk:\n%s", path, said)
				}
				if aboutTheDisk.MatchString(said) {
					refused++
				}
			}
			if refused < 15 {
				t.Errorf("only %d commands met the disk", refused)
			}
			if after := bytesOf(t, d.data); !slices.Equal(before, after) {
				t.Error("the store was changed")
			}
			d.ok("check")
		})
	}
}

// bytesOf are the bytes of the store and of its key.
func bytesOf(t *testing.T, dir string) (all []byte) {
	t.Helper()
	for _, name := range []string{storeFile, "rileva.key"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		all = append(all, raw...)
	}
	return all
}
