package engine

import (
	"golang.org/x/mod/sumdb/tlog"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// treeHashes are the hashes of a tree as the leaves give them.
type treeHashes []tlog.Hash

func (h treeHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = h[x] // tlog asks only for what it has been given
	}
	return out, nil
}

// logs reads the log and those that a restore has ended.
func (c *checker) logs() {
	logs := c.store.identity.Logs
	for i, log := range logs {
		t, err := trailOf(c.tx, logs, i)
		if err != nil {
			c.fault("Registro degli invii: manca quello di prima del ripristino (%s).", log.Epoch)
			continue
		}
		c.log(i, t)
		if i > 0 {
			c.begins(t, logs[i-1])
		}
	}
}

// begins checks that a log names the one before it in its first leaf.
func (c *checker) begins(t trail, before store.Log) {
	first, err := surveysync.ParseEntry(t.leaves.Get(IndexKey(0)))
	head, headErr := surveysync.ParseRestoreNote(first.Note)
	if err != nil || headErr != nil || first.Action != surveysync.ActionRestore || head.Origin != surveysync.Origin(before.Epoch) {
		c.fault("Registro degli invii: la prima riga dopo il ripristino non nomina il registro di prima (%s).", before.Epoch)
	}
}

// log reads every leaf, builds the tree anew and compares it with the stored
// hashes and with the signed head.
func (c *checker) log(log int, t trail) {
	var tree treeHashes
	size, gap := int64(0), false
	_ = each(t.leaves, nil, func(k, leaf []byte) error { // fn fails when the checker's time is over
		index, ok := KeyIndex(k)
		if (!ok || index != size) && !gap { // said once: from here on every row is at another place
			c.fault("Registro degli invii: dopo la riga %d manca almeno una riga.", size-1)
			gap = true
		}
		added, err := tlog.StoredHashes(size, leaf, tree)
		if err != nil {
			c.fault("Registro degli invii: la riga %d non si può verificare.", index)
			return nil
		}
		tree = append(tree, added...)
		size++
		c.leaf(leafPlace{log, index}, leaf)
		return c.ctx.Err()
	})
	if !gap {
		c.hashes(t.hashes, tree)
	}
	c.head(c.store.identity.Logs[log], t.head, tree, size)
}

func (c *checker) leaf(place leafPlace, leaf []byte) {
	e, err := surveysync.ParseEntry(leaf)
	if err != nil {
		c.fault("Registro degli invii: la riga %d non si può leggere.", place.index)
		return
	}
	if e.Action == surveysync.ActionSubmit && e.Outcome == surveysync.OutcomeAccepted {
		c.leaves[place] = e
	}
	if e.Action == store.ActionForget {
		c.kept[e.SubmissionID] = e.Note
	}
}

// hashes compares what is stored of the tree, on which the proofs of receipts
// stand, with what the leaves give. Where a leaf is another, so is what is above
// it: then only the leaves are told.
func (c *checker) hashes(bucket Bucket, tree treeHashes) {
	next, changed, damaged, longer := int64(0), false, int64(-1), false
	differs := func(i int64) {
		if level, n := tlog.SplitStoredHashIndex(i); level == 0 {
			c.fault("Registro degli invii: la riga %d è stata cambiata.", n)
			changed = true
		} else if damaged < 0 {
			damaged = i
		}
	}
	_ = each(bucket, nil, func(k, hash []byte) error { // fn fails when the checker's time is over
		i, ok := KeyIndex(k)
		if longer = longer || !ok || i >= int64(len(tree)); longer {
			return c.ctx.Err()
		}
		for ; next < i; next++ {
			differs(next) // it is missing
		}
		if next++; string(hash) != string(tree[i][:]) {
			differs(i)
		}
		return c.ctx.Err()
	})
	for ; next < int64(len(tree)); next++ {
		differs(next)
	}
	switch {
	case changed:
	case damaged >= 0:
		c.fault("Registro degli invii: l'albero delle impronte è danneggiato (nodo %d).", damaged)
	case longer:
		c.fault("Registro degli invii: alla fine mancano righe, l'albero delle impronte è più lungo.")
	}
}

// head compares the tree with the signed head, which nobody without the key
// can write anew.
func (c *checker) head(log store.Log, text string, tree treeHashes, size int64) {
	if text == "" {
		if size > 0 {
			c.fault("Registro degli invii: manca la testa firmata.")
		}
		return
	}
	head, err := surveysync.OpenCheckpoint(text, log.Keys...)
	if err != nil || head.Origin != surveysync.Origin(log.Epoch) {
		c.fault("Registro degli invii: la firma della testa non è valida.")
		return
	}
	if head.Size != size {
		c.fault("Registro degli invii: la testa firmata conta %d righe, il registro ne ha %d.", head.Size, size)
		return
	}
	root, err := tlog.TreeHash(size, tree)
	if err != nil || root != head.Root {
		c.fault("Registro degli invii: le righe non sono quelle della testa firmata.")
	}
}
