package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"rileva/pkg/survey"
)

// The most that is read of a file, beyond its size: some 270 answers are
// expected, and a small archive can unfold into anything.
const (
	maxRows     = 20_000
	maxUnzipped = 64 << 20
	maxInMemory = 16 << 20
)

// readContents finds out what a file is by what stands in it; its name decides
// only what is no JSON and calls itself one.
func readContents(name string, raw []byte) (contents, error) {
	switch {
	case len(raw) > MaxFill:
		return contents{}, newError("file_too_large", name)
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return readXLSX(name, raw)
	}
	text, ok := decodeText(raw)
	start := bytes.TrimSpace(text)
	switch {
	case !ok:
		return contents{}, newError("file_binary", name)
	case len(start) == 0:
		return contents{}, newError("file_empty", name)
	case start[0] == '{':
		return readJSON(name, text)
	case strings.EqualFold(filepath.Ext(name), ".json"):
		return contents{}, newError("file_json", name)
	}
	return readCSV(name, text)
}

// decodeText gives the text as UTF-8 without a byte order mark. Excel in Italy
// saves a CSV as Windows-1252 and a "Unicode text" as UTF-16.
func decodeText(raw []byte) ([]byte, bool) {
	var err error
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		raw, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(raw)
	case !utf8.Valid(raw):
		raw, err = charmap.Windows1252.NewDecoder().Bytes(raw)
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	binary := bytes.ContainsFunc(raw, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' })
	return raw, err == nil && !binary
}

// member is one key of a JSON object, with its value and the line it is on.
type member struct {
	key   string
	line  int
	at    int // where the value begins
	value []byte
}

// members walks one object of text, which begins at the byte from. Keys that
// stand twice come twice.
func members(text []byte, from int) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(text[from:]))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, errors.Join(errors.New("an object was expected"), err)
	}
	var out []member
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := member{line: 1 + bytes.Count(text[:from+int(dec.InputOffset())], []byte("\n"))}
		m.key, _ = tok.(string) // the decoder lets only strings be keys
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		m.value, m.at = value, from+int(dec.InputOffset())-len(value)
		out = append(out, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); from == 0 && !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return out, nil
}

// readJSON takes the flat map of answers, or the body of a submission.
func readJSON(name string, text []byte) (contents, error) {
	fail := func(err error) (contents, error) {
		return contents{}, &Error{Code: "file_json", args: []any{name}, Err: err}
	}
	top, err := members(text, 0)
	if err != nil {
		return fail(err)
	}
	var out contents
	answers, isBody := top, false
	for _, m := range top {
		if m.key == "answers" && m.value[0] == '{' {
			isBody = true
			if answers, err = members(text, m.at); err != nil {
				return fail(err)
			}
		}
	}
	for _, m := range answers {
		var one survey.Answers // knows how each kind of value is read
		if err := json.Unmarshal(fmt.Appendf(nil, `{"v":%s}`, m.value), &one); err != nil {
			return fail(err)
		}
		out.entries = append(out.entries, entry{line: m.line, variable: m.key, value: one["v"]})
	}
	if !isBody {
		return out, nil
	}
	for _, m := range top {
		switch {
		case m.key == "part":
			err = json.Unmarshal(m.value, &out.part)
		case m.key == "institution":
			err = json.Unmarshal(m.value, &out.school)
		case m.key == "unavailable" && m.value[0] == '{':
			err = out.addUnavailable(text, m)
		}
		if err != nil {
			return fail(err)
		}
	}
	return out, nil
}

func (c *contents) addUnavailable(text []byte, m member) error {
	list, err := members(text, m.at)
	if err != nil {
		return err
	}
	for _, u := range list {
		e := entry{line: u.line, variable: u.key}
		if err := json.Unmarshal(u.value, &e.unavailable); err != nil {
			return err
		}
		c.entries = append(c.entries, e)
	}
	return nil
}
