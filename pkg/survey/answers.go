package survey

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"rileva/pkg/survey/strictjson"
)

// Answers maps a variable's id to its value: int, string, bool or []string.
// Absent means unanswered; 0 and false are answers (contract, section 3).
type Answers map[string]any

// Strings reads a list, or nil.
func (a Answers) Strings(id string) []string {
	list, _ := a[id].([]string)
	return list
}

// Clone copies the map and its lists.
func (a Answers) Clone() Answers {
	out := maps.Clone(a)
	for k, v := range out {
		if list, ok := v.([]string); ok {
			out[k] = slices.Clone(list)
		}
	}
	return out
}

// Equal tells whether two values of a variable are the same answer. It takes
// whatever JSON can bring, objects too.
func Equal(a, b any) bool {
	la, aList := a.([]string)
	lb, bList := b.([]string)
	if aList && bList {
		return slices.Equal(la, lb)
	}
	return reflect.DeepEqual(a, b)
}

// UnmarshalJSON is ReadJSON.
func (a *Answers) UnmarshalJSON(raw []byte) error { return a.ReadJSON(strictjson.New(raw)) }

// ReadJSON reads a flat object. A whole number becomes int; any other JSON
// value that no variable can hold (1.5, null, an object) is kept as it is, so
// that the check that refuses it can name the variable. A key that stands
// twice is an error: two readers could disagree on which one counts.
func (a *Answers) ReadJSON(r *strictjson.Reader) error {
	out := make(Answers, min(r.Fields(), 1000)) // no sheet has more
	err := r.Object(func(id string) error {
		v, err := r.Value()
		out[id] = asList(v)
		return err
	})
	if err == nil {
		*a = out
	}
	return err
}

// asList turns a list of strings into the type of Answers and leaves the rest.
func asList(v any) any {
	all, ok := v.([]any)
	if !ok {
		return v
	}
	list := make([]string, 0, len(all))
	for _, x := range all {
		s, ok := x.(string)
		if !ok {
			return v
		}
		list = append(list, s)
	}
	return list
}

// Explanation is what a person says of an `explain` finding. Values holds what
// the explained cells were; the explanation lapses when they change. On the
// wire it stands beside the answers themselves, so Values is needed only for
// checks across parts, whose values stand in other parts.
type Explanation struct {
	Reason string         `json:"reason"`
	Text   string         `json:"text"`
	Values map[string]any `json:"values,omitempty"`
}

// MinExplanation is how many characters an explanation has at least
// (contract, section 1).
const MinExplanation = 10

// UnmarshalJSON reads Values like Answers, so that numbers compare as int.
func (e *Explanation) UnmarshalJSON(raw []byte) error {
	var v struct {
		Reason string  `json:"reason"`
		Text   string  `json:"text"`
		Values Answers `json:"values"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return err
	}
	e.Reason, e.Text, e.Values = v.Reason, v.Text, v.Values
	return nil
}
