package office

import (
	"context"
	"slices"
	"strings"

	"rileva/internal/register"
	"rileva/internal/store"
	"rileva/pkg/survey"
)

// Nothing is a request without fields.
type Nothing struct{}

// One names one institution by any of its codes.
type One struct {
	Code string `json:"code"`
}

// Brief is an institution in a list.
type Brief struct {
	Code   string   `json:"code"`
	Name   string   `json:"name"`
	Comune string   `json:"comune"`
	Kind   string   `json:"kind"`
	Codes  []string `json:"codes"`
	Why    string   `json:"why,omitempty"` // of a group that is a guess
}

func brief(in register.Institution) Brief {
	return Brief{Code: in.Code, Name: in.Name, Comune: in.Comune, Kind: in.Kind, Codes: in.Codes, Why: in.Why}
}

// The states of the credentials of one institution.
const (
	CredentialsNone    = "none"
	CredentialsIssued  = "issued" // a one-time password that nobody has used yet
	CredentialsUsed    = "used"
	CredentialsRevoked = "revoked"
)

func credentialsState(a store.Account, ok bool) string {
	switch {
	case !ok || a.Hash == "" && !a.Revoked && a.IssuedAt.IsZero():
		return CredentialsNone
	case a.Revoked:
		return CredentialsRevoked
	case a.FirstUsed == nil:
		return CredentialsIssued
	}
	return CredentialsUsed
}

// InstitutionRow is one line of the list.
type InstitutionRow struct {
	Brief
	ExpectedTracks []string `json:"expected_tracks"`
	Confirmed      bool     `json:"confirmed"`
	Excluded       string   `json:"excluded,omitempty"`
	ByHand         bool     `json:"by_hand,omitempty"`
	Credentials    string   `json:"credentials"`
}

// ListRequest selects institutions; zero fields select all.
type ListRequest struct {
	Kind        string `json:"kind,omitempty"`
	Comune      string `json:"comune,omitempty"`
	Unconfirmed bool   `json:"unconfirmed,omitempty"`
	Excluded    bool   `json:"excluded,omitempty"`
}

