// Package grid is an editable matrix of whole numbers for a terminal: rows of
// a questionnaire (21 of them in the widest one), columns for years and sexes,
// one number in each cell. It is the page where a secretary spends most time,
// so every rule here serves one aim: no number is lost and nobody gets lost.
//
// It is a pure component. It knows nothing of surveys, files or networks, it
// starts no goroutine and asks no clock: rows, columns and cells come in
// through [New] and [Model.SetCells], keys through [Model.HandleKey] and
// [Model.HandlePaste], and every committed change goes out in a [Result]. All
// words come from the caller ([Texts]), all looks too ([Styles]).
//
// Where to start reading: [Model] in grid.go, then keys.go (what each key
// does), edit.go (typing and committing), paste.go, history.go, and for the
// drawing layout.go and view.go.
//
// # What the screen shows
//
//	Righe 1-4 di 24        │ 1° anno │ 2° anno │ 3° anno │
//	                       │   M    F│   M    F│   M    F> Tot.
//	>Iscritti all'avvio de…│  25[  24]  20    _│   ·    ·│  ~69
//	 Ingressi in corso d'a…│   8  !21│   1    0│   ·    ·│   30
//	=Iscritti al termine d…│  33   45│  21     │   ·    ·│  ~99
//	 con disabilità (L. 10…│   1 n.d.│  ?2    1│   ·    ·│    4     v
//
// The signs:
//
//   - "[ ]" around a cell and ">" before the label: the active cell; the real
//     cursor of the terminal stands on its last digit;
//   - "_" a blank cell: nobody has answered yet, which is not 0;
//   - "·" ("-" in ASCII) a closed cell; one that holds a number other than 0
//     all the same is shown with the number and can be reached and emptied;
//   - "n.d." the answer "not available", on rows that allow it;
//   - "!" or "?" just before a number: the mark given by the caller;
//   - "=" before the label: the row is computed and cannot be typed;
//   - "~" before a total: some cell of the row is still blank, so the sum is of
//     the known cells only. A row without any number has no total at all;
//   - "<" and ">" in the heads: more columns on that side; "^" and "v" at the
//     right edge: more rows above or below.
//
// # Keys
//
//	0-9, numpad       begin an edit (replacing the value), then add a digit
//	F2                edit the value that is there
//	Backspace         remove the last digit (begins an edit if need be)
//	Delete            blank the cell; in an edit: empty the edit
//	Esc               cancel the edit; without an edit it is not consumed
//	Enter, KpEnter    commit and go down; from the last row to the top of the
//	                  next column; at the very end Leave +1
//	Tab, Shift+Tab    commit and go to the next/previous cell, row by row; at
//	                  the ends Leave +1/-1
//	arrows            commit and move; they stop at the edges
//	Home, End         first/last cell of the row
//	Ctrl+Home/End     first/last cell of the grid
//	PgUp, PgDn        one page of rows
//	Ctrl+Z, Ctrl+Y    undo, redo (in an edit Ctrl+Z cancels the edit)
//	Ctrl+R            put 0 in the blank cells of the row, one undo step
//	Ctrl+K            put 0 in the blank cells of the column, one undo step
//	Ctrl+D, n         "not available" on/off, on rows that allow it
//
// Ctrl+H, I, J, M and [ mean Backspace, Tab, Enter, Enter and Esc, because many
// terminals cannot tell them apart. Keys with Alt are never consumed.
package grid
