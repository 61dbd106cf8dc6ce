package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rileva/internal/office"
	surveysync "rileva/pkg/sync"
)

// TestForget: what names a person goes when its time is over and not before,
// from every revision; the store, the log, the receipts, the states and the
// numbers are what they were.
func TestForget(t *testing.T) {
	d := newDesk(t).furnish()
	const school = "MIIS00100B"
	names := []string{"Dirigente di prova", "Compilatore di prova", "compilatore@", "telefonata con"}
	d.submit(school, "general", "liceale")
	d.ok("note", school, "--text", "telefonata con una persona")
	everything := func() string {
		all := d.ok("show", school) + d.ok("show", school, "general", "--json") + d.ok("show", school, "general") + d.ok("missing")
		out := filepath.Join(t.TempDir(), "out")
		d.env.now = func() time.Time { return noon.AddDate(3, 0, 1) }
		d.ok("export", "--out", out)
		err := filepath.Walk(out, func(path string, info os.FileInfo, err error) error {
			if err == nil && !info.IsDir() && !strings.HasSuffix(path, ".xlsx") {
				raw, readErr := os.ReadFile(path)
				all, err = all+string(raw), readErr
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	var before, after office.ReturnReply
	d.read(&before, "show", school)
	receipt := d.receipt(school, "general")

	// Not before its time: the last date is 20 December 2023.
	d.env.now = func() time.Time { return time.Date(2024, 12, 19, 12, 0, 0, 0, time.UTC) }
	if err := d.refused(exitRefused, "forget"); !strings.Contains(err, "20/12/2024") {
		t.Errorf("the day is not said:\n%s", err)
	}
	var reply office.ForgetReply
	d.read(&reply, "forget", "--dry-run")
	if reply.Submissions != 1 || reply.Notes != 1 || reply.Institutions != 1 {
		t.Errorf("it would remove %+v", reply)
	}
	d.env.now = func() time.Time { return noon.AddDate(3, 0, 0) }
	if text := everything(); !containsAll(text, names) {
		t.Fatalf("the names were never there:\n%s", text)
	}

	d.read(&reply, "forget")
	if reply.Submissions != 1 || reply.Notes != 1 || reply.Institutions != 1 {
		t.Errorf("it removed %+v", reply)
	}
	text := everything()
	for _, name := range names {
		if strings.Contains(text, name) {
			t.Errorf("%q is still there", name)
		}
	}
	d.ok("check")
	d.ok("log", "verify")
	d.read(&after, "show", school)
	if before.State != after.State || before.Parts[0].State != after.Parts[0].State || len(before.Findings) != len(after.Findings) {
		t.Errorf("the return was %s, now it is %s", before.State, after.State)
	}
	again := d.receipt(school, "general")
	again.Proof, receipt.Proof = "", "" // it may stand on a later checkpoint
	if one, two := asJSON(t, receipt), asJSON(t, again); !bytes.Equal(one, two) {
		t.Errorf("the receipt was\n%s\nnow it is\n%s", one, two)
	}
	d.read(&reply, "forget")
	if reply.Submissions != 0 || reply.Institutions != 0 {
		t.Errorf("the second time it removed %+v", reply)
	}
	if log := d.ok("log", "--action", "forget", "--json"); strings.Count(log, `"action":"forget"`) != 1 {
		t.Errorf("the log says\n%s", log)
	}
}

// receipt gives the receipt of a part's last revision, verified against the log.
func (d *desk) receipt(code, part string) surveysync.Receipt {
	d.t.Helper()
	o, err := (&program{environment: d.env, words: &italian}).openOffice(d.data)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = o.Store.Close() }()
	ctx := context.Background()
	in, err := o.Store.FindInstitution(ctx, code)
	if err != nil {
		d.t.Fatal(err)
	}
	sub, err := o.Store.Submission(ctx, in.ID, part, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	r, err := o.Store.Receipt(ctx, in.ID, sub.Number)
	if err != nil {
		d.t.Fatal(err)
	}
	meta, err := o.Store.Meta(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, _, err := surveysync.VerifyReceipt(asJSON(d.t, r), meta.Keys()...); err != nil {
		d.t.Errorf("the receipt does not verify: %v", err)
	}
	return r
}

func containsAll(text string, all []string) bool {
	for _, one := range all {
		if !strings.Contains(text, one) {
			return false
		}
	}
	return true
}

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
