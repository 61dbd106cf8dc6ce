// Package store is the contract of the server's store: what must be kept and
// what each use case promises. Engines (store/bolt, later store/postgres) keep
// it; store/storetest checks that they do.
//
// Every method is one use case in one transaction: no row, cursor or
// transaction is handed out, because that is the only shape that an embedded
// store and an SQL server can both keep. Unless a method says otherwise:
// what it writes is durable when it returns, it is safe for concurrent use,
// and its errors are *Error with a stable code, or internal ones after which
// the write may or may not have happened.
//
// It may import pkg/survey, pkg/sync, internal/account and internal/register.
// Start reading at [Store].
package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"rileva/internal/register"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Institution is one respondent as the server keeps it: what the register
// says, and what the office decided.
type Institution struct {
	register.Institution           // ID is given by the store and never changes
	Confirmed            bool      `json:"confirmed"`          // the office has looked at a guessed group
	Excluded             string    `json:"excluded,omitempty"` // reason; "" when it is due
	OwnTracks            bool      `json:"own_tracks"`         // ExpectedTracks were set by the office: an import keeps them
	ByHand               bool      `json:"by_hand,omitempty"`  // added by the office, not in the register
	AddedAt              time.Time `json:"added_at"`
}

// Account is the sign-in of one institution.
type Account struct {
	InstitutionID string     `json:"institution_id"`
	Hash          string     `json:"-"`        // argon2id, PHC form
	OneTime       bool       `json:"one_time"` // must be changed at the first sign-in
	IssuedAt      time.Time  `json:"issued_at"`
	FirstUsed     *time.Time `json:"first_used,omitempty"`
	LastUsed      *time.Time `json:"last_used,omitempty"` // the last sign-in
	LastDevice    string     `json:"last_device,omitempty"`
	Revoked       bool       `json:"revoked"`
}

// Session is one token, known by its hash only.
type Session struct {
	TokenHash     [32]byte  `json:"-"`
	InstitutionID string    `json:"institution_id"`
	Device        string    `json:"device"`
	CreatedAt     time.Time `json:"created_at"`
	ExpiresAt     time.Time `json:"expires_at"`
	LastUsed      time.Time `json:"last_used,omitzero"` // zero: not since it was created, or not told yet
}

// Access is what a live token opens.
type Access struct {
	Session     Session
	Account     Account
	Institution Institution
}

// Survey is the survey that the server collects.
type Survey struct {
	ID         string                  `json:"id"`
	Dates      survey.Dates            `json:"dates"`
	InForce    string                  `json:"in_force"`             // digest
	Versions   []SurveyVersion         `json:"versions"`             // oldest first
	Extensions map[string]survey.Dates `json:"extensions,omitempty"` // by institution id
	Reasons    map[string]string       `json:"reasons,omitempty"`    // of the extensions
}

// SurveyVersion is one published questionnaire.
type SurveyVersion struct {
	Digest      string    `json:"digest"`
	PublishedAt time.Time `json:"published_at"`
	Void        bool      `json:"void"`
}

// DatesFor gives the dates in force for one institution. Its own are an
// extension: a later move of the general dates never leaves it worse off than
// the others.
func (s Survey) DatesFor(institutionID string) survey.Dates {
	d := s.Dates
	own, ok := s.Extensions[institutionID]
	if !ok {
		return d
	}
	if own.Opens.Before(d.Opens) {
		d.Opens, d.OpensAssumed = own.Opens, own.OpensAssumed
	}
	if own.Due.After(d.Due) {
		d.Due = own.Due
	}
	if own.LateUntil.After(d.LateUntil) {
		d.LateUntil = own.LateUntil
	}
	return d
}

// DatesEdit moves dates: for all, or for one institution; nil leaves a date.
type DatesEdit struct {
	InstitutionID         string
	Opens, Due, LateUntil *time.Time
	Reason                string // of an extension; "" leaves the one that it has
	Clear                 bool   // the institution has no dates of its own any more; again changes nothing
}

// Submission is one stored revision.
type Submission struct {
	InstitutionID string    `json:"institution_id"`
	Part          string    `json:"part"`
	Revision      int       `json:"revision"`
	SubmissionID  string    `json:"submission_id"`
	ContentDigest string    `json:"content_digest"`
	Questionnaire string    `json:"questionnaire"`
	ReceivedAt    time.Time `json:"received_at"`
	Late          bool      `json:"late"`
	Device        string    `json:"device"`
	Number        string    `json:"number"`
	LeafIndex     int64     `json:"leaf_index"`
	Log           int       `json:"log,omitempty"` // which of Meta.Logs holds the leaf
	// Kept is the digest of Body when personal data were taken out of it (see
	// Eraser); "" while it is as it was sent.
	Kept string `json:"kept,omitempty"`
	// Settled is how the office has closed the matter of one that stands beside.
	Settled *Settlement `json:"settled,omitempty"`
	Body    []byte      `json:"-"` // as it was sent, or what was kept of it
}

