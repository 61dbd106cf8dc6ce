package sync

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Server asks who the server is; it needs no token.
func (c *Client) Server(ctx context.Context) (ServerInfo, error) {
	info, _, err := getJSON[ServerInfo](ctx, c, "/server", func(s ServerInfo) error {
		if s.Epoch == "" || s.LogKey == "" {
			return errors.New("epoch or log_key is missing")
		}
		return nil
	})
	return info, err
}

// SignIn exchanges code and password for a session; the client uses its token
// from then on. It is the only call that carries the password besides
// ChangePassword.
func (c *Client) SignIn(ctx context.Context, in SignIn) (Session, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return Session{}, fmt.Errorf("sign in: %w", err)
	}
	a, err := c.do(ctx, call{method: http.MethodPost, path: "/sessions", body: body})
	if err != nil {
		return Session{}, err
	}
	var s Session
	if err := a.json(&s); err != nil {
		return Session{}, err
	}
	if s.Token == "" || s.Institution.Code == "" {
		return Session{}, a.unfit(errors.New("token or institution is missing"))
	}
	c.SetToken(s.Token)
	return s, nil
}

// SignOut ends the session on the server. After an error the token may still
// be alive there, so the client keeps it and the call can be repeated.
func (c *Client) SignOut(ctx context.Context) error {
	a, err := c.do(ctx, call{method: http.MethodDelete, path: "/session"})
	if err == nil {
		err = a.empty()
	}
	if err == nil {
		c.SetToken("")
	}
	return err
}

// ChangePassword sets a new password. Repeating it with the same words is
// safe: when the first answer was lost the server says yes again.
func (c *Client) ChangePassword(ctx context.Context, change PasswordChange) error {
	body, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	a, err := c.do(ctx, call{method: http.MethodPut, path: "/password", body: body})
	if err != nil {
		return err
	}
	return a.empty()
}

// Heartbeat tells how far the work on this device is. Nothing depends on it,
// and repeating it is harmless: the last one counts.
func (c *Client) Heartbeat(ctx context.Context, h Heartbeat) error {
	body, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("heartbeat: %w", err)
	}
	a, err := c.do(ctx, call{method: http.MethodPut, path: "/heartbeat", body: body})
	if err != nil {
		return err
	}
	return a.empty()
}

// Return gives all the parts of the institution, and the bytes for the cache.
func (c *Client) Return(ctx context.Context) (Return, []byte, error) {
	return getJSON[Return](ctx, c, "/return", func(r Return) error {
		switch {
		case r.Institution.Code == "" || r.Survey.ID == "":
			return errors.New("institution or survey is missing")
		case !isDigest(r.Survey.Questionnaire):
			return errors.New("survey.questionnaire is no digest")
		}
		return nil
	})
}

// Questionnaire gives the bytes of a questionnaire. They are what the digest
// names, or an error.
func (c *Client) Questionnaire(ctx context.Context, digest string) ([]byte, error) {
	a, err := c.do(ctx, call{method: http.MethodGet, path: "/questionnaires/" + url.PathEscape(digest)})
	if err != nil {
		return nil, err
	}
	if Digest(a.body) != digest {
		return nil, a.unfit(errors.New("the questionnaire is not the one that was asked for"))
	}
	return a.body, nil
}

// PartBody is one stored revision of a part: byte for byte as it was sent, or
// what the office has kept of it (PROTOCOL 8.5).
type PartBody struct {
	Body       []byte
	Revision   int
	State      string
	ReceivedAt time.Time
	Digest     string // of what was sent, as receipt and log say it
	Kept       string // of Body where personal data were taken out of it, else ""
	Device     string // that sent it; "" when the server does not tell
}

// BodyDigest is the digest of Body; a client has verified it.
func (p PartBody) BodyDigest() string { return cmp.Or(p.Kept, p.Digest) }

// Part gives the current revision of a part.
func (c *Client) Part(ctx context.Context, part string) (PartBody, error) {
	return c.partBody(ctx, "/parts/"+url.PathEscape(part))
}

// Revision gives one revision of a part.
func (c *Client) Revision(ctx context.Context, part string, n int) (PartBody, error) {
	return c.partBody(ctx, "/parts/"+url.PathEscape(part)+"/revisions/"+strconv.Itoa(n))
}

func (c *Client) partBody(ctx context.Context, path string) (PartBody, error) {
	a, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return PartBody{}, err
	}
	revision, ok := ParseETag(a.header.Get("ETag"))
	if !ok {
		return PartBody{}, a.unfit(errors.New("no revision in ETag"))
	}
	p := PartBody{Body: a.body, Revision: revision, State: a.header.Get(HeaderState),
		Digest: a.header.Get(HeaderDigest), Kept: a.header.Get(HeaderKept)}
	p.Device, _ = url.PathUnescape(a.header.Get(HeaderDevice)) // only shown
	if !isDigest(p.Digest) || Digest(a.body) != p.BodyDigest() {
		return PartBody{}, a.unfit(errors.New("the body is not that of its digest"))
	}
	if p.ReceivedAt, err = time.Parse(time.RFC3339, a.header.Get(HeaderReceivedAt)); err != nil {
		return PartBody{}, a.unfit(errors.New("no time in " + HeaderReceivedAt))
	}
	return p, nil
}

