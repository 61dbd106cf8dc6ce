package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rileva/internal/desk"
	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// TestWholeSurvey fills in the whole return of a school with four tracks by
// keys alone, from the letter with the password to the five receipts. After
// every step it looks at what the cursor stands on, what the screen shows and
// what is on the disk; sums are worked out here, from the answers typed so far.
func TestWholeSurvey(t *testing.T) {
	t.Parallel()
	f := &filler{world: newWorld(t, "it"), want: samples.For(samples.Institution())}
	f.enter()
	f.choosePart(general)
	f.part()
	for _, track := range samples.Tracks() {
		f.press("esc")
		f.choosePart(track)
		f.part()
	}
	f.press("esc")
	f.sees("! 5 parti sono pronte e non sono ancora inviate", "Scheda IeFP", "pronta da inviare")
	f.lacks("da iniziare")
	f.send()
	f.receipts()
	f.held()
}

// filler is the person who fills the survey in, with the paper beside them.
type filler struct {
	*world
	want  map[string]survey.Answers // the paper
	work  *desk.Work                // reads the part being filled in from the disk
	typed survey.Answers            // of the part
	core  int                       // answers among them that count as due
}

// line is what stands on the line of the cursor.
func (f *filler) line() string {
	f.t.Helper()
	_, y, ok := f.robot.Cursor()
	if !ok {
		f.t.Fatalf("there is no cursor:\n%s", f.screen())
	}
	return strings.Split(f.screen(), "\n")[y]
}

// above is the nearest line with the sign of the focus, from the cursor up.
func (f *filler) above() string {
	f.t.Helper()
	_, y, _ := f.robot.Cursor()
	lines := strings.Split(f.screen(), "\n")
	for ; y >= 0; y-- {
		if strings.HasPrefix(lines[y], "> ") {
			return lines[y]
		}
	}
	f.t.Fatalf("nothing is marked above the cursor:\n%s", f.screen())
	return ""
}

// choose goes down a list to the line that holds a text, and opens it.
func (f *filler) choose(text string) {
	f.t.Helper()
	f.press("home")
	for range 40 {
		if line := f.line(); strings.Contains(line, text) {
			if !strings.HasPrefix(line, "> ") {
				f.t.Fatalf("the cursor is on %q, which is not marked", line)
			}
			f.press("enter")
			return
		}
		f.press("down")
	}
	f.t.Fatalf("no %q in the list:\n%s", text, f.screen())
}

// enter signs in with the letter and chooses a password.
func (f *filler) enter() {
	f.t.Helper()
	entry := func(label, text string, secret bool) {
		f.t.Helper()
		if got := f.above(); got != "> "+label {
			f.t.Fatalf("the focus is on %q, not on %q", got, label)
		}
		for i, r := range text {
			x, _, _ := f.robot.Cursor()
			f.types(string(r))
			if after, _, _ := f.robot.Cursor(); after != x+1 && i < 49 {
				f.t.Fatalf("%s: after %d letters the cursor went from %d to %d", label, i+1, x, after)
			}
		}
		if line := f.line(); strings.Contains(line, text) == secret || secret != strings.Contains(line, "[***") {
			f.t.Fatalf("%s shows %q", label, line)
		}
		f.press("enter")
	}
	f.sees("Accesso")
	entry("Codice meccanografico", f.inst.Code, false)
	entry("Password", f.letter, true)
	f.sees("Scegliere una nuova password")
	entry("Nuova password", newPassphrase, true)
	entry("Ancora la nuova password", newPassphrase, true)
	f.sees("Che cosa serve", "31 domande", "Password cambiata")
	f.press("enter")
	f.sees("Pagina iniziale", "a.s. 2022/23", "Da inviare entro", "da iniziare", "I.I.S. di prova")
	f.lacks("Scheda")
}

