package engine

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// checkPage is how many submissions are read before what they lead to is
// brought, all of it together: from a database, in one journey.
const checkPage = 200

// eachSubmission calls fn for every submission of a bucket, once the ways to it
// are there.
func (c *checker) eachSubmission(bucket []byte, fn func(key, value []byte)) {
	var page []pair
	turn := func() {
		var ways []Wanted
		for _, p := range page {
			if sub, err := ReadSubmission(p.value, false); err == nil {
				ways = append(ways, Wanted{In: c.tx.Bucket(BucketReceipts), From: []byte(sub.Number)},
					Wanted{In: c.tx.Bucket(BucketSubmissionIDs), From: []byte(sub.SubmissionID)})
			}
		}
		c.tx.Fetch(ways...)
		for _, p := range page {
			fn(p.key, p.value)
		}
		page = page[:0]
	}
	c.each(bucket, nil, func(k, value []byte, _ any) {
		if page = append(page, pair{bytes.Clone(k), bytes.Clone(value)}); len(page) == checkPage {
			turn()
		}
	})
	turn()
}

func (c *checker) submissions() {
	c.eachSubmission(BucketSubmissions, func(k, value []byte) {
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
	if bytes.Equal(c.tx.Bucket(BucketReceipts).Get([]byte(sub.Number)), key) {
		c.led[string(BucketReceipts)]++
	} else {
		c.fault("%s: la ricevuta %s non porta a questo invio.", where, sub.Number)
	}
	if bytes.Equal(c.tx.Bucket(BucketSubmissionIDs).Get([]byte(sub.SubmissionID)), key) {
		c.led[string(BucketSubmissionIDs)]++
	} else {
		c.fault("%s: l'identificativo %s non porta a questo invio.", where, sub.SubmissionID)
	}
	if !c.published[sub.Questionnaire] {
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
	c.eachSubmission(BucketBeside, func(k, value []byte) {
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
// own, so what is more than that is too much, and only then each is looked at.
func (c *checker) indexes() {
	for _, one := range []struct {
		bucket []byte
		what   string
	}{{BucketReceipts, "La ricevuta %s porta a un invio che non c'è."}, {BucketSubmissionIDs, "L'identificativo %s porta a un invio che non c'è."}} {
		entries := 0
		c.each(one.bucket, nil, func([]byte, []byte, any) { entries++ })
		if entries == c.led[string(one.bucket)] {
			continue
		}
		c.each(one.bucket, nil, func(k, key []byte, _ any) {
			if submissionAt(c.tx, key) == nil {
				c.fault(one.what, k)
			}
		})
	}
}