// Settlement is a decision of people about what a restore has set aside.
type Settlement struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// Part is where one part of a return stands.
type Part struct {
	Part      string              `json:"part"`
	State     string              `json:"state"`
	Remarks   []surveysync.Remark `json:"remarks,omitempty"`
	OpenUntil *time.Time          `json:"open_until,omitempty"`
	Shown     int                 `json:"shown,omitempty"`   // the revision that the office looked at last
	Reviews   []Review            `json:"reviews,omitempty"` // what the office did with it, oldest first
	Current   Submission          `json:"current"`           // Body is empty unless the call says otherwise
}

// Put is one submission to be judged and, if accepted, stored.
type Put struct {
	Access   Access
	Incoming surveysync.Incoming
	Body     []byte
	Entry    surveysync.Entry // the log line begun by the caller: device, incident, client, size
	// Old is the receipt of before a restore that came with the bytes, as it
	// was sent; nil without one.
	Old []byte
}

// Answered is what Accept found and did.
type Answered struct {
	Verdict     surveysync.Verdict
	Receipt     surveysync.Receipt  // of Accept and Replay
	Current     *surveysync.Current // of a revision conflict
	Dates       survey.Dates
	Institution survey.Institution
	InForce     string // digest, for unknown_questionnaire
}

// Act is what the office or the server did, for the log.
type Act = surveysync.Entry

// RegisterEdit is the outcome of looking at all institutions at once.
type RegisterEdit struct {
	Put         []Institution // new ones have no ID
	Remove      []string      // ids merged into another one
	EndSessions []string      // ids whose tokens end
	// Heirs says, by removed id, who gets the messages and notes of that one
	// and what its devices said; of others they stay where nobody reads them.
	Heirs map[string]string
	Acts  []Act
}

// LogFilter selects lines of the sync log; zero fields select all.
type LogFilter struct {
	Institution, Outcome, Action, Incident string
	Since, Until                           time.Time
	After                                  int64 // lines after this index; -1 for all
	Limit                                  int   // the newest that many; 0 for all
	Refused                                bool  // only what was refused
}

// LogLine is one leaf of the log.
type LogLine struct {
	Log   int   `json:"-"` // which of Meta.Logs it stands in
	Index int64 `json:"index"`
	surveysync.Entry
}

// Meta is what the store is.
type Meta struct {
	Epoch     string    `json:"epoch"` // changes when a store is created or restored
	CreatedAt time.Time `json:"created_at"`
	LogKey    string    `json:"log_key"` // note verifier key of the log's current origin
	// Logs are the lives of the sync log, one for each epoch, oldest first;
	// the last is the present one.
	Logs []Log `json:"logs,omitempty"`
}

// Log is the sync log of one epoch.
type Log struct {
	Epoch     string   `json:"epoch"`
	Keys      []string `json:"keys"`                // verifier keys that have signed it, newest last
	Handovers []string `json:"handovers,omitempty"` // from each key to the next, see surveysync.OpenHandover
}

// Keys are those of all logs, the present one's last.
func (m Meta) Keys() []string {
	var keys []string
	for _, l := range m.Logs {
		keys = append(keys, l.Keys...)
	}
	return keys
}

// Handovers are those of all logs, oldest first.
func (m Meta) Handovers() []string {
	all := []string{}
	for _, l := range m.Logs {
		all = append(all, l.Handovers...)
	}
	return all
}

// BackupInfo is what a copy holds.
type BackupInfo struct {
	Epoch       string `json:"epoch"`
	Bytes       int64  `json:"bytes"`
	Submissions int    `json:"submissions"`
	Leaves      int64  `json:"leaves"`
}

