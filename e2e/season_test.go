package e2e_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// TestSeason is a whole survey over the real register: 152 institutions, of
// which most sign in, some stop half way, some are late, one has an extension,
// some are sent back and amend, two paritarie turn out to be one. What the
// office is told is held against what the test itself has counted; every
// command says the same with the server up and down; an export of the season
// is the same bytes again, also from a restored backup.
func TestSeason(t *testing.T) {
	t.Parallel()
	newSeason(t, "").whole()
}

func (s *season) whole() {
	s.run("survey", "dates", "--opens", "2020-01-01", "--due", "2099-01-01", "--late-until", "2099-02-01")
	s.up()
	s.first()
	s.deadlinePasses()
	s.reviews()
	s.merged()
	s.told()
	s.exports()
	s.backupUnderLoad()
}

// attendant is one institution of the season, as the test follows it.
type attendant struct {
	code, name, kind, comune string
	tracks                   []string
	session                  *surveysync.Client
	ret                      surveysync.Return
	revision                 map[string]int // by part, what was acknowledged last
	late, returned, approved map[string]bool
	late2099                 bool // has an extension
	rejected                 int  // pupils not admitted beyond the sample's, see answers
}

func (s *attendant) due() []string { return append([]string{survey.GeneralPart}, s.tracks...) }

// state is what the school's return is in, by the contract's section 2.
func (s *attendant) state() string {
	in, approved := 0, 0
	for _, part := range s.due() {
		if s.revision[part] > 0 && !s.returned[part] {
			in++
		}
		if s.approved[part] {
			approved++
		}
	}
	switch {
	case len(s.revision) == 0:
		return survey.ReturnNotStarted
	case in < len(s.due()):
		return survey.ReturnInProgress
	case approved == len(s.due()):
		return survey.ReturnApproved
	}
	return survey.ReturnComplete
}

// answers are the sample's, with a few pupils more who were not admitted in
// the first year, so that no two schools are alike.
func (s *attendant) answers(part string) survey.Answers {
	a := samples.ForTracks(s.ret.Institution, s.tracks...)[part]
	if part != survey.GeneralPart {
		for row, n := range map[string]int{"admitted_june_y1_m": -s.rejected, "not_admitted_june_y1_m": s.rejected} {
			a[row] = a[row].(int) + n
		}
	}
	return a
}

type season struct {
	*testing.T
	dir     string
	server  *running
	schools []*attendant
	byCode  map[string]*attendant
}

// newSeason begins one, in a database where an address is given.
func newSeason(t *testing.T, database string) *season {
	t.Helper()
	s := &season{T: t, dir: t.TempDir(), server: &running{store: database}, byCode: map[string]*attendant{}}
	t.Cleanup(s.server.kill)
	if err := writeRegister(s.dir); err != nil {
		t.Fatal(err)
	}
	s.run("institutions", "import", filepath.Join(s.dir, "schools_milano.csv.gz"))
	s.run("institutions", "confirm")
	s.run("credentials", "issue", "--all", "--out", filepath.Join(s.dir, "pw.csv"))
	var listed []struct {
		Code, Name, Kind, Comune string
		Codes                    []string
		ExpectedTracks           []string `json:"expected_tracks"`
	}
	s.read(&listed, "institutions", "list")
	if len(listed) != 152 {
		t.Fatalf("%d institutions, want 105 state and 47 groups of paritarie", len(listed))
	}
	for i, in := range listed {
		one := &attendant{code: in.Code, name: in.Name, kind: in.Kind, comune: in.Comune, revision: map[string]int{},
			late: map[string]bool{}, returned: map[string]bool{}, approved: map[string]bool{}, rejected: i % 3}
		for _, track := range samples.Tracks() {
			if slices.Contains(in.ExpectedTracks, track) {
				one.tracks = append(one.tracks, track)
			}
		}
		if len(one.tracks) == 0 {
			one.tracks = []string{survey.TrackTecnico}
		}
		s.schools, s.byCode[one.code] = append(s.schools, one), one
	}
	return s
}

func (s *season) data() string { return filepath.Join(s.dir, "data") }

func (s *season) exec(data string, args ...string) ([]byte, error) {
	cmd := exec.Command(filepath.Join(bin, exe("rileva-server")), append([]string{"--data", data}, args...)...)
	cmd.Env = append(os.Environ(), "LANG=it_IT.UTF-8", "TZ=Europe/Rome")
	if data == s.data() {
		cmd.Env = append(cmd.Env, "RILEVA_STORE="+s.server.store)
	}
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%v: %w\n%s%s", args, err, out, exit.Stderr)
	}
	return out, err
}

