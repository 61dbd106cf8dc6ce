package office

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// registerFile is a file of state schools, one institution a line: province
// and code.
func registerFile(lines ...string) File {
	var b strings.Builder
	b.WriteString("ANNOSCOLASTICO,PROVINCIA,CODICEISTITUTORIFERIMENTO,DENOMINAZIONEISTITUTORIFERIMENTO,CODICESCUOLA,DENOMINAZIONESCUOLA,INDIRIZZOSCUOLA,CAPSCUOLA,CODICECOMUNESCUOLA,DESCRIZIONECOMUNE,DESCRIZIONECARATTERISTICASCUOLA,DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA,INDIRIZZOEMAILSCUOLA,INDIRIZZOPECSCUOLA\n")
	for _, l := range lines {
		province, code, _ := strings.Cut(l, " ")
		b.WriteString("202223," + province + "," + code + ",X," + code + ",Liceo " + code + ",VIA ROMA 1,20100,F205,COMUNE,NORMALE,LICEO SCIENTIFICO,a@b.it,c@d.it\n")
	}
	return File{Name: "scuole.csv", Data: []byte(b.String())}
}

func in(province string, codes []string) (lines []string) {
	for _, c := range codes {
		lines = append(lines, province+" "+c)
	}
	return lines
}

// TestImportOfItaly: the file of the whole country is not taken by a slip.
func TestImportOfItaly(t *testing.T) {
	o, codes := newOffice(t), stateCodes(4)
	file := registerFile("MILANO "+codes[0], "MILANO "+codes[1], "COMO "+codes[2], "PAVIA "+codes[3])
	_, err := o.ImportRegister(t.Context(), ImportRequest{Files: []File{file}})
	var refused *Error
	if !errors.As(err, &refused) || refused.Code != "province_needed" || !strings.Contains(refused.Hint.It, "--province ALL") || !strings.Contains(refused.Hint.It, "COMO, MILANO, PAVIA") {
		t.Fatalf("%v", err)
	}
	for province, want := range map[string]int{"como": 1, "MILANO": 2, "all": 4, "ALL": 4} {
		r, err := o.ImportRegister(t.Context(), ImportRequest{Files: []File{file}, Province: province, DryRun: true})
		if err != nil || len(r.Added) != want {
			t.Errorf("%s: %d added, %v", province, len(r.Added), err)
		}
	}
}

// TestCutFile: a file that lacks more than one code in ten is held up.
func TestCutFile(t *testing.T) {
	o, codes := newOffice(t), stateCodes(40)
	ctx := t.Context()
	load := func(n int, accept, dry bool) (ImportReply, error) {
		return o.ImportRegister(ctx, ImportRequest{Files: []File{registerFile(in("MILANO", codes[:n])...)}, AcceptGone: accept, DryRun: dry})
	}
	if _, err := load(40, false, false); err != nil {
		t.Fatal(err)
	}
	if r, err := load(36, false, false); err != nil || r.ManyGone || r.Lost != 4 || len(r.Gone) != 4 {
		t.Errorf("4 of 40: %+v %v", r.Lost, err)
	}
	if _, err := load(35, false, false); code(err) != "many_gone" {
		t.Errorf("5 of 40: %v", err)
	}
	if r, err := load(35, false, true); err != nil || !r.ManyGone || len(r.Gone) != 5 {
		t.Errorf("a trial tells: %v %+v", err, r.ManyGone)
	}
	if r, err := load(35, true, false); err != nil || !r.Stored || !r.ManyGone {
		t.Errorf("accepted: %v", err)
	}
}

// TestRemoveAndMerge: what was sent is never lost.
func TestRemoveAndMerge(t *testing.T) {
	codes := stateCodes(6)
	c := newCalling(t, codes...)
	ctx := t.Context()
	if _, err := c.RemoveInstitution(ctx, RemoveRequest{Code: codes[0]}); code(err) != "reason_missing" {
		t.Errorf("without a reason: %v", err)
	}
	_, err := c.RemoveInstitution(ctx, RemoveRequest{Code: codes[0], Reason: "non esiste"})
	c.must(err)
	if _, err := c.find(ctx, codes[0]); code(err) != "unknown_institution" {
		t.Errorf("removed, and still there: %v", err)
	}
	c.send(c.enter(codes[1]), survey.GeneralPart, nil)
	if _, err := c.RemoveInstitution(ctx, RemoveRequest{Code: codes[1], Reason: "x"}); code(err) != "has_sent" {
		t.Errorf("one that has sent: %v", err)
	}
	// The old one has sent: its return goes on under the new code.
	before := c.school(codes[1])
	r, err := c.MergeInstitutions(ctx, MergeRequest{Old: codes[1], New: codes[2], Reason: "dimensionamento"})
	c.must(err)
	if r.Institution.ID != before.ID || r.Institution.Code != codes[2] || !slices.Contains(r.Institution.Codes, codes[1]) || r.Institution.Name != "Istituto "+codes[2] {
		t.Errorf("merged: %+v", r.Institution)
	}
	ret, err := c.ShowReturn(ctx, ShowRequest{Code: codes[1]})
	c.must(err)
	if ret.Institution.Code != codes[2] || ret.Parts[0].Current == nil {
		t.Errorf("its return: %+v", ret.Parts)
	}
	// Both have sent: the office says whose counts.
	c.send(c.enter(codes[3]), survey.GeneralPart, nil)
	if _, err := c.MergeInstitutions(ctx, MergeRequest{Old: codes[3], New: codes[2], Reason: "x"}); code(err) != "keep_needed" {
		t.Errorf("both have sent: %v", err)
	}
	r, err = c.MergeInstitutions(ctx, MergeRequest{Old: codes[3], New: codes[2], Reason: "x", Keep: codes[2]})
	c.must(err)
	if !slices.Equal(r.SetAside, []string{codes[3]}) || r.Institution.ID != before.ID {
		t.Errorf("kept: %+v", r)
	}
	for _, bad := range []MergeRequest{{Old: codes[3], New: codes[2], Reason: "x"}, {Old: codes[4], New: codes[5]}, {Old: codes[4], New: "MIZZ00000Z", Reason: "x"}} {
		if _, err := c.MergeInstitutions(ctx, bad); err == nil {
			t.Errorf("%+v was done", bad)
		}
	}
	faults, err := c.Store.Check(ctx)
	c.must(err)
	if len(faults) > 0 {
		t.Errorf("check: %v", faults)
	}
	for action, want := range map[string]int{actionMerge: 2, actionRemove: 1} {
		if lines, err := c.Store.Log(ctx, store.LogFilter{After: -1, Action: action}); err != nil || len(lines) != want {
			t.Errorf("%s: %d lines", action, len(lines))
		}
	}
}

