package e2e_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	version "rileva/internal/build"
)

var keepRelease = flag.Bool("keep-release", false, "write what this release leaves on a disk into testdata/releases, once, when it is released")

// TestReleases opens what each released version has left on a server's and on a
// school's disk with today's programs, and goes on with it: testdata/releases
// has one archive for each. The same story also runs over what today's programs
// write, so that the archive of the next release can be made:
//
//	go test ./e2e -run '^TestReleases$' -keep-release
func TestReleases(t *testing.T) {
	today := filepath.Join(t.TempDir(), version.Number+"-today.tar.gz")
	t.Run("write", func(t *testing.T) {
		p := stories(bin)
		p.Files = []string{"testdata/releases/write.txtar"}
		p.Cmds["keep"] = func(ts *testscript.TestScript, _ bool, folders []string) {
			ts.Check(packFolders(today, ts.MkAbs("."), folders))
		}
		testscript.Run(t, p)
	})
	if t.Failed() {
		return
	}
	if *keepRelease {
		raw, err := os.ReadFile(today)
		if err == nil {
			err = os.WriteFile("testdata/releases/"+version.Number+".tar.gz", raw, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	released, err := filepath.Glob("testdata/releases/*.tar.gz")
	if err != nil || len(released) == 0 {
		t.Fatal("no release is kept", err)
	}
	for _, archive := range append(released, today) {
		t.Run(strings.TrimSuffix(filepath.Base(archive), ".tar.gz"), func(t *testing.T) {
			p := stories(bin)
			setup := p.Setup
			p.Setup = func(env *testscript.Env) error {
				if err := unpackFolders(archive, env.WorkDir); err != nil {
					return err
				}
				return setup(env)
			}
			p.Files = []string{"testdata/releases/open.txtar"}
			testscript.Run(t, p)
		})
	}
}

// packFolders writes what regular files lie in folders of dir.
func packFolders(archive, dir string, folders []string) (err error) {
	w, err := os.Create(archive)
	if err != nil {
		return err
	}
	gz, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	out := tar.NewWriter(gz)
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(dir, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			if err := out.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o600, Size: int64(len(raw))}); err != nil {
				return err
			}
			_, err = out.Write(raw)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, c := range []io.Closer{out, gz, w} {
		if err := c.Close(); err != nil {
			return err
		}
	}
	return nil
}

// unpackFolders puts the files of an archive below dir.
func unpackFolders(archive, dir string) error {
	r, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	gz, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	for in := tar.NewReader(gz); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		raw, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			return err
		}
	}
}
