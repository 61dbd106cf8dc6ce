package office

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rileva/internal/register"
	"rileva/internal/store"
	"rileva/pkg/survey"
)

// GroupRequest joins paritarie of one manager. Whole institutions are joined,
// whichever of their codes are named.
type GroupRequest struct {
	Codes []string `json:"codes"`
	Keep  string   `json:"keep,omitempty"` // whose submissions stay, when two have some
}

// GroupReply says what became one, and what that means for the schools.
type GroupReply struct {
	Institution store.Institution `json:"institution"`
	Changed     bool              `json:"changed"`
	Joined      []Brief           `json:"joined"`      // those that are no longer of their own
	Kept        string            `json:"kept"`        // login code, before, of the one whose id, password and submissions stay
	SetAside    []string          `json:"set_aside"`   // login codes of those whose submissions no longer count
	LoginMoved  bool              `json:"login_moved"` // the kept one signs in with another code now
}

// GroupInstitutions makes one institution of several. The one that stays is
// the one that has submitted, else the one that has a password, else the first
// in byte order; the tokens of the others end.
func (o *Office) GroupInstitutions(ctx context.Context, r GroupRequest) (GroupReply, error) {
	codes, err := schoolCodes(r.Codes)
	if err == nil && len(codes) == 0 {
		err = fail("codes_missing")
	}
	if err != nil {
		return GroupReply{}, err
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
		g := grouping{o: o, book: newBook(all), sent: sent, accounts: accounts, reply: &reply}
		return g.join(codes, keep)
	})
	if err != nil {
		return GroupReply{}, err
	}
	reply.Institution, err = o.find(ctx, reply.Institution.Code)
	return reply, err
}

// grouping works inside one transaction.
type grouping struct {
	o        *Office
	book     book
	sent     map[string]int
	accounts map[string]store.Account
	reply    *GroupReply
	merge    *MergeRequest // nil for paritarie of one manager
}

func (g *grouping) join(codes []string, keep string) (store.RegisterEdit, error) {
	var edit store.RegisterEdit
	members, err := g.book.findAll(codes)
	if err != nil {
		return edit, err
	}
	for _, in := range members {
		if g.merge == nil && in.Kind != survey.KindParitaria {
			return edit, fail("not_paritaria", in.Code)
		}
	}
	stays, err := g.survivor(members, keep)
	if err != nil {
		return edit, err
	}
	after := *stays
	g.reply.Kept, g.reply.Institution = stays.Code, after
	if len(members) == 1 {
		// All of them are one already: saying so again confirms the guess.
		if len(after.Codes) < 2 {
			return edit, fail("group_of_one", after.Code)
		}
		if after.Confirmed {
			return edit, nil
		}
	}
	for _, in := range members {
		if in == stays {
			continue
		}
		after.Codes = append(slices.Clone(after.Codes), in.Codes...)
		after.Schools = append(slices.Clone(after.Schools), in.Schools...)
		after.ExpectedTracks = inFormOrder(append(slices.Clone(after.ExpectedTracks), in.ExpectedTracks...))
		edit.Remove = append(edit.Remove, in.ID)
		if edit.Heirs == nil {
			edit.Heirs = map[string]string{}
		}
		edit.Heirs[in.ID] = stays.ID
		edit.EndSessions = append(edit.EndSessions, in.ID)
		g.reply.Joined = append(g.reply.Joined, brief(in.Institution))
		if g.sent[in.ID] > 0 {
			g.reply.SetAside = append(g.reply.SetAside, in.Code)
		}
	}
	action := actionGroup
	if g.merge == nil {
		settle(&after)
	} else {
		action = actionMerge
		g.settleMerger(&after)
	}
	g.reply.Changed, g.reply.LoginMoved, g.reply.Institution = true, after.Code != stays.Code, after
	note := strings.Join(after.Codes, " ")
	if len(g.reply.SetAside) > 0 {
		note += "; keep " + stays.Code
	}
	edit.Put = []store.Institution{after}
	if g.merge != nil {
		note = g.merge.Old + " into " + g.merge.New + "; " + note + "; " + g.merge.Reason
	}
	edit.Acts = []store.Act{g.o.act(action, &after, note)}
	return edit, nil
}

