package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"rileva/internal/account"
	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// tokenLife: a school fills the form in over weeks and should not have to look
// for the letter again; a device that was forgotten should not stay signed in
// until the next survey.
const tokenLife = 30 * 24 * time.Hour

// maxTyped bounds what is hashed. No password is longer (account.MaxPassword
// characters of up to four bytes), but a one-time password may be typed with
// any number of spaces.
const maxTyped = 1024

// maxDevice bounds a device's name, in characters.
const maxDevice = 60

// signIn gives a token for a code and a password (contract, section 4). A
// wrong password, an unknown code, a code without an account and a revoked one
// cannot be told apart, by the answer or by its time.
func (s *Server) signIn(c *call) error {
	var in surveysync.SignIn
	if err := c.object(&in, "device"); err != nil {
		return err
	}
	// A session without a name could not be ended alone.
	in.Device = cmp.Or(tidy(in.Device, maxDevice), wordsIn(c.lang).noDevice)
	code, network := survey.NormalizeSchoolCode(in.Code), networkOf(c.r.RemoteAddr)
	if network != "" {
		if wait, err := s.delays.Wait(c.ctx(), network, s.now()); err != nil || wait > 0 {
			return cmp.Or[error](err, c.rateLimited(wait))
		}
	}
	ctx, cancel := context.WithTimeout(c.ctx(), hashTimeout)
	defer cancel()
	inst, acc, err := s.findAccount(ctx, code)
	if err != nil {
		return err
	}
	if inst.ID != "" && inst.Code != code {
		// Before the password: which codes belong together is public, and the
		// person has the letter of another code in hand.
		p := c.problem(surveysync.UseFirstCode, inst.Code)
		p.LoginCode = inst.Code
		return p
	}
	key := code[:min(len(code), 16)] // no code is longer; what is must not fill the memory
	if wait, err := s.delays.Admit(ctx, key, s.now()); err != nil || wait > 0 {
		return cmp.Or[error](err, c.rateLimited(wait))
	}
	right, err := s.rightPassword(ctx, acc, in.Password)
	if err != nil {
		return err
	}
	if !right {
		if network != "" {
			if err := s.delays.Failed(ctx, network, s.now()); err != nil {
				return err
			}
		}
		return c.problem(surveysync.Unauthorized)
	}
	if err := s.delays.Succeeded(ctx, key); err != nil {
		return err
	}
	return s.openSession(c, inst, acc, in.Device)
}

// findAccount finds the institution that holds the code and its account; both
// are empty when there is none. It reads as often either way.
func (s *Server) findAccount(ctx context.Context, code string) (store.Institution, store.Account, error) {
	inst, err := s.store.FindInstitution(ctx, code)
	if err != nil && store.CodeOf(err) != surveysync.NotFound {
		return store.Institution{}, store.Account{}, err
	}
	acc, err := s.store.Account(ctx, inst.ID) // nobody has the id ""
	if err != nil && store.CodeOf(err) != surveysync.NotFound {
		return store.Institution{}, store.Account{}, err
	}
	if acc.Revoked {
		acc = store.Account{}
	}
	return inst, acc, nil
}

// rightPassword always does the work of one hash, also for no account.
func (s *Server) rightPassword(ctx context.Context, acc store.Account, typed string) (bool, error) {
	if acc.Hash == "" || len(typed) > maxTyped {
		return false, s.hasher.VerifyDummy(ctx, typed[:min(len(typed), maxTyped)])
	}
	if acc.OneTime {
		typed = account.NormalizeOneTimePassword(typed)
	}
	return s.hasher.VerifyPassword(ctx, acc.Hash, typed)
}

