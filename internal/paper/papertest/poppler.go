package papertest

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// SameText has another program, Poppler's pdftotext, read a PDF: page by page
// it finds the words that were set, and no other. Fonts and their encoding are
// so read as a person's viewer reads them. Where Poppler is missing that is
// said, and is a fault where RILEVA_TEST_POPPLER asks for it, as `make test` does.
func SameText(t *testing.T, pdf []byte) {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("RILEVA_TEST_POPPLER") != "" {
			t.Fatal("pdftotext is missing: apt-get install poppler-utils")
		}
		t.Log("NOT read by another program: pdftotext (poppler-utils) is missing")
		return
	}
	d, err := Read(pdf)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("pdftotext", "-raw", "-enc", "UTF-8", "-", "-")
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(pdf), &said
	text, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("pdftotext: %v\n%s", err, &said)
	}
	pages := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
	if len(pages) != len(d.Pages) {
		t.Fatalf("pdftotext sees %d pages of %d", len(pages), len(d.Pages))
	}
	for i, page := range pages {
		if seen, set := letters(page), letters(strings.Join(d.Pages[i], "")); seen != set {
			t.Errorf("page %d: pdftotext reads\n%s\nwhere stands\n%s\nin order of the alphabet:\n%s\n%s", i+1, page, strings.Join(d.Pages[i], "\n"), seen, set)
		}
	}
}

// letters are all the characters of a text in the order of their numbers: which
// cell of a table is read first is each reader's own choice, and so are the
// marks that it puts around what runs from right to left.
func letters(text string) string {
	all := slices.DeleteFunc([]rune(text), func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	slices.Sort(all)
	return string(all)
}
