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
	columns          []derived // beside key and value
	args             []string  // the types of what stands in them
	// more gives these arguments for one row.
	more func(key, value []byte) ([]any, error)
	log  bool // has an epoch, which is its first argument
}

// derived is a column beside key and value, made from its row's
// arguments a1, a2 and so on.
type derived struct{ name, is string }

// plain are columns of which each is an argument.
func plain(names ...string) []derived {
	all := make([]derived, len(names))
	for i, name := range names {
		all[i] = derived{name, fmt.Sprintf("a%d", i+1)}
	}
	return all
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
			t.columns, t.args, t.more = submissionColumns, submissionArgs, ofSubmission
		case string(engine.BucketParts):
			t.columns, t.args, t.more = plain("institution_id", "part", "state", "revision"), []string{"text", "text", "text", "integer"}, ofPart
		case string(engine.BucketInstitutions):
			t.columns, t.args = plain("record"), []string{"jsonb"}
			t.more = func(_, value []byte) ([]any, error) { return []any{string(withoutNUL(value))}, nil }
		}
		t.write(string(name))
		all[string(name)] = t
	}
	return all
}()

func (t *table) write(name string) {
	t.name = name
	// In a log every statement has the epoch as its first argument.
	where, into, from, on, n := "", "key, value", "k, v", "key", 0
	if t.log {
		where, into, from, on, n = "epoch = $1 and ", "epoch, key, value", "$1::text, k, v", "epoch, key", 1
	}
	arg := func(i int) string { return fmt.Sprintf("$%d", n+i) }
	set, arrays, names := "value = excluded.value", arg(1)+"::bytea[], "+arg(2)+"::bytea[]", "k, v"
	for _, c := range t.columns {
		into += ", " + c.name
		from += ", " + c.is
		set += fmt.Sprintf(", %s = excluded.%[1]s", c.name)
	}
	for i, kind := range t.args {
		arrays += fmt.Sprintf(", %s::%s[]", arg(3+i), kind)
		names += fmt.Sprintf(", a%d", 1+i)
	}
	t.get = "select value from " + name + " where " + where + "key = " + arg(1)
	t.put = "insert into " + name + " (" + into + ") select " + from + " from unnest(" + arrays + ") as u(" + names + ") on conflict (" + on + ") do update set " + set
	t.remove = "delete from " + name + " where " + where + "key = any(" + arg(1) + "::bytea[])"
	t.first = "select key, value from " + name + " where " + where + "key >= " + arg(1) + " order by key limit 1"
	t.last = "select key, value from " + name + " where " + where + "true order by key desc limit 1"
	t.page = fmt.Sprintf("select key, value from %s where %skey >= %s order by key limit %d", name, where, arg(1), pageSize)
	t.pageTo = fmt.Sprintf("select key, value from %s where %skey >= %s and key < %s order by key limit %d", name, where, arg(1), arg(2), pageSize)
}

// The questions of one journey: i tells the answers apart, n is the number of the
// first argument, behind the epoch of a log.
//
// Key by key, because "= any" may be planned as a walk over all of a log, whose
// epoch the index has in front, as long as nobody has counted its rows.
func (t *table) keys(i, n int) string {
	return fmt.Sprintf("select %d, f.key, f.value from unnest($%d::bytea[]) as w(k) cross join lateral (select key, value from %s where %s and key = w.k limit 1) as f",
		i, n, t.name, t.epoch(n-1))
}

func (t *table) ranges(i, n int) string {
	return fmt.Sprintf("select %d, f.key, f.value from unnest($%d::bytea[], $%d::bytea[]) as r(low, high) cross join lateral (select key, value from %s where %s and key >= r.low and key < r.high order by key) as f",
		i, n, n+1, t.name, t.epoch(n-1))
}

func (t *table) end(i, n int) string {
	return fmt.Sprintf("(select %d, key, value from %s where %s order by key desc limit 1)", i, t.name, t.epoch(n-1))
}

// epoch is what a row of a log has to fulfil.
func (t *table) epoch(n int) string {
	if t.log {
		return fmt.Sprintf("epoch = $%d", n)
	}
	return "true"
}

// submissionColumns are those of a submission; its body is its last argument.
var submissionColumns = append(plain("institution_id", "part", "revision", "submission_id", "number", "content_digest",
	"questionnaire", "received_at", "late", "device", "log", "leaf_index"),
	derived{"answers", inBody("answers")}, derived{"unavailable", inBody("unavailable")}, derived{"explanations", inBody("explanations")})

var submissionArgs = []string{"text", "text", "integer", "text", "text", "text", "text", "timestamptz", "boolean", "text", "integer", "bigint", "jsonb"}

// inBody is a map of the body, empty where it was left out.
func inBody(name string) string {
	return fmt.Sprintf("coalesce(nullif(a%d->'%s', 'null'), '{}')", 13, name)
}

func ofSubmission(_, value []byte) ([]any, error) {
	sub, err := engine.ReadSubmission(value, true)
	if err != nil {
		return nil, err
	}
	body, err := forDatabase(sub.Body)
	if err != nil {
		return nil, fmt.Errorf("submission %s: %w", sub.SubmissionID, err)
	}
	return []any{sub.InstitutionID, sub.Part, sub.Revision, sub.SubmissionID, sub.Number, sub.ContentDigest,
		sub.Questionnaire, sub.ReceivedAt, sub.Late, visible(sub.Device), sub.Log, sub.LeafIndex, body}, nil
}

// forDatabase is a body as jsonb takes it: as it was sent, which costs nothing,
// but where an escape stands, because jsonb refuses half a surrogate.
func forDatabase(body []byte) (string, error) {
	if utf8.Valid(body) && !bytes.Contains(body, []byte(`\u`)) {
		return string(body), nil
	}
	content, err := surveysync.ParseSubmission(body)
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(content)
	return string(withoutNUL(raw)), err
}

func ofPart(key, value []byte) ([]any, error) {
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
