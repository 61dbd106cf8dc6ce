package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
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
func (l *listing) leave()               {}

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
		if k.Code == tea.KeyKpEnter {
			return l.openCurrent(), true
		}
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
		mark := "  "
		if r == current {
			mark = "> "
			l.focus = len(lines)
		}
		text := ""
		if r.text != "" || r.note != "" {
			text = mark + r.text
		}
		if r.note != "" {
			room := l.w - ansi.StringWidth(r.note) - 1
			text = ansi.Truncate(text, max(room-1, 0), l.app.styles.dots())
			text += strings.Repeat(" ", max(room-ansi.StringWidth(text), 1)) + r.note
		}
		text = ansi.Truncate(text, l.w, l.app.styles.dots())
		if r == current {
			text = l.app.styles.Focus.Render(text)
		}
		lines = append(lines, text)
		for _, m := range r.more {
			for _, wrapped := range strings.Split(ansi.Wrap(m, max(l.w-6, 10), ""), "\n") {
				lines = append(lines, "      "+wrapped)
			}
		}
		if r == current {
			last = len(lines) - 1
		}
	}
	l.top = scroll(l.top, l.focus, last, l.h, len(lines))
	l.focus -= l.top
	return strings.Join(lines[l.top:min(l.top+l.h, len(lines))], "\n")
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

func (l *listing) cursor() (int, int, bool) { return 0, l.focus, l.current() != nil }
func (l *listing) status() string           { return "" }
