package desk

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// MaxFill is the largest file that is taken in, in bytes: a sheet has some 270
// answers.
const MaxFill = 4 << 20

// FillFault is one entry of a file that could not be taken.
type FillFault struct {
	Line     int    `json:"line"` // of the file; of the sheet in XLSX; 0 in JSON where no line is known
	Variable string `json:"variable"`
	Message  string `json:"message"`
}

// FillReport says what a file brought.
type FillReport struct {
	Part   string      `json:"part"`
	Taken  int         `json:"taken"`
	Blank  int         `json:"blank"` // entries without a value: they change nothing
	Faults []FillFault `json:"faults"`
}

// entry is one variable of a file, with its value as text or, from JSON, typed.
type entry struct {
	line        int
	variable    string
	text        string
	value       any
	number      bool   // the text is a number as a program writes it: a dot is its decimal point
	date        bool   // the cell is shown as a date
	unavailable string // the reason of "dato non disponibile"
	fault       string // what is wrong with the line itself: a word of the table
}

// contents are what a file says: its answers and, when it is the body of a
// submission or the template of a table, whose they are.
type contents struct {
	entries             []entry
	part, school, table string
}

// Fill takes the answers of a file into a draft: JSON (the map of contract
// section 3, or a whole submission's body), CSV or XLSX (variable, value).
// With a fault nothing is taken unless partial; of another school's file, or
// of another part's, nothing is taken at all.
func (d *Desk) Fill(part, name string, raw []byte, partial bool) (FillReport, error) {
	report := FillReport{Part: part, Faults: []FillFault{}}
	work, err := d.Edit(part)
	if err != nil {
		return report, err
	}
	file, err := readContents(name, raw)
	if err != nil {
		return report, err
	}
	if err := work.mine(name, file); err != nil {
		return report, err
	}
	read := work.read(file.entries)
	report.Blank, report.Faults = read.blank, read.faults
	if len(report.Faults) > 0 && !partial {
		return report, nil
	}
	report.Taken = len(read.changes)
	if len(read.changes) == 0 {
		return report, nil
	}
	_, err = work.Set(read.changes...)
	return report, err
}

// reading is what the entries of a file come to.
type reading struct {
	changes []Change
	lines   []int // of the file, by change
	blank   int
	faults  []FillFault
}

func (w *Work) read(entries []entry) reading {
	out := reading{faults: []FillFault{}}
	first := map[string]int{}
	for _, e := range entries {
		change, problem := w.accept(e, w.desk.lang)
		if line, twice := first[e.variable]; !twice {
			first[e.variable] = e.line
		} else if problem == "" {
			problem = word(w.desk.lang, "twice", line)
		}
		switch {
		case problem != "":
			out.faults = append(out.faults, FillFault{e.line, e.variable, problem})
		case change.Value == nil && change.Unavailable == "":
			out.blank++
		default:
			out.changes, out.lines = append(out.changes, change), append(out.lines, e.line)
		}
	}
	return out
}

// mine refuses a file that says that it is another school's or another part's.
// It is no matter of single lines: half of another school's answers would be
// worse than none.
func (w *Work) mine(name string, file contents) error {
	if file.part != "" && file.part != w.Part {
		return newError("file_other_part", name, surveysync.Visible(w.desk.PartTitle(file.part)))
	}
	codes := []string{file.school}
	for _, e := range file.entries {
		if v := w.Sheet.Variable(e.variable); v != nil && v.Prefill == "institution.code" {
			text, _ := e.value.(string)
			codes = append(codes, text, e.text)
		}
	}
	for _, code := range codes {
		code = survey.NormalizeSchoolCode(code)
		if code != "" && !slices.Contains(w.inst.Codes, code) {
			return newError("file_other_school", name, surveysync.Visible(code))
		}
	}
	return nil
}

// Read turns what a person typed for a variable into a change, or says in words
// why it is no answer to it. Nothing is written.
func (w *Work) Read(variable, text string) (Change, string) {
	return w.accept(entry{variable: variable, text: text}, w.desk.lang)
}

