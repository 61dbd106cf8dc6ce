package bolt

import (
	"golang.org/x/mod/sumdb/tlog"

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

// log reads every leaf, builds the tree anew and compares it with the stored
// hashes and with the signed head.
func (c *checker) log() {
	var tree treeHashes
	bucket := storedHashes{c.tx.Bucket(bucketHashes)}
	size, gap, changed := int64(0), false, false
	c.each(bucketLeaves, nil, func(k, leaf []byte, _ any) {
		index, ok := keyIndex(k)
		if (!ok || index != size) && !gap { // said once: from here on every row is at another place
			c.fault("Registro degli invii: dopo la riga %d manca almeno una riga.", size-1)
			gap = true
		}
		added, err := tlog.StoredHashes(size, leaf, tree)
		if err != nil {
			c.fault("Registro degli invii: la riga %d non si può verificare.", index)
			return
		}
		stored, err := bucket.ReadHashes([]int64{tlog.StoredHashIndex(0, size)})
		if !gap && (err != nil || stored[0] != added[0]) {
			c.fault("Registro degli invii: la riga %d è stata cambiata.", index)
			changed = true
		}
		tree = append(tree, added...)
		size++
		c.leaf(index, leaf)
	})
	if !gap && !changed {
		c.hashes(tree)
	}
	c.head(tree, size)
}

func (c *checker) leaf(index int64, leaf []byte) {
	e, err := surveysync.ParseEntry(leaf)
	if err != nil {
		c.fault("Registro degli invii: la riga %d non si può leggere.", index)
		return
	}
	if e.Action == surveysync.ActionSubmit && e.Outcome == surveysync.OutcomeAccepted {
		c.leaves[index] = e
	}
}

// hashes compares the inner nodes, on which the proofs of receipts stand.
func (c *checker) hashes(tree treeHashes) {
	bucket := c.tx.Bucket(bucketHashes)
	for i, h := range tree {
		if string(bucket.Get(indexKey(int64(i)))) != string(h[:]) {
			c.fault("Registro degli invii: l'albero delle impronte è danneggiato (nodo %d).", i)
			return
		}
	}
	if last, _ := bucket.Cursor().Last(); last != nil {
		if n, ok := keyIndex(last); !ok || n != int64(len(tree))-1 {
			c.fault("Registro degli invii: alla fine mancano righe, l'albero delle impronte è più lungo.")
		}
	}
}

// head compares the tree with the signed head, which nobody without the key
// can write anew.
func (c *checker) head(tree treeHashes, size int64) {
	text := string(c.tx.Bucket(bucketMeta).Get(keyCheckpoint))
	if text == "" {
		if size > 0 {
			c.fault("Registro degli invii: manca la testa firmata.")
		}
		return
	}
	head, err := surveysync.OpenCheckpoint(text, c.store.identity.LogKey)
	if err != nil || head.Origin != c.store.origin {
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
