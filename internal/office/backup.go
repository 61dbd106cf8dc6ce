package office

import (
	"context"
	"path/filepath"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// BackupRequest names the file to be made. Unlike other files it is written by
// whoever has the store open: the copy is taken in one of its transactions.
type BackupRequest struct {
	File string `json:"file"` // an absolute path
}

// BackupReply is what was copied.
type BackupReply struct {
	File string `json:"file"`
	store.BackupInfo
}

// Backup copies the store while it is in use. The copy is checked before it
// gets its name.
func (o *Office) Backup(ctx context.Context, r BackupRequest) (BackupReply, error) {
	if !filepath.IsAbs(r.File) {
		return BackupReply{}, fail("other_version")
	}
	info, err := o.Store.Backup(ctx, r.File)
	switch store.CodeOf(err) {
	case store.Exists:
		return BackupReply{}, fail("backup_exists", r.File).because(err)
	case store.Damaged:
		return BackupReply{}, fail("backup_damaged").because(err)
	case store.Full:
		return BackupReply{}, fail("backup_full", r.File).because(err)
	case store.Unusable, store.ReadOnly:
		return BackupReply{}, fail("backup_failed", r.File).because(err)
	}
	return BackupReply{r.File, info}, err
}

// RotateReply is the key that signs the log from now on.
type RotateReply struct {
	LogKey string `json:"log_key"`
}

// RotateLogKey exchanges the key that signs the log; the old one names the new
// one in a last line.
func (o *Office) RotateLogKey(ctx context.Context, _ Nothing) (RotateReply, error) {
	key, err := o.Store.RotateLogKey(ctx, o.act(surveysync.ActionRotateKey, nil, ""))
	return RotateReply{key}, err
}
