package engine

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"rileva/internal/store"
)

// The tables; the package comment says what each of them holds.
var (
	BucketMeta           = []byte("meta")
	BucketInstitutions   = []byte("institutions")
	BucketRemoved        = []byte("institutions_removed")
	BucketVersions       = []byte("institution_versions")
	BucketCodes          = []byte("codes")
	BucketAccounts       = []byte("accounts")
	BucketSessions       = []byte("sessions")
	BucketSessionsOf     = []byte("sessions_by_institution")
	BucketSurvey         = []byte("survey")
	BucketQuestionnaires = []byte("questionnaires")
	BucketParts          = []byte("parts")
	BucketSubmissions    = []byte("submissions")
	BucketSubmissionIDs  = []byte("submission_ids")
	BucketReceipts       = []byte("receipts")
	BucketLeaves         = []byte("log_leaves")
	BucketHashes         = []byte("log_hashes")
	BucketMessages       = []byte("messages")
	BucketNotes          = []byte("notes")
	BucketHeartbeats     = []byte("heartbeats")
	BucketReminders      = []byte("reminders")
	BucketBeside         = []byte("beside")

	// Buckets are all of them.
	Buckets = [][]byte{BucketMeta, BucketInstitutions, BucketRemoved, BucketVersions, BucketCodes, BucketAccounts, BucketSessions,
		BucketSessionsOf, BucketSurvey, BucketQuestionnaires, BucketParts, BucketSubmissions, BucketSubmissionIDs,
		BucketReceipts, BucketLeaves, BucketHashes, BucketMessages, BucketNotes, BucketHeartbeats, BucketReminders, BucketBeside}
)

// The keys of the buckets meta and survey.
var (
	KeySchema     = []byte("schema")
	KeyIdentity   = []byte("identity")
	KeyCheckpoint = []byte("checkpoint")
	KeySurvey     = []byte("survey")
)

// IndexKey is a number as a key that sorts as the number does.
func IndexKey(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// KeyIndex reads what IndexKey has written.
func KeyIndex(key []byte) (int64, bool) {
	if len(key) != 8 {
		return 0, false
	}
	n := int64(binary.BigEndian.Uint64(key))
	return n, n >= 0
}

// under is the prefix of all keys that belong to the institution, or to one of
// its parts. Neither an id nor a part holds a slash.
func under(names ...string) []byte { return []byte(strings.Join(names, "/") + "/") }

func PartKey(institutionID, part string) []byte { return []byte(institutionID + "/" + part) }

func SubmissionKey(institutionID, part string, revision int) []byte {
	return fmt.Appendf(nil, "%s/%s/%08d", institutionID, part, revision)
}

func parseSubmissionKey(key []byte) (institutionID, part string, revision int, ok bool) {
	pieces := strings.Split(string(key), "/")
	if len(pieces) != 3 {
		return "", "", 0, false
	}
	revision, err := strconv.Atoi(pieces[2])
	institutionID, part = pieces[0], pieces[1]
	return institutionID, part, revision, err == nil && bytes.Equal(key, SubmissionKey(institutionID, part, revision))
}

// besideKey is where a submission stands that another one's revision keeps out.
func besideKey(sub store.Submission) []byte {
	return append(SubmissionKey(sub.InstitutionID, sub.Part, sub.Revision), "/"+sub.Number...)
}

// isBeside tells whether a key of the indexes is of a submission that stands
// beside: it has a fourth piece.
func isBeside(key []byte) bool { return bytes.Count(key, []byte("/")) == 3 }

// submissionAt gives the value of a submission by the key that the indexes hold.
func submissionAt(tx Tx, key []byte) []byte {
	if isBeside(key) {
		return tx.Bucket(BucketBeside).Get(key)
	}
	return tx.Bucket(BucketSubmissions).Get(key)
}

// ReadJSON reads the value at key into v and says whether there is one.
func ReadJSON(tx Tx, bucket, key []byte, v any) (bool, error) {
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
func scan(tx Tx, bucket, prefix []byte, fn func(key, value []byte) error) error {
	b := tx.Bucket(bucket)
	if b == nil {
		return nil // a copy that an older version has made
	}
	return each(b, prefix, fn)
}

func each(b Bucket, prefix []byte, fn func(key, value []byte) error) error {
	return b.Range(prefix, after(prefix), fn)
}

// after is the first key that is past all that begin with prefix; nil when
// there is none.
func after(prefix []byte) []byte {
	for end := len(prefix); end > 0; end-- {
		if prefix[end-1] < 0xff {
			past := bytes.Clone(prefix[:end])
			past[end-1]++
			return past
		}
	}
	return nil
}

// pair is one key with its value, copied out of a transaction.
type pair struct{ key, value []byte }

// copyOut gives all pairs whose key begins with prefix.
func copyOut(tx Tx, bucket, prefix []byte) []pair {
	var out []pair
	_ = scan(tx, bucket, prefix, func(k, v []byte) error { // fn never fails
		out = append(out, pair{bytes.Clone(k), bytes.Clone(v)})
		return nil
	})
	return out
}
