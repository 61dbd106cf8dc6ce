package office

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"rileva/internal/register"
	"rileva/internal/store"
	"rileva/pkg/survey"
)

// MaxRegisterFile bounds a register file as it is on the disk. The ministry's
// largest has 13 MB unpacked.
const MaxRegisterFile = register.DefaultMaxBytes

// File is a file that the command has read.
type File struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

// ImportRequest brings register files in.
type ImportRequest struct {
	Files    []File `json:"files"`
	Province string `json:"province,omitempty"` // AllProvinces takes all; "" where the files name one only
	DryRun   bool   `json:"dry_run,omitempty"`
	// AcceptGone stores although many codes are gone.
	AcceptGone bool `json:"accept_gone,omitempty"`
}

// AllProvinces is the province that stands for all of them.
const AllProvinces = "ALL"

// manyGone: when more than one code in so many is gone, the file was cut
// between two rows more likely than that many schools closed.
const manyGone = 10

// ImportFile is what one file held.
type ImportFile struct {
	Name    string         `json:"name"`
	Rows    int            `json:"rows"`
	Schools int            `json:"schools"`
	Skipped map[string]int `json:"skipped"` // by reason
}

// GoneInstitution is in the store and no longer in the files.
type GoneInstitution struct {
	Brief
	Into []string `json:"into"` // login codes of those that have its codes now
	// Merged: all its codes went elsewhere and it had submitted nothing, so it
	// is one with them now. Otherwise it stays.
	Merged bool `json:"merged"`
	Parts  int  `json:"parts"` // how many it has submitted
}

// ChangedInstitution is described otherwise than before.
type ChangedInstitution struct {
	Code    string            `json:"code"`
	Name    string            `json:"name"`
	Changes []register.Change `json:"changes"`
}

// ImportReply reports what an import has changed, or would change.
type ImportReply struct {
	DryRun       bool                 `json:"dry_run"`
	Stored       bool                 `json:"stored"`
	Files        []ImportFile         `json:"files"`
	Schools      int                  `json:"schools"`
	Institutions int                  `json:"institutions"`
	Added        []Brief              `json:"added"`
	Changed      []ChangedInstitution `json:"changed"`
	Gone         []GoneInstitution    `json:"gone"`
	GoneCodes    []register.GoneCode  `json:"gone_codes"`
	Unchanged    int                  `json:"unchanged"`
	Lost         int                  `json:"lost"`        // codes that are gone…
	Known        int                  `json:"known"`       // …of those that the store had where the files speak of
	ManyGone     bool                 `json:"many_gone"`   // so many that the file may be cut
	Unconfirmed  []Brief              `json:"unconfirmed"` // groups in the store, or about to be, that are guesses
	Rejected     []register.Fault     `json:"rejected"`    // any refuses the whole import
}

// ImportRegister reads the files, compares them with the store and stores all
// or nothing. A row that cannot be taken refuses everything: an office that
// overlooks it has a school that cannot sign in. Rows outside the province
// asked for are skipped, not rejected, as far as the row tells its province.
func (o *Office) ImportRegister(ctx context.Context, r ImportRequest) (ImportReply, error) {
	reply := ImportReply{DryRun: r.DryRun, Files: []ImportFile{}, Added: []Brief{}, Changed: []ChangedInstitution{},
		Gone: []GoneInstitution{}, GoneCodes: []register.GoneCode{}, Unconfirmed: []Brief{}, Rejected: []register.Fault{}}
	found, scope, err := read(r, &reply)
	if err != nil || len(reply.Rejected) > 0 {
		return reply, plain(err)
	}
	edit := func(all []store.Institution, sent map[string]int) (store.RegisterEdit, error) {
		m := &merger{o: o, found: found, scope: scope, all: all, sent: sent, reply: &reply}
		out := m.merge()
		m.countLost()
		if reply.ManyGone && !r.AcceptGone && !r.DryRun {
			return store.RegisterEdit{}, fail("many_gone", reply.Lost, reply.Known)
		}
		return out, nil
	}
	if r.DryRun {
		return reply, o.dryRun(ctx, edit)
	}
	if err := o.Store.EditInstitutions(ctx, edit); err != nil {
		return ImportReply{}, plain(err)
	}
	reply.Stored = true
	return reply, nil
}

