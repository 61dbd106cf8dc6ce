package main

import (
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rileva/internal/office"
	"rileva/internal/store"
)

func TestImport(t *testing.T) {
	d := newDesk(t)
	file := d.file("scuole.csv", threeSchools)
	var r office.ImportReply
	d.read(&r, "institutions", "import", "--dry-run", file)
	if len(r.Added) != 3 || r.Stored {
		t.Errorf("a trial before anything exists: %+v", r)
	}
	if there, err := (&program{}).hasStore(t.Context(), d.data); there {
		t.Errorf("a trial has made a folder: %v", err)
	}
	r = office.ImportReply{}
	d.read(&r, "institutions", "import", file)
	if len(r.Added) != 3 || !r.Stored || len(r.Unconfirmed) != 1 || r.Schools != 5 {
		t.Fatalf("%+v", r)
	}
	d.read(&r, "institutions", "import", file)
	if len(r.Added)+len(r.Changed)+len(r.Gone) != 0 || r.Unchanged != 3 {
		t.Errorf("the same again: %+v", r)
	}
	var lines []office.LogRow
	d.read(&lines, "log", "--action", "institutions_import")
	if len(lines) != 1 {
		t.Errorf("an import without changes left a line: %+v", lines)
	}
	moved := strings.ReplaceAll(threeSchools, "ALFA", "ALFA NUOVA")
	d.read(&r, "institutions", "import", "--dry-run", d.file("nuovo.csv", moved))
	if len(r.Changed) != 1 || r.Stored {
		t.Errorf("dry run: %+v", r)
	}
	var in office.InstitutionReply
	if d.read(&in, "institutions", "show", "mips00101n"); in.Name != "ALFA" || in.Code != "MIIS00100B" {
		t.Errorf("a dry run has stored: %+v", in)
	}
	gone := registerHeader + paritariaRow("MIPS185003", "GAMMA", "VIA VERDI 3", "gamma@example.org")
	d.read(&r, "institutions", "import", d.file("meno.csv", gone))
	if len(r.Gone) != 1 || r.Gone[0].Code != "MIPL125001" { // the file says nothing of the state schools
		t.Errorf("gone: %+v", r.Gone)
	}
	var list []office.InstitutionRow
	if d.read(&list, "institutions", "list"); len(list) != 3 {
		t.Errorf("what is gone was removed: %+v", list)
	}
}

func TestImportRejects(t *testing.T) {
	d := newDesk(t)
	bad := threeSchools + stateRow("MIIS00200X", "NON VALIDO", "DELTA", "MILANO", "MILANO")
	exit, out, err := d.run("institutions", "import", d.file("rotto.csv", bad))
	if exit != exitFindings || !strings.Contains(out, "rotto.csv:7: ") {
		t.Errorf("exit %d\n%s%s", exit, out, err)
	}
	wellSaid(t, nil, err)
	var list []office.InstitutionRow
	if d.read(&list, "institutions", "list"); len(list) != 0 {
		t.Errorf("something was stored: %+v", list)
	}
	// A row that only another province could mind is skipped.
	elsewhere := threeSchools + stateRow("COIS00200X", "NON VALIDO", "DELTA", "COMO", "COMO")
	var r office.ImportReply
	if d.read(&r, "institutions", "import", "--province", "milano", d.file("altra.csv", elsewhere)); len(r.Added) != 3 {
		t.Errorf("%+v", r)
	}
	err = d.refused(exitUsage, "institutions", "import", "--province", "MILAN", d.file("x.csv", elsewhere))
	if !strings.Contains(err, "COMO, MILANO") {
		t.Errorf("the provinces are not named: %s", err)
	}
	twice := d.file("due.csv", threeSchools)
	d.refused(exitUsage, "institutions", "import", twice, twice)
}

