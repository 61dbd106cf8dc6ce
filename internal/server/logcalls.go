package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	surveysync "rileva/pkg/sync"
)

// checkpoint gives the latest signed tree head, for anyone who wants to keep it.
func (s *Server) checkpoint(c *call) error {
	head, err := s.store.Checkpoint(c.ctx())
	if err != nil {
		return err
	}
	c.send(http.StatusOK, "text/plain; charset=utf-8", []byte(head))
	return nil
}

// consistency proves to whoever kept a checkpoint that the log still holds all
// that it commits to. A log that is shorter gives its head without a proof:
// that is what the client has to see.
func (s *Server) consistency(c *call) error {
	query := c.r.URL.Query()
	old, err := strconv.ParseInt(query.Get("old"), 10, 64)
	if err != nil || old < 0 || strconv.FormatInt(old, 10) != query.Get("old") {
		return c.invalid("old: a number of lines was expected")
	}
	proof, err := s.store.Consistency(c.ctx(), old)
	if err != nil {
		return err
	}
	c.send(http.StatusOK, "text/plain; charset=utf-8", []byte(proof.String()))
	return nil
}

// handovers gives the chain from each key of the log to the next.
func (s *Server) handovers(c *call) error {
	meta, err := s.store.Meta(c.ctx())
	if err != nil {
		return err
	}
	return c.sendJSON(http.StatusOK, meta.Handovers())
}

// reconcile tells a device which of the submissions that it holds receipts for
// the server does not have, after a restore. Receipts that no log of this
// store has given count for nothing.
func (s *Server) reconcile(c *call) error {
	if wait := s.submits.wait(c.access.Institution.ID, s.now()); wait > 0 {
		return c.rateLimited(wait)
	}
	raw, err := c.body()
	if err != nil {
		return err
	}
	var asked struct {
		Epoch string            `json:"epoch"`
		Held  []json.RawMessage `json:"held"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&asked); err != nil {
		return c.invalid(jsonPlace(err, "epoch and held were expected"))
	}
	meta, err := s.store.Meta(c.ctx())
	if err != nil {
		return err
	}
	switch {
	case asked.Epoch != meta.Epoch:
		return c.problem(surveysync.EpochChanged)
	case len(asked.Held) > surveysync.MaxHeld:
		return c.invalid("held: more than " + strconv.Itoa(surveysync.MaxHeld))
	}
	ids := []string{}
	for _, receipt := range asked.Held {
		old, err := surveysync.OpenReoffer(receipt, meta.Epoch, meta.Keys())
		if err == nil && old.Of(c.access.Institution.ID, c.access.Institution.Codes) {
			ids = append(ids, old.Receipt.SubmissionID)
		}
	}
	missing, err := s.store.Unknown(c.ctx(), ids)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		e := s.entry(c, surveysync.OutcomeOK)
		e.Count = int64(len(missing))
		if err := s.store.Record(c.ctx(), e); err != nil {
			return err
		}
	}
	return c.sendJSON(http.StatusOK, surveysync.Missing{Missing: missing})
}
