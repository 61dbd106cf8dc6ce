package tui

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"rileva/internal/desk"
	"rileva/internal/tui/field"
)

// importPage chooses the file that a table is filled in from, or writes the
// template to fill in: the files of the documents' folder, or a path that is
// typed or dragged into the window.
type importPage struct {
	listing
	grid *gridPage
	in   textinput.Model
	cx   int
}

// filesShown bounds the list of a full folder: the newest are looked for.
const filesShown = 20

func newImport(a *App, grid *gridPage) *importPage {
	p := &importPage{listing: listing{app: a}, grid: grid, in: textinput.New()}
	p.in.CharLimit = 4096 // PATH_MAX
	p.in.Prompt = ""
	p.in.SetVirtualCursor(false)
	p.in.SetStyles(textinput.Styles{})
	p.in.Focus()
	p.refresh()
	return p
}

func (p *importPage) title() string  { return p.app.texts.Import.Title }
func (p *importPage) help() string   { return p.app.texts.Import.HelpChoose }
func (p *importPage) about() string  { return p.app.texts.Import.About }
func (p *importPage) status() string { return p.grid.g.Title.In(p.app.texts.lang) }

func (p *importPage) refresh() {
	m := p.app.texts.Import
	p.rows = []listRow{{more: []string{m.How}}, {}, {text: m.Write, open: func() tea.Cmd { p.writeTemplate(); return nil }}, {}}
	files := tableFiles(p.app.documents)
	head := fmt.Sprintf(m.Folder, p.app.documents)
	if len(files) == 0 {
		head = fmt.Sprintf(m.NoFiles, p.app.documents)
	}
	p.rows = append(p.rows, listRow{more: []string{head}})
	for _, f := range files {
		file := filepath.Join(p.app.documents, f.Name())
		note := ""
		if info, err := f.Info(); err == nil {
			note = p.app.texts.moment(info.ModTime())
		}
		p.rows = append(p.rows, listRow{text: f.Name(), note: note, open: func() tea.Cmd { p.open(file); return nil }})
	}
}

// tableFiles lists what can be a table, the newest first.
func tableFiles(folder string) []os.DirEntry {
	all, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	changed := func(e os.DirEntry) int64 {
		info, err := e.Info()
		if err != nil {
			return 0 // it is going away
		}
		return info.ModTime().UnixNano()
	}
	all = slices.DeleteFunc(all, func(e os.DirEntry) bool {
		ext := strings.ToLower(filepath.Ext(e.Name()))
		return e.IsDir() || strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "~$") || ext != ".csv" && ext != ".xlsx"
	})
	slices.SortStableFunc(all, func(a, b os.DirEntry) int { return int(min(max(changed(b)-changed(a), -1), 1)) })
	return all[:min(len(all), filesShown)]
}

// writeTemplate writes it beside the person's documents and never over a file:
// one of that name may be filled in already.
func (p *importPage) writeTemplate() {
	m := p.app.texts.Import
	name := "rileva-" + p.grid.work.Part + "-" + p.grid.g.ID
	file := filepath.Join(p.app.documents, name+".xlsx")
	for i := 2; ; i++ {
		if _, err := os.Stat(file); err != nil {
			break
		}
		file = filepath.Join(p.app.documents, fmt.Sprintf("%s-%d.xlsx", name, i))
	}
	content, err := p.grid.work.Template(p.grid.g.ID, file)
	if err != nil {
		p.app.failed(err)
		return
	}
	if err := writeFile(file, content); err != nil {
		p.app.say(fmt.Sprintf(p.app.texts.More.ReceiptNotSaved, p.app.documents))
		return
	}
	p.refresh()
	p.app.say(fmt.Sprintf(m.Written, filepath.Base(file)))
}

// open reads a file and shows what it would change.
func (p *importPage) open(file string) {
	m := p.app.texts.Import
	raw, err := readTable(file)
	if err != nil {
		p.app.say(fmt.Sprintf(m.NotRead, filepath.Base(file)))
		return
	}
	found, err := p.grid.work.ReadTable(p.grid.g.ID, filepath.Base(file), raw)
	if err != nil {
		p.app.push(newRefusal(p.app, desk.Sentence(err, p.app.texts.lang), desk.Hint(err, p.app.texts.lang)))
		return
	}
	p.app.push(newPreview(p.app, p.grid, filepath.Base(file), found))
}

// readTable reads a little more than a table may be, so that the desk can say
// that it is too large.
func readTable(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a folder; a device would never end
		return nil, os.ErrInvalid
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, desk.MaxFill+1))
}

func (p *importPage) size(w, h int) { p.listing.size(w, max(h-searchLines, 1)) }

func (p *importPage) key(k tea.KeyPressMsg) tea.Cmd {
	typed := strings.TrimSpace(p.in.Value())
	switch s := k.String(); {
	case (s == "enter" || s == "kpenter") && typed != "":
		p.open(dropped(typed))
		return nil
	case slices.Contains([]string{"esc", "up", "down", "tab", "shift+tab", "pgup", "pgdown", "enter"}, s):
		cmd, _ := p.move(k)
		return cmd
	}
	p.in, _ = p.in.Update(k)
	return nil
}

