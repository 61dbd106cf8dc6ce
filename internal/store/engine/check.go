package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

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
		last: map[string]store.Submission{}, published: map[string]bool{}, led: map[string]int{}}
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
	published    map[string]bool // by digest of the questionnaire
	led          map[string]int  // how many entries of an index lead to their submission
	stored       int             // submissions
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
		c.published[string(k)] = true
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
		if !c.published[v.Digest] {
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
