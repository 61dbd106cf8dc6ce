package sync

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"rileva/pkg/survey"
	"rileva/pkg/survey/strictjson"
)

// Version is the protocol's, sent in the header Rileva-Protocol.
const Version = "1"

// The headers of the protocol (contract, section 4).
const (
	HeaderProtocol   = "Rileva-Protocol"
	HeaderTime       = "Rileva-Time"
	HeaderIncident   = "Rileva-Incident"
	HeaderReceipt    = "Rileva-Receipt"
	HeaderEpoch      = "Rileva-Epoch" // of the store, as the sender of a PUT knows it
	HeaderState      = "Rileva-State"
	HeaderReceivedAt = "Rileva-Received-At"
	HeaderDigest     = "Rileva-Content-Digest"
	HeaderKept       = "Rileva-Kept-Digest" // of the body, where personal data were taken out of it (PROTOCOL 8.5)
	HeaderDevice     = "Rileva-Device"      // that sent a revision, percent-encoded
	HeaderClient     = "Rileva-Client"      // the client's version, for the sync log
)

// StateBeside is the header Rileva-State of a PUT's answer when the submission
// stands beside the revision that has taken its place (PROTOCOL 17.5).
const StateBeside = "beside"

// The limits on a request's body, in bytes: what is over MaxBody is refused,
// and drained up to MaxDrain so that the refusal reaches the sender.
const (
	MaxBody  = 1 << 20
	MaxDrain = 4 << 20
)

// BasePath is where the calls stand.
const BasePath = "/api/v1"

// Submission is one part as it travels. The device freezes its bytes; the
// server stores those bytes and never writes them anew.
type Submission struct {
	SubmissionID  string                        `json:"submission_id"`
	Institution   string                        `json:"institution"` // any code of the institution
	Survey        string                        `json:"survey"`
	Part          string                        `json:"part"`
	Questionnaire string                        `json:"questionnaire"`
	Answers       survey.Answers                `json:"answers"`
	Unavailable   map[string]string             `json:"unavailable,omitempty"`
	Explanations  map[string]survey.Explanation `json:"explanations,omitempty"`
	Withdraw      []string                      `json:"withdraw,omitempty"`
	Merge         *MergeRecord                  `json:"merge,omitempty"`
	CompletedAt   time.Time                     `json:"completed_at"`
}

// ParseSubmission reads a body strictly: every key known, none twice, the
// envelope complete. The error names the place; what stands inside the answers
// is for the checks to judge.
func ParseSubmission(body []byte) (Submission, error) {
	var s Submission
	if err := strictObject(body, &s); err != nil {
		return s, err
	}
	for _, f := range []struct{ name, value string }{
		{"submission_id", s.SubmissionID}, {"institution", s.Institution}, {"survey", s.Survey},
		{"part", s.Part}, {"questionnaire", s.Questionnaire},
	} {
		if f.value == "" || len(f.value) > 200 {
			return s, fmt.Errorf("%s: missing or too long", f.name)
		}
	}
	switch {
	case !validUUID(s.SubmissionID):
		return s, errors.New("submission_id: not a UUID in lower case")
	case s.Answers == nil:
		return s, errors.New("answers: missing")
	case s.CompletedAt.IsZero():
		return s, errors.New("completed_at: missing")
	case s.Merge != nil && s.Merge.check() != nil:
		return s, s.Merge.check()
	case len(s.Withdraw) > 0 && s.Part != survey.GeneralPart:
		return s, errors.New("withdraw: only the general part withdraws tracks")
	}
	return s, nil
}

// validUUID takes the canonical form only, so that one id has one spelling.
func validUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
		if dash != (c == '-') || !dash && !hex {
			return false
		}
	}
	return true
}

// strictObject reads one JSON object into the struct that v points to: no key
// unknown or twice, at any depth, nothing after it. encoding/json alone would
// let the last of two equal keys win and would match keys whatever their case.
func strictObject(body []byte, v any) error {
	into := reflect.ValueOf(v).Elem()
	at := shapeOf(into.Type())
	r := strictjson.New(body)
	err := r.Object(func(key string) (err error) {
		i, known := at[key]
		if !known {
			return fmt.Errorf("%s: unknown field", strictjson.Quoted(key))
		}
		field := into.Field(i).Addr().Interface()
		switch own := field.(type) {
		case interface {
			ReadJSON(*strictjson.Reader) error
		}:
			return own.ReadJSON(r)
		case *string:
			if r.IsText() {
				*own, err = r.Text()
				return err
			}
		}
		raw, err := r.Raw()
		if err == nil {
			err = json.Unmarshal([]byte(raw), field)
		}
		if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
			kind.Field = strings.Trim(key+"."+kind.Field, ".")
		}
		return plainJSON(err)
	})
	if err == nil {
		err = r.End()
	}
	return err
}

