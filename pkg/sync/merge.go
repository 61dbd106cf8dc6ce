package sync

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"rileva/pkg/survey/strictjson"
)

// MergeRecord tells how a submission came of two versions of its part: of the
// one that the draft began from a person and another device have both made
// their own. It names variables and checks and holds no value (PROTOCOL 4.8).
type MergeRecord struct {
	Base int `json:"base"` // revision that the draft began from; 0: none
	// Theirs is the revision that was merged in, the one that is replaced. It
	// is newer than Base, unless a restore of the server has taken Base's place.
	Theirs int `json:"theirs"`
	// Kept lists what both had changed, by the side that a person has chosen.
	Kept Kept `json:"kept"`
	// Taken is what only the other device had changed.
	Taken []string `json:"taken"`
}

// Kept are ids of variables and checks, by side.
type Kept struct {
	Mine   []string `json:"mine"`
	Theirs []string `json:"theirs"`
}

// UnmarshalJSON is as strict as the body that the record stands in.
func (m *MergeRecord) UnmarshalJSON(raw []byte) error {
	type plain MergeRecord // without this method
	return strictObject(raw, (*plain)(m))
}

// UnmarshalJSON is as strict as the body that it stands in.
func (k *Kept) UnmarshalJSON(raw []byte) error {
	type plain Kept
	return strictObject(raw, (*plain)(k))
}

// maxMerged bounds the ids of one list; no sheet has as many variables.
const maxMerged = 2000

var mergedID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,199}$`)

// check names the place that is not as it should be.
func (m *MergeRecord) check() error {
	if m.Base < 0 || m.Theirs < 1 {
		return errors.New("merge: a revision that cannot be")
	}
	var seen []string
	for _, list := range [][]string{m.Kept.Mine, m.Kept.Theirs, m.Taken} {
		if list == nil || len(list) > maxMerged {
			return errors.New("merge: a list is missing or too long")
		}
		seen = append(seen, list...)
	}
	for _, id := range seen {
		if !mergedID.MatchString(id) {
			return fmt.Errorf("merge: %s is no variable and no check", strictjson.Quoted(id))
		}
	}
	slices.Sort(seen)
	for i := 1; i < len(seen); i++ {
		if seen[i] == seen[i-1] {
			return fmt.Errorf("merge: %s stands twice", strictjson.Quoted(seen[i]))
		}
	}
	return nil
}

// Note is what the log says of the merge: counts only, because ids come from
// the request and a leaf is for ever.
func (m *MergeRecord) Note() string {
	return fmt.Sprintf("merged base %d theirs %d: kept mine %d, theirs %d; taken %d",
		m.Base, m.Theirs, len(m.Kept.Mine), len(m.Kept.Theirs), len(m.Taken))
}

// Then gives the record of this merge followed by another that began where it
// ended: one draft can meet two newer revisions before it is sent. What was
// decided again counts as it was decided last.
func (m *MergeRecord) Then(next MergeRecord) MergeRecord {
	if m == nil || m.Theirs != next.Base {
		return next
	}
	decided := slices.Concat(next.Kept.Mine, next.Kept.Theirs, next.Taken)
	still := func(ids []string) []string {
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(decided, id) })
	}
	next.Base = m.Base
	next.Kept.Mine = append(still(m.Kept.Mine), next.Kept.Mine...)
	next.Kept.Theirs = append(still(m.Kept.Theirs), next.Kept.Theirs...)
	next.Taken = append(still(m.Taken), next.Taken...)
	return next
}
