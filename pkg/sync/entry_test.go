package sync

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

// leafEntry is an accepted submission with every field but Count and Note.
func leafEntry() Entry {
	return Entry{
		V: EntryVersion, At: time.Date(2023, 12, 18, 9, 42, 7, 120e6, time.UTC),
		Actor: ActorSchool, Action: ActionSubmit, Outcome: OutcomeAccepted,
		Institution: "MIIS00100B", InstitutionID: "inst-0001", Survey: "dispersione-2022-23",
		Device: "PC SEGRETERIA «1»", Part: "tecnico", Revision: 2,
		Number:        ReceiptNumber("0193a2c4-0000-7000-8000-000000000001", Digest([]byte("body"))),
		SubmissionID:  "0193a2c4-0000-7000-8000-000000000001",
		ContentDigest: Digest([]byte("body")), PrevDigest: Digest([]byte("older body")),
		Questionnaire: Digest([]byte("questionnaire")), Late: new(false),
		Incident: "7K3Q-9ZTA", Size: 4321, DurationMS: 12, Client: "rileva/1.0.0",
	}
}

func mustMarshalEntry(tb testing.TB, e Entry) []byte {
	tb.Helper()
	leaf, err := e.Marshal()
	if err != nil {
		tb.Fatal(err)
	}
	return leaf
}

