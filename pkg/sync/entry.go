package sync

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rileva/pkg/survey/strictjson"
)

// EntryVersion is the version of the leaf format that this program writes and
// the only one that it reads.
const EntryVersion = 1

// Who acted.
const (
	ActorSchool = "school" // an institution, under its token
	ActorOffice = "office" // the office, with a command of the server
	ActorServer = "server" // the server itself, as for a summary leaf
)

// What was done. The acts of the office are open: an act carries the name of
// its command ("return", "approve", "survey_dates"…), which needs no constant
// here, because no rule of this package depends on it.
const (
	ActionSubmit         = "submit"
	ActionSignIn         = "sign_in"
	ActionSignOut        = "sign_out"
	ActionChangePassword = "change_password"
	ActionReconcile      = "reconcile"
	// ActionRotateKey is the leaf by which the log's key names the next one,
	// in Note (see HandoverEntry).
	ActionRotateKey = "log_rotate_key"
	// ActionRestore is the first leaf of an epoch that follows another; its
	// Note names the old log and its last tree head (see RestoreNote).
	ActionRestore = "restore"
	// ActionRefusals is the summary leaf of the refusals of one minute that
	// came without a valid token; Count says how many (contract, section 4).
	ActionRefusals = "refusals"
)

// How it ended; a refusal carries the code of its problem instead.
const (
	OutcomeAccepted = "accepted" // stored; a receipt exists
	OutcomeReplayed = "replayed" // known already; the same receipt again
	OutcomeOK       = "ok"       // done, for whatever is not a submission
)

// Entry is one line of the sync log and, byte for byte as [Entry.Marshal]
// writes it, one leaf of the log's Merkle tree (contract, section 4 and
// invariant 7). It holds digests, codes and times; never the value of an
// answer, a password or a token. That is what lets the log be shown to anyone
// and lets answers be erased without breaking a proof.
//
// Store the bytes of Marshal and hash those: what a later version of this
// program would write for the same Entry need not be the same bytes.
type Entry struct {
	V       int       `json:"v"`  // EntryVersion; Marshal writes it for 0
	At      time.Time `json:"at"` // the server's clock; for an accepted submission its received_at
	Actor   string    `json:"actor,omitempty"`
	Action  string    `json:"action"`
	Outcome string    `json:"outcome"`

	Institution   string `json:"institution,omitempty"` // the login code
	InstitutionID string `json:"institution_id,omitempty"`
	Survey        string `json:"survey,omitempty"`
	Device        string `json:"device,omitempty"`
	Part          string `json:"part,omitempty"`
	Revision      int    `json:"revision,omitempty"`
	Number        string `json:"number,omitempty"` // of the receipt
	SubmissionID  string `json:"submission_id,omitempty"`
	ContentDigest string `json:"content_digest,omitempty"`
	PrevDigest    string `json:"prev_digest,omitempty"` // content digest of the revision that this one replaces
	Questionnaire string `json:"questionnaire,omitempty"`

	// Late is a pointer because a receipt's "late": false has to be found in
	// the leaf as a statement, not guessed from a key that is missing. An
	// accepted submission without it is no valid Entry.
	Late *bool `json:"late,omitempty"`

	Incident   string `json:"incident,omitempty"`
	Size       int64  `json:"size,omitempty"` // bytes of the body
	DurationMS int64  `json:"duration_ms,omitempty"`
	Client     string `json:"client,omitempty"` // version of the client
	Count      int64  `json:"count,omitempty"`  // of a summary leaf

	// Note is the reason or the target of an act of the office, in the words
	// of whoever acted. Print it through [Visible] only.
	Note string `json:"note,omitempty"`
}

// entryKeys are the keys of a leaf, in the order in which they are written.
var entryKeys = jsonKeys(reflect.TypeFor[Entry]())

