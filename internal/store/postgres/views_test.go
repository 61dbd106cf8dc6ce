//go:build unix

package postgres_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"rileva/internal/export"
	"rileva/internal/store"
	"rileva/internal/store/postgres"
	"rileva/internal/store/postgres/pgtest"
	"rileva/internal/store/storetest"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// season fills a store with the real questionnaire: four schools, one part each
// of what can happen to it.
func season(t *testing.T, s store.Store) *storetest.World {
	t.Helper()
	q, err := survey.Load(questionnaires.Dispersione202223)
	if err != nil {
		t.Fatal(err)
	}
	early := fixedNow().AddDate(0, -1, 0)
	if _, err := s.Publish(t.Context(), q.Bytes(), early, store.Act{At: early, Action: "x", Outcome: surveysync.OutcomeOK}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetDates(t.Context(), store.DatesEdit{Opens: &early}, store.Act{At: early, Action: "x", Outcome: surveysync.OutcomeOK}); err != nil {
		t.Fatal(err)
	}
	w := &storetest.World{TB: t, Store: s, Digest: survey.DigestOf(q.Bytes())}
	for _, code := range []string{"MIIS00100B", "MIIS00200R", "MIIS00300L", "MIIS00400C"} {
		w.AddSchool(code)
	}
	for i, school := range w.Schools[:3] {
		for _, part := range append([]string{survey.GeneralPart}, samples.Tracks()...) {
			if i == 2 && part == "tecnico" {
				continue // still to come
			}
			send(t, w, school, part, 0, nil, func(sub *surveysync.Submission) {
				if i == 0 && part == survey.GeneralPart { // the tracks have one fewer
					sub.Answers["students_total_start"] = sub.Answers["students_total_start"].(int) + 1
				}
				if i == 1 && part == "liceale" { // not recorded, and an explanation that has no effect
					delete(sub.Answers, "overage_y1_m")
					sub.Unavailable = map[string]string{"overage_y1_m": "not_recorded"}
				}
			})
		}
	}
	review := func(school storetest.School, part, action string) {
		r := store.Review{At: fixedNow().Add(time.Minute), Action: action, Part: part, Remarks: []surveysync.Remark{{Text: "Da rivedere."}}}
		if _, err := s.ReviewParts(t.Context(), school.ID, []store.Review{r}, store.Act{At: r.At, Outcome: surveysync.OutcomeOK}); err != nil {
			t.Fatal(err)
		}
	}
	review(w.Schools[0], "liceale", store.ReviewApprove)
	review(w.Schools[1], "tecnico", store.ReviewReturn)
	// The third takes a track out of its offer.
	send(t, w, w.Schools[2], survey.GeneralPart, 1, []string{"iefp"}, func(sub *surveysync.Submission) {
		sub.Answers = samples.ForTracks(w.Schools[2].Institution.Institution.Institution, "liceale", "tecnico", "professionale")[survey.GeneralPart]
	})
	return w
}

func send(t *testing.T, w *storetest.World, school storetest.School, part string, replaces int, withdraw []string, change func(*surveysync.Submission)) {
	t.Helper()
	sub := surveysync.Submission{SubmissionID: w.NewID(), Institution: school.Code, Survey: "dispersione-2022-23", Part: part,
		Questionnaire: w.Digest, Withdraw: withdraw, CompletedAt: fixedNow(), Answers: samples.For(school.Institution.Institution.Institution)[part],
		Explanations: map[string]survey.Explanation{}}
	change(&sub)
	q, err := survey.Load(questionnaires.Dispersione202223)
	if err != nil {
		t.Fatal(err)
	}
	found := q.Sheet(part).Evaluate(survey.Input{Answers: sub.Answers, Unavailable: sub.Unavailable,
		Institution: store.Block(school.Institution), Lang: "it", Submit: true}).Findings
	for _, f := range found {
		if f.Severity == survey.Explain {
			sub.Explanations[f.Check] = survey.Explanation{Reason: "other", Text: "Controllato, è «così» davvero; 1/2."}
		}
	}
	body, err := json.Marshal(sub)
	if err != nil {
		t.Fatal(err)
	}
	if sub, err = surveysync.ParseSubmission(body); err != nil {
		t.Fatal(err)
	}
	a, err := w.Store.Accept(t.Context(), store.Put{Body: body,
		Access:   store.Access{Session: store.Session{TokenHash: school.Token, InstitutionID: school.ID}, Institution: school.Institution},
		Incoming: surveysync.Incoming{Submission: sub, Digest: surveysync.Digest(body), Part: part, Replaces: replaces, Now: fixedNow(), Lang: "it"},
		Entry:    surveysync.Entry{Device: "segreteria", Incident: "7K3Q-9ZTA", Client: "1.0.0", Size: int64(len(body))}})
	if err != nil || a.Verdict.Outcome != surveysync.Accept {
		t.Fatalf("%s %s: %+v, %v", school.Code, part, a.Verdict, err)
	}
}

// reader opens a connection as a role that has been let read the views.
func reader(t *testing.T, s *postgres.Store, address string) *pgx.Conn {
	t.Helper()
	role := fmt.Sprintf("analista_%d", time.Now().UnixNano())
	execute(t, address, "create role "+role+" login")
	t.Cleanup(func() { // before the database goes: the role holds grants in it
		execute(t, address, "drop owned by "+role)
		execute(t, address, "drop role "+role)
	})
	if _, err := s.MakeViews(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	if _, err := conn.Exec(t.Context(), "set role "+role); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestViewsAreTheExport compares each cell of each file of the export with what
// the role of an analyst reads in the view of the same name.
func TestViewsAreTheExport(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
	defer func() { _ = s.Close() }()
	season(t, s)
	conn := reader(t, s, address)
	dir := filepath.Join(t.TempDir(), "out")
	m, err := export.Write(t.Context(), s, export.Options{Dir: dir, Formats: []string{export.CSV}, AsOf: fixedNow().Add(time.Hour), Lang: "it"})
	if err != nil {
		t.Fatal(err)
	}
	if m.Counts != (export.Counts{Institutions: 4, Submissions: 12, Returned: 1, Withdrawn: 1}) {
		t.Fatalf("the season is not what it should be: %+v", m.Counts)
	}
	var got export.Counts
	if err := conn.QueryRow(t.Context(), "select institutions, submissions, returned, withdrawn from analisi.counts").
		Scan(&got.Institutions, &got.Submissions, &got.Returned, &got.Withdrawn); err != nil || got != m.Counts {
		t.Errorf("counts: %+v, %v", got, err)
	}
	for _, level := range []string{"institutions", "general", "tracks", "cells", "explanations"} {
		f, err := os.Open(filepath.Join(dir, level+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		want, err := csv.NewReader(f).ReadAll()
		if err != nil || len(want) < 3 {
			t.Fatalf("%s: %d rows, %v", level, len(want), err)
		}
		have := seen(t, conn, level, want[0])
		slices.SortFunc(want[1:], slices.Compare)
		slices.SortFunc(have[1:], slices.Compare)
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s (- the file, + the view):\n%s", level, diff)
		}
	}
}

// seen gives a view as the file of the level spells it.
func seen(t *testing.T, conn *pgx.Conn, level string, header []string) [][]string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "select * from analisi."+level)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToMap)
	if err != nil {
		t.Fatal(err)
	}
	out := [][]string{header}
	for _, row := range all {
		missing, _ := row["not_available"].(map[string]any)
		line := make([]string, len(header))
		for i, name := range header {
			value, there := row[name]
			if !there {
				t.Fatalf("%s has no column %s", level, name)
			}
			if line[i] = spelled(t, value); value == nil && missing[name] != nil {
				line[i] = missing[name].(string)
			}
			if level == "cells" && name == "value" { // a list in JSON has spaces there
				line[i] = strings.ReplaceAll(line[i], `", "`, `","`)
			}
		}
		out = append(out, line)
	}
	return out
}

func spelled(t *testing.T, value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case time.Time:
		if v.Hour() == 0 && v.Minute() == 0 && v.Location() == time.UTC && v.Nanosecond() == 0 && v.Second() == 0 {
			return v.Format("2006-01-02")
		}
		return v.UTC().Format("2006-01-02T15:04:05.000Z")
	case []any:
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	return fmt.Sprint(value)
}

// TestReaderReadsViewsOnly: the role of an analyst reads what is in the schema
// of the views, whatever is there beside it, and writes nothing.
func TestReaderReadsViewsOnly(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
	defer func() { _ = s.Close() }()
	season(t, s)
	conn := reader(t, s, address)
	rows, err := conn.Query(t.Context(), `select n.nspname || '.' || c.relname, n.nspname,
		has_table_privilege(c.oid, 'select'), has_table_privilege(c.oid, 'insert, update, delete, truncate')
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'v', 'm', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	type relation struct {
		Name, Schema string
		Read, Write  bool
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[relation])
	if err != nil || len(all) < 30 {
		t.Fatalf("%d relations, %v", len(all), err)
	}
	for _, r := range all {
		if r.Read != (r.Schema == "analisi") || r.Write {
			t.Errorf("%s: reads %v, writes %v", r.Name, r.Read, r.Write)
		}
	}
	for _, table := range []string{"accounts", "sessions", "institutions", "submissions"} {
		if _, err := conn.Exec(t.Context(), "select * from public."+table); err == nil {
			t.Errorf("%s can be read", table)
		}
	}
	// No column of a view has what is not in the export: no address, no letter box.
	rows, err = conn.Query(t.Context(), "select table_name || '.' || column_name from information_schema.columns where table_schema = 'analisi' and column_name ~ '^(email|pec|address|hash|token|device)$'")
	if err != nil {
		t.Fatal(err)
	}
	if columns, err := pgx.CollectRows(rows, pgx.RowTo[string]); err != nil || len(columns) > 0 {
		t.Errorf("%v, %v", columns, err)
	}
}

// TestViewsFollow: what changes is judged anew and nothing else; a new version
// of the questionnaire makes the views anew, also for those who had been let
// read them; where nobody asked for views there are none.
func TestViewsFollow(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
	defer func() { _ = s.Close() }()
	w := season(t, s)
	renew := func(want postgres.Judged) {
		t.Helper()
		if got, err := s.RenewViews(t.Context()); err != nil || got != want {
			t.Errorf("renewed: %+v, %v, want %+v", got, err, want)
		}
	}
	renew(postgres.Judged{})
	conn := reader(t, s, address)
	renew(postgres.Judged{Institutions: 4})
	state := func(code string) (state string) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), "select state from analisi.institutions where code = $1", code).Scan(&state); err != nil {
			t.Fatal(err)
		}
		return state
	}
	if got := state(w.Schools[2].Code); got != survey.ReturnInProgress {
		t.Errorf("before the last part: %s", got)
	}
	send(t, w, w.Schools[2], "tecnico", 0, nil, func(*surveysync.Submission) {})
	renew(postgres.Judged{Institutions: 4, Judged: 1})
	if got := state(w.Schools[2].Code); got == survey.ReturnInProgress {
		t.Errorf("after the last part: %s", got)
	}
	var found int
	if err := conn.QueryRow(t.Context(), "select count(*) from analisi.findings where severity <> 'note' and not explained and part <> 'general'").Scan(&found); err != nil || found > 0 {
		t.Errorf("%d findings that would have been refused, %v", found, err)
	}
	another := append(slices.Clone(questionnaires.Dispersione202223), "# another\n"...)
	another = regexp.MustCompile(`(?m)^( +)(it: ")Codice`).ReplaceAll(another, []byte(`$1$2 Codice`))
	if _, err := s.Publish(t.Context(), another, fixedNow(), store.Act{At: fixedNow(), Action: "x", Outcome: surveysync.OutcomeOK}); err != nil {
		t.Fatal(err)
	}
	renew(postgres.Judged{Institutions: 4, Judged: 4})
	if got := state(w.Schools[0].Code); got == "" {
		t.Error("no state after another version")
	}
	var versions int
	if err := conn.QueryRow(t.Context(), "select count(distinct questionnaire) from analisi.variables").Scan(&versions); err != nil || versions != 2 {
		t.Errorf("%d versions, %v", versions, err)
	}
}

// TestAnalystsQueries runs every query of docs/analysts.md as it is printed, as
// an analyst: each gives rows. The first table of that text names every view.
func TestAnalystsQueries(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/analysts.md")
	if err != nil {
		t.Fatal(err)
	}
	queries := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllSubmatch(raw, -1)
	if len(queries) < 8 {
		t.Fatalf("%d queries", len(queries))
	}
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
	defer func() { _ = s.Close() }()
	season(t, s)
	conn := reader(t, s, address)
	for _, q := range queries {
		tag, err := conn.Exec(t.Context(), string(q[1]))
		if err != nil || tag.RowsAffected() == 0 {
			t.Errorf("%d rows, %v:\n%s", tag.RowsAffected(), err, q[1])
		}
	}
	rows, err := conn.Query(t.Context(), "select table_name from information_schema.views where table_schema = 'analisi'")
	if err != nil {
		t.Fatal(err)
	}
	views, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(views) != 8 {
		t.Errorf("%q, %v", views, err)
	}
	for _, view := range views {
		if !strings.Contains(string(raw), "\n| `"+view+"` |") {
			t.Errorf("%s is not in the table", view)
		}
	}
	// One of the figures, added up by hand: the samples of three schools.
	var first, want int64
	if err := conn.QueryRow(t.Context(), "select sum(enrolled_start_y1_m + enrolled_start_y1_f) from analisi.tracks where track = 'professionale'").Scan(&first); err != nil {
		t.Fatal(err)
	}
	for _, cell := range []string{"enrolled_start_y1_m", "enrolled_start_y1_f"} {
		want += 3 * int64(samples.Answers("professionale")[cell].(int))
	}
	if first != want {
		t.Errorf("the view says %d, sent were %d", first, want)
	}
}

// TestErasedEverywhere: what is taken out of a body is in no column and no view
// any more.
func TestErasedEverywhere(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	const name = "Prova Di Cancellazione"
	s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
	defer func() { _ = s.Close() }()
	w := season(t, s)
	send(t, w, w.Schools[3], survey.GeneralPart, 0, nil, func(sub *surveysync.Submission) { sub.Answers["compiler_name"] = name })
	conn := reader(t, s, address)
	if _, err := conn.Exec(t.Context(), "reset role"); err != nil {
		t.Fatal(err)
	}
	found := func() (places []string) {
		t.Helper()
		rows, err := conn.Query(t.Context(), `select 'column' from submissions s where s::text like $1
			union all select 'general' from analisi.general g where g::text like $1
			union all select 'cells' from analisi.cells c where c::text like $1`, "%"+name+"%")
		if err != nil {
			t.Fatal(err)
		}
		if places, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
		return places
	}
	if got := found(); len(got) != 3 {
		t.Fatalf("before: %q", got)
	}
	_, err := s.Erase(t.Context(), w.Schools[3].ID, func(sub store.Submission) ([]byte, error) {
		return []byte(strings.ReplaceAll(string(sub.Body), name, "cancellato")), nil
	}, store.Act{At: fixedNow(), Action: "x", Outcome: surveysync.OutcomeOK})
	if err != nil {
		t.Fatal(err)
	}
	if got := found(); len(got) > 0 {
		t.Errorf("after: %q", got)
	}
	clean(t, s)
}
