package office

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"rileva/internal/account"
	"rileva/internal/store"
)

// MaxCredentials is how many passwords one call makes. A hash takes some 30
// ms, and what was stored can be shown only by the answer that is on its way:
// with small calls an interruption costs few resets.
const MaxCredentials = 32

// PlanRequest asks who would get a password.
type PlanRequest struct {
	All   bool     `json:"all,omitempty"`
	Codes []string `json:"codes,omitempty"`
	Reset bool     `json:"reset,omitempty"` // also those that have one
}

// PlanReply sorts the institutions meant.
type PlanReply struct {
	Targets     []Brief `json:"targets"`     // will get one
	Already     int     `json:"already"`     // have one
	Revoked     []Brief `json:"revoked"`     // had one that was revoked: only a reset gives another
	Unconfirmed []Brief `json:"unconfirmed"` // guessed groups: who signs in is not certain yet
	Excluded    []Brief `json:"excluded"`    // owe nothing
}

// PlanCredentials tells it without doing anything.
func (o *Office) PlanCredentials(ctx context.Context, r PlanRequest) (PlanReply, error) {
	reply := PlanReply{Targets: []Brief{}, Revoked: []Brief{}, Unconfirmed: []Brief{}, Excluded: []Brief{}}
	codes, err := schoolCodes(r.Codes)
	if err != nil {
		return reply, err
	}
	b, err := o.institutions(ctx)
	if err != nil {
		return reply, err
	}
	accounts, err := o.Store.Accounts(ctx)
	if err != nil {
		return reply, err
	}
	meant, err := b.findAll(codes)
	if err != nil {
		return reply, err
	}
	if r.All {
		meant = nil
		for i := range b.all {
			meant = append(meant, &b.all[i])
		}
	}
	for _, in := range meant {
		a, has := accounts[in.ID]
		switch one := brief(in.Institution); {
		case !in.Confirmed:
			reply.Unconfirmed = append(reply.Unconfirmed, one)
		case in.Excluded != "":
			reply.Excluded = append(reply.Excluded, one)
		case r.Reset || credentialsState(a, has) == CredentialsNone:
			reply.Targets = append(reply.Targets, one)
		case a.Revoked:
			reply.Revoked = append(reply.Revoked, one)
		default:
			reply.Already++
		}
	}
	return reply, nil
}

// IssueRequest names who gets a password, at most MaxCredentials.
type IssueRequest struct {
	Codes []string `json:"codes"`
	Reset bool     `json:"reset,omitempty"`
}

// Credential is a password on its only way out.
type Credential struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Password string `json:"password"`
}

// IssueCredentials makes one-time passwords and stores their hashes. Those
// that have one already, are unconfirmed or excluded get none and are left
// out of the reply: somebody else was faster than the plan.
func (o *Office) IssueCredentials(ctx context.Context, r IssueRequest) ([]Credential, error) {
	if len(r.Codes) > MaxCredentials {
		return nil, fail("other_version")
	}
	plan, err := o.PlanCredentials(ctx, PlanRequest{Codes: r.Codes, Reset: r.Reset})
	if err != nil {
		return nil, err
	}
	b, err := o.institutions(ctx)
	if err != nil {
		return nil, err
	}
	made := map[string]Credential{}
	for _, t := range plan.Targets {
		in, err := b.find(t.Code)
		if err != nil {
			return nil, err
		}
		made[in.ID] = Credential{t.Code, t.Name, account.NewOneTimePassword(o.Rand)}
	}
	hashes, err := o.hashAll(ctx, made)
	if err != nil {
		return nil, err
	}
	action := actionIssue
	if r.Reset {
		action = actionReset
	}
	written, err := o.Store.IssueCredentials(ctx, hashes, r.Reset, o.Now(), o.act(action, nil, ""))
	if err != nil {
		return nil, err
	}
	out := []Credential{}
	for _, id := range written {
		out = append(out, made[id])
	}
	slices.SortFunc(out, func(a, b Credential) int { return strings.Compare(a.Code, b.Code) })
	return out, nil
}

// hashAll hashes them side by side; the Hasher bounds how many run at once.
func (o *Office) hashAll(ctx context.Context, made map[string]Credential) (map[string]string, error) {
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex // guards hashes and failed
		hashes = map[string]string{}
		failed error
	)
	for id, c := range made {
		wg.Go(func() {
			hash, err := o.Hasher.HashPassword(ctx, account.NormalizeOneTimePassword(c.Password))
			mu.Lock()
			defer mu.Unlock()
			if hashes[id] = hash; err != nil {
				failed = fmt.Errorf("hash a one-time password: %w", err)
			}
		})
	}
	wg.Wait()
	return hashes, failed
}

// RevokeRequest ends what opens the server to one institution.
type RevokeRequest struct {
	Code   string `json:"code"`
	Device string `json:"device,omitempty"` // "": every device, and the password
}

// RevokeReply says what ended.
type RevokeReply struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Sessions int    `json:"sessions"`
	Password bool   `json:"password"` // revoked too: only a reset opens again
	Already  bool   `json:"already"`  // the password had been revoked before
	Unknown  bool   `json:"unknown"`  // no session has that device's name
}

// RevokeCredentials ends the tokens of an institution, or those of one device.
func (o *Office) RevokeCredentials(ctx context.Context, r RevokeRequest) (RevokeReply, error) {
	in, err := o.find(ctx, r.Code)
	if err != nil {
		return RevokeReply{}, err
	}
	accounts, err := o.Store.Accounts(ctx)
	if err != nil {
		return RevokeReply{}, err
	}
	var a store.Account
	a, ok := accounts[in.ID]
	if credentialsState(a, ok) == CredentialsNone {
		return RevokeReply{}, fail("no_credentials", in.Code)
	}
	act := o.act(actionRevoke, &in, "")
	act.Device = r.Device
	n, err := o.Store.RevokeSessions(ctx, in.ID, r.Device, act)
	return RevokeReply{Code: in.Code, Name: in.Name, Sessions: n, Password: r.Device == "", Already: a.Revoked, Unknown: r.Device != "" && n == 0}, err
}
