package e2e_test

import (
	"bufio"
	"bytes"
	"cmp"
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
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/rogpeppe/go-internal/testscript"

	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// running is the server of one script.
type running struct {
	store   string // address of a database; "" is a file of the data folder
	key     string // file of the log's key; "" is that of the data folder
	cmd     *exec.Cmd
	addr    string // host:port, kept over restarts
	full    bool   // no file may grow
	proxies string // who say for whom they call
	program string // "" is this source's
	turns   *turns // of a script's server on a database: with whom it takes turns
}

type serverKey struct{}

func (r *running) kill() {
	if r.turns != nil {
		r.turns.close()
		r.turns.other.kill()
	}
	if r.cmd != nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
		r.cmd = nil
	}
}

// stop asks the server to end, which it does when it has answered what it began.
func (r *running) stop() error {
	if r.turns != nil {
		r.turns.close()
		if err := r.turns.other.stop(); err != nil {
			return err
		}
	}
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := r.cmd.Wait(); err != nil {
		return fmt.Errorf("the server did not end well after SIGTERM: %w", err)
	}
	r.cmd = nil
	return nil
}

var address = regexp.MustCompile(`http://(127\.0\.0\.1:[0-9]+)`)

// serverCommand starts, kills (SIGKILL) or stops (SIGTERM) the script's server.
// start sets $RILEVA_SERVER; a second start takes the same address. full starts
// it where the system lets no file grow beyond its first pages, as on a full
// disk; failed waits until it has ended by itself and wants exit code 1.
//
//	server start|full|kill|stop|failed
func serverCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: server start|full|kill|stop|failed")
	}
	r := ts.Value(serverKey{}).(*running)
	switch args[0] {
	case "start", "full":
		r.full = args[0] == "full"
		r.start(ts)
	case "failed":
		var exit *exec.ExitError
		if err := r.cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
			ts.Fatalf("the server ended with %v, not with exit code 1", err)
		}
		r.cmd = nil
	case "kill":
		r.kill()
	case "stop":
		ts.Check(r.stop())
	default:
		ts.Fatalf("usage: server start|full|kill|stop|failed")
	}
}

func (r *running) start(ts *testscript.TestScript) {
	r.store = ts.Getenv("RILEVA_STORE")
	ts.Check(r.serve(ts.Getenv("RILEVA_DATA"), ts.MkAbs("server.log")))
	addr := r.addr
	if r.store != "" {
		ts.Check(r.takeTurns(ts.Getenv("RILEVA_DATA"), ts.MkAbs("server2.log")))
		addr = r.turns.addr
	}
	ts.Setenv("RILEVA_SERVER", "http://"+addr)
}

// serve starts a server on a data folder and waits until it prints where it
// listens; the same address again after a restart.
func (r *running) serve(data, log string) error {
	listen := r.addr
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	r.cmd = exec.Command(cmp.Or(r.program, filepath.Join(bin, exe("rileva-server"))), "--data", data, "serve", "--listen", listen)
	if r.full {
		r.cmd = exec.Command("sh", append([]string{"-c", `ulimit -f 8; exec "$0" "$@"`}, r.cmd.Args...)...)
	}
	r.cmd.Env = append(os.Environ(), "LANG=it_IT.UTF-8", "TZ=Europe/Rome", "RILEVA_STORE="+r.store, "RILEVA_LOG_KEY="+r.key, "RILEVA_TRUSTED_PROXIES="+r.proxies)
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	r.cmd.Stderr = file
	endsWithUs(r.cmd)
	if err := r.cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			r.addr = m[1]
			go func() { // the pipe must not fill up
				for lines.Scan() {
					continue
				}
			}()
			return nil
		}
	}
	said, _ := os.ReadFile(log)
	return fmt.Errorf("the server ended without printing an address:\n%s", said)
}

// notTyped is what the register gives, and the declaration, which is made when
// the part is sent.
var notTyped = []string{"institution_code", "institution_name", "institution_status", "institution_municipality", "declaration"}

