package simulation_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	offices "rileva/internal/office"
	"rileva/internal/store"
	"rileva/internal/store/storetest"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

const secondCode = "MIIS00200X"

// chores are the calls of the office, by name, with their requests.
func chores(dir string) [][2]string {
	next := base64.StdEncoding.EncodeToString(storetest.Questionnaire("versione 1"))
	first, second := `{"code":"`+schoolCode+`"}`, `{"code":"`+secondCode+`"}`
	part := `{"code":"` + schoolCode + `","part":"general"`
	return [][2]string{
		{"institutions.add", `{"code":"` + secondCode + `","name":"Secondo","comune":"MILANO","kind":"statale"}`},
		{"credentials.plan", `{"all":true}`},
		{"credentials.issue", `{"codes":["` + secondCode + `"]}`},
		{"institutions.tracks", `{"code":"` + secondCode + `","tracks":["liceale"]}`},
		{"institutions.exclude", `{"code":"` + secondCode + `","reason":"Chiuso per lavori"}`},
		{"institutions.include", second},
		{"survey.dates", `{"institution":"` + schoolCode + `","due":"2024-02-01T00:00:00Z","late_until":"2024-02-01T00:00:00Z","reason":"Trasloco"}`},
		{"survey.publish", `{"file":{"name":"nuova.yaml","data":"` + next + `"}}`},
		{"survey.void", `{"digest":"` + surveysync.Digest(storetest.Questionnaire("")) + `"}`},
		{"survey.show", `{}`},
		{"return.show", first},
		{"part.show", part + `}`},
		{"return", part + `,"remarks":["notes: Ricontrollare"]}`},
		{"return", part + `,"cancel":true}`},
		{"approve", part + `}`},
		{"approve", part + `,"cancel":true}`},
		{"message", `{"codes":["` + schoolCode + `"],"text":"Buon lavoro"}`},
		{"note", `{"codes":["` + schoolCode + `"],"text":"Ha telefonato"}`},
		{"remind.plan", `{}`},
		{"remind.claim", `{"code":"` + secondCode + `","channel":"csv","to":"scuola@example.org"}`},
		{"remind.settle", second},
		{"credentials.revoke", second},
		{"credentials.list", `{}`},
		{"credentials.devices", first},
		{"status", `{}`},
		{"missing", `{}`},
		{"history", part + `}`},
		{"export.begin", `{}`},
		{"export.page", `{"at":"2023-12-01T11:00:00Z","limit":10}`},
		{"log.list", `{}`},
		{"backup", `{"file":"` + filepath.Join(dir, "copia.db") + `"}`},
		{"log.rotate", `{}`},
		{"log.verify", `{}`},
		{"check", `{}`},
	}
}

// officeStory is the office's year. A chore that fails is done once more; then
// it may be refused, because it was done.
func officeStory(h *history) {
	ctx := context.Background()
	a := h.devices[0]
	h.write(a, survey.GeneralPart, false)
	h.send(a, survey.GeneralPart)
	h.pass(a)
	h.pass(a)
	o := &offices.Office{Store: h.office.store, Hasher: hasher(), Rand: random{}, Now: h.devices[0].now}
	for _, c := range chores(h.office.dir) {
		_, err := offices.Calls[c[0]](ctx, o, []byte(c[1]))
		if err == nil {
			continue
		}
		if !errors.Is(err, storetest.ErrInjected) {
			h.Fatalf("%s: %v", c[0], err)
		}
		if _, err = offices.Calls[c[0]](ctx, o, []byte(c[1])); errors.Is(err, storetest.ErrInjected) {
			h.Fatalf("%s, again: %v", c[0], err)
		}
	}
	h.office.drain()
	h.choresDone()
}

// besideStory is that of what stands beside: a school's part is lost with the
// server, its other computer sends another before the first is in touch again,
// and the office settles which of the two counts.
func besideStory(h *history) {
	ctx := context.Background()
	a, b := h.devices[0], h.devices[1]
	h.write(a, survey.GeneralPart, false)
	h.send(a, survey.GeneralPart)
	h.again(a)
	h.office.backup()
	for _, c := range h.devices {
		h.write(c, survey.TrackLiceale, true)
		h.send(c, survey.TrackLiceale)
		h.again(c)
		if !h.restored {
			h.restored = true
			h.office.restore()
			h.again(b)
		}
	}
	h.again(a)
	list, err := h.office.engine.Beside(ctx, h.office.school.ID)
	h.must(err)
	if len(list) != 1 || list[0].Part != survey.TrackLiceale || list[0].Settled != nil {
		h.Fatalf("beside stands %s", asJSON(list))
	}
	o := &offices.Office{Store: h.office.store, Hasher: hasher(), Rand: random{}, Now: a.now}
	settle := func() error {
		_, err := offices.Calls["conflicts.settle"](ctx, o, []byte(`{"number":"`+list[0].Number+`","reason":"Sentita la scuola"}`))
		return err
	}
	if err := settle(); err != nil {
		if !errors.Is(err, storetest.ErrInjected) {
			h.Fatalf("settling: %v", err)
		}
		h.must(settle())
	}
	after, err := h.office.engine.Beside(ctx, h.office.school.ID)
	h.must(err)
	lines, err := h.office.engine.Log(ctx, store.LogFilter{Action: "conflicts_settle", After: -1})
	h.must(err)
	if len(after) != 1 || after[0].Settled == nil || after[0].Settled.Reason != "Sentita la scuola" || len(lines) != 1 {
		h.Fatalf("settled: %s, with %d lines", asJSON(after), len(lines))
	}
}

// choresDone: all is as the office wanted it.
func (h *history) choresDone() {
	ctx := context.Background()
	engine := h.office.engine
	holds := func(what string, ok bool, found any) {
		h.Helper()
		if !ok {
			h.Fatalf("%s: %s", what, asJSON(found))
		}
	}
	in, err := engine.FindInstitution(ctx, secondCode)
	h.must(err)
	holds("the second school", in.Excluded == "" && slices.Equal(in.ExpectedTracks, []string{survey.TrackLiceale}), in)
	accounts, err := engine.Accounts(ctx)
	h.must(err)
	holds("its password", accounts[in.ID].Revoked, accounts[in.ID])
	sessions, err := engine.Sessions(ctx, h.office.school.ID)
	h.must(err)
	used := func(s store.Session) bool { return !s.LastUsed.IsZero() }
	holds("the last use of a token", slices.ContainsFunc(sessions, used), sessions)
	reminders, err := engine.Reminders(ctx)
	h.must(err)
	holds("its reminder", reminders[in.ID].Outcome == store.ReminderSent, reminders)
	s, err := engine.Survey(ctx)
	h.must(err)
	holds("the survey", len(s.Versions) == 2 && s.Versions[0].Void && s.InForce == s.Versions[1].Digest &&
		s.Extensions[h.office.school.ID].Due.Month() == 2, s)
	parts, err := engine.Parts(ctx, h.office.school.ID)
	h.must(err)
	holds("the part", len(parts) == 1 && parts[0].State == survey.PartSubmitted && len(parts[0].Remarks) == 0, parts)
	for _, kind := range []store.WordKind{store.Messages, store.Notes} {
		words, err := engine.Words(ctx, kind, h.office.school.ID)
		h.must(err)
		// Whoever is not told whether it was said may say it twice.
		n := len(words[h.office.school.ID])
		holds(fmt.Sprint("words of kind ", kind), n == 1 || n == 2, words)
	}
	_, err = os.Stat(filepath.Join(h.office.dir, "copia.db"))
	h.must(err)
}
