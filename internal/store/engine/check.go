package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// CheckTx reads a whole store and lists what breaks an invariant, in Italian.
// deeper are the faults that only its engine can find.
func CheckTx(ctx context.Context, tx Tx, deeper []string) (faults []string, info store.BackupInfo, err error) {
	s := &Store{compiled: map[string]*survey.Questionnaire{}}
	if s.identity, err = Identity(tx); err != nil {
		return nil, info, err
	}
	c := &checker{ctx: ctx, store: s, tx: tx, faults: append([]string{}, deeper...), names: map[string]string{},
		institutions: map[string]store.Institution{}, leaves: map[leafPlace]surveysync.Entry{}, kept: map[string]string{}, parts: map[string]PartRecord{},
		last: map[string]store.Submission{}}
	if err := c.run(); err != nil {
		return nil, info, err
	}
	return c.faults, store.BackupInfo{Epoch: s.identity.Epoch, Submissions: c.stored, Leaves: logSize(tx)}, nil
}

// leafPlace names a leaf among all logs of a store.
type leafPlace struct {
	log   int
	index int64
}

// checker reads a whole store. What breaks an invariant becomes a sentence,
// and it reads on: the office wants to see all of it.
type checker struct {
	ctx    context.Context
	store  *Store
	tx     Tx
	faults []string

	institutions map[string]store.Institution
	names        map[string]string // institution id → code, also of those removed
	survey       store.Survey
	leaves       map[leafPlace]surveysync.Entry // accepted submissions, until one claims them
	kept         map[string]string              // what the log says was kept of a body, by submission
	parts        map[string]PartRecord          // by key
	last         map[string]store.Submission
	stored       int // submissions
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

func (c *checker) run() error {
	for _, step := range []func(){c.register, c.access, c.questionnaires, c.logs, c.states, c.submissions, c.beside, c.unclaimed, c.indexes} {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		step()
	}
	return nil
}

// each calls fn for every pair of a bucket, decoded into v where v is not nil.
func (c *checker) each(bucket []byte, v func() any, fn func(key, raw []byte, v any)) {
	_ = scan(c.tx, bucket, nil, func(k, raw []byte) error {
		var value any
		if v != nil {
			value = v()
			if err := readStrictly(raw, value); err != nil {
				c.fault("Una voce dell'archivio non si può leggere (%s, %q).", bucket, k)
				return nil
			}
		}
		fn(k, raw, value)
		return c.ctx.Err() // the next step finds it too
	})
}

// readStrictly refuses keys that this program does not write: a key that lost
// a letter would otherwise read as a value that was never set.
func readStrictly(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

// school names an institution for a sentence.
func (c *checker) school(id string) string {
	if code := c.names[id]; code != "" {
		return "Scuola " + code
	}
	return "Scuola sconosciuta (" + id + ")"
}

func (c *checker) register() {
	c.each(BucketInstitutions, func() any { return new(store.Institution) }, func(k, _ []byte, v any) {
		in := v.(*store.Institution)
		c.institutions[string(k)], c.names[string(k)] = *in, in.Code
		if in.ID != string(k) {
			c.fault("Scuola %s: è registrata con l'identificativo di un'altra.", in.Code)
		}
		if !slices.Contains(in.Codes, in.Code) {
			c.fault("Scuola %s: il codice di accesso non è tra i suoi codici.", in.Code)
		}
		for _, code := range in.Codes {
			if string(c.tx.Bucket(BucketCodes).Get([]byte(code))) != string(k) {
				c.fault("Scuola %s: il codice %s non porta a questa scuola.", in.Code, code)
			}
		}
	})
	c.each(BucketRemoved, func() any { return new(removedInstitution) }, func(k, _ []byte, v any) {
		if _, double := c.institutions[string(k)]; double {
			c.fault("Scuola %s: risulta sia presente sia unita a un'altra.", c.names[string(k)])
			return
		}
		c.names[string(k)] = v.(*removedInstitution).Code
	})
	c.each(BucketCodes, nil, func(code, id []byte, _ any) {
		if in, there := c.institutions[string(id)]; !there || !slices.Contains(in.Codes, string(code)) {
			c.fault("Il codice %s porta a una scuola che non ce l'ha.", code)
		}
	})
}

// access checks that whatever lets somebody in belongs to a school that exists.
func (c *checker) access() {
	c.each(BucketAccounts, func() any { return new(accountRecord) }, func(k, _ []byte, v any) {
		if _, there := c.institutions[string(k)]; !there || v.(*accountRecord).InstitutionID != string(k) {
			c.fault("C'è una password di una scuola che non esiste (%s).", k)
		}
	})
	sessions := 0
	c.each(BucketSessions, func() any { return new(store.Session) }, func(k, _ []byte, v any) {
		sessions++
		session := v.(*store.Session)
		if _, there := c.institutions[session.InstitutionID]; !there {
			c.fault("C'è un accesso aperto di una scuola che non esiste (%s).", session.InstitutionID)
		}
		if c.tx.Bucket(BucketSessionsOf).Get(SessionIndexKey(session.InstitutionID, k)) == nil {
			c.fault("%s: un accesso aperto non si potrebbe revocare, perché manca dall'elenco.", c.school(session.InstitutionID))
		}
	})
	listed := 0
	c.each(BucketSessionsOf, nil, func([]byte, []byte, any) { listed++ })
	if listed > sessions {
		c.fault("L'elenco degli accessi aperti nomina %d accessi che non ci sono.", listed-sessions)
	}
}

func (c *checker) questionnaires() {
	c.each(BucketQuestionnaires, nil, func(k, raw []byte, _ any) {
		if survey.DigestOf(raw) != string(k) {
			c.fault("Il questionario %s è stato cambiato: i suoi byte non hanno più quell'impronta.", k)
		}
	})
	found, err := ReadJSON(c.tx, BucketSurvey, KeySurvey, &c.survey)
	if err != nil {
		c.fault("I dati della rilevazione non si possono leggere.")
	}
	if !found {
		return
	}
	inForce := false
	for _, v := range c.survey.Versions {
		if c.tx.Bucket(BucketQuestionnaires).Get([]byte(v.Digest)) == nil {
			c.fault("Manca il questionario pubblicato %s.", v.Digest)
		}
		inForce = inForce || v.Digest == c.survey.InForce
	}
	if !inForce {
		c.fault("Il questionario in vigore %s non è tra quelli pubblicati.", c.survey.InForce)
	}
	for _, id := range slices.Sorted(maps.Keys(c.survey.Extensions)) {
		if _, there := c.institutions[id]; !there {
			c.fault("C'è una proroga per una scuola che non esiste (%s).", id)
		}
	}
}

// states reads where the parts stand; submissions compares them.
func (c *checker) states() {
	known := []string{survey.PartSubmitted, survey.PartReturned, survey.PartApproved, survey.PartWithdrawn}
	c.each(BucketParts, func() any { return new(PartRecord) }, func(k, _ []byte, v any) {
		r := v.(*PartRecord)
		c.parts[string(k)] = *r
		if !slices.Contains(known, r.State) {
			id, part, _ := bytes.Cut(k, []byte("/"))
			c.fault("%s, parte %s: lo stato %q non esiste.", c.school(string(id)), part, r.State)
		}
	})
}

func (c *checker) submissions() {
	c.each(BucketSubmissions, nil, func(k, value []byte, _ any) {
		c.stored++
		id, part, revision, ok := parseSubmissionKey(k)
		if !ok {
			c.fault("C'è un invio sotto una chiave che non può esistere (%q).", k)
			return
		}
		where := fmt.Sprintf("%s, parte %s, invio %d", c.school(id), part, revision)
		if _, there := c.names[id]; !there {
			c.fault("%s: la scuola non esiste.", where)
		}
		before := c.last[id+"/"+part]
		if revision != before.Revision+1 {
			c.fault("%s: prima manca almeno un invio, l'ultimo presente è il %d.", where, before.Revision)
		}
		sub, err := ReadSubmission(value, true)
		changed := errors.Is(err, errChanged)
		if record, _, _ := SplitSubmission(value); (err == nil || changed) && readStrictly(record, new(store.Submission)) != nil {
			c.fault("%s: la sua scheda nell'archivio è danneggiata.", where)
		}
		switch {
		case changed:
			c.fault("%s: il contenuto è stato cambiato, la sua impronta non è quella della ricevuta.", where)
			err = nil
		case err != nil:
			c.fault("%s: il contenuto è danneggiato e non si può leggere.", where)
			sub, err = ReadSubmission(value, false)
		}
		if err != nil {
			sub.Revision = revision
			c.last[id+"/"+part] = sub
			return
		}
		if sub.InstitutionID != id || sub.Part != part || sub.Revision != revision {
			c.fault("%s: è registrato sotto il nome di un altro (%s, parte %s, invio %d).", where, c.school(sub.InstitutionID), sub.Part, sub.Revision)
		}
		c.one(where, k, sub, &before)
		sub.Revision = revision
		if part != survey.GeneralPart {
			sub.Body = nil // chain does not ask for it, and there are thousands
		}
		c.last[id+"/"+part] = sub
	})
	for _, key := range slices.Sorted(maps.Keys(c.last)) {
		c.chain(key, c.last[key])
	}
	for _, key := range slices.Sorted(maps.Keys(c.parts)) {
		if _, there := c.last[key]; !there {
			c.chain(key, store.Submission{})
		}
	}
}

// one compares a submission with its indexes, its questionnaire and its leaf.
// before is the revision that it replaced, nil when it stands beside.
func (c *checker) one(where string, key []byte, sub store.Submission, before *store.Submission) {
	if sub.Number != surveysync.ReceiptNumber(sub.SubmissionID, sub.ContentDigest) {
		c.fault("%s: il numero di ricevuta %s non è il suo.", where, sub.Number)
	}
	if !bytes.Equal(c.tx.Bucket(BucketReceipts).Get([]byte(sub.Number)), key) {
		c.fault("%s: la ricevuta %s non porta a questo invio.", where, sub.Number)
	}
	if !bytes.Equal(c.tx.Bucket(BucketSubmissionIDs).Get([]byte(sub.SubmissionID)), key) {
		c.fault("%s: l'identificativo %s non porta a questo invio.", where, sub.SubmissionID)
	}
	if c.tx.Bucket(BucketQuestionnaires).Get([]byte(sub.Questionnaire)) == nil {
		c.fault("%s: manca il suo questionario %s.", where, sub.Questionnaire)
	}
	if sub.Kept != "" && sub.Kept != c.kept[sub.SubmissionID] {
		c.fault("%s: il contenuto è stato riscritto, e il registro degli invii non lo dice.", where)
	}
	if sub.Body != nil {
		content, err := surveysync.ParseSubmission(sub.Body)
		if err != nil || content.SubmissionID != sub.SubmissionID || content.Part != sub.Part || content.Questionnaire != sub.Questionnaire {
			c.fault("%s: il contenuto dice di essere un altro invio.", where)
		}
	}
	leaf, there := c.leaves[leafPlace{sub.Log, sub.LeafIndex}]
	if !there {
		c.fault("%s: nel registro degli invii manca la sua riga (%d).", where, sub.LeafIndex)
		return
	}
	delete(c.leaves, leafPlace{sub.Log, sub.LeafIndex})
	if before == nil {
		before = &store.Submission{ContentDigest: leaf.PrevDigest} // what it followed is not here
	}
	if what := differs(leaf, sub, *before, c.survey.ID); what != "" {
		c.fault("%s: la riga %d del registro degli invii dice un'altra cosa (%s).", where, sub.LeafIndex, what)
	}
}

// differs names the first field in which leaf and submission are not the same.
func differs(leaf surveysync.Entry, sub, before store.Submission, surveyID string) string {
	for _, f := range []struct {
		name string
		same bool
	}{
		{"institution_id", leaf.InstitutionID == sub.InstitutionID},
		{"survey", leaf.Survey == surveyID},
		{"part", leaf.Part == sub.Part},
		{"revision", leaf.Revision == sub.Revision},
		{"submission_id", leaf.SubmissionID == sub.SubmissionID},
		{"content_digest", leaf.ContentDigest == sub.ContentDigest},
		{"prev_digest", leaf.PrevDigest == before.ContentDigest},
		{"questionnaire", leaf.Questionnaire == sub.Questionnaire},
		{"number", leaf.Number == sub.Number},
		{"device", leaf.Device == sub.Device},
		{"at", leaf.At.Equal(sub.ReceivedAt.Truncate(time.Millisecond))},
		{"late", leaf.Late != nil && *leaf.Late == sub.Late},
	} {
		if !f.same {
			return f.name
		}
	}
	return ""
}

// chain compares a part's state with its last submission.
func (c *checker) chain(key string, last store.Submission) {
	id, part, _ := bytes.Cut([]byte(key), []byte("/"))
	where := fmt.Sprintf("%s, parte %s", c.school(string(id)), part)
	state, there := c.parts[key]
	if !there {
		c.fault("%s: ci sono invii, ma non lo stato della parte.", where)
		return
	}
	if state.Revision != last.Revision {
		c.fault("%s: l'invio corrente dovrebbe essere il %d, l'ultimo presente è il %d.", where, state.Revision, last.Revision)
	}
	if string(part) != survey.GeneralPart || last.Body == nil {
		return
	}
	q, err := c.store.compile(c.tx, last.Questionnaire)
	content, parseErr := surveysync.ParseSubmission(last.Body)
	if err != nil || parseErr != nil || q == nil {
		return // said already
	}
	if !slices.Equal(state.Offers, q.Parts(content.Answers)) {
		c.fault("%s: i percorsi aperti non sono quelli dell'ultimo invio.", where)
	}
}

// beside reads what other content keeps out of its place.
func (c *checker) beside() {
	c.each(BucketBeside, nil, func(k, value []byte, _ any) {
		c.stored++
		sub, err := ReadSubmission(value, true)
		where := fmt.Sprintf("%s, parte %s, invio %d accantonato dopo il ripristino", c.school(sub.InstitutionID), sub.Part, sub.Revision)
		switch {
		case err != nil:
			c.fault("C'è un invio accantonato che non si può leggere (%q).", k)
			return
		case !bytes.Equal(k, besideKey(sub)):
			c.fault("%s: è registrato sotto il nome di un altro.", where)
		}
		c.one(where, k, sub, nil)
	})
}

// unclaimed tells of accepted leaves that no submission stands behind.
func (c *checker) unclaimed() {
	places := slices.SortedFunc(maps.Keys(c.leaves), func(a, b leafPlace) int {
		return cmp.Or(cmp.Compare(a.log, b.log), cmp.Compare(a.index, b.index))
	})
	for _, place := range places {
		e, index := c.leaves[place], place.index
		c.fault("%s, parte %s, invio %d: ha una ricevuta (riga %d del registro, numero %s), ma l'invio manca.",
			c.school(e.InstitutionID), e.Part, e.Revision, index, e.Number)
	}
}

// indexes tells of entries that lead nowhere: every submission has found its
// own, so what is more than that is too much.
func (c *checker) indexes() {
	for _, one := range []struct {
		bucket []byte
		what   string
	}{{BucketReceipts, "La ricevuta %s porta a un invio che non c'è."}, {BucketSubmissionIDs, "L'identificativo %s porta a un invio che non c'è."}} {
		c.each(one.bucket, nil, func(k, key []byte, _ any) {
			if submissionAt(c.tx, key) == nil {
				c.fault(one.what, k)
			}
		})
	}
}
