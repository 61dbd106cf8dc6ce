package engine

import (
	"fmt"
	"slices"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"

	"golang.org/x/mod/sumdb/note"
)

// rename gives the store a new epoch, signed for by the key of this seed.
func (s *Store) rename(seed []byte) error {
	epoch := s.identity.Epoch
	for slices.ContainsFunc(s.identity.Logs, func(l store.Log) bool { return l.Epoch == epoch }) {
		var err error
		if epoch, err = newEpoch(s.Rand); err != nil {
			return err
		}
	}
	s.origin = surveysync.Origin(epoch)
	signer, verifierKey, err := surveysync.LogSigner(seed, s.origin)
	if err != nil {
		return err
	}
	s.signer = signer
	s.identity.Epoch, s.identity.LogKey = epoch, verifierKey
	s.identity.CreatedAt = s.Now().UTC().Truncate(time.Millisecond)
	s.identity.Logs = append(s.identity.Logs, store.Log{Epoch: epoch, Keys: []string{verifierKey}})
	return nil
}

// beginLog moves the old log aside and begins the new one with the leaf that
// names it.
func (s *Store) beginLog(tx WriteTx, was store.Meta) error {
	old := present(tx)
	note := "" // an empty log has no head to name
	if old.head != "" {
		head, err := surveysync.OpenCheckpoint(old.head, was.Logs[len(was.Logs)-1].Keys...)
		if err != nil {
			return fmt.Errorf("the copy's head: %w", err)
		}
		note = surveysync.RestoreNote(head)
	} else {
		note = surveysync.RestoreNote(surveysync.Checkpoint{Origin: surveysync.Origin(was.Epoch)})
	}
	if err := tx.SetAside(was.Epoch, []byte(old.head)); err != nil {
		return err
	}
	if err := (&write{Store: s, tx: tx}).putJSON(BucketMeta, KeyIdentity, s.identity); err != nil {
		return err
	}
	return Append(tx, s.origin, s.signer, surveysync.Entry{At: s.Now(), Actor: surveysync.ActorOffice, Action: surveysync.ActionRestore,
		Outcome: surveysync.OutcomeOK, Note: note})
}

// Append adds lines with a time to the log of a store that no writer runs on,
// and signs its head.
func Append(tx WriteTx, origin string, signer note.Signer, entries ...surveysync.Entry) error {
	w := &write{Store: &Store{origin: origin, signer: signer}, tx: tx}
	if err := w.appendAll(entries); err != nil {
		return err
	}
	return w.signHead()
}
