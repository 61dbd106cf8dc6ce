// Scale does the arithmetic of docs/scale.md: what surveys of growing size ask
// of a server, from one province to a continent, and where the design breaks.
// It plays the last evening through as a discrete-event simulation, fed with
// service times that `make bench` has measured.
//
// Start reading at [steps] and [playEvening].
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// Measured by `make bench` on two cores with a load of 8 to 16 from other work,
// so too long rather than too short, but for baseMS: a group of 32 on a quiet
// machine (docs/performance.md). Milliseconds and bytes.
const (
	checkMS   = 1.0  // a processor of a server, for each submission: reading, checks, receipt
	signInMS  = 34.0 // a processor, for each sign-in: argon2id
	fileMS    = 0.2  // the file's writer, for each submission
	fileEndMS = 10.0 // and for each commit, two flushes of an office's disk
	baseMS    = 0.8  // PostgreSQL under the writers' lock, for each submission
	baseEndMS = 6.0  // and for each commit, with a standby that flushes too
	bodyB     = 6700 // a sheet as it is sent
	fileB     = 5350 // a submission in the file, with its line of the log
	baseB     = 8200 // in PostgreSQL, with the answers as jsonb and all indexes
)

// Assumed; nobody has measured them. They are meant to be on the bad side.
const (
	sheetsEach  = 3.5  // parts of one return
	sentEach    = 1.5  // how often a part is sent
	lastDay     = 0.4  // of all submissions come on the last day,
	lastEvening = 0.5  // of these in its last three hours,
	lastMinutes = 0.3  // and of these in the last twenty minutes
	linesEach   = 2.5  // lines of the log for each submission, sign-ins and refusals among them
	signInsEach = 0.5  // sign-ins for each submission
	openFor     = 120  // seconds that a device keeps its connection
	patienceMS  = 2000 // the 99th percentile beyond which people would notice
)

// groupLimit is how many submissions share a commit at most, as the engine has it.
const groupLimit = 128

// inputs are the constants above, for the reader of the report.
var inputs = []struct {
	what  string
	value any
	from  string
}{
	{"processor time of a server for a submission, ms", checkMS, "measured"},
	{"processor time of a server for a sign-in, ms", signInMS, "measured"},
	{"file: the writer's turn for a submission, ms", fileMS, "measured"},
	{"file: for each commit, two flushes of an office's disk, ms", fileEndMS, "assumed"},
	{"PostgreSQL: under the lock for a submission, ms", baseMS, "measured"},
	{"PostgreSQL: for each commit, the standby's flush among it, ms", baseEndMS, "assumed"},
	{"a sheet as it is sent, bytes", bodyB, "measured"},
	{"a submission in the file, bytes", fileB, "measured"},
	{"a submission in PostgreSQL, bytes", baseB, "measured"},
	{"submissions that share a commit, at most", groupLimit, "the program's limit"},
	{"parts of a return", sheetsEach, "assumed"},
	{"how often a part is sent", sentEach, "assumed"},
	{"of all submissions, on the last day", lastDay, "assumed"},
	{"of these, in the last three hours", lastEvening, "assumed"},
	{"of these, in the last twenty minutes", lastMinutes, "assumed"},
	{"lines of the log for a submission", linesEach, "assumed"},
	{"sign-ins for a submission", signInsEach, "assumed"},
	{"seconds that a device keeps its connection", openFor, "assumed"},
	{"what people would notice: 99 of 100 take longer than, ms", patienceMS, "assumed"},
}

// step is one size of survey, with what serves it.
type step struct {
	name         string
	institutions int
	file         bool // in a file, or in PostgreSQL
	servers      int
	cores        int // of each server
}

// steps: the first three are counted in the register of state schools and, for
// Milano, of paritarie; a continent is assumed.
var steps = []step{
	{"Milano", 152, true, 1, 2},
	{"Lombardia", 712, true, 1, 2},
	{"Italy", 4426, true, 1, 2},
	{"Italy", 4426, false, 2, 2},
	{"a continent", 60_000, false, 3, 4},
	{"ten continents", 600_000, false, 6, 8},
}

func main() { report(os.Stdout) }

func (s step) submissions() int { return int(float64(s.institutions) * sheetsEach * sentEach) }

func (s step) store() string {
	if s.file {
		return "file"
	}
	return "PostgreSQL"
}

func report(w io.Writer) {
	table(w, "What is put in", []string{"what", "value", "from"}, func(row func(...any)) {
		for _, in := range inputs {
			row(in.what, in.value, in.from)
		}
	})
	table(w, "What there is", []string{"survey", "institutions", "store", "servers", "submissions", "sent", "stored", "lines of the log"}, func(row func(...any)) {
		for _, s := range steps {
			n, each := s.submissions(), baseB
			if s.file {
				each = fileB
			}
			row(s.name, s.institutions, s.store(), fmt.Sprintf("%d × %d cores", s.servers, s.cores), n, size(n*bodyB), size(n*each), int(float64(n)*linesEach))
		}
	})
	table(w, "The last twenty minutes", []string{"survey", "store", "a second at the end", "half within", "99 of 100 within", "processors busy", "writer busy", "in a group", "connections"}, func(row func(...any)) {
		for _, s := range steps {
			e := playEvening(s, s.submissions())
			row(s.name, s.store(), fmt.Sprintf("%.1f", e.peak), ms(e.p50), ms(e.p99), percent(e.processors), percent(e.writer), fmt.Sprintf("%.1f", e.group), int(e.peak*openFor))
		}
	})
	table(w, "All at once: who came in twenty minutes of outage comes back within two", []string{"survey", "store", "a second", "half within", "99 of 100 within", "writer busy"}, func(row func(...any)) {
		for _, s := range steps {
			e := playOutage(s, s.submissions())
			row(s.name, s.store(), fmt.Sprintf("%.1f", e.peak), ms(e.p50), ms(e.p99), percent(e.writer))
		}
	})
	table(w, "Where it breaks", []string{"store", "servers", "submissions in the survey", "a second at the end", "99 of 100 within", "processors busy", "writer busy"}, func(row func(...any)) {
		for _, s := range []step{steps[2], steps[3], steps[4]} {
			n, e := breakingPoint(s)
			row(s.store(), fmt.Sprintf("%d × %d cores", s.servers, s.cores), n, fmt.Sprintf("%.0f", e.peak), ms(e.p99), percent(e.processors), percent(e.writer))
		}
	})
}

// breakingPoint doubles a survey until people would notice, in two minutes of
// the last twenty.
func breakingPoint(s step) (int, evening) {
	for n := s.submissions(); ; n *= 2 {
		if e := newPlay(s, signInsEach).run(2*minute, atTheEnd(n)/10); e.p99 > patienceMS {
			return n, e
		}
	}
}

func table(w io.Writer, title string, head []string, fill func(row func(...any))) {
	_, _ = fmt.Fprintf(w, "%s\n\n| %s |\n|%s\n", title, strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	fill(func(cells ...any) {
		for _, c := range cells {
			_, _ = fmt.Fprintf(w, "| %v ", c)
		}
		_, _ = fmt.Fprintln(w, "|")
	})
	_, _ = fmt.Fprintln(w)
}

func size(bytes int) string {
	if bytes < 1e9 {
		return fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}

func ms(v float64) string {
	if v < 1000 {
		return fmt.Sprintf("%.0f ms", v)
	}
	return fmt.Sprintf("%.1f s", v/1000)
}

func percent(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }
