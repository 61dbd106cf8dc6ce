package register

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// DefaultMaxBytes bounds an unpacked file. The ministry's largest, all state
// schools of Italy, has 13 MB; the bound is for a gzip that unpacks for ever.
const DefaultMaxBytes = 64 << 20

const hintDownload = "Scarica di nuovo il file dal Portale Unico dei Dati della Scuola e riprova."

// load reads the whole file, unpacks it when it is a gzip, and returns text in
// UTF-8. It looks at the first bytes and not at the name: browsers unpack
// downloads and leave the .gz, or the other way round.
func load(name string, r io.Reader, most int64) ([]byte, error) {
	// Reading a folder fails differently on every system; asking does not.
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, &Error{Code: ErrUnreadable.Code, File: name,
				Message: "È una cartella, non un file.",
				Hint:    "Indica i file del registro uno per uno."}
		}
	}
	data, err := readAtMost(name, r, most)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte("\x1f\x8b")) {
		if data, err = unpack(name, data, most); err != nil {
			return nil, err
		}
	}
	return decode(name, data)
}

func readAtMost(name string, r io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return nil, &Error{Code: ErrUnreadable.Code, File: name, cause: err,
			Message: "La lettura del file si è interrotta.",
			Hint:    "Copia il file sul disco di questo computer e riprova."}
	case int64(len(data)) > most:
		return nil, &Error{Code: ErrTooLarge.Code, File: name,
			Message: fmt.Sprintf("Il file supera %d byte: un file del registro è molto più piccolo.", most),
			Hint:    "Controlla di aver scelto il file giusto."}
	}
	return data, nil
}

func unpack(name string, packed []byte, most int64) ([]byte, error) {
	damaged := func(err error) error {
		return &Error{Code: ErrTruncated.Code, File: name, cause: err,
			Message: "Il file compresso è incompleto o rovinato.",
			Hint:    hintDownload}
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, damaged(err)
	}
	data, err := readAtMost(name, z, most)
	if errors.Is(err, ErrUnreadable) {
		return nil, damaged(err) // the packed bytes are in memory: only they can be at fault
	}
	return data, err
}

// decode returns the text in UTF-8 without a byte order mark.
func decode(name string, data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, &Error{Code: ErrEncoding.Code, File: name,
			Message: "Il file è scritto in UTF-16.",
			Hint:    "Salvalo di nuovo come CSV UTF-8 oppure usa il file scaricato dal portale."}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if what := otherKind(data); what != "" {
		return nil, notRegister(name, what)
	}
	if utf8.Valid(data) {
		return data, nil
	}
	// A UTF-8 file cut inside its last letter would otherwise be taken for
	// Windows-1252 and every accent before it be misread.
	if head := withoutHalfRune(data); utf8.Valid(head) && !isASCII(head) {
		return nil, truncated(name, bytes.Count(data, []byte("\n"))+1)
	}
	// Windows-1252 is what Excel writes on an Italian Windows.
	return charmap.Windows1252.NewDecoder().Bytes(data)
}

func withoutHalfRune(data []byte) []byte {
	for i := 1; i <= utf8.UTFMax && i <= len(data); i++ {
		if c := data[len(data)-i]; utf8.RuneStart(c) {
			return data[:len(data)-i]
		}
	}
	return data
}

func isASCII(data []byte) bool {
	return !bytes.ContainsFunc(data, func(r rune) bool { return r >= utf8.RuneSelf })
}

// otherKind names what the bytes are when they are no table, "" otherwise.
func otherKind(data []byte) string {
	text := bytes.TrimSpace(data)
	for _, kind := range []struct{ magic, what string }{
		{"\x89PNG", "un'immagine PNG"},
		{"\xff\xd8\xff", "un'immagine JPEG"},
		{"%PDF", "un documento PDF"},
		{"PK\x03\x04", "un archivio zip o un foglio Excel (xlsx)"},
		{"\xd0\xcf\x11\xe0", "un vecchio foglio Excel (xls)"},
		{"\x1f\x8b", "un file compresso due volte"},
		{"<", "una pagina web o un file XML"},
		{"{", "un file JSON"},
		{"[", "un file JSON"},
	} {
		if bytes.HasPrefix(text, []byte(kind.magic)) {
			return kind.what
		}
	}
	switch {
	case len(text) == 0:
		return "un file vuoto"
	case bytes.IndexByte(data, 0) >= 0:
		return "un file che non contiene testo"
	}
	return ""
}

func notRegister(name, what string) *Error {
	return &Error{Code: ErrNotRegister.Code, File: name,
		Message: "Sembra " + what + ", non un file del registro delle scuole.",
		Hint: "Serve l'anagrafe delle scuole statali o paritarie (SCUANAGRAFESTAT…, SCUANAGRAFEPAR…) " +
			"del Portale Unico dei Dati della Scuola, in formato csv o csv.gz."}
}

func truncated(name string, line int) *Error {
	return &Error{Code: ErrTruncated.Code, File: name, Line: line,
		Message: "Il file si interrompe a metà di una riga.",
		Hint:    hintDownload}
}
