package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"rileva/internal/desk"
	"rileva/internal/tui/field"
	"rileva/internal/tui/robot"
	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
)

// TestRobot presses keys, pastes and resizes at random over one return, which
// goes on from check to check: no key may end in a panic, every screen fits
// its window (send looks), the form has always a page, and what a page shows
// as answered is on the disk.
func TestRobot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general, survey.TrackLiceale, survey.TrackIeFP)
	work, err := w.desk.Work(general)
	w.must(err)
	var places [][2]string
	for _, part := range append([]string{general}, samples.Tracks()...) {
		sheet := work.Sheet.Questionnaire().Sheet(part)
		for _, v := range sheet.Variables() {
			if v.Type != survey.TypeDeclaration && !v.Computed {
				places = append(places, [2]string{part, v.ID})
			}
		}
	}
	names := robot.Keys()
	sizes := [][2]int{{80, 24}, {80, 24}, {100, 30}, {60, 15}, {59, 14}, {3, 2}, {140, 50}}
	pastes := []string{"1\t2\t3\n4\t5\t6", "1.204", "a\r\nb\r\nc", "漢字 è\u0300", "", "MIPS01000G", "\x1b[2J", "Sì"}
	rapid.Check(t, func(r *rapid.T) {
		if place := rapid.SampledFrom(places).Draw(r, "place"); rapid.Bool().Draw(r, "jump") {
			w.jump(place[0], place[1])
		}
		for range 30 {
			switch rapid.IntRange(0, 19).Draw(r, "what") {
			case 0:
				size := rapid.SampledFrom(sizes).Draw(r, "size")
				w.size(size[0], size[1])
			case 1:
				w.send(tea.PasteMsg{Content: rapid.SampledFrom(pastes).Draw(r, "paste")})
			case 2:
				w.down.Store(rapid.Bool().Draw(r, "down"))
				w.send(tickMsg{})
			case 3, 4, 5, 6, 7, 8, 9:
				w.types(string(rapid.SampledFrom([]rune("0123456789sneE xà漢@/jk")).Draw(r, "rune")))
			default:
				w.press(rapid.SampledFrom(names).Draw(r, "key"))
			}
			w.holds(r)
		}
	})
}

// jump opens a place. The answers of part 1 may have closed its sheet: then
// part 1 is filled in again.
func (w *world) jump(part, id string) {
	w.t.Helper()
	w.app.top().leave()
	w.app.home()
	work, err := w.desk.Work(part)
	if err != nil {
		blank, err := w.desk.Work(general)
		w.must(err)
		for id := range blank.Draft.Answers {
			if !blank.Sheet.Variable(id).ReadOnly {
				_, err = blank.Set(desk.Change{Variable: id})
				w.must(err)
			}
		}
		w.refill(general)
		work, err = w.desk.Work(part)
		w.must(err)
	}
	openVariable(w.app, work, id)
	w.screen()
}

// holds compares the page on top with the disk.
func (w *world) holds(r *rapid.T) {
	if w.app.unsaved != "" {
		r.Fatalf("not saved: %s", w.app.unsaved)
	}
	switch p := w.app.top().(type) {
	case *sectionPage:
		stored := w.stored(r, p.work.Part)
		if stored == nil {
			return
		}
		if p.current() == nil {
			r.Fatal("no question has the focus")
		}
		for i, it := range p.items {
			if it.field == nil || i == p.at {
				continue
			}
			v := it.item.Question
			f := field.New(v, w.app.look())
			f.Set(stored.Value(v.ID))
			if !survey.Equal(f.Value(), it.field.Value()) {
				r.Fatalf("%s shows %v, the disk has %v", v.ID, it.field.Value(), stored.Value(v.ID))
			}
		}
	case *gridPage:
		stored := w.stored(r, p.work.Part)
		if stored == nil {
			return
		}
		shown := p.cells()
		for i, row := range p.g.Rows {
			for k, cell := range row.Cells {
				n, ok := stored.Value(cell.ID).(int)
				got := shown[i][k]
				if !cell.Computed && (ok != (got.Value != nil) || ok && *got.Value != n) {
					r.Fatalf("%s shows %v, the disk has %v", cell.ID, got.Value, stored.Value(cell.ID))
				}
			}
		}
		if _, cell := p.focus(); cell == nil {
			r.Fatal("no cell has the focus")
		}
	}
}

// stored reads a part from the disk. It is nil when the last answer has closed
// the sheet whose page is open: then there is nothing to compare.
func (w *world) stored(r *rapid.T, part string) *desk.Work {
	work, err := w.desk.Work(part)
	if err != nil && part == general {
		r.Fatal(err)
	}
	return work
}
