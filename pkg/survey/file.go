package survey

import "time"

// source is a string that remembers where in the file it stands, so that a
// fault found later still names its line.
type source struct {
	text string
	pos  position
}

type position struct{ line, column int }

// The shapes of the file as it is written. docs/questionnaire.md describes
// each of them; the compiled form is in sheet.go.
type (
	surveyFile struct {
		Format     int                 `yaml:"format"`
		ID         source              `yaml:"id"`
		Version    string              `yaml:"version"`
		SchoolYear string              `yaml:"school_year"`
		Languages  []string            `yaml:"languages"`
		Title      Text                `yaml:"title"`
		Office     Office              `yaml:"office"`
		Dates      Dates               `yaml:"dates"`
		Numbers    numberRange         `yaml:"numbers"`
		Checks     builtinChecks       `yaml:"checks"`
		Reasons    orderedTexts        `yaml:"reasons"`
		Missing    orderedTexts        `yaml:"unavailable"`
		Lists      map[string][]string `yaml:"lists"`
		Axes       map[string]axisFile `yaml:"axes"`
		Parts      []partFile          `yaml:"parts"`
		Across     []ruleFile          `yaml:"across"`
	}
	numberRange struct {
		Min int  `yaml:"min"`
		Max *int `yaml:"max"`
	}
	builtinChecks struct {
		Integer   string `yaml:"integer"`
		Required  string `yaml:"required"`
		Exclusive string `yaml:"exclusive"`
	}
	partFile struct {
		ID       source        `yaml:"id"`
		Repeat   source        `yaml:"repeat"`
		Title    Text          `yaml:"title"`
		Help     Text          `yaml:"help"`
		Sections []sectionFile `yaml:"sections"`
		Rules    []ruleFile    `yaml:"rules"`
	}
	sectionFile struct {
		ID    source     `yaml:"id"`
		Title Text       `yaml:"title"`
		Help  Text       `yaml:"help"`
		Items []itemFile `yaml:"items"`
	}
	itemFile struct {
		Question source `yaml:"question"`
		Grid     source `yaml:"grid"`

		Label      Text   `yaml:"label"`
		Title      Text   `yaml:"title"`
		Help       Text   `yaml:"help"`
		Number     int    `yaml:"number"`
		Relevant   source `yaml:"relevant"`
		Example    Text   `yaml:"example"`
		Who        Text   `yaml:"who"`
		Check      string `yaml:"check"`
		Prefill    source `yaml:"prefill"`
		ReadOnly   bool   `yaml:"read_only"`
		answerFile        // of the question; of a grid, what its rows do not say

		Axes   []axisFile  `yaml:"axes"`
		Closed *closedFile `yaml:"closed"`
		Rows   []rowFile   `yaml:"rows"`
	}
	// answerFile is what can be answered, to a question or in each cell of a row.
	answerFile struct {
		Type      source       `yaml:"type"`
		Tier      source       `yaml:"tier"`
		Min       *int         `yaml:"min"`
		Max       *int         `yaml:"max"`
		Decimals  int          `yaml:"decimals"`
		MaxLength int          `yaml:"max_length"`
		Default   *int         `yaml:"default"`
		Options   []optionFile `yaml:"options"`
		List      source       `yaml:"list"`
	}
	optionFile struct {
		ID        source `yaml:"id"`
		Label     Text   `yaml:"label"`
		Short     Text   `yaml:"short"`
		Exclusive bool   `yaml:"exclusive"`
	}
	axisFile struct {
		ref   string         // a name of the file's `axes` instead of a definition
		ID    source         `yaml:"id"`
		Label Text           `yaml:"label"`
		Items []axisItemFile `yaml:"items"`
	}
	axisItemFile struct {
		ID     source   `yaml:"id"`
		Label  Text     `yaml:"label"`
		Short  Text     `yaml:"short"`
		Sheets []string `yaml:"sheets"`
	}
	closedFile struct {
		Each    []string `yaml:"each"`
		When    source   `yaml:"when"`
		Check   string   `yaml:"check"`
		Message Text     `yaml:"message"`
	}
	rowFile struct {
		ID       source `yaml:"id"`
		Label    Text   `yaml:"label"`
		Short    Text   `yaml:"short"`
		Help     Text   `yaml:"help"`
		Computed source `yaml:"computed"`
		answerFile
	}
	ruleFile struct {
		ID       source               `yaml:"id"`
		Severity source               `yaml:"severity"`
		Rules    []ruleFile           `yaml:"rules"`
		Each     []string             `yaml:"each"`
		Only     map[string][]string  `yaml:"only"`
		Sheets   []string             `yaml:"sheets"`
		Rows     []string             `yaml:"rows"`
		With     map[string]constFile `yaml:"with"`
		When     source               `yaml:"when"`
		Assert   source               `yaml:"assert"`
		Missing  source               `yaml:"missing"`
		At       []string             `yaml:"at"`
		Message  Text                 `yaml:"message"`
	}
	// constFile is a number, or a number for each sheet.
	constFile struct {
		value   float64
		bySheet map[string]float64
	}
	orderedTexts []Option
)

// Office is who asks and on what legal basis; no personal names.
type Office struct {
	Name       Text `yaml:"name" json:"name"`
	LegalBasis Text `yaml:"legal_basis" json:"legal_basis"`
	Contact    Text `yaml:"contact" json:"contact"`
}

// Dates are the three moments of a survey (contract, section 2).
type Dates struct {
	Opens        time.Time `yaml:"opens" json:"opens"`
	OpensAssumed bool      `yaml:"opens_assumed" json:"opens_assumed,omitempty"`
	Due          time.Time `yaml:"due" json:"due"`
	LateUntil    time.Time `yaml:"late_until" json:"late_until"`
}