// survivor is the one whose id stays.
func (g *grouping) survivor(members []*store.Institution, keep string) (*store.Institution, error) {
	var chosen *store.Institution
	if keep != "" {
		i := slices.IndexFunc(members, func(in *store.Institution) bool { return slices.Contains(in.Codes, keep) })
		if i < 0 {
			return nil, fail("keep_outside", keep)
		}
		chosen = members[i]
	}
	var submitted, signed []*store.Institution
	for _, in := range members {
		if g.sent[in.ID] > 0 {
			submitted = append(submitted, in)
		}
		if _, ok := g.accounts[in.ID]; ok {
			signed = append(signed, in)
		}
	}
	switch {
	case chosen == nil && len(submitted) > 1:
		who := make([]string, len(submitted))
		for i, in := range submitted {
			who[i] = fmt.Sprintf("%s (%d)", in.Code, g.sent[in.ID])
		}
		return nil, fail("keep_needed", strings.Join(who, ", "))
	case chosen != nil && g.sent[chosen.ID] == 0 && len(submitted) > 0:
		// Keeping the empty one would set submissions aside for nothing.
		return nil, fail("keep_empty", chosen.Code, submitted[0].Code)
	case chosen != nil:
		return chosen, nil
	case len(submitted) == 1:
		return submitted[0], nil
	}
	candidates := members
	if len(signed) > 0 {
		candidates = signed
	}
	return slices.MinFunc(candidates, func(a, b *store.Institution) int { return strings.Compare(a.Code, b.Code) }), nil
}

// settle brings a group that the office has decided on into its form.
func settle(in *store.Institution) {
	slices.Sort(in.Codes)
	in.Code = survey.FirstSchoolCode(in.Codes)
	slices.SortFunc(in.Schools, func(a, b register.School) int { return strings.Compare(a.Code, b.Code) })
	for _, s := range in.Schools {
		// The name and the address are those of the code that it signs in with.
		if s.Code == in.Code && s.Name != "" {
			in.Name, in.Comune, in.Address, in.Province = s.Name, s.Comune, s.Address, s.Province
			in.Email, in.PEC = s.Email, s.PEC
		}
	}
	if in.Proposed {
		in.Proposed = false
	} else if len(in.Codes) > 1 {
		in.Why = "Raggruppate dall'Ufficio."
	}
	in.Confirmed = true
}

// UngroupRequest takes codes out of their groups.
type UngroupRequest struct {
	Codes []string `json:"codes"`
}

// Ungrouped is one group after codes have left it.
type Ungrouped struct {
	Kept  Brief   `json:"kept"`  // the side that keeps id, password and submissions
	Parts int     `json:"parts"` // how many it has submitted
	Left  []Brief `json:"left"`  // each an institution of its own now
}

// UngroupInstitutions makes each of the codes an institution of its own. What
// the group has sent stays with the codes that are left of it, or, when all
// leave, with the first in byte order. Its tokens end.
func (o *Office) UngroupInstitutions(ctx context.Context, r UngroupRequest) ([]Ungrouped, error) {
	codes, err := schoolCodes(r.Codes)
	if err == nil && len(codes) == 0 {
		err = fail("codes_missing")
	}
	if err != nil {
		return nil, err
	}
	var reply []Ungrouped
	err = o.Store.EditInstitutions(ctx, func(all []store.Institution, sent map[string]int) (store.RegisterEdit, error) {
		reply = []Ungrouped{}
		var edit store.RegisterEdit
		b := newBook(all)
		groups, err := b.findAll(codes)
		if err != nil {
			return edit, err
		}
		for _, in := range groups {
			if in.Kind != survey.KindParitaria {
				return edit, fail("not_paritaria", in.Code)
			}
			if len(in.Codes) < 2 {
				return edit, fail("not_a_group", in.Code)
			}
			if n := sent[in.ID]; n > 0 && slices.Contains(codes, in.Code) {
				// What was sent bears that code; the rest of the group must not
				// inherit it, nor its password.
				rest := slices.DeleteFunc(slices.Clone(in.Codes), func(c string) bool { return slices.Contains(codes, c) })
				return edit, fail("ungroup_sender", in.Code, n, strings.Join(rest, " "))
			}
			reply = append(reply, o.split(in, codes, sent[in.ID], &edit))
		}
		return edit, nil
	})
	return reply, plain(err)
}