// Marshal gives the leaf: JSON without white space, keys in the order of the
// struct, the time in UTC with three digits of a second, no HTML escapes. The
// same Entry always gives the same bytes. What is finer than a millisecond is
// cut off; bytes that are not UTF-8 become U+FFFD, because a strange header
// must not keep an act from being logged.
func (e Entry) Marshal() ([]byte, error) {
	if e.V == 0 {
		e.V = EntryVersion
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	at, err := formatLogTime(e.At)
	if err != nil {
		return nil, fmt.Errorf("log entry: %w", err)
	}
	// The outer V and At hide those of the embedded struct.
	type fields Entry
	return marshalPlain(struct {
		V  int    `json:"v"`
		At string `json:"at"`
		fields
	}{e.V, at, fields(e)})
}

// MarshalJSON is Marshal, for an Entry inside a larger answer. An encoder that
// escapes HTML changes the bytes on the way out: a leaf to be hashed is what
// Marshal gives.
func (e Entry) MarshalJSON() ([]byte, error) { return e.Marshal() }

// UnmarshalJSON is ParseEntry.
func (e *Entry) UnmarshalJSON(raw []byte) error {
	parsed, err := ParseEntry(raw)
	if err != nil {
		return err
	}
	*e = parsed
	return nil
}

// ParseEntry reads a leaf. It refuses a key that is unknown, double or written
// with other capitals, a null, an unknown version, a time that is not in the
// canonical form, and anything after the object: two programs that read one
// leaf differently would each have a different history.
func ParseEntry(raw []byte) (Entry, error) {
	present, err := readFlatObject(raw, entryKeys)
	if err != nil {
		return Entry{}, fmt.Errorf("log entry: %w", err)
	}
	for _, key := range []string{"v", "at", "action", "outcome"} {
		if !present[key] {
			return Entry{}, fmt.Errorf("log entry: key %q is missing", key)
		}
	}
	type fields Entry
	var w struct {
		V  int    `json:"v"`
		At string `json:"at"`
		fields
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return Entry{}, fmt.Errorf("log entry: %w", err)
	}
	e := Entry(w.fields)
	e.V = w.V
	if e.At, err = parseLogTime(w.At); err != nil {
		return Entry{}, fmt.Errorf("log entry: %w", err)
	}
	if err := e.check(); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// check holds for every leaf, written or read.
func (e Entry) check() error {
	switch {
	case e.V != EntryVersion:
		return fmt.Errorf("log entry: version %d is unknown", e.V)
	case e.Action == "":
		return errors.New("log entry: no action")
	case e.Outcome == "":
		return errors.New("log entry: no outcome")
	case e.Action == ActionSubmit && e.Outcome == OutcomeAccepted && e.Late == nil:
		return errors.New("log entry: an accepted submission must say whether it was late")
	}
	return nil
}

// Visible gives s with everything that a terminal would act upon or hide
// written out: control characters, escape sequences, marks that turn the
// direction of the text, characters of no width, bytes that are not UTF-8. A
// line of the log can then neither move the cursor nor pretend to be two
// lines (ASVS 5.0, 16.4.1). Backslashes stay as they are, so that applying it
// twice changes nothing.
func Visible(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}

// logTimeForm is RFC 3339 in UTC with exactly three digits of a second: one
// moment has one spelling, in leaves and in receipts.
const logTimeForm = "2006-01-02T15:04:05.000Z"

// logTime is t as the log keeps it.
func logTime(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func formatLogTime(t time.Time) (string, error) {
	t = logTime(t)
	if t.Year() < 1 || t.Year() > 9999 {
		return "", fmt.Errorf("year %d cannot be written in RFC 3339", t.Year())
	}
	return t.Format(logTimeForm), nil
}

func parseLogTime(s string) (time.Time, error) {
	t, err := time.Parse(logTimeForm, s)
	// time.Parse takes more than it writes: a comma for the point, an hour of
	// one digit.
	if err != nil || t.Year() < 1 || t.Format(logTimeForm) != s {
		return time.Time{}, fmt.Errorf("time %q is not of the form %s", s, logTimeForm)
	}
	return t, nil
}

// jsonKeys lists the keys of a struct in the order of its fields.
func jsonKeys(t reflect.Type) []string {
	var keys []string
	for f := range t.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		keys = append(keys, key)
	}
	return keys
}

// readFlatObject says which of the known keys stand in raw, which must be one
// JSON object of plain values and nothing else. encoding/json alone would not
// do: it takes "NUMBER" for "number", lets the last of two equal keys win,
// and reads a null as if the key were missing.
func readFlatObject(raw []byte, known []string) (map[string]bool, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("not UTF-8")
	}
	present := make(map[string]bool, len(known))
	r := strictjson.New(raw)
	err := r.Object(func(key string) error {
		switch {
		case !slices.Contains(known, key):
			return fmt.Errorf("key %q is unknown", key)
		case !r.Plain():
			return fmt.Errorf("key %q does not hold a plain value", key)
		}
		present[key] = true
		return r.Skip()
	})
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return nil, err
	}
	return present, nil
}

// marshalPlain is json.Marshal without the HTML escapes, which would make the
// bytes depend on who encodes them.
func marshalPlain(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
