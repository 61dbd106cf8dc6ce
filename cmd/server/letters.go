package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"rileva/internal/office"
	"rileva/internal/paper"
	"rileva/pkg/survey"
)

// letters is the PDF with one page for each institution that got a password.
// The file is made before any password is, so that where it cannot be made
// none is lost.
type letters struct {
	path, address string
	file          *os.File
	survey        office.SurveyReply
	schools       map[string]office.InstitutionRow // by login code
}

func (p *program) openLetters(ctx context.Context, c office.Caller, path, address string) (*letters, error) {
	l := &letters{path: path, address: address, schools: map[string]office.InstitutionRow{}}
	if err := c.Call(ctx, "survey.show", office.Nothing{}, &l.survey); err != nil {
		return nil, err
	}
	var list []office.InstitutionRow
	if err := c.Call(ctx, "institutions.list", office.ListRequest{}, &list); err != nil {
		return nil, err
	}
	for _, in := range list {
		l.schools[in.Code] = in
	}
	var err error
	l.file, err = p.createFile(path)
	return l, err
}

// write returns when the letters are on the disk.
func (p *program) writeLetters(l *letters, made []office.Credential) error {
	pdf, err := p.letters(l, made)
	if err == nil {
		_, err = l.file.Write(pdf)
	}
	return errors.Join(err, l.file.Sync(), l.file.Close())
}

// letters lays them out, in the order of the codes.
func (p *program) letters(l *letters, made []office.Credential) ([]byte, error) {
	lang, s := p.words.lang, l.survey
	doc := paper.New(paper.Info{Title: s.Title.In(lang), Lang: lang, At: p.now()})
	for i, c := range made {
		if i > 0 {
			doc.NewPage()
		}
		p.letter(doc, l, c, l.datesOf(c.Code))
	}
	return doc.Bytes()
}

// datesOf are those of one institution: its own where it has some.
func (l *letters) datesOf(code string) survey.Dates {
	i := slices.IndexFunc(l.survey.Extensions, func(e office.Extension) bool { return e.Code == code })
	if i < 0 {
		return l.survey.Dates
	}
	return l.survey.Extensions[i].Dates
}

func (p *program) letter(doc *paper.Document, l *letters, c office.Credential, d survey.Dates) {
	lang, s, school := p.words.lang, l.survey, l.schools[c.Code]
	doc.Small(s.Office.In(lang))
	doc.Title(p.say("letter_title"))
	doc.Facts(paper.Fact{Label: p.say("letter_to"), Value: p.say("letter_school", c.Name, c.Code, school.Comune)})
	if len(school.Codes) > 1 { // who knows the school by another one asks which to type
		doc.Facts(paper.Fact{Label: p.say("letter_codes"), Value: strings.Join(school.Codes, ", ")})
	}
	doc.Facts(
		paper.Fact{Label: p.say("letter_date"), Value: p.day(p.now())},
		paper.Fact{Label: p.say("letter_what"), Value: s.Title.In(lang)},
		paper.Fact{Label: p.say("letter_basis"), Value: s.LegalBasis.In(lang)},
		paper.Fact{Label: p.say("letter_opens"), Value: p.moment(d.Opens)},
		paper.Fact{Label: p.say("letter_due"), Value: p.moment(d.Due)},
		paper.Fact{Label: p.say("letter_late"), Value: p.moment(d.LateUntil)})
	doc.Code(p.say("letter_code"), c.Code)
	doc.Code(p.say("letter_password"), c.Password)
	doc.Head(p.say("letter_steps"))
	address := l.address
	if address == "" {
		address = p.say("letter_no_address")
	}
	doc.Text(p.say("letter_step1", address))
	doc.Text(p.say("letter_step2"))
	doc.Text(p.say("letter_step3"))
	doc.Head(p.say("letter_help"))
	doc.Text(s.Contact.In(lang))
	doc.Small(p.say("letter_secret"))
}

// day is a date in words, without the hour.
func (p *program) day(t time.Time) string {
	t = t.In(office.Rome())
	return p.say("day", t.Day(), monthNames[p.words.lang][t.Month()-1], t.Year())
}