func (p *importPage) paste(s string) tea.Cmd {
	p.in, _ = p.in.Update(tea.PasteMsg{Content: strings.TrimSpace(s)})
	return nil
}

// dropped is the path of a file dragged into the window, as the terminals of
// the three systems write it.
func dropped(s string) string {
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		s = s[1 : len(s)-1]
	}
	if u, err := url.Parse(s); err == nil && u.Scheme == "file" {
		return filepath.FromSlash(u.Path)
	}
	if _, err := os.Stat(s); err != nil && filepath.Separator == '/' {
		return strings.ReplaceAll(s, `\ `, " ")
	}
	return s
}

func (p *importPage) view() string {
	label := p.app.texts.Import.Label + " ["
	room := max(p.w-ansi.StringWidth(label)-1, 10)
	text, x := field.Window(p.in, room)
	p.cx = ansi.StringWidth(label) + x
	return label + text + strings.Repeat("_", max(room-ansi.StringWidth(text), 0)) + "]\n\n" + p.listing.view()
}

func (p *importPage) cursor() (int, int, bool) { return p.cx, 0, true }

// previewPage shows what a file would do to a table, and asks. Nothing is taken
// of a file that has a fault: a table half from a file and half from before
// would be one that nobody has counted.
type previewPage struct {
	listing
	grid  *gridPage
	file  string
	found desk.TableImport
}

func newPreview(a *App, grid *gridPage, file string, found desk.TableImport) *previewPage {
	p := &previewPage{listing: listing{app: a}, grid: grid, file: file, found: found}
	p.refresh()
	return p
}

func (p *previewPage) title() string { return p.app.texts.Import.Title }
func (p *previewPage) about() string { return p.app.texts.Import.About }

func (p *previewPage) help() string {
	if p.ready() {
		return p.app.texts.Import.HelpAsk
	}
	return p.app.texts.Import.HelpRead
}

func (p *previewPage) status() string {
	if p.ready() {
		return p.app.texts.Import.Ask
	}
	return p.app.texts.Import.Nothing
}

// ready tells whether there is something to take and nothing against it.
func (p *previewPage) ready() bool { return len(p.found.Faults) == 0 && len(p.found.Changes) > 0 }

func (p *previewPage) refresh() {
	t, m := p.app.texts, p.app.texts.Import
	nothing := func() tea.Cmd { return nil } // a line to scroll over
	p.rows = []listRow{{text: fmt.Sprintf(m.Of, p.file)},
		{text: fmt.Sprintf(m.Counts, t.number(len(p.found.Changes)), t.number(p.found.Same), t.number(p.found.Blank))}, {}}
	if n := len(p.found.Faults); n > 0 {
		p.rows = append(p.rows, listRow{more: []string{t.count(n, m.Refused1, m.RefusedN)}})
		for _, f := range p.found.Faults {
			p.rows = append(p.rows, listRow{text: "! " + fmt.Sprintf("%s:%d  %s", p.file, f.Line, f.Variable), more: []string{p.name(f.Variable) + f.Message}, open: nothing})
		}
		p.rows = append(p.rows, listRow{})
	}
	if len(p.found.Changes) > 0 {
		p.rows = append(p.rows, listRow{more: []string{m.Changes}})
	}
	for _, c := range p.found.Changes {
		from := c.From
		if from == "" {
			from = t.Grid.Blank
		}
		p.rows = append(p.rows, listRow{text: c.Label, note: from + " -> " + t.number(c.To), open: nothing})
	}
	if p.ready() {
		p.rows = append(p.rows, listRow{}, listRow{text: m.Yes, note: m.YesKey, open: func() tea.Cmd { p.take(); return nil }},
			listRow{text: m.No, note: "Esc", open: func() tea.Cmd { p.app.pop(); return nil }})
	}
}

// name is what a variable is called, before what is wrong with it.
func (p *previewPage) name(id string) string {
	if v := p.grid.work.Sheet.Variable(id); v != nil {
		return v.Name(p.app.texts.lang) + ": "
	}
	return ""
}

// take gives the table its numbers, as one step that Ctrl+Z takes back.
func (p *previewPage) take() {
	if !p.ready() {
		return
	}
	numbers := map[string]*int{}
	for _, c := range p.found.Changes {
		numbers[c.Variable] = &c.To
	}
	res := p.grid.m.Take(numbers)
	if !p.grid.took(res) {
		return // the status line says why; the table shows what the disk has
	}
	for p.app.top() != p.grid && len(p.app.pages) > 1 {
		p.app.back()
	}
	p.app.say(p.app.texts.count(len(res.Changes), p.app.texts.Import.Taken1, p.app.texts.Import.TakenN))
}

func (p *previewPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch s := strings.ToLower(k.String()); {
	case p.ready() && len(s) == 1 && strings.Contains(p.app.texts.Import.YesKeys, s):
		p.take()
		return nil
	case s == "n":
		p.app.pop()
		return nil
	}
	cmd, _ := p.move(k)
	return cmd
}

// newRefusal says why a whole file is not taken, and what to do.
func newRefusal(a *App, sentence, hint string) *helpPage {
	return newAbout(a, sentence+"\n"+hint)
}
