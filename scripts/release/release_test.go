package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// TestArchives: an archive holds names, rights, contents and the commit's
// time, and nothing that differs on another day or computer.
func TestArchives(t *testing.T) {
	when := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	program := filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(program, []byte("binary"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := []file{{program, "rileva", 0o755}, {"packages.go", "doc/packages.go", 0o644}}
	for _, write := range []func(io.Writer, string, []file, time.Time) error{writeTar, writeZip} {
		var first, second bytes.Buffer
		for _, b := range []*bytes.Buffer{&first, &second} {
			if err := write(b, "rileva_1", files, when); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(program, time.Time{}, when.AddDate(1, 0, 0)); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Error("the same files give other bytes the second time")
		}
		if bytes.HasPrefix(first.Bytes(), []byte("PK")) {
			readZip(t, first.Bytes(), when)
		} else {
			readTar(t, &first, when)
		}
	}
}

func readZip(t *testing.T, raw []byte, when time.Time) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil || len(z.File) != 2 {
		t.Fatal(err, z)
	}
	f := z.File[0]
	if f.Name != "rileva_1/rileva" || f.Mode() != 0o755 || !f.Modified.Equal(when) || f.UncompressedSize64 != 6 {
		t.Errorf("%+v", f.FileHeader)
	}
}

func readTar(t *testing.T, r io.Reader, when time.Time) {
	gz, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	in := tar.NewReader(gz)
	h, err := in.Next()
	if err != nil || h.Name != "rileva_1/rileva" || h.Mode != 0o755 || !h.ModTime.Equal(when) || h.Size != 6 || h.Uid != 0 || h.Uname != "" {
		t.Errorf("%+v, %v", h, err)
	}
	if h, err = in.Next(); err != nil || h.Name != "rileva_1/doc/packages.go" || h.Mode != 0o644 {
		t.Errorf("%+v, %v", h, err)
	}
}

// TestDocuments: what a package holds beside the program lies in the source.
func TestDocuments(t *testing.T) {
	t.Chdir("../..")
	for _, prog := range programs {
		for _, d := range append([]string{"deploy/rileva-server.service"}, prog.documents...) {
			if _, err := os.Stat(d); err != nil {
				t.Errorf("%s: %v", prog.name, err)
			}
		}
		if _, err := os.Stat(filepath.Join(prog.source, "main.go")); err != nil {
			t.Error(err)
		}
	}
}

// TestBill: the bill names the compiler's library, each module once with the
// sum of go.sum, what replaces another in its place, and the commit.
func TestBill(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Settings: []debug.BuildSetting{{Key: "GOOS", Value: "windows"}, {Key: "-trimpath", Value: "true"}},
		Deps: []*debug.Module{{Path: "example.org/b", Version: "v1.2.3", Sum: "h1:b="},
			{Path: "example.org/old", Version: "v1.0.0", Replace: &debug.Module{Path: "example.org/a", Version: "v2.0.0", Sum: "h1:a="}}}}
	raw, err := json.Marshal(billOf(info, "rileva", "c0ffee", time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)))
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	at := 0
	for _, want := range []string{`"specVersion":"1.6"`, `"timestamp":"2026-03-01T10:00:00Z"`, `"name":"rileva"`, `"id":"EUPL-1.2"`, `"value":"c0ffee"`,
		`{"name":"rileva:goos","value":"windows"}`, `"pkg:golang/example.org/a@v2.0.0"`, `"h1:a="`, `"pkg:golang/example.org/b@v1.2.3"`, `"h1:b="`, `"pkg:golang/std@1.26.8"`} {
		i := strings.Index(text[at:], want)
		if i < 0 {
			t.Fatalf("%s is missing after %d in\n%s", want, at, text)
		}
		at += i
	}
	if strings.Contains(text, "example.org/old") {
		t.Error("it lists a module that another one replaces")
	}
}
