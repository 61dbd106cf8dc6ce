package register

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rileva/pkg/survey"
)

// Characteristics whose schools teach adults, patients or prisoners. Their
// codes belong to the institution and give no expected track: the survey is
// about day courses. "ANNESSO A CONVITTO" and the like are day schools and do
// count: MIPC110009 has 452 pupils.
const (
	characteristicEvening  = "PERCORSO II LIVELLO"
	characteristicHospital = "C/O IST. OSPEDALIERO"
	characteristicPrison   = "SPEC. PER CARCERARI"
)

// Group makes institutions of schools, in byte order of their login codes: the
// order of the rows and files does not matter. State schools are grouped as
// the register says, paritarie as their addresses and e-mails suggest.
//
// With faults the institutions are not fit to be stored: two of them claim one
// code, or one code came twice and only its first row was used.
func Group(schools []School) ([]Institution, []Fault) {
	faults := []Fault{}
	sorted := slices.Clone(schools)
	slices.SortFunc(sorted, func(a, b School) int {
		return cmp.Or(strings.Compare(a.Code, b.Code), strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	byHead := map[string][]School{}
	var paritarie []School
	for i, s := range sorted {
		if i > 0 && s.Code == sorted[i-1].Code {
			faults = append(faults, Fault{File: s.File, Line: s.Line, Column: colCode, Value: s.Code,
				Reason: fmt.Sprintf("il codice è già in %s:%d", sorted[i-1].File, sorted[i-1].Line)})
			sorted[i] = sorted[i-1] // a third one is told where the first stands
			continue
		}
		if s.Kind == survey.KindParitaria {
			paritarie = append(paritarie, s)
		} else {
			byHead[s.HeadCode] = append(byHead[s.HeadCode], s)
		}
	}
	institutions := []Institution{}
	for head, members := range byHead {
		institutions = append(institutions, stateInstitution(head, members))
	}
	for _, members := range relatedParitarie(paritarie) {
		institutions = append(institutions, paritariaInstitution(members))
	}
	slices.SortFunc(institutions, byCode)
	return institutions, append(faults, contested(institutions)...)
}

func byCode(a, b Institution) int { return strings.Compare(a.Code, b.Code) }

// contested finds codes in two institutions: a head code whose own row names
// another head, or which is a paritaria's.
func contested(institutions []Institution) []Fault {
	var faults []Fault
	owner := map[string]Institution{}
	for _, in := range institutions {
		for _, code := range in.Codes {
			other, taken := owner[code]
			if !taken {
				owner[code] = in
				continue
			}
			at := in.Schools[0]
			faults = append(faults, Fault{File: at.File, Line: at.Line, Column: colHeadCode, Value: code,
				Reason: fmt.Sprintf("il codice appartiene a due istituzioni, %s e %s", other.Code, in.Code)})
		}
	}
	return faults
}

// stateInstitution describes the institution of a head code. The head need not
// have a row: in Aosta two upper-secondary schools belong to heads that are of
// another type and were left out.
func stateInstitution(head string, members []School) Institution {
	main := members[0]
	if i := slices.IndexFunc(members, func(s School) bool { return s.Code == head }); i >= 0 {
		main = members[i]
	} else {
		main.Name = cmp.Or(main.HeadName, main.Name)
	}
	in := describe(main, members)
	in.Code = head
	if !slices.Contains(in.Codes, head) {
		in.Codes = append(in.Codes, head)
		slices.Sort(in.Codes)
	}
	if len(in.Codes) > 1 {
		in.Why = "Stesso istituto di riferimento: " + head + "."
	}
	return in
}

// paritariaInstitution describes schools that are taken to have one manager.
func paritariaInstitution(members []School) Institution {
	in := describe(members[0], members)
	in.Code = survey.FirstSchoolCode(in.Codes)
	if len(in.Codes) > 1 {
		in.Proposed = true
		in.Why = whyRelated(members)
	}
	return in
}

// describe fills in what both kinds share; members are in order of code.
func describe(main School, members []School) Institution {
	in := Institution{
		Institution: survey.Institution{
			Name:           cmp.Or(main.Name, main.HeadName, main.Code),
			Comune:         main.Comune,
			Kind:           main.Kind,
			ExpectedTracks: expectedTracks(members),
		},
		Address:  main.Address,
		Province: main.Province,
		Email:    main.Email,
		PEC:      main.PEC,
		Schools:  members,
	}
	for _, s := range members {
		in.Codes = append(in.Codes, s.Code)
		in.Email = cmp.Or(in.Email, s.Email)
		in.PEC = cmp.Or(in.PEC, s.PEC)
	}
	return in
}

// expectedTracks is what the type letters of the day schools promise, in the
// order of the form. It is an expectation: the institution says what it offers.
func expectedTracks(schools []School) []string {
	found := map[string]bool{}
	for _, s := range schools {
		if s.Evening || s.Characteristic == characteristicHospital || s.Characteristic == characteristicPrison {
			continue
		}
		if track, ok := survey.TrackOfSchoolCode(s.Code); ok {
			found[track] = true
		}
	}
	return inFormOrder(found)
}

func inFormOrder(found map[string]bool) []string {
	tracks := []string{} // never null in JSON
	for _, track := range []string{survey.TrackLiceale, survey.TrackTecnico, survey.TrackProfessionale, survey.TrackIeFP} {
		if found[track] {
			tracks = append(tracks, track)
		}
	}
	return tracks
}

// relatedParitarie splits schools into those joined by a chain of equal
// addresses or e-mails. Both are needed: one manager has two addresses
// (Via Arena, Via Carroccio), another a mailbox for each school. The PEC is no
// sign: clerici@pec serves two different schools, being their consultant's.
func relatedParitarie(schools []School) [][]School {
	parent := make([]int, len(schools))
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := map[string]int{}
	for i, s := range schools {
		parent[i] = i
		for _, key := range relationKeys(s) {
			if j, seen := first[key]; seen {
				// The lower index stays root: schools are in order of code.
				a, b := root(i), root(j)
				parent[max(a, b)] = min(a, b)
			} else {
				first[key] = i
			}
		}
	}
	byRoot := map[int][]School{}
	for i, s := range schools {
		byRoot[root(i)] = append(byRoot[root(i)], s)
	}
	var groups [][]School
	for i := range schools {
		if members := byRoot[i]; members != nil {
			groups = append(groups, members)
		}
	}
	return groups
}

func relationKeys(s School) []string {
	var keys []string
	if key, ok := addressKey(s.Address, s.Comune, s.Province); ok {
		keys = append(keys, key)
	}
	if key, ok := emailKey(s.Email); ok {
		keys = append(keys, key)
	}
	return keys
}

// whyRelated names what two or more of the schools share, for the office to
// judge the guess by.
func whyRelated(schools []School) string {
	var addresses, emails []string
	times := map[string]int{}
	for _, s := range schools {
		if key, ok := addressKey(s.Address, s.Comune, s.Province); ok {
			if times[key]++; times[key] == 2 {
				addresses = append(addresses, s.Address+", "+s.Comune)
			}
		}
		if key, ok := emailKey(s.Email); ok {
			if times[key]++; times[key] == 2 {
				emails = append(emails, key)
			}
		}
	}
	var why []string
	if len(addresses) > 0 {
		why = append(why, "Stesso indirizzo: "+strings.Join(addresses, "; ")+".")
	}
	if len(emails) > 0 {
		why = append(why, "Stessa e-mail: "+strings.Join(emails, "; ")+".")
	}
	return strings.Join(why, " ")
}
