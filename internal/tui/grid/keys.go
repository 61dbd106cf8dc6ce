package grid

import (
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// action is what a key means here, freed from the many ways in which terminals
// send it.
type action int

const (
	actNone action = iota
	actText        // digits, and letters to be refused with a sentence
	actEnter
	actTab
	actBackTab
	actUp
	actDown
	actLeft
	actRight
	actHome
	actEnd
	actFirst
	actLast
	actPageUp
	actPageDown
	actEdit
	actBackspace
	actDelete
	actEscape
	actUndo
	actRedo
	actZeroRow
	actZeroCol
	actUnavailable
)

// HandleKey does what the key says. A key that means nothing here comes back
// with Consumed false, for the page and the program to use.
func (m *Model) HandleKey(k tea.KeyPressMsg) Result {
	act, text := decode(k)
	var res Result
	switch {
	case act == actNone:
		return Result{}
	case act == actUndo:
		res = m.Undo()
	case act == actRedo:
		res = m.Redo()
	case !m.hasFocus():
		return leaveOnly(act)
	case act >= actEnter && act <= actPageDown:
		res = m.handleMove(act)
	default:
		res = m.handleEdit(act, text)
	}
	m.settle()
	return res
}

// leaveOnly serves a grid in which no cell can be typed: focus passes through.
func leaveOnly(act action) Result {
	switch act {
	case actEnter, actTab, actDown:
		return Result{Consumed: true, Leave: +1}
	case actBackTab, actUp:
		return Result{Consumed: true, Leave: -1}
	}
	return Result{}
}

// handleMove commits what has been typed and moves.
func (m *Model) handleMove(act action) Result {
	res := m.commit()
	res.Consumed = true
	switch act {
	case actEnter:
		if !m.down() {
			res.Leave = +1
		}
		return res
	case actTab:
		if !m.along() {
			res.Leave = +1
		}
		return res
	}
	m.line = nowhere
	switch act {
	case actBackTab:
		if !m.next(-1) {
			res.Leave = -1
		}
	case actUp:
		m.walk(-1, 0)
	case actDown:
		m.walk(+1, 0)
	case actLeft:
		m.walk(0, -1)
	case actRight:
		m.walk(0, +1)
	case actHome:
		m.rowEnd(+1)
	case actEnd:
		m.rowEnd(-1)
	case actFirst:
		m.goEnd(+1)
	case actLast:
		m.goEnd(-1)
	case actPageUp:
		m.page(-1)
	case actPageDown:
		m.page(+1)
	}
	return res
}

// handleEdit does the keys that change the active cell, or its row or column.
func (m *Model) handleEdit(act action, text string) Result {
	switch act {
	case actText:
		return m.typeText(text)
	case actEdit:
		m.beginEdit()
	case actBackspace:
		m.backspace()
	case actDelete:
		return m.blank()
	case actEscape:
		if !m.edit.on {
			return Result{} // the page may use it to step back
		}
		m.edit = edit{}
	case actZeroRow:
		return m.fillZero(0, 1)
	case actZeroCol:
		return m.fillZero(1, 0)
	case actUnavailable:
		return m.toggleUnavailable()
	}
	return Result{Consumed: true}
}

// decode reads a key. Locks (Num, Caps) never count, and Shift only turns Tab
// around: many terminals do not report it for the other keys.
func decode(k tea.KeyPressMsg) (action, string) {
	code := keypad(k.Code)
	switch {
	case k.Mod&(tea.ModAlt|tea.ModMeta|tea.ModHyper|tea.ModSuper) != 0:
		return actNone, ""
	case k.Mod&tea.ModCtrl != 0:
		return decodeCtrl(code, k.BaseCode), ""
	}
	switch code {
	case tea.KeyEnter:
		return actEnter, ""
	case tea.KeyTab:
		if k.Mod&tea.ModShift != 0 {
			return actBackTab, ""
		}
		return actTab, ""
	case tea.KeyUp:
		return actUp, ""
	case tea.KeyDown:
		return actDown, ""
	case tea.KeyLeft:
		return actLeft, ""
	case tea.KeyRight:
		return actRight, ""
	case tea.KeyHome:
		return actHome, ""
	case tea.KeyEnd:
		return actEnd, ""
	case tea.KeyPgUp:
		return actPageUp, ""
	case tea.KeyPgDown:
		return actPageDown, ""
	case tea.KeyF2:
		return actEdit, ""
	case tea.KeyBackspace:
		return actBackspace, ""
	case tea.KeyDelete:
		return actDelete, ""
	case tea.KeyEscape:
		return actEscape, ""
	}
	if text := keyText(k); text != "" {
		return actText, text
	}
	return actNone, ""
}

func decodeCtrl(code, base rune) action {
	if code > unicode.MaxASCII && base != 0 && code <= unicode.MaxRune {
		// A layout without Latin letters. Where the layout has them the letter
		// on the key counts, not its place: Z and Y are swapped on German ones.
		code = base
	}
	switch unicode.ToLower(code) {
	case tea.KeyHome:
		return actFirst
	case tea.KeyEnd:
		return actLast
	case 'z':
		return actUndo
	case 'y':
		return actRedo
	case 'r':
		return actZeroRow
	case 'k':
		return actZeroCol
	case 'd':
		return actUnavailable
	// What a terminal sends for these cannot be told from the plain keys.
	case 'h':
		return actBackspace
	case 'i':
		return actTab
	case 'j', 'm':
		return actEnter
	case '[':
		return actEscape
	}
	return actNone
}

// keypad turns the keys of the numeric block without NumLock into their twins.
func keypad(code rune) rune {
	switch code {
	case tea.KeyKpEnter:
		return tea.KeyEnter
	case tea.KeyKpUp:
		return tea.KeyUp
	case tea.KeyKpDown:
		return tea.KeyDown
	case tea.KeyKpLeft:
		return tea.KeyLeft
	case tea.KeyKpRight:
		return tea.KeyRight
	case tea.KeyKpHome:
		return tea.KeyHome
	case tea.KeyKpEnd:
		return tea.KeyEnd
	case tea.KeyKpPgUp:
		return tea.KeyPgUp
	case tea.KeyKpPgDown:
		return tea.KeyPgDown
	case tea.KeyKpDelete:
		return tea.KeyDelete
	}
	return code
}

// keyText is what a key types. Terminals in keypad mode send the numeric block
// as codes without a text; Windows puts the code into BaseCode.
func keyText(k tea.KeyPressMsg) string {
	if k.Text != "" {
		return k.Text
	}
	for _, code := range [2]rune{k.Code, k.BaseCode} {
		switch {
		case code >= tea.KeyKp0 && code <= tea.KeyKp9:
			return string('0' + code - tea.KeyKp0)
		case code >= tea.KeyKpEqual && code <= tea.KeyKpSep:
			return "," // an operator: any sign that is not a digit will do
		case code > ' ' && unicode.IsPrint(code):
			return string(code)
		}
	}
	return ""
}
