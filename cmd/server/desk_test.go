package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"rileva/internal/account"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// TestMain makes the tests' own file the program, where a test wants a process
// that it can kill or put on a bad disk.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

const asProgram = "RILEVA_TEST_AS_PROGRAM"

// noon is inside the dates of the embedded survey.
var noon = time.Date(2023, 12, 1, 12, 0, 0, 0, time.UTC)

// desk is one office: a data folder and the commands on it, with a clock that
// stands and dice that fall alike.
type desk struct {
	t    testing.TB
	env  environment
	data string
	out  bytes.Buffer
	err  bytes.Buffer
}

// dice are random numbers that are the same in every run. Two rooms draw.
type dice struct {
	mu  sync.Mutex
	src *mathrand.ChaCha8
}

func (d *dice) Read(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.src.Read(b)
}

func newDesk(t testing.TB) *desk {
	d := &desk{t: t, data: filepath.Join(t.TempDir(), "data")}
	d.env = environment{out: &d.out, err: &d.err, getenv: func(string) string { return "" },
		now:    func() time.Time { return noon },
		hasher: account.NewHasher(account.Params{Memory: 64, Time: 1, Threads: 1}, rand.Reader),
		random: &dice{src: mathrand.NewChaCha8([32]byte{1})}, self: programName, checkFile: bolt.CheckFile}
	return d
}

// run runs one command on the folder.
func (d *desk) run(args ...string) (exit int, out, err string) {
	d.t.Helper()
	d.out.Reset()
	d.err.Reset()
	exit = run(context.Background(), append([]string{"--data", d.data}, args...), d.env)
	return exit, d.out.String(), d.err.String()
}

// ok runs a command that must succeed.
func (d *desk) ok(args ...string) string {
	d.t.Helper()
	exit, out, err := d.run(args...)
	if exit != exitDone {
		d.t.Fatalf("%s: exit %d\n%s%s", strings.Join(args, " "), exit, out, err)
	}
	return out
}

// refused runs a command that must be refused with the exit code and says why.
func (d *desk) refused(want int, args ...string) string {
	d.t.Helper()
	exit, _, err := d.run(args...)
	if exit != want {
		d.t.Errorf("%s: exit %d, want %d\n%s", strings.Join(args, " "), exit, want, err)
	}
	wellSaid(d.t, args, err)
	return err
}

// foreign are the words of Go, of the libraries and of the system.
var foreign = regexp.MustCompile(`panic|goroutine|no such file|permission denied|is a directory|open /|invalid argument|unexpected|yaml|json:|EOF|%!|timeout|accepts |requires |unknown |required flag|strconv|parsing`)

// wellSaid: a sentence and what to do, in our words.
func wellSaid(t testing.TB, args []string, err string) {
	t.Helper()
	if !strings.HasPrefix(err, "rileva-server: ") || !strings.Contains(err, "rileva-server: suggerimento: ") {
		t.Errorf("%s: no sentence or no hint:\n%s", strings.Join(args, " "), err)
	}
	if found := foreign.FindString(err); found != "" {
		t.Errorf("%s: says %q:\n%s", strings.Join(args, " "), found, err)
	}
}

