// Package samples holds one made-up return to the 2022/23 survey, with every
// track, for demos and tests. README.md says which numbers are real and which
// are synthetic; generate_test.go makes the files.
package samples

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rileva/pkg/survey"
)

//go:embed *.json
var files embed.FS

// HalfGeneral names the general part as somebody leaves it halfway.
const HalfGeneral = "half_general"

// Tracks are the sheets of the return, in the order of the form.
func Tracks() []string {
	return []string{survey.TrackLiceale, survey.TrackTecnico, survey.TrackProfessionale, survey.TrackIeFP}
}

// Institution is the made-up school that the return belongs to. Its code has
// the form of a state institute of Milano and stands in no register.
func Institution() survey.Institution {
	return survey.Institution{
		Code: "MIIS999009", Codes: []string{"MIIS999009", "MIPS99901Q", "MIRC999018", "MITD99901G"},
		Name: "I.I.S. di prova", Comune: "MILANO", Kind: survey.KindState,
		ExpectedTracks: []string{survey.TrackLiceale, survey.TrackTecnico, survey.TrackProfessionale},
	}
}

// JSON gives the answers of a part as they stand in the file: general, a
// track, or HalfGeneral. An unknown part is a mistake of the caller.
func JSON(part string) []byte {
	raw, err := files.ReadFile(part + ".json")
	if err != nil {
		panic(fmt.Sprintf("samples: there is no part %q", part))
	}
	return raw
}

// Answers gives the answers of a part; the caller may change them.
func Answers(part string) survey.Answers {
	var a survey.Answers
	if err := json.Unmarshal(JSON(part), &a); err != nil {
		panic(fmt.Sprintf("samples: %s.json: %v", part, err))
	}
	return a
}

// For gives the whole return as inst would fill it in: the same numbers under
// its own code, name, comune and kind.
func For(inst survey.Institution) map[string]survey.Answers {
	out := map[string]survey.Answers{survey.GeneralPart: generalFor(inst)}
	for _, track := range Tracks() {
		out[track] = Answers(track)
	}
	return out
}

func generalFor(inst survey.Institution) survey.Answers {
	a := Answers(survey.GeneralPart)
	a["institution_code"] = inst.Code
	a["institution_status"] = inst.Kind
	if inst.Name != "" {
		a["institution_name"] = inst.Name
	}
	if inst.Comune != "" {
		a["institution_municipality"] = inst.Comune
	}
	a["institution_email"] = strings.ToLower(inst.Code) + "@istruzione.it"
	if inst.Kind != survey.KindParitaria {
		return a
	}
	// Paritarie have no mailbox of the ministry, were not among the schools
	// of DM 170/2022, and name their other codes.
	a["institution_email"] = "segreteria@" + strings.ToLower(inst.Code) + ".example"
	a["compiler_role"] = "coordinatore_didattico"
	a["pnrr_dm170"] = false
	delete(a, "pnrr_dm170_activities")
	others := slices.DeleteFunc(slices.Clone(inst.Codes), func(code string) bool { return code == inst.Code })
	a["has_other_codes"] = len(others) > 0
	if len(others) > 0 {
		a["other_institution_codes"] = others
	}
	return a
}

// ForTracks is For with some of the tracks only: part 1 lists them and its
// totals are their sums.
func ForTracks(inst survey.Institution, tracks ...string) map[string]survey.Answers {
	out := For(inst)
	general := out[survey.GeneralPart]
	pupils, classes := 0, 0
	for _, track := range Tracks() {
		if !slices.Contains(tracks, track) {
			delete(out, track)
			continue
		}
		for id, v := range out[track] {
			n, _ := v.(int)
			switch {
			case strings.HasPrefix(id, "enrolled_start_"):
				pupils += n
			case strings.HasPrefix(id, "classes_"):
				classes += n
			}
		}
	}
	general["tracks_offered"] = slices.Clone(tracks)
	general["students_total_start"], general["classes_total"] = pupils, classes
	if !slices.Contains(tracks, survey.TrackIeFP) {
		delete(general, "iefp_delivery_mode")
	}
	if slices.Equal(tracks, []string{survey.TrackLiceale}) {
		// A liceo alone has no evening courses (check G23).
		general["evening_courses"] = false
		delete(general, "evening_students_total")
		delete(general, "evening_dropouts_total")
	}
	return out
}
