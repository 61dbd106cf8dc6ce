package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"rileva/internal/store/engine"
	surveysync "rileva/pkg/sync"
)

// table is one table of the engine: its SQL, made once.
type table struct {
	name             string
	get, put, remove string
	first, last      string
	page, pageTo     string
	all, ranges      string // of keys, and of ranges, by arrays
	// fields are the columns beside key and value, and more is what stands in
	// them; nil without any.
	fields []string
	more   func(key, value []byte) ([]any, error)
	log    bool // has an epoch, which is its first argument
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
			t.fields, t.more = submissionFields, submissionColumns
		case string(engine.BucketParts):
			t.fields, t.more = []string{"institution_id", "part", "state", "revision"}, partColumns
		case string(engine.BucketInstitutions):
			t.fields, t.more = []string{"record"}, func(_, value []byte) ([]any, error) { return []any{string(withoutNUL(value))}, nil }
		}
		t.write(string(name))
		all[string(name)] = t
	}
	return all
}()

func (t *table) write(name string) {
	t.name = name
	// In a log every statement has the epoch as its first argument.
	where, into, values, on, n := "", "key, value", "", "key", 0
	if t.log {
		where, into, values, on, n = "epoch = $1 and ", "epoch, key, value", "$1::text, ", "epoch, key", 1
	}
	arg := func(i int) string { return fmt.Sprintf("$%d", n+i) }
	set := "value = excluded.value"
	for _, field := range t.fields {
		into += ", " + field
		set += fmt.Sprintf(", %s = excluded.%[1]s", field)
	}
	if t.fields == nil { // many rows at once
		values = " select " + values + "k, v from unnest(" + arg(1) + "::bytea[], " + arg(2) + "::bytea[]) as u(k, v)"
	} else {
		values = " values ($1, $2"
		for i := range t.fields {
			values += fmt.Sprintf(", $%d", 3+i)
		}
		values += ")"
	}
	t.get = "select value from " + name + " where " + where + "key = " + arg(1)
	t.all = "select key, value from " + name + " where " + where + "key = any(" + arg(1) + "::bytea[])"
	t.ranges = "select f.key, f.value from unnest(" + arg(1) + "::bytea[], " + arg(2) + "::bytea[]) as r(low, high) cross join lateral (select key, value from " +
		name + " where " + where + "key >= r.low and key < r.high order by key) as f"
	t.put = "insert into " + name + " (" + into + ")" + values + " on conflict (" + on + ") do update set " + set
	t.remove = "delete from " + name + " where " + where + "key = any(" + arg(1) + "::bytea[])"
	t.first = "select key, value from " + name + " where " + where + "key >= " + arg(1) + " order by key limit 1"
	t.last = "select key, value from " + name + " where " + where + "true order by key desc limit 1"
	t.page = fmt.Sprintf("select key, value from %s where %skey >= %s order by key limit %d", name, where, arg(1), pageSize)
	t.pageTo = fmt.Sprintf("select key, value from %s where %skey >= %s and key < %s order by key limit %d", name, where, arg(1), arg(2), pageSize)
}

// submissionFields are the columns of a submission beside its key and value.
var submissionFields = []string{"institution_id", "part", "revision", "submission_id", "number", "content_digest",
	"questionnaire", "received_at", "late", "device", "log", "leaf_index", "answers", "unavailable", "explanations"}

func submissionColumns(_, value []byte) ([]any, error) {
	sub, err := engine.ReadSubmission(value, true)
	if err != nil {
		return nil, err
	}
	columns := []any{sub.InstitutionID, sub.Part, sub.Revision, sub.SubmissionID, sub.Number, sub.ContentDigest,
		sub.Questionnaire, sub.ReceivedAt, sub.Late, visible(sub.Device), sub.Log, sub.LeafIndex}
	content, err := contentOf(sub.Body)
	if err != nil {
		return nil, fmt.Errorf("submission %s: %w", sub.SubmissionID, err)
	}
	for _, raw := range content {
		if len(raw) == 0 || string(raw) == "null" { // a map that was left out
			raw = []byte("{}")
		}
		columns = append(columns, string(withoutNUL(raw)))
	}
	return columns, nil
}

// contentOf gives answers, what is unavailable, and explanations. The texts are
// taken as they were sent, which is ten times faster than reading them, but
// where an escape stands: jsonb refuses half a surrogate.
func contentOf(body []byte) ([3]json.RawMessage, error) {
	if utf8.Valid(body) && !bytes.Contains(body, []byte(`\u`)) {
		var sent struct{ Answers, Unavailable, Explanations json.RawMessage }
		err := json.Unmarshal(body, &sent)
		return [...]json.RawMessage{sent.Answers, sent.Unavailable, sent.Explanations}, err
	}
	var all [3]json.RawMessage
	content, err := surveysync.ParseSubmission(body)
	for i, v := range []any{content.Answers, content.Unavailable, content.Explanations} {
		if err == nil {
			all[i], err = json.Marshal(v)
		}
	}
	return all, err
}

func partColumns(key, value []byte) ([]any, error) {
	var r engine.PartRecord
	if err := json.Unmarshal(value, &r); err != nil {
		return nil, fmt.Errorf("part %s: %w", key, err)
	}
	institution, part, _ := strings.Cut(string(key), "/")
	return []any{institution, part, r.State, r.Revision}, nil
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