// read runs a command with --json into v.
func (d *desk) read(v any, args ...string) {
	d.t.Helper()
	out := d.ok(append(args, "--json")...)
	reflect.ValueOf(v).Elem().SetZero() // or what is left out would stay from before
	if err := json.Unmarshal([]byte(out), v); err != nil {
		d.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// file writes a file and gives its path.
func (d *desk) file(name, content string) string {
	d.t.Helper()
	path := filepath.Join(d.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

const registerHeader = "ANNOSCOLASTICO,PROVINCIA,CODICEISTITUTORIFERIMENTO,DENOMINAZIONEISTITUTORIFERIMENTO,CODICESCUOLA,DENOMINAZIONESCUOLA,INDIRIZZOSCUOLA,CAPSCUOLA,CODICECOMUNESCUOLA,DESCRIZIONECOMUNE,DESCRIZIONECARATTERISTICASCUOLA,DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA,INDIRIZZOEMAILSCUOLA,INDIRIZZOPECSCUOLA\n"

func stateRow(head, code, name, comune, province string) string {
	return fmt.Sprintf("202223,%s,%s,%s,%s,%s,VIA ROMA 1,20100,F205,%s,NORMALE,LICEO SCIENTIFICO,%s@istruzione.it,%s@pec.istruzione.it\n",
		province, head, name, code, name, comune, code, code)
}

func paritariaRow(code, name, address, email string) string {
	return fmt.Sprintf("202223,MILANO,,,%s,%s,%s,20100,F205,MILANO,,SCUOLA SEC. SECONDO GRADO NON STATALE,%s,\n", code, name, address, email)
}

// threeSchools: a state institution with two codes, a group of paritarie that
// is a guess, a paritaria alone.
var threeSchools = registerHeader +
	stateRow("MIIS00100B", "MIIS00100B", "ALFA", "MILANO", "MILANO") +
	stateRow("MIIS00100B", "MIPS00101N", "ALFA", "MILANO", "MILANO") +
	paritariaRow("MIPL125001", "BETA", "VIA DELEDDA 11", "beta@example.org") +
	paritariaRow("MITD5V500H", "BETA TECNICO", "VIA DELEDDA 11", "beta@example.org") +
	paritariaRow("MIPS185003", "GAMMA", "VIA VERDI 3", "gamma@example.org")

func (d *desk) furnish() *desk {
	d.t.Helper()
	d.ok("institutions", "import", d.file("scuole.csv", threeSchools))
	return d
}

// submit stores sample parts of one institution, as the API would.
func (d *desk) submit(code string, parts ...string) {
	d.t.Helper()
	d.store(code, parts, func(*surveysync.Submission) {})
}

// submitChanged stores a sample part that was changed before.
func (d *desk) submitChanged(code, part string, change func(*surveysync.Submission)) {
	d.t.Helper()
	d.store(code, []string{part}, change)
}

func (d *desk) store(code string, parts []string, change func(*surveysync.Submission)) {
	d.t.Helper()
	p := &program{environment: d.env, words: &italian}
	o, err := p.openOffice(d.data)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = o.Store.Close() }()
	ctx := context.Background()
	in, err := o.Store.FindInstitution(ctx, code)
	if err != nil {
		d.t.Fatal(err)
	}
	s, err := o.Store.Survey(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	session := store.Session{InstitutionID: in.ID, Device: "pc\x1b[2J", CreatedAt: noon, ExpiresAt: noon.AddDate(0, 0, 30)}
	session.TokenHash[0] = byte(submissions)
	if _, err := o.Store.IssueCredentials(ctx, map[string]string{in.ID: "x"}, false, noon,
		surveysync.Entry{At: noon, Actor: surveysync.ActorServer, Action: "test", Outcome: surveysync.OutcomeOK}); err != nil {
		d.t.Fatal(err)
	}
	if err := o.Store.SignIn(ctx, session, surveysync.Entry{At: noon, Actor: surveysync.ActorSchool,
		Action: surveysync.ActionSignIn, Outcome: surveysync.OutcomeOK, InstitutionID: in.ID}); err != nil {
		d.t.Fatal(err)
	}
	access, err := o.Store.Access(ctx, session.TokenHash, noon)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, part := range parts {
		body := d.body(in, s, part, change)
		sub, err := surveysync.ParseSubmission(body)
		if err != nil {
			d.t.Fatal(err)
		}
		answered, err := o.Store.Accept(ctx, store.Put{
			Access:   access,
			Body:     body,
			Incoming: surveysync.Incoming{Submission: sub, Digest: surveysync.Digest(body), Part: part, Now: noon, Lang: "it"},
			Entry: surveysync.Entry{At: noon, Actor: surveysync.ActorSchool, Action: surveysync.ActionSubmit,
				Device: "pc\x1b[2J", Incident: "0000-0001"},
		})
		if err != nil || answered.Verdict.Outcome != surveysync.Accept {
			d.t.Fatalf("%s: %v, %+v", part, err, answered.Verdict)
		}
	}
}

// quiet is a log that nobody reads.
var quiet = slog.New(slog.DiscardHandler)

var submissions int

func (d *desk) body(in store.Institution, s store.Survey, part string, change func(*surveysync.Submission)) []byte {
	d.t.Helper()
	submissions++
	answers := samples.For(in.Institution.Institution)[part]
	if answers == nil {
		d.t.Fatalf("no sample of %s", part)
	}
	sub := surveysync.Submission{SubmissionID: fmt.Sprintf("01930000-0000-7000-8000-%012x", submissions), Institution: in.Code,
		Survey: s.ID, Part: part, Questionnaire: s.InForce, Answers: answers, CompletedAt: noon}
	change(&sub)
	body, err := json.Marshal(sub)
	if err != nil {
		d.t.Fatal(err)
	}
	return body
}

// serve runs the server on the folder until the test ends.
func (d *desk) serve() *App {
	d.t.Helper()
	p := &program{environment: d.env, words: &italian, log: quiet}
	app, _, err := p.openApp(context.Background(), Config{DataDir: d.data, Listen: "127.0.0.1:0"})
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	var once sync.Once
	end := func() {
		once.Do(func() {
			stop()
			if err := <-done; err != nil {
				d.t.Errorf("run: %v", err)
			}
			if err := app.Close(); err != nil {
				d.t.Errorf("close: %v", err)
			}
		})
	}
	d.t.Cleanup(end)
	return app
}
