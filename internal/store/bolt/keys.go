package bolt

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"

	"rileva/internal/store"
)

// The buckets; doc.go says what each of them holds.
var (
	bucketMeta           = []byte("meta")
	bucketInstitutions   = []byte("institutions")
	bucketRemoved        = []byte("institutions_removed")
	bucketVersions       = []byte("institution_versions")
	bucketCodes          = []byte("codes")
	bucketAccounts       = []byte("accounts")
	bucketSessions       = []byte("sessions")
	bucketSessionsOf     = []byte("sessions_by_institution")
	bucketSurvey         = []byte("survey")
	bucketQuestionnaires = []byte("questionnaires")
	bucketParts          = []byte("parts")
	bucketSubmissions    = []byte("submissions")
	bucketSubmissionIDs  = []byte("submission_ids")
	bucketReceipts       = []byte("receipts")
	bucketLeaves         = []byte("log_leaves")
	bucketHashes         = []byte("log_hashes")
	bucketMessages       = []byte("messages")
	bucketNotes          = []byte("notes")
	bucketHeartbeats     = []byte("heartbeats")
	bucketReminders      = []byte("reminders")
	bucketPast           = []byte("past_logs")
	bucketBeside         = []byte("beside")

	allBuckets = slices.Concat(bucketsSince1, bucketsSince2)

	bucketsSince1 = [][]byte{bucketMeta, bucketInstitutions, bucketRemoved, bucketVersions, bucketCodes, bucketAccounts, bucketSessions,
		bucketSessionsOf, bucketSurvey, bucketQuestionnaires, bucketParts, bucketSubmissions, bucketSubmissionIDs,
		bucketReceipts, bucketLeaves, bucketHashes}
	bucketsSince2 = [][]byte{bucketMessages, bucketNotes, bucketHeartbeats, bucketReminders, bucketPast, bucketBeside}
)

// The keys of the buckets meta and survey.
var (
	keySchema     = []byte("schema")
	keyIdentity   = []byte("identity")
	keyCheckpoint = []byte("checkpoint")
	keySurvey     = []byte("survey")
)

// indexKey is a number as a key that sorts as the number does.
func indexKey(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func keyIndex(key []byte) (int64, bool) {
	if len(key) != 8 {
		return 0, false
	}
	n := int64(binary.BigEndian.Uint64(key))
	return n, n >= 0
}

// under is the prefix of all keys that belong to the institution, or to one of
// its parts. Neither an id nor a part holds a slash.
func under(names ...string) []byte { return []byte(strings.Join(names, "/") + "/") }

func partKey(institutionID, part string) []byte { return []byte(institutionID + "/" + part) }

func submissionKey(institutionID, part string, revision int) []byte {
	return fmt.Appendf(nil, "%s/%s/%08d", institutionID, part, revision)
}

func parseSubmissionKey(key []byte) (institutionID, part string, revision int, ok bool) {
	pieces := strings.Split(string(key), "/")
	if len(pieces) != 3 {
		return "", "", 0, false
	}
	revision, err := strconv.Atoi(pieces[2])
	institutionID, part = pieces[0], pieces[1]
	return institutionID, part, revision, err == nil && bytes.Equal(key, submissionKey(institutionID, part, revision))
}

// besideKey is where a submission stands that another one's revision keeps out.
func besideKey(sub store.Submission) []byte {
	return append(submissionKey(sub.InstitutionID, sub.Part, sub.Revision), "/"+sub.Number...)
}

// submissionAt gives the value of a submission by the key that the indexes
// hold: one with a fourth piece stands beside.
func submissionAt(tx *bbolt.Tx, key []byte) []byte {
	if bytes.Count(key, []byte("/")) == 3 {
		return tx.Bucket(bucketBeside).Get(key)
	}
	return tx.Bucket(bucketSubmissions).Get(key)
}

// readJSON reads the value at key into v and says whether there is one.
func readJSON(tx *bbolt.Tx, bucket, key []byte, v any) (bool, error) {
	raw := tx.Bucket(bucket).Get(key)
	if raw == nil {
		return false, nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return false, fmt.Errorf("store: %s/%q: %w", bucket, key, err)
	}
	return true, nil
}

// scan calls fn for every key that begins with prefix, in order, until it
// fails. Key and value live only as long as the transaction.
func scan(tx *bbolt.Tx, bucket, prefix []byte, fn func(key, value []byte) error) error {
	b := tx.Bucket(bucket)
	if b == nil {
		return nil // a copy that an older version has made
	}
	c := b.Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if err := fn(k, v); err != nil {
			return err
		}
	}
	return nil
}

// pair is one key with its value, copied out of a transaction.
type pair struct{ key, value []byte }

// copyOut gives all pairs whose key begins with prefix.
func copyOut(tx *bbolt.Tx, bucket, prefix []byte) []pair {
	var out []pair
	_ = scan(tx, bucket, prefix, func(k, v []byte) error { // fn never fails
		out = append(out, pair{bytes.Clone(k), bytes.Clone(v)})
		return nil
	})
	return out
}
