package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// whole refuses a file that is shorter than it says. bbolt maps the file and
// would read past its end, which no program survives: a store that was copied
// halfway has to be told apart before it is opened.
func whole(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return nil // opening it properly will say so
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	first, ok := readMeta(f, 0)
	size := int64(os.Getpagesize())
	if ok {
		size = first.pageSize
	}
	second, also := readMeta(f, size)
	if !ok && !also {
		return errors.New("neither meta page is one of bbolt")
	}
	// The newer of the two counts, as bbolt decides; of a torn one the other.
	newest := first
	if !ok || also && second.txid > first.txid {
		newest = second
	}
	if need := newest.pages * newest.pageSize; info.Size() < need {
		return fmt.Errorf("the file has %d bytes of at least %d", info.Size(), need)
	}
	return nil
}

// meta is what is read of bbolt's meta page (db.go, type meta, version 2).
type meta struct {
	pageSize, pages int64
	txid            uint64
}

func readMeta(r io.ReaderAt, at int64) (meta, bool) {
	const (
		pageHeader = 16
		magic      = 0xED0CDAED
	)
	var b [64]byte
	if _, err := r.ReadAt(b[:], at+pageHeader); err != nil {
		return meta{}, false
	}
	le := binary.LittleEndian
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	if le.Uint32(b[0:]) != magic || le.Uint64(b[56:]) != sum.Sum64() {
		return meta{}, false
	}
	return meta{pageSize: int64(le.Uint32(b[8:])), pages: int64(le.Uint64(b[40:])), txid: le.Uint64(b[48:])}, true
}
