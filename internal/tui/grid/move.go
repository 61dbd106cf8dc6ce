package grid

// moveTo makes cell i the active one and keeps it in sight.
func (m *Model) moveTo(i int) {
	m.row, m.col = i/len(m.cols), i%len(m.cols)
	m.reveal()
}

// settle brings the focus back to a cell that can take it: after closing a
// column, or after emptying a closed cell, the nearest one. An edit in progress
// stays where it is.
func (m *Model) settle() {
	m.widen()
	if m.edit.on {
		m.reveal()
		return
	}
	if m.hasFocus() && m.focusable(m.active()) {
		m.reveal()
		return
	}
	best, bestFar := -1, 0
	for i := range m.cells {
		if !m.focusable(i) {
			continue
		}
		// The same row first: the person is reading along it.
		far := abs(i/len(m.cols)-max(m.row, 0))*len(m.cols) + abs(i%len(m.cols)-max(m.col, 0))
		if best < 0 || far < bestFar {
			best, bestFar = i, far
		}
	}
	if best < 0 {
		m.row, m.col = -1, -1
		return
	}
	m.moveTo(best)
}

// walk goes by dr, dc until a cell that can take the focus; false when there is
// none before the edge.
func (m *Model) walk(dr, dc int) bool {
	r, c := m.row+dr, m.col+dc
	for r >= 0 && r < len(m.rows) && c >= 0 && c < len(m.cols) {
		if i := m.index(r, c); m.focusable(i) {
			m.moveTo(i)
			return true
		}
		r, c = r+dr, c+dc
	}
	return false
}

// next goes on along the rows (Tab, Shift+Tab), false at the end of the grid.
func (m *Model) next(dir int) bool {
	for i := m.active() + dir; i >= 0 && i < len(m.cells); i += dir {
		if m.focusable(i) {
			m.moveTo(i)
			return true
		}
	}
	return false
}

// nowhere is the line of typing when there is none.
const nowhere = -1

// along is Tab: it goes on along the row and remembers where the line of typing
// began, for Enter.
func (m *Model) along() bool {
	row, col := m.row, m.col
	if !m.next(+1) {
		return false
	}
	switch {
	case m.row != row:
		m.line = m.col
	case m.line == nowhere:
		m.line = col
	}
	return true
}

// down is Enter: it goes on along the columns, and is false at the end of the
// grid. After Tab it goes to the beginning of the next line, as spreadsheets do;
// so a block that a terminal passes on as keys lands as it stood in the sheet.
func (m *Model) down() bool {
	if m.line != nowhere {
		m.col = m.line
	}
	for c, r := m.col, m.row+1; c < len(m.cols); c, r = c+1, 0 {
		for ; r < len(m.rows); r++ {
			if i := m.index(r, c); m.focusable(i) {
				m.moveTo(i)
				return true
			}
		}
	}
	return false
}

// rowEnd goes to the first (dir +1) or last (dir -1) cell of the row.
func (m *Model) rowEnd(dir int) {
	c := 0
	if dir < 0 {
		c = len(m.cols) - 1
	}
	for ; c >= 0 && c < len(m.cols); c += dir {
		if i := m.index(m.row, c); m.focusable(i) {
			m.moveTo(i)
			return
		}
	}
}

// goEnd goes to the first (dir +1) or last (dir -1) cell of the grid.
func (m *Model) goEnd(dir int) {
	if m.edit.on {
		return
	}
	i := 0
	if dir < 0 {
		i = len(m.cells) - 1
	}
	for ; i >= 0 && i < len(m.cells); i += dir {
		if m.focusable(i) {
			m.moveTo(i)
			return
		}
	}
}

// page goes up or down by a screenful in the same column. One row less than the
// screen, so that the eye finds a row it has seen before.
func (m *Model) page(dir int) {
	far := max(m.lay.rows-1, 1)
	target := min(max(m.row+dir*far, 0), len(m.rows)-1)
	// From the target back to where we are: never beyond it, so that the last
	// page ends on the last row that can be typed.
	for r := target; r != m.row; r -= dir {
		if i := m.index(r, m.col); m.focusable(i) {
			m.moveTo(i)
			return
		}
	}
	m.walk(dir, 0)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
