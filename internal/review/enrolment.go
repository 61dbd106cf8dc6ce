package review

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Enrolment is the ministry's count of pupils for one school year, by school
// code: the columns ANNOSCOLASTICO, CODICESCUOLA and ALUNNI of its file.
type Enrolment struct {
	Year  string
	Years []string // in the file
	pupil map[string]pupils
}

// pupils is a count, or the bounds of one that the ministry hides: "<=3".
type pupils struct{ low, top int }

// Refused is a file that cannot be read as what it should be.
type Refused struct {
	Line int // 0: the whole file
	Code string
	Args []any
}

func (r *Refused) Error() string { return fmt.Sprintf("line %d: %s %v", r.Line, r.Code, r.Args) }

// ReadEnrolment reads the year (202223) of a file. The error is a *Refused.
func ReadEnrolment(raw []byte, year string) (*Enrolment, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	if head, _, _ := bytes.Cut(raw, []byte("\n")); bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		r.Comma = ';'
	}
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil {
		return nil, &Refused{0, "enrolment_empty", nil}
	}
	var at [3]int
	for i, column := range []string{"ANNOSCOLASTICO", "CODICESCUOLA", "ALUNNI"} {
		if at[i] = slices.Index(header, column); at[i] < 0 {
			return nil, &Refused{1, "enrolment_column", []any{column}}
		}
	}
	e := &Enrolment{Year: year, pupil: map[string]pupils{}}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := r.FieldPos(0)
		if err != nil || len(row) <= max(at[0], at[1], at[2]) {
			return nil, &Refused{line, "enrolment_row", nil}
		}
		if !slices.Contains(e.Years, row[at[0]]) {
			e.Years = append(e.Years, row[at[0]])
		}
		if row[at[0]] != year {
			continue
		}
		n, err := readPupils(row[at[2]])
		if err != nil {
			return nil, &Refused{line, "enrolment_number", []any{row[at[2]]}}
		}
		code := strings.ToUpper(strings.TrimSpace(row[at[1]]))
		sum := e.pupil[code] // one code may have several rows
		e.pupil[code] = pupils{sum.low + n.low, sum.top + n.top}
	}
	slices.Sort(e.Years)
	if len(e.pupil) == 0 {
		return nil, &Refused{0, "enrolment_year", []any{year, strings.Join(e.Years, ", ")}}
	}
	return e, nil
}

func readPupils(s string) (pupils, error) {
	s = strings.TrimSpace(s)
	if most, hidden := strings.CutPrefix(s, "<="); hidden {
		n, err := strconv.Atoi(most)
		return pupils{0, n}, err
	}
	n, err := strconv.Atoi(s)
	if err == nil && n < 0 {
		err = strconv.ErrRange
	}
	return pupils{n, n}, err
}

// How far a total may be from the ministry's, which is counted on another day.
const (
	tolerance  = 0.10
	leastCount = 10 // pupils
)

// Counted compares the pupils that the schools declare with the ministry's.
type Counted struct {
	Year     string     `json:"year"`
	Compared int        `json:"compared"` // institutions
	Declared int        `json:"declared"` // pupils, by all that were compared
	Low      int        `json:"low"`      // pupils, by the ministry
	Top      int        `json:"top"`
	Unknown  []string   `json:"unknown"` // codes of institutions none of whose codes the file has
	Apart    []CountRow `json:"apart"`
}

// CountRow is one institution whose total is far from the ministry's.
type CountRow struct {
	Code     string  `json:"code"`
	Name     string  `json:"name"`
	Declared int     `json:"declared"`
	Low      int     `json:"low"` // the ministry's count: between low and top
	Top      int     `json:"top"`
	Share    float64 `json:"share"` // how far it is away, percent of the ministry's count
}

func (g *gathering) enrolment() {
	e := g.opt.Enrolment
	out := &Counted{Year: e.Year, Unknown: []string{}, Apart: []CountRow{}}
	for who, declared := range g.totals {
		row, known := CountRow{Code: who.code, Name: who.name, Declared: declared}, false
		for _, code := range g.codes[who] {
			if n, ok := e.pupil[code]; ok {
				row.Low, row.Top, known = row.Low+n.low, row.Top+n.top, true
			}
		}
		if !known {
			out.Unknown = append(out.Unknown, who.code)
			continue
		}
		out.Compared++
		out.Declared, out.Low, out.Top = out.Declared+declared, out.Low+row.Low, out.Top+row.Top
		away := 0
		switch {
		case declared < row.Low:
			away = declared - row.Low
		case declared > row.Top:
			away = declared - row.Top
		}
		row.Share = 100 * float64(away) / float64(max(row.Top, 1))
		if math.Abs(row.Share) > 100*tolerance && max(away, -away) >= leastCount {
			out.Apart = append(out.Apart, row)
		}
	}
	slices.Sort(out.Unknown)
	slices.SortFunc(out.Apart, func(a, b CountRow) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Share), math.Abs(a.Share)), strings.Compare(a.Code, b.Code))
	})
	g.out.Enrolment = out
}