// accept turns an entry into a change of its variable, or says why not.
func (w *Work) accept(e entry, lang string) (Change, string) {
	blank := Change{Variable: e.variable}
	v := w.Sheet.Variable(e.variable)
	switch {
	case e.fault != "":
		return blank, word(lang, e.fault)
	case v == nil:
		return blank, word(lang, "unknown")
	case v.Computed:
		return blank, word(lang, "computed")
	case v.ReadOnly:
		now, text := w.Value(v.ID), strings.TrimSpace(e.text)
		if e.value != nil && survey.Equal(now, e.value) || e.value == nil && (text == "" || strings.EqualFold(survey.Show(now, lang), text)) {
			return blank, ""
		}
		return blank, word(lang, "readonly")
	case e.date && v.Type != survey.TypeDate:
		return blank, word(lang, "cell_date")
	case v.Type == survey.TypeDeclaration:
		return blank, "" // a person declares, when the part is sent; a file does not
	case e.unavailable != "":
		known := slices.ContainsFunc(w.Sheet.Questionnaire().Unavailable, func(o survey.Option) bool { return o.ID == e.unavailable })
		if v.Tier != survey.TierExt || !known {
			return blank, word(lang, "unavailable")
		}
		return Change{Variable: e.variable, Unavailable: e.unavailable}, ""
	}
	value := e.value
	if value == nil {
		text := strings.TrimSpace(e.text)
		if text == "" {
			return blank, ""
		}
		value = parseText(v, text, e.number)
	}
	problem := v.Accepts(value, lang)
	if text := strings.TrimSpace(e.text); problem != "" && e.line > 0 && text != "" {
		problem = word(lang, "stands", shorten(surveysync.Visible(text)), problem) // in a file nobody sees it
	}
	return Change{Variable: e.variable, Value: value}, problem
}

// shorten keeps a cell's text from filling a screen.
func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "..."
	}
	return s
}

// grouped is a whole number as people write it: with or without one sign
// between the thousands. 1.5 is not 15, and 1 2 is not 12.
var grouped = regexp.MustCompile(`^-?[0-9]{1,3}(?:(?:\.[0-9]{3})+|(?:'[0-9]{3})+|(?:[ \x{a0}\x{202f}][0-9]{3})+)$`)

// parseText reads a value as people write it in a table.
func parseText(v *survey.Variable, text string, number bool) any {
	switch v.Type {
	case survey.TypeInteger:
		clean := text
		if !number && grouped.MatchString(text) {
			clean = strings.NewReplacer(".", "", "'", "", " ", "", "\u00a0", "", "\u202f", "").Replace(text)
		}
		if n, err := strconv.Atoi(clean); err == nil {
			return n
		}
		return text
	case survey.TypeDecimal:
		if n, ok := survey.ParseDecimal(text); ok {
			return n
		}
		return text
	case survey.TypeDate:
		if date, ok := survey.ParseDate(text); ok {
			return date
		}
		return text
	case survey.TypeYesNo:
		switch strings.ToLower(text) {
		case "sì", "si", "s", "yes", "y", "true", "vero", "1", "x":
			return true
		case "no", "n", "false", "falso", "0":
			return false
		}
		return text
	case survey.TypeMulti, survey.TypeTextList, survey.TypeCodeList:
		var out []string
		for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' || r == '|' }) {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, optionID(v, part))
			}
		}
		return out
	case survey.TypeChoice:
		return optionID(v, text)
	}
	return text
}

// optionID takes an option's id or its label in any language.
func optionID(v *survey.Variable, text string) string {
	for _, o := range v.Options {
		if strings.EqualFold(o.ID, text) {
			return o.ID
		}
		for _, label := range o.Label {
			if strings.EqualFold(label, text) {
				return o.ID
			}
		}
	}
	for _, entry := range v.List {
		if strings.EqualFold(entry, text) {
			return entry
		}
	}
	return text
}
