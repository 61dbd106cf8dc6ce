package sync

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// MaxLogSize bounds the size of a tree that is read from outside. It is what a
// JSON number holds exactly, and it keeps tlog from running for ever: its
// search for the next power of two does not end above 1<<62.
const MaxLogSize = 1<<53 - 1

// maxCheckpoint bounds the text of a signed checkpoint, cosignatures included.
const maxCheckpoint = 16 << 10

// What comparing two checkpoints can find.
var (
	// ErrOtherLog: the two checkpoints are of different origins. After a
	// restore that is expected; say "restored", not "damaged".
	ErrOtherLog = errors.New("the checkpoints belong to different logs")
	// ErrLogShrunk: the log is shorter than it has been.
	ErrLogShrunk = errors.New("the log is shorter than the older checkpoint says")
	// ErrLogRewritten: the proof does not hold. An entry that the older
	// checkpoint commits to was changed or removed, or the proof is not one.
	ErrLogRewritten = errors.New("the log does not extend the older checkpoint")
)

// Checkpoint is a tree head: it commits to every one of the first Size leaves
// of the log called Origin (RFC 6962, section 2.1; C2SP tlog-checkpoint).
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// Origin is the name of the log of one epoch. A restored store gets a new
// epoch and so a new origin: two trees that share a beginning can then never
// be taken for one (contract, section 4).
func Origin(epoch string) string { return "rileva/log/" + epoch }

// Text is what is signed: three lines, without extension lines, which
// C2SP tlog-checkpoint allows and does not recommend.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
}

// NewLogKey draws the seed of an Ed25519 key, 32 bytes. Keep it apart from the
// store: who has both can write another history.
func NewLogKey(rand io.Reader) ([]byte, error) {
	// Not ed25519.GenerateKey: since Go 1.26 that does not read from rand.
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return nil, fmt.Errorf("new log key: %w", err)
	}
	return seed, nil
}

// LogSigner gives the signer for the log called origin, and the verifier key
// (name+hash+key, as in C2SP signed-note) that checks what it signs. One seed
// serves the origins of all epochs.
func LogSigner(seed []byte, origin string) (note.Signer, string, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, "", fmt.Errorf("log key: %d bytes, not %d", len(seed), ed25519.SeedSize)
	}
	if !isWord(origin) {
		return nil, "", fmt.Errorf("log key: %q cannot be an origin", origin)
	}
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	verifierKey, err := note.NewEd25519VerifierKey(origin, public)
	if err != nil {
		return nil, "", fmt.Errorf("log key: %w", err)
	}
	// name+hash+key: the signer's text holds the same name and hash, and
	// before the seed the same byte for the algorithm.
	hash := strings.Split(verifierKey, "+")[1]
	private := base64.StdEncoding.EncodeToString(append([]byte{1}, seed...))
	signer, err := note.NewSigner("PRIVATE+KEY+" + origin + "+" + hash + "+" + private)
	if err != nil {
		return nil, "", fmt.Errorf("log key: %w", err)
	}
	return signer, verifierKey, nil
}

// SignCheckpoint gives the signed note of c. The signer must be the one of c's
// origin.
func SignCheckpoint(c Checkpoint, signer note.Signer) (string, error) {
	if signer.Name() != c.Origin {
		return "", fmt.Errorf("checkpoint: the key is of %q, the log is %q", signer.Name(), c.Origin)
	}
	if _, err := parseCheckpoint(c.Text()); err != nil {
		return "", err
	}
	signed, err := note.Sign(&note.Note{Text: c.Text()}, signer)
	if err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	return string(signed), nil
}

// OpenCheckpoint reads a signed checkpoint and verifies it: at least one
// signature is of one of the keys, under the name that the origin line gives,
// and no signature of a known key is wrong. Signatures of unknown keys are
// passed over, as C2SP tlog-checkpoint asks, so that a key can be exchanged or
// a witness added without shutting out an older client.
func OpenCheckpoint(text string, verifierKeys ...string) (Checkpoint, error) {
	c, _, err := openCheckpoint(text, verifierKeys)
	return c, err
}