func (s *Server) openSession(c *call, inst store.Institution, acc store.Account, device string) error {
	token, hash := account.NewToken(s.random)
	now := s.now()
	session := store.Session{TokenHash: hash, InstitutionID: inst.ID, Device: device, CreatedAt: now, ExpiresAt: now.Add(tokenLife)}
	act := s.entry(c, surveysync.OutcomeOK)
	act.Institution, act.InstitutionID, act.Device = inst.Code, inst.ID, device
	if err := s.store.SignIn(c.ctx(), session, act); err != nil {
		return err
	}
	// The office may have reset the password while it was being verified. A
	// reset from now on ends this session too; one before shows here.
	_, again, err := s.findAccount(c.ctx(), inst.Code)
	if err == nil && again.Hash != acc.Hash {
		err = c.problem(surveysync.Unauthorized)
	}
	if err != nil {
		act.Action = surveysync.ActionSignOut
		return errors.Join(err, s.store.SignOut(c.ctx(), hash, act))
	}
	return c.sendJSON(http.StatusCreated, surveysync.Session{
		Token: token, ExpiresAt: session.ExpiresAt, Institution: store.Block(inst), MustChangePassword: acc.OneTime,
	})
}

// signOut ends the token at once.
func (s *Server) signOut(c *call) error {
	if err := s.store.SignOut(c.ctx(), c.token, s.entry(c, surveysync.OutcomeOK)); err != nil {
		return err
	}
	return c.sendStatus(http.StatusNoContent)
}

// changePassword replaces the password and ends every other token of the
// institution. Its failures are throttled apart from those of the sign-in: who
// holds a token must neither guess freely nor keep the school out.
func (s *Server) changePassword(c *call) error {
	var in surveysync.PasswordChange
	if err := c.object(&in); err != nil {
		return err
	}
	key := "password " + c.access.Institution.ID
	if wait, err := s.delays.Admit(c.ctx(), key, s.now()); err != nil || wait > 0 {
		return cmp.Or[error](err, c.rateLimited(wait))
	}
	ctx, cancel := context.WithTimeout(c.ctx(), hashTimeout)
	defer cancel()
	err := s.replacePassword(ctx, c, in)
	if store.CodeOf(err) == store.Conflict {
		// Changed since the token was looked up: perhaps by the first sending
		// of this very call, whose answer was lost.
		access, again := s.store.Access(ctx, c.token, s.now())
		if again != nil {
			return again
		}
		c.access = &access
		err = s.replacePassword(ctx, c, in)
	}
	var p *surveysync.Problem
	if err == nil || errors.As(err, &p) && p.Code == surveysync.Invalid {
		err = cmp.Or(err, s.delays.Succeeded(ctx, key)) // the current one was right
	}
	if err != nil {
		return err
	}
	return c.sendStatus(http.StatusNoContent)
}

func (s *Server) replacePassword(ctx context.Context, c *call, in surveysync.PasswordChange) error {
	acc, inst := c.access.Account, c.access.Institution
	right, err := s.rightPassword(ctx, acc, in.Current)
	if err != nil {
		return err
	}
	done := !acc.OneTime && in.New == in.Current
	if !right && !acc.OneTime { // or it was changed already and the answer was lost
		if done, err = s.rightPassword(ctx, acc, in.New); err != nil {
			return err
		}
	}
	switch {
	case done:
		// In force already, as far as was read: that it was asked again is written,
		// so that this answer too waits until the change is wherever it has to be.
		return s.store.ChangePassword(ctx, inst.ID, acc.Hash, acc.Hash, c.token, s.entry(c, surveysync.OutcomeReplayed))
	case !right:
		return c.problem(surveysync.WrongPassword)
	case acc.OneTime && account.SameOneTimePassword(in.New, in.Current):
		return c.refusedPassword(&account.Error{Code: account.CodeOneTime})
	}
	for _, code := range append([]string{inst.Code}, inst.Codes...) {
		if err := account.CheckNewPassword(in.New, code, inst.Name); err != nil {
			return c.refusedPassword(err)
		}
	}
	hash, err := s.hasher.HashPassword(ctx, in.New)
	if err != nil {
		return err
	}
	return s.store.ChangePassword(ctx, inst.ID, acc.Hash, hash, c.token, s.entry(c, surveysync.OutcomeOK))
}

// refusedPassword says in the person's words why, instead of the words for a
// program whose request has the wrong form.
func (c *call) refusedPassword(err error) error {
	var why *account.Error
	if !errors.As(err, &why) {
		return err
	}
	p := c.problem(surveysync.Invalid, "new")
	p.Title = wordsIn(c.lang).refusedPassword
	p.Detail, p.Hint = passwordIn(why, c.lang)
	return p
}