// plainJSON says where JSON is wrong without the library's words.
func plainJSON(err error) error {
	var ours strictjson.Error
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var parse *time.ParseError
	switch {
	case err == nil || errors.As(err, &ours):
		return err
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Errorf("%s: not of the type that belongs here", strictjson.Quoted(kind.Field))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return strictjson.ErrShort
	case errors.As(err, &parse):
		return errors.New("a time is not in the form 2023-12-18T10:42:07+01:00 (RFC 3339)")
	}
	return fmt.Errorf("not as expected: %w", err)
}

// ServerInfo is open to all: GET /api/v1/server.
type ServerInfo struct {
	Name    string    `json:"name"`
	Version string    `json:"version"`
	Time    time.Time `json:"time"`
	Epoch   string    `json:"epoch"` // changes when a store is created or restored
	Survey  string    `json:"survey"`
	LogKey  string    `json:"log_key"` // a note verifier key
}

// SignIn asks for a session: POST /api/v1/sessions.
type SignIn struct {
	Code     string `json:"code"`
	Password string `json:"password"`
	Device   string `json:"device"`
}

// Session is a token and whose it is.
type Session struct {
	Token              string             `json:"token"`
	ExpiresAt          time.Time          `json:"expires_at"`
	Institution        survey.Institution `json:"institution"`
	MustChangePassword bool               `json:"must_change_password"`
}

// PasswordChange is PUT /api/v1/password.
type PasswordChange struct {
	Current string `json:"current"`
	New     string `json:"new"`
}

// SurveyInfo is what a client needs to know of the survey.
type SurveyInfo struct {
	ID            string      `json:"id"`
	SchoolYear    string      `json:"school_year"`
	Title         survey.Text `json:"title"`
	Opens         time.Time   `json:"opens"`
	Due           time.Time   `json:"due"`
	LateUntil     time.Time   `json:"late_until"`
	Questionnaire string      `json:"questionnaire"` // digest of the version in force
	Office        survey.Text `json:"office"`
	Contact       survey.Text `json:"contact"`
	LegalBasis    survey.Text `json:"legal_basis"`
}

// Remark is what the office says of one variable, or of the whole part.
type Remark struct {
	Variable string `json:"variable,omitempty"`
	Text     string `json:"text"`
}

// PartStatus is one line of a return.
type PartStatus struct {
	Part          string     `json:"part"`
	State         string     `json:"state"`
	Revision      int        `json:"revision"`
	ContentDigest string     `json:"content_digest,omitempty"`
	KeptDigest    string     `json:"kept_digest,omitempty"` // as HeaderKept
	ReceivedAt    *time.Time `json:"received_at,omitempty"`
	Late          bool       `json:"late"`
	Remarks       []Remark   `json:"remarks"`
	OpenUntil     *time.Time `json:"open_until,omitempty"` // reopened by the office
}

// Message is a word of the office to one institution.
type Message struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Return is GET /api/v1/return: all the parts of one institution together.
type Return struct {
	Institution survey.Institution `json:"institution"`
	Survey      SurveyInfo         `json:"survey"`
	Parts       []PartStatus       `json:"parts"`
	State       string             `json:"state"`
	Findings    []survey.Finding   `json:"findings"`
	Messages    []Message          `json:"messages"`
	ServerTime  time.Time          `json:"server_time"`
	Epoch       string             `json:"epoch"`
}

// Revision is one line of a part's history.
type Revision struct {
	Revision      int       `json:"revision"`
	SubmissionID  string    `json:"submission_id"`
	ContentDigest string    `json:"content_digest"`
	KeptDigest    string    `json:"kept_digest,omitempty"` // as HeaderKept
	Questionnaire string    `json:"questionnaire"`
	ReceivedAt    time.Time `json:"received_at"`
	Late          bool      `json:"late"`
	Device        string    `json:"device"`
	Number        string    `json:"number"`
}

// ETag writes a revision as an entity tag.
func ETag(revision int) string { return `"` + strconv.Itoa(revision) + `"` }

// ParseETag reads one; weak tags and lists are not ours.
func ParseETag(s string) (int, bool) {
	s, ok := strings.CutPrefix(strings.TrimSpace(s), `"`)
	if !ok {
		return 0, false
	}
	s, ok = strings.CutSuffix(s, `"`)
	if !ok || s == "" || s[0] == '0' || s[0] == '+' {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0
}
