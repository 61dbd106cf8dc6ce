package storetest

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// Restored gives the store that came back from a copy: filled by before, copied,
// filled further by after, lost, restored. The function opens it again.
type Restored func(t *testing.T, before, after func(*World)) (s store.Store, reopen func() store.Store)

// RunRestored checks what the contract promises of a store after a restore.
func RunRestored(t *testing.T, restored Restored) {
	for name, run := range besideCases {
		t.Run(name, func(t *testing.T) {
			var w *tester
			var held []sent
			s, reopen := restored(t, func(world *World) {
				w = &tester{World: world, ctx: t.Context()}
				w.Accepted(General(w.Schools[0], liceale))
			}, func(*World) {
				for i, offer := range []string{"tecnico", "iefp"} {
					a, put := w.Accepted(again(General(w.Schools[0], liceale, offer), i+1))
					held = append(held, sent{put, a.Receipt})
				}
			})
			w.Store, w.reopen = s, func() { w.Store = reopen() }
			t.Cleanup(func() { finish(t, w.Store) })
			run(w, held)
		})
	}
}

// sent is an accepted submission as its device keeps it.
type sent struct {
	put     store.Put
	receipt surveysync.Receipt
}

// offer sends again what a device holds of before the restore.
func (w *tester) offer(x sent) store.Answered {
	w.Helper()
	put := x.put
	put.Incoming.Now = afterClosing
	var err error
	put.Old, err = json.Marshal(x.receipt)
	w.must(err)
	a, err := w.Store.Accept(w.ctx, put)
	w.must(err)
	if got := a.Receipt; got.Number != x.receipt.Number || got.Revision != x.receipt.Revision || !got.ReceivedAt.Equal(x.receipt.ReceivedAt) {
		w.Errorf("the receipt is %+v, was %+v", got, x.receipt)
	}
	w.verify(a.Receipt)
	return a
}

// beside wants these and no others to stand beside, with their bodies.
func (w *tester) beside(institutionID string, want ...sent) []store.Submission {
	w.Helper()
	list, err := w.Store.Beside(w.ctx, institutionID)
	w.must(err)
	if len(list) != len(want) {
		w.Fatalf("%d stand beside, want %d", len(list), len(want))
	}
	for i, x := range want {
		if list[i].Number != x.receipt.Number || !bytes.Equal(list[i].Body, x.put.Body) {
			w.Errorf("beside stands %+v, want %s", list[i], x.receipt.Number)
		}
	}
	return list
}

// settle notes this under the number, and wants it to be so in the answer and
// in the list, also after the store was opened again.
func (w *tester) settle(number string, how *store.Settlement) {
	w.Helper()
	sub, err := w.Store.SettleBeside(w.ctx, number, how, act(settled))
	w.must(err)
	w.equal("the answer", sub.Settled, how)
	list, err := w.Store.Beside(w.ctx, "")
	w.must(err)
	for _, one := range list {
		if one.Number == number {
			w.equal("in the list", one.Settled, how)
		}
	}
}

const settled = "conflicts_settle"

// The two reasons that an office gives one after the other.
var (
	asked   = &store.Settlement{At: afterClosing, Reason: "Sentita la scuola"}
	written = &store.Settlement{At: afterClosing.Add(time.Hour), Reason: "La scuola ha scritto"}
)

var besideCases = map[string]func(*tester, []sent){
	"settled, and taken back, moves nothing": func(w *tester, held []sent) {
		s, other := w.Schools[0], w.Schools[1]
		taken, _ := w.Accepted(again(General(s, "tecnico"), 1))
		if a := w.offer(held[0]); !a.Verdict.Beside {
			w.Errorf("its place was taken: %+v", a.Verdict)
		}
		before := w.beside(s.ID, held[0])
		w.beside(other.ID)
		number := held[0].receipt.Number
		lines := 0
		for _, how := range []*store.Settlement{nil, asked, asked, written, nil, nil, asked} {
			w.settle(number, how)
		}
		for _, l := range w.log(store.LogFilter{Action: settled}) {
			lines++
			if l.Number != number || l.SubmissionID != held[0].receipt.SubmissionID || l.Institution != s.Code || l.Part != "general" ||
				l.Revision != 2 || l.ContentDigest != held[0].receipt.ContentDigest {
				w.Errorf("the line %+v", l)
			}
		}
		w.equal("lines, one for each change", lines, 4)
		w.reopen()
		after := w.beside("", held[0])
		w.equal("kept", after[0].Settled, asked)
		after[0].Settled = nil
		w.equal("of the rest", after, before)
		w.equal("what counts", w.last(s, "general").Number, taken.Receipt.Number)
		w.equal("offered once more, its state", w.offer(held[0]).Verdict.Beside, true)
		w.equal("and how it was settled", w.beside(s.ID, held[0])[0].Settled, asked)
	},
	"only what stands beside can be settled": func(w *tester, held []sent) {
		w.offer(held[0]) // its place was free: it is a revision again
		w.beside("")
		for _, number := range []string{"", "0000-0000-0000", held[0].receipt.Number, held[1].receipt.Number} {
			_, err := w.Store.SettleBeside(w.ctx, number, asked, act(settled))
			w.want(surveysync.NotFound, err)
		}
		w.equal("lines", len(w.log(store.LogFilter{Action: settled})), 0)
	},
	"what finds its place is settled no more": func(w *tester, held []sent) {
		if a := w.offer(held[1]); !a.Verdict.Beside {
			w.Errorf("the revision before it is missing: %+v", a.Verdict)
		}
		w.beside("", held[1])
		w.settle(held[1].receipt.Number, asked)
		w.offer(held[0])
		w.beside("")
		last := w.last(w.Schools[0], "general")
		w.equal("the last revision", []any{last.Number, last.Revision, last.Settled == nil}, []any{held[1].receipt.Number, 3, true})
		_, err := w.Store.SettleBeside(w.ctx, held[1].receipt.Number, nil, act(settled))
		w.want(surveysync.NotFound, err)
	},
}
