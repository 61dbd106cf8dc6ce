package sync

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	proofHeader = "c2sp.org/tlog-proof@v1"
	// maxProof bounds a proof's text. A real one has one to two KiB.
	maxProof = 64 << 10
	// maxProofHashes is more than any tree of an int64 size needs.
	maxProofHashes = 64
)

// Proof is a text that shows offline that a leaf stands in a log
// (C2SP tlog-proof@v1). In a receipt Extra holds the leaf itself. C2SP calls
// Extra unauthenticated; here it becomes trustworthy only because its hash is
// what the inclusion is checked for.
type Proof struct {
	Extra      []byte // nil when the text has no such line
	Index      int64
	Hashes     tlog.RecordProof // from the leaf's sibling up (RFC 6962, section 2.1.1)
	Checkpoint string           // the signed note, to be read by OpenCheckpoint
}

// FormatProof writes p.
func FormatProof(p Proof) string {
	const hash = (tlog.HashSize+2)/3*4 + len("\n")
	text := make([]byte, 0, len(proofHeader)+base64.StdEncoding.EncodedLen(len(p.Extra))+len(p.Hashes)*hash+len(p.Checkpoint)+64)
	text = append(text, proofHeader+"\n"...)
	if len(p.Extra) > 0 {
		text = base64.StdEncoding.AppendEncode(append(text, "extra "...), p.Extra)
		text = append(text, '\n')
	}
	text = strconv.AppendInt(append(text, "index "...), p.Index, 10)
	text = append(text, '\n')
	for _, h := range p.Hashes {
		text = append(base64.StdEncoding.AppendEncode(text, h[:]), '\n')
	}
	text = append(text, '\n')
	return string(append(text, p.Checkpoint...))
}

// ParseProof reads a proof; it is the exact inverse of FormatProof and takes
// no other spelling. It verifies nothing.
func ParseProof(text string) (Proof, error) {
	if len(text) > maxProof {
		return Proof{}, fmt.Errorf("proof: %d bytes are too many", len(text))
	}
	rest, ok := strings.CutPrefix(text, proofHeader+"\n")
	if !ok {
		return Proof{}, fmt.Errorf("proof: the first line is not %s", proofHeader)
	}
	head, checkpoint, ok := strings.Cut(rest, "\n\n")
	if !ok || !strings.HasSuffix(checkpoint, "\n") {
		return Proof{}, errors.New("proof: no checkpoint after an empty line")
	}
	p := Proof{Checkpoint: checkpoint}
	lines := strings.Split(head, "\n")
	if encoded, ok := strings.CutPrefix(lines[0], "extra "); ok {
		if p.Extra, ok = decodeBase64(encoded); !ok || len(p.Extra) == 0 {
			return Proof{}, errors.New("proof: the extra data is not in strict base64")
		}
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return Proof{}, errors.New("proof: no index")
	}
	index, isIndex := strings.CutPrefix(lines[0], "index ")
	if p.Index, ok = parseDecimal(index); !ok || !isIndex {
		return Proof{}, fmt.Errorf("proof: %.40q is not an index line", lines[0])
	}
	if len(lines)-1 > maxProofHashes {
		return Proof{}, fmt.Errorf("proof: %d hashes are too many", len(lines)-1)
	}
	for _, line := range lines[1:] {
		h, ok := parseHash(line)
		if !ok {
			return Proof{}, fmt.Errorf("proof: %.50q is not a hash in strict base64", line)
		}
		p.Hashes = append(p.Hashes, h)
	}
	return p, nil
}
