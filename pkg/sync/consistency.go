package sync

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Consistency is the answer to "does the log still hold what this older
// checkpoint commits to?": the hashes in base64, one a line, an empty line,
// the signed checkpoint (PROTOCOL 11.10). Without hashes it begins with the
// empty line.
type Consistency struct {
	Proof      tlog.TreeProof
	Checkpoint string // the signed note, to be read by OpenCheckpoint
}

// String writes c.
func (c Consistency) String() string {
	var b strings.Builder
	for _, h := range c.Proof {
		b.WriteString(h.String() + "\n")
	}
	return b.String() + "\n" + c.Checkpoint
}

// ParseConsistency reads what String writes and takes no other spelling. It
// verifies nothing: [VerifyConsistency] does.
func ParseConsistency(text string) (Consistency, error) {
	if len(text) > maxProof {
		return Consistency{}, fmt.Errorf("consistency: %d bytes are too many", len(text))
	}
	head, checkpoint, ok := strings.Cut("\n"+text, "\n\n")
	if !ok || !strings.HasSuffix(checkpoint, "\n") {
		return Consistency{}, errors.New("consistency: no checkpoint after an empty line")
	}
	c := Consistency{Checkpoint: checkpoint}
	for line := range strings.Lines(strings.TrimPrefix(head, "\n")) {
		h, ok := parseHash(strings.TrimSuffix(line, "\n"))
		if !ok || len(c.Proof) >= maxProofHashes {
			return Consistency{}, fmt.Errorf("consistency: %.50q is not a hash in its place", line)
		}
		c.Proof = append(c.Proof, h)
	}
	return c, nil
}
