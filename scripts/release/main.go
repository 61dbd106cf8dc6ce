// Command release makes what people install: both programs for every platform,
// packed with what they need, in a folder of their own with the sums of
// everything. The same commit gives the same bytes, on whatever day and in
// whatever folder: times are the commit's, paths are trimmed, archives hold no
// owner. `make release` runs it, `make release-twice` runs it twice and
// compares.
//
// Start reading at [run]; what goes into which package stands in packages.go.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"rileva/internal/build"
)

// platforms are those that the programs are released for.
var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
}

type platform struct{ os, arch string }

// release is one making of everything.
type release struct {
	out    string    // where the packages go
	work   string    // where parts wait that are packed; removed at the end
	commit string    // full name of the commit
	when   time.Time // its moment, which everything carries
}

func main() {
	out := flag.String("out", "dist", "folder for the packages; what is in it is removed")
	only := flag.String("only", "", "make this platform's packages only, such as windows/amd64")
	flag.Parse()
	if err := run(*out, *only); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(out, only string) error {
	r := release{out: out}
	if err := r.stamp(); err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var err error
	if r.work, err = os.MkdirTemp("", "rileva-release-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(r.work) }()

	fmt.Println("release: manual pages and completions")
	if err := r.command(nil, "go", "test", "-count=1", "-run", "^TestManual$", "./cmd/tui", "./cmd/server", "-manual", r.work); err != nil {
		return err
	}
	for _, p := range platforms {
		if only != "" && only != p.os+"/"+p.arch {
			continue
		}
		for _, prog := range programs {
			fmt.Printf("release: %s for %s/%s\n", prog.name, p.os, p.arch)
			if err := r.make(prog, p); err != nil {
				return fmt.Errorf("%s for %s/%s: %w", prog.name, p.os, p.arch, err)
			}
		}
	}
	return r.sums()
}

// stamp learns which commit is released and when it was made. Without git the
// environment has to say the time, as SOURCE_DATE_EPOCH does everywhere.
func (r *release) stamp() error {
	epoch := os.Getenv("SOURCE_DATE_EPOCH")
	if said, err := git("log", "-1", "--format=%H %ct"); err == nil {
		var of string
		r.commit, of, _ = strings.Cut(said, " ")
		if epoch == "" {
			epoch = of
		}
		changed, err := git("status", "--porcelain")
		if err != nil {
			return err
		}
		if changed != "" {
			fmt.Fprintln(os.Stderr, "release: the source differs from the commit, so that this is a trial and no release:\n"+changed)
			r.commit = r.commit[:11] + "+" // as much as --version shows
		}
		tags, err := git("tag", "--points-at", "HEAD", "v*")
		if err == nil && tags != "" && !slices.Contains(strings.Fields(tags), "v"+build.Number) {
			return fmt.Errorf("the commit is tagged %s, internal/build says %s", tags, build.Number)
		}
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return fmt.Errorf("no commit to take the time from, and SOURCE_DATE_EPOCH is %q", epoch)
	}
	r.when = time.Unix(seconds, 0).UTC()
	return nil
}

func git(args ...string) (string, error) {
	out, err := exec.Command("git", args...).Output()
	return strings.TrimSpace(string(out)), err
}

// command runs a program with more in its environment; what it says is shown
// when it fails.
func (r *release) command(env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}

// make builds one program for one platform and packs it.
func (r *release) make(prog program, p platform) error {
	name := prog.name
	if p.os == "windows" {
		name += ".exe"
	}
	binary := filepath.Join(r.work, p.os+"_"+p.arch, name)
	const pkg = "rileva/internal/build"
	err := r.command([]string{"CGO_ENABLED=0", "GOOS=" + p.os, "GOARCH=" + p.arch, "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0"},
		"go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-o", binary,
		"-ldflags", fmt.Sprintf("-s -w -buildid= -X %s.commit=%s -X %s.day=%s", pkg, r.commit, pkg, r.when.Format(time.DateOnly)),
		"./"+prog.source)
	if err != nil {
		return err
	}
	base := fmt.Sprintf("%s_%s_%s_%s", prog.name, build.Number, p.os, p.arch)
	if err := r.bill(binary, base, prog.name); err != nil {
		return err
	}
	files := append([]file{{binary, name, 0o755}}, prog.beside(r.work, p)...)
	switch p.os {
	case "windows":
		if prog.name == "rileva" { // a school takes one file and starts it
			if err := copyFile(binary, filepath.Join(r.out, base+".exe")); err != nil {
				return err
			}
		}
		return r.pack(base+".zip", base, files, writeZip)
	case "linux":
		if err := r.debian(prog, p, binary); err != nil {
			return err
		}
	}
	return r.pack(base+".tar.gz", base, files, writeTar)
}

// sums writes SHA256SUMS in the form that sha256sum -c reads.
func (r *release) sums() error {
	entries, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, e := range entries { // in the order of their names
		raw, err := os.ReadFile(filepath.Join(r.out, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(raw), e.Name())
	}
	fmt.Printf("release: %d files of version %s in %s\n", len(entries), build.Number, r.out)
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(lines.String()), 0o644)
}
