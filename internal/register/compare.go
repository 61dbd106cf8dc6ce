package register

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"rileva/pkg/survey"
)

// Report is what a register file would change in a store.
type Report struct {
	Added     []Institution `json:"added"`
	Changed   []Changed     `json:"changed"`
	Gone      []Gone        `json:"gone"`
	GoneCodes []GoneCode    `json:"gone_codes"`
	Unchanged int           `json:"unchanged"`
}

// Changed is an institution that the store has and the file describes
// otherwise. Now is ready to be stored under the same ID.
type Changed struct {
	Code    string      `json:"code"` // the login code before the change
	Changes []Change    `json:"changes"`
	Now     Institution `json:"now"`
}

// Change is one difference. For the field "codes" an empty Old means that New
// was added, an empty New that Old went to another institution.
type Change struct {
	Code  string `json:"code"` // of the institution, before the change
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Gone is an institution of the store that the files should hold and do not.
// It is reported and never removed: it may have answered, and last year's file
// is an easy mistake.
type Gone struct {
	Institution
	// Into holds the login codes of the institutions that now have its codes,
	// after a merger (dimensionamento). Added and Changed list those codes as
	// theirs: whoever stores them takes them from this one.
	Into []string `json:"into"`
}

// GoneCode is a code that no row has any more, of an institution that stays.
// The institution keeps it.
type GoneCode struct {
	Institution string `json:"institution"` // its login code
	Code        string `json:"code"`
}

// Compare tells what the institutions found in files are to those of a store.
// The register is the authority on state institutions, so they follow it.
// On who manages which paritarie the store is: a guess never regroups what the
// store has, and a new code that looks related to a known one comes as an
// institution of its own, proposed, with the reason. Otherwise every import
// would undo what the office has decided by hand, or take a login away.
func Compare(have, found []Institution, scope Scope) Report {
	c := &comparison{
		have: have, scope: scope,
		owner: map[string]int{}, placed: map[string]string{}, now: map[int]Institution{},
		report: Report{Added: []Institution{}, Changed: []Changed{}, Gone: []Gone{}, GoneCodes: []GoneCode{}},
	}
	for i, h := range have {
		for _, code := range h.Codes {
			c.owner[code] = i
		}
	}
	c.placeState(found)
	c.placeParitarie(found)
	for i, h := range have {
		if now, ok := c.now[i]; ok {
			c.compareOne(h, now)
		} else {
			c.missing(h)
		}
	}
	c.sort()
	return c.report
}

type comparison struct {
	have   []Institution
	scope  Scope
	owner  map[string]int      // code to the index in have
	placed map[string]string   // code to the login code that has it now
	now    map[int]Institution // index in have to what the files say of it
	report Report
}

func (c *comparison) place(in Institution) {
	for _, code := range in.Codes {
		c.placed[code] = in.Code
	}
}

func (c *comparison) add(in Institution) {
	c.place(in)
	c.report.Added = append(c.report.Added, in)
}

// placeState matches by login code first; what is left follows the most codes
// in common, so that an institution which only got a new code stays itself.
func (c *comparison) placeState(found []Institution) {
	var left []Institution
	for _, in := range found {
		if in.Kind == survey.KindParitaria {
			continue
		}
		i, known := c.owner[in.Code]
		if known && c.have[i].Code == in.Code {
			c.place(in)
			c.now[i] = in
		} else {
			left = append(left, in)
		}
	}
	slices.SortFunc(left, byCode)
	for _, in := range left {
		if i := c.closest(in); i >= 0 {
			c.place(in)
			c.now[i] = in
		} else {
			c.add(in)
		}
	}
}

// closest is the unmatched institution of the store with most codes of in, or
// -1. Equal numbers go to the first login code.
func (c *comparison) closest(in Institution) int {
	common := map[int]int{}
	for _, code := range in.Codes {
		if i, ok := c.owner[code]; ok {
			if _, matched := c.now[i]; !matched {
				common[i]++
			}
		}
	}
	best := -1
	for i, n := range common {
		if best < 0 || n > common[best] || n == common[best] && c.have[i].Code < c.have[best].Code {
			best = i
		}
	}
	return best
}

// placeParitarie sorts the schools found into the groups that the store has.
func (c *comparison) placeParitarie(found []Institution) {
	members := map[int][]School{}
	for _, in := range found {
		if in.Kind != survey.KindParitaria {
			continue
		}
		var strangers []School
		known := map[string]bool{}
		for _, s := range in.Schools {
			i, ok := c.owner[s.Code]
			if !ok {
				strangers = append(strangers, s)
				continue
			}
			members[i] = append(members[i], s)
			known[c.have[i].Code] = true
		}
		if len(strangers) == 0 {
			continue
		}
		added := paritariaInstitution(strangers)
		if len(known) > 0 {
			added.Proposed = true
			added.Why = "Forse dello stesso gestore di " +
				strings.Join(slices.Sorted(maps.Keys(known)), ", ") + ". " + in.Why
		}
		c.add(added)
	}
	for i, schools := range members {
		slices.SortFunc(schools, func(a, b School) int { return strings.Compare(a.Code, b.Code) })
		in := paritariaInstitution(schools)
		in.Proposed, in.Why = c.have[i].Proposed, c.have[i].Why
		c.place(in)
		c.now[i] = in
	}
}

// compareOne reports how an institution of the store changes.
func (c *comparison) compareOne(h, in Institution) {
	changed := Changed{Code: h.Code}
	differ := func(field, before, after string) {
		if before != after {
			changed.Changes = append(changed.Changes, Change{Code: h.Code, Field: field, Old: before, New: after})
		}
	}
	// "Non Disponibile" is no news: it does not erase what is known.
	set := func(field, before string, now *string) {
		*now = cmp.Or(*now, before)
		differ(field, before, *now)
	}
	in.ID = h.ID
	taken := slices.Clone(in.Codes)
	in.Codes, in.Schools = slices.Clone(in.Codes), slices.Clone(in.Schools)
	for _, code := range h.Codes {
		switch _, elsewhere := c.placed[code]; {
		case slices.Contains(taken, code):
		case elsewhere:
			differ("codes", code, "")
		default:
			c.keepCode(h, code, &in)
		}
	}
	for _, code := range taken {
		if !slices.Contains(h.Codes, code) {
			differ("codes", "", code)
		}
	}
	slices.Sort(in.Codes)
	if in.Kind == survey.KindParitaria {
		in.Code = survey.FirstSchoolCode(in.Codes)
	}
	set("code", h.Code, &in.Code)
	set("kind", h.Kind, &in.Kind)
	set("name", h.Name, &in.Name)
	set("comune", h.Comune, &in.Comune)
	set("address", h.Address, &in.Address)
	set("province", h.Province, &in.Province)
	if strings.EqualFold(h.Email, in.Email) { // its case varies by the year
		in.Email = h.Email
	}
	set("email", h.Email, &in.Email)
	if strings.EqualFold(h.PEC, in.PEC) {
		in.PEC = h.PEC
	}
	set("pec", h.PEC, &in.PEC)
	in.ExpectedTracks = tracksAfter(h, in)
	differ("expected_tracks", strings.Join(h.ExpectedTracks, ", "), strings.Join(in.ExpectedTracks, ", "))
	if len(changed.Changes) == 0 {
		c.report.Unchanged++
		return
	}
	changed.Now = in
	c.report.Changed = append(c.report.Changed, changed)
}

// keepCode leaves an institution a code that no row has any more, and reports
// it where the files should have held it. A plesso in a province that was not
// asked for is missing from the rows and not from the world.
func (c *comparison) keepCode(h Institution, code string, in *Institution) {
	in.Codes = append(in.Codes, code)
	province := h.Province
	for _, s := range h.Schools {
		if s.Code == code {
			province = s.Province
			in.Schools = append(in.Schools, s)
		}
	}
	if c.scope.Has(h.Kind, province) {
		c.report.GoneCodes = append(c.report.GoneCodes, GoneCode{Institution: h.Code, Code: code})
	}
}

// tracksAfter keeps the tracks of the store, which the office may have set by
// hand, and adds those of codes that are new to the institution.
func tracksAfter(h, in Institution) []string {
	newcomers := slices.DeleteFunc(slices.Clone(in.Schools), func(s School) bool {
		return slices.Contains(h.Codes, s.Code)
	})
	all := map[string]bool{}
	for _, track := range slices.Concat(h.ExpectedTracks, expectedTracks(newcomers)) {
		all[track] = true
	}
	return inFormOrder(all)
}

// missing reports an institution of the store that the files did not describe.
func (c *comparison) missing(h Institution) {
	into := map[string]bool{}
	for _, code := range h.Codes {
		if login, ok := c.placed[code]; ok {
			into[login] = true
		}
	}
	if len(into) > 0 || c.scope.Has(h.Kind, h.Province) {
		c.report.Gone = append(c.report.Gone, Gone{Institution: h,
			Into: append([]string{}, slices.Sorted(maps.Keys(into))...)})
	}
}

// sort makes the report the same whatever order the store and the files have.
func (c *comparison) sort() {
	slices.SortFunc(c.report.Added, byCode)
	slices.SortFunc(c.report.Changed, func(a, b Changed) int { return strings.Compare(a.Code, b.Code) })
	slices.SortFunc(c.report.Gone, func(a, b Gone) int { return byCode(a.Institution, b.Institution) })
	slices.SortFunc(c.report.GoneCodes, func(a, b GoneCode) int { return strings.Compare(a.Code, b.Code) })
}
