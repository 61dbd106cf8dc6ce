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
	h.settleNothing()
	h.office.drain()
	h.choresDone()
}

// settleNothing: nothing was set aside, and the store says so however it fails.
func (h *history) settleNothing() {
	settle := func() error {
		how := &store.Settlement{At: h.office.now, Reason: "Sentita la scuola"}
		_, err := h.office.store.SettleBeside(context.Background(), "0000-0000-0000", how, h.office.act("conflicts_settle"))
		return err
	}
	err := settle()
	if errors.Is(err, storetest.ErrInjected) {
		err = settle()
	}
	if store.CodeOf(err) != surveysync.NotFound {
		h.Fatalf("settling nothing: %v", err)
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
