package e2e_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

var seed = flag.Uint64("seed", rand.Uint64(), "of what is typed into the form before it is killed")

// TestKilledForm: the real form is killed (SIGKILL) at a random key while
// answers are typed into a table or into questions, and started again. Every
// answer that had been left is on the disk with its value; of those whose keys
// were still on the way each is there only if the ones before it are; at most
// the one being typed is lost, or stands there as far as it was typed.
func TestKilledForm(t *testing.T) {
	rnd := rand.New(rand.NewPCG(*seed, 0))
	t.Logf("seed %d", *seed)
	d := newDevice(t)
	rounds, lost, half := cmp.Or(*kills, 8), 0, 0
	for round := range rounds {
		place := d.table
		if rnd.IntN(3) == 0 {
			place = d.questions
		}
		plan := place(rnd)
		x := d.open()
		x.types(plan.path[0])
		for _, step := range plan.path[1:] {
			what, keys, _ := strings.Cut(step, "\n")
			x.sees(what)
			x.types(keys)
		}
		x.sees(plan.shows)
		left := rnd.IntN(len(plan.steps) + 1)
		for _, s := range plan.steps[:left] {
			x.types(s.keys + s.move)
			x.sees(s.then)
		}
		sent := ""
		for _, s := range plan.steps[left:] {
			sent += s.keys + s.move
		}
		x.types(sent[:rnd.IntN(len(sent)+1)])
		// A moment of the kill, and not a wait for anything: it falls before, into
		// or after the writing of the answers that are on the way.
		time.Sleep(time.Duration(rnd.IntN(20_000)) * time.Microsecond)
		x.close()
		was := d.on(plan.part)
		reached, typing := plan.judge(was, left)
		if reached < 0 {
			t.Fatalf("round %d, %s: of %d answers %d were left, and the disk has\n%s", round, plan.part, len(plan.steps), left, plan.tell(was))
		}
		if reached < len(plan.steps) {
			lost++
		}
		if typing {
			half++
		}
		d.answers[plan.part] = was
	}
	d.shown()
	t.Logf("%d kills: nothing that was left is lost; %d fell into typing, %d of these kept the field as far as it was typed", rounds, lost, half)
}

// shown: the form that is started after the last kill shows what the disk has.
func (d *device) shown() {
	x := d.open()
	x.types(down + enter)
	x.sees("2. Movimenti")
	x.types(down + enter)
	first := d.sheets[survey.TrackLiceale].Grid("movements").Rows[0].Cells[0].ID
	x.sees(fmt.Sprintf("1° anno, Maschi: %v", d.answers[survey.TrackLiceale][first])) // as it stands in the cell
	x.close()
	x = d.open()
	x.types(enter)
	x.sees("2. Contatti")
	x.types(down + enter)
	x.sees(fmt.Sprintf("[%v_", d.answers[survey.GeneralPart]["compiler_email"]))
}

// step types one answer and leaves it.
type step struct {
	id, keys, move string
	want           any
	half           []any  // what it may be while it is typed
	then           string // what the screen shows when it was left
}

// plan is what one round types.
type plan struct {
	part  string
	path  []string // keys to the first answer; "what to see first\nkeys"
	shows string   // on arrival
	begin survey.Answers
	steps []step
}

// judge finds how many steps the disk has, at least left; -1 when it is none
// of the states that may be there.
func (p *plan) judge(disk survey.Answers, left int) (reached int, typing bool) {
	state := maps.Clone(p.begin)
	for n := 0; n <= len(p.steps); n++ {
		if n > 0 {
			state[p.steps[n-1].id] = p.steps[n-1].want
		}
		if n < left {
			continue
		}
		if same(state, disk) {
			return n, false
		}
		if n == len(p.steps) {
			break
		}
		for _, v := range p.steps[n].half {
			typed := maps.Clone(state)
			typed[p.steps[n].id] = v
			if same(typed, disk) {
				return n, true
			}
		}
	}
	return -1, false
}

func (p *plan) tell(disk survey.Answers) string {
	out := ""
	for _, c := range survey.Diff(p.begin, disk) {
		out += fmt.Sprintf("%s: %v, was %v\n", c.ID, disk[c.ID], p.begin[c.ID])
	}
	for i, s := range p.steps {
		out += fmt.Sprintf("%d. %s = %v\n", i+1, s.id, s.want)
	}
	return out
}

func same(a, b survey.Answers) bool { return len(survey.Diff(a, b)) == 0 }

// device is a school's folder, signed in and filled in.
type device struct {
	*school
	answers map[string]survey.Answers // as the disk must have them
	sheets  map[string]*survey.Sheet
}

func newDevice(t testing.TB) *device {
	t.Helper()
	d := &device{school: newSchool(t), answers: map[string]survey.Answers{}, sheets: map[string]*survey.Sheet{}}
	login := exec.Command(filepath.Join(bin, exe("rileva")), "login", "--code", d.institution.Code, "--password-stdin")
	login.Env = append(os.Environ(), "RILEVA_HOME="+d.home, "RILEVA_SERVER="+d.server, "LANG=it_IT.UTF-8")
	login.Stdin = strings.NewReader(d.password + "\nuna-password-nuova\n")
	if out, err := login.CombinedOutput(); err != nil {
		t.Fatalf("login: %v\n%s", err, out)
	}
	d.run("fill", survey.GeneralPart, "--from", d.write("general.json", d.school.answers[survey.GeneralPart]))
	d.run("fill", survey.TrackLiceale, "--from", d.write("liceale.json", d.school.answers[survey.TrackLiceale]))
	desk := d.desk()
	if err := desk.NotePrepared(); err != nil {
		t.Fatal(err)
	}
	if err := desk.Close(); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{survey.GeneralPart, survey.TrackLiceale} {
		d.answers[part] = d.on(part)
	}
	return d
}