// openCheckpoint also says how many signatures the note carries.
func openCheckpoint(text string, verifierKeys []string) (Checkpoint, int, error) {
	if len(text) > maxCheckpoint {
		return Checkpoint{}, 0, fmt.Errorf("checkpoint: %d bytes are too many", len(text))
	}
	known, err := verifiers(verifierKeys)
	if err != nil {
		return Checkpoint{}, 0, err
	}
	n, err := note.Open([]byte(text), known)
	if err != nil {
		return Checkpoint{}, 0, fmt.Errorf("checkpoint: %w", err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, 0, err
	}
	if !slices.ContainsFunc(n.Sigs, func(s note.Signature) bool { return s.Name == c.Origin }) {
		return Checkpoint{}, 0, fmt.Errorf("checkpoint: no known key is of the origin %q", c.Origin)
	}
	count, err := countSignatures(strings.TrimPrefix(text, n.Text+"\n"))
	if err != nil {
		return Checkpoint{}, 0, err
	}
	// note.Open drops a second signature of one key without looking at it.
	if count != len(n.Sigs)+len(n.UnverifiedSigs) {
		return Checkpoint{}, 0, errors.New("checkpoint: a signature stands twice")
	}
	return c, count, nil
}

// verifiers reads the keys. The same key twice counts once: note would call
// that an attack.
func verifiers(keys []string) (note.Verifiers, error) {
	var list []note.Verifier
	for i, key := range keys {
		if slices.Contains(keys[:i], key) {
			continue
		}
		v, err := note.NewVerifier(key)
		if err != nil {
			return nil, fmt.Errorf("verifier key: %w", err)
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}

// countSignatures counts the signature lines. note.Open has read them, but
// leniently: base64 in which the unused last bits are set gives the same
// signature for other text.
func countSignatures(lines string) (int, error) {
	count := 0
	for line := range strings.Lines(lines) {
		encoded := strings.TrimSuffix(line[strings.LastIndexByte(line, ' ')+1:], "\n")
		if _, ok := decodeBase64(encoded); !ok {
			return 0, errors.New("checkpoint: a signature is not in strict base64")
		}
		count++
	}
	return count, nil
}

// parseCheckpoint reads the signed text of a checkpoint; it is the exact
// inverse of Text.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, errors.New("checkpoint: not three lines")
	}
	if !isWord(lines[0]) {
		return Checkpoint{}, fmt.Errorf("checkpoint: %q cannot be an origin", lines[0])
	}
	size, ok := parseDecimal(lines[1])
	if !ok {
		return Checkpoint{}, fmt.Errorf("checkpoint: %q is not a size", lines[1])
	}
	root, ok := parseHash(lines[2])
	if !ok {
		return Checkpoint{}, errors.New("checkpoint: the root is not a hash in strict base64")
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

// VerifyConsistency says whether the log that newer commits to holds all that
// older commits to, unchanged and in its place (RFC 6962, section 2.1.2;
// invariant 7). Both must have been opened by OpenCheckpoint.
func VerifyConsistency(older, newer Checkpoint, proof tlog.TreeProof) error {
	if older.Origin != newer.Origin {
		return fmt.Errorf("%w: %q and %q", ErrOtherLog, older.Origin, newer.Origin)
	}
	if min(older.Size, newer.Size) < 0 || max(older.Size, newer.Size) > MaxLogSize {
		return fmt.Errorf("%w: impossible size", ErrLogRewritten)
	}
	if newer.Size < older.Size {
		return fmt.Errorf("%w: %d entries, once %d", ErrLogShrunk, newer.Size, older.Size)
	}
	if older.Size == 0 { // an empty log is the beginning of any; tlog has no proof for that
		if len(proof) != 0 || older.Root != emptyRoot || (newer.Size == 0 && newer.Root != emptyRoot) {
			return ErrLogRewritten
		}
		return nil
	}
	if err := tlog.CheckTree(proof, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return fmt.Errorf("%w: %w", ErrLogRewritten, err)
	}
	return nil
}

// emptyRoot is the hash of a tree without leaves, SHA-256 of nothing
// (RFC 6962, section 2.1).
var emptyRoot = func() tlog.Hash {
	h, err := tlog.TreeHash(0, nil)
	if err != nil {
		panic(err) // reads nothing for 0 leaves
	}
	return h
}()

// isWord says whether s is a name as logs, codes and ids use it. It leaves out
// what a note key may not hold (space and plus) and whatever JSON could write
// in two ways, so that a receipt has one spelling only.
func isWord(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("-_.:/", c) >= 0:
		default:
			return false
		}
	}
	return true
}

// parseDecimal reads an index or a size: digits only, no leading zero.
func parseDecimal(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > MaxLogSize || strconv.FormatInt(n, 10) != s {
		return 0, false
	}
	return n, true
}

func parseHash(s string) (tlog.Hash, bool) {
	b, ok := decodeBase64(s)
	if !ok || len(b) != tlog.HashSize {
		return tlog.Hash{}, false
	}
	return tlog.Hash(b), true
}

// decodeBase64 reads standard base64 that is exactly what an encoder writes.
// Even the strict decoder of encoding/base64 passes over line breaks, hence
// the comparison.
func decodeBase64(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(b) != s {
		return nil, false
	}
	return b, true
}
