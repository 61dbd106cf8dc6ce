package export

import (
	"context"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Form is what the published questionnaires make of the levels: the columns of
// the files, for whoever shows the same levels elsewhere. It is safe for
// concurrent use.
type Form struct{ layout *layout }

// Level is one table of an export.
type Level struct {
	Name, Title string
	Columns     []Column
}

// Column is one column of a level.
type Column struct {
	Name, Title string
	Kind        string // a type of the Frictionless Table Schema
	Answer      bool   // it holds the answers to the variable of its name
}

// Variable is one variable of one version's sheet.
type Variable struct {
	Questionnaire, Part string // digest of the version
	Name, Kind, Title   string
	Row                 string            // of a grid; "" for a question of its own
	At                  map[string]string // where in the grid: item by axis
}

// NewForm reads the versions that were published until at.
func NewForm(ctx context.Context, src Source, at time.Time, lang string) (*Form, error) {
	l, err := plan(ctx, src, Options{AsOf: at, Lang: lang})
	return &Form{l}, err
}

// Survey is the survey as it stood at the form's moment.
func (f *Form) Survey() store.Survey { return f.layout.survey }

// Axes are those of all grids, in the order of the columns of the level cells.
func (f *Form) Axes() []string { return f.layout.axes }

// Levels are all of them, in the order of the files.
func (f *Form) Levels() []Level {
	var all []Level
	for _, t := range f.layout.tables {
		l := Level{Name: t.name, Title: t.title}
		for i, c := range t.columns {
			place, answer := f.layout.place[t][c.name]
			l.Columns = append(l.Columns, Column{Name: c.name, Title: c.title, Kind: c.kind, Answer: answer && place == i})
		}
		all = append(all, l)
	}
	return all
}

// Variables are those of all versions, each sheet's in the order of the form.
func (f *Form) Variables() []Variable {
	var all []Variable
	for _, digest := range sortedKeys(f.layout.versions) {
		q := f.layout.versions[digest]
		for _, part := range q.AllParts() {
			for _, v := range q.Sheet(part).Variables() {
				one := Variable{Questionnaire: digest, Part: part, Name: v.ID, Kind: kindOf(v), Title: v.Name(f.layout.lang), At: map[string]string{}}
				if v.Row != nil {
					one.Row = v.Row.ID
					for i, a := range v.Row.Grid.Axes {
						one.At[a.ID] = a.Items[v.At[i]].ID
					}
				}
				all = append(all, one)
			}
		}
	}
	return all
}

// Judge gives the state of a return, and what the checks say of its parts as
// they are: those within each part that counts, and those across the parts,
// which stand under the general one. Parts come with their bodies.
func (f *Form) Judge(in store.Institution, parts []store.Part) (state string, found []survey.Finding, err error) {
	whole, err := store.BuildReturn(store.ReturnInput{Institution: in, Survey: f.layout.survey, Parts: parts, Load: f.layout.load, Lang: f.layout.lang})
	if err != nil {
		return "", nil, err
	}
	for _, p := range parts {
		if !counted(p) {
			continue
		}
		q, err := f.layout.load(p.Current.Questionnaire)
		if err != nil {
			return "", nil, err
		}
		sub, err := surveysync.ParseSubmission(p.Current.Body)
		if err != nil {
			return "", nil, err
		}
		judged := q.Sheet(p.Part).Evaluate(survey.Input{Answers: sub.Answers, Unavailable: sub.Unavailable,
			Explanations: sub.Explanations, Institution: store.Block(in), Lang: f.layout.lang, Submit: true})
		found = append(found, under(p.Part, judged.Findings)...)
	}
	return whole.State, append(found, under(survey.GeneralPart, whole.Findings)...), nil
}

func under(part string, found []survey.Finding) []survey.Finding {
	for i := range found {
		found[i].Part = part
	}
	return found
}
