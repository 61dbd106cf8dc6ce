package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rileva/internal/office"
	"rileva/internal/paper/papertest"
)

// TestLetters: one page for each school, with its own code, its own password
// and its own dates; no password stands anywhere else.
func TestLetters(t *testing.T) {
	d := newDesk(t).furnish()
	d.ok("institutions", "confirm")
	d.ok("survey", "dates", "--institution", "MIPS185003", "--due", "2023-12-27", "--late-until", "2023-12-28", "--reason", "alluvione")
	dir := t.TempDir()
	pdf, list := filepath.Join(dir, "lettere.pdf"), filepath.Join(dir, "pw.csv")
	var r issueReply
	d.read(&r, "credentials", "issue", "--all", "--letters", pdf, "--out", list, "--address", "https://server.example.it")
	if r.Count != 3 || len(r.Issued) != 0 || r.Letters != pdf || r.Out != list {
		t.Fatalf("%+v", r)
	}
	raw, err := os.ReadFile(pdf)
	must(t, err)
	papertest.SameText(t, raw)
	doc, err := papertest.Read(raw)
	must(t, err)
	written, err := os.ReadFile(list)
	must(t, err)
	rows, err := csv.NewReader(strings.NewReader(string(written))).ReadAll()
	must(t, err)
	if len(doc.Pages) != 3 || len(rows) != 4 {
		t.Fatalf("%d pages for %d rows", len(doc.Pages), len(rows)-1)
	}
	for i, row := range rows[1:] {
		page := strings.Join(doc.Pages[i], " ")
		for _, want := range []string{row[0], row[1], row[2], "https://server.example.it", "Che cosa fare", "A chi rivolgersi", "Base giuridica"} {
			if !strings.Contains(page, want) {
				t.Errorf("the letter of %s lacks %q:\n%s", row[0], want, page)
			}
		}
		for _, other := range rows[1:] {
			if other[0] != row[0] && strings.Contains(page, other[2]) {
				t.Errorf("the letter of %s shows the password of %s", row[0], other[0])
			}
		}
		if several := strings.Contains(page, "Vale per i codici "+row[0]+", "); several != (row[0] != "MIPS185003") {
			t.Errorf("the letter of %s does not say which codes it is for:\n%s", row[0], page)
		}
		if own := strings.Contains(page, "27 dicembre 2023"); own != (row[0] == "MIPS185003") {
			t.Errorf("the letter of %s has the dates of another", row[0])
		}
	}
	// Without --out the CSV that stood in for the letters is gone with success.
	second := filepath.Join(dir, "altre.pdf")
	d.ok("credentials", "reset", "MIIS00100B", "--letters", second)
	if left, err := filepath.Glob(second + "*"); err != nil || !slices.Equal(left, []string{second}) {
		t.Errorf("left over: %v", left)
	}
	// Where the file cannot be made, no password is.
	var before, after []office.AccountRow
	d.read(&before, "credentials", "list")
	d.refused(exitUsage, "credentials", "reset", "MIPS185003", "--letters", second)
	d.refused(exitUsage, "credentials", "reset", "MIPS185003", "--letters", filepath.Join(dir, "manca", "x.pdf"))
	must(t, os.WriteFile(filepath.Join(dir, "y.pdf.csv"), nil, 0o600))
	d.refused(exitUsage, "credentials", "reset", "MIPS185003", "--letters", filepath.Join(dir, "y.pdf"))
	if d.read(&after, "credentials", "list"); len(after) != 3 || !slices.EqualFunc(before, after, func(a, b office.AccountRow) bool {
		return a.Code == b.Code && a.State == b.State && a.IssuedAt.Equal(*b.IssuedAt)
	}) {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if _, err := os.Stat(filepath.Join(dir, "y.pdf")); err == nil {
		t.Error("an empty file of letters is left")
	}
	d.submit("MIIS00100B", "general")
	if d.read(&after, "credentials", "list"); after[0].State != office.CredentialsUsed || after[0].FirstUsed == nil || after[1].State != office.CredentialsIssued {
		t.Errorf("state of first use: %+v", after)
	}
}
