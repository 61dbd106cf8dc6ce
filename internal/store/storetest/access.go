package storetest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

var accountCases = map[string]func(*tester){
	"issue leaves what is there, reset replaces": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		w.must(w.edit(store.RegisterEdit{Put: []store.Institution{institution("MIVC01000Q")}}))
		fresh, err := w.Store.FindInstitution(w.ctx, "MIVC01000Q")
		w.must(err)
		before := len(w.log(store.LogFilter{Action: "credentials_issue"}))
		hashes := map[string]string{a.ID: "new a", b.ID: "new b", fresh.ID: "new fresh"}
		written, err := w.Store.IssueCredentials(w.ctx, hashes, false, inTime, act("credentials_issue"))
		w.must(err)
		w.equal("written", written, []string{fresh.ID})
		written, err = w.Store.IssueCredentials(w.ctx, hashes, false, inTime, act("credentials_issue"))
		w.must(err)
		w.equal("written again", written, []string{})
		if n := len(w.log(store.LogFilter{Action: "credentials_issue"})) - before; n != 1 {
			w.Errorf("%d lines for one new password", n)
		}
		written, err = w.Store.IssueCredentials(w.ctx, map[string]string{a.ID: "reset"}, true, inTime, act("credentials_reset"))
		w.must(err)
		w.equal("replaced", written, []string{a.ID})
		accounts, err := w.Store.Accounts(w.ctx)
		w.must(err)
		got := accounts[a.ID]
		if got.Hash != "reset" || !got.OneTime || got.FirstUsed != nil || !got.IssuedAt.Equal(inTime) || accounts[b.ID].Hash != b.Hash {
			w.Errorf("the accounts are %+v", accounts)
		}
		for id, want := range accounts {
			one, err := w.Store.Account(w.ctx, id)
			w.must(err)
			w.equal("one account", one, want)
		}
		for _, id := range []string{"", "ist-0000000000"} {
			_, err = w.Store.Account(w.ctx, id)
			w.want(surveysync.NotFound, err)
		}
		_, err = w.Store.Access(w.ctx, a.Token, inTime)
		w.want(surveysync.Unauthorized, err)
		lines := w.log(store.LogFilter{Action: "credentials_reset"})
		if len(lines) != 1 || lines[0].Institution != a.Code || lines[0].InstitutionID != a.ID {
			w.Errorf("the reset is logged as %s", asJSON(lines))
		}
	},
	"issue for an unknown school writes nothing": func(w *tester) {
		a := w.Schools[0]
		_, err := w.Store.IssueCredentials(w.ctx, map[string]string{a.ID: "x", "ist-0000000000": "y"}, true, inTime, act("credentials_reset"))
		w.want(surveysync.NotFound, err)
		_, err = w.Store.Access(w.ctx, a.Token, inTime)
		w.must(err)
	},
	"a token opens its own school until it ends": func(w *tester) {
		b := w.Schools[1]
		access, err := w.Store.Access(w.ctx, b.Token, inTime)
		w.must(err)
		if access.Institution.ID != b.ID || access.Account.Hash != b.Hash || access.Session.Device != "segreteria" || access.Session.TokenHash != b.Token {
			w.Errorf("the token opens %+v", access)
		}
		if access.Account.FirstUsed == nil || !access.Account.FirstUsed.Equal(beforeOpening) {
			w.Error("the first use is not noted")
		}
		w.signIn(b, [32]byte{8}, "preside")
		accounts, err := w.Store.Accounts(w.ctx)
		w.must(err)
		if got := accounts[b.ID]; got.LastUsed == nil || got.LastDevice != "preside" || !got.FirstUsed.Equal(beforeOpening) {
			w.Errorf("the last sign-in is noted as %+v", got)
		}
		ends := access.Session.ExpiresAt
		_, err = w.Store.Access(w.ctx, b.Token, ends.Add(-time.Millisecond))
		w.must(err)
		_, err = w.Store.Access(w.ctx, b.Token, ends)
		w.want(surveysync.Unauthorized, err)
		_, err = w.Store.Access(w.ctx, [32]byte{1}, inTime)
		w.want(surveysync.Unauthorized, err)
		for range 2 { // again is no error, and no line
			w.must(w.Store.SignOut(w.ctx, b.Token, schoolAct(surveysync.ActionSignOut, "segreteria")))
		}
		_, err = w.Store.Access(w.ctx, b.Token, inTime)
		w.want(surveysync.Unauthorized, err)
		if lines := w.log(store.LogFilter{Action: surveysync.ActionSignOut}); len(lines) != 1 || lines[0].Institution != b.Code {
			w.Errorf("signing out is logged as %s", asJSON(lines))
		}
	},
	"one device is revoked": func(w *tester) {
		a := w.Schools[0]
		other := [32]byte{7}
		w.signIn(a, other, "preside")
		n, err := w.Store.RevokeSessions(w.ctx, a.ID, "preside", act("credentials_revoke"))
		w.must(err)
		w.equal("ended", n, 1)
		_, err = w.Store.Access(w.ctx, other, inTime)
		w.want(surveysync.Unauthorized, err)
		access, err := w.Store.Access(w.ctx, a.Token, inTime)
		w.must(err)
		if access.Account.Revoked {
			w.Error("revoking a device has revoked the password")
		}
	},
	"a password is revoked": func(w *tester) {
		a := w.Schools[0]
		w.signIn(a, [32]byte{7}, "preside")
		n, err := w.Store.RevokeSessions(w.ctx, a.ID, "", act("credentials_revoke"))
		w.must(err)
		w.equal("ended", n, 2)
		accounts, err := w.Store.Accounts(w.ctx)
		w.must(err)
		if !accounts[a.ID].Revoked || accounts[w.Schools[1].ID].Revoked {
			w.Errorf("the accounts are %+v", accounts)
		}
		w.want(surveysync.Unauthorized, w.Store.SignIn(w.ctx, store.Session{TokenHash: [32]byte{9}, InstitutionID: a.ID,
			CreatedAt: inTime, ExpiresAt: afterClosing}, schoolAct(surveysync.ActionSignIn, "")))
		w.want(store.Conflict, w.Store.ChangePassword(w.ctx, a.ID, a.Hash, "new", a.Token, schoolAct(surveysync.ActionChangePassword, "")))
		_, err = w.Store.RevokeSessions(w.ctx, "ist-0000000000", "", act("credentials_revoke"))
		w.want(surveysync.NotFound, err)
	},
	"a password is changed": func(w *tester) {
		a := w.Schools[0]
		w.signIn(a, [32]byte{7}, "preside")
		change := schoolAct(surveysync.ActionChangePassword, "segreteria")
		w.must(w.Store.ChangePassword(w.ctx, a.ID, a.Hash, "new", a.Token, change))
		access, err := w.Store.Access(w.ctx, a.Token, inTime)
		w.must(err)
		if access.Account.Hash != "new" || access.Account.OneTime {
			w.Errorf("the account is %+v", access.Account)
		}
		_, err = w.Store.Access(w.ctx, [32]byte{7}, inTime)
		w.want(surveysync.Unauthorized, err)
		_, err = w.Store.Access(w.ctx, w.Schools[1].Token, inTime)
		w.must(err)
		w.want(store.Conflict, w.Store.ChangePassword(w.ctx, a.ID, a.Hash, "newer", a.Token, change))
		w.signIn(a, [32]byte{8}, "portatile")
		again := change
		again.Outcome = surveysync.OutcomeReplayed
		w.must(w.Store.ChangePassword(w.ctx, a.ID, "new", "new", a.Token, again))
		_, err = w.Store.Access(w.ctx, [32]byte{8}, inTime) // who signed in with the new password stays
		w.must(err)
		if lines := w.log(store.LogFilter{Action: surveysync.ActionChangePassword, Outcome: surveysync.OutcomeReplayed}); len(lines) != 1 {
			w.Errorf("the change that was repeated is logged as %s", asJSON(lines))
		}
		if lines := w.log(store.LogFilter{Action: surveysync.ActionChangePassword, Outcome: surveysync.OutcomeOK}); len(lines) != 1 || lines[0].InstitutionID != a.ID {
			w.Errorf("the change is logged as %s", asJSON(lines))
		}
	},
	"sessions are listed with their last use": func(w *tester) {
		a, b := w.Schools[0], w.Schools[1]
		second := [32]byte{7}
		w.signIn(a, second, "preside")
		before := len(w.log(store.LogFilter{}))
		for _, at := range []time.Time{inTime, inTime.Add(time.Hour), inTime.Add(time.Minute)} {
			w.must(w.Store.NoteUses(w.ctx, map[[32]byte]time.Time{second: at, {200}: at}))
		}
		list, err := w.Store.Sessions(w.ctx, a.ID)
		w.must(err)
		if len(list) != 2 {
			w.Fatalf("the sessions are %s", asJSON(list))
		}
		for _, one := range list {
			access, err := w.Store.Access(w.ctx, one.TokenHash, inTime)
			w.must(err)
			w.equal("session", access.Session, one)
			if want := one.TokenHash == second; want != (one.Device == "preside") || want != one.LastUsed.Equal(inTime.Add(time.Hour)) || one.InstitutionID != a.ID {
				w.Errorf("the session is %s", asJSON(one))
			}
		}
		all, err := w.Store.Sessions(w.ctx, "")
		w.must(err)
		if len(all) != len(w.Schools)+1 || !slices.IsSortedFunc(all, func(x, y store.Session) int { return x.CreatedAt.Compare(y.CreatedAt) }) {
			w.Errorf("all sessions are %s", asJSON(all))
		}
		w.must(w.Store.SignOut(w.ctx, b.Token, schoolAct(surveysync.ActionSignOut, "segreteria")))
		none, err := w.Store.Sessions(w.ctx, b.ID)
		w.must(err)
		w.equal("sessions of the other school", none, []store.Session{})
		w.must(w.Store.NoteUses(w.ctx, map[[32]byte]time.Time{b.Token: inTime})) // it must not come back
		_, err = w.Store.Access(w.ctx, b.Token, inTime)
		w.want(surveysync.Unauthorized, err)
		if n := len(w.log(store.LogFilter{})) - before; n != 1 {
			w.Errorf("%d lines for one sign-out", n)
		}
	},
	"sessions that have run out are cleared": func(w *tester) {
		a := w.Schools[0]
		short := store.Session{TokenHash: [32]byte{3}, InstitutionID: a.ID, CreatedAt: beforeOpening, ExpiresAt: beforeOpening.Add(time.Hour)}
		w.must(w.Store.SignIn(w.ctx, short, schoolAct(surveysync.ActionSignIn, "")))
		w.must(w.Store.SignIn(w.ctx, store.Session{TokenHash: [32]byte{4}, InstitutionID: a.ID, CreatedAt: inTime, ExpiresAt: afterClosing},
			schoolAct(surveysync.ActionSignIn, "")))
		n, err := w.Store.RevokeSessions(w.ctx, a.ID, "", act("credentials_revoke"))
		w.must(err)
		w.equal("ended", n, 2)
	},
}