// TestTracks: from a file, and against what part 1 says.
func TestTracks(t *testing.T) {
	codes := stateCodes(3)
	c := newCalling(t, codes...)
	ctx := t.Context()
	file := func(text string) (TracksFileReply, error) {
		return c.SetTracksFrom(ctx, TracksFileRequest{File: File{Name: "f.csv", Data: []byte(text)}})
	}
	r, err := file("codice,percorsi\n" + codes[0] + ",liceale tecnico\n" + codes[1] + ",sci\nMIZZ00000Z,liceale\n" + codes[0] + ",liceale\nzz,liceale\n" + codes[2] + "\n")
	c.must(err)
	var lines []int
	for _, f := range r.Faults {
		lines = append(lines, f.Line)
	}
	if !slices.Equal(lines, []int{3, 4, 5, 6, 7}) || r.Changed != 0 || c.school(codes[0]).OwnTracks {
		t.Errorf("%+v", r)
	}
	r, err = file("\ufeff" + codes[0] + ";liceale;tecnico\n" + codes[1] + ";liceale\n")
	c.must(err)
	if got := c.school(codes[0]); r.Changed != 2 || !slices.Equal(got.ExpectedTracks, []string{"liceale", "tecnico"}) || !got.OwnTracks {
		t.Errorf("%+v %+v", r, got.ExpectedTracks)
	}
	if r, err = file(codes[0] + ",tecnico liceale\n"); err != nil || r.Changed != 0 || r.Unchanged != 1 {
		t.Errorf("the same again: %+v %v", r, err)
	}
	if _, err := file("niente\n"); code(err) != "no_tracks" {
		t.Errorf("an empty file: %v", err)
	}

	// Part 1 of 0 lacks tecnico and says why; part 1 of 1 agrees.
	one := func(s *surveysync.Submission) {
		s.Answers["tracks_offered"] = []string{"liceale"}
		delete(s.Answers, "iefp_delivery_mode")
	}
	why := func(s *surveysync.Submission) {
		one(s)
		s.Explanations = map[string]survey.Explanation{"G16": {Reason: "special_situation", Text: "Il tecnico è stato chiuso."}}
	}
	if v := c.send(c.enter(codes[0]), survey.GeneralPart, why); v.Outcome != surveysync.Accept {
		t.Fatalf("%+v", v)
	}
	if v := c.send(c.enter(codes[1]), survey.GeneralPart, one); v.Outcome != surveysync.Accept {
		t.Fatalf("%+v", v)
	}
	c.must(err)
	_, err = c.SetTracks(ctx, TracksRequest{Code: codes[1], Tracks: []string{"liceale", "professionale"}})
	c.must(err)
	rows, err := c.CompareTracks(ctx, Nothing{})
	c.must(err)
	if len(rows) != 2 || rows[0].State != TracksClosed || rows[0].Reason != "Il tecnico è stato chiuso." || rows[1].State != TracksDisputed || rows[1].Reason != "" {
		t.Errorf("%+v", rows)
	}
}

// TestExcludeAgain says which reason is replaced.
func TestExcludeAgain(t *testing.T) {
	codes := stateCodes(1)
	c := newCalling(t, codes...)
	for _, step := range []struct{ reason, replaced string }{{"chiusa", ""}, {"solo serale", "chiusa"}, {"solo serale", ""}} {
		r, err := c.ExcludeInstitution(t.Context(), ExcludeRequest{Code: codes[0], Reason: step.reason})
		c.must(err)
		if r.Replaced != step.replaced || r.Excluded != step.reason {
			t.Errorf("%+v: %q", step, r.Replaced)
		}
	}
}
