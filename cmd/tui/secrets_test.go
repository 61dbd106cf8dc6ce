package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var tokenForm = regexp.MustCompile(`rlv1_[A-Za-z0-9_-]{43}`)

// TestSecretsStayWhereTheyBelong: after a whole run the passwords stand nowhere,
// on neither side, and the token in the device's own file only.
func TestSecretsStayWhereTheyBelong(t *testing.T) {
	w := newWorld(t)
	var told strings.Builder
	tell := func(s said) said {
		told.WriteString(s.out + s.err)
		return s
	}
	const wrong, next = "sbagliata ma segreta", "sei comodini rossi in fila"
	tell(w.call(wrong+"\n", "login", "--code", school, "--password-stdin"))
	tell(w.login(school))
	w.fill("general")
	tell(w.gives(exitDone, "submit", "--all", "--declare", "--json"))
	tell(w.call(wrong+"\n"+next+"\n", "password", "--password-stdin"))
	tell(w.call(passphrase+"\n"+next+"\n", "password", "--password-stdin", "--json"))
	for _, line := range []string{"status --json", "doctor", "doctor --json", "attempts --json", "receipts --json", "settings --json", "sync", "print general --out DIR/a.pdf"} {
		tell(w.gives(exitDone, strings.Fields(strings.ReplaceAll(line, "DIR", w.dir))...))
	}
	files := map[string]string{"what was said": told.String()}
	for _, dir := range []string{w.dir, w.office} {
		w.must(filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			files[path] = string(raw)
			return err
		}))
	}
	token := ""
	for path, content := range files {
		for _, secret := range []string{passphrase, next, wrong, w.letter[school], strings.ReplaceAll(w.letter[school], "-", "")} {
			if strings.Contains(content, secret) {
				t.Errorf("%s holds %q", path, secret)
			}
		}
		found := tokenForm.FindString(content)
		if found == "" {
			continue
		}
		token = found
		if !strings.HasPrefix(path, w.env["RILEVA_HOME"]) {
			t.Errorf("%s holds a token", path)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s, which holds the token, is open to others: %v %v", path, info.Mode(), err)
		}
	}
	if token == "" || len(files) < 5 {
		t.Errorf("%d files and no token in any: the test looks at the wrong place", len(files))
	}
}

// TestNoSecretInTheCall: what stands in a call stands in the list of processes
// and in the shell's history, so no flag and no argument takes a secret.
func TestNoSecretInTheCall(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if regexp.MustCompile(`pass|token|secret`).MatchString(f.Name) && f.Value.Type() != "bool" {
				t.Errorf("%s --%s takes a secret", c.CommandPath(), f.Name)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(&program{words: commandWords["it"], lang: "it"}))
}
