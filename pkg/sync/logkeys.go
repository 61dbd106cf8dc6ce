package sync

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrKeyChanged: the log is signed by a key that no key known before speaks
// for. Whoever holds the old key would have left a handover.
var ErrKeyChanged = errors.New("the log is signed by an unknown key")

// HandoverEntry is the leaf by which the present key of a log names the next
// one (PROTOCOL 11.11).
func HandoverEntry(next string) Entry {
	return Entry{Actor: ActorOffice, Action: ActionRotateKey, Outcome: OutcomeOK, Note: next}
}

// OpenHandover verifies a handover, which is a tlog-proof of a HandoverEntry
// under the key that it replaces, and gives the key that follows. The keys may
// bear the names of earlier epochs.
func OpenHandover(text string, verifierKeys ...string) (next string, err error) {
	p, err := ParseProof(text)
	if err != nil {
		return "", err
	}
	origin, _, _ := strings.Cut(p.Checkpoint, "\n")
	named, err := renamed(verifierKeys, origin)
	if err != nil {
		return "", err
	}
	c, err := OpenCheckpoint(p.Checkpoint, named...)
	if err != nil {
		return "", err
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(p.Extra)); err != nil {
		return "", fmt.Errorf("handover: %w", err)
	}
	e, err := ParseEntry(p.Extra)
	if err != nil {
		return "", err
	}
	v, err := note.NewVerifier(e.Note)
	if e.Action != ActionRotateKey || err != nil || v.Name() != c.Origin {
		return "", errors.New("handover: the leaf names no key of this log")
	}
	return e.Note, nil
}

// FollowKeys says whether whoever trusts the known keys may trust key: it is
// one of them, or the same key under the name of a later epoch (one seed signs
// the logs of all epochs), or the end of a chain of handovers. It gives the
// keys that are to be trusted from now on; error ErrKeyChanged. Without any
// known key the first one is believed: there is nothing to hold it against.
func FollowKeys(known []string, key string, handovers []string) ([]string, error) {
	if len(known) == 0 {
		return []string{key}, nil
	}
	trusted := append([]string{}, known...)
	for _, text := range handovers {
		if next, err := OpenHandover(text, trusted...); err == nil && !samePublic(trusted, next) {
			trusted = append(trusted, next)
		}
	}
	if !samePublic(trusted, key) {
		return nil, ErrKeyChanged
	}
	for _, k := range trusted {
		if k == key {
			return trusted, nil
		}
	}
	return append(trusted, key), nil
}

// RenameKey gives the same public key as the key of another origin.
func RenameKey(verifierKey, origin string) (string, error) {
	public := publicPart(verifierKey)
	if public == nil || !isWord(origin) {
		return "", errors.New("not a verifier key")
	}
	return note.NewEd25519VerifierKey(origin, public)
}

// renamed gives each of the keys as the key of another origin.
func renamed(verifierKeys []string, origin string) ([]string, error) {
	named := make([]string, 0, len(verifierKeys))
	for _, key := range verifierKeys {
		one, err := RenameKey(key, origin)
		if err != nil {
			return nil, err
		}
		named = append(named, one)
	}
	return named, nil
}

// publicPart is the Ed25519 key inside a verifier key, or nil.
func publicPart(verifierKey string) []byte {
	fields := strings.SplitN(verifierKey, "+", 3)
	if len(fields) != 3 {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil || len(raw) != 33 {
		return nil
	}
	return raw[1:]
}

func samePublic(keys []string, key string) bool {
	public := publicPart(key)
	for _, k := range keys {
		if public != nil && bytes.Equal(publicPart(k), public) {
			return true
		}
	}
	return false
}
