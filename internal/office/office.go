package office

import (
	"context"
	"io"
	"slices"
	"time"

	"rileva/internal/account"
	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Office acts on one store. Its methods are safe for concurrent use, because
// the store is.
type Office struct {
	Store  store.Store
	Place  string // the database that the store lies in; "" for the folder's file
	Hasher *account.Hasher
	Rand   io.Reader        // of one-time passwords
	Now    func() time.Time // the server's clock
	// Delays are what slows sign-ins down in the running servers; nil when the
	// store was opened without one.
	Delays *account.Delays
}

// The actions of the log, see the package comment.
const (
	actionImport  = "institutions_import"
	actionAdd     = "institutions_add"
	actionExclude = "institutions_exclude"
	actionInclude = "institutions_include"
	actionTracks  = "institutions_tracks"
	actionGroup   = "institutions_group"
	actionUngroup = "institutions_ungroup"
	actionConfirm = "institutions_confirm"
	actionMerge   = "institutions_merge"
	actionRemove  = "institutions_remove"
	actionIssue   = "credentials_issue"
	actionReset   = "credentials_reset"
	actionRevoke  = "credentials_revoke"
	actionPublish = "survey_publish"
	actionVoid    = "survey_void"
	actionDates   = "survey_dates"
	actionMessage = "message"
	actionNote    = "note"
	actionRemind  = "remind"
)

// act begins a line of the log; in may be nil.
func (o *Office) act(action string, in *store.Institution, note string) store.Act {
	a := store.Act{At: o.Now(), Actor: surveysync.ActorOffice, Action: action, Outcome: surveysync.OutcomeOK, Note: note}
	if in != nil {
		a.Institution, a.InstitutionID = in.Code, in.ID
	}
	return a
}

// find gives the institution that holds code, whichever of its codes it is.
func (o *Office) find(ctx context.Context, code string) (store.Institution, error) {
	code, err := schoolCode(code)
	if err != nil {
		return store.Institution{}, err
	}
	in, err := o.Store.FindInstitution(ctx, code)
	if store.CodeOf(err) == surveysync.NotFound && err != nil {
		return in, fail("unknown_institution", code)
	}
	return in, plain(err)
}

// schoolCode reads a code as a person types it.
func schoolCode(code string) (string, error) {
	n := survey.NormalizeSchoolCode(code)
	if !survey.ValidSchoolCode(n) {
		return "", fail("bad_code", code)
	}
	return n, nil
}

// schoolCodes reads several, each once, in the order given.
func schoolCodes(codes []string) ([]string, error) {
	out := make([]string, 0, len(codes))
	for _, c := range codes {
		n, err := schoolCode(c)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// book finds institutions by any of their codes, inside one transaction.
type book struct {
	all   []store.Institution
	owner map[string]int
}

func newBook(all []store.Institution) book {
	b := book{all: all, owner: map[string]int{}}
	for i, in := range all {
		for _, c := range in.Codes {
			b.owner[c] = i
		}
	}
	return b
}

func (b book) find(code string) (*store.Institution, error) {
	i, ok := b.owner[code]
	if !ok {
		return nil, fail("unknown_institution", code)
	}
	return &b.all[i], nil
}

// findAll gives the institutions of several codes, each once.
func (b book) findAll(codes []string) ([]*store.Institution, error) {
	var out []*store.Institution
	for _, c := range codes {
		in, err := b.find(c)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, in) {
			out = append(out, in)
		}
	}
	return out, nil
}

// institutions reads them all as a book.
func (o *Office) institutions(ctx context.Context) (book, error) {
	all, err := o.Store.Institutions(ctx)
	return newBook(all), plain(err)
}

// editOne changes one institution and writes one line. change says false when
// there is nothing to do; it may run more than once.
func (o *Office) editOne(ctx context.Context, code, action, note string, change func(*store.Institution) (bool, error)) (store.Institution, error) {
	code, err := schoolCode(code)
	if err != nil {
		return store.Institution{}, err
	}
	var after store.Institution
	err = o.Store.EditInstitutions(ctx, func(all []store.Institution, _ map[string]int) (store.RegisterEdit, error) {
		in, err := newBook(all).find(code)
		if err != nil {
			return store.RegisterEdit{}, err
		}
		after = *in
		changed, err := change(&after)
		if err != nil || !changed {
			return store.RegisterEdit{}, err
		}
		return store.RegisterEdit{Put: []store.Institution{after}, Acts: []store.Act{o.act(action, &after, note)}}, nil
	})
	return after, plain(err)
}
