package throughput_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
)

var submitted = flag.Int("submitted", 40_000, "submissions behind the office's commands")

// BenchmarkOffice runs the office's commands over the register of the whole of
// Italy with -submitted submissions stored: what a person waits for, the start
// of the program and the opening of the store included. cpu-ms is its processor
// time, MB the most memory of its own that it was seen to hold.
func BenchmarkOffice(b *testing.B) {
	program := filepath.Join(b.TempDir(), "rileva-server")
	if out, err := exec.Command("go", "build", "-o", program, "rileva/cmd/server").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	run := func(b *testing.B, data string, args ...string) {
		b.Helper()
		cmd := exec.Command(program, append([]string{"--data", data}, args...)...)
		said := &bytes.Buffer{}
		cmd.Stdout, cmd.Stderr = said, said
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		ended, most := make(chan error), int64(0)
		go func() { ended <- cmd.Wait() }()
		for look := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-look.C:
				most = max(most, resident(strconv.Itoa(cmd.Process.Pid)))
				continue
			case err := <-ended:
				if look.Stop(); err != nil {
					b.Fatalf("%v: %v\n%s", args, err, said)
				}
			}
			break
		}
		b.ReportMetric(float64((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Milliseconds()), "cpu-ms")
		b.ReportMetric(float64(most>>20), "MB")
	}
	italy := []string{"institutions", "import", "--province", "ALL", filepath.Join("testdata", "schools_italy_secondary.csv.gz")}
	b.Run("import", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			run(b, filepath.Join(b.TempDir(), fmt.Sprint(i)), italy...)
		}
	})
	data := filepath.Join(b.TempDir(), "data")
	run(b, data, italy...)
	run(b, data, "survey", "dates", "--opens", "2020-01-01", "--due", "2099-01-01", "--late-until", "2099-02-01")
	if err := fillItaly(filepath.Join(data, storeFile), *submitted); err != nil {
		b.Fatal(err)
	}
	for _, args := range [][]string{{"status"}, {"missing"}, {"export"}, {"outliers"}, {"explanations"}, {"check"}} {
		b.Run(strings.Join(args, " "), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if args[0] == "export" {
					args = []string{"export", "--out", filepath.Join(b.TempDir(), fmt.Sprint(i))}
				}
				run(b, data, append(args, "--json")...)
			}
		})
	}
	if info, err := os.Stat(filepath.Join(data, storeFile)); err == nil {
		b.Logf("%d submissions in %d MB", *submitted, info.Size()>>20)
	}
}

// fillItaly spreads n submissions over the institutions of a store: all parts
// of each return, then amendments.
func fillItaly(path string, n int) error {
	s, err := bolt.Open(path, bolt.Options{KeyFile: filepath.Join(filepath.Dir(path), "rileva.key")})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	f, err := newFilling(s)
	if err != nil {
		return err
	}
	ctx := context.Background()
	listed, err := s.Institutions(ctx)
	if err != nil {
		return err
	}
	// A code that the checks doubt would have to be explained.
	listed = slices.DeleteFunc(listed, func(in store.Institution) bool {
		paritaria := in.Code[6:9] == "500"
		return paritaria != (in.Kind == survey.KindParitaria) || !paritaria && !survey.CheckCharacterOK(in.Code)
	})
	hashes := map[string]string{}
	for _, in := range listed {
		hashes[in.ID] = "one-time"
	}
	if _, err := s.IssueCredentials(ctx, hashes, false, f.now, f.act("credentials_issue")); err != nil {
		return err
	}
	var g errgroup.Group
	g.SetLimit(abreast)
	for i := range listed {
		mine := n / len(listed)
		if i < n%len(listed) {
			mine++
		}
		g.Go(func() error {
			one := &school{Institution: listed[i]}
			answers := samples.For(one.Institution.Institution.Institution)
			answers[survey.GeneralPart]["institution_municipality"] = "MILANO" // the survey is of Milano's schools
			var err error
			if one.sheets, err = f.write(one.Code, answers); err != nil {
				return err
			}
			if err := f.enter(ctx, one); err != nil {
				return err
			}
			return f.send(one, mine)
		})
	}
	return g.Wait()
}
