package office

import (
	"testing"
	"time"

	"rileva/internal/store"
)

// TestTypedDates: dates as they are typed in an Italian office.
func TestTypedDates(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for typed, want := range map[string]string{
		"20/12/2023": "2023-12-20T23:59:59+01:00", "2023-12-20": "2023-12-20T23:59:59+01:00", "1/7/2024": "2024-07-01T23:59:59+02:00",
		"20/12/2023 18:00": "2023-12-20T18:00:00+01:00", " 20/12/2023 18.30 ": "2023-12-20T18:30:00+01:00", "2023-12-20T18:00:00Z": "2023-12-20T18:00:00Z",
	} {
		if got, err := ParseTime(typed, true); err != nil || !got.Equal(at(want)) {
			t.Errorf("%q: %v %v, want %s", typed, got, err, want)
		}
	}
	if got, err := ParseTime("20/12/2023", false); err != nil || !got.Equal(at("2023-12-20T00:00:00+01:00")) {
		t.Errorf("the beginning of the day: %v %v", got, err)
	}
	for _, bad := range []string{"", "20-12-2023", "31/2/2023", "12/20/2023", "domani", "20/12/23"} {
		if got, err := ParseTime(bad, true); err == nil {
			t.Errorf("%q is read as %v", bad, got)
		}
	}
}

// TestExtension: a school's own dates have a reason and go away again.
func TestExtension(t *testing.T) {
	codes := stateCodes(2)
	c := newCalling(t, codes...)
	ctx, later := t.Context(), noon.AddDate(0, 2, 0)
	reply, err := c.SetDates(ctx, DatesRequest{Institution: codes[0], Due: &later, LateUntil: &later, Reason: " alluvione\nnel plesso "})
	c.must(err)
	if len(reply.Extensions) != 1 || reply.Extensions[0].Reason != "alluvione nel plesso" {
		t.Fatalf("%+v", reply.Extensions)
	}
	even := later.AddDate(0, 0, 1)
	reply, err = c.SetDates(ctx, DatesRequest{Institution: codes[0], LateUntil: &even})
	c.must(err)
	if reply.Extensions[0].Reason != "alluvione nel plesso" {
		t.Error("moving it again has lost the reason")
	}
	for _, bad := range []DatesRequest{{Clear: true}, {Institution: codes[0], Clear: true, Due: &later}, {Reason: "x", Due: &later}} {
		if _, err := c.SetDates(ctx, bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	for range 2 { // again changes nothing
		reply, err = c.SetDates(ctx, DatesRequest{Institution: codes[0], Clear: true})
		c.must(err)
		if len(reply.Extensions) != 0 {
			t.Errorf("not cleared: %+v", reply.Extensions)
		}
	}
	lines, err := c.Store.Log(ctx, store.LogFilter{After: -1, Action: actionDates})
	c.must(err)
	if len(lines) != 3 || lines[0].Institution != codes[0] || lines[2].Note != "cleared" {
		t.Errorf("log %+v", lines)
	}
}
