package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLockedComputer: on a computer that many use, who does not know the
// passphrase gets at nothing; who knows it works as before.
func TestLockedComputer(t *testing.T) {
	w := newWorld(t)
	w.login(school)
	w.fill("general")
	w.gives(exitDone, "fill", "general", "--from", w.file("una.csv", "head_name;Parole riservate\n"))
	copyAt := strings.TrimSpace(w.gives(exitDone, "draft", "discard", "general", "--json").out)
	if !strings.Contains(copyAt, "copies") {
		t.Fatal(copyAt)
	}
	w.fill("general")
	const secret, other = "quattro lampade verdi sul tavolo", "cinque ombrelli gialli al vento"
	w.says(w.call("breve\nbreve\n", "lock", "--passphrase-stdin"), "almeno 12 caratteri")
	w.says(w.call(secret+"\n"+other+"\n", "lock", "--passphrase-stdin"), "non sono uguali", "niente è cambiato")
	w.gives(exitDone, "status")
	s := w.call(secret+"\n"+secret+"\n", "lock", "--passphrase-stdin")
	w.is(s, exitDone)
	w.says(s, "nessuno può recuperarla")

	for _, line := range []string{"status", "check", "sync", "submit --all --declare", "logout", "lock --remove", "settings", "attempts", "login --code MIIS999009 --password-stdin", "--plain"} {
		s := w.gives(exitRefused, strings.Fields(line)...)
		w.says(s, "chiuse con una frase segreta")
	}
	if found := holds(t, w.env["RILEVA_HOME"], "Parole riservate", "rlv1_"); found != "" {
		t.Error(found)
	}
	w.env["RILEVA_PASSPHRASE_FILE"] = w.file("frase", other+"\n")
	w.says(w.gives(exitRefused, "status"), "non è quella", "quello che è stato inviato è al sicuro")
	w.env["RILEVA_PASSPHRASE_FILE"] = filepath.Join(w.dir, "non-c-e")
	w.says(w.gives(exitUsage, "status"), "non si può leggere")
	w.env["RILEVA_PASSPHRASE_FILE"] = w.file("frase", secret+"\n")
	w.gives(exitDone, "status")
	w.gives(exitDone, "submit", "--all", "--declare")

	// What was set aside was locked too, and comes back.
	names, err := filepath.Glob(filepath.Join(w.env["RILEVA_HOME"], "copies", "*.json"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	w.gives(exitDone, "draft", "import", names[0], "--replace")
	w.is(w.call(other+"\n"+other+"\n", "lock", "--passphrase-stdin", "--json"), exitDone)
	w.gives(exitRefused, "status")
	w.env["RILEVA_PASSPHRASE_FILE"] = w.file("frase", other+"\n")
	w.gives(exitDone, "lock", "--remove")
	delete(w.env, "RILEVA_PASSPHRASE_FILE")
	w.gives(exitDone, "status")
	if found := holds(t, w.env["RILEVA_HOME"], "Parole riservate"); found == "" {
		t.Error("the test would not see an answer")
	}
}

// holds names a file below dir that holds one of the texts.
func holds(t *testing.T, dir string, texts ...string) string {
	t.Helper()
	found := ""
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, text := range texts {
			if strings.Contains(string(raw), text) {
				found = path + " holds " + text
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
