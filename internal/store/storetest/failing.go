package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// When a point of a [Failing] store fails.
const (
	FailBefore = "before" // nothing was done
	FailAfter  = "after"  // it was done, and the caller is not told
)

// ErrInjected is what a point that fails gives.
var ErrInjected = errors.New("storetest: injected failure")

// Failing is a store that fails where Fail says so: at any method, before it
// has done anything or after it has done everything. What a caller makes of
// that must be the same: it does not know which of the two it was.
type Failing struct {
	store.Store

	mu sync.Mutex
	// fail is asked at each call with the method's name and the number of the
	// call; "" lets it through.
	fail  func(method string, call int) string
	calls int
}

// FailWhen sets what fails from now on and counts the calls anew; nil heals.
func (f *Failing) FailWhen(fail func(method string, call int) string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail, f.calls = fail, 0
}

// Calls is how many calls came since FailWhen.
func (f *Failing) Calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

func (f *Failing) when(method string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.fail == nil {
		return ""
	}
	return f.fail(method, f.calls)
}

func point[T any](f *Failing, method string, do func() (T, error)) (T, error) {
	var zero T
	switch f.when(method) {
	case FailBefore:
		return zero, fmt.Errorf("%s: %w", method, ErrInjected)
	case FailAfter:
		_, err := do()
		return zero, errors.Join(fmt.Errorf("%s: %w", method, ErrInjected), err)
	}
	return do()
}

