package office

import (
	"context"
	"slices"
	"strings"

	"rileva/internal/register"
	"rileva/internal/store"
	"rileva/pkg/survey"
)

// MergeRequest makes one institution of two when the ministry has merged them
// between two years or in the middle of a survey.
type MergeRequest struct {
	Old    string `json:"old"` // goes into New
	New    string `json:"new"`
	Reason string `json:"reason"`
	Keep   string `json:"keep,omitempty"` // whose submissions stay, when both have some
}

// MergeInstitutions gives the new institution all codes of the old one. What
// one of them has submitted stays in force under the new code; when both have,
// the office says whose, and the other's is kept and no longer counts.
func (o *Office) MergeInstitutions(ctx context.Context, r MergeRequest) (GroupReply, error) {
	codes, err := schoolCodes([]string{r.Old, r.New})
	if err != nil {
		return GroupReply{}, err
	}
	if r.Reason = oneLine(r.Reason); r.Reason == "" {
		return GroupReply{}, fail("reason_missing")
	}
	keep := ""
	if r.Keep != "" {
		if keep, err = schoolCode(r.Keep); err != nil {
			return GroupReply{}, err
		}
	}
	accounts, err := o.Store.Accounts(ctx)
	if err != nil {
		return GroupReply{}, err
	}
	var reply GroupReply
	err = o.Store.EditInstitutions(ctx, func(all []store.Institution, sent map[string]int) (store.RegisterEdit, error) {
		reply = GroupReply{Joined: []Brief{}, SetAside: []string{}}
		b := newBook(all)
		members, err := b.findAll(codes)
		if err != nil {
			return store.RegisterEdit{}, err
		}
		if len(members) < 2 {
			return store.RegisterEdit{}, fail("merged_already", members[0].Code)
		}
		g := grouping{o: o, book: b, sent: sent, accounts: accounts, reply: &reply,
			merge: &MergeRequest{Old: members[0].Code, New: members[1].Code, Reason: r.Reason}}
		return g.join(codes, keep)
	})
	if err != nil {
		return GroupReply{}, plain(err)
	}
	reply.Institution, err = o.find(ctx, reply.Institution.Code)
	return reply, err
}

// settleMerger gives the merged institution what describes the new one,
// whichever of the two lends its id.
func (g *grouping) settleMerger(after *store.Institution) {
	into, err := g.book.find(g.merge.New)
	if err != nil {
		return // it was found before
	}
	after.Code, after.Name, after.Comune, after.Kind = into.Code, into.Name, into.Comune, into.Kind
	after.Address, after.Province, after.Email, after.PEC = into.Address, into.Province, into.Email, into.PEC
	slices.Sort(after.Codes)
	if after.Kind == survey.KindParitaria {
		after.Code = survey.FirstSchoolCode(after.Codes)
	}
	slices.SortFunc(after.Schools, func(a, b register.School) int { return strings.Compare(a.Code, b.Code) })
	after.Proposed, after.Confirmed, after.Excluded = false, true, into.Excluded
}

// RemoveRequest takes an institution out of the register.
type RemoveRequest struct {
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// RemoveInstitution takes out one that should never have been there. One that
// has submitted stays: its submissions are the proof of what it sent.
func (o *Office) RemoveInstitution(ctx context.Context, r RemoveRequest) (Brief, error) {
	code, err := schoolCode(r.Code)
	if err != nil {
		return Brief{}, err
	}
	reason := oneLine(r.Reason)
	if reason == "" {
		return Brief{}, fail("reason_missing")
	}
	var gone Brief
	err = o.Store.EditInstitutions(ctx, func(all []store.Institution, sent map[string]int) (store.RegisterEdit, error) {
		in, err := newBook(all).find(code)
		if err != nil {
			return store.RegisterEdit{}, err
		}
		if n := sent[in.ID]; n > 0 {
			return store.RegisterEdit{}, fail("has_sent", in.Code, n)
		}
		gone = brief(in.Institution)
		return store.RegisterEdit{Remove: []string{in.ID}, EndSessions: []string{in.ID},
			Acts: []store.Act{o.act(actionRemove, in, reason)}}, nil
	})
	return gone, plain(err)
}
