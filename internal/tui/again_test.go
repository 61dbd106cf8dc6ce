package tui

import (
	"testing"

	surveysync "rileva/pkg/sync"
)

// TestSignInAgain: the office has ended the session. The form says what to
// press, and F2 leads to the sign-in; nothing that was typed is touched.
func TestSignInAgain(t *testing.T) {
	w := newWorld(t, "it").signed()
	account, _ := w.desk.Account()
	in, err := w.store.FindInstitution(t.Context(), account.Code)
	w.must(err)
	_, err = w.store.RevokeSessions(t.Context(), in.ID, "", surveysync.Entry{At: w.clock.now(), Actor: surveysync.ActorOffice, Action: "revoke", Outcome: surveysync.OutcomeOK})
	w.must(err)
	w.press("f5")
	w.sees("F2")
	w.press("f2")
	w.sees("Codice meccanografico", account.Code)
}