func (f *filler) choosePart(part string) {
	f.t.Helper()
	work, err := f.desk.Work(part)
	f.must(err)
	f.work, f.typed, f.core = work, survey.Answers{}, 0
	for id, v := range work.Draft.Answers { // what the register knows, and what most schools answer
		if !survey.Equal(v, f.want[part][id]) && v != 0 {
			f.t.Fatalf("%s begins with %s = %v", part, id, v)
		}
		f.note(work.Sheet.Variable(id))
		f.typed[id] = v
	}
	for _, v := range work.Sheet.Variables() { // options are stored as the form lists them
		if list, ok := f.want[part][v.ID].([]string); ok && v.Options != nil {
			slices.SortFunc(list, func(a, b string) int {
				at := func(id string) int {
					return slices.IndexFunc(v.Options, func(o survey.Option) bool { return o.ID == id })
				}
				return at(a) - at(b)
			})
		}
	}
	f.choose(work.Sheet.Title.In("it"))
	f.progress()
}

// note takes down that an answer was given.
func (f *filler) note(v *survey.Variable) {
	if _, again := f.typed[v.ID]; !again && v.Tier == survey.TierCore {
		f.core++
	}
	f.typed[v.ID] = f.want[f.work.Part][v.ID]
}

// progress compares the page of the part with what was typed.
func (f *filler) progress() {
	f.t.Helper()
	f.sees(fmt.Sprintf("%d risposte su ", f.core))
}

// onDisk finds the answers of the part as they are on the disk, and how many
// the form counts.
func (f *filler) onDisk(v *survey.Variable) {
	f.t.Helper()
	f.must(f.work.Reload())
	if got := f.work.Value(v.ID); !survey.Equal(got, f.want[f.work.Part][v.ID]) {
		f.t.Fatalf("%s is %v on the disk, typed was %v:\n%s", v.ID, got, f.want[f.work.Part][v.ID], f.screen())
	}
	if got := f.work.Eval.Progress().Answered; got != f.core {
		f.t.Fatalf("after %s %d answers count, typed were %d", v.ID, got, f.core)
	}
	f.sees("Salvato alle ")
}

// part fills in every section from the page of the part, and finds it complete.
func (f *filler) part() {
	f.t.Helper()
	for i, s := range f.work.Sheet.Sections {
		f.choose(fmt.Sprintf("%d. %s", i+1, s.Title.In("it")))
		if len(s.Items) == 1 && s.Items[0].Grid != nil {
			f.table(s.Items[0].Grid, i%2 == 0)
		} else {
			f.section(s)
			f.press("esc")
		}
		f.progress()
	}
	for id, v := range f.want[f.work.Part] {
		if _, ok := f.typed[id]; !ok && id != "declaration" && v != 0 {
			f.t.Fatalf("nobody was asked for %s", id)
		}
	}
	f.sees(fmt.Sprintf("%d risposte su %d, completa", f.core, f.core))
	f.press("f4") // what is found now does not keep it from being sent
	f.sees("Rilievi", "errore: 0", "da spiegare: 0")
	f.press("esc")
}

// section answers the questions of a section until it says that there are none.
func (f *filler) section(s *survey.Section) {
	f.t.Helper()
	f.press("home", "pgup", "pgup", "pgup", "pgup", "pgup")
	next := 0
	for {
		item := f.asked(s, next)
		next = slices.Index(s.Items, item) + 1
		if item.Grid != nil {
			f.press("enter")
			f.table(item.Grid, false)
		} else {
			f.question(item.Question)
		}
		if strings.Contains(f.screen(), "Ultima domanda della sezione") {
			return
		}
	}
}

// asked finds what has the focus among the items of a section, from one on.
func (f *filler) asked(s *survey.Section, from int) survey.Item {
	f.t.Helper()
	marked := strings.TrimPrefix(f.above(), "> ")
	for _, item := range s.Items[from:] {
		var label string
		if v := item.Question; v != nil {
			if label = v.Label.In("it"); v.Number > 0 {
				label = fmt.Sprintf("%d. %s", v.Number, label)
			}
		} else {
			label = item.Grid.Title.In("it") + ": Tabella: 0 su "
		}
		if strings.HasPrefix(label, marked) || strings.HasPrefix(marked, label) { // it may go on in the next line
			return item
		}
	}
	f.t.Fatalf("%q has the focus, which is not what follows:\n%s", marked, f.screen())
	return survey.Item{}
}

