// Package papertest reads back what internal/paper wrote, for tests: the text
// of each page and the files that are attached. It reads no other PDF.
package papertest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// Document is a PDF read back.
type Document struct {
	Pages [][]string // by page, the pieces of text in the order they were set
	Files [][]byte   // attachments
}

// Read takes a PDF apart. Its errors say what is no PDF of ours.
func Read(pdf []byte) (Document, error) {
	var d Document
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(pdf), []byte("%%EOF")) {
		return d, fmt.Errorf("not a whole PDF: %d bytes", len(pdf))
	}
	rest := pdf
	for {
		head, after, found := bytes.Cut(rest, []byte("\nstream\n"))
		if !found {
			return d, nil
		}
		head = head[bytes.LastIndex(head, []byte(" obj\n"))+1:]
		body, tail, closed := bytes.Cut(after, []byte("\nendstream"))
		if !closed {
			return d, fmt.Errorf("a stream has no end")
		}
		rest = tail
		content, err := inflate(body)
		switch {
		case err != nil && bytes.Contains(head, []byte("/FlateDecode")):
			return d, fmt.Errorf("a stream cannot be read: %w", err)
		case bytes.Contains(head, []byte("/EmbeddedFile")):
			d.Files = append(d.Files, content)
		case bytes.Contains(content, []byte(")Tj")):
			d.Pages = append(d.Pages, texts(content))
		}
	}
}

func inflate(body []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// texts lists the strings of a page: UTF-16 between parentheses, with a
// backslash before what would end them.
func texts(content []byte) []string {
	var out []string
	var piece []byte
	inside := false
	for i := 0; i < len(content); i++ {
		c := content[i]
		switch {
		case !inside:
			inside = c == '('
		case c == '\\' && i+1 < len(content):
			i++
			if c = content[i]; c == 'r' {
				c = '\r'
			}
			piece = append(piece, c)
		case c == ')':
			out = append(out, decode(piece))
			piece, inside = piece[:0], false
		default:
			piece = append(piece, c)
		}
	}
	return out
}

func decode(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// Text is the whole document in one line, for looking something up: where a
// line was broken does not matter.
func (d Document) Text() string {
	var all []string
	for _, p := range d.Pages {
		all = append(all, p...)
	}
	return strings.Join(strings.Fields(strings.Join(all, " ")), " ")
}