func (d *device) desk() *desk.Desk {
	d.t.Helper()
	opened, err := desk.Open(d.home, desk.Options{Lang: "it"})
	if err != nil {
		d.t.Fatal(err)
	}
	return opened
}

// on reads the answers of a part from the disk.
func (d *device) on(part string) survey.Answers {
	d.t.Helper()
	opened := d.desk()
	defer func() { _ = opened.Close() }()
	work, err := opened.Work(part)
	if err != nil {
		d.t.Fatal(err)
	}
	d.sheets[part] = work.Sheet
	return work.Draft.Answers
}

// open starts the form and waits for the home page.
func (d *device) open(env ...string) *terminal {
	d.t.Helper()
	x := openForm(d.t, append([]string{"RILEVA_HOME=" + d.home, "RILEVA_SERVER=" + d.server}, env...)...)
	x.sees("Pagina iniziale")
	return x
}

// place is how the status line names a cell.
func place(row *survey.Row, cell *survey.Variable, g *survey.Grid) string {
	var names []string
	for axis, at := range cell.At {
		names = append(names, g.Axes[axis].Items[at].Label.In("it"))
	}
	return row.OnScreen("it") + ", " + strings.Join(names, ", ")
}

// table plans a walk through the movements of the pupils.
func (d *device) table(rnd *rand.Rand) *plan {
	part := survey.TrackLiceale
	g := d.sheets[part].Grid("movements")
	rows := g.Rows[:0:0]
	for _, r := range g.Rows {
		if !r.Computed {
			rows = append(rows, r)
		}
	}
	row, col := rnd.IntN(len(rows)), rnd.IntN(len(rows[0].Cells))
	at := func() string { return place(rows[row], rows[row].Cells[col], g) }
	begin := d.answers[part]
	p := &plan{part: part, begin: begin, shows: at(), path: []string{down + enter,
		"2. Movimenti\n" + down + enter, place(rows[0], rows[0].Cells[0], g) + "\n" + strings.Repeat(down, row) + strings.Repeat(right, col)}}
	for range 1 + rnd.IntN(8) {
		n := rnd.IntN(10_000) >> rnd.IntN(12)
		s := step{id: rows[row].Cells[col].ID, keys: strconv.Itoa(n), want: n}
		for i := 1; i < len(s.keys); i++ {
			half, _ := strconv.Atoi(s.keys[:i])
			s.half = append(s.half, half)
		}
		s.half = append(s.half, n) // all of it, and not left yet
		switch key := rnd.IntN(5); {
		case key == 0 && row > 0:
			s.move, row = up, row-1
		case key == 1 && col > 0:
			s.move, col = left, col-1
		case key <= 2 && col < len(rows[0].Cells)-1:
			s.move, col = right, col+1
		case row < len(rows)-1:
			s.move, row = enter, row+1
		case col < len(rows[0].Cells)-1:
			s.move, row, col = enter, 0, col+1
		default:
			s.move, row = up, row-1
		}
		s.then = at()
		p.steps = append(p.steps, s)
	}
	return p
}

// questions plans a walk through those contacts of part 1 that stay in order
// whatever letters are added: a part 1 with errors would close the table.
func (d *device) questions(rnd *rand.Rand) *plan {
	part := survey.GeneralPart
	var asked []*survey.Variable
	for _, s := range d.sheets[part].Sections {
		for _, item := range s.Items {
			if q := item.Question; s.ID == "contacts" && q.Type != survey.TypePhone && q.Number > 7 {
				asked = append(asked, q)
			}
		}
	}
	at := rnd.IntN(len(asked))
	focus := func() string { return fmt.Sprintf("> %d. ", asked[at].Number) }
	state := maps.Clone(d.answers[part])
	p := &plan{part: part, begin: d.answers[part], shows: focus(),
		path: []string{enter, "2. Contatti\n" + down + enter, "> 7. \n" + strings.Repeat(tab, asked[at].Number-7)}}
	for range 1 + rnd.IntN(8) {
		v := asked[at]
		s := step{id: v.ID}
		if v.Type == survey.TypeChoice {
			n := rnd.IntN(len(v.Options))
			s.keys, s.want = strconv.Itoa(n+1), v.Options[n].ID
			s.half = []any{s.want}
		} else {
			value := state[v.ID].(string)
			for range max(len(value)-40, 0) {
				value = value[:len(value)-1]
				s.keys += backspace
				s.half = append(s.half, value)
			}
			for range 1 + rnd.IntN(4) {
				value += string(rune('a' + rnd.IntN(26)))
				s.keys += value[len(value)-1:]
				s.half = append(s.half, value)
			}
			s.want = value
		}
		state[v.ID] = s.want
		if at == len(asked)-1 || at > 0 && rnd.IntN(3) == 0 {
			s.move, at = backTab, at-1
		} else {
			s.move, at = []string{enter, tab}[rnd.IntN(2)], at+1
		}
		s.then = focus()
		p.steps = append(p.steps, s)
	}
	return p
}
