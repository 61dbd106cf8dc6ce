package storetest

import (
	"errors"
	"regexp"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

var idForm = regexp.MustCompile(`^ist-[0-9a-hjkmnp-tv-z]{10}$`)

// edit changes the register by a fixed edit.
func (w *tester) edit(e store.RegisterEdit) error {
	return w.Store.EditInstitutions(w.ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) { return e, nil })
}

var institutionCases = map[string]func(*tester){
	"are listed by login code": func(w *tester) {
		all, err := w.Store.Institutions(w.ctx)
		w.must(err)
		if len(all) != 3 || all[0].Code != "MIIS00100B" || all[1].Code != "MIPL05500X" || all[2].Code != "MITF00700C" {
			w.Errorf("got %s", asJSON(all))
		}
		for _, in := range all {
			if !idForm.MatchString(in.ID) {
				w.Errorf("%q is no id", in.ID)
			}
		}
	},
	"are found by any code": func(w *tester) {
		for _, code := range w.Schools[0].Codes {
			in, err := w.Store.FindInstitution(w.ctx, code)
			w.must(err)
			w.equal(code, in, w.Schools[0].Institution)
		}
		_, err := w.Store.FindInstitution(w.ctx, "MIXX00000X")
		w.want(surveysync.NotFound, err)
		_, err = w.Store.FindInstitution(w.ctx, "")
		w.want(surveysync.NotFound, err)
	},
	"edit sees all and what was sent": func(w *tester) {
		a := w.Schools[0]
		w.Accepted(General(a, "liceale"))
		w.Accepted(Track(a, "liceale", 3))
		stop := errors.New("stop")
		before := len(w.log(store.LogFilter{}))
		err := w.Store.EditInstitutions(w.ctx, func(all []store.Institution, sent map[string]int) (store.RegisterEdit, error) {
			if len(all) != 3 || sent[a.ID] != 2 || sent[w.Schools[1].ID] != 0 {
				w.Errorf("edit is given %d schools, %v", len(all), sent)
			}
			all[0].Codes[0], all[0].Name = "XX", "changed in place"
			return store.RegisterEdit{Put: all, Acts: []store.Act{act("x")}}, stop
		})
		if !errors.Is(err, stop) {
			w.Errorf("edit's error comes back as %v", err)
		}
		in, err := w.Store.FindInstitution(w.ctx, a.Code)
		w.must(err)
		w.equal("after a failed edit", in, a.Institution)
		if after := len(w.log(store.LogFilter{})); after != before {
			w.Errorf("a failed edit wrote %d lines", after-before)
		}
	},
	"an edit moves codes": func(w *tester) {
		a, b := w.Schools[0].Institution, w.Schools[1].Institution
		a.Code, a.Codes = "MIPS001012", []string{"MIPS001012"}
		b.Codes = append(b.Codes, "MIIS00100B")
		w.must(w.edit(store.RegisterEdit{Put: []store.Institution{a, b}, Acts: []store.Act{{At: inTime, Action: "institutions_group",
			Outcome: "ok", Institution: "MIPS001012"}}}))
		in, err := w.Store.FindInstitution(w.ctx, "MIIS00100B")
		w.must(err)
		w.equal("the code's new owner", in, b)
		if lines := w.log(store.LogFilter{Action: "institutions_group"}); len(lines) != 1 || lines[0].InstitutionID != a.ID {
			w.Errorf("the act is logged as %s", asJSON(lines))
		}
		b.Codes = b.Codes[:1]
		w.must(w.edit(store.RegisterEdit{Put: []store.Institution{b}}))
		_, err = w.Store.FindInstitution(w.ctx, "MIIS00100B")
		w.want(surveysync.NotFound, err)
	},
	"an impossible edit changes nothing": func(w *tester) {
		a, b := w.Schools[0].Institution, w.Schools[1].Institution
		taken, unknown, codeless, double, strange := b, a, a, a, a
		taken.Codes = []string{b.Code, "MIPS001012"}
		unknown.ID = "ist-0000000000"
		codeless.Codes = []string{"MIPS001012"}
		double.Codes = []string{a.Code, a.Code}
		strange.Code, strange.Codes = "MI <b>", []string{"MI <b>"}
		newOne := institution("MIVC01000Q")
		before, err := w.Store.Institutions(w.ctx)
		w.must(err)
		for _, c := range []struct {
			code surveysync.Code
			edit store.RegisterEdit
		}{
			{store.Conflict, store.RegisterEdit{Put: []store.Institution{newOne, taken}}},
			{surveysync.NotFound, store.RegisterEdit{Put: []store.Institution{newOne, unknown}}},
			{surveysync.Invalid, store.RegisterEdit{Put: []store.Institution{newOne, codeless}}},
			{surveysync.Invalid, store.RegisterEdit{Put: []store.Institution{newOne, double}}},
			{surveysync.Invalid, store.RegisterEdit{Put: []store.Institution{newOne, strange}}},
			{surveysync.Invalid, store.RegisterEdit{Put: []store.Institution{newOne, a, a}}},
			{surveysync.NotFound, store.RegisterEdit{Put: []store.Institution{newOne}, Remove: []string{unknown.ID}}},
			{surveysync.NotFound, store.RegisterEdit{Put: []store.Institution{newOne}, EndSessions: []string{unknown.ID}}},
			{surveysync.NotFound, store.RegisterEdit{Put: []store.Institution{newOne, a}, Remove: []string{a.ID}}},
			// A line that cannot be written takes everything back with it.
			{surveysync.Internal, store.RegisterEdit{Put: []store.Institution{newOne}, Acts: []store.Act{act("x"), {}}}},
		} {
			w.want(c.code, w.edit(c.edit))
		}
		after, err := w.Store.Institutions(w.ctx)
		w.must(err)
		w.equal("the register", after, before)
	},
	"one is merged into another": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		w.Accepted(General(b, "tecnico"))
		_, err := w.Store.SetDates(w.ctx, store.DatesEdit{InstitutionID: b.ID, LateUntil: &afterClosing}, act("survey_dates"))
		w.must(err)
		merged := a.Institution
		merged.Codes = append(merged.Codes, b.Code)
		w.must(w.edit(store.RegisterEdit{Put: []store.Institution{merged}, Remove: []string{b.ID}, EndSessions: []string{a.ID}}))
		for _, s := range []School{a, b} {
			_, err := w.Store.Access(w.ctx, s.Token, inTime)
			w.want(surveysync.Unauthorized, err)
		}
		in, err := w.Store.FindInstitution(w.ctx, b.Code)
		w.must(err)
		w.equal("the merged school", in, merged)
		accounts, err := w.Store.Accounts(w.ctx)
		w.must(err)
		if _, there := accounts[b.ID]; there || len(accounts) != 2 {
			w.Errorf("the accounts are %s", asJSON(accounts))
		}
		parts, err := w.Store.Parts(w.ctx, b.ID)
		w.must(err)
		if len(parts) != 1 || parts[0].Current.Revision != 1 {
			w.Error("the submissions of a removed school are gone")
		}
		v, err := w.Store.Survey(w.ctx)
		w.must(err)
		w.equal("dates of the removed school", v.DatesFor(b.ID), v.Dates)
	},
	"keep everything": func(w *tester) {
		in := w.Schools[2].Institution
		in.Confirmed, in.OwnTracks, in.Excluded = true, true, "chiusa dal 2022"
		in.ExpectedTracks = []string{survey.TrackIeFP}
		w.must(w.edit(store.RegisterEdit{Put: []store.Institution{in}}))
		got, err := w.Store.FindInstitution(w.ctx, in.Code)
		w.must(err)
		w.equal("institution", got, in)
	},
}