// TestImportKeepsDecisions: what the office has set outlives the next file.
func TestImportKeepsDecisions(t *testing.T) {
	d := newDesk(t).furnish()
	d.ok("institutions", "tracks", "MIIS00100B", "iefp", "tecnico")
	d.ok("institutions", "exclude", "MIPS185003", "--reason", "solo serale")
	d.ok("institutions", "group", "MIPL125001", "MIPS185003")
	d.ok("institutions", "add", "MIRC08000A", "--name", "DELTA", "--comune", "Milano", "--kind", "statale")
	before := d.ok("institutions", "list", "--json")
	var r office.ImportReply
	d.read(&r, "institutions", "import", d.file("scuole.csv", threeSchools))
	if len(r.Added)+len(r.Changed)+len(r.Gone) != 0 {
		t.Errorf("%+v", r)
	}
	if after := d.ok("institutions", "list", "--json"); after != before {
		t.Errorf("before %s\nafter  %s", before, after)
	}
}

// TestMerger: a school whose codes went to another is one with it, unless it
// has submitted something.
func TestMerger(t *testing.T) {
	rows := registerHeader + stateRow("MIIS00100B", "MIIS00100B", "ALFA", "MILANO", "MILANO") +
		stateRow("MIPS01000G", "MIPS01000G", "OMEGA", "MILANO", "MILANO")
	merged := registerHeader + stateRow("MIIS00100B", "MIIS00100B", "ALFA", "MILANO", "MILANO") +
		stateRow("MIIS00100B", "MIPS01000G", "OMEGA", "MILANO", "MILANO")
	for _, sent := range []bool{false, true} {
		d := newDesk(t)
		d.ok("institutions", "import", d.file("prima.csv", rows))
		if sent {
			d.submit("MIPS01000G", "general")
		}
		var r office.ImportReply
		d.read(&r, "institutions", "import", d.file("dopo.csv", merged))
		if len(r.Gone) != 1 || r.Gone[0].Merged == sent {
			t.Errorf("sent %v: %+v", sent, r.Gone)
		}
		var in office.InstitutionReply
		d.read(&in, "institutions", "show", "MIPS01000G")
		if want := map[bool]string{true: "MIPS01000G", false: "MIIS00100B"}[sent]; in.Code != want {
			t.Errorf("sent %v: the code is of %s", sent, in.Code)
		}
		d.ok("check")
	}
}

func TestGroups(t *testing.T) {
	d := newDesk(t).furnish()
	d.refused(exitUsage, "institutions", "group", "MIIS00100B", "MIPS185003")
	d.refused(exitUsage, "institutions", "group", "MIPS185003")
	d.refused(exitUsage, "institutions", "group", "MIPS185003", "MIZZ99999Z")
	d.refused(exitUsage, "institutions", "ungroup", "MIPS185003")
	d.refused(exitUsage, "institutions", "ungroup", "MIIS00100B")
	d.refused(exitUsage, "institutions", "group", "MIPS185003", "MIPL125001", "--keep", "MIIS00100B")
	d.submit("MIPS185003", "general")
	var g office.GroupReply
	d.read(&g, "institutions", "group", "MIPS185003", "MIPL125001")
	if g.Kept != "MIPS185003" || g.Institution.Code != "MIPL125001" || !g.LoginMoved || len(g.Institution.Codes) != 3 {
		t.Errorf("%+v", g)
	}
	var u []office.Ungrouped
	d.read(&u, "institutions", "ungroup", "MIPS185003")
	if len(u) != 1 || u[0].Kept.Code != "MIPL125001" || u[0].Parts != 1 || len(u[0].Left) != 1 {
		t.Errorf("%+v", u)
	}
	d.submit("MIPS185003", "general")
	if err := d.refused(exitConflict, "institutions", "group", "MIPS185003", "MITD5V500H"); !strings.Contains(err, "MIPL125001 (1), MIPS185003 (1)") &&
		!strings.Contains(err, "MIPS185003 (1), MIPL125001 (1)") {
		t.Errorf("who has submitted: %s", err)
	}
	d.read(&g, "institutions", "group", "MIPS185003", "MITD5V500H", "--keep", "MIPS185003")
	if g.Kept != "MIPS185003" || !slices.Equal(g.SetAside, []string{"MIPL125001"}) {
		t.Errorf("%+v", g)
	}
	if d.read(&g, "institutions", "group", "MIPS185003", "MITD5V500H"); g.Changed {
		t.Errorf("again: %+v", g)
	}
	d.ok("check")
	d.ok("log", "verify")
}

