package main

import (
	"bytes"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocument: docs/scale.md holds every table as the program prints it, and
// its sentences name no figure that does not stand in one.
func TestDocument(t *testing.T) {
	raw, err := os.ReadFile("../../docs/scale.md")
	if err != nil {
		t.Fatal(err)
	}
	var printed bytes.Buffer
	report(&printed)
	var prose strings.Builder
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(line, "|") {
			prose.WriteString(line)
		}
	}
	figure := regexp.MustCompile(`\d[\d.]*\d|\d`)
	known := map[string]bool{}
	for _, n := range figure.FindAllString(printed.String(), -1) {
		known[n] = true
	}
	for table := range strings.SplitSeq(printed.String(), "\n\n") {
		if table = strings.TrimSpace(table); strings.HasPrefix(table, "|") && !strings.Contains(string(raw), table) {
			t.Errorf("docs/scale.md has it otherwise (make simulate):\n%s", table)
		}
	}
	for _, n := range figure.FindAllString(prose.String(), -1) {
		if !known[n] {
			t.Errorf("docs/scale.md says %s, and make simulate does not", n)
		}
	}
}

// TestAgainstTheory: with one processor, one server and nobody else, a
// submission takes its check, its turn and its commit; and a queue that gets
// less than it can serve is busy for as long as the arithmetic says.
func TestAgainstTheory(t *testing.T) {
	one := step{institutions: 1, servers: 1, cores: 1}
	if e := newPlay(one, 0).run(60*minute, 3); math.Abs(e.p99-checkMS-baseMS-baseEndMS) > 1e-6 || e.group != 1 {
		t.Errorf("alone: %+v", e)
	}
	file := step{institutions: 1, file: true, servers: 1, cores: 2}
	e := newPlay(file, 0.5).run(10*minute, 6000) // ten a second
	if want := (10*checkMS + 5*signInMS) / 2000; e.processors < 0.97*want || e.processors > 1.03*want {
		t.Errorf("processors busy %.4f, want %.4f", e.processors, want)
	}
	if most := 10 * (fileMS + fileEndMS) / 1000; e.writer > most || e.writer < 0.8*most {
		t.Errorf("writer busy %.4f, at most %.4f", e.writer, most)
	}
	over := newPlay(file, 0).run(minute, 4000*60) // more than two processors can check
	if over.p99 < patienceMS || over.processors < 0.99 {
		t.Errorf("too many: %+v", over)
	}
}
