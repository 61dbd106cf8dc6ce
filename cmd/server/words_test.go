package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var verb = regexp.MustCompile(`%[^a-zA-Z%]*[a-zA-Z]`)

// TestBothLanguages: whatever is said in one is said in the other, about the
// same things.
func TestBothLanguages(t *testing.T) {
	for name, pair := range map[string][2]map[string]string{
		"flag": {italian.flag, english.flag}, "say": {italian.say, english.say}, "word": {italian.word, english.word},
	} {
		it, en := slices.Sorted(maps.Keys(pair[0])), slices.Sorted(maps.Keys(pair[1]))
		if !slices.Equal(it, en) {
			t.Errorf("%s: keys differ:\n%v\n%v", name, it, en)
		}
		for _, key := range it {
			a, b := verb.FindAllString(pair[0][key], -1), verb.FindAllString(pair[1][key], -1)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(a, b) {
				t.Errorf("%s %s: %v in Italian, %v in English", name, key, a, b)
			}
			if pair[0][key] == "" || pair[1][key] == "" {
				t.Errorf("%s %s: empty", name, key)
			}
		}
	}
	if it, en := slices.Sorted(maps.Keys(italian.help)), slices.Sorted(maps.Keys(english.help)); !slices.Equal(it, en) {
		t.Errorf("help: keys differ:\n%v\n%v", it, en)
	}
}

var used = regexp.MustCompile(`p\.(?:say|note|line|fail|progress)\((?:w, |exit[A-Za-z]+, )?"([a-z_0-9.-]+)"`)

// TestEveryWordIsThere looks up every key in the source, and every sentence
// that is a refusal has a hint.
func TestEveryWordIsThere(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(raw), -1) {
			seen++
			if italian.say[m[1]] == "" {
				t.Errorf("%s: no words for %q", f, m[1])
			}
			if strings.Contains(m[0], ".fail(") && italian.say[m[1]+".hint"] == "" {
				t.Errorf("%s: no hint for %q", f, m[1])
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d keys found: the pattern is wrong", seen)
	}
}

// TestTree builds the commands and their help in both languages; none of it is
// a library's.
func TestTree(t *testing.T) {
	for _, w := range []*words{&italian, &english} {
		d := newDesk(t)
		p := &program{environment: d.env, words: w, log: quiet}
		var walk func(*cobra.Command)
		walk = func(cmd *cobra.Command) {
			d.out.Reset()
			p.help(cmd, nil)
			for _, bad := range []string{"Available Commands", "Flags:\n  -h", "[flags]", "for this command"} {
				if w == &italian && strings.Contains(d.out.String(), bad) {
					t.Errorf("%s: help says %q", cmd.CommandPath(), bad)
				}
			}
			cmd.Flags().VisitAll(func(f *pflag.Flag) { // else its value is called by its Go type
				if value, _ := pflag.UnquoteUsage(f); value != strings.ToUpper(value) {
					t.Errorf("%s --%s: the help calls its value %q", cmd.CommandPath(), f.Name, value)
				}
			})
			if cmd.HasParent() && cmd.Short == "" {
				t.Errorf("%s: not explained", cmd.CommandPath())
			}
			for _, c := range cmd.Commands() {
				walk(c)
			}
		}
		walk(p.root())
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		args []string
		env  map[string]string
		want string
	}{
		{nil, nil, "it"},
		{nil, map[string]string{"LANG": "en_GB.UTF-8"}, "en"},
		{nil, map[string]string{"LANG": "de_DE.UTF-8"}, "it"},
		{nil, map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "it_IT.UTF-8"}, "it"},
		{nil, map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "C.UTF-8"}, "en"},
		{[]string{"--lang", "en"}, nil, "en"},
		{[]string{"status", "--lang=it"}, map[string]string{"LANG": "en_US"}, "it"},
		{[]string{"status", "--", "--lang=en"}, nil, "it"},
	} {
		got, ok := language(c.args, func(k string) string { return c.env[k] })
		if got != c.want || !ok {
			t.Errorf("%v %v: %s", c.args, c.env, got)
		}
	}
	if _, ok := language([]string{"--lang", "fr"}, func(string) string { return "" }); ok {
		t.Error("French was taken")
	}
}

func TestUsageErrors(t *testing.T) {
	d := newDesk(t)
	for _, args := range [][]string{
		{"foo"}, {"institutions", "foo"}, {"status", "--foo"}, {"status", "-x"}, {"status", "x"}, {"show"}, {"show", "A", "B", "C"},
		{"log", "foo"}, {"log", "--limit", "x"}, {"log", "--limit", "-1"}, {"log", "--since", "ieri"}, {"help", "foo"}, {"--log-level", "x", "status"},
		{"institutions", "import"}, {"credentials", "issue"}, {"credentials", "issue", "--all", "MIIS00100B"}, {"status"}, {"status", "--json=x"},
		{"serve", "--listen", "0.0.0.0:0"}, {"serve", "--listen", "x"}, {"serve", "--listen", ":8080"}, {"serve", "--tls-cert", "x"}, {"serve", "--listen", "127.0.0.1:99999"},
		{"demo", "--institutions", "-1"}, {"show", "MIIS00100B", "--revision", "1"}, {"log", "--limit"}, {"--lang", "fr"}, {"--data", "", "status"},
	} {
		d.refused(exitUsage, args...)
	}
	if _, err := os.Stat(d.data); err == nil {
		t.Error("a refused command has made the folder")
	}
	for _, args := range [][]string{{}, {"--help"}, {"institutions"}, {"help", "institutions", "add"}, {"serve", "-h"}, {"--version"}} {
		d.ok(args...)
	}
}
