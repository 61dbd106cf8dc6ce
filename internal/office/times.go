package office

import (
	"strings"
	"time"
)

// rome is where dates are typed and read. Without the zone's data the zone of
// the machine stands in; the programs embed the data.
var rome = func() *time.Location {
	if z, err := time.LoadLocation("Europe/Rome"); err == nil {
		return z
	}
	return time.Local
}()

// inWords shows a moment inside a sentence of either language.
func inWords(t time.Time) string { return t.In(rome).Format("02/01/2006 15:04:05 -07:00") }

// ParseTime reads a moment as a person types it: RFC 3339, or a date with or
// without an hour, in Italy, the year first or as 20/12/2023. A date alone is its first second, or with endOfDay
// its last one: "entro il 20" means until midnight of the 20th.
func ParseTime(s string, endOfDay bool) (time.Time, error) {
	s = strings.TrimSpace(s)
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05",
		"2/1/2006 15:04", "2/1/2006 15:04:05", "2/1/2006 15.04"} {
		if t, err := time.ParseInLocation(form, s, rome); err == nil {
			return t, nil
		}
	}
	t, err := time.ParseInLocation("2006-01-02", s, rome)
	if err != nil {
		t, err = time.ParseInLocation("2/1/2006", s, rome)
	}
	if err != nil {
		return t, fail("bad_time", s)
	}
	if endOfDay {
		t = t.AddDate(0, 0, 1).Add(-time.Second)
	}
	return t, nil
}

// Rome is where dates are shown.
func Rome() *time.Location { return rome }