func TestConfirm(t *testing.T) {
	d := newDesk(t).furnish()
	var list []office.InstitutionRow
	if d.read(&list, "institutions", "list", "--unconfirmed"); len(list) != 1 || list[0].Why == "" {
		t.Fatalf("%+v", list)
	}
	var done []office.Brief
	if d.read(&done, "institutions", "confirm"); len(done) != 1 {
		t.Errorf("%+v", done)
	}
	if d.read(&done, "institutions", "confirm"); len(done) != 0 {
		t.Errorf("again: %+v", done)
	}
}

func TestCredentials(t *testing.T) {
	d := newDesk(t).furnish()
	d.ok("institutions", "add", "MIRC08000A", "--name", "=CMD()", "--comune", "MILANO", "--kind", "statale")
	out := filepath.Join(t.TempDir(), "password.csv")
	var r issueReply
	d.read(&r, "credentials", "issue", "--all", "--out", out)
	if r.Count != 3 || len(r.Issued) != 0 || len(r.Unconfirmed) != 1 || r.Unconfirmed[0].Code != "MIPL125001" {
		t.Errorf("%+v", r)
	}
	info, err := os.Stat(out)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	raw, _ := os.ReadFile(out)
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil || len(rows) != 4 || strings.Join(rows[0], ",") != "code,name,password" {
		t.Fatalf("%v\n%s", err, raw)
	}
	if !strings.Contains(string(raw), "MIRC08000A,'=CMD(),") {
		t.Errorf("a formula came through:\n%s", raw)
	}
	d.refused(exitUsage, "credentials", "issue", "--all", "--out", out)
	if after, _ := os.ReadFile(out); !bytes.Equal(raw, after) {
		t.Error("the file was overwritten")
	}
	if d.read(&r, "credentials", "issue", "--all"); r.Count != 0 || r.Already != 3 {
		t.Errorf("again: %+v", r)
	}
	d.ok("institutions", "confirm")
	d.refused(exitUsage, "credentials", "issue", "--all", "--out", filepath.Join(out, "x"))
	if d.read(&r, "credentials", "issue", "MITD5V500H"); len(r.Issued) != 1 || r.Issued[0].Code != "MIPL125001" {
		t.Errorf("%+v", r)
	}
	first := r.Issued[0].Password
	d.ok("credentials", "revoke", "MIPL125001")
	if d.read(&r, "credentials", "issue", "MIPL125001"); r.Count != 0 || len(r.Revoked) != 1 {
		t.Errorf("after a revocation: %+v", r)
	}
	if d.read(&r, "credentials", "reset", "MIPL125001"); len(r.Issued) != 1 || r.Issued[0].Password == first {
		t.Errorf("reset: %+v", r)
	}
	d.refused(exitUsage, "credentials", "revoke", "MIPL125001", "--device", "")
	secrets := []string{first, r.Issued[0].Password, rows[1][2]}
	d.keepsNoSecret(secrets)
}

// keepsNoSecret looks for passwords in the log and in the bytes of the folder.
func (d *desk) keepsNoSecret(secrets []string) {
	d.t.Helper()
	log := d.ok("log", "--json")
	files, err := os.ReadDir(d.data)
	must(d.t, err)
	for _, s := range secrets {
		if strings.Contains(log, s) {
			d.t.Error("a password stands in the log")
		}
		for _, f := range files {
			raw, err := os.ReadFile(filepath.Join(d.data, f.Name()))
			must(d.t, err)
			if bytes.Contains(raw, []byte(s)) || bytes.Contains(raw, []byte(strings.ReplaceAll(s, "-", ""))) {
				d.t.Errorf("a password stands in %s", f.Name())
			}
		}
	}
}

