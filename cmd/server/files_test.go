package main

import (
	"os"
	"path/filepath"
	"testing"
)

// badFiles are files that no command can use.
func badFiles(t *testing.T) map[string]string {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, content string, mode os.FileMode) string {
		if err := os.WriteFile(at(name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return at(name)
	}
	huge := write("huge", "", 0o600)
	if err := os.Truncate(huge, 200<<20); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"missing": at("missing"), "folder": dir, "empty": write("empty", "", 0o600), "huge": huge,
		"binary": write("binary", "\x7fELF\x00\x01\x02\x03\x00\x00", 0o600), "image": write("image.png", "\x89PNG\r\n\x1a\n\x00\x00", 0o600),
		"text": write("text", "una lettera, niente di più\n", 0o600), "below a file": filepath.Join(huge, "x"),
		"strange name": at("a\x1b[31m\nb"), "gzip cut short": write("cut.csv.gz", "\x1f\x8b\x08\x00", 0o600),
		"page": write("page.html", "<html>errore</html>", 0o600),
	}
	if os.Geteuid() != 0 { // root reads everything
		files["unreadable"] = write("unreadable", "x", 0o000)
	}
	return files
}

func TestBadFiles(t *testing.T) {
	files := badFiles(t)
	d := newDesk(t).furnish()
	for _, command := range [][]string{
		{"institutions", "import"}, {"institutions", "import", "--dry-run"}, {"survey", "check"}, {"survey", "publish"},
		{"log", "verify", "--checkpoint"}, {"serve", "--tls-key", "/dev/null", "--tls-cert"},
	} {
		for name, path := range files {
			args := append(append([]string{}, command...), path)
			exit, out, err := d.run(args...)
			if exit != exitUsage && exit != exitFindings {
				t.Errorf("%v, %s: exit %d\n%s%s", command, name, exit, out, err)
			}
			// The mistakes of a questionnaire are the loader's own sentences.
			if command[0] != "survey" || exit != exitFindings {
				wellSaid(t, args, err)
			}
		}
	}
	before := d.ok("institutions", "list", "--json")
	if d.ok("check"); d.ok("institutions", "list", "--json") != before {
		t.Error("a bad file has changed the store")
	}
}

// TestBadFolders: what lies where the data folder should be.
func TestBadFolders(t *testing.T) {
	d := newDesk(t)
	for name, prepare := range map[string]func(dir string){
		"a file": func(dir string) { must(t, os.WriteFile(dir, []byte("x"), 0o600)) },
		"an empty store": func(dir string) {
			must(t, os.Mkdir(dir, 0o700))
			must(t, os.WriteFile(filepath.Join(dir, storeFile), nil, 0o600))
		},
		"another's store": func(dir string) {
			must(t, os.Mkdir(dir, 0o700))
			must(t, os.WriteFile(filepath.Join(dir, storeFile), make([]byte, 65536), 0o600))
		},
		"a folder inside": func(dir string) { must(t, os.MkdirAll(filepath.Join(dir, storeFile), 0o700)) },
		"empty":           func(dir string) { must(t, os.Mkdir(dir, 0o700)) },
	} {
		d.data = filepath.Join(t.TempDir(), "data")
		prepare(d.data)
		for _, args := range [][]string{{"status"}, {"check"}, {"log"}} {
			exit, _, err := d.run(args...)
			if exit != exitUsage && exit != exitConflict {
				t.Errorf("%s, %v: exit %d\n%s", name, args, exit, err)
			}
			wellSaid(t, args, err)
		}
	}
	d = newDesk(t).furnish()
	must(t, os.Rename(filepath.Join(d.data, keyFile), filepath.Join(d.data, "elsewhere")))
	d.refused(exitConflict, "status")
	must(t, os.WriteFile(filepath.Join(d.data, keyFile), []byte("x"), 0o600))
	d.refused(exitConflict, "status")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCell(t *testing.T) {
	for in, want := range map[string]string{"": "", "LICEO": "LICEO", "=1+1": "'=1+1", "+39": "'+39", "-x": "'-x", "@x": "'@x", "\tx": "'\tx"} {
		if got := cell(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
