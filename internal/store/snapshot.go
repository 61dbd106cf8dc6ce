package store

import "time"

// Snapshot is one return as it stood at a moment that has passed.
type Snapshot struct {
	Institution Institution `json:"institution"` // as the register was then
	// Parts are those that had a submission, each with the revision of then;
	// without remarks, and with empty bodies.
	Parts []Part `json:"parts"`
	// Bodies are what was sent, byte for byte, by part.
	Bodies map[string][]byte `json:"bodies"`
}

// Whole puts the bodies into their parts, as [BuildReturn] wants them.
func (s Snapshot) Whole() []Part {
	out := make([]Part, len(s.Parts))
	for i, p := range s.Parts {
		p.Current.Body = s.Bodies[p.Part]
		out[i] = p
	}
	return out
}

// At is the survey as it was at a moment: the version in force and the
// versions published until then.
func (s Survey) At(at time.Time) Survey {
	versions := s.Versions
	s.Versions, s.InForce = nil, ""
	for _, v := range versions {
		if !v.PublishedAt.After(at) {
			s.Versions = append(s.Versions, v)
			s.InForce = v.Digest
		}
	}
	return s
}
