package storetest

import (
	"bytes"
	"errors"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// edited stands for a body without its personal answers.
func edited(sub store.Submission) []byte {
	return bytes.Replace(sub.Body, []byte(`"completed_at"`), []byte(` "completed_at"`), 1)
}

func (w *tester) eraser() store.Eraser {
	w.Helper()
	e, ok := w.Store.(store.Eraser)
	if !ok {
		w.Fatalf("%T cannot take personal data out", w.Store)
	}
	return e
}

var eraseCases = map[string]func(*tester){
	"every revision, and nothing that was promised": func(w *tester) {
		s, other := w.Schools[0], w.Schools[1]
		w.Accepted(General(s, liceale))
		first, put := w.Accepted(Track(s, liceale, 3))
		w.Accepted(Sending{School: s, Part: liceale, Answers: Track(s, liceale, 4).Answers, Replaces: 1})
		w.Accepted(General(other, liceale))
		before, err := w.Store.Submission(w.ctx, s.ID, liceale, 1)
		w.must(err)
		onlyTracks := func(sub store.Submission) ([]byte, error) {
			if sub.Part != liceale || sub.Kept != "" {
				return nil, nil
			}
			return edited(sub), nil
		}
		done, err := w.eraser().Erase(w.ctx, s.ID, onlyTracks, act("office"))
		w.must(err)
		w.equal("erased", done, store.Erased{Submissions: 2})
		for range 2 { // also after the store was opened again
			after, err := w.Store.Submission(w.ctx, s.ID, liceale, 1)
			w.must(err)
			if !bytes.Equal(after.Body, edited(before)) || after.Kept != surveysync.Digest(after.Body) {
				w.Errorf("revision 1 is %s, kept %s", after.Body, after.Kept)
			}
			after.Body, after.Kept, before.Body = nil, "", nil
			w.equal("the record", after, before)
			before.Body = put.Body
			general, err := w.Store.Submission(w.ctx, s.ID, "general", 1)
			w.must(err)
			w.equal("kept of what had nothing", general.Kept, "")
			w.equal("kept of the current revision", w.part(s, liceale).Current.Kept != "", true)
			r, err := w.Store.Receipt(w.ctx, s.ID, first.Receipt.Number)
			w.must(err)
			w.same(first.Receipt, r)
			w.reopen()
		}

		lines := w.log(store.LogFilter{Action: store.ActionForget})
		if len(lines) != 2 || lines[0].ContentDigest != before.ContentDigest || lines[0].Note != surveysync.Digest(edited(before)) ||
			lines[0].Institution != s.Code || lines[0].Revision != 1 {
			w.Errorf("it is logged as %s", asJSON(lines))
		}
		again, err := w.Store.Accept(w.ctx, put)
		w.must(err)
		w.equal("the same bytes again", again.Verdict.Outcome, surveysync.Replay)
		w.same(first.Receipt, again.Receipt)
		done, err = w.eraser().Erase(w.ctx, s.ID, onlyTracks, act("office"))
		w.must(err)
		w.equal("erased the second time", done, store.Erased{})
	},
	"all or nothing": func(w *tester) {
		s := w.Schools[0]
		w.Accepted(General(s, liceale))
		w.Accepted(Track(s, liceale, 3))
		broken := errors.New("cannot be read")
		_, err := w.eraser().Erase(w.ctx, s.ID, func(sub store.Submission) ([]byte, error) {
			if sub.Part == liceale {
				return nil, broken
			}
			return edited(sub), nil
		}, act("office"))
		if !errors.Is(err, broken) {
			w.Errorf("the edit's error is lost: %v", err)
		}
		w.equal("kept", w.part(s, "general").Current.Kept, "")
		if lines := w.log(store.LogFilter{Action: store.ActionForget}); len(lines) != 0 {
			w.Errorf("it is logged as %s", asJSON(lines))
		}
	},
	"nobody": func(w *tester) {
		_, err := w.eraser().Erase(w.ctx, "nobody", func(store.Submission) ([]byte, error) { return nil, nil }, act("office"))
		w.want(surveysync.NotFound, err)
	},
}