func TestEntryBytes(t *testing.T) {
	got := string(mustMarshalEntry(t, Entry{
		At:    time.Date(2023, 12, 18, 10, 42, 7, 999_999_999, time.FixedZone("", 3600)),
		Actor: ActorOffice, Action: "return", Outcome: OutcomeOK, Institution: "MIIS00100B",
		Note: "enrolled_y1_m: <vedi & correggi>\n",
	}))
	want := `{"v":1,"at":"2023-12-18T09:42:07.999Z","actor":"office","action":"return","outcome":"ok",` +
		`"institution":"MIIS00100B","note":"enrolled_y1_m: <vedi & correggi>\n"}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	leaf := string(mustMarshalEntry(t, leafEntry()))
	if !strings.Contains(leaf, `"late":false`) {
		t.Errorf("late: false is left out of %s", leaf)
	}
	if viaJSON, err := json.Marshal(leafEntry()); err != nil || string(viaJSON) != leaf {
		t.Errorf("json.Marshal gives %s, %v", viaJSON, err)
	}
}

func TestEntryThatCannotBeWritten(t *testing.T) {
	for name, change := range map[string]func(*Entry){
		"no action":         func(e *Entry) { e.Action = "" },
		"no outcome":        func(e *Entry) { e.Outcome = "" },
		"late not said":     func(e *Entry) { e.Late = nil },
		"unknown version":   func(e *Entry) { e.V = 2 },
		"year out of range": func(e *Entry) { e.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"year 0":            func(e *Entry) { e.At = time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC) },
	} {
		e := leafEntry()
		change(&e)
		if leaf, err := e.Marshal(); err == nil {
			t.Errorf("%s: got %s", name, leaf)
		}
	}
}

func TestParseEntryIsStrict(t *testing.T) {
	const good = `{"v":1,"at":"2023-12-18T09:42:07.000Z","action":"sign_in","outcome":"ok"}`
	if _, err := ParseEntry([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty":            ``,
		"not an object":    `[]`,
		"null":             `null`,
		"a string":         `"x"`,
		"cut off":          good[:len(good)-1],
		"two values":       good + good,
		"trailing comma":   strings.Replace(good, `"ok"}`, `"ok",}`, 1),
		"unknown key":      strings.Replace(good, `{`, `{"answers":1,`, 1),
		"other capitals":   strings.Replace(good, `"v"`, `"V"`, 1),
		"folded letter":    strings.Replace(good, `{`, `{"ſize":1,`, 1), // encoding/json takes ſ for s
		"double key":       strings.Replace(good, `{`, `{"v":1,`, 1),
		"double, escaped":  strings.Replace(good, `{`, `{"\u0076":1,`, 1),
		"null value":       strings.Replace(good, `{`, `{"late":null,`, 1),
		"nested value":     strings.Replace(good, `{`, `{"note":{"a":1},`, 1),
		"list value":       strings.Replace(good, `{`, `{"note":["a"],`, 1),
		"wrong type":       strings.Replace(good, `"v":1`, `"v":"1"`, 1),
		"fraction":         strings.Replace(good, `{`, `{"revision":1.5,`, 1),
		"too big":          strings.Replace(good, `{`, `{"size":1e99999,`, 1),
		"no version":       strings.Replace(good, `"v":1,`, ``, 1),
		"other version":    strings.Replace(good, `"v":1`, `"v":2`, 1),
		"no time":          strings.Replace(good, `"at":"2023-12-18T09:42:07.000Z",`, ``, 1),
		"no action":        strings.Replace(good, `"action":"sign_in",`, ``, 1),
		"no outcome":       strings.Replace(good, `,"outcome":"ok"`, ``, 1),
		"empty outcome":    strings.Replace(good, `"ok"`, `""`, 1),
		"no milliseconds":  strings.Replace(good, `.000Z`, `Z`, 1),
		"microseconds":     strings.Replace(good, `.000Z`, `.000000Z`, 1),
		"comma":            strings.Replace(good, `.000Z`, `,000Z`, 1),
		"other zone":       strings.Replace(good, `.000Z`, `.000+00:00`, 1),
		"small z":          strings.Replace(good, `.000Z`, `.000z`, 1),
		"short hour":       strings.Replace(good, `T09`, `T9`, 1),
		"no such day":      strings.Replace(good, `12-18`, `02-30`, 1),
		"year 0":           strings.Replace(good, `2023`, `0000`, 1),
		"not UTF-8":        strings.Replace(good, `sign_in`, "sign\xff", 1),
		"late not said":    strings.Replace(strings.Replace(good, `sign_in`, `submit`, 1), `ok`, `accepted`, 1),
		"null in late":     strings.Replace(strings.Replace(strings.Replace(good, `sign_in`, `submit`, 1), `ok`, `accepted`, 1), `{`, `{"late":null,`, 1),
		"control in value": strings.Replace(good, `sign_in`, "sign\nin", 1),
	} {
		if e, err := ParseEntry([]byte(bad)); err == nil {
			t.Errorf("%s: read %s as %+v", name, bad, e)
		}
		var e Entry
		if err := json.Unmarshal([]byte(bad), &e); err == nil && name != "null" {
			t.Errorf("%s: json.Unmarshal takes it", name)
		}
	}
}

func TestReadFlatObject(t *testing.T) {
	for in, want := range map[string]string{
		`{}`: "", ` { "a" : 1 } `: "a", `{"a":"x","b":false}`: "a b", `{"b":-1.5e9,"a":""}`: "a b",
		`{"c":1}`: "refused", `{"a":1}{}`: "refused", `{"a":1`: "refused", `{"a":null}`: "refused",
		`{"a":[]}`: "refused", `{"a":1,"a":1}`: "refused", `{"A":1}`: "refused", `"a"`: "refused",
		`{"a":1,}`: "refused", `{"a":01}`: "refused", "{\"a\":\"\xff\"}": "refused",
	} {
		present, err := readFlatObject([]byte(in), []string{"a", "b"})
		got := strings.Join(slices.Sorted(maps.Keys(present)), " ")
		if err != nil {
			got = "refused"
		}
		if got != want {
			t.Errorf("%s: %s (%v), want %s", in, got, err, want)
		}
	}
}

// drawEntry draws an Entry in the form in which the log keeps it, every field
// of it by reflection, so that a new field is in the property from the start.
func drawEntry(t *rapid.T) Entry {
	var e Entry
	v := reflect.ValueOf(&e).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch f := v.Field(i); f.Interface().(type) {
		case string:
			f.SetString(rapid.OneOf(rapid.Just(""), rapid.String()).Draw(t, name))
		case int, int64:
			f.SetInt(rapid.Int64().Draw(t, name))
		case *bool:
			if b := rapid.IntRange(0, 2).Draw(t, name); b < 2 {
				f.Set(reflect.ValueOf(new(b == 1)))
			}
		case time.Time:
			f.Set(reflect.ValueOf(time.UnixMilli(rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, name)).UTC()))
		default:
			t.Fatalf("field %s has a type that this test does not know", name)
		}
	}
	e.V = EntryVersion
	e.Action = rapid.OneOf(rapid.Just(ActionSubmit), rapid.StringN(1, -1, -1)).Draw(t, "action")
	e.Outcome = rapid.OneOf(rapid.Just(OutcomeAccepted), rapid.StringN(1, -1, -1)).Draw(t, "outcome")
	if e.Late == nil && e.Action == ActionSubmit && e.Outcome == OutcomeAccepted {
		e.Late = new(false)
	}
	return e
}

func TestEntryRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEntry(t)
		leaf, err := e.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseEntry(leaf)
		if err != nil {
			t.Fatalf("%s: %v", leaf, err)
		}
		if !reflect.DeepEqual(e, back) {
			t.Fatalf("went in  %+v\ncame out %+v", e, back)
		}
		again, err := back.Marshal()
		if err != nil || !bytes.Equal(leaf, again) {
			t.Fatalf("%s\n%s, %v", leaf, again, err)
		}
	})
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"Restituito: è già 3 €": "Restituito: è già 3 €",
		`C:\scuola`:             `C:\scuola`,
		"two\nlines\r\t":        `two\nlines\r\t`,
		"\x1b[2J\a\x7f":         `\x1b[2J\a\x7f`,
		"\u009b31m":             `\u009b31m`,
		"abc\u202edcba":         `abc\u202edcba`,
		"\u2028\u200b\ufeff":    `\u2028\u200b\ufeff`,
		"a\u00a0b":              `a\u00a0b`,
		"\xff\xc3(":             `\xff\xc3(`,
		"it's \"so\" \ufffd":    "it's \"so\" \ufffd",
	} {
		if got := Visible(in); got != want {
			t.Errorf("Visible(%q) = %s, want %s", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		got := Visible(s)
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Fatalf("%q stays in %q", r, got)
			}
		}
		if Visible(got) != got {
			t.Fatalf("%q changes when done again", got)
		}
	})
}

func FuzzParseEntry(f *testing.F) {
	f.Add(mustMarshalEntry(f, leafEntry()))
	f.Add([]byte(`{"v":1,"at":"2023-12-18T09:42:07.000Z","action":"refusals","outcome":"ok","count":7}`))
	f.Add([]byte(` { "v" : 1, "at":"0001-01-01T00:00:00.000Z", "action":"\u2028", "outcome":"\ud800", "late":true } `))
	f.Add([]byte(`{"V":1,"v":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := ParseEntry(raw)
		if err != nil {
			return
		}
		leaf, err := e.Marshal()
		if err != nil {
			t.Fatalf("read but not writable: %v", err)
		}
		back, err := ParseEntry(leaf)
		if err != nil || !reflect.DeepEqual(e, back) {
			t.Fatalf("%s\n%s\n%v", raw, leaf, err)
		}
	})
}
