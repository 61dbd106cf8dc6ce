// Package desk is the respondent's desk: what the form, the question-by-question
// mode and the commands of the client do, as use cases over the device's store
// and the protocol. Whatever a person does on one of these faces, the same
// function here does it.
//
// It may import pkg/survey, pkg/sync and internal/drafts. Start reading at
// [Desk.Work] for filling in and at [Desk.Submit] and [Desk.Sync] for sending.
package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Options are what the program knows of itself.
type Options struct {
	Version string
	Lang    string
	Server  string // overrides the remembered one
	Now     func() time.Time
	HTTP    http.RoundTripper // nil: the network
	// InsecureHTTP allows http:// to another computer, where whoever sits on
	// the way reads the password; a person has to ask for it by name.
	InsecureHTTP bool
	Passphrase   string // of drafts that are locked
	LockWork     int    // see drafts.Options
	Saved        func() // see [drafts.Options]
}

// Desk is one device at work. Its methods may be called from several
// goroutines: the form writes answers while a pass of the sync runs.
type Desk struct {
	store   *drafts.Store
	home    string // the device's folder
	version string
	lang    string
	server  string // named at the start; "" for the remembered one
	now     func() time.Time
	http    http.RoundTripper
	clear   bool // plain HTTP is allowed

	mu      sync.Mutex
	cache   map[string]*survey.Questionnaire // by digest
	session *drafts.Session                  // nil: nobody is signed in
	skew    time.Duration                    // as the last pass found it

	lastProbe     time.Time // when the network was last asked whether it is back
	lastAddresses string    // of this computer, then
	addresses     func() string

	beats sync.WaitGroup // heartbeats under way

	pass sync.Mutex // one pass of the sync at a time
}

// Open opens the device's folder.
func Open(home string, opt Options) (*Desk, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	store, err := drafts.Open(home, drafts.Options{Now: opt.Now, Passphrase: opt.Passphrase, LockWork: opt.LockWork, Saved: opt.Saved})
	if err != nil {
		return nil, err
	}
	d := &Desk{store: store, home: home, version: opt.Version, lang: opt.Lang, server: opt.Server, now: opt.Now, http: opt.HTTP, clear: opt.InsecureHTTP || opt.HTTP != nil, cache: map[string]*survey.Questionnaire{}, addresses: ownAddresses}
	session, ok, err := store.Session()
	if err != nil {
		_ = store.Close()
		return nil, err
	}
	if ok {
		d.session = &session
	}
	return d, nil
}

// Close ends the desk; safe twice.
func (d *Desk) Close() error {
	d.Rest()
	return d.store.Close()
}

// Rest waits for what is under way and nobody waits for: a heartbeat.
func (d *Desk) Rest() { d.beats.Wait() }

// Account is who is signed in.
type Account struct {
	Code       string `json:"code"`
	Name       string `json:"name"`
	Server     string `json:"server"`
	MustChange bool   `json:"must_change_password"`
}

// Account gives who is signed in on this device.
func (d *Desk) Account() (Account, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session == nil {
		return Account{}, false
	}
	s := d.session
	return Account{s.Institution.Code, s.Institution.Name, s.Server, s.MustChange}, true
}

// Server is the address that the next sign-in offers.
func (d *Desk) Server() string {
	if d.server != "" {
		return d.server
	}
	s, err := d.store.Settings()
	if err != nil {
		return ""
	}
	return s.Server
}

// SignedInAt gives the server of the session, where Options asks for another
// one: that one counts from the next sign-in. "" otherwise.
func (d *Desk) SignedInAt() string {
	account, in := d.Account()
	if wanted, err := address(d.server); !in || d.server == "" || err == nil && wanted == account.Server {
		return ""
	}
	return account.Server
}

// LastCode is the code that signed in last, while somebody is signed in.
func (d *Desk) LastCode() string {
	if a, ok := d.Account(); ok {
		return a.Code
	}
	return ""
}

// client makes the HTTP client for a server and the token, "" for none. Its
// errors are bad_server and plain_http.
func (d *Desk) client(server, token string) (*surveysync.Client, error) {
	if !d.clear && inTheClear(server) {
		return nil, newError("plain_http", server)
	}
	c, err := surveysync.NewClient(surveysync.Options{Server: server, Token: token, Version: d.version, Lang: d.lang, Now: d.now, HTTP: d.http})
	if err != nil {
		return nil, newError("bad_server", server)
	}
	return c, nil
}

