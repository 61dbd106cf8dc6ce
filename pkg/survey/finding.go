package survey

// Severity says what a finding does (contract, section 1).
type Severity string

// Hard blocks the part; explain wants a correction or an explanation; note
// only informs.
const (
	Hard    Severity = "hard"
	Explain Severity = "explain"
	Note    Severity = "note"
)

// The ids of findings that every questionnaire shares, about the form of the
// answers rather than their sense.
const (
	CheckUnknown     = "unknown_variable" // no such variable in this part
	CheckType        = "wrong_type"       // not a value of the variable's type
	CheckNotRelevant = "not_relevant"     // answered although it is not asked
	CheckComputed    = "computed"         // a computed cell was sent
	CheckUnavailable = "unavailable"      // "dato non disponibile" where it cannot stand
	CheckExplanation = "explanation"      // an explanation of unknown form
)

// Finding is what one check says of one place.
type Finding struct {
	Check     string   `json:"check"`
	Severity  Severity `json:"severity"`
	Variables []string `json:"variables"`
	Message   string   `json:"message"`
	Left      any      `json:"left,omitempty"`  // the two numbers, where the check compares two
	Right     any      `json:"right,omitempty"` //
	Explained bool     `json:"explained,omitempty"`
	Part      string   `json:"part,omitempty"`
	// Values are what the variables were: an explanation holds for these only.
	Values map[string]any `json:"-"`
}

// Blocks tells whether the finding keeps its part from being submitted.
func (f Finding) Blocks() bool {
	return f.Severity == Hard || f.Severity == Explain && !f.Explained
}

// Blocking lists the findings that keep a part from being submitted.
func Blocking(all []Finding) []Finding {
	var out []Finding
	for _, f := range all {
		if f.Blocks() {
			out = append(out, f)
		}
	}
	return out
}
