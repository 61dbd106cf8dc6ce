package sync

import (
	"errors"
	"fmt"
	"regexp"
)

// Heartbeat is PUT /api/v1/heartbeat: how far the work on one device is, in
// counters only, so that the office knows whom to call. It holds no answer.
type Heartbeat struct {
	Parts     []HeartbeatPart `json:"parts"`
	Unsent    int             `json:"unsent"`     // parts that wait in the outbox
	LastError string          `json:"last_error"` // code of what keeps the outbox from being sent; "" when nothing does
	Client    string          `json:"client"`     // version of the program
}

// HeartbeatPart is one part on the device.
type HeartbeatPart struct {
	Part    string `json:"part"`
	Percent int    `json:"percent"` // of the answers that are due
	Hard    int    `json:"hard"`    // findings that block
	Explain int    `json:"explain"` // findings that want an explanation
	State   string `json:"state"`   // as the device calls it
}

// maxHeartbeatParts bounds a heartbeat; no form has as many parts.
const maxHeartbeatParts = 20

// heartbeatWord is what a part, a state and a code look like.
var heartbeatWord = regexp.MustCompile(`^[a-z0-9_-]{1,40}$`)

// ParseHeartbeat reads a body strictly. The error names the place.
func ParseHeartbeat(body []byte) (Heartbeat, error) {
	var h Heartbeat
	if err := strictObject(body, &h); err != nil {
		return h, err
	}
	switch {
	case len(h.Parts) > maxHeartbeatParts:
		return h, errors.New("parts: too many")
	case h.Unsent < 0 || h.Unsent > maxHeartbeatParts:
		return h, errors.New("unsent: no count of parts")
	case h.LastError != "" && !heartbeatWord.MatchString(h.LastError):
		return h, errors.New("last_error: not a code")
	case len(h.Client) > 64:
		return h, errors.New("client: too long")
	}
	for i, p := range h.Parts {
		switch {
		case !heartbeatWord.MatchString(p.Part), !heartbeatWord.MatchString(p.State):
			return h, fmt.Errorf("parts %d: part or state is not a word", i)
		case p.Percent < 0 || p.Percent > 100 || p.Hard < 0 || p.Explain < 0:
			return h, fmt.Errorf("parts %d: a count that cannot be", i)
		}
	}
	return h, nil
}