func pointErr(f *Failing, method string, do func() error) error {
	_, err := point(f, method, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// Points names the methods that are points: all that take a context.
func Points() []string {
	var names []string
	t := reflect.TypeFor[store.Store]()
	for i := range t.NumMethod() {
		if m := t.Method(i); m.Type.NumIn() > 0 && m.Type.In(0) == reflect.TypeFor[context.Context]() {
			names = append(names, m.Name)
		}
	}
	return names
}

// Meta is a point.
func (x *Failing) Meta(ctx context.Context) (store.Meta, error) {
	return point(x, "Meta", func() (store.Meta, error) { return x.Store.Meta(ctx) })
}

// Institutions is a point.
func (x *Failing) Institutions(ctx context.Context) ([]store.Institution, error) {
	return point(x, "Institutions", func() ([]store.Institution, error) { return x.Store.Institutions(ctx) })
}

// FindInstitution is a point.
func (x *Failing) FindInstitution(ctx context.Context, code string) (store.Institution, error) {
	return point(x, "FindInstitution", func() (store.Institution, error) { return x.Store.FindInstitution(ctx, code) })
}

// EditInstitutions is a point.
func (x *Failing) EditInstitutions(ctx context.Context, edit func(all []store.Institution, sent map[string]int) (store.RegisterEdit, error)) error {
	return pointErr(x, "EditInstitutions", func() error { return x.Store.EditInstitutions(ctx, edit) })
}

// IssueCredentials is a point.
func (x *Failing) IssueCredentials(ctx context.Context, hashes map[string]string, replace bool, at time.Time, act store.Act) ([]string, error) {
	return point(x, "IssueCredentials", func() ([]string, error) { return x.Store.IssueCredentials(ctx, hashes, replace, at, act) })
}

// Accounts is a point.
func (x *Failing) Accounts(ctx context.Context) (map[string]store.Account, error) {
	return point(x, "Accounts", func() (map[string]store.Account, error) { return x.Store.Accounts(ctx) })
}

// Account is a point.
func (x *Failing) Account(ctx context.Context, institutionID string) (store.Account, error) {
	return point(x, "Account", func() (store.Account, error) { return x.Store.Account(ctx, institutionID) })
}

// RevokeSessions is a point.
func (x *Failing) RevokeSessions(ctx context.Context, institutionID, device string, act store.Act) (int, error) {
	return point(x, "RevokeSessions", func() (int, error) { return x.Store.RevokeSessions(ctx, institutionID, device, act) })
}

// SignIn is a point.
func (x *Failing) SignIn(ctx context.Context, s store.Session, act store.Act) error {
	return pointErr(x, "SignIn", func() error { return x.Store.SignIn(ctx, s, act) })
}

// Access is a point.
func (x *Failing) Access(ctx context.Context, tokenHash [32]byte, now time.Time) (store.Access, error) {
	return point(x, "Access", func() (store.Access, error) { return x.Store.Access(ctx, tokenHash, now) })
}

// SignOut is a point.
func (x *Failing) SignOut(ctx context.Context, tokenHash [32]byte, act store.Act) error {
	return pointErr(x, "SignOut", func() error { return x.Store.SignOut(ctx, tokenHash, act) })
}

// ChangePassword is a point.
func (x *Failing) ChangePassword(ctx context.Context, institutionID, oldHash, newHash string, keep [32]byte, act store.Act) error {
	return pointErr(x, "ChangePassword", func() error { return x.Store.ChangePassword(ctx, institutionID, oldHash, newHash, keep, act) })
}

// Publish is a point.
func (x *Failing) Publish(ctx context.Context, raw []byte, at time.Time, act store.Act) (string, error) {
	return point(x, "Publish", func() (string, error) { return x.Store.Publish(ctx, raw, at, act) })
}

// Void is a point.
func (x *Failing) Void(ctx context.Context, digest string, act store.Act) error {
	return pointErr(x, "Void", func() error { return x.Store.Void(ctx, digest, act) })
}

// Survey is a point.
func (x *Failing) Survey(ctx context.Context) (store.Survey, error) {
	return point(x, "Survey", func() (store.Survey, error) { return x.Store.Survey(ctx) })
}

// Questionnaire is a point.
func (x *Failing) Questionnaire(ctx context.Context, digest string) ([]byte, error) {
	return point(x, "Questionnaire", func() ([]byte, error) { return x.Store.Questionnaire(ctx, digest) })
}

// SetDates is a point.
func (x *Failing) SetDates(ctx context.Context, edit store.DatesEdit, act store.Act) (store.Survey, error) {
	return point(x, "SetDates", func() (store.Survey, error) { return x.Store.SetDates(ctx, edit, act) })
}

// Accept is a point.
func (x *Failing) Accept(ctx context.Context, put store.Put) (store.Answered, error) {
	return point(x, "Accept", func() (store.Answered, error) { return x.Store.Accept(ctx, put) })
}

// Parts is a point.
func (x *Failing) Parts(ctx context.Context, institutionID string) ([]store.Part, error) {
	return point(x, "Parts", func() ([]store.Part, error) { return x.Store.Parts(ctx, institutionID) })
}

// AllParts is a point.
func (x *Failing) AllParts(ctx context.Context) (map[string][]store.Part, error) {
	return point(x, "AllParts", func() (map[string][]store.Part, error) { return x.Store.AllParts(ctx) })
}

// Submission is a point.
func (x *Failing) Submission(ctx context.Context, institutionID, part string, revision int) (store.Submission, error) {
	return point(x, "Submission", func() (store.Submission, error) { return x.Store.Submission(ctx, institutionID, part, revision) })
}

// Revisions is a point.
func (x *Failing) Revisions(ctx context.Context, institutionID, part string) ([]store.Submission, error) {
	return point(x, "Revisions", func() ([]store.Submission, error) { return x.Store.Revisions(ctx, institutionID, part) })
}

// Receipt is a point.
func (x *Failing) Receipt(ctx context.Context, institutionID, number string) (surveysync.Receipt, error) {
	return point(x, "Receipt", func() (surveysync.Receipt, error) { return x.Store.Receipt(ctx, institutionID, number) })
}

// ReviewParts is a point.
func (x *Failing) ReviewParts(ctx context.Context, institutionID string, reviews []store.Review, act store.Act) ([]store.Part, error) {
	return point(x, "ReviewParts", func() ([]store.Part, error) { return x.Store.ReviewParts(ctx, institutionID, reviews, act) })
}

// MarkShown is a point.
func (x *Failing) MarkShown(ctx context.Context, institutionID string, revisions map[string]int) error {
	return pointErr(x, "MarkShown", func() error { return x.Store.MarkShown(ctx, institutionID, revisions) })
}

// AddWord is a point.
func (x *Failing) AddWord(ctx context.Context, kind store.WordKind, institutionIDs []string, word store.Word, act store.Act) error {
	return pointErr(x, "AddWord", func() error { return x.Store.AddWord(ctx, kind, institutionIDs, word, act) })
}

// Words is a point.
func (x *Failing) Words(ctx context.Context, kind store.WordKind, institutionID string) (map[string][]store.Word, error) {
	return point(x, "Words", func() (map[string][]store.Word, error) { return x.Store.Words(ctx, kind, institutionID) })
}

// Sessions is a point.
func (x *Failing) Sessions(ctx context.Context, institutionID string) ([]store.Session, error) {
	return point(x, "Sessions", func() ([]store.Session, error) { return x.Store.Sessions(ctx, institutionID) })
}

// NoteUses is a point.
func (x *Failing) NoteUses(ctx context.Context, uses map[[32]byte]time.Time) error {
	return pointErr(x, "NoteUses", func() error { return x.Store.NoteUses(ctx, uses) })
}

// SaveHeartbeat is a point.
func (x *Failing) SaveHeartbeat(ctx context.Context, institutionID string, h store.Heartbeat) error {
	return pointErr(x, "SaveHeartbeat", func() error { return x.Store.SaveHeartbeat(ctx, institutionID, h) })
}

// Heartbeats is a point.
func (x *Failing) Heartbeats(ctx context.Context) (map[string][]store.Heartbeat, error) {
	return point(x, "Heartbeats", func() (map[string][]store.Heartbeat, error) { return x.Store.Heartbeats(ctx) })
}

// Snapshots is a point.
func (x *Failing) Snapshots(ctx context.Context, at time.Time, after string, limit int) ([]store.Snapshot, error) {
	return point(x, "Snapshots", func() ([]store.Snapshot, error) { return x.Store.Snapshots(ctx, at, after, limit) })
}

// Beside is a point.
func (x *Failing) Beside(ctx context.Context, institutionID string) ([]store.Submission, error) {
	return point(x, "Beside", func() ([]store.Submission, error) { return x.Store.Beside(ctx, institutionID) })
}

// SettleBeside is a point.
func (x *Failing) SettleBeside(ctx context.Context, number string, how *store.Settlement, act store.Act) (store.Submission, error) {
	return point(x, "SettleBeside", func() (store.Submission, error) { return x.Store.SettleBeside(ctx, number, how, act) })
}

// Unknown is a point.
func (x *Failing) Unknown(ctx context.Context, submissionIDs []string) ([]string, error) {
	return point(x, "Unknown", func() ([]string, error) { return x.Store.Unknown(ctx, submissionIDs) })
}

// Record is a point.
func (x *Failing) Record(ctx context.Context, entries ...surveysync.Entry) error {
	return pointErr(x, "Record", func() error { return x.Store.Record(ctx, entries...) })
}

// Log is a point.
func (x *Failing) Log(ctx context.Context, f store.LogFilter) ([]store.LogLine, error) {
	return point(x, "Log", func() ([]store.LogLine, error) { return x.Store.Log(ctx, f) })
}

// Checkpoint is a point.
func (x *Failing) Checkpoint(ctx context.Context) (string, error) {
	return point(x, "Checkpoint", func() (string, error) { return x.Store.Checkpoint(ctx) })
}

// Consistency is a point.
func (x *Failing) Consistency(ctx context.Context, older int64) (surveysync.Consistency, error) {
	return point(x, "Consistency", func() (surveysync.Consistency, error) { return x.Store.Consistency(ctx, older) })
}

// Heads is a point.
func (x *Failing) Heads(ctx context.Context) ([]string, error) {
	return point(x, "Heads", func() ([]string, error) { return x.Store.Heads(ctx) })
}

// Leaves is a point.
func (x *Failing) Leaves(ctx context.Context, log int, from int64) ([][]byte, error) {
	return point(x, "Leaves", func() ([][]byte, error) { return x.Store.Leaves(ctx, log, from) })
}

// RotateLogKey is a point.
func (x *Failing) RotateLogKey(ctx context.Context, act store.Act) (string, error) {
	return point(x, "RotateLogKey", func() (string, error) { return x.Store.RotateLogKey(ctx, act) })
}

// Check is a point.
func (x *Failing) Check(ctx context.Context) ([]string, error) {
	return point(x, "Check", func() ([]string, error) { return x.Store.Check(ctx) })
}

// Backup is a point.
func (x *Failing) Backup(ctx context.Context, path string) (store.BackupInfo, error) {
	return point(x, "Backup", func() (store.BackupInfo, error) { return x.Store.Backup(ctx, path) })
}

// ClaimReminder is a point.
func (x *Failing) ClaimReminder(ctx context.Context, institutionID string, r store.Reminder, act store.Act) (bool, error) {
	return point(x, "ClaimReminder", func() (bool, error) { return x.Store.ClaimReminder(ctx, institutionID, r, act) })
}

// SettleReminder is a point.
func (x *Failing) SettleReminder(ctx context.Context, institutionID, outcome string) error {
	return pointErr(x, "SettleReminder", func() error { return x.Store.SettleReminder(ctx, institutionID, outcome) })
}

// Reminders is a point.
func (x *Failing) Reminders(ctx context.Context) (map[string]store.Reminder, error) {
	return point(x, "Reminders", func() (map[string]store.Reminder, error) { return x.Store.Reminders(ctx) })
}
