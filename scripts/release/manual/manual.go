// Package manual writes what a package brings beside a program: the manual
// pages in both languages and the completions of four shells, all from the
// program's own commands. Only the tests of the two programs use it (`go test
// -manual DIR`), so that neither carries a generator.
package manual

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// headings are the generator's own words, which it has in English only.
var headings = strings.NewReplacer(
	".SH NAME", ".SH NOME", ".SH SYNOPSIS", ".SH SINTASSI", ".SH DESCRIPTION", ".SH DESCRIZIONE",
	".SH OPTIONS INHERITED FROM PARENT COMMANDS", ".SH OPZIONI DI TUTTI I COMANDI", ".SH OPTIONS", ".SH OPZIONI",
	"[flags]", "[opzioni]",
	".SH EXAMPLE", ".SH ESEMPIO", ".SH SEE ALSO", ".SH VEDERE ANCHE")

// Write puts the pages into dir/man/man1 (English) and dir/man/it/man1, and
// the completions into dir/completions under the names that the shells look
// for. root gives a fresh command tree in a language, "it" or "en"; the same
// tree gives the same bytes.
func Write(dir string, root func(lang string) *cobra.Command) error {
	if err := pages(filepath.Join(dir, "man", "man1"), root("en"), strings.NewReplacer()); err != nil {
		return err
	}
	if err := pages(filepath.Join(dir, "man", "it", "man1"), root("it"), headings); err != nil {
		return err
	}
	return completions(filepath.Join(dir, "completions"), root("it"))
}

// pages writes one page for each command, in words that words turns into the
// page's language.
func pages(dir string, root *cobra.Command, words *strings.Replacer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root.DisableAutoGenTag = true // it holds today's date
	day := time.Unix(0, 0).UTC()  // a page is of a release, not of a day
	err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Manual: "Rileva", Source: "Rileva", Date: &day}, dir)
	if err != nil {
		return err
	}
	written, err := filepath.Glob(filepath.Join(dir, root.Name()+"*.1"))
	if err != nil {
		return err
	}
	for _, path := range written {
		page, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		page = bytes.ReplaceAll(page, []byte(`"Jan 1970" `), []byte(`"" `))
		if err := os.WriteFile(path, []byte(words.Replace(string(page))), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// completions writes the scripts that ask the program what can follow.
func completions(dir string, root *cobra.Command) error {
	name := root.Name()
	for _, script := range []struct {
		file  string
		write func(*bytes.Buffer) error
	}{
		{"bash/" + name, func(b *bytes.Buffer) error { return root.GenBashCompletionV2(b, true) }},
		{"zsh/_" + name, func(b *bytes.Buffer) error { return root.GenZshCompletion(b) }},
		{"fish/" + name + ".fish", func(b *bytes.Buffer) error { return root.GenFishCompletion(b, true) }},
		{"powershell/" + name + ".ps1", func(b *bytes.Buffer) error { return root.GenPowerShellCompletionWithDesc(b) }},
	} {
		var b bytes.Buffer
		if err := script.write(&b); err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(script.file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Test writes a program's pages and completions into dir, or into a folder of
// the test where dir is empty, and looks whether they are whole: a page in each
// language for every command that is shown, twice the same bytes, no word of
// the generator's own language on an Italian page.
func Test(t *testing.T, dir string, root func(lang string) *cobra.Command) {
	t.Helper()
	again := t.TempDir()
	if dir == "" {
		dir = t.TempDir()
	}
	for _, d := range []string{dir, again} {
		if err := Write(d, root); err != nil {
			t.Fatal(err)
		}
	}
	for _, page := range commands(root("it")) {
		for _, folder := range []string{"man/man1", "man/it/man1"} {
			name := filepath.Join(filepath.FromSlash(folder), page)
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Error(err)
				continue
			}
			if twice, err := os.ReadFile(filepath.Join(again, name)); err != nil || !bytes.Equal(text, twice) {
				t.Errorf("%s differs the second time (%v)", name, err)
			}
			italian, english := bytes.Contains(text, []byte(".SH NOME")), bytes.Contains(text, []byte(".SH NAME"))
			if italian != strings.Contains(folder, "it") || english == italian {
				t.Errorf("%s has the headings of the other language", name)
			}
		}
	}
}

// commands are the names of the pages of a command and of those below it.
func commands(c *cobra.Command) []string {
	pages := []string{strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
			pages = append(pages, commands(sub)...)
		}
	}
	return pages
}