// ListInstitutions lists them by login code.
func (o *Office) ListInstitutions(ctx context.Context, r ListRequest) ([]InstitutionRow, error) {
	if r.Kind != "" && r.Kind != survey.KindState && r.Kind != survey.KindParitaria {
		return nil, fail("bad_kind", r.Kind)
	}
	b, err := o.institutions(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := o.Store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	rows := []InstitutionRow{}
	for _, in := range b.all {
		if r.Kind != "" && in.Kind != r.Kind || r.Comune != "" && !strings.EqualFold(in.Comune, r.Comune) ||
			r.Unconfirmed && in.Confirmed || r.Excluded && in.Excluded == "" {
			continue
		}
		a, ok := accounts[in.ID]
		rows = append(rows, InstitutionRow{Brief: brief(in.Institution), ExpectedTracks: in.ExpectedTracks,
			Confirmed: in.Confirmed, Excluded: in.Excluded, ByHand: in.ByHand, Credentials: credentialsState(a, ok)})
	}
	return rows, nil
}

// InstitutionReply is all that is known of one institution.
type InstitutionReply struct {
	store.Institution
	Account     *store.Account `json:"account,omitempty"`
	Credentials string         `json:"credentials"`
	Dates       *survey.Dates  `json:"dates,omitempty"` // where they differ from everybody's
	Contact     Contact        `json:"contact"`
}

// ShowInstitution gives one.
func (o *Office) ShowInstitution(ctx context.Context, r One) (InstitutionReply, error) {
	in, err := o.find(ctx, r.Code)
	if err != nil {
		return InstitutionReply{}, err
	}
	accounts, err := o.Store.Accounts(ctx)
	if err != nil {
		return InstitutionReply{}, err
	}
	reply := InstitutionReply{Institution: in}
	a, ok := accounts[in.ID]
	if reply.Credentials = credentialsState(a, ok); ok {
		reply.Account = &a
	}
	contacts, err := o.contacts(ctx, accounts, in.Code)
	if err != nil {
		return InstitutionReply{}, err
	}
	reply.Contact = o.contact(contacts, in)
	// Without a survey there are no dates, and the institution is there all the same.
	if s, err := o.Store.Survey(ctx); err == nil {
		if d, ok := s.Extensions[in.ID]; ok {
			reply.Dates = &d
		}
	}
	return reply, nil
}

// AddRequest describes a school that the register file lacks.
type AddRequest struct {
	Code   string   `json:"code"`
	Name   string   `json:"name"`
	Comune string   `json:"comune"`
	Kind   string   `json:"kind"`
	Codes  []string `json:"codes,omitempty"` // further ones
}

// AddReply is the institution as stored.
type AddReply struct {
	Institution store.Institution `json:"institution"`
	Doubtful    []string          `json:"doubtful"` // codes whose check character does not fit
}

// AddInstitution stores one by hand. A later import that holds its code takes
// it over under the same id.
func (o *Office) AddInstitution(ctx context.Context, r AddRequest) (AddReply, error) {
	in, doubtful, err := o.byHand(r)
	if err != nil {
		return AddReply{}, err
	}
	err = o.Store.EditInstitutions(ctx, func(all []store.Institution, _ map[string]int) (store.RegisterEdit, error) {
		b := newBook(all)
		for _, c := range in.Codes {
			if other, err := b.find(c); err == nil {
				return store.RegisterEdit{}, fail("code_taken", c, other.Code, other.Name)
			}
		}
		act := o.act(actionAdd, &in, strings.Join(in.Codes, " "))
		return store.RegisterEdit{Put: []store.Institution{in}, Acts: []store.Act{act}}, nil
	})
	if err != nil {
		return AddReply{}, err
	}
	stored, err := o.find(ctx, in.Code) // with the id that the store gave
	return AddReply{Institution: stored, Doubtful: doubtful}, err
}

func (o *Office) byHand(r AddRequest) (store.Institution, []string, error) {
	var in store.Institution
	codes, err := schoolCodes(append([]string{r.Code}, r.Codes...))
	if err != nil {
		return in, nil, err
	}
	name, comune := oneLine(r.Name), strings.ToUpper(oneLine(r.Comune))
	switch {
	case name == "":
		return in, nil, fail("name_missing")
	case comune == "":
		return in, nil, fail("comune_missing")
	case r.Kind != survey.KindState && r.Kind != survey.KindParitaria:
		return in, nil, fail("bad_kind", r.Kind)
	}
	in.Institution.Institution = survey.Institution{Code: codes[0], Name: name, Comune: comune, Kind: r.Kind}
	if r.Kind == survey.KindParitaria {
		in.Code = survey.FirstSchoolCode(codes)
	}
	slices.Sort(codes)
	doubtful := []string{}
	for _, c := range codes {
		if !survey.CheckCharacterOK(c) {
			doubtful = append(doubtful, c)
		}
	}
	in.Codes, in.ExpectedTracks = codes, tracksOf(codes)
	in.Schools = []register.School{}
	in.Confirmed, in.ByHand, in.AddedAt = true, true, o.Now()
	return in, doubtful, nil
}

// oneLine is a text of a person without line breaks and doubled spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var formOrder = []string{survey.TrackLiceale, survey.TrackTecnico, survey.TrackProfessionale, survey.TrackIeFP}

// inFormOrder gives each of the tracks once, in the order of the form.
func inFormOrder(tracks []string) []string {
	out := []string{}
	for _, t := range formOrder {
		if slices.Contains(tracks, t) {
			out = append(out, t)
		}
	}
	return out
}

// tracksOf is what the letters of the day schools' codes promise.
func tracksOf(codes []string) []string {
	var tracks []string
	for _, c := range codes {
		if t, ok := survey.TrackOfSchoolCode(c); ok && !survey.IsEveningCode(c) {
			tracks = append(tracks, t)
		}
	}
	return inFormOrder(tracks)
}

// ExcludeRequest takes one out of those who owe a return.
type ExcludeRequest struct {
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// ExcludeReply is the institution, with the reason that the new one replaces.
type ExcludeReply struct {
	store.Institution
	Replaced string `json:"replaced,omitempty"`
}

// ExcludeInstitution marks it as not due. What it has sent stays.
func (o *Office) ExcludeInstitution(ctx context.Context, r ExcludeRequest) (ExcludeReply, error) {
	reason := oneLine(r.Reason)
	if reason == "" {
		return ExcludeReply{}, fail("reason_missing")
	}
	replaced := ""
	in, err := o.editOne(ctx, r.Code, actionExclude, reason, func(in *store.Institution) (bool, error) {
		changed := in.Excluded != reason
		if replaced = ""; changed {
			replaced = in.Excluded
		}
		in.Excluded = reason
		return changed, nil
	})
	return ExcludeReply{in, replaced}, err
}

// IncludeInstitution takes an exclusion back.
func (o *Office) IncludeInstitution(ctx context.Context, r One) (store.Institution, error) {
	return o.editOne(ctx, r.Code, actionInclude, "", func(in *store.Institution) (bool, error) {
		changed := in.Excluded != ""
		in.Excluded = ""
		return changed, nil
	})
}

// TracksRequest sets what one institution is expected to offer.
type TracksRequest struct {
	Code   string   `json:"code"`
	Tracks []string `json:"tracks"`
}

// SetTracks sets the expected tracks; from then on an import keeps them.
func (o *Office) SetTracks(ctx context.Context, r TracksRequest) (store.Institution, error) {
	wanted := make([]string, len(r.Tracks))
	for i, t := range r.Tracks {
		wanted[i] = strings.ToLower(strings.TrimSpace(t))
		if !slices.Contains(formOrder, wanted[i]) {
			return store.Institution{}, fail("bad_track", t)
		}
	}
	if len(wanted) == 0 {
		return store.Institution{}, fail("bad_track", "")
	}
	wanted = inFormOrder(wanted)
	return o.editOne(ctx, r.Code, actionTracks, strings.Join(wanted, " "), func(in *store.Institution) (bool, error) {
		changed := !in.OwnTracks || !slices.Equal(in.ExpectedTracks, wanted)
		in.ExpectedTracks, in.OwnTracks = wanted, true
		return changed, nil
	})
}
