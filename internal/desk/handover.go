package desk

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// draftKind marks a file as one of ours.
const draftKind = "rileva draft"

// DraftFile carries unsent drafts from one device to another. It names its
// owner, so that it cannot end up in another school's work.
type DraftFile struct {
	Kind        string      `json:"kind"` // draftKind
	Version     int         `json:"version"`
	Institution string      `json:"institution"` // the login code
	Name        string      `json:"name"`
	Survey      string      `json:"survey"`
	Device      string      `json:"device"`
	At          time.Time   `json:"at"`
	Parts       []DraftPart `json:"parts"`
}

// DraftPart is one unsent part with the revision that it began from.
type DraftPart struct {
	Part          string                        `json:"part"`
	Questionnaire string                        `json:"questionnaire"`
	Updated       time.Time                     `json:"updated"`
	Answers       survey.Answers                `json:"answers"`
	Unavailable   map[string]string             `json:"unavailable"`
	Explanations  map[string]survey.Explanation `json:"explanations"`
	Unconfirmed   map[string]string             `json:"unconfirmed,omitempty"` // see drafts.Draft
	Base          drafts.Base                   `json:"base"`
	BaseBody      string                        `json:"base_body,omitempty"` // byte for byte
}

// IsDraftFile tells whether bytes are a file of drafts, of whatever owner.
func IsDraftFile(raw []byte) bool {
	var f DraftFile
	return json.Unmarshal(raw, &f) == nil && f.Kind == draftKind
}

// ExportDrafts gives what a person has typed here and nobody has sent.
func (d *Desk) ExportDrafts() ([]byte, DraftFile, error) {
	o, err := d.owner()
	if err != nil {
		return nil, DraftFile{}, err
	}
	parts, err := d.unsentOf(o)
	if err != nil {
		return nil, DraftFile{}, err
	}
	if len(parts) == 0 {
		return nil, DraftFile{}, newError("nothing_unsent")
	}
	f, err := d.draftFile(o, parts)
	if err != nil {
		return nil, f, err
	}
	raw, err := json.MarshalIndent(f, "", "  ")
	return append(raw, '\n'), f, err
}

func (d *Desk) draftFile(o drafts.Owner, parts []string) (DraftFile, error) {
	account, _ := d.Account()
	settings, err := d.store.Settings()
	if err != nil {
		return DraftFile{}, err
	}
	f := DraftFile{Kind: draftKind, Version: 1, Institution: account.Code, Name: account.Name, Survey: o.Survey, Device: settings.Device, At: d.now().UTC()}
	for _, part := range parts {
		draft, ok, err := d.store.Draft(o, part)
		if err != nil || !ok {
			return f, err
		}
		base, _, err := d.store.Body(o, draft.Base.BodyDigest())
		if err != nil {
			return f, err
		}
		f.Parts = append(f.Parts, DraftPart{Part: part, Questionnaire: draft.Questionnaire, Updated: draft.UpdatedAt, Answers: draft.Answers,
			Unavailable: draft.Unavailable, Explanations: draft.Explanations, Unconfirmed: draft.Unconfirmed, Base: draft.Base, BaseBody: string(base)})
	}
	return f, nil
}

// Imported is what taking in a file of drafts did.
type Imported struct {
	Parts  []string  `json:"parts"`
	Device string    `json:"device"` // that the drafts come from
	At     time.Time `json:"at"`
	// Aside is the file with what stood here before; "" when nothing unsent did.
	Aside string `json:"aside,omitempty"`
}