// dryRun shows edit what a transaction would show it, and stores nothing.
func (o *Office) dryRun(ctx context.Context, edit func([]store.Institution, map[string]int) (store.RegisterEdit, error)) error {
	all, err := o.Store.Institutions(ctx)
	if err != nil {
		return err
	}
	parts, err := o.Store.AllParts(ctx)
	if err != nil {
		return err
	}
	sent := map[string]int{}
	for id, list := range parts {
		sent[id] = len(list)
	}
	_, err = edit(all, sent)
	return err
}

// read takes all files together and notes what they hold in reply.
func read(r ImportRequest, reply *ImportReply) ([]register.Institution, register.Scope, error) {
	if len(r.Files) == 0 {
		return nil, nil, fail("no_file")
	}
	var schools []register.School
	var scopes []register.Scope
	provinces := map[string]bool{}
	wanted := r.Province
	if strings.EqualFold(oneLine(wanted), AllProvinces) {
		wanted = ""
	}
	for i, f := range r.Files {
		for _, other := range r.Files[:i] {
			if bytes.Equal(other.Data, f.Data) {
				return nil, nil, fail("same_file", other.Name, f.Name)
			}
		}
		result, err := register.Read(f.Name, bytes.NewReader(f.Data), register.Options{Province: wanted})
		if err != nil {
			return nil, nil, err
		}
		reply.Files = append(reply.Files, ImportFile{f.Name, result.Rows, len(result.Schools), result.Skipped})
		reply.Rejected = append(reply.Rejected, result.Rejected...)
		schools = append(schools, result.Schools...)
		scopes = append(scopes, result.Scope)
		for _, p := range result.Provinces {
			provinces[p] = true
		}
	}
	if p := strings.ToUpper(oneLine(wanted)); p != "" && !provinces[p] {
		return nil, nil, fail("unknown_province", r.Province, listed(provinces))
	}
	if r.Province == "" && len(provinces) > 1 {
		// The ministry's file is that of all Italy: thousands of schools that
		// are not this office's would be expected to answer.
		return nil, nil, fail("province_needed", len(provinces), listed(provinces), len(schools))
	}
	reply.Schools = len(schools)
	if len(schools) == 0 && len(reply.Rejected) == 0 {
		return nil, nil, fail("no_schools")
	}
	found, faults := register.Group(schools)
	reply.Institutions = len(found)
	reply.Rejected = append(reply.Rejected, faults...)
	for _, in := range found {
		for i := range in.Schools {
			// The report names the file as it was typed; the store need not know
			// the folders of whoever typed it.
			in.Schools[i].File = filepath.Base(in.Schools[i].File)
		}
	}
	return found, register.MergeScopes(scopes...), nil
}

func listed(set map[string]bool) string {
	var names []string
	for n := range set {
		names = append(names, n)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, ", ")
}

// merger makes the edit of one import out of the comparison.
type merger struct {
	o     *Office
	found []register.Institution
	scope register.Scope
	all   []store.Institution
	sent  map[string]int
	reply *ImportReply

	byID map[string]store.Institution
	put  map[string]store.Institution // by id; new ones by "+" and their code
}

func (m *merger) merge() store.RegisterEdit {
	m.byID, m.put = map[string]store.Institution{}, map[string]store.Institution{}
	have := make([]register.Institution, len(m.all))
	for i, in := range m.all {
		have[i] = in.Institution
		m.byID[in.ID] = in
	}
	report := register.Compare(have, m.found, m.scope)
	r := m.reply // filled anew: the store may run an edit twice
	r.Added, r.Changed, r.Gone, r.Unconfirmed = []Brief{}, []ChangedInstitution{}, []GoneInstitution{}, []Brief{}
	r.GoneCodes, r.Unchanged = report.GoneCodes, report.Unchanged
	for _, in := range report.Added {
		m.put["+"+in.Code] = store.Institution{Institution: in, Confirmed: !in.Proposed, AddedAt: m.o.Now()}
		r.Added = append(r.Added, brief(in))
	}
	for _, c := range report.Changed {
		m.change(c)
	}
	var edit store.RegisterEdit
	for _, g := range report.Gone {
		m.gone(g, &edit)
	}
	for _, in := range m.put {
		edit.Put = append(edit.Put, in)
	}
	slices.SortFunc(edit.Put, func(a, b store.Institution) int { return strings.Compare(a.Code, b.Code) })
	m.unconfirmed(edit)
	if len(edit.Put)+len(edit.Remove) > 0 {
		names := make([]string, len(r.Files))
		for i, f := range r.Files {
			names[i] = filepath.Base(f.Name)
		}
		edit.Acts = []store.Act{m.o.act(actionImport, nil, fmt.Sprintf("%s; added %d, changed %d, merged %d",
			strings.Join(names, " "), len(r.Added), len(r.Changed), len(edit.Remove)))}
	}
	return edit
}