// inTheClear tells whether what is sent there could be read on the way: plain
// HTTP that leaves this computer.
func inTheClear(server string) bool {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" || strings.EqualFold(u.Hostname(), "localhost") {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err != nil || !ip.IsLoopback()
}

// address completes what a person writes into a server's address.
func address(server string) (string, error) {
	server = strings.TrimSpace(server)
	if server == "" {
		return "", newError("no_server")
	}
	if !strings.Contains(server, "://") {
		server = "https://" + server
	}
	server = strings.TrimRight(server, "/")
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", newError("bad_server", server)
	}
	return server, nil
}

// SignIn asks the server for a session and remembers it. Unless the password
// has to be changed first, it fetches what is needed to work without a network.
func (d *Desk) SignIn(ctx context.Context, server, code, password string) (Account, error) {
	if server == "" {
		server = d.Server()
	}
	server, err := address(server)
	if err != nil {
		return Account{}, err
	}
	c, err := d.client(server, "")
	if err != nil {
		return Account{}, err
	}
	settings, err := d.store.Settings()
	if err != nil {
		return Account{}, err
	}
	var s surveysync.Session
	err = d.noted(ctx, "login", drafts.Owner{}, func(ctx context.Context) (err error) {
		s, err = c.SignIn(ctx, surveysync.SignIn{Code: survey.NormalizeSchoolCode(code), Password: password, Device: settings.Device})
		return err
	})
	if err != nil {
		return Account{}, err
	}
	session := drafts.Session{Server: server, Token: s.Token, Expires: s.ExpiresAt, Institution: s.Institution, MustChange: s.MustChangePassword}
	if err := d.keepSession(session); err != nil {
		return Account{}, err
	}
	if !session.MustChange {
		if _, err := d.Sync(ctx, true); err != nil {
			return Account{}, err
		}
	}
	account, _ := d.Account()
	return account, nil
}

// noted makes an attempt that is of no outbox entry and writes it into the
// history, so that its incident code stands on this side too.
func (d *Desk) noted(ctx context.Context, what string, o drafts.Owner, f func(context.Context) error) error {
	incident, start := surveysync.NewIncident(nil), d.now()
	err := f(surveysync.WithIncident(ctx, incident))
	r := surveysync.AttemptResult{At: start, Duration: max(d.now().Sub(start), 0), Incident: incident, Code: surveysync.CodeAccepted}
	if err != nil {
		r.Code, r.Step, r.Detail = CodeOf(err), surveysync.StepOf(err), detail(err, d.lang)
		var refused *surveysync.Problem
		if errors.As(err, &refused) && refused.Incident != "" {
			r.Incident = refused.Incident // the server made its own when ours did not reach it
		}
	}
	return errors.Join(err, d.store.Record(drafts.Attempt{Owner: o, What: what, AttemptResult: r}))
}

func (d *Desk) keepSession(s drafts.Session) error {
	if err := d.store.SaveSession(s); err != nil {
		return err
	}
	d.mu.Lock()
	d.session = &s
	d.mu.Unlock()
	return nil
}

// current is the session, or the error not_signed_in.
func (d *Desk) current() (drafts.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session == nil {
		return drafts.Session{}, newError("not_signed_in")
	}
	return *d.session, nil
}

// ChangePassword replaces the password and then fetches what is needed to work.
func (d *Desk) ChangePassword(ctx context.Context, current, next string) error {
	s, err := d.current()
	if err != nil {
		return err
	}
	c, err := d.client(s.Server, s.Token)
	if err != nil {
		return err
	}
	err = d.noted(ctx, "password", drafts.Owner{}, func(ctx context.Context) error {
		return c.ChangePassword(ctx, surveysync.PasswordChange{Current: current, New: next})
	})
	if err != nil {
		return err
	}
	s.MustChange = false
	if err := d.keepSession(s); err != nil {
		return err
	}
	_, err = d.Sync(ctx, true)
	return err
}

// SignOut ends the session on the server, when it can be reached, and on the
// device always. Drafts, queue and receipts stay.
func (d *Desk) SignOut(ctx context.Context) error {
	s, err := d.current()
	if err != nil {
		return err
	}
	if c, err := d.client(s.Server, s.Token); err == nil {
		// Without a network the token dies by itself; the person has left.
		_ = c.SignOut(ctx)
	}
	if err := d.store.ClearSession(); err != nil {
		return err
	}
	d.mu.Lock()
	d.session = nil
	d.mu.Unlock()
	return nil
}

