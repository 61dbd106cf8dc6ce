// Command demo shows the main job with the two built programs: a throw-away
// server with the real register of Milano, one school signed in, half of its
// part 1 filled in. At a terminal it opens the form; without one it goes the
// whole way through the commands and prints each of them. Everything is torn
// down at the end.
//
//	go run ./scripts/demo BIN     BIN holds rileva and rileva-server
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/term"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: demo BIN")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// account is one line of what `rileva-server demo --json` prints.
type account struct {
	Code     string   `json:"code"`
	Name     string   `json:"name"`
	Password string   `json:"password"`
	Tracks   []string `json:"expected_tracks"`
}

type demo struct {
	bin, dir, server, data string
	school                 account
	loud                   bool // prints the commands
}

const newPassword = "password-di-prova"

func run(bin string) (err error) {
	dir, err := os.MkdirTemp("", "rileva-prova-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d := &demo{bin: bin, dir: dir}
	stop, err := d.start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	in, out := int(os.Stdin.Fd()), int(os.Stdout.Fd())
	d.loud = !term.IsTerminal(in) || !term.IsTerminal(out)
	if err := d.prepare(); err != nil {
		return err
	}
	if d.loud {
		return d.wholeWay()
	}
	// Ctrl+C belongs to the form while it runs.
	signal.Ignore(os.Interrupt)
	cmd := d.client()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// start runs the server's own demo: a free port, the real register, dates
// moved to now, a few accounts. The school is the one with three tracks.
func (d *demo) start() (stop func() error, err error) {
	cmd := exec.Command(filepath.Join(d.bin, "rileva-server"), "demo", "--json")
	cmd.Stderr = io.Discard
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var said struct {
		Address  string    `json:"address"`
		Data     string    `json:"data"`
		Accounts []account `json:"accounts"`
	}
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&said); err != nil {
		_ = cmd.Process.Kill()
		return nil, fmt.Errorf("the server did not start: %w", err)
	}
	i := slices.IndexFunc(said.Accounts, func(a account) bool { return len(a.Tracks) == 3 })
	if i < 0 {
		_ = cmd.Process.Kill()
		return nil, errors.New("no school with three tracks")
	}
	d.server, d.data, d.school = said.Address, said.Data, said.Accounts[i]
	return func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		return cmd.Wait()
	}, nil
}

// prepare signs in and fills half of part 1.
func (d *demo) prepare() error {
	if d.loud {
		fmt.Printf("# Server di prova su %s; scuola %s, %s\n", d.server, d.school.Code, d.school.Name)
	}
	if err := d.rileva(d.school.Password+"\n"+newPassword+"\n", "login", "--code", d.school.Code, "--password-stdin"); err != nil {
		return err
	}
	half := samples.Answers(samples.HalfGeneral)
	half["tracks_offered"] = d.school.Tracks
	delete(half, "iefp_delivery_mode")
	return d.fill(survey.GeneralPart, half)
}

// wholeWay does by commands what a person does in the form.
func (d *demo) wholeWay() error {
	inst := survey.Institution{Code: d.school.Code, Codes: []string{d.school.Code}, Kind: survey.KindState, Comune: "MILANO"}
	all := samples.ForTracks(inst, d.school.Tracks...)
	if err := d.fill(survey.GeneralPart, all[survey.GeneralPart]); err != nil {
		return err
	}
	for _, track := range d.school.Tracks {
		if err := d.fill(track, all[track]); err != nil {
			return err
		}
	}
	for _, step := range [][]string{{"check"}, {"submit", "--all", "--declare"}, {"status"}, {"receipts"}} {
		if err := d.rileva("", step...); err != nil {
			return err
		}
	}
	for _, step := range [][]string{{"show", d.school.Code}, {"log", "--outcome", "accepted"}, {"check"}} {
		fmt.Printf("$ rileva-server %s\n", strings.Join(step, " "))
		cmd := exec.Command(filepath.Join(d.bin, "rileva-server"), append([]string{"--data", d.data}, step...)...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("rileva-server %v: %w", step, err)
		}
	}
	return nil
}

// fill writes the answers to a file, as somebody would from a spreadsheet, and
// takes them in. What the register gives is not typed.
func (d *demo) fill(part string, answers survey.Answers) error {
	for _, id := range []string{"institution_code", "institution_name", "institution_status", "institution_municipality", "declaration"} {
		delete(answers, id)
	}
	raw, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	file := filepath.Join(d.dir, part+".json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		return err
	}
	return d.rileva("", "fill", part, "--from", file)
}

func (d *demo) client(args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(d.bin, "rileva"), args...)
	cmd.Env = append(os.Environ(), "RILEVA_HOME="+filepath.Join(d.dir, "computer"), "RILEVA_SERVER="+d.server)
	return cmd
}

// rileva runs one command; what it prints is shown when there is no form.
func (d *demo) rileva(stdin string, args ...string) error {
	cmd := d.client(args...)
	cmd.Stdin = strings.NewReader(stdin)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	if d.loud {
		fmt.Printf("$ rileva %s\n%s", strings.ReplaceAll(strings.Join(args, " "), d.dir+string(filepath.Separator), ""), said.String())
	}
	if err != nil {
		return fmt.Errorf("rileva %v: %w\n%s", args, err, said.String())
	}
	return nil
}
