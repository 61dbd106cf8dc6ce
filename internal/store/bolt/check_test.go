package bolt

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	"rileva/internal/store/storetest"
	surveysync "rileva/pkg/sync"
)

// damageable is a closed store with some history, and what a damage aims at.
type damageable struct {
	path     string
	origin   string
	signer   note.Signer
	a, b     storetest.School
	receipts []surveysync.Receipt // of a: general 1, general 2, liceale 1, liceale 2
}

func newDamageable(t *testing.T) *damageable {
	t.Helper()
	d := &damageable{path: filepath.Join(t.TempDir(), "rileva.db")}
	d.fill(t)
	return d
}

// another is a copy that can be damaged in its own way.
func (d *damageable) another(t *testing.T) *damageable {
	t.Helper()
	c := *d
	c.path = filepath.Join(t.TempDir(), "rileva.db")
	for _, end := range []string{"", ".key"} {
		raw, err := os.ReadFile(d.path + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(c.path+end, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &c
}

func (d *damageable) fill(t *testing.T) {
	t.Helper()
	s := mustOpen(t, d.path)
	w := storetest.NewWorld(t, s)
	d.a, d.b = w.Schools[0], w.Schools[1]
	for _, x := range []storetest.Sending{storetest.General(d.a, "liceale"), storetest.General(d.a, "liceale", "iefp"),
		storetest.Track(d.a, "liceale", 1), storetest.Track(d.a, "liceale", 2)} {
		x.Replaces = len(d.receipts) % 2
		answer, _ := w.Accepted(x)
		d.receipts = append(d.receipts, answer.Receipt)
	}
	w.Accepted(storetest.General(d.b, "tecnico"))
	d.origin = surveysync.Origin(identity(t, s).Epoch)
	mustClose(t, s)
	text, err := os.ReadFile(d.path + ".key")
	if err != nil {
		t.Fatal(err)
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if d.signer, _, err = surveysync.LogSigner(seed, d.origin); err != nil {
		t.Fatal(err)
	}
}

// logSize is how many leaves there are.
func logSize(tx *bbolt.Tx) int64 {
	last, _ := tx.Bucket(engine.BucketLeaves).Cursor().Last()
	n, _ := engine.KeyIndex(last)
	return n + 1
}

// key is that of one of a's submissions.
func (d *damageable) key(part string, revision int) []byte {
	return engine.SubmissionKey(d.a.ID, part, revision)
}

// rebuild writes the tree anew as the leaves are now: what a forger without
// the key can do.
func rebuild(tx *bbolt.Tx) error {
	if err := tx.DeleteBucket(engine.BucketHashes); err != nil {
		return err
	}
	hashes, err := tx.CreateBucket(engine.BucketHashes)
	if err != nil {
		return err
	}
	n, at := int64(0), int64(0)
	return tx.Bucket(engine.BucketLeaves).ForEach(func(_, leaf []byte) error {
		added, err := tlog.StoredHashes(n, leaf, engine.StoredHashes{Bucket: bucket{hashes}})
		for _, h := range added {
			if err := hashes.Put(engine.IndexKey(at), h[:]); err != nil {
				return err
			}
			at++
		}
		n++
		return err
	})
}

// replaceIn changes the value at key.
func replaceIn(tx *bbolt.Tx, bucket, key []byte, old, with string) error {
	b := tx.Bucket(bucket)
	was := bytes.Clone(b.Get(key))
	now := bytes.Replace(was, []byte(old), []byte(with), 1)
	if bytes.Equal(was, now) {
		panic("the damage changes nothing in " + string(was))
	}
	return b.Put(key, now)
}

func swap(tx *bbolt.Tx, bucket, one, other []byte) error {
	b := tx.Bucket(bucket)
	x, y := bytes.Clone(b.Get(one)), bytes.Clone(b.Get(other))
	if err := b.Put(one, y); err != nil {
		return err
	}
	return b.Put(other, x)
}

// withBody changes the body of a submission and leaves its record.
func withBody(tx *bbolt.Tx, key []byte, change func([]byte) []byte) error {
	b := tx.Bucket(engine.BucketSubmissions)
	sub, err := engine.ReadSubmission(b.Get(key), true)
	if err != nil {
		return err
	}
	value, err := engine.JoinSubmission(sub, engine.Pack(change(sub.Body)))
	if err != nil {
		return err
	}
	return b.Put(key, value)
}

// damages: what is done to a store, and what Check has to say of it.
var damages = map[string]struct {
	do   func(d *damageable, tx *bbolt.Tx) error
	want []string
}{
	"a leaf is changed": {func(d *damageable, tx *bbolt.Tx) error {
		return replaceIn(tx, engine.BucketLeaves, engine.IndexKey(d.receipts[2].LeafIndex), `"revision":1`, `"revision":7`)
	}, []string{"è stata cambiata", "MIIS00100B, parte liceale, invio 1: la riga", "(revision)", "non sono quelle della testa"}},
	"a leaf is changed and the tree built anew": {func(d *damageable, tx *bbolt.Tx) error {
		if err := replaceIn(tx, engine.BucketLeaves, engine.IndexKey(0), "survey_publish", "survey_pub1ish"); err != nil {
			return err
		}
		return rebuild(tx)
	}, []string{"non sono quelle della testa firmata"}},
	"the leaf, the submission and the tree are changed together": {func(d *damageable, tx *bbolt.Tx) error {
		for bucket, key := range map[string][]byte{string(engine.BucketLeaves): engine.IndexKey(d.receipts[3].LeafIndex), string(engine.BucketSubmissions): d.key("liceale", 2)} {
			if err := replaceIn(tx, []byte(bucket), key, `"late":false`, `"late":true `); err != nil {
				return err
			}
		}
		return rebuild(tx)
	}, []string{"non sono quelle della testa firmata"}},
	"a leaf is missing in the middle": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketLeaves).Delete(engine.IndexKey(d.receipts[1].LeafIndex))
	}, []string{"manca almeno una riga", "MIIS00100B, parte general, invio 2: nel registro degli invii manca", "la testa firmata conta"}},
	"the last leaf is missing": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketLeaves).Delete(engine.IndexKey(logSize(tx) - 1))
	}, []string{"alla fine mancano righe", "MIPL05500X, parte general, invio 1: nel registro", "la testa firmata conta"}},
	"the end of the log is cut off with its tree": {func(d *damageable, tx *bbolt.Tx) error {
		if err := tx.Bucket(engine.BucketLeaves).Delete(engine.IndexKey(logSize(tx) - 1)); err != nil {
			return err
		}
		return rebuild(tx)
	}, []string{"la testa firmata conta"}},
	"two leaves are exchanged": {func(d *damageable, tx *bbolt.Tx) error {
		return swap(tx, engine.BucketLeaves, engine.IndexKey(d.receipts[0].LeafIndex), engine.IndexKey(d.receipts[1].LeafIndex))
	}, []string{"è stata cambiata", "MIIS00100B, parte general, invio 1: la riga", "non sono quelle della testa"}},
	"a hash of the tree is changed": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketHashes).Put(engine.IndexKey(tlog.StoredHashIndex(1, 0)), make([]byte, 32))
	}, []string{"l'albero delle impronte è danneggiato"}},
	"the head is missing": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketMeta).Delete(engine.KeyCheckpoint)
	}, []string{"manca la testa firmata"}},
	"the head is signed with another key": {func(d *damageable, tx *bbolt.Tx) error {
		signer, _, err := surveysync.LogSigner(make([]byte, 32), d.origin)
		if err != nil {
			return err
		}
		return engine.Append(&change{view: view{tx}}, d.origin, signer)
	}, []string{"la firma della testa non è valida"}},
	"a leaf says that there is a receipt": {func(d *damageable, tx *bbolt.Tx) error {
		r := d.receipts[3]
		r.Revision = 3
		return engine.Append(&change{view: view{tx}}, d.origin, d.signer, surveysync.EntryForReceipt(r)) // even by the server itself
	}, []string{"MIIS00100B, parte liceale, invio 3: ha una ricevuta", "ma l'invio manca"}},
	"the first submission is missing": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketSubmissions).Delete(d.key("liceale", 1))
	}, []string{"MIIS00100B, parte liceale, invio 2: prima manca", "invio 1: ha una ricevuta", "La ricevuta", "L'identificativo"}},
	"the last submission is missing": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketSubmissions).Delete(d.key("liceale", 2))
	}, []string{"MIIS00100B, parte liceale: l'invio corrente dovrebbe essere il 2", "invio 2: ha una ricevuta"}},
	"the only submission is missing": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketSubmissions).Delete(engine.SubmissionKey(d.b.ID, "general", 1))
	}, []string{"MIPL05500X, parte general: l'invio corrente dovrebbe essere il 1, l'ultimo presente è il 0"}},
	"two revisions are exchanged": {func(d *damageable, tx *bbolt.Tx) error {
		return swap(tx, engine.BucketSubmissions, d.key("liceale", 1), d.key("liceale", 2))
	}, []string{"MIIS00100B, parte liceale, invio 1: è registrato sotto il nome di un altro"}},
	"a byte of a body is changed": {func(d *damageable, tx *bbolt.Tx) error {
		return withBody(tx, d.key("liceale", 1), func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"passed_y1_m":1`), []byte(`"passed_y1_m":2`), 1)
		})
	}, []string{"MIIS00100B, parte liceale, invio 1: il contenuto è stato cambiato"}},
	"a body is cut off": {func(d *damageable, tx *bbolt.Tx) error {
		b := tx.Bucket(engine.BucketSubmissions)
		value := bytes.Clone(b.Get(d.key("liceale", 1)))
		return b.Put(d.key("liceale", 1), value[:len(value)-12])
	}, []string{"MIIS00100B, parte liceale, invio 1: il contenuto è danneggiato"}},
	"two bodies are exchanged with their digests": {func(d *damageable, tx *bbolt.Tx) error {
		b := tx.Bucket(engine.BucketSubmissions)
		one, err := engine.ReadSubmission(b.Get(d.key("liceale", 1)), true)
		if err != nil {
			return err
		}
		other, err := engine.ReadSubmission(b.Get(d.key("liceale", 2)), true)
		if err != nil {
			return err
		}
		one.ContentDigest = other.ContentDigest
		value, err := engine.JoinSubmission(one, engine.Pack(other.Body))
		if err != nil {
			return err
		}
		return b.Put(d.key("liceale", 1), value)
	}, []string{"numero di ricevuta", "dice di essere un altro invio", "(content_digest)"}},
	"a receipt leads elsewhere": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketReceipts).Put([]byte(d.receipts[0].Number), d.key("liceale", 1))
	}, []string{"MIIS00100B, parte general, invio 1: la ricevuta " /* … */, "non porta a questo invio"}},
	"a submission id is missing": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketSubmissionIDs).Delete([]byte(d.receipts[0].SubmissionID))
	}, []string{"MIIS00100B, parte general, invio 1: l'identificativo"}},
	"a part goes back": {func(d *damageable, tx *bbolt.Tx) error {
		return replaceIn(tx, engine.BucketParts, engine.PartKey(d.a.ID, "liceale"), `"revision":2`, `"revision":1`)
	}, []string{"MIIS00100B, parte liceale: l'invio corrente dovrebbe essere il 1, l'ultimo presente è il 2"}},
	"a part has lost its state": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketParts).Delete(engine.PartKey(d.a.ID, "liceale"))
	}, []string{"MIIS00100B, parte liceale: ci sono invii, ma non lo stato"}},
	"a state is unknown": {func(d *damageable, tx *bbolt.Tx) error {
		return replaceIn(tx, engine.BucketParts, engine.PartKey(d.a.ID, "liceale"), "submitted", "submittet")
	}, []string{"MIIS00100B, parte liceale: lo stato"}},
	"the open tracks are others": {func(d *damageable, tx *bbolt.Tx) error {
		return replaceIn(tx, engine.BucketParts, engine.PartKey(d.a.ID, "general"), "iefp", "tecnico")
	}, []string{"MIIS00100B, parte general: i percorsi aperti"}},
	"a questionnaire is changed": {func(d *damageable, tx *bbolt.Tx) error {
		return replaceIn(tx, engine.BucketQuestionnaires, []byte(d.receipts[0].Questionnaire), "Ammessi", "Promossi")
	}, []string{"Il questionario sha256:", "è stato cambiato"}},
	"a questionnaire is missing": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketQuestionnaires).Delete([]byte(d.receipts[0].Questionnaire))
	}, []string{"Manca il questionario pubblicato", "MIIS00100B, parte general, invio 1: manca il suo questionario"}},
	"a school is missing": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketInstitutions).Delete([]byte(d.a.ID))
	}, []string{"C'è una password di una scuola che non esiste", "C'è un accesso aperto", "Il codice MIPS001012 porta a una scuola", "la scuola non esiste"}},
	"a code leads to another school": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketCodes).Put([]byte("MIPS001012"), []byte(d.b.ID))
	}, []string{"Scuola MIIS00100B: il codice MIPS001012 non porta", "Il codice MIPS001012 porta a una scuola che non ce l'ha"}},
	"a session cannot be revoked": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketSessionsOf).Delete(engine.SessionIndexKey(d.a.ID, d.a.Token[:]))
	}, []string{"Scuola MIIS00100B: un accesso aperto non si potrebbe revocare"}},
	"a session is gone": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketSessions).Delete(d.a.Token[:])
	}, []string{"nomina 1 accessi che non ci sono"}},
	"an extension is of nobody": {func(d *damageable, tx *bbolt.Tx) error {
		var v store.Survey
		if _, err := engine.ReadJSON(view{tx}, engine.BucketSurvey, engine.KeySurvey, &v); err != nil {
			return err
		}
		raw, err := json.Marshal(map[string]any{"id": v.ID, "dates": v.Dates, "in_force": v.InForce, "versions": v.Versions,
			"extensions": map[string]any{"ist-0000000000": v.Dates}})
		if err != nil {
			return err
		}
		return tx.Bucket(engine.BucketSurvey).Put(engine.KeySurvey, raw)
	}, []string{"una proroga per una scuola che non esiste"}},
	"something cannot be read": {func(d *damageable, tx *bbolt.Tx) error {
		return tx.Bucket(engine.BucketAccounts).Put([]byte(d.a.ID), []byte("{"))
	}, []string{"non si può leggere"}},
}

func TestCheckFindsDamage(t *testing.T) {
	whole := newDamageable(t)
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			d := whole.another(t)
			edit(t, d.path, func(tx *bbolt.Tx) error { return damage.do(d, tx) })
			s := mustOpen(t, d.path)
			faults, err := s.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(faults, "\n")
			for _, want := range damage.want {
				if !strings.Contains(all, want) {
					t.Errorf("Check does not say %q, but:\n%s", want, all)
				}
			}
			mustClose(t, s)
		})
	}
}

// TestCheckFindsEveryChangedValue goes through the values of the store: no
// change of a submission or of the log may pass.
func TestCheckFindsEveryChangedValue(t *testing.T) {
	d := newDamageable(t)
	for _, bucket := range [][]byte{engine.BucketSubmissions, engine.BucketLeaves, engine.BucketHashes, engine.BucketReceipts, engine.BucketSubmissionIDs, engine.BucketQuestionnaires, engine.BucketCodes} {
		var all []pair
		edit(t, d.path, func(tx *bbolt.Tx) error {
			return tx.Bucket(bucket).ForEach(func(k, v []byte) error {
				all = append(all, pair{bytes.Clone(k), bytes.Clone(v)})
				return nil
			})
		})
		step := max(1, len(all)/3)
		for i := 0; i < len(all); i += step {
			p := all[i]
			for at := 0; at < len(p.value); at += max(1, len(p.value)/5) {
				bad := bytes.Clone(p.value)
				bad[at] ^= 1
				edit(t, d.path, func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Put(p.key, bad) })
				s := mustOpen(t, d.path)
				faults, err := s.Check(t.Context())
				mustClose(t, s)
				if err == nil && len(faults) == 0 && !harmless(bucket, p.value, at) {
					t.Errorf("%s %q: a change at %d of %d passes", bucket, p.key, at, len(p.value))
				}
			}
			edit(t, d.path, func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Put(p.key, p.value) })
		}
	}
	s := mustOpen(t, d.path)
	faults, err := s.Check(t.Context())
	if err != nil || len(faults) > 0 {
		t.Errorf("at the end: %v, %v", faults, err)
	}
	mustClose(t, s)
}

// harmless: the header of a gzip stream says who made it and when.
func harmless(bucket, value []byte, at int) bool {
	if !bytes.Equal(bucket, engine.BucketSubmissions) {
		return false
	}
	record, _, err := engine.SplitSubmission(value)
	return err == nil && at >= 4+len(record) && at < 4+len(record)+10
}

func TestCheckLeavesNothingBehind(t *testing.T) {
	d := newDamageable(t)
	s := mustOpen(t, d.path)
	if _, err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Check(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("a check whose context has ended says %v", err)
	}
	left, err := filepath.Glob(d.path + "*")
	if err != nil || len(left) != 2 {
		t.Errorf("left over: %v, %v", left, err)
	}
	mustClose(t, s)
}

// pair is one key with its value.
type pair struct{ key, value []byte }
