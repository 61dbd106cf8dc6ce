package store

import "context"

// Eraser is a store that can take personal data out of what it holds without
// losing what was promised of it: revisions, receipts and the log stay, a
// body that was rewritten says so in its record (Submission.Kept), and a line
// of the log names both digests.
//
// It stands beside [Store] because it is done once in a survey's life, and by
// nobody but the office: what wraps a store for the schools' door need not
// have it.
type Eraser interface {
	// Erase hands every body of one institution's submissions to edit, all
	// revisions and what stands beside, and stores what it gives back; nil
	// leaves a body as it is. What the office noted about the institution for
	// itself is removed. One log line for each body that changes, begun by act.
	// It is one transaction, durable when it returns; again it changes nothing,
	// as long as edit then gives nil. Errors not_found and those of edit.
	Erase(ctx context.Context, institutionID string, edit func(Submission) ([]byte, error), act Act) (Erased, error)
}

// ActionForget is the log's name for it. The line's Note is the digest of what
// was kept of the body.
const ActionForget = "forget"

// Erased counts what was taken out.
type Erased struct {
	Submissions int `json:"submissions"` // bodies rewritten
	Notes       int `json:"notes"`       // removed
}
