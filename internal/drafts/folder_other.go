//go:build !windows

package drafts

import "os"

// ownFolder makes the folder of the drafts for its owner alone. One that is
// there keeps its rights.
func ownFolder(dir string) error { return os.MkdirAll(dir, 0o700) }
