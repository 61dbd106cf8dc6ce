package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzSettings reads files of settings: each is taken or refused in our words.
func FuzzSettings(f *testing.F) {
	for _, s := range []string{"listen: 127.0.0.1:0\ndata: x\n", "listen: [1, 2]", "a: &a [*a]", "\xff\xfe", "log-level: \"\\x1b[2J\"", "data: |\n  x\n", "{}", "- a"} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "settings.yaml")
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		p := &program{environment: environment{getenv: func(string) string { return "" }}, words: &italian, config: path, Settings: defaultSettings()}
		if _, err := p.readConfig(); err != nil {
			if ours, ok := errors.AsType[*failure](err); !ok || ours.exit == exitDone || ours.message == "" || ours.hint == "" || harms(ours.message+"\n"+ours.hint) != "" {
				t.Fatalf("%q: %#v", raw, err)
			}
		}
	})
}
