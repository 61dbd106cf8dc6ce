package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	surveysync "rileva/pkg/sync"
)

// readFile reads a file that a person named, or says what is wrong with it in
// words; "-" is standard input.
func (p *program) readFile(name string, most int64) ([]byte, error) {
	if name == "-" {
		return p.readAll(p.in, name, most)
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, p.fileError("file locked", name)
	case err != nil: // not there, or no name that a file could have
		return nil, p.fileError("no file", name)
	case info.IsDir():
		return nil, p.fileError("is folder", name)
	case info.Size() > most:
		return nil, p.fileError("file big", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, p.fileError("file locked", name)
	}
	defer func() { _ = f.Close() }() // it was only read
	return p.readAll(f, name, most)
}

// readAll stops where a file ends that can be a sheet: a device or a pipe says
// nothing of its size.
func (p *program) readAll(r io.Reader, name string, most int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return nil, p.fileError("file locked", name)
	case int64(len(raw)) > most:
		return nil, p.fileError("file big", name)
	}
	return raw, nil
}

func (p *program) fileError(word, name string) error {
	return &usageError{fmt.Sprintf(p.words[word], surveysync.Visible(name)), p.words[word+" hint"]}
}

// writeFile writes what a person asked for into a file, whole or not at all;
// "-" is standard output. What is there already is replaced only when it is of
// the same kind, which kind tells from its bytes: a name typed wrong must not
// cost somebody a file.
func (p *program) writeFile(name string, content []byte, kind func(old []byte) bool) error {
	if name == "-" {
		_, err := p.bare.Write(content)
		return err
	}
	old, err := os.ReadFile(name)
	switch {
	case err == nil && !kind(old):
		return p.fileError("file other kind", name)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return p.fileError("file not written", name)
	}
	if err := replaceFile(name, content); err != nil {
		return p.fileError("file not written", name)
	}
	return nil
}

// replaceFile puts the content under another name first: if we crash, or the
// disk is full, what stood there still does.
func replaceFile(name string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // it is of no use to anybody
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

func isPDF(old []byte) bool { return bytes.HasPrefix(old, []byte("%PDF-")) }
