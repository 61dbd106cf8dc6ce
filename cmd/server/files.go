package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode"
)

// readFile reads a file that a person named. It judges before it reads: a
// sparse file of a terabyte costs nothing to name and everything to load.
func (p *program) readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, p.fileFailure(path, err)
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, p.fileFailure(path, err)
	case info.IsDir():
		return nil, p.fail(exitUsage, "file_is_folder", path)
	case info.Size() > most:
		return nil, p.fail(exitUsage, "file_too_large", path, info.Size()>>20, most>>20)
	}
	// A device or a pipe has no size to judge by.
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, p.fileFailure(path, err)
	case int64(len(data)) > most:
		return nil, p.fail(exitUsage, "file_too_large", path, int64(len(data))>>20, most>>20)
	case len(data) == 0:
		return nil, p.fail(exitUsage, "file_empty", path)
	}
	return data, nil
}

func (p *program) fileFailure(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p.fail(exitUsage, "file_missing", path).because(err)
	case errors.Is(err, fs.ErrPermission):
		return p.fail(exitUsage, "file_forbidden", path).because(err)
	}
	return p.fail(exitUsage, "file_unreadable", path).because(err)
}

// createFile makes a file for secrets: for its owner alone, and never in the
// place of another.
func (p *program) createFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, fs.ErrExist):
		return nil, p.fail(exitUsage, "out_exists", path).because(err)
	}
	return nil, p.fail(exitUsage, "out_forbidden", path).because(err)
}

// isBinary: no text file holds these, so a sentence about its lines would be
// beside the point.
func isBinary(data []byte) bool {
	head := string(data[:min(len(data), 8000)])
	return strings.ContainsFunc(head, func(r rune) bool {
		return r < ' ' && !unicode.IsSpace(r) && r != 0x1b || r == 0
	})
}

// cell makes a text fit for a spreadsheet: a cell that begins like a formula
// would be computed when the file is opened (CSV injection), so it gets the
// apostrophe that marks a text there.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
