package server

import (
	_ "embed"
	"net/http"
	"strings"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

//go:embed openapi.yaml
var openapi []byte

// forEver is the caching of what a digest names: it cannot change.
const forEver = "private, max-age=31536000, immutable"

// asked is the caching of what can change: kept, and asked for again each time.
const asked = "private, no-cache"

func (s *Server) health(c *call) error {
	return c.sendJSON(http.StatusOK, map[string]string{"status": "ok"})
}

// ready asks the store who it is: one whose disk has failed, which does not reach
// its database or lacks the key of its log answers unavailable, so reading is
// enough; writing would make the log grow.
func (s *Server) ready(c *call) error {
	if _, err := s.store.Meta(c.ctx()); err != nil {
		c.cause = err
		p := c.problem(surveysync.Unavailable)
		p.RetryAfter = s.later()
		return p
	}
	return c.sendJSON(http.StatusOK, map[string]string{"status": "ready"})
}

func (s *Server) description(c *call) error {
	c.w.Header().Set("Cache-Control", "public, max-age=300")
	c.send(http.StatusOK, "application/yaml", openapi)
	return nil
}

func (s *Server) info(c *call) error {
	meta, err := s.store.Meta(c.ctx())
	if err != nil {
		return err
	}
	collected, err := s.store.Survey(c.ctx())
	if err != nil && store.CodeOf(err) != surveysync.NotFound { // before the first one is published
		return err
	}
	return c.sendJSON(http.StatusOK, surveysync.ServerInfo{Name: s.name, Version: s.version, Time: s.now(),
		Epoch: meta.Epoch, Survey: collected.ID, LogKey: meta.LogKey})
}

// questionnaireFile gives a version byte for byte: its digest is its name.
func (s *Server) questionnaireFile(c *call) error {
	digest := c.params.ByName("digest")
	raw, err := s.store.Questionnaire(c.ctx(), digest)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("ETag", `"`+digest+`"`)
	h.Set("Cache-Control", forEver)
	if c.has(`"` + digest + `"`) {
		return c.sendStatus(http.StatusNotModified)
	}
	c.send(http.StatusOK, "application/yaml", raw)
	return nil
}

// has tells whether the client holds what bears this tag (RFC 9110, section
// 13.1.2: for reading, a weak tag will do).
func (c *call) has(tag string) bool {
	for _, line := range c.r.Header.Values("If-None-Match") {
		for _, one := range strings.Split(line, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
}

// wholeReturn gives all the parts of the institution together.
func (s *Server) wholeReturn(c *call) error {
	collected, err := s.store.Survey(c.ctx())
	if err != nil {
		return err
	}
	parts, err := s.store.Parts(c.ctx(), c.access.Institution.ID)
	if err != nil {
		return err
	}
	messages, err := s.store.Words(c.ctx(), store.Messages, c.access.Institution.ID)
	if err != nil {
		return err
	}
	meta, err := s.store.Meta(c.ctx())
	if err != nil {
		return err
	}
	out, err := store.BuildReturn(store.ReturnInput{
		Institution: c.access.Institution, Survey: collected, Parts: parts, Messages: messages[c.access.Institution.ID], Lang: c.lang,
		Load: func(digest string) (*survey.Questionnaire, error) { return s.questionnaire(c.ctx(), digest) },
	})
	if err != nil {
		return err
	}
	out.ServerTime, out.Epoch = s.now(), meta.Epoch
	return c.sendJSON(http.StatusOK, out)
}
