// Package strictjson reads JSON that has one meaning only. Two programs that
// read one text differently would each have another history, and encoding/json
// alone lets the last of two equal keys win. Refusing that with its tokens
// costs ten times as much as all the checks on the answers; this reader walks
// over the text once.
//
// It imports the standard library only. Start reading at [Reader.Object].
package strictjson

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
)

// Error says what is wrong with a text, in words that name no library.
type Error string

func (e Error) Error() string { return string(e) }

// The errors that do not depend on the text.
const (
	ErrShort   = Error("the JSON ends too early")
	ErrMore    = Error("something follows the JSON object")
	ErrObject  = Error("a JSON object was expected")
	ErrNesting = Error("the JSON is nested too deeply")
)

// maxDepth is far beyond what any message has; each level costs stack.
const maxDepth = 200

// Reader stands at a place in a text. A method that reads a value moves it
// behind that value; after an error it stands anywhere.
type Reader struct {
	text  string
	at    int
	depth int
}

// New begins at the start of a copy of raw.
func New(raw []byte) *Reader { return &Reader{text: string(raw)} }

// Object reads an object. Behind each key, field has to read its value. Keys
// that differ only in capitals count as one that stands twice, because
// encoding/json takes either for the other.
func (r *Reader) Object(field func(key string) error) error {
	if c, err := r.peek(); err != nil {
		return err
	} else if c != '{' {
		return ErrObject
	}
	known := written.Get().(*keys)
	defer known.release()
	return r.list('}', func() error {
		key, err := r.Text()
		if err != nil {
			return err
		}
		if known.has(key) {
			return Error(Quoted(key) + ": stands twice")
		}
		if c, err := r.peek(); err != nil {
			return err
		} else if c != ':' {
			return r.wrong()
		}
		r.at++
		return field(key)
	})
}

// list reads what stands between the bracket here and end.
func (r *Reader) list(end byte, item func() error) error {
	if r.depth++; r.depth > maxDepth {
		return ErrNesting
	}
	defer func() { r.depth-- }()
	r.at++
	if c, err := r.peek(); err != nil {
		return err
	} else if c == end {
		r.at++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		switch c, err := r.peek(); {
		case err != nil:
			return err
		case c == end:
			r.at++
			return nil
		case c != ',':
			return r.wrong()
		}
		r.at++
	}
}

// Value reads any value: string, bool, nil, int, []any, map[string]any, and
// json.Number for what is no whole number that an int holds, as it was written.
func (r *Reader) Value() (any, error) {
	c, err := r.peek()
	if err != nil {
		return nil, err
	}
	switch c {
	case '{':
		all := map[string]any{}
		err := r.Object(func(key string) (err error) { all[key], err = r.Value(); return err })
		return all, err
	case '[':
		all := []any{}
		err := r.list(']', func() error {
			one, err := r.Value()
			all = append(all, one)
			return err
		})
		return all, err
	case '"':
		return r.Text()
	}
	if n, ok := r.small(); ok {
		return n, nil
	}
	word, err := r.word()
	switch {
	case err != nil:
		return nil, err
	case word == "null":
		return nil, nil
	case word == "true", word == "false":
		return word == "true", nil
	}
	if n, err := strconv.Atoi(word); err == nil {
		return n, nil
	}
	return json.Number(word), nil
}

// Skip passes over one value.
func (r *Reader) Skip() error {
	c, err := r.peek()
	if err != nil {
		return err
	}
	switch c {
	case '{':
		return r.Object(func(string) error { return r.Skip() })
	case '[':
		return r.list(']', r.Skip)
	case '"':
		_, err = r.Text()
	default:
		_, err = r.word()
	}
	return err
}

// Raw passes over one value and gives its text.
func (r *Reader) Raw() (string, error) {
	_, _ = r.peek()
	from := r.at
	err := r.Skip()
	return r.text[from:r.at], err
}

// Plain tells whether a string, a number or a truth value stands here.
func (r *Reader) Plain() bool {
	c, err := r.peek()
	return err == nil && c != '{' && c != '[' && c != 'n'
}

// IsText tells whether a string stands here.
func (r *Reader) IsText() bool {
	c, err := r.peek()
	return err == nil && c == '"'
}

// Fields is at least how many fields the object here can have, and not much
// more for what people write.
func (r *Reader) Fields() int { return strings.Count(r.text[r.at:], ":") }

// End is an error when anything but white space follows.
func (r *Reader) End() error {
	if _, err := r.peek(); err == nil {
		return ErrMore
	}
	return nil
}

// Text reads a string.
func (r *Reader) Text() (string, error) {
	if c, err := r.peek(); err != nil {
		return "", err
	} else if c != '"' {
		return "", r.wrong()
	}
	from := r.at + 1
	for i := from; i < len(r.text); i++ {
		if !special[r.text[i]] {
			continue
		}
		if r.text[i] != '"' {
			return r.spelled(i)
		}
		r.at = i + 1
		return r.text[from:i], nil
	}
	return "", ErrShort
}

