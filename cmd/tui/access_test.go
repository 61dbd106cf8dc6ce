package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	surveysync "rileva/pkg/sync"
)

// roleCalls says of every command how it is called and its exit code for
// nobody, for a school, and for a school whose device was revoked since.
var roleCalls = map[string]struct {
	line string
	want [3]int
}{
	"attempts":        {"", [3]int{exitDone, exitDone, exitDone}},
	"check":           {"general", [3]int{exitRefused, exitDone, exitDone}},
	"conflicts":       {"", [3]int{exitRefused, exitDone, exitDone}},
	"doctor":          {"", [3]int{exitRefused, exitDone, exitRefused}},
	"draft discard":   {"general", [3]int{exitRefused, exitDone, exitDone}},
	"draft export":    {"NEW", [3]int{exitRefused, exitDone, exitDone}},
	"draft import":    {"DRAFT", [3]int{exitRefused, exitConflict, exitConflict}},
	"explain":         {"general G99 --text parole-abbastanza", [3]int{exitRefused, exitUsage, exitUsage}},
	"fill":            {"general --from ANSWERS", [3]int{exitRefused, exitDone, exitDone}},
	"lock":            {"--remove", [3]int{exitDone, exitDone, exitDone}},
	"login":           {"--code MIIS999009 --password-stdin", [3]int{exitRefused, exitRefused, exitRefused}}, // nothing is typed
	"logout":          {"", [3]int{exitRefused, exitDone, exitDone}},
	"password":        {"--password-stdin", [3]int{exitRefused, exitRefused, exitRefused}},
	"print":           {"general --out NEW.pdf", [3]int{exitRefused, exitDone, exitDone}},
	"receipts":        {"", [3]int{exitRefused, exitDone, exitDone}},
	"receipts print":  {"NUMBER --out NEW.pdf", [3]int{exitRefused, exitDone, exitDone}},
	"receipts show":   {"NUMBER", [3]int{exitRefused, exitDone, exitDone}},
	"receipts verify": {"RECEIPT --key KEY", [3]int{exitDone, exitDone, exitDone}},
	"resolve":         {"general --mine", [3]int{exitRefused, exitUsage, exitUsage}},
	"settings":        {"", [3]int{exitDone, exitDone, exitDone}},
	"status":          {"", [3]int{exitRefused, exitDone, exitDone}},
	"submit":          {"--all --declare", [3]int{exitRefused, exitDone, exitRefused}},
	"sync":            {"", [3]int{exitRefused, exitDone, exitRefused}},
}

func works(root *cobra.Command) []string {
	var list []string
	for _, c := range root.Commands() {
		path := strings.TrimPrefix(c.CommandPath(), "rileva ")
		if c.Name() == "help" {
			continue
		}
		if _, both := roleCalls[path]; both || !c.HasSubCommands() {
			list = append(list, path)
		}
		list = append(list, works(c)...)
	}
	return list
}

// TestEveryCommandInEveryRole: who is not signed in sees nothing of a school's
// work, and a device that was revoked sends and fetches nothing.
func TestEveryCommandInEveryRole(t *testing.T) {
	w := newWorld(t)
	w.login(school)
	w.fill("general")
	var sent submitted
	w.json(w.gives(exitDone, "submit", "--all", "--declare", "--json"), &sent)
	number := sent.Receipts[0].Number
	receipt := w.file("ricevuta.json", w.gives(exitDone, "receipts", "show", number, "--json").out)
	meta, err := w.store.Meta(context.Background())
	w.must(err)
	edit := w.file("una.csv", "head_name;Un altro nome\n")
	w.gives(exitDone, "fill", "general", "--from", edit)
	w.gives(exitDone, "draft", "export", filepath.Join(w.dir, "bozza.json"))
	words := strings.NewReplacer("NUMBER", number, "RECEIPT", receipt, "KEY", meta.LogKey, "DRAFT", filepath.Join(w.dir, "bozza.json"),
		"ANSWERS", edit, "NEW", filepath.Join(w.dir, "nuovo"))
	signedIn := w.env["RILEVA_HOME"]
	in, err := w.store.FindInstitution(context.Background(), school)
	w.must(err)
	for role, name := range []string{"nobody", "the school", "a revoked device"} {
		for _, path := range works(newRoot(&program{words: commandWords["it"], lang: "it"})) {
			c, ok := roleCalls[path]
			if !ok {
				t.Errorf("rileva %s is not tried in every role: say how it is called", path)
				continue
			}
			w.env["RILEVA_HOME"] = signedIn
			if role == 0 {
				w.env["RILEVA_HOME"] = t.TempDir()
			} else {
				w.login(school)
				// Other words each time, or there would be nothing to send.
				w.gives(exitDone, "fill", "general", "--from", w.file("altra.csv", fmt.Sprintf("head_name;Nome per %s, %d\n", path, role)))
			}
			if role == 2 {
				act := surveysync.Entry{At: w.now(), Actor: surveysync.ActorOffice, Action: "credentials_revoke", Outcome: surveysync.OutcomeOK}
				sessions, err := w.store.Sessions(context.Background(), in.ID)
				w.must(err)
				for _, s := range sessions {
					_, err = w.store.RevokeSessions(context.Background(), in.ID, s.Device, act)
					w.must(err)
				}
			}
			s := w.call("", append(strings.Fields(path), strings.Fields(words.Replace(c.line))...)...)
			if s.code != c.want[role] {
				t.Errorf("rileva %s %s as %s: exit %d, want %d\n%s%s", path, c.line, name, s.code, c.want[role], s.out, s.err)
			}
			if role == 0 && strings.Contains(s.out, "Un altro nome") {
				t.Errorf("rileva %s shows a school's work to nobody: %s", path, s.out)
			}
		}
	}
}
