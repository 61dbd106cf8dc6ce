package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// accountRecord is an account as it is kept: store.Account leaves the hash out
// of its JSON, so that it cannot slip into an answer.
type accountRecord struct {
	store.Account
	Hash string `json:"hash"`
}

func (r accountRecord) account() store.Account {
	a := r.Account
	a.Hash = r.Hash
	return a
}

// accountOf finds the account of an institution. Error not_found.
func accountOf(tx Tx, institutionID string) (store.Account, error) {
	var r accountRecord
	found, err := ReadJSON(tx, BucketAccounts, []byte(institutionID), &r)
	if err == nil && !found {
		err = store.Errorf(surveysync.NotFound, "the institution %s has no account", institutionID)
	}
	return r.account(), err
}

func (w *write) putAccount(a store.Account) error {
	return w.putJSON(BucketAccounts, []byte(a.InstitutionID), accountRecord{Account: a, Hash: a.Hash})
}

// IssueCredentials implements store.Store.
func (s *Store) IssueCredentials(ctx context.Context, hashes map[string]string, replace bool, at time.Time, act store.Act) ([]string, error) {
	var written []string
	err := s.change(ctx, func(w *write) error {
		written = []string{}
		codes := map[string]string{}
		for _, id := range slices.Sorted(maps.Keys(hashes)) {
			in, err := institutionByID(w.tx, id)
			if err != nil {
				return err
			}
			codes[id] = in.Code
			if replace || w.tx.Bucket(BucketAccounts).Get([]byte(id)) == nil {
				written = append(written, id)
			}
		}
		for _, id := range written {
			if err := w.issue(id, codes[id], hashes[id], at, act); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return written, nil
}

func (w *write) issue(id, code, hash string, at time.Time, act store.Act) error {
	if _, err := w.endSessions(id, func([]byte, store.Session) bool { return true }); err != nil {
		return err
	}
	err := w.putAccount(store.Account{InstitutionID: id, Hash: hash, OneTime: true, IssuedAt: at.UTC()})
	if err != nil {
		return err
	}
	act.Institution, act.InstitutionID = code, id
	if act.At.IsZero() {
		act.At = at
	}
	_, err = w.append(act)
	return err
}

// Accounts implements store.Store.
func (s *Store) Accounts(ctx context.Context) (map[string]store.Account, error) {
	var all []pair
	err := s.view(ctx, func(tx Tx) error {
		all = copyOut(tx, BucketAccounts, nil)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string]store.Account, len(all))
	for _, p := range all {
		var r accountRecord
		if err := json.Unmarshal(p.value, &r); err != nil {
			return nil, fmt.Errorf("account %s: %w", p.key, err)
		}
		out[string(p.key)] = r.account()
	}
	return out, nil
}

// Account implements store.Store.
func (s *Store) Account(ctx context.Context, institutionID string) (a store.Account, err error) {
	err = s.view(ctx, func(tx Tx) (err error) { a, err = accountOf(tx, institutionID); return err })
	return a, err
}

// RevokeSessions implements store.Store.
func (s *Store) RevokeSessions(ctx context.Context, institutionID, device string, act store.Act) (int, error) {
	ended := 0
	err := s.change(ctx, func(w *write) error {
		in, err := institutionByID(w.tx, institutionID)
		if err != nil {
			return err
		}
		account, err := accountOf(w.tx, institutionID)
		hasAccount := err == nil
		if err != nil && !refused(err, surveysync.NotFound) {
			return err
		}
		ended, err = w.endSessions(institutionID, func(_ []byte, x store.Session) bool { return device == "" || x.Device == device })
		if err != nil {
			return err
		}
		if device == "" && hasAccount {
			account.Revoked = true
			if err := w.putAccount(account); err != nil {
				return err
			}
		}
		act.Institution, act.InstitutionID = in.Code, in.ID
		if device != "" {
			act.Device = device
		}
		_, err = w.append(act)
		return err
	})
	if err != nil {
		return 0, err
	}
	return ended, nil
}

func SessionIndexKey(institutionID string, hash []byte) []byte {
	return append(under(institutionID), hash...)
}

// endSessions ends those sessions of an institution that which picks, and says
// how many.
func (w *write) endSessions(institutionID string, which func(hash []byte, s store.Session) bool) (int, error) {
	prefix := under(institutionID)
	ended := 0
	// Copied first: a cursor must not walk over what is being deleted.
	for _, p := range copyOut(w.tx, BucketSessionsOf, prefix) {
		hash := bytes.TrimPrefix(p.key, prefix)
		var session store.Session
		if _, err := ReadJSON(w.tx, BucketSessions, hash, &session); err != nil {
			return 0, err
		}
		if !which(hash, session) {
			continue
		}
		ended++
		if err := errors.Join(w.delete(BucketSessions, hash), w.delete(BucketSessionsOf, p.key)); err != nil {
			return 0, err
		}
	}
	return ended, nil
}

// SignIn implements store.Store. An account that is gone or was revoked while
// its password was being hashed gets no token: error unauthorized.
func (s *Store) SignIn(ctx context.Context, session store.Session, act store.Act) error {
	return s.change(ctx, func(w *write) error {
		in, err := institutionByID(w.tx, session.InstitutionID)
		if err != nil {
			return asUnauthorized(err)
		}
		account, err := accountOf(w.tx, session.InstitutionID)
		if err != nil {
			return asUnauthorized(err)
		}
		if account.Revoked {
			return store.Errorf(surveysync.Unauthorized, "the password of %s is revoked", in.Code)
		}
		if w.tx.Bucket(BucketSessions).Get(session.TokenHash[:]) != nil {
			return errors.New("sign in: the token exists already")
		}
		// Those that have run out would otherwise stay for ever.
		_, err = w.endSessions(in.ID, func(_ []byte, x store.Session) bool { return !session.CreatedAt.Before(x.ExpiresAt) })
		if err != nil {
			return err
		}
		last := session.CreatedAt.UTC()
		account.LastUsed, account.LastDevice = &last, session.Device
		if account.FirstUsed == nil {
			account.FirstUsed = &last
		}
		err = errors.Join(w.putAccount(account), w.putJSON(BucketSessions, session.TokenHash[:], session),
			w.put(BucketSessionsOf, SessionIndexKey(in.ID, session.TokenHash[:]), []byte{}))
		if err != nil {
			return err
		}
		act.Institution, act.InstitutionID = in.Code, in.ID
		_, err = w.append(act)
		return err
	})
}

// asUnauthorized hides from a caller without rights that something is missing.
func asUnauthorized(err error) error {
	if refused(err, surveysync.NotFound) {
		return store.Errorf(surveysync.Unauthorized, "%v", err)
	}
	return err
}

// accessOf finds what a live token opens. Error unauthorized.
func (s *Store) accessOf(tx Tx, hash [32]byte, now time.Time) (a store.Access, err error) {
	sessions, institutions, accounts := tx.Bucket(BucketSessions), tx.Bucket(BucketInstitutions), tx.Bucket(BucketAccounts)
	last := s.owners.of(hash)
	if last != nil { // all in one journey, if the token is still the same school's
		tx.Fetch(Wanted{In: sessions, From: hash[:]}, Wanted{In: institutions, From: last}, Wanted{In: accounts, From: last})
	}
	raw := sessions.Get(hash[:])
	if raw != nil {
		if a.Session, err = s.sessions.decode(raw); err != nil {
			return a, fmt.Errorf("session: %w", err)
		}
	}
	if raw == nil || !now.Before(a.Session.ExpiresAt) {
		return store.Access{}, store.Errorf(surveysync.Unauthorized, "the token is unknown, ended or expired")
	}
	a.Session.TokenHash = hash
	id := []byte(a.Session.InstitutionID)
	if !bytes.Equal(id, last) {
		s.owners.keep(hash, id)
		tx.Fetch(Wanted{In: institutions, From: id}, Wanted{In: accounts, From: id})
	}
	institution, account := institutions.Get(id), accounts.Get(id)
	if institution == nil || account == nil {
		return store.Access{}, store.Errorf(surveysync.Unauthorized, "no institution or no account has the id %q", id)
	}
	if a.Institution, err = s.institutions.decode(institution); err != nil {
		return store.Access{}, fmt.Errorf("institution %s: %w", id, err)
	}
	record, err := s.accounts.decode(account)
	if err != nil {
		return store.Access{}, fmt.Errorf("account %s: %w", id, err)
	}
	a.Account = record.account()
	return a, nil
}

// Access implements store.Store. It does not wait for the disk: a token that is
// not there yet has been given to nobody, and whatever the call goes on to tell
// or to write waits itself.
func (s *Store) Access(ctx context.Context, tokenHash [32]byte, now time.Time) (store.Access, error) {
	var a store.Access
	err := s.glance(ctx, func(tx Tx) (err error) {
		a, err = s.accessOf(tx, tokenHash, now)
		return err
	})
	return a, err
}

// SignOut implements store.Store.
func (s *Store) SignOut(ctx context.Context, tokenHash [32]byte, act store.Act) error {
	return s.change(ctx, func(w *write) error {
		var session store.Session
		found, err := ReadJSON(w.tx, BucketSessions, tokenHash[:], &session)
		if err != nil || !found {
			return err
		}
		in, err := institutionByID(w.tx, session.InstitutionID)
		if err != nil {
			return err
		}
		err = errors.Join(w.delete(BucketSessions, tokenHash[:]),
			w.delete(BucketSessionsOf, SessionIndexKey(session.InstitutionID, tokenHash[:])))
		if err != nil {
			return err
		}
		act.Institution, act.InstitutionID = in.Code, in.ID
		_, err = w.append(act)
		return err
	})
}

// ChangePassword implements store.Store.
func (s *Store) ChangePassword(ctx context.Context, institutionID, oldHash, newHash string, keep [32]byte, act store.Act) error {
	return s.change(ctx, func(w *write) error {
		in, err := institutionByID(w.tx, institutionID)
		if err != nil {
			return err
		}
		account, err := accountOf(w.tx, institutionID)
		if err != nil {
			return err
		}
		if account.Revoked || account.Hash != oldHash {
			return store.Errorf(store.Conflict, "the password of %s has changed meanwhile", in.Code)
		}
		if newHash != oldHash {
			account.Hash, account.OneTime = newHash, false
			if err := w.putAccount(account); err != nil {
				return err
			}
			_, err = w.endSessions(institutionID, func(hash []byte, _ store.Session) bool { return !bytes.Equal(hash, keep[:]) })
			if err != nil {
				return err
			}
		}
		act.Institution, act.InstitutionID = in.Code, in.ID
		_, err = w.append(act)
		return err
	})
}
