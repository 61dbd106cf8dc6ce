package tui

import (
	"fmt"
	"time"

	"rileva/internal/desk"
	surveysync "rileva/pkg/sync"
)

var (
	monthsIt = [...]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"}
	daysIt   = [...]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"}
)

// rome: desk says why.
var rome = desk.Rome

// moment writes a time as people say it.
func (t *texts) moment(at time.Time) string {
	at = at.In(rome)
	if t.lang == "en" {
		return at.Format("2 January 2006, 15:04")
	}
	return fmt.Sprintf("%d %s %d, ore %s", at.Day(), monthsIt[at.Month()-1], at.Year(), at.Format("15:04"))
}

// day writes a day with its name: "mercoledì 20 dicembre", with the year when
// it is not that of now.
func (t *texts) day(at, now time.Time) string {
	at, now = at.In(rome), now.In(rome)
	out := at.Format("Monday 2 January")
	if t.lang != "en" {
		out = fmt.Sprintf("%s %d %s", daysIt[at.Weekday()], at.Day(), monthsIt[at.Month()-1])
	}
	if at.Year() != now.Year() {
		out += at.Format(" 2006")
	}
	if at.Hour() != 23 || at.Minute() != 59 { // the end of the day needs no hour
		out += fmt.Sprintf(t.More.At, at.Format("15:04"))
	}
	return out
}

// away says how far a day is: "oggi", "domani", "fra 12 giorni", "3 giorni fa".
func (t *texts) away(at, now time.Time) string {
	midnight := func(x time.Time) time.Time {
		y, m, d := x.In(rome).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) // days of the calendar, not of 24 hours
	}
	switch n := int(midnight(at).Sub(midnight(now)).Hours() / 24); {
	case n == 0:
		return t.More.Today
	case n == 1:
		return t.More.Tomorrow
	case n == -1:
		return t.More.Yesterday
	case n < 0:
		return fmt.Sprintf(t.More.DaysAgo, t.number(-n))
	default:
		return fmt.Sprintf(t.More.InDays, t.number(n))
	}
}

// deadline says in words what counts now, by the server's clock as last seen.
func (t *texts) deadline(s surveysync.SurveyInfo, now time.Time) string {
	m := t.More
	switch {
	case s.Due.IsZero():
		return ""
	case now.Before(s.Opens):
		return fmt.Sprintf(m.OpenIn, t.day(s.Opens, now), t.away(s.Opens, now))
	case !now.After(s.Due):
		return fmt.Sprintf(m.DueIn, t.day(s.Due, now), t.away(s.Due, now))
	case !now.After(s.LateUntil):
		return fmt.Sprintf(m.LateIn, t.away(s.Due, now), t.day(s.LateUntil, now), t.away(s.LateUntil, now))
	}
	return fmt.Sprintf(m.OverIn, t.day(s.LateUntil, now), t.away(s.LateUntil, now))
}
