package main

import (
	"context"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rileva/internal/office"
)

// contents are the files of a folder with their sizes and rights.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil {
			found[path] = info.Mode().String()
		}
		return err
	}))
	return found
}

// TestOwnersOnly: what a server makes can be opened by its own user alone.
func TestOwnersOnly(t *testing.T) {
	d := newDesk(t)
	d.serve()
	d.ok("institutions", "import", d.file("scuole.csv", threeSchools))
	dir := t.TempDir()
	d.ok("credentials", "issue", "MIIS00100B", "--out", filepath.Join(dir, "pw.csv"), "--letters", filepath.Join(dir, "pw.pdf"))
	d.ok("backup", filepath.Join(dir, "copia.db"))
	d.ok("export", "--out", filepath.Join(dir, "export"))
	seen := 0
	for _, root := range []string{d.data, filepath.Join(dir, "pw.csv"), filepath.Join(dir, "pw.pdf"), filepath.Join(dir, "copia.db"), filepath.Join(dir, "export")} {
		for path, mode := range contents(t, root) {
			seen++
			if !strings.HasSuffix(mode, "rwx------") && !strings.HasSuffix(mode, "rw-------") {
				t.Errorf("%s can be opened by others: %s", path, mode)
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d files seen", seen)
	}
}

// TestTheTwoDoors: no call of the office is behind the schools' door, and no
// call of the schools behind the office's.
func TestTheTwoDoors(t *testing.T) {
	d := newDesk(t).furnish()
	app := d.serve()
	for name := range office.Calls {
		for _, path := range []string{"/" + name, "/api/v1/" + name, "/office/" + name} {
			res, err := http.Post(app.URL()+path, "application/json", strings.NewReader("{}"))
			must(t, err)
			body, err := io.ReadAll(res.Body)
			must(t, err)
			must(t, res.Body.Close())
			if res.StatusCode != http.StatusNotFound || !strings.Contains(string(body), `"code":"not_found"`) {
				t.Errorf("%s at the schools' door: %d %s", path, res.StatusCode, body)
			}
		}
	}
	socket, err := office.SocketPath(d.data)
	must(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	for _, call := range []string{"GET /healthz", "GET /metrics", "GET /status", "POST /api/v1/sessions", "GET /api/v1/return", "PUT /api/v1/parts/general", "DELETE /status", "POST /../status", "POST //status"} {
		method, path, _ := strings.Cut(call, " ")
		req, err := http.NewRequest(method, "http://office"+path, strings.NewReader("{}"))
		must(t, err)
		res, err := client.Do(req)
		must(t, err)
		must(t, res.Body.Close())
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s at the office's door: %d", call, res.StatusCode)
		}
	}
}

// TestNoSecretInTheCall: what stands in a call stands in the list of processes
// and in the shell's history, so a flag may name a file with a secret and no more.
func TestNoSecretInTheCall(t *testing.T) {
	d := newDesk(t)
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		check := func(f *pflag.Flag) {
			if regexp.MustCompile(`pass|token|secret|key`).MatchString(f.Name) && f.Value.Type() == "string" && f.Name != "log-key" && f.Name != "tls-key" && !strings.HasSuffix(f.Name, "-file") {
				t.Errorf("%s --%s takes a secret", c.CommandPath(), f.Name)
			}
		}
		c.Flags().VisitAll(check)
		c.PersistentFlags().VisitAll(check)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&program{environment: d.env, words: &italian, log: quiet}).root())
}
