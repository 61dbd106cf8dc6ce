package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	surveysync "rileva/pkg/sync"
)

// table is one table of the engine: its SQL, made once.
type table struct {
	get, put, remove, first, last string
	page, pageTo                  string
	// more gives the columns beside key and value; nil without any.
	more func(value []byte) ([]any, error)
	log  bool // has an epoch, which is its first argument
}

// pageSize is how many rows one query of a range brings.
const pageSize = 500

// tables by name; it never changes.
var tables = func() map[string]*table {
	all := map[string]*table{}
	for _, name := range engine.Buckets {
		t := &table{}
		switch string(name) {
		case string(engine.BucketLeaves), string(engine.BucketHashes):
			t.log = true
		case string(engine.BucketSubmissions), string(engine.BucketBeside):
			t.more = submissionColumns
		}
		t.write(string(name))
		all[string(name)] = t
	}
	return all
}()

func (t *table) write(name string) {
	// In a log every statement has the epoch as its first argument.
	where, into, values, on, n := "", "(key, value", "($1, $2", "(key)", 0
	if t.log {
		where, into, values, on, n = "epoch = $1 and ", "(epoch, key, value", "($1, $2, $3", "(epoch, key)", 1
	}
	arg := func(i int) string { return fmt.Sprintf("$%d", n+i) }
	set := "value = excluded.value"
	if t.more != nil {
		into += ", " + submissionInto
		for i := range submissionFields {
			values += fmt.Sprintf(", $%d", 3+i)
			set += fmt.Sprintf(", %s = excluded.%[1]s", submissionFields[i])
		}
	}
	t.get = "select value from " + name + " where " + where + "key = " + arg(1)
	t.put = "insert into " + name + " " + into + ") values " + values + ") on conflict " + on + " do update set " + set
	t.remove = "delete from " + name + " where " + where + "key = " + arg(1)
	t.first = "select key, value from " + name + " where " + where + "key >= " + arg(1) + " order by key limit 1"
	t.last = "select key, value from " + name + " where " + where + "true order by key desc limit 1"
	t.page = fmt.Sprintf("select key, value from %s where %skey >= %s order by key limit %d", name, where, arg(1), pageSize)
	t.pageTo = fmt.Sprintf("select key, value from %s where %skey >= %s and key < %s order by key limit %d", name, where, arg(1), arg(2), pageSize)
}

// submissionFields are the columns of a submission beside its key and value.
var submissionFields = []string{"institution_id", "part", "revision", "submission_id", "number", "content_digest",
	"questionnaire", "received_at", "late", "device", "log", "leaf_index", "answers"}

var submissionInto = func() string {
	var b bytes.Buffer
	for i, f := range submissionFields {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(f)
	}
	return b.String()
}()

func submissionColumns(value []byte) ([]any, error) {
	sub, err := engine.ReadSubmission(value, true)
	if err != nil {
		return nil, err
	}
	answers, err := answersOf(sub)
	return []any{sub.InstitutionID, sub.Part, sub.Revision, sub.SubmissionID, sub.Number, sub.ContentDigest,
		sub.Questionnaire, sub.ReceivedAt, sub.Late, visible(sub.Device), sub.Log, sub.LeafIndex, answers}, err
}

// answersOf gives the answers as jsonb takes them.
func answersOf(sub store.Submission) (string, error) {
	content, err := surveysync.ParseSubmission(sub.Body)
	if err != nil {
		return "", fmt.Errorf("submission %s: %w", sub.SubmissionID, err)
	}
	raw, err := json.Marshal(content.Answers)
	return string(withoutNUL(raw)), err
}

// withoutNUL puts the sign of a character that cannot be shown in the place of
// each \u0000, which JSON may hold and jsonb refuses. The bytes that were sent
// are kept beside it.
func withoutNUL(raw []byte) []byte {
	nul := []byte(`\u0000`)
	if !bytes.Contains(raw, nul) {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		switch {
		case bytes.HasPrefix(raw[i:], nul):
			out, i = append(out, `\ufffd`...), i+len(nul)-1
		case raw[i] == '\\' && i+1 < len(raw):
			out, i = append(out, raw[i], raw[i+1]), i+1
		default:
			out = append(out, raw[i])
		}
	}
	return out
}

// visible is a text without NUL, which no text of PostgreSQL may hold.
func visible(s string) string { return surveysync.Visible(s) }
