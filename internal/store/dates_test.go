package store

import (
	"testing"
	"time"

	"rileva/pkg/survey"
)

// TestOwnDatesExtend: a later move of the general dates never leaves a school
// with dates of its own worse off than the others.
func TestOwnDatesExtend(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2023, 12, n, 0, 0, 0, 0, time.UTC) }
	s := Survey{Dates: survey.Dates{Opens: day(5), Due: day(20), LateUntil: day(31)},
		Extensions: map[string]survey.Dates{"later": {Opens: day(5), Due: day(25), LateUntil: day(28)}, "earlier": {Opens: day(1), Due: day(10), LateUntil: day(10)}}}
	for id, want := range map[string]survey.Dates{
		"none":    s.Dates,
		"later":   {Opens: day(5), Due: day(25), LateUntil: day(31)},
		"earlier": {Opens: day(1), Due: day(20), LateUntil: day(31)},
	} {
		if got := s.DatesFor(id); got != want {
			t.Errorf("%s: %+v, want %+v", id, got, want)
		}
	}
}