func (o *Office) split(in *store.Institution, leaving []string, parts int, edit *store.RegisterEdit) Ungrouped {
	leaves := func(code string) bool { return slices.Contains(leaving, code) }
	var stay, left []string
	for _, c := range in.Codes {
		if leaves(c) {
			left = append(left, c)
		} else {
			stay = append(stay, c)
		}
	}
	if len(stay) == 0 {
		stay, left = left[:1], left[1:] // codes are in byte order
	}
	out := Ungrouped{Parts: parts, Left: []Brief{}}
	kept := o.part(in, stay)
	kept.ID, kept.AddedAt, kept.Excluded = in.ID, in.AddedAt, in.Excluded
	if in.OwnTracks {
		kept.ExpectedTracks, kept.OwnTracks = in.ExpectedTracks, true
	}
	out.Kept = brief(kept.Institution)
	edit.Put = append(edit.Put, kept)
	for _, c := range left {
		one := o.part(in, []string{c})
		out.Left = append(out.Left, brief(one.Institution))
		edit.Put = append(edit.Put, one)
	}
	edit.EndSessions = append(edit.EndSessions, in.ID)
	edit.Acts = append(edit.Acts, o.act(actionUngroup, &kept, strings.Join(left, " ")))
	return out
}

// part is some of the codes of a group as an institution, without its id.
func (o *Office) part(in *store.Institution, codes []string) store.Institution {
	out := *in
	out.ID, out.AddedAt, out.Excluded, out.OwnTracks, out.Why = "", o.Now(), "", false, ""
	out.Codes, out.Schools = slices.Clone(codes), []register.School{}
	for _, s := range in.Schools {
		if slices.Contains(codes, s.Code) {
			out.Schools = append(out.Schools, s)
		}
	}
	out.ExpectedTracks = tracksOf(codes)
	out.Proposed = true // settle takes it away and writes no reason
	settle(&out)
	if len(codes) > 1 {
		out.Why = "Raggruppate dall'Ufficio."
	}
	return out
}

// ConfirmRequest names groups; none names all.
type ConfirmRequest struct {
	Codes []string `json:"codes,omitempty"`
}

// ConfirmGroups turns guessed groups into decided ones and lists those that it
// turned.
func (o *Office) ConfirmGroups(ctx context.Context, r ConfirmRequest) ([]Brief, error) {
	codes, err := schoolCodes(r.Codes)
	if err != nil {
		return nil, err
	}
	var confirmed []Brief
	err = o.Store.EditInstitutions(ctx, func(all []store.Institution, _ map[string]int) (store.RegisterEdit, error) {
		confirmed = []Brief{}
		var edit store.RegisterEdit
		b := newBook(all)
		named, err := b.findAll(codes)
		if err != nil {
			return edit, err
		}
		if len(codes) == 0 {
			for i := range all {
				named = append(named, &all[i])
			}
		}
		for _, in := range named {
			if in.Confirmed {
				continue
			}
			after := *in
			after.Confirmed, after.Proposed = true, false
			confirmed = append(confirmed, brief(after.Institution))
			edit.Put = append(edit.Put, after)
			edit.Acts = append(edit.Acts, o.act(actionConfirm, &after, strings.Join(after.Codes, " ")))
		}
		return edit, nil
	})
	return confirmed, plain(err)
}
