package survey

import (
	"crypto/sha256"
	"sync"
)

// maxOnce bounds what LoadOnce keeps: a survey has a handful of versions.
const maxOnce = 16

var once = struct {
	sync.Mutex
	loaded map[[sha256.Size]byte]*Questionnaire
}{loaded: map[[sha256.Size]byte]*Questionnaire{}}

// LoadOnce is [Load] for the questionnaires that a program works with: the same
// bytes are compiled once, for whoever asks. What it gives is shared, and
// nobody may change it.
func LoadOnce(raw []byte) (*Questionnaire, error) {
	digest := sha256.Sum256(raw)
	once.Lock()
	defer once.Unlock()
	if q, ok := once.loaded[digest]; ok {
		return q, nil
	}
	q, err := Load(raw)
	if err != nil {
		return nil, err
	}
	if len(once.loaded) == maxOnce {
		clear(once.loaded)
	}
	once.loaded[digest] = q
	return q, nil
}
