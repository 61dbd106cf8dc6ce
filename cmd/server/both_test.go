package main

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	surveysync "rileva/pkg/sync"
)

// withoutFolder are the commands that need no data folder and so no rights;
// whatever is not named here is for the folder's owner alone.
var withoutFolder = []string{"store views", "survey check", "export diff", "check-file", "demo", "help"}

// alsoAbove are the commands that do something and have others below them.
var alsoAbove = []string{"conflicts", "export", "log"}

// works lists the commands that do something, by their path below the root.
func works(root *cobra.Command) []string {
	var list []string
	for _, c := range root.Commands() {
		path := strings.TrimPrefix(c.CommandPath(), programName+" ")
		if slices.Contains(alsoAbove, path) || !c.HasSubCommands() {
			list = append(list, path)
		}
		list = append(list, works(c)...)
	}
	return list
}

// oneWay are the commands that no running server can answer: they run it, or
// they work on a store that nothing else has open.
var oneWay = []string{"serve", "restore", "store copy"}

// bothWays is what the office types, in an order that makes sense. DIR is a
// folder of each desk's own, CSV the register with a school more, YAML the next
// version of the questionnaire, DIGEST the one before it, OTHER another survey.
const bothWays = `
survey show
survey rehearse YAML
survey rehearse OTHER
institutions list
status
log
institutions import CSV
institutions import --province NESSUNA CSV
institutions import --dry-run CSV
institutions add MIRC08000A --name DELTA --comune MILANO --kind statale
institutions add MIRC08000A --name X --comune Y --kind statale
institutions list
institutions list --unconfirmed
institutions show MIPS00101N
institutions show MIZZ00000Z
institutions show zz
credentials issue --all
institutions confirm
credentials issue --all
credentials reset MIIS00100B
credentials devices
credentials devices MIIS00100B
credentials devices MIZZ00000Z
credentials revoke MIIS00100B --device pc
credentials revoke MIIS00100B
credentials issue MIIS00100B
institutions tracks MIIS00100B iefp
institutions tracks MIIS00100B x
institutions tracks
institutions merge MIPS185003 MIIS00100B
institutions remove MIPS185003
credentials list
institutions exclude MIPS185003 --reason serale
institutions exclude MIPS185003
institutions include MIPS185003
institutions group MIPL125001 MIPS185003
institutions ungroup MIPL125001
institutions ungroup MIIS00100B
survey dates --late-until 2024-01-10
survey dates --due 2025-01-10
survey dates --institution MIIS00100B --late-until 2024-02-01 --reason neve
survey dates --institution MIIS00100B --clear
survey dates --clear
survey void sha256:123456789
institutions remove MIRC08000A --reason doppia
status
show MIIS00100B
show MIIS00100B general
show MIIS00100B general --revision 1
history MIIS00100B general
explanations
outliers
return MIIS00100B general --remark classes_total:ricontare
show MIIS00100B
return --cancel MIIS00100B general
approve MIIS00100B
show MIIS00100B liceale
approve MIIS00100B liceale
approve MIIS00100B general
message MIIS00100B --text x
note MIIS00100B --text y
show MIIS00100B
missing
missing --cause returned --limit 1
missing --cause x
remind --dry-run
remind
remind --csv DIR/solleciti.csv
conflicts
conflicts settle 0000-0000-0001 --reason x
export --out DIR/uno
export --out DIR/due --format csv,xlsx,json --as-of 2023-12-01T12:30:00Z
institutions merge MIPL125001 MIPS185003 --reason fusione
log
log --limit 3
log verify
backup DIR/copia
forget --dry-run
forget
log rotate-key
log verify
survey publish OTHER
survey publish YAML
survey void DIGEST
survey show
status
log
check
`

// TestBothWays: each command that there is says the same while a server runs
// and while none does, in its JSON, its sentences and its exit code. Two desks
// have the same clock, the same dice and the same returns; one has a server.
func TestBothWays(t *testing.T) {
	alone, served := newDesk(t), newDesk(t)
	first := submissions
	for _, d := range []*desk{alone, served} {
		submissions = first // the same ids
		d.furnish()
		d.submit("MIIS00100B", "general")
		d.submitChanged("MIIS00100B", "liceale", func(s *surveysync.Submission) {
			s.Explanations = map[string]survey.Explanation{"S04": {Reason: "other", Text: "Controllato nel registro."}}
		})
		d.env.now = func() time.Time { return noon.Add(time.Hour) }
	}
	served.serve()
	now := questionnaires.Dispersione202223
	next := alone.file("nuovo.yaml", strings.Replace(string(now), `version: "1"`, `version: "2"`, 1))
	csv := alone.file("scuole.csv", threeSchools+paritariaRow("MIPM00500C", "DELTA", "VIA NERA 7", "delta@example.org"))
	asked := map[string]bool{}
	p := &program{environment: alone.env, words: &italian, log: quiet}
	root := p.root()
	for line := range strings.Lines(strings.TrimSpace(bothWays)) {
		words := strings.Fields(line)
		cmd, _, err := root.Find(words)
		must(t, err)
		asked[strings.TrimPrefix(cmd.CommandPath(), programName+" ")] = true
		ask := func(d *desk) (int, string) {
			dir := filepath.Dir(d.data)
			own := strings.NewReplacer("DIR", dir, "CSV", csv, "YAML", next, "DIGEST", survey.DigestOf(now),
				"OTHER", "../../internal/store/storetest/testdata/tiny.yaml")
			exit, out, said := d.run(strings.Fields(own.Replace(line + " --json"))...)
			return exit, strings.ReplaceAll(out+said, dir, "DIR")
		}
		exit1, said1 := ask(alone)
		exit2, said2 := ask(served)
		if exit1 != exit2 || said1 != said2 {
			t.Errorf("%s\nalone  %d %s\nserved %d %s", line, exit1, said1, exit2, said2)
		}
	}
	for _, path := range works(root) {
		if excused := slices.Contains(withoutFolder, path) || slices.Contains(oneWay, path); asked[path] == excused {
			t.Errorf("%s: asked both ways %v", path, asked[path])
		}
		delete(asked, path)
	}
	if len(asked) > 0 {
		t.Errorf("asked and not in the tree: %v", slices.Collect(maps.Keys(asked)))
	}
	for _, name := range []string{"uno", "due", "solleciti.csv"} {
		one, other := filepath.Join(filepath.Dir(alone.data), name), filepath.Join(filepath.Dir(served.data), name)
		if diff := cmp.Diff(texts(t, one), texts(t, other)); diff != "" {
			t.Errorf("%s is another one beside a server:\n%s", name, diff)
		}
	}
}

// texts are what stands under a path, by the names below it.
func texts(t *testing.T, path string) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, filepath.WalkDir(path, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(file)
		found[strings.TrimPrefix(file, path)] = string(raw)
		return err
	}))
	if len(found) == 0 {
		t.Errorf("nothing was written into %s", path)
	}
	return found
}
