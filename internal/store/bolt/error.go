package bolt

import "rileva/internal/store/engine"

// OpenError says why a store cannot be opened.
type OpenError = engine.OpenError

// What Open finds: see engine.
var (
	ErrLocked     = engine.ErrLocked
	ErrNewer      = engine.ErrNewer
	ErrKeyMissing = engine.ErrKeyMissing
	ErrKeyWrong   = engine.ErrKeyWrong
	ErrNotStore   = engine.ErrNotStore
	ErrNotEmpty   = engine.ErrNotEmpty
	ErrExists     = engine.ErrExists
	ErrDamaged    = engine.ErrDamaged
	ErrFull       = engine.ErrFull
	ErrReadOnly   = engine.ErrReadOnly
	ErrNetwork    = engine.ErrNetwork
	ErrUnusable   = engine.ErrUnusable
)

// NotAStore is ErrNotStore for a file, as another process has found it.
func NotAStore(path string, cause error) error { return ErrNotStore.At(path, cause) }
