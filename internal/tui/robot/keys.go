package robot

import (
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

var keys = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "tab": {Code: tea.KeyTab}, "backtab": {Code: tea.KeyTab, Mod: tea.ModShift},
	"esc": {Code: tea.KeyEscape}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft},
	"right": {Code: tea.KeyRight}, "pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome},
	"end": {Code: tea.KeyEnd}, "delete": {Code: tea.KeyDelete}, "backspace": {Code: tea.KeyBackspace},
	"space": {Code: tea.KeySpace, Text: " "}, "kpenter": {Code: tea.KeyKpEnter}, "kp1": {Code: tea.KeyKp1}, "kp2": {Code: tea.KeyKp2},
	"f1": {Code: tea.KeyF1}, "f2": {Code: tea.KeyF2}, "f3": {Code: tea.KeyF3}, "f4": {Code: tea.KeyF4}, "f5": {Code: tea.KeyF5},
	"f6": {Code: tea.KeyF6}, "f7": {Code: tea.KeyF7}, "f8": {Code: tea.KeyF8}, "f9": {Code: tea.KeyF9}, "f10": {Code: tea.KeyF10},
}

func init() {
	for _, c := range "abcdefgklnopqrstuvwxyz" { // the others are Tab, Enter, Backspace
		keys["ctrl+"+string(c)] = tea.KeyPressMsg{Code: c, Mod: tea.ModCtrl}
	}
}

// Keys lists the names that Press knows, in order.
func Keys() []string { return slices.Sorted(maps.Keys(keys)) }

func key(name string) tea.KeyPressMsg {
	k, ok := keys[strings.ToLower(name)]
	if !ok {
		panic("robot: no key is named " + name)
	}
	return k
}
