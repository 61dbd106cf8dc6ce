package engine

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rileva/internal/store"
	"rileva/internal/store/files"
	surveysync "rileva/pkg/sync"
)

// NextKey is the name of the key that is about to follow, beside the present
// one. It is there before the store names it, so that a crash in between
// leaves no store whose key is nowhere.
func NextKey(keyFile string) string { return keyFile + ".next" }

// signerFor reads the key of a store. A key that was made for it and has not
// got its name yet gets it now.
func signerFor(keyFile string, identity store.Meta) (note.Signer, error) {
	var wrong error
	for _, file := range []string{keyFile, NextKey(keyFile)} {
		seed, err := readSeed(file)
		if err == nil {
			signer, verifierKey, err := surveysync.LogSigner(seed, surveysync.Origin(identity.Epoch))
			if err == nil && verifierKey == identity.LogKey {
				if file != keyFile {
					err = takeOver(keyFile)
				}
				return signer, err
			}
			err = ErrKeyWrong.At(keyFile, err)
			if wrong == nil {
				wrong = err
			}
		} else if wrong == nil {
			wrong = err
		}
	}
	return nil, wrong
}

// takeOver puts the next key in the place of the present one, which is gone
// then: who keeps it could go on signing.
func takeOver(keyFile string) error {
	if err := os.Rename(NextKey(keyFile), keyFile); err != nil {
		return ErrUnusable.At(keyFile, err)
	}
	return nil
}

// RotateLogKey implements store.Store.
//
//  1. the new key lies beside the old one, flushed;
//  2. one commit: the leaf that names it, the head under the old key over that
//     leaf (the handover), the head under the new key, the identity;
//  3. the new key takes the old one's name.
//
// If we crash before the end of 2, the old key goes on; if after it, the next
// Open does 3.
func (s *Store) RotateLogKey(ctx context.Context, act store.Act) (verifierKey string, err error) {
	var signer note.Signer
	var after store.Meta
	err = s.change(ctx, func(w *write) error {
		if w.next != nil {
			return store.Errorf(store.Conflict, "the key is being exchanged already")
		}
		seed, err := surveysync.NewLogKey(s.Rand)
		if err != nil {
			return err
		}
		if signer, verifierKey, err = surveysync.LogSigner(seed, s.origin); err != nil {
			return err
		}
		if err := os.Remove(NextKey(s.KeyFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := files.CreateWith(NextKey(s.KeyFile), encodeSeed(seed)); err != nil {
			return err
		}
		after, err = w.handOver(act, verifierKey)
		if err != nil {
			return err
		}
		w.next = &succession{signer: signer, identity: after}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("rotate the log's key: %w", err)
	}
	return verifierKey, takeOver(s.KeyFile)
}

// succession is the key that signs from the end of this transaction on.
type succession struct {
	signer   note.Signer
	identity store.Meta
}

// handOver appends the leaf that names the next key, and keeps its proof under
// the present one.
func (w *write) handOver(act store.Act, next string) (store.Meta, error) {
	entry := surveysync.HandoverEntry(next)
	entry.At, entry.Actor = act.At, act.Actor
	index, err := w.append(entry)
	if err != nil {
		return store.Meta{}, err
	}
	if err := w.signHead(); err != nil {
		return store.Meta{}, err
	}
	t := w.present()
	hashes, err := tlog.ProveRecord(index+1, index, StoredHashes{t.tx, t.hashes})
	if err != nil {
		return store.Meta{}, err
	}
	handover := surveysync.FormatProof(surveysync.Proof{Extra: t.leaves.Get(IndexKey(index)), Index: index, Hashes: hashes,
		Checkpoint: string(w.tx.Bucket(BucketMeta).Get(KeyCheckpoint))})
	identity := w.meta()
	identity.LogKey = next
	identity.Logs = slices.Clone(identity.Logs)
	last := &identity.Logs[len(identity.Logs)-1]
	last.Keys = append(slices.Clone(last.Keys), next)
	last.Handovers = append(slices.Clone(last.Handovers), handover)
	raw, err := json.Marshal(identity)
	if err != nil {
		return store.Meta{}, err
	}
	return identity, w.put(BucketMeta, KeyIdentity, raw)
}

// newSeed reads the key file, or makes one.
func newSeed(c Config) ([]byte, error) {
	seed, err := readSeed(c.KeyFile)
	if !errors.Is(err, ErrKeyMissing) {
		return seed, err
	}
	if seed, err = surveysync.NewLogKey(c.Rand); err != nil {
		return nil, err
	}
	err = files.CreateWith(c.KeyFile, encodeSeed(seed))
	if errors.Is(err, fs.ErrExist) {
		return readSeed(c.KeyFile) // another program was faster
	}
	if err != nil {
		return nil, ErrUnusable.At(c.KeyFile, err)
	}
	return seed, nil
}

func readSeed(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrKeyMissing.At(path, err)
	}
	if err != nil {
		return nil, ErrUnusable.At(path, err)
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(seed) != 32 {
		return nil, ErrKeyWrong.At(path, err)
	}
	return seed, nil
}

func encodeSeed(seed []byte) []byte {
	return []byte(base64.StdEncoding.EncodeToString(seed) + "\n")
}