// sampleCommand writes the sample answers of a part, made to fit a school.
//
//	sample FILE PART CODE KIND COMUNE
func sampleCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: sample FILE PART CODE KIND COMUNE")
	}
	in := survey.Institution{Code: args[2], Codes: []string{args[2]}, Kind: args[3], Comune: args[4], Name: "SCUOLA DI PROVA"}
	answers := samples.For(in)[args[1]]
	if answers == nil {
		ts.Fatalf("there is no sample of %s", args[1])
	}
	for _, id := range notTyped {
		delete(answers, id)
	}
	raw, err := json.MarshalIndent(answers, "", " ")
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o600))
}

// passwordCommand reads the password of a school from the CSV of `credentials
// issue` into a file for --password-stdin, with a new one on the second line.
//
//	password FILE CSV CODE [NEW]
func passwordCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: password FILE CSV CODE [NEW]")
	}
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[1]))).ReadAll()
	ts.Check(err)
	for _, row := range rows {
		if row[0] == args[2] {
			text := row[2] + "\n"
			if len(args) == 4 {
				text += args[3] + "\n"
			}
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
			return
		}
	}
	ts.Fatalf("%s has no line for %s", args[1], args[2])
}

// editCommand changes one value of a JSON file; a number, or a string.
//
//	edit FILE KEY VALUE
func editCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE KEY VALUE")
	}
	var doc map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc))
	doc[args[1]] = args[2]
	if n, err := strconv.Atoi(args[2]); err == nil {
		doc[args[1]] = n
	}
	raw, err := json.Marshal(doc)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o600))
}

// yamlsubCommand makes another version of the questionnaire: OLD, which must
// stand there once, becomes NEW; \n in both is the end of a line. A file that is
// not there yet begins as the embedded survey.
//
//	yamlsub FILE OLD NEW
func yamlsubCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: yamlsub FILE OLD NEW")
	}
	text := string(questionnaires.Dispersione202223)
	if raw, err := os.ReadFile(ts.MkAbs(args[0])); err == nil {
		text = string(raw)
	}
	was, is := strings.ReplaceAll(args[1], `\n`, "\n"), strings.ReplaceAll(args[2], `\n`, "\n")
	if n := strings.Count(text, was); n != 1 {
		ts.Fatalf("%q stands %d times in %s", was, n, args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, was, is, 1)), 0o600))
}

// fieldCommand reads a value of a JSON file into an environment variable. The
// path is dotted; a number is an index.
//
//	field NAME FILE PATH
func fieldCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: field NAME FILE PATH")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &v))
	for _, step := range strings.Split(args[2], ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				ts.Fatalf("%s: no %s in %s", args[1], args[2], args[1])
			}
			v = x[i]
		}
	}
	if f, ok := v.(float64); ok && f == float64(int(f)) {
		v = int(f)
	}
	ts.Setenv(args[0], fmt.Sprint(v))
}

// putCommand sends answers past the client's own checks, as another program
// could, and prints what the server says.
//
//	put FILE PART CODE PASSWORD
func putCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: put FILE PART CODE PASSWORD")
	}
	part, code := args[1], args[2]
	base := ts.Getenv("RILEVA_SERVER") + surveysync.BasePath
	var session surveysync.Session
	call(ts, http.MethodPost, base+"/sessions", "", surveysync.SignIn{Code: code, Password: args[3], Device: "prova"}, &session)
	var ret surveysync.Return
	call(ts, http.MethodGet, base+"/return", session.Token, nil, &ret)
	body := surveysync.Submission{SubmissionID: uuid.Must(uuid.NewV7()).String(), Institution: code, Survey: ret.Survey.ID, Part: part,
		Questionnaire: ret.Survey.Questionnaire, CompletedAt: time.Now()}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &body.Answers))
	_, err := ts.Stdout().Write(call(ts, http.MethodPut, base+"/parts/"+part, session.Token, body, nil))
	ts.Check(err)
}

func call(ts *testscript.TestScript, method, url, token string, body, into any) []byte {
	raw, err := json.Marshal(body)
	ts.Check(err)
	req, err := http.NewRequest(method, url, bytes.NewReader(raw))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("If-None-Match", "*")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer func() { _ = resp.Body.Close() }()
	out, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if into != nil {
		ts.Check(json.Unmarshal(out, into))
	}
	return out
}