// run runs a command of the office, which must succeed.
func (s *season) run(args ...string) []byte {
	s.Helper()
	out, err := s.exec(s.data(), args...)
	if err != nil {
		s.Fatal(err)
	}
	return out
}

// read runs it with --json into v.
func (s *season) read(v any, args ...string) {
	s.Helper()
	if err := json.Unmarshal(s.run(append(args, "--json")...), v); err != nil {
		s.Fatalf("%v: %v", args, err)
	}
}

func (s *season) up() {
	s.Helper()
	if err := s.server.serve(s.data(), filepath.Join(s.dir, "server.log")); err != nil {
		s.Fatal(err)
	}
}

func (s *season) down() { s.server.kill() }

// each runs do for the schools that pick chooses, four at a time.
func (s *season) each(pick func(i int) bool, do func(*attendant) error) {
	s.Helper()
	var g errgroup.Group
	g.SetLimit(4)
	for i, one := range s.schools {
		if pick(i) {
			g.Go(func() error {
				if err := do(one); err != nil {
					return fmt.Errorf("%s: %w", one.code, err)
				}
				return nil
			})
		}
	}
	if err := g.Wait(); err != nil {
		s.Fatal(err)
	}
}

func (s *season) enter(one *attendant, password string) error {
	client, err := surveysync.NewClient(surveysync.Options{Server: "http://" + s.server.addr, Version: "test"})
	if err != nil {
		return err
	}
	info, err := client.Server(s.Context())
	if err != nil {
		return err
	}
	client.Trust(info.LogKey)
	session, err := client.SignIn(s.Context(), surveysync.SignIn{Code: one.code, Password: password, Device: "prova"})
	if err != nil {
		return err
	}
	client.SetToken(session.Token)
	if err := client.ChangePassword(s.Context(), surveysync.PasswordChange{Current: password, New: "quattro lampade verdi sul tavolo"}); err != nil {
		return err
	}
	one.session = client
	one.ret, _, err = client.Return(s.Context())
	return err
}

// put sends a part; its revision and whether it is late are checked here.
func (s *season) put(one *attendant, part string, late bool, change func(survey.Answers)) error {
	answers := one.answers(part)
	if change != nil {
		change(answers)
	}
	body, err := json.Marshal(surveysync.Submission{SubmissionID: uuid.Must(uuid.NewV7()).String(), Institution: one.code, Survey: one.ret.Survey.ID,
		Part: part, Questionnaire: one.ret.Survey.Questionnaire, Answers: answers, CompletedAt: time.Now()})
	if err != nil {
		return err
	}
	r, _, err := one.session.Put(s.Context(), part, body, one.revision[part], "")
	if err != nil {
		return fmt.Errorf("%s: %w", part, err)
	}
	if r.Revision != one.revision[part]+1 || r.Late != late {
		return fmt.Errorf("%s: receipt %d late %v, want %d late %v", part, r.Revision, r.Late, one.revision[part]+1, late)
	}
	one.revision[part], one.late[part], one.returned[part] = r.Revision, late, false
	return nil
}

// sorts of schools, by their number in the list.
func punctual(i int) bool { return i%4 == 0 || i%4 == 1 }
func half(i int) bool     { return i%4 == 2 } // part 1 in time, the tracks when it is late
func lateOnly(i int) bool { return i%8 == 3 } // everything late
func extended(i int) bool { return i == 7 }   // everything after the date, with more time
func begins(i int) bool   { return punctual(i) || half(i) || lateOnly(i) || extended(i) }

// first: passwords are used, most schools send in time.
func (s *season) first() {
	rows, err := csv.NewReader(bytes.NewReader(s.file("pw.csv"))).ReadAll()
	if err != nil || len(rows) != len(s.schools)+1 {
		s.Fatalf("%d passwords: %v", len(rows)-1, err)
	}
	password := map[string]string{}
	for _, row := range rows {
		password[row[0]] = row[2]
	}
	s.each(begins, func(one *attendant) error { return s.enter(one, password[one.code]) })
	s.each(punctual, func(one *attendant) error {
		for _, part := range one.due() {
			if err := s.put(one, part, false, nil); err != nil {
				return err
			}
		}
		return nil
	})
	s.each(half, func(one *attendant) error { return s.put(one, survey.GeneralPart, false, nil) })
}