// question types an answer, sees it, leaves it and finds it on the disk.
func (f *filler) question(v *survey.Variable) {
	f.t.Helper()
	answer, ok := f.want[f.work.Part][v.ID]
	switch {
	case v.ReadOnly:
		f.sees("viene dall'anagrafe, non si modifica")
		f.press("enter")
		return
	case !ok && v.Tier != survey.TierExt:
		f.t.Fatalf("%s has to be answered and the paper has no answer", v.ID)
	case !ok:
		f.sees("(facoltativa)")
		f.press("enter")
		return
	}
	if _, known := f.typed[v.ID]; known {
		f.shows(v, answer) // by the register
		f.press("enter")
		return
	}
	f.answer(v, answer)
	f.shows(v, answer)
	f.press("enter")
	if v.Type == survey.TypeTextList || v.Type == survey.TypeCodeList {
		f.press("enter") // the first one asks for one more
	}
	f.note(v)
	f.onDisk(v)
}

// shows finds the answer on the screen before it is left.
func (f *filler) shows(v *survey.Variable, answer any) {
	f.t.Helper()
	switch a := answer.(type) {
	case bool:
		f.sees(map[bool]string{true: "(x) Sì", false: "(x) No"}[a])
	case int:
		f.sees(fmt.Sprintf("[%d_", a))
	case string:
		if v.Options == nil {
			f.sees("[" + a)
			return
		}
		f.sees("(x)")
	case []string:
		if v.Options == nil {
			f.sees(a...)
			return
		}
		if n := strings.Count(f.screen(), "[x]"); n != len(a) {
			f.t.Fatalf("%s: %d options are marked, chosen were %d:\n%s", v.ID, n, len(a), f.screen())
		}
	}
}

// table types every number of a table, along the rows with Tab or down the
// columns with Enter, until the table leaves.
func (f *filler) table(g *survey.Grid, along bool) {
	f.t.Helper()
	key, steps := map[bool]string{true: "tab", false: "enter"}[along], 0
	for strings.Contains(f.screen(), "Ctrl+R/K zeri") {
		if steps++; steps > 400 {
			f.t.Fatalf("%s does not come to its end:\n%s", g.ID, f.screen())
		}
		f.cell(g, key)
	}
	for _, row := range g.Rows {
		for _, cell := range row.Cells {
			if _, typed := f.typed[cell.ID]; !typed && !cell.Computed && f.number(cell.ID) != 0 {
				f.t.Fatalf("%s was passed over", cell.ID)
			}
		}
	}
}

// cell types the number of the cell in focus, which the line above the status names.
func (f *filler) cell(g *survey.Grid, key string) {
	f.t.Helper()
	lines := strings.Split(strings.TrimSuffix(f.screen(), "\n"), "\n")
	status := lines[len(lines)-3]
	name, row, cell := find(g, status)
	if cell == nil {
		f.t.Fatalf("no cell is named: %q\n%s", status, f.screen())
	}
	digits := strconv.Itoa(f.number(cell.ID))
	f.types(digits)
	f.sees(name+": "+digits, "Salvataggio...")
	x, y, ok := f.robot.Cursor()
	line := []rune(strings.Split(f.screen(), "\n")[y])
	if !ok || string(line[x+1-len(digits):x+1]) != digits || line[0] != '>' {
		f.t.Fatalf("the cursor is at %d in %q", x, string(line))
	}
	f.note(cell)
	f.sums(g, row)
	f.expected(cell)
	f.press(key)
	f.onDisk(cell)
	f.computed(g, cell, x)
}

// computed are the rows that the form works out, as sums of rows and as what is
// taken away from them.
var computed = map[string][2][]string{
	"enrolled_end":       {{"enrolled_start", "arrivals"}, {"transfers_out", "other_valid_exits", "formal_withdrawals"}},
	"not_scrutinised":    {{"never_attended", "informal_interruption", "absence_limit_exceeded"}},
	"scrutinised":        {{"admitted_june", "suspended_judgement", "not_admitted_june"}},
	"admitted_final":     {{"admitted_june", "suspended_judgement"}, {"suspended_not_admitted"}},
	"not_admitted_final": {{"not_admitted_june", "suspended_not_admitted"}},
	"dropouts_in_year":   {{"formal_withdrawals", "never_attended", "informal_interruption"}},
}

