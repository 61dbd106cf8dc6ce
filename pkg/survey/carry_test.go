package survey_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rileva/pkg/survey"
)

// oldVersion is a questionnaire with one of each thing that a new version can
// change.
const oldVersion = `format: 1
id: v
version: "1"
languages: [it, en]
title: {it: V}
checks: {integer: H01, required: H02, exclusive: H14}
reasons: {other: {it: Altro}, small_numbers: {it: Piccoli}}
unavailable: {not_recorded: {it: Non rilevato}, other: {it: Altro}}
lists:
  comuni: [MILANO, RHO, MONZA]
parts:
  - id: general
    title: {it: G}
    sections:
      - id: s
        title: {it: S}
        items:
          - {question: plain, type: text, label: {it: Testo, en: Text}}
          - {question: pupils, type: integer, label: {it: Alunni}, max: 60}
          - {question: maybe, type: integer, tier: ext, label: {it: Forse}}
          - {question: yes, type: yes_no, label: {it: "Sì?"}}
          - {question: role, type: choice, label: {it: Ruolo, en: Role}, options: [{id: head, label: {it: Dirigente, en: Head}}, {id: clerk, label: {it: Segreteria, en: Office}}]}
          - {question: town, type: choice, label: {it: Comune}, list: comuni}
          - {question: acts, type: multi, label: {it: Azioni, en: Actions}, options: [{id: a, label: {it: Prima}}, {id: b, label: {it: Seconda}}, {id: c, label: {it: Terza}}]}
          - {question: notes, type: text_list, label: {it: Note}}
          - {question: declaration, type: declaration, label: {it: Dichiaro}}
          - grid: g
            title: {it: Griglia}
            axes:
              - {id: year, label: {it: Anno}, items: [{id: y1, label: {it: "1° anno"}}, {id: y2, label: {it: "2° anno"}}]}
            rows:
              - {id: start, label: {it: Inizio, en: Start}}
              - {id: left, label: {it: Usciti, en: Left}, tier: ext}
              - {id: stay, label: {it: Restano}, computed: start - left}
    rules:
      - {id: S01, severity: explain, each: [year], with: {limit: 50}, when: start > 0, assert: "pct(left, start) <= limit", message: {it: Troppi}}
      - {id: S02, severity: explain, assert: stay >= 10, message: {it: Pochi}}
      - {id: S03, severity: explain, assert: pupils > 5, message: {it: Pochi alunni}}
`

