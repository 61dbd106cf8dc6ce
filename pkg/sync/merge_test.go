package sync

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestMergeRecordIsStrict: what is not exactly a record is invalid, at any depth.
func TestMergeRecordIsStrict(t *testing.T) {
	body := func(merge string) []byte {
		plain := string(frozenBody(t, "general", 1))
		return []byte(strings.Replace(plain, `"completed_at"`, `"merge":`+merge+`,"completed_at"`, 1))
	}
	good := `{"base":1,"theirs":2,"kept":{"mine":["a"],"theirs":["S04"]},"taken":[]}`
	s, err := ParseSubmission(body(good))
	if err != nil || s.Merge == nil || s.Merge.Kept.Theirs[0] != "S04" {
		t.Fatal(err, s.Merge)
	}
	if raw, err := json.Marshal(s.Merge); err != nil || string(raw) != good {
		t.Errorf("%s %v", raw, err)
	}
	for _, also := range []string{
		`{"base":0,"theirs":1,"kept":{"mine":[],"theirs":[]},"taken":[]}`,    // both had changed the same
		`{"base":3,"theirs":2,"kept":{"mine":["a"],"theirs":[]},"taken":[]}`, // after a restore
	} {
		if _, err := ParseSubmission(body(also)); err != nil {
			t.Errorf("%s: %v", also, err)
		}
	}
	for _, bad := range []string{
		`{}`, `[]`, `7`, `{"base":0,"theirs":0,"kept":{"mine":[],"theirs":[]},"taken":[]}`,
		`{"base":-1,"theirs":2,"kept":{"mine":[],"theirs":[]},"taken":[]}`,
		`{"base":1,"theirs":2,"kept":{"mine":[],"theirs":[]}}`,
		`{"base":1,"theirs":2,"kept":{"mine":[]},"taken":[]}`,
		`{"base":1,"theirs":2,"kept":{"mine":[],"theirs":[],"ours":[]},"taken":[]}`,
		`{"base":1,"theirs":2,"kept":{"mine":[],"theirs":[]},"taken":[],"values":{"a":1}}`,
		`{"base":1,"theirs":2,"Kept":{"mine":[],"theirs":[]},"taken":[]}`,
		`{"base":1,"theirs":2,"kept":{"mine":["a"],"theirs":["a"]},"taken":[]}`,
		`{"base":1,"theirs":2,"kept":{"mine":["a b"],"theirs":[]},"taken":[]}`,
		`{"base":1,"theirs":2,"kept":{"mine":[""],"theirs":[]},"taken":[]}`,
		`{"base":1,"base":1,"theirs":2,"kept":{"mine":[],"theirs":[]},"taken":[]}`,
	} {
		if _, err := ParseSubmission(body(bad)); err == nil {
			t.Errorf("%s is taken for a record", bad)
		}
	}
	if s, err := ParseSubmission(body(`null`)); err != nil || s.Merge != nil {
		t.Errorf("null: %v %v", s.Merge, err)
	}
}