// deadlinePasses: what comes now is late, but for the school with more time.
func (s *season) deadlinePasses() {
	more := s.schools[7]
	more.late2099 = true
	s.run("survey", "dates", "--institution", more.code, "--due", "2099-01-10", "--late-until", "2099-02-10", "--reason", "palestra allagata")
	s.run("survey", "dates", "--due", "2020-12-20")
	rest := func(one *attendant) error {
		for _, part := range one.due() {
			if one.revision[part] == 0 {
				if err := s.put(one, part, !one.late2099, nil); err != nil {
					return err
				}
			}
		}
		return nil
	}
	s.each(func(i int) bool { return half(i) && i%8 == 2 || lateOnly(i) || extended(i) }, rest)
}

// reviews: three sheets go back, two are amended; some returns are approved.
func (s *season) reviews() {
	back := []*attendant{s.schools[0], s.schools[4], s.schools[8]}
	for _, one := range back {
		s.run("return", one.code, one.tracks[0], "--remark", "not_admitted_june_y1_m: ricontare i non ammessi", "--until", "2099-03-01")
		one.returned[one.tracks[0]] = true
	}
	for _, one := range back[:2] {
		if err := s.put(one, one.tracks[0], true, func(a survey.Answers) {
			a["admitted_june_y1_m"], a["not_admitted_june_y1_m"] = a["admitted_june_y1_m"].(int)-1, a["not_admitted_june_y1_m"].(int)+1
		}); err != nil {
			s.Fatalf("%s amends: %v", one.code, err)
		}
	}
	for _, one := range []*attendant{s.schools[1], s.schools[5], s.schools[9]} {
		s.run("approve", one.code)
		for _, part := range one.due() {
			one.approved[part] = true
		}
	}
}

// merged: two paritarie that have both sent everything are one; what the first
// sent stays.
func (s *season) merged() {
	var two []*attendant
	for i, one := range s.schools {
		if punctual(i) && one.kind == survey.KindParitaria && i > 9 && len(two) < 2 {
			two = append(two, one)
		}
	}
	keep, gone := two[0], two[1]
	if _, err := s.exec(s.data(), "institutions", "group", keep.code, gone.code); err == nil {
		s.Error("two schools that have both sent were put together without asking which returns stay")
	}
	s.run("institutions", "group", keep.code, gone.code, "--keep", keep.code)
	// The first code in byte order signs in from now on.
	delete(s.byCode, gone.code)
	s.schools = slices.DeleteFunc(s.schools, func(one *attendant) bool { return one == gone })
	if gone.code < keep.code {
		keep.code = gone.code
	}
}

// counts are what status says of some institutions.
type counts struct {
	Expected     int `json:"expected"`
	NotStarted   int `json:"not_started"`
	InProgress   int `json:"in_progress"`
	Inconsistent int `json:"inconsistent"`
	Complete     int `json:"complete"`
	Approved     int `json:"approved"`
	Late         int `json:"late"`
	NotDue       int `json:"not_due"`
}

func count(schools []*attendant) counts {
	c := counts{}
	for _, one := range schools {
		c.Expected++
		switch one.state() {
		case survey.ReturnNotStarted:
			c.NotStarted++
		case survey.ReturnInProgress:
			c.InProgress++
		case survey.ReturnComplete:
			c.Complete++
		case survey.ReturnApproved:
			c.Approved++
		}
		late := false
		for _, part := range one.due() {
			late = late || one.late[part] && !one.returned[part]
		}
		if late {
			c.Late++
		}
	}
	return c
}