func TestSurvey(t *testing.T) {
	d := newDesk(t).furnish()
	var s office.SurveyReply
	d.read(&s, "survey", "show")
	if s.ID != "dispersione-2022-23" || s.Stage != office.StageOpen || !s.Dates.OpensAssumed {
		t.Errorf("%+v", s)
	}
	d.read(&s, "survey", "dates", "--opens", "2023-11-01", "--due", "2024-01-10", "--late-until", "2024-01-20 18:00")
	if s.Dates.Due.Format("2006-01-02T15:04:05Z07:00") != "2024-01-10T23:59:59+01:00" || s.Dates.LateUntil.Hour() != 18 || s.Dates.OpensAssumed {
		t.Errorf("%+v", s.Dates)
	}
	d.refused(exitUsage, "survey", "dates", "--due", "2024-02-01")
	d.refused(exitUsage, "survey", "dates", "--opens", "2024-02-01")
	d.refused(exitUsage, "survey", "dates", "--due", "domani")
	d.refused(exitUsage, "survey", "dates", "--due", "2024-01-12", "--institution", "MIZZ00000Z")
	if d.read(&s, "survey", "dates", "--late-until", "2024-02-10", "--institution", "MIPS00101N"); len(s.Extensions) != 1 || s.Extensions[0].Code != "MIIS00100B" {
		t.Errorf("%+v", s.Extensions)
	}
	if out := d.ok("survey", "show"); !strings.Contains(out, "10 gennaio 2024, ore 23:59 (ora italiana)") {
		t.Errorf("not in words:\n%s", out)
	}
	raw, err := os.ReadFile("../../pkg/survey/questionnaires/dispersione-2022-23.yaml")
	must(t, err)
	next := d.file("v2.yaml", string(raw)+"# v2\n")
	d.ok("survey", "check", next)
	first := s.InForce
	d.refused(exitConflict, "survey", "void", first)
	var p office.PublishReply
	if d.read(&p, "survey", "publish", next); !p.Changed || p.Previous != first {
		t.Errorf("%+v", p)
	}
	if d.read(&p, "survey", "publish", next); p.Changed {
		t.Errorf("again: %+v", p)
	}
	d.refused(exitUsage, "survey", "void", "sha256:00000000")
	for range 2 { // again is no error
		var v store.SurveyVersion
		if d.read(&v, "survey", "void", first); !v.Void || v.Digest != first {
			t.Errorf("%+v", v)
		}
	}
	tiny, err := os.ReadFile("../../internal/store/storetest/testdata/tiny.yaml")
	must(t, err)
	d.refused(exitConflict, "survey", "publish", d.file("tiny.yaml", string(tiny)))
	other := newDesk(t)
	if other.read(&p, "survey", "publish", d.file("tiny.yaml", string(tiny))); p.ID != "tiny" || p.Previous != "" {
		t.Errorf("in a new folder: %+v", p)
	}
}

func TestSurveyCheckNamesPlaces(t *testing.T) {
	d := newDesk(t)
	path := d.file("rotto.yaml", "format: 1\nid: x\nparts:\n  - id: general\n    sections:\n      - id: s\n        items:\n          - question: q\n            type: nonsense\n")
	exit, out, err := d.run("survey", "check", path)
	if exit != exitFindings || !strings.Contains(out, path+":9:") {
		t.Errorf("exit %d\n%s%s", exit, out, err)
	}
	if _, statErr := os.Stat(d.data); statErr == nil {
		t.Error("survey check has made a data folder")
	}
	if exit, _, _ := d.run("survey", "publish", path); exit != exitFindings {
		t.Errorf("publish: exit %d", exit)
	}
	if _, statErr := os.Stat(d.data); statErr == nil {
		t.Error("a refused publish has made a data folder")
	}
}

