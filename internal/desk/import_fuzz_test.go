package desk

import (
	"testing"

	"rileva/pkg/survey"
)

// FuzzImportDrafts takes files that say to be another device's drafts: each is
// taken or refused with a code, and what was there can still be read.
func FuzzImportDrafts(f *testing.F) {
	w := newWorld(f)
	d := w.respondent()
	w.fill(d, survey.GeneralPart)
	raw, _, err := d.ExportDrafts()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw, false)
	f.Add(raw, true)
	f.Add([]byte(`{"kind":"rileva-draft","version":1,"parts":[{}]}`), true)
	f.Add([]byte("age-encryption.org/v1\n-> scrypt AAAA 18\n"), false)
	f.Fuzz(func(t *testing.T, raw []byte, replace bool) {
		if _, err := d.ImportDrafts("f.json", raw, replace); err != nil && CodeOf(err) == "internal" {
			t.Fatalf("refused without a reason: %v", err)
		}
		if _, err := d.Overview(); err != nil {
			t.Fatalf("afterwards nothing can be read: %v", err)
		}
	})
}
