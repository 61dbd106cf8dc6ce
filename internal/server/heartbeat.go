package server

import (
	"net/http"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// actionHeartbeat is what a refused heartbeat is called in the sync log. One
// that is taken leaves no line: it is no act, and the next one replaces it.
const actionHeartbeat = "heartbeat"

// heartbeat keeps how far the work on this device is. Nothing depends on it
// but whom the office calls.
func (s *Server) heartbeat(c *call) error {
	if wait := s.beats.wait(c.access.Institution.ID, s.now()); wait > 0 {
		return c.rateLimited(wait)
	}
	raw, err := c.body()
	if err != nil {
		return err
	}
	h, err := surveysync.ParseHeartbeat(raw)
	if err != nil {
		return c.invalid(err.Error())
	}
	h.Client = tidy(h.Client, 64)
	err = s.store.SaveHeartbeat(c.ctx(), c.access.Institution.ID, store.Heartbeat{At: s.now().UTC(), Device: c.access.Session.Device, Heartbeat: h})
	if err != nil {
		return err
	}
	return c.sendStatus(http.StatusNoContent)
}