func TestReturns(t *testing.T) {
	d := newDesk(t).furnish()
	d.ok("institutions", "exclude", "MIPS185003", "--reason", "solo serale")
	var s office.StatusReply
	if d.read(&s, "status"); s.Expected != 2 || s.NotStarted != 2 || s.NotDue != 1 {
		t.Errorf("%+v", s)
	}
	d.submit("MIIS00100B", "general", "liceale")
	if d.read(&s, "status"); s.InProgress != 1 || s.ByTrack[0].Submitted != 1 {
		t.Errorf("%+v", s)
	}
	var r office.ReturnReply
	d.read(&r, "show", "MIIS00100B")
	var missing []string
	for _, p := range r.Parts {
		if p.State == "missing" {
			missing = append(missing, p.Part)
		}
	}
	d.submit("MIIS00100B", missing...)
	if d.read(&s, "status"); s.Complete != 1 || s.ByComune[0].Complete != 1 {
		t.Errorf("%+v", s)
	}
	out := d.ok("show", "MIIS00100B", "liceale")
	if strings.Contains(out, "\x1b") || !strings.Contains(out, `\x1b[2J`) || !strings.Contains(out, "revisione 1") {
		t.Errorf("%s", out)
	}
	var h []office.HistoryRow
	if d.read(&h, "history", "MIIS00100B", "liceale"); len(h) != 1 || h[0].Revision != 1 {
		t.Errorf("%+v", h)
	}
	if out := d.ok("history", "MIIS00100B", "liceale") + d.ok("log") + d.ok("show", "MIIS00100B"); strings.Contains(out, "\x1b") {
		t.Errorf("an escape sequence reached the terminal: %q", out)
	}
	d.refused(exitUsage, "show", "MIIS00100B", "liceale", "--revision", "2")
	d.refused(exitUsage, "show", "MIIS00100B", "nessuna")
	d.refused(exitUsage, "show", "MIPL125001", "general")
	d.refused(exitUsage, "history", "MIPL125001", "general")
	d.refused(exitUsage, "show", "ZZ")
	d.refused(exitUsage, "show", "MIZZ00000Z")
}

func TestLog(t *testing.T) {
	d := newDesk(t).furnish()
	d.submit("MIIS00100B", "general")
	var rows []office.LogRow
	if d.read(&rows, "log"); len(rows) != 5 || rows[4].Index != 4 || rows[4].Action != "submit" {
		t.Fatalf("%+v", rows)
	}
	for args, want := range map[string]int{
		"--limit 1": 1, "--institution MIPS00101N": 3, "--action submit": 1, "--outcome accepted": 1, "--incident 0000-0001": 1,
		"--incident oooo-oooi": 1, "--since 2023-12-02": 0, "--until 2023-12-01": 5, "--since 2023-12-01 --limit 2": 2, "--institution MIZZ00000Z": 0,
	} {
		if d.read(&rows, append([]string{"log"}, strings.Fields(args)...)...); len(rows) != want {
			t.Errorf("%s: %d lines", args, len(rows))
		}
	}
	d.refused(exitUsage, "log", "--incident", "x")
	var v office.VerifyReply
	if d.read(&v, "log", "verify"); v.Verdict != office.LogIntact || v.Size != 5 {
		t.Fatalf("%+v", v)
	}
	kept := d.file("checkpoint", v.Checkpoint)
	d.ok("institutions", "confirm")
	if out := d.ok("log", "verify", "--checkpoint", kept); !strings.Contains(out, "(5 righe)") {
		t.Errorf("%s", out)
	}
	whole, err := json.Marshal(v)
	must(t, err)
	d.ok("log", "verify", "--checkpoint", d.file("intero.json", string(whole)))
	forged := strings.Replace(v.Checkpoint, "\n5\n", "\n4\n", 1)
	d.refused(exitConflict, "log", "verify", "--checkpoint", d.file("falso", forged))
	// A log of another folder is none that this one extends.
	other := newDesk(t)
	other.env.random = d.env.random
	other.furnish()
	other.refused(exitConflict, "log", "verify", "--checkpoint", kept)
}