func loadText(t testing.TB, text string) *survey.Questionnaire {
	t.Helper()
	q, err := survey.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// revised gives the old version with some of its text changed.
func revised(t testing.TB, pairs ...string) *survey.Questionnaire {
	t.Helper()
	text := oldVersion
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%q is not in the old version", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return loadText(t, text)
}

func fullAnswers() survey.Answers {
	return survey.Answers{"plain": "testo", "pupils": 45, "maybe": 3, "yes": true, "role": "clerk", "town": "RHO",
		"acts": []string{"a", "b"}, "notes": []string{"uno"}, "declaration": true,
		"start_y1": 10, "start_y2": 20, "left_y1": 8, "left_y2": 1}
}

func lineWith(t testing.TB, text, part string) string {
	t.Helper()
	for l := range strings.Lines(text) {
		if strings.Contains(l, part) {
			return l
		}
	}
	t.Fatalf("no line with %q", part)
	return ""
}

func TestCarryDrops(t *testing.T) {
	for name, tc := range map[string]struct {
		change []string
		id     string
		value  any
		reason survey.DropReason
		rest   any // what the draft holds then
	}{
		"removed":               {[]string{lineWith(t, oldVersion, "question: plain"), ""}, "plain", "testo", survey.DropRemoved, nil},
		"integer to yes_no":     {[]string{"pupils, type: integer, label: {it: Alunni}, max: 60", "pupils, type: yes_no, label: {it: Alunni}", lineWith(t, oldVersion, "id: S03"), ""}, "pupils", 45, survey.DropTypeChanged, nil},
		"text to a date":        {[]string{"plain, type: text,", "plain, type: date,"}, "plain", "testo", survey.DropTypeChanged, nil},
		"text to a list":        {[]string{"plain, type: text,", "plain, type: text_list,"}, "plain", "testo", survey.DropTypeChanged, nil},
		"yes_no to declaration": {[]string{"yes, type: yes_no", "yes, type: declaration"}, "yes", true, survey.DropTypeChanged, nil},
		"option of a choice":    {[]string{", {id: clerk, label: {it: Segreteria, en: Office}}", ""}, "role", "clerk", survey.DropOptionGone, nil},
		"entry of a list":       {[]string{"RHO, ", ""}, "town", "RHO", survey.DropOptionGone, nil},
		"option of a multi":     {[]string{"{id: b, label: {it: Seconda}}, ", ""}, "acts", []string{"b"}, survey.DropOptionGone, []string{"a"}},
		"all options chosen":    {[]string{"{id: a, label: {it: Prima}}, {id: b, label: {it: Seconda}}, ", ""}, "acts", []string{"a", "b"}, survey.DropOptionGone, nil},
		"a smaller range":       {[]string{"max: 60", "max: 30"}, "pupils", 45, survey.DropNotAllowed, nil},
		"a shorter text":        {[]string{"label: {it: Testo, en: Text}", "label: {it: Testo}, max_length: 2"}, "plain", "testo", survey.DropNotAllowed, nil},
		"other words declared":  {[]string{"{it: Dichiaro}", "{it: Dichiaro e firmo}"}, "declaration", true, survey.DropNotAllowed, nil},
		"an axis item":          {[]string{", {id: y2, label: {it: \"2° anno\"}}", ""}, "start_y2", 20, survey.DropRemoved, nil},
		"typed, now computed":   {[]string{"- {id: left, label: {it: Usciti, en: Left}, tier: ext}", "- {id: left, label: {it: Usciti}, computed: start}"}, "left_y1", 8, survey.DropRemoved, nil},
	} {
		t.Run(name, func(t *testing.T) {
			was := loadText(t, oldVersion).Sheet("general")
			c := survey.Carry(was, revised(t, tc.change...).Sheet("general"), survey.Content{Answers: fullAnswers()})
			i := slices.IndexFunc(c.Dropped, func(d survey.DroppedAnswer) bool { return d.ID == tc.id })
			if i < 0 {
				t.Fatalf("not dropped: %+v", c.Dropped)
			}
			d := c.Dropped[i]
			if !reflect.DeepEqual(d.Value, tc.value) || d.Reason != tc.reason || d.Label.In("it") != was.Variable(tc.id).Name("it") {
				t.Errorf("%+v", d)
			}
			if !reflect.DeepEqual(c.Answers[tc.id], tc.rest) || slices.Contains(c.Kept, tc.id) != (tc.rest != nil) {
				t.Errorf("holds %v, kept %v", c.Answers[tc.id], c.Kept)
			}
			for id, v := range fullAnswers() { // nothing else was touched
				if !slices.ContainsFunc(c.Dropped, func(d survey.DroppedAnswer) bool { return d.ID == id }) && !survey.Equal(c.Answers[id], v) {
					t.Errorf("%s: %v", id, c.Answers[id])
				}
			}
		})
	}
}

func TestCarryKeeps(t *testing.T) {
	was := loadText(t, oldVersion).Sheet("general")
	content := survey.Content{Answers: fullAnswers(), Unavailable: map[string]string{"maybe": "other"}}
	delete(content.Answers, "maybe")
	same := survey.Carry(was, was, content)
	if !reflect.DeepEqual(same.Answers, content.Answers) || same.Unavailable["maybe"] != "other" || len(same.Dropped)+len(same.New)+len(same.Lapsed) > 0 {
		t.Errorf("the same version changes something: %+v", same)
	}
	if want := []string{"plain", "pupils", "maybe", "yes"}; !slices.Equal(same.Kept[:4], want) {
		t.Errorf("kept %v: not in the order of the form", same.Kept)
	}
	c := survey.Carry(was, revised(t, "plain, type: text,", "plain, type: long_text,", "max: 60", "max: 90",
		"- {question: declaration", "- {question: fresh, type: integer, label: {it: Nuova}, default: 4}\n          - {question: declaration",
		"- {id: stay", "- {id: extra, label: {it: Altri}}\n              - {id: stay").Sheet("general"), content)
	if len(c.Dropped) > 0 || c.Answers["plain"] != "testo" {
		t.Errorf("%+v", c.Dropped)
	}
	if want := []string{"fresh", "extra_y1", "extra_y2"}; !slices.Equal(c.New, want) {
		t.Errorf("new %v", c.New)
	}
	sheet := revised(t, "- {question: declaration", "- {question: fresh, type: integer, label: {it: Nuova}, default: 4}\n          - {question: declaration").Sheet("general")
	if got := survey.Carry(was, sheet, content).Filled(sheet, school); !reflect.DeepEqual(got, survey.Answers{"fresh": 4}) {
		t.Errorf("filled %v", got)
	}
	decimal := revised(t, "maybe, type: integer, tier: ext", "maybe, type: decimal, decimals: 1, tier: ext").Sheet("general")
	if got := survey.Carry(was, decimal, survey.Content{Answers: fullAnswers()}); got.Answers["maybe"] != 3 {
		t.Errorf("a whole number is a number: %+v", got.Dropped)
	}
	back := survey.Carry(decimal, was, survey.Content{Answers: survey.Answers{"maybe": json.Number("2.5")}})
	if len(back.Dropped) != 1 || back.Dropped[0].Reason != survey.DropTypeChanged {
		t.Errorf("%+v", back)
	}
	if &c.Answers["acts"].([]string)[0] == &content.Answers["acts"].([]string)[0] {
		t.Error("a list is shared with the old content")
	}
}

func TestCarryUnavailable(t *testing.T) {
	was := loadText(t, oldVersion).Sheet("general")
	content := survey.Content{Unavailable: map[string]string{"maybe": "other", "left_y1": "not_recorded"}}
	for name, tc := range map[string]struct {
		change []string
		want   map[string]survey.DropReason
	}{
		"core now":  {[]string{"maybe, type: integer, tier: ext", "maybe, type: integer"}, map[string]survey.DropReason{"maybe": survey.DropNotAllowed}},
		"removed":   {[]string{lineWith(t, oldVersion, "question: maybe"), ""}, map[string]survey.DropReason{"maybe": survey.DropRemoved}},
		"no reason": {[]string{", other: {it: Altro}}\nlists", "}\nlists"}, map[string]survey.DropReason{"maybe": survey.DropOptionGone}},
		"nothing":   {nil, map[string]survey.DropReason{}},
	} {
		c := survey.Carry(was, revised(t, tc.change...).Sheet("general"), content)
		got := map[string]survey.DropReason{}
		for _, d := range c.Dropped {
			got[d.ID] = d.Reason
			if d.Unavailable == "" || d.Value != nil {
				t.Errorf("%s: %+v", name, d)
			}
		}
		if !reflect.DeepEqual(got, tc.want) || len(c.Unavailable) != 2-len(tc.want) {
			t.Errorf("%s: %v, %v", name, got, c.Unavailable)
		}
	}
}

func TestCarryExplanations(t *testing.T) {
	text := "Controllato nel registro."
	all := map[string]survey.Explanation{
		"S01": {Reason: "other", Text: text, Values: map[string]any{"left_y1": 8, "start_y1": 10}},
		"S02": {Reason: "other", Text: text}, "S03": {Reason: "small_numbers", Text: text},
	}
	for name, tc := range map[string]struct {
		change []string
		lapsed []string
	}{
		"nothing":                    {nil, nil},
		"another message":            {[]string{"{it: Troppi}", "{it: Sono troppi}"}, nil},
		"a question elsewhere":       {[]string{lineWith(t, oldVersion, "question: yes"), ""}, nil},
		"a tighter threshold":        {[]string{"limit: 50", "limit: 40"}, []string{"S01"}},
		"another condition":          {[]string{"when: start > 0", "when: start > 1"}, []string{"S01"}},
		"hard now":                   {[]string{"S03, severity: explain", "S03, severity: hard"}, []string{"S03"}},
		"a note now":                 {[]string{"S03, severity: explain", "S03, severity: note"}, []string{"S03"}},
		"gone":                       {[]string{lineWith(t, oldVersion, "id: S03"), ""}, []string{"S03"}},
		"its value is gone":          {[]string{"max: 60", "max: 30"}, []string{"S03"}},
		"another formula":            {[]string{"computed: start - left", "computed: start - left - left"}, []string{"S02"}},
		"a position less":            {[]string{", {id: y2, label: {it: \"2° anno\"}}", ""}, []string{"S02"}}, // the sum is another, each year is not
		"the reason is no more":      {[]string{", small_numbers: {it: Piccoli}", ""}, []string{"S03"}},
		"an answer of it is dropped": {[]string{"- {id: left, label: {it: Usciti, en: Left}, tier: ext}", "- {id: left, label: {it: Usciti}, computed: start}"}, []string{"S01", "S02"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := survey.Carry(loadText(t, oldVersion).Sheet("general"), revised(t, tc.change...).Sheet("general"),
				survey.Content{Answers: fullAnswers(), Explanations: all})
			var lapsed []string
			for _, e := range c.Lapsed {
				lapsed = append(lapsed, e.Check)
				if e.Explanation.Text != text {
					t.Errorf("its words are lost: %+v", e)
				}
			}
			if !slices.Equal(lapsed, tc.lapsed) || len(c.Explanations) != len(all)-len(lapsed) {
				t.Errorf("lapsed %v, want %v; kept %v", lapsed, tc.lapsed, c.Explanations)
			}
		})
	}
}

// TestCarryAcross: an explanation of a check over the parts stands in the
// general part and bears the values that it speaks of.
func TestCarryAcross(t *testing.T) {
	q := questionnaire(t)
	const assert = "track.classes == general.classes_total"
	other := loadText(t, strings.Replace(string(q.Bytes()), assert, "track.classes <= general.classes_total", 1))
	e := map[string]survey.Explanation{"I12": {Reason: "other", Text: "Controllato nel registro.", Values: map[string]any{"general.classes_total": 1}}}
	for _, to := range []*survey.Questionnaire{q, other} {
		c := survey.Carry(q.Sheet("general"), to.Sheet("general"), survey.Content{Explanations: e})
		if len(c.Explanations) != 1 == (to == q) {
			t.Errorf("the same check: %v, kept %v", to == q, c.Explanations)
		}
	}
}

func TestCarryWithoutASheet(t *testing.T) {
	sheet := loadText(t, oldVersion).Sheet("general")
	content := survey.Content{Answers: fullAnswers(), Explanations: map[string]survey.Explanation{"S01": {Reason: "other", Text: "Controllato."}}}
	gone := survey.Carry(sheet, nil, content)
	if len(gone.Dropped) != len(content.Answers) || len(gone.Answers)+len(gone.New)+len(gone.Kept) > 0 || len(gone.Lapsed) != 1 {
		t.Errorf("a part that is no more: %+v", gone)
	}
	fresh := survey.Carry(nil, sheet, survey.Content{Answers: survey.Answers{"pupils": 5, "stranger": "x", "yes": "no"}})
	if !reflect.DeepEqual(fresh.Answers, survey.Answers{"pupils": 5}) || len(fresh.Dropped) != 2 || fresh.Dropped[0].Label.In("it") != "stranger" {
		t.Errorf("from a version that is not here: %+v", fresh)
	}
}

// TestCarryComputed: a computed cell is never typed; what stands there by
// mistake is no answer.
func TestCarryComputed(t *testing.T) {
	was := loadText(t, oldVersion).Sheet("general")
	now := revised(t, "- {id: stay, label: {it: Restano}, computed: start - left}", "- {id: stay, label: {it: Restano}}").Sheet("general")
	c := survey.Carry(was, now, survey.Content{Answers: survey.Answers{"stay_y1": 2, "start_y1": 10}})
	if len(c.Dropped) > 0 || c.Answers["stay_y1"] != nil || !slices.Equal(c.New, []string{"stay_y1", "stay_y2"}) {
		t.Errorf("%+v", c)
	}
	c = survey.Carry(was, was, survey.Content{Answers: survey.Answers{"stay_y1": 2}})
	if len(c.Dropped)+len(c.Answers)+len(c.New) > 0 {
		t.Errorf("%+v", c)
	}
}

func TestDroppedAnswerInJSON(t *testing.T) {
	was := loadText(t, oldVersion).Sheet("general")
	for _, d := range survey.Carry(was, nil, survey.Content{Answers: fullAnswers(), Unavailable: map[string]string{"left_y2": "other"}}).Dropped {
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back survey.DroppedAnswer
		if err := json.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(back, d) {
			t.Errorf("%s: %+v, %v", raw, back, err)
		}
		if d.ID == "acts" && (d.Shown.In("it") != "Prima, Seconda" || d.Shown.In("en") != "Prima, Seconda") || d.ID == "role" && d.Shown.In("en") != "Office" {
			t.Errorf("%+v", d)
		}
	}
}

// TestCarryLosesNothing: whatever is in a draft, each answer is either held as
// it was, or named among the dropped; and what is held the new sheet accepts.
func TestCarryLosesNothing(t *testing.T) {
	versions := []*survey.Sheet{loadText(t, oldVersion).Sheet("general"),
		revised(t, lineWith(t, oldVersion, "question: plain"), "", "RHO, ", "", "max: 60", "max: 30").Sheet("general"),
		revised(t, "{id: b, label: {it: Seconda}}, ", "", "yes, type: yes_no", "yes, type: integer", "- {id: left, label: {it: Usciti, en: Left}, tier: ext}", "- {id: left, label: {it: Usciti}}").Sheet("general"),
		nil}
	ids := []string{"plain", "pupils", "maybe", "yes", "role", "town", "acts", "notes", "declaration", "start_y1", "left_y2", "stranger"}
	values := []any{0, 45, -1, true, "testo", "clerk", "RHO", "", []string{}, []string{"a", "b"}, []string{"c"}, []string{"x"}, 1.5}
	rapid.Check(t, func(t *rapid.T) {
		content := survey.Content{Answers: survey.Answers{}, Unavailable: map[string]string{}}
		for _, id := range ids {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				content.Unavailable[id] = rapid.SampledFrom([]string{"other", "not_recorded", "nonsense"}).Draw(t, "reason")
			case 1, 2:
				content.Answers[id] = rapid.SampledFrom(values).Draw(t, id)
			}
		}
		from, to := rapid.SampledFrom(versions).Draw(t, "from"), rapid.SampledFrom(versions).Draw(t, "to")
		c := survey.Carry(from, to, content)
		dropped := map[string]survey.DroppedAnswer{}
		for _, d := range c.Dropped {
			dropped[d.ID] = d
		}
		for id, v := range content.Answers {
			d, gone := dropped[id]
			list, isList := v.([]string)
			rest, _ := c.Answers[id].([]string)
			lost, _ := d.Value.([]string)
			switch {
			case !gone && survey.Equal(c.Answers[id], v), gone && c.Answers[id] == nil && survey.Equal(d.Value, v):
			case gone && isList && len(rest)+len(lost) == len(list):
			default:
				t.Fatalf("%s: %v is now %v, dropped %+v", id, v, c.Answers[id], d)
			}
		}
		for id, reason := range content.Unavailable {
			if c.Unavailable[id] != reason && dropped[id].Unavailable != reason {
				t.Fatalf("%s: %s is lost", id, reason)
			}
		}
		for id, v := range c.Answers {
			if problem := to.Variable(id).Accepts(v, "it"); problem != "" || content.Answers[id] == nil {
				t.Fatalf("%s: %v: %s", id, v, problem)
			}
		}
	})
}