// countLost counts the codes that the store has, where the files speak of, and
// the files no longer name.
func (m *merger) countLost() {
	named := map[string]bool{}
	for _, in := range m.found {
		for _, c := range in.Codes {
			named[c] = true
		}
	}
	m.reply.Lost, m.reply.Known = 0, 0
	for _, in := range m.all {
		if in.ByHand || !m.scope.Has(in.Kind, in.Province) {
			continue
		}
		for _, c := range in.Codes {
			m.reply.Known++
			if !named[c] {
				m.reply.Lost++
			}
		}
	}
	m.reply.ManyGone = m.reply.Known >= manyGone && m.reply.Lost*manyGone > m.reply.Known
}

// change takes what the register says and keeps what the office has decided.
func (m *merger) change(c register.Changed) {
	before := m.byID[c.Now.ID]
	after := before
	after.Institution = c.Now
	after.ByHand = false // the register knows it now
	changes := c.Changes
	if before.OwnTracks {
		after.ExpectedTracks = before.ExpectedTracks
		changes = slices.DeleteFunc(slices.Clone(changes), func(x register.Change) bool { return x.Field == "expected_tracks" })
	}
	if len(changes) == 0 {
		m.reply.Unchanged++
		return
	}
	m.put[after.ID] = after
	m.reply.Changed = append(m.reply.Changed, ChangedInstitution{c.Code, after.Name, changes})
}

// gone reports an institution that the files lack. After a merger of schools
// its codes are another's. What it has submitted is never moved by an import:
// then it keeps its codes, and the office decides.
func (m *merger) gone(g register.Gone, edit *store.RegisterEdit) {
	out := GoneInstitution{Brief: brief(g.Institution), Into: g.Into, Parts: m.sent[g.ID]}
	before := m.byID[g.ID]
	moved, heir := map[string]bool{}, ""
	for _, in := range m.put {
		for _, c := range in.Codes {
			moved[c] = in.ID != g.ID && slices.Contains(before.Codes, c) || moved[c]
		}
		if in.ID != g.ID && slices.Contains(in.Codes, before.Code) {
			heir = in.ID
		}
	}
	left := slices.DeleteFunc(slices.Clone(before.Codes), func(c string) bool { return moved[c] })
	switch {
	case len(left) == len(before.Codes):
	case len(left) > 0:
		after := before
		after.Codes = left
		after.Schools = slices.DeleteFunc(slices.Clone(before.Schools), func(s register.School) bool { return moved[s.Code] })
		if moved[before.Code] {
			after.Code = survey.FirstSchoolCode(left)
		}
		m.put[after.ID] = after
	case m.sent[g.ID] == 0:
		out.Merged = true
		edit.Remove = append(edit.Remove, g.ID)
		if edit.Heirs == nil {
			edit.Heirs = map[string]string{}
		}
		edit.Heirs[g.ID] = heir
		edit.EndSessions = append(edit.EndSessions, g.ID)
	default:
		m.giveBack(before)
	}
	m.reply.Gone = append(m.reply.Gone, out)
}

// giveBack takes an institution's codes out of those that the files gave them to.
func (m *merger) giveBack(owner store.Institution) {
	for key, in := range m.put {
		in.Codes = slices.DeleteFunc(slices.Clone(in.Codes), func(c string) bool { return slices.Contains(owner.Codes, c) })
		in.Schools = slices.DeleteFunc(slices.Clone(in.Schools), func(s register.School) bool { return slices.Contains(owner.Codes, s.Code) })
		m.put[key] = in
	}
}

// unconfirmed lists the guesses as they stand after the edit.
func (m *merger) unconfirmed(edit store.RegisterEdit) {
	for _, in := range m.all {
		if after, ok := m.put[in.ID]; ok {
			in = after
		}
		if !in.Confirmed && !slices.Contains(edit.Remove, in.ID) {
			m.reply.Unconfirmed = append(m.reply.Unconfirmed, brief(in.Institution))
		}
	}
	for _, in := range edit.Put {
		if in.ID == "" && !in.Confirmed {
			m.reply.Unconfirmed = append(m.reply.Unconfirmed, brief(in.Institution))
		}
	}
	slices.SortFunc(m.reply.Unconfirmed, func(a, b Brief) int { return strings.Compare(a.Code, b.Code) })
}