// told: the office is told what happened, the same with the server up and down.
func (s *season) told() {
	var status struct {
		counts
		ByKind []struct {
			Kind string
			counts
		} `json:"by_kind"`
		ByTrack []struct {
			Track                                  string
			Expected, Missing, Submitted, Returned int
			Approved                               int
		} `json:"by_track"`
	}
	s.read(&status, "status")
	if diff := cmp.Diff(count(s.schools), status.counts); diff != "" {
		s.Errorf("status (-counted +told):\n%s", diff)
	}
	for _, kind := range status.ByKind {
		of := slices.DeleteFunc(slices.Clone(s.schools), func(one *attendant) bool { return one.kind != kind.Kind })
		if diff := cmp.Diff(count(of), kind.counts); diff != "" {
			s.Errorf("status of %s (-counted +told):\n%s", kind.Kind, diff)
		}
	}
	for _, track := range status.ByTrack {
		submitted, returned, approved := 0, 0, 0
		for _, one := range s.schools {
			switch {
			case !slices.Contains(one.tracks, track.Track) || one.revision[track.Track] == 0:
			case one.returned[track.Track]:
				returned++
			case one.approved[track.Track]:
				approved++
			default:
				submitted++
			}
		}
		if track.Submitted != submitted || track.Returned != returned || track.Approved != approved {
			s.Errorf("%+v, counted %d submitted, %d returned, %d approved", track, submitted, returned, approved)
		}
	}
	var missing []struct{ Code, Cause string }
	s.read(&missing, "missing")
	want := map[string]bool{}
	for _, one := range s.schools {
		if st := one.state(); st == survey.ReturnNotStarted || st == survey.ReturnInProgress {
			want[one.code] = true
		}
	}
	for _, row := range missing {
		if !want[row.Code] {
			s.Errorf("missing lists %s", row.Code)
		}
		delete(want, row.Code)
	}
	if len(want) > 0 {
		s.Errorf("missing leaves out %v", want)
	}

	one, now := s.schools[0], time.Now().UTC().Format(time.RFC3339) // the second that has begun
	// Every command that reads and writes nothing.
	commands := [][]string{{"status"}, {"institutions", "list"}, {"institutions", "show", one.code}, {"institutions", "tracks"},
		{"credentials", "list"}, {"credentials", "devices"}, {"survey", "show"}, {"missing"}, {"conflicts"}, {"show", one.code},
		{"show", one.code, survey.GeneralPart}, {"history", one.code, one.tracks[0]}, {"remind", "--dry-run"},
		{"explanations", "--as-of", now}, {"outliers", "--as-of", now}, {"log"}, {"log", "verify"}}
	up := map[int][]byte{}
	for i, args := range commands {
		up[i] = timeless(s.run(append(args, "--json")...))
	}
	s.down()
	for i, args := range commands {
		if down := timeless(s.run(append(args, "--json")...)); !bytes.Equal(up[i], down) {
			s.Errorf("%v differs with the server down:\n%s", args, cmp.Diff(string(up[i]), string(down)))
		}
	}
	s.run("check")
	s.run("log", "verify")
	if s.server.store != "" {
		s.saysTheSame(commands, up)
	}
	s.up()
}

// timeless is what a command says but for the moment at which it was asked.
func timeless(said []byte) []byte {
	return regexp.MustCompile(`^(\{\s*"at": ?)"[^"]*"`).ReplaceAll(said, []byte("$1null"))
}

// exports: the same bytes a second time, after more has come, and from a
// backup restored elsewhere; and the sums are those that were sent.
func (s *season) exports() {
	s.run("export", "--out", s.path("one"), "--format", "csv,xlsx,json")
	var manifest struct {
		AsOf   string `json:"as_of"`
		Counts struct{ Institutions, Submissions int }
	}
	if err := json.Unmarshal(s.file("one/manifest.json"), &manifest); err != nil {
		s.Fatal(err)
	}
	sent, rejected := 0, map[string]int{}
	for _, one := range s.schools {
		for part, revision := range one.revision {
			if revision == 0 || one.returned[part] {
				continue
			}
			sent++
			if part != survey.GeneralPart {
				a := one.answers(part)
				rejected[part] += a["not_admitted_june_y1_m"].(int) + revision - 1 // one more in each amendment
			}
		}
	}
	if manifest.Counts.Institutions != len(s.schools) || manifest.Counts.Submissions != sent {
		s.Errorf("the manifest says %+v, counted %d institutions, %d submissions", manifest.Counts, len(s.schools), sent)
	}
	if diff := cmp.Diff(rejected, s.sums("one/tracks.csv", "track", "not_admitted_june_y1_m")); diff != "" {
		s.Errorf("sums (-sent +exported):\n%s", diff)
	}
	s.run("backup", s.path("copy.backup"))
	last := s.schools[12]
	if err := s.put(last, survey.GeneralPart, true, nil); err != nil {
		s.Fatal(err)
	}
	s.run("export", "--out", s.path("again"), "--format", "csv,xlsx,json", "--as-of", manifest.AsOf)
	s.same("one", "again")
	s.down()
	s.run("export", "--out", s.path("down"), "--format", "csv,xlsx,json", "--as-of", manifest.AsOf)
	s.same("one", "down")

	restored := s.path("restored")
	for _, args := range [][]string{
		{"--log-key", filepath.Join(s.data(), "rileva.key"), "restore", s.path("copy.backup")},
		{"--log-key", filepath.Join(s.data(), "rileva.key"), "check"},
		{"--log-key", filepath.Join(s.data(), "rileva.key"), "export", "--out", s.path("elsewhere"), "--format", "csv,xlsx,json", "--as-of", manifest.AsOf},
	} {
		if _, err := s.exec(restored, args...); err != nil {
			s.Fatal(err)
		}
	}
	s.same("one", "elsewhere")
}

// backupUnderLoad: a backup is taken while two schools send. Restored
// elsewhere it is whole, extends the checkpoint of before, and has whatever was
// acknowledged before the backup began.
func (s *season) backupUnderLoad() {
	s.up()
	resp, err := http.Get("http://" + s.server.addr + surveysync.BasePath + "/log/checkpoint")
	if err != nil {
		s.Fatal(err)
	}
	checkpoint, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close(), os.WriteFile(s.path("checkpoint"), checkpoint, 0o600)); err != nil {
		s.Fatal(err)
	}
	busy := s.schools[12:14]
	var sending errgroup.Group
	var stop atomic.Bool
	before, begun := map[string]int{}, make(chan struct{}, len(busy))
	for _, one := range busy {
		before[one.code] = one.revision[survey.GeneralPart]
		sending.Go(func() error {
			for n := 0; !stop.Load(); n++ {
				if err := s.put(one, survey.GeneralPart, true, nil); err != nil {
					return err
				}
				if n == 3 {
					begun <- struct{}{}
				}
			}
			return nil
		})
	}
	for range busy {
		<-begun
	}
	s.run("backup", s.path("busy.backup"))
	stop.Store(true)
	if err := sending.Wait(); err != nil {
		s.Fatal(err)
	}
	elsewhere := s.path("busy")
	key := []string{"--log-key", filepath.Join(s.data(), "rileva.key")}
	for _, args := range [][]string{{"restore", s.path("busy.backup")}, {"check"}, {"log", "verify", "--checkpoint", s.path("checkpoint")}} {
		if _, err := s.exec(elsewhere, append(key, args...)...); err != nil {
			s.Fatal(err)
		}
	}
	for _, one := range busy {
		raw, err := s.exec(elsewhere, append(key, "show", one.code, survey.GeneralPart, "--json")...)
		var shown struct{ Submission struct{ Revision int } }
		if err = errors.Join(err, json.Unmarshal(raw, &shown)); err != nil {
			s.Fatal(err)
		}
		if n := shown.Submission.Revision; n < before[one.code]+4 || n > one.revision[survey.GeneralPart] {
			s.Errorf("%s: the backup has revision %d; acknowledged %d before it began, %d in the end", one.code, n, before[one.code]+4, one.revision[survey.GeneralPart])
		}
	}
}

func (s *season) path(name string) string { return filepath.Join(s.dir, name) }

func (s *season) file(name string) []byte {
	s.Helper()
	raw, err := os.ReadFile(s.path(name))
	if err != nil {
		s.Fatal(err)
	}
	return raw
}

// same compares two folders file by file.
func (s *season) same(a, b string) {
	s.Helper()
	entries, err := os.ReadDir(s.path(a))
	if err != nil || len(entries) < 5 {
		s.Fatalf("%s: %d files, %v", a, len(entries), err)
	}
	for _, e := range entries {
		if !bytes.Equal(s.file(filepath.Join(a, e.Name())), s.file(filepath.Join(b, e.Name()))) {
			s.Errorf("%s differs between %s and %s", e.Name(), a, b)
		}
	}
}

// sums adds a column up, by the values of another one.
func (s *season) sums(name, by, column string) map[string]int {
	s.Helper()
	rows, err := csv.NewReader(strings.NewReader(string(s.file(name)))).ReadAll()
	if err != nil {
		s.Fatal(err)
	}
	k, v := slices.Index(rows[0], by), slices.Index(rows[0], column)
	out := map[string]int{}
	for _, row := range rows[1:] {
		n, err := strconv.Atoi(row[v])
		if err != nil {
			s.Fatalf("%s: %v", name, err)
		}
		out[row[k]] += n
	}
	return out
}
