package strictjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"rileva/pkg/survey/strictjson"
)

// read reads a whole text.
func read(text string) (any, error) {
	r := strictjson.New([]byte(text))
	v, err := r.Value()
	if err == nil {
		err = r.End()
	}
	return v, err
}

func TestValue(t *testing.T) {
	for text, want := range map[string]any{
		`null`: nil, ` true `: true, `false`: false, `0`: 0, `-0`: 0, `-17`: -17, `9223372036854775807`: 9223372036854775807,
		`9223372036854775808`: json.Number("9223372036854775808"), `1e3`: json.Number("1e3"), `1.50`: json.Number("1.50"), `-0.5E-7`: json.Number("-0.5E-7"),
		`""`: "", `"a b"`: "a b", `"perché"`: "perché", `"\u0041\n\"\\"`: "A\n\"\\", `"\ud83d\ude00"`: "😀", "\"\xff\"": "\ufffd",
		`[]`: []any{}, `[1 , "x",[ ]]`: []any{1, "x", []any{}}, `{}`: map[string]any{},
		"{\t\"a\" : 1,\r\n\"b\":{\"a\":null}}":           map[string]any{"a": 1, "b": map[string]any{"a": nil}},
		`[` + strings.Repeat(`{"z":0,"a":1},`, 2) + `1]`: []any{map[string]any{"z": 0, "a": 1}, map[string]any{"z": 0, "a": 1}, 1},
	} {
		got, err := read(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v; want %#v", text, got, err, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		``: "too early", ` `: "too early", `{`: "too early", `{"a`: "too early", `{"a"`: "too early", `{"a":`: "too early", `{"a":1`: "too early",
		`[1,`: "too early", `"\`: "too early", `-`: "too early", `1e`: "too early", `2.`: "too early",
		`{}{}`: "follows", `1 2`: "follows", `01`: "follows", `nul`: "byte 1", `+1`: "byte 1", `.5`: "byte 1", `1.e`: "byte 3", `[1,]`: "byte 4",
		`{"a":1,}`: "byte 8", `{a:1}`: "byte 2", `{"a" 1}`: "byte 6", `[1 2]`: "byte 4", "\"a\nb\"": "byte 3", `"\x"`: "byte 3", `"\u00g0"`: "byte 6",
		`{"a":1,"a":2}`: `"a": stands twice`, `{"b":1,"a":2,"b":2}`: `"b": stands twice`, `{"a":1,"A":2}`: `"A": stands twice`,
		`{"c":1,"a":[{"x":1,"\u0078":1}]}`: `"x": stands twice`,
		strings.Repeat("[", 1000):          "too deeply",
	} {
		_, err := read(text)
		var ours strictjson.Error
		if !errors.As(err, &ours) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %q", text, err, want)
		}
		r := strictjson.New([]byte(text))
		if skipped := errors.Join(r.Skip(), r.End()); skipped == nil {
			t.Errorf("%.40s: passed over", text)
		}
	}
	for text, want := range map[string]error{`[]`: strictjson.ErrObject, `7`: strictjson.ErrObject, ``: strictjson.ErrShort} {
		if err := strictjson.New([]byte(text)).Object(nil); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}

func TestObject(t *testing.T) {
	r := strictjson.New([]byte(` {"a":{"x":[1, 2]} , "b":"y", "c":null}`))
	if n := r.Fields(); n != 4 {
		t.Errorf("%d fields", n)
	}
	raw, plain, text := map[string]string{}, map[string]bool{}, ""
	err := r.Object(func(key string) (err error) {
		if plain[key] = r.Plain(); r.IsText() {
			text += key
		}
		raw[key], err = r.Raw()
		return err
	})
	if err != nil || r.End() != nil || !maps.Equal(raw, map[string]string{"a": `{"x":[1, 2]}`, "b": `"y"`, "c": "null"}) ||
		!maps.Equal(plain, map[string]bool{"a": false, "b": true, "c": false}) || text != "b" {
		t.Errorf("%v %v %v", raw, plain, err)
	}
	own := errors.New("own")
	if err := strictjson.New([]byte(`{"a":1}`)).Object(func(string) error { return own }); !errors.Is(err, own) {
		t.Error(err)
	}
}

// reference reads as encoding/json does, whole numbers as int, and says
// whether a key stands twice somewhere.
func reference(text string) (v any, doubled bool, err error) {
	if !json.Valid([]byte(text)) {
		return nil, false, errors.New("not JSON")
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, false, err
	}
	return integers(v), hasDouble(json.NewDecoder(strings.NewReader(text))), nil
}

func integers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
	case []any:
		for i := range v {
			v[i] = integers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = integers(v[k])
		}
	}
	return v
}

// hasDouble walks over one value by the library's tokens.
func hasDouble(dec *json.Decoder) bool {
	tok, err := dec.Token()
	if err != nil {
		return false
	}
	seen, found := map[string]bool{}, false
	for open, ok := tok.(json.Delim); ok && dec.More(); {
		if open == '{' {
			key, _ := dec.Token()
			folded := strings.ToLower(key.(string))
			found = found || seen[folded]
			seen[folded] = true
		}
		found = hasDouble(dec) || found
	}
	if _, ok := tok.(json.Delim); ok {
		_, err = dec.Token()
	}
	return found || err != nil && !errors.Is(err, io.EOF)
}

// FuzzValue: what is read is what encoding/json reads, and what is refused is
// no JSON or has a key twice.
func FuzzValue(f *testing.F) {
	for _, text := range []string{`{"b":[1,-2.5e3,"x\u00e9",null],"a":{"c":true}}`, `{"a":1,"A":2}`, `[[],{},""]`, "\"\xc3\"", `-0`, `{"k":1,"a":2,"k":3}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if bytes.Count(raw, []byte("[")) > 100 || bytes.Count(raw, []byte("{")) > 100 {
			return // the depth is bounded
		}
		got, err := read(string(raw))
		want, doubled, wrong := reference(string(raw))
		if (err != nil) != (wrong != nil || doubled) {
			t.Fatalf("%q: %v; encoding/json: %v, twice: %v", raw, err, wrong, doubled)
		}
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %#v, want %#v", raw, got, want)
		}
	})
}
