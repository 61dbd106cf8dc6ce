package e2e_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// crowd is some schools of Milano with their letters, and where they send to.
type crowd struct {
	*testing.T
	dir     string
	store   string     // address of a database; "" is a file of the data folder
	letters [][]string // code, name, password

	url   string
	ready func(context.Context) // returns when it is worth trying
	told  func()                // one more was acknowledged
}

// newCrowd makes a store with the register, an open survey and passwords for
// the first n schools whose codes are confirmed.
func newCrowd(t *testing.T, store string, n int) crowd {
	t.Helper()
	w := crowd{T: t, dir: t.TempDir(), store: store}
	if err := writeRegister(w.dir); err != nil {
		t.Fatal(err)
	}
	said := func(args ...string) string {
		t.Helper()
		out, err := w.command(args...)
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return out
	}
	said("institutions", "import", filepath.Join(w.dir, "schools_milano.csv.gz"))
	said("survey", "dates", "--opens", "2020-01-01", "--due", "2099-01-01", "--late-until", "2099-02-01")
	var all []struct {
		Code      string
		Confirmed bool
	}
	if err := json.Unmarshal([]byte(said("institutions", "list", "--json")), &all); err != nil {
		t.Fatal(err)
	}
	issue := []string{"credentials", "issue", "--out", filepath.Join(w.dir, "pw.csv")}
	for _, one := range all {
		if one.Confirmed && n > 0 {
			issue = append(issue, one.Code)
			n--
		}
	}
	said(issue...)
	raw, err := os.ReadFile(filepath.Join(w.dir, "pw.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil || len(rows) != len(issue)-3 {
		t.Fatalf("letters: %v %v", rows, err)
	}
	w.letters = rows[1:]
	return w
}

func (w *crowd) data() string { return filepath.Join(w.dir, "data") }

func (w *crowd) command(args ...string) (string, error) {
	cmd := exec.Command(filepath.Join(bin, exe("rileva-server")), append([]string{"--data", w.data()}, args...)...)
	cmd.Env = append(os.Environ(), "RILEVA_STORE="+w.store)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// clean wants check and log verify to find nothing.
func (w *crowd) clean() {
	w.Helper()
	for _, args := range [][]string{{"check"}, {"log", "verify"}} {
		if out, err := w.command(args...); err != nil {
			w.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}

// sender is one school's device that sends its part 1 over and over.
type sender struct {
	*crowd
	code     string
	client   *surveysync.Client
	ret      surveysync.Return
	body     []byte // what is on its way, nil if nothing is
	receipts []surveysync.Receipt
	sent     map[string]bool
}

// lossy is a network that loses a request or an answer, or sends twice.
type lossy struct{ t http.RoundTripper }

func (l lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	lot := rand.IntN(10)
	if r.Method != http.MethodPut || lot > 2 {
		return l.t.RoundTrip(r)
	}
	if lot == 0 {
		return nil, errors.New("the request is lost")
	}
	first, err := l.t.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if lot == 1 {
		_ = first.Body.Close()
		return nil, errors.New("the answer is lost")
	}
	again := r.Clone(r.Context())
	if again.Body, err = r.GetBody(); err != nil {
		return nil, err
	}
	_ = first.Body.Close()
	return l.t.RoundTrip(again)
}

// enter signs the school of a letter in.
func (w *crowd) enter(i int, network http.RoundTripper) *sender {
	w.Helper()
	ctx := w.Context()
	client, err := surveysync.NewClient(surveysync.Options{Server: w.url, Version: "test", HTTP: lossy{network}})
	must := func(err error) {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
	}
	must(err)
	row := w.letters[i]
	info, err := client.Server(ctx)
	must(err)
	client.Trust(info.LogKey)
	session, err := client.SignIn(ctx, surveysync.SignIn{Code: row[0], Password: row[2], Device: "prova"})
	must(err)
	client.SetToken(session.Token)
	for err = errors.New("not yet"); err != nil; { // it may be lost like any PUT
		err = client.ChangePassword(ctx, surveysync.PasswordChange{Current: row[2], New: "quattro lampade verdi sul tavolo"})
	}
	ret, _, err := client.Return(ctx)
	must(err)
	return &sender{crowd: w, code: row[0], client: client, ret: ret, sent: map[string]bool{}}
}

// send offers one revision after the other, each until its receipt is there.
// What is on its way when ctx ends is offered first the next time.
func (s *sender) send(ctx context.Context) {
	for ctx.Err() == nil {
		if s.body == nil {
			if err := s.write(); err != nil {
				s.Error(err)
				return
			}
		}
		if s.ready(ctx); ctx.Err() != nil {
			return
		}
		r, _, err := s.client.Put(ctx, survey.GeneralPart, s.body, len(s.receipts), "")
		if err == nil {
			s.receipts, s.body = append(s.receipts, r), nil
			s.told()
			continue
		}
		if state, fate := surveysync.Classify(err); state != surveysync.OpQueued && ctx.Err() == nil {
			s.Errorf("%s, revision %d: %s, %s: %v", s.code, len(s.receipts)+1, state, fate, err)
			return
		}
	}
}

// write freezes the next revision.
func (s *sender) write() (err error) {
	id := uuid.Must(uuid.NewV7()).String()
	s.sent[id] = true
	s.body, err = json.Marshal(surveysync.Submission{SubmissionID: id, Institution: s.code, Survey: s.ret.Survey.ID, Part: survey.GeneralPart,
		Questionnaire: s.ret.Survey.Questionnaire, Answers: samples.For(s.ret.Institution)[survey.GeneralPart], CompletedAt: time.Now()})
	return err
}

// judge compares what was acknowledged with what the server lists.
func (s *sender) judge() {
	list, err := s.client.Revisions(s.Context(), survey.GeneralPart)
	for tries := 1; err != nil && tries < 5; tries++ { // a busy machine: what was stored does not go away
		list, err = s.client.Revisions(s.Context(), survey.GeneralPart)
	}
	if err != nil {
		s.Errorf("%s: %v", s.code, err)
		return
	}
	if len(list) < len(s.receipts) || len(list) > len(s.receipts)+1 { // the last answer may be lost
		s.Errorf("%s: %d acknowledged, %d stored", s.code, len(s.receipts), len(list))
	}
	seen := map[string]bool{}
	for i, r := range list {
		if r.Revision != i+1 || seen[r.SubmissionID] || !s.sent[r.SubmissionID] ||
			i < len(s.receipts) && (r.SubmissionID != s.receipts[i].SubmissionID || r.ContentDigest != s.receipts[i].ContentDigest) {
			s.Errorf("%s: revision %d is %+v", s.code, i+1, r)
		}
		seen[r.SubmissionID] = true
	}
}
