package tui

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"sync"
	"testing"

	"rileva/pkg/survey"
)

var update = flag.Bool("update", false, "write the golden screens anew")

// masked is what differs from run to run.
var masked = []struct {
	re   *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`computer-[0-9A-Z]{4}`), "computer-NOME"},
	{regexp.MustCompile(`127\.0\.0\.1:[0-9]+_*`), "SERVER"},
	{regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}(-[0-9A-Z]{4})?`), "NUMERO"},
	{regexp.MustCompile(`(sha256:)?[0-9a-f]{30,}`), "IMPRONTA"},
}

// TestScreens compares every page with its golden screen: at 80x24, at 100x30
// and in a window that is too small. What is a page is read from the code, so
// that none is without.
func TestScreens(t *testing.T) {
	t.Parallel()
	var shown sync.Map
	t.Run("each", func(t *testing.T) { everyScreen(t, &shown) })
	for _, name := range pageTypes(t) {
		if _, ok := shown.Load(name); !ok {
			t.Errorf("%s has no golden screen", name)
		}
	}
}

func everyScreen(t *testing.T, shown *sync.Map) {
	for name, page := range screens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "it")
			page(w)
			shown.Store(reflect.TypeOf(w.app.top()).Elem().Name(), true)
			for _, size := range []struct {
				name string
				w, h int
			}{{"80x24", 80, 24}, {"100x30", 100, 30}, {"small", 59, 14}} {
				w.size(size.w, size.h)
				golden(t, name+"-"+size.name, w.screen())
			}
		})
	}
}

// screens leads to every page from a fresh device.
var screens = map[string]func(*world){
	"signin": func(*world) {},
	"signin-fault": func(w *world) {
		w.press("enter", "enter")
	},
	"password": func(w *world) {
		w.types(w.inst.Code)
		w.press("enter")
		w.robot.Paste(w.letter)
		w.press("enter")
	},
	"prepare":  func(w *world) { w.signed().app.push(newPrepare(w.app)) },
	"home":     func(w *world) { w.signed() },
	"home-all": func(w *world) { w.signed().filled(general, survey.TrackLiceale); w.news() },
	"home-unreached": func(w *world) {
		w.signed().filled(general)
		w.down.Store(true)
		w.press("f5")
	},
	"part":        func(w *world) { w.signed().press("enter") },
	"section":     func(w *world) { w.signed().at(general, "institution_email") },
	"section-bad": func(w *world) { w.signed().at(general, "institution_email"); w.types("nessuna"); w.press("tab", "up") },
	"grid": func(w *world) {
		w.signed().filled(general, survey.TrackLiceale).at(survey.TrackLiceale, "enrolled_start_y1_m")
	},
	"grid-three-axes": (*world).threeAxes,
	"help-question": func(w *world) {
		w.signed().at(general, "institution_email")
		w.press("f1")
	},
	"help-table": func(w *world) {
		w.signed().filled(general).at(survey.TrackLiceale, "enrolled_start_y1_m")
		w.press("f1")
	},
	"help-page": func(w *world) { w.signed().press("f1") },
	"review":    func(w *world) { w.signed().press("f9") },
	"explain": func(w *world) {
		w.signed().at(general, "institution_email")
		w.types("scuola@example.org")
		w.press("tab")
		work, err := w.desk.Work(general)
		w.must(err)
		i := slices.IndexFunc(work.Eval.Findings, func(f survey.Finding) bool { return f.Check == "G11" })
		w.app.push(newExplain(w.app, general, work.Eval.Findings[i]))
	},
	"submit": func(w *world) { w.signed().filled(general).press("f9"); w.pass(grace) },
	"submit-all": func(w *world) {
		w.signed().filled(general, survey.TrackLiceale)
		openSubmit(w.app, general, survey.TrackLiceale)
		w.pass(grace)
	},
	"receipts": func(w *world) { w.sent(); w.press("f8") },
	"receipt":  func(w *world) { w.sent(); w.press("f8", "enter") },
	"news":     func(w *world) { w.signed().filled(general); w.news(); w.app.push(newNews(w.app)) },
	"search":   func(w *world) { w.signed().filled(general).press("ctrl+f"); w.types("cittadinanza") },
	"settings": func(w *world) { w.signed().app.push(newSettings(w.app)) },
	"attempts": func(w *world) {
		w.signed()
		w.down.Store(true)
		w.press("f5")
		w.app.push(newAttempts(w.app))
	},
	"import":          func(w *world) { w.signed().filled(general).bad(); w.app.documents = "Documenti"; w.press("esc") },
	"preview":         func(w *world) { w.signed().filled(general).good() },
	"preview-refused": func(w *world) { w.signed().filled(general).bad() },
	"doctor":          func(w *world) { w.signed(); w.down.Store(true); w.press("f3") },
	"doctor-well":     func(w *world) { w.sent(); w.press("f3") },
	"conflict":        func(w *world) { w.conflict() },
	"last-year": func(w *world) {
		w.signed().before("2021/22", answersBefore)
		w.at(general, "institution_email")
		w.types("nuova@example.org")
		w.press("tab", "f8")
	},
	"section-last-year": func(w *world) {
		w.signed().before("2021/22", answersBefore)
		w.at(general, "institution_email")
		w.press("f8", "enter")
	},
	"aside": func(w *world) { w.aside(); w.app.push(newAside(w.app)) },
	"loss": func(w *world) {
		w.signed().at(general, "head_name")
		w.types("Nome")
		w.must(w.desk.Close())
		w.press("ctrl+q")
	},
}

func golden(t *testing.T, name, screen string) {
	t.Helper()
	for _, m := range masked {
		screen = m.re.ReplaceAllString(screen, m.with)
	}
	file := filepath.Join("testdata", "screens", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(screen), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != screen {
		t.Errorf("%s differs.\nwant:\n%s\ngot:\n%s", name, want, screen)
	}
}
