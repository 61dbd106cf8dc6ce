package storetest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// at is a moment so many minutes into the survey.
func at(minutes int) time.Time { return inTime.Add(time.Duration(minutes) * time.Minute) }

// sendAt sends what must be accepted at that minute.
func (w *tester) sendAt(minutes int, x Sending) store.Put {
	w.Helper()
	x.Now = at(minutes)
	_, put := w.Accepted(x)
	return put
}

// snapshots reads all of them, two a page.
func (w *tester) snapshots(moment time.Time) []store.Snapshot {
	w.Helper()
	var out []store.Snapshot
	for after := ""; ; {
		page, err := w.Store.Snapshots(w.ctx, moment, after, 2)
		w.must(err)
		if len(page) == 0 {
			return out
		}
		if len(page) > 2 {
			w.Fatalf("a page of %d", len(page))
		}
		out = append(out, page...)
		after = page[len(page)-1].Institution.ID
	}
}

// stood spells the parts of one school at a moment: liceale:2:returned.
func (w *tester) stood(s School, moment time.Time) string {
	w.Helper()
	for _, snap := range w.snapshots(moment) {
		if snap.Institution.ID != s.ID {
			continue
		}
		var parts []string
		for _, p := range snap.Parts {
			parts = append(parts, fmt.Sprintf("%s:%d:%s", p.Part, p.Current.Revision, p.State))
			if len(snap.Bodies[p.Part]) == 0 || surveysync.Digest(snap.Bodies[p.Part]) != p.Current.ContentDigest {
				w.Errorf("the body of %s is another one", p.Part)
			}
		}
		return strings.Join(parts, " ")
	}
	return "not there"
}

var snapshotCases = map[string]func(*tester){
	"every moment stays as it was": func(w *tester) {
		s := w.Schools[0]
		w.sendAt(1, General(s, liceale, "tecnico"))
		w.sendAt(2, Track(s, liceale, 3))
		w.sendAt(3, Track(s, "tecnico", 3))
		r := returned(1)
		r.At = at(4)
		w.reviewed(s, r, survey.PartReturned)
		w.sendAt(5, again(Track(s, liceale, 4), 1))
		w.reviewed(s, store.Review{At: at(6), Action: store.ReviewApprove, Part: liceale, Revision: 2}, survey.PartApproved)
		less := again(General(s, liceale), 1)
		less.Withdraw = []string{"tecnico"}
		w.sendAt(7, less)
		w.sendAt(8, again(General(s, liceale, "tecnico"), 2))
		w.sendAt(9, again(Track(s, "tecnico", 5), 1))
		w.reviewed(s, store.Review{At: at(10), Action: store.ReviewApproveCancel, Part: liceale, Revision: 2}, survey.PartSubmitted)
		for range 2 {
			for minute, want := range []string{
				"",
				"general:1:submitted",
				"general:1:submitted liceale:1:submitted",
				"general:1:submitted liceale:1:submitted tecnico:1:submitted",
				"general:1:submitted liceale:1:returned tecnico:1:submitted",
				"general:1:submitted liceale:2:submitted tecnico:1:submitted",
				"general:1:submitted liceale:2:approved tecnico:1:submitted",
				"general:2:submitted liceale:2:approved tecnico:1:withdrawn",
				"general:3:submitted liceale:2:approved tecnico:1:withdrawn",
				"general:3:submitted liceale:2:approved tecnico:2:submitted",
				"general:3:submitted liceale:2:submitted tecnico:2:submitted",
			} {
				if got := w.stood(s, at(minute)); got != want {
					w.Errorf("minute %d: %q, want %q", minute, got, want)
				}
			}
			w.reopen()
		}
		if got := w.stood(w.Schools[1], at(20)); got != "" {
			w.Errorf("another school has %q", got)
		}
	},
	"the register is the one of then": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		edit := func(minute int, change store.RegisterEdit) {
			line := act("institutions_import")
			line.At = at(minute)
			change.Acts = []store.Act{line}
			w.must(w.Store.EditInstitutions(w.ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) { return change, nil }))
		}
		renamed := a.Institution
		renamed.Name = "Istituto con un altro nome"
		edit(1, store.RegisterEdit{Put: []store.Institution{renamed}})
		edit(2, store.RegisterEdit{Remove: []string{b.ID}})
		names := func(minute int) string {
			var out []string
			for _, s := range w.snapshots(at(minute)) {
				out = append(out, s.Institution.Name)
			}
			slices.Sort(out)
			return strings.Join(out, ", ")
		}
		three := "Istituto MIIS00100B, Istituto MIPL05500X, Istituto MITF00700C"
		for minute, want := range []string{three, "Istituto MIPL05500X, Istituto MITF00700C, Istituto con un altro nome",
			"Istituto MITF00700C, Istituto con un altro nome"} {
			if got := names(minute); got != want {
				w.Errorf("minute %d: %s, want %s", minute, got, want)
			}
		}
		if got := w.snapshots(beforeOpening.Add(-time.Minute)); len(got) != 0 {
			w.Errorf("before there was anything: %s", asJSON(got))
		}
	},
	"come by id, and the bodies as they were sent": func(w *tester) {
		for range 4 {
			w.AddSchool(fmt.Sprintf("MITF0%04dX", w.ids.Add(1)))
		}
		put := w.sendAt(1, General(w.Schools[2], liceale))
		var ids []string
		for _, s := range w.snapshots(at(1)) {
			ids = append(ids, s.Institution.ID)
			if s.Institution.ID == w.Schools[2].ID && !bytes.Equal(s.Bodies[survey.GeneralPart], put.Body) {
				w.Error("the body is another one")
			}
		}
		if len(ids) != len(w.Schools) || !slices.IsSorted(ids) {
			w.Errorf("the ids are %q", ids)
		}
	},
}
