package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withEnv gives the desk's programs an environment.
func (d *desk) withEnv(vars map[string]string) {
	d.env.getenv = func(name string) string { return vars[name] }
}

// Of flag, environment, file and default the first that speaks counts.
func TestSettings(t *testing.T) {
	d := newDesk(t)
	file := filepath.Join(t.TempDir(), "rileva.conf")
	must(t, os.WriteFile(file, []byte("# the office's server\nlisten: 0.0.0.0:8443\nlog-level: info\nops-listen: 127.0.0.1:9090\ninsecure-http: true\n\nsmtp-password: nel-file\n"), 0o600))
	d.withEnv(map[string]string{"RILEVA_OPS_LISTEN": "127.0.0.1:9191", "RILEVA_SMTP_PASSWORD": "nell-ambiente", "RILEVA_DATA": "altrove", "RILEVA_CONFIG": file})
	var got []shownSetting
	d.read(&got, "serve", "--log-level", "warn", "--print-config")
	want := []shownSetting{
		{"data", d.data, "--data"}, // the desk's own flag
		{"store", "", ""},
		{"store-password-file", "", ""},
		{"log-key", "", ""},
		{"network-folder", false, ""},
		{"log-level", "warn", "--log-level"},
		{"listen", "0.0.0.0:8443", file + ":2"},
		{"tls-cert", "", ""},
		{"tls-key", "", ""},
		{"insecure-http", true, file + ":5"},
		{"trusted-proxies", "", ""},
		{"ops-listen", "127.0.0.1:9191", "RILEVA_OPS_LISTEN"},
		{"smtp-from", "", ""},
		{"smtp-user", "", ""},
		{"smtp-password-file", "", ""},
		{"smtp-password", "***", "RILEVA_SMTP_PASSWORD"},
		{"smtp-tls", "starttls", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, out := range []string{d.ok("--print-config"), d.ok("serve", "--print-config")} {
		if strings.Contains(out, "nell-ambiente") || strings.Contains(out, "nel-file") || !strings.Contains(out, "RILEVA_OPS_LISTEN") || !strings.Contains(out, "predefinito") {
			t.Errorf("it says\n%s", out)
		}
	}
	if _, err := os.Stat(d.data); err == nil {
		t.Error("a command that shows its settings made a folder")
	}
}

func TestSettingsRefused(t *testing.T) {
	d := newDesk(t)
	exit, _, err := d.run("serve", "--trusted-proxies", "10.0.0.5, fuori")
	if exit != exitUsage || !strings.Contains(err, "«fuori»") {
		t.Errorf("a proxy that is none: exit %d, %s", exit, err)
	}
	file := filepath.Join(t.TempDir(), "rileva.conf")
	for text, says := range map[string]string{
		"listen: x\nlisten: y\n":      "rileva.conf",
		"liste: 0.0.0.0:8443\n":       "rileva.conf:1: «liste»",
		"\ninsecure-http: forse\n":    "rileva.conf:2: insecure-http",
		"listen:\n  - a\n":            "rileva.conf:1: listen",
		"- listen\n":                  "rileva.conf",
		"listen: [":                   "rileva.conf",
		"listen: a\n---\nlisten: b\n": "rileva.conf",
		strings.Repeat("x", 1<<17):    "rileva.conf",
	} {
		must(t, os.WriteFile(file, []byte(text), 0o600))
		exit, _, err := d.run("status", "--config", file)
		if exit != exitUsage || !strings.Contains(err, says) {
			t.Errorf("%.20q: exit %d, %s", text, exit, err)
		}
		wellSaid(t, []string{text[:min(len(text), 20)]}, err)
	}
	d.refused(exitUsage, "status", "--config", filepath.Join(t.TempDir(), "nowhere"))
	d.withEnv(map[string]string{"RILEVA_INSECURE_HTTP": "sometimes"})
	if err := d.refused(exitUsage, "status"); !strings.Contains(err, "RILEVA_INSECURE_HTTP") {
		t.Error(err)
	}
	must(t, os.WriteFile(file, []byte("# later\n"), 0o600))
	d.withEnv(nil)
	d.ok("--config", file, "--print-config") // a file of nothing but a remark
}

// The table of docs/operations.md names every setting, and no other.
func TestSettingsAreDescribed(t *testing.T) {
	raw, err := os.ReadFile("../../docs/operations.md")
	must(t, err)
	_, after, _ := strings.Cut(string(raw), "\n## Settings\n")
	section, _, _ := strings.Cut(after, "\n## ")
	var described, there []string
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) > 3 && strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			described = append(described, strings.Trim(cells[1], " `"))
		}
	}
	s := defaultSettings()
	for _, one := range s.list() {
		there = append(there, one.name)
	}
	if diff := cmp.Diff(there, described); diff != "" {
		t.Error(diff)
	}
}