// Store is the contract. See the package comment for what holds for all methods.
type Store interface {
	// Meta gives the store's identity. It changes only by a restore.
	Meta(ctx context.Context) (Meta, error)

	// Institutions lists all, by login code in byte order.
	Institutions(ctx context.Context) ([]Institution, error)
	// FindInstitution finds the one that holds code, whichever of its codes it
	// is. Error not_found.
	FindInstitution(ctx context.Context, code string) (Institution, error)
	// EditInstitutions hands all institutions to edit and stores what it
	// returns, with its log lines, or nothing. sent tells by id how many parts
	// each has submitted. edit may run more than once and must not write
	// anything itself; its error is returned as it is.
	EditInstitutions(ctx context.Context, edit func(all []Institution, sent map[string]int) (RegisterEdit, error)) error

	// IssueCredentials stores the hashes (by institution id) as one-time
	// passwords. Without replace it leaves alone those that have one and
	// returns only the ids that it wrote; with replace it also ends their
	// tokens. One log line each.
	IssueCredentials(ctx context.Context, hashes map[string]string, replace bool, at time.Time, act Act) (written []string, err error)
	// Accounts gives every account by institution id.
	Accounts(ctx context.Context) (map[string]Account, error)
	// Account gives that of one institution. Error not_found.
	Account(ctx context.Context, institutionID string) (Account, error)
	// RevokeSessions ends the tokens of an institution, or those of one device,
	// and says how many. With device "" the password is revoked too.
	RevokeSessions(ctx context.Context, institutionID, device string, act Act) (int, error)

	// SignIn stores a session and notes the first and the last use of the account.
	SignIn(ctx context.Context, s Session, act Act) error
	// Access finds a live token. Error unauthorized when it is unknown, ended
	// or expired at now.
	Access(ctx context.Context, tokenHash [32]byte, now time.Time) (Access, error)
	// Sessions lists those of one institution that have not been ended, also
	// what has expired, by the time of their creation; "" lists those of all.
	Sessions(ctx context.Context, institutionID string) ([]Session, error)
	// NoteUses notes when tokens were used last, by their hashes, and leaves no
	// log line. An earlier moment than the one that stands there changes
	// nothing; a token that has ended meanwhile is passed over.
	NoteUses(ctx context.Context, uses map[[32]byte]time.Time) error
	// SignOut ends one token; again is no error.
	SignOut(ctx context.Context, tokenHash [32]byte, act Act) error
	// ChangePassword replaces oldHash by newHash, lifts the one-time state and
	// ends every other token of the institution. Equal hashes, of a change that is
	// asked for again, leave a log line and nothing else. Error conflict when
	// oldHash is no longer in force.
	ChangePassword(ctx context.Context, institutionID, oldHash, newHash string, keep [32]byte, act Act) error

	// Publish puts a questionnaire in force. The same bytes again change nothing.
	Publish(ctx context.Context, raw []byte, at time.Time, act Act) (digest string, err error)
	// Void declares a published questionnaire void: submissions that name it are
	// refused from then on. The one in force cannot be (error conflict). Error
	// not_found; again changes nothing.
	Void(ctx context.Context, digest string, act Act) error
	// Survey gives the survey that is collected. Error not_found before the
	// first Publish.
	Survey(ctx context.Context) (Survey, error)
	// Questionnaire gives the bytes that were published. Error not_found.
	Questionnaire(ctx context.Context, digest string) ([]byte, error)
	// SetDates moves dates and returns the survey as it is then.
	SetDates(ctx context.Context, edit DatesEdit, act Act) (Survey, error)

	// Accept judges a submission with surveysync.Decide and, in the same
	// transaction, stores what the verdict asks for: submission, receipt, log
	// line and leaf of the tree, or the line of a refusal. It returns only
	// after that is durable. The same submission id with the same bytes gives
	// the same receipt for ever (its proof may stand on a later checkpoint).
	// A refusal is no error.
	Accept(ctx context.Context, put Put) (Answered, error)
	// Parts lists the parts of one institution that have a submission, with
	// the bodies of their current revisions.
	Parts(ctx context.Context, institutionID string) ([]Part, error)
	// AllParts lists those of all institutions by id, without bodies except
	// that of the general part.
	AllParts(ctx context.Context) (map[string][]Part, error)
	// Submission gives one revision with its body; revision 0 is the current
	// one. Error not_found.
	Submission(ctx context.Context, institutionID, part string, revision int) (Submission, error)
	// Revisions lists the history of a part, oldest first, without bodies.
	Revisions(ctx context.Context, institutionID, part string) ([]Submission, error)
	// Receipt finds a receipt of the institution by its number, with a proof
	// on the latest checkpoint, once both are durable. Error not_found, also for
	// another's.
	Receipt(ctx context.Context, institutionID, number string) (surveysync.Receipt, error)

	// ReviewParts does what the office decides about parts of one institution,
	// all or nothing, as Review.Apply says, and gives the parts as they are
	// then. One log line for each that changes; act begins them. Its errors are
	// those of Apply, and not_found for a part without a submission.
	ReviewParts(ctx context.Context, institutionID string, reviews []Review, act Act) ([]Part, error)
	// MarkShown notes which revisions the office has been shown, by part, and
	// leaves no log line. Parts without a submission are passed over.
	MarkShown(ctx context.Context, institutionID string, revisions map[string]int) error
	// AddWord stores a text for each of the institutions, all or nothing, with
	// one log line each. Error not_found.
	AddWord(ctx context.Context, kind WordKind, institutionIDs []string, word Word, act Act) error
	// Words gives the texts of all institutions by id, oldest first, or those
	// of one when institutionID is not empty.
	Words(ctx context.Context, kind WordKind, institutionID string) (map[string][]Word, error)

	// SaveHeartbeat keeps the last one of each device of an institution and
	// leaves no log line. Error not_found.
	SaveHeartbeat(ctx context.Context, institutionID string, h Heartbeat) error
	// Heartbeats gives those of all institutions by id, by device.
	Heartbeats(ctx context.Context) (map[string][]Heartbeat, error)

	// Snapshots pages through the returns as they stood at a moment that has
	// passed, by institution id: at most limit of those after the id given,
	// with what was in force then. The same moment gives the same for ever.
	Snapshots(ctx context.Context, at time.Time, after string, limit int) ([]Snapshot, error)

	// Beside lists what was accepted before a restore and offered again when
	// other content had taken its place, oldest first, with bodies; "" lists
	// that of all institutions.
	Beside(ctx context.Context, institutionID string) ([]Submission, error)
	// SettleBeside notes how the matter of what stands beside under a receipt's
	// number was settled, or with nil takes that back. One log line when this
	// changes anything, none otherwise. One that finds its place after all is
	// a revision and settled no more. Error not_found when nothing stands
	// beside under that number.
	SettleBeside(ctx context.Context, number string, how *Settlement, act Act) (Submission, error)
	// Unknown gives those of the submission ids that are stored nowhere, in
	// the order given.
	Unknown(ctx context.Context, submissionIDs []string) ([]string, error)

	// ClaimReminder notes a reminder before it is sent, and says whether the
	// caller may send it: no two callers may on one day, unless the first one's
	// failed. One log line when it may. Error not_found.
	ClaimReminder(ctx context.Context, institutionID string, r Reminder, act Act) (bool, error)
	// SettleReminder notes how the last one ended. Error not_found.
	SettleReminder(ctx context.Context, institutionID, outcome string) error
	// Reminders gives the last one of every institution by id.
	Reminders(ctx context.Context) (map[string]Reminder, error)

	// Record appends lines to the log.
	Record(ctx context.Context, entries ...surveysync.Entry) error
	// Log lists lines, oldest first.
	Log(ctx context.Context, f LogFilter) ([]LogLine, error)
	// Checkpoint gives the latest signed tree head; error not_found while the
	// log is empty.
	Checkpoint(ctx context.Context) (string, error)
	// Consistency proves that the present log holds all that its head of the
	// older size commits to; without hashes where there is nothing to prove or
	// the log is not that long. Error not_found while the log is empty.
	Consistency(ctx context.Context, older int64) (surveysync.Consistency, error)
	// Heads gives the last signed tree head of each of Meta.Logs; "" while a
	// log is empty.
	Heads(ctx context.Context) ([]string, error)
	// Leaves gives leaves of one of Meta.Logs as they are stored, from an index
	// on: a page of them, none at the end.
	Leaves(ctx context.Context, log int, from int64) ([][]byte, error)
	// RotateLogKey makes a new key for the log. The present one names it in a
	// last leaf, so that whoever trusts the old key can follow.
	RotateLogKey(ctx context.Context, act Act) (verifierKey string, err error)

	// Check reads the whole store and lists what breaks an invariant of the
	// contract (section 5); an empty list is a clean store.
	Check(ctx context.Context) ([]string, error)
	// Backup writes a copy of the store as it is at one moment to path, which
	// must not exist. Writing goes on meanwhile. The copy has its name only
	// when it is whole, flushed and checked; the log's key is not in it.
	Backup(ctx context.Context, path string) (BackupInfo, error)

	// Close stops the writer and closes the files; safe twice.
	Close() error
}

// MarshalJSON writes the line's index before the entry's own fields: embedded,
// the entry's strict writing would drop it.
func (l LogLine) MarshalJSON() ([]byte, error) {
	entry, err := l.Entry.Marshal()
	if err != nil {
		return nil, err
	}
	return append([]byte(`{"index":`+strconv.FormatInt(l.Index, 10)+`,`), entry[1:]...), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (l *LogLine) UnmarshalJSON(raw []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	if err := json.Unmarshal(fields["index"], &l.Index); err != nil {
		return fmt.Errorf("log line: index: %w", err)
	}
	delete(fields, "index")
	entry, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return json.Unmarshal(entry, &l.Entry)
}