// ImportDrafts takes over the drafts of another device. A file of another
// school or survey is refused always; one that would take the place of unsent
// work, or that began from an older revision than what is here, is refused
// unless replace says so, and then what stood here is kept in a file.
func (d *Desk) ImportDrafts(name string, raw []byte, replace bool) (Imported, error) {
	o, seen, err := d.seen()
	if err != nil {
		return Imported{}, err
	}
	if raw, err = d.store.Reveal(raw); err != nil {
		return Imported{}, err
	}
	var f DraftFile
	if err := json.Unmarshal(raw, &f); err != nil || f.Kind != draftKind || f.Version != 1 || len(f.Parts) == 0 {
		return Imported{}, &Error{Code: "not_a_draft", args: []any{name}, Err: err}
	}
	switch {
	case !slices.Contains(seen.Return.Institution.Codes, survey.NormalizeSchoolCode(f.Institution)):
		return Imported{}, newError("file_other_school", name, surveysync.Visible(f.Institution))
	case f.Survey != o.Survey:
		return Imported{}, newError("draft_other_survey", name, surveysync.Visible(f.Survey), o.Survey)
	}
	out := Imported{Parts: []string{}, Device: surveysync.Visible(f.Device), At: f.At}
	var inTheWay []string
	for _, p := range f.Parts {
		why, err := d.inTheWay(o, name, p)
		if err != nil {
			return out, err
		}
		if why != "" && !replace {
			return out, newError(why, d.PartTitle(p.Part), surveysync.Visible(f.Device), Moment(f.At, d.lang))
		}
		if why != "" {
			inTheWay = append(inTheWay, p.Part)
		}
		out.Parts = append(out.Parts, p.Part)
	}
	if len(inTheWay) > 0 {
		if out.Aside, err = d.setAside(o, inTheWay); err != nil {
			return out, err
		}
	}
	handed := make([]drafts.Handed, len(f.Parts))
	for i, p := range f.Parts {
		handed[i] = drafts.Handed{BaseBody: []byte(p.BaseBody), Draft: drafts.Draft{Part: p.Part, Questionnaire: p.Questionnaire, Answers: p.Answers,
			Unavailable: p.Unavailable, Explanations: p.Explanations, Unconfirmed: p.Unconfirmed, Base: p.Base}}
	}
	return out, d.store.TakeOver(o, handed...)
}

// inTheWay says why a part of a file should not simply be taken, as a word of
// the table, or "". Its error is that it cannot be taken at all.
func (d *Desk) inTheWay(o drafts.Owner, name string, p DraftPart) (string, error) {
	q, err := d.questionnaire(p.Questionnaire)
	if err != nil {
		return "", err
	}
	if q.Sheet(p.Part) == nil {
		return "", newError("not_a_draft", name)
	}
	here, begun, err := d.store.Draft(o, p.Part)
	switch {
	case err != nil:
		return "", err
	case begun && here.Touched:
		return "draft_in_the_way", nil
	case here.Base.Revision > p.Base.Revision:
		return "draft_older", nil
	}
	return "", nil
}

// DiscardDraft throws the unsent changes of a part away and gives the file in
// which they are kept, so that `draft import` brings them back.
func (d *Desk) DiscardDraft(part string) (string, error) {
	o, err := d.owner()
	if err != nil {
		return "", err
	}
	draft, begun, err := d.store.Draft(o, part)
	switch {
	case err != nil:
		return "", err
	case !begun || !draft.Touched:
		return "", newError("nothing_to_discard", part)
	}
	file, err := d.setAside(o, []string{part})
	if err != nil {
		return "", err
	}
	return file, d.store.Discard(o, part)
}

// copies is the folder of what was set aside.
func (d *Desk) copies() string { return filepath.Join(d.home, "copies") }

// setAside writes a copy of drafts beside the device's store, as closed as that is.
func (d *Desk) setAside(o drafts.Owner, parts []string) (string, error) {
	f, err := d.draftFile(o, parts)
	if err != nil {
		return "", err
	}
	raw, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return "", err
	}
	if raw, err = d.store.Protect(raw); err != nil {
		return "", err
	}
	folder := d.copies()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", &Error{Code: "not_set_aside", args: []any{folder}, Err: err}
	}
	pattern := f.At.Local().Format("20060102-150405") + "-" + strings.Join(parts, "-") + "-*.json"
	file, err := os.CreateTemp(folder, pattern) // its own name each time, mode 0600
	if err != nil {
		return "", &Error{Code: "not_set_aside", args: []any{folder}, Err: err}
	}
	if _, err = file.Write(raw); err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", &Error{Code: "not_set_aside", args: []any{folder}, Err: err}
	}
	return file.Name(), nil
}