// TestBackupRestore: a copy is made while the server runs and only when it is
// whole; it comes back in an empty folder, with the key, under a new epoch.
func TestBackupRestore(t *testing.T) {
	d := newDesk(t).furnish()
	d.submit("MIIS00100B", "general")
	kept := d.file("prima.json", d.ok("log", "verify", "--json"))
	copyAt := filepath.Join(t.TempDir(), "copia.db")
	if out := d.ok("backup", copyAt); !strings.Contains(out, copyAt) || !strings.Contains(out, keyFile) {
		t.Error(out)
	}
	d.refused(exitUsage, "backup", copyAt)
	d.refused(exitUsage, "backup", filepath.Join(t.TempDir(), "manca", "copia.db"))
	d.refused(exitUsage, "restore", copyAt) // not over a store

	n := newDesk(t)
	n.refused(exitConflict, "restore", copyAt) // not without the key
	key, err := os.ReadFile(filepath.Join(d.data, keyFile))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(n.data, keyFile), key, 0o600))
	n.refused(exitUsage, "restore", filepath.Join(t.TempDir(), "manca"))
	n.refused(exitConflict, "restore", kept)
	if out := n.ok("restore", copyAt); !strings.Contains(out, "1 invii") {
		t.Error(out)
	}
	n.ok("check")
	if out := n.ok("log", "verify", "--checkpoint", kept); !strings.Contains(out, "ripristinato") {
		t.Error(out)
	}
	n.ok("log", "rotate-key")
	n.ok("log", "verify", "--checkpoint", kept)
	if out := n.ok("log", "--action", "ripristino"); !strings.Contains(out, "ripristino") {
		t.Error(out)
	}
	n.refused(exitUsage, "restore", copyAt)

	moved := newDesk(t)
	elsewhere := filepath.Join(t.TempDir(), "chiave")
	must(t, os.WriteFile(elsewhere, key, 0o600))
	moved.ok("restore", copyAt, "--log-key", elsewhere)
	moved.refused(exitConflict, "status")
	moved.ok("status", "--log-key", elsewhere)
	lost := newDesk(t)
	lost.env.random = rand.Reader // the dice of the tests would make the same key
	if out := lost.ok("restore", copyAt, "--new-log-key"); !strings.Contains(out, "allarme") {
		t.Error(out)
	}
}

// TestLogTable: 80 columns hold what a person looks for first, in words; a
// wider terminal gets the rest, one incident all of it.
func TestLogTable(t *testing.T) {
	d := newDesk(t).furnish()
	d.submit("MIIS00100B", "general")
	d.env.width = func() int { return 80 }
	out := d.ok("log")
	for _, line := range strings.Split(out, "\n") {
		if n := len([]rune(line)); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	for _, word := range []string{"QUANDO", "INCIDENTE", "invio generale 1", "accettato", "MIIS00100B"} {
		if !strings.Contains(out, word) {
			t.Errorf("no %q in\n%s", word, out)
		}
	}
	d.env.width = func() int { return 200 }
	if out := d.ok("log"); !strings.Contains(out, "DISPOSITIVO") {
		t.Error(out)
	}
	var rows []office.LogRow
	d.read(&rows, "log", "--action", "invio", "--outcome", "accepted")
	if len(rows) != 1 {
		t.Fatalf("%+v", rows)
	}
	d.refused(exitUsage, "log", "--outcome", "boh")
	d.refused(exitUsage, "log", "--action", "boh")
	if out := d.err.String(); !strings.Contains(out, "institutions_import") {
		t.Errorf("the known actions are not named: %s", out)
	}
	if out := d.ok("log", "--incident", rows[0].Incident); rows[0].Incident != "" && !strings.Contains(out, rows[0].SubmissionID) {
		t.Error(out)
	}
}

// TestMessageToAll: whoever is excluded is not written to.
func TestMessageToAll(t *testing.T) {
	d := newDesk(t).furnish()
	d.ok("institutions", "exclude", "MIPS185003", "--reason", "solo serale")
	var sent office.WordReply
	if d.read(&sent, "message", "--all", "--text", "domani il server resta spento"); len(sent.Institutions) != 2 {
		t.Errorf("%+v", sent)
	}
	if out := d.ok("message", "--all", "--text", "è tornato"); !strings.Contains(out, "Scuole: 2.") {
		t.Error(out)
	}
	d.refused(exitUsage, "message", "--all", "MIIS00100B", "--text", "x")
	d.refused(exitUsage, "message", "--text", "x")
}