// owner is whose drafts are on the desk.
func (d *Desk) owner() (drafts.Owner, error) {
	s, err := d.current()
	if err != nil {
		return drafts.Owner{}, err
	}
	if s.MustChange {
		return drafts.Owner{}, newError("must_change") // nothing can be fetched before that
	}
	server, ok, err := d.store.Server()
	if err != nil {
		return drafts.Owner{}, err
	}
	if !ok {
		return drafts.Owner{}, newError("no_questionnaire")
	}
	return drafts.Owner{Institution: s.Institution.ID, Survey: server.Info.Survey}, nil
}

// seen is the return as the server told it last.
func (d *Desk) seen() (drafts.Owner, drafts.SeenReturn, error) {
	o, err := d.owner()
	if err != nil {
		return o, drafts.SeenReturn{}, err
	}
	r, ok, err := d.store.Return(o)
	if err == nil && !ok {
		err = newError("no_questionnaire")
	}
	return o, r, err
}

// questionnaire gives a compiled version.
func (d *Desk) questionnaire(digest string) (*survey.Questionnaire, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if q, ok := d.cache[digest]; ok {
		return q, nil
	}
	raw, ok, err := d.store.Questionnaire(digest)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, newError("no_questionnaire")
	}
	q, err := survey.LoadOnce(raw)
	if err != nil {
		return nil, &Error{Code: "no_questionnaire", Err: fmt.Errorf("load %s: %w", digest, err)}
	}
	d.cache[digest] = q
	return q, nil
}

// Reasons are the reason codes of explanations.
func (d *Desk) Reasons() []survey.Option {
	_, seen, err := d.seen()
	if err != nil {
		return nil
	}
	q, err := d.questionnaire(seen.Return.Survey.Questionnaire)
	if err != nil {
		return nil
	}
	return q.Reasons
}

// PartTitle is a part's name for people.
func (d *Desk) PartTitle(part string) string {
	_, seen, err := d.seen()
	if err != nil {
		return part
	}
	q, err := d.questionnaire(seen.Return.Survey.Questionnaire)
	if err != nil || q.Sheet(part) == nil {
		return part
	}
	return q.Sheet(part).Title.In(d.lang)
}

// SchoolYear is the school year that the survey asks about, once the server has
// told; "" before.
func (d *Desk) SchoolYear() string {
	_, seen, err := d.seen()
	if err != nil {
		return ""
	}
	return seen.Return.Survey.SchoolYear
}

// DueSentence says until when, once the server has told; "" before.
func (d *Desk) DueSentence(lang string) string {
	_, seen, err := d.seen()
	if err != nil {
		return ""
	}
	return Deadline(seen.Return.Survey, d.serverNow(seen), lang)
}

// Unsent counts the parts in the outbox.
func (d *Desk) Unsent() int {
	o, err := d.owner()
	if err != nil {
		return 0
	}
	list, err := d.store.Outbox(o)
	if err != nil {
		return 0
	}
	return len(list)
}

// Skew is how far this device's clock is ahead of the server's, as the last
// pass found it; what is too small to matter is 0.
func (d *Desk) Skew() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.skew
}

// Elsewhere is another school's work on this device that has not left it.
type Elsewhere struct {
	Code  string   `json:"code"`
	Name  string   `json:"name"`
	Parts []string `json:"parts"`
}

// Elsewhere lists whose unsent work waits on this device until they sign in
// again: a device sends a draft only for the school that is signed in.
func (d *Desk) Elsewhere() ([]Elsewhere, error) {
	s, err := d.current()
	if err != nil {
		return nil, err
	}
	owners, err := d.store.Owners()
	if err != nil {
		return nil, err
	}
	out := []Elsewhere{}
	for _, o := range owners {
		if o.Institution == s.Institution.ID {
			continue
		}
		parts, err := d.unsentOf(o)
		if err != nil {
			return nil, err
		}
		in, ok, err := d.store.Institution(o)
		if err != nil {
			return nil, err
		}
		if ok && len(parts) > 0 {
			out = append(out, Elsewhere{in.Code, in.Name, parts})
		}
	}
	return out, nil
}

// unsentOf lists the parts that wait in the outbox or hold unsent changes.
func (d *Desk) unsentOf(o drafts.Owner) ([]string, error) {
	box, err := d.store.Outbox(o)
	if err != nil {
		return nil, err
	}
	begun, err := d.store.Parts(o)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, part := range begun {
		draft, _, err := d.store.Draft(o, part)
		if err != nil {
			return nil, err
		}
		if draft.Touched || slices.ContainsFunc(box, func(e drafts.Entry) bool { return e.Part == part }) {
			out = append(out, part)
		}
	}
	return out, nil
}