// special are the characters at which a string ends or does not mean what is
// written.
var special = func() (of [256]bool) {
	for c := range of {
		of[c] = c == '"' || c == '\\' || c < ' ' || c >= 0x80
	}
	return of
}()

// small reads a whole number from 0 up to 999,999,999 as most are written, and
// stays where it is before anything else.
func (r *Reader) small() (n int, ok bool) {
	if _, err := r.peek(); err != nil {
		return 0, false
	}
	at := r.at
	for ; at < len(r.text) && '0' <= r.text[at] && r.text[at] <= '9'; at++ {
		n = 10*n + int(r.text[at]-'0')
	}
	digits := at - r.at
	if digits == 0 || digits > 9 || digits > 1 && r.text[r.at] == '0' || at == len(r.text) || r.text[at] == '.' || r.text[at]|0x20 == 'e' {
		return 0, false
	}
	r.at = at
	return n, true
}

// spelled reads the string here whose plain characters end at i, as
// encoding/json reads it.
func (r *Reader) spelled(i int) (string, error) {
	for ; i < len(r.text) && r.text[i] != '"'; i++ {
		if r.text[i] == '\\' {
			i++
		}
	}
	if i >= len(r.text) {
		return "", ErrShort
	}
	var s string
	if err := json.Unmarshal([]byte(r.text[r.at:i+1]), &s); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			r.at += int(syntax.Offset) - 1
		}
		return "", r.wrong()
	}
	r.at = i + 1
	return s, nil
}

// word reads null, true, false or a number.
func (r *Reader) word() (string, error) {
	from := r.at
	if c := r.text[from]; c >= 'a' {
		for _, w := range []string{"null", "true", "false"} {
			if strings.HasPrefix(r.text[from:], w) {
				r.at += len(w)
				return w, nil
			}
		}
	}
	r.one("-")
	if !r.one("0") && !r.digits() {
		return "", r.wrong()
	}
	if r.one(".") && !r.digits() {
		return "", r.wrong()
	}
	if r.one("eE") {
		r.one("+-")
		if !r.digits() {
			return "", r.wrong()
		}
	}
	return r.text[from:r.at], nil
}

// one passes over one of these characters, if it stands here.
func (r *Reader) one(of string) bool {
	for i := range len(of) {
		if r.at < len(r.text) && r.text[r.at] == of[i] {
			r.at++
			return true
		}
	}
	return false
}

func (r *Reader) digits() bool {
	from := r.at
	for r.at < len(r.text) && '0' <= r.text[r.at] && r.text[r.at] <= '9' {
		r.at++
	}
	return r.at > from
}

// peek gives the next character that is no white space.
func (r *Reader) peek() (byte, error) {
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c, nil
		}
	}
	return 0, ErrShort
}

// wrong is the error of what stands here.
func (r *Reader) wrong() error {
	if r.at >= len(r.text) {
		return ErrShort
	}
	return Error("not JSON at byte " + strconv.Itoa(r.at+1))
}

// keys are those of one object so far. Most programs write them in order, and
// then none can stand twice.
type keys struct {
	ordered []string
	others  map[string]bool // all of them, once one was out of order
}

// written keeps the lists of keys for the next object: a sheet has hundreds.
var written = sync.Pool{New: func() any { return new(keys) }}

func (k *keys) release() {
	clear(k.ordered) // they hold on to their text
	k.ordered, k.others = k.ordered[:0], nil
	if cap(k.ordered) <= maxKept {
		written.Put(k)
	}
}

// maxKept is how many keys a list may have had that is kept; no sheet has more.
const maxKept = 1000

func (k *keys) has(key string) bool {
	key = lower(key)
	if k.others == nil {
		n := len(k.ordered)
		if n == 0 || k.ordered[n-1] < key {
			k.ordered = append(k.ordered, key)
			return false
		}
		k.others = make(map[string]bool, 2*len(k.ordered))
		for _, one := range k.ordered {
			k.others[one] = true
		}
	}
	twice := k.others[key]
	k.others[key] = true
	return twice
}

// lower is strings.ToLower for what is mostly written so already.
func lower(key string) string {
	for i := range len(key) {
		if c := key[i]; c-'A' < 26 || c >= 0x80 {
			return strings.ToLower(key)
		}
	}
	return key
}

// Quoted is a key as it is shown in an error: bounded, and in characters that
// every terminal has.
func Quoted(key string) string {
	if len(key) > 60 {
		key = key[:60]
	}
	return strconv.QuoteToASCII(strings.ToValidUTF8(key, "?"))
}