var surveyCases = map[string]func(*tester){
	"publishing again changes nothing": func(w *tester) {
		before, err := w.Store.Survey(w.ctx)
		w.must(err)
		lines := len(w.log(store.LogFilter{}))
		digest, err := w.Store.Publish(w.ctx, Questionnaire(""), inTime, act("survey_publish"))
		w.must(err)
		w.equal("digest", digest, w.Digest)
		after, err := w.Store.Survey(w.ctx)
		w.must(err)
		w.equal("survey", after, before)
		w.equal("lines", len(w.log(store.LogFilter{})), lines)
	},
	"a new version comes into force": func(w *tester) {
		due := inTime.AddDate(0, 1, 0)
		_, err := w.Store.SetDates(w.ctx, store.DatesEdit{Due: &due, LateUntil: &due}, act("survey_dates"))
		w.must(err)
		second, err := w.Store.Publish(w.ctx, Questionnaire("two"), inTime, act("survey_publish"))
		w.must(err)
		v, err := w.Store.Survey(w.ctx)
		w.must(err)
		if v.InForce != second || len(v.Versions) != 2 || v.Versions[0].Digest != w.Digest || !v.Versions[1].PublishedAt.Equal(inTime) || !v.Dates.Due.Equal(due) {
			w.Errorf("the survey is %s", asJSON(v))
		}
		raw, err := w.Store.Questionnaire(w.ctx, second)
		w.must(err)
		w.equal("bytes", string(raw), string(Questionnaire("two")))
		_, err = w.Store.Questionnaire(w.ctx, surveysync.Digest([]byte("no")))
		w.want(surveysync.NotFound, err)
		lines := w.log(store.LogFilter{Action: "survey_publish"})
		if len(lines) != 2 || lines[1].Questionnaire != second {
			w.Errorf("publishing is logged as %s", asJSON(lines))
		}
		// The older one by its bytes again: in force, and not twice in the list.
		_, err = w.Store.Publish(w.ctx, Questionnaire(""), inTime, act("survey_publish"))
		w.must(err)
		v, err = w.Store.Survey(w.ctx)
		w.must(err)
		if v.InForce != w.Digest || len(v.Versions) != 2 {
			w.Errorf("the survey is %s", asJSON(v))
		}
	},
	"a void version counts as unknown": func(w *tester) {
		w.want(store.Conflict, w.Store.Void(w.ctx, w.Digest, act("survey_void"))) // it is in force
		second, err := w.Store.Publish(w.ctx, Questionnaire("two"), inTime, act("survey_publish"))
		w.must(err)
		for range 2 {
			w.must(w.Store.Void(w.ctx, w.Digest, act("survey_void")))
		}
		w.want(surveysync.NotFound, w.Store.Void(w.ctx, surveysync.Digest([]byte("no")), act("survey_void")))
		lines := w.log(store.LogFilter{Action: "survey_void"})
		if len(lines) != 1 || lines[0].Questionnaire != w.Digest {
			w.Errorf("voiding is logged as %s", asJSON(lines))
		}
		answer, err := w.Store.Accept(w.ctx, w.Put(General(w.Schools[0], "liceale"))) // names the first
		w.must(err)
		if answer.Verdict.Code != surveysync.UnknownQuestionnaire || answer.InForce != second {
			w.Errorf("%s, in force %s", answer.Verdict.Code, answer.InForce)
		}
		_, err = w.Store.Publish(w.ctx, Questionnaire(""), inTime, act("survey_publish"))
		w.want(store.Conflict, err)
	},
	"what is no questionnaire, or another survey's, is refused": func(w *tester) {
		_, err := w.Store.Publish(w.ctx, []byte("format: 1\n"), inTime, act("survey_publish"))
		w.want(surveysync.Invalid, err)
		_, err = w.Store.Publish(w.ctx, replaceOnce(Questionnaire(""), "id: tiny", "id: other"), inTime, act("survey_publish"))
		w.want(store.Conflict, err)
		_, err = w.Store.Publish(w.ctx, replaceOnce(Questionnaire(""), "id: tiny", "id: \"no word\""), inTime, act("survey_publish"))
		w.want(surveysync.Invalid, err)
	},
	"a questionnaire with faults is refused with the line and column of each": func(w *tester) {
		raw := replaceOnce(replaceOnce(Questionnaire("two"), "severity: hard", "severity: hrad"), "type: long_text", "type: longtext")
		_, err := survey.LoadNew(raw)
		var faults survey.Faults
		if !errors.As(err, &faults) || len(faults) < 2 {
			w.Fatalf("the file has these faults: %v", err)
		}
		before, err := w.Store.Survey(w.ctx)
		w.must(err)
		_, err = w.Store.Publish(w.ctx, raw, inTime, act("survey_publish"))
		w.want(surveysync.Invalid, err)
		for _, f := range faults {
			if !strings.Contains(err.Error(), f.String()) {
				w.Errorf("%q does not say %q", err, f)
			}
		}
		// One that could be read, and that nobody could ever submit.
		_, err = w.Store.Publish(w.ctx, replaceOnce(Questionnaire("two"), "assert: institution_code in institution.codes", "assert: 'false'"), inTime, act("survey_publish"))
		w.want(surveysync.Invalid, err)
		after, err := w.Store.Survey(w.ctx)
		w.must(err)
		w.equal("the survey", after, before)
		if lines := w.log(store.LogFilter{Action: "survey_publish"}); len(lines) != 1 {
			w.Errorf("the log has %s", asJSON(lines))
		}
	},
	"dates move for all and for one": func(w *tester) {
		a := w.Schools[0]
		first, err := w.Store.Survey(w.ctx)
		w.must(err)
		v, err := w.Store.SetDates(w.ctx, store.DatesEdit{InstitutionID: a.ID, LateUntil: &afterClosing}, act("survey_dates"))
		w.must(err)
		if !v.DatesFor(a.ID).LateUntil.Equal(afterClosing) || !v.DatesFor(a.ID).Due.Equal(first.Dates.Due) {
			w.Errorf("the dates of one are %s", asJSON(v))
		}
		w.equal("the dates of the others", v.DatesFor(w.Schools[1].ID), first.Dates)
		v, err = w.Store.SetDates(w.ctx, store.DatesEdit{Opens: &beforeOpening}, act("survey_dates"))
		w.must(err)
		if !v.Dates.Opens.Equal(beforeOpening) || v.Dates.OpensAssumed || !v.Dates.Due.Equal(first.Dates.Due) {
			w.Errorf("the dates of all are %s", asJSON(v.Dates))
		}
		stored, err := w.Store.Survey(w.ctx)
		w.must(err)
		w.equal("stored", stored, v)
		for _, bad := range []store.DatesEdit{{Opens: &afterClosing}, {Due: &beforeOpening, Opens: &inTime}, {LateUntil: &inTime}} {
			_, err = w.Store.SetDates(w.ctx, bad, act("survey_dates"))
			w.want(surveysync.Invalid, err)
		}
		_, err = w.Store.SetDates(w.ctx, store.DatesEdit{InstitutionID: "ist-0000000000", Due: &inTime}, act("survey_dates"))
		w.want(surveysync.NotFound, err)
		for range 2 { // again changes nothing
			v, err = w.Store.SetDates(w.ctx, store.DatesEdit{InstitutionID: a.ID, Clear: true}, act("survey_dates"))
			w.must(err)
			w.equal("the dates of one again", v.DatesFor(a.ID), v.Dates)
		}
		if lines := w.log(store.LogFilter{Action: "survey_dates"}); len(lines) != 3 || lines[0].Institution != a.Code || lines[2].Institution != a.Code {
			w.Errorf("the dates are logged as %s", asJSON(lines))
		}
	},
}