// computed compares the cells over and below one that was just left, those that
// are worked out, as far as they are in sight; x is where its last digit stands.
// They are blank until everything that they are made of is typed.
func (f *filler) computed(g *survey.Grid, cell *survey.Variable, x int) {
	f.t.Helper()
	place := strings.TrimPrefix(cell.ID, cell.Row.ID)
	for _, row := range g.Rows {
		if !row.Computed {
			continue
		}
		parts, sum, known := computed[row.ID], 0, true
		for i, sign := range []int{1, -1} {
			for _, id := range parts[i] {
				n, ok := f.typed[id+place].(int)
				sum, known = sum+sign*n, known && ok
			}
		}
		want := map[bool]string{true: strconv.Itoa(sum)}[known]
		for _, line := range strings.Split(f.screen(), "\n") {
			label, numbers, found := strings.Cut(line, "│")
			if name := strings.TrimSuffix(strings.TrimSpace(label), "…"); !found || !strings.HasPrefix("="+row.OnScreen("it"), name) || name == "" || name[0] != '=' {
				continue
			}
			until := x - len([]rune(label))
			if got := strings.TrimSpace(string([]rune(numbers)[until-3 : until])); got != want {
				f.t.Fatalf("%s%s is shown as %q, not %q:\n%s", row.ID, place, got, want, f.screen())
			}
		}
	}
}

// find gives the cell that a line names, row and column in full.
func find(g *survey.Grid, status string) (string, *survey.Row, *survey.Variable) {
	for _, row := range g.Rows {
		for _, cell := range row.Cells {
			name := row.OnScreen("it")
			for k, at := range cell.At {
				name += ", " + g.Axes[k].Items[at].Label.In("it")
			}
			if strings.HasPrefix(status, name+": ") {
				return name, row, cell
			}
		}
	}
	return "", nil, nil
}

func (f *filler) number(id string) int {
	n, ok := f.want[f.work.Part][id].(int)
	if !ok {
		f.t.Fatalf("%s is %v on the paper", id, f.want[f.work.Part][id])
	}
	return n
}

// sum adds up cells of a row as typed so far: those that hold a part of the id,
// "" for all. It is marked while cells are blank.
func (f *filler) sum(row *survey.Row, part string) string {
	n, blank := 0, false
	for _, cell := range row.Cells {
		if !strings.Contains(strings.TrimPrefix(cell.ID, row.ID)+"_", part) {
			continue
		}
		v, ok := f.typed[cell.ID].(int)
		n, blank = n+v, blank || !ok
	}
	return map[bool]string{true: "~"}[blank] + thousands(n)
}

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d.%03d", n/1000, n%1000)
}

// sums compares the totals of the row in focus, by year and by sex, while the
// number is still being typed.
func (f *filler) sums(g *survey.Grid, row *survey.Row) {
	f.t.Helper()
	if len(g.Axes) == 0 {
		return
	}
	f.sees(row.Label.In("it") + ": " + f.sum(row, ""))
	if len(g.Axes) < 2 {
		return
	}
	_, said, _ := strings.Cut(f.screen(), row.Label.In("it")+": "+f.sum(row, ""))
	words := strings.Fields(strings.Join(strings.Split(said, "\n")[:2], "  "))
	for _, axis := range g.Axes {
		for _, item := range axis.Items {
			short, sum := item.Short.In("it"), f.sum(row, "_"+item.ID+"_")
			if at := slices.Index(words, short); at < 0 || at+1 == len(words) || words[at+1] != sum {
				f.t.Fatalf("%s: the total of %s is not %s:\n%s", row.ID, short, sum, f.screen())
			}
		}
	}
}

// identities are the equalities that a number joins while it is typed: the rows
// on its side, and those on the other side, added or taken away. They are held
// for each year and sex, for each sex, or in all.
var identities = []struct {
	of          string
	mine, other []string
	minus       []string
}{
	{"year sex", []string{"never_attended", "informal_interruption", "absence_limit_exceeded", "year_abroad", "admitted_june", "suspended_judgement", "not_admitted_june"},
		[]string{"enrolled_start", "arrivals"}, []string{"transfers_out", "other_valid_exits", "formal_withdrawals"}},
	{"sex", []string{"dropouts_under16", "dropouts_16_17", "dropouts_18plus"}, []string{"formal_withdrawals", "never_attended", "informal_interruption"}, nil},
	{"", []string{"reason_school_failure", "reason_wrong_choice", "reason_behaviour", "reason_family", "reason_psychological", "reason_health", "reason_work",
		"reason_mobility_migration", "reason_unknown"}, []string{"formal_withdrawals", "never_attended", "informal_interruption"}, nil},
	{"", []string{"dest_same_track", "dest_other_track"}, []string{"transfers_out"}, nil},
	{"", []string{"dest_non_paritaria", "dest_iefp", "dest_cpia", "dest_evening", "dest_apprenticeship", "dest_abroad", "dest_parental", "dest_other"},
		[]string{"other_valid_exits"}, nil},
}

