package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	surveysync "rileva/pkg/sync"
)

// maxOpenBody bounds what is read of somebody without a token: a code, a
// password and a device's name.
const maxOpenBody = 128 << 10

// body reads a JSON body whole, or says why not. What is over the limit is
// drained by refuse.
func (c *call) body() ([]byte, error) {
	if err := c.mediaType(); err != nil {
		return nil, err
	}
	most := int64(surveysync.MaxBody)
	if c.route.may == anyone {
		most = maxOpenBody
	}
	if c.r.ContentLength > most {
		return nil, c.problem(surveysync.TooLarge)
	}
	var read bytes.Buffer
	// What is told, -1 being unknown; who tells much and sends nothing gets
	// no memory for it.
	read.Grow(int(min(max(c.r.ContentLength, 0), maxOpenBody)) + bytes.MinRead)
	_, err := read.ReadFrom(io.LimitReader(c.r.Body, most+1))
	raw := read.Bytes()
	c.taken = int64(len(raw))
	switch {
	case c.taken > most:
		return nil, c.problem(surveysync.TooLarge)
	case err != nil:
		// The line broke, or the time was up: nobody will see this answer.
		return nil, c.invalid("the body ends too early")
	case !utf8.Valid(raw):
		return nil, c.invalid("not UTF-8")
	}
	c.digest = surveysync.Digest(raw)
	return raw, nil
}

// mediaType takes application/json in UTF-8, without compression.
func (c *call) mediaType() error {
	kind, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	charset := params["charset"]
	encoding := c.r.Header.Get("Content-Encoding")
	if err != nil || kind != "application/json" ||
		charset != "" && !strings.EqualFold(charset, "utf-8") ||
		encoding != "" && !strings.EqualFold(encoding, "identity") {
		return c.problem(surveysync.UnsupportedMediaType)
	}
	return nil
}

// object reads the body into v, which points to a struct of strings: every
// field of v is there unless it is optional, none twice, no other. encoding/json alone would match
// keys whatever their case and let the last of two win.
func (c *call) object(v any, optional ...string) error {
	raw, err := c.body()
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return c.invalid(jsonPlace(err, "a JSON object was expected"))
	}
	into := reflect.ValueOf(v).Elem()
	fields := map[string]reflect.Value{}
	for i := range into.NumField() {
		fields[into.Type().Field(i).Tag.Get("json")] = into.Field(i)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return c.invalid(jsonPlace(err, ""))
		}
		name := key.(string) // an object's keys are strings
		field, ok := fields[name]
		if !ok {
			return c.invalid(quoted(name) + ": unknown field, or it stands twice")
		}
		delete(fields, name)
		var text *string // null is no string
		if err := dec.Decode(&text); err != nil || text == nil {
			return c.invalid(jsonPlace(err, quoted(name)+": not of the type that belongs here"))
		}
		field.SetString(*text)
	}
	if _, err := dec.Token(); err != nil {
		return c.invalid(jsonPlace(err, ""))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return c.invalid("something follows the JSON object")
	}
	return c.complete(into, optional)
}

// complete names the first field, in the order of the struct, that is missing
// or empty.
func (c *call) complete(into reflect.Value, optional []string) error {
	for i := range into.NumField() {
		name := into.Type().Field(i).Tag.Get("json")
		if into.Field(i).String() == "" && !slices.Contains(optional, name) {
			return c.invalid(name + ": missing")
		}
	}
	return nil
}

// jsonPlace says where JSON is wrong, without the library's words; otherwise
// is for what is JSON and not what was asked for.
func jsonPlace(err error, otherwise string) string {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return "not JSON at byte " + strconv.FormatInt(syntax.Offset, 10)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the JSON ends too early"
	case otherwise == "":
		return "a JSON object was expected"
	}
	return otherwise
}

func quoted(name string) string {
	if len(name) > 60 {
		name = name[:60]
	}
	return strconv.QuoteToASCII(strings.ToValidUTF8(name, "?"))
}

// precondition reads which revision a submission replaces (contract, section
// 4): If-None-Match: * for none, If-Match with one strong tag otherwise.
func precondition(h http.Header) (int, error) {
	match, none := h.Values("If-Match"), h.Values("If-None-Match")
	switch {
	case len(match)+len(none) == 0:
		return surveysync.NoPrecondition, nil
	case len(match) > 0 && len(none) > 0:
		return 0, errors.New("If-Match and If-None-Match stand together")
	case len(none) > 0:
		if !slices.Equal(none, []string{"*"}) {
			return 0, errors.New("If-None-Match: only * can stand here")
		}
		return 0, nil
	}
	if revision, ok := surveysync.ParseETag(match[0]); ok && len(match) == 1 {
		return revision, nil
	}
	return 0, fmt.Errorf(`If-Match: only one revision can stand here, as "3"`)
}