// Revisions gives the history of a part.
func (c *Client) Revisions(ctx context.Context, part string) ([]Revision, error) {
	list, _, err := getJSON[[]Revision](ctx, c, "/parts/"+url.PathEscape(part)+"/revisions", func(l []Revision) error {
		if l == nil {
			return errors.New("null is not a list")
		}
		return nil
	})
	return list, err
}

// Put offers the frozen body of a part as the revision after replaces (0: the
// first one) and gives the receipt with its bytes.
//
// Effect: at most one revision, named by the submission_id in the body.
// Durability: a receipt means that the server has stored the body.
// Repetition: the same bytes again give the same receipt, whatever happened in
// between. Errors: *Problem is a refusal; after a *NetError with Left the body
// may be stored, and only the same bytes again will tell.
//
// The receipt is believed only when it speaks of these very bytes and, once
// the log's key is known, when its proof holds.
func (c *Client) Put(ctx context.Context, part string, body []byte, replaces int, incident string) (Receipt, []byte, error) {
	if incident == "" {
		incident = NewIncident(c.rand)
	}
	ctx = WithIncident(ctx, incident)
	s, err := ParseSubmission(body)
	switch {
	case len(body) > MaxBody:
		return Receipt{}, nil, c.refuse(incident, TooLarge)
	case err != nil:
		return Receipt{}, nil, c.refuse(incident, Invalid, err.Error())
	case s.Part != part || replaces < 0:
		return Receipt{}, nil, c.refuse(incident, Invalid, "part")
	}
	a, err := c.do(ctx, call{method: http.MethodPut, path: "/parts/" + url.PathEscape(part), body: body, header: c.replacing(replaces)})
	if err != nil {
		return Receipt{}, nil, err
	}
	r, err := c.readReceipt(a.body)
	if err == nil {
		err = fits(r, s, Digest(body), replaces)
	}
	if err != nil {
		return Receipt{}, nil, a.unfit(fmt.Errorf("receipt not believed: %w", err))
	}
	return r, a.body, nil
}

// replacing names the revision that a PUT replaces, and in which life of the
// store it bears that number.
func (c *Client) replacing(revision int) http.Header {
	header := http.Header{"If-None-Match": {"*"}}
	if revision > 0 {
		header = http.Header{"If-Match": {ETag(revision)}}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch != "" {
		header[HeaderEpoch] = []string{c.epoch}
	}
	return header
}

// refuse is a refusal of this device, in the words of the server's table: the
// bytes cannot be what a server accepts, so it is not troubled with them.
func (c *Client) refuse(incident string, code Code, args ...any) *Problem {
	p := NewProblem(code, c.lang, args...)
	p.Incident = incident
	return p
}

// readReceipt verifies as much as the known keys allow; see Options.LogKey.
func (c *Client) readReceipt(raw []byte) (Receipt, error) {
	_, keys := c.held()
	if len(keys) == 0 {
		return ParseReceipt(raw)
	}
	r, _, err := VerifyReceipt(raw, keys...)
	return r, err
}

// fits names the field in which a receipt is not that of the submission.
func fits(r Receipt, s Submission, digest string, replaces int) error {
	for _, f := range []struct {
		name string
		same bool
	}{
		{"content_digest", r.ContentDigest == digest},
		{"submission_id", r.SubmissionID == s.SubmissionID},
		{"part", r.Part == s.Part},
		{"survey", r.Survey == s.Survey},
		{"questionnaire", r.Questionnaire == s.Questionnaire},
		{"number", r.Number == ReceiptNumber(s.SubmissionID, digest)},
		{"revision", r.Revision == replaces+1},
	} {
		if !f.same {
			return fmt.Errorf("%s is not that of what was sent", f.name)
		}
	}
	return nil
}

// Receipt gives a receipt again, with a proof on a recent checkpoint.
func (c *Client) Receipt(ctx context.Context, number string) (Receipt, []byte, error) {
	a, err := c.do(ctx, call{method: http.MethodGet, path: "/receipts/" + url.PathEscape(number)})
	if err != nil {
		return Receipt{}, nil, err
	}
	r, err := c.readReceipt(a.body)
	if err == nil && r.Number != number {
		err = errors.New("another number")
	}
	if err != nil {
		return Receipt{}, nil, a.unfit(fmt.Errorf("receipt not believed: %w", err))
	}
	return r, a.body, nil
}

// Checkpoint gives the signed head of the server's log, as text and read. With
// a known key its signature is verified; without one only its form is.
func (c *Client) Checkpoint(ctx context.Context) (Checkpoint, string, error) {
	a, err := c.do(ctx, call{method: http.MethodGet, path: "/log/checkpoint"})
	if err != nil {
		return Checkpoint{}, "", err
	}
	var head Checkpoint
	text := string(a.body)
	if _, keys := c.held(); len(keys) > 0 {
		head, err = OpenCheckpoint(text, keys...)
	} else {
		signed, _, found := strings.Cut(text, "\n\n")
		if head, err = parseCheckpoint(signed + "\n"); !found {
			err = errors.New("checkpoint: no signature")
		}
	}
	if err != nil {
		return Checkpoint{}, "", a.unfit(err)
	}
	return head, text, nil
}

// getJSON makes a GET whose answer is JSON that passes check.
func getJSON[T any](ctx context.Context, c *Client, path string, check func(T) error) (T, []byte, error) {
	var v T
	a, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return v, nil, err
	}
	if err := a.json(&v); err != nil {
		return v, nil, err
	}
	if err := check(v); err != nil {
		return v, nil, a.unfit(err)
	}
	return v, a.body, nil
}