// expected compares what the number has to come to, and how much is missing.
func (f *filler) expected(cell *survey.Variable) {
	f.t.Helper()
	for _, i := range identities {
		if !slices.Contains(i.mine, cell.Row.ID) {
			continue
		}
		place := strings.TrimPrefix(cell.ID, cell.Row.ID)
		add := func(rows []string) (n int) {
			for _, id := range rows {
				for _, c := range f.work.Sheet.Row(id).Cells {
					at := strings.TrimPrefix(c.ID, id)
					if i.of == "" || i.of == "sex" && strings.HasSuffix(at, place) || at == place {
						v, _ := f.typed[c.ID].(int)
						n += v
					}
				}
			}
			return n
		}
		have, want := add(i.mine), add(i.other)-add(i.minus)
		said := fmt.Sprintf("Il totale a cui concorre deve fare %s: finora %s", thousands(want), thousands(have))
		if want == have {
			said += ", torna"
		} else {
			said += fmt.Sprintf(", ne mancano %s", thousands(want-have))
		}
		f.sees(said)
		return
	}
	f.lacks("Il totale a cui concorre")
}

// send sends the five parts with one declaration.
func (f *filler) send() {
	f.t.Helper()
	f.choose("Invia tutte le parti pronte")
	f.sees("5 parti sono in ordine e si possono inviare insieme", "[ ] Il dirigente", "fino alla scadenza")
	for part, answers := range f.want {
		sheet := f.desk.Sheet(part)
		n := 0
		for id := range answers {
			if v := sheet.Variable(id); v.Tier == survey.TierCore && v.Type != survey.TypeDeclaration && !v.Computed {
				n++
			}
		}
		f.sees(fmt.Sprintf("%s: %d risposte su %d", sheet.Title.In("it"), n, n))
	}
	f.pass(grace)
	f.press("enter", "f9") // neither sends: nothing is declared yet
	if f.desk.Unsent() != 0 {
		f.t.Fatal("sent without the declaration")
	}
	f.types("s")
	f.sees("[x] Il dirigente")
	f.press("f9")
	f.sees("Pagina iniziale", "Inviata. Ricevuta n. ")
	f.lacks("da inviare:")
	f.lacks("pronta da inviare")
	if n := strings.Count(f.screen(), " inviata"); n != 5 {
		f.t.Fatalf("%d parts are sent:\n%s", n, f.screen())
	}
}

// receipts opens the five receipts.
func (f *filler) receipts() {
	f.t.Helper()
	f.press("f8")
	f.sees("Ricevute")
	list, err := f.desk.Receipts()
	f.must(err)
	if len(list) != 5 {
		f.t.Fatalf("%d receipts", len(list))
	}
	for _, r := range list {
		f.choose(r.Number)
		f.sees("Numero "+r.Number, f.desk.Sheet(r.Part).Title.In("it"), "Invio n. 1", "1 dicembre 2023, ore 13:00", r.ContentDigest[:30])
		f.press("esc")
	}
	f.press("esc")
}

// held finds that the office holds what stands on the paper, and that the
// program shows the same when it is started again.
func (f *filler) held() {
	f.t.Helper()
	for part, answers := range f.want {
		s, err := f.store.Submission(f.t.Context(), f.inst.ID, part, 1)
		f.must(err)
		sent, err := surveysync.ParseSubmission(s.Body)
		f.must(err)
		if diff := survey.Diff(answers, sent.Answers); len(diff) > 0 {
			f.t.Errorf("%s: the office holds something else: %v", part, diff)
		}
	}
	f.reopen()
	if n := strings.Count(f.screen(), " inviata"); n != 5 {
		f.t.Fatalf("after a restart:\n%s", f.screen())
	}
}
