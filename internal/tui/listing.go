package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	surveysync "rileva/pkg/sync"
)

// listing is a column of lines of which some can be chosen. Home, the part's
// page, the findings and the receipts are listings.
type listing struct {
	app   *App
	rows  []listRow
	at    int // among the rows that can be chosen
	w, h  int
	top   int // first line shown
	focus int // line of the cursor, set while drawing
}

type listRow struct {
	text string
	note string         // at the right
	more []string       // lines under it
	open func() tea.Cmd // nil: cannot be chosen
	at   any            // what the row is about
}

func (l *listing) size(w, h int) { l.w, l.h = w, h }

func (l *listing) paste(string) tea.Cmd { return nil }
func (l *listing) leave() bool          { return true }

// choices lists the indices of the rows that can be chosen.
func (l *listing) choices() []int {
	var out []int
	for i, r := range l.rows {
		if r.open != nil {
			out = append(out, i)
		}
	}
	return out
}

// current is the chosen row, or nil.
func (l *listing) current() *listRow {
	c := l.choices()
	if len(c) == 0 {
		return nil
	}
	l.at = max(0, min(l.at, len(c)-1))
	return &l.rows[c[l.at]]
}

// stay goes back to the row that was chosen, after the rows were made anew: what
// the network brings must not put another line under the fingers. A row that is
// gone leaves its place to the one that stands there now.
func (l *listing) stay(was listRow) {
	alike := -1
	for n, i := range l.choices() {
		r := l.rows[i]
		switch {
		case r.text != was.text:
		case r.note == was.note && slices.Equal(r.more, was.more):
			l.at = n
			return
		case alike < 0:
			alike = n
		}
	}
	if alike >= 0 {
		l.at = alike
	}
}

// refresh makes a page anew with the focus where it is.
func refresh(p page) {
	l, ok := p.(interface {
		current() *listRow
		stay(listRow)
	})
	if !ok {
		p.refresh()
		return
	}
	var was listRow
	if r := l.current(); r != nil {
		was = *r
	}
	p.refresh()
	l.stay(was)
}

// move handles the keys of a list.
func (l *listing) move(k tea.KeyPressMsg) (tea.Cmd, bool) {
	n := len(l.choices())
	switch k.String() {
	case "up", "shift+tab":
		l.at = max(l.at-1, 0)
	case "down", "tab":
		l.at = max(0, min(l.at+1, n-1))
	case "home", "pgup":
		l.at = 0
	case "end", "pgdown":
		l.at = max(n-1, 0)
	case "enter", "right":
		return l.openCurrent(), true
	case "esc", "left":
		l.app.pop()
	default:
		return nil, false
	}
	return nil, true
}

func (l *listing) openCurrent() tea.Cmd {
	if r := l.current(); r != nil {
		return r.open()
	}
	return nil
}

func (l *listing) view() string {
	current := l.current()
	var lines []string
	last := 0
	for i := range l.rows {
		r := &l.rows[i]
		if r == current {
			l.focus = len(lines)
		}
		indent := "      "
		if r.text == "" && r.note == "" && len(r.more) > 0 {
			indent = "  " // words of the page itself
		} else {
			lines = append(lines, l.draw(r, r == current))
		}
		for _, m := range r.more {
			hang := indent
			if strings.HasPrefix(m, "- ") {
				hang += "  "
			}
			lines = append(lines, wrap(indent+m, l.w, hang)...)
		}
		if r == current {
			last = len(lines) - 1
		}
	}
	first := l.focus
	// What stands before the first choice and after the last has no other way
	// to be seen.
	if n := len(l.choices()); l.at == 0 && last < l.h {
		first = 0
	} else if l.at == n-1 {
		last = len(lines) - 1
	}
	l.top = scroll(l.top, first, last, l.h, len(lines))
	if l.focus < l.top { // the tail is longer than the window
		l.top = l.focus
	}
	l.focus -= l.top
	return strings.Join(lines[l.top:min(l.top+l.h, len(lines))], "\n")
}

// draw is the line of a row: the text, and the note at the right.
func (l *listing) draw(r *listRow, current bool) string {
	dots := l.app.styles.dots()
	text := "  " + surveysync.Visible(r.text)
	if current {
		text = "> " + text[2:]
	}
	if r.text == "" && r.note == "" {
		text = ""
	}
	if r.note != "" {
		note := ansi.Truncate(surveysync.Visible(r.note), max(l.w*2/3, 1), dots)
		room := l.w - ansi.StringWidth(note) - 1
		text = ansi.Truncate(text, max(room-1, 0), dots)
		text += strings.Repeat(" ", max(room-ansi.StringWidth(text), 1)) + note
	}
	text = ansi.Truncate(text, l.w, dots)
	if current {
		text = l.app.styles.Focus.Render(text)
	}
	return text
}

// scroll keeps the lines from first to last inside a window of h lines, moving
// it as little as it can and keeping a line of context above.
func scroll(top, first, last, h, all int) int {
	if last-first >= h {
		last = first + h - 1
	}
	if last >= top+h {
		top = last - h + 1
	}
	if first-1 < top {
		top = first - 1
	}
	return max(0, min(top, all-h))
}

// cursor is before the chosen row, and at the top where none can be chosen: a
// screen reader begins to read there.
func (l *listing) cursor() (int, int, bool) {
	if l.current() == nil {
		return 0, 0, true
	}
	return 0, l.focus, true
}

func (l *listing) status() string { return "" }
